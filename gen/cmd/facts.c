#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "chain/pass.h"
#include "cmd/facts.h"
#include "crypt/note.h"
#include "doc/doc.h"
#include "eval/eval.h"
#include "eval/measure.h"
#include "ingest/ingest.h"
#include "pack/name.h"
#include "read/catalogue.h"
#include "read/policy.h"
#include "read/registry.h"

#define PIECE LIMIT_SEGMENT /* rows of a scan, which has a budget */
#define CHECKPOINT_AGE (7 * DATE_DAY) /* AU-07.t1 */

/* One thread: its connections, its evaluator, its part of a stream. */
struct worker {
	struct gather *g;
	pthread_t thread;
	struct arena *arena;
	struct store **store; /* as facts.store */
	struct eval *eval;
	struct pass *pass;
	struct pass_want want;
	size_t index;
	uint32_t stream;
	uint64_t first, end;
	int rc;
	struct err err;
};

struct gather {
	struct arena *arena;
	const struct options *options;
	const struct facts_want *want;
	struct facts *f;
	struct eval_input in;
	const struct previous *previous;
	struct eval_named *named;
	size_t nnamed, capnamed;
	struct stream *stream;
	struct store_segment **segment; /* of each stream */
	size_t *nsegment;
	struct worker *worker;
	size_t nworker;
	pthread_mutex_t lock;
	size_t next;           /* statement that nobody runs yet; by lock */
	struct timespec since; /* the stage that runs began */
};

/* -v: where the time goes.  It reaches standard error alone. */
static long
elapsed_ms(struct timespec *since)
{
	struct timespec now;
	long ms;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (now.tv_sec - since->tv_sec) * 1000 +
	    (now.tv_nsec - since->tv_nsec) / 1000000;
	*since = now;
	return ms;
}

static void
stage_done(struct gather *g, const char *stage)
{
	long ms = elapsed_ms(&g->since);

	if (g->options->verbose)
		cmd_say(g->options, "%-28s %6ld ms", stage, ms);
}

/* Inputs that people write: all errors of all files in one run. */

int
facts_read(struct arena *a, const struct options *o, struct facts *f,
    struct err *e)
{
	struct diag d;

	diag_init(&d, a);
	if (project_read(a, o->project, &f->project, &d) == 0) {
		f->catalogue = catalogue_read(a, &f->project, &d);
		eval_compile(a, f->catalogue, f->project.organisation, &d);
		(void)registry_read(a, &f->project, o->as_of_us, &d, &f->ref);
	}
	return cmd_diag(&d, e);
}

/* Tables that only who has the program, or the log, can fill. */

static struct ref_table *
table_of(struct ref *ref, const char *name)
{
	for (size_t i = 0; i < ref->n; i++)
		if (strcmp(ref->table[i].name, name) == 0)
			return &ref->table[i];
	return NULL;
}

static void
set_text(struct ref_table *t, size_t row, const char *col, const char *p)
{
	int c = ref_colno(t, col);
	struct value *v;

	if (c < 0 || p == NULL)
		return;
	v = &t->cell[row * t->ncol + (size_t)c];
	v->type = VALUE_TEXT;
	v->p = p;
	v->len = strlen(p);
}

static void
set_int(struct ref_table *t, size_t row, const char *col, int64_t i)
{
	int c = ref_colno(t, col);

	if (c < 0)
		return;
	t->cell[row * t->ncol + (size_t)c].type = VALUE_INT;
	t->cell[row * t->ncol + (size_t)c].i = i;
}

static void
fill_source_fields(struct arena *a, struct ref *ref)
{
	struct ref_table *t = table_of(ref, "ref_source_field");
	const struct source_field *s;
	size_t n;

	s = ingest_fields(&n);
	if (t == NULL || t->nrow > 0)
		return;
	t->cell = arena_array(a, n * t->ncol + 1, sizeof(*t->cell));
	t->at = arena_array(a, n + 1, sizeof(*t->at));
	t->cellat = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t row = t->nrow;

		if (!ingest_field_of_column(i))
			continue;
		t->nrow++;
		set_text(t, row, "source_format", s[i].format);
		set_text(t, row, "column_name", s[i].column);
		set_text(t, row, "protection", s[i].protection);
		set_text(t, row, "file", "(program)");
		set_int(t, row, "line", (int64_t)row + 1);
		t->at[row].file = "(program)";
		t->at[row].line = (uint32_t)row + 1;
	}
}

/* The scores that a model card prints: those declared for the whole set. */
static void
fill_scores(struct arena *a, struct ref *ref)
{
	static const char *const same[] = { "agent_id", "suite", "metric",
		"file" };
	struct ref_table *t = table_of(ref, "ref_score");
	const struct ref_table *r = ref_table(ref, "ref_eval_result");

	if (t == NULL || r == NULL || t->nrow > 0)
		return;
	t->cell = arena_array(a, r->nrow * t->ncol + 1, sizeof(*t->cell));
	t->at = arena_array(a, r->nrow + 1, sizeof(*t->at));
	t->cellat = NULL;
	for (size_t i = 0; i < r->nrow; i++) {
		const char *slice = ref_text(r, i, "slice");

		if (slice != NULL && strcmp(slice, "all") != 0)
			continue;
		for (size_t k = 0; k < sizeof(same) / sizeof(same[0]); k++)
			set_text(t, t->nrow, same[k], ref_text(r, i, same[k]));
		set_text(t, t->nrow, "version",
		    ref_text(r, i, "agent_version"));
		set_text(t, t->nrow, "document", arena_printf(a,
		    "model-card/%s", ref_text(r, i, "agent_id")));
		set_int(t, t->nrow, "line", ref_int(r, i, "line", 0));
		if (ref_value(r, i, "value_micro")->type == VALUE_INT)
			set_int(t, t->nrow, "value_micro",
			    ref_int(r, i, "value_micro", 0));
		t->at[t->nrow++] = ref_mark(r, i, "value_micro");
	}
}

