#ifndef RENDER_HTML_H
#define RENDER_HTML_H

#include "model/docnode.h"

struct path;
struct str;

/*
 * The one HTML writer: a tree to XHTML syntax (site.md sections 12, 13).
 * Untrusted text lands in element text alone, inside <bdi class="u">, with
 * hidden characters as tokens; attributes take typed values only.  Classes:
 *
 *   u         text of others          cut     what was left out of it
 *   fact      data-fact, data-mark    src     its mark and source
 *   b, t-*    badge and its tone: t-good t-bad t-part t-empty t-neutral
 *             t-broken t-accepted     i       its icon
 *   verdict   verdict paragraph       scroll  box round a table; kv: fields
 *   trace     the trace strip         more    rows that are not shown
 *   num       a count, to the right   id      kept on one line
 *   say       a sentence in a cell    many    a long list of short items
 *   vh        seen by screen readers  kv      fields and values
 */
struct html_ctx {
	const char *from;        /* pack path of the page: data/docs/... */
	const struct path *path; /* NULL: every target is there */
	int level;               /* heading level of the outer sections: 2 */
	/* Of tables: rows before are left out.  Not 0: a further page, on which
	 * only tables that are so long stand, under their headings. */
	size_t first_row;
	size_t max_row;          /* rows shown; 0: LIMIT_TABLE_ROWS */
};

/* How many pages the longest table of a tree fills; at least 1. */
size_t html_pages(const struct docnode *);

/* Adds a node and those after it. */
void html_nodes(struct str *, const struct docnode *, const struct html_ctx *);

/* Adds the icon of a tone, a link's href value, or an attribute's slug. */
void html_icon(struct str *, enum tone);
const char *html_tone(enum tone); /* "t-good" */
void html_slug(struct str *, const char *); /* other characters are dropped */

#endif
