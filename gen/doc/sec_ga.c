#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The gates before a deployment to production: documents.md, GA1 to GA3.
 * Without a deployment it is about an idea that is under review. */

static const struct ref_table *
deployments(const struct sec *s)
{
	return sec_ref_table(s, "ref_deployment");
}

/* The moment that the gates had to be passed before. */
static int64_t
before(const struct sec *s)
{
	return ref_int(deployments(s), s->ref->row, "from_us",
	    s->b->as_of_us);
}

static struct fact *
in_time(struct sec *s, const char *field, int64_t at)
{
	if (at == INT64_MIN)
		return sec_missing(s, field, PROV_DERIVED,
		    "it was not passed");
	return sec_text(s, field, PROV_DERIVED, at <= before(s) ? "yes" :
	    "no: later", "before_it");
}

static void
gates(struct sec *s)
{
	static const char *const gate[][2] = {
		{ "risk_assessment", "Risk assessment" },
		{ "governance_review", "Governance review" },
		{ "safety_testing", "Safety testing" }
	};
	static const char *const head[] = { "Gate", "Passed at", "Passed by",
	    "Before it went live" };
	const struct ref_table *t = sec_ref_table(s, "ref_gate");
	struct rows r = sec_rows(s, "gates", "Gates", head, COUNT(head));

	for (size_t i = 0; i < COUNT(gate); i++) {
		const char *is[] = { "agent_id", s->ref->agent, "stage",
		    "prod", "gate", gate[i][0], "agent_version",
		    s->ref->version, NULL };
		size_t row;

		if (s->ref->version == NULL)
			is[6] = NULL;
		row = sec_find(t, 0, is);
		sec_row(&r);
		sec_cell_name(&r, gate[i][1]);
		sec_cell(&r, sec_ref(s, sec_item(s, "gates", r.n, "passed"),
		    t, row, "passed_us", "registry/deployments.yaml"));
		sec_cell(&r, sec_ref(s, sec_item(s, "gates", r.n, "by"), t,
		    row, "passed_by", "registry/deployments.yaml"));
		sec_cell(&r, in_time(s, sec_item(s, "gates", r.n, "before"),
		    ref_int(t, row, "passed_us", INT64_MIN)));
	}
	sec_rows_end(&r, PROV_DECLARED, "");
}

static void
cards(struct sec *s)
{
	static const char *const head[] = { "Model", "Provider's card" };
	const struct ref_table *t = sec_ref_table(s, "ref_version_model");
	const struct ref_table *m = sec_ref_table(s, "ref_model");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	struct rows r = sec_rows(s, "cards", "Model cards", head, COUNT(head));

	for (size_t i = is[3] == NULL ? SIZE_MAX : sec_find(t, 0, is); i !=
	    SIZE_MAX; i = sec_find(t, i + 1, is)) {
		const char *id = ref_text(t, i, "model");

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "cards", r.n, "model"), t,
		    i, "model", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "cards", r.n, "card"), m,
		    ref_next(m, 0, "model", id), "card_file",
		    "registry/models/"));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "fill models in %s",
	    sec_version_file(s)));
}

/* The newest assessment that was decided before. */
static size_t
assessment(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	int64_t best = INT64_MIN;
	size_t found = SIZE_MAX;

	for (size_t i = ref_next(t, 0, "agent_id", s->ref->agent); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "agent_id", s->ref->agent)) {
		int64_t at = ref_int(t, i, "decided_us", INT64_MAX);

		if (at <= before(s) && at >= best) {
			best = at;
			found = i;
		}
	}
	return found;
}

