#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "pack/manifest.h"
#include "verify/run.h"

/* L5: the log extends what this reader has kept.  L6: a rebuilt pack. */

#define L5 LEVEL_APPEND_ONLY

/* A checkpoint kept by the reader against the stream of its origin. */
static void
compare(struct run *v, size_t i, const struct checkpoint *kept)
{
	const struct packstream *s = &v->info.stream[i];
	const struct checkpoint *c = &v->checkpoint[i], *prev = &v->prev[i];
	const struct checkpoint *same = NULL;

	if (c->origin == NULL)
		return;
	if (kept->size == c->size)
		same = c;
	else if (prev->origin != NULL && kept->size == prev->size)
		same = prev;
	if (same != NULL) {
		if (memcmp(same->root, kept->root, HASH_LEN) != 0)
			run_faultf(v, L5, FAULT_LOG_FORK, v->o->previous,
			    "%s: another root at size %" PRIu64, s->stream,
			    kept->size);
	} else if (kept->size > c->size)
		run_faultf(v, L5, FAULT_LOG_ROLLBACK, v->o->previous,
		    "%s: had %" PRIu64 " events, %s ends at %" PRIu64,
		    s->stream, kept->size, v->reply != NULL ? "the reply" :
		    "the pack", c->size);
	else if (kept->size != 0)
		run_faultf(v, L5, FAULT_LOG_NO_PROOF, v->o->previous,
		    "%s: no proof from size %" PRIu64 "; ask for a reply with "
		    "--previous", s->stream, kept->size);
}

/* A reply's proofs end where the pack ends, or a proof leads there from the
 * checkpoint that was kept. */
static void
compare_reply(struct run *v, size_t i, const struct checkpoint *kept,
    int of_pack)
{
	const struct packstream *s = &v->info.stream[i];
	const struct checkpoint *c = &v->checkpoint[i];
	char *path = run_log_path(v, s, "consistency"), *p;
	int same = kept->size == c->size &&
	    memcmp(kept->root, c->root, HASH_LEN) == 0;
	size_t len;

	if (c->origin == NULL)
		return;
	if (of_pack && !same)
		run_faultf(v, L5, FAULT_PROOF_CHECKPOINT,
		    run_log_path(v, s, "checkpoint"), "%s at size %" PRIu64
		    ", the pack ends at %" PRIu64 ": ask for a reply with the "
		    "pack's --as-of", kept->size == c->size ? "another root" :
		    "ends", c->size, kept->size);
	if (manifest_find(&v->set, path) != NULL && run_load(v, v->arena, L5,
	    run_log_path(v, s, "checkpoint"), LIMIT_NOTE, &p, &len) == 0)
		run_consistency(v, L5, c, path, !of_pack &&
		    kept->size < c->size ? kept : NULL, p, len);
	else if (!of_pack && kept->size < c->size)
		compare(v, i, kept);
	if (!of_pack && kept->size >= c->size)
		compare(v, i, kept);
}

static void
compare_by_origin(struct run *v, const struct checkpoint *kept, int of_pack)
{
	for (size_t i = 0; i < v->info.nstream; i++)
		if (strcmp(v->info.stream[i].origin, kept->origin) == 0) {
			if (v->reply != NULL)
				compare_reply(v, i, kept, of_pack);
			else
				compare(v, i, kept);
			return;
		}
	run_faultf(v, L5, FAULT_STREAM_MISSING, v->o->previous,
	    "%s was a stream, and is not in the %s", kept->origin,
	    v->reply != NULL ? "reply" : "pack");
}

/* The note that a reader kept: one of a log key that is trusted. */
static void
against_note(struct run *v, const char *p, size_t len)
{
	struct checkpoint c;
	struct err e = { 0 };

	if (note_checkpoint(v->arena, p, len, &c, &e) == -1)
		run_faultf(v, L5, FAULT_NOTE_FORM, v->o->previous, "%s",
		    e.msg);
	else {
		compare_by_origin(v, &c, 0);
		v->r->says[L5] = arena_printf(v->arena,
		    "extends the checkpoint of size %" PRIu64
		    " that you gave", c.size);
	}
}

