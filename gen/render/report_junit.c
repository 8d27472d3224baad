#include <inttypes.h>
#include <string.h>

#include "base/html.h"
#include "base/str.h"
#include "model/build.h"
#include "render/report.h"

/*
 * JUnit XML: a suite for each family, a case for each test and scope.  What
 * has no evidence is a failure, never skipped, as skipped is shown green;
 * skipped is what somebody decided: waived, known before, not owed yet, not
 * applicable.  html_text escapes for XML too, and lets no character through
 * that XML forbids.
 */
enum word { WORD_PASS, WORD_FAILURE, WORD_SKIPPED };

static enum word
word_of(const struct result *one, const struct report_gap *g)
{
	if (one->outcome == OUT_PASS)
		return WORD_PASS;
	if (one->outcome == OUT_NOT_APPLICABLE)
		return WORD_SKIPPED;
	return g != NULL && g->standing >= STANDING_KNOWN ? WORD_SKIPPED :
	    WORD_FAILURE;
}

static int
is_advice(const struct result *one)
{
	return one->test != NULL && one->test->advice;
}

static void
attribute(struct str *s, const char *name, const char *text)
{
	str_addf(s, " %s=\"", name);
	html_textz(s, text);
	str_addc(s, '"');
}

static void
open_case(struct str *s, const char *class, const char *name)
{
	html_lit(s, "    <testcase");
	attribute(s, "classname", class);
	attribute(s, "name", name);
}

/* Where it is fixed, as the tools' own attributes. */
static void
add_place(struct str *s, const struct report *r, const struct gap *g)
{
	attribute(s, "file", report_path(r, &g->fix));
	if (g->fix.line > 0)
		str_addf(s, " line=\"%" PRIu32 "\"", g->fix.line);
}

static void
add_failure(struct str *s, const struct report *r, const struct result *one,
    const struct report_gap *g)
{
	struct str words = str_new(r->arena);

	finding_words(&words, one);
	html_lit(s, "      <failure");
	attribute(s, "type", outcome_name(one->outcome));
	attribute(s, "message", words.p);
	html_lit(s, ">");
	if (g != NULL) {
		str_reset(&words);
		str_addf(&words, "%s:%" PRIu32 ":%" PRIu32 " ",
		    report_path(r, &g->gap->fix), g->gap->fix.line,
		    g->gap->fix.col);
		str_addf(&words, "%s %s, fix: ", severity_name(
		    one->control->severity), g->gap->id);
		report_fix(&words, g->gap);
		html_textz(s, words.p);
	}
	html_lit(s, "</failure>\n");
}

static void
add_skipped(struct str *s, const struct report *r, const struct result *one,
    const struct report_gap *g)
{
	struct str why = str_new(r->arena);

	if (one->outcome == OUT_NOT_APPLICABLE)
		str_addf(&why, "not applicable: %s", one->detail != NULL ?
		    one->detail : one->reason != NULL ? one->reason :
		    "outside of its control");
	else {
		report_note(&why, r, g->gap, g->standing);
		str_addf(&why, ": %s: ", outcome_name(one->outcome));
		finding_words(&why, one);
	}
	html_lit(s, "      <skipped");
	attribute(s, "message", why.p);
	html_lit(s, "/>\n");
}

static void
add_case(struct str *s, const struct report *r, const struct result *one,
    const struct report_gap *g)
{
	enum word w = word_of(one, g);

	open_case(s, report_id(one), one->scope);
	if (g != NULL && one->outcome != OUT_PASS)
		add_place(s, r, g->gap);
	if (w == WORD_PASS) {
		html_lit(s, "/>\n");
		return;
	}
	html_lit(s, ">\n");
	if (w == WORD_FAILURE)
		add_failure(s, r, one, g);
	else
		add_skipped(s, r, one, g);
	html_lit(s, "    </testcase>\n");
}

/* Suites */

struct counts {
	size_t n[WORD_SKIPPED + 1];
};

