#define _XOPEN_SOURCE 700 /* realpath */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "model/schema.h"
#include "read/sqlite.h"

int
sqlite_fail(const struct sqlite *s, const char *what, struct err *e)
{
	int rc = s->db == NULL ? SQLITE_CANTOPEN :
	    sqlite3_extended_errcode(s->db);
	const char *why = s->db == NULL ? "cannot open" : sqlite3_errmsg(s->db);

	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB ||
	    rc == SQLITE_IOERR_SHORT_READ)
		return err_set(e, ERR_INTEGRITY,
		    "%s: %s: the file is cut or damaged (%s)", s->path, what, why);
	if ((rc & 0xff) == SQLITE_BUSY)
		return err_set(e, ERR_SYSTEM,
		    "%s: %s: another program holds a lock on it", s->path, what);
	return err_set(e, ERR_SYSTEM, "%s: %s: %s", s->path, what, why);
}

int
sqlite_ours(struct sqlite *s, const char *sql, sqlite3_stmt **stmt,
    struct err *e)
{
	int rc;

	s->ours = 1;
	rc = sqlite3_prepare_v2(s->db, sql, -1, stmt, NULL);
	s->ours = 0;
	return rc == SQLITE_OK ? 0 : sqlite_fail(s, "reading", e);
}

int
sqlite_exec(struct sqlite *s, const char *sql, struct err *e)
{
	int rc;

	s->ours = 1;
	rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	s->ours = 0;
	return rc == SQLITE_OK ? 0 : sqlite_fail(s, "opening", e);
}

/* The first bytes, before SQLite sees any: what is not a store is told so. */
static int
check_header(const char *path, struct err *e)
{
	uint8_t head[72] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	if (fd == -1 && errno == ENOENT)
		return err_set(e, ERR_SYSTEM, "%s: no such file; exhibit "
		    "ingest makes one", path);
	if (fd == -1 && errno == ELOOP)
		return err_set(e, ERR_INPUT, "%s: is a link: links are not "
		    "followed", path);
	if (fd == -1)
		return err_errno(e, "%s", path);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return err_set(e, ERR_INPUT, "%s: not a regular file", path);
	}
	n = read(fd, head, sizeof(head));
	(void)close(fd);
	if (n == -1)
		return err_errno(e, "%s", path);
	if (n == 0)
		return err_set(e, ERR_INPUT, "%s: an empty file, not an audit "
		    "store; exhibit ingest makes one", path);
	if (n < (ssize_t)sizeof(head) ||
	    memcmp(head, "SQLite format 3", 16) != 0)
		return err_set(e, ERR_INPUT, "%s: not a SQLite database", path);
	return 0;
}

static char *
real_path(struct arena *a, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? arena_strdup(a, ".") : slash == path ?
	    arena_strdup(a, "/") : arena_strndup(a, path,
	    (size_t)(slash - path));
	char *real = realpath(dir, NULL), *all;

	if (real == NULL) {
		(void)err_errno(e, "%s", path);
		return NULL;
	}
	all = arena_printf(a, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
	    slash == NULL ? path : slash + 1);
	free(real);
	return all;
}

static int
open_uri(struct arena *a, struct sqlite *s, const char *path, const char *mode)
{
	struct str uri = str_new(a);

	str_addz(&uri, "file:");
	for (const char *p = path; *p != '\0'; p++) {
		if (*p == '?' || *p == '#' || *p == '%')
			str_addf(&uri, "%%%02X", (unsigned char)*p);
		else
			str_addc(&uri, *p);
	}
	str_addf(&uri, "?%s", mode);
	/* What a sort keeps in memory, in pages; else 250 of 16 KiB.  Only the
	 * first call counts. */
	(void)sqlite3_config(SQLITE_CONFIG_PMASZ, 32);
	return sqlite3_open_v2(uri.p, &s->db, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
}

static int
harden(struct sqlite *s, struct err *e)
{
	static const struct {
		int what, value;
	} config[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 }, { SQLITE_DBCONFIG_DQS_DDL, 0 }
	}, limit[] = {
		{ SQLITE_LIMIT_LENGTH, 16 * MIB },
		{ SQLITE_LIMIT_SQL_LENGTH, LIMIT_SQL },
		{ SQLITE_LIMIT_EXPR_DEPTH, 100 },
		{ SQLITE_LIMIT_COMPOUND_SELECT, 10 },
		{ SQLITE_LIMIT_VDBE_OP, 50000 }, { SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
		{ SQLITE_LIMIT_WORKER_THREADS, 0 }
	};

	(void)sqlite3_hard_heap_limit64(LIMIT_SQL_HEAP);
	for (size_t i = 0; i < sizeof(config) / sizeof(config[0]); i++)
		if (sqlite3_db_config(s->db, config[i].what, config[i].value,
		    NULL) != SQLITE_OK)
			return sqlite_fail(s, "configuring", e);
	for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++)
		(void)sqlite3_limit(s->db, limit[i].what, limit[i].value);
	if (sqlite3_busy_timeout(s->db, 5000) != SQLITE_OK)
		return sqlite_fail(s, "configuring", e);
	return sqlite_exec(s, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; "
	    "PRAGMA temp_store=FILE; PRAGMA cache_size=-256; PRAGMA query_only=ON", e);
}

