#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The system card: documents.md, SC1 to SC15. */

static const struct sec_col identity_cols[] = {
	{ "id", "Agent", "agent_id" }, { "name", "Name", "name" },
	{ "stage", "Stage of its life", "lifecycle" },
	{ "accountable", "Who answers for it", "accountable" },
	{ "review_owner", "Who reviews it", "review_owner" },
	{ "maintenance_owner", "Who maintains it", "maintenance_owner" },
	{ "security_contact", "Security contact", "security_contact" }
};

static const struct sec_col credential_cols[] = {
	{ "kind", "Kind", "kind" }, { "value", "Credential", "value" },
	{ "from", "From", "from_us?always" }, { "to", "Until", "to_us?open" }
};

static const struct sec_col made_cols[] = {
	{ "version", "Version", "agent_version" },
	{ "previous", "Previous version", "previous?none named" },
	{ "reason", "Reason", "reason" },
	{ "approved_by", "Approved by", "approved_by" },
	{ "approved", "Approved at", "approved_us" },
	{ "commit", "Commit", "code_commit" },
	{ "image", "Image", "image_sha256" },
	{ "sbom", "Bill of materials", "sbom_file" }
};

static void
credentials(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_grid(s, "credentials", "Credentials", "ref_agent_identity", is,
	    credential_cols, COUNT(credential_cols), sec_printf(s,
	    "fill identities in %s", sec_agent_file(s)));
}

static void
identity(struct sec *s)
{
	struct docnode *table;

	if (sec_agent(s) == SIZE_MAX)
		docnode_verdict(s->a, s->at, TONE_BAD, "Not in the registry",
		    "this agent acted and nobody declared it.");
	else if (sec_version(s) == SIZE_MAX)
		docnode_verdict(s->a, s->at, TONE_BAD, "Not in the registry",
		    "this version of the agent ran and nobody declared it.");
	table = sec_fields(s, "fields", "The agent");
	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    identity_cols, COUNT(identity_cols), sec_agent_file(s));
	table = sec_fields(s, "version", "This version");
	sec_refs(s, table, sec_ref_table(s, "ref_agent_version"),
	    sec_version(s), made_cols, COUNT(made_cols), sec_version_file(s));
	credentials(s);
}

static const struct sec_col purpose_cols[] = {
	{ "purpose", "Purpose", "purpose" },
	{ "process", "Business process", "business_process" },
	{ "tier", "How far it may go alone", "permission_tier" },
	{ "can_escalate", "Can hand over to a person", "can_escalate" },
	{ "ring", "Privilege ring", "ring" },
	{ "serves_persons", "Serves persons", "serves_persons" }
};

static void
purpose(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Purpose and reach");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    purpose_cols, COUNT(purpose_cols), sec_agent_file(s));
	sec_agent_list(s, table, "users", "Users", "users");
	sec_agent_list(s, table, "regions", "Regions", "regions");
	sec_narrative(s, "text", "agent", s->ref->agent, "purpose",
	    sec_printf(s, "registry/agents/%s/", s->ref->agent ?
	    s->ref->agent : "AGENT"));
}

static const struct sec_col model_cols[] = {
	{ "model", "Model", "model" }, { "provider", "Provider",
	    "model_provider" }, { "id", "Id", "model_id" },
	{ "version", "Version", "model_version" }, { "use", "Use", "use" }
};
static const struct sec_col prompt_cols[] = {
	{ "prompt", "Prompt", "prompt_id" },
	{ "version", "Version", "prompt_version" }
};
static const struct sec_col tool_cols[] = {
	{ "tool", "Tool", "tool" }, { "scope", "Scope", "scope" }
};
static const struct sec_col dataset_cols[] = {
	{ "dataset", "Dataset", "dataset" },
	{ "version", "Version", "dataset_version" }, { "use", "Use", "use" }
};
static const struct sec_col undeclared_cols[] = {
	{ "kind", "Kind", "kind" }, { "id", "As the log names it", "id" },
	{ "events", "Events", "events" }, { "first", "First", "first_us" },
	{ "last", "Last", "last_us" }
};

