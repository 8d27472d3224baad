#ifndef RENDER_REPORT_H
#define RENDER_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/finding.h"

struct arena;
struct build;
struct str;

/*
 * What `exhibit check` says, for people and for the tools of a code host
 * (docs/format/check.md).  cmd/gate.c fills it, the writers below turn it
 * into bytes: they are pure and differ in nothing but their form.
 */

/* What a gap does to the exit status, and why. */
enum standing {
	STANDING_FAILS,  /* at or above --fail-on, and nothing excuses it */
	STANDING_BELOW,  /* under --fail-on */
	STANDING_KNOWN,  /* in --since */
	STANDING_NOTICE, /* shown, and fails nothing: a broad waiver */
	STANDING_LATER,  /* all its requirements apply from a later date */
	STANDING_WAIVED
};
const char *standing_name(enum standing); /* "fails" */

struct report_gap {
	const struct gap *gap;
	enum standing standing;
	int known; /* in --since, whatever else it is */
	const struct result **cause; /* what makes it, in the verdict's order;
	                              * none: the gap is about a waiver */
	size_t ncause;
};

/* Why a run cannot be green whatever the gaps are. */
struct report_trouble {
	enum err_kind kind;
	const char *text;
};

struct report {
	struct arena *arena;
	const struct build *build; /* NULL: it failed before there was one */
	enum err_kind status;      /* the exit status */
	const char *prefix; /* of paths, from where exhibit was started: "" or
	                     * "compliance/" */
	const char *fail_on;
	const char *generator;
	struct report_trouble *trouble;
	size_t ntrouble;
	struct report_gap *gap; /* worst first */
	size_t ngap;
	const struct result **result;  /* those that --only leaves in */
	const struct report_gap **of;  /* the gap of each; NULL: none */
	size_t nresult;
	size_t count[OUT_PASS + 1], review, quiet;
	size_t fails, waived;
	int only, since; /* the option was given */
};

/* The writers: one row, one file each. */
struct report_writer {
	const char *name; /* "sarif" */
	void (*write)(struct str *, const struct report *);
	int early;     /* it can say that nothing was read (build NULL) */
};

extern const struct report_writer report_writer[];
extern const size_t report_nwriter;
const struct report_writer *report_find(const char *name); /* or NULL */
/* The names in one line, for messages. */
const char *report_names(struct arena *);

void report_text(struct str *, const struct report *);
void report_json(struct str *, const struct report *);
void report_sarif(struct str *, const struct report *);
void report_junit(struct str *, const struct report *);
void report_github(struct str *, const struct report *);
void report_gitlab(struct str *, const struct report *);
void report_markdown(struct str *, const struct report *);

/* What the writers share. */
const char *report_id(const struct result *);    /* HO-01.t1 */
/* "waived by W-1 until 2026-12-31", "known before", ...; nothing where the
 * gap is as any other. */
void report_note(struct str *, const struct report *, const struct gap *,
    enum standing);
/* What was found, in the words of the catalogue; of a gap without a cause
 * (c NULL) its kind. */
void report_words(struct str *, const struct gap *, const struct result *c);
/* How it is fixed. */
void report_fix(struct str *, const struct gap *);
/* "fictional-retail 2026-Q3: 5,919 events, 3 gaps (...)": one line. */
void report_total(struct str *, const struct report *);
/* Events in the period, of all streams. */
uint64_t report_events(const struct build *);
/* The place, seen from where exhibit was started. */
const char *report_path(const struct report *, const struct mark *);

#endif
