#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ART27 "AIA-27.1."

/*
 * The impact assessment: documents.md, IA1 to IA16.  Its subject is an agent
 * and a skin, the kind of the declared assessment: impact (ISO/IEC 42005),
 * fria (AI Act, Article 27) or aia (Canada).
 */

/* The newest assessment of this kind that had been made as of the build. */
static size_t
assessment(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	const char *is[] = { "agent_id", s->ref->agent, "kind", s->ref->skin,
	    NULL };
	size_t best = SIZE_MAX;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		int64_t at = ref_int(t, i, "date_us", INT64_MAX);

		if (at <= s->b->as_of_us && (best == SIZE_MAX ||
		    at > ref_int(t, best, "date_us", 0)))
			best = i;
	}
	return best;
}

static const char *
assessment_file(const struct sec *s)
{
	struct mark at = ref_mark(sec_ref_table(s, "ref_assessment"),
	    assessment(s), "");

	return at.file != NULL ? at.file : sec_printf(s,
	    "registry/assessments/%s/DATE-%s.yaml", s->ref->agent,
	    s->ref->skin);
}

static const char *
assessment_key(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	struct str str = str_new(s->a);
	size_t row = assessment(s);

	str_addf(&str, "%s/", s->ref->agent);
	date_add_day(&str, ref_int(t, row, "date_us", 0));
	str_addf(&str, "/%s", s->ref->skin);
	return str.p;
}

static void
assessed(struct sec *s, struct docnode *table, const struct sec_col *col,
    size_t n)
{
	sec_refs(s, table, sec_ref_table(s, "ref_assessment"), assessment(s),
	    col, n, assessment_file(s));
}

static void
assessed_list(struct sec *s, struct docnode *table, const char *field,
    const char *label)
{
	sec_listed(s, table, field, label, sec_ref_table(s, "ref_assessment"),
	    assessment(s), assessment_key(s), field, assessment_file(s));
}

/* A row of a child table that belongs to this assessment. */
static size_t
child(const struct sec *s, const struct ref_table *t, size_t from)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind", s->ref->skin,
	    NULL };
	int64_t at = ref_int(sec_ref_table(s, "ref_assessment"),
	    assessment(s), "date_us", -1);

	for (size_t i = sec_find(t, from, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "date_us", -2) == at)
			return i;
	return SIZE_MAX;
}

/* What the assessor wrote under a letter of Article 27(1). */
static void
answer(struct sec *s, const char *letter)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment_answer");
	const char *question = sec_printf(s, ART27 "%s", letter);
	struct docnode *p;
	size_t i = child(s, t, 0);
	struct fact *f;

	if (!str_eq(s->ref->skin, "fria"))
		return;
	while (i != SIZE_MAX && !str_eq(ref_text(t, i, "question"), question))
		i = child(s, t, i + 1);
	f = sec_ref(s, "answer", t, i, "value", assessment_file(s));
	if (f->state == FACT_NOT_RECORDED)
		f->why = sec_printf(s, "answer %s in %s", question,
		    assessment_file(s));
	p = docnode_para(s->a, s->at);
	docnode_text(s->a, p, "Article 27(1)(%s), in the assessor's words: ",
	    letter);
	docnode_fact(s->a, p, f);
}

static const struct sec_col record_cols[] = {
	{ "date", "Date", "date_us" },
	{ "version", "Version of the agent", "agent_version" },
	{ "cause", "Why it was made", "cause" },
	{ "assessor", "Assessor", "assessor" },
	{ "reviewer", "Reviewer", "reviewer" }
};

static void
record(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	struct docnode *table = sec_fields(s, "fields", "The assessment");
	size_t row = assessment(s);

	assessed(s, table, record_cols, COUNT(record_cols));
	if (row != SIZE_MAX && ref_text(t, row, "supersedes") == NULL) {
		struct fact *f = sec_text(s, "supersedes", PROV_DECLARED,
		    "none: it is the first", NULL);

		f->at = ref_mark(t, row, "");
		sec_field(s, table, "Replaces", f);
	} else
		sec_field(s, table, "Replaces", sec_ref(s, "supersedes", t,
		    row, "supersedes", assessment_file(s)));
}

