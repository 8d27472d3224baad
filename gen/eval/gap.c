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
somebody_held(const struct eval *e, const char *role, int64_t us)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_person_role");

	for (size_t i = ref_next(t, 0, "role", role); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "role", role))
		if (evidence_role(e, ref_text(t, i, "person_id"), role, us))
			return 1;
	return 0;
}

/* approved_by is a person, or a role that somebody held then. */
static const char *
approver_fault(const struct eval *e, const struct ref_table *t, size_t row)
{
	const char *by = ref_text(t, row, "approved_by");
	const char *owner = ref_text(t, row, "owner");
	int64_t at = ref_int(t, row, "approved_us", INT64_MIN);

	if (owner == NULL || by == NULL || strcmp(owner, by) == 0 ||
	    evidence_role(e, owner, by, at) || evidence_role(e, by, owner, at))
		return "its owner and its approver are not two";
	if (at == INT64_MIN || at > e->in->as_of_us ||
	    (!evidence_role(e, by, NULL, at) && !somebody_held(e, by, at)))
		return "its approver held no role when it was approved";
	return NULL;
}

static int
is_expired(const struct eval *e, const struct ref_table *t, size_t row)
{
	return ref_int(t, row, "to_us", INT64_MIN) <= e->in->as_of_us;
}

static int
has_part(const struct control *c, const char *id)
{
	size_t len = strlen(c->id);

	if (strncmp(id, c->id, len) == 0 && id[len] == '.')
		id += len + 1;
	for (size_t i = 0; i < c->ntest; i++)
		if (strcmp(c->test[i].id + len + 1, id) == 0)
			return 1;
	for (size_t i = 0; i < c->nitem; i++)
		if (strcmp(c->item[i].id + len + 1, id) == 0)
			return 1;
	return 0;
}

static const char *
waiver_key(const struct eval *e, const struct ref_table *t, size_t row)
{
	return arena_printf(e->arena, "%s/%s/%s",
	    ref_text(t, row, "waiver_id"), ref_text(t, row, "control"),
	    ref_text(t, row, "scope"));
}

/* The next test that the waiver names, from *at on, or NULL. */
static const char *
waiver_test(const struct eval *e, const char *key, size_t *at)
{
	const struct ref_table *l = ref_table(e->in->ref, "ref_list");

	for (size_t i = ref_next(l, *at, "id", key); i != SIZE_MAX;
	    i = ref_next(l, i + 1, "id", key))
		if (str_eq(ref_text(l, i, "kind"), "waiver") &&
		    str_eq(ref_text(l, i, "field"), "tests")) {
			*at = i + 1;
			return ref_text(l, i, "value");
		}
	return NULL;
}

/* It names what is not there. */
static const char *
unknown_fault(const struct eval *e, const struct ref_table *t, size_t row)
{
	const char *id = ref_text(t, row, "control"), *name;
	const struct control *c = catalogue_control(e->in->catalogue, id);
	const char *key = waiver_key(e, t, row);
	size_t at = 0;

	if (c == NULL)
		return arena_printf(e->arena, "there is no control %s", id);
	while ((name = waiver_test(e, key, &at)) != NULL)
		if (!has_part(c, name))
			return arena_printf(e->arena, "tests: %s has no test "
			    "or item %s", id, name);
	return NULL;
}

/* Why a waiver does not hold, or NULL. */
static const char *
waiver_fault(const struct eval *e, const struct ref_table *t, size_t row)
{
	int64_t from = ref_int(t, row, "from_us",
	    ref_int(t, row, "approved_us", INT64_MIN));
	int64_t to = ref_int(t, row, "to_us", INT64_MIN);
	const char *why;

	if (str_eq(ref_text(t, row, "control"), "AU-01"))
		return "AU-01 cannot be waived";
	if ((why = unknown_fault(e, t, row)) != NULL)
		return why;
	if (to == INT64_MIN || from == INT64_MIN || to - from > WAIVER_MAX)
		return "it runs longer than 366 days";
	if ((why = approver_fault(e, t, row)) != NULL)
		return why;
	if (is_expired(e, t, row))
		return "it has expired";
	return from > e->in->as_of_us ? "it has not begun" : NULL;
}

static const char *
result_id(const struct result *r)
{
	return r->test ? r->test->id : r->item->id;
}

/* Whether the waiver names the test or item, whole or as t1; one that names
 * none accepts the whole control. */
static int
waiver_names(const struct eval *e, const struct ref_table *t, size_t row,
    const char *id, size_t *named)
{
	const char *key = waiver_key(e, t, row), *name;
	const char *control = ref_text(t, row, "control");
	size_t at = 0;
	int hit = 0;

	for (*named = 0; (name = waiver_test(e, key, &at)) != NULL; ++*named)
		hit |= strcmp(name, id) == 0 || strcmp(id, arena_printf(
		    e->arena, "%s.%s", control, name)) == 0;
	return *named == 0 || hit;
}

/* What somebody must accept: what follows from another test only where there
 * is nothing else. */
static int
to_accept(const struct result *r, int follows)
{
	if (r->test != NULL && r->test->advice)
		return 0;
	return r->outcome == OUT_FAIL || (r->outcome == OUT_NO_EVIDENCE &&
	    (follows || !str_eq(r->reason, "prerequisite-failed")));
}

static int
only_follows(const struct verdict *v)
{
	for (size_t i = 0; i < v->nresult; i++)
		if (to_accept(v->result[i], 0))
			return 0;
	return 1;
}

