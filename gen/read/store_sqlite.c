#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "model/record.h"
#include "model/schema.h"
#include "read/backend.h"
#include "read/sqlite.h"

#define INT_MAX_JSON INT64_C(9007199254740991) /* 2^53 - 1 */

/* What SQL text of others may call (controls.md, sql tests). */
static const char *const functions[] = { "abs", "coalesce", "count", "lag",
	"lead", "length", "max", "min", "nullif", "row_number", "substr",
	"substring", "sum" };
static const char *const readable[] = { "checkpoint", "event", "segment",
	"store" };

static int
listed(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return 1;
	return 0;
}

static int
may_read(const struct sqlite *s, const char *table, const char *db)
{
	/* A table of which no column is read comes without its schema; TEMP
	 * is looked up first. */
	if ((db == NULL || strcmp(db, "temp") == 0) &&
	    strncmp(table, "ref_", 4) == 0)
		return 1;
	if (db != NULL && strcmp(db, "temp") == 0)
		return s->narrow && strcmp(table, "event") == 0;
	return listed(table, readable, sizeof(readable) / sizeof(readable[0])) ||
	    *table == '\0';
}

/* Keeps what was denied first: SQLite's own message seldom names it. */
static int
deny(struct sqlite *s, const char *kind, const char *name)
{
	if (s->refused[0] == '\0')
		(void)snprintf(s->refused, sizeof(s->refused),
		    "%s%s is not allowed", kind, name == NULL ? "?" : name);
	return SQLITE_DENY;
}

static int
authorize(void *ctx, int action, const char *x, const char *y,
    const char *db, const char *view)
{
	struct sqlite *s = ctx;

	if (s->ours)
		return SQLITE_OK;
	/* view is the name of a WITH table too; views proper are disabled. */
	(void)view;
	switch (action) {
	case SQLITE_SELECT:
		return SQLITE_OK;
	case SQLITE_READ:
		return may_read(s, x, db) || (s->contents && x != NULL &&
		    strcmp(x, "payload") == 0) ? SQLITE_OK :
		    deny(s, "table ", x);
	case SQLITE_FUNCTION:
		return y != NULL && (listed(y, functions,
		    sizeof(functions) / sizeof(functions[0])) || (s->contents &&
		    strncmp(y, "json_", 5) == 0)) ? SQLITE_OK :
		    deny(s, "function ", y);
	default:
		return deny(s, "anything but SELECT", "");
	}
}

#define STEPS 1000000

static uint64_t
sql_budget(const struct sqlite *s)
{
	return LIMIT_SQL_STEPS + LIMIT_SQL_ROW_STEPS * s->stream.size;
}

static int
spend(void *ctx)
{
	struct sqlite *s = ctx;

	if (s->steps <= STEPS)
		return 1;
	s->steps -= STEPS;
	return 0;
}

static int
bad_value(struct sqlite *s, size_t c, const char *what)
{
	return err_set(s->err, ERR_INTEGRITY, "%s: event: column %s: %s",
	    s->path, event_column[c].name, what);
}

static int
set_value(struct sqlite *s, size_t c, int type, sqlite3_value *v)
{
	struct value *out = &s->ev.col[c];

	if (type == SQLITE_NULL) {
		out->type = VALUE_NULL;
		out->p = NULL;
		return event_column[c].required ?
		    bad_value(s, c, "is NULL") : 0;
	}
	if (event_column[c].type == VALUE_INT) {
		if (type != SQLITE_INTEGER)
			return bad_value(s, c, "is not a whole number");
		out->type = VALUE_INT;
		out->i = sqlite3_value_int64(v);
		if (out->i < -INT_MAX_JSON || out->i > INT_MAX_JSON)
			return bad_value(s, c, "is outside +-(2^53 - 1)");
		return 0;
	}
	if (type != SQLITE_TEXT)
		return bad_value(s, c, "is not text");
	out->type = VALUE_TEXT;
	out->p = (const char *)sqlite3_value_text(v);
	out->len = (size_t)sqlite3_value_bytes(v);
	if (out->p == NULL)
		return bad_value(s, c, "cannot be read");
	s->seen[c] = (uint8_t)record_look(out->p, out->len);
	if ((s->seen[c] & RECORD_ODD) != 0 && (!utf8_valid(out->p, out->len) ||
	    memchr(out->p, '\0', out->len) != NULL))
		return bad_value(s, c, "is not UTF-8 without U+0000");
	return 0;
}