/* Stores and streams. */

int
facts_stores(struct arena *a, const struct options *o, struct facts *f,
    struct err *e)
{
	f->store = arena_array(a, f->project.nstore + 1, sizeof(*f->store));
	for (size_t i = 0; i < f->project.nstore; i++) {
		const char *url = f->project.store[i].url;

		if (*url != '/' && strstr(url, "://") == NULL)
			url = arena_printf(a, "%s/%s", o->project, url);
		if (store_open(a, url, &f->store[f->nstore], e) == -1)
			return -1;
		f->nstore++;
	}
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct stream *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int
checkpoint_of(struct gather *g, const char *note, const char *origin,
    struct checkpoint *c, struct err *e)
{
	if (note_checkpoint(g->arena, note, strlen(note), c, e) == -1)
		return err_wrap(e, "checkpoint of %s", origin);
	if (strcmp(c->origin, origin) != 0)
		return err_set(e, ERR_INTEGRITY,
		    "checkpoint of %s: its origin is %s", origin, c->origin);
	return 0;
}

/* The newest checkpoint whose last row was recorded before as-of. */
static int
use_note(struct gather *g, struct store *st, struct stream *s, struct err *e)
{
	struct store_note *note;
	struct checkpoint c;
	size_t n;

	if (store_notes(st, g->arena, s->name, &note, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (note[i].last_us >= g->options->as_of_us)
			break;
		if (checkpoint_of(g, note[i].note, s->origin, &c, e) == -1)
			return -1;
		s->note = note[i].note;
		s->note_us = note[i].last_us;
		s->size = c.size;
		memcpy(s->root, c.root, sizeof(s->root));
		s->log_signed = c.note.nsig > 0;
		s->witnessed = note[i].timestamp_token != NULL;
		for (size_t k = 0; k < c.note.nsig; k++)
			s->witnessed |= strcmp(c.note.sig[k].name,
			    s->origin) != 0;
	}
	return 0;
}

static int
keep_int(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	(void)e;
	if (ncol > 0 && v[0].type == VALUE_INT)
		*(int64_t *)ctx = v[0].i;
	return 0;
}

/* The first seq from a size on that was recorded at or after as-of; times
 * of recording never fall. */
static int
recorded_before(struct gather *g, struct store *st, const char *stream,
    uint64_t from, uint64_t size, uint64_t *end, struct err *e)
{
	struct str s = str_new(g->arena);
	int64_t n = 0;

	str_addz(&s, "SELECT count(*) AS n FROM event e WHERE e.stream = ");
	str_add_sqlz(&s, stream);
	str_addf(&s, " AND e.seq >= %" PRIu64 " AND e.recorded_us < :as_of_us",
	    from);
	if (from < size && store_query(st, s.p, g->options->from_us,
	    g->options->to_us, g->options->as_of_us, keep_int, &n, e) == -1)
		return -1;
	*end = from + (uint64_t)n;
	return 0;
}

static int
use_previous(struct gather *g, struct stream *s, struct err *e)
{
	const struct previous *p = g->previous;

	for (size_t i = 0; p != NULL && i < p->nstream; i++) {
		if (strcmp(p->stream[i].name, s->name) != 0)
			continue;
		s->previous_size = p->stream[i].size;
		s->prev_note = p->stream[i].note;
	}
	if (s->previous_size > s->size)
		return err_set(e, ERR_INPUT, "stream %s: its range would end "
		    "at %" PRIu64 ", before it starts at %" PRIu64
		    ": --as-of lies before the previous pack or checkpoint", s->name,
		    s->size, s->previous_size);
	return 0;
}

static int
add_stream(struct gather *g, size_t store, const struct store_stream *t,
    struct stream *s, struct err *e)
{
	struct store *st = g->f->store[store];
	uint64_t end;

	s->name = t->stream;
	s->origin = t->origin;
	s->dir = name_dir(g->arena, t->stream);
	s->intact = 1;
	s->weakest = GRADE_NONE;
	if (t->damage != NULL) {
		s->intact = 0;
		s->bad_seq = t->size;
		s->bad = t->damage;
	}
	if (use_note(g, st, s, e) == -1)
		return -1;
	if (s->note != NULL && s->size > t->size) {
		s->intact = 0;
		s->bad_seq = t->size;
		s->bad = arena_printf(g->arena, "the store ends at %" PRIu64
		    ", its checkpoint at %" PRIu64 ": events are missing",
		    t->size, s->size);
		s->size = t->size;
	}
	if (recorded_before(g, st, s->name, s->size, t->size, &end, e) == -1)
		return -1;
	s->waiting = s->note != NULL ? end - s->size : 0;
	if (s->note == NULL)
		s->size = end;
	return use_previous(g, s, e);
}

/* All streams of all stores, by name: a name twice is refused. */
static int
find_streams(struct gather *g, struct err *e)
{
	struct facts *f = g->f;
	struct stream **list = NULL;
	size_t n = 0, cap = 0, *store = NULL, nst = 0, capst = 0;

	for (size_t i = 0; i < f->nstore; i++) {
		struct store_stream *t;
		size_t nt;

		if (store_streams(f->store[i], g->arena, &t, &nt, e) == -1)
			return -1;
		for (size_t k = 0; k < nt; k++) {
			struct stream *s = arena_alloc(g->arena, sizeof(*s));

			if (add_stream(g, i, &t[k], s, e) == -1)
				return -1;
			*VEC_PUSH(g->arena, list, n, cap) = s;
			*VEC_PUSH(g->arena, store, nst, capst) = i;
		}
	}
	g->stream = arena_array(g->arena, n + 1, sizeof(*g->stream));
	f->store_of = arena_array(g->arena, n + 1, sizeof(*f->store_of));
	for (size_t i = 0; i < n; i++)
		list[i]->read_from = store[i]; /* carried through the sort */
	if (n > 0)
		qsort(list, n, sizeof(struct stream *), by_name);
	for (size_t i = 0; i < n; i++) {
		f->store_of[i] = (size_t)list[i]->read_from;
		list[i]->read_from = 0;
		g->stream[i] = *list[i];
		if (i > 0 && strcmp(list[i]->name, list[i - 1]->name) == 0)
			return err_set(e, ERR_INPUT,
			    "stream %s lies in two stores", list[i]->name);
	}
	f->build.stream = g->stream;
	f->build.nstream = n;
	return 0;
}

/* Where reading begins: rows below lie in segments that the previous signed
 * checkpoint vouches for, and that no window of a test touches. */

static int64_t
earliest(const struct gather *g)
{
	const struct catalogue *cat = g->f->catalogue;
	int64_t us = g->options->from_us;

	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++) {
			int64_t back = cat->control[i].test[k].window_back_us;

			if (back > 0 && g->options->to_us - back < us)
				us = g->options->to_us - back;
		}
	return us;
}

static int
find_start(struct gather *g, size_t i, struct err *e)
{
	struct stream *s = &g->stream[i];
	struct store *st = g->f->store[g->f->store_of[i]];
	struct checkpoint c;

	if (s->prev_note == NULL || g->want->deep)
		return 0;
	if (checkpoint_of(g, s->prev_note, s->origin, &c, e) == -1)
		return -1;
	if (c.note.nsig == 0 || store_segments(st, g->arena, s->name,
	    &g->segment[i], &g->nsegment[i], e) == -1)
		return c.note.nsig == 0 ? 0 : -1;
	for (size_t k = 0; k < g->nsegment[i]; k++) {
		const struct store_segment *seg = &g->segment[i][k];

		if (seg->first_seq != k * (uint64_t)LIMIT_SEGMENT ||
		    seg->first_seq + LIMIT_SEGMENT > s->previous_size ||
		    seg->to_us >= earliest(g))
			break;
		s->read_from = seg->first_seq + LIMIT_SEGMENT;
	}
	return 0;
}

/* The pass. */

static void
feed_row(void *ctx, const struct event *ev)
{
	struct worker *w = ctx;

	eval_feed(w->eval, w->stream, ev);
}

struct feed {
	struct eval *eval;
	const struct eval_statement *statement;
};

static int
feed_statement(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct feed *f = ctx;

	return eval_row(f->eval, f->statement, v, ncol, e);
}

/* Tests that look into other events ask for them here. */
static int
related(void *ctx, uint32_t stream, int by, const struct value *key,
    const int *want, size_t n, eval_each_fn *each, void *eachctx,
    struct err *e)
{
	struct worker *w = ctx;

