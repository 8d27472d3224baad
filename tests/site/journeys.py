#!/usr/bin/env python3
"""The journeys of the site over the links of a built pack: how many clicks
lie between a question and its answer, and whether every step of the trace
leads back.  No browser: pages are in the one form that our writer gives them.

usage: journeys.py PACK

Prints PASS and FAIL lines; the status is 1 if one failed.
"""
import glob
import json
import os
import re
import sys
from posixpath import dirname, join, normpath

PACK = sys.argv[1]
SITE = 'data/site/'
HREF = re.compile(r'<a\b[^>]* href="([^"]*)"')
SKIP = re.compile(r'<header class="top">.*?</header>', re.S)
SECTION = re.compile(r'<section id="([^"]*)">|</section>')
failed = 0


def judge(name, faults, seen):
    """seen: how many things were looked at; none is a fault."""
    global failed
    if seen == 0:
        faults = ['there was nothing to look at']
    print('%s site %s (%d)' % ('FAIL' if faults else 'PASS', name, seen))
    for fault in faults[:8]:
        print('    ' + fault)
    failed |= bool(faults)


class Page:
    def __init__(self, path):
        with open(join(PACK, path), encoding='utf-8') as f:
            self.text = f.read()
        self.path = path
        self.ids = set(re.findall(r' id="([^"]*)"', self.text))
        self.menu = self.targets(''.join(SKIP.findall(self.text)))
        self.body = SKIP.sub('', self.text)
        self.links = self.targets(self.body)

    def targets(self, text):
        """(path, anchor) of each link inside the pack."""
        out = set()
        for href in HREF.findall(text):
            if ':' in href.split('/')[0]:
                continue
            path, _, anchor = href.partition('#')
            path = normpath(join(dirname(self.path), path)) if path else self.path
            out.add((path, anchor))
        return out

    def section(self, name):
        """Links of the section with that id, on further pages too; None: no such section."""
        found, n = self.own_section(name), 2
        while found is not None and further(self.path, n) in pages:
            found = found | (pages[further(self.path, n)].own_section(name) or set())
            n += 1
        return found

    def own_section(self, name):
        start = self.body.find('<section id="%s">' % name)
        depth = 0
        for m in SECTION.finditer(self.body, max(start, 0)):
            depth += 1 if m.group(1) is not None else -1
            if start >= 0 and depth == 0:
                return {p for p, _ in self.targets(self.body[start:m.end()])}
        return None

    def all_links(self):
        """The pages that it and its further pages link to."""
        found, n = {p for p, _ in self.links}, 2
        while further(self.path, n) in pages:
            found |= {p for p, _ in pages[further(self.path, n)].links}
            n += 1
        return found

    def to(self, prefix):
        return {p for p, _ in self.links if p.startswith(prefix) and not p.endswith('/index.html')}


def further(path, n):
    return '%s-p%d.html' % (path[:-len('.html')], n)


pages = {}
for root, _, files in os.walk(join(PACK, 'data')):
    for name in files:
        if name.endswith('.html'):
            path = os.path.relpath(join(root, name), PACK)
            pages[path] = Page(path)


def of(*kinds):
    return [pages[p] for p in sorted(pages) if p.startswith(tuple(SITE + k + '/' for k in kinds)) and
            not p.endswith('/index.html') and not re.search(r'-p\d+\.html$', p)]


def exists(path):
    return os.path.exists(join(PACK, path))


requirements = [p for p in of('frameworks')]
controls, tests, records, gaps = of('controls'), of('tests'), of('records'), of('gaps')
gaps = [g for g in gaps if not os.path.basename(g.path).startswith('by-')]
docs = [pages[p] for p in sorted(pages) if p.startswith('data/docs/') and not re.search(r'-p\d+\.html$', p)]
front = pages[SITE + 'index.html']
with open(join(PACK, 'data/controls/check.json'), encoding='utf-8') as f:
    check = json.load(f)


def reach(page, want, clicks):
    """The shortest way from a page to one that is wanted, menu and all."""
    seen, now = {page.path}, [page]
    for n in range(1, clicks + 1):
        after = []
        for p in now:
            for path, _ in p.links | p.menu:
                if want(path):
                    return n
                if path in pages and path not in seen:
                    seen.add(path)
                    after.append(pages[path])
        now = after
    return None


