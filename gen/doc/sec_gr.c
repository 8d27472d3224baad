#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SOON_DAYS 92 /* credentials that end so soon are shown */

/* The governance review of a month or a period: documents.md, GR1 to GR7. */

struct names {
	const char **name;
	size_t n, cap;
};

/* Values of a key of log_month, in the order of first sight. */
static struct names
keys(struct sec *s, const char *col)
{
	const struct ref_table *t = sec_log_table(s, "log_month");
	struct names l = { 0 };

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *v = ref_text(t, i, col);
		size_t k = 0;

		while (k < l.n && !str_eq(l.name[k], v))
			k++;
		if (k == l.n && v != NULL)
			*VEC_PUSH(s->a, l.name, l.n, l.cap) = v;
	}
	return l;
}

/* "2026-07" of each month that the document looks at: those of the period,
 * or the month and the one before it. */
static struct names
months(struct sec *s)
{
	const struct date_span one = { 1, 0 };
	struct names l = { 0 };
	int64_t from, to, last = s->b->from_us;

	sec_span(s, &from, &to);
	for (int64_t at = s->b->from_us; at < to; at = last) {
		int y, m, d;

		date_split(at, &y, &m, &d);
		last = date_add(date_civil(y, m, 1), one, 1);
		if (s->ref->month == NULL || date_add(date_civil(y, m, 1), one,
		    2) >= to)
			*VEC_PUSH(s->a, l.name, l.n, l.cap) = sec_printf(s,
			    "%04d-%02d", y, m);
	}
	return l;
}

static const struct {
	const char *field, *label, *col;
} number[] = {
	{ "agents", "Agents", NULL }, { "events", "Events", "events" },
	{ "runs", "Runs", "runs" }, { "decisions", "Decisions", "decisions" },
	{ "ran", "Actions that ran", "actions_ran" },
	{ "denied", "Denied", "denied" },
	{ "rejected", "Refused by a person", "rejected" },
	{ "reversed", "Reversed", "reversed" },
	{ "complaints", "Complaints", "complaints" },
	{ "incidents", "Incidents", "incidents" },
	{ "tokens", "Tokens (the cost that is logged)", "tokens" }
};

static uint64_t
of_month(const struct sec *s, const char *month, size_t c)
{
	const struct ref_table *t = sec_log_table(s, "log_month");
	const char *is[] = { "month", month, NULL };
	uint64_t n = 0;

	if (number[c].col != NULL)
		return sec_sum(t, is, number[c].col);
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		n += ref_int(t, i, "events", 0) > 0;
	return n;
}

static struct fact *
trend(struct sec *s, const char *field, uint64_t was, uint64_t is)
{
	uint64_t d = is > was ? is - was : was - is;
	struct str str = str_new(s->a);

	str_addz(&str, is > was ? "+" : is < was ? "-" : "");
	figure_count(&str, d);
	if (was > 0 && d > 0) {
		str_addf(&str, " (%s", is > was ? "+" : "-");
		figure_percent(&str, d, was);
		str_addc(&str, ')');
	}
	return sec_text(s, field, PROV_DERIVED, str.p, "month_before");
}

static void
numbers(struct sec *s)
{
	const char *head[COUNT(number) + 1] = { "Month" };
	const struct names m = months(s);
	struct rows r;

	for (size_t c = 0; c < COUNT(number); c++)
		head[c + 1] = number[c].label;
	r = sec_rows(s, "months", "Numbers by month", head, COUNT(head));
	for (size_t i = 0; i < m.n && sec_log_table(s, "log_month") != NULL;
	    i++) {
		sec_row(&r);
		sec_cell_name(&r, m.name[i]);
		for (size_t c = 0; c < COUNT(number); c++)
			sec_cell(&r, sec_count(s, sec_item(s, "months", r.n,
			    number[c].field), of_month(s, m.name[i], c),
			    sec_printf(s, "log_month.%s", number[c].col !=
			    NULL ? number[c].col : "agent_id")));
	}
	if (m.n > 1 && r.n > 0) {
		sec_row(&r);
		sec_cell_name(&r, sec_printf(s, "%s against %s", m.name[m.n -
		    1], m.name[m.n - 2]));
		for (size_t c = 0; c < COUNT(number); c++)
			sec_cell(&r, trend(s, sec_item(s, "months", r.n,
			    number[c].field), of_month(s, m.name[m.n - 2], c),
			    of_month(s, m.name[m.n - 1], c)));
	}
	sec_rows_end(&r, PROV_MEASURED, "no event in this period");
	if (m.n < 2)
		sec_field(s, sec_fields(s, "before", "Trend"),
		    "Against the month before", sec_missing(s, "before",
		    PROV_MEASURED, "that month lies outside the period of "
		    "this pack: see the pack before it"));
}

