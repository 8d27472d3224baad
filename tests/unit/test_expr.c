#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "eval/eval.h"
#include "eval/expr.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* e, as a test of the row; columns shortened by the macros below. */
#define D "d.approval_id = e.approval_id"

static const struct predicate predicate[] = {
	{ .name = "ran", .text = "e.event_type = 'action' AND e.outcome <> "
	    "'blocked'", .at = { "mappings/predicates.yaml", 4, 9 } },
	{ .name = "loop", .text = "{loop} OR {loop}",
	    .at = { "mappings/predicates.yaml", 5, 9 } },
	{ .name = "bad", .text = "e.outcome = 7",
	    .at = { "mappings/predicates.yaml", 6, 9 } },
};

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

static struct expr *
parse(struct arena *a, const char *over, const char *text, struct diag *d)
{
	struct expr_names names = { .predicate = predicate,
		.npredicate = LEN(predicate), .over = over };
	struct mark at = { "controls/x.yaml", 7, 12 };

	diag_init(d, a);
	return expr_parse(a, &names, text, at, "X-01.t1 where", d);
}

static const char *
printed(struct arena *a, const struct expr *x, int sql)
{
	struct str s = str_new(a);

	if (sql)
		expr_sql(&s, x);
	else
		expr_print(&s, x);
	return s.p;
}

