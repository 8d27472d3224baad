/*
 * Any bytes as a manifest, or as pack.json where they begin with a brace:
 * what is accepted is what is written again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "pack/manifest.h"
#include "pack/packjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_json(struct arena *a, const char *p, size_t len)
{
	struct packinfo info, back;
	struct str s = str_new(a), again = str_new(a);
	struct fault f = { 0 };

	if (packjson_parse(a, p, len, &info, &f) == -1) {
		if (f.code == FAULT_NONE)
			abort();
		return;
	}
	packjson_write(&s, &info);
	if (packjson_parse(a, s.p, s.len, &back, &f) == -1)
		abort();
	packjson_write(&again, &back);
	if (s.len != again.len || memcmp(s.p, again.p, s.len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)p, len);
	struct packset set;
	struct fault f = { 0 };

	if (len > 0 && *p == '{')
		try_json(a, text, len);
	else if (manifest_parse(a, text, len, &set, &f) == 0) {
		struct str s = str_new(a);

		manifest_write(&s, &set);
		if (s.len != len || memcmp(s.p, text, len) != 0)
			abort();
		for (size_t i = 0; i < set.nfile; i++)
			if (manifest_find(&set, set.file[i].path) !=
			    &set.file[i] ||
			    strncmp(set.file[i].path, "data/", 5) != 0 ||
			    strstr(set.file[i].path, "/../") != NULL)
				abort();
	} else if (f.code == FAULT_NONE)
		abort();
	arena_free(a);
	return 0;
}
