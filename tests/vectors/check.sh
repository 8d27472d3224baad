#!/bin/sh
# Every good pack and every attack, as any verifier would be given them.
cd "$(dirname "$0")" || exit 1
command -v python3 >/dev/null || { echo "SKIP vectors: install python3"; exit 0; }
exec ./run "${EXHIBIT:-../../build/release/exhibit}" verify
