#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "model/event.h"
#include "model/record.h"
#include "model/schema.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define VECTORS "tests/vectors/audit-store/"

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

static struct value
text(const char *p)
{
	return (struct value){ VALUE_TEXT, 0, p, strlen(p) };
}

static struct value
num(int64_t i)
{
	return (struct value){ VALUE_INT, i, NULL, 0 };
}

static void
good_row(struct value *col)
{
	memset(col, 0, EVENT_NCOL * sizeof(col[0]));
	col[EVENT_AGENT_ID] = text("a");
	col[EVENT_EVENT_ID] = text("e");
	col[EVENT_EVENT_TYPE] = text("action");
	col[EVENT_OCCURRED_US] = num(1);
	col[EVENT_PREV_HASH] = text("p");
	col[EVENT_RECORDED_US] = num(2);
	col[EVENT_SEQ] = num(0);
	col[EVENT_SOURCE_FORMAT] = text("native");
	col[EVENT_SOURCE_GRADE] = text("none");
	col[EVENT_STREAM] = text("s");
}

static void
columns_are_in_byte_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < EVENT_NCOL; i++)
		assert_true(strcmp(event_column[i - 1].name,
		    event_column[i].name) < 0);
	for (size_t i = 0; i < EVENT_NCOL; i++)
		assert_int_equal(event_col(event_column[i].name), i);
	assert_int_equal(event_col("seq "), -1);
	assert_int_equal(EVENT_NCOL, 81);
}

static void
types_are_a_closed_list(void **state)
{
	(void)state;
	for (size_t i = 1; i < event_ntype; i++)
		assert_true(strcmp(event_type[i - 1], event_type[i]) < 0);
	for (size_t i = 0; i < event_ntype; i++)
		assert_true(event_type_known(event_type[i]));
	assert_int_equal(event_ntype, 28);
	assert_false(event_type_known("Action"));
	assert_false(event_type_known(""));
}

static void
grades_parse_and_print(void **state)
{
	(void)state;
	for (int g = GRADE_BROKEN; g <= GRADE_SIGNED; g++)
		assert_int_equal(grade_parse(grade_name((enum grade)g)), g);
	assert_int_equal(grade_parse("good"), -1);
}

/* The next line of a vector file, without its LF; NULL: the end. */
static char *
line(struct arena *a, char **p)
{
	char *nl = strchr(*p, '\n'), *at = *p;

	if (nl == NULL)
		return NULL;
	*p = nl + 1;
	return arena_strndup(a, at, (size_t)(nl - at));
}

static char *
slurp(struct arena *a, const char *name)
{
	struct err e = { 0 };
	size_t len;
	char *p;

	assert_int_equal(out_slurp(a, arena_printf(a, VECTORS "%s", name), MIB,
	    &p, &len, &e), 0);
	return p;
}

/* Vectors made by tests/vectors/audit-store/make.py (python3 json, hashlib). */
static void
vectors_come_out_again(void **state)
{
	struct arena *a = *state;
	char *records = slurp(a, "records"), *leaves = slurp(a, "leaves");
	char *roots = slurp(a, "roots"), *genesis = slurp(a, "genesis");
	struct hash *h = hash_new(a);
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN], *r, *g = line(a, &genesis);
	struct merkle m;
	int n = 0;

	merkle_init(&m, h);
	*strchr(g, ' ') = '\0';
	record_genesis(h, g, sum);
	hash_hex(hex, sum);
	assert_string_equal(hex, g + strlen(g) + 1);
	for (; (r = line(a, &records)) != NULL; n++) {
		struct value col[EVENT_NCOL];
		struct str again = str_new(a);
		struct err e = { 0 };

		merkle_root(&m, sum);
		hash_hex(hex, sum);
		assert_string_equal(strchr(line(a, &roots), ' ') + 1, hex);
		assert_int_equal(record_parse(a, r, strlen(r), col, &e), 0);
		record_add(&again, col);
		assert_string_equal(again.p, r);
		hash_leaf(h, sum, again.p, again.len);
		hash_hex(hex, sum);
		assert_string_equal(line(a, &leaves), hex);
		merkle_add(&m, sum);
	}
	merkle_root(&m, sum);
	hash_hex(hex, sum);
	assert_string_equal(strchr(line(a, &roots), ' ') + 1, hex);
	assert_int_equal(n, 15);
	hash_free(h);
}

