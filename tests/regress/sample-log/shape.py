"""Reads a log on standard input and says whether it has the shape promised."""
import collections
import hashlib
import json
import sys

seen, salted, last, types = set(), {}, 0, collections.Counter()
missing = 0
for line in sys.stdin:
    e = json.loads(line)
    if "payload" in e:
        p = e["payload"]
        content = bytes.fromhex(p["salt"]) + p["content"].encode()
        assert hashlib.sha256(content).hexdigest() == p["id"], p
        assert p["id"] not in salted, p
        salted[p["id"]] = p["content"]
        continue
    assert line == json.dumps(e, sort_keys=True, separators=(",", ":"),
                              ensure_ascii=False) + "\n"
    assert e["event_id"] not in seen and not seen.add(e["event_id"])
    assert e["recorded_us"] >= last, e
    last = e["recorded_us"]
    assert -5000000 <= e["recorded_us"] - e["occurred_us"] <= 300000000, e
    types[e["event_type"]] += 1
    for name in ("input_hash", "output_hash", "rationale_hash", "args_hash",
                 "approved_args_hash", "before_hash", "after_hash",
                 "approval_view_hash"):
        if name in e and e[name] not in salted:
            missing += 1
            assert name == "input_hash", e
    for name in ("identity", "agent_version", "environment"):
        assert name in e or name == "identity", e
print("%d event types, %d events, %d payloads" % (
    len(types), sum(types.values()), len(salted)))
# Twelve persons were erased: their inputs are gone, six events each name one.
print("%d hashes without payload" % missing)
