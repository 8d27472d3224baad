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
 *   {runs}    the runs that have a document, as a list of texts
 *   {no}      index of the stream of the row; {month} its month
 *   {ran} {bad} {denied}   conditions of a row
 *   {said C}  the decision of the action of row x has column C
 *   {alone C} an action of the run of row x ran after it; C: of d
 *   {in L C}  the plain list L of policy rule r is empty, or has d's C
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
    "sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), count(*), "
    "{n event_type = 'decision' AND coalesce(shadow, 0) = 0}, "
    "{n event_type = 'approval_requested'}, "
    "{n event_type = 'approval_escalated'}, {n {bad}}, "
    "{n recorded_us - occurred_us > 300000000 OR recorded_us - occurred_us < "
    "-5000000}, {n event_type = 'incident' AND outcome = 'opened'} "
    "FROM x GROUP BY agent, {month}" },
{ "log_action", "WITH {x}, "
    "q AS (SELECT x.agent AS agent, x.action AS action, {month} AS month, "
    "x.event_type AS type, x.tier AS tier, x.session_id AS session_id, "
    "CASE WHEN {ran} AND x.environment = 'prod' THEN 1 END AS ran, "
    "CASE WHEN x.event_type = 'action' AND x.outcome = 'blocked' THEN 1 END "
    "AS stopped, x.approval_decision AS said, x.approval_decided_us - "
    "x.approval_requested_us AS took, x.approval_view_hash AS view, "
    "CASE WHEN x.event_type = 'action' AND EXISTS (SELECT 1 FROM event d "
    "WHERE d.stream = x.stream AND d.ref_id = x.action_id AND d.event_type = "
    "'complaint') THEN 1 END AS complaint, "
    "CASE WHEN x.event_type = 'action' AND EXISTS (SELECT 1 FROM event d "
    "WHERE d.stream = x.stream AND d.ref_id = x.action_id AND d.event_type = "
    "'review' AND d.initiator_id <> x.initiator_id) THEN 1 END AS review, "
    "CASE WHEN x.event_type = 'action' AND EXISTS (SELECT 1 FROM event d "
    "WHERE d.stream = x.stream AND d.ref_id = x.action_id AND d.event_type = "
    "'review' AND d.outcome = 'reversed') THEN 1 END AS undone, "
    "CASE WHEN x.event_type = 'approval_requested' AND EXISTS (SELECT 1 FROM "
    "event d WHERE d.stream = x.stream AND d.run_id = x.run_id AND "
    "d.event_type IN ('retrieval', 'tool_call') AND d.output_hash IS NOT NULL "
    "AND d.seq < x.seq) THEN 1 END AS source, "
    "x.policy_id AS policy_id, x.policy_rule AS policy_rule, "
    "x.args_hash AS args_hash, "
    "CASE WHEN x.confidence_ppm IS NOT NULL OR {said confidence_ppm} THEN 1 "
    "END AS sure, CASE WHEN {said rationale_hash} THEN 1 END AS others, "
    "CASE WHEN x.reason IS NOT NULL OR {said reason} THEN 1 END AS why "
    "FROM x WHERE x.event_type IN ('approval_requested', 'approval_decided', "
    "'action')), "
    "m AS (SELECT * FROM q UNION ALL SELECT agent, action, 'all', type, tier, "
    "session_id, ran, stopped, said, took, view, complaint, review, undone, "
    "source, policy_id, policy_rule, args_hash, sure, others, why FROM q) "
    "SELECT agent, action, month, {n type = 'approval_requested'}, "
    "{n type = 'approval_decided'}, {n type = 'approval_decided' AND said = "
    "'approved'}, {n type = 'approval_decided' AND took < 5000000}, "
    "count(ran), {n ran = 1 AND tier = 'auto'}, "
    "{n ran = 1 AND tier = 'auto' AND complaint = 1}, "
    "{n ran = 1 AND complaint = 1}, {n ran = 1 AND tier = 'notify'}, "
    "{n ran = 1 AND tier = 'notify' AND review = 1}, "
    "{n ran = 1 AND undone = 1}, count(stopped), "
    "count(DISTINCT CASE WHEN stopped = 1 THEN session_id END), "
    "count(source), {n type = 'approval_requested' AND policy_id IS NOT NULL "
    "AND policy_rule IS NOT NULL}, {n type = 'approval_requested' AND sure = "
    "1}, {n type = 'approval_requested' AND others = 1}, "
    "{n type = 'approval_requested' AND why = 1}, "
    "{n type = 'approval_requested' AND action IS NOT NULL AND args_hash IS "
    "NOT NULL}, {n type = 'approval_decided' AND view IS NOT NULL} FROM m "
    "GROUP BY agent, action, month" },
{ "log_use", "WITH {x}, q AS (SELECT agent, agent_version, tool, {month} AS "
    "month, occurred_us, CASE WHEN event_type = 'tool_call' AND "
    "coalesce(outcome, '') <> 'blocked' THEN 1 END AS called, CASE WHEN {ran} "
    "AND environment = 'prod' AND (after_hash IS NOT NULL OR EXISTS (SELECT 1 "
    "FROM ref_action k WHERE k.action = x.action AND k.writes = 1)) THEN 1 "
    "END AS wrote, CASE WHEN event_type = 'access' AND verdict = 'deny' THEN "
    "1 END AS denied FROM x WHERE tool IS NOT NULL AND event_type IN "
    "('tool_call', 'action', 'access')) "
    "SELECT agent, agent_version, tool, month, count(called), count(wrote), "
    "count(denied), min(CASE WHEN called = 1 OR wrote = 1 THEN occurred_us "
    "END), max(CASE WHEN called = 1 OR wrote = 1 THEN occurred_us END) FROM q "
    "WHERE called = 1 OR wrote = 1 OR denied = 1 GROUP BY agent, "
    "agent_version, tool, month" },
{ "log_point", "WITH {x}, q AS (SELECT x.policy_id AS policy_id, "
    "x.event_type AS event_type, x.target_system AS target_system, "
    "coalesce(p.policy_version, x.policy_version) AS version, "
    "x.policy_hash AS policy_hash, {month} AS month, x.occurred_us AS us, "
    "CASE WHEN x.verdict = 'deny' OR x.tier = 'block' THEN 1 END AS denied, "
    "CASE WHEN v.policy_id IS NULL THEN 1 END AS unknown, "
    "CASE WHEN x.occurred_us < v.from_us THEN 1 END AS early, "
    "CASE WHEN x.occurred_us >= v.to_us AND EXISTS (SELECT 1 FROM "
    "ref_policy_system s WHERE s.policy_id = v.policy_id AND v.to_us + "
    "s.propagation_us > x.occurred_us AND (x.event_type = 'action' OR "
    "s.system = x.target_system)) THEN 1 END AS arriving, "
    "CASE WHEN x.occurred_us >= v.to_us THEN 1 END AS ended, "
    "CASE WHEN v.policy_hash <> x.policy_hash THEN 1 END AS other "
    "FROM x LEFT JOIN ref_policy_name p ON p.policy_id = x.policy_id AND "
    "p.log_version = x.policy_version LEFT JOIN ref_policy_version v ON "
    "v.policy_id = x.policy_id AND v.policy_version = "
    "coalesce(p.policy_version, x.policy_version) WHERE x.event_type IN "
    "('decision', 'action')) "
    "SELECT policy_id, event_type, target_system, version, policy_hash, "
    "month, count(*), count(denied), count(unknown), count(early), "
    "count(arriving), {n ended = 1 AND arriving IS NULL}, "
    "count(DISTINCT CASE WHEN ended = 1 AND arriving IS NULL THEN us / "
    "86400000000 END), count(other), min(us), max(us) FROM q GROUP BY "
    "policy_id, event_type, target_system, version, policy_hash, month" },
{ "log_replay", "WITH {x}, t AS (SELECT v.policy_id AS policy_id, "
    "v.policy_version AS version, o.default_tier AS none FROM "
    "ref_policy_version v JOIN ref_policy o ON o.policy_id = v.policy_id "
    "WHERE v.from_us <= :as_of_us AND (v.to_us IS NULL OR v.to_us > "
    ":as_of_us)), "
    "d AS (SELECT x.*, coalesce(p.policy_version, x.policy_version) AS own, "
    "t.version AS now, t.none AS none FROM x JOIN t ON t.policy_id = "
    "x.policy_id LEFT JOIN ref_policy_name p ON p.policy_id = x.policy_id AND "
    "p.log_version = x.policy_version WHERE x.event_type = 'decision' AND "
    "coalesce(x.shadow, 0) = 0 AND coalesce(p.policy_version, "
    "x.policy_version) <> t.version), "
    "r AS (SELECT d.stream AS stream, d.seq AS seq, d.policy_id AS policy_id, "
    "d.own AS own, d.action AS action, d.tier AS tier, d.none AS none, CASE "
    "r.tier WHEN 'block' THEN 4 WHEN 'approve' THEN 3 WHEN 'notify' THEN 2 "
    "WHEN 'auto' THEN 1 END AS n, r.rule_id AS rule_id, "
    "(r.tool IS NULL OR r.tool = d.tool) AND "
    "(r.currency IS NULL OR r.currency = d.currency) AND "
    "(r.min_minor IS NULL OR d.amount_minor >= r.min_minor) AND "
    "(r.max_minor IS NULL OR d.amount_minor <= r.max_minor) AND "
    "(r.confidence_below_ppm IS NULL OR d.confidence_ppm < "
    "r.confidence_below_ppm) AND "
    "{in agents agent} AND {in user_roles user_role} AND "
    "{in data_classes data_class} AND {in environments environment} AND "
    "{in tenants tenant_id} AND {in reversible reversible} AND "
    "(r.age_max_us IS NULL AND r.sum_max_minor IS NULL AND r.rate_n IS NULL "
    "AND r.data_scope IS NULL AND NOT EXISTS (SELECT 1 FROM ref_list l WHERE "
    "l.kind = 'policy_rule' AND l.field IN ('topics', 'subject_states', "
    "'purposes') AND l.id = r.policy_id || '/' || r.policy_version || '/' || "
    "r.rule_id) OR r.rule_id = d.policy_rule) AS holds "
    "FROM d LEFT JOIN ref_policy_rule r ON r.policy_id = d.policy_id AND "
    "r.policy_version = d.now AND (r.action = d.action OR substr(r.action, "
    "length(r.action), 1) = '*' AND substr(d.action, 1, length(r.action) - 1) "
    "= substr(r.action, 1, length(r.action) - 1))), "
    "g AS (SELECT policy_id, own, action, tier, none, max(CASE WHEN holds "
    "THEN n END) AS best, max(CASE WHEN holds IS NULL AND rule_id IS NOT NULL "
    "THEN n END) AS open FROM r GROUP BY stream, seq, policy_id, own, action, "
    "tier, none), "
    "a AS (SELECT policy_id, own, action, tier, CASE WHEN open > "
    "coalesce(best, 0) THEN NULL WHEN best = 4 THEN 'block' WHEN best = 3 "
    "THEN 'approve' WHEN best = 2 THEN 'notify' WHEN best = 1 THEN 'auto' "
    "ELSE none END AS today FROM g) "
    "SELECT policy_id, own, action, tier, today, count(*) FROM a GROUP BY "
    "policy_id, own, action, tier, today" },
{ "log_caller", "WITH {x} SELECT agent, initiator_kind, user_role, "
    "count(DISTINCT initiator_id), count(*), min(occurred_us), "
    "max(occurred_us) FROM x WHERE event_type = 'run_started' AND "
    "coalesce(shadow, 0) = 0 GROUP BY agent, initiator_kind, user_role" },
{ "log_identity", "WITH {x} SELECT agent, identity, identity_proof, "
    "count(*), min(occurred_us), max(occurred_us) FROM x WHERE event_type IN "
    "('action', 'tool_call', 'access', 'message') GROUP BY agent, identity, "
    "identity_proof" },
{ "log_failure", "WITH {x}, f AS ("
    "SELECT x.agent AS agent, 'low_confidence' AS state, x.occurred_us AS us, "
    "CASE WHEN x.tier IN ('approve', 'block') THEN 1 ELSE 0 END AS good FROM "
    "x JOIN ref_agent_failure r ON r.agent_id = x.agent AND r.state = "
    "'low_confidence' WHERE x.event_type = 'decision' AND coalesce(x.shadow, "
    "0) = 0 AND x.confidence_ppm < r.below_ppm "
    "UNION ALL SELECT x.agent, 'missing_source', x.occurred_us, "
    "CASE WHEN {alone AND d.tier IN ('auto', 'notify')} THEN 0 ELSE 1 END "
    "FROM x WHERE x.event_type = 'retrieval' AND x.outcome = 'failure' AND "
    "coalesce(x.shadow, 0) = 0 "
    "UNION ALL SELECT x.agent, 'policy_conflict', x.occurred_us, CASE WHEN "
    "EXISTS (SELECT 1 FROM event d WHERE d.stream = x.stream AND d.run_id = "
    "x.run_id AND d.event_type = 'approval_escalated') OR NOT {alone AND "
    "d.action_id = x.action_id} THEN 1 ELSE 0 END FROM x WHERE x.event_type = "
    "'decision' AND coalesce(x.shadow, 0) = 0 AND (x.verdict = 'error' OR "
    "x.reason = 'policy_conflict') "
    "UNION ALL SELECT x.agent, 'tool_error', x.occurred_us, CASE WHEN EXISTS "
    "(SELECT 1 FROM event d WHERE d.stream = x.stream AND d.run_id = x.run_id "
    "AND d.event_type = 'tool_call' AND d.tool = x.tool AND d.seq > x.seq) OR "
    "NOT {alone AND d.tool = x.tool} THEN 1 ELSE 0 END FROM x WHERE "
    "x.event_type = 'tool_call' AND x.outcome IN ('failure', 'timeout') AND "
    "coalesce(x.shadow, 0) = 0 "
    "UNION ALL SELECT x.agent, 'repeated_rejection', x.occurred_us, NULL FROM "
    "x WHERE x.event_type = 'approval_decided' AND x.approval_decision = "
    "'rejected') "
    "SELECT agent, state, count(*), sum(good), min(us), max(us) FROM f GROUP "
    "BY agent, state" },
{ "log_shadow", "WITH {y}, d AS (SELECT y.*, (SELECT min(r.seq) FROM event r "
    "WHERE r.stream = y.stream AND r.ref_id = y.action_id AND r.event_type = "
    "'review' AND r.initiator_kind IN ('user', 'operator') AND r.occurred_us "
    "< :to_us) AS said FROM y WHERE event_type = 'decision' AND shadow = 1) "
    "SELECT d.agent, d.agent_version, d.action, d.data_class, d.tier, "
    "CASE WHEN r.tier IS NOT NULL THEN r.tier WHEN r.outcome = 'upheld' THEN "
    "d.tier END AS judged, count(*), count(r.seq), "
    "{n r.outcome = 'reversed'}, min(d.occurred_us), max(d.occurred_us) FROM "
    "d LEFT JOIN event r ON r.stream = d.stream AND r.seq = d.said GROUP BY "
    "d.agent, d.agent_version, d.action, d.data_class, d.tier, CASE WHEN "
    "r.tier IS NOT NULL THEN r.tier WHEN r.outcome = 'upheld' THEN d.tier "
    "END" },
{ "log_shadow_run", "WITH {y}, s AS (SELECT *, CASE WHEN event_type = "
    "'model_call' THEN duration_us END AS took FROM y WHERE shadow = 1), "
    "c AS (SELECT *, row_number() OVER (PARTITION BY agent, agent_version, "
    "took IS NULL ORDER BY took, stream, seq) AS rn, count(*) OVER (PARTITION "
    "BY agent, agent_version, took IS NULL) AS nn FROM s) "
    "SELECT agent, agent_version, count(*), {n event_type = 'run_started'}, "
    "{n event_type = 'decision'}, count(DISTINCT occurred_us / 86400000000), "
    "sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), {p50 took}, "
    "{p95 took}, max(occurred_us) - min(occurred_us), min(occurred_us), "
    "max(occurred_us) FROM c GROUP BY agent, agent_version" },
{ "log_shadow_action", "WITH {y} SELECT agent, agent_version, action, "
    "currency, count(*), {n outcome = 'blocked'}, "
    "{n after_hash <> before_hash OR after_hash IS NOT NULL AND before_hash "
    "IS NULL}, sum(CASE WHEN coalesce(outcome, '') <> 'blocked' THEN "
    "amount_minor END), max(CASE WHEN coalesce(outcome, '') <> 'blocked' THEN "
    "amount_minor END) FROM y WHERE event_type = 'action' AND shadow = 1 "
    "GROUP BY agent, agent_version, action, currency" },
{ "log_drilled", "WITH {y} SELECT agent, action, occurred_us, outcome FROM y "
    "WHERE event_type = 'drill' AND outcome IN ('passed', 'failed')" },
{ "log_deployed", "WITH {y} SELECT d.agent_id, d.agent_version, d.stage, "
    "d.from_us, count(*), min(y.occurred_us), max(y.occurred_us) FROM "
    "ref_deployment d JOIN y ON y.agent = d.agent_id AND y.agent_version = "
    "d.agent_version AND y.environment = d.stage AND y.occurred_us >= "
    "d.from_us AND (d.to_us IS NULL OR y.occurred_us < d.to_us) WHERE "
    "y.event_type IN ('run_started', 'decision', 'action', 'tool_call') GROUP "
    "BY d.agent_id, d.agent_version, d.stage, d.from_us" },
{ "log_person", "WITH {x}, d AS (SELECT approver_id AS person, approver_role "
    "AS role, CASE WHEN approval_decision <> 'rejected' THEN 1 END AS yes, "
    "CASE WHEN approval_decision = 'rejected' THEN 1 END AS no, NULL AS rev, "
    "NULL AS change, occurred_us FROM x WHERE event_type = 'approval_decided' "
    "UNION ALL SELECT initiator_id, NULL, NULL, NULL, 1, NULL, occurred_us "
    "FROM x WHERE event_type = 'review' AND initiator_kind IN ('user', "
    "'operator') UNION ALL SELECT approver_id, approver_role, NULL, NULL, "
    "NULL, 1, occurred_us FROM x WHERE event_type IN ('change', 'deployment') "
    "AND approver_id IS NOT NULL) SELECT person, role, count(yes), count(no), "
    "count(rev), count(change), max(occurred_us) FROM d GROUP BY person, "
    "role" },
{ "log_stop", "WITH {x}, k AS MATERIALIZED (SELECT * FROM x WHERE event_type "
    "= 'halt' OR event_type = 'drill' AND action = 'kill_switch'), h AS "
    "MATERIALIZED (SELECT agent, 'halt' AS kind, occurred_us AS us, stream, "
    "seq, initiator_id AS who, reason AS why, (SELECT min(c.occurred_us) "
    "FROM k c WHERE c.event_type = 'halt' AND c.outcome = 'confirmed' AND "
    "c.agent = k.agent AND c.occurred_us >= k.occurred_us) AS done, NULL AS "
    "res, (SELECT min(c.occurred_us) FROM k c WHERE c.event_type = 'halt' "
    "AND c.outcome = 'lifted' AND c.agent = k.agent AND c.occurred_us >= "
    "k.occurred_us) AS lifted FROM k WHERE event_type = 'halt' AND outcome = "
    "'engaged' UNION ALL SELECT agent, 'drill', occurred_us, stream, seq, "
    "initiator_id, reason, (SELECT min(c.occurred_us) FROM k c WHERE "
    "c.event_type = 'drill' AND c.outcome IN ('passed', 'failed') AND "
    "c.agent = k.agent AND c.occurred_us >= k.occurred_us), (SELECT "
    "c.outcome FROM k c WHERE c.event_type = 'drill' AND c.outcome IN "
    "('passed', 'failed') AND c.agent = k.agent AND c.occurred_us >= "
    "k.occurred_us ORDER BY c.occurred_us, c.stream, c.seq LIMIT 1), NULL "
    "FROM k WHERE event_type = 'drill' AND outcome = 'engaged'), r AS "
    "MATERIALIZED (SELECT h.agent AS agent, h.kind AS kind, h.us AS us, "
    "max(CASE WHEN x.occurred_us <= h.us THEN x.occurred_us END) AS before, "
    "count(CASE WHEN x.occurred_us > h.us AND x.occurred_us < "
    "coalesce(h.done, h.lifted, :to_us) THEN 1 END) AS during, count(CASE "
    "WHEN x.occurred_us >= h.done AND x.occurred_us < coalesce(h.lifted, "
    ":to_us) THEN 1 END) AS later FROM x CROSS JOIN h WHERE {ran} AND "
    "h.agent = x.agent GROUP BY h.agent, h.kind, h.us) SELECT h.agent, "
    "h.kind, h.us, h.done, h.done - h.us, h.res, h.lifted, h.who, h.why, "
    "r.before, coalesce(r.during, 0), CASE WHEN h.kind = 'halt' AND h.done "
    "IS NOT NULL THEN coalesce(r.later, 0) END, {no h.stream}, h.seq FROM h "
    "LEFT JOIN r ON r.agent = h.agent AND r.kind = h.kind AND r.us = h.us" },
{ "log_incident_event", "WITH {x}, i AS (SELECT stream, subject, min(seq) AS "
    "seq, min(CASE WHEN outcome = 'opened' THEN occurred_us END) AS opened, "
    "min(CASE WHEN outcome = 'closed' THEN occurred_us END) AS closed FROM x "
    "WHERE event_type = 'incident' AND subject IS NOT NULL GROUP BY stream, "
    "subject), j AS MATERIALIZED (SELECT i.*, x.agent AS agent FROM i JOIN x "
    "ON x.stream = i.stream AND x.seq = i.seq), d AS (SELECT j.subject AS "
    "id, x.*, row_number() OVER (PARTITION BY j.subject ORDER BY "
    "x.occurred_us, x.stream, x.seq) AS rn FROM x CROSS JOIN j WHERE "
    "x.stream = j.stream AND (x.event_type = 'incident' AND x.subject = "
    "j.subject OR x.event_type IN ('halt', 'rollback', 'complaint') AND "
    "x.agent = j.agent AND x.occurred_us >= j.opened AND x.occurred_us <= "
    "coalesce(j.closed, :to_us))) SELECT d.id, d.occurred_us, {no d.stream}, "
    "d.seq, d.agent, d.event_type, d.outcome, d.run_id, coalesce(d.action, "
    "(SELECT max(a.action) FROM event a WHERE a.stream = d.stream AND "
    "a.action_id = d.ref_id AND a.event_type = 'action')), (SELECT "
    "max(a.amount_minor) FROM event a WHERE a.stream = d.stream AND "
    "a.action_id = d.ref_id AND a.event_type = 'action'), (SELECT "
    "max(a.currency) FROM event a WHERE a.stream = d.stream AND a.action_id "
    "= d.ref_id AND a.event_type = 'action'), d.reason FROM d WHERE d.rn <= "
    "500" },
{ "log_write", "WITH {x}, w AS (SELECT *, EXISTS (SELECT 1 FROM event d "
    "WHERE d.stream = x.stream AND d.ref_id = x.action_id AND d.ref_kind = "
    "'rollback_of' AND d.event_type = 'rollback' AND d.outcome = 'success') "
    "AS undone FROM x WHERE {ran} AND environment = 'prod') SELECT agent, "
    "agent_version, action, reversible, CASE WHEN amount_minor IS NOT NULL "
    "THEN currency END, count(*), {n before_hash IS NOT NULL AND after_hash "
    "IS NOT NULL}, {n undone = 1}, sum(amount_minor), min(occurred_us), "
    "max(occurred_us) FROM w GROUP BY agent, agent_version, action, "
    "reversible, CASE WHEN amount_minor IS NOT NULL THEN currency END" },
{ "log_undone", "WITH {x}, d AS (SELECT *, occurred_us - (SELECT "
    "min(a.occurred_us) FROM event a WHERE a.stream = x.stream AND "
    "a.action_id = x.ref_id AND a.event_type = 'action') AS took FROM x "
    "WHERE event_type = 'rollback'), c AS (SELECT *, row_number() OVER "
    "(PARTITION BY agent, agent_version, took IS NULL ORDER BY took, stream, "
    "seq) AS rn, count(*) OVER (PARTITION BY agent, agent_version, took IS "
    "NULL) AS nn FROM d) SELECT agent, agent_version, count(*), {n "
    "coalesce(outcome, '') <> 'success'}, {p50 took}, {p95 took}, "
    "max(occurred_us) FROM c GROUP BY agent, agent_version" },
{ "log_trigger", "WITH {y}, g AS MATERIALIZED (SELECT agent_id, kind, "
    "metric, tool, line, op, value_micro, window_us, coalesce(min_n, 1) AS "
    "min_n FROM ref_agent_trigger WHERE metric IN ('success_share', "
    "'failure_share', 'complaint_share') AND window_us IS NOT NULL AND "
    "value_micro IS NOT NULL), c AS (SELECT g.agent_id AS agent_id, g.line "
    "AS line, y.occurred_us AS at_us, g.window_us AS window_us, CASE WHEN "
    "y.event_type = 'complaint' THEN 0 ELSE 1 END AS n, CASE WHEN "
    "y.event_type = 'complaint' THEN 1 WHEN g.metric = 'success_share' THEN "
    "CASE WHEN y.outcome IN ('failure', 'timeout') THEN 0 ELSE 1 END WHEN "
    "g.metric = 'failure_share' AND y.outcome IN ('failure', 'timeout') THEN "
    "1 ELSE 0 END AS x FROM y CROSS JOIN g WHERE y.agent = g.agent_id AND "
    "y.occurred_us >= :from_us - g.window_us AND (g.metric = 'success_share' "
    "AND y.event_type = 'run_ended' AND y.environment = 'prod' AND y.outcome "
    "IS NOT NULL OR g.metric = 'failure_share' AND y.event_type = "
    "'tool_call' AND y.outcome IN ('success', 'failure', 'timeout') AND "
    "(g.tool IS NULL OR g.tool = y.tool) OR g.metric = 'complaint_share' AND "
    "(y.event_type = 'complaint' OR y.event_type = 'action' AND "
    "coalesce(y.outcome, '') <> 'blocked' AND coalesce(y.shadow, 0) = 0 AND "
    "y.environment = 'prod'))), q AS (SELECT agent_id, line, at_us, 1 AS k, "
    "n, x FROM c UNION ALL SELECT agent_id, line, at_us + window_us, 0, -n, "
    "-x FROM c), w AS (SELECT agent_id, line, at_us, k, sum(n) OVER v AS n, "
    "sum(x) OVER v AS x FROM q WINDOW v AS (PARTITION BY agent_id, line "
    "ORDER BY at_us, k)), m AS (SELECT g.*, w.at_us AS at_us, CASE WHEN w.n "
    ">= g.min_n THEN 1 ELSE 0 END AS judged, CASE WHEN w.n < g.min_n THEN 0 "
    "WHEN g.op = '<' THEN w.x * 1000000 < g.value_micro * w.n WHEN g.op = "
    "'<=' THEN w.x * 1000000 <= g.value_micro * w.n WHEN g.op = '>=' THEN "
    "w.x * 1000000 >= g.value_micro * w.n ELSE w.x * 1000000 > g.value_micro "
    "* w.n END AS held FROM w JOIN g ON g.agent_id = w.agent_id AND g.line = "
    "w.line WHERE w.k = 1 AND w.at_us >= :from_us AND w.n > 0), o AS (SELECT "
    "*, CASE WHEN judged = 1 AND kind = 'slo' THEN 1 - held ELSE held END AS "
    "met FROM m), e AS (SELECT *, CASE WHEN met = 1 AND coalesce(lag(met) "
    "OVER (PARTITION BY agent_id, line ORDER BY at_us), 0) = 0 THEN at_us "
    "END AS began FROM o) SELECT agent_id, kind, metric, tool, line, "
    "count(*), sum(judged), {n met = 1 AND judged = 1}, count(began), "
    "min(began), max(began) FROM e GROUP BY agent_id, kind, metric, tool, "
    "line" },
{ "log_agent_week", "WITH {x} SELECT agent, :from_us + (occurred_us - "
    ":from_us) / 604800000000 * 604800000000, count(*), {n {bad}} FROM x "
    "WHERE event_type = 'run_ended' AND environment = 'prod' AND outcome IS "
    "NOT NULL GROUP BY agent, (occurred_us - :from_us) / 604800000000" },
{ "log_streak", "WITH {x}, c AS (SELECT agent, tool, occurred_us, stream, "
    "seq, CASE WHEN {bad} THEN 1 ELSE 0 END AS bad FROM x WHERE event_type = "
    "'tool_call' AND coalesce(outcome, '') <> 'blocked' AND tool IS NOT "
    "NULL), i AS (SELECT *, sum(1 - bad) OVER (PARTITION BY agent, tool "
    "ORDER BY occurred_us, stream, seq) AS island FROM c), s AS (SELECT "
    "agent, tool, island, count(*) AS calls, sum(bad) AS bad, max(CASE WHEN "
    "bad = 1 THEN occurred_us END) AS us FROM i GROUP BY agent, tool, "
    "island), r AS (SELECT *, row_number() OVER (PARTITION BY agent, tool "
    "ORDER BY bad DESC, us) AS rn FROM s) SELECT agent, tool, sum(calls), "
    "sum(bad), max(bad), max(CASE WHEN rn = 1 AND bad > 0 THEN us END) FROM "
    "r GROUP BY agent, tool" },
{ "log_mark", "WITH {x}, w AS (SELECT *, EXISTS (SELECT 1 FROM event d WHERE "
    "d.stream = x.stream AND d.action_id = x.action_id AND d.event_type = "
    "'disclosure') AS marked FROM x WHERE {ran} AND substr(action, 1, 8) = "
    "'content.') SELECT agent, action, count(*), {n marked = 1}, "
    "min(occurred_us), max(occurred_us) FROM w GROUP BY agent, action" },
{ "log_run_event", "WITH {y}, r AS (SELECT *, row_number() OVER (PARTITION "
    "BY run_id ORDER BY occurred_us, stream, seq) AS rn FROM y WHERE run_id "
    "IN ({runs})) SELECT run_id, {no stream}, seq, occurred_us, agent, "
    "agent_version, event_type, outcome, \"trigger\", initiator_kind, "
    "user_role, notice_shown, input_hash, output_hash, data_class, resource, "
    "tool, action, tier, verdict, confidence_ppm, error_type, amount_minor, "
    "currency, before_hash, after_hash, approval_view_hash, "
    "approval_decision, approver_id, approver_role, approval_decided_us - "
    "approval_requested_us, model_id, model_version, params_hash, prompt_id, "
    "prompt_version, policy_id, policy_version, policy_rule, ref_kind FROM r "
    "WHERE rn <= 500" },
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
	const char *const *run; /* of {runs} */
	size_t nrun;
};

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
		str_add_sqlz(s, m->stream[i].name);
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
		str_add_sqlz(s, m->stream[i].name);
		str_addf(s, " THEN %zu", i);
	}
	str_addz(s, m->nstream == 0 ? " WHEN 1 = 0 THEN 0 END" : " END");
}

