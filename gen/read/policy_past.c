#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "read/policy.h"

/*
 * The history against the one that an earlier pack holds.  Both are dumps
 * (registry.md, "Hashes"), so what the reader fills is there too; columns that
 * the pack's audience left out are not compared.
 */

/* What a version says; of its own row all but what may still be added. */
static const char *const tables[] = {
	"ref_policy_version", "ref_policy_rule", "ref_policy_source",
	"ref_policy_relax", "ref_policy_scenario", "ref_matrix",
};
static const char *const later[] = { "to_us", "approvals", "approved_us" };

static int
is_later(const char *key)
{
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (strcmp(later[i], key) == 0)
			return 1;
	return 0;
}

static const char *
text_of(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s != NULL ? s : "";
}

static int
same_version(const json_t *a, const json_t *b)
{
	return strcmp(text_of(a, "policy_id"), text_of(b, "policy_id")) == 0 &&
	    strcmp(text_of(a, "policy_version"),
	    text_of(b, "policy_version")) == 0;
}

/* The row's next sibling of that version from *i on, or NULL. */
static json_t *
next_row(const json_t *list, const json_t *version, size_t *i)
{
	while (*i < json_array_size(list)) {
		json_t *row = json_array_get(list, (*i)++);

		if (same_version(row, version))
			return row;
	}
	return NULL;
}

/* All that the old row says stands in the new one. */
static int
still_says(json_t *old, const json_t *new)
{
	const char *key;
	json_t *v;

	json_object_foreach(old, key, v)
		if (!is_later(key) && !json_equal(v, json_object_get(new, key)))
			return 0;
	return 1;
}

/* NULL, or the first table in which the version differs. */
static const char *
differs(const json_t *was, const json_t *is, const json_t *version)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		const json_t *a = json_object_get(was, tables[t]);
		const json_t *b = json_object_get(is, tables[t]);
		size_t i = 0, k = 0;
		json_t *old, *new;

		do {
			old = next_row(a, version, &i);
			new = next_row(b, version, &k);
			if ((old == NULL) != (new == NULL) ||
			    (old != NULL && !still_says(old, new)))
				return tables[t];
		} while (old != NULL);
	}
	return NULL;
}

static void
set(struct arena *a, struct ref_table *t, const char *col, const char *text)
{
	struct value *v = &t->cell[t->nrow * t->ncol +
	    (size_t)ref_colno(t, col)];

	v->type = VALUE_TEXT;
	v->p = arena_strdup(a, text);
	v->len = strlen(text);
}

/* The row of a version, or SIZE_MAX. */
static size_t
version_row(const struct ref *r, const char *id, const char *name)
{
	const struct ref_table *v = ref_table(r, "ref_policy_version");
	size_t row = ref_next(v, 0, "policy_id", id);

	while (row != SIZE_MAX &&
	    !str_eq(ref_text(v, row, "policy_version"), name))
		row = ref_next(v, row + 1, "policy_id", id);
	return row;
}

/* A row more; its place is that of the version, else of the policy. */
static void
add(struct arena *a, struct ref *r, const char *id, const char *name,
    const char *finding, const char *detail)
{
	const struct ref_table *v = ref_table(r, "ref_policy_version");
	const struct ref_table *p = ref_table(r, "ref_policy");
	struct ref_table *t = NULL;
	struct value *cell;
	struct mark *at, here = { 0 };
	size_t row = version_row(r, id, name);

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->table[i].name, "ref_policy_finding") == 0)
			t = &r->table[i];
	if (row != SIZE_MAX)
		here = v->at[row];
	else if ((row = ref_next(p, 0, "policy_id", id)) != SIZE_MAX)
		here = p->at[row];
	if (t == NULL)
		return;
	cell = arena_array(a, (t->nrow + 1) * t->ncol, sizeof(*cell));
	at = arena_array(a, t->nrow + 1, sizeof(*at));
	if (t->nrow > 0) {
		memcpy(cell, t->cell, t->nrow * t->ncol * sizeof(*cell));
		memcpy(at, t->at, t->nrow * sizeof(*at));
	}
	at[t->nrow] = here;
	t->cell = cell;
	t->at = at;
	t->cellat = NULL;
	set(a, t, "policy_id", id);
	set(a, t, "policy_version", name);
	set(a, t, "finding", finding);
	set(a, t, "detail", detail);
	if (here.file != NULL) {
		set(a, t, "file", here.file);
		t->cell[t->nrow * t->ncol + (size_t)ref_colno(t, "line")] =
		    (struct value){ .type = VALUE_INT, .i = here.line };
	}
	t->nrow++;
}

