#!/bin/sh
# Every good pack and every attack, as any verifier would be given them.
cd "$(dirname "$0")" || exit 1
command -v python3 >/dev/null || { echo "SKIP vectors: install python3"; exit 0; }
rc=0
./run "${EXHIBIT:-../../build/release/exhibit}" verify || rc=1
if command -v node >/dev/null; then node node.mjs || rc=1; else echo "SKIP vectors verify.js: install node 20"; fi
exit $rc