static void
streams(struct sec *s)
{
	static const char *const head[] = { "Stream", "Rows in the period",
	    "Chain", "Checkpoint", "Weakest source" };
	struct rows r = sec_rows(s, "streams", "The logs", head, COUNT(head));

	for (size_t i = 0; i < s->b->nstream; i++) {
		const struct stream *st = &s->b->stream[i];

		sec_row(&r);
		sec_cell(&r, sec_text(s, sec_item(s, "streams", r.n,
		    "stream"), PROV_MEASURED, st->name, "chain"));
		sec_cell(&r, sec_count(s, sec_item(s, "streams", r.n, "n"),
		    st->in_period, "chain"));
		sec_cell(&r, sec_text(s, sec_item(s, "streams", r.n, "chain"),
		    PROV_MEASURED, st->intact ? "intact" : sec_printf(s,
		    "broken at seq %" PRIu64, st->bad_seq), "chain"));
		sec_cell(&r, sec_text(s, sec_item(s, "streams", r.n,
		    "signed"), PROV_MEASURED, st->log_signed ? "signed" :
		    "log not signed", "checkpoint"));
		sec_cell(&r, sec_text(s, sec_item(s, "streams", r.n,
		    "grade"), PROV_MEASURED, grade_name(st->weakest),
		    "chain"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no log was read");
}

static int
in_span(const struct sec *s, int64_t us)
{
	int64_t from, to;

	sec_span(s, &from, &to);
	return us >= from && us < to;
}

/* Rows of a table with a moment inside the span. */
static struct rows
dated(struct sec *s, const char *list, const char *caption, const char *table,
    const char *when, const struct sec_col *col, size_t ncol)
{
	int log = strncmp(table, "log_", 4) == 0;
	const struct ref_table *t = log ? sec_log_table(s, table) :
	    sec_ref_table(s, table);
	const char *head[12];
	struct rows r;

	for (size_t c = 0; c < ncol; c++)
		head[c] = col[c].label;
	r = sec_rows(s, list, caption, head, ncol);
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		if (!in_span(s, ref_int(t, i, when, INT64_MAX)))
			continue;
		sec_row(&r);
		for (size_t c = 0; c < ncol; c++)
			sec_cell(&r, log ? sec_log(s, sec_item(s, list, r.n,
			    col[c].field), t, i, col[c].col) : sec_ref(s,
			    sec_item(s, list, r.n, col[c].field), t, i,
			    col[c].col, NULL));
	}
	return r;
}

static const struct sec_col gap_cols[] = {
	{ "agent", "Declared by", "agent_id" }, { "at", "At", "at_us" },
	{ "took", "How long", "duration_us" }, { "why", "Why", "reason" }
};
static const struct sec_col new_cols[] = {
	{ "kind", "What", "kind" }, { "id", "As the log names it", "id" },
	{ "agent", "Agent", "agent_id" }, { "n", "Rows", "events" },
	{ "first", "First", "first_us" }
};

static void
trail(struct sec *s)
{
	static const char *const head[] = { "Agent", "Events",
	    "Recorded late or early", "Failed", "Requests", "Escalated" };
	static const char *const col[] = { "events", "late", "failed",
	    "requested", "escalated" };
	const struct names agents = keys(s, "agent_id");
	const struct ref_table *t = sec_log_table(s, "log_month");
	struct rows r;

	streams(s);
	r = sec_rows(s, "agents", "The audit trail by agent", head,
	    COUNT(head));
	for (size_t i = 0; i < agents.n; i++) {
		const char *is[] = { "agent_id", agents.name[i], "month",
		    s->ref->month, NULL };
		struct fact *f;

		if (s->ref->month == NULL)
			is[2] = NULL;
		if (sec_find(t, 0, is) == SIZE_MAX)
			continue;
		sec_row(&r);
		f = sec_log(s, sec_item(s, "agents", r.n, "agent"), t,
		    sec_find(t, 0, is), "agent_id");
		sec_cell(&r, f);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_count(s, sec_item(s, "agents", r.n,
			    col[c]), sec_sum(t, is, col[c]), sec_printf(s,
			    "log_month.%s", col[c])));
	}
	sec_rows_end(&r, PROV_MEASURED, "no event in this period");
	sec_field(s, sec_fields(s, "held", "What the tests found, over the "
	    "whole period"), "Lines that imports left out", sec_result(s,
	    "unread", "AU-04.t3", s->b->nstream > 0 ? s->b->stream[0].name :
	    NULL));
	r = dated(s, "gaps", "Outages that were declared", "log_gap_declared",
	    "at_us", gap_cols, COUNT(gap_cols));
	sec_rows_quiet(&r, "no outage was declared");
	r = dated(s, "new", "Seen for the first time, and in no registry",
	    "log_undeclared", "first_us", new_cols, COUNT(new_cols));
	sec_rows_quiet(&r, "nothing undeclared was first seen");
}

static uint64_t
granted(const struct sec *s, const char *agent, int used)
{
	const struct ref_table *t = sec_ref_table(s, "ref_version_tool");
	const char *is[] = { "agent_id", agent, NULL };
	uint64_t n = 0;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		const char *version = ref_text(t, i, "agent_version");
		const char *use[] = { "agent_id", agent, "agent_version",
		    version, "tool", ref_text(t, i, "tool"), "month",
		    s->ref->month, NULL };
		const struct ref_table *log = sec_log_table(s, "log_use");

		if (s->ref->month == NULL)
			use[6] = NULL;
		if (sec_in_prod(s, agent, version))
			n += !used || sec_sum(log, use, "calls") +
			    sec_sum(log, use, "wrote") > 0;
	}
	return n;
}

