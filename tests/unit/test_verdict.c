#include <stdlib.h>

#include "eval_help.h"

#include "base/map.h"

/* Evidence: an item and one entry, each case spoils one thing. */


/* Day 100 to 191 is the period. */

static const char *
us(struct arena *a, int day)
{
	return arena_printf(a, "#%" PRId64, day * DAY);
}

static void
people(struct world *w)
{
	row(w, "ref_role", "role", "lead", NULL);
	row(w, "ref_role", "role", "clerk", NULL);
	row(w, "ref_person", "person_id", "lea", "to_us", us(w->a, 85), NULL);
	row(w, "ref_person_role", "person_id", "lea", "role", "lead", NULL);
	row(w, "ref_person_role", "person_id", "rita", "role", "lead", NULL);
	row(w, "ref_person_role", "person_id", "paul", "role", "lead", "to_us",
	    us(w->a, 80), NULL);
}

static struct item *
add_item(struct world *w, const char *id, const char *kind, int design)
{
	struct item *i = arena_alloc(w->a, sizeof(*i));

	i->id = id;
	i->kind = kind;
	i->title = "item";
	i->design = design;
	i->key = 1;
	w->control[0].item = i;
	w->control[0].nitem = 1;
	return i;
}

/* One entry, good but for what a case changes. */
struct given {
	const char *col, *value; /* "": taken away; #: a number; @: a day */
};

static void
set_cell(struct world *w, const struct given *g)
{
	struct ref_table *t = table(w, "ref_document");
	struct value *v = &t->cell[ref_colno(t, g->col)];

	memset(v, 0, sizeof(*v));
	if (*g->value == '@')
		number(v, strtol(g->value + 1, NULL, 10) * DAY);
	else if (*g->value == '#')
		number(v, strtol(g->value + 1, NULL, 10));
	else if (*g->value != '\0')
		text(v, g->value);
}

static void
good_entry(struct world *w)
{
	row(w, "ref_document", "item", "X-01.e1", "kind", "document", "path",
	    "evidence/x.md", "sha256", "aa", "found_sha256", "aa", "author",
	    "ann", "person_id", "rita", "role", "lead", "decision", "approved",
	    "at_us", us(w->a, 90), "from_us", us(w->a, 95), "to_us",
	    us(w->a, 400), NULL);
}

