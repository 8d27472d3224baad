#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "model/control.h"
#include "model/event.h"
#include "model/rows.h"

/* All that eval says (controls.md, Evaluation).  Words are closed lists. */

enum outcome { OUT_NOT_APPLICABLE, OUT_FAIL, OUT_NO_EVIDENCE, OUT_PASS };
enum status {
	ST_NOT_APPLICABLE,
	ST_GAP,
	ST_PARTIAL,
	ST_SATISFIED,
	ST_NOT_ESTABLISHED,
	ST_NOT_ASSESSED /* design only: no item of design */
};
enum coverage { COV_DATA, COV_DOCUMENT, COV_NOT_EVALUATED, COV_UNMAPPED };

const char *outcome_name(enum outcome);   /* "no-evidence" */
const char *status_name(enum status);     /* "not-established" */
const char *coverage_name(enum coverage); /* "by document only" */

/* One test, or one item of evidence, in one scope. */
struct result {
	const struct control *control;
	const struct test *test; /* or NULL */
	const struct item *item; /* or NULL */
	const char *scope;       /* agent id, organisation, policy, stream */
	const char *reason;      /* of no-evidence, not-applicable: a word */
	const char *detail;      /* a sentence, or NULL */
	enum outcome outcome;
	enum grade weakest;
	uint64_t n, x, b;        /* population, exceptions, blind */
	int64_t first_us, last_us; /* of the population; 0: no times */
	struct cite *exception;  /* the first LIMIT_EXCEPTIONS, by place */
	size_t nexception;
	struct cite *sample;     /* by rank */
	size_t nsample;
};

struct verdict { /* a control in a scope */
	const struct control *control;
	const char *scope;
	enum status all, design, operating;
	struct result *const *result;
	size_t nresult;
};

struct covered { /* a requirement */
	const struct requirement *req;
	enum coverage word;
	enum status worst;
	int later;   /* applies_from lies after as-of */
	const struct control **control; /* mapped to it */
	size_t ncontrol;
	const char *why_not; /* role or tier that leaves it out, or NULL */
};

struct gap {
	char id[15]; /* "G-" and 12 hex digits */
	const struct verdict *verdict;
	const char *kind;  /* failed partial not-established ... */
	const char *owner, *how, *waiver;
	int64_t first_seen_us, waived_until_us;
	struct mark fix;   /* col 0: the file is to be made */
	int missing;       /* 1: fix.file is not there yet */
	int later;         /* all its requirements apply from a later date */
	int notice;        /* shown, and fails nothing: waiver-broad */
};

/* What would make most tests testable, most first. */
struct unlock {
	const char *what; /* "fill approval_id", "log drill events" */
	const char *where; /* column, registry field, document */
	const struct test **test;
	size_t ntest;
};

/* An entry of the evidence index that counts for nothing, and why. */
struct idle {
	const char *item;
	const char *reason, *detail;
	struct mark at;
};

struct findings {
	struct result *result;
	size_t nresult;
	struct verdict *verdict;
	size_t nverdict;
	struct covered *covered;
	size_t ncovered;
	struct gap *gap; /* worst first, then control, scope */
	size_t ngap;
	struct unlock *unlock;
	size_t nunlock;
	struct idle *idle; /* in the order of the index */
	size_t nidle;
	uint64_t decided; /* results that passed or failed; 0: status 5 */
};

/* The result of a test in a scope, or NULL. */
const struct result *finding_result(const struct findings *, const char *test,
    const char *scope);
const struct verdict *finding_verdict(const struct findings *,
    const char *control, const char *scope);
const struct covered *finding_covered(const struct findings *,
    const struct requirement *);
const struct gap *finding_gap(const struct findings *, const char *id);
/* The gap of a verdict, or NULL. */
const struct gap *finding_gap_of(const struct findings *,
    const struct verdict *);

/* The verdict sentence of a result: says with {n} {x} {scope} filled, or our
 * own words where the test has none; begins with the outcome. */
struct str;
/* A sentence of the catalogue with {n}, {x} and {scope} filled in. */
void finding_says(struct str *, const char *says, const struct result *);
void finding_sentence(struct str *, const struct result *);
/* The same without the outcome. */
void finding_words(struct str *, const struct result *);

#endif
