#ifndef CMD_KEYFILE_H
#define CMD_KEYFILE_H

#include <stddef.h>

struct arena;
struct err;
struct signer;

/*
 * Files of private keys, under their rules: a regular file of ours or of
 * root, no link, no other links, mode 0600 or less.  A key is PKCS#8 PEM, or
 * an exhibit-signer/1 file (docs/format/pack.md section 8) that names a
 * command; that one holds no secret, but others may not write it.
 *
 * A passphrase source is "fd:N", "file:PATH" (a secret file), or NULL: the
 * terminal.
 */
const char *keyfile_pass(struct arena *, const char *fd, const char *file);

/* A child that alone will open a key, forked before any input is read; then
 * signer_open has it open the one that a path names (relative to the folder
 * that the process is in), with a passphrase source. */
int keyfile_fork(struct signer **, struct err *);

/* A new key's passphrase, in the arena: asked twice on a terminal; an empty
 * one is ERR_INPUT. */
int keyfile_new_pass(struct arena *, const char *path, const char *pass,
    char **, struct err *);

/* The bytes of a secret file, at most 4 KiB. */
int keyfile_secret(struct arena *, const char *path, const char **p,
    size_t *len, struct err *);

/* The file beside a log key that holds the last note it signed for an
 * origin: KEY.<origin, slashes as dashes>.note */
char *keyfile_note(struct arena *, const char *path, const char *origin);

#endif
