#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/err.h"
#include "base/limits.h"
#include "cmd/selfcheck.h"
#include "cmd/verifypage.h"
#include "doc/doc.h"
#include "doc/page.h"
#include "doc/part.h"
#include "fixture.h"
#include "hostile.h"
#include "model/event.h"
#include "render/path.h"
#include "render/render.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The fixture with a framework of two requirements, an item of evidence and
 * one record; `all` stands in every text, NULL: their own. */
struct site {
	struct arena *a;
	struct fixture f;
	struct build *b;
	struct page_set *set;
	struct path *path;
	struct doc_ref *doc;
	size_t ndoc;
};

static const char *
own(const char *all, const char *text)
{
	return all != NULL ? all : text;
}

static void
add_framework(struct site *s, const char *all)
{
	struct catalogue *c = arena_memdup(s->a, s->b->catalogue,
	    sizeof(*s->b->catalogue));
	struct requirement *r = arena_array(s->a, 2, sizeof(*r));
	struct mapping *m = arena_array(s->a, 1, sizeof(*m));
	struct item *item = arena_array(s->a, 1, sizeof(*item));
	struct covered *cov = arena_array(s->a, 2, sizeof(*cov));
	struct findings *f = arena_memdup(s->a, s->b->findings,
	    sizeof(*s->b->findings));

	c->framework = arena_array(s->a, 1, sizeof(*c->framework));
	c->framework->id = "eu-ai-act";
	c->framework->title = own(all, "AI Act");
	c->nframework = 1;
	r[0].id = "AIA-14";
	r[1].id = "AIA-14.4.e";
	for (int i = 0; i < 2; i++) {
		r[i].framework = "eu-ai-act";
		r[i].title = own(all, "Human oversight");
		r[i].summary = own(all, "People can stop it.");
		r[i].note = own(all, "Check it.");
		cov[i].req = &r[i];
	}
	r[1].parent = "AIA-14";
	c->req = r;
	c->nreq = 2;
	item->id = "HO-01.e1";
	item->kind = "document";
	item->title = own(all, "Procedure");
	m->to = &r[1];
	m->rel = "intersects-with";
	m->why = own(all, "It shows the stop.");
	c->control->map = m;
	c->control->nmap = 1;
	c->control->item = item;
	c->control->nitem = 1;
	c->control->objective = own(all, "No action before its approval.");
	cov[1].word = COV_DATA;
	cov[1].worst = ST_GAP;
	cov[1].control = arena_array(s->a, 1, sizeof(*cov[1].control));
	cov[1].control[0] = c->control;
	cov[1].ncontrol = 1;
	f->covered = cov;
	f->ncovered = 2;
	s->b->catalogue = c;
	s->b->findings = f;
}

static void
add_record(struct site *s, const char *all)
{
	struct cited *c = arena_array(s->a, 1, sizeof(*c));
	struct kin *kin = arena_array(s->a, 1, sizeof(*kin));

	c->at.seq = 613;
	c->event.seq = 613;
	for (int i = 0; i < EVENT_NCOL; i++) {
		struct value *v = &c->event.col[i];

		v->type = event_column[i].type;
		v->i = date_civil(2026, 8, 1);
		v->p = own(all, "text");
		v->len = strlen(v->p);
	}
	c->event.col[EVENT_POLICY_ID].p = "refund-policy";
	c->event.record = own(all, "{\"action\":\"x\"}");
	c->event.recordlen = strlen(c->event.record);
	c->payload = "none";
	kin->seq = 612;
	kin->event_type = own(all, "decision");
	kin->outcome = own(all, "success");
	c->kin = kin;
	c->nkin = 1;
	s->b->cited = c;
	s->b->ncited = 1;
}

