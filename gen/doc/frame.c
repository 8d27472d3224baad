#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/jsonw.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "doc/frame.h"
#include "model/figure.h"
#include "model/log.h"

#define ROWS_LINKED 5 /* exceptions that a row of the table links to */
#define CLAIMS_LISTED 40 /* confirmed ones; more are joined by test */

static void
begin(struct frame *f, const struct section *section)
{
	f->sec.section = section;
	f->sec.at = docnode_section(f->sec.a, f->root, section->id,
	    section->title);
}

/* Whether one of the words of a list is w. */
static int
has_word(const char *words, const char *w)
{
	size_t n = strlen(w);

	for (const char *p = words; p != NULL && *p != '\0';) {
		size_t len = strcspn(p, " ");

		if (len == n && memcmp(p, w, n) == 0)
			return 1;
		p += len + (p[len] == ' ');
	}
	return 0;
}

static int
is_shown(const struct frame *f, const struct test *t)
{
	for (size_t i = 0; i < 4 && t->claim[i] != NULL; i++)
		for (const struct section *s = f->sections; s->id; s++)
			if (has_word(s->claims, t->claim[i]) ||
			    has_word(s->claims, "all"))
				return 1;
	return 0;
}

static int
is_agent(const struct frame *f, const char *scope)
{
	for (size_t i = 0; i < f->nagent; i++)
		if (str_eq(f->agent[i], scope))
			return 1;
	return 0;
}

/* A policy that one of the agents is bound by. */
static int
is_policy(const struct frame *f, const char *scope)
{
	const struct ref_table *t = sec_ref_table(&f->sec, "ref_agent");
	const struct ref_table *v = sec_ref_table(&f->sec,
	    "ref_agent_version");

	for (size_t i = 0; i < f->nagent; i++) {
		const char *is[] = { "agent_id", f->agent[i],
		    "matrix_policy_id", scope, NULL };

		if (sec_find(t, 0, is) != SIZE_MAX)
			return 1;
		is[2] = "policy_id";
		if (sec_find(v, 0, is) != SIZE_MAX)
			return 1;
	}
	return 0;
}

static int
is_about(const struct frame *f, enum test_scope kind, const char *scope)
{
	if (kind == SCOPE_POLICY && f->sec.ref->policy != NULL)
		return str_eq(scope, f->sec.ref->policy);
	if (f->all_agents || kind == SCOPE_ORGANISATION ||
	    kind == SCOPE_STREAM || str_eq(scope, f->sec.b->organisation))
		return 1;
	if (kind == SCOPE_POLICY)
		return is_policy(f, scope);
	return is_agent(f, scope);
}

/* Contradicted, not testable, confirmed, not owed. */
static int
rank(const struct result *r)
{
	switch (r->outcome) {
	case OUT_FAIL:
		return 0;
	case OUT_NO_EVIDENCE:
		return 1;
	case OUT_PASS:
		return 2;
	case OUT_NOT_APPLICABLE:
		return 3;
	}
	return 3;
}

static int
by_rank(const void *x, const void *y)
{
	const struct result *a = *(const struct result *const *)x;
	const struct result *b = *(const struct result *const *)y;
	int c = rank(a) - rank(b);

	if (c == 0)
		c = (int)b->control->severity - (int)a->control->severity;
	if (c == 0)
		c = strcmp(a->test->id, b->test->id);
	return c != 0 ? c : strcmp(a->scope, b->scope);
}

static void
collect_claims(struct frame *f)
{
	const struct findings *all = f->sec.b->findings;
	size_t cap = 0;

	for (size_t i = 0; all != NULL && i < all->nresult; i++) {
		const struct result *r = &all->result[i];

		if (r->test != NULL && !r->test->advice &&
		    r->test->claim[0] != NULL && is_shown(f, r->test) &&
		    is_about(f, r->test->scope, r->scope))
			*VEC_PUSH(f->sec.a, f->claim, f->nclaim, cap) = r;
	}
	if (f->nclaim > 0)
		qsort(f->claim, f->nclaim, sizeof(*f->claim), by_rank);
}

static int
touches(const struct frame *f, const struct gap *g)
{
	const struct verdict *v = g->verdict;

	if (f->all_agents || is_agent(f, v->scope))
		return 1;
	for (size_t i = 0; i < v->nresult; i++)
		for (size_t k = 0; k < f->nclaim; k++)
			if (v->result[i] == f->claim[k])
				return 1;
	return 0;
}

static void
collect_gaps(struct frame *f)
{
	const struct findings *all = f->sec.b->findings;
	size_t cap = 0;

	for (size_t i = 0; all != NULL && i < all->ngap; i++)
		if (touches(f, &all->gap[i]))
			*VEC_PUSH(f->sec.a, f->gap, f->ngap, cap) =
			    &all->gap[i];
}

/* A versions-in-force fact is part of what a person judged. */
static int
is_basis(const struct fact *f)
{
	return f->prov == PROV_DECLARED || f->prov == PROV_NARRATIVE ||
	    (f->formula != NULL && strcmp(f->formula, "in_force") == 0);
}

