#include <inttypes.h>
#include <string.h>

#include "eval/inside.h"

/*
 * What is decided from other results, or from the pack before: the tests
 * TR-04.t2 and SE-02.t3, and the items of evidence GV-10.e3 and GV-10.e4
 * (docs/format/controls.md, "Tests that the program computes").
 */

static void
add_place(struct eval *e, struct result *r, struct mark at)
{
	struct cite *c = arena_array(e->arena, r->nexception + 1, sizeof(*c));

	if (r->nexception > 0)
		memcpy(c, r->exception, r->nexception * sizeof(*c));
	memset(&c[r->nexception], 0, sizeof(*c));
	c[r->nexception++].at = at;
	r->exception = c;
}

/* Where an agent is declared, else the project's file. */
static struct mark
scope_place(const struct eval *e, const char *scope)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_agent");
	size_t row = ref_agent_row(e->in->ref, scope);
	struct mark project = { e->in->project, 1, 1 };

	return row != SIZE_MAX && t->at != NULL ? t->at[row] : project;
}

static void
add_detail(struct eval *e, struct result *r, const char *text)
{
	r->detail = r->detail == NULL ? text : arena_printf(e->arena,
	    "%s; %s", r->detail, text);
}

/* TR-04.t2: the claims that documents make of a scope. */

static int
is_claim(const struct result *q)
{
	return q->test != NULL && !q->test->advice && q->test->claim[0] != NULL;
}

/* What is no agent's is the organisation's: of streams and policies too. */
static const char *
claim_scope(const struct eval *e, const struct result *q)
{
	return ref_agent_row(e->in->ref, q->scope) != SIZE_MAX ? q->scope :
	    e->in->organisation;
}

static void
find_claims(struct eval *e)
{
	e->claims = map_new(e->arena);
	for (size_t i = 0; i < e->f->nresult; i++) {
		struct claims **at;

		if (!is_claim(&e->f->result[i]))
			continue;
		at = (struct claims **)map_putz(e->claims, claim_scope(e,
		    &e->f->result[i]));
		if (*at == NULL)
			*at = arena_alloc(e->arena, sizeof(**at));
		*VEC_PUSH(e->arena, (*at)->result, (*at)->n, (*at)->cap) = i;
	}
}

static int
says(const struct eval_paper *p, const struct test *t)
{
	for (size_t i = 0; i < sizeof(t->claim) / sizeof(t->claim[0]) &&
	    t->claim[i] != NULL; i++)
		for (size_t k = 0; k < p->nclaims; k++)
			if (p->claims[k] != NULL &&
			    str_word(p->claims[k], t->claim[i]))
				return 1;
	return 0;
}

/* The kinds that make the claim, or NULL. */
static const char *
said_by(struct eval *e, const struct test *t)
{
	struct str s = str_new(e->arena);

	for (size_t i = 0; i < e->in->npaper; i++)
		if (says(&e->in->paper[i], t))
			str_addf(&s, "%s%s", s.len > 0 ? ", " : "",
			    e->in->paper[i].kind);
	return s.len > 0 ? s.p : NULL;
}

static void
judge_claim(struct eval *e, struct result *r, size_t claim)
{
	const struct result *q = &e->f->result[claim];
	const char *kinds;

	verdict_settle(e, claim);
	if (q->outcome != OUT_PASS && q->outcome != OUT_FAIL)
		return;
	r->n++;
	if (q->outcome == OUT_PASS || q->control->severity < SEV_HIGH ||
	    (kinds = said_by(e, q->test)) == NULL)
		return;
	r->x++;
	add_place(e, r, scope_place(e, r->scope));
	add_detail(e, r, arena_printf(e->arena, "%s in %s", q->test->id,
	    kinds));
}

static int
papers(struct eval *e, struct result *r)
{
	const struct claims *c;

	if (e->in->paper == NULL)
		return 0;
	if (e->claims == NULL)
		find_claims(e);
	c = map_getz(e->claims, r->scope);
	for (size_t i = 0; c != NULL && i < c->n; i++)
		judge_claim(e, r, c->result[i]);
	return 1;
}

/* SE-02.t3. */

static int
tier_rank(const char *tier)
{
	static const char *const rank[] = { "observe", "recommend", "prepare",
		"execute" };

	for (int i = 0; i < 4; i++)
		if (str_eq(rank[i], tier))
			return i;
	return -1;
}

