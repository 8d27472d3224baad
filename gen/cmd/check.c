#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/facts.h"

#define UNLOCKS 5 /* what unlocks most: lines printed */

struct own {
	const char *fail_on, *format, *only, *since, *engine;
};

struct check {
	struct arena *arena;
	const struct options *options;
	const struct own *own;
	struct facts facts;
	const struct findings *since; /* gaps that do not fail; or NULL */
	int fail_on;                  /* enum severity; above critical: never */
};

/* The parts of an option given several times: joined by newlines. */
static const char *
next_part(struct arena *a, const char **list)
{
	const char *p = *list, *end;

	if (p == NULL || *p == '\0')
		return NULL;
	end = strchr(p, '\n');
	*list = end == NULL ? NULL : end + 1;
	return end == NULL ? p : arena_strndup(a, p, (size_t)(end - p));
}

static int
read_options(struct check *c, struct err *e)
{
	const char *s = c->own->fail_on ? c->own->fail_on : "high";
	const char *engine = c->own->engine;

	c->fail_on = strcmp(s, "never") == 0 ? SEV_CRITICAL + 1 :
	    severity_parse(s);
	if (c->fail_on == -1)
		return err_set(e, ERR_INPUT, "--fail-on %s: want critical high "
		    "medium low never", s);
	if (engine != NULL && strcmp(engine, "sql") != 0 &&
	    strcmp(engine, "compiled") != 0)
		return err_set(e, ERR_INPUT, "--engine %s: want compiled or "
		    "sql", engine);
	return 0;
}

/* Whether --only leaves a gap in: by control, test, item or gap. */
static int
wanted(struct check *c, const struct gap *g)
{
	const char *list = c->own->only, *id;

	if (list == NULL)
		return 1;
	while ((id = next_part(c->arena, &list)) != NULL) {
		if (strcmp(id, g->id) == 0 ||
		    strcmp(id, g->verdict->control->id) == 0 ||
		    strcmp(id, g->verdict->scope) == 0)
			return 1;
		for (size_t i = 0; i < g->verdict->nresult; i++) {
			const struct result *r = g->verdict->result[i];

			if (strcmp(id, r->test ? r->test->id : r->item->id) == 0)
				return 1;
		}
	}
	return 0;
}

static int
check_only(struct check *c, struct err *e)
{
	const struct catalogue *cat = c->facts.catalogue;
	const char *list = c->own->only, *id;

	while ((id = next_part(c->arena, &list)) != NULL)
		if (catalogue_control(cat, id) == NULL &&
		    catalogue_test(cat, id, NULL) == NULL &&
		    catalogue_item(cat, id, NULL) == NULL &&
		    finding_gap(c->facts.build.findings, id) == NULL &&
		    ref_agent_row(c->facts.ref, id) == SIZE_MAX)
			return err_set(e, ERR_INPUT, "--only %s: no control, "
			    "test, evidence item, gap or agent of that id", id);
	return 0;
}

static int
fails(const struct check *c, const struct gap *g)
{
	return g->waiver == NULL && !g->later &&
	    (int)g->verdict->control->severity >= c->fail_on &&
	    (c->since == NULL || finding_gap(c->since, g->id) == NULL);
}

static enum err_kind
status(struct check *c)
{
	const struct findings *f = c->facts.build.findings;
	enum err_kind k = ERR_OK;

	for (size_t i = 0; i < f->ngap; i++)
		if (wanted(c, &f->gap[i]) && fails(c, &f->gap[i]))
			k = ERR_GAP;
	if (c->facts.events == 0 || c->facts.decided == 0)
		k = err_worse(k, ERR_UNDECIDED);
	return c->facts.build.broken ? err_worse(k, ERR_INTEGRITY) : k;
}

/* Text: one line a result that makes the gap, then how to fix it. */

static void
add_place(struct str *s, const struct mark *m)
{
	str_addf(s, "%s:%" PRIu32 ":%" PRIu32 ": ", m->file, m->line, m->col);
}

static void
add_day(struct str *s, const char *before, int64_t us)
{
	str_addz(s, before);
	date_add_day(s, us);
}

static void
add_note(const struct check *c, struct str *s, const struct gap *g)
{
	if (g->waiver != NULL)
		add_day(s, arena_printf(c->arena, ", waived by %s until ",
		    g->waiver), g->waived_until_us);
	else if (c->since != NULL && finding_gap(c->since, g->id) != NULL)
		str_addz(s, ", known before");
	else if (g->later)
		str_addz(s, ", required from a later date");
	else if (g->first_seen_us < c->facts.build.as_of_us)
		add_day(s, ", open since ", g->first_seen_us);
}

