#include <string.h>

#include "generate.h"

/*
 * What happens to the company and not in a run: the calendar of
 * samples/README.md.  Each event has a bearer: a registered agent, the
 * version of it that is deployed then, and that environment.
 */

static const int months[] = { 4, 5, 6, 7, 8, 9, 10 };
#define NMONTH (sizeof(months) / sizeof(months[0]))

/* The agent's own stage, prod first; else order-desk's. */
static const struct stage_fact *
bearer(enum agent a, int64_t us)
{
	static const enum env order[] = { PROD, SHADOW, STAGING };
	const struct stage_fact *s;

	for (size_t i = 0; i < NENV; i++)
		if ((s = stage_at(a, order[i], us)) != NULL)
			return s;
	if (a == ORDER)
		die(4, "order-desk has no stage then");
	return bearer(ORDER, us);
}

static void
begin(struct draft *d, const struct stage_fact *s, const char *type,
    const char *id, const char *who)
{
	memset(d, 0, sizeof(*d));
	set_text(d, EVENT_AGENT_ID, agents[s->agent].id);
	set_text(d, EVENT_AGENT_VERSION, s->version);
	set_int(d, EVENT_DELEGATION_DEPTH, 0);
	set_text(d, EVENT_ENVIRONMENT, env_name[s->env]);
	set_text(d, EVENT_EVENT_ID, id);
	set_text(d, EVENT_EVENT_TYPE, type);
	set_text(d, EVENT_INITIATOR_ID, who);
	set_text(d, EVENT_INITIATOR_KIND, "operator");
	set_int(d, EVENT_SHADOW, s->env == SHADOW);
}

static void
end(struct draft *d, int64_t at)
{
	set_int(d, EVENT_OCCURRED_US, at);
	set_int(d, EVENT_RECORDED_US, at + 40 * SECOND / 1000);
	write_event(d);
	write_forget();
}

static int
month_of(int64_t us)
{
	int m = 1;

	while (m < 12 && us >= AT(m + 1, 1, 0, 0))
		m++;
	return m;
}

static int
day_of(int64_t us)
{
	return (int)((us - AT(month_of(us), 1, 0, 0)) / DAY) + 1;
}

/* "0710": month and day, as ids of events have it. */
static const char *
stamp(int64_t us)
{
	return text("%02d%02d", month_of(us), day_of(us));
}

/* --- changes and deployments -------------------------------------------- */

static void
change(enum agent a, int64_t first_use, const char *what, const char *version,
    const char *id, const char *who, const char *approver, const char *reason)
{
	int64_t at = first_use - DAY;
	const struct stage_fact *s;
	struct draft d;

	at = at - at % DAY + 12 * HOUR;
	if (at < AT(3, 2, 0, 0))
		at = AT(3, 2, 0, 0);
	s = bearer(a, at);
	begin(&d, s, "change", text("change/%s:%s@%s", what, id, version), who);
	set_text(&d, EVENT_SUBJECT, text("%s:%s@%s", what, id, version));
	set_text(&d, EVENT_APPROVER_ID, approver);
	set_text(&d, EVENT_REASON, reason);
	set_text(&d, EVENT_OUTCOME, "success");
	end(&d, at);
}

static enum agent
user_of(enum tool t)
{
	return t == PAYMENTS ? REFUND : t == STOCKS || t == SUPPLIERS ? STOCK
	    : t == CATALOGUE ? COPY : t == ROSTER ? SHIFT : ORDER;
}

static enum agent
owner_of(enum policy p)
{
	for (int a = 0; a < NAGENT; a++)
		if (agents[a].policy == p)
			return (enum agent)a;
	return ORDER;
}

static int64_t
first_stage(enum agent a, const char *version)
{
	for (size_t i = 0; i < nstages; i++)
		if (stages[i].agent == a &&
		    strcmp(stages[i].version, version) == 0)
			return stages[i].from;
	return 0;
}

