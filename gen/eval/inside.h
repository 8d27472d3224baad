#ifndef EVAL_INSIDE_H
#define EVAL_INSIDE_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "eval/builtin.h"
#include "eval/eval.h"
#include "eval/plan.h"

/*
 * What the files of eval/ share; nobody else includes this.  A job is a test
 * in a span of time; a tally is what a job counted in a scope.
 */
#define NODE_NONE UINT32_MAX

enum how { HOW_PASS, HOW_REF, HOW_STATEMENT, HOW_BUILT_IN };

struct drawn { /* a row with its rank */
	uint8_t rank[HASH_LEN];
	struct cite at;
};

struct tally {
	uint64_t n, x, b;
	int64_t first_us, last_us;
	enum grade weakest;
	struct cite *exception;
	size_t nexception, capexception;
	struct drawn *sample; /* a heap, the greatest rank on top */
	size_t nsample, capsample;
	uint64_t formats;     /* bits of eval.format: of the population */
	struct plan_why *all, *any; /* what all, or some, blind rows lack */
	const char *detail;   /* of a built-in test */
};

/* A test that is decided from other results, once these are settled: fn fills
 * n, x and places of its result.  0: what it needs was not given. */
struct late {
	const char *test;
	int organisation; /* it is one of its scopes */
	int (*fn)(struct eval *, struct result *);
};

struct job {
	const struct control *control;
	const struct test *test;
	enum how how;
	int64_t from_us, to_us;
	uint32_t where, exception; /* nodes; NODE_NONE: TRUE */
	struct tally **tally;      /* by number of scope */
	size_t ntally;
	const char *failed;        /* it could not run: the message */
	const char *sql;           /* the test's, or of a built-in test */
	builtin_row_fn *row;       /* a built-in test of the row, or NULL */
	const struct late *late;           /* one of other results, or NULL */
	int answered;              /* a built-in test that somebody fed */
	int looks;                 /* into other events */
	uint64_t types;            /* bits of event_type that W lets in */
	uint8_t *reads;            /* columns of event, by event_col */
};

struct eval {
	struct arena *arena;
	const struct eval_input *in;
	struct plan *plan;
	struct hash *hash;
	struct job *job;
	size_t njob, capjob;
	uint32_t **bytype;     /* jobs that an event type can matter to; the */
	size_t *nbytype;       /* last list is that of types nobody knows */
	struct map *type;      /* event type to its number plus one */
	uint64_t seen;         /* bits of event_type: in the period */
	struct map *scope;     /* name to number plus one */
	const char **scopename;
	size_t nscope, capscope;
	uint32_t organisation; /* number of its scope */
	uint32_t *streamscope; /* number of each stream's */
	struct str *rank;      /* the text to hash, of each stream */
	size_t *ranklen;       /* up to seq */
	struct format {        /* source formats seen */
		const char *name;
		uint8_t fills[EVENT_NCOL]; /* columns with a value in some row */
		uint8_t empty[EVENT_NCOL]; /* numbers of the others */
		size_t nempty;
	} *format;
	size_t nformat, capformat;
	int64_t param_from, param_to; /* set in plan now */
	int64_t about_from, about_to; /* of whom a control is about: when */
	struct eval_statement *statement;
	size_t *statementjob;
	size_t nstatement;
	size_t whole;          /* the job of AU-01.t1, or SIZE_MAX */
	struct map *quiet;     /* "test\nscope" to why it has nothing to say */

	/* The row that is read: each is asked once. */
	const struct event *row;
	uint32_t rowstream, rowscope[SCOPE_STREAM + 1];
	uint8_t rowrank[HASH_LEN];
	int ranked, graded;
	enum grade rowgrade;
	size_t rowformat;

	/* The findings that are made. */
	struct findings *f;
	struct pending *pending; /* beside f->result */
	size_t capresult, cappending, npending, capgap, capunlock;
	struct map *byname;      /* "test\nscope" to result number plus one */
	struct entry {           /* of each row of ref_document, or NULL */
		int counts;      /* it passed somewhere */
		const char *reason, *detail; /* else why not */
	} *entry;

	/* late.c: results that are claims, by scope; who audited, and did what. */
	struct map *claims;
	struct auditor {
		const char *person, *about; /* about NULL: everything */
		struct cite first;
		uint64_t nevent;
	} *auditor;
	size_t nauditor;
};

struct claims {
	size_t *result, n, cap;
};

struct pending {
	const struct job *job;
	const struct tally *tally;
	int settled, computed; /* computed: by its late.fn */
};

uint32_t eval_scope(struct eval *, const char *name, size_t len);
struct tally *eval_tally(struct eval *, struct job *, uint32_t scope);
size_t eval_format(struct eval *, const struct value *);
struct job *eval_job(struct eval *, const char *test);

/* Tests over reference tables, at the end. */
void eval_reference(struct eval *);

/* verdict.c: outcomes of tests and, by evidence.c, of evidence; status. */
void verdict_results(struct eval *);
void evidence_results(struct eval *, const struct control *);
void evidence_idle(struct eval *); /* entries that count for nothing */
/* The person was there and held the role (NULL: any) at that time. */
int evidence_role(const struct eval *, const char *person, const char *role,
    int64_t us);
void verdict_statuses(struct eval *);
/* Settles a result, where it is not; the status of a control in a scope. */
void verdict_settle(struct eval *, size_t result);
enum status verdict_status(struct eval *, const struct control *,
    const char *scope);
/* late.c: NULL: no such test; items, once all tests are settled. */
const struct late *late_test(const char *test);
void late_items(struct eval *);
void late_auditors(struct eval *);
void late_event(struct eval *, uint32_t stream, const struct event *);
void late_merge(struct eval *, const struct eval *other);
/* coverage.c, gap.c */
void coverage_find(struct eval *);
void gap_find(struct eval *);
void unlock_find(struct eval *);

/* A new result; its number in f->result is that in e->pending. */
struct result *verdict_result(struct eval *, const struct control *,
    const struct test *, const struct item *, const char *scope);
/* Whether a control is about an agent (NULL: about any): NULL, or why not. */
const char *verdict_applies(struct eval *, const struct control *,
    const char *agent_id);
/* The agent is in production in a part of the period. */
int verdict_in_prod(const struct eval *, const char *agent_id);

#endif
