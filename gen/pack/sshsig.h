#ifndef PACK_SSHSIG_H
#define PACK_SSHSIG_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/sign.h"
#include "pack/fault.h"

struct arena;
struct err;
struct str;

/*
 * OpenSSH's signature of a file (PROTOCOL.sshsig): what `ssh-keygen -Y sign`
 * writes and `-Y verify` reads.  The namespaces of packs are
 * exhibit-preparer@v1 and exhibit-approver@v1.
 */
struct sshsig {
	struct sign_pub pub;
	char ns[64];
	int sha512;       /* else the message is hashed with SHA-256 */
	uint8_t sig[72];  /* Ed25519: 64 bytes; P-256: DER */
	size_t siglen;
};

/* The bytes that are signed: what a key holder checks before it signs. */
void sshsig_data(struct str *, const char *ns, int sha512, const void *msg,
    size_t len);
/* The armoured file, signed over SHA-512. */
int sshsig_sign(struct str *, const struct sign_key *, const char *ns,
    const void *msg, size_t len, struct err *);
/* Strict: what is accepted is what is written again; SIG_ENCODING. */
int sshsig_parse(struct arena *, const char *, size_t, struct sshsig *,
    struct fault *);
/* 0: it holds for these bytes; -1: it does not. */
int sshsig_check(struct arena *, const struct sshsig *, const void *msg,
    size_t len);

#endif
