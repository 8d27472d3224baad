#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <cmocka.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/err.h"
#include "base/map.h"
#include "cmd/selfcheck.h"
#include "doc/doc.h"
#include "doc/sec.h"
#include "fixture.h"
#include "hostile.h"
#include "read/template.h"
#include "render/render.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct doc_ref *
find(const struct doc_ref *r, size_t n, const char *kind, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(r[i].kind->id, kind) == 0 &&
		    strcmp(r[i].name, name) == 0)
			return &r[i];
	return NULL;
}

static char *
write_doc(struct arena *a, const struct build *b, const struct doc *d,
    const char *ext)
{
	struct render_ctx c = { .build = b };
	struct str path = str_new(a), out = str_new(a);

	assert_int_equal(render_file(render_find(ext), d, &c, &path, &out), 0);
	return out.p;
}

static void
every_subject_has_its_documents(void **state)
{
	static const char *const want[][2] = {
		{ "access-review", "refund-bot" },
		{ "gate-record", "refund-bot--1.2.0--2026-07-14" },
		{ "shadow-report", "refund-bot--1.2.0" },
		{ "governance-review", "2026-07" },
		{ "governance-review", "2026-08" },
		{ "governance-review", "2026-09" },
		{ "governance-review", "2026-q3" },
		{ "roles", "acme" },
		{ "annex-iv", "helper-x--no-version" },
		{ "annex-iv", "refund-bot--1.2.0" },
		{ "content-marking", "refund-bot" },
		{ "instructions", "refund-bot" },
		{ "notice-affected", "refund-bot" },
		{ "notice-worker", "refund-bot" },
		{ "register-entry", "refund-bot" },
		{ "agent-boundary", "refund-bot" },
		{ "policy-history", "refund-policy" },
		{ "prompt-record", "decide" },
		{ "gap-register", "acme" },
		{ "decision-matrix", "refund-bot" },
		{ "impact-assessment", "refund-bot--impact" },
		{ "incident-record", "inc-1-c1bcc96302fea81a" },
		{ "incident-response-plan", "acme" },
		{ "kill-switch-drill",
		    "refund-bot--halt--20260821t091240z" },
		{ "model-card", "alpha" },
		{ "model-card", "alpha-models--alpha-large--latest" },
		{ "notice-interaction", "refund-bot" },
		{ "rollback-readiness", "refund-bot--1.2.0" },
		{ "run-history", "r1" },
		{ "slo-report", "refund-bot" },
		{ "soa", "acme" },
		{ "system-card", "helper-x--no-version" },
		{ "system-card", "refund-bot--1.2.0" }
	};
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	size_t n;

	(void)state;
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < COUNT(want); i++)
		assert_non_null(find(r, n, want[i][0], want[i][1]));
	assert_int_equal(n, COUNT(want));
	b->audience = AUDIENCE_PUBLIC;
	doc_list(a, b, &r, &n);
	assert_null(find(r, n, "incident-response-plan", "acme"));
	assert_null(find(r, n, "system-card", "refund-bot--1.2.0"));
	assert_non_null(find(r, n, "model-card", "alpha"));
	arena_free(a);
}

/* A section without content: no child but its heading, anywhere. */
static void
no_section_is_an_empty_heading(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int full = 0; full < 2; full++) {
		struct fixture f;
		struct build *b = fixture_build(&f, a, NULL, 0);
		struct doc_ref *r;
		struct diag diag;
		size_t n;

		diag_init(&diag, a);
		doc_list(a, b, &r, &n);
		if (!full) { /* the same documents of an empty project */
			f.log.n = 0;
			f.ref.n = 0;
			b->findings = NULL;
		}
		for (size_t i = 0; i < n; i++) {
			struct doc *d = doc_make(a, b, &r[i], NULL, &diag);

			for (const struct docnode *s = d->body; s; s = s->next) {
				assert_int_equal(s->kind, NODE_SECTION);
				assert_non_null(s->child);
				if (s->child->next == NULL)
					fail_msg("%s: section %s is empty",
					    d->title, s->text);
			}
		}
		assert_int_equal(diag.total, 0);
	}
	arena_free(a);
}