/* A signed review of this period or later decided on the agent's permissions. */
static int
reviewed(const struct eval *e, const char *agent)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_review_finding");
	const struct ref_table *v = ref_table(e->in->ref, "ref_review");

	for (size_t i = ref_next(t, 0, "agent_id", agent); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "agent_id", agent)) {
		size_t row = ref_next(v, 0, "review", ref_text(t, i, "review"));
		int64_t us = row == SIZE_MAX ? INT64_MIN :
		    ref_int(v, row, "signed_us", INT64_MIN);

		if (ref_text(t, i, "decision") != NULL &&
		    str_eq(ref_text(t, i, "topic"), "permissions") &&
		    us >= e->in->from_us && us <= e->in->as_of_us)
			return 1;
	}
	return 0;
}

/* A test of the control passed there, and none failed or was left open. */
static int
control_passed(struct eval *e, const char *control, const char *scope)
{
	int passed = 0;

	for (size_t i = 0; i < e->f->nresult; i++) {
		const struct result *q = &e->f->result[i];

		if (strcmp(q->control->id, control) != 0 || q->test == NULL ||
		    q->test->advice || !str_eq(q->scope, scope))
			continue;
		verdict_settle(e, i);
		if (q->outcome == OUT_FAIL || q->outcome == OUT_NO_EVIDENCE)
			return 0;
		passed |= q->outcome == OUT_PASS;
	}
	return passed;
}

static int
raised_tier(struct eval *e, struct result *r)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_agent");
	size_t row = ref_agent_row(e->in->ref, r->scope);
	const char *was = NULL, *is = NULL;
	int review, shadow;

	for (size_t i = 0; i < e->in->ntier; i++)
		if (str_eq(e->in->tier[i].agent_id, r->scope))
			was = e->in->tier[i].tier;
	if (row != SIZE_MAX)
		is = ref_text(t, row, "permission_tier");
	if (tier_rank(was) < 0 || tier_rank(is) <= tier_rank(was))
		return e->in->tier != NULL;
	r->n = 1;
	review = reviewed(e, r->scope);
	shadow = control_passed(e, "ML-05", r->scope);
	if (review && shadow)
		return 1;
	r->x = 1;
	add_place(e, r, ref_mark(t, row, "permission_tier"));
	add_detail(e, r, arena_printf(e->arena, "raised from %s to %s%s%s", was,
	    is, review ? "" : "; no signed review of this period decided on "
	    "its permissions", shadow ? "" : "; ML-05 has not passed"));
	return 1;
}

static const struct late tests[] = {
	{ "SE-02.t3", 0, raised_tier },
	{ "TR-04.t2", 1, papers },
};

const struct late *
late_test(const char *test)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (strcmp(tests[i].test, test) == 0)
			return &tests[i];
	return NULL;
}

/* GV-10.e3: what the previous pack left open at critical or high. */

/* An action of a review that names it, with an owner and a day to come. */
static int
has_action(const struct eval *e, const struct gap *g)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_review_action");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *what = ref_text(t, i, "what");

		if (what != NULL && (str_word(what, g->id) ||
		    str_word(what, g->verdict->control->id)) &&
		    ref_text(t, i, "owner") != NULL &&
		    ref_int(t, i, "done_us", INT64_MAX) == INT64_MAX &&
		    ref_int(t, i, "due_us", INT64_MIN) >= e->in->as_of_us)
			return 1;
	}
	return 0;
}

static int
has_waiver(const struct eval *e, const struct gap *g)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_waiver");
	const char *control = g->verdict->control->id;

	for (size_t i = ref_next(t, 0, "control", control); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "control", control))
		if (str_eq(ref_text(t, i, "scope"), g->verdict->scope) &&
		    ref_int(t, i, "from_us", INT64_MAX) <= e->in->as_of_us &&
		    ref_int(t, i, "to_us", INT64_MIN) > e->in->as_of_us)
			return 1;
	return 0;
}

static int
was_serious(const struct gap *g)
{
	return g->verdict != NULL && g->verdict->control != NULL &&
	    g->verdict->control->severity >= SEV_HIGH &&
	    (str_eq(g->kind, "failed") || str_eq(g->kind, "partial") ||
	    str_eq(g->kind, "not-established"));
}

