#ifndef CHAIN_CHAIN_H
#define CHAIN_CHAIN_H

#include <stdint.h>

#include "crypt/hash.h"

struct arena;
struct err;
struct event;

/*
 * Checks that one stream of an audit store is an unbroken hash chain.
 *
 * Feed it every event in order, then ask for the head.  It keeps only the
 * last leaf, so a store of any size is checked in one pass and in constant
 * memory.  The chain alone cannot vouch for the last event, which nothing
 * follows: compare the head with a signed checkpoint.
 * Format: docs/format/audit-store.md.  The fast form is chain/pass.h.
 */
struct chain;

/* The origin begins the chain, so two logs cannot be swapped. */
struct chain *chain_new(struct arena *, const char *origin);
void chain_free(struct chain *); /* gives back what OpenSSL holds */

/* 0 if the event follows the one before it; else -1 and ERR_INTEGRITY. */
int chain_feed(struct chain *, const struct event *, struct err *);

/* The number of good events, and the leaf of the last (0: the genesis). */
uint64_t chain_head(const struct chain *, uint8_t[HASH_LEN]);

#endif