/* Facts of the HTML: data-fact, data-mark and text, by id. */
static void
html_facts(struct arena *a, struct map *to, const xmlNode *n)
{
	for (; n != NULL; n = n->next) {
		xmlChar *id = n->type == XML_ELEMENT_NODE ?
		    xmlGetProp(n, (const xmlChar *)"data-fact") : NULL;

		if (id != NULL) {
			xmlChar *mark = xmlGetProp(n,
			    (const xmlChar *)"data-mark");
			xmlChar *text = xmlNodeGetContent(n);

			*map_putz(to, (char *)id) = arena_printf(a, "%s %s",
			    (char *)mark, (char *)text);
			xmlFree(mark);
			xmlFree(text);
			xmlFree(id);
		}
		html_facts(a, to, n->children);
	}
}

static void
json_and_html_carry_the_same_facts(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	struct diag diag;
	size_t n, facts = 0;

	(void)state;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < n; i++) {
		struct doc *d = doc_make(a, b, &r[i], NULL, &diag);
		char *html = write_doc(a, b, d, "html");
		char *text = write_doc(a, b, d, "json");
		struct map *in_html = map_new(a), *in_json = map_new(a);
		json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		xmlDoc *x = xmlReadMemory(html, (int)strlen(html), "x", NULL,
		    XML_PARSE_NONET);
		size_t k;
		json_t *fact;

		assert_non_null(json);
		assert_non_null(x);
		html_facts(a, in_html, xmlDocGetRootElement(x));
		json_array_foreach(json_object_get(json, "facts"), k, fact) {
			const char *id = json_string_value(
			    json_object_get(fact, "id"));
			const char *why = json_string_value(
			    json_object_get(fact, "why"));
			char *want = arena_printf(a, "%s %s%s%s",
			    json_string_value(json_object_get(fact, "mark")),
			    json_string_value(json_object_get(fact, "text")),
			    why != NULL ? " " : "", why != NULL ? why : "");
			const char *got = map_getz(in_html, id);

			if (got == NULL || strcmp(got, want) != 0)
				fail_msg("%s %s: html %s, json %s", d->title,
				    id, got ? got : "none", want);
			*map_putz(in_json, id) = want;
			facts++;
		}
		assert_int_equal(map_count(in_html), map_count(in_json));
		xmlFreeDoc(x);
		json_decref(json);
	}
	assert_true(facts > 500);
	arena_free(a);
}

/* The cells of a line of a GFM table, as their source. */
static size_t
gfm_cells(struct arena *a, const char *line, size_t len, char **cell)
{
	size_t n = 0, i = 1;

	while (i < len) {
		struct str s = str_new(a);

		for (; i < len && line[i] != '|'; i++) {
			if (line[i] == '\\' && i + 1 < len) {
				if (line[i + 1] != '|')
					str_addc(&s, '\\');
				i++;
			}
			str_addc(&s, line[i]);
		}
		i++;
		cell[n++] = s.p;
	}
	return n;
}

/* What a reader sees of a line of Markdown. */
static char *
seen(struct arena *a, const char *md)
{
	char *line = arena_printf(a, "x%s", md);
	cmark_node *root = cmark_parse_document(line, strlen(line),
	    CMARK_OPT_DEFAULT);
	cmark_iter *it = cmark_iter_new(root);
	cmark_event_type ev;
	struct str s = str_new(a);

	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		const char *lit = cmark_node_get_literal(
		    cmark_iter_get_node(it));

		if (ev == CMARK_EVENT_ENTER && lit != NULL)
			str_addz(&s, lit);
	}
	cmark_iter_free(it);
	cmark_node_free(root);
	line = s.p + 1;
	line += strspn(line, " ");
	for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
		line[n - 1] = '\0';
	return line;
}

/* All tables of the JSON, in order, as rows of cells. */
static void
json_tables(const json_t *blocks, struct arena *a, struct str *to)
{
	size_t i, k, m;
	json_t *b, *row, *cell;

	(void)a;
	json_array_foreach(blocks, i, b) {
		json_tables(json_object_get(b, "blocks"), a, to);
		if (strcmp(json_string_value(json_object_get(b, "type")),
		    "table") != 0)
			continue;
		json_array_foreach(json_object_get(b, "columns"), k, cell)
			str_addf(to, "%s|", json_string_value(cell));
		str_addc(to, '\n');
		json_array_foreach(json_object_get(b, "rows"), k, row) {
			json_array_foreach(row, m, cell)
				str_addf(to, "%s|", json_string_value(
				    json_object_get(cell, "text")));
			str_addc(to, '\n');
		}
	}
}

