#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PLAN "registry/incidents/plan.yaml"

/* The incident response plan: documents.md, IP1 to IP8. */

static size_t
plan_row(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_plan");

	return t != NULL && t->nrow > 0 ? 0 : SIZE_MAX;
}

static void
plan_list(struct sec *s, struct docnode *table, const char *field,
    const char *label)
{
	sec_listed(s, table, field, label, sec_ref_table(s, "ref_plan"),
	    plan_row(s), "", field, PLAN);
}

static const struct sec_col plan_cols[] = {
	{ "version", "Version", "version" }, { "owner", "Owner", "owner" },
	{ "approved_by", "Approved by", "approved_by" },
	{ "approved", "Approved at", "approved_us" },
	{ "exercise", "Rehearsed every", "exercise_interval" }
};

/* Whether a person, or somebody in a role, is there at a moment. */
static int
is_held(struct sec *s, const char *holder, int64_t at)
{
	const struct ref_table *p = sec_ref_table(s, "ref_person");
	const struct ref_table *r = sec_ref_table(s, "ref_person_role");
	size_t i = ref_next(p, 0, "person_id", holder);

	if (i != SIZE_MAX)
		return ref_int(p, i, "from_us", INT64_MIN) <= at &&
		    ref_int(p, i, "to_us", INT64_MAX) > at;
	for (i = ref_next(r, 0, "role", holder); i != SIZE_MAX;
	    i = ref_next(r, i + 1, "role", holder))
		if (ref_int(r, i, "from_us", INT64_MIN) <= at &&
		    ref_int(r, i, "to_us", INT64_MAX) > at)
			return 1;
	return 0;
}

static void
duties(struct sec *s)
{
	static const char *const head[] = {
		"Duty", "Holder", "Deputy", "Contact", "Hours",
		"Both there at the end of the period"
	};
	static const char *const col[] = {
		"duty", "holder", "deputy", "contact", "hours"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_duty");
	int64_t at = s->b->to_us < s->b->as_of_us ? s->b->to_us - 1 :
	    s->b->as_of_us;
	struct rows r = sec_rows(s, "duties", "Duties", head, COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		int both = is_held(s, ref_text(t, i, "holder"), at) &&
		    is_held(s, ref_text(t, i, "deputy"), at);

		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "duties", r.n,
			    col[c]), t, i, col[c], NULL));
		sec_cell(&r, sec_text(s, sec_item(s, "duties", r.n, "held"),
		    PROV_DERIVED, both ? "yes" : "no", "holder_in_office"));
	}
	sec_rows_end(&r, PROV_DECLARED, "fill duties in " PLAN);
}

static void
scope(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "The plan");

	sec_refs(s, table, sec_ref_table(s, "ref_plan"), plan_row(s),
	    plan_cols, COUNT(plan_cols), PLAN);
	duties(s);
}

static const struct sec_col severity_cols[] = {
	{ "severity", "Severity", "severity" },
	{ "condition", "When", "condition" },
	{ "detect", "Noticed within", "detect_us" },
	{ "contain", "Contained within", "contain_us" },
	{ "resolve", "Resolved within", "resolve_us" }
};

/* How long something took in the log, or that it is not there. */
static struct fact *
took(struct sec *s, const char *id, const struct ref_table *t, size_t row,
    const char *from, const char *to)
{
	const struct value *f = ref_value(t, row, from);
	const struct value *e = ref_value(t, row, to);
	struct str str = str_new(s->a);
	struct fact *fact;

	if (f->type != VALUE_INT || e->type != VALUE_INT || e->i < f->i) {
		fact = sec_missing(s, id, PROV_MEASURED, sec_printf(s,
		    "the log holds no %.*s event", (int)strlen(to) - 3, to));
		return fact;
	}
	date_add_duration(&str, e->i - f->i);
	fact = sec_text(s, id, PROV_MEASURED, str.p, sec_printf(s,
	    "log_incident.%s", to));
	if (fact->state == FACT_KNOWN)
		fact->type = "duration";
	return fact;
}

