#ifndef PACK_PACKOUT_H
#define PACK_PACKOUT_H

#include <stddef.h>
#include <stdint.h>

#include "model/pack.h"

struct arena;
struct build;
struct err;
struct input;
struct str;

/*
 * Writes a pack into a staging folder.  Every file of the whole build goes
 * through packout_file, which writes and hashes it in one call; at the end
 *
 *     struct packout po;
 *     packout_init(&po, arena, sw.fd);             base/out.h, out_swap_begin
 *     packout_file(&po, "data/site/index.html", p, len, err);    ...
 *     packout_finish(&po, &build, logs, err);      records, proofs, log, tags
 *     packout_zip(&po, dirfd, "2026-Q3.zip", err); the same, as one file
 *
 * A path is under the rules of pack/name.h; writing one twice is an error.
 * packout_file may be called from several threads (one lock inside).
 */
struct packout {
	int dir;
	struct arena *arena;
	struct packset set; /* files under data/ */
	struct packset tag; /* README.txt, bagit.txt ..., the manifest */
	uint8_t manifest[32]; /* its SHA-256, after packout_finish */
	void *lock;
};

void packout_init(struct packout *, struct arena *, int dir);
void packout_free(struct packout *);
int packout_file(struct packout *, const char *path, const void *, size_t,
    struct err *);

/* records/ and proofs/ of all cited events below a folder, "data/" or "";
 * proofs where the stream's chain is whole. */
int packout_records(struct packout *, const struct build *, const char *under,
    struct err *);

/* What the pack needs of each stream of build.stream, in its order. */
struct packlog {
	uint8_t (*consistency)[32]; /* from previous_size to size */
	size_t nconsistency;
	const void *token;          /* RFC 3161 of the note, or NULL */
	size_t tokenlen;
};

/* What data/pack.json will be. */
int packout_json(struct arena *, const struct build *, struct str *,
    struct err *);
/* data/records, data/proofs, data/log, data/pack.json, data/README.txt; then
 * the tag files and manifest-sha256.txt, last. */
int packout_finish(struct packout *, const struct build *,
    const struct packlog *, struct err *);
/* Made beside and renamed over; files are read back from the folder. */
int packout_zip(struct packout *, int dir, const char *name, struct err *);

#endif
