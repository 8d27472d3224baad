#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The decision matrix of an agent: documents.md, DX1 to DX6. */

static const char *const tiers[] = { "auto", "notify", "approve", "block" };

static size_t
strictness(const char *tier)
{
	for (size_t i = 0; i < COUNT(tiers); i++)
		if (str_eq(tier, tiers[i]))
			return i;
	return COUNT(tiers);
}

static const char *
policy(const struct sec *s)
{
	return ref_text(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "matrix_policy_id");
}

static const char *
version(const struct sec *s)
{
	return ref_text(sec_ref_table(s, "ref_policy_version"),
	    sec_in_force(s, policy(s)), "policy_version");
}

struct names {
	const char **name;
	size_t n, cap;
};

static void
add_name(struct sec *s, struct names *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (name == NULL || str_eq(l->name[i], name))
			return;
	if (name != NULL)
		*VEC_PUSH(s->a, l->name, l->n, l->cap) = name;
}

/* Every action that the agent's limits name or that it tried. */
static struct names
actions(struct sec *s)
{
	static const char *const from[] = { "ref_agent_limit",
	    "log_agent_tier" };
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct names l = { 0 };

	for (size_t k = 0; k < COUNT(from); k++) {
		const struct ref_table *t = k == 0 ? sec_ref_table(s, from[k]) :
		    sec_log_table(s, from[k]);

		for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
		    i = sec_find(t, i + 1, is))
			add_name(s, &l, ref_text(t, i, "action"));
	}
	return l;
}

static const char *
standing(struct sec *s, const char *action)
{
	const char *is[] = { "agent_id", s->ref->agent, "action", action,
	    NULL };
	int listed = ref_next(sec_ref_table(s, "ref_action"), 0, "action",
	    action) != SIZE_MAX;
	int limited = sec_find(sec_ref_table(s, "ref_agent_limit"), 0, is) !=
	    SIZE_MAX;
	int seen = sec_find(sec_log_table(s, "log_agent_tier"), 0, is) !=
	    SIZE_MAX;

	if (seen && !listed)
		return "seen, and not in actions.yaml: a gap";
	if (seen && !limited)
		return "seen, and not in the agent's limits: a gap";
	return seen ? "declared and seen" : "declared, not seen";
}

static void
inventory(struct sec *s)
{
	static const char *const head[] = {
		"Action", "What it does", "Impact", "Can be undone",
		"Decisions", "Declared and seen"
	};
	static const char *const col[] = {
		"description", "impact", "reversible"
	};
	const struct ref_table *k = sec_ref_table(s, "ref_action");
	const struct names all = actions(s);
	struct rows r = sec_rows(s, "actions", "Actions declared or seen",
	    head, COUNT(head));

	for (size_t i = 0; i < all.n; i++) {
		const char *is[] = { "agent_id", s->ref->agent, "action",
		    all.name[i], NULL };
		size_t row = ref_next(k, 0, "action", all.name[i]);
		struct fact *f;

		sec_row(&r);
		f = sec_text(s, sec_item(s, "actions", r.n, "action"),
		    PROV_DERIVED, all.name[i], "inventory");
		f->type = "id";
		if (row != SIZE_MAX && f->state == FACT_KNOWN)
			f->to = (struct target){ .kind = "action",
			    .id = all.name[i] };
		sec_cell(&r, f);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "actions", r.n,
			    col[c]), k, row, col[c],
			    "registry/actions.yaml"));
		sec_cell(&r, sec_counted(s, sec_item(s, "actions", r.n,
		    "decisions"), "log_agent_tier", is, "decisions"));
		sec_cell(&r, sec_text(s, sec_item(s, "actions", r.n,
		    "standing"), PROV_DERIVED, standing(s, all.name[i]),
		    "inventory"));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "fill limits in %s",
	    sec_agent_file(s)));
}

/* The row of ref_matrix of a cell of the version in force. */
static size_t
cell(const struct sec *s, const char *impact, const char *reversible)
{
	const char *is[] = { "policy_id", policy(s), "policy_version",
	    version(s), "impact", impact, "reversible", reversible, NULL };

	for (size_t i = 1; i < 8; i += 2)
		if (is[i] == NULL)
			return SIZE_MAX;
	return sec_find(sec_ref_table(s, "ref_matrix"), 0, is);
}