/* The period is day 100 (1970-04-11) to 191 (1970-07-11), as-of day 200. */
static void
evidence_has_the_same_four_outcomes(void **state)
{
	const struct {
		const char *name;
		int design, max_age; /* days */
		struct given given[5];
		enum outcome want;
		const char *reason, *detail; /* part of it */
	} cases[] = {
		{ "good", 0, 0, { { 0 } }, OUT_PASS, NULL, NULL },
		{ "reviewed will do", 0, 0, { { "decision", "reviewed" } },
		    OUT_PASS, NULL, NULL },
		{ "changed bytes", 0, 0, { { "found_sha256", "bb" } },
		    OUT_FAIL, "another-hash", "sha256 is bb, reviewed was aa" },
		{ "rejected", 0, 0, { { "decision", "rejected" } }, OUT_FAIL,
		    "rejected", "rita rejected it" },
		{ "no file", 0, 0, { { "found_sha256", "" } }, OUT_NO_EVIDENCE,
		    "absent", "evidence/x.md is not there" },
		{ "names no file", 0, 0, { { "found_sha256", "" },
		    { "path", "" } }, OUT_NO_EVIDENCE, "absent",
		    "it names no file" },
		{ "bound to no bytes", 0, 0, { { "sha256", "" } },
		    OUT_NO_EVIDENCE, "unreviewed", "which bytes" },
		{ "another kind", 0, 0, { { "kind", "record" } },
		    OUT_NO_EVIDENCE, "another-kind",
		    "of kind record, and the item asks for document" },
		{ "own review", 0, 0, { { "author", "rita" } },
		    OUT_NO_EVIDENCE, "unreviewed",
		    "its author rita reviewed it alone" },
		{ "author is the reviewer's role", 0, 0, { { "author",
		    "lead" } }, OUT_NO_EVIDENCE, "unreviewed",
		    "which its reviewer rita held" },
		{ "author is another role", 0, 0, { { "author", "clerk" } },
		    OUT_PASS, NULL, NULL },
		{ "author unknown", 0, 0, { { "author", "" } },
		    OUT_NO_EVIDENCE, "unreviewed",
		    "its author is not recorded" },
		{ "no reviewer", 0, 0, { { "person_id", "" } },
		    OUT_NO_EVIDENCE, "unreviewed", "nobody has reviewed" },
		{ "no decision", 0, 0, { { "decision", "" } },
		    OUT_NO_EVIDENCE, "unreviewed", "rita has not decided" },
		{ "no time", 0, 0, { { "at_us", "" } }, OUT_NO_EVIDENCE,
		    "unreviewed", "when rita reviewed it is not recorded" },
		{ "role ended", 0, 0, { { "person_id", "paul" } },
		    OUT_NO_EVIDENCE, "unreviewed",
		    "paul did not hold the role lead on 1970-04-01" },
		{ "left the company", 0, 0, { { "person_id", "lea" } },
		    OUT_NO_EVIDENCE, "unreviewed",
		    "lea did not hold the role lead" },
		{ "other role", 0, 0, { { "role", "cro" } }, OUT_NO_EVIDENCE,
		    "unreviewed", "did not hold the role cro" },
		{ "no role", 0, 0, { { "role", "" } }, OUT_NO_EVIDENCE,
		    "unreviewed", "the role (none)" },
		{ "after as-of", 0, 0, { { "at_us", "@201" } },
		    OUT_NO_EVIDENCE, "unreviewed",
		    "its review of 1970-07-21 lies after this day" },
		{ "begins too late", 0, 0, { { "from_us", "@101" } },
		    OUT_NO_EVIDENCE, "stale", "effective from 1970-04-12, and "
		    "is needed from 1970-04-11" },
		{ "of design its end is enough", 1, 0, { { "from_us",
		    "@150" } }, OUT_PASS, NULL, NULL },
		{ "of design after its end is not", 1, 0, { { "from_us",
		    "@192" } }, OUT_NO_EVIDENCE, "stale", "effective from" },
		{ "ends too soon", 0, 0, { { "to_us", "@190" } },
		    OUT_NO_EVIDENCE, "stale", "effective until 1970-07-10" },
		{ "has no end", 0, 0, { { "to_us", "" } }, OUT_PASS, NULL,
		    NULL },
		{ "not said from when", 0, 0, { { "from_us", "" } },
		    OUT_NO_EVIDENCE, "stale", "is not recorded" },
		{ "expired", 0, 0, { { "expires_us", "@190" } },
		    OUT_NO_EVIDENCE, "stale", "it expired on 1970-07-10" },
		{ "late", 0, 0, { { "at_us", "@96" } }, OUT_NO_EVIDENCE,
		    "late", "reviewed on 1970-04-07, and took effect before" },
		{ "late matters to operation alone", 1, 0, { { "at_us",
		    "@96" } }, OUT_PASS, NULL, NULL },
		{ "collected later is not late", 0, 0, { { "collected_us",
		    "@99" } }, OUT_PASS, NULL, NULL },
		{ "just young enough", 0, 101, { { 0 } }, OUT_PASS, NULL,
		    NULL },
		{ "too old", 0, 100, { { 0 } }, OUT_NO_EVIDENCE, "stale",
		    "it is of 1970-04-01, older than P100D" },
		{ "age is of what was collected", 0, 100, { { "collected_us",
		    "@91" } }, OUT_PASS, NULL, NULL },
		/* The previous pack is of day 130 and has bytes bb alone. */
		{ "first packed in time", 0, 0, { { "from_us", "@99" } },
		    OUT_PASS, NULL, NULL },
		{ "first packed over 31 days later", 0, 0, { { "from_us",
		    "@98" } }, OUT_NO_EVIDENCE, "late",
		    "the pack of 1970-05-11 did not have these bytes" },
		{ "the previous pack had it", 0, 0, { { "from_us", "@98" },
		    { "sha256", "bb" }, { "found_sha256", "bb" } }, OUT_PASS,
		    NULL, NULL },
		{ "for a drill of the log", 0, 0, { { "for_what", "d-1" } },
		    OUT_PASS, NULL, NULL },
		{ "for nothing that ran", 0, 0, { { "for_what", "spring" } },
		    OUT_NO_EVIDENCE, "not-run", "spring is no agent@version" },
		{ "for an event that is no drill", 0, 0, { { "for_what",
		    "a-1" } }, OUT_NO_EVIDENCE, "not-run", "no drill" },
		{ "the log contradicts it", 0, 0, { { "for_what", "d-2" } },
		    OUT_FAIL, "contradicted", "the drill d-2 failed" },
		{ "reviewed before it was held", 0, 0, { { "for_what",
		    "d-3" } }, OUT_FAIL, "contradicted",
		    "the log has the drill d-3 on 1970-04-02" },
	};
	static const struct eval_named named[] = {
		{ "d-1", "drill", "passed", 80 * DAY },
		{ "d-2", "drill", "failed", 80 * DAY },
		{ "d-3", "drill", "passed", 91 * DAY },
		{ "a-1", "action", "success", 80 * DAY },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct item *it = add_item(w, "X-01.e1", "document",
		    cases[i].design);
		struct map *packed = map_new(w->a);
		const struct result *r;
		int previous = strstr(cases[i].name, "pack") != NULL;

		people(w);
		if (cases[i].max_age > 0)
			it->max_age = arena_printf(w->a, "P%dD",
			    cases[i].max_age);
		good_entry(w);
		for (const struct given *g = cases[i].given; g->col != NULL;
		    g++)
			set_cell(w, g);
		*map_putz(packed, "bb") = w;
		w->in.packed = previous ? packed : NULL;
		w->in.packed_us = 130 * DAY;
		w->in.named = named;
		w->in.nnamed = LEN(named);
		compile(w);
		run(w, 1);
		r = find(w, "X-01.e1", "acme");
		if (r->outcome != cases[i].want || !str_eq(r->reason,
		    cases[i].reason) || (cases[i].detail != NULL &&
		    strstr(r->detail, cases[i].detail) == NULL))
			fail_msg("%s: %s (%s): %s", cases[i].name,
			    outcome_name(r->outcome), r->reason ? r->reason :
			    "-", r->detail ? r->detail : "-");
		/* What does not count is listed with its place. */
		assert_int_equal(w->f->nidle, r->outcome != OUT_PASS);
		if (w->f->nidle > 0)
			assert_string_equal(w->f->idle[0].at.file,
			    "ref_document");
	}
}

