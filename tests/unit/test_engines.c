/*
 * The compiled tests against their SQL text, row by row: random events and
 * reference rows with NULLs, for every shape of predicate and for every test
 * that ships.  The texts that say which event types they read, with and
 * without the other types.  And blindness: taking a value away never makes a row good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "eval/eval.h"
#include "eval/plan.h"
#include "model/event.h"
#include "read/catalogue.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define EVENTS 120
#define ROWS 9
#define FROM_US (20002 * DATE_DAY)
#define TO_US (20009 * DATE_DAY)

struct world {
	struct arena *arena;
	uint64_t seed;
	int64_t as_of_us; /* soon after the period, or weeks */
	struct catalogue *cat;
	sqlite3 *db;
	struct ref ref;
	struct event event[EVENTS];
	const char **word; /* texts that predicates compare with */
	size_t nword, capword;
};

/* SplitMix64. */
static uint64_t
draw(struct world *w, uint64_t below)
{
	uint64_t z = (w->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* Few values, so that rows meet: words of the predicates, and five ids; times
 * of fourteen days, some of them spans. */
static struct value
random_value(struct world *w, const char *name, enum value_type type,
    int required)
{
	static const char *const id[] = { "a", "b", "c", "d\xc3\xa9", "" };
	struct value v = { .type = type };

	if (!required && draw(w, 4) == 0) {
		v.type = VALUE_NULL;
		return v;
	}
	v.i = (int64_t)draw(w, 14) - 1;
	if (strlen(name) > 3 && strcmp(name + strlen(name) - 3, "_us") == 0)
		v.i = v.i * DATE_DAY + (int64_t)draw(w, 3) * DATE_MINUTE +
		    (draw(w, 5) > 0 ? 20000 * DATE_DAY : 0);
	v.p = w->nword > 0 && draw(w, 2) == 0 ? w->word[draw(w, w->nword)] :
	    id[draw(w, LEN(id))];
	v.len = strlen(v.p);
	return v;
}

static void
must(struct world *w, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
		fail_msg("sqlite: %s", sqlite3_errmsg(w->db));
}

static void
run(struct world *w, const char *sql)
{
	must(w, sqlite3_exec(w->db, sql, NULL, NULL, NULL));
}

static void
bind(struct world *w, sqlite3_stmt *st, int i, const struct value *v)
{
	if (v->type == VALUE_INT)
		must(w, sqlite3_bind_int64(st, i, v->i));
	else if (v->type == VALUE_TEXT)
		must(w, sqlite3_bind_text(st, i, v->p, (int)v->len,
		    SQLITE_STATIC));
	else
		must(w, sqlite3_bind_null(st, i));
}

static void
insert(struct world *w, const char *table, const struct value *v, size_t n)
{
	struct str s = str_new(w->arena);
	sqlite3_stmt *st;

	str_addf(&s, "INSERT INTO %s VALUES (?", table);
	for (size_t i = 1; i < n; i++)
		str_addz(&s, ",?");
	str_addc(&s, ')');
	must(w, sqlite3_prepare_v2(w->db, s.p, -1, &st, NULL));
	for (size_t i = 0; i < n; i++)
		bind(w, st, (int)i + 1, &v[i]);
	must(w, sqlite3_step(st));
	must(w, sqlite3_finalize(st));
}

static void
make_events(struct world *w)
{
	struct str s = str_new(w->arena);

	str_addz(&s, "CREATE TABLE event (");
	for (int c = 0; c < EVENT_NCOL; c++)
		str_addf(&s, "%s%s %s", c ? "," : "", event_column[c].name,
		    event_column[c].type == VALUE_INT ? "INTEGER" : "TEXT");
	str_addz(&s, ") STRICT");
	run(w, s.p);
	for (size_t i = 0; i < EVENTS; i++) {
		struct event *ev = &w->event[i];

		for (int c = 0; c < EVENT_NCOL; c++)
			ev->col[c] = random_value(w, event_column[c].name,
			    event_column[c].type, event_column[c].required);
		ev->seq = i;
		ev->col[EVENT_SEQ].i = (int64_t)i;
		ev->col[EVENT_STREAM].p = "main";
		ev->col[EVENT_STREAM].len = 4;
		ev->col[EVENT_EVENT_TYPE].p = event_type[draw(w, event_ntype)];
		if (draw(w, 3) > 0)
			ev->col[EVENT_EVENT_TYPE].p = "action";
		ev->col[EVENT_EVENT_TYPE].len =
		    strlen(ev->col[EVENT_EVENT_TYPE].p);
		insert(w, "event", ev->col, EVENT_NCOL);
	}
}

/* The two tables that events join have unique rows. */
static int
joined(const char *table)
{
	return strcmp(table, "ref_agent_name") == 0 ||
	    strcmp(table, "ref_policy_name") == 0;
}

static void
make_table(struct world *w, struct ref_table *t, const struct ref_schema *r)
{
	struct str s = str_new(w->arena);

	t->name = r->name;
	t->col = r->col;
	t->ncol = r->ncol;
	/* Now and then nothing is declared. */
	t->nrow = draw(w, 6) == 0 ? 0 : ROWS;
	t->cell = arena_array(w->arena, ROWS * r->ncol, sizeof(*t->cell));
	str_addf(&s, "CREATE TABLE %s (", r->name);
	for (size_t c = 0; c < r->ncol; c++)
		str_addf(&s, "%s\"%s\" %s", c ? "," : "", r->col[c].name,
		    r->col[c].type == VALUE_INT ? "INTEGER" : "TEXT");
	str_addz(&s, ")");
	run(w, s.p);
	for (size_t i = 0; i < t->nrow; i++) {
		struct value *v = &t->cell[i * t->ncol];

		for (size_t c = 0; c < r->ncol; c++)
			v[c] = random_value(w, r->col[c].name,
			    r->col[c].type, 0);
		v[r->ncol - 2].type = VALUE_TEXT;
		v[r->ncol - 2].p = "f";
		v[r->ncol - 2].len = 1;
		v[r->ncol - 1].type = VALUE_INT;
		v[r->ncol - 1].i = (int64_t)i;
		for (size_t c = 0; joined(r->name) && c < r->ncol - 2; c++) {
			v[c] = random_value(w, "", VALUE_TEXT, 1);
			v[c].p = &"abcdefghijklmnop"[i];
			v[c].len = 1;
		}
		insert(w, t->name, v, r->ncol);
	}
}

static void
collect_words(struct world *w, const struct expr *x)
{
	const struct expr_from *f = x->from;

	if (x->op == EXPR_TEXT)
		*VEC_PUSH(w->arena, w->word, w->nword, w->capword) = x->p;
	for (size_t i = 0; i < x->nkid; i++)
		collect_words(w, x->kid[i]);
	if (f != NULL && f->rest != NULL)
		collect_words(w, f->rest);
}

/* The quoted texts of a statement: the words that random rows are made of. */
static void
collect_quoted(struct world *w, const char *sql)
{
	const char *end;

	for (; (sql = strchr(sql, '\'')) != NULL; sql = end + 1) {
		end = strchr(sql + 1, '\'');
		if (end == NULL)
			return;
		*VEC_PUSH(w->arena, w->word, w->nword, w->capword) =
		    arena_strndup(w->arena, sql + 1, (size_t)(end - sql - 1));
	}
}

static void
world_make(struct world *w, struct arena *a, uint64_t seed,
    struct catalogue *cat)
{
	memset(w, 0, sizeof(*w));
	w->arena = a;
	w->seed = seed;
	w->as_of_us = (seed % 2 ? 20012 : 20024) * DATE_DAY;
	w->cat = cat;
	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++) {
			const struct test *t = &cat->control[i].test[k];

			if (t->where != NULL)
				collect_words(w, t->where);
			if (t->exception != NULL)
				collect_words(w, t->exception);
			else if (t->nreads > 0)
				collect_quoted(w, t->sql);
		}
	must(w, sqlite3_open(":memory:", &w->db));
	run(w, "BEGIN");
	make_events(w);
	w->ref.n = ref_nschema;
	w->ref.table = arena_array(a, ref_nschema, sizeof(*w->ref.table));
	for (size_t i = 0; i < ref_nschema; i++)
		make_table(w, &w->ref.table[i], &ref_schema[i]);
}

/* A row's answer: 1, 0, -1 blind, 2 outside the population. */

static int
compiled(struct plan *p, uint32_t where, uint32_t exception)
{
	int in = where == UINT32_MAX ? 1 : plan_test(p, where), out;

	if (in == 0)
		return 2;
	out = plan_test(p, exception);
	return in == -1 ? -1 : out;
}

static void
by_sql(struct world *w, const struct test *t, int *answer)
{
	static const char *const name[] = { ":from_us", ":to_us", ":as_of_us" };
	const int64_t us[] = { FROM_US, TO_US, w->as_of_us };
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(w->db, t->sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s\n%s", t->id, sqlite3_errmsg(w->db), t->sql);
	for (size_t i = 0; i < LEN(name); i++) {
		int at = sqlite3_bind_parameter_index(st, name[i]);

		if (at > 0)
			must(w, sqlite3_bind_int64(st, at, us[i]));
	}
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		int *a = &answer[sqlite3_column_int64(st, 2)];

		if (*a != 2)
			fail_msg("%s: a place twice", t->id);
		*a = sqlite3_column_type(st, 3) == SQLITE_NULL ? -1 :
		    sqlite3_column_int(st, 3);
	}
	if (rc != SQLITE_DONE)
		fail_msg("%s: %s", t->id, sqlite3_errmsg(w->db));
	must(w, sqlite3_finalize(st));
}

/* A stream's number: its first row. */
static uint32_t
stream_of(const struct world *w, size_t row)
{
	uint32_t i = 0;

	while (!value_eq(&w->event[i].col[EVENT_STREAM],
	    &w->event[row].col[EVENT_STREAM]))
		i++;
	return i;
}

/* What a store answers, from the rows. */
static int
related(void *ctx, uint32_t stream, int by, const struct value *key,
    const int *want, size_t n, eval_each_fn *each, void *eachctx,
    struct err *e)
{
	const struct world *w = ctx;
	struct value v[EVENT_NCOL];

	for (size_t i = 0; i < EVENTS; i++) {
		if (stream_of(w, i) != stream ||
		    !value_eq(&w->event[i].col[by], key))
			continue;
		for (size_t k = 0; k < n; k++)
			v[k] = w->event[i].col[want[k]];
		if (each(eachctx, v, n, e) != 0)
			return 0;
	}
	return 0;
}

struct tried { struct plan *plan; uint32_t where, exception; size_t n; };

static int
ask(struct world *w, const struct test *t, struct tried *y, size_t row)
{
	if (strcmp(t->over, "event") == 0) {
		int64_t us = w->event[row].col[EVENT_OCCURRED_US].i;

		if (us < FROM_US || us >= TO_US)
			return 2;
		plan_event(y->plan, stream_of(w, row), w->event[row].col);
	} else {
		plan_ref(y->plan, ref_table(&w->ref, t->over), row);
	}
	return compiled(y->plan, y->where, y->exception);
}

static void
compare(struct world *w, const struct test *t, struct tried *y,
    uint64_t seen[4])
{
	int want[EVENTS];

	for (size_t i = 0; i < EVENTS; i++)
		want[i] = 2;
	by_sql(w, t, want);
	for (size_t i = 0; i < y->n; i++) {
		int have = ask(w, t, y, i);

		if (have != want[i])
			fail_msg("%s: seed %" PRIu64 " row %zu: compiled %d, "
			    "SQL %d (2: outside)\n%s", t->id, w->seed, i, have,
			    want[i], t->sql);
		seen[have + 1]++;
	}
}

/* Columns of an event that a test reads of its own row. */
static void
columns_read(const struct expr *x, unsigned char *read)
{
	const struct expr_from *f = x->from;

	if (x->op == EXPR_COL && x->slot == EXPR_E && x->table == NULL)
		read[x->col] = 1;
	if (x->op == EXPR_COL && x->slot == EXPR_P)
		read[EVENT_POLICY_ID] = read[EVENT_POLICY_VERSION] = 1;
	for (size_t i = 0; i < x->nkid; i++)
		columns_read(x->kid[i], read);
	for (size_t i = 0; f != NULL && i < f->ntie; i++)
		columns_read(f->tie[i], read);
	if (f != NULL && f->rest != NULL)
		columns_read(f->rest, read);
}

static void
blind_is_never_good(struct world *w, const struct test *t, struct tried *y)
{
	unsigned char read[EVENT_NCOL] = { 0 };

	if (t->where != NULL)
		columns_read(t->where, read);
	columns_read(t->exception, read);
	for (size_t i = 0; i < y->n; i++) {
		int before = ask(w, t, y, i);

		for (int c = 0; c < EVENT_NCOL; c++) {
			struct value *v = &w->event[i].col[c], keep = *v;
			int after;

			if (!read[c] || event_column[c].required)
				continue;
			v->type = VALUE_NULL;
			after = ask(w, t, y, i);
			*v = keep;
			if (before != 0 && after == 0)
				fail_msg("%s: row %zu was %d and is good "
				    "without %s", t->id, i, before,
				    event_column[c].name);
		}
	}
}

static struct tried
tried_new(struct world *w, const struct test *t, const struct ref_table *r)
{
	struct tried y = { .where = UINT32_MAX };

	y.plan = plan_new(w->arena, &w->ref);
	if (t->where != NULL)
		y.where = plan_add(y.plan, t->over, t->where);
	y.exception = plan_add(y.plan, t->over, t->exception);
	plan_params(y.plan, FROM_US, TO_US, w->as_of_us);
	y.n = r == NULL ? EVENTS : r->nrow;
	return y;
}

/* Outcomes that no row showed are counted: a test that never breaks, or
 * never holds, on random rows compares nothing. */
static void
try_test(struct world *w, const struct test *t, uint64_t seen[4], int blind)
{
	const struct ref_table *r = ref_table(&w->ref, t->over);
	struct tried y = tried_new(w, t, r);

	plan_relate(y.plan, related, w);
	compare(w, t, &y, seen);
	y = tried_new(w, t, r);
	plan_events(y.plan, w->event, EVENTS);
	compare(w, t, &y, seen);
	if (r == NULL && blind)
		blind_is_never_good(w, t, &y);
}

static void
worlds(struct catalogue *cat, int n, int blind)
{
	size_t ntest = 0, k = 0;
	uint64_t (*seen)[4];
	struct arena *keep = arena_new();

	for (size_t i = 0; i < cat->ncontrol; i++)
		ntest += cat->control[i].ntest;
	seen = arena_array(keep, ntest + 1, sizeof(*seen));
	for (int round = 0; round < n; round++) {
		struct arena *a = arena_new();
		struct world w;

		world_make(&w, a, (uint64_t)round + 1, cat);
		k = 0;
		for (size_t i = 0; i < cat->ncontrol; i++)
			for (size_t j = 0; j < cat->control[i].ntest; j++, k++)
				if (cat->control[i].test[j].exception != NULL)
					try_test(&w, &cat->control[i].test[j],
					    seen[k], blind);
		must(&w, sqlite3_close(w.db));
		arena_free(a);
	}
	k = 0;
	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t j = 0; j < cat->control[i].ntest; j++, k++)
			if (cat->control[i].test[j].exception != NULL &&
			    seen[k][0] + seen[k][1] + seen[k][2] == 0)
				fail_msg("%s: no random row was in its "
				    "population", cat->control[i].test[j].id);
	arena_free(keep);
}

