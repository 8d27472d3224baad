#include <string.h>

#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What system cards, impact assessments and plans show of an agent alike. */

size_t
sec_agent(const struct sec *s)
{
	return ref_agent_row(s->b->ref, s->ref->agent);
}

const char *
sec_agent_file(const struct sec *s)
{
	struct mark at = ref_mark(sec_ref_table(s, "ref_agent"),
	    sec_agent(s), "");

	return at.file != NULL ? at.file : sec_printf(s,
	    "registry/agents/%s/agent.yaml",
	    s->ref->agent != NULL ? s->ref->agent : "AGENT");
}

size_t
sec_version(const struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };

	return sec_find(sec_ref_table(s, "ref_agent_version"), 0, is);
}

const char *
sec_version_file(const struct sec *s)
{
	struct mark at = ref_mark(sec_ref_table(s, "ref_agent_version"),
	    sec_version(s), "");

	return at.file != NULL ? at.file : sec_printf(s,
	    "registry/agents/%s/versions/%s.yaml",
	    s->ref->agent != NULL ? s->ref->agent : "AGENT",
	    s->ref->version != NULL ? s->ref->version : "VERSION");
}

void
sec_agent_list(struct sec *s, struct docnode *table, const char *field,
    const char *label, const char *list)
{
	sec_listed(s, table, field, label, sec_ref_table(s, "ref_agent"),
	    sec_agent(s), s->ref->agent, list, sec_agent_file(s));
}

static const struct sec_col limit_cols[] = {
	{ "effect", "Effect", "effect" },
	{ "action", "Action", "action?any" },
	{ "tool", "Tool", "tool?any" },
	{ "data_class", "Data", "data_class?any" },
	{ "from", "From", "min_minor?no limit" },
	{ "to", "Up to", "max_minor?no limit" }
};

static const struct sec_col asked_cols[] = {
	{ "action", "Action", "action?any" },
	{ "from", "From", "min_minor?no limit" },
	{ "to", "Up to", "max_minor?no limit" },
	{ "role", "Role", "role" }, { "persons", "Persons", "count" },
	{ "sla", "Answer within", "sla_us" },
	{ "on_timeout", "On silence", "on_timeout" }
};

/* What a limit does not name, it holds for. */
static void
limits(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const char *asked[] = { "agent_id", s->ref->agent, "effect",
	    "approve", NULL };
	const char *fill = sec_printf(s, "fill limits in %s",
	    sec_agent_file(s));

	sec_grid(s, "limits", "What the agent may do, needs approval for, or "
	    "never does", "ref_agent_limit", is, limit_cols,
	    COUNT(limit_cols), fill);
	sec_grid(s, "asked", "Whom it must ask", "ref_agent_limit", asked,
	    asked_cols, COUNT(asked_cols), fill);
}

static const struct sec_col approval_cols[] = {
	{ "action", "Action", "action?none named" },
	{ "requested", "Requested", "requested" },
	{ "approved", "Approved", "approved" },
	{ "modified", "Changed", "modified" },
	{ "rejected", "Refused", "rejected" },
	{ "expired", "Expired", "expired" },
	{ "escalated", "Escalated", "escalated" },
	{ "late", "Late", "late" },
	{ "quick", "Under 5 s", "quick" },
	{ "p50", "Median", "p50_us?none decided" },
	{ "p95", "95th percentile", "p95_us?none decided" }
};

static const struct sec_col approver_cols[] = {
	{ "person", "Person", "approver_id" },
	{ "role", "Role", "approver_role" },
	{ "decided", "Decided", "decided" },
	{ "rejected", "Refused", "rejected" },
	{ "quick", "Under 5 s", "quick" }
};

void
sec_approvals(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_grid(s, "approvals", "Approvals by action", "log_approval", is,
	    approval_cols, COUNT(approval_cols),
	    "no approval was requested in this period");
}

void
sec_oversight(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_approval");
	uint64_t refused, changed, decided, quick;
	struct docnode *table;

	limits(s);
	refused = sec_sum(t, is, "rejected");
	changed = sec_sum(t, is, "modified");
	decided = refused + changed + sec_sum(t, is, "approved");
	quick = sec_sum(t, is, "quick");
	table = sec_fields(s, "oversight", "How people decided");
	sec_field(s, table, "Refused or changed by a person", sec_estimate(s,
	    "override", refused + changed, decided, "log_approval.rejected"));
	sec_field(s, table, "Decided in under five seconds", sec_estimate(s,
	    "rubber_stamps", quick, decided, "log_approval.quick"));
	sec_approvals(s);
	sec_grid(s, "approvers", "Who decided", "log_approver", is,
	    approver_cols, COUNT(approver_cols),
	    "nobody decided in this period");
}

