#include <inttypes.h>
#include <string.h>

#include "eval/inside.h"

/*
 * Evidence that people write: entries of evidence/index.yaml, rows of
 * ref_document (docs/format/controls.md, "Evidence by people").  An entry's
 * `for` says what it is about, and so in which scopes the item is decided:
 * agent@version, the hash of a policy version, else the organisation.
 */
struct judged {
	enum outcome outcome;
	const char *reason, *detail;
	size_t row; /* of ref_document; SIZE_MAX: none */
};

struct asked { /* what an entry must cover */
	const struct item *item;
	const char *for_what; /* NULL: anything */
	int64_t from_us, to_us;
};

static const struct ref_table *
documents(const struct eval *e)
{
	return ref_table(e->in->ref, "ref_document");
}

static struct judged
judge(enum outcome o, const char *reason, const char *detail)
{
	struct judged j = { o, reason, detail, SIZE_MAX };

	return j;
}

static int
held_role(const struct eval *e, const char *person, const char *role,
    int64_t us)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_person_role");

	for (size_t i = ref_next(t, 0, "person_id", person); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "person_id", person))
		if (str_eq(ref_text(t, i, "role"), role) &&
		    ref_int(t, i, "from_us", INT64_MIN) <= us &&
		    us < ref_int(t, i, "to_us", INT64_MAX))
			return 1;
	return 0;
}

/* A role that reports to nobody, while others report to it: where nobody's
 * line is recorded, no role is the top. */
static int
top_role(const struct eval *e, const char *role)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_role");
	size_t row = ref_next(t, 0, "role", role);

	return row != SIZE_MAX && ref_text(t, row, "reports_to") == NULL &&
	    ref_next(t, 0, "reports_to", role) != SIZE_MAX;
}

static struct judged
judge_bytes(const struct ref_table *t, size_t row)
{
	const char *want = ref_text(t, row, "sha256");
	const char *have = ref_text(t, row, "found_sha256");

	if (have == NULL)
		return judge(OUT_NO_EVIDENCE, "absent", "the file is not there");
	if (!str_eq(want, have))
		return judge(OUT_FAIL, "another-hash",
		    "the bytes are not those that were reviewed");
	if (str_eq(ref_text(t, row, "decision"), "rejected"))
		return judge(OUT_FAIL, "rejected", "it was rejected");
	return judge(OUT_PASS, NULL, NULL);
}

static struct judged
judge_reviewer(struct eval *e, const struct ref_table *t, size_t row,
    const struct item *item)
{
	const char *by = ref_text(t, row, "person_id");
	const char *role = ref_text(t, row, "role");
	const char *author = ref_text(t, row, "author");
	int64_t at = ref_int(t, row, "at_us", INT64_MIN);

	if (by == NULL || at == INT64_MIN || at > e->in->as_of_us)
		return judge(OUT_NO_EVIDENCE, "unreviewed",
		    "nobody has reviewed these bytes");
	if (author == NULL || str_eq(author, by))
		return judge(OUT_NO_EVIDENCE, "unreviewed", author == NULL ?
		    "its author is not recorded" :
		    "its author reviewed it alone");
	if (role == NULL || !held_role(e, by, role, at))
		return judge(OUT_NO_EVIDENCE, "unreviewed",
		    arena_printf(e->arena, "%s did not hold the role %s then",
		    by, role ? role : "(none)"));
	if (item->top && !top_role(e, role))
		return judge(OUT_NO_EVIDENCE, "unreviewed",
		    arena_printf(e->arena, "%s is not the role that all others "
		    "report to", role));
	return judge(OUT_PASS, NULL, NULL);
}

static struct judged
judge_time(struct eval *e, const struct ref_table *t, size_t row,
    const struct asked *a)
{
	int64_t from = ref_int(t, row, "from_us", INT64_MIN);
	int64_t to = ref_int(t, row, "to_us", INT64_MAX);
	int64_t expires = ref_int(t, row, "expires_us", INT64_MAX);
	int64_t at = ref_int(t, row, "at_us", 0);
	int64_t born = ref_int(t, row, "collected_us", at);
	struct date_span age;

	if (from == INT64_MIN)
		return judge(OUT_NO_EVIDENCE, "stale",
		    "from when it is effective is not recorded");
	/* Of design its end, of operation the whole span. */
	if (from > (a->item->design ? a->to_us : a->from_us) || to < a->to_us)
		return judge(OUT_NO_EVIDENCE, "stale",
		    "it is not effective over the period");
	if (expires < a->to_us)
		return judge(OUT_NO_EVIDENCE, "stale", "it has expired");
	if (!a->item->design && at > from)
		return judge(OUT_NO_EVIDENCE, "late",
		    "it was reviewed after it took effect");
	if (a->item->max_age != NULL &&
	    date_parse_span(a->item->max_age, &age) == 0 &&
	    date_add(born, age, 1) < e->in->to_us)
		return judge(OUT_NO_EVIDENCE, "stale",
		    arena_printf(e->arena, "it is older than %s",
		    a->item->max_age));
	return judge(OUT_PASS, NULL, NULL);
}

