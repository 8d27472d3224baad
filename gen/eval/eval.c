#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "eval/inside.h"

/* Names to numbers. */

uint32_t
eval_scope(struct eval *e, const char *name, size_t len)
{
	void **at = map_put(e->scope, name, len);

	if (*at == NULL) {
		*VEC_PUSH(e->arena, e->scopename, e->nscope, e->capscope) =
		    arena_strndup(e->arena, name, len);
		*at = (void *)(uintptr_t)e->nscope;
	}
	return (uint32_t)((uintptr_t)*at - 1);
}

/* A log has few formats; of more than 63 the last ones share a number. */
size_t
eval_format(struct eval *e, const struct value *v)
{
	struct format *f;
	size_t i;

	if (v->type != VALUE_TEXT)
		return 63;
	for (i = 0; i < e->nformat; i++)
		if (strlen(e->format[i].name) == v->len &&
		    memcmp(e->format[i].name, v->p, v->len) == 0)
			return i;
	if (i == 63)
		return i;
	f = VEC_PUSH(e->arena, e->format, e->nformat, e->capformat);
	f->name = arena_strndup(e->arena, v->p, v->len);
	for (uint8_t c = 0; c < EVENT_NCOL; c++)
		f->empty[f->nempty++] = c;
	return i;
}

/* Which columns a format fills is what its rows show. */
static void
see_columns(struct format *f, const struct value *col)
{
	for (size_t i = f->nempty; i-- > 0;) {
		if (col[f->empty[i]].type == VALUE_NULL)
			continue;
		f->fills[f->empty[i]] = 1;
		f->empty[i] = f->empty[--f->nempty];
	}
}

struct job *
eval_job(struct eval *e, const char *test)
{
	for (size_t i = 0; i < e->njob; i++)
		if (strcmp(e->job[i].test->id, test) == 0)
			return &e->job[i];
	return NULL;
}

struct tally *
eval_tally(struct eval *e, struct job *j, uint32_t scope)
{
	struct tally **bigger;
	size_t n;

	if (scope >= j->ntally) {
		n = j->ntally > 0 ? j->ntally : 8;
		while (n <= scope)
			n *= 2;
		bigger = arena_array(e->arena, n, sizeof(*bigger));
		if (j->ntally > 0)
			memcpy(bigger, j->tally, j->ntally * sizeof(*bigger));
		j->tally = bigger;
		j->ntally = n;
	}
	if (j->tally[scope] == NULL) {
		j->tally[scope] = arena_alloc(e->arena, sizeof(struct tally));
		j->tally[scope]->weakest = GRADE_SIGNED;
	}
	return j->tally[scope];
}

/* What a test asks for. */

static int
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The columns of event that a statement names as e.column. */
static void
find_reads(struct eval *e, struct job *j)
{
	const char *p = j->sql;
	char name[64];
	size_t n;
	int col;

	j->reads = arena_alloc(e->arena, EVENT_NCOL);
	if (p == NULL || (strcmp(j->test->over, "event") != 0 &&
	    j->test->exception != NULL))
		return;
	for (const char *q = p; (q = strstr(q, "e.")) != NULL; q += 2) {
		if (q > p && (is_word(q[-1]) || q[-1] == '.'))
			continue;
		for (n = 0; is_word(q[2 + n]) && n + 1 < sizeof(name); n++)
			name[n] = q[2 + n];
		name[n] = '\0';
		col = event_col(name);
		if (col >= 0)
			j->reads[col] = 1;
	}
	/* The joins of every statement do not count as the test's own. */
	if (strstr(p, "p.policy_version") == NULL &&
	    strstr(p, "p.log_version") != NULL && j->test->exception != NULL) {
		struct str s = str_new(e->arena);

		expr_print(&s, j->test->exception);
		if (j->test->where != NULL)
			expr_print(&s, j->test->where);
		j->reads[EVENT_POLICY_VERSION] =
		    strstr(s.p, "e.policy_version") != NULL;
		j->reads[EVENT_POLICY_ID] = strstr(s.p, "e.policy_id") != NULL;
	}
}

static enum how
how_to(const struct eval_input *in, const struct test *t, const char *sql)
{
	if (sql == NULL)
		return HOW_BUILT_IN;
	if (t->exception == NULL || in->engine_sql)
		return HOW_STATEMENT;
	return strcmp(t->over, "event") == 0 ? HOW_PASS : HOW_REF;
}

