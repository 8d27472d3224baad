#!/bin/sh
# The demo from an empty folder, as a new user runs it; and the tools that an
# auditor already owns, over what it left.  The site's tests read it after.
set -u
cd "$(dirname "$0")/../.."
B=${B:-$PWD/build/release}
rc=0
judge() { # judge NAME STATUS
	if [ "$2" -eq 0 ]; then echo "PASS demo $1"; else echo "FAIL demo $1"; tail -20 "$B/demo.log"; rc=1; fi
}
rm -rf "$B/demo"
"$B/exhibit" demo -q "$B/demo" >"$B/demo.log" 2>&1
judge "builds, is signed by two, verifies" $?
pack=$B/demo/out/2026-Q3
[ -d "$pack" ] || exit 1

# Clean: no gap but the three that are waived, on exactly these controls.
"$B/exhibit" check -C "$B/demo" --period 2026-Q3 --as-of 2026-10-12T00:00:00Z --json >"$B/demo.json" 2>"$B/demo.log"
judge "check is green" $?
python3 - "$B/demo.json" >"$B/demo.log" 2>&1 <<'EOF'
import json, sys
gaps = json.load(open(sys.argv[1]))['gaps']
have = sorted((g['control'], g['scope'], bool(g.get('waiver'))) for g in gaps)
want = [('AU-07', 'main', True), ('DA-05', 'fictional-retail', True), ('SE-04', 'stock-planner', True)]
print('have', have)
sys.exit(have != want)
EOF
judge "has no gap but the three waived" $?

(cd "$pack" && sha256sum --strict --quiet -c manifest-sha256.txt) >"$B/demo.log" 2>&1
judge "sha256sum agrees with the manifest" $?
(cd "$pack" && LC_ALL=C find data -type f | LC_ALL=C sort >"$B/files" && cut -c67- manifest-sha256.txt | diff "$B/files" -) >"$B/demo.log" 2>&1
judge "no file is outside the manifest" $?
"$B/exhibit" key trust export --trust "$B/demo/trust.json" --as allowed_signers >"$B/allowed_signers" 2>"$B/demo.log"
for s in preparer:governance.two approver:cro.one; do
	ssh-keygen -Y verify -f "$B/allowed_signers" -I "${s#*:}" -n "exhibit-${s%:*}@v1" -s "$pack/sig/${s%:*}.sshsig" \
	    <"$pack/manifest-sha256.txt" >"$B/demo.log" 2>&1
	judge "ssh-keygen agrees with the ${s%:*}'s signature" $?
done
"$B/exhibit" verify "$B/demo/out/2026-Q3.zip" --trust "$B/demo/trust.json" --as-of 2026-10-12T00:00:00Z >"$B/demo.log" 2>&1
judge "the ZIP verifies like the folder" $?

# A test's statement, as its page tells: the sqlite3 shell finds the counts.
(cd "$pack/data/controls" && sqlite3 -readonly "$B/demo/audit.db" ".read ref.sql" ".read params.sqlite" ".read sql/HO-01.t1.sql") \
    >"$B/rows" 2>"$B/demo.log" && python3 - "$pack/data/controls/HO-01.t1.json" "$B/rows" >"$B/demo.log" 2>&1 <<'EOF'
import json, sys
have = sorted(line.rstrip('\n') for line in open(sys.argv[2]))
want = sorted('%s|%d|%d|%d' % (r['scope'], r['n'], r['x'], r['b'])
              for r in json.load(open(sys.argv[1]))['results'] if r['n'])
print('have', have, 'want', want)
sys.exit(have != want or not want)
EOF
judge "sqlite3 finds the counts of HO-01.t1" $?

# One flipped byte, anywhere under data/, is found.
cp -r "$pack" "$B/demo-bad"
printf x | dd of="$B/demo-bad/data/docs/notice-interaction/order-desk.md" bs=1 seek=100 conv=notrunc 2>/dev/null
"$B/exhibit" verify "$B/demo-bad" --trust "$B/demo/trust.json" --as-of 2026-10-12T00:00:00Z >"$B/demo.log" 2>&1
judge "a changed byte is status 3" $(($? == 3 ? 0 : 1))
rm -rf "$B/demo-bad"

# The same inputs give the same bytes: other folder, time zone, threads.
"$B/exhibit" build -q -j1 -C "$B/demo" --period 2026-Q3 --as-of 2026-10-12T00:00:00Z >"$B/one" 2>"$B/demo.log" &&
    TZ=Asia/Kolkata LC_ALL=C.UTF-8 "$B/exhibit" build -q -j3 -C "$B/demo" --period 2026-Q3 --as-of 2026-10-12T00:00:00Z >"$B/two" 2>>"$B/demo.log" &&
    diff "$B/one" "$B/two" >>"$B/demo.log"
judge "the same bytes with other threads and time zone" $?
exit $rc