static const char *
family(const struct control *c)
{
	return c->family != NULL ? c->family : "";
}

static struct counts
count(const struct report *r, const char *of)
{
	struct counts c = { { 0 } };

	for (size_t i = 0; i < r->nresult; i++)
		if (!is_advice(r->result[i]) && (of == NULL ||
		    strcmp(family(r->result[i]->control), of) == 0))
			c.n[word_of(r->result[i], r->of[i])]++;
	return c;
}

static void
open_suite(struct str *s, const char *element, const char *name,
    const struct counts *c, size_t errors)
{
	str_addf(s, "<%s", element);
	attribute(s, "name", name);
	str_addf(s, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
	    "skipped=\"%zu\"", c->n[WORD_PASS] + c->n[WORD_FAILURE] +
	    c->n[WORD_SKIPPED] + errors, c->n[WORD_FAILURE], errors,
	    c->n[WORD_SKIPPED]);
	html_lit(s, ">\n");
}

static void
add_suite(struct str *s, const struct report *r, const char *name)
{
	struct counts c = count(r, name);

	if (c.n[WORD_PASS] + c.n[WORD_FAILURE] + c.n[WORD_SKIPPED] == 0)
		return; /* advice alone */
	html_lit(s, "  ");
	open_suite(s, "testsuite", name, &c, 0);
	for (size_t i = 0; i < r->nresult; i++)
		if (!is_advice(r->result[i]) &&
		    strcmp(family(r->result[i]->control), name) == 0)
			add_case(s, r, r->result[i], r->of[i]);
	html_lit(s, "  </testsuite>\n");
}

/* A gap about a waiver has no result: it is a case of its own. */
static size_t
loose_gaps(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ngap; i++)
		n += r->gap[i].ncause == 0;
	return n;
}

static void
add_loose(struct str *s, const struct report *r)
{
	struct counts c = { { 0 } };

	c.n[WORD_FAILURE] = loose_gaps(r);
	if (c.n[WORD_FAILURE] == 0)
		return;
	html_lit(s, "  ");
	open_suite(s, "testsuite", "waivers", &c, 0);
	for (size_t i = 0; i < r->ngap; i++) {
		const struct gap *g = r->gap[i].gap;

		if (r->gap[i].ncause > 0)
			continue;
		open_case(s, g->verdict->control->id, g->verdict->scope);
		add_place(s, r, g);
		html_lit(s, ">\n      <failure");
		attribute(s, "type", g->kind);
		attribute(s, "message", g->how);
		html_lit(s, "/>\n    </testcase>\n");
	}
	html_lit(s, "  </testsuite>\n");
}

/* What stands against a green run is an error of the run itself. */
static void
add_troubles(struct str *s, const struct report *r)
{
	const struct counts none = { { 0 } };

	if (r->ntrouble == 0)
		return;
	html_lit(s, "  ");
	open_suite(s, "testsuite", "exhibit", &none, r->ntrouble);
	for (size_t i = 0; i < r->ntrouble; i++) {
		open_case(s, "exhibit", "check");
		html_lit(s, ">\n      <error");
		attribute(s, "message", r->trouble[i].text);
		html_lit(s, "/>\n    </testcase>\n");
	}
	html_lit(s, "  </testsuite>\n");
}

void
report_junit(struct str *s, const struct report *r)
{
	struct counts c = count(r, NULL);

	c.n[WORD_FAILURE] += loose_gaps(r);
	html_lit(s, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	open_suite(s, "testsuites", "exhibit check", &c, r->ntrouble);
	add_troubles(s, r);
	/* Families in the order in which they come first. */
	for (size_t i = 0; i < r->nresult; i++) {
		const char *name = family(r->result[i]->control);
		size_t k = 0;

		while (k < i && strcmp(family(r->result[k]->control),
		    name) != 0)
			k++;
		if (k == i)
			add_suite(s, r, name);
	}
	add_loose(s, r);
	html_lit(s, "</testsuites>\n");
}
