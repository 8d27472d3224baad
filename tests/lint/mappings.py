#!/usr/bin/env python3
"""Judges mappings/ by other means than the program's own reader.

Reads the YAML, ref.def and event.def, and reports with the id of the test:
unknown keys, requirements, claims, tables and columns; ids out of order;
`requires` that name nothing or go in a circle; predicates outside the grammar
of docs/format/controls.md.  Each text is then prepared by SQLite over empty
tables, and must return no row.  Prints PASS and FAIL lines.

    tests/lint/mappings.py [--print ID]     the SQL of one test
"""
import collections
import pathlib
import re
import sqlite3
import sys

try:
    import yaml
except ImportError:
    print("SKIP mappings: python3-yaml is not installed")
    sys.exit(0)

ROOT = pathlib.Path(__file__).resolve().parents[2]
EVENT_TYPES = set("""run_started run_ended input model_call retrieval guardrail
decision access approval_requested approval_decided approval_expired
approval_escalated action tool_call message review rollback halt drill incident
complaint disclosure evaluation deployment change erasure gap_declared
import""".split())

CONTROL_KEYS = set("""id version severity owner_role applies title objective
limits maps tests evidence retired replaced_by""".split())
TEST_KEYS = set("""id of title over where exception sql built_in scope window
min_population max_exceptions max_blind when_empty requires key advice show fix
says reads""".split())
ITEM_KEYS = set("id kind of title max_age key built_in top".split())
SEVERITIES = {"critical", "high", "medium", "low"}
INTS = {"INT", "BOOL", "TIME", "DURATION", "PPM", "MICRO"}

failures = []


def fail(where, text):
    failures.append(f"{where}: {text}")


# --- the tables ----------------------------------------------------------

def tables():
    """Every table that a text may read, name to {column: type}."""
    out = collections.OrderedDict()
    event = (ROOT / "gen/model/event.def").read_text()
    out["event"] = {m[0]: m[1] for m in
                    re.findall(r"^EVENT\(\w+, (\w+), (\w+), \d", event, re.M)}
    ref = (ROOT / "gen/model/ref.def").read_text()
    ref = re.sub(r"^#.*$", "", ref[ref.index("#define FILE_"):], flags=re.M)
    cols = None
    for m in re.finditer(r"^(\w+)\(\s*(\w+)(?:, (\w+))?", ref, re.M):
        what, name, kind = m.groups()
        if what == "TABLE":
            cols = out["ref_" + name] = {}
        elif what == "END":
            cols["file"], cols["line"] = "TEXT", "INT"
        elif what == "FILE_":
            cols[name + "_file"] = cols[name + "_sha256"] = "TEXT"
        elif what in ("PATH", "KEY", "OPT", "REQ", "COL", "FILL", "FKEY",
                      "DEF", "COLUMN"):
            cols[name] = "INT" if kind in INTS else "TEXT"
    return out


def make(db, schema):
    for name, cols in schema.items():
        db.execute(f"CREATE TABLE {name} (" + ", ".join(
            f"{c} {'INTEGER' if t == 'INT' else 'TEXT'}"
            for c, t in cols.items()) + ")")


# --- predicates as SQL -----------------------------------------------------

TOKEN = re.compile(r"""\s+|'(?:[^']|'')*'|<>|<=|>=|[-=<>+*(),.]|:\w+|\{\w+\}
    |\w+""", re.X)
WORDS = set("""and or not is null distinct from true false in between case when
then else end exists select join on where as coalesce nullif abs length
substr""".split())


def tokens(text):
    out, at = [], 0
    while at < len(text):
        m = TOKEN.match(text, at)
        if not m:
            raise ValueError(f"character {at + 1} is not part of a predicate")
        if not m[0].isspace():
            out.append(m[0])
        at = m.end()
    return out


def expand(text, predicates):
    for _ in range(8):
        new = re.sub(r"\{(\w+)\}", lambda m: "(" + predicates[m[1]] + ")"
                     if m[1] in predicates else m[0], text)
        if new == text:
            break
        text = new
    return text


def closing(toks, i):
    depth = 0
    while i < len(toks):
        depth += {"(": 1, ")": -1}.get(toks[i], 0)
        if depth == 0:
            return i
        i += 1
    raise ValueError(") is missing")


