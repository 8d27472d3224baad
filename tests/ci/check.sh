#!/bin/sh
# The examples of docs/ci, run as a runner runs them: their shell steps, on the
# sample company, clean and with a fault, and on a project that does not read.
set -u
cd "$(dirname "$0")/../.."
B=${B:-$PWD/build/release}
EXHIBIT=${EXHIBIT:-$B/exhibit}
SAMPLE=${SAMPLE:-$B/sample}
root=$PWD
work=$B/ci
rc=0
ok() { echo "PASS ci $1"; }
no() { echo "FAIL ci $1"; rc=1; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else no "$1: $2, want $3"; fi; }
has() { if grep -q "$3" "$2"; then ok "$1"; else no "$1: no $3 in $2"; fi; }
command -v bash >/dev/null 2>&1 || { echo "SKIP ci: install bash"; exit 0; }

rm -rf "$work"
mkdir -p "$work/bin"
ln -s "$EXHIBIT" "$work/bin/exhibit"
# gh is a host's own: only what it is given counts here.
printf '#!/bin/sh\necho "$@" >>"$GH_CALLS"\n' >"$work/bin/gh"
chmod +x "$work/bin/gh"
PATH=$work/bin:$PATH
SOURCE_DATE_EPOCH=1791763200
VALUES="github.token=t
github.event.pull_request.number=7"
export PATH SOURCE_DATE_EPOCH VALUES

# $1: the folder; the log goes where the examples look for it.
project() {
	mkdir -p "$work/$1/logs"
	cp -r samples/company/. "$work/$1"
}
project clean
"$SAMPLE" --events 10000 --seed 1 -C "$work/clean" >"$work/clean/logs/a.jsonl"
project fault
"$SAMPLE" --events 10000 --seed 1 -C "$work/fault" --faults samples/faults.yaml --fault booked-before-approval \
    >"$work/fault/logs/a.jsonl"
project broken
echo 'no-such-field: 1' >>"$work/broken/registry/agents/refund-bot/agent.yaml"
cp "$work/clean/logs/a.jsonl" "$work/broken/logs"
project ratchet
cp "$work/fault/logs/a.jsonl" "$work/ratchet/logs"
(cd "$work/ratchet" && exhibit ingest -q logs/a.jsonl && exhibit check --fail-on never --format json=exhibit-baseline.json) \
    >"$work/ratchet.out" 2>&1

# $1: the host, $2: the folder; the status of the job.
job() {
	rm -rf "$work/$2.$1"
	cp -r "$work/$2" "$work/$2.$1"
	(cd "$work/$2.$1" && GITHUB_STEP_SUMMARY=summary GH_CALLS=calls \
	    python3 "$root/tests/ci/steps.py" "$1" "$root/docs/ci/$1.yml" >job.log 2>job.err)
	echo $?
}
for host in github gitlab; do
	is "$host: the clean company passes" "$(job $host clean)" 0
	is "$host: a fault fails the job" "$(job $host fault)" 1
	is "$host: what does not parse is 2" "$(job $host broken)" 2
	is "$host: a log of another time is 5" "$(cd "$work" && rm -rf none && cp -r clean none && head -1 clean/logs/a.jsonl >none/logs/a.jsonl && cd "$root" && job $host none)" 5
	is "$host: what was known does not fail" "$(EXHIBIT_SINCE=exhibit-baseline.json job $host ratchet)" 0
	has "$host: places are those of the tree" "$work/fault.$host/exhibit.md" "| registry/agents/refund-bot/agent.yaml:1:1 |"
done
has "github: annotations in the job's log" "$work/fault.github/job.log" "^::error file=registry/agents/refund-bot/agent.yaml,line=1"
has "github: a summary of a failed check" "$work/fault.github/summary" "^## Exhibit: [1-9][0-9]* gaps* fail"
has "github: a summary of what could not run" "$work/broken.github/summary" "the check could not run"
has "github: the comment goes to the change" "$work/fault.github/calls" "pr comment 7 .*--body-file exhibit.md"
has "github: SARIF is there" "$work/fault.github/exhibit.sarif" '"kind":"fail"'
has "gitlab: the issue is there" "$work/fault.gitlab/exhibit-quality.json" '"severity":"blocker"'
has "gitlab: the text is in the job's log" "$work/fault.gitlab/job.log" "critical: HO-01.t1 refund-bot"
has "gitlab: what could not run is an issue" "$work/broken.gitlab/exhibit-quality.json" '"check_name":"exhibit"'
exit $rc