static void
credentials(struct sec *s)
{
	static const char *const head[] = { "Agent", "Kind", "Credential",
	    "Until" };
	static const char *const col[] = { "agent_id", "kind", "value",
	    "to_us" };
	static const char *const field[] = { "agent", "kind", "value", "to" };
	const struct ref_table *t = sec_ref_table(s, "ref_agent_identity");
	struct rows r = sec_rows(s, "expiring", sec_printf(s, "Credentials "
	    "that end in the span or within %d days after it", SOON_DAYS),
	    head, COUNT(head));
	int64_t from, to;

	sec_span(s, &from, &to);
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		int64_t end = ref_int(t, i, "to_us", INT64_MAX);

		if (end < from || end >= to + SOON_DAYS * DATE_DAY)
			continue;
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "expiring", r.n,
			    field[c]), t, i, col[c], NULL));
	}
	if (r.n > 0)
		sec_rows_end(&r, PROV_DECLARED, "");
	else
		sec_field(s, sec_fields(s, "expiring_none", "Credentials that "
		    "end"), "Credentials that end soon", sec_text(s,
		    "nexpiring", PROV_DERIVED, "none", "days_to_expiry"));
}

static const struct sec_col leaver_cols[] = {
	{ "person", "Person", "person_id" }, { "role", "Role", "role" },
	{ "to", "Until", "to_us" }
};

static void
permissions(struct sec *s)
{
	static const char *const head[] = { "Agent", "Tier", "Ring",
	    "Tools granted", "of these used", "Denied" };
	const struct ref_table *t = sec_ref_table(s, "ref_agent");
	const struct ref_table *use = sec_log_table(s, "log_use");
	struct rows r = sec_rows(s, "grants", "Tiers, rings and grants of "
	    "agents in production", head, COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "agent_id");
		const char *is[] = { "agent_id", id, "month", s->ref->month,
		    NULL };
		uint64_t n = granted(s, id, 0);

		if (s->ref->month == NULL)
			is[2] = NULL;
		if (!sec_in_prod(s, id, NULL))
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "grants", r.n, "agent"),
		    t, i, "agent_id", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "grants", r.n, "tier"), t,
		    i, "permission_tier", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "grants", r.n, "ring"), t,
		    i, "ring", NULL));
		sec_cell(&r, sec_count(s, sec_item(s, "grants", r.n,
		    "granted"), n, "grants"));
		sec_cell(&r, n > 0 ? sec_ratio(s, sec_item(s, "grants", r.n,
		    "used"), granted(s, id, 1), n, "log_use.calls") :
		    sec_not_owed(s, sec_item(s, "grants", r.n, "used"),
		    "nothing is granted"));
		sec_cell(&r, sec_count(s, sec_item(s, "grants", r.n,
		    "denied"), sec_sum(use, is, "denied"),
		    "log_use.denied"));
	}
	sec_rows_end(&r, PROV_DECLARED, "no agent was in production");
	credentials(s);
	r = dated(s, "leavers", "Roles that ended", "ref_person_role",
	    "to_us", leaver_cols, COUNT(leaver_cols));
	if (r.n > 0)
		sec_rows_end(&r, PROV_DECLARED, "");
	else
		sec_field(s, sec_fields(s, "leavers_none", "Leavers"),
		    "Roles that ended", sec_text(s, "nleavers", PROV_DERIVED,
		    "none", "holder_in_office"));
}

