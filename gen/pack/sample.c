#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "pack/sample.h"

int
sample_nonce_ok(const char *nonce)
{
	size_t n = strlen(nonce);

	return n >= 16 && n <= 64 && strspn(nonce, "0123456789abcdef") == n;
}

void
sample_rank(struct hash *h, const char *origin, const char *nonce,
    struct sample_row *r)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), SAMPLE_RULE "\n%.600s\n%.64s\n%"
	    PRIu64 "\n", origin, nonce, r->seq);

	hash_bytes(h, r->rank, text, (size_t)n);
}

int
sample_cmp(const void *a, const void *b)
{
	const struct sample_row *x = a, *y = b;

	return memcmp(x->rank, y->rank, HASH_LEN);
}

void
sample_init(struct sample *s, struct arena *a, size_t k)
{
	*s = (struct sample){ arena_array(a, k + 1, sizeof(*s->row)), 0, k };
}

/* Lets the row at i sink to its place below larger ones. */
static void
sift(struct sample *s, size_t i)
{
	for (;;) {
		size_t big = i, l = 2 * i + 1;
		struct sample_row t;

		if (l < s->n && sample_cmp(&s->row[l], &s->row[big]) > 0)
			big = l;
		if (l + 1 < s->n &&
		    sample_cmp(&s->row[l + 1], &s->row[big]) > 0)
			big = l + 1;
		if (big == i)
			return;
		t = s->row[i];
		s->row[i] = s->row[big];
		s->row[big] = t;
		i = big;
	}
}

void
sample_add(struct sample *s, const struct sample_row *r)
{
	if (s->n < s->k) {
		s->row[s->n++] = *r;
		if (s->n == s->k)
			for (size_t i = s->n; i > 0; i--)
				sift(s, i - 1);
	} else if (s->k > 0 && sample_cmp(r, &s->row[0]) < 0) {
		s->row[0] = *r;
		sift(s, 0);
	}
}

void
sample_sort(struct sample *s)
{
	if (s->n > 1)
		qsort(s->row, s->n, sizeof(*s->row), sample_cmp);
}
