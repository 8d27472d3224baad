#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/facts.h"
#include "cmd/gate.h"

int
gate_init(struct gate *g, const char *fail_on, struct err *e)
{
	g->fail_on = fail_on != NULL ? fail_on : "high";
	g->severity = strcmp(g->fail_on, "never") == 0 ? SEV_CRITICAL + 1 :
	    severity_parse(g->fail_on);
	if (g->severity == -1)
		return err_set(e, ERR_INPUT, "--fail-on %s: want critical, "
		    "high, medium, low or never", fail_on);
	return 0;
}

const char *
gate_next(struct arena *a, const char **list)
{
	const char *p = *list, *end;

	if (p == NULL || *p == '\0')
		return NULL;
	end = strchr(p, '\n');
	*list = end == NULL ? NULL : end + 1;
	return end == NULL ? p : arena_strndup(a, p, (size_t)(end - p));
}

/* --only */

/* A family, HO, or a control of it, HO-01. */
static int
of_control(const struct control *c, const char *id)
{
	return str_eq(c->id, id) || str_eq(c->family, id);
}

/* A requirement with its framework; without, as only one has it. */
static int
of_requirement(const struct mapping *m, const char *id)
{
	const char *slash = strchr(m->to_id, '/');

	return strcmp(m->to_id, id) == 0 ||
	    (slash != NULL && strcmp(slash + 1, id) == 0);
}

static int
result_is(const struct result *r, const char *id)
{
	const struct control *c = r->control;

	if (of_control(c, id) || strcmp(report_id(r), id) == 0 ||
	    strcmp(r->scope, id) == 0)
		return 1;
	for (size_t i = 0; i < c->nmap; i++)
		if (of_requirement(&c->map[i], id) &&
		    mapping_names(&c->map[i], c, report_id(r)))
			return 1;
	return 0;
}

/* A gap with no cause in the results: about a waiver. */
static int
gap_is(const struct gap *g, const char *id)
{
	const struct control *c = g->verdict->control;

	if (of_control(c, id) || strcmp(g->verdict->scope, id) == 0)
		return 1;
	for (size_t i = 0; i < c->nmap; i++)
		if (of_requirement(&c->map[i], id))
			return 1;
	return 0;
}

struct only {
	struct arena *arena;
	const char *list;
};

static int
gap_named(const struct only *o, const struct gap *g)
{
	const char *list = o->list, *id;

	while ((id = gate_next(o->arena, &list)) != NULL)
		if (strcmp(id, g->id) == 0)
			return 1;
	return o->list == NULL;
}

static int
result_in(const struct only *o, const struct result *r, const struct gap *g)
{
	const char *list = o->list, *id;

	if (g != NULL && gap_named(o, g))
		return 1;
	while ((id = gate_next(o->arena, &list)) != NULL)
		if (result_is(r, id))
			return 1;
	return o->list == NULL;
}

static int
gap_in(const struct only *o, const struct gap *g)
{
	const char *list = o->list, *id;

	while ((id = gate_next(o->arena, &list)) != NULL)
		if (gap_is(g, id))
			return 1;
	return gap_named(o, g);
}

static int
is_id(const struct facts *f, const char *id)
{
	const struct catalogue *cat = f->catalogue;
	const struct findings *found = f->build.findings;
	const char *slash = strchr(id, '/');

	if (catalogue_test(cat, id, NULL) != NULL ||
	    catalogue_item(cat, id, NULL) != NULL ||
	    finding_gap(found, id) != NULL ||
	    ref_agent_row(f->ref, id) != SIZE_MAX)
		return 1;
	for (size_t i = 0; i < cat->ncontrol; i++)
		if (of_control(&cat->control[i], id))
			return 1;
	for (size_t i = 0; i < found->nresult; i++)
		if (strcmp(found->result[i].scope, id) == 0)
			return 1;
	for (size_t i = 0; i < cat->nreq; i++) {
		const struct requirement *q = &cat->req[i];
		size_t n = strlen(q->framework);

		if (slash == NULL ? strcmp(q->id, id) == 0 :
		    (size_t)(slash - id) == n && strncmp(q->framework, id,
		    n) == 0 && strcmp(q->id, slash + 1) == 0)
			return 1;
	}
	return 0;
}

