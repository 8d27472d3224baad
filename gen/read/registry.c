#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "read/faults.h"
#include "read/load.h"
#include "read/registry.h"
#include "read/yaml.h"

#define LISTS 3

/* A file whose top holds lists of objects, each a table of its own. */
struct top {
	const char *field, *table;
};

/*
 * Where files lie and what is in them.  A star is one part of the path, and
 * key names the column it gives; under vendor nothing is looked at but the
 * index.
 */
static const struct place {
	const char *path, *schema, *table;
	const char *key[2];
	struct top top[LISTS];
} places[] = {
	{ "registry.yaml", "exhibit-registry/1", "ref_registry",
	    { NULL, NULL }, { { NULL, NULL } } },
	{ "people.yaml", "exhibit-people/1", NULL, { NULL, NULL },
	    { { "roles", "ref_role" }, { "people", "ref_person" } } },
	{ "actions.yaml", "exhibit-actions/1", NULL, { NULL, NULL },
	    { { "actions", "ref_action" } } },
	{ "deployments.yaml", "exhibit-deployments/1", NULL, { NULL, NULL },
	    { { "deployments", "ref_deployment" }, { "gates", "ref_gate" } } },
	{ "agents/*/agent.yaml", "exhibit-agent/1", "ref_agent",
	    { "agent_id", NULL }, { { NULL, NULL } } },
	{ "agents/*/versions/*.yaml", "exhibit-agent-version/1",
	    "ref_agent_version", { "agent_id", "agent_version" },
	    { { NULL, NULL } } },
	{ "models/*.yaml", "exhibit-model/1", "ref_model",
	    { "model", NULL }, { { NULL, NULL } } },
	{ "tools/*.yaml", "exhibit-tool/1", "ref_tool",
	    { "tool", NULL }, { { NULL, NULL } } },
	{ "datasets/*.yaml", "exhibit-dataset/1", "ref_dataset",
	    { "dataset", NULL }, { { NULL, NULL } } },
	{ "prompts/*/*.yaml", "exhibit-prompt/1", "ref_prompt",
	    { "prompt_id", "prompt_version" }, { { NULL, NULL } } },
	{ "evaluations/*.yaml", "exhibit-suite/1", "ref_suite",
	    { "suite", NULL }, { { NULL, NULL } } },
	{ "evaluations/results/*.yaml", "exhibit-results/1", NULL,
	    { NULL, NULL }, { { "results", "ref_eval_result" } } },
	{ "assessments/*/*.yaml", "exhibit-assessment/1", "ref_assessment",
	    { "agent_id", "date-kind" }, { { NULL, NULL } } },
	{ "risks/*.yaml", "exhibit-risk/1", "ref_risk",
	    { "risk_id", NULL }, { { NULL, NULL } } },
	{ "incidents/plan.yaml", "exhibit-plan/1", "ref_plan",
	    { NULL, NULL }, { { NULL, NULL } } },
	{ "incidents/*.yaml", "exhibit-incident/1", "ref_incident",
	    { "incident_id", NULL }, { { NULL, NULL } } },
	{ "reviews/*.yaml", "exhibit-review/1", "ref_review",
	    { "review", NULL }, { { NULL, NULL } } },
	{ "vendor/index.yaml", "exhibit-vendor/1", NULL, { NULL, NULL },
	    { { "files", "ref_vendor" } } },
};
#define NPLACE (sizeof(places) / sizeof(places[0]))

/* 1 if the path below the registry is of that shape; what each star stands
 * for goes to part. */
static int
matches(struct arena *a, const char *shape, const char *path,
    const char *part[2])
{
	int n = 0;

	for (; *shape != '\0'; shape++) {
		size_t len = strcspn(path, "/");
		const char *rest = shape + 1;

		if (*shape != '*') {
			if (*shape != *path++)
				return 0;
			continue;
		}
		if (*rest == '.') { /* the end of a name: *.yaml */
			size_t end = strlen(rest);

			if (len <= end || strcmp(path + len - end, rest) != 0)
				return 0;
			len -= end;
		}
		if (len == 0 || n == 2)
			return 0;
		part[n++] = arena_strndup(a, path, len);
		path += len;
	}
	return *path == '\0';
}

