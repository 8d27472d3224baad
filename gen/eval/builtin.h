#ifndef EVAL_BUILTIN_H
#define EVAL_BUILTIN_H

#include "eval/eval.h"
#include "model/event.h"

/*
 * Tests that the program computes from a row by itself (built_in: eval), by
 * their id: what neither predicates nor SQL can say.  1 it breaks the control,
 * 0 good, -1 cannot be said, 2 it is not in the population.
 */
typedef int builtin_row_fn(const struct eval_input *, const struct event *);
builtin_row_fn *builtin_row(const char *test); /* NULL: no such test */

/* Others are SQL text over the store, with what the registry says put in: it
 * reads contents, which no text of a catalogue may.  NULL: no such test. */
struct arena;
const char *builtin_sql(struct arena *, const struct eval_input *,
    const char *test);

#endif
