#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "eval/inside.h"

/* Whom a control is about. */

static int
listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], word))
			return 1;
	return 0;
}

/* A deployment of the agent in that stage touches the period, or the month
 * that is settled. */
static int
deployed(const struct eval *e, const char *agent, const char *stage)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_deployment");

	for (size_t i = ref_next(t, 0, "agent_id", agent); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "agent_id", agent))
		if (str_eq(ref_text(t, i, "stage"), stage) &&
		    ref_int(t, i, "from_us", INT64_MIN) < e->about_to &&
		    ref_int(t, i, "to_us", INT64_MAX) > e->about_from)
			return 1;
	return 0;
}

int
verdict_in_prod(const struct eval *e, const char *agent)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_agent");
	size_t row = ref_agent_row(e->in->ref, agent);

	return (row != SIZE_MAX && str_eq(ref_text(t, row, "lifecycle"),
	    "prod")) || deployed(e, agent, "prod");
}

static const char *
outside(struct eval *e, const char *what, const char *have)
{
	return arena_printf(e->arena, "%s is %s", what, have);
}

static const char *
applies_stage(struct eval *e, const struct applies *a, const char *agent,
    const char *lifecycle)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_deployment");

	/* One that left production within the period was in it. */
	if (a->nlifecycle > 0 && lifecycle != NULL &&
	    !listed(a->lifecycle, a->nlifecycle, lifecycle) &&
	    !(listed(a->lifecycle, a->nlifecycle, "prod") &&
	    verdict_in_prod(e, agent)))
		return outside(e, "lifecycle", lifecycle);
	if (a->nenvironment == 0 ||
	    ref_next(t, 0, "agent_id", agent) == SIZE_MAX)
		return NULL;
	for (size_t i = 0; i < a->nenvironment; i++)
		if (deployed(e, agent, a->environment[i]))
			return NULL;
	return "not deployed in that environment in the period";
}

/* Points of Annex III; NULL where they are not recorded and may be some. */
static const char *
applies_annex(struct eval *e, const struct applies *a, const char *agent,
    const char *tier)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_list");
	size_t n = 0;

	if (a->nannex_iii == 0)
		return NULL;
	for (size_t i = ref_next(t, 0, "id", agent); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "id", agent)) {
		if (!str_eq(ref_text(t, i, "kind"), "agent") ||
		    !str_eq(ref_text(t, i, "field"), "annex_iii"))
			continue;
		if (listed(a->annex_iii, a->nannex_iii,
		    ref_text(t, i, "value")))
			return NULL;
		n++;
	}
	if (n == 0 && (tier == NULL || str_eq(tier, "high") ||
	    str_eq(tier, "unknown")))
		return NULL;
	return outside(e, "annex_iii", n > 0 ? "another point" : "empty");
}

static const char *
applies_to(struct eval *e, const struct control *c, const char *agent)
{
	const struct applies *a = &c->applies;
	const struct ref *ref = e->in->ref;
	const struct ref_table *t = ref_table(ref, "ref_agent");
	size_t row = ref_agent_row(ref, agent);
	const char *role, *tier, *why;

	if (row == SIZE_MAX)
		return NULL; /* nobody declared it: nothing leaves it out */
	if (a->nagents > 0 && !listed(a->agents, a->nagents, agent))
		return "the control names other agents";
	role = ref_text(t, row, "eu_role");
	if (role == NULL)
		role = ref_text(ref_table(ref, "ref_registry"), 0, "eu_role");
	if (a->neu_role > 0 && role != NULL &&
	    !listed(a->eu_role, a->neu_role, role))
		return outside(e, "eu_role", role);
	/* An unknown tier is a gap of GV-02; until then all tiers apply. */
	tier = ref_text(t, row, "eu_tier");
	if (a->neu_tier > 0 && tier != NULL && !str_eq(tier, "unknown") &&
	    !listed(a->eu_tier, a->neu_tier, tier))
		return outside(e, "eu_tier", tier);
	why = applies_annex(e, a, agent, tier);
	return why ? why : applies_stage(e, a, agent,
	    ref_text(t, row, "lifecycle"));
}

/* Of what is no agent's own: some agent, if any is known. */
static const char *
applies_somewhere(struct eval *e, const struct control *c)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_agent");
	const char *why = NULL;

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		why = applies_to(e, c, ref_text(t, i, "agent_id"));
		if (why == NULL)
			return NULL;
	}
	return why ? "it is about none of the agents" : NULL;
}

