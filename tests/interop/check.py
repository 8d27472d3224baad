"""The sample and the consistency proof of a pack, with hashlib alone."""
import base64
import hashlib
import json
import sys

pack = sys.argv[1]
H = lambda b: hashlib.sha256(b).digest()
info = json.load(open(f'{pack}/data/pack.json'))

# The k rows of smallest rank of all ranges.
ranks = []
for s in info['streams']:
    nonce = s['root'] if info['sample']['nonce'] == 'root' else info['sample']['nonce']
    for seq in range(s['previous_size'], s['size']):
        text = f"exhibit-sample/1\n{s['origin']}\n{nonce}\n{seq}\n"
        ranks.append((H(text.encode()), s['dir'], seq))
want = [{'dir': d, 'seq': q} for _, d, q in sorted(ranks)[:info['sample']['k']]]
have = json.load(open(f'{pack}/data/controls/AU-01.t1.json'))['sample']
assert have == want, 'the sample is not the rows of smallest rank'

# RFC 9162 section 2.1.4.2.
for s in info['streams']:
    log = f"{pack}/data/log/{s['dir']}"
    note = lambda f: open(f'{log}/{f}').read().split('\n')
    head, _ = open(f'{log}/consistency').read().split('\n\n', 1)
    old, *path = head.split('\n')
    m, n = int(old[4:]), int(note('checkpoint')[1])
    assert m == int(note('checkpoint.prev')[1])
    r1, r2 = (base64.b64decode(note(f)[2]) for f in ('checkpoint.prev', 'checkpoint'))
    path = [base64.b64decode(p) for p in path]
    if m & (m - 1) == 0:
        path.insert(0, r1)
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        assert sn != 0
        if fn & 1 or fn == sn:
            fr, sr = H(b'\1' + c + fr), H(b'\1' + c + sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = H(b'\1' + sr + c)
        fn, sn = fn >> 1, sn >> 1
    assert (fr, sr, sn) == (r1, r2, 0), 'not consistent'
    assert n == s['size'] and r2.hex() == s['root']
print('agrees')