static const char *
hash_facts(struct frame *f, int basis)
{
	struct str s = str_new(f->sec.a);
	struct hash *h = hash_new(f->sec.a);
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_array(&w);
	for (size_t i = 0; i < f->body->n; i++) {
		const struct fact *fact = f->body->fact[i];

		if (basis && !is_basis(fact))
			continue;
		jsonw_object(&w);
		jsonw_ktext(&w, "id", fact->id);
		jsonw_ktext(&w, "mark", prov_mark(fact->prov));
		jsonw_kint(&w, "state", (int64_t)fact->state);
		jsonw_ktext(&w, "text", fact->text);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	hash_bytes(h, sum, s.p, s.len);
	hash_free(h);
	hash_hex(hex, sum);
	return arena_strdup(f->sec.a, hex);
}

/* The entries of evidence/index.yaml about this document. */
static size_t
next_approval(const struct frame *f, size_t from)
{
	const struct ref_table *t = sec_ref_table(&f->sec, "ref_document");
	const struct doc_ref *r = f->sec.ref;

	/* one that names a file is about those bytes, not this document */
	for (size_t i = from; t != NULL && i < t->nrow; i++)
		if (str_eq(ref_text(t, i, "kind"), r->kind->id) &&
		    (ref_text(t, i, "path") == NULL ||
		    ref_text(t, i, "basis_hash") != NULL) &&
		    (str_eq(ref_text(t, i, "subject"), r->name) ||
		    str_eq(ref_text(t, i, "subject"), r->subject) ||
		    (str_eq(ref_text(t, i, "subject"), r->agent) &&
		    str_eq(ref_text(t, i, "version"), r->version))))
			return i;
	return SIZE_MAX;
}

static int
is_this_basis(const struct frame *f, const struct ref_table *t, size_t i)
{
	const char *h = ref_text(t, i, "basis_hash");

	return str_eq(h != NULL ? h : ref_text(t, i, "sha256"), f->basis_hash);
}

static size_t
contradicted(const struct frame *f)
{
	size_t n = 0;

	while (n < f->nclaim && f->claim[n]->outcome == OUT_FAIL)
		n++;
	return n;
}

/* Signed, if enough persons approved this basis; stale, if they once did. */
static void
collect_status(struct frame *f)
{
	const struct ref_table *t = sec_ref_table(&f->sec, "ref_document");
	const char *first_role = NULL;
	size_t good = 0, old = 0, want = f->sec.ref->kind->two_persons ? 2 : 1;
	int64_t ends = INT64_MAX;

	for (size_t i = next_approval(f, 0); i != SIZE_MAX;
	    i = next_approval(f, i + 1)) {
		int64_t to = ref_int(t, i, "expires_us", INT64_MAX);
		const char *role = ref_text(t, i, "role");

		if (!str_eq(ref_text(t, i, "decision"), "approved"))
			continue;
		if (!is_this_basis(f, t, i))
			old++;
		else if (good == 0 || !str_eq(role, first_role)) {
			first_role = good == 0 ? role : first_role;
			good++;
			ends = to < ends ? to : ends;
		}
	}
	f->status = "draft";
	f->status_why = good > 0 ? "a second person has not approved it" :
	    "nobody has approved it";
	if (good >= want && ends > f->sec.b->as_of_us) {
		f->status = contradicted(f) > 0 ? "stale" : "signed";
		f->status_why = contradicted(f) > 0 ?
		    "a claim is contradicted" : "approved on this basis";
	} else if (good >= want) {
		f->status = "stale";
		f->status_why = "the approval has expired";
	} else if (good == 0 && old > 0) {
		f->status = "stale";
		f->status_why = "the basis changed since it was approved";
	}
}

void
frame_collect(struct frame *f)
{
	collect_claims(f);
	collect_gaps(f);
	f->content_hash = hash_facts(f, 0);
	f->basis_hash = hash_facts(f, 1);
	collect_status(f);
}

static const char *
hex_of(struct arena *a, const uint8_t sum[HASH_LEN])
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, sum);
	return arena_strdup(a, hex);
}

static struct fact *
typed(struct fact *f, const char *type)
{
	f->type = type;
	return f;
}

static const char *
period_text(struct arena *a, int64_t from, int64_t to)
{
	struct str s = str_new(a);

	str_addc(&s, '[');
	date_add_time(&s, from);
	str_addz(&s, ", ");
	date_add_time(&s, to);
	str_addc(&s, ')');
	return s.p;
}

static const char *
chain_text(struct sec *s, const struct stream *st)
{
	if (st->intact)
		return "intact";
	return sec_printf(s, "broken at seq %llu: %s",
	    (unsigned long long)st->bad_seq, st->bad != NULL ? st->bad : "");
}

static const char *
grades_text(struct sec *s, const struct stream *st)
{
	struct str str = str_new(s->a);

	for (int g = 4; g >= 0; g--) {
		if (st->grade[g] == 0)
			continue;
		if (str.len > 0)
			str_addz(&str, ", ");
		str_addf(&str, "%s ", grade_name((enum grade)g));
		figure_count(&str, st->grade[g]);
	}
	return str.len > 0 ? str.p : "no event";
}

