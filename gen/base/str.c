#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/str.h"

struct str
str_new(struct arena *a)
{
	struct str s = { arena_alloc(a, 64), 0, 64, a };

	return s;
}

void
str_reset(struct str *s)
{
	s->len = 0;
	s->p[0] = '\0';
}

char *
str_room(struct str *s, size_t n)
{
	if (n >= SIZE_MAX / 4 || s->len >= SIZE_MAX / 4)
		err_die("out of memory");
	if (s->len + n >= s->cap) {
		size_t cap = s->cap;
		char *p;

		while (s->len + n >= cap)
			cap *= 2;
		p = arena_alloc(s->arena, cap);
		memcpy(p, s->p, s->len + 1);
		s->p = p;
		s->cap = cap;
	}
	return s->p + s->len;
}

void
str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;
	size_t len;
	char *to;
	int n;

	va_start(ap, fmt);
	len = fmt_plain(s->p + s->len, s->cap - s->len, fmt, ap);
	va_end(ap);
	if (len != FMT_NOT) {
		s->len += len;
		return;
	}
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		err_die("vsnprintf failed");
	to = str_room(s, (size_t)n);
	va_start(ap, fmt);
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	s->len += (size_t)n;
}

void
str_addu(struct str *s, unsigned long long u)
{
	char buf[20], *p = buf + sizeof(buf);

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	str_add(s, p, (size_t)(buf + sizeof(buf) - p));
}

void
str_addi(struct str *s, long long i)
{
	if (i < 0) {
		str_addc(s, '-');
		str_addu(s, 0 - (unsigned long long)i);
	} else
		str_addu(s, (unsigned long long)i);
}

void
str_add_sql(struct str *s, const char *p, size_t len)
{
	str_addc(s, '\'');
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\'')
			str_addc(s, '\'');
		str_addc(s, p[i]);
	}
	str_addc(s, '\'');
}

void
str_add_sqlz(struct str *s, const char *p)
{
	str_add_sql(s, p, strlen(p));
}

int
str_eq(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
str_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t n = alen < blen ? alen : blen;
	int c = n > 0 ? memcmp(a, b, n) : 0;

	if (c != 0)
		return c;
	return (alen > blen) - (alen < blen);
}

int
str_qcmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

int
str_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; p && (p = strstr(p, word)) != NULL; p++)
		if ((p == text || !is_word(p[-1])) && !is_word(p[len]))
			return 1;
	return 0;
}

/* Edits (insert, delete, replace) from a to b, or more than 2. */
static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[65];

	if (n > 64 || m > 64 || (n > m ? n - m : m - n) > 2)
		return 3;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

const char *
str_nearest(const char *s, const char *const *list, size_t n)
{
	const char *found = NULL;
	size_t best = 3, len = strlen(s);

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(s, len, list[i], strlen(list[i]));

		if (d < best && d < len) {
			best = d;
			found = list[i];
		}
	}
	return found;
}
