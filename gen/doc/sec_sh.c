#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A version in shadow: documents.md, SH1 to SH4. */

static const char *const tiers[] = { "auto", "notify", "approve", "block" };
#define NTIER COUNT(tiers)

static size_t
stage_row(const struct sec *s, const char *stage)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, "stage", stage, NULL };

	return sec_find(sec_ref_table(s, "ref_deployment"), 0, is);
}

/* The row that says how long: of production, else of shadow itself. */
static size_t
plan_row(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_deployment");
	size_t prod = stage_row(s, "prod");

	return prod != SIZE_MAX && ref_value(t, prod, "shadow_min_us")->type
	    != VALUE_NULL ? prod : stage_row(s, "shadow");
}

static size_t
run_row(const struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };

	return sec_find(sec_log_table(s, "log_shadow_run"), 0, is);
}

static const struct sec_col plan_cols[] = {
	{ "least", "Must have lasted", "shadow_min_us" },
	{ "least_n", "Must have decided", "shadow_min_decisions" },
	{ "reviewer", "Who judges", "shadow_reviewer_role" }
};
static const struct sec_col seen_cols[] = {
	{ "took", "Lasted in the log", "took_us" }, { "days", "Days", "days" },
	{ "runs", "Runs", "runs" }, { "decisions", "Decisions", "decisions" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};
static const struct sec_col case_cols[] = {
	{ "action", "Action", "action" },
	{ "class", "Data class", "data_class?none named" },
	{ "tier", "Tier it gave", "tier" },
	{ "judged", "Tier by the reviewer", "judged?not said" },
	{ "decisions", "Decisions", "decisions" },
	{ "reviewed", "Reviewed", "reviewed" },
	{ "reversed", "Reversed", "reversed" }
};

static void
plan(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const struct ref_table *d = sec_ref_table(s, "ref_deployment");
	const struct ref_table *v = sec_ref_table(s, "ref_agent_version");
	const struct ref_table *log = sec_log_table(s, "log_shadow_run");
	const char *file = "registry/deployments.yaml";
	struct docnode *table = sec_fields(s, "fields", "Candidate and plan");

	sec_field(s, table, "Baseline: the version before it",
	    ref_text(v, sec_version(s), "previous") != NULL ? sec_ref(s,
	    "baseline", v, sec_version(s), "previous", NULL) : sec_not_owed(s,
	    "baseline", "it names no previous version"));
	sec_field(s, table, "Why it was made", sec_ref(s, "reason", v,
	    sec_version(s), "reason", sec_version_file(s)));
	sec_field(s, table, "In shadow from", sec_ref(s, "from", d,
	    stage_row(s, "shadow"), "from_us", file));
	sec_refs(s, table, d, plan_row(s), plan_cols, COUNT(plan_cols), file);
	table = sec_fields(s, "seen", "What the log shows");
	for (size_t c = 0; c < COUNT(seen_cols); c++)
		sec_field(s, table, seen_cols[c].label, sec_log(s,
		    seen_cols[c].field, log, run_row(s), seen_cols[c].col));
	sec_grid(s, "cases", "Cases, by action and class of data",
	    "log_shadow", is, case_cols, COUNT(case_cols),
	    "no decision in shadow was logged");
}

struct agreement {
	uint64_t cell[NTIER][NTIER], n, same, laxer, stricter, not_said;
};

static size_t
tier_no(const char *tier)
{
	size_t i = 0;

	while (i < NTIER && !str_eq(tier, tiers[i]))
		i++;
	return i;
}

static struct agreement
agreement(const struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_shadow");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	struct agreement g = { .n = 0 };

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		size_t own = tier_no(ref_text(t, i, "tier"));
		size_t said = tier_no(ref_text(t, i, "judged"));
		uint64_t n = (uint64_t)ref_int(t, i, "decisions", 0);

		if (own == NTIER || said == NTIER) {
			g.not_said += n;
			continue;
		}
		g.cell[own][said] += n;
		g.n += n;
		g.same += own == said ? n : 0;
		g.laxer += own < said ? n : 0;
		g.stricter += own > said ? n : 0;
	}
	return g;
}

/* Cohen's kappa in thousandths, rounded to the nearest; text, or NULL where
 * chance alone would agree. */
