#include <string.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#endif

#include "base/arena.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/hash_many.h"

/*
 * The lanes in use.  The one variable of the program that is not constant:
 * hash_lanes_use sets it before any thread hashes.
 */
static hash_many_fn *many;

#define MANY 64 /* pointers on the stack */

void
hash_leaves(struct hash *h, uint8_t (*out)[HASH_LEN], const void *const *p,
    const size_t *len, size_t n)
{
	if (many != NULL && n > 1)
		many(0, out, p, len, n);
	else
		for (size_t i = 0; i < n; i++)
			hash_leaf(h, out[i], p[i], len[i]);
}

void
hash_each(struct hash *h, uint8_t (*out)[HASH_LEN], const void *const *p,
    const size_t *len, size_t n)
{
	if (many != NULL && n > 1)
		many(HASH_BARE, out, p, len, n);
	else
		for (size_t i = 0; i < n; i++)
			hash_bytes(h, out[i], p[i], len[i]);
}

void
hash_nodes(struct hash *h, uint8_t (*out)[HASH_LEN], const uint8_t *in,
    size_t n)
{
	const void *p[MANY];
	size_t len[MANY], k;

	for (; n > 0; n -= k, out += k, in += 2 * k * HASH_LEN) {
		k = n < MANY ? n : MANY;
		for (size_t i = 0; i < k; i++) {
			p[i] = in + 2 * i * HASH_LEN;
			len[i] = 2 * HASH_LEN;
		}
		if (many != NULL && k > 1)
			many(1, out, p, len, k);
		else
			for (size_t i = 0; i < k; i++)
				hash_node(h, out[i], p[i],
				    (const uint8_t *)p[i] + HASH_LEN);
	}
}

/* Against OpenSSL, on all lengths from 0 (bare: 1) to 200, in one batch. */
static int
agrees(hash_many_fn *fn)
{
	enum { N = 201 };
	static const int prefix[] = { 0, 1, HASH_BARE };
	struct arena *a = arena_new();
	struct hash *h = hash_new(a);
	uint8_t (*out)[HASH_LEN] = arena_array(a, N, sizeof(*out));
	uint8_t *bytes = arena_alloc(a, N), want[HASH_LEN];
	const void **p = arena_array(a, N, sizeof(*p));
	size_t *len = arena_array(a, N, sizeof(*len));
	int good = 1;

	for (size_t i = 0; i < N; i++) {
		bytes[i] = (uint8_t)(i * 167 + 13);
		p[i] = bytes;
		len[i] = i;
	}
	for (size_t k = 0; k < 3; k++) {
		const uint8_t first = (uint8_t)prefix[k];
		size_t bare = prefix[k] == HASH_BARE;

		fn(prefix[k], out + bare, p + bare, len + bare, N - bare);
		for (size_t i = bare; i < N; i++) {
			hash_start(h);
			hash_add(h, &first, 1 - bare);
			hash_add(h, bytes, i);
			hash_end(h, want);
			good = good && memcmp(want, out[i], HASH_LEN) == 0;
		}
	}
	hash_free(h);
	arena_free(a);
	return good;
}

static const struct lanes {
	const char *name;
	hash_many_fn *fn;
} lanes[] = {
#if defined(__x86_64__) && defined(__GNUC__)
	{ "avx512", hash_many_avx512 }, { "avx2", hash_many_avx2 },
#endif
	{ "generic", NULL }
};

static int
machine_has(const char *name)
{
#if defined(__x86_64__) && defined(__GNUC__)
	if (strcmp(name, "avx512") == 0)
		return __builtin_cpu_supports("avx512f") &&
		    __builtin_cpu_supports("avx512bw") &&
		    __builtin_cpu_supports("avx512vl");
	if (strcmp(name, "avx2") == 0)
		return __builtin_cpu_supports("avx2");
#endif
	return strcmp(name, "generic") == 0;
}

/* OpenSSL with the SHA instructions is faster than eight lanes. */
static int
has_sha(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) != 0;
#else
	return 0;
#endif
}

const char *
hash_lanes_use(const char *name)
{
	size_t n = sizeof(lanes) / sizeof(lanes[0]), i = 0;
	int best = name == NULL || *name == '\0';

	if (!best)
		while (i + 1 < n && strcmp(lanes[i].name, name) != 0)
			i++;
	while (i + 1 < n && !(machine_has(lanes[i].name) &&
	    !(best && strcmp(lanes[i].name, "avx2") == 0 && has_sha()) &&
	    agrees(lanes[i].fn)))
		i++;
	many = lanes[i].fn;
	return lanes[i].name;
}
