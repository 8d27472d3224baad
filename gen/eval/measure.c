#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "eval/measure.h"

/*
 * Texts with short forms, expanded before they run:
 *   {x} {y}   the events of the period; all up to its end; with `agent`
 *   {n C}     how many rows C holds for
 *   {no}      index of the stream of the row; {month} its month
 *   {ran} {bad} {denied} {person}   conditions of a row
 * Percentiles are nearest ranks: row ceil(n * p / 100) of n in order.
 */
static const struct {
	const char *name, *sql;
} text[] = {
{ "log_agent", "WITH {x} SELECT agent, agent_version, environment, count(*), "
    "{n event_type = 'run_started'}, {n event_type = 'run_ended'}, "
    "{n event_type = 'run_ended' AND outcome <> 'success'}, "
    "count(DISTINCT session_id), {n event_type = 'model_call'}, "
    "{n event_type = 'model_call' AND {bad}}, "
    "{n event_type = 'tool_call' AND coalesce(outcome, '') <> 'blocked'}, "
    "{n event_type = 'tool_call' AND {bad}}, {n event_type = 'decision'}, "
    "{n {denied}}, {n event_type = 'action'}, {n {ran}}, "
    "{n {ran} AND {bad}}, {n event_type = 'decision' AND shadow = 1}, "
    "sum(tokens_in), sum(tokens_out), max(delegation_depth), "
    "min(occurred_us), max(occurred_us) FROM x "
    "GROUP BY agent, agent_version, environment" },
{ "log_agent_type", "WITH {x} SELECT agent, event_type, count(*), "
    "min(occurred_us), max(occurred_us) FROM x GROUP BY agent, event_type" },
{ "log_agent_tier", "WITH {x} SELECT agent, agent_version, action, tier, "
    "{n event_type = 'decision' AND coalesce(shadow, 0) = 0}, "
    "{n {ran} AND environment = 'prod'}, "
    "{n event_type = 'action' AND outcome = 'blocked' OR event_type = "
    "'decision' AND verdict = 'deny'}, "
    "{n {ran} AND environment = 'prod' AND approval_decision IN ('approved', "
    "'modified')}, "
    "CASE WHEN count(DISTINCT CASE WHEN {ran} AND amount_minor IS NOT NULL "
    "THEN currency END) = 1 THEN max(CASE WHEN {ran} THEN amount_minor END) "
    "END, "
    "CASE WHEN count(DISTINCT CASE WHEN {ran} AND amount_minor IS NOT NULL "
    "THEN currency END) = 1 THEN max(CASE WHEN {ran} AND amount_minor IS NOT "
    "NULL THEN currency END) END, "
    "min(occurred_us), max(occurred_us) FROM x WHERE event_type IN "
    "('decision', 'action') GROUP BY agent, agent_version, action, tier" },
{ "log_model", "WITH {x}, c AS (SELECT *, row_number() OVER w AS rn, "
    "count(*) OVER (PARTITION BY model_provider, model_id, model_version, "
    "agent, agent_version, duration_us IS NULL) AS nn FROM x WHERE "
    "event_type = 'model_call' WINDOW w AS (PARTITION BY model_provider, "
    "model_id, model_version, agent, agent_version, duration_us IS NULL ORDER "
    "BY duration_us, stream, seq)) "
    "SELECT model_provider, model_id, model_version, agent, agent_version, "
    "count(*), {n {bad}}, {n outcome = 'blocked'}, sum(tokens_in), "
    "sum(tokens_out), {p50 duration_us}, {p95 duration_us}, "
    "min(occurred_us), max(occurred_us) FROM c GROUP BY model_provider, "
    "model_id, model_version, agent, agent_version" },
{ "log_tool", "WITH {x} SELECT agent, agent_version, tool, tool_hash, "
    "{n event_type = 'tool_call' AND coalesce(outcome, '') <> 'blocked'}, "
    "{n event_type = 'tool_call' AND {bad}}, "
    "{n event_type = 'access' AND verdict = 'deny'}, min(occurred_us), "
    "max(occurred_us) FROM x WHERE event_type = 'tool_call' OR event_type = "
    "'access' AND verdict = 'deny' AND tool IS NOT NULL GROUP BY agent, "
    "agent_version, tool, tool_hash" },
{ "log_prompt", "WITH {x} SELECT agent, agent_version, prompt_id, "
    "prompt_version, prompt_hash, count(*), min(occurred_us), "
    "max(occurred_us) FROM x WHERE event_type = 'model_call' GROUP BY agent, "
    "agent_version, prompt_id, prompt_version, prompt_hash" },
{ "log_policy", "WITH {x} SELECT agent, policy_id, policy_version, "
    "policy_hash, count(*), {n verdict = 'deny' OR tier = 'block'}, "
    "min(occurred_us), max(occurred_us) FROM x WHERE event_type IN "
    "('decision', 'action') GROUP BY agent, policy_id, policy_version, "
    "policy_hash" },
{ "log_approval", "WITH {x}, d AS (SELECT *, CASE WHEN event_type = "
    "'approval_decided' THEN approval_decided_us - approval_requested_us END "
    "AS took FROM x WHERE event_type IN ('approval_requested', "
    "'approval_decided', 'approval_expired', 'approval_escalated')), "
    "c AS (SELECT *, row_number() OVER (PARTITION BY agent, action, took IS "
    "NULL ORDER BY took, stream, seq) AS rn, count(*) OVER (PARTITION BY "
    "agent, action, took IS NULL) AS nn FROM d) "
    "SELECT agent, action, {n event_type = 'approval_requested'}, "
    "{n event_type = 'approval_decided' AND approval_decision = 'approved'}, "
    "{n event_type = 'approval_decided' AND approval_decision = 'modified'}, "
    "{n event_type = 'approval_decided' AND approval_decision = 'rejected'}, "
    "{n event_type = 'approval_expired'}, "
    "{n event_type = 'approval_escalated'}, "
    "{n event_type = 'approval_decided' AND approval_decided_us > "
    "approval_due_us}, {n took < 5000000}, {p50 took}, {p95 took} FROM c "
    "GROUP BY agent, action" },
{ "log_approver", "WITH {x} SELECT agent, approver_id, approver_role, "
    "count(*), {n approval_decision = 'rejected'}, "
    "{n approval_decided_us - approval_requested_us < 5000000} FROM x WHERE "
    "event_type = 'approval_decided' GROUP BY agent, approver_id, "
    "approver_role" },
{ "log_guardrail", "WITH {x} SELECT agent, tool, subject, "
    "{n outcome = 'success'}, {n outcome = 'blocked'}, "
    "{n outcome = 'failure'}, {n outcome = 'not_run'} FROM x WHERE "
    "event_type = 'guardrail' GROUP BY agent, tool, subject" },
{ "log_review", "WITH {x} SELECT agent, {n event_type = 'review'}, "
    "{n event_type = 'review' AND outcome = 'upheld'}, "
    "{n event_type = 'review' AND outcome = 'reversed'}, "
    "{n event_type = 'rollback'}, "
    "{n event_type = 'rollback' AND coalesce(outcome, '') <> 'success'} FROM "
    "x WHERE event_type = 'review' AND ref_kind = 'reviews' OR event_type = "
    "'rollback' GROUP BY agent" },
{ "log_complaint", "WITH {x}, q AS (SELECT x.agent AS agent, x.stream AS "
    "stream, x.seq AS seq, x.occurred_us AS us, (SELECT min(d.occurred_us) "
    "FROM event d WHERE d.stream = x.stream AND d.ref_id = x.event_id AND "
    "d.ref_kind = 'resolves') AS r1, (SELECT min(d.occurred_us) FROM event d "
    "WHERE d.stream = x.stream AND d.ref_id = x.ref_id AND d.event_type = "
    "'review' AND d.occurred_us >= x.occurred_us) AS r2, EXISTS (SELECT 1 "
    "FROM event d WHERE d.stream = x.stream AND d.ref_id = x.ref_id AND "
    "(d.event_type = 'review' AND d.outcome = 'reversed' OR d.ref_kind = "
    "'corrects')) AS up FROM x WHERE x.event_type = 'complaint'), "
    "d AS (SELECT *, CASE WHEN r2 IS NULL OR r1 <= r2 THEN r1 ELSE r2 END - "
    "us AS took FROM q), "
    "c AS (SELECT *, row_number() OVER (PARTITION BY agent, took IS NULL "
    "ORDER BY took, stream, seq) AS rn, count(*) OVER (PARTITION BY agent, "
    "took IS NULL) AS nn FROM d) "
    "SELECT agent, count(*), count(took), {n up = 1}, {p50 took} FROM c GROUP "
    "BY agent" },
{ "log_notice", "WITH {x}, s AS (SELECT agent, session_id, max(CASE WHEN "
    "initiator_kind = 'user' THEN 1 ELSE 0 END) AS person, min(CASE WHEN "
    "notice_shown = 1 THEN seq END) AS notice, min(CASE WHEN event_type = "
    "'run_ended' AND output_hash IS NOT NULL THEN seq END) AS answer FROM x "
    "WHERE session_id IS NOT NULL GROUP BY agent, stream, session_id) "
    "SELECT agent, count(*), {n notice IS NOT NULL}, {n notice IS NOT NULL "
    "AND (answer IS NULL OR notice < answer)} FROM s WHERE person = 1 GROUP "
    "BY agent" },
{ "log_data", "WITH {x} SELECT agent, data_class, count(*), "
    "min(occurred_us), max(occurred_us) FROM x WHERE data_class IS NOT NULL "
    "GROUP BY agent, data_class" },
{ "log_source", "WITH {x} SELECT agent, resource, count(*), "
    "count(DISTINCT output_hash) FROM x WHERE event_type = 'retrieval' GROUP "
    "BY agent, resource" },
{ "log_system", "WITH {x} SELECT agent, target_system, count(*), "
    "min(occurred_us), max(occurred_us) FROM x WHERE event_type IN "
    "('tool_call', 'action') AND coalesce(outcome, '') <> 'blocked' AND "
    "target_system IS NOT NULL GROUP BY agent, target_system" },
{ "log_user", "WITH {x} SELECT agent, user_role, count(DISTINCT session_id), "
    "{n event_type = 'run_started'} FROM x WHERE initiator_kind = 'user' "
    "GROUP BY agent, user_role" },
{ "log_incident", "WITH {x}, i AS (SELECT stream, subject, min(seq) AS seq, "
    "min(CASE WHEN outcome = 'opened' THEN occurred_us END) AS opened, "
    "min(CASE WHEN outcome = 'reported' THEN occurred_us END) AS reported, "
    "min(CASE WHEN outcome = 'closed' THEN occurred_us END) AS closed FROM x "
    "WHERE event_type = 'incident' GROUP BY stream, subject) "
    "SELECT i.subject, x.agent, x.severity, i.opened, (SELECT "
    "min(d.occurred_us) FROM x d WHERE d.stream = i.stream AND "
    "d.occurred_us >= i.opened AND ((d.event_type = 'halt' AND d.outcome = "
    "'engaged' OR d.event_type = 'rollback') AND d.agent = x.agent OR d.event_type = 'incident' AND d.subject = i.subject "
    "AND d.outcome = 'closed')), i.reported, i.closed, {no i.stream}, i.seq "
    "FROM i JOIN x ON x.stream = i.stream AND x.seq = i.seq" },
{ "log_drill", "WITH {y}, d AS (SELECT *, row_number() OVER (PARTITION BY "
    "agent, action ORDER BY occurred_us DESC, stream, seq DESC) AS rn FROM y "
    "WHERE event_type = 'drill' AND outcome IN ('passed', 'failed')) "
    "SELECT d.agent, d.action, d.occurred_us, d.outcome, d.occurred_us - "
    "(SELECT max(b.occurred_us) FROM y b WHERE b.stream = d.stream AND "
    "b.event_type = 'drill' AND b.outcome = 'engaged' AND b.agent = d.agent "
    "AND b.action = d.action AND b.occurred_us <= d.occurred_us), "
    "{no d.stream}, d.seq FROM d WHERE d.rn = 1" },
{ "log_halt", "WITH {x}, h AS (SELECT x.agent AS agent, x.occurred_us AS us, "
    "x.stream AS stream, x.seq AS seq, (SELECT min(c.occurred_us) FROM x c "
    "WHERE c.event_type = 'halt' AND c.outcome = 'confirmed' AND c.agent = "
    "x.agent AND c.occurred_us >= x.occurred_us) AS confirmed, (SELECT "
    "min(c.occurred_us) FROM x c WHERE c.event_type = 'halt' AND c.outcome = "
    "'lifted' AND c.agent = x.agent AND c.occurred_us >= x.occurred_us) AS "
    "lifted FROM x WHERE x.event_type = 'halt' AND x.outcome = 'engaged') "
    "SELECT h.agent, h.us, h.confirmed, h.lifted, (SELECT count(*) FROM x "
    "WHERE {ran} AND x.agent = h.agent AND x.occurred_us > h.us AND "
    "x.occurred_us < coalesce(h.lifted, :to_us)), {no h.stream}, h.seq FROM h" },
{ "log_month", "WITH {x} SELECT agent, {month}, "
    "{n event_type = 'run_started'}, {n {ran} AND environment = 'prod'}, "
    "{n {denied}}, {n event_type = 'approval_decided' AND approval_decision = "
    "'rejected'}, {n event_type = 'review' AND outcome = 'reversed'}, "
    "{n event_type = 'complaint'}, {n event_type = 'model_call'}, "
    "sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)) FROM x GROUP BY "
    "agent, {month}" },
{ "log_week", "WITH {x} SELECT stream, :from_us + (occurred_us - :from_us) / "
    "604800000000 * 604800000000, count(*), "
    "{n event_type = 'run_started'}, {n {ran}} FROM x GROUP BY stream, "
    "(occurred_us - :from_us) / 604800000000" },
{ "log_evaluation", "WITH {y} SELECT agent, agent_version, subject, action, "
    "occurred_us, score_ppm, outcome, {no stream}, seq FROM y WHERE "
    "event_type = 'evaluation'" },
{ "log_undeclared", "WITH {x} "
    "SELECT 'agent', agent, agent, count(*), min(occurred_us), "
    "max(occurred_us) FROM x WHERE NOT EXISTS (SELECT 1 FROM ref_agent_name r "
    "WHERE r.name = x.agent_id) GROUP BY agent "
    "UNION ALL SELECT 'version', agent_version, agent, count(*), "
    "min(occurred_us), max(occurred_us) FROM x WHERE agent_version IS NOT "
    "NULL AND NOT EXISTS (SELECT 1 FROM ref_agent_version r WHERE r.agent_id "
    "= x.agent AND r.agent_version = x.agent_version) GROUP BY agent, "
    "agent_version "
    "UNION ALL SELECT 'model', coalesce(model_provider, '') || '/' || "
    "model_id || '@' || coalesce(model_version, ''), agent, count(*), "
    "min(occurred_us), max(occurred_us) FROM x WHERE event_type = "
    "'model_call' AND model_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
    "ref_model r WHERE r.model_provider = x.model_provider AND r.model_id = "
    "x.model_id AND r.model_version = x.model_version) GROUP BY agent, "
    "model_provider, model_id, model_version "
    "UNION ALL SELECT 'prompt', prompt_id || '@' || coalesce(prompt_version, "
    "''), agent, count(*), min(occurred_us), max(occurred_us) FROM x WHERE "
    "event_type = 'model_call' AND prompt_id IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM ref_prompt r WHERE r.prompt_id = x.prompt_id AND "
    "r.prompt_hash = x.prompt_hash) GROUP BY agent, prompt_id, "
    "prompt_version "
    "UNION ALL SELECT 'tool', tool, agent, count(*), min(occurred_us), "
    "max(occurred_us) FROM x WHERE event_type = 'tool_call' AND tool IS NOT "
    "NULL AND NOT EXISTS (SELECT 1 FROM ref_tool r WHERE r.tool = x.tool) "
    "GROUP BY agent, tool "
    "UNION ALL SELECT 'action', action, agent, count(*), min(occurred_us), "
    "max(occurred_us) FROM x WHERE event_type IN ('decision', 'action') AND "
    "action IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ref_action r WHERE "
    "r.action = x.action) GROUP BY agent, action" },
{ "log_gap_declared", "WITH {x} SELECT {no stream}, seq, agent, occurred_us, "
    "duration_us, reason FROM x WHERE event_type = 'gap_declared'" },
};

