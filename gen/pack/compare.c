#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "pack/compare.h"
#include "pack/packin.h"
#include "pack/packjson.h"

#define CHECK_FORMAT "exhibit-check/1"
#define CHECK_FILE "data/controls/check.json"
#define REGISTRY_FILE "data/inputs/registry.json"

/* Which of two values is better; NULL: not there. */

static int
rank(const char *const *words, const char *value)
{
	size_t n = value == NULL ? 0 : strcspn(value, ",");

	for (int i = 0; n > 0 && words[i] != NULL; i++)
		if (strncmp(words[i], value, n) == 0 && words[i][n] == '\0')
			return i;
	return -1;
}

static enum change_way
by_rank(const char *const *words, const char *before, const char *after)
{
	int x = rank(words, before), y = rank(words, after);

	return x < 0 || y < 0 || x == y ? CHANGE_OTHER :
	    x < y ? CHANGE_BETTER : CHANGE_WORSE;
}

static enum change_way
status_way(const char *before, const char *after)
{
	static const char *const worst_first[] = { "gap", "not-established",
		"partial", "satisfied", NULL };

	return by_rank(worst_first, before, after);
}

static enum change_way
outcome_way(const char *before, const char *after)
{
	static const char *const worst_first[] = { "fail", "no-evidence",
		"pass", NULL };

	return by_rank(worst_first, before, after);
}

static enum change_way
gap_way(const char *before, const char *after)
{
	return before == NULL ? CHANGE_WORSE : after == NULL ?
	    CHANGE_BETTER : CHANGE_OTHER;
}

/* A log grows: one that went, or did not grow and differs, was cut or
 * forked. */
static enum change_way
log_way(const char *before, const char *after)
{
	return before == NULL || (after != NULL && strtoull(after, NULL, 10) >
	    strtoull(before, NULL, 10)) ? CHANGE_OTHER : CHANGE_WORSE;
}

static enum change_way
no_way(const char *before, const char *after)
{
	(void)before;
	(void)after;
	return CHANGE_OTHER;
}

/* Where statements come from: an array of objects, what names one, what it
 * says.  List: a member of check.json, or a table of the registry. */
static const struct kind {
	const char *kind, *list;
	const char *id[4];    /* members; "a|b": the one that is there */
	const char *value[2]; /* members; none: each member on its own */
	int advice; /* 1: rows that are advice alone, 0: the others */
	enum change_way (*way)(const char *before, const char *after);
} kinds[] = {
	{ "verdict", "verdicts", { "control", "scope" }, { "status" }, 0,
	    status_way },
	{ "gap", "gaps", { "id", "control", "scope" }, { "kind", "severity" },
	    0, gap_way },
	{ "result", "results", { "test|item", "scope" }, { "outcome" }, 0,
	    outcome_way },
	{ "advice", "results", { "test|item", "scope" }, { "x" }, 1, no_way },
	{ "requirement", "requirements", { "framework", "id" }, { "status",
	    "coverage" }, 0, status_way },
	{ "log", "streams", { "stream" }, { "size", "root" }, 0,
	    log_way },
	{ "policy", "ref_policy_version", { "policy_id", "policy_version" },
	    { NULL }, 0, no_way },
	{ "agent", "ref_agent", { "agent_id" }, { NULL }, 0, no_way },
	{ "agent version", "ref_agent_version", { "agent_id",
	    "agent_version" }, { NULL }, 0, no_way },
	{ "deployment", "ref_deployment", { "agent_id", "agent_version",
	    "stage", "from_us" }, { NULL }, 0, no_way },
	{ "model", "ref_model", { "model" }, { NULL }, 0, no_way },
	{ "prompt", "ref_prompt", { "prompt_id", "prompt_version" },
	    { NULL }, 0, no_way },
	{ "tool", "ref_tool", { "tool" }, { NULL }, 0, no_way },
	{ "action", "ref_action", { "action" }, { NULL }, 0, no_way },
	{ "person", "ref_person", { "person_id" }, { NULL }, 0, no_way },
	{ "waiver", "ref_waiver", { "waiver_id" }, { NULL }, 0, no_way },
	{ "test", "tests", { "id" }, { "sha256" }, 0, no_way },
};

