#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "project_help.h"
#include "read/catalogue.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The diag's lines joined by LF, and the catalogue. */
static const char *
load(struct fixture *f, struct catalogue **c)
{
	struct str s = str_new(f->arena);

	diag_init(&f->diag, f->arena);
	if (project_read(f->arena, f->dir, &f->project, &f->diag) == 0)
		*c = catalogue_read(f->arena, &f->project, &f->diag);
	for (size_t i = 0; i < f->diag.n; i++)
		str_addf(&s, "%s%s", i > 0 ? "\n" : "", f->diag.line[i]);
	return s.p;
}

/* All of a framework; of a level those that can be assessed. */
static size_t
count(const struct catalogue *c, const char *framework, const char *level)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nreq; i++)
		n += strcmp(c->req[i].framework, framework) == 0 &&
		    (level == NULL || c->req[i].assessable) &&
		    (level == NULL || (c->req[i].level != NULL &&
		    strcmp(c->req[i].level, level) == 0));
	return n;
}

/* Numbers are those of the frameworks themselves. */
static void
the_shipped_catalogue_is_whole(void **state)
{
	struct fixture *f = *state;
	struct catalogue *c;
	const struct control *k;
	const struct test *t;

	diag_init(&f->diag, f->arena);
	c = catalogue_read(f->arena, NULL, &f->diag);
	if (f->diag.n > 0)
		print_message("%s\n", f->diag.line[0]);
	assert_int_equal(f->diag.total, 0);
	assert_int_equal(c->nframework, 4);
	assert_int_equal(count(c, "nist-ai-rmf-1.0", "subcategory"), 72);
	assert_int_equal(count(c, "iso-42001-2023", "annex-a"), 38);
	assert_int_equal(count(c, "owasp-agentic-2026", NULL), 10);
	assert_true(count(c, "eu-ai-act", NULL) >= 144);
	assert_true(c->ncontrol >= 15);

	t = catalogue_test(c, "HO-01.t1", &k);
	assert_non_null(t);
	assert_string_equal(k->id, "HO-01");
	assert_string_equal(k->family, "HO");
	assert_int_equal(k->severity, SEV_CRITICAL);
	assert_string_equal(t->over, "event");
	assert_string_equal(t->claim[0], "C05");
	assert_int_equal(t->min_population, 1);
	assert_int_equal(t->max_blind_ppm, 0);
	assert_int_equal(t->key, 1);
	assert_int_equal(t->design, 0);
	assert_non_null(strstr(t->where_text, "{ran}"));
	assert_string_equal(t->where_at.file, "mappings/controls/ho.yaml");
	assert_null(t->where);
	for (size_t i = 0; i < c->ncontrol; i++)
		for (size_t j = 0; j < c->control[i].nmap; j++)
			assert_non_null(c->control[i].map[j].to);
	assert_non_null(catalogue_requirement(c, NULL, "AIA-14.4.d"));
	assert_null(catalogue_requirement(c, "iso-42001-2023", "AIA-14.4.d"));
}

/* exhibit.yaml chooses frameworks; the mappings to others go with them. */
static void
a_project_sees_the_frameworks_it_names(void **state)
{
	struct fixture *f = *state;
	struct catalogue *c = NULL;

	fixture_make(f, NULL, 0);
	fixture_write(f, "exhibit.yaml", "schema: exhibit/1\n"
	    "organisation: {id: a}\nframeworks: [iso-42001-2023]\n");
	assert_string_equal(load(f, &c), "");
	assert_int_equal(c->nframework, 1);
	assert_int_equal(count(c, "iso-42001-2023", NULL), c->nreq);
	assert_int_equal(c->npair, 0);
	for (size_t i = 0; i < c->ncontrol; i++)
		for (size_t j = 0; j < c->control[i].nmap; j++)
			assert_string_equal(
			    c->control[i].map[j].to->framework,
			    "iso-42001-2023");

	fixture_make(f, NULL, 0);
	fixture_write(f, "exhibit.yaml", "schema: exhibit/1\n"
	    "organisation: {id: a}\nframeworks: [iso-42001-2024]\n");
	assert_string_equal(load(f, &c), "exhibit.yaml:1:1: frameworks: "
	    "unknown \"iso-42001-2024\" (did you mean \"iso-42001-2023\"?)");
}

