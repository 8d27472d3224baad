#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "model/record.h"
#include "pack/manifest.h"
#include "pack/proof.h"
#include "verify/run.h"

/* L4, records: each is canonical, is the row that its name says, is in the
 * log, and links to the one before where that is here too. */

#define L4 LEVEL_LOG

struct row {
	size_t file;   /* in the manifest */
	size_t stream; /* in pack.json */
	uint64_t seq;
};

struct last { /* the row before, if it is in the log */
	size_t stream;
	uint64_t seq;
	uint8_t leaf[HASH_LEN];
	int good;
};

/* "<under>records/<dir>/<seq>.json" of a stream of the pack. */
static int
parse_path(const struct run *v, const char *path, const char *folder,
    const char *suffix, struct row *r)
{
	const char *p = path + strlen(folder), *slash = strchr(p, '/'), *d;
	size_t n = slash != NULL ? (size_t)(slash - p) : 0;

	for (r->stream = 0; r->stream < v->info.nstream; r->stream++) {
		const char *dir = v->info.stream[r->stream].dir;

		if (strlen(dir) == n && memcmp(dir, p, n) == 0)
			break;
	}
	if (n == 0 || r->stream == v->info.nstream)
		return -1;
	d = slash + 1;
	r->seq = 0;
	n = strspn(d, "0123456789");
	if (n == 0 || n > 16 || (n > 1 && *d == '0') ||
	    strcmp(d + n, suffix) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		r->seq = r->seq * 10 + (uint64_t)(d[i] - '0');
	return 0;
}

static int
cmp_row(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static char *
proof_path(struct run *v, struct arena *a, const struct row *r)
{
	return arena_printf(a, "%sproofs/%s/%" PRIu64 ".tlog-proof",
	    v->under, v->info.stream[r->stream].dir, r->seq);
}

/* Whether the record is in the log, by the proof beside it. */
static int
check_proof(struct run *v, struct arena *a, const struct row *r,
    const uint8_t leaf[HASH_LEN])
{
	const struct packstream *s = &v->info.stream[r->stream];
	char *path = proof_path(v, a, r), *p, *note, *note_path;
	struct proof proof;
	struct fault f;
	size_t len, notelen;

	if (manifest_find(&v->set, path) == NULL) {
		run_faultf(v, L4, FAULT_RECORD_PROOF, path,
		    "the record has no proof");
		return -1;
	}
	note_path = arena_printf(a, "%slog/%s/checkpoint", v->under, s->dir);
	if (run_load(v, a, L4, path, LIMIT_NOTE, &p, &len) != 0 ||
	    v->checkpoint[r->stream].origin == NULL ||
	    run_load(v, a, L4, note_path, LIMIT_NOTE, &note, &notelen) != 0)
		return -1;
	if (proof_parse(a, p, len, &proof, &f) == -1)
		run_fault(v, L4, path, &f);
	else if (proof.number != r->seq)
		run_faultf(v, L4, FAULT_PROOF_INDEX, path,
		    "index is %" PRIu64, proof.number);
	else if (proof.checkpointlen != notelen ||
	    memcmp(proof.checkpoint, note, notelen) != 0)
		run_faultf(v, L4, FAULT_PROOF_CHECKPOINT, path,
		    "does not end with the checkpoint in log/");
	else if (merkle_check_inclusion(v->hash, r->seq,
	    v->checkpoint[r->stream].size, leaf, proof.path, proof.n,
	    v->checkpoint[r->stream].root) == -1)
		run_faultf(v, L4, FAULT_PROOF_INCLUSION, path,
		    "the record is not in the log");
	else
		return 0;
	return -1;
}

static int
check_columns(struct run *v, const struct row *r, const char *path,
    const struct value *col)
{
	const struct packstream *s = &v->info.stream[r->stream];

	if (col[EVENT_SEQ].i != (int64_t)r->seq) {
		run_faultf(v, L4, FAULT_PROOF_INDEX, path,
		    "seq is %" PRId64, col[EVENT_SEQ].i);
		return -1;
	}
	if (strcmp(col[EVENT_STREAM].p, s->stream) != 0) {
		run_faultf(v, L4, FAULT_RECORD_STREAM, path,
		    "is of another stream than %s", s->stream);
		return -1;
	}
	return 0;
}

/* The first row links to the genesis, the others to the leaf before. */
static void
check_link(struct run *v, const struct row *r, const char *path,
    const struct value *col, const struct last *last)
{
	const struct packstream *s = &v->info.stream[r->stream];
	uint8_t want[HASH_LEN];
	char hex[HASH_HEXLEN];

	if (r->seq == 0)
		record_genesis(v->hash, s->origin, want);
	else if (last->good && last->stream == r->stream &&
	    last->seq + 1 == r->seq)
		memcpy(want, last->leaf, HASH_LEN);
	else
		return;
	hash_hex(hex, want);
	if (strcmp(col[EVENT_PREV_HASH].p, hex) != 0)
		run_faultf(v, L4, FAULT_RECORD_LINK, path,
		    "prev_hash is %.64s, want %s", col[EVENT_PREV_HASH].p,
		    hex);
}

static void
check_record(struct run *v, struct arena *a, const struct row *r,
    struct last *last)
{
	const char *path = v->set.file[r->file].path;
	struct value col[EVENT_NCOL];
	struct last now = { r->stream, r->seq, { 0 }, 0 };
	struct err e = { 0 };
	int parsed;
	char *p;
	size_t len;

	if (run_load_at(v, a, L4, r->file, LIMIT_RECORD, &p, &len) != 0)
		return;
	hash_leaf(v->hash, now.leaf, p, len);
	parsed = record_parse(a, p, len, col, &e) == 0;
	if (!parsed)
		run_faultf(v, L4, e.kind == ERR_UNDECIDED ?
		    FAULT_VERSION_UNSUPPORTED : FAULT_RECORD_FORM, path,
		    "%s", e.msg);
	if (parsed && check_columns(v, r, path, col) == -1)
		return;
	now.good = check_proof(v, a, r, now.leaf) == 0;
	if (now.good && parsed) {
		check_link(v, r, path, col, last);
		v->r->records++;
	}
	*last = now;
}

/* All files of a folder, as rows; others are of no format. */
static struct row *
list(struct run *v, const char *folder, const char *suffix, size_t *n)
{
	struct row *rows = arena_array(v->arena, v->set.nfile + 1,
	    sizeof(*rows));

	*n = 0;
	for (size_t i = 0; i < v->set.nfile; i++) {
		const char *path = v->set.file[i].path;
		struct row r = { .file = i };

		if (strncmp(path, folder, strlen(folder)) != 0)
			continue;
		if (parse_path(v, path, folder, suffix, &r) == -1)
			run_faultf(v, L4, FAULT_FILE_UNLISTED, path,
			    "the format has no such file");
		else
			rows[(*n)++] = r;
	}
	if (*n > 1)
		qsort(rows, *n, sizeof(*rows), cmp_row);
	return rows;
}

size_t
level_log_records(struct run *v)
{
	struct arena *a = arena_new();
	struct last last = { .good = 0 };
	struct row *rows, *proofs;
	size_t n, nproof;

	rows = list(v, arena_printf(v->arena, "%srecords/", v->under),
	    ".json", &n);
	for (size_t i = 0; i < n; i++) {
		check_record(v, a, &rows[i], &last);
		arena_reset(a);
	}
	proofs = list(v, arena_printf(v->arena, "%sproofs/", v->under),
	    ".tlog-proof", &nproof);
	for (size_t i = 0; i < nproof; i++)
		if (n == 0 || bsearch(&proofs[i], rows, n, sizeof(*rows),
		    cmp_row) == NULL)
			run_faultf(v, L4, FAULT_RECORD_PROOF,
			    v->set.file[proofs[i].file].path,
			    "the proof has no record");
	arena_free(a);
	return n;
}