static void
matrix(struct sec *s)
{
	static const char *const impact[] = {
		"low", "moderate", "high", "critical"
	};
	static const char *const undo[] = { "full", "partial", "none" };
	static const char *const head[] = {
		"Impact", "Can be undone: full", "partial", "none"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_matrix");
	struct rows r = sec_rows(s, "cells", sec_printf(s,
	    "The matrix that holds at the end of the period"), head,
	    COUNT(head));

	for (size_t i = 0; i < COUNT(impact) && cell(s, impact[i], "full") !=
	    SIZE_MAX; i++) {
		sec_row(&r);
		sec_cell_name(&r, impact[i]);
		for (size_t k = 0; k < COUNT(undo); k++) {
			size_t row = cell(s, impact[i], undo[k]);
			const char *tier = ref_text(t, row, "tier");
			int64_t n = ref_int(t, row, "count", 1);

			sec_cell(&r, tier == NULL ? sec_missing(s, sec_item(s,
			    "cells", r.n, undo[k]), PROV_DECLARED,
			    "the version has no such cell") : sec_said(s,
			    sec_item(s, "cells", r.n, undo[k]), t, row, n > 1 &&
			    strcmp(tier, "approve") == 0 ? sec_printf(s,
			    "%s, %lld persons", tier, (long long)n) : tier));
		}
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "name a policy in "
	    "matrix_policy_id of %s that has a version in force",
	    sec_agent_file(s)));
}

static void
add_part(struct str *s, const char *part)
{
	if (s->len > 0)
		str_addz(s, "; ");
	str_addz(s, part);
}

/* Whether a rule's action, exact or a prefix, is this one. */
static int
is_for(const char *rule, const char *action)
{
	size_t n = rule != NULL ? strlen(rule) : 0;

	if (n > 0 && rule[n - 1] == '*')
		return strncmp(rule, action, n - 1) == 0;
	return str_eq(rule, action);
}

/* The rules in force for an action, in file order; the laxest tier. */
static const char *
rules(struct sec *s, const char *action, size_t *laxest, size_t *first)
{
	const struct ref_table *t = sec_ref_table(s, "ref_policy_rule");
	const char *is[] = { "policy_id", policy(s), "policy_version",
	    version(s), NULL };
	struct str str = str_new(s->a);

	*laxest = COUNT(tiers);
	*first = SIZE_MAX;
	if (is[1] == NULL || is[3] == NULL)
		return NULL;
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		size_t n = strictness(ref_text(t, i, "tier"));

		if (!is_for(ref_text(t, i, "action"), action))
			continue;
		if (*first == SIZE_MAX || n < *laxest)
			*first = i;
		*laxest = n < *laxest ? n : *laxest;
		add_part(&str, sec_printf(s, "%s %s%s", ref_text(t, i,
		    "rule_id"), ref_text(t, i, "tier"), sec_amounts(s, t, i)));
	}
	return str.len > 0 ? str.p : NULL;
}

static const char *
boundary(struct sec *s, const char *action, size_t *first)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent_limit");
	const char *is[] = { "agent_id", s->ref->agent, "action", action,
	    NULL };
	struct str str = str_new(s->a);

	*first = sec_find(t, 0, is);
	for (size_t i = *first; i != SIZE_MAX; i = sec_find(t, i + 1, is))
		add_part(&str, sec_printf(s, "%s%s", ref_text(t, i, "effect"),
		    sec_amounts(s, t, i)));
	return str.len > 0 ? str.p : NULL;
}

/* Decisions by tier; the laxest that ran. */
static const char *
measured(struct sec *s, const char *action, size_t *laxest)
{
	const struct ref_table *t = sec_log_table(s, "log_agent_tier");
	const char *is[] = { "agent_id", s->ref->agent, "action", action,
	    "tier", NULL, NULL };
	const char *all[] = { "agent_id", s->ref->agent, "action", action,
	    NULL };
	uint64_t of = sec_sum(t, all, "decisions");
	struct str str = str_new(s->a);

	*laxest = COUNT(tiers);
	for (size_t i = 0; i < COUNT(tiers); i++) {
		uint64_t n;

		is[5] = tiers[i];
		n = sec_sum(t, is, "decisions");
		if (n > 0) {
			struct str part = str_new(s->a);

			str_addf(&part, "%s ", tiers[i]);
			figure_ratio(&part, n, of);
			add_part(&str, part.p);
		}
		if (*laxest == COUNT(tiers) && sec_sum(t, is, "ran") > 0)
			*laxest = i;
	}
	return str.len > 0 ? str.p : NULL;
}