struct measure {
	struct arena *arena;
	const struct measure_stream *stream;
	size_t nstream;
	int64_t from_us, to_us;
};

static void
add_quoted(struct str *s, const char *p)
{
	str_addc(s, '\'');
	for (; *p != '\0'; p++) {
		if (*p == '\'')
			str_addc(s, '\'');
		str_addc(s, *p);
	}
	str_addc(s, '\'');
}

/* The events with the agent's own id; rows that wait are left out. */
static void
add_events(const struct measure *m, struct str *s, char name)
{
	str_addf(s, "%c AS (SELECT coalesce(a.agent_id, e.agent_id) AS agent, "
	    "e.* FROM event e LEFT JOIN ref_agent_name a ON a.name = "
	    "e.agent_id WHERE (", name);
	for (size_t i = 0; i < m->nstream; i++) {
		str_addf(s, "%se.seq < %" PRIu64 " AND e.stream = ",
		    i ? " OR " : "", m->stream[i].size);
		add_quoted(s, m->stream[i].name);
	}
	str_addf(s, "%s)%s AND e.occurred_us < :to_us)",
	    m->nstream == 0 ? "1 = 0" : "", name == 'x' ?
	    " AND e.occurred_us >= :from_us" : "");
}

static void
add_stream_no(const struct measure *m, struct str *s, const char *col)
{
	str_addz(s, "CASE");
	for (size_t i = 0; i < m->nstream; i++) {
		str_addf(s, " WHEN %s = ", col);
		add_quoted(s, m->stream[i].name);
		str_addf(s, " THEN %zu", i);
	}
	str_addz(s, m->nstream == 0 ? " WHEN 1 = 0 THEN 0 END" : " END");
}

