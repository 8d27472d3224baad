#ifndef DOC_SEC_H
#define DOC_SEC_H

#include <stddef.h>
#include <stdint.h>

#include "doc/doc.h"

/*
 * What sections are made with.  A section makes facts, each with an id of its
 * own, <section>.<field> or <section>.<list>.<n>.<field>, and hangs them into
 * its node.  A fact that is not there is NOT RECORDED, with what to fill: it
 * is never left out.
 */
struct sec;

struct section {
	const char *id, *code, *title; /* details, MC1, Details */
	enum audience audience;
	const char *claims;  /* "C01 C17", or "all" */
	/* Names for templates: words are facts, "agents[name calls]" lists,
	 * "~x" narratives, "?x" yes or no, "/x" paths. */
	const char *fields;
	void (*make)(struct sec *);
	const char *who;     /* who can supply it, where nothing is there */
};

struct list { /* of a section, for templates */
	size_t n;
	struct docnode *table; /* as the section printed it, or NULL */
};

/* All facts of a document, in order of making. */
struct facts {
	struct fact **fact;
	size_t n, cap;
	struct map *by_id;     /* struct fact */
	struct map *list;      /* "used_by.agents": struct list */
	struct map *text;      /* narratives: "purpose.text": first docnode */
	struct map *section;   /* id: its docnode */
};

struct sec {
	struct arena *a;
	const struct build *b;
	const struct doc_ref *ref;
	const struct section *section;
	struct docnode *at;    /* the section's node */
	struct facts *facts;
	struct diag *diag;
};

/* Facts.  field: "provider", or sec_item(s, "agents", i, "calls"). */
const char *sec_item(struct sec *, const char *list, size_t i,
    const char *field);
struct fact *sec_fact(struct sec *, const char *field, const char *type,
    enum prov);
/* A column of a registry row; row SIZE_MAX: there is no such row, and file is
 * the path to create. */
struct fact *sec_ref(struct sec *, const char *field, const struct ref_table *,
    size_t row, const char *col, const char *file);
/* A plain list of a registry row, its keys joined by /. */
struct fact *sec_list(struct sec *, const char *field,
    const struct ref_table *, size_t row, const char *key, const char *list,
    const char *file);
/* A column of a table of measures; row SIZE_MAX: nothing was seen. */
struct fact *sec_log(struct sec *, const char *field, const struct ref_table *,
    size_t row, const char *col);
struct fact *sec_count(struct sec *, const char *field, uint64_t n,
    const char *formula);
/* The sum of a measured column over the rows that equal.  Without a row it is
 * 0 only where the log knows the document's agent, else NOT RECORDED. */
struct fact *sec_counted(struct sec *, const char *field, const char *table,
    const char *const *is, const char *col);
struct fact *sec_ratio(struct sec *, const char *field, uint64_t n,
    uint64_t of, const char *formula);
/* The same with its interval: an estimate. */
struct fact *sec_estimate(struct sec *, const char *field, uint64_t n,
    uint64_t of, const char *formula);
struct fact *sec_time(struct sec *, const char *field, enum prov, int64_t us,
    const char *formula);
struct fact *sec_took(struct sec *, const char *field, enum prov,
    int64_t us, const char *formula);
/* A text that was computed (P) or seen (M). */
struct fact *sec_text(struct sec *, const char *field, enum prov,
    const char *text, const char *formula);
struct fact *sec_missing(struct sec *, const char *field, enum prov,
    const char *what_to_fill);
struct fact *sec_not_owed(struct sec *, const char *field,
    const char *rule, ...) __attribute__((format(printf, 3, 4)));

/* Nodes. */
void sec_intro(struct sec *, const char *ours);
struct docnode *sec_fields(struct sec *, const char *id, const char *caption);
void sec_field(struct sec *, struct docnode *table, const char *label,
    const struct fact *);

/* A list as a table: sec_rows() begins it, sec_row() a row whose last cell is
 * the source of its first fact; sec_cell() adds a fact.  sec_rows_end() says
 * NOT RECORDED, and what to fill, where there is no row. */
struct rows {
	struct sec *s;
	const char *list;
	struct docnode *table, *row;
	const struct fact *first;
	size_t n;
};
struct rows sec_rows(struct sec *, const char *list, const char *caption,
    const char *const *head, size_t nhead);
void sec_row(struct rows *);
void sec_cell(struct rows *, const struct fact *);
/* A sentence, not cut short; sec_cell_full: with its own mark and source. */
void sec_cell_long(struct rows *, const struct fact *);
void sec_cell_full(struct rows *, const struct fact *);
/* A row heading in our own words. */
void sec_cell_name(struct rows *, const char *ours);
void sec_rows_end(struct rows *, enum prov, const char *none);

/* The common case: rows of one table, those whose columns equal the words of
 * `is` (pairs of column and value, ended by NULL). */
struct sec_col {
	const char *field, *label;
	const char *col; /* "to_us", or "to_us?still": what no value means */
};
size_t sec_grid(struct sec *, const char *list, const char *caption,
    const char *table, const char *const *is, const struct sec_col *,
    size_t ncol, const char *none);
/* The same; quiet: what did not happen, see sec_quiet. */
size_t sec_quiet_grid(struct sec *, const char *list, const char *caption,
    const char *table, const char *const *is, const struct sec_col *,
    size_t ncol, const char *quiet);
