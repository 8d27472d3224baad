#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "model/build.h"
#include "model/figure.h"
#include "render/md.h"
#include "render/report.h"
#include "render/text.h"

/*
 * For a comment on a change: what the gate says, a table of gaps, what would
 * unlock most.  All text of others is escaped (md_text), and the whole has at
 * most LIMIT_COMMENT bytes, cut between rows with a line that says so.
 */
#define TAIL 2048 /* kept for what follows the table */
#define SHOWN 400 /* bytes of a sentence in a cell */
#define UNLOCKS 5

static void
text(struct str *s, const char *p)
{
	size_t len = strlen(p), shown = text_shown(p, len, 0);

	shown = shown < SHOWN ? shown : SHOWN;
	while (shown < len && shown > 0 && ((unsigned char)p[shown] & 0xC0) ==
	    0x80)
		shown--;
	md_text(s, p, shown);
	if (shown < len)
		str_addz(s, " ...");
}

static void
cell(struct str *s, const char *p)
{
	str_addz(s, " ");
	text(s, p);
	str_addz(s, " |");
}

static void
add_row(struct str *s, const struct report *r, const struct report_gap *g,
    const struct result *c)
{
	const struct gap *gap = g->gap;
	const struct control *k = gap->verdict->control;
	struct str t = str_new(r->arena), note = str_new(r->arena);

	str_addc(s, '|');
	cell(s, severity_name(k->severity));
	cell(s, c != NULL ? report_id(c) : k->id);
	cell(s, gap->verdict->scope);
	report_words(&t, gap, c);
	cell(s, t.p);
	str_reset(&t);
	report_fix(&t, gap);
	cell(s, t.p);
	str_reset(&t);
	str_addz(&t, report_path(r, &gap->fix));
	if (gap->fix.line > 0)
		str_addf(&t, ":%" PRIu32 ":%" PRIu32, gap->fix.line,
		    gap->fix.col);
	cell(s, t.p);
	str_reset(&t);
	report_note(&note, r, gap, g->standing);
	str_addf(&t, "%s%s%s", gap->id, note.len > 0 ? ", " : "", note.p);
	cell(s, t.p);
	str_addc(s, '\n');
}

/* Rows while they fit; how many gaps were left out. */
static size_t
add_rows(struct str *s, const struct report *r)
{
	struct str row = str_new(r->arena);

	for (size_t i = 0; i < r->ngap; i++) {
		const struct report_gap *g = &r->gap[i];

		str_reset(&row);
		for (size_t k = 0; k < g->ncause; k++)
			add_row(&row, r, g, g->cause[k]);
		if (g->ncause == 0)
			add_row(&row, r, g, NULL);
		if (s->len + row.len + TAIL > LIMIT_COMMENT)
			return r->ngap - i;
		str_add(s, row.p, row.len);
	}
	return 0;
}

static void
add_table(struct str *s, const struct report *r)
{
	size_t left;

	if (r->ngap == 0)
		return;
	str_addz(s, "\n| Severity | Test | Scope | Found | Fix | Where | Gap |\n"
	    "| --- | --- | --- | --- | --- | --- | --- |\n");
	left = add_rows(s, r);
	if (left > 0)
		str_addf(s, "\n%zu more gap%s, the least severe, left out "
		    "here: `exhibit check` lists them all.\n", left,
		    left == 1 ? "" : "s");
}

static void
add_unlocks(struct str *s, const struct report *r)
{
	const struct findings *f = r->build->findings;

	if (f->nunlock == 0 || r->only)
		return;
	str_addz(s, "\n### What would unlock most tests\n\n");
	for (size_t i = 0; i < f->nunlock && i < UNLOCKS; i++) {
		str_addz(s, "- ");
		text(s, f->unlock[i].what);
		str_addf(s, ": %zu test%s testable\n", f->unlock[i].ntest,
		    f->unlock[i].ntest == 1 ? " becomes" : "s become");
	}
}

static void
add_heading(struct str *s, const struct report *r)
{
	str_addz(s, "## Exhibit: ");
	if (r->status == ERR_OK)
		str_addz(s, "nothing fails");
	else if (r->status == ERR_GAP)
		str_addf(s, "%zu gap%s fail%s", r->fails, r->fails == 1 ? "" :
		    "s", r->fails == 1 ? "s" : "");
	else
		str_addz(s, r->status == ERR_UNDECIDED ?
		    "nothing was evaluated" : r->status == ERR_INTEGRITY ?
		    "the log is not intact" : "the check could not run");
	str_addz(s, "\n\n");
}

static void
add_troubles(struct str *s, const struct report *r)
{
	for (size_t i = 0; i < r->ntrouble && i < UNLOCKS; i++) {
		str_addz(s, "- ");
		text(s, r->trouble[i].text);
		str_addc(s, '\n');
	}
	if (r->ntrouble > UNLOCKS)
		str_addf(s, "- and %zu more\n", r->ntrouble - UNLOCKS);
	if (r->ntrouble > 0 && r->build != NULL)
		str_addc(s, '\n');
}

/* No evidence is counted beside what fails, never beside what passes. */
static void
add_counts(struct str *s, const struct report *r)
{
	text(s, r->build->organisation);
	str_addc(s, ' ');
	text(s, r->build->period);
	str_addz(s, ": ");
	figure_count(s, report_events(r->build));
	str_addf(s, " events, %zu gap%s, %zu waived, %zu fail at "
	    "`--fail-on %s`. Results: %zu fail, %zu without evidence, %zu "
	    "pass, %zu not applicable; %zu to review.\n", r->ngap,
	    r->ngap == 1 ? "" : "s", r->waived, r->fails, r->fail_on,
	    r->count[OUT_FAIL], r->count[OUT_NO_EVIDENCE], r->count[OUT_PASS],
	    r->count[OUT_NOT_APPLICABLE], r->review);
}

void
report_markdown(struct str *s, const struct report *r)
{
	add_heading(s, r);
	add_troubles(s, r);
	if (r->build == NULL)
		return;
	add_counts(s, r);
	add_table(s, r);
	add_unlocks(s, r);
}
