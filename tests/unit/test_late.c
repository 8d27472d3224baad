/* What is decided from other results, or from the pack before. */
#include <stdio.h>
#include <stdlib.h>

#include "eval_help.h"

static struct item *
add_item(struct world *w, const char *id, const char *built_in)
{
	struct control *c = &w->control[0];
	struct item *list = arena_array(w->a, c->nitem + 1, sizeof(*list));

	if (c->nitem > 0)
		memcpy(list, c->item, c->nitem * sizeof(*list));
	memset(&list[c->nitem], 0, sizeof(*list));
	list[c->nitem].id = id;
	list[c->nitem].title = "item";
	list[c->nitem].kind = "record";
	list[c->nitem].built_in = built_in;
	list[c->nitem].key = 1;
	c->item = list;
	return &list[c->nitem++];
}

static void
must_be(const struct result *r, enum outcome want, const char *says, size_t i)
{
	if (r->outcome != want || (says != NULL && (r->detail == NULL ||
	    strstr(r->detail, says) == NULL)))
		fail_msg("case %zu: %s (%s) %s", i, outcome_name(r->outcome),
		    r->reason ? r->reason : "-", r->detail ? r->detail : "-");
}

/* TR-04.t2: a document is contradicted where one of its claims is. */
static void
documents_fail_with_their_claims(void **state)
{
	static const char *const first[] = { NULL, "C01 C05" };
	static const char *const other[] = { "C05 C06" };
	static const struct eval_paper papers[] = {
		{ "card", first, LEN(first) }, { "plan", other, LEN(other) }
	};
	const struct {
		enum severity severity;
		const char *claim, *scope;
		int events, given;
		enum outcome want;
		uint64_t n, x;
	} cases[] = {
		{ SEV_CRITICAL, "C05", "desk", 1, 1, OUT_FAIL, 1, 1 },
		{ SEV_HIGH, "C06", "desk", 1, 1, OUT_FAIL, 1, 1 },
		{ SEV_MEDIUM, "C05", "desk", 1, 1, OUT_PASS, 1, 0 },
		{ SEV_HIGH, "C05", "refunds", 1, 1, OUT_NO_EVIDENCE, 0, 0 },
		{ SEV_HIGH, "C05", "acme", 1, 1, OUT_NO_EVIDENCE, 0, 0 },
		/* No document makes it. */
		{ SEV_HIGH, "C07", "desk", 1, 1, OUT_PASS, 1, 0 },
		{ SEV_HIGH, NULL, "desk", 1, 1, OUT_NO_EVIDENCE, 0, 0 },
		/* A claim that nothing compared contradicts nothing. */
		{ SEV_HIGH, "C05", "desk", 0, 1, OUT_NO_EVIDENCE, 0, 0 },
		{ SEV_HIGH, "C05", "desk", 1, 0, OUT_NO_EVIDENCE, 0, 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct test *t = add_test(w, "X-01.t1", NULL, "TRUE");
		const struct result *r;

		t->claim[0] = cases[i].claim;
		t = add_test(w, "TR-04.t2", NULL, NULL);
		t->built_in = "eval";
		t->over = "ref_agent";
		w->control[0].severity = cases[i].severity;
		agents(w);
		if (cases[i].given) {
			w->in.paper = papers;
			w->in.npaper = LEN(papers);
		}
		if (cases[i].events)
			event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		r = find(w, "TR-04.t2", cases[i].scope);
		must_be(r, cases[i].want, NULL, i);
		assert_int_equal(r->n, cases[i].n);
		assert_int_equal(r->x, cases[i].x);
		assert_int_equal(r->nexception, cases[i].x);
		if (!cases[i].given)
			assert_string_equal(r->reason, "did-not-run");
		if (cases[i].x == 0)
			continue;
		assert_string_equal(r->exception[0].at.file, "ref_agent");
		assert_string_equal(r->detail, cases[i].claim[2] == '5' ?
		    "X-01.t1 in card, plan" : "X-01.t1 in plan");
	}
}

/* SE-02.t3: raised, and reviewed in the period, and ML-05 passed there. */
static void
a_raised_tier_needs_a_review_and_a_shadow_run(void **state)
{
	static const struct eval_tier was[] = { { "desk", "recommend" } };
	const struct {
		const char *tier, *review, *agent, *topic;
		const char *ml05; /* its exception, or NULL: no such test */
		int given;
		enum outcome want;
		const char *says;
	} cases[] = {
		{ "execute", "150", "desk", "permissions", "FALSE", 1,
		    OUT_PASS, NULL },
		{ "execute", "150", "desk", "permissions", "TRUE", 1,
		    OUT_FAIL, "raised from recommend to execute; ML-05 has" },
		{ "execute", "150", "desk", "permissions", NULL, 1, OUT_FAIL,
		    "ML-05 has not passed" },
		{ "execute", "150", "refunds", "permissions", "FALSE", 1,
		    OUT_FAIL, "no signed review" },
		{ "execute", "150", "desk", "matrix", "FALSE", 1, OUT_FAIL,
		    "no signed review" },
		{ "execute", "50", "desk", "permissions", "FALSE", 1,
		    OUT_FAIL, "no signed review" },
		{ "execute", "250", "desk", "permissions", "FALSE", 1,
		    OUT_FAIL, "no signed review" },
		{ "execute", NULL, "desk", "permissions", "FALSE", 1,
		    OUT_FAIL, "no signed review" },
		{ "prepare", NULL, "desk", "permissions", NULL, 1, OUT_FAIL,
		    "to prepare" },
		{ "recommend", NULL, "desk", "permissions", NULL, 1,
		    OUT_NOT_APPLICABLE, "none was raised" },
		{ "observe", NULL, "desk", "permissions", NULL, 1,
		    OUT_NOT_APPLICABLE, "none was raised" },
		/* What the earlier registry said is not known. */
		{ "execute", "150", "desk", "permissions", "FALSE", 0,
		    OUT_NO_EVIDENCE, "nothing has computed" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct test *t = add_test(w, "SE-02.t3", NULL, NULL);
		char us[32];

		t->built_in = "eval";
		t->over = "ref_agent";
		t->when_empty_because = "none was raised";
		w->control[1] = w->control[0];
		w->control[1].test = arena_array(w->a, 1, sizeof(*t));
		w->control[1].test[0] = *t;
		w->control[1].test[0].id = "ML-05.t1";
		w->control[1].test[0].built_in = NULL;
		w->control[1].test[0].over = "event";
		w->control[1].test[0].when_empty_because = NULL;
		w->control[1].test[0].exception_text = cases[i].ml05;
		w->control[1].id = "ML-05";
		w->cat.ncontrol = cases[i].ml05 != NULL ? 2 : 1;
		row(w, "ref_agent", "agent_id", "desk", "permission_tier",
		    cases[i].tier, NULL);
		row(w, "ref_agent_name", "name", "desk", "agent_id", "desk",
		    NULL);
		row(w, "ref_review_finding", "review", "r1", "topic",
		    cases[i].topic, "agent_id", cases[i].agent, "decision",
		    "raise", NULL);
		(void)snprintf(us, sizeof(us), "#%lld", cases[i].review ?
		    atoll(cases[i].review) * (long long)DAY : 0);
		row(w, "ref_review", "review", "r1", cases[i].review ?
		    "signed_us" : NULL, us, NULL);
		if (cases[i].given) {
			w->in.tier = was;
			w->in.ntier = LEN(was);
		}
		event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		must_be(find(w, "SE-02.t3", "desk"), cases[i].want,
		    cases[i].says, i);
	}
}

/* GV-10.e3: still open, at high, with neither action nor waiver. */
static void
open_gaps_need_a_dated_action(void **state)
{
	const struct {
		const char *kind, *exception, *what, *due, *done, *waived;
		enum severity severity;
		enum outcome want;
		const char *says;
	} cases[] = {
		{ "failed", "TRUE", NULL, NULL, NULL, NULL, SEV_HIGH, OUT_FAIL,
		    "G-0123456789ab (X-01 desk) is still open" },
		{ "partial", "TRUE", NULL, NULL, NULL, NULL, SEV_CRITICAL,
		    OUT_FAIL, "still open" },
		{ "failed", "FALSE", NULL, NULL, NULL, NULL, SEV_HIGH,
		    OUT_PASS, NULL },
		{ "failed", "TRUE", NULL, NULL, NULL, NULL, SEV_MEDIUM,
		    OUT_NOT_APPLICABLE, "no gap at critical or high" },
		{ "waiver-expired", "TRUE", NULL, NULL, NULL, NULL, SEV_HIGH,
		    OUT_NOT_APPLICABLE, "no gap at critical or high" },
		{ "failed", "TRUE", "close G-0123456789ab", "210", NULL, NULL,
		    SEV_HIGH, OUT_PASS, NULL },
		{ "failed", "TRUE", "X-01 of desk", "210", NULL, NULL,
		    SEV_HIGH, OUT_PASS, NULL },
		{ "failed", "TRUE", "X-011 of desk", "210", NULL, NULL,
		    SEV_HIGH, OUT_FAIL, "no action" },
		{ "failed", "TRUE", "X-01 of desk", "199", NULL, NULL,
		    SEV_HIGH, OUT_FAIL, "no action" },
		{ "failed", "TRUE", "X-01 of desk", NULL, NULL, NULL,
		    SEV_HIGH, OUT_FAIL, "no action" },
		{ "failed", "TRUE", "X-01 of desk", "210", "190", NULL,
		    SEV_HIGH, OUT_FAIL, "no action" },
		{ "failed", "TRUE", NULL, NULL, NULL, "250", SEV_HIGH,
		    OUT_PASS, NULL },
		{ "failed", "TRUE", NULL, NULL, NULL, "199", SEV_HIGH,
		    OUT_FAIL, "no action" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct verdict v = { .scope = "desk" };
		struct gap g = { .id = "G-0123456789ab", .verdict = &v };
		struct findings was = { .gap = &g, .ngap = 1 };
		char due[32], done[32], to[32];

		add_test(w, "X-01.t1", NULL, cases[i].exception);
		add_item(w, "GV-10.e3", "eval");
		w->control[0].severity = cases[i].severity;
		v.control = &w->control[0];
		g.kind = cases[i].kind;
		agents(w);
		(void)snprintf(due, sizeof(due), "#%lld", cases[i].due ?
		    atoll(cases[i].due) * (long long)DAY : 0);
		(void)snprintf(done, sizeof(done), "#%lld", cases[i].done ?
		    atoll(cases[i].done) * (long long)DAY : 0);
		(void)snprintf(to, sizeof(to), "#%lld", cases[i].waived ?
		    atoll(cases[i].waived) * (long long)DAY : 0);
		if (cases[i].what != NULL)
			row(w, "ref_review_action", "review", "r1", "number",
			    "#1", "what", cases[i].what, "owner", "olga",
			    cases[i].due ? "due_us" : NULL, due,
			    cases[i].done ? "done_us" : NULL, done, NULL);
		if (cases[i].waived != NULL)
			row(w, "ref_waiver", "waiver_id", "W-1", "control",
			    "X-01", "scope", "desk", "from_us", "#1", "to_us",
			    to, NULL);
		w->in.previous = &was;
		event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		must_be(find(w, "GV-10.e3", "acme"), cases[i].want,
		    cases[i].says, i);
		w->in.previous = NULL;
		run(w, 1);
		must_be(find(w, "GV-10.e3", "acme"), OUT_NOT_APPLICABLE,
		    "the first pack", i);
	}
}

/* GV-10.e4: in registry, papers and log; by name or by role. */
static void
an_auditor_has_no_part_in_what_was_audited(void **state)
{
	enum what { NOTHING, OWNER, ROLE, EARLIER, WITHIN, ATTENDS, PAPER,
		REVIEWED, APPROVED, INITIATED, BEFORE, OTHER_TYPE, OTHER_AGENT };
	const struct {
		enum what what;
		const char *about;
		enum outcome want;
		const char *says;
	} cases[] = {
		{ NOTHING, NULL, OUT_PASS, NULL },
		{ OWNER, NULL, OUT_FAIL, "amy is review_owner in ref_agent" },
		{ ROLE, NULL, OUT_FAIL, "amy is review_owner in ref_agent" },
		{ EARLIER, NULL, OUT_PASS, NULL },
		{ WITHIN, NULL, OUT_FAIL, "approved_by in ref_deployment" },
		{ ATTENDS, NULL, OUT_PASS, NULL },
		{ PAPER, NULL, OUT_PASS, NULL },
		{ REVIEWED, NULL, OUT_FAIL, "person_id in ref_document" },
		{ APPROVED, NULL, OUT_FAIL, "1 times in the log" },
		{ INITIATED, NULL, OUT_FAIL, "2 times in the log" },
		{ BEFORE, NULL, OUT_PASS, NULL },
		{ OTHER_TYPE, NULL, OUT_PASS, NULL },
		{ OWNER, "desk@1", OUT_FAIL, "review_owner" },
		{ OTHER_AGENT, "desk@1", OUT_PASS, NULL },
		{ OTHER_AGENT, NULL, OUT_FAIL, "review_owner" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		enum what k = cases[i].what;
		const struct result *r;
		char at[32];

		add_item(w, "GV-10.e1", NULL);
		add_item(w, "GV-10.e4", "eval");
		row(w, "ref_person_role", "person_id", "amy", "role", "audit",
		    "from_us", "#1", NULL);
		row(w, "ref_document", "item", "GV-10.e1", "author", "amy",
		    cases[i].about ? "for_what" : NULL, cases[i].about, NULL);
		if (k == OWNER || k == ROLE || k == OTHER_AGENT)
			row(w, "ref_agent", "agent_id", k == OTHER_AGENT ?
			    "refunds" : "desk", "review_owner", k == ROLE ?
			    "audit" : "amy", NULL);
		(void)snprintf(at, sizeof(at), "#%lld", (long long)DAY *
		    (k == EARLIER ? 99 : 100));
		if (k == EARLIER || k == WITHIN)
			row(w, "ref_deployment", "agent_id", "desk",
			    "approved_by", "amy", "approved_us", at, NULL);
		if (k == ATTENDS)
			row(w, "ref_review_attendee", "review", "r1",
			    "person_id", "amy", NULL);
		if (k == PAPER || k == REVIEWED)
			row(w, "ref_document", "item", k == PAPER ?
			    "GV-10.e2" : "X-01.e1", "person_id", "amy",
			    "at_us", at, NULL);
		if (k == APPROVED || k == BEFORE)
			text(&event(w, "desk", "approval_decided", (k == BEFORE ?
			    99 : 150) * DAY)->col[EVENT_APPROVER_ID], "amy");
		for (int n = 0; n < 2 && k == INITIATED; n++)
			text(&event(w, "desk", "change", (150 + n) * DAY)->
			    col[EVENT_INITIATOR_ID], "amy");
		if (k == OTHER_TYPE)
			text(&event(w, "desk", "input", 150 * DAY)->
			    col[EVENT_INITIATOR_ID], "amy");
		event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1 + i % 2);
		r = find(w, "GV-10.e4", "acme");
		must_be(r, cases[i].want, cases[i].says, i);
		assert_int_equal(r->n, 1);
		assert_int_equal(r->x, cases[i].want == OUT_FAIL);
		assert_int_equal(r->nexception, r->x);
	}
}

/* Nobody audited, in this period or at all. */
static void
without_an_audit_nobody_is_independent(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct world *w = world_new(*state);

		add_item(w, "GV-10.e1", NULL);
		add_item(w, "GV-10.e4", "eval");
		if (i == 1)
			row(w, "ref_document", "item", "GV-10.e1", "author",
			    "amy", "to_us", "#1", NULL);
		if (i == 2)
			row(w, "ref_document", "item", "GV-10.e1", "author",
			    "amy", "decision", "rejected", NULL);
		compile(w);
		run(w, 1);
		must_be(find(w, "GV-10.e4", "acme"), OUT_NO_EVIDENCE,
		    "no internal audit", (size_t)i);
	}
}

/* Quiet is what a test says that ran: one that could not says nothing. */
static void
a_test_that_did_not_run_is_not_quiet(void **state)
{
	for (int fails = 0; fails < 2; fails++) {
		struct world *w = world_new(*state);
		struct test *t = add_test(w, "X-01.t1", NULL, NULL);
		const struct eval_statement *s;
		const struct result *r;
		struct eval *e;

		t->sql_text = "SELECT {scope} AS scope, e.stream AS stream, "
		    "e.seq AS seq, 1 AS broken FROM {event} WHERE FALSE";
		t->scope = SCOPE_STREAM;
		t->when_empty_because = "nothing happened";
		compile(w);
		e = eval_new(w->a, &w->in);
		assert_int_equal(eval_statements(e, &s), 1);
		if (fails)
			eval_failed(e, s, "too many terms");
		w->f = eval_finish(e);
		eval_free(e);
		r = find(w, "X-01.t1", "main");
		assert_int_equal(r->outcome, fails ? OUT_NO_EVIDENCE :
		    OUT_NOT_APPLICABLE);
		assert_string_equal(r->reason, fails ? "did-not-run" : "quiet");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_fail_with_their_claims),
		cmocka_unit_test(a_raised_tier_needs_a_review_and_a_shadow_run),
		cmocka_unit_test(open_gaps_need_a_dated_action),
		cmocka_unit_test(an_auditor_has_no_part_in_what_was_audited),
		cmocka_unit_test(without_an_audit_nobody_is_independent),
		cmocka_unit_test(a_test_that_did_not_run_is_not_quiet),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
