"""Each id has the parts that its kind owes; prints only what has not."""
import json, os, pathlib, re, subprocess
src, exhibit = pathlib.Path(os.environ["SRC"]), os.environ["EXHIBIT"]
controls = [f.read_text() for f in sorted((src / "mappings/controls").glob("*.yaml"))]
want = {}
for text in controls:
    for c in re.split(r"^- id: ", text, flags=re.M)[1:]:
        want[c.split("\n", 1)[0]] = ["\nobjective\n", "\nlimits\n", "\napplies to agents with\n", "\nrequirements\n"]
        for part in re.split(r"^  - id: ", c, flags=re.M)[1:]:
            i, body = part.split("\n", 1)
            if ".e" in i:
                want[i] = ["built in" if "built_in:" in body else "how to give it"]
            else:
                want[i] = ["\nSQL, sha256 " if "built_in:" not in body else "\nbuilt in\n", "\nfails above "]
                if "    fix:" in body:
                    want[i] += ["\nhow to fix\n", "\nwhere\n"]
        # what a control maps is one of its requirements
        for to in re.findall(r"^  - to: (.*)$", c, re.M):
            want.setdefault(to, []).append(c.split("\n", 1)[0])
for name in re.findall(r"^EVENT\([A-Z0-9_]+, (\w+),", (src / "gen/model/event.def").read_text(), re.M):
    want["event." + name] = ["event." + name]

def explain(ids):
    """One run for all of them: a line of JSON each."""
    p = subprocess.run([exhibit, "explain", "--json", *ids], capture_output=True, text=True)
    if p.returncode != 0:
        return [("status %d" % p.returncode, [p.stderr.strip()])]
    done = [json.loads(x) for x in p.stdout.splitlines()]
    if [d["id"] for d in done] != ids:
        return [("ids", ["not those that were asked for, in order"])]
    return [(d["id"], lacks(d["id"], d["text"])) for d in done]

def lacks(i, text):
    wrong = ["says nothing"] if len(text.splitlines()) < 2 else []
    return wrong + ["lacks " + w.strip() for w in want[i] if w not in "\n" + text]

done = explain(sorted(want))
for i, wrong in done:
    for w in wrong:
        print(i, w)
kinds = {k: sum(bool(re.fullmatch(r, i)) for i in want) for k, r in (("controls", r"[A-Z]{2}-\d\d"),
    ("tests", r".*\.t\d+"), ("items", r"[A-Z]{2}-\d\d\.e\d+"), ("columns", r"event\..*"))}
print("every kind was there" if min(kinds.values()) > 25 and len(want) > sum(kinds.values()) + 100 else kinds)