/* A file that holds lists alone. */
static void
read_top(struct load *l, const struct place *p, const struct yaml *y)
{
	const char *known[LISTS + 1] = { "schema" };
	size_t n = 1;

	for (size_t i = 0; i < LISTS && p->top[i].field != NULL; i++)
		known[n++] = p->top[i].field;
	for (const struct yaml *e = y->first; e != NULL; e = e->next) {
		const char *table = NULL;

		if (strcmp(e->key, "schema") == 0 || e->absent)
			continue;
		for (size_t i = 0; i < LISTS && p->top[i].field != NULL; i++)
			if (strcmp(p->top[i].field, e->key) == 0)
				table = p->top[i].table;
		if (table == NULL)
			yaml_unknown(e, known, n, l->diag);
		else
			load_rows(l, e, table, NULL);
	}
}

/* 2026-06-01-impact: a date and a kind. */
static int
split_assessment(struct load *l, const char *file, const char *name,
    struct load_path path[4])
{
	struct mark at = { file, 0, 0 };
	int64_t us;

	if (strlen(name) > 11 && name[10] == '-') {
		path[1] = (struct load_path){ "date_us",
			arena_strndup(l->arena, name, 10) };
		path[2] = (struct load_path){ "kind", name + 11 };
		if (date_parse(path[1].text, &us) == 0)
			return 1;
	}
	l->dropped++;
	diag_add(l->diag, ERR_INPUT, at, "want a name like "
	    "2026-06-01-impact.yaml: date and kind");
	return 0;
}

static void
read_place(struct load *l, const struct place *p, const char *file,
    const char *part[2])
{
	struct load_path path[4] = { { NULL, NULL } };
	struct yaml *y = files_yaml(l->files, "registry", file, p->schema,
	    l->diag);

	if (y == NULL)
		return;
	if (p->table == NULL) {
		read_top(l, p, y);
		return;
	}
	for (int i = 0; i < 2 && p->key[i] != NULL; i++) {
		path[i] = (struct load_path){ p->key[i], part[i] };
		if (strcmp(p->key[i], "date-kind") == 0 &&
		    !split_assessment(l, file, part[i], path))
			return;
	}
	(void)load_map(l, p->table, y, NULL, path);
}

/* Files that no place names: looked at when all else is read. */
struct rest {
	const char **path;
	size_t n, cap;
};

static void
walk(struct load *l, const char *folder, size_t skip, struct rest *rest)
{
	struct files_entry *e;
	size_t n = files_list(l->files, folder, &e, l->diag);

	for (size_t i = 0; i < n; i++) {
		const char *part[2] = { NULL, NULL }, *below = e[i].path + skip;
		size_t k = 0;

		if (e[i].folder) {
			walk(l, e[i].path, skip, rest);
			continue;
		}
		while (k < NPLACE && !matches(l->arena, places[k].path, below,
		    part))
			k++;
		if (k < NPLACE)
			read_place(l, &places[k], e[i].path, part);
		else
			*VEC_PUSH(l->arena, rest->path, rest->n, rest->cap) =
			    e[i].path;
	}
}

static const char *
stem(struct arena *a, const char *path, const char *ending)
{
	size_t n = strlen(path), m = strlen(ending);

	if (n <= m || strcmp(path + n - m, ending) != 0)
		return NULL;
	return arena_strndup(a, path, n - m);
}

/* Line ends as LF, nothing else touched. */
static void
hash_prompt(struct load *l, const char *p, size_t len, uint8_t out[HASH_LEN])
{
	struct hash *h = hash_new(l->arena);
	size_t from = 0;

	hash_start(h);
	for (size_t i = 0; i < len; i++) {
		if (p[i] != '\r')
			continue;
		hash_add(h, p + from, i - from);
		if (i + 1 == len || p[i + 1] != '\n')
			hash_add(h, "\n", 1);
		from = i + 1;
	}
	hash_add(h, p + from, len - from);
	hash_end(h, out);
	hash_free(h);
}

