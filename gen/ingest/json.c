#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ingest/json.h"

#define KEYS_PLAIN 48 /* above this many, a map finds duplicate keys */

struct parser {
	struct arena *arena;
	const char *start, *p, *end;
	struct json_fault *fault;
	int depth;
};

static int
fail(struct parser *x, const char *what)
{
	x->fault->at = (size_t)(x->p - x->start);
	x->fault->what = what;
	return -1;
}

static void
space(struct parser *x)
{
	while (x->p < x->end && (*x->p == ' ' || *x->p == '\t' ||
	    *x->p == '\n' || *x->p == '\r'))
		x->p++;
}

static int
hex4(const char *p, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0') :
		    c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) :
		    c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : 16;

		if (d == 16)
			return -1;
		*out = *out << 4 | d;
	}
	return 0;
}

/* utf8_put also writes a lone surrogate, as three bytes. */
static int
unicode_escape(struct parser *x, struct str *s)
{
	uint32_t c, low;

	if (x->end - x->p < 5 || hex4(x->p + 1, &c) == -1)
		return fail(x, "want four hex digits after \\u");
	x->p += 5;
	if (c >= 0xd800 && c <= 0xdbff && x->end - x->p >= 6 &&
	    x->p[0] == '\\' && x->p[1] == 'u' && hex4(x->p + 2, &low) == 0 &&
	    low >= 0xdc00 && low <= 0xdfff) {
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		x->p += 6;
	}
	utf8_put(s, c);
	return 0;
}

static int
escape(struct parser *x, struct str *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (x->p == x->end)
		return fail(x, "the string does not end");
	if (*x->p == 'u')
		return unicode_escape(x, s);
	at = *x->p == '\0' ? NULL : strchr(from, *x->p);
	if (at == NULL)
		return fail(x, "unknown escape");
	str_addc(s, to[at - from]);
	x->p++;
	return 0;
}

/* After the opening quote.  Most strings hold no escape: one copy. */
static int
string(struct parser *x, const char **out, size_t *len)
{
	const char *from = x->p;
	struct str s;
	size_t good;

	while (x->p < x->end && *x->p != '"' && *x->p != '\\' &&
	    (unsigned char)*x->p >= 0x20)
		x->p++;
	good = utf8_check(from, (size_t)(x->p - from));
	if (good != (size_t)(x->p - from)) {
		x->p = from + good;
		return fail(x, "not UTF-8");
	}
	if (x->p < x->end && *x->p == '"') {
		*len = (size_t)(x->p++ - from);
		*out = arena_strndup(x->arena, from, *len);
		return 0;
	}
	s = str_new(x->arena);
	str_add(&s, from, (size_t)(x->p - from));
	while (x->p < x->end && *x->p != '"') {
		from = x->p;
		if (*x->p == '\\') {
			x->p++;
			if (escape(x, &s) == -1)
				return -1;
			continue;
		}
		if ((unsigned char)*x->p < 0x20)
			return fail(x, "a control character in a string");
		while (x->p < x->end && *x->p != '"' && *x->p != '\\' &&
		    (unsigned char)*x->p >= 0x20)
			x->p++;
		good = utf8_check(from, (size_t)(x->p - from));
		if (good != (size_t)(x->p - from)) {
			x->p = from + good;
			return fail(x, "not UTF-8");
		}
		str_add(&s, from, (size_t)(x->p - from));
	}
	if (x->p == x->end)
		return fail(x, "the string does not end");
	x->p++;
	*out = s.p;
	*len = s.len;
	return 0;
}

static size_t
digits(struct parser *x)
{
	const char *from = x->p;

	while (x->p < x->end && *x->p >= '0' && *x->p <= '9')
		x->p++;
	return (size_t)(x->p - from);
}

static int
number(struct parser *x)
{
	const char *first;

	if (*x->p == '-')
		x->p++;
	first = x->p;
	if (digits(x) == 0)
		return fail(x, "not JSON");
	if (*first == '0' && x->p - first > 1)
		return fail(x, "a number with a leading zero");
	if (x->p < x->end && *x->p == '.') {
		x->p++;
		if (digits(x) == 0)
			return fail(x, "want a digit after the point");
	}
	if (x->p < x->end && (*x->p == 'e' || *x->p == 'E')) {
		x->p++;
		if (x->p < x->end && (*x->p == '+' || *x->p == '-'))
			x->p++;
		if (digits(x) == 0)
			return fail(x, "want a digit in the exponent");
	}
	return 0;
}

static int
word(struct parser *x, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(x->end - x->p) < n || memcmp(x->p, w, n) != 0)
		return fail(x, "not JSON");
	x->p += n;
	return 0;
}

