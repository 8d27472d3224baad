#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "doc/doc.h"
#include "doc/owed.h"
#include "doc/sec.h"

#define NAME_MAX_LEN 80
#define HASH_DIGITS 16

static int
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	    c == '_' || c == '-';
}

static int
is_device(const char *p)
{
	static const char *const name[] = {
		"con", "prn", "aux", "nul", "com", "lpt"
	};
	size_t n = strcspn(p, ".");

	for (size_t i = 0; i < 6; i++)
		if (strncmp(p, name[i], 3) == 0 && ((i < 4 && n == 3) ||
		    (i >= 4 && n == 4 && p[3] >= '0' && p[3] <= '9')))
			return 1;
	return 0;
}

/* The file stem of joined ids; hashed: whatever they look like. */
static const char *
file_name(struct arena *a, const char *ids, int hashed)
{
	struct str s = str_new(a);
	size_t len = strlen(ids);
	int changed = hashed || len == 0 || ids[0] == '.' ||
	    ids[len - 1] == '.' || len > NAME_MAX_LEN || is_device(ids);

	for (size_t i = 0; i < len; i++) {
		char c = ids[i] >= 'A' && ids[i] <= 'Z' ?
		    (char)(ids[i] - 'A' + 'a') : ids[i];

		changed |= !is_plain(ids[i]);
		str_addc(&s, is_plain(c) ? c : '-');
	}
	if (changed) {
		struct hash *h = hash_new(a);
		uint8_t sum[HASH_LEN];
		char hex[HASH_HEXLEN];

		hash_bytes(h, sum, ids, len);
		hash_free(h);
		hash_hex(hex, sum);
		if (s.len > NAME_MAX_LEN - HASH_DIGITS - 1)
			s.p[s.len = NAME_MAX_LEN - HASH_DIGITS - 1] = '\0';
		while (s.len > 0 && s.p[0] == '.')
			memmove(s.p, s.p + 1, s.len--);
		str_addc(&s, '-');
		str_add(&s, hex, HASH_DIGITS);
	}
	return s.p;
}

static struct doc_ref *
add(struct arena *a, struct doc_refs *l, const struct doc_kind *k,
    const char *ids, const char *subject)
{
	struct doc_ref *r = VEC_PUSH(a, l->ref, l->n, l->cap);

	r->kind = k;
	r->lang = "en";
	r->name = file_name(a, ids, 0);
	r->subject = subject;
	r->row = SIZE_MAX;
	return r;
}

/* Models of the registry, then those that answered and are not there. */
static void
list_models(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_model");
	const struct ref_table *seen = ref_table(b->log, "log_model");
	struct doc_ref *r;

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "model");

		r = add(a, l, k, id, id);
		r->model = id;
		r->model_provider = ref_text(t, i, "model_provider");
		r->model_id = ref_text(t, i, "model_id");
		r->model_version = ref_text(t, i, "model_version");
	}
	for (size_t i = 0; seen != NULL && i < seen->nrow; i++) {
		const char *p = ref_text(seen, i, "model_provider");
		const char *m = ref_text(seen, i, "model_id");
		const char *v = ref_text(seen, i, "model_version"), *id;
		size_t j = 0;

		while (j < l->n && !(l->ref[j].kind == k &&
		    str_eq(l->ref[j].model_provider, p) &&
		    str_eq(l->ref[j].model_id, m) &&
		    str_eq(l->ref[j].model_version, v)))
			j++;
		if (j < l->n)
			continue;
		id = arena_printf(a, "%s--%s--%s", p ? p : "no-provider",
		    m ? m : "no-model", v ? v : "no-version");
		r = add(a, l, k, id, arena_printf(a, "%s %s %s",
		    p ? p : "(no provider)", m ? m : "(no model)",
		    v ? v : "(no version)"));
		r->model_provider = p;
		r->model_id = m;
		r->model_version = v;
	}
}

