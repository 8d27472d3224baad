#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "doc/owed.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Whether a document is owed: a rule over the role and class of an agent. */

static const char *
agent_text(const struct build *b, const char *agent, const char *col)
{
	return ref_text(ref_table(b->ref, "ref_agent"),
	    ref_agent_row(b->ref, agent), col);
}

const char *
owed_role(const struct build *b, const char *agent)
{
	const char *role = agent_text(b, agent, "eu_role");

	return role != NULL ? role : ref_text(ref_table(b->ref,
	    "ref_registry"), 0, "eu_role");
}

/* Whether a plain list of the agent has a value that begins so. */
static int
lists(const struct build *b, const char *agent, const char *list,
    const char *prefix)
{
	const struct ref_table *l = ref_table(b->ref, "ref_list");
	const char *is[] = { "kind", "agent", "id", agent, "field", list,
	    NULL };

	for (size_t i = sec_find(l, 0, is); i != SIZE_MAX;
	    i = sec_find(l, i + 1, is))
		if (strncmp(ref_text(l, i, "value"), prefix,
		    strlen(prefix)) == 0)
			return 1;
	return 0;
}

static int
has_notice(const struct build *b, const char *agent, const char *kind)
{
	const char *is[] = { "agent_id", agent, "kind", kind, NULL };

	return sec_find(ref_table(b->ref, "ref_agent_notice"), 0, is) !=
	    SIZE_MAX;
}

/* Known and below high; what nobody classed may be owed. */
static int
is_below_high(const struct build *b, const char *agent)
{
	const char *tier = agent_text(b, agent, "eu_tier");

	return tier != NULL && (strcmp(tier, "limited") == 0 ||
	    strcmp(tier, "minimal") == 0);
}

const char *
owed_affected(struct arena *a, const struct build *b, const char *agent)
{
	if (has_notice(b, agent, "affected_person") ||
	    !is_below_high(b, agent))
		return NULL;
	return arena_printf(a, "AIA-26.11 asks deployers of systems of Annex "
	    "III to tell the persons they decide about; eu_tier is %s, and no "
	    "notice of kind affected_person is declared",
	    agent_text(b, agent, "eu_tier"));
}

const char *
owed_worker(struct arena *a, const struct build *b, const char *agent)
{
	const char *tier = agent_text(b, agent, "eu_tier");

	if (has_notice(b, agent, "worker") || tier == NULL ||
	    strcmp(tier, "unknown") == 0 || (!is_below_high(b, agent) &&
	    lists(b, agent, "annex_iii", "4")))
		return NULL;
	return arena_printf(a, "AIA-26.7 asks employers to tell workers of a "
	    "high-risk system at the workplace; eu_tier is %s, annex_iii has "
	    "no point 4, and no notice of kind worker is declared", tier);
}

const char *
owed_marking(struct arena *a, const struct build *b, const char *agent)
{
	(void)a;
	return lists(b, agent, "art_50", "50.2") ||
	    lists(b, agent, "art_50", "50.4") ? NULL :
	    "AIA-50.2 and AIA-50.4 ask for marks on content that a system "
	    "makes; art_50 of the agent names neither";
}

const char *
owed_register(struct arena *a, const struct build *b, const char *agent)
{
	const struct ref_table *l = ref_table(b->ref, "ref_list");
	const char *is[] = { "kind", "agent", "id", agent, "field",
	    "annex_iii", NULL };

	if (!is_below_high(b, agent) || has_notice(b, agent,
	    "public_register") || (str_eq(owed_role(b, agent), "provider") &&
	    sec_find(l, 0, is) != SIZE_MAX))
		return NULL;
	return arena_printf(a, "AIA-49 asks for systems of Annex III; eu_tier "
	    "is %s, and the company is %s", agent_text(b, agent, "eu_tier"),
	    owed_role(b, agent) != NULL ? owed_role(b, agent) :
	    "in no declared role");
}

const char *
owed_annex_iv(struct arena *a, const struct build *b, const char *agent)
{
	const char *role = owed_role(b, agent);

	if (role != NULL && strcmp(role, "provider") != 0)
		return arena_printf(a, "AIA-11.1 asks the provider of a "
		    "high-risk system for the documents of Annex IV; the "
		    "company's role for this agent is %s", role);
	if (is_below_high(b, agent))
		return arena_printf(a, "AIA-11.1 asks for high-risk systems; "
		    "eu_tier is %s", agent_text(b, agent, "eu_tier"));
	return NULL;
}

static const struct sec_col trace_cols[] = {
	{ "role", "Our role under the AI Act", "eu_role?that of the registry" },
	{ "tier", "Class", "eu_tier" },
	{ "reasons", "Why that class", "eu_reasons" }
};

/* The one page of a document that is not owed: the rule and its inputs. */
static void
trace(struct sec *s)
{
	struct docnode *table;

	docnode_fact(s->a, docnode_para(s->a, s->at), sec_not_owed(s, "owed",
	    "%s", s->ref->not_owed));
	table = sec_fields(s, "trace", "What the rule looked at");
	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    trace_cols, COUNT(trace_cols), sec_agent_file(s));
	sec_agent_list(s, table, "annex_iii", "Points of Annex III",
	    "annex_iii");
	sec_agent_list(s, table, "art_50", "Paragraphs of Article 50",
	    "art_50");
}

const struct section sec_owed[] = {
	{ "owed", NULL, "Not owed", AUDIENCE_PUBLIC, NULL,
	    "owed role tier reasons annex_iii art_50", trace, "legal" },
	{ .id = NULL }
};

/* A requirement as a row heading: "AIA-13.3.a Provider identity". */
static const char *
point_name(struct sec *s, const struct sec_point *p)
{
	const struct requirement *q = s->b->catalogue == NULL ||
	    p->req == NULL ? NULL : catalogue_requirement(s->b->catalogue,
	    NULL, p->req);

	if (p->req == NULL)
		return p->asks;
	if (p->asks == NULL && q == NULL)
		return p->req;
	return sec_printf(s, "%s %s", p->req, p->asks != NULL ? p->asks :
	    q->title);
}

static struct fact *
answer(struct sec *s, const char *id, const struct sec_point *p)
{
	const struct ref_table *agent = sec_ref_table(s, "ref_agent");

	if (p->make != NULL)
		return p->make(s, id);
	if (p->agent != NULL)
		return sec_ref(s, id, agent, sec_agent(s), p->agent,
		    sec_agent_file(s));
	if (p->list != NULL)
		return sec_list(s, id, agent, sec_agent(s), s->ref->agent,
		    p->list, sec_agent_file(s));
	if (p->version != NULL)
		return sec_ref(s, id, sec_ref_table(s, "ref_agent_version"),
		    sec_version(s), p->version, sec_version_file(s));
	if (p->company != NULL)
		return sec_ref(s, id, sec_ref_table(s, "ref_organisation"), 0,
		    p->company, "exhibit.yaml");
	if (p->test != NULL)
		return sec_result(s, id, p->test, s->ref->agent);
	return sec_missing(s, id, PROV_NARRATIVE, p->write);
}

void
sec_points(struct sec *s, const char *list, const char *caption,
    const struct sec_point *p, size_t n)
{
	static const char *const head[] = { "Point", "Answer" };
	struct rows r = sec_rows(s, list, caption, head, COUNT(head));

	for (size_t i = 0; i < n; i++) {
		sec_row(&r);
		sec_cell_name(&r, point_name(s, &p[i]));
		sec_cell_long(&r, answer(s, sec_item(s, list, r.n, "answer"),
		    &p[i]));
	}
	sec_rows_end(&r, PROV_DECLARED, "");
}