const char *
verdict_applies(struct eval *e, const struct control *c, const char *agent)
{
	return agent ? applies_to(e, c, agent) : applies_somewhere(e, c);
}

/* The scopes in which a test is decided. */

struct scopes {
	const char **name;
	size_t n, cap;
	struct map *seen;
};

static void
scopes_add(struct eval *e, struct scopes *s, const char *name)
{
	void **at;

	if (s->seen == NULL)
		s->seen = map_new(e->arena);
	at = map_putz(s->seen, name);
	if (*at != NULL)
		return;
	*VEC_PUSH(e->arena, s->name, s->n, s->cap) = name;
	*at = s;
}

static void
scopes_column(struct eval *e, struct scopes *s, const char *table,
    const char *col)
{
	const struct ref_table *t = ref_table(e->in->ref, table);

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		if (ref_text(t, i, col) != NULL)
			scopes_add(e, s, ref_text(t, i, col));
}

static void
scopes_of(struct eval *e, const struct job *j, size_t njob, struct scopes *s)
{
	const struct test *t = j->test;
	const struct ref_schema *r = ref_schema_find(t->over);

	if (t->scope == SCOPE_STREAM)
		for (size_t i = 0; i < e->in->nstream; i++)
			scopes_add(e, s, e->in->stream[i].name);
	if (t->scope == SCOPE_AGENT &&
	    (r == NULL || ref_schema_colno(r, "agent_id") >= 0))
		scopes_column(e, s, "ref_agent", "agent_id");
	if (t->scope == SCOPE_POLICY &&
	    (r == NULL || ref_schema_colno(r, "policy_id") >= 0))
		scopes_column(e, s, "ref_policy", "policy_id");
	for (size_t k = 0; k < njob; k++)
		for (uint32_t i = 0; i < j[k].ntally; i++)
			if (j[k].tally[i] != NULL)
				scopes_add(e, s, e->scopename[i]);
	if (s->n == 0 || (j->late != NULL && j->late->organisation))
		scopes_add(e, s, e->in->organisation);
	qsort(s->name, s->n, sizeof(*s->name), str_qcmp);
}

/* Results. */

struct result *
verdict_result(struct eval *e, const struct control *c, const struct test *t,
    const struct item *i, const char *scope)
{
	struct result *r = VEC_PUSH(e->arena, e->f->result, e->f->nresult,
	    e->capresult);
	struct pending *p = VEC_PUSH(e->arena, e->pending, e->npending,
	    e->cappending);

	memset(p, 0, sizeof(*p));
	r->control = c;
	r->test = t;
	r->item = i;
	r->scope = scope;
	r->weakest = GRADE_NONE;
	*map_putz(e->byname, arena_printf(e->arena, "%s\n%s",
	    t ? t->id : i->id, scope)) = (void *)(uintptr_t)e->f->nresult;
	return r;
}

static int
cite_order(const void *a, const void *b)
{
	return cite_cmp(a, b);
}

static int
rank_order(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;
	int c = memcmp(x->rank, y->rank, HASH_LEN);

	return c != 0 ? c : cite_cmp(&x->at, &y->at);
}

/* A column that the source's own hash does not cover is worth no grade. */
static enum grade
capped(const struct eval *e, const struct job *j, const struct tally *t)
{
	const struct ref_table *f = ref_table(e->in->ref, "ref_source_field");
	enum grade g = t->weakest;

	for (size_t i = 0; i < e->nformat && i < 63; i++) {
		if (!(t->formats & (UINT64_C(1) << i)))
			continue;
		for (size_t r = ref_next(f, 0, "source_format",
		    e->format[i].name);
		    r != SIZE_MAX;
		    r = ref_next(f, r + 1, "source_format",
		    e->format[i].name)) {
			const char *name = ref_text(f, r, "column_name");
			int col = name ? event_col(name) : -1;

			if (col >= 0 && j->reads[col] && g > GRADE_NONE &&
			    str_eq(ref_text(f, r, "protection"), "no"))
				g = GRADE_NONE;
		}
	}
	return g;
}

