#!/usr/bin/env python3
"""Makes the small logs of this case as their own tools would write them, good and spoilt.
json, hashlib, hmac and sqlite3 alone: nothing of Exhibit."""
import hashlib, hmac, json, os, sqlite3

KEY = b'test-key'
here = os.path.dirname(os.path.abspath(__file__))
def put(name, text):
    with open(os.path.join(here, name), 'w', encoding='utf-8', newline='') as f:
        f.write(text)
sha = lambda s: hashlib.sha256(s.encode() if isinstance(s, str) else s).hexdigest()
py = lambda o: json.dumps(o, sort_keys=True)

def entries():
    base = [('tool_invocation', 'invoke_tool', 'success', 'allow', None, {'tool_name': 'refund', 'amount': 10.5, 'currency': 'EUR', 'note': 'Zo\u00eb \U0001f602 \x7f "q"'}),
            ('policy_evaluation', 'refund', 'allow', 'allow', 'limit-50', {'rule': 'r1'}),
            ('approval_decision', 'approve', 'success', None, None, {'approver': 'finance.one', 'reason': 'checked'}),
            ('approval_decision', 'approve', 'approved', None, None, {'approver': 'finance.two'}),
            ('policy_violation', 'invoke_tool', 'denied', 'deny', None, {'tool_name': 'delete', 'big': 1e16, 'nested': {'b': [1, 2.0, None, True], 'a': {}}}),
            ('audit_integrity', 'check', 'odd', 'maybe', None, {})]
    for i, (t, action, outcome, decision, rule, data) in enumerate(base):
        yield {'entry_id': 'audit_%d' % i, 'timestamp': '2026-07-01 10:00:0%d.123456+02:00' % i, 'event_type': t,
               'agent_did': 'did:mesh:bot-%d' % (i % 2), 'action': action, 'outcome': outcome, 'policy_decision': decision,
               'matched_rule': rule, 'data': data, 'resource': None if i == 5 else 'res:%d' % i, 'trace_id': 't%d' % i,
               'session_id': None, 'target_did': None, 'sandbox_id': None, 'environment': 'prod' if i == 1 else None,
               'compute_driver': None}

def signed(start=''):
    prev, out = start, []
    for e in entries():
        e['previous_hash'] = prev
        body = {k: e[k] for k in ('action agent_did data entry_id event_type matched_rule outcome policy_decision '
                                  'previous_hash resource session_id target_did timestamp trace_id').split()}
        e['content_hash'] = prev = sha(py(body))
        e['signature'] = hmac.new(KEY, prev.encode(), hashlib.sha256).hexdigest()
        out.append(py(e))
    return out

def export_entries():
    prev, out = '', []
    for e in entries():
        e['previous_hash'] = prev
        iso = e['timestamp'].replace(' ', 'T')
        body = {k: e[k] for k in 'action agent_did data entry_id event_type outcome previous_hash resource'.split()}
        body['timestamp'] = iso
        e['entry_hash'] = prev = sha(py(body))
        e.update(approver_did='did:mesh:boss' if e['event_type'] == 'approval_decision' else None, policy_version='3',
                 arguments_hash=sha('args'), issued_at='2026-07-01T10:00:00Z', completed_at='2026-07-01T10:00:00.250Z')
        out.append(e)
    return out

def root(leaves):
    n = 1
    while n < len(leaves):
        n *= 2
    level = leaves + ['0' * 64] * (n - len(leaves))
    while len(level) > 1:
        level = ['0' * 64 if a == b == '0' * 64 else sha(a + b) for a, b in zip(level[::2], level[1::2])]
    return level[0]

def export(es, count=None):
    return json.dumps({'exported_at': '2026-07-02T00:00:00+00:00', 'merkle_root': root([e['entry_hash'] for e in export_entries()]),
                       'entry_count': count or len(es), 'entries': es}, indent=1) + '\n'

s = signed()
put('signed.jsonl', '\n'.join(s) + '\n')
put('signed-tampered.jsonl', '\n'.join(s).replace('finance.one', 'finance.six') + '\n')
put('signed-deleted.jsonl', '\n'.join(s[:2] + s[3:]) + '\n')
put('signed-cut-head.jsonl', '\n'.join(s[2:]) + '\n')
put('signed-cut-line.jsonl', '\n'.join(s)[:-40])
put('signed-bad-mac.jsonl', '\n'.join(s[:5] + [s[5].replace('"signature": "', '"signature": "0')[:-3] + '"}' if False else
    json.dumps({**json.loads(s[5]), 'signature': '0' * 64}, sort_keys=True)]) + '\n')
put('signed-environment.jsonl', '\n'.join(s).replace('"environment": "prod"', '"environment": "dev"') + '\n')
e = export_entries()
put('export.json', export(e))
put('export-compact.json', json.dumps(json.loads(export(e)), separators=(',', ':')))
put('export-capped.json', export(e, 9))
put('export-slice.json', export(e[2:], 6))
put('export-root.json', export(e).replace('"merkle_root": "', '"merkle_root": "0', 1).replace('",\n "entry_count"', '', 1).replace(
    '"merkle_root": "0' + root([x['entry_hash'] for x in e]), '"merkle_root": "' + '0' * 64 + '",\n "entry_count"'))
put('export-approver.json', export([{**x, 'approver_did': 'did:mesh:nobody'} for x in e]))
put('stdout.jsonl', ''.join(json.dumps({k: v for k, v in x.items() if v is not None}, ensure_ascii=False) + '\n' for x in e))

