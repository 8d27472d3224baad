#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

struct slot {
	const char *key; /* NULL: free */
	size_t len;
	uint64_t hash;
	void *value;
};

struct map {
	struct arena *arena;
	struct slot *slot;
	size_t n, size; /* size: a power of two */
};

/* FNV-1a, eight bytes a turn, with a last mix.  Keys come from input, but a map only ever slows
 * down on chosen collisions; sizes are bounded by the reader's limits. */
static uint64_t
hash_key(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t x;

		memcpy(&x, p, 8);
		h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ (h >> 32);
}

struct map *
map_new(struct arena *a)
{
	struct map *m = arena_alloc(a, sizeof(*m));

	m->arena = a;
	m->size = 16;
	m->slot = arena_array(a, m->size, sizeof(*m->slot));
	return m;
}

size_t
map_count(const struct map *m)
{
	return m->n;
}

static struct slot *
find(const struct map *m, const void *key, size_t len, uint64_t h)
{
	size_t i = (size_t)h & (m->size - 1);

	for (;; i = (i + 1) & (m->size - 1)) {
		struct slot *s = &m->slot[i];

		if (s->key == NULL)
			return s;
		if (s->hash == h && s->len == len &&
		    memcmp(s->key, key, len) == 0)
			return s;
	}
}

static void
grow(struct map *m)
{
	struct slot *old = m->slot;
	size_t size = m->size;

	m->size *= 2;
	m->slot = arena_array(m->arena, m->size, sizeof(*m->slot));
	for (size_t i = 0; i < size; i++)
		if (old[i].key != NULL)
			*find(m, old[i].key, old[i].len, old[i].hash) = old[i];
}

void **
map_put(struct map *m, const void *key, size_t len)
{
	uint64_t h = hash_key(key, len);
	struct slot *s;

	if (m->n * 4 >= m->size * 3)
		grow(m);
	s = find(m, key, len, h);
	if (s->key == NULL) {
		s->key = arena_strndup(m->arena, key, len);
		s->len = len;
		s->hash = h;
		m->n++;
	}
	return &s->value;
}

void *
map_get(const struct map *m, const void *key, size_t len)
{
	return find(m, key, len, hash_key(key, len))->value;
}

void *
map_getz(const struct map *m, const char *key)
{
	return map_get(m, key, strlen(key));
}

void **
map_putz(struct map *m, const char *key)
{
	return map_put(m, key, strlen(key));
}