static const char *
nearest(struct arena *a, const struct facts *f, const char *id)
{
	const struct catalogue *cat = f->catalogue;
	const struct findings *found = f->build.findings;
	const char **list = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < cat->ncontrol; i++) {
		const struct control *c = &cat->control[i];

		*VEC_PUSH(a, list, n, cap) = c->id;
		for (size_t k = 0; k < c->ntest; k++)
			*VEC_PUSH(a, list, n, cap) = c->test[k].id;
		for (size_t k = 0; k < c->nitem; k++)
			*VEC_PUSH(a, list, n, cap) = c->item[k].id;
	}
	for (size_t i = 0; i < found->nresult; i++)
		*VEC_PUSH(a, list, n, cap) = found->result[i].scope;
	for (size_t i = 0; i < found->ngap; i++)
		*VEC_PUSH(a, list, n, cap) = found->gap[i].id;
	for (size_t i = 0; i < cat->nreq; i++) {
		const struct requirement *q = &cat->req[i];

		*VEC_PUSH(a, list, n, cap) = strchr(id, '/') == NULL ? q->id :
		    arena_printf(a, "%s/%s", q->framework, q->id);
	}
	return str_nearest(id, list, n);
}

static int
check_only(struct arena *a, const struct facts *f, const struct gate *g,
    struct err *e)
{
	const char *list = g->only, *id, *near;

	while ((id = gate_next(a, &list)) != NULL) {
		if (is_id(f, id))
			continue;
		near = nearest(a, f, id);
		return err_set(e, ERR_INPUT, "%s %s: no control, family, "
		    "test, evidence item, requirement, gap or scope of that "
		    "id%s%s%s", g->option ? g->option : "--only", id, near ? " (did you mean \"" : "",
		    near ? near : "", near ? "\"?)" : "");
	}
	return 0;
}

/* Gaps */

static int
is_known_gap(const struct gate *g, const struct gap *gap)
{
	return g->since != NULL && finding_gap(g->since, gap->id) != NULL;
}

static enum standing
standing(const struct gate *g, const struct gap *gap)
{
	if (gap->waiver != NULL)
		return STANDING_WAIVED;
	if (is_known_gap(g, gap))
		return STANDING_KNOWN;
	if (gap->notice)
		return STANDING_NOTICE;
	if (gap->later)
		return STANDING_LATER;
	return (int)gap->verdict->control->severity >= g->severity ?
	    STANDING_FAILS : STANDING_BELOW;
}

/* What only waits for another test is a cause where there is no other. */
static int
is_cause(const struct result *r, int waits)
{
	if (r->test != NULL && r->test->advice)
		return 0;
	return r->outcome == OUT_FAIL || (r->outcome == OUT_NO_EVIDENCE &&
	    str_eq(r->reason, "prerequisite-failed") == waits);
}

static void
set_causes(const struct only *o, struct report_gap *rg)
{
	const struct verdict *v = rg->gap->verdict;

	rg->cause = arena_array(o->arena, v->nresult + 1, sizeof(*rg->cause));
	for (int waits = 0; waits < 2 && rg->ncause == 0; waits++)
		for (size_t i = 0; i < v->nresult; i++)
			if (is_cause(v->result[i], waits) &&
			    result_in(o, v->result[i], rg->gap))
				rg->cause[rg->ncause++] = v->result[i];
}

static int
is_waiver(const struct gap *g)
{
	return strncmp(g->kind, "waiver", 6) == 0;
}

static void
add_gaps(const struct only *o, const struct gate *g, const struct findings *f,
    struct report *r)
{
	r->gap = arena_array(o->arena, f->ngap + 1, sizeof(*r->gap));
	for (size_t i = 0; i < f->ngap; i++) {
		struct report_gap rg = { .gap = &f->gap[i],
			.standing = standing(g, &f->gap[i]),
			.known = is_known_gap(g, &f->gap[i]) };

		set_causes(o, &rg);
		if (rg.ncause == 0 && !(is_waiver(rg.gap) ?
		    gap_in(o, rg.gap) : o->list == NULL))
			continue;
		r->gap[r->ngap++] = rg;
		r->fails += rg.standing == STANDING_FAILS;
		r->waived += rg.standing == STANDING_WAIVED;
	}
}

