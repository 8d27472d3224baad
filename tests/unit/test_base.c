#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/html.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/out.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Expected values: python3 datetime. */
static void
times_parse_and_print(void **state)
{
	const struct {
		const char *text;
		int64_t us;
		const char *printed; /* NULL: the same */
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0, NULL },
		{ "2026-07-01T00:00:00Z", INT64_C(1782864000000000), NULL },
		{ "2026-07-01", INT64_C(1782864000000000),
		    "2026-07-01T00:00:00Z" },
		{ "2024-02-29T23:59:59.25Z", INT64_C(1709251199250000), NULL },
		{ "1969-12-31T23:59:59.999999Z", -1, NULL },
		{ "9999-12-31T23:59:59Z", INT64_C(253402300799000000), NULL },
		{ "0001-01-01T00:00:00Z", INT64_C(-62135596800000000), NULL },
	};
	const char *const bad[] = { "", "2026-02-29", "2026-13-01",
		"2026-07-01T24:00:00Z", "2026-07-01T00:00:00",
		"2026-07-01T00:00:00+02:00", "2026-07-01 00:00:00Z",
		"2026-07-01T00:00:00.1234567Z", "2026-07-01T00:00:00.Z",
		"26-07-01", "2026-7-1", "0000-01-01", "2026-07-01x" };
	struct str s = str_new(*state);
	int64_t us;

	for (size_t i = 0; i < LEN(good); i++) {
		assert_int_equal(date_parse(good[i].text, &us), 0);
		assert_int_equal(us, good[i].us);
		str_reset(&s);
		date_add_time(&s, us);
		assert_string_equal(s.p, good[i].printed != NULL ?
		    good[i].printed : good[i].text);
	}
	for (size_t i = 0; i < LEN(bad); i++)
		assert_int_equal(date_parse(bad[i], &us), -1);
}

static void
every_day_of_400_years_survives(void **state)
{
	(void)state;
	for (int64_t day = -200000; day < 200000; day++) {
		int y, m, d;

		date_split(day * DATE_DAY, &y, &m, &d);
		assert_int_equal(date_civil(y, m, d), day * DATE_DAY);
	}
}