static void
fill_result(struct eval *e, struct result *r, const struct job *j,
    const struct tally *t)
{
	if (t == NULL)
		return;
	r->n = t->n;
	r->x = t->x;
	r->b = t->b;
	r->first_us = t->first_us;
	r->last_us = t->last_us;
	r->detail = t->detail;
	r->exception = arena_array(e->arena, t->nexception + 1,
	    sizeof(*r->exception));
	r->nexception = t->nexception;
	if (t->nexception > 0) {
		memcpy(r->exception, t->exception,
		    t->nexception * sizeof(*r->exception));
		qsort(r->exception, r->nexception, sizeof(*r->exception),
		    cite_order);
	}
	r->sample = arena_array(e->arena, t->nsample + 1, sizeof(*r->sample));
	r->nsample = t->nsample;
	if (t->nsample == 0)
		return;
	qsort(t->sample, t->nsample, sizeof(*t->sample), rank_order);
	for (size_t i = 0; i < t->nsample; i++)
		r->sample[i] = t->sample[i].at;
	r->weakest = capped(e, j, t);
}

/* Why blind rows are blind. */

/* No row of the formats here fills the column; our own fills them all. */
static int
cannot_say(const struct eval *e, const struct tally *t, int col)
{
	int any = 0;

	for (size_t i = 0; i < e->nformat; i++) {
		if (!(t->formats & (UINT64_C(1) << i)))
			continue;
		any = 1;
		if (e->format[i].fills[col] ||
		    strcmp(e->format[i].name, "native") == 0)
			return 0;
	}
	return any;
}

static size_t
first_thing(const struct eval *e, const struct plan_why *w)
{
	for (size_t i = 0; i < plan_nthing(e->plan); i++)
		if (w->bit[i / 64] & (UINT64_C(1) << (i % 64)))
			return i;
	return SIZE_MAX;
}

static void
blind_reason(struct eval *e, struct result *r, const struct tally *t)
{
	size_t i = first_thing(e, t->all);
	const char *all = i == SIZE_MAX ? "some" : "all";
	struct plan_thing th;
	const char *col;

	if (i == SIZE_MAX)
		i = first_thing(e, t->any);
	if (i == SIZE_MAX) {
		r->reason = "mixed-currency";
		r->detail = "the values cannot be compared";
		return;
	}
	th = plan_thing(e->plan, i);
	if (th.table == NULL) {
		col = event_column[th.col].name;
		r->reason = cannot_say(e, t, th.col) ? "format-cannot-say" :
		    "column-empty";
		r->detail = arena_printf(e->arena, "%s is empty in %s of the %"
		    PRIu64 " rows that cannot be judged", col, all, r->b);
	} else {
		r->reason = "not-declared";
		r->detail = th.col < 0 ? arena_printf(e->arena,
		    "%s has no row to compare with", th.table->name) :
		    arena_printf(e->arena, "%s.%s is not recorded",
		    th.table->name, th.table->col[th.col].name);
	}
}

/* Outcomes: the first line that applies. */

static void settle(struct eval *, size_t);

/* A failure anywhere, else a pass anywhere. */
static enum outcome
needed_everywhere(struct eval *e, const char *test)
{
	enum outcome o = OUT_NO_EVIDENCE;

	for (size_t i = 0; i < e->f->nresult; i++) {
		const struct result *r = &e->f->result[i];

		if (r->test == NULL || strcmp(r->test->id, test) != 0)
			continue;
		settle(e, i);
		if (r->outcome == OUT_FAIL)
			return OUT_FAIL;
		if (r->outcome == OUT_PASS)
			o = OUT_PASS;
		else if (r->outcome == OUT_NOT_APPLICABLE &&
		    o == OUT_NO_EVIDENCE)
			o = OUT_NOT_APPLICABLE;
	}
	return o;
}

/* The outcome of another test, where this scope needs it: there, or else in
 * all its scopes (a stream's, the organisation's). */
static enum outcome
needed(struct eval *e, const char *test, const char *scope)
{
	const char *key = arena_printf(e->arena, "%s\n%s", test, scope);
	uintptr_t at = (uintptr_t)map_getz(e->byname, key);
	void **known;

	if (at > 0) {
		settle(e, at - 1);
		return e->f->result[at - 1].outcome;
	}
	known = map_putz(e->byname, arena_printf(e->arena, "%s\n", test));
	if (*known == NULL)
		*known = (void *)(uintptr_t)(needed_everywhere(e, test) + 1);
	return (enum outcome)((uintptr_t)*known - 1);
}

static int
uses_rows(const struct test *t)
{
	return t->sql_text != NULL || t->built_in != NULL ||
	    strcmp(t->over, "event") == 0;
}

static int
any_broken(const struct eval *e)
{
	for (size_t i = 0; i < e->in->nstream; i++)
		if (!e->in->stream[i].intact)
			return 1;
	return 0;
}

