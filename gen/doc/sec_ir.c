#include <string.h>

#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The record of an incident: documents.md, IR1 and IR2. */

static const struct ref_table *
declared(const struct sec *s)
{
	return sec_ref_table(s, "ref_incident");
}

static size_t
row(const struct sec *s)
{
	return ref_next(declared(s), 0, "incident_id", s->ref->id);
}

static const char *
file(const struct sec *s)
{
	struct mark at = ref_mark(declared(s), row(s), "");

	return at.file != NULL ? at.file : sec_printf(s,
	    "registry/incidents/%s.yaml", s->ref->id);
}

static const struct sec_col fact_cols[] = {
	{ "severity", "Severity", "severity" },
	{ "category", "Kind", "category" },
	{ "description", "What happened", "description" },
	{ "serious", "Serious, AI Act Art. 3(49)", "serious" },
	{ "status", "Status", "status" },
	{ "affected", "Who was affected", "affected" }
};

static const struct {
	const char *field, *label, *declared, *logged;
} times[] = {
	{ "opened", "Opened", "opened_us", "opened_us" },
	{ "aware", "The company became aware", "aware_us", NULL },
	{ "contained", "Contained", "contained_us", "contained_us" },
	{ "reported", "Reported", NULL, "reported_us" },
	{ "closed", "Closed", "closed_us", "closed_us" }
};

/* When, as the registry says and as the log says; each with its source. */
static void
moments(struct sec *s)
{
	static const char *const head[] = { "What", "Declared", "In the log" };
	const struct ref_table *log = sec_log_table(s, "log_incident");
	const struct ref_table *rep = sec_ref_table(s, "ref_incident_report");
	size_t seen = ref_next(log, 0, "incident_id", s->ref->id);
	struct docnode *t = docnode_table(s->a, s->at, sec_printf(s,
	    "%s-times", s->section->id), "When, as declared and as logged",
	    head, COUNT(head)), *r;

	for (size_t i = 0; i < COUNT(times); i++) {
		const char *id = sec_printf(s, "%s_declared",
		    times[i].field);

		r = docnode_row(s->a, t);
		docnode_text(s->a, docnode_cell(s->a, r), "%s",
		    times[i].label);
		if (times[i].declared != NULL)
			docnode_fact(s->a, docnode_cell(s->a, r), sec_ref(s,
			    id, declared(s), row(s), times[i].declared,
			    file(s)));
		else if (ref_next(rep, 0, "incident_id",
		    s->ref->id) != SIZE_MAX)
			docnode_fact(s->a, docnode_cell(s->a, r), sec_ref(s,
			    id, rep, ref_next(rep, 0, "incident_id",
			    s->ref->id), "reported_us", NULL));
		else
			docnode_fact(s->a, docnode_cell(s->a, r),
			    sec_not_owed(s, id, "no report is declared; "
			    "whether one was due follows from serious"));
		id = sec_printf(s, "%s_logged", times[i].field);
		if (times[i].logged == NULL)
			docnode_fact(s->a, docnode_cell(s->a, r),
			    sec_not_owed(s, id, "no event tells awareness"));
		else if (seen != SIZE_MAX && ref_value(log, seen,
		    times[i].logged)->type == VALUE_NULL &&
		    str_eq(times[i].field, "reported"))
			docnode_fact(s->a, docnode_cell(s->a, r), sec_text(s,
			    id, PROV_MEASURED, "no such event",
			    "log_incident.reported_us"));
		else
			docnode_fact(s->a, docnode_cell(s->a, r), sec_log(s,
			    id, log, seen, times[i].logged));
	}
}

/* The long-stop of a recipient's clock, or -1. */
static int64_t
long_stop(const struct sec *s, const char *recipient)
{
	const struct ref_table *t = sec_ref_table(s, "ref_clock");
	size_t i = ref_next(t, 0, "recipient", recipient);

	return ref_int(t, i, "within_us", -1);
}

/* The duty is to report at once: the time taken, beside the long-stop. */
static void
reports(struct sec *s)
{
	static const char *const head[] = {
		"Told", "When", "Their reference", "After awareness",
		"Long-stop", "Inside it"
	};
	const struct ref_table *rep = sec_ref_table(s, "ref_incident_report");
	int64_t aware = ref_int(declared(s), row(s), "aware_us", INT64_MAX);
	struct rows r = sec_rows(s, "reports", "Who was told", head,
	    COUNT(head));

	for (size_t i = ref_next(rep, 0, "incident_id", s->ref->id);
	    i != SIZE_MAX; i = ref_next(rep, i + 1, "incident_id",
	    s->ref->id)) {
		int64_t at = ref_int(rep, i, "reported_us", INT64_MIN);
		int64_t stop = long_stop(s, ref_text(rep, i, "recipient"));
		int known = at >= aware;

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n, "to"),
		    rep, i, "recipient", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n, "at"),
		    rep, i, "reported_us", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "reports", r.n, "ref"),
		    rep, i, "ref", NULL));
		sec_cell(&r, known ? sec_took(s, sec_item(s, "reports", r.n,
		    "after"), PROV_DERIVED, at - aware,
		    "reported_after_aware") : sec_missing(s, sec_item(s,
		    "reports", r.n, "after"), PROV_DERIVED,
		    "needs aware and reported"));
		sec_cell(&r, stop >= 0 ? sec_took(s, sec_item(s, "reports",
		    r.n, "stop"), PROV_DERIVED, stop, "clocks") :
		    sec_not_owed(s, sec_item(s, "reports", r.n, "stop"),
		    "no clock of registry/incidents/plan.yaml names this "
		    "recipient"));
		sec_cell(&r, stop < 0 || !known ? sec_not_owed(s, sec_item(s,
		    "reports", r.n, "inside"), "there is no long-stop to "
		    "hold it against") : sec_text(s, sec_item(s, "reports",
		    r.n, "inside"), PROV_DERIVED, at - aware <= stop ? "yes" :
		    "no", "clocks"));
	}
	if (r.n == 0 && ref_int(declared(s), row(s), "serious", 0) == 1)
		sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "the incident "
		    "is serious: fill reports in %s", file(s)));
	else
		sec_rows_quiet(&r, "nobody was told of the incident");
}