static void
architecture(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const char *agent[] = { "agent_id", s->ref->agent, NULL };
	const char *fill = sec_printf(s, "in %s", sec_version_file(s));

	sec_grid(s, "models", "Models it is built on", "ref_version_model",
	    is, model_cols, COUNT(model_cols), sec_printf(s, "fill models %s",
	    fill));
	sec_grid(s, "prompts", "Prompts", "ref_version_prompt", is,
	    prompt_cols, COUNT(prompt_cols), sec_printf(s, "fill prompts %s",
	    fill));
	sec_grid(s, "tools", "Tools it was granted", "ref_version_tool", is,
	    tool_cols, COUNT(tool_cols), sec_printf(s, "fill tools %s",
	    fill));
	sec_grid(s, "datasets", "Data and memory", "ref_version_dataset", is,
	    dataset_cols, COUNT(dataset_cols), sec_printf(s,
	    "fill datasets %s", fill));
	sec_field(s, sec_fields(s, "children", "Other agents"),
	    "May delegate to", sec_list(s, "children",
	    sec_ref_table(s, "ref_agent"), sec_agent(s), s->ref->agent,
	    "children", sec_agent_file(s)));
	if (sec_log_table(s, "log_undeclared") != NULL && sec_find(
	    sec_log_table(s, "log_undeclared"), 0, agent) == SIZE_MAX)
		sec_intro(s, "The log names nothing of this agent that the "
		    "registry lacks.");
	else
		sec_grid(s, "undeclared", "Seen, and not declared",
		    "log_undeclared", agent, undeclared_cols,
		    COUNT(undeclared_cols), "the log was not measured");
}

/* The policy version in force at the end of the period, or now if earlier. */
static size_t
policy_row(struct sec *s, const char *policy)
{
	const struct ref_table *t = sec_ref_table(s, "ref_policy_version");
	int64_t at = s->b->to_us < s->b->as_of_us ? s->b->to_us :
	    s->b->as_of_us;

	for (size_t i = ref_next(t, 0, "policy_id", policy); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", policy))
		if (ref_int(t, i, "from_us", INT64_MAX) < at &&
		    ref_int(t, i, "to_us", INT64_MAX) >= at)
			return i;
	return SIZE_MAX;
}

static struct fact *
in_force(struct fact *f)
{
	if (f->state == FACT_KNOWN) {
		f->prov = PROV_DERIVED;
		f->formula = "in_force";
		f->at.file = NULL;
	}
	return f;
}

static void
policy_in_force(struct sec *s, struct docnode *table)
{
	static const struct sec_col col[] = {
		{ "policy_version", "Policy version", "policy_version" },
		{ "policy_hash", "Its hash", "policy_hash" },
		{ "policy_from", "In force from", "from_us" },
		{ "policy_approved", "Approved at", "approved_us" },
		{ "policy_approvals", "Approvals", "approvals" }
	};
	const struct ref_table *v = sec_ref_table(s, "ref_agent_version");
	const struct ref_table *t = sec_ref_table(s, "ref_policy_version");
	const char *policy = ref_text(v, sec_version(s), "policy_id");
	size_t row = policy_row(s, policy);

	sec_field(s, table, "Policy", sec_ref(s, "policy", v, sec_version(s),
	    "policy_id", sec_version_file(s)));
	for (size_t i = 0; i < COUNT(col); i++)
		sec_field(s, table, col[i].label, in_force(sec_ref(s,
		    col[i].field, t, row, col[i].col, sec_printf(s,
		    "policies/%s/", policy != NULL ? policy : "POLICY"))));
}

static const struct sec_col param_cols[] = {
	{ "model", "Model", "model" }, { "version", "Version",
	    "model_version" }, { "params", "Parameters", "params" },
	{ "params_hash", "Their hash", "params_hash" }
};

static const struct sec_col policy_seen_cols[] = {
	{ "policy", "Policy", "policy_id" },
	{ "version", "Version in the log", "policy_version" },
	{ "decisions", "Decisions", "decisions" },
	{ "denied", "Denied", "denied" }, { "first", "First", "first_us" },
	{ "last", "Last", "last_us" }
};

static void
prompts_in_force(struct sec *s)
{
	static const char *const head[] = {
		"Prompt", "Version", "Hash", "From", "Approved by"
	};
	static const char *const col[] = {
		"prompt_id", "prompt_version", "prompt_hash", "from_us",
		"approved_by"
	};
	const struct ref_table *v = sec_ref_table(s, "ref_version_prompt");
	const struct ref_table *t = sec_ref_table(s, "ref_prompt");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	struct rows r = sec_rows(s, "prompts", "Prompts of this version",
	    head, COUNT(head));

	for (size_t i = sec_find(v, 0, is); i != SIZE_MAX;
	    i = sec_find(v, i + 1, is)) {
		const char *id = ref_text(v, i, "prompt_id");
		const char *ver = ref_text(v, i, "prompt_version");
		const char *one[] = { "prompt_id", id, "prompt_version", ver,
		    NULL };
		size_t row = sec_find(t, 0, one);

		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, in_force(sec_ref(s, sec_item(s,
			    "prompts", r.n, col[c]), t, row, col[c],
			    sec_printf(s, "registry/prompts/%s/%s.yaml",
			    id ? id : "PROMPT", ver ? ver : "VERSION"))));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "fill prompts in %s",
	    sec_version_file(s)));
}