/* One snapshot from here to the end. */
static int
begin(struct sqlite *s)
{
	int rc;

	s->ours = 1;
	rc = sqlite3_exec(s->db, "BEGIN; SELECT count(*) FROM sqlite_schema",
	    NULL, NULL, NULL);
	s->ours = 0;
	return rc;
}

static int
copy_file(const char *from, const char *to, struct err *e)
{
	static char buf[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wbx");
	int rc = in == NULL || out == NULL ? -1 : 0;
	size_t n;

	while (rc == 0 && (n = fread(buf, 1, sizeof(buf), in)) > 0)
		if (fwrite(buf, 1, n, out) != n)
			rc = -1;
	if (in != NULL && (ferror(in) || fclose(in) != 0))
		rc = -1;
	if (out != NULL && fclose(out) != 0)
		rc = -1;
	return rc == 0 ? 0 : err_errno(e, "%s: copying to %s", from, to);
}

static int
same_stat(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ino == b->st_ino &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The file and its WAL, into a folder of ours that goes at the end. */
static int
private_copy(struct arena *a, struct sqlite *s, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *wal = arena_printf(a, "%s-wal", s->path);
	char *dir = arena_printf(a, "%s/exhibit-XXXXXX",
	    tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);
	struct stat before[2], after[2];

	if (mkdtemp(dir) == NULL)
		return err_errno(e, "%s", dir);
	s->copy = dir;
	if (stat(s->path, &before[0]) == -1 || stat(wal, &before[1]) == -1 ||
	    copy_file(s->path, arena_printf(a, "%s/store", dir), e) == -1 ||
	    copy_file(wal, arena_printf(a, "%s/store-wal", dir), e) == -1 ||
	    stat(s->path, &after[0]) == -1 || stat(wal, &after[1]) == -1)
		return e->msg[0] != '\0' ? -1 : err_errno(e, "%s", s->path);
	if (!same_stat(&before[0], &after[0]) ||
	    !same_stat(&before[1], &after[1]))
		return err_set(e, ERR_SYSTEM, "%s: changed while it was copied: "
		    "another program writes it", s->path);
	return 0;
}

static int
try_open(struct arena *a, struct sqlite *s, const char *path, const char *mode,
    struct err *e)
{
	(void)sqlite3_close(s->db);
	s->db = NULL;
	if (open_uri(a, s, path, mode) != SQLITE_OK)
		return sqlite_fail(s, "opening", e);
	if (harden(s, e) == -1)
		return -1;
	return begin(s) == SQLITE_OK ? 0 : sqlite_fail(s, "opening", e);
}

/*
 * immutable=1 with a live WAL would lose rows without a word, and mode=ro
 * needs a -shm file beside the store.  So: nothing in the WAL and a folder
 * that we cannot write: immutable; else mode=ro; where that cannot make its
 * -shm, a copy of both files.
 */
static int
ladder(struct arena *a, struct sqlite *s, struct err *e)
{
	char *wal = arena_printf(a, "%s-wal", s->path);
	char *dir = arena_strndup(a, s->path,
	    (size_t)(strrchr(s->path, '/') - s->path));
	struct stat st;
	int empty = stat(wal, &st) == -1 || st.st_size == 0, rc;

	if (stat(s->path, &s->st) == -1)
		return err_errno(e, "%s", s->path);
	if (s->immutable ||
	    (empty && access(*dir == '\0' ? "/" : dir, W_OK) == -1)) {
		s->immutable = 1;
		return try_open(a, s, s->path, "immutable=1", e);
	}
	if (s->copy == NULL) {
		if (try_open(a, s, s->path, "mode=ro", e) == 0)
			return 0;
		rc = s->db == NULL ? SQLITE_CANTOPEN :
		    sqlite3_extended_errcode(s->db);
		if (rc != SQLITE_READONLY_DIRECTORY &&
		    (rc & 0xff) != SQLITE_CANTOPEN)
			return -1;
		e->msg[0] = '\0';
		if (private_copy(a, s, e) == -1)
			return -1;
	}
	return try_open(a, s, arena_printf(a, "%s/store", s->copy), "mode=ro",
	    e);
}

static int
pragma_int(struct sqlite *s, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite_ours(s, sql, &st, e) == -1)
		return -1;
	rc = sqlite3_step(st) == SQLITE_ROW ? 0 : sqlite_fail(s, "reading", e);
	if (rc == 0)
		*out = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
same_text(sqlite3_stmt *st, int i, const char *want)
{
	const char *p = (const char *)sqlite3_column_text(st, i);

	return p != NULL && strcmp(p, want) == 0;
}

/* The columns as schema.h has them: order, names, types, NOT NULL, key. */
static int
check_columns(struct sqlite *s, const struct schema_table *t, struct err *e)
{
	sqlite3_stmt *st;
	size_t n = 0;
	char sql[128];
	int rc = 0;

	(void)snprintf(sql, sizeof(sql), "SELECT name, type, \"notnull\", pk "
	    "FROM pragma_table_info('%s') ORDER BY cid", t->name);
	if (sqlite_ours(s, sql, &st, e) == -1)
		return -1;
	while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
		const struct schema_column *c = &t->col[n];

		if (n == t->ncol)
			rc = err_set(e, ERR_INPUT, "%s: table %s has a column "
			    "'%s' that version %d does not know", s->path,
			    t->name, sqlite3_column_text(st, 0), SCHEMA_VERSION);
		else if (!same_text(st, 0, c->name))
			rc = err_set(e, ERR_INPUT, "%s: table %s: column %zu is "
			    "'%s', want '%s'", s->path, t->name, n + 1,
			    sqlite3_column_text(st, 0), c->name);
		else if (!same_text(st, 1, c->integer ? "INTEGER" : "TEXT") ||
		    sqlite3_column_int(st, 2) != c->not_null ||
		    sqlite3_column_int(st, 3) != c->key)
			rc = err_set(e, ERR_INPUT, "%s: table %s: column '%s' is "
			    "not %s%s%s", s->path, t->name, c->name,
			    c->integer ? "INTEGER" : "TEXT",
			    c->not_null ? " NOT NULL" : "",
			    c->key != 0 ? " PRIMARY KEY" : "");
		n++;
	}
	(void)sqlite3_finalize(st);
	if (rc == 0 && n < t->ncol)
		rc = err_set(e, ERR_INPUT, "%s: table %s: no column '%s'", s->path,
		    t->name, t->col[n].name);
	return rc;
}

static int
check_table(struct sqlite *s, const struct schema_table *t, struct err *e)
{
	sqlite3_stmt *st;
	char sql[160];
	int rc;

	(void)snprintf(sql, sizeof(sql), "SELECT type, strict, wr FROM "
	    "pragma_table_list WHERE schema = 'main' AND name = '%s'", t->name);
	if (sqlite_ours(s, sql, &st, e) == -1)
		return -1;
	rc = sqlite3_step(st);
	if (rc == SQLITE_DONE)
		rc = err_set(e, ERR_INPUT, "%s: no table '%s': not an audit "
		    "store, or not a whole one", s->path, t->name);
	else if (rc != SQLITE_ROW)
		rc = sqlite_fail(s, "reading the schema", e);
	else if (!same_text(st, 0, "table"))
		rc = err_set(e, ERR_INPUT, "%s: '%s' is a %s, want a table",
		    s->path, t->name, sqlite3_column_text(st, 0));
	else if (sqlite3_column_int(st, 1) != 1)
		rc = err_set(e, ERR_INPUT, "%s: table %s is not STRICT", s->path,
		    t->name);
	else if (sqlite3_column_int(st, 2) != 0)
		rc = err_set(e, ERR_INPUT, "%s: table %s is WITHOUT ROWID",
		    s->path, t->name);
	else
		rc = 0;
	(void)sqlite3_finalize(st);
	return rc == 0 ? check_columns(s, t, e) : -1;
}

static int
check_schema(struct sqlite *s, struct err *e)
{
	int64_t id, version;
	sqlite3_stmt *st;
	int utf8;

	if (pragma_int(s, "PRAGMA application_id", &id, e) == -1 ||
	    pragma_int(s, "PRAGMA user_version", &version, e) == -1)
		return -1;
	if (id != SCHEMA_APPLICATION_ID)
		return err_set(e, ERR_INPUT, "%s: a SQLite database, but not an "
		    "audit store (application_id is 0x%08" PRIX64
		    ", want 0x%08X)", s->path, (uint64_t)id & 0xffffffff,
		    SCHEMA_APPLICATION_ID);
	if (version != SCHEMA_VERSION)
		return err_set(e, ERR_INPUT, "%s: audit store version %" PRId64
		    ", this program reads version %d", s->path, version,
		    SCHEMA_VERSION);
	if (sqlite_ours(s, "PRAGMA encoding", &st, e) == -1)
		return -1;
	utf8 = sqlite3_step(st) == SQLITE_ROW && same_text(st, 0, "UTF-8");
	(void)sqlite3_finalize(st);
	if (!utf8)
		return err_set(e, ERR_INPUT, "%s: its encoding is not UTF-8",
		    s->path);
	for (size_t i = 0; i < schema_ntable; i++)
		if (check_table(s, &schema_table[i], e) == -1)
			return -1;
	return 0;
}

/* The last seq that can be read: a torn file may have lost its right edge. */
static int
find_size(struct arena *a, struct sqlite *s, struct err *e)
{
	struct store_stream *t = &s->stream;
	sqlite3_stmt *st;
	int rc;

	if (sqlite_ours(s, "SELECT max(seq) FROM event", &st, e) == -1)
		return -1;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		t->size = sqlite3_column_type(st, 0) == SQLITE_NULL ? 0 :
		    (uint64_t)sqlite3_column_int64(st, 0) + 1;
		(void)sqlite3_finalize(st);
		return 0;
	}
	(void)sqlite_fail(s, "the last event", e);
	(void)sqlite3_finalize(st);
	if (e->kind != ERR_INTEGRITY)
		return -1;
	t->damage = arena_strdup(a, e->msg);
	*e = (struct err){ 0 };
	if (sqlite_ours(s, "SELECT seq FROM event NOT INDEXED ORDER BY seq", &st,
	    e) == -1)
		return -1;
	while (sqlite3_step(st) == SQLITE_ROW)
		t->size = (uint64_t)sqlite3_column_int64(st, 0) + 1;
	(void)sqlite3_finalize(st);
	return 0;
}

