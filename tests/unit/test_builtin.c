/* What the program computes from a row by itself. */
#include "eval_help.h"

#include "eval/builtin.h"
#include "eval/content.h"

static void
contents_are_known_by_their_shape(void **state)
{
	const struct {
		const char *text, *want;
	} cases[] = {
		{ "", NULL },
		{ "late parcel, refund", NULL },
		{ "someone@customer.example", "an e-mail address" },
		{ "write to a.b+c@mail.customer.example.", "an e-mail address" },
		{ "<x@y.dk>", "an e-mail address" },
		{ "refund-bot@1.2.0", NULL },
		{ "agent:refund-bot@1.2", NULL },
		{ "a@b", NULL },
		{ "a@b.c", NULL },
		{ "a @ b.example", NULL },
		{ "@customer.example", NULL },
		{ "x@customer.", NULL },
		{ "someone@-.example", "an e-mail address" },
		/* Numbers that card makers publish for tests. */
		{ "4111111111111111", "a card number" },
		{ "card 4111 1111 1111 1111.", "a card number" },
		{ "5555-5555-5555-4444", "a card number" },
		{ "3782 822463 10005", "a card number" },
		{ "{\"n\":\"6011111111111117\"}", "a card number" },
		{ "4111111111111112", NULL },
		{ "41111111111111111111", NULL },
		{ "a4111111111111111", NULL },
		{ "4111111111111111b", NULL },
		{ "411111111111", NULL },
		{ "1787303600000000", NULL },
		{ "41 11 11 11 11 11 11 11", NULL },
		{ "41111111-1111-1111-1111", NULL },
		{ "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij",
		    "a JSON web token" },
		{ "https://user:pa55@host.example/", "a password" },
		{ "AKIAABCDEFGHIJKLMNOP", "an access key" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *have = content_find(cases[i].text,
		    strlen(cases[i].text));

		if (strcmp(have ? have : "nothing", cases[i].want ?
		    cases[i].want : "nothing") != 0)
			fail_msg("\"%s\": %s", cases[i].text,
			    have ? have : "nothing");
	}
}

/* A value that is not there is neither a leak nor a row of the population. */
static void
rows_without_values_are_outside(void **state)
{
	static const char *const columns[] = { "user_id", "subject" };
	static char hash[65];
	const struct {
		const char *test, *user, *subject, *reason;
		int want;
	} cases[] = {
		{ "AU-06.t2", NULL, NULL, "x@y.example", 2 },
		{ "AU-06.t2", hash, NULL, NULL, 0 },
		{ "AU-06.t2", hash, hash, NULL, 0 },
		{ "AU-06.t2", hash, "anna", NULL, 1 },
		{ "AU-06.t2", NULL, "anna", NULL, 1 },
		{ "AU-06.t2", "", NULL, NULL, 1 },
		{ "AU-06.t3", "x@y.example", NULL, NULL, 2 },
		{ "AU-06.t3", NULL, "order/1", NULL, 0 },
		{ "AU-06.t3", NULL, "order/1", "x@y.example", 1 },
		{ "AU-06.t3", NULL, "x@y.example", "fine", 1 },
	};

	memset(hash, 'a', 64);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct event *ev = event(w, "desk", "action", 150 * DAY);

		w->in.pseudonymise = columns;
		w->in.npseudonymise = LEN(columns);
		if (cases[i].user != NULL)
			text(&ev->col[EVENT_USER_ID], cases[i].user);
		if (cases[i].subject != NULL)
			text(&ev->col[EVENT_SUBJECT], cases[i].subject);
		if (cases[i].reason != NULL)
			text(&ev->col[EVENT_REASON], cases[i].reason);
		if (builtin_row(cases[i].test)(&w->in, ev) != cases[i].want)
			fail_msg("case %zu", i);
		w->in.npseudonymise = 0;
		assert_int_equal(builtin_row("AU-06.t2")(&w->in, ev), 2);
	}
	assert_null(builtin_row("AU-06.t1"));
}

/* On the pass as any other test: counted by scope, drawn, merged. */
static void
built_in_rows_are_counted_on_the_pass(void **state)
{
	for (size_t pieces = 1; pieces < 4; pieces++) {
		struct world *w = world_new(*state);
		struct test *t = add_test(w, "AU-06.t3", NULL, NULL);
		const struct result *r;

		t->built_in = "eval";
		agents(w);
		for (int i = 0; i < 60; i++)
			text(&event(w, "desk", "action", (60 + i * 2) * DAY)->
			    col[EVENT_REASON], i % 7 == 0 ? "a@b.example" :
			    "code 7");
		compile(w);
		run(w, pieces);
		r = find(w, "AU-06.t3", "desk");
		/* Day 100 to 190: rows 20 to 59 but 100 + 2k < 191. */
		assert_int_equal(r->n, 40);
		assert_int_equal(r->x, 6);
		assert_int_equal(r->outcome, OUT_FAIL);
		assert_int_equal(r->nsample, 25);
		assert_int_equal(find(w, "AU-06.t3", "refunds")->outcome,
		    OUT_NO_EVIDENCE);
		assert_string_equal(find(w, "AU-06.t3", "refunds")->reason,
		    "no-population");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contents_are_known_by_their_shape),
		cmocka_unit_test(rows_without_values_are_outside),
		cmocka_unit_test(built_in_rows_are_counted_on_the_pass),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
