#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "chain/pass.h"
#include "cmd/cmd.h"
#include "crypt/hash.h"
#include "crypt/note.h"
#include "model/event.h"
#include "read/store.h"
#include "verify/store.h"
#include "verify/verify.h"

struct own {
	const char *trust, *previous, *rebuilt;
};

static const struct option_row rows[] = {
	{ "--trust", "FILE", "the reader's own keys, roles and rules",
	    offsetof(struct own, trust) },
	{ "--previous", "FILE", "a pack or checkpoint that the reader kept",
	    offsetof(struct own, previous) },
	{ "--rebuilt", "PACK", "a pack that the reader built from the same "
	    "inputs", offsetof(struct own, rebuilt) },
	{ NULL, NULL, NULL, 0 }
};

static int
print(const struct str *s, enum err_kind status, struct err *e)
{
	if (fwrite(s->p, 1, s->len, stdout) != s->len)
		(void)err_errno(e, "standard output");
	return (int)err_worse(status, e->kind);
}

static int
verify_a_pack(struct arena *a, const struct options *op, const struct own *o,
    const char *path, struct err *e)
{
	struct verify_options vo = { .pack = path, .trust = o->trust,
		.previous = o->previous, .rebuilt = o->rebuilt,
		.as_of_us = op->as_of_us };
	struct verify_report r;
	struct str s = str_new(a);

	verify_pack(a, &vo, &r);
	if (op->json)
		verify_json(&s, &r);
	else
		verify_text(&s, &r);
	return print(&s, verify_status(&r), e);
}

/* The contents that the rows of a stream name, each looked up and hashed. */
struct contents {
	struct arena *a;
	struct store *st;
	struct hash *hash;
	struct verify_payloads *p;
	struct err *err;
	int failed;
};

static int
content_holds(struct contents *c, const char *id, const char *content,
    size_t len, const char *salt)
{
	uint8_t raw[HASH_LEN], sum[HASH_LEN];
	char padded[HASH_HEXLEN], hex[HASH_HEXLEN];

	/* 32 hex digits: 16 bytes, which hash_unhex reads as half of 32. */
	if (salt == NULL || strlen(salt) != 32)
		return 0;
	memset(padded, '0', 64);
	memcpy(padded, salt, 32);
	padded[64] = '\0';
	if (hash_unhex(raw, padded) == -1)
		return 0;
	hash_start(c->hash);
	hash_add(c->hash, raw, 16);
	hash_add(c->hash, content, len);
	hash_end(c->hash, sum);
	hash_hex(hex, sum);
	return strcmp(hex, id) == 0;
}

/* must: a column whose content is to be there unless it was erased. */
static void
look_up(struct contents *c, const struct value *v, int must)
{
	const char *id = value_text(v), *content, *salt;
	int64_t erased;
	size_t len;

	if (id == NULL || c->failed)
		return;
	switch (store_payload(c->st, c->a, id, &content, &len, &salt, &erased,
	    c->err)) {
	case 1:
		c->p->there++;
		if (content_holds(c, id, content, len, salt))
			break;
		if (c->p->wrong++ == 0)
			(void)snprintf(c->p->first_wrong,
			    sizeof(c->p->first_wrong), "%.64s", id);
		break;
	case 0:
		c->p->erased++;
		break;
	case -1:
		c->p->missing += (uint64_t)must;
		break;
	default:
		c->failed = 1;
	}
}

static void
each_row(void *ctx, const struct event *ev)
{
	static const struct {
		enum event_col col;
		int must;
	} hashed[] = {
		{ EVENT_INPUT_HASH, 1 }, { EVENT_OUTPUT_HASH, 1 },
		{ EVENT_RATIONALE_HASH, 1 }, { EVENT_BEFORE_HASH, 0 },
		{ EVENT_AFTER_HASH, 0 }, { EVENT_APPROVAL_VIEW_HASH, 0 },
		{ EVENT_ARGS_HASH, 0 }, { EVENT_APPROVED_ARGS_HASH, 0 },
	};
	struct contents *c = ctx;

	if (str_eq(value_text(&ev->col[EVENT_EVENT_TYPE]), "erasure"))
		c->p->erasures++;
	for (size_t i = 0; i < sizeof(hashed) / sizeof(hashed[0]); i++)
		look_up(c, &ev->col[hashed[i].col], hashed[i].must);
	arena_reset(c->a);
}

