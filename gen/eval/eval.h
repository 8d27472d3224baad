#ifndef EVAL_EVAL_H
#define EVAL_EVAL_H

#include <stddef.h>
#include <stdint.h>

#include "model/build.h"
#include "model/control.h"
#include "model/event.h"
#include "model/finding.h"
#include "model/ref.h"

struct arena;
struct diag;
struct err;

/*
 * Runs the catalogue over the facts (docs/format/controls.md).  Pure: rows
 * and query results are fed in, findings come out.
 *
 *     eval_compile(catalogue)         predicates to trees, trees to SQL text
 *     e = eval_new(...)               one for each thread, each its own arena
 *     eval_feed(e, stream, event)     each row that is read, in seq order
 *     eval_merge(e, other)            thread results into the first, in order
 *     eval_statements(e)              tests that run as their own SQL text
 *     eval_row(e, test, values)       each row that a statement returned
 *     eval_finish(e)                  verdicts, coverage, gaps
 */
struct eval;

struct eval_input {
	const char *organisation;
	int64_t from_us, to_us, as_of_us;
	const char *nonce;          /* NULL: the root of each stream */
	struct catalogue *catalogue; /* compiled */
	const struct ref *ref;
	const struct stream *stream; /* names now; the rest set by eval_finish */
	size_t nstream;
	const struct findings *previous; /* or NULL */
	int engine_sql;             /* every test as its own statement */
};

/* Compiles all predicates and prints each test's SQL; errors with their place
 * go to diag (unknown column or table, grammar, cycle in requires).  The
 * organisation is the scope of what has no agent, policy or stream. */
void eval_compile(struct arena *, struct catalogue *, const char *organisation,
    struct diag *);

struct eval *eval_new(struct arena *, const struct eval_input *);
/* stream: index into input.stream; in_range: the row belongs to the period's
 * range or window (rows only read for the chain are not fed at all). */
void eval_feed(struct eval *, uint32_t stream, const struct event *);
void eval_merge(struct eval *, struct eval *other);

/* Statements to run: the text returns scope, stream, seq, broken (or scope,
 * file, line, broken over reference rows). */
struct eval_statement {
	const struct test *test;
	const char *sql;
	int64_t from_us, to_us; /* bound to :from_us, :to_us */
	int over_ref;
};
size_t eval_statements(struct eval *, const struct eval_statement **);
int eval_row(struct eval *, const struct eval_statement *,
    const struct value *, size_t ncol, struct err *);
/* It could not run: did-not-run, with the message. */
void eval_failed(struct eval *, const struct eval_statement *, const char *);

/* The answers of built-in tests that other stages compute (AU-01, AU-07, ...):
 * one row a member of the population. */
void eval_built_in(struct eval *, const char *test, const char *scope,
    const struct cite *, int broken /* 1 0 -1 blind */, const char *detail);

struct findings *eval_finish(struct eval *);

#endif
