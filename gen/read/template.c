#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/out.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "read/template.h"

#define BRACKETS_MAX 4096 /* older cmark is quadratic in them */

/* An open {{#x}} or {{^x}}; its names are looked up in it first. */
struct scope {
	struct scope *up;
	const struct template_name *name;
	const cmark_node *parent; /* both ends are children of this */
	struct mark at;
	struct template_node *node;
	int unless;
};

struct compiler {
	struct arena *a;
	const char *file;
	const struct template_schema *schema;
	struct diag *diag;
	uint32_t line; /* lines of front matter */
	struct scope *scope;
	struct map *used;    /* section: anything of it is shown */
	struct map *printed; /* whole section, list or text: shown once */
	int heading;
	uint64_t faults;
};

static void blocks(struct compiler *, struct template_node *, cmark_node *);

__attribute__((format(printf, 3, 4)))
static void
fault(struct compiler *c, struct mark at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_add(c->diag, ERR_INPUT, at, "%s", arena_vprintf(c->a, fmt, ap));
	va_end(ap);
	c->faults++;
}

static struct mark
mark_of(const struct compiler *c, cmark_node *n)
{
	struct mark at = { c->file, c->line, 1 };
	cmark_node *p = n;

	while (cmark_node_get_start_line(p) == 0 && cmark_node_parent(p))
		p = cmark_node_parent(p);
	at.line += (uint32_t)cmark_node_get_start_line(p);
	if (cmark_node_get_start_column(p) > 0)
		at.col = (uint32_t)cmark_node_get_start_column(p);
	return at;
}

static const struct template_name *
find_name(const struct compiler *c, const char *name)
{
	for (size_t i = 0; i < c->schema->n; i++)
		if (strcmp(c->schema->name[i].name, name) == 0)
			return &c->schema->name[i];
	return NULL;
}

/* The name as it is written, or below one of the open blocks. */
static const struct template_name *
resolve(struct compiler *c, const char *name)
{
	for (const struct scope *s = c->scope; s != NULL; s = s->up) {
		const struct template_name *n = find_name(c, arena_printf(
		    c->a, "%s.%s", s->name->name, name));

		if (n != NULL)
			return n;
	}
	return find_name(c, name);
}

/* The nearest name; of a name in a block, the nearest of that block. */
static const char *
nearest(struct compiler *c, const char *name)
{
	const char **list = arena_array(c->a, c->schema->n * 2 + 1,
	    sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < c->schema->n; i++) {
		const char *full = c->schema->name[i].name;

		list[n++] = full;
		for (const struct scope *s = c->scope; s; s = s->up) {
			size_t len = strlen(s->name->name);

			if (strncmp(full, s->name->name, len) == 0 &&
			    full[len] == '.' && n < c->schema->n * 2)
				list[n++] = full + len + 1;
		}
	}
	return str_nearest(name, list, n);
}

static void
unknown(struct compiler *c, struct mark at, const char *name)
{
	const char *near = nearest(c, name);

	if (near != NULL)
		fault(c, at, "unknown name '%s' (did you mean \"%s\"?)", name,
		    near);
	else
		fault(c, at, "unknown name '%s'; exhibit explain %s lists "
		    "those there are", name, c->schema->kind);
}

/* [a-z][a-z0-9_]* joined by dots, no part ending in _. */
static int
is_name(const char *p, size_t len)
{
	char before = '.';

	for (size_t i = 0; i < len; i++) {
		char ch = p[i];
		int letter = ch >= 'a' && ch <= 'z';

		if (before == '.' && !letter)
			return 0;
		if (ch == '.' && before == '_')
			return 0;
		if (!letter && !(ch >= '0' && ch <= '9') && ch != '_' &&
		    ch != '.')
			return 0;
		before = ch;
	}
	return len > 0 && before != '.' && before != '_';
}

/* A tag at p ("{{..."): its sign (0 # ^ /) and name; its length, or 0 and a
 * fault. */
