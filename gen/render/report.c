#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "model/build.h"
#include "render/report.h"

const struct report_writer report_writer[] = {
	{ "text", report_text, 0 },
	{ "json", report_json, 0 },
	{ "sarif", report_sarif, 1 },
	{ "junit", report_junit, 1 },
	{ "github", report_github, 1 },
	{ "gitlab", report_gitlab, 1 },
	{ "markdown", report_markdown, 1 },
};
const size_t report_nwriter = sizeof(report_writer) / sizeof(report_writer[0]);

const struct report_writer *
report_find(const char *name)
{
	for (size_t i = 0; i < report_nwriter; i++)
		if (strcmp(report_writer[i].name, name) == 0)
			return &report_writer[i];
	return NULL;
}

const char *
report_names(struct arena *a)
{
	struct str s = str_new(a);

	for (size_t i = 0; i < report_nwriter; i++)
		str_addf(&s, "%s%s", i == 0 ? "" : i + 1 == report_nwriter ?
		    " or " : ", ", report_writer[i].name);
	return s.p;
}

const char *
standing_name(enum standing s)
{
	static const char *const word[] = {
		[STANDING_FAILS] = "fails", [STANDING_BELOW] = "below",
		[STANDING_KNOWN] = "known", [STANDING_LATER] = "later",
		[STANDING_NOTICE] = "notice",
		[STANDING_WAIVED] = "waived",
	};

	return word[s];
}

const char *
report_id(const struct result *r)
{
	return r->test != NULL ? r->test->id : r->item->id;
}

static void
add_day(struct str *s, const char *before, int64_t us)
{
	str_addz(s, before);
	date_add_day(s, us);
}

void
report_note(struct str *s, const struct report *r, const struct gap *g,
    enum standing standing)
{
	if (standing == STANDING_WAIVED) {
		str_addf(s, "waived by %s", g->waiver);
		add_day(s, " until ", g->waived_until_us);
	} else if (standing == STANDING_KNOWN)
		str_addz(s, "known before");
	else if (standing == STANDING_NOTICE)
		str_addz(s, "fails nothing");
	else if (standing == STANDING_LATER)
		str_addz(s, "required from a later date");
	else if (g->first_seen_us < r->build->as_of_us)
		add_day(s, "open since ", g->first_seen_us);
}

void
report_words(struct str *s, const struct gap *g, const struct result *c)
{
	if (c != NULL)
		finding_words(s, c);
	else
		str_addz(s, g->kind);
}

void
report_fix(struct str *s, const struct gap *g)
{
	str_addf(s, "%s%s", g->missing ? "make the file: " : "", g->how);
}

uint64_t
report_events(const struct build *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->nstream; i++)
		n += b->stream[i].in_period + b->stream[i].earlier_in_period;
	return n;
}

void
report_total(struct str *s, const struct report *r)
{
	str_addf(s, "%s %s: %" PRIu64 " events, %zu gap%s (%zu waived, %zu "
	    "fail); results: %zu pass, %zu fail, %zu no-evidence, %zu "
	    "not-applicable; %zu to review", r->build->organisation,
	    r->build->period, report_events(r->build), r->ngap,
	    r->ngap == 1 ? "" : "s", r->waived, r->fails, r->count[OUT_PASS],
	    r->count[OUT_FAIL], r->count[OUT_NO_EVIDENCE],
	    r->count[OUT_NOT_APPLICABLE], r->review);
}

const char *
report_path(const struct report *r, const struct mark *m)
{
	return *r->prefix == '\0' ? m->file :
	    arena_printf(r->arena, "%s%s", r->prefix, m->file);
}
