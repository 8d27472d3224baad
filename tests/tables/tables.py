#!/usr/bin/env python3
"""Prints docs/format/registry-tables.md from gen/model/ref.def."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = {
    "TEXT": "text", "ID": "id", "CODE": "code", "WIDE": "wide id",
    "SPAN": "period", "SHA256": "sha256", "CURRENCY": "currency",
    "MAP": "map of text", "FILE": "file", "BOOL": "true, false",
    "INT": "whole number", "TIME": "time", "DURATION": "duration",
    "PPM": "decimal 0 to 1", "MICRO": "decimal", "HOLDER": "person or role",
    "VERSION_OR_PREVIOUS": "version, or previous",
    "ACTION_PREFIX": "action, or a prefix and *",
}
SUFFIX = {"TIME": "_us", "DURATION": "_us", "PPM": "_ppm", "MICRO": "_micro"}
AUDIENCE = {"P": "public", "A": "auditor", "I": "internal"}


def calls(text):
    """Each macro call of the body: its name and its arguments."""
    body = text[text.index("#define FILE_"):]
    body = re.sub(r"#(?:define|undef)(?:[^\\\n]|\\\n)*", "", body)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    for m in re.finditer(r"(\w+)\(((?:\"[^\"]*\"|[^()\"])*)\)", body):
        args = re.findall(r'"[^"]*"|[^,\s][^,]*', m[2])
        yield m[1], [a.strip().strip('"') for a in args]


def kind(what, of):
    if what == "CHOICE":
        return "one of " + " ".join(f"`{w}`" for w in of.split())
    words = TYPES.get(what, what.lower().replace("_", " "))
    if what == "INT" and of != "NULL":
        low, *high = of.split()
        words += f", {low} to {high[0]}" if high else f", {low} or more"
    return words


def field(name, what):
    return name.removesuffix(SUFFIX.get(what, ""))


def row(name, written, says, audience):
    return f"| {name} | {written} | {says} | {AUDIENCE[audience]} |"


def main():
    out = []
    for what, a in calls((ROOT / "gen/model/ref.def").read_text()):
        if what == "TABLE":
            out += ["", f"## ref_{a[0]}", "", a[2][:1].upper() + a[2][1:]
                    + ("; no file has it." if "COMPUTED" in a[1] else "."),
                    "", "| column | in the file | says | audience |",
                    "|---|---|---|---|"]
        elif what in ("PATH", "KEY", "OPT", "REQ", "COL", "FILL", "FKEY"):
            name, t, of, who, says = a
            how = {"PATH": "by path or parent", "FILL": "filled",
                   "FKEY": "filled"}.get(what)
            mark = {"KEY": "*", "PATH": "*", "FKEY": "*", "REQ": "*"}
            out.append(row(f"`{name}`{mark.get(what, '')}", how or
                           f"`{field(name, t)}`: {kind(t, of)}", says, who))
        elif what == "DEF":
            name, t, of, none, who, says = a
            out.append(row(f"`{name}`", f"`{field(name, t)}`: {kind(t, of)}; "
                           f"else {none}", says, who))
        elif what == "COLUMN":
            name, t, flags, of, none, who, says = a
            out.append(row(f"`{name}`", kind(t, of), says, who))
        elif what == "FILE_":
            out.append(row(f"`{a[0]}_file`", f"`{a[0]}_file`: file", a[2],
                           a[1]))
            out.append(row(f"`{a[0]}_sha256`", "filled",
                           "SHA-256 of that file", a[1]))
        elif what == "LIST":
            name, t, of, table, who, says = a
            also = "" if table == "NULL" else f", ref_{table}"
            out.append(row(f"in ref_list{also}", f"`{name}[]`: {kind(t, of)}",
                           says, who))
        elif what == "CHILD":
            out.append(f"| in ref_{a[1]} | `{a[0]}`: list of objects | | |")
    print("# The reference tables\n")
    print("Made by `tests/tables/tables.py` from `gen/model/ref.def`; a test "
          "holds the two together.\n`registry.md` says how files become rows. "
          "`*` marks keys and what must be written. Every\ntable ends in "
          "`file` and `line`.")
    print("\n".join(out))


main()