static void
printing_is_a_fixed_point(void **state)
{
	struct arena *a = *state;
	const struct {
		const char *text, *want; /* NULL: as it was written */
	} cases[] = {
		{ "e.shadow = 0", NULL },
		{ "TRUE", NULL },
		{ "e.tier='auto'and(e.shadow=0)", "e.tier = 'auto' AND e.shadow "
		    "= 0" },
		{ "e.shadow = 0 OR e.shadow = 1 AND NOT (e.tier = 'a')", NULL },
		{ "(e.shadow = 0 OR e.shadow = 1) AND e.seq > 4", NULL },
		{ "((e.seq = 1 AND e.seq = 2) AND e.seq = 3)",
		    "e.seq = 1 AND e.seq = 2 AND e.seq = 3" },
		{ "not not e.seq = 1", "NOT (NOT (e.seq = 1))" },
		{ "e.reason = 'it''s \xc3\xa9'", NULL },
		{ "e.seq - (2 - 1) * 3 > -4", NULL },
		{ "e.seq - 2 - 1 > - 4", "e.seq - 2 - 1 > -4" },
		{ "(e.seq - 2) - (1 + 4) > 0", "e.seq - 2 - (1 + 4) > 0" },
		{ "e.tier IS NOT DISTINCT FROM 'auto'", NULL },
		{ "e.tier is null", "e.tier IS NULL" },
		{ "(e.seq = 1) IS NOT TRUE", NULL },
		{ "{ran} IS NOT FALSE", "(e.event_type = 'action' AND "
		    "e.outcome <> 'blocked') IS NOT FALSE" },
		{ "{ran} AND e.tier = 'approve'", "e.event_type = 'action' AND "
		    "e.outcome <> 'blocked' AND e.tier = 'approve'" },
		{ "e.tier NOT IN ('auto', 'notify')", NULL },
		{ "e.seq IN (1, -2)", NULL },
		{ "e.seq BETWEEN 1 AND 2 + 3 AND e.seq NOT BETWEEN 4 AND 5",
		    NULL },
		{ "coalesce(e.seq, 1 + 2, 3) <= abs(-4)", NULL },
		{ "substr(e.action, 1, 5) = 'code.'", NULL },
		{ "nullif(e.tier, 'auto') IS NULL", NULL },
		{ "length(e.tier) >= 4", NULL },
		{ "CASE WHEN e.seq = 1 THEN 'a' WHEN e.seq = 2 THEN NULL ELSE "
		    "e.tier END = 'b'", NULL },
		{ "e.occurred_us >= :from_us - 86400000000", NULL },
		{ "EXISTS (SELECT 1 FROM ref_agent r WHERE r.agent_id = "
		    "a.agent_id AND r.ring < 2 AND (r.ring = 1 OR r.ring = 0))",
		    NULL },
		{ "exists (select 1 from ref_agent as r where r.ring < 2 and "
		    "a.agent_id = r.agent_id)", "EXISTS (SELECT 1 FROM "
		    "ref_agent r WHERE r.agent_id = a.agent_id AND r.ring < 2)" },
		{ "EXISTS (SELECT 1 FROM ref_person_role r JOIN ref_role x ON "
		    "x.role = r.role WHERE r.person_id = e.approver_id AND "
		    "x.kind = 'audit')", NULL },
		{ "NOT EXISTS (SELECT 1 FROM event d WHERE d.stream = e.stream "
		    "AND " D " AND d.seq < e.seq)", "NOT EXISTS (SELECT 1 FROM "
		    "event d WHERE d.stream = e.stream AND " D " AND d.seq < "
		    "e.seq)" },
		{ "p.policy_version IS NULL", NULL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct diag d;
		struct expr *x = parse(a, "event", cases[i].text, &d);
		const char *want = cases[i].want ? cases[i].want :
		    cases[i].text;

		if (x == NULL)
			fail_msg("%s: %s", cases[i].text, d.line[0]);
		assert_string_equal(printed(a, x, 0), want);
		x = parse(a, "event", want, &d);
		assert_non_null(x);
		assert_string_equal(printed(a, x, 0), want);
	}
}

static void
sql_is_three_valued(void **state)
{
	struct arena *a = *state;
	const struct {
		const char *over, *text, *want;
	} cases[] = {
		/* The form of controls.md, over events. */
		{ "event", "EXISTS (SELECT 1 FROM event d WHERE d.stream = "
		    "e.stream AND " D " AND d.seq < e.seq)",
		    "CASE WHEN EXISTS (SELECT 1 FROM event d WHERE d.stream = "
		    "e.stream AND " D " AND d.seq < e.seq) THEN TRUE WHEN "
		    "e.approval_id IS NULL OR EXISTS (SELECT 1 FROM event d "
		    "WHERE d.stream = e.stream AND " D " AND (d.seq < e.seq) IS "
		    "NULL) THEN NULL ELSE FALSE END" },
		/* Nothing declared says nothing of an event. */
		{ "event", "EXISTS (SELECT 1 FROM ref_tool t WHERE t.tool = "
		    "e.tool)", "CASE WHEN EXISTS (SELECT 1 FROM ref_tool t WHERE "
		    "t.tool = e.tool) THEN TRUE WHEN e.tool IS NULL OR NOT "
		    "EXISTS (SELECT 1 FROM ref_tool) THEN NULL ELSE FALSE END" },
		/* Over the registry itself an empty table is an answer. */
		{ "ref_agent", "EXISTS (SELECT 1 FROM ref_tool t WHERE t.tool = "
		    "'x')", "CASE WHEN EXISTS (SELECT 1 FROM ref_tool t WHERE "
		    "t.tool = 'x') THEN TRUE WHEN EXISTS (SELECT 1 FROM "
		    "ref_tool t WHERE (t.tool = 'x') IS NULL) THEN NULL ELSE "
		    "FALSE END" },
		{ "event", "EXISTS (SELECT 1 FROM ref_tool t WHERE t.tool = "
		    "e.tool AND (t.kind = 'mcp' OR t.owner = 'x'))",
		    "CASE WHEN EXISTS (SELECT 1 FROM ref_tool t WHERE t.tool = "
		    "e.tool AND (t.kind = 'mcp' OR t.owner = 'x')) THEN TRUE "
		    "WHEN e.tool IS NULL OR EXISTS (SELECT 1 FROM ref_tool t "
		    "WHERE t.tool = e.tool AND (t.kind = 'mcp' OR t.owner = "
		    "'x') IS NULL) OR NOT EXISTS (SELECT 1 FROM ref_tool) THEN "
		    "NULL ELSE FALSE END" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct diag d;
		struct expr *x = parse(a, cases[i].over, cases[i].text, &d);

		assert_non_null(x);
		assert_string_equal(printed(a, x, 1), cases[i].want);
	}
}

static void
errors_name_the_place(void **state)
{
	struct arena *a = *state;
	static char deep[400], many[60000];
	const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "controls/x.yaml:7:12: X-01.t1 where: character 1: the "
		    "predicate ends too early" },
		{ "e.aproval_id = 'x'", "character 3: unknown column "
		    "\"e.aproval_id\" of event (did you mean \"approval_id\"?)" },
		{ "b.tier = 'x'", "character 1: unknown row \"b\"" },
		{ "tier = 'x'", "\"tier\" is neither a keyword nor a column: "
		    "write e.tier" },
		{ "e.tier = 1", "character 8: text cannot be compared with a "
		    "whole number" },
		{ "e.tier < 'b'", "text has no order" },
		{ "e.tier = NULL", "use IS NULL" },
		{ "e.seq = 1 = 2", "cannot be compared" },
		{ "(e.seq = 1) = (e.seq = 2)", "conditions are not compared" },
		{ "e.seq", "this is no condition: compare it with something" },
		{ "e.seq AND TRUE", "have a whole number, want a condition" },
		{ "e.seq = 1.5", "whole number" },
		{ "e.seq = 007", "no leading 0" },
		{ "e.seq = 9007199254740992", "above 2^53 - 1" },
		{ "e.tier = 'x", "no closing '" },
		{ "e.seq = 1 -- note", "comments are not part" },
		{ "e.seq = 1; DROP TABLE event", "not part of a predicate" },
		{ "e.seq = 1 e", "the predicate should end here" },
		{ "e.seq = :now_us", "want :from_us, :to_us or :as_of_us" },
		{ "replace(e.tier, 'a', 'b') = 'x'", "unknown function" },
		{ "coalesce(e.tier) = 'x'", "wrong number of arguments" },
		{ "coalesce(e.tier, 1) = 'x'", "cannot be compared" },
		{ "substr(e.tier, 0, 2) = 'x'", "a start from 1" },
		{ "e.seq IN (e.seq)", "IN lists constants alone" },
		{ "e.tier IN (1)", "cannot be compared" },
		{ "{rann}", "unknown predicate {rann} (did you mean \"ran\"?)" },
		{ "{loop}", "predicates name each other too deep" },
		{ "{bad}", "mappings/predicates.yaml:6:9: {bad} of X-01.t1 "
		    "where: character 11: text cannot" },
		{ "EXISTS (SELECT 1 FROM ref_agnt r WHERE r.agent_id = "
		    "e.agent_id)", "unknown reference table \"ref_agnt\" (did "
		    "you mean \"ref_agent\"?)" },
		{ "EXISTS (SELECT 1 FROM payload r WHERE r.id = e.input_hash)",
		    "unknown reference table \"payload\"" },
		{ "EXISTS (SELECT 2 FROM ref_agent r WHERE TRUE)",
		    "want SELECT 1" },
		{ "EXISTS (SELECT 1 FROM ref_agent e WHERE TRUE)",
		    "two rows of one name" },
		{ "EXISTS (SELECT 1 FROM event d WHERE d.seq < e.seq)",
		    "EXISTS over events wants d.stream = e.stream" },
		{ "EXISTS (SELECT 1 FROM event d WHERE d.stream = e.stream AND "
		    "d.agent_id = e.agent_id)", "EXISTS over events wants" },
		{ "EXISTS (SELECT 1 FROM ref_agent r WHERE EXISTS (SELECT 1 "
		    "FROM ref_tool t WHERE TRUE))", "inside EXISTS" },
		{ "EXISTS (SELECT 1 FROM ref_agent r JOIN ref_tool t ON t.tool "
		    "= e.tool WHERE TRUE)", "ON reads its own tables" },
		{ "r.agent_id = 'x' AND EXISTS (SELECT 1 FROM ref_agent r WHERE "
		    "TRUE)", "unknown row \"r\"" },
		{ deep, "nested deeper than 50" },
		{ many, "more than 4,096 parts" },
	};

	memset(deep, '(', sizeof(deep) - 1);
	memcpy(many, "TRUE", 5);
	for (size_t n = 4; n + 10 < sizeof(many); n += 9)
		memcpy(many + n, " AND TRUE", 10);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct diag d;
		struct expr *x = parse(a, "event", cases[i].text, &d);

		if (x != NULL || d.total != 1 || d.kind != ERR_INPUT ||
		    strstr(d.line[0], cases[i].want) == NULL)
			fail_msg("%.60s: have \"%s\", want \"%s\"",
			    cases[i].text, d.n ? d.line[0] : "no error",
			    cases[i].want);
	}
}