static const char *
missing_prerequisite(struct eval *e, const struct result *r)
{
	const struct test *t = r->test;
	enum outcome o;

	for (size_t i = 0; i <= t->nrequires; i++) {
		const char *id = i < t->nrequires ? t->requires[i] :
		    "AU-01.t1";

		if (strcmp(id, "AU-01.t1") == 0 && (!uses_rows(t) ||
		    e->whole == SIZE_MAX || strcmp(t->id, id) == 0))
			continue;
		o = needed(e, id, r->scope);
		if (o == OUT_FAIL || o == OUT_NO_EVIDENCE)
			return arena_printf(e->arena, "%s is %s", id,
			    outcome_name(o));
	}
	return NULL;
}

static int
no_evidence(struct result *r, const char *reason, const char *detail)
{
	r->outcome = OUT_NO_EVIDENCE;
	r->reason = reason;
	if (detail != NULL)
		r->detail = detail;
	return 1;
}

static int
not_applicable(struct result *r, const char *reason, const char *detail)
{
	r->outcome = OUT_NOT_APPLICABLE;
	r->reason = reason;
	r->detail = detail;
	return 1;
}

/* A name of the registry, or one that the log alone knows. */
static int
is_agent(const struct eval *e, const struct result *r)
{
	return ref_agent_row(e->in->ref, r->scope) != SIZE_MAX ||
	    (r->test->scope == SCOPE_AGENT &&
	    strcmp(r->scope, e->in->organisation) != 0);
}

/* A test that did not run is not quiet. */
static int
has_run(const struct pending *p)
{
	return p->job->failed == NULL && (p->job->how != HOW_BUILT_IN ||
	    p->job->answered || p->computed);
}

/* Line 1: outside, or quiet. */
static int
settle_scope(struct eval *e, struct result *r, const struct pending *p)
{
	const struct job *j = p->job;
	const struct test *t = r->test;
	const char *why;

	why = map_getz(e->quiet, arena_printf(e->arena, "%s\n%s", t->id,
	    r->scope));
	if (why != NULL)
		return not_applicable(r, "quiet", why);
	/* Whom it is about is asked of the month that is settled. */
	e->about_from = t->monthly ? j->from_us : e->in->from_us;
	e->about_to = t->monthly ? j->to_us : e->in->to_us;
	why = verdict_applies(e, r->control, is_agent(e, r) ? r->scope : NULL);
	e->about_from = e->in->from_us;
	e->about_to = e->in->to_us;
	if (why != NULL)
		return not_applicable(r, "outside", why);
	if (has_run(p) && t->when_empty_because != NULL && r->n == 0 &&
	    r->x == 0 &&
	    (t->when_empty_proven_by == NULL ||
	    needed(e, t->when_empty_proven_by, r->scope) == OUT_PASS))
		return not_applicable(r, "quiet", t->when_empty_because);
	return 0;
}

/* The types that would make its population, none of which was seen. */
static const char *
unseen_types(struct eval *e, const struct job *j)
{
	struct str s = str_new(e->arena);
	size_t n = 0;

	if (j->exception == NODE_NONE || (j->types & e->seen) != 0)
		return NULL;
	str_addz(&s, "no event of type");
	for (size_t t = 0; t < event_ntype && t < 63; t++)
		if (j->types & (UINT64_C(1) << t))
			str_addf(&s, "%s %s", n++ ? " or" : "", event_type[t]);
	return n > 0 && n < 6 ? s.p : NULL;
}

/* Line 3: why it cannot be said. */
static int
settle_evidence(struct eval *e, struct result *r, const struct pending *p)
{
	const struct test *t = r->test;
	const struct job *j = p->job;
	const char *why;

	if (j->failed != NULL)
		return no_evidence(r, "did-not-run", j->failed);
	if (j->how == HOW_BUILT_IN && !j->answered && !p->computed)
		return no_evidence(r, "did-not-run",
		    "nothing has computed this test");
	if (uses_rows(t) && any_broken(e))
		return no_evidence(r, "chain-broken",
		    "the log is not whole: see AU-01");
	why = missing_prerequisite(e, r);
	if (why != NULL)
		return no_evidence(r, "prerequisite-failed", why);
	/* The share in millionths, rounded up: any blind row is above 0. */
	if (r->b > 0 && r->b * 1000000 > t->max_blind_ppm * r->n) {
		if (p->tally->all != NULL)
			blind_reason(e, r, p->tally);
		else
			r->reason = "column-empty";
		r->outcome = OUT_NO_EVIDENCE;
		return 1;
	}
	if (r->n - r->b < t->min_population)
		return no_evidence(r, "no-population", r->detail ? r->detail :
		    unseen_types(e, j));
	if (strcmp(t->over, "event") == 0 && r->n > 0 && p->tally->first_us &&
	    p->tally->weakest == GRADE_BROKEN)
		return no_evidence(r, "grade-too-low",
		    "rows whose source does not vouch for them");
	return 0;
}

