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
		cat err out | cut -c 1-150 | sed 's/^/    /' | tail -12
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
"$EXHIBIT" check -C p $Q >out 2>err
N=$(sed -n 's/^fictional-retail 2026-Q3: \([0-9]*\) events.*/\1/p' out)
check "the clean project is green" 0 "${N:-no} events"

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

# The company's own controls: errors of reading have a place.
fresh
own() { # requirement, test
	cat >p/controls/X-own.yaml <<X
schema: exhibit-controls/1
family: X
controls:
- id: X-1
  version: 1
  severity: high
  title: T
  objective: O
  maps: [{to: $1, rel: intersects-with, by: [t1], why: W}]
  tests: [{id: X-1.t1, of: operating, title: T, $2}]
X
}
own iso-42001-2023/A.9.9 'where: "e.tier = '"'a'"'", exception: "e.tier == 1"'
check "an unknown requirement and a bad predicate" 2 \
    'controls/X-own\.yaml:9:10: to: unknown requirement "iso-42001-2023/A\.9\.9" .did you mean' \
    'controls/X-own\.yaml:10:[0-9]+: X-1\.t1 exception: character [0-9]+: '
own eu-ai-act/Art-999 'where: "e.teir = '"'a'"'", exception: "e.tier = '"'b'"'"'
check "an unknown column" 2 'controls/X-own\.yaml:10:[0-9]+: X-1\.t1 where: character [0-9]+: unknown column "e\.teir" .*"tier"' \
    'controls/X-own\.yaml:9:10: to: unknown requirement "eu-ai-act/Art-999"'

# SQL of the company: refused while it is prepared, and never a pass.
python3 - <<'P'
ROW = "SELECT 'a' AS scope, 'main' AS stream, 0 AS seq, 0 AS broken"
sql = ["DELETE FROM event", ROW + " FROM payload", "ATTACH 'x.db' AS y", ROW + "; DROP TABLE event",
       ROW + ") t; DROP TABLE event; --", "PRAGMA user_version = 3", ROW + " FROM sqlite_schema",
       ROW + " WHERE load_extension('x') = 1",
       "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) " + ROW + " FROM c",
       "SELEC 1", ROW.replace("0 AS broken", "7 AS broken"), "SELECT 1 AS one"]
with open('p/controls/X-own.yaml', 'w') as f:
    f.write('schema: exhibit-controls/1\nfamily: X\ncontrols:\n')
    for i, s in enumerate(sql, 1):
        f.write('- {id: X-%d, version: 1, severity: low, title: T, objective: O, tests: [{id: X-%d.t1, of: operating, '
                'title: T, scope: organisation, sql: "%s"}]}\n' % (i, i, s))
open('sql', 'w').write('\n'.join(sql))
P
before=$(sha256sum <p/audit.db)
want "SQL that is refused" 0 -- "$EXHIBIT" check -C p $Q --json
[ "$before" = "$(sha256sum <p/audit.db)" ]; result "SQL that is refused: the store has the same bytes" $? "changed"
python3 - >sqlout 2>&1 <<'P'
import json
rows = json.load(open('out'))['results']
why = ['syntax error', 'table payload is not allowed', 'syntax error', 'syntax error', 'SQL refused: ', 'syntax error',
       'table sqlite_', 'function load_extension is not allowed', 'table c is not allowed',
       'syntax error', 'broken is neither 1, 0 nor NULL', 'no such column']
for i, sql in enumerate(open('sql').read().split('\n'), 1):
    have = [r for r in rows if r.get('test') == 'X-%d.t1' % i]
    ok = have and all(why[i - 1] in r.get('detail', '') and r['outcome'] == 'no-evidence' and r['reason'] == 'did-not-run' and r.get('detail') for r in have)
    print('ok' if ok else 'BAD', sql, '->', [(r['outcome'], r.get('reason'), r.get('detail')) for r in have])
P
[ "$(grep -c '^ok' sqlout)" -eq 12 ]; result "SQL that is refused: did-not-run, with a reason" $? "$(grep -v '^ok' sqlout)"

