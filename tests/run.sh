#!/bin/sh
# Runs every test of the tree and ends with "N passed, N failed, N skipped".
#   tests/unit/test_*.c     cmocka programs, counted by their test functions
#   tests/fuzz/fuzz_*.c     each replays its corpus: one test a target
#   tests/regress/*/cmd     a command with want.out, want.err, want.rc
#   tests/*/check.sh        scripts of their own; they print PASS, FAIL, SKIP
# B: the build folder.  REGEN=1 accepts the output of regress cases.
set -u
cd "$(dirname "$0")/.."
SRC=$PWD
B=$SRC/${B:-build/asan}
EXHIBIT=$B/exhibit
SAMPLE=$B/sample
case ${SHARED:-../shared} in /*) ;; *) SHARED=$SRC/${SHARED:-../shared} ;; esac
export SRC B EXHIBIT SAMPLE SHARED
export LC_ALL=C TZ=UTC NO_COLOR=1
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1
unset SOURCE_DATE_EPOCH 2>/dev/null || :
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
pass=0 fail=0 skip=0

say() { printf '%s %s\n' "$1" "$2"; }
only=${ONLY:-}
wanted() { case $1 in *"$only"*) return 0 ;; esac; return 1; }

# Adds the PASS, FAIL and SKIP lines of a file to the counts.
count() {
	p=$(grep -c '^PASS' "$1"); f=$(grep -c '^FAIL' "$1"); s=$(grep -c '^SKIP' "$1")
	pass=$((pass + p)); fail=$((fail + f)); skip=$((skip + s))
	grep -E '^(FAIL|SKIP)' "$1"
}

for t in "$B"/tests/unit/test_*; do
	case $t in *.d|*.gcno|*.gcda) continue ;; esac
	[ -x "$t" ] || continue
	wanted "$t" || continue
	timeout 600 "$t" >"$work/out" 2>&1
	rc=$?
	sed -n 's/^\[       OK \] \(.*\)/PASS \1/p; s/^\[  FAILED  \] \([a-z].*\)/FAIL \1/p; s/^\[  SKIPPED \] \([a-z].*\)/SKIP \1/p' \
	    "$work/out" | sort -u >"$work/lines"
	grep '^SKIP ' "$work/out" >>"$work/lines"
	if [ $rc -ne 0 ] && ! grep -q '^FAIL' "$work/lines"; then
		echo "FAIL $(basename "$t"): status $rc" >>"$work/lines"
	fi
	[ $rc -eq 0 ] || { say "----" "$(basename "$t")"; tail -40 "$work/out"; }
	count "$work/lines"
done

for t in "$B"/tests/fuzz/fuzz_*; do
	case $t in *.d|*.gcno|*.gcda) continue ;; esac
	[ -x "$t" ] || continue
	wanted "$t" || continue
	name=$(basename "$t")
	corpus=tests/fuzz/corpus/${name#fuzz_}
	[ -d "$corpus" ] || { say FAIL "$name: no corpus $corpus"; fail=$((fail + 1)); continue; }
	if timeout 300 "$t" "$corpus"/* >"$work/out" 2>&1; then
		pass=$((pass + 1))
	else
		say FAIL "$name"; tail -20 "$work/out"; fail=$((fail + 1))
	fi
done

# A regress case runs in a fresh copy of its folder.
for d in tests/regress/*/; do
	d=${d%/}
	[ -f "$d/cmd" ] || continue
	wanted "$d" || continue
	name=$(basename "$d")
	cp -r "$d" "$work/case"
	(cd "$work/case" && timeout 300 sh ./cmd >"$work/got.out" 2>"$work/got.err" </dev/null; echo $? >"$work/got.rc")
	[ "$(cat "$work/got.rc")" = 77 ] && {
		say SKIP "$name: $(head -1 "$work/got.out")"; skip=$((skip + 1)); rm -rf "$work/case"; continue
	}
	[ "$(cat "$work/got.rc")" = 0 ] && : >"$work/got.rc"
	bad=
	for w in out err rc; do
		if [ -n "${REGEN:-}" ]; then
			rm -f "$d/want.$w"
			[ -s "$work/got.$w" ] && cp "$work/got.$w" "$d/want.$w"
			continue
		fi
		want=$d/want.$w
		[ -f "$want" ] || want=/dev/null
		diff -u "$want" "$work/got.$w" >"$work/diff" 2>&1 || { bad=1; head -40 "$work/diff"; }
	done
	if [ -n "$bad" ]; then say FAIL "$name"; fail=$((fail + 1)); else pass=$((pass + 1)); fi
	rm -rf "$work/case"
done

for t in tests/*/check.sh tests/vectors/*/check.sh; do
	[ -f "$t" ] || continue
	wanted "$t" || continue
	shell=sh
	case $(head -1 "$t") in *bash*) shell=bash ;; esac
	timeout 1200 $shell "$t" >"$work/out" 2>&1
	rc=$?
	grep -E '^(PASS|FAIL|SKIP) ' "$work/out" >"$work/lines"
	if [ $rc -ne 0 ] && ! grep -q '^FAIL' "$work/lines"; then
		echo "FAIL $t: status $rc" >>"$work/lines"
	fi
	[ -s "$work/lines" ] || echo "FAIL $t: said nothing" >>"$work/lines"
	grep -q '^FAIL' "$work/lines" && tail -40 "$work/out"
	count "$work/lines"
done

printf '%d passed, %d failed, %d skipped\n' $pass $fail $skip
[ $fail -eq 0 ] && [ $pass -gt 0 ]