static void
what_is_not_a_record_is_refused(void **state)
{
#define HEAD "{\"agent_id\":\"a\",\"event_id\":\"e\",\"event_type\":\"action\"," \
	"\"occurred_us\":1,\"prev_hash\":\"p\","
#define TAIL "\"seq\":0,\"source_format\":\"native\"," \
	"\"source_grade\":\"none\",\"stream\":\"s\"}"
	const struct {
		const char *p;
		enum err_kind kind;
		const char *want;
	} cases[] = {
		{ HEAD "\"recorded_us\":2," TAIL, ERR_OK, "" },
		{ HEAD TAIL, ERR_INPUT, "recorded_us: is not there" },
		{ HEAD "\"recorded_us\":null," TAIL, ERR_INPUT, "recorded_us" },
		{ HEAD "\"recorded_us\":02," TAIL, ERR_INPUT, "not canonical" },
		{ HEAD "\"recorded_us\":-0," TAIL, ERR_INPUT, "not canonical" },
		{ HEAD "\"recorded_us\":2.0," TAIL, ERR_INPUT, "want , or" },
		{ HEAD "\"recorded_us\": 2," TAIL, ERR_INPUT, "recorded_us" },
		{ HEAD "\"recorded_us\":9007199254740991," TAIL, ERR_OK, "" },
		{ HEAD "\"recorded_us\":9007199254740992," TAIL, ERR_INPUT,
		    "recorded_us" },
		{ HEAD "\"recorded_us\":\"2\"," TAIL, ERR_INPUT, "is text" },
		{ HEAD "\"reason\":1,\"recorded_us\":2," TAIL, ERR_INPUT,
		    "reason: is a number" },
		{ HEAD "\"reason\":\"\\u0041\",\"recorded_us\":2," TAIL, ERR_INPUT,
		    "reason" },
		{ HEAD "\"reason\":\"\\u000a\",\"recorded_us\":2," TAIL, ERR_INPUT,
		    "not canonical" },
		{ HEAD "\"reason\":\"\\u0000\",\"recorded_us\":2," TAIL, ERR_INPUT,
		    "reason" },
		{ HEAD "\"reason\":\"\\/\",\"recorded_us\":2," TAIL, ERR_INPUT,
		    "reason" },
		{ HEAD "\"reason\":\"\xff\",\"recorded_us\":2," TAIL, ERR_INPUT,
		    "not UTF-8" },
		{ HEAD "\"reason\":\"\xed\xa0\x80\",\"recorded_us\":2," TAIL,
		    ERR_INPUT, "not UTF-8" },
		{ HEAD "\"recorded_us\":2,\"reason\":\"x\"," TAIL, ERR_INPUT,
		    "not canonical" },
		{ HEAD "\"recorded_us\":2,\"recorded_us\":2," TAIL, ERR_INPUT,
		    "stands twice" },
		{ HEAD "\"recorded_us\":2,\"sec\":1," TAIL, ERR_UNDECIDED,
		    "unknown column \"sec\"" },
		{ HEAD "\"recorded_us\":2," TAIL " ", ERR_INPUT, "the end" },
		{ HEAD "\"recorded_us\":2," TAIL "\n", ERR_INPUT, "the end" },
		{ "{}", ERR_INPUT, "is not there" }, { "", ERR_INPUT, "object" },
		{ "[]", ERR_INPUT, "object" }, { "{\"agent_id\"", ERR_INPUT, "" },
		{ "{\"agent_id\":\"", ERR_INPUT, "" },
		{ "{\"agent_id\":\"\\", ERR_INPUT, "" },
		{ "{\"agent_id\":\"\\u00", ERR_INPUT, "" },
	};
	struct arena *a = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		struct value col[EVENT_NCOL];
		struct err e = { 0 };
		size_t len = strlen(cases[i].p);
		int rc = record_parse(a, arena_memdup(a, cases[i].p, len), len,
		    col, &e);

		assert_int_equal(rc, cases[i].kind == ERR_OK ? 0 : -1);
		assert_int_equal(e.kind, cases[i].kind);
		if (strstr(e.msg, cases[i].want) == NULL)
			fail_msg("%s: got %s", cases[i].p, e.msg);
	}
}

