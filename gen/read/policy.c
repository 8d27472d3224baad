#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "read/load.h"
#include "read/policy.h"
#include "read/registry.h"
#include "read/yaml.h"

#define NCELL 12

static const struct mark nowhere;

static const char *const tier_word[] = { "auto", "notify", "approve", "block" };

int
policy_tier_parse(const char *word)
{
	for (int i = 0; word != NULL && i < 4; i++)
		if (strcmp(tier_word[i], word) == 0)
			return i;
	return -1;
}

const char *
policy_tier_name(int tier)
{
	return tier_word[tier];
}

static const struct cell {
	const char *impact, *reversible;
	int tier, persons;
} cells[NCELL] = {
	{ "low", "full", TIER_AUTO, 1 },
	{ "low", "partial", TIER_AUTO, 1 },
	{ "low", "none", TIER_NOTIFY, 1 },
	{ "moderate", "full", TIER_AUTO, 1 },
	{ "moderate", "partial", TIER_NOTIFY, 1 },
	{ "moderate", "none", TIER_APPROVE, 1 },
	{ "high", "full", TIER_NOTIFY, 1 },
	{ "high", "partial", TIER_APPROVE, 1 },
	{ "high", "none", TIER_APPROVE, 2 },
	{ "critical", "full", TIER_APPROVE, 1 },
	{ "critical", "partial", TIER_APPROVE, 2 },
	{ "critical", "none", TIER_BLOCK, 1 },
};

int
policy_cell(const char *impact, const char *reversible, int *persons)
{
	for (size_t i = 0; i < NCELL; i++) {
		if (!str_eq(cells[i].impact, impact) ||
		    !str_eq(cells[i].reversible, reversible))
			continue;
		*persons = cells[i].persons;
		return cells[i].tier;
	}
	return -1;
}

/* Reading */

static int
ends(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcmp(name + n - m, ending) == 0;
}

/* All that lies below source/ must be named by a version. */
static void
check_sources(struct load *l, const char *folder)
{
	struct files_entry *e;
	size_t n = files_list(l->files, folder, &e, l->diag);

	for (size_t i = 0; i < n; i++) {
		struct mark at = { e[i].path, 0, 0 };

		if (e[i].folder)
			check_sources(l, e[i].path);
		else if (map_getz(l->files->seen, e[i].path) == NULL &&
		    l->dropped == 0 && l->files->unread == 0)
			diag_add(l->diag, ERR_INPUT, at, "no version names it "
			    "under source");
	}
}

/* The bytes that a version names; that they differ, or are not there, is a
 * finding. */
static void
read_sources(struct load *l)
{
	const struct load_table *t = load_table(l, "ref_policy_source");
	struct mark none = { .file = NULL };

	for (size_t i = 0; i < t->n; i++) {
		struct row *r = t->row[i];
		struct mark at = row_mark(r, "path");
		const char *path = files_join(l->arena, at.file,
		    row_text(r, "path"));
		struct input *in;

		if (path == NULL) {
			diag_add(l->diag, ERR_INPUT, at,
			    "path: leaves the project");
			continue;
		}
		in = files_read(l->files, "policy source", path,
		    LIMIT_DOCUMENT, none, l->diag);
		if (in != NULL)
			row_set_sha256(l, r, "found_sha256", in->sha256, at);
	}
}

/* A version's own name always is one; a name in logs means one version. */
static void
add_names(struct load *l)
{
	const struct load_table *v = load_table(l, "ref_policy_version");
	const struct load_table *t = load_table(l, "ref_policy_name");
	struct map *names = map_new(l->arena);

	for (size_t i = 0; i < t->n; i++) {
		struct row *r = t->row[i];
		void **slot = map_putz(names, arena_printf(l->arena, "%s\n%s",
		    row_text(r, "policy_id"), row_text(r, "log_version")));
		const struct row *old = *slot;

		if (old != NULL && strcmp(row_text(old, "policy_version"),
		    row_text(r, "policy_version")) != 0)
			diag_add(l->diag, ERR_INPUT, row_mark(r,
			    "log_version"), "log_version: %s is version %s "
			    "already", yaml_quote(l->arena, row_text(r,
			    "log_version")), row_text(old, "policy_version"));
		*slot = r;
	}
	for (size_t i = 0; i < v->n; i++) {
		const char *policy = row_text(v->row[i], "policy_id");
		const char *version = row_text(v->row[i], "policy_version");
		void **slot = map_putz(names, arena_printf(l->arena, "%s\n%s",
		    policy, version));
		struct row *r = *slot;

		if (r != NULL && strcmp(row_text(r, "policy_version"),
		    version) != 0)
			diag_add(l->diag, ERR_INPUT, row_mark(r,
			    "log_version"), "log_version: %s is the name of a "
			    "version", yaml_quote(l->arena, version));
		if (r != NULL)
			continue;
		*slot = r = load_row(l, "ref_policy_name", v->row[i]->at);
		row_set_text(r, "policy_id", policy, nowhere);
		row_set_text(r, "policy_version", version, nowhere);
		row_set_text(r, "log_version", version, nowhere);
	}
}

