#!/usr/bin/env python3
"""The verification that docs/format/audit-store.md publishes, in python3."""
import hashlib
import json
import sqlite3
import sys

db = sqlite3.connect('file:%s?mode=ro' % sys.argv[1], uri=True)
db.row_factory = sqlite3.Row
origin = db.execute('SELECT origin FROM store').fetchone()[0]
want = hashlib.sha256(b'exhibit-audit-store/1\n' + origin.encode() + b'\n').hexdigest()
n = 0
for row in db.execute('SELECT * FROM event ORDER BY seq'):
    row = dict(row)
    if row['prev_hash'] != want or row['seq'] != n:
        sys.exit('event %d: the chain is broken' % n)
    want = hashlib.sha256(b'\0' + json.dumps(
        {k: v for k, v in row.items() if v is not None}, sort_keys=True,
        separators=(',', ':'), ensure_ascii=False).encode()).hexdigest()
    n += 1
print(n, 'rows, head', want)