def conjuncts(toks):
    """Splits at AND outside parentheses, CASE and BETWEEN; None if at OR."""
    out, cur, depth, between = [], [], 0, False
    for t in toks:
        low = t.lower()
        depth += {"(": 1, ")": -1, "case": 1, "end": -1}.get(low, 0)
        if depth == 0 and low == "or":
            return [toks]
        if depth == 0 and low == "between":
            between = True
        if depth == 0 and low == "and" and not between:
            out.append(cur)
            cur = []
            continue
        if low == "and":
            between = False
        cur.append(t)
    return out + [cur]


def is_tie(toks, own):
    if "=" not in toks or toks.count("=") != 1:
        return None
    i = toks.index("=")
    sides = [toks[:i], toks[i + 1:]]
    if any(set(s) & {"<>", "<", ">", "<=", ">=", "IS", "AND", "OR", "NOT",
                     "CASE", "IN"} for s in sides):
        return None

    def rows(s):
        return {s[k] for k in range(len(s) - 1) if s[k + 1] == "."}
    for mine, other in (sides, sides[::-1]):
        if len(mine) == 3 and mine[0] in own and rows(other) and \
                not rows(other) & own:
            return "".join(mine), " ".join(other)
    return None


def exists(toks, over):
    """The three-valued EXISTS of controls.md as SQL."""
    if [t.lower() for t in toks[:3]] != ["select", "1", "from"]:
        raise ValueError("want EXISTS (SELECT 1 FROM ...")
    low = [t.lower() for t in toks]
    if "exists" in low:
        raise ValueError("EXISTS cannot stand inside EXISTS")
    w = low.index("where")
    head, own, tabs = toks[3:w], set(), []
    i = 0
    while i < len(head):
        tabs.append(head[i])
        alias = head[i]
        if i + 1 < len(head) and head[i + 1].lower() not in ("join", "on"):
            i += 1
            alias = head[i]
        own.add(alias)
        while i < len(head) and head[i].lower() != "join":
            i += 1
        i += 1
    ties, rest = [], []
    for c in conjuncts(toks[w + 1:]):
        t = is_tie(c, own)
        (ties if t else rest).append((c, t))
    if not ties and tabs[0] == "event":
        raise ValueError("EXISTS is tied to the row by no column")
    names = {t[0].split(".")[1] for _, t in ties}
    if tabs[0] == "event":
        if "d.stream" not in {t[0] for _, t in ties} or not names & {
                "action_id", "run_id", "session_id", "approval_id", "ref_id",
                "event_id"}:
            raise ValueError("EXISTS over events wants d.stream and an index")
    src = f"SELECT 1 FROM {sql_of(head, over)} WHERE " + \
        (" AND ".join(sql_of(c, over) for c, _ in ties) or "TRUE")
    r = " AND ".join("(" + sql_of(c, over) + ")" for c, _ in rest)
    unsaid = [f"({t[1]}) IS NULL" for _, t in ties]
    if rest:
        unsaid.append(f"EXISTS ({src} AND ({r}) IS NULL)")
    if over == "event":
        unsaid += [f"NOT EXISTS (SELECT 1 FROM {t})" for t in tabs
                   if t != "event"]
    hit = src + (f" AND {r}" if rest else "")
    return f"(CASE WHEN EXISTS ({hit}) THEN TRUE WHEN " + \
        " OR ".join(unsaid) + " THEN NULL ELSE FALSE END)"


def sql_of(toks, over):
    out, i = [], 0
    while i < len(toks):
        if toks[i].lower() == "exists":
            end = closing(toks, i + 1)
            out.append(exists(toks[i + 2:end], over))
            i = end + 1
            continue
        glue = toks[i] == "." or (out and out[-1].endswith("."))
        if glue and out:
            out[-1] += toks[i]
        else:
            out.append(toks[i])
        i += 1
    return " ".join(out)


def predicate(text, predicates, over):
    toks = tokens(expand(text, predicates))
    for i, t in enumerate(toks):
        word = re.fullmatch(r"[A-Za-z_]\w*", t)
        column = (i + 1 < len(toks) and toks[i + 1] == ".") or \
            (i > 0 and toks[i - 1] == ".")
        if t.startswith("{"):
            raise ValueError(f"unknown predicate {t}")
        if word and not column and t.lower() in WORDS | {"select", "event"}:
            continue
    return sql_of(toks, over)


