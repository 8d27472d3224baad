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

/* Whether all bytes stand for themselves: nearly every text is so. */
static int
is_plain(const char *p, size_t len)
{
	static const unsigned char odd[256] = {
		['&'] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 1, ['\''] = 1,
		['['] = 1
	};

	for (size_t i = 0; i < len; i++)
		if (p[i] < 0x20 || p[i] >= 0x7f || odd[(unsigned char)p[i]])
			return 0;
	return 1;
}

void
html_text(struct str *s, const char *p, size_t len, int multiline)
{
	size_t from = s->len;

	if (is_plain(p, len)) {
		str_add(s, p, len);
		return;
	}
	utf8_visible(s, p, len, multiline);
	escape_tail(s, from);
}

void
html_textz(struct str *s, const char *z)
{
	html_text(s, z, strlen(z), 0);
}