	return store_related(w->store[w->g->f->store_of[stream]],
	    w->g->stream[stream].name, by, key, want, n, each, eachctx, e);
}

static void *
walk(void *ctx)
{
	struct worker *w = ctx;
	struct gather *g = w->g;
	const struct stream *s = &g->stream[w->stream];
	struct store *st = w->store[g->f->store_of[w->stream]];
	uint64_t to;

	w->rc = 0;
	w->pass = pass_new(w->arena, &w->want, w->first);
	for (uint64_t at = w->first; at < w->end && w->rc == 0; at = to) {
		to = w->end - at > PIECE ? at + PIECE : w->end;
		w->rc = store_scan(st, s->name, at, to, pass_feed, w->pass,
		    &w->err);
	}
	if (w->rc == 0)
		w->rc = pass_end(w->pass, &w->err);
	return NULL;
}

/* A row that cannot be read as the schema has it breaks the chain there. */
static int
join_walk(struct gather *g, struct worker *w, struct err *e)
{
	struct stream *s = &g->stream[w->stream];

	if (w->rc == -1 && w->err.kind != ERR_INTEGRITY) {
		*e = w->err;
		return -1;
	}
	if (w->rc == -1 && s->intact) {
		s->intact = 0;
		s->bad_seq = w->pass->next;
		s->bad = arena_strdup(g->arena, w->err.msg);
	}
	return 0;
}

/* Splits [first, end) by whole segments; runs fn in as many threads. */
static int
run_walks(struct gather *g, uint32_t stream, uint64_t first, uint64_t end,
    pass_row_fn *row, const uint64_t *cut, struct err *e)
{
	uint64_t segs = (end - first + LIMIT_SEGMENT - 1) / LIMIT_SEGMENT;
	size_t n = segs < g->nworker ? (size_t)segs : g->nworker, started = 0;
	int rc = 0;

	n = n == 0 ? 1 : n;
	for (size_t i = 0; i < n; i++) {
		struct worker *w = &g->worker[i];

		w->stream = stream;
		w->first = first + segs * i / n * LIMIT_SEGMENT;
		w->end = i + 1 == n ? end :
		    first + segs * (i + 1) / n * LIMIT_SEGMENT;
		memset(&w->want, 0, sizeof(w->want));
		w->want.origin = g->stream[stream].origin;
		w->want.from_us = g->options->from_us;
		w->want.to_us = g->options->to_us;
		w->want.range_from = g->stream[stream].previous_size;
		w->want.row = row;
		w->want.ctx = w;
		w->want.cut = cut;
		w->want.ncut = *cut > 0;
		w->want.go_on = 1;
	}
	for (; started < n; started++)
		if (pthread_create(&g->worker[started].thread, NULL, walk,
		    &g->worker[started]) != 0) {
			rc = err_set(e, ERR_SYSTEM, "cannot start a thread");
			break;
		}
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(g->worker[i].thread, NULL);
	for (size_t i = 0; i < started && rc == 0; i++)
		rc = join_walk(g, &g->worker[i], e);
	for (size_t i = 1; i < started && rc == 0; i++)
		(void)pass_join(g->worker[0].pass, g->worker[i].pass, e);
	return rc;
}

static void
end_walks(struct gather *g)
{
	for (size_t i = 0; i < g->nworker; i++) {
		pass_free(g->worker[i].pass);
		g->worker[i].pass = NULL;
	}
}

static void
break_at(struct stream *s, uint64_t seq, const char *what)
{
	if (!s->intact)
		return;
	s->intact = 0;
	s->bad_seq = seq;
	s->bad = what;
}

static int
root_at(struct gather *g, size_t i, uint64_t size, uint8_t root[HASH_LEN])
{
	size_t n = (size_t)(g->stream[i].read_from / LIMIT_SEGMENT);
	uint8_t (*below)[HASH_LEN] = arena_array(g->arena, n + 1, HASH_LEN);

	for (size_t k = 0; k < n; k++)
		memcpy(below[k], g->segment[i][k].root, HASH_LEN);
	return pass_root(g->worker[0].pass, below, n, size, root);
}

/* Roots: the checkpoint's, and that of the previous pack. */
static void
check_roots(struct gather *g, size_t i)
{
	struct stream *s = &g->stream[i];
	struct checkpoint prev;
	uint8_t root[HASH_LEN];
	struct err ignored = { 0 };

	if (root_at(g, i, s->size, root) == -1)
		break_at(s, s->size, "the root cannot be computed");
	else if (s->note == NULL)
		memcpy(s->root, root, sizeof(s->root));
	else if (memcmp(root, s->root, sizeof(root)) != 0)
		break_at(s, s->size - 1, "the root is not that of the "
		    "checkpoint: a row was changed");
	if (s->prev_note == NULL || s->previous_size == 0)
		return;
	if (checkpoint_of(g, s->prev_note, s->origin, &prev, &ignored) == -1 ||
	    prev.size != s->previous_size ||
	    root_at(g, i, s->previous_size, root) == -1 ||
	    memcmp(root, prev.root, sizeof(root)) != 0)
		break_at(s, s->previous_size - 1, "the checkpoint of the "
		    "previous pack is not a prefix of this log");
}

static void
take_counts(struct gather *g, size_t i)
{
	const struct pass *p = g->worker[0].pass;
	struct stream *s = &g->stream[i];

	s->in_period = p->in_period;
	s->before = p->before;
	s->after = p->after;
	s->earlier_in_period = p->earlier_in_period;
	s->first_us = p->first_us;
	s->last_us = p->last_us;
	memcpy(s->grade, p->grade, sizeof(s->grade));
	for (int k = GRADE_SIGNED; k >= GRADE_BROKEN; k--)
		if (s->grade[k] > 0)
			s->weakest = (enum grade)k;
	if (p->bad)
		break_at(s, p->bad_seq, arena_strdup(g->arena, p->bad_text));
}

/* A log without a checkpoint has no root yet: a walk of its own finds it,
 * since the root draws the sample on the walk that evaluates. */
static int
read_stream(struct gather *g, size_t i, int evaluate, struct err *e)
{
	struct stream *s = &g->stream[i];
	uint64_t cut = s->previous_size;
	int rc;

	rc = run_walks(g, (uint32_t)i, s->read_from, s->size,
	    evaluate ? feed_row : NULL, &cut, e);
	if (rc == 0) {
		take_counts(g, i);
		check_roots(g, i);
	}
	end_walks(g);
	return rc;
}

static int
find_roots(struct gather *g, struct err *e)
{
	for (size_t i = 0; i < g->f->build.nstream; i++)
		if (g->stream[i].note == NULL && g->want->nonce == NULL &&
		    read_stream(g, i, 0, e) == -1)
			return -1;
	return 0;
}

/* Threads. */

static int
open_worker(struct gather *g, size_t i, struct err *e)
{
	struct worker *w = &g->worker[i];
	struct facts *f = g->f;

	w->g = g;
	w->index = i;
	w->arena = i == 0 ? g->arena : arena_new();
	w->store = arena_array(w->arena, f->nstore + 1, sizeof(*w->store));
	for (size_t k = 0; k < f->nstore; k++) {
		if (i == 0)
			w->store[k] = f->store[k];
		else if (store_again(w->arena, f->store[k], &w->store[k],
		    e) == -1)
			return -1;
		if (store_load_ref(w->store[k], f->ref, e) == -1)
			return -1;
	}
	return 0;
}

static int
open_workers(struct gather *g, struct err *e)
{
	g->nworker = g->options->jobs > 0 ? (size_t)g->options->jobs : 1;
	g->worker = arena_array(g->arena, g->nworker, sizeof(*g->worker));
	for (size_t i = 0; i < g->nworker; i++)
		if (open_worker(g, i, e) == -1)
			return -1;
	return 0;
}

static void
close_workers(struct gather *g)
{
	for (size_t i = 0; i < g->nworker; i++) {
		struct worker *w = &g->worker[i];

		eval_free(w->eval);
		if (i == 0 || w->arena == NULL)
			continue;
		for (size_t k = 0; w->store && k < g->f->nstore; k++)
			if (w->store[k] != NULL)
				(void)store_close(w->store[k]);
		arena_free(w->arena);
	}
}

/* Statements: each runs whole on one thread. */

static void
run_statement(struct worker *w, const struct eval_statement *st)
{
	struct facts *f = w->g->f;
	struct feed feed = { w->eval, st };
	struct timespec since = { 0, 0 };
	struct err e = { 0 };

	if (st->over_ref && f->nstore > 1) {
		eval_failed(w->eval, st, "it joins events with declarations, "
		    "and the log lies in several stores");
		return;
	}
	(void)elapsed_ms(&since);
	for (size_t k = 0; k < f->nstore; k++) {
		int rc;

		store_contents(w->store[k], st->own);
		rc = store_query(w->store[k], st->sql, st->from_us, st->to_us,
		    w->g->options->as_of_us, feed_statement, &feed, &e);
		store_contents(w->store[k], 0);
		if (rc == 0)
			continue;
		eval_failed(w->eval, st, e.msg);
		break;
	}
	if (w->g->options->verbose)
		cmd_say(w->g->options, "    %-24s %6ld ms", st->test->id,
		    elapsed_ms(&since));
}

/* Statements that read events of a few types alone run on the first thread,
 * over a table of these rows.  Without it they run over the whole one. */
static void
run_narrow(struct worker *w, const struct eval_statement *st, size_t n)
{
	struct facts *f = w->g->f;
	uint8_t *type = arena_alloc(w->arena, event_ntype);
	uint8_t *column = arena_alloc(w->arena, EVENT_NCOL);
	struct timespec since = { 0, 0 };
	struct err e = { 0 };

	if (eval_narrow(w->eval, type, column) == 0)
		return;
	(void)elapsed_ms(&since);
	for (size_t k = 0; k < f->nstore; k++)
		if (store_narrow(w->store[k], type, column, &e) == -1)
			break;
	if (w->g->options->verbose)
		cmd_say(w->g->options, "    %-24s %6ld ms", e.kind == ERR_OK ?
		    "events of few types" : e.msg, elapsed_ms(&since));
	for (size_t i = 0; i < n; i++)
		if (st[i].narrow)
			run_statement(w, &st[i]);
	for (size_t k = 0; k < f->nstore; k++)
		(void)store_whole(w->store[k], &e);
}

/* The next of those that need the whole table. */
static size_t
next_statement(struct gather *g, const struct eval_statement *st, size_t n)
{
	size_t i;

	(void)pthread_mutex_lock(&g->lock);
	while (g->next < n && st[g->next].narrow)
		g->next++;
	i = g->next < n ? g->next++ : n;
	(void)pthread_mutex_unlock(&g->lock);
	return i;
}

static void *
run_statements(void *ctx)
{
	struct worker *w = ctx;
	const struct eval_statement *st;
	size_t n = eval_statements(w->eval, &st), i;

	if (w->index == 0)
		run_narrow(w, st, n);
	while ((i = next_statement(w->g, st, n)) < n)
		run_statement(w, &st[i]);
	return NULL;
}

static int
all_statements(struct gather *g, struct err *e)
{
	size_t started = 0;
	int rc = 0;

	for (; started < g->nworker; started++)
		if (pthread_create(&g->worker[started].thread, NULL,
		    run_statements, &g->worker[started]) != 0) {
			rc = err_set(e, ERR_SYSTEM, "cannot start a thread");
			break;
		}
	for (size_t i = 0; i < started; i++)
		(void)pthread_join(g->worker[i].thread, NULL);
	return rc;
}

/* What the chain stage answers. */

static void
answer_chain(struct gather *g, struct eval *e, uint32_t i)
{
	const struct stream *s = &g->stream[i];
	struct cite at = { .stream = i };
	int64_t end = g->options->to_us < g->options->as_of_us ?
	    g->options->to_us : g->options->as_of_us;
	const char *why = NULL;

	at.seq = s->bad_seq;
	if (!s->intact)
		eval_built_in(e, "AU-01.t1", s->name, &at, 1, s->bad);
	at.seq = s->previous_size > 0 ? s->previous_size - 1 : 0;
	if (s->prev_note == NULL)
		eval_quiet(e, "AU-01.t2", s->name,
		    "the first pack: there is no earlier checkpoint");
	else
		eval_built_in(e, "AU-01.t2", s->name, &at,
		    !s->intact && s->bad_seq < s->previous_size, s->bad);
	at.seq = s->size > 0 ? s->size - 1 : 0;
	if (!s->log_signed)
		why = "log not signed";
	else if (s->note_us < end - CHECKPOINT_AGE)
		why = "the newest checkpoint was over a week old at the end "
		    "of the period";
	else if (!s->witnessed)
		why = "nobody outside has cosigned or stamped the newest "
		    "checkpoint";
	eval_built_in(e, "AU-07.t1", s->name, &at, why != NULL, why);
}

static void
answer_built_in(struct gather *g, struct eval *e)
{
	const struct ref_table *t = ref_table(g->f->ref, "ref_agent");

	for (uint32_t i = 0; i < g->f->build.nstream; i++)
		answer_chain(g, e, i);
	for (size_t i = 0; t && i < t->nrow && g->previous == NULL; i++)
		eval_quiet(e, "SE-02.t3", ref_text(t, i, "agent_id"),
		    "the first pack: there is no earlier tier");
}

/* Measures. */

struct rows {
	struct arena *arena;
	struct ref_table *table;
	size_t cap;
};

static int
keep_row(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct rows *r = ctx;
	struct ref_table *t = r->table;

	if (ncol != t->ncol)
		return err_set(e, ERR_INPUT, "%s: %zu columns, want %zu",
		    t->name, ncol, t->ncol);
	if (t->nrow == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		struct value *bigger = arena_array(r->arena, cap * ncol,
		    sizeof(*bigger));

		if (t->nrow > 0)
			memcpy(bigger, t->cell, t->nrow * ncol *
			    sizeof(*bigger));
		t->cell = bigger;
		r->cap = cap;
	}
	for (size_t i = 0; i < ncol; i++) {
		struct value *to = &t->cell[t->nrow * ncol + i];

		*to = v[i];
		if (v[i].type == VALUE_TEXT)
			to->p = arena_strndup(r->arena, v[i].p, v[i].len);
	}
	t->nrow++;
	return 0;
}

/* One table of measures, from every store. */
static int
measure_table(struct arena *a, const struct options *o, const struct facts *f,
    const struct log_schema *schema, const char *const *run, size_t nrun,
    struct ref_table *t, struct err *e)
{
	const struct build *b = &f->build;
	struct measure_stream *s = arena_array(a, b->nstream + 1, sizeof(*s));
	struct rows rows = { a, t, 0 };
	const char *sql;

