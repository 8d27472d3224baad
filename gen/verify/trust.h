#ifndef VERIFY_TRUST_H
#define VERIFY_TRUST_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/sign.h"
#include "pack/fault.h"

struct arena;
struct str;

/*
 * exhibit-trust/1: the reader's own file of keys, roles and rules
 * (docs/format/pack.md section 8).  It never travels with a pack.
 */
enum trust_role { ROLE_LOG, ROLE_PREPARER, ROLE_APPROVER, ROLE_N };
const char *trust_role_name(enum trust_role);
int trust_role_parse(const char *); /* -1: no such role */

struct trust_key {
	struct sign_pub pub;
	enum trust_role role;
	const char *person; /* of a log key its origin; a last * is any text */
	int64_t valid_from_us, valid_until_us; /* 0: no bound */
	int64_t revoked_us;                    /* 0: not revoked */
	const char *revoked_reason;
};

#define TRUST_LEVELS 6 /* L1 to L6 */

struct trust {
	const char *organisation;
	struct trust_key *key; /* sorted by id */
	size_t nkey, cap;
	uint64_t need[ROLE_N]; /* persons of a role */
	int require[TRUST_LEVELS];
	int time_required, deep;
	const char **tsa; /* PEM roots */
	size_t ntsa;
};

/* An empty one with the defaults of the format. */
void trust_init(struct trust *, const char *organisation);
/* TRUST_FORM, TRUST_KEY, JSON_STRICT; another format: VERSION_UNSUPPORTED. */
int trust_parse(struct arena *, const char *, size_t, struct trust *,
    struct fault *);
/* RFC 8785 and one LF. */
void trust_write(struct str *, const struct trust *);

/* The key of that id; NULL: not trusted. */
struct trust_key *trust_find(const struct trust *,
    const uint8_t id[HASH_LEN]);
/* Adds a key in its place; its id is not there yet. */
struct trust_key *trust_add(struct arena *, struct trust *,
    const struct sign_pub *);
/* Whether a log key is for that origin. */
int trust_origin(const struct trust_key *, const char *origin);
/* Lower-case ASCII, as an identity in allowed_signers. */
int trust_person_ok(const char *);

#endif