static int
makes_gap(const struct result *r, int prerequisites)
{
	if (r->test != NULL && r->test->advice)
		return 0;
	if (r->outcome == OUT_FAIL)
		return 1;
	return r->outcome == OUT_NO_EVIDENCE && (prerequisites ||
	    !str_eq(r->reason, "prerequisite-failed"));
}

static void
add_gap(struct check *c, struct str *s, const struct gap *g)
{
	const struct verdict *v = g->verdict;
	const char *severity = severity_name(v->control->severity);
	size_t lines = 0;

	for (int pre = 0; pre < 2 && lines == 0; pre++)
		for (size_t i = 0; i < v->nresult; i++) {
			const struct result *r = v->result[i];

			if (!makes_gap(r, pre))
				continue;
			add_place(s, &g->fix);
			str_addf(s, "%s: %s %s: ", severity, r->test ?
			    r->test->id : r->item->id, v->scope);
			finding_words(s, r);
			str_addf(s, " (%s", g->id);
			add_note(c, s, g);
			str_addz(s, ")\n");
			lines++;
		}
	if (lines == 0) {
		add_place(s, &g->fix);
		str_addf(s, "%s: %s %s: %s (%s)\n", severity, v->control->id,
		    v->scope, g->kind, g->id);
	}
	str_addf(s, "    fix: %s%s\n", g->missing ? "make the file: " : "",
	    g->how);
}

static void
add_streams(const struct check *c, struct str *s)
{
	const struct build *b = &c->facts.build;

	for (size_t i = 0; i < b->nstream; i++)
		if (!b->stream[i].intact)
			str_addf(s, "stream %s is broken at seq %" PRIu64
			    ": %s\n", b->stream[i].name, b->stream[i].bad_seq,
			    b->stream[i].bad);
}

/* Evidence that counts for nothing: stale, of another period, not known. */
static void
add_idle(const struct check *c, struct str *s)
{
	const struct findings *f = c->facts.build.findings;
	size_t unknown = 0;

	if (f->nidle > 0)
		str_addf(s, "\nevidence that does not count: %zu entr%s\n",
		    f->nidle, f->nidle == 1 ? "y" : "ies");
	for (size_t i = 0; i < f->nidle; i++) {
		const struct idle *d = &f->idle[i];

		if (strcmp(d->reason, "unknown-item") == 0) {
			unknown++;
			continue;
		}
		str_addz(s, "    ");
		add_place(s, &d->at);
		str_addf(s, "%s: %s: %s\n", d->item, d->reason, d->detail);
	}
	if (unknown > 0)
		str_addf(s, "    %zu of items that no control asks for\n",
		    unknown);
}

static void
add_unlocks(const struct check *c, struct str *s)
{
	const struct findings *f = c->facts.build.findings;

	if (f->nunlock == 0)
		return;
	str_addz(s, "\nwhat would unlock most tests:\n");
	for (size_t i = 0; i < f->nunlock && i < UNLOCKS; i++)
		str_addf(s, "    %s: %zu test%s testable\n", f->unlock[i].what,
		    f->unlock[i].ntest, f->unlock[i].ntest == 1 ?
		    " becomes" : "s become");
	if (f->nunlock > UNLOCKS)
		str_addf(s, "    and %zu more: --format json has them all\n",
		    f->nunlock - UNLOCKS);
}

static void
add_text(struct check *c, struct str *s)
{
	const struct findings *f = c->facts.build.findings;
	size_t gaps = 0, waived = 0, failing = 0, count[OUT_PASS + 1] = { 0 };
	size_t review = 0;

	for (size_t i = 0; i < f->ngap; i++) {
		if (!wanted(c, &f->gap[i]))
			continue;
		add_gap(c, s, &f->gap[i]);
		gaps++;
		waived += f->gap[i].waiver != NULL;
		failing += (size_t)fails(c, &f->gap[i]);
	}
	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];

		if (r->test == NULL || !r->test->advice)
			count[r->outcome]++;
		else
			review += r->outcome == OUT_FAIL;
	}
	add_streams(c, s);
	str_addf(s, "%s%s %s: %" PRIu64 " events, %zu gap%s (%zu waived, %zu "
	    "fail); results: %zu pass, %zu fail, %zu no-evidence, %zu "
	    "not-applicable; %zu to review\n", gaps > 0 ? "\n" : "",
	    c->facts.build.organisation, c->facts.build.period,
	    c->facts.events, gaps, gaps == 1 ? "" : "s", waived, failing,
	    count[OUT_PASS], count[OUT_FAIL], count[OUT_NO_EVIDENCE],
	    count[OUT_NOT_APPLICABLE], review);
	if (c->own->only != NULL)
		return;
	add_idle(c, s);
	add_unlocks(c, s);
}

