#include <string.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The history of a policy: documents.md, PH1 to PH4. */

static const char *
file(const struct sec *s)
{
	return sec_printf(s, "policies/%s/policy.yaml", s->ref->policy);
}

static const struct sec_col policy_cols[] = {
	{ "title", "Title", "title" }, { "owner", "Owner", "owner" },
	{ "needed", "Persons who must approve", "approvals_needed" },
	{ "default", "Where no rule holds", "default_tier" },
	{ "interval", "Reviewed every", "review_interval" }
};
static const struct sec_col version_cols[] = {
	{ "version", "Version", "policy_version" },
	{ "hash", "SHA-256", "policy_hash" },
	{ "from", "In force from", "from_us" },
	{ "to", "Until", "to_us?still" }, { "author", "Author", "author" },
	{ "approvals", "Approvals", "approvals" },
	{ "approved", "Approved at", "approved_us" },
	{ "reason", "Why", "reason" }, { "ticket", "Ticket", "ticket" }
};
static const struct sec_col approval_cols[] = {
	{ "version", "Version", "policy_version" },
	{ "person", "Person", "person_id" }, { "role", "Role", "role" },
	{ "decision", "Decision", "decision" }, { "at", "At", "at_us" }
};
static const struct sec_col finding_cols[] = {
	{ "version", "Version", "policy_version" },
	{ "finding", "Finding", "finding" },
	{ "detail", "What exactly", "detail" },
	{ "from", "Since", "from_us?always" }, { "to", "Until", "to_us?still" }
};

static void
versions(struct sec *s)
{
	const char *is[] = { "policy_id", s->ref->policy, NULL };
	const struct ref_table *t = sec_ref_table(s, "ref_policy_finding");

	sec_refs(s, sec_fields(s, "fields", "The policy"),
	    sec_ref_table(s, "ref_policy"), ref_next(sec_ref_table(s,
	    "ref_policy"), 0, "policy_id", s->ref->policy), policy_cols,
	    COUNT(policy_cols), file(s));
	sec_grid(s, "versions", "Versions", "ref_policy_version", is,
	    version_cols, COUNT(version_cols), "write a version of it");
	sec_grid(s, "approvals", "Who decided on these bytes",
	    "ref_policy_approval", is, approval_cols, COUNT(approval_cols),
	    "add an approving entry to evidence/index.yaml");
	if (sec_find(t, 0, is) != SIZE_MAX)
		sec_grid(s, "findings", "What is wrong with this history",
		    "ref_policy_finding", is, finding_cols,
		    COUNT(finding_cols), "");
	else
		sec_field(s, sec_fields(s, "whole", "What is wrong with this "
		    "history"), "Findings", sec_text(s, "nfindings",
		    PROV_DERIVED, "none", "policy_history"));
}

static void
rule_row(struct rows *r, const struct ref_table *t, size_t i)
{
	static const char *const col[] = {
		"kind", "rule_id", "action", "tier"
	};
	struct sec *s = r->s;
	const char *limit = sec_amounts(s, t, i);
	const char *key = sec_printf(s, "%s/%s/%s", s->ref->policy, ref_text(t,
	    i, "policy_version"), ref_text(t, i, "rule_id"));
	const char *law = ref_text(t, i, "requirement");

	sec_row(r);
	for (size_t c = 0; c < COUNT(col); c++)
		sec_cell(r, sec_ref(s, sec_item(s, "rules", r->n, col[c]), t,
		    i, col[c], NULL));
	sec_cell(r, sec_said(s, sec_item(s, "rules", r->n, "amount"), t, i,
	    limit[0] != '\0' ? limit + 1 : "any"));
	sec_cell(r, sec_list(s, sec_item(s, "rules", r->n, "enforced_at"), t,
	    i, key, "enforced_at", NULL));
	sec_cell(r, law != NULL ? sec_ref(s, sec_item(s, "rules", r->n,
	    "requirement"), t, i, "requirement", NULL) : sec_said(s,
	    sec_item(s, "rules", r->n, "requirement"), t, i, "none named"));
}

static const struct sec_col system_cols[] = {
	{ "system", "System", "system" }, { "point", "Where it stands",
	    "point" },
	{ "arrives", "A new version arrives within", "propagation_us" },
	{ "reports", "Its decisions are in the log", "reports" }
};

