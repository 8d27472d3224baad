#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The model card: documents.md, MC1 to MC13. */

static size_t
model_row(const struct sec *s)
{
	return ref_next(sec_ref_table(s, "ref_model"), 0, "model",
	    s->ref->model);
}

static const char *
model_file(const struct sec *s)
{
	return sec_printf(s, "registry/models/%s.yaml", s->ref->model != NULL ?
	    s->ref->model : "MODEL");
}

static const char *const *
is_model(struct sec *s)
{
	const char *is[] = { "model_provider", s->ref->model_provider,
	    "model_id", s->ref->model_id, "model_version",
	    s->ref->model_version, NULL };
	const char **copy = arena_memdup(s->a, is, sizeof(is));

	return copy;
}

static const struct sec_col details_cols[] = {
	{ "provider", "Provider", "model_provider" },
	{ "id", "Model", "model_id" },
	{ "version", "Version", "model_version" },
	{ "version_date", "Date of the version", "version_date_us" },
	{ "kind", "Kind", "kind" }, { "base", "Made from", "base" },
	{ "licence", "Licence", "licence" },
	{ "licence_link", "Licence at", "licence_link" },
	{ "region", "Region", "region" },
	{ "systemic_risk", "General-purpose, systemic risk",
	    "gpai_systemic_risk" },
	{ "card", "Provider's card", "card_file" },
	{ "card_sha256", "Its SHA-256", "card_sha256" },
	{ "deprecation", "Not used from", "deprecation_us" },
	{ "owner", "Owner", "owner" }
};

static void
details(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_model");
	const struct ref_table *seen = sec_log_table(s, "log_model");
	size_t row = model_row(s), at = sec_find(seen, 0, is_model(s));
	struct docnode *table;

	if (row == SIZE_MAX) {
		docnode_verdict(s->a, s->at, TONE_BAD, "Not in the registry",
		    "this model answered and nobody declared it.");
		table = sec_fields(s, "seen", "As the log names it");
		sec_field(s, table, "Provider", sec_log(s, "provider", seen,
		    at, "model_provider"));
		sec_field(s, table, "Model", sec_log(s, "id", seen, at,
		    "model_id"));
		sec_field(s, table, "Version", sec_log(s, "version", seen, at,
		    "model_version"));
		return;
	}
	if (at == SIZE_MAX)
		sec_intro(s, "No event in the period names this model.");
	table = sec_fields(s, "fields", "The model");
	sec_refs(s, table, t, row, details_cols, COUNT(details_cols),
	    model_file(s));
}

static void
listed(struct sec *s, struct docnode *table, const char *field,
    const char *label)
{
	sec_listed(s, table, field, label, sec_ref_table(s, "ref_model"),
	    model_row(s), s->ref->model, field, model_file(s));
}

static void
intended_use(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "What it is for");

	listed(s, table, "intended", "Intended uses");
	listed(s, table, "users", "Intended users");
	listed(s, table, "out_of_scope", "Not intended");
}

static void
factors(struct sec *s)
{
	sec_intro(s, "Groups and conditions under which the model may behave "
	    "differently.");
	listed(s, sec_fields(s, "fields", "Factors"), "factors", "Factors");
}

static const struct sec_col granted_cols[] = {
	{ "agent", "Agent", "agent_id" },
	{ "version", "Version", "agent_version" }, { "use", "Use", "use" },
	{ "params", "Parameters", "params" }
};