static void
change_policy(const struct policy_version *v)
{
	const char *id = policies[v->policy].id;
	int emergency = v->policy == P_REFUND && v->version[0] == '8';
	struct draft d;

	if (!emergency) {
		change(owner_of(v->policy), v->from, "policy", v->version, id,
		    "policy.one", v->policy == P_REFUND ? "finance-lead.one"
		    : "legal.one", "new version of the policy");
		return;
	}
	begin(&d, bearer(REFUND, v->from), "change",
	    "change/policy:refund-policy@8", "sre.one");
	set_text(&d, EVENT_SUBJECT, "policy:refund-policy@8");
	set_text(&d, EVENT_APPROVER_ID, "finance-lead.one");
	set_text(&d, EVENT_REASON, "emergency: lower limit, INC-3");
	set_text(&d, EVENT_OUTCOME, "success");
	end(&d, v->from);
}

static void
changes(void)
{
	for (size_t i = 0; i < npolicy_versions; i++)
		change_policy(&policy_versions[i]);
	for (size_t i = 0; i < npins; i++)
		change(user_of(pins[i].tool), pins[i].from, "tool",
		    pins[i].version, tools[pins[i].tool].id, "engineer.three",
		    "security.one", "new version of the tool, pinned");
	for (size_t i = 0; i < nversions; i++) {
		const struct version_fact *v = &versions[i];
		int64_t from = first_stage(v->agent, v->version);

		change(v->agent, from, "prompt", v->prompt_version, v->prompt,
		    "engineer.two", "product.one", "new version of the prompt");
		change(v->agent, from, "agent", v->version,
		    agents[v->agent].id, "product.one", governance_at(from -
		    DAY), "new version of the agent");
	}
}

/* A version that went from production to staging: what one rolls back to. */
static int
is_kept(const struct stage_fact *s)
{
	return s->env == STAGING && s->to == FOREVER;
}

static void
deployments(void)
{
	struct draft d;

	for (size_t i = 0; i < nstages; i++) {
		const struct stage_fact *s = &stages[i];

		begin(&d, s, "deployment", text("deploy/%s@%s/%s%s",
		    agents[s->agent].id, s->version, env_name[s->env],
		    s->rollback_of != NULL ? "/rollback" : is_kept(s) ? "/kept"
		    : ""), "sre.one");
		set_text(&d, EVENT_SUBJECT, text("agent:%s@%s",
		    agents[s->agent].id, s->version));
		set_text(&d, EVENT_APPROVER_ID, s->rollback_of != NULL
		    ? "governance.two" : governance_at(s->from - DAY));
		set_text(&d, EVENT_REASON, s->rollback_of != NULL
		    ? text("rollback of %s", s->rollback_of)
		    : is_kept(s) ? "kept to roll back to"
		    : text("to %s", env_name[s->env]));
		set_text(&d, EVENT_OUTCOME, "success");
		/* After the changes of the log's first moment. */
		end(&d, s->from + (s->from == AT(3, 2, 0, 0) ? SECOND : 0));
	}
}

/* --- evaluations and drills ---------------------------------------------- */

static const char *const suites[4][2] = {
	{ "golden", "accuracy" }, { "safety", "safe_share" },
	{ "red-team", "attack_success" }, { "fairness", "approval_gap" },
};

static void
evaluate(const struct stage_fact *s, int64_t at, const char *suite,
    const char *metric, int score)
{
	struct draft d;

	begin(&d, s, "evaluation", text("eval/%s@%s/%s/%s",
	    agents[s->agent].id, s->version, suite, stamp(at)),
	    "engineer.four");
	set_text(&d, EVENT_SUBJECT, suite);
	set_text(&d, EVENT_ACTION, metric);
	set_int(&d, EVENT_SCORE_PPM, score);
	set_text(&d, EVENT_OUTCOME, "success");
	end(&d, at);
}

static void
evaluate_all(const struct stage_fact *s, int64_t at)
{
	const struct version_fact *v = version_of(s->agent, s->version);

	for (int i = 0; i < 4; i++)
		if (v->score[i] > 0)
			evaluate(s, at + i * MINUTE, suites[i][0],
			    suites[i][1], v->score[i] +
			    1000 * (month_of(at) % 3));
}

