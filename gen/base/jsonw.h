#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include <stddef.h>
#include <stdint.h>

struct str;

/*
 * Writes JSON as RFC 8785 wants it: no spaces, escapes only where they must
 * be, integers and text.  The caller gives the keys in byte order (jsonw_key
 * asserts that they rise); nesting is at most JSONW_DEPTH.
 */
#define JSONW_DEPTH 32

struct jsonw {
	struct str *s;
	int depth;
	unsigned char first[JSONW_DEPTH];
	const char *last[JSONW_DEPTH]; /* the last key, for the order */
};

void jsonw_init(struct jsonw *, struct str *);
void jsonw_object(struct jsonw *);
void jsonw_array(struct jsonw *);
void jsonw_end(struct jsonw *, char closing); /* '}' or ']' */
void jsonw_key(struct jsonw *, const char *);
void jsonw_text(struct jsonw *, const char *, size_t);
void jsonw_textz(struct jsonw *, const char *); /* NULL: null */
void jsonw_int(struct jsonw *, int64_t);
void jsonw_uint(struct jsonw *, uint64_t);
void jsonw_bool(struct jsonw *, int);
void jsonw_null(struct jsonw *);
/* Bytes that are JSON already. */
void jsonw_raw(struct jsonw *, const char *, size_t);

/* key and value in one call; nothing is written where the value is NULL. */
void jsonw_ktext(struct jsonw *, const char *key, const char *);
void jsonw_kint(struct jsonw *, const char *key, int64_t);

/* A JSON string with its quotes, RFC 8785 section 3.2.2.2. */
void jsonw_quote(struct str *, const char *, size_t);

#endif