static void
force(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const char *agent[] = { "agent_id", s->ref->agent, NULL };

	policy_in_force(s, sec_fields(s, "policy", "Policy in force at the "
	    "end of the period"));
	sec_grid(s, "models", "Models and parameters", "ref_version_model",
	    is, param_cols, COUNT(param_cols), sec_printf(s,
	    "fill models in %s", sec_version_file(s)));
	prompts_in_force(s);
	sec_grid(s, "seen", "Policy versions in the log", "log_policy", agent,
	    policy_seen_cols, COUNT(policy_seen_cols), "no decision in this "
	    "period");
}

static const struct sec_col used_cols[] = {
	{ "tool", "Tool", "tool" }, { "hash", "Schema as served",
	    "tool_hash?none: only denied" }, { "calls", "Calls", "calls" },
	{ "failed", "Failed", "failed" }, { "denied", "Denied", "denied" },
	{ "last", "Last use", "last_us" }
};

static void
tools(struct sec *s)
{
	static const char *const head[] = {
		"Tool", "Granted", "Widest scope", "Kind", "Owner",
		"Description"
	};
	static const char *const col[] = {
		"scope", "kind", "owner", "description"
	};
	const struct ref_table *v = sec_ref_table(s, "ref_version_tool");
	const struct ref_table *t = sec_ref_table(s, "ref_tool");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	struct rows r = sec_rows(s, "granted", "Tools of this version", head,
	    COUNT(head));

	for (size_t i = sec_find(v, 0, is); i != SIZE_MAX;
	    i = sec_find(v, i + 1, is)) {
		const char *tool = ref_text(v, i, "tool");
		size_t row = ref_next(t, 0, "tool", tool);

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "granted", r.n, "tool"),
		    v, i, "tool", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "granted", r.n, "grant"),
		    v, i, "scope", NULL));
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "granted", r.n,
			    col[c]), t, row, col[c], sec_printf(s,
			    "registry/tools/%s.yaml", tool ? tool : "TOOL")));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "fill tools in %s",
	    sec_version_file(s)));
	sec_grid(s, "used", "Tools that it called", "log_tool", is, used_cols,
	    COUNT(used_cols), "no tool call in this period");
}

