#include <stdint.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Technical documentation of Annex IV: documents.md, AX1 to AX9. */

/* What a version lists in a table of its parts: models, datasets. */
static struct fact *
parts(struct sec *s, const char *id, const char *table, const char *col)
{
	const struct ref_table *t = sec_ref_table(s, table);
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	size_t first = sec_find(t, 0, is);
	struct str str = str_new(s->a);

	for (size_t i = first; i != SIZE_MAX; i = sec_find(t, i + 1, is))
		str_addf(&str, "%s%s", str.len > 0 ? ", " : "",
		    ref_text(t, i, col));
	return first != SIZE_MAX ? sec_said(s, id, t, first, str.p) :
	    sec_missing(s, id, PROV_DECLARED, sec_printf(s,
	    "fill %ss in %s", col, sec_version_file(s)));
}

static struct fact *
models(struct sec *s, const char *id)
{
	return parts(s, id, "ref_version_model", "model");
}

static struct fact *
data(struct sec *s, const char *id)
{
	return parts(s, id, "ref_version_dataset", "dataset");
}

static const struct sec_point general[] = {
	{ "ANX-IV.1.a", NULL, .agent = "purpose" },
	{ "ANX-IV.1.b", NULL, .list = "destinations" },
	{ "ANX-IV.1.c", NULL, .version = "code_commit" },
	{ "ANX-IV.1.d", NULL, .version = "image_sha256" },
	{ "ANX-IV.1.e", NULL, .agent = "sandbox_runtime" },
	{ "ANX-IV.1.f", NULL, .write = "illustrations of the product, or "
	    "that there are none to show" },
	{ "ANX-IV.1.g", NULL, .write = "a description of what its users see" },
	{ "ANX-IV.1.h", NULL, .write = "the instructions for use; see the "
	    "document of kind instructions" }
};

static const struct sec_point development[] = {
	{ "ANX-IV.2.a", NULL, .make = models },
	{ "ANX-IV.2.b", NULL, .write = "the design: its logic, assumptions "
	    "and trade-offs" },
	{ "ANX-IV.2.c", NULL, .version = "sbom_file" },
	{ "ANX-IV.2.d", NULL, .make = data },
	{ "ANX-IV.2.e", NULL, .list = "escalates_to" },
	{ "ANX-IV.2.f", NULL, .write = "which changes are foreseen, or that "
	    "none are" },
	{ "ANX-IV.2.g", NULL, .test = "ML-03.t1" },
	{ "ANX-IV.2.h", NULL, .test = "SE-01.t1" }
};

static void
ax_general(struct sec *s)
{
	sec_points(s, "points", "Annex IV, point 1", general, COUNT(general));
}

static const struct sec_col report_cols[] = {
	{ "suite", "Suite", "suite" }, { "metric", "Metric", "metric" },
	{ "score", "Score", "value_micro" }, { "n", "Cases", "n" },
	{ "at", "Run at", "run_us" }, { "by", "By", "evaluator" },
	{ "report", "Report", "report_file" }
};

static void
ax_development(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };

	sec_points(s, "points", "Annex IV, point 2", development,
	    COUNT(development));
	sec_grid(s, "reports", "Test reports", "ref_eval_result", is,
	    report_cols, COUNT(report_cols), "write a result below "
	    "registry/evaluations/results/");
}

static const struct sec_col control_cols[] = {
	{ "tier", "How far it goes on its own", "permission_tier" },
	{ "within", "Must stop within", "kill_max_us" }
};

static void
ax_control(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Capabilities and "
	    "limits");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    control_cols, COUNT(control_cols), sec_agent_file(s));
	sec_agent_list(s, table, "intended", "Intended uses", "intended");
	sec_agent_list(s, table, "out_of_scope", "Not intended",
	    "out_of_scope");
	sec_oversight(s);
}

static const struct sec_col metric_cols[] = {
	{ "suite", "Suite", "suite" }, { "metric", "Metric", "metric" },
	{ "op", "Must be", "op" }, { "value", "Value", "value_micro" }
};