/* An own matrix has all cells; without one a version has the default. */
static void
add_matrix(struct load *l)
{
	const struct load_table *v = load_table(l, "ref_policy_version");
	const struct load_table *t = load_table(l, "ref_matrix");
	struct map *own = map_new(l->arena); /* a cell; and how many */
	size_t n = t->n;

	for (size_t i = 0; i < n; i++)
		*map_putz(own, row_id(l, t->row[i])) = t->row[i];
	for (size_t i = 0; i < v->n; i++) {
		const char *id = row_id(l, v->row[i]);
		size_t have = 0, missing = NCELL;

		for (size_t k = 0; k < NCELL; k++)
			if (map_getz(own, arena_printf(l->arena, "%s/%s/%s",
			    id, cells[k].impact, cells[k].reversible)) != NULL)
				have++;
			else if (missing == NCELL)
				missing = k;
		if (have > 0 && have < NCELL)
			diag_add(l->diag, ERR_INPUT, v->row[i]->at, "matrix: "
			    "has %zu of 12 cells: %s, %s is missing", have,
			    cells[missing].impact, cells[missing].reversible);
		for (size_t k = 0; have == 0 && k < NCELL; k++) {
			struct row *r = load_row(l, "ref_matrix",
			    v->row[i]->at);

			row_set_text(r, "policy_id", row_text(v->row[i],
			    "policy_id"), nowhere);
			row_set_text(r, "policy_version", row_text(v->row[i],
			    "policy_version"), nowhere);
			row_set_text(r, "impact", cells[k].impact, nowhere);
			row_set_text(r, "reversible", cells[k].reversible,
			    nowhere);
			row_set_text(r, "tier", tier_word[cells[k].tier],
			    nowhere);
			row_set_int(r, "count", cells[k].persons, nowhere);
			row_set_text(r, "on_timeout", "deny", nowhere);
		}
	}
}

static void
read_folder(struct load *l, const struct files_entry *folder)
{
	struct load_path path[3] = { { "policy_id", folder->name },
		{ NULL, NULL }, { NULL, NULL } };
	struct files_entry *e;
	size_t n = files_list(l->files, folder->path, &e, l->diag);

	for (size_t i = 0; i < n; i++) {
		struct mark at = { e[i].path, 0, 0 };
		int head = strcmp(e[i].name, "policy.yaml") == 0;
		struct yaml *y;

		if (e[i].folder && strcmp(e[i].name, "source") == 0)
			continue;
		if (e[i].folder || !ends(e[i].name, ".yaml")) {
			diag_add(l->diag, ERR_INPUT, at, "no place among the "
			    "policies: want policy.yaml, one .yaml a version, "
			    "source/");
			continue;
		}
		y = files_yaml(l->files, "policy", e[i].path, head ?
		    "exhibit-policy/1" : "exhibit-policy-version/1", l->diag);
		path[1] = (struct load_path){ NULL, NULL };
		if (!head) {
			path[1].col = "policy_version";
			path[1].text = arena_strndup(l->arena, e[i].name,
			    strlen(e[i].name) - strlen(".yaml"));
		}
		if (y != NULL)
			(void)load_map(l, head ? "ref_policy" :
			    "ref_policy_version", y, NULL, path);
	}
}

void
policy_read(struct load *l)
{
	const char *folder = l->project->policies;
	struct files_entry *e;
	size_t n = files_list(l->files, folder, &e, l->diag);

	for (size_t i = 0; i < n; i++) {
		struct mark at = { e[i].path, 0, 0 };

		if (e[i].folder)
			read_folder(l, &e[i]);
		else
			diag_add(l->diag, ERR_INPUT, at, "no place among the "
			    "policies: want a folder for each policy");
	}
	read_sources(l);
	for (size_t i = 0; i < n; i++)
		check_sources(l, arena_printf(l->arena, "%s/source",
		    e[i].path));
	add_names(l);
	add_matrix(l);
}

/* What follows */

struct version {
	struct row *row;
	int64_t from, to;
	const char *id; /* policy/version */
	struct row **rule;
	size_t nrule, cap;
};

struct history { /* one policy, versions by from */
	struct row *policy;
	struct version *v;
	size_t n, cap;
};

struct facts {
	struct load *l;
	struct map *lists;   /* "id\nfield" to struct texts */
	struct map *actions; /* action to struct row */
	struct map *relaxed; /* "id\nrule" to struct row */
	struct map *cells;   /* "id/impact/reversible" to struct row */
	struct map *under;   /* "agent\npolicy" */
};

struct texts {
	const char **text;
	size_t n, cap;
};

static void
finding(struct load *l, const struct version *v, const char *what,
    int64_t from, int64_t to, const char *detail)
{
	struct row *r = load_row(l, "ref_policy_finding", v->row->at);

	row_set_text(r, "policy_id", row_text(v->row, "policy_id"), nowhere);
	row_set_text(r, "policy_version", row_text(v->row, "policy_version"),
	    nowhere);
	row_set_text(r, "finding", what, nowhere);
	if (from != INT64_MIN)
		row_set_int(r, "from_us", from, nowhere);
	if (to != INT64_MAX)
		row_set_int(r, "to_us", to, nowhere);
	row_set_text(r, "detail", detail, nowhere);
}

static const char *
when(struct load *l, int64_t us)
{
	struct str s = str_new(l->arena);

	date_add_time(&s, us);
	return s.p;
}

static int
version_cmp(const void *x, const void *y)
{
	const struct version *a = x, *b = y;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return strcmp(a->id, b->id);
}

