#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

#include <stddef.h>

struct build;
struct doc;
struct path;
struct str;

/* What all pages of a build share. */
struct render_ctx {
	const struct build *build;
	const struct path *path; /* NULL: every link is written */
	size_t part; /* 0, 1: the page; n: its further page <stem>-pn.html */
};

/* How many files the HTML of a document takes: a page, and further ones
 * where a table has more than LIMIT_TABLE_ROWS rows. */
size_t render_parts(const struct doc *);

/* The writers: a document is one tree and three files. */
struct writer {
	const char *ext; /* "md" "html" "json" */
	void (*write)(struct str *, const struct doc *, const char *from,
	    const struct render_ctx *);
};

extern const struct writer render_writer[];
extern const size_t render_nwriter;

const struct writer *render_find(const char *ext);

/* Adds the whole file; and its pack path, data/docs/<kind>/<name>.<ext>, or
 * that of a page of the site.  -1: the document has no valid path. */
int render_file(const struct writer *, const struct doc *,
    const struct render_ctx *, struct str *path, struct str *out);

#endif