# J1, J2: from the front page to the bytes and the proof behind a requirement.
art = SITE + 'frameworks/eu-ai-act/aia-14.4.e.html'
way, faults = [SITE + 'frameworks/eu-ai-act/index.html', art], []
at = front
for step in way:
    if step not in {p for p, _ in at.links}:
        faults.append('%s does not link to %s' % (at.path, step))
    at = pages[step]
near = at.section('sample') or set()
near = {p for p in near if p.startswith(SITE + 'records/')}
through = [pages[t] for t in (at.section('tests') or set()) if t.startswith(SITE + 'tests/')]
far = {r for t in through for r in (t.section('sample') or set()) if r.startswith(SITE + 'records/')}
for r in near | far:
    for part in ('bytes', 'proof', 'used-by'):
        if part not in pages[r].ids:
            faults.append('%s has no #%s' % (r, part))
if not far:
    faults.append('no test of %s leads to a record' % art)
judge('J1 front page, AI Act, 14(4)(e), test, record with proof in 4 clicks', faults, len(far))
judge('J2 the first sample rows stand on the requirement page', [] if near else ['%s links to no record' % art], len(near))

# J3, and no record without a statement.
faults = []
for r in records:
    used = r.section('used-by')
    # What a measure alone names has an agent or the log as its statement.
    if 'c-measured-table' in r.ids and 'c-used-by-table' not in r.ids:
        if not any(p.startswith((SITE + 'agents/', SITE + 'log/')) for p in used):
            faults.append('%s: nothing shows its measure' % r.path)
        continue
    for kind in ('tests', 'controls', 'frameworks'):
        if not any(p.startswith(SITE + kind + '/') for p in used or ()):
            faults.append('%s: #used-by has no link to %s' % (r.path, kind))
judge('J3 each record lists the tests, controls and requirements, or measures, that rest on it', faults, len(records))

# J4 to J6.
log, faults = pages[SITE + 'log/index.html'], []
if (log.path, '') not in front.links:
    faults.append('the front page does not link to it')
for part in ('c-streams', 'undeclared-agents', 'outages-declared'):
    if part not in log.ids:
        faults.append('it has no #' + part)
judge('J4 is the population whole: 1 click', faults, 1)
judge('J5 the page that checks the pack: 1 click', [] if (SITE + 'verify.html', '') in front.links else ['no link'], 1)
faults, named = [], 0
for r in records:
    policies = [p for p in r.to(SITE + 'policies/')]
    named += bool(policies)
    if not policies and 'none: the event names no policy' not in r.body and 'none in force' not in r.body:
        faults.append('%s: neither a policy nor why there is none' % r.path)
    faults += ['%s: no approvals on %s' % (r.path, p) for p in policies if 'approvals' not in pages[p].ids]
judge('J6 a record leads to the policy version in force, with its approvals', faults, named)

# J7: each claim of a document leads to its test, and that to the rows.
faults, claims = [], 0
for d in docs:
    for t in {p for p in d.section('claims') or () if p.startswith(SITE + 'tests/')}:
        claims += 1
        if not {'exceptions', 'sample', 'population'} <= pages[t].ids:
            faults.append('%s: %s shows no rows' % (d.path, t))
        if d.path not in (pages[t].section('claims') or ()):
            faults.append('%s: %s does not lead back' % (d.path, t))
judge('J7 a sentence of a document, its test, the rows; and back', faults, claims)

judge('J8 what got worse: 1 click', [] if reach(front, lambda p: p == SITE + 'changes.html', 1) else ['no link'], 1)
faults = [p for p in ('gaps/by-owner.html', 'waivers.html') if not reach(front, lambda q: q == SITE + p, 2)]
judge('J9 gaps of one owner, waivers: 2 clicks', faults, 2)
index = {p for p, _ in pages[SITE + 'documents/index.html'].links}
faults = [d.path for d in docs if d.path not in index]
if (SITE + 'documents/index.html', '') not in front.menu:
    faults.append('the menu has no documents')
judge('J10 any document: 2 clicks', faults, len(docs))

