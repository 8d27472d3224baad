#include "eval_help.h"

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

static void
evidence_has_the_same_four_outcomes(void **state)
{
	const struct {
		const char *name;
		int design, max_age;    /* days */
		int at, from, to, expires, collected; /* days; 0: absent */
		const char *author, *by, *role, *decision, *found;
		enum outcome want;
		const char *reason;
	} cases[] = {
		{ "good", 0, 0, 90, 95, 400, 0, 0, "ann", "rita", "lead",
		    "approved", "aa", OUT_PASS, NULL },
		{ "reviewed will do", 0, 0, 90, 95, 0, 0, 0, "ann", "rita",
		    "lead", "reviewed", "aa", OUT_PASS, NULL },
		{ "changed bytes", 0, 0, 90, 95, 400, 0, 0, "ann", "rita",
		    "lead", "approved", "bb", OUT_FAIL, "another-hash" },
		{ "rejected", 0, 0, 90, 95, 400, 0, 0, "ann", "rita", "lead",
		    "rejected", "aa", OUT_FAIL, "rejected" },
		{ "no file", 0, 0, 90, 95, 400, 0, 0, "ann", "rita", "lead",
		    "approved", NULL, OUT_NO_EVIDENCE, "absent" },
		{ "own review", 0, 0, 90, 95, 400, 0, 0, "rita", "rita", "lead",
		    "approved", "aa", OUT_NO_EVIDENCE, "unreviewed" },
		{ "author unknown", 0, 0, 90, 95, 400, 0, 0, NULL, "rita",
		    "lead", "approved", "aa", OUT_NO_EVIDENCE, "unreviewed" },
		{ "no reviewer", 0, 0, 90, 95, 400, 0, 0, "ann", NULL, "lead",
		    "approved", "aa", OUT_NO_EVIDENCE, "unreviewed" },
		{ "role ended", 0, 0, 90, 95, 400, 0, 0, "ann", "paul", "lead",
		    "approved", "aa", OUT_NO_EVIDENCE, "unreviewed" },
		{ "other role", 0, 0, 90, 95, 400, 0, 0, "ann", "rita", "cro",
		    "approved", "aa", OUT_NO_EVIDENCE, "unreviewed" },
		{ "after as-of", 0, 0, 201, 95, 400, 0, 0, "ann", "rita",
		    "lead", "approved", "aa", OUT_NO_EVIDENCE, "unreviewed" },
		{ "begins too late", 0, 0, 90, 101, 400, 0, 0, "ann", "rita",
		    "lead", "approved", "aa", OUT_NO_EVIDENCE, "stale" },
		{ "of design its end is enough", 1, 0, 90, 150, 400, 0, 0,
		    "ann", "rita", "lead", "approved", "aa", OUT_PASS, NULL },
		{ "ends too soon", 0, 0, 90, 95, 190, 0, 0, "ann", "rita",
		    "lead", "approved", "aa", OUT_NO_EVIDENCE, "stale" },
		{ "not said from when", 0, 0, 90, 0, 400, 0, 0, "ann", "rita",
		    "lead", "approved", "aa", OUT_NO_EVIDENCE, "stale" },
		{ "expired", 0, 0, 90, 95, 400, 190, 0, "ann", "rita", "lead",
		    "approved", "aa", OUT_NO_EVIDENCE, "stale" },
		{ "late", 0, 0, 96, 95, 400, 0, 0, "ann", "rita", "lead",
		    "approved", "aa", OUT_NO_EVIDENCE, "late" },
		{ "late matters to operation alone", 1, 0, 96, 95, 400, 0, 0,
		    "ann", "rita", "lead", "approved", "aa", OUT_PASS, NULL },
		{ "just young enough", 0, 101, 90, 95, 400, 0, 0, "ann", "rita",
		    "lead", "approved", "aa", OUT_PASS, NULL },
		{ "too old", 0, 100, 90, 95, 400, 0, 0, "ann", "rita", "lead",
		    "approved", "aa", OUT_NO_EVIDENCE, "stale" },
		{ "age is of what was collected", 0, 100, 90, 95, 400, 0, 91,
		    "ann", "rita", "lead", "approved", "aa", OUT_PASS, NULL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);
		struct item *it = add_item(w, "X-01.e1", "document",
		    cases[i].design);
		struct ref_table *t = table(w, "ref_document");
		const struct result *r;

		people(w);
		if (cases[i].max_age > 0)
			it->max_age = arena_printf(w->a, "P%dD",
			    cases[i].max_age);
		row(w, "ref_document", "item", "X-01.e1", "sha256", "aa", "at_us",
		    us(w->a, cases[i].at), "decision", cases[i].decision, "role",
		    cases[i].role, NULL);
#define OPTIONAL(col, v) if (v) text(&t->cell[ref_colno(t, col)], v)
#define MOMENT(col, v) if (v) number(&t->cell[ref_colno(t, col)], v * DAY)
		OPTIONAL("author", cases[i].author);
		OPTIONAL("person_id", cases[i].by);
		OPTIONAL("found_sha256", cases[i].found);
		MOMENT("from_us", cases[i].from);
		MOMENT("to_us", cases[i].to);
		MOMENT("expires_us", cases[i].expires);
		MOMENT("collected_us", cases[i].collected);
		compile(w);
		run(w, 1);
		r = find(w, "X-01.e1", "acme");
		if (r->outcome != cases[i].want || !str_eq(r->reason,
		    cases[i].reason))
			fail_msg("%s: %s (%s)", cases[i].name,
			    outcome_name(r->outcome),
			    r->reason ? r->reason : "-");
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
	compile(w);
	run(w, 1);
	assert_int_equal(find(w, "X-01.e1", "refunds")->outcome, OUT_PASS);
	assert_int_equal(find(w, "X-01.e1", "desk")->outcome, OUT_NO_EVIDENCE);
	assert_non_null(strstr(find(w, "X-01.e1", "desk")->detail, "desk@2"));
	assert_int_equal(find(w, "X-01.e1", "idle")->outcome,
	    OUT_NOT_APPLICABLE);
}

/* A report that says for what, of cases that ran and agree. */
static void
junit_counts_cases(void **state)
{
	const struct {
		const char *tests, *failed, *skipped, *disagrees;
		enum outcome want;
	} cases[] = {
		{ "#3", "#0", "#0", "#0", OUT_PASS },
		{ "#3", "#0", "#2", "#0", OUT_PASS },
		{ "#3", "#0", "#3", "#0", OUT_NO_EVIDENCE },
		{ "#0", "#0", "#0", "#0", OUT_NO_EVIDENCE },
		{ "#3", "#1", "#0", "#0", OUT_FAIL },
		{ "#3", "#0", "#0", "#1", OUT_NO_EVIDENCE },
	};
	char hash[65];

	memset(hash, 'a', 64);
	hash[64] = '\0';
	for (size_t i = 0; i < LEN(cases); i++) {
		struct world *w = world_new(*state);

		people(w);
		add_item(w, "X-01.e1", "junit", 0);
		row(w, "ref_policy", "policy_id", "refund", NULL);
		row(w, "ref_policy_version", "policy_id", "refund",
		    "policy_version", "7", "from_us", us(w->a, 20),
		    "policy_hash", hash, NULL);
		row(w, "ref_document", "item", "X-01.e1", "sha256", "aa",
		    "found_sha256", "aa", "author", "ann", "person_id", "rita",
		    "role", "lead", "at_us", us(w->a, 20), "from_us",
		    us(w->a, 20), "decision", "reviewed", "for_what", hash,
		    "tests", cases[i].tests, "failed", cases[i].failed,
		    "skipped", cases[i].skipped, "disagrees",
		    cases[i].disagrees, NULL);
		compile(w);
		run(w, 1);
		if (find(w, "X-01.e1", "refund")->outcome != cases[i].want)
			fail_msg("case %zu", i);
	}
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
		const char *why;
	} cases[] = {
		{ "good", "X-01", "ann", "rita", 150, 150, 300, 1, NULL },
		{ "366 days", "X-01", "ann", "rita", 150, 150, 516, 1, NULL },
		{ "367 days", "X-01", "ann", "rita", 150, 150, 517, 0,
		    "longer than 366 days" },
		{ "expired at as-of", "X-01", "ann", "rita", 150, 150, 200, 0,
		    "expired" },
		{ "a day left", "X-01", "ann", "rita", 150, 150, 201, 1, NULL },
		{ "not begun", "X-01", "ann", "rita", 150, 201, 300, 0,
		    "not begun" },
		{ "one person", "X-01", "rita", "rita", 150, 150, 300, 0,
		    "are not two" },
		{ "role ended", "X-01", "ann", "paul", 150, 150, 300, 0,
		    "held no role" },
		{ "approved later", "X-01", "ann", "rita", 201, 150, 300, 0,
		    "held no role" },
		{ "the chain itself", "AU-01", "ann", "rita", 150, 150, 300, 0,
		    "AU-01 cannot be waived" },
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
		assert_int_equal(w->f->ngap, 1);
		g = &w->f->gap[0];
		if (i == 0)
			assert_string_equal(g->id, "G-b3e727fd01ae");
		if ((g->waiver != NULL) != cases[i].waived)
			fail_msg("%s: %s", cases[i].name, g->how);
		if (cases[i].why && strstr(g->how, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].name, g->how);
	}
}

static void
a_waiver_without_a_gap_is_one(void **state)
{
	struct world *w = world_new(*state);

	people(w);
	add_test(w, "X-01.t1", NULL, "FALSE")->scope = SCOPE_STREAM;
	waiver(w, "X-01", "ann", "rita", 150, 150, 300);
	event(w, "desk", "action", 150 * DAY);
	compile(w);
	run(w, 1);
	assert_int_equal(w->f->ngap, 1);
	assert_string_equal(w->f->gap[0].kind, "waiver-without-gap");
	assert_string_equal(w->f->gap[0].fix.file, "ref_waiver");
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
		cmocka_unit_test(status_follows_the_items),
		cmocka_unit_test(coverage_counts_what_was_decided),
		cmocka_unit_test(a_waiver_accepts_one_gap_for_a_time),
		cmocka_unit_test(a_waiver_without_a_gap_is_one),
		cmocka_unit_test(gaps_have_a_place_and_an_age),
		cmocka_unit_test(sentences_are_filled),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
