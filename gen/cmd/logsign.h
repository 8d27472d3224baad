#ifndef CMD_LOGSIGN_H
#define CMD_LOGSIGN_H

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

#endif