static void
kinds(struct sec *s)
{
	static const char *const head[] = {
		"Incident", "Severity", "Opened", "Contained after",
		"Closed after"
	};
	static const char *const all[] = { NULL };
	const struct ref_table *t = sec_log_table(s, "log_incident");
	struct rows r;

	plan_list(s, sec_fields(s, "fields", "Kinds of incident"), "taxonomy",
	    "Kinds");
	sec_grid(s, "severities", "Severities and their times",
	    "ref_severity", all, severity_cols, COUNT(severity_cols),
	    "fill severities in " PLAN);
	r = sec_rows(s, "measured", "Times measured in the period", head,
	    COUNT(head));
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		sec_row(&r);
		for (size_t c = 0; c < 3; c++) {
			static const char *const col[] = {
				"incident_id", "severity", "opened_us"
			};

			sec_cell(&r, sec_log(s, sec_item(s, "measured", r.n,
			    col[c]), t, i, col[c]));
		}
		sec_cell(&r, took(s, sec_item(s, "measured", r.n,
		    "contained"), t, i, "opened_us", "contained_us"));
		sec_cell(&r, took(s, sec_item(s, "measured", r.n, "closed"),
		    t, i, "opened_us", "closed_us"));
	}
	sec_rows_quiet(&r, "no incident");
}

static void
detection(struct sec *s)
{
	static const struct {
		const char *field, *label, *type;
	} found[] = {
		{ "complaints", "Complaints", "complaint" },
		{ "guardrails", "Guardrail events", "guardrail" },
		{ "incidents", "Incident events", "incident" },
		{ "halts", "Halt events", "halt" },
		{ "evaluations", "Evaluations", "evaluation" }
	};
	const struct ref_table *t = sec_log_table(s, "log_agent_type");
	struct docnode *table = sec_fields(s, "fields", "How incidents are "
	    "noticed");

	plan_list(s, table, "sources", "Sources");
	table = sec_fields(s, "found", "What each brought in the period");
	for (size_t i = 0; i < COUNT(found); i++) {
		const char *is[] = { "event_type", found[i].type, NULL };

		sec_field(s, table, found[i].label, t != NULL && t->nrow > 0 ?
		    sec_count(s, found[i].field, sec_sum(t, is, "events"),
		    "log_agent_type.events") : sec_missing(s, found[i].field,
		    PROV_MEASURED, "no event in this period"));
	}
}

static const struct sec_col clock_cols[] = {
	{ "clock", "Clock", "clock" }, { "base", "Starts when", "base" },
	{ "within", "Long-stop", "within_us" },
	{ "recipient", "Who is told", "recipient" },
	{ "basis", "Rule", "basis" }
};

static const struct sec_col tell_cols[] = {
	{ "audience", "Whom", "audience" }, { "channel", "How", "channel" },
	{ "within", "Within", "within_us" }, { "text", "Text", "text_file" }
};

/* The time taken is printed beside the long-stops, never "in time". */
static void
reports(struct sec *s)
{
	static const char *const head[] = {
		"Incident", "Serious", "Aware", "Told", "When",
		"After awareness"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_incident");
	const struct ref_table *rep = sec_ref_table(s, "ref_incident_report");
	struct rows r = sec_rows(s, "reports", "Reports on record", head,
	    COUNT(head));

	for (size_t i = 0; rep != NULL && i < rep->nrow; i++) {
		size_t row = ref_next(t, 0, "incident_id", ref_text(rep, i,
		    "incident_id"));
		int64_t aware = ref_int(t, row, "aware_us", INT64_MAX);
		int64_t at = ref_int(rep, i, "reported_us", INT64_MIN);
		struct str str = str_new(s->a);
		const char *id;

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n,
		    "incident"), rep, i, "incident_id", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n,
		    "serious"), t, row, "serious", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n, "aware"),
		    t, row, "aware_us", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n,
		    "recipient"), rep, i, "recipient", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n,
		    "reported"), rep, i, "reported_us", NULL));
		id = sec_item(s, "reports", r.n, "after");
		if (at < aware)
			sec_cell(&r, sec_missing(s, id, PROV_DERIVED,
			    "needs aware and reported"));
		else {
			date_add_duration(&str, at - aware);
			sec_cell(&r, sec_text(s, id, PROV_DERIVED, str.p,
			    "reported_after_aware"));
		}
	}
	sec_rows_quiet(&r, "no report of an incident is on record");
}

static void
told(struct sec *s)
{
	static const char *const all[] = { NULL };

	sec_intro(s, "The duty is to report immediately; the times are "
	    "long-stops. Check rules and times against EUR-Lex.");
	sec_grid(s, "clocks", "Clocks", "ref_clock", all, clock_cols,
	    COUNT(clock_cols), "fill clocks in " PLAN);
	sec_grid(s, "channels", "Who is told, and how", "ref_communication",
	    all, tell_cols, COUNT(tell_cols), "fill communications in " PLAN);
	reports(s);
}

static const struct sec_col stop_cols[] = {
	{ "agent", "Agent", "agent_id" }, { "command", "How it is stopped",
	    "kill_command" }, { "within", "Within", "kill_max_us" },
	{ "rollback", "Rolls back to", "rollback_to" },
	{ "rollback_max", "Within", "rollback_max_us" }
};

