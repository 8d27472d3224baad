#!/bin/sh
# make check-tamper: test_tamper.c at 100,000 places, half of them in each of
# two processes, and 1,000 untouched packs.
cd "$(dirname "$0")/.." || exit 1
t=${B:-build/release}/tests/unit/test_tamper
[ -w /dev/shm ] && export TMPDIR=/dev/shm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for half in 1 2; do
	(TAMPER=50000 TAMPER_SEED=$half "$t" >"$work/$half" 2>&1; echo $? >"$work/$half.rc") &
done
wait
bad=0
for half in 1 2; do
	grep -E 'untouched packs$' "$work/$half"
	[ "$(cat "$work/$half.rc")" = 0 ] || { bad=1; grep -v '^\[' "$work/$half" | head -40; }
done
[ $bad = 0 ] && echo "check-tamper: nothing went unseen"
exit $bad
