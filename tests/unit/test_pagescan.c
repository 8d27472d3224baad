#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "cmd/pagescan.h"

/* Everything that the scan takes, and what it makes of it. */
static const char page[] =
    "<!DOCTYPE html>\n"
    "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" "
    "xml:lang=\"en\">\n<head><title>T</title></head>\n<body>\n"
    "<h1 id=\"a\" class=\"x &amp; &#39;y&quot;\">Caf\xc3\xa9 &lt;\t&gt;</h1>"
    "<p>a]] \"b\" 'c'</p><p></p><br/>\n"
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">"
    "<path d=\"M0 0\"/></svg>\n"
    "</body>\n</html>\n";

static const char page_events[] =
    "<html|lang=en|xml:lang=en>t<head><title>t</></>t<body>t"
    "<h1|id=a|class=x & 'y\">t</><p>t</><p></><br></>t"
    "<svg|viewBox=0 0 1 1><path|d=M0 0></></>t</>t</>";

/* What was told, as text; text in pieces is one piece. */
struct told {
	struct str s;
	int in_text;
};

static void
tell(struct told *t, const char *p, size_t len)
{
	t->in_text = 0;
	str_add(&t->s, p, len);
}

static void
tell_attr(struct told *t, const char *name, size_t namelen, const char *value,
    size_t len)
{
	str_addc(&t->s, '|');
	str_add(&t->s, name, namelen);
	str_addc(&t->s, '=');
	str_add(&t->s, value, len);
}

static int
scan_start(void *v, const char *name, size_t len, const struct page_attr *at,
    size_t n)
{
	struct told *t = v;

	tell(t, "<", 1);
	tell(t, name, len);
	for (size_t i = 0; i < n; i++)
		tell_attr(t, at[i].name, at[i].namelen, at[i].value,
		    at[i].len);
	tell(t, ">", 1);
	return 0;
}

static int
scan_end(void *v)
{
	tell(v, "</>", 3);
	return 0;
}

static int
scan_text(void *v, size_t len)
{
	struct told *t = v;

	assert_true(len > 0);
	if (!t->in_text)
		str_addc(&t->s, 't');
	t->in_text = 1;
	return 0;
}

static const struct page_events events = { scan_start, scan_end, scan_text };

static void
xml_start(void *v, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nat, int ndefault,
    const xmlChar **at)
{
	struct told *t = v;
	const char *name = (const char *)local;

	(void)nns;
	(void)ns;
	(void)ndefault;
	tell(t, "<", 1);
	if (prefix != NULL || uri == NULL || (strcmp((const char *)uri,
	    "http://www.w3.org/1999/xhtml") != 0 && strcmp((const char *)uri,
	    "http://www.w3.org/2000/svg") != 0))
		tell(t, "not ours:", 9);
	tell(t, name, strlen(name));
	for (int i = 0; i < nat; i++, at += 5) {
		const char *whole = at[1] == NULL ? (const char *)at[0] :
		    strcmp((const char *)at[1], "xml") == 0 ? arena_printf(
		    t->s.arena, "xml:%s", (const char *)at[0]) : "?";

		tell_attr(t, whole, strlen(whole), (const char *)at[3],
		    (size_t)(at[4] - at[3]));
	}
	tell(t, ">", 1);
}

static void
xml_end(void *v, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri)
{
	(void)local;
	(void)prefix;
	(void)uri;
	tell(v, "</>", 3);
}

static void
xml_text(void *v, const xmlChar *text, int len)
{
	(void)text;
	if (len > 0)
		(void)scan_text(v, (size_t)len);
}

/* Anything else is never told by a scan. */
static void
xml_other(void *v, const xmlChar *text)
{
	(void)text;
	tell(v, "?", 1);
}

/* NULL: not well-formed. */
static const char *
by_libxml2(struct arena *a, xmlParserCtxt *x, const char *p, size_t len)
{
	struct told t = { str_new(a), 0 };

	memset(x->sax, 0, sizeof(*x->sax));
	x->sax->initialized = XML_SAX2_MAGIC;
	x->sax->startElementNs = xml_start;
	x->sax->endElementNs = xml_end;
	x->sax->characters = xml_text;
	x->sax->ignorableWhitespace = xml_text;
	x->sax->comment = xml_other;
	x->userData = &t;
	/* NOENT: without it &amp; in a value is told as &#38;. */
	xmlFreeDoc(xmlCtxtReadMemory(x, p, (int)len, "page", "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
	    XML_PARSE_NOENT));
	return x->wellFormed ? t.s.p : NULL;
}

