#include "eval_help.h"

static void
rows_are_counted_by_scope(void **state)
{
	struct world *w = world_new(*state);
	const struct result *r;

	agents(w);
	add_test(w, "X-01.t1", "e.event_type = 'action'", "e.shadow = 1");
	for (int i = 0; i < 12; i++) {
		struct event *ev = event(w, i % 3 == 0 ? "desk" : i % 3 == 1 ?
		    "refunds" : "did:x", "action", (110 + i) * DAY);

		if (i != 4)
			number(&ev->col[EVENT_SHADOW], i >= 7);
	}
	event(w, "desk", "input", 110 * DAY);     /* not in the population */
	event(w, "desk", "action", 99 * DAY);     /* before the period */
	event(w, "desk", "action", 191 * DAY);    /* at its end: after */
	event(w, "helper", "action", 150 * DAY);  /* nobody declared it */
	compile(w);
	run(w, 1);
	r = find(w, "X-01.t1", "refunds");
	assert_int_equal(r->n, 8);
	assert_int_equal(r->x, 4);
	assert_int_equal(r->b, 1);
	assert_int_equal(r->nexception, 4);
	assert_int_equal(r->exception[0].seq, 7);
	assert_int_equal(r->exception[3].seq, 11);
	assert_int_equal(r->first_us, 111 * DAY);
	assert_int_equal(r->last_us, 121 * DAY);
	assert_int_equal(r->weakest, GRADE_CHAINED);
	assert_int_equal(r->outcome, OUT_FAIL);
	r = find(w, "X-01.t1", "desk");
	assert_int_equal(r->n, 4);
	assert_int_equal(r->x, 1);
	r = find(w, "X-01.t1", "helper");
	assert_int_equal(r->n, 1);
	assert_int_equal(r->b, 1);
	assert_int_equal(r->outcome, OUT_NO_EVIDENCE);
	assert_string_equal(r->reason, "column-empty");
	assert_non_null(strstr(r->detail, "shadow is empty in all of the 1"));
}

/* All that findings say, as text. */
static const char *
dump(struct world *w)
{
	struct str s = str_new(w->a);

	for (size_t i = 0; i < w->f->nresult; i++) {
		const struct result *r = &w->f->result[i];

		str_addf(&s, "%s %s %s %s %" PRIu64 " %" PRIu64 " %" PRIu64
		    " %" PRId64 " %" PRId64 " %d %s:", r->test->id, r->scope,
		    outcome_name(r->outcome), r->reason ? r->reason : "-", r->n,
		    r->x, r->b, r->first_us, r->last_us, (int)r->weakest,
		    r->detail ? r->detail : "-");
		for (size_t k = 0; k < r->nexception; k++)
			str_addf(&s, " %" PRIu64, r->exception[k].seq);
		for (size_t k = 0; k < r->nsample; k++)
			str_addf(&s, " s%" PRIu64, r->sample[k].seq);
		str_addc(&s, '\n');
	}
	for (size_t i = 0; i < w->f->ngap; i++)
		str_addf(&s, "%s %s %s\n", w->f->gap[i].id, w->f->gap[i].kind,
		    w->f->gap[i].how);
	for (size_t i = 0; i < w->f->nunlock; i++)
		str_addf(&s, "%s %zu\n", w->f->unlock[i].what,
		    w->f->unlock[i].ntest);
	return s.p;
}

static void
threads_change_nothing(void **state)
{
	struct world *w = world_new(*state);
	const char *want;

	agents(w);
	row(w, "ref_version_tool", "agent_id", "desk", "tool", "crm", NULL);
	add_test(w, "X-01.t1", "e.event_type = 'action'", "e.shadow = 1");
	add_test(w, "X-01.t2", "e.event_type IN ('tool_call', 'action')",
	    "NOT EXISTS (SELECT 1 FROM ref_version_tool r WHERE r.agent_id = "
	    "a.agent_id AND r.tool = e.tool)");
	add_test(w, "X-01.t3", NULL, "e.currency <> 'EUR'")->monthly = 1;
	add_test(w, "X-01.t4", NULL, "e.reason IS NULL")->window_back_us =
	    30 * DAY;
	for (unsigned i = 0; i < 1500; i++) {
		struct event *ev = event(w, i % 5 == 0 ? "desk" : i % 7 == 0 ?
		    "zed" : "refunds", i % 3 ? "action" : "tool_call",
		    (int64_t)(100 + i * 7919 % 95) * DAY);

		if (i % 11 != 0)
			number(&ev->col[EVENT_SHADOW], i % 13 == 0);
		if (i % 4 != 0)
			text(&ev->col[EVENT_TOOL], i % 9 ? "crm" : "mail");
		if (i % 17 == 0)
			text(&ev->col[EVENT_CURRENCY], "DKK");
		text(&ev->col[EVENT_SOURCE_FORMAT], i < 700 ? "b" : "a");
		text(&ev->col[EVENT_SOURCE_GRADE], i == 900 ? "none" : "mac");
	}
	compile(w);
	run(w, 1);
	want = dump(w);
	for (size_t pieces = 2; pieces <= 8; pieces++) {
		run(w, pieces);
		assert_string_equal(dump(w), want);
	}
	assert_int_equal(find(w, "X-01.t1", "refunds")->nsample, LIMIT_SAMPLE);
}

