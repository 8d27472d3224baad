#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "ingest/format.h"

/*
 * FlightRecorder, a SQLite file (docs/format/logs.md, A5): a chain over who
 * called what, and a checksum outside it over what came of it.  Rows may
 * still change, so a known one that did is counted and the first one stays.
 */
struct flight {
	sqlite3 *db;
	char *copy; /* a folder of ours, or NULL */
};

enum { COL_ID, COL_TRACE, COL_TIME, COL_AGENT, COL_TOOL, COL_ARGS, COL_PROMPT,
	COL_VERDICT, COL_VIOLATION, COL_RESULT, COL_MS, COL_METADATA, COL_ENTRY,
	COL_PREVIOUS, COL_CONTENT };

static const char columns[] = "SELECT id, trace_id, timestamp, agent_id, "
    "tool_name, tool_args, input_prompt, policy_verdict, violation_reason, "
    "result, execution_time_ms, metadata, entry_hash, previous_hash, "
    "content_hash FROM audit_log ORDER BY id";

/* Opens read only; NULL: it cannot be. */
static sqlite3 *
open_file(const char *path, int immutable)
{
	sqlite3 *db = NULL;
	char *uri = sqlite3_mprintf("file:%s?%s", path, immutable ?
	    "immutable=1" : "mode=ro");

	/* A name with these would not reach SQLite as it is. */
	if (uri != NULL && strpbrk(path, "?#%") == NULL &&
	    sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
	    SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
		    NULL);
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
		(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LIMIT_LOG_RECORD);
	} else {
		(void)sqlite3_close(db);
		db = NULL;
	}
	sqlite3_free(uri);
	return db;
}

static int
has_wal(const char *path)
{
	char *wal = sqlite3_mprintf("%s-wal", path);
	struct stat st;
	int yes = wal != NULL && stat(wal, &st) == 0 && st.st_size > 0;

	sqlite3_free(wal);
	return yes;
}

static int
detect(const struct ingest_probe *p)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int found;

	if (p->frame != SOURCE_SQLITE || p->path == NULL)
		return 0;
	/* The schema is in the main file once there is a row; else in the WAL. */
	db = open_file(p->path, !has_wal(p->path));
	found = db != NULL &&
	    sqlite3_prepare_v2(db, columns, -1, &st, NULL) == SQLITE_OK;
	if (found)
		(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return found;
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
	if (in != NULL && (ferror(in) != 0 || fclose(in) != 0))
		rc = -1;
	if (out != NULL && fclose(out) != 0)
		rc = -1;
	return rc == 0 ? 0 : err_errno(e, "%s: copying", from);
}

static int
begin(struct ingest *in, struct err *e)
{
	const char *path = source_path(in->source), *tmp = getenv("TMPDIR");
	struct flight *f = arena_alloc(in->arena, sizeof(*f));
	char *copy;

	in->state = f;
	if (!has_wal(path)) {
		f->db = open_file(path, 1);
		return f->db != NULL ? 0 :
		    err_set(e, ERR_SYSTEM, "%s: cannot be opened", path);
	}
	f->copy = arena_printf(in->arena, "%s/exhibit-XXXXXX",
	    tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);
	if (mkdtemp(f->copy) == NULL) {
		f->copy = NULL;
		return err_errno(e, "a copy of %s", path);
	}
	copy = arena_printf(in->arena, "%s/log", f->copy);
	if (copy_file(path, copy, e) == -1 ||
	    copy_file(arena_printf(in->arena, "%s-wal", path),
	    arena_printf(in->arena, "%s-wal", copy), e) == -1)
		return -1;
	f->db = open_file(copy, 0);
	return f->db != NULL ? 0 :
	    err_set(e, ERR_SYSTEM, "%s: its copy cannot be opened", path);
}

static void
finish(struct ingest *in)
{
	static const char *const names[] = { "log", "log-wal", "log-shm" };
	struct flight *f = in->state;

	if (f == NULL)
		return;
	(void)sqlite3_close(f->db);
	f->db = NULL;
	if (f->copy == NULL)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(arena_printf(in->arena, "%s/%s", f->copy, names[i]));
	(void)rmdir(f->copy);
	f->copy = NULL;
}

