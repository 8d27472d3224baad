#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The access review of an agent: documents.md, AR1 to AR6. */

static const struct sec_col invoke_cols[] = {
	{ "level", "May", "level" }, { "role", "Role of the user", "role" },
	{ "tool", "Tool", "tool?all" }
};

static int
may_call(const struct sec *s, const char *role)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent_access");
	const char *any[] = { "agent_id", s->ref->agent, "level", "invoke",
	    "role", "any", NULL };
	const char *is[] = { "agent_id", s->ref->agent, "level", "invoke",
	    "role", role, NULL };

	return sec_find(t, 0, any) != SIZE_MAX || (role != NULL &&
	    sec_find(t, 0, is) != SIZE_MAX);
}

static void
callers(struct sec *s)
{
	static const char *const head[] = { "Started by", "Role of the user",
	    "Distinct callers", "Runs", "Last", "Allowed?" };
	static const char *const col[] = { "callers", "runs", "last_us" };
	static const char *const field[] = { "callers", "runs", "last" };
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_caller");
	struct rows r;

	sec_grid(s, "access", "Who may call", "ref_agent_access", is,
	    invoke_cols, COUNT(invoke_cols), sec_printf(s,
	    "fill access in %s", sec_agent_file(s)));
	r = sec_rows(s, "callers", "Who called", head, COUNT(head));
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		const char *role = ref_text(t, i, "user_role");
		int user = str_eq(ref_text(t, i, "initiator_kind"), "user");

		sec_row(&r);
		sec_cell(&r, sec_log(s, sec_item(s, "callers", r.n, "kind"),
		    t, i, "initiator_kind"));
		sec_cell(&r, role != NULL || user ? sec_log(s, sec_item(s,
		    "callers", r.n, "role"), t, i, "user_role") :
		    sec_not_owed(s, sec_item(s, "callers", r.n, "role"),
		    "no person started it"));
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_log(s, sec_item(s, "callers", r.n,
			    field[c]), t, i, col[c]));
		sec_cell(&r, !user ? sec_not_owed(s, sec_item(s, "callers",
		    r.n, "allowed"), "no person started it") : sec_text(s,
		    sec_item(s, "callers", r.n, "allowed"), PROV_DERIVED,
		    may_call(s, role) ? "yes" : "no", "access_rows"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no run in this period");
	sec_field(s, sec_fields(s, "held", "What the tests found"),
	    "Users who were not allowed", sec_result(s, "held", "AC-03.t1",
	    s->ref->agent));
}

/* Grants of the versions in production: fn gets each. */
typedef void grant_fn(struct rows *, const struct ref_table *, size_t row);

static struct rows
each_grant(struct sec *s, const char *list, const char *caption,
    const char *const *head, size_t nhead, grant_fn *fn)
{
	const struct ref_table *t = sec_ref_table(s, "ref_version_tool");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct rows r = sec_rows(s, list, caption, head, nhead);

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		if (!sec_in_prod(s, s->ref->agent, ref_text(t, i,
		    "agent_version")))
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, list, r.n, "tool"), t, i,
		    "tool", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, list, r.n, "version"), t,
		    i, "agent_version", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, list, r.n, "scope"), t, i,
		    "scope", NULL));
		fn(&r, t, i);
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "grant tools in the "
	    "versions of %s, or take it out of production",
	    s->ref->agent));
	return r;
}

/* Sum of a column of log_use for a grant; the last use in *last. */
static uint64_t
used(const struct sec *s, const struct ref_table *g, size_t row,
    const char *col, int64_t *last)
{
	const struct ref_table *t = sec_log_table(s, "log_use");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    ref_text(g, row, "agent_version"), "tool", ref_text(g, row,
	    "tool"), NULL };

	*last = INT64_MIN;
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "last_us", INT64_MIN) > *last)
			*last = ref_int(t, i, "last_us", INT64_MIN);
	return sec_sum(t, is, col);
}