static void
add_month(const struct measure *m, struct str *s)
{
	const struct date_span month = { 1, 0 };
	int64_t from, to;
	int y, mo, d;

	date_split(m->from_us, &y, &mo, &d);
	str_addz(s, "CASE");
	for (from = date_civil(y, mo, 1); from < m->to_us; from = to) {
		to = date_add(from, month, 1);
		date_split(from, &y, &mo, &d);
		str_addf(s, " WHEN occurred_us < %" PRId64
		    " THEN '%04d-%02d'", to, y, mo);
	}
	str_addz(s, " END");
}

static void expand(const struct measure *, struct str *, const char *,
    size_t);

/* One short form, its braces taken off. */
static void
expand_form(const struct measure *m, struct str *s, const char *p, size_t len)
{
	static const struct { const char *name, *sql; } form[] = {
		{ "ran", "event_type = 'action' AND coalesce(outcome, '') <> "
		    "'blocked' AND coalesce(shadow, 0) = 0" },
		{ "bad", "outcome IN ('failure', 'timeout')" },
		{ "denied", "event_type = 'decision' AND (verdict = 'deny' OR "
		    "tier = 'block')" },
	};

	if (len == 1) {
		add_events(m, s, *p);
	} else if (strncmp(p, "n ", 2) == 0) {
		str_addz(s, "count(CASE WHEN ");
		expand(m, s, p + 2, len - 2);
		str_addz(s, " THEN 1 END)");
	} else if (strncmp(p, "no ", 3) == 0) {
		add_stream_no(m, s, arena_strndup(m->arena, p + 3, len - 3));
	} else if (*p == 'p') { /* p50 col */
		str_addf(s, "max(CASE WHEN %.*s IS NOT NULL AND rn = (nn * "
		    "%.2s + 99) / 100 THEN %.*s END)", (int)len - 4, p + 4,
		    p + 1, (int)len - 4, p + 4);
	} else if (strncmp(p, "month", len) == 0) {
		add_month(m, s);
	} else {
		for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++)
			if (strncmp(form[i].name, p, len) == 0)
				str_addf(s, "(%s)", form[i].sql);
	}
}

