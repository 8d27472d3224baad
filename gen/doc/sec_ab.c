#include <string.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The boundary of an agent on a page: documents.md, AB1 to AB10. */

static const struct sec_col process_cols[] = {
	{ "name", "Name", "name" },
	{ "process", "The process that it supports", "business_process" },
	{ "purpose", "Its part in it", "purpose" },
	{ "stage", "Stage of its life", "lifecycle" }
};

static void
process(struct sec *s)
{
	sec_refs(s, sec_fields(s, "fields", "What it is for"),
	    sec_ref_table(s, "ref_agent"), sec_agent(s), process_cols,
	    COUNT(process_cols), sec_agent_file(s));
	sec_narrative(s, "text", "agent", s->ref->agent, "purpose",
	    sec_printf(s, "registry/agents/%s/", s->ref->agent));
}

static const struct sec_col system_cols[] = { { "system", "System",
    "system" } };
static const struct sec_col class_cols[] = {
	{ "class", "Data class", "data_class" },
	{ "events", "Events", "events" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static void
may_read(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "mode", "read", NULL };
	const char *agent[] = { "agent_id", s->ref->agent, NULL };

	sec_field(s, sec_fields(s, "fields", "Whose data"),
	    "Whose data it may see", sec_ref(s, "scope",
	    sec_ref_table(s, "ref_agent"), sec_agent(s), "data_scope",
	    sec_agent_file(s)));
	sec_grid(s, "systems", "Systems it may read", "ref_agent_system", is,
	    system_cols, COUNT(system_cols), sec_printf(s,
	    "fill systems in %s", sec_agent_file(s)));
	sec_grid(s, "classes", "Data that it touched", "log_data", agent,
	    class_cols, COUNT(class_cols), "no event names a data class");
}

static void
writing_tools(struct sec *s)
{
	static const char *const head[] = {
		"Tool", "Version of the agent", "Granted", "Calls", "Writes"
	};
	const struct ref_table *v = sec_ref_table(s, "ref_version_tool");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct rows r = sec_rows(s, "tools", "Tools with which the versions "
	    "in production may change something", head, COUNT(head));

	for (size_t i = sec_find(v, 0, is); i != SIZE_MAX;
	    i = sec_find(v, i + 1, is)) {
		const char *version = ref_text(v, i, "agent_version");
		const char *used[] = { "agent_id", s->ref->agent,
		    "agent_version", version, "tool", ref_text(v, i, "tool"),
		    NULL };

		if (str_eq(ref_text(v, i, "scope"), "read") ||
		    !sec_in_prod(s, s->ref->agent, version))
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "tools", r.n, "tool"), v,
		    i, "tool", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "tools", r.n, "version"),
		    v, i, "agent_version", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "tools", r.n, "scope"), v,
		    i, "scope", NULL));
		sec_cell(&r, sec_counted(s, sec_item(s, "tools", r.n,
		    "calls"), "log_use", used, "calls"));
		sec_cell(&r, sec_counted(s, sec_item(s, "tools", r.n,
		    "writes"), "log_use", used, "wrote"));
	}
	sec_rows_end(&r, PROV_DECLARED, "grant a tool with scope write to a "
	    "version in production, if it is to write");
}

static void
may_write(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "mode", "write", NULL };

	sec_grid(s, "systems", "Systems it may change", "ref_agent_system",
	    is, system_cols, COUNT(system_cols), sec_printf(s,
	    "fill systems in %s, if it may change one", sec_agent_file(s)));
	writing_tools(s);
}

