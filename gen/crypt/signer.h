#ifndef CRYPT_SIGNER_H
#define CRYPT_SIGNER_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/sign.h"

struct err;

/*
 * Keys that this process never holds (docs/format/pack.md section 8).
 *
 * A child, forked before any input is read, alone opens a key.  Over a socket
 * pair it gets what is to be signed, at most SIGNER_MAX bytes, and looks at it
 * first: it signs a DSSE envelope ("DSSEv1 "), an SSH signature ("SSHSIG"), or
 * a checkpoint that its owner finds consistent with the last; nothing else.
 * It leaves no core file, and ends when the parent closes, or ends.
 */
#define SIGNER_MAX (64 * 1024)

struct signer_owner {
	/* Runs in the child: opens the key that name means. */
	int (*open)(void *ctx, const char *name, const char *passphrase_fd,
	    struct sign_key **, struct err *);
	/* Runs in the child: 0 if the key of that name may sign this text of
	 * a checkpoint. */
	int (*checkpoint)(void *ctx, const char *name, const char *text,
	    size_t len, struct err *);
	void *ctx;
};

struct signer;

int signer_fork(const struct signer_owner *, struct signer **, struct err *);
/* Has the child open a key; once.  The key is good until signer_close. */
int signer_open(struct signer *, const char *name, const char *passphrase_fd,
    struct sign_key **, struct err *);
/* Ends the child; NULL does nothing. */
int signer_close(struct signer *);

/*
 * A command that signs, for a card, an HSM, a KMS or an agent: argv is run as
 * it is, without a shell, in the environment env alone (NULL-terminated
 * NAME=VALUE), once for each signature.  It gets the bytes on standard input
 * (prehash: their SHA-256), and has timeout_s seconds to write the signature:
 * Ed25519 64 bytes; P-256 DER, or r and s in 64 bytes.  Over 1 KiB, another
 * exit status than 0, or no answer in time is ERR_SYSTEM.
 */
struct signer_command {
	char *const *argv, *const *env;
	int prehash, timeout_s;
	struct sign_pub pub;
};
struct sign_key *signer_run(const struct signer_command *);

#endif