#define NKIND (sizeof(kinds) / sizeof(kinds[0]))

struct statement {
	const struct kind *kind;
	const char *of;   /* the whole that it is a member of, or NULL */
	const char *id, *value;
};

struct said {
	struct arena *arena;
	const char *organisation, *period;
	unsigned char has[NKIND]; /* 1: it says something of that kind */
	struct statement *list;
	size_t n, cap;
};

static int
is_declared(const struct kind *k)
{
	return strncmp(k->list, "ref_", 4) == 0;
}

const char *
said_period(const struct said *s)
{
	return s->period;
}

const char *
said_organisation(const struct said *s)
{
	return s->organisation;
}

int
said_declares(const struct said *s)
{
	for (size_t i = 0; i < NKIND; i++)
		if (s->has[i] && is_declared(&kinds[i]))
			return 1;
	return 0;
}

/* A member as text: of text and whole numbers; NULL: not there. */
static const char *
member(struct arena *a, const json_t *row, const char *name)
{
	const char *bar = strchr(name, '|');
	const json_t *v = json_object_get(row, bar == NULL ? name :
	    arena_strndup(a, name, (size_t)(bar - name)));

	if (v == NULL && bar != NULL)
		v = json_object_get(row, bar + 1);
	if (json_is_string(v))
		return arena_strdup(a, json_string_value(v));
	if (json_is_integer(v))
		return arena_printf(a, "%lld",
		    (long long)json_integer_value(v));
	return NULL;
}

static const char *
join(struct arena *a, const json_t *row, const char *const *name, size_t n,
    const char *between)
{
	struct str s = str_new(a);

	for (size_t i = 0; i < n && name[i] != NULL; i++) {
		const char *p = member(a, row, name[i]);

		if (i > 0)
			str_addz(&s, between);
		str_addz(&s, p == NULL ? "" : p);
	}
	return s.p;
}

static void
add(struct said *s, const struct kind *k, const char *of, const char *id,
    const char *value)
{
	*VEC_PUSH(s->arena, s->list, s->n, s->cap) = (struct statement){
		k, of, id, value };
}

/* A declared row is a statement, and each of its members is another. */
static void
add_members(struct said *s, const struct kind *k, const char *id,
    json_t *row)
{
	add(s, k, NULL, id, "declared");
	for (void *i = json_object_iter(row); i != NULL;
	    i = json_object_iter_next(row, i)) {
		const char *name = json_object_iter_key(i);

		add(s, k, id, arena_printf(s->arena, "%s %s", id, name),
		    member(s->arena, row, name));
	}
}

static void
add_kind(struct said *s, const struct kind *k, const json_t *file)
{
	const json_t *list = json_object_get(file, k->list);

	s->has[k - kinds] = list != NULL;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *row = json_array_get(list, i);
		const char *id = join(s->arena, row, k->id, 4, " ");

		if ((json_object_get(row, "advice") != NULL) != k->advice)
			continue;
		if (k->value[0] == NULL)
			add_members(s, k, id, row);
		else
			add(s, k, NULL, id, join(s->arena, row, k->value, 2,
			    ", "));
	}
}

