#ifndef CMD_LOGSIGN_H
#define CMD_LOGSIGN_H

#include <stddef.h>

struct append;
struct arena;
struct err;
struct sign_key;

/*
 * Signs a checkpoint of an open store with the log key: not where the newest
 * one has all events already.  It must be consistent with the last note of
 * the origin, in the table checkpoint and beside the key (keyfile; NULL: no
 * file is kept, for the keys of the demo): else ERR_INTEGRITY.  The note is
 * written beside the key first, then into the store.  *note: what was
 * signed, or the newest one where nothing was new; NULL for an empty log.
 */
int logsign(struct arena *, struct append *, const struct sign_key *,
    const char *keyfile, const char **note, struct err *);

/* Compares the log with its last notes alone, and signs nothing. */
int logsign_check(struct arena *, struct append *, const char *keyfile,
    struct err *);

/*
 * Opens a private key under the rules of key files: a regular file of ours or
 * of root, no other links, mode 0600 or less.  A passphrase comes from the
 * descriptor passphrase_fd (text; NULL: the terminal).
 */
int logsign_key(struct arena *, const char *path, const char *passphrase_fd,
    struct sign_key **, struct err *);

/* A new key's passphrase, in the arena: asked twice on a terminal; an empty
 * one is ERR_INPUT. */
int logsign_passphrase(struct arena *, const char *path,
    const char *passphrase_fd, char **pass, struct err *);

/* The bytes of a secret file under the same rules, at most 4 KiB. */
int logsign_secret(struct arena *, const char *path, const char **p,
    size_t *len, struct err *);

#endif