static struct judged
judge_junit(const struct ref_table *t, size_t row)
{
	int64_t tests = ref_int(t, row, "tests", -1);

	if (ref_int(t, row, "disagrees", 0) != 0)
		return judge(OUT_NO_EVIDENCE, "did-not-run",
		    "a suite's counts differ from its cases");
	if (ref_int(t, row, "failed", 0) > 0)
		return judge(OUT_FAIL, "failed", "a test case failed");
	if (tests - ref_int(t, row, "skipped", 0) <= 0 ||
	    ref_text(t, row, "for_what") == NULL)
		return judge(OUT_NO_EVIDENCE, "no-population",
		    "no case ran, or it does not say for what");
	return judge(OUT_PASS, NULL, NULL);
}

static struct judged
judge_entry(struct eval *e, size_t row, const struct asked *a)
{
	const struct ref_table *t = documents(e);
	struct judged j = judge_bytes(t, row);

	if (j.outcome == OUT_PASS && strcmp(a->item->kind, "junit") == 0)
		j = judge_junit(t, row);
	if (j.outcome == OUT_PASS)
		j = judge_reviewer(e, t, row, a->item);
	if (j.outcome == OUT_PASS)
		j = judge_time(e, t, row, a);
	j.row = row;
	return j;
}

/* Of several entries the newest that passes, unless a newer one rejects; if
 * none passes the newest. */
static struct judged
judge_item(struct eval *e, const struct asked *a)
{
	const struct ref_table *t = documents(e);
	struct judged pass = judge(OUT_NO_EVIDENCE, NULL, NULL), newest, kept;
	int64_t passed = INT64_MIN, seen = INT64_MIN, refused = INT64_MIN;

	newest = kept = judge(OUT_NO_EVIDENCE, "absent",
	    "no entry in the evidence index");
	for (size_t i = ref_next(t, 0, "item", a->item->id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "item", a->item->id)) {
		int64_t at = ref_int(t, i, "at_us", INT64_MIN);
		struct judged j;

		if (a->for_what != NULL &&
		    !str_eq(ref_text(t, i, "for_what"), a->for_what))
			continue;
		j = judge_entry(e, i, a);
		if (j.outcome == OUT_PASS && at >= passed) {
			pass = j;
			passed = at;
		}
		if (str_eq(j.reason, "rejected") && at >= refused) {
			kept = j;
			refused = at;
		}
		if (at >= seen) {
			newest = j;
			seen = at;
		}
	}
	if (pass.row == SIZE_MAX)
		return newest;
	return refused > passed ? kept : pass;
}

/* The scopes of an item. */

enum about { ABOUT_ORGANISATION, ABOUT_AGENT, ABOUT_POLICY };

static enum about
item_about(const struct eval *e, const struct item *item)
{
	const struct ref_table *t = documents(e);
	uint8_t hash[HASH_LEN];

	for (size_t i = ref_next(t, 0, "item", item->id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "item", item->id)) {
		const char *f = ref_text(t, i, "for_what");

		if (f != NULL && strchr(f, '@') != NULL)
			return ABOUT_AGENT;
		if (f != NULL && hash_unhex(hash, f) == 0)
			return ABOUT_POLICY;
	}
	return ABOUT_ORGANISATION;
}

static void
count_judged(struct eval *e, struct result *r, const struct judged *j,
    const char *of)
{
	const struct ref_table *t = documents(e);
	struct cite *c;

	r->n++;
	r->x += j->outcome == OUT_FAIL;
	if (j->outcome == OUT_FAIL && j->row != SIZE_MAX && t->at != NULL) {
		c = arena_array(e->arena, r->nexception + 1, sizeof(*c));
		if (r->nexception > 0)
			memcpy(c, r->exception, r->nexception * sizeof(*c));
		c[r->nexception++].at = t->at[j->row];
		r->exception = c;
	}
	/* The worst stands for all: fail, then no-evidence. */
	if (r->n > 1 && j->outcome >= r->outcome)
		return;
	r->outcome = j->outcome;
	r->reason = j->reason;
	r->detail = j->detail;
	if (of != NULL && j->detail != NULL)
		r->detail = arena_printf(e->arena, "%s: %s", of, j->detail);
}

/* A span of time, cut to the period. */
static int
cut(const struct eval *e, const struct ref_table *t, size_t row,
    struct asked *a)
{
	a->from_us = ref_int(t, row, "from_us", INT64_MIN);
	a->to_us = ref_int(t, row, "to_us", INT64_MAX);
	if (a->from_us < e->in->from_us)
		a->from_us = e->in->from_us;
	if (a->to_us > e->in->to_us)
		a->to_us = e->in->to_us;
	return a->from_us < a->to_us;
}

static void
item_of_agent(struct eval *e, const struct control *c, struct asked *a,
    const char *agent)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_deployment");
	struct result *r = verdict_result(e, c, NULL, a->item, agent);
	const char *why = verdict_applies(e, c, agent);

	r->outcome = OUT_NOT_APPLICABLE;
	r->reason = "outside";
	r->detail = why ? why : "no version was in production";
	for (size_t i = ref_next(t, 0, "agent_id", agent);
	    why == NULL && i != SIZE_MAX;
	    i = ref_next(t, i + 1, "agent_id", agent)) {
		struct judged j;

		if (!str_eq(ref_text(t, i, "stage"), "prod") ||
		    !cut(e, t, i, a))
			continue;
		a->for_what = arena_printf(e->arena, "%s@%s", agent,
		    ref_text(t, i, "agent_version"));
		j = judge_item(e, a);
		count_judged(e, r, &j, a->for_what);
	}
}