/* Writers. */

static int
put(const char *path, const struct str *s, int escape, struct err *e)
{
	if (path != NULL)
		return out_replace(path, s->p, s->len, 0644, e);
	if (!escape)
		(void)fwrite(s->p, 1, s->len, stdout);
	/* Names come from logs: nothing may reach a terminal raw. */
	for (char *p = s->p, *end; escape && *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		*end = '\0';
		out_text(stdout, p);
		(void)putc('\n', stdout);
	}
	return 0;
}

static int
write_format(struct check *c, const char *format, enum err_kind k,
    struct err *e)
{
	const char *eq = strchr(format, '=');
	size_t len = eq ? (size_t)(eq - format) : strlen(format);
	struct str s = str_new(c->arena);

	if (len == 4 && strncmp(format, "text", len) == 0) {
		add_text(c, &s);
		return put(eq ? eq + 1 : NULL, &s, 1, e);
	}
	if (len == 4 && strncmp(format, "json", len) == 0) {
		facts_json(&s, &c->facts.build, k);
		return put(eq ? eq + 1 : NULL, &s, 0, e);
	}
	return err_set(e, ERR_INPUT, "--format %s: want text or json, with "
	    "=FILE where it is to be written", format);
}

static int
write_all(struct check *c, enum err_kind k, struct err *e)
{
	const char *list = c->own->format, *format;

	if (list == NULL)
		return write_format(c, c->options->json ? "json" : "text", k, e);
	while ((format = next_part(c->arena, &list)) != NULL)
		if (write_format(c, format, k, e) == -1)
			return -1;
	return 0;
}

static int
report(struct check *c, struct err *e)
{
	enum err_kind k = status(c);

	if (check_only(c, e) == -1 || write_all(c, k, e) == -1 ||
	    out_flush(e) == -1)
		return (int)e->kind;
	if (c->facts.events == 0)
		cmd_say(c->options, "no event in the period %s: nothing was "
		    "evaluated", c->facts.build.period);
	else if (c->facts.decided == 0)
		cmd_say(c->options, "no test passed or failed: nothing was "
		    "evaluated");
	return (int)k;
}

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	struct check c = { .arena = a, .options = o, .own = own };
	struct facts_want want = { 0 };
	struct findings *since = NULL;
	int rc = -1;

	if (argc > 0)
		return err_set(e, ERR_INPUT, "check takes no argument: '%s'",
		    argv[0]), (int)e->kind;
	if (read_options(&c, e) == -1)
		return (int)e->kind;
	want.engine_sql = c.own->engine && strcmp(c.own->engine, "sql") == 0;
	if (facts_gather(a, o, &want, &c.facts, e) == 0 &&
	    (c.own->since == NULL || previous_gaps(a, c.own->since,
	    c.facts.catalogue, &since, e) == 0)) {
		c.since = since;
		rc = report(&c, e);
	}
	if (facts_close(&c.facts) == -1 && rc != -1)
		return err_set(e, ERR_SYSTEM, "a store changed while it was "
		    "read"), (int)e->kind;
	return rc == -1 ? (int)e->kind : rc;
}

static const struct option_row option[] = {
	{ "--fail-on", "S", "exit 1 from this severity on: critical high medium "
	    "low never (high)", offsetof(struct own, fail_on) },
	{ "--format", "F[=FILE]", "text or json; several may be given",
	    offsetof(struct own, format) },
	{ "--only", "ID", "this control, test, item, gap or agent; several may "
	    "be given", offsetof(struct own, only) },
	{ "--since", "FILE", "gaps of an earlier check --json, or of a pack, "
	    "do not fail", offsetof(struct own, since) },
	{ "--engine", "E", "compiled, or sql: each test as its own statement",
	    offsetof(struct own, engine) },
	{ NULL, NULL, NULL, 0 }
};

const struct command cmd_check = {
	.name = "check",
	.args = "[--fail-on S] [--format F[=FILE]]... [--only ID]... "
	    "[--since FILE] [--engine E]",
	.help = "evaluates the controls and names each gap, where and how it "
	    "is fixed",
	.option = option,
	.own_size = sizeof(struct own),
	.run = run,
};
