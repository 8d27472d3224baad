#ifndef DOC_PART_H
#define DOC_PART_H

#include <stddef.h>
#include <stdint.h>

#include "doc/page.h"

/*
 * What pages are made of.  A page is (set, subject) to nodes; parts are the
 * pieces that many pages share.
 */
struct page {
	struct arena *a;
	const struct page_set *set;
	const struct build *b;
	struct doc *doc;
	struct docnode *at; /* where the next part is hung: doc->body's root */
};

/* Which results rest on a row. */
struct rests {
	const struct result **result;
	size_t n, cap;
};
const struct rests *part_rests(const struct page *, const struct cite *);

/* Lines of an input file that pages point to, in order. */
struct lines {
	const struct input *input;
	uint32_t *line;
	size_t n, cap;
};

/* The cited lines of an input file, or NULL. */
const struct lines *part_lines(const struct page *, const char *path);

void part_title(struct page *, const char *title);
void part_crumb(struct page *, const char *word, const char *kind,
    const char *id);
struct docnode *part_section(struct page *, const char *id, const char *title);
/* A paragraph of our words; returns it, so that more can be hung into it. */
struct docnode *part_para(struct page *, struct docnode *at, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* A link of our own words. */
struct docnode *part_words(struct page *, struct docnode *at, const char *kind,
    const char *id, const char *anchor, const char *, ...)
    __attribute__((format(printf, 6, 7)));
/* A link that shows the id itself. */
void part_link(struct page *, struct docnode *at, const char *kind,
    const char *id);

/* Tables: part_table(), then part_row() and part_cell() for each. */
struct docnode *part_table(struct page *, struct docnode *at, const char *id,
    const char *caption, const char *const *head, size_t n);
#define PART_HEAD(...) ((const char *const[]){ __VA_ARGS__ }), \
	(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))
struct docnode *part_fields(struct page *, struct docnode *at, const char *id,
    const char *caption);
/* A row of a table of fields: the heading is there, the value cell returned. */
struct docnode *part_field(struct page *, struct docnode *table,
    const char *label);
void part_field_data(struct page *, struct docnode *table, const char *label,
    const char *theirs);
struct docnode *part_cell(struct page *, struct docnode *row);
void part_cell_data(struct page *, struct docnode *row, const char *theirs);
void part_cell_count(struct page *, struct docnode *row, uint64_t);
void part_cell_time(struct page *, struct docnode *row, int64_t us);

void part_count(struct page *, struct docnode *at, uint64_t);
void part_time(struct page *, struct docnode *at, int64_t us); /* 0: none */
void part_hash(struct page *, struct docnode *at, const uint8_t[32]);
void part_outcome(struct page *, struct docnode *at, const struct result *);
void part_status(struct page *, struct docnode *at, enum status);
/* The verdict sentence of a result, as a paragraph. */
void part_result(struct page *, struct docnode *at, const struct result *);
/* A row that is cited: a link to its record or its line. */
void part_cite(struct page *, struct docnode *at, const struct cite *);
/* A list of rows as a table: what, when, by whom. */
void part_cites(struct page *, struct docnode *at, const char *id,
    const char *caption, const struct cite *, size_t n);
/* A file and line, linked to its excerpt. */
void part_mark(struct page *, struct docnode *at, struct mark);
/* Tests and items of a control in their scopes. */
void part_results(struct page *, struct docnode *at, const char *id,
    const char *caption, const struct result *const *, size_t n);

/* The trace strip: statement, control, test, population, sample, record,
 * proof.  A step without a target says why. */
enum step {
	STEP_STATEMENT, STEP_CONTROL, STEP_TEST, STEP_POPULATION, STEP_SAMPLE,
	STEP_RECORD, STEP_PROOF, STEP_N
};
struct strip {
	struct {
		struct target to;
		const char *text; /* ours, or an id */
		int theirs;
	} step[STEP_N];
};
void part_strip(struct page *, const struct strip *, enum step current);
/* "3 tests", in the page's arena. */
const char *part_n(struct page *, uint64_t, const char *one, const char *many);

/* Lookups. */
int part_is(const char *, const char *);
const struct doc_ref *part_doc(const struct page *, size_t *from,
    const char *agent);
const char *part_record_id(struct page *, const struct cite *); /* dir/seq */
/* Requirements that a control is mapped to are linked as fw/id. */
const char *part_req_id(struct page *, const struct requirement *);

/* Page makers, one file a family. */
typedef void page_fn(struct page *, const char *id);
page_fn page_index, page_about, page_help, page_verify, page_search,
    page_files;
page_fn page_frameworks, page_framework, page_requirement;
page_fn page_controls, page_control, page_test;
page_fn page_gaps, page_gap, page_contradictions, page_waivers;
page_fn page_agents, page_agent, page_documents;
page_fn page_logs, page_log, page_record, page_source;

#endif