static size_t
tag(struct compiler *c, struct mark at, const char *p, char *sign,
    const char **name)
{
	const char *end = strstr(p + 2, "}}");
	const char *from = p + 2;

	if (end == NULL) {
		fault(c, at, "a tag that is not closed on its line");
		return 0;
	}
	*sign = 0;
	if (*from == '#' || *from == '^' || *from == '/')
		*sign = *from++;
	if (!is_name(from, (size_t)(end - from))) {
		fault(c, at, "'%.*s' is no name: want lower-case letters, "
		    "digits and _ joined by dots", (int)(end - from > 40 ? 40 :
		    end - from), from);
		return 0;
	}
	*name = arena_strndup(c->a, from, (size_t)(end - from));
	return (size_t)(end + 2 - p);
}

static struct template_node *
add(struct compiler *c, struct template_node *to, enum template_op op)
{
	struct template_node *n = arena_alloc(c->a, sizeof(*n));

	n->op = op;
	if (to->last != NULL)
		to->last->next = n;
	else
		to->child = n;
	to->last = n;
	return n;
}

static struct template_node *
element(struct compiler *c, struct template_node *to, enum node_kind kind)
{
	struct template_node *n = add(c, to, TEMPLATE_ELEMENT);

	n->node = kind;
	return n;
}

static void
words(struct compiler *c, struct template_node *to, const char *p, size_t len)
{
	if (len > 0)
		add(c, to, TEMPLATE_WORDS)->text = arena_strndup(c->a, p, len);
}

static void
use(struct compiler *c, const char *name)
{
	*map_put(c->used, name, strcspn(name, ".")) = c;
}

/* The list that a name is a field of, or NULL. */
static const struct template_name *
list_of(struct compiler *c, const char *name)
{
	const char *dot = strrchr(name, '.');
	const struct template_name *n = dot == NULL ? NULL : find_name(c,
	    arena_strndup(c->a, name, (size_t)(dot - name)));

	return n != NULL && n->type == TEMPLATE_LIST ? n : NULL;
}

static int
is_open(const struct compiler *c, const struct template_name *name)
{
	for (const struct scope *s = c->scope; s != NULL; s = s->up)
		if (s->name == name)
			return 1;
	return 0;
}

/* A field of a list needs a row: it stands in the block of its list. */
static int
has_row(struct compiler *c, struct mark at, const struct template_name *n)
{
	const struct template_name *list = list_of(c, n->name);

	if (list == NULL || is_open(c, list))
		return 1;
	fault(c, at, "'%s' is a field of a list: it stands between {{#%s}} "
	    "and {{/%s}}", n->name, list->name, list->name);
	return 0;
}

static void
inline_value(struct compiler *c, struct template_node *to, struct mark at,
    const char *name)
{
	const struct template_name *n = resolve(c, name);
	struct template_node *v;

	if (n == NULL) {
		unknown(c, at, name);
		return;
	}
	if (n->type == TEMPLATE_SECTION || n->type == TEMPLATE_LIST ||
	    n->type == TEMPLATE_TEXT) {
		fault(c, at, "'%s' is a block: it stands alone in its "
		    "paragraph", n->name);
		return;
	}
	if (!has_row(c, at, n))
		return;
	use(c, n->name);
	v = add(c, to, TEMPLATE_VALUE);
	v->text = n->name;
	v->name = n;
}

/* Words and tags of a text. */
static void
text(struct compiler *c, struct template_node *to, struct mark at,
    const char *p)
{
	uint32_t col = at.col;
	const char *from = p;

	for (const char *t = p; (t = strstr(t, "{{")) != NULL;) {
		const char *name;
		char sign;
		size_t n;

		at.col = col + (uint32_t)(t - p);
		n = tag(c, at, t, &sign, &name);
		words(c, to, from, (size_t)(t - from));
		from = t = t + (n > 0 ? n : 2);
		if (n == 0)
			continue;
		if (sign != 0)
			fault(c, at, "{{%c%s}} stands alone in its paragraph",
			    sign, name);
		else
			inline_value(c, to, at, name);
	}
	words(c, to, from, strlen(from));
}

