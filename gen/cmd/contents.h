#ifndef CMD_CONTENTS_H
#define CMD_CONTENTS_H

#include "crypt/hash.h"
#include "verify/store.h"

struct arena;
struct err;
struct event;
struct store;

/*
 * Whether the contents that rows name lie in the table payload, and are what
 * their hash says (docs/format/audit-store.md section 7).  One a thread:
 *
 *     c = contents_new(arena, store)
 *     contents_row(c, event)          a pass_row_fn
 *     contents_count(c, &sum, err)    adds; -1: a look-up failed, err says how
 *     contents_free(c)                gives back what OpenSSL holds
 *
 * Rows name contents soon after those were added, and some again and again.
 * So a look-up reads on behind what it found, as far as that pays, hashes in
 * lanes, and what was learned is remembered for a number of contents that
 * does not grow with the log.  A log in another order costs time alone.
 */
struct contents;

struct contents *contents_new(struct arena *, struct store *);
void contents_row(void *contents, const struct event *);
int contents_count(const struct contents *, struct verify_payloads *,
    struct err *);
void contents_free(struct contents *);

/* The 16 bytes of a salt as the store has it, 32 hex digits; else -1. */
#define CONTENTS_SALT 16
int contents_salt(uint8_t raw[HASH_LEN], const char *salt);

#endif
