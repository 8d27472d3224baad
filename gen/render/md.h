#ifndef RENDER_MD_H
#define RENDER_MD_H

#include <stddef.h>

struct docnode;
struct html_ctx;
struct str;

/*
 * A tree to Markdown that reads well on a code host: CommonMark, with the
 * tables of GFM.  All that could be punctuation of either is escaped in text,
 * so that no value can change the structure (documents.md part 4).  Every
 * paragraph is one line; ctx as for HTML, level of the first heading too.
 */
void md_nodes(struct str *, const struct docnode *, const struct html_ctx *);

/* Adds text as it must stand inside a line. */
void md_text(struct str *, const char *, size_t len);

#endif