static void
use_cells(struct rows *r, const struct ref_table *t, size_t i)
{
	static const char *const col[] = { "calls", "wrote", "denied" };
	struct sec *s = r->s;
	int64_t last;

	for (size_t c = 0; c < COUNT(col); c++)
		sec_cell(r, sec_count(s, sec_item(s, "grants", r->n, col[c]),
		    used(s, t, i, col[c], &last), sec_printf(s, "log_use.%s",
		    col[c])));
	sec_cell(r, last != INT64_MIN ? sec_time(s, sec_item(s, "grants",
	    r->n, "last"), PROV_MEASURED, last, "log_use.last_us") :
	    sec_quiet(s, sec_item(s, "grants", r->n, "last"),
	    "it was not used"));
}

static const struct sec_col denied_cols[] = {
	{ "version", "Version", "agent_version" }, { "tool", "Tool", "tool" },
	{ "hash", "Its schema", "tool_hash?not named" },
	{ "denied", "Denied", "denied" }, { "first", "First", "first_us" },
	{ "last", "Last", "last_us" }
};

static void
denied(struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_tool");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const char *head[COUNT(denied_cols)];
	struct rows r;

	for (size_t c = 0; c < COUNT(denied_cols); c++)
		head[c] = denied_cols[c].label;
	r = sec_rows(s, "denied", "Attempts that were denied", head,
	    COUNT(head));
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		if (ref_int(t, i, "denied", 0) == 0)
			continue;
		sec_row(&r);
		for (size_t c = 0; c < COUNT(denied_cols); c++)
			sec_cell(&r, c == 2 && ref_text(t, i, "tool_hash") ==
			    NULL ? sec_text(s, sec_item(s, "denied", r.n,
			    "hash"), PROV_MEASURED, "not named",
			    "log_tool.tool_hash") : sec_log(s, sec_item(s,
			    "denied", r.n, denied_cols[c].field), t, i, c == 2
			    ? "tool_hash" : denied_cols[c].col));
	}
	sec_rows_quiet(&r, "nothing was denied");
}

static void
tools(struct sec *s)
{
	static const char *const head[] = { "Tool", "Version", "Granted",
	    "Calls", "Writes", "Denied", "Last used" };

	(void)each_grant(s, "grants", "Tools granted to the versions in "
	    "production, and their use", head, COUNT(head), use_cells);
	denied(s);
	sec_data_seen(s);
}

static const struct sec_col tier_cols[] = {
	{ "tier", "Tier", "permission_tier" },
	{ "can_escalate", "Can hand over to a person", "can_escalate" }
};

static void
tier(struct sec *s)
{
	static const char *const level[][3] = {
		{ "Observes: retrievals", "retrieval", "observe" },
		{ "Recommends: decisions", "decision", "recommend" },
		{ "Prepares: requests for approval", "approval_requested",
		    "prepare" },
		{ "Escalates", "approval_escalated", "escalate" }
	};
	const char *agent[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "Tier");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    tier_cols, COUNT(tier_cols), sec_agent_file(s));
	table = sec_fields(s, "use", "Use of each level");
	for (size_t i = 0; i < COUNT(level); i++) {
		const char *is[] = { "agent_id", s->ref->agent, "event_type",
		    level[i][1], NULL };

		sec_field(s, table, level[i][0], sec_counted(s, level[i][2],
		    "log_agent_type", is, "events"));
	}
	sec_field(s, table, "Executes: actions that ran in production",
	    sec_counted(s, "execute", "log_month", agent, "actions_ran"));
	sec_field(s, table, "Writes beyond its tier", sec_result(s, "held",
	    "SE-02.t1", s->ref->agent));
}

/* The ring that an action needs (SE-02.t2); -1: cannot be said. */
static int
needs(const struct ref_table *k, size_t row)
{
	const char *undo = ref_text(k, row, "reversible");

	if (ref_int(k, row, "admin", -1) == 1)
		return 0;
	if (ref_int(k, row, "admin", -1) < 0 ||
	    ref_int(k, row, "writes", -1) < 0)
		return -1;
	if (ref_int(k, row, "writes", 0) == 0)
		return 3;
	return undo == NULL ? -1 : strcmp(undo, "none") == 0 ? 1 : 2;
}

