#ifndef TESTS_UNIT_SHARED_H
#define TESTS_UNIT_SHARED_H

/* Published vectors: read from $SHARED, never committed; a test that needs
 * one that is not there is skipped and says so. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *
shared_path(char buf[static 1024], const char *rel)
{
	const char *dir = getenv("SHARED");

	(void)snprintf(buf, 1024, "%s/%s", dir != NULL ? dir : "../shared",
	    rel);
	return buf;
}

static inline json_t *
shared_json(const char *rel)
{
	char path[1024];

	return json_load_file(shared_path(path, rel), 0, NULL);
}

#define SHARED_NEED(x, rel)                                         \
	do {                                                        \
		if ((x) == NULL) {                                  \
			(void)printf("SKIP %s: not there\n", rel);  \
			skip();                                     \
		}                                                   \
	} while (0)

static inline const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

static inline size_t
unhex(uint8_t *out, const char *hex)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

#endif
