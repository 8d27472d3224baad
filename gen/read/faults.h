#ifndef READ_FAULTS_H
#define READ_FAULTS_H

#include <stddef.h>

struct arena;
struct diag;
struct load;

/*
 * Seeded faults of reference tables (exhibit-faults/1: mappings/faults.yaml,
 * samples/faults.yaml).  An edit names a table in `in`, by `row` exactly one
 * of its rows, and then sets columns or removes the row; or it adds a row.
 * Values are those of the table: whole numbers, text, null.  Edits of `event`
 * are the log generator's and are passed over.
 */
struct faults;

/* `only`: the id or test of the faults that are taken; NULL: all.  NULL after
 * an error in the diag. */
struct faults *faults_read(struct arena *, const char *name, const char *text,
    size_t len, const char *only, struct diag *);

/* After the files are read, before anything is derived from the rows. */
void faults_apply(const struct faults *, struct load *);

#endif
