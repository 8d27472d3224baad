#!/bin/sh
# Prints assembly that holds the named files and their table: asset_table,
# asset_count of gen/base/asset.h.  The names come sorted.
set -eu
n=0
echo '	.section .rodata'
for f; do
	size=$(wc -c <"$f")
	printf 'n%d:	.asciz "%s"\nd%d:	.incbin "%s"\n	.byte 0\n' \
	    $n "$f" $n "$f"
	sizes="${sizes-} $size"
	n=$((n + 1))
done
echo '	.section .data.rel.ro,"aw"'
echo '	.globl asset_table'
echo '	.balign 8'
echo 'asset_table:'
i=0
for size in ${sizes-}; do
	printf '	.quad n%d, d%d, %d\n' $i $i "$size"
	i=$((i + 1))
done
echo '	.quad 0, 0, 0'
echo '	.section .rodata'
echo '	.globl asset_count'
echo '	.balign 8'
printf 'asset_count:	.quad %d\n' $n
echo '	.section .note.GNU-stack,"",%progbits'
