#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "doc/fill.h"
#include "read/template.h"
#include "render/html.h"

/*
 * A template and a value, parted by the first byte 0xff: whatever the
 * template, if it compiles, the page with the value has the tree of the page
 * with letters of the same length.
 */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct template_name names[] = {
	{ "s", TEMPLATE_SECTION, "S" }, { "s.a", TEMPLATE_INLINE, NULL },
	{ "s.f", TEMPLATE_FLAG, NULL }, { "s.l", TEMPLATE_LIST, NULL },
	{ "s.l.x", TEMPLATE_INLINE, NULL }, { "s.p", TEMPLATE_PATH, NULL },
	{ "s.t", TEMPLATE_TEXT, NULL }
};
static const struct template_schema schema = { "k", names, 7 };

static void
put(struct arena *a, struct facts *f, const char *id, const char *text)
{
	struct fact *fact = arena_alloc(a, sizeof(*fact));

	fact->id = id;
	fact->type = "text";
	fact->text = text;
	fact->formula = "x";
	fact->raw.i = 1;
	*map_putz(f->by_id, id) = fact;
}

static void
shape(struct str *s, const xmlNode *n)
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
			shape(s, n->children);
			str_addc(s, '>');
		}
		xmlFree(class);
	}
}

static char *
page(struct arena *a, const struct template *t, const char *value)
{
	struct facts f = { .by_id = map_new(a), .list = map_new(a),
	    .text = map_new(a), .section = map_new(a) };
	struct docnode *root = docnode_new(a, NULL, NODE_SECTION);
	struct docnode *section = docnode_section(a, NULL, "s", "S");
	struct html_ctx ctx = { .from = "data/x.html", .level = 2 };
	struct list l = { .n = 2 };
	struct str html = str_new(a), s = str_new(a);
	xmlDoc *x;

	docnode_data(a, docnode_para(a, section), value);
	put(a, &f, "s.a", value);
	put(a, &f, "s.f", "yes");
	put(a, &f, "s.p", value);
	put(a, &f, "s.l.1.x", value);
	put(a, &f, "s.l.2.x", value);
	*map_putz(f.list, "s.l") = &l;
	*map_putz(f.section, "s") = section;
	*map_putz(f.text, "s.t") = section;
	fill_template(a, root, t, &f);
	str_addz(&html, "<main>");
	html_nodes(&html, root->child, &ctx);
	str_addz(&html, "</main>");
	x = xmlReadMemory(html.p, (int)html.len, "x", NULL, XML_PARSE_NONET |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
	if (x == NULL)
		abort();
	shape(&s, xmlDocGetRootElement(x));
	xmlFreeDoc(x);
	return s.p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *cut = memchr(p, 0xff, len);
	struct arena *a = arena_new();
	struct template *t;
	struct diag diag;
	char *value, *letters;

	diag_init(&diag, a);
	if (cut == NULL || template_compile(a, "t.md", (const char *)p,
	    (size_t)(cut - p), &schema, &t, &diag) == -1)
		goto out;
	value = arena_strndup(a, (const char *)cut + 1,
	    len - (size_t)(cut - p) - 1);
	letters = arena_strdup(a, value);
	memset(letters, 'A', strlen(letters));
	if (strcmp(page(a, t, value), page(a, t, letters)) != 0)
		abort();
out:
	arena_free(a);
	return 0;
}