static struct history *
histories(struct load *l, size_t *n)
{
	const struct load_table *p = load_table(l, "ref_policy");
	const struct load_table *t = load_table(l, "ref_policy_version");
	const struct load_table *rules = load_table(l, "ref_policy_rule");
	struct history *h = arena_array(l->arena, p->n + 1, sizeof(*h));
	struct map *byid = map_new(l->arena), *versions = map_new(l->arena);

	for (size_t i = 0; i < p->n; i++) {
		h[i].policy = p->row[i];
		*map_putz(byid, row_text(p->row[i], "policy_id")) = &h[i];
	}
	for (size_t i = 0; i < t->n; i++) {
		struct history *of = map_getz(byid, row_text(t->row[i],
		    "policy_id"));
		struct version *v;

		if (of == NULL)
			continue;
		v = VEC_PUSH(l->arena, of->v, of->n, of->cap);
		v->row = t->row[i];
		v->id = row_id(l, v->row);
		v->from = row_int(v->row, "from_us", INT64_MAX);
		v->to = row_int(v->row, "to_us", INT64_MAX);
	}
	for (size_t i = 0; i < p->n; i++) {
		if (h[i].n > 1)
			qsort(h[i].v, h[i].n, sizeof(*h[i].v), version_cmp);
		for (size_t j = 0; j < h[i].n; j++)
			*map_putz(versions, h[i].v[j].id) = &h[i].v[j];
	}
	for (size_t i = 0; i < rules->n; i++) {
		struct row *r = rules->row[i];
		struct version *v = map_getz(versions, arena_printf(l->arena,
		    "%s/%s", row_text(r, "policy_id"),
		    row_text(r, "policy_version")));

		if (v != NULL)
			*VEC_PUSH(l->arena, v->rule, v->nrule, v->cap) = r;
	}
	*n = p->n;
	return h;
}

/* to, where none is written: the next one's from, or the policy's end. */
static void
fill_ends(const struct history *h)
{
	int64_t retired = row_int(h->policy, "retired_us", INT64_MAX);

	for (size_t i = 0; i < h->n; i++) {
		struct version *v = &h->v[i];
		int64_t next = i + 1 < h->n ? h->v[i + 1].from : INT64_MAX;

		if (v->from == INT64_MAX || v->to != INT64_MAX)
			continue;
		v->to = next < retired ? next : retired;
		if (v->to != INT64_MAX)
			row_set_int(v->row, "to_us", v->to, next < retired ?
			    h->v[i + 1].row->at :
			    row_mark(h->policy, "retired_us"));
	}
}

static void
check_spans(struct load *l, const struct history *h)
{
	const struct version *last = NULL; /* the one that ends latest */

	for (size_t i = 0; i < h->n; i++) {
		const struct version *v = &h->v[i];

		if (v->from == INT64_MAX)
			continue;
		if (last != NULL && v->from < last->to)
			finding(l, v, "overlap", v->from, v->to < last->to ?
			    v->to : last->to, arena_printf(l->arena,
			    "version %s is in force too",
			    row_text(last->row, "policy_version")));
		else if (last != NULL && v->from > last->to)
			finding(l, v, "hole", last->to, v->from,
			    "no version is in force");
		if (last == NULL || v->to > last->to)
			last = v;
	}
}

/* Hash */

/* Text as written: maps with their keys in byte order, texts, lists. */
static void
as_written(struct jsonw *w, const struct yaml *y)
{
	const struct yaml *last = NULL;

	if (y->kind == YAML_TEXT) {
		jsonw_text(w, y->text, y->len);
		return;
	}
	if (y->kind == YAML_LIST) {
		jsonw_array(w);
		for (const struct yaml *e = y->first; e != NULL; e = e->next)
			as_written(w, e);
		jsonw_end(w, ']');
		return;
	}
	jsonw_object(w);
	while ((last = yaml_after(y, last)) != NULL) {
		jsonw_key(w, last->key);
		as_written(w, last);
	}
	jsonw_end(w, '}');
}

static void
hash_rules(struct load *l, const struct history *h, const struct version *v,
    uint8_t out[HASH_LEN])
{
	const struct yaml *y = map_getz(l->nodes, v->row->at.file);
	const struct yaml *matrix = y ? yaml_find(y, "matrix") : NULL;
	const struct yaml *rules = y ? yaml_find(y, "rules") : NULL;
	struct hash *hash = hash_new(l->arena);
	struct str s = str_new(l->arena);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_ktext(&w, "default_tier", row_text(h->policy, "default_tier"));
	if (matrix != NULL) {
		jsonw_key(&w, "matrix");
		as_written(&w, matrix);
	}
	if (rules != NULL) {
		jsonw_key(&w, "rules");
		as_written(&w, rules);
	}
	jsonw_end(&w, '}');
	hash_bytes(hash, out, s.p, s.len);
	hash_free(hash);
}

/* 1 if all source files are there with the bytes that were approved. */
static int
check_source(struct load *l, const struct version *v, const struct row *r)
{
	const char *want = row_text(r, "sha256");
	const char *have = row_text(r, "found_sha256");
	const char *path = row_text(r, "path");

	if (have == NULL)
		finding(l, v, "source-missing", v->from, v->to,
		    arena_printf(l->arena, "%s is not there", path));
	else if (want == NULL)
		finding(l, v, "missing-hash", v->from, v->to,
		    arena_printf(l->arena, "%s has no sha256", path));
	else if (strcmp(want, have) != 0)
		finding(l, v, "hash-mismatch", v->from, v->to,
		    arena_printf(l->arena, "%s has %s, approved was %s", path,
		    have, want));
	else
		return 1;
	return 0;
}

