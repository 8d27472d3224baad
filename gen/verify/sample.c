#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "pack/manifest.h"
#include "pack/sample.h"
#include "verify/run.h"

/*
 * L4, samples (docs/format/pack.md section 5): each row has a rank that
 * nobody can choose; a sample is the k rows of smallest rank.  For the log's
 * own test, AU-01.t1, whose population is every row of the ranges, all rows
 * are ranked here again; for the others the order is checked, and that each
 * row has a record.
 */

#define L4 LEVEL_LOG
#define OWN_TEST "data/controls/AU-01.t1.json"
#define MAX_ROWS (UINT64_C(1) << 30) /* to rank: minutes, not for ever */

static void
set_rank(struct run *v, struct sample_row *r)
{
	const struct packstream *s = &v->info.stream[r->stream];
	char root[HASH_HEXLEN];

	hash_hex(root, s->root);
	sample_rank(v->hash, s->origin, strcmp(v->info.nonce, "root") == 0 ?
	    root : v->info.nonce, r);
}

int
run_draw(struct run *v, size_t stream, struct sample *drawn)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < v->info.nstream; i++)
		if (v->info.stream[i].size >= v->info.stream[i].previous_size)
			rows += v->info.stream[i].size -
			    v->info.stream[i].previous_size;
	if (v->info.k == 0 || v->info.k > SAMPLE_MAX || rows > MAX_ROWS)
		return -1;
	sample_init(drawn, v->arena, (size_t)v->info.k);
	for (size_t i = 0; i < v->info.nstream; i++) {
		const struct packstream *s = &v->info.stream[i];

		for (uint64_t seq = s->previous_size; seq < s->size &&
		    (stream == SIZE_MAX || stream == i); seq++) {
			struct sample_row r = { .stream = i, .seq = seq };

			set_rank(v, &r);
			sample_add(drawn, &r);
		}
	}
	sample_sort(drawn);
	return 0;
}

static int
read_row(struct run *v, const json_t *o, const char *path, struct sample_row *r)
{
	struct fault f;
	const char *dir = packjson_text(o, "dir", &f);

	if (dir == NULL || packjson_uint(o, "seq", &r->seq, &f) == -1) {
		run_fault(v, L4, path, &f);
		return -1;
	}
	for (r->stream = 0; r->stream < v->info.nstream; r->stream++)
		if (strcmp(v->info.stream[r->stream].dir, dir) == 0)
			break;
	if (r->stream == v->info.nstream) {
		run_faultf(v, L4, FAULT_SAMPLE_MISSING, path,
		    "a sampled row of '%.64s', which is no stream here", dir);
		return -1;
	}
	set_rank(v, r);
	return 0;
}

/* The rows of a sample, in order of rank, each with its record. */
static struct sample_row *
read_sample(struct run *v, const json_t *list, const char *path, size_t *n)
{
	struct sample_row *rows;

	*n = json_array_size(list);
	if (*n > SAMPLE_MAX) {
		run_faultf(v, L4, FAULT_LIMIT_SIZE, path,
		    "a sample of %zu rows", *n);
		return NULL;
	}
	rows = arena_array(v->arena, *n + 1, sizeof(*rows));
	for (size_t i = 0; i < *n; i++) {
		char *record;

		if (read_row(v, json_array_get(list, i), path, &rows[i]) == -1)
			return NULL;
		if (i > 0 && sample_cmp(&rows[i - 1], &rows[i]) >= 0) {
			run_faultf(v, L4, FAULT_SAMPLE_DRAW, path,
			    "row %zu is out of the order of ranks", i);
			return NULL;
		}
		record = arena_printf(v->arena, "data/records/%s/%" PRIu64
		    ".json", v->info.stream[rows[i].stream].dir,
		    rows[i].seq);
		if (manifest_find(&v->set, record) == NULL) {
			run_faultf(v, L4, FAULT_SAMPLE_MISSING, path,
			    "%s is not in the pack", record);
			return NULL;
		}
	}
	return rows;
}

/* scope: a stream's name; else all streams are drawn from. */
static void
check_own(struct run *v, const json_t *list, const char *scope,
    const char *path)
{
	struct sample_row *have;
	struct sample want;
	size_t stream = SIZE_MAX, n;

	have = read_sample(v, list, path, &n);
	for (size_t i = 0; i < v->info.nstream; i++)
		if (str_eq(scope, v->info.stream[i].stream))
			stream = i;
	if (have == NULL || run_draw(v, stream, &want) == -1)
		return;
	for (size_t i = 0; i < want.n && i < n; i++)
		if (have[i].stream != want.row[i].stream ||
		    have[i].seq != want.row[i].seq) {
			run_faultf(v, L4, FAULT_SAMPLE_DRAW, path,
			    "row %zu of the log's sample is seq %" PRIu64
			    ", the ranks give %" PRIu64, i, have[i].seq,
			    want.row[i].seq);
			return;
		}
	if (n != want.n)
		run_faultf(v, L4, FAULT_SAMPLE_DRAW, path,
		    "the log's sample has %zu rows, want %zu", n, want.n);
}