static void
one_version(struct arena *a, const struct doc_kind *k, struct doc_refs *l,
    const struct ref_table *t, size_t row)
{
	const char *id = ref_text(t, row, "agent_id");
	const char *v = ref_text(t, row, "agent_version");
	struct doc_ref *r;

	for (size_t j = 0; j < l->n; j++)
		if (l->ref[j].kind == k && str_eq(l->ref[j].agent, id) &&
		    str_eq(l->ref[j].version, v))
			return;
	r = add(a, l, k, arena_printf(a, "%s--%s", id ? id : "no-agent",
	    v ? v : "no-version"), arena_printf(a, "%s %s", id ? id :
	    "(no agent)", v ? v : "(no version)"));
	r->agent = id;
	r->version = v;
}

static void
list_versions(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_agent_version");
	const struct ref_table *seen = ref_table(b->log, "log_agent");

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		one_version(a, k, l, t, i);
	for (size_t i = 0; seen != NULL && i < seen->nrow; i++)
		one_version(a, k, l, seen, i);
}

static void
one_assessment(struct arena *a, const struct doc_kind *k, struct doc_refs *l,
    const char *agent, const char *skin)
{
	struct doc_ref *r;

	for (size_t j = 0; j < l->n; j++)
		if (l->ref[j].kind == k && str_eq(l->ref[j].agent, agent) &&
		    str_eq(l->ref[j].skin, skin))
			return;
	r = add(a, l, k, arena_printf(a, "%s--%s", agent, skin),
	    arena_printf(a, "%s (%s)", agent, skin));
	r->agent = agent;
	r->skin = skin;
}

/* One for each kind of assessment that an agent has; without any, the
 * general one, so that its absence is seen. */
static void
list_assessments(struct arena *a, const struct build *b,
    const struct doc_kind *k, struct doc_refs *l)
{
	const struct ref_table *agents = ref_table(b->ref, "ref_agent");
	const struct ref_table *t = ref_table(b->ref, "ref_assessment");

	for (size_t i = 0; agents != NULL && i < agents->nrow; i++) {
		const char *id = ref_text(agents, i, "agent_id");
		size_t n = l->n;

		for (size_t j = ref_next(t, 0, "agent_id", id); j != SIZE_MAX;
		    j = ref_next(t, j + 1, "agent_id", id))
			one_assessment(a, k, l, id, ref_text(t, j, "kind"));
		if (l->n == n)
			one_assessment(a, k, l, id, "impact");
	}
}

static void
list_agents(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_agent");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "agent_id");

		add(a, l, k, id, id)->agent = id;
	}
}

/* The agents of an incident: as declared, else the one that logged it. */
static void
incident_agents(struct arena *a, const struct build *b, struct doc_ref *r)
{
	const struct ref_table *l = ref_table(b->ref, "ref_list");
	const struct ref_table *t = ref_table(b->log, "log_incident");
	const char *is[] = { "kind", "incident", "id", r->id, "field",
	    "agents", NULL };
	size_t cap = 0, i;

	for (i = sec_find(l, 0, is); i != SIZE_MAX; i = sec_find(l, i + 1, is))
		*VEC_PUSH(a, r->about, r->nabout, cap) = ref_text(l, i,
		    "value");
	i = ref_next(t, 0, "incident_id", r->id);
	if (r->nabout == 0 && ref_text(t, i, "agent_id") != NULL)
		*VEC_PUSH(a, r->about, r->nabout, cap) = ref_text(t, i,
		    "agent_id");
}

/* Incidents that were open in the period, and those that only the log has. */
static void
list_incidents(struct arena *a, const struct build *b,
    const struct doc_kind *k, struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_incident");
	const struct ref_table *seen = ref_table(b->log, "log_incident");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "incident_id");
		struct doc_ref *r;

		if (ref_int(t, i, "opened_us", INT64_MIN) >= b->to_us ||
		    ref_int(t, i, "closed_us", INT64_MAX) < b->from_us)
			continue;
		r = add(a, l, k, id, id);
		r->id = id;
		incident_agents(a, b, r);
	}
	for (size_t i = 0; seen != NULL && i < seen->nrow; i++) {
		const char *id = ref_text(seen, i, "incident_id");
		struct doc_ref *r;

		if (id == NULL || ref_next(t, 0, "incident_id", id) !=
		    SIZE_MAX || (i > 0 && str_eq(ref_text(seen, i - 1,
		    "incident_id"), id)))
			continue;
		r = add(a, l, k, id, id);
		r->id = id;
		incident_agents(a, b, r);
	}
}

