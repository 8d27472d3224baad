#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "eval/builtin.h"
#include "eval/content.h"

/* AU-06.t2: what exhibit.yaml names in pseudonymise is one wherever it is. */
static int
pseudonyms(const struct eval_input *in, const struct event *ev)
{
	int answer = 2;

	for (size_t i = 0; i < in->npseudonymise; i++) {
		int c = event_col(in->pseudonymise[i]);
		const struct value *v = c >= 0 ? &ev->col[c] : NULL;

		if (v == NULL || v->type != VALUE_TEXT)
			continue;
		if (!content_is_pseudonym(v->p, v->len))
			return 1;
		answer = 0;
	}
	return answer;
}

/* AU-06.t3: texts that a person or another system wrote. */
static int
contents(const struct eval_input *in, const struct event *ev)
{
	static const enum event_col col[] = { EVENT_REASON, EVENT_EXT,
		EVENT_SUBJECT };
	int answer = 2;

	(void)in;
	for (size_t i = 0; i < sizeof(col) / sizeof(col[0]); i++) {
		const struct value *v = &ev->col[col[i]];

		if (v->type != VALUE_TEXT)
			continue;
		if (content_find(v->p, v->len) != NULL)
			return 1;
		answer = 0;
	}
	return answer;
}

/* Statements.  Text of the registry is quoted; sums of spans are numbers.  A
 * WITH table has a name in ref_, which the store lets statements read; its rows
 * are VALUES, of which there may be any number. */

#define FROM_EVENT "FROM event e LEFT JOIN ref_agent_name a ON a.name = " \
	"e.agent_id LEFT JOIN ref_policy_name p ON p.policy_id = e.policy_id " \
	"AND p.log_version = e.policy_version "
#define IN_PERIOD "e.occurred_us >= :from_us AND e.occurred_us < :to_us"
#define ROW "coalesce(a.agent_id, e.agent_id) AS scope, e.stream AS stream, " \
	"e.seq AS seq, "
#define KEPT(col) "(e." col " IS NULL OR EXISTS (SELECT 1 FROM payload y " \
	"WHERE y.id = e." col " AND y.content IS NOT NULL))"

/* AU-06.t1.  An erasure names the person (subject) or the event (ref_id). */
static void
kept_or_erased(struct str *s, const struct eval_input *in)
{
	(void)in;
	str_addz(s, "WITH gone AS MATERIALIZED (SELECT d.stream AS stream, "
	    "d.subject AS subject, d.ref_id AS ref_id FROM event d WHERE "
	    "d.event_type = 'erasure')\nSELECT " ROW "CASE WHEN "
	    KEPT("input_hash") " AND " KEPT("output_hash") " AND "
	    KEPT("rationale_hash") " THEN 0 WHEN EXISTS (SELECT 1 FROM gone g "
	    "WHERE g.stream = e.stream AND (g.subject = e.user_id OR "
	    "g.subject = e.subject OR g.ref_id = e.event_id)) THEN 0 ELSE 1 "
	    "END AS broken\n" FROM_EVENT "WHERE " IN_PERIOD " AND (e.input_hash "
	    "IS NOT NULL OR e.output_hash IS NOT NULL OR e.rationale_hash IS "
	    "NOT NULL)");
}

/* HO-05.t4.  What was erased, is not there or is no JSON cannot be said. */
static void
view_is_whole(struct str *s, const struct eval_input *in)
{
	(void)in;
	str_addz(s, "SELECT " ROW "CASE WHEN y.content IS NULL OR "
	    "json_valid(y.content) = 0 THEN NULL WHEN EXISTS (SELECT 1 FROM "
	    "ref_agent_evidence i WHERE i.agent_id = a.agent_id AND "
	    "json_type(y.content, '$.\"' || i.value || '\"') IS NULL) OR EXISTS "
	    "(SELECT 1 FROM ref_policy_evidence i WHERE i.policy_id = "
	    "p.policy_id AND i.policy_version = p.policy_version AND i.rule_id "
	    "= e.policy_rule AND json_type(y.content, '$.\"' || i.item || "
	    "'\"') IS NULL) THEN 1 WHEN EXISTS (SELECT 1 FROM "
	    "ref_agent_evidence i WHERE i.agent_id = a.agent_id) THEN 0 END AS "
	    "broken\n" FROM_EVENT "LEFT JOIN payload y ON y.id = "
	    "e.approval_view_hash WHERE " IN_PERIOD " AND e.event_type = "
	    "'approval_decided' AND e.approval_view_hash IS NOT NULL");
}

/* When contents of each class are to be gone by; a row that names no class
 * stands for those that have none of their own. */
