#ifndef EVAL_EXPR_H
#define EVAL_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "model/control.h"
#include "model/ref.h"
#include "model/rows.h"

struct arena;
struct diag;
struct str;

/*
 * Predicates of tests (docs/format/controls.md, "Predicates"): text to a
 * tree, a tree to text.  A tree is read-only once made.  The text is printed
 * in two forms: as a person writes it, where printing what was parsed gives a
 * text that parses to the same tree; and as SQL, where EXISTS is the
 * three-valued OR over the related rows.  The tree is compiled in plan.h.
 */
enum expr_op {
	EXPR_INT, EXPR_TEXT, EXPR_TRUE, EXPR_FALSE, EXPR_NULL,
	EXPR_PARAM,        /* i: enum expr_param */
	EXPR_COL,          /* slot, col */
	EXPR_OR, EXPR_AND, /* two or more */
	EXPR_NOT,
	EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE,
	EXPR_DISTINCT, EXPR_NOT_DISTINCT,
	EXPR_IS_NULL, EXPR_NOT_NULL,
	EXPR_IS_TRUE, EXPR_NOT_TRUE, EXPR_IS_FALSE, EXPR_NOT_FALSE,
	EXPR_IN, EXPR_NOT_IN,           /* the first kid, then constants */
	EXPR_BETWEEN, EXPR_NOT_BETWEEN, /* three kids */
	EXPR_ADD, EXPR_SUB, EXPR_MUL,
	EXPR_COALESCE, EXPR_NULLIF, EXPR_ABS, EXPR_LENGTH, EXPR_SUBSTR,
	EXPR_CASE,         /* when, then, ...; an odd last kid is ELSE */
	EXPR_EXISTS
};

enum expr_type { EXPR_ANY, EXPR_BOOL, EXPR_WHOLE, EXPR_STRING };
enum expr_param { EXPR_FROM_US, EXPR_TO_US, EXPR_AS_OF_US, EXPR_NPARAM };

/* Whose column: the row itself, its agent, its policy, EXISTS's own tables. */
enum expr_slot { EXPR_E, EXPR_A, EXPR_P, EXPR_D, EXPR_NSLOT = EXPR_D + 4 };

struct expr {
	enum expr_op op;
	enum expr_type type;
	int64_t i;
	const char *p;  /* text; a column as printed, e.tier */
	size_t len;
	int slot, col;  /* col: an event_col, or that of the reference table */
	const struct ref_schema *table; /* of a column; NULL: event */
	struct expr **kid;
	size_t nkid;
	struct expr_from *from; /* EXISTS */
};

/* FROM and WHERE of an EXISTS; tables fill slots EXPR_D and up. */
struct expr_from {
	struct {
		const char *name, *alias;
		const struct ref_schema *ref; /* NULL: event */
		struct expr *on;             /* NULL: the first */
	} table[EXPR_NSLOT - EXPR_D];
	size_t ntable;
	struct expr **tie; /* EXPR_EQ: kid 0 is its own column, kid 1 outside */
	size_t ntie;
	struct expr *rest; /* the other conditions; NULL: none */
	int declared;      /* asked by an event: an empty table says nothing */
};

/* What a text may name. */
struct expr_names {
	const struct predicate *predicate; /* {ran} */
	size_t npredicate;
	const char *over; /* "event", or a reference table */
	int bare;         /* a column alone is the row's: tier for e.tier */
};

/* The row of an event: {event} and {in_period} of controls.md. */
#define EXPR_EVENT "event e LEFT JOIN ref_agent_name a ON a.name = " \
	"e.agent_id LEFT JOIN ref_policy_name p ON p.policy_id = e.policy_id " \
	"AND p.log_version = e.policy_version"
#define EXPR_PERIOD "e.occurred_us >= :from_us AND e.occurred_us < :to_us"

/* The tree, or NULL and one line in diag: at is where the text begins, what
 * names it ("HO-01.t1 where").  A predicate's own errors stand at its mark. */
struct expr *expr_parse(struct arena *, const struct expr_names *,
    const char *text, struct mark at, const char *what, struct diag *);

/* As a person writes it; a fixed point of parsing. */
void expr_print(struct str *, const struct expr *);
/* As SQL, three-valued; the same bytes for SQLite and PostgreSQL. */
void expr_sql(struct str *, const struct expr *);

/* Bits 1 << slot of the rows that it reads; 1 << EXPR_NSLOT: parameters. */
unsigned expr_reads(const struct expr *);
/* 1 if an EXISTS in it looks into other events. */
int expr_looks(const struct expr *);

#endif
