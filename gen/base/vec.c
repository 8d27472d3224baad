#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

void *
vec_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t size)
{
	void *q;

	if (n < *cap)
		return p;
	*cap = *cap == 0 ? 8 : *cap * 2;
	q = arena_array(a, *cap, size);
	if (n > 0)
		memcpy(q, p, n * size);
	return q;
}