EVENT_FROM = ("event e LEFT JOIN ref_agent_name a ON a.name = e.agent_id "
              "LEFT JOIN ref_policy_name p ON p.policy_id = e.policy_id "
              "AND p.log_version = e.policy_version")
PERIOD = "e.occurred_us >= :from_us AND e.occurred_us < :to_us"


def scope_of(test, over):
    """Whom a row is about: its agent, policy or stream, else the company."""
    scope = test.get("scope", "agent")
    if over == "event" and scope == "agent":
        return "coalesce(a.agent_id, e.agent_id)"
    if over == "event" and scope == "stream":
        return "e.stream"
    col = {"agent": "agent_id", "policy": "policy_id"}.get(scope)
    if col and (over == "event" or col in SCHEMA[over]):
        return f"coalesce(e.{col}, 'organisation')"
    return "'organisation'"


def statement(test, predicates):
    """The text of a test, or None where it is built in."""
    over = test.get("over", "event")
    if "sql" in test:
        text = test["sql"]
        for name, by in (("event", EVENT_FROM), ("scope", scope_of(test, over)),
                         ("in_period", PERIOD)):
            text = text.replace("{%s}" % name, by)

        def named(m):
            return "(" + predicate("{%s}" % m[1], predicates, over) + ")"
        return re.sub(r"\{(\w+)\}", named, text)
    if "where" not in test:
        return None
    w = predicate(test["where"], predicates, over)
    x = predicate(test["exception"], predicates, over)
    case = (f"CASE WHEN ({w}) AND ({x}) THEN 1 "
            f"WHEN ({w}) AND NOT ({x}) THEN 0 END AS broken")
    if over == "event":
        return (f"SELECT {scope_of(test, over)} AS scope, e.stream AS stream, e.seq AS seq, "
                f"{case} FROM {EVENT_FROM} WHERE {PERIOD} "
                f"AND ({w}) IS NOT FALSE")
    return (f"SELECT {scope_of(test, over)} AS scope, e.file AS file, e.line AS line, {case} "
            f"FROM {over} e WHERE ({w}) IS NOT FALSE")


# --- what the files may hold ----------------------------------------------

def load(path):
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(k) for k, _ in node.value]
        for k in keys:
            if keys.count(k) > 1:
                fail(path.name, f"duplicate key {k}")
        return loader.construct_mapping(node, deep=True)
    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    return yaml.load(path.read_text(), Strict)


def requirements():
    ids = set()
    for path in sorted((ROOT / "mappings/frameworks").glob("*.yaml")):
        f = load(path)
        ids |= {f"{f['id']}/{r['id']}" for r in f["requirements"]}
    return ids


def keys(where, thing, allowed, required):
    for k in thing:
        if k not in allowed:
            fail(where, f"unknown key {k}")
    for k in required:
        if not thing.get(k):
            fail(where, f"{k} is missing")


def check_text(where, text):
    if not isinstance(text, str) or not text.strip():
        fail(where, "want a text")
    elif re.search(r"[^\x20-\x7e]|  ", text.strip()):
        fail(where, "wants plain ASCII with single spaces")


def check_map(c, m, reqs, seen):
    where = f"{c['id']} {m.get('to')}"
    keys(where, m, {"to", "rel", "by", "why"}, ("to", "rel", "by", "why"))
    if m["to"] not in reqs:
        fail(where, "no framework has that requirement")
    if m["to"] in seen:
        fail(where, "is mapped twice")
    seen.add(m["to"])
    if m["rel"] != "intersects-with":
        fail(where, "ships as intersects-with")
    own = {t["id"].split(".")[1] for t in c.get("tests", []) +
           c.get("evidence", [])}
    for b in m["by"]:
        if b not in own:
            fail(where, f"by names no test or item {b}")
    check_text(where, m["why"])


def check_says(t):
    s = t["says"]
    where = t["id"]
    keys(where, s, {"claim", "pass", "fail", "empty"},
         ("claim", "pass", "fail", "empty"))
    for k in ("pass", "fail", "empty"):
        check_text(where, s[k])
        for place in re.findall(r"\{[^}]*\}", s[k]):
            if place not in ("{n}", "{x}", "{scope}"):
                fail(where, f"says {k}: unknown place {place}")
    claims = s["claim"] if isinstance(s["claim"], list) else [s["claim"]]
    for claim in claims:
        if not re.fullmatch(r"C(0[1-9]|[1-4]\d|5[01])|R[1-5]", claim) or \
                claim == "C03":
            fail(where, f"unknown claim {claim}")
    return claims


