#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct arena;

/* The options that every command takes (exhibit(1), OPTIONS). */
struct options {
	const char *project;    /* -C DIR; "." */
	const char *period;     /* --period, or NULL */
	int64_t as_of_us;       /* --as-of, SOURCE_DATE_EPOCH, else the clock */
	int64_t from_us, to_us; /* of the period */
	int jobs;               /* -j; 0: as many as there are processors */
	int json, quiet, verbose, color, progress;
};

/* A command's own option: a row of its table, ended by a NULL name. */
struct option_row {
	const char *name;  /* "--fail-on" */
	const char *value; /* word for the help text; NULL: a flag */
	const char *help;
	size_t offset;     /* of a const char * (a flag: "" when given) */
};

/*
 * One command.  run gets what is left of the arguments, and own: a struct of
 * `const char *` fields that the option rows fill.  It prints results on
 * standard output, everything else on standard error, and returns the exit
 * status; where it sets err, main prints the message.
 */
struct command {
	const char *name, *args, *help;
	const struct option_row *option;
	size_t own_size;
	int (*run)(struct arena *, const struct options *, const void *own,
	    int argc, char **argv, struct err *);
};

extern const struct command cmd_init, cmd_demo, cmd_ingest, cmd_check,
    cmd_build, cmd_sign, cmd_verify, cmd_explain, cmd_fix, cmd_query, cmd_diff,
    cmd_key;

/* The whole program but for the process: argv as main gets it.  Returns the
 * exit status; a message that is not printed yet is in err. */
int cmd_run(struct arena *, int argc, char **argv, struct err *);

/* Prints what a reader found (all lines, then a count) to standard error. */
struct diag;
int cmd_diag(const struct diag *, struct err *); /* -1 if there is any */
/* Says on standard error, unless -q. */
void cmd_say(const struct options *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

#endif
