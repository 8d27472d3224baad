#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/merkle.h"
#include "ingest/append.h"
#include "model/record.h"
#include "model/schema.h"

#define SEGMENT_LEVEL 16 /* 2^16 = LIMIT_SEGMENT */

struct append {
	struct arena *arena;
	sqlite3 *db;
	sqlite3_stmt *insert, *find, *payload, *segment;
	const char *path, *origin, *stream;
	struct hash *hash;
	struct str record;
	int open; /* a transaction is */

	/* The right edge, as the file had it or as we made it. */
	uint64_t size;
	int64_t last_us;        /* recorded_us of the last event */
	uint8_t head[HASH_LEN]; /* its leaf, or the genesis */
	char prev[HASH_HEXLEN]; /* the same in hex: the next prev_hash */
	struct merkle part;     /* of the running segment */
	int64_t from_us, to_us; /* its occurred_us */

	/* The last answer of append_root; rows never change. */
	uint64_t rooted;
	uint8_t root[HASH_LEN];
};

static int
fail(const struct append *ap, const char *what, struct err *e)
{
	int rc = sqlite3_extended_errcode(ap->db);
	enum err_kind kind = (rc & 0xff) == SQLITE_CORRUPT ||
	    (rc & 0xff) == SQLITE_NOTADB ? ERR_INTEGRITY : ERR_SYSTEM;

	if ((rc & 0xff) == SQLITE_BUSY)
		return err_set(e, ERR_SYSTEM, "%s: %s: another program holds a "
		    "lock on it", ap->path, what);
	return err_set(e, kind, "%s: %s: %s", ap->path, what,
	    sqlite3_errmsg(ap->db));
}