/* What a text says it reads is all that it reads. */

static const char *
all_rows(struct world *w, const struct test *t)
{
	static const char *const name[] = { ":from_us", ":to_us", ":as_of_us" };
	const int64_t us[] = { FROM_US, TO_US, w->as_of_us };
	struct str s = str_new(w->arena);
	sqlite3_stmt *st;
	int rc;

	must(w, sqlite3_prepare_v2(w->db, arena_printf(w->arena, "SELECT * "
	    "FROM (\n%s\n) ORDER BY 1, 2, 3, 4", t->sql), -1, &st, NULL));
	for (size_t i = 0; i < LEN(name); i++) {
		int at = sqlite3_bind_parameter_index(st, name[i]);

		if (at > 0)
			must(w, sqlite3_bind_int64(st, at, us[i]));
	}
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (int c = 0; c < sqlite3_column_count(st); c++)
			str_addf(&s, "%s|", sqlite3_column_type(st, c) ==
			    SQLITE_NULL ? "-" :
			    (const char *)sqlite3_column_text(st, c));
		str_addc(&s, '\n');
	}
	must(w, rc);
	must(w, sqlite3_finalize(st));
	return s.p;
}

/* The rows of a test over the types that it reads, but `without`. */
static const char *
narrow_rows(struct world *w, const struct test *t, size_t without)
{
	struct str s = str_new(w->arena);
	const char *rows;

	str_addz(&s, "CREATE TEMP TABLE event AS SELECT * FROM main.event "
	    "WHERE event_type IN (''");
	for (size_t i = 0; i < t->nreads; i++)
		if (i != without)
			str_addf(&s, ", '%s'", t->reads[i]);
	str_addc(&s, ')');
	run(w, s.p);
	rows = all_rows(w, t);
	run(w, "DROP TABLE temp.event");
	return rows;
}

