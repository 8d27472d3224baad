#include <string.h>

#include "crypt/hash.h"

void
hash_leaves(struct hash *h, uint8_t (*out)[HASH_LEN], const void *const *p,
    const size_t *len, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash_leaf(h, out[i], p[i], len[i]);
}

void
hash_nodes(struct hash *h, uint8_t (*out)[HASH_LEN],
    const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash_node(h, out[i], in + 2 * i * HASH_LEN,
		    in + (2 * i + 1) * HASH_LEN);
}

const char *
hash_lanes_use(const char *name)
{
	(void)name;
	return "generic";
}
