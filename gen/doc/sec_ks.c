#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A use of the kill switch, or a drill of it: documents.md, KS1 and KS2. */

static const struct ref_table *
stops(const struct sec *s)
{
	return sec_log_table(s, "log_stop");
}

static const char *
kind(const struct sec *s)
{
	return ref_text(stops(s), s->ref->row, "kind");
}

static const struct sec_col plan_cols[] = {
	{ "command", "How it is stopped", "kill_command" },
	{ "within", "Must stop within", "kill_max_us" }
};

static const struct sec_col drill_cols[] = {
	{ "scenario", "What is assumed", "scenario" },
	{ "interval", "Due every", "interval_us" }
};

/* Who engaged it is a person: not for the public. */
static void
timeline(struct sec *s)
{
	static const struct {
		const char *field, *label, *col;
	} line[] = {
		{ "kind", "What it was", "kind" },
		{ "before", "Last action that ran before", "before_us" },
		{ "engaged", "Engaged", "engaged_us" },
		{ "by", "By", "by" },
		{ "confirmed", "Confirmed", "confirmed_us" },
		{ "lifted", "Lifted", "lifted_us" }
	};
	int drill = str_eq(kind(s), "drill");
	struct docnode *table = sec_fields(s, "timeline", "What happened");

	for (size_t i = 0; i < COUNT(line); i++)
		sec_field(s, table, line[i].label, drill && str_eq(
		    line[i].col, "lifted_us") ? sec_not_owed(s,
		    line[i].field, "a drill is not lifted: it ends when it "
		    "passes or fails") : sec_log(s, line[i].field, stops(s),
		    s->ref->row, line[i].col));
	sec_field(s, table, "Reason given", drill ? sec_not_owed(s, "reason",
	    "it is a drill") : sec_log(s, "reason", stops(s), s->ref->row,
	    "reason"));
}

static void
plan(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind",
	    "kill_switch", NULL };
	struct docnode *table = sec_fields(s, "fields", "The plan");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    plan_cols, COUNT(plan_cols), sec_agent_file(s));
	sec_agent_list(s, table, "holders", "Who may stop it",
	    "kill_holders");
	sec_grid(s, "drills", "Drills of the kill switch that are due",
	    "ref_agent_drill", is, drill_cols, COUNT(drill_cols),
	    sec_printf(s, "fill drills of kind kill_switch in %s",
	    sec_agent_file(s)));
	timeline(s);
}

/* Whether it stopped inside the declared time. */
static struct fact *
in_time(struct sec *s)
{
	int64_t most = ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "kill_max_us", -1);
	int64_t took = ref_int(stops(s), s->ref->row, "took_us", -1);

	if (most < 0 || took < 0)
		return sec_missing(s, "inside", PROV_DERIVED, most < 0 ?
		    sec_printf(s, "fill kill_max in %s", sec_agent_file(s)) :
		    "the log does not say when it was confirmed");
	return sec_text(s, "inside", PROV_DERIVED, took <= most ? "yes" :
	    "no", "took_against_kill_max");
}

/* When the next drill falls due: a declared interval after this. */
static struct fact *
next(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind",
	    "kill_switch", NULL };
	const struct ref_table *t = sec_ref_table(s, "ref_agent_drill");
	int64_t every = ref_int(t, sec_find(t, 0, is), "interval_us", -1);
	int64_t at = ref_int(stops(s), s->ref->row, "confirmed_us", -1);

	if (!str_eq(kind(s), "drill"))
		return sec_not_owed(s, "next", "drills follow drills; this "
		    "was a halt");
	if (every < 0 || at < 0)
		return sec_missing(s, "next", PROV_DERIVED, sec_printf(s,
		    "fill drills of kind kill_switch in %s",
		    sec_agent_file(s)));
	return sec_time(s, "next", PROV_DERIVED, at + every,
	    "confirmed_plus_interval");
}

/* What was mended: owed where it failed, took too long or was real. */
static void
lessons(struct sec *s)
{
	int64_t most = ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "kill_max_us", -1);
	int64_t took = ref_int(stops(s), s->ref->row, "took_us", INT64_MAX);

	if (str_eq(kind(s), "drill") && took <= most && str_eq(ref_text(
	    stops(s), s->ref->row, "outcome"), "passed"))
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_not_owed(s,
		    "text", "nothing is to be mended: the drill passed "
		    "inside the declared time"));
	else {
		sec_intro(s, "What was found, mended and decided next:");
		sec_narrative(s, "text", "agent", s->ref->agent,
		    "kill-switch", sec_printf(s, "registry/agents/%s/",
		    s->ref->agent));
	}
}

static const struct sec_col held_cols[] = {
	{ "at", "Ended", "at_us" }, { "outcome", "Outcome", "outcome" },
	{ "took", "Took", "took_us?not measured" }
};

static void
result(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind",
	    "kill_switch", NULL };
	int drill = str_eq(kind(s), "drill");
	struct docnode *table = sec_fields(s, "fields", "The result");
	size_t row = s->ref->row;

	sec_field(s, table, "From engaged to confirmed", sec_log(s, "took",
	    stops(s), row, "took_us"));
	sec_field(s, table, "Inside the declared time", in_time(s));
	sec_field(s, table, "Actions that ran until it was confirmed",
	    sec_log(s, "during", stops(s), row, "during"));
	sec_field(s, table, "Actions that ran after, until it was lifted",
	    drill ? sec_not_owed(s, "after", "the agent goes on after a "
	    "drill") : sec_log(s, "after", stops(s), row, "after"));
	sec_field(s, table, "Outcome", drill ? sec_log(s, "outcome",
	    stops(s), row, "outcome") : sec_not_owed(s, "outcome",
	    "a halt has none: it was confirmed, or it was not"));
	sec_field(s, table, "Instances that were missed", sec_missing(s,
	    "missed", PROV_MEASURED, "the log has no column for the instance "
	    "of an agent: say in ext which instance confirmed"));
	sec_field(s, table, "Next drill due", next(s));
	sec_grid(s, "newest", "The newest drill of the kill switch in the log",
	    "log_drill", is, held_cols, COUNT(held_cols),
	    "no drill was recorded");
	lessons(s);
}

const struct section sec_ks[] = {
	{ "plan", "KS1", "Plan and timeline", AUDIENCE_AUDITOR, "C31 C32",
	    "command within holders drills[scenario interval] kind before "
	    "engaged by confirmed lifted reason", plan,
	    "the holders of the kill switch" },
	{ "result", "KS2", "Result", AUDIENCE_AUDITOR, "C32",
	    "took inside during after outcome missed next newest[at outcome took] "
	    "~text", result, "the holders of the kill switch" },
	{ .id = NULL }
};