/* The policy version that was in force when it went live. */
static size_t
policy(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_policy_version");
	const char *id = ref_text(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "matrix_policy_id");

	for (size_t i = ref_next(t, 0, "policy_id", id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", id))
		if (ref_int(t, i, "from_us", INT64_MAX) <= before(s) &&
		    ref_int(t, i, "to_us", INT64_MAX) > before(s))
			return i;
	return SIZE_MAX;
}

static const struct sec_col assessed_cols[] = {
	{ "assessed", "Impact assessment of", "date_us" },
	{ "outcome", "Its outcome", "outcome" },
	{ "decided_by", "Decided by", "decided_by" },
	{ "decided", "Decided at", "decided_us" }
};
static const struct sec_col policy_cols[] = {
	{ "policy", "Policy", "policy_id" },
	{ "policy_version", "Version in force then", "policy_version" },
	{ "approvals", "Persons who approved it", "approvals" }
};

static void
review(struct sec *s)
{
	struct docnode *table;

	gates(s);
	cards(s);
	table = sec_fields(s, "papers", "Papers and records that were due");
	sec_refs(s, table, sec_ref_table(s, "ref_assessment"), assessment(s),
	    assessed_cols, COUNT(assessed_cols), sec_printf(s,
	    "registry/assessments/%s/, decided before it goes live",
	    s->ref->agent));
	sec_field(s, table, "Audit trail, over the period", sec_result(s,
	    "trail", "AU-02.t1", s->ref->agent));
	sec_refs(s, table, sec_ref_table(s, "ref_policy_version"), policy(s),
	    policy_cols, COUNT(policy_cols), "policies/");
}

static int
reaches(const char *op, int64_t score, int64_t limit)
{
	if (op == NULL)
		return 0;
	return op[0] == '<' ? op[1] == '=' ? score <= limit : score < limit :
	    op[1] == '=' ? score >= limit : score > limit;
}

static size_t
newest(const struct sec *s, const struct ref_table *t, const char *const *is)
{
	int64_t best = INT64_MIN;
	size_t found = SIZE_MAX;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		int64_t at = ref_int(t, i, "at_us", INT64_MAX);

		if (at < before(s) && at >= best) {
			best = at;
			found = i;
		}
	}
	return found;
}

static void
evaluations(struct sec *s)
{
	static const char *const head[] = { "Suite", "Looks for", "Metric",
	    "Must be", "Limit", "Score before it went live", "At",
	    "Reached" };
	const struct ref_table *t = sec_ref_table(s, "ref_version_eval");
	const struct ref_table *log = sec_log_table(s, "log_evaluation");
	const struct ref_table *suite = sec_ref_table(s, "ref_suite");
	const char *all[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	struct rows r = sec_rows(s, "evals", "Evaluations", head,
	    COUNT(head));

	for (size_t i = all[3] == NULL ? SIZE_MAX : sec_find(t, 0, all); i !=
	    SIZE_MAX; i = sec_find(t, i + 1, all)) {
		const char *is[] = { "agent_id", s->ref->agent,
		    "agent_version", s->ref->version, "suite", ref_text(t, i,
		    "suite"), "metric", ref_text(t, i, "metric"), NULL };
		size_t row = newest(s, log, is);
		int64_t score = ref_int(log, row, "score_ppm", INT64_MIN);

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "evals", r.n, "suite"), t,
		    i, "suite", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "evals", r.n, "kind"),
		    suite, ref_next(suite, 0, "suite", is[5]), "kind",
		    "registry/evaluations/"));
		sec_cell(&r, sec_ref(s, sec_item(s, "evals", r.n, "metric"),
		    t, i, "metric", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "evals", r.n, "op"), t, i,
		    "op", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "evals", r.n, "limit"), t,
		    i, "value_micro", NULL));
		sec_cell(&r, sec_log(s, sec_item(s, "evals", r.n, "score"),
		    log, row, "score_ppm"));
		sec_cell(&r, sec_log(s, sec_item(s, "evals", r.n, "at"), log,
		    row, "at_us"));
		sec_cell(&r, score == INT64_MIN ? sec_missing(s, sec_item(s,
		    "evals", r.n, "met"), PROV_DERIVED, "the log that was "
		    "read has no such evaluation before it") : sec_text(s,
		    sec_item(s, "evals", r.n, "met"), PROV_DERIVED,
		    reaches(ref_text(t, i, "op"), score, ref_int(t, i,
		    "value_micro", 0)) ? "yes" : "no", "before_it"));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "fill evals in %s",
	    sec_version_file(s)));
}

static void
drills(struct sec *s)
{
	static const char *const kind[][2] = {
		{ "chaos", "Chaos drill" }, { "kill_switch", "Halt drill" },
		{ "rollback", "Rollback drill" }
	};
	static const char *const head[] = { "Drill", "Last before it went live", "Outcome" };
	const struct ref_table *t = sec_log_table(s, "log_drilled");
	struct rows r = sec_rows(s, "drills", "Drills of the agent", head,
	    COUNT(head));

	for (size_t i = 0; i < COUNT(kind); i++) {
		const char *is[] = { "agent_id", s->ref->agent, "kind",
		    kind[i][0], NULL };
		size_t row = newest(s, t, is);

		sec_row(&r);
		sec_cell_name(&r, kind[i][1]);
		sec_cell(&r, row != SIZE_MAX ? sec_log(s, sec_item(s, "drills",
		    r.n, "at"), t, row, "at_us") : sec_missing(s, sec_item(s,
		    "drills", r.n, "at"), PROV_MEASURED, "the log that was "
		    "read has none before it"));
		sec_cell(&r, row != SIZE_MAX ? sec_log(s, sec_item(s, "drills",
		    r.n, "outcome"), t, row, "outcome") : sec_missing(s,
		    sec_item(s, "drills", r.n, "outcome"), PROV_MEASURED,
		    "the log that was read has none before it"));
	}
	sec_rows_end(&r, PROV_MEASURED, "");
}

