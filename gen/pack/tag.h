#ifndef PACK_TAG_H
#define PACK_TAG_H

#include <stddef.h>
#include <stdint.h>

struct packinfo;
struct str;

/*
 * The tag files of the bag (RFC 8493).  They stand outside the manifest, so
 * the verifier makes them again from what is inside and compares.
 */
void tag_bagit(struct str *);
/* bytes and files: of all that lies under data/. */
void tag_baginfo(struct str *, const struct packinfo *, uint64_t bytes,
    size_t files);

/* README.txt: how to check this pack with other tools, and what it does not
 * prove.  record: "refunds/388", a record that the pack holds, or NULL. */
void tag_readme(struct str *, const struct packinfo *, const char *record);

/* What a pack does not prove (section 11), one sentence a line; also for the
 * site.  The last ones only where they apply. */
void tag_limits(struct str *, const struct packinfo *);

#endif
