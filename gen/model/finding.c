#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "model/figure.h"
#include "model/finding.h"

const char *
outcome_name(enum outcome o)
{
	static const char *const word[] = {
		[OUT_NOT_APPLICABLE] = "not-applicable", [OUT_FAIL] = "fail",
		[OUT_NO_EVIDENCE] = "no-evidence", [OUT_PASS] = "pass",
	};

	return word[o];
}

const char *
status_name(enum status s)
{
	static const char *const word[] = {
		[ST_NOT_APPLICABLE] = "not-applicable", [ST_GAP] = "gap",
		[ST_PARTIAL] = "partial", [ST_SATISFIED] = "satisfied",
		[ST_NOT_ESTABLISHED] = "not-established",
		[ST_NOT_ASSESSED] = "not assessed",
	};

	return word[s];
}

const char *
coverage_name(enum coverage c)
{
	static const char *const word[] = {
		[COV_DATA] = "tested by data",
		[COV_DOCUMENT] = "by document only",
		[COV_NOT_EVALUATED] = "mapped but not evaluated",
		[COV_UNMAPPED] = "unmapped",
	};

	return word[c];
}

const struct result *
finding_result(const struct findings *f, const char *test, const char *scope)
{
	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];
		const char *id = r->test ? r->test->id : r->item->id;

		if (str_eq(id, test) && str_eq(r->scope, scope))
			return r;
	}
	return NULL;
}

const struct verdict *
finding_verdict(const struct findings *f, const char *control,
    const char *scope)
{
	for (size_t i = 0; i < f->nverdict; i++)
		if (str_eq(f->verdict[i].control->id, control) &&
		    str_eq(f->verdict[i].scope, scope))
			return &f->verdict[i];
	return NULL;
}

const struct covered *
finding_covered(const struct findings *f, const struct requirement *req)
{
	for (size_t i = 0; i < f->ncovered; i++)
		if (f->covered[i].req == req)
			return &f->covered[i];
	return NULL;
}

const struct gap *
finding_gap(const struct findings *f, const char *id)
{
	for (size_t i = 0; i < f->ngap; i++)
		if (strcmp(f->gap[i].id, id) == 0)
			return &f->gap[i];
	return NULL;
}

const struct gap *
finding_gap_of(const struct findings *f, const struct verdict *v)
{
	for (size_t i = 0; i < f->ngap; i++)
		if (f->gap[i].verdict == v)
			return &f->gap[i];
	return NULL;
}

void
finding_says(struct str *s, const char *says, const struct result *r)
{
	for (; *says != '\0'; says++) {
		if (strncmp(says, "{n}", 3) == 0) {
			figure_count(s, r->n);
			says += 2;
		} else if (strncmp(says, "{x}", 3) == 0) {
			figure_count(s, r->x);
			says += 2;
		} else if (strncmp(says, "{scope}", 7) == 0) {
			str_addz(s, r->scope);
			says += 6;
		} else {
			str_addc(s, *says);
		}
	}
}

static void
add_reason(struct str *s, const struct result *r)
{
	if (r->reason != NULL)
		str_addf(s, " (%s%s%s)", r->reason, r->detail ? ": " : "",
		    r->detail ? r->detail : "");
}

/* Our own words: of evidence, and of tests that have no sentence. */
static void
add_plain(struct str *s, const struct result *r)
{
	const char *title = r->test ? r->test->title : r->item->title;

	if (r->test == NULL) {
		str_addz(s, title);
		if (r->detail != NULL)
			str_addf(s, ": %s", r->detail);
	} else if (r->outcome == OUT_FAIL) {
		figure_count(s, r->x);
		str_addz(s, " of ");
		figure_count(s, r->n);
		str_addf(s, " rows break this: %s", title);
	} else if (r->outcome == OUT_PASS) {
		figure_count(s, r->n);
		str_addf(s, " %s, %s: %s", r->n == 1 ? "row" : "rows",
		    r->x == 0 ? "none breaks" : "few enough break", title);
	} else {
		str_addz(s, title);
	}
}

void
finding_words(struct str *s, const struct result *r)
{
	const struct test *t = r->test;
	const char *says = t == NULL ? NULL :
	    r->outcome == OUT_PASS ? t->says_pass :
	    r->outcome == OUT_FAIL ? t->says_fail :
	    r->outcome == OUT_NO_EVIDENCE ? t->says_empty : NULL;

	if (says != NULL)
		finding_says(s, says, r);
	else
		add_plain(s, r);
	if (t != NULL && r->outcome != OUT_PASS && r->outcome != OUT_FAIL)
		add_reason(s, r);
}

void
finding_sentence(struct str *s, const struct result *r)
{
	str_addf(s, "%s: ", outcome_name(r->outcome));
	finding_words(s, r);
}
