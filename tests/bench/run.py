#!/usr/bin/env python3
"""make bench: Exhibit against programs that people already have.

One line for each comparison: name, ours, peer, ratio.  Both sides are
measured in this run, interleaved, the best of a few; what is compared is CPU
and wall time of whole processes, and peak memory.  No figure is compared
with a figure of another run or machine.
"""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

AS_OF = '2026-10-12T00:00:00Z'


class Spent:
    def __init__(self, wall, cpu, rss):
        self.wall, self.cpu, self.rss = wall, cpu, rss


def run(argv, ok=(0,), stdin=None):
    """Runs a program to its end; wall and CPU seconds, peak KiB."""
    start = time.monotonic()
    with open(os.devnull, 'w') as null, open(stdin or os.devnull) as given:
        p = subprocess.Popen(argv, stdin=given, stdout=null, stderr=subprocess.PIPE)
        err = p.stderr.read()
        _, status, use = os.wait4(p.pid, 0)
    wall = time.monotonic() - start
    code = os.waitstatus_to_exitcode(status)
    p.returncode = code
    if code not in ok:
        sys.exit('%s: status %d\n%s' % (' '.join(argv), code, err.decode()[-2000:]))
    return Spent(wall, use.ru_utime + use.ru_stime, use.ru_maxrss)


def best(times, *runs):
    """Each of the runs in turn, `times` times; the least of each."""
    out = [[] for _ in runs]
    for _ in range(times):
        for i, one in enumerate(runs):
            out[i].append(one())
    return [Spent(min(s.wall for s in o), min(s.cpu for s in o), max(s.rss for s in o)) for o in out]


def line(name, ours, peer, unit, ratio, cpu=None, note=''):
    print('%-52s %10s %10s %8.2f %8s  %s' % (name, '%.3f %s' % (ours, unit), '%.3f %s' % (peer, unit), ratio,
          '' if cpu is None else '%.2f' % cpu, note))
    sys.stdout.flush()


def project(b, work, n):
    """The sample company with a log of n events, ingested once and signed:
    a log without a checkpoint is read twice."""
    d = os.path.join(work, 'p%d' % n)
    if os.path.exists(os.path.join(d, 'audit.db')):
        return d
    shutil.copytree('samples/company', d)
    os.mkdir(d + '/keys', 0o700)
    run([b + '/exhibit', 'key', 'new', '-q', '--role', 'log', '--plain-key', d + '/keys/log'])
    with open(d + '/exhibit.yaml', 'a') as f:
        f.write('signing: {log_key: keys/log}\n')
    log = os.path.join(work, 'log%d.jsonl' % n)
    with open(log, 'w') as f:
        subprocess.check_call([b + '/sample', '--events', str(n), '--seed', '1'], stdout=f)
    spent = run([b + '/exhibit', 'ingest', '-C', d, '-q', log])
    print('%-52s %10s' % ('ingest %d events, %d MiB' % (n, os.path.getsize(log) >> 20), '%.2f s' % spent.wall))
    os.remove(log)
    return d


def check(b, d, *more):
    return lambda: run([b + '/exhibit', 'check', '-C', d, '-q', '--period', '2026-Q3', '--as-of', AS_OF,
                        '--fail-on', 'never', *more])


def one_row(b, d):
    """The tests that look at a row alone: those that check --tests row runs."""
    out = subprocess.check_output([b + '/exhibit', 'check', '-C', d, '-q', '--period', '2026-Q3', '--as-of', AS_OF,
                                   '--fail-on', 'never', '--tests', 'row', '--format', 'json'])
    r = json.loads(out)
    left = {x['test'] for x in r['results'] if x.get('detail') == 'left out by --tests'}
    return {t['id'] for t in r['tests']} - left


def shell(d, pack, only=None):
    """The sqlite3 shell, each test's statement as a query of its own: the
    reference tables as the pack has them.  How many statements that are."""
    c = os.path.join(pack, 'data/controls')
    argv = ['sqlite3', '-readonly', os.path.join(d, 'audit.db'), '.read %s/ref.sql' % c, '.read %s/params.sqlite' % c]
    sql = [f for f in sorted(glob.glob(c + '/sql/*.sql')) if only is None or os.path.basename(f)[:-4] in only]
    argv += ['.read %s' % f for f in sql]
    return lambda: run(argv), len(sql)


