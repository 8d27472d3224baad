#ifndef VERIFY_RUN_H
#define VERIFY_RUN_H

#include "crypt/note.h"
#include "model/pack.h"
#include "pack/packin.h"
#include "verify/verify.h"

/* What the levels of one run share; each level is one file. */
struct run {
	struct arena *arena;
	const struct verify_options *o;
	struct verify_report *r;
	struct hash *hash;
	struct packin *in;
	const char *manifest;
	size_t manifestlen;
	const char *under;           /* "data/"; of a reply "" */
	const char *json;            /* pack.json or reply.json */
	struct packset set;          /* the manifest; of a reply its files */
	char *good;                  /* of each file: is as listed */
	struct packinfo info;        /* of a reply: who, streams, sample */
	const struct replyinfo *reply; /* NULL: a pack */
	struct trust trust;
	int have_info, have_trust;
	size_t ntime;                /* signatures with a trusted time */
	int64_t last_time_us;
	int64_t *note_us;            /* of each stream's checkpoint; 0: none */
	struct checkpoint *checkpoint; /* of each stream; size 0, origin NULL */
	struct checkpoint *prev;       /* where there is none */
};

/* Adds to the list; path may be NULL. */
void run_fault(struct run *, enum verify_level, const char *path,
    const struct fault *);
void run_faultf(struct run *, enum verify_level, enum fault_code,
    const char *path, const char *, ...) __attribute__((format(printf, 5, 6)));
/* How many faults of a level there are. */
size_t run_count(const struct run *, enum verify_level);

/* A listed file, its bytes hashed again: 0; 1 it is not there, or L1 found
 * it bad already; -1 a fault was added. */
int run_load(struct run *, struct arena *, enum verify_level,
    const char *path, uint64_t max, char **, size_t *);
/* The same, the file with this index in the manifest. */
int run_load_at(struct run *, struct arena *, enum verify_level, size_t,
    uint64_t max, char **, size_t *);

/* A signer's two files, by name. */
struct signer {
	const char *name, *bundle, *sshsig; /* paths; NULL: not there */
	enum trust_role role;
};
/* From sig/, preparers first, each by number; NULL name: no such file name. */
int run_signer_name(struct arena *, const char *path, struct signer *,
    int *is_bundle);

/* The time of a token over these bytes; 0 and a fault of L3 if it does not
 * hold. */
int64_t run_token(struct run *, const void *token, size_t, const void *data,
    size_t, const char *path);
/* Notes when a signature was stamped. */
void run_signer_time(struct run *, const char *path, int64_t us);

struct sample;
/* The info.k rows of smallest rank of all rows of the ranges; of one stream,
 * or SIZE_MAX: of all.  -1: k or the ranges are over the limits. */
int run_draw(struct run *, size_t stream, struct sample *);

void level_integrity(struct run *);
void level_reply(struct run *);     /* reply.c: L1 of a reply, */
void level_reply_log(struct run *); /* and its L4 */
void level_signers(struct run *);
void level_time(struct run *);
void level_log(struct run *);
/* records.c: a part of L4; how many records are here. */
size_t level_log_records(struct run *);
void level_log_samples(struct run *); /* sample.c: a part of L4 */
void level_append_only(struct run *);
/* log.c: reads the checkpoint of stream i and checks its signature; -1: it is
 * not there or not one. */
int run_checkpoint(struct run *, size_t i, char **bytes, size_t *len);
/* log.c: <under>log/<dir>/<file> */
char *run_log_path(struct run *, const struct packstream *, const char *file);
/* log.c: the proof in a file that *c, whose bytes are given, extends *old;
 * of old NULL its form and its end alone are checked. */
void run_consistency(struct run *, enum verify_level,
    const struct checkpoint *, const char *path, const struct checkpoint *old,
    const char *bytes, size_t byteslen);
void level_rebuild(struct run *);

#endif