static void
expand(const struct measure *m, struct str *s, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t from = i + 1;
		int depth = 1;

		if (p[i] != '{') {
			str_addc(s, p[i]);
			continue;
		}
		while (depth > 0 && ++i < len)
			depth += (p[i] == '{') - (p[i] == '}');
		expand_form(m, s, p + from, i - from);
	}
}

const char *
measure_sql(struct arena *a, const struct log_schema *t,
    const struct measure_stream *stream, size_t nstream, int64_t from_us,
    int64_t to_us)
{
	struct measure m = { a, stream, nstream, from_us, to_us };
	struct str s = str_new(a);

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (strcmp(text[i].name, t->name) == 0)
			expand(&m, &s, text[i].sql, strlen(text[i].sql));
	return s.p;
}

/* Keys are the first columns; where they are equal the rest decides. */

static int
value_order(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->type == VALUE_INT)
		return a->i < b->i ? -1 : a->i > b->i;
	return a->type == VALUE_NULL ? 0 : str_cmp(a->p, a->len, b->p, b->len);
}

struct sorted {
	const struct value *row;
	size_t ncol;
};

static int
row_order(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int c = 0;

	for (size_t i = 0; i < x->ncol && c == 0; i++)
		c = value_order(&x->row[i], &y->row[i]);
	return c;
}

void
measure_sort(struct arena *a, struct ref_table *t)
{
	struct sorted *s = arena_array(a, t->nrow + 1, sizeof(*s));
	struct value *cell = arena_array(a, t->nrow * t->ncol + 1,
	    sizeof(*cell));

	for (size_t i = 0; i < t->nrow; i++) {
		s[i].row = &t->cell[i * t->ncol];
		s[i].ncol = t->ncol;
	}
	if (t->nrow > 0)
		qsort(s, t->nrow, sizeof(*s), row_order);
	for (size_t i = 0; i < t->nrow; i++)
		memcpy(&cell[i * t->ncol], s[i].row, t->ncol * sizeof(*cell));
	t->cell = cell;
}