/* Runs whose events were asked for: rows of one run stand together. */
static void
list_runs(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->log, "log_run_event");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "run_id");
		struct doc_ref *r;

		if (id == NULL || (i > 0 && str_eq(ref_text(t, i - 1,
		    "run_id"), id)))
			continue;
		r = add(a, l, k, id, id);
		r->id = id;
		r->row = i;
		r->agent = ref_text(t, i, "agent_id");
		r->version = ref_text(t, i, "agent_version");
	}
}

static void
list_policies(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_policy");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "policy_id");

		add(a, l, k, id, id)->policy = id;
	}
}

/* A prompt has a row for each version; its document is about all. */
static void
list_prompts(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_prompt");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *id = ref_text(t, i, "prompt_id");

		if (ref_next(t, 0, "prompt_id", id) == i)
			add(a, l, k, id, id)->prompt = id;
	}
}

/* Halts and drills of the period: refund-bot halt 2026-08-21T09:12:40Z. */
static void
list_stops(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->log, "log_stop");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *agent = ref_text(t, i, "agent_id");
		const char *kind = ref_text(t, i, "kind");
		struct str at = str_new(a), name = str_new(a);
		struct doc_ref *r;

		if (agent == NULL)
			agent = "no-agent";
		date_add_time(&at, ref_int(t, i, "engaged_us", 0));
		for (const char *p = at.p; *p != '\0'; p++)
			if (*p != ':' && *p != '-')
				str_addc(&name, *p == 'T' ? 't' : *p == 'Z' ?
				    'z' : *p);
		r = add(a, l, k, arena_printf(a, "%s--%s--%s", agent, kind,
		    name.p), arena_printf(a, "%s, %s of %s", agent, kind,
		    at.p));
		r->agent = agent;
		r->row = i;
	}
}

/* Versions that were in production in the period. */
static void
list_deployed(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_deployment");

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		if (str_eq(ref_text(t, i, "stage"), "prod") &&
		    ref_int(t, i, "from_us", INT64_MIN) < b->to_us &&
		    ref_int(t, i, "to_us", INT64_MAX) > b->from_us)
			one_version(a, k, l, t, i);
}

/* Versions that were in shadow in the period, declared or seen. */
static void
list_candidates(struct arena *a, const struct build *b,
    const struct doc_kind *k, struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_deployment");
	const struct ref_table *seen = ref_table(b->log, "log_agent");

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		if (str_eq(ref_text(t, i, "stage"), "shadow") &&
		    ref_int(t, i, "from_us", INT64_MIN) < b->to_us &&
		    ref_int(t, i, "to_us", INT64_MAX) > b->from_us)
			one_version(a, k, l, t, i);
	for (size_t i = 0; seen != NULL && i < seen->nrow; i++)
		if (str_eq(ref_text(seen, i, "environment"), "shadow"))
			one_version(a, k, l, seen, i);
}

/* Deployments to production of the period, and ideas under review. */
static void
list_gates(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct ref_table *t = ref_table(b->ref, "ref_deployment");
	const struct ref_table *agents = ref_table(b->ref, "ref_agent");

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		const char *agent = ref_text(t, i, "agent_id");
		const char *version = ref_text(t, i, "agent_version");
		int64_t from = ref_int(t, i, "from_us", INT64_MIN);
		struct str day = str_new(a);
		struct doc_ref *r;

		if (!str_eq(ref_text(t, i, "stage"), "prod") ||
		    from >= b->to_us || ref_int(t, i, "to_us", INT64_MAX) <=
		    b->from_us)
			continue;
		if (from == INT64_MIN)
			str_addz(&day, "no-date");
		else
			date_add_day(&day, from);
		r = add(a, l, k, arena_printf(a, "%s--%s--%s", agent, version,
		    day.p), arena_printf(a, "%s %s, %s", agent, version,
		    day.p));
		r->agent = agent;
		r->version = version;
		r->row = i;
	}
	for (size_t i = 0; agents != NULL && i < agents->nrow; i++) {
		const char *agent = ref_text(agents, i, "agent_id");

		if (str_eq(ref_text(agents, i, "lifecycle"), "proposed"))
			add(a, l, k, arena_printf(a, "%s--idea", agent),
			    arena_printf(a, "%s, an idea", agent))->agent =
			    agent;
	}
}

