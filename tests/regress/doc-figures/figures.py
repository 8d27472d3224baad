"""Each line: a fact of a document and the same figure from plain SQL."""
import json
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
Q3 = "occurred_us >= 1782864000000000 AND occurred_us < 1790812800000000"
AUG = "occurred_us >= 1785542400000000 AND occurred_us < 1788220800000000"
RAN = ("event_type = 'action' AND outcome <> 'blocked' AND shadow = 0 "
       "AND environment = 'prod'")
BOT = "agent_id = 'refund-bot'"


def rows(kind, name, table):
    doc = json.load(open(f"{sys.argv[2]}/{kind}/{name}.json"))
    found = []

    def walk(blocks):
        for b in blocks:
            walk(b.get("blocks", []))
            if b["type"] == "table" and b["id"] == table:
                found.extend(dict(zip(b["columns"],
                             [c["text"] for c in r])) for r in b["rows"])
    walk(doc["sections"])
    assert found, (kind, name, table)
    return found


def count(where, what="count(*)"):
    return db.execute(f"SELECT {what} FROM event e WHERE {where}").fetchone()[0]


def row(table, **keys):
    for r in table:
        if all(r[k] == v for k, v in keys.items()):
            return r
    raise SystemExit(f"no row {keys}")


def same(says, have, want):
    print(says, "agrees" if have == want else f"have {have} want {want}",
          "(not zero)" if want not in (0, "0") else "")


month = row(rows("governance-review", "2026-08", "numbers-months"),
            Month="2026-08")
same("runs of August", month["Runs"],
     str(count(f"event_type = 'run_started' AND {AUG}")))
same("complaints of August", month["Complaints"],
     str(count(f"event_type = 'complaint' AND {AUG}")))

advice = row(rows("decision-matrix", "refund-bot", "advice-advice"),
             Action="refund.create")
decided = f"event_type = 'approval_decided' AND {BOT} AND {Q3}"
same("not approved as asked", advice["Not approved as asked"].split(" (")[0],
     f"{count(decided + ' AND approval_decision <> ' + repr('approved'))} of "
     f"{count(decided)}")
auto = f"{RAN} AND tier = 'auto' AND {BOT} AND {Q3}"
same("complaints of what ran alone",
     advice["Complaints of what ran alone"].split(" (")[0],
     f"{count(auto + ' AND EXISTS (SELECT 1 FROM event d WHERE d.ref_id = e.action_id AND d.event_type = ' + repr('complaint') + ')')}"
     f" of {count(auto)}")

replay = row(rows("policy-history", "refund-policy", "in_the_log-replay"), **{
    "Version that decided": "7", "Tier it got": "auto",
    "Tier by today's rules": "approve"})
same("decisions that today's rules would ask about", replay["Decisions"],
     str(count(f"""event_type = 'decision' AND shadow = 0 AND {Q3}
         AND policy_id = 'refund-policy' AND tier = 'auto'
         AND policy_version IN ('7', 'refunds-2026.07')
         AND (currency = 'EUR' AND amount_minor > 4000
         OR currency = 'DKK' AND amount_minor > 29800)""")))

shadow = row(rows("shadow-report", "refund-bot--1.2.0", "agreement-tiers"),
             **{"The version said": "auto"})
same("decisions in shadow that a person upheld", shadow["The reviewer: auto"],
     str(count(f"""event_type = 'decision' AND shadow = 1 AND {BOT}
         AND agent_version = '1.2.0' AND tier = 'auto' AND EXISTS (SELECT 1
         FROM event r WHERE r.ref_id = e.action_id AND r.event_type = 'review'
         AND r.outcome = 'upheld')""")))

grant = row(rows("access-review", "refund-bot", "tools_data-grants"),
            Tool="payments", Version="1.2.0")
same("writes with a grant", grant["Writes"],
     str(count(f"{RAN} AND {BOT} AND {Q3} AND tool = 'payments' "
               "AND agent_version = '1.2.0'")))

gate = row(rows("gate-record", "refund-bot--1.2.0--2026-07-14",
                "safety_gate-evals"), Suite="golden")
same("score before it went live", gate["Score before it went live"],
     str(count("event_type = 'evaluation' AND subject = 'golden' "
               f"AND {BOT} AND agent_version = '1.2.0' AND occurred_us = "
               "(SELECT max(occurred_us) FROM event WHERE event_type = "
               f"'evaluation' AND subject = 'golden' AND {BOT} AND "
               "agent_version = '1.2.0' AND occurred_us < 1784005200000000)",
               "score_ppm / 1000000.0")))

person = [r for r in rows("roles", "fictional-retail", "in_practice-persons")
          if r["Person"] == "finance.one"]
same("reviews by a person", str(sum(int(r["Reviewed"]) for r in person)),
     str(count(f"event_type = 'review' AND initiator_id = 'finance.one' AND {Q3}")))

calls = row(rows("prompt-record", "refund-decide", "in_use-calls"),
            **{"Prompt version": "4"})
same("calls with a prompt", calls["Calls"],
     str(count(f"event_type = 'model_call' AND {Q3} AND prompt_id = "
               "'refund-decide' AND prompt_version = '4'")))

state = [r for r in rows("agent-boundary", "refund-bot",
                         "failure_modes-states")]
same("decisions below the confidence", state[0]["Times seen"],
     str(count(f"event_type = 'decision' AND shadow = 0 AND {BOT} AND {Q3} "
               "AND confidence_ppm < 700000")))
