#ifndef PACK_BUNDLE_H
#define PACK_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/sign.h"
#include "pack/fault.h"

struct arena;
struct err;
struct packinfo;
struct str;

/*
 * sig/<signer>.sigstore.json: a sigstore bundle v0.3 around a DSSE envelope
 * around an in-toto Statement v1 (docs/format/pack.md section 6).
 */
#define BUNDLE_MEDIA "application/vnd.dev.sigstore.bundle.v0.3+json"
#define BUNDLE_PAYLOAD "application/vnd.in-toto+json"
#define BUNDLE_STATEMENT "https://in-toto.io/Statement/v1"
#define BUNDLE_PREDICATE "urn:exhibit:evidence-pack:1"

struct subject {
	const char *name;
	uint8_t sha256[HASH_LEN];
};

struct statement {
	struct subject *subject; /* the manifest, then each checkpoint */
	size_t nsubject;
	const char *organisation, *period, *role, *person, *says;
	int64_t from_us, to_us, as_of_us, signed_us;
	uint8_t (*preparer)[HASH_LEN]; /* of an approver: sorted */
	size_t npreparer;
	int is_approver;
};

struct bundle {
	const char *keyid, *hint; /* hex SHA-256 of the SPKI */
	const char *type;         /* payloadType */
	const char *payload;      /* the exact bytes that were signed */
	size_t payloadlen;
	const uint8_t *sig;
	size_t siglen;
	const uint8_t *token;     /* RFC 3161 TimeStampResp, or NULL */
	size_t tokenlen;
};

/* "prepared", or "reviewed and approved"; NULL: no such role. */
const char *bundle_says(const char *role);

/* RFC 8785, no LF: the payload. */
void bundle_statement(struct str *, const struct statement *);
/* DSSE's pre-authentication encoding: what is signed. */
void bundle_pae(struct str *, const char *type, const void *, size_t);
/* A statement to the bundle file, signed. */
int bundle_sign(struct str *, const struct statement *,
    const struct sign_key *, struct err *);

/* The same bundle with this timestamp in it. */
void bundle_stamped(struct str *, const struct bundle *, const void *token,
    size_t len);

/* JSON_STRICT, JSON_FORM, SIG_ENCODING; another mediaType, or a certificate
 * instead of a key: VERSION_UNSUPPORTED. */
int bundle_parse(struct arena *, const char *, size_t, struct bundle *,
    struct fault *);
/* 0: the signature holds for type and payload. */
int bundle_check(struct arena *, const struct bundle *,
    const struct sign_pub *);
/* The payload; another type or predicate: VERSION_UNSUPPORTED. */
int bundle_parse_statement(struct arena *, const char *, size_t,
    struct statement *, struct fault *);

#endif