static void
retention(struct str *s, const struct eval_input *in)
{
	const struct ref_table *t = ref_table(in->ref, "ref_retention");
	struct date_span span;
	size_t n = 0;

	str_addz(s, "WITH ref_cut(data_class, before_us) AS (");
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *class = ref_text(t, i, "data_class");
		const char *period = ref_text(t, i, "period");

		if (!str_eq(ref_text(t, i, "what"), "payload") ||
		    period == NULL || date_parse_span(period, &span) == -1)
			continue;
		str_addz(s, n++ == 0 ? "VALUES (" : ", (");
		if (class != NULL)
			str_add_sqlz(s, class);
		else
			str_addz(s, "NULL");
		str_addf(s, ", %" PRId64 ")", date_add(in->as_of_us,
		    span, -1));
	}
	str_addz(s, n > 0 ? ")" : "SELECT NULL, NULL WHERE FALSE)");
}

/* DA-03.t2.  Of what is older than its retention, what is still kept. */
static void
kept_too_long(struct str *s, const struct eval_input *in)
{
	retention(s, in);
	str_addz(s, ",\nref_last AS (SELECT max(before_us) AS us FROM ref_cut)\n"
	    "SELECT " ROW "CASE WHEN NOT (EXISTS (SELECT 1 FROM payload y WHERE "
	    "y.content IS NOT NULL AND y.id IN (e.input_hash, e.output_hash, "
	    "e.rationale_hash, e.approval_view_hash))) THEN 0 WHEN "
	    "e.data_class IS NULL THEN NULL ELSE 1 END AS broken\n" FROM_EVENT
	    "JOIN ref_last ON e.occurred_us < ref_last.us LEFT JOIN ref_cut k ON "
	    "coalesce(k.data_class, e.data_class) = e.data_class AND "
	    "(k.data_class IS NOT NULL OR NOT EXISTS (SELECT 1 FROM ref_cut c WHERE "
	    "c.data_class = e.data_class)) WHERE (e.data_class IS NULL OR e.occurred_us < "
	    "k.before_us) AND (e.input_hash IS NOT NULL OR e.output_hash IS "
	    "NOT NULL OR e.rationale_hash IS NOT NULL OR e.approval_view_hash "
	    "IS NOT NULL)");
}

/* AU-05.t1.  One row a log: it begins before each agent's retention does, or
 * before the agent was in production. */
static void
long_enough(struct str *s, const struct eval_input *in)
{
	const struct ref_table *t = ref_table(in->ref, "ref_agent");
	struct date_span span;
	size_t n = 0;

	str_addz(s, "WITH ref_need(agent_id, since_us) AS (");
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *keep = ref_text(t, i, "audit_retention");

		if (keep == NULL || date_parse_span(keep, &span) == -1)
			continue;
		str_addz(s, n++ == 0 ? "VALUES (" : ", (");
		str_add_sqlz(s, ref_text(t, i, "agent_id"));
		str_addf(s, ", %" PRId64 ")", date_add(in->as_of_us,
		    span, -1));
	}
	str_addz(s, n > 0 ? ")" : "SELECT NULL, NULL WHERE FALSE)");
	str_addz(s, "\nSELECT e.stream AS scope, e.stream AS stream, e.seq AS "
	    "seq, CASE WHEN EXISTS (SELECT 1 FROM ref_need n JOIN ref_deployment d "
	    "ON d.agent_id = n.agent_id AND d.stage = 'prod' WHERE n.since_us < "
	    "e.occurred_us AND d.from_us < e.occurred_us) THEN 1 WHEN EXISTS "
	    "(SELECT 1 FROM ref_need) THEN 0 END AS broken\nFROM event e WHERE "
	    "e.seq = 0");
}

/* IN-03.t3.  Spans of each declared incident, and the events whose retention
 * ends within: (incident, class, from, to); no class: any. */
static void
ended_within(struct str *s, const struct eval_input *in)
{
	const struct ref_table *t = ref_table(in->ref, "ref_incident");
	const struct ref_table *r = ref_table(in->ref, "ref_retention");
	struct date_span span;
	size_t n = 0;

	str_addz(s, "ref_ended(incident_id, data_class, from_us, to_us) AS (");
	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		for (size_t k = 0; r != NULL && k < r->nrow; k++) {
			const char *period = ref_text(r, k, "period");
			const char *class = ref_text(r, k, "data_class");
			int64_t from = ref_int(t, i, "opened_us", INT64_MAX);
			int64_t to = ref_int(t, i, "closed_us", in->as_of_us);

			if (!str_eq(ref_text(r, k, "what"), "payload") ||
			    from == INT64_MAX || period == NULL ||
			    date_parse_span(period, &span) == -1)
				continue;
			str_addz(s, n++ == 0 ? "VALUES (" : ", (");
			str_add_sqlz(s, ref_text(t, i, "incident_id"));
			str_addz(s, ", ");
			if (class != NULL)
				str_add_sqlz(s, class);
			else
				str_addz(s, "NULL");
			str_addf(s, ", %" PRId64 ", %" PRId64 ")",
			    date_add(from, span, -1), date_add(to, span, -1));
		}
	str_addz(s, n > 0 ? ")" : "SELECT NULL, NULL, NULL, NULL WHERE FALSE)");
}