	for (size_t i = 0; i < b->nstream; i++) {
		s[i].name = b->stream[i].name;
		s[i].size = b->stream[i].size;
	}
	sql = measure_sql(a, schema, s, b->nstream, o->from_us, o->to_us, run,
	    nrun);
	memset(t, 0, sizeof(*t));
	t->name = schema->name;
	t->col = schema->col;
	t->ncol = schema->ncol;
	for (size_t k = 0; k < f->nstore; k++)
		if (store_query(f->store[k], sql, o->from_us, o->to_us,
		    o->as_of_us, keep_row, &rows, e) == -1)
			return err_wrap(e, "%s", t->name);
	measure_sort(a, t);
	return 0;
}

static int
measure(struct gather *g, struct err *e)
{
	struct facts *f = g->f;
	struct ref *log = arena_alloc(g->arena, sizeof(*log));

	log->table = arena_array(g->arena, log_nschema, sizeof(*log->table));
	for (; log->n < log_nschema; log->n++)
		if (measure_table(g->arena, g->options, f,
		    &log_schema[log->n], NULL, 0, &log->table[log->n],
		    e) == -1)
			return -1;
	f->build.log = log;
	policy_seen(g->arena, f->ref, ref_table(log, "log_policy"));
	return 0;
}

/* The runs that get a document: each once, in the order of their reasons. */

struct picked {
	struct arena *arena;
	struct map *seen;
	const char **run;
	size_t n, cap;
};

static void
pick(struct picked *p, const char *run)
{
	if (run == NULL || *run == '\0' || *map_putz(p->seen, run) != NULL)
		return;
	*map_putz(p->seen, run) = p;
	*VEC_PUSH(p->arena, p->run, p->n, p->cap) = run;
}

static void
pick_row(struct picked *p, const struct build *b, const struct cite *c)
{
	const struct cited *row = c->at.file == NULL ? build_cited(b, c) :
	    NULL;

	if (row != NULL && row->event.col[EVENT_RUN_ID].type == VALUE_TEXT)
		pick(p, row->event.col[EVENT_RUN_ID].p);
}

static void
pick_all(struct picked *p, const struct facts *f)
{
	const struct build *b = &f->build;
	const struct ref_table *t = ref_table(b->log, "log_incident_event");

	for (size_t i = 0; i < f->project.nrun; i++)
		pick(p, f->project.run[i]);
	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		pick(p, ref_text(t, i, "run_id"));
	for (size_t i = 0; i < b->findings->nresult; i++)
		for (size_t k = 0; k < b->findings->result[i].nexception; k++)
			pick_row(p, b, &b->findings->result[i].exception[k]);
	for (size_t k = 0; k < LIMIT_SAMPLE; k++) /* of each test the first */
		for (size_t i = 0; i < b->findings->nresult; i++)
			if (k < b->findings->result[i].nsample)
				pick_row(p, b,
				    &b->findings->result[i].sample[k]);
}

int
facts_runs(struct arena *a, const struct options *o, struct facts *f,
    struct err *e)
{
	struct picked p = { .arena = a, .seen = map_new(a) };
	const struct log_schema *schema = log_schema_find("log_run_event");

