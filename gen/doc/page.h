#ifndef DOC_PAGE_H
#define DOC_PAGE_H

#include <stddef.h>

#include "doc/doc.h"
#include "model/build.h"
#include "model/docnode.h"

struct arena;

/*
 * The pages of the site (site.md section 2).  A kind of page is a row of
 * page_kind[] in page.c: which subjects it has, and the function that makes
 * one as a tree.  Pure: cmd lists all pages, notes them as link targets, then
 * makes and renders one after the other, each in an arena of its own.
 */
struct page_set {
	struct arena *arena;
	const struct build *b;
	const struct doc_ref *doc;
	size_t ndoc;
	struct target *page;     /* all pages, in the order of page_kind */
	size_t npage, cap;
	struct map *rests;       /* "stream seq": struct rests, who cites a row */
	struct map *measured;    /* "stream seq": struct measured, likewise */
	struct map *source;      /* "path": struct lines cited of a file */
};

/* Lists the pages; what they point to lives as long as the arena. */
struct page_set *page_open(struct arena *, const struct build *,
    const struct doc_ref *, size_t ndoc);

/* One page as a tree, in the page's own arena. */
struct doc *page_make(struct arena *, const struct page_set *,
    const struct target *);

#endif
