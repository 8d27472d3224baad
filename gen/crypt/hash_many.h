#ifndef CRYPT_HASH_MANY_H
#define CRYPT_HASH_MANY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypt/hash.h"

/*
 * SHA-256 of n messages, each a prefix byte and then len[i] bytes at p[i], in
 * lanes side by side; prefix HASH_BARE: the len[i] bytes alone, at least one.
 * One of these for each kind of lanes; this header holds
 * what they share: which lane takes which block.  out[i] may lie over what
 * was p[j] for j <= i, where all lengths are equal (hash_nodes).
 */
#define HASH_BARE (-1)
typedef void hash_many_fn(int prefix, uint8_t (*out)[HASH_LEN],
    const void *const *p, const size_t *len, size_t n);

hash_many_fn hash_many_avx2, hash_many_avx512;

#ifdef LANES /* set by the files that hold a kernel */

static const uint32_t hash_k[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf,
	0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
	0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
	0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
	0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee,
	0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2 };

static const uint32_t hash_iv[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

struct hash_lane {
	const uint8_t *p; /* the message */
	size_t len, i;    /* without the prefix; which message it is */
	size_t block, nblock;
	uint8_t prefix;
	uint8_t edge[64]; /* the block in hand, where it is not in one piece */
};

/* Row r of the states of all lanes stands together. */
struct hash_lanes {
	_Alignas(64) uint32_t state[8][LANES];
	struct hash_lane lane[LANES];
};

static void hash_compress(uint32_t state[8][LANES],
    const uint8_t *const p[LANES]);

static void
lane_start(struct hash_lanes *x, size_t l, int prefix, const void *p,
    size_t len, size_t i)
{
	struct hash_lane *lane = &x->lane[l];
	size_t bare = prefix == HASH_BARE;

	lane->prefix = bare ? *(const uint8_t *)p : (uint8_t)prefix;
	lane->p = (const uint8_t *)p + bare;
	lane->len = len - bare;
	lane->i = i;
	lane->block = 0;
	lane->nblock = (lane->len + 1 + 9 + 63) / 64;
	for (size_t r = 0; r < 8; r++)
		x->state[r][l] = hash_iv[r];
}

/* The prefix shifts the message by one: block b begins at byte 64 b - 1. */
static const uint8_t *
lane_block(struct hash_lane *lane)
{
	size_t at = 64 * lane->block, n, bits = 8 * (lane->len + 1);

	if (at > 0 && at + 63 <= lane->len)
		return lane->p + at - 1;
	memset(lane->edge, 0, sizeof(lane->edge));
	if (at == 0) {
		n = lane->len < 63 ? lane->len : 63;
		lane->edge[0] = lane->prefix;
		if (n > 0)
			memcpy(lane->edge + 1, lane->p, n);
		n++;
	} else {
		n = at - 1 < lane->len ? lane->len - (at - 1) : 0;
		if (n > 0)
			memcpy(lane->edge, lane->p + at - 1, n);
	}
	/* The bit that ends a message, in the block where the message ends. */
	if (n < 64 && lane->len + 1 >= at && lane->len + 1 < at + 64)
		lane->edge[n] = 0x80;
	if (lane->block + 1 == lane->nblock)
		for (size_t k = 0; k < 8; k++)
			lane->edge[63 - k] = (uint8_t)(bits >> 8 * k);
	return lane->edge;
}

static void
lane_end(const struct hash_lanes *x, size_t l, uint8_t out[HASH_LEN])
{
	for (size_t r = 0; r < 8; r++)
		for (size_t k = 0; k < 4; k++)
			out[4 * r + k] = (uint8_t)(x->state[r][l] >> (24 - 8 * k));
}

/* A lane that is done takes the next message. */
static void
hash_run(int prefix, uint8_t (*out)[HASH_LEN], const void *const *p,
    const size_t *len, size_t n)
{
	static const uint8_t idle[64];
	const uint8_t *block[LANES];
	struct hash_lanes x;
	size_t next = 0, busy = 0;

	for (size_t l = 0; l < LANES; l++) {
		x.lane[l].nblock = 0;
		if (next < n) {
			lane_start(&x, l, prefix, p[next], len[next], next);
			next++;
			busy++;
		} else
			for (size_t r = 0; r < 8; r++)
				x.state[r][l] = 0;
	}
	while (busy > 0) {
		for (size_t l = 0; l < LANES; l++)
			block[l] = x.lane[l].nblock == 0 ? idle :
			    lane_block(&x.lane[l]);
		hash_compress(x.state, block);
		for (size_t l = 0; l < LANES; l++) {
			struct hash_lane *lane = &x.lane[l];

			if (lane->nblock == 0 || ++lane->block < lane->nblock)
				continue;
			lane_end(&x, l, out[lane->i]);
			lane->nblock = 0;
			if (next < n) {
				lane_start(&x, l, prefix, p[next], len[next], next);
				next++;
			} else
				busy--;
		}
	}
}

/* One round; the caller rotates the names. */
#define HASH_ROUND(a, b, c, d, e, f, g, h, t) do { \
	V t1_ = ADD(ADD(h, SIGMA1(e)), ADD(CH(e, f, g), \
	    ADD(SET(hash_k[t]), w[(t) & 15]))); \
	d = ADD(d, t1_); \
	h = ADD(ADD(t1_, SIGMA0(a)), MAJ(a, b, c)); \
} while (0)

