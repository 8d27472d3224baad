#ifndef CRYPT_NOTE_H
#define CRYPT_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"

struct arena;
struct err;
struct sign_key;
struct sign_pub;
struct str;

/*
 * C2SP signed notes and tlog-checkpoints (c2sp.org/signed-note,
 * c2sp.org/tlog-checkpoint).  A checkpoint is the note
 *     origin LF size LF base64 root LF  LF  signature lines
 * with no extension lines (pack.md section 2).
 */
struct note_sig {
	const char *name;
	uint8_t id[4];
	const uint8_t *sig; /* without the key id */
	size_t siglen;
};

struct note {
	const char *text; /* the signed text, its last LF included */
	size_t textlen;
	struct note_sig *sig;
	size_t nsig;
};

struct checkpoint {
	const char *origin;
	uint64_t size;
	uint8_t root[HASH_LEN];
	struct note note;
};

int note_parse(struct arena *, const char *, size_t, struct note *,
    struct err *);
/* Also of an unsigned one: body and blank line without a signature. */
int note_checkpoint(struct arena *, const char *, size_t, struct checkpoint *,
    struct err *);
void note_checkpoint_body(struct str *, const char *origin, uint64_t size,
    const uint8_t root[HASH_LEN]);
/* The key id of a name and an Ed25519 key: first 4 bytes of
 * SHA-256(name LF 0x01 key). */
void note_key_id(uint8_t out[4], const char *name, const struct sign_pub *);
/* Appends the blank line and one signature line to the body. */
int note_sign(struct str *body, const char *name, const struct sign_key *,
    struct err *);
/* 1: a line of this name and key is there and holds; 0: no such line;
 * -1: such a line is there and does not hold. */
int note_check(const struct note *, const char *name, const struct sign_pub *);

#endif
