#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

uint32_t
utf8_next(const char *s, size_t len, size_t *took)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c = p[0], least;
	size_t n;

	*took = 1;
	if (c < 0x80)
		return c;
	if (c >= 0xc2 && c <= 0xdf) {
		n = 2;
		c &= 0x1f;
		least = 0x80;
	} else if ((c & 0xf0) == 0xe0) {
		n = 3;
		c &= 0x0f;
		least = 0x800;
	} else if (c >= 0xf0 && c <= 0xf4) {
		n = 4;
		c &= 0x07;
		least = 0x10000;
	} else
		return UTF8_BAD;
	if (len < n)
		return UTF8_BAD;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UTF8_BAD;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return UTF8_BAD;
	*took = n;
	return c;
}

size_t
utf8_check(const char *s, size_t len)
{
	size_t i = 0, took;

	while (i < len) {
		if ((unsigned char)s[i] < 0x80) {
			i++;
			continue;
		}
		if (utf8_next(s + i, len - i, &took) == UTF8_BAD)
			return i;
		i += took;
	}
	return len;
}

int
utf8_valid(const char *s, size_t len)
{
	return utf8_check(s, len) == len;
}

void
utf8_put(struct str *s, uint32_t c)
{
	char b[4];

	if (c < 0x80) {
		b[0] = (char)c;
		str_add(s, b, 1);
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		str_add(s, b, 2);
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		str_add(s, b, 3);
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		str_add(s, b, 4);
	}
}

/* site.md section 13, rule 3; in order. */
static const struct range {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
	{ 0x034f, 0x034f }, { 0x061c, 0x061c }, { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff }
};

int
utf8_hidden(uint32_t c)
{
	if ((c & 0xfffe) == 0xfffe)
		return 1;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c <= hidden[i].last)
			return c >= hidden[i].first;
	return 0;
}

static int
combining(uint32_t c)
{
	return (c >= 0x0300 && c <= 0x036f) || (c >= 0x0483 && c <= 0x0489) ||
	    (c >= 0x0591 && c <= 0x05bd) || (c >= 0x064b && c <= 0x065f) ||
	    (c >= 0x0e31 && c <= 0x0e3a) || (c >= 0x0e47 && c <= 0x0e4e) ||
	    (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
	    (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

#define MARKS_MAX 100

/* Bytes of printable ASCII from p on that stand for themselves. */
static size_t
plain(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && p[i] >= 0x20 && p[i] < 0x7f && p[i] != '[')
		i++;
	return i;
}

void
utf8_visible(struct str *s, const char *p, size_t len, int multiline)
{
	size_t took, marks = 0;

	for (size_t i = 0; i < len; i += took) {
		uint32_t c;

		took = marks == 0 ? plain(p + i, len - i) : 0;
		if (took > 0) {
			str_add(s, p + i, took);
			continue;
		}
		c = utf8_next(p + i, len - i, &took);

		if (c != UTF8_BAD && combining(c)) {
			if (++marks <= MARKS_MAX)
				str_add(s, p + i, took);
			continue;
		}
		if (marks > MARKS_MAX)
			str_addf(s, "[+%zu marks]", marks - MARKS_MAX);
		marks = 0;
		if (c == UTF8_BAD)
			utf8_put(s, 0xfffd);
		else if (multiline && (c == '\n' || c == '\t'))
			str_addc(s, (char)c);
		else if (utf8_hidden(c))
			str_addf(s, "[U+%04" PRIX32 "]", c);
		else if (c == '[' && len - i >= 3 && memcmp(p + i, "[U+", 3) == 0)
			str_addz(s, "[U+005B]");
		else
			str_add(s, p + i, took);
	}
	if (marks > MARKS_MAX)
		str_addf(s, "[+%zu marks]", marks - MARKS_MAX);
}