static const struct sec_col shadow_cols[] = {
	{ "shadow_took", "In shadow for", "took_us" },
	{ "shadow_n", "Decisions in shadow", "decisions" }
};

static void
safety(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const struct ref_table *t = sec_log_table(s, "log_shadow_run");
	struct docnode *table;

	evaluations(s);
	drills(s);
	table = sec_fields(s, "shadow", "Shadow");
	for (size_t c = 0; c < COUNT(shadow_cols); c++)
		sec_field(s, table, shadow_cols[c].label, sec_log(s,
		    shadow_cols[c].field, t, is[3] == NULL ? SIZE_MAX :
		    sec_find(t, 0, is), shadow_cols[c].col));
}

static const struct sec_col decision_cols[] = {
	{ "from", "In production from", "from_us" },
	{ "to", "Until", "to_us?still" },
	{ "deployed_by", "Deployed by", "deployed_by" },
	{ "approved_by", "Go by", "approved_by" },
	{ "approved", "Go at", "approved_us" },
	{ "taken_back", "Takes back version", "rollback_of?none" }
};

/* The row of log_deployed of this deployment. */
static size_t
seen(const struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_deployed");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, "stage", "prod", NULL };
	int64_t from = ref_int(deployments(s), s->ref->row, "from_us", -1);

	if (is[3] == NULL)
		return SIZE_MAX;
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "from_us", -2) == from)
			return i;
	return SIZE_MAX;
}

static void
decision(struct sec *s)
{
	const struct ref_table *log = sec_log_table(s, "log_deployed");
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	struct docnode *table = sec_fields(s, "fields", "Go or no-go");
	int64_t go = ref_int(deployments(s), s->ref->row, "approved_us",
	    INT64_MAX), first = ref_int(log, seen(s), "first_us", INT64_MIN);

	sec_field(s, table, "Decision", s->ref->row == SIZE_MAX ?
	    sec_text(s, "decision", PROV_DERIVED, "an idea under review: no "
	    "deployment to production is declared", "in_force") : sec_text(s,
	    "decision", PROV_DERIVED, go != INT64_MAX ? "go" : "went live; "
	    "nobody is named who said go", "in_force"));
	sec_refs(s, table, deployments(s), s->ref->row, decision_cols,
	    COUNT(decision_cols), "registry/deployments.yaml");
	sec_field(s, table, "Conditions", assessment(s) != SIZE_MAX &&
	    ref_text(t, assessment(s), "conditions") == NULL && str_eq(
	    ref_text(t, assessment(s), "outcome"), "accept") ? sec_said(s,
	    "conditions", t, assessment(s), "none: accepted as it is") :
	    sec_ref(s, "conditions", t, assessment(s), "conditions",
	    sec_printf(s, "registry/assessments/%s/", s->ref->agent)));
	sec_field(s, table, "First event in production", sec_log(s, "first",
	    log, seen(s), "first_us"));
	sec_field(s, table, "Go before that event", first == INT64_MIN ||
	    go == INT64_MAX ? sec_missing(s, "before", PROV_DERIVED,
	    "it needs both moments") : sec_text(s, "before", PROV_DERIVED,
	    go <= first ? "yes" : "no", "before_it"));
}

const struct section sec_ga[] = {
	{ "review_gates", "GA1", "Review gates", AUDIENCE_AUDITOR, "C37 C48",
	    "gates[passed by before] cards[model card] assessed outcome decided_by decided trail policy policy_version approvals",
	    review, "the governance lead" },
	{ "safety_gate", "GA2", "Safety gate", AUDIENCE_AUDITOR,
	    "C10 C20 C31",
	    "evals[suite kind metric op limit score at met] drills[at outcome] shadow_took shadow_n", safety,
	    "who runs the evaluations" },
	{ "decision", "GA3", "Decision", AUDIENCE_AUDITOR, "C19 C20",
	    "decision from to deployed_by approved_by approved taken_back conditions first before", decision, "who deploys" },
	{ .id = NULL }
};
