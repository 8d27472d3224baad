"""facts.py DIR: what the reports that check.sh wrote into DIR must say."""
import json
import re
import sys
import xml.etree.ElementTree as ET

root = sys.argv[1]
HOSTILE = "a,b::c\n::error file=x"
failed = 0


def text(path):
    with open("%s/%s" % (root, path), encoding="utf-8", newline="") as f:
        return f.read()


def fact(name, good):
    global failed
    print(("PASS" if good else "FAIL") + " report " + name)
    failed |= not good


def status(run):
    return int(text(run + "/status"))


def sarif(run):
    return json.loads(text(run + "/sarif"))["runs"][0]


def cases(run):
    for suite in ET.fromstring(text(run + "/junit")):
        for case in suite:
            yield suite.get("name"), case


fact("statuses", [status(r) for r in ("gaps", "never", "empty", "broken", "known", "many")] == [1, 0, 5, 2, 0, 1])

# SARIF
run = sarif("gaps")
results = {(r["ruleId"], r["properties"]["scope"]): r for r in run["results"]}
one = results["X-01.t1", "desk"]
fact("sarif: a failure has its severity, place and gap",
     one["kind"] == "fail" and one["level"] == "error" and
     one["locations"][0]["physicalLocation"] == {
         "artifactLocation": {"uri": "project/registry/agents/desk/agent.yaml", "uriBaseId": "%SRCROOT%"},
         "region": {"startLine": 1, "startColumn": 1}} and
     re.fullmatch("G-[0-9a-f]{12}", one["partialFingerprints"]["exhibitGap/v1"]) is not None)
fact("sarif: no evidence is to review, never passed",
     results["X-01.t2", "desk"]["kind"] == "review" and
     all(r["kind"] in ("fail", "review") and (r["level"] == "none") == (r["kind"] != "fail") for r in run["results"]))
fact("sarif: levels follow severities",
     results["X-03.t1", "desk"]["level"] == "note" and results["X-04.e1", "shop.example"]["kind"] == "review")
fact("sarif: only a waiver suppresses",
     [k for k, r in results.items() if r["suppressions"]] == [("X-03.t1", "desk")] and
     "W-1 until 2026-12-31" in results["X-03.t1", "desk"]["suppressions"][0]["justification"])
names = [t["name"] for t in run["taxonomies"]]
rules = {r["id"]: r for r in run["tool"]["driver"]["rules"]}
targets = [(names[t["target"]["toolComponent"]["index"]], run["taxonomies"][t["target"]["toolComponent"]["index"]]
            ["taxa"][t["target"]["index"]]["id"], t["kinds"]) for t in rules["X-01.t1"]["relationships"]]
fact("sarif: four frameworks, and each rule's requirements in them",
     len(names) == 4 and targets == [("eu-ai-act", "AIA-14.4.d", ["superset"]),
                                     ("iso-42001-2023", "A.9.4", ["equal"]),
                                     ("nist-ai-rmf-1.0", "MAP 3.5", ["relevant"])])
