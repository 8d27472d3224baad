#include <string.h>

#include "crypt/hash.h"
#include "crypt/merkle.h"

/* A source of nodes and the hash that joins them. */
struct walk {
	struct hash *hash;
	merkle_node_fn *node;
	void *ctx;
	uint8_t (*proof)[HASH_LEN];
	int n;
};

void
merkle_init(struct merkle *m, struct hash *h)
{
	memset(m, 0, sizeof(*m));
	m->hash = h;
}

void
merkle_add(struct merkle *m, const uint8_t leaf[HASH_LEN])
{
	merkle_add_tree(m, 0, leaf);
}

void
merkle_add_tree(struct merkle *m, unsigned level, const uint8_t root[HASH_LEN])
{
	uint8_t node[HASH_LEN];

	memcpy(node, root, HASH_LEN);
	m->size += UINT64_C(1) << level;

	/* A carry, as in binary addition: bits that were set are joined. */
	while (level < 63 && (m->size >> level & 1) == 0) {
		hash_node(m->hash, node, m->edge[level], node);
		level++;
	}
	memcpy(m->edge[level], node, HASH_LEN);
}

void
merkle_root(const struct merkle *m, uint8_t out[HASH_LEN])
{
	int any = 0;

	if (m->size == 0)
		hash_bytes(m->hash, out, "", 0);
	for (unsigned level = 0; level < 64; level++) {
		if ((m->size >> level & 1) == 0)
			continue;
		if (any)
			hash_node(m->hash, out, m->edge[level], out);
		else
			memcpy(out, m->edge[level], HASH_LEN);
		any = 1;
	}
}

/* The exponent of the largest power of two below n (n > 1): the split of
 * RFC 6962 section 2.1. */
static unsigned
split(uint64_t n)
{
	return 63 - (unsigned)__builtin_clzll(n - 1);
}

/* The root of leaves [first, first + n); first is a multiple of the largest
 * power of two that is not above n, so every perfect part is a node. */
static int
range_root(struct walk *w, uint64_t first, uint64_t n, uint8_t out[HASH_LEN])
{
	uint8_t right[HASH_LEN];
	uint64_t k;

	if ((n & (n - 1)) == 0) {
		unsigned level = (unsigned)__builtin_ctzll(n);

		return w->node(w->ctx, level, first >> level, out);
	}
	k = UINT64_C(1) << split(n);
	if (range_root(w, first, k, out) == -1 ||
	    range_root(w, first + k, n - k, right) == -1)
		return -1;
	hash_node(w->hash, out, out, right);
	return 0;
}

static int
push(struct walk *w, uint64_t first, uint64_t n)
{
	return range_root(w, first, n, w->proof[w->n++]);
}

/* PATH(index, D[n]) of RFC 6962 section 2.1.1, the deepest hash first. */
static int
path(struct walk *w, uint64_t index, uint64_t first, uint64_t n)
{
	uint64_t k;

	if (n == 1)
		return 0;
	k = UINT64_C(1) << split(n);
	if (index < k) {
		if (path(w, index, first, k) == -1)
			return -1;
		return push(w, first + k, n - k);
	}
	if (path(w, index - k, first + k, n - k) == -1)
		return -1;
	return push(w, first, k);
}

/* SUBPROOF(old, D[n], known) of RFC 6962 section 2.1.2. */
static int
subproof(struct walk *w, uint64_t old, uint64_t first, uint64_t n, int known)
{
	uint64_t k;

	if (old == n)
		return known ? 0 : push(w, first, n);
	k = UINT64_C(1) << split(n);
	if (old <= k) {
		if (subproof(w, old, first, k, known) == -1)
			return -1;
		return push(w, first + k, n - k);
	}
	if (subproof(w, old - k, first + k, n - k, 0) == -1)
		return -1;
	return push(w, first, k);
}

int
merkle_inclusion(struct hash *h, merkle_node_fn *node, void *ctx,
    uint64_t index, uint64_t size, uint8_t (*proof)[HASH_LEN])
{
	struct walk w = { h, node, ctx, proof, 0 };

	if (index >= size || path(&w, index, 0, size) == -1)
		return -1;
	return w.n;
}

int
merkle_consistency(struct hash *h, merkle_node_fn *node, void *ctx,
    uint64_t old, uint64_t size, uint8_t (*proof)[HASH_LEN])
{
	struct walk w = { h, node, ctx, proof, 0 };

	if (old == 0 || old > size || subproof(&w, old, 0, size, 1) == -1)
		return -1;
	return w.n;
}

int
merkle_check_inclusion(struct hash *h, uint64_t index, uint64_t size,
    const uint8_t leaf[HASH_LEN], uint8_t (*proof)[HASH_LEN], size_t n,
    const uint8_t root[HASH_LEN])
{
	uint64_t fn = index, sn = size - 1;
	uint8_t r[HASH_LEN];

	if (index >= size)
		return -1;
	memcpy(r, leaf, HASH_LEN);
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return -1;
		if ((fn & 1) == 1 || fn == sn) {
			hash_node(h, r, proof[i], r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			hash_node(h, r, r, proof[i]);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(r, root, HASH_LEN) == 0 ? 0 : -1;
}

int
merkle_check_consistency(struct hash *h, uint64_t old, uint64_t size,
    uint8_t (*proof)[HASH_LEN], size_t n,
    const uint8_t old_root[HASH_LEN], const uint8_t root[HASH_LEN])
{
	uint64_t fn = old - 1, sn = size - 1;
	uint8_t fr[HASH_LEN], sr[HASH_LEN];
	size_t i = 0;

	if (old == 0 || old > size)
		return -1;
	if (old == size)
		return n == 0 && memcmp(old_root, root, HASH_LEN) == 0 ? 0 : -1;
	while ((fn & 1) == 1) {
		fn >>= 1;
		sn >>= 1;
	}

	/* Of a power of two the old root itself is the first node. */
	if (fn == 0)
		memcpy(fr, old_root, HASH_LEN);
	else if (n > 0)
		memcpy(fr, proof[i++], HASH_LEN);
	else
		return -1;
	memcpy(sr, fr, HASH_LEN);

	for (; i < n; i++) {
		if (sn == 0)
			return -1;
		if ((fn & 1) == 1 || fn == sn) {
			hash_node(h, fr, proof[i], fr);
			hash_node(h, sr, proof[i], sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			hash_node(h, sr, sr, proof[i]);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(fr, old_root, HASH_LEN) == 0 &&
	    memcmp(sr, root, HASH_LEN) == 0 ? 0 : -1;
}