static const struct sec_col alone_cols[] = {
	{ "action", "Action", "action?any" }, { "tool", "With", "tool?any" },
	{ "to", "Up to", "max_minor?no limit" },
	{ "rate", "At most", "rate_n?no limit" },
	{ "per", "in", "rate_per_us?no limit" },
	{ "by", "counted by", "rate_by" }
};
static const struct sec_col rule_cols[] = {
	{ "rule", "Rule", "rule_id" }, { "action", "Action", "action" },
	{ "from", "From", "min_minor?no limit" },
	{ "to", "Up to", "max_minor?no limit" },
	{ "version", "Policy version", "policy_version" }
};
static const struct sec_col tier_cols[] = {
	{ "action", "Action", "action" },
	{ "version", "Version", "agent_version" },
	{ "decisions", "Decisions", "decisions" }, { "ran", "Ran", "ran" },
	{ "largest", "Largest amount",
	    "amount_max_minor?none, or several currencies" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static void
rules(struct sec *s, const char *tier, const char *caption, const char *none)
{
	const char *policy = ref_text(sec_ref_table(s, "ref_agent"),
	    sec_agent(s), "matrix_policy_id");
	const char *version = ref_text(sec_ref_table(s,
	    "ref_policy_version"), sec_in_force(s, policy), "policy_version");
	const char *is[] = { "policy_id", policy != NULL ? policy : "",
	    "tier", tier, "policy_version", version != NULL ? version : "",
	    NULL };

	sec_grid(s, "rules", caption, "ref_policy_rule", is, rule_cols,
	    COUNT(rule_cols), none);
}

static void
tiers(struct sec *s, const char *list, const char *tier, const char *caption,
    const char *quiet)
{
	const char *is[] = { "agent_id", s->ref->agent, "tier", tier, NULL };

	sec_quiet_grid(s, list, caption, "log_agent_tier", is, tier_cols,
	    COUNT(tier_cols), quiet);
}

static void
alone(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "effect", "may", NULL };

	sec_grid(s, "limits", "What it may do without asking",
	    "ref_agent_limit", is, alone_cols, COUNT(alone_cols), sec_printf(s,
	    "fill limits with effect may in %s, if it may act alone",
	    sec_agent_file(s)));
	rules(s, "auto", "Rules in force that let it act alone",
	    "no rule in force lets it act alone");
	tiers(s, "ran", "auto", "What it decided alone",
	    "nothing was decided alone");
	tiers(s, "told", "notify", "What it decided alone and told a person",
	    "nothing was decided alone and told");
}

static const struct sec_col asked_cols[] = {
	{ "action", "Action", "action?any" },
	{ "from", "From", "min_minor?no limit" },
	{ "to", "Up to", "max_minor?no limit" },
	{ "role", "Who decides", "role" }, { "persons", "Persons", "count" },
	{ "within", "Within", "sla_us" },
	{ "silence", "On silence", "on_timeout" }
};

static void
asked(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "effect", "approve",
	    NULL };

	sec_grid(s, "limits", "What it must ask for", "ref_agent_limit", is,
	    asked_cols, COUNT(asked_cols), sec_printf(s,
	    "fill limits with effect approve in %s, if it must ask",
	    sec_agent_file(s)));
	rules(s, "approve", "Rules in force that make it ask",
	    "no rule in force makes it ask");
	sec_approvals(s);
}

static const struct sec_col never_cols[] = {
	{ "action", "Action", "action?any" }, { "tool", "With", "tool?any" },
	{ "data", "Data", "data_class?any" },
	{ "from", "From", "min_minor?no limit" }
};

static void
never(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "effect", "never",
	    NULL };

	sec_grid(s, "limits", "What it never does", "ref_agent_limit", is,
	    never_cols, COUNT(never_cols), sec_printf(s,
	    "fill limits with effect never in %s", sec_agent_file(s)));
	tiers(s, "attempts", "block", "Attempts that were barred",
	    "nothing that is barred was tried");
	sec_field(s, sec_fields(s, "held", "What the tests found"),
	    "Anything that ran although it never may", sec_result(s, "held",
	    "PO-05.t3", s->ref->agent));
}

static const struct sec_col team_cols[] = {
	{ "accountable", "Who answers for it", "accountable" },
	{ "review_owner", "Who reviews it", "review_owner" },
	{ "maintenance_owner", "Who maintains it", "maintenance_owner" },
	{ "security_contact", "Security contact", "security_contact" }
};
static const struct sec_col duty_cols[] = {
	{ "duty", "Duty", "duty" }, { "holder", "Who", "holder" },
	{ "deputy", "Deputy", "deputy" }, { "contact", "Reached by",
	    "contact" }, { "hours", "When", "hours" }
};

