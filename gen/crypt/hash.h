#ifndef CRYPT_HASH_H
#define CRYPT_HASH_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * SHA-256, and the two hashes of RFC 6962: a leaf is SHA-256(0x00 || bytes),
 * a node SHA-256(0x01 || left || right).  A context is fetched once and used
 * by one thread; hash_free gives OpenSSL's part back.
 */
#define HASH_LEN 32
#define HASH_HEXLEN 65 /* 64 hex digits and a NUL */

struct hash;

struct hash *hash_new(struct arena *);
void hash_free(struct hash *);
void hash_bytes(struct hash *, uint8_t out[HASH_LEN], const void *, size_t);
void hash_leaf(struct hash *, uint8_t out[HASH_LEN], const void *, size_t);
void hash_node(struct hash *, uint8_t out[HASH_LEN],
    const uint8_t left[HASH_LEN], const uint8_t right[HASH_LEN]);

/* In pieces: start, add, end. */
void hash_start(struct hash *);
void hash_add(struct hash *, const void *, size_t);
void hash_end(struct hash *, uint8_t out[HASH_LEN]);

/*
 * Leaf hashes of many records at once, in the widest lanes that the machine
 * has (16 with AVX-512, 8 with AVX2, else one at a time).  The result is that
 * of hash_leaf for each; EXHIBIT_CPU=generic at start forces the plain one
 * (hash_lanes_use).
 */
void hash_leaves(struct hash *, uint8_t (*out)[HASH_LEN],
    const void *const *p, const size_t *len, size_t n);
/* The same for hash_bytes; each message has one byte or more. */
void hash_each(struct hash *, uint8_t (*out)[HASH_LEN],
    const void *const *p, const size_t *len, size_t n);
/* n nodes over 2n hashes that stand side by side; out may be in. */
void hash_nodes(struct hash *, uint8_t (*out)[HASH_LEN],
    const uint8_t *in, size_t n);
/* "avx512", "avx2" or "generic": picks the lanes, NULL the best there is.
 * Returns what is used.  Not while other threads hash. */
const char *hash_lanes_use(const char *);

void hash_hex(char out[HASH_HEXLEN], const uint8_t[HASH_LEN]);
int hash_unhex(uint8_t out[HASH_LEN], const char *hex64); /* lower case; -1 */
void hash_hmac(uint8_t out[HASH_LEN], const void *key, size_t keylen,
    const void *, size_t);

/* Base64, standard alphabet, padded, canonical.  Decoding returns the number
 * of bytes or -1; out has room for 3 * len / 4. */
size_t hash_base64(char *out, const void *, size_t); /* NUL-terminated */
long hash_unbase64(uint8_t *out, const char *, size_t);

#endif