static void
set_hash(struct load *l, const struct history *h, const struct version *v)
{
	struct load_table *t = load_table(l, "ref_policy_source");
	struct str lines = str_new(l->arena);
	struct hash *hash = hash_new(l->arena);
	const char *one = NULL;
	uint8_t out[HASH_LEN];
	size_t n = 0, good = 0;

	for (size_t i = 0; i < t->n; i++) { /* by path: load_check sorted */
		const struct row *r = t->row[i];

		if (strcmp(row_text(r, "policy_id"), row_text(v->row,
		    "policy_id")) != 0 || strcmp(row_text(r, "policy_version"),
		    row_text(v->row, "policy_version")) != 0)
			continue;
		n++;
		if (!check_source(l, v, r))
			continue;
		good++;
		one = row_text(r, "found_sha256");
		str_addf(&lines, "%s  %s\n", one, row_text(r, "path"));
	}
	if (n == 1 && good == 1)
		row_set_text(v->row, "policy_hash", one, v->row->at);
	else if (good == n) {
		if (n > 0)
			hash_bytes(hash, out, lines.p, lines.len);
		else
			hash_rules(l, h, v, out);
		row_set_sha256(l, v->row, "policy_hash", out, v->row->at);
	}
	if (n > 0)
		finding(l, v, "opaque", v->from, v->to, arena_printf(l->arena,
		    "%zu source file%s not interpreted", n,
		    n == 1 ? " is" : "s are"));
	hash_free(hash);
}

/* Approvals */

static int
held(struct load *l, const char *person, const char *role, int64_t at)
{
	const struct load_table *t = load_table(l, "ref_person_role");

	for (size_t i = 0; i < t->n; i++)
		if (str_eq(row_text(t->row[i], "person_id"), person) &&
		    str_eq(row_text(t->row[i], "role"), role) &&
		    row_int(t->row[i], "from_us", INT64_MIN) <= at &&
		    at < row_int(t->row[i], "to_us", INT64_MAX))
			return 1;
	return 0;
}

struct approvals {
	struct row **row; /* approved, of this version, by time */
	size_t n, cap;
	size_t persons;   /* distinct, without the author */
	int64_t enough;   /* when so many as are needed; INT64_MAX: never */
};

static int
at_cmp(const void *x, const void *y)
{
	const struct row *a = *(struct row *const *)x;
	const struct row *b = *(struct row *const *)y;
	int64_t p = row_int(a, "at_us", INT64_MAX);
	int64_t q = row_int(b, "at_us", INT64_MAX);

	return p != q ? (p > q) - (p < q) :
	    (a->order > b->order) - (a->order < b->order);
}

static struct approvals
approvals_of(struct load *l, const struct version *v, int64_t needed)
{
	const struct load_table *t = load_table(l, "ref_policy_approval");
	const char *author = row_text(v->row, "author");
	struct approvals a = { .enough = INT64_MAX };
	struct map *seen = map_new(l->arena);

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(row_text(t->row[i], "policy_id"),
		    row_text(v->row, "policy_id")) == 0 &&
		    strcmp(row_text(t->row[i], "policy_version"),
		    row_text(v->row, "policy_version")) == 0 &&
		    str_eq(row_text(t->row[i], "decision"), "approved"))
			*VEC_PUSH(l->arena, a.row, a.n, a.cap) = t->row[i];
	if (a.n > 1)
		qsort(a.row, a.n, sizeof(*a.row), at_cmp);
	for (size_t i = 0; i < a.n; i++) {
		const char *person = row_text(a.row[i], "person_id");
		int64_t at = row_int(a.row[i], "at_us", INT64_MAX);

		if (at > l->as_of_us || str_eq(person, author) ||
		    map_getz(seen, person) != NULL)
			continue;
		*map_putz(seen, person) = a.row[i];
		if (++a.persons == (size_t)needed)
			a.enough = at;
	}
	return a;
}

static void
check_entry(struct load *l, const struct version *v, const struct row *e)
{
	const char *person = row_text(e, "person_id");
	const char *role = row_text(e, "role");
	int64_t at = row_int(e, "at_us", INT64_MAX);

	if (at == INT64_MAX)
		return;
	if (at > l->as_of_us)
		finding(l, v, "future-approval", v->from, v->to,
		    arena_printf(l->arena, "%s at %s", person, when(l, at)));
	if (str_eq(person, row_text(v->row, "author")))
		finding(l, v, "self-approval", v->from, v->to,
		    arena_printf(l->arena, "%s wrote it", person));
	if (role == NULL || !held(l, person, role, at))
		finding(l, v, "no-role", v->from, v->to,
		    arena_printf(l->arena, "%s did not hold role %s at %s",
		    person, role ? role : "(none named)", when(l, at)));
}

static void
check_ratified(struct load *l, const struct version *v, int64_t enough)
{
	int64_t since = row_int(v->row, "emergency_us", v->from);
	int64_t within = row_int(v->row, "ratify_within_us", 0);

	if (enough <= since + within || l->as_of_us <= since + within)
		return;
	finding(l, v, "not-ratified", since + within, enough,
	    enough == INT64_MAX ? "never approved" : "approved late");
}

static void
check_approvals(struct load *l, const struct history *h,
    const struct version *v)
{
	int64_t needed = row_int(h->policy, "approvals_needed", 1);
	struct approvals a = approvals_of(l, v, needed);

	row_set_int(v->row, "approvals", (int64_t)a.persons, v->row->at);
	if (a.enough != INT64_MAX)
		row_set_int(v->row, "approved_us", a.enough, v->row->at);
	for (size_t i = 0; i < a.n; i++)
		check_entry(l, v, a.row[i]);
	if (v->from > l->as_of_us)
		return; /* it still has time */
	if (row_text(v->row, "emergency_by") != NULL) {
		check_ratified(l, v, a.enough);
		return;
	}
	if (a.n == 0)
		finding(l, v, "no-approval", v->from, v->to,
		    "no entry approves these bytes");
	else if (a.persons < (size_t)needed)
		finding(l, v, "too-few", v->from, v->to,
		    arena_printf(l->arena, "%zu of %" PRId64 " persons",
		    a.persons, needed));
	else if (a.enough > v->from)
		finding(l, v, "late-approval", v->from, a.enough,
		    arena_printf(l->arena, "approved at %s",
		    when(l, a.enough)));
}