static void
markdown_has_the_same_tables(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	struct diag diag;
	size_t n;

	(void)state;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < n; i++) {
		struct doc *d = doc_make(a, b, &r[i], NULL, &diag);
		json_t *json = json_loads(write_doc(a, b, d, "json"), 0, NULL);
		struct str want = str_new(a), got = str_new(a);
		char *cell[64];

		json_tables(json_object_get(json, "sections"), a, &want);
		json_decref(json);
		for (const char *p = write_doc(a, b, d, "md"); *p != '\0';) {
			size_t len = strcspn(p, "\n");

			if (p[0] == '|' && strspn(p, "| -") != len) {
				size_t cells = gfm_cells(a, p, len, cell);

				for (size_t k = 0; k < cells; k++)
					str_addf(&got, "%s|",
					    seen(a, cell[k]));
				str_addc(&got, '\n');
			}
			p += len + 1;
		}
		assert_string_equal(got.p, want.p);
		assert_true(want.len > 100);
	}
	arena_free(a);
}

/* Every page passes the check that stands before publication. */
static void
pages_pass_the_self_check(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	struct diag diag;
	size_t n;

	(void)state;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < n; i++) {
		struct selfcheck *sc = selfcheck_new(a);
		char *html = write_doc(a, b, doc_make(a, b, &r[i], NULL,
		    &diag), "html");
		struct err e = { 0 };

		if (selfcheck_page(sc, "data/docs/x/y.html", html,
		    strlen(html), &e) == -1)
			fail_msg("%s %s: %s", r[i].kind->id, r[i].name, e.msg);
	}
	arena_free(a);
}

/* Names of facts are those that templates may use. */
static void
facts_are_those_of_the_schema(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	struct diag diag;
	size_t n;

	(void)state;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < n; i++) {
		struct template_schema *s = doc_schema(a, r[i].kind);
		struct doc *d = doc_make(a, b, &r[i], NULL, &diag);
		json_t *json = json_loads(write_doc(a, b, d, "json"), 0, NULL);
		size_t k, known = 0, all = 0;
		json_t *fact;

		json_array_foreach(json_object_get(json, "facts"), k, fact) {
			const char *p = json_string_value(
			    json_object_get(fact, "id")), *section = p;
			struct str name = str_new(a);
			size_t m = 0;

			for (; *p != '\0'; p += strcspn(p, ".")) {
				p += *p == '.';
				if (*p >= '0' && *p <= '9')
					continue;
				if (name.len > 0)
					str_addc(&name, '.');
				str_add(&name, p, strcspn(p, "."));
			}
			if (strncmp(section, "title.", 6) == 0 ||
			    strncmp(section, "status.", 7) == 0 ||
			    strncmp(section, "owed.", 5) == 0 ||
			    strncmp(section, "claims.", 7) == 0)
				continue;
			all++;
			while (m < s->n && strcmp(s->name[m].name, name.p) != 0)
				m++;
			if (m == s->n)
				print_message("%s: %s is not in the schema\n",
				    r[i].kind->id, name.p);
			else
				known++;
		}
		json_decref(json);
		assert_int_equal(known, all);
	}
	arena_free(a);
}

/* The shipped templates show every fact that the sections made. */
static void
shipped_templates_leave_nothing_out(void **state)
{
	struct arena *a = arena_new();
	const struct template_schema **schema = arena_array(a, doc_nkinds,
	    sizeof(*schema));
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct template_set set;
	struct doc_ref *r;
	struct diag diag;
	size_t n;

	(void)state;
	diag_init(&diag, a);
	for (size_t i = 0; i < doc_nkinds; i++)
		schema[i] = doc_schema(a, &doc_kinds[i]);
	if (template_read(a, NULL, schema, doc_nkinds, &set, &diag) == -1)
		fail_msg("%s", diag.line[0]);
	assert_int_equal(set.n, 4);
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < n; i++) {
		json_t *with = json_loads(write_doc(a, b, doc_make(a, b,
		    &r[i], &set, &diag), "json"), 0, NULL);
		json_t *without = json_loads(write_doc(a, b, doc_make(a, b,
		    &r[i], NULL, &diag), "json"), 0, NULL);

		assert_true(json_equal(json_object_get(with, "facts"),
		    json_object_get(without, "facts")));
		json_decref(with);
		json_decref(without);
	}
	arena_free(a);
}