static void
team(struct sec *s)
{
	static const char *const all[] = { NULL };
	const struct ref_table *people = sec_ref_table(s, "ref_person");
	const char *owner = ref_text(sec_ref_table(s, "ref_agent"),
	    sec_agent(s), "accountable");
	struct docnode *table = sec_fields(s, "fields", "People");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    team_cols, COUNT(team_cols), sec_agent_file(s));
	sec_agent_list(s, table, "responsible", "Who does the work",
	    "responsible");
	sec_listed(s, table, "deputy", "Deputies of who answers for it",
	    people, ref_next(people, 0, "person_id", owner),
	    owner != NULL ? owner : "", "deputies", "registry/people.yaml");
	sec_agent_list(s, table, "escalates_to", "Who gets what it cannot "
	    "decide, in order", "escalates_to");
	sec_grid(s, "duties", "On call in an incident", "ref_duty", all,
	    duty_cols, COUNT(duty_cols),
	    "fill duties in registry/incidents/plan.yaml");
}

static void
children(struct sec *s)
{
	static const char *const head[] = { "Agent", "Its ring" };
	const struct ref_table *t = sec_ref_table(s, "ref_agent_child");
	const struct ref_table *agents = sec_ref_table(s, "ref_agent");
	struct rows r = sec_rows(s, "children", "Agents that it may delegate "
	    "to", head, COUNT(head));

	for (size_t i = ref_next(t, 0, "agent_id", s->ref->agent); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "agent_id", s->ref->agent)) {
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "children", r.n, "agent"),
		    t, i, "value", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "children", r.n, "ring"),
		    agents, ref_agent_row(s->b->ref, ref_text(t, i, "value")),
		    "ring", "registry/agents/"));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DECLARED, "");
	else
		sec_field(s, sec_fields(s, "delegation", "Delegation"),
		    "Agents that it may delegate to", sec_list(s, "delegates",
		    agents, sec_agent(s), s->ref->agent, "children",
		    sec_agent_file(s)));
}

static const struct sec_col depth_cols[] = {
	{ "version", "Version", "agent_version" },
	{ "environment", "Environment", "environment" },
	{ "depth", "Longest chain of delegation", "depth_max" },
	{ "sessions", "Sessions", "sessions" }
};

static void
reach(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "How far it reaches");

	sec_agent_list(s, table, "destinations", "Hosts it may reach",
	    "destinations");
	sec_field(s, table, "Longest chain of delegation allowed", sec_ref(s,
	    "max_depth", sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "max_depth", sec_agent_file(s)));
	sec_field(s, table, "Data of one tenant in the run of another",
	    sec_result(s, "tenants", "AC-06.t1", s->ref->agent));
	children(s);
	sec_grid(s, "depth", "Chains in the log", "log_agent", is, depth_cols,
	    COUNT(depth_cols), "no event of the agent in this period");
}

static void
failures(struct sec *s)
{
	static const char *const head[] = {
		"State", "How it is recognised", "Declared behaviour",
		"Times seen", "Times obeyed"
	};
	static const char *const how[][2] = {
		{ "low_confidence", "confidence_ppm of a decision is below "
		    "the limit" },
		{ "missing_source", "a retrieval has outcome failure" },
		{ "policy_conflict", "verdict error, or reason "
		    "policy_conflict" },
		{ "tool_error", "a tool_call has outcome failure or "
		    "timeout" },
		{ "repeated_rejection", "approval_decision rejected" }
	};
	const struct ref_table *t = sec_ref_table(s, "ref_agent_failure");
	const struct ref_table *log = sec_log_table(s, "log_failure");
	struct rows r = sec_rows(s, "states", "What it does when something "
	    "is wrong", head, COUNT(head));

	for (size_t i = 0; i < COUNT(how); i++) {
		const char *is[] = { "agent_id", s->ref->agent, "state",
		    how[i][0], NULL };
		size_t row = sec_find(t, 0, is), seen = sec_find(log, 0, is);
		uint64_t n = (uint64_t)ref_int(log, seen, "times", 0);

		sec_row(&r);
		sec_cell_name(&r, how[i][0]);
		docnode_text(s->a, docnode_cell(s->a, r.row), "%s", how[i][1]);
		sec_cell(&r, sec_ref(s, sec_item(s, "states", r.n, "does"), t,
		    row, "does", sec_agent_file(s)));
		sec_cell(&r, seen != SIZE_MAX ? sec_log(s, sec_item(s,
		    "states", r.n, "times"), log, seen, "times") :
		    sec_quiet(s, sec_item(s, "states", r.n, "times"),
		    "it was not seen"));
		sec_cell(&r, i == 4 ? sec_result(s, sec_item(s, "states", r.n,
		    "obeyed"), "HO-08.t4", s->ref->agent) : n > 0 ?
		    sec_ratio(s, sec_item(s, "states", r.n, "obeyed"),
		    (uint64_t)ref_int(log, seen, "obeyed", 0), n,
		    "log_failure.obeyed") : sec_not_owed(s, sec_item(s,
		    "states", r.n, "obeyed"), "it was not seen"));
	}
	sec_rows_end(&r, PROV_DECLARED, "");
}

