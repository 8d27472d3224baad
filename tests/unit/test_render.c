#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "hostile.h"
#include "model/build.h"
#include "model/docnode.h"
#include "render/frame.h"
#include "render/html.h"
#include "render/json.h"
#include "render/md.h"
#include "render/path.h"
#include "render/render.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FROM "data/docs/model-card/x.html"

static const struct build build = {
	.organisation = "acme", .period = "2026-Q3", .generator = "0"
};
static const struct render_ctx rctx = { .build = &build };

static struct fact *
a_fact(struct arena *a, const char *type, const char *text,
    enum fact_state state, const char *why)
{
	struct fact *f = arena_alloc(a, sizeof(*f));

	f->id = "details.id";
	f->type = type;
	f->text = text;
	f->state = state;
	f->why = why;
	f->raw = (struct value){ VALUE_TEXT, 0, text, strlen(text) };
	f->at = (struct mark){ text, 4, 1 };
	return f;
}

static void
inlines(struct arena *a, struct docnode *to, const char *v)
{
	struct docnode *n;

	docnode_text(a, to, "Before ");
	docnode_data(a, to, v);
	docnode_text(a, to, " between ");
	docnode_code(a, to, v);
	docnode_text(a, to, ". ");
	docnode_link(a, to, "agent", v, v);
	docnode_text(a, to, " ");
	docnode_data(a, docnode_new(a, to, NODE_STRONG), v);
	docnode_text(a, to, " ");
	docnode_data(a, docnode_new(a, to, NODE_EM), v);
	docnode_text(a, to, " ");
	n = docnode_new(a, to, NODE_URL);
	n->text = "https://host.example/a_(b)?x=1&y=2";
	docnode_data(a, n, v);
	docnode_text(a, to, " ");
	docnode_fact(a, to, a_fact(a, "text", v, FACT_KNOWN, NULL));
	docnode_fact(a, to, a_fact(a, "hash", v, FACT_KNOWN, NULL));
	docnode_fact(a, to, a_fact(a, "money", v, FACT_KNOWN, NULL));
	docnode_fact(a, to, a_fact(a, "text", v, FACT_NOT_RECORDED, v));
}

/* Every kind of node, the value in every place where a value may stand. */
static struct doc *
tree(struct arena *a, const char *v)
{
	static const char *const head[] = { "Field", "Value", "Source" };
	struct docnode *root = docnode_new(a, NULL, NODE_SECTION), *s, *t, *n;
	struct doc *d = arena_alloc(a, sizeof(*d));
	const struct fact *f = a_fact(a, "text", v, FACT_KNOWN, NULL);

	s = docnode_section(a, root, "details", "Details");
	docnode_data(a, docnode_para(a, s), v);
	docnode_code(a, docnode_para(a, s), v);
	docnode_fact(a, docnode_para(a, s), f);
	inlines(a, docnode_para(a, s), v);
	docnode_verdict(a, s, TONE_BAD, "Fail", v);
	t = docnode_table(a, s, "kv", "Fields", head, 3);
	for (int i = 0; i < 3; i++) {
		struct docnode *r = docnode_row(a, t);

		n = docnode_cell(a, r);
		n->level = 1;
		docnode_data(a, n, v);
		inlines(a, docnode_cell(a, r), v);
		docnode_source(a, docnode_cell(a, r), f);
	}
	t->text = v;
	t->untrusted = 1;
	n = docnode_new(a, s, NODE_PRE);
	n->text = v;
	n->untrusted = 1;
	n = docnode_new(a, s, NODE_LIST);
	docnode_data(a, docnode_new(a, n, NODE_ITEM), v);
	t = docnode_new(a, n, NODE_ITEM);
	docnode_data(a, docnode_para(a, t), v);
	n = docnode_new(a, t, NODE_PRE);
	n->text = v;
	n->untrusted = 1;
	n = docnode_new(a, s, NODE_LIST);
	n->level = 1;
	docnode_data(a, docnode_new(a, n, NODE_ITEM), v);
	docnode_data(a, docnode_new(a, n, NODE_ITEM), v);
	n = docnode_new(a, s, NODE_QUOTE);
	docnode_data(a, docnode_para(a, n), v);
	docnode_data(a, docnode_para(a, n), v);
	n = docnode_new(a, s, NODE_CHART);
	n->level = 2;
	t = docnode_table(a, n, "chart", "Bars", head, 3);
	for (int i = 0; i < 3; i++) {
		struct docnode *r = docnode_row(a, t);

		docnode_data(a, docnode_cell(a, r), v);
		docnode_text(a, docnode_cell(a, r), "%d,000", i + 1);
		docnode_text(a, docnode_cell(a, r), "%d", i);
	}
	s = docnode_section(a, s, "inner", "Inner");
	docnode_data(a, s->child, v);
	docnode_badge(a, docnode_para(a, s), TONE_EMPTY, "NOT RECORDED");
	d->self = (struct target){ .kind = "document", .id = "model-card/x" };
	d->title = v;
	d->lang = "en";
	d->body = root->child;
	return d;
}

