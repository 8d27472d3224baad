#include <string.h>

#include "base/str.h"
#include "model/event.h"
#include "model/schema.h"

static const struct schema_column store_col[] = {
	{ "origin", 0, 1, 1 }, { "stream", 0, 1, 0 }, { "created_us", 1, 1, 0 },
	{ "schema", 1, 1, 0 }
};

#define TEXT 0
#define INT 1
static const struct schema_column event_cols[] = {
#define EVENT(constant, column, type, required, says) \
	{ #column, type, required, EVENT_##constant == EVENT_SEQ },
#include "model/event.def"
#undef EVENT
};
#undef TEXT
#undef INT

static const struct schema_column payload_col[] = {
	{ "id", 0, 1, 1 }, { "salt", 0, 0, 0 }, { "content", 0, 0, 0 },
	{ "erased_us", 1, 0, 0 }
};

static const struct schema_column segment_col[] = {
	{ "stream", 0, 1, 1 }, { "first_seq", 1, 1, 2 }, { "root", 0, 1, 0 },
	{ "from_us", 1, 1, 0 }, { "to_us", 1, 1, 0 }
};

static const struct schema_column checkpoint_col[] = {
	{ "stream", 0, 1, 1 }, { "size", 1, 1, 2 }, { "note", 0, 1, 0 },
	{ "timestamp_token", 0, 0, 0 }
};

#define ROWS(t) (t), sizeof(t) / sizeof((t)[0])

const struct schema_table schema_table[] = {
	{ "store", ROWS(store_col) },
	{ "event", ROWS(event_cols) },
	{ "payload", ROWS(payload_col) },
	{ "segment", ROWS(segment_col) },
	{ "checkpoint", ROWS(checkpoint_col) }
};
const size_t schema_ntable = sizeof(schema_table) / sizeof(schema_table[0]);

/* The columns that tests relate events by. */
static const char *const related[] = { "action_id", "approval_id", "ref_id",
	"run_id", "session_id" };

/*
 * SQLite has no SHA-256, so the trigger asks exhibit_prev_hash(seq), the leaf
 * of the row before, which ingest alone provides: nothing else can append.
 */
static const char sqlite_triggers[] =
    "CREATE TRIGGER event_append BEFORE INSERT ON event BEGIN\n"
    "  SELECT RAISE(ABORT, 'event: seq is not the last one plus 1')\n"
    "    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM event);\n"
    "  SELECT RAISE(ABORT, 'event: recorded_us is below the last one')\n"
    "    WHERE NEW.recorded_us < (SELECT recorded_us FROM event\n"
    "      WHERE seq = NEW.seq - 1);\n"
    "  SELECT RAISE(ABORT, 'event: prev_hash is not the leaf of the row before')\n"
    "    WHERE NEW.prev_hash IS NOT exhibit_prev_hash(NEW.seq);\n"
    "END;\n"
    "CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN\n"
    "  SELECT RAISE(ABORT, 'event: append-only'); END;\n"
    "CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN\n"
    "  SELECT RAISE(ABORT, 'event: append-only'); END;\n"
    "CREATE TRIGGER store_insert BEFORE INSERT ON store\n"
    "  WHEN (SELECT count(*) FROM store) > 0 BEGIN\n"
    "  SELECT RAISE(ABORT, 'store: a file holds one stream'); END;\n"
    "CREATE TRIGGER store_update BEFORE UPDATE ON store BEGIN\n"
    "  SELECT RAISE(ABORT, 'store: append-only'); END;\n"
    "CREATE TRIGGER store_delete BEFORE DELETE ON store BEGIN\n"
    "  SELECT RAISE(ABORT, 'store: append-only'); END;\n"
    "CREATE TRIGGER segment_update BEFORE UPDATE ON segment BEGIN\n"
    "  SELECT RAISE(ABORT, 'segment: append-only'); END;\n"
    "CREATE TRIGGER segment_delete BEFORE DELETE ON segment BEGIN\n"
    "  SELECT RAISE(ABORT, 'segment: append-only'); END;\n"
    "CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint\n"
    "  WHEN NOT (OLD.timestamp_token IS NULL AND NEW.stream IS OLD.stream\n"
    "    AND NEW.size IS OLD.size AND NEW.note IS OLD.note) BEGIN\n"
    "  SELECT RAISE(ABORT, 'checkpoint: append-only'); END;\n"
    "CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN\n"
    "  SELECT RAISE(ABORT, 'checkpoint: append-only'); END;\n"
    "CREATE TRIGGER payload_update BEFORE UPDATE ON payload\n"
    "  WHEN NOT (OLD.erased_us IS NULL AND NEW.erased_us IS NOT NULL\n"
    "    AND NEW.id IS OLD.id AND NEW.salt IS NULL AND NEW.content IS NULL)\n"
    "  BEGIN SELECT RAISE(ABORT, 'payload: may only be erased'); END;\n"
    "CREATE TRIGGER payload_delete BEFORE DELETE ON payload BEGIN\n"
    "  SELECT RAISE(ABORT, 'payload: may only be erased'); END;\n";

static const char postgresql_triggers[] =
    "CREATE FUNCTION exhibit_append() RETURNS trigger LANGUAGE plpgsql AS $$\n"
    "DECLARE last event%ROWTYPE;\n"
    "  genesis text := encode(sha256(convert_to('exhibit-audit-store/1' || E'\\n'\n"
    "    || (SELECT origin FROM store s WHERE s.stream = NEW.stream) || E'\\n',\n"
    "    'UTF8')), 'hex');\n"
    "BEGIN\n"
    "  SELECT * INTO last FROM event e WHERE e.stream = NEW.stream\n"
    "    ORDER BY e.seq DESC LIMIT 1;\n"
    "  IF NEW.seq <> coalesce(last.seq, -1) + 1 THEN\n"
    "    RAISE EXCEPTION 'event: seq is not the last one plus 1'; END IF;\n"
    "  IF NEW.recorded_us < last.recorded_us THEN\n"
    "    RAISE EXCEPTION 'event: recorded_us is below the last one'; END IF;\n"
    "  IF NEW.prev_hash IS DISTINCT FROM (CASE WHEN last.seq IS NULL THEN genesis\n"
    "    ELSE encode(sha256('\\x00'::bytea || convert_to(json_strip_nulls(\n"
    "      row_to_json(last))::text, 'UTF8')), 'hex') END) THEN\n"
    "    RAISE EXCEPTION 'event: prev_hash is not the leaf of the row before';\n"
    "  END IF;\n"
    "  RETURN NEW;\n"
    "END $$;\n"
    "CREATE FUNCTION exhibit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$\n"
    "BEGIN RAISE EXCEPTION '%: append-only', TG_TABLE_NAME; END $$;\n"
    "CREATE TRIGGER event_append BEFORE INSERT ON event FOR EACH ROW\n"
    "  EXECUTE FUNCTION exhibit_append();\n"
    "CREATE TRIGGER event_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON event\n"
    "  EXECUTE FUNCTION exhibit_refuse();\n"
    "CREATE TRIGGER segment_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON segment\n"
    "  EXECUTE FUNCTION exhibit_refuse();\n";

static void
add_sqlite_table(struct str *s, const struct schema_table *t)
{
	size_t nkey = 0;

	str_addf(s, "CREATE TABLE %s (\n", t->name);
	for (size_t i = 0; i < t->ncol; i++)
		nkey += t->col[i].key != 0;
	for (size_t i = 0; i < t->ncol; i++) {
		const struct schema_column *c = &t->col[i];

		str_addf(s, "  %s %s%s%s%s%s\n", c->name,
		    c->integer ? "INTEGER" : "TEXT", c->not_null ? " NOT NULL" : "",
		    nkey == 1 && c->key == 1 ? " PRIMARY KEY" : "",
		    t->col == store_col && i == 1 ? " UNIQUE" : "",
		    i + 1 < t->ncol || nkey > 1 ? "," : "");
	}
	if (nkey > 1)
		str_addf(s, "  PRIMARY KEY (%s, %s)\n", t->col[0].name,
		    t->col[1].name);
	str_addz(s, ") STRICT;\n");
}

static void
add_postgresql_table(struct str *s, const struct schema_table *t)
{
	str_addf(s, "CREATE TABLE %s (\n", t->name);
	for (size_t i = 0; i < t->ncol; i++) {
		const struct schema_column *c = &t->col[i];

		str_addf(s, "  %s %s%s%s,\n", c->name,
		    c->integer ? "BIGINT" : "TEXT", c->not_null ? " NOT NULL" : "",
		    t->col == store_col && i == 1 ? " UNIQUE" : "");
	}
	if (t->col == event_cols)
		str_addz(s, "  PRIMARY KEY (stream, seq),\n"
		    "  UNIQUE (stream, event_id)\n);\n");
	else if (t->col[1].key == 2)
		str_addf(s, "  PRIMARY KEY (%s, %s)\n);\n", t->col[0].name,
		    t->col[1].name);
	else
		str_addf(s, "  PRIMARY KEY (%s)\n);\n", t->col[0].name);
}

void
schema_ddl(struct str *s, enum schema_dialect d)
{
	for (size_t i = 0; i < schema_ntable; i++) {
		if (d == SCHEMA_SQLITE)
			add_sqlite_table(s, &schema_table[i]);
		else
			add_postgresql_table(s, &schema_table[i]);
	}
	if (d == SCHEMA_SQLITE)
		str_addz(s, "CREATE UNIQUE INDEX event_event_id ON event "
		    "(event_id);\n");
	for (size_t i = 0; i < sizeof(related) / sizeof(related[0]); i++)
		str_addf(s, "CREATE INDEX event_%s ON event (%s) "
		    "WHERE %s IS NOT NULL;\n", related[i], related[i], related[i]);
	str_addz(s, d == SCHEMA_SQLITE ? sqlite_triggers : postgresql_triggers);
}

void
schema_columns(struct str *s)
{
	for (size_t i = 0; i < EVENT_NCOL; i++)
		str_addf(s, "%s%s", i == 0 ? "" : ", ", event_column[i].name);
}

int
schema_origin(const char *origin, const char **stream)
{
	int parts = 1;
	const char *start = origin;

	for (const char *p = origin;; p++) {
		if (*p == '/' || *p == '\0') {
			if (p == start)
				return 0;
			if (*p == '\0')
				break;
			parts++;
			start = p + 1;
		} else if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || *p == '.' || *p == '_' ||
		    *p == '-'))
			return 0;
	}
	*stream = start;
	return parts == 3;
}