static const struct sec_col change_cols[] = {
	{ "policy", "Policy", "policy_id" },
	{ "version", "Version", "policy_version" },
	{ "from", "In force from", "from_us" }, { "author", "Author",
	    "author" },
	{ "approvals", "Persons who approved", "approvals" },
	{ "approved", "Approved at", "approved_us" },
	{ "reason", "Why", "reason" }
};

static void
matrix(struct sec *s)
{
	struct rows r;

	sec_advice(s, NULL);
	r = dated(s, "changes", "Policy versions that took effect",
	    "ref_policy_version", "from_us", change_cols,
	    COUNT(change_cols));
	if (r.n > 0)
		sec_rows_end(&r, PROV_DECLARED, "");
	else
		sec_field(s, sec_fields(s, "changes_none", "Changes made"),
		    "Policy versions that took effect", sec_text(s,
		    "nchanges", PROV_DERIVED, "none", "in_force"));
}

static const struct sec_col point_cols[] = {
	{ "policy", "Policy", "policy_id" }, { "system", "Enforced at",
	    "target_system" },
	{ "version", "Version seen", "policy_version" },
	{ "month", "Month", "month" }, { "n", "Decisions", "n" },
	{ "unknown", "Unknown", "unknown" }, { "drifted", "Drifted",
	    "drifted" },
	{ "days", "Days of drift", "drift_days" },
	{ "other", "Other bytes", "other_bytes" },
	{ "first", "First", "first_us" }, { "last", "Last", "last_us" }
};

static void
versions(struct sec *s)
{
	static const char *const head[] = { "Policy", "Version in force",
	    "From", "Approvals" };
	static const char *const col[] = { "policy_version", "from_us",
	    "approvals" };
	static const char *const field[] = { "version", "from", "approvals" };
	const struct ref_table *t = sec_ref_table(s, "ref_policy");
	const struct ref_table *v = sec_ref_table(s, "ref_policy_version");
	const char *is[] = { "event_type", "decision", "month", s->ref->month,
	    NULL };
	struct rows r = sec_rows(s, "force", "In force at the end", head,
	    COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "policy_id");
		size_t row = sec_in_force(s, id);

		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "force", r.n, "policy"),
		    t, i, "policy_id", NULL));
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, row == SIZE_MAX ? sec_missing(s,
			    sec_item(s, "force", r.n, field[c]), PROV_DERIVED,
			    "no version is in force") : sec_ref(s, sec_item(s,
			    "force", r.n, field[c]), v, row, col[c], NULL));
	}
	sec_rows_end(&r, PROV_DECLARED, "declare policies in policies/");
	if (s->ref->month == NULL)
		is[2] = NULL;
	sec_grid(s, "points", "Seen in the log, by enforcement point",
	    "log_point", is, point_cols, COUNT(point_cols),
	    "no decision names a policy");
}

/* Whether a review is about this month, or a month of this period. */
static int
is_ours(struct sec *s, const char *period)
{
	const struct names m = months(s);

	if (s->ref->month != NULL)
		return str_eq(period, s->ref->month);
	for (size_t i = 0; i < m.n; i++)
		if (str_eq(period, m.name[i]))
			return 1;
	return str_eq(period, s->b->period);
}

