#ifndef PACK_DEMO_H
#define PACK_DEMO_H

#include <stdint.h>

#include "crypt/hash.h"

struct err;
struct sign_key;

/*
 * The keys of `exhibit demo` and of test packs: the seed of each is the
 * SHA-256 of a published sentence, so the same pack comes out everywhere and
 * anyone can sign with them.  role: log, preparer or approver.
 */
const char *demo_sentence(const char *role); /* NULL: no such role */
int demo_key(const char *role, struct sign_key **, struct err *);
/* Whether an id (SHA-256 of the SPKI) is that of such a key. */
int demo_is(const uint8_t id[HASH_LEN]);

#endif
