#ifndef PACK_PACKJSON_H
#define PACK_PACKJSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "pack/fault.h"

struct arena;
struct str;

/*
 * Strict JSON (docs/format/pack.md section 2): integers within +-(2^53 - 1),
 * strings, arrays, objects; no duplicate key, trailing byte, BOM, bad UTF-8,
 * NUL, or depth over 32.  loose: null, booleans and reals pass too (envelopes
 * of other tools).  The caller gives the tree back with json_decref.
 */
json_t *packjson_load(const char *, size_t, int loose, struct fault *);

/* Fields: NULL, -1 and JSON_FORM if it is not there, or of another type. */
const char *packjson_text(const json_t *, const char *key, struct fault *);
int packjson_int(const json_t *, const char *key, int64_t *, struct fault *);
int packjson_uint(const json_t *, const char *key, uint64_t *, struct fault *);
int packjson_hash(const json_t *, const char *key, uint8_t out[HASH_LEN],
    struct fault *);

/* data/pack.json, what the pack is (docs/format/pack.md section 3). */
#define PACK_FORMAT "exhibit-pack/1"
#define PACK_JSON "data/pack.json"

struct packstream {
	const char *stream, *dir, *origin, *weakest;
	uint64_t size, previous_size, read_from;
	uint64_t in_period, before, after, earlier_in_period, waiting;
	uint8_t root[HASH_LEN];
	int log_signed;
};

struct packinput {
	const char *kind, *path;
	uint8_t sha256[HASH_LEN];
	uint64_t bytes;
};

struct packword { /* a verdict's word and how many */
	const char *word;
	uint64_t n;
};

struct packinfo {
	const char *organisation, *period, *generator, *version;
	int64_t from_us, to_us, as_of_us;
	int interim;
	struct packstream *stream; /* sorted by stream */
	size_t nstream;
	struct packinput *input; /* sorted by path */
	size_t ninput;
	const char *rule, *drawn_by, *nonce;
	uint64_t k;
	uint64_t cited, included;
	const char *reason; /* why fewer records than cited rows; "" */
	uint64_t controls, gaps, waived; /* controls: verdicts in all scopes */
	struct packword *verdict; /* sorted by word */
	size_t nverdict;
	const char *previous_period; /* NULL: the first pack */
	uint8_t previous_manifest[HASH_LEN];
};

/* RFC 8785 and one LF. */
void packjson_write(struct str *, const struct packinfo *);
/* Unknown fields are ignored; another format is VERSION_UNSUPPORTED. */
int packjson_parse(struct arena *, const char *, size_t, struct packinfo *,
    struct fault *);

#endif