static int value(struct parser *, struct json *);

static int
new_key(struct parser *x, struct json *object, struct map **seen, size_t n,
    struct json *member)
{
	void **place;

	if (n == KEYS_PLAIN) {
		*seen = map_new(x->arena);
		for (struct json *m = object->child; m != member; m = m->next)
			*map_put(*seen, m->key, m->keylen) = m;
	}
	if (*seen == NULL) {
		for (struct json *m = object->child; m != member; m = m->next)
			if (m->keylen == member->keylen &&
			    memcmp(m->key, member->key, m->keylen) == 0)
				return 0;
		return 1;
	}
	place = map_put(*seen, member->key, member->keylen);
	if (*place != NULL)
		return 0;
	*place = member;
	return 1;
}

static int
members(struct parser *x, struct json *v, char close)
{
	struct json **last = &v->child;
	struct map *seen = NULL;

	x->p++;
	space(x);
	if (x->p < x->end && *x->p == close)
		return 0;
	for (size_t n = 0;; n++) {
		struct json *m = arena_alloc(x->arena, sizeof(*m));
		const char *at = x->p;

		*last = m;
		if (close == '}') {
			if (x->p == x->end || *x->p != '"')
				return fail(x, "want a key in quotes");
			x->p++;
			if (string(x, &m->key, &m->keylen) == -1)
				return -1;
			if (!new_key(x, v, &seen, n, m)) {
				x->p = at;
				return fail(x, "duplicate key");
			}
			space(x);
			if (x->p == x->end || *x->p != ':')
				return fail(x, "want ':'");
			x->p++;
			space(x);
		}
		if (value(x, m) == -1)
			return -1;
		last = &m->next;
		space(x);
		if (x->p < x->end && *x->p == close)
			return 0;
		if (x->p == x->end || *x->p != ',')
			return fail(x, close == '}' ? "want ',' or '}'" :
			    "want ',' or ']'");
		x->p++;
		space(x);
	}
}

static int
value(struct parser *x, struct json *v)
{
	int rc = 0;

	v->raw = x->p;
	if (x->p == x->end)
		return fail(x, "a value is missing");
	switch (*x->p) {
	case '{':
	case '[':
		v->type = *x->p == '{' ? JSON_OBJECT : JSON_ARRAY;
		if (x->depth++ == LIMIT_LOG_DEPTH)
			return fail(x, "nested too deep");
		if (members(x, v, *x->p == '{' ? '}' : ']') == -1)
			return -1;
		x->p++;
		x->depth--;
		break;
	case '"':
		v->type = JSON_STRING;
		x->p++;
		rc = string(x, &v->p, &v->len);
		break;
	case 't':
		v->type = JSON_TRUE;
		rc = word(x, "true");
		break;
	case 'f':
		v->type = JSON_FALSE;
		rc = word(x, "false");
		break;
	case 'n':
		v->type = JSON_NULL;
		rc = word(x, "null");
		break;
	default:
		v->type = JSON_NUMBER;
		rc = number(x);
		break;
	}
	v->rawlen = (size_t)(x->p - v->raw);
	return rc;
}

int
json_parse(struct arena *a, const char *p, size_t len, struct json **out,
    struct json_fault *fault)
{
	struct parser x = { a, p, p, p + len, fault, 0 };

	*out = arena_alloc(a, sizeof(**out));
	space(&x);
	if (value(&x, *out) == -1)
		return -1;
	space(&x);
	return x.p == x.end ? 0 : fail(&x, "text after the value");
}

const struct json *
json_get(const struct json *v, const char *key)
{
	size_t n = strlen(key);

	if (v == NULL || v->type != JSON_OBJECT)
		return NULL;
	for (const struct json *m = v->child; m != NULL; m = m->next)
		if (m->keylen == n && memcmp(m->key, key, n) == 0)
			return m;
	return NULL;
}

const struct json *
json_some(const struct json *v, const char *key)
{
	const struct json *m = json_get(v, key);

	return m == NULL || m->type == JSON_NULL ||
	    (m->type == JSON_STRING && m->len == 0) ? NULL : m;
}

const char *
json_text(const struct json *v, const char *key)
{
	const struct json *m = json_get(v, key);

	return m != NULL && m->type == JSON_STRING ? m->p : NULL;
}

static const char hexdigit[] = "0123456789abcdef";

static void
add_u(struct str *s, uint32_t unit)
{
	char u[6] = { '\\', 'u', hexdigit[unit >> 12 & 15],
		hexdigit[unit >> 8 & 15], hexdigit[unit >> 4 & 15],
		hexdigit[unit & 15] };

	str_add(s, u, sizeof(u));
}