static void
stream_fields(struct sec *s, struct docnode *t, size_t i)
{
	const struct stream *st = &s->b->stream[i];
	const char *range, *root;

	range = sec_printf(s, "[%llu, %llu), read from %llu",
	    (unsigned long long)st->previous_size,
	    (unsigned long long)st->size,
	    (unsigned long long)st->read_from);
	root = hex_of(s->a, st->root);
	sec_field(s, t, "Log", typed(sec_text(s, sec_item(s, "log", i + 1,
	    "origin"), PROV_MEASURED, st->origin, "chain"), "id"));
	sec_field(s, t, "Rows", sec_text(s, sec_item(s, "log", i + 1,
	    "range"), PROV_MEASURED, range, "chain"));
	sec_field(s, t, "Chain", sec_text(s, sec_item(s, "log", i + 1,
	    "chain"), PROV_MEASURED, chain_text(s, st), "chain"));
	sec_field(s, t, "Checkpoint", st->log_signed ?
	    typed(sec_text(s, sec_item(s, "log", i + 1, "root"),
	    PROV_MEASURED, root, "checkpoint"), "hash") :
	    sec_text(s, sec_item(s, "log", i + 1, "root"), PROV_MEASURED,
	    sec_printf(s, "log not signed; root %s", root), "checkpoint"));
	sec_field(s, t, "Waiting for the next pack", sec_count(s,
	    sec_item(s, "log", i + 1, "waiting"), st->waiting, "chain"));
	sec_field(s, t, "Events by source grade", sec_text(s, sec_item(s,
	    "log", i + 1, "grades"), PROV_MEASURED, grades_text(s, st),
	    "chain"));
}

static const char *
audience_word(enum audience a)
{
	return a == AUDIENCE_PUBLIC ? "public" : a == AUDIENCE_AUDITOR ?
	    "auditor" : "internal";
}

static const struct section title_section = {
	.id = "title", .title = "What this document is"
};

void
frame_title(struct frame *f)
{
	struct sec *s = &f->sec;
	const struct build *b = s->b;
	struct docnode *t;

	begin(f, &title_section);
	for (size_t i = 0; i < b->nstream; i++)
		if (!b->stream[i].intact)
			docnode_verdict(s->a, s->at, TONE_BROKEN,
			    "LOG NOT INTACT", sec_printf(s, "stream %s at seq "
			    "%llu. Only exceptions still count.",
			    b->stream[i].name,
			    (unsigned long long)b->stream[i].bad_seq));
	t = sec_fields(s, "block", "Title block");
	sec_field(s, t, "Kind", sec_text(s, "kind", PROV_DERIVED,
	    s->ref->kind->title, "build"));
	sec_field(s, t, "Subject", typed(sec_text(s, "subject", PROV_DERIVED,
	    s->ref->subject, "build"), "id"));
	sec_field(s, t, "Organisation", sec_text(s, "organisation",
	    PROV_DERIVED, b->organisation_name != NULL ? b->organisation_name :
	    b->organisation, "build"));
	sec_field(s, t, "Audience", sec_text(s, "audience", PROV_DERIVED,
	    audience_word(b->audience), "build"));
	sec_field(s, t, "Language", sec_text(s, "language", PROV_DERIVED,
	    s->ref->lang, "build"));
	sec_field(s, t, "Period", sec_text(s, "period", PROV_DERIVED,
	    period_text(s->a, b->from_us, b->to_us), "build"));
	sec_field(s, t, "As of", sec_time(s, "as_of", PROV_DERIVED,
	    b->as_of_us, "build"));
	if (b->interim)
		sec_field(s, t, "Interim", sec_text(s, "interim", PROV_DERIVED,
		    "yes: the period has not ended", "build"));
	sec_field(s, t, "Generator", sec_text(s, "generator", PROV_DERIVED,
	    sec_printf(s, "Exhibit %s", b->generator), "build"));
	if (b->ref != NULL)
		sec_field(s, t, "Registry and policies, SHA-256",
		    typed(sec_text(s, "registry", PROV_DERIVED,
		    hex_of(s->a, b->ref->sha256), "registry_dump"), "hash"));
	for (size_t i = 0; i < b->nstream; i++)
		stream_fields(s, t, i);
	sec_field(s, t, "Content hash", typed(sec_text(s, "content_hash",
	    PROV_DERIVED, f->content_hash, "content_hash"), "hash"));
	sec_field(s, t, "Basis hash", typed(sec_text(s, "basis_hash",
	    PROV_DERIVED, f->basis_hash, "basis_hash"), "hash"));
}

static size_t
count_claims(const struct frame *f, enum outcome o)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nclaim; i++)
		n += f->claim[i]->outcome == o;
	return n;
}

static size_t
count_state(const struct frame *f, enum fact_state st)
{
	size_t n = 0;

	for (size_t i = 0; i < f->body->n; i++)
		n += f->body->fact[i]->state == st;
	return n;
}

static const struct section status_section = {
	.id = "status", .title = "Status"
};