static void
settle(struct eval *e, size_t i)
{
	struct result *r = &e->f->result[i];
	struct pending *p = &e->pending[i];

	if (p->settled || r->test == NULL)
		return;
	p->settled = 1;
	if (p->job->late != NULL)
		p->computed = p->job->late->fn(e, r);
	if (settle_scope(e, r, p))
		return;
	if (r->x > r->test->max_exceptions) {
		r->outcome = OUT_FAIL;
		return;
	}
	if (!settle_evidence(e, r, p))
		r->outcome = OUT_PASS;
}

void
verdict_settle(struct eval *e, size_t result)
{
	settle(e, result);
}

/* Of several months the worst counts. */

static int
worse(const struct result *a, const struct result *b)
{
	static const int bad[] = {
		[OUT_FAIL] = 3, [OUT_NO_EVIDENCE] = 2, [OUT_PASS] = 1,
		[OUT_NOT_APPLICABLE] = 0,
	};

	if (bad[a->outcome] != bad[b->outcome])
		return bad[a->outcome] > bad[b->outcome];
	return a->x > b->x;
}

static const struct tally *
tally_of(struct eval *e, const struct job *j, const char *scope)
{
	uint32_t s = eval_scope(e, scope, strlen(scope));

	return s < j->ntally ? j->tally[s] : NULL;
}

static void
set_job(struct eval *e, size_t i, const struct job *j)
{
	struct result *r = &e->f->result[i];
	struct result fresh = { .control = r->control, .test = r->test,
		.scope = r->scope, .weakest = GRADE_NONE };

	*r = fresh;
	e->pending[i].job = j;
	e->pending[i].tally = tally_of(e, j, r->scope);
	e->pending[i].settled = 0;
	fill_result(e, r, j, e->pending[i].tally);
}

static void
settle_months(struct eval *e, size_t i, const struct job *j, size_t n)
{
	struct result best = { 0 };
	struct pending keep = { 0 };
	struct str s;
	int y, m, d;

	for (size_t k = 0; k < n; k++) {
		set_job(e, i, &j[k]);
		settle(e, i);
		if (e->f->result[i].outcome == OUT_FAIL ||
		    e->f->result[i].outcome == OUT_NO_EVIDENCE) {
			date_split(j[k].from_us, &y, &m, &d);
			s = str_new(e->arena);
			str_addf(&s, "in %04d-%02d", y, m);
			if (e->f->result[i].detail != NULL)
				str_addf(&s, ": %s", e->f->result[i].detail);
			e->f->result[i].detail = s.p;
		}
		if (k == 0 || worse(&e->f->result[i], &best)) {
			best = e->f->result[i];
			keep = e->pending[i];
		}
	}
	e->f->result[i] = best;
	e->pending[i] = keep;
}

void
verdict_results(struct eval *e)
{
	const struct catalogue *cat = e->in->catalogue;
	size_t *first = arena_array(e->arena, e->njob + 1, sizeof(*first));
	size_t at = 0, n;

	for (size_t c = 0; c < cat->ncontrol; c++) {
		for (size_t t = 0; t < cat->control[c].ntest; t++, at += n) {
			const struct job *j = &e->job[at];
			struct scopes s = { NULL, 0, 0, NULL };

			for (n = 0; at + n < e->njob &&
			    e->job[at + n].test == &cat->control[c].test[t];)
				n++;
			if (n == 0)
				continue; /* no month has ended */
			scopes_of(e, j, n, &s);
			for (size_t i = 0; i < s.n; i++) {
				size_t k = e->f->nresult;

				verdict_result(e, j->control, j->test, NULL,
				    s.name[i]);
				set_job(e, k, j);
				first[at] = n;
			}
		}
		evidence_results(e, &cat->control[c]);
	}
	/* Months first: whoever needs one needs the worst. */
	for (size_t i = 0; i < e->f->nresult; i++) {
		const struct job *j = e->pending[i].job;

		if (j != NULL && first[j - e->job] > 1)
			settle_months(e, i, j, first[j - e->job]);
	}
	for (size_t i = 0; i < e->f->nresult; i++)
		settle(e, i);
	late_items(e);
	for (size_t i = 0; i < e->f->nresult; i++)
		e->f->decided += e->f->result[i].outcome == OUT_PASS ||
		    e->f->result[i].outcome == OUT_FAIL;
}