/* The code point at p; a surrogate in three bytes is one, too. */
static uint32_t
code_point(const char *p, size_t len, size_t *took)
{
	const unsigned char *u = (const unsigned char *)p;

	if (len >= 3 && u[0] == 0xed && u[1] >= 0xa0) {
		*took = 3;
		return 0xd000u | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
	}
	return utf8_next(p, len, took);
}

static int
short_escape(struct str *s, uint32_t c)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	const char *at = c == 0 || c > 127 ? NULL : strchr(from, (int)c);

	if (at == NULL)
		return 0;
	str_addc(s, '\\');
	str_addc(s, to[at - from]);
	return 1;
}

void
json_python_text(struct str *s, const char *p, size_t len)
{
	size_t took;

	str_addc(s, '"');
	for (size_t i = 0; i < len; i += took) {
		uint32_t c = code_point(p + i, len - i, &took);

		if (short_escape(s, c))
			continue;
		if (c >= 0x20 && c <= 0x7e)
			str_addc(s, (char)c);
		else if (c > 0xffff) {
			add_u(s, 0xd800 + ((c - 0x10000) >> 10));
			add_u(s, 0xdc00 + ((c - 0x10000) & 0x3ff));
		} else
			add_u(s, c);
	}
	str_addc(s, '"');
}

void
json_js_text(struct str *s, const char *p, size_t len)
{
	size_t took;

	str_addc(s, '"');
	for (size_t i = 0; i < len; i += took) {
		uint32_t c = code_point(p + i, len - i, &took);

		if (short_escape(s, c))
			continue;
		if (c < 0x20 || (c >= 0xd800 && c <= 0xdfff))
			add_u(s, c);
		else
			str_add(s, p + i, took);
	}
	str_addc(s, '"');
}

static int
key_cmp(const void *a, const void *b)
{
	const struct json *x = *(const struct json *const *)a;
	const struct json *y = *(const struct json *const *)b;

	return str_cmp(x->key, x->keylen, y->key, y->keylen);
}

/* The children, members in the order of their keys. */
static const struct json **
sorted(struct arena *a, const struct json *v, size_t *n)
{
	const struct json **list;

	*n = 0;
	for (const struct json *m = v->child; m != NULL; m = m->next)
		(*n)++;
	list = arena_array(a, *n + 1, sizeof(*list));
	*n = 0;
	for (const struct json *m = v->child; m != NULL; m = m->next)
		list[(*n)++] = m;
	if (v->type == JSON_OBJECT)
		qsort(list, *n, sizeof(*list), key_cmp);
	return list;
}

void
json_python(struct str *s, const struct json *v)
{
	const struct json **list;
	size_t n;

	if (v->type == JSON_STRING) {
		json_python_text(s, v->p, v->len);
		return;
	}
	if (v->type != JSON_ARRAY && v->type != JSON_OBJECT) {
		str_add(s, v->raw, v->rawlen);
		return;
	}
	list = sorted(s->arena, v, &n);
	str_addc(s, v->type == JSON_OBJECT ? '{' : '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			str_addz(s, ", ");
		if (v->type == JSON_OBJECT) {
			json_python_text(s, list[i]->key, list[i]->keylen);
			str_addz(s, ": ");
		}
		json_python(s, list[i]);
	}
	str_addc(s, v->type == JSON_OBJECT ? '}' : ']');
}

void
json_canonical(struct str *s, const struct json *v)
{
	const struct json **list;
	size_t n;

	if (v->type == JSON_STRING || (v->type == JSON_NUMBER &&
	    (memchr(v->raw, '.', v->rawlen) != NULL ||
	    memchr(v->raw, 'e', v->rawlen) != NULL ||
	    memchr(v->raw, 'E', v->rawlen) != NULL || v->rawlen > 15))) {
		if (v->type == JSON_STRING)
			jsonw_quote(s, v->p, v->len);
		else
			jsonw_quote(s, v->raw, v->rawlen);
		return;
	}
	if (v->type != JSON_ARRAY && v->type != JSON_OBJECT) {
		str_add(s, v->raw, v->rawlen);
		return;
	}
	list = sorted(s->arena, v, &n);
	str_addc(s, v->type == JSON_OBJECT ? '{' : '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			str_addc(s, ',');
		if (v->type == JSON_OBJECT) {
			jsonw_quote(s, list[i]->key, list[i]->keylen);
			str_addc(s, ':');
		}
		json_canonical(s, list[i]);
	}
	str_addc(s, v->type == JSON_OBJECT ? '}' : ']');
}
