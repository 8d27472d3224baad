#ifndef CHAIN_CHECKPOINT_H
#define CHAIN_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/note.h"

struct arena;
struct err;
struct sign_key;

/*
 * Signed sizes and roots of a log (docs/format/audit-store.md, Checkpoints).
 * A key never signs a checkpoint that is not consistent with its last one:
 *
 *     checkpoint_last(note)        what was signed before
 *     root = root of the log's first last.size events
 *     checkpoint_follows(last, root)
 *     checkpoint_sign(size, root now)
 */

/* Parses the last note of an origin.  ERR_INTEGRITY: it is of another log, or
 * of more events than there are now. */
int checkpoint_last(struct arena *, const char *note, size_t len,
    const char *origin, uint64_t size, struct checkpoint *, struct err *);
/* ERR_INTEGRITY: the log's events up to there are not those that were signed. */
int checkpoint_follows(const struct checkpoint *, const uint8_t root[HASH_LEN],
    struct err *);
/* The signed note, in the arena. */
int checkpoint_sign(struct arena *, const char *origin, uint64_t size,
    const uint8_t root[HASH_LEN], const struct sign_key *, char **note,
    struct err *);

#endif
