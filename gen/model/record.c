#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crypt/hash.h"
#include "model/record.h"

#define INT_MAX_JSON INT64_C(9007199254740991) /* 2^53 - 1 */

/* What stands before a column's value; the first comma becomes a brace. */
static const struct prefix {
	const char *p;
	size_t len;
} prefix[EVENT_NCOL] = {
#define EVENT(constant, column, type, required, says) \
	[EVENT_##constant] = { ",\"" #column "\":", sizeof(#column) + 3 },
#include "model/event.def"
#undef EVENT
};

/* Eight bytes at once: quote, backslash or control; then any high bit. */
static unsigned
look8(const char *p)
{
	const uint64_t one = UINT64_C(0x0101010101010101), high = one << 7;
	uint64_t x, quote, slash, hit;

	memcpy(&x, p, 8);
	quote = x ^ one * '"';
	slash = x ^ one * '\\';
	hit = ((x - one * 0x20) & ~x) | ((quote - one) & ~quote) |
	    ((slash - one) & ~slash);
	return ((hit & high) != 0 ? RECORD_ESCAPED | RECORD_ODD : 0) |
	    ((x & high) != 0 ? RECORD_ODD : 0);
}

#ifdef __SSE2__
static unsigned
look16(const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i hit = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1f)), x);

	hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, _mm_set1_epi8('"')));
	hit = _mm_or_si128(hit, _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
	return (_mm_movemask_epi8(hit) != 0 ? RECORD_ESCAPED | RECORD_ODD : 0) |
	    (_mm_movemask_epi8(x) != 0 ? RECORD_ODD : 0);
}
#else
static unsigned
look16(const char *p)
{
	return look8(p) | look8(p + 8);
}
#endif

/* The last step lies over the one before. */
unsigned
record_look(const char *p, size_t len)
{
	unsigned seen = 0;

	if (len >= 16) {
		for (size_t i = 0; i + 16 < len; i += 16)
			seen |= look16(p + i);
		return seen | look16(p + len - 16);
	}
	if (len >= 8)
		return look8(p) | look8(p + len - 8);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c == '"' || c == '\\')
			seen |= RECORD_ESCAPED | RECORD_ODD;
		if (c >= 0x80)
			seen |= RECORD_ODD;
	}
	return seen;
}

/* Digits of a number, at most 20 bytes; returns their end. */
static char *
put_int(char *to, int64_t i)
{
	char buf[20], *p = buf + sizeof(buf);
	uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	if (i < 0)
		*to++ = '-';
	memcpy(to, p, (size_t)(buf + sizeof(buf) - p));
	return to + (buf + sizeof(buf) - p);
}

/* The room that the record takes if nothing in it is escaped. */
static size_t
room(const struct value *col)
{
	size_t n = 2;

	for (size_t i = 0; i < EVENT_NCOL; i++)
		if (col[i].type != VALUE_NULL)
			n += prefix[i].len + (col[i].type == VALUE_INT ? 21 :
			    col[i].len + 2);
	return n;
}

/*
 * Room is made once, and again behind the rare text that has escapes: this
 * runs for every row that is read (performance.md).
 */
void
record_add_seen(struct str *s, const struct value *col, const uint8_t *seen)
{
	size_t left = room(col), start = s->len;
	char *to = str_room(s, left);

	for (size_t i = 0; i < EVENT_NCOL; i++) {
		const struct value *v = &col[i];

		if (v->type == VALUE_NULL)
			continue;
		memcpy(to, prefix[i].p, prefix[i].len);
		to += prefix[i].len;
		if (v->type == VALUE_INT)
			to = put_int(to, v->i);
		else if ((seen[i] & RECORD_ESCAPED) == 0) {
			*to++ = '"';
			memcpy(to, v->p, v->len);
			to += v->len;
			*to++ = '"';
		} else {
			s->len = (size_t)(to - s->p);
			jsonw_quote(s, v->p, v->len);
			to = str_room(s, left);
		}
	}
	s->len = (size_t)(to - s->p);
	if (s->len == start)
		str_addc(s, '{');
	s->p[start] = '{';
	str_addc(s, '}');
}

void
record_add(struct str *s, const struct value *col)
{
	uint8_t seen[EVENT_NCOL];

	for (size_t i = 0; i < EVENT_NCOL; i++)
		seen[i] = col[i].type != VALUE_TEXT ? 0 :
		    (uint8_t)record_look(col[i].p, col[i].len);
	record_add_seen(s, col, seen);
}

void
record_genesis(struct hash *h, const char *origin, uint8_t *out)
{
	static const char tag[] = "exhibit-audit-store/1\n";

	hash_start(h);
	hash_add(h, tag, sizeof(tag) - 1);
	hash_add(h, origin, strlen(origin));
	hash_add(h, "\n", 1);
	hash_end(h, out);
}

int
record_check(enum event_col c, const struct value *v, struct err *e)
{
	const struct event_column *col = &event_column[c];

	if (v->type == VALUE_NULL) {
		if (col->required)
			return err_set(e, ERR_INPUT, "%s: is not there", col->name);
		return 0;
	}
	if (v->type != col->type)
		return err_set(e, ERR_INPUT, "%s: is %s, want %s", col->name,
		    v->type == VALUE_INT ? "a number" : "text",
		    col->type == VALUE_INT ? "a whole number" : "text");
	if (v->type == VALUE_INT) {
		if (v->i < -INT_MAX_JSON || v->i > INT_MAX_JSON)
			return err_set(e, ERR_INPUT,
			    "%s: %" PRId64 " is outside +-(2^53 - 1)", col->name,
			    v->i);
		return 0;
	}
	if (v->len > LIMIT_FIELD)
		return err_set(e, ERR_INPUT, "%s: %zu bytes, at most %u", col->name,
		    v->len, LIMIT_FIELD);
	if (!utf8_valid(v->p, v->len))
		return err_set(e, ERR_INPUT, "%s: byte %zu is not UTF-8", col->name,
		    utf8_check(v->p, v->len));
	if (v->len > 0 && memchr(v->p, '\0', v->len) != NULL)
		return err_set(e, ERR_INPUT, "%s: holds U+0000", col->name);
	return 0;
}