static int
left_out(const struct eval *e, const struct job *j)
{
	if (j->how == HOW_BUILT_IN || e->in->tests == EVAL_ALL)
		return 0;
	return j->test->exception == NULL ||
	    (j->looks && e->in->tests == EVAL_ROW);
}

static void
add_job(struct eval *e, const struct control *c, const struct test *t,
    int64_t from_us, int64_t to_us)
{
	struct job *j = VEC_PUSH(e->arena, e->job, e->njob, e->capjob);

	j->control = c;
	j->test = t;
	j->sql = t->built_in != NULL ? builtin_sql(e->arena, e->in, t->id) :
	    t->sql;
	j->how = how_to(e->in, t, j->sql);
	j->row = t->built_in != NULL ? builtin_row(t->id) : NULL;
	j->late = t->built_in != NULL ? late_test(t->id) : NULL;
	j->answered = j->row != NULL;
	j->from_us = from_us;
	j->to_us = to_us;
	j->looks = (t->exception != NULL && expr_looks(t->exception)) ||
	    (t->where != NULL && expr_looks(t->where));
	if (left_out(e, j))
		j->failed = "left out by --tests";
	j->where = j->exception = NODE_NONE;
	if (t->where != NULL)
		j->where = plan_add(e->plan, t->over, t->where);
	if (t->exception != NULL)
		j->exception = plan_add(e->plan, t->over, t->exception);
	find_reads(e, j);
}

/* {each: P1M}: the calendar months that the period touches and that have
 * ended; one that is still running says nothing yet. */
static void
add_months(struct eval *e, const struct control *c, const struct test *t)
{
	const struct eval_input *in = e->in;
	const struct date_span month = { 1, 0 };
	int64_t from, to;
	int y, m, d;

	date_split(in->from_us, &y, &m, &d);
	for (from = date_civil(y, m, 1); from < in->to_us; from = to) {
		to = date_add(from, month, 1);
		if (to > in->as_of_us && from > in->from_us)
			break;
		add_job(e, c, t, from > in->from_us ? from : in->from_us,
		    to < in->to_us ? to : in->to_us);
	}
}

static void
add_jobs(struct eval *e)
{
	const struct catalogue *cat = e->in->catalogue;

	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++) {
			const struct control *c = &cat->control[i];
			const struct test *t = &c->test[k];

			if (t->monthly)
				add_months(e, c, t);
			else
				add_job(e, c, t, t->window_back_us > 0 ?
				    e->in->to_us - t->window_back_us :
				    e->in->from_us, e->in->to_us);
		}
	e->whole = SIZE_MAX;
	for (size_t i = 0; i < e->njob; i++)
		if (strcmp(e->job[i].test->id, "AU-01.t1") == 0)
			e->whole = i;
}

/* An event type leaves most tests out before a column is looked at.  Jobs of
 * the period itself come first, so that parameters rarely change. */
static void
add_types(struct eval *e)
{
	e->type = map_new(e->arena);
	e->bytype = arena_array(e->arena, event_ntype + 1, sizeof(*e->bytype));
	e->nbytype = arena_array(e->arena, event_ntype + 1,
	    sizeof(*e->nbytype));
	for (size_t t = 0; t <= event_ntype; t++)
		e->bytype[t] = arena_array(e->arena, e->njob + 1,
		    sizeof(**e->bytype));
	for (size_t t = 0; t < event_ntype; t++)
		*map_putz(e->type, event_type[t]) = (void *)(uintptr_t)(t + 1);
	for (size_t w = 0; w < 2; w++)
		for (size_t i = 0; i < e->njob; i++) {
			struct job *j = &e->job[i];
			int own = j->from_us != e->in->from_us ||
			    j->to_us != e->in->to_us;

			if (own != (int)w || strcmp(j->test->over, "event") != 0)
				continue;
			for (size_t t = 0; t <= event_ntype; t++) {
				unsigned may = j->where == NODE_NONE ? 2 :
				    t == event_ntype ? 7 : plan_may(e->plan,
				    j->where, event_type[t]);

				if (may != 1 && t < 64)
					j->types |= UINT64_C(1) << t;
				if (may != 1 && (j->row != NULL ||
				    (j->how == HOW_PASS && j->failed == NULL)))
					e->bytype[t][e->nbytype[t]++] =
					    (uint32_t)i;
			}
		}
}

