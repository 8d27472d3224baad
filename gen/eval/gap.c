#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "eval/inside.h"

#define WAIVER_MAX (366 * DATE_DAY)

/* Gaps: what is not satisfied, where it is fixed, who accepted it. */

static void
set_id(struct eval *e, struct gap *g, const char *third)
{
	uint8_t hash[HASH_LEN];
	char hex[HASH_HEXLEN];
	struct str s = str_new(e->arena);

	str_addf(&s, "%s\n%s", g->verdict->control->id, g->verdict->scope);
	if (third != NULL)
		str_addf(&s, "\n%s", third);
	hash_bytes(e->hash, hash, s.p, s.len);
	hash_hex(hex, hash);
	memcpy(g->id, "G-", 2);
	memcpy(g->id + 2, hex, 12);
	g->id[14] = '\0';
}

/* The result that makes the gap: a failure of a key item before others. */
static int
weight(const struct result *r)
{
	int key = r->test ? r->test->key : r->item->key;

	if ((r->test && r->test->advice) || r->outcome == OUT_PASS ||
	    r->outcome == OUT_NOT_APPLICABLE)
		return 0;
	return (r->outcome == OUT_FAIL ? 4 : 1) + key * 2 +
	    (r->outcome == OUT_NO_EVIDENCE &&
	    !str_eq(r->reason, "prerequisite-failed"));
}

static const struct result *
cause(const struct verdict *v)
{
	const struct result *worst = NULL;

	for (size_t i = 0; i < v->nresult; i++)
		if (weight(v->result[i]) > (worst ? weight(worst) : 0))
			worst = v->result[i];
	return worst;
}

static const char *
how_item(struct eval *e, const struct item *i)
{
	return arena_printf(e->arena, "write \"%s\" (%s), have another person "
	    "review it, and enter it in evidence/index.yaml as item %s",
	    i->title, i->kind, i->id);
}

static const char *
how_to_fix(struct eval *e, const struct result *r)
{
	const char *reason = r->reason ? r->reason : "";

	if (r->test == NULL)
		return r->item->built_in ? r->detail : how_item(e, r->item);
	if (r->outcome == OUT_FAIL || strcmp(reason, "no-population") == 0)
		return r->test->fix_how ? r->test->fix_how : r->test->title;
	if (strcmp(reason, "column-empty") == 0 ||
	    strcmp(reason, "format-cannot-say") == 0)
		return arena_printf(e->arena, "fill the column in the log of "
		    "%s: %s", r->scope, r->detail ? r->detail : "");
	if (strcmp(reason, "not-declared") == 0)
		return arena_printf(e->arena, "declare it in the registry: %s",
		    r->detail ? r->detail : "");
	return r->detail ? r->detail : r->test->title;
}

/* Places. */

static struct mark
project_mark(const struct eval *e)
{
	struct mark m = { e->in->project ? e->in->project : "exhibit.yaml", 1,
		1 };

	return m;
}

/* The row of a table that is about the scope, its column if one is named. */
static int
row_mark(const struct eval *e, const char *fix_at, const char *scope,
    struct mark *out)
{
	const char *dot = strchr(fix_at, '.');
	const char *table = dot == NULL ? fix_at : arena_strndup(e->arena,
	    fix_at, (size_t)(dot - fix_at));
	const struct ref_table *t = ref_table(e->in->ref, table);
	size_t row = SIZE_MAX;

	if (t == NULL || t->nrow == 0)
		return 0;
	if (ref_colno(t, "agent_id") >= 0)
		row = ref_next(t, 0, "agent_id", scope);
	else if (ref_colno(t, "policy_id") >= 0)
		row = ref_next(t, 0, "policy_id", scope);
	else
		row = 0;
	if (row == SIZE_MAX)
		return 0;
	*out = ref_mark(t, row, dot ? dot + 1 : "");
	return out->file != NULL;
}

static void
item_mark(const struct eval *e, const struct result *r, struct gap *g)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_document");
	size_t row = ref_next(t, 0, "item", r->item->id);

	if (r->nexception > 0)
		g->fix = r->exception[0].at;
	else if (row != SIZE_MAX)
		g->fix = ref_mark(t, row, "item");
	if (g->fix.file != NULL)
		return;
	g->fix.file = "evidence/index.yaml";
	g->missing = t == NULL || t->nrow == 0;
	g->fix.line = g->fix.col = g->missing ? 0 : 1;
}

static void
set_fix(const struct eval *e, struct gap *g, const struct result *r)
{
	const char *at = r->test ? r->test->fix_at : NULL;

	if (r->test == NULL) {
		item_mark(e, r, g);
		return;
	}
	/* A row of the registry that breaks the control is the place. */
	if (r->nexception > 0 && r->exception[0].at.file != NULL)
		g->fix = r->exception[0].at;
	else if (at != NULL && row_mark(e, at, r->scope, &g->fix))
		return;
	else if (!row_mark(e, "ref_agent", r->scope, &g->fix) &&
	    !row_mark(e, "ref_policy", r->scope, &g->fix))
		g->fix = project_mark(e);
}