static void
site_make(struct site *s, const char *all)
{
	memset(s, 0, sizeof(*s));
	s->a = arena_new();
	s->b = fixture_build(&s->f, s->a, all, 0);
	fixture_row(&s->f, "ref_policy", "policy_id=refund-policy;"
	    "title=Refunds;approvals_needed=2");
	fixture_row(&s->f, "ref_policy_approval", "policy_id=refund-policy;"
	    "policy_version=7;person_id=legal.one;role=legal;"
	    "decision=approved");
	fixture_row(&s->f, "ref_policy_rule", "policy_id=refund-policy;"
	    "policy_version=7;rule_id=R1;ord=1;action=refund.create;"
	    "tier=approve");
	fixture_row(&s->f, "ref_document", "kind=document;item=HO-01.e1;"
	    "path=evidence/x.md;author=a.one");
	add_framework(s, all);
	add_record(s, all);
	doc_list(s->a, s->b, &s->doc, &s->ndoc);
}

/* Lists the pages and notes what links may name, as cmd/build.c does. */
static void
site_open(struct site *s)
{
	s->set = page_open(s->a, s->b, s->doc, s->ndoc);
	s->path = path_new(s->a);
	for (size_t i = 0; i < s->set->npage; i++)
		path_note(s->path, s->set->page[i].kind, s->set->page[i].id);
	path_note(s->path, "recordfile", "main/613");
	path_note(s->path, "proof", "main/613");
	path_settle(s->path);
}

static struct str
render(struct site *s, struct arena *a, const struct target *to, size_t part,
    struct str *path)
{
	struct render_ctx c = { .build = s->b, .path = s->path, .part = part };
	struct str out = str_new(a);

	*path = str_new(a);
	assert_int_equal(render_file(render_find("html"), page_make(a, s->set,
	    to), &c, path, &out), 0);
	if (strcmp(path->p, VERIFYPAGE) == 0) { /* as the build does */
		struct str json = str_new(a);

		str_addz(&json, "{\"a\":\"</script>\"}");
		str_reset(&out);
		verifypage_add(a, &out, &json);
	}
	return out;
}

/* Of each kind of page there is one, and each passes what stands before
 * publication; every link has its page and its anchor. */
static void
pages_pass_the_self_check(void **state)
{
	static const char *const kind[] = { "page", "folder", "framework",
		"requirement", "control", "test", "evidence", "policy", "gap",
		"agent", "log", "record" };
	size_t seen[COUNT(kind)] = { 0 };
	struct selfcheck *sc;
	struct err e = { 0 };
	struct site s;

	(void)state;
	site_make(&s, NULL);
	site_open(&s);
	sc = selfcheck_new(s.a);
	selfcheck_file(sc, "data/site/css/site.css");
	selfcheck_file(sc, "data/site/js/table.js");
	selfcheck_file(sc, "data/site/js/build.js");
	selfcheck_file(sc, "data/site/js/search.js");
	selfcheck_file(sc, "data/records/main/613.json");
	selfcheck_file(sc, "data/proofs/main/613.tlog-proof");
	for (size_t i = 0; i < s.set->npage; i++) {
		struct str path, out = render(&s, s.a, &s.set->page[i], 0,
		    &path);

		if (selfcheck_page(sc, path.p, out.p, out.len, &e) == -1)
			fail_msg("%s", e.msg);
		for (size_t k = 0; k < COUNT(kind); k++)
			seen[k] += strcmp(kind[k], s.set->page[i].kind) == 0;
	}
	if (selfcheck_done(sc, &e) == -1)
		fail_msg("%s", e.msg);
	for (size_t k = 0; k < COUNT(kind); k++)
		if (seen[k] == 0)
			fail_msg("no page of kind %s", kind[k]);
	selfcheck_free(sc);
	arena_free(s.a);
}

/* Names of elements, attributes and classes in order; what was cut is set
 * aside. */
static void
shape(struct str *s, const xmlNode *n)
{
	for (; n != NULL; n = n->next) {
		xmlChar *class;

		if (n->type != XML_ELEMENT_NODE)
			continue;
		class = xmlGetProp(n, (const xmlChar *)"class");
		if (class == NULL || strcmp((char *)class, "cut") != 0) {
			str_addf(s, "<%s", (const char *)n->name);
			for (xmlAttr *at = n->properties; at != NULL;
			    at = at->next)
				str_addf(s, " %s", (const char *)at->name);
			str_addf(s, ":%s", class ? (char *)class : "");
			shape(s, n->children);
			str_addz(s, ">");
		}
		xmlFree(class);
	}
}

