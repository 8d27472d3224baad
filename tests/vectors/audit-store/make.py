#!/usr/bin/env python3
"""Makes the vectors of docs/format/audit-store.md, with json and hashlib alone.

    records     one record a line: the exact bytes that are hashed
    leaves      their leaf hashes
    roots       "size root" of the tree over the first leaves
    genesis     the prev_hash of event 0

Without arguments: writes the files.  With "check": computes everything again
from the rows in the files and compares.
"""
import hashlib, json, os, sys

ORIGIN = 'acme.example/main/vectors'
here = os.path.dirname(os.path.abspath(__file__))

def record(row):
    return json.dumps({k: v for k, v in row.items() if v is not None},
                      sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()

def leaf(rec):
    return hashlib.sha256(b'\0' + rec).hexdigest()

def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()

def root(leaves):
    """RFC 6962 section 2.1, as it is written there."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256(b'').digest()
    if n == 1:
        return leaves[0]
    k = 1
    while k * 2 < n:
        k *= 2
    return node(root(leaves[:k]), root(leaves[k:]))

genesis = hashlib.sha256(b'exhibit-audit-store/1\n' + ORIGIN.encode() + b'\n').hexdigest()

TEXTS = ['plain', '', '"quoted" and \\ back', 'line\nfeed\ttab\rreturn\b\f', '\x01\x1f\x7f\x80',
         'é ü ß Ø', '\u20ac \ufb33 \u2028 \u2029', '\U0001f602 astral', '</script><b>&amp;', "'); DROP TABLE event; --",
         '\u202eright to left', 'e\u0301 not normalised', '/slash/', '  blanks  ', '{"json": "inside"}']

def rows():
    prev = genesis
    for i, text in enumerate(TEXTS):
        row = {'agent_id': 'agent-%d' % (i % 3), 'event_id': 'v/%d' % i, 'event_type': 'decision',
               'occurred_us': 1751328000000000 + i, 'recorded_us': 1751328000000100 + i,
               'source_format': 'native', 'source_grade': 'none', 'stream': 'vectors', 'seq': i,
               'prev_hash': prev, 'reason': text, 'verdict': 'allow' if i % 2 else None}
        if i == 3:
            row['amount_minor'] = 2 ** 53 - 1
        if i == 4:
            row['amount_minor'] = -(2 ** 53 - 1)
        if i == 5:
            row['amount_minor'] = 0
        if i == 6:
            row.update({'action': 'refund.create', 'tool': 'pay', 'user_role': 'buyer', 'ext': '{"a":1,"b":[true,null]}'})
        prev = leaf(record(row))
        yield row

def outputs(recs):
    leaves = [leaf(r) for r in recs]
    raw = [bytes.fromhex(x) for x in leaves]
    return {'records': b''.join(r + b'\n' for r in recs),
            'leaves': ''.join(x + '\n' for x in leaves).encode(),
            'roots': ''.join('%d %s\n' % (n, root(raw[:n]).hex()) for n in range(len(raw) + 1)).encode(),
            'genesis': (ORIGIN + ' ' + genesis + '\n').encode()}

if sys.argv[1:] == ['check']:
    recs = open(os.path.join(here, 'records'), 'rb').read().split(b'\n')[:-1]
    prev, bad = genesis, 0
    for i, r in enumerate(recs):
        row = json.loads(r)
        bad += record(row) != r or row['seq'] != i or row['prev_hash'] != prev
        prev = leaf(r)
    for name, want in outputs(recs).items():
        bad += open(os.path.join(here, name), 'rb').read() != want
    sys.exit(1 if bad or not recs else 0)
for name, data in outputs([record(r) for r in rows()]).items():
    with open(os.path.join(here, name), 'wb') as f:
        f.write(data)