	if (f->build.log == NULL || f->build.findings == NULL)
		return 0;
	pick_all(&p, f);
	f->build.runs = p.n;
	return measure_table(a, o, f, schema, p.run, p.n < LIMIT_RUNS ? p.n :
	    LIMIT_RUNS, &f->build.log->table[schema - log_schema], e);
}

/* The stages, in order. */

static void
set_build(struct gather *g)
{
	struct build *b = &g->f->build;
	const struct options *o = g->options;
	struct str s = str_new(g->arena);

	date_add_period(&s, o->from_us, o->to_us);
	b->organisation = g->f->project.organisation;
	b->organisation_name = g->f->project.legal_name ?
	    g->f->project.legal_name : b->organisation;
	b->period = s.p;
	b->nonce = g->want->nonce ? g->want->nonce : "root";
	b->drawn_by = g->want->nonce ? "auditor" : "preparer";
	b->generator = EXHIBIT_VERSION;
	b->from_us = o->from_us;
	b->to_us = o->to_us;
	b->as_of_us = o->as_of_us;
	b->interim = o->as_of_us < o->to_us;
	b->audience = g->f->project.audience;
	b->ref = g->f->ref;
	b->catalogue = g->f->catalogue;
	b->input = files_inputs(&g->f->project.files, &b->ninput);
	if (g->previous != NULL) {
		b->previous = g->previous->findings;
		g->f->previous_dir = b->previous ? g->previous->dir : NULL;
		b->previous_period = g->previous->period;
		b->previous_manifest = g->previous->manifest;
	}
}

/* Kinds of document, and what each claims. */
static void
set_papers(struct gather *g)
{
	struct eval_paper *p = arena_array(g->arena, doc_nkinds + 1,
	    sizeof(*p));

	for (size_t i = 0; i < doc_nkinds; i++) {
		p[i].kind = doc_kinds[i].id;
		p[i].claims = doc_claims(g->arena, &doc_kinds[i],
		    &p[i].nclaims);
	}
	g->in.paper = p;
	g->in.npaper = doc_nkinds;
}

static void
set_input(struct gather *g)
{
	struct eval_input *in = &g->in;
	struct facts *f = g->f;

	in->organisation = f->project.organisation;
	in->from_us = g->options->from_us;
	in->to_us = g->options->to_us;
	in->as_of_us = g->options->as_of_us;
	in->nonce = g->want->nonce;
	in->catalogue = f->catalogue;
	in->ref = f->ref;
	in->stream = g->stream;
	in->nstream = f->build.nstream;
	in->previous = f->build.previous;
	in->engine_sql = g->want->engine_sql;
	in->tests = (enum eval_tests)g->want->tests;
	in->pseudonymise = f->project.pseudonymise;
	in->npseudonymise = f->project.npseudonymise;
	in->project = "exhibit.yaml";
	in->named = g->named;
	in->nnamed = g->nnamed;
	if (g->previous != NULL) {
		in->packed = g->previous->inputs;
		in->packed_us = g->previous->as_of_us;
		in->tier = g->previous->tier;
		in->ntier = g->previous->ntier;
	}
	set_papers(g);
}

/* Events that evidence names: what `for` says beside agent@version and the
 * hash of a policy version. */

static int
keep_named(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct gather *g = ctx;
	struct eval_named *n;

	(void)e;
	if (ncol != 4 || v[3].type != VALUE_INT)
		return 0;
	n = VEC_PUSH(g->arena, g->named, g->nnamed, g->capnamed);
	n->event_id = arena_strndup(g->arena, v[0].p, v[0].len);
	n->event_type = arena_strndup(g->arena, v[1].p, v[1].len);
	n->outcome = v[2].type == VALUE_TEXT ?
	    arena_strndup(g->arena, v[2].p, v[2].len) : NULL;
	n->occurred_us = v[3].i;
	return 0;
}

static int
find_named(struct gather *g, struct err *e)
{
	const struct ref_table *t = ref_table(g->f->ref, "ref_document");
	uint8_t hash[HASH_LEN];

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *what = ref_text(t, i, "for_what");
		struct str s = str_new(g->arena);

		if (what == NULL || strchr(what, '@') != NULL ||
		    hash_unhex(hash, what) == 0)
			continue;
		str_addz(&s, "SELECT e.event_id AS event_id, e.event_type AS "
		    "event_type, e.outcome AS outcome, e.occurred_us AS "
		    "occurred_us FROM event e WHERE e.event_id = ");
		str_add_sqlz(&s, what);
		for (size_t k = 0; k < g->f->nstore; k++)
			if (store_query(g->f->store[k], s.p,
			    g->options->from_us, g->options->to_us,
			    g->options->as_of_us, keep_named, g, e) == -1)
				return err_wrap(e, "for %s", what);
	}
	return 0;
}

