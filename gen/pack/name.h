#ifndef PACK_NAME_H
#define PACK_NAME_H

#include <stddef.h>

#include "pack/fault.h"

struct arena;
struct map;

/*
 * Names of files in a pack (docs/format/pack.md section 7): letters, digits,
 * . _ - and /, at most 200 bytes and 12 levels, no part that is empty, begins
 * or ends oddly, or that Windows takes for a device.  ZIP_PATH or ZIP_NAME.
 */
int name_check(const char *, size_t, struct fault *);

/* Adds a file's name, and its folders; ZIP_DUPLICATE if it is there already,
 * ZIP_COLLISION if one differs in case alone, or is both file and folder. */
int name_add(struct arena *, struct map *, const char *, struct fault *);

/* Organisation, person, origin: no controls, bidi or zero-width characters;
 * TEXT_CONTROL.  `what` names the field. */
int name_text(const char *what, const char *, struct fault *);

/* The folder of a stream: its name, or a slug and 16 hex digits. */
char *name_dir(struct arena *, const char *stream);

#endif