static void
rules(struct sec *s)
{
	static const char *const kind[] = { "monetary_limit", "business_rule",
	    "regulatory", "brand", "rate_limit", "access", "data", "other",
	    NULL };
	static const char *const head[] = { "Type", "Rule", "Action", "Tier",
	    "Amount", "Enforced at", "Law or requirement" };
	const struct ref_table *t = sec_ref_table(s, "ref_policy_rule");
	const char *version = ref_text(sec_ref_table(s, "ref_policy_version"),
	    sec_in_force(s, s->ref->policy), "policy_version");
	const char *is[] = { "policy_id", s->ref->policy, "policy_version",
	    version != NULL ? version : "", NULL };
	const char *all[] = { "policy_id", s->ref->policy, NULL };
	struct rows r = sec_rows(s, "rules", "Rules in force at the end of the "
	    "period, by type", head, COUNT(head));

	for (size_t k = 0; k < COUNT(kind); k++)
		for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
		    i = sec_find(t, i + 1, is)) {
			const char *own = ref_text(t, i, "kind");
			size_t m = 0;

			while (kind[m] != NULL && !str_eq(kind[m], own))
				m++;
			if (m == k) /* the last: of a type not named above */
				rule_row(&r, t, i);
		}
	sec_rows_end(&r, PROV_DECLARED, version == NULL ?
	    "no version is in force" : sec_printf(s, "write rules in "
	    "policies/%s/%s.yaml", s->ref->policy, version));
	sec_grid(s, "systems", "Where it is enforced", "ref_policy_system",
	    all, system_cols, COUNT(system_cols), sec_printf(s,
	    "fill systems in %s", file(s)));
}

static int
strictness(const char *tier)
{
	static const char *const tiers[] = { "auto", "notify", "approve",
	    "block" };

	for (int i = 0; i < 4; i++)
		if (str_eq(tier, tiers[i]))
			return i;
	return 4;
}

/* Whether a changed rule asks for less or for more than before. */
static const char *
direction(const struct ref_table *t, size_t old, size_t now)
{
	int was = strictness(ref_text(t, old, "tier"));
	int is = strictness(ref_text(t, now, "tier"));
	int64_t top = INT64_MAX, bottom = INT64_MIN, d;

	if (old == SIZE_MAX)
		return is >= 2 ? "new: tighter" : "new: looser";
	if (now == SIZE_MAX)
		return was >= 2 ? "gone: looser" : "gone: tighter";
	if (is != was)
		return is < was ? "looser" : "tighter";
	d = ref_int(t, now, "max_minor", top) - ref_int(t, old, "max_minor",
	    top);
	if (d != 0)
		return (d > 0) == (is < 2) ? "looser" : "tighter";
	if (ref_int(t, now, "min_minor", bottom) != ref_int(t, old,
	    "min_minor", bottom))
		return (ref_int(t, now, "min_minor", bottom) > ref_int(t, old,
		    "min_minor", bottom)) == (is >= 2) ? "looser" : "tighter";
	if (ref_int(t, now, "count", 1) != ref_int(t, old, "count", 1))
		return ref_int(t, now, "count", 1) < ref_int(t, old, "count",
		    1) ? "looser" : "tighter";
	if (ref_int(t, now, "sla_us", 0) != ref_int(t, old, "sla_us", 0) ||
	    !str_eq(ref_text(t, now, "role"), ref_text(t, old, "role")) ||
	    !str_eq(ref_text(t, now, "action"), ref_text(t, old, "action")))
		return "changed, neither";
	return "same";
}

static const char *
words(struct sec *s, const struct ref_table *t, size_t row)
{
	if (row == SIZE_MAX)
		return "no such rule";
	return sec_printf(s, "%s %s%s", ref_text(t, row, "action"),
	    ref_text(t, row, "tier"), sec_amounts(s, t, row));
}

static void
change_row(struct rows *r, const struct ref_table *t, const char *version,
    size_t old, size_t now)
{
	struct sec *s = r->s;
	const struct ref_table *l = sec_ref_table(s, "ref_policy_relax");
	size_t any = now != SIZE_MAX ? now : old;
	const char *id = ref_text(t, any, "rule_id");
	const char *is[] = { "policy_id", s->ref->policy, "policy_version",
	    version, "rule_id", id, NULL };
	const char *way = direction(t, old, now);
	size_t relax = sec_find(l, 0, is);

	sec_row(r);
	sec_cell(r, sec_said(s, sec_item(s, "changes", r->n, "version"), t,
	    any, version));
	sec_cell(r, sec_ref(s, sec_item(s, "changes", r->n, "rule"), t, any,
	    "rule_id", NULL));
	sec_cell(r, sec_text(s, sec_item(s, "changes", r->n, "was"),
	    PROV_DERIVED, words(s, t, old), "rule_by_rule"));
	sec_cell(r, sec_text(s, sec_item(s, "changes", r->n, "now"),
	    PROV_DERIVED, words(s, t, now), "rule_by_rule"));
	sec_cell(r, sec_text(s, sec_item(s, "changes", r->n, "way"),
	    PROV_DERIVED, way, "rule_by_rule"));
	sec_cell(r, relax != SIZE_MAX ? sec_ref(s, sec_item(s, "changes",
	    r->n, "by"), l, relax, "approved_by", NULL) : strstr(way,
	    "looser") == NULL ? sec_not_owed(s, sec_item(s, "changes", r->n,
	    "by"), "it is not looser") : sec_said(s, sec_item(s, "changes",
	    r->n, "by"), t, any, "no relaxes row; the version's approvers"));
}