static void inlines(struct compiler *, struct template_node *, cmark_node *);

static void
link_node(struct compiler *c, struct template_node *to, cmark_node *n)
{
	const char *url = cmark_node_get_url(n);
	const char *title = cmark_node_get_title(n), *name;
	const struct template_name *found;
	struct mark at = mark_of(c, n);
	struct template_node *l;
	size_t len = strlen(url);
	char sign;

	if (title != NULL && title[0] != '\0')
		fault(c, at, "a link has no title here");
	if (len < 5 || strncmp(url, "{{", 2) != 0 ||
	    strcmp(url + len - 2, "}}") != 0 ||
	    strstr(url, "}}") != url + len - 2) {
		fault(c, at, "a link's target is one path: [text]({{name}})");
		return;
	}
	if (tag(c, at, url, &sign, &name) == 0)
		return;
	if ((found = resolve(c, name)) == NULL) {
		unknown(c, at, name);
		return;
	}
	if (sign != 0 || found->type != TEMPLATE_PATH) {
		fault(c, at, "'%s' is not a path, so it is no link's target",
		    found->name);
		return;
	}
	if (!has_row(c, at, found))
		return;
	use(c, found->name);
	l = element(c, to, NODE_LINK);
	l->text = found->name;
	l->name = found;
	inlines(c, l, n);
}

static void
inline_node(struct compiler *c, struct template_node *to, cmark_node *n)
{
	cmark_node_type type = cmark_node_get_type(n);

	if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
		text(c, to, mark_of(c, n), cmark_node_get_literal(n));
	else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
		words(c, to, " ", 1);
	else if (type == CMARK_NODE_EMPH)
		inlines(c, element(c, to, NODE_EM), n);
	else if (type == CMARK_NODE_STRONG)
		inlines(c, element(c, to, NODE_STRONG), n);
	else if (type == CMARK_NODE_LINK)
		link_node(c, to, n);
	else if (type == CMARK_NODE_HTML_INLINE)
		fault(c, mark_of(c, n), "raw HTML does not stand in a "
		    "template");
	else if (type == CMARK_NODE_IMAGE)
		fault(c, mark_of(c, n), "an image does not stand in a "
		    "template");
	else
		inlines(c, to, n);
}

static void
inlines(struct compiler *c, struct template_node *to, cmark_node *parent)
{
	for (cmark_node *n = cmark_node_first_child(parent); n != NULL;
	    n = cmark_node_next(n))
		inline_node(c, to, n);
}

/* The text of a paragraph that is one tag and nothing else, or NULL. */
static const char *
lone_tag(cmark_node *para)
{
	cmark_node *only = cmark_node_first_child(para);
	const char *p;
	size_t len;

	if (only == NULL || cmark_node_next(only) != NULL ||
	    cmark_node_get_type(only) != CMARK_NODE_TEXT)
		return NULL;
	p = cmark_node_get_literal(only);
	len = strlen(p);
	if (len < 5 || strncmp(p, "{{", 2) != 0 ||
	    strstr(p, "}}") != p + len - 2)
		return NULL;
	return p;
}

static void
open_block(struct compiler *c, struct template_node **to, struct mark at,
    const cmark_node *parent, const struct template_name *n, char sign)
{
	struct scope *s = arena_alloc(c->a, sizeof(*s));

	if (n->type == TEMPLATE_INLINE || n->type == TEMPLATE_PATH ||
	    n->type == TEMPLATE_TEXT)
		fault(c, at, "'%s' opens no block: want a section, a list, or "
		    "a yes or no", n->name);
	else if (sign == '^' && n->type == TEMPLATE_SECTION)
		fault(c, at, "{{^%s}}: a section is never empty", n->name);
	else if (n->type == TEMPLATE_LIST && is_open(c, n))
		fault(c, at, "'%s' is open already", n->name);
	use(c, n->name);
	s->up = c->scope;
	s->name = n;
	s->parent = parent;
	s->at = at;
	s->unless = sign == '^';
	s->node = *to;
	c->scope = s;
	*to = add(c, *to, s->unless ? TEMPLATE_UNLESS : TEMPLATE_EACH);
	(*to)->text = n->name;
	(*to)->name = n;
}

