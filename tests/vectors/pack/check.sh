#!/bin/sh
# The smallest pack, as it was written once: read by the program, and by a
# verifier in python3 that was written from docs/format/pack.md.
cd "$(dirname "$0")" || exit 1
EXHIBIT=${EXHIBIT:-../../../build/release/exhibit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
asof=2026-10-12T00:00:00Z

if "$EXHIBIT" verify small --trust trust.json --as-of $asof >"$work/log" 2>&1; then
	echo "PASS vectors/pack small"
else
	echo "FAIL vectors/pack small"; cat "$work/log"
fi
command -v python3 >/dev/null || { echo "SKIP vectors/pack: install python3"; exit 0; }
[ "$(python3 check.py small 2>&1)" = agrees ] && echo "PASS vectors/pack python3" || echo "FAIL vectors/pack python3"

# Both refuse every changed byte of a few places of each file under data/.
bad=0 n=0
for f in $(cd small && find data bag-info.txt README.txt -type f | LC_ALL=C sort); do
	for at in 0 7 40; do
		[ "$(wc -c <"small/$f")" -gt $at ] || continue
		cp -r small "$work/p"
		python3 -c "
import sys
p = '$work/p/$f'
d = bytearray(open(p, 'rb').read())
d[$at] ^= 4
open(p, 'wb').write(d)"
		"$EXHIBIT" verify "$work/p" --trust trust.json --as-of $asof >/dev/null 2>&1 && bad=$((bad + 1))
		python3 check.py "$work/p" >/dev/null 2>&1 && bad=$((bad + 1))
		n=$((n + 1))
		rm -rf "$work/p"
	done
done
if [ $bad -eq 0 ] && [ $n -gt 20 ]; then
	echo "PASS vectors/pack both refuse $n changes"
else
	echo "FAIL vectors/pack $bad changes of $n not seen"
fi