def check_test(c, t, n, tests, claims):
    where = t["id"]
    keys(where, t, TEST_KEYS, ("id", "of", "title"))
    # A number may be kept for a test that is computed and has no text yet.
    number = re.fullmatch(re.escape(c["id"]) + r"\.t(\d+)", where)
    if not number or int(number[1]) < n:
        fail(where, f"want {c['id']}.t{n}")
    if t["of"] not in ("operating", "design"):
        fail(where, "of is operating or design")
    kinds = sum(k in t for k in ("where", "sql", "built_in"))
    if kinds != 1 or ("where" in t) != ("exception" in t):
        fail(where, "want where and exception, or sql, or built_in")
    if t.get("built_in") not in (None, "chain", "eval"):
        fail(where, "built_in is chain or eval")
    if t.get("scope", "agent") not in ("agent", "organisation", "policy",
                                       "stream"):
        fail(where, "unknown scope")
    over = t.get("over", "event")
    if over not in SCHEMA:
        fail(where, f"unknown table {over}")
    columns = SCHEMA.get(over, {})
    for s in t.get("show", []):
        if s not in columns:
            fail(where, f"show: {over} has no column {s}")
    for r in t.get("requires", []):
        if r not in tests:
            fail(where, f"requires {r}: no such test")
    if "when_empty" in t:
        e = t["when_empty"]
        keys(where, e, {"outcome", "because", "proven_by"},
             ("outcome", "because", "proven_by"))
        if e.get("proven_by") not in tests:
            fail(where, "when_empty is proven by no test")
    if "fix" in t:
        keys(where, t["fix"], {"at", "how"}, ("at", "how"))
        if t["fix"]["at"] not in SCHEMA and t["fix"]["at"] != "exhibit.yaml":
            fail(where, f"fix: unknown table {t['fix']['at']}")
        check_text(where, t["fix"]["how"])
    elif not t.get("advice"):
        fail(where, "says no fix")
    check_text(where, t["title"])
    if "says" in t:
        for claim in check_says(t):
            claims[claim].append(where)


def check_words(where, sql):
    """Event types in a text are of the closed list."""
    for m in re.finditer(r"event_type (?:=|<>) '(\w+)'", sql):
        if m[1] not in EVENT_TYPES:
            fail(where, f"no event has the type {m[1]}")
    for m in re.finditer(r"event_type IN \(([^)]*)\)", sql):
        for word in re.findall(r"'(\w+)'", m[1]):
            if word not in EVENT_TYPES:
                fail(where, f"no event has the type {word}")


def check_sql(t, db, predicates):
    try:
        sql = statement(t, predicates)
        if sql is None:
            return
        check_words(t["id"], sql)
        got = db.execute(sql, {"from_us": 1, "to_us": 2, "as_of_us": 3})
        names = [d[0] for d in got.description]
        over = t.get("over", "event") != "event"
        want = ["scope", "file", "line", "broken"] if over else \
            ["scope", "stream", "seq", "broken"]
        if names != want:
            fail(t["id"], f"returns {names}, want {want}")
        if got.fetchall():
            fail(t["id"], "finds rows where there are none")
    except (ValueError, sqlite3.Error) as e:
        fail(t["id"], str(e))
    if "sql" in t:
        called = set(re.findall(r"\b([a-z_]+)\(", t["sql"]))
        extra = called - set("""count sum min max row_number lag lead coalesce
            nullif abs length substr""".split())
        if extra:
            fail(t["id"], f"calls {sorted(extra)}")


def circle(tests):
    state = {}

    def walk(i):
        if state.get(i) == 1:
            fail(i, "requires itself")
            return
        if state.get(i) == 2:
            return
        state[i] = 1
        for r in tests[i].get("requires",
                              [] if i == "AU-01.t1" else ["AU-01.t1"]):
            if r in tests:
                walk(r)
        state[i] = 2
    for i in tests:
        walk(i)


# No edit of inputs can make these fail: the header of faults.yaml says why.
WITHOUT_FAULT = {"AU-07.t2", "AU-06.t2"}