/* Whether a word of a plain list of the agent is this one. */
static int
agent_has(const struct sec *s, const char *list, const char *value)
{
	const char *is[] = { "kind", "agent", "id", s->ref->agent, "field",
	    list, "value", value, NULL };

	return sec_find(sec_ref_table(s, "ref_list"), 0, is) != SIZE_MAX;
}

/* Article 27: owed, not owed, or undecided because something is missing. */
static struct fact *
owed(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent");
	const char *tier = ref_text(t, sec_agent(s), "eu_tier");
	const char *basis = ref_text(t, sec_agent(s), "art_27_basis");

	if (tier == NULL || str_eq(tier, "unknown"))
		return sec_missing(s, "owed", PROV_DERIVED, sec_printf(s,
		    "undecided: fill eu_tier in %s", sec_agent_file(s)));
	if (!str_eq(tier, "high"))
		return sec_not_owed(s, "owed", "AIA-27 asks for high-risk "
		    "systems under AIA-6.2; eu_tier is %s", tier);
	if (agent_has(s, "annex_iii", "2"))
		return sec_not_owed(s, "owed", "AIA-27.1 leaves out systems "
		    "of ANX-III.2");
	if (agent_has(s, "annex_iii", "5.b") ||
	    agent_has(s, "annex_iii", "5.c"))
		return sec_text(s, "owed", PROV_DERIVED, "owed: eu_tier high, "
		    "ANX-III.5.b or 5.c", "AIA-27.1");
	if (basis != NULL)
		return sec_text(s, "owed", PROV_DERIVED, sec_printf(s,
		    "decided by the declared basis: %s", basis), "AIA-27.1");
	return sec_missing(s, "owed", PROV_DERIVED, sec_printf(s,
	    "undecided: say in art_27_basis of %s whether the deployer is a "
	    "public body or gives a public service", sec_agent_file(s)));
}

static const struct sec_col duty_cols[] = {
	{ "role", "Our role under the AI Act", "eu_role" },
	{ "tier", "Class", "eu_tier" },
	{ "reasons", "Why that class", "eu_reasons" },
	{ "basis", "Basis of Art. 27", "art_27_basis" }
};

static void
applicability(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Role, class and "
	    "duty");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    duty_cols, COUNT(duty_cols), sec_agent_file(s));
	sec_agent_list(s, table, "annex_iii", "Points of Annex III",
	    "annex_iii");
	sec_field(s, table, "Assessment under Art. 27", owed(s));
}

static const struct sec_col process_cols[] = {
	{ "process", "Business process", "business_process" },
	{ "purpose", "The agent's place in it", "purpose" }
};

static void
process(struct sec *s)
{
	sec_refs(s, sec_fields(s, "fields", "The process"),
	    sec_ref_table(s, "ref_agent"), sec_agent(s), process_cols,
	    COUNT(process_cols), sec_agent_file(s));
	answer(s, "a");
	sec_narrative(s, "text", "agent", s->ref->agent, "purpose",
	    sec_printf(s, "registry/agents/%s/", s->ref->agent));
}

static const struct sec_col frequency_cols[] = {
	{ "from", "In use from", "use_from_us" },
	{ "to", "In use until", "use_to_us" },
	{ "max_per_month", "Assessed volume, actions a month",
	    "max_per_month" }
};

static void
frequency(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Time and volume");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    frequency_cols, COUNT(frequency_cols), sec_agent_file(s));
	answer(s, "b");
	sec_months(s);
}

static void
uses(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "Uses");

	sec_agent_list(s, table, "intended", "Intended", "intended");
	sec_agent_list(s, table, "out_of_scope", "Not intended",
	    "out_of_scope");
	sec_agent_list(s, table, "misuse", "Misuse that can be foreseen",
	    "misuse");
	sec_field(s, table, "Attempts that were denied", sec_counted(s,
	    "attempts", "log_agent", is, "denied"));
}

static const struct sec_col user_cols[] = {
	{ "role", "Role of the person", "user_role?none given" },
	{ "sessions", "Sessions", "sessions" }, { "runs", "Runs", "runs" }
};

