#include <stdint.h>
#include <string.h>

#include "base/html.h"
#include "base/limits.h"
#include "base/str.h"
#include "model/figure.h"
#include "render/html.h"
#include "render/path.h"
#include "render/svg.h"
#include "render/text.h"

struct out {
	struct str *s;
	const struct html_ctx *ctx;
	const char *heading; /* the one above, if it is ours */
	int depth; /* sections round this node */
	int inside; /* a table, a heading or the strip */
	int cell;  /* inside a cell that is cut */
};

static void nodes(struct out *, const struct docnode *);

const char *
html_tone(enum tone t)
{
	static const char *const name[] = {
		[TONE_NEUTRAL] = "t-neutral", [TONE_GOOD] = "t-good",
		[TONE_BAD] = "t-bad", [TONE_PART] = "t-part",
		[TONE_EMPTY] = "t-empty", [TONE_BROKEN] = "t-broken",
		[TONE_ACCEPTED] = "t-accepted"
	};

	return name[t];
}

/* Each tone has a shape of its own, so that colour is never alone. */
void
html_icon(struct str *s, enum tone t)
{
	static const char *const shape[] = {
		[TONE_NEUTRAL] = "M2 7h12v2H2z",
		[TONE_GOOD] = "M6 13 1.5 8.5 3 7l3 3 7-7 1.5 1.5z",
		[TONE_BAD] = "M3 1.5 8 6.5l5-5L14.5 3l-5 5 5 5-1.5 1.5-5-5-5 "
		    "5L1.5 13l5-5-5-5z",
		[TONE_PART] = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2v10A5 5 0 "
		    "0 1 8 3z",
		[TONE_EMPTY] = "M2 2h12v12H2zm2 2v8h8V4z",
		[TONE_BROKEN] = "M8 1 15 14H1zm-1 4v5h2V5zm0 6v2h2v-2z",
		[TONE_ACCEPTED] = "M3 1h2v1h9v7H5v6H3zm2 3v3h7V4z"
	};

	html_lit(s, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"i\" "
	    "aria-hidden=\"true\" viewBox=\"0 0 16 16\"><path d=\"");
	str_addz(s, shape[t]);
	html_lit(s, "\" fill-rule=\"evenodd\"/></svg>");
}

void
html_slug(struct str *s, const char *p)
{
	for (; *p != '\0'; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || *p == '.' || *p == '_' ||
		    *p == '-')
			str_addc(s, *p);
}

/* Text of others, isolated, cut, never an attribute. */
static void
untrusted(struct out *o, const char *p)
{
	size_t len = strlen(p), shown = text_shown(p, len, o->cell);

	html_lit(o->s, "<bdi class=\"u\">");
	html_text(o->s, p, shown, 0);
	html_lit(o->s, "</bdi>");
	if (shown < len) {
		html_lit(o->s, " <span class=\"cut\">");
		text_cut(o->s, p + shown, len - shown);
		html_lit(o->s, "</span>");
	}
}

static void
words(struct out *o, const struct docnode *n)
{
	if (n->untrusted)
		untrusted(o, n->text);
	else
		html_textz(o->s, n->text);
}

/* The start tag of a link; 0: there is no such page, print text only. */
static int
open_link(struct out *o, const struct target *to, int id)
{
	struct str href = str_new(o->s->arena);

	if (to->kind == NULL || path_link(o->ctx->path, &href, o->ctx->from,
	    to, "html") == -1)
		return 0;
	str_addz(o->s, id ? "<a class=\"id\" href=\"" : "<a href=\"");
	html_text(o->s, href.p, href.len, 0);
	html_lit(o->s, "\">");
	return 1;
}

static void
badge(struct out *o, enum tone tone, const char *word)
{
	html_lit(o->s, "<span class=\"b ");
	str_addz(o->s, html_tone(tone));
	html_lit(o->s, "\">");
	html_icon(o->s, tone);
	html_textz(o->s, word);
	html_lit(o->s, "</span>");
}