static void
close_block(struct compiler *c, struct template_node **to, struct mark at,
    const cmark_node *parent, const char *name)
{
	struct scope *s = c->scope;
	const char *want;
	size_t n;

	if (s == NULL || s->parent != parent) {
		fault(c, at, "{{/%s}} closes no block that was opened here",
		    name);
		return;
	}
	want = s->name->name;
	n = strlen(want) - (strlen(name) < strlen(want) ? strlen(name) :
	    strlen(want));
	if (strcmp(want + n, name) != 0 || (n > 0 && want[n - 1] != '.'))
		fault(c, at, "{{/%s}} crosses {{%c%s}} of line %u", name,
		    s->unless ? '^' : '#', want, (unsigned)s->at.line);
	*to = s->node;
	c->scope = s->up;
}

static int
in_list(const struct compiler *c)
{
	for (const struct scope *s = c->scope; s != NULL; s = s->up)
		if (s->name->type == TEMPLATE_LIST && !s->unless)
			return 1;
	return 0;
}

/* A section, list or narrative, alone in its paragraph: shown once. */
static void
block_value(struct compiler *c, struct template_node *to, struct mark at,
    const struct template_name *n)
{
	const char *section = arena_strndup(c->a, n->name, strcspn(n->name,
	    "."));
	struct template_node *v;

	if (in_list(c))
		fault(c, at, "'%s' is a block: it would be shown once a row",
		    n->name);
	else if (map_getz(c->printed, n->name) != NULL ||
	    map_getz(c->printed, section) != NULL)
		fault(c, at, "'%s' is shown twice", n->name);
	*map_putz(c->printed, n->name) = c;
	if (n->type == TEMPLATE_SECTION)
		for (size_t i = 0; i < c->schema->n; i++) {
			const char *other = c->schema->name[i].name;
			size_t len = strlen(n->name);

			if (strncmp(other, n->name, len) == 0 &&
			    other[len] == '.' &&
			    map_getz(c->printed, other) != NULL)
				fault(c, at, "'%s' is shown twice: %s stands "
				    "alone too", n->name, other);
		}
	use(c, n->name);
	v = add(c, to, TEMPLATE_VALUE);
	v->text = n->name;
	v->name = n;
}

static void
paragraph(struct compiler *c, struct template_node **to, cmark_node *p,
    const cmark_node *parent)
{
	const struct template_name *n;
	const char *lone = lone_tag(p), *name;
	struct mark at = mark_of(c, p);
	char sign;

	if (lone == NULL) {
		inlines(c, element(c, *to, NODE_PARA), p);
		return;
	}
	if (tag(c, at, lone, &sign, &name) == 0)
		return;
	if (sign == '/') {
		close_block(c, to, at, parent, name);
		return;
	}
	if ((n = resolve(c, name)) == NULL)
		unknown(c, at, name);
	else if (sign != 0)
		open_block(c, to, at, parent, n, sign);
	else if (n->type == TEMPLATE_SECTION || n->type == TEMPLATE_LIST ||
	    n->type == TEMPLATE_TEXT)
		block_value(c, *to, at, n);
	else
		inline_value(c, element(c, *to, NODE_PARA), at, name);
}

static void
heading(struct compiler *c, struct template_node *to, cmark_node *n)
{
	struct template_node *h = element(c, to, NODE_HEADING);
	int level = cmark_node_get_heading_level(n);

	level = level < 2 ? 0 : level - 2;
	h->level = level > c->heading + 1 ? c->heading + 1 : level;
	c->heading = h->level;
	inlines(c, h, n);
}