# A WAL beside the file: its rows count, and nothing is written.
fresh
python3 - >wal 2>&1 <<'P'
import json, os, shutil, sqlite3, subprocess
db = sqlite3.connect('p/audit.db')
db.execute('PRAGMA journal_mode = WAL')
db.execute('PRAGMA wal_autocheckpoint = 0')
last, = db.execute('SELECT max(recorded_us) FROM event').fetchone()
line = {'event_id': 'late', 'event_type': 'action', 'agent_id': 'refund-bot',
        'occurred_us': 1789000000000000, 'recorded_us': last + 1}  # 2026-09-10
open('late.jsonl', 'w').write(json.dumps(line) + '\n')
subprocess.run([os.environ.get('EXHIBIT'), 'ingest', '-q', '-C', 'p', 'late.jsonl'], check=True)
shutil.copy('p/audit.db', 'live.db')
shutil.copy('p/audit.db-wal', 'live.db-wal')
print(os.path.getsize('live.db-wal'))
P
rm -f p/audit.db*; cp live.db p/audit.db; cp live.db-wal p/audit.db-wal
before=$(cat p/audit.db p/audit.db-wal | sha256sum)
want "a WAL beside the file: its row is seen" 1 "$((N + 1)) events" -- "$EXHIBIT" check -C p $Q
[ "$before" = "$(cat p/audit.db p/audit.db-wal | sha256sum)" ]; result "a WAL beside the file: both have the same bytes" $? "changed"
rm -f p/audit.db-*
want "the same file without its WAL" 0 "$N events" -- "$EXHIBIT" check -C p $Q

# Log lines: what is good goes in, what is bad has its place.
fresh
python3 - <<'P'
t = 1799000000000000
good = '{"event_id":"n%d","event_type":"action","agent_id":"refund-bot","occurred_us":%d,"recorded_us":%d}'
lines = [good % (1, t, t), '{bad', '{"event_id":"x","event_type":"nope","agent_id":"b","occurred_us":%d,"recorded_us":%d}' % (t, t),
         '{"event_id":"y","event_type":"action","agent_id":"b","amount_minor":"x","occurred_us":%d,"recorded_us":%d}' % (t, t),
         '', '[1]', good % (2, t, t)]
open('bad.jsonl', 'wb').write('\n'.join(lines).encode() + b'\n{"event_id":"\xff"}\n')
P
want "log lines that do not parse" 2 'bad\.jsonl:2:2: ' "bad\\.jsonl:3:1: event_type: unknown type 'nope'" \
    'bad\.jsonl:4:[0-9]+: amount_minor: ' 'bad\.jsonl:6:1: ' 'bad\.jsonl:8:[0-9]+: ' 'appended 2' -- "$EXHIBIT" ingest -C p bad.jsonl
[ "$(sqlite3 p/audit.db "SELECT count(*) FROM event WHERE event_id IN ('n1', 'n2')")" = 2 ]
result "log lines that do not parse: the good ones are in" $? "$(sqlite3 p/audit.db 'SELECT count(*) FROM event')"

# Keys that others can read, or that are somewhere else.
openssl genpkey -algorithm ed25519 -out k.pem 2>/dev/null
chmod 600 k.pem; ln -s k.pem link.pem; cp k.pem open.pem; chmod 644 open.pem; cp k.pem group.pem; chmod 640 group.pem
rows=$(sqlite3 p/audit.db 'SELECT count(*) FROM event')
for k in open:'others can read it .mode 644.: chmod 600' group:'others can read it .mode 640.: chmod 600' link:'is a link: '; do
	want "a log key: ${k%%:*}" 2 "${k%%:*}\\.pem: ${k#*:}" -- "$EXHIBIT" ingest -q -C p --log-key "${k%%:*}.pem" late.jsonl
done
want "a log key: none there" 4 'none\.pem: No such file' -- "$EXHIBIT" ingest -q -C p --log-key none.pem late.jsonl
[ "$rows" = "$(sqlite3 p/audit.db 'SELECT count(*) FROM event')" ]
result "a log key: nothing was appended" $? "$rows rows before"