/* A column's text in the record's arena, NULL for NULL. */
static char *
text(struct ingest *in, sqlite3_stmt *st, int c)
{
	const char *p = sqlite3_column_type(st, c) == SQLITE_NULL ? NULL :
	    (const char *)sqlite3_column_text(st, c);

	return p == NULL ? NULL : arena_strndup(in->rec, p,
	    (size_t)sqlite3_column_bytes(st, c));
}

/*
 * A float as Python prints it: the fewest digits that give it back; plain
 * from 1e-4 to under 1e16, else with an exponent of two digits or more.
 */
static void
add_float(struct str *s, double x)
{
	char buf[40], digits[24];
	int exponent, n = 0, precision = 0;

	for (; precision < 17; precision++) {
		(void)snprintf(buf, sizeof(buf), "%.*e", precision, x);
		if (strtod(buf, NULL) == x)
			break;
	}
	exponent = (int)strtol(strchr(buf, 'e') + 1, NULL, 10);
	if (*buf == '-')
		str_addc(s, '-');
	for (const char *p = buf; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exponent < -4 || exponent >= 16) {
		str_addc(s, digits[0]);
		if (n > 1)
			str_addc(s, '.');
		str_add(s, digits + 1, (size_t)n - 1);
		str_addf(s, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
		return;
	}
	if (exponent < 0)
		str_addz(s, "0.");
	for (int i = exponent + 1; i < 0; i++)
		str_addc(s, '0');
	for (int i = 0; i < n || i <= exponent; i++) {
		str_addc(s, i < n ? digits[i] : '0');
		if (i == exponent)
			str_addc(s, '.');
	}
	if (exponent >= 0 && n <= exponent + 1)
		str_addc(s, '0');
}

static int
sum_is(struct ingest *in, const struct str *s, const char *hex)
{
	uint8_t sum[HASH_LEN];
	char want[HASH_HEXLEN];

	hash_bytes(in->hash, sum, s->p, s->len);
	hash_hex(want, sum);
	return str_eq(hex, want);
}

static int
entry_holds(struct ingest *in, char *const *v)
{
	struct str s = str_new(in->rec);
	const char *prev = v[COL_PREVIOUS], *args = v[COL_ARGS];

	str_addf(&s, "%s:%s:%s:%s:%s:%s:pending",
	    prev == NULL || *prev == '\0' ? "genesis" : prev, v[COL_TRACE],
	    v[COL_TIME], v[COL_AGENT], v[COL_TOOL],
	    args == NULL || *args == '\0' ? "None" : args);
	return sum_is(in, &s, v[COL_ENTRY]);
}

/* whole: the milliseconds without a point, for a source that had an int. */
static int
content_holds(struct ingest *in, char *const *v, const double *ms, int whole)
{
	static const int cols[] = { COL_TRACE, COL_TIME, COL_AGENT, COL_TOOL,
		COL_ARGS, COL_VERDICT, COL_VIOLATION, COL_RESULT };
	struct str s = str_new(in->rec);

	for (size_t i = 0; i < sizeof(cols) / sizeof(cols[0]); i++)
		str_addf(&s, "%s:", v[cols[i]] == NULL ? "None" : v[cols[i]]);
	if (ms == NULL)
		str_addz(&s, "None");
	else if (!whole)
		add_float(&s, *ms);
	else if (*ms > -1e15 && *ms < 1e15 && *ms == (double)(int64_t)*ms)
		str_addi(&s, (int64_t)*ms);
	else
		return 0;
	return sum_is(in, &s, v[COL_CONTENT]);
}

/* input_prompt, and metadata beside it where there is some. */
static int
set_prompt(struct ingest *in, struct value *col, char *const *v,
    struct err *e)
{
	const char *prompt = v[COL_PROMPT], *meta = v[COL_METADATA];
	struct str s = str_new(in->rec);

	if (prompt == NULL && meta == NULL)
		return 0;
	if (meta == NULL)
		str_addz(&s, prompt);
	else {
		str_addz(&s, "{\"input_prompt\":");
		if (prompt == NULL)
			str_addz(&s, "null");
		else
			json_js_text(&s, prompt, strlen(prompt));
		str_addz(&s, ",\"metadata\":");
		json_js_text(&s, meta, strlen(meta));
		str_addc(&s, '}');
	}
	return ingest_content(in, col, EVENT_INPUT_HASH, s.p, s.len, e);
}

static void
set_both(struct ingest *in, struct value *col, char *const *v, int64_t us)
{
	ingest_int(col, EVENT_OCCURRED_US, us);
	ingest_text(col, EVENT_AGENT_ID, v[COL_AGENT]);
	if (strncmp(v[COL_AGENT], "did:", 4) == 0 ||
	    strncmp(v[COL_AGENT], "spiffe:", 7) == 0)
		ingest_text(col, EVENT_IDENTITY, v[COL_AGENT]);
	ingest_text(col, EVENT_TOOL, v[COL_TOOL]);
	ingest_text(col, EVENT_TRACE_ID, v[COL_TRACE]);
	ingest_text(col, EVENT_ACTION_ID, v[COL_TRACE]);
	if (v[COL_ARGS] != NULL) {
		uint8_t sum[HASH_LEN];
		char hex[HASH_HEXLEN];

		hash_bytes(in->hash, sum, v[COL_ARGS], strlen(v[COL_ARGS]));
		hash_hex(hex, sum);
		ingest_text(col, EVENT_ARGS_HASH, arena_strdup(in->rec, hex));
	}
	if (strcmp(v[COL_VERDICT], "shadow") == 0)
		ingest_int(col, EVENT_SHADOW, 1);
}

static int
set_action(struct ingest *in, char *const *v, const double *ms, int64_t us,
    struct err *e)
{
	const char *word = v[COL_VERDICT];
	struct value *col = ingest_new(in, "action");

	set_both(in, col, v, us);
	ingest_text(col, EVENT_OUTCOME, strcmp(word, "allowed") == 0 ? "success" :
	    strcmp(word, "blocked") == 0 ? "blocked" :
	    strcmp(word, "error") == 0 ? "failure" : NULL);
	ingest_text(col, EVENT_REASON, v[COL_VIOLATION]);
	if (ms != NULL && *ms >= 0 && *ms < 9e12)
		ingest_int(col, EVENT_DURATION_US, (int64_t)(*ms * 1000 + 0.5));
	return v[COL_RESULT] == NULL ? 0 : ingest_content(in, col,
	    EVENT_OUTPUT_HASH, v[COL_RESULT], strlen(v[COL_RESULT]), e);
}

static int
set_columns(struct ingest *in, char *const *v, const double *ms,
    struct err *e)
{
	struct json when = { .type = JSON_STRING, .raw = "", .p = v[COL_TIME] };
	struct value *col = ingest_new(in, "decision");
	const char *verdict = ingest_verdict(v[COL_VERDICT]);
	int64_t us;

	if (ingest_when(in, &when, &us) != 0)
		return 1;
	set_both(in, col, v, us);
	ingest_text(col, EVENT_VERDICT, verdict);
	if (verdict == NULL)
		ingest_ext(in, "policy_verdict", v[COL_VERDICT]);
	ingest_text(col, EVENT_REASON, v[COL_VIOLATION]);
	if (set_prompt(in, col, v, e) == -1)
		return -1;
	if (strcmp(v[COL_VERDICT], "pending") == 0) {
		ingest_found(in, DIAG_UNFINISHED);
		return 0;
	}
	return set_action(in, v, ms, us, e);
}

struct place {
	char prev[HASH_HEXLEN];
	int64_t id;
	int any;
};

static int
check_row(struct ingest *in, char *const *v, const double *ms,
    struct place *p, int64_t id, struct err *e)
{
	const char *prev = v[COL_PREVIOUS] == NULL ? "" : v[COL_PREVIOUS];

	in->grade = GRADE_CHAINED;
	if (!entry_holds(in, v))
		ingest_broken(in, DIAG_TAMPERED);
	if (!p->any) {
		if (ingest_head(in, *prev == '\0', prev, e) == -1)
			return -1;
	} else if (strcmp(prev, p->prev) != 0)
		ingest_broken(in, DIAG_TAMPERED);
	if (p->any && id != p->id + 1)
		ingest_broken(in, DIAG_MISSING_ROWS);
	if (v[COL_CONTENT] == NULL)
		ingest_found(in, DIAG_NO_CHECKSUM);
	else if (!content_holds(in, v, ms, 0) && !content_holds(in, v, ms, 1))
		ingest_broken(in, DIAG_TAMPERED);
	p->any = 1;
	p->id = id;
	if (v[COL_ENTRY] != NULL && strlen(v[COL_ENTRY]) == HASH_HEXLEN - 1) {
		memcpy(p->prev, v[COL_ENTRY], HASH_HEXLEN);
		memcpy(in->last_link, v[COL_ENTRY], HASH_HEXLEN);
	}
	return 0;
}

static int
one_row(struct ingest *in, sqlite3_stmt *st, struct place *p, struct err *e)
{
	char *v[COL_CONTENT + 1];
	double real, *ms = NULL;
	int64_t id = sqlite3_column_int64(st, COL_ID);

	for (int c = 0; c <= COL_CONTENT; c++)
		v[c] = text(in, st, c);
	if (v[COL_MS] != NULL) {
		real = sqlite3_column_double(st, COL_MS);
		ms = &real;
	}
	(void)snprintf(in->ref_tail, sizeof(in->ref_tail), "%" PRId64, id);
	in->at = (struct source_record){ "", 0, (uint64_t)id, 1 };
	in->id = v[COL_TRACE];
	if (v[COL_TRACE] == NULL || v[COL_TIME] == NULL || v[COL_AGENT] == NULL ||
	    v[COL_TOOL] == NULL || v[COL_VERDICT] == NULL)
		return ingest_bad(in, NULL, "row %" PRId64 ": a column that may "
		    "not be NULL is", id);
	if (check_row(in, v, ms, p, id, e) == -1)
		return -1;
	return set_columns(in, v, ms, e);
}

/* AUTOINCREMENT remembers the last id, also of rows that were removed. */
static void
check_tail(struct ingest *in, sqlite3 *db, int64_t last)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, "SELECT seq FROM sqlite_sequence WHERE "
	    "name = 'audit_log'", -1, &st, NULL) != SQLITE_OK) {
		ingest_found(in, DIAG_NO_TAIL);
		return;
	}
	if (sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_int64(st, 0) > last)
		ingest_broken(in, DIAG_MISSING_ROWS);
	(void)sqlite3_finalize(st);
}