/* col[] is filled: the rest of the event, and the caller's turn. */
static int
give_row(struct sqlite *s)
{
	struct event *ev = &s->ev;
	const struct value *stream = &ev->col[EVENT_STREAM];

	if (ev->col[EVENT_SEQ].i < 0)
		return bad_value(s, EVENT_SEQ, "is negative");
	if (strcmp(stream->p, s->stream.stream) != 0)
		return err_set(s->err, ERR_INTEGRITY, "%s: event %" PRId64
		    ": stream is '%s', want '%s'", s->path, ev->col[EVENT_SEQ].i,
		    stream->p, s->stream.stream);
	ev->seq = (uint64_t)ev->col[EVENT_SEQ].i;
	ev->prev_hash = ev->col[EVENT_PREV_HASH].p;
	str_reset(&s->record);
	record_add_seen(&s->record, ev->col, s->seen);
	ev->record = s->record.p;
	ev->recordlen = s->record.len;
	return s->fn(s->ctx, ev, s->err);
}

/* exhibit_rows(all columns): an aggregate, since values come as an array. */
static void
rows_step(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	struct sqlite *s = sqlite3_user_data(ctx);

	for (int c = 0; c < n && !s->failed; c++)
		if (set_value(s, (size_t)c, sqlite3_value_type(v[c]), v[c]) != 0)
			s->failed = 1;
	if (!s->failed && give_row(s) != 0)
		s->failed = 1;
	if (s->failed)
		sqlite3_result_error_code(ctx, SQLITE_ABORT);
}

static void
rows_final(sqlite3_context *ctx)
{
	sqlite3_result_null(ctx);
}

static int
guard(struct sqlite *s, struct err *e)
{
	if (sqlite3_create_function_v2(s->db, "exhibit_rows", EVENT_NCOL,
	    SQLITE_UTF8 | SQLITE_DIRECTONLY, s, NULL, rows_step, rows_final,
	    NULL) != SQLITE_OK ||
	    sqlite3_set_authorizer(s->db, authorize, s) != SQLITE_OK)
		return sqlite_fail(s, "configuring", e);
	s->steps = UINT64_MAX;
	sqlite3_progress_handler(s->db, STEPS, spend, s);
	return 0;
}

static int
x_close(void *db)
{
	return sqlite_shut(db);
}

static int
x_open(struct arena *a, const char *url, void **out, struct err *e)
{
	struct sqlite *s = arena_alloc(a, sizeof(*s));

	if (sqlite_open(a, url, s, e) == -1 || guard(s, e) == -1) {
		(void)sqlite_shut(s);
		return -1;
	}
	*out = s;
	return 0;
}

/* What the row that ends a snapshot says of itself. */
static int
last_row(struct sqlite *s, uint64_t size, struct str *out, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite_ours(s, "SELECT prev_hash, event_id FROM event WHERE seq = ?1",
	    &st, e) == -1)
		return -1;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)size - 1);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		str_addf(out, "%s %s", sqlite3_column_text(st, 0),
		    sqlite3_column_text(st, 1));
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 :
	    sqlite_fail(s, "the last event", e);
}

/* The row that ends the first snapshot must be there, and the same. */
static int
same_rows(struct sqlite *s, struct sqlite *first, struct err *e)
{
	struct str here = str_new(s->record.arena);
	struct str there = str_new(s->record.arena);

	if (last_row(s, first->stream.size, &here, e) == -1 ||
	    last_row(first, first->stream.size, &there, e) == -1)
		return -1;
	return strcmp(here.p, there.p) == 0 ? 0 : err_set(e, ERR_SYSTEM,
	    "%s: changed while it was opened", s->path);
}

