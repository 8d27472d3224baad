#ifndef EVAL_QUERY_H
#define EVAL_QUERY_H

#include <stddef.h>

struct arena;
struct catalogue;
struct diag;

/*
 * A question about the log: a predicate of docs/format/controls.md over the
 * row of an event, where a column may stand alone (tier for e.tier).  Nothing
 * that a person types becomes SQL but through the tree of that grammar.
 *
 * The statement returns, of each row of the period for which the predicate is
 * not false, by stream and seq: stream, seq, 1 where it is true and NULL
 * where a column that it reads is empty, then the columns asked for.
 */
#define QUERY_FIXED 3

struct query {
	const char *sql;
	const int *col; /* an enum event_col each */
	size_t ncol;
};

/* columns: "a,b,c", or NULL for the usual ones and those that text reads.
 * -1 and lines in diag, which name the argument and the character. */
int query_compile(struct arena *, const struct catalogue *, const char *text,
    const char *columns, struct query *, struct diag *);

#endif
