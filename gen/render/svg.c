#include <string.h>

#include "base/html.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/docnode.h"
#include "model/figure.h"
#include "render/html.h"
#include "render/svg.h"

#define MARKS_MAX 200
#define SERIES_MAX 8
#define LABEL_MAX 26 /* code points; the table has the whole text */
#define LEFT 200     /* where bars begin */
#define BAR 400      /* the longest */
#define ROW 22
#define RIGHT 160    /* room for the numbers */

struct chart {
	struct str *s;
	const struct docnode *table, *head;
	size_t nrow, nseries;
	uint64_t most; /* the longest bar */
	size_t most_row;
};

/* The text below a node; facts as they are printed. */
static void
plain(struct str *s, const struct docnode *n)
{
	if (n->kind == NODE_FACT)
		str_addz(s, n->fact->text);
	else if (n->text != NULL && n->child == NULL)
		str_addz(s, n->text);
	for (const struct docnode *c = n->child; c != NULL; c = c->next)
		plain(s, c);
}

/* A whole number with commas, and nothing else; -1: a hole. */
static int64_t
number(struct arena *a, const struct docnode *cell)
{
	struct str s = str_new(a);
	int64_t v = 0;
	size_t digits = 0;

	plain(&s, cell);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == ',')
			continue;
		if (s.p[i] < '0' || s.p[i] > '9' || digits++ > 15)
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return digits > 0 ? v : -1;
}

static const struct docnode *
nth(const struct docnode *row, size_t n)
{
	const struct docnode *c = row->child;

	while (c != NULL && n-- > 0)
		c = c->next;
	return c;
}

/* The sum of a row's segments; -1 if one of them is a hole. */
static int64_t
sum(const struct chart *c, const struct docnode *row)
{
	int64_t all = 0;

	for (size_t i = 1; i <= c->nseries; i++) {
		const struct docnode *cell = nth(row, i);
		int64_t v = cell != NULL ? number(c->s->arena, cell) : -1;

		if (v < 0)
			return -1;
		all += v;
	}
	return all;
}

static void
label(struct chart *c, const struct docnode *cell)
{
	struct str s = str_new(c->s->arena);
	size_t i = 0, n = 0, took;

	plain(&s, cell);
	for (; i < s.len && n < LABEL_MAX; i += took, n++)
		(void)utf8_next(s.p + i, s.len - i, &took);
	html_text(c->s, s.p, i, 0);
	if (i < s.len)
		html_lit(c->s, "...");
}

static void
measure(struct chart *c)
{
	size_t i = 0;

	for (const struct docnode *r = c->head->next; r != NULL;
	    r = r->next, i++) {
		int64_t v = sum(c, r);

		c->nrow++;
		if (v > 0 && (uint64_t)v > c->most) {
			c->most = (uint64_t)v;
			c->most_row = i;
		}
	}
}

/* What the chart shows, in words. */
static void
describe(struct chart *c)
{
	const struct docnode *r = c->head->next;

	for (size_t i = 0; i < c->most_row; i++)
		r = r->next;
	html_lit(c->s, "<desc>Bars from 0. ");
	if (c->most == 0)
		html_lit(c->s, "None is longer than 0.");
	else {
		html_lit(c->s, "The longest is ");
		label(c, nth(r, 0));
		html_lit(c->s, " with ");
		figure_count(c->s, c->most);
		html_lit(c->s, ".");
	}
	html_lit(c->s, " The table below has the same numbers.</desc>");
}

static void
text_at(struct chart *c, unsigned x, unsigned y, const char *anchor)
{
	str_addf(c->s, "<text x=\"%u\" y=\"%u\" text-anchor=\"%s\">", x, y,
	    anchor);
}

static void
bar(struct chart *c, const struct docnode *row, size_t i)
{
	unsigned y = (unsigned)(i * ROW), x = LEFT;
	int64_t all = sum(c, row);

	text_at(c, LEFT - 8, y + 15, "end");
	label(c, nth(row, 0));
	html_lit(c->s, "</text>");
	for (size_t k = 1; all >= 0 && k <= c->nseries; k++) {
		uint64_t v = (uint64_t)number(c->s->arena, nth(row, k));
		unsigned w = c->most > 0 ? (unsigned)(v * BAR / c->most) : 0;

		if (v > 0 && w == 0)
			w = 1;
		if (w > 0)
			str_addf(c->s, "<rect class=\"%s\" x=\"%u\" y=\"%u\" "
			    "width=\"%u\" height=\"14\"/>", html_tone(
			    nth(c->head, k)->tone), x, y + 4, w);
		x += w;
	}
	text_at(c, x + 8, y + 15, "start");
	if (all < 0)
		html_lit(c->s, "not recorded");
	for (size_t k = 1; all >= 0 && k <= c->nseries; k++) {
		if (k > 1)
			html_lit(c->s, " + ");
		figure_count(c->s, (uint64_t)number(c->s->arena,
		    nth(row, k)));
	}
	html_lit(c->s, "</text>");
}

/* Each series: a patch of its colour and its name, in the order of the
 * numbers. */
static void
legend(struct chart *c, size_t rows)
{
	unsigned y = (unsigned)(rows * ROW) + 6, x = LEFT;

	for (size_t k = 1; k <= c->nseries; k++) {
		const struct docnode *cell = nth(c->head, k);

		str_addf(c->s, "<rect class=\"%s\" x=\"%u\" y=\"%u\" "
		    "width=\"10\" height=\"10\"/>", html_tone(cell->tone), x,
		    y);
		text_at(c, x + 16, y + 10, "start");
		label(c, cell);
		html_lit(c->s, "</text>");
		x += 190;
	}
}

void
svg_chart(struct str *s, const struct docnode *chart)
{
	const struct docnode *t = chart->child;
	struct chart c = { .s = s, .table = t };
	size_t shown, i = 0;

	if (t == NULL || t->kind != NODE_TABLE || t->child == NULL ||
	    t->child->next == NULL)
		return;
	c.head = t->child;
	c.nseries = chart->level > 0 ? (size_t)chart->level : 1;
	if (c.nseries > SERIES_MAX || nth(c.head, c.nseries) == NULL)
		return;
	measure(&c);
	shown = c.nrow > MARKS_MAX / c.nseries ? MARKS_MAX / c.nseries :
	    c.nrow;
	html_lit(s, "<section class=\"scroll\" tabindex=\"0\" "
	    "aria-labelledby=\"ct-");
	html_slug(s, t->text2);
	str_addf(s, "\"><svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "role=\"img\" viewBox=\"0 0 %u %zu\" class=\"chart\" "
	    "aria-labelledby=\"ct-", LEFT + BAR + RIGHT, (shown + 2) * ROW);
	html_slug(s, t->text2);
	html_lit(s, "\"><title id=\"ct-");
	html_slug(s, t->text2);
	html_lit(s, "\">Chart: ");
	html_textz(s, t->text);
	html_lit(s, "</title>");
	describe(&c);
	for (const struct docnode *r = c.head->next; i < shown;
	    r = r->next, i++)
		bar(&c, r, i);
	legend(&c, shown);
	if (shown < c.nrow) {
		text_at(&c, LEFT, (unsigned)((shown + 2) * ROW - 4), "start");
		str_addf(s, "other, %zu</text>", c.nrow - shown);
	}
	html_lit(s, "</svg></section>\n");
}
