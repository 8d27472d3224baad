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
struct map;

/*
 * Runs the catalogue over the facts (docs/format/controls.md).  Pure: rows
 * and query results are fed in, findings come out.
 *
 *     eval_compile(catalogue)         predicates to trees, trees to SQL text
 *     e = eval_new(...)               one for each thread, each its own arena
 *     eval_relate(e, fn)              whom to ask for other events
 *     eval_feed(e, stream, event)     each row that is read, in seq order
 *     eval_merge(e, other)            thread results into the first, in order
 *     eval_statements(e)              tests that run as their own SQL text
 *     eval_narrow(e, ...)             what some of them need of the events
 *     eval_row(e, test, values)       each row that a statement returned
 *     eval_finish(e)                  verdicts, coverage, gaps
 */
struct eval;

/* tests: those of a row, with them those that look into other events, or all;
 * a test that is left out did not run. */
struct eval_input {
	const char *organisation;
	int64_t from_us, to_us, as_of_us;
	const char *nonce;          /* NULL: the root of each stream */
	struct catalogue *catalogue; /* compiled */
	const struct ref *ref;
	const struct stream *stream; /* name, origin, size, previous_size, root
	                              * now; the rest is read by eval_finish */
	size_t nstream;
	const struct findings *previous; /* or NULL */
	int engine_sql;             /* every test as its own statement */
	enum eval_tests { EVAL_ALL, EVAL_RELATED, EVAL_ROW } tests;
	const char *const *pseudonymise; /* columns that must be pseudonyms */
	size_t npseudonymise;
	const char *project;        /* file of what has no other place */
	const struct map *packed;   /* inputs of the previous pack, SHA-256 in
	                             * hex, and its as-of; NULL: the first */
	int64_t packed_us;
	const struct eval_named {   /* events that evidence names by `for` */
		const char *event_id, *event_type, *outcome;
		int64_t occurred_us;
	} *named;
	size_t nnamed;
	const struct eval_paper {   /* documents of a pack, by kind, and which */
		const char *kind;   /* claims each section makes: "C05 C06" */
		const char *const *claims;
		size_t nclaims;
	} *paper;                   /* NULL: TR-04.t2 does not run */
	size_t npaper;
	const struct eval_tier {    /* permission tiers of the previous pack */
		const char *agent_id, *tier;
	} *tier;                    /* NULL: SE-02.t3 does not run */
	size_t ntier;
};

/* Compiles all predicates and prints each test's SQL; errors with their place
 * go to diag (unknown column or table, grammar, cycle in requires).  The
 * organisation is the scope of what has no agent, policy or stream. */
void eval_compile(struct arena *, struct catalogue *, const char *organisation,
    struct diag *);

struct eval *eval_new(struct arena *, const struct eval_input *);
void eval_free(struct eval *); /* gives back what OpenSSL holds */
/*
 * Tests that look into other events ask for them while a row is fed: fn gives
 * each event of that stream whose column `by` is `key`, in seq order, the n
 * columns of want[] alone, until each is not 0.  Before the first row.
 */
typedef int eval_each_fn(void *ctx, const struct value *, size_t n,
    struct err *);
typedef int eval_related_fn(void *ctx, uint32_t stream, int by,
    const struct value *key, const int *want, size_t n, eval_each_fn *each,
    void *eachctx, struct err *);
void eval_relate(struct eval *, eval_related_fn *, void *ctx);
/* stream: index into input.stream.  Every row of the stream that is read and
 * lies below its size: AU-01.t1 counts those of the range, the other tests
 * those of their period.  Where input.nonce is NULL the stream's root draws
 * the sample, so it must be known before (its note has it). */
void eval_feed(struct eval *, uint32_t stream, const struct event *);
/* Adds another thread's counts; the order of threads changes nothing. */
void eval_merge(struct eval *, struct eval *other);

/*
 * Statements to run once all rows were fed: sql is the test's text inside a
 * SELECT that adds, over events, the time, grade and columns of each place.
 * over_ref: it returns scope, file, line, broken.
 */
struct eval_statement {
	const struct test *test;
	const char *sql;
	int64_t from_us, to_us; /* bound to :from_us, :to_us */
	int over_ref;
	int own;                /* the program's: it reads contents */
	int narrow;             /* events of some types are all that it reads */
};
size_t eval_statements(struct eval *, const struct eval_statement **);
/* The event types and columns of all narrow statements together, a flag each:
 * type[event_ntype], column[EVENT_NCOL].  How many statements these are. */
size_t eval_narrow(const struct eval *, uint8_t *type, uint8_t *column);
/* A row against the rules is -1: call eval_failed with the message. */
int eval_row(struct eval *, const struct eval_statement *,
    const struct value *, size_t ncol, struct err *);
/* It could not run: did-not-run, with the message. */
void eval_failed(struct eval *, const struct eval_statement *, const char *);

/* The answers of built-in tests that other stages compute (AU-01, AU-07, ...):
 * one row a member of the population.  AU-01.t1: only what is broken.  A test
 * that nobody answers did not run. */
void eval_built_in(struct eval *, const char *test, const char *scope,
    const struct cite *, int broken /* 1 0 -1 blind */, const char *detail);
/* The whole test has nothing to say, for that reason: not-applicable. */
void eval_quiet(struct eval *, const char *test, const char *scope,
    const char *because);

struct findings *eval_finish(struct eval *);

#endif