/* Mostly of the types that are read, the others as often as one of them. */
static void
deal_types(struct world *w, const struct test *t)
{
	for (size_t i = 0; i < EVENTS; i++)
		run(w, arena_printf(w->arena, "UPDATE event SET event_type = "
		    "'%s' WHERE seq = %zu", draw(w, 3) > 0 ?
		    t->reads[draw(w, t->nreads)] :
		    event_type[draw(w, event_ntype)], i));
}

/* How many of the types change the answer where they are left out. */
static size_t
reads_what_it_says(struct arena *keep, const struct test *t)
{
	uint8_t *needed = arena_alloc(keep, t->nreads);
	size_t changed = 0;
	struct test alone = *t;
	struct control c = { .id = "X-01", .test = &alone, .ntest = 1 };
	struct catalogue of = { .control = &c, .ncontrol = 1 };

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct arena *a = arena_new();
		struct world w;
		const char *whole;

		world_make(&w, a, seed, &of);
		deal_types(&w, t);
		whole = all_rows(&w, t);
		if (strcmp(whole, narrow_rows(&w, t, t->nreads)) != 0)
			fail_msg("%s: seed %" PRIu64 ": reads other types "
			    "than it says", t->id, seed);
		for (size_t i = 0; i < t->nreads; i++)
			needed[i] |= strcmp(whole,
			    narrow_rows(&w, t, i)) != 0;
		must(&w, sqlite3_close(w.db));
		arena_free(a);
	}
	for (size_t i = 0; i < t->nreads; i++)
		changed += needed[i];
	return changed;
}