#define HASH_ROUNDS8(t) \
	HASH_ROUND(a, b, c, d, e, f, g, h, (t) + 0); \
	HASH_ROUND(h, a, b, c, d, e, f, g, (t) + 1); \
	HASH_ROUND(g, h, a, b, c, d, e, f, (t) + 2); \
	HASH_ROUND(f, g, h, a, b, c, d, e, (t) + 3); \
	HASH_ROUND(e, f, g, h, a, b, c, d, (t) + 4); \
	HASH_ROUND(d, e, f, g, h, a, b, c, (t) + 5); \
	HASH_ROUND(c, d, e, f, g, h, a, b, (t) + 6); \
	HASH_ROUND(b, c, d, e, f, g, h, a, (t) + 7)

#define HASH_SCHEDULE(i) \
	w[i] = ADD(ADD(w[i], GAMMA0(w[((i) + 1) & 15])), \
	    ADD(w[((i) + 9) & 15], GAMMA1(w[((i) + 14) & 15])))

#define HASH_SCHEDULE16() \
	HASH_SCHEDULE(0); HASH_SCHEDULE(1); HASH_SCHEDULE(2); \
	HASH_SCHEDULE(3); HASH_SCHEDULE(4); HASH_SCHEDULE(5); \
	HASH_SCHEDULE(6); HASH_SCHEDULE(7); HASH_SCHEDULE(8); \
	HASH_SCHEDULE(9); HASH_SCHEDULE(10); HASH_SCHEDULE(11); \
	HASH_SCHEDULE(12); HASH_SCHEDULE(13); HASH_SCHEDULE(14); \
	HASH_SCHEDULE(15)

/* state and block pointers to the 64 rounds, once w[16] is loaded. */
#define HASH_BODY() do { \
	V a = LOAD(state[0]), b = LOAD(state[1]), c = LOAD(state[2]); \
	V d = LOAD(state[3]), e = LOAD(state[4]), f = LOAD(state[5]); \
	V g = LOAD(state[6]), h = LOAD(state[7]); \
	for (size_t t = 0; t < 64; t += 16) { \
		if (t > 0) { \
			HASH_SCHEDULE16(); \
		} \
		HASH_ROUNDS8(t); \
		HASH_ROUNDS8(t + 8); \
	} \
	STORE(state[0], ADD(a, LOAD(state[0]))); \
	STORE(state[1], ADD(b, LOAD(state[1]))); \
	STORE(state[2], ADD(c, LOAD(state[2]))); \
	STORE(state[3], ADD(d, LOAD(state[3]))); \
	STORE(state[4], ADD(e, LOAD(state[4]))); \
	STORE(state[5], ADD(f, LOAD(state[5]))); \
	STORE(state[6], ADD(g, LOAD(state[6]))); \
	STORE(state[7], ADD(h, LOAD(state[7]))); \
} while (0)

#endif
#endif
