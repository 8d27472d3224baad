#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The gap register: documents.md, GP1 to GP3. */

/* A cell that follows from the evaluation. */
static struct fact *
found(struct sec *s, const char *id, const char *text, const char *type)
{
	struct fact *f = sec_text(s, id, PROV_DERIVED, text, "gaps");

	if (f->state == FACT_KNOWN)
		f->type = type;
	return f;
}

static struct fact *
linked(struct fact *f, const char *kind, const char *id)
{
	if (f->state == FACT_KNOWN)
		f->to = (struct target){ .kind = kind, .id = id };
	return f;
}

/* The failed result that a gap rests on first, or NULL. */
static const struct result *
failed(const struct verdict *v)
{
	for (size_t i = 0; i < v->nresult; i++)
		if (v->result[i]->outcome == OUT_FAIL)
			return v->result[i];
	return NULL;
}

static const char *
place(struct sec *s, const struct gap *g)
{
	return g->missing || g->fix.line == 0 ? sec_printf(s, "create %s",
	    g->fix.file) : sec_printf(s, "%s:%u", g->fix.file,
	    (unsigned)g->fix.line);
}

/* What gaps of all states show: which, of what, since when. */
static void
gap_cells(struct rows *r, const struct gap *g, const char *list)
{
	const struct verdict *v = g->verdict;
	struct sec *s = r->s;
	struct fact *f;

	sec_row(r);
	f = linked(found(s, sec_item(s, list, r->n, "gap"), g->id, "id"),
	    "gap", g->id);
	if (f->state == FACT_KNOWN && failed(v) != NULL) {
		f->prov = PROV_MEASURED;
		f->result = failed(v);
	}
	sec_cell(r, f);
	sec_cell(r, linked(found(s, sec_item(s, list, r->n, "control"),
	    v->control->id, "id"), "control", v->control->id));
	sec_cell(r, found(s, sec_item(s, list, r->n, "title"),
	    v->control->title, "text"));
	sec_cell(r, found(s, sec_item(s, list, r->n, "scope"), v->scope,
	    "id"));
	sec_cell(r, found(s, sec_item(s, list, r->n, "severity"),
	    severity_name(v->control->severity), "text"));
	sec_cell(r, found(s, sec_item(s, list, r->n, "kind"), g->kind,
	    "text"));
	sec_cell(r, g->first_seen_us != 0 ? sec_time(s, sec_item(s, list,
	    r->n, "seen"), PROV_DERIVED, g->first_seen_us, "gaps") :
	    found(s, sec_item(s, list, r->n, "seen"), "this pack", "text"));
	sec_cell(r, g->owner != NULL ? found(s, sec_item(s, list, r->n,
	    "owner"), g->owner, "id") : sec_missing(s, sec_item(s, list, r->n,
	    "owner"), PROV_DECLARED, "name who answers for the agent"));
}

static void
open_gaps(struct sec *s)
{
	static const char *const head[] = {
		"Gap", "Control", "Title", "Scope", "Severity", "Kind",
		"Seen since", "Owner", "Where to fix", "How"
	};
	const struct findings *f = s->b->findings;
	struct rows r = sec_rows(s, "open", "Open gaps, worst first", head,
	    COUNT(head));

	for (size_t i = 0; f != NULL && i < f->ngap; i++) {
		const struct gap *g = &f->gap[i];
		const char *id;

		if (g->waiver != NULL)
			continue;
		gap_cells(&r, g, "open");
		id = sec_item(s, "open", r.n, "fix");
		sec_cell(&r, g->fix.file != NULL ? found(s, id, place(s, g),
		    "text") : sec_missing(s, id, PROV_DERIVED,
		    "no file is known in which it is fixed"));
		id = sec_item(s, "open", r.n, "how");
		sec_cell(&r, g->how != NULL ? found(s, id, g->how, "text") :
		    sec_missing(s, id, PROV_DERIVED,
		    "fix.how of the test"));
	}
	if (r.n > 0 || f == NULL || f->decided == 0)
		sec_rows_end(&r, PROV_DERIVED, "nothing was evaluated");
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "open", PROV_DERIVED, sec_printf(s, "No gap is open; %llu "
		    "results passed or failed.",
		    (unsigned long long)f->decided), "gaps"));
}

