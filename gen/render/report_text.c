#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "model/build.h"
#include "render/report.h"

#define UNLOCKS 5 /* what unlocks most: lines printed */

/*
 * For people: path:line:col: severity: test scope: what (gap), and the fix.
 * Names come from logs: each line passes through utf8_visible, so that none
 * of them can begin a line or reach a terminal.
 */
struct lines {
	struct str *s;
	struct str one;
};

static void
end_line(struct lines *l)
{
	utf8_visible(l->s, l->one.p, l->one.len, 0);
	str_addc(l->s, '\n');
	str_reset(&l->one);
}

static void
add_line(struct lines *l, const struct report *r, const struct report_gap *g,
    const struct result *c)
{
	const struct gap *gap = g->gap;
	const struct verdict *v = gap->verdict;
	struct str note = str_new(r->arena);

	report_note(&note, r, gap, g->standing);
	str_addf(&l->one, "%s:%" PRIu32 ":%" PRIu32 ": %s: %s %s: ",
	    gap->fix.file, gap->fix.line, gap->fix.col,
	    severity_name(v->control->severity), c != NULL ? report_id(c) :
	    v->control->id, v->scope);
	report_words(&l->one, gap, c);
	str_addf(&l->one, " (%s%s%s)", gap->id, note.len > 0 ? ", " : "",
	    note.p);
	end_line(l);
}

static void
add_gap(struct lines *l, const struct report *r, const struct report_gap *g)
{
	for (size_t i = 0; i < g->ncause; i++)
		add_line(l, r, g, g->cause[i]);
	if (g->ncause == 0)
		add_line(l, r, g, NULL);
	str_addz(&l->one, "    fix: ");
	report_fix(&l->one, g->gap);
	end_line(l);
}

static void
add_streams(struct lines *l, const struct build *b)
{
	for (size_t i = 0; i < b->nstream; i++) {
		if (b->stream[i].intact)
			continue;
		str_addf(&l->one, "stream %s is broken at seq %" PRIu64 ": %s",
		    b->stream[i].name, b->stream[i].bad_seq, b->stream[i].bad);
		end_line(l);
	}
}

/* A test may be quiet for good: it says so, and what proves it. */
static void
add_quiet(struct lines *l, const struct report *r)
{
	if (r->quiet == 0)
		return;
	str_addf(&l->one, "quiet: %zu result%s had nothing to judge, and the "
	    "control says why that is no gap (--format json has the reasons)",
	    r->quiet, r->quiet == 1 ? "" : "s");
	end_line(l);
}

/* Evidence that counts for nothing: stale, of another period, not known. */
static void
add_idle(struct lines *l, const struct findings *f)
{
	size_t unknown = 0;

	if (f->nidle == 0)
		return;
	end_line(l);
	str_addf(&l->one, "evidence that does not count: %zu entr%s", f->nidle,
	    f->nidle == 1 ? "y" : "ies");
	end_line(l);
	for (size_t i = 0; i < f->nidle; i++) {
		const struct idle *d = &f->idle[i];

		if (strcmp(d->reason, "unknown-item") == 0) {
			unknown++;
			continue;
		}
		str_addf(&l->one, "    %s:%" PRIu32 ":%" PRIu32 ": %s: %s: %s",
		    d->at.file, d->at.line, d->at.col, d->item, d->reason,
		    d->detail);
		end_line(l);
	}
	if (unknown == 0)
		return;
	str_addf(&l->one, "    %zu of items that no control asks for", unknown);
	end_line(l);
}

/* What a person has still to finish, so that nobody takes it for done. */
static void
add_drafts(struct lines *l, const struct ref *ref)
{
	for (size_t i = 0; i < ref->ndraft; i++) {
		str_addf(&l->one, "%s:%" PRIu32 ":%" PRIu32 ": draft: it counts "
		    "for nothing until its TODOs are filled in and draft: true "
		    "is deleted", ref->draft[i].file, ref->draft[i].line,
		    ref->draft[i].col);
		end_line(l);
	}
}

static void
add_unlocks(struct lines *l, const struct findings *f)
{
	if (f->nunlock == 0)
		return;
	end_line(l);
	str_addz(&l->one, "what would unlock most tests:");
	end_line(l);
	for (size_t i = 0; i < f->nunlock && i < UNLOCKS; i++) {
		str_addf(&l->one, "    %s: %zu test%s testable",
		    f->unlock[i].what, f->unlock[i].ntest,
		    f->unlock[i].ntest == 1 ? " becomes" : "s become");
		end_line(l);
	}
	if (f->nunlock > UNLOCKS) {
		str_addf(&l->one, "    and %zu more: --format json has them "
		    "all", f->nunlock - UNLOCKS);
		end_line(l);
	}
}

void
report_text(struct str *s, const struct report *r)
{
	struct lines l = { .s = s, .one = str_new(r->arena) };

	for (size_t i = 0; i < r->ngap; i++)
		add_gap(&l, r, &r->gap[i]);
	add_streams(&l, r->build);
	add_drafts(&l, r->build->ref);
	if (r->ngap > 0)
		end_line(&l);
	report_total(&l.one, r);
	end_line(&l);
	add_quiet(&l, r);
	if (r->only)
		return;
	add_idle(&l, r->build->findings);
	add_unlocks(&l, r->build->findings);
}
