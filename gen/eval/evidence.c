#include <inttypes.h>
#include <string.h>

#include "eval/inside.h"

#define LATE (31 * DATE_DAY) /* from effect to the first pack that has it */

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

static struct judged
passes(void)
{
	return judge(OUT_PASS, NULL, NULL);
}

static struct judged
lacks(const char *reason, const char *detail)
{
	return judge(OUT_NO_EVIDENCE, reason, detail);
}

static const char *
day(struct eval *e, int64_t us)
{
	struct str s = str_new(e->arena);

	date_add_day(&s, us);
	return s.p;
}

/* A person who had left by then held no role. */
int
evidence_role(const struct eval *e, const char *person, const char *role,
    int64_t us)
{
	const struct ref_table *p = ref_table(e->in->ref, "ref_person");
	const struct ref_table *t = ref_table(e->in->ref, "ref_person_role");
	size_t row = ref_next(p, 0, "person_id", person);

	if (row != SIZE_MAX && (us < ref_int(p, row, "from_us", INT64_MIN) ||
	    us >= ref_int(p, row, "to_us", INT64_MAX)))
		return 0;
	for (size_t i = ref_next(t, 0, "person_id", person); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "person_id", person))
		if ((role == NULL || str_eq(ref_text(t, i, "role"), role)) &&
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
judge_bytes(struct eval *e, const struct ref_table *t, size_t row)
{
	const char *want = ref_text(t, row, "sha256");
	const char *have = ref_text(t, row, "found_sha256");
	const char *path = ref_text(t, row, "path");

	if (path == NULL && have == NULL)
		return lacks("absent", "it names no file");
	if (have == NULL)
		return lacks("absent", arena_printf(e->arena,
		    "the file %s is not there", path));
	if (want == NULL)
		return lacks("unreviewed",
		    "no sha256 says which bytes were reviewed");
	if (strcmp(want, have) != 0)
		return judge(OUT_FAIL, "another-hash", arena_printf(e->arena,
		    "the bytes are not those that were reviewed: sha256 is "
		    "%.12s, reviewed was %.12s", have, want));
	if (str_eq(ref_text(t, row, "decision"), "rejected"))
		return judge(OUT_FAIL, "rejected", arena_printf(e->arena,
		    "%s rejected it", ref_text(t, row, "person_id") ?
		    ref_text(t, row, "person_id") : "somebody"));
	return passes();
}

static struct judged
judge_kind(struct eval *e, const struct ref_table *t, size_t row,
    const struct item *item)
{
	const char *kind = ref_text(t, row, "kind");

	return kind == NULL || item->kind == NULL ||
	    strcmp(kind, item->kind) == 0 ? passes() : lacks("another-kind",
	    arena_printf(e->arena, "it is of kind %s, and the item asks for %s",
	    kind, item->kind));
}

static struct judged
judge_reviewer(struct eval *e, const struct ref_table *t, size_t row,
    const struct item *item)
{
	const char *by = ref_text(t, row, "person_id");
	const char *role = ref_text(t, row, "role");
	const char *author = ref_text(t, row, "author");
	int64_t at = ref_int(t, row, "at_us", INT64_MIN);

	if (by == NULL)
		return lacks("unreviewed", "nobody has reviewed these bytes");
	if (ref_text(t, row, "decision") == NULL)
		return lacks("unreviewed", arena_printf(e->arena,
		    "%s has not decided on it", by));
	if (at == INT64_MIN)
		return lacks("unreviewed", arena_printf(e->arena,
		    "when %s reviewed it is not recorded", by));
	if (at > e->in->as_of_us)
		return lacks("unreviewed", arena_printf(e->arena,
		    "its review of %s lies after this day", day(e, at)));
	if (author == NULL)
		return lacks("unreviewed", "its author is not recorded");
	if (strcmp(author, by) == 0)
		return lacks("unreviewed", arena_printf(e->arena,
		    "its author %s reviewed it alone", by));
	/* Where the author is a role, whoever held it may be the author. */
	if (evidence_role(e, by, author, at))
		return lacks("unreviewed", arena_printf(e->arena,
		    "its author is the role %s, which its reviewer %s held",
		    author, by));
	if (role == NULL || !evidence_role(e, by, role, at))
		return lacks("unreviewed", arena_printf(e->arena,
		    "%s did not hold the role %s on %s", by, role ? role :
		    "(none)", day(e, at)));
	if (item->top && !top_role(e, role))
		return lacks("unreviewed", arena_printf(e->arena,
		    "%s is not the role that all others report to", role));
	return passes();
}

/* Whether the previous pack, made over 31 days after it took effect, did not
 * have these bytes: then nobody can tell that they are not newer. */
static int
packed_late(const struct eval *e, const struct ref_table *t, size_t row,
    int64_t from)
{
	const char *sha = ref_text(t, row, "sha256");

	return e->in->packed != NULL && sha != NULL &&
	    e->in->packed_us - LATE > from &&
	    map_getz(e->in->packed, sha) == NULL;
}

static struct judged
judge_late(struct eval *e, const struct ref_table *t, size_t row, int64_t from)
{
	int64_t at = ref_int(t, row, "at_us", 0);

	if (at > from)
		return lacks("late", arena_printf(e->arena, "it was reviewed on "
		    "%s, and took effect before, on %s", day(e, at),
		    day(e, from)));
	if (packed_late(e, t, row, from))
		return lacks("late", arena_printf(e->arena, "it took effect on "
		    "%s, and the pack of %s did not have these bytes",
		    day(e, from), day(e, e->in->packed_us)));
	return passes();
}

static struct judged
judge_time(struct eval *e, const struct ref_table *t, size_t row,
    const struct asked *a)
{
	int64_t from = ref_int(t, row, "from_us", INT64_MIN);
	int64_t to = ref_int(t, row, "to_us", INT64_MAX);
	int64_t expires = ref_int(t, row, "expires_us", INT64_MAX);
	int64_t born = ref_int(t, row, "collected_us",
	    ref_int(t, row, "at_us", 0));
	/* Of design its end, of operation the whole span. */
	int64_t first = a->item->design ? a->to_us : a->from_us;
	struct date_span age;

	if (from == INT64_MIN)
		return lacks("stale",
		    "from when it is effective is not recorded");
	if (from > first)
		return lacks("stale", arena_printf(e->arena, "it is effective "
		    "from %s, and is needed from %s", day(e, from),
		    day(e, first)));
	if (to < a->to_us)
		return lacks("stale", arena_printf(e->arena, "it was effective "
		    "until %s, and is needed until %s", day(e, to),
		    day(e, a->to_us)));
	if (expires < a->to_us)
		return lacks("stale", arena_printf(e->arena,
		    "it expired on %s", day(e, expires)));
	if (a->item->max_age != NULL &&
	    date_parse_span(a->item->max_age, &age) == 0 &&
	    date_add(born, age, 1) < e->in->to_us)
		return lacks("stale", arena_printf(e->arena, "it is of %s, "
		    "older than %s at the end of the period", day(e, born),
		    a->item->max_age));
	return a->item->design ? passes() : judge_late(e, t, row, from);
}

static struct judged
judge_junit(const struct ref_table *t, size_t row)
{
	int64_t tests = ref_int(t, row, "tests", 0);

	if (ref_int(t, row, "disagrees", 0) != 0)
		return lacks("did-not-run",
		    "a suite's counts differ from its cases");
	if (ref_int(t, row, "failed", 0) > 0)
		return judge(OUT_FAIL, "failed", "a test case failed");
	if (tests == 0)
		return lacks("no-population", "the report has no test case");
	if (tests <= ref_int(t, row, "skipped", 0))
		return lacks("no-population", "every test case was skipped");
	if (ref_text(t, row, "for_what") == NULL)
		return lacks("no-population",
		    "for: the report does not say what was tested");
	return passes();
}

/* A drill that the log has; agents and policies have scopes of their own. */
static struct judged
judge_drill(struct eval *e, const struct ref_table *t, size_t row)
{
	const char *f = ref_text(t, row, "for_what");
	const struct eval_named *d = NULL;
	int64_t at = ref_int(t, row, "at_us", INT64_MAX);
	uint8_t hash[HASH_LEN];

	if (f == NULL || *f == '\0' || strchr(f, '@') != NULL ||
	    hash_unhex(hash, f) == 0)
		return passes();
	for (size_t i = 0; i < e->in->nnamed && d == NULL; i++)
		if (str_eq(e->in->named[i].event_id, f))
			d = &e->in->named[i];
	if (d == NULL || !str_eq(d->event_type, "drill"))
		return lacks("not-run", arena_printf(e->arena, "for: %s is no "
		    "agent@version, no hash of a policy version, and no drill "
		    "of the log", f));
	if (str_eq(d->outcome, "failed"))
		return judge(OUT_FAIL, "contradicted", arena_printf(e->arena,
		    "the log says that the drill %s failed", f));
	if (d->occurred_us > at)
		return judge(OUT_FAIL, "contradicted", arena_printf(e->arena,
		    "it was reviewed on %s, and the log has the drill %s on %s",
		    day(e, at), f, day(e, d->occurred_us)));
	return passes();
}

static struct judged
judge_entry(struct eval *e, size_t row, const struct asked *a)
{
	const struct ref_table *t = documents(e);
	struct judged j = judge_bytes(e, t, row);

	if (j.outcome == OUT_PASS)
		j = judge_kind(e, t, row, a->item);
	if (j.outcome == OUT_PASS && strcmp(a->item->kind, "junit") == 0)
		j = judge_junit(t, row);
	if (j.outcome == OUT_PASS)
		j = judge_drill(e, t, row);
	if (j.outcome == OUT_PASS)
		j = judge_reviewer(e, t, row, a->item);
	if (j.outcome == OUT_PASS)
		j = judge_time(e, t, row, a);
	j.row = row;
	return j;
}

/* What speaks against it, whatever else there is; other bytes do not. */
static int
refuses(const struct judged *j)
{
	return j->outcome == OUT_FAIL && !str_eq(j->reason, "another-hash");
}

/* Keeps why an entry does not count; one that counts anywhere does. */
static void
keep_entry(struct eval *e, const struct judged *j)
{
	struct entry *n;

	if (e->entry == NULL)
		e->entry = arena_array(e->arena, documents(e)->nrow,
		    sizeof(*e->entry));
	n = &e->entry[j->row];
	n->counts |= j->outcome == OUT_PASS;
	if (n->reason == NULL) {
		n->reason = j->reason;
		n->detail = j->detail;
	}
}

/* Of several entries the newest that passes, unless a newer one refuses; if
 * none passes the newest. */
static struct judged
judge_item(struct eval *e, const struct asked *a)
{
	const struct ref_table *t = documents(e);
	struct judged pass = lacks(NULL, NULL), newest, kept;
	int64_t passed = INT64_MIN, seen = INT64_MIN, refused = INT64_MIN;

	newest = kept = lacks("absent", "no entry in the evidence index");
	for (size_t i = ref_next(t, 0, "item", a->item->id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "item", a->item->id)) {
		int64_t at = ref_int(t, i, "at_us", INT64_MIN);
		struct judged j;

		if (a->for_what != NULL &&
		    !str_eq(ref_text(t, i, "for_what"), a->for_what))
			continue;
		j = judge_entry(e, i, a);
		keep_entry(e, &j);
		if (j.outcome == OUT_PASS && at >= passed) {
			pass = j;
			passed = at;
		}
		if (refuses(&j) && at >= refused) {
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
		j = a->for_what == NULL ? lacks("absent",
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

/* Rows that a test judged, in all its scopes and months. */
static uint64_t
judged_rows(const struct eval *e, const struct control *c, const char *by)
{
	size_t len = strlen(c->id);
	uint64_t n = 0;

	for (size_t i = 0; i < e->njob; i++) {
		const struct job *j = &e->job[i];

		if (j->control != c || strcmp(j->test->id + len + 1, by) != 0)
			continue;
		for (size_t k = 0; k < j->ntally; k++)
			if (j->tally[k] != NULL)
				n += j->tally[k]->n - j->tally[k]->b;
	}
	return n;
}

/* What is excluded goes on all the same, by a test that is mapped to it.
 * Activity alone is no proof of need: it is for people to review. */
static void
excluded_yet_active(struct eval *e, struct result *r,
    const struct requirement *q)
{
	const struct catalogue *cat = e->in->catalogue;

	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].nmap; k++) {
			const struct control *c = &cat->control[i];
			const struct mapping *m = &c->map[k];

			for (size_t b = 0; m->to == q && b < m->nby; b++) {
				uint64_t n = judged_rows(e, c, m->by[b]);

				if (n == 0)
					continue;
				r->detail = arena_printf(e->arena, "%s%sto "
				    "review: %s is excluded, and %s.%s has %"
				    PRIu64 " rows", r->detail ? r->detail : "",
				    r->detail ? "; " : "", q->id, c->id,
				    m->by[b], n);
				if (r->outcome == OUT_PASS)
					r->reason = "to-review";
				return;
			}
		}
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
		struct judged j = passes();
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
	for (size_t i = 0; i < cat->nreq && r->n > 0; i++)
		if (strcmp(cat->req[i].framework, "iso-42001-2023") == 0 &&
		    ref_int(t, ref_next(t, 0, "requirement", cat->req[i].id),
		    "included", -1) == 0)
			excluded_yet_active(e, r, &cat->req[i]);
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

/* What the entries that count for nothing lack. */
static const char *
idle_reason(const struct eval *e, const struct ref_table *t, size_t row,
    const char **detail)
{
	const char *f = ref_text(t, row, "for_what");

	if (catalogue_item(e->in->catalogue, ref_text(t, row, "item"), NULL) ==
	    NULL) {
		*detail = "no control asks for this item";
		return "unknown-item";
	}
	*detail = f == NULL ? "it does not say what it is for, as other "
	    "entries of the item do" : arena_printf(e->arena,
	    strchr(f, '@') != NULL ?
	    "for: %s was not in production in the period" :
	    "for: %.12s was not in force in the period", f);
	return "not-run";
}

void
evidence_idle(struct eval *e)
{
	const struct ref_table *t = documents(e);
	size_t cap = 0;

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const struct entry *n = e->entry ? &e->entry[i] : NULL;
		struct idle *d;

		if (ref_text(t, i, "item") == NULL || (n && n->counts))
			continue;
		d = VEC_PUSH(e->arena, e->f->idle, e->f->nidle, cap);
		d->item = ref_text(t, i, "item");
		d->at = ref_mark(t, i, "item");
		d->reason = n ? n->reason : NULL;
		d->detail = n ? n->detail : NULL;
		if (d->reason == NULL)
			d->reason = idle_reason(e, t, i, &d->detail);
	}
}