static void
shipped_texts_read_what_they_say(void **state)
{
	struct catalogue *cat;
	struct diag d;
	size_t n = 0, changed = 0;

	diag_init(&d, *state);
	cat = catalogue_read(*state, NULL, &d);
	eval_compile(*state, cat, "acme", &d);
	assert_int_equal(d.total, 0);
	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++)
			if (cat->control[i].test[k].nreads > 0) {
				n += cat->control[i].test[k].nreads;
				changed += reads_what_it_says(*state,
				    &cat->control[i].test[k]);
			}
	/* Random rows seldom meet all that a text asks for; those of the
	 * sample do (check-sample). */
	if (n < 40 || 2 * changed < n)
		fail_msg("of %zu types that texts read %zu change an answer",
		    n, changed);
}

/* Every operator, and every shape of EXISTS. */
static void
each_shape_agrees_with_its_sql(void **state)
{
	/* IS TRUE and DISTINCT FROM turn NULL into an answer, as a test may
	 * want it: of those the SQL alone is compared. */
	static const struct {
		int turns;
		const char *over, *where, *exception;
	} shape[] = {
		{ 0, "event", NULL, "e.tier = 'auto'" },
		{ 0, "event", "e.event_type = 'action'", "e.shadow <> 0 OR "
		    "e.outcome = 'blocked' AND NOT e.seq > 40" },
		{ 0, "event", "{ran}", "e.approval_decided_us IS NULL OR "
		    "e.approval_decided_us > e.occurred_us" },
		{ 1, "event", "e.tier IN ('auto', 'b') AND e.shadow NOT IN (1, 2)",
		    "e.tier IS DISTINCT FROM e.outcome" },
		{ 1, "event", "(e.tier = 'a') IS NOT TRUE", "e.tier IS NOT "
		    "DISTINCT FROM 'b' AND (e.shadow = 1) IS NOT FALSE" },
		{ 1, "event", "(e.shadow < 4) IS TRUE OR (e.tier = 'a') IS FALSE",
		    "e.shadow BETWEEN e.score_ppm AND 7 OR e.amount_minor NOT "
		    "BETWEEN 1 AND e.score_ppm" },
		{ 1, "event", "e.occurred_us >= :from_us + 2 AND e.recorded_us <= "
		    ":as_of_us - 1 * 3", "abs(e.amount_minor - e.score_ppm) * 2 "
		    "> coalesce(e.shadow, e.tokens_in, 3)" },
		{ 1, "event", "length(e.reason) >= 1", "substr(e.reason, 2, 1) = "
		    "'\xc3\xa9' OR nullif(e.tier, 'a') IS NULL OR "
		    "coalesce(e.tier, e.reason) = 'b'" },
		{ 1, "event", "CASE WHEN e.shadow = 1 THEN e.tier = 'a' WHEN "
		    "e.shadow > 3 THEN NULL ELSE e.seq > 3 END", "CASE WHEN "
		    "e.tier = 'a' THEN 1 WHEN e.tier = 'b' THEN NULL END = 1" },
		{ 0, "event", "a.agent_id = 'a'", "a.agent_id = 'b' OR "
		    "p.policy_version = 'c'" },
		{ 0, "event", "{ran}", "NOT EXISTS (SELECT 1 FROM ref_version_tool "
		    "r WHERE r.agent_id = a.agent_id AND r.tool = e.tool)" },
		{ 0, "event", NULL, "EXISTS (SELECT 1 FROM ref_agent_limit r WHERE "
		    "r.agent_id = coalesce(a.agent_id, e.agent_id) AND r.effect "
		    "= 'b' AND (r.max_minor < e.amount_minor OR r.action <> "
		    "e.action))" },
		{ 0, "event", NULL, "EXISTS (SELECT 1 FROM ref_person_role r JOIN "
		    "ref_role x ON x.role = r.role JOIN ref_person y ON "
		    "y.person_id = r.person_id AND y.name <> x.kind WHERE "
		    "r.person_id = e.approver_id AND (x.kind = e.approver_role "
		    "OR y.to_us > e.occurred_us))" },
		{ 0, "event", "e.event_type = 'action'", "NOT EXISTS (SELECT 1 "
		    "FROM event d WHERE d.stream = e.stream AND d.approval_id = "
		    "e.approval_id AND d.approver_id = e.approver_id AND d.seq < "
		    "e.seq)" },
		{ 0, "event", NULL, "EXISTS (SELECT 1 FROM event d WHERE d.stream "
		    "= e.stream AND d.run_id = e.run_id AND d.tier = 'auto' AND "
		    "d.shadow < e.shadow)" },
		{ 0, "event", NULL, "EXISTS (SELECT 1 FROM event d JOIN ref_action "
		    "x ON x.action = d.action WHERE d.stream = e.stream AND "
		    "d.action_id = e.ref_id AND x.writes = 1)" },
		{ 0, "event", NULL, "EXISTS (SELECT 1 FROM event d JOIN "
		    "ref_policy_name n ON n.log_version = d.policy_version JOIN "
		    "ref_policy_rule r ON r.policy_version = n.policy_version AND "
		    "r.rule_id <> d.policy_rule WHERE d.stream = e.stream AND "
		    "d.session_id = e.session_id AND d.tier <> 'auto' AND "
		    "n.policy_id = d.policy_id AND NOT (r.role <> "
		    "e.approver_role))" },
		{ 0, "event", NULL, "EXISTS (SELECT 1 FROM event d JOIN ref_agent "
		    "k ON TRUE JOIN ref_agent_name m ON TRUE JOIN ref_agent g ON "
		    "g.agent_id = m.agent_id WHERE d.stream = e.stream AND "
		    "d.action_id = e.parent_action_id AND k.agent_id = "
		    "a.agent_id AND m.name = d.agent_id AND k.ring < g.ring)" },
		{ 0, "ref_agent", "e.lifecycle <> 'a'", "e.kill_max_us IS NULL OR "
		    "NOT EXISTS (SELECT 1 FROM ref_deployment d WHERE d.agent_id "
		    "= e.agent_id AND d.from_us < :to_us)" },
		{ 0, "ref_policy_version", NULL, "EXISTS (SELECT 1 FROM ref_review "
		    "r WHERE r.has_business = 1 AND r.signed_us >= :to_us)" },
	};
	struct predicate ran = { .name = "ran", .text = "e.event_type = "
	    "'action' AND e.outcome <> 'blocked' AND e.shadow = 0" };
	struct test t[LEN(shape)] = { 0 };
	struct control c = { .id = "X-01", .test = t, .ntest = LEN(t) };
	struct catalogue cat = { .control = &c, .ncontrol = 1,
		.predicate = &ran, .npredicate = 1 };
	struct diag d;

	diag_init(&d, *state);
	for (size_t i = 0; i < LEN(shape); i++) {
		t[i].id = arena_printf(*state, "shape %zu", i);
		t[i].over = shape[i].over;
		t[i].where_text = shape[i].where;
		t[i].exception_text = shape[i].exception;
	}
	eval_compile(*state, &cat, "acme", &d);
	if (d.total > 0)
		fail_msg("%s", d.line[0]);
	for (int turns = 0; turns < 2; turns++) {
		struct test some[LEN(shape)];
		struct control k = { .id = "X-01", .test = some };
		struct catalogue one = { .control = &k, .ncontrol = 1 };

		for (size_t i = 0; i < LEN(shape); i++)
			if (shape[i].turns == turns)
				some[k.ntest++] = t[i];
		worlds(&one, 40, !turns);
	}
}

/* Every test that ships. */
static void
shipped_tests_agree_with_their_sql(void **state)
{
	struct catalogue *cat;
	struct diag d;

	diag_init(&d, *state);
	cat = catalogue_read(*state, NULL, &d);
	eval_compile(*state, cat, "acme", &d);
	for (size_t i = 0; i < d.n; i++)
		print_message("%s\n", d.line[i]);
	assert_int_equal(d.total, 0);
	assert_true(cat->ncontrol >= 24);
	worlds(cat, 40, 1);
}

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_agrees_with_its_sql),
		cmocka_unit_test(shipped_tests_agree_with_their_sql),
		cmocka_unit_test(shipped_texts_read_what_they_say),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
