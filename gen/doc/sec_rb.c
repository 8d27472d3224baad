#include <string.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Whether a version in production can be taken back: RB1 to RB5. */

/* The version to go back to: the declared one, or the one before; NULL. */
static const char *
target(const struct sec *s)
{
	const char *to = ref_text(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "rollback_to");

	return str_eq(to, "previous") ? ref_text(sec_ref_table(s,
	    "ref_agent_version"), sec_version(s), "previous") : to;
}

static size_t
target_row(const struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    target(s), NULL };

	return target(s) == NULL ? SIZE_MAX :
	    sec_find(sec_ref_table(s, "ref_agent_version"), 0, is);
}

/* The end of the period, or as-of where that is sooner. */
static int64_t
today(const struct sec *s)
{
	return s->b->to_us < s->b->as_of_us ? s->b->to_us : s->b->as_of_us;
}

/* Answers: 1 yes, 0 no, -1 cannot be said. */

/* A target that is what runs already leads nowhere. */
static int
is_known(const struct sec *s)
{
	return target_row(s) != SIZE_MAX && !str_eq(target(s),
	    s->ref->version);
}

static int
is_offered(const struct sec *s)
{
	const struct ref_table *v = sec_ref_table(s, "ref_version_model");
	const struct ref_table *m = sec_ref_table(s, "ref_model");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    target(s), NULL };
	int answer = -1;

	for (size_t i = target(s) == NULL ? SIZE_MAX : sec_find(v, 0, is);
	    i != SIZE_MAX; i = sec_find(v, i + 1, is)) {
		size_t row = ref_next(m, 0, "model", ref_text(v, i, "model"));

		if (row == SIZE_MAX)
			return -1;
		if (ref_int(m, row, "deprecation_us", INT64_MAX) <= today(s))
			return 0;
		answer = 1;
	}
	return answer;
}

/* When a suite last judged the target, or -1. */
static int64_t
evaluated(const struct sec *s, const char *suite, const char *metric)
{
	const struct ref_table *t = sec_log_table(s, "log_evaluation");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    target(s), "suite", suite, "metric", metric, NULL };
	int64_t at = -1;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "at_us", -1) > at)
			at = ref_int(t, i, "at_us", -1);
	return at;
}

static int
is_evaluated(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_version_eval");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    target(s), NULL };
	int answer = -1;

	for (size_t i = target(s) == NULL ? SIZE_MAX : sec_find(t, 0, is);
	    i != SIZE_MAX; i = sec_find(t, i + 1, is)) {
		int64_t at = evaluated(s, ref_text(t, i, "suite"),
		    ref_text(t, i, "metric"));
		int64_t old = ref_int(t, i, "max_age_us", -1);

		if (at < 0 || (old >= 0 && today(s) - at > old))
			return 0;
		if (old < 0)
			return -1;
		answer = 1;
	}
	return answer;
}

static int
has_credentials(const struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent_identity");
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "from_us", INT64_MIN) <= today(s) &&
		    ref_int(t, i, "to_us", INT64_MAX) > today(s))
			return 1;
	return 0;
}

static int
has_trigger(const struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind", "rollback",
	    NULL };

	return sec_find(sec_ref_table(s, "ref_agent_trigger"), 0, is) !=
	    SIZE_MAX;
}

static int
keeps_state(const struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_write");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	int answer = -1;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		if (str_eq(ref_text(t, i, "reversible"), "none"))
			continue;
		if (ref_int(t, i, "both", 0) < ref_int(t, i, "ran", 0))
			return 0;
		answer = 1;
	}
	return answer;
}

static size_t
drill_row(const struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind", "rollback",
	    NULL };

	return sec_find(sec_log_table(s, "log_drill"), 0, is);
}

static int
is_rehearsed(const struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_drill");
	int64_t most = ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "rollback_drill_max_age_us", -1);
	size_t i = drill_row(s);

	if (i == SIZE_MAX)
		return 0;
	if (most < 0)
		return -1;
	return str_eq(ref_text(t, i, "outcome"), "passed") &&
	    today(s) - ref_int(t, i, "at_us", 0) <= most;
}

