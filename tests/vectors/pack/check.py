"""A verifier of a pack's arithmetic from docs/format/pack.md alone, with
hashlib: layout, manifest, tag files, records, proofs, checkpoint figures and
sample.  Says what is wrong, or "agrees"."""
import base64
import hashlib
import json
import os
import re
import sys
from datetime import datetime, timezone

pack = sys.argv[1]
H = lambda b: hashlib.sha256(b).digest()
read = lambda p: open(os.path.join(pack, p), 'rb').read()
files = {os.path.relpath(os.path.join(d, f), pack)
         for d, _, names in os.walk(pack) for f in names}

manifest = {}
for line in read('manifest-sha256.txt').decode().splitlines():
    digest, path = re.fullmatch(r'([0-9a-f]{64})  (data/[A-Za-z0-9._/-]+)', line).groups()
    manifest[path] = digest
assert list(manifest) == sorted(manifest), 'not sorted'
assert {f for f in files if f.startswith('data/')} == set(manifest), 'missing or extra'
for path, digest in manifest.items():
    assert H(read(path)).hex() == digest, path
rest = {f for f in files - set(manifest) if not re.fullmatch(r'sig/(preparer|approver)(-\d+)?\.(sigstore\.json|sshsig)', f)}
assert rest == {'README.txt', 'bagit.txt', 'bag-info.txt', 'manifest-sha256.txt'}, rest

info = json.loads(read('data/pack.json'))
canon = json.dumps(info, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode() + b'\n'
assert canon == read('data/pack.json'), 'pack.json is not canonical'
assert read('README.txt') == read('data/README.txt')
oxum = f"{sum(len(read(p)) for p in manifest)}.{len(manifest)}"
day = datetime.fromtimestamp(info['as_of_us'] // 10**6, timezone.utc).date()
assert read('bag-info.txt').decode() == (
    f"Source-Organization: {info['organisation']}\n"
    f"External-Identifier: {info['organisation']} {info['period']['name']}\n"
    f"Bagging-Date: {day}\nPayload-Oxum: {oxum}\n")
assert read('bagit.txt') == b'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'


def root_of(leaf, index, size, path):
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn
        if fn & 1 or fn == sn:
            r = H(b'\1' + p + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = H(b'\1' + r + p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


ranks, records = [], 0
for s in info['streams']:
    note = read(f"data/log/{s['dir']}/checkpoint").decode()
    origin, size, root = note.split('\n')[:3]
    assert (origin, int(size), base64.b64decode(root).hex()) == (s['origin'], s['size'], s['root'])
    assert s['in_period'] + s['before'] + s['after'] == s['size'] - s['previous_size']
    last = {}
    for path in manifest:
        m = re.fullmatch(rf"data/records/{s['dir']}/(\d+)\.json", path)
        if not m:
            continue
        seq, record = int(m[1]), read(path)
        event = json.loads(record)
        assert json.dumps(event, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode() == record
        assert event['seq'] == seq and event['stream'] == s['stream']
        head, tail = read(f"data/proofs/{s['dir']}/{seq}.tlog-proof").decode().split('\n\n', 1)
        lines = head.split('\n')
        assert lines[:2] == ['c2sp.org/tlog-proof@v1', f'index {seq}'] and tail == note
        leaf = H(b'\0' + record)
        assert root_of(leaf, seq, s['size'], [base64.b64decode(h) for h in lines[2:]]).hex() == s['root']
        last[seq] = (leaf.hex(), event['prev_hash'])
        records += 1
    for seq, (leaf, prev) in last.items():
        if seq == 0:
            assert prev == H(f"exhibit-audit-store/1\n{origin}\n".encode()).hex()
        elif seq - 1 in last:
            assert prev == last[seq - 1][0]
    nonce = s['root'] if info['sample']['nonce'] == 'root' else info['sample']['nonce']
    ranks += [(H(f"exhibit-sample/1\n{origin}\n{nonce}\n{q}\n".encode()), s['dir'], q)
              for q in range(s['previous_size'], s['size'])]
assert records == info['records']['included']
control = json.loads(read('data/controls/AU-01.t1.json'))
assert control['sample'] == [{'dir': d, 'seq': q} for _, d, q in sorted(ranks)[:info['sample']['k']]]
assert sum(info['summary']['verdicts'].values()) == info['summary']['controls']
print('agrees')
