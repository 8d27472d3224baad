#ifndef EVAL_CONTENT_H
#define EVAL_CONTENT_H

#include <stddef.h>

/*
 * What a text holds that does not belong into a record: "an e-mail address",
 * "a card number", or a secret (base/secret.h); NULL: nothing that was found.
 * Few shapes, so that words and ids do not look like them:
 *
 *   address   name@host.tld: letters, digits, . _ % + - before; labels and a
 *             last one of two letters or more after
 *   card      13 to 19 digits, plain or in groups of four and more by blanks
 *             or hyphens, first digit 3 to 6, the Luhn sum right, and no
 *             letter or digit beside them
 *
 * Limit: names, postal addresses and numbers of telephones are not found, nor
 * what is encoded; one in ten numbers of that length passes Luhn by chance.
 */
const char *content_find(const char *, size_t);
/* 64 hex digits in lower case: what a pseudonym is. */
int content_is_pseudonym(const char *, size_t);

#endif