static int
by_place(const void *a, const void *b)
{
	const struct statement *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int
check_format(struct said *s, const json_t *file, struct fault *f)
{
	const char *format = packjson_text(file, "format", f);

	if (format == NULL)
		return -1;
	if (strcmp(format, CHECK_FORMAT) != 0)
		return fault_set(f, FAULT_VERSION_UNSUPPORTED, "format is %s, "
		    "want " CHECK_FORMAT, format);
	s->organisation = member(s->arena, file, "organisation");
	s->period = member(s->arena, file, "period");
	if (s->organisation == NULL || s->period == NULL)
		return fault_set(f, FAULT_JSON_FORM, "organisation or period "
		    "is not there");
	return 0;
}

struct said *
said_new(struct arena *a, const char *check, size_t checklen,
    const char *registry, size_t registrylen, struct fault *f)
{
	struct said *s = arena_alloc(a, sizeof(*s));
	json_t *file = packjson_load(check, checklen, 0, f), *ref = NULL;
	int rc = -1;

	s->arena = a;
	if (file == NULL || check_format(s, file, f) == -1)
		goto out;
	if (registry != NULL &&
	    (ref = packjson_load(registry, registrylen, 0, f)) == NULL)
		goto out;
	for (size_t i = 0; i < NKIND; i++)
		add_kind(s, &kinds[i], is_declared(&kinds[i]) ? ref : file);
	if (s->n > 0)
		qsort(s->list, s->n, sizeof(*s->list), by_place);
	rc = 0;
out:
	json_decref(file);
	json_decref(ref);
	return rc == 0 ? s : NULL;
}

/* Files. */

static int
load(struct arena *a, struct packin *in, const char *path, char **p,
    size_t *len, struct fault *f)
{
	const struct packin_file *file = packin_find(in, path);

	if (file == NULL)
		return fault_set(f, FAULT_NOT_A_PACK, "%s is not in it", path);
	return packin_load(in, a, file, LIMIT_JSON_FILE, p, len, f);
}

/* A file that begins as JSON does; a ZIP and a folder do not. */
static int
is_json(const char *path)
{
	FILE *file = fopen(path, "re");
	int c = file == NULL ? EOF : getc(file);

	if (file != NULL)
		(void)fclose(file);
	return c == '{';
}

struct said *
said_read(struct arena *a, const char *path, struct fault *f)
{
	struct packin *in;
	struct said *s = NULL;
	char *check, *registry;
	size_t checklen, registrylen;
	struct err e = { 0 };

	if (is_json(path)) {
		if (out_slurp(a, path, LIMIT_JSON_FILE, &check, &checklen,
		    &e) == -1)
			return (void)fault_set(f, FAULT_INPUT_FAILED, "%s",
			    e.msg), NULL;
		return said_new(a, check, checklen, NULL, 0, f);
	}
	if (packin_open(a, path, &in, f) == -1)
		return NULL;
	if (load(a, in, CHECK_FILE, &check, &checklen, f) == 0 &&
	    load(a, in, REGISTRY_FILE, &registry, &registrylen, f) == 0)
		s = said_new(a, check, checklen, registry, registrylen, f);
	(void)packin_close(in);
	return s;
}

/* The merge. */

struct merge {
	struct arena *arena;
	struct change *list;
	size_t n, cap;
	const char *whole; /* the row that came or went: its members too */
};

static void
put(struct merge *m, const struct statement *s, const char *before,
    const char *after)
{
	if (s->of != NULL && str_eq(s->of, m->whole))
		return;
	m->whole = s->of == NULL && (before == NULL || after == NULL) ?
	    s->id : NULL;
	*VEC_PUSH(m->arena, m->list, m->n, m->cap) = (struct change){
		.kind = s->kind->kind, .id = s->id, .before = before,
		.after = after, .way = s->kind->way(before, after) };
}

size_t
said_compare(struct arena *a, const struct said *before,
    const struct said *after, struct change **out)
{
	struct merge m = { .arena = a };
	size_t i = 0, k = 0;

	while (i < before->n || k < after->n) {
		const struct statement *x = &before->list[i];
		const struct statement *y = &after->list[k];
		int c = i == before->n ? 1 : k == after->n ? -1 :
		    by_place(x, y);
		const struct statement *s = c <= 0 ? x : y;

		i += c <= 0;
		k += c >= 0;
		if (!before->has[s->kind - kinds] ||
		    !after->has[s->kind - kinds])
			continue;
		if (c < 0)
			put(&m, x, x->value, NULL);
		else if (c > 0)
			put(&m, y, NULL, y->value);
		else if (!str_eq(x->value, y->value))
			put(&m, x, x->value, y->value);
	}
	*out = m.list;
	return m.n;
}
