#ifndef CMD_DRAFT_H
#define CMD_DRAFT_H

#include <stddef.h>

#include "base/str.h"

struct arena;
struct err;
struct yaml;

/*
 * A file of a project with drafts in it (exhibit fix): text is added, and
 * nothing that stands there is changed.  Edits follow one another on the same
 * text; draft_check holds the promise before anything is written.
 */
struct draft {
	struct arena *arena;
	const char *dir, *path; /* the project, and the file below it */
	const char *old;        /* its text; NULL: it is not there */
	size_t oldlen;
	struct str text;        /* what it is to be */
};

/* Reads the file, if it is there. */
int draft_open(struct draft *, struct arena *, const char *dir,
    const char *path, struct err *);

/* A field at the top of the file: a whole line, name and value. */
int draft_field(struct draft *, const char *line, struct err *);

/*
 * An entry at the end of a list at the top of the file: lines of fields, one
 * of which is draft: true.  The list is made where there is none; an
 * empty one, [], is opened where `open` says that it tells nothing.
 */
int draft_entry(struct draft *, const char *list, const char *const *line,
    size_t n, int open, struct err *);

/* Of YAML: the text parses, and every value that was there is still the same. */
int draft_check(const struct draft *, struct err *);

/* What would change, as a unified diff. */
void draft_diff(const struct draft *, struct str *);

/* Replaces the file, unless somebody else has changed it meanwhile. */
int draft_write(const struct draft *, struct err *);

/* Makes it as it was before draft_write. */
void draft_undo(const struct draft *);

/* The root of a text that is known to parse; or NULL. */
const struct yaml *draft_tree(struct arena *, const char *path, const char *,
    size_t len);

#endif
