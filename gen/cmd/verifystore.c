#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "chain/pass.h"
#include "cmd/cmd.h"
#include "cmd/contents.h"
#include "cmd/verifystore.h"
#include "crypt/note.h"
#include "read/store.h"
#include "verify/store.h"
#include "verify/verify.h"

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

/* One thread: its connection, its part of the stream. */
struct walk {
	pthread_t thread;
	struct arena *arena;
	struct store *store;
	const char *stream;
	uint64_t first, end;
	struct contents *contents;
	struct pass_want want;
	struct pass *pass;
	int rc;
	struct err err;
};

struct walks {
	struct walk *walk;
	size_t n, running;
};

static void *
walk(void *ctx)
{
	struct walk *w = ctx;

	w->rc = store_scan(w->store, w->stream, w->first, w->end, pass_feed,
	    w->pass, &w->err);
	if (w->rc == 0)
		w->rc = pass_end(w->pass, &w->err);
	return NULL;
}

/* The first has the connection that is there, each other one of its own. */
static int
open_walk(struct walk *w, struct store *st, const struct verify_stream *s,
    int again, struct err *e)
{
	w->arena = arena_new();
	w->stream = s->stream;
	if (!again)
		w->store = st;
	else if (store_again(w->arena, st, &w->store, e) == -1)
		return -1;
	w->contents = contents_new(w->arena, w->store);
	w->want = (struct pass_want){ .origin = s->origin,
		.row = contents_row, .ctx = w->contents, .go_on = 1 };
	w->want.cut = verify_store_cuts(w->arena, s, &w->want.ncut);
	w->pass = pass_new(w->arena, &w->want, w->first);
	return 0;
}

static void
close_walks(struct walks *ws)
{
	for (size_t i = 0; i < ws->n; i++) {
		struct walk *w = &ws->walk[i];

		pass_free(w->pass);
		contents_free(w->contents);
		if (i > 0)
			(void)store_close(w->store);
		arena_free(w->arena);
	}
}

/* Splits the rows by whole segments; walks in as many threads. */
static int
run_walks(struct walks *ws, struct store *st, const struct verify_stream *s,
    struct err *e)
{
	uint64_t segs = s->size / LIMIT_SEGMENT + 1;
	size_t n = segs < ws->n ? (size_t)segs : ws->n;
	int rc = 0;

	for (ws->n = 0; ws->n < n && rc == 0; ws->n++) {
		struct walk *w = &ws->walk[ws->n];

		w->first = segs * ws->n / n * LIMIT_SEGMENT;
		w->end = ws->n + 1 == n ? s->size :
		    segs * (ws->n + 1) / n * LIMIT_SEGMENT;
		rc = open_walk(w, st, s, ws->n > 0, e);
	}
	for (; rc == 0 && ws->running < n; ws->running += rc == 0)
		if (pthread_create(&ws->walk[ws->running].thread, NULL, walk,
		    &ws->walk[ws->running]) != 0)
			rc = err_set(e, ERR_SYSTEM, "cannot start a thread");
	for (size_t i = 0; i < ws->running; i++)
		(void)pthread_join(ws->walk[i].thread, NULL);
	return rc;
}

/*
 * A row that cannot be read ends its walk, and is the first bad one: what
 * the threads behind it found is left out, so -j changes no byte.
 */
static int
join_walks(struct verify_store *v, struct walks *ws, struct verify_stream *s,
    struct err *e)
{
	struct pass *p = ws->walk[0].pass;
	struct err ignored = { 0 };

	for (size_t i = 0; i < ws->n; i++) {
		struct walk *w = &ws->walk[i];

		if (w->rc == -1 && w->err.kind != ERR_INTEGRITY) {
			*e = w->err;
			return -1;
		}
		if (contents_count(w->contents, &s->payloads, e) == -1)
			return -1;
		if (i > 0)
			(void)pass_join(p, w->pass, &ignored);
		if (w->rc == 0)
			continue;
		if (!p->bad)
			verify_store_fault(v, s->stream, FAULT_STORE_CHAIN,
			    "%s", w->err.msg);
		break;
	}
	s->pass = p;
	return 0;
}

/* Every row of one stream. */
static int
verify_stream(struct verify_store *v, struct store *st,
    const struct store_stream *row, const struct verify_kept *kept,
    size_t nkept, int jobs, struct err *e)
{
	struct verify_stream s = { .stream = row->stream,
		.origin = row->origin, .size = row->size, .kept = kept,
		.nkept = nkept };
	struct walks ws = { .n = jobs > 0 ? (size_t)jobs : 1 };
	int rc = -1;

	if (read_notes(st, v->arena, &s, e) == -1)
		return -1;
	ws.walk = arena_array(v->arena, ws.n, sizeof(*ws.walk));
	if (run_walks(&ws, st, &s, e) == 0 &&
	    join_walks(v, &ws, &s, e) == 0) {
		verify_store_stream(v, &s);
		rc = 0;
	}
	close_walks(&ws);
	return rc;
}

/* Checkpoints that the reader kept: a note, or those of a pack. */
static int
read_kept(struct arena *a, const struct options *op, const struct verifystore_want *o,
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
read_trust(struct arena *a, const struct verifystore_want *o, struct trust *t,
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

enum err_kind
verifystore_run(struct arena *a, const struct options *op,
    const struct verifystore_want *o, const char *path, struct str *out,
    struct err *e)
{
	struct store_stream *row = NULL;
	struct verify_kept *kept;
	struct verify_store v;
	struct store *st;
	struct trust t;
	size_t n = 0, nkept;
	int rc = -1;

	if (read_trust(a, o, &t, e) == -1 ||
	    read_kept(a, op, o, &kept, &nkept, e) == -1 ||
	    store_open(a, path, &st, e) == -1)
		return e->kind;
	verify_store_init(&v, a, o->trust != NULL ? &t : NULL, op->as_of_us);
	if (store_streams(st, a, &row, &n, e) == 0) {
		rc = 0;
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = verify_stream(&v, st, &row[i], kept, nkept,
			    op->jobs, e);
	}
	if (store_close(st) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "%s: changed while it was read",
		    path);
	if (rc == -1)
		return e->kind;
	check_gone(&v, row, n, kept, nkept);
	verify_store_end(&v);
	if (op->json)
		verify_store_json(out, &v);
	else
		verify_store_text(out, &v);
	return verify_store_status(&v);
}