static void
durations_and_spans(void **state)
{
	const struct {
		const char *text;
		int64_t us; /* -1: refused */
	} cases[] = {
		{ "PT30S", 30 * DATE_SECOND }, { "P1D", DATE_DAY },
		{ "P1DT2H3M4S", DATE_DAY + 2 * DATE_HOUR + 3 * DATE_MINUTE +
		    4 * DATE_SECOND },
		{ "PT0S", 0 }, { "P", -1 }, { "PT", -1 }, { "P1M", -1 },
		{ "P1Y", -1 }, { "PT1S1M", -1 }, { "1D", -1 }, { "PT1", -1 },
		{ "P1DT", -1 }, { "PT9999999999S", -1 }, { "P1D1D", -1 },
	};
	const struct {
		const char *from, *span, *to;
		int sign;
	} spans[] = {
		{ "2026-01-31", "P1M", "2026-02-28", 1 },
		{ "2024-02-29", "P1Y", "2025-02-28", 1 },
		{ "2026-03-31", "P1M", "2026-02-28", -1 },
		{ "2026-12-15", "P3M", "2027-03-15", 1 },
		{ "2026-07-01", "P2W", "2026-07-15", 1 },
		{ "2026-10-12", "P7Y", "2019-10-12", -1 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		int64_t us = 0;
		int rc = date_parse_duration(cases[i].text, &us);

		assert_int_equal(rc, cases[i].us == -1 ? -1 : 0);
		if (rc == 0)
			assert_int_equal(us, cases[i].us);
	}
	for (size_t i = 0; i < LEN(spans); i++) {
		struct date_span span;
		int64_t from, to;

		assert_int_equal(date_parse(spans[i].from, &from), 0);
		assert_int_equal(date_parse(spans[i].to, &to), 0);
		assert_int_equal(date_parse_span(spans[i].span, &span), 0);
		assert_int_equal(date_add(from, span, spans[i].sign), to);
	}
}

static void
periods_have_names(void **state)
{
	const struct {
		const char *text, *name; /* name NULL: refused */
	} cases[] = {
		{ "2026-Q3", "2026-Q3" }, { "2026-09", "2026-09" },
		{ "2026", "2026" }, { "2026-07-01..2026-10-01", "2026-Q3" },
		{ "2026-07-01..2026-09-15", "2026-07-01--2026-09-15" },
		{ "2026-Q5", NULL }, { "2026-13", NULL }, { "Q3", NULL },
		{ "2026-09-01..2026-07-01", NULL }, { "2026-Q3x", NULL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct str s = str_new(*state);
		int64_t from, to;

		if (cases[i].name == NULL) {
			assert_int_equal(date_parse_period(cases[i].text,
			    &from, &to), -1);
			continue;
		}
		assert_int_equal(date_parse_period(cases[i].text, &from, &to),
		    0);
		date_add_period(&s, from, to);
		assert_string_equal(s.p, cases[i].name);
	}
}

static void
hidden_characters_become_tokens(void **state)
{
	const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" }, { "\x1b[31m", "[U+001B][31m" },
		{ "a\xe2\x80\xae" "b", "a[U+202E]b" },
		{ "[U+202E]", "[U+005B]U+202E]" },
		{ "\xff", "\xef\xbf\xbd" }, { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "zero\xe2\x80\x8b" "width", "zero[U+200B]width" },
		{ "\xf3\xa0\x81\x81", "[U+E0041]" }, { "a\nb", "a[U+000A]b" },
		{ "\xef\xbf\xbf", "[U+FFFF]" }, { "\xc2\x85", "[U+0085]" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct str s = str_new(*state);

		utf8_visible(&s, cases[i].in, strlen(cases[i].in), 0);
		assert_string_equal(s.p, cases[i].out);
	}
}

static void
floods_of_marks_collapse(void **state)
{
	struct str in = str_new(*state), out = str_new(*state);

	str_addc(&in, 'a');
	for (int i = 0; i < 150; i++)
		str_addz(&in, "\xcc\x81");
	str_addc(&in, 'b');
	utf8_visible(&out, in.p, in.len, 0);
	assert_non_null(strstr(out.p, "[+50 marks]b"));
}

static void
html_is_escaped_once(void **state)
{
	struct str s = str_new(*state);

	html_lit(&s, "<b>");
	html_textz(&s, "a<b>&\"'&amp;\xe2\x80\xaa");
	html_lit(&s, "</b>");
	assert_string_equal(s.p, "<b>a&lt;b&gt;&amp;&quot;&#39;&amp;amp;"
	    "[U+202A]</b>");
}

/* Expected: python3 json.dumps(..., separators, ensure_ascii=False). */
static void
json_is_rfc8785(void **state)
{
	struct str s = str_new(*state);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_key(&w, "a");
	jsonw_array(&w);
	jsonw_int(&w, -1);
	jsonw_textz(&w, "x\n\"\\\x01\x7f/\xc3\xa9");
	jsonw_null(&w);
	jsonw_array(&w);
	jsonw_end(&w, ']');
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "b", NULL);
	jsonw_kint(&w, "c", 9007199254740991);
	jsonw_end(&w, '}');
	assert_string_equal(s.p, "{\"a\":[-1,\"x\\n\\\"\\\\\\u0001\x7f/\xc3\xa9"
	    "\",null,[]],\"c\":9007199254740991}");
}

static void
maps_keep_what_was_put(void **state)
{
	struct map *m = map_new(*state);
	char key[32];

	for (size_t i = 0; i < 5000; i++) {
		(void)snprintf(key, sizeof(key), "key %zu", i % 2500);
		*map_putz(m, key) = (void *)(i + 1);
	}
	assert_int_equal(map_count(m), 2500);
	assert_ptr_equal(map_getz(m, "key 7"), (void *)(size_t)2508);
	assert_null(map_getz(m, "key 2500"));
	assert_null(map_get(m, "key 7", 4));
}

static void
near_words_are_found(void **state)
{
	const char *const words[] = { "scope", "server", "owner" };

	(void)state;
	assert_string_equal(str_nearest("scop", words, 3), "scope");
	assert_string_equal(str_nearest("onwer", words, 3), "owner");
	assert_null(str_nearest("licence", words, 3));
	assert_null(str_nearest("s", words, 3));
}

static void
the_worse_status_wins(void **state)
{
	const enum err_kind order[] = { ERR_INTEGRITY, ERR_SYSTEM, ERR_INPUT,
		ERR_UNDECIDED, ERR_GAP, ERR_OK };

	(void)state;
	for (size_t i = 0; i < LEN(order); i++)
		for (size_t j = 0; j < LEN(order); j++)
			assert_int_equal(err_worse(order[i], order[j]),
			    order[i < j ? i : j]);
}

static void
errors_are_counted_past_the_limit(void **state)
{
	struct mark at = { "a.yaml", 3, 9 };
	struct diag d;

	diag_init(&d, *state);
	for (int i = 0; i < LIMIT_DIAG + 20; i++)
		diag_add(&d, ERR_INPUT, at, "unknown field \"%d\"", i);
	assert_int_equal(d.n, LIMIT_DIAG);
	assert_int_equal(d.total, LIMIT_DIAG + 20);
	assert_string_equal(d.line[0], "a.yaml:3:9: unknown field \"0\"");
}

/* A reader of out/NAME sees the whole old or the whole new tree; what a dead
 * run left is removed; a second run is refused while one runs. */
static void
publication_swaps_whole_trees(void **state)
{
	char dir[] = "/tmp/exhibit-test-XXXXXX", path[256], *text;
	struct out_swap one, two;
	struct err e = { 0 };
	size_t len;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/out/.p.tmp-1/old", dir);
	assert_int_equal(out_mkdirs(path, &e), 0);
	(void)snprintf(path, sizeof(path), "%s/out", dir);
	for (int i = 0; i < 3; i++) {
		char body[8];

		(void)snprintf(body, sizeof(body), "v%d", i);
		assert_int_equal(out_swap_begin(&one, path, "p", &e), 0);
		assert_int_equal(out_swap_begin(&two, path, "p", &e), -1);
		assert_int_equal(e.kind, ERR_SYSTEM);
		assert_non_null(strstr(e.msg, "held by another run"));
		assert_int_equal(out_file(one.fd, "a/b/c", body, 2, &e), 0);
		assert_int_equal(out_file(one.fd, "a/b/c", body, 2, &e), -1);
		if (i == 1) {
			out_swap_abort(&one);
			continue;
		}
		assert_int_equal(out_swap_done(&one, &e), 0);
	}
	(void)snprintf(path, sizeof(path), "%s/out/p/a/b/c", dir);
	assert_int_equal(out_slurp(*state, path, 8, &text, &len, &e), 0);
	assert_string_equal(text, "v2");
	assert_int_equal(out_slurp(*state, path, 1, &text, &len, &e), -1);
	(void)snprintf(path, sizeof(path), "%s/out/.p.tmp-1", dir);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(out_rmtree(AT_FDCWD, dir, &e), 0);
}

/* site.md section 7: what a spreadsheet would run is text again. */
static void
cells_are_text_not_formulas(void **state)
{
	struct arena *a = *state;
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "plain", "\"plain\"" },
		{ "", "\"\"" },
		{ "say \"no\"", "\"say \"\"no\"\"\"" },
		{ "a,b\nc", "\"a,b\nc\"" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "|calc", "\"'|calc\"" },
		{ "'=1", "\"''=1\"" },
		{ "\t=1", "\"'\t=1\"" },
		{ "\xef\xbc\x9d" "1", "\"'\xef\xbc\x9d" "1\"" },
		{ "a=1", "\"a=1\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str s = str_new(a);

		csv_text(&s, cases[i].text, strlen(cases[i].text));
		assert_string_equal(s.p, cases[i].want);
	}
}

/* What the quick formatter writes is what vsnprintf writes; in any room. */
static size_t quick(char *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4)));