/* Of pack.md section 5; computed there with python3 hashlib. */
static void
the_sample_is_that_of_the_vector(void **state)
{
	static const uint64_t want[] = { 842, 925, 807, 720, 789 };
	struct world *w = world_new(*state);
	const struct result *r;

	agents(w);
	add_test(w, "X-01.t1", NULL, "FALSE")->scope = SCOPE_STREAM;
	for (uint64_t seq = 613; seq < 1000; seq++)
		event(w, "desk", "action", 150 * DAY)->seq = seq;
	compile(w);
	run(w, 3);
	r = find(w, "X-01.t1", "main");
	assert_int_equal(r->nsample, LIMIT_SAMPLE);
	for (size_t i = 0; i < LEN(want); i++)
		assert_int_equal(r->sample[i].seq, want[i]);
}

static void
exceptions_are_kept_by_place_and_counted(void **state)
{
	struct world *w = world_new(*state);
	const struct result *r;

	agents(w);
	add_test(w, "X-01.t1", NULL, "TRUE");
	for (int i = 0; i < LIMIT_EXCEPTIONS + 7; i++)
		event(w, "desk", "action", 150 * DAY);
	compile(w);
	run(w, 2);
	r = find(w, "X-01.t1", "desk");
	assert_int_equal(r->x, LIMIT_EXCEPTIONS + 7);
	assert_int_equal(r->nexception, LIMIT_EXCEPTIONS);
	assert_int_equal(r->exception[LIMIT_EXCEPTIONS - 1].seq,
	    LIMIT_EXCEPTIONS - 1);
}

