#include <assert.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/str.h"

void
jsonw_init(struct jsonw *w, struct str *s)
{
	*w = (struct jsonw){ .s = s };
	w->first[0] = 1;
}

/* The comma before a value; after a key there is none. */
static void
before(struct jsonw *w)
{
	if (w->first[w->depth])
		w->first[w->depth] = 0;
	else if (w->depth > 0)
		str_addc(w->s, ',');
}

static void
begin(struct jsonw *w, char c)
{
	before(w);
	str_addc(w->s, c);
	w->depth++;
	assert(w->depth < JSONW_DEPTH);
	w->first[w->depth] = 1;
	w->last[w->depth] = NULL;
}

void
jsonw_object(struct jsonw *w)
{
	begin(w, '{');
}

void
jsonw_array(struct jsonw *w)
{
	begin(w, '[');
}

void
jsonw_end(struct jsonw *w, char closing)
{
	assert(w->depth > 0);
	w->depth--;
	str_addc(w->s, closing);
}

void
jsonw_key(struct jsonw *w, const char *key)
{
	assert(w->last[w->depth] == NULL || strcmp(w->last[w->depth], key) < 0);
	w->last[w->depth] = key;
	before(w);
	jsonw_quote(w->s, key, strlen(key));
	str_addc(w->s, ':');
	w->first[w->depth] = 1;
}

void
jsonw_text(struct jsonw *w, const char *p, size_t len)
{
	before(w);
	jsonw_quote(w->s, p, len);
}

void
jsonw_textz(struct jsonw *w, const char *z)
{
	if (z == NULL)
		jsonw_null(w);
	else
		jsonw_text(w, z, strlen(z));
}

void
jsonw_int(struct jsonw *w, int64_t i)
{
	before(w);
	str_addi(w->s, i);
}

void
jsonw_uint(struct jsonw *w, uint64_t u)
{
	before(w);
	str_addu(w->s, u);
}

void
jsonw_bool(struct jsonw *w, int yes)
{
	before(w);
	str_addz(w->s, yes ? "true" : "false");
}

void
jsonw_null(struct jsonw *w)
{
	before(w);
	str_addz(w->s, "null");
}

void
jsonw_raw(struct jsonw *w, const char *p, size_t len)
{
	before(w);
	str_add(w->s, p, len);
}

void
jsonw_ktext(struct jsonw *w, const char *key, const char *z)
{
	if (z == NULL)
		return;
	jsonw_key(w, key);
	jsonw_textz(w, z);
}

void
jsonw_kint(struct jsonw *w, const char *key, int64_t i)
{
	jsonw_key(w, key);
	jsonw_int(w, i);
}

void
jsonw_quote(struct str *s, const char *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t from = 0;

	str_addc(s, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];
		char esc[6] = { '\\', 0, '0', '0', 0, 0 };
		size_t n = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		switch (c) {
		case '\b':
			esc[1] = 'b';
			break;
		case '\t':
			esc[1] = 't';
			break;
		case '\n':
			esc[1] = 'n';
			break;
		case '\f':
			esc[1] = 'f';
			break;
		case '\r':
			esc[1] = 'r';
			break;
		case '"':
		case '\\':
			esc[1] = (char)c;
			break;
		default:
			esc[1] = 'u';
			esc[4] = hex[c >> 4];
			esc[5] = hex[c & 15];
			n = 6;
		}
		str_add(s, p + from, i - from);
		str_add(s, esc, n);
		from = i + 1;
	}
	str_add(s, p + from, len - from);
	str_addc(s, '"');
}