static const char *
word(int answer)
{
	return answer == 1 ? "yes" : answer == 0 ? "no" : "cannot be said";
}

static struct fact *
line(struct sec *s, const char *field, int answer)
{
	return sec_text(s, field, PROV_DERIVED, word(answer), "ready");
}

static const struct sec_col agent_cols[] = {
	{ "rollback_to", "Declared target", "rollback_to" },
	{ "within", "To be done within", "rollback_max_us" }
};

static const struct sec_col version_cols[] = {
	{ "image", "Digest of its image", "image_sha256" },
	{ "commit", "Its commit", "code_commit" },
	{ "policy", "Its policy", "policy_id" },
	{ "policy_min", "from version", "policy_min_version" }
};

static const struct sec_col model_cols[] = {
	{ "model", "Model", "model" },
	{ "version", "Version", "model_version" }, { "use", "Use", "use" }
};

static const struct sec_col prompt_cols[] = {
	{ "prompt", "Prompt", "prompt_id" },
	{ "version", "Version", "prompt_version" }
};

static void
suites(struct sec *s)
{
	static const char *const head[] = {
		"Suite", "Metric", "At most old", "Last run in the log"
	};
	static const char *const col[] = { "suite", "metric", "max_age_us" };
	const struct ref_table *t = sec_ref_table(s, "ref_version_eval");
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    target(s), NULL };
	struct rows r = sec_rows(s, "suites", "Evaluations of the target",
	    head, COUNT(head));

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		int64_t at = evaluated(s, ref_text(t, i, "suite"),
		    ref_text(t, i, "metric"));

		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "suites", r.n,
			    col[c]), t, i, col[c], NULL));
		sec_cell(&r, at >= 0 ? sec_time(s, sec_item(s, "suites", r.n,
		    "last"), PROV_MEASURED, at, "log_evaluation.at_us") :
		    sec_missing(s, sec_item(s, "suites", r.n, "last"),
		    PROV_MEASURED, "no such evaluation in the log"));
	}
	sec_rows_end(&r, PROV_DECLARED, "fill evals of the version to go "
	    "back to");
}

static void
goal(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    target(s), NULL };
	struct docnode *table = sec_fields(s, "fields", "Where it goes back "
	    "to");
	const char *file = sec_printf(s, "registry/agents/%s/versions/%s.yaml",
	    s->ref->agent, target(s) != NULL ? target(s) : "VERSION");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    agent_cols, COUNT(agent_cols), sec_agent_file(s));
	sec_field(s, table, "That is version", target(s) != NULL ? sec_text(s,
	    "target", PROV_DERIVED, target(s), "rollback_target") :
	    sec_missing(s, "target", PROV_DERIVED, sec_printf(s,
	    "fill previous in %s", sec_version_file(s))));
	if (target(s) == NULL)
		return;
	if (str_eq(target(s), s->ref->version))
		sec_intro(s, "The declared target is this version itself: "
		    "there is none to take it back to.");
	sec_refs(s, table, sec_ref_table(s, "ref_agent_version"),
	    target_row(s), version_cols, COUNT(version_cols), file);
	sec_field(s, table, "Its models are still offered", line(s,
	    "offered", is_offered(s)));
	sec_field(s, table, "A credential of the agent is valid", line(s,
	    "credentials", has_credentials(s)));
	sec_grid(s, "models", "Its models", "ref_version_model", is,
	    model_cols, COUNT(model_cols), sec_printf(s, "fill models in %s",
	    file));
	sec_grid(s, "prompts", "Its prompts", "ref_version_prompt", is,
	    prompt_cols, COUNT(prompt_cols), sec_printf(s,
	    "fill prompts in %s", file));
	suites(s);
}

/* Triggers of a kind with what the log would have made of them; here and in
 * the reports of service levels. */
