#ifndef READ_SQLITE_H
#define READ_SQLITE_H

#include <sqlite3.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/str.h"
#include "read/store.h"

/*
 * One connection to an audit store in a SQLite file, opened as if the file
 * were hostile: read only, no triggers, views or extensions, limits on
 * lengths and memory, the schema compared with model/schema.h, one snapshot
 * held from open to close, an authorizer for SQL text of others.
 */
struct sqlite {
	sqlite3 *db;
	char *path, *copy;  /* copy: a folder of ours to remove; NULL: none */
	int immutable;      /* st is compared again at the end */
	int newer;          /* again: a writer appended after the first */
	int ours;           /* statements of ours: the authorizer lets all by */
	int contents;       /* payload may be read, by statements of ours */
	int narrow;         /* temp.event stands before event */
	char refused[96];   /* what the authorizer denied first; "": nothing */
	int ref_loaded;
	struct stat st;
	struct store_stream stream;
	uint64_t steps;     /* VM steps left to the running statement */
	uint64_t looksteps; /* those of x_related, of the running scan */
	struct related {    /* statements of x_related, kept prepared */
		sqlite3_stmt *st;
		int want[EVENT_NCOL];
		size_t n;
	} related[EVENT_NCOL];
	sqlite3_stmt *find, *from; /* of payloads; NULL before the first */

	/* of the running scan */
	store_row_fn *fn;
	void *ctx;
	struct err *err;
	int failed;
	struct event ev;
	uint8_t seen[EVENT_NCOL]; /* record_look of each text */
	struct str record;
};

int sqlite_open(struct arena *, const char *path, struct sqlite *,
    struct err *);
int sqlite_shut(struct sqlite *);

/* ERR_INTEGRITY for a torn file, else ERR_SYSTEM; "path: what: reason". */
int sqlite_fail(const struct sqlite *, const char *what, struct err *);
/* A statement of ours. */
int sqlite_ours(struct sqlite *, const char *sql, sqlite3_stmt **,
    struct err *);
int sqlite_exec(struct sqlite *, const char *sql, struct err *);

#endif
