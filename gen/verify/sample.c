#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "pack/manifest.h"
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
#define MAX_K 10000
#define MAX_ROWS (UINT64_C(1) << 30) /* to rank: minutes, not for ever */

struct ranked {
	uint8_t rank[HASH_LEN];
	size_t stream;
	uint64_t seq;
};

static int
cmp_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return memcmp(x->rank, y->rank, HASH_LEN);
}

static void
set_rank(struct run *v, struct ranked *r)
{
	const struct packstream *s = &v->info.stream[r->stream];
	char text[1024], root[HASH_HEXLEN];
	int n;

	hash_hex(root, s->root);
	n = snprintf(text, sizeof(text), "exhibit-sample/1\n%.600s\n%.64s\n%"
	    PRIu64 "\n", s->origin, strcmp(v->info.nonce, "root") == 0 ?
	    root : v->info.nonce, r->seq);
	hash_bytes(v->hash, r->rank, text, (size_t)n);
}

/* The k smallest of all rows of the ranges, in order; stream SIZE_MAX: of
 * all streams.  A heap whose top is the largest of those kept. */
static void
sift(struct ranked *heap, size_t n, size_t i)
{
	for (;;) {
		size_t big = i, l = 2 * i + 1;
		struct ranked t;

		if (l < n && cmp_rank(&heap[l], &heap[big]) > 0)
			big = l;
		if (l + 1 < n && cmp_rank(&heap[l + 1], &heap[big]) > 0)
			big = l + 1;
		if (big == i)
			return;
		t = heap[i];
		heap[i] = heap[big];
		heap[big] = t;
		i = big;
	}
}

static struct ranked *
draw(struct run *v, size_t stream, size_t k, size_t *n)
{
	struct ranked *heap = arena_array(v->arena, k + 1, sizeof(*heap));

	*n = 0;
	for (size_t i = 0; i < v->info.nstream; i++) {
		const struct packstream *s = &v->info.stream[i];

		if (stream != SIZE_MAX && stream != i)
			continue;
		for (uint64_t seq = s->previous_size; seq < s->size; seq++) {
			struct ranked r = { .stream = i, .seq = seq };

			set_rank(v, &r);
			if (*n < k) {
				heap[(*n)++] = r;
				if (*n == k)
					for (size_t j = k; j > 0; j--)
						sift(heap, k, j - 1);
			} else if (cmp_rank(&r, &heap[0]) < 0) {
				heap[0] = r;
				sift(heap, k, 0);
			}
		}
	}
	if (*n > 1)
		qsort(heap, *n, sizeof(*heap), cmp_rank);
	return heap;
}

static int
read_row(struct run *v, const json_t *o, const char *path, struct ranked *r)
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
static struct ranked *
read_sample(struct run *v, const json_t *list, const char *path, size_t *n)
{
	struct ranked *rows;

	*n = json_array_size(list);
	if (*n > MAX_K) {
		run_faultf(v, L4, FAULT_LIMIT_SIZE, path,
		    "a sample of %zu rows", *n);
		return NULL;
	}
	rows = arena_array(v->arena, *n + 1, sizeof(*rows));
	for (size_t i = 0; i < *n; i++) {
		char *record;

		if (read_row(v, json_array_get(list, i), path, &rows[i]) == -1)
			return NULL;
		if (i > 0 && cmp_rank(&rows[i - 1], &rows[i]) >= 0) {
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
	struct ranked *have, *want;
	size_t stream = SIZE_MAX, n, k;

	have = read_sample(v, list, path, &n);
	if (have == NULL || !v->rank_all)
		return;
	for (size_t i = 0; i < v->info.nstream; i++)
		if (str_eq(scope, v->info.stream[i].stream))
			stream = i;
	want = draw(v, stream, (size_t)v->info.k, &k);
	for (size_t i = 0; i < k && i < n; i++)
		if (have[i].stream != want[i].stream ||
		    have[i].seq != want[i].seq) {
			run_faultf(v, L4, FAULT_SAMPLE_DRAW, path,
			    "row %zu of the log's sample is seq %" PRIu64
			    ", the ranks give %" PRIu64, i, have[i].seq,
			    want[i].seq);
			return;
		}
	if (n != k)
		run_faultf(v, L4, FAULT_SAMPLE_DRAW, path,
		    "the log's sample has %zu rows, want %zu", n, k);
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
	size_t n = strlen(p->nonce);
	int auditor = strcmp(p->drawn_by, "auditor") == 0;
	char hex[HASH_HEXLEN];

	if (strcmp(p->rule, "exhibit-sample/1") != 0) {
		run_faultf(v, L4, FAULT_VERSION_UNSUPPORTED, PACK_JSON,
		    "sample rule '%.60s'", p->rule);
		return;
	}
	if (p->k == 0 || p->k > MAX_K)
		run_faultf(v, L4, FAULT_JSON_FORM, PACK_JSON,
		    "sample.k: want 1 to %d", MAX_K);
	if (!auditor && strcmp(p->nonce, "root") == 0 &&
	    strcmp(p->drawn_by, "preparer") == 0)
		return;
	if (!auditor || strcmp(p->nonce, "root") == 0) {
		run_faultf(v, L4, FAULT_SAMPLE_NONCE, PACK_JSON,
		    "nonce '%.64s' drawn by '%.40s'", p->nonce, p->drawn_by);
		return;
	}
	if (n < 16 || n > 64 || strspn(p->nonce, "0123456789abcdef") != n)
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
	v->rank_all = v->info.k > 0 && v->info.k <= MAX_K;
	for (size_t i = 0; i < v->info.nstream; i++)
		if (v->info.stream[i].size >= v->info.stream[i].previous_size)
			rows += v->info.stream[i].size -
			    v->info.stream[i].previous_size;
	v->rank_all &= rows <= MAX_ROWS;
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