/* Results */

/* The gap of each result of the findings; NULL: none. */
static const struct report_gap **
gaps_of(const struct report *r, const struct findings *f)
{
	const struct report_gap **of = arena_array(r->arena, f->nresult + 1,
	    sizeof(*of));

	for (size_t i = 0; i < r->ngap; i++) {
		const struct verdict *v = r->gap[i].gap->verdict;

		for (size_t k = 0; k < v->nresult && r->gap[i].ncause > 0; k++)
			of[v->result[k] - f->result] = &r->gap[i];
	}
	return of;
}

static void
count(struct report *r, const struct result *one)
{
	if (one->test != NULL && one->test->advice)
		r->review += one->outcome == OUT_FAIL;
	else
		r->count[one->outcome]++;
	if (str_eq(one->reason, "to-review"))
		r->review++;
	r->quiet += one->outcome == OUT_NOT_APPLICABLE &&
	    str_eq(one->reason, "quiet");
}

static void
add_results(const struct only *o, const struct findings *f, struct report *r)
{
	const struct report_gap **of = gaps_of(r, f);

	r->result = arena_array(o->arena, f->nresult + 1, sizeof(*r->result));
	r->of = arena_array(o->arena, f->nresult + 1, sizeof(*r->of));
	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *one = &f->result[i];
		const struct report_gap *g = of[i];

		if (!result_in(o, one, g != NULL ? g->gap : NULL))
			continue;
		r->of[r->nresult] = g;
		r->result[r->nresult++] = one;
		count(r, one);
	}
}

/* What stands against a green status whatever the gaps are. */

static void
trouble(struct report *r, enum err_kind kind, const char *text)
{
	r->trouble[r->ntrouble++] = (struct report_trouble){ kind, text };
	r->status = err_worse(r->status, kind);
}

static void
add_troubles(struct arena *a, const struct facts *f, struct report *r)
{
	const struct build *b = &f->build;

	r->trouble = arena_array(a, b->nstream + 2, sizeof(*r->trouble));
	for (size_t i = 0; i < b->nstream; i++)
		if (!b->stream[i].intact)
			trouble(r, ERR_INTEGRITY, arena_printf(a, "stream %s: "
			    "event %" PRIu64 ": %s", b->stream[i].name,
			    b->stream[i].bad_seq, b->stream[i].bad));
	if (f->events == 0)
		trouble(r, ERR_UNDECIDED, arena_printf(a, "no event in the "
		    "period %s: nothing was evaluated", b->period));
	else if (r->count[OUT_PASS] + r->count[OUT_FAIL] == 0)
		trouble(r, ERR_UNDECIDED, "no test passed or failed: nothing "
		    "was evaluated");
}

int
gate_report(struct arena *a, const struct facts *f, const struct gate *g,
    struct report *r, struct err *e)
{
	struct only o = { a, g->only };

	*r = (struct report){ .arena = a, .build = &f->build, .prefix = "",
		.fail_on = g->fail_on, .generator = EXHIBIT_VERSION,
		.only = g->only != NULL, .since = g->since != NULL };
	if (check_only(a, f, g, e) == -1)
		return -1;
	add_gaps(&o, g, f->build.findings, r);
	add_results(&o, f->build.findings, r);
	add_troubles(a, f, r);
	if (r->fails > 0)
		r->status = err_worse(r->status, ERR_GAP);
	return 0;
}

void
gate_failed(struct arena *a, const struct gate *g, const struct err *e,
    struct report *r)
{
	*r = (struct report){ .arena = a, .prefix = "", .fail_on = g->fail_on,
		.generator = EXHIBIT_VERSION };
	r->trouble = arena_array(a, 1, sizeof(*r->trouble));
	trouble(r, e->kind, arena_strdup(a, e->msg));
}
