#ifndef PACK_ZIP_H
#define PACK_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "pack/fault.h"

struct arena;
struct err;

/*
 * A strict subset of ZIP, the same for writer and reader (docs/format/pack.md
 * section 7): one disk, entries sorted by name and adjacent, local header =
 * central header, method 0 or 8, flag bit 11 alone, date 1980-01-01, mode
 * 0100644, no comment, no extra field but ZIP64 where a value needs it.
 * The reader accepts nothing else, repairs nothing, extracts nothing.
 */

/* Bytes are pushed; non-zero from the sink ends the reading with -1. */
typedef int zip_sink(void *ctx, const void *, size_t);

/* Gives all bytes of a file to the sink, the same ones at each call. */
typedef int zip_source(void *ctx, zip_sink *, void *sink, struct err *);

struct zipw;

/* A new file below dir; names must rise.  Deflates, or stores where that is
 * not smaller or would pass the limit of 200 times. */
int zip_create(struct arena *, int dir, const char *path, struct zipw **,
    struct err *);
int zip_add(struct zipw *, const char *name, zip_source *, void *ctx,
    struct err *);
int zip_bytes(struct zipw *, const char *name, const void *, size_t,
    struct err *);
/* Central directory, end record, fsync, close.  Called also after a failure,
 * with ok 0: then it only closes. */
int zip_finish(struct zipw *, int ok, struct err *);

struct zip_entry {
	const char *name;
	uint64_t size, stored, offset; /* offset: of the data */
	uint32_t crc;
	int method;
};

/* Reads all headers of an open file, checks every rule; entries sorted. */
int zip_read(struct arena *, int fd, uint64_t filesize, struct zip_entry **,
    size_t *n, struct fault *);
/* Inflates one entry: never past its declared size; CRC and size must hold. */
int zip_data(int fd, const struct zip_entry *, zip_sink *, void *sink,
    struct fault *);

#endif