static void
judge(struct arena *a, struct ref *r, const json_t *was, const json_t *is)
{
	const json_t *list = json_object_get(was, "ref_policy_version");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		size_t k = 0;
		const char *in;

		/* One that nobody had approved could still be written. */
		if (json_object_get(v, "approved_us") == NULL ||
		    *text_of(v, "policy_version") == '\0')
			continue;
		if (next_row(json_object_get(is, "ref_policy_version"), v,
		    &k) == NULL)
			add(a, r, text_of(v, "policy_id"), text_of(v,
			    "policy_version"), "removed",
			    "it is in the previous pack, approved");
		else if ((in = differs(was, is, v)) != NULL)
			add(a, r, text_of(v, "policy_id"), text_of(v,
			    "policy_version"), "rewritten", arena_printf(a,
			    "%s differs from the previous pack", in));
	}
}

int
policy_since(struct arena *a, struct ref *r, const char *dump, size_t len,
    struct err *e)
{
	struct str s = str_new(a);
	json_error_t je;
	json_t *was = json_loadb(dump, len, JSON_REJECT_DUPLICATES, &je), *is;

	if (was == NULL)
		return err_set(e, ERR_INPUT, "line %d: %s", je.line, je.text);
	ref_dump(r, AUDIENCE_INTERNAL, &s);
	is = json_loadb(s.p, s.len, 0, NULL);
	judge(a, r, was, is);
	json_decref(was);
	json_decref(is);
	return 0;
}

/* What the log shows. */

/* The version that the log's name stands for, or NULL. */
static const char *
named(const struct ref *r, const char *id, const char *name)
{
	const struct ref_table *t = ref_table(r, "ref_policy_name");

	for (size_t i = ref_next(t, 0, "log_version", name); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "log_version", name))
		if (str_eq(ref_text(t, i, "policy_id"), id))
			return ref_text(t, i, "policy_version");
	return NULL;
}

/* The longest time that a system of the policy takes to change over. */
static int64_t
propagation(const struct ref *r, const char *id)
{
	const struct ref_table *t = ref_table(r, "ref_policy_system");
	int64_t us = 0, n;

	for (size_t i = ref_next(t, 0, "policy_id", id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", id))
		if ((n = ref_int(t, i, "propagation_us", 0)) > us)
			us = n;
	return us;
}

/* Another version begins where this one ends. */
static int
has_successor(const struct ref *r, const char *id, int64_t to)
{
	const struct ref_table *t = ref_table(r, "ref_policy_version");

	for (size_t i = ref_next(t, 0, "policy_id", id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", id))
		if (ref_int(t, i, "from_us", INT64_MAX) == to)
			return 1;
	return 0;
}

static const char *
at_time(struct arena *a, const char *what, int64_t us)
{
	struct str s = str_new(a);

	str_addz(&s, what);
	date_add_time(&s, us);
	return s.p;
}

/* One version between the first and the last row that names it. */
static void
judge_seen(struct arena *a, struct ref *r, const char *id, const char *name,
    int64_t first, int64_t last)
{
	const struct ref_table *v = ref_table(r, "ref_policy_version");
	const char *version = named(r, id, name);
	size_t row = version ? version_row(r, id, version) : SIZE_MAX;
	int64_t to;

	if (row == SIZE_MAX) {
		add(a, r, id, name, "unknown-version", at_time(a,
		    "the log names it, first at ", first));
		return;
	}
	to = ref_int(v, row, "to_us", INT64_MAX);
	if (first < ref_int(v, row, "from_us", INT64_MIN))
		add(a, r, id, version, "early-version", at_time(a,
		    "the log names it at ", first));
	if (to == INT64_MAX || last < to || last - to < propagation(r, id))
		return;
	add(a, r, id, version, has_successor(r, id, to) ? "drift" :
	    "retired-version", at_time(a, "the log still names it at ", last));
}

/* The first row of each policy and version speaks for all of them. */
void
policy_seen(struct arena *a, struct ref *r, const struct ref_table *log)
{
	for (size_t i = 0; log != NULL && i < log->nrow; i++) {
		const char *id = ref_text(log, i, "policy_id");
		const char *name = ref_text(log, i, "policy_version");
		int64_t first = INT64_MAX, last = INT64_MIN;
		int said = 0;

		for (size_t k = 0; id != NULL && name != NULL && k < log->nrow;
		    k++) {
			int64_t us = ref_int(log, k, "first_us", INT64_MAX);

			if (!str_eq(ref_text(log, k, "policy_id"), id) ||
			    !str_eq(ref_text(log, k, "policy_version"), name))
				continue;
			said |= k < i;
			first = us < first ? us : first;
			us = ref_int(log, k, "last_us", INT64_MIN);
			last = us > last ? us : last;
		}
		if (!said && first <= last)
			judge_seen(a, r, id, name, first, last);
	}
}