/* The owner's entries at or after from are the periodic reviews. */
static void
check_reviews(struct load *l, const struct history *h, const struct version *v)
{
	const struct load_table *t = load_table(l, "ref_policy_approval");
	const char *owner = row_text(h->policy, "owner");
	const char *interval = row_text(h->policy, "review_interval");
	int64_t last = v->from, end = v->to < l->as_of_us ? v->to :
	    l->as_of_us;
	struct date_span span;

	if (v->from == INT64_MAX || interval == NULL ||
	    date_parse_span(interval, &span) == -1)
		return;
	for (;;) {
		int64_t due = date_add(last, span, 1), next = INT64_MAX;

		for (size_t i = 0; i < t->n; i++) {
			const struct row *e = t->row[i];
			int64_t at = row_int(e, "at_us", INT64_MAX);

			if (strcmp(row_text(e, "policy_id"), row_text(v->row,
			    "policy_id")) == 0 && strcmp(row_text(e,
			    "policy_version"), row_text(v->row,
			    "policy_version")) == 0 && str_eq(row_text(e,
			    "person_id"), owner) && at > last && at < next)
				next = at;
		}
		if (due < end && next > due)
			finding(l, v, "not-reviewed", due, next < end ? next :
			    end, "the owner's review was overdue");
		if (next >= end)
			return;
		last = next;
	}
}

/* Tests */

static void
check_tests(struct load *l, const struct version *v)
{
	const struct load_table *t = load_table(l, "ref_document");
	const char *hash = row_text(v->row, "policy_hash");
	int64_t newest = INT64_MIN, failed = 0, tests = 0;

	for (size_t i = 0; hash != NULL && i < t->n; i++) {
		const struct row *e = t->row[i];
		int64_t run = row_int(e, "run_us", row_int(e, "collected_us",
		    row_int(e, "at_us", INT64_MIN)));
		struct row *r;

		if (!str_eq(row_text(e, "kind"), "junit") ||
		    !str_eq(row_text(e, "for_what"), hash) ||
		    row_int(e, "tests", -1) == -1 ||
		    row_int(e, "disagrees", 0) == 1 ||
		    !str_eq(row_text(e, "sha256"), row_text(e,
		    "found_sha256")))
			continue;
		r = load_row(l, "ref_policy_test", e->at);
		row_set_text(r, "policy_id", row_text(v->row, "policy_id"),
		    nowhere);
		row_set_text(r, "policy_version", row_text(v->row,
		    "policy_version"), nowhere);
		if (run != INT64_MIN)
			row_set_int(r, "run_us", run, row_mark(e, "path"));
		row_set_int(r, "tests", row_int(e, "tests", 0), nowhere);
		row_set_int(r, "failed", row_int(e, "failed", 0), nowhere);
		row_set_int(r, "skipped", row_int(e, "skipped", 0), nowhere);
		if (run < newest)
			continue;
		newest = run;
		failed = row_int(e, "failed", 0);
		tests = row_int(e, "tests", 0) - row_int(e, "skipped", 0);
	}
	if (v->from > l->as_of_us)
		return;
	if (tests == 0)
		finding(l, v, "untested", v->from, v->to,
		    "no report, or none of its tests ran");
	if (failed > 0)
		finding(l, v, "failed", v->from, v->to,
		    arena_printf(l->arena, "%" PRId64 " tests failed", failed));
	if (tests > 0 && newest != INT64_MIN &&
	    newest < row_int(v->row, "authored_us", INT64_MIN))
		finding(l, v, "stale-test", v->from, v->to,
		    arena_printf(l->arena, "tested at %s, written later",
		    when(l, newest)));
}

/* A report about a document of this version, for other bytes. */
static void
check_other_hash(struct load *l, const struct version *v)
{
	const struct load_table *t = load_table(l, "ref_document");
	const char *hash = row_text(v->row, "policy_hash");

	for (size_t i = 0; i < t->n; i++) {
		const struct row *e = t->row[i];
		const char *what = row_text(e, "for_what");

		if (row_int(e, "tests", -1) != -1 && what != NULL &&
		    str_eq(row_text(e, "subject"), row_text(v->row,
		    "policy_id")) && str_eq(row_text(e, "version"),
		    row_text(v->row, "policy_version")) &&
		    !str_eq(what, hash))
			finding(l, v, "other-hash", v->from, v->to,
			    arena_printf(l->arena, "tested was %s", what));
	}
}

/* Rules against scenarios */

static const struct texts *
rule_list(struct facts *f, const struct row *r, const char *field)
{
	return map_getz(f->lists, arena_printf(f->l->arena, "%s\n%s",
	    row_id(f->l, r), field));
}

/* 1 holds, 0 does not, -1 cannot be said. */
static int
in_list(struct facts *f, const struct row *r, const char *field,
    const char *text)
{
	const struct texts *t = rule_list(f, r, field);

	if (t == NULL)
		return 1;
	if (text == NULL)
		return -1;
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->text[i], text) == 0)
			return 1;
	return 0;
}

