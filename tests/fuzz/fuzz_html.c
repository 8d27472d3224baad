#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/docnode.h"
#include "render/html.h"
#include "render/md.h"

/*
 * Any bytes as a value, in text, code, a fact, a link and a block: the HTML
 * is well-formed and has the tree of letters of the same length; so has the
 * Markdown for cmark; no hidden character is left in either.
 */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct docnode *
tree(struct arena *a, const char *v)
{
	struct docnode *s = docnode_section(a, NULL, "s", "S"), *n;
	struct fact *f = arena_alloc(a, sizeof(*f));

	f->id = "s.a";
	f->type = "text";
	f->text = v;
	f->why = v;
	f->formula = v;
	n = docnode_para(a, s);
	docnode_data(a, n, v);
	docnode_text(a, n, " and ");
	docnode_code(a, n, v);
	docnode_text(a, n, " ");
	docnode_link(a, n, "agent", v, v);
	docnode_text(a, n, " ");
	docnode_fact(a, n, f);
	docnode_data(a, docnode_para(a, s), v);
	docnode_code(a, docnode_para(a, s), v);
	docnode_verdict(a, s, TONE_BAD, "Fail", v);
	n = docnode_new(a, s, NODE_LIST);
	docnode_data(a, docnode_new(a, n, NODE_ITEM), v);
	n = docnode_new(a, s, NODE_PRE);
	n->text = v;
	n->untrusted = 1;
	return s;
}

static void
xml_shape(struct str *s, const xmlNode *n)
{
	for (; n != NULL; n = n->next) {
		xmlChar *class;

		if (n->type == XML_TEXT_NODE)
			continue;
		if (n->type != XML_ELEMENT_NODE)
			abort();
		class = xmlGetProp(n, (const xmlChar *)"class");
		if (class == NULL || strcmp((char *)class, "cut") != 0) {
			str_addf(s, "<%s", (const char *)n->name);
			xml_shape(s, n->children);
			str_addc(s, '>');
		}
		xmlFree(class);
	}
}

static void
no_hidden(const struct str *s)
{
	size_t took;

	for (size_t i = 0; i < s->len; i += took) {
		uint32_t c = utf8_next(s->p + i, s->len - i, &took);

		if (c == UTF8_BAD || (c != '\n' && c != '\t' &&
		    utf8_hidden(c)))
			abort();
	}
}

static char *
html_shape(struct arena *a, const char *v)
{
	struct html_ctx ctx = { .from = "data/x.html", .level = 2 };
	struct str html = str_new(a), s = str_new(a);
	xmlDoc *x;

	html_nodes(&html, tree(a, v), &ctx);
	no_hidden(&html);
	x = xmlReadMemory(html.p, (int)html.len, "x", NULL, XML_PARSE_NONET |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
	if (x == NULL)
		abort();
	xml_shape(&s, xmlDocGetRootElement(x));
	xmlFreeDoc(x);
	return s.p;
}

static char *
md_shape(struct arena *a, const char *v)
{
	struct html_ctx ctx = { .from = "data/x.html", .level = 2 };
	struct str md = str_new(a), s = str_new(a);
	cmark_event_type ev;
	cmark_node *root;
	cmark_iter *it;
	int was_text = 0;

	md_nodes(&md, tree(a, v), &ctx);
	no_hidden(&md);
	root = cmark_parse_document(md.p, md.len, CMARK_OPT_DEFAULT);
	it = cmark_iter_new(root);
	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		cmark_node *n = cmark_iter_get_node(it);
		int is_text = cmark_node_get_type(n) == CMARK_NODE_TEXT;

		if (ev == CMARK_EVENT_EXIT)
			str_addc(&s, '>');
		else if (!is_text || !was_text)
			str_addf(&s, "<%s", cmark_node_get_type_string(n));
		was_text = is_text;
	}
	cmark_iter_free(it);
	cmark_node_free(root);
	return s.p;
}

/* The cut notes are paragraphs of Markdown: short values have none. */
#define SHORT 4000

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	char *value = arena_strndup(a, (const char *)p, len);
	char *letters = arena_strdup(a, value);

	memset(letters, 'A', strlen(letters));
	if (strcmp(html_shape(a, value), html_shape(a, letters)) != 0)
		abort();
	if (strlen(value) < SHORT && value[0] != '\0' &&
	    strcmp(md_shape(a, value), md_shape(a, letters)) != 0)
		abort();
	arena_free(a);
	return 0;
}