def hugo(b, work, pack):
    """Hugo on the same pages of the site as Markdown, in a fresh folder: the run, an empty one, pages, bytes."""
    pages = []
    for top, _, files in os.walk(os.path.join(pack, 'data/site')):
        pages += [os.path.join(top, f) for f in files if f.endswith('.html')]
    src = os.path.join(work, 'hugo')
    os.makedirs(src + '/content')
    os.makedirs(src + '/layouts/_default')
    open(src + '/config.toml', 'w').write(
        'baseURL = "/"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap", "404", "section", "home"]\n'
        'uglyURLs = true\n[markup.goldmark.renderer]\nunsafe = true\n')
    open(src + '/layouts/_default/single.html', 'w').write(
        '<!DOCTYPE html><html lang="en"><head><title>{{.Title}}</title></head><body>{{.Content}}</body></html>')
    total = 0
    for i, p in enumerate(pages):
        html = open(p, encoding='utf-8').read()
        body = html[html.index('<main'):html.index('</main>')].split('>', 1)[1]
        total += len(html)
        open('%s/content/p%d.md' % (src, i), 'w').write('---\ntitle: "p%d"\n---\n%s\n' % (i, body.replace('{{', '{ {')))
    empty = os.path.join(work, 'hugo-empty')
    shutil.copytree(src, empty, ignore=shutil.ignore_patterns('content'))

    def one(src=src):
        shutil.rmtree(src + '/public', ignore_errors=True)
        return run(['hugo', '--quiet', '-s', src, '-d', src + '/public'])
    return one, lambda: one(empty), len(pages), total


def laps(argv):
    """The lines of build -v that end in seconds of CPU: Spent by name; and its line of the site."""
    p = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if p.returncode != 0:
        sys.exit('%s: status %d\n%s' % (' '.join(argv), p.returncode, p.stderr[-2000:]))
    lap = {m[1]: Spent(float(m[2]), float(m[3]), 0)
           for m in re.finditer(r'^ *(\S.*?) +([0-9.]+) s +([0-9.]+) s of CPU$', p.stderr, re.M)}
    return lap, int(re.search(r'^site: ([0-9]+) pages', p.stderr, re.M)[1])


def site(b, d, times):
    """Laps of the site, the best of some builds: without the self-check, with it; pages."""
    without, whole = [], []
    for _ in range(times):
        lap, n = laps([b + '/exhibit', 'build', '-C', d, '-q', '-v', '--period', '2026-Q3', '--as-of', AS_OF,
                       '--fail-on', 'never'])
        made, written = lap['made and rendered'], lap['hashed and written']
        without.append(Spent(made.wall + written.wall, made.cpu + written.cpu, 0))
        whole.append(lap['site'])
    return [Spent(min(s.wall for s in o), min(s.cpu for s in o), 0) for o in (without, whole)] + [n]


def pages_line(name, n, ours, theirs, peer, note):
    """Pages a second, of wall time and of CPU."""
    line(name, n / ours.wall, theirs / peer.wall, '/s', n / ours.wall / (theirs / peer.wall),
         n / ours.cpu / (theirs / peer.cpu), note)
    return n / ours.wall / (theirs / peer.wall)


