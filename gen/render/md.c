#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/docnode.h"
#include "model/figure.h"
#include "render/html.h"
#include "render/md.h"
#include "render/path.h"
#include "render/text.h"

struct out {
	struct str *s;
	const struct html_ctx *ctx;
	const char *prefix; /* of each line: "> ", "  " */
	int depth, cell;
	int whole; /* the cell is a field or a sentence: cut as text is */
};

static void blocks(struct out *, const struct docnode *);
static void inlines(struct out *, struct str *, const struct docnode *);

/* Characters that CommonMark, GFM or a code host may read as punctuation. */
static int
is_special(const char *p, size_t i, size_t len)
{
	if (strchr("\\`*_[]<>&|~!#$@^{}", p[i]) != NULL)
		return p[i] != '\0';
	/* autolinks: https:// and www. */
	if (p[i] == ':')
		return i + 1 < len && p[i + 1] == '/';
	if (p[i] == '.')
		return i >= 3 && (p[i - 1] | 32) == 'w' &&
		    (p[i - 2] | 32) == 'w' && (p[i - 3] | 32) == 'w';
	return 0;
}

/* Spaces that Unicode knows beside ours: emphasis depends on them. */
static int
is_wide_space(uint32_t c)
{
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x205f || c == 0x3000;
}

void
md_text(struct str *s, const char *p, size_t len)
{
	struct str v = str_new(s->arena);
	size_t took;

	utf8_visible(&v, p, len, 0);
	for (size_t i = 0; i < v.len; i += took) {
		uint32_t c = utf8_next(v.p + i, v.len - i, &took);

		if (is_wide_space(c) ||
		    (c == ' ' && (i == 0 || i + 1 == v.len)))
			str_addf(s, "&#%u;", (unsigned)c);
		else {
			if (is_special(v.p, i, v.len))
				str_addc(s, '\\');
			str_add(s, v.p + i, took);
		}
	}
}

/* Our own words between others: their spaces at both ends are plain. */
static void
ours(struct str *s, const char *p)
{
	size_t len = strlen(p), from = 0, to = len;

	while (from < len && p[from] == ' ')
		from++;
	while (to > from && p[to - 1] == ' ')
		to--;
	str_add(s, p, from);
	md_text(s, p + from, to - from);
	str_add(s, p + to, len - to);
}

static void
untrusted(struct out *o, struct str *s, const char *p)
{
	size_t len = strlen(p), shown = text_shown(p, len,
	    o->cell && !o->whole);

	md_text(s, p, shown);
	if (shown < len) {
		struct str cut = str_new(s->arena);

		text_cut(&cut, p + shown, len - shown);
		str_addz(s, " \\(cut: ");
		str_add(s, cut.p, cut.len);
		str_addc(s, ')');
	}
}