static void
xml_shape(struct str *s, const xmlNode *n)
{
	for (; n != NULL; n = n->next) {
		xmlChar *class;

		if (n->type != XML_ELEMENT_NODE)
			continue;
		class = xmlGetProp(n, (const xmlChar *)"class");
		if (class == NULL || strcmp((char *)class, "cut") != 0) {
			str_addf(s, "<%s %s", (const char *)n->name,
			    class != NULL ? (char *)class : "");
			xml_shape(s, n->children);
			str_addc(s, '>');
		}
		xmlFree(class);
	}
}

static char *
shapes(struct arena *a, const char *all, size_t place)
{
	struct fixture f;
	struct build *b = fixture_build(&f, a, all, place);
	struct str s = str_new(a);
	struct doc_ref *r;
	struct diag diag;
	size_t n;

	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	for (size_t i = 0; i < n; i++) {
		struct doc *d = doc_make(a, b, &r[i], NULL, &diag);
		char *html = write_doc(a, b, d, "html");
		xmlDoc *x = xmlReadMemory(html, (int)strlen(html), "x", NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR);

		assert_non_null(x);
		xml_shape(&s, xmlDocGetRootElement(x));
		str_addc(&s, '\n');
		xmlFreeDoc(x);
	}
	return s.p;
}

/* All texts of registry and log at once are hostile. */
static void
no_value_changes_a_document(void **state)
{
	struct arena *a = arena_new();
	char *want = NULL;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i += 9) {
		struct arena *one = arena_new();
		char *as, *got;

		len = strlen(hostile[i]);
		as = arena_alloc(one, len + 1);
		memset(as, 'A', len);
		want = shapes(one, as, 0);
		got = shapes(one, hostile[i], 0);
		if (strcmp(want, got) != 0)
			fail_msg("hostile %zu changes a page: %s", i,
			    hostile[i]);
		arena_free(one);
	}
	arena_free(a);
}

/* One text after the other is hostile, all others as they were. */
static void
no_single_value_changes_a_document(void **state)
{
	static const char evil[] = "</td>|\n# x<script>{{details}}`";
	static const char letters[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	struct fixture f;
	struct arena *first = arena_new();
	size_t places;

	(void)state;
	assert_int_equal(strlen(evil), strlen(letters));
	(void)fixture_build(&f, first, NULL, 0);
	places = f.nplace;
	assert_true(places > 80);
	arena_free(first);
	for (size_t i = 1; i <= places; i += 3) {
		struct arena *a = arena_new();

		if (strcmp(shapes(a, evil, i), shapes(a, letters, i)) != 0)
			fail_msg("text %zu changes a page", i);
		arena_free(a);
	}
}

static void
an_approval_holds_for_its_basis_alone(void **state)
{
	static const struct {
		const char *basis, *as_of, *want;
	} cases[] = {
		{ "", NULL, "draft" }, { "this", NULL, "stale" },
		{ "ffff", NULL, "stale" }
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct build *b = fixture_build(&f, a, NULL, 0);
		struct doc_ref *r;
		struct diag diag;
		struct doc *d;
		const char *json, *p;
		size_t n;

		diag_init(&diag, a);
		doc_list(a, b, &r, &n);
		d = doc_make(a, b, find(r, n, "system-card",
		    "refund-bot--1.2.0"), NULL, &diag);
		json = write_doc(a, b, d, "json");
		p = strstr(json, "\"id\":\"title.basis_hash\"");
		p = strstr(p, "\"raw\":\"") + 7;
		if (cases[i].basis[0] != '\0')
			fixture_row(&f, "ref_document", arena_printf(a,
			    "kind=system-card;subject=refund-bot--1.2.0;"
			    "decision=approved;role=finance-lead;"
			    "person_id=finance-lead.one;basis_hash=%.64s",
			    strcmp(cases[i].basis, "this") == 0 ? p :
			    cases[i].basis));
		d = doc_make(a, b, find(r, n, "system-card",
		    "refund-bot--1.2.0"), NULL, &diag);
		json = write_doc(a, b, d, "json");
		assert_non_null(strstr(json, arena_printf(a,
		    "\"word\":\"%s\"", cases[i].want)));
		assert_int_equal(strstr(json, "a claim is contradicted") !=
		    NULL, strcmp(cases[i].basis, "this") == 0);
		/* without the contradicted claim it is signed */
		f.b.findings = NULL;
		d = doc_make(a, b, find(r, n, "system-card",
		    "refund-bot--1.2.0"), NULL, &diag);
		assert_int_equal(strstr(write_doc(a, b, d, "json"),
		    "\"word\":\"signed\"") != NULL,
		    strcmp(cases[i].basis, "this") == 0);
	}
	arena_free(a);
}

static void
what_the_audience_may_not_see_is_nowhere(void **state)
{
	static const char *const secret[] = {
		"engineer.one", "finance-lead.one", "Faster answers", "sre.one"
	};
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	struct diag diag;
	size_t n;

	(void)state;
	b->audience = AUDIENCE_PUBLIC;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; w < render_nwriter; w++)
			for (size_t k = 0; k < COUNT(secret); k++) {
				char *out = write_doc(a, b, doc_make(a, b,
				    &r[i], NULL, &diag), render_writer[w].ext);

				if (strstr(out, secret[k]) != NULL)
					fail_msg("%s in %s.%s", secret[k],
					    r[i].name, render_writer[w].ext);
			}
	arena_free(a);
}