/* Several columns of one registry row, as rows of a table of fields. */
void sec_refs(struct sec *, struct docnode *table, const struct ref_table *,
    size_t row, const struct sec_col *, size_t ncol, const char *file);
/* One plain list of a row, as a row of such a table. */
void sec_listed(struct sec *, struct docnode *table, const char *field,
    const char *label, const struct ref_table *, size_t row, const char *key,
    const char *list, const char *file);
/* Rows of a table whose `by` is an item of a plain list: the models of a
 * risk, the agents of an incident.  Says which rows: fn gets each. */
typedef void sec_row_fn(struct rows *, const struct ref_table *, size_t row);
void sec_naming(struct rows *, const char *kind, const char *field,
    const char *value, const char *table, const char *by, sec_row_fn *);
/* What may be quiet (controls.md, when_empty): NOT OWED where AU-04.t1 shows
 * that the log has no hole, else NOT RECORDED. */
struct fact *sec_quiet(struct sec *, const char *field, const char *what);
/* Ends a list that may be quiet. */
void sec_rows_quiet(struct rows *, const char *what);
/* The next row from `from` that equals; SIZE_MAX. */
size_t sec_find(const struct ref_table *, size_t from, const char *const *is);

/* People's text beside a registry entry. */
void sec_narrative(struct sec *, const char *field, const char *kind,
    const char *id, const char *name, const char *folder);

/* Tables of the build, or NULL. */
const struct ref_table *sec_ref_table(const struct sec *, const char *);
const struct ref_table *sec_log_table(const struct sec *, const char *);
/* Sum of a measured column over the rows that equal. */
uint64_t sec_sum(const struct ref_table *, const char *const *is,
    const char *col);
char *sec_printf(const struct sec *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Parts that several kinds show (sec_agent.c). */
size_t sec_agent(const struct sec *);       /* row of ref_agent */
const char *sec_agent_file(const struct sec *);
size_t sec_version(const struct sec *);     /* row of ref_agent_version */
const char *sec_version_file(const struct sec *);
void sec_agent_list(struct sec *, struct docnode *table, const char *field,
    const char *label, const char *list);
void sec_oversight(struct sec *);
void sec_incidents(struct sec *);
void sec_months(struct sec *);
void sec_drills(struct sec *);
void sec_data_seen(struct sec *);
void sec_approvals(struct sec *);

/* Parts that the kinds of oversight show (sec_over.c). */
/* The span of the document: the month of a review, else the period. */
void sec_span(const struct sec *, int64_t *from_us, int64_t *to_us);
const char *sec_month(const struct sec *);  /* "2026-07", or "all" */
/* The row of ref_policy_version in force at the end of the span (not after
 * as-of), or SIZE_MAX. */
size_t sec_in_force(const struct sec *, const char *policy);
/* Whether a row of ref_deployment is that version in prod in the span. */
int sec_in_prod(const struct sec *, const char *agent, const char *version);
/* The sentence of a test in a scope, or in the organisation. */
struct fact *sec_result(struct sec *, const char *field, const char *test,
    const char *scope);
/* Limits of an amount: "from 50.01 EUR up to 1,000.00 EUR", or "". */
const char *sec_amounts(struct sec *, const struct ref_table *, size_t row);
/* What the figures say of the matrix, R1 to R4; agent NULL: of all. */
void sec_advice(struct sec *, const char *agent);
/* A text that stands in the registry: D, with the place of the row. */
struct fact *sec_said(struct sec *, const char *field,
    const struct ref_table *, size_t row, const char *text);

/* Points of a law, each a row with its answer (sec_owed.c): one of the
 * columns, a list, a test, a function; or what somebody is to write. */
struct sec_point {
	const char *req;  /* AIA-13.3.a; its title is the catalogue's, unless */
	const char *asks; /* this says it */
	const char *agent, *list, *version, *company, *test, *write;
	struct fact *(*make)(struct sec *, const char *id);
};
void sec_points(struct sec *, const char *list, const char *caption,
    const struct sec_point *, size_t n);
/* The notices of a kind that people get, by language, with their texts; none:
 * what to fill.  More words than max: an error of its file (sec_ni.c). */
void sec_notices(struct sec *, const char *kind, size_t max);
/* The one page of a document that is not owed. */
extern const struct section sec_owed[];

/* Triggers of a kind (slo rollback breaker), with what the log makes of each
 * (sec_rb.c). */
void sec_triggers(struct sec *, const char *list, const char *caption,
    const char *kind);

/* The sections of the kinds, each ended by a NULL id. */
extern const struct section sec_gp[], sec_ir[], sec_ks[], sec_rb[], sec_rh[];
extern const struct section sec_sl[], sec_so[], sec_na[], sec_nw[], sec_cm[];
extern const struct section sec_iu[], sec_re[], sec_ax[];
extern const struct section sec_ab[], sec_ar[], sec_dx[], sec_ga[], sec_gr[];
extern const struct section sec_ia[], sec_ip[], sec_mc[], sec_ni[], sec_ph[];
extern const struct section sec_pr[], sec_ro[], sec_sc[], sec_sh[];
/* Those of this document: the skin of an impact assessment has its order. */
const struct section *sec_of(struct arena *, const struct doc_ref *);

#endif