/* Names of elements and attributes in order, and the fixed classes. */
static void
xml_shape(struct str *s, const xmlNode *n)
{
	for (; n != NULL; n = n->next) {
		xmlChar *class;

		if (n->type == XML_TEXT_NODE)
			continue;
		assert_int_equal(n->type, XML_ELEMENT_NODE);
		class = xmlGetProp(n, (const xmlChar *)"class");
		if (class != NULL && strcmp((char *)class, "cut") == 0) {
			xmlFree(class);
			continue;
		}
		str_addf(s, "<%s", (const char *)n->name);
		for (xmlAttr *p = n->properties; p != NULL; p = p->next)
			str_addf(s, " %s", (const char *)p->name);
		str_addf(s, ":%s", class ? (char *)class : "");
		xmlFree(class);
		xml_shape(s, n->children);
		str_addz(s, ">");
	}
}

static xmlDoc *
parse(const struct str *html)
{
	xmlDoc *x = xmlReadMemory(html->p, (int)html->len, "page", NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

	if (x == NULL)
		fail_msg("not well-formed: %s", html->p);
	return x;
}

static char *
html_shape(struct arena *a, const struct doc *d)
{
	struct str html = str_new(a), s = str_new(a);
	xmlDoc *x;

	frame_page(&html, d, FROM, &rctx);
	x = parse(&html);
	xml_shape(&s, xmlDocGetRootElement(x));
	xmlFreeDoc(x);
	return s.p;
}

/*
 * A GFM table for a CommonMark parser: each cell a paragraph of its own, each
 * row after a thematic break; a cell holds inlines alone, hence the word.  A bar is a border unless a backslash that is
 * not itself escaped stands before it (GFM section 4.10, cmark-gfm).
 */
static void
split_row(struct str *s, const char *p, size_t len)
{
	size_t i = 1;

	str_addz(s, "\n***\n\n");
	while (i < len) {
		str_addz(s, "cell:");
		for (; i < len && p[i] != '|'; i++) {
			if (p[i] == '\\' && i + 1 < len && p[i + 1] == '|')
				i++;
			else if (p[i] == '\\' && i + 1 < len &&
			    strchr("!\"#$%&'()*+,./:;<=>?@[\\]^_`{}~-",
			    p[i + 1]) != NULL)
				str_addc(s, p[i++]);
			str_addc(s, p[i]);
		}
		str_addz(s, "\n\n");
		i++;
	}
}

static void
untable(struct str *s, const char *md)
{
	size_t fence = 0;

	while (*md != '\0') {
		size_t n = strcspn(md, "\n"), lead = strspn(md, " >-");
		size_t ticks = strspn(md + lead, "`");

		if (ticks >= 3 && lead + ticks == n &&
		    (fence == 0 || ticks >= fence))
			fence = fence == 0 ? ticks : 0;
		if (!fence && md[0] == '|' && strspn(md, "| -") != n)
			split_row(s, md, n);
		else if (fence || md[0] != '|') {
			str_add(s, md, n);
			str_addc(s, '\n');
		}
		md += n + (md[n] == '\n');
	}
}

static char *
md_shape(struct arena *a, const struct doc *d, struct str *text)
{
	const struct writer *w = render_find("md");
	struct str md = str_new(a), plain = str_new(a), s = str_new(a);
	cmark_node *root;
	cmark_iter *it;
	cmark_event_type ev;
	int was_text = 0;

	w->write(&md, d, FROM, &rctx);
	untable(&plain, md.p);
	root = cmark_parse_document(plain.p, plain.len, CMARK_OPT_DEFAULT);
	it = cmark_iter_new(root);
	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		cmark_node *n = cmark_iter_get_node(it);
		int is_text = cmark_node_get_type(n) == CMARK_NODE_TEXT;
		const char *lit = cmark_node_get_literal(n);

		if (ev == CMARK_EVENT_ENTER && lit != NULL && text != NULL)
			str_addz(text, lit);
		if (ev == CMARK_EVENT_ENTER && !(is_text && was_text))
			str_addf(&s, "<%s", cmark_node_get_type_string(n));
		if (ev == CMARK_EVENT_EXIT)
			str_addz(&s, ">");
		was_text = is_text;
	}
	cmark_iter_free(it);
	cmark_node_free(root);
	return s.p;
}

