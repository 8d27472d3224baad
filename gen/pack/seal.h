#ifndef PACK_SEAL_H
#define PACK_SEAL_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct packin;
struct sign_key;
struct str;

/*
 * A person's signature on a finished pack: two files by one key, the sigstore
 * bundle and the SSHSIG (docs/format/pack.md section 6).  The pack must have
 * passed L1; what is signed is read from it here and nowhere else.
 */
struct seal {
	const char *role, *person; /* preparer or approver */
	int64_t signed_us;         /* a claim, no proof */
	/* filled by seal_make: */
	const char *name;          /* preparer, preparer-2, ...: the next free */
	const char *bundle_path, *sshsig_path;
	struct str *bundle, *sshsig;
};

/* The next free name of the role; ERR_INPUT past 16 signers, or for a
 * preparer where an approver signed already. */
int seal_name(struct arena *, struct packin *, struct seal *, struct err *);
int seal_make(struct arena *, struct packin *, const struct sign_key *,
    struct seal *, struct err *);

/* The bytes that a timestamp is over: the signature of the newest signer of
 * the role; fills name and paths.  ERR_INPUT if nobody signed, or for a
 * preparer after approval: the approval names the bundle as it is. */
int seal_signature(struct arena *, struct packin *, struct seal *,
    const uint8_t **sig, size_t *len, struct err *);
/* The same signer's bundle with a timestamp in it; sshsig as it is. */
int seal_stamp(struct arena *, struct packin *, struct seal *,
    const void *token, size_t, struct err *);

/* A ZIP of all files of the pack and these two (or these for those of the
 * same name), made beside and renamed over dir/name. */
int seal_zip(struct arena *, struct packin *, const struct seal *, int dir,
    const char *name, struct err *);

#endif