static int
matches_action(const char *rule, const char *action)
{
	size_t len = strlen(rule);

	if (rule[len - 1] == '*')
		return strncmp(rule, action, len - 1) == 0;
	return strcmp(rule, action) == 0;
}

static int
amount_holds(const struct row *rule, int64_t amount, const char *currency)
{
	int64_t least = row_int(rule, "min_minor", INT64_MIN);
	int64_t most = row_int(rule, "max_minor", INT64_MAX);
	const char *in = row_text(rule, "currency");

	if (least == INT64_MIN && most == INT64_MAX)
		return in == NULL || currency == NULL ||
		    strcmp(in, currency) == 0 ? 1 : -1;
	if (amount == INT64_MIN || (in != NULL && !str_eq(in, currency)))
		return -1;
	return amount >= least && amount <= most;
}

static int
scenario_holds(struct facts *f, const struct row *rule, const struct row *s)
{
	static const char *const unseen_list[] = { "tenants", "topics",
		"subject_states", "purposes" };
	static const char *const unseen[] = { "sum_max_minor", "age_max_us",
		"rate_n" };
	const char *action = row_text(s, "action");
	const struct row *a = action ? map_getz(f->actions, action) : NULL;
	int64_t doubt = row_int(rule, "confidence_below_ppm", -1);
	int64_t sure = row_int(s, "confidence_ppm", -1);
	int all = 1, one;

	if (action == NULL)
		return -1;
	if (!matches_action(row_text(rule, "action"), action))
		return 0;
#define AND(x) do { \
	if ((one = (x)) == 0) \
		return 0; \
	if (one == -1) \
		all = -1; \
} while (0)
	if (row_text(rule, "tool") != NULL)
		AND(row_text(s, "tool") == NULL ? -1 : str_eq(row_text(rule,
		    "tool"), row_text(s, "tool")));
	AND(amount_holds(rule, row_int(s, "amount_minor", INT64_MIN),
	    row_text(s, "currency")));
	if (doubt != -1)
		AND(sure == -1 ? -1 : sure < doubt);
	AND(in_list(f, rule, "agents", row_text(s, "agent_id")));
	AND(in_list(f, rule, "user_roles", row_text(s, "user_role")));
	AND(in_list(f, rule, "data_classes", row_text(s, "data_class")));
	AND(in_list(f, rule, "environments", "prod"));
	AND(in_list(f, rule, "reversible", a ? row_text(a, "reversible") :
	    NULL));
	for (size_t i = 0; i < 4; i++)
		AND(in_list(f, rule, unseen_list[i], NULL));
	for (size_t i = 0; i < 3; i++)
		AND(row_int(rule, unseen[i], INT64_MIN) == INT64_MIN ? 1 : -1);
	AND(row_text(rule, "data_scope") == NULL ? 1 : -1);
#undef AND
	return all;
}

/* A scenario fixes what it names; a rule that asks for more is left out. */
static void
check_scenarios(struct facts *f, const struct history *h,
    const struct version *v)
{
	const struct load_table *t = load_table(f->l, "ref_policy_scenario");

	for (size_t i = 0; i < t->n; i++) {
		const struct row *s = t->row[i];
		int want = policy_tier_parse(row_text(s, "expect_tier"));
		int tier = -1;

		if (want == -1 || strcmp(row_text(s, "policy_id"),
		    row_text(v->row, "policy_id")) != 0 ||
		    strcmp(row_text(s, "policy_version"), row_text(v->row,
		    "policy_version")) != 0)
			continue;
		for (size_t k = 0; k < v->nrule; k++) {
			int one = policy_tier_parse(row_text(v->rule[k],
			    "tier"));

			if (one > tier && scenario_holds(f, v->rule[k], s) == 1)
				tier = one;
		}
		if (tier == -1)
			tier = policy_tier_parse(row_text(h->policy,
			    "default_tier"));
		if (tier != want)
			finding(f->l, v, "scenario", v->from, v->to,
			    arena_printf(f->l->arena, "%s: expects %s, the "
			    "rules say %s", row_text(s, "scenario"),
			    tier_word[want], tier_word[tier]));
	}
}

/* Laxer than before, than the matrix, than the boundary */

static int
is_relaxed(struct facts *f, const struct version *v, const char *rule)
{
	const struct row *r = map_getz(f->relaxed, arena_printf(f->l->arena,
	    "%s\n%s", v->id, rule));

	return r != NULL && row_int(r, "until_us", INT64_MAX) > v->from;
}

static int
more(const struct row *old, const struct row *new, const char *col)
{
	return row_int(new, col, INT64_MAX) > row_int(old, col, INT64_MAX);
}

/* What got laxer, or NULL. */
static const char *
laxer(const struct row *old, const struct row *new)
{
	int before = policy_tier_parse(row_text(old, "tier"));
	int after = policy_tier_parse(row_text(new, "tier"));

	if (after < before)
		return "tier";
	if (after > before)
		return NULL;
	if (after <= TIER_NOTIFY && more(old, new, "max_minor"))
		return "max_minor";
	if (after >= TIER_APPROVE &&
	    row_int(new, "min_minor", INT64_MIN) >
	    row_int(old, "min_minor", INT64_MIN))
		return "min_minor";
	if (more(old, new, "rate_n"))
		return "rate_n";
	if (more(old, new, "sum_max_minor"))
		return "sum_max_minor";
	if (row_int(new, "count", 1) < row_int(old, "count", 1))
		return "count";
	if (after >= TIER_APPROVE && row_int(old, "confidence_below_ppm", -1) >
	    row_int(new, "confidence_below_ppm", 1000001))
		return "confidence_below";
	return NULL;
}