static void
item_of_actions(struct eval *e, struct result *r)
{
	const struct findings *was = e->in->previous;

	for (size_t i = 0; was != NULL && i < was->ngap; i++) {
		const struct gap *g = &was->gap[i];
		enum status now;

		if (!was_serious(g))
			continue;
		r->n++;
		now = verdict_status(e, g->verdict->control, g->verdict->scope);
		if (now == ST_SATISFIED || now == ST_NOT_APPLICABLE ||
		    has_action(e, g) || has_waiver(e, g))
			continue;
		r->x++;
		add_place(e, r, scope_place(e, g->verdict->scope));
		add_detail(e, r, arena_printf(e->arena, "%s (%s %s) is still "
		    "open, and no action of a review names it with an owner "
		    "and a day to come", g->id, g->verdict->control->id,
		    g->verdict->scope));
	}
	r->outcome = r->x > 0 ? OUT_FAIL : r->n > 0 ? OUT_PASS :
	    OUT_NOT_APPLICABLE;
	r->reason = r->x > 0 ? "open-gap" : r->n > 0 ? NULL : "quiet";
	if (r->n == 0)
		r->detail = was == NULL ? "the first pack: there are no "
		    "earlier gaps" : "the previous pack has no gap at critical "
		    "or high";
}

/* GV-10.e4: who audited has no part in what was audited. */

/* When a person did what a column says; columns without a time stand for as
 * long as the row does. */
static const struct {
	const char *table, *col, *when; /* table NULL: any */
} acts[] = {
	{ NULL, "accepted_by", "accepted_us" },
	{ NULL, "answered_by", "date_us" },
	{ NULL, "approved_by", "approved_us" },
	{ NULL, "decided_by", "decided_us" },
	{ NULL, "deployed_by", "from_us" },
	{ NULL, "passed_by", "at_us" },
	{ NULL, "signed_by", "signed_us" },
	{ "ref_document", "author", "at_us" },
	{ "ref_policy_version", "author", "authored_us" },
	{ NULL, "person_id", "at_us" },
};

/* Who persons are, and who was at a meeting, is no part in the work. */
static int
is_about_people(const char *table)
{
	return strcmp(table, "ref_person") == 0 ||
	    strcmp(table, "ref_person_role") == 0 ||
	    strcmp(table, "ref_role") == 0 ||
	    strcmp(table, "ref_review_attendee") == 0;
}

static int
in_time(const struct eval *e, const struct ref_table *t, size_t row,
    const char *col)
{
	int64_t us;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].col, col) != 0 || (acts[i].table != NULL &&
		    strcmp(acts[i].table, t->name) != 0))
			continue;
		us = ref_int(t, row, acts[i].when, INT64_MIN);
		return us == INT64_MIN || (us >= e->in->from_us &&
		    us < e->in->to_us);
	}
	return ref_int(t, row, "from_us", INT64_MIN) < e->in->to_us &&
	    ref_int(t, row, "to_us", INT64_MAX) > e->in->from_us;
}

/* The person, or a role that the person held in the period. */
static int
is_holder(const struct eval *e, const char *person, const char *who)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_person_role");

	if (who == NULL || strcmp(who, person) == 0)
		return who != NULL;
	for (size_t i = ref_next(t, 0, "person_id", person); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "person_id", person))
		if (str_eq(ref_text(t, i, "role"), who) &&
		    ref_int(t, i, "from_us", INT64_MIN) < e->in->to_us &&
		    ref_int(t, i, "to_us", INT64_MAX) > e->in->from_us)
			return 1;
	return 0;
}

/* The audit's own papers are the auditor's to write. */
static int
is_audit_paper(const struct ref_table *t, size_t row)
{
	const char *item = ref_text(t, row, "item");

	return strcmp(t->name, "ref_document") == 0 && item != NULL &&
	    strncmp(item, "GV-10.", 6) == 0;
}

/* agent: what was audited; NULL: everything. */
static void
find_part(struct eval *e, struct result *r, const struct ref_table *t,
    const char *person, const char *agent)
{
	for (size_t row = 0; row < t->nrow; row++)
		for (size_t c = 0; c < t->ncol; c++) {
			const struct ref_col *col = &t->col[c];
			const char *of = ref_text(t, row, "agent_id");

			if ((col->field != FIELD_PERSON && col->field !=
			    FIELD_HOLDER) || is_audit_paper(t, row) ||
			    (agent != NULL && of != NULL &&
			    strcmp(of, agent) != 0) ||
			    !is_holder(e, person, ref_text(t, row, col->name)) ||
			    !in_time(e, t, row, col->name))
				continue;
			add_place(e, r, ref_mark(t, row, col->name));
			add_detail(e, r, arena_printf(e->arena, "%s is %.*s in "
			    "%s", person, (int)ref_fieldlen(col), col->name,
			    t->name));
		}
}

