#!/bin/sh
# Seeded truth over the whole program, as its users run it.  Each fault alone,
# on exactly its rows, is judged by tests/unit/test_truth.c.
set -u
cd "$(dirname "$0")/../.."
SRC=$PWD
B=${B:-$SRC/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
SRC=$SRC B=$B python3 tests/faults/faults.py "$work"