/* An incident that was open in the period, counted where it opened.  Its
 * agents are those of its events and of the registry. */
static void
kept_while_open(struct str *s, const struct eval_input *in)
{
	str_addz(s, "WITH ");
	ended_within(s, in);
	str_addz(s, ",\nref_shut AS (SELECT c.stream AS stream, c.subject AS "
	    "subject, max(c.occurred_us) AS us FROM event c WHERE c.event_type "
	    "= 'incident' AND c.outcome = 'closed' GROUP BY c.stream, "
	    "c.subject),\nref_open AS (SELECT e.stream AS stream, e.seq AS seq, "
	    "e.subject AS subject, e.occurred_us AS from_us, coalesce(c.us, "
	    ":as_of_us) AS to_us, coalesce(a.agent_id, e.agent_id) AS agent_id "
	    FROM_EVENT "LEFT JOIN ref_shut c ON c.stream = e.stream AND "
	    "c.subject = e.subject WHERE e.event_type = 'incident' AND "
	    "e.outcome = 'opened' AND e.occurred_us < :to_us AND (c.us IS NULL "
	    "OR c.us >= :from_us)),\nref_about AS (SELECT o.subject AS subject, "
	    "o.agent_id AS agent_id FROM ref_open o UNION SELECT l.id, l.value "
	    "FROM ref_list l WHERE l.kind = 'incident' AND l.field = 'agents'),"
	    "\nref_gone AS (SELECT d.stream AS stream, d.occurred_us AS us, "
	    "coalesce(a.agent_id, d.agent_id) AS agent_id FROM event d LEFT "
	    "JOIN ref_agent_name a ON a.name = d.agent_id WHERE d.event_type = "
	    "'erasure')\nSELECT ");
	str_add_sqlz(s, in->organisation);
	str_addz(s, " AS scope, o.stream AS stream, o.seq AS seq, CASE WHEN "
	    "o.subject IS NULL THEN NULL WHEN EXISTS (SELECT 1 FROM ref_about b "
	    "JOIN ref_gone g ON g.agent_id = b.agent_id WHERE b.subject = "
	    "o.subject AND g.stream = o.stream AND g.us >= o.from_us AND g.us < "
	    "o.to_us) THEN 1 WHEN EXISTS (SELECT 1 FROM ref_ended n JOIN event "
	    "e ON e.occurred_us >= n.from_us AND e.occurred_us < n.to_us AND "
	    "coalesce(n.data_class, e.data_class) = e.data_class LEFT JOIN "
	    "ref_agent_name a ON a.name = e.agent_id JOIN ref_about b ON "
	    "b.subject = n.incident_id AND b.agent_id = coalesce(a.agent_id, "
	    "e.agent_id) WHERE n.incident_id = o.subject AND e.stream = "
	    "o.stream AND NOT (" KEPT("input_hash") " AND " KEPT("output_hash")
	    " AND " KEPT("rationale_hash") ")) THEN 1 ELSE 0 END AS broken\n"
	    "FROM ref_open o");
}

static const struct {
	const char *test;
	void (*text)(struct str *, const struct eval_input *);
} statements[] = {
	{ "AU-05.t1", long_enough },
	{ "AU-06.t1", kept_or_erased },
	{ "DA-03.t2", kept_too_long },
	{ "HO-05.t4", view_is_whole },
	{ "IN-03.t3", kept_while_open },
};

const char *
builtin_sql(struct arena *a, const struct eval_input *in, const char *test)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strcmp(statements[i].test, test) == 0) {
			struct str s = str_new(a);

			statements[i].text(&s, in);
			return s.p;
		}
	return NULL;
}

static const struct {
	const char *test;
	builtin_row_fn *row;
} tests[] = {
	{ "AU-06.t2", pseudonyms },
	{ "AU-06.t3", contents },
};

builtin_row_fn *
builtin_row(const char *test)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (strcmp(tests[i].test, test) == 0)
			return tests[i].row;
	return NULL;
}