static void
read_prompt(struct load *l, struct row *r, const char *path)
{
	struct mark at = { path, 0, 0 };
	struct input *in = files_read(l->files, "prompt", path, LIMIT_YAML_FILE,
	    (struct mark){ .file = NULL }, l->diag);
	const char *old = row_text(r, "prompt_hash");
	char hex[HASH_HEXLEN];
	uint8_t sha[HASH_LEN];

	if (in == NULL)
		return;
	if (!utf8_valid(in->text, (size_t)in->bytes) ||
	    strncmp(in->text, "\xEF\xBB\xBF", 3) == 0) {
		diag_add(l->diag, ERR_INPUT, at,
		    "is not UTF-8 without a byte order mark");
		return;
	}
	hash_prompt(l, in->text, (size_t)in->bytes, sha);
	hash_hex(hex, sha);
	if (old != NULL && strcmp(old, hex) != 0)
		diag_add(l->diag, ERR_INPUT, row_mark(r, "prompt_hash"),
		    "prompt_hash: %s has %s", path, hex);
	row_set_sha256(l, r, "prompt_hash", sha, old != NULL ?
	    row_mark(r, "prompt_hash") : at);
}

/*
 * The file that a Markdown file stands beside: x.section.md beside x.yaml, in
 * an agent's folder section.md beside agent.yaml.  NULL: none.
 */