static const struct sec_col system_cols[] = {
	{ "system", "System", "system" }, { "mode", "Mode", "mode" }
};

static const struct sec_col acted_cols[] = {
	{ "system", "System", "target_system" },
	{ "events", "Calls and actions", "events" },
	{ "last", "Last", "last_us" }
};

static void
data(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "Rules");

	sec_field(s, table, "Whose data it may see", sec_ref(s, "scope",
	    sec_ref_table(s, "ref_agent"), sec_agent(s), "data_scope",
	    sec_agent_file(s)));
	sec_field(s, table, "How long its log is kept", sec_ref(s,
	    "retention", sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "audit_retention", sec_agent_file(s)));
	sec_grid(s, "systems", "Systems it may reach", "ref_agent_system", is,
	    system_cols, COUNT(system_cols), sec_printf(s,
	    "fill systems in %s", sec_agent_file(s)));
	sec_grid(s, "reached", "Systems that it reached", "log_system", is,
	    acted_cols, COUNT(acted_cols), "no call or action names a "
	    "system");
	sec_data_seen(s);
}

static const struct sec_col runs_cols[] = {
	{ "environment", "Environment", "environment" },
	{ "runs", "Runs", "runs" }, { "failed", "Runs that failed",
	    "runs_failed" }, { "sessions", "Sessions", "sessions" },
	{ "decisions", "Decisions", "decisions" },
	{ "denied", "Denied", "denied" },
	{ "ran", "Actions that ran", "actions_ran" },
	{ "actions_failed", "of these failed", "actions_failed" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static const struct sec_col tier_cols[] = {
	{ "action", "Action", "action" }, { "tier", "Tier", "tier" },
	{ "decisions", "Decisions", "decisions" }, { "ran", "Ran", "ran" },
	{ "approved", "with an approval", "approved" },
	{ "blocked", "Blocked", "blocked" },
	{ "largest", "Largest amount",
	    "amount_max_minor?none, or several currencies" }
};

static void
operation(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const struct ref_table *t = sec_log_table(s, "log_agent");
	struct docnode *table;

	table = sec_fields(s, "fields", "This version in the period");
	sec_field(s, table, "Runs that failed", sec_estimate(s, "failed",
	    sec_sum(t, is, "runs_failed"), sec_sum(t, is, "runs_ended"),
	    "log_agent.runs_failed"));
	sec_field(s, table, "Tool calls that failed", sec_estimate(s,
	    "tool_failed", sec_sum(t, is, "tool_failed"), sec_sum(t, is,
	    "tool_calls"), "log_agent.tool_failed"));
	sec_grid(s, "environments", "By environment", "log_agent", is,
	    runs_cols, COUNT(runs_cols), "no event of this version in this "
	    "period");
	sec_grid(s, "tiers", "Actions by tier", "log_agent_tier", is,
	    tier_cols, COUNT(tier_cols), "no decision in this period");
	sec_months(s);
}

static const struct sec_col eval_cols[] = {
	{ "suite", "Suite", "suite" }, { "metric", "Metric", "metric" },
	{ "op", "Must be", "op" }, { "value", "Value", "value_micro" },
	{ "max_age", "At most old", "max_age_us" }
};

static const struct sec_col run_cols[] = {
	{ "suite", "Suite", "suite" }, { "metric", "Metric", "metric" },
	{ "score", "Score", "score_ppm" }, { "at", "Run at", "at_us" }
};

static void
evaluation(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };

	sec_grid(s, "limits", "What this version must reach",
	    "ref_version_eval", is, eval_cols, COUNT(eval_cols), sec_printf(s,
	    "fill evals in %s", sec_version_file(s)));
	sec_grid(s, "runs", "Evaluations in the log", "log_evaluation", is,
	    run_cols, COUNT(run_cols), "no evaluation event of this version");
}

static const struct sec_col guardrail_cols[] = {
	{ "guardrail", "Guardrail", "guardrail" },
	{ "subject", "Looks at", "subject" },
	{ "success", "Nothing found", "success" },
	{ "blocked", "Blocked", "blocked" },
	{ "failure", "Did not work", "failure" },
	{ "not_run", "Not run", "not_run" }
};

static void
control_row(struct sec *s, struct docnode *t, const struct verdict *v)
{
	struct docnode *row = docnode_row(s->a, t), *cell;
	enum status all[] = { v->all, v->design, v->operating };

	cell = docnode_cell(s->a, row);
	cell->level = 1;
	docnode_link(s->a, cell, "control", v->control->id, v->control->id);
	docnode_text(s->a, docnode_cell(s->a, row), "%s", v->control->title);
	for (size_t i = 0; i < COUNT(all); i++)
		docnode_badge(s->a, docnode_cell(s->a, row),
		    tone_status(all[i]), status_name(all[i]));
	docnode_text(s->a, docnode_cell(s->a, row), "%s",
	    severity_name(v->control->severity));
}

static void
safeguards(struct sec *s)
{
	static const char *const head[] = {
		"Control", "Title", "Status", "Design", "Operating",
		"Severity"
	};
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct findings *f = s->b->findings;
	struct docnode *t = NULL;

	sec_grid(s, "guardrails", "Guardrails", "log_guardrail", is,
	    guardrail_cols, COUNT(guardrail_cols), "no guardrail event in "
	    "this period");
	for (size_t i = 0; f != NULL && i < f->nverdict; i++) {
		if (!str_eq(f->verdict[i].scope, s->ref->agent))
			continue;
		if (t == NULL)
			t = docnode_table(s->a, s->at, "safeguards-controls",
			    "Controls over this agent", head, COUNT(head));
		control_row(s, t, &f->verdict[i]);
	}
	if (t == NULL)
		sec_intro(s, "No control was evaluated for this agent.");
}

static void
flaws(struct sec *s)
{
	sec_incidents(s);
}

static void
misuse(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "Limits and misuse");

	sec_agent_list(s, table, "out_of_scope", "Not intended",
	    "out_of_scope");
	sec_agent_list(s, table, "misuse", "Misuse that can be foreseen",
	    "misuse");
	sec_field(s, table, "Attempts that were denied", sec_counted(s,
	    "attempts", "log_agent", is, "denied"));
	sec_narrative(s, "text", "agent", s->ref->agent, "limitations",
	    sec_printf(s, "registry/agents/%s/", s->ref->agent ?
	    s->ref->agent : "AGENT"));
}

