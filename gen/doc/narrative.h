#ifndef DOC_NARRATIVE_H
#define DOC_NARRATIVE_H

#include <stddef.h>

struct arena;
struct build;
struct diag;
struct docnode;

/*
 * People's Markdown as nodes (documents.md part 4, Narratives): CommonMark
 * and pipe tables.  Raw HTML is shown as text, images as their alternative
 * text, headings stand below the section's.  A link is https:, mailto:, or an
 * input of the build; anything else is an error with its line.  Over the
 * limits the whole text is shown as it is, with a note.
 */
struct narrative {
	const char *id;         /* begins the ids of its tables */
	const char *file, *text; /* text: a NUL follows its len bytes */
	size_t len;
	const char *author, *language; /* front matter, or NULL */
};

/* Adds the nodes to parent; fills author and language. */
void narrative_nodes(struct arena *, struct docnode *parent,
    struct narrative *, const struct build *, struct diag *);

#endif