/* Policy versions that differ from those of the previous pack. */
static int
find_rewritten(struct gather *g, struct err *e)
{
	const char *path;
	char *p;
	size_t len;

	if (g->previous == NULL)
		return 0;
	path = arena_printf(g->arena, "%s/data/inputs/registry.json",
	    g->previous->dir);
	if (access(path, F_OK) == -1)
		return 0;
	if (out_slurp(g->arena, path, LIMIT_PACK_FILE, &p, &len, e) == -1)
		return -1;
	if (policy_since(g->arena, g->f->ref, p, len, e) == -1)
		return err_wrap(e, "%s", path);
	return 0;
}

static int
open_all(struct gather *g, struct err *e)
{
	struct facts *f = g->f;
	const char *out = *f->project.out_dir == '/' ? f->project.out_dir :
	    arena_printf(g->arena, "%s/%s", g->options->project,
	    f->project.out_dir);
	struct previous *previous;

	if (facts_stores(g->arena, g->options, f, e) == -1)
		return -1;
	if (previous_find(g->arena, out, f->project.organisation,
	    g->options->from_us, f->catalogue, &previous, e) == -1)
		return -1;
	g->previous = previous;
	if (find_rewritten(g, e) == -1)
		return -1;
	return find_streams(g, e);
}

static int
read_log(struct gather *g, struct err *e)
{
	struct facts *f = g->f;
	size_t n = f->build.nstream;

	g->segment = arena_array(g->arena, n + 1, sizeof(*g->segment));
	g->nsegment = arena_array(g->arena, n + 1, sizeof(*g->nsegment));
	for (size_t i = 0; i < n; i++)
		if (find_start(g, i, e) == -1)
			return -1;
	if (find_roots(g, e) == -1)
		return -1;
	set_build(g);
	if (find_named(g, e) == -1)
		return -1;
	set_input(g);
	for (size_t i = 0; i < g->nworker; i++) {
		struct worker *w = &g->worker[i];

		w->eval = eval_new(w->arena, &g->in);
		eval_relate(w->eval, related, w);
	}
	for (size_t i = 0; i < n; i++)
		if (read_stream(g, i, 1, e) == -1)
			return -1;
	return 0;
}

