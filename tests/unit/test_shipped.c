/* Single rows, judged by tests that ship: what a row lacks makes it blind. */
#include "eval_help.h"

#include "read/catalogue.h"

/* The test alone, with its predicates put in and nothing that it requires. */
static void
take(struct world *w, const char *id)
{
	struct diag d;
	struct catalogue *cat;
	const struct control *c;
	const struct test *t;

	diag_init(&d, w->a);
	cat = catalogue_read(w->a, NULL, &d);
	t = catalogue_test(cat, id, &c);
	assert_non_null(t);
	w->cat.predicate = cat->predicate;
	w->cat.npredicate = cat->npredicate;
	w->test[0] = *t;
	w->test[0].nrequires = 0;
	w->control[0].ntest = 1;
	w->ntest = 1;
}

/* An amount that the log leaves out is no amount below the limit. */
static void
an_amount_that_is_not_there_is_blind(void **state)
{
	const struct {
		const char *name, *agent, *action, *currency;
		int64_t amount; /* -1: NULL */
		uint64_t n, x, b;
	} cases[] = {
		{ "below", "desk", "refund.create", "EUR", 500, 1, 0, 0 },
		{ "above", "desk", "refund.create", "EUR", 501, 1, 1, 0 },
		{ "no amount", "desk", "refund.create", "EUR", -1, 1, 0, 1 },
		{ "no currency", "desk", "refund.create", NULL, 500, 1, 0, 1 },
		{ "another currency", "desk", "refund.create", "DKK", 500, 1, 0,
		    1 },
		{ "neither", "desk", "refund.create", NULL, -1, 1, 0, 1 },
		{ "no action", "desk", NULL, "EUR", -1, 1, 0, 1 },
		{ "an action without a limit", "desk", "note.add", NULL, -1, 0,
		    0, 0 },
		{ "a limit of rate alone", "desk", "mail.send", NULL, -1, 0, 0,
		    0 },
		{ "a limit with approval alone", "desk", "gift.send", NULL, -1,
		    0, 0, 0 },
		{ "another agent's limit", "refunds", "refund.create", "EUR",
		    -1, 0, 0, 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		const struct result *r;
		struct event *ev;

		take(w, "PO-04.t1");
		agents(w);
		row(w, "ref_agent_limit", "agent_id", "desk", "effect", "may",
		    "action", "refund.create", "currency", "EUR", "max_minor",
		    "#500", NULL);
		row(w, "ref_agent_limit", "agent_id", "desk", "effect", "may",
		    "action", "mail.send", "rate_n", "#5", NULL);
		row(w, "ref_agent_limit", "agent_id", "desk", "effect",
		    "approve", "action", "gift.send", "currency", "EUR",
		    "max_minor", "#500", NULL);
		ev = event(w, cases[i].agent, "action", 150 * DAY);
		text(&ev->col[EVENT_OUTCOME], "success");
		text(&ev->col[EVENT_ENVIRONMENT], "prod");
		text(&ev->col[EVENT_TIER], "auto");
		number(&ev->col[EVENT_SHADOW], 0);
		if (cases[i].action != NULL)
			text(&ev->col[EVENT_ACTION], cases[i].action);
		if (cases[i].currency != NULL)
			text(&ev->col[EVENT_CURRENCY], cases[i].currency);
		if (cases[i].amount >= 0)
			number(&ev->col[EVENT_AMOUNT_MINOR], cases[i].amount);
		compile(w);
		run(w, 1);
		r = find(w, "PO-04.t1", "acme");
		if (r->n != cases[i].n || r->x != cases[i].x ||
		    r->b != cases[i].b)
			fail_msg("%s: n %d x %d b %d", cases[i].name,
			    (int)r->n, (int)r->x, (int)r->b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_amount_that_is_not_there_is_blind),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
