#ifndef INGEST_APPEND_H
#define INGEST_APPEND_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "model/event.h"

struct arena;
struct err;

/*
 * The one writer of an audit store (docs/format/audit-store.md): appends
 * events, payloads, segments and checkpoints to a SQLite file, never changes
 * what is there, but that a content may be erased.  Events between append_begin and append_commit are one
 * transaction with synchronous=FULL; a run that is killed leaves whole
 * transactions.  Two writers take turns, a transaction each.
 */
struct append;

/* Makes a new store; an existing file is ERR_INPUT.  origin is
 * <organisation>/<store>/<stream>. */
int append_create(const char *path, const char *origin, int64_t created_us,
    struct err *);
int append_open(struct arena *, const char *path, struct append **,
    struct err *);
/* Rolls back what was not committed. */
int append_close(struct append *);

const char *append_origin(const struct append *);
const char *append_stream(const struct append *);
uint64_t append_size(const struct append *);  /* events */
int64_t append_last_us(const struct append *); /* recorded_us; INT64_MIN: none */

int append_begin(struct append *, struct err *);
int append_commit(struct append *, struct err *);
int append_rollback(struct append *, struct err *);

/* The columns of an event_id, in the arena: 1 found, 0 not there, -1. */
int append_find(struct append *, struct arena *, const char *event_id,
    struct value *col, struct err *);
/* Each import event: its source_format and ext.  Non-zero from fn ends it. */
int append_imports(struct append *,
    int (*fn)(void *ctx, const char *format, const char *ext), void *ctx,
    struct err *);
/* Sets seq, prev_hash and stream in col and appends.  The other columns are
 * checked (record_check); recorded_us below the last one is ERR_INPUT. */
int append_event(struct append *, struct value *col, struct err *);
/* One that is there already, erased or not, stays as it is. */
int append_payload(struct append *, const char *id, const char *salt,
    const char *content, size_t len, struct err *);

/* Erases a content: salt and content become NULL, their bytes are overwritten
 * in the file.  An id that is not there is noted as erased. */
int append_erase(struct append *, const char *id, int64_t erased_us,
    struct err *);

/* The root of the first size events, from the segments and the rows after
 * them.  size is at most append_size. */
int append_root(struct append *, uint64_t size, uint8_t root[HASH_LEN],
    struct err *);
/* The newest note of the table checkpoint: 1, 0 none, -1. */
int append_last_note(struct append *, struct arena *, uint64_t *size,
    const char **note, struct err *);
int append_note(struct append *, uint64_t size, const char *note,
    struct err *);
/* Stores a time-stamp token in the row of a note, once. */
int append_token(struct append *, uint64_t size, const char *token,
    struct err *);

#endif