struct reader {
	const char *p, *end;
	struct str text; /* of the string being read */
};

static int
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return -1;
	r->p++;
	return 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After a backslash: the escapes of RFC 8785 section 3.2.2.2 alone. */
static int
read_escape(struct reader *r)
{
	static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
	const char *at;
	int high, low;

	if (r->p == r->end)
		return -1;
	at = *r->p == '\0' ? NULL : strchr(from, *r->p);
	if (at != NULL) {
		r->p++;
		str_addc(&r->text, to[at - from]);
		return 0;
	}
	if (r->end - r->p < 5 || memcmp(r->p, "u00", 3) != 0)
		return -1;
	high = hex_digit(r->p[3]);
	low = hex_digit(r->p[4]);
	if ((high != 0 && high != 1) || low < 0 || high + low == 0)
		return -1;
	str_addc(&r->text, (char)(high << 4 | low));
	r->p += 5;
	return 0;
}

static int
read_string(struct reader *r)
{
	str_reset(&r->text);
	if (take(r, '"') == -1)
		return -1;
	while (r->p < r->end && *r->p != '"') {
		const char *from = r->p;

		while (r->p < r->end && *r->p != '"' && *r->p != '\\' &&
		    (unsigned char)*r->p >= 0x20)
			r->p++;
		str_add(&r->text, from, (size_t)(r->p - from));
		if (r->p < r->end && *r->p == '\\') {
			r->p++;
			if (read_escape(r) == -1)
				return -1;
		} else if (r->p < r->end && *r->p != '"')
			return -1;
	}
	return take(r, '"');
}

static int
read_int(struct reader *r, int64_t *out)
{
	int minus = take(r, '-') == 0;
	int64_t i = 0;
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9') {
		i = i * 10 + (*r->p++ - '0');
		if (i > INT_MAX_JSON)
			return -1;
	}
	*out = minus ? -i : i;
	return r->p > from ? 0 : -1;
}

static int
read_value(struct arena *a, struct reader *r, struct value *v)
{
	if (r->p < r->end && *r->p == '"') {
		if (read_string(r) == -1)
			return -1;
		*v = (struct value){ .type = VALUE_TEXT, .len = r->text.len,
			.p = arena_strndup(a, r->text.p, r->text.len) };
		return 0;
	}
	v->type = VALUE_INT;
	return read_int(r, &v->i);
}

static int
read_pair(struct arena *a, struct reader *r, struct value *col, struct err *e)
{
	int c;

	if (read_string(r) == -1 || take(r, ':') == -1)
		return err_set(e, ERR_INPUT, "want \"column\":");
	c = memchr(r->text.p, '\0', r->text.len) != NULL ?
	    -1 : event_col(r->text.p);
	if (c == -1)
		return err_set(e, ERR_UNDECIDED,
		    "unknown column \"%.64s\": made by a later version?",
		    r->text.p);
	if (col[c].type != VALUE_NULL)
		return err_set(e, ERR_INPUT, "%s: stands twice",
		    event_column[c].name);
	if (read_value(a, r, &col[c]) == -1)
		return err_set(e, ERR_INPUT, "%s: want a string or whole number",
		    event_column[c].name);
	return record_check((enum event_col)c, &col[c], e);
}

/* A record has one spelling, so what was read must write the same bytes. */
static int
same_bytes(struct arena *a, const char *p, size_t len, const struct value *col,
    struct err *e)
{
	struct str s = str_new(a);
	size_t i = 0;

	record_add(&s, col);
	if (s.len == len && memcmp(s.p, p, len) == 0)
		return 0;
	while (i < len && i < s.len && s.p[i] == p[i])
		i++;
	return err_set(e, ERR_INPUT, "byte %zu is not canonical (RFC 8785)", i);
}

int
record_parse(struct arena *a, const char *p, size_t len, struct value *col,
    struct err *e)
{
	struct reader r = { p, p + len, str_new(a) };

	memset(col, 0, EVENT_NCOL * sizeof(col[0]));
	if (len > LIMIT_RECORD)
		return err_set(e, ERR_INPUT, "record: %zu bytes, at most %u", len,
		    LIMIT_RECORD);
	if (take(&r, '{') == -1)
		return err_set(e, ERR_INPUT, "record: want an object");
	while (r.p < r.end && *r.p != '}') {
		if (read_pair(a, &r, col, e) == -1)
			return err_wrap(e, "record: byte %zu", (size_t)(r.p - p));
		if (take(&r, ',') == -1)
			break;
	}
	if (take(&r, '}') == -1 || r.p != r.end)
		return err_set(e, ERR_INPUT, "record: byte %zu: want , or the end",
		    (size_t)(r.p - p));
	for (int c = 0; c < EVENT_NCOL; c++)
		if (record_check((enum event_col)c, &col[c], e) == -1)
			return err_wrap(e, "record");
	if (same_bytes(a, p, len, col, e) == -1)
		return err_wrap(e, "record");
	return 0;
}