static int
x_again(struct arena *a, void *db, void **out, struct err *e)
{
	struct sqlite *first = db, *s = arena_alloc(a, sizeof(*s));

	s->path = first->copy == NULL ? first->path :
	    arena_printf(a, "%s/store", first->copy);
	s->immutable = first->immutable;
	if (sqlite_open(a, s->path, s, e) == -1 || guard(s, e) == -1)
		goto bad;
	if (s->stream.size < first->stream.size ||
	    strcmp(s->stream.origin, first->stream.origin) != 0) {
		(void)err_set(e, ERR_SYSTEM, "%s: changed while it was opened",
		    s->path);
		goto bad;
	}
	s->newer = s->stream.size != first->stream.size;
	if (s->newer && first->stream.size > 0 && same_rows(s, first, e) == -1)
		goto bad;
	*out = s;
	return 0;
bad:
	(void)sqlite_shut(s);
	return -1;
}

static int
x_streams(void *db, struct arena *a, struct store_stream **out, size_t *n,
    struct err *e)
{
	const struct sqlite *s = db;

	(void)e;
	*out = arena_memdup(a, &s->stream, sizeof(s->stream));
	*n = 1;
	return 0;
}

static int
want_stream(const struct sqlite *s, const char *stream, struct err *e)
{
	if (strcmp(stream, s->stream.stream) == 0)
		return 0;
	return err_set(e, ERR_INPUT, "%s: no stream '%s'; it holds '%s'", s->path,
	    stream, s->stream.stream);
}

static char *
column_dup(struct arena *a, sqlite3_stmt *st, int i)
{
	const char *p = (const char *)sqlite3_column_text(st, i);

	return p == NULL ? NULL :
	    arena_strndup(a, p, (size_t)sqlite3_column_bytes(st, i));
}

static int
x_notes(void *db, struct arena *a, const char *stream,
    struct store_note **out, size_t *n, struct err *e)
{
	struct sqlite *s = db;
	sqlite3_stmt *st;
	size_t cap = 0;
	int rc;

