#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "cmd/pagescan.h"

#define DEPTH 200 /* libxml2 stops at 256 */
#define LONGEST (8 * 1024 * 1024) /* libxml2: 10,000,000 in one text */

enum { IN_TEXT = 1, IN_VALUE = 2, IN_NAME = 4 };

struct pagescan {
	uint8_t class[256]; /* where a byte stands for itself */
	const char *p, *end;
	struct arena *scratch;
	const struct page_events *to;
	void *ctx;
	int depth;
	struct {
		const char *name;
		size_t len;
	} open[DEPTH];
	struct page_attr attr[PAGE_ATTRS];
	size_t nattr;
};

static const struct entity {
	const char *name;
	size_t len;
	char c;
} entity[] = {
	{ "&quot;", 6, '"' }, { "&amp;", 5, '&' }, { "&lt;", 4, '<' },
	{ "&gt;", 4, '>' }, { "&#39;", 5, '\'' }
};

struct pagescan *
pagescan_new(struct arena *a)
{
	struct pagescan *s = arena_alloc(a, sizeof(*s));

	for (int c = 0x20; c < 0x7f; c++)
		s->class[c] = strchr("<>&", c) != NULL ? 0 : c == '"' ?
		    IN_TEXT : IN_TEXT | IN_VALUE;
	s->class['\n'] = s->class['\t'] = IN_TEXT;
	for (int c = 'a'; c <= 'z'; c++)
		s->class[c] |= IN_NAME;
	for (int c = 'A'; c <= 'Z'; c++)
		s->class[c] |= IN_NAME;
	for (int c = '0'; c <= '9'; c++)
		s->class[c] |= IN_NAME;
	s->class['-'] |= IN_NAME;
	return s;
}

const char *
pagescan_at(const struct pagescan *s)
{
	return s->p;
}

/* Over bytes of this class: seldom more than a few. */
static void
run(struct pagescan *s, uint8_t class)
{
	const char *p = s->p, *end = s->end;

	while (p < end && (s->class[(uint8_t)*p] & class) != 0)
		p++;
	s->p = p;
}

static int
skip(struct pagescan *s, const char *want, size_t len)
{
	if ((size_t)(s->end - s->p) < len || memcmp(s->p, want, len) != 0)
		return 0;
	s->p += len;
	return 1;
}

/* The same for a literal: no call, as it is most of what is read. */
#define LIT(lit) (sizeof(lit) - 1)
#define SKIP(s, lit) ((size_t)((s)->end - (s)->p) >= LIT(lit) && \
	memcmp((s)->p, (lit), LIT(lit)) == 0 ? ((s)->p += LIT(lit), 1) : 0)

static const struct entity *
skip_entity(struct pagescan *s)
{
	for (size_t i = 0; i < sizeof(entity) / sizeof(entity[0]); i++)
		if (skip(s, entity[i].name, entity[i].len))
			return &entity[i];
	return NULL;
}

/* A character beyond ASCII that a reader can see. */
static int
skip_wide(struct pagescan *s)
{
	size_t took;
	uint32_t c;

	if (s->p == s->end || (uint8_t)*s->p < 0x80)
		return 0;
	c = utf8_next(s->p, (size_t)(s->end - s->p), &took);
	if (c == UTF8_BAD || utf8_hidden(c))
		return 0;
	s->p += took;
	return 1;
}

/* A value with entities, without them. */
static void
decode(struct pagescan *s, struct page_attr *a)
{
	const char *after = s->p, *end = s->end;
	char *to = arena_alloc(s->scratch, a->len);
	size_t n = 0;

	s->p = a->value;
	s->end = a->value + a->len;
	while (s->p < s->end) {
		const struct entity *e = *s->p == '&' ? skip_entity(s) : NULL;

		to[n++] = e != NULL ? e->c : *s->p++;
	}
	a->value = to;
	a->len = n;
	s->p = after;
	s->end = end;
}

/* From behind the opening quote to behind the closing one. */
static int
value(struct pagescan *s, struct page_attr *a)
{
	int entities = 0;

	a->value = s->p;
	for (;;) {
		run(s, IN_VALUE);
		if (s->p == s->end)
			return 0;
		if (*s->p == '"')
			break;
		if (*s->p == '&' && skip_entity(s) != NULL)
			entities = 1;
		else if (!skip_wide(s))
			return 0;
	}
	a->len = (size_t)(s->p++ - a->value);
	if (entities)
		decode(s, a);
	return 1;
}

