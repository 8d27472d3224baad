#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/*
 * What kind of secret begins in these bytes and where, or NULL: a private key,
 * a password in an address, a JSON web token, an access or API key.  By the
 * shapes that their makers publish; one without such a shape is not seen.
 */
const char *secret_find(const char *, size_t, size_t *at);

#endif