/* Three days before its first prod, and each month while in prod or kept as
 * what one rolls back to. */
static void
evaluations(void)
{
	for (size_t i = 0; i < nstages; i++) {
		int64_t at = stages[i].from - 3 * DAY;

		at = at - at % DAY + 9 * HOUR;
		if (stages[i].env == PROD && stages[i].rollback_of == NULL)
			evaluate_all(stage_at(stages[i].agent, SHADOW, at), at);
	}
	for (size_t m = 0; m < NMONTH; m++)
		for (int a = 0; a < NAGENT; a++) {
			int64_t at = AT(months[m], 5, 3, 30);
			const struct stage_fact *s = stage_at((enum agent)a,
			    a == PRICE ? SHADOW : PROD, at);

			if (s != NULL)
				evaluate_all(s, at);
			s = stage_at((enum agent)a, STAGING, at);
			if (s != NULL && is_kept(s))
				evaluate_all(s, at);
		}
}

static void
drill(enum agent a, int64_t at, const char *kind, const char *outcome)
{
	struct draft d;

	begin(&d, stage_at(a, PROD, at), "drill", text("drill/%s/%s/%s/%s",
	    kind, agents[a].id, stamp(at), outcome), "sre.one");
	set_text(&d, EVENT_ACTION, kind);
	set_text(&d, EVENT_OUTCOME, outcome);
	end(&d, at);
}

static void
drills(void)
{
	static const struct { const char *kind; int64_t at, took; } due[] = {
		{ "kill_switch", AT(6, 17, 10, 0), 12 * SECOND },
		{ "kill_switch", AT(9, 16, 10, 0), 12 * SECOND },
		{ "rollback", AT(6, 18, 10, 0), 0 },
		{ "rollback", AT(9, 17, 10, 0), 0 },
		{ "chaos", AT(4, 8, 14, 0), 20 * MINUTE },
		{ "chaos", AT(5, 13, 14, 0), 20 * MINUTE },
		{ "chaos", AT(6, 10, 14, 0), 20 * MINUTE },
		{ "chaos", AT(7, 8, 14, 0), 20 * MINUTE },
		{ "chaos", AT(8, 12, 14, 0), 20 * MINUTE },
		{ "chaos", AT(9, 9, 14, 0), 20 * MINUTE },
		{ "incident", AT(5, 20, 13, 0), 0 },
	};

	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
		for (int a = 0; a < NAGENT; a++) {
			if (stage_at((enum agent)a, PROD, due[i].at) == NULL)
				continue;
			if (due[i].took > 0)
				drill((enum agent)a, due[i].at, due[i].kind,
				    "engaged");
			drill((enum agent)a, due[i].at + due[i].took,
			    due[i].kind, "passed");
		}
}

/* --- incidents ------------------------------------------------------------ */

static const struct incident {
	const char *id, *severity;
	enum agent agent;
	int64_t opened, reported, closed, fixed;
	const char *fix;
} incidents[] = {
	{ "INC-1", "P3", ORDER, AT(5, 27, 9, 10), 0, AT(6, 5, 14, 0),
	    AT(6, 5, 14, 30), "answers name the right shop" },
	{ "INC-2", "P2", ORDER, AT(7, 10, 2, 4), 0, AT(7, 10, 16, 0),
	    AT(7, 10, 16, 30), "breaker opens after 20 failures" },
	{ "INC-3", "P1", REFUND, AT(8, 21, 9, 10), 0, AT(9, 4, 15, 0),
	    AT(9, 4, 15, 30), "an order is refunded once" },
	{ "INC-4", "P2", SHIFT, AT(9, 2, 8, 20), AT(9, 8, 10, 0),
	    AT(9, 25, 15, 0), AT(9, 25, 15, 30),
	    "minors are never planned at night" },
};
#define NINCIDENT (sizeof(incidents) / sizeof(incidents[0]))