static int
same_rule(const struct row *a, const struct row *b)
{
	return str_eq(row_text(a, "rule_id"), row_text(b, "rule_id")) &&
	    str_eq(row_text(a, "action"), row_text(b, "action")) &&
	    str_eq(row_text(a, "tool"), row_text(b, "tool")) &&
	    str_eq(row_text(a, "currency"), row_text(b, "currency"));
}

static void
check_relaxed(struct facts *f, const struct version *old,
    const struct version *v)
{
	struct map *said = map_new(f->l->arena);

	for (size_t i = 0; i < old->nrule; i++) {
		const struct row *was = old->rule[i], *now = NULL;
		const char *rule = row_text(was, "rule_id"), *what = NULL;

		for (size_t k = 0; k < v->nrule && now == NULL; k++)
			if (same_rule(was, v->rule[k]))
				now = v->rule[k];
		if (now != NULL)
			what = laxer(was, now);
		else if (policy_tier_parse(row_text(was, "tier")) > TIER_AUTO)
			what = "the rule is gone";
		if (what == NULL || is_relaxed(f, v, rule) ||
		    map_getz(said, rule) != NULL)
			continue;
		*map_putz(said, rule) = f;
		finding(f->l, v, "silent-relaxation", v->from, v->to,
		    arena_printf(f->l->arena, "%s: %s, since version %s",
		    rule, what, row_text(old->row, "policy_version")));
	}
}

static void
check_cells(struct facts *f, const struct version *v)
{
	const struct load_table *t = load_table(f->l, "ref_matrix");

	for (size_t i = 0; i < t->n; i++) {
		const struct row *c = t->row[i];
		int persons, tier = policy_cell(row_text(c, "impact"),
		    row_text(c, "reversible"), &persons);
		int own = policy_tier_parse(row_text(c, "tier"));

		if (strcmp(row_text(c, "policy_id"), row_text(v->row,
		    "policy_id")) != 0 || strcmp(row_text(c, "policy_version"),
		    row_text(v->row, "policy_version")) != 0 ||
		    row_text(c, "why") != NULL || (own >= tier && !(own ==
		    tier && row_int(c, "count", 1) < persons)))
			continue;
		finding(f->l, v, "silent-relaxation", v->from, v->to,
		    arena_printf(f->l->arena, "matrix: %s, %s is laxer than "
		    "the default and says not why", row_text(c, "impact"),
		    row_text(c, "reversible")));
	}
}

/* The cell of the version's matrix for an action. */
static const struct row *
cell_of(struct facts *f, const struct version *v, const struct row *action)
{
	const char *impact = row_text(action, "impact");
	const char *reversible = row_text(action, "reversible");

	if (impact == NULL || reversible == NULL)
		return NULL;
	return map_getz(f->cells, arena_printf(f->l->arena, "%s/%s/%s", v->id,
	    impact, reversible));
}

/* 1 if nothing but the action decides whether the rule holds. */
static int
unconditional(struct facts *f, const struct row *rule)
{
	static const char *const number[] = { "min_minor", "max_minor",
		"sum_max_minor", "confidence_below_ppm", "age_max_us",
		"rate_n" };
	static const char *const text[] = { "tool", "currency", "data_scope" };
	static const char *const list[] = { "agents", "user_roles",
		"data_classes", "environments", "tenants", "topics",
		"reversible", "subject_states", "purposes" };

	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		if (row_int(rule, number[i], INT64_MIN) != INT64_MIN)
			return 0;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (row_text(rule, text[i]) != NULL)
			return 0;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (rule_list(f, rule, list[i]) != NULL)
			return 0;
	return 1;
}

/* The strictest rule wins, so one that always holds covers the laxer ones. */
static int
covered(struct facts *f, const struct version *v, const char *action,
    int tier, int64_t persons)
{
	for (size_t i = 0; i < v->nrule; i++) {
		const struct row *r = v->rule[i];
		int own = policy_tier_parse(row_text(r, "tier"));

		if (matches_action(row_text(r, "action"), action) &&
		    (own > tier || (own == tier &&
		    row_int(r, "count", 1) >= persons)) && unconditional(f, r))
			return 1;
	}
	return 0;
}

static void
check_matrix(struct facts *f, const struct version *v)
{
	const struct load_table *t = load_table(f->l, "ref_action");

	for (size_t i = 0; i < v->nrule; i++) {
		const struct row *rule = v->rule[i], *cell;
		int tier = policy_tier_parse(row_text(rule, "tier"));

		if (is_relaxed(f, v, row_text(rule, "rule_id")))
			continue;
		for (size_t k = 0; k < t->n; k++) {
			const char *action = row_text(t->row[k], "action");
			int64_t persons;
			int want;

			if (!matches_action(row_text(rule, "action"), action)
			    || (cell = cell_of(f, v, t->row[k])) == NULL)
				continue;
			want = policy_tier_parse(row_text(cell, "tier"));
			persons = want == TIER_APPROVE ?
			    row_int(cell, "count", 1) : 1;
			if (tier > want || (tier == want &&
			    row_int(rule, "count", 1) >= persons) ||
			    covered(f, v, action, want, persons))
				continue;
			finding(f->l, v, "contradiction", v->from, v->to,
			    arena_printf(f->l->arena, "%s: %s for %s is laxer "
			    "than its cell of the matrix, %s",
			    row_text(rule, "rule_id"), tier_word[tier], action,
			    tier_word[want]));
		}
	}
}

