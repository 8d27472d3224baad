#include <string.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ISO42001 "iso-42001-2023"
#define SOA "controls/soa.yaml"

/* The statement of applicability, ISO/IEC 42001 6.1.3: SO1 and SO2. */

static size_t
head_row(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_soa_head");

	return t != NULL && t->nrow > 0 ? 0 : SIZE_MAX;
}

static const struct sec_col head_cols[] = {
	{ "version", "Version", "version" },
	{ "owner", "Owner", "owner?the owner of each row answers for it" },
	{ "approver", "To be approved by", "approver" },
	{ "approved_by", "Approved by", "approved_by" },
	{ "approved", "Approved at", "approved_us" }
};

static const struct sec_col system_cols[] = {
	{ "agent", "System", "agent_id" },
	{ "purpose", "Purpose", "purpose" },
	{ "stage", "Stage", "lifecycle" },
	{ "role", "Our role under the AI Act", "eu_role" },
	{ "tier", "Class", "eu_tier" }
};

/* Each region that an agent is declared for, once. */
static void
sites(struct sec *s, struct docnode *table)
{
	const struct ref_table *l = sec_ref_table(s, "ref_list");
	const char *is[] = { "kind", "agent", "field", "regions", NULL };
	struct str str = str_new(s->a);
	struct fact *f;
	size_t first = SIZE_MAX;

	for (size_t i = sec_find(l, 0, is); i != SIZE_MAX;
	    i = sec_find(l, i + 1, is)) {
		const char *v = ref_text(l, i, "value");
		size_t j = sec_find(l, 0, is);

		while (j < i && !str_eq(ref_text(l, j, "value"), v))
			j = sec_find(l, j + 1, is);
		if (j < i)
			continue;
		first = first == SIZE_MAX ? i : first;
		str_addf(&str, "%s%s", str.len > 0 ? ", " : "", v);
	}
	if (first == SIZE_MAX)
		f = sec_missing(s, "sites", PROV_DECLARED, "fill regions in "
		    "the files of the agents");
	else {
		f = sec_text(s, "sites", PROV_DECLARED, str.p, NULL);
		f->at = ref_mark(l, first, "value");
	}
	sec_field(s, table, "Sites and regions", f);
}

static void
exclusions(struct sec *s)
{
	static const struct sec_col col[] = {
		{ "control", "Left out", "requirement" },
		{ "because", "Because", "excluded_because" }
	};
	static const char *const head[] = { "Left out", "Because" };
	const struct ref_table *t = sec_ref_table(s, "ref_soa");
	struct rows r = sec_rows(s, "excluded", "Controls that are left out",
	    head, COUNT(head));
	struct docnode *p;

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		if (ref_int(t, i, "included", 1) != 0)
			continue;
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "excluded", r.n,
			    col[c].field), t, i, col[c].col, SOA));
	}
	if (r.n == 0 && t != NULL && t->nrow > 0) {
		struct fact *f = sec_text(s, "excluded", PROV_DECLARED,
		    "none: no row says included: false", NULL);

		f->at = ref_mark(t, 0, "");
		p = docnode_para(s->a, s->at);
		docnode_text(s->a, p, "Controls that are left out: ");
		docnode_fact(s->a, p, f);
		return;
	}
	sec_rows_end(&r, PROV_DECLARED, "write " SOA);
}

static void
scope(struct sec *s)
{
	static const char *const all[] = { NULL };
	struct docnode *table = sec_fields(s, "fields", "The statement");

	sec_refs(s, table, sec_ref_table(s, "ref_soa_head"), head_row(s),
	    head_cols, COUNT(head_cols), SOA);
	sites(s, table);
	sec_grid(s, "systems", "Systems in scope", "ref_agent", all,
	    system_cols, COUNT(system_cols), "no agent is declared");
	exclusions(s);
}

static int
is_annex(const struct requirement *q)
{
	return str_eq(q->framework, ISO42001) && q->assessable &&
	    strncmp(q->id, "A.", 2) == 0;
}

/* Why a row applies: law, risk ...; of one that is left out, why not. */
static struct fact *
reason(struct sec *s, const char *id, const struct ref_table *t, size_t row,
    const char *req)
{
	if (t != NULL && row < t->nrow && ref_int(t, row, "included", 1) == 0)
		return sec_ref(s, id, t, row, "excluded_because", SOA);
	return sec_list(s, id, t, row, req, "justification", SOA);
}