def js(cli):
    prev, out = '0' * 64, []
    for i, (agent, action, decision) in enumerate([('bot:s1', 'tool.pay', 'allow'), ('bot:s1', 'bash:rm -rf "/" \u2028 \u00e9', 'deny'),
                                                   ('bot', 'tool.pay.output', 'review')]):
        r = {'timestamp': '2026-07-01T10:00:0%d.000Z' % i, 'agentId': agent, 'action': action, 'decision': decision}
        body = dict(r, previousHash=prev)
        if not cli and i == 1:
            body['skillAuditMetadata'] = {'z': 1, 'a': ['x', None]}
        h = sha(json.dumps(body, separators=(',', ':'), ensure_ascii=False))
        if cli:
            r.update(previousHash=prev, hash=h)
        else:
            r.update(hash=h, previousHash=prev)
            if i == 1:
                r['skillAuditMetadata'] = body['skillAuditMetadata']
        prev = h
        out.append(r)
    return out
put('cli.json', json.dumps(js(1), indent=2, ensure_ascii=False))
put('cli-tampered.json', json.dumps(js(1), indent=2, ensure_ascii=False).replace('"deny"', '"allow"'))
put('cli-cut-head.json', json.dumps(js(1)[1:], indent=2, ensure_ascii=False))
put('cli-cut.json', json.dumps(js(1), indent=2, ensure_ascii=False)[:-30])
put('ts.json', json.dumps(js(0)))
put('os.jsonl', ''.join(json.dumps(x) + '\n' for x in [
    {'timestamp': '2026-07-01T10:00:00Z', 'event_type': 'policy_check', 'agent_id': 'bot', 'action': 'pay', 'decision': 'ALLOW', 'latency_ms': 1.25, 'reason': '', 'metadata': {'k': 'v'}},
    {'timestamp': '2026-07-01T10:00:01', 'event_type': 'policy_check', 'agent_id': 'bot', 'action': 'pay', 'decision': 'BLOCKED', 'latency_ms': 2}]))
put('trail.json', json.dumps([
    {'agent_id': 'bot', 'tool': 'pay', 'call_count': 1, 'event_type': 'ALLOWED', 'decision': 'allowed', 'timestamp': '2026-03-01T10:59:34.901929'},
    {'agent_id': 'bot', 'event_type': 'TRANSACTION', 'tool': 'pay', 'role': 'clerk', 'amount': 500.0, 'recipient': 'Vendor', 'decision': 'pending_approval', 'timestamp': '2026-03-01T10:59:35'},
    {'agent_id': 'bot', 'checkpoint': 'cp-1', 'call_count': 2, 'event_type': 'CHECKPOINT', 'timestamp': '2026-03-01T10:59:36'}], indent=2))
put('lookalike.json', json.dumps([{'agentId': 'bot', 'decision': 'allow', 'when': 1}]))
put('not-json.jsonl', s[0] + '\n' + s[1].replace('"data": {', '"data": {"x": NaN, ') + '\n' + s[2].replace('"outcome"', '"action"') + '\n')
put('empty.jsonl', '')

def flight(name, spoil=()):
    path = os.path.join(here, name)
    sql = ['CREATE TABLE audit_log (id INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT UNIQUE NOT NULL, timestamp TEXT NOT NULL, '
           'agent_id TEXT NOT NULL, tool_name TEXT NOT NULL, tool_args TEXT, input_prompt TEXT, policy_verdict TEXT NOT NULL, '
           'violation_reason TEXT, result TEXT, execution_time_ms REAL, metadata TEXT, entry_hash TEXT, previous_hash TEXT, content_hash TEXT);']
    q = lambda v: 'NULL' if v is None else "'" + v.replace("'", "''") + "'" if isinstance(v, str) else repr(v)
    prev = None
    rows = [('allowed', None, '{"ok": true}', 152.0, 152), ('blocked', 'not allowed', None, None, None), ('error', 'timeout', None, 1e-05, 1e-05),
            ('shadow', None, 'r', 1e+16, 1e+16), ('pending', None, None, None, None), ('allowed', None, 'r', 0.1 + 0.2, 0.1 + 0.2)]
    for i, (verdict, why, result, ms, spelled) in enumerate(rows):
        t = ('trace-%d' % i, '2026-07-01T10:00:0%d+00:00' % i, 'did:mesh:bot', 'pay', None if i == 1 else '{"id": %d}' % i)
        h = sha('%s:%s:%s:%s:%s:%s:pending' % ((prev or 'genesis',) + t[:4] + (t[4] or 'None',)))
        c = None if i == 4 else sha(':'.join(str(x) for x in t + (verdict, why, result, spelled)))
        sql.append('INSERT INTO audit_log VALUES (%s);' % ', '.join(q(x) for x in (i + 1,) + t + ('ticket', verdict, why, result, ms, '{"m": 1}' if i == 0 else None, h, prev, c)))
        prev = h
    put(name, '\n'.join(sql + list(spoil)) + '\n')
flight('flight.sql')
flight('flight-verdict.sql', ["UPDATE audit_log SET policy_verdict = 'allowed' WHERE id = 2;"])
flight('flight-agent.sql', ["UPDATE audit_log SET agent_id = 'did:mesh:other' WHERE id = 3;"])
flight('flight-deleted.sql', ['DELETE FROM audit_log WHERE id = 6;'])
flight('flight-prompt.sql', ["UPDATE audit_log SET input_prompt = 'other' WHERE id = 1;"])