static const char *
relaxed(struct sec *s, size_t rule)
{
	const struct ref_table *t = sec_ref_table(s, "ref_policy_relax");
	const char *is[] = { "policy_id", policy(s), "policy_version",
	    version(s), "rule_id", ref_text(sec_ref_table(s,
	    "ref_policy_rule"), rule, "rule_id"), NULL };

	return is[5] == NULL ? NULL : ref_text(t, sec_find(t, 0, is), "why");
}

static const char *
compared(struct sec *s, const char *own, size_t rule, size_t first,
    size_t seen)
{
	size_t is = strictness(own);
	struct str str = str_new(s->a);

	if (own == NULL)
		return "its cell is not known";
	if (rule < is)
		add_part(&str, sec_printf(s, "a rule is laxer than the cell: "
		    "%s", relaxed(s, first) != NULL ? relaxed(s, first) :
		    "no reason is written down"));
	if (seen < is && seen < rule)
		add_part(&str, "what ran is laxer than rule and cell");
	if (rule > is && rule < COUNT(tiers))
		add_part(&str, "all rules are stricter than the cell");
	return str.len > 0 ? str.p : "none is laxer than its cell";
}

static void
four_values(struct sec *s)
{
	static const char *const head[] = {
		"Action", "Cell", "Boundary in the registry",
		"Rules in force", "Measured, share of decisions", "Compared"
	};
	const struct ref_table *k = sec_ref_table(s, "ref_action");
	const struct names all = actions(s);
	struct rows r = sec_rows(s, "four", "Cell, boundary, rule and log, "
	    "side by side", head, COUNT(head));

	for (size_t i = 0; i < all.n; i++) {
		size_t a = ref_next(k, 0, "action", all.name[i]), rule, first,
		    limit, seen, row = cell(s, ref_text(k, a, "impact"),
		    ref_text(k, a, "reversible"));
		const char *own = ref_text(sec_ref_table(s, "ref_matrix"), row,
		    "tier");
		const char *said = boundary(s, all.name[i], &limit);
		const char *law = rules(s, all.name[i], &rule, &first);
		const char *log = measured(s, all.name[i], &seen);

		sec_row(&r);
		sec_cell(&r, sec_text(s, sec_item(s, "four", r.n, "action"),
		    PROV_DERIVED, all.name[i], "inventory"));
		sec_cell_full(&r, sec_ref(s, sec_item(s, "four", r.n, "cell"),
		    sec_ref_table(s, "ref_matrix"), row, "tier",
		    "registry/actions.yaml"));
		sec_cell_full(&r, said == NULL ? sec_missing(s, sec_item(s, "four",
		    r.n, "boundary"), PROV_DECLARED, sec_printf(s, "name it in "
		    "limits of %s", sec_agent_file(s))) : sec_said(s,
		    sec_item(s, "four", r.n, "boundary"), sec_ref_table(s,
		    "ref_agent_limit"), limit, said));
		sec_cell_full(&r, law == NULL ? sec_text(s, sec_item(s, "four", r.n,
		    "rules"), PROV_DERIVED, "none: the default of the policy",
		    "in_force") : sec_said(s, sec_item(s, "four", r.n,
		    "rules"), sec_ref_table(s, "ref_policy_rule"), first,
		    law));
		sec_cell_full(&r, log == NULL ? sec_quiet(s, sec_item(s, "four",
		    r.n, "measured"), "no decision on it") : sec_text(s,
		    sec_item(s, "four", r.n, "measured"), PROV_MEASURED, log,
		    "log_agent_tier.decisions"));
		sec_cell_long(&r, sec_text(s, sec_item(s, "four", r.n, "compared"),
		    PROV_DERIVED, compared(s, own, rule, first, seen),
		    "compared"));
	}
	sec_rows_end(&r, PROV_DECLARED, "declare the agent's limits");
}

static void
values(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Where it is written");

	sec_field(s, table, "Policy", sec_ref(s, "policy",
	    sec_ref_table(s, "ref_agent"), sec_agent(s), "matrix_policy_id",
	    sec_agent_file(s)));
	sec_field(s, table, "Version in force at the end", sec_ref(s,
	    "version", sec_ref_table(s, "ref_policy_version"),
	    sec_in_force(s, policy(s)), "policy_version", "policies/"));
	sec_field(s, table, "What nothing names gets", sec_ref(s, "default",
	    sec_ref_table(s, "ref_agent"), sec_agent(s), "matrix_default",
	    sec_agent_file(s)));
	matrix(s);
	four_values(s);
	sec_field(s, sec_fields(s, "held", "What the tests found"),
	    "Laxer than the agent's limits", sec_result(s, "laxer",
	    "PO-05.t3", s->ref->agent));
}