#define X "schema: exhibit-controls/1\nfamily: X\ncontrols:\n"
#define HEAD "- {id: X-1, version: 1, severity: high, title: T, objective: O"
#define T1 "{id: X-1.t1, of: operating, title: T, where: \"a\", exception: " \
	"\"b\"}"

static void
an_own_control_is_read_as_it_is_written(void **state)
{
	static const char text[] = X HEAD ",\n   applies: {lifecycle: [prod],"
	    " eu_tier: [high]},\n   maps: [{to: iso-42001-2023/A.9.2, rel: "
	    "intersects-with, by: [t1, e1], why: W}],\n   evidence: [{id: "
	    "X-1.e1, kind: document, of: design, title: E, max_age: P1Y}],\n"
	    "   tests: [{id: X-1.t1, of: design, title: T, sql: \"SELECT 1\","
	    " window: {back: P90D}, max_blind: '0.05', max_exceptions: 2, "
	    "requires: [], key: false, advice: true, show: [tool], scope: "
	    "organisation, when_empty: {outcome: not-applicable, because: "
	    "quiet, proven_by: AU-01.t1}},\n"
	    "     {id: X-1.t2, of: operating, title: T, over: ref_agent, "
	    "where: \"a\", exception: \"b\", window: {each: P1M}, says: "
	    "{claim: [C90, C91], pass: \"{n}\", fail: \"{x}\", empty: "
	    "\"{scope}\"}}]}\n";
	const struct file files[] = { { "controls/own.yaml", text } };
	struct fixture *f = *state;
	struct catalogue *c = NULL;
	const struct control *k;

	fixture_make(f, files, 1);
	assert_string_equal(load(f, &c), "");
	k = catalogue_control(c, "X-1");
	assert_non_null(k);
	assert_int_equal(k->ntest, 2);
	assert_int_equal(k->nitem, 1);
	assert_int_equal(k->nmap, 1);
	assert_string_equal(k->map[0].to->id, "A.9.2");
	assert_string_equal(k->applies.eu_tier[0], "high");
	assert_int_equal(k->test[0].window_back_us,
	    INT64_C(7776000000000)); /* 90 * 86400 s */
	assert_int_equal(k->test[0].max_blind_ppm, 50000);
	assert_int_equal(k->test[0].max_exceptions, 2);
	assert_int_equal(k->test[0].nrequires, 0);
	assert_int_equal(k->test[0].key, 0);
	assert_int_equal(k->test[0].advice, 1);
	assert_int_equal(k->test[0].design, 1);
	assert_int_equal(k->test[0].scope, SCOPE_ORGANISATION);
	assert_string_equal(k->test[0].when_empty_because, "quiet");
	assert_int_equal(k->test[1].monthly, 1);
	assert_int_equal(k->test[1].nrequires, 1);
	assert_string_equal(k->test[1].requires[0], "AU-01.t1");
	assert_string_equal(k->test[1].claim[1], "C91");
	assert_string_equal(k->item[0].max_age, "P1Y");
	assert_int_equal(k->item[0].design, 1);
}