/* What evaluation says of the requirement, with the controls behind it. */
static struct fact *
verdict(struct sec *s, const char *id, const struct requirement *q)
{
	const struct covered *c = s->b->findings != NULL ?
	    finding_covered(s->b->findings, q) : NULL;
	struct str str = str_new(s->a);

	if (c == NULL)
		return sec_missing(s, id, PROV_MEASURED,
		    "the requirement was not evaluated");
	if (c->ncontrol == 0)
		str_addz(&str, "no control of ours is mapped to it");
	else
		str_addf(&str, "%s, %s", status_name(c->worst),
		    coverage_name(c->word));
	return sec_text(s, id, PROV_MEASURED, str.p, "coverage");
}

static struct fact *
controls_of(struct sec *s, const char *id, const struct requirement *q)
{
	const struct covered *c = s->b->findings != NULL ?
	    finding_covered(s->b->findings, q) : NULL;
	struct str str = str_new(s->a);

	for (size_t i = 0; c != NULL && i < c->ncontrol; i++)
		str_addf(&str, "%s%s", i > 0 ? ", " : "", c->control[i]->id);
	if (str.len == 0)
		return sec_missing(s, id, PROV_DERIVED, "map a control to it "
		    "in controls/");
	return sec_text(s, id, PROV_DERIVED, str.p, "coverage");
}

static void
control_row(struct rows *r, const struct ref_table *t,
    const struct requirement *q)
{
	struct sec *s = r->s;
	size_t row = ref_next(t, 0, "requirement", q->id);
	struct fact *f;

	sec_row(r);
	f = sec_text(s, sec_item(s, "controls", r->n, "control"),
	    PROV_DECLARED, q->id, NULL);
	f->at = q->at;
	f->type = "id";
	f->to = (struct target){ .kind = "requirement",
	    .id = sec_printf(s, "%s/%s", q->framework, q->id) };
	if (row != SIZE_MAX)
		f->at = ref_mark(t, row, "requirement");
	sec_cell(r, f);
	f = sec_text(s, sec_item(s, "controls", r->n, "title"),
	    PROV_DECLARED, q->title, NULL);
	f->at = q->at;
	sec_cell(r, f);
	sec_cell(r, sec_ref(s, sec_item(s, "controls", r->n, "applied"), t,
	    row, "included", SOA));
	sec_cell(r, reason(s, sec_item(s, "controls", r->n, "reason"), t, row,
	    q->id));
	sec_cell(r, sec_ref(s, sec_item(s, "controls", r->n, "state"), t, row,
	    "implementation", SOA));
	sec_cell(r, controls_of(s, sec_item(s, "controls", r->n, "by"), q));
	sec_cell(r, verdict(s, sec_item(s, "controls", r->n, "verdict"), q));
	sec_cell(r, sec_ref(s, sec_item(s, "controls", r->n, "owner"), t, row,
	    "owner", SOA));
	sec_cell(r, sec_ref(s, sec_item(s, "controls", r->n, "review"), t,
	    row, "review_by_us", SOA));
}

static void
controls(struct sec *s)
{
	static const char *const head[] = {
		"Control", "Title", "Applied", "Reason", "How it is met",
		"Our controls", "Verdict", "Owner", "Next review"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_soa");
	struct rows r = sec_rows(s, "controls", "Annex A of ISO/IEC 42001, "
	    "every control", head, COUNT(head));

	sec_intro(s, "Applied, reason, state and owner are what " SOA " "
	    "declares; the controls and the verdict are what this pack "
	    "evaluated: the worst of them, over all scopes.");
	for (size_t i = 0; s->b->catalogue != NULL &&
	    i < s->b->catalogue->nreq; i++)
		if (is_annex(&s->b->catalogue->req[i]))
			control_row(&r, t, &s->b->catalogue->req[i]);
	sec_rows_end(&r, PROV_DECLARED, "name " ISO42001 " in frameworks of "
	    "exhibit.yaml");
}

const struct section sec_so[] = {
	{ "scope", "SO1", "Scope", AUDIENCE_AUDITOR, NULL,
	    "version owner approver approved_by approved sites systems[agent "
	    "purpose stage role tier] excluded[control because]", scope,
	    "the owner of the management system" },
	{ "controls", "SO2", "Controls", AUDIENCE_AUDITOR, "all",
	    "controls[control title applied reason state by verdict owner "
	    "review]", controls, "the owner of the management system" },
	{ .id = NULL }
};
