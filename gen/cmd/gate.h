#ifndef CMD_GATE_H
#define CMD_GATE_H

#include "model/finding.h"
#include "render/report.h"

struct arena;
struct err;
struct facts;

/*
 * What of the findings fails: the one rule of check and of build.  Options
 * as given; severity is the least that fails, one above critical for never.
 */
struct gate {
	const char *fail_on;          /* NULL: high */
	const char *only;             /* ids joined by newlines; or NULL */
	const char *option;           /* that named them; NULL: --only */
	const struct findings *since; /* gaps that do not fail; or NULL */
	int severity;
};

/* Reads --fail-on; -1 and ERR_INPUT for another word. */
int gate_init(struct gate *, const char *fail_on, struct err *);

/*
 * The report of a run: which gaps and results --only leaves in, how each gap
 * stands, what else stands against a green status, and the exit status.  -1
 * and ERR_INPUT, with the nearest id, where --only names nothing.  Paths in
 * it are relative to the project (prefix "").
 */
int gate_report(struct arena *, const struct facts *, const struct gate *,
    struct report *, struct err *);

/* The report of a run that failed with that err before there were facts. */
void gate_failed(struct arena *, const struct gate *, const struct err *,
    struct report *);

/* The part of an option given several times, which follow one another in
 * *list; NULL after the last. */
const char *gate_next(struct arena *, const char **list);

#endif
