# Five messages with contents, as native lines; then what erases the second.
import hashlib, json
T = 1782864000000000
def line(f, o): f.write(json.dumps(o) + '\n')
def event(i, t, **more):
    return dict(event_id=i, event_type='message', agent_id='first-agent', occurred_us=T + t, recorded_us=T + t, **more)
with open('log.jsonl', 'w') as f:
    for i in range(5):
        text, salt = f'the content of message {i}', hashlib.sha256(b'%d' % i).digest()[:16]
        h = hashlib.sha256(salt + text.encode()).hexdigest()
        line(f, {'payload': {'id': h, 'salt': salt.hex(), 'content': text}})
        line(f, event(f'm{i}', i * 10**9, input_hash=h))
        if i == 1:
            with open('erase.jsonl', 'w') as g:
                line(g, {'payload': {'id': h, 'erased_us': T + 10**11}})
                line(g, dict(event('erasure/1', 10**11, ref_kind='erases', ref_id='m1'), event_type='erasure'))
with open('bad.jsonl', 'w') as f:
    line(f, {'payload': {'id': h, 'erased_us': 'now'}})
    line(f, {'payload': {'id': h, 'erased_us': T, 'content': ''}})
    line(f, event('m9', 10**12))