static void
code_block(struct compiler *c, struct template_node *to, cmark_node *n)
{
	const char *lit = cmark_node_get_literal(n);
	size_t len = strlen(lit);

	if (strstr(lit, "{{") != NULL ||
	    strstr(cmark_node_get_fence_info(n), "{{") != NULL)
		fault(c, mark_of(c, n), "a tag in a code block is not "
		    "filled");
	while (len > 0 && lit[len - 1] == '\n')
		len--;
	element(c, to, NODE_PRE)->text = arena_strndup(c->a, lit, len);
}

static void
block(struct compiler *c, struct template_node **to, cmark_node *n,
    const cmark_node *parent)
{
	cmark_node_type type = cmark_node_get_type(n);
	struct template_node *list;

	if (type == CMARK_NODE_PARAGRAPH)
		paragraph(c, to, n, parent);
	else if (type == CMARK_NODE_HEADING)
		heading(c, *to, n);
	else if (type == CMARK_NODE_BLOCK_QUOTE)
		blocks(c, element(c, *to, NODE_QUOTE), n);
	else if (type == CMARK_NODE_ITEM)
		blocks(c, element(c, *to, NODE_ITEM), n);
	else if (type == CMARK_NODE_LIST) {
		list = element(c, *to, NODE_LIST);
		list->level = cmark_node_get_list_type(n) ==
		    CMARK_ORDERED_LIST;
		blocks(c, list, n);
	} else if (type == CMARK_NODE_CODE_BLOCK)
		code_block(c, *to, n);
	else if (type == CMARK_NODE_HTML_BLOCK)
		fault(c, mark_of(c, n), "raw HTML does not stand in a "
		    "template");
	else
		fault(c, mark_of(c, n), "a rule does not stand in a "
		    "template");
}

static void
blocks(struct compiler *c, struct template_node *to, cmark_node *parent)
{
	struct scope *outer = c->scope;

	for (cmark_node *n = cmark_node_first_child(parent); n != NULL;
	    n = cmark_node_next(n))
		block(c, &to, n, parent);
	while (c->scope != outer && c->scope != NULL) {
		fault(c, c->scope->at, "{{%c%s}} is not closed",
		    c->scope->unless ? '^' : '#', c->scope->name->name);
		c->scope = c->scope->up;
	}
}

/* "omit:" and lines "  section: reason". */
static void
front_line(struct compiler *c, struct template *t, size_t *cap,
    const char *p, size_t len)
{
	struct mark at = { c->file, c->line, 1 };
	const char *colon = memchr(p, ':', len);
	const struct template_name *n;
	const char *name, *reason;

	if (len == 5 && memcmp(p, "omit:", 5) == 0)
		return;
	if (len < 3 || memcmp(p, "  ", 2) != 0 || colon == NULL) {
		fault(c, at, "front matter holds omit: and lines "
		    "\"  section: reason\"");
		return;
	}
	name = arena_strndup(c->a, p + 2, (size_t)(colon - p) - 2);
	reason = arena_strndup(c->a, colon + 1, len - (size_t)(colon - p) - 1);
	reason += strspn(reason, " ");
	n = find_name(c, name);
	at.col = 3;
	if (n == NULL)
		unknown(c, at, name);
	else if (n->type != TEMPLATE_SECTION)
		fault(c, at, "'%s' is not a section", name);
	else if (*reason == '\0')
		fault(c, at, "'%s' is omitted without a reason", name);
	else {
		struct template_omit *o = VEC_PUSH(c->a, t->omit, t->nomit,
		    *cap);

		o->section = n->name;
		o->reason = reason;
	}
}

static const char *
front_matter(struct compiler *c, struct template *t, const char *p)
{
	size_t cap = 0;

	if (strncmp(p, "---\n", 4) != 0)
		return p;
	c->line = 1;
	for (p += 4; *p != '\0';) {
		size_t len = strcspn(p, "\n");

		c->line++;
		if (len == 3 && memcmp(p, "---", 3) == 0)
			return p + len + (p[len] == '\n');
		front_line(c, t, &cap, p, len);
		p += len + (p[len] == '\n');
	}
	fault(c, (struct mark){ c->file, 1, 1 }, "front matter is not closed "
	    "by ---");
	return p;
}