/* The rows that a reference table's own test may name. */
static void
reference_tests_see_their_row_alone(void **state)
{
	struct arena *a = *state;
	struct diag d;

	assert_non_null(parse(a, "ref_agent", "e.kill_max_us IS NULL", &d));
	assert_null(parse(a, "ref_agent", "a.agent_id IS NULL", &d));
	assert_null(parse(a, "ref_agent", "e.tier = 'auto'", &d));
	assert_null(parse(a, "ref_agnt", "TRUE", &d));
	assert_non_null(strstr(d.line[0], "did you mean \"ref_agent\"?"));
}

/* The frame of controls.md, and the macros of sql: texts. */
static void
statements_are_those_of_the_format(void **state)
{
	static const char *const requires[] = { "X-01.t2" };
	struct test t[] = {
		{ .id = "X-01.t1", .over = "event",
		    .where_text = "{ran} AND e.tier = 'approve'",
		    .exception_text = "e.approver_id IS NULL" },
		{ .id = "X-01.t2", .over = "ref_agent",
		    .exception_text = "e.ring IS NULL" },
		{ .id = "X-01.t3", .over = "event", .scope = SCOPE_STREAM,
		    .sql_text = "SELECT {scope} AS scope FROM {event} WHERE "
		    "{in_period} AND {ran}\n" },
		{ .id = "X-01.t4", .over = "event", .sql_text = "{rann}",
		    .requires = (const char **)(uintptr_t)requires,
		    .nrequires = 1 },
	};
	struct control c = { .id = "X-01", .test = t, .ntest = LEN(t) };
	struct catalogue cat = { .control = &c, .ncontrol = 1,
		.predicate = (struct predicate *)(uintptr_t)predicate,
		.npredicate = 1 };
	struct arena *a = *state;
	struct diag d;

	diag_init(&d, a);
	eval_compile(a, &cat, "acme", &d);
	assert_string_equal(t[0].sql,
	    "SELECT coalesce(a.agent_id, e.agent_id) AS scope, e.stream AS "
	    "stream, e.seq AS seq,\n"
	    "  CASE WHEN (e.event_type = 'action' AND e.outcome <> 'blocked' "
	    "AND e.tier = 'approve') AND (e.approver_id IS NULL) THEN 1 WHEN "
	    "(e.event_type = 'action' AND e.outcome <> 'blocked' AND e.tier = "
	    "'approve') AND NOT (e.approver_id IS NULL) THEN 0 END AS broken\n"
	    "FROM event e LEFT JOIN ref_agent_name a ON a.name = e.agent_id "
	    "LEFT JOIN ref_policy_name p ON p.policy_id = e.policy_id AND "
	    "p.log_version = e.policy_version WHERE e.occurred_us >= :from_us "
	    "AND e.occurred_us < :to_us AND (e.event_type = 'action' AND "
	    "e.outcome <> 'blocked' AND e.tier = 'approve') IS NOT FALSE");
	assert_string_equal(t[1].sql,
	    "SELECT coalesce(e.agent_id, 'acme') AS scope, e.file AS file, "
	    "e.line AS line,\n  CASE WHEN (e.ring IS NULL) THEN 1 WHEN NOT "
	    "(e.ring IS NULL) THEN 0 END AS broken\nFROM ref_agent e");
	assert_string_equal(t[2].sql,
	    "SELECT e.stream AS scope FROM event e LEFT JOIN ref_agent_name a "
	    "ON a.name = e.agent_id LEFT JOIN ref_policy_name p ON p.policy_id "
	    "= e.policy_id AND p.log_version = e.policy_version WHERE "
	    "e.occurred_us >= :from_us AND e.occurred_us < :to_us AND "
	    "(e.event_type = 'action' AND e.outcome <> 'blocked')");
	assert_int_equal(d.total, 1);
	assert_non_null(strstr(d.line[0], "unknown macro {rann}"));
}

