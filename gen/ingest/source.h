#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "ingest/json.h"

struct arena;
struct err;

/*
 * A log file, read in constant memory record by record.  Standard input ("-")
 * is spooled and gzip unpacked to a file without a name first; sha256 and
 * bytes are those of the file as it was given.  What a record is depends on
 * the frame: a line, an element of an array, an element of one member of an
 * object.
 */
enum source_frame { SOURCE_LINES, SOURCE_ARRAY, SOURCE_OBJECT, SOURCE_SQLITE };

struct source;

struct source_record {
	const char *p; /* lives until the next call */
	size_t len;
	uint64_t line; /* where it begins, from 1 */
	uint32_t col;
};

int source_open(struct arena *, const char *path, struct source **,
    struct err *);
void source_close(struct source *);

const char *source_name(const struct source *); /* for messages */
const char *source_path(const struct source *); /* of a SQLite file */
const uint8_t *source_sha256(const struct source *);
uint64_t source_bytes(const struct source *);

/* How the first 64 KiB look; keys: the members of the outermost object. */
enum source_frame source_guess(struct source *, struct arena *,
    const char ***keys, size_t *nkeys);

/* Begins (again) at the start.  list: for SOURCE_OBJECT, the member whose
 * elements are the records. */
int source_rewind(struct source *, enum source_frame, const char *list,
    struct err *);

/*
 * 1 a record; 0 the end; -1 an error of the system; -2 what is there is no
 * record (too long, cut, no comma): *what says why, rec its place.  After -2
 * in lines the next call goes on with the next line; otherwise it ends.
 */
int source_next(struct source *, struct source_record *, const char **what,
    struct err *);

/* The other members of a SOURCE_OBJECT, once source_next gave 0. */
const struct json *source_head(const struct source *);

/* Where an offset in the record stands in the file. */
void source_place(const struct source_record *, size_t at, uint64_t *line,
    uint32_t *col);

#endif