static void
incident_row(struct rows *r, const struct ref_table *t, size_t row)
{
	static const char *const col[] = {
		"incident_id", "severity", "description", "status",
		"opened_us", "closed_us", "cause", "fix"
	};

	for (size_t i = 0; i < COUNT(col); i++)
		sec_cell(r, sec_ref(r->s, sec_item(r->s, "incidents", r->n,
		    col[i]), t, row, col[i], NULL));
}

static const struct sec_col seen_incident_cols[] = {
	{ "incident", "Incident", "incident_id" },
	{ "severity", "Severity", "severity" },
	{ "opened", "Opened", "opened_us" },
	{ "contained", "Contained", "contained_us" },
	{ "reported", "Reported", "reported_us?no such event" },
	{ "closed", "Closed", "closed_us?no such event" }
};

void
sec_incidents(struct sec *s)
{
	static const char *const head[] = {
		"Incident", "Severity", "Description", "Status", "Opened",
		"Closed", "Cause", "Correction"
	};
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct rows r = sec_rows(s, "incidents", "Incidents on record", head,
	    COUNT(head));

	sec_naming(&r, "incident", "agents", s->ref->agent, "ref_incident",
	    "incident_id", incident_row);
	sec_rows_quiet(&r, "no incident of the agent is on record");
	sec_quiet_grid(s, "seen", "Incidents in the log", "log_incident", is,
	    seen_incident_cols, COUNT(seen_incident_cols), "no incident");
}

static const struct sec_col month_cols[] = {
	{ "month", "Month", "month" },
	{ "actions", "Actions that ran", "actions_ran" },
	{ "denied", "Denied", "denied" }, { "runs", "Runs", "runs" },
	{ "rejected", "Refused by a person", "rejected" },
	{ "reversed", "Reversed", "reversed" },
	{ "complaints", "Complaints", "complaints" },
	{ "tokens", "Tokens", "tokens" }
};

void
sec_months(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	struct docnode *at = s->at, *chart = docnode_new(s->a, at,
	    NODE_CHART), *head;

	chart->level = 2;
	s->at = chart;
	if (sec_grid(s, "months", "By month", "log_month", is, month_cols,
	    COUNT(month_cols), "no event in this period") > 0) {
		head = chart->child->child->child; /* the first cell */
		head->next->tone = TONE_NEUTRAL;
		head->next->next->tone = TONE_BAD;
	}
	s->at = at;
}

static const struct sec_col drill_cols[] = {
	{ "kind", "Drill", "kind" }, { "scenario", "Scenario", "scenario" },
	{ "interval", "Due every", "interval_us" }
};

static const struct sec_col held_cols[] = {
	{ "kind", "Drill", "kind" }, { "at", "Ended", "at_us" },
	{ "outcome", "Outcome", "outcome" }, { "took", "Took", "took_us?not measured" }
};

static const struct sec_col halt_cols[] = {
	{ "engaged", "Engaged", "engaged_us" },
	{ "confirmed", "Confirmed", "confirmed_us" },
	{ "lifted", "Lifted", "lifted_us" },
	{ "ran_after", "Actions after it", "ran_after" }
};

void
sec_drills(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_grid(s, "drills", "Drills that are due", "ref_agent_drill", is,
	    drill_cols, COUNT(drill_cols), sec_printf(s, "fill drills in %s",
	    sec_agent_file(s)));
	sec_grid(s, "held", "Drills in the log", "log_drill", is, held_cols,
	    COUNT(held_cols), "no drill was recorded");
	sec_quiet_grid(s, "halts", "Uses of the kill switch", "log_halt", is,
	    halt_cols, COUNT(halt_cols), "the kill switch was not used");
}

static const struct sec_col class_cols[] = {
	{ "class", "Data class", "data_class" },
	{ "events", "Events", "events" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static const struct sec_col resource_cols[] = {
	{ "resource", "Source", "resource" },
	{ "retrievals", "Retrievals", "retrievals" },
	{ "documents", "Documents, by hash", "documents" }
};

void
sec_data_seen(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_grid(s, "classes", "Data that was touched", "log_data", is,
	    class_cols, COUNT(class_cols), "no event names a data class");
	sec_grid(s, "retrieved", "Sources that were read", "log_source", is,
	    resource_cols, COUNT(resource_cols), "nothing was retrieved in "
	    "this period");
}