static int
review_is_ours(struct sec *s, const char *review)
{
	const struct ref_table *t = sec_ref_table(s, "ref_review");

	return is_ours(s, ref_text(t, ref_next(t, 0, "review", review),
	    "period"));
}

static struct rows
of_reviews(struct sec *s, const char *list, const char *caption,
    const char *table, const struct sec_col *col, size_t ncol)
{
	const struct ref_table *t = sec_ref_table(s, table);
	const char *head[12];
	struct rows r;

	for (size_t c = 0; c < ncol; c++)
		head[c] = col[c].label;
	r = sec_rows(s, list, caption, head, ncol);
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		if (!review_is_ours(s, ref_text(t, i, "review")))
			continue;
		sec_row(&r);
		for (size_t c = 0; c < ncol; c++)
			sec_cell(&r, strcmp(col[c].col, "agent_id") == 0 &&
			    ref_text(t, i, "agent_id") == NULL ? sec_said(s,
			    sec_item(s, list, r.n, col[c].field), t, i,
			    "all") : sec_ref(s, sec_item(s, list, r.n,
			    col[c].field), t, i, col[c].col, NULL));
	}
	return r;
}

static const struct sec_col review_cols[] = {
	{ "review", "Review", "review" }, { "kind", "Held", "kind" },
	{ "engineering", "Engineering was there", "has_engineering" },
	{ "business", "Business was there", "has_business" },
	{ "by", "Signed by", "signed_by" }, { "at", "Signed at", "signed_us" }
};
static const struct sec_col finding_cols[] = {
	{ "review", "Review", "review" }, { "topic", "Area", "topic" },
	{ "agent", "Agent", "agent_id" }, { "finding", "Finding", "finding" },
	{ "decision", "Decision", "decision" }
};

static struct fact *
state(struct sec *s, const char *field, const struct ref_table *t, size_t i)
{
	int64_t done = ref_int(t, i, "done_us", INT64_MAX);
	int64_t due = ref_int(t, i, "due_us", INT64_MAX);

	return sec_text(s, field, PROV_DERIVED, done <= s->b->as_of_us ?
	    done > due && due != INT64_MAX ? "done, after it was due" :
	    "done" : due == INT64_MAX ? "open, without a date" :
	    due < s->b->as_of_us ? "overdue" : "open", "due_at_as_of");
}

static int
is_month(const char *p)
{
	return p != NULL && strlen(p) == 7 && strspn(p, "0123456789") == 4 &&
	    p[4] == '-' && strspn(p + 5, "0123456789") == 2;
}

static void
actions(struct sec *s)
{
	static const char *const head[] = { "Review", "Number", "What",
	    "Owner", "Due", "State at as-of" };
	static const char *const col[] = { "review", "number", "what",
	    "owner", "due_us" };
	static const char *const field[] = { "review", "number", "what",
	    "owner", "due" };
	const struct ref_table *t = sec_ref_table(s, "ref_review_action");
	const struct ref_table *v = sec_ref_table(s, "ref_review");
	const struct names m = months(s);
	struct rows r = sec_rows(s, "actions", "Actions of this review, and "
	    "earlier ones that were open when its span began", head,
	    COUNT(head));
	int64_t from, to;

	sec_span(s, &from, &to);
	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "review");
		const char *period = ref_text(v, ref_next(v, 0, "review", id),
		    "period");
		int old = is_month(period) && m.n > 0 && strcmp(period,
		    s->ref->month != NULL ? s->ref->month : m.name[0]) < 0 &&
		    ref_int(t, i, "done_us", INT64_MAX) >= from;

		if (!review_is_ours(s, id) && !old)
			continue;
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "actions", r.n,
			    field[c]), t, i, col[c], NULL));
		sec_cell(&r, state(s, sec_item(s, "actions", r.n, "state"), t,
		    i));
	}
	sec_rows_end(&r, PROV_DECLARED, "write them in registry/reviews/, or "
	    "hold the review");
}

static void
held(struct sec *s)
{
	const char *fill = sec_printf(s, "hold the review and write "
	    "registry/reviews/%s.yaml", s->ref->month != NULL ?
	    s->ref->month : s->b->period);
	struct rows r = of_reviews(s, "reviews", "Reviews that were held",
	    "ref_review", review_cols, COUNT(review_cols));

	sec_rows_end(&r, PROV_NARRATIVE, fill);
	r = of_reviews(s, "findings", "What they found, in the four areas",
	    "ref_review_finding", finding_cols, COUNT(finding_cols));
	sec_rows_end(&r, PROV_NARRATIVE, fill);
	actions(s);
}