/* Statements: the test's text, and beside each place what its row says. */

static const char *
wrapped(struct eval *e, const struct job *j)
{
	struct str s = str_new(e->arena);

	str_addz(&s, "SELECT t.scope, t.stream, t.seq, t.broken, "
	    "o.occurred_us, o.source_grade, o.source_format, o.agent_id, "
	    "o.event_type, o.policy_id, o.policy_version");
	for (int c = 0; c < EVENT_NCOL; c++)
		if (j->reads[c])
			str_addf(&s, ", o.%s", event_column[c].name);
	str_addf(&s, "\nFROM (\n%s\n) t LEFT JOIN event o ON o.stream = "
	    "t.stream AND o.seq = t.seq", j->sql);
	return s.p;
}

static void
add_statement(struct eval *e, size_t i)
{
	const struct job *j = &e->job[i];
	struct eval_statement *st = &e->statement[e->nstatement];

	st->test = j->test;
	st->from_us = j->from_us;
	st->to_us = j->to_us;
	st->over_ref = strcmp(j->test->over, "event") != 0;
	st->sql = j->sql;
	st->own = j->test->built_in != NULL;
	st->narrow = j->test->nreads > 0 && !e->in->engine_sql;
	e->statementjob[e->nstatement++] = i;
	if (!st->over_ref)
		st->sql = wrapped(e, j);
}

static void
add_ranks(struct eval *e)
{
	const struct eval_input *in = e->in;
	char root[HASH_HEXLEN];

	e->rank = arena_array(e->arena, in->nstream + 1, sizeof(*e->rank));
	e->ranklen = arena_array(e->arena, in->nstream + 1,
	    sizeof(*e->ranklen));
	e->streamscope = arena_array(e->arena, in->nstream + 1,
	    sizeof(*e->streamscope));
	for (size_t i = 0; i < in->nstream; i++) {
		const struct stream *s = &in->stream[i];

		hash_hex(root, s->root);
		e->rank[i] = str_new(e->arena);
		str_addf(&e->rank[i], "exhibit-sample/1\n%s\n%s\n", s->origin,
		    in->nonce ? in->nonce : root);
		e->ranklen[i] = e->rank[i].len;
		e->streamscope[i] = eval_scope(e, s->name, strlen(s->name));
	}
}

struct eval *
eval_new(struct arena *a, const struct eval_input *in)
{
	struct eval *e = arena_alloc(a, sizeof(*e));

	e->arena = a;
	e->in = in;
	e->plan = plan_new(a, in->ref);
	e->hash = hash_new(a);
	e->scope = map_new(a);
	e->quiet = map_new(a);
	e->organisation = eval_scope(e, in->organisation,
	    strlen(in->organisation));
	add_jobs(e);
	add_types(e);
	late_auditors(e);
	add_ranks(e);
	e->statement = arena_array(a, e->njob + 1, sizeof(*e->statement));
	e->statementjob = arena_array(a, e->njob + 1,
	    sizeof(*e->statementjob));
	for (size_t i = 0; i < e->njob; i++)
		if (e->job[i].how == HOW_STATEMENT &&
		    e->job[i].failed == NULL)
			add_statement(e, i);
	plan_params(e->plan, in->from_us, in->to_us, in->as_of_us);
	e->param_from = in->from_us;
	e->param_to = in->to_us;
	e->about_from = in->from_us;
	e->about_to = in->to_us;
	return e;
}

void
eval_relate(struct eval *e, eval_related_fn *fn, void *ctx)
{
	plan_relate(e->plan, fn, ctx);
}

void
eval_free(struct eval *e)
{
	if (e != NULL)
		hash_free(e->hash);
}

/* Counting. */

static int
drawn_cmp(const struct drawn *a, const struct drawn *b)
{
	return memcmp(a->rank, b->rank, HASH_LEN);
}

static void
sift_down(struct drawn *h, size_t n)
{
	size_t i = 0, k;
	struct drawn t;

	while ((k = 2 * i + 1) < n) {
		if (k + 1 < n && drawn_cmp(&h[k + 1], &h[k]) > 0)
			k++;
		if (drawn_cmp(&h[i], &h[k]) >= 0)
			return;
		t = h[i];
		h[i] = h[k];
		h[k] = t;
		i = k;
	}
}

