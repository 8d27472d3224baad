#!/bin/sh
# The site of the sample company before its judges: vnu, html-validate, axe.
# REQUIRE=1 makes a missing tool a failure.
set -u
cd "$(dirname "$0")/../.."
B=${B:-$PWD/build/release}
pack=$B/demo/out/2026-Q3
missing() {
	if [ -n "${REQUIRE:-}" ]; then echo "FAIL site $1: install $2"; rc=1; else echo "SKIP site $1: install $2"; fi
}
rc=0
[ -d "$pack" ] || { echo "FAIL site: $pack is not there; tests/demo builds it"; exit 1; }
site=$pack/data/site
python3 tests/site/journeys.py "$pack" || rc=1
tools=tests/site/node_modules
if [ ! -d $tools ]; then
	missing "vnu, html-validate, axe" "with: cd tests/site && npm ci --ignore-scripts"
	exit $rc
fi
# Of each folder the first page and the largest; the five largest of all.
pages() {
	(cd "$pack/data" && {
		ls site/*.html
		for d in site/*/ site/frameworks/*/ site/policies/*/ site/log/*/ docs/*/; do
			ls "$d"*.html 2>/dev/null | head -1
			ls -S "$d"*.html 2>/dev/null | head -1
		done
		for d in site/records site/sources; do
			find $d -name '*.html' | LC_ALL=C sort | head -1
			find $d -name '*.html' -printf '%s %p\n' | LC_ALL=C sort -k1,1nr -k2 | head -1 | cut -d' ' -f2
		done
		find . -name '*.html' -printf '%s %P\n' | LC_ALL=C sort -k1,1nr -k2 | head -5 | cut -d' ' -f2
	} | sed 's#^#data/#' | LC_ALL=C sort -u)
}
pages >"$B/site-pages"

if command -v java >/dev/null 2>&1; then
	java -Xss8m -jar $tools/vnu-jar/build/dist/vnu.jar --errors-only --stdout --skip-non-html "$site" "$pack/data/docs" >"$B/vnu" 2>&1
	if [ $? -eq 0 ] && [ ! -s "$B/vnu" ]; then echo "PASS site vnu: every page"; else
		echo "FAIL site vnu: $(wc -l <"$B/vnu") messages"; sed "s#file:$pack/##" "$B/vnu" | head -8; rc=1
	fi
else
	missing vnu default-jre-headless
fi
(cd "$pack" && xargs "$OLDPWD/$tools/.bin/html-validate" --preset standard,a11y <"$B/site-pages") >"$B/html-validate" 2>&1
if [ $? -eq 0 ]; then echo "PASS site html-validate: $(wc -l <"$B/site-pages") pages"; else
	echo "FAIL site html-validate"; head -30 "$B/html-validate"; rc=1
fi
if [ -x /usr/bin/chromium ]; then
	node tests/site/pages.mjs "$pack" ${SHOTS:-} <"$B/site-pages" || rc=1
	node tests/site/search.mjs "$pack" || rc=1
	node tests/site/verify.mjs "$pack" "$B/demo/keys" || rc=1
else
	missing "axe in Chromium" chromium
fi
exit $rc