static const struct sec_col queue_cols[] = {
	{ "agent", "Agent", "agent_id" },
	{ "action", "Action", "action?none named" },
	{ "requested", "Requested", "requested" },
	{ "expired", "Expired", "expired" }, { "late", "Late", "late" },
	{ "p50", "Median age", "p50_us?none decided" },
	{ "p95", "95th percentile", "p95_us?none decided" }
};
static const struct sec_col complaint_cols[] = {
	{ "agent", "Agent", "agent_id" },
	{ "complaints", "Complaints", "complaints" },
	{ "answered", "Answered", "answered" },
	{ "upheld", "Upheld", "upheld" },
	{ "p50", "Median until the answer", "p50_us?none answered" }
};
static const struct sec_col waiver_cols[] = {
	{ "id", "Waiver", "waiver_id" }, { "control", "Control", "control" },
	{ "scope", "Scope", "scope" }, { "owner", "Owner", "owner" },
	{ "to", "Until", "to_us" }, { "reason", "Why", "reason" }
};

/* The newest row of a log table with these keys, by at_us. */
static int64_t
newest(const struct ref_table *t, const char *const *is)
{
	int64_t at = INT64_MIN;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "at_us", INT64_MIN) > at)
			at = ref_int(t, i, "at_us", INT64_MIN);
	return at;
}

/* What lies after the period, or after as-of, is not in the measures. */
static int64_t
log_end(const struct sec *s)
{
	return s->b->to_us < s->b->as_of_us ? s->b->to_us : s->b->as_of_us;
}

/* Whether a version, or any for NULL, is in prod when the measures end. */
static int
runs_at_end(const struct sec *s, const char *agent, const char *version)
{
	const struct ref_table *t = sec_ref_table(s, "ref_deployment");
	const char *is[] = { "agent_id", agent, "stage", "prod",
	    "agent_version", version, NULL };

	if (version == NULL)
		is[4] = NULL;
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "from_us", INT64_MAX) < log_end(s) &&
		    ref_int(t, i, "to_us", INT64_MAX) >= log_end(s))
			return 1;
	return 0;
}

/* When the next is due after the last one. */
static void
due_cells(struct rows *r, const char *list, int64_t last, int64_t every,
    const char *formula)
{
	struct sec *s = r->s;
	struct str str = str_new(s->a);

	sec_cell(r, last == INT64_MIN ? sec_missing(s, sec_item(s, list, r->n,
	    "last"), PROV_MEASURED, "the log has none") : sec_time(s,
	    sec_item(s, list, r->n, "last"), PROV_MEASURED, last, formula));
	if (every <= 0) {
		sec_cell(r, sec_missing(s, sec_item(s, list, r->n, "due"),
		    PROV_DECLARED, "say how often it is due"));
		return;
	}
	if (last != INT64_MIN) {
		date_add_time(&str, last + every);
		str_addz(&str, last + every < log_end(s) ? ": overdue" : "");
	}
	sec_cell(r, sec_text(s, sec_item(s, list, r->n, "due"), PROV_DERIVED,
	    str.len > 0 ? str.p : "overdue", "due_at_end"));
}

static void
evaluations(struct sec *s)
{
	static const char *const head[] = { "Agent", "Version", "Suite",
	    "Metric", "Last in the log", "Next due" };
	static const char *const col[] = { "agent_id", "agent_version",
	    "suite", "metric" };
	static const char *const field[] = { "agent", "version", "suite",
	    "metric" };
	const struct ref_table *t = sec_ref_table(s, "ref_version_eval");
	struct rows r = sec_rows(s, "evals", "Evaluations that versions in "
	    "production owe at the end of the period", head, COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *is[] = { "agent_id", ref_text(t, i, "agent_id"),
		    "agent_version", ref_text(t, i, "agent_version"), "suite",
		    ref_text(t, i, "suite"), "metric", ref_text(t, i,
		    "metric"), NULL };

		if (!runs_at_end(s, is[1], is[3]))
			continue;
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_ref(s, sec_item(s, "evals", r.n,
			    field[c]), t, i, col[c], NULL));
		due_cells(&r, "evals", newest(sec_log_table(s,
		    "log_evaluation"), is), ref_int(t, i, "max_age_us", 0),
		    "log_evaluation.at_us");
	}
	sec_rows_end(&r, PROV_DECLARED, "fill evals of the versions in "
	    "production");
}

