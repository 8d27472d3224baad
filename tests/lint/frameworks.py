#!/usr/bin/env python3
"""The counts of the frameworks, and that every requirement is described.

The figures come from the frameworks themselves: 72 subcategories in the NIST
AI RMF, 38 controls in Annex A of ISO/IEC 42001 beside 32 clauses, ten agentic
risks, and of the AI Act 412 nodes of which 144 are the lowest of Articles 4,
9 to 19, 26, 27, 50, 72 and 73.
"""
import re
import sys


def items(path):
    out, item = [], None
    for line in open(path, encoding='utf-8'):
        m = re.match(r'(- | {2})([a-z_]+): (?:"(.*)"|(\S+))$', line.rstrip('\n'))
        if not m:
            continue
        if m.group(1) == '- ':
            item = {}
            out.append(item)
        if item is not None:
            item[m.group(2)] = m.group(3) if m.group(3) is not None else m.group(4)
    return out


def judge(name, have, want):
    ok = have == want
    print(('PASS' if ok else 'FAIL') + ' frameworks ' + name +
          ('' if ok else ': have %r, want %r' % (have, want)))
    return ok


def main():
    d = 'mappings/frameworks/'
    nist = items(d + 'nist-ai-rmf-1.0.yaml')
    iso = items(d + 'iso-42001-2023.yaml')
    asi = items(d + 'owasp-agentic-2026.yaml')
    eu = items(d + 'eu-ai-act.yaml')
    parents = {i.get('parent') for i in eu}
    articles = {'4', '26', '27', '50', '72', '73'} | {str(n) for n in range(9, 20)}
    lowest = [i['id'] for i in eu if i['id'].startswith('AIA-') and
              i['id'] not in parents and
              re.match(r'AIA-(\d+)(\.|$)', i['id']) and
              re.match(r'AIA-(\d+)', i['id']).group(1) in articles]
    ok = judge('NIST subcategories', sum(i['level'] == 'subcategory' for i in nist), 72)
    ok &= judge('ISO Annex A controls', sum(i['assessable'] == 'true' and
                i['id'].startswith('A.') for i in iso), 38)
    ok &= judge('ISO clauses', sum(i['assessable'] == 'true' and
                not i['id'].startswith('A.') for i in iso), 32)
    ok &= judge('OWASP agentic risks', [i['id'] for i in asi],
                ['ASI%02d' % n for n in range(1, 11)])
    ok &= judge('AI Act nodes', len(eu), 412)
    ok &= judge('AI Act lowest nodes', len(lowest), 144)
    for name, rows in (('NIST', nist), ('ISO', iso), ('OWASP', asi), ('AI Act', eu)):
        ids = {i['id'] for i in rows}
        ok &= judge(name + ' ids once', len(ids), len(rows))
        ok &= judge(name + ' summaries', [i['id'] for i in rows if
                    not 3 < len(i.get('summary', '')) <= 160], [])
        ok &= judge(name + ' parents', [i['id'] for i in rows if
                    i.get('parent') and i['parent'] not in ids], [])
    ok &= judge('AI Act dates', [i['id'] for i in eu if i['id'].startswith('AIA-')
                and not re.match(r'20\d\d-\d\d-\d\d$', i.get('applies_from', ''))], [])
    return 0 if ok else 1


sys.exit(main())
