#ifndef CRYPT_SIGN_H
#define CRYPT_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"

struct arena;
struct err;

/*
 * Keys and signatures by OpenSSL 3.  Ed25519 (64 bytes), or ECDSA P-256 with
 * SHA-256 (DER).  Low-order and non-canonical Ed25519 keys are refused.
 */
enum sign_alg { SIGN_ED25519, SIGN_P256 };

struct sign_key; /* private: holds OpenSSL memory until sign_close */
struct sign_pub { /* public, plain data */
	enum sign_alg alg;
	uint8_t raw[65];        /* Ed25519: 32 bytes; P-256: 04 || x || y */
	size_t rawlen;
	uint8_t spki[128];      /* SubjectPublicKeyInfo, DER */
	size_t spkilen;
	uint8_t id[HASH_LEN];   /* SHA-256 of spki: the key id everywhere */
};

/* Makes a key from the system's random numbers. */
int sign_new(enum sign_alg, struct sign_key **, struct err *);
/* From 32 bytes: Ed25519, for published test keys only. */
int sign_from_seed(const uint8_t seed[32], struct sign_key **, struct err *);
/* Reads PKCS#8 PEM bytes; pass NULL: it must not be encrypted.  Any fault,
 * a wrong passphrase too, is ERR_INPUT. */
int sign_open(const char *pem, size_t len, const char *pass,
    struct sign_key **, struct err *);
int sign_close(struct sign_key *);
/*
 * A key that is elsewhere (signer.h): make asks for a signature, close lets
 * go.  What make returns is checked with pub before anybody sees it: one that
 * does not hold is ERR_INTEGRITY.  Such a key has no sign_pem.
 */
struct sign_away {
	int (*make)(void *ctx, const void *, size_t, uint8_t *sig,
	    size_t *siglen, struct err *);
	int (*close)(void *ctx);
	void *ctx;
};
struct sign_key *sign_elsewhere(const struct sign_pub *,
    const struct sign_away *);
/* PKCS#8 PEM, encrypted with scrypt (N 16384, r 8, p 8) unless pass is NULL. */
int sign_pem(const struct sign_key *, struct arena *, const char *pass,
    char **pem, size_t *len, struct err *);
void sign_public(const struct sign_key *, struct sign_pub *);

int sign_make(const struct sign_key *, const void *, size_t, uint8_t *sig,
    size_t *siglen, struct err *); /* room for 72 bytes */

int sign_pub_pem(const char *pem, size_t len, struct sign_pub *, struct err *);
int sign_pub_spki(const uint8_t *, size_t, struct sign_pub *, struct err *);
int sign_pub_ed25519(const uint8_t raw[32], struct sign_pub *, struct err *);
/* The PEM of a public key, in the arena. */
char *sign_pub_write(struct arena *, const struct sign_pub *);
/* 0: the signature holds; -1: it does not. */
int sign_check(const struct sign_pub *, const void *, size_t,
    const uint8_t *sig, size_t siglen);
/* "SHA256:<base64 without padding>" of the OpenSSH public key blob, as
 * ssh-keygen -l prints it. */
char *sign_fingerprint(struct arena *, const struct sign_pub *);
/* The OpenSSH public key blob ("ssh-ed25519", ...), and back: strict, so the
 * same key has one blob. */
size_t sign_ssh_blob(const struct sign_pub *, uint8_t out[128]);
int sign_ssh_pub(const uint8_t *, size_t, struct sign_pub *, struct err *);
/* An ECDSA signature as DER to r || s and back; -1: malformed, or r or s
 * longer than 32 bytes. */
int sign_der_raw(const uint8_t *der, size_t len, uint8_t rs[64]);
size_t sign_raw_der(const uint8_t rs[64], uint8_t der[72]);
/* Without a context of one's own; SSHSIG hashes a message with either. */
void sign_sha256(uint8_t out[HASH_LEN], const void *, size_t);
void sign_sha512(uint8_t out[64], const void *, size_t);

#endif