/* Each month of the period, and the period as a whole. */
static void
list_reviews(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	const struct date_span one = { 1, 0 };
	char *period = arena_strdup(a, b->period);
	int64_t next;

	for (char *p = period; *p != '\0'; p++) /* 2026-Q3 */
		*p = *p == 'Q' ? 'q' : *p;
	add(a, l, k, period, b->period);
	for (int64_t at = b->from_us; at < b->to_us; at = next) {
		int y, m, d;
		char *id;

		date_split(at, &y, &m, &d);
		next = date_add(date_civil(y, m, 1), one, 1);
		id = arena_printf(a, "%04d-%02d", y, m);
		if (at != b->from_us || next < b->to_us)
			add(a, l, k, id, id)->month = id;
	}
}

/* One for each agent; where the rule says so, the page that none is owed. */
static void
list_owed(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l, const char *(*rule)(struct arena *,
    const struct build *, const char *))
{
	size_t n = l->n;

	list_agents(a, b, k, l);
	for (; n < l->n; n++)
		l->ref[n].not_owed = rule(a, b, l->ref[n].agent);
}

static void
list_affected(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	list_owed(a, b, k, l, owed_affected);
}

static void
list_worker(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	list_owed(a, b, k, l, owed_worker);
}

static void
list_marking(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	list_owed(a, b, k, l, owed_marking);
}

static void
list_register(struct arena *a, const struct build *b, const struct doc_kind *k,
    struct doc_refs *l)
{
	list_owed(a, b, k, l, owed_register);
}

static void
list_annex_iv(struct arena *a, const struct build *b,
    const struct doc_kind *k, struct doc_refs *l)
{
	size_t n = l->n;

	list_versions(a, b, k, l);
	for (; n < l->n; n++)
		l->ref[n].not_owed = owed_annex_iv(a, b, l->ref[n].agent);
}

static void
list_organisation(struct arena *a, const struct build *b,
    const struct doc_kind *k, struct doc_refs *l)
{
	add(a, l, k, b->organisation, b->organisation);
}

