# A reply checked with hashlib alone: record, leaf, inclusion, root, contents.
import base64, glob, hashlib, json, os, sys
sha = lambda b: hashlib.sha256(b).digest()

def root(leaf, index, size, path):  # RFC 9162 section 2.1.3.2
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn > 0
        if fn & 1 or fn == sn:
            r = sha(b'\1' + p + r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha(b'\1' + r + p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r

for record in sorted(glob.glob(sys.argv[1] + '/records/*/*.json')):
    b = open(record, 'rb').read()
    proof = open(record.replace('/records/', '/proofs/')[:-5] + '.tlog-proof').read()
    head, note = proof.split('\n\n', 1)
    kind, index, *path = head.split('\n')
    origin, size, want = note.split('\n')[:3]
    got = root(sha(b'\0' + b), int(index.split()[1]), int(size), [base64.b64decode(p) for p in path])
    assert kind == 'c2sp.org/tlog-proof@v1' and got == base64.b64decode(want), record
    for salt in glob.glob(record.replace('/records/', '/disclosed/')[:-5] + '.*.salt'):
        content = open(salt[:-5] + '.content', 'rb').read()
        assert sha(open(salt, 'rb').read() + content).hex() == json.loads(b)[salt.split('.')[-2]], salt
    print('holds', os.path.relpath(record, sys.argv[1]))