/* Eval reads no files: what it takes for missing may be there, and empty. */
static void
find_places(struct facts *f, struct findings *found)
{
	for (size_t i = 0; i < found->ngap; i++) {
		struct gap *gap = &found->gap[i];

		if (!gap->missing || !files_exist(&f->project.files,
		    gap->fix.file))
			continue;
		gap->missing = 0;
		gap->fix.line = gap->fix.col = 1;
	}
}

static void
conclude(struct gather *g)
{
	struct facts *f = g->f;
	struct eval *first = g->worker[0].eval;
	struct findings *found;

	for (size_t i = 1; i < g->nworker; i++)
		eval_merge(first, g->worker[i].eval);
	answer_built_in(g, first);
	found = eval_finish(first);
	find_places(f, found);
	f->build.findings = found;
	f->decided = f->build.findings->decided;
	for (size_t i = 0; i < f->build.nstream; i++) {
		f->events += g->stream[i].in_period +
		    g->stream[i].earlier_in_period;
		f->build.broken |= !g->stream[i].intact;
	}
}

int
facts_gather(struct arena *a, const struct options *o,
    const struct facts_want *want, struct facts *f, struct err *e)
{
	struct gather g = { .arena = a, .options = o, .want = want, .f = f,
		.lock = PTHREAD_MUTEX_INITIALIZER };
	int rc = -1;

	memset(f, 0, sizeof(*f));
	(void)elapsed_ms(&g.since);
	if (facts_read(a, o, f, e) == -1)
		return -1;
	fill_source_fields(a, f->ref);
	fill_scores(a, f->ref);
	stage_done(&g, "registry and catalogue");
	if (open_all(&g, e) == -1 || open_workers(&g, e) == -1)
		goto out;
	stage_done(&g, "stores");
	if (read_log(&g, e) == -1)
		goto out;
	stage_done(&g, "log: chain and tests of rows");
	if (all_statements(&g, e) == -1)
		goto out;
	stage_done(&g, "statements");
	conclude(&g);
	stage_done(&g, "findings");
	if (want->measures && measure(&g, e) == -1)
		goto out;
	if (want->measures)
		stage_done(&g, "measures");
	rc = 0;
out:
	close_workers(&g);
	return rc;
}

int
facts_log(struct arena *a, const struct options *o,
    const struct previous *previous, struct facts *f, struct err *e)
{
	static const struct facts_want want = { .deep = 1 };
	struct gather g = { .arena = a, .options = o, .want = &want, .f = f,
		.previous = previous };
	int rc = -1;

	if (facts_stores(a, o, f, e) == -1 || find_streams(&g, e) == -1 ||
	    open_workers(&g, e) == -1)
		goto out;
	rc = 0;
	for (size_t i = 0; i < f->build.nstream && rc == 0; i++) {
		rc = read_stream(&g, i, 0, e);
		f->build.broken |= !g.stream[i].intact;
	}
out:
	close_workers(&g);
	return rc;
}

int
facts_close(struct facts *f)
{
	int rc = 0;

	for (size_t i = 0; i < f->nstore; i++)
		rc |= store_close(f->store[i]);
	project_close(&f->project);
	return rc == 0 ? 0 : -1;
}