/* [M HO-01.t1]: the mark, and a link to the test or the line. */
static void
source(struct out *o, const struct fact *f)
{
	char line[16] = "L";
	struct str text = str_new(o->s->arena), no = str_new(o->s->arena);
	struct target to = { 0 };
	int linked;

	if (f->result != NULL && f->result->test != NULL) {
		to.kind = "test";
		to.id = f->result->test->id;
	} else if (f->at.file != NULL) {
		to.kind = "source";
		to.id = f->at.file;
		if (f->at.line > 0) {
			str_addu(&no, f->at.line);
			memcpy(line + 1, no.p, no.len + 1);
			to.anchor = line;
		}
	}
	html_lit(o->s, "<span class=\"src\">[<abbr title=\"");
	str_addz(o->s, prov_name(f->prov));
	html_lit(o->s, "\">");
	str_addz(o->s, prov_mark(f->prov));
	html_lit(o->s, "</abbr> ");
	text_source(&text, f);
	linked = open_link(o, &to, 0);
	untrusted(o, text.p);
	if (linked)
		html_lit(o->s, "</a>");
	html_lit(o->s, "]</span>");
}

static void
fact_text(struct out *o, const struct fact *f)
{
	if (f->state != FACT_KNOWN) {
		badge(o, f->state == FACT_NOT_RECORDED ? TONE_EMPTY :
		    TONE_NEUTRAL, text_fact(f));
		if (f->why != NULL) {
			html_lit(o->s, " <span class=\"why\">");
			untrusted(o, f->why);
			html_lit(o->s, "</span>");
		}
	} else if (text_fact_ours(f))
		html_textz(o->s, f->text);
	else if (strcmp(f->type, "hash") == 0 || strcmp(f->type, "id") == 0 ||
	    strcmp(f->type, "path") == 0) {
		html_lit(o->s, "<code>");
		untrusted(o, f->text);
		html_lit(o->s, "</code>");
	} else
		untrusted(o, f->text);
}

static void
fact_value(struct out *o, const struct fact *f)
{
	int linked = f->state == FACT_KNOWN && open_link(o, &f->to, 0);

	fact_text(o, f);
	if (linked)
		html_lit(o->s, "</a>");
}

static void
fact(struct out *o, const struct docnode *n)
{
	const struct fact *f = n->fact;

	if (n->level != FACT_SOURCE) {
		html_lit(o->s, "<span class=\"fact\" data-fact=\"");
		html_slug(o->s, f->id);
		html_lit(o->s, "\" data-mark=\"");
		str_addz(o->s, prov_mark(f->prov));
		html_lit(o->s, "\">");
		fact_value(o, f);
		html_lit(o->s, "</span>");
	}
	if (n->level == FACT_FULL)
		str_addc(o->s, ' ');
	if (n->level != FACT_VALUE)
		source(o, f);
}

static void
link_node(struct out *o, const struct docnode *n)
{
	int linked = open_link(o, &n->to, n->level == 1);

	if (n->child != NULL)
		nodes(o, n->child);
	else if (n->text != NULL)
		words(o, n);
	if (linked)
		html_lit(o->s, "</a>");
}

/* Only what needs no escaping in a URL stays; the rest is percent-encoded. */
static void
url(struct str *s, const char *p)
{
	static const char plain[] = "-._~:/?#[]@!$()*+,;=%";

	for (; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '&')
			html_lit(s, "&amp;");
		else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr(plain, c) != NULL)
			str_addc(s, (char)c);
		else
			str_addf(s, "%%%02X", c);
	}
}

/* A narrative's link: the host is shown, so that a reader sees it first. */
static void
url_node(struct out *o, const struct docnode *n)
{
	const char *host = strstr(n->text, "://");

	html_lit(o->s, "<a rel=\"noopener noreferrer nofollow\" href=\"");
	url(o->s, n->text);
	html_lit(o->s, "\">");
	nodes(o, n->child);
	html_lit(o->s, "</a>");
	if (host != NULL) {
		struct str s = str_new(o->s->arena);

		str_add(&s, host + 3, strcspn(host + 3, "/?#"));
		html_lit(o->s, " (");
		untrusted(o, s.p);
		str_addc(o->s, ')');
	}
}

static void
inline_box(struct out *o, const char *tag, const struct docnode *n)
{
	str_addf(o->s, "<%s>", tag);
	if (n->child != NULL)
		nodes(o, n->child);
	else if (n->text != NULL)
		words(o, n);
	str_addf(o->s, "</%s>", tag);
}

static void
block(struct out *o, const char *tag, const struct docnode *n)
{
	inline_box(o, tag, n);
	str_addc(o->s, '\n');
}

/* Level 1: numbered; 2: many short items, in columns. */
static void
list(struct out *o, const struct docnode *n)
{
	if (n->level != 2) {
		block(o, n->level == 1 ? "ol" : "ul", n);
		return;
	}
	html_lit(o->s, "<ul class=\"many\">\n");
	nodes(o, n->child);
	html_lit(o->s, "</ul>\n");
}