static void
waived_gaps(struct sec *s)
{
	static const char *const head[] = {
		"Gap", "Control", "Title", "Scope", "Severity", "Kind",
		"Seen since", "Owner", "Waiver", "Reason", "Accepted by",
		"Ends"
	};
	static const char *const col[] = {
		"waiver_id", "reason", "approved_by", "to_us"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_waiver");
	const struct findings *f = s->b->findings;
	struct rows r = sec_rows(s, "waived", "Gaps that were accepted for a "
	    "time", head, COUNT(head));

	for (size_t i = 0; f != NULL && i < f->ngap; i++) {
		if (f->gap[i].waiver == NULL)
			continue;
		gap_cells(&r, &f->gap[i], "waived");
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "waived", r.n,
			    col[c]), t, ref_next(t, 0, "waiver_id",
			    f->gap[i].waiver), col[c], "waivers.yaml"));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DERIVED, "");
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "waived", PROV_DERIVED, "No gap is waived.", "gaps"));
}

static void
open_waived(struct sec *s)
{
	open_gaps(s);
	waived_gaps(s);
}

/* What a control is now in that scope: what closed its gap. */
static struct fact *
now(struct sec *s, const char *id, const struct gap *g)
{
	const struct verdict *v = s->b->findings != NULL ? finding_verdict(
	    s->b->findings, g->verdict->control->id, g->verdict->scope) : NULL;

	return found(s, id, v != NULL ? status_name(v->all) :
	    "no longer evaluated in this scope", "text");
}

static void
closed(struct sec *s)
{
	static const char *const head[] = {
		"Gap", "Control", "Title", "Scope", "Severity", "Kind",
		"Seen since", "Owner", "The control is now"
	};
	const struct findings *was = s->b->previous;
	struct rows r = sec_rows(s, "closed", "Closed since the pack before",
	    head, COUNT(head));

	for (size_t i = 0; i < was->ngap; i++) {
		if (s->b->findings != NULL && finding_gap(s->b->findings,
		    was->gap[i].id) != NULL)
			continue;
		gap_cells(&r, &was->gap[i], "closed");
		sec_cell(&r, now(s, sec_item(s, "closed", r.n, "now"),
		    &was->gap[i]));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DERIVED, "");
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "closed", PROV_DERIVED, sec_printf(s, "No gap of %s was "
		    "closed since.", s->b->previous_period != NULL ?
		    s->b->previous_period : "the pack before"), "gaps"));
}

static void
flipped(struct sec *s)
{
	static const char *const head[] = {
		"Test", "Title", "Scope", "Was", "Is"
	};
	const struct findings *f = s->b->findings;
	struct rows r = sec_rows(s, "flipped", "Passed before, failed now",
	    head, COUNT(head));

	for (size_t i = 0; f != NULL && i < f->nresult; i++) {
		const struct result *x = &f->result[i], *was;
		struct fact *fact;

		if (x->test == NULL || x->outcome != OUT_FAIL ||
		    (was = finding_result(s->b->previous, x->test->id,
		    x->scope)) == NULL || was->outcome != OUT_PASS)
			continue;
		sec_row(&r);
		fact = linked(found(s, sec_item(s, "flipped", r.n, "test"),
		    x->test->id, "id"), "test", x->test->id);
		fact->prov = PROV_MEASURED;
		fact->result = x;
		sec_cell(&r, fact);
		sec_cell(&r, found(s, sec_item(s, "flipped", r.n, "title"),
		    x->test->title, "text"));
		sec_cell(&r, found(s, sec_item(s, "flipped", r.n, "scope"),
		    x->scope, "id"));
		sec_cell(&r, found(s, sec_item(s, "flipped", r.n, "was"),
		    outcome_name(was->outcome), "text"));
		sec_cell(&r, found(s, sec_item(s, "flipped", r.n, "is"),
		    outcome_name(x->outcome), "text"));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DERIVED, "");
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "flipped", PROV_DERIVED, "No test that passed before "
		    "fails now.", "gaps"));
}

static void
closed_flipped(struct sec *s)
{
	if (s->b->previous != NULL) {
		closed(s);
		flipped(s);
		return;
	}
	docnode_fact(s->a, docnode_para(s->a, s->at), sec_not_owed(s, "closed",
	    "this is the first pack: nothing to compare"));
}