static void
groups(struct sec *s)
{
	static const char *const head[] = {
		"Group", "How it is affected", "How many", "Needs special care"
	};
	static const char *const col[] = {
		"name", "how", "size", "vulnerable"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_assessment_group");
	const struct ref_table *own = sec_ref_table(s, "ref_agent_group");
	struct rows r = sec_rows(s, "groups", "People who are affected", head,
	    COUNT(head));

	for (size_t i = child(s, t, 0); i != SIZE_MAX;
	    i = child(s, t, i + 1)) {
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "groups", r.n,
			    col[c]), t, i, col[c], NULL));
	}
	for (size_t i = r.n > 0 ? SIZE_MAX : ref_next(own, 0, "agent_id",
	    s->ref->agent); i != SIZE_MAX; i = ref_next(own, i + 1,
	    "agent_id", s->ref->agent)) {
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "groups", r.n,
			    col[c]), own, i, col[c], NULL));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "fill groups in %s",
	    assessment_file(s)));
}

static void
people(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	groups(s);
	answer(s, "c");
	if (ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "serves_persons", 1) == 0)
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_not_owed(s,
		    "sessions", "serves_persons is false in %s: nobody talks "
		    "with it", sec_agent_file(s)));
	else
		sec_grid(s, "sessions", "Sessions by role of the person",
		    "log_user", is, user_cols, COUNT(user_cols),
		    "no session in this period");
}

static const struct sec_col data_cols[] = {
	{ "scope", "Whose data it may see", "data_scope" },
	{ "retention", "How long its log is kept", "audit_retention" }
};

static const struct sec_col kept_cols[] = {
	{ "what", "What", "what" }, { "period", "Kept for", "period" },
	{ "basis", "On what ground", "basis" }
};

static void
data(struct sec *s)
{
	static const char *const all[] = { NULL };

	sec_refs(s, sec_fields(s, "fields", "Rules"),
	    sec_ref_table(s, "ref_agent"), sec_agent(s), data_cols,
	    COUNT(data_cols), sec_agent_file(s));
	sec_grid(s, "kept", "Retention", "ref_retention", all, kept_cols,
	    COUNT(kept_cols), "fill retention in registry/registry.yaml");
	sec_data_seen(s);
}

static const struct sec_col model_cols[] = {
	{ "version", "Version of the agent", "agent_version" },
	{ "model", "Model", "model" }, { "use", "Use", "use" }
};

static const struct sec_col stage_cols[] = {
	{ "version", "Version", "agent_version" }, { "stage", "Stage",
	    "stage" }, { "from", "From", "from_us" },
	{ "approved", "Approved at", "approved_us" }
};

static void
setting(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table;

	sec_grid(s, "models", "Models; each has a card of its own",
	    "ref_version_model", is, model_cols, COUNT(model_cols),
	    "fill models of the agent's versions");
	sec_grid(s, "stages", "Stages", "ref_deployment", is, stage_cols,
	    COUNT(stage_cols), "fill deployments in "
	    "registry/deployments.yaml");
	table = sec_fields(s, "fields", "Where it is used");
	sec_agent_list(s, table, "regions", "Regions", "regions");
	sec_agent_list(s, table, "users", "Users", "users");
	sec_agent_list(s, table, "destinations", "May reach", "destinations");
}

static void
risks(struct sec *s)
{
	static const char *const head[] = {
		"Risk", "Consequence", "Impact", "Stakeholders", "Rights",
		"Severity", "Likelihood", "Treatment", "Left: severity",
		"Left: likelihood"
	};
	static const char *const col[] = {
		"severity", "likelihood", "treatment", "residual_severity",
		"residual_likelihood"
	};
	const struct ref_table *l = sec_ref_table(s, "ref_risk_agent");
	const struct ref_table *t = sec_ref_table(s, "ref_risk");
	struct rows r = sec_rows(s, "risks", "The chain of each risk", head,
	    COUNT(head));

	for (size_t i = ref_next(l, 0, "agent_id", s->ref->agent);
	    i != SIZE_MAX; i = ref_next(l, i + 1, "agent_id",
	    s->ref->agent)) {
		const char *id = ref_text(l, i, "risk_id");
		const char *file = sec_printf(s, "registry/risks/%s.yaml",
		    id);
		size_t row = ref_next(t, 0, "risk_id", id);
		struct fact *f = sec_ref(s, sec_item(s, "risks", r.n + 1,
		    "risk_id"), t, row, "risk_id", file);

		sec_row(&r);
		sec_cell(&r, f);
		sec_cell(&r, sec_ref(s, sec_item(s, "risks", r.n,
		    "consequence"), t, row, "consequence", file));
		sec_cell(&r, sec_ref(s, sec_item(s, "risks", r.n, "impact"),
		    t, row, "impact", file));
		sec_cell(&r, sec_list(s, sec_item(s, "risks", r.n,
		    "stakeholders"), t, row, id, "stakeholders", file));
		sec_cell(&r, sec_list(s, sec_item(s, "risks", r.n,
		    "rights"), t, row, id, "charter_rights", file));
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "risks", r.n,
			    col[c]), t, row, col[c], file));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "name %s in agents of a "
	    "file below registry/risks/", s->ref->agent));
}