static void
ring(struct sec *s)
{
	static const char *const head[] = { "Action", "Ran in production",
	    "Ring it needs", "Within the agent's ring" };
	const struct ref_table *t = sec_log_table(s, "log_action");
	const struct ref_table *k = sec_ref_table(s, "ref_action");
	const char *is[] = { "agent_id", s->ref->agent, "month", "all", NULL };
	int64_t own = ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "ring", -1);
	struct docnode *table = sec_fields(s, "fields", "Ring");
	struct rows r;

	sec_field(s, table, "Assigned (0 is the widest)", sec_ref(s, "ring",
	    sec_ref_table(s, "ref_agent"), sec_agent(s), "ring",
	    sec_agent_file(s)));
	sec_field(s, table, "What that ring may do", own < 0 || own > 3 ?
	    sec_missing(s, "means", PROV_DECLARED, "assign a ring") :
	    sec_ref(s, "means", sec_ref_table(s, "ref_registry"), 0,
	    sec_printf(s, "ring_%d", (int)own), "registry/registry.yaml"));
	r = sec_rows(s, "needed", "What ran, and the ring that it needs",
	    head, COUNT(head));
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		int want = needs(k, ref_next(k, 0, "action", ref_text(t, i,
		    "action")));

		if (ref_int(t, i, "ran", 0) == 0)
			continue;
		sec_row(&r);
		sec_cell(&r, sec_log(s, sec_item(s, "needed", r.n, "action"),
		    t, i, "action"));
		sec_cell(&r, sec_log(s, sec_item(s, "needed", r.n, "ran"), t,
		    i, "ran"));
		sec_cell(&r, want < 0 ? sec_missing(s, sec_item(s, "needed",
		    r.n, "ring"), PROV_DECLARED, "fill admin, writes and "
		    "reversible of it in registry/actions.yaml") : sec_text(s,
		    sec_item(s, "needed", r.n, "ring"), PROV_DERIVED,
		    sec_printf(s, "%d", want), "ring_needed"));
		sec_cell(&r, want < 0 || own < 0 ? sec_missing(s, sec_item(s,
		    "needed", r.n, "within"), PROV_DECLARED, "it needs both "
		    "rings") : sec_text(s, sec_item(s, "needed", r.n,
		    "within"), PROV_DERIVED, own <= want ? "yes" : "no",
		    "ring_needed"));
	}
	sec_rows_quiet(&r, "no action ran in production");
	table = sec_fields(s, "held", "What the tests found");
	sec_field(s, table, "Actions beyond the ring", sec_result(s, "held",
	    "SE-02.t2", s->ref->agent));
	sec_field(s, table, "Tiers raised since the previous pack",
	    sec_result(s, "raised", "SE-02.t3", s->ref->agent));
}

static const struct sec_col identity_cols[] = {
	{ "kind", "Kind", "kind" }, { "value", "Credential", "value" },
	{ "from", "Issued", "from_us?always" }, { "to", "Ends", "to_us?open" }
};

static void
identity(struct sec *s)
{
	static const char *const head[] = { "Credential presented", "Proof",
	    "Rows", "First", "Last", "Also used by" };
	static const char *const col[] = { "identity", "identity_proof",
	    "events", "first_us", "last_us" };
	static const char *const field[] = { "value", "proof", "events",
	    "first", "last" };
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_identity");
	struct docnode *table;
	struct rows r;

	sec_grid(s, "issued", "Credentials that were issued",
	    "ref_agent_identity", is, identity_cols, COUNT(identity_cols),
	    sec_printf(s, "fill identities in %s", sec_agent_file(s)));
	r = sec_rows(s, "presented", "Credentials in the log", head,
	    COUNT(head));
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		const char *id = ref_text(t, i, "identity");
		const char *other = NULL;

		for (size_t k = ref_next(t, 0, "identity", id); id != NULL &&
		    k != SIZE_MAX; k = ref_next(t, k + 1, "identity", id))
			if (!str_eq(ref_text(t, k, "agent_id"),
			    s->ref->agent))
				other = ref_text(t, k, "agent_id");
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_log(s, sec_item(s, "presented", r.n,
			    field[c]), t, i, col[c]));
		sec_cell(&r, sec_text(s, sec_item(s, "presented", r.n,
		    "other"), PROV_DERIVED, id == NULL ? "no credential" :
		    other != NULL ? other : "nobody", "shared_use"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no action, call, access or message "
	    "in this period");
	table = sec_fields(s, "held", "What the tests found");
	sec_field(s, table, "Credentials not issued, or out of date",
	    sec_result(s, "dated", "AC-02.t1", s->ref->agent));
	sec_field(s, table, "Credentials shared", sec_result(s, "shared",
	    "AC-02.t2", s->ref->agent));
	sec_field(s, table, "Without proof", sec_result(s, "proof",
	    "AC-02.t3", s->ref->agent));
}