static const struct sec_col calls_cols[] = {
	{ "agent", "Agent", "agent_id" },
	{ "version", "Version", "agent_version" },
	{ "calls", "Calls", "calls" }, { "tokens_in", "Tokens in",
	    "tokens_in" }, { "tokens_out", "Tokens out", "tokens_out" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static void
used_by(struct sec *s)
{
	const char *is[] = { "model", s->ref->model, NULL };

	sec_grid(s, "agents", "Agents that declare it", "ref_version_model",
	    is, granted_cols, COUNT(granted_cols), "no agent version names it "
	    "under models");
	sec_grid(s, "calls", "Agents that called it", "log_model", is_model(s),
	    calls_cols, COUNT(calls_cols), "no call in this period");
}

static const struct sec_col metric_cols[] = {
	{ "metric", "Metric", "metric" }, { "why", "Why this one", "why" }
};

/* What the agent versions on this model had to reach. */
static void
thresholds(struct sec *s)
{
	static const char *const head[] = {
		"Agent", "Version", "Suite", "Metric", "Must be", "Value",
		"At most old"
	};
	static const char *const col[] = {
		"agent_id", "agent_version", "suite", "metric", "op",
		"value_micro", "max_age_us"
	};
	const struct ref_table *v = sec_ref_table(s, "ref_version_model");
	const struct ref_table *t = sec_ref_table(s, "ref_version_eval");
	const char *uses[] = { "model", s->ref->model, NULL };
	struct rows r = sec_rows(s, "thresholds", "Limits that versions on "
	    "this model must keep", head, COUNT(head));

	for (size_t i = sec_find(v, 0, uses); i != SIZE_MAX;
	    i = sec_find(v, i + 1, uses)) {
		const char *is[] = { "agent_id", ref_text(v, i, "agent_id"),
		    "agent_version", ref_text(v, i, "agent_version"), NULL };

		for (size_t k = sec_find(t, 0, is); k != SIZE_MAX;
		    k = sec_find(t, k + 1, is)) {
			sec_row(&r);
			for (size_t c = 0; c < COUNT(col); c++)
				sec_cell(&r, sec_ref(s, sec_item(s,
				    "thresholds", r.n, col[c]), t, k, col[c],
				    NULL));
		}
	}
	sec_rows_end(&r, PROV_DECLARED, "fill evals of the agent versions");
}

static void
metrics(struct sec *s)
{
	const char *is[] = { "model", s->ref->model, NULL };

	sec_grid(s, "metrics", "Metrics", "ref_model_metric", is, metric_cols,
	    COUNT(metric_cols), sec_printf(s, "fill metrics in %s",
	    model_file(s)));
	thresholds(s);
}

/* The suites that versions on this model are judged by, each once. */
static int
suite_used(struct sec *s, const char *suite)
{
	const struct ref_table *v = sec_ref_table(s, "ref_version_model");
	const struct ref_table *t = sec_ref_table(s, "ref_version_eval");
	const char *uses[] = { "model", s->ref->model, NULL };

	for (size_t i = sec_find(v, 0, uses); i != SIZE_MAX;
	    i = sec_find(v, i + 1, uses)) {
		const char *is[] = { "agent_id", ref_text(v, i, "agent_id"),
		    "agent_version", ref_text(v, i, "agent_version"),
		    "suite", suite, NULL };

		if (sec_find(t, 0, is) != SIZE_MAX)
			return 1;
	}
	return 0;
}

static void
evaluation_data(struct sec *s)
{
	static const char *const head[] = {
		"Suite", "Dataset", "Version", "SHA-256", "Items", "Origin",
		"Licence", "Personal data"
	};
	static const char *const col[] = {
		"dataset", "dataset_version", "sha256", "n", "source",
		"licence", "personal"
	};
	const struct ref_table *suites = sec_ref_table(s, "ref_suite");
	const struct ref_table *t = sec_ref_table(s, "ref_dataset");
	struct rows r = sec_rows(s, "datasets", "Data of the evaluations",
	    head, COUNT(head));

	for (size_t i = 0; suites != NULL && i < suites->nrow; i++) {
		const char *set = ref_text(suites, i, "dataset");
		size_t row = ref_next(t, 0, "dataset", set);

		if (!suite_used(s, ref_text(suites, i, "suite")))
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "datasets", r.n, "suite"),
		    suites, i, "suite", NULL));
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "datasets", r.n,
			    col[c]), t, row, col[c], sec_printf(s,
			    "registry/datasets/%s.yaml", set != NULL ? set :
			    "DATASET")));
	}
	sec_rows_end(&r, PROV_DECLARED, "fill evals of the agent versions, "
	    "and the suites that they name");
}