static void
sift_up(struct drawn *h, size_t i)
{
	struct drawn t;

	while (i > 0 && drawn_cmp(&h[(i - 1) / 2], &h[i]) < 0) {
		t = h[i];
		h[i] = h[(i - 1) / 2];
		h[(i - 1) / 2] = t;
		i = (i - 1) / 2;
	}
}

/* Keeps the LIMIT_SAMPLE smallest ranks. */
static void
keep_drawn(struct eval *e, struct tally *t, const struct drawn *d)
{
	if (t->nsample < LIMIT_SAMPLE) {
		*VEC_PUSH(e->arena, t->sample, t->nsample, t->capsample) = *d;
		sift_up(t->sample, t->nsample - 1);
	} else if (drawn_cmp(d, &t->sample[0]) < 0) {
		t->sample[0] = *d;
		sift_down(t->sample, t->nsample);
	}
}

static void
rank_row(struct eval *e, uint32_t stream, uint64_t seq, uint8_t out[HASH_LEN])
{
	struct str *s = &e->rank[stream];

	s->len = e->ranklen[stream];
	str_addu(s, seq);
	str_addc(s, '\n');
	hash_bytes(e->hash, out, s->p, s->len);
}

static void
draw_row(struct eval *e, struct tally *t, uint32_t stream, uint64_t seq)
{
	struct drawn d;

	if (!e->ranked) {
		rank_row(e, stream, seq, e->rowrank);
		e->ranked = 1;
	}
	if (t->nsample == LIMIT_SAMPLE &&
	    memcmp(e->rowrank, t->sample[0].rank, HASH_LEN) >= 0)
		return;
	memset(&d, 0, sizeof(d));
	memcpy(d.rank, e->rowrank, HASH_LEN);
	d.at.stream = stream;
	d.at.seq = seq;
	keep_drawn(e, t, &d);
}

static void
add_exception(struct eval *e, struct tally *t, const struct cite *at)
{
	struct cite *c;

	if (t->nexception < LIMIT_EXCEPTIONS) {
		c = VEC_PUSH(e->arena, t->exception, t->nexception,
		    t->capexception);
		*c = *at;
	}
}

static void
count(struct eval *e, struct tally *t, const struct cite *at, int broken)
{
	t->n++;
	if (broken == 1) {
		t->x++;
		add_exception(e, t, at);
	} else if (broken == -1) {
		t->b++;
	}
}

static void
count_time(struct tally *t, int64_t us, enum grade g, size_t format)
{
	if (t->n == 1 || us < t->first_us)
		t->first_us = us;
	if (t->n == 1 || us > t->last_us)
		t->last_us = us;
	if (g < t->weakest)
		t->weakest = g;
	t->formats |= UINT64_C(1) << format;
}

/* What the blind rows lack: what all of them do, and what any does. */
static void
add_why(struct eval *e, struct tally *t, const struct plan_why *w)
{
	if (t->all == NULL) {
		t->all = arena_memdup(e->arena, w, sizeof(*w));
		t->any = arena_memdup(e->arena, w, sizeof(*w));
		return;
	}
	for (size_t i = 0; i < PLAN_THINGS / 64; i++) {
		t->all->bit[i] &= w->bit[i];
		t->any->bit[i] |= w->bit[i];
	}
}

/* The row in plan has no answer: why. */
static void
blame(struct eval *e, const struct job *j, struct tally *t,
    const struct value *col)
{
	struct plan_why w = { { 0 } };

	/* By the row itself: as where the statement ran, of related events
	 * only what they may lack is known. */
	if (j->looks)
		plan_blind(e->plan, 1);
	if (j->exception == NODE_NONE) {
		for (size_t c = 0; c < EVENT_NCOL && col != NULL; c++)
			if (j->reads[c] && col[c].type == VALUE_NULL)
				w.bit[c / 64] |= UINT64_C(1) << (c % 64);
	} else if (j->where != NODE_NONE && plan_test(e->plan, j->where) == -1) {
		plan_blame(e->plan, j->where, &w);
	} else {
		plan_blame(e->plan, j->exception, &w);
	}
	if (j->looks)
		plan_blind(e->plan, 0);
	add_why(e, t, &w);
}

