#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "doc/part.h"
#include "model/ref.h"

static const char *
version_id(struct page *p, const struct ref_table *t, size_t row)
{
	return arena_printf(p->a, "%s/%s", ref_text(t, row, "policy_id"),
	    ref_text(t, row, "policy_version"));
}

/* When the version stopped: `to`, else the next one's `from`. */
static int64_t
until(const struct ref_table *t, size_t row)
{
	int64_t from = ref_int(t, row, "from_us", INT64_MAX), next = INT64_MAX;
	const char *policy = ref_text(t, row, "policy_id");

	for (size_t i = ref_next(t, 0, "policy_id", policy); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", policy)) {
		int64_t other = ref_int(t, i, "from_us", INT64_MAX);

		if (other > from && other < next)
			next = other;
	}
	return ref_int(t, row, "to_us", next);
}

static void
time_or(struct page *p, struct docnode *at, int64_t us, const char *none)
{
	if (us == INT64_MAX)
		(void)docnode_text(p->a, at, "%s", none);
	else
		part_time(p, at, us);
}

void
page_policies(struct page *p, const char *id)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_policy_version");
	struct docnode *table;

	(void)id;
	part_title(p, "Policies");
	(void)part_para(p, p->at, "What was allowed, when, and who approved "
	    "it. A version is never edited once it is approved.");
	if (t == NULL || t->nrow == 0) {
		(void)part_para(p, p->at, "No policy is declared: nothing "
		    "shows what agents were allowed to do.");
		return;
	}
	table = part_table(p, p->at, "versions", "Versions, by policy and id",
	    PART_HEAD("Version", "In force from", "Until", "Author",
	    "Approvals", "Why"));
	for (size_t i = 0; i < t->nrow; i++) {
		struct docnode *row = docnode_row(p->a, table), *cell;

		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "policy", version_id(p, t, i));
		time_or(p, part_cell(p, row), ref_int(t, i, "from_us",
		    INT64_MAX), "not recorded");
		time_or(p, part_cell(p, row), until(t, i), "still in force");
		part_cell_data(p, row, ref_text(t, i, "author"));
		part_cell_count(p, row, (uint64_t)ref_int(t, i, "approvals",
		    0));
		part_cell_say(p, row, ref_text(t, i, "reason"));
	}
}

/* A further section of rows, or the sentence that says there is none. */
static void
rows(struct page *p, const char *id, const char *title, const char *table,
    const char *policy, const char *version, const char *none)
{
	struct docnode *at = part_section(p, id, title);

	if (part_ref_rows(p, at, arena_printf(p->a, "%s-table", id), title,
	    table, "policy_id", policy, "policy_version", version) == 0)
		(void)part_para(p, at, "%s", none);
}

static void
approvals(struct page *p, const struct ref_table *t, size_t row,
    const char *policy, const char *version)
{
	const struct ref_table *pol = ref_table(p->b->ref, "ref_policy");
	size_t of = pol == NULL ? SIZE_MAX : ref_next(pol, 0, "policy_id",
	    policy);
	struct docnode *at = part_section(p, "approvals", "Approvals");
	int64_t need = of == SIZE_MAX ? 1 : ref_int(pol, of,
	    "approvals_needed", 1), have = ref_int(t, row, "approvals", 0);

	(void)docnode_verdict(p->a, at, have >= need ? TONE_GOOD : TONE_BAD,
	    have >= need ? "approved" : "not approved", arena_printf(p->a,
	    "%s approved these bytes; the policy asks for %lld.",
	    part_n(p, (uint64_t)have, "person", "persons"),
	    (long long)need));
	if (part_ref_rows(p, at, "approvals-table", "Who decided on these "
	    "bytes", "ref_policy_approval", "policy_id", policy,
	    "policy_version", version) == 0)
		(void)part_para(p, at, "Nobody's decision on these bytes is "
		    "in the evidence.");
}

void
page_policy(struct page *p, const char *id)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_policy_version");
	const char *policy = NULL, *version = NULL;
	size_t row = SIZE_MAX;
	struct docnode *table;

	for (size_t i = 0; t != NULL && i < t->nrow && row == SIZE_MAX; i++)
		if (part_is(version_id(p, t, i), id))
			row = i;
	if (row == SIZE_MAX)
		return;
	policy = ref_text(t, row, "policy_id");
	version = ref_text(t, row, "policy_version");
	part_title(p, arena_printf(p->a, "Policy %s, version %s", policy,
	    version));
	part_facet(p, "policy", policy);
	part_crumb(p, "Policies", "folder", "policies");
	table = part_fields(p, p->at, "force", "When it held");
	time_or(p, part_field(p, table, "In force from"), ref_int(t, row,
	    "from_us", INT64_MAX), "not recorded");
	time_or(p, part_field(p, table, "Until"), until(t, row),
	    "still in force");
	part_field_data(p, table, "Why", ref_text(t, row, "reason"));
	approvals(p, t, row, policy, version);
	rows(p, "rules", "Rules", "ref_policy_rule", policy, version,
	    "No rule of its own: the policy's default tier holds.");
	rows(p, "matrix", "Decision matrix", "ref_matrix", policy, version,
	    "No cell of its own: the default matrix holds.");
	rows(p, "relaxes", "Relaxations", "ref_policy_relax", policy, version,
	    "No relaxation is declared.");
	rows(p, "scenarios", "Known cases", "ref_policy_scenario", policy,
	    version, "No case is declared that its rules must answer.");
	rows(p, "tests", "Test reports", "ref_policy_test", policy, version,
	    "No test report about its hash.");
	rows(p, "findings", "Findings about its history",
	    "ref_policy_finding", policy, version,
	    "Nothing is wrong with its history, as far as files show.");
	rows(p, "source", "Source of the engine", "ref_policy_source", policy,
	    version, "No source is kept: what the engine ran is not "
	    "recorded.");
	part_ref_row(p, part_section(p, "declared", "Declared"),
	    "declared-table", "What the file says", t, row);
}