static void
training_data(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_model");
	struct docnode *table;

	sec_intro(s, "The provider's own statement; where there is none, the "
	    "provider did not disclose it to us.");
	table = sec_fields(s, "fields", "Training data");
	sec_field(s, table, "Statement", sec_ref(s, "statement", t,
	    model_row(s), "training_data", model_file(s)));
	sec_field(s, table, "Documentation under Art. 53", sec_ref(s,
	    "art_53", t, model_row(s), "art_53_doc", model_file(s)));
}

/* The evaluation events of one agent version. */
static void
scores_of(struct sec *s, struct rows *r, const char *agent,
    const char *version)
{
	static const char *const col[] = {
		"agent_id", "agent_version", "suite", "metric", "at_us",
		"score_ppm"
	};
	const struct ref_table *t = sec_log_table(s, "log_evaluation");
	const char *is[] = { "agent_id", agent, "agent_version", version,
	    NULL };

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		sec_row(r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(r, sec_log(s, sec_item(s, "measured", r->n,
			    col[c]), t, i, col[c]));
	}
}

/* A score of a declared result with its interval. */
static struct fact *
interval(struct sec *s, const char *field, const struct ref_table *t,
    size_t row)
{
	int64_t n = ref_int(t, row, "n", 0), v;
	struct fact *f;

	v = ref_int(t, row, "value_micro", -1);
	if (n <= 0 || v < 0 || v > 1000000)
		return sec_missing(s, field, PROV_DERIVED,
		    "an interval needs n and a score from 0 to 1");
	f = sec_estimate(s, field, (uint64_t)((v * n + 500000) / 1000000),
	    (uint64_t)n, "wilson");
	f->prov = PROV_DERIVED;
	return f;
}

