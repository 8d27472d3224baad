#ifndef MODEL_REF_H
#define MODEL_REF_H

#include <stddef.h>
#include <stdint.h>

#include "model/rows.h"

struct arena;

/*
 * What the company declared, and what was measured, as tables: registry,
 * policies, evidence, waivers (ref_*), and aggregates over the log (log_*).
 * Columns come from one table, ref.def; every declared table ends in the
 * columns file and line.  Rows are in key order.  Read-only once made.
 */
enum audience { AUDIENCE_PUBLIC, AUDIENCE_AUDITOR, AUDIENCE_INTERNAL };

struct ref_col {
	const char *name;
	enum value_type type;
	enum audience audience;
	int key; /* part of the row's key */
};

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

#endif
