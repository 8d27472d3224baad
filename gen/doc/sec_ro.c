#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Who governs, on paper and in the log: documents.md, RO1 and RO2. */

/* Persons who hold a role at the end of the period. */
static uint64_t
holders(const struct sec *s, const char *role)
{
	const struct ref_table *t = sec_ref_table(s, "ref_person_role");
	uint64_t n = 0;

	for (size_t i = ref_next(t, 0, "role", role); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "role", role))
		n += ref_int(t, i, "from_us", INT64_MIN) < s->b->to_us &&
		    ref_int(t, i, "to_us", INT64_MAX) >= s->b->to_us;
	return n;
}

static void
sides(struct sec *s)
{
	static const char *const side[][2] = {
		{ "governance", "Governance lead" },
		{ "engineering", "Engineering" }, { "legal", "Legal" },
		{ "product", "Product" },
		{ "data_protection", "Data protection" },
		{ "security", "Security" }
	};
	static const char *const head[] = { "Side", "Roles", "Persons" };
	const struct ref_table *t = sec_ref_table(s, "ref_role");
	struct rows r = sec_rows(s, "sides", "Who must be there", head,
	    COUNT(head));

	for (size_t k = 0; k < COUNT(side); k++) {
		const char *is[] = { "kind", side[k][0], NULL };
		struct str str = str_new(s->a);
		size_t first = sec_find(t, 0, is);
		uint64_t n = 0;

		for (size_t i = first; i != SIZE_MAX;
		    i = sec_find(t, i + 1, is)) {
			str_addf(&str, "%s%s", str.len > 0 ? ", " : "",
			    ref_text(t, i, "role"));
			n += holders(s, ref_text(t, i, "role"));
		}
		sec_row(&r);
		sec_cell_name(&r, side[k][1]);
		sec_cell(&r, first != SIZE_MAX ? sec_said(s, sec_item(s,
		    "sides", r.n, "roles"), t, first, str.p) : sec_missing(s,
		    sec_item(s, "sides", r.n, "roles"), PROV_DECLARED,
		    sec_printf(s, "name a role of kind %s in "
		    "registry/people.yaml", side[k][0])));
		sec_cell(&r, sec_count(s, sec_item(s, "sides", r.n, "n"), n,
		    "holder_in_office"));
	}
	sec_rows_end(&r, PROV_DECLARED, "");
}

static void
roles(struct sec *s)
{
	static const char *const head[] = { "Role", "Side", "Reports to",
	    "Persons", "Duties" };
	const struct ref_table *t = sec_ref_table(s, "ref_role");
	struct rows r;

	sides(s);
	r = sec_rows(s, "roles", "Roles", head, COUNT(head));
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "role");

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "roles", r.n, "role"), t,
		    i, "role", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "roles", r.n, "kind"), t,
		    i, "kind", NULL));
		sec_cell(&r, ref_text(t, i, "reports_to") != NULL ? sec_ref(s,
		    sec_item(s, "roles", r.n, "above"), t, i, "reports_to",
		    NULL) : sec_said(s, sec_item(s, "roles", r.n, "above"), t,
		    i, "nobody"));
		sec_cell(&r, sec_count(s, sec_item(s, "roles", r.n, "n"),
		    holders(s, id), "holder_in_office"));
		sec_cell_long(&r, sec_list(s, sec_item(s, "roles", r.n,
		    "duties"), t, i, id, "duties", NULL));
	}
	sec_rows_end(&r, PROV_DECLARED,
	    "fill roles in registry/people.yaml");
}

static void
raci(struct sec *s)
{
	static const char *const head[] = { "Agent", "Responsible",
	    "Accountable", "Consulted", "Informed" };
	static const char *const list[] = { "responsible", NULL, "consulted",
	    "informed" };
	const struct ref_table *t = sec_ref_table(s, "ref_agent");
	struct rows r = sec_rows(s, "raci", "Responsible, accountable, "
	    "consulted, informed, by agent", head, COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "agent_id");

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "raci", r.n, "agent"), t,
		    i, "agent_id", NULL));
		for (size_t k = 0; k < COUNT(list); k++)
			sec_cell(&r, list[k] != NULL ? sec_list(s, sec_item(s,
			    "raci", r.n, list[k]), t, i, id, list[k], NULL) :
			    sec_ref(s, sec_item(s, "raci", r.n,
			    "accountable"), t, i, "accountable", NULL));
	}
	sec_rows_end(&r, PROV_DECLARED, "declare agents in registry/agents/");
}

static void
declared(struct sec *s)
{
	roles(s);
	raci(s);
}

