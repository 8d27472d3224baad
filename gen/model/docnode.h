#ifndef MODEL_DOCNODE_H
#define MODEL_DOCNODE_H

#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "model/ref.h"
#include "model/rows.h"

struct arena;

/*
 * Documents and pages are both trees of these nodes.  A section (doc/) makes
 * them; a writer (render/) turns them into HTML, Markdown or JSON.  How a
 * value is escaped follows from the kind of node: no section can choose it.
 * Untrusted is every value from store, registry, policies, evidence and
 * configuration: docnode_data(); our own words: docnode_text().
 */
enum prov { PROV_DECLARED, PROV_MEASURED, PROV_DERIVED, PROV_NARRATIVE };
enum fact_state { FACT_KNOWN, FACT_NOT_RECORDED, FACT_NOT_OWED, FACT_WITHHELD };
const char *prov_name(enum prov);  /* "declared" */
const char *prov_mark(enum prov);  /* "D" "M" "P" "N" */

/* What a link points at; render alone turns it into a path.  Kinds: see
 * render/path.h.  anchor: an id on that page, or NULL. */
struct target {
	const char *kind, *id, *anchor;
};

struct fact {
	const char *id;   /* section.field */
	/* text id int decimal ratio money time date duration hash path list.
	 * The text of an int, decimal, ratio, time, date or duration is made
	 * by us alone. */
	const char *type;
	const char *text; /* as printed; untrusted unless type is a number */
	struct value raw;
	enum fact_state state;
	enum prov prov;
	enum audience audience;
	/* its source: one of these three */
	const struct result *result;
	struct mark at;
	const char *formula;
	const char *why; /* NOT RECORDED: what to fill; NOT OWED: the rule */
	struct target to; /* the page of what it names; kind NULL: none */
};

enum node_kind {
	NODE_SECTION, /* text: its id; first child a heading */
	NODE_HEADING, /* level is set by the writer from nesting */
	NODE_PARA,
	NODE_TEXT,    /* text; untrusted says whose; level 1: kept on a line */
	NODE_STRONG,
	NODE_EM,
	NODE_CODE,    /* ids, hashes */
	NODE_FACT,    /* level: enum fact_look */
	NODE_LINK,    /* to; children or text; level 1: an id, kept whole */
	NODE_URL,     /* a narrative's link; text: the address, checked */
	NODE_LIST,    /* level 1: numbered; 2: many short items */
	NODE_ITEM,
	NODE_TABLE,   /* text: caption; text2: id for anchor and CSV;
	               * level 1: fields and values */
	NODE_ROW,     /* the first row is the head */
	NODE_CELL,    /* level 1: a row heading; 2: a sentence, not cut short */
	NODE_PRE,     /* text */
	NODE_QUOTE,   /* a narrative's block quote */
	NODE_CHART,   /* its child a table; level: columns after the first
	               * that are drawn (render/svg.h) */
	NODE_VERDICT, /* state: word, text: the sentence after it */
	NODE_BADGE,   /* a word with a state: D M P N, severity, outcome */
	NODE_TRACE,   /* the trace strip; children: items, level 1: this one */
	NODE_ANCHOR   /* text: an id */
};

/* A fact stands with mark and source; in a table the value and its source
 * may stand in two cells of a row. */
enum fact_look { FACT_FULL, FACT_VALUE, FACT_SOURCE };

/* Verdict states: they choose colour and icon, always with the word. */
enum tone {
	TONE_NEUTRAL, TONE_GOOD, TONE_BAD, TONE_PART, TONE_EMPTY,
	TONE_BROKEN, TONE_ACCEPTED
};
enum tone tone_outcome(enum outcome);
enum tone tone_status(enum status);

struct docnode {
	enum node_kind kind;
	const char *text, *text2;
	int untrusted, level;
	enum tone tone;
	const struct fact *fact;
	struct target to;
	struct docnode *child, *last, *next;
};

/* One document or page.  self says which; page 1: a page of the site.  body
 * and used_by are the first of a list of nodes. */
struct doc {
	struct target self;
	const char *title, *lang;
	enum audience audience;
	int page;
	const char *crumb[4]; /* section names above it, NULL-ended */
	struct target crumb_to[4];
	struct docnode *strip; /* NODE_TRACE, or NULL */
	struct docnode *body;
	struct docnode *used_by; /* or NULL */
	/* For the search (render/search.h), or NULL: other names of it, and
	 * "status:gap owner:bo.m". */
	const char *ids, *facets;
};

/*
 * Makers: a node appended to parent (NULL: a root), in the arena.  Text is
 * not copied, but for the words that docnode_text() formats.
 */
struct docnode *docnode_new(struct arena *, struct docnode *parent,
    enum node_kind);
void docnode_add(struct docnode *parent, struct docnode *);
/* The same node once more, with the same children. */
struct docnode *docnode_again(struct arena *, struct docnode *parent,
    const struct docnode *);
struct docnode *docnode_section(struct arena *, struct docnode *parent,
    const char *id, const char *title);
struct docnode *docnode_para(struct arena *, struct docnode *parent);
struct docnode *docnode_text(struct arena *, struct docnode *parent,
    const char *ours, ...) __attribute__((format(printf, 3, 4)));
struct docnode *docnode_data(struct arena *, struct docnode *parent,
    const char *theirs); /* NULL: NOT RECORDED */
struct docnode *docnode_code(struct arena *, struct docnode *parent,
    const char *theirs);
struct docnode *docnode_fact(struct arena *, struct docnode *parent,
    const struct fact *);
struct docnode *docnode_source(struct arena *, struct docnode *parent,
    const struct fact *); /* its mark and source alone */
struct docnode *docnode_link(struct arena *, struct docnode *parent,
    const char *kind, const char *id, const char *text); /* text: theirs */
struct docnode *docnode_table(struct arena *, struct docnode *parent,
    const char *id, const char *caption, const char *const *head, size_t n);
struct docnode *docnode_row(struct arena *, struct docnode *table);
struct docnode *docnode_cell(struct arena *, struct docnode *row);
struct docnode *docnode_badge(struct arena *, struct docnode *parent,
    enum tone, const char *word);
struct docnode *docnode_verdict(struct arena *, struct docnode *parent,
    enum tone, const char *word, const char *sentence);

#endif
