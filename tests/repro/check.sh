#!/bin/sh
# The same inputs give the same pack: manifest and ZIP, byte for byte, in other
# time zones, locales, folders, years.  Three settings; with REPRO=all, as in
# `make check-repro`, every one.  OTHER: an exhibit of another build folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
SRC=$PWD
B=${B:-$SRC/build/release}
case $B in /*) ;; *) B=$SRC/$B ;; esac
EXHIBIT=${EXHIBIT:-$B/exhibit} SAMPLE=${SAMPLE:-$B/sample}
all=${REPRO:-}
[ -w /dev/shm ] && work=$(mktemp -d /dev/shm/repro-XXXXXX) || work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
asof=2026-10-12T00:00:00Z
unset SOURCE_DATE_EPOCH

cp -r samples/company "$work/p"
"$SAMPLE" --events 10000 --seed 1 -C "$work/p" >"$work/log.jsonl" &&
    "$EXHIBIT" ingest -q -C "$work/p" "$work/log.jsonl" >"$work/log" 2>&1 ||
    { echo "FAIL repro: no store"; cat "$work/log"; exit 1; }

# another FOLDER NAME -- COMMAND...: builds a copy of the project there, with
# the command in front of it, and compares what it published.
another() {
	copy=$1 name=$2; shift 3
	if [ ! -e "$copy" ]; then mkdir -p "$copy" && cp -r "$work/p/." "$copy"; fi
	"$@" >"$work/log" 2>&1 || { echo "FAIL repro $name: status $?"; tail -5 "$work/log"; return; }
	out=$copy/out/2026-Q3
	if [ ! -s "$out/manifest-sha256.txt" ]; then echo "FAIL repro $name: no pack"
	elif [ ! -e "$work/manifest" ]; then
		cp "$out/manifest-sha256.txt" "$work/manifest"
		cp "$out.zip" "$work/zip"
		[ "$(wc -l <"$work/manifest")" -gt 500 ] && echo "PASS repro $name" || echo "FAIL repro $name: hardly any file"
	elif cmp -s "$out/manifest-sha256.txt" "$work/manifest" && cmp -s "$out.zip" "$work/zip"; then
		echo "PASS repro $name"
	else
		echo "FAIL repro $name"; diff "$out/manifest-sha256.txt" "$work/manifest" | head -10
	fi
	rm -rf "$copy"
}
build() { "$EXHIBIT" build -q --period 2026-Q3 --as-of $asof --fail-on never "$@"; }
in_folder() { (cd "$1" && shift && build "$@"); }
with_umask() { (umask "$1"; shift; build "$@"); }
with_home() { env -i HOME=/nonexistent "$EXHIBIT" build -q --period 2026-Q3 --as-of $asof --fail-on never "$@"; }
with_env() { (export "$1"; shift; build "$@"); }
with_epoch() { SOURCE_DATE_EPOCH=1791763200 "$EXHIBIT" build -q --period 2026-Q3 --fail-on never "$@"; }

another "$work/a" "as it is" -- build -C "$work/a" -j 2
# Copied in another order, into a folder with blanks, by another umask.
mkdir -p "$work/other folder/b"
(cd "$work/p" && find . -type f | LC_ALL=C sort -r | tar -cf - -T -) | tar -xf - -C "$work/other folder/b"
if [ "$(ls -U "$work/p/registry")" = "$(ls -U "$work/other folder/b/registry")" ]; then
	echo "SKIP repro another order of files: this file system sorts them"
fi
(export TZ=Asia/Kolkata LC_ALL=C.UTF-8; umask 027; cd /; another "$work/other folder/b" \
    "another zone, locale, umask, folder and order of files" -- build -C "$work/other folder/b" -j 1)
another "$work/c" "three threads, and SOURCE_DATE_EPOCH" -- with_epoch -C "$work/c" -j 3
[ "$all" = all ] || exit 0

another "$work/d" "TZ=America/St_Johns" -- with_env TZ=America/St_Johns -C "$work/d"
for l in $(locale -a 2>/dev/null | grep -iE '^(tr_TR|de_DE|ja_JP)\.utf-?8$'); do
	another "$work/e" "locale $l" -- with_env "LC_ALL=$l" -C "$work/e"
done
locale -a 2>/dev/null | grep -qi '^tr_TR' || echo "SKIP repro a Turkish locale: install locales-all"
another "$work/f" "umask 077" -- with_umask 077 -C "$work/f"
another "$work/g" "inside the project" -- in_folder "$work/g"
another "$work/h" "an empty environment, no home" -- with_home -C "$work/h"
another "$work/i" "one thread" -- build -C "$work/i" -j 1
another "$work/j" "seven threads" -- build -C "$work/j" -j 7
cat >"$work/clock.c" <<'END'
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static time_t at(void) { return (time_t)atoll(getenv("CLOCK_AT")); }
time_t time(time_t *t) { if (t != NULL) *t = at(); return at(); }
int gettimeofday(struct timeval *tv, void *tz)
{ (void)tz; tv->tv_sec = at(); tv->tv_usec = 0; return 0; }
int clock_gettime(clockid_t c, struct timespec *ts)
{ (void)c; ts->tv_sec = at(); ts->tv_nsec = 0; return 0; }
END
if ${CC:-cc} -shared -fPIC -o "$work/clock.so" "$work/clock.c" 2>/dev/null; then
	for y in 0 2147483648 253402300799; do # 1970, 2038, 9999
		another "$work/k" "the clock at $y" -- env LD_PRELOAD="$work/clock.so" CLOCK_AT=$y \
		    "$EXHIBIT" build -q --period 2026-Q3 --as-of $asof --fail-on never -C "$work/k"
	done
else
	echo "SKIP repro another clock: install gcc"
fi
if [ -x "${OTHER:-}" ]; then
	another "$work/l" "an exhibit of another build folder" -- "$OTHER" build -q --period 2026-Q3 --as-of $asof \
	    --fail-on never -C "$work/l"
else
	echo "SKIP repro an exhibit of another build folder: OTHER is not set"
fi