/* The version that took effect last before this one. */
static size_t
before(const struct ref_table *t, size_t row)
{
	int64_t from = ref_int(t, row, "from_us", INT64_MIN), best = INT64_MIN;
	const char *id = ref_text(t, row, "policy_id");
	size_t found = SIZE_MAX;

	for (size_t i = ref_next(t, 0, "policy_id", id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", id)) {
		int64_t at = ref_int(t, i, "from_us", INT64_MAX);

		if (at < from && at >= best) {
			best = at;
			found = i;
		}
	}
	return found;
}

static void
version_changes(struct rows *r, const char *was, const char *now)
{
	const struct ref_table *t = sec_ref_table(r->s, "ref_policy_rule");
	const char *old[] = { "policy_id", r->s->ref->policy,
	    "policy_version", was, "rule_id", NULL, NULL };
	const char *is[] = { "policy_id", r->s->ref->policy,
	    "policy_version", now, "rule_id", NULL, NULL };
	const char *all[] = { "policy_id", r->s->ref->policy,
	    "policy_version", now, NULL };

	for (size_t i = sec_find(t, 0, all); i != SIZE_MAX;
	    i = sec_find(t, i + 1, all)) {
		size_t k;

		old[5] = ref_text(t, i, "rule_id");
		k = sec_find(t, 0, old);
		if (strcmp(direction(t, k, i), "same") != 0)
			change_row(r, t, now, k, i);
	}
	all[3] = was;
	for (size_t i = sec_find(t, 0, all); i != SIZE_MAX;
	    i = sec_find(t, i + 1, all)) {
		is[5] = ref_text(t, i, "rule_id");
		if (sec_find(t, 0, is) == SIZE_MAX)
			change_row(r, t, now, i, SIZE_MAX);
	}
}

static void
changes(struct sec *s)
{
	static const char *const head[] = { "In version", "Rule", "Was", "Is",
	    "Looser or tighter", "Allowed by" };
	const struct ref_table *t = sec_ref_table(s, "ref_policy_version");
	struct rows r = sec_rows(s, "changes", "Changes, rule by rule; what "
	    "stayed the same is left out", head, COUNT(head));
	size_t n = 0;

	for (size_t i = ref_next(t, 0, "policy_id", s->ref->policy); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "policy_id", s->ref->policy)) {
		size_t old = before(t, i);

		n++;
		if (old != SIZE_MAX)
			version_changes(&r, ref_text(t, old,
			    "policy_version"), ref_text(t, i,
			    "policy_version"));
	}
	if (r.n > 0) {
		sec_rows_end(&r, PROV_DERIVED, "");
		return;
	}
	sec_field(s, sec_fields(s, "none", "Changes"), "Rules that changed",
	    sec_text(s, "none", PROV_DERIVED, n > 1 ?
	    "none between the versions that are here" : n == 1 ?
	    "none: there is one version" : "none: there is no version",
	    "rule_by_rule"));
}

/* Whether an earlier row has the same keys but for the month. */
static int
is_again(const struct ref_table *t, size_t row)
{
	static const char *const key[] = { "policy_id", "event_type",
	    "target_system", "policy_version", "policy_hash" };

	for (size_t i = 0; i < row; i++) {
		size_t k = 0;

		while (k < COUNT(key)) {
			const char *x = ref_text(t, i, key[k]);
			const char *y = ref_text(t, row, key[k]);

			if (x == NULL ? y != NULL : !str_eq(x, y))
				break;
			k++;
		}
		if (k == COUNT(key))
			return 1;
	}
	return 0;
}

