#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <stddef.h>
#include <stdio.h>

struct arena;
struct err;
struct str;

/* Reads a whole regular file, at most max bytes; a NUL follows the last. */
int out_slurp(struct arena *, const char *path, size_t max, char **p,
    size_t *len, struct err *);

/* Writes a file below the folder descriptor dir: made new, mode 0644, its
 * parent folders made as needed (0755).  Existing: an error. */
int out_file(int dir, const char *path, const void *, size_t, struct err *);

/* Writes beside and renames over path, so that a reader never sees half. */
int out_replace(const char *path, const void *, size_t, unsigned mode,
    struct err *);

/* mkdir -p; removes a tree below dir (never follows a link). */
int out_mkdirs(const char *path, struct err *);
int out_rmtree(int dir, const char *path, struct err *);

/*
 * Publishes a folder: begin locks `dir` (an out/ folder) and makes staging
 * `.<name>.tmp-<pid>` in it; write into the returned folder descriptor; done
 * syncs and exchanges it with dir/name atomically, then removes the old
 * tree.  abort removes the staging and leaves the old tree untouched.
 */
struct out_swap {
	int dirfd, lockfd, fd; /* fd: the staging folder; -1: none */
	int fresh;             /* nothing of that name may be there */
	char name[128], staging[160];
};
int out_swap_begin(struct out_swap *, const char *dir, const char *name,
    struct err *);
int out_swap_done(struct out_swap *, struct err *);
void out_swap_abort(struct out_swap *);
/* The same for a folder that is made once, at `path`: its parent is there and
 * is not locked; what exists is ERR_INPUT, in begin and in done. */
int out_fresh_begin(struct out_swap *, const char *path, struct err *);

/* For a terminal: text with hidden characters as tokens. */
void out_text(FILE *, const char *);
/* Flushes standard output; -1 and ERR_SYSTEM if anything was lost. */
int out_flush(struct err *);

#endif