/* A list of texts; an empty one is the empty text, which no run is. */
static void
add_runs(const struct measure *m, struct str *s)
{
	if (m->nrun == 0)
		str_addz(s, "''");
	for (size_t i = 0; i < m->nrun; i++) {
		str_addz(s, i > 0 ? ", " : "");
		str_add_sqlz(s, m->run[i]);
	}
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

/* "agents agent": unknown where there is a list and the row has no value. */
static void
add_in(struct str *s, const char *p, size_t len)
{
	size_t n = strcspn(p, " ");
	int list = (int)n, col = (int)(len - n - 1);

	str_addf(s, "(NOT EXISTS (SELECT 1 FROM ref_list l WHERE l.kind = "
	    "'policy_rule' AND l.field = '%.*s' AND l.id = r.policy_id || '/' "
	    "|| r.policy_version || '/' || r.rule_id) OR CASE WHEN d.%.*s IS "
	    "NOT NULL THEN EXISTS (SELECT 1 FROM ref_list l WHERE l.kind = "
	    "'policy_rule' AND l.field = '%.*s' AND l.id = r.policy_id || '/' "
	    "|| r.policy_version || '/' || r.rule_id AND l.value = d.%.*s) "
	    "END)", list, p, col, p + n + 1, list, p, col, p + n + 1);
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
	} else if (strncmp(p, "said ", 5) == 0) {
		str_addf(s, "EXISTS (SELECT 1 FROM event d WHERE d.stream = "
		    "x.stream AND d.action_id = x.action_id AND d.event_type = "
		    "'decision' AND d.%.*s IS NOT NULL)", (int)len - 5, p + 5);
	} else if (strncmp(p, "alone ", 6) == 0) {
		str_addf(s, "EXISTS (SELECT 1 FROM event d WHERE d.stream = "
		    "x.stream AND d.run_id = x.run_id AND d.event_type = "
		    "'action' AND d.outcome <> 'blocked' AND d.seq > x.seq "
		    "%.*s)", (int)len - 6, p + 6);
	} else if (strncmp(p, "in ", 3) == 0) {
		add_in(s, p + 3, len - 3);
	} else if (strncmp(p, "no ", 3) == 0) {
		add_stream_no(m, s, arena_strndup(m->arena, p + 3, len - 3));
	} else if (*p == 'p') { /* p50 col */
		str_addf(s, "max(CASE WHEN %.*s IS NOT NULL AND rn = (nn * "
		    "%.2s + 99) / 100 THEN %.*s END)", (int)len - 4, p + 4,
		    p + 1, (int)len - 4, p + 4);
	} else if (len == 4 && strncmp(p, "runs", len) == 0) {
		add_runs(m, s);
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
    int64_t to_us, const char *const *run, size_t nrun)
{
	struct measure m = { a, stream, nstream, from_us, to_us, run, nrun };
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