	*out = NULL;
	*n = 0;
	if (want_stream(s, stream, e) == -1 || sqlite_ours(s,
	    "SELECT size, note, timestamp_token, (SELECT recorded_us FROM event "
	    "WHERE seq = size - 1) FROM checkpoint WHERE stream = ?1 "
	    "ORDER BY size", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_text(st, 1, stream, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_note *t = VEC_PUSH(a, *out, *n, cap);

		t->size = (uint64_t)sqlite3_column_int64(st, 0);
		t->note = column_dup(a, st, 1);
		t->timestamp_token = column_dup(a, st, 2);
		t->last_us = sqlite3_column_int64(st, 3);
	}
	rc = rc == SQLITE_DONE ? 0 : sqlite_fail(s, "table checkpoint", e);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
x_segments(void *db, struct arena *a, const char *stream,
    struct store_segment **out, size_t *n, struct err *e)
{
	struct sqlite *s = db;
	sqlite3_stmt *st;
	size_t cap = 0;
	int rc, bad = 0;

	*out = NULL;
	*n = 0;
	if (want_stream(s, stream, e) == -1 || sqlite_ours(s,
	    "SELECT first_seq, root, from_us, to_us FROM segment "
	    "WHERE stream = ?1 ORDER BY first_seq", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_text(st, 1, stream, -1, SQLITE_STATIC);
	while (!bad && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_segment *t = VEC_PUSH(a, *out, *n, cap);
		const char *root = (const char *)sqlite3_column_text(st, 1);

		t->first_seq = (uint64_t)sqlite3_column_int64(st, 0);
		t->from_us = sqlite3_column_int64(st, 2);
		t->to_us = sqlite3_column_int64(st, 3);
		bad = t->first_seq != (*n - 1) * (uint64_t)LIMIT_SEGMENT ||
		    root == NULL || hash_unhex(t->root, root) == -1;
	}
	if (bad)
		rc = err_set(e, ERR_INTEGRITY, "%s: table segment: row %zu is not "
		    "segment %" PRIu64 " with a root of 64 hex digits", s->path,
		    *n, (uint64_t)(*n - 1) * LIMIT_SEGMENT);
	else
		rc = rc == SQLITE_DONE ? 0 : sqlite_fail(s, "table segment", e);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
prepare_rows(struct sqlite *s, const char *before, const char *after,
    sqlite3_stmt **st, struct err *e)
{
	struct str sql = str_new(s->record.arena);

	str_addz(&sql, before);
	schema_columns(&sql);
	str_addz(&sql, after);
	return sqlite_ours(s, sql.p, st, e);
}

/* One row by plain column calls. */
static int
plain_row(struct sqlite *s, sqlite3_stmt *st)
{
	for (int c = 0; c < EVENT_NCOL; c++)
		if (set_value(s, (size_t)c, sqlite3_column_type(st, c),
		    sqlite3_column_value(st, c)) != 0)
			return -1;
	return give_row(s);
}

static int
x_scan(void *db, const char *stream, uint64_t first, uint64_t end, int plain,
    store_row_fn *fn, void *ctx, struct err *e)
{
	struct sqlite *s = db;
	sqlite3_stmt *st;
	int rc;

	if (end > s->stream.size)
		end = s->stream.size;
	if (want_stream(s, stream, e) == -1 ||
	    prepare_rows(s, plain ? "SELECT " : "SELECT exhibit_rows(",
	    plain ? " FROM event NOT INDEXED WHERE seq >= ?1 AND seq < ?2 "
	    "ORDER BY seq" : ") FROM event NOT INDEXED WHERE seq >= ?1 "
	    "AND seq < ?2", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)first);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)end);
	s->fn = fn;
	s->ctx = ctx;
	s->err = e;
	s->failed = 0;
	s->looksteps = sql_budget(s);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && plain)
		if (plain_row(s, st) != 0) {
			s->failed = 1;
			break;
		}
	if (s->failed)
		rc = -1;
	else if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		rc = 0;
	else
		rc = sqlite_fail(s, "reading events", e);
	(void)sqlite3_finalize(st);
	return rc;
}

struct one {
	struct arena *arena;
	struct event *ev;
	int found;
};

static int
keep_row(void *ctx, const struct event *ev, struct err *e)
{
	struct one *o = ctx;

	(void)e;
	o->found = 1;
	*o->ev = *ev;
	o->ev->record = arena_strndup(o->arena, ev->record, ev->recordlen);
	for (size_t c = 0; c < EVENT_NCOL; c++)
		if (ev->col[c].type == VALUE_TEXT)
			o->ev->col[c].p = arena_strndup(o->arena, ev->col[c].p,
			    ev->col[c].len);
	o->ev->prev_hash = o->ev->col[EVENT_PREV_HASH].p;
	return 0;
}

static int
x_row(void *db, struct arena *a, const char *stream, uint64_t seq,
    struct event *ev, struct err *e)
{
	struct one o = { a, ev, 0 };

	if (seq >= INT64_MAX)
		return 0;
	if (x_scan(db, stream, seq, seq + 1, 1, keep_row, &o, e) == -1)
		return -1;
	return o.found;
}

/* The tables that {event} joins have one row for an event at most.  A planner
 * that is not told so scans all events once for each row of another table. */
static void
add_unique(struct str *sql, const char *table)
{
	static const struct { const char *table, *cols; } unique[] = {
		{ "ref_agent_name", "name" },
		{ "ref_policy_name", "policy_id, log_version" }
	};

	for (size_t i = 0; i < sizeof(unique) / sizeof(unique[0]); i++)
		if (strcmp(table, unique[i].table) == 0)
			str_addf(sql, "CREATE UNIQUE INDEX temp.%s_log ON %s "
			    "(%s);", table, table, unique[i].cols);
}

static void
add_table(struct str *sql, const struct ref_table *t)
{
	const char *sep = "";

	str_addf(sql, "CREATE TEMP TABLE %s (", t->name);
	for (size_t c = 0; c < t->ncol; c++)
		str_addf(sql, "%s%s %s", c > 0 ? ", " : "", t->col[c].name,
		    t->col[c].type == VALUE_INT ? "INTEGER" : "TEXT");
	str_addz(sql, ");");
	add_unique(sql, t->name);
	for (size_t c = 0; c < t->ncol; c++) {
		if (!t->col[c].key)
			continue;
		if (*sep == '\0')
			str_addf(sql, "CREATE INDEX temp.%s_key ON %s (", t->name,
			    t->name);
		str_addf(sql, "%s%s", sep, t->col[c].name);
		sep = ", ";
	}
	if (*sep != '\0')
		str_addz(sql, ");");
}

static void
bind_value(sqlite3_stmt *st, int i, const struct value *v)
{
	if (v->type == VALUE_INT)
		(void)sqlite3_bind_int64(st, i, v->i);
	else if (v->type == VALUE_TEXT)
		(void)sqlite3_bind_text(st, i, v->p, (int)v->len, SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(st, i);
}

static int
fill_table(struct sqlite *s, const struct ref_table *t, struct err *e)
{
	struct str sql = str_new(s->record.arena);
	sqlite3_stmt *st;
	int rc = 0;

	add_table(&sql, t);
	if (sqlite_exec(s, sql.p, e) == -1)
		return err_wrap(e, "table %s", t->name);
	str_reset(&sql);
	str_addf(&sql, "INSERT INTO temp.%s VALUES (", t->name);
	for (size_t c = 0; c < t->ncol; c++)
		str_addz(&sql, c == 0 ? "?" : ", ?");
	str_addz(&sql, ")");
	if (sqlite_ours(s, sql.p, &st, e) == -1)
		return err_wrap(e, "table %s", t->name);
	for (size_t r = 0; r < t->nrow && rc == 0; r++) {
		for (size_t c = 0; c < t->ncol; c++)
			bind_value(st, (int)c + 1, &t->cell[r * t->ncol + c]);
		if (sqlite3_step(st) != SQLITE_DONE)
			rc = sqlite_fail(s, t->name, e);
		(void)sqlite3_reset(st);
	}
	(void)sqlite3_finalize(st);
	return rc;
}

static int
x_load_ref(void *db, const struct ref *ref, struct err *e)
{
	struct sqlite *s = db;

	if (s->ref_loaded)
		return err_set(e, ERR_SYSTEM, "%s: reference tables are there "
		    "already", s->path);
	s->ref_loaded = 1;
	if (sqlite_exec(s, "PRAGMA query_only=OFF", e) == -1)
		return -1;
	for (size_t i = 0; i < ref->n; i++)
		if (fill_table(s, &ref->table[i], e) == -1)
			return -1;
	return sqlite_exec(s, "PRAGMA query_only=ON", e);
}

/* Indexes of the narrow table: what its statements look for. */
static const char *const narrow_index[] = { "event_type", "action_id",
	"approval_id", "ref_id" };

static void
add_narrow(struct str *sql, const uint8_t *type, const uint8_t *column)
{
	struct str names = str_new(sql->arena);
	const char *sep = "";

	str_addz(sql, "CREATE TEMP TABLE event (");
	for (int c = 0; c < EVENT_NCOL; c++) {
		if (!column[c])
			continue;
		str_addf(&names, "%s%s", names.len > 0 ? ", " : "",
		    event_column[c].name);
		str_addf(sql, "%s%s %s%s", sep, event_column[c].name,
		    event_column[c].type == VALUE_INT ? "INTEGER" : "TEXT",
		    c == EVENT_SEQ ? " PRIMARY KEY" : "");
		sep = ", ";
	}
	str_addf(sql, ");\nINSERT INTO temp.event SELECT %s FROM main.event "
	    "NOT INDEXED WHERE event_type IN (", names.p);
	sep = "";
	for (size_t t = 0; t < event_ntype; t++)
		if (type[t]) {
			str_addf(sql, "%s'%s'", sep, event_type[t]);
			sep = ", ";
		}
	str_addz(sql, ");\n");
	for (size_t i = 0; i < sizeof(narrow_index) / sizeof(narrow_index[0]);
	    i++)
		if (column[event_col(narrow_index[i])])
			str_addf(sql, "CREATE INDEX temp.event_%s ON event (%s)"
			    " WHERE %s IS NOT NULL;\n", narrow_index[i],
			    narrow_index[i], narrow_index[i]);
	/* Else a planner takes each index for as good as the others. */
	str_addz(sql, "ANALYZE temp.event;");
}

static int
x_whole(void *db, struct err *e)
{
	struct sqlite *s = db;

	s->narrow = 0;
	return sqlite_exec(s, "PRAGMA query_only=OFF; "
	    "DROP TABLE IF EXISTS temp.event; PRAGMA query_only=ON", e);
}

static int
x_narrow(void *db, const uint8_t *type, const uint8_t *column, struct err *e)
{
	struct sqlite *s = db;
	struct str sql = str_new(s->record.arena);
	struct err ignored = { 0 };

	str_addz(&sql, "PRAGMA query_only=OFF;\n");
	add_narrow(&sql, type, column);
	str_addz(&sql, "PRAGMA query_only=ON");
	if (sqlite_exec(s, sql.p, e) == -1) {
		(void)x_whole(s, &ignored);
		return -1;
	}
	s->narrow = 1;
	return 0;
}

static int
blank(const char *p)
{
	return p[strspn(p, " \t\r\n;")] == '\0';
}

/* Prepares text that others wrote: one SELECT, and nothing but a SELECT. */
static int
prepare_theirs(struct sqlite *s, const char *sql, sqlite3_stmt **st,
    struct err *e)
{
	const char *tail;
	int rc;

	*st = NULL;
	s->ours = 0;
	s->refused[0] = '\0';
	if (s->newer)
		return err_set(e, ERR_SYSTEM, "%s: events were added while it was "
		    "opened", s->path);
	rc = sqlite3_prepare_v2(s->db, sql, -1, st, &tail);
	if (rc == SQLITE_NOMEM)
		return sqlite_fail(s, "a statement", e);
	if (rc != SQLITE_OK)
		return err_set(e, ERR_INPUT, "SQL refused: %s",
		    s->refused[0] != '\0' ? s->refused :
		    sqlite3_errmsg(s->db));
	if (*st == NULL)
		return err_set(e, ERR_INPUT, "SQL refused: no statement");
	if (!blank(tail))
		rc = err_set(e, ERR_INPUT, "SQL refused: more than one statement");
	else if (!sqlite3_stmt_readonly(*st) || sqlite3_stmt_isexplain(*st))
		rc = err_set(e, ERR_INPUT, "SQL refused: not a SELECT");
	if (rc != 0) {
		(void)sqlite3_finalize(*st);
		*st = NULL;
	}
	return rc;
}

static int
bind_params(sqlite3_stmt *st, int64_t from_us, int64_t to_us, int64_t as_of_us,
    struct err *e)
{
	const struct {
		const char *name;
		int64_t us;
	} param[] = { { ":from_us", from_us }, { ":to_us", to_us },
		{ ":as_of_us", as_of_us } };

	for (int i = 1; i <= sqlite3_bind_parameter_count(st); i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);
		size_t k = 0;

		name = name == NULL ? "?" : name;
		while (k < 3 && strcmp(name, param[k].name) != 0)
			k++;
		if (k == 3)
			return err_set(e, ERR_INPUT, "SQL refused: parameter %s: "
			    "want :from_us, :to_us or :as_of_us", name);
		(void)sqlite3_bind_int64(st, i, param[k].us);
	}
	return 0;
}

static int
query_row(sqlite3_stmt *st, struct value *v, int n, store_query_fn *fn,
    void *ctx, struct err *e)
{
	for (int c = 0; c < n; c++) {
		v[c] = (struct value){ .type = VALUE_NULL };
		switch (sqlite3_column_type(st, c)) {
		case SQLITE_NULL:
			break;
		case SQLITE_INTEGER:
			v[c].type = VALUE_INT;
			v[c].i = sqlite3_column_int64(st, c);
			break;
		case SQLITE_TEXT:
			v[c].type = VALUE_TEXT;
			v[c].p = (const char *)sqlite3_column_text(st, c);
			v[c].len = (size_t)sqlite3_column_bytes(st, c);
			if (v[c].p != NULL && utf8_valid(v[c].p, v[c].len))
				break;
			/* FALLTHROUGH */
		default:
			return err_set(e, ERR_INPUT, "SQL: column %s is neither a "
			    "whole number nor UTF-8 text",
			    sqlite3_column_name(st, c));
		}
	}
	return fn(ctx, v, (size_t)n, e);
}

static int
query_once(sqlite3_stmt *st, struct value *v, store_query_fn *fn, void *ctx,
    struct err *e)
{
	int n = sqlite3_column_count(st), rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		if (query_row(st, v, n, fn, ctx, e) != 0)
			return -1;
	return rc;
}

static int
x_query(void *db, const char *sql, int64_t from_us, int64_t to_us,
    int64_t as_of_us, store_query_fn *fn, void *ctx, struct err *e)
{
	struct sqlite *s = db;
	uint64_t budget = sql_budget(s);
	struct value v[128];
	sqlite3_stmt *st;
	int rc = 0;

	if (prepare_theirs(s, sql, &st, e) == -1)
		return -1;
	if (sqlite3_column_count(st) > 128)
		rc = err_set(e, ERR_INPUT, "SQL refused: %d columns, at most 128",
		    sqlite3_column_count(st));
	else
		rc = bind_params(st, from_us, to_us, as_of_us, e);
	s->steps = budget;
	if (rc == 0)
		rc = query_once(st, v, fn, ctx, e);
	if (rc == SQLITE_INTERRUPT)
		rc = err_set(e, ERR_SYSTEM, "SQL stopped: more than %" PRIu64
		    " steps", budget);
	else if (rc != SQLITE_DONE && rc != -1)
		rc = sqlite_fail(s, "SQL", e);
	s->steps = UINT64_MAX;
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* A file holds one stream, so the rows of a key are its rows.  SQLite keeps
 * the keys of an index in the order of seq. */
static int
prepare_related(struct sqlite *s, int by, const int *want, size_t n,
    struct err *e)
{
	struct related *r = &s->related[by];
	struct str sql = str_new(s->record.arena);

	if (r->st != NULL && r->n == n &&
	    memcmp(r->want, want, n * sizeof(*want)) == 0)
		return 0;
	(void)sqlite3_finalize(r->st);
	r->st = NULL;
	str_addz(&sql, "SELECT ");
	for (size_t i = 0; i < n; i++) {
		r->want[i] = want[i];
		str_addf(&sql, "%s%s", i > 0 ? ", " : "",
		    event_column[want[i]].name);
	}
	r->n = n;
	str_addf(&sql, " FROM event WHERE %s = ?1 ORDER BY seq",
	    event_column[by].name);
	return sqlite_ours(s, sql.p, &r->st, e);
}

static void
related_row(sqlite3_stmt *st, const int *want, size_t n, struct value *v)
{
	for (size_t c = 0; c < n; c++) {
		sqlite3_value *from = sqlite3_column_value(st, (int)c);

		v[c] = (struct value){ .type = VALUE_NULL };
		if (sqlite3_value_type(from) == SQLITE_NULL)
			continue;
		v[c].type = event_column[want[c]].type;
		if (v[c].type == VALUE_INT) {
			v[c].i = sqlite3_value_int64(from);
			continue;
		}
		v[c].p = (const char *)sqlite3_value_text(from);
		v[c].len = (size_t)sqlite3_value_bytes(from);
		if (v[c].p == NULL)
			v[c] = (struct value){ .type = VALUE_NULL };
	}
}

static int
looked_enough(const struct sqlite *s, struct err *e)
{
	return err_set(e, ERR_SYSTEM, "SQL stopped: more than %" PRIu64
	    " steps to look into other events", sql_budget(s));
}

/* 0, -1 an error, 1 ended by fn. */
static int
each_related(struct sqlite *s, struct related *r, store_query_fn *fn,
    void *ctx, struct err *e)
{
	struct value v[EVENT_NCOL];
	int rc, stop = 0;

	while (stop == 0 && (rc = sqlite3_step(r->st)) == SQLITE_ROW) {
		related_row(r->st, r->want, r->n, v);
		stop = fn(ctx, v, r->n, e);
	}
	if (stop != 0 || rc == SQLITE_DONE)
		return stop;
	if (rc != SQLITE_INTERRUPT)
		return sqlite_fail(s, "related events", e);
	s->steps = 0;
	return looked_enough(s, e);
}

/* What all looks of a scan may cost together is what one statement may. */
static int
x_related(void *db, const char *stream, int by, const struct value *key,
    const int *want, size_t n, store_query_fn *fn, void *ctx, struct err *e)
{
	struct sqlite *s = db;
	struct related *r = &s->related[by];
	int rc;

	if (want_stream(s, stream, e) == -1)
		return -1;
	if (s->newer)
		return err_set(e, ERR_SYSTEM, "%s: events were added while it was "
		    "opened", s->path);
	if (s->looksteps == 0)
		return looked_enough(s, e);
	if (prepare_related(s, by, want, n, e) == -1)
		return -1;
	s->steps = s->looksteps;
	(void)sqlite3_bind_text(r->st, 1, key->p, (int)key->len, SQLITE_STATIC);
	rc = each_related(s, r, fn, ctx, e);
	(void)sqlite3_reset(r->st);
	s->looksteps = s->steps;
	s->steps = UINT64_MAX;
	return rc == -1 ? -1 : 0;
}

static void
x_contents(void *db, int may)
{
	((struct sqlite *)db)->contents = may;
}

static int
x_columns(void *db, struct arena *a, const char *sql, const char ***name,
    size_t *n, struct err *e)
{
	struct sqlite *s = db;
	sqlite3_stmt *st;

	if (prepare_theirs(s, sql, &st, e) == -1)
		return -1;
	*n = (size_t)sqlite3_column_count(st);
	*name = arena_array(a, *n + 1, sizeof(**name));
	for (size_t c = 0; c < *n; c++)
		(*name)[c] = arena_strdup(a, sqlite3_column_name(st, (int)c));
	(void)sqlite3_finalize(st);
	return 0;
}

/* place of an id; 1 found, 0 not, -1. */
static int
find_payload(struct sqlite *s, const char *id, int64_t *place, struct err *e)
{
	int rc;

	if (s->find == NULL && (sqlite_ours(s, "SELECT rowid FROM payload "
	    "WHERE id = ?1", &s->find, e) == -1 || sqlite_ours(s,
	    "SELECT rowid, id, content, salt, erased_us FROM payload "
	    "WHERE rowid >= ?1 ORDER BY rowid", &s->from, e) == -1))
		return -1;
	(void)sqlite3_bind_text(s->find, 1, id, -1, SQLITE_STATIC);
	rc = sqlite3_step(s->find);
	*place = sqlite3_column_int64(s->find, 0);
	rc = rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 :
	    sqlite_fail(s, "table payload", e);
	(void)sqlite3_reset(s->find);
	return rc;
}

static const char *
payload_text(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

static int
x_payloads(void *db, const char *id, size_t n, store_payload_fn *fn,
    void *ctx, struct err *e)
{
	struct sqlite *s = db;
	int64_t place;
	int found = find_payload(s, id, &place, e), rc = SQLITE_ROW;

	if (found != 1)
		return found;
	(void)sqlite3_bind_int64(s->from, 1, place);
	for (size_t i = 0; i < n && (rc = sqlite3_step(s->from)) == SQLITE_ROW;
	    i++) {
		struct store_payload p = {
			.place = sqlite3_column_int64(s->from, 0),
			.id = payload_text(s->from, 1),
			.content = payload_text(s->from, 2),
			.salt = payload_text(s->from, 3),
			.erased_us = sqlite3_column_int64(s->from, 4),
		};

		p.len = (size_t)sqlite3_column_bytes(s->from, 2);
		/* The index and the table of a damaged file may differ. */
		if (i == 0 && (p.id == NULL || strcmp(p.id, id) != 0)) {
			found = err_set(e, ERR_INTEGRITY, "%s: table payload: "
			    "its index and its rows differ", s->path);
			break;
		}
		fn(ctx, &p);
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		found = sqlite_fail(s, "table payload", e);
	(void)sqlite3_reset(s->from);
	return found;
}

const struct store_backend store_sqlite = { "", x_open, x_again, x_close,
	x_streams, x_notes, x_segments, x_scan, x_row, x_load_ref, x_query,
	x_related, x_contents, x_narrow, x_whole, x_columns, x_payloads };
