#!/bin/sh
# docs/format/registry-tables.md is what gen/model/ref.def says, and the table
# of docs/format/controls.md what mappings/ holds.
cd "$(dirname "$0")/../.." || exit 4
name="docs/format/registry-tables.md agrees with ref.def"
if ! command -v python3 >/dev/null 2>&1; then
	echo "SKIP $name: python3 is not installed"
	exit 0
fi
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
if python3 tests/tables/tables.py >"$tmp" &&
    [ "$(grep -c '^## ' "$tmp")" = \
    "$(grep -c '^TABLE(' gen/model/ref.def)" ] &&
    cmp -s "$tmp" docs/format/registry-tables.md; then
	echo "PASS $name"
else
	echo "FAIL $name: tests/tables/tables.py makes it anew"
fi

name="docs/format/controls.md counts what mappings/ holds"
python3 tests/tables/coverage.py --check
case $? in
0) echo "PASS $name" ;;
77) echo "SKIP $name: python3-yaml is not installed" ;;
*) echo "FAIL $name: tests/tables/coverage.py --write counts anew" ;;
esac
