#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "cmd/selfcheck.h"
#include "crypt/hash.h"

/* A page without a fault; each mutant spoils one place of it. */
#define HEAD "<head>\n<meta charset=\"utf-8\"/>\n" \
	"<meta http-equiv=\"Content-Security-Policy\" content=\"" \
	"default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self'; base-uri 'none'; form-action 'none'; " \
	"require-trusted-types-for 'script'; trusted-types exhibit\"/>\n" \
	"<meta name=\"viewport\" content=\"width=device-width, " \
	"initial-scale=1\"/><meta name=\"referrer\" " \
	"content=\"no-referrer\"/>\n<title>Gaps</title>\n" \
	"<link rel=\"stylesheet\" href=\"css/site.css\"/>\n" \
	"<script defer=\"defer\" src=\"js/table.js\"></script>\n</head>\n"
#define NS "xmlns=\"http://www.w3.org/1999/xhtml\""

static const char page[] =
    "<!DOCTYPE html>\n<html " NS " lang=\"en\" xml:lang=\"en\">\n" HEAD
    "<body>\n<main id=\"main\"><h1>Gaps</h1>\n"
    "<p id=\"one\">One <bdi class=\"u\">a &lt; b &amp; c</bdi>.</p>\n"
    "<p id=\"two\"><a href=\"#one\">up</a> <a href=\"help.html\">help</a> "
    "<a href=\"../docs/card.html#x\">card</a> "
    "<a rel=\"noopener noreferrer nofollow\" href=\"https://a.example/\">a"
    "</a></p>\n"
    "<table>\n<caption>T</caption><tbody><tr><td>1</td></tr></tbody></table>\n"
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">"
    "<title>Bars</title><path d=\"M0 0\"/></svg>\n"
    "<svg xmlns=\"http://www.w3.org/2000/svg\" aria-hidden=\"true\">"
    "<path d=\"M0 0\"/></svg>\n"
    "</main>\n</body>\n</html>\n";

/* The page with its first `old` replaced. */
static const char *
mutant(struct arena *a, const char *old, const char *new)
{
	const char *at = strstr(page, old);
	struct str s = str_new(a);

	assert_non_null(at);
	str_add(&s, page, (size_t)(at - page));
	str_addz(&s, new);
	str_addz(&s, at + strlen(old));
	return s.p;
}

/* All that the page links to, but what a mutant adds. */
static struct selfcheck *
site(struct arena *a)
{
	struct selfcheck *sc = selfcheck_new(a);

	selfcheck_file(sc, "data/site/css/site.css");
	selfcheck_file(sc, "data/site/js/table.js");
	selfcheck_file(sc, "data/site/help.html");
	selfcheck_file(sc, "data/docs/card.html");
	selfcheck_file(sc, "data/docs/card.html#x");
	return sc;
}

static int
check(struct arena *a, const char *bytes, struct err *e)
{
	struct selfcheck *sc = site(a);
	int rc = selfcheck_page(sc, "data/site/gaps.html", bytes,
	    strlen(bytes), e);

	if (rc == 0)
		rc = selfcheck_done(sc, e);
	selfcheck_free(sc);
	return rc;
}

static void
a_good_page_passes(void **state)
{
	struct arena *a = arena_new();
	struct err e = { 0 };

	(void)state;
	assert_int_equal(check(a, page, &e), 0);
	assert_string_equal(e.msg, "");
	arena_free(a);
}