static void
keep_cells(struct rows *r, const struct ref_table *t, size_t i)
{
	struct sec *s = r->s;
	const char *scope = ref_text(t, i, "scope");
	int64_t last;
	uint64_t calls = used(s, t, i, "calls", &last);
	uint64_t wrote = used(s, t, i, "wrote", &last);

	sec_cell(r, sec_text(s, sec_item(s, "keep", r->n, "advice"),
	    PROV_DERIVED, calls + wrote == 0 ? "remove: not used in this "
	    "period" : wrote == 0 && scope != NULL && strcmp(scope, "read") !=
	    0 ? "reduce to read: nothing was written with it" : "keep",
	    "grant_needed"));
}

static const struct sec_col decided_cols[] = {
	{ "review", "Review", "review" }, { "finding", "Finding", "finding" },
	{ "decision", "Decision", "decision" }
};
static const struct sec_col record_cols[] = {
	{ "path", "Record", "path" }, { "person", "By", "person_id" },
	{ "role", "Role", "role" }, { "decision", "Decision", "decision" },
	{ "at", "At", "at_us" }
};

static void
decision(struct sec *s)
{
	static const char *const head[] = { "Tool", "Version", "Granted",
	    "Advice (R5)" };
	const char *is[] = { "topic", "permissions", "agent_id",
	    s->ref->agent, NULL };
	const char *item[] = { "item", "AC-04.e1", NULL };

	(void)each_grant(s, "keep", "Keep, reduce or remove: what the use "
	    "suggests; a person decides", head, COUNT(head), keep_cells);
	sec_grid(s, "decided", "What governance reviews decided",
	    "ref_review_finding", is, decided_cols, COUNT(decided_cols),
	    sec_printf(s, "decide on the grants of %s in a review of "
	    "registry/reviews/, topic permissions", s->ref->agent));
	sec_grid(s, "records", "Records of access reviews, of all agents",
	    "ref_document", item, record_cols, COUNT(record_cols),
	    "add an entry for AC-04.e1 to evidence/index.yaml");
}

const struct section sec_ar[] = {
	{ "callers", "AR1", "Callers", AUDIENCE_INTERNAL, "",
	    "access[level role tool] callers[kind role callers runs last "
	    "allowed] held", callers, "the agent's owner" },
	{ "tools_data", "AR2", "Tools and data", AUDIENCE_INTERNAL,
	    "C02 C04 C34",
	    "grants[tool version scope calls wrote denied last] "
	    "denied[version tool hash denied first last] classes[class "
	    "events first last] retrieved[resource retrievals documents]",
	    tools, "owners of the tools" },
	{ "tier", "AR3", "Tier", AUDIENCE_INTERNAL, "C24",
	    "tier can_escalate observe recommend prepare escalate execute "
	    "held", tier, "the agent's owner" },
	{ "ring", "AR4", "Ring", AUDIENCE_INTERNAL, "C25",
	    "ring means needed[action ran ring within] held raised", ring,
	    "the agent's owner" },
	{ "identity", "AR5", "Identity", AUDIENCE_INTERNAL, "C22 C23",
	    "issued[kind value from to] presented[value proof events first "
	    "last other] dated shared proof", identity, "who issues "
	    "credentials" },
	{ "decision", "AR6", "Decision", AUDIENCE_INTERNAL, "R5",
	    "keep[tool version scope advice] decided[review finding "
	    "decision] records[path person role decision at]", decision,
	    "who reviews the agent" },
	{ .id = NULL }
};
