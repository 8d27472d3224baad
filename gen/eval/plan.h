#ifndef EVAL_PLAN_H
#define EVAL_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "eval/eval.h"
#include "eval/expr.h"
#include "model/event.h"
#include "model/ref.h"

struct arena;

/*
 * Predicates compiled for one thread: trees become nodes, equal nodes become
 * one and are asked once a row, EXISTS over reference tables becomes a look-up
 * by its ties.  Answers are three-valued: 1, 0, -1 for NULL, and equal to what
 * the SQL of expr_sql gives.  Sums that leave 64 bits are NULL.
 */
struct plan;

struct plan *plan_new(struct arena *, const struct ref *);
/* The node of a predicate over that table. */
uint32_t plan_add(struct plan *, const char *over, const struct expr *);

void plan_params(struct plan *, int64_t from_us, int64_t to_us,
    int64_t as_of_us);
/* The row that is asked about, until the next; values stay the caller's. */
void plan_event(struct plan *, uint32_t stream, const struct value *col);
void plan_ref(struct plan *, const struct ref_table *, size_t row);
int plan_test(struct plan *, uint32_t node);
/* The agent of the event by ref_agent_name, or NULL. */
const struct value *plan_agent(const struct plan *);

/* EXISTS over events asks fn for them; without it, and while the plan is
 * blind, it answers NULL.  plan_failed: why one could not be read, NULL if all
 * were; forgotten by asking. */
void plan_relate(struct plan *, eval_related_fn *, void *ctx);
void plan_blind(struct plan *, int on);
const char *plan_failed(struct plan *);
/* Or it answers from these, read one by one: for tests of the SQL. */
void plan_events(struct plan *, const struct event *, size_t n);

/* What an event of that type can give: bits 1 FALSE, 2 TRUE, 4 NULL. */
unsigned plan_may(const struct plan *, uint32_t node, const char *event_type);

/* Why a node is NULL: columns without a value, tables without rows. */
#define PLAN_THINGS 512
struct plan_why {
	uint64_t bit[PLAN_THINGS / 64];
};
struct plan_thing {
	const struct ref_schema *table; /* NULL: event */
	int col;                        /* -1: the table has no row */
};
void plan_blame(struct plan *, uint32_t node, struct plan_why *);
/* The thing of a bit; 0 to EVENT_NCOL - 1 are the columns of event. */
struct plan_thing plan_thing(const struct plan *, size_t bit);
size_t plan_nthing(const struct plan *);

#endif