/* A pack of before is verified first, by the same trust. */
static void
against_pack(struct run *v)
{
	struct verify_options o = { .pack = v->o->previous,
		.trust = v->o->trust, .as_of_us = v->o->as_of_us };
	struct verify_report r;

	verify_pack(v->arena, &o, &r);
	for (size_t i = 0; i < r.nfault; i++)
		if (r.fault[i].level != L5 &&
		    (fault_kind(r.fault[i].code) != ERR_UNDECIDED ||
		    r.require[r.fault[i].level]))
			run_faultf(v, L5, r.fault[i].code, v->o->previous,
			    "the pack before: %s%s%s",
			    r.fault[i].path != NULL ? r.fault[i].path : "",
			    r.fault[i].path != NULL ? ": " : "",
			    r.fault[i].detail);
	if (r.info == NULL)
		return;
	for (size_t i = 0; i < r.info->nstream; i++) {
		struct checkpoint kept = {
			.origin = r.info->stream[i].origin,
			.size = r.info->stream[i].size };

		memcpy(kept.root, r.info->stream[i].root, HASH_LEN);
		compare_by_origin(v, &kept, 1);
	}
	v->r->says[L5] = arena_printf(v->arena, v->reply != NULL ?
	    "ends at the checkpoint%s of %s that you gave" :
	    "extends the checkpoint%s of %s that you gave",
	    r.info->nstream == 1 ? "" : "s", r.info->period);
}

static int
is_note(const char *path, struct arena *a, char **p, size_t *len)
{
	struct err ignored = { 0 };
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_size > LIMIT_NOTE)
		return 0;
	if (out_slurp(a, path, LIMIT_NOTE, p, len, &ignored) == -1)
		return 0;
	return *len >= 2 && memcmp(*p, "PK", 2) != 0;
}

void
level_append_only(struct run *v)
{
	int extends = v->info.previous_period != NULL;
	char *p;
	size_t len;

	for (size_t i = 0; i < v->info.nstream; i++)
		extends |= v->info.stream[i].previous_size > 0;
	for (size_t i = 0; v->reply != NULL && i < v->info.nstream; i++)
		extends |= manifest_find(&v->set, run_log_path(v,
		    &v->info.stream[i], "consistency")) != NULL;
	if (v->o->previous == NULL) {
		if (!extends) {
			v->r->result[L5] = VERIFY_NOT_NEEDED;
			v->r->says[L5] = v->reply != NULL ? "no pack or "
			    "checkpoint that you kept was given" :
			    "the first pack of this log";
			return;
		}
		run_faultf(v, L5, FAULT_LOG_NO_PREVIOUS, NULL,
		    "%s%s comes before: --previous PACK or CHECKPOINT",
		    v->reply != NULL ? "" : "the pack of ",
		    v->reply != NULL ? "a checkpoint that you kept" :
		    v->info.previous_period != NULL ?
		    v->info.previous_period : "another period");
		return;
	}
	v->r->result[L5] = VERIFY_OK;
	if (is_note(v->o->previous, v->arena, &p, &len))
		against_note(v, p, len);
	else
		against_pack(v);
}

void
level_rebuild(struct run *v)
{
	const struct packin_file *file;
	struct packin *in;
	struct fault f;
	char *p;
	size_t len;

	if (v->o->rebuilt == NULL)
		return;
	v->r->result[LEVEL_REBUILD] = VERIFY_OK;
	if (packin_open(v->arena, v->o->rebuilt, &in, &f) == -1) {
		run_fault(v, LEVEL_REBUILD, v->o->rebuilt, &f);
		return;
	}
	file = packin_find(in, MANIFEST_NAME);
	if (file == NULL)
		run_faultf(v, LEVEL_REBUILD, FAULT_NOT_A_PACK, v->o->rebuilt,
		    "holds no " MANIFEST_NAME);
	else if (packin_load(in, v->arena, file, LIMIT_PACK_MANIFEST, &p,
	    &len, &f) == -1)
		run_fault(v, LEVEL_REBUILD, v->o->rebuilt, &f);
	else if (len != v->manifestlen || memcmp(p, v->manifest, len) != 0)
		run_faultf(v, LEVEL_REBUILD, FAULT_REBUILD_DIFFERS,
		    v->o->rebuilt, "has another manifest");
	else
		v->r->says[LEVEL_REBUILD] = "the rebuilt pack has the same "
		    "manifest";
	(void)packin_close(in);
}
