#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "model/record.h"
#include "model/schema.h"
#include "read/store.h"
#include "store_help.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static int
setup(void **state)
{
	struct help *h = malloc(sizeof(*h));

	help_open(h, 300);
	*state = h;
	return 0;
}

static int
teardown(void **state)
{
	help_close(*state);
	free(*state);
	return 0;
}

static struct store *
open_ok(struct help *h)
{
	struct err e = { 0 };
	struct store *s;

	if (store_open(h->arena, h->path, &s, &e) == -1)
		fail_msg("%s", e.msg);
	return s;
}

struct rows {
	struct str all;
	uint64_t n;
};

static int
add_row(void *ctx, const struct event *ev, struct err *e)
{
	struct rows *r = ctx;

	(void)e;
	assert_int_equal(ev->seq, ev->col[EVENT_SEQ].i);
	str_add(&r->all, ev->record, ev->recordlen);
	str_addc(&r->all, '\n');
	r->n++;
	return 0;
}

static void
fast_and_plain_reading_give_the_same_bytes(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h), *again;
	const struct {
		uint64_t first, end, want;
	} cases[] = { { 0, 300, 300 }, { 0, UINT64_MAX, 300 }, { 7, 9, 2 },
		{ 299, 300, 1 }, { 300, 400, 0 }, { 5, 5, 0 } };
	struct err e = { 0 };

	assert_int_equal(store_again(h->arena, s, &again, &e), 0);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct rows r[3];

		for (size_t k = 0; k < 3; k++)
			r[k] = (struct rows){ str_new(h->arena), 0 };
		assert_int_equal(store_scan(s, "test", cases[i].first,
		    cases[i].end, add_row, &r[0], &e), 0);
		assert_int_equal(store_scan_plain(s, "test", cases[i].first,
		    cases[i].end, add_row, &r[1], &e), 0);
		assert_int_equal(store_scan(again, "test", cases[i].first,
		    cases[i].end, add_row, &r[2], &e), 0);
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(r[k].n, cases[i].want);
			assert_int_equal(r[k].all.len, r[0].all.len);
			assert_memory_equal(r[k].all.p, r[0].all.p, r[0].all.len);
		}
	}
	assert_int_equal(store_close(again), 0);
	assert_int_equal(store_close(s), 0);
}

static void
one_row_parses_back(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct value col[EVENT_NCOL];
	struct event ev;
	struct err e = { 0 };

	assert_int_equal(store_row(s, h->arena, "test", 42, &ev, &e), 1);
	assert_int_equal(record_parse(h->arena, ev.record, ev.recordlen, col,
	    &e), 0);
	for (size_t c = 0; c < EVENT_NCOL; c++)
		assert_true(value_eq(&col[c], &ev.col[c]));
	assert_int_equal(store_row(s, h->arena, "test", 300, &ev, &e), 0);
	assert_int_equal(store_row(s, h->arena, "other", 3, &ev, &e), -1);
	assert_non_null(strstr(e.msg, "no stream 'other'"));
	assert_int_equal(store_close(s), 0);
}