/* Each line of "Outcome of a test in a scope", and that the first wins. */
static void
the_first_line_applies(void **state)
{
	static const char *const needs[] = { "X-01.t2" };
	static const char *const dev[] = { "dev" };
	const struct {
		const char *name;
		int good, bad, blind;           /* rows */
		int broken_log, prerequisite_fails, ran, elsewhere, quiet,
		    low_grade;
		uint64_t max_x, min_n, max_blind;
		enum outcome want;
		const char *reason;
	} cases[] = {
		{ "outside", 0, 5, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0,
		    OUT_NOT_APPLICABLE, "outside" },
		{ "quiet", 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0,
		    OUT_NOT_APPLICABLE, "quiet" },
		{ "not quiet: something happened", 1, 0, 0, 0, 0, 1, 0, 1, 0, 0,
		    1, 0, OUT_PASS, NULL },
		{ "not quiet: a row that may have happened", 0, 0, 1, 0, 0, 1,
		    0, 1, 0, 0, 1, 0, OUT_NO_EVIDENCE, "column-empty" },
		{ "a failure is a fact", 0, 1, 5, 1, 1, 1, 0, 0, 1, 0, 9, 0,
		    OUT_FAIL, NULL },
		{ "allowed exceptions", 3, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0,
		    OUT_PASS, NULL },
		{ "one more", 3, 3, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, OUT_FAIL,
		    NULL },
		{ "chain before prerequisite", 3, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1,
		    0, OUT_NO_EVIDENCE, "chain-broken" },
		{ "prerequisite before blindness", 3, 0, 3, 0, 1, 1, 0, 0, 0, 0,
		    1, 0, OUT_NO_EVIDENCE, "prerequisite-failed" },
		{ "any blind row", 999, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0,
		    OUT_NO_EVIDENCE, "column-empty" },
		{ "allowed blindness", 999, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1000,
		    OUT_PASS, NULL },
		{ "a little more", 998, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1000,
		    OUT_NO_EVIDENCE, "column-empty" },
		{ "nothing", 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0,
		    OUT_NO_EVIDENCE, "no-population" },
		{ "too few", 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0,
		    OUT_NO_EVIDENCE, "no-population" },
		{ "enough", 5, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0, OUT_PASS, NULL },
		{ "grade", 5, 0, 0, 0, 0, 1, 0, 0, 1, 0, 5, 0, OUT_NO_EVIDENCE,
		    "grade-too-low" },
		{ "pass", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, OUT_PASS, NULL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct test *t = add_test(w, "X-01.t1",
		    "e.event_type = 'action'", "e.shadow = 1");
		const struct result *r;
		int n = cases[i].good + cases[i].bad + cases[i].blind;

		add_test(w, "X-01.t2", "e.event_type = 'input'",
		    cases[i].prerequisite_fails ? "TRUE" : "FALSE");
		agents(w);
		t->requires = (const char **)(uintptr_t)needs;
		t->nrequires = 1;
		t->max_exceptions = cases[i].max_x;
		t->min_population = cases[i].min_n;
		t->max_blind_ppm = cases[i].max_blind;
		if (cases[i].quiet) {
			t->when_empty_because = "nothing happened";
			t->when_empty_proven_by = "X-01.t2";
		}
		if (cases[i].elsewhere) {
			w->control[0].applies.lifecycle =
			    (const char **)(uintptr_t)dev;
			w->control[0].applies.nlifecycle = 1;
		}
		w->stream[0].intact = !cases[i].broken_log;
		for (int k = 0; k < n; k++) {
			struct event *ev = event(w, "desk", "action",
			    150 * DAY);

			if (k >= cases[i].blind)
				number(&ev->col[EVENT_SHADOW],
				    k < cases[i].blind + cases[i].bad);
			if (cases[i].low_grade)
				text(&ev->col[EVENT_SOURCE_GRADE], "broken");
		}
		event(w, "desk", "input", 150 * DAY);
		compile(w);
		run(w, 1);
		r = find(w, "X-01.t1", "desk");
		if (r->outcome != cases[i].want)
			fail_msg("%s: %s (%s)", cases[i].name,
			    outcome_name(r->outcome), r->reason);
		if (!str_eq(r->reason, cases[i].reason))
			fail_msg("%s: reason %s", cases[i].name,
			    r->reason ? r->reason : "none");
	}
}

static void
the_worst_month_counts(void **state)
{
	struct world *w = world_new(*state);
	struct test *t = add_test(w, "X-01.t1", NULL, "e.shadow = 1");
	const struct result *r;

	agents(w);
	t->monthly = 1;
	/* Days 100 to 191 of 1970: 11 April to 11 July. */
	for (int d = 101; d < 190; d += 8)
		number(&event(w, "desk", "action", d * DAY)->col[EVENT_SHADOW],
		    d > 125 && d < 140);
	compile(w);
	run(w, 2);
	r = find(w, "X-01.t1", "desk");
	assert_int_equal(r->outcome, OUT_FAIL);
	assert_int_equal(r->x, 1);
	assert_int_equal(r->n, 4);
	assert_string_equal(r->detail, "in 1970-05");
	/* No row in a month is no evidence, however good the others are. */
	w->nevent = 3;
	run(w, 1);
	r = find(w, "X-01.t1", "desk");
	assert_int_equal(r->outcome, OUT_NO_EVIDENCE);
	assert_string_equal(r->reason, "no-population");
}

/* Each month asks whom the control is about: one in which the agent was not in
 * production says nothing, and at least one must speak. */
static void
a_month_outside_production_says_nothing(void **state)
{
	const char *const environment[] = { "prod" };
	const struct {
		int from, to;
		enum outcome want;
	} cases[] = {
		{ 100, 119, OUT_PASS },        /* April alone, with rows */
		{ 100, 191, OUT_NO_EVIDENCE }, /* all; rows in April alone */
		{ 300, 301, OUT_NOT_APPLICABLE },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct test *t = add_test(w, "X-01.t1", NULL, "e.shadow = 1");

		agents(w);
		row(w, "ref_deployment", "agent_id", "desk", "stage", "prod",
		    "from_us", arena_printf(w->a, "#%" PRId64,
		    cases[i].from * DAY), "to_us",
		    arena_printf(w->a, "#%" PRId64, cases[i].to * DAY), NULL);
		w->control[0].applies.environment = arena_memdup(w->a,
		    environment, sizeof(environment));
		w->control[0].applies.nenvironment = 1;
		t->monthly = 1;
		number(&event(w, "desk", "action", 105 * DAY)->col[EVENT_SHADOW],
		    0);
		compile(w);
		run(w, 1);
		if (find(w, "X-01.t1", "desk")->outcome != cases[i].want)
			fail_msg("case %zu: %s", i, outcome_name(
			    find(w, "X-01.t1", "desk")->outcome));
	}
}

static void
reference_rows_are_tested_where_they_stand(void **state)
{
	struct world *w = world_new(*state);
	struct test *t = add_test(w, "X-01.t1", "e.lifecycle = 'prod'",
	    "e.kill_max_us IS NULL");
	const struct result *r;

	agents(w);
	row(w, "ref_agent", "agent_id", "zed", "lifecycle", "dev", NULL);
	row(w, "ref_agent", "agent_id", "new", "kill_max_us", "#5", NULL);
	t->over = "ref_agent";
	w->stream[0].intact = 0; /* what is declared needs no log */
	compile(w);
	run(w, 1);
	r = find(w, "X-01.t1", "desk");
	assert_int_equal(r->outcome, OUT_FAIL);
	assert_string_equal(r->exception[0].at.file, "ref_agent");
	assert_int_equal(r->exception[0].at.line, 1);
	assert_string_equal(find(w, "X-01.t1", "zed")->reason,
	    "no-population");
	r = find(w, "X-01.t1", "new");
	assert_string_equal(r->reason, "not-declared");
	assert_string_equal(r->detail, "ref_agent.lifecycle is not recorded");
}

/* What the store would answer, fed by hand. */
static void
statements_keep_to_the_rules(void **state)
{
	const struct {
		const char *scope, *stream;
		int64_t seq, broken; /* -1: NULL */
		int there, rc;
		const char *want;
	} cases[] = {
		{ "desk", "main", 4, 1, 1, 0, NULL },
		{ "desk", "main", 5, -1, 1, 0, NULL },
		{ "desk", "main", 2000000, 1, 1, 0, NULL }, /* waits */
		{ "desk", "main", 5, 2, 1, -1, "neither 1, 0 nor NULL" },
		{ NULL, "main", 5, 1, 1, -1, "scope is not text" },
		{ "desk", "other", 5, 1, 1, -1, "a place that is no event" },
		{ "desk", "main", 6, 1, 0, -1, "a place that is no event" },
	};
	struct world *w = world_new(*state);
	const struct eval_statement *st;
	const struct result *r;
	struct eval *e;

	agents(w);
	add_test(w, "X-01.t1", NULL, NULL)->sql_text = "SELECT e.tool";
	compile(w);
	e = eval_new(w->a, &w->in);
	assert_int_equal(eval_statements(e, &st), 1);
	assert_non_null(strstr(st->sql, "SELECT e.tool\n) t LEFT JOIN event o "
	    "ON o.stream = t.stream AND o.seq = t.seq"));
	for (size_t i = 0; i < LEN(cases); i++) {
		struct value v[12] = { { .type = VALUE_NULL } };
		struct err err = { 0 };

		if (cases[i].scope != NULL)
			text(&v[0], cases[i].scope);
		text(&v[1], cases[i].stream);
		number(&v[2], cases[i].seq);
		if (cases[i].broken >= 0)
			number(&v[3], cases[i].broken);
		if (cases[i].there)
			number(&v[4], 150 * DAY);
		text(&v[5], "signed");
		text(&v[6], "native");
		text(&v[7], "desk");
		text(&v[8], "action");
		assert_int_equal(eval_row(e, st, v, 12, &err), cases[i].rc);
		if (cases[i].want != NULL)
			assert_non_null(strstr(err.msg, cases[i].want));
	}
	w->f = eval_finish(e);
	r = find(w, "X-01.t1", "desk");
	assert_int_equal(r->n, 2);
	assert_int_equal(r->x, 1);
	assert_int_equal(r->nsample, 2);
	assert_int_equal(r->weakest, GRADE_SIGNED);
	eval_free(e);

	e = eval_new(w->a, &w->in);
	eval_statements(e, &st);
	eval_failed(e, st, "budget");
	w->f = eval_finish(e);
	r = find(w, "X-01.t1", "desk");
	assert_string_equal(r->reason, "did-not-run");
	assert_string_equal(r->detail, "budget");
	eval_free(e);
}

static void
built_in_tests_need_an_answer(void **state)
{
	struct world *w = world_new(*state);
	struct cite at = { .seq = 17 };
	struct eval *e;
	const struct result *r;
	struct test *t = add_test(w, "AU-01.t1", NULL, NULL);

	t->built_in = "chain";
	t->scope = SCOPE_STREAM;
	t = add_test(w, "X-01.t2", NULL, NULL);
	t->built_in = "chain";
	t->scope = SCOPE_STREAM;
	add_test(w, "X-01.t3", NULL, "FALSE")->scope = SCOPE_STREAM;
	for (int i = 0; i < 40; i++)
		event(w, "desk", "action", 150 * DAY);
	w->stream[0].previous_size = 10;
	compile(w);
	run(w, 2);
	r = find(w, "AU-01.t1", "main");
	assert_int_equal(r->n, 30); /* rows of the range, before it none */
	assert_int_equal(r->outcome, OUT_PASS);
	assert_int_equal(r->nsample, LIMIT_SAMPLE);
	assert_string_equal(find(w, "X-01.t2", "main")->reason, "did-not-run");
	assert_int_equal(find(w, "X-01.t3", "main")->outcome, OUT_PASS);

	/* A broken chain fails AU-01 and leaves the rest without evidence. */
	e = eval_new(w->a, &w->in);
	for (size_t i = 0; i < w->nevent; i++)
		eval_feed(e, 0, &w->event[i]);
	w->stream[0].intact = 0;
	eval_built_in(e, "AU-01.t1", "main", &at, 1, "prev_hash differs");
	eval_quiet(e, "X-01.t2", "main", "the first pack");
	w->f = eval_finish(e);
	r = find(w, "AU-01.t1", "main");
	assert_int_equal(r->n, 30);
	assert_int_equal(r->x, 1);
	assert_int_equal(r->outcome, OUT_FAIL);
	assert_int_equal(r->exception[0].seq, 17);
	assert_string_equal(find(w, "X-01.t3", "main")->reason, "chain-broken");
	assert_int_equal(find(w, "X-01.t2", "main")->outcome,
	    OUT_NOT_APPLICABLE);
	eval_free(e);
}

/* The thing that all blind rows lack is named, and what would unlock. */
static void
the_one_missing_thing_is_named(void **state)
{
	struct world *w = world_new(*state);

	agents(w);
	add_test(w, "X-01.t1", "e.event_type = 'action'", "e.amount_minor > 5");
	add_test(w, "X-01.t2", "e.event_type = 'action' AND e.amount_minor > 1",
	    "e.tier = 'auto'");
	add_test(w, "X-01.t3", "e.event_type = 'drill'", "FALSE");
	add_test(w, "X-01.t4", "e.event_type = 'action'", "NOT EXISTS (SELECT 1 "
	    "FROM ref_tool r WHERE r.tool = e.tool)");
	for (int i = 0; i < 3; i++) {
		struct event *ev = event(w, "desk", "action", 150 * DAY);

		text(&ev->col[EVENT_TOOL], "crm");
		text(&ev->col[EVENT_SOURCE_FORMAT], "agt");
	}
	row(w, "ref_source_field", "source_format", "agt", "column_name",
	    "tool", "protection", "no", NULL);
	compile(w);
	run(w, 1);
	assert_string_equal(find(w, "X-01.t1", "desk")->reason,
	    "format-cannot-say");
	assert_string_equal(find(w, "X-01.t4", "desk")->reason, "not-declared");
	assert_string_equal(find(w, "X-01.t4", "desk")->detail,
	    "ref_tool has no row to compare with");
	/* A column that no hash of the source covers carries no grade. */
	assert_int_equal(find(w, "X-01.t4", "desk")->weakest, GRADE_NONE);
	assert_int_equal(find(w, "X-01.t1", "desk")->weakest, GRADE_CHAINED);
	assert_string_equal(find(w, "X-01.t3", "desk")->detail,
	    "no event of type drill");
	assert_int_equal(w->f->nunlock, 3);
	assert_string_equal(w->f->unlock[0].what, "fill amount_minor");
	assert_int_equal(w->f->unlock[0].ntest, 2);
	assert_string_equal(w->f->unlock[1].what, "declare ref_tool");
	assert_string_equal(w->f->unlock[2].what, "log drill events");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_counted_by_scope),
		cmocka_unit_test(threads_change_nothing),
		cmocka_unit_test(the_sample_is_that_of_the_vector),
		cmocka_unit_test(exceptions_are_kept_by_place_and_counted),
		cmocka_unit_test(the_first_line_applies),
		cmocka_unit_test(the_worst_month_counts),
		cmocka_unit_test(a_month_outside_production_says_nothing),
		cmocka_unit_test(reference_rows_are_tested_where_they_stand),
		cmocka_unit_test(statements_keep_to_the_rules),
		cmocka_unit_test(built_in_tests_need_an_answer),
		cmocka_unit_test(the_one_missing_thing_is_named),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
