"""Packs a folder as a ZIP in the subset of docs/format/pack.md section 7,
with python's zipfile: rezip.py FOLDER FILE."""
import os
import sys
import zipfile



class Info(zipfile.ZipInfo):
    # zipfile sets bit 11 for names that are not ASCII; the subset always.
    def _encodeFilenameFlags(self):
        return self.filename.encode(), 0x800


folder, out = sys.argv[1:]
names = sorted(os.path.relpath(os.path.join(d, f), folder)
               for d, _, files in os.walk(folder) for f in files)
with zipfile.ZipFile(out, 'w') as z:
    for name in names:
        info = Info(name, (1980, 1, 1, 0, 0, 0))
        info.external_attr = 0o100644 << 16
        info.create_system = 3
        data = open(os.path.join(folder, name), 'rb').read()
        info.compress_type = zipfile.ZIP_DEFLATED if len(data) > 200 else zipfile.ZIP_STORED
        z.writestr(info, data)