static int
load_stream(struct arena *a, struct sqlite *s, struct err *e)
{
	struct store_stream *t = &s->stream;
	const char *last;
	sqlite3_stmt *st;
	int rc;

	if (sqlite_ours(s, "SELECT origin, stream, created_us, schema FROM store",
	    &st, e) == -1)
		return -1;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		t->origin = arena_strdup(a,
		    (const char *)sqlite3_column_text(st, 0));
		t->stream = arena_strdup(a,
		    (const char *)sqlite3_column_text(st, 1));
		t->created_us = sqlite3_column_int64(st, 2);
		rc = sqlite3_column_int64(st, 3) != SCHEMA_VERSION ?
		    err_set(e, ERR_INPUT, "%s: table store: schema is %s, want "
		    "%d", s->path, sqlite3_column_text(st, 3), SCHEMA_VERSION) :
		    sqlite3_step(st) != SQLITE_DONE ? err_set(e, ERR_INPUT,
		    "%s: table store has several rows; a file holds one stream",
		    s->path) : 0;
	} else if (rc == SQLITE_DONE)
		rc = err_set(e, ERR_INPUT, "%s: table store is empty", s->path);
	else
		rc = sqlite_fail(s, "table store", e);
	(void)sqlite3_finalize(st);
	if (rc != 0)
		return -1;
	if (!schema_origin(t->origin, &last) || strcmp(last, t->stream) != 0)
		return err_set(e, ERR_INPUT, "%s: table store: origin '%s' is not "
		    "<organisation>/<store>/%s", s->path, t->origin, t->stream);
	return find_size(a, s, e);
}

