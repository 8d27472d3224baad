#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "crypt/hash.h"

struct hash {
	EVP_MD *md; /* fetched once: a look-up at each call costs more */
	EVP_MD_CTX *ctx;
};

struct hash *
hash_new(struct arena *a)
{
	struct hash *h = arena_alloc(a, sizeof(*h));

	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = EVP_MD_CTX_new();
	if (h->md == NULL || h->ctx == NULL)
		err_die("libcrypto has no SHA-256");
	return h;
}

void
hash_free(struct hash *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	h->ctx = NULL;
	h->md = NULL;
}

void
hash_start(struct hash *h)
{
	if (EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1)
		err_die("SHA-256 failed");
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	if (n > 0 && EVP_DigestUpdate(h->ctx, p, n) != 1)
		err_die("SHA-256 failed");
}

void
hash_end(struct hash *h, uint8_t out[HASH_LEN])
{
	if (EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
		err_die("SHA-256 failed");
}

void
hash_bytes(struct hash *h, uint8_t out[HASH_LEN], const void *p, size_t n)
{
	hash_start(h);
	hash_add(h, p, n);
	hash_end(h, out);
}

void
hash_leaf(struct hash *h, uint8_t out[HASH_LEN], const void *p, size_t n)
{
	hash_start(h);
	hash_add(h, "\0", 1);
	hash_add(h, p, n);
	hash_end(h, out);
}

void
hash_node(struct hash *h, uint8_t out[HASH_LEN], const uint8_t left[HASH_LEN],
    const uint8_t right[HASH_LEN])
{
	hash_start(h);
	hash_add(h, "\1", 1);
	hash_add(h, left, HASH_LEN);
	hash_add(h, right, HASH_LEN);
	hash_end(h, out);
}

static const char hexdigit[] = "0123456789abcdef";

void
hash_hex(char out[HASH_HEXLEN], const uint8_t in[HASH_LEN])
{
	for (size_t i = 0; i < HASH_LEN; i++) {
		out[2 * i] = hexdigit[in[i] >> 4];
		out[2 * i + 1] = hexdigit[in[i] & 15];
	}
	out[2 * HASH_LEN] = '\0';
}

static uint8_t
nibble(char c)
{
	return (uint8_t)((c & 15) + (c >> 6 & 1) * 9);
}

/* Read as if it were good, then compared: no branch for a digit. */
int
hash_unhex(uint8_t out[HASH_LEN], const char *hex)
{
	char again[HASH_HEXLEN];

	if (strnlen(hex, HASH_HEXLEN) != 2 * HASH_LEN)
		return -1;
	for (size_t i = 0; i < HASH_LEN; i++)
		out[i] = (uint8_t)(nibble(hex[2 * i]) << 4 |
		    nibble(hex[2 * i + 1]));
	hash_hex(again, out);
	return memcmp(again, hex, 2 * HASH_LEN) == 0 ? 0 : -1;
}

void
hash_hmac(uint8_t out[HASH_LEN], const void *key, size_t keylen,
    const void *p, size_t n)
{
	unsigned int len = HASH_LEN;

	if (keylen > INT32_MAX ||
	    HMAC(EVP_sha256(), key, (int)keylen, p, n, out, &len) == NULL)
		err_die("HMAC-SHA256 failed");
}

static const char b64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
hash_base64(char *out, const void *in, size_t n)
{
	const uint8_t *p = in;
	char *o = out;

	for (; n >= 3; n -= 3, p += 3) {
		*o++ = b64[p[0] >> 2];
		*o++ = b64[(p[0] & 3) << 4 | p[1] >> 4];
		*o++ = b64[(p[1] & 15) << 2 | p[2] >> 6];
		*o++ = b64[p[2] & 63];
	}
	if (n > 0) {
		*o++ = b64[p[0] >> 2];
		*o++ = b64[(p[0] & 3) << 4 | (n == 2 ? p[1] >> 4 : 0)];
		*o++ = n == 2 ? b64[(p[1] & 15) << 2] : '=';
		*o++ = '=';
	}
	*o = '\0';
	return (size_t)(o - out);
}

static int
unb64(char c)
{
	const char *at = c == '\0' ? NULL : strchr(b64, c);

	return at == NULL ? -1 : (int)(at - b64);
}

long
hash_unbase64(uint8_t *out, const char *p, size_t n)
{
	uint8_t *o = out;

	if (n % 4 != 0)
		return -1;
	for (; n > 0; n -= 4, p += 4) {
		int pad = n == 4 && p[3] == '=' ? (p[2] == '=' ? 2 : 1) : 0;
		int v[4] = { unb64(p[0]), unb64(p[1]),
			pad == 2 ? 0 : unb64(p[2]), pad > 0 ? 0 : unb64(p[3]) };

		if (v[0] < 0 || v[1] < 0 || v[2] < 0 || v[3] < 0)
			return -1;
		/* Canonical: the bits that padding cuts off are zero. */
		if ((pad == 2 && (v[1] & 15) != 0) ||
		    (pad == 1 && (v[2] & 3) != 0))
			return -1;
		*o++ = (uint8_t)(v[0] << 2 | v[1] >> 4);
		if (pad < 2)
			*o++ = (uint8_t)((v[1] & 15) << 4 | v[2] >> 2);
		if (pad < 1)
			*o++ = (uint8_t)((v[2] & 3) << 6 | v[3]);
	}
	return (long)(o - out);
}
