#ifndef PACK_PACKIN_H
#define PACK_PACKIN_H

#include <stddef.h>
#include <stdint.h>

#include "pack/fault.h"
#include "pack/zip.h"

struct arena;

/*
 * A pack as it is read: a folder or its ZIP, under the same rules.  Opening
 * lists all files and checks names, types and layout; nothing is followed
 * (openat2 RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS) and nothing is written.
 */
struct packin;

struct packin_file {
	const char *path;
	uint64_t size;
	const struct zip_entry *entry; /* NULL: a folder */
};

/* The detail of a fault begins with the file that is at fault. */
int packin_open(struct arena *, const char *path, struct packin **,
    struct fault *);
int packin_close(struct packin *);
int packin_is_zip(const struct packin *);

/* Files in the order of their path bytes. */
size_t packin_count(const struct packin *);
const struct packin_file *packin_at(const struct packin *, size_t);
const struct packin_file *packin_find(const struct packin *, const char *);
/* Folders without a file in them: of no pack.  NULL: none. */
const char *packin_empty(const struct packin *);

/* All bytes of a file to the sink. */
int packin_read(struct packin *, const struct packin_file *, zip_sink *,
    void *sink, struct fault *);
/* The whole file, a NUL after it; over max bytes: LIMIT_SIZE. */
int packin_load(struct packin *, struct arena *, const struct packin_file *,
    uint64_t max, char **, size_t *, struct fault *);

#endif
