#ifndef PACK_PROOF_H
#define PACK_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "pack/fault.h"

struct arena;
struct err;
struct str;

/*
 * Proofs from a log of any size in little memory.  Of a stream's tree the
 * pass over the rows leaves two rows of nodes: the roots of all whole
 * segments (2^16 leaves), and of all whole blocks (2^block_level leaves) from
 * some segment on.  What lies below a block is made from its leaves, which a
 * callback reads again; the last block read is kept, so proofs of rows in seq
 * order read each block once.
 */
#define PROOF_SEGMENT_LEVEL 16

/* The leaf hashes of rows [first, first + n). */
typedef int proof_leaves_fn(void *ctx, uint64_t first, size_t n,
    uint8_t (*out)[HASH_LEN], struct err *);

struct proof_tree {
	struct hash *hash;
	uint64_t size;                /* leaves */
	uint8_t (*segment)[HASH_LEN]; /* whole segments, from 0 */
	size_t nsegment;
	unsigned block_level;         /* at most PROOF_SEGMENT_LEVEL */
	uint8_t (*block)[HASH_LEN];   /* whole blocks, from first_block on */
	uint64_t first_block;
	size_t nblock;
	proof_leaves_fn *leaves;
	void *ctx;
	/* private: the last block, whose parts every proof needs, and the one
	 * that was read last: leaves, and every whole node over them */
	struct proof_block {
		uint8_t (*node)[HASH_LEN];
		uint64_t number;
	} kept[2];
	struct err *err;
};

/* Where only segments are known: block_level 16, block NULL. */
void proof_tree_init(struct proof_tree *, struct arena *);
/* The inclusion proof of row seq; n hashes in the arena. */
int proof_of(struct proof_tree *, struct arena *, uint64_t seq,
    uint8_t (**path)[HASH_LEN], size_t *n, struct err *);
/* From the first `old` rows to all of them; of old 0 and size none. */
int proof_consistency(struct proof_tree *, struct arena *, uint64_t old,
    uint8_t (**path)[HASH_LEN], size_t *n, struct err *);
/* The leaf of a row, from the same cache. */
int proof_leaf(struct proof_tree *, uint64_t seq, uint8_t out[HASH_LEN],
    struct err *);

/* c2sp.org/tlog-proof@v1, without an extra line. */
void proof_write(struct str *, uint64_t index, uint8_t (*path)[HASH_LEN],
    size_t n, const char *checkpoint);
/* The body of a C2SP tlog-witness add-checkpoint request. */
void proof_write_consistency(struct str *, uint64_t old,
    uint8_t (*path)[HASH_LEN], size_t n, const char *checkpoint);

struct proof { /* as read; number is the index, or the old size */
	uint64_t number;
	uint8_t (*path)[HASH_LEN];
	size_t n;
	const char *checkpoint; /* the rest, to its last byte */
	size_t checkpointlen;
};

/* NOTE_FORM, or PROOF_LENGTH for a hash that is not 32 bytes. */
int proof_parse(struct arena *, const char *, size_t, struct proof *,
    struct fault *);
int proof_parse_consistency(struct arena *, const char *, size_t,
    struct proof *, struct fault *);

#endif