int
sqlite_open(struct arena *a, const char *path, struct sqlite *s,
    struct err *e)
{
	if (s->path == NULL) {
		s->path = real_path(a, path, e);
		if (s->path == NULL || check_header(s->path, e) == -1)
			return -1;
	}
	s->record = str_new(a);
	if (ladder(a, s, e) == -1 || check_schema(s, e) == -1)
		return -1;
	return load_stream(a, s, e);
}

int
sqlite_shut(struct sqlite *s)
{
	struct stat st;
	int rc = 0;

	for (size_t i = 0; i < EVENT_NCOL; i++)
		(void)sqlite3_finalize(s->related[i].st);
	memset(s->related, 0, sizeof(s->related));
	(void)sqlite3_finalize(s->find);
	(void)sqlite3_finalize(s->from);
	s->find = s->from = NULL;
	if (sqlite3_close(s->db) != SQLITE_OK)
		rc = -1;
	s->db = NULL;
	if (s->immutable &&
	    (stat(s->path, &st) == -1 || !same_stat(&st, &s->st)))
		rc = -1;
	if (s->copy != NULL) {
		static const char *const names[] = { "store", "store-wal",
			"store-shm" };
		char file[4096];

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			(void)snprintf(file, sizeof(file), "%s/%s", s->copy,
			    names[i]);
			(void)unlink(file);
		}
		(void)rmdir(s->copy);
		s->copy = NULL;
	}
	return rc;
}
