#include <string.h>

#include "base/secret.h"

#define TOKEN_MAX 512

static int
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static int
is_token(char c)
{
	return is_alnum(c) || c == '_' || c == '-';
}

/* How many bytes from p on are of a token; digits counts its digits.  It
 * stops at TOKEN_MAX, or many beginnings would make the search quadratic. */
static size_t
token(const char *p, size_t len, size_t *digits)
{
	size_t n = 0;

	for (*digits = 0; n < len && n < TOKEN_MAX && is_token(p[n]); n++)
		*digits += p[n] >= '0' && p[n] <= '9';
	return n;
}

static int
is_jwt(const char *p, size_t len)
{
	size_t digits, n = token(p, len, &digits);

	if (n < 13 || n >= len || p[n] != '.')
		return 0;
	return token(p + n + 1, len - n - 1, &digits) >= 10;
}

/* After "://": a name, a colon, a password, an at sign. */
static int
is_password(const char *p, size_t len)
{
	size_t colon = 0;

	for (size_t n = 0; n < len; n++) {
		if (p[n] == '@')
			return colon > 0 && n > colon + 1;
		if (p[n] == ':' && colon == 0)
			colon = n;
		if ((unsigned char)p[n] <= ' ' || strchr("/\"'<>,{}", p[n]))
			return 0;
	}
	return 0;
}

static int
is_pem(const char *p, size_t len)
{
	static const char end[] = "PRIVATE KEY-----";
	size_t n = strlen(end);

	for (size_t i = 0; i + n <= len && i < 24; i++)
		if (memcmp(p + i, end, n) == 0)
			return 1;
	return 0;
}

const char *
secret_find(const char *p, size_t len, size_t *at)
{
	static const struct {
		const char *prefix, *what;
		size_t more, digits; /* token bytes and digits that follow */
	} kinds[] = {
		{ "AKIA", "an access key", 16, 0 },
		{ "ASIA", "an access key", 16, 0 },
		{ "sk-", "an API key", 20, 1 },
		{ "ghp_", "an access token", 20, 0 },
		{ "xoxb-", "an access token", 10, 1 },
		{ "AIza", "an API key", 30, 0 },
	};

	for (size_t i = 0; i < len; i++) {
		size_t left = len - i;
		const char *q = p + i;

		*at = i;
		if (*q == '-' && left > 11 && memcmp(q, "-----BEGIN ", 11) == 0
		    && is_pem(q + 11, left - 11))
			return "a private key";
		if (*q == ':' && left > 3 && memcmp(q, "://", 3) == 0 &&
		    is_password(q + 3, left - 3))
			return "a password";
		if (i > 0 && is_alnum(p[i - 1]))
			continue;
		if (*q == 'e' && left > 3 && memcmp(q, "eyJ", 3) == 0 &&
		    is_jwt(q, left))
			return "a JSON web token";
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			size_t n = strlen(kinds[k].prefix), digits;

			if (left > n && memcmp(q, kinds[k].prefix, n) == 0 &&
			    token(q + n, left - n, &digits) >= kinds[k].more &&
			    digits >= kinds[k].digits)
				return kinds[k].what;
		}
	}
	return NULL;
}