def check_edit(where, e):
    table = e.get("in")
    if table not in SCHEMA:
        fail(where, f"edits an unknown table {table}")
        return
    columns = dict(SCHEMA[table])
    shapes = ({"in", "row", "set"}, {"in", "row", "remove"}, {"in", "add"})
    if set(e) not in shapes:
        fail(where, "an edit is set, remove or add")
    for part in ("row", "set", "add"):
        for col, value in (e.get(part) or {}).items():
            if col not in columns:
                fail(where, f"{table} has no column {col}")
            elif value is not None and \
                    isinstance(value, int) != (columns[col] == "INT"):
                fail(where, f"{table}.{col}: {value!r} is of another type")
    if table == "event" and "row" in e and set(e["row"]) != {"event_id"}:
        fail(where, "an event is named by its event_id")


def check_faults(tests):
    doc = load(ROOT / "mappings/faults.yaml")
    if doc["schema"] != "exhibit-faults/1":
        fail("faults.yaml", "unknown schema")
    seen = set()
    for n, f in enumerate(doc["faults"], 1):
        where = f"fault {n} of {f.get('test')}"
        keys(where, f, {"test", "edits", "finds"}, ("test", "edits", "finds"))
        if f["test"] not in tests:
            fail(where, "no such test")
            continue
        seen.add(f["test"])
        for e in f["edits"]:
            check_edit(where, e)
    for i, t in tests.items():
        if "built_in" not in t and not t.get("advice") and i not in seen \
                and i not in WITHOUT_FAULT:
            fail(i, "has no fault")
    return len(doc["faults"])


def read_all():
    doc = load(ROOT / "mappings/predicates.yaml")
    if doc["schema"] != "exhibit-predicates/1":
        fail("predicates.yaml", "unknown schema")
    predicates = {p["name"]: p["text"].strip() for p in doc["predicates"]}
    controls = []
    for path in sorted((ROOT / "mappings/controls").glob("*.yaml")):
        f = load(path)
        if f["schema"] != "exhibit-controls/1" or \
                f["family"].lower() + ".yaml" != path.name:
            fail(path.name, "unknown schema, or a family of another name")
        for c in f["controls"]:
            if not re.fullmatch(f["family"] + r"-\d\d", c["id"]):
                fail(c["id"], f"is not of family {f['family']}")
        ids = [c["id"] for c in f["controls"]]
        if ids != sorted(set(ids)):
            fail(path.name, "controls are not in order of their ids")
        controls += f["controls"]
    return predicates, controls


def main():
    predicates, controls = read_all()
    tests = {t["id"]: t for c in controls for t in c.get("tests", [])}
    if len(sys.argv) == 3 and sys.argv[1] == "--print":
        print(statement(tests[sys.argv[2]], predicates))
        return 0
    reqs, claims = requirements(), collections.defaultdict(list)
    db = sqlite3.connect(":memory:")
    make(db, SCHEMA)
    for c in controls:
        keys(c["id"], c, CONTROL_KEYS, ("id", "version", "severity",
             "owner_role", "title", "objective", "limits", "maps"))
        if c["severity"] not in SEVERITIES:
            fail(c["id"], "unknown severity")
        for k in ("title", "objective", "limits"):
            check_text(c["id"], c[k])
        seen = set()
        for m in c["maps"]:
            check_map(c, m, reqs, seen)
        for n, t in enumerate(c.get("tests", []), 1):
            check_test(c, t, n, tests, claims)
            check_sql(t, db, predicates)
        for n, i in enumerate(c.get("evidence", []), 1):
            keys(i["id"], i, ITEM_KEYS, ("id", "of", "title"))
            if i["id"] != f"{c['id']}.e{n}":
                fail(i["id"], f"want {c['id']}.e{n}")
            if i.get("kind", "built_in" in i or "none") not in (
                    True, "document", "attestation", "junit", "record"):
                fail(i["id"], "unknown kind, or none")
            check_text(i["id"], i["title"])
    circle(tests)
    faults = check_faults(tests)
    for f in failures:
        print("FAIL", f)
    if not failures:
        print(f"PASS mappings: {len(controls)} controls, {len(tests)} tests, "
              f"{len(claims)} claims, {faults} faults")
    return 1 if failures else 0


SCHEMA = tables()
if __name__ == "__main__":
    sys.exit(main())
