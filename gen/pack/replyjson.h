#ifndef PACK_REPLYJSON_H
#define PACK_REPLYJSON_H

#include <stddef.h>
#include <stdint.h>

#include "pack/fault.h"

struct arena;
struct str;

/* reply.json, what a reply says of itself (docs/format/pack.md section 13).
 * What it says is checked against the files beside it. */
#define REPLY_FORMAT "exhibit-reply/1"
#define REPLY_JSON "reply.json"

struct replystream {
	const char *stream, *dir, *origin;
};

struct replyheld { /* a content that was asked for and is not here */
	const char *dir, *column, *why; /* erased missing not-kept */
	uint64_t seq;
};

struct replyinfo {
	const char *organisation, *expr; /* expr "": the whole log */
	int64_t from_us, to_us;          /* the period that expr was put to */
	int64_t as_of_us;
	uint64_t matches;                /* rows, of which some were drawn */
	uint64_t k;
	const char *nonce;               /* NULL: every match is here */
	struct replystream *stream;      /* sorted by stream */
	size_t nstream;
	const char **disclose;           /* columns, sorted */
	size_t ndisclose;
	struct replyheld *held;
	size_t nheld, capheld;
};

/* RFC 8785 and one LF. */
void replyjson_write(struct str *, const struct replyinfo *);
/* JSON_STRICT, JSON_FORM, TEXT_CONTROL; another format: VERSION_UNSUPPORTED.
 * Unknown fields are ignored. */
int replyjson_parse(struct arena *, const char *, size_t, struct replyinfo *,
    struct fault *);

#endif