static int
read_notes(struct store *st, struct arena *a, struct verify_stream *s,
    struct err *e)
{
	struct verify_segment *segment;
	struct verify_note *note;
	struct store_segment *rs;
	struct store_note *rn;

	if (store_notes(st, a, s->stream, &rn, &s->nnote, e) == -1 ||
	    store_segments(st, a, s->stream, &rs, &s->nsegment, e) == -1)
		return -1;
	note = arena_array(a, s->nnote + 1, sizeof(*note));
	for (size_t i = 0; i < s->nnote; i++)
		note[i] = (struct verify_note){ rn[i].size, rn[i].note };
	segment = arena_array(a, s->nsegment + 1, sizeof(*segment));
	for (size_t i = 0; i < s->nsegment; i++) {
		segment[i].first = rs[i].first_seq;
		memcpy(segment[i].root, rs[i].root, HASH_LEN);
		segment[i].from_us = rs[i].from_us;
		segment[i].to_us = rs[i].to_us;
	}
	s->note = note;
	s->segment = segment;
	return 0;
}

/* Every row of one stream.  A row that cannot be read ends the walk, and is
 * the first bad one. */
static int
verify_stream(struct verify_store *v, struct store *st,
    const struct store_stream *row, const struct verify_kept *kept,
    size_t nkept, struct err *e)
{
	struct verify_stream s = { .stream = row->stream,
		.origin = row->origin, .size = row->size, .kept = kept,
		.nkept = nkept };
	struct contents c = { .a = arena_new(), .st = st,
		.p = &s.payloads, .err = e };
	struct pass_want want = { .origin = row->origin, .row = each_row,
		.ctx = &c, .go_on = 1 };
	struct pass *p = NULL;
	int rc = -1;

	c.hash = hash_new(v->arena);
	if (read_notes(st, v->arena, &s, e) == -1)
		goto out;
	want.cut = verify_store_cuts(v->arena, &s, &want.ncut);
	p = pass_new(v->arena, &want, 0);
	if ((store_scan(st, row->stream, 0, row->size, pass_feed, p, e) ==
	    -1 || pass_end(p, e) == -1) && e->kind != ERR_INTEGRITY)
		goto out;
	if (c.failed)
		goto out;
	if (e->kind == ERR_INTEGRITY && !p->bad)
		verify_store_fault(v, row->stream, FAULT_STORE_CHAIN, "%s",
		    e->msg);
	*e = (struct err){ 0 };
	s.pass = p;
	verify_store_stream(v, &s);
	rc = 0;
out:
	pass_free(p);
	hash_free(c.hash);
	arena_free(c.a);
	return rc;
}

/* Checkpoints that the reader kept: a note, or those of a pack. */
static int
read_kept(struct arena *a, const struct options *op, const struct own *o,
    struct verify_kept **kept, size_t *n, struct err *e)
{
	struct verify_options vo = { .pack = o->previous, .trust = o->trust,
		.as_of_us = op->as_of_us };
	struct err note_err = { 0 };
	struct verify_report r;
	struct checkpoint c;
	size_t cap = 0, len;
	struct stat st;
	char *p;

