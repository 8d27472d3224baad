#!/usr/bin/env python3
"""Counts what the shipped controls cover, and holds the table of it in
docs/format/controls.md to the count.

    tests/tables/coverage.py            prints the section
    tests/tables/coverage.py --write    puts it into the document
    tests/tables/coverage.py --check    0 equal, 1 not, 77 without PyYAML

A requirement is tested by data where a test is named by a mapping to it, by
document only where evidence alone is.  Counted are the lowest nodes: of the AI
Act those of the articles below.
"""
import collections
import pathlib
import re
import sys

try:
    import yaml
except ImportError:
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/format/controls.md"
HEAD = "## Coverage of the four frameworks\n"
ARTICLES = [4, *range(9, 20), 26, 27, 50, 72, 73]
WORDS = "critical high medium low".split()


def article(i):
    m = re.match(r"AIA-(\d+)(?:\.|$)", i)
    return m and int(m[1]) in ARTICLES


ROWS = [
    ("NIST AI RMF subcategories", "nist-ai-rmf-1.0", lambda i: True),
    ("ISO/IEC 42001 clauses 4 to 10", "iso-42001-2023",
     lambda i: not i.startswith("A.")),
    ("ISO/IEC 42001 Annex A", "iso-42001-2023", lambda i: i.startswith("A.")),
    ("OWASP ASI01 to ASI10", "owasp-agentic-2026", lambda i: True),
    ("EU AI Act, Articles 4, 9 to 19, 26, 27, 50, 72 and 73", "eu-ai-act",
     article),
]


def requirements():
    """framework to the ids of its lowest nodes."""
    out = {}
    for f in sorted((ROOT / "mappings/frameworks").glob("*.yaml")):
        d = yaml.load(f.read_text(), yaml.BaseLoader)
        rows = [r for r in d["requirements"]
                if r.get("assessable", "true") == "true"]
        ids = [r["id"] for r in rows]
        out[d["id"]] = [i for i in ids
                        if d["id"] != "eu-ai-act" or
                        not any(o.startswith(i + ".") for o in ids)]
    return out


def controls():
    out = []
    for f in sorted((ROOT / "mappings/controls").glob("*.yaml")):
        out += yaml.load(f.read_text(), yaml.BaseLoader)["controls"]
    return [c for c in out if "retired" not in c]


def covered(all_controls):
    """framework/id to "data" or "document"."""
    out = {}
    for c in all_controls:
        for m in c["maps"]:
            data = any(b.startswith("t") for b in m["by"])
            if data or m["to"] not in out:
                out[m["to"]] = "data" if data else "document"
    return out


def kind(c):
    tests, items = c.get("tests", []), c.get("evidence", [])
    return "both" if tests and items else "data" if tests else "doc"


def section():
    all_controls, known = controls(), requirements()
    by = covered(all_controls)
    kinds = collections.Counter(kind(c) for c in all_controls)
    bad = collections.Counter(c["severity"] for c in all_controls)
    tests = [t for c in all_controls for t in c.get("tests", [])]
    items = [i for c in all_controls for i in c.get("evidence", [])]
    advice = sum(t.get("advice") == "true" for t in tests)
    out = [HEAD, "Counted over `mappings/` by `tests/tables/coverage.py`; "
           "`make check` holds the two together. \"Tested by data\"\nmeans "
           "that a shipped test can decide it when the log has the rows; what "
           "a build really tested is counted again in\neach pack. Of the AI "
           "Act the lowest nodes are counted; more of them are mapped.\n",
           "| framework | requirements | tested by data | by document only | "
           "not covered |", "|---|---|---|---|---|"]
    for name, framework, belongs in ROWS:
        ids = [i for i in known[framework] if belongs(i)]
        n = collections.Counter(by.get(f"{framework}/{i}") for i in ids)
        out.append(f"| {name} | {len(ids)} | {n['data']} | {n['document']} | "
                   f"{n[None]} |")
    out.append(f"\n{len(all_controls)} controls: {kinds['data']} by data, "
               f"{kinds['both']} by both, {kinds['doc']} by document; "
               + ", ".join(f"{bad[w]} {w}" for w in WORDS) +
               f".\n{len(tests)} tests, {advice} of them advice; {len(items)} "
               "items of evidence.\n")
    return "\n".join(out)


def split(page):
    """Before the section, the section, after it."""
    at = page.find(HEAD)
    if at < 0:
        return page.rstrip("\n") + "\n\n", "", ""
    end = page.find("\n## ", at + 1)
    return page[:at], page[at:] if end < 0 else page[at:end + 1], \
        "" if end < 0 else page[end + 1:]


def main():
    before, have, after = split(PAGE.read_text())
    want = section() + ("\n" if after else "")
    if "--write" in sys.argv:
        PAGE.write_text(before + want + after)
    elif "--check" in sys.argv:
        sys.exit(have != want)
    else:
        print(want, end="")


main()
