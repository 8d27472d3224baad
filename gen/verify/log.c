#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "pack/demo.h"
#include "pack/manifest.h"
#include "pack/proof.h"
#include "verify/run.h"

/* L4: each checkpoint is signed by its log; records are included; ranges,
 * counts and samples agree. */

#define L4 LEVEL_LOG

char *
run_log_path(struct run *v, const struct packstream *s, const char *file)
{
	return arena_printf(v->arena, "%slog/%s/%s", v->under, s->dir, file);
}

/* Whether the log's signature on a note stands: 1, 0 undecided, -1 a fault.
 * A line that holds but whose key is not valid now, is looked over: another
 * key may have signed too. */
static int
log_signature(struct run *v, const struct checkpoint *c, const char *path,
    int64_t stamped_us, int must)
{
	int64_t at = stamped_us != 0 ? stamped_us : v->o->as_of_us;
	const struct trust_key *ended = NULL;
	int known = 0, held = 0;

	for (size_t i = 0; i < v->trust.nkey; i++) {
		const struct trust_key *k = &v->trust.key[i];
		int r = trust_origin(k, c->origin) ?
		    note_check(&c->note, c->origin, &k->pub) : 0;

		known |= trust_origin(k, c->origin);
		if (r == -1) {
			run_faultf(v, L4, FAULT_CHECKPOINT_SIG, path,
			    "the signature of a trusted key does not hold");
			return -1;
		}
		if (r == 0)
			continue;
		if ((k->revoked_us != 0 && (stamped_us == 0 ||
		    stamped_us >= k->revoked_us)) || k->valid_from_us > at ||
		    (k->valid_until_us != 0 && at >= k->valid_until_us))
			ended = k;
		else
			held = 1;
		if (r == 1 && demo_is(k->pub.id))
			v->r->demo_key = 1;
	}
	if (held || !must)
		return held;
	if (ended != NULL && ended->revoked_us != 0)
		run_faultf(v, L4, FAULT_KEY_REVOKED, path,
		    "signed by a key that was revoked");
	else if (ended != NULL)
		run_faultf(v, L4, FAULT_KEY_ENDED, path,
		    "signed by a key that is not valid at --as-of");
	else
		run_faultf(v, L4, FAULT_CHECKPOINT_KEY, path, "%s %s", known ?
		    "not signed by a trusted key of" :
		    "the trust file has no key of", c->origin);
	return 0;
}

/* A note of that stream; *out.origin stays NULL where it cannot be read. */
static int
read_note(struct run *v, const struct packstream *s, const char *path,
    struct checkpoint *out, char **bytes, size_t *len)
{
	struct err e = { 0 };
	struct checkpoint c;

	if (run_load(v, v->arena, L4, path, LIMIT_NOTE, bytes, len) != 0)
		return -1;
	if (note_checkpoint(v->arena, *bytes, *len, &c, &e) == -1) {
		run_faultf(v, L4, FAULT_NOTE_FORM, path, "%s", e.msg);
		return -1;
	}
	if (strcmp(c.origin, s->origin) != 0) {
		run_faultf(v, L4, FAULT_CHECKPOINT_ORIGIN, path,
		    "is of %s, %s says %s", c.origin, v->json, s->origin);
		return -1;
	}
	*out = c;
	return 0;
}

static void
check_signed(struct run *v, const struct checkpoint *c, const char *path,
    int64_t stamped_us)
{
	if (c->note.nsig == 0)
		run_faultf(v, L4, FAULT_CHECKPOINT_UNSIGNED, path,
		    "the log is not signed");
	else if (v->have_trust)
		(void)log_signature(v, c, path, stamped_us, 1);
}

static int
find_note(struct run *v, size_t i, const char *path, char **bytes, size_t *len)
{
	if (manifest_find(&v->set, path) != NULL)
		return read_note(v, &v->info.stream[i], path,
		    &v->checkpoint[i], bytes, len);
	run_faultf(v, L4, FAULT_FILE_MISSING, path, "is not there");
	return -1;
}

int
run_checkpoint(struct run *v, size_t i, char **bytes, size_t *len)
{
	char *path = run_log_path(v, &v->info.stream[i], "checkpoint");

	if (find_note(v, i, path, bytes, len) == -1)
		return -1;
	check_signed(v, &v->checkpoint[i], path, 0);
	return 0;
}