static void
set_params(struct eval *e, int64_t from_us, int64_t to_us)
{
	if (e->param_from == from_us && e->param_to == to_us)
		return;
	plan_params(e->plan, from_us, to_us, e->in->as_of_us);
	e->param_from = from_us;
	e->param_to = to_us;
}

/* A test whose other events could not be read, now or before, did not run. */
static int
cannot_look(struct eval *e, struct job *j)
{
	const char *why = plan_failed(e->plan);

	if (why != NULL && j->failed == NULL) {
		j->failed = arena_strdup(e->arena, why);
		j->ntally = 0;
	}
	return j->failed != NULL;
}

/* 1, 0, -1, or 2: outside the population. */
static int
ask(struct eval *e, const struct job *j)
{
	int in = 1, out;

	if (j->row != NULL)
		return j->row(e->in, e->row);

	if (j->where != NODE_NONE)
		in = plan_test(e->plan, j->where);
	if (in == 0)
		return 2;
	out = plan_test(e->plan, j->exception);
	return in == -1 ? -1 : out;
}

/* The pass. */

static uint32_t
row_scope(struct eval *e, enum test_scope s)
{
	const struct value *v = NULL;

	if (e->rowscope[s] != UINT32_MAX)
		return e->rowscope[s];
	if (s == SCOPE_AGENT) {
		v = plan_agent(e->plan);
		if (v == NULL)
			v = &e->row->col[EVENT_AGENT_ID];
	} else if (s == SCOPE_POLICY) {
		v = &e->row->col[EVENT_POLICY_ID];
	}
	if (s == SCOPE_STREAM)
		e->rowscope[s] = e->streamscope[e->rowstream];
	else if (v == NULL || v->type != VALUE_TEXT)
		e->rowscope[s] = e->organisation;
	else
		e->rowscope[s] = eval_scope(e, v->p, v->len);
	return e->rowscope[s];
}

static void
row_grade(struct eval *e)
{
	const struct value *v = e->row->col;
	int g;

	if (e->graded)
		return;
	g = value_text(&v[EVENT_SOURCE_GRADE]) == NULL ? -1 :
	    grade_parse(v[EVENT_SOURCE_GRADE].p);
	e->rowgrade = g < 0 ? GRADE_BROKEN : (enum grade)g;
	e->rowformat = eval_format(e, &v[EVENT_SOURCE_FORMAT]);
	e->graded = 1;
}

static void
feed_tally(struct eval *e, struct job *j, enum test_scope scope, int broken)
{
	struct tally *t = eval_tally(e, j, row_scope(e, scope));
	struct cite at = { .stream = e->rowstream, .seq = e->row->seq };

	row_grade(e);
	count(e, t, &at, broken);
	count_time(t, e->row->col[EVENT_OCCURRED_US].i, e->rowgrade,
	    e->rowformat);
	draw_row(e, t, e->rowstream, e->row->seq);
	if (broken == -1)
		blame(e, j, t, e->row->col);
}

void
eval_feed(struct eval *e, uint32_t stream, const struct event *ev)
{
	const struct value *type = &ev->col[EVENT_EVENT_TYPE];
	int64_t us = ev->col[EVENT_OCCURRED_US].i;
	size_t t = event_ntype;

	e->row = ev;
	e->rowstream = stream;
	e->ranked = e->graded = 0;
	memset(e->rowscope, 0xff, sizeof(e->rowscope));
	if (type->type == VALUE_TEXT) {
		uintptr_t at = (uintptr_t)map_get(e->type, type->p, type->len);

		t = at > 0 ? at - 1 : t;
	}
	if (us >= e->in->from_us && us < e->in->to_us)
		e->seen |= UINT64_C(1) << (t < 63 ? t : 63);
	if (e->nauditor > 0)
		late_event(e, stream, ev);
	row_grade(e);
	if (e->rowformat < e->nformat)
		see_columns(&e->format[e->rowformat], ev->col);
	set_params(e, e->in->from_us, e->in->to_us);
	plan_event(e->plan, stream, ev->col);
	if (e->whole != SIZE_MAX &&
	    ev->seq >= e->in->stream[stream].previous_size) {
		feed_tally(e, &e->job[e->whole], SCOPE_STREAM, 0);
		e->job[e->whole].answered = 1;
	}
	for (size_t i = 0; i < e->nbytype[t]; i++) {
		struct job *j = &e->job[e->bytype[t][i]];
		int broken;

		if (us < j->from_us || us >= j->to_us)
			continue;
		set_params(e, j->from_us, j->to_us);
		broken = ask(e, j);
		if (j->looks && cannot_look(e, j))
			continue;
		if (broken != 2)
			feed_tally(e, j, j->test->scope, broken);
	}
}

