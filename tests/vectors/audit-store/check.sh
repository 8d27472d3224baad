#!/bin/sh
# The vectors of docs/format/audit-store.md again, by two other programs:
# python3 with json and hashlib alone, and PostgreSQL with its one line of SQL.
# (The third is tests/unit/test_record.c.)
dir=$(cd "$(dirname "$0")" && pwd)

if command -v python3 >/dev/null; then
	if python3 "$dir/make.py" check; then
		echo "PASS audit-store vectors in python3"
	else
		echo "FAIL audit-store vectors in python3"
	fi
else
	echo "SKIP audit-store vectors in python3: no python3"
fi

name="audit-store vectors in PostgreSQL"
skip() { echo "SKIP $name: $1"; exit 0; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || skip "PostgreSQL is not installed"
tmp=$(mktemp -d) || skip "no temporary folder"
as=
if [ "$(id -u)" -eq 0 ]; then
	# initdb refuses root.
	id postgres >/dev/null 2>&1 || { rm -rf "$tmp"; skip "root, and no user postgres"; }
	as="runuser -u postgres --"
	chown postgres "$tmp"
fi
chmod 755 "$tmp"
stop() {
	[ -f "$tmp/db/postmaster.pid" ] && $as "$bin/pg_ctl" -m fast -w -D "$tmp/db" stop >/dev/null 2>&1
	rm -rf "$tmp"
}
trap stop EXIT
trap 'exit 130' INT TERM
cd "$tmp" || exit 1
$as "$bin/initdb" -D "$tmp/db" -A trust -U exhibit -E UTF8 --locale=C >"$tmp/log" 2>&1 || skip "initdb failed"
port=
for p in 5501 5511 5521 5531; do
	$as "$bin/pg_ctl" -w -s -D "$tmp/db" -l "$tmp/db/log" -o "-p $p -k $tmp -c listen_addresses=127.0.0.1 -c fsync=off" \
	    start >/dev/null 2>&1 && { port=$p; break; }
done
[ -n "$port" ] || skip "the server did not start"
sql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 -At -h 127.0.0.1 -p "$port" -U exhibit -d postgres "$@"; }

# Rows as they are in the records; the trigger checks seq, time and prev_hash.
{
	cat "$dir/postgresql.sql"
	echo "INSERT INTO store VALUES ('$(cut -d' ' -f1 "$dir/genesis")', 'vectors', 1, 1);"
	echo "CREATE TEMP TABLE line (id serial, record text);"
	echo "COPY line (record) FROM STDIN;"
	sed 's/\\/\\\\/g' "$dir/records"
	echo '\.'
	echo "INSERT INTO event SELECT (json_populate_record(NULL::event, record::json)).* FROM line ORDER BY id;"
} >"$tmp/load.sql"
if ! sql -f "$tmp/load.sql" >"$tmp/out" 2>&1; then
	cat "$tmp/out"
	echo "FAIL $name: loading"
	exit 1
fi
sql -c "SELECT encode(sha256('\\x00'::bytea || convert_to(json_strip_nulls(row_to_json(event))::text, 'UTF8')), 'hex') FROM event ORDER BY seq" >"$tmp/leaves"
sql -c "SELECT json_strip_nulls(row_to_json(event))::text FROM event ORDER BY seq" >"$tmp/records"
if cmp -s "$tmp/leaves" "$dir/leaves" && cmp -s "$tmp/records" "$dir/records"; then
	echo "PASS $name"
else
	diff "$tmp/records" "$dir/records" | head -5
	echo "FAIL $name"
fi

# What performance.md section 5 offers to auditors: no broken link, then one.
broken="SELECT count(*) FILTER (WHERE prev_hash IS DISTINCT FROM want) FROM (SELECT stream, seq, prev_hash,
 lag(encode(sha256('\\x00'::bytea || convert_to(json_strip_nulls(row_to_json(event))::text, 'UTF8')), 'hex'))
 OVER (PARTITION BY stream ORDER BY seq) AS want FROM event) AS e WHERE seq > 0"
good=$(sql -c "$broken")
sql -c "UPDATE event SET reason = 'x' WHERE seq = 3" 2>"$tmp/refused"
grep -q "append-only" "$tmp/refused" || echo "FAIL $name: UPDATE was not refused"
sql -c "INSERT INTO event SELECT (json_populate_record(e, '{\"seq\": 15, \"event_id\": \"x\"}')).* FROM event e WHERE seq = 14" \
    2>"$tmp/refused"
grep -q "prev_hash is not the leaf" "$tmp/refused" || echo "FAIL $name: a wrong prev_hash was not refused"
sql -c "ALTER TABLE event DISABLE TRIGGER ALL; UPDATE event SET reason = 'x' WHERE seq = 3"
bad=$(sql -c "$broken")
if [ "$good" = 0 ] && [ "$bad" = 1 ]; then
	echo "PASS $name: a changed row shows in the next"
else
	echo "FAIL $name: $good and $bad broken links, want 0 and 1"
fi
