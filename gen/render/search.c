#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "model/docnode.h"
#include "render/search.h"

#define ROOT "data/site/"
#define HEADINGS 600 /* bytes of them in an entry */

struct entry {
	const char *path, *text;
};

struct search {
	struct arena *arena;
	struct entry *list;
	size_t n, cap;
};

struct search *
search_new(struct arena *a)
{
	struct search *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	return s;
}

/* Text of a script that stands in a page's reach: JSON, and nothing in it
 * that HTML or an old JavaScript would take for something else. */
static void
add_text(struct str *s, const char *p, size_t len)
{
	struct str v = str_new(s->arena);

	utf8_visible(&v, p, len, 0);
	str_addc(s, '"');
	for (size_t i = 0, took; i < v.len; i += took) {
		uint32_t c = utf8_next(v.p + i, v.len - i, &took);

		if (c == '"' || c == '\\')
			str_addf(s, "\\%c", (int)c);
		else if (c == '<' || c == '>' || c == '&' || c < 0x20 ||
		    c == 0x2028 || c == 0x2029)
			str_addf(s, "\\u%04x", (unsigned)c);
		else
			str_add(s, v.p + i, took);
	}
	str_addc(s, '"');
}

static void
add_textz(struct str *s, const char *p)
{
	add_text(s, p == NULL ? "" : p, p == NULL ? 0 : strlen(p));
}

static void
add_headings(struct str *s, const struct docnode *n)
{
	for (; n != NULL && s->len < HEADINGS; n = n->next) {
		if (n->kind == NODE_HEADING)
			for (const struct docnode *t = n->child; t != NULL;
			    t = t->next)
				str_addf(s, "%s%s", s->len > 0 ? " " : "",
				    t->text ? t->text : "");
		if (n->kind == NODE_SECTION)
			add_headings(s, n->child);
	}
}

/* data/site/ is where the page that searches stands. */
static void
add_path(struct str *s, const char *path)
{
	size_t n = strlen(ROOT);

	if (strncmp(path, ROOT, n) == 0)
		add_textz(s, path + n);
	else
		add_textz(s, arena_printf(s->arena, "../%s",
		    path + strlen("data/")));
}

void
search_add(struct search *x, const struct doc *d, const char *path)
{
	struct str s = str_new(x->arena), heads = str_new(x->arena);
	int record = str_eq(d->self.kind, "record");

	str_addc(&s, '[');
	add_path(&s, path);
	str_addc(&s, ',');
	add_textz(&s, d->title);
	str_addc(&s, ',');
	if (!record)
		add_headings(&heads, d->body);
	add_text(&s, heads.p == NULL ? "" : heads.p, heads.len);
	str_addc(&s, ',');
	add_textz(&s, d->ids == NULL ? d->self.id :
	    arena_printf(x->arena, "%s %s", d->self.id, d->ids));
	str_addc(&s, ',');
	add_textz(&s, arena_printf(x->arena, "kind:%s%s%s", d->page ?
	    d->self.kind : "document", d->facets ? " " : "",
	    d->facets ? d->facets : ""));
	str_addc(&s, ']');
	*VEC_PUSH(x->arena, x->list, x->n, x->cap) = (struct entry){
		arena_strdup(x->arena, path), s.p };
}

void
search_join(struct search *into, const struct search *from)
{
	for (size_t i = 0; i < from->n; i++)
		*VEC_PUSH(into->arena, into->list, into->n, into->cap) =
		    (struct entry){
			arena_strdup(into->arena, from->list[i].path),
			arena_strdup(into->arena, from->list[i].text) };
}

static int
by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void
search_sort(struct search *s)
{
	if (s->n > 0)
		qsort(s->list, s->n, sizeof(*s->list), by_path);
}

size_t
search_files(const struct search *s)
{
	return (s->n + SEARCH_PAGES - 1) / SEARCH_PAGES;
}

void
search_file(struct str *s, const struct search *x, size_t n)
{
	size_t from = (n - 1) * SEARCH_PAGES, to = from + SEARCH_PAGES;

	str_addf(s, "X.p(%zu,[", n);
	for (size_t i = from; i < to && i < x->n; i++) {
		if (i > from)
			str_addz(s, ",\n");
		str_addz(s, x->list[i].text);
	}
	str_addz(s, "]);\n");
}

void
search_build(struct str *s, const struct search *x, const char *build)
{
	str_addf(s, "/* Which build this is, and how many lists of pages it "
	    "has. */\nvar EXHIBIT = {\"build\":\"%s\",\"pages\":%zu};\n"
	    "(function () {\n"
	    "\tvar p = document.querySelector(\"footer.end p\");\n"
	    "\tif (p !== null)\n"
	    "\t\tp.appendChild(document.createTextNode("
	    "\" Build \" + EXHIBIT.build + \".\"));\n}());\n",
	    build, search_files(x));
}