/* What ingest checks before it writes. */
static void
values_are_checked_at_the_border(void **state)
{
	struct arena *a = *state;
	char *wide = arena_alloc(a, LIMIT_FIELD + 2);
	struct value col[EVENT_NCOL];
	struct err e = { 0 };

	memset(wide, 'x', LIMIT_FIELD);
	good_row(col);
	for (int c = 0; c < EVENT_NCOL; c++)
		assert_int_equal(record_check((enum event_col)c, &col[c], &e), 0);
	col[EVENT_REASON] = text(wide);
	assert_int_equal(record_check(EVENT_REASON, &col[EVENT_REASON], &e), 0);
	col[EVENT_REASON].len = LIMIT_FIELD + 1;
	assert_int_equal(record_check(EVENT_REASON, &col[EVENT_REASON], &e), -1);
	assert_non_null(strstr(e.msg, "reason: 262145 bytes"));
	col[EVENT_REASON] = (struct value){ VALUE_TEXT, 0, "a\0b", 3 };
	assert_int_equal(record_check(EVENT_REASON, &col[EVENT_REASON], &e), -1);
	assert_non_null(strstr(e.msg, "U+0000"));
	col[EVENT_SEQ] = num(INT64_C(9007199254740992));
	assert_int_equal(record_check(EVENT_SEQ, &col[EVENT_SEQ], &e), -1);
	col[EVENT_SEQ] = num(-INT64_C(9007199254740992));
	assert_int_equal(record_check(EVENT_SEQ, &col[EVENT_SEQ], &e), -1);
}

/* The eight-byte steps of the escape test, at every offset and length. */
static void
escapes_are_found_wherever_they_stand(void **state)
{
	static const char odd[] = "\"\\\n\x01\x1f";
	struct arena *a = *state;

	for (size_t len = 1; len < 40; len++)
		for (size_t at = 0; at < len; at++)
			for (size_t k = 0; k < sizeof(odd) - 1; k++) {
				struct value col[EVENT_NCOL], back[EVENT_NCOL];
				struct str s = str_new(a);
				struct err e = { 0 };
				char buf[41];

				memset(buf, '!', len);
				buf[at] = odd[k];
				buf[len] = '\0';
				good_row(col);
				col[EVENT_REASON] = text(buf);
				record_add(&s, col);
				assert_int_equal(record_parse(a, s.p, s.len, back,
				    &e), 0);
				assert_string_equal(back[EVENT_REASON].p, buf);
				arena_reset(a);
			}
}

/* What docs/format/audit-store.md refers to, and check.sh runs. */
static void
the_schema_is_the_published_one(void **state)
{
	struct arena *a = *state;
	struct str sqlite = str_new(a), pg = str_new(a);

	schema_ddl(&sqlite, SCHEMA_SQLITE);
	schema_ddl(&pg, SCHEMA_POSTGRESQL);
	assert_string_equal(sqlite.p, slurp(a, "sqlite.sql"));
	assert_string_equal(pg.p, slurp(a, "postgresql.sql"));
}

static void
an_origin_has_three_parts(void **state)
{
	const struct {
		const char *origin;
		int good;
	} cases[] = { { "acme.example/main/refunds", 1 }, { "a/b/c", 1 },
		{ "a/b", 0 }, { "a/b/c/d", 0 }, { "a//c", 0 }, { "/b/c", 0 },
		{ "a/b/", 0 }, { "", 0 }, { "a b/c/d", 0 }, { "a/b/c+", 0 },
		{ "a/b/\xc3\xa9", 0 } };
	const char *stream;

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++)
		assert_int_equal(schema_origin(cases[i].origin, &stream),
		    cases[i].good);
	assert_true(schema_origin("a/b/c-1", &stream));
	assert_string_equal(stream, "c-1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_in_byte_order),
		cmocka_unit_test(types_are_a_closed_list),
		cmocka_unit_test(grades_parse_and_print),
		cmocka_unit_test_setup_teardown(vectors_come_out_again, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(what_is_not_a_record_is_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(values_are_checked_at_the_border,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    escapes_are_found_wherever_they_stand, setup, teardown),
		cmocka_unit_test_setup_teardown(the_schema_is_the_published_one,
		    setup, teardown),
		cmocka_unit_test(an_origin_has_three_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