static char *
all_a(struct arena *a, const char *v)
{
	size_t n = strlen(v);
	char *p = arena_alloc(a, n + 1);

	memset(p, 'A', n);
	return p;
}

static void
no_value_changes_the_html(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new();

		char *got = html_shape(a, tree(a, hostile[i]));
		char *want = html_shape(a, tree(a, all_a(a, hostile[i])));

		if (strcmp(got, want) != 0)
			print_message("hostile %zu: %s\n", i, hostile[i]);
		assert_string_equal(got, want);
		arena_free(a);
	}
}

static void
no_value_changes_the_markdown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new();
		struct str text = str_new(a), seen = str_new(a);
		char *got = md_shape(a, tree(a, hostile[i]), &text);
		char *want = md_shape(a, tree(a, all_a(a, hostile[i])), NULL);

		if (strcmp(got, want) != 0)
			print_message("hostile %zu: %s\n", i, hostile[i]);
		assert_string_equal(got, want);
		utf8_visible(&seen, hostile[i], strlen(hostile[i]), 0);
		if (strstr(text.p, seen.p) == NULL)
			fail_msg("hostile %zu: %s is not in %s", i, seen.p,
			    text.p);
		arena_free(a);
	}
}

/* What a reader sees is the value, hidden characters as tokens. */
static void
the_text_survives_in_html(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct arena *a = arena_new();
		struct html_ctx c = { .from = FROM, .level = 2 };
		struct docnode *p = docnode_para(a, NULL);
		struct str html = str_new(a), seen = str_new(a);
		xmlDoc *x;
		xmlChar *got;

		docnode_data(a, p, hostile[i]);
		html_nodes(&html, p, &c);
		utf8_visible(&seen, hostile[i], strlen(hostile[i]), 0);
		x = parse(&html);
		got = xmlNodeGetContent(xmlDocGetRootElement(x));
		assert_string_equal((char *)got, seen.p);
		xmlFree(got);
		xmlFreeDoc(x);
		arena_free(a);
	}
}

static void
long_values_are_cut_and_hashed(void **state)
{
	struct arena *a = arena_new();
	struct html_ctx c = { .from = FROM, .level = 2 };
	struct str html = str_new(a), md = str_new(a);
	struct docnode *p = docnode_para(a, NULL);
	char big[4100];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	docnode_data(a, p, big);
	html_nodes(&html, p, &c);
	md_nodes(&md, p, &c);
	/* printf xxx | sha256sum */
	assert_non_null(strstr(html.p, "3 more bytes, SHA-256 cd2eb0837c9b4c96"
	    "2c22d2ff8b5441b7b45805887f051d39bf133b583baf6860</span>"));
	assert_non_null(strstr(md.p, "3 more bytes, SHA-256 cd2eb0837c9b4c96"));
	assert_int_equal(strspn(strchr(html.p, 'x'), "x"), 4096);
	arena_free(a);
}

