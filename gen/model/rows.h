#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Values, rows and places are one thing for events and reference tables
 * alike.  Text is valid UTF-8 without U+0000 and lives in the arena of
 * whoever filled the row; it is NUL-terminated too.
 */
enum value_type { VALUE_NULL, VALUE_INT, VALUE_TEXT };

struct value {
	enum value_type type;
	int64_t i;
	const char *p;
	size_t len;
};

/* A row that something rests on: an event (at.file NULL), or a registry row
 * (stream and seq 0, at says where). */
struct cite {
	uint32_t stream; /* index into build.stream */
	uint64_t seq;
	struct mark at;
};

/* By stream and seq, registry rows after events by file, line. */
int cite_cmp(const struct cite *, const struct cite *);

int value_eq(const struct value *, const struct value *); /* NULL = NULL */
/* The text, or NULL where the value is not text. */
const char *value_text(const struct value *);

#endif