static void
results_of(struct sec *s, struct rows *r, const char *agent,
    const char *version)
{
	static const char *const col[] = {
		"agent_id", "agent_version", "suite", "metric", "slice",
		"value_micro", "n", "run_us"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_eval_result");
	const char *is[] = { "agent_id", agent, "agent_version", version,
	    NULL };

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		sec_row(r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(r, sec_ref(s, sec_item(s, "declared", r->n,
			    col[c]), t, i, col[c], NULL));
		sec_cell(r, interval(s, sec_item(s, "declared", r->n,
		    "interval"), t, i));
	}
}

static void
analyses(struct sec *s)
{
	static const char *const measured[] = {
		"Agent", "Version", "Suite", "Metric", "Run at", "Score"
	};
	static const char *const declared[] = {
		"Agent", "Version", "Suite", "Metric", "Slice", "Score", "n",
		"Run at", "With 95 % interval"
	};
	const struct ref_table *v = sec_ref_table(s, "ref_version_model");
	const char *uses[] = { "model", s->ref->model, NULL };
	struct rows r;

	r = sec_rows(s, "measured", "Scores in the log", measured,
	    COUNT(measured));
	for (size_t i = sec_find(v, 0, uses); i != SIZE_MAX;
	    i = sec_find(v, i + 1, uses))
		scores_of(s, &r, ref_text(v, i, "agent_id"),
		    ref_text(v, i, "agent_version"));
	sec_rows_end(&r, PROV_MEASURED, "no evaluation event of the versions "
	    "on this model");
	r = sec_rows(s, "declared", "Scores that were declared", declared,
	    COUNT(declared));
	for (size_t i = sec_find(v, 0, uses); i != SIZE_MAX;
	    i = sec_find(v, i + 1, uses))
		results_of(s, &r, ref_text(v, i, "agent_id"),
		    ref_text(v, i, "agent_version"));
	sec_rows_end(&r, PROV_DECLARED, "write a result below "
	    "registry/evaluations/results/");
}

static const struct sec_col claim_cols[] = {
	{ "metric", "Metric", "metric" }, { "value", "Score", "value_micro" },
	{ "dataset", "Data", "dataset" }, { "source", "Claimed in", "source" }
};

static const struct sec_col latency_cols[] = {
	{ "agent", "Agent", "agent_id" },
	{ "version", "Version", "agent_version" },
	{ "calls", "Calls", "calls" }, { "failed", "Failed", "failed" },
	{ "blocked", "Refused", "blocked" },
	{ "p50", "Median", "p50_us" }, { "p95", "95th percentile", "p95_us" }
};

static void
production(struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_model");
	const char *const *is = is_model(s);
	uint64_t calls = sec_sum(t, is, "calls");
	const char *mine[] = { "model", s->ref->model, NULL };
	struct docnode *table = sec_fields(s, "fields", "In production");

	sec_field(s, table, "Calls that failed", sec_estimate(s, "failed",
	    sec_sum(t, is, "failed"), calls, "log_model.failed"));
	sec_field(s, table, "Calls that were refused", sec_estimate(s,
	    "refused", sec_sum(t, is, "blocked"), calls,
	    "log_model.blocked"));
	sec_grid(s, "latency", "By agent version", "log_model", is,
	    latency_cols, COUNT(latency_cols), "no call in this period");
	sec_grid(s, "claims", "What the provider claims", "ref_model_claim",
	    mine, claim_cols, COUNT(claim_cols), sec_printf(s,
	    "fill claims in %s", model_file(s)));
}

static void
risk_row(struct rows *r, const struct ref_table *t, size_t row)
{
	static const char *const col[] = {
		"risk_id", "title", "consequence", "severity", "likelihood",
		"treatment", "accepted_by", "expires_us"
	};

	for (size_t i = 0; i < COUNT(col); i++)
		sec_cell(r, sec_ref(r->s, sec_item(r->s, "risks", r->n,
		    col[i]), t, row, col[i], NULL));
}

static void
ethics(struct sec *s)
{
	static const char *const head[] = {
		"Risk", "Title", "Consequence", "Severity", "Likelihood",
		"Treatment", "Accepted by", "Until"
	};
	struct rows r = sec_rows(s, "risks", "Risk records that name the "
	    "model", head, COUNT(head));

	sec_naming(&r, "risk", "models", s->ref->model, "ref_risk", "risk_id",
	    risk_row);
	sec_rows_end(&r, PROV_DECLARED, "name the model in models of a file "
	    "below registry/risks/");
}

static void
caveats(struct sec *s)
{
	const char *const *is = is_model(s);

	listed(s, sec_fields(s, "fields", "Known limits"), "limitations",
	    "Limitations");
	sec_intro(s, "Incidents and failures of the agents that use the model "
	    "stand in their system cards.");
	sec_field(s, sec_fields(s, "failures", "Failures in the log"),
	    "Calls that failed", sec_counted(s, "failures", "log_model",
	    is, "failed"));
}

/* Tokens times a declared factor, in millionths of a watt hour. */
static void
environment(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_model");
	const struct ref_table *seen = sec_log_table(s, "log_model");
	const char *const *is = is_model(s);
	uint64_t tokens = sec_sum(seen, is, "tokens_in") +
	    sec_sum(seen, is, "tokens_out");
	int64_t factor = ref_int(t, model_row(s), "energy_wh_per_1k_micro",
	    -1);
	struct docnode *table = sec_fields(s, "fields", "Use of energy");
	struct str str = str_new(s->a);

	sec_field(s, table, "Tokens read", sec_counted(s, "tokens_in",
	    "log_model", is, "tokens_in"));
	sec_field(s, table, "Tokens written", sec_counted(s, "tokens_out",
	    "log_model", is, "tokens_out"));
	sec_field(s, table, "Watt hours for 1,000 tokens", sec_ref(s,
	    "factor", t, model_row(s), "energy_wh_per_1k_micro",
	    model_file(s)));
	sec_field(s, table, "Source of that factor", sec_ref(s, "source", t,
	    model_row(s), "energy_source", model_file(s)));
	if (factor < 0 || sec_find(seen, 0, is) == SIZE_MAX ||
	    tokens > INT64_MAX / 1000000) {
		sec_field(s, table, "Watt hours", sec_missing(s, "energy",
		    PROV_DERIVED, "needs tokens and the factor above"));
		return;
	}
	figure_micro(&str, (int64_t)(tokens / 1000) * factor +
	    (int64_t)(tokens % 1000) * factor / 1000);
	sec_field(s, table, "Watt hours", sec_text(s, "energy", PROV_DERIVED,
	    str.p, "tokens_times_factor"));
}

static const struct sec_col version_cols[] = {
	{ "model", "Record", "model" }, { "version", "Version",
	    "model_version" }, { "date", "Date", "version_date_us" },
	{ "end", "Not used from", "deprecation_us" }
};

static const struct sec_col seen_cols[] = {
	{ "version", "Version", "model_version" },
	{ "agent", "Agent", "agent_id" }, { "calls", "Calls", "calls" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static void
versions(struct sec *s)
{
	const char *is[] = { "model_provider", s->ref->model_provider,
	    "model_id", s->ref->model_id, NULL };

	sec_grid(s, "declared", "Versions on record", "ref_model", is,
	    version_cols, COUNT(version_cols), sec_printf(s,
	    "declare it in %s", model_file(s)));
	sec_grid(s, "seen", "Versions that answered", "log_model", is,
	    seen_cols, COUNT(seen_cols), "no call in this period");
}

const struct section sec_mc[] = {
	{ "details", "MC1", "Details", AUDIENCE_PUBLIC, "C01",
	    "provider id version version_date kind base licence licence_link "
	    "region systemic_risk /card card_sha256 deprecation owner",
	    details, "the model's owner" },
	{ "intended_use", "MC2", "Intended use", AUDIENCE_PUBLIC, NULL,
	    "intended users out_of_scope", intended_use, "the model's owner" },
	{ "factors", "MC3", "Factors", AUDIENCE_PUBLIC, NULL, "factors",
	    factors, "the model's owner" },
	{ "used_by", "MC4", "Used by", AUDIENCE_AUDITOR, "C01 C17",
	    "agents[agent version use params] calls[agent version calls "
	    "tokens_in tokens_out first last]", used_by,
	    "owners of the agents" },
	{ "metrics", "MC5", "Metrics", AUDIENCE_PUBLIC, NULL,
	    "metrics[metric why] thresholds[agent_id agent_version suite "
	    "metric op value_micro max_age_us]", metrics,
	    "the model's owner" },
	{ "evaluation_data", "MC6", "Evaluation data", AUDIENCE_PUBLIC, NULL,
	    "datasets[suite dataset dataset_version sha256 n source licence "
	    "personal]", evaluation_data, "who runs the evaluations" },
	{ "training_data", "MC7", "Training data", AUDIENCE_PUBLIC, NULL,
	    "statement art_53", training_data, "the provider" },
	{ "analyses", "MC8", "Analyses", AUDIENCE_PUBLIC, "C09 C11",
	    "measured[agent_id agent_version suite metric at_us score_ppm] "
	    "declared[agent_id agent_version suite metric slice value_micro n "
	    "run_us interval]", analyses, "who runs the evaluations" },
	{ "production", "MC9", "Production", AUDIENCE_AUDITOR, "C30",
	    "failed refused latency[agent version calls failed blocked p50 "
	    "p95] claims[metric value dataset source]", production,
	    "the log" },
	{ "ethics", "MC10", "Ethics", AUDIENCE_PUBLIC, NULL,
	    "risks[risk_id title consequence severity likelihood treatment "
	    "accepted_by expires_us]", ethics, "owners of the risks" },
	{ "caveats", "MC11", "Caveats", AUDIENCE_PUBLIC, NULL,
	    "limitations failures", caveats, "the model's owner" },
	{ "environment", "MC12", "Environment", AUDIENCE_PUBLIC, NULL,
	    "tokens_in tokens_out factor source energy", environment, "the provider" },
	{ "versions", "MC13", "Versions", AUDIENCE_PUBLIC, "C01",
	    "declared[model version date end] seen[version agent calls first "
	    "last]", versions, "the model's owner" },
	{ .id = NULL }
};