static void
item_of_policy(struct eval *e, const struct control *c, struct asked *a,
    const char *policy)
{
	const struct ref_table *t = ref_table(e->in->ref, "ref_policy_version");
	struct result *r = verdict_result(e, c, NULL, a->item, policy);

	r->outcome = OUT_NOT_APPLICABLE;
	r->reason = "outside";
	r->detail = "no version was in force";
	for (size_t i = ref_next(t, 0, "policy_id", policy); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", policy)) {
		struct judged j;

		if (!cut(e, t, i, a))
			continue;
		a->for_what = ref_text(t, i, "policy_hash");
		j = a->for_what == NULL ? judge(OUT_NO_EVIDENCE, "absent",
		    "its policy_hash is not known") : judge_item(e, a);
		count_judged(e, r, &j, arena_printf(e->arena, "version %s",
		    ref_text(t, i, "policy_version")));
	}
}

static void
item_of_organisation(struct eval *e, const struct control *c, struct asked *a)
{
	struct result *r = verdict_result(e, c, NULL, a->item,
	    e->in->organisation);
	struct judged j;

	r->detail = verdict_applies(e, c, NULL);
	if (r->detail != NULL) {
		r->reason = "outside";
		return;
	}
	a->from_us = e->in->from_us;
	a->to_us = e->in->to_us;
	j = judge_item(e, a);
	count_judged(e, r, &j, NULL);
}

/* Statement of applicability: every control of Annex A has a row, and each
 * row says why, who and, where it applies, how. */
static void
item_of_soa(struct eval *e, const struct control *c, const struct item *item)
{
	const struct catalogue *cat = e->in->catalogue;
	const struct ref_table *t = ref_table(e->in->ref, "ref_soa");
	const struct ref_table *l = ref_table(e->in->ref, "ref_list");
	struct result *r = verdict_result(e, c, NULL, item,
	    e->in->organisation);

	r->outcome = OUT_NO_EVIDENCE;
	r->reason = "absent";
	r->detail = "no statement of applicability";
	for (size_t i = 0; i < cat->nreq && t != NULL && t->nrow > 0; i++) {
		const struct requirement *q = &cat->req[i];
		struct judged j = judge(OUT_PASS, NULL, NULL);
		int64_t in;

		if (strcmp(q->framework, "iso-42001-2023") != 0 ||
		    strncmp(q->id, "A.", 2) != 0 || !q->assessable)
			continue;
		j.row = ref_next(t, 0, "requirement", q->id);
		in = ref_int(t, j.row, "included", -1);
		if (j.row == SIZE_MAX)
			j = judge(OUT_FAIL, "incomplete", "has no row");
		else if (in < 0 || ref_text(t, j.row, "owner") == NULL)
			j = judge(OUT_FAIL, "incomplete", "has no owner, or does "
			    "not say whether it applies");
		else if (in == 0 && ref_text(t, j.row, "excluded_because") ==
		    NULL)
			j = judge(OUT_FAIL, "incomplete",
			    "is excluded without a reason");
		else if (in == 1 && (ref_next(l, 0, "id", q->id) == SIZE_MAX ||
		    ref_text(t, j.row, "implementation") == NULL))
			j = judge(OUT_FAIL, "incomplete",
			    "has no justification or implementation");
		count_judged(e, r, &j, q->id);
	}
}

static void
item_not_run(struct eval *e, const struct control *c, const struct item *item)
{
	struct result *r = verdict_result(e, c, NULL, item,
	    e->in->organisation);

	r->outcome = OUT_NO_EVIDENCE;
	r->reason = "did-not-run";
	r->detail = "nothing has computed this item";
}

void
evidence_results(struct eval *e, const struct control *c)
{
	const struct ref_table *agents = ref_table(e->in->ref, "ref_agent");
	const struct ref_table *policies = ref_table(e->in->ref, "ref_policy");

	for (size_t k = 0; k < c->nitem; k++) {
		struct asked a = { .item = &c->item[k] };
		enum about about = item_about(e, a.item);

		if (a.item->built_in != NULL) {
			if (strcmp(a.item->id, "GV-08.e2") == 0)
				item_of_soa(e, c, a.item);
			else
				item_not_run(e, c, a.item);
		} else if (about == ABOUT_AGENT) {
			for (size_t i = 0; agents && i < agents->nrow; i++)
				item_of_agent(e, c, &a,
				    ref_text(agents, i, "agent_id"));
		} else if (about == ABOUT_POLICY) {
			for (size_t i = 0; policies && i < policies->nrow; i++)
				item_of_policy(e, c, &a,
				    ref_text(policies, i, "policy_id"));
		} else {
			item_of_organisation(e, c, &a);
		}
	}
}