static void
heading(struct out *o, const struct docnode *n)
{
	int level = o->ctx->level + (o->depth > 0 ? o->depth - 1 : 0) +
	    n->level;
	char tag[3] = { 'h', (char)('0' + (level > 6 ? 6 : level)), '\0' };

	o->heading = n->child != NULL && !n->child->untrusted ?
	    n->child->text : NULL;
	o->inside++;
	block(o, tag, n);
	o->inside--;
}

static void
section(struct out *o, const struct docnode *n)
{
	html_lit(o->s, "<section id=\"");
	html_slug(o->s, n->text);
	html_lit(o->s, "\">\n");
	o->depth++;
	nodes(o, n->child);
	o->depth--;
	html_lit(o->s, "</section>\n");
}

/* A time or a span, alone in its cell: it is not broken at its hyphens. */
static int
is_whole(const struct docnode *cell)
{
	const struct docnode *n = cell->child;

	return n != NULL && n->next == NULL && n->kind == NODE_TEXT &&
	    n->level == 1;
}

/* 1: digits and commas alone, made by us; 0: something else; -1: either. */
static int
is_count(const struct docnode *cell)
{
	const struct docnode *n = cell->child;
	const char *p;

	if (n == NULL || n->next != NULL || is_whole(cell))
		return n == NULL || is_whole(cell) ? -1 : 0;
	if (n->kind == NODE_FACT)
		p = n->level == FACT_VALUE && n->fact->state == FACT_KNOWN &&
		    text_fact_ours(n->fact) ? n->fact->text : NULL;
	else
		p = n->kind == NODE_TEXT && !n->untrusted ? n->text : NULL;
	if (p == NULL || *p == '\0')
		return 0;
	if (strcmp(p, "none") == 0)
		return -1;
	return strspn(p, "0123456789,") == strlen(p);
}

/* Columns that hold counts alone, as bits: they are set to the right. */
static uint64_t
count_columns(const struct docnode *t)
{
	uint64_t some = 0, other = 0;

	if (t->level == 1 || t->child == NULL)
		return 0;
	for (const struct docnode *r = t->child->next; r != NULL;
	    r = r->next) {
		uint64_t bit = 1;

		for (const struct docnode *c = r->child; c != NULL;
		    c = c->next, bit <<= 1) {
			int is = is_count(c);

			some |= is == 1 ? bit : 0;
			other |= is == 0 ? bit : 0;
		}
	}
	return some & ~other;
}

static void
cell(struct out *o, const struct docnode *c, int head, int count)
{
	int cut = o->cell;

	str_addz(o->s, head || c->level == 1 ? "<th scope=\"" : "<td");
	if (head)
		html_lit(o->s, "col\"");
	else if (c->level == 1)
		html_lit(o->s, "row\"");
	str_addz(o->s, count ? " class=\"num\">" : is_whole(c) ?
	    " class=\"id\">" : c->level == 2 ? " class=\"say\">" : ">");
	/* Sentences are cut like paragraphs. */
	if (c->level == 2)
		o->cell = 0;
	nodes(o, c->child);
	o->cell = cut;
	str_addz(o->s, head || c->level == 1 ? "</th>" : "</td>");
}

static void
row(struct out *o, const struct docnode *r, int head, uint64_t counts)
{
	html_lit(o->s, "<tr>");
	for (const struct docnode *c = r->child; c != NULL; c = c->next) {
		cell(o, c, head, (counts & 1) != 0);
		counts >>= 1;
	}
	html_lit(o->s, "</tr>\n");
}

/* A caption that repeats the heading above it is there to be read aloud. */
static void
caption(struct out *o, const struct docnode *t)
{
	html_lit(o->s, "<caption id=\"c-");
	html_slug(o->s, t->text2);
	str_addz(o->s, !t->untrusted && str_eq(o->heading, t->text) ? "\" class=\"vh\">" : "\">");
	words(o, t);
	html_lit(o->s, "</caption>\n");
}

static int
ends_with(const char *p, const char *end)
{
	size_t len = strlen(p), n = strlen(end);

	return len >= n && strcmp(p + len - n, end) == 0;
}

static size_t
page_rows(const struct html_ctx *ctx)
{
	return ctx->max_row > 0 ? ctx->max_row : LIMIT_TABLE_ROWS;
}