const struct doc_kind doc_kinds[] = {
	{ "agent-boundary", "AB", "Agent boundary", AUDIENCE_INTERNAL, 0,
	    sec_ab, list_agents },
	{ "access-review", "AR", "Access review", AUDIENCE_INTERNAL, 0, sec_ar,
	    list_agents },
	{ "gate-record", "GA", "Gate record", AUDIENCE_AUDITOR, 1, sec_ga,
	    list_gates },
	{ "shadow-report", "SH", "Shadow report", AUDIENCE_AUDITOR, 0, sec_sh,
	    list_candidates },
	{ "gap-register", "GP", "Gap register", AUDIENCE_AUDITOR, 0, sec_gp,
	    list_organisation },
	{ "decision-matrix", "DX", "Decision matrix", AUDIENCE_AUDITOR, 0,
	    sec_dx, list_agents },
	{ "governance-review", "GR", "Governance review", AUDIENCE_AUDITOR, 0,
	    sec_gr, list_reviews },
	{ "roles", "RO", "Roles", AUDIENCE_INTERNAL, 0, sec_ro,
	    list_organisation },
	{ "impact-assessment", "IA", "Impact assessment", AUDIENCE_AUDITOR, 1,
	    sec_ia, list_assessments },
	{ "incident-response-plan", "IP", "Incident response plan",
	    AUDIENCE_AUDITOR, 0, sec_ip, list_organisation },
	{ "incident-record", "IR", "Incident record", AUDIENCE_AUDITOR, 0,
	    sec_ir, list_incidents },
	{ "run-history", "RH", "Run history", AUDIENCE_AUDITOR, 0, sec_rh,
	    list_runs },
	{ "kill-switch-drill", "KS", "Kill switch drill", AUDIENCE_AUDITOR, 0,
	    sec_ks, list_stops },
	{ "rollback-readiness", "RB", "Rollback readiness", AUDIENCE_AUDITOR,
	    1, sec_rb, list_deployed },
	{ "slo-report", "SL", "Report of service levels", AUDIENCE_AUDITOR, 0,
	    sec_sl, list_agents },
	{ "annex-iv", "AX", "Technical documentation", AUDIENCE_AUDITOR, 1,
	    sec_ax, list_annex_iv },
	{ "content-marking", "CM", "Marking of content", AUDIENCE_PUBLIC, 0,
	    sec_cm, list_marking },
	{ "instructions", "IU", "Instructions for use", AUDIENCE_PUBLIC, 0,
	    sec_iu, list_agents },
	{ "notice-affected", "NA", "Notice to affected persons",
	    AUDIENCE_PUBLIC, 0, sec_na, list_affected },
	{ "notice-worker", "NW", "Notice to workers", AUDIENCE_PUBLIC, 0,
	    sec_nw, list_worker },
	{ "register-entry", "RE", "Register entry", AUDIENCE_PUBLIC, 0,
	    sec_re, list_register },
	{ "model-card", "MC", "Model card", AUDIENCE_PUBLIC, 0, sec_mc,
	    list_models },
	{ "policy-history", "PH", "Policy history", AUDIENCE_AUDITOR, 0,
	    sec_ph, list_policies },
	{ "prompt-record", "PR", "Prompt record", AUDIENCE_INTERNAL, 0,
	    sec_pr, list_prompts },
	{ "notice-interaction", "NI", "Transparency notice", AUDIENCE_PUBLIC,
	    0, sec_ni, list_agents },
	{ "soa", "SO", "Statement of applicability", AUDIENCE_AUDITOR, 1,
	    sec_so, list_organisation },
	{ "system-card", "SC", "System card", AUDIENCE_AUDITOR, 0, sec_sc,
	    list_versions }
};
const size_t doc_nkinds = sizeof(doc_kinds) / sizeof(doc_kinds[0]);

const char *const *
doc_claims(struct arena *a, const struct doc_kind *k, size_t *n)
{
	const char **list = NULL;
	size_t cap = 0;

	*n = 0;
	for (const struct section *s = k->section; s->id != NULL; s++)
		*VEC_PUSH(a, list, *n, cap) = s->claims;
	return list;
}

const struct doc_kind *
doc_kind_find(const char *id)
{
	for (size_t i = 0; i < doc_nkinds; i++)
		if (str_eq(doc_kinds[i].id, id))
			return &doc_kinds[i];
	return NULL;
}

static int
by_name(const void *x, const void *y)
{
	const struct doc_ref *a = x, *b = y;
	int c = strcmp(a->kind->id, b->kind->id);

	if (c == 0)
		c = strcmp(a->name, b->name);
	return c != 0 ? c : strcmp(a->subject, b->subject);
}

/* Two subjects whose ids join to one name are told apart by their hashes. */
static void
rename_twins(struct arena *a, struct doc_refs *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->ref[i].kind == l->ref[i - 1].kind &&
		    strcmp(l->ref[i].name, l->ref[i - 1].name) == 0)
			l->ref[i].name = file_name(a, l->ref[i].subject, 1);
}

void
doc_list(struct arena *a, const struct build *b, struct doc_ref **ref,
    size_t *n)
{
	struct doc_refs l = { 0 };

	for (size_t i = 0; i < doc_nkinds; i++)
		if (doc_kinds[i].audience <= b->audience)
			doc_kinds[i].list(a, b, &doc_kinds[i], &l);
	if (l.n > 0)
		qsort(l.ref, l.n, sizeof(*l.ref), by_name);
	rename_twins(a, &l);
	*ref = l.ref;
	*n = l.n;
}