static int
run(struct append *ap, const char *sql, struct err *e)
{
	return sqlite3_exec(ap->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 :
	    fail(ap, "writing", e);
}

static int
prepare(struct append *ap, const char *sql, sqlite3_stmt **st, struct err *e)
{
	return sqlite3_prepare_v2(ap->db, sql, -1, st, NULL) == SQLITE_OK ? 0 :
	    fail(ap, "opening", e);
}

/* The leaf of the row before, as text: what the trigger compares with. */
static void
prev_hash(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	const struct append *ap = sqlite3_user_data(ctx);

	(void)n;
	if ((uint64_t)sqlite3_value_int64(v[0]) == ap->size)
		sqlite3_result_text(ctx, ap->prev, HASH_HEXLEN - 1,
		    SQLITE_STATIC);
	else
		sqlite3_result_null(ctx);
}

static int
open_db(struct append *ap, int flags, struct err *e)
{
	int rc = sqlite3_open_v2(ap->path, &ap->db, flags | SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL);

	if (ap->db == NULL)
		err_die("out of memory");
	if (rc != SQLITE_OK)
		return fail(ap, "opening", e);
	(void)sqlite3_busy_timeout(ap->db, 10000);
	(void)sqlite3_db_config(ap->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(ap->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_limit(ap->db, SQLITE_LIMIT_ATTACHED, 0);
	if (sqlite3_create_function_v2(ap->db, "exhibit_prev_hash", 1,
	    SQLITE_UTF8 | SQLITE_INNOCUOUS, ap, prev_hash, NULL, NULL, NULL) !=
	    SQLITE_OK)
		return fail(ap, "opening", e);
	return run(ap, "PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON; "
	    "PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4096", e);
}

static int
write_schema(struct append *ap, const char *origin, const char *stream,
    int64_t created_us, struct err *e)
{
	sqlite3_stmt *st;
	struct str sql = str_new(ap->arena);
	int rc;

	str_addz(&sql, "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; BEGIN;");
	schema_ddl(&sql, SCHEMA_SQLITE);
	str_addf(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
	    SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	if (run(ap, sql.p, e) == -1 || prepare(ap,
	    "INSERT INTO store VALUES (?1, ?2, ?3, ?4)", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_text(st, 1, origin, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 2, stream, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(st, 3, created_us);
	(void)sqlite3_bind_int64(st, 4, SCHEMA_VERSION);
	rc = sqlite3_step(st) == SQLITE_DONE ? 0 : fail(ap, "writing", e);
	(void)sqlite3_finalize(st);
	return rc == 0 ? run(ap, "COMMIT", e) : -1;
}

int
append_create(const char *path, const char *origin, int64_t created_us,
    struct err *e)
{
	struct append ap = { .path = path };
	const char *stream;
	int fd, rc = -1;

	if (!schema_origin(origin, &stream))
		return err_set(e, ERR_INPUT, "origin '%s': want "
		    "<organisation>/<store>/<stream>, each of letters, digits, "
		    "'.', '_' and '-'", origin);
	fd = open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_RDWR, 0644);
	if (fd == -1)
		return errno == EEXIST ? err_set(e, ERR_INPUT,
		    "%s: is there already", path) : err_errno(e, "%s", path);
	(void)close(fd);
	ap.arena = arena_new();
	if (open_db(&ap, 0, e) == 0)
		rc = write_schema(&ap, origin, stream, created_us, e);
	if (sqlite3_close(ap.db) != SQLITE_OK && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "%s: closing failed", path);
	if (rc == -1)
		(void)unlink(path);
	arena_free(ap.arena);
	return rc;
}

static int
check_store(struct append *ap, struct err *e)
{
	sqlite3_stmt *st;
	const char *last;
	int rc = 0;

	if (prepare(ap, "SELECT origin, stream, "
	    "(SELECT application_id FROM pragma_application_id), "
	    "(SELECT user_version FROM pragma_user_version) FROM store", &st,
	    e) == -1)
		return e->kind == ERR_INTEGRITY ? err_set(e, ERR_INPUT,
		    "%s: not an audit store", ap->path) : err_set(e, ERR_INPUT,
		    "%s: not an audit store (%s)", ap->path,
		    sqlite3_errmsg(ap->db));
	if (sqlite3_step(st) != SQLITE_ROW)
		rc = err_set(e, ERR_INPUT, "%s: table store is empty", ap->path);
	else if (sqlite3_column_int64(st, 2) != SCHEMA_APPLICATION_ID)
		rc = err_set(e, ERR_INPUT, "%s: a SQLite database, but not an "
		    "audit store", ap->path);
	else if (sqlite3_column_int64(st, 3) != SCHEMA_VERSION)
		rc = err_set(e, ERR_INPUT, "%s: audit store version %lld, this "
		    "program writes version %d", ap->path,
		    sqlite3_column_int64(st, 3), SCHEMA_VERSION);
	else {
		ap->origin = arena_strdup(ap->arena,
		    (const char *)sqlite3_column_text(st, 0));
		ap->stream = arena_strdup(ap->arena,
		    (const char *)sqlite3_column_text(st, 1));
		if (!schema_origin(ap->origin, &last) ||
		    strcmp(last, ap->stream) != 0)
			rc = err_set(e, ERR_INPUT, "%s: bad origin '%s'",
			    ap->path, ap->origin);
	}
	(void)sqlite3_finalize(st);
	return rc;
}

static void
row_values(sqlite3_stmt *st, struct value *col)
{
	for (int c = 0; c < EVENT_NCOL; c++) {
		int type = sqlite3_column_type(st, c);

		col[c] = (struct value){ .type = VALUE_NULL };
		if (type == SQLITE_INTEGER) {
			col[c].type = VALUE_INT;
			col[c].i = sqlite3_column_int64(st, c);
		} else if (type != SQLITE_NULL) {
			col[c].type = VALUE_TEXT;
			col[c].p = (const char *)sqlite3_column_text(st, c);
			col[c].len = (size_t)sqlite3_column_bytes(st, c);
		}
	}
}

/* The event stands in the file: its leaf is the new head. */
static void
move_head(struct append *ap, const struct value *col)
{
	int64_t us = col[EVENT_OCCURRED_US].i;

	if (ap->part.size == 0)
		ap->from_us = ap->to_us = us;
	if (us < ap->from_us)
		ap->from_us = us;
	if (us > ap->to_us)
		ap->to_us = us;
	hash_leaf(ap->hash, ap->head, ap->record.p, ap->record.len);
	hash_hex(ap->prev, ap->head);
	merkle_add(&ap->part, ap->head);
	ap->last_us = col[EVENT_RECORDED_US].i;
	ap->size++;
	if (ap->part.size == LIMIT_SEGMENT)
		merkle_init(&ap->part, ap->hash);
}

static int
rows_from(struct append *ap, uint64_t first, sqlite3_stmt **st, struct err *e)
{
	struct str sql = str_new(ap->arena);

	str_addz(&sql, "SELECT ");
	schema_columns(&sql);
	str_addz(&sql, " FROM event NOT INDEXED WHERE seq >= ?1 ORDER BY seq");
	if (prepare(ap, sql.p, st, e) == -1)
		return -1;
	(void)sqlite3_bind_int64(*st, 1, (sqlite3_int64)first);
	return 0;
}

/*
 * Reads the running segment again: its leaves, links and times.  The row
 * before it, if any, gives the first prev_hash.
 */
static int
load_edge(struct append *ap, struct err *e)
{
	struct value col[EVENT_NCOL];
	uint64_t first = 0;
	sqlite3_stmt *st;
	int rc;

	if (prepare(ap, "SELECT max(seq) FROM event", &st, e) == -1)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_type(st, 0) != SQLITE_NULL)
		first = (uint64_t)sqlite3_column_int64(st, 0) / LIMIT_SEGMENT *
		    LIMIT_SEGMENT;
	(void)sqlite3_finalize(st);
	record_genesis(ap->hash, ap->origin, ap->head);
	hash_hex(ap->prev, ap->head);
	merkle_init(&ap->part, ap->hash);
	ap->last_us = INT64_MIN;
	ap->size = first;
	if (rows_from(ap, first, &st, e) == -1)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		row_values(st, col);
		if ((uint64_t)col[EVENT_SEQ].i != ap->size ||
		    ((ap->size > first || first == 0) &&
		    !str_eq(value_text(&col[EVENT_PREV_HASH]), ap->prev))) {
			rc = err_set(e, ERR_INTEGRITY, "%s: the chain is broken "
			    "at event %" PRIu64 ": nothing can be appended; see "
			    "exhibit verify", ap->path, ap->size);
			break;
		}
		str_reset(&ap->record);
		record_add(&ap->record, col);
		move_head(ap, col);
	}
	if (rc != -1)
		rc = rc == SQLITE_DONE ? 0 : fail(ap, "reading", e);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
prepare_all(struct append *ap, struct err *e)
{
	struct str sql = str_new(ap->arena);

	str_addz(&sql, "INSERT INTO event (");
	schema_columns(&sql);
	str_addz(&sql, ") VALUES (?1");
	for (int c = 1; c < EVENT_NCOL; c++)
		str_addf(&sql, ", ?%d", c + 1);
	str_addz(&sql, ")");
	if (prepare(ap, sql.p, &ap->insert, e) == -1)
		return -1;
	str_reset(&sql);
	str_addz(&sql, "SELECT ");
	schema_columns(&sql);
	str_addz(&sql, " FROM event WHERE event_id = ?1");
	if (prepare(ap, sql.p, &ap->find, e) == -1)
		return -1;
	return prepare(ap, "INSERT INTO payload (id, salt, content) "
	    "VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING", &ap->payload, e) ==
	    -1 || prepare(ap, "INSERT INTO segment VALUES (?1, ?2, ?3, ?4, ?5)",
	    &ap->segment, e) == -1 ? -1 : 0;
}

int
append_open(struct arena *a, const char *path, struct append **out,
    struct err *e)
{
	struct append *ap = arena_alloc(a, sizeof(*ap));

	*out = ap;
	ap->arena = a;
	ap->path = arena_strdup(a, path);
	ap->hash = hash_new(a);
	ap->record = str_new(a);
	if (access(path, F_OK) == -1)
		return err_errno(e, "%s", path);
	if (open_db(ap, 0, e) == -1)
		return sqlite3_errcode(ap->db) != SQLITE_NOTADB ? -1 :
		    err_set(e, ERR_INPUT, "%s: not a SQLite database", path);
	if (check_store(ap, e) == -1 ||
	    prepare_all(ap, e) == -1)
		return -1;
	return load_edge(ap, e);
}

int
append_close(struct append *ap)
{
	int rc = 0;

	if (ap == NULL || ap->db == NULL)
		return 0;
	if (ap->open)
		(void)sqlite3_exec(ap->db, "ROLLBACK", NULL, NULL, NULL);
	(void)sqlite3_finalize(ap->insert);
	(void)sqlite3_finalize(ap->find);
	(void)sqlite3_finalize(ap->payload);
	(void)sqlite3_finalize(ap->segment);
	if (sqlite3_close(ap->db) != SQLITE_OK)
		rc = -1;
	hash_free(ap->hash);
	ap->db = NULL;
	return rc;
}

const char *
append_origin(const struct append *ap)
{
	return ap->origin;
}

const char *
append_stream(const struct append *ap)
{
	return ap->stream;
}

uint64_t
append_size(const struct append *ap)
{
	return ap->size;
}

int64_t
append_last_us(const struct append *ap)
{
	return ap->last_us;
}

int
append_begin(struct append *ap, struct err *e)
{
	sqlite3_stmt *st;
	uint64_t size = 0;

	if (run(ap, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	ap->open = 1;
	/* Another writer may have had its turn. */
	if (prepare(ap, "SELECT coalesce(max(seq), -1) + 1 FROM event", &st, e) ==
	    -1)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		size = (uint64_t)sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return size == ap->size ? 0 : load_edge(ap, e);
}

int
append_commit(struct append *ap, struct err *e)
{
	ap->open = 0;
	if (run(ap, "COMMIT", e) == 0)
		return 0;
	(void)sqlite3_exec(ap->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int
append_rollback(struct append *ap, struct err *e)
{
	ap->open = 0;
	return run(ap, "ROLLBACK", e) == -1 ? -1 : load_edge(ap, e);
}

int
append_find(struct append *ap, struct arena *a, const char *event_id,
    struct value *col, struct err *e)
{
	int rc;

	(void)sqlite3_bind_text(ap->find, 1, event_id, -1, SQLITE_STATIC);
	rc = sqlite3_step(ap->find);
	if (rc == SQLITE_ROW) {
		row_values(ap->find, col);
		for (int c = 0; c < EVENT_NCOL; c++)
			if (col[c].type == VALUE_TEXT)
				col[c].p = arena_strndup(a, col[c].p, col[c].len);
		rc = 1;
	} else
		rc = rc == SQLITE_DONE ? 0 : fail(ap, "reading", e);
	(void)sqlite3_reset(ap->find);
	return rc;
}

int
append_imports(struct append *ap,
    int (*fn)(void *, const char *, const char *), void *ctx, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	/* Their event_id begins so, and is indexed. */
	if (prepare(ap, "SELECT source_format, ext FROM event WHERE "
	    "event_id >= 'import:' AND event_id < 'import;' AND "
	    "event_type = 'import'", &st, e) == -1)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		if (fn(ctx, (const char *)sqlite3_column_text(st, 0),
		    (const char *)sqlite3_column_text(st, 1)) != 0)
			break;
	rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : fail(ap, "reading", e);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
write_segment(struct append *ap, uint64_t first, const uint8_t root[HASH_LEN],
    int64_t from_us, int64_t to_us, struct err *e)
{
	char hex[HASH_HEXLEN];
	int rc;

	hash_hex(hex, root);
	(void)sqlite3_bind_text(ap->segment, 1, ap->stream, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(ap->segment, 2, (sqlite3_int64)first);
	(void)sqlite3_bind_text(ap->segment, 3, hex, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(ap->segment, 4, from_us);
	(void)sqlite3_bind_int64(ap->segment, 5, to_us);
	rc = sqlite3_step(ap->segment) == SQLITE_DONE ? 0 :
	    fail(ap, "writing a segment", e);
	(void)sqlite3_reset(ap->segment);
	return rc;
}

static void
bind_row(sqlite3_stmt *st, const struct value *col)
{
	(void)sqlite3_clear_bindings(st);
	for (int c = 0; c < EVENT_NCOL; c++) {
		if (col[c].type == VALUE_INT)
			(void)sqlite3_bind_int64(st, c + 1, col[c].i);
		else if (col[c].type == VALUE_TEXT)
			(void)sqlite3_bind_text(st, c + 1, col[c].p,
			    (int)col[c].len, SQLITE_STATIC);
	}
}

static int
check_row(const struct append *ap, const struct value *col, struct err *e)
{
	for (int c = 0; c < EVENT_NCOL; c++)
		if (record_check((enum event_col)c, &col[c], e) == -1)
			return -1;
	if (!event_type_known(col[EVENT_EVENT_TYPE].p))
		return err_set(e, ERR_INPUT, "event_type: unknown type '%.64s'",
		    col[EVENT_EVENT_TYPE].p);
	if (col[EVENT_RECORDED_US].i < ap->last_us)
		return err_set(e, ERR_INPUT, "recorded_us: %" PRId64
		    " is before that of the last event (%" PRId64
		    "): the log may not go back", col[EVENT_RECORDED_US].i,
		    ap->last_us);
	return 0;
}

int
append_event(struct append *ap, struct value *col, struct err *e)
{
	uint64_t first = ap->size / LIMIT_SEGMENT * LIMIT_SEGMENT;
	uint8_t root[HASH_LEN];
	int64_t from_us, to_us;

	col[EVENT_SEQ] = (struct value){ VALUE_INT, (int64_t)ap->size, NULL, 0 };
	col[EVENT_PREV_HASH] = (struct value){ VALUE_TEXT, 0, ap->prev,
		HASH_HEXLEN - 1 };
	col[EVENT_STREAM] = (struct value){ VALUE_TEXT, 0, ap->stream,
		strlen(ap->stream) };
	if (check_row(ap, col, e) == -1)
		return -1;
	str_reset(&ap->record);
	record_add(&ap->record, col);
	if (ap->record.len > LIMIT_RECORD)
		return err_set(e, ERR_INPUT, "the record has %zu bytes, at most %u",
		    ap->record.len, LIMIT_RECORD);
	bind_row(ap->insert, col);
	if (sqlite3_step(ap->insert) != SQLITE_DONE) {
		(void)fail(ap, "appending", e);
		(void)sqlite3_reset(ap->insert);
		return -1;
	}
	(void)sqlite3_reset(ap->insert);
	if (ap->part.size + 1 < LIMIT_SEGMENT) {
		move_head(ap, col);
		return 0;
	}
	/* The last event of a segment: its root before the part is emptied. */
	from_us = col[EVENT_OCCURRED_US].i < ap->from_us ?
	    col[EVENT_OCCURRED_US].i : ap->from_us;
	to_us = col[EVENT_OCCURRED_US].i > ap->to_us ?
	    col[EVENT_OCCURRED_US].i : ap->to_us;
	hash_leaf(ap->hash, ap->head, ap->record.p, ap->record.len);
	merkle_add(&ap->part, ap->head);
	merkle_root(&ap->part, root);
	merkle_init(&ap->part, ap->hash);
	hash_hex(ap->prev, ap->head);
	ap->last_us = col[EVENT_RECORDED_US].i;
	ap->size++;
	return write_segment(ap, first, root, from_us, to_us, e);
}

int
append_payload(struct append *ap, const char *id, const char *salt,
    const char *content, size_t len, struct err *e)
{
	int rc;

	if (len > LIMIT_LOG_RECORD)
		return err_set(e, ERR_INPUT, "payload: %zu bytes, at most %u", len,
		    LIMIT_LOG_RECORD);
	(void)sqlite3_bind_text(ap->payload, 1, id, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(ap->payload, 2, salt, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(ap->payload, 3, content, (int)len,
	    SQLITE_STATIC);
	rc = sqlite3_step(ap->payload) == SQLITE_DONE ? 0 :
	    fail(ap, "writing a payload", e);
	(void)sqlite3_reset(ap->payload);
	return rc;
}

int
append_erase(struct append *ap, const char *id, int64_t erased_us,
    struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_exec(ap->db, "PRAGMA secure_delete = ON", NULL, NULL,
	    NULL) != SQLITE_OK || prepare(ap, "INSERT INTO payload (id, "
	    "erased_us) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET salt = "
	    "NULL, content = NULL, erased_us = ?2 WHERE erased_us IS NULL",
	    &st, e) == -1)
		return fail(ap, "erasing a payload", e);
	(void)sqlite3_bind_text(st, 1, id, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(st, 2, erased_us);
	rc = sqlite3_step(st) == SQLITE_DONE ? 0 :
	    fail(ap, "erasing a payload", e);
	(void)sqlite3_finalize(st);
	return rc;
}

/* Adds the stored roots of the segments that lie below size. */
static int
add_segments(struct append *ap, struct merkle *m, uint64_t size,
    struct err *e)
{
	uint8_t root[HASH_LEN];
	sqlite3_stmt *st;
	int rc = 0;

	if (prepare(ap, "SELECT root FROM segment WHERE stream = ?1 "
	    "ORDER BY first_seq", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_text(st, 1, ap->stream, -1, SQLITE_STATIC);
	while (rc == 0 && m->size + LIMIT_SEGMENT <= size) {
		const char *hex = sqlite3_step(st) == SQLITE_ROW ?
		    (const char *)sqlite3_column_text(st, 0) : NULL;

		if (hex == NULL || hash_unhex(root, hex) == -1)
			rc = err_set(e, ERR_INTEGRITY, "%s: table segment: no root "
			    "of the segment at %" PRIu64, ap->path, m->size);
		else
			merkle_add_tree(m, SEGMENT_LEVEL, root);
	}
	(void)sqlite3_finalize(st);
	return rc;
}

int
append_root(struct append *ap, uint64_t size, uint8_t root[HASH_LEN],
    struct err *e)
{
	struct value col[EVENT_NCOL];
	uint8_t leaf[HASH_LEN];
	sqlite3_stmt *st = NULL;
	struct merkle m;
	int rc = 0;

	if (size > ap->size)
		return err_set(e, ERR_INTEGRITY, "%s: %" PRIu64 " events, but %"
		    PRIu64 " were signed: the store was cut", ap->path, ap->size,
		    size);
	if (size > 0 && size == ap->rooted) {
		memcpy(root, ap->root, HASH_LEN);
		return 0;
	}
	merkle_init(&m, ap->hash);
	if (add_segments(ap, &m, size, e) == -1)
		return -1;
	if (m.size < size && rows_from(ap, m.size, &st, e) == -1)
		return -1;
	while (rc == 0 && m.size < size) {
		if (sqlite3_step(st) != SQLITE_ROW) {
			rc = fail(ap, "reading", e);
			break;
		}
		row_values(st, col);
		str_reset(&ap->record);
		record_add(&ap->record, col);
		hash_leaf(ap->hash, leaf, ap->record.p, ap->record.len);
		merkle_add(&m, leaf);
	}
	(void)sqlite3_finalize(st);
	if (rc == 0) {
		merkle_root(&m, root);
		ap->rooted = size;
		memcpy(ap->root, root, HASH_LEN);
	}
	return rc;
}

int
append_last_note(struct append *ap, struct arena *a, uint64_t *size,
    const char **note, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (prepare(ap, "SELECT size, note FROM checkpoint WHERE stream = ?1 "
	    "ORDER BY size DESC LIMIT 1", &st, e) == -1)
		return -1;
	(void)sqlite3_bind_text(st, 1, ap->stream, -1, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		*size = (uint64_t)sqlite3_column_int64(st, 0);
		*note = arena_strdup(a, (const char *)sqlite3_column_text(st, 1));
		rc = 1;
	} else
		rc = rc == SQLITE_DONE ? 0 : fail(ap, "reading", e);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
run_bound(struct append *ap, const char *sql, uint64_t size, const char *text,
    struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (prepare(ap, sql, &st, e) == -1)
		return -1;
	(void)sqlite3_bind_text(st, 1, ap->stream, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)size);
	(void)sqlite3_bind_text(st, 3, text, -1, SQLITE_STATIC);
	rc = sqlite3_step(st) == SQLITE_DONE ? 0 :
	    fail(ap, "writing a checkpoint", e);
	(void)sqlite3_finalize(st);
	if (rc == 0 && sqlite3_changes(ap->db) != 1)
		rc = err_set(e, ERR_INPUT, "%s: no checkpoint of %" PRIu64
		    " events without a time stamp", ap->path, size);
	return rc;
}

int
append_note(struct append *ap, uint64_t size, const char *note, struct err *e)
{
	return run_bound(ap, "INSERT INTO checkpoint (stream, size, note) "
	    "VALUES (?1, ?2, ?3)", size, note, e);
}

int
append_token(struct append *ap, uint64_t size, const char *token,
    struct err *e)
{
	return run_bound(ap, "UPDATE checkpoint SET timestamp_token = ?3 "
	    "WHERE stream = ?1 AND size = ?2 AND timestamp_token IS NULL", size,
	    token, e);
}
