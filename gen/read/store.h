#ifndef READ_STORE_H
#define READ_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/ref.h"

struct arena;
struct err;

/*
 * An audit store, read only (docs/format/audit-store.md).  A backend is one
 * row of store_backend[] (store.c): SQLite now.  Opening checks the schema,
 * and holds one snapshot until store_close; nothing is ever written.
 * SQL text runs under an authorizer: SELECT on event, store, segment,
 * checkpoint and ref_* only, a budget of VM steps, no other function than
 * those of controls.md.
 */
struct store;

struct store_stream { /* a row of table store, and the extent of its chain */
	const char *stream, *origin;
	uint64_t size;          /* MAX(seq) + 1 */
	int64_t created_us;
	const char *damage;     /* the file is cut or torn: size is what could
	                         * still be read; NULL: whole as a file */
};

struct store_note { /* a row of table checkpoint */
	uint64_t size;
	const char *note, *timestamp_token;
	int64_t last_us;        /* recorded_us of row size - 1 */
};

struct store_segment {
	uint64_t first_seq;
	uint8_t root[32];
	int64_t from_us, to_us; /* least and greatest occurred_us */
};

/*
 * A path (SQLite file).  store_again is a connection for a second thread: the
 * same rows up to the sizes that store_streams gave; where a writer appended
 * meanwhile it may hold newer ones, and then refuses store_query.
 * store_close: -1 if a file that was taken as unchanging changed.
 */
int store_open(struct arena *, const char *url, struct store **, struct err *);
int store_again(struct arena *, const struct store *, struct store **,
    struct err *);
int store_close(struct store *);

int store_streams(struct store *, struct arena *, struct store_stream **,
    size_t *n, struct err *);
int store_notes(struct store *, struct arena *, const char *stream,
    struct store_note **, size_t *n, struct err *); /* by size */
int store_segments(struct store *, struct arena *, const char *stream,
    struct store_segment **, size_t *n, struct err *);

/* Rows of a stream with first <= seq < end, in order.  The fast path: fn gets
 * each row, with its record written out; non-zero from fn ends the scan with
 * -1 and fn's err.  The event lives until fn returns. */
typedef int store_row_fn(void *ctx, const struct event *, struct err *);
int store_scan(struct store *, const char *stream, uint64_t first,
    uint64_t end, store_row_fn *, void *ctx, struct err *);
/* The same by plain column calls: the reference that store_scan is tested
 * against.  Values that the schema forbids (a number as text, text that is
 * not UTF-8) are ERR_INTEGRITY in both. */
int store_scan_plain(struct store *, const char *stream, uint64_t first,
    uint64_t end, store_row_fn *, void *ctx, struct err *);
/* One row; 1 found, 0 not there, -1 error.  Values live in the arena. */
int store_row(struct store *, struct arena *, const char *stream, uint64_t seq,
    struct event *, struct err *);

/* Fills TEMP tables from reference tables; once, before store_query. */
int store_load_ref(struct store *, const struct ref *, struct err *);
/* Runs one SELECT with the parameters :from_us :to_us :as_of_us; fn gets each
 * row of ncol values.  A text that is refused is ERR_INPUT, a budget that ran
 * out or a database error ERR_SYSTEM; both name the reason. */
typedef int store_query_fn(void *ctx, const struct value *, size_t ncol,
    struct err *);
int store_query(struct store *, const char *sql, int64_t from_us,
    int64_t to_us, int64_t as_of_us, store_query_fn *, void *ctx,
    struct err *);
/* Each event of a stream whose column `by` (an indexed text, as in EXISTS) is
 * key, in seq order; the n columns want[] of it.  1 from fn ends them with 0.
 * It may be asked inside store_scan, on the same connection. */
int store_related(struct store *, const char *stream, int by,
    const struct value *key, const int *want, size_t n, store_query_fn *,
    void *ctx, struct err *);
/* Whether the next statements may read the table payload too, and look into
 * its JSON: those of the program itself, never a test's text. */
void store_contents(struct store *, int may);
/* From now on store_query sees, of the events, these columns of the rows of
 * these types, a flag each: a table in a temporary file, which stands before
 * the whole one.  store_whole takes it away again; scans must wait for it.
 * -1: the whole table is what statements see. */
int store_narrow(struct store *, const uint8_t *type, const uint8_t *column,
    struct err *);
int store_whole(struct store *, struct err *);
/* Column names of a statement, for tables made from it. */
int store_columns(struct store *, struct arena *, const char *sql,
    const char ***name, size_t *n, struct err *);

/* A row of the table payload; it lives until fn returns. */
struct store_payload {
	const char *id;
	const char *content, *salt; /* NULL: erased, or not there */
	size_t len;                 /* of the content */
	int64_t erased_us;
	int64_t place;              /* rises in the order of adding */
};

/* The payload of that id, and then up to n - 1 that were added after it:
 * who reads rows in order asks for them soon.  1 found, 0 no such id, -1. */
typedef void store_payload_fn(void *ctx, const struct store_payload *);
int store_payloads(struct store *, const char *id, size_t n,
    store_payload_fn *, void *ctx, struct err *);

#endif