static const struct sec_col reliability_cols[] = {
	{ "kill_max", "Must stop within", "kill_max_us" },
	{ "kill_command", "How it is stopped", "kill_command" },
	{ "rollback_to", "Rolls back to", "rollback_to" },
	{ "rollback_max", "Within", "rollback_max_us" }
};

static const struct sec_col trigger_cols[] = {
	{ "kind", "Kind", "kind" }, { "metric", "Metric", "metric" },
	{ "op", "When", "op" }, { "value", "Value", "value_micro" },
	{ "window", "Over", "window_us" }, { "min_n", "At least rows",
	    "min_n" }, { "does", "Then", "does" }
};

static void
reliability(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "Stop and roll back");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    reliability_cols, COUNT(reliability_cols), sec_agent_file(s));
	sec_agent_list(s, table, "kill_holders", "Who may stop it",
	    "kill_holders");
	sec_field(s, table, "Rollbacks in the log", sec_counted(s, "rollbacks",
	    "log_review", is, "rollbacks"));
	sec_grid(s, "triggers", "Service levels, rollback and breakers",
	    "ref_agent_trigger", is, trigger_cols, COUNT(trigger_cols),
	    sec_printf(s, "fill triggers in %s", sec_agent_file(s)));
	sec_drills(s);
}

