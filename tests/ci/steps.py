"""steps.py github|gitlab FILE: runs the shell steps of a CI example as the
runner does, in the current folder.  Prints what they print; exits as the job
would.  $VALUES has `expression=value` lines for ${{ }}."""
import os
import re
import subprocess
import sys


def scalar(text):
    text = text.strip()
    if text[:1] in "\"'" and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1]
    return text


def parse(lines, at, indent):
    """Maps, lists, block scalars and plain text: what the examples use."""
    value = None
    while at < len(lines):
        line = lines[at]
        if not line.strip() or line.lstrip().startswith("#"):
            at += 1
            continue
        depth = len(line) - len(line.lstrip())
        if depth < indent:
            break
        if depth > indent:
            raise SystemExit("line %d: indented by %d, want %d" % (at + 1, depth, indent))
        text = line.strip()
        if text.startswith("- "):
            value = value if value is not None else []
            rest = text[2:]
            if rest == "|":
                block, at = scalar_block(lines, at + 1, indent)
                value.append(block)
            elif re.match(r"[\w-]+:( |$)", rest):
                lines[at] = " " * (indent + 2) + rest
                item, at = parse(lines, at, indent + 2)
                value.append(item)
            else:
                value.append(scalar(rest))
                at += 1
            continue
        value = value if value is not None else {}
        key, _, rest = text.partition(":")
        rest = rest.strip()
        if rest == "|":
            value[key], at = scalar_block(lines, at + 1, indent)
        elif rest:
            value[key] = scalar(rest)
            at += 1
        else:
            following = [l for l in lines[at + 1:] if l.strip() and not l.lstrip().startswith("#")]
            inner = len(following[0]) - len(following[0].lstrip()) if following else 0
            value[key], at = parse(lines, at + 1, inner) if inner > indent else (None, at + 1)
    return value, at


def scalar_block(lines, at, indent):
    block = []
    while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
        block.append(lines[at])
        at += 1
    cut = min(len(l) - len(l.lstrip()) for l in block if l.strip())
    return "\n".join(l[cut:] for l in block).rstrip("\n") + "\n", at


def fill(env):
    values = dict(l.split("=", 1) for l in os.environ.get("VALUES", "").split("\n") if l)
    out = {}
    for name, value in (env or {}).items():
        # What the caller sets is what a person would write into the file.
        out[name] = os.environ.get(name, re.sub(r"\$\{\{ *(.*?) *\}\}", lambda m: values[m.group(1)], value))
    return out


def shell(script, env):
    sys.stdout.flush()
    return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], env={**os.environ, **env}).returncode


def github(doc):
    status = 0
    job = doc["jobs"]["check"]
    for step in job["steps"]:
        if "run" not in step or (status != 0 and "always()" not in step.get("if", "")):
            continue
        rc = shell(step["run"], {**fill(job["env"]), **fill(step.get("env"))})
        status = status or rc
    return status


def gitlab(doc):
    job = doc["exhibit"]
    return shell("\n".join(job["before_script"] + job["script"]), fill(job["variables"]))


kind, path = sys.argv[1:]
with open(path) as f:
    document, _ = parse(f.read().split("\n"), 0, 0)
sys.exit({"github": github, "gitlab": gitlab}[kind](document))