static void
what_is_wrong_is_named_with_its_place(void **state)
{
	const struct {
		const char *text, *want; /* after "controls/x.yaml:" */
	} cases[] = {
		{ X HEAD ", tests: [" T1 "]}\n", "" },
		{ X HEAD ", tests: [" T1 "], ownr: x}\n",
		    "4:141: unknown field \"ownr\"" },
		{ X HEAD ", tests: [" T1 "], evidence: {}}\n",
		    "4:151: evidence: want a list" },
		{ X HEAD "}\n", "4:3: X-1: has neither a test nor evidence" },
		{ X "- {id: HO-01, version: 1, severity: high, title: T, "
		    "objective: O}\n", "4:3: id: \"HO-01\" stands in "
		    "mappings/controls/ho.yaml:4 already" },
		{ X "- {id: ho-01, version: 1, severity: high, title: T, "
		    "objective: O}\n", "4:3: id: \"ho-01\" stands in "
		    "mappings/controls/ho.yaml:4 already" },
		{ X "- {id: Y-1, version: 1, severity: high, title: T, "
		    "objective: O, tests: []}\n",
		    "4:3: id: Y-1: a control of your own begins with X-\n"
		    "controls/x.yaml:4:3: Y-1: has neither a test nor "
		    "evidence" },
		{ X HEAD ", tests: [{id: X-2.t1, of: design, title: T, "
		    "built_in: b}]}\n",
		    "4:73: id: X-2.t1 does not begin with X-1." },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T}]}\n",
		    "4:73: X-1.t1: want where and exception, or sql, or "
		    "built_in" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, where: "
		    "\"a\", sql: \"b\"}]}\n",
		    "4:73: X-1.t1: want where and exception, or sql, or "
		    "built_in: one of them" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, where: "
		    "\"a\"}]}\n", "4:73: exception: missing" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, "
		    "built_in: b, over: ref_agnet}]}\n",
		    "4:73: over: unknown table \"ref_agnet\" (did you mean "
		    "\"ref_agent\"?)" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, "
		    "sql: SELECT 1, reads: [actoin]}]}\n",
		    "4:73: X-1.t1 reads: unknown event type \"actoin\"" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, "
		    "built_in: b, reads: [action]}]}\n",
		    "4:73: X-1.t1 reads: it says what sql reads, and there is "
		    "none" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, "
		    "built_in: b, requires: [AU-01.t9]}]}\n",
		    "4:73: requires: unknown test \"AU-01.t9\"" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, "
		    "built_in: b, window: P3M}]}\n",
		    "4:129: window: want period, {back: P90D} or {each: "
		    "P1M}" },
		{ X HEAD ", tests: [{id: X-1.t1, of: design, title: T, "
		    "built_in: b, says: {pass: \"{m}\", fail: f, empty: e}}]"
		    "}\n", "4:73: says: \"{m}\": want {n}, {x} or {scope}" },
		{ X HEAD ", tests: [" T1 "], maps: [{to: iso-42001-2023/A.9.9,"
		    " rel: intersects-with, why: W, by: [t1]}]}\n",
		    "4:148: to: unknown requirement "
		    "\"iso-42001-2023/A.9.9\" (did you mean "
		    "\"iso-42001-2023/A.9.2\"?)" },
		{ X HEAD ", tests: [" T1 "], maps: [{to: iso-42001-2023/A.9.2,"
		    " rel: equals, why: W, by: [t2]}]}\n",
		    "4:180: rel: unknown word \"equals\", want one of equal-to equivalent-to "
		    "subset-of superset-of intersects-with\n"
		    "controls/x.yaml:4:148: by: X-1 has no \"t2\"" },
		{ X HEAD ", evidence: [{id: X-1.e1, of: design, title: T}]}\n",
		    "4:76: X-1.e1: want kind or built_in, one of them" },
		{ X "- {id: X-1, version: 2, severity: high, title: T, "
		    "objective: O, retired: 2026-01-01, replaced_by: [X-9]}\n",
		    "4:3: replaced_by: unknown control \"X-9\"" },
		{ X "- {id: X-1, version: 2, severity: high, title: T, "
		    "objective: O, retired: 2026-01-01}\n"
		    "- {id: x-1, version: 1, severity: high, title: T, "
		    "objective: O}\n", "5:3: id: \"x-1\" stands in "
		    "controls/x.yaml:4 already" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		const struct file files[] = { { "controls/x.yaml",
		    cases[i].text } };
		struct catalogue *c = NULL;
		const char *have, *want = *cases[i].want == '\0' ? "" :
		    arena_printf(f->arena, "controls/x.yaml:%s",
		    cases[i].want);

		fixture_make(f, files, 1);
		have = load(f, &c);
		assert_string_equal(have, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, \
    fixture_teardown)
		T(the_shipped_catalogue_is_whole),
		T(a_project_sees_the_frameworks_it_names),
		T(an_own_control_is_read_as_it_is_written),
		T(what_is_wrong_is_named_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