static const char *
by_scan(struct arena *a, struct pagescan *s, const char *p, size_t len)
{
	struct told t = { str_new(a), 0 };

	return pagescan_run(s, a, p, len, &events, &t) ? t.s.p : NULL;
}

static void
a_page_is_told(void **state)
{
	struct arena *a = arena_new();
	const char *told = by_scan(a, pagescan_new(a), page, strlen(page));

	(void)state;
	assert_non_null(told);
	assert_string_equal(told, page_events);
	arena_free(a);
}

/* Whatever the scan takes, libxml2 takes, and reads the same in it. */
static int
agree(struct arena *a, struct pagescan *s, xmlParserCtxt *x, const char *p,
    size_t len)
{
	const char *one = by_scan(a, s, p, len), *two;

	if (one == NULL)
		return 0;
	two = by_libxml2(a, x, p, len);
	if (two == NULL || strcmp(one, two) != 0)
		print_error("scan: %s\nlibxml2: %s\n%s\n", one, two != NULL ?
		    two : "not well-formed", p);
	assert_non_null(two);
	assert_string_equal(one, two);
	return 1;
}

static void
what_is_taken_is_what_libxml2_reads(void **state)
{
	static const char byte[] = "<>&\"'/= ;:!?#x]\n\t\r\0\x7f\xc2\xff";
	static const char *const piece[] = { "<p>", "</p>", "<br/>", "&amp;",
		"&nbsp;", "&#0;", "]]>", "<!-- -->", "<?x?>", " id=\"a\"",
		" xmlns=\"urn:x\"", "xmlns:", "\xef\xbf\xbe", "\xe2\x80\xae",
		"<![CDATA[", " xmlns=\"http://www.w3.org/2000/svg\"" };
	struct arena *keep = arena_new(), *a = arena_new();
	struct pagescan *s = pagescan_new(keep);
	xmlParserCtxt *x = xmlNewParserCtxt();
	size_t len = sizeof(page) - 1, taken = 0, tried = 0;
	char *copy = arena_alloc(keep, len + 64);

	(void)state;
	for (size_t at = 0; at < len; at++) {
		for (size_t b = 0; b < sizeof(byte) - 1; b++, tried++) {
			memcpy(copy, page, len + 1);
			copy[at] = byte[b];
			taken += (size_t)agree(a, s, x, copy, len);
		}
		for (size_t k = 0; k < sizeof(piece) / sizeof(piece[0]); k++,
		    tried++) {
			size_t n = strlen(piece[k]);

			memcpy(copy, page, at);
			memcpy(copy + at, piece[k], n);
			memcpy(copy + at + n, page + at, len - at + 1);
			taken += (size_t)agree(a, s, x, copy, len + n);
		}
		/* without this byte, and the page cut off here */
		memcpy(copy, page, at);
		memcpy(copy + at, page + at + 1, len - at);
		taken += (size_t)agree(a, s, x, copy, len - 1);
		copy[at] = '\0';
		taken += (size_t)agree(a, s, x, copy, at);
		tried += 2;
		arena_reset(a);
	}
	/* Some changes are good ones: both sides were compared. */
	assert_in_range(taken, tried / 50, tried / 2);
	xmlFreeParserCtxt(x);
	arena_free(a);
	arena_free(keep);
}

static int
stop(void *v, const char *name, size_t len, const struct page_attr *at,
    size_t n)
{
	(void)v;
	(void)at;
	(void)n;
	return len == 4 && memcmp(name, "body", 4) == 0;
}

static void
an_event_stops_it(void **state)
{
	static const struct page_events e = { stop, scan_end, scan_text };
	struct arena *a = arena_new();
	struct told t = { str_new(a), 0 };

	(void)state;
	assert_int_equal(pagescan_run(pagescan_new(a), a, page, strlen(page),
	    &e, &t), 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_told),
		cmocka_unit_test(what_is_taken_is_what_libxml2_reads),
		cmocka_unit_test(an_event_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
