#ifndef PACK_SAMPLE_H
#define PACK_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"

struct arena;

/*
 * The k rows of smallest rank (docs/format/pack.md section 5).  A rank
 * depends on log, nonce and seq alone, so nobody chooses it, and the order in
 * which rows are added does not matter.  Memory is that of k rows:
 *
 *     sample_init(&s, arena, k);
 *     sample_rank(hash, origin, nonce, &row);  sample_add(&s, &row);  ...
 *     sample_sort(&s);                         s.row[0 .. s.n) by rank
 */
#define SAMPLE_RULE "exhibit-sample/1"
#define SAMPLE_MAX 10000

struct sample_row {
	uint8_t rank[HASH_LEN];
	size_t stream;
	uint64_t seq;
};

struct sample {
	struct sample_row *row; /* a heap; the largest of those kept on top */
	size_t n, k;
};

/* Whether an auditor may give it: 16 to 64 lower-case hex digits. */
int sample_nonce_ok(const char *nonce);
void sample_rank(struct hash *, const char *origin, const char *nonce,
    struct sample_row *);
int sample_cmp(const void *, const void *); /* by rank, for qsort */

void sample_init(struct sample *, struct arena *, size_t k);
void sample_add(struct sample *, const struct sample_row *);
void sample_sort(struct sample *);

#endif
