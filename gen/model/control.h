#ifndef MODEL_CONTROL_H
#define MODEL_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "model/rows.h"

/* mappings/ as read (docs/format/controls.md).  Read-only after eval has
 * compiled it: eval fills where, exception, sql and sha256 of each test. */

enum severity { SEV_LOW, SEV_MEDIUM, SEV_HIGH, SEV_CRITICAL };
const char *severity_name(enum severity);
int severity_parse(const char *); /* -1: no such word */

struct requirement {
	const char *id, *framework, *parent, *title, *summary, *role, *tier;
	const char *cite, *note, *level;
	int64_t applies_from_us; /* 0: always */
	int64_t applies_from_annex_i_us; /* systems under Annex I; 0: the same */
	int assessable;          /* 0: a heading */
	struct mark at;
};

struct framework {
	const char *id, *title, *source, *licence;
	const char *note; /* or NULL */
};

struct expr; /* a predicate: printed as SQL, or compiled (eval/expr.h) */

/* A named predicate, {ran}; expanded before hashing. */
struct predicate {
	const char *name, *text;
	struct mark at;
};

enum test_scope { SCOPE_AGENT, SCOPE_ORGANISATION, SCOPE_POLICY, SCOPE_STREAM };

struct test {
	const char *id, *title;
	const char *claim[4];      /* C05, or NULL; R1 for advice */
	const char *says_pass, *says_fail, *says_empty; /* NULL: no claim */
	enum test_scope scope;
	int64_t window_back_us;    /* 0: the period */
	int monthly;               /* {each: P1M} */
	const char *when_empty_because, *when_empty_proven_by; /* else NULL */
	const char **show;
	size_t nshow;
	const char *over;          /* "event", or a reference table */
	const char *where_text, *exception_text, *sql_text, *built_in;
	struct mark where_at, exception_at, sql_at;
	const struct expr *where, *exception; /* NULL: sql, or built in */
	const char *sql;           /* the statement that decides; by eval */
	uint8_t sha256[32];        /* of sql */
	const char **reads;        /* event types that sql reads; 0: any */
	size_t nreads;
	const char **requires;
	size_t nrequires;
	int design, advice, key;
	uint64_t max_exceptions, min_population, max_blind_ppm;
	const char *fix_at, *fix_how;
	struct mark at;
};

struct item { /* evidence that people write */
	const char *id, *kind, *title, *built_in, *max_age; /* a span, P400D */
	int design, key;
	int top; /* its reviewer's role reports to nobody */
	struct mark at;
};

struct mapping {
	const char *to_id; /* framework/requirement as written */
	const struct requirement *to;
	const char *rel, *why, **by;
	size_t nby;
};

/* Which agents a control is about; an empty list: any. */
struct applies {
	const char **lifecycle, **eu_role, **eu_tier, **annex_iii, **agents;
	const char **environment;
	size_t nlifecycle, neu_role, neu_tier, nannex_iii, nagents;
	size_t nenvironment;
};

struct control {
	const char *id, *family, *title, *objective, *owner_role, *limits;
	enum severity severity;
	uint32_t version;
	struct applies applies;
	struct test *test;
	size_t ntest;
	struct item *item;
	size_t nitem;
	struct mapping *map;
	size_t nmap;
	struct mark at;
};

/* Of another's crosswalk, ids as framework/requirement; never a verdict. */
struct crosspair { const char *from_id, *to_id, *note; };

struct catalogue {
	struct framework *framework;
	size_t nframework;
	struct requirement *req;
	size_t nreq;
	struct predicate *predicate;
	size_t npredicate;
	struct control *control;
	size_t ncontrol;
	struct crosspair *pair;
	size_t npair;
};

const struct control *catalogue_control(const struct catalogue *, const char *);
const struct test *catalogue_test(const struct catalogue *, const char *id,
    const struct control **);
const struct item *catalogue_item(const struct catalogue *, const char *id,
    const struct control **);
/* Whether a mapping of a control rests on the test or item of that id; with
 * no `by` it rests on all. */
int mapping_names(const struct mapping *, const struct control *,
    const char *id);
/* By "framework/id"; framework NULL takes the first id that matches. */
const struct requirement *catalogue_requirement(const struct catalogue *,
    const char *framework, const char *id);

#endif
