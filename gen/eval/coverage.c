#include <string.h>

#include "eval/inside.h"

/* What was evaluated of each requirement, and whether it is owed at all. */

static int
decided(const struct result *r)
{
	return (r->outcome == OUT_PASS || r->outcome == OUT_FAIL) &&
	    !(r->test && r->test->advice);
}

static int
badness(enum status s)
{
	static const int bad[] = {
		[ST_NOT_ASSESSED] = 0, [ST_NOT_APPLICABLE] = 1,
		[ST_SATISFIED] = 2, [ST_PARTIAL] = 3,
		[ST_NOT_ESTABLISHED] = 4, [ST_GAP] = 5,
	};

	return bad[s];
}

/* One mapping to it: the best word, the worst status. */
static void
cover(struct eval *e, struct covered *v, const struct control *c,
    const struct mapping *m)
{
	for (size_t i = 0; i < e->f->nverdict; i++) {
		const struct verdict *d = &e->f->verdict[i];

		if (d->control != c)
			continue;
		if (badness(d->all) > badness(v->worst))
			v->worst = d->all;
		for (size_t k = 0; k < d->nresult; k++) {
			const struct result *r = d->result[k];

			if (!decided(r) || !mapping_names(m, c, r->test ? r->test->id :
			    r->item->id))
				continue;
			if (r->test != NULL)
				v->word = COV_DATA;
			else if (v->word != COV_DATA)
				v->word = COV_DOCUMENT;
		}
	}
}

/* Agents whose column holds that word; a NULL holds any. */
static int
some_agent(const struct eval *e, const char *col, const char *word)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_agent");
	const char *all = ref_text(ref_table(e->in->ref, "ref_registry"), 0,
	    col);

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *have = ref_text(t, i, col);

		have = have ? have : all;
		if (have == NULL || strcmp(have, word) == 0 ||
		    strcmp(have, "unknown") == 0)
			return 1;
	}
	return t == NULL || t->nrow == 0;
}

static const char *
not_owed_role(const struct eval *e, const char *role)
{
	if (role == NULL)
		return NULL;
	if (strcmp(role, "both") == 0)
		return some_agent(e, "eu_role", "provider") ||
		    some_agent(e, "eu_role", "deployer") ? NULL :
		    "role: for providers and deployers";
	if (strcmp(role, "gpai-provider") == 0)
		return "role: for providers of general-purpose models";
	return some_agent(e, "eu_role", role) ? NULL :
	    arena_printf(e->arena, "role: for a %s, which the company is not "
	    "for any agent", role);
}

static const char *
not_owed_tier(const struct eval *e, const char *tier)
{
	if (tier == NULL || strcmp(tier, "all") == 0 ||
	    strcmp(tier, "prohibited") == 0)
		return NULL;
	if (strcmp(tier, "transparency") == 0)
		return some_agent(e, "eu_tier", "limited") ||
		    some_agent(e, "eu_tier", "high") ? NULL :
		    "tier: no agent is of limited or high risk";
	if (strcmp(tier, "high-risk") == 0)
		return some_agent(e, "eu_tier", "high") ? NULL :
		    "tier: no agent is of high risk";
	return some_agent(e, "eu_tier", tier) ? NULL :
	    arena_printf(e->arena, "tier: no agent is %s", tier);
}

void
coverage_find(struct eval *e)
{
	const struct catalogue *cat = e->in->catalogue;
	struct findings *f = e->f;

	f->covered = arena_array(e->arena, cat->nreq + 1, sizeof(*f->covered));
	for (size_t q = 0; q < cat->nreq; q++) {
		struct covered *v = &f->covered[f->ncovered++];
		size_t cap = 0;

		v->req = &cat->req[q];
		v->word = COV_UNMAPPED;
		v->worst = ST_NOT_ASSESSED;
		v->later = v->req->applies_from_us > e->in->as_of_us;
		v->why_not = not_owed_role(e, v->req->role);
		if (v->why_not == NULL)
			v->why_not = not_owed_tier(e, v->req->tier);
		for (size_t c = 0; c < cat->ncontrol; c++)
			for (size_t m = 0; m < cat->control[c].nmap; m++) {
				const struct control *k = &cat->control[c];

				if (k->map[m].to != v->req)
					continue;
				if (v->word == COV_UNMAPPED)
					v->word = COV_NOT_EVALUATED;
				if (v->ncontrol == 0 ||
				    v->control[v->ncontrol - 1] != k)
					*VEC_PUSH(e->arena, v->control,
					    v->ncontrol, cap) = k;
				cover(e, v, k, &k->map[m]);
			}
	}
}
