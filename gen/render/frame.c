#include <string.h>

#include "base/html.h"
#include "base/limits.h"
#include "base/str.h"
#include "model/build.h"
#include "model/docnode.h"
#include "render/frame.h"
#include "render/html.h"
#include "render/path.h"
#include "render/render.h"

/* The menu, in one order everywhere; kinds: whose pages stand below it. */
static const struct {
	const char *kind, *id, *word, *kinds;
} nav[] = {
	{ "page", "index", "Overview", "" },
	{ "folder", "frameworks", "Frameworks", "framework requirement" },
	{ "folder", "controls", "Controls", "control test" },
	{ "folder", "gaps", "Gaps", "gap" },
	{ "folder", "agents", "Agents", "agent" },
	{ "folder", "documents", "Documents", "document" },
	{ "folder", "log", "Log", "log record" },
	{ "page", "search", "Search", "" },
	{ "page", "verify", "Verify", "" },
	{ "page", "help", "Help", "" }
};

static void
head(struct str *s, const struct doc *d, const char *from,
    const struct render_ctx *c)
{
	const struct build *b = c->build;

	html_lit(s, "<!DOCTYPE html>\n<html "
	    "xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"");
	html_slug(s, d->lang);
	html_lit(s, "\" xml:lang=\"");
	html_slug(s, d->lang);
	html_lit(s, "\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; script-src 'self'; style-src 'self'; "
	    "img-src 'self'; base-uri 'none'; form-action 'none'; "
	    "require-trusted-types-for 'script'; trusted-types exhibit\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/><meta name=\"referrer\" "
	    "content=\"no-referrer\"/>\n<title>");
	html_textz(s, d->title);
	if (c->part > 1)
		str_addf(s, ", page %zu", c->part);
	if (d->crumb[0] != NULL) {
		html_lit(s, " - ");
		html_textz(s, d->crumb[0]);
	}
	html_lit(s, " - ");
	html_textz(s, b->organisation);
	str_addc(s, ' ');
	html_textz(s, b->period);
	html_lit(s, "</title>\n<link rel=\"stylesheet\" href=\"");
	path_relative(s, from, "data/site/css/site.css");
	html_lit(s, "\"/>\n<script defer=\"defer\" src=\"");
	path_relative(s, from, "data/site/js/table.js");
	html_lit(s, "\"></script>\n<script defer=\"defer\" src=\"");
	path_relative(s, from, "data/site/js/build.js");
	if (str_eq(d->self.kind, "page") && str_eq(d->self.id, "search")) {
		html_lit(s, "\"></script>\n<script defer=\"defer\" src=\"");
		path_relative(s, from, "data/site/js/search.js");
	}
	html_lit(s, "\"></script>\n</head>\n");
}

/* The word is one of a list with spaces between. */
static int
listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += strspn(list, " ")) {
		size_t n = strcspn(list, " ");

		if (n == len && memcmp(list, word, n) == 0)
			return 1;
		list += n;
	}
	return 0;
}

/* current: what aria-current says, or NULL. */
static void
link_to(struct str *s, const char *from, const struct path *path,
    const struct target *to, const char *text, const char *current)
{
	struct str href = str_new(s->arena);

	if (to->kind == NULL || path_link(path, &href, from, to,
	    "html") == -1) {
		html_textz(s, text);
		return;
	}
	html_lit(s, "<a href=\"");
	html_textz(s, href.p);
	if (current != NULL)
		str_addf(s, "\" aria-current=\"%s", current);
	html_lit(s, "\">");
	html_textz(s, text);
	html_lit(s, "</a>");
}

static void
header(struct str *s, const struct doc *d, const char *from,
    const struct render_ctx *c)
{
	html_lit(s, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
	    "content</a>\n<header class=\"top\"><div class=\"wrap\">\n"
	    "<p class=\"who\"><strong><bdi class=\"u\">");
	html_textz(s, c->build->organisation_name != NULL ?
	    c->build->organisation_name : c->build->organisation);
	html_lit(s, "</bdi></strong> <span>evidence of governance, ");
	html_textz(s, c->build->period);
	html_lit(s, "</span></p>\n<nav class=\"menu\" aria-label=\"Main\">"
	    "<ul>");
	for (size_t i = 0; i < sizeof(nav) / sizeof(nav[0]); i++) {
		struct target to = { .kind = nav[i].kind, .id = nav[i].id };
		int here = str_eq(to.kind, d->self.kind) &&
		    str_eq(to.id, d->self.id);

		if (!path_known(c->path, &to))
			continue;
		html_lit(s, "<li>");
		link_to(s, from, c->path, &to, nav[i].word, here ? "page" :
		    listed(nav[i].kinds, d->self.kind) ? "true" : NULL);
		html_lit(s, "</li>");
	}
	html_lit(s, "</ul></nav>\n</div></header>\n");
}

static void
crumbs(struct str *s, const struct doc *d, const char *from,
    const struct render_ctx *c)
{
	if (d->crumb[0] == NULL)
		return;
	html_lit(s, "<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><ol>");
	for (int i = 0; i < 4 && d->crumb[i] != NULL; i++) {
		html_lit(s, "<li>");
		link_to(s, from, c->path, &d->crumb_to[i], d->crumb[i],
		    NULL);
		html_lit(s, "</li>");
	}
	html_lit(s, "</ol></nav>\n");
}

/* What every page of a broken log says first. */
static void
banner(struct str *s, const struct build *b)
{
	for (size_t i = 0; i < b->nstream; i++)
		if (!b->stream[i].intact) {
			html_lit(s, "<p class=\"banner\"><strong>LOG NOT "
			    "INTACT</strong> at seq ");
			str_addu(s, b->stream[i].bad_seq);
			html_lit(s, ": only exceptions still count.</p>\n");
		}
}

void
frame_page(struct str *s, const struct doc *d, const char *from,
    const struct render_ctx *c)
{
	struct html_ctx ctx = { .from = from, .path = c->path, .level = 2 };

	if (c->part > 1)
		ctx.first_row = (c->part - 1) * LIMIT_TABLE_ROWS;
	head(s, d, from, c);
	header(s, d, from, c);
	html_lit(s, "<div class=\"wrap\">\n");
	crumbs(s, d, from, c);
	if (d->strip != NULL)
		html_nodes(s, d->strip, &ctx);
	html_lit(s, "<main id=\"main\" tabindex=\"-1\">\n");
	banner(s, c->build);
	html_lit(s, "<h1><bdi class=\"u\">");
	html_textz(s, d->title);
	html_lit(s, "</bdi></h1>\n");
	if (c->part > 1) {
		html_lit(s, "<p>Further rows of its tables. ");
		link_to(s, from, c->path, &d->self, "The whole page",
		    NULL);
		html_lit(s, "</p>\n");
	}
	html_nodes(s, d->body, &ctx);
	if (d->used_by != NULL && c->part <= 1)
		html_nodes(s, d->used_by, &ctx);
	html_lit(s, "</main>\n</div>\n<footer class=\"end\"><div "
	    "class=\"wrap\"><p>Made by Exhibit ");
	html_textz(s, c->build->generator);
	html_lit(s, ". What the log shows is only what was recorded. A page "
	    "cannot vouch for itself.</p></div></footer>\n</body>\n"
	    "</html>\n");
}
