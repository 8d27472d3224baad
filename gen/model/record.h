#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/event.h"

struct arena;
struct err;
struct hash;
struct str;

/*
 * The record of an event: the RFC 8785 JSON object of its columns that are
 * not NULL, in name order.  Integers lie within +-(2^53 - 1), text is valid
 * UTF-8 without U+0000.  docs/format/audit-store.md has vectors.
 */

/* Appends the record of col[EVENT_NCOL].  The values are right already. */
void record_add(struct str *, const struct value *col);

/*
 * For readers of many rows, that look at each text once: what is in it, and
 * the record written from that.
 */
enum { RECORD_ESCAPED = 1, RECORD_ODD = 2 }; /* needs an escape; a byte that
                                              * is no printable ASCII */
unsigned record_look(const char *, size_t);
void record_add_seen(struct str *, const struct value *col,
    const uint8_t *seen);

/* SHA-256("exhibit-audit-store/1\n" origin "\n"): the prev_hash of event 0. */
void record_genesis(struct hash *, const char *origin, uint8_t *out);

/* Checks one value for a column: type, range, UTF-8, length.  0 or -1. */
int record_check(enum event_col, const struct value *, struct err *);

/* Reads a record back; refuses what record_add would not have written:
 * spaces, other order, null, unknown columns (ERR_UNDECIDED), bad escapes. */
int record_parse(struct arena *, const char *, size_t, struct value *col,
    struct err *);

#endif