static int
rows(struct ingest *in, struct err *e)
{
	struct flight *f = in->state;
	struct place p = { .any = 0 };
	sqlite3_stmt *st;
	int rc = 0, step;

	if (sqlite3_prepare_v2(f->db, columns, -1, &st, NULL) != SQLITE_OK) {
		rc = err_set(e, ERR_INPUT, "%s: %s", source_name(in->source),
		    sqlite3_errmsg(f->db));
		finish(in);
		return rc;
	}
	while ((step = sqlite3_step(st)) == SQLITE_ROW && rc == 0) {
		ingest_start(in);
		rc = ingest_done(in, one_row(in, st, &p, e), e);
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = err_set(e, ERR_INTEGRITY, "%s: the file is cut or damaged "
		    "(%s)", source_name(in->source), sqlite3_errmsg(f->db));
	(void)sqlite3_finalize(st);
	if (rc == 0)
		check_tail(in, f->db, p.id);
	ingest_found(in, DIAG_KEYLESS);
	finish(in);
	return rc == -1 ? -1 : 0;
}

const struct ingest_format format_flight = {
	.name = "agt-flight", .frame = { SOURCE_SQLITE, SOURCE_SQLITE },
	.changeable = 1, .detect = detect, .begin = begin, .rows = rows
};