static void
people_are_told_what_their_text_does_wrong(void **state)
{
	static const struct {
		size_t input;
		const char *text, *want; /* NULL: nothing is wrong */
	} cases[] = {
		{ 1, "See [it](https://x.example) or [us](mailto:a@b.example)",
		    NULL },
		{ 1, "a\n\n[x](javascript:alert(1))", "registry/"
		    "narrative.yaml:3: link to javascript:alert(1): want" },
		{ 1, "[x](//host/y)", "registry/narrative.yaml:1: link to //" },
		{ 1, "[x](ai-chat.en.txt)", NULL },
		{ 1, "[x](../../etc/passwd)", "registry/narrative.yaml:1: " },
		{ 1, "---\nstatus: x\n---\ntext", "registry/narrative.yaml"
		    ":2:1: front matter may hold author and language" },
		{ 0, NULL, "registry/ai-chat.en.txt:1:1: the notice has 201 "
		    "words, want at most 200" }
	};
	struct arena *a = arena_new();
	struct str many = str_new(a);

	(void)state;
	for (int i = 0; i < 201; i++)
		str_addz(&many, "word ");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct build *b = fixture_build(&f, a, NULL, 0);
		struct input *in = arena_memdup(a, b->input, 2 * sizeof(*in));
		struct doc_ref *r;
		struct diag diag;
		size_t n;

		diag_init(&diag, a);
		in[cases[i].input].text = cases[i].text != NULL ?
		    cases[i].text : many.p;
		in[cases[i].input].bytes = strlen(in[cases[i].input].text);
		b->input = in;
		doc_list(a, b, &r, &n);
		(void)doc_make(a, b, find(r, n, cases[i].input == 0 ?
		    "notice-interaction" : "system-card",
		    cases[i].input == 0 ? "refund-bot" : "refund-bot--1.2.0"),
		    NULL, &diag);
		if (cases[i].want == NULL ? diag.total != 0 :
		    diag.total != 1 || strncmp(diag.line[0], cases[i].want,
		    strlen(cases[i].want)) != 0)
			fail_msg("case %zu: want %s, have %s", i,
			    cases[i].want ? cases[i].want : "nothing",
			    diag.n > 0 ? diag.line[0] : "nothing");
	}
	arena_free(a);
}

static void
claims_stand_worst_first(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct doc_ref *r;
	struct diag diag;
	const char *md, *fail, *empty;
	size_t n;

	(void)state;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	md = write_doc(a, b, doc_make(a, b, find(r, n, "system-card",
	    "refund-bot--1.2.0"), NULL, &diag), "md");
	fail = strstr(md, "3 of 100 actions of refund-bot were not");
	empty = strstr(md, "cannot be tested. (no-population)");
	assert_non_null(fail);
	assert_non_null(empty);
	assert_true(fail < empty);
	assert_non_null(strstr(md, "n 100, x 3, blind 0: [main/613]("));
	arena_free(a);
}

static const char *
markdown(struct arena *a, const struct build *b, const char *kind,
    const char *name, struct diag *diag)
{
	struct doc_ref *r;
	size_t n;

	doc_list(a, b, &r, &n);
	return write_doc(a, b, doc_make(a, b, find(r, n, kind, name), NULL,
	    diag), "md");
}

