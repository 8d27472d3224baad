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
 */
struct html_ctx {
	const char *from;        /* pack path of the page: data/docs/... */
	const struct path *path; /* NULL: every target is there */
	int level;               /* heading level of the outer sections: 2 */
	size_t first_row;        /* of tables: rows before are left out */
	size_t max_row;          /* rows shown; 0: LIMIT_TABLE_ROWS */
};

/* Adds a node and those after it. */
void html_nodes(struct str *, const struct docnode *, const struct html_ctx *);

/* Adds the icon of a tone, a link's href value, or an attribute's slug. */
void html_icon(struct str *, enum tone);
const char *html_tone(enum tone); /* "t-good" */
void html_slug(struct str *, const char *); /* other characters are dropped */

#endif