# J11: the place to fix, in its excerpt.
faults = []
rows = pages[SITE + 'gaps/index.html']
for g in gaps:
    if (g.path, '') not in rows.links:
        faults.append('the list has no row for ' + g.path)
    marks = [(p, a) for p, a in g.links if p.startswith(SITE + 'sources/')]
    good = [1 for p, a in marks if a in pages[p].ids]
    if not good and '(missing)' not in g.body:
        faults.append('%s: no excerpt of the place to fix' % g.path)
judge('J11 a gap leads to file and line', faults, len(gaps))

# The search scans lists: entries of [path, title, headings, ids, fields].
listed = set()
for f in glob.glob(os.path.join(PACK, SITE, 'search', 'pages-*.js')):
    text = open(f, encoding='utf-8').read()
    listed.update(e[0] for e in json.loads(text[text.index(',') + 1:text.rindex(')')]))
faults, az = [], pages[SITE + 'az/g.html']
for gap in check['gaps']:
    path = '%sgaps/%s.html' % (SITE, gap['id'].lower())
    if path not in pages:
        faults.append(path + ' is not there')
    elif path[len(SITE):] not in listed:
        faults.append('the search does not list ' + path)
    elif (path, '') not in az.links:
        faults.append('the A to Z does not list ' + path)
judge('J12 a gap id is an address, and is found', faults, len(check['gaps']))

parts = ['gaps', 'frameworks', 'claims', 'log', 'changes', 'limits', 'check']
judge('J13 the front page says it all', ['no #' + p for p in parts if p not in front.ids], len(parts))

faults = []
for p in pages.values():
    for word in ('index', 'search', 'verify', 'help'):
        if (SITE + word + '.html', '') not in p.menu:
            faults.append('%s: no %s' % (p.path, word))
judge('J14 front page, search, verify and help from any page', faults, len(pages))

unlocks = check.get('unlocks', [])
listed = front.section('unlocks') or set()
faults = []
if unlocks and not any(p.startswith(SITE + 'tests/') for p in listed):
    faults.append('check names what unlocks tests, the front page does not')
judge('J15 what makes most tests testable: 1 click', faults, 1)

# The trace: each edge forwards has its edge backwards.
faults, edges = [], 0


def back(a, b, where=None):
    global edges
    edges += 1
    way = b.section(where) if where else b.all_links()
    if a.path not in (way or ()):
        faults.append('%s leads to %s, which does not lead back' % (a.path, b.path))


for r in requirements:
    for c in r.section('controls') or ():
        if c.startswith(SITE + 'controls/'):
            back(r, pages[c], 'requirements')
for c in controls:
    for r in c.section('requirements') or ():
        if r.startswith(SITE + 'frameworks/'):
            back(c, pages[r], 'controls')
    for t in c.section('tests') or ():
        if t.startswith((SITE + 'tests/', SITE + 'evidence/')):
            back(c, pages[t])
    for g in c.to(SITE + 'gaps/'):
        back(c, pages[g])
for t in tests:
    for part in ('exceptions', 'sample'):
        for r in t.section(part) or ():
            if r.startswith(SITE + 'records/'):
                back(t, pages[r], 'used-by')
for r in records:
    for t in r.section('used-by') or ():
        if t.startswith(SITE + 'tests/'):
            back(r, pages[t])
    for kind in ('data/records/', 'data/proofs/'):
        if not any(p.startswith(kind) and exists(p) for p, _ in r.links):
            faults.append('%s: no file in %s' % (r.path, kind))
for g in gaps:
    for c in g.to(SITE + 'controls/'):
        back(g, pages[c])
judge('each step of the trace leads back', faults, edges)

faults = [p.path for p in requirements + controls + tests + records + gaps + of('evidence')
          if '<nav class="trace" aria-label="Trace">' not in p.text or 'aria-current="step"' not in p.text]
judge('the strip stands on each page of the trace', faults, len(requirements + controls + tests + records + gaps))

faults = []
for p in pages.values():
    for path, anchor in p.links | p.menu:
        if path in pages and anchor and anchor not in pages[path].ids:
            faults.append('%s: %s#%s' % (p.path, path, anchor))
        elif path not in pages and not exists(path):
            faults.append('%s: %s' % (p.path, path))
judge('each link has its page and its anchor', faults, len(pages))
sys.exit(failed)