void
frame_status(struct frame *f)
{
	struct sec *s = &f->sec;
	int is_signed = strcmp(f->status, "signed") == 0;
	struct docnode *t;

	begin(f, &status_section);
	docnode_verdict(s->a, s->at, is_signed ? TONE_GOOD :
	    strcmp(f->status, "stale") == 0 ? TONE_BAD : TONE_PART, f->status,
	    sec_printf(s, "%s.", f->status_why));
	t = sec_fields(s, "counts", "What is in it, counted");
	sec_field(s, t, "Claims confirmed by the log", sec_count(s,
	    "confirmed", count_claims(f, OUT_PASS), "claims"));
	sec_field(s, t, "Claims contradicted by the log", sec_count(s,
	    "contradicted", count_claims(f, OUT_FAIL), "claims"));
	sec_field(s, t, "Claims that cannot be tested", sec_count(s,
	    "not_testable", count_claims(f, OUT_NO_EVIDENCE), "claims"));
	sec_field(s, t, "Open gaps", sec_count(s, "gaps", f->ngap, "gaps"));
	sec_field(s, t, "Facts NOT RECORDED", sec_count(s, "not_recorded",
	    count_state(f, FACT_NOT_RECORDED), "facts"));
	sec_field(s, t, "Facts WITHHELD", sec_count(s, "withheld",
	    count_state(f, FACT_WITHHELD), "facts"));
}

static const char *
says(struct arena *a, const char *text, const struct result *r)
{
	struct str s = str_new(a);

	finding_says(&s, text, r);
	return s.p;
}

static const char *
or_title(const char *text, const struct test *t)
{
	return text != NULL ? text : t->title;
}

/* Of a claim that holds: how much stands behind it. */
static const char *
rows_say(struct sec *s, const struct result *r)
{
	struct str str = str_new(s->a);

	str_addz(&str, r->n == 1 ? "The 1 row was counted" : "All ");
	if (r->n != 1) {
		figure_count(&str, r->n);
		str_addz(&str, " rows were counted");
	}
	if (r->x == 0)
		str_addz(&str, ", no exception.");
	else {
		str_addz(&str, "; ");
		figure_count(&str, r->x);
		str_addz(&str, " of them break it, inside the test's limit.");
	}
	return str.p;
}

static const char *
log_says(struct sec *s, const struct result *r)
{
	const struct test *t = r->test;
	const char *word = r->reason != NULL ? r->reason : "no reason given";

	switch (r->outcome) {
	case OUT_FAIL:
		return says(s->a, or_title(t->says_fail, t), r);
	case OUT_PASS:
		return rows_say(s, r);
	case OUT_NO_EVIDENCE:
		return sec_printf(s, "%s (%s)%s%s", says(s->a,
		    t->says_empty != NULL ? t->says_empty :
		    "This cannot be tested.", r), word,
		    r->detail != NULL ? " " : "", r->detail != NULL ?
		    r->detail : "");
	case OUT_NOT_APPLICABLE:
		return sec_printf(s, "NOT OWED: %s", r->detail != NULL ?
		    r->detail : word);
	}
	return "";
}

static const char *
outcome_word(enum outcome o)
{
	static const char *const word[] = {
		[OUT_NOT_APPLICABLE] = "NOT OWED",
		[OUT_FAIL] = "contradicted",
		[OUT_NO_EVIDENCE] = "not testable",
		[OUT_PASS] = "confirmed"
	};

	return word[o];
}

/* The first rows that break it, each a link to its record or its line. */
static void
cited_rows(struct sec *s, struct docnode *cell, const struct cite *c,
    size_t n, uint64_t all)
{
	for (size_t i = 0; i < n && i < ROWS_LINKED; i++) {
		struct docnode *l;
		const char *id;

		if (i > 0)
			docnode_text(s->a, cell, ", ");
		if (c[i].at.file != NULL) {
			l = docnode_link(s->a, cell, "source", c[i].at.file,
			    sec_printf(s, "%s:%u", c[i].at.file,
			    (unsigned)c[i].at.line));
			l->to.anchor = sec_printf(s, "L%u",
			    (unsigned)c[i].at.line);
		} else if (c[i].stream < s->b->nstream) {
			id = sec_printf(s, "%s/%llu",
			    s->b->stream[c[i].stream].dir,
			    (unsigned long long)c[i].seq);
			docnode_link(s->a, cell, "record", id, id);
		}
	}
	if (all > ROWS_LINKED)
		docnode_text(s->a, cell, ", %llu more",
		    (unsigned long long)(all - ROWS_LINKED));
}

static const char *
count_text(struct arena *a, uint64_t n)
{
	struct str s = str_new(a);

	figure_count(&s, n);
	return s.p;
}

static const struct section claims_section = {
	.id = "claims", .title = "What this says, and what the log says"
};

static const char *
time_text(struct arena *a, int64_t us, const char *none)
{
	struct str s = str_new(a);

	if (us == 0)
		return none;
	date_add_time(&s, us);
	return s.p;
}

/* The waiver of the gap that a result belongs to; it changes no outcome. */
static const struct gap *
waived(const struct frame *f, const struct result *r)
{
	for (size_t i = 0; i < f->ngap; i++)
		for (size_t k = 0; f->gap[i]->waiver != NULL &&
		    k < f->gap[i]->verdict->nresult; k++)
			if (f->gap[i]->verdict->result[k] == r)
				return f->gap[i];
	return NULL;
}