static const struct sec_col route_cols[] = {
	{ "rule", "Rule", "rule_id" }, { "action", "Action", "action" },
	{ "from", "From", "min_minor?no limit" },
	{ "to", "Up to", "max_minor?no limit" },
	{ "role", "Role that decides", "role" },
	{ "persons", "Persons", "count" },
	{ "within", "Answer within", "sla_us" },
	{ "silence", "On silence", "on_timeout" },
	{ "next", "Then to", "escalate_to?nobody is named" }
};

static void
holders(struct sec *s, struct names *roles)
{
	static const char *const head[] = { "Role", "Persons who hold it" };
	const struct ref_table *t = sec_ref_table(s, "ref_person_role");
	struct rows r = sec_rows(s, "holders", "Who holds these roles at the "
	    "end of the period", head, COUNT(head));
	int64_t from, to;

	sec_span(s, &from, &to);
	for (size_t i = 0; i < roles->n; i++) {
		uint64_t n = 0;

		for (size_t k = ref_next(t, 0, "role", roles->name[i]); k !=
		    SIZE_MAX; k = ref_next(t, k + 1, "role", roles->name[i]))
			n += ref_int(t, k, "from_us", INT64_MIN) < to &&
			    ref_int(t, k, "to_us", INT64_MAX) >= to;
		sec_row(&r);
		sec_cell(&r, sec_text(s, sec_item(s, "holders", r.n, "role"),
		    PROV_DERIVED, roles->name[i], "holder_in_office"));
		sec_cell(&r, sec_count(s, sec_item(s, "holders", r.n, "n"), n,
		    "holder_in_office"));
	}
	sec_rows_end(&r, PROV_DECLARED, "name a role in the rules that ask "
	    "for approval");
}

static void
routing(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_policy_rule");
	const char *is[] = { "policy_id", policy(s), "policy_version",
	    version(s), "tier", "approve", NULL };
	const char *agent[] = { "agent_id", s->ref->agent, NULL };
	struct names roles = { 0 };
	struct docnode *table;

	if (is[1] == NULL || is[3] == NULL)
		is[0] = "policy_id", is[1] = "", is[2] = NULL;
	sec_grid(s, "routes", "Rules in force that ask a person",
	    "ref_policy_rule", is, route_cols, COUNT(route_cols),
	    "no rule in force asks for approval");
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		add_name(s, &roles, ref_text(t, i, "role"));
	holders(s, &roles);
	sec_listed(s, sec_fields(s, "path", "Escalation path"), "path",
	    "Who gets what it cannot decide, in order", sec_ref_table(s,
	    "ref_agent"), sec_agent(s), s->ref->agent, "escalates_to",
	    sec_agent_file(s));
	table = sec_fields(s, "measured", "What came of it");
	sec_field(s, table, "Requests", sec_counted(s, "requested",
	    "log_approval", agent, "requested"));
	sec_field(s, table, "Answered late", sec_counted(s, "late",
	    "log_approval", agent, "late"));
	sec_field(s, table, "Fell due without an answer", sec_counted(s,
	    "expired", "log_approval", agent, "expired"));
	sec_field(s, table, "Escalated", sec_counted(s, "escalated",
	    "log_approval", agent, "escalated"));
}