static void
ax_risks(struct sec *s)
{
	static const char *const head[] = {
		"Risk", "Title", "Severity", "Likelihood", "Treatment",
		"Left: severity", "Left: likelihood"
	};
	static const char *const col[] = {
		"risk_id", "title", "severity", "likelihood", "treatment",
		"residual_severity", "residual_likelihood"
	};
	const struct ref_table *l = sec_ref_table(s, "ref_risk_agent");
	const struct ref_table *t = sec_ref_table(s, "ref_risk");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	struct rows r;

	sec_grid(s, "metrics", "Metrics and their limits", "ref_version_eval",
	    is, metric_cols, COUNT(metric_cols), sec_printf(s,
	    "fill evals in %s", sec_version_file(s)));
	r = sec_rows(s, "risks", "Risk records", head, COUNT(head));
	for (size_t i = ref_next(l, 0, "agent_id", s->ref->agent);
	    i != SIZE_MAX; i = ref_next(l, i + 1, "agent_id",
	    s->ref->agent)) {
		size_t row = ref_next(t, 0, "risk_id", ref_text(l, i,
		    "risk_id"));

		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "risks", r.n,
			    col[c]), t, row, col[c], "registry/risks/"));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "name %s in agents of a "
	    "file below registry/risks/", s->ref->agent));
}

static const struct sec_col change_cols[] = {
	{ "version", "Version", "agent_version" },
	{ "previous", "After", "previous?the first" },
	{ "reason", "Why", "reason" },
	{ "substantial", "Substantial", "substantial" },
	{ "by", "Approved by", "approved_by" },
	{ "at", "At", "approved_us" }
};

static void
ax_changes(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_grid(s, "versions", "Versions of the agent", "ref_agent_version",
	    is, change_cols, COUNT(change_cols), sec_printf(s,
	    "declare it in %s", sec_version_file(s)));
}

static void
ax_standards(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Papers");

	sec_field(s, table, "Standards that were applied", sec_missing(s,
	    "standards", PROV_NARRATIVE, "list the harmonised standards, or "
	    "how the requirements are met without"));
	sec_field(s, table, "Declaration of conformity", sec_missing(s,
	    "declaration", PROV_NARRATIVE, sec_printf(s, "enter its file in "
	    "evidence/index.yaml as document annex-iv/%s", s->ref->agent)));
}

static const struct sec_col plan_cols[] = {
	{ "path", "Plan", "path" }, { "sha256", "SHA-256", "sha256" },
	{ "by", "Approved by", "person_id" }, { "at", "At", "at_us" }
};

static void
ax_market(struct sec *s)
{
	const char *is[] = { "item", "RB-05.e1", "decision", "approved",
	    NULL };

	sec_grid(s, "plan", "The plan", "ref_document", is, plan_cols,
	    COUNT(plan_cols), "enter the monitoring plan as RB-05.e1 in "
	    "evidence/index.yaml");
	sec_triggers(s, "levels", "What it measures", "slo");
	sec_months(s);
}

const struct section sec_ax[] = {
	{ "general", "AX1", "General", AUDIENCE_AUDITOR, "C01",
	    "points[answer]", ax_general, "the provider" },
	{ "development", "AX2", "Development", AUDIENCE_AUDITOR,
	    "C10 C11 C12 C13", "points[answer] reports[suite metric score n "
	    "at by /report]", ax_development, "the provider" },
	{ "control", "AX3", "Control", AUDIENCE_AUDITOR, "C05 C30",
	    "tier within intended out_of_scope override rubber_stamps "
	    "limits[effect action tool data_class from to] asked[action from "
	    "to role persons sla on_timeout] approvals[action requested "
	    "approved modified rejected expired escalated late quick p50 p95] "
	    "approvers[person role decided rejected quick]", ax_control,
	    "the provider" },
	{ "risks", "AX4-5", "Metrics and risks", AUDIENCE_AUDITOR, NULL,
	    "metrics[suite metric op value] risks[risk_id title severity "
	    "likelihood treatment residual_severity residual_likelihood]",
	    ax_risks, "owners of the risks" },
	{ "versions", "AX6", "Changes", AUDIENCE_AUDITOR,
	    "C12 C13 C14 C15 C16", "versions[version previous reason "
	    "substantial by at]", ax_changes, "the provider" },
	{ "standards", "AX7-8", "Standards and declaration",
	    AUDIENCE_AUDITOR, NULL, "standards declaration", ax_standards,
	    "legal" },
	{ "market", "AX9", "Post-market", AUDIENCE_AUDITOR, "C30 C35",
	    "plan[/path sha256 by at] levels[metric tool op value_micro "
	    "window_us min_n does judged fired first last] months[month runs "
	    "actions denied rejected reversed complaints tokens]", ax_market,
	    "the provider" },
	{ .id = NULL }
};