static const struct sec_col stop_cols[] = {
	{ "command", "How it is stopped", "kill_command" },
	{ "within", "Must have stopped within", "kill_max_us" },
	{ "rollback_to", "Goes back to version", "rollback_to" },
	{ "next_review", "Next review", "review_next_us" }
};
static const struct sec_col condition_cols[] = {
	{ "kind", "Kind", "kind" }, { "metric", "Measure", "metric" },
	{ "op", "When", "op" }, { "value", "Limit", "value_micro" },
	{ "window", "Over", "window_us" }, { "does", "Then", "does" }
};
static const struct sec_col held_cols[] = {
	{ "kind", "Drill", "kind" }, { "at", "Ended", "at_us" },
	{ "outcome", "Outcome", "outcome" },
	{ "took", "Took", "took_us?not measured" }
};

static void
stop(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "How to stop it");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    stop_cols, COUNT(stop_cols), sec_agent_file(s));
	sec_agent_list(s, table, "holders", "Who may stop it",
	    "kill_holders");
	sec_grid(s, "conditions", "When it stops, goes back or tells",
	    "ref_agent_trigger", is, condition_cols, COUNT(condition_cols),
	    sec_printf(s, "fill triggers in %s", sec_agent_file(s)));
	sec_grid(s, "drills", "The last drill of each kind", "log_drill", is,
	    held_cols, COUNT(held_cols), "no drill was recorded");
}

const struct section sec_ab[] = {
	{ "process", "AB1", "Process", AUDIENCE_INTERNAL, "",
	    "name process purpose stage ~text", process,
	    "the agent's owner" },
	{ "may_read", "AB2", "May read", AUDIENCE_INTERNAL, "C34",
	    "scope systems[system] classes[class events first last]",
	    may_read, "the agent's owner" },
	{ "may_write", "AB3", "May write", AUDIENCE_INTERNAL, "C04 C24",
	    "systems[system] tools[tool version scope calls writes]",
	    may_write, "the agent's owner" },
	{ "without_approval", "AB4", "Without approval", AUDIENCE_INTERNAL,
	    "C05 C27",
	    "limits[action tool to rate per by] rules[rule action from to "
	    "version] ran[action version decisions ran largest first "
	    "last] told[action version decisions ran largest first "
	    "last]", alone, "the agent's owner" },
	{ "with_approval", "AB5", "With approval", AUDIENCE_INTERNAL,
	    "C05 C06",
	    "limits[action from to role persons within silence] rules[rule "
	    "action from to version] approvals[action requested approved "
	    "modified rejected expired escalated late quick p50 p95]", asked,
	    "the agent's owner" },
	{ "never", "AB6", "Never", AUDIENCE_INTERNAL, "C26 C34",
	    "limits[action tool data from] attempts[action version decisions "
	    "ran blocked largest first last] held", never,
	    "the agent's owner" },
	{ "team", "AB7", "Team", AUDIENCE_INTERNAL, "C49",
	    "accountable review_owner maintenance_owner security_contact "
	    "responsible deputy escalates_to duties[duty holder deputy "
	    "contact hours]", team, "the agent's owner" },
	{ "reach", "AB8", "Reach", AUDIENCE_INTERNAL, "C25 C50",
	    "destinations max_depth tenants delegates children[agent ring] "
	    "depth[version environment depth sessions]", reach,
	    "the agent's owner" },
	{ "failure_modes", "AB9", "Failure modes", AUDIENCE_INTERNAL, "C46",
	    "states[does times obeyed]", failures, "the agent's owner" },
	{ "stop", "AB10", "Stop", AUDIENCE_INTERNAL, "C31 C32",
	    "command within rollback_to next_review holders conditions[kind "
	    "metric op value window does] drills[kind at outcome took]", stop,
	    "the agent's owner" },
	{ .id = NULL }
};