static void
claim_row(struct frame *f, struct docnode *table, size_t i)
{
	struct sec *s = &f->sec;
	const struct result *r = f->claim[i];
	struct docnode *row = docnode_row(s->a, table), *cell;
	const struct gap *gap;
	struct fact *fact = sec_text(s, sec_item(s, "claim", i + 1, "log"),
	    PROV_MEASURED, log_says(s, r), NULL);

	fact->result = r;
	docnode_data(s->a, docnode_cell(s->a, row), r->n == 0 ?
	    r->test->title : says(s->a, or_title(r->test->says_pass, r->test),
	    r));
	docnode_fact(s->a, docnode_cell(s->a, row), fact);
	cell = docnode_cell(s->a, row);
	docnode_badge(s->a, cell, tone_outcome(r->outcome),
	    outcome_word(r->outcome));
	if ((gap = waived(f, r)) != NULL && r->outcome != OUT_PASS) {
		docnode_text(s->a, cell, " ");
		docnode_badge(s->a, cell, TONE_ACCEPTED, "waived");
		docnode_text(s->a, cell, " until %s", time_text(s->a,
		    gap->waived_until_us, "no end"));
	}
	cell = docnode_cell(s->a, row);
	docnode_text(s->a, cell, "n %s, x %s, blind %s",
	    count_text(s->a, r->n), count_text(s->a, r->x),
	    count_text(s->a, r->b));
	if (r->nexception > 0 && s->b->audience != AUDIENCE_PUBLIC) {
		docnode_text(s->a, cell, ": ");
		cited_rows(s, cell, r->exception, r->nexception, r->x);
	}
}

/* The claims from i on that one test confirms, in as many scopes. */
static size_t
same_test(const struct frame *f, size_t i)
{
	size_t n = 1;

	while (f->claim[i]->outcome == OUT_PASS && i + n < f->nclaim &&
	    f->claim[i + n]->outcome == OUT_PASS &&
	    f->claim[i + n]->test == f->claim[i]->test)
		n++;
	return n;
}

/* Many scopes of a confirmed claim are one row: the pages of its test list
 * them, and nothing that went wrong stands among them. */
static void
claim_rows_joined(struct frame *f, struct docnode *table, size_t i, size_t n)
{
	struct sec *s = &f->sec;
	const struct result *r = f->claim[i];
	struct docnode *row = docnode_row(s->a, table), *cell;
	uint64_t all = 0, x = 0, b = 0;
	struct fact *fact;

	for (size_t k = i; k < i + n; k++) {
		all += f->claim[k]->n;
		x += f->claim[k]->x;
		b += f->claim[k]->b;
	}
	fact = sec_text(s, sec_item(s, "claim", i + 1, "log"), PROV_MEASURED,
	    sec_printf(s, "Confirmed in each of %zu scopes: %s rows were "
	    "counted, %s.", n, count_text(s->a, all), x == 0 ? "no exception" :
	    sec_printf(s, "%s inside the test's limit",
	    count_text(s->a, x))), NULL);
	fact->result = r;
	docnode_data(s->a, docnode_cell(s->a, row), r->test->title);
	docnode_fact(s->a, docnode_cell(s->a, row), fact);
	cell = docnode_cell(s->a, row);
	docnode_badge(s->a, cell, tone_outcome(r->outcome),
	    outcome_word(r->outcome));
	docnode_text(s->a, docnode_cell(s->a, row), "n %s, x %s, blind %s",
	    count_text(s->a, all), count_text(s->a, x),
	    count_text(s->a, b));
}

/* Where the confirmed claims begin, if they are too many to be read one by
 * one; else past the last. */
static size_t
joined_from(const struct frame *f)
{
	size_t first = f->nclaim, n = 0;

	for (size_t i = f->nclaim; i-- > 0;)
		if (f->claim[i]->outcome == OUT_PASS) {
			first = i;
			n++;
		}
	return n > CLAIMS_LISTED ? first : f->nclaim;
}

void
frame_claims(struct frame *f)
{
	static const char *const head[] = {
		"What this says", "What the log says", "Outcome", "Rows"
	};
	struct sec *s = &f->sec;
	struct docnode *t;

	begin(f, &claims_section);
	if (f->nclaim == 0) {
		sec_intro(s, "No claim here can be tested.");
		return;
	}
	sec_intro(s, "Contradicted first, then what cannot be tested, then "
	    "what the log confirms; in each by severity.");
	t = docnode_table(s->a, s->at, "claims", "Claims against the log",
	    head, 4);
	for (size_t i = 0, n = 1, joined = joined_from(f); i < f->nclaim;
	    i += n) {
		n = i < joined ? 1 : same_test(f, i);
		if (n == 1)
			claim_row(f, t, i);
		else
			claim_rows_joined(f, t, i, n);
	}
}

static const struct section gaps_section = { .id = "gaps", .title = "Gaps" };

static void
mark_link(struct sec *s, struct docnode *cell, struct mark at, int missing)
{
	const char *text;

	if (at.file == NULL) {
		docnode_data(s->a, cell, NULL);
		return;
	}
	text = missing ? sec_printf(s, "%s (missing)", at.file) :
	    sec_printf(s, "%s:%u:%u", at.file, (unsigned)at.line,
	    (unsigned)at.col);
	if (missing)
		docnode_data(s->a, cell, text);
	else
		docnode_link(s->a, cell, "source", at.file, text)->to.anchor =
		    sec_printf(s, "L%u", (unsigned)at.line);
}

