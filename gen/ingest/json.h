#ifndef INGEST_JSON_H
#define INGEST_JSON_H

#include <stddef.h>

struct arena;
struct err;
struct str;

/*
 * One JSON value of a log, as a tree that keeps the source's own spelling:
 * hashes of others are computed over that, never over a number that went
 * through a double.  Strict RFC 8259: NaN, Infinity, bad UTF-8, duplicate
 * keys and anything after the value are errors with their offset.
 */
enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING,
	JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	const char *raw; /* the value's bytes in the source */
	size_t rawlen;
	const char *key; /* of a member: decoded, NUL-terminated */
	size_t keylen;
	const char *p;   /* of a string: decoded, NUL-terminated.  A lone
	                  * surrogate is three bytes that are not UTF-8 */
	size_t len;
	struct json *child, *next; /* elements or members, as in the source */
};

struct json_fault {
	size_t at; /* offset in the text */
	const char *what;
};

/* 0, or -1 with the fault.  The tree points into p and the arena. */
int json_parse(struct arena *, const char *p, size_t len, struct json **,
    struct json_fault *);

/* A member of an object, NULL if it is not there. */
const struct json *json_get(const struct json *, const char *key);
/* The same, NULL too where the value is null or an empty string. */
const struct json *json_some(const struct json *, const char *key);
/* The text of a member that is a string, else NULL. */
const char *json_text(const struct json *, const char *key);

/*
 * Python's json.dumps(sort_keys=True) of it: ", " and ": ", keys by code
 * point, everything but printable ASCII as \u, numbers as in the source.
 */
void json_python(struct str *, const struct json *);
/* One string as Python spells it, quotes included. */
void json_python_text(struct str *, const char *, size_t);
/* One string as JSON.stringify spells it. */
void json_js_text(struct str *, const char *, size_t);
/* RFC 8785 of a value without fractions or exponents; numbers with them are
 * written as strings in the source's spelling: for ext. */
void json_canonical(struct str *, const struct json *);

#endif