/* The waiver in force that accepts the result, or SIZE_MAX. */
static size_t
accepted_by(const struct eval *e, const struct verdict *v,
    const struct result *r)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_waiver");
	size_t named;

	for (size_t i = ref_next(t, 0, "control", v->control->id);
	    i != SIZE_MAX; i = ref_next(t, i + 1, "control", v->control->id))
		if (str_eq(ref_text(t, i, "scope"), v->scope) &&
		    waiver_fault(e, t, i) == NULL &&
		    waiver_names(e, t, i, result_id(r), &named))
			return i;
	return SIZE_MAX;
}

/* Why the waivers of this control and scope leave the gap open. */
static void
say_open(struct eval *e, struct gap *g, const char *open)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_waiver");
	const char *id = g->verdict->control->id, *why;

	for (size_t i = ref_next(t, 0, "control", id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "control", id)) {
		if (!str_eq(ref_text(t, i, "scope"), g->verdict->scope))
			continue;
		why = waiver_fault(e, t, i);
		g->how = arena_printf(e->arena, "%s (waiver %s does not hold: "
		    "%s%s)", g->how, ref_text(t, i, "waiver_id"), why ? why :
		    "it does not name ", why ? "" : open);
	}
}

/* Accepted where every result that makes the gap is, by one waiver or more:
 * the first to end is the one that counts. */
static void
set_waiver(struct eval *e, struct gap *g)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_waiver");
	const struct verdict *v = g->verdict;
	int follows = only_follows(v);
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < v->nresult; i++) {
		size_t w;

		if (!to_accept(v->result[i], follows))
			continue;
		w = accepted_by(e, v, v->result[i]);
		if (w == SIZE_MAX) {
			say_open(e, g, result_id(v->result[i]));
			return;
		}
		if (first == SIZE_MAX || ref_int(t, w, "to_us", 0) <
		    ref_int(t, first, "to_us", 0))
			first = w;
	}
	if (first == SIZE_MAX)
		return;
	g->waiver = ref_text(t, first, "waiver_id");
	g->waived_until_us = ref_int(t, first, "to_us", 0);
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

/* What a waiver in force takes in beyond what fails, or NULL. */
static const char *
broad(struct eval *e, const struct verdict *v, const struct ref_table *t,
    size_t row)
{
	struct str s = str_new(e->arena), fails = str_new(e->arena);
	int follows = only_follows(v);
	size_t named = 0, n = 0;

	for (size_t i = 0; i < v->nresult; i++) {
		const struct result *r = v->result[i];
		int names = waiver_names(e, t, row, result_id(r), &named);

		if (to_accept(r, follows))
			str_addf(&fails, "%s%s", *fails.p ? ", " : "",
			    result_id(r));
		else if (names && r->outcome == OUT_PASS &&
		    !(r->test && r->test->advice))
			str_addf(&s, "%s%s", n++ ? ", " : "", result_id(r));
	}
	return n == 0 ? NULL : arena_printf(e->arena, "it would hide a failure "
	    "of %s, which pass%s; write tests: [%s]", s.p, n == 1 ? "es" : "",
	    fails.p);
}

static const struct control *
unknown_control(struct eval *e, const char *id)
{
	struct control *c = arena_alloc(e->arena, sizeof(*c));

	c->id = c->family = id;
	c->title = c->objective = "no such control";
	c->severity = SEV_HIGH;
	return c;
}

static void
push_waiver_gap(struct eval *e, const struct ref_table *t, size_t row,
    const char *kind, const char *why)
{
	const struct control *c = catalogue_control(e->in->catalogue,
	    ref_text(t, row, "control"));
	struct verdict *v = arena_alloc(e->arena, sizeof(*v));
	struct gap *g;

	v->control = c ? c : unknown_control(e, ref_text(t, row, "control"));
	v->scope = ref_text(t, row, "scope");
	g = VEC_PUSH(e->arena, e->f->gap, e->f->ngap, e->capgap);
	g->verdict = v;
	g->kind = kind;
	g->owner = ref_text(t, row, "owner");
	g->how = arena_printf(e->arena, "waiver %s: %s",
	    ref_text(t, row, "waiver_id"), why);
	g->fix = ref_mark(t, row, "waiver_id");
	g->notice = strcmp(kind, "waiver-broad") == 0;
	set_id(e, g, ref_text(t, row, "waiver_id"));
	set_seen(e, g);
}

/* A waiver that could never hold, has ended, accepts nothing or too much. */
static void
add_waiver_gap(struct eval *e, const struct ref_table *t, size_t row)
{
	const struct verdict *v = finding_verdict(e->f,
	    ref_text(t, row, "control"), ref_text(t, row, "scope"));
	const char *why = waiver_fault(e, t, row);
	int gap = v != NULL && finding_gap_of(e->f, v) != NULL;

	if (why != NULL && strcmp(why, "it has not begun") == 0)
		return;
	if (why != NULL && strcmp(why, "it has expired") == 0) {
		if (gap) /* else it did its work */
			push_waiver_gap(e, t, row, "waiver-expired",
			    "it has expired, and the gap is still there");
	} else if (why != NULL) {
		push_waiver_gap(e, t, row, "waiver-invalid", why);
	} else if (!gap) {
		push_waiver_gap(e, t, row, "waiver-without-gap",
		    "there is no gap to accept in this scope; end it, or name "
		    "the agent");
	} else if ((why = broad(e, v, t, row)) != NULL) {
		push_waiver_gap(e, t, row, "waiver-broad", why);
	}
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