static void
harms(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *log = sec_log_table(s, "log_agent");
	struct docnode *table;

	risks(s);
	answer(s, "d");
	table = sec_fields(s, "measured", "Beside the estimates, what was "
	    "measured in the period");
	sec_field(s, table, "Actions that ran", sec_counted(s, "ran",
	    "log_agent", is, "actions_ran"));
	sec_field(s, table, "of these failed", sec_ratio(s, "failed",
	    sec_sum(log, is, "actions_failed"), sec_sum(log, is,
	    "actions_ran"), "log_agent.actions_failed"));
	sec_field(s, table, "Reversed by a review", sec_counted(s, "reversed",
	    "log_review", is, "reversed"));
	sec_field(s, table, "Complaints", sec_counted(s, "complaints",
	    "log_complaint", is, "complaints"));
	sec_field(s, table, "Complaints upheld", sec_counted(s, "upheld",
	    "log_complaint", is, "upheld"));
}

static void
oversight(struct sec *s)
{
	answer(s, "e");
	sec_oversight(s);
}

static const struct sec_col measure_cols[] = {
	{ "complaints_route", "Where people complain", "complaints_route" },
	{ "complaints_sla", "Answered within", "complaints_sla_us" },
	{ "kill_max", "Must stop within", "kill_max_us" },
	{ "rollback_to", "Rolls back to", "rollback_to" },
	{ "review_next", "Next review", "review_next_us" }
};

static void
measures(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_complaint");
	uint64_t complaints = sec_sum(t, is, "complaints");
	struct docnode *table = sec_fields(s, "fields", "Measures");

	assessed_list(s, table, "measures", "Measures of the assessment");
	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    measure_cols, COUNT(measure_cols), sec_agent_file(s));
	sec_field(s, table, "Complaints answered", complaints == 0 ?
	    sec_quiet(s, "answered", "no complaint") : sec_ratio(s,
	    "answered", sec_sum(t, is, "answered"), complaints,
	    "log_complaint.answered"));
	answer(s, "f");
	sec_drills(s);
}

static void
score(struct sec *s)
{
	static const char file[] = "registry/vendor/canada-aia.json";
	struct fact *f;

	if (!str_eq(s->ref->skin, "aia"))
		f = sec_not_owed(s, "score", "an algorithmic impact "
		    "assessment of Canada is an assessment of kind aia; this "
		    "is of kind %s", s->ref->skin);
	else {
		f = sec_missing(s, "score", PROV_DERIVED, sec_printf(s,
		    "the questionnaire is not read: put it at %s", file));
		f->at.file = file;
	}
	docnode_fact(s->a, docnode_para(s->a, s->at), f);
}

static const struct sec_col decision_cols[] = {
	{ "outcome", "Decision", "outcome" },
	{ "by", "Accepted by", "decided_by" },
	{ "at", "At", "decided_us" },
	{ "until", "Until", "expires_us" }
};

static void
decision(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	struct docnode *table = sec_fields(s, "fields", "What was decided");
	size_t row = assessment(s);

	assessed(s, table, decision_cols, COUNT(decision_cols));
	if (str_eq(ref_text(t, row, "outcome"), "conditions"))
		sec_field(s, table, "Conditions", sec_ref(s, "conditions", t,
		    row, "conditions", assessment_file(s)));
	else if (row != SIZE_MAX)
		sec_field(s, table, "Conditions", sec_not_owed(s,
		    "conditions", "the decision is not one with conditions"));
}

