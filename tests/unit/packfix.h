#ifndef TESTS_UNIT_PACKFIX_H
#define TESTS_UNIT_PACKFIX_H

/*
 * Small packs made by hand: a log of a few dozen events, a build with one
 * verdict, records of a sample, signed with the demo keys.  A pack is held as
 * a list of files in memory, so that an attack is an edit of the list; then
 * it is written as a folder or a ZIP.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "crypt/note.h"
#include "crypt/sign.h"
#include "model/build.h"
#include "model/record.h"
#include "pack/demo.h"
#include "pack/manifest.h"
#include "pack/name.h"
#include "pack/packin.h"
#include "pack/packjson.h"
#include "pack/packout.h"
#include "pack/proof.h"
#include "pack/seal.h"
#include "pack/tag.h"
#include "verify/trust.h"
#include "verify/verify.h"

#define FIX_ROWS 200
#define FIX_DAY INT64_C(86400000000)
#define FIX_FROM (INT64_C(20635) * FIX_DAY) /* 2026-07-01 */
#define FIX_TO (INT64_C(20727) * FIX_DAY)   /* 2026-10-01 */
#define FIX_AS_OF (INT64_C(20738) * FIX_DAY)

#define MUST(x)                                                              \
	do {                                                                 \
		if ((x) == -1) {                                             \
			(void)fprintf(stderr, "%s:%d: %s: %s\n", __FILE__,   \
			    __LINE__, #x, fix_err.msg);                      \
			abort();                                             \
		}                                                            \
	} while (0)

static struct err fix_err;

struct fixfile {
	const char *path;
	char *p;
	size_t len;
};

struct mem {
	struct fixfile *file;
	size_t n, cap;
};

/* One stream's log. */
struct fixlog {
	const char *stream, *origin;
	char *record[FIX_ROWS];
	size_t recordlen[FIX_ROWS];
	uint8_t leaf[FIX_ROWS][HASH_LEN];
};

struct fix {
	struct arena *a;
	struct hash *h;
	char dir[64]; /* a temporary folder, removed at the end */
	struct fixlog log[2];
	int nlog;
	int serial; /* folders made */
};

struct fixopt {
	const char *period;
	uint64_t previous, size; /* the range of each stream */
	int64_t as_of_us, to_us;
	const char *nonce; /* NULL: the root */
	int unsigned_log, p256;
	uint64_t read_from, waiting;
};

/* Rows 0 to FIX_ROWS - 1, six hours apart from 2026-06-20 on. */
static inline void
fix_log(struct fix *f, struct fixlog *l, const char *stream)
{
	uint8_t prev[HASH_LEN];
	char hex[HASH_HEXLEN];

	l->stream = stream;
	l->origin = arena_printf(f->a, "acme.example/main/%s", stream);
	record_genesis(f->h, l->origin, prev);
	for (int i = 0; i < FIX_ROWS; i++) {
		struct value col[EVENT_NCOL] = { 0 };
		struct str s = str_new(f->a);
		const struct { int c; const char *text; } texts[] = {
			{ EVENT_AGENT_ID, "refund-bot" },
			{ EVENT_EVENT_ID, arena_printf(f->a, "e%d", i) },
			{ EVENT_EVENT_TYPE, "action" },
			{ EVENT_PREV_HASH, hex },
			{ EVENT_REASON, i % 7 == 3 ?
			  "<script>alert(\"\x1f\")</script> \xE2\x82\xAC" :
			  "in policy" },
			{ EVENT_SOURCE_FORMAT, "native" },
			{ EVENT_SOURCE_GRADE, "none" },
			{ EVENT_STREAM, stream },
		};
		int64_t at = FIX_FROM - 11 * FIX_DAY + i * FIX_DAY / 4;

		hash_hex(hex, prev);
		for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
			col[texts[k].c] = (struct value){ VALUE_TEXT, 0,
				texts[k].text, strlen(texts[k].text) };
		col[EVENT_SEQ] = (struct value){ VALUE_INT, i, NULL, 0 };
		col[EVENT_OCCURRED_US] = (struct value){ VALUE_INT, at, NULL,
			0 };
		col[EVENT_RECORDED_US] = (struct value){ VALUE_INT, at + 5,
			NULL, 0 };
		record_add(&s, col);
		l->record[i] = s.p;
		l->recordlen[i] = s.len;
		hash_leaf(f->h, l->leaf[i], s.p, s.len);
		memcpy(prev, l->leaf[i], HASH_LEN);
	}
}

static inline struct fix *
fix_new(int nlog)
{
	static const char *const names[2] = { "refunds", "Stock.Levels" };
	struct arena *a = arena_new();
	struct fix *f = arena_alloc(a, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	f->a = a;
	f->h = hash_new(a);
	f->nlog = nlog;
	(void)snprintf(f->dir, sizeof(f->dir), "%.40s/packfix-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(f->dir) == NULL)
		abort();
	for (int i = 0; i < nlog; i++)
		fix_log(f, &f->log[i], names[i]);
	return f;
}

static inline void
fix_free(struct fix *f)
{
	(void)out_rmtree(AT_FDCWD, f->dir, &fix_err);
	hash_free(f->h);
	arena_free(f->a);
}

static inline char *
fix_path(struct fix *f, const char *what)
{
	return arena_printf(f->a, "%s/%s-%d", f->dir, what, f->serial++);
}

static inline void
fix_root(struct fix *f, const struct fixlog *l, uint64_t size,
    uint8_t root[HASH_LEN])
{
	struct merkle m;

	merkle_init(&m, f->h);
	for (uint64_t i = 0; i < size; i++)
		merkle_add(&m, l->leaf[i]);
	merkle_root(&m, root);
}

/* The signed note of the first size events. */
static inline char *
fix_note(struct fix *f, const struct fixlog *l, uint64_t size, int is_signed)
{
	struct str s = str_new(f->a);
	uint8_t root[HASH_LEN];
	struct sign_key *k;

	fix_root(f, l, size, root);
	note_checkpoint_body(&s, l->origin, size, root);
	if (!is_signed) {
		str_addc(&s, '\n');
		return s.p;
	}
	MUST(demo_key("log", &k, &fix_err));
	MUST(note_sign(&s, l->origin, k, &fix_err));
	sign_close(k);
	return s.p;
}

struct fixleaves {
	const struct fixlog *l;
};

static inline int
fix_leaves(void *ctx, uint64_t first, size_t n, uint8_t (*out)[HASH_LEN],
    struct err *e)
{
	const struct fixlog *l = ctx;

	(void)e;
	for (size_t i = 0; i < n; i++)
		memcpy(out[i], l->leaf[first + i], HASH_LEN);
	return 0;
}

struct fixrank {
	uint8_t rank[HASH_LEN];
	int log;
	uint64_t seq;
};

static inline int
fix_cmp_rank(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

static inline int
fix_cmp_row(const void *a, const void *b)
{
	const struct fixrank *x = a, *y = b;

	if (x->log != y->log)
		return x->log < y->log ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* All rows of the ranges by rank, as pack.md section 5 says. */
static inline struct fixrank *
fix_ranks(struct fix *f, const struct fixopt *o, size_t *n)
{
	struct fixrank *r = arena_array(f->a, 2 * FIX_ROWS, sizeof(*r));

	*n = 0;
	for (int i = 0; i < f->nlog; i++) {
		uint8_t root[HASH_LEN];
		char hex[HASH_HEXLEN];

		fix_root(f, &f->log[i], o->size, root);
		hash_hex(hex, root);
		for (uint64_t seq = o->previous; seq < o->size; seq++) {
			char *t = arena_printf(f->a,
			    "exhibit-sample/1\n%s\n%s\n%" PRIu64 "\n",
			    f->log[i].origin, o->nonce != NULL ? o->nonce :
			    hex, seq);

			hash_bytes(f->h, r[*n].rank, t, strlen(t));
			r[*n].log = i;
			r[(*n)++].seq = seq;
		}
	}
	qsort(r, *n, sizeof(*r), fix_cmp_rank);
	return r;
}

static inline void
fix_control(struct fix *f, struct packout *po, const struct fixopt *o,
    const struct fixrank *r, size_t n)
{
	struct str s = str_new(f->a);
	struct jsonw w;

	(void)o;
	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_ktext(&w, "id", "AU-01.t1");
	jsonw_key(&w, "sample");
	jsonw_array(&w);
	for (size_t i = 0; i < n && i < LIMIT_SAMPLE; i++) {
		jsonw_object(&w);
		jsonw_ktext(&w, "dir", name_dir(f->a,
		    f->log[r[i].log].stream));
		jsonw_kint(&w, "seq", (int64_t)r[i].seq);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	str_addc(&s, '\n');
	MUST(packout_file(po, "data/controls/AU-01.t1.json", s.p, s.len,
	    &fix_err));
}

/* Streams, proofs and the rest of a build, written below dir. */
static inline void
fix_pack(struct fix *f, const struct fixopt *o, const char *dir)
{
	static const char page[] = "<!doctype html><title>x</title>\n";
	struct stream *st = arena_array(f->a, 2, sizeof(*st));
	struct packlog *log = arena_array(f->a, 2, sizeof(*log));
	struct proof_tree tree[2];
	struct cited *cited;
	struct findings findings = { 0 };
	struct verdict verdict = { .all = ST_SATISFIED };
	struct input input = { "registry", "registry/agents.yaml", { 7 }, 12,
		NULL };
	struct build b = { 0 };
	struct packout po;
	struct fixrank *r;
	size_t n, k;
	int fd;

	MUST(mkdir(dir, 0755));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	packout_init(&po, f->a, fd);
	r = fix_ranks(f, o, &n);
	fix_control(f, &po, o, r, n);
	MUST(packout_file(&po, "data/site/index.html", page,
	    sizeof(page) - 1, &fix_err));
	k = n < LIMIT_SAMPLE ? n : LIMIT_SAMPLE;
	qsort(r, k, sizeof(*r), fix_cmp_row);
	for (int i = 0; i < f->nlog; i++) {
		struct fixlog *l = &f->log[i];

		st[i] = (struct stream){ .name = l->stream,
			.dir = name_dir(f->a, l->stream),
			.origin = l->origin,
			.note = fix_note(f, l, o->size, !o->unsigned_log),
			.prev_note = o->previous > 0 ?
			    fix_note(f, l, o->previous, 1) : NULL,
			.previous_size = o->previous, .size = o->size,
			.read_from = o->read_from,
			.waiting = o->waiting, .intact = 1,
			.log_signed = !o->unsigned_log,
			.weakest = GRADE_NONE };
		for (uint64_t q = o->previous; q < o->size; q++) {
			int64_t at = FIX_FROM - 11 * FIX_DAY +
			    (int64_t)q * FIX_DAY / 4;

			st[i].before += at < FIX_FROM;
			st[i].after += at >= o->to_us;
			st[i].in_period += at >= FIX_FROM && at < o->to_us;
		}
		fix_root(f, l, o->size, st[i].root);
		tree[i] = (struct proof_tree){ .hash = f->h, .size = o->size,
			.block_level = 4, .leaves = fix_leaves, .ctx = l };
		proof_tree_init(&tree[i], f->a);
		MUST(proof_consistency(&tree[i], f->a, o->previous,
		    &log[i].consistency, &log[i].nconsistency, &fix_err));
	}
	cited = arena_array(f->a, k + 1, sizeof(*cited));
	for (size_t i = 0; i < k; i++) {
		struct fixlog *l = &f->log[r[i].log];
		struct cited *c = &cited[i];

		c->at.stream = (uint32_t)r[i].log;
		c->at.seq = r[i].seq;
		c->event.record = l->record[r[i].seq];
		c->event.recordlen = l->recordlen[r[i].seq];
		MUST(proof_of(&tree[r[i].log], f->a, r[i].seq, &c->path,
		    &c->npath, &fix_err));
	}
	findings.verdict = &verdict;
	findings.nverdict = 1;
	b.organisation = "acme.example";
	b.period = o->period;
	b.nonce = o->nonce != NULL ? o->nonce : "root";
	b.drawn_by = o->nonce != NULL ? "auditor" : "preparer";
	b.generator = "0.1.0";
	b.from_us = FIX_FROM;
	b.to_us = o->to_us;
	b.as_of_us = o->as_of_us;
	b.stream = st;
	b.nstream = (size_t)f->nlog;
	b.findings = &findings;
	b.cited = cited;
	b.ncited = k;
	b.citations = k;
	b.input = &input;
	b.ninput = 1;
	MUST(packout_finish(&po, &b, log, &fix_err));
	packout_free(&po);
	(void)close(fd);
}

static inline void
fix_sign_as(struct fix *f, const char *dir, const char *role,
    const char *person, struct sign_key *k)
{
	struct seal s = { .role = role, .person = person,
		.signed_us = FIX_AS_OF };
	struct packin *in;
	struct fault fault;
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	if (packin_open(f->a, dir, &in, &fault) == -1) {
		(void)fprintf(stderr, "%s\n", fault.detail);
		abort();
	}
	MUST(seal_make(f->a, in, k, &s, &fix_err));
	MUST(out_file(fd, s.bundle_path, s.bundle->p, s.bundle->len,
	    &fix_err));
	MUST(out_file(fd, s.sshsig_path, s.sshsig->p, s.sshsig->len,
	    &fix_err));
	(void)packin_close(in);
	(void)close(fd);
}

static inline const char *
fix_person(const char *role)
{
	return strcmp(role, "preparer") == 0 ? "jane.doe@acme.example" :
	    "r.ortiz@acme.example";
}

static inline void
fix_sign(struct fix *f, const char *dir, const char *role)
{
	struct sign_key *k;

	MUST(demo_key(role, &k, &fix_err));
	fix_sign_as(f, dir, role, fix_person(role), k);
	sign_close(k);
}

/* A key of its own for tests, from a sentence. */
static inline struct sign_key *
fix_key(const char *sentence)
{
	struct sign_key *k;
	uint8_t seed[HASH_LEN];

	sign_sha256(seed, sentence, strlen(sentence));
	MUST(sign_from_seed(seed, &k, &fix_err));
	return k;
}

static inline void
fix_trust(struct fix *f, struct trust *t)
{
	static const char *const role[ROLE_N] = { "log", "preparer",
		"approver" };

	trust_init(t, "acme.example");
	for (int i = 0; i < ROLE_N; i++) {
		struct trust_key *tk;
		struct sign_key *k;
		struct sign_pub pub;

		MUST(demo_key(role[i], &k, &fix_err));
		sign_public(k, &pub);
		sign_close(k);
		tk = trust_add(f->a, t, &pub);
		tk->role = (enum trust_role)i;
		tk->person = i == ROLE_LOG ? "acme.example/main/*" :
		    fix_person(role[i]);
	}
}

static inline struct trust_key *
fix_trust_key(struct trust *t, enum trust_role role)
{
	for (size_t i = 0; i < t->nkey; i++)
		if (t->key[i].role == role)
			return &t->key[i];
	abort();
}

static inline char *
fix_trust_file(struct fix *f, const struct trust *t)
{
	struct str s = str_new(f->a);
	char *path = fix_path(f, "trust");

	trust_write(&s, t);
	MUST(out_file(AT_FDCWD, path, s.p, s.len, &fix_err));
	return path;
}

/* The list of files. */

static inline struct mem
mem_read(struct fix *f, const char *dir)
{
	struct mem m = { 0 };
	struct packin *in;
	struct fault fault;

	if (packin_open(f->a, dir, &in, &fault) == -1)
		abort();
	for (size_t i = 0; i < packin_count(in); i++) {
		struct fixfile *x = VEC_PUSH(f->a, m.file, m.n, m.cap);

		x->path = packin_at(in, i)->path;
		if (packin_load(in, f->a, packin_at(in, i), UINT64_MAX, &x->p,
		    &x->len, &fault) == -1)
			abort();
	}
	(void)packin_close(in);
	return m;
}

/* A copy whose bytes can be edited. */
static inline struct mem
mem_copy(struct arena *a, const struct mem *from)
{
	struct mem m = { 0 };

	for (size_t i = 0; i < from->n; i++) {
		struct fixfile *x = VEC_PUSH(a, m.file, m.n, m.cap);

		x->path = from->file[i].path;
		x->len = from->file[i].len;
		x->p = arena_strndup(a, from->file[i].p, x->len);
	}
	return m;
}

static inline struct fixfile *
mem_find(struct mem *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->file[i].path, path) == 0)
			return &m->file[i];
	return NULL;
}

static inline void
mem_drop(struct mem *m, const char *path)
{
	struct fixfile *x = mem_find(m, path);

	if (x == NULL)
		abort();
	memmove(x, x + 1, (size_t)(m->file + m->n - x - 1) * sizeof(*x));
	m->n--;
}

static inline void
mem_put(struct fix *f, struct mem *m, const char *path, const void *p,
    size_t len)
{
	struct fixfile *x = mem_find(m, path);

	if (x == NULL)
		x = VEC_PUSH(f->a, m->file, m->n, m->cap);
	x->path = path;
	x->p = arena_strndup(f->a, p, len);
	x->len = len;
}

/* Replaces the first `from` in a file by `to`. */
static inline void
mem_edit(struct fix *f, struct mem *m, const char *path, const char *from,
    const char *to)
{
	struct fixfile *x = mem_find(m, path);
	struct str s = str_new(f->a);
	char *at;

	if (x == NULL || (at = strstr(x->p, from)) == NULL) {
		(void)fprintf(stderr, "no '%s' in %s\n", from, path);
		abort();
	}
	str_add(&s, x->p, (size_t)(at - x->p));
	str_addz(&s, to);
	str_add(&s, at + strlen(from),
	    x->len - (size_t)(at - x->p) - strlen(from));
	x->p = s.p;
	x->len = s.len;
}

static inline int
mem_cmp(const void *a, const void *b)
{
	const struct fixfile *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* The manifest and bag-info.txt of what is there now. */
static inline void
mem_manifest(struct fix *f, struct mem *m)
{
	struct str s = str_new(f->a), b = str_new(f->a);
	struct packset set = { 0 };
	struct packinfo info;
	struct fault fault;
	struct fixfile *pj = mem_find(m, PACK_JSON);
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->n; i++) {
		uint8_t sum[HASH_LEN];

		if (strncmp(m->file[i].path, "data/", 5) != 0)
			continue;
		sign_sha256(sum, m->file[i].p, m->file[i].len);
		manifest_add(f->a, &set, m->file[i].path, m->file[i].len, sum);
		bytes += m->file[i].len;
	}
	manifest_sort(&set);
	manifest_write(&s, &set);
	mem_put(f, m, MANIFEST_NAME, s.p, s.len);
	if (pj != NULL && packjson_parse(f->a, pj->p, pj->len, &info,
	    &fault) == 0) {
		tag_baginfo(&b, &info, bytes, set.nfile);
		mem_put(f, m, "bag-info.txt", b.p, b.len);
	}
}

static inline char *
mem_folder(struct fix *f, const struct mem *m)
{
	char *dir = fix_path(f, "pack");
	int fd;

	MUST(mkdir(dir, 0755));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < m->n; i++)
		MUST(out_file(fd, m->file[i].path, m->file[i].p,
		    m->file[i].len, &fix_err));
	(void)close(fd);
	return dir;
}

/* Drops sig/, and signs again with the demo keys. */
static inline void
mem_resign(struct fix *f, struct mem *m)
{
	char *dir;

	for (size_t i = m->n; i > 0; i--)
		if (strncmp(m->file[i - 1].path, "sig/", 4) == 0)
			mem_drop(m, m->file[i - 1].path);
	dir = mem_folder(f, m);
	fix_sign(f, dir, "preparer");
	fix_sign(f, dir, "approver");
	*m = mem_read(f, dir);
}

static inline char *
mem_zip(struct fix *f, const struct mem *m)
{
	struct fixfile *sorted = arena_memdup(f->a, m->file,
	    m->n * sizeof(*sorted));
	char *path = fix_path(f, "zip");
	struct zipw *w;

	qsort(sorted, m->n, sizeof(*sorted), mem_cmp);
	MUST(zip_create(f->a, AT_FDCWD, path, &w, &fix_err));
	for (size_t i = 0; i < m->n; i++)
		MUST(zip_bytes(w, sorted[i].path, sorted[i].p, sorted[i].len,
		    &fix_err));
	MUST(zip_finish(w, 1, &fix_err));
	return path;
}

/* The codes of a report, each once, sorted, with one space between. */
static inline const char *
fix_codes(struct arena *a, const struct verify_report *r)
{
	struct str s = str_new(a);

	for (int c = 1; c < FAULT_NCODE; c++)
		for (size_t i = 0; i < r->nfault; i++) {
			const struct verify_fault *vf = &r->fault[i];

			if (vf->code != (enum fault_code)c)
				continue;
			str_addf(&s, "%s%s", s.len > 0 ? " " : "",
			    fault_name(vf->code));
			break;
		}
	return s.p;
}

#endif