/* 1 if amounts of the boundary row can fall under the rule. */
static int
amounts_meet(const struct row *rule, const struct row *limit)
{
	const char *a = row_text(rule, "currency");
	const char *b = row_text(limit, "currency");

	if (a != NULL && b != NULL && strcmp(a, b) != 0)
		return 0;
	return row_int(rule, "max_minor", INT64_MAX) >=
	    row_int(limit, "min_minor", INT64_MIN) &&
	    row_int(limit, "max_minor", INT64_MAX) >=
	    row_int(rule, "min_minor", INT64_MIN);
}

/* 1 if a version of the agent, or its matrix, names the policy. */
static int
is_under(const struct facts *f, const char *agent, const char *policy)
{
	return map_getz(f->under, arena_printf(f->l->arena, "%s\n%s", agent,
	    policy)) != NULL;
}

/* The boundary is that of today, so only the version of today is held
 * against it. */
static void
check_boundary(struct facts *f, const struct version *v)
{
	const struct load_table *t = load_table(f->l, "ref_agent_limit");

	if (v->from > f->l->as_of_us || v->to <= f->l->as_of_us)
		return;
	for (size_t i = 0; i < t->n; i++) {
		const struct row *b = t->row[i];
		const char *action = row_text(b, "action");
		const char *effect = row_text(b, "effect");
		int want = strcmp(effect, "never") == 0 ? TIER_BLOCK :
		    strcmp(effect, "approve") == 0 ? TIER_APPROVE : TIER_AUTO;

		if (action == NULL || want == TIER_AUTO ||
		    !is_under(f, row_text(b, "agent_id"),
		    row_text(v->row, "policy_id")))
			continue;
		for (size_t k = 0; k < v->nrule; k++) {
			const struct row *rule = v->rule[k];
			int tier = policy_tier_parse(row_text(rule, "tier"));

			if (tier >= want || !matches_action(row_text(rule,
			    "action"), action) || !amounts_meet(rule, b) ||
			    covered(f, v, action, want, 1) ||
			    in_list(f, rule, "agents", row_text(b,
			    "agent_id")) == 0 || is_relaxed(f, v,
			    row_text(rule, "rule_id")))
				continue;
			finding(f->l, v, "contradiction", v->from, v->to,
			    arena_printf(f->l->arena, "%s: %s for %s is laxer "
			    "than the boundary of %s, %s (%s:%" PRIu32 ")",
			    row_text(rule, "rule_id"), tier_word[tier], action,
			    row_text(b, "agent_id"), effect, b->at.file,
			    b->at.line));
		}
	}
}

static void
gather_under(struct facts *f, const char *table, const char *col)
{
	const struct load_table *t = load_table(f->l, table);

	for (size_t i = 0; i < t->n; i++)
		if (row_text(t->row[i], col) != NULL)
			*map_putz(f->under, arena_printf(f->l->arena, "%s\n%s",
			    row_text(t->row[i], "agent_id"),
			    row_text(t->row[i], col))) = f;
}

static void
gather(struct facts *f)
{
	const struct load_table *t = load_table(f->l, "ref_list");

	for (size_t i = 0; i < t->n; i++) {
		struct texts *x;
		void **slot;

		if (strcmp(row_text(t->row[i], "kind"), "policy_rule") != 0)
			continue;
		slot = map_putz(f->lists, arena_printf(f->l->arena, "%s\n%s",
		    row_text(t->row[i], "id"), row_text(t->row[i], "field")));
		if (*slot == NULL)
			*slot = arena_alloc(f->l->arena, sizeof(*x));
		x = *slot;
		*VEC_PUSH(f->l->arena, x->text, x->n, x->cap) =
		    row_text(t->row[i], "value");
	}
	t = load_table(f->l, "ref_action");
	for (size_t i = 0; i < t->n; i++)
		*map_putz(f->actions, row_text(t->row[i], "action")) =
		    t->row[i];
	gather_under(f, "ref_agent", "matrix_policy_id");
	gather_under(f, "ref_agent_version", "policy_id");
	t = load_table(f->l, "ref_matrix");
	for (size_t i = 0; i < t->n; i++)
		*map_putz(f->cells, row_id(f->l, t->row[i])) = t->row[i];
	t = load_table(f->l, "ref_policy_relax");
	for (size_t i = 0; i < t->n; i++)
		*map_putz(f->relaxed, arena_printf(f->l->arena, "%s/%s\n%s",
		    row_text(t->row[i], "policy_id"), row_text(t->row[i],
		    "policy_version"), row_text(t->row[i], "rule_id"))) =
		    t->row[i];
}

void
policy_derive(struct load *l)
{
	struct facts f = { l, map_new(l->arena), map_new(l->arena),
		map_new(l->arena), map_new(l->arena), map_new(l->arena) };
	size_t n;
	struct history *h = histories(l, &n);

	gather(&f);
	for (size_t i = 0; i < n; i++) {
		fill_ends(&h[i]);
		check_spans(l, &h[i]);
		for (size_t k = 0; k < h[i].n; k++) {
			const struct version *v = &h[i].v[k];

			set_hash(l, &h[i], v);
			check_approvals(l, &h[i], v);
			check_reviews(l, &h[i], v);
			check_tests(l, v);
			check_other_hash(l, v);
			check_scenarios(&f, &h[i], v);
			if (k > 0)
				check_relaxed(&f, &h[i].v[k - 1], v);
			check_cells(&f, v);
			check_matrix(&f, v);
			check_boundary(&f, v);
		}
	}
}