static struct row *
beside(struct load *l, const char *path, const char **section)
{
	const char *name = stem(l->arena, path, ".md"), *base, *dot;
	struct row *r;

	if (name == NULL)
		return NULL;
	base = strrchr(name, '/') == NULL ? name : strrchr(name, '/') + 1;
	for (dot = strchr(base, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
		r = map_getz(l->byfile, arena_printf(l->arena, "%.*s.yaml",
		    (int)(dot - name), name));
		*section = dot + 1;
		if (r != NULL && **section != '\0')
			return r;
	}
	*section = base;
	return map_getz(l->byfile, arena_printf(l->arena, "%.*sagent.yaml",
	    (int)(base - name), name));
}

static void
read_narrative(struct load *l, const struct row *of, const char *section,
    const char *path)
{
	struct mark at = { path, 1, 1 };
	struct input *in = files_read(l->files, "narrative", path,
	    LIMIT_DOCUMENT, (struct mark){ .file = NULL }, l->diag);
	const char *what;
	struct row *r;
	size_t i;

	if (in == NULL)
		return;
	if (!utf8_valid(in->text, (size_t)in->bytes)) {
		diag_add(l->diag, ERR_INPUT, at, "is not UTF-8");
		return;
	}
	if ((what = secret_find(in->text, (size_t)in->bytes, &i)) != NULL) {
		for (size_t k = 0; k < i; k++)
			at.line += in->text[k] == '\n';
		at.col = 0;
		diag_add(l->diag, ERR_INPUT, at, "looks like %s: a secret "
		    "does not belong here", what);
		return;
	}
	r = load_row(l, "ref_narrative", at);
	row_set_text(r, "kind", of->schema->kind, at);
	row_set_text(r, "id", row_id(l, of), at);
	row_set_text(r, "section", section, at);
	row_set_sha256(l, r, "text_sha256", in->sha256, at);
}

/* A vendor's file is untouched, so its bytes must be those that were taken. */
static void
check_vendor(struct load *l, const char *folder)
{
	const struct load_table *t = load_table(l, "ref_vendor");

	for (size_t i = 0; i < t->n; i++) {
		struct row *r = t->row[i];
		struct mark at = row_mark(r, "path");
		const char *path = files_join(l->arena, at.file,
		    row_text(r, "path"));
		struct input *in = NULL;
		char hex[HASH_HEXLEN];

		if (path != NULL && strncmp(path, folder, strlen(folder)) == 0)
			in = files_read(l->files, "vendor", path,
			    LIMIT_DOCUMENT, at, l->diag);
		else
			diag_add(l->diag, ERR_INPUT, at, "path: %s lies "
			    "outside of %s",
			    yaml_quote(l->arena, row_text(r, "path")), folder);
		if (in == NULL)
			continue;
		hash_hex(hex, in->sha256);
		if (strcmp(hex, row_text(r, "sha256")) != 0)
			diag_add(l->diag, ERR_INPUT, row_mark(r, "sha256"),
			    "sha256: %s has %s", path, hex);
	}
}

/* Prompts, narratives; what then nothing has named is an error. */
static void
read_rest(struct load *l, const struct rest *rest)
{
	const char *section = NULL, *name;
	struct row *r;

	for (size_t i = 0; i < rest->n; i++) {
		const char *path = rest->path[i];
		struct mark at = { path, 0, 0 };

		if (map_getz(l->files->seen, path) != NULL)
			continue;
		if ((name = stem(l->arena, path, ".txt")) != NULL &&
		    (r = map_getz(l->byfile, arena_printf(l->arena,
		    "%s.yaml", name))) != NULL &&
		    strcmp(r->schema->name, "ref_prompt") == 0)
			read_prompt(l, r, path);
		else if ((r = beside(l, path, &section)) != NULL)
			read_narrative(l, r, section, path);
		else if (l->dropped == 0 && l->files->unread == 0)
			diag_add(l->diag, ERR_INPUT, at,
			    "no place in the registry, and no file names it");
	}
}

static void
read_lists(struct load *l, const char *path, const char *schema,
    const char *field, const char *table)
{
	const struct place p = { path, schema, NULL, { NULL, NULL },
		{ { field, table } } };
	struct yaml *y = files_yaml(l->files, "registry", path, schema,
	    l->diag);

	if (y != NULL)
		read_top(l, &p, y);
}

static void
read_soa(struct load *l)
{
	static const char path[] = "controls/soa.yaml";
	struct yaml *y = files_yaml(l->files, "controls", path,
	    "exhibit-soa/1", l->diag);

	if (y != NULL)
		(void)load_map(l, "ref_soa_head", y, NULL, NULL);
}

/* AU-01 is what all else rests on. */
static void
check_waivers(struct load *l)
{
	const struct load_table *t = load_table(l, "ref_waiver");

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(row_text(t->row[i], "control"), "AU-01") == 0)
			diag_add(l->diag, ERR_INPUT, row_mark(t->row[i],
			    "control"), "control: AU-01 cannot be waived");
}

int
registry_read(struct arena *a, struct project *p, int64_t as_of_us,
    struct diag *d, struct ref **ref)
{
	return registry_read_with(a, p, as_of_us, NULL, d, ref);
}

int
registry_read_with(struct arena *a, struct project *p, int64_t as_of_us,
    const struct faults *faults, struct diag *d, struct ref **ref)
{
	uint64_t before = d->total;
	struct rest rest = { .n = 0 };
	struct load l;

	load_init(&l, a, p, as_of_us, d);
	(void)load_map(&l, "ref_organisation", p->organisation_node, NULL,
	    NULL);
	walk(&l, p->registry, strlen(p->registry) + 1, &rest);
	read_lists(&l, "waivers.yaml", "exhibit-waivers/1", "waivers",
	    "ref_waiver");
	read_soa(&l);
	policy_read(&l);
	check_vendor(&l, arena_printf(a, "%s/vendor/", p->registry));
	read_rest(&l, &rest);
	evidence_read(&l);
	check_waivers(&l);
	load_check(&l);
	if (faults != NULL)
		faults_apply(faults, &l);
	load_derive(&l);
	evidence_bind(&l);
	policy_derive(&l);
	*ref = load_finish(&l);
	return d->total == before ? 0 : -1;
}