static void
names_follow_the_rules(void **state)
{
	/* The hashes: printf %s ID | sha256sum | cut -c1-16 */
	static const struct {
		const char *kind, *id, *want;
	} cases[] = {
		{ "requirement", "eu-ai-act/AIA-14.4.e",
		    "data/site/frameworks/eu-ai-act/aia-14.4.e.html" },
		{ "requirement", "nist-ai-rmf-1.0/GOVERN 1.1",
		    "data/site/frameworks/nist-ai-rmf-1.0/govern-1.1.html" },
		{ "agent", "../../etc",
		    "data/site/agents/etc-74ccf3c5b4c19a81.html" },
		{ "agent", "refund-bot", "data/site/agents/refund-bot.html" },
		{ "agent", "Refund-Bot",
		    "data/site/agents/refund-bot-09e5faee85f38a39.html" },
		{ "agent", "con", "data/site/agents/con-1143da2bc54c495c.html" },
		{ "agent", "index",
		    "data/site/agents/index-1bc04b5291c26a46.html" },
		{ "test", "HO-01.t1", "data/site/tests/ho-01.t1.html" },
		{ "policy", "refund-policy/7",
		    "data/site/policies/refund-policy/7.html" },
		{ "record", "main/8193", "data/site/records/main/2/8193.html" },
		{ "recordfile", "main/0", "data/records/main/0.json" },
		{ "record", "main/01", NULL },
		{ "record", "../1", NULL },
		{ "document", "model-card/alpha", "data/docs/model-card/alpha.md" },
		{ "document", "model-card/../x", NULL },
		{ "source", "registry/agents/a/agent.yaml",
		    "data/site/sources/registry/agents/a/agent.yaml.html" },
		{ "page", "gaps/by-owner", "data/site/gaps/by-owner.html" },
		{ "page", "..", NULL },
		{ "nothing", "x", NULL }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *a = arena_new();
		struct target to = { .kind = cases[i].kind,
		    .id = cases[i].id };
		struct str s = str_new(a);
		int rc = path_target(NULL, &s, &to, "md");

		if (cases[i].want == NULL)
			assert_int_equal(rc, -1);
		else
			assert_string_equal(s.p, cases[i].want);
		arena_free(a);
	}
}

static void
ids_that_share_a_name_are_told_apart(void **state)
{
	struct arena *a = arena_new();
	struct path *p = path_new(a);
	struct target x = { .kind = "agent", .id = "a b" };
	struct target y = { .kind = "agent", .id = "a-b" };
	struct target z = { .kind = "agent", .id = "unknown" };
	struct str s = str_new(a), t = str_new(a);

	(void)state;
	path_note(p, "agent", "a b");
	path_note(p, "agent", "a-b");
	assert_int_equal(path_target(p, &s, &x, "html"), 0);
	assert_int_equal(path_target(p, &t, &y, "html"), 0);
	assert_string_not_equal(s.p, t.p);
	/* printf 'a b' | sha256sum */
	assert_string_equal(s.p, "data/site/agents/a-b-c8687a08aa5d6ed2044328fa"
	    "6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65.html");
	assert_int_equal(path_link(p, &s, FROM, &z, "html"), -1);
	arena_free(a);
}

/* What was worked out for all links at once is what each would. */
static void
settled_links_are_the_same(void **state)
{
	struct arena *a = arena_new();
	struct path *p = path_new(a);
	char *long_id = arena_alloc(a, 1001);
	struct target to[] = {
		{ .kind = "agent", .id = "a b" },
		{ .kind = "agent", .id = "a-b", .anchor = "x" },
		{ .kind = "agent", .id = long_id },
		{ .kind = "document", .id = "model-card/alpha" },
		{ .kind = "record", .id = "main/613" },
	};
	struct str s = str_new(a), t = str_new(a);

	(void)state;
	memset(long_id, 'a', 1000);
	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		assert_int_equal(path_known(p, &to[i]), i == 0);
		path_note(p, to[i].kind, to[i].id);
	}
	for (int settled = 0; settled < 2; settled++) {
		struct str *out = settled ? &t : &s;

		for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
			assert_int_equal(path_known(p, &to[i]), 1);
			assert_int_equal(path_link(p, out, FROM, &to[i],
			    i % 2 ? "md" : "html"), 0);
			str_addc(out, '\n');
		}
		path_settle(p);
	}
	assert_string_equal(s.p, t.p);
	assert_non_null(strstr(t.p, "/agents/a-b-c8687a08aa5d6ed2"));
	assert_non_null(strstr(t.p, "alpha.md\n"));
	arena_free(a);
}

