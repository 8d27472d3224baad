#include "model/build.h"

const struct cited *
build_cited(const struct build *b, const struct cite *c)
{
	size_t lo = 0, hi = b->ncited;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = cite_cmp(c, &b->cited[mid].at);

		if (order == 0)
			return &b->cited[mid];
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
