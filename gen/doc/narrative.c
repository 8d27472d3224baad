#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "doc/narrative.h"
#include "model/build.h"
#include "model/docnode.h"

#define BRACKETS_MAX 4096
#define DEPTH_MAX 64

struct reader {
	struct arena *a;
	const struct build *b;
	struct diag *diag;
	const char *file;
	uint32_t line; /* lines before what cmark was given */
	int heading;   /* level of the last heading, 0 none */
	const char *prefix; /* of the ids of its tables */
	unsigned tables;
};

/* The end of the line that begins at p. */
static const char *
line_end(const char *p)
{
	return p + strcspn(p, "\n");
}

static int
starts(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

/* "---", keys author and language, "---"; returns where the text begins. */
static const char *
front_matter(struct reader *r, struct narrative *n)
{
	static const char *const keys[] = { "author: ", "language: " };
	const char *p = n->text, *end = line_end(p);
	uint32_t line = 1;

	if (end - p != 3 || memcmp(p, "---", 3) != 0 || *end == '\0')
		return n->text;
	for (p = end + 1; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		const char **to[] = { &n->author, &n->language };
		struct mark at = { r->file, ++line, 1 };
		size_t k = 0;

		end = line_end(p);
		if (end - p == 3 && memcmp(p, "---", 3) == 0) {
			r->line = line;
			return *end != '\0' ? end + 1 : end;
		}
		while (k < 2 && !starts(p, end, keys[k]))
			k++;
		if (k == 2)
			diag_add(r->diag, ERR_INPUT, at, "front matter may "
			    "hold author and language, not %.*s",
			    (int)(end - p), p);
		else
			*to[k] = arena_strndup(r->a, p + strlen(keys[k]),
			    (size_t)(end - p) - strlen(keys[k]));
	}
	return n->text;
}

static int
is_input(const struct build *b, const char *path)
{
	for (size_t i = 0; i < b->ninput; i++)
		if (str_eq(b->input[i].path, path))
			return 1;
	return 0;
}

/* A path from the narrative's folder, as the project names it; NULL: it
 * climbs out, or is no path. */
static const char *
project_path(struct reader *r, const char *url)
{
	const char *slash = strrchr(r->file, '/');
	size_t dir = slash != NULL ? (size_t)(slash - r->file) : 0;

	if (url[0] == '/' || strpbrk(url, "\\:?#") != NULL)
		return NULL;
	while (strncmp(url, "../", 3) == 0 && dir > 0) {
		url += 3;
		while (dir > 0 && r->file[--dir] != '/')
			;
	}
	if (strstr(url, "..") != NULL)
		return NULL;
	return arena_printf(r->a, "%.*s%s%s", (int)dir, r->file,
	    dir > 0 ? "/" : "", url);
}

static struct docnode *
link_node(struct reader *r, struct docnode *to, cmark_node *n)
{
	const char *url = cmark_node_get_url(n), *path;
	struct mark at = { r->file, r->line, 0 };
	cmark_node *block = n;
	struct docnode *link;

	while (cmark_node_get_start_line(block) == 0 &&
	    cmark_node_parent(block) != NULL)
		block = cmark_node_parent(block);
	at.line += (uint32_t)cmark_node_get_start_line(block);
	if (strncmp(url, "https://", 8) == 0 ||
	    strncmp(url, "mailto:", 7) == 0) {
		link = docnode_new(r->a, to, NODE_URL);
		link->text = arena_strdup(r->a, url);
		return link;
	}
	path = project_path(r, url);
	if (path != NULL && is_input(r->b, path)) {
		link = docnode_new(r->a, to, NODE_LINK);
		link->to = (struct target){ .kind = "source", .id = path };
		return link;
	}
	diag_add(r->diag, ERR_INPUT, at, "link to %s: want https:, mailto: or "
	    "a file of the project that is read", url);
	return to;
}

static void
data(struct reader *r, struct docnode *to, const char *text)
{
	struct docnode *n = docnode_new(r->a, to, NODE_TEXT);

	n->text = arena_strdup(r->a, text != NULL ? text : "");
	n->untrusted = 1;
}

static void inlines(struct reader *, struct docnode *, cmark_node *);

static void
inline_node(struct reader *r, struct docnode *to, cmark_node *n)
{
	cmark_node_type type = cmark_node_get_type(n);

	if (type == CMARK_NODE_TEXT || type == CMARK_NODE_HTML_INLINE)
		data(r, to, cmark_node_get_literal(n));
	else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
		docnode_text(r->a, to, " ");
	else if (type == CMARK_NODE_CODE)
		docnode_code(r->a, to, arena_strdup(r->a,
		    cmark_node_get_literal(n)));
	else if (type == CMARK_NODE_EMPH)
		inlines(r, docnode_new(r->a, to, NODE_EM), n);
	else if (type == CMARK_NODE_STRONG)
		inlines(r, docnode_new(r->a, to, NODE_STRONG), n);
	else if (type == CMARK_NODE_LINK)
		inlines(r, link_node(r, to, n), n);
	else
		inlines(r, to, n);
}

static void
inlines(struct reader *r, struct docnode *to, cmark_node *parent)
{
	for (cmark_node *n = cmark_node_first_child(parent); n != NULL;
	    n = cmark_node_next(n))
		inline_node(r, to, n);
}

/* No level is skipped, whatever the author wrote. */
static void
heading(struct reader *r, struct docnode *to, cmark_node *n)
{
	struct docnode *h = docnode_new(r->a, to, NODE_HEADING);
	int level = cmark_node_get_heading_level(n);

	h->level = level > r->heading + 1 ? r->heading + 1 : level;
	r->heading = h->level;
	inlines(r, h, n);
}

static void
pre(struct reader *r, struct docnode *to, const char *text)
{
	struct docnode *n = docnode_new(r->a, to, NODE_PRE);
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	n->text = arena_strndup(r->a, text, len);
	n->untrusted = 1;
}

static void
blocks(struct reader *r, struct docnode *to, cmark_node *parent)
{
	for (cmark_node *n = cmark_node_first_child(parent); n != NULL;
	    n = cmark_node_next(n)) {
		cmark_node_type type = cmark_node_get_type(n);
		struct docnode *d;

		if (type == CMARK_NODE_PARAGRAPH)
			inlines(r, docnode_para(r->a, to), n);
		else if (type == CMARK_NODE_HEADING)
			heading(r, to, n);
		else if (type == CMARK_NODE_CODE_BLOCK ||
		    type == CMARK_NODE_HTML_BLOCK)
			pre(r, to, cmark_node_get_literal(n));
		else if (type == CMARK_NODE_BLOCK_QUOTE)
			blocks(r, docnode_new(r->a, to, NODE_QUOTE), n);
		else if (type == CMARK_NODE_LIST) {
			d = docnode_new(r->a, to, NODE_LIST);
			d->level = cmark_node_get_list_type(n) ==
			    CMARK_ORDERED_LIST;
			blocks(r, d, n);
		} else if (type == CMARK_NODE_ITEM)
			blocks(r, docnode_new(r->a, to, NODE_ITEM), n);
	}
}

static void
markdown(struct reader *r, struct docnode *to, const char *p, size_t len)
{
	cmark_node *root = cmark_parse_document(p, len, CMARK_OPT_DEFAULT);

	cmark_consolidate_text_nodes(root);
	blocks(r, to, root);
	cmark_node_free(root);
}

/* A row of a pipe table: its cells, each the source of one cell. */
static size_t
cells(struct reader *r, const char *p, const char *end, char **cell,
    size_t max)
{
	size_t n = 0;

	while (p < end && (*p == ' ' || *p == '|') && (*p == ' ' || n == 0)) {
		n += *p == '|';
		p++;
	}
	n = 0;
	while (p < end && n < max) {
		struct str s = str_new(r->a);

		for (; p < end && *p != '|'; p++) {
			if (*p == '\\' && p + 1 < end && p[1] == '|')
				p++;
			str_addc(&s, *p);
		}
		while (s.len > 0 && (s.p[s.len - 1] == ' ' ||
		    s.p[s.len - 1] == '\r'))
			s.p[--s.len] = '\0';
		if (p < end || s.len > 0)
			cell[n++] = s.p + strspn(s.p, " ");
		p++;
	}
	return n;
}

/* |---|:--:| : dashes, colons, bars and spaces, a dash and a bar. */
static int
is_delimiter(const char *p, const char *end)
{
	int dash = 0, bar = 0;

	for (; p < end; p++) {
		dash |= *p == '-';
		bar |= *p == '|';
		if (strchr("-:| \r", *p) == NULL)
			return 0;
	}
	return dash && bar;
}

#define CELLS_MAX 64

static void
table_row(struct reader *r, struct docnode *t, char **cell, size_t n,
    size_t want)
{
	struct docnode *row = docnode_row(r->a, t);

	for (size_t i = 0; i < want; i++) {
		struct docnode *c = docnode_cell(r->a, row);
		const char *src = i < n ? cell[i] : "";
		cmark_node *root = cmark_parse_document(src, strlen(src),
		    CMARK_OPT_DEFAULT);
		cmark_node *p = cmark_node_first_child(root);

		/* what would be a block of its own stays as it is written */
		if (p != NULL && cmark_node_get_type(p) ==
		    CMARK_NODE_PARAGRAPH && cmark_node_next(p) == NULL)
			inlines(r, c, p);
		else
			data(r, c, src);
		cmark_node_free(root);
	}
}

/* A table at p, or NULL; else its end. */
static const char *
table(struct reader *r, struct docnode *to, const char *p)
{
	const char *end = line_end(p), *second = *end != '\0' ? end + 1 : end;
	char *cell[CELLS_MAX];
	size_t want = cells(r, p, end, cell, CELLS_MAX), n;
	struct docnode *t;

	if (memchr(p, '|', (size_t)(end - p)) == NULL || want == 0 ||
	    !is_delimiter(second, line_end(second)))
		return NULL;
	t = docnode_new(r->a, to, NODE_TABLE);
	t->text = "Table in the text";
	t->text2 = arena_printf(r->a, "%s-%u", r->prefix, ++r->tables);
	table_row(r, t, cell, want, want);
	p = line_end(second);
	while (*p == '\n') {
		end = line_end(p + 1);
		if (memchr(p + 1, '|', (size_t)(end - p - 1)) == NULL)
			break;
		n = cells(r, p + 1, end, cell, CELLS_MAX);
		table_row(r, t, cell, n, want);
		p = end;
	}
	return *p == '\n' ? p + 1 : p;
}

static uint32_t
count_lines(const char *p, const char *end)
{
	uint32_t n = 0;

	for (; p < end; p++)
		n += *p == '\n';
	return n;
}

/* The text between tables goes to cmark, piece by piece. */
static void
pieces(struct reader *r, struct docnode *to, const char *p)
{
	const char *from = p, *after;
	int fence = 0;

	while (*p != '\0') {
		const char *end = line_end(p);

		if (starts(p, end, "```") || starts(p, end, "~~~"))
			fence = !fence;
		after = NULL;
		if (!fence && (p == from || p[-1] == '\n')) {
			struct docnode *hold = docnode_new(r->a, NULL,
			    NODE_SECTION);

			after = table(r, hold, p);
			if (after != NULL) {
				markdown(r, to, from, (size_t)(p - from));
				r->line += count_lines(from, after);
				hold->child->next = NULL;
				docnode_add(to, hold->child);
				p = from = after;
			}
		}
		if (after == NULL)
			p = *end != '\0' ? end + 1 : end;
	}
	markdown(r, to, from, (size_t)(p - from));
}

static int
too_deep(const char *text, size_t len)
{
	cmark_node *root = cmark_parse_document(text, len, CMARK_OPT_DEFAULT);
	cmark_iter *it = cmark_iter_new(root);
	cmark_event_type ev;
	size_t depth = 0, most = 0;

	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		cmark_node *n = cmark_iter_get_node(it);

		if (cmark_node_first_child(n) == NULL)
			continue;
		if (ev == CMARK_EVENT_ENTER)
			depth++;
		else
			depth--;
		most = depth > most ? depth : most;
	}
	cmark_iter_free(it);
	cmark_node_free(root);
	return most > DEPTH_MAX;
}

void
narrative_nodes(struct arena *a, struct docnode *parent, struct narrative *n,
    const struct build *b, struct diag *diag)
{
	struct reader r = { .a = a, .b = b, .diag = diag, .file = n->file,
	    .prefix = n->id };
	size_t brackets = 0;
	const char *body;

	for (size_t i = 0; i < n->len; i++)
		brackets += n->text[i] == '[';
	body = front_matter(&r, n);
	if (n->len > LIMIT_MARKDOWN || brackets > BRACKETS_MAX ||
	    too_deep(body, strlen(body))) {
		docnode_text(a, docnode_para(a, parent), "This text is past "
		    "the limits for Markdown and is shown as it is written.");
		pre(&r, parent, body);
		return;
	}
	pieces(&r, parent, body);
}