static void
links_are_relative(void **state)
{
	struct arena *a = arena_new();
	struct target to = { .kind = "test", .id = "HO-01.t1",
	    .anchor = "sample" };
	struct str s = str_new(a);

	(void)state;
	assert_int_equal(path_link(NULL, &s, FROM, &to, "html"), 0);
	assert_string_equal(s.p, "../../site/tests/ho-01.t1.html#sample");
	str_reset(&s);
	assert_int_equal(path_link(NULL, &s, "data/site/tests/ho-01.t1.html",
	    &to, "html"), 0);
	assert_string_equal(s.p, "#sample");
	arena_free(a);
}

static void
a_page_is_well_formed_and_carries_its_facts(void **state)
{
	struct arena *a = arena_new();
	struct str html = str_new(a), json = str_new(a);

	(void)state;
	frame_page(&html, tree(a, "refund-bot"), FROM, &rctx);
	assert_non_null(strstr(html.p, "<span class=\"fact\" data-fact=\""
	    "details.id\" data-mark=\"D\"><bdi class=\"u\">refund-bot</bdi>"
	    "</span> <span class=\"src\">[<abbr title=\"declared\">D</abbr> "
	    "<a href=\"../../site/sources/refund-bot.html#L4\">"));
	assert_non_null(strstr(html.p, "<link rel=\"stylesheet\" "
	    "href=\"../../site/css/site.css\"/>"));
	json_doc(&json, tree(a, "refund-bot"));
	assert_non_null(strstr(json.p, "{\"audience\":\"public\",\"id\":\""
	    "details.id\",\"mark\":\"D\",\"raw\":\"refund-bot\",\"source\":"
	    "{\"file\":\"refund-bot\",\"line\":4},\"state\":\"known\","
	    "\"text\":\"refund-bot\",\"type\":\"text\"}"));
	arena_free(a);
}

static void
a_chart_draws_its_table_and_leaves_holes(void **state)
{
	static const char *const head[] = { "Month", "Ran", "Denied" };
	static const char *const cells[][3] = {
		{ "2026-07", "1,000", "1" }, { "2026-08", "500", "0" },
		{ "2026-09", "unknown", "0" }
	};
	struct arena *a = arena_new();
	struct docnode *chart = docnode_new(a, NULL, NODE_CHART), *t;
	struct html_ctx c = { .from = FROM, .level = 2 };
	struct str html = str_new(a);

	(void)state;
	chart->level = 2;
	t = docnode_table(a, chart, "m", "By month", head, 3);
	for (size_t i = 0; i < COUNT(cells); i++) {
		struct docnode *r = docnode_row(a, t);

		for (size_t k = 0; k < 3; k++)
			docnode_data(a, docnode_cell(a, r), cells[i][k]);
	}
	html_nodes(&html, chart, &c);
	xmlFreeDoc(parse(&html));
	assert_non_null(strstr(html.p, "The longest is 2026-07 with 1,001."));
	/* 1000 * 400 / 1001 = 399; 1 of 1,001 is a line of one unit */
	assert_non_null(strstr(html.p, "x=\"200\" y=\"4\" width=\"399\""));
	assert_non_null(strstr(html.p, "x=\"599\" y=\"4\" width=\"1\""));
	assert_non_null(strstr(html.p, ">1,000 + 1</text>"));
	assert_non_null(strstr(html.p, "width=\"199\""));
	assert_non_null(strstr(html.p, ">not recorded</text>"));
	assert_null(strstr(html.p, "width=\"0\""));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_value_changes_the_html),
		cmocka_unit_test(no_value_changes_the_markdown),
		cmocka_unit_test(the_text_survives_in_html),
		cmocka_unit_test(long_values_are_cut_and_hashed),
		cmocka_unit_test(names_follow_the_rules),
		cmocka_unit_test(ids_that_share_a_name_are_told_apart),
		cmocka_unit_test(links_are_relative),
		cmocka_unit_test(settled_links_are_the_same),
		cmocka_unit_test(a_chart_draws_its_table_and_leaves_holes),
		cmocka_unit_test(a_page_is_well_formed_and_carries_its_facts)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