static void
gap_row(struct frame *f, struct docnode *table, const struct gap *g)
{
	struct sec *s = &f->sec;
	struct docnode *row = docnode_row(s->a, table), *cell;
	const struct verdict *v = g->verdict;

	docnode_link(s->a, docnode_cell(s->a, row), "gap", g->id, g->id);
	cell = docnode_cell(s->a, row);
	docnode_link(s->a, cell, "control", v->control->id, v->control->id);
	docnode_text(s->a, cell, " %s, ", v->control->title);
	docnode_data(s->a, cell, v->scope);
	docnode_badge(s->a, docnode_cell(s->a, row), TONE_BAD,
	    severity_name(v->control->severity));
	docnode_text(s->a, docnode_cell(s->a, row), "%s",
	    time_text(s->a, g->first_seen_us, "this pack"));
	cell = docnode_cell(s->a, row);
	if (s->b->audience == AUDIENCE_PUBLIC)
		docnode_text(s->a, cell, "WITHHELD (auditor)");
	else
		docnode_data(s->a, cell, g->owner);
	mark_link(s, docnode_cell(s->a, row), g->fix, g->missing);
	cell = docnode_cell(s->a, row);
	if (g->waiver == NULL)
		docnode_text(s->a, cell, "none");
	else {
		docnode_badge(s->a, cell, TONE_ACCEPTED, "waived");
		docnode_text(s->a, cell, " ");
		docnode_data(s->a, cell, g->waiver);
		docnode_text(s->a, cell, " until %s",
		    time_text(s->a, g->waived_until_us, "no end"));
	}
}

void
frame_gaps(struct frame *f)
{
	static const char *const head[] = {
		"Gap", "Control", "Severity", "Since", "Owner", "Where to fix",
		"Waiver"
	};
	struct sec *s = &f->sec;
	const struct findings *all = s->b->findings;
	struct docnode *t;

	begin(f, &gaps_section);
	if (f->ngap == 0) {
		sec_intro(s, sec_printf(s, "No gap touches this subject; %zu "
		    "controls were evaluated in all scopes.",
		    all != NULL ? all->nverdict : 0));
		return;
	}
	t = docnode_table(s->a, s->at, "gaps", "Gaps that touch this subject",
	    head, 7);
	for (size_t i = 0; i < f->ngap; i++)
		gap_row(f, t, f->gap[i]);
}

static const struct section sources_section = {
	.id = "sources", .title = "Sources"
};

struct source {
	char *key; /* mark and text */
	const struct fact *fact;
};

static int
by_key(const void *x, const void *y)
{
	return strcmp(((const struct source *)x)->key,
	    ((const struct source *)y)->key);
}

static const char *
source_name(struct sec *s, const struct fact *f)
{
	if (f->result != NULL)
		return f->result->test != NULL ? f->result->test->id :
		    f->result->item->id;
	if (f->at.file != NULL)
		return f->at.file;
	(void)s;
	return f->formula;
}

static void
add_source(struct frame *f, struct map *seen, struct source **l, size_t *n,
    size_t *cap, const struct fact *fact)
{
	const char *name = source_name(&f->sec, fact);
	struct source *src;
	char *key;

	if (name == NULL)
		return;
	key = sec_printf(&f->sec, "%s %s", prov_mark(fact->prov), name);
	if (*map_putz(seen, key) != NULL)
		return;
	*map_putz(seen, key) = key;
	src = VEC_PUSH(f->sec.a, *l, *n, *cap);
	src->key = key;
	src->fact = fact;
}

static void
input_cell(struct sec *s, struct docnode *row, const char *path)
{
	for (size_t i = 0; i < s->b->ninput; i++)
		if (str_eq(s->b->input[i].path, path)) {
			docnode_code(s->a, docnode_cell(s->a, row),
			    hex_of(s->a, s->b->input[i].sha256));
			docnode_text(s->a, docnode_cell(s->a, row),
			    "file, %llu bytes",
			    (unsigned long long)s->b->input[i].bytes);
			return;
		}
	docnode_text(s->a, docnode_cell(s->a, row), "none");
	docnode_text(s->a, docnode_cell(s->a, row), "the file is not there");
}