/* Waivers. */

static int
role_then(const struct eval *e, const char *who, int64_t us)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_person_role");

	for (size_t i = ref_next(t, 0, "person_id", who); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "person_id", who))
		if (ref_int(t, i, "from_us", INT64_MIN) <= us &&
		    us < ref_int(t, i, "to_us", INT64_MAX))
			return 1;
	/* approved_by may be a role itself. */
	return ref_next(ref_table(e->in->ref, "ref_role"), 0, "role", who) !=
	    SIZE_MAX;
}

/* Why a waiver does not hold, or NULL. */
static const char *
waiver_fault(const struct eval *e, const struct ref_table *t, size_t row)
{
	int64_t from = ref_int(t, row, "from_us",
	    ref_int(t, row, "approved_us", INT64_MIN));
	int64_t to = ref_int(t, row, "to_us", INT64_MIN);
	int64_t at = ref_int(t, row, "approved_us", INT64_MIN);
	const char *by = ref_text(t, row, "approved_by");
	const char *owner = ref_text(t, row, "owner");

	if (str_eq(ref_text(t, row, "control"), "AU-01"))
		return "AU-01 cannot be waived";
	if (to == INT64_MIN || from == INT64_MIN || to - from > WAIVER_MAX)
		return "it runs longer than 366 days";
	if (owner == NULL || by == NULL || strcmp(owner, by) == 0)
		return "its owner and its approver are not two";
	if (at == INT64_MIN || at > e->in->as_of_us || !role_then(e, by, at))
		return "its approver held no role when it was approved";
	if (to <= e->in->as_of_us)
		return "it has expired";
	return from > e->in->as_of_us ? "it has not begun" : NULL;
}

static void
set_waiver(struct eval *e, struct gap *g)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_waiver");

	for (size_t i = ref_next(t, 0, "control", g->verdict->control->id);
	    i != SIZE_MAX;
	    i = ref_next(t, i + 1, "control", g->verdict->control->id)) {
		const char *why;

		if (!str_eq(ref_text(t, i, "scope"), g->verdict->scope))
			continue;
		why = waiver_fault(e, t, i);
		if (why == NULL) {
			g->waiver = ref_text(t, i, "waiver_id");
			g->waived_until_us = ref_int(t, i, "to_us", 0);
			return;
		}
		g->how = arena_printf(e->arena, "%s (waiver %s does not hold: "
		    "%s)", g->how, ref_text(t, i, "waiver_id"), why);
	}
}

/* Gaps of verdicts. */

static int
is_later(const struct eval *e, const struct control *c)
{
	if (c->nmap == 0)
		return 0;
	for (size_t i = 0; i < c->nmap; i++)
		if (c->map[i].to == NULL ||
		    c->map[i].to->applies_from_us <= e->in->as_of_us)
			return 0;
	return 1;
}

static void
set_seen(struct eval *e, struct gap *g)
{
	const struct gap *old = e->in->previous ?
	    finding_gap(e->in->previous, g->id) : NULL;

	g->first_seen_us = old ? old->first_seen_us : e->in->as_of_us;
}

static void
add_gap(struct eval *e, const struct verdict *v)
{
	struct gap *g = VEC_PUSH(e->arena, e->f->gap, e->f->ngap, e->capgap);
	const struct result *r = cause(v);

	g->verdict = v;
	g->kind = v->all == ST_GAP ? "failed" : v->all == ST_PARTIAL ?
	    "partial" : "not-established";
	g->owner = v->control->owner_role;
	g->later = is_later(e, v->control);
	set_id(e, g, NULL);
	set_seen(e, g);
	g->how = r ? how_to_fix(e, r) : v->control->objective;
	if (r != NULL)
		set_fix(e, g, r);
	else
		g->fix = project_mark(e);
	set_waiver(e, g);
}

/* A waiver in force that accepts nothing, or that could never hold. */
static void
add_waiver_gap(struct eval *e, const struct ref_table *t, size_t row)
{
	const char *control = ref_text(t, row, "control");
	const struct verdict *v = finding_verdict(e->f, control,
	    ref_text(t, row, "scope"));
	const char *why = waiver_fault(e, t, row);
	struct verdict *made;
	struct gap *g;

	if (v != NULL && finding_gap_of(e->f, v) != NULL)
		return;
	if (why != NULL && (strstr(why, "expired") || strstr(why, "begun")))
		return;
	if (v == NULL) {
		made = arena_alloc(e->arena, sizeof(*made));
		made->control = catalogue_control(e->in->catalogue, control);
		made->scope = ref_text(t, row, "scope");
		if (made->control == NULL)
			return; /* the reader refuses unknown controls */
		v = made;
	}
	g = VEC_PUSH(e->arena, e->f->gap, e->f->ngap, e->capgap);
	g->verdict = v;
	g->kind = why ? "waiver-invalid" : "waiver-without-gap";
	g->owner = ref_text(t, row, "owner");
	g->how = arena_printf(e->arena, "waiver %s: %s",
	    ref_text(t, row, "waiver_id"), why ? why :
	    "there is no gap to accept; end it");
	g->fix = ref_mark(t, row, "waiver_id");
	set_id(e, g, ref_text(t, row, "waiver_id"));
	set_seen(e, g);
}