/* Joining threads. */

static int
cite_order(const void *a, const void *b)
{
	return cite_cmp(a, b);
}

/* Each side holds its first ones; of both the first ones are kept. */
static void
merge_exceptions(struct eval *e, struct tally *to, const struct tally *from)
{
	for (size_t i = 0; i < from->nexception; i++)
		*VEC_PUSH(e->arena, to->exception, to->nexception,
		    to->capexception) = from->exception[i];
	if (to->nexception <= LIMIT_EXCEPTIONS)
		return;
	qsort(to->exception, to->nexception, sizeof(*to->exception),
	    cite_order);
	to->nexception = LIMIT_EXCEPTIONS;
}

static void
merge_tally(struct eval *e, struct tally *to, const struct tally *from,
    const uint64_t *format)
{
	if (from->n > 0) {
		if (to->n == 0 || from->first_us < to->first_us)
			to->first_us = from->first_us;
		if (to->n == 0 || from->last_us > to->last_us)
			to->last_us = from->last_us;
	}
	to->n += from->n;
	to->x += from->x;
	to->b += from->b;
	if (from->weakest < to->weakest)
		to->weakest = from->weakest;
	merge_exceptions(e, to, from);
	for (size_t i = 0; i < from->nsample; i++)
		keep_drawn(e, to, &from->sample[i]);
	for (size_t i = 0; i < 64; i++)
		if (from->formats & (UINT64_C(1) << i))
			to->formats |= format[i];
	if (from->all != NULL) {
		struct plan_why any = *from->any;

		add_why(e, to, from->all);
		for (size_t i = 0; i < PLAN_THINGS / 64; i++)
			to->any->bit[i] |= any.bit[i];
	}
}

void
eval_merge(struct eval *e, struct eval *other)
{
	uint64_t format[64];

	for (size_t i = 0; i < 64; i++) {
		struct value v = { .type = VALUE_TEXT };

		format[i] = UINT64_C(1) << 63;
		if (i >= other->nformat)
			continue;
		v.p = other->format[i].name;
		v.len = strlen(v.p);
		format[i] = UINT64_C(1) << eval_format(e, &v);
		for (size_t c = 0, k = eval_format(e, &v); c < EVENT_NCOL &&
		    k < e->nformat; c++)
			e->format[k].fills[c] |= other->format[i].fills[c];
	}
	e->seen |= other->seen;
	late_merge(e, other);
	for (size_t i = 0; i < e->njob; i++) {
		const struct job *o = &other->job[i];

		e->job[i].answered |= o->answered;
		if (o->failed != NULL && e->job[i].failed == NULL) {
			e->job[i].failed = arena_strdup(e->arena, o->failed);
			e->job[i].ntally = 0;
		}
		if (e->job[i].failed != NULL)
			continue;
		for (uint32_t s = 0; s < o->ntally; s++)
			if (o->tally[s] != NULL)
				merge_tally(e, eval_tally(e, &e->job[i],
				    eval_scope(e, other->scopename[s],
				    strlen(other->scopename[s]))), o->tally[s],
				    format);
	}
}

/* Statements. */

size_t
eval_statements(struct eval *e, const struct eval_statement **out)
{
	*out = e->statement;
	return e->nstatement;
}

/* Each word of a statement that is the name of a column. */
static void
named_columns(const char *sql, uint8_t *column)
{
	char name[64];
	size_t n = 0;
	int col;

	for (;; sql++) {
		char c = *sql >= 'A' && *sql <= 'Z' ? (char)(*sql + 32) : *sql;

		if (is_word(c)) {
			if (n + 1 < sizeof(name))
				name[n++] = c;
			continue;
		}
		name[n] = '\0';
		col = n > 0 ? event_col(name) : -1;
		if (col >= 0)
			column[col] = 1;
		if (*sql == '\0')
			return;
		n = 0;
	}
}