static void
requires_is_a_tree_of_tests(void **state)
{
	static const char *const a1[] = { "X-01.t2" }, *const a2[] = { "X-01.t1" },
	    *const a3[] = { "X-01.t9" };
	struct test t[] = {
		{ .id = "X-01.t1", .over = "event", .exception_text = "FALSE",
		    .requires = (const char **)(uintptr_t)a1, .nrequires = 1 },
		{ .id = "X-01.t2", .over = "event", .exception_text = "FALSE",
		    .requires = (const char **)(uintptr_t)a2, .nrequires = 1 },
		{ .id = "X-01.t3", .over = "event", .exception_text = "FALSE",
		    .requires = (const char **)(uintptr_t)a3, .nrequires = 1 },
	};
	struct control c = { .id = "X-01", .test = t, .ntest = LEN(t) };
	struct catalogue cat = { .control = &c, .ncontrol = 1 };
	struct diag d;

	diag_init(&d, *state);
	eval_compile(*state, &cat, "acme", &d);
	assert_int_equal(d.total, 2);
	assert_non_null(strstr(d.line[0], "requires itself in the end"));
	assert_non_null(strstr(d.line[1], "unknown test \"X-01.t9\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printing_is_a_fixed_point),
		cmocka_unit_test(sql_is_three_valued),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(reference_tests_see_their_row_alone),
		cmocka_unit_test(statements_are_those_of_the_format),
		cmocka_unit_test(requires_is_a_tree_of_tests),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