/* Sum of a column over the months of a row's keys. */
static uint64_t
over_months(const struct ref_table *t, size_t row, const char *col)
{
	uint64_t sum = 0;

	for (size_t i = row; i < t->nrow; i++) {
		int same = 1;

		for (size_t c = 0; c < 5; c++) {
			const struct value *x = &t->cell[i * t->ncol + c];
			const struct value *y = &t->cell[row * t->ncol + c];

			same &= x->type == y->type && (x->type == VALUE_NULL ||
			    str_eq(x->p, y->p));
		}
		sum += same ? (uint64_t)ref_int(t, i, col, 0) : 0;
	}
	return sum;
}

static void
point_row(struct rows *r, const struct ref_table *t, size_t i)
{
	static const char *const key[][2] = {
		{ "version", "policy_version" }, { "hash", "policy_hash" },
		{ "type", "event_type" }, { "system", "target_system" }
	};
	static const char *const col[] = { "n", "unknown", "early",
	    "arriving", "drifted", "drift_days", "other_bytes" };
	struct sec *s = r->s;

	sec_row(r);
	for (size_t c = 0; c < COUNT(key); c++)
		sec_cell(r, sec_log(s, sec_item(s, "points", r->n, key[c][0]),
		    t, i, key[c][1]));
	for (size_t c = 0; c < COUNT(col); c++)
		sec_cell(r, sec_count(s, sec_item(s, "points", r->n, col[c]),
		    over_months(t, i, col[c]), sec_printf(s, "log_point.%s",
		    col[c])));
}

static void
in_log(struct sec *s)
{
	static const char *const head[] = { "Version", "Hash in the log",
	    "What", "System", "Rows", "Unknown version", "Early", "Arriving",
	    "Drifted", "Days with drift", "Other bytes" };
	static const char *const again[] = { "Version that decided", "Action",
	    "Tier it got", "Tier by today's rules", "Decisions" };
	static const char *const col[] = { "policy_version", "action", "tier",
	    "today", "decisions" };
	static const char *const field[] = { "version", "action", "tier",
	    "today", "n" };
	const struct ref_table *t = sec_log_table(s, "log_point");
	const struct ref_table *p = sec_log_table(s, "log_replay");
	struct rows r = sec_rows(s, "points", "Decisions and actions under "
	    "it", head, COUNT(head));

	sec_intro(s, "Early is before the version took effect. Arriving is "
	    "after it ended, while the next one may still be on its way "
	    "(propagation); drifted is later than that.");
	for (size_t i = ref_next(t, 0, "policy_id", s->ref->policy); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "policy_id", s->ref->policy))
		if (!is_again(t, i))
			point_row(&r, t, i);
	sec_rows_end(&r, PROV_MEASURED, "no decision or action names this "
	    "policy in this period");
	r = sec_rows(s, "replay", "Decisions of earlier versions, by the rules "
	    "in force at as-of", again, COUNT(again));
	for (size_t i = ref_next(p, 0, "policy_id", s->ref->policy); i !=
	    SIZE_MAX; i = ref_next(p, i + 1, "policy_id", s->ref->policy)) {
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, c == 3 && ref_text(p, i, "today") == NULL ?
			    sec_text(s, sec_item(s, "replay", r.n, field[c]),
			    PROV_MEASURED, "cannot be said from the row",
			    "log_replay.today") : sec_log(s, sec_item(s,
			    "replay", r.n, field[c]), p, i, col[c]));
	}
	sec_rows_quiet(&r, "no decision under an earlier version");
}

const struct section sec_ph[] = {
	{ "versions", "PH1", "Versions", AUDIENCE_AUDITOR, "C08 C16",
	    "title owner needed default interval versions[version hash from "
	    "to author approvals approved reason ticket] approvals[version "
	    "person role decision at] findings[version finding detail from "
	    "to] nfindings", versions, "the policy's owner" },
	{ "rules", "PH2", "Rules", AUDIENCE_AUDITOR, "",
	    "rules[kind rule_id action tier amount enforced_at requirement] "
	    "systems[system point arrives reports]", rules,
	    "the policy's owner" },
	{ "rule_changes", "PH3", "Changes of rules", AUDIENCE_AUDITOR, "C16",
	    "changes[version rule was now way by] none", changes,
	    "the policy's owner" },
	{ "in_the_log", "PH4", "In the log", AUDIENCE_AUDITOR, "C14 C15",
	    "points[version hash type system n unknown early arriving "
	    "drifted drift_days other_bytes] replay[version action tier today "
	    "n]", in_log, "the log" },
	{ .id = NULL }
};