static size_t
quick(char *to, size_t cap, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = fmt_plain(to, cap, fmt, ap);
	va_end(ap);
	return n;
}

static void
quick_formats_are_those_of_printf(void **state)
{
	char got[64], want[64];

#define SAME(...) do { \
	int n_ = snprintf(want, sizeof(want), __VA_ARGS__); \
	assert_int_equal(quick(got, sizeof(got), __VA_ARGS__), n_); \
	assert_string_equal(got, want); \
	assert_int_equal(quick(got, (size_t)n_, __VA_ARGS__), FMT_NOT); \
	assert_int_equal(quick(got, (size_t)n_ + 1, __VA_ARGS__), n_); \
	assert_string_equal(got, want); \
} while (0)
	(void)state;
	SAME("plain");
	SAME("%s", "text");
	SAME("%s%%%c|%s", "", 'x', "end");
	SAME("%d %d %d %d", 0, -7, INT32_MAX, INT32_MIN);
	SAME("%u %zu", UINT32_MAX, SIZE_MAX);
	SAME("%lu %llu", 0ul, UINT64_MAX - 0ull);
	SAME("%ld %ld %ld", 0l, INT64_MIN, INT64_MAX);
	SAME("%04d-%02d-%02d %03u", 2026, 7, 123, 5u);
	SAME("%04d %02d %01d", -7, -7, 0);
	assert_int_equal(quick(got, sizeof(got), "%s", ""), 0);
	assert_int_equal(quick(got, sizeof(got), "%04x", 7u), FMT_NOT);
	assert_int_equal(quick(got, sizeof(got), "%.*s", 1, "ab"), FMT_NOT);
	assert_int_equal(quick(got, sizeof(got), "%lx", 1ul), FMT_NOT);
	assert_int_equal(quick(got, sizeof(got), "%04ld", 1l), FMT_NOT);
	assert_int_equal(quick(got, sizeof(got), "%4d", 1), FMT_NOT);
}