/* A link to page i of those that a table fills, all in one folder. */
static void
page_link(struct out *o, const struct docnode *t, size_t stem, size_t i)
{
	const char *name = strrchr(o->ctx->from, '/');

	html_lit(o->s, " <a href=\"");
	html_text(o->s, name != NULL ? name + 1 : o->ctx->from, stem, 0);
	if (i > 1)
		str_addf(o->s, "-p%zu", i);
	html_lit(o->s, ".html#c-");
	html_slug(o->s, t->text2);
	str_addf(o->s, "\">page %zu</a>", i);
}

/* Which rows these are, of how many, and the way to the others. */
static void
other_pages(struct out *o, const struct docnode *t, size_t all)
{
	size_t max = page_rows(o->ctx), first = o->ctx->first_row;
	size_t here = first / max + 1, n = (all + max - 1) / max;
	const char *name = strrchr(o->ctx->from, '/');
	size_t stem;

	/* <stem>.html, or <stem>-p<here>.html */
	name = name != NULL ? name + 1 : o->ctx->from;
	stem = strlen(name) - strlen(".html");
	while (here > 1 && name[--stem] != '-')
		;
	html_lit(o->s, "<p class=\"more\">Rows ");
	figure_count(o->s, first + 1);
	html_lit(o->s, " to ");
	figure_count(o->s, first + max < all ? first + max : all);
	html_lit(o->s, " of ");
	figure_count(o->s, all);
	str_addc(o->s, ':');
	for (size_t i = 1; i <= n; i++) {
		if (i == here)
			str_addf(o->s, " page %zu", i);
		else
			page_link(o, t, stem, i);
	}
	html_lit(o->s, "</p>\n");
}

static void
table(struct out *o, const struct docnode *t)
{
	const struct docnode *r = t->child;
	size_t all = text_rows(t), first = o->ctx->first_row, n = 0;
	size_t max = page_rows(o->ctx);
	uint64_t counts = count_columns(t);
	int cut = o->cell;

	html_lit(o->s, "<div class=\"scroll\" role=\"group\" tabindex=\"0\" "
	    "aria-labelledby=\"c-");
	html_slug(o->s, t->text2);
	html_lit(o->s, "\"><table");
	if (t->level == 1)
		html_lit(o->s, " class=\"kv\"");
	str_addc(o->s, '>');
	caption(o, t);
	o->cell = t->level != 1;
	o->inside++;
	html_lit(o->s, "<thead>");
	if (r != NULL)
		row(o, r, 1, counts);
	html_lit(o->s, "</thead>\n<tbody>\n");
	for (r = r != NULL ? r->next : NULL; r != NULL; r = r->next, n++)
		if (n >= first && n - first < max)
			row(o, r, 0, counts);
	o->inside--;
	o->cell = cut;
	html_lit(o->s, "</tbody></table></div>\n");
	if (all > max && ends_with(o->ctx->from, ".html"))
		other_pages(o, t, all);
}

/* The rows of the longest table below a list of nodes. */
static size_t
longest(const struct docnode *n)
{
	size_t most = 0, rows;

	for (; n != NULL; n = n->next) {
		if (n->kind == NODE_TABLE)
			rows = text_rows(n);
		else if (n->kind == NODE_SECTION)
			rows = longest(n->child);
		else
			continue;
		most = rows > most ? rows : most;
	}
	return most;
}

/* On a further page stand only tables that are so long, and what they are
 * headed by. */
static int
left_out(const struct out *o, const struct docnode *n)
{
	size_t first = o->ctx->first_row;

	if (first == 0 || o->inside > 0)
		return 0;
	switch (n->kind) {
	case NODE_SECTION:
		return longest(n->child) <= first;
	case NODE_TABLE:
		return text_rows(n) <= first;
	case NODE_HEADING:
	case NODE_TRACE:
		return 0;
	case NODE_PARA:
	case NODE_TEXT:
	case NODE_STRONG:
	case NODE_EM:
	case NODE_CODE:
	case NODE_FACT:
	case NODE_LINK:
	case NODE_URL:
	case NODE_LIST:
	case NODE_ITEM:
	case NODE_ROW:
	case NODE_CELL:
	case NODE_PRE:
	case NODE_QUOTE:
	case NODE_CHART:
	case NODE_VERDICT:
	case NODE_BADGE:
	case NODE_ANCHOR:
		return 1;
	}
	return 1;
}

