#!/bin/sh
# make check-site: the demo built anew, before all its judges.
set -eu
cd "$(dirname "$0")/../.."
B=$PWD/build/release
export B
rm -rf "$B/demo"
"$B/exhibit" demo -q "$B/demo"
exec sh tests/site/check.sh
