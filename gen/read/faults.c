#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "read/faults.h"
#include "read/load.h"
#include "read/yaml.h"

struct faults {
	const struct yaml **edit; /* of reference tables */
	size_t n, cap;
};

static int
chosen(const struct yaml *fault, const char *only)
{
	const struct yaml *id = yaml_find(fault, "id");
	const struct yaml *test = yaml_find(fault, "test");

	return only == NULL ||
	    (id != NULL && id->kind == YAML_TEXT && str_eq(id->text, only)) ||
	    (test != NULL && test->kind == YAML_TEXT &&
	    str_eq(test->text, only));
}

/* 1 if the edit is one of a reference table. */
static int
of_table(const struct yaml *edit, struct diag *d)
{
	const struct yaml *in = edit->kind == YAML_MAP ?
	    yaml_find(edit, "in") : NULL;

	if (in == NULL || in->kind != YAML_TEXT)
		diag_add(d, ERR_INPUT, edit->at, "in: missing");
	else if (strcmp(in->text, "event") == 0)
		return 0;
	else if (ref_schema_find(in->text) == NULL)
		diag_add(d, ERR_INPUT, in->at, "in: unknown table %s",
		    yaml_quote(d->arena, in->text));
	else
		return 1;
	return 0;
}

struct faults *
faults_read(struct arena *a, const char *name, const char *text, size_t len,
    const char *only, struct diag *d)
{
	struct faults *f = arena_alloc(a, sizeof(*f));
	const struct yaml *y = yaml_read(a, name, text, len, d), *list, *edits;

	if (y == NULL || !yaml_schema(y, "exhibit-faults/1", d))
		return NULL;
	list = yaml_find(y, "faults");
	for (const struct yaml *i = list != NULL ? list->first : NULL;
	    i != NULL; i = i->next) {
		if (i->kind != YAML_MAP || !chosen(i, only) ||
		    (edits = yaml_find(i, "edits")) == NULL)
			continue;
		for (const struct yaml *e = edits->first; e != NULL;
		    e = e->next)
			if (of_table(e, d))
				*VEC_PUSH(a, f->edit, f->n, f->cap) = e;
	}
	return f;
}

/* The column that an entry names, or -1 after a diagnosis; v as it says. */
static int
entry(struct load *l, const struct ref_schema *s, const struct yaml *e,
    struct value *v)
{
	int c = ref_schema_colno(s, e->key);

	*v = (struct value){ .type = VALUE_NULL };
	if (c == -1)
		diag_add(l->diag, ERR_INPUT, e->keyat, "%s has no column %s",
		    s->name, yaml_quote(l->arena, e->key));
	else if (yaml_value(l->arena, e, s->col[c].type == VALUE_INT ?
	    FIELD_INT : FIELD_TEXT, NULL, v, l->diag) == 0)
		return c;
	return -1;
}

static int
is_row(struct load *l, const struct row *r, const struct yaml *want)
{
	struct value v;
	int c;

	for (const struct yaml *e = want->first; e != NULL; e = e->next)
		if ((c = entry(l, r->schema, e, &v)) == -1 ||
		    !value_eq(&v, &r->cell[c]))
			return 0;
	return 1;
}

static void
set_row(struct load *l, struct row *r, const struct yaml *set)
{
	struct value v;
	int c;

	for (const struct yaml *e = set->first; e != NULL; e = e->next)
		if ((c = entry(l, r->schema, e, &v)) != -1)
			r->cell[c] = v;
}

/* It may say in which file it stands; else in that of the fault. */
static void
add_row(struct row *r, struct load *l, const struct yaml *add)
{
	set_row(l, r, add);
	r->at.file = row_text(r, "file");
	r->at.line = (uint32_t)row_int(r, "line", r->at.line);
}

static void
apply(struct load *l, const struct yaml *edit)
{
	const char *table = yaml_find(edit, "in")->text;
	const struct yaml *want = yaml_find(edit, "row");
	const struct yaml *set = yaml_find(edit, "set");
	const struct yaml *add = yaml_find(edit, "add");
	struct load_table *t = load_table(l, table);
	size_t found = 0, at = 0;

	if (add != NULL) {
		add_row(load_row(l, table, edit->at), l, add);
		return;
	}
	for (size_t i = 0; want != NULL && i < t->n; i++)
		if (is_row(l, t->row[i], want)) {
			found++;
			at = i;
		}
	if (found != 1)
		diag_add(l->diag, ERR_INPUT, edit->at, "row: matches %zu rows "
		    "of %s, want one", found, table);
	else if (set != NULL)
		set_row(l, t->row[at], set);
	else {
		memmove(t->row + at, t->row + at + 1,
		    (t->n - at - 1) * sizeof(*t->row));
		t->n--;
	}
}

void
faults_apply(const struct faults *f, struct load *l)
{
	for (size_t i = 0; i < f->n; i++)
		apply(l, f->edit[i]);
}