static int
gap_order(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;
	const struct control *c = x->verdict->control,
	    *d = y->verdict->control;
	int n;

	if (c->severity != d->severity)
		return c->severity > d->severity ? -1 : 1;
	n = strcmp(c->id, d->id);
	if (n == 0)
		n = strcmp(x->verdict->scope, y->verdict->scope);
	return n != 0 ? n : strcmp(x->id, y->id);
}

void
gap_find(struct eval *e)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_waiver");
	struct findings *f = e->f;

	for (size_t i = 0; i < f->nverdict; i++) {
		enum status s = f->verdict[i].all;

		if (s == ST_GAP || s == ST_PARTIAL || s == ST_NOT_ESTABLISHED)
			add_gap(e, &f->verdict[i]);
	}
	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		add_waiver_gap(e, t, i);
	if (f->ngap > 0)
		qsort(f->gap, f->ngap, sizeof(*f->gap), gap_order);
}

/* What would make most tests testable. */

static void
unlock_add(struct eval *e, const char *what, const char *where,
    const struct test *t)
{
	struct findings *f = e->f;
	struct unlock *u = NULL;
	const struct test **bigger;

	for (size_t i = 0; i < f->nunlock; i++)
		if (strcmp(f->unlock[i].what, what) == 0)
			u = &f->unlock[i];
	if (u == NULL) {
		u = VEC_PUSH(e->arena, f->unlock, f->nunlock, e->capunlock);
		u->what = what;
		u->where = where;
	}
	for (size_t i = 0; i < u->ntest; i++)
		if (u->test[i] == t)
			return;
	bigger = arena_array(e->arena, u->ntest + 1, sizeof(*bigger));
	if (u->ntest > 0)
		memcpy(bigger, u->test, u->ntest * sizeof(*bigger));
	bigger[u->ntest++] = t;
	u->test = bigger;
}

/* Only what all blind rows lack, and only where it is one thing. */
static void
unlock_blind(struct eval *e, const struct test *t, const struct plan_why *all)
{
	size_t found = SIZE_MAX, n = plan_nthing(e->plan);
	struct plan_thing th;
	const char *name;

	for (size_t i = 0; i < n; i++) {
		if (!(all->bit[i / 64] & (UINT64_C(1) << (i % 64))))
			continue;
		if (found != SIZE_MAX)
			return;
		found = i;
	}
	if (found == SIZE_MAX)
		return;
	th = plan_thing(e->plan, found);
	if (th.table == NULL) {
		name = event_column[th.col].name;
		unlock_add(e, arena_printf(e->arena, "fill %s", name), name, t);
	} else if (th.col < 0) {
		name = th.table->name;
		unlock_add(e, arena_printf(e->arena, "declare %s", name), name,
		    t);
	} else {
		name = arena_printf(e->arena, "%s.%s", th.table->name,
		    th.table->col[th.col].name);
		unlock_add(e, arena_printf(e->arena, "record %s", name), name,
		    t);
	}
}

static void
unlock_types(struct eval *e, const struct job *j)
{
	struct str s = str_new(e->arena);
	size_t n = 0;

	if (j->exception == NODE_NONE || (j->types & e->seen) != 0)
		return;
	for (size_t t = 0; t < event_ntype && t < 63; t++)
		if (j->types & (UINT64_C(1) << t))
			str_addf(&s, "%s%s", n++ ? " or " : "", event_type[t]);
	if (n > 0 && n < 6)
		unlock_add(e, arena_printf(e->arena, "log %s events", s.p), s.p,
		    j->test);
}

static int
unlock_order(const void *a, const void *b)
{
	const struct unlock *x = a, *y = b;

	if (x->ntest != y->ntest)
		return x->ntest > y->ntest ? -1 : 1;
	return strcmp(x->what, y->what);
}

void
unlock_find(struct eval *e)
{
	struct findings *f = e->f;

	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];
		const struct pending *p = &e->pending[i];

		if (r->outcome != OUT_NO_EVIDENCE || r->test == NULL ||
		    r->test->advice)
			continue;
		if (str_eq(r->reason, "no-population"))
			unlock_types(e, p->job);
		else if (p->tally != NULL && p->tally->all != NULL && r->b > 0)
			unlock_blind(e, r->test, p->tally->all);
	}
	if (f->nunlock > 0)
		qsort(f->unlock, f->nunlock, sizeof(*f->unlock), unlock_order);
}
