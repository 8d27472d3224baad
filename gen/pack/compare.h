#ifndef PACK_COMPARE_H
#define PACK_COMPARE_H

#include <stddef.h>

#include "model/change.h"
#include "pack/fault.h"

struct arena;

/*
 * What two packs say, side by side: verdicts, results, gaps, requirements,
 * texts of tests, logs, and what the registry and the policies declare.  Each
 * becomes a list of statements (a kind, an id, a value) in one order, and the
 * lists are merged: so a new kind is a row of a table, and nothing that both
 * sides have can be missed.
 */
struct said;

/* The bytes of an exhibit-check/1 file, and of data/inputs/registry.json
 * (NULL: that side declares nothing that can be compared). */
struct said *said_new(struct arena *, const char *check, size_t checklen,
    const char *registry, size_t registrylen, struct fault *);

/* A pack (folder or ZIP), or a file of `check --json`. */
struct said *said_read(struct arena *, const char *path, struct fault *);

const char *said_period(const struct said *);
const char *said_organisation(const struct said *);
int said_declares(const struct said *); /* 1: it holds the registry */

/* The differences, by kind in the order of the table, then by id.  A kind of
 * which one side says nothing at all is not compared. */
size_t said_compare(struct arena *, const struct said *before,
    const struct said *after, struct change **);

#endif