/* A claim of a result that cannot be tested, or NULL. */
static int
is_silent(const struct result *r)
{
	return r->test != NULL && !r->test->advice &&
	    r->outcome == OUT_NO_EVIDENCE;
}

static void
silent(struct sec *s)
{
	static const char *const head[] = {
		"Test", "Title", "Scope", "Claims", "Reason", "What is missing"
	};
	const struct findings *f = s->b->findings;
	struct rows r = sec_rows(s, "silent", "Tests without evidence", head,
	    COUNT(head));

	for (size_t i = 0; f != NULL && i < f->nresult; i++) {
		const struct result *x = &f->result[i];
		struct str str = str_new(s->a);
		struct fact *fact;

		if (!is_silent(x))
			continue;
		for (size_t k = 0; k < 4 && x->test->claim[k] != NULL; k++)
			str_addf(&str, "%s%s", k > 0 ? " " : "",
			    x->test->claim[k]);
		sec_row(&r);
		fact = linked(found(s, sec_item(s, "silent", r.n, "test"),
		    x->test->id, "id"), "test", x->test->id);
		fact->prov = PROV_MEASURED;
		fact->result = x;
		sec_cell(&r, fact);
		sec_cell(&r, found(s, sec_item(s, "silent", r.n, "title"),
		    x->test->title, "text"));
		sec_cell(&r, found(s, sec_item(s, "silent", r.n, "scope"),
		    x->scope, "id"));
		sec_cell(&r, found(s, sec_item(s, "silent", r.n, "claims"),
		    str.len > 0 ? str.p : "none", "text"));
		sec_cell(&r, found(s, sec_item(s, "silent", r.n, "reason"),
		    x->reason != NULL ? x->reason : "no reason given",
		    "text"));
		sec_cell(&r, found(s, sec_item(s, "silent", r.n, "detail"),
		    x->detail != NULL ? x->detail : x->test->fix_how != NULL ?
		    x->test->fix_how : "no event of this kind in the period",
		    "text"));
	}
	if (r.n > 0 || f == NULL || f->decided == 0)
		sec_rows_end(&r, PROV_DERIVED, "nothing was evaluated");
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "silent", PROV_DERIVED, "Every test had evidence.",
		    "gaps"));
}

static void
unlocks(struct sec *s)
{
	static const char *const head[] = {
		"What to do", "Where", "Tests it would make testable"
	};
	const struct findings *f = s->b->findings;
	struct rows r = sec_rows(s, "unlocks", "What would make most tests "
	    "testable", head, COUNT(head));

	for (size_t i = 0; f != NULL && i < f->nunlock; i++) {
		const struct unlock *u = &f->unlock[i];

		sec_row(&r);
		sec_cell(&r, found(s, sec_item(s, "unlocks", r.n, "what"),
		    u->what, "text"));
		sec_cell(&r, found(s, sec_item(s, "unlocks", r.n, "where"),
		    u->where != NULL ? u->where : "the log", "text"));
		sec_cell(&r, sec_count(s, sec_item(s, "unlocks", r.n,
		    "tests"), u->ntest, "gaps"));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DERIVED, "");
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "unlocks", PROV_DERIVED, "Nothing is known that would "
		    "make another test testable.", "gaps"));
}

static void
not_testable(struct sec *s)
{
	silent(s);
	unlocks(s);
}

#define GAP "gap control title scope severity kind seen owner "

const struct section sec_gp[] = {
	{ "open", "GP1", "Open and waived", AUDIENCE_AUDITOR, "all",
	    "open[" GAP "fix how] waived[" GAP "waiver_id reason approved_by "
	    "to_us]", open_waived, "the owners of the gaps" },
	{ "closed", "GP2", "Closed and flipped", AUDIENCE_AUDITOR, NULL,
	    "closed[" GAP "now] flipped[test title scope was is]",
	    closed_flipped, "the pack before" },
	{ "silent", "GP3", "Not testable", AUDIENCE_AUDITOR, "all",
	    "silent[test title scope claims reason detail] unlocks[what where "
	    "tests]", not_testable, "who keeps the log" },
	{ .id = NULL }
};
