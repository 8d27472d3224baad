#ifndef MODEL_REF_H
#define MODEL_REF_H

#include <stddef.h>
#include <stdint.h>

#include "model/rows.h"

struct arena;
struct str;

/*
 * What the company declared, and what was measured, as tables: registry,
 * policies, evidence, waivers (ref_*), and aggregates over the log (log_*).
 * Columns come from one table, ref.def; every declared table ends in the
 * columns file and line.  Rows are in key order.  Read-only once made.
 */
enum audience { AUDIENCE_PUBLIC, AUDIENCE_AUDITOR, AUDIENCE_INTERNAL };

/* What a field may hold: how its text is read and, from FIELD_PERSON on, what
 * it must name.  FIELD_BOOL to FIELD_MICRO are whole numbers in the table. */
enum field {
	FIELD_TEXT,
	FIELD_ID,     /* [a-z0-9][a-z0-9._-]{0,63} */
	FIELD_CODE,   /* the same with A-Z and +: versions, INC-2, P1, R7 */
	FIELD_WIDE,   /* an id that may hold / and : (action, model_id) */
	FIELD_CHOICE,
	FIELD_SPAN,   /* PnY PnM PnW PnD, kept as text */
	FIELD_SHA256, /* 64 hex digits */
	FIELD_CURRENCY,
	FIELD_MAP,    /* map of text, kept as RFC 8785 JSON */
	FIELD_FILE,   /* a path, from the folder of the file that names it */
	FIELD_BOOL,
	FIELD_INT,
	FIELD_TIME,     /* time or date, _us */
	FIELD_DURATION, /* _us */
	FIELD_PPM,      /* 0 to 1, in millionths */
	FIELD_MICRO,    /* a decimal, in millionths */
	FIELD_PERSON,
	FIELD_ROLE,
	FIELD_HOLDER, /* a person or a role */
	FIELD_AGENT,
	FIELD_VERSION, /* of the agent in column `of` */
	FIELD_VERSION_OR_PREVIOUS,
	FIELD_MODEL,
	FIELD_PROMPT,
	FIELD_PROMPT_VERSION,
	FIELD_TOOL,
	FIELD_ACTION,
	FIELD_ACTION_PREFIX, /* or a prefix ending in an asterisk */
	FIELD_DATASET,
	FIELD_SUITE,
	FIELD_RISK,
	FIELD_POLICY,
	FIELD_POLICY_VERSION,
	FIELD_DATA_CLASS
};

/* A value that a draft leaves open: read as if it were not there. */
#define REF_OPEN "TODO"

enum ref_flag {
	REF_KEY = 1,      /* part of the row's key */
	REF_PATH = 2,     /* given by the file's path or the parent row */
	REF_REQUIRED = 4, /* must be written */
	REF_FILLED = 8,   /* by the reader, never written */
	REF_MULTI = 16,   /* of a table: rows may repeat a key */
	REF_COMPUTED = 32 /* of a table: no file has it */
};

struct ref_col {
	const char *name;
	enum value_type type;
	enum audience audience;
	int key; /* part of the row's key */
	enum field field;
	unsigned flags;       /* of enum ref_flag */
	const char *of;       /* choices, range, or a column; NULL */
	const char *none;     /* the value where none is written; NULL: NULL */
	const char *says;     /* one line for explain */
};

/* A plain list of a file: rows of ref_list, and of `table` where it is set. */
struct ref_list {
	const char *field;
	enum field type;
	const char *of, *table;
	enum audience audience;
	const char *says;
};

/* A list of objects of a file: rows of another table. */
struct ref_child {
	const char *field, *table;
};

/* What a table may hold, known without reading a file (ref.def). */
struct ref_schema {
	const char *name, *kind;     /* ref_agent, agent */
	unsigned flags;
	const struct ref_col *col;   /* file and line are the last two */
	size_t ncol;
	const struct ref_list *list;
	size_t nlist;
	const struct ref_child *child;
	size_t nchild;
	const char *says;
};

extern const struct ref_schema ref_schema[];
extern const size_t ref_nschema;
const struct ref_schema *ref_schema_find(const char *table); /* or NULL */
/* The column of that name, or -1. */
int ref_schema_colno(const struct ref_schema *, const char *col);
/* The field of a column: how many bytes of its name a file writes, without
 * _us, _ppm, _micro. */
size_t ref_fieldlen(const struct ref_col *);

struct ref_table {
	const char *name;
	const struct ref_col *col;
	size_t ncol, nrow;
	struct value *cell; /* nrow * ncol, row after row */
	struct mark *at;    /* where each row begins; NULL for measures */
	struct mark *cellat; /* where each value stands, or NULL: no marks */
};

struct ref {
	struct ref_table *table;
	size_t n;
	uint8_t sha256[32]; /* of the canonical dump (registry.md, Hashes) */
	const struct mark *draft; /* rows that say draft: true, left out */
	size_t ndraft;
};

const struct ref_table *ref_table(const struct ref *, const char *name);
int ref_colno(const struct ref_table *, const char *col); /* -1: none */
const struct value *ref_value(const struct ref_table *, size_t row,
    const char *col); /* never NULL: a NULL value for an unknown column */
const char *ref_text(const struct ref_table *, size_t row, const char *col);
int64_t ref_int(const struct ref_table *, size_t row, const char *col,
    int64_t none);
/* First row from `from` on whose text column equals; SIZE_MAX: none. */
size_t ref_next(const struct ref_table *, size_t from, const char *col,
    const char *want);
struct mark ref_mark(const struct ref_table *, size_t row, const char *col);

/* The row of ref_agent for that id, or SIZE_MAX; and the canonical agent of
 * a name in the log (ref_agent_name), or NULL. */
size_t ref_agent_row(const struct ref *, const char *agent_id);
const char *ref_agent_of(const struct ref *, const char *name);

/*
 * Adds all rows as one RFC 8785 object, table name to list of rows in key
 * order, without NULL, file, line, empty tables and ref_policy_finding (which
 * follows from the others and the time of asking).  Columns wider than the
 * audience are left out; struct ref's sha256 is that of AUDIENCE_INTERNAL.
 */
void ref_dump(const struct ref *, enum audience, struct str *);

#endif
