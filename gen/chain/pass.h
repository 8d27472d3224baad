#ifndef CHAIN_PASS_H
#define CHAIN_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "model/event.h"

struct arena;
struct err;

/*
 * One thread's walk over the rows [first, end) of a stream: leaves many at a
 * time, links compared afterwards, roots of segments collected, rows counted.
 * Walks of neighbouring ranges are joined in order; so the number of threads
 * changes the time and never a byte.
 *
 *     p = pass_new(arena, &want, first)      one a thread; first is a multiple
 *                                            of LIMIT_SEGMENT
 *     store_scan(..., pass_feed, p, err)     pass_feed is a store_row_fn
 *     pass_end(p, err)                       the rest of the last batch
 *     pass_join(a, b, err)                   b begins where a ended
 *
 * A broken link is ERR_INTEGRITY from pass_feed or pass_end with the seq in
 * pass.bad_seq: the row whose prev_hash, seq or bytes do not fit, found up to
 * PASS_BATCH rows after it was given on to `row`.  Where want.go_on is set
 * the walk goes on after the first break, so that all rows are still seen.
 */
#define PASS_BATCH 64 /* rows hashed together */
#define PASS_BLOCK_LEVEL 10
#define PASS_BLOCK (1u << PASS_BLOCK_LEVEL) /* rows in a block */

typedef void pass_row_fn(void *ctx, const struct event *);

struct pass_want {
	const char *origin;
	int64_t from_us, to_us;  /* the period, for the counts */
	uint64_t range_from;     /* the pack's range begins: previous_size */
	pass_row_fn *row;        /* each row, in order; or NULL */
	void *ctx;
	const uint64_t *cut;     /* sizes whose roots are wanted, ascending */
	size_t ncut;
	int go_on;
};

struct pass_segment { /* a whole one, or the last and partial one */
	uint64_t first, n;
	int64_t from_us, to_us;
	uint8_t root[HASH_LEN]; /* of the n leaves */
};

struct pass {
	uint64_t first, next;     /* rows seen are [first, next) */
	uint64_t begin;           /* seq of the first row that was fed */
	uint64_t in_period, before, after; /* of rows from range_from on */
	uint64_t earlier_in_period;        /* of rows below it */
	uint64_t grade[5];        /* rows of each grade, from range_from on */
	int64_t first_us, last_us; /* occurred_us of rows from range_from on */
	int64_t recorded_us;      /* of the last row */
	int bad;
	uint64_t bad_seq;         /* the first bad row */
	char bad_text[256];
	struct pass_segment *segment;
	size_t nsegment, capsegment;
	uint8_t (*block)[HASH_LEN]; /* roots of whole blocks, from `first` on:
	                             * proofs then read a block, no segment */
	size_t nblock, capblock;
	uint8_t prev[HASH_LEN];   /* prev_hash of the row `first` */
	uint8_t head[HASH_LEN];   /* leaf of the row next - 1 */
	struct pass_cut *cut;     /* those that fell into this range */
	size_t ncut, capcut;
	struct pass_state *state;
};

struct pass *pass_new(struct arena *, const struct pass_want *,
    uint64_t first);
void pass_free(struct pass *); /* gives back what OpenSSL holds */
int pass_feed(void *pass, const struct event *, struct err *);
int pass_end(struct pass *, struct err *);
/* Adds b to a.  -1 and ERR_INTEGRITY: b's first row does not follow. */
int pass_join(struct pass *a, struct pass *b, struct err *);

/*
 * The root of the first `size` events: roots of the segments below the first
 * pass (n of them; all are whole) and what the pass saw.  size is its next,
 * or one of the cuts.  -1: the pass cannot tell.
 */
int pass_root(const struct pass *, uint8_t (*below)[HASH_LEN], size_t n,
    uint64_t size, uint8_t root[HASH_LEN]);

#endif