size_t
eval_narrow(const struct eval *e, uint8_t *type, uint8_t *column)
{
	size_t n = 0;

	memset(type, 0, event_ntype);
	memset(column, 0, EVENT_NCOL);
	column[EVENT_STREAM] = column[EVENT_SEQ] = column[EVENT_EVENT_TYPE] = 1;
	for (size_t i = 0; i < e->nstatement; i++) {
		const struct test *t = e->statement[i].test;

		if (!e->statement[i].narrow)
			continue;
		n++;
		named_columns(e->statement[i].sql, column);
		for (size_t r = 0; r < t->nreads; r++)
			for (size_t k = 0; k < event_ntype; k++)
				if (strcmp(event_type[k], t->reads[r]) == 0)
					type[k] = 1;
	}
	return n;
}

static uint32_t
find_stream(const struct eval *e, const struct value *v)
{
	for (uint32_t i = 0; i < e->in->nstream; i++)
		if (v->type == VALUE_TEXT &&
		    strcmp(v->p, e->in->stream[i].name) == 0)
			return i;
	return UINT32_MAX;
}

/* 1, 0, -1 for NULL, or -2: against the rules. */
static int
broken_of(const struct value *v)
{
	if (v->type == VALUE_NULL)
		return -1;
	return v->type == VALUE_INT && (v->i == 0 || v->i == 1) ? (int)v->i :
	    -2;
}

static size_t
find_place(const struct ref_table *t, const struct value *file,
    const struct value *line)
{
	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		if (value_eq(ref_value(t, i, "line"), line) &&
		    value_eq(ref_value(t, i, "file"), file))
			return i;
	return SIZE_MAX;
}

static int
row_of_ref(struct eval *e, struct job *j, const struct value *v, int broken,
    struct err *err)
{
	const struct ref_table *t = ref_table(e->in->ref, j->test->over);
	struct tally *ta = eval_tally(e, j, eval_scope(e, v[0].p, v[0].len));
	size_t row = find_place(t, &v[1], &v[2]);
	struct cite at = { 0 };

	/* IN-02.t2 names the agent where the registry lacks the incident. */
	for (size_t i = 0; row == SIZE_MAX && i < e->in->ref->n; i++) {
		t = &e->in->ref->table[i];
		row = find_place(t, &v[1], &v[2]);
	}
	if (row == SIZE_MAX)
		return err_set(err, ERR_INPUT,
		    "a place that is no row of %s", j->test->over);
	at.at = t->at ? t->at[row] : at.at;
	count(e, ta, &at, broken);
	if (broken == -1 && j->exception != NODE_NONE) {
		set_params(e, j->from_us, j->to_us);
		plan_ref(e->plan, t, row);
		blame(e, j, ta, NULL);
	}
	return 0;
}

/* The columns that add_statement asked for, where a record has them. */
static void
row_columns(const struct job *j, const struct value *v, struct value *col)
{
	static const enum event_col fixed[] = {
		EVENT_OCCURRED_US, EVENT_SOURCE_GRADE, EVENT_SOURCE_FORMAT,
		EVENT_AGENT_ID, EVENT_EVENT_TYPE, EVENT_POLICY_ID,
		EVENT_POLICY_VERSION
	};
	size_t n = sizeof(fixed) / sizeof(fixed[0]);

	memset(col, 0, EVENT_NCOL * sizeof(*col));
	for (size_t i = 0; i < n; i++)
		col[fixed[i]] = v[i];
	for (int c = 0; c < EVENT_NCOL; c++)
		if (j->reads[c])
			col[c] = v[n++];
}

static int
row_of_event(struct eval *e, struct job *j, const struct value *v, int broken,
    struct err *err)
{
	struct value col[EVENT_NCOL];
	struct event ev = { .seq = (uint64_t)v[2].i };
	struct tally *t;
	struct cite at = { 0 };

