#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"

static const struct command *const commands[] = {
	&cmd_init,
	&cmd_demo,
	&cmd_ingest,
	&cmd_check,
	&cmd_explain,
	&cmd_fix,
	&cmd_query,
	&cmd_diff,
	&cmd_build,
	&cmd_sign,
	&cmd_verify,
	&cmd_key,
	NULL
};

#define NCOMMAND 32 /* room for names */

static const char general_help[] =
    "options of every command:\n"
    "  -C DIR              the project's folder (default: here)\n"
    "  --period P          2026-Q3, 2026-09, 2026 or FROM..TO, half-open, UTC\n"
    "                      (default: the last whole quarter before --as-of)\n"
    "  --as-of TIME        the moment to judge at (default: SOURCE_DATE_EPOCH,\n"
    "                      else now)\n"
    "  -j N                threads (default: one a processor)\n"
    "  --json              results as JSON\n"
    "  -q, -v              less or more on standard error\n"
    "  --no-color          no colour (also: NO_COLOR in the environment)\n"
    "  --help, --version   this text; the version\n"
    "\n"
    "exit status: 0 done; 1 gaps or differences; 2 usage or bad input;\n"
    "3 integrity broken; 4 system trouble; 5 nothing evaluated, or undecided\n";

static int
usage(FILE *f)
{
	(void)fputs("usage: exhibit COMMAND [options]\n\n"
	    "Evidence that AI agents in production were governed: reads what "
	    "they did, what was\ndeclared and what was allowed, confronts the "
	    "three, and writes a pack that an\nauditor can check.\n\n", f);
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)fprintf(f, "  %-8s %s\n", commands[i]->name,
		    commands[i]->help);
	(void)fprintf(f, "\n%s", general_help);
	return 0;
}

static int
command_help(const struct command *c)
{
	(void)printf("usage: exhibit %s %s\n\n%s\n", c->name, c->args, c->help);
	if (c->option != NULL)
		(void)printf("\noptions:\n");
	for (const struct option_row *o = c->option;
	    o != NULL && o->name != NULL; o++) {
		char left[64];

		(void)snprintf(left, sizeof(left), "%s%s%s", o->name,
		    o->value != NULL ? " " : "",
		    o->value != NULL ? o->value : "");
		(void)printf("  %-19s %s\n", left, o->help);
	}
	(void)printf("\n%s", general_help);
	return 0;
}

static const struct command *
find_command(const char *name, struct err *e)
{
	const char *names[NCOMMAND];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
		if (n < NCOMMAND)
			names[n++] = commands[i]->name;
	}
	near = str_nearest(name, names, n);
	(void)err_set(e, ERR_INPUT, "unknown command '%s'%s%s%s", name,
	    near != NULL ? " (did you mean '" : "; see exhibit --help",
	    near != NULL ? near : "", near != NULL ? "'?)" : "");
	return NULL;
}

static int
set_as_of(struct options *o, const char *text, struct err *e)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	if (text != NULL) {
		if (date_parse(text, &o->as_of_us) == -1)
			return err_set(e, ERR_INPUT, "--as-of %s: not a time; "
			    "want 2026-10-12T00:00:00Z", text);
		return 0;
	}
	if (epoch != NULL && *epoch != '\0') {
		char *end;
		long long sec;

		errno = 0;
		sec = strtoll(epoch, &end, 10);
		if (errno != 0 || *end != '\0' || sec < 0 ||
		    sec > INT64_C(253402300799))
			return err_set(e, ERR_INPUT, "SOURCE_DATE_EPOCH %s: "
			    "not seconds since 1970", epoch);
		o->as_of_us = sec * DATE_SECOND;
		return 0;
	}
	o->as_of_us = (int64_t)time(NULL) * DATE_SECOND;
	return 0;
}

static int
set_period(struct options *o, struct err *e)
{
	if (o->period == NULL)
		date_last_quarter(o->as_of_us, &o->from_us, &o->to_us);
	else if (date_parse_period(o->period, &o->from_us, &o->to_us) == -1)
		return err_set(e, ERR_INPUT, "--period %s: not a period; want "
		    "2026-Q3, 2026-09, 2026 or FROM..TO", o->period);
	return 0;
}

static int
set_jobs(struct options *o, const char *text, struct err *e)
{
	char *end;
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (text != NULL) {
		errno = 0;
		n = strtol(text, &end, 10);
		if (errno != 0 || *end != '\0' || n < 1 || n > 256)
			return err_set(e, ERR_INPUT,
			    "-j %s: want a number from 1 to 256", text);
	}
	o->jobs = n < 1 ? 1 : n > 256 ? 256 : (int)n;
	return 0;
}

