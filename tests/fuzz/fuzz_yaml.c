/*
 * Any bytes as YAML: every place lies inside the file, and a tree that was
 * read, printed and read again is the same tree.  The first byte picks a
 * reference table; the tree is then read as rows of it, whose dump must be
 * valid UTF-8 whatever the bytes were.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "read/load.h"
#include "read/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Longest line in characters, and how many lines. */
struct extent {
	uint32_t lines, cols;
};

static struct extent
extent_of(const char *p, size_t len)
{
	struct extent e = { 1, 1 };
	uint32_t col = 1;

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\n' || p[i] == '\r') {
			e.lines++;
			col = 1;
		} else
			col++;
		if (col > e.cols)
			e.cols = col;
	}
	return e;
}

static void
inside(struct mark at, struct extent e)
{
	if (at.line < 1 || at.line > e.lines || at.col < 1 ||
	    at.col > e.cols)
		abort();
}

static void
all_inside(const struct yaml *y, struct extent e)
{
	inside(y->at, e);
	for (const struct yaml *c = y->first; c != NULL; c = c->next) {
		if (y->kind == YAML_MAP)
			inside(c->keyat, e);
		all_inside(c, e);
	}
}

/* "f:line:col: text" of each message that has a place. */
static void
messages_inside(const struct diag *d, struct extent e)
{
	for (size_t i = 0; i < d->n; i++) {
		struct mark at = { "f", 0, 0 };

		if (sscanf(d->line[i], "f:%u:%u: ", &at.line, &at.col) == 2)
			inside(at, e);
		if (!utf8_valid(d->line[i], strlen(d->line[i])))
			abort();
	}
}

static void
print(struct str *s, const struct yaml *y)
{
	if (y->kind == YAML_TEXT && y->absent)
		str_addz(s, "null");
	else if (y->kind == YAML_TEXT)
		jsonw_quote(s, y->text, y->len);
	else {
		str_addc(s, y->kind == YAML_MAP ? '{' : '[');
		for (const struct yaml *c = y->first; c != NULL; c = c->next) {
			if (y->kind == YAML_MAP) {
				str_addz(s, "? ");
				jsonw_quote(s, c->key, strlen(c->key));
				str_addz(s, " : ");
			}
			print(s, c);
			str_addz(s, ",\n");
		}
		str_addc(s, y->kind == YAML_MAP ? '}' : ']');
	}
}

static int
same(const struct yaml *a, const struct yaml *b)
{
	const struct yaml *x, *y;

	if (a->kind != b->kind || a->absent != b->absent || a->n != b->n ||
	    !str_eq(a->key, b->key))
		return 0;
	if (a->kind == YAML_TEXT)
		return a->absent || (a->len == b->len &&
		    memcmp(a->text, b->text, a->len) == 0);
	for (x = a->first, y = b->first; x != NULL && y != NULL;
	    x = x->next, y = y->next)
		if (!same(x, y))
			return 0;
	return x == NULL && y == NULL;
}

static void
round_trip(struct arena *a, const struct yaml *y)
{
	struct str s = str_new(a);
	struct diag d;
	const struct yaml *again;

	diag_init(&d, a);
	print(&s, y);
	if (s.len > LIMIT_YAML_FILE)
		return;
	again = yaml_read(a, "f", s.p, s.len, &d);
	/* A line end that is printed as an escape may join what it parted. */
	if (d.n > 0 && strstr(d.line[0], ": looks like ") != NULL)
		return;
	if (again == NULL || d.total != 0 || !same(y, again))
		abort();
}

static void
rows(struct arena *a, uint8_t which, const struct yaml *y)
{
	const struct ref_schema *s = &ref_schema[which % ref_nschema];
	struct project p = { .files = { .arena = a, .fd = -1 } };
	struct str dump = str_new(a);
	struct load_path path[8] = { { NULL, NULL } };
	struct load l;
	struct diag d;
	size_t n = 0;

	for (size_t i = 0; i < s->ncol && n < 7; i++)
		if ((s->col[i].flags & REF_PATH) != 0)
			path[n++] = (struct load_path){ s->col[i].name,
			    s->col[i].field == FIELD_TIME ? "2026-07-01" :
			    s->col[i].field == FIELD_CHOICE ? "impact" : "x" };
	p.files.seen = map_new(a);
	diag_init(&d, a);
	load_init(&l, a, &p, 0, &d);
	if ((s->flags & REF_COMPUTED) == 0)
		(void)load_map(&l, s->name, y, NULL, path);
	l.dropped = 0; /* look names up all the same */
	load_check(&l);
	ref_dump(load_finish(&l), AUDIENCE_INTERNAL, &dump);
	if (!utf8_valid(dump.p, dump.len) || dump.p[dump.len - 1] != '}')
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct extent e;
	struct yaml *y;
	struct diag d;
	char *text;

	if (size == 0) {
		arena_free(a);
		return 0;
	}
	text = arena_strndup(a, (const char *)data + 1, size - 1);
	e = extent_of(text, size - 1);
	diag_init(&d, a);
	y = yaml_read(a, "f", text, size - 1, &d);
	messages_inside(&d, e);
	if (y != NULL) {
		all_inside(y, e);
		if (d.total == 0)
			round_trip(a, y);
		rows(a, data[0], y);
	}
	arena_free(a);
	return 0;
}