static void
evidence(struct sec *s)
{
	static const struct { const char *item, *what, *col, *of; } part[] = {
		{ "source_records", "Source records: something was read "
		    "before in the run", "with_source", "requested" },
		{ "policy_refs", "Policy: its id and the rule",
		    "with_policy", "requested" },
		{ "confidence", "Confidence of the agent",
		    "with_confidence", "requested" },
		{ "alternatives", "Alternatives: the rationale of the "
		    "decision", "with_alternatives", "requested" },
		{ "escalation_reason", "Reason why a person is asked",
		    "with_reason", "requested" },
		{ "next_action", "Next action and its arguments",
		    "with_next", "requested" },
		{ "view", "What the approver was shown", "shown", "decided" }
	};
	static const char *const head[] = {
		"Part", "Filled", "Declared as owed"
	};
	const struct ref_table *t = sec_log_table(s, "log_action");
	const struct ref_table *owed = sec_ref_table(s, "ref_agent_evidence");
	const char *is[] = { "agent_id", s->ref->agent, "month", "all", NULL };
	struct rows r = sec_rows(s, "parts", "What approvers were given, of "
	    "all requests; of what was shown, of all answers", head,
	    COUNT(head));

	for (size_t i = 0; i < COUNT(part); i++) {
		const char *one[] = { "agent_id", s->ref->agent, "value",
		    part[i].item, NULL };
		size_t row = sec_find(owed, 0, one);

		sec_row(&r);
		sec_cell_name(&r, part[i].what);
		sec_cell(&r, sec_ratio(s, sec_item(s, "parts", r.n, "filled"),
		    sec_sum(t, is, part[i].col), sec_sum(t, is, part[i].of),
		    sec_printf(s, "log_action.%s", part[i].col)));
		sec_cell(&r, row != SIZE_MAX ? sec_said(s, sec_item(s, "parts",
		    r.n, "owed"), owed, row, "yes") : strcmp(part[i].item,
		    "view") == 0 ? sec_text(s, sec_item(s, "parts", r.n,
		    "owed"), PROV_DERIVED, "always", "applicability") :
		    sec_said(s, sec_item(s, "parts", r.n, "owed"),
		    sec_ref_table(s, "ref_agent"), sec_agent(s), "no"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no request in this period");
	sec_field(s, sec_fields(s, "views", "What the kept views hold"),
	    "Views that were kept", sec_result(s, "views", "HO-05.t4",
	    s->ref->agent));
}

static void
notified(struct sec *s)
{
	static const char *const head[] = {
		"Action", "Ran and was notified", "Reviewed by another person",
		"Reversed, of all that ran"
	};
	const struct ref_table *t = sec_log_table(s, "log_action");
	const char *is[] = { "agent_id", s->ref->agent, "month", "all", NULL };
	struct rows r = sec_rows(s, "notified", "Notified afterwards, and "
	    "reversed", head, COUNT(head));

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		uint64_t ran = (uint64_t)ref_int(t, i, "ran", 0);
		uint64_t n = (uint64_t)ref_int(t, i, "notified", 0);

		if (ran == 0)
			continue;
		sec_row(&r);
		sec_cell(&r, sec_log(s, sec_item(s, "notified", r.n,
		    "action"), t, i, "action"));
		sec_cell(&r, sec_ratio(s, sec_item(s, "notified", r.n, "n"), n,
		    ran, "log_action.notified"));
		sec_cell(&r, n > 0 ? sec_ratio(s, sec_item(s, "notified", r.n,
		    "reviewed"), (uint64_t)ref_int(t, i, "reviewed", 0), n,
		    "log_action.reviewed") : sec_not_owed(s, sec_item(s,
		    "notified", r.n, "reviewed"), "nothing was notified"));
		sec_cell(&r, sec_ratio(s, sec_item(s, "notified", r.n,
		    "reversed"), (uint64_t)ref_int(t, i, "reversed", 0), ran,
		    "log_action.reversed"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no action ran in production in this "
	    "period");
}

static void
results(struct sec *s)
{
	sec_approvals(s);
	notified(s);
}

static void
advice(struct sec *s)
{
	sec_advice(s, s->ref->agent);
}

const struct section sec_dx[] = {
	{ "inventory", "DX1", "Inventory of actions", AUDIENCE_AUDITOR,
	    "C02 C27",
	    "actions[action description impact reversible decisions "
	    "standing]", inventory, "the agent's owner" },
	{ "matrix", "DX2", "Matrix", AUDIENCE_AUDITOR, "C05 C26",
	    "policy version default cells[full partial none] four[action "
	    "cell boundary rules measured compared] laxer", values,
	    "the policy's owner" },
	{ "routing", "DX3", "Routing", AUDIENCE_AUDITOR, "C06 C07 C08 C43",
	    "routes[rule action from to role persons within silence next] "
	    "holders[role n] path requested late expired escalated", routing,
	    "the policy's owner" },
	{ "evidence_given", "DX4", "Evidence given", AUDIENCE_AUDITOR, "C44",
	    "parts[owed filled] views", evidence, "the log" },
	{ "results", "DX5", "Results", AUDIENCE_AUDITOR, "C28 C29 C42",
	    "approvals[action requested approved modified rejected expired "
	    "escalated late quick p50 p95] notified[action n reviewed "
	    "reversed]", results, "the log" },
	{ "advice", "DX6", "Advice", AUDIENCE_AUDITOR, "R1 R2 R3 R4",
	    "advice[agent action not_agreed quick complained blocked laxer "
	    "stricter]", advice, "the log" },
	{ .id = NULL }
};
