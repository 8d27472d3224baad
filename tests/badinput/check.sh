#!/bin/sh
# Bad input over the whole program: each fault has its status, a message that
# names the thing, and leaves nothing behind.  What tests/regress judges alone
# (reading rules, forged stores under verify) is not repeated here.
set -u
cd "$(dirname "$0")/../.."
SRC=$PWD
B=${B:-$SRC/build/release}
EXHIBIT=${EXHIBIT:-$B/exhibit} SAMPLE=${SAMPLE:-$B/sample}
export LC_ALL=C TZ=UTC
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0:exitcode=99
W=$(mktemp -d)
bg=
trap '[ -z "$bg" ] || kill $bg 2>/dev/null; rm -rf "$W"' EXIT
trap 'exit 130' INT TERM
failed=0
now=2026-10-12T00:00:00Z
Q="--period 2026-Q3 --as-of $now"

result() { # NAME STATUS WHY
	if [ "$2" -eq 0 ]; then
		echo "PASS badinput $1"
	else
		echo "FAIL badinput $1: $3"
		sed 's/^/    /' err | tail -12
		tail -3 out | sed 's/^/    /'
		failed=1
	fi
}

# want NAME STATUS PATTERN... -- COMMAND...: the status, each pattern (grep -E)
# in what was said, no report of a sanitizer, no staging in any out/.
want() {
	name=$1 status=$2 why=
	shift 2
	: >patterns
	while [ "$1" != -- ]; do
		printf '%s\n' "$1" >>patterns
		shift
	done
	shift
	timeout 120 "$@" >out 2>err </dev/null
	have=$?
	[ $have -eq "$status" ] || why="status $have, want $status"
	while IFS= read -r p; do
		cat out err | grep -Eq -e "$p" || why="${why:+$why; }does not say: $p"
	done <patterns
	if grep -Eq 'Sanitizer|runtime error' err; then why="${why:+$why; }sanitizer"; fi
	if ls -d p/out/.*.tmp-* p/out/*.tmp-* p/*.tmp-* 2>/dev/null | grep -q .; then
		why="${why:+$why; }staging is left"
	fi
	[ -z "$why" ]
	result "$name" $? "$why"
}
check() { # NAME STATUS PATTERN...: of exhibit check in p
	n=$1 s=$2
	shift 2
	want "$n" "$s" "$@" -- "$EXHIBIT" check -C p $Q
}
fresh() { rm -rf p; cp -a clean p; }

# One project and one log for all cases.
: >"$W/out" && : >"$W/err" && cp -r samples/company "$W/clean" && cd "$W" || exit 1
"$SAMPLE" -C clean --events 10000 --seed 1 --split week --out log >out 2>&1 &&
    "$EXHIBIT" ingest -q -C clean log/* >out 2>err
result "the clean log is ingested" $? "status not 0"
[ $failed -eq 0 ] || exit 1
cp -a clean p
check "the clean project is green" 0 '5932 events'

# Stores that are none.
fresh; rm p/audit.db
check "no store" 4 'audit\.db: no such file; exhibit ingest makes one'
want "no store: nothing is built" 4 'audit\.db: ' -- "$EXHIBIT" build -q -C p $Q
[ ! -e p/out ] && [ ! -e p/audit.db ]; result "no store: none is made, nor out/" $? "made"
"$EXHIBIT" ingest -q -C p - >out 2>err </dev/null
check "an empty store" 5 'no event in the period 2026-Q3'
: >p/audit.db
check "a file of no bytes" 2 'audit\.db: an empty file, not an audit store'
echo 'a text' >p/audit.db
check "a text" 2 'audit\.db: not a SQLite database'
openssl rand -out p/audit.db 65536
check "random bytes" 2 'audit\.db: not a SQLite database'
cp clean/audit.db p/; sqlite3 p/audit.db 'PRAGMA user_version = 7'
check "another version of the store" 2 'audit\.db: audit store version 7, .*version 1'
cp clean/audit.db p/; sqlite3 p/audit.db 'DROP TABLE checkpoint'
check "a table is missing" 2 "audit\\.db: no table 'checkpoint'"
cp clean/audit.db p/
want "a period with no event" 5 'no event in the period 2020-Q1' -- \
    "$EXHIBIT" check -C p --period 2020-Q1 --as-of $now

# What is typed.
want "an unknown option" 2 "unknown option '--perod' .*--period" -- "$EXHIBIT" check -C p --perod 2026
want "an unknown command" 2 "unknown command 'biuld' .*build" -- "$EXHIBIT" biuld
for v in 2026-Q5 2026-13 2026-09-01..2026-09-01 ''; do
	want "--period '$v'" 2 "--period $v: not a period" -- "$EXHIBIT" check -C p --period "$v"
done
for v in yesterday 2026-02-30T00:00:00Z 2026-10-12T25:00:00Z; do
	want "--as-of $v" 2 "--as-of $v: not a time" -- "$EXHIBIT" check -C p --as-of "$v"
done

# A status is the only channel when nothing can be written.
want "standard output is full" 4 'standard output: No space left' -- sh -c "'$EXHIBIT' check -C p $Q >/dev/full"
[ "$(wc -l <err)" -eq 1 ]; result "standard output is full: said once" $? "$(wc -l <err) lines"
want "standard output is full, --json" 4 'standard output: No space left' -- sh -c "'$EXHIBIT' check --json -C p $Q >/dev/full"
want "standard error is full" 4 -- sh -c "'$EXHIBIT' check -C p --period x 2>/dev/full"

# YAML: what the reader alone refuses is in tests/regress/read-refused.
fresh
python3 - <<'P'
open('p/registry/tools/brackets.yaml', 'w').write('schema: exhibit-tool/1\npins: ' + '[' * 100000 + '\n')
P
printf 'schema: exhibit-tool/1\ndescription: &a x\nscope: *a\n' >p/registry/tools/alias.yaml
printf 'schema: exhibit-tool/1\nscope: read\nscope: write\nscoep: read\n' >p/registry/tools/twice.yaml
sed -i 's/^accountable: .*/accountable: refund.leed/' p/registry/agents/*/agent.yaml
sed -i '3s/, to: 2026-12-31//; s/, to: 2026-12-31}/}/' p/waivers.yaml
check "YAML: all errors of all files in one run" 2 \
    'registry/tools/brackets\.yaml:2:3[0-9]: nested deeper than 32' \
    'registry/tools/alias\.yaml:2:14: an anchor is not allowed' \
    'registry/tools/alias\.yaml:3:8: an alias is not allowed' \
    'registry/tools/twice\.yaml:3:1: field "scope" stands here twice, first in line 2' \
    'registry/tools/twice\.yaml:4:1: unknown field "scoep" .did you mean "scope"' \
    'waivers\.yaml:3:3: to: missing' \
    'exhibit: [0-9]+ errors'
exit $failed