static void
entry(struct world *w, int at, const char *decision, const char *sha,
    const char *for_what)
{
	row(w, "ref_document", "item", "X-01.e1", "sha256", sha, "found_sha256",
	    "aa", "author", "ann", "person_id", "rita", "role", "lead", "at_us",
	    us(w->a, at), "from_us", us(w->a, 95), "decision", decision,
	    "for_what", for_what, NULL);
}

/* Of several entries the newest that passes, unless a newer one rejects. */
static void
the_newest_decision_stands(void **state)
{
	const struct {
		const char *first, *first_sha, *second, *second_sha;
		enum outcome want;
	} cases[] = {
		{ "approved", "old", "approved", "aa", OUT_PASS },
		{ "approved", "aa", "approved", "new", OUT_PASS },
		{ "approved", "aa", "rejected", "aa", OUT_FAIL },
		{ "rejected", "aa", "approved", "aa", OUT_PASS },
		{ "approved", "old", "approved", "new", OUT_FAIL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);

		people(w);
		add_item(w, "X-01.e1", "document", 0);
		entry(w, 85, cases[i].first, cases[i].first_sha, "");
		entry(w, 90, cases[i].second, cases[i].second_sha, "");
		compile(w);
		run(w, 1);
		if (find(w, "X-01.e1", "acme")->outcome != cases[i].want)
			fail_msg("case %zu", i);
	}
}

/* top: the reviewer's role reports to nobody, and others report to it. */
static void
leadership_reviews_what_is_its_own(void **state)
{
	const struct {
		const char *over, *under; /* what lead reports to; who to lead */
		int top;
		enum outcome want;
	} cases[] = {
		{ NULL, "lead", 1, OUT_PASS },
		{ "board", "lead", 1, OUT_NO_EVIDENCE },
		{ NULL, NULL, 1, OUT_NO_EVIDENCE },
		{ "board", NULL, 0, OUT_PASS },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);

		row(w, "ref_person_role", "person_id", "rita", "role", "lead",
		    NULL);
		row(w, "ref_role", "role", "lead", cases[i].over ?
		    "reports_to" : NULL, cases[i].over, NULL);
		row(w, "ref_role", "role", "desk", cases[i].under ?
		    "reports_to" : NULL, cases[i].under, NULL);
		add_item(w, "X-01.e1", "document", 1)->top = cases[i].top;
		entry(w, 90, "approved", "aa", "");
		compile(w);
		run(w, 1);
		if (find(w, "X-01.e1", "acme")->outcome != cases[i].want)
			fail_msg("case %zu", i);
	}
}

/* What an entry is for says in which scope the item is decided. */
static void
each_version_in_production_needs_its_own(void **state)
{
	struct world *w = world_new(*state);

	people(w);
	agents(w);
	row(w, "ref_agent", "agent_id", "idle", "lifecycle", "prod", NULL);
	add_item(w, "X-01.e1", "record", 0);
	row(w, "ref_deployment", "agent_id", "desk", "agent_version", "1",
	    "stage", "prod", "from_us", us(w->a, 10), "to_us", us(w->a, 120),
	    NULL);
	row(w, "ref_deployment", "agent_id", "desk", "agent_version", "2",
	    "stage", "prod", "from_us", us(w->a, 120), NULL);
	row(w, "ref_deployment", "agent_id", "refunds", "agent_version", "1",
	    "stage", "prod", "from_us", us(w->a, 10), NULL);
	row(w, "ref_deployment", "agent_id", "refunds", "agent_version", "0",
	    "stage", "prod", "from_us", us(w->a, 1), "to_us", us(w->a, 10),
	    NULL);
	entry(w, 90, "approved", "aa", "desk@1");
	entry(w, 90, "approved", "aa", "refunds@1");
	entry(w, 90, "approved", "aa", "refunds@0");
	row(w, "ref_document", "item", "X-99.e9", NULL);
	compile(w);
	run(w, 1);
	assert_int_equal(w->f->nidle, 2);
	assert_string_equal(w->f->idle[0].reason, "not-run");
	assert_non_null(strstr(w->f->idle[0].detail, "refunds@0 was not in"));
	assert_string_equal(w->f->idle[1].reason, "unknown-item");
	assert_int_equal(find(w, "X-01.e1", "refunds")->outcome, OUT_PASS);
	assert_int_equal(find(w, "X-01.e1", "desk")->outcome, OUT_NO_EVIDENCE);
	assert_non_null(strstr(find(w, "X-01.e1", "desk")->detail, "desk@2"));
	assert_int_equal(find(w, "X-01.e1", "idle")->outcome,
	    OUT_NOT_APPLICABLE);
}