static char *
page_shape(struct site *s, struct arena *a, const struct target *to)
{
	struct str path, out = render(s, a, to, 0, &path), sh = str_new(a);
	xmlDoc *x = xmlReadMemory(out.p, (int)out.len, path.p, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	struct selfcheck *sc = selfcheck_new(a);
	struct err e = { 0 };

	if (x == NULL || selfcheck_page(sc, path.p, out.p, out.len, &e) == -1)
		fail_msg("%s: %s", path.p, e.msg);
	shape(&sh, xmlDocGetRootElement(x));
	xmlFreeDoc(x);
	selfcheck_free(sc);
	return sh.p;
}

static void
no_value_changes_a_page(void **state)
{
	(void)state;
	for (size_t i = 1; i < COUNT(hostile); i++) {
		struct site bad, good;
		size_t len = strlen(hostile[i]);
		char as[256];

		assert_true(len < sizeof(as));
		memset(as, 'A', len);
		as[len] = '\0';
		site_make(&bad, hostile[i]);
		site_make(&good, as);
		site_open(&bad);
		site_open(&good);
		assert_int_equal(bad.set->npage, good.set->npage);
		for (size_t k = 0; k < bad.set->npage; k++) {
			struct arena *a = arena_new();
			const struct target *to = &bad.set->page[k];

			if (strcmp(page_shape(&bad, a, to), page_shape(&good,
			    a, &good.set->page[k])) != 0)
				fail_msg("'%s' changes %s %s", hostile[i],
				    to->kind, to->id);
			arena_free(a);
		}
		arena_free(bad.a);
		arena_free(good.a);
	}
}

static size_t
count(const char *p, const char *what)
{
	size_t n = 0;

	while ((p = strstr(p, what)) != NULL) {
		p += strlen(what);
		n++;
	}
	return n;
}

/* Each row of a long table stands on one page, and each page leads on. */
static void
long_tables_go_on(void **state)
{
	static const struct {
		size_t rows, parts;
	} cases[] = {
		{ LIMIT_TABLE_ROWS, 1 }, { LIMIT_TABLE_ROWS + 1, 2 },
		{ 2 * LIMIT_TABLE_ROWS, 2 }, { 2 * LIMIT_TABLE_ROWS + 1, 3 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct target to = { .kind = "test", .id = "HO-01.t1" };
		struct result *r;
		struct str path, out;
		struct site s;
		size_t rows = 0;

		site_make(&s, NULL);
		r = &s.b->findings->result[0];
		r->exception = arena_array(s.a, cases[i].rows,
		    sizeof(*r->exception));
		r->nexception = cases[i].rows;
		r->x = cases[i].rows;
		for (size_t k = 0; k < cases[i].rows; k++)
			r->exception[k].seq = 1000 + k;
		site_open(&s);
		assert_int_equal(render_parts(page_make(s.a, s.set, &to)),
		    cases[i].parts);
		for (size_t k = 1; k <= cases[i].parts; k++) {
			char *name = arena_printf(s.a, k > 1 ?
			    "data/site/tests/ho-01.t1-p%zu.html" :
			    "data/site/tests/ho-01.t1.html", k);

			out = render(&s, s.a, &to, k, &path);
			assert_string_equal(path.p, name);
			rows += count(out.p, ">main/1") + count(out.p,
			    ">main/2");
			assert_int_equal(count(out.p, "<p class=\"more\">"),
			    cases[i].parts > 1);
			/* The rest of the page stands on the first alone. */
			assert_int_equal(count(out.p, "id=\"population\""),
			    k == 1);
			assert_int_equal(count(out.p, "<h1>"), 1);
		}
		assert_int_equal(rows, cases[i].rows);
		arena_free(s.a);
	}
}

/* A policy is in force from its from until its to, the next from, or the
 * policy's end; in between nothing is. */
static void
one_version_is_in_force(void **state)
{
	static const struct {
		const char *at, *version; /* NULL: none */
	} cases[] = {
		{ "2026-06-30T23:59:59Z", NULL },
		{ "2026-07-01T00:00:00Z", "7" },
		{ "2026-08-01T00:00:00Z", "8" },
		{ "2026-08-09T23:59:59Z", "8" },
		{ "2026-08-10T00:00:00Z", NULL }, /* 8 ended */
		{ "2026-09-01T00:00:00Z", "9" },
		{ "2026-09-30T00:00:00Z", NULL }  /* retired */
	};
	struct page p = { .a = NULL };
	struct site s;

	(void)state;
	site_make(&s, NULL);
	fixture_row(&s.f, "ref_policy_version", "policy_id=refund-policy;"
	    "policy_version=8;from_us=2026-08-01T00:00:00Z;"
	    "to_us=2026-08-10T00:00:00Z");
	fixture_row(&s.f, "ref_policy_version", "policy_id=refund-policy;"
	    "policy_version=9;from_us=2026-09-01T00:00:00Z");
	fixture_row(&s.f, "ref_policy", "policy_id=other");
	{
		const struct ref_table *t = ref_table(s.b->ref, "ref_policy");
		int col = ref_colno(t, "retired_us");

		t->cell[col].type = VALUE_INT;
		t->cell[col].i = date_civil(2026, 9, 30);
	}
	p.a = s.a;
	p.b = s.b;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct ref_table *t = ref_table(s.b->ref,
		    "ref_policy_version");
		int64_t us;
		size_t row;

		assert_int_equal(date_parse(cases[i].at, &us), 0);
		row = part_in_force(&p, "refund-policy", us);
		if (cases[i].version == NULL)
			assert_int_equal(row, SIZE_MAX);
		else
			assert_string_equal(ref_text(t, row,
			    "policy_version"), cases[i].version);
	}
	assert_int_equal(part_in_force(&p, "nobody", 0), SIZE_MAX);
	assert_int_equal(part_in_force(&p, NULL, 0), SIZE_MAX);
	arena_free(s.a);
}

/* The first page never says that all is well where nothing was judged. */
static void
emptiness_is_never_good(void **state)
{
	static const struct {
		uint64_t decided;
		size_t ngap;
		int intact, waived;
		const char *want;
	} cases[] = {
		{ 0, 0, 1, 0, "verdict t-empty" },
		{ 5, 0, 1, 0, "verdict t-good" },
		{ 5, 1, 1, 0, "verdict t-bad" },
		{ 5, 1, 1, 1, "verdict t-good" },
		{ 5, 0, 0, 0, "verdict t-broken" }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct target to = { .kind = "page", .id = "index" };
		struct findings *f;
		struct str path, out;
		struct site s;

		site_make(&s, NULL);
		f = arena_memdup(s.a, s.b->findings, sizeof(*f));
		f->decided = cases[i].decided;
		f->ngap = cases[i].ngap;
		if (cases[i].waived) {
			f->gap[0].waiver = "W-1";
			f->gap[0].waived_until_us = INT64_MAX;
		}
		s.b->findings = f;
		s.b->broken = !cases[i].intact;
		site_open(&s);
		out = render(&s, s.a, &to, 0, &path);
		if (strstr(out.p, cases[i].want) == NULL ||
		    strstr(out.p, cases[i].want) != strstr(out.p, "verdict "))
			fail_msg("case %zu: want %s", i, cases[i].want);
		arena_free(s.a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_pass_the_self_check),
		cmocka_unit_test(no_value_changes_a_page),
		cmocka_unit_test(long_tables_go_on),
		cmocka_unit_test(one_version_is_in_force),
		cmocka_unit_test(emptiness_is_never_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
