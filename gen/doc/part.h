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

/* Rows of measured tables that name an event by stream and seq. */
struct measured {
	struct {
		const struct ref_table *table;
		size_t row;
	} *at;
	size_t n, cap;
};
const struct measured *part_measured(const struct page *,
    const struct cite *);
/* The event that a row of a measured table names; 0: none. */
int part_measured_cite(const struct build *, const struct ref_table *,
    size_t row, struct cite *);

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
/* What the search finds the page by: name:value, a blank in the value as a
 * dash; NULL adds nothing.  Names are those of site/js/search.js. */
void part_facet(struct page *, const char *name, const char *value);
void part_facet_map(struct page *, const struct control *); /* frameworks */
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
/* Prose: a title, a sentence; cut as text is, not at a cell's width. */
void part_cell_say(struct page *, struct docnode *row, const char *theirs);
void part_cell_count(struct page *, struct docnode *row, uint64_t);
void part_cell_time(struct page *, struct docnode *row, int64_t us);

void part_count(struct page *, struct docnode *at, uint64_t);
void part_time(struct page *, struct docnode *at, int64_t us); /* 0: none */
void part_day(struct page *, struct docnode *at, int64_t us);
void part_hash(struct page *, struct docnode *at, const uint8_t[32]);
void part_outcome(struct page *, struct docnode *at, const struct result *);
void part_status(struct page *, struct docnode *at, enum status);
/* The verdict sentence of a result, as a paragraph. */
void part_result(struct page *, struct docnode *at, const struct result *);
/* A row that is cited: a link to its record or its line. */
void part_cite(struct page *, struct docnode *at, const struct cite *);
/* Rows that results rest on, as one table (part_rows.c): whence, what, when,
 * by whom.  The columns are those that the test shows; test NULL: rows of
 * several tests, each named. */
struct part_row {
	const struct result *result;
	const struct cite *cite;
};
struct part_rows {
	struct part_row *row;
	size_t n, cap;
};
void part_rows_add(struct page *, struct part_rows *, const struct result *,
    const struct cite *, size_t n);
void part_rows(struct page *, struct docnode *at, const char *id,
    const char *caption, const struct test *, const struct part_rows *);
/* A value of a reference table, or of an event: times, spans, hashes. */
void part_value(struct page *, struct docnode *at, const struct ref_col *,
    const struct value *);
void part_event_value(struct page *, struct docnode *at, enum event_col,
    const struct value *);
/* A row of a reference table, field by field, each with its line; what the
 * audience may not see is left out.  Rows of a table, those of one owner:
 * `col` equals `want`, and `col2` (or NULL) `want2`; returns how many. */
void part_ref_row(struct page *, struct docnode *at, const char *id,
    const char *caption, const struct ref_table *, size_t row);
size_t part_ref_rows(struct page *, struct docnode *at, const char *id,
    const char *caption, const char *table, const char *col,
    const char *want, const char *col2, const char *want2);
/* Every measured table that has the column (and col2, or NULL), its rows where
 * it equals `want`; returns how many tables. */
size_t part_log_rows(struct page *, struct docnode *at, const char *col,
    const char *want, const char *col2, const char *want2);
/* The version of a policy that was in force at that time: its row in
 * ref_policy_version, or SIZE_MAX. */
size_t part_in_force(const struct page *, const char *policy, int64_t us);
/* "2 fail, 1 without evidence, 9 pass, 7 not applicable". */
const char *part_tally(struct page *, const struct result *const *, size_t n);
/* A file and line, linked to its excerpt. */
void part_mark(struct page *, struct docnode *at, struct mark);
/* A scope: linked where it is an agent. */
void part_scope(struct page *, struct docnode *at, const char *scope);
/* The test or item of a result, linked. */
void part_basis(struct page *, struct docnode *at, const struct result *);
/* A cell that holds what a result says. */
void part_sentence(struct page *, struct docnode *row, const struct result *);
const struct result **part_worst_first(struct page *,
    const struct result *const *, size_t n);
/* The text of a cited event's column, or NULL; its action or tool. */
const char *part_event(const struct cited *, enum event_col);
void part_cell_what(struct page *, struct docnode *row, const struct cited *);
/* Tests and items of a control in their scopes, worst first. */
void part_results(struct page *, struct docnode *at, const char *id,
    const char *caption, const struct result *const *, size_t n);

/* The trace strip: statement, control, test, population, sample, record,
 * proof; of evidence by people statement, control, evidence, file, manifest.
 * A step without a target says why. */
enum step {
	STEP_STATEMENT, STEP_CONTROL, STEP_TEST, STEP_POPULATION, STEP_SAMPLE,
	STEP_RECORD, STEP_PROOF, STEP_N
};
enum paper { PAPER_EVIDENCE = STEP_TEST, PAPER_FILE, PAPER_MANIFEST, PAPER_N };
struct strip {
	int papers; /* the second form */
	struct {
		struct target to;
		const char *text; /* ours, or an id */
		int theirs;
	} step[STEP_N];
};
void part_strip(struct page *, const struct strip *, int current);
/* "3 tests", in the page's arena. */
const char *part_n(struct page *, uint64_t, const char *one, const char *many);

/* Lookups. */
int part_is(const char *, const char *);
const struct doc_ref *part_doc(const struct page *, size_t *from,
    const char *agent);
/* 1: a section of the document shows a claim of the test. */
int part_doc_claims(const struct doc_ref *, const struct test *);
void part_doc_link(struct page *, struct docnode *at, const struct doc_ref *);
/* Documents about the scope of a result that show its claim. */
void part_claim_docs(struct page *, struct docnode *at,
    const struct result *);
const char *part_record_id(struct page *, const struct cite *); /* dir/seq */
/* A row for a gap: its id, control, scope, severity; the caller goes on. */
struct docnode *part_gap_row(struct page *, struct docnode *table,
    const struct gap *);
/* Requirements that a control is mapped to are linked as fw/id. */
const char *part_req_id(struct page *, const struct requirement *);

/* The A to Z: which subjects stand in it, and under which letter; 0: none. */
int page_named(const struct target *);
char page_letter(const struct target *);
char page_doc_letter(const struct doc_ref *);

/* Page makers, one file a family. */
typedef void page_fn(struct page *, const char *id);
page_fn page_az, page_subject, page_subjects, page_index, page_about, page_help, page_verify, page_search,
    page_files;
page_fn page_frameworks, page_framework, page_requirement;
page_fn page_controls, page_control, page_test;
page_fn page_gaps, page_gap, page_contradictions, page_waivers, page_changes;
page_fn page_gaps_by_owner, page_gaps_by_framework;
page_fn page_policies, page_policy, page_evidences, page_evidence;
page_fn page_agents, page_agent, page_documents;
page_fn page_logs, page_log, page_record, page_source;

#endif