/* Formulas that are no column of a table of measures. */
static const char *const formulas[][2] = {
	{ "AIA-27.1", "the rule of AI Act Art. 27(1), from class, points of "
	    "Annex III and the declared basis" },
	{ "access_rows", "the user's role against access rows of level "
	    "invoke" },
	{ "always_approved", "R1: at least 100 decisions, all approved as "
	    "asked, none in under 5 seconds, no complaint, it can be undone, "
	    "impact not critical, upper bound of refusals at most 4 %" },
	{ "applicability", "a rule over role, class and dates; the reason "
	    "stands beside it" },
	{ "holder_in_office", "holder and deputy against people.yaml, at the "
	    "end of the period" },
	{ "in_force", "the version whose from and to hold the end of the "
	    "period" },
	{ "basis_hash", "SHA-256 of the declared and narrative facts and the "
	    "versions in force: what an approval is bound to" },
	{ "build", "the project, the period and the moment of the build" },
	{ "before_it", "the moment against that of the deployment, or of the "
	    "first event in production; the score against its limit" },
	{ "chain", "every row of the log, read and hashed" },
	{ "checkpoint", "the newest signed size and root of the log" },
	{ "clocks", "the clocks of registry/incidents/plan.yaml, by recipient" },
	{ "claims", "the claims of this document, by outcome" },
	{ "compared", "the laxest tier of the rules in force and of what ran, "
	    "against the cell of the matrix" },
	{ "complained_or_blocked", "R3: a complaint of what ran alone; R4: "
	    "blocked in three sessions or more" },
	{ "content_hash", "SHA-256 of every fact of the document" },
	{ "coverage", "the worst verdict of the controls that are mapped to "
	    "the requirement, over all scopes" },
	{ "confirmed_plus_interval", "confirmed_us and the declared interval "
	    "of the drill" },
	{ "took_against_kill_max", "took_us against kill_max of the agent" },
	{ "ready", "the lines of this document: one no, or one that cannot "
	    "be said, makes no-go" },
	{ "rollback_target", "rollback_to of the agent; previous is that of "
	    "the version" },
	{ "error_budget", "runs that ended times what the level leaves, "
	    "rounded down; less those that failed or timed out" },
	{ "ended_less_began", "occurred_us of run_ended less that of "
	    "run_started" },
	{ "facts", "the facts of this document, by state" },
	{ "gaps", "the gaps that evaluation found, with their waivers" },
	{ "days_to_expiry", "to_us of a credential against the end of the "
	    "span" },
	{ "due_at_as_of", "the declared date or interval against as-of" },
	{ "due_at_end", "the last in the log and the declared interval, against "
	    "the end of the period" },
	{ "difference", "the value of this version less that of the version "
	    "before it" },
	{ "grant_needed", "R5: calls and writes with a granted tool against "
	    "the scope of the grant" },
	{ "kappa", "Cohen's kappa of the four tiers, in thousandths" },
	{ "mcnemar", "discordant decisions, laxer against stricter: exact up "
	    "to 60, else (|b-c|-1)^2 / (b+c) against 3.841, 6.635, 10.828" },
	{ "plan_met", "the least that the deployment asks for against the "
	    "log" },
	{ "ring_needed", "0 for admin, 3 for what does not write, 1 for what "
	    "cannot be undone, else 2; a smaller ring gives more" },
	{ "shared_use", "other agents that presented the same credential" },
	{ "grants", "tools of the versions in production in the span" },
	{ "inventory", "actions of the agent's limits and of its decisions "
	    "and actions in the log, against actions.yaml" },
	{ "month_before", "the month less the month before it" },
	{ "policy_history", "the versions of the policy held against each "
	    "other, the evidence and the log" },
	{ "registered", "the hash in the log against those of the registry" },
	{ "roles_in_log", "roles of people.yaml against those that decided, "
	    "reviewed or allowed in the log" },
	{ "rule_by_rule", "rules of a version against those of the version "
	    "before: tier, limits, persons" },
	{ "log", "the events of the period" },
	{ "registry", "the registry: there is no such entry" },
	{ "registry_dump", "SHA-256 of all registry tables as one RFC 8785 "
	    "object" },
	{ "reported_after_aware", "reported_us less aware_us" },
	{ "template", "a field that a template names and no section made" },
	{ "tokens_times_factor", "tokens read and written, times "
	    "energy_wh_per_1k of the model" },
	{ "validity", "what happened since the decision: deployments, "
	    "measured months, incidents, claims, dates" },
	{ "wilson", "the 95 % Wilson score interval" }
};

const char *
doc_formula(const char *name)
{
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++)
		if (str_eq(name, formulas[i][0]))
			return formulas[i][1];
	return NULL;
}

/* What a formula says; of a measure, from log.def. */
static const char *
formula_says(struct sec *s, const char *formula)
{
	const char *dot = formula != NULL ? strchr(formula, '.') : NULL;
	const struct log_schema *t = log_schema_find(formula);

	if (doc_formula(formula) != NULL)
		return doc_formula(formula);
	if (dot == NULL)
		return t != NULL ? t->says : "computed";
	t = log_schema_find(sec_printf(s, "%.*s", (int)(dot - formula),
	    formula));
	for (size_t i = 0; t != NULL && i < t->ncol; i++)
		if (strcmp(t->col[i].name, dot + 1) == 0)
			return sec_printf(s, "%s: %s", t->says,
			    t->col[i].says);
	return "computed";
}

static void
source_row(struct frame *f, struct docnode *table, const struct source *src)
{
	struct sec *s = &f->sec;
	const struct fact *fact = src->fact;
	const struct result *r = fact->result;
	struct docnode *row = docnode_row(s->a, table), *cell;

	docnode_text(s->a, docnode_cell(s->a, row), "%s",
	    prov_mark(fact->prov));
	cell = docnode_cell(s->a, row);
	if (r != NULL && r->test != NULL) {
		docnode_link(s->a, cell, "test", r->test->id, r->test->id);
		cell = docnode_cell(s->a, row);
		if (r->test->built_in != NULL)
			docnode_text(s->a, cell, "none: built in");
		else
			docnode_code(s->a, cell, hex_of(s->a,
			    r->test->sha256));
		docnode_text(s->a, docnode_cell(s->a, row), "%s: %s",
		    "test", r->test->over);
	} else if (fact->at.file != NULL) {
		docnode_link(s->a, cell, "source", fact->at.file,
		    fact->at.file);
		input_cell(s, row, fact->at.file);
	} else {
		docnode_code(s->a, cell, fact->formula);
		docnode_text(s->a, docnode_cell(s->a, row), "none");
		docnode_text(s->a, docnode_cell(s->a, row), "%s",
		    formula_says(s, fact->formula));
	}
}

