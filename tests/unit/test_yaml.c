#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "read/yaml.h"

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

/* All lines of the diag, joined by LF; "" when there is none. */
static const char *
lines(struct arena *a, const struct diag *d)
{
	struct str s = str_new(a);

	for (size_t i = 0; i < d->n; i++)
		str_addf(&s, "%s%s", i > 0 ? "\n" : "", d->line[i]);
	return s.p;
}

static struct yaml *
parse(struct arena *a, const char *text, size_t len, struct diag *d)
{
	diag_init(d, a);
	return yaml_read(a, "f", text, len, d);
}

/* Each rule of registry.md, Reading rules: what is said, and where. */
static void
what_is_refused_is_named_with_its_place(void **state)
{
	const struct {
		const char *text, *want;
	} cases[] = {
		{ "a: b\n", "" },
		{ "---\na: b\n...\n", "" },
		{ "", "f:1:1: the file is empty" },
		{ "# nothing\n", "f:1:1: the file is empty" },
		{ "- a\n", "f:1:1: the file must be a list of fields, schema "
		    "first" },
		{ "a: &x b\n", "f:1:4: an anchor is not allowed: write the "
		    "value out" },
		{ "a: {x: 1}\nb: *x\n", "f:2:4: an alias is not allowed: write "
		    "the value out" },
		{ "a: !!str b\n", "f:1:4: a tag is not allowed: the type comes "
		    "from the field" },
		{ "a: ! b\n", "f:1:4: a tag is not allowed: the type comes "
		    "from the field" },
		{ "a: &x [1]\nb: !!set {c: 1}\n",
		    "f:1:4: an anchor is not allowed: write the value out\n"
		    "f:2:4: a tag is not allowed: the type comes from the "
		    "field" },
		{ "a:\n  <<: {b: 1}\n", "f:2:3: a merge key is not allowed: "
		    "write the fields out" },
		{ "a: 1\nb: 2\na: 3\n", "f:3:1: field \"a\" stands here twice, "
		    "first in line 1" },
		{ "a: 1\n---\nb: 2\n", "f:2:1: a second document is not "
		    "allowed: one file holds one" },
		{ "%YAML 1.1\n---\na: 1\n", "f:1:1: a directive is not "
		    "allowed: begin with the first field" },
		{ "%TAG ! tag:x,2026:\n---\na: 1\n", "f:1:1: a directive is "
		    "not allowed: begin with the first field" },
		{ "a: \xFF\n", "f:1:4: byte 0xFF is not UTF-8" },
		{ "\xC3\xA9: 1\nb: \xED\xA0\x80\n",
		    "f:2:4: byte 0xED is not UTF-8" },
		{ "\xEF\xBB\xBF" "a: 1\n",
		    "f:1:1: begins with a byte order mark: remove it" },
		{ "a: x\x01y\n", "f:1:5: control character U+0001" },
		{ "a: x\x7Fy\n", "f:1:5: control character U+007F" },
		{ "a: x\xC2\x85y\n", "f:1:5: control character U+0085" },
		{ "a: x\xE2\x80\xA8y\n", "f:1:5: control character U+2028" },
		{ "a: \"x\\x01y\"\n", "f:1:4: an escape stands for control "
		    "character U+0001" },
		{ "a: \"x\\0y\"\n", "f:1:4: an escape stands for control "
		    "character U+0000" },
		{ "? [a]\n: b\n", "f:1:3: a key must be text" },
		{ "\"\": b\n", "f:1:1: a key must be text" },
		{ "a: [1\nb: 2\n", "f:2:2: did not find expected ',' or ']', "
		    "while parsing a flow sequence" },
		{ "a:\n\tb: 1\n", "f:2:1: found character that cannot start "
		    "any token, while scanning for the next token" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct diag d;

		(void)parse(*state, cases[i].text, strlen(cases[i].text), &d);
		assert_string_equal(lines(*state, &d), cases[i].want);
		assert_int_equal(d.kind, *cases[i].want ? ERR_INPUT : ERR_OK);
	}
}

/* The value never stands in the message; the pieces are put together here so
 * that no scanner takes this file for a leak. */
static void
secrets_are_refused_and_not_shown(void **state)
{
	const struct {
		const char *one, *two, *want; /* NULL: no secret */
	} cases[] = {
		{ "AK" "IA", "ABCDEFGHIJKLMNOP", "an access key" },
		{ "AS" "IA", "ABCDEFGHIJKLMNOP", "an access key" },
		{ "AK" "IA", "ABCDEFGHIJKLMNO", NULL },
		{ "xAK" "IA", "ABCDEFGHIJKLMNOP", NULL },
		{ "s" "k-", "abcdefghij0123456789", "an API key" },
		{ "ri" "sk-", "abcdefghij0123456789", NULL },
		{ "s" "k-", "warehouse-agent-of-bratislava", NULL },
		{ "gh" "p_", "abcdefghij0123456789", "an access token" },
		{ "xo" "xb-", "123456789-abc", "an access token" },
		{ "AI" "za", "abcdefghijklmnopqrstuvwxyz0123456", "an API key" },
		{ "ey" "J", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln", "a JSON web token" },
		{ "https:/", "/user:word@host.example/", "a password" },
		{ "https:/", "/user@host.example:443/", NULL },
		{ "https:/", "/host.example:443/a@b", NULL },
		{ "-----BEGIN ", "EC PRIVATE KEY-----", "a private key" },
		{ "-----BEGIN ", "CERTIFICATE-----", NULL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char text[200], want[200];
		struct diag d;

		(void)snprintf(text, sizeof(text), "# c\na: \"%s%s\"\n",
		    cases[i].one, cases[i].two);
		(void)parse(*state, text, strlen(text), &d);
		want[0] = '\0';
		if (cases[i].want != NULL)
			(void)snprintf(want, sizeof(want), "f:2:%d: looks "
			    "like %s: a secret does not belong here",
			    *cases[i].one == 'h' ? 10 : 5, cases[i].want);
		assert_string_equal(lines(*state, &d), want);
	}
}

/* A comment is in the file too. */
static void
secrets_in_comments_are_found(void **state)
{
	static const char text[] = "a: 1\n# was AK" "IAABCDEFGHIJKLMNOP\n";
	struct diag d;

	(void)parse(*state, text, strlen(text), &d);
	assert_string_equal(lines(*state, &d), "f:2:7: looks like an access "
	    "key: a secret does not belong here");
}

/* before + n times unit + after */
static struct str
repeat(struct arena *a, const char *before, const char *unit, size_t n,
    const char *after)
{
	struct str s = str_new(a);

	str_addz(&s, before);
	for (size_t i = 0; i < n; i++)
		str_addz(&s, unit);
	str_addz(&s, after);
	return s;
}

static void
limits_hold_at_the_limit_and_not_one_past_it(void **state)
{
	struct str s;
	struct diag d;

	/* depth: the root is one */
	s = repeat(*state, "a: ", "[", LIMIT_YAML_DEPTH - 1, "");
	s = repeat(*state, s.p, "]", LIMIT_YAML_DEPTH - 1, "\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "");
	s = repeat(*state, "a: ", "[", LIMIT_YAML_DEPTH, "");
	s = repeat(*state, s.p, "]", LIMIT_YAML_DEPTH, "\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "f:1:35: nested deeper than "
	    "32");
	/* a bomb of brackets ends as soon */
	s = repeat(*state, "a: ", "[", 1000000, "");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "f:1:35: nested deeper than "
	    "32");

	/* scalar */
	s = repeat(*state, "a: ", "x", LIMIT_YAML_SCALAR, "\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "");
	s = repeat(*state, "a: ", "x", LIMIT_YAML_SCALAR + 1, "\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "f:1:4: text of 65537 bytes, "
	    "more than 65536");

	/* nodes: the root, its key, the list, its entries */
	s = repeat(*state, "a: [", "b,", LIMIT_YAML_NODES - 3, "]\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "");
	s = repeat(*state, "a: [", "b,", LIMIT_YAML_NODES - 2, "]\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "f:1:199999: more than 100000 "
	    "values");

	/* bytes */
	s = repeat(*state, "a: b\n", "#", LIMIT_YAML_FILE - 6, "\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_int_equal(s.len, LIMIT_YAML_FILE);
	assert_string_equal(lines(*state, &d), "");
	s = repeat(*state, "a: b\n", "#", LIMIT_YAML_FILE - 5, "\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_string_equal(lines(*state, &d), "f: 1048577 bytes, more than "
	    "1048576");

	/* errors: all are counted, so many are kept */
	s = repeat(*state, "a: [", "! b,", LIMIT_DIAG + 5, "]\n");
	(void)parse(*state, s.p, s.len, &d);
	assert_int_equal(d.n, LIMIT_DIAG);
	assert_int_equal(d.total, LIMIT_DIAG + 5);
}

/* The place of every value, counted in characters. */
static void
every_value_keeps_its_place(void **state)
{
	static const char text[] = "schema: x\n\xC3\xA9\xC3\xA9: {b: 'c',\n"
	    "  d: [e,\n   \"f\"]}\ng:\n  h\n";
	struct yaml *y, *e;
	struct diag d;

	y = parse(*state, text, strlen(text), &d);
	assert_non_null(y);
	assert_int_equal(y->n, 3);
	e = yaml_find(y, "\xC3\xA9\xC3\xA9");
	assert_int_equal(e->keyat.line, 2);
	assert_int_equal(e->at.col, 5);
	e = yaml_find(e, "d");
	assert_int_equal(e->at.line, 3);
	assert_int_equal(e->at.col, 6);
	assert_string_equal(e->first->next->text, "f");
	assert_int_equal(e->first->next->at.line, 4);
	assert_int_equal(e->first->next->at.col, 4);
	assert_int_equal(yaml_find(y, "g")->at.line, 6);
}

static void
absent_is_plain_only(void **state)
{
	static const char text[] = "a: null\nb: ~\nc:\nd: 'null'\ne: \"~\"\n"
	    "f: ''\ng: Null\n";
	struct yaml *y;
	struct diag d;

	y = parse(*state, text, strlen(text), &d);
	assert_null(yaml_find(y, "a"));
	assert_null(yaml_find(y, "b"));
	assert_null(yaml_find(y, "c"));
	assert_non_null(yaml_find(y, "d"));
	assert_non_null(yaml_find(y, "e"));
	assert_non_null(yaml_find(y, "f"));
	assert_non_null(yaml_find(y, "g"));
}

/* The type is the table's, never the text's; times are from python3. */
static void
values_are_read_as_the_table_says(void **state)
{
	const struct {
		enum field type;
		const char *of, *text;
		int64_t i;
		const char *want; /* "": i; "=": the text; else the message */
	} cases[] = {
		{ FIELD_TEXT, NULL, "no", 0, "=" },
		{ FIELD_TEXT, NULL, "1.20", 0, "=" },
		{ FIELD_TEXT, NULL, "0x10", 0, "=" },
		{ FIELD_TEXT, NULL, "2026-03-01", 0, "=" },
		{ FIELD_TEXT, NULL, "''", 0, "want text (or leave it out), "
		    "have \"\"" },
		{ FIELD_BOOL, NULL, "true", 1, "" },
		{ FIELD_BOOL, NULL, "false", 0, "" },
		{ FIELD_BOOL, NULL, "yes", 0, "want true or false, have "
		    "\"yes\"" },
		{ FIELD_BOOL, NULL, "True", 0, "want true or false, have "
		    "\"True\"" },
		{ FIELD_INT, NULL, "-7", -7, "" },
		{ FIELD_INT, NULL, "9007199254740991",
		    INT64_C(9007199254740991), "" },
		{ FIELD_INT, NULL, "9007199254740992", 0, "want a whole "
		    "number, have \"9007199254740992\"" },
		{ FIELD_INT, NULL, "-9007199254740991",
		    INT64_C(-9007199254740991), "" },
		{ FIELD_INT, NULL, "99999999999999999999999", 0, "want a whole "
		    "number, have \"99999999999999999999999\"" },
		{ FIELD_INT, NULL, "07", 0, "want a whole number, have "
		    "\"07\"" },
		{ FIELD_INT, NULL, "-0", 0, "want a whole number, have "
		    "\"-0\"" },
		{ FIELD_INT, NULL, "1e3", 0, "want a whole number, have "
		    "\"1e3\"" },
		{ FIELD_INT, "0 3", "3", 3, "" },
		{ FIELD_INT, "0 3", "4", 0, "want 0 to 3, have \"4\"" },
		{ FIELD_INT, "1", "0", 0, "want 1 or more, have \"0\"" },
		{ FIELD_PPM, NULL, "0.91", 910000, "" },
		{ FIELD_PPM, NULL, "'1'", 1000000, "" },
		{ FIELD_PPM, NULL, "1.000001", 0, "want a decimal from 0 to 1 "
		    "with at most 6 digits after the point, have "
		    "\"1.000001\"" },
		{ FIELD_PPM, NULL, "0.1234567", 0, "want a decimal from 0 to 1 "
		    "with at most 6 digits after the point, have "
		    "\"0.1234567\"" },
		{ FIELD_MICRO, NULL, "-12.000001", -12000001, "" },
		{ FIELD_MICRO, NULL, "0.1", 100000, "" },
		{ FIELD_MICRO, NULL, "9007199254.740991",
		    INT64_C(9007199254740991), "" },
		{ FIELD_MICRO, NULL, "9007199254.740992", 0, "want a decimal "
		    "with at most 6 digits after the point, have "
		    "\"9007199254.740992\"" },
		{ FIELD_MICRO, NULL, ".5", 0, "want a decimal with at most 6 "
		    "digits after the point, have \".5\"" },
		{ FIELD_MICRO, NULL, "5.", 0, "want a decimal with at most 6 "
		    "digits after the point, have \"5.\"" },
		{ FIELD_TIME, NULL, "2026-07-01T00:00:00Z",
		    INT64_C(1782864000000000), "" },
		{ FIELD_TIME, NULL, "2026-07-01", INT64_C(1782864000000000),
		    "" },
		{ FIELD_TIME, NULL, "2026-07-01T00:00:00+02:00", 0, "want a "
		    "time like 2026-07-01T00:00:00Z, or a date, have "
		    "\"2026-07-01T00:00:00+02:00\"" },
		{ FIELD_DURATION, NULL, "PT30S", 30000000, "" },
		{ FIELD_DURATION, NULL, "P1DT2H", INT64_C(93600000000), "" },
		{ FIELD_DURATION, NULL, "P1M", 0, "want a duration like PT30S "
		    "or P1DT2H, have \"P1M\"" },
		{ FIELD_SPAN, NULL, "P7Y", 0, "=" },
		{ FIELD_SPAN, NULL, "PT1H", 0, "want a period like P7Y, P3M, "
		    "P2W or P30D, have \"PT1H\"" },
		{ FIELD_CHOICE, "prod dev", "prod", 0, "=" },
		{ FIELD_CHOICE, "prod dev", "prd", 0, "unknown word \"prd\" "
		    "(did you mean \"prod\"?), want one of prod dev" },
		{ FIELD_CHOICE, "prod dev", "o", 0, "unknown word \"o\", want "
		    "one of prod dev" },
		{ FIELD_ID, NULL, "refund-bot", 0, "=" },
		{ FIELD_ID, NULL, "Refund", 0, "want small letters, digits and "
		    ". _ -, beginning with a letter or digit, at most 64, have "
		    "\"Refund\"" },
		{ FIELD_ID, NULL, "-a", 0, "want small letters, digits and "
		    ". _ -, beginning with a letter or digit, at most 64, have "
		    "\"-a\"" },
		{ FIELD_CODE, NULL, "INC-2", 0, "=" },
		{ FIELD_WIDE, NULL, "meta/llama:8b", 0, "=" },
		{ FIELD_ACTION_PREFIX, NULL, "'*'", 0, "=" },
		{ FIELD_ACTION_PREFIX, NULL, "refund.*", 0, "=" },
		{ FIELD_ACTION, NULL, "refund.*", 0, "want small letters, "
		    "digits and . _ - / :, beginning with a letter or digit, "
		    "at most 64, have \"refund.*\"" },
		{ FIELD_CURRENCY, NULL, "EUR", 0, "=" },
		{ FIELD_CURRENCY, NULL, "eur", 0, "want a currency of ISO "
		    "4217, EUR, have \"eur\"" },
		{ FIELD_SHA256, NULL, "abc", 0, "want 64 hex digits, small "
		    "letters, have \"abc\"" },
		{ FIELD_FILE, NULL, "/etc/passwd", 0, "want a path from this "
		    "file's folder, have \"/etc/passwd\"" },
		{ FIELD_TEXT, NULL, "[a]", 0, "want one value, have a list" },
		{ FIELD_MAP, NULL, "{b: 1, a: 'x'}", 0,
		    "{\"a\":\"x\",\"b\":\"1\"}" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char text[200], want[300];
		struct diag d;
		struct value v;
		struct yaml *y;

		(void)snprintf(text, sizeof(text), "f: %s\n", cases[i].text);
		y = parse(*state, text, strlen(text), &d);
		assert_non_null(y);
		if (yaml_value(*state, y->first, cases[i].type, cases[i].of,
		    &v, &d) == -1) {
			(void)snprintf(want, sizeof(want), "f:1:4: f: %s",
			    cases[i].want);
			assert_string_equal(lines(*state, &d), want);
			assert_int_equal(v.type, VALUE_NULL);
		} else if (*cases[i].want == '\0') {
			assert_int_equal(v.type, VALUE_INT);
			assert_int_equal(v.i, cases[i].i);
		} else if (*cases[i].want == '{')
			assert_string_equal(v.p, cases[i].want);
		else {
			assert_string_equal(cases[i].want, "=");
			assert_string_equal(v.p, y->first->text);
		}
	}
}

static void
ids_end_at_64(void **state)
{
	struct str s = repeat(*state, "f: ", "a", 64, "\n");
	struct diag d;
	struct value v;

	assert_int_equal(yaml_value(*state, parse(*state, s.p, s.len,
	    &d)->first, FIELD_ID, NULL, &v, &d), 0);
	s = repeat(*state, "f: ", "a", 65, "\n");
	assert_int_equal(yaml_value(*state, parse(*state, s.p, s.len,
	    &d)->first, FIELD_ID, NULL, &v, &d), -1);
}

/* A value in a message is cut, and what hides is shown. */
static void
messages_show_no_raw_text(void **state)
{
	struct str s = repeat(*state, "", "\xC3\xA9", 40, "");

	assert_string_equal(yaml_quote(*state, "a\nb\xE2\x80\xAE"),
	    "\"a[U+000A]b[U+202E]\"");
	assert_int_equal(strlen(yaml_quote(*state, s.p)), 60 + strlen(
	    "\"...\""));
}

struct inner {
	const char *at, *how;
};
struct thing {
	const char *id, **list;
	int64_t n;
	int flag;
	size_t nlist, ninner;
	struct inner one, *inner;
	struct mark at;
};

static void
maps_fill_structs_and_stay_closed(void **state)
{
	static const struct yaml_field inner_field[] = {
		{ "at", YAML_IS_VALUE, FIELD_TEXT, YAML_REQUIRED, NULL,
		    offsetof(struct inner, at), 0, NULL },
		{ "how", YAML_IS_VALUE, FIELD_TEXT, 0, NULL,
		    offsetof(struct inner, how), 0, NULL },
	};
	static const struct yaml_object inner = { inner_field, 2,
		sizeof(struct inner), YAML_NOWHERE };
	static const struct yaml_field field[] = {
		{ "id", YAML_IS_VALUE, FIELD_ID, YAML_REQUIRED, NULL,
		    offsetof(struct thing, id), 0, NULL },
		{ "n", YAML_IS_VALUE, FIELD_INT, 0, "0 9",
		    offsetof(struct thing, n), 0, NULL },
		{ "flag", YAML_IS_VALUE, FIELD_BOOL, 0, NULL,
		    offsetof(struct thing, flag), 0, NULL },
		{ "list", YAML_IS_TEXTS, FIELD_ID, 0, NULL,
		    offsetof(struct thing, list),
		    offsetof(struct thing, nlist), NULL },
		{ "one", YAML_IS_OBJECT, FIELD_TEXT, 0, NULL,
		    offsetof(struct thing, one), 0, &inner },
		{ "many", YAML_IS_OBJECTS, FIELD_TEXT, 0, NULL,
		    offsetof(struct thing, inner),
		    offsetof(struct thing, ninner), &inner },
	};
	static const struct yaml_object object = { field, LEN(field),
		sizeof(struct thing), offsetof(struct thing, at) };
	static const char good[] = "id: x\nn: 7\nflag: true\nlist: [a, b]\n"
	    "one: {at: p}\nmany: [{at: q}, {at: r, how: s}]\n";
	static const char bad[] = "n: 10\nflga: true\nlist: [A]\none: []\n"
	    "many: [{how: s}]\n";
	struct thing t = { .n = 5 };
	struct diag d;

	yaml_into(*state, parse(*state, good, strlen(good), &d), &object, &t,
	    &d);
	assert_string_equal(lines(*state, &d), "");
	assert_string_equal(t.id, "x");
	assert_int_equal(t.n, 7);
	assert_int_equal(t.flag, 1);
	assert_int_equal(t.nlist, 2);
	assert_string_equal(t.list[1], "b");
	assert_string_equal(t.one.at, "p");
	assert_int_equal(t.ninner, 2);
	assert_string_equal(t.inner[1].how, "s");
	assert_int_equal(t.at.line, 1);

	yaml_into(*state, parse(*state, bad, strlen(bad), &d), &object, &t,
	    &d);
	assert_string_equal(lines(*state, &d),
	    "f:1:4: n: want 0 to 9, have \"10\"\n"
	    "f:2:1: unknown field \"flga\" (did you mean \"flag\"?)\n"
	    "f:3:8: want small letters, digits and . _ -, beginning with a "
	    "letter or digit, at most 64, have \"A\"\n"
	    "f:4:6: one: want fields\n"
	    "f:5:8: at: missing\n"
	    "f:1:1: id: missing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(what_is_refused_is_named_with_its_place),
		T(secrets_are_refused_and_not_shown),
		T(secrets_in_comments_are_found),
		T(limits_hold_at_the_limit_and_not_one_past_it),
		T(every_value_keeps_its_place),
		T(absent_is_plain_only),
		T(values_are_read_as_the_table_says),
		T(ids_end_at_64),
		T(messages_show_no_raw_text),
		T(maps_fill_structs_and_stay_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