/* Whom the audit reports of the period are by. */
static int
is_audit(const struct eval *e, const struct ref_table *t, size_t row)
{
	return ref_text(t, row, "author") != NULL &&
	    !str_eq(ref_text(t, row, "decision"), "rejected") &&
	    ref_int(t, row, "from_us", INT64_MIN) < e->in->to_us &&
	    ref_int(t, row, "to_us", INT64_MAX) > e->in->from_us;
}

void
late_auditors(struct eval *e)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_document");
	size_t cap = 0;

	if (catalogue_item(e->in->catalogue, "GV-10.e4", NULL) == NULL)
		return;
	for (size_t i = ref_next(t, 0, "item", "GV-10.e1"); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "item", "GV-10.e1")) {
		struct auditor *a;

		if (!is_audit(e, t, i))
			continue;
		a = VEC_PUSH(e->arena, e->auditor, e->nauditor, cap);
		memset(a, 0, sizeof(*a));
		a->person = ref_text(t, i, "author");
		a->about = ref_text(t, i, "for_what");
	}
}

/* Approvals, reviews and changes of the period, as the log has them. */
void
late_event(struct eval *e, uint32_t stream, const struct event *ev)
{
	static const enum event_col who[] = { EVENT_APPROVER_ID,
		EVENT_INITIATOR_ID };
	static const char *const type[] = { "approval_decided", "change",
		"deployment", "review" };
	const char *is = value_text(&ev->col[EVENT_EVENT_TYPE]);
	int64_t us = ev->col[EVENT_OCCURRED_US].i;
	int acts_here = 0;

	for (size_t i = 0; is != NULL && i < sizeof(type) / sizeof(type[0]);
	    i++)
		acts_here |= strcmp(type[i], is) == 0;
	if (!acts_here || us < e->in->from_us || us >= e->in->to_us)
		return;
	for (size_t i = 0; i < e->nauditor; i++)
		for (size_t k = 0; k < sizeof(who) / sizeof(who[0]); k++) {
			struct auditor *a = &e->auditor[i];
			const char *p = value_text(&ev->col[who[k]]);

			if (p == NULL || strcmp(p, a->person) != 0 ||
			    a->nevent++ > 0)
				continue;
			a->first.stream = stream;
			a->first.seq = ev->seq;
		}
}

void
late_merge(struct eval *e, const struct eval *other)
{
	for (size_t i = 0; i < e->nauditor; i++) {
		const struct auditor *o = &other->auditor[i];
		struct auditor *a = &e->auditor[i];

		if (o->nevent > 0 && (a->nevent == 0 ||
		    cite_cmp(&o->first, &a->first) < 0))
			a->first = o->first;
		a->nevent += o->nevent;
	}
}

/* refund-bot of refund-bot@1.2.0; NULL: everything was audited. */
static const char *
audited(struct eval *e, const struct auditor *a)
{
	const char *at = a->about ? strchr(a->about, '@') : NULL;

	return at == NULL ? NULL : arena_strndup(e->arena, a->about,
	    (size_t)(at - a->about));
}

static void
item_of_auditors(struct eval *e, struct result *r)
{
	for (size_t i = 0; i < e->nauditor; i++) {
		const struct auditor *a = &e->auditor[i];
		size_t before = r->nexception;

		for (size_t k = 0; k < e->in->ref->n; k++)
			if (!is_about_people(e->in->ref->table[k].name))
				find_part(e, r, &e->in->ref->table[k],
				    a->person, audited(e, a));
		if (a->nevent > 0) {
			add_place(e, r, (struct mark){ NULL, 0, 0 });
			r->exception[r->nexception - 1] = a->first;
			add_detail(e, r, arena_printf(e->arena, "%s approved, "
			    "reviewed or changed %" PRIu64 " times in the log",
			    a->person, a->nevent));
		}
		r->n++;
		r->x += r->nexception > before;
	}
	r->outcome = r->x > 0 ? OUT_FAIL : r->n > 0 ? OUT_PASS :
	    OUT_NO_EVIDENCE;
	r->reason = r->x > 0 ? "not-independent" : r->n > 0 ? NULL : "absent";
	if (r->n == 0)
		r->detail = "no internal audit (GV-10.e1) of the period says "
		    "who audited";
}

void
late_items(struct eval *e)
{
	for (size_t i = 0; i < e->f->nresult; i++) {
		struct result *r = &e->f->result[i];
		int actions = r->item && strcmp(r->item->id, "GV-10.e3") == 0;

		if (!actions && !(r->item &&
		    strcmp(r->item->id, "GV-10.e4") == 0))
			continue;
		r->reason = r->detail = NULL;
		if (actions)
			item_of_actions(e, r);
		else
			item_of_auditors(e, r);
	}
}
