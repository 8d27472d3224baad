#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
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

/* A row more; its place is that of the version, else of the policy. */
static void
add(struct arena *a, struct ref *r, const json_t *version, const char *finding,
    const char *detail)
{
	const struct ref_table *v = ref_table(r, "ref_policy_version");
	const struct ref_table *p = ref_table(r, "ref_policy");
	const char *id = text_of(version, "policy_id");
	const char *name = text_of(version, "policy_version");
	struct ref_table *t = NULL;
	struct value *cell;
	struct mark *at, here = { 0 };
	size_t row = ref_next(v, 0, "policy_id", id);

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->table[i].name, "ref_policy_finding") == 0)
			t = &r->table[i];
	while (row != SIZE_MAX &&
	    !str_eq(ref_text(v, row, "policy_version"), name))
		row = ref_next(v, row + 1, "policy_id", id);
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
			add(a, r, v, "removed", "it is in the previous pack, "
			    "approved");
		else if ((in = differs(was, is, v)) != NULL)
			add(a, r, v, "rewritten", arena_printf(a,
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