	at.stream = find_stream(e, &v[1]);
	if (at.stream == UINT32_MAX || v[2].type != VALUE_INT || v[2].i < 0 ||
	    v[4].type != VALUE_INT)
		return err_set(err, ERR_INPUT, "a place that is no event");
	/* Rows after the checkpoint wait for the next pack. */
	if (ev.seq >= e->in->stream[at.stream].size)
		return 0;
	at.seq = ev.seq;
	row_columns(j, v + 4, col);
	memcpy(ev.col, col, sizeof(col));
	e->row = &ev;
	e->ranked = e->graded = 0;
	row_grade(e);
	t = eval_tally(e, j, eval_scope(e, v[0].p, v[0].len));
	count(e, t, &at, broken);
	count_time(t, v[4].i, e->rowgrade, e->rowformat);
	draw_row(e, t, at.stream, at.seq);
	if (broken == -1) {
		set_params(e, j->from_us, j->to_us);
		plan_event(e->plan, at.stream, col);
		blame(e, j, t, col);
	}
	e->row = NULL;
	return 0;
}

int
eval_row(struct eval *e, const struct eval_statement *st,
    const struct value *v, size_t ncol, struct err *err)
{
	struct job *j = &e->job[e->statementjob[st - e->statement]];
	int broken;

	if (ncol < 4)
		return err_set(err, ERR_INPUT,
		    "%zu columns, want scope, stream, seq, broken", ncol);
	broken = broken_of(&v[3]);
	if (broken == -2 || v[0].type != VALUE_TEXT)
		return err_set(err, ERR_INPUT, broken == -2 ?
		    "broken is neither 1, 0 nor NULL" : "scope is not text");
	return st->over_ref ? row_of_ref(e, j, v, broken, err) :
	    row_of_event(e, j, v, broken, err);
}

void
eval_failed(struct eval *e, const struct eval_statement *st, const char *msg)
{
	struct job *j = &e->job[e->statementjob[st - e->statement]];

	j->failed = arena_strdup(e->arena, msg);
	j->ntally = 0;
}

/* Built-in tests. */

void
eval_built_in(struct eval *e, const char *test, const char *scope,
    const struct cite *at, int broken, const char *detail)
{
	struct job *j = eval_job(e, test);
	struct tally *t;

	if (j == NULL)
		return;
	j->answered = 1;
	t = eval_tally(e, j, eval_scope(e, scope, strlen(scope)));
	count(e, t, at, broken);
	/* Rows of AU-01.t1 were counted as they were read. */
	if (e->whole != SIZE_MAX && j == &e->job[e->whole] && t->n > t->x)
		t->n--;
	if (detail != NULL)
		t->detail = arena_strdup(e->arena, detail);
}

void
eval_quiet(struct eval *e, const char *test, const char *scope,
    const char *because)
{
	struct job *j = eval_job(e, test);

	if (j == NULL)
		return;
	j->answered = 1;
	eval_tally(e, j, eval_scope(e, scope, strlen(scope)));
	*map_putz(e->quiet, arena_printf(e->arena, "%s\n%s", test, scope)) =
	    arena_strdup(e->arena, because);
}

/* Tests over reference tables. */

static uint32_t
reference_scope(struct eval *e, const struct test *t,
    const struct ref_table *r, size_t row)
{
	const char *col = t->scope == SCOPE_AGENT ? "agent_id" :
	    t->scope == SCOPE_POLICY ? "policy_id" : NULL;
	const char *name = col ? ref_text(r, row, col) : NULL;

	return name == NULL ? e->organisation :
	    eval_scope(e, name, strlen(name));
}

void
eval_reference(struct eval *e)
{
	for (size_t i = 0; i < e->njob; i++) {
		struct job *j = &e->job[i];
		const struct ref_table *r = ref_table(e->in->ref,
		    j->test->over);

		if (j->how != HOW_REF)
			continue;
		set_params(e, j->from_us, j->to_us);
		for (size_t row = 0; r != NULL && row < r->nrow; row++) {
			struct cite at = { 0 };
			struct tally *t;
			int broken;

			plan_ref(e->plan, r, row);
			broken = ask(e, j);
			if (broken == 2)
				continue;
			at.at = r->at ? r->at[row] : at.at;
			t = eval_tally(e, j, reference_scope(e, j->test, r,
			    row));
			count(e, t, &at, broken);
			if (broken == -1)
				blame(e, j, t, NULL);
		}
	}
}

struct findings *
eval_finish(struct eval *e)
{
	e->f = arena_alloc(e->arena, sizeof(*e->f));
	e->byname = map_new(e->arena);
	eval_reference(e);
	verdict_results(e);
	evidence_idle(e);
	verdict_statuses(e);
	coverage_find(e);
	gap_find(e);
	unlock_find(e);
	return e->f;
}