# One good pack, and what may not harm it.
fresh
want "a pack is built" 0 -- "$EXHIBIT" build -q -C p $Q
good() { # the pack is whole, and the one that was built first
	(cd p/out/2026-Q3 && sha256sum --strict --quiet -c manifest-sha256.txt) >out 2>err &&
	    [ "$(sha256sum <p/out/2026-Q3/manifest-sha256.txt)" = "$manifest" ] && [ "$(sha256sum <p/out/2026-Q3.zip)" = "$zip" ]
}
manifest=$(sha256sum <p/out/2026-Q3/manifest-sha256.txt) zip=$(sha256sum <p/out/2026-Q3.zip)
want "verify without --trust" 5 -- "$EXHIBIT" verify p/out/2026-Q3
want "verify nothing" 2 'NOT_A_PACK nowhere: No such file' -- "$EXHIBIT" verify nowhere
want "verify without a name" 2 'verify wants one' -- "$EXHIBIT" verify
echo text >text
want "verify a text" 2 'NOT_A_PACK text: neither a folder nor a ZIP' -- "$EXHIBIT" verify text
mkdir none
want "verify an empty folder" 2 'holds no manifest-sha256.txt' -- "$EXHIBIT" verify none
head -c 1000000 p/out/2026-Q3.zip >cut.zip
want "verify a ZIP that is cut" 2 'cut\.zip' -- "$EXHIBIT" verify cut.zip

# The lock: one build at a time, and the other is named.
(
	flock -n 9 || exit 1
	sh -c 'echo $PPID' >&9
	exec sleep 100
) 9<>p/out/.lock & bg=$!
sleep 1
want "the lock is held" 4 "p/out/\\.lock: held by another run, process $bg\$" -- "$EXHIBIT" build -q -C p $Q
kill $bg; wait $bg 2>/dev/null; bg=
good; result "the lock is held: the pack is untouched" $? "changed"

# A disk that is full: a small tmpfs that holds the old pack and little more.
if unshare -rm sh -c 'mount -t tmpfs -o size=1m t /mnt' 2>/dev/null; then
	cat >full.sh <<'X'
mkdir save && cp -a p/out/. save && mount -t tmpfs -o size=$(($(du -sm p/out | cut -f1) + 4))m t p/out &&
    cp -a save/. p/out && rm -rf save || exit 98
"$EXHIBIT" build -q -C p --period 2026-Q3 --as-of 2026-10-12T00:00:00Z
rc=$?
ls -A p/out >left
(cd p/out/2026-Q3 && sha256sum --strict --quiet -c manifest-sha256.txt) && sha256sum <p/out/2026-Q3/manifest-sha256.txt >kept
sha256sum <p/out/2026-Q3.zip >>kept
exit $rc
X
	want "a full disk" 4 'No space left on device' -- env EXHIBIT="$EXHIBIT" unshare -rm sh full.sh
	[ "$(cat kept)" = "$manifest
$zip" ] && [ "$(sort left | tr '\n' ' ')" = '.lock 2026-Q3 2026-Q3.zip ' ]
	result "a full disk: the old pack is untouched, no staging" $? "$(tr '\n' ' ' <left)"
else
	echo "SKIP badinput a full disk: no user name space with a tmpfs"
fi

# A reader: the pack is never missing while a build swaps it.
cat >reader.py <<'P'
import os, sys
reads = missing = 0
seen = set()
while not os.path.exists('stop'):
    try:
        seen.add(os.stat('p/out/2026-Q3').st_ino)
        os.stat('p/out/2026-Q3/manifest-sha256.txt')
    except FileNotFoundError:
        missing += 1
    reads += 1
print(reads, 'reads', len(seen), 'folders', missing, 'missing')
sys.exit(missing > 0 or len(seen) != 2 or reads < 1000)
P
python3 reader.py >reads 2>&1 & bg=$!
want "a build under a reader" 0 -- "$EXHIBIT" build -q -C p $Q
: >stop; wait $bg; rc=$?; bg=
result "a reader never misses the pack" $rc "$(cat reads)"
good; result "the second build has the same bytes" $? "changed"

# A store that was changed behind the triggers.
sqlite3 p/audit.db "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_schema WHERE type = 'trigger'" >drop.sql
echo 'UPDATE event SET amount_minor = coalesce(amount_minor, 0) + 1 WHERE seq = 5000;' >>drop.sql
sqlite3 p/audit.db <drop.sql
want "a changed amount" 3 'event 500[01]: ' -- "$EXHIBIT" build -q -C p $Q
good; result "a changed amount: the pack is untouched" $? "changed"
[ -d p/out/2026-Q3.broken ] && [ ! -e p/out/2026-Q3.broken/sig ] &&
    grep -q broken p/out/2026-Q3.broken/data/site/index.html
result "a changed amount: what was found stands beside it, unsigned" $? "$(ls -A p/out | tr '\n' ' ')"
exit $failed
