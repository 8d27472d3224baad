#include <string.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WHOLE 1000000

/* The service levels of an agent: documents.md, SL1 to SL3. */

static uint64_t
weeks(const struct sec *s, const char *col)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	return sec_sum(sec_log_table(s, "log_agent_week"), is, col);
}

static void
reversed(struct sec *s)
{
	static const char *const head[] = {
		"Month", "Actions that ran", "Reversed by a review", "Share"
	};
	static const char *const col[] = { "month", "actions_ran",
		"reversed" };
	const struct ref_table *t = sec_log_table(s, "log_month");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct rows r = sec_rows(s, "reversed", "Reversed of made, by month",
	    head, COUNT(head));

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_log(s, sec_item(s, "reversed", r.n,
			    col[c]), t, i, col[c]));
		sec_cell(&r, sec_estimate(s, sec_item(s, "reversed", r.n,
		    "share"), (uint64_t)ref_int(t, i, "reversed", 0),
		    (uint64_t)ref_int(t, i, "actions_ran", 0),
		    "log_month.reversed"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no event in this period");
}

static void
objectives(struct sec *s)
{
	uint64_t ended = weeks(s, "ended"), lost = weeks(s, "lost");
	struct docnode *table;

	sec_triggers(s, "levels", "Declared levels, held against each run of "
	    "the period", "slo");
	table = sec_fields(s, "fields", "Measured over the whole period");
	sec_field(s, table, "Runs that ended well", sec_estimate(s, "good",
	    ended - lost, ended, "log_agent_week.lost"));
	reversed(s);
}

static const struct sec_col week_cols[] = {
	{ "week", "Week from", "week_us" }, { "ended", "Runs ended", "ended" },
	{ "lost", "Failed or timed out", "lost" }
};

/* The level of success_share, or SIZE_MAX: others have no budget of runs. */
static size_t
level(const struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, "kind", "slo",
	    "metric", "success_share", NULL };

	return sec_find(sec_ref_table(s, "ref_agent_trigger"), 0, is);
}

/* How many runs may fail of those that ended: rounded down. */
static uint64_t
budget(uint64_t ended, int64_t value)
{
	return value < 0 || value > WHOLE ? 0 : ended / WHOLE *
	    (uint64_t)(WHOLE - value) + ended % WHOLE *
	    (uint64_t)(WHOLE - value) / WHOLE;
}

/* The first week in which the sum of lost runs passes the budget, or -1. */
static int64_t
ran_out(const struct sec *s, uint64_t most)
{
	const struct ref_table *t = sec_log_table(s, "log_agent_week");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	uint64_t lost = 0;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		lost += (uint64_t)ref_int(t, i, "lost", 0);
		if (lost > most)
			return ref_int(t, i, "week_us", 0);
	}
	return -1;
}

static void
spent(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent_trigger");
	uint64_t ended = weeks(s, "ended"), lost = weeks(s, "lost");
	uint64_t most = budget(ended, ref_int(t, level(s), "value_micro",
	    -1));
	int64_t out = ran_out(s, most);
	struct docnode *table = sec_fields(s, "fields", "The budget of failed "
	    "runs in this period");

	sec_field(s, table, "Level", sec_ref(s, "level", t, level(s),
	    "value_micro", NULL));
	sec_field(s, table, "Failed runs that it allows", sec_count(s,
	    "allowed", most, "error_budget"));
	sec_field(s, table, "Spent", sec_ratio(s, "spent", lost, ended,
	    "log_agent_week.lost"));
	sec_field(s, table, "Left", sec_count(s, "left", lost < most ? most -
	    lost : 0, "error_budget"));
	sec_field(s, table, "Ran out in the week from", out < 0 ? sec_text(s,
	    "out", PROV_DERIVED, "it did not", "error_budget") : sec_time(s,
	    "out", PROV_DERIVED, out, "error_budget"));
	sec_field(s, table, "What is to happen then", sec_ref(s, "does", t,
	    level(s), "does", NULL));
	sec_field(s, table, "What happened", sec_result(s, "then", "RB-05.t2",
	    s->ref->agent));
}

static void
error_budget(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	if (level(s) == SIZE_MAX)
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_missing(s,
		    "level", PROV_DECLARED, sec_printf(s, "declare a trigger "
		    "of kind slo and metric success_share in %s",
		    sec_agent_file(s))));
	else if (weeks(s, "ended") == 0)
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_missing(s,
		    "spent", PROV_MEASURED, "no run ended in production in "
		    "this period"));
	else
		spent(s);
	sec_grid(s, "weeks", "Burn by week", "log_agent_week", is, week_cols,
	    COUNT(week_cols), "no run ended in production in this period");
}

static const struct sec_col streak_cols[] = {
	{ "tool", "Tool", "tool" }, { "calls", "Calls", "calls" },
	{ "failed", "Failed", "failed" },
	{ "longest", "Longest row of failures", "longest" },
	{ "at", "Its last call", "at_us?none failed" }
};

static const struct sec_col due_cols[] = {
	{ "scenario", "What is assumed", "scenario" },
	{ "interval", "Due every", "interval_us" }
};

static const struct sec_col chaos_cols[] = {
	{ "at", "Ended", "at_us" }, { "outcome", "Outcome", "outcome" }
};

static void
breakers(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const char *chaos[] = { "agent_id", s->ref->agent, "kind", "chaos",
	    NULL };
	struct docnode *table;

	sec_triggers(s, "breakers", "Declared breakers: when each should have "
	    "opened", "breaker");
	table = sec_fields(s, "fields", "Calls after it should have opened");
	sec_field(s, table, "What the log says", sec_result(s, "after",
	    "RB-06.t1", s->ref->agent));
	sec_grid(s, "streaks", "Tools that failed again and again",
	    "log_streak", is, streak_cols, COUNT(streak_cols),
	    "no tool was called in this period");
	sec_grid(s, "due", "Chaos drills that are due", "ref_agent_drill",
	    chaos, due_cols, COUNT(due_cols), sec_printf(s,
	    "fill drills of kind chaos in %s", sec_agent_file(s)));
	sec_grid(s, "chaos", "Chaos drills in the log", "log_drilled", chaos,
	    chaos_cols, COUNT(chaos_cols), "no chaos drill was recorded");
}

#define TRIGGER "metric tool op value_micro window_us min_n does judged " \
	"fired first last"

const struct section sec_sl[] = {
	{ "objectives", "SL1", "Objectives", AUDIENCE_AUDITOR, "C30",
	    "levels[" TRIGGER "] good reversed[month actions_ran reversed "
	    "share]", objectives, "the agent's owner" },
	{ "budget", "SL2", "Error budget", AUDIENCE_AUDITOR, "C47",
	    "level allowed spent left out does then weeks[week ended lost]",
	    error_budget, "the agent's owner" },
	{ "breakers", "SL3", "Breakers and chaos", AUDIENCE_AUDITOR,
	    "C31 C46", "breakers[" TRIGGER "] after streaks[tool calls failed "
	    "longest at] due[scenario interval] chaos[at outcome]", breakers,
	    "the agent's owner" },
	{ .id = NULL }
};