/* What is not owed is one page with the rule; what nobody classed is owed. */
static void
what_is_not_owed_says_why(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct diag diag;
	const char *md;

	(void)state;
	diag_init(&diag, a);
	md = markdown(a, b, "annex-iv", "refund-bot--1.2.0", &diag);
	assert_non_null(strstr(md, "**NOT OWED** AIA-11.1 asks the provider"));
	assert_null(strstr(md, "## AX1"));
	md = markdown(a, b, "annex-iv", "helper-x--no-version", &diag);
	assert_null(strstr(md, "**NOT OWED** AIA-11.1"));
	assert_non_null(strstr(md, "## AX1 General"));
	md = markdown(a, b, "register-entry", "refund-bot", &diag);
	assert_non_null(strstr(md, "**NOT OWED** AIA-49 asks"));
	md = markdown(a, b, "content-marking", "refund-bot", &diag);
	assert_non_null(strstr(md, "9 of 9 (100.00 %)"));
	arena_free(a);
}

/* An approval of a file that people wrote is no approval of this document. */
static void
a_file_is_not_the_document(void **state)
{
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct diag diag;
	const char *md;

	(void)state;
	diag_init(&diag, a);
	md = markdown(a, b, "instructions", "refund-bot", &diag);
	assert_non_null(strstr(md, "**draft**"));
	assert_non_null(strstr(md, "**not signed**"));
	assert_non_null(strstr(md, "| 1.2.0 | evidence/use.md |"));
	arena_free(a);
}

/* 300 words and no more; the same text is too long for a chat after 200. */
static void
a_notice_has_its_own_limit(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (int words = 300; words <= 301; words++) {
		struct str many = str_new(a);
		struct fixture f;
		struct build *b = fixture_build(&f, a, NULL, 0);
		struct input *in = arena_memdup(a, b->input, 2 * sizeof(*in));
		struct diag diag;

		for (int i = 0; i < words; i++)
			str_addz(&many, "word ");
		in[0].text = many.p;
		in[0].bytes = many.len;
		b->input = in;
		diag_init(&diag, a);
		(void)markdown(a, b, "notice-affected", "refund-bot", &diag);
		assert_int_equal(diag.total, words - 300);
	}
	arena_free(a);
}

/* Every control of Annex A, declared or not; headings are none. */
static void
the_statement_has_every_row(void **state)
{
	static const struct requirement req[] = {
		{ .id = "6.1.3", .framework = "iso-42001-2023",
		    .title = "Treatment", .assessable = 1 },
		{ .id = "A.6", .framework = "iso-42001-2023",
		    .title = "Life cycle" },
		{ .id = "A.6.2.8", .framework = "iso-42001-2023",
		    .title = "Event logs", .assessable = 1 },
		{ .id = "A.9.2", .framework = "iso-42001-2023",
		    .title = "Processes", .assessable = 1 },
	};
	struct arena *a = arena_new();
	struct fixture f;
	struct build *b = fixture_build(&f, a, NULL, 0);
	struct catalogue c = *b->catalogue;
	struct doc_ref *r;
	struct diag diag;
	const char *md;
	size_t n;

	(void)state;
	c.req = arena_memdup(a, req, sizeof(req));
	c.nreq = COUNT(req);
	b->catalogue = &c;
	diag_init(&diag, a);
	doc_list(a, b, &r, &n);
	md = write_doc(a, b, doc_make(a, b, find(r, n, "soa", "acme"), NULL,
	    &diag), "md");
	assert_non_null(strstr(md, "| Event logs | yes | law | An audit store |"));
	assert_non_null(strstr(md, "| Processes | **NOT RECORDED**"));
	assert_null(strstr(md, "| Life cycle |"));
	assert_null(strstr(md, "| Treatment |"));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_subject_has_its_documents),
		cmocka_unit_test(no_section_is_an_empty_heading),
		cmocka_unit_test(json_and_html_carry_the_same_facts),
		cmocka_unit_test(markdown_has_the_same_tables),
		cmocka_unit_test(pages_pass_the_self_check),
		cmocka_unit_test(facts_are_those_of_the_schema),
		cmocka_unit_test(shipped_templates_leave_nothing_out),
		cmocka_unit_test(no_value_changes_a_document),
		cmocka_unit_test(no_single_value_changes_a_document),
		cmocka_unit_test(an_approval_holds_for_its_basis_alone),
		cmocka_unit_test(what_the_audience_may_not_see_is_nowhere),
		cmocka_unit_test(people_are_told_what_their_text_does_wrong),
		cmocka_unit_test(claims_stand_worst_first),
		cmocka_unit_test(what_is_not_owed_says_why),
		cmocka_unit_test(a_file_is_not_the_document),
		cmocka_unit_test(a_notice_has_its_own_limit),
		cmocka_unit_test(the_statement_has_every_row)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
