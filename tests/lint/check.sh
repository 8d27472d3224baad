#!/bin/sh
# What the product rests on and a compiler does not see: which folder includes
# which, what the middle of the program may call, headers that stand alone,
# functions that nobody uses.  Prints PASS, FAIL and SKIP lines.
set -u
cd "$(dirname "$0")/../.."
B=${B:-$PWD/build/asan}
rc=0
judge() { # judge NAME FILE: the file lists what is wrong
	if [ -s "$2" ]; then
		echo "FAIL lint $1"; head -20 "$2"; rc=1
	else
		echo "PASS lint $1"
	fi
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Arrows: an include names its folder, and the folder is allowed.
awk 'NR == FNR { for (i = 2; i <= NF; i++) ok[$1, $i] = 1; next }
	/^#[ \t]*include "/ {
		split(FILENAME, f, "/"); split($0, q, "\""); split(q[2], t, "/")
		if (!((f[2], t[1]) in ok))
			print FILENAME ":" FNR ": " f[2] " may not include " q[2]
	}' tests/lint/layers gen/*/*.c gen/*/*.h >"$tmp/layers"
judge "includes follow tests/lint/layers" "$tmp/layers"

# The middle is pure: no clock, environment, file, socket, printing, exit.
for o in "$B"/gen/model/*.o "$B"/gen/chain/*.o "$B"/gen/eval/*.o \
    "$B"/gen/doc/*.o "$B"/gen/render/*.o; do
	[ -f "$o" ] || continue
	nm -u "$o" | awk -v o="${o##*/gen/}" '
		$2 ~ /^(time|clock|clock_gettime|gettimeofday|getenv|secure_getenv|open|open64|openat|openat64|fopen|fopen64|read|write|pread|pwrite|socket|connect|rand|random|getrandom|printf|fprintf|puts|putchar|fputs|fputc|fwrite|__printf_chk|__fprintf_chk|vprintf|vfprintf|exit|_exit|abort|err_die|sqlite3_.*)(@|$)/ {
			if ($2 !~ /^abort/) print o ": calls " $2
		}'
done >"$tmp/pure"
judge "model chain eval doc render are pure" "$tmp/pure"

grep -nE '\b(strcpy|strcat|sprintf|strtok|atoi|atol|setlocale|localtime|gets)[ ]?\(' \
    gen/*/*.c gen/*/*.h samples/*.c 2>/dev/null >"$tmp/banned"
judge "no strcpy sprintf strtok atoi setlocale localtime" "$tmp/banned"

grep -nE '\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write(ln)?|eval *\(|Function *\()' \
    -r site >"$tmp/scripts"
judge "scripts make no code or markup from text" "$tmp/scripts"

for h in gen/*/*.h; do
	${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -Igen -fsyntax-only \
	    $(pkg-config --cflags libxml-2.0 libcmark) -x c "$h" >"$tmp/h" 2>&1 || {
		echo "$h does not compile alone"; head -3 "$tmp/h"
	}
done >"$tmp/headers"
judge "each header compiles alone" "$tmp/headers"

grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -r gen site templates 2>/dev/null |
    grep -v 'strings that' >"$tmp/todo"
# Unfilled-field words are data that a reader of cards must know.
grep -vE '"(TODO|TBD)"' "$tmp/todo" >"$tmp/todo2"
judge "nothing unfinished is left in the code" "$tmp/todo2"

if command -v cppcheck >/dev/null 2>&1; then
	cppcheck --quiet --std=c11 -Igen --inline-suppr -j2 \
	    --enable=warning,performance,portability \
	    --suppressions-list=tests/lint/cppcheck \
	    --template='{file}:{line}: {id}: {message}' gen 2>"$tmp/cppcheck" >/dev/null
	judge "cppcheck" "$tmp/cppcheck"
else
	echo "SKIP lint cppcheck: install cppcheck"
fi
if command -v mandoc >/dev/null 2>&1; then
	mandoc -T lint -W warning docs/man/*.[0-9] >"$tmp/mandoc" 2>&1
	judge "manual pages" "$tmp/mandoc"
else
	echo "SKIP lint manual pages: install mandoc"
fi
if command -v clang >/dev/null 2>&1 && [ -z "${LINT_QUICK:-}" ]; then
	make -s MODE=clang CC=clang build >"$tmp/clang" 2>&1 && : >"$tmp/clang"
	grep -v '^  ' "$tmp/clang" >"$tmp/clang2"
	judge "clang: no warning" "$tmp/clang2"
else
	echo "SKIP lint clang: install clang"
fi
python3 tests/lint/frameworks.py || rc=1
python3 tests/lint/mappings.py || rc=1
exit $rc