static const struct sec_col halt_cols[] = {
	{ "agent", "Agent", "agent_id" }, { "engaged", "Engaged",
	    "engaged_us" }, { "confirmed", "Confirmed", "confirmed_us" },
	{ "lifted", "Lifted", "lifted_us" },
	{ "ran_after", "Actions after it", "ran_after" }
};

static void
containment(struct sec *s)
{
	static const char *const all[] = { NULL };

	plan_list(s, sec_fields(s, "fields", "Steps"), "containment",
	    "Steps of containment");
	sec_grid(s, "agents", "How each agent is stopped", "ref_agent", all,
	    stop_cols, COUNT(stop_cols), "no agent is declared");
	sec_quiet_grid(s, "halts", "Uses of the kill switch in the period",
	    "log_halt", all, halt_cols, COUNT(halt_cols), "the kill switch "
	    "was not used");
}

static void
evidence(struct sec *s)
{
	struct docnode *table;

	sec_intro(s, "Do not change the system before its state is kept. "
	    "Export the rows (exhibit query), verify the log (exhibit "
	    "verify), and hold deletion.");
	table = sec_fields(s, "fields", "How evidence is kept");
	sec_field(s, table, "Preservation", sec_ref(s, "preservation",
	    sec_ref_table(s, "ref_plan"), plan_row(s), "preservation",
	    PLAN));
}

static const struct sec_col remedy_cols[] = {
	{ "incident", "Incident", "incident_id" },
	{ "status", "Status", "status" }, { "cause", "Cause", "cause" },
	{ "fix", "Correction", "fix" },
	{ "regression", "Regression suite", "regression_case" },
	{ "policy", "Policy change", "policy_change" }
};

static void
recovery(struct sec *s)
{
	static const char *const all[] = { NULL };

	plan_list(s, sec_fields(s, "fields", "Before production goes on"),
	    "recovery_gates", "What must hold");
	sec_quiet_grid(s, "remedies", "What incidents led to", "ref_incident",
	    all, remedy_cols, COUNT(remedy_cols), "no incident is on record");
}

static const struct sec_col drill_cols[] = {
	{ "agent", "Agent", "agent_id" }, { "kind", "Drill", "kind" },
	{ "at", "Ended", "at_us" }, { "outcome", "Outcome", "outcome" },
	{ "took", "Took", "took_us?not measured" }
};

static void
exercises(struct sec *s)
{
	static const char *const all[] = { NULL };

	plan_list(s, sec_fields(s, "fields", "What is rehearsed"),
	    "scenarios", "Scenarios");
	sec_grid(s, "drills", "Drills in the log", "log_drill", all,
	    drill_cols, COUNT(drill_cols), "no drill was recorded");
}

const struct section sec_ip[] = {
	{ "scope", "IP1", "Scope and roles", AUDIENCE_AUDITOR, "C49",
	    "version owner approved_by approved exercise duties[duty holder "
	    "deputy contact hours held]", scope, "the plan's owner" },
	{ "kinds", "IP2", "Kinds and severities", AUDIENCE_AUDITOR, NULL,
	    "taxonomy severities[severity condition detect contain resolve] "
	    "measured[incident_id severity opened_us contained closed]",
	    kinds, "the plan's owner" },
	{ "detection", "IP3", "Detection", AUDIENCE_AUDITOR, NULL,
	    "sources complaints guardrails incidents halts evaluations",
	    detection, "the plan's owner" },
	{ "told", "IP4", "Who is told", AUDIENCE_AUDITOR, "C35",
	    "clocks[clock base within recipient basis] channels[audience "
	    "channel within text] reports[incident serious aware recipient "
	    "reported after]", told, "legal" },
	{ "containment", "IP5", "Containment", AUDIENCE_AUDITOR, "C31 C32",
	    "containment agents[agent command within rollback rollback_max] "
	    "halts[agent engaged confirmed lifted ran_after]", containment,
	    "the plan's owner" },
	{ "evidence", "IP6", "Evidence", AUDIENCE_AUDITOR, "C39",
	    "preservation", evidence, "the plan's owner" },
	{ "recovery", "IP7", "Recovery", AUDIENCE_AUDITOR, "C36",
	    "recovery_gates remedies[incident status cause fix regression "
	    "policy]", recovery, "the plan's owner" },
	{ "exercises", "IP8", "Exercises", AUDIENCE_AUDITOR, "C31 C35",
	    "scenarios drills[agent kind at outcome took]", exercises,
	    "the plan's owner" },
	{ .id = NULL }
};