/* Every list named sample, wherever it stands; returns how many. */
static size_t
walk(struct run *v, json_t *o, const char *path, int own)
{
	const char *key, *scope;
	size_t n = 0, i, ignored;
	json_t *child;

	if (json_is_array(o))
		json_array_foreach(o, i, child)
			n += walk(v, child, path, own);
	if (!json_is_object(o))
		return n;
	scope = json_string_value(json_object_get(o, "scope"));
	json_object_foreach(o, key, child) {
		if (strcmp(key, "sample") != 0 || !json_is_array(child))
			n += walk(v, child, path, own);
		else if (own) {
			check_own(v, child, scope, path);
			n++;
		} else {
			(void)read_sample(v, child, path, &ignored);
			n++;
		}
	}
	return n;
}

static int
is_control(const char *path)
{
	size_t n = strlen(path);

	return strncmp(path, "data/controls/", 14) == 0 && n > 19 &&
	    strchr(path + 14, '/') == NULL &&
	    strcmp(path + n - 5, ".json") == 0;
}

/* Whose choice the sample is. */
static void
check_nonce(struct run *v)
{
	const struct packinfo *p = &v->info;
	int auditor = strcmp(p->drawn_by, "auditor") == 0;
	char hex[HASH_HEXLEN];

	if (strcmp(p->rule, SAMPLE_RULE) != 0) {
		run_faultf(v, L4, FAULT_VERSION_UNSUPPORTED, PACK_JSON,
		    "sample rule '%.60s'", p->rule);
		return;
	}
	if (p->k == 0 || p->k > SAMPLE_MAX)
		run_faultf(v, L4, FAULT_JSON_FORM, PACK_JSON,
		    "sample.k: want 1 to %d", SAMPLE_MAX);
	if (!auditor && strcmp(p->nonce, "root") == 0 &&
	    strcmp(p->drawn_by, "preparer") == 0)
		return;
	if (!auditor || strcmp(p->nonce, "root") == 0) {
		run_faultf(v, L4, FAULT_SAMPLE_NONCE, PACK_JSON,
		    "nonce '%.64s' drawn by '%.40s'", p->nonce, p->drawn_by);
		return;
	}
	if (!sample_nonce_ok(p->nonce))
		run_faultf(v, L4, FAULT_JSON_FORM, PACK_JSON,
		    "sample.nonce: want 16 to 64 lower-case hex digits");
	for (size_t i = 0; i < p->nstream; i++) {
		hash_hex(hex, p->stream[i].root);
		if (strcmp(hex, p->nonce) == 0)
			run_faultf(v, L4, FAULT_SAMPLE_NONCE, PACK_JSON,
			    "the root of %s as the auditor's nonce",
			    p->stream[i].stream);
	}
}

void
level_log_samples(struct run *v)
{
	uint64_t rows = 0;
	size_t own = 0;

	check_nonce(v);
	for (size_t i = 0; i < v->info.nstream; i++)
		if (v->info.stream[i].size >= v->info.stream[i].previous_size)
			rows += v->info.stream[i].size -
			    v->info.stream[i].previous_size;
	for (size_t i = 0; i < v->set.nfile; i++) {
		const char *path = v->set.file[i].path;
		int is_own = strcmp(path, OWN_TEST) == 0;
		struct arena *a;
		struct fault f;
		json_t *o;
		char *p;
		size_t len;

		if (!is_control(path))
			continue;
		a = arena_new();
		if (run_load_at(v, a, L4, i, LIMIT_PACK_JSON, &p, &len) != 0)
			own += (size_t)is_own;
		else if ((o = packjson_load(p, len, 1, &f)) == NULL) {
			run_fault(v, L4, path, &f);
			own += (size_t)is_own;
		} else {
			size_t n = walk(v, o, path, is_own);

			own += is_own ? n : 0;
			json_decref(o);
		}
		arena_free(a);
	}
	if (rows > MAX_ROWS)
		run_faultf(v, L4, FAULT_LIMIT_SIZE, PACK_JSON,
		    "%" PRIu64 " rows in the ranges", rows);
	if (own == 0 && rows > 0)
		run_faultf(v, L4, FAULT_SAMPLE_MISSING, OWN_TEST,
		    "the log's own sample is not in the pack");
}