static void
check_figures(struct run *v, const struct packstream *s,
    const struct checkpoint *c, const char *path, int64_t stamped_us)
{
	if (c->size != s->size || memcmp(c->root, s->root, HASH_LEN) != 0)
		run_faultf(v, L4, FAULT_CHECKPOINT_FIGURES, path,
		    "size %" PRIu64 " or its root is not as in pack.json",
		    c->size);
	if (!s->log_signed && c->note.nsig > 0)
		run_faultf(v, L4, FAULT_CHECKPOINT_FIGURES, path,
		    "is signed, and pack.json says that it is not");
	check_signed(v, c, path, stamped_us);
}

/* The rows counted are the rows of the range. */
static void
check_counts(struct run *v, const struct packstream *s)
{
	if (s->previous_size > s->size) {
		run_faultf(v, L4, FAULT_LOG_ROLLBACK, PACK_JSON,
		    "%s: the range ends at %" PRIu64 ", and begins at %" PRIu64,
		    s->stream, s->size, s->previous_size);
		return;
	}
	if (s->in_period + s->before + s->after !=
	    s->size - s->previous_size)
		run_faultf(v, L4, FAULT_POPULATION_COUNT, PACK_JSON,
		    "%s: %" PRIu64 " in the period, %" PRIu64 " before, %"
		    PRIu64 " after; the range has %" PRIu64, s->stream,
		    s->in_period, s->before, s->after,
		    s->size - s->previous_size);
	if (s->read_from > s->previous_size ||
	    s->earlier_in_period > s->previous_size)
		run_faultf(v, L4, FAULT_POPULATION_COUNT, PACK_JSON,
		    "%s: read_from or earlier_in_period is past the range's "
		    "begin", s->stream);
	if (s->read_from > 0 && v->have_trust && v->trust.deep)
		run_faultf(v, L4, FAULT_READ_SEALED, PACK_JSON,
		    "%s: read from %" PRIu64 ", the trust file wants all rows",
		    s->stream, s->read_from);
}

void
run_consistency(struct run *v, enum verify_level level,
    const struct checkpoint *c, const char *path, const struct checkpoint *old,
    const char *bytes, size_t byteslen)
{
	struct proof proof;
	struct fault f;
	char *p;
	size_t len;

	if (run_load(v, v->arena, level, path, LIMIT_NOTE, &p, &len) != 0)
		return;
	if (proof_parse_consistency(v->arena, p, len, &proof, &f) == -1)
		run_fault(v, level, path, &f);
	else if (proof.checkpointlen != byteslen ||
	    memcmp(proof.checkpoint, bytes, byteslen) != 0)
		run_faultf(v, level, FAULT_PROOF_CHECKPOINT, path,
		    "does not end with the checkpoint beside it");
	else if (old == NULL)
		return;
	else if (proof.number != old->size)
		run_faultf(v, level, v->reply != NULL ? FAULT_LOG_NO_PROOF :
		    FAULT_LOG_PREVIOUS, path, "proves from size %" PRIu64
		    ", want from %" PRIu64, proof.number, old->size);
	else if (proof.number == 0 ? proof.n != 0 :
	    merkle_check_consistency(v->hash, proof.number, c->size,
	    proof.path, proof.n, old->root, c->root) == -1)
		run_faultf(v, level, FAULT_LOG_FORK, path,
		    "the log does not extend the checkpoint before");
}

/* checkpoint.prev and the proof from there to the checkpoint. */
static void
check_range(struct run *v, const struct packstream *s,
    const struct checkpoint *c, struct checkpoint *prev, const char *bytes,
    size_t byteslen)
{
	char *path = run_log_path(v, s, "checkpoint.prev"), *p;
	int have = manifest_find(&v->set, path) != NULL;
	struct checkpoint kept = { .size = 0 };
	size_t len;

	if (have && read_note(v, s, path, prev, &p, &len) == -1)
		return;
	if (have && v->have_trust && log_signature(v, prev, path, 0, 0) == -1)
		return;
	if (have != (s->previous_size > 0 || prev->origin != NULL) ||
	    (have && prev->size != s->previous_size)) {
		if (have)
			run_faultf(v, L4, FAULT_LOG_PREVIOUS, path,
			    "ends at %" PRIu64 ", the range begins at %" PRIu64,
			    prev->size, s->previous_size);
		else
			run_faultf(v, L4, FAULT_LOG_PREVIOUS, path,
			    "is not there, and the range begins at %" PRIu64,
			    s->previous_size);
		return;
	}
	path = run_log_path(v, s, "consistency");
	if (manifest_find(&v->set, path) == NULL)
		run_faultf(v, L4, FAULT_FILE_MISSING, path, "is not there");
	kept.size = s->previous_size;
	memcpy(kept.root, prev->root, HASH_LEN);
	run_consistency(v, L4, c, path, &kept, bytes, byteslen);
}

