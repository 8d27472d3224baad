"""Counts from audit.db what documents print; says which agree."""
import glob, json, sqlite3, sys

db = sqlite3.connect(sys.argv[1])
docs = sys.argv[2]
PERIOD = "occurred_us >= 1782864000000000 AND occurred_us < 1790812800000000"
RAN = "event_type = 'action' AND outcome <> 'blocked' AND shadow = 0"


def one(sql, *args):
    return db.execute(sql, args).fetchone()


def facts(path):
    (name,) = glob.glob(f"{docs}/{path}.json")
    with open(name, encoding="utf-8") as f:
        return {x["id"]: x for x in json.load(f)["facts"]}


def agrees(what, have, want):
    print(f"{what}: {'agrees' if have == want else f'have {have}, want {want}'}")


def percent(n, of):
    p = (n * 20000 + of) // (2 * of)
    return f"{n:,} of {of:,} ({p // 100}.{p % 100:02d} %"


def money(minor, currency):
    return f"{minor // 100:,}.{minor % 100:02d} {currency}"


f = facts("slo-report/refund-bot")
lost, ended = one("SELECT sum(outcome IN ('failure', 'timeout')), count(*) FROM"
    " event WHERE agent_id = 'refund-bot' AND event_type = 'run_ended' AND"
    f" environment = 'prod' AND outcome IS NOT NULL AND {PERIOD}")
agrees("runs lost", f["budget.spent"]["text"], percent(lost, ended) + ")")
agrees("budget", f["budget.allowed"]["text"], f"{ended * 15 // 100:,}")

f = facts("rollback-readiness/refund-bot--1.2.0")
want = {money(a, c) for c, a in db.execute("SELECT currency, sum(amount_minor)"
    f" FROM event WHERE agent_id = 'refund-bot' AND agent_version = '1.2.0' AND"
    f" {RAN} AND environment = 'prod' AND {PERIOD} GROUP BY currency")}
agrees("amounts of 1.2.0", {x["text"] for i, x in f.items()
    if i.startswith("state.writes.") and i.endswith(".amount")}, want)

f = facts("incident-record/inc-3-*")
opened, closed = (one("SELECT occurred_us FROM event WHERE event_type ="
    " 'incident' AND subject = 'INC-3' AND outcome = ?", o)[0]
    for o in ("opened", "closed"))
runs, amount = one("SELECT count(DISTINCT r.run_id), sum(a.amount_minor) FROM"
    " event r JOIN event a ON a.action_id = r.ref_id AND a.event_type = 'action'"
    " WHERE r.event_type = 'rollback' AND r.agent_id = 'refund-bot' AND"
    " r.occurred_us BETWEEN ? AND ?", opened, closed)
agrees("runs of INC-3", f["facts.runs"]["text"], f"{runs:,}")
agrees("amount of INC-3", f["facts.amounts"]["text"], money(amount, "EUR"))

f = facts("content-marking/copy-writer")
n, marked = one("SELECT count(*), sum(EXISTS (SELECT 1 FROM event d WHERE"
    " d.action_id = e.action_id AND d.event_type = 'disclosure')) FROM event e"
    f" WHERE agent_id = 'copy-writer' AND {RAN} AND action LIKE 'content.%' AND"
    f" {PERIOD}")
agrees("content marked", f["marking.marked"]["text"], percent(marked, n) + ")")

f = facts("soa/fictional-retail")
agrees("rows of the statement", sum(i.startswith("controls.controls.") and
    i.endswith(".control") for i in f), 38)

runs = {p.split("/")[-1] for p in glob.glob(f"{docs}/run-history/*.json")}
f = facts("run-history/i3-01")
agrees("rows of a run", sum(i.startswith("steps.steps.") and i.endswith(".seq")
    for i in f), one("SELECT count(*) FROM event WHERE run_id = 'i3-01'")[0])
agrees("runs with a document", len(runs), 100)
