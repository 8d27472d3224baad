/* A small world for the tests of eval: one stream, a few tables, no files. */
#ifndef TESTS_EVAL_HELP_H
#define TESTS_EVAL_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "eval/eval.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define DAY DATE_DAY

/* A world with one stream, two agents and a few tests. */
struct world {
	struct arena *a;
	struct catalogue cat;
	struct control control[3];
	struct test test[12];
	size_t ntest;
	struct ref ref;
	struct stream stream[2];
	struct eval_input in;
	struct event *event;
	size_t nevent;
	struct findings *f;
};

static inline struct ref_table *
table(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->ref.n; i++)
		if (strcmp(w->ref.table[i].name, name) == 0)
			return &w->ref.table[i];
	fail_msg("no table %s", name);
	return NULL;
}

/* Adds a row; columns and values alternate, ended by NULL.  A value that
 * begins with # is a number. */
static inline void
row(struct world *w, const char *name, ...)
{
	struct ref_table *t = table(w, name);
	struct value *cell = arena_array(w->a, (t->nrow + 1) * t->ncol,
	    sizeof(*cell));
	struct mark *at = arena_array(w->a, t->nrow + 1, sizeof(*at));
	va_list ap;
	const char *col, *text;

	if (t->nrow > 0) {
		memcpy(cell, t->cell, t->nrow * t->ncol * sizeof(*cell));
		memcpy(at, t->at, t->nrow * sizeof(*at));
	}
	at[t->nrow].file = name;
	at[t->nrow].line = (uint32_t)t->nrow + 1;
	at[t->nrow].col = 1;
	va_start(ap, name);
	while ((col = va_arg(ap, const char *)) != NULL) {
		struct value *v = &cell[t->nrow * t->ncol +
		    (size_t)ref_colno(t, col)];

		text = va_arg(ap, const char *);
		v->type = *text == '#' ? VALUE_INT : VALUE_TEXT;
		v->p = text;
		v->len = strlen(text);
		for (const char *p = text + 1; *text == '#' && *p != '\0'; p++)
			v->i = v->i * 10 + (*p - '0');
	}
	va_end(ap);
	t->cell = cell;
	t->at = at;
	t->nrow++;
}

static inline void
text(struct value *v, const char *p)
{
	v->type = VALUE_TEXT;
	v->p = p;
	v->len = strlen(p);
}

static inline void
number(struct value *v, int64_t i)
{
	v->type = VALUE_INT;
	v->i = i;
}

static inline struct event *
event(struct world *w, const char *agent, const char *type, int64_t us)
{
	struct event *ev = &w->event[w->nevent];

	ev->seq = w->nevent++;
	text(&ev->col[EVENT_AGENT_ID], agent);
	text(&ev->col[EVENT_EVENT_TYPE], type);
	text(&ev->col[EVENT_STREAM], "main");
	text(&ev->col[EVENT_SOURCE_FORMAT], "native");
	text(&ev->col[EVENT_SOURCE_GRADE], "chained");
	number(&ev->col[EVENT_SEQ], (int64_t)ev->seq);
	number(&ev->col[EVENT_OCCURRED_US], us);
	return ev;
}

static inline struct test *
add_test(struct world *w, const char *id, const char *where, const char *exception)
{
	struct test *t = &w->test[w->ntest++];

	t->id = id;
	t->title = "title";
	t->over = "event";
	t->where_text = where;
	t->exception_text = exception;
	t->key = 1;
	t->min_population = 1;
	w->control[0].ntest = w->ntest;
	return t;
}

static inline struct world *
world_new(struct arena *a)
{
	struct world *w = arena_alloc(a, sizeof(*w));

	w->a = a;
	w->event = arena_array(a, 2000, sizeof(*w->event));
	w->cat.control = w->control;
	w->cat.ncontrol = 1;
	w->control[0].id = "X-01";
	w->control[0].title = w->control[0].objective = "control";
	w->control[0].test = w->test;
	w->ref.n = ref_nschema;
	w->ref.table = arena_array(a, ref_nschema, sizeof(*w->ref.table));
	for (size_t i = 0; i < ref_nschema; i++) {
		w->ref.table[i].name = ref_schema[i].name;
		w->ref.table[i].col = ref_schema[i].col;
		w->ref.table[i].ncol = ref_schema[i].ncol;
	}
	w->stream[0].name = "main";
	w->stream[0].origin = "acme.example/main/refunds";
	w->stream[0].size = 1000000;
	w->stream[0].intact = 1;
	w->in.organisation = "acme";
	w->in.from_us = 100 * DAY;
	w->in.to_us = 191 * DAY;
	w->in.as_of_us = 200 * DAY;
	w->in.catalogue = &w->cat;
	w->in.ref = &w->ref;
	w->in.stream = w->stream;
	w->in.nstream = 1;
	w->in.nonce = "a1b2c3d4e5f60718";
	w->in.project = "exhibit.yaml";
	return w;
}

static inline void
agents(struct world *w)
{
	row(w, "ref_agent", "agent_id", "desk", "lifecycle", "prod", NULL);
	row(w, "ref_agent", "agent_id", "refunds", "lifecycle", "prod", NULL);
	row(w, "ref_agent_name", "name", "desk", "agent_id", "desk", NULL);
	row(w, "ref_agent_name", "name", "refunds", "agent_id", "refunds", NULL);
	row(w, "ref_agent_name", "name", "did:x", "agent_id", "refunds", NULL);
}

static inline void
compile(struct world *w)
{
	struct diag d;

	diag_init(&d, w->a);
	eval_compile(w->a, &w->cat, "acme", &d);
	if (d.total > 0)
		fail_msg("%s", d.line[0]);
}

/* Feeds in n pieces, as n threads would. */
static inline struct findings *
run(struct world *w, size_t pieces)
{
	struct eval *first = NULL;

	for (size_t k = 0; k < pieces; k++) {
		struct eval *e = eval_new(w->a, &w->in);

		for (size_t i = w->nevent * k / pieces;
		    i < w->nevent * (k + 1) / pieces; i++)
			eval_feed(e, 0, &w->event[i]);
		if (first != NULL) {
			eval_merge(first, e);
			eval_free(e);
		} else {
			first = e;
		}
	}
	w->f = eval_finish(first);
	eval_free(first);
	return w->f;
}

static inline const struct result *
find(struct world *w, const char *id, const char *scope)
{
	const struct result *r = finding_result(w->f, id, scope);

	if (r == NULL)
		fail_msg("no result of %s in %s", id, scope);
	return r;
}

static inline int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#endif