void
sec_triggers(struct sec *s, const char *list, const char *caption,
    const char *kind)
{
	static const char *const head[] = {
		"Metric", "Tool", "Fires when", "Value", "Window",
		"Rows at least", "Does", "Rows judged", "Times it fired",
		"First", "Last"
	}, *const level[] = {
		"Metric", "Tool", "Must be", "Value", "Window",
		"Rows at least", "If missed", "Rows judged",
		"Times it was missed", "First", "Last"
	};
	static const char *const col[] = {
		"metric", "tool", "op", "value_micro", "window_us", "min_n",
		"does"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_agent_trigger");
	const struct ref_table *log = sec_log_table(s, "log_trigger");
	const char *is[] = { "agent_id", s->ref->agent, "kind", kind, NULL };
	struct rows r = sec_rows(s, list, caption, str_eq(kind, "slo") ?
	    level : head, COUNT(head));

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		size_t m = sec_find(log, 0, is);

		while (m != SIZE_MAX && ref_int(log, m, "line", -1) !=
		    ref_int(t, i, "line", -2))
			m = sec_find(log, m + 1, is);
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++) {
			const char *id = sec_item(s, list, r.n, col[c]);

			sec_cell(&r, str_eq(col[c], "tool") && ref_text(t, i,
			    "tool") == NULL ? sec_said(s, id, t, i, "any") :
			    sec_ref(s, id, t, i, col[c], NULL));
		}
		sec_cell(&r, sec_log(s, sec_item(s, list, r.n, "judged"), log,
		    m, "judged"));
		sec_cell(&r, sec_log(s, sec_item(s, list, r.n, "fired"), log,
		    m, "fired"));
		for (size_t c = 0; c < 2; c++) {
			const char *when = c == 0 ? "first_us" : "last_us";
			const char *id = sec_item(s, list, r.n, c == 0 ?
			    "first" : "last");

			sec_cell(&r, m == SIZE_MAX || ref_int(log, m, "fired",
			    0) > 0 ? sec_log(s, id, log, m, when) : sec_text(
			    s, id, PROV_MEASURED, ref_int(log, m, "judged",
			    0) > 0 ? "never" : "cannot be said: no window "
			    "had so many rows", "log_trigger.fired"));
		}
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s,
	    "fill triggers of kind %s in %s", kind, sec_agent_file(s)));
}

static void
triggers(struct sec *s)
{
	sec_intro(s, "Each declared trigger, held against the log row by row: "
	    "when it would have fired in the period, over all versions of the "
	    "agent.");
	sec_triggers(s, "triggers", "Triggers and their back-test",
	    "rollback");
}

static const struct sec_col write_cols[] = {
	{ "action", "Action", "action?none named" },
	{ "reversible", "Can be undone", "reversible?not logged" },
	{ "ran", "Ran", "ran" },
	{ "both", "with state before and after", "both" },
	{ "undone", "Undone", "undone" },
	{ "amount", "Amount", "amount_minor?no amount" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static void
state(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, NULL };
	const char *gone[] = { "agent_id", s->ref->agent, "agent_version",
	    s->ref->version, "reversible", "none", NULL };
	const struct ref_table *t = sec_log_table(s, "log_write");
	struct docnode *table;

	sec_quiet_grid(s, "writes", "What this version did in production",
	    "log_write", is, write_cols, COUNT(write_cols),
	    "this version ran no action in production");
	if (sec_find(t, 0, is) == SIZE_MAX)
		return;
	table = sec_fields(s, "fields", "What a rollback cannot take back");
	sec_field(s, table, "Actions that cannot be undone", sec_count(s,
	    "irreversible", sec_sum(t, gone, "ran"), "log_write.ran"));
}

static const struct sec_col drill_cols[] = {
	{ "at", "Ended", "at_us" }, { "outcome", "Outcome", "outcome" },
	{ "took", "Took", "took_us?not measured" }
};

static const struct sec_col real_cols[] = {
	{ "version", "Version that went", "rollback_of" },
	{ "back", "Back to", "agent_version" }, { "at", "At", "from_us" },
	{ "by", "By", "deployed_by" }
};

static const struct sec_col undone_cols[] = {
	{ "version", "Version", "agent_version?none named" },
	{ "rollbacks", "Rollbacks of actions", "rollbacks" },
	{ "failed", "Failed", "failed" },
	{ "p50", "Median from action to rollback", "p50_us?not known" },
	{ "p95", "95th percentile", "p95_us?not known" },
	{ "last", "Last", "last_us" }
};

static void
real(struct sec *s)
{
	static const char *const head[] = {
		"Version that went", "Back to", "At", "By"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_deployment");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct rows r = sec_rows(s, "real", "Versions that were taken back",
	    head, COUNT(head));

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		if (ref_text(t, i, "rollback_of") == NULL ||
		    ref_int(t, i, "from_us", INT64_MAX) >= s->b->to_us)
			continue;
		sec_row(&r);
		for (size_t c = 0; c < COUNT(real_cols); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "real", r.n,
			    real_cols[c].field), t, i, real_cols[c].col,
			    NULL));
	}
	sec_rows_quiet(&r, "no version was taken back");
}