	*n = 0;
	*kept = NULL;
	if (o->previous == NULL)
		return 0;
	if (stat(o->previous, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= LIMIT_NOTE &&
	    out_slurp(a, o->previous, LIMIT_NOTE, &p, &len, e) == 0 &&
	    note_checkpoint(a, p, len, &c, &note_err) == 0) {
		struct verify_kept *k = VEC_PUSH(a, *kept, *n, cap);

		*k = (struct verify_kept){ c.origin, c.size, { 0 } };
		memcpy(k->root, c.root, HASH_LEN);
		return 0;
	}
	verify_pack(a, &vo, &r);
	if (r.info == NULL)
		return err_set(e, ERR_INPUT,
		    "--previous %s: neither a checkpoint nor a pack",
		    o->previous);
	for (size_t i = 0; i < r.info->nstream; i++) {
		struct verify_kept *k = VEC_PUSH(a, *kept, *n, cap);

		*k = (struct verify_kept){ r.info->stream[i].origin,
			r.info->stream[i].size, { 0 } };
		memcpy(k->root, r.info->stream[i].root, HASH_LEN);
	}
	return 0;
}

static int
read_trust(struct arena *a, const struct own *o, struct trust *t,
    struct err *e)
{
	struct fault f;
	char *p;
	size_t len;

	if (o->trust == NULL)
		return 0;
	if (out_slurp(a, o->trust, LIMIT_TRUST, &p, &len, e) == -1)
		return -1;
	if (trust_parse(a, p, len, t, &f) == -1)
		return fault_err(&f, o->trust, e);
	return 0;
}

/* A stream of which something was kept must be there. */
static void
check_gone(struct verify_store *v, const struct store_stream *row, size_t n,
    const struct verify_kept *kept, size_t nkept)
{
	for (size_t k = 0; k < nkept; k++) {
		int there = 0;

		for (size_t i = 0; i < n; i++)
			there |= str_eq(row[i].origin, kept[k].origin);
		if (!there)
			verify_store_fault(v, "", FAULT_STREAM_MISSING,
			    "%s was a stream, and is not in the store",
			    kept[k].origin);
	}
}

static int
verify_a_store(struct arena *a, const struct options *op, const struct own *o,
    const char *path, struct err *e)
{
	struct store_stream *row = NULL;
	struct verify_kept *kept;
	struct verify_store v;
	struct store *st;
	struct trust t;
	struct str s = str_new(a);
	size_t n = 0, nkept;
	int rc = -1;

	if (read_trust(a, o, &t, e) == -1 ||
	    read_kept(a, op, o, &kept, &nkept, e) == -1 ||
	    store_open(a, path, &st, e) == -1)
		return (int)e->kind;
	verify_store_init(&v, a, o->trust != NULL ? &t : NULL, op->as_of_us);
	if (store_streams(st, a, &row, &n, e) == 0) {
		rc = 0;
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = verify_stream(&v, st, &row[i], kept, nkept, e);
	}
	if (store_close(st) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "%s: changed while it was read",
		    path);
	if (rc == -1)
		return (int)e->kind;
	check_gone(&v, row, n, kept, nkept);
	verify_store_end(&v);
	if (op->json)
		verify_store_json(&s, &v);
	else
		verify_store_text(&s, &v);
	return print(&s, verify_store_status(&v), e);
}

/* A SQLite file says so in its first bytes. */
static int
is_store(const char *path)
{
	char head[16] = "";
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return 0;
	if (fread(head, 1, sizeof(head), f) != sizeof(head))
		head[0] = '\0';
	(void)fclose(f);
	return memcmp(head, "SQLite format 3", 16) == 0;
}

static int
run_verify(struct arena *a, const struct options *op, const void *own,
    int argc, char **argv, struct err *e)
{
	if (argc != 1) {
		(void)err_set(e, ERR_INPUT, "verify wants one PACK or STORE");
		return (int)e->kind;
	}
	if (is_store(argv[0]) || strncmp(argv[0], "postgres", 8) == 0)
		return verify_a_store(a, op, own, argv[0], e);
	return verify_a_pack(a, op, own, argv[0], e);
}

const struct command cmd_verify = {
	"verify", "PACK|STORE [--trust FILE] [--previous PACK|CHECKPOINT]",
	"checks a pack or a store; needs no project", rows,
	sizeof(struct own), run_verify
};