static void
incident_event(const struct incident *i, int64_t at, const char *outcome)
{
	struct draft d;

	begin(&d, bearer(i->agent, at), "incident", text("incident/%s/%s",
	    i->id, outcome), "sre.one");
	set_text(&d, EVENT_SUBJECT, i->id);
	set_text(&d, EVENT_SEVERITY, i->severity);
	set_text(&d, EVENT_OUTCOME, outcome);
	if (outcome[0] != 'o') {
		set_text(&d, EVENT_REF_KIND, "resolves");
		set_text(&d, EVENT_REF_ID, text("incident/%s/opened", i->id));
	}
	end(&d, at);
}

static void
incident(const struct incident *i)
{
	int64_t next = i->closed - i->closed % DAY + DAY + 9 * HOUR;
	const char *suite;
	struct draft d;

	incident_event(i, i->opened, "opened");
	if (i->reported > 0)
		incident_event(i, i->reported, "reported");
	incident_event(i, i->closed, "closed");
	begin(&d, bearer(i->agent, i->fixed), "change", text("change/%s",
	    i->id), "engineer.one");
	set_text(&d, EVENT_SUBJECT, text("registry:%s@fixed", i->id));
	set_text(&d, EVENT_APPROVER_ID, "product.one");
	set_text(&d, EVENT_REASON, i->fix);
	set_text(&d, EVENT_REF_KIND, "resolves");
	set_text(&d, EVENT_REF_ID, text("incident/%s/opened", i->id));
	set_text(&d, EVENT_OUTCOME, "success");
	end(&d, i->fixed);
	suite = i->id[4] == '1' ? "regression-inc-1"
	    : i->id[4] == '2' ? "regression-inc-2"
	    : i->id[4] == '3' ? "regression-inc-3" : "regression-inc-4";
	evaluate(bearer(i->agent, next), next, suite, "passed_share", 1000000);
	for (size_t m = 0; m < NMONTH; m++) {
		int64_t at = AT(months[m], 5, 3, 30) + 4 * MINUTE +
		    (i->id[4] - '1') * 10 * SECOND;

		if (at > next)
			evaluate(bearer(i->agent, at), at, suite,
			    "passed_share", 1000000);
	}
}

/* A run that belongs to the calendar: a fixed plan, as an anchor's. */
static struct plan
fixed_plan(enum agent a, enum action action, int64_t start)
{
	struct plan p = { 0 };

	p.agent = a;
	p.tenant = DE;
	p.env = PROD;
	p.start = start;
	p.action = action;
	p.eur_cents = 1500;
	p.confidence = 880;
	p.reads = p.models = p.fixed = 1;
	p.by_person = a == ORDER || a == REFUND;
	if (p.by_person)
		p.user_role = "customer";
	return p;
}

static void
write_runs(struct plan p, const char *prefix, int from, int n, int64_t every)
{
	char id[32];
	struct rng r;

	for (int i = from; i < from + n; i++) {
		snprintf(id, sizeof(id), "%s-%02d", prefix, i);
		r = rng_for(id);
		p.user = 2000000 + rng_below(&r, 1000000);
		run_write(&p, id, &r);
		p.start += every;
		if (p.rollback_at > 0)
			p.rollback_at += 2 * MINUTE;
		if (p.complaint_at > 0)
			p.complaint_at += 100 * SECOND;
	}
}

