#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/facts.h"
#include "cmd/gate.h"
#include "render/report.h"

#define FORMATS 16 /* of one run */

struct own {
	const char *fail_on, *format, *only, *since, *engine, *tests;
};

/* Where one format goes; file NULL: standard output. */
struct output {
	const struct report_writer *writer;
	const char *file;
};

struct check {
	struct arena *arena;
	const struct options *options;
	const struct own *own;
	struct gate gate;
	struct output output[FORMATS];
	size_t noutput;
	int tests; /* enum eval_tests */
	struct facts facts;
};

/* Formats: all are known before anything is read. */

static int
add_output(struct check *c, const char *format, struct err *e)
{
	const char *eq = strchr(format, '=');
	const char *name = eq == NULL ? format :
	    arena_strndup(c->arena, format, (size_t)(eq - format));
	struct output o = { report_find(name), eq != NULL ? eq + 1 : NULL };

	if (o.writer == NULL || (eq != NULL && eq[1] == '\0'))
		return err_set(e, ERR_INPUT, "--format %s: want %s, with "
		    "=FILE where it is to be written", format,
		    report_names(c->arena));
	if (c->noutput == FORMATS)
		return err_set(e, ERR_INPUT, "--format %s: at most %d formats",
		    format, FORMATS);
	for (size_t i = 0; i < c->noutput; i++)
		if (str_eq(c->output[i].file, o.file))
			return err_set(e, ERR_INPUT, "--format %s: %s takes "
			    "one format: give this one its own =FILE", format,
			    o.file != NULL ? o.file : "standard output");
	c->output[c->noutput++] = o;
	return 0;
}

static int
read_formats(struct check *c, struct err *e)
{
	const char *list = c->own->format, *format;

	while ((format = gate_next(c->arena, &list)) != NULL)
		if (add_output(c, format, e) == -1)
			return -1;
	if (c->options->json && (c->noutput != 1 || c->output[0].file != NULL ||
	    strcmp(c->output[0].writer->name, "json") != 0))
		return add_output(c, "json", e);
	return c->noutput > 0 ? 0 : add_output(c, "text", e);
}

static const char *const tests_word[] = { "all", "related", "row" };

static int
read_options(struct check *c, int argc, char **argv, struct err *e)
{
	const char *engine = c->own->engine;

	if (argc > 0)
		return err_set(e, ERR_INPUT, "check takes no argument: '%s'",
		    argv[0]);
	if (engine != NULL && strcmp(engine, "sql") != 0 &&
	    strcmp(engine, "compiled") != 0)
		return err_set(e, ERR_INPUT, "--engine %s: want compiled or "
		    "sql", engine);
	for (; c->own->tests != NULL && c->tests < 3 &&
	    strcmp(tests_word[c->tests], c->own->tests) != 0; c->tests++)
		;
	if (c->tests == 3)
		return err_set(e, ERR_INPUT, "--tests %s: want all, related or "
		    "row", c->own->tests);
	c->gate.only = c->own->only;
	return gate_init(&c->gate, c->own->fail_on, e) == -1 ? -1 :
	    read_formats(c, e);
}

/*
 * A path of the project as the code host knows it: with -C DIR in front,
 * where DIR lies below the folder that exhibit was started in.
 */
static const char *
prefix(struct check *c)
{
	const char *dir = c->options->project;
	size_t len;

	while (strncmp(dir, "./", 2) == 0)
		dir += 2 + strspn(dir + 2, "/");
	len = strlen(dir);
	while (len > 0 && dir[len - 1] == '/')
		len--;
	if (*dir == '/' || strstr(dir, "..") != NULL ||
	    (len == 1 && *dir == '.') || len == 0)
		return "";
	return arena_printf(c->arena, "%.*s/", (int)len, dir);
}

/* Every output is tried, so that one that fails does not hide another. */
static int
write_outputs(struct check *c, struct report *r, struct err *e)
{
	int rc = 0;

	r->prefix = prefix(c);
	for (size_t i = 0; i < c->noutput; i++) {
		const struct output *o = &c->output[i];
		struct str s = str_new(c->arena);
		struct err one = { 0 };

		if (r->build == NULL && !o->writer->early)
			continue;
		o->writer->write(&s, r);
		if (o->file == NULL)
			(void)fwrite(s.p, 1, s.len, stdout);
		else if (out_replace(o->file, s.p, s.len, 0644, &one) == -1) {
			*e = one;
			rc = -1;
		}
	}
	return out_flush(e) == -1 ? -1 : rc;
}

/* Prints it all; the status of the report, or a worse one with its err. */
static enum err_kind
publish(struct check *c, struct report *r, struct err *e)
{
	if (write_outputs(c, r, e) == -1)
		return err_worse(r->status, e->kind);
	for (size_t i = 0; i < r->ntrouble && r->build != NULL; i++)
		if (r->trouble[i].kind == ERR_UNDECIDED)
			cmd_say(c->options, "%s", r->trouble[i].text);
	return r->status;
}

static int
gather(struct check *c, struct err *e)
{
	const struct facts_want want = { .engine_sql =
		str_eq(c->own->engine, "sql"), .tests = c->tests };
	struct findings *since = NULL;

	if (facts_gather(c->arena, c->options, &want, &c->facts, e) == -1)
		return -1;
	if (c->own->since != NULL && previous_gaps(c->arena, c->own->since,
	    c->facts.project.organisation, c->facts.catalogue, &since,
	    e) == -1) {
		(void)err_wrap(e, "--since");
		e->kind = ERR_INPUT;
		return -1;
	}
	c->gate.since = since;
	return 0;
}

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	struct check c = { .arena = a, .options = o, .own = own };
	enum err_kind kind;
	struct report r;

	if (read_options(&c, argc, argv, e) == -1)
		return (int)e->kind;
	if (gather(&c, e) == 0 && gate_report(a, &c.facts, &c.gate, &r,
	    e) == 0)
		kind = publish(&c, &r, e);
	else {
		struct err other = { 0 };

		/* What failed is in err; the files for tools say it too. */
		gate_failed(a, &c.gate, e, &r);
		kind = publish(&c, &r, &other);
	}
	if (facts_close(&c.facts) == -1) {
		(void)err_set(e, ERR_SYSTEM, "a store changed while it was "
		    "read");
		kind = err_worse(kind, ERR_SYSTEM);
	}
	return (int)kind;
}

static const struct option_row option[] = {
	{ "--fail-on", "S", "exit 1 from this severity on: critical high medium "
	    "low never (high)", offsetof(struct own, fail_on) },
	{ "--format", "F[=FILE]", "text json sarif junit github gitlab "
	    "markdown (text); several may be given",
	    offsetof(struct own, format) },
	{ "--only", "ID", "this control, family, test, item, requirement, gap "
	    "or agent; several may be given", offsetof(struct own, only) },
	{ "--since", "PACK", "gaps of a pack (folder or ZIP), or of an earlier "
	    "check --json, do not fail", offsetof(struct own, since) },
	{ "--engine", "E", "compiled, or sql: each test as its own statement",
	    offsetof(struct own, engine) },
	{ "--tests", "T", "all; related: not the sql: ones; row: not those that "
	    "look into other events either", offsetof(struct own, tests) },
	{ NULL, NULL, NULL, 0 }
};

const struct command cmd_check = {
	.name = "check",
	.args = "[--fail-on S] [--format F[=FILE]]... [--only ID]... "
	    "[--since PACK|FILE] [--engine E]",
	.help = "evaluates the controls and names each gap, where and how it "
	    "is fixed",
	.option = option,
	.own_size = sizeof(struct own),
	.run = run,
};