void
frame_sources(struct frame *f)
{
	static const char *const head[] = {
		"Mark", "Source", "SHA-256", "What it is"
	};
	struct sec *s = &f->sec;
	struct map *seen = map_new(s->a);
	struct source *l = NULL;
	size_t n = 0, cap = 0;
	struct docnode *t;

	for (size_t i = 0; i < f->body->n; i++)
		add_source(f, seen, &l, &n, &cap, f->body->fact[i]);
	for (size_t i = 0; i < s->facts->n; i++)
		if (s->facts->fact[i]->result != NULL)
			add_source(f, seen, &l, &n, &cap, s->facts->fact[i]);
	begin(f, &sources_section);
	if (n == 0) {
		sec_intro(s, "No fact of this document has a source.");
		return;
	}
	sec_intro(s, "D declared in the registry, M measured in the log, P "
	    "derived from the policy history or computed, N narrated by a "
	    "person. The SHA-256 of a test is that of its SQL text.");
	qsort(l, n, sizeof(*l), by_key);
	t = docnode_table(s->a, s->at, "sources", "Sources of this document",
	    head, 4);
	for (size_t i = 0; i < n; i++)
		source_row(f, t, &l[i]);
}

static const struct section approval_section = {
	.id = "approval", .title = "Approval"
};

static void
approval_row(struct frame *f, struct docnode *table, size_t i)
{
	struct sec *s = &f->sec;
	const struct ref_table *t = sec_ref_table(s, "ref_document");
	struct docnode *row = docnode_row(s->a, table);
	const char *basis = ref_text(t, i, "basis_hash");

	if (s->b->audience == AUDIENCE_PUBLIC)
		docnode_text(s->a, docnode_cell(s->a, row), "a person");
	else
		docnode_data(s->a, docnode_cell(s->a, row),
		    ref_text(t, i, "person_id"));
	docnode_data(s->a, docnode_cell(s->a, row), ref_text(t, i, "role"));
	docnode_text(s->a, docnode_cell(s->a, row), "%s",
	    time_text(s->a, ref_int(t, i, "at_us", 0), "no time"));
	docnode_data(s->a, docnode_cell(s->a, row),
	    ref_text(t, i, "decision"));
	docnode_code(s->a, docnode_cell(s->a, row), basis != NULL ? basis :
	    ref_text(t, i, "sha256"));
	docnode_text(s->a, docnode_cell(s->a, row), "%s",
	    is_this_basis(f, t, i) ? "this basis" :
	    "another basis: what was judged has changed");
}

void
frame_approval(struct frame *f)
{
	static const char *const head[] = {
		"By", "Role", "At", "Decision", "Basis hash", "Holds for"
	};
	struct sec *s = &f->sec;
	size_t i = next_approval(f, 0);
	struct docnode *t, *p;

	begin(f, &approval_section);
	if (i == SIZE_MAX) {
		p = docnode_para(s->a, s->at);
		docnode_badge(s->a, p, TONE_PART, "not signed");
		docnode_text(s->a, p, " An entry of evidence/index.yaml with "
		    "document ");
		docnode_code(s->a, p, sec_printf(s, "%s/%s",
		    s->ref->kind->id, s->ref->name));
		docnode_text(s->a, p, " and basis_hash ");
		docnode_code(s->a, p, f->basis_hash);
		docnode_text(s->a, p, " approves it%s.",
		    s->ref->kind->two_persons ?
		    "; two persons of different roles are needed" : "");
		return;
	}
	t = docnode_table(s->a, s->at, "approvals", "Who judged it", head, 6);
	for (; i != SIZE_MAX; i = next_approval(f, i + 1))
		approval_row(f, t, i);
}

static const struct section changes_section = {
	.id = "changes", .title = "Changes since the previous pack"
};

void
frame_changes(struct frame *f)
{
	static const char *const head[] = { "Test", "Scope", "Was", "Is" };
	struct sec *s = &f->sec;
	struct docnode *t = NULL, *row;

	begin(f, &changes_section);
	if (s->b->previous == NULL) {
		sec_intro(s, "This is the first pack: nothing to compare.");
		return;
	}
	for (size_t i = 0; i < f->nclaim; i++) {
		const struct result *now = f->claim[i];
		const struct result *was = finding_result(s->b->previous,
		    now->test->id, now->scope);

		if (was != NULL && was->outcome == now->outcome)
			continue;
		if (t == NULL)
			t = docnode_table(s->a, s->at, "changes",
			    "Claims whose outcome changed", head, 4);
		row = docnode_row(s->a, t);
		docnode_link(s->a, docnode_cell(s->a, row), "test",
		    now->test->id, now->test->id);
		docnode_data(s->a, docnode_cell(s->a, row), now->scope);
		docnode_text(s->a, docnode_cell(s->a, row), "%s",
		    was != NULL ? outcome_word(was->outcome) : "not there");
		docnode_badge(s->a, docnode_cell(s->a, row),
		    tone_outcome(now->outcome), outcome_word(now->outcome));
	}
	if (t == NULL)
		sec_intro(s, "No claim changed its outcome since the previous "
		    "pack.");
}