static int
within_limits(struct compiler *c, const char *p, size_t len, cmark_node *root)
{
	cmark_iter *it;
	cmark_event_type ev;
	size_t depth = 0, most = 0, n = 0, brackets = 0;
	struct mark at = { c->file, 1, 1 };
	uint64_t before = c->faults;

	for (size_t i = 0; i < len; i++)
		brackets += p[i] == '[';
	if (root == NULL) {
		if (len > LIMIT_TEMPLATE)
			fault(c, at, "%zu bytes, want at most %u", len,
			    LIMIT_TEMPLATE);
		else if (brackets > BRACKETS_MAX)
			fault(c, at, "%zu brackets, want at most %d",
			    brackets, BRACKETS_MAX);
		else if (!utf8_valid(p, len) || memchr(p, '\0', len) != NULL)
			fault(c, at, "is not UTF-8 text");
		return c->faults == before;
	}
	it = cmark_iter_new(root);
	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		int leaf = cmark_node_first_child(cmark_iter_get_node(it)) ==
		    NULL;

		n += ev == CMARK_EVENT_ENTER;
		if (!leaf && ev == CMARK_EVENT_ENTER)
			most = ++depth > most ? depth : most;
		else if (!leaf)
			depth--;
	}
	cmark_iter_free(it);
	if (n > LIMIT_TEMPLATE_NODES)
		fault(c, at, "%zu nodes, want at most %d", n,
		    LIMIT_TEMPLATE_NODES);
	else if (most > LIMIT_TEMPLATE_DEPTH)
		fault(c, at, "nested %zu deep, want at most %d", most,
		    LIMIT_TEMPLATE_DEPTH);
	return c->faults == before;
}

static int
is_omitted(const struct template *t, const char *section)
{
	for (size_t i = 0; i < t->nomit; i++)
		if (strcmp(t->omit[i].section, section) == 0)
			return 1;
	return 0;
}

/* Every section is shown, or left out with a reason; not both. */
static void
check_sections(struct compiler *c, const struct template *t)
{
	struct mark at = { c->file, 1, 1 };

	for (size_t i = 0; i < c->schema->n; i++) {
		const struct template_name *n = &c->schema->name[i];
		int used;

		if (n->type != TEMPLATE_SECTION)
			continue;
		used = map_getz(c->used, n->name) != NULL;
		if (!used && !is_omitted(t, n->name))
			fault(c, at, "section '%s' is missing: show it, or "
			    "omit it with a reason", n->name);
		if (used && is_omitted(t, n->name))
			fault(c, at, "section '%s' is shown and omitted",
			    n->name);
	}
}

int
template_compile(struct arena *a, const char *file, const char *p, size_t len,
    const struct template_schema *schema, struct template **out,
    struct diag *diag)
{
	struct compiler c = { .a = a, .file = file, .schema = schema,
	    .diag = diag, .used = map_new(a), .printed = map_new(a) };
	struct template *t = arena_alloc(a, sizeof(*t));
	struct template_node root = { .op = TEMPLATE_ELEMENT };
	const char *body;
	cmark_node *md;

	t->file = file;
	t->kind = schema->kind;
	t->lang = "en";
	if (!within_limits(&c, p, len, NULL))
		return -1;
	body = front_matter(&c, t, arena_strndup(a, p, len));
	md = cmark_parse_document(body, strlen(body), CMARK_OPT_DEFAULT);
	cmark_consolidate_text_nodes(md);
	if (within_limits(&c, body, strlen(body), md)) {
		blocks(&c, &root, md);
		check_sections(&c, t);
	}
	cmark_node_free(md);
	t->body = root.child;
	*out = t;
	return c.faults > 0 ? -1 : 0;
}