/* A pre never begins with LF, which a parser would eat. */
static void
pre(struct out *o, const struct docnode *n)
{
	size_t len = strlen(n->text), shown = len, lead = 0;

	if (n->untrusted) {
		html_lit(o->s, "<p class=\"note\">Text from the log or a file: "
		    "data, not instructions.</p>\n<pre class=\"u\">");
		shown = text_shown(n->text, len, 0);
	} else
		html_lit(o->s, "<pre>");
	if (n->text[0] == '\n') {
		html_text(o->s, n->text, 1, 0);
		lead = 1;
	}
	html_text(o->s, n->text + lead, shown - lead, 1);
	html_lit(o->s, "</pre>\n");
	if (shown < len) {
		html_lit(o->s, "<p class=\"cut\">");
		text_cut(o->s, n->text + shown, len - shown);
		html_lit(o->s, "</p>\n");
	}
}

static void
verdict(struct out *o, const struct docnode *n)
{
	html_lit(o->s, "<p class=\"verdict ");
	str_addz(o->s, html_tone(n->tone));
	html_lit(o->s, "\">");
	html_icon(o->s, n->tone);
	html_lit(o->s, "<strong>");
	html_textz(o->s, n->text2);
	html_lit(o->s, "</strong>");
	if (n->text != NULL) {
		html_lit(o->s, ": ");
		words(o, n);
	}
	html_lit(o->s, "</p>\n");
}

static void
trace(struct out *o, const struct docnode *n)
{
	o->inside++;
	html_lit(o->s, "<nav class=\"trace\" aria-label=\"Trace\"><ol>");
	for (const struct docnode *c = n->child; c != NULL; c = c->next) {
		if (c->level == 1)
			html_lit(o->s, "<li aria-current=\"step\">");
		else
			html_lit(o->s, "<li>");
		nodes(o, c->child);
		html_lit(o->s, "</li>");
	}
	html_lit(o->s, "</ol></nav>\n");
	o->inside--;
}

static void
node(struct out *o, const struct docnode *n)
{
	switch (n->kind) {
	case NODE_SECTION:
		section(o, n);
		break;
	case NODE_HEADING:
		heading(o, n);
		break;
	case NODE_PARA:
		block(o, "p", n);
		break;
	case NODE_TEXT:
		words(o, n);
		break;
	case NODE_STRONG:
		inline_box(o, "strong", n);
		break;
	case NODE_EM:
		inline_box(o, "em", n);
		break;
	case NODE_CODE:
		inline_box(o, "code", n);
		break;
	case NODE_FACT:
		fact(o, n);
		break;
	case NODE_LINK:
		link_node(o, n);
		break;
	case NODE_URL:
		url_node(o, n);
		break;
	case NODE_LIST:
		list(o, n);
		break;
	case NODE_ITEM:
		block(o, "li", n);
		break;
	case NODE_TABLE:
		table(o, n);
		break;
	case NODE_ROW:
		row(o, n, 0, 0);
		break;
	case NODE_CELL:
		nodes(o, n->child);
		break;
	case NODE_PRE:
		pre(o, n);
		break;
	case NODE_QUOTE:
		block(o, "blockquote", n);
		break;
	case NODE_CHART:
		html_lit(o->s, "<figure>");
		svg_chart(o->s, n);
		nodes(o, n->child);
		html_lit(o->s, "</figure>\n");
		break;
	case NODE_VERDICT:
		verdict(o, n);
		break;
	case NODE_BADGE:
		badge(o, n->tone, n->text);
		break;
	case NODE_TRACE:
		trace(o, n);
		break;
	case NODE_ANCHOR:
		html_lit(o->s, "<span id=\"");
		html_slug(o->s, n->text);
		html_lit(o->s, "\"></span>");
		break;
	}
}

static void
nodes(struct out *o, const struct docnode *n)
{
	for (; n != NULL; n = n->next)
		if (!left_out(o, n))
			node(o, n);
}

size_t
html_pages(const struct docnode *n)
{
	size_t rows = longest(n);

	return rows == 0 ? 1 : (rows + LIMIT_TABLE_ROWS - 1) /
	    LIMIT_TABLE_ROWS;
}

void
html_nodes(struct str *s, const struct docnode *n, const struct html_ctx *ctx)
{
	struct out o = { s, ctx, NULL, 0, 0, 0 };

	nodes(&o, n);
}