static int
same(const char *p, size_t len, const char *q, size_t n)
{
	return len == n && memcmp(p, q, n) == 0;
}

#define SAME(p, len, lit) same((p), (len), (lit), sizeof(lit) - 1)

static int
is_twice(const struct pagescan *s, const struct page_attr *a)
{
	for (const struct page_attr *b = s->attr; b < a; b++)
		if (same(a->name, a->namelen, b->name, b->namelen))
			return 1;
	return 0;
}

static int
name(struct pagescan *s, const char **p, size_t *len)
{
	char c = s->p < s->end ? *s->p : '\0';

	*p = s->p;
	if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
		return 0;
	run(s, IN_NAME);
	*len = (size_t)(s->p - *p);
	return 1;
}

static int
attribute_name(struct pagescan *s, struct page_attr *a)
{
	if (!name(s, &a->name, &a->namelen))
		return 0;
	if (SAME(a->name, a->namelen, "xml") && SKIP(s, ":lang"))
		a->namelen = sizeof("xml:lang") - 1;
	return SKIP(s, "=\"");
}

/* All attributes, up to > or />; xmlns is judged here and not told. */
static int
attributes(struct pagescan *s, int outermost)
{
	int xmlns = 0;

	s->nattr = 0;
	while (SKIP(s, " ")) {
		struct page_attr *a = &s->attr[s->nattr];

		if (s->nattr == PAGE_ATTRS || !attribute_name(s, a) ||
		    !value(s, a))
			return 0;
		a->foreign = 0;
		if (!SAME(a->name, a->namelen, "xmlns")) {
			if (is_twice(s, a))
				return 0;
			s->nattr++;
		} else if (xmlns++ > 0 || (!SAME(a->value, a->len,
		    "http://www.w3.org/1999/xhtml") && !SAME(a->value, a->len,
		    "http://www.w3.org/2000/svg")))
			return 0;
	}
	return xmlns > 0 || !outermost;
}

static int
start_tag(struct pagescan *s)
{
	const char *p;
	size_t len;

	if (s->depth == DEPTH || !name(s, &p, &len) ||
	    !attributes(s, s->depth == 0) ||
	    s->to->start(s->ctx, p, len, s->attr, s->nattr) != 0)
		return 0;
	if (SKIP(s, "/>"))
		return s->to->end(s->ctx) == 0;
	s->open[s->depth].name = p;
	s->open[s->depth++].len = len;
	return SKIP(s, ">");
}

static int
end_tag(struct pagescan *s)
{
	s->depth--;
	return skip(s, s->open[s->depth].name, s->open[s->depth].len) &&
	    SKIP(s, ">") && s->to->end(s->ctx) == 0;
}

static int
text(struct pagescan *s)
{
	const char *from = s->p;

	do {
		run(s, IN_TEXT);
		if (s->p == s->end || *s->p == '<')
			break;
	} while (*s->p == '&' ? skip_entity(s) != NULL : skip_wide(s));
	return s->p < s->end && *s->p == '<' && (s->p == from ||
	    s->to->text(s->ctx, (size_t)(s->p - from)) == 0);
}

static int
elements(struct pagescan *s)
{
	if (!SKIP(s, "<") || !start_tag(s))
		return 0;
	while (s->depth > 0) {
		if (!text(s))
			return 0;
		s->p++;
		if (!(SKIP(s, "/") ? end_tag(s) : start_tag(s)))
			return 0;
	}
	while (SKIP(s, "\n"))
		;
	return s->p == s->end;
}

int
pagescan_run(struct pagescan *s, struct arena *scratch, const char *bytes,
    size_t len, const struct page_events *to, void *ctx)
{
	s->p = bytes;
	s->end = bytes + len;
	s->scratch = scratch;
	s->to = to;
	s->ctx = ctx;
	s->depth = 0;
	return len <= LONGEST && SKIP(s, "<!DOCTYPE html>\n") && elements(s);
}