/* A report that says for what, of cases that ran and agree. */
static void
report(struct world *w, int at, const char *hash, const char *const count[4])
{
	row(w, "ref_document", "item", "X-01.e1", "path", "r.xml", "sha256",
	    "aa", "found_sha256", "aa", "author", "ann", "person_id", "rita",
	    "role", "lead", "at_us", us(w->a, at), "from_us", us(w->a, at),
	    "decision", "reviewed", "for_what", hash, "tests", count[0],
	    "failed", count[1], "skipped", count[2], "disagrees", count[3],
	    NULL);
}

static void
junit_counts_cases(void **state)
{
	const struct {
		const char *count[4]; /* tests failed skipped disagrees */
		enum outcome want;
		const char *reason, *detail;
	} cases[] = {
		{ { "#3", "#0", "#0", "#0" }, OUT_PASS, NULL, NULL },
		{ { "#3", "#0", "#2", "#0" }, OUT_PASS, NULL, NULL },
		{ { "#3", "#0", "#3", "#0" }, OUT_NO_EVIDENCE,
		    "no-population", "every test case was skipped" },
		{ { "#0", "#0", "#0", "#0" }, OUT_NO_EVIDENCE,
		    "no-population", "the report has no test case" },
		{ { "#3", "#1", "#0", "#0" }, OUT_FAIL, "failed",
		    "a test case failed" },
		{ { "#3", "#0", "#0", "#1" }, OUT_NO_EVIDENCE, "did-not-run",
		    "a suite's counts differ" },
	};
	char hash[65];

	memset(hash, 'a', 64);
	hash[64] = '\0';
	for (size_t i = 0; i < 2 * LEN(cases); i++) {
		struct world *w = world_new(*state);
		const char *const *count = cases[i % LEN(cases)].count;
		enum outcome want = cases[i % LEN(cases)].want;
		const struct result *r;

		people(w);
		add_item(w, "X-01.e1", "junit", 0);
		row(w, "ref_policy", "policy_id", "refund", NULL);
		row(w, "ref_policy_version", "policy_id", "refund",
		    "policy_version", "7", "from_us", us(w->a, 20),
		    "policy_hash", hash, NULL);
		/* An older one that passed helps, but not against failures. */
		if (i >= LEN(cases))
			report(w, 19, hash, cases[0].count);
		report(w, 20, hash, count);
		compile(w);
		run(w, 1);
		r = find(w, "X-01.e1", "refund");
		if (i >= LEN(cases) && want == OUT_NO_EVIDENCE)
			want = OUT_PASS;
		if (r->outcome != want)
			fail_msg("case %zu", i);
		if (i < LEN(cases) && want != OUT_PASS) {
			assert_string_equal(r->reason, cases[i].reason);
			assert_non_null(strstr(r->detail, cases[i].detail));
		}
	}
}

/* A report that does not say what was tested tests nothing. */
static void
a_report_for_nothing_is_no_evidence(void **state)
{
	static const char *const count[] = { "#3", "#0", "#0", "#0" };
	struct world *w = world_new(*state);
	struct given none = { "for_what", "" };

	people(w);
	add_item(w, "X-01.e1", "junit", 0);
	report(w, 90, "x", count);
	set_cell(w, &none);
	compile(w);
	run(w, 1);
	assert_string_equal(find(w, "X-01.e1", "acme")->reason,
	    "no-population");
	assert_non_null(strstr(find(w, "X-01.e1", "acme")->detail,
	    "does not say what was tested"));
}

/* Statuses: a test for each wanted outcome, key or not, design or not. */

