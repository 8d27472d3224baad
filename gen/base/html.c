#include <stdint.h>
#include <string.h>

#include "base/html.h"
#include "base/str.h"
#include "base/utf8.h"

static const char *
entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Escapes s->p[from..len) in place: the tail is copied aside first. */
static void
escape_tail(struct str *s, size_t from)
{
	size_t len = s->len - from, extra = 0, at;
	const char *e;
	char *p;

	for (size_t i = from; i < s->len; i++)
		if ((e = entity((unsigned char)s->p[i])) != NULL)
			extra += strlen(e) - 1;
	if (extra == 0)
		return;
	(void)str_room(s, extra);
	p = s->p;
	at = s->len + extra;
	p[at] = '\0';
	for (size_t i = s->len; len > 0; len--) {
		if ((e = entity((unsigned char)p[--i])) != NULL) {
			size_t n = strlen(e);

			at -= n;
			memcpy(p + at, e, n);
		} else
			p[--at] = p[i];
	}
	s->len += extra;
}

/* Whether the high bit of a byte says that the byte of x is below n; a byte
 * above 0x7f in x may say so too. */
#define EACH UINT64_C(0x0101010101010101)
#define BELOW(x, n) (((x) - EACH * (n)) & ~(x))
#define IS(x, c) BELOW((x) ^ EACH * (c), 1)

/* Eight bytes that stand for themselves, each. */
static int
eight_plain(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return ((x | (x + EACH) | BELOW(x, 0x20) | IS(x, '&') | IS(x, '<') |
	    IS(x, '>') | IS(x, '"') | IS(x, '\'') | IS(x, '[')) &
	    EACH << 7) == 0;
}

static int
one_plain(char c)
{
	static const unsigned char odd[256] = {
		['&'] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 1, ['\''] = 1,
		['['] = 1
	};

	return c >= 0x20 && c < 0x7f && !odd[(unsigned char)c];
}

/* How many of the first bytes stand for themselves: nearly all of them. */
static size_t
plain(const char *p, size_t len)
{
	size_t i = 0;

	while (len - i >= 8 && eight_plain(p + i))
		i += 8;
	while (i < len && one_plain(p[i]))
		i++;
	return i;
}

void
html_text(struct str *s, const char *p, size_t len, int multiline)
{
	size_t n, from;
	const char *e;

	for (;;) {
		n = plain(p, len);
		str_add(s, p, n);
		p += n;
		len -= n;
		if (len == 0)
			return;
		if ((e = entity((unsigned char)*p)) != NULL)
			str_addz(s, e);
		else if (multiline && (*p == '\n' || *p == '\t'))
			str_addc(s, *p);
		else
			break;
		p++;
		len--;
	}
	/* A token, or beyond ASCII. */
	from = s->len;
	utf8_visible(s, p, len, multiline);
	escape_tail(s, from);
}

void
html_textz(struct str *s, const char *z)
{
	html_text(s, z, strlen(z), 0);
}
