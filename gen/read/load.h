#ifndef READ_LOAD_H
#define READ_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "model/ref.h"
#include "read/project.h"

struct arena;
struct diag;
struct map;
struct str;
struct yaml;

/*
 * Reference tables while they are being filled (registry.c, evidence.c,
 * policy.c); load_finish makes the struct ref of them.  Everything lives in
 * the arena, errors go to the diag.
 */
struct row {
	const struct ref_schema *schema;
	struct value *cell;  /* schema->ncol */
	struct mark *cellat; /* where each value stands */
	struct mark at;
	size_t order;        /* as it was read */
};

struct load_table {
	struct row **row;
	size_t n, cap;
};

/* A value that must name something, looked up when all is read. */
struct load_link {
	struct row *row;
	enum field type;
	const char *of, *field, *text;
	struct mark at;
};

struct load {
	struct arena *arena;
	struct project *project;
	struct files *files;
	struct diag *diag;
	int64_t as_of_us;
	struct load_table *table; /* as ref_schema[] */
	struct load_link *link;
	size_t nlink, linkcap;
	struct map *ids;          /* "kind id" to struct row */
	struct map *byfile;       /* path to the row that the file is */
	struct map *nodes;        /* path to struct yaml of the same */
	size_t dropped;           /* rows without a key */
	struct mark *draft;       /* maps that say draft: true */
	size_t ndraft, draftcap;
	size_t order;
	int64_t ord;              /* of the next row of a list, from 1 */
};

void load_init(struct load *, struct arena *, struct project *,
    int64_t as_of_us, struct diag *);

/* A new row of a table, all NULL but file and line. */
struct row *load_row(struct load *, const char *table, struct mark);
struct load_table *load_table(struct load *, const char *table);

/* By column; the column must exist (a fault of ours ends the program). */
struct value *row_cell(struct row *, const char *col);
const char *row_text(const struct row *, const char *col); /* or NULL */
int64_t row_int(const struct row *, const char *col, int64_t none);
struct mark row_mark(const struct row *, const char *col);
void row_set_text(struct row *, const char *col, const char *, struct mark);
void row_set_int(struct row *, const char *col, int64_t, struct mark);
void row_set_sha256(struct load *, struct row *, const char *col,
    const uint8_t[32], struct mark);

/* The row's keys joined by /. */
const char *row_id(struct load *, const struct row *);

/*
 * Reads a map as a row: columns, plain lists, lists of objects.  parent gives
 * the PATH columns of the same names; path, where it is not NULL, holds names
 * and values of those that the file's own path gives, ended by NULL.  NULL
 * where a key is missing (load.dropped says so too), and for a draft.
 */
struct load_path {
	const char *col;
	const char *text;
};
struct row *load_map(struct load *, const char *table, const struct yaml *,
    const struct row *parent, const struct load_path *path);
/* One field into a column, its reference looked up later. */
void load_column(struct load *, struct row *, const char *col,
    const struct yaml *);
/* A list of objects, each a row. */
void load_rows(struct load *, const struct yaml *list, const char *table,
    const struct row *parent);

/* Refuses rows that repeat a key, names that nothing has, intervals that do
 * not begin before they end or overlap, cycles. */
void load_check(struct load *);

/* Fills the tables of lists and names that follow from others. */
void load_derive(struct load *);

/* Sorts the rows of a table by key. */
void load_sort(struct load_table *);

struct ref *load_finish(struct load *);

#endif
