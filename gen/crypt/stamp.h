#ifndef CRYPT_STAMP_H
#define CRYPT_STAMP_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

/*
 * RFC 3161 timestamps by OpenSSL 3: the query for some bytes, and what a
 * response proves of them.  A response is judged at its own time, never by
 * the clock.
 */
enum stamp {
	STAMP_OK,
	STAMP_TOKEN,     /* malformed, refused, or by a key for another use */
	STAMP_ALGORITHM, /* imprint by another hash than SHA-256, 384, 512 */
	STAMP_IMPRINT,   /* of other bytes */
	STAMP_UNTRUSTED, /* no chain to a root that is given */
	STAMP_ENDED,     /* the authority's certificate did not hold then */
	STAMP_NONCE      /* the answer to another query */
};
const char *stamp_says(enum stamp);

/* A query over SHA-256 with a random nonce, asking for the certificate. */
int stamp_query(struct arena *, const void *, size_t, uint8_t **der,
    size_t *len, struct err *);
/* Whether a response answers that query: imprint and nonce. */
enum stamp stamp_answers(const uint8_t *query, size_t querylen,
    const uint8_t *response, size_t len);
/* Whether a response (TimeStampResp in DER) vouches for the bytes under one
 * of the roots (PEM); *time_us: when, as far as it could be read, else 0. */
enum stamp stamp_check(const uint8_t *response, size_t len, const void *data,
    size_t datalen, const char *const *root, size_t nroot, int64_t *time_us);

#endif
