#ifndef CMD_PAGESCAN_H
#define CMD_PAGESCAN_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * Reads a page in the narrow form of XML that the writer of pages uses, and
 * tells element by element what it read, like the SAX events of libxml2:
 *
 *   <!DOCTYPE html> and a newline, then one element with what is in it
 *   <name a="v" b="v"> <name a="v"/> </name>, with these blanks alone
 *   names of letters, digits and -, and xml:lang; none twice in an element
 *   text and values of UTF-8 without hidden characters, no bare < > or &,
 *   no entity but &amp; &lt; &gt; &quot; &#39;; a value is on one line
 *   xmlns on the outermost element; only the names of XHTML and SVG
 *
 * All of it is well-formed and bound to one of these two namespaces.  It
 * never calls a page bad: what is not of this form is not taken, and libxml2
 * decides (selfcheck.h).  It neither copies nor keeps anything but a value
 * with an entity in it.
 */
struct pagescan;

struct page_attr {
	const char *name, *value; /* not NUL-terminated */
	size_t namelen, len;
	int foreign; /* has a prefix, and is not xml:lang */
};

#define PAGE_ATTRS 16 /* of an element, at most */

/* Each gives 0 to go on; else the page is not taken. */
struct page_events {
	int (*start)(void *, const char *name, size_t len,
	    const struct page_attr *, size_t n);
	int (*end)(void *);
	int (*text)(void *, size_t len); /* more than nothing */
};

struct pagescan *pagescan_new(struct arena *);
/* 1: taken to the end; 0: not of this form, or an event stopped it. */
int pagescan_run(struct pagescan *, struct arena *scratch, const char *,
    size_t len, const struct page_events *, void *);
/* Where the scan is: for the number of the line. */
const char *pagescan_at(const struct pagescan *);

#endif
