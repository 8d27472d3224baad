#ifndef CRYPT_MERKLE_H
#define CRYPT_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"

struct arena;

/*
 * The RFC 6962 tree over leaf hashes.  A struct merkle keeps the right edge
 * alone (64 nodes), so a log of any size is rooted in constant memory.
 */
struct merkle {
	uint64_t size;
	uint8_t edge[64][HASH_LEN]; /* edge[k]: a perfect tree of 2^k leaves */
	struct hash *hash;
};

void merkle_init(struct merkle *, struct hash *);
void merkle_add(struct merkle *, const uint8_t leaf[HASH_LEN]);
/* Adds a perfect subtree of 2^level leaves; size is a multiple of 2^level. */
void merkle_add_tree(struct merkle *, unsigned level,
    const uint8_t root[HASH_LEN]);
/* The root; of no leaves SHA-256 of nothing. */
void merkle_root(const struct merkle *, uint8_t out[HASH_LEN]);

/*
 * Proofs over leaves that a source gives: node(ctx, level, index, out) is the
 * perfect subtree of 2^level leaves at index (in units of 2^level); it is
 * asked for whole subtrees inside [0, size) only.
 */
typedef int merkle_node_fn(void *ctx, unsigned level, uint64_t index,
    uint8_t out[HASH_LEN]);
/* Fills proof (room for 64), returns the number of hashes, -1 on failure. */
int merkle_inclusion(struct hash *, merkle_node_fn *, void *ctx,
    uint64_t index, uint64_t size, uint8_t (*proof)[HASH_LEN]);
int merkle_consistency(struct hash *, merkle_node_fn *, void *ctx,
    uint64_t old, uint64_t size, uint8_t (*proof)[HASH_LEN]);

/* 0 if the proof holds, else -1.  RFC 9162 sections 2.1.3.2 and 2.1.4.2.  A
 * hash of another length is refused by whoever parsed the proof; an old size
 * of 0 never holds: every log extends the empty one.  The proof is only read
 * (C does not convert an array of arrays to one of const). */
int merkle_check_inclusion(struct hash *, uint64_t index, uint64_t size,
    const uint8_t leaf[HASH_LEN], uint8_t (*proof)[HASH_LEN], size_t n,
    const uint8_t root[HASH_LEN]);
int merkle_check_consistency(struct hash *, uint64_t old, uint64_t size,
    uint8_t (*proof)[HASH_LEN], size_t n,
    const uint8_t old_root[HASH_LEN], const uint8_t root[HASH_LEN]);

#endif