/* A second life of an arena is as zeroed as the first. */
static void
a_reset_arena_gives_zeroes(void **state)
{
	for (size_t n = 1; n < 100000; n = n * 3 + 1) {
		for (size_t i = 0; i < 40; i++)
			memset(arena_alloc(*state, n), 0xff, n);
		arena_reset(*state);
		for (size_t i = 0; i < 40; i++) {
			const unsigned char *p = arena_alloc(*state, n);

			for (size_t k = 0; k < n; k++)
				assert_int_equal(p[k], 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(times_parse_and_print, setup, teardown),
		cmocka_unit_test(every_day_of_400_years_survives),
		cmocka_unit_test(durations_and_spans),
		cmocka_unit_test(quick_formats_are_those_of_printf),
		cmocka_unit_test_setup_teardown(a_reset_arena_gives_zeroes, setup, teardown),
		cmocka_unit_test_setup_teardown(periods_have_names, setup, teardown),
		cmocka_unit_test_setup_teardown(hidden_characters_become_tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(floods_of_marks_collapse, setup, teardown),
		cmocka_unit_test_setup_teardown(html_is_escaped_once, setup, teardown),
		cmocka_unit_test_setup_teardown(json_is_rfc8785, setup, teardown),
		cmocka_unit_test_setup_teardown(maps_keep_what_was_put, setup, teardown),
		cmocka_unit_test(near_words_are_found),
		cmocka_unit_test(the_worse_status_wins),
		cmocka_unit_test_setup_teardown(cells_are_text_not_formulas, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_are_counted_past_the_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(publication_swaps_whole_trees, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