static const struct sec_col told_cols[] = {
	{ "notified_to", "Authority that was told", "notified_to" },
	{ "notified", "At", "notified_us" },
	{ "ref", "Its reference", "notified_ref" },
	{ "dpia", "Data protection assessment", "dpia_file" },
	{ "dpia_sha256", "Its SHA-256", "dpia_sha256" }
};

/* The authority is told of an assessment under Article 27 alone. */
static void
consultation(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Who was asked and "
	    "told");

	assessed_list(s, table, "consulted", "Who was asked");
	if (str_eq(s->ref->skin, "fria"))
		assessed(s, table, told_cols, COUNT(told_cols));
	else {
		sec_field(s, table, "Authority that was told", sec_not_owed(s,
		    "notified_to", "AIA-27.3 asks for a fundamental rights "
		    "assessment; this one is of kind %s", s->ref->skin));
		assessed(s, table, told_cols + 3, 2);
	}
}

static void
trigger(struct rows *r, const char *what, int fired, const char *why)
{
	struct sec *s = r->s;

	sec_row(r);
	sec_cell(r, sec_text(s, sec_item(s, "triggers", r->n, "what"),
	    PROV_DERIVED, what, "validity"));
	sec_cell(r, sec_text(s, sec_item(s, "triggers", r->n, "fired"),
	    PROV_DERIVED, fired ? "yes" : "no", "validity"));
	sec_cell(r, sec_text(s, sec_item(s, "triggers", r->n, "why"),
	    PROV_DERIVED, why, "validity"));
}

/* A version that went to production after the decision, not assessed. */
static const char *
newer_version(struct sec *s, int64_t since)
{
	const struct ref_table *t = sec_ref_table(s, "ref_deployment");
	const char *is[] = { "agent_id", s->ref->agent, "stage", "prod",
	    NULL };
	const char *mine = ref_text(sec_ref_table(s, "ref_assessment"),
	    assessment(s), "agent_version");

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		int64_t from = ref_int(t, i, "from_us", 0);

		if (from > since && from < s->b->as_of_us &&
		    !str_eq(ref_text(t, i, "agent_version"), mine))
			return ref_text(t, i, "agent_version");
	}
	return NULL;
}

static const char *
busy_month(struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_month");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	int64_t most = ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "max_per_month", INT64_MAX);

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "actions_ran", 0) > most)
			return ref_text(t, i, "month");
	return NULL;
}

static size_t
claims_failed(struct sec *s)
{
	const struct findings *f = s->b->findings;
	size_t n = 0;

	for (size_t i = 0; f != NULL && i < f->nresult; i++)
		n += f->result[i].test != NULL &&
		    !f->result[i].test->advice &&
		    f->result[i].test->claim[0] != NULL &&
		    f->result[i].outcome == OUT_FAIL &&
		    str_eq(f->result[i].scope, s->ref->agent);
	return n;
}

/* Serious incidents of the agent that were opened since. */
static const char *
serious_since(struct sec *s, int64_t since)
{
	const struct ref_table *l = sec_ref_table(s, "ref_list");
	const struct ref_table *t = sec_ref_table(s, "ref_incident");
	const char *is[] = { "kind", "incident", "field", "agents", "value",
	    s->ref->agent, NULL };

	for (size_t i = sec_find(l, 0, is); i != SIZE_MAX;
	    i = sec_find(l, i + 1, is)) {
		size_t row = ref_next(t, 0, "incident_id", ref_text(l, i,
		    "id"));

		if (ref_int(t, row, "serious", 0) == 1 &&
		    ref_int(t, row, "opened_us", 0) > since &&
		    ref_int(t, row, "opened_us", 0) < s->b->as_of_us)
			return ref_text(t, row, "incident_id");
	}
	return NULL;
}

