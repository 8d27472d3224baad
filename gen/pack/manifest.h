#ifndef PACK_MANIFEST_H
#define PACK_MANIFEST_H

#include <stddef.h>

#include "model/pack.h"
#include "pack/fault.h"

struct arena;
struct str;

/*
 * manifest-sha256.txt: the one commitment of a pack.  For each file under
 * data/ 64 lower-case hex digits, two spaces, path, LF; sorted by path bytes.
 * docs/format/pack.md section 2.
 */
#define MANIFEST_NAME "manifest-sha256.txt"

void manifest_add(struct arena *, struct packset *, const char *path,
    uint64_t size, const uint8_t sha256[32]);
void manifest_sort(struct packset *);
/* NULL: not listed.  The set is sorted. */
const struct packfile *manifest_find(const struct packset *, const char *);
/* "data/log/<dir>/checkpoint": what is signed beside the manifest. */
int manifest_is_checkpoint(const char *path);
void manifest_write(struct str *, const struct packset *);
/* Sizes are not in the manifest: they stay 0. */
int manifest_parse(struct arena *, const char *, size_t, struct packset *,
    struct fault *);

#endif