static void
drills(struct sec *s)
{
	static const char *const head[] = { "Agent", "Drill", "Last in the log", "Next due" };
	const struct ref_table *t = sec_ref_table(s, "ref_agent_drill");
	struct rows r = sec_rows(s, "drills", "Drills", head, COUNT(head));

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *is[] = { "agent_id", ref_text(t, i, "agent_id"),
		    "kind", ref_text(t, i, "kind"), NULL };

		if (!runs_at_end(s, is[1], NULL))
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "drills", r.n, "agent"),
		    t, i, "agent_id", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "drills", r.n, "kind"), t,
		    i, "kind", NULL));
		due_cells(&r, "drills", newest(sec_log_table(s, "log_drill"),
		    is), ref_int(t, i, "interval_us", 0), "log_drill.at_us");
	}
	sec_rows_end(&r, PROV_DECLARED, "fill drills of the agents");
}

static void
queues(struct sec *s)
{
	static const char *const all[] = { NULL };

	sec_grid(s, "queues", "Approvals", "log_approval", all, queue_cols,
	    COUNT(queue_cols), "no approval was requested in this period");
	evaluations(s);
	sec_quiet_grid(s, "complaints", "Complaints", "log_complaint", all,
	    complaint_cols, COUNT(complaint_cols), "no complaint");
	drills(s);
	if (sec_find(sec_ref_table(s, "ref_waiver"), 0, all) == SIZE_MAX)
		sec_field(s, sec_fields(s, "waivers_none", "Waivers"),
		    "Gaps that were accepted", sec_text(s, "nwaivers",
		    PROV_DERIVED, "none", "gaps"));
	else
		sec_grid(s, "waivers", "Gaps that were accepted",
		    "ref_waiver", all, waiver_cols, COUNT(waiver_cols), "");
}

const struct section sec_gr[] = {
	{ "numbers", "GR1", "Numbers", AUDIENCE_AUDITOR, "",
	    "months[agents events runs decisions ran denied rejected "
	    "reversed complaints incidents tokens] before", numbers,
	    "the log" },
	{ "audit_trail", "GR2", "Audit trail", AUDIENCE_AUDITOR,
	    "C39 C40 C48",
	    "streams[stream n chain signed grade] agents[agent events late "
	    "failed requested escalated] unread gaps[agent at took why] new[kind id "
	    "agent n first]", trail, "the log" },
	{ "permissions", "GR3", "Permissions", AUDIENCE_AUDITOR, "C07 C22",
	    "grants[agent tier ring granted used denied] expiring[agent kind "
	    "value to] nexpiring leavers[person role to] nleavers",
	    permissions, "the agents' owners" },
	{ "matrix_updates", "GR4", "Matrix updates", AUDIENCE_AUDITOR,
	    "R1 R2 R3 R4 R5",
	    "advice[agent action not_agreed quick complained blocked laxer "
	    "stricter] changes[policy version from author approvals approved "
	    "reason] nchanges", matrix, "the governance lead" },
	{ "policy_versions", "GR5", "Policy versions", AUDIENCE_AUDITOR,
	    "C14 C15 C16",
	    "force[policy version from approvals] points[policy system "
	    "version month n unknown drifted days other first last]",
	    versions, "the policies' owners" },
	{ "actions", "GR6", "Actions", AUDIENCE_AUDITOR, "",
	    "reviews[review kind engineering business by at] findings[review "
	    "topic agent finding decision] actions[review number what owner "
	    "due state]", held, "the governance lead" },
	{ "queues_tests", "GR7", "Queues and tests", AUDIENCE_AUDITOR,
	    "C06 C09 C31",
	    "queues[agent action requested expired late p50 p95] evals[agent "
	    "version suite metric last due] complaints[agent complaints "
	    "answered upheld p50] drills[agent kind last due] waivers[id "
	    "control scope owner to reason] nwaivers", queues,
	    "the governance lead" },
	{ .id = NULL }
};
