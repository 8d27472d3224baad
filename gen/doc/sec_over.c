#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What decision matrices, reviews and access reviews show alike. */

void
sec_span(const struct sec *s, int64_t *from, int64_t *to)
{
	const struct date_span month = { 1, 0 };

	*from = s->b->from_us;
	*to = s->b->to_us;
	if (s->ref->month == NULL)
		return;
	*from = date_civil((int)strtol(s->ref->month, NULL, 10),
	    (int)strtol(s->ref->month + 5, NULL, 10), 1);
	*to = date_add(*from, month, 1);
	if (*from < s->b->from_us)
		*from = s->b->from_us;
	if (*to > s->b->to_us)
		*to = s->b->to_us;
}

const char *
sec_month(const struct sec *s)
{
	return s->ref->month != NULL ? s->ref->month : "all";
}

static int
covers(const struct ref_table *t, size_t row, int64_t from, int64_t to)
{
	return ref_int(t, row, "from_us", INT64_MAX) < to &&
	    ref_int(t, row, "to_us", INT64_MAX) > from;
}

size_t
sec_in_force(const struct sec *s, const char *policy)
{
	const struct ref_table *t = sec_ref_table(s, "ref_policy_version");
	int64_t from, to;

	sec_span(s, &from, &to);
	if (to > s->b->as_of_us)
		to = s->b->as_of_us;
	for (size_t i = ref_next(t, 0, "policy_id", policy); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", policy))
		if (covers(t, i, to - 1, to))
			return i;
	return SIZE_MAX;
}

int
sec_in_prod(const struct sec *s, const char *agent, const char *version)
{
	const struct ref_table *t = sec_ref_table(s, "ref_deployment");
	const char *is[] = { "agent_id", agent, "stage", "prod",
	    "agent_version", version, NULL };
	int64_t from, to;

	if (version == NULL)
		is[4] = NULL;
	sec_span(s, &from, &to);
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (covers(t, i, from, to))
			return 1;
	return 0;
}

struct fact *
sec_result(struct sec *s, const char *field, const char *test,
    const char *scope)
{
	const struct result *r = NULL;
	struct str str = str_new(s->a);
	struct fact *f;

	if (s->b->findings != NULL && scope != NULL)
		r = finding_result(s->b->findings, test, scope);
	if (r == NULL && s->b->findings != NULL)
		r = finding_result(s->b->findings, test, s->b->organisation);
	if (r == NULL)
		return sec_missing(s, field, PROV_MEASURED, sec_printf(s,
		    "%s was not run for this subject", test));
	finding_sentence(&str, r);
	f = sec_text(s, field, PROV_MEASURED, str.p, NULL);
	if (f->state == FACT_KNOWN)
		f->result = r;
	return f;
}

struct fact *
sec_said(struct sec *s, const char *field, const struct ref_table *t,
    size_t row, const char *text)
{
	struct fact *f = sec_text(s, field, PROV_DECLARED, text, NULL);

	f->at = ref_mark(t, row, "");
	return f;
}

const char *
sec_amounts(struct sec *s, const struct ref_table *t, size_t row)
{
	const char *currency = ref_text(t, row, "currency");
	int64_t min = ref_int(t, row, "min_minor", INT64_MIN);
	int64_t max = ref_int(t, row, "max_minor", INT64_MIN);
	struct str str = str_new(s->a);

	if (min != INT64_MIN) {
		str_addz(&str, " from ");
		figure_money(&str, min, currency);
	}
	if (max != INT64_MIN) {
		str_addz(&str, " up to ");
		figure_money(&str, max, currency);
	}
	return str.len > 0 ? str.p : "";
}

/* What an action is, from actions.yaml; SIZE_MAX: it is not there. */
static size_t
action_row(const struct sec *s, const char *action)
{
	return ref_next(sec_ref_table(s, "ref_action"), 0, "action", action);
}

static void
because(struct str *s, int holds, const char *why)
{
	if (holds)
		return;
	if (s->len > 0)
		str_addz(s, "; ");
	str_addz(s, why);
}

/*
 * R1: what people always approve may do with notify.  Advice, not a verdict,
 * and only where the figures can carry it.
 */
static struct fact *
always_approved(struct sec *s, const char *field, const struct ref_table *t,
    size_t row)
{
	const struct ref_table *k = sec_ref_table(s, "ref_action");
	size_t a = action_row(s, ref_text(t, row, "action"));
	const char *impact = ref_text(k, a, "impact");
	const char *undo = ref_text(k, a, "reversible");
	uint64_t n = (uint64_t)ref_int(t, row, "decided", 0);
	uint64_t no = n - (uint64_t)ref_int(t, row, "agreed", 0);
	struct str why = str_new(s->a), bound = str_new(s->a);
	unsigned low, high = 10000;

	if (n > 0)
		figure_wilson(no, n, &low, &high);
	because(&why, n >= 100, sec_printf(s, "%" PRIu64 " of 100 decisions",
	    n));
	because(&why, no == 0, sec_printf(s, "%" PRIu64 " not approved as "
	    "asked", no));
	str_addf(&bound, "up to %u.%02u %% may be refused, the limit is "
	    "4.00 %%", high / 100, high % 100);
	because(&why, high <= 400, bound.p);
	because(&why, ref_int(t, row, "quick", 0) == 0,
	    "some were decided in under 5 seconds");
	because(&why, ref_int(t, row, "complained", 0) == 0,
	    "people complained");
	because(&why, undo != NULL && strcmp(undo, "none") != 0, undo == NULL ?
	    "how far it can be undone is not recorded" :
	    "it cannot be undone");
	because(&why, impact != NULL && strcmp(impact, "critical") != 0,
	    impact == NULL ? "its impact is not recorded" :
	    "its impact is critical");
	return sec_text(s, field, PROV_DERIVED, why.len == 0 ?
	    "candidate for notify" : sec_printf(s, "stays: %s", why.p),
	    "always_approved");
}

/* R3 and R4: what runs alone and meets complaints may need a person; what is
 * blocked in session after session is asked of the boundary. */
static struct fact *
stricter(struct sec *s, const char *field, const struct ref_table *t,
    size_t row)
{
	int64_t complained = ref_int(t, row, "auto_complained", 0);
	int64_t sessions = ref_int(t, row, "blocked_sessions", 0);
	struct str str = str_new(s->a);

	if (complained > 0)
		str_addz(&str, "candidate for approve: people complained of "
		    "what ran alone");
	if (sessions >= 3)
		str_addf(&str, "%slook at the boundary: blocked in %" PRId64
		    " sessions", str.len > 0 ? "; " : "", sessions);
	return sec_text(s, field, PROV_DERIVED, str.len > 0 ? str.p :
	    "stays", "complained_or_blocked");
}

static void
advice_of(struct rows *r, const struct ref_table *t, size_t i)
{
	struct sec *s = r->s;
	uint64_t decided = (uint64_t)ref_int(t, i, "decided", 0);
	const char *zero = "none was decided by a person";

	sec_row(r);
	sec_cell(r, sec_log(s, sec_item(s, "advice", r->n, "agent"), t, i,
	    "agent_id"));
	sec_cell(r, sec_log(s, sec_item(s, "advice", r->n, "action"), t, i,
	    "action"));
	sec_cell(r, decided > 0 ? sec_estimate(s, sec_item(s, "advice", r->n,
	    "not_agreed"), decided - (uint64_t)ref_int(t, i, "agreed", 0),
	    decided, "log_action.decided") : sec_not_owed(s, sec_item(s,
	    "advice", r->n, "not_agreed"), "%s", zero));
	sec_cell(r, decided > 0 ? sec_estimate(s, sec_item(s, "advice", r->n,
	    "quick"), (uint64_t)ref_int(t, i, "quick", 0), decided,
	    "log_action.quick") : sec_not_owed(s, sec_item(s, "advice", r->n,
	    "quick"), "%s", zero));
	sec_cell(r, ref_int(t, i, "ran_auto", 0) > 0 ? sec_estimate(s,
	    sec_item(s, "advice", r->n, "complained"), (uint64_t)ref_int(t, i,
	    "auto_complained", 0), (uint64_t)ref_int(t, i, "ran_auto", 0),
	    "log_action.auto_complained") : sec_not_owed(s, sec_item(s,
	    "advice", r->n, "complained"), "none ran alone"));
	sec_cell(r, sec_log(s, sec_item(s, "advice", r->n, "blocked"), t, i,
	    "blocked_sessions"));
	sec_cell_long(r, decided > 0 ? always_approved(s, sec_item(s, "advice",
	    r->n, "laxer"), t, i) : sec_not_owed(s, sec_item(s, "advice",
	    r->n, "laxer"), "%s", zero));
	sec_cell_long(r, stricter(s, sec_item(s, "advice", r->n, "stricter"), t,
	    i));
}

void
sec_advice(struct sec *s, const char *agent)
{
	static const char *const head[] = {
		"Agent", "Action", "Not approved as asked",
		"Decided in under 5 s", "Complaints of what ran alone",
		"Sessions with a block", "Laxer? (R1)", "Stricter? (R3, R4)"
	};
	const struct ref_table *t = sec_log_table(s, "log_action");
	const char *is[] = { "month", sec_month(s), "agent_id", agent, NULL };
	struct rows r = sec_rows(s, "advice", "What the figures suggest", head,
	    COUNT(head));

	if (agent == NULL)
		is[2] = NULL;
	sec_intro(s, "Advice, and no verdict: a person decides whether the "
	    "matrix changes. An action may be a candidate for notify (R1) "
	    "where at least 100 decisions were all approvals as asked, none "
	    "in under five seconds, no complaint followed, it can be undone, "
	    "its impact is not critical, and the upper bound of the 95 % "
	    "Wilson interval of refusals is at most 4 %. Many decisions in "
	    "under five seconds (R2) call for a look at the approver.");
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		advice_of(&r, t, i);
	sec_rows_end(&r, PROV_MEASURED, "no action in this period");
}
