# An auditor draws the sample again: python3 draw.py audit.db PACK NONCE
import hashlib, json, sqlite3, sys
db, pack, nonce = sqlite3.connect(sys.argv[1]), sys.argv[2], sys.argv[3]
origin, size = db.execute("SELECT origin, (SELECT count(*) FROM event) FROM store").fetchone()
rank = lambda q: hashlib.sha256(f"exhibit-sample/1\n{origin}\n{nonce}\n{q}\n".encode()).digest()
info = json.load(open(pack + "/data/pack.json"))
for test, scope, where in ("AU-01.t1", "main", "1"), ("AC-01.t1", "refund-bot", "agent_id = 'refund-bot' AND "
        "occurred_us >= %(from_us)d AND occurred_us < %(to_us)d" % info["period"]):
    mine = sorted((r[0] for r in db.execute("SELECT seq FROM event WHERE " + where)), key=rank)[:25]
    theirs = [s for s in json.load(open(f"{pack}/data/controls/{test}.json"))["results"] if s["scope"] == scope][0]
    print(test, scope, "the same" if mine == [c["seq"] for c in theirs["sample"]] else "another", len(mine))