static const struct sec_col person_cols[] = {
	{ "person", "Person", "person_id" },
	{ "role", "Role", "role?the log does not say" },
	{ "approved", "Approved", "approved" },
	{ "refused", "Refused", "refused" },
	{ "reviews", "Reviewed", "reviews" },
	{ "changes", "Changes allowed", "changes" },
	{ "last", "Last", "last_us" }
};

/* Roles that somebody holds and nobody used in the log. */
static void
unused(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_role");
	const struct ref_table *log = sec_log_table(s, "log_person");
	const struct ref_table *rule = sec_ref_table(s, "ref_policy_rule");
	struct str idle = str_new(s->a), empty = str_new(s->a);
	struct docnode *table = sec_fields(s, "fields", "Roles without use");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "role");
		int asked = ref_next(rule, 0, "role", id) != SIZE_MAX;

		if (asked && ref_next(log, 0, "role", id) == SIZE_MAX)
			str_addf(&idle, "%s%s", idle.len > 0 ? ", " : "", id);
		if (holders(s, id) == 0)
			str_addf(&empty, "%s%s", empty.len > 0 ? ", " : "",
			    id);
	}
	sec_field(s, table, "Asked for by a rule, and decided nothing",
	    sec_text(s, "idle", PROV_DERIVED, idle.len > 0 ? idle.p : "none",
	    "roles_in_log"));
	sec_field(s, table, "Held by nobody at the end of the period",
	    sec_text(s, "empty", PROV_DERIVED, empty.len > 0 ? empty.p :
	    "none", "holder_in_office"));
}

static void
leavers(struct sec *s)
{
	static const char *const head[] = { "Person", "Role", "Until",
	    "Last seen in that role", "After it ended?" };
	const struct ref_table *t = sec_ref_table(s, "ref_person_role");
	const struct ref_table *log = sec_log_table(s, "log_person");
	struct rows r = sec_rows(s, "leavers", "Roles that ended in the "
	    "period", head, COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *is[] = { "person_id", ref_text(t, i, "person_id"),
		    "role", ref_text(t, i, "role"), NULL };
		int64_t to = ref_int(t, i, "to_us", INT64_MAX);
		size_t row = sec_find(log, 0, is);

		if (to < s->b->from_us || to >= s->b->to_us)
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "leavers", r.n, "person"),
		    t, i, "person_id", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "leavers", r.n, "role"),
		    t, i, "role", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "leavers", r.n, "to"), t,
		    i, "to_us", NULL));
		sec_cell(&r, row != SIZE_MAX ? sec_log(s, sec_item(s,
		    "leavers", r.n, "last"), log, row, "last_us") :
		    sec_quiet(s, sec_item(s, "leavers", r.n, "last"),
		    "it was not used"));
		sec_cell(&r, sec_text(s, sec_item(s, "leavers", r.n, "after"),
		    PROV_DERIVED, row != SIZE_MAX && ref_int(log, row,
		    "last_us", 0) >= to ? "yes: see HO-03.t1" : "no",
		    "roles_in_log"));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DECLARED, "");
	else
		sec_field(s, sec_fields(s, "leavers_none", "Leavers"),
		    "Roles that ended in the period", sec_text(s, "nleavers",
		    PROV_DERIVED, "none", "holder_in_office"));
}

static void
practice(struct sec *s)
{
	static const char *const all[] = { NULL };
	struct docnode *table;

	sec_grid(s, "persons", "What each person decided, reviewed and "
	    "allowed", "log_person", all, person_cols, COUNT(person_cols),
	    "nobody decided, reviewed or allowed anything");
	unused(s);
	leavers(s);
	table = sec_fields(s, "held", "What the tests found");
	sec_field(s, table, "Owners who are still there", sec_result(s,
	    "owners", "GV-03.t1", s->b->organisation));
	sec_field(s, table, "Roles that rules need, held by somebody",
	    sec_result(s, "needed", "GV-03.t2", s->b->organisation));
}

const struct section sec_ro[] = {
	{ "roles", "RO1", "Roles", AUDIENCE_INTERNAL, "C49",
	    "sides[roles n] roles[role kind above n duties] raci[agent "
	    "responsible accountable consulted informed]", declared,
	    "the governance lead" },
	{ "in_practice", "RO2", "In practice", AUDIENCE_INTERNAL, "C07 C08",
	    "persons[person role approved refused reviews changes last] idle "
	    "empty leavers[person role to last after] nleavers owners "
	    "needed", practice, "the log" },
	{ .id = NULL }
};
