#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

struct arena;

/*
 * Growing arrays in an arena: VEC_PUSH(a, list, n, cap) makes room for one
 * more zeroed element of list, raises n and yields a pointer to it.
 */
#define VEC_PUSH(a, p, n, cap) \
	((p) = vec_grow((a), (p), (n), &(cap), sizeof(*(p))), &(p)[(n)++])

/* Room for one more than n; the old array stays in the arena. */
void *vec_grow(struct arena *, void *, size_t n, size_t *cap, size_t size);

#endif