static void
status_follows_the_items(void **state)
{
	/* p pass, f fail, e no evidence, n not applicable; a capital: not a
	 * key; d before it: of design; a before it: advice. */
	const struct {
		const char *items;
		enum status all, design, operating;
	} cases[] = {
		{ "p p", ST_SATISFIED, ST_NOT_ASSESSED, ST_SATISFIED },
		{ "p f", ST_GAP, ST_NOT_ASSESSED, ST_GAP },
		{ "p F", ST_PARTIAL, ST_NOT_ASSESSED, ST_PARTIAL },
		{ "F", ST_PARTIAL, ST_NOT_ASSESSED, ST_PARTIAL },
		{ "p e", ST_PARTIAL, ST_NOT_ASSESSED, ST_PARTIAL },
		{ "e e", ST_NOT_ESTABLISHED, ST_NOT_ASSESSED,
		    ST_NOT_ESTABLISHED },
		{ "e f", ST_GAP, ST_NOT_ASSESSED, ST_GAP },
		{ "n", ST_NOT_APPLICABLE, ST_NOT_ASSESSED, ST_NOT_APPLICABLE },
		{ "n p", ST_SATISFIED, ST_NOT_ASSESSED, ST_SATISFIED },
		{ "n e", ST_NOT_ESTABLISHED, ST_NOT_ASSESSED,
		    ST_NOT_ESTABLISHED },
		{ "af p", ST_SATISFIED, ST_NOT_ASSESSED, ST_SATISFIED },
		{ "af", ST_NOT_APPLICABLE, ST_NOT_ASSESSED, ST_NOT_ASSESSED },
		{ "dp f", ST_GAP, ST_SATISFIED, ST_GAP },
		{ "df p", ST_GAP, ST_GAP, ST_SATISFIED },
		{ "dp", ST_SATISFIED, ST_SATISFIED, ST_NOT_ASSESSED },
		{ "dn p", ST_SATISFIED, ST_NOT_APPLICABLE, ST_SATISFIED },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		const struct verdict *v;

		for (const char *p = cases[i].items; *p != '\0'; p++) {
			int design = *p == 'd', advice = *p == 'a';
			struct test *t;

			if (*p == ' ')
				continue;
			p += design || advice;
			t = add_test(w, arena_printf(w->a, "X-01.t%zu",
			    w->ntest + 1), (*p | 32) == 'n' || *p == 'e' ?
			    "FALSE" : NULL, (*p | 32) == 'f' ? "TRUE" : "FALSE");
			t->design = design;
			t->advice = advice;
			t->key = *p >= 'a';
			if (*p == 'n')
				t->when_empty_because = "quiet";
			t->scope = SCOPE_STREAM;
		}
		event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		v = finding_verdict(w->f, "X-01", "main");
		if (v->all != cases[i].all || v->design != cases[i].design ||
		    v->operating != cases[i].operating)
			fail_msg("\"%s\": %s, design %s, operating %s",
			    cases[i].items, status_name(v->all),
			    status_name(v->design), status_name(v->operating));
	}
}

/* GV-08.e2: each control of Annex A has a row that is whole; one that is
 * excluded while a mapped test has rows is for people to review. */