/* 07-10: ten runs fail twice each, the breaker opens, eight are refused. */
static void
outage(void)
{
	struct plan p = fixed_plan(ORDER, NO_ACTION, AT(7, 10, 2, 1));
	struct draft d;

	p.special = MODEL_DOWN;
	write_runs(p, "i2", 1, 6, 18 * SECOND);
	p = fixed_plan(REFUND, REFUND_CREATE, AT(7, 10, 2, 1) + 9 * SECOND);
	p.special = MODEL_DOWN;
	write_runs(p, "i2", 7, 4, 20 * SECOND);
	p = fixed_plan(ORDER, NO_ACTION, AT(7, 10, 2, 5));
	p.special = REFUSED;
	p.block_rule = "breaker_open";
	write_runs(p, "i2", 11, 5, 6 * MINUTE);
	p.agent = REFUND;
	write_runs(p, "i2", 16, 3, 9 * MINUTE);
	for (int a = REFUND; a <= ORDER; a++) {
		begin(&d, stage_at((enum agent)a, PROD, AT(7, 10, 2, 0)),
		    "gap_declared", text("gap/0710/%s", agents[a].id),
		    "sre.one");
		set_text(&d, EVENT_REASON, "provider outage 02:00 to 02:40");
		set_text(&d, EVENT_SUBJECT, agents[a].id);
		set_int(&d, EVENT_DURATION_US, 40 * MINUTE);
		end(&d, AT(7, 10, 2, 40));
	}
}

static void
halt(int64_t at, const char *outcome)
{
	struct draft d;

	begin(&d, stage_at(REFUND, PROD, at), "halt", text("halt/0821/%s",
	    outcome), "sre.one");
	set_text(&d, EVENT_OUTCOME, outcome);
	set_text(&d, EVENT_REASON, outcome[0] == 'e' ? "repeated refunds, INC-3"
	    : NULL);
	end(&d, at);
}

/* 08-21: 1.3.0 refunds 14 orders again; six complain; the halt. */
static void
repeated_refunds(void)
{
	struct plan p = fixed_plan(REFUND, REFUND_CREATE, AT(8, 21, 8, 20));
	struct draft d;

	p.rolled_back = 1;
	p.rollback_at = AT(8, 21, 14, 0);
	write_runs(p, "i3", 1, 8, 3 * MINUTE);
	p.start += 8 * 3 * MINUTE;
	p.rollback_at += 8 * 2 * MINUTE;
	p.complaint = 1;
	p.complaint_at = AT(8, 21, 9, 0);
	write_runs(p, "i3", 9, 6, 2 * MINUTE);
	halt(AT(8, 21, 9, 12) + 40 * SECOND, "engaged");
	halt(AT(8, 21, 9, 12) + 52 * SECOND, "confirmed");
	halt(AT(8, 21, 13, 5), "lifted");
	p = fixed_plan(REFUND, REFUND_CREATE, AT(8, 21, 9, 20));
	p.special = REFUSED;
	p.block_rule = "halted";
	write_runs(p, "i3", 15, 6, 35 * MINUTE);
	begin(&d, stage_at(REFUND, PROD, AT(8, 24, 9, 0)), "review",
	    "halt/0821/review", "governance.two");
	set_text(&d, EVENT_REF_KIND, "resolves");
	set_text(&d, EVENT_REF_ID, "halt/0821/engaged");
	set_text(&d, EVENT_OUTCOME, "upheld");
	end(&d, AT(8, 24, 9, 0));
}

static void
minors_at_night(void)
{
	struct plan p = fixed_plan(SHIFT, SHIFT_ASSIGN, AT(9, 1, 13, 2));

	p.rolled_back = 1;
	p.rollback_at = AT(9, 2, 8, 30);
	write_runs(p, "i4", 1, 14, 25 * SECOND);
}

/* 09-09: orders is down on purpose; 09-14: sixty injections, blocked. */
static void
tests_and_attacks(void)
{
	struct plan p = fixed_plan(ORDER, NO_ACTION, AT(9, 9, 14, 2));

	p.special = TOOL_DOWN;
	write_runs(p, "c0909", 1, 4, 4 * MINUTE);
	p = fixed_plan(FRAUD, HOLD_PLACE, AT(9, 9, 14, 3));
	p.special = TOOL_DOWN;
	write_runs(p, "c0909", 5, 3, 5 * MINUTE);
	p = fixed_plan(ORDER, ORDER_CANCEL, AT(9, 14, 20, 0));
	p.special = INPUT_BLOCKED;
	write_runs(p, "x0914", 1, 60, 2 * MINUTE);
}

/* --- erasures, imports, retirement ---------------------------------------- */