static const struct sec_col gate_cols[] = {
	{ "version", "Version", "agent_version" }, { "stage", "Stage",
	    "stage" }, { "gate", "Gate", "gate" },
	{ "passed", "Passed at", "passed_us" },
	{ "by", "Passed by", "passed_by" }
};

static const struct sec_col stage_cols[] = {
	{ "agent_version", "Version", "agent_version" },
	{ "stage", "Stage", "stage" }, { "from_us", "From", "from_us" },
	{ "to_us", "Until", "to_us?still" },
	{ "deployed_by", "Deployed by", "deployed_by" },
	{ "approved_by", "Approved by", "approved_by" },
	{ "approved_us", "Approved at", "approved_us" }
};

static void
life_cycle(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_grid(s, "stages", "Stages", "ref_deployment", is, stage_cols,
	    COUNT(stage_cols), "fill deployments in "
	    "registry/deployments.yaml");
	sec_grid(s, "gates", "Gates", "ref_gate", is, gate_cols,
	    COUNT(gate_cols), "fill gates in registry/deployments.yaml");
}

static const struct sec_col duty_cols[] = {
	{ "role", "Our role under the AI Act", "eu_role" },
	{ "tier", "Class", "eu_tier" }, { "reasons", "Why that class",
	    "eu_reasons" }
};

static void
duty_row(struct sec *s, struct docnode *t, const struct covered *c)
{
	struct docnode *row = docnode_row(s->a, t), *cell;
	struct str when = str_new(s->a);

	cell = docnode_cell(s->a, row);
	cell->level = 1;
	docnode_link(s->a, cell, "requirement", sec_printf(s, "%s/%s",
	    c->req->framework, c->req->id), c->req->id);
	docnode_text(s->a, docnode_cell(s->a, row), "%s", c->req->title);
	docnode_text(s->a, docnode_cell(s->a, row), "%s",
	    coverage_name(c->word));
	docnode_badge(s->a, docnode_cell(s->a, row), tone_status(c->worst),
	    status_name(c->worst));
	if (c->req->applies_from_us != 0)
		date_add_day(&when, c->req->applies_from_us);
	docnode_text(s->a, docnode_cell(s->a, row), "%s", when.len > 0 ?
	    when.p : "in force");
}

static void
obligations(struct sec *s)
{
	static const char *const head[] = {
		"Requirement", "Title", "Coverage", "Worst status",
		"Applies from"
	};
	const struct findings *f = s->b->findings;
	struct docnode *table = sec_fields(s, "fields", "Role and class"), *t;

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    duty_cols, COUNT(duty_cols), sec_agent_file(s));
	sec_agent_list(s, table, "annex_iii", "Points of Annex III",
	    "annex_iii");
	sec_agent_list(s, table, "art_50", "Paragraphs of Art. 50", "art_50");
	t = NULL;
	for (size_t i = 0; f != NULL && i < f->ncovered; i++) {
		const struct covered *c = &f->covered[i];

		if (!str_eq(c->req->framework, "eu-ai-act") ||
		    c->why_not != NULL || c->ncontrol == 0)
			continue;
		if (t == NULL)
			t = docnode_table(s->a, s->at, "obligations-acts",
			    "Requirements of the AI Act with a control here; "
			    "check dates against EUR-Lex", head, COUNT(head));
		duty_row(s, t, c);
	}
	if (t == NULL)
		sec_intro(s, "No requirement of the AI Act was evaluated.");
}