static void
the_statement_of_applicability_is_held_against_the_log(void **state)
{
	static struct requirement req[] = {
		{ .id = "A.1", .framework = "iso-42001-2023", .assessable = 1 },
		{ .id = "A.2", .framework = "iso-42001-2023", .assessable = 1 },
	};
	static const char *t1[] = { "t1" };
	struct mapping map[] = { { .to = &req[0], .by = t1, .nby = 1 } };
	const struct {
		const char *excluded, *because; /* the other is included */
		int events;
		enum outcome want;
		const char *reason, *says;
	} cases[] = {
		{ "A.1", "none", 1, OUT_PASS, "to-review", "to review: A.1 is "
		    "excluded, and X-01.t1 has 1 rows" },
		{ "A.1", "none", 0, OUT_PASS, NULL, NULL },
		{ "A.2", "none", 1, OUT_PASS, NULL, NULL },
		{ "A.1", NULL, 1, OUT_FAIL, "incomplete", "to review: A.1" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		const char *in = cases[i].excluded[2] == '1' ? "A.2" : "A.1";
		const struct result *r;

		add_test(w, "X-01.t1", NULL, "FALSE");
		add_item(w, "GV-08.e2", NULL, 1)->built_in = "eval";
		w->control[0].map = map;
		w->control[0].nmap = LEN(map);
		w->cat.req = req;
		w->cat.nreq = LEN(req);
		row(w, "ref_soa", "requirement", cases[i].excluded, "included",
		    "#0", "owner", "rita", cases[i].because ?
		    "excluded_because" : NULL, cases[i].because, NULL);
		row(w, "ref_soa", "requirement", in, "included", "#1", "owner",
		    "rita", "implementation", "done", NULL);
		row(w, "ref_list", "kind", "soa", "id", in, "field",
		    "justification", "value", "risk", NULL);
		for (int k = 0; k < cases[i].events; k++)
			event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		r = find(w, "GV-08.e2", "acme");
		if (r->outcome != cases[i].want || !str_eq(r->reason,
		    cases[i].reason) || (cases[i].says == NULL) !=
		    (r->detail == NULL) || (cases[i].says != NULL &&
		    strstr(r->detail, cases[i].says) == NULL))
			fail_msg("case %zu: %s (%s) %s", i,
			    outcome_name(r->outcome), r->reason ? r->reason :
			    "-", r->detail ? r->detail : "-");
	}
}

static void
coverage_counts_what_was_decided(void **state)
{
	static struct requirement req[] = {
		{ .id = "1", .framework = "f", .assessable = 1 },
		{ .id = "2", .framework = "f", .assessable = 1 },
		{ .id = "3", .framework = "f", .assessable = 1 },
		{ .id = "4", .framework = "f", .assessable = 1,
		    .applies_from_us = 300 * DAY },
		{ .id = "5", .framework = "f", .assessable = 1,
		    .role = "importer" },
		{ .id = "6", .framework = "f", .assessable = 1,
		    .tier = "high-risk" },
	};
	static const char *t1[] = { "t1" }, *e1[] = { "X-01.e1" },
	    *t2[] = { "t2" };
	struct mapping map[] = {
		{ .to = &req[0], .by = t1, .nby = 1 },
		{ .to = &req[1], .by = e1, .nby = 1 },
		{ .to = &req[2], .by = t2, .nby = 1 },
	};
	struct world *w = world_new(*state);

	people(w);
	add_test(w, "X-01.t1", NULL, "TRUE")->scope = SCOPE_STREAM;
	add_test(w, "X-01.t2", "e.event_type = 'drill'", "TRUE")->scope =
	    SCOPE_STREAM;
	add_item(w, "X-01.e1", "document", 1);
	entry(w, 90, "approved", "aa", "");
	row(w, "ref_agent", "agent_id", "desk", "eu_role", "deployer",
	    "eu_tier", "limited", NULL);
	w->control[0].map = map;
	w->control[0].nmap = LEN(map);
	w->cat.req = req;
	w->cat.nreq = LEN(req);
	event(w, "desk", "action", 150 * DAY);
	compile(w);
	run(w, 1);
	assert_int_equal(w->f->covered[0].word, COV_DATA);
	assert_int_equal(w->f->covered[0].worst, ST_GAP);
	assert_int_equal(w->f->covered[1].word, COV_DOCUMENT);
	assert_int_equal(w->f->covered[2].word, COV_NOT_EVALUATED);
	assert_int_equal(w->f->covered[3].word, COV_UNMAPPED);
	assert_int_equal(w->f->covered[3].later, 1);
	assert_int_equal(w->f->covered[0].later, 0);
	assert_null(w->f->covered[0].why_not);
	assert_non_null(strstr(w->f->covered[4].why_not, "importer"));
	assert_non_null(strstr(w->f->covered[5].why_not, "high risk"));
}

static void
waiver(struct world *w, const char *control, const char *owner, const char *by,
    int approved, int from, int to)
{
	row(w, "ref_waiver", "waiver_id", "W-1", "control", control, "scope",
	    "main", "owner", owner, "approved_by", by, "approved_us",
	    us(w->a, approved), "from_us", us(w->a, from), "to_us",
	    us(w->a, to), NULL);
}

/* The id is that of `printf 'X-01\nmain' | sha256sum`. */
static void
a_waiver_accepts_one_gap_for_a_time(void **state)
{
	const struct {
		const char *name, *control, *owner, *by;
		int approved, from, to, waived;
		const char *why, *kind;
	} cases[] = {
		{ "good", "X-01", "ann", "rita", 150, 150, 300, 1, NULL, NULL },
		{ "366 days", "X-01", "ann", "rita", 150, 150, 516, 1, NULL,
		    NULL },
		{ "367 days", "X-01", "ann", "rita", 150, 150, 517, 0,
		    "longer than 366 days", "waiver-invalid" },
		{ "expired at as-of", "X-01", "ann", "rita", 150, 150, 200, 0,
		    "expired", "waiver-expired" },
		{ "a day left", "X-01", "ann", "rita", 150, 150, 201, 1, NULL,
		    NULL },
		{ "not begun", "X-01", "ann", "rita", 150, 201, 300, 0,
		    "not begun", NULL },
		{ "one person", "X-01", "rita", "rita", 150, 150, 300, 0,
		    "are not two", "waiver-invalid" },
		{ "a role", "X-01", "ann", "lead", 150, 150, 300, 1, NULL,
		    NULL },
		{ "the owner's own role", "X-01", "rita", "lead", 150, 150,
		    300, 0, "are not two", "waiver-invalid" },
		{ "a role that nobody held", "X-01", "ann", "clerk", 150, 150,
		    300, 0, "held no role", "waiver-invalid" },
		{ "role ended", "X-01", "ann", "paul", 150, 150, 300, 0,
		    "held no role", "waiver-invalid" },
		{ "left", "X-01", "ann", "lea", 150, 150, 300, 0,
		    "held no role", "waiver-invalid" },
		{ "approved later", "X-01", "ann", "rita", 201, 150, 300, 0,
		    "held no role", "waiver-invalid" },
		{ "the chain itself", "AU-01", "ann", "rita", 150, 150, 300, 0,
		    "AU-01 cannot be waived", "waiver-invalid" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		const struct gap *g;

		people(w);
		w->control[0].id = cases[i].control;
		add_test(w, "X-01.t1", NULL, "TRUE")->scope = SCOPE_STREAM;
		waiver(w, cases[i].control, cases[i].owner, cases[i].by,
		    cases[i].approved, cases[i].from, cases[i].to);
		event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		assert_int_equal(w->f->ngap, 1 + (cases[i].kind != NULL));
		g = finding_gap_of(w->f, finding_verdict(w->f,
		    cases[i].control, "main"));
		for (size_t k = 0; k < w->f->ngap; k++)
			if (&w->f->gap[k] != g)
				assert_string_equal(w->f->gap[k].kind,
				    cases[i].kind);
		if (i == 0)
			assert_string_equal(g->id, "G-b3e727fd01ae");
		if ((g->waiver != NULL) != cases[i].waived)
			fail_msg("%s: %s", cases[i].name, g->how);
		if (cases[i].why && strstr(g->how, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].name, g->how);
	}
}

static void
accept_test(struct world *w, const char *id)
{
	row(w, "ref_list", "kind", "waiver", "id", arena_printf(w->a,
	    "W-1/%s/main", w->control[0].id), "field", "tests", "value", id,
	    NULL);
}

/* X-01.t1 fails or not, X-01.t2 fails or not; what is shown beside the gap. */
static void
a_waiver_accepts_what_it_names(void **state)
{
	const struct {
		const char *name, *t1, *t2, *names[3];
		int waived;
		const char *kind, *how; /* of a finding, NULL: none */
	} cases[] = {
		{ "what fails", "TRUE", "FALSE", { "X-01.t1" }, 1, NULL, NULL },
		{ "in short", "TRUE", "FALSE", { "t1" }, 1, NULL, NULL },
		{ "all, and all fails", "TRUE", "TRUE", { NULL }, 1, NULL,
		    NULL },
		{ "all, and one fails", "TRUE", "FALSE", { NULL }, 1,
		    "waiver-broad", "failure of X-01.t2, which passes; write "
		    "tests: [X-01.t1]" },
		{ "both, and one fails", "TRUE", "FALSE", { "t1", "t2" }, 1,
		    "waiver-broad", "failure of X-01.t2" },
		{ "another fails too", "TRUE", "TRUE", { "t1" }, 0, NULL,
		    "it does not name X-01.t2" },
		{ "another fails", "FALSE", "TRUE", { "t1" }, 0,
		    "waiver-broad", "failure of X-01.t1" },
		{ "nothing fails", "FALSE", "FALSE", { "t1" }, 0,
		    "waiver-without-gap", "no gap to accept" },
		{ "no such test", "TRUE", "FALSE", { "t9" }, 0,
		    "waiver-invalid", "X-01 has no test or item t9" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		const struct gap *g = NULL, *extra = NULL;

		people(w);
		add_test(w, "X-01.t1", NULL, cases[i].t1)->scope = SCOPE_STREAM;
		add_test(w, "X-01.t2", NULL, cases[i].t2)->scope = SCOPE_STREAM;
		waiver(w, "X-01", "ann", "rita", 150, 150, 300);
		for (size_t k = 0; cases[i].names[k] != NULL; k++)
			accept_test(w, cases[i].names[k]);
		event(w, "desk", "action", 150 * DAY);
		compile(w);
		run(w, 1);
		for (size_t k = 0; k < w->f->ngap; k++)
			if (strncmp(w->f->gap[k].kind, "waiver", 6) == 0)
				extra = &w->f->gap[k];
			else
				g = &w->f->gap[k];
		if ((g != NULL && g->waiver != NULL) != cases[i].waived ||
		    !str_eq(extra ? extra->kind : NULL, cases[i].kind))
			fail_msg("%s: %s", cases[i].name,
			    extra ? extra->kind : "no finding");
		if (cases[i].how != NULL && strstr(extra ? extra->how : g->how,
		    cases[i].how) == NULL)
			fail_msg("%s: %s", cases[i].name,
			    extra ? extra->how : g->how);
		if (extra == NULL)
			continue;
		assert_string_equal(extra->fix.file, "ref_waiver");
		assert_int_equal(extra->fix.line, 1);
		assert_int_equal(extra->notice, strcmp(extra->kind,
		    "waiver-broad") == 0);
	}
}

/* Two waivers may share a gap; the first to end counts. */
static void
two_waivers_share_a_gap(void **state)
{
	struct world *w = world_new(*state);

	people(w);
	add_test(w, "X-01.t1", NULL, "TRUE")->scope = SCOPE_STREAM;
	add_test(w, "X-01.t2", NULL, "TRUE")->scope = SCOPE_STREAM;
	waiver(w, "X-01", "ann", "rita", 150, 150, 300);
	accept_test(w, "t1");
	row(w, "ref_waiver", "waiver_id", "W-2", "control", "X-01", "scope",
	    "main", "owner", "ann", "approved_by", "rita", "approved_us",
	    us(w->a, 150), "to_us", us(w->a, 250), NULL);
	row(w, "ref_list", "kind", "waiver", "id", "W-2/X-01/main", "field",
	    "tests", "value", "t2", NULL);
	event(w, "desk", "action", 150 * DAY);
	compile(w);
	run(w, 1);
	assert_int_equal(w->f->ngap, 1);
	assert_string_equal(w->f->gap[0].waiver, "W-2");
	assert_int_equal(w->f->gap[0].waived_until_us, 250 * DAY);
}

/* Worst first; the place is the row that breaks, or where it belongs. */
static void
gaps_have_a_place_and_an_age(void **state)
{
	struct world *w = world_new(*state);
	struct findings before = { 0 };
	struct gap old = { .first_seen_us = 42 };
	struct test *t;

	agents(w);
	t = add_test(w, "X-01.t1", "e.agent_id = 'desk'", "TRUE");
	t->fix_at = "ref_agent.ring";
	t->fix_how = "lower it";
	t = add_test(w, "X-01.t2", "e.agent_id = 'refunds'",
	    "e.kill_max_us IS NULL");
	t->over = "ref_agent";
	event(w, "desk", "action", 150 * DAY);
	w->control[0].owner_role = "sre";
	w->control[0].severity = SEV_LOW;
	w->control[1] = w->control[0];
	w->control[1].id = "X-02";
	w->control[1].severity = SEV_HIGH;
	w->control[1].test = arena_memdup(w->a, w->test, sizeof(*w->test));
	w->control[1].test[0].id = "X-02.t1";
	w->control[1].ntest = 1;
	w->cat.ncontrol = 2;
	compile(w);
	run(w, 1);
	assert_int_equal(w->f->ngap, 4);
	assert_string_equal(w->f->gap[0].verdict->control->id, "X-02");
	assert_string_equal(w->f->gap[0].verdict->scope, "desk");
	assert_string_equal(w->f->gap[0].kind, "failed");
	assert_string_equal(w->f->gap[0].how, "lower it");
	assert_string_equal(w->f->gap[0].owner, "sre");
	assert_string_equal(w->f->gap[0].fix.file, "ref_agent");
	assert_int_equal(w->f->gap[0].fix.line, 1);
	assert_string_equal(w->f->gap[1].kind, "not-established");
	/* X-01 refunds: its own row of the registry breaks it. */
	assert_string_equal(w->f->gap[3].verdict->scope, "refunds");
	assert_int_equal(w->f->gap[3].fix.line, 2);
	assert_int_equal(w->f->gap[0].first_seen_us, w->in.as_of_us);

	memcpy(old.id, w->f->gap[0].id, sizeof(old.id));
	before.gap = &old;
	before.ngap = 1;
	w->in.previous = &before;
	run(w, 1);
	assert_int_equal(w->f->gap[0].first_seen_us, 42);
}

static void
sentences_are_filled(void **state)
{
	struct world *w = world_new(*state);
	struct test *t = add_test(w, "X-01.t1", NULL, "e.shadow = 1");
	struct str s = str_new(w->a);

	t->scope = SCOPE_STREAM;
	t->says_fail = "{x} of {n} in {scope} {y}.";
	for (int i = 0; i < 1204; i++)
		number(&event(w, "desk", "action", 150 * DAY)->
		    col[EVENT_SHADOW], i < 3);
	compile(w);
	run(w, 1);
	finding_sentence(&s, find(w, "X-01.t1", "main"));
	assert_string_equal(s.p, "fail: 3 of 1,204 in main {y}.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_has_the_same_four_outcomes),
		cmocka_unit_test(the_newest_decision_stands),
		cmocka_unit_test(each_version_in_production_needs_its_own),
		cmocka_unit_test(junit_counts_cases),
		cmocka_unit_test(leadership_reviews_what_is_its_own),
		cmocka_unit_test(
		    the_statement_of_applicability_is_held_against_the_log),
		cmocka_unit_test(a_report_for_nothing_is_no_evidence),
		cmocka_unit_test(status_follows_the_items),
		cmocka_unit_test(coverage_counts_what_was_decided),
		cmocka_unit_test(a_waiver_accepts_one_gap_for_a_time),
		cmocka_unit_test(a_waiver_accepts_what_it_names),
		cmocka_unit_test(two_waivers_share_a_gap),
		cmocka_unit_test(gaps_have_a_place_and_an_age),
		cmocka_unit_test(sentences_are_filled),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