static const struct template_schema *
schema_of(const struct template_schema *const *s, size_t n, const char *kind,
    size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(s[i]->kind) == len &&
		    memcmp(s[i]->kind, kind, len) == 0)
			return s[i];
	return NULL;
}

struct reader {
	struct arena *a;
	const struct template_schema *const *schema;
	size_t n, cap;
	struct template_set *set;
	struct diag *diag;
};

/* <kind>.md or <kind>.<lang>.md; a later one of the same name replaces. */
static void
one_file(struct reader *r, const char *file, const char *name, const char *p,
    size_t len)
{
	size_t kind = strcspn(name, "."), rest = strlen(name) - kind;
	const struct template_schema *s = schema_of(r->schema, r->n, name,
	    kind);
	struct mark at = { file, 0, 0 };
	struct template *t;
	const char *kinds[64];
	const char *near;
	size_t n = 0;

	if (s == NULL) {
		while (n < r->n && n < 64) {
			kinds[n] = r->schema[n]->kind;
			n++;
		}
		near = str_nearest(arena_strndup(r->a, name, kind), kinds, n);
		diag_add(r->diag, ERR_INPUT, at, "no document is of kind "
		    "'%.*s'%s%s%s", (int)kind, name, near ? " (did you mean "
		    "\"" : "", near ? near : "", near ? "\"?)" : "");
		return;
	}
	if (template_compile(r->a, file, p, len, s, &t, r->diag) == -1)
		return;
	if (rest > strlen(".md"))
		t->lang = arena_strndup(r->a, name + kind + 1, rest -
		    strlen(".md") - 1);
	for (size_t i = 0; i < r->set->n; i++)
		if (str_eq(r->set->template[i]->kind, t->kind) &&
		    str_eq(r->set->template[i]->lang, t->lang)) {
			r->set->template[i] = t;
			return;
		}
	*VEC_PUSH(r->a, r->set->template, r->set->n, r->cap) = t;
}

static int
is_template(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && strcmp(name + n - 3, ".md") == 0 && name[0] != '.';
}

static int
read_dir(struct reader *r, const char *dir)
{
	struct mark at = { dir, 0, 0 };
	DIR *d = opendir(dir);
	struct dirent *e;
	char **name = NULL;
	size_t n = 0, cap = 0;

	if (d == NULL) {
		diag_add(r->diag, ERR_INPUT, at, "%s", strerror(errno));
		return -1;
	}
	while ((e = readdir(d)) != NULL)
		if (is_template(e->d_name))
			*VEC_PUSH(r->a, name, n, cap) = arena_strdup(r->a,
			    e->d_name);
	(void)closedir(d);
	if (n > 0)
		qsort(name, n, sizeof(*name), str_qcmp);
	for (size_t i = 0; i < n; i++) {
		char *path = arena_printf(r->a, "%s/%s", dir, name[i]), *p;
		struct err err = { 0 };
		size_t len;

		if (out_slurp(r->a, path, LIMIT_TEMPLATE, &p, &len, &err) ==
		    -1) {
			at.file = path;
			diag_add(r->diag, err.kind, at, "%s", err.msg);
		} else
			one_file(r, path, name[i], p, len);
	}
	return 0;
}

int
template_read(struct arena *a, const char *dir,
    const struct template_schema *const *schema, size_t n,
    struct template_set *set, struct diag *diag)
{
	struct reader r = { a, schema, n, 0, set, diag };
	uint64_t before = diag->total;
	static const char folder[] = "templates/";

	*set = (struct template_set){ 0 };
	for (size_t i = 0; i < asset_count; i++) {
		const struct asset *f = &asset_table[i];
		const char *name = f->name + strlen(folder);

		if (strncmp(f->name, folder, strlen(folder)) == 0 &&
		    is_template(name))
			one_file(&r, f->name, name, f->data, f->len);
	}
	if (dir != NULL)
		(void)read_dir(&r, dir);
	return diag->total > before ? -1 : 0;
}