/* The option of the command's table, or NULL with an err. */
static const struct option_row *
own_option(const struct command *c, const char *name, struct err *e)
{
	const char *names[64] = { "--period", "--as-of", "--json",
		"--no-color", "--help" };
	const char *near;
	size_t n = 5;

	for (const struct option_row *o = c->option;
	    o != NULL && o->name != NULL; o++) {
		if (strcmp(o->name, name) == 0)
			return o;
		if (n < sizeof(names) / sizeof(names[0]))
			names[n++] = o->name;
	}
	near = str_nearest(name, names, n);
	(void)err_set(e, ERR_INPUT, "%s: unknown option '%s'%s%s%s", c->name,
	    name, near != NULL ? " (did you mean '" : "",
	    near != NULL ? near : "", near != NULL ? "'?)" : "");
	return NULL;
}

/* A given value of an own option; a second one is put after a newline, so
 * that a command may take several. */
static void
set_own(struct arena *a, void *own, const struct option_row *row,
    const char *value)
{
	const char **field = (const char **)(void *)((char *)own + row->offset);

	if (row->value != NULL && *field != NULL)
		value = arena_printf(a, "%s\n%s", *field, value);
	*field = value;
}

struct given {
	const char *period, *as_of, *jobs;
	int help;
};

/* General options with a value; NULL: not one of them. */
static const char **
general_value(struct options *o, struct given *g, const char *name)
{
	const struct {
		const char *name;
		const char **value;
	} row[] = {
		{ "-C", &o->project }, { "--period", &g->period },
		{ "--as-of", &g->as_of }, { "-j", &g->jobs }
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].name, name) == 0)
			return row[i].value;
	return NULL;
}

static int
general_flag(struct options *o, struct given *g, const char *name)
{
	if (strcmp(name, "--json") == 0)
		o->json = 1;
	else if (strcmp(name, "-q") == 0)
		o->quiet = 1;
	else if (strcmp(name, "-v") == 0)
		o->verbose = 1;
	else if (strcmp(name, "--no-color") == 0)
		o->color = 0;
	else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		g->help = 1;
	else
		return 0;
	return 1;
}

/* Splits argv into options and the rest, which moves to its front. */
static int
parse(struct arena *a, const struct command *c, struct options *o,
    struct given *g, void *own, int *argc, char **argv, struct err *e)
{
	int rest = 0, only_rest = 0;

	for (int i = 0; i < *argc; i++) {
		char *arg = argv[i], *eq;
		const struct option_row *row;
		const char **value;

		if (only_rest || arg[0] != '-' || arg[1] == '\0') {
			argv[rest++] = arg;
			continue;
		}
		if (strcmp(arg, "--") == 0) {
			only_rest = 1;
			continue;
		}
		if (general_flag(o, g, arg))
			continue;
		eq = arg[1] == '-' ? strchr(arg, '=') : NULL;
		if (eq != NULL)
			arg = arena_strndup(a, arg, (size_t)(eq - arg));
		else if (arg[1] == 'j' && arg[2] >= '0' && arg[2] <= '9') {
			g->jobs = arg + 2;
			continue;
		}
		value = general_value(o, g, arg);
		row = NULL;
		if (value == NULL && (row = own_option(c, arg, e)) == NULL)
			return -1;
		if (row != NULL && row->value == NULL) {
			if (eq != NULL)
				return err_set(e, ERR_INPUT,
				    "%s takes no value", arg);
			set_own(a, own, row, "");
			continue;
		}
		if (eq == NULL && i + 1 == *argc)
			return err_set(e, ERR_INPUT, "%s wants a value", arg);
		eq = eq != NULL ? eq + 1 : argv[++i];
		if (value != NULL)
			*value = eq;
		else
			set_own(a, own, row, eq);
	}
	*argc = rest;
	return 0;
}

int
cmd_run(struct arena *a, int argc, char **argv, struct err *e)
{
	struct options o = { .project = ".", .color = 1 };
	struct given g = { 0 };
	const char *no_color = getenv("NO_COLOR");
	const struct command *c;
	void *own;

	if (argc < 2) {
		(void)usage(stderr);
		return ERR_INPUT;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return usage(stdout);
	if (strcmp(argv[1], "--version") == 0)
		return printf("exhibit " EXHIBIT_VERSION "\n") < 0;
	c = find_command(argv[1], e);
	if (c == NULL)
		return (int)e->kind;
	own = arena_alloc(a, c->own_size + 1);
	argc -= 2;
	argv += 2;
	if ((no_color != NULL && *no_color != '\0') || !isatty(STDOUT_FILENO))
		o.color = 0;
	o.progress = isatty(STDERR_FILENO);
	if (parse(a, c, &o, &g, own, &argc, argv, e) == -1)
		return (int)e->kind;
	if (g.help)
		return command_help(c);
	o.period = g.period;
	if (o.quiet)
		o.progress = 0;
	if (set_as_of(&o, g.as_of, e) == -1 || set_period(&o, e) == -1 ||
	    set_jobs(&o, g.jobs, e) == -1)
		return (int)e->kind;
	return c->run(a, &o, own, argc, argv, e);
}
