#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/build.h"
#include "render/report.h"

/*
 * Workflow commands of GitHub Actions: one annotation a gap, the worst ten of
 * a level, then "n more".  A command ends at its line end and a property at
 * its colon or comma, and names come from logs: all that a reader could take
 * for one of these is escaped, hidden characters as tokens before that.
 */
enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE, NLEVEL };

static const char *const level_word[NLEVEL] = { "error", "warning", "notice" };

static void
escape(struct str *s, const char *text, int property)
{
	struct str v = str_new(s->arena);

	utf8_visible(&v, text, strlen(text), 0);
	for (size_t i = 0; i < v.len; i++) {
		char c = v.p[i];

		if (c == '%' || c == '\r' || c == '\n' ||
		    (property && (c == ':' || c == ',')))
			str_addf(s, "%%%02X", (unsigned)c);
		else
			str_addc(s, c);
	}
}

static enum level
level(const struct report_gap *g)
{
	if (g->standing >= STANDING_KNOWN)
		return LEVEL_NOTICE;
	return g->gap->verdict->control->severity >= SEV_HIGH ? LEVEL_ERROR :
	    g->gap->verdict->control->severity == SEV_MEDIUM ? LEVEL_WARNING :
	    LEVEL_NOTICE;
}

static void
property(struct str *s, const char *before, const char *text)
{
	str_addz(s, before);
	escape(s, text, 1);
}

static void
add_gap(struct str *s, const struct report *r, const struct report_gap *g)
{
	const struct result *c = g->ncause > 0 ? g->cause[0] : NULL;
	const struct gap *gap = g->gap;
	const struct control *k = gap->verdict->control;
	struct str text = str_new(r->arena), note = str_new(r->arena);

	str_addf(s, "::%s", level_word[level(g)]);
	property(s, " file=", report_path(r, &gap->fix));
	if (gap->fix.line > 0)
		str_addf(s, ",line=%" PRIu32 ",col=%" PRIu32, gap->fix.line,
		    gap->fix.col > 0 ? gap->fix.col : 1);
	str_addf(&text, "%s %s (%s)", c != NULL ? report_id(c) : k->id,
	    gap->verdict->scope, severity_name(k->severity));
	property(s, ",title=", text.p);
	str_reset(&text);
	report_words(&text, gap, c);
	report_note(&note, r, gap, g->standing);
	if (g->ncause > 1)
		str_addf(&text, " (and %zu more of this gap)", g->ncause - 1);
	str_addf(&text, " (%s%s%s)", gap->id, note.len > 0 ? ", " : "",
	    note.p);
	str_addz(s, "::");
	escape(s, text.p, 0);
	str_reset(&text);
	report_fix(&text, gap);
	str_addz(s, "%0Afix: ");
	escape(s, text.p, 0);
	str_addc(s, '\n');
}

static void
say(struct str *s, enum level l, const char *text)
{
	str_addf(s, "::%s title=exhibit::", level_word[l]);
	escape(s, text, 0);
	str_addc(s, '\n');
}

static void
add_level(struct str *s, const struct report *r, enum level l)
{
	struct str more = str_new(r->arena);
	size_t n = 0;

	for (size_t i = 0; i < r->ngap; i++)
		if (level(&r->gap[i]) == l && n++ < LIMIT_ANNOTATIONS)
			add_gap(s, r, &r->gap[i]);
	if (n <= LIMIT_ANNOTATIONS)
		return;
	str_addf(&more, "%zu more: exhibit check lists them all",
	    n - LIMIT_ANNOTATIONS);
	say(s, l, more.p);
}

void
report_github(struct str *s, const struct report *r)
{
	struct str total = str_new(r->arena);

	for (size_t i = 0; i < r->ntrouble; i++)
		say(s, LEVEL_ERROR, r->trouble[i].text);
	for (int l = 0; l < NLEVEL; l++)
		add_level(s, r, (enum level)l);
	if (r->build == NULL)
		return;
	report_total(&total, r);
	say(s, LEVEL_NOTICE, total.p);
}