/* Not as we write it, but good: libxml2 reads what the scan does not take. */
static void
a_page_of_another_form_passes(void **state)
{
	static const char *const form[][2] = {
		{ "One", "One > two" }, { "<h1>", "<h1 >" },
		{ "<h1>", "<h1\nlang='en'>" }, { "One", "&#79;ne" },
		{ "</html>\n", "</html> \n" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		struct err e = { 0 };

		assert_int_equal(check(a, mutant(a, form[i][0], form[i][1]),
		    &e), 0);
		assert_string_equal(e.msg, "");
	}
	arena_free(a);
}

static void
each_rule_refuses_its_mutant(void **state)
{
	static const struct {
		const char *old, *new, *want;
	} cases[] = {
		/* well-formed, and of the forms that we write */
		{ "</main>", "", "not well-formed" },
		{ "<p id=\"one\">", "<p id=one>", "not well-formed" },
		{ "&lt;", "&nbsp;", "not well-formed" },
		{ "&lt;", "&lt", "not well-formed" },
		{ "<h1>", "<h1 lang=\"en\" lang=\"da\">", "not well-formed" },
		{ "<!DOCTYPE html>", "<!DOCTYPE html SYSTEM \"x.dtd\">",
		    "a document type that is not ours" },
		{ "<!DOCTYPE html>", "<!DOCTYPE svg>",
		    "a document type that is not ours" },
		{ "<!DOCTYPE html>", "<!DOCTYPE html [<!ENTITY a \"b\">]>"
		    "<?php?>", "an instruction 'php'" },
		{ "<h1>", "<!-- note --><h1>", "a comment" },
		{ "<h1>", "<![CDATA[x]]><h1>", "a CDATA section" },
		{ "<h1>", "<?xml-stylesheet href=\"x\"?><h1>",
		    "an instruction 'xml-stylesheet'" },
		/* elements */
		{ "<h1>", "<iframe></iframe><h1>",
		    "an element that is not allowed 'iframe'" },
		{ "<h1>", "<form></form><h1>",
		    "an element that is not allowed 'form'" },
		{ "<h1>", "<base href=\"help.html\"/><h1>",
		    "an element that is not allowed 'base'" },
		{ "<h1>", "<img src=\"help.html\"/><h1>",
		    "an element that is not allowed 'img'" },
		{ "<h1>", "<P>x</P><h1>",
		    "an element that is not allowed 'P'" },
		{ "<h1>", "<p xmlns=\"urn:x\">x</p><h1>",
		    "an element that is not allowed 'p'" },
		{ "<h1>", "<x:p xmlns:x=\"http://www.w3.org/1999/xhtml\"/><h1>",
		    "an element that is not allowed 'p'" },
		{ "<h1>", "<meta http-equiv=\"refresh\" content=\"0\"/><h1>",
		    "an element that belongs in the head 'meta'" },
		{ "<h1>", "<link rel=\"stylesheet\" href=\"css/site.css\"/>"
		    "<h1>", "an element that belongs in the head 'link'" },
		{ "<h1>", "<script>alert(1)</script><h1>",
		    "an element that belongs in the head 'script'" },
		{ "</script>", "alert(1)</script>", "a script inside a page" },
		{ "</script>", "<p>x</p></script>", "a script inside a page" },
		{ "</script>", "</script><meta name=\"x\" content=\"y\"/>",
		    "a meta element too many" },
		{ "rel=\"stylesheet\"", "rel=\"preload\"",
		    "a link that is no style sheet" },
		/* attributes */
		{ "<h1>", "<h1 onclick=\"x()\">",
		    "an attribute that is not allowed 'onclick'" },
		{ "<h1>", "<h1 style=\"color:red\">",
		    "an attribute that is not allowed 'style'" },
		{ "<h1>", "<h1 srcdoc=\"x\">",
		    "an attribute that is not allowed 'srcdoc'" },
		{ "<h1>", "<h1 xml:base=\"x\">",
		    "an attribute that is not allowed 'base'" },
		/* ids */
		{ "id=\"two\"", "id=\"one\"", "an id twice 'one'" },
		/* links */
		{ "#one", "#three", "a link to 'data/site/gaps.html#three', "
		    "which is not there" },
		{ "help.html", "nowhere.html",
		    "a link to 'data/site/nowhere.html', which is not there" },
		{ "card.html#x", "card.html#y",
		    "a link to 'data/docs/card.html#y', which is not there" },
		{ "../docs/card.html#x", "../../../etc/passwd",
		    "a link out of the pack" },
		{ "help.html", "/help.html", "a link that is not relative" },
		{ "help.html", "//evil.example/", "a link that is not "
		    "relative" },
		{ "help.html", "javascript:x()", "a link that is not "
		    "relative" },
		{ "help.html", "data:text/html,x", "a link that is not "
		    "relative" },
		{ "help.html", "http://evil.example/", "a link that is not "
		    "relative" },
		{ "help.html", "\\\\evil\\x", "a link that is not relative" },
		{ "help.html", "https://evil.example/", "an external link" },
		{ "help.html", "mailto:a@evil.example", "an external link" },
		{ "noopener noreferrer nofollow", "noopener",
		    "an external link" },
		{ "js/table.js", "https://evil.example/x.js",
		    "an external link" },
		{ "js/table.js\"", "https://evil.example/x.js\" "
		    "rel=\"noopener noreferrer nofollow\"",
		    "an external link" },
		{ "css/site.css", "//evil.example/x.css",
		    "a link that is not relative" },
		/* the head, to the byte */
		{ "script-src 'self'", "script-src *",
		    "a head that is not ours" },
		{ "<head>\n", "<head>\n<meta charset=\"utf-8\"/>",
		    "a head that is not ours" },
		{ "no-referrer\"", "origin\"", "a head that is not ours" },
		/* what must be there */
		{ " lang=\"en\"", "", "no html with a lang" },
		{ "<title>Gaps</title>", "<title></title>",
		    "not one h1, title and main" },
		{ "<h1>Gaps</h1>", "<p>Gaps</p>",
		    "not one h1, title and main" },
		{ "</h1>", "</h1><h1>Again</h1>",
		    "not one h1, title and main" },
		{ "<main id=\"main\">", "<main id=\"main\"><main></main>",
		    "not one h1, title and main" },
		{ "<caption>T</caption>", "", "a table without a caption" },
		{ "<caption>T</caption><tbody><tr><td>1</td></tr></tbody>",
		    "", "a table without a caption" },
		{ "<title>Bars</title>", "", "a drawing without a title" },
		/* characters that a reader cannot see */
		{ "One", "O\xe2\x80\xaene", "a raw hidden character 'U+202E'" },
		{ "One", "O\xe2\x80\x8bne", "a raw hidden character 'U+200B'" },
		{ "One", "O\x01ne", "a raw hidden character 'U+0001'" },
		{ "One", "O\xc2\x85ne", "a raw hidden character 'U+0085'" },
		{ "One", "O\rne", "a raw hidden character 'U+000D'" },
		{ "One", "O\x7fne", "a raw hidden character 'U+007F'" },
		{ "One", "O\xffne", "a raw hidden character" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct err e = { 0 };
		int rc = check(a, mutant(a, cases[i].old, cases[i].new), &e);

		if (rc != -1 || strstr(e.msg, cases[i].want) == NULL)
			print_error("case %zu: %s: have '%s'\n", i,
			    cases[i].want, e.msg);
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_SYSTEM);
		assert_non_null(strstr(e.msg, cases[i].want));
		assert_ptr_equal(strstr(e.msg, "data/site/gaps.html:"), e.msg);
		arena_free(a);
	}
}

/* A page after a bad one is judged on its own. */
static void
a_fault_does_not_stay(void **state)
{
	struct arena *a = arena_new();
	struct selfcheck *sc = site(a);
	struct err e = { 0 };
	const char *bad = mutant(a, "<h1>", "<iframe></iframe><h1>");

	(void)state;
	assert_int_equal(selfcheck_page(sc, "data/site/a.html", bad,
	    strlen(bad), &e), -1);
	assert_int_equal(selfcheck_page(sc, "data/site/b.html", page,
	    strlen(page), &e), 0);
	selfcheck_free(sc);
	arena_free(a);
}

/* What two saw, put together: a link of the one to a page of the other. */
static void
merged_checks_see_what_either_saw(void **state)
{
	struct arena *a = arena_new();
	struct selfcheck *one = site(a), *two = selfcheck_new(a);
	const char *to = mutant(a, "help.html", "b.html#two");
	struct err e = { 0 };

	(void)state;
	assert_int_equal(selfcheck_page(two, "data/site/a.html", to,
	    strlen(to), &e), 0);
	selfcheck_merge(one, two);
	assert_int_equal(selfcheck_done(one, &e), -1);
	assert_non_null(strstr(e.msg, "data/site/a.html:"));
	assert_non_null(strstr(e.msg, "'data/site/b.html#two'"));
	assert_int_equal(selfcheck_page(one, "data/site/b.html", page,
	    strlen(page), &e), 0);
	assert_int_equal(selfcheck_done(one, &e), 0);
	selfcheck_free(one);
	selfcheck_free(two);
	arena_free(a);
}

/* The page with a script of its own, its policy made of its bytes. */
static const char *
own_page(struct arena *a, const char *script)
{
	static const char css[] = "\np { margin: 0; }\n";
	struct hash *h = hash_new(a);
	uint8_t sum[HASH_LEN];
	char js_hash[48], css_hash[48];

	hash_bytes(h, sum, script, strlen(script));
	(void)hash_base64(js_hash, sum, HASH_LEN);
	hash_bytes(h, sum, css, strlen(css));
	(void)hash_base64(css_hash, sum, HASH_LEN);
	hash_free(h);
	return arena_printf(a, "<!DOCTYPE html>\n<html " NS " lang=\"en\" "
	    "xml:lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; script-src 'sha256-%s'; style-src "
	    "'sha256-%s'; img-src 'self'; connect-src 'none'; base-uri "
	    "'none'; form-action 'none'; require-trusted-types-for 'script'; "
	    "trusted-types 'none'\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/><meta name=\"referrer\" "
	    "content=\"no-referrer\"/>\n<title>Check</title>\n"
	    "<style>%s</style>\n<script type=\"application/json\" "
	    "id=\"pack\">{\"a\":1}</script>\n<script>%s</script>\n</head>\n"
	    "<body>\n<main id=\"main\"><h1>Check</h1></main>\n</body>\n"
	    "</html>\n", js_hash, css_hash, css, script);
}

#define WRAPPED "\n//<![CDATA[\nif (1 < 2 && 3) a();\n//]]>\n"

static void
own_script_is_named_by_its_hash(void **state)
{
	static const struct {
		const char *script, *old, *new, *want; /* want "": good */
	} cases[] = {
		{ WRAPPED, "Check", "Check", "" },
		{ WRAPPED, "a()", "b()", "a policy that is not" },
		{ WRAPPED, "margin: 0", "margin: 1", "a policy that is not" },
		{ WRAPPED, "connect-src 'none'", "connect-src https:",
		  "a policy that is not" },
		{ WRAPPED, "trusted-types 'none'", "trusted-types x",
		  "a policy that is not" },
		{ WRAPPED, ":1}", ":\"<b>\"}", "an island that is not data" },
		{ "\na();\n", "Check", "Check", "a style or script" },
		{ "\n//<![CDATA[\n//]]>\n//]]>\n", "Check", "Check",
		  "a style or script" },
		{ WRAPPED, "</head>", "<script>a()</script></head>",
		  "not one style" },
		{ WRAPPED, "<h1>", "<b>x</b><h1>", "not allowed" },
		{ WRAPPED, "<h1>", "<h1 onclick=\"a()\">", "not allowed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct selfcheck *sc = selfcheck_new(a);
		const char *own = own_page(a, cases[i].script);
		const char *at = strstr(own, cases[i].old);
		struct str s = str_new(a);
		struct err e = { 0 };
		int rc;

		assert_non_null(at);
		str_add(&s, own, (size_t)(at - own));
		str_addz(&s, cases[i].new);
		str_addz(&s, at + strlen(cases[i].old));
		rc = selfcheck_page(sc, "data/site/verify.html", s.p, s.len,
		    &e);
		assert_int_equal(rc, *cases[i].want != '\0' ? -1 : 0);
		assert_non_null(strstr(e.msg, cases[i].want));
		selfcheck_free(sc);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_script_is_named_by_its_hash),
		cmocka_unit_test(a_good_page_passes),
		cmocka_unit_test(a_page_of_another_form_passes),
		cmocka_unit_test(each_rule_refuses_its_mutant),
		cmocka_unit_test(a_fault_does_not_stay),
		cmocka_unit_test(merged_checks_see_what_either_saw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
