#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

struct str;

/*
 * The tables of an audit store, once: what ingest creates, what the reader
 * wants to find, what docs/format/audit-store.md prints.
 */
#define SCHEMA_APPLICATION_ID 0x45584842 /* "EXHB" */
#define SCHEMA_VERSION 1

enum schema_dialect { SCHEMA_SQLITE, SCHEMA_POSTGRESQL };

struct schema_column {
	const char *name;
	int integer;  /* else text */
	int not_null;
	int key;      /* place in the primary key of SQLite, from 1; 0: none */
};

struct schema_table {
	const char *name;
	const struct schema_column *col;
	size_t ncol;
};

extern const struct schema_table schema_table[];
extern const size_t schema_ntable;

/* Appends the statements that make the tables, indexes and triggers. */
void schema_ddl(struct str *, enum schema_dialect);

/* Names of all event columns, in order, each followed by a comma but the
 * last: for SELECT and INSERT. */
void schema_columns(struct str *);

/* Whether an origin is <organisation>/<store>/<stream>, each part of
 * [A-Za-z0-9._-]+; *stream is then its last part. */
int schema_origin(const char *origin, const char **stream);

#endif