/* Sum of the amounts that were rolled back, for each currency. */
static struct fact *
amounts(struct sec *s, const struct ref_table *t, const char *const *is)
{
	struct str str = str_new(s->a);

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		const char *c = ref_text(t, i, "currency");
		const char *mine[] = { is[0], is[1], is[2], is[3], "currency",
		    c, NULL };

		if (c == NULL || sec_find(t, 0, mine) != i)
			continue;
		str_addz(&str, str.len > 0 ? " and " : "");
		figure_money(&str, (int64_t)sec_sum(t, mine,
		    "amount_minor"), c);
	}
	return sec_text(s, "amounts", PROV_MEASURED, str.len > 0 ? str.p :
	    "no amount", "log_incident_event.amount_minor");
}

static size_t
distinct_runs(const struct ref_table *t, const char *const *is)
{
	size_t n = 0;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		const char *run = ref_text(t, i, "run_id");
		const char *mine[] = { is[0], is[1], is[2], is[3], "run_id",
		    run, NULL };

		n += run != NULL && sec_find(t, 0, mine) == i;
	}
	return n;
}

static size_t
count(const struct ref_table *t, const char *const *is)
{
	size_t n = 0;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		n++;
	return n;
}

static const struct sec_col line_cols[] = {
	{ "at", "When", "at_us" }, { "seq", "Row", "seq" },
	{ "event", "Event", "event_type" },
	{ "outcome", "Outcome", "outcome?none given" },
	{ "run", "Run", "run_id?of no run" },
	{ "action", "Action", "action?none named" },
	{ "amount", "Amount", "amount_minor?no amount" },
	{ "reason", "Reason", "reason?none given" }
};

static void
facts(struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_incident_event");
	const char *is[] = { "incident_id", s->ref->id, NULL };
	const char *undone[] = { "incident_id", s->ref->id, "event_type",
	    "rollback", NULL };
	const char *said[] = { "incident_id", s->ref->id, "event_type",
	    "complaint", NULL };
	struct docnode *table = sec_fields(s, "fields", "The incident");

	sec_refs(s, table, declared(s), row(s), fact_cols, COUNT(fact_cols),
	    file(s));
	sec_listed(s, table, "agents", "Agents", declared(s), row(s),
	    s->ref->id, "agents", file(s));
	moments(s);
	reports(s);
	if (sec_find(t, 0, is) != SIZE_MAX) {
		table = sec_fields(s, "found", "What the log shows from "
		    "opening to closing");
		sec_field(s, table, "Runs whose action was rolled back",
		    sec_count(s, "runs", distinct_runs(t, undone),
		    "log_incident_event.run_id"));
		sec_field(s, table, "Amounts that were rolled back",
		    amounts(s, t, undone));
		sec_field(s, table, "Complaints about the agent",
		    sec_count(s, "complaints", count(t, said),
		    "log_incident_event.event_type"));
	}
	sec_grid(s, "timeline", "Timeline of the log: the incident's events; "
	    "halts, rollbacks and complaints of its agent", "log_incident_event",
	    is, line_cols, COUNT(line_cols), "log its opening, containment "
	    "and closing as incident events with this id as subject");
}

static const struct sec_col fix_cols[] = {
	{ "cause", "Cause", "cause" }, { "fix", "Correction", "fix" },
	{ "regression", "Regression case", "regression_case" },
	{ "policy", "Policy change", "policy_change" }
};

static const struct sec_col later_cols[] = {
	{ "agent", "Agent", "agent_id" },
	{ "version", "Version", "agent_version" },
	{ "metric", "Metric", "metric" }, { "at", "Run at", "at_us" },
	{ "score", "Score", "score_ppm?none logged" },
	{ "outcome", "Outcome", "outcome?none logged" }
};

static void
remedy(struct sec *s)
{
	const char *suite = ref_text(declared(s), row(s), "regression_case");
	const char *is[] = { "suite", suite, NULL };

	sec_refs(s, sec_fields(s, "fields", "What was learnt"), declared(s),
	    row(s), fix_cols, COUNT(fix_cols), file(s));
	if (suite != NULL)
		sec_grid(s, "later", "Runs of the regression case in the log",
		    "log_evaluation", is, later_cols, COUNT(later_cols),
		    sec_printf(s, "run the suite %s, and log it as an "
		    "evaluation", suite));
}

const struct section sec_ir[] = {
	{ "facts", "IR1", "Facts and timeline", AUDIENCE_AUDITOR, "C32 C35",
	    "severity category description serious status affected agents "
	    "opened_declared opened_logged aware_declared aware_logged "
	    "contained_declared contained_logged reported_declared "
	    "reported_logged closed_declared closed_logged reports[to at ref "
	    "after stop inside] runs amounts complaints timeline[at seq event "
	    "outcome run action amount reason]", facts, "the incident lead" },
	{ "remedy", "IR2", "Cause and correction", AUDIENCE_AUDITOR, "C36",
	    "cause fix regression policy later[agent version metric at score "
	    "outcome]", remedy, "the incident lead" },
	{ .id = NULL }
};