fact("sarif: the rule of a result is where its index says",
     all(run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"]))
fact("sarif: a run that failed says so, one that was decided does not",
     [sarif(r)["invocations"][0]["executionSuccessful"] for r in ("gaps", "broken")] == [True, False] and
     sarif("empty")["invocations"][0]["exitCode"] == 5 and
     "no event in the period" in
     sarif("empty")["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"])
many = sarif("many")
left = many["properties"]["resultsNotShown"]
fact("sarif: at most 5,000 results, the rest counted",
     len(many["results"]) == 5000 and left == sum(1 for l in text("many/text").split("\n")
     if re.search(r"\(G-[0-9a-f]{12}", l)) - 5000 and left > 0 and
     str(left) in many["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"])
fact("sarif: what --since knows is unchanged",
     {r["baselineState"] for r in sarif("known")["results"]} == {"unchanged"} and "baselineState" not in one)

# JUnit
got = {(c.get("classname"), c.get("name")): c for s, c in cases("gaps") if s == "X"}
kind = {k: c[0].tag if len(c) else "pass" for k, c in got.items()}
fact("junit: failed and no evidence are failures",
     kind["X-01.t1", "desk"] == kind["X-01.t2", "desk"] == kind["X-04.e1", "shop.example"] == "failure" and
     got["X-01.t2", "desk"][0].get("type") == "no-evidence")
fact("junit: waived is skipped, with its end",
     kind["X-03.t1", "desk"] == "skipped" and "2026-12-31" in got["X-03.t1", "desk"][0].get("message"))
fact("junit: what passed passed", kind["X-05.t1", "desk"] == "pass")
head = ET.fromstring(text("gaps/junit"))
fact("junit: counts are those of its cases",
     [int(head.get(a)) for a in ("tests", "failures", "skipped")] ==
     [len(kind), sum(v == "failure" for v in kind.values()), sum(v == "skipped" for v in kind.values())])
fact("junit: forbidden characters are replaced",
     any("[U+0001]" in k[1] and "[U+202E]" in k[1] for k in kind))
fact("junit: nothing evaluated is an error",
     [c[0].tag for s, c in cases("empty") if s == "exhibit"] == ["error"])
fact("junit: what could not be read is an error", [s for s, c in cases("broken")] == ["exhibit"])

# GitHub: as the runner splits a line
lines = text("gaps/github").split("\n")
fact("github: each line is one command of ours", lines.pop() == "" and
     all(re.match(r"::(error|warning|notice) [^:]*::", l) for l in lines) and
     not any(re.search(r"[\x00-\x1f\x7f\u202e]", l) for l in lines))


def properties(line):
    return dict(p.split("=", 1) for p in line.split("::")[1].split(" ", 1)[1].split(","))


fact("github: a name cannot add a property",
     all(set(properties(l)) <= {"file", "line", "col", "title"} for l in lines) and
     any("a%2Cb%3A%3Ac[U+000A]" in properties(l)["title"] for l in lines))
many = text("many/github").split("\n")
fact("github: ten of a level, then how many more",
     sum(l.startswith("::error file=") for l in many) == 10 and
     sum(l.startswith("::error title=exhibit::") and "more: exhibit check lists them all" in l for l in many) == 1)
fact("github: a run without events is an error", text("empty/github").startswith("::error title=exhibit::no event"))

# GitLab
issues = json.loads(text("gaps/gitlab"))
by = {i["fingerprint"]: i for i in issues}
fact("gitlab: fingerprints are gap and test, once each",
     len(by) == len(issues) == len(results) and all(re.fullmatch("G-[0-9a-f]{12}-X-0[1-5][.][te][12]", f) for f in by))
fact("gitlab: severities", {i["check_name"]: i["severity"] for i in issues if "desk:" in i["description"]} ==
     {"X-01.t1": "blocker", "X-01.t2": "blocker", "X-02.t1": "info", "X-03.t1": "info"} and
     [i["severity"] for i in issues if i["check_name"] == "X-04.e1"] == ["critical"])
fact("gitlab: what ran on nothing is not an empty list",
     [i["severity"] for i in json.loads(text("empty/gitlab")) if i["check_name"] == "exhibit"] == ["blocker"] and
     len(json.loads(text("broken/gitlab"))) == 1)

# Markdown
for name in ("gaps", "many", "empty"):
    md = text(name + "/markdown.md")
    rows = [l for l in md.split("\n") if l.startswith("|")]
    fact("markdown: %s: seven cells a row, at most 60,000 bytes" % name,
         len(md.encode()) <= 60000 and all(len(re.findall(r"(?<!\\)\|", r)) == 8 for r in rows))
fact("markdown: what was cut is said", re.search("[0-9]+ more gaps, the least severe, left out",
     text("many/markdown.md")) is not None)
fact("markdown: no name is markup", "<b>" not in text("gaps/markdown.md").replace("\\<b\\>", "") and
     "\n::error" not in text("gaps/markdown.md"))

# All
fact("no report has the raw name", not any(HOSTILE in text("gaps/" + f) for f in
     ("text", "sarif", "junit", "github", "gitlab", "markdown.md")))
fact("text: no line begins as a command", not any(l.startswith("::") for l in text("gaps/text").split("\n")))
unlock = json.loads(text("all.json"))["unlock"]
tier = [u["tests"] for u in unlock if u["what"] == "fill tier"]
fact("text: tests without evidence are grouped by the one thing that their rows lack",
     len(tier) == 1 and {"X-01.t2", "X-02.t1"} <= set(tier[0]) and "X-01.t1" not in tier[0] and
     [len(u["tests"]) for u in unlock] == sorted((len(u["tests"]) for u in unlock), reverse=True))
end = text("all.txt").split("what would unlock most tests:\n")[1].split("\n")
fact("text: what unlocks most stands last", [l.strip() for l in end[:5]] ==
     ["%s: %d test%s testable" % (u["what"], len(u["tests"]), " becomes" if len(u["tests"]) == 1 else "s become")
      for u in unlock[:5]] and end[5].strip() == "and %d more: --format json has them all" % (len(unlock) - 5))
fact("a log that is not intact is 3, and no report is green", status("forged") == 3 and
     not sarif("forged")["invocations"][0]["executionSuccessful"] and
     [c[0].tag for s, c in cases("forged") if s == "exhibit"] == ["error"] and
     text("forged/github").startswith("::error title=exhibit::stream main: event") and
     json.loads(text("forged/gitlab"))[0]["check_name"] == "exhibit" and
     text("forged/markdown.md").startswith("## Exhibit: the log is not intact"))
known = text("known/text")
fact("since: known gaps are printed and marked", known.count("known before") > 2 and "0 fail)" in known)
sys.exit(failed)