/* Statuses. */

enum part { PART_ALL, PART_DESIGN, PART_OPERATING };

static int
is_part(const struct result *r, enum part p)
{
	int design = r->test ? r->test->design : r->item->design;

	return p == PART_ALL || design == (p == PART_DESIGN);
}

static enum status
status_of(const struct verdict *v, enum part part)
{
	size_t left = 0, passed = 0, failed = 0, items = 0;

	for (size_t i = 0; i < v->nresult; i++) {
		const struct result *r = v->result[i];

		if (!is_part(r, part) || (r->test && r->test->advice))
			continue;
		items++;
		if (r->outcome == OUT_NOT_APPLICABLE)
			continue;
		left++;
		passed += r->outcome == OUT_PASS;
		failed += r->outcome == OUT_FAIL;
		if (r->outcome == OUT_FAIL &&
		    (r->test ? r->test->key : r->item->key))
			return ST_GAP;
	}
	if (part != PART_ALL && items == 0)
		return ST_NOT_ASSESSED;
	if (left == 0)
		return ST_NOT_APPLICABLE;
	if (passed == left)
		return ST_SATISFIED;
	return passed > 0 || failed > 0 ? ST_PARTIAL : ST_NOT_ESTABLISHED;
}

/* Before the verdicts are grouped: what the control will be there. */
enum status
verdict_status(struct eval *e, const struct control *c, const char *scope)
{
	struct verdict v = { .control = c, .scope = scope };
	struct result **list = NULL;
	size_t cap = 0;

	for (size_t i = 0; i < e->f->nresult; i++)
		if (e->f->result[i].control == c &&
		    strcmp(e->f->result[i].scope, scope) == 0)
			*VEC_PUSH(e->arena, list, v.nresult, cap) =
			    &e->f->result[i];
	v.result = list;
	return status_of(&v, PART_ALL);
}

/* Results [from, to) are those of the control. */
static void
group_scope(struct eval *e, const struct control *c, const char *scope,
    size_t from, size_t to, size_t *cap)
{
	struct findings *f = e->f;
	struct verdict *v = VEC_PUSH(e->arena, f->verdict, f->nverdict, *cap);
	struct result **list = NULL;
	size_t n = 0, have = 0;

	for (size_t i = from; i < to; i++)
		if (strcmp(f->result[i].scope, scope) == 0)
			*VEC_PUSH(e->arena, list, n, have) = &f->result[i];
	v->control = c;
	v->scope = scope;
	v->result = list;
	v->nresult = n;
	v->all = status_of(v, PART_ALL);
	v->design = status_of(v, PART_DESIGN);
	v->operating = status_of(v, PART_OPERATING);
}

/* What the organisation wrote about a control is its design for every agent
 * that has none of its own. */
static void
inherit_design(struct eval *e)
{
	for (size_t i = 0; i < e->f->nverdict; i++) {
		struct verdict *v = &e->f->verdict[i];
		const struct verdict *o;

		if (v->design != ST_NOT_ASSESSED)
			continue;
		o = finding_verdict(e->f, v->control->id, e->in->organisation);
		if (o != NULL)
			v->design = o->design;
	}
}

void
verdict_statuses(struct eval *e)
{
	const struct catalogue *cat = e->in->catalogue;
	size_t cap = 0, from = 0, to = 0;

	for (size_t c = 0; c < cat->ncontrol; c++, from = to) {
		struct scopes s = { NULL, 0, 0, NULL };

		for (; to < e->f->nresult &&
		    e->f->result[to].control == &cat->control[c]; to++)
			scopes_add(e, &s, e->f->result[to].scope);
		if (s.n == 0)
			scopes_add(e, &s, e->in->organisation);
		qsort(s.name, s.n, sizeof(*s.name), str_qcmp);
		for (size_t i = 0; i < s.n; i++)
			group_scope(e, &cat->control[c], s.name[i], from, to,
			    &cap);
	}
	inherit_design(e);
}
