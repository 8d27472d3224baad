#ifndef EVAL_RELATE_H
#define EVAL_RELATE_H

#include <stddef.h>
#include <stdint.h>

#include "eval/eval.h"
#include "model/event.h"

struct arena;

/*
 * The events that an EXISTS looks at: those of a stream with one value in an
 * indexed column.  Each is asked of the store with the wanted columns alone;
 * the rows of the last keys are kept, since tests of one event, and events of
 * one action, look at the same ones.  Of a key with many rows nothing is
 * kept, so memory does not depend on the log.
 */
struct relate;

struct relate *relate_new(struct arena *);
/* Before the first look: a column of related events that somebody reads. */
void relate_want(struct relate *, int col);
void relate_from(struct relate *, eval_related_fn *, void *ctx);
int relate_open(const struct relate *); /* 1: there is somebody to ask */

/* fn gets each row, in seq order, the columns that nobody wants as NULL;
 * non-zero from it ends them.  -1: it could not be read, see relate_failed. */
typedef int relate_each_fn(void *ctx, const struct value *col);
int relate_each(struct relate *, uint32_t stream, const struct value *name,
    int by, const struct value *key, relate_each_fn *, void *ctx);

/* The message of the last failure, forgotten by asking; NULL: none. */
const char *relate_failed(struct relate *);

#endif
