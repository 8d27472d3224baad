#include <string.h>

#include "base/asset.h"

const struct asset *
asset_find(const char *name)
{
	size_t lo = 0, hi = asset_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(name, asset_table[mid].name);

		if (c == 0)
			return &asset_table[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