static void
validity(struct sec *s)
{
	static const char *const head[] = { "Trigger", "Fired", "What" };
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	int64_t since = ref_int(t, assessment(s), "decided_us", INT64_MAX);
	int64_t until = ref_int(t, assessment(s), "expires_us", INT64_MAX);
	const char *version, *month, *serious;
	size_t failed = claims_failed(s);
	struct rows r;

	if (since == INT64_MAX) {
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_missing(s,
		    "decided", PROV_DERIVED, "no approved assessment of this "
		    "kind: whether one still holds cannot be said"));
		return;
	}
	version = newer_version(s, since);
	month = busy_month(s);
	serious = serious_since(s, since);
	sec_intro(s, "What has happened since the decision that may undo it.");
	r = sec_rows(s, "triggers", "Triggers", head, COUNT(head));
	trigger(&r, "a version that was not assessed went to production",
	    version != NULL, version != NULL ? version : "none");
	trigger(&r, "a month was busier than assessed", month != NULL,
	    month != NULL ? month : "none");
	trigger(&r, "a serious incident was opened", serious != NULL,
	    serious != NULL ? serious : "none");
	trigger(&r, "a claim about the agent is contradicted", failed > 0,
	    sec_printf(s, "%zu", failed));
	trigger(&r, "the decision has expired", until <= s->b->as_of_us,
	    until <= s->b->as_of_us ? "it has" : "it has not");
	sec_rows_end(&r, PROV_DERIVED, "");
}

const struct section sec_ia[] = {
	{ "record", "IA1", "Record", AUDIENCE_AUDITOR, NULL,
	    "date version cause assessor reviewer supersedes", record,
	    "the assessor" },
	{ "applicability", "IA2", "Applicability", AUDIENCE_PUBLIC, NULL,
	    "role tier reasons basis annex_iii owed", applicability,
	    "legal" },
	{ "process", "IA3", "Process", AUDIENCE_AUDITOR, NULL,
	    "process purpose answer ~text", process, "the agent's owner" },
	{ "frequency", "IA4", "Frequency", AUDIENCE_AUDITOR, "C38",
	    "from to max_per_month answer months[month runs actions denied "
	    "rejected reversed complaints tokens]", frequency,
	    "the agent's owner" },
	{ "uses", "IA5", "Uses", AUDIENCE_PUBLIC, "C26",
	    "intended out_of_scope misuse attempts", uses,
	    "the agent's owner" },
	{ "people", "IA6", "People", AUDIENCE_PUBLIC, NULL,
	    "groups[name how size vulnerable] answer sessions[role sessions "
	    "runs]", people, "the assessor" },
	{ "data", "IA7", "Data", AUDIENCE_AUDITOR, "C34 C41",
	    "scope retention kept[what period basis] classes[class events "
	    "first last] retrieved[resource retrievals documents]", data,
	    "data protection" },
	{ "setting", "IA8-9", "Model and setting", AUDIENCE_AUDITOR,
	    "C01 C11 C19", "models[version model use] stages[version stage "
	    "from approved] regions users destinations", setting,
	    "the agent's owner" },
	{ "harms", "IA10", "Harms and benefits", AUDIENCE_PUBLIC, NULL,
	    "risks[risk_id consequence impact stakeholders rights severity "
	    "likelihood treatment residual_severity residual_likelihood] "
	    "answer ran failed reversed complaints upheld", harms,
	    "owners of the risks" },
	{ "oversight", "IA11", "Oversight", AUDIENCE_AUDITOR,
	    "C05 C06 C07 C08",
	    "answer limits[effect action tool data_class from to] asked[action "
	    "from to role persons sla on_timeout] override rubber_stamps approvals[action "
	    "requested approved modified rejected expired escalated late "
	    "quick p50 p95] approvers[person role decided rejected quick]",
	    oversight, "the agent's owner" },
	{ "measures", "IA12", "Measures", AUDIENCE_AUDITOR, "C31 C32 C36",
	    "measures complaints_route complaints_sla kill_max rollback_to "
	    "review_next answered answer drills[kind scenario interval] "
	    "held[kind at outcome took] halts[engaged confirmed lifted "
	    "ran_after]", measures, "the assessor" },
	{ "score", "IA13", "Canada score", AUDIENCE_AUDITOR, NULL, "score",
	    score, "the assessor" },
	{ "decision", "IA14", "Decision", AUDIENCE_PUBLIC, NULL,
	    "outcome by at until conditions", decision, "who accepts the "
	    "risk" },
	{ "consultation", "IA15", "Consultation", AUDIENCE_AUDITOR, NULL,
	    "consulted notified_to notified ref /dpia dpia_sha256",
	    consultation, "the assessor" },
	{ "validity", "IA16", "Still valid?", AUDIENCE_AUDITOR, "C37",
	    "decided triggers[what fired why]", validity, "the log" },
	{ .id = NULL }
};