/* A code span whose fence is longer than any run of backticks inside. */
static void
code(struct out *o, struct str *s, const char *p)
{
	size_t len = strlen(p), shown = text_shown(p, len,
	    o->cell && !o->whole);
	size_t run = 0, most = 0;
	struct str v = str_new(s->arena);
	int pad;

	utf8_visible(&v, p, shown, 0);
	for (size_t i = 0; i < v.len; i++) {
		run = v.p[i] == '`' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	pad = v.len == 0 || v.p[0] == '`' || v.p[v.len - 1] == '`' ||
	    (v.p[0] == ' ' && v.p[v.len - 1] == ' ');
	for (size_t i = 0; i <= most; i++)
		str_addc(s, '`');
	if (pad)
		str_addc(s, ' ');
	for (size_t i = 0; i < v.len; i++) {
		/* \| in a cell's code span cannot be written in GFM */
		if (v.p[i] == '|' && o->cell && i > 0 && v.p[i - 1] == '\\')
			str_addz(s, "[U+007C]");
		else {
			if (v.p[i] == '|' && o->cell)
				str_addc(s, '\\');
			str_addc(s, v.p[i]);
		}
	}
	if (pad)
		str_addc(s, ' ');
	for (size_t i = 0; i <= most; i++)
		str_addc(s, '`');
	if (shown < len) {
		str_addz(s, " \\(cut: ");
		text_cut(s, p + shown, len - shown);
		str_addc(s, ')');
	}
}

static void
words(struct out *o, struct str *s, const struct docnode *n)
{
	if (n->untrusted)
		untrusted(o, s, n->text);
	else
		ours(s, n->text);
}

static int
link_to(struct out *o, struct str *href, const struct target *to)
{
	return to->kind != NULL && path_link(o->ctx->path, href, o->ctx->from,
	    to, "md") == 0;
}

static void
source(struct out *o, struct str *s, const struct fact *f)
{
	struct str text = str_new(s->arena);

	text_source(&text, f);
	str_addz(s, "\\[");
	str_addz(s, prov_mark(f->prov));
	str_addc(s, ' ');
	untrusted(o, s, text.p);
	str_addz(s, "\\]");
}

static void
fact_text(struct out *o, struct str *s, const struct fact *f)
{
	if (f->state != FACT_KNOWN) {
		str_addf(s, "**%s**", text_fact(f));
		if (f->why != NULL) {
			str_addc(s, ' ');
			untrusted(o, s, f->why);
		}
	} else if (text_fact_ours(f))
		ours(s, f->text);
	else if (strcmp(f->type, "hash") == 0 ||
	    strcmp(f->type, "id") == 0 || strcmp(f->type, "path") == 0)
		code(o, s, f->text);
	else
		untrusted(o, s, f->text);
}

static void address(struct str *, const char *);

static void
fact_value(struct out *o, struct str *s, const struct fact *f)
{
	struct str href = str_new(s->arena);
	int linked = f->state == FACT_KNOWN && link_to(o, &href, &f->to);

	if (linked)
		str_addc(s, '[');
	fact_text(o, s, f);
	if (linked) {
		str_addz(s, "](");
		address(s, href.p);
		str_addc(s, ')');
	}
}

static void
fact(struct out *o, struct str *s, const struct docnode *n)
{
	const struct fact *f = n->fact;

	if (n->level != FACT_SOURCE)
		fact_value(o, s, f);
	if (n->level == FACT_FULL)
		str_addc(s, ' ');
	if (n->level != FACT_VALUE)
		source(o, s, f);
}

/* What only letters and digits may stand in: a link's address. */
static void
address(struct str *s, const char *p)
{
	for (; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~:/?#@,;=%+", c))
			str_addc(s, (char)c);
		else if (c == '&')
			str_addz(s, "&amp;");
		else
			str_addf(s, "%%%02X", c);
	}
}

static void
link_node(struct out *o, struct str *s, const struct docnode *n)
{
	struct str href = str_new(s->arena);
	int linked = n->kind == NODE_URL || link_to(o, &href, &n->to);

	if (linked)
		str_addc(s, '[');
	if (n->child != NULL)
		inlines(o, s, n->child);
	else if (n->text != NULL && n->kind == NODE_LINK)
		words(o, s, n);
	if (!linked)
		return;
	str_addz(s, "](");
	address(s, n->kind == NODE_URL ? n->text : href.p);
	str_addc(s, ')');
}

static void
box(struct out *o, struct str *s, const char *mark, const struct docnode *n)
{
	str_addz(s, mark);
	if (n->child != NULL)
		inlines(o, s, n->child);
	else if (n->text != NULL)
		words(o, s, n);
	str_addz(s, mark);
}

static void
inline_node(struct out *o, struct str *s, const struct docnode *n)
{
	if (n->kind == NODE_TEXT)
		words(o, s, n);
	else if (n->kind == NODE_CODE)
		code(o, s, n->text);
	else if (n->kind == NODE_FACT)
		fact(o, s, n);
	else if (n->kind == NODE_LINK || n->kind == NODE_URL)
		link_node(o, s, n);
	else if (n->kind == NODE_STRONG || n->kind == NODE_BADGE)
		box(o, s, "**", n);
	else if (n->kind == NODE_EM)
		box(o, s, "*", n);
	else if (n->kind != NODE_ANCHOR)
		inlines(o, s, n->child);
}

static void
inlines(struct out *o, struct str *s, const struct docnode *n)
{
	for (; n != NULL; n = n->next)
		inline_node(o, s, n);
}

/* A line of inline text; what would begin a block there is escaped. */
static void
line(struct out *o, const char *first, const struct str *text)
{
	size_t n = 0;

	str_addz(o->s, o->prefix);
	str_addz(o->s, first);
	while (n < text->len && text->p[n] >= '0' && text->p[n] <= '9')
		n++;
	if (n > 0 && (text->p[n] == '.' || text->p[n] == ')')) {
		str_add(o->s, text->p, n);
		str_addc(o->s, '\\');
		str_add(o->s, text->p + n, text->len - n);
	} else {
		if (text->len > 0 && strchr("+-=", text->p[0]) != NULL)
			str_addc(o->s, '\\');
		str_add(o->s, text->p, text->len);
	}
	str_addc(o->s, '\n');
}

/* A blank line between blocks. */
static void
gap(struct out *o)
{
	size_t n = strlen(o->prefix);

	while (n > 0 && o->prefix[n - 1] == ' ')
		n--;
	if (o->s->len == 0)
		return;
	str_add(o->s, o->prefix, n);
	str_addc(o->s, '\n');
}

static void
paragraph(struct out *o, const char *first, const struct docnode *child)
{
	struct str text = str_new(o->s->arena);

	inlines(o, &text, child);
	gap(o);
	line(o, first, &text);
}

static void
heading(struct out *o, const struct docnode *n)
{
	int level = o->ctx->level + (o->depth > 0 ? o->depth - 1 : 0) +
	    n->level;
	static const char marks[] = "###### ";

	paragraph(o, marks + (level >= 6 ? 0 : 6 - level), n->child);
}

static void
cells(struct out *o, const struct docnode *row, int fields)
{
	str_addz(o->s, o->prefix);
	str_addc(o->s, '|');
	for (const struct docnode *c = row->child; c != NULL; c = c->next) {
		struct str text = str_new(o->s->arena);

		o->whole = fields || c->level == 2;
		inlines(o, &text, c->child);
		str_addc(o->s, ' ');
		str_add(o->s, text.p, text.len);
		str_addz(o->s, " |");
	}
	str_addc(o->s, '\n');
}

static void
table(struct out *o, const struct docnode *t)
{
	const struct docnode *r = t->child;
	size_t all = text_rows(t), n = 0;
	struct str text = str_new(o->s->arena);

	if (r == NULL)
		return;
	str_addz(&text, "*");
	words(o, &text, t);
	str_addz(&text, "*");
	gap(o);
	line(o, "", &text);
	gap(o);
	o->cell++;
	cells(o, r, 0);
	str_addz(o->s, o->prefix);
	str_addc(o->s, '|');
	for (const struct docnode *c = r->child; c != NULL; c = c->next)
		str_addz(o->s, " --- |");
	str_addc(o->s, '\n');
	for (r = r->next; r != NULL && n < LIMIT_TABLE_ROWS; r = r->next, n++)
		cells(o, r, t->level == 1);
	o->cell--;
	o->whole = 0;
	if (all > n) {
		str_reset(&text);
		figure_count(&text, all - n);
		str_addz(&text, " more rows are not shown here.");
		gap(o);
		line(o, "", &text);
	}
}

static void
pre(struct out *o, const struct docnode *n)
{
	struct str v = str_new(o->s->arena), fence = str_new(o->s->arena);
	size_t len = strlen(n->text), shown = len, run = 0, most = 2;

	if (n->untrusted)
		shown = text_shown(n->text, len, 0);
	utf8_visible(&v, n->text, shown, 1);
	for (size_t i = 0; i < v.len; i++) {
		run = v.p[i] == '`' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	for (size_t i = 0; i <= most; i++)
		str_addc(&fence, '`');
	gap(o);
	str_addf(o->s, "%s%s\n", o->prefix, fence.p);
	for (size_t i = 0; i <= v.len;) {
		size_t to = i + strcspn(v.p + i, "\n");

		if (to == v.len && i == v.len)
			break;
		str_addz(o->s, o->prefix);
		str_add(o->s, v.p + i, to - i);
		str_addc(o->s, '\n');
		i = to + 1;
	}
	str_addf(o->s, "%s%s\n", o->prefix, fence.p);
	if (shown < len) {
		struct str cut = str_new(o->s->arena);

		str_addz(&cut, "(cut: ");
		text_cut(&cut, n->text + shown, len - shown);
		str_addc(&cut, ')');
		gap(o);
		line(o, "", &cut);
	}
}

static void
verdict(struct out *o, const struct docnode *n)
{
	struct str text = str_new(o->s->arena);

	str_addf(&text, "**%s**", n->text2);
	if (n->text != NULL) {
		str_addz(&text, ": ");
		words(o, &text, n);
	}
	gap(o);
	line(o, "", &text);
}

/* The blocks inside an item or a quote, each line with more in front. */
static void
nested(struct out *o, const struct docnode *child, const char *first,
    const char *more)
{
	struct str prefix = str_new(o->s->arena), body = str_new(o->s->arena);
	struct out in = *o;
	size_t cut;

	str_addz(&prefix, o->prefix);
	str_addz(&prefix, more);
	in.prefix = prefix.p;
	in.s = &body;
	blocks(&in, child);
	cut = strlen(prefix.p);
	str_addz(o->s, o->prefix);
	str_addz(o->s, first);
	if (body.len > cut)
		str_add(o->s, body.p + cut, body.len - cut);
	else
		str_addc(o->s, '\n');
}

static void
list(struct out *o, const struct docnode *n)
{
	unsigned no = 1;

	gap(o);
	for (const struct docnode *i = n->child; i != NULL; i = i->next) {
		struct str first = str_new(o->s->arena);

		if (n->level == 1)
			str_addf(&first, "%u. ", no++);
		else
			str_addz(&first, "- ");
		nested(o, i->child, first.p, n->level == 1 && no > 10 ?
		    "    " : n->level == 1 ? "   " : "  ");
	}
}

static void
trace(struct out *o, const struct docnode *n)
{
	struct str text = str_new(o->s->arena);

	for (const struct docnode *c = n->child; c != NULL; c = c->next) {
		if (c != n->child)
			str_addz(&text, " \\> ");
		inlines(o, &text, c->child);
	}
	gap(o);
	line(o, "", &text);
}

static void
block(struct out *o, const struct docnode *n)
{
	switch (n->kind) {
	case NODE_SECTION:
		o->depth++;
		blocks(o, n->child);
		o->depth--;
		break;
	case NODE_HEADING:
		heading(o, n);
		break;
	case NODE_LIST:
		list(o, n);
		break;
	case NODE_TABLE:
		table(o, n);
		break;
	case NODE_PRE:
		pre(o, n);
		break;
	case NODE_QUOTE:
		gap(o);
		nested(o, n->child, "> ", "> ");
		break;
	case NODE_CHART:
	case NODE_ITEM:
		blocks(o, n->child);
		break;
	case NODE_VERDICT:
		verdict(o, n);
		break;
	case NODE_TRACE:
		trace(o, n);
		break;
	case NODE_PARA:
	case NODE_ROW:
	case NODE_CELL:
	case NODE_TEXT:
	case NODE_STRONG:
	case NODE_EM:
	case NODE_CODE:
	case NODE_FACT:
	case NODE_LINK:
	case NODE_URL:
	case NODE_BADGE:
	case NODE_ANCHOR:
		paragraph(o, "", n->child);
		break;
	}
}

/* A run of inline nodes among blocks is a paragraph of its own. */
static void
blocks(struct out *o, const struct docnode *n)
{
	while (n != NULL) {
		if (text_inline(n)) {
			struct str text = str_new(o->s->arena);

			for (; n != NULL && text_inline(n); n = n->next)
				inline_node(o, &text, n);
			gap(o);
			line(o, "", &text);
		} else {
			block(o, n);
			n = n->next;
		}
	}
}

void
md_nodes(struct str *s, const struct docnode *n, const struct html_ctx *ctx)
{
	struct out o = { s, ctx, "", 0, 0, 0 };

	blocks(&o, n);
}
