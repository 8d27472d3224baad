#include <string.h>

#include "base/secret.h"
#include "eval/content.h"

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

/* What follows the at sign: labels, the last of two letters or more. */
static int
is_host(const char *p, size_t len)
{
	size_t label = 0, letters = 0, dots = 0, n;

	for (n = 0; n < len && (is_alnum(p[n]) || p[n] == '-' ||
	    (p[n] == '.' && label > 0)); n++) {
		if (p[n] == '.') {
			/* A full stop at the end of a sentence. */
			if (n + 1 == len || !is_alnum(p[n + 1]))
				break;
			dots++;
			label = letters = 0;
			continue;
		}
		label++;
		letters += (size_t)is_letter(p[n]);
	}
	return dots > 0 && label >= 2 && letters == label;
}

static int
is_address(const char *p, size_t len, size_t at)
{
	char before = at > 0 ? p[at - 1] : ' ';

	return (is_alnum(before) || (before != ' ' && strchr("._%+-", before)
	    != NULL)) && is_host(p + at + 1, len - at - 1);
}

static int
luhn(const char *digit, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int d = digit[n - 1 - i] - '0';

		d = i % 2 == 1 ? 2 * d : d;
		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

/* The digits that begin at p: how many bytes they take; *card: a card's. */
static size_t
digits(const char *p, size_t len, int *card)
{
	char digit[19];
	size_t n = 0, i = 0, group = 0;
	int even = 1; /* groups of four digits and more */

	for (*card = 0; i < len; i++) {
		if (is_digit(p[i])) {
			if (n < sizeof(digit))
				digit[n] = p[i];
			n++;
			group++;
			continue;
		}
		if ((p[i] != ' ' && p[i] != '-') || i + 1 == len ||
		    !is_digit(p[i + 1]))
			break;
		even &= group >= 4;
		group = 0;
	}
	*card = n >= 13 && n <= sizeof(digit) && even && group >= 3 &&
	    (i == len || !is_alnum(p[i])) && digit[0] >= '3' &&
	    digit[0] <= '6' && luhn(digit, n);
	return i;
}

const char *
content_find(const char *p, size_t len)
{
	const char *what;
	size_t at, n;
	int card;

	if ((what = secret_find(p, len, &at)) != NULL)
		return what;
	for (size_t i = 0; i < len; i += n) {
		n = 1;
		if (p[i] == '@' && is_address(p, len, i))
			return "an e-mail address";
		if (!is_digit(p[i]))
			continue;
		n = digits(p + i, len - i, &card);
		if (card && (i == 0 || !is_alnum(p[i - 1])))
			return "a card number";
	}
	return NULL;
}

int
content_is_pseudonym(const char *p, size_t len)
{
	if (len != 64)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!is_digit(p[i]) && (p[i] < 'a' || p[i] > 'f'))
			return 0;
	return 1;
}