/* Each forgets the person of an order-desk anchor of three days before. */
static void
erasures(void)
{
	static const int64_t at[] = {
		AT(4, 9, 10, 0), AT(4, 23, 10, 0), AT(5, 7, 10, 0),
		AT(5, 21, 10, 0), AT(6, 11, 10, 0), AT(6, 25, 10, 0),
		AT(7, 9, 10, 0), AT(7, 23, 10, 0), AT(8, 6, 10, 0),
		AT(8, 20, 10, 0), AT(9, 10, 10, 0), AT(9, 24, 10, 0),
	};
	size_t k = 0;

	for (size_t i = 0; i < plan_anchors(); i++) {
		struct plan p;
		struct draft d;
		char id[16];

		plan_anchor(&p, i, id);
		if (!p.erased)
			continue;
		begin(&d, bearer(ORDER, at[k]), "erasure", text("erasure/%s",
		    stamp(at[k])), "dpo.one");
		set_text(&d, EVENT_SUBJECT, payload_erased("user %d %llu",
		    (int)p.tenant, (unsigned long long)p.user));
		set_text(&d, EVENT_REF_KIND, "erases");
		set_text(&d, EVENT_REF_ID, text("%s/input", id));
		set_text(&d, EVENT_OUTCOME, "success");
		end(&d, at[k++]);
	}
}

/* Delivery reports of the carriers, each first Monday or so. */
static void
imports(void)
{
	struct draft d;

	for (size_t m = 0; m < NMONTH; m++) {
		int64_t at = AT(months[m], 4, 1, 15);

		begin(&d, bearer(ORDER, at), "import", text("import/%s",
		    stamp(at)), "schedule.reports");
		set_text(&d, EVENT_INITIATOR_KIND, "schedule");
		set_text(&d, EVENT_SUBJECT, "delivery-reports");
		set_text(&d, EVENT_OUTCOME, "success");
		end(&d, at);
	}
}

static void
retirement(void)
{
	int64_t at = AT(7, 31, 21, 0);
	struct draft d;

	begin(&d, bearer(COPY, at), "change", "change/agent:copy-writer/retired",
	    "product.one");
	set_text(&d, EVENT_SUBJECT, "agent:copy-writer@1.0.0");
	set_text(&d, EVENT_APPROVER_ID, governance_at(at));
	set_text(&d, EVENT_REASON, "retired at 22:00, identities closed");
	set_text(&d, EVENT_OUTCOME, "success");
	end(&d, at);
}

void
calendar_write(void)
{
	changes();
	deployments();
	evaluations();
	drills();
	for (size_t i = 0; i < NINCIDENT; i++)
		incident(&incidents[i]);
	outage();
	repeated_refunds();
	minors_at_night();
	tests_and_attacks();
	erasures();
	imports();
	retirement();
}

/* Each night order-desk's grants are tried; these fill the log to size. */
void
calendar_check(uint64_t n)
{
	int64_t at = AT(9, 1, 1, 0) + (int64_t)(n % 28) * DAY +
	    (int64_t)n * SECOND;
	enum tool t = n % 2 == 0 ? ORDERS : CRM;
	struct draft d;

	begin(&d, stage_at(ORDER, PROD, at), "access", text("check/%llu",
	    (unsigned long long)n + 1), "schedule.grants");
	set_text(&d, EVENT_INITIATOR_KIND, "schedule");
	set_text(&d, EVENT_ACTION_ID, text("act-check-%llu",
	    (unsigned long long)n + 1));
	set_text(&d, EVENT_IDENTITY, "spiffe://fictional-retail.example/"
	    "order-desk");
	set_text(&d, EVENT_IDENTITY_PROOF, "mtls");
	set_text(&d, EVENT_PERMISSION, text("%s:read", tools[t].id));
	set_text(&d, EVENT_TOOL, tools[t].id);
	set_text(&d, EVENT_TARGET_SYSTEM, tools[t].system);
	set_text(&d, EVENT_VERDICT, "allow");
	end(&d, at);
}