const struct section sec_sc[] = {
	{ "identity", "SC1", "Identity", AUDIENCE_PUBLIC, "C17 C22 C23",
	    "id name stage accountable review_owner maintenance_owner "
	    "security_contact version previous reason approved_by approved "
	    "commit image /sbom credentials[kind value from to]", identity,
	    "the agent's owner" },
	{ "purpose", "SC2", "Purpose", AUDIENCE_PUBLIC, "C24 C25",
	    "purpose process tier ?can_escalate ring ?serves_persons users "
	    "regions ~text", purpose, "the agent's owner" },
	{ "architecture", "SC3", "Architecture", AUDIENCE_AUDITOR, "C01 C02",
	    "models[model provider id version use] prompts[prompt version] "
	    "tools[tool scope] datasets[dataset version use] children "
	    "undeclared[kind id events first last]", architecture,
	    "the agent's owner" },
	{ "force", "SC4", "In force", AUDIENCE_AUDITOR, "C12 C13 C14 C15 C16",
	    "policy policy_version policy_hash policy_from policy_approved "
	    "policy_approvals models[model version params params_hash] "
	    "prompts[prompt_id prompt_version prompt_hash from_us "
	    "approved_by] seen[policy version decisions denied first last]",
	    force, "the policy's owner" },
	{ "tools", "SC5", "Tools", AUDIENCE_AUDITOR, "C02 C04",
	    "granted[tool grant scope kind owner description] used[tool hash "
	    "calls failed denied last]", tools, "owners of the tools" },
	{ "data", "SC6", "Data and lineage", AUDIENCE_AUDITOR, "C34 C51",
	    "scope retention systems[system mode] reached[system events last] "
	    "classes[class events first last] retrieved[resource retrievals "
	    "documents]", data, "the agent's owner" },
	{ "operation", "SC7", "Operation", AUDIENCE_AUDITOR, "C30",
	    "failed tool_failed environments[environment runs failed sessions "
	    "decisions denied ran actions_failed first last] tiers[action "
	    "tier decisions ran approved blocked largest] months[month runs "
	    "actions denied rejected reversed complaints tokens]", operation,
	    "the log" },
	{ "oversight", "SC8", "Oversight", AUDIENCE_AUDITOR,
	    "C05 C06 C07 C08 C42",
	    "limits[effect action tool data_class from to] asked[action from "
	    "to role persons sla on_timeout] override rubber_stamps approvals[action requested "
	    "approved modified rejected expired escalated late quick p50 p95] "
	    "approvers[person role decided rejected quick]", sec_oversight,
	    "the agent's owner" },
	{ "evaluation", "SC9", "Evaluation", AUDIENCE_AUDITOR, "C09 C10 C11",
	    "limits[suite metric op value max_age] runs[suite metric score "
	    "at]", evaluation, "who runs the evaluations" },
	{ "safeguards", "SC10", "Safeguards", AUDIENCE_AUDITOR, "C46",
	    "guardrails[guardrail subject success blocked failure not_run]",
	    safeguards, "the log" },
	{ "flaws", "SC11", "Flaws and hazards", AUDIENCE_AUDITOR, "C36",
	    "incidents[incident_id severity description status opened_us "
	    "closed_us cause fix] seen[incident severity opened contained "
	    "reported closed]", flaws, "who runs the incidents" },
	{ "misuse", "SC12", "Limits and misuse", AUDIENCE_AUDITOR, "C26",
	    "out_of_scope misuse attempts ~text", misuse,
	    "the agent's owner" },
	{ "reliability", "SC13", "Reliability", AUDIENCE_AUDITOR,
	    "C31 C32 C47",
	    "kill_max kill_command rollback_to rollback_max kill_holders "
	    "rollbacks triggers[kind metric op value window min_n does] "
	    "drills[kind scenario interval] held[kind at outcome took] "
	    "halts[engaged confirmed lifted ran_after]", reliability,
	    "the agent's owner" },
	{ "life_cycle", "SC14", "Life cycle", AUDIENCE_AUDITOR, "C18 C19 C20",
	    "stages[agent_version stage from_us to_us deployed_by approved_by "
	    "approved_us] gates[version stage gate passed by]", life_cycle,
	    "who deploys" },
	{ "obligations", "SC15", "Obligations", AUDIENCE_PUBLIC, "C37",
	    "role tier reasons annex_iii art_50", obligations,
	    "legal" },
	{ .id = NULL }
};