static void
the_stream_is_described(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct store_stream *t;
	struct store_note *note;
	struct store_segment *seg;
	struct err e = { 0 };
	size_t n;

	assert_int_equal(store_streams(s, h->arena, &t, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(t->origin, HELP_ORIGIN);
	assert_string_equal(t->stream, "test");
	assert_int_equal(t->size, 300);
	assert_null(t->damage);
	assert_int_equal(store_notes(s, h->arena, "test", &note, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_segments(s, h->arena, "test", &seg, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_close(s), 0);
}

static int
count_row(void *ctx, const struct value *v, size_t n, struct err *e)
{
	int64_t *sum = ctx;

	(void)e;
	assert_int_equal(n, 1);
	*sum += v[0].i;
	return 0;
}

static struct ref
small_ref(struct arena *a)
{
	static const struct ref_col col[] = {
		{ .name = "agent_id", .type = VALUE_TEXT, .key = 1 },
		{ .name = "n", .type = VALUE_INT } };
	struct value *cell = arena_array(a, 4, sizeof(*cell));
	struct ref_table *t = arena_alloc(a, sizeof(*t));

	cell[0] = (struct value){ VALUE_TEXT, 0, "agent", 5 };
	cell[1] = (struct value){ VALUE_INT, 7, NULL, 0 };
	cell[2] = (struct value){ VALUE_TEXT, 0, "other", 5 };
	*t = (struct ref_table){ .name = "ref_test", .col = col, .ncol = 2,
		.nrow = 2, .cell = cell };
	return (struct ref){ .table = t, .n = 1 };
}

static void
queries_join_reference_tables(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct ref ref = small_ref(h->arena);
	const struct {
		const char *sql;
		int64_t want;
	} cases[] = {
		{ "SELECT count(*) FROM event", 300 },
		{ "SELECT r.n FROM event e JOIN ref_test r ON r.agent_id = "
		  "e.agent_id WHERE e.seq < 10;  \n", 70 },
		{ "SELECT count(*) FROM event WHERE occurred_us >= :from_us AND "
		  "occurred_us < :to_us", 10 },
		{ "WITH t AS (SELECT seq, lag(seq) OVER (ORDER BY seq) AS p FROM "
		  "event) SELECT count(*) FROM t WHERE seq = p + 1", 299 },
		{ "SELECT count(*) FROM store, segment, checkpoint", 0 },
		{ "SELECT coalesce(NULL, 5)", 5 },
	};
	struct err e = { 0 };

	assert_int_equal(store_load_ref(s, &ref, &e), 0);
	for (size_t i = 0; i < LEN(cases); i++) {
		int64_t sum = 0;

		if (store_query(s, cases[i].sql, 100, 200, 0, count_row, &sum,
		    &e) == -1)
			fail_msg("%s: %s", cases[i].sql, e.msg);
		assert_int_equal(sum, cases[i].want);
	}
	assert_int_equal(store_load_ref(s, &ref, &e), -1);
	assert_int_equal(store_close(s), 0);
}

/* The list of reliability.md section 2, and more. */
static void
hostile_statements_are_refused(void **state)
{
	static const char *const cases[] = {
		"WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) "
		"SELECT count(*) FROM r",
		"ATTACH ':memory:' AS x", "VACUUM INTO '/tmp/x'",
		"PRAGMA user_version", "PRAGMA query_only=OFF",
		"CREATE TEMP TABLE t(x)", "CREATE TABLE t(x)", "BEGIN", "COMMIT",
		"DELETE FROM event", "DROP TABLE event", "UPDATE event SET seq = 1",
		"INSERT INTO store VALUES ('a', 'b', 1, 1)",
		"SELECT load_extension('x')", "SELECT fts3_tokenizer('simple')",
		"SELECT * FROM sqlite_master", "SELECT * FROM sqlite_schema",
		"SELECT * FROM sqlite_temp_master", "SELECT * FROM dbstat",
		"SELECT * FROM pragma_table_info('event')",
		"SELECT 1; SELECT 2", "EXPLAIN SELECT 1",
		"EXPLAIN QUERY PLAN SELECT 1", "", "  ", "-- nothing",
		"SELECT content FROM payload", "SELECT * FROM payload",
		"SELECT count(*) FROM payload",
		"SELECT randomblob(1000)", "SELECT replace('a', 'a', 'b')",
		"SELECT hex(zeroblob(5))", "SELECT printf('%d', 1)",
		"SELECT sqlite_version()", "SELECT json('{}')",
		"SELECT ?", "SELECT :other_us", "SELECT nonsense FROM event",
		"SELECT exhibit_rows(1)", "SELECT 1 FROM event WHERE reason LIKE 'a'",
		"VALUES (random())", "SELECT 1.5", "SELECT x'00'",
	};
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct ref ref = small_ref(h->arena);
	struct err first = { 0 };
	int64_t sum;

	assert_int_equal(store_load_ref(s, &ref, &first), 0);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct err e = { 0 };

		if (store_query(s, cases[i], 0, 0, 0, count_row, &sum, &e) == 0)
			fail_msg("ran: %s", cases[i]);
		assert_int_equal(e.kind, ERR_INPUT);
	}
	assert_int_equal(store_close(s), 0);
}

static int64_t
narrow_count(struct store *s, const char *only)
{
	uint8_t type[64] = { 0 }, column[EVENT_NCOL] = { 0 };
	struct err e = { 0 };
	int64_t n = 0;

	column[EVENT_SEQ] = column[EVENT_EVENT_TYPE] = 1;
	for (size_t t = 0; t < event_ntype; t++)
		type[t] = strcmp(event_type[t], only) == 0;
	assert_int_equal(store_narrow(s, type, column, &e), 0);
	assert_int_equal(store_query(s, "SELECT count(*) FROM event", 0, 0, 0,
	    count_row, &n, &e), 0);
	assert_int_equal(store_query(s, "SELECT tier FROM event", 0, 0, 0,
	    count_row, &n, &e), -1);
	assert_non_null(strstr(e.msg, "no such column"));
	assert_int_equal(store_whole(s, &e), 0);
	return n;
}

/* A part of the rows and columns stands before the whole table, and goes. */
static void
statements_see_what_they_need(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct err e = { 0 };
	int64_t n = 0;

	assert_int_equal(narrow_count(s, "halt"), 0);
	assert_int_equal(narrow_count(s, "action"), 300);
	assert_int_equal(store_query(s, "SELECT count(tier) > 0 FROM event", 0,
	    0, 0, count_row, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(store_close(s), 0);
}

static void
a_statement_has_a_budget(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct err e = { 0 };
	int64_t sum;

	/* 300^5 rows: ended by the steps, not by the clock. */
	assert_int_equal(store_query(s, "SELECT count(*) FROM event a, event b, "
	    "event c, event d, event e WHERE a.seq + b.seq + c.seq + d.seq + "
	    "e.seq < 0", 0, 0, 0, count_row, &sum, &e), -1);
	assert_int_equal(e.kind, ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "steps"));
	assert_int_equal(store_close(s), 0);
}

static void
run_sqlite(struct help *h, const char *path, const char *sql)
{
	char *cmd = arena_printf(h->arena, "sqlite3 %s \"%s\"", path, sql);

	if (system(cmd) != 0)
		fail_msg("%s", cmd);
}

/* Each is told apart by its message, and none is taken for an empty log. */
static void
what_is_not_a_store_is_named(void **state)
{
	struct help *h = *state;
	const struct {
		const char *make; /* shell, %s: the path of a copy */
		enum err_kind kind;
		const char *want;
	} cases[] = {
		{ "rm %s", ERR_SYSTEM, "exhibit ingest makes one" },
		{ ": > %s", ERR_INPUT, "an empty file" },
		{ "rm %s; mkdir %s", ERR_INPUT, "not a regular file" },
		{ "echo hello > %s", ERR_INPUT, "not a SQLite database" },
		{ "head -c 5000 /dev/zero > %s", ERR_INPUT, "not a SQLite" },
		{ "rm %s; sqlite3 %s 'CREATE TABLE t(x)'", ERR_INPUT,
		    "not an audit store (application_id is 0x00000000" },
		{ "sqlite3 %s 'PRAGMA user_version=2'", ERR_INPUT,
		    "audit store version 2, this program reads version 1" },
		{ "sqlite3 %s 'DROP TABLE payload'", ERR_INPUT,
		    "no table 'payload'" },
		{ "sqlite3 %s 'DROP TABLE segment; CREATE VIEW segment AS SELECT 1'",
		    ERR_INPUT, "'segment' is a view, want a table" },
		{ "sqlite3 %s 'DROP TABLE payload; CREATE TABLE payload(id TEXT)'",
		    ERR_INPUT, "table payload is not STRICT" },
		{ "sqlite3 %s 'DROP TABLE payload; CREATE TABLE payload(id TEXT "
		  "NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID'", ERR_INPUT,
		    "table payload is WITHOUT ROWID" },
		{ "sqlite3 %s 'ALTER TABLE event ADD COLUMN zzz TEXT'", ERR_INPUT,
		    "a column 'zzz' that version 1 does not know" },
		{ "sqlite3 %s 'DROP INDEX event_run_id; ALTER TABLE event RENAME "
		  "COLUMN run_id TO run'", ERR_INPUT,
		    "column 58 is 'run', want 'run_id'" },
		{ "sqlite3 %s 'DROP TRIGGER store_delete; DELETE FROM store'",
		    ERR_INPUT, "table store is empty" },
		{ "sqlite3 %s \"DROP TRIGGER store_update; UPDATE store SET "
		  "origin = 'a/b'\"", ERR_INPUT, "origin 'a/b' is not" },
		{ "ln -sf target %s; cp %s.0 target", ERR_INPUT, "is a link" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char *copy = arena_printf(h->arena, "%s/copy%zu", h->dir, i);
		struct str cmd = str_new(h->arena);
		struct store *s;
		struct err e = { 0 };

		str_addf(&cmd, "cd %s && cp audit.db %s && ", h->dir, copy);
		for (const char *p = cases[i].make; *p != '\0'; p++) {
			if (p[0] == '%' && p[1] == 's') {
				str_addz(&cmd, copy);
				p++;
			} else
				str_addc(&cmd, *p);
		}
		if (i + 1 == LEN(cases)) {
			str_reset(&cmd);
			str_addf(&cmd, "ln -s %s %s", h->path, copy);
		}
		if (system(cmd.p) != 0)
			fail_msg("%s", cmd.p);
		assert_int_equal(store_open(h->arena, copy, &s, &e), -1);
		if (e.kind != cases[i].kind || strstr(e.msg, cases[i].want) == NULL)
			fail_msg("%s: %d %s", cases[i].make, e.kind, e.msg);
	}
}

static void
wrong_values_are_integrity_faults(void **state)
{
	struct help *h = *state;
	const struct {
		const char *sql, *want;
	} cases[] = {
		{ "UPDATE event SET reason = CAST(x'ff41' AS TEXT) WHERE seq = 7",
		    "column reason: is not UTF-8" },
		{ "UPDATE event SET reason = CAST(x'410042' AS TEXT) WHERE seq = 7",
		    "column reason: is not UTF-8" },
		{ "UPDATE event SET amount_minor = 9007199254740992 WHERE seq = 7",
		    "column amount_minor: is outside" },
		{ "UPDATE event SET stream = 'other' WHERE seq = 7",
		    "event 7: stream is 'other', want 'test'" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char *copy = arena_printf(h->arena, "%s/bad%zu", h->dir, i);
		struct rows r = { str_new(h->arena), 0 };
		struct store *s;
		struct err e = { 0 };

		if (system(arena_printf(h->arena, "cp %s %s", h->path, copy)) != 0)
			fail();
		run_sqlite(h, copy, "DROP TRIGGER event_update");
		run_sqlite(h, copy, cases[i].sql);
		assert_int_equal(store_open(h->arena, copy, &s, &e), 0);
		assert_int_equal(store_scan(s, "test", 0, 300, add_row, &r, &e),
		    -1);
		assert_int_equal(e.kind, ERR_INTEGRITY);
		if (strstr(e.msg, cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].sql, e.msg);
		assert_int_equal(r.n, 7);
		e = (struct err){ 0 };
		assert_int_equal(store_scan_plain(s, "test", 0, 300, add_row, &r,
		    &e), -1);
		assert_int_equal(e.kind, ERR_INTEGRITY);
		assert_int_equal(store_close(s), 0);
	}
}

/* A cut file is found: at opening as damage, or at reading. */
static void
a_cut_file_is_an_integrity_fault(void **state)
{
	struct help *h = *state;
	struct stat st;

	assert_int_equal(stat(h->path, &st), 0);
	for (off_t left = st.st_size - 1; left > 100; left -= st.st_size / 23) {
		char *copy = arena_printf(h->arena, "%s/cut", h->dir);
		struct rows r = { str_new(h->arena), 0 };
		struct store_stream *t;
		struct store *s;
		struct err e = { 0 };
		size_t n;
		int found;

		if (system(arena_printf(h->arena, "cp %s %s", h->path, copy)) != 0)
			fail();
		assert_int_equal(truncate(copy, left), 0);
		found = store_open(h->arena, copy, &s, &e) == -1;
		if (!found) {
			assert_int_equal(store_streams(s, h->arena, &t, &n, &e), 0);
			found = t->damage != NULL || store_scan(s, "test", 0, 300,
			    add_row, &r, &e) == -1;
			assert_int_equal(store_close(s), 0);
		}
		/* Pages of indexes and payloads may go without a row lost. */
		if (!found && r.n != 300)
			fail_msg("%ld bytes left: %llu rows and no word",
			    (long)left, (unsigned long long)r.n);
		if (e.kind != ERR_OK)
			assert_int_equal(e.kind, ERR_INTEGRITY);
	}
}

/* The append-only triggers, tried by the sqlite3 shell. */
static void
triggers_refuse_what_is_not_an_append(void **state)
{
	struct help *h = *state;
	const struct {
		const char *sql, *want;
	} cases[] = {
		{ "UPDATE event SET amount_minor = 1 WHERE seq = 5", "append-only" },
		{ "DELETE FROM event WHERE seq = 299", "append-only" },
		{ "DELETE FROM event", "append-only" },
		{ "UPDATE store SET origin = 'a/b/c'", "append-only" },
		{ "DELETE FROM store", "append-only" },
		{ "INSERT INTO store VALUES ('a/b/c', 'c', 1, 1)", "one stream" },
		{ "INSERT INTO event (agent_id, event_id, event_type, occurred_us, "
		  "prev_hash, recorded_us, seq, source_format, source_grade, "
		  "stream) SELECT agent_id, 'x', event_type, occurred_us, prev_hash, "
		  "recorded_us, seq + 1, source_format, source_grade, stream FROM "
		  "event WHERE seq = 299", "exhibit_prev_hash" },
		{ "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 5",
		    "exhibit_prev_hash" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char *out = arena_printf(h->arena, "%s/out", h->dir), *p;
		struct err e = { 0 };
		size_t len;

		assert_int_not_equal(system(arena_printf(h->arena,
		    "sqlite3 %s \"%s\" 2>%s", h->path, cases[i].sql, out)), 0);
		assert_int_equal(out_slurp(h->arena, out, 4096, &p, &len, &e), 0);
		if (strstr(p, cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].sql, p);
	}
}

/* A connection with exhibit_prev_hash still cannot write another one. */
static void
other_hash(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	(void)n;
	(void)v;
	sqlite3_result_text(ctx, "right", -1, SQLITE_STATIC);
}

static void
triggers_refuse_gaps_links_and_times(void **state)
{
	struct help *h = *state;
	const struct {
		const char *seq, *prev, *us, *want;
	} cases[] = {
		{ "301", "'right'", "9999", "seq is not the last one plus 1" },
		{ "-1", "'right'", "9999", "seq is not the last one plus 1" },
		{ "300", "'wrong'", "9999", "prev_hash is not the leaf" },
		{ "300", "'right'", "2992", "recorded_us is below the last" },
		{ "300", "'right'", "2993", NULL },
	};
	sqlite3 *db;

	assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_create_function(db, "exhibit_prev_hash", 1,
	    SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, other_hash, NULL, NULL),
	    SQLITE_OK);
	for (size_t i = 0; i < LEN(cases); i++) {
		char *why = NULL;
		int rc = sqlite3_exec(db, arena_printf(h->arena,
		    "INSERT INTO event (agent_id, event_id, event_type, "
		    "occurred_us, prev_hash, recorded_us, seq, source_format, "
		    "source_grade, stream) VALUES ('a', 'new%zu', 'action', 1, %s, "
		    "%s, %s, 'native', 'none', 'test')", i, cases[i].prev,
		    cases[i].us, cases[i].seq), NULL, NULL, &why);

		if (cases[i].want == NULL)
			assert_int_equal(rc, SQLITE_OK);
		else if (why == NULL || strstr(why, cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].want, why);
		sqlite3_free(why);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A reader keeps its snapshot while a writer appends. */
static void
a_writer_beside_changes_nothing(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h), *again;
	struct rows r = { str_new(h->arena), 0 };
	struct err e = { 0 };
	int64_t n = 0;

	help_append(h, 300, 50);
	assert_int_equal(store_again(h->arena, s, &again, &e), 0);
	assert_int_equal(store_scan(s, "test", 0, UINT64_MAX, add_row, &r, &e), 0);
	assert_int_equal(r.n, 300);
	assert_int_equal(store_query(s, "SELECT count(*) FROM event", 0, 0, 0,
	    count_row, &n, &e), 0);
	assert_int_equal(n, 300);
	/* The second connection has newer rows, and says so. */
	assert_int_equal(store_query(again, "SELECT count(*) FROM event", 0, 0, 0,
	    count_row, &n, &e), -1);
	assert_non_null(strstr(e.msg, "events were added"));
	assert_int_equal(store_close(again), 0);
	assert_int_equal(store_close(s), 0);
}

struct reader {
	struct store *s;
	uint64_t first, end;
	struct rows rows;
	struct err err;
	int rc;
};

static void *
read_range(void *ctx)
{
	struct reader *r = ctx;

	r->rc = store_scan(r->s, "test", r->first, r->end, add_row, &r->rows,
	    &r->err);
	return NULL;
}

/* A connection a thread, while a writer appends. */
static void
threads_read_their_ranges(void **state)
{
	struct help *h = *state;
	struct store *s = open_ok(h);
	struct rows all = { str_new(h->arena), 0 };
	struct str joined = str_new(h->arena);
	struct reader r[3];
	pthread_t t[3];
	struct err e = { 0 };

	assert_int_equal(store_scan(s, "test", 0, 300, add_row, &all, &e), 0);
	for (size_t i = 0; i < LEN(r); i++) {
		struct arena *a = arena_new();

		r[i] = (struct reader){ .first = i * 100, .end = i * 100 + 100,
			.rows = { str_new(a), 0 } };
		assert_int_equal(store_again(a, s, &r[i].s, &e), 0);
		help_append(h, 300 + i * 10, 10);
	}
	for (size_t i = 0; i < LEN(r); i++)
		assert_int_equal(pthread_create(&t[i], NULL, read_range, &r[i]), 0);
	for (size_t i = 0; i < LEN(r); i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(r[i].rc, 0);
		str_add(&joined, r[i].rows.all.p, r[i].rows.all.len);
		assert_int_equal(store_close(r[i].s), 0);
		arena_free(r[i].rows.all.arena);
	}
	assert_int_equal(joined.len, all.all.len);
	assert_memory_equal(joined.p, all.all.p, joined.len);
	assert_int_equal(store_close(s), 0);
}

/* performance.md: no allocation of ours may grow with the rows. */
static void
reading_leaves_the_file_as_it_was(void **state)
{
	struct help *h = *state;
	struct rows r = { str_new(h->arena), 0 };
	struct store *s;
	struct err e = { 0 };
	char *before, *after;
	size_t n[2];

	assert_int_equal(out_slurp(h->arena, h->path, 16 * MIB, &before, &n[0],
	    &e), 0);
	s = open_ok(h);
	assert_int_equal(store_scan(s, "test", 0, 300, add_row, &r, &e), 0);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(out_slurp(h->arena, h->path, 16 * MIB, &after, &n[1],
	    &e), 0);
	assert_int_equal(n[0], n[1]);
	assert_memory_equal(before, after, n[0]);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(fast_and_plain_reading_give_the_same_bytes),
		T(one_row_parses_back), T(the_stream_is_described),
		T(queries_join_reference_tables),
		T(hostile_statements_are_refused), T(a_statement_has_a_budget),
		T(statements_see_what_they_need),
		T(what_is_not_a_store_is_named),
		T(wrong_values_are_integrity_faults),
		T(a_cut_file_is_an_integrity_fault),
		T(triggers_refuse_what_is_not_an_append),
		T(triggers_refuse_gaps_links_and_times),
		T(a_writer_beside_changes_nothing),
		T(threads_read_their_ranges),
		T(reading_leaves_the_file_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