def versions(b, a):
    """What a reader of the figures must know of this run."""
    cpu = [l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith('model name')]
    said = [subprocess.check_output(v).decode().split('\n')[0] for v in
            ([b + '/exhibit', '--version'], ['openssl', 'version'], [sys.executable, '--version'],
             [os.environ.get('CC', 'cc'), '--version'])]
    sqlite = subprocess.check_output(['sqlite3', '--version']).decode().split()[0]
    print('# %s, %d processors, load %.2f, Linux %s' % (cpu[0] if cpu else 'unknown', os.cpu_count(),
          os.getloadavg()[0], os.uname().release))
    print('# sqlite3 %s, %s' % (sqlite, ', '.join(said)))
    print('# %d and %d events, best of %d, %d threads' % (a.small, a.events, a.times, a.threads))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--build', default='build/release')
    ap.add_argument('--events', type=int, default=1000000)
    ap.add_argument('--small', type=int, default=100000)
    ap.add_argument('--times', type=int, default=3)
    ap.add_argument('--threads', type=int, default=os.cpu_count())
    ap.add_argument('--work', default='/dev/shm' if os.path.isdir('/dev/shm') else 'build')
    ap.add_argument('--check', action='store_true', help='status 1 where a ratio misses its bar')
    a = ap.parse_args()
    b = os.path.abspath(a.build)
    # In memory where it can be: what is compared is work, not a disk.
    work = os.path.join(a.work, 'exhibit-bench-%d' % os.getuid())
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    missed = []

    def bar(name, ratio, least):
        if ratio < least:
            missed.append('%s: %.2f, want %.2f' % (name, ratio, least))

    subprocess.check_call([os.environ.get('CC', 'cc'), '-O2', '-o', b + '/scan', 'tests/bench/scan.c', '-lsqlite3',
                           '-lcrypto', '-lpthread'])
    versions(b, a)
    print('%-52s %10s %10s %8s %8s' % ('name', 'ours', 'peer', 'ratio', 'of CPU'))
    small, big = project(b, work, a.small), project(b, work, a.events)
    db = os.path.join(big, 'audit.db')
    j = a.threads

    def compare(name, ours, peer, most=None):
        """A limit: ours may cost so many times of it."""
        line(name, ours.wall, peer.wall, 's', ours.wall / peer.wall, ours.cpu / peer.cpu, 'lower is better' +
             (', %g or less of CPU' % most if most else ''))
        if most and ours.cpu / peer.cpu > most:
            missed.append('%s: %.2f of CPU, want %g or less' % (name, ours.cpu / peer.cpu, most))

    def beat(name, ours, peer, least=None):
        """A peer: it takes so many times as long."""
        line(name, ours.wall, peer.wall, 's', peer.wall / ours.wall, peer.cpu / ours.cpu,
             '%g or more' % least if least else '')
        if least:
            bar(name, peer.wall / ours.wall, least)

    # Each thing at one thread and at all, in turn.
    for n in sorted({1, j}):
        t = '%d thread%s' % (n, 's' if n > 1 else '')
        arg = '-j%d' % n
        row, related, ours, scan, evp, whole = best(
            a.times, check(b, big, arg, '--tests', 'row'), check(b, big, arg, '--tests', 'related'),
            check(b, big, arg), lambda: run([b + '/scan', db, str(n)]), lambda: run([b + '/scan', db, str(n), 'evp']),
            lambda: run([b + '/exhibit', 'verify', '-q', arg, db], ok=(0, 5)))
        compare('one-row tests, verified : sqlite3_step, ' + t, row, scan, 3)
        compare('the same and EXISTS : sqlite3_step, ' + t, related, scan)
        compare('all tests : sqlite3_step, ' + t, ours, scan, 15)
        compare('verify STORE : sqlite3_step, ' + t, whole, scan)
        beat('sqlite3_step + EVP : verify STORE, ' + t, whole, evp)

    engine, = best(1, check(b, big, '-j%d' % j, '--engine', 'sql'))
    beat('--engine=sql : compiled', ours, engine)
    python, = best(1, lambda: run([sys.executable, 'tests/bench/verify.py', db]))
    beat('python3 verification : exhibit verify STORE', whole, python, 12)

    pack = os.path.join(big, 'out/2026-Q3')
    build = run([b + '/exhibit', 'build', '-C', big, '-v', '--period', '2026-Q3', '--as-of', AS_OF, '--fail-on', 'never'])
    every, n = shell(big, pack)
    rows, nrow = shell(big, pack, one_row(b, big))
    sql, sqlrow = best(1, every, rows)
    beat('sqlite3 shell, %d statements : check' % n, ours, sql, 10)
    beat('sqlite3 shell, %d one-row : check --tests row' % nrow, row, sqlrow, 30)

    lo, = best(a.times, check(b, small, '-j%d' % j))
    line('peak memory of check, %d : %d events' % (a.events, a.small), ours.rss / 1024, lo.rss / 1024, 'MiB',
         ours.rss / lo.rss, None, 'within 1.10, below 64 MiB')
    if ours.rss / lo.rss > 1.1 or ours.rss > 64 << 10:
        missed.append('memory: %d MiB, %.2f times that of the small log' % (ours.rss >> 10, ours.rss / lo.rss))

    if shutil.which('hugo'):
        pages, = best(a.times, lambda: run([b + '/exhibit', 'build', '-C', small, '-q', '--period', '2026-Q3',
                                            '--as-of', AS_OF, '--fail-on', 'never']))
        one, none, n, size = hugo(b, work, small + '/out/2026-Q3')
        peer, empty = best(a.times, one, none)
        without, whole, made = site(b, small, a.times)
        note = '%d pages, %d MiB; Hugo with no page: %.2f s' % (n, size >> 20, empty.wall)
        ratio = pages_line('pages made, hashed, written : Hugo', made, without, n, peer, note)
        pages_line('the same, each parsed again : Hugo', made, whole, n, peer, note)
        pages_line('the whole build : Hugo', made, pages, n, peer, note)
        bar('hugo', ratio, 5)
    else:
        print('SKIP pages a second : Hugo: install hugo')
    print('# build of %d events: %.2f s, %d MiB peak' % (a.events, build.wall, build.rss >> 10))
    shutil.rmtree(work, ignore_errors=True)
    for m in missed:
        print('# below its bar: ' + m)
    return 1 if a.check and missed else 0


sys.exit(main())