static const char *
kappa(struct sec *s, const struct agreement *g)
{
	uint64_t chance = 0;
	int64_t up, down, k;
	struct str str = str_new(s->a);

	for (size_t i = 0; i < NTIER; i++) {
		uint64_t row = 0, col = 0;

		for (size_t j = 0; j < NTIER; j++) {
			row += g->cell[i][j];
			col += g->cell[j][i];
		}
		chance += row * col;
	}
	down = (int64_t)(g->n * g->n - chance);
	if (g->n == 0 || down == 0)
		return NULL;
	up = 1000 * ((int64_t)(g->n * g->same) - (int64_t)chance);
	k = (2 * up + (up < 0 ? -down : down)) / (2 * down);
	str_addf(&str, "%s%" PRId64 ".%03" PRId64, k < 0 ? "-" : "",
	    (k < 0 ? -k : k) / 1000, (k < 0 ? -k : k) % 1000);
	return str.p;
}

/* McNemar: the band of p, exact in whole numbers up to 60 discordant. */
static const char *
band(uint64_t b, uint64_t c)
{
	static const char *const word[] = { "p > 0.05", "p <= 0.05",
	    "p <= 0.01", "p <= 0.001" };
	uint64_t n = b + c, low = b < c ? b : c, sum = 0, choose = 1;
	uint64_t d = b > c ? b - c : c - b, all;

	if (n > 60) { /* (|b-c|-1)^2 / n against 3.841, 6.635, 10.828 */
		uint64_t x = 1000 * ((d > 0 ? d - 1 : 0) * (d > 0 ? d - 1 :
		    0)) / n;

		return word[(x >= 3841) + (x >= 6635) + (x >= 10828)];
	}
	if (n == 0)
		return "no discordant decision";
	all = (uint64_t)1 << n;
	for (uint64_t i = 0; i <= low; i++) {
		sum += choose;
		choose = choose * (n - i) / (i + 1);
	}
	/* 2 sum / all <= 1/20, 1/100, 1/1000 */
	return word[(sum <= all / 40) + (sum <= all / 200) + (sum <= all /
	    2000)];
}

