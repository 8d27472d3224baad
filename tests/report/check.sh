#!/bin/sh
# The reports of `check` before those who read them: the SARIF schema by ajv,
# xmllint, markdownlint, and facts of each by python3.  A project of five
# controls of its own, one agent of whose log has a hostile name.
set -u
cd "$(dirname "$0")/../.."
B=${B:-$PWD/build/release}
EXHIBIT=${EXHIBIT:-$B/exhibit}
SHARED=${SHARED:-$PWD/../shared}
tools=$PWD/tests/site/node_modules
schema=$SHARED/schemas/sarif-schema-2.1.0.json
Q="--period 2026-Q3 --as-of 2026-10-12T00:00:00Z --only X"
work=$B/report
here=$PWD/tests/report
rc=0
ok() { echo "PASS report $1"; }
no() { echo "FAIL report $1"; rc=1; }

rm -rf "$work"
mkdir -p "$work"
cp -r tests/report/project "$work/project"
cd "$work" || exit 1
"$EXHIBIT" ingest -q -C project project/log.jsonl >/dev/null 2>&1

# $1: where to; the rest goes to check.
all() {
	mkdir -p "$1"
	"$EXHIBIT" check $Q -C project --format text="$1/text" --format json="$1/json" --format sarif="$1/sarif" \
	    --format junit="$1/junit" --format github="$1/github" --format gitlab="$1/gitlab" \
	    --format markdown="$1/markdown.md" "$2" "$3" >"$1/out" 2>"$1/err"
	echo $? >"$1/status"
}
all gaps --fail-on high
all never --fail-on never
all empty --period 2020
cp project/registry/agents/desk/agent.yaml saved
printf 'no-such-field: 1\n' >>project/registry/agents/desk/agent.yaml
all broken --fail-on high
cp saved project/registry/agents/desk/agent.yaml
all known --since gaps/json

# Without --only: what would unlock most stands at the end.
"$EXHIBIT" check --period 2026-Q3 --as-of 2026-10-12T00:00:00Z -C project --format text=all.txt --format json=all.json 2>/dev/null

# A row was changed in the store.
cp -r project saved-project
sqlite3 project/audit.db "DROP TRIGGER event_update; UPDATE event SET reason = 'forged' WHERE seq = 2"
all forged --fail-on high
rm -r project
mv saved-project project

# 700 agents and three more tests: more results than any host takes.
cat >project/controls/more.yaml <<'Y'
schema: exhibit-controls/1
family: X
controls:
- id: X-09
  version: 1
  severity: medium
  owner_role: lead
  title: Columns are there
  objective: Each action fills what it should.
  maps: [{to: iso-42001-2023/A.9.4, rel: intersects-with, by: [t1, t2, t3, t4, t5], why: Intended use.}]
  tests:
  - {id: X-09.t1, of: operating, title: a, where: "e.event_type = 'action'", exception: "e.tool IS NULL"}
  - {id: X-09.t2, of: operating, title: b, where: "e.event_type = 'action'", exception: "e.run_id IS NULL"}
  - {id: X-09.t3, of: operating, title: c, where: "e.event_type = 'action'", exception: "e.user_id IS NULL"}
  - {id: X-09.t4, of: operating, title: d, where: "e.event_type = 'action'", exception: "e.tenant_id IS NULL"}
  - {id: X-09.t5, of: operating, title: e, where: "e.event_type = 'action'", exception: "e.trace_id IS NULL"}
Y
python3 - >many.jsonl <<'P'
import json
for i in range(700):
    print(json.dumps({"agent_id": "agent-%03d" % i, "environment": "prod", "event_id": "m%d" % i, "event_type": "action",
        "action": "mail.send", "verdict": "deny", "outcome": "success", "delegation_depth": 0, "shadow": 0,
        "occurred_us": 1785000100000000 + i, "recorded_us": 1785000100000000 + i}))
P
"$EXHIBIT" ingest -q -C project many.jsonl >/dev/null 2>&1
all many --fail-on high

python3 "$here/facts.py" . || rc=1

if command -v xmllint >/dev/null 2>&1; then
	if xmllint --noout */junit; then ok "xmllint: junit"; else no "xmllint: junit"; fi
else
	echo "SKIP report xmllint: install libxml2-utils"
fi
if [ -d "$tools/ajv-draft-04" ] && [ -f "$schema" ] && command -v node >/dev/null 2>&1; then
	if NODE_PATH=$tools node "$here/ajv.cjs" ajv-draft-04 "$schema" */sarif; then ok "ajv: sarif"; else no "ajv: sarif"; fi
else
	echo "SKIP report ajv: cd tests/site && npm ci --ignore-scripts; and the SARIF schema in $SHARED"
fi
if [ -d "$tools/ajv" ] && command -v node >/dev/null 2>&1; then
	if NODE_PATH=$tools node "$here/ajv.cjs" ajv/dist/2020 "$here/../../docs/format/check.schema.json" */json; then
		ok "ajv: json"
	else no "ajv: json"; fi
else
	echo "SKIP report ajv: cd tests/site && npm ci --ignore-scripts"
fi
if [ -d "$tools/markdownlint-cli2" ] && command -v node >/dev/null 2>&1; then
	printf '{"config":{"MD013":false,"MD041":false}}\n' >.markdownlint-cli2.jsonc
	if node "$tools/markdownlint-cli2/markdownlint-cli2-bin.mjs" '*/markdown.md' >lint 2>&1; then
		ok "markdownlint"
	else no "markdownlint"; head -20 lint; fi
else
	echo "SKIP report markdownlint: cd tests/site && npm ci --ignore-scripts"
fi
exit $rc