static void
check_stream(struct run *v, size_t i)
{
	const struct packstream *s = &v->info.stream[i];
	char *path = run_log_path(v, s, "checkpoint"), *p;
	struct checkpoint *c = &v->checkpoint[i];
	size_t len;

	check_counts(v, s);
	if (find_note(v, i, path, &p, &len) == -1)
		return;
	check_figures(v, s, c, path, v->note_us[i]);
	check_range(v, s, c, &v->prev[i], p, len);
}

/* Where the format has no place for a file. */
static void
check_places(struct run *v)
{
	static const char *const name[] = { "checkpoint", "checkpoint.prev",
		"checkpoint.tsr", "consistency" };

	for (size_t i = 0; i < v->set.nfile; i++) {
		const char *path = v->set.file[i].path;
		int ok = strncmp(path, "data/log/", 9) != 0;

		for (size_t k = 0; !ok && k < v->info.nstream; k++)
			for (size_t n = 0; n < 4; n++)
				ok |= strcmp(path, run_log_path(v,
				    &v->info.stream[k], name[n])) == 0;
		if (!ok)
			run_faultf(v, L4, FAULT_FILE_UNLISTED, path,
			    "the format has no such file");
	}
}

/* "refunds: 41,207 events, seq 613..41819, all read; 12 wait" */
static void
say(struct run *v)
{
	struct str s = str_new(v->arena);

	if (!v->have_trust)
		str_addz(&s, "arithmetic alone: ");
	for (size_t i = 0; i < v->info.nstream && i < 8; i++) {
		const struct packstream *st = &v->info.stream[i];
		uint64_t n = st->size - st->previous_size;

		str_addf(&s, "%s: %" PRIu64 " event%s", st->stream, n,
		    n == 1 ? "" : "s");
		if (n > 0)
			str_addf(&s, ", seq %" PRIu64 "..%" PRIu64,
			    st->previous_size, st->size - 1);
		if (st->read_from == 0)
			str_addz(&s, ", all read");
		else
			str_addf(&s, ", read from %" PRIu64, st->read_from);
		str_addf(&s, "; %" PRIu64 " wait; ", st->waiting);
	}
	if (v->info.nstream > 8)
		str_addf(&s, "and %zu more streams; ", v->info.nstream - 8);
	str_addf(&s, "%" PRIu64 " record%s proved; sample by %s",
	    v->r->records, v->r->records == 1 ? "" : "s", v->info.drawn_by);
	if (strcmp(v->info.drawn_by, "preparer") == 0)
		str_addz(&s, ", who could foresee it");
	v->r->says[L4] = s.p;
}

void
level_log(struct run *v)
{
	uint64_t rows = 0;
	size_t n;

	v->r->result[L4] = v->have_trust ? VERIFY_OK : VERIFY_NOT_RUN;
	v->checkpoint = arena_array(v->arena, v->info.nstream,
	    sizeof(*v->checkpoint));
	v->prev = arena_array(v->arena, v->info.nstream, sizeof(*v->prev));
	for (size_t i = 0; i < v->info.nstream; i++) {
		check_stream(v, i);
		rows += v->info.stream[i].size;
	}
	check_places(v);
	n = level_log_records(v);
	if (n != v->info.included || v->info.included > v->info.cited)
		run_faultf(v, L4, FAULT_POPULATION_COUNT, PACK_JSON,
		    "%zu records are here; records says %" PRIu64 " of %"
		    PRIu64, n, v->info.included, v->info.cited);
	level_log_samples(v);
	if (rows == 0)
		run_faultf(v, L4, FAULT_NOTHING_TO_VERIFY, PACK_JSON,
		    "no stream has an event");
	say(v);
}