static void
agree(struct sec *s)
{
	static const char *const head[] = { "The version said", "The reviewer: auto", "notify", "approve", "block" };
	const struct agreement g = agreement(s);
	struct rows r = sec_rows(s, "tiers", "Tier of the version against tier "
	    "of the reviewer", head, COUNT(head));
	const char *k = kappa(s, &g);
	struct docnode *table;

	sec_intro(s, "A review that upholds a decision without a tier of its "
	    "own counts as the same tier.");
	for (size_t i = 0; i < NTIER && g.n > 0; i++) {
		sec_row(&r);
		sec_cell_name(&r, tiers[i]);
		for (size_t j = 0; j < NTIER; j++)
			sec_cell(&r, sec_count(s, sec_item(s, "tiers", r.n,
			    tiers[j]), g.cell[i][j], "log_shadow.decisions"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no decision in shadow was judged by a "
	    "person");
	table = sec_fields(s, "agreement", "Agreement");
	sec_field(s, table, "Same tier", sec_estimate(s, "same", g.same, g.n,
	    "log_shadow.judged"));
	sec_field(s, table, "The version was laxer", sec_ratio(s, "laxer",
	    g.laxer, g.n, "log_shadow.judged"));
	sec_field(s, table, "The version was stricter", sec_ratio(s,
	    "stricter", g.stricter, g.n, "log_shadow.judged"));
	sec_field(s, table, "Not judged, or reversed without a tier",
	    sec_count(s, "not_said", g.not_said, "log_shadow.judged"));
	sec_field(s, table, "Cohen's kappa", k != NULL ? sec_text(s, "kappa",
	    PROV_DERIVED, k, "kappa") : sec_missing(s, "kappa",
	    PROV_MEASURED, "it needs decisions of more than one tier"));
	sec_field(s, table, "McNemar, laxer against stricter", g.n > 0 ?
	    sec_text(s, "mcnemar", PROV_DERIVED, band(g.laxer, g.stricter),
	    "mcnemar") : sec_missing(s, "mcnemar", PROV_MEASURED,
	    "no decision in shadow was judged by a person"));
	sec_field(s, table, "Disagreements, with their records", sec_result(s,
	    "records", "ML-05.t4", s->ref->agent));
}

static const struct sec_col would_cols[] = {
	{ "action", "Action", "action" },
	{ "currency", "Currency", "currency?no amount" },
	{ "actions", "Actions in shadow", "actions" },
	{ "blocked", "Blocked", "blocked" },
	{ "effects", "Changed something", "effects" },
	{ "sum", "Would have moved", "amount_sum_minor?no amount" },
	{ "max", "Largest", "amount_max_minor?no amount" }
};
static const struct sec_col cost_cols[] = {
	{ "tokens", "Tokens read and written", "tokens" },
	{ "p50", "Median of a model call", "p50_us" },
	{ "p95", "95th percentile of a model call", "p95_us" }
};

static void
effects(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const struct ref_table *t = sec_log_table(s, "log_shadow_action");
	struct docnode *table = sec_fields(s, "effects", "Side effects");

	sec_field(s, table, "Actions in shadow that changed something",
	    sec_ratio(s, "changed", sec_sum(t, is, "effects"), sec_sum(t, is,
	    "actions"), "log_shadow_action.effects"));
	sec_field(s, table, "What the test found, of all versions",
	    sec_result(s, "held", "ML-05.t2", s->ref->agent));
	sec_grid(s, "would", "What would have run", "log_shadow_action", is,
	    would_cols, COUNT(would_cols), "no action in shadow was logged");
	table = sec_fields(s, "cost", "Cost and time");
	for (size_t c = 0; c < COUNT(cost_cols); c++)
		sec_field(s, table, cost_cols[c].label, sec_log(s,
		    cost_cols[c].field, sec_log_table(s, "log_shadow_run"),
		    run_row(s), cost_cols[c].col));
}

/* Whether the plan was met; both sides must be known. */
static struct fact *
met(struct sec *s, const char *field, const char *want, const char *have)
{
	const struct ref_table *d = sec_ref_table(s, "ref_deployment");
	const struct ref_table *log = sec_log_table(s, "log_shadow_run");
	int64_t least = ref_int(d, plan_row(s), want, -1);
	int64_t n = ref_int(log, run_row(s), have, -1);

	if (least < 0)
		return sec_missing(s, field, PROV_DECLARED, sec_printf(s,
		    "fill %s in registry/deployments.yaml", want));
	if (n < 0)
		return sec_missing(s, field, PROV_MEASURED,
		    "the log has nothing of it in shadow");
	return sec_text(s, field, PROV_DERIVED, n >= least ? "met" :
	    "not met", "plan_met");
}

static const struct sec_col gate_cols[] = {
	{ "gate", "Gate", "gate" }, { "passed", "Passed at", "passed_us" },
	{ "by", "Passed by", "passed_by" }
};
static const struct sec_col promoted_cols[] = {
	{ "prod_from", "In production from", "from_us" },
	{ "deployed_by", "Deployed by", "deployed_by" },
	{ "approved_by", "Promoted by", "approved_by" },
	{ "approved", "Promoted at", "approved_us" }
};

static void
verdict(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, "stage", "prod", NULL };
	const struct ref_table *d = sec_ref_table(s, "ref_deployment");
	const struct ref_table *v = sec_ref_table(s, "ref_agent_version");
	struct docnode *table = sec_fields(s, "met", "The plan");

	sec_field(s, table, "Long enough", met(s, "long_enough",
	    "shadow_min_us", "took_us"));
	sec_field(s, table, "Often enough", met(s, "often_enough",
	    "shadow_min_decisions", "decisions"));
	sec_grid(s, "gates", "Gates before production", "ref_gate", is,
	    gate_cols, COUNT(gate_cols), "fill gates in "
	    "registry/deployments.yaml, or hold the version");
	sec_field(s, sec_fields(s, "policy", "Matrix"), "Policy version that "
	    "it asks for at least", sec_ref(s, "policy", v, sec_version(s),
	    "policy_min_version", sec_version_file(s)));
	table = sec_fields(s, "promoted", "Promoted or held");
	if (stage_row(s, "prod") != SIZE_MAX)
		sec_refs(s, table, d, stage_row(s, "prod"), promoted_cols,
		    COUNT(promoted_cols), NULL);
	else
		sec_field(s, table, "Promoted or held", sec_text(s, "held",
		    PROV_DERIVED, "held: no deployment to production is "
		    "declared", "in_force"));
}

const struct section sec_sh[] = {
	{ "plan_coverage", "SH1", "Plan and coverage", AUDIENCE_AUDITOR,
	    "C20",
	    "baseline reason from least least_n reviewer took days runs decisions first last cases[action class tier judged decisions reviewed reversed]", plan, "who deploys" },
	{ "agreement", "SH2", "Agreement", AUDIENCE_AUDITOR, "",
	    "tiers[auto notify approve block] same laxer stricter not_said kappa mcnemar records", agree, "who judges the shadow" },
	{ "side_effects", "SH3", "Side effects", AUDIENCE_AUDITOR, "C21",
	    "changed held would[action currency actions blocked effects sum max] tokens p50 p95", effects, "the log" },
	{ "verdict", "SH4", "Verdict", AUDIENCE_AUDITOR, "C20",
	    "long_enough often_enough gates[gate passed by] policy prod_from deployed_by approved_by approved held", verdict, "who deploys" },
	{ .id = NULL }
};