static void
rehearsed(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const char *drill[] = { "agent_id", s->ref->agent, "kind",
	    "rollback", NULL };
	static const struct sec_col due[] = {
		{ "within", "A rollback is to be done within",
		    "rollback_max_us" },
		{ "age", "A drill may be as old as",
		    "rollback_drill_max_age_us" }
	};

	sec_refs(s, sec_fields(s, "fields", "What was promised"),
	    sec_ref_table(s, "ref_agent"), sec_agent(s), due, COUNT(due),
	    sec_agent_file(s));
	sec_grid(s, "drills", "The newest drill of a rollback", "log_drill",
	    drill, drill_cols, COUNT(drill_cols), "no drill of a rollback is "
	    "in the log");
	real(s);
	sec_quiet_grid(s, "undone", "Actions that were rolled back, by "
	    "the version that ran then", "log_undone", is, undone_cols, COUNT(undone_cols),
	    "no action was rolled back");
}

static const struct {
	const char *field, *label;
	int (*answer)(const struct sec *);
} lines[] = {
	{ "known", "The target is declared, and another version", is_known },
	{ "offered", "Its models are still offered", is_offered },
	{ "evaluated", "Its evaluations are recent enough", is_evaluated },
	{ "credentials", "A credential is valid", has_credentials },
	{ "trigger", "A trigger of kind rollback is declared", has_trigger },
	{ "state", "Each write that can be undone kept its state before and "
	    "after", keeps_state },
	{ "rehearsed", "A drill passed recently enough", is_rehearsed }
};

static void
verdict(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "Each line must be "
	    "yes");
	int go = 1;

	for (size_t i = 0; i < COUNT(lines); i++) {
		int answer = lines[i].answer(s);

		go &= answer == 1;
		sec_field(s, table, lines[i].label, line(s, lines[i].field,
		    answer));
	}
	sec_field(s, table, "Go or no-go", sec_text(s, "verdict",
	    PROV_DERIVED, go ? "go" : "no-go", "ready"));
}

const struct section sec_rb[] = {
	{ "target", "RB1", "Target", AUDIENCE_AUDITOR, "C09 C12",
	    "rollback_to within target image commit policy policy_min "
	    "offered credentials models[model version use] prompts[prompt "
	    "version] suites[suite metric max_age_us last]", goal,
	    "the agent's owner" },
	{ "triggers", "RB2", "Triggers", AUDIENCE_AUDITOR, "C30",
	    "triggers[metric tool op value_micro window_us min_n does judged "
	    "fired first last]", triggers, "the agent's owner" },
	{ "state", "RB3", "State", AUDIENCE_AUDITOR, "C45",
	    "writes[action reversible ran both undone amount first last] "
	    "irreversible", state, "the log" },
	{ "rehearsed", "RB4", "Rehearsed", AUDIENCE_AUDITOR, "C31",
	    "within age drills[at outcome took] real[version back at by] "
	    "undone[version rollbacks failed p50 p95 last]", rehearsed,
	    "the agent's owner" },
	{ "verdict", "RB5", "Go or no-go", AUDIENCE_AUDITOR, NULL,
	    "known offered evaluated credentials trigger state rehearsed "
	    "verdict", verdict, "the agent's owner" },
	{ .id = NULL }
};
