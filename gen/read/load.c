#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "read/load.h"
#include "read/registry.h"
#include "read/yaml.h"

static const struct mark nowhere;

void
load_init(struct load *l, struct arena *a, struct project *p, int64_t as_of_us,
    struct diag *d)
{
	*l = (struct load){ .arena = a, .project = p, .files = &p->files,
		.diag = d, .as_of_us = as_of_us };
	l->table = arena_array(a, ref_nschema, sizeof(*l->table));
	l->ids = map_new(a);
	l->byfile = map_new(a);
	l->nodes = map_new(a);
}

struct load_table *
load_table(struct load *l, const char *table)
{
	const struct ref_schema *s = ref_schema_find(table);

	if (s == NULL)
		err_die("load_table: no such table");
	return &l->table[s - ref_schema];
}

struct row *
load_row(struct load *l, const char *table, struct mark at)
{
	struct load_table *t = load_table(l, table);
	const struct ref_schema *s = &ref_schema[t - l->table];
	struct row *r = arena_alloc(l->arena, sizeof(*r));

	r->schema = s;
	r->cell = arena_array(l->arena, s->ncol, sizeof(*r->cell));
	r->cellat = arena_array(l->arena, s->ncol, sizeof(*r->cellat));
	r->at = at;
	r->order = l->order++;
	if (at.file != NULL) {
		row_set_text(r, "file", at.file, nowhere);
		row_set_int(r, "line", at.line, nowhere);
	}
	*VEC_PUSH(l->arena, t->row, t->n, t->cap) = r;
	return r;
}

static size_t
col_of(const struct row *r, const char *col)
{
	int c = ref_schema_colno(r->schema, col);

	if (c == -1)
		err_die("row: no such column");
	return (size_t)c;
}

struct value *
row_cell(struct row *r, const char *col)
{
	return &r->cell[col_of(r, col)];
}

const char *
row_text(const struct row *r, const char *col)
{
	return value_text(&r->cell[col_of(r, col)]);
}

int64_t
row_int(const struct row *r, const char *col, int64_t none)
{
	const struct value *v = &r->cell[col_of(r, col)];

	return v->type == VALUE_INT ? v->i : none;
}

struct mark
row_mark(const struct row *r, const char *col)
{
	size_t c = col_of(r, col);

	return r->cellat[c].file != NULL ? r->cellat[c] : r->at;
}

void
row_set_text(struct row *r, const char *col, const char *text, struct mark at)
{
	size_t c = col_of(r, col);

	r->cell[c] = (struct value){ .type = VALUE_NULL };
	if (text != NULL)
		r->cell[c] = (struct value){ VALUE_TEXT, 0, text,
			strlen(text) };
	r->cellat[c] = at;
}

void
row_set_int(struct row *r, const char *col, int64_t i, struct mark at)
{
	size_t c = col_of(r, col);

	r->cell[c] = (struct value){ .type = VALUE_INT, .i = i };
	r->cellat[c] = at;
}

void
row_set_sha256(struct load *l, struct row *r, const char *col,
    const uint8_t sha256[32], struct mark at)
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, sha256);
	row_set_text(r, col, arena_strdup(l->arena, hex), at);
}

static void
add_value(struct str *s, const struct ref_col *c, const struct value *v)
{
	if (v->type == VALUE_TEXT)
		str_add(s, v->p, v->len);
	else if (v->type == VALUE_INT && c->field == FIELD_TIME &&
	    v->i % DATE_DAY == 0)
		date_add_day(s, v->i);
	else if (v->type == VALUE_INT && c->field == FIELD_TIME)
		date_add_time(s, v->i);
	else if (v->type == VALUE_INT)
		str_addi(s, v->i);
}

const char *
row_id(struct load *l, const struct row *r)
{
	struct str s = str_new(l->arena);
	int n = 0;

	for (size_t i = 0; i < r->schema->ncol; i++) {
		if (!r->schema->col[i].key)
			continue;
		if (n++ > 0)
			str_addc(&s, '/');
		add_value(&s, &r->schema->col[i], &r->cell[i]);
	}
	return s.p;
}

/* One map to one row */

static void
add_link(struct load *l, struct row *r, enum field type, const char *of,
    const char *field, const char *text, struct mark at)
{
	struct load_link *k;

	if (type < FIELD_PERSON || text == NULL)
		return;
	k = VEC_PUSH(l->arena, l->link, l->nlink, l->linkcap);
	*k = (struct load_link){ r, type, of, field, text, at };
}

static const struct ref_col *
column_of(const struct ref_schema *s, const char *field)
{
	for (size_t i = 0; i < s->ncol; i++)
		if ((s->col[i].flags & (REF_PATH | REF_FILLED)) == 0 &&
		    strlen(field) == ref_fieldlen(&s->col[i]) &&
		    strncmp(field, s->col[i].name, strlen(field)) == 0)
			return &s->col[i];
	return NULL;
}

static const struct ref_list *
list_of(const struct ref_schema *s, const char *field)
{
	for (size_t i = 0; i < s->nlist; i++)
		if (strcmp(s->list[i].field, field) == 0)
			return &s->list[i];
	return NULL;
}

static const struct ref_child *
child_of(const struct ref_schema *s, const char *field)
{
	for (size_t i = 0; i < s->nchild; i++)
		if (strcmp(s->child[i].field, field) == 0)
			return &s->child[i];
	return NULL;
}

static void
unknown_field(struct load *l, const struct ref_schema *s, const struct yaml *e)
{
	size_t n = 0;
	const char **known = arena_array(l->arena,
	    s->ncol + s->nlist + s->nchild, sizeof(*known));

	for (size_t i = 0; i < s->ncol; i++)
		if ((s->col[i].flags & (REF_PATH | REF_FILLED)) == 0)
			known[n++] = arena_strndup(l->arena, s->col[i].name,
			    ref_fieldlen(&s->col[i]));
	for (size_t i = 0; i < s->nlist; i++)
		known[n++] = s->list[i].field;
	for (size_t i = 0; i < s->nchild; i++)
		known[n++] = s->child[i].field;
	yaml_unknown(e, known, n, l->diag);
}

/* The file that a column x_file names: its place in the project, and its
 * SHA-256 in x_sha256. */
static void
named_file(struct load *l, struct row *r, size_t c, const struct yaml *e)
{
	const char *name = r->schema->col[c].name;
	const char *path = files_join(l->arena, e->at.file, r->cell[c].p);
	char *sha = arena_printf(l->arena, "%.*s_sha256",
	    (int)(strlen(name) - strlen("_file")), name);
	struct input *in;

	if (path == NULL) {
		diag_add(l->diag, ERR_INPUT, e->at, "%s: %s leaves the project",
		    e->key, yaml_quote(l->arena, e->text));
		return;
	}
	in = files_read(l->files, "file", path, LIMIT_DOCUMENT, e->at, l->diag);
	row_set_text(r, name, path, e->at);
	if (in != NULL)
		row_set_sha256(l, r, sha, in->sha256, e->at);
}

/* What a draft leaves open is as if it were not there. */
static int
is_open(const struct yaml *e)
{
	return e->absent || (e->kind == YAML_TEXT &&
	    strcmp(e->text, REF_OPEN) == 0);
}

static void
read_column(struct load *l, struct row *r, const struct ref_col *c,
    const struct yaml *e)
{
	size_t i = (size_t)(c - r->schema->col);

	if (is_open(e))
		return;
	r->cellat[i] = e->at;
	if (yaml_value(l->arena, e, c->field, c->of, &r->cell[i],
	    l->diag) == -1) {
		if (c->key)
			l->dropped++;
		return;
	}
	if (r->cell[i].type != VALUE_TEXT)
		return;
	if (c->field == FIELD_FILE)
		named_file(l, r, i, e);
	add_link(l, r, c->field, c->of, e->key, r->cell[i].p, e->at);
}

void
load_column(struct load *l, struct row *r, const char *col,
    const struct yaml *e)
{
	read_column(l, r, &r->schema->col[col_of(r, col)], e);
}

static void
add_none(struct load *l, const struct row *r, const struct yaml *e)
{
	struct row *none = load_row(l, "ref_none", e->keyat);

	row_set_text(none, "kind", r->schema->kind, nowhere);
	row_set_text(none, "id", row_id(l, r), nowhere);
	row_set_text(none, "field", e->key, nowhere);
}

/* The last key of the list's own table takes the value, the others are the
 * row's. */
static void
add_named(struct load *l, const struct row *r, const char *table,
    const struct yaml *e)
{
	struct row *own = load_row(l, table, e->at);
	const struct ref_schema *s = own->schema;
	size_t last = s->ncol - 3; /* before file and line */

	for (size_t i = 0; i < last; i++)
		own->cell[i] = r->cell[col_of(r, s->col[i].name)];
	row_set_text(own, s->col[last].name, e->text, e->at);
}

static void
read_list(struct load *l, struct row *r, const struct ref_list *f,
    const struct yaml *list)
{
	struct map *seen = map_new(l->arena);
	int64_t ord = 0;
	struct value v;

	if (list->kind != YAML_LIST) {
		diag_add(l->diag, ERR_INPUT, list->at, "%s: want a list",
		    list->key);
		return;
	}
	if (list->n == 0)
		add_none(l, r, list);
	for (struct yaml *e = list->first; e != NULL; e = e->next) {
		struct row *one;

		e->key = list->key;
		if (e->absent) {
			diag_add(l->diag, ERR_INPUT, e->at, "%s: want text",
			    list->key);
			continue;
		}
		if (is_open(e))
			continue;
		if (yaml_value(l->arena, e, f->type, f->of, &v, l->diag) == -1)
			continue;
		if (map_getz(seen, e->text) != NULL) {
			diag_add(l->diag, ERR_INPUT, e->at, "%s: %s stands "
			    "here twice", list->key,
			    yaml_quote(l->arena, e->text));
			continue;
		}
		*map_putz(seen, e->text) = e;
		one = load_row(l, "ref_list", e->at);
		row_set_text(one, "kind", r->schema->kind, nowhere);
		row_set_text(one, "id", row_id(l, r), nowhere);
		row_set_text(one, "field", f->field, nowhere);
		row_set_int(one, "ord", ++ord, nowhere);
		row_set_text(one, "value", e->text, e->at);
		add_link(l, r, f->type, f->of, list->key, e->text, e->at);
		if (f->table != NULL)
			add_named(l, r, f->table, e);
	}
}

/* 1 if all that the row needs is there. */
static int
check_row(struct load *l, struct row *r, const struct yaml *y)
{
	const struct ref_schema *s = r->schema;
	int good = 1;

	for (size_t i = 0; i < s->ncol; i++) {
		const struct ref_col *c = &s->col[i];

		if (r->cell[i].type != VALUE_NULL || r->cellat[i].file != NULL)
			good &= !((c->flags & REF_REQUIRED) != 0 &&
			    r->cell[i].type == VALUE_NULL);
		else if ((c->flags & REF_REQUIRED) != 0) {
			diag_add(l->diag, ERR_INPUT, y->at, "%.*s: missing",
			    (int)ref_fieldlen(c), c->name);
			good = 0;
		} else if (c->none != NULL) {
			struct yaml fixed = { .kind = YAML_TEXT,
				.text = c->none, .len = strlen(c->none),
				.key = c->name };

			(void)yaml_value(l->arena, &fixed, c->field, c->of,
			    &r->cell[i], l->diag);
		}
	}
	return good;
}

static void
inherit(struct row *r, const struct row *parent)
{
	for (size_t i = 0; parent != NULL && i < r->schema->ncol; i++) {
		const struct ref_col *c = &r->schema->col[i];
		int from = ref_schema_colno(parent->schema, c->name);

		if ((c->flags & REF_PATH) == 0 || from == -1)
			continue;
		r->cell[i] = parent->cell[from];
	}
}

/* What the file's own path says; it too must be of its type. */
static int
from_path(struct load *l, struct row *r, const struct load_path *path)
{
	int good = 1;

	for (; path != NULL && path->col != NULL; path++) {
		size_t i = col_of(r, path->col);
		const struct ref_col *c = &r->schema->col[i];
		struct yaml part = { .kind = YAML_TEXT, .text = path->text,
			.len = strlen(path->text), .key = c->name,
			.at = { r->at.file, 0, 0 } };

		if (yaml_value(l->arena, &part, c->field, c->of, &r->cell[i],
		    l->diag) == -1)
			good = 0;
		else
			add_link(l, r, c->field, c->of, c->name, path->text,
			    part.at);
	}
	return good;
}

static int
skipped(const struct yaml *e)
{
	return strcmp(e->key, "schema") == 0 && e->kind == YAML_TEXT &&
	    strncmp(e->text, "exhibit", 7) == 0;
}

/*
 * A map that says `draft: true` is a row that nobody has vouched for yet: it
 * is parsed, counted and left out, so that it changes no finding.
 */
static int
is_draft(struct load *l, const struct yaml *y)
{
	struct yaml *e = y->kind == YAML_MAP ? yaml_find(y, "draft") : NULL;

	if (e == NULL)
		return 0;
	if (e->kind != YAML_TEXT || strcmp(e->text, "true") != 0) {
		diag_add(l->diag, ERR_INPUT, e->at, "draft: want true; where "
		    "it is none, leave it out");
		l->dropped++;
	}
	*VEC_PUSH(l->arena, l->draft, l->ndraft, l->draftcap) = e->at;
	return 1;
}

struct row *
load_map(struct load *l, const char *table, const struct yaml *y,
    const struct row *parent, const struct load_path *path)
{
	struct row *r = is_draft(l, y) ? NULL : load_row(l, table, y->at);
	const struct ref_schema *s;
	const struct ref_col *c;
	const struct ref_child *k;
	const struct ref_list *f;
	struct load_table *t = load_table(l, table);
	int good;

	if (r == NULL)
		return NULL;
	s = r->schema;
	inherit(r, parent);
	good = from_path(l, r, path);
	if (ref_schema_colno(s, "ord") != -1)
		row_set_int(r, "ord", l->ord, nowhere);
	if (y->kind != YAML_MAP) {
		diag_add(l->diag, ERR_INPUT, y->at, "want fields");
		good = 0;
	}
	for (struct yaml *e = y->first; good && e != NULL; e = e->next) {
		if (skipped(e))
			continue;
		if ((c = column_of(s, e->key)) != NULL)
			read_column(l, r, c, e);
		else if (list_of(s, e->key) == NULL &&
		    child_of(s, e->key) == NULL)
			unknown_field(l, s, e);
	}
	if (!good || !check_row(l, r, y)) {
		l->dropped++;
		t->n--; /* load_row put it last, and none came after */
		return NULL;
	}
	if (path != NULL) {
		*map_putz(l->byfile, y->at.file) = r;
		*map_putz(l->nodes, y->at.file) = (void *)(uintptr_t)y;
	}
	for (struct yaml *e = y->first; e != NULL; e = e->next) {
		if (e->absent || column_of(s, e->key) != NULL)
			continue;
		if ((f = list_of(s, e->key)) != NULL)
			read_list(l, r, f, e);
		else if ((k = child_of(s, e->key)) != NULL) {
			if (e->kind == YAML_LIST && e->n == 0)
				add_none(l, r, e);
			load_rows(l, e, k->table, r);
		}
	}
	return r;
}

void
load_rows(struct load *l, const struct yaml *list, const char *table,
    const struct row *parent)
{
	if (list->kind != YAML_LIST) {
		diag_add(l->diag, ERR_INPUT, list->at, "%s: want a list",
		    list->key);
		return;
	}
	l->ord = 0;
	for (const struct yaml *e = list->first; e != NULL; e = e->next) {
		int64_t ord = ++l->ord;

		(void)load_map(l, table, e, parent, NULL);
		l->ord = ord; /* lists inside have counted too */
	}
}

/* What a name must name */

static const struct target {
	enum field type;
	const char *word, *table, *col, *scope;
	enum field of; /* what scope names */
} targets[] = {
	{ FIELD_PERSON, "person", "ref_person", "person_id", NULL, FIELD_TEXT },
	{ FIELD_ROLE, "role", "ref_role", "role", NULL, FIELD_TEXT },
	{ FIELD_AGENT, "agent", "ref_agent", "agent_id", NULL, FIELD_TEXT },
	{ FIELD_VERSION, "version", "ref_agent_version", "agent_version",
	    "agent_id", FIELD_AGENT },
	{ FIELD_MODEL, "model", "ref_model", "model", NULL, FIELD_TEXT },
	{ FIELD_PROMPT, "prompt", "ref_prompt", "prompt_id", NULL, FIELD_TEXT },
	{ FIELD_PROMPT_VERSION, "version", "ref_prompt", "prompt_version",
	    "prompt_id", FIELD_PROMPT },
	{ FIELD_TOOL, "tool", "ref_tool", "tool", NULL, FIELD_TEXT },
	{ FIELD_ACTION, "action", "ref_action", "action", NULL, FIELD_TEXT },
	{ FIELD_DATASET, "dataset", "ref_dataset", "dataset", NULL, FIELD_TEXT },
	{ FIELD_SUITE, "suite", "ref_suite", "suite", NULL, FIELD_TEXT },
	{ FIELD_RISK, "risk", "ref_risk", "risk_id", NULL, FIELD_TEXT },
	{ FIELD_POLICY, "policy", "ref_policy", "policy_id", NULL, FIELD_TEXT },
	{ FIELD_POLICY_VERSION, "version", "ref_policy_version",
	    "policy_version", "policy_id", FIELD_POLICY },
	{ FIELD_DATA_CLASS, "data class", "ref_data_class", "data_class",
	    NULL, FIELD_TEXT },
};
#define NTARGET (sizeof(targets) / sizeof(targets[0]))

static const struct target *
target_of(enum field type)
{
	for (size_t i = 0; i < NTARGET; i++)
		if (targets[i].type == type)
			return &targets[i];
	return NULL;
}

static const char *
id_key(struct arena *a, enum field type, const char *scope, const char *id)
{
	return arena_printf(a, "%d %s/%s", (int)type, scope ? scope : "", id);
}

static void
index_ids(struct load *l)
{
	for (size_t i = 0; i < NTARGET; i++) {
		const struct target *g = &targets[i];
		const struct load_table *t = load_table(l, g->table);

		for (size_t j = 0; j < t->n; j++)
			*map_putz(l->ids, id_key(l->arena, g->type,
			    g->scope ? row_text(t->row[j], g->scope) : NULL,
			    row_text(t->row[j], g->col))) = t->row[j];
	}
}

static int
known(struct load *l, enum field type, const char *scope, const char *id)
{
	return map_getz(l->ids, id_key(l->arena, type, scope, id)) != NULL;
}

/* The id of that sort nearest to text, or NULL. */
static const char *
nearest(struct load *l, enum field type, const char *scope, const char *text)
{
	const struct target *g = target_of(type);
	const struct load_table *t = load_table(l, g->table);
	const char **id;
	size_t n = 0;

	if (l->diag->n >= LIMIT_DIAG)
		return NULL; /* it would not be shown */
	id = arena_array(l->arena, t->n + 1, sizeof(*id));
	for (size_t i = 0; i < t->n; i++)
		if (g->scope == NULL ||
		    str_eq(scope, row_text(t->row[i], g->scope)))
			id[n++] = row_text(t->row[i], g->col);
	return str_nearest(text, id, n);
}

static void
unknown_id(struct load *l, const struct load_link *k, enum field type,
    const char *word, const char *scope)
{
	const char *near = nearest(l, type, scope, k->text);

	if (near == NULL && k->type == FIELD_HOLDER)
		near = nearest(l, FIELD_ROLE, NULL, k->text);
	diag_add(l->diag, ERR_INPUT, k->at, "%s: unknown %s %s%s%s%s%s%s",
	    k->field, word, yaml_quote(l->arena, k->text),
	    scope ? " of " : "", scope ? scope : "",
	    near ? " (did you mean \"" : "", near ? near : "",
	    near ? "\"?)" : "");
}

/* An asterisk at the end: any action that begins so. */
static int
known_prefix(struct load *l, const char *text)
{
	const struct load_table *t = load_table(l, "ref_action");
	size_t len = strlen(text);

	if (text[len - 1] != '*')
		return known(l, FIELD_ACTION, NULL, text);
	for (size_t i = 0; i < t->n; i++)
		if (strncmp(row_text(t->row[i], "action"), text, len - 1) == 0)
			return 1;
	return len == 1;
}

static void
check_link(struct load *l, const struct load_link *k)
{
	enum field type = k->type;
	const struct target *g;
	const char *scope = NULL;

	if (type == FIELD_HOLDER) {
		if (!known(l, FIELD_PERSON, NULL, k->text) &&
		    !known(l, FIELD_ROLE, NULL, k->text))
			unknown_id(l, k, FIELD_PERSON, "person or role", NULL);
		return;
	}
	if (type == FIELD_ACTION_PREFIX) {
		if (!known_prefix(l, k->text))
			unknown_id(l, k, FIELD_ACTION, "action", NULL);
		return;
	}
	if (type == FIELD_VERSION_OR_PREVIOUS) {
		if (strcmp(k->text, "previous") == 0)
			return;
		type = FIELD_VERSION;
	}
	g = target_of(type);
	if (g->scope != NULL && (scope = row_text(k->row, k->of)) == NULL)
		diag_add(l->diag, ERR_INPUT, k->at, "%s: needs a %s beside it",
		    k->field, k->of);
	else if (!known(l, type, scope, k->text) &&
	    (scope == NULL || known(l, g->of, NULL, scope)))
		unknown_id(l, k, type, g->word, scope); /* else scope is */
}

/* Order */

static int
value_cmp(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->type == VALUE_INT)
		return (a->i > b->i) - (a->i < b->i);
	return a->type == VALUE_TEXT ? str_cmp(a->p, a->len, b->p, b->len) : 0;
}

static int
key_cmp(const struct row *a, const struct row *b)
{
	int c = 0;

	for (size_t i = 0; c == 0 && i < a->schema->ncol; i++)
		if (a->schema->col[i].key)
			c = value_cmp(&a->cell[i], &b->cell[i]);
	return c;
}

static int
row_cmp(const void *x, const void *y)
{
	const struct row *a = *(struct row *const *)x;
	const struct row *b = *(struct row *const *)y;
	int c = key_cmp(a, b);

	if (c == 0 && a->at.file != NULL && b->at.file != NULL)
		c = strcmp(a->at.file, b->at.file);
	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

void
load_sort(struct load_table *t)
{
	if (t->n > 1)
		qsort(t->row, t->n, sizeof(*t->row), row_cmp);
}

static void
check_keys(struct load *l, struct load_table *t, const struct ref_schema *s)
{
	load_sort(t);
	if ((s->flags & REF_MULTI) != 0)
		return;
	for (size_t i = 1; i < t->n; i++)
		if (key_cmp(t->row[i - 1], t->row[i]) == 0)
			diag_add(l->diag, ERR_INPUT, t->row[i]->at, "%s: %s "
			    "stands in %s:%" PRIu32 " already", s->kind,
			    yaml_quote(l->arena, row_id(l, t->row[i])),
			    t->row[i - 1]->at.file, t->row[i - 1]->at.line);
}

/* Intervals */

static int64_t
from_of(const struct row *r)
{
	return row_int(r, "from_us", INT64_MIN);
}

static int64_t
to_of(const struct row *r)
{
	return row_int(r, "to_us", INT64_MAX);
}

static void
check_spans(struct load *l, const struct load_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (from_of(t->row[i]) >= to_of(t->row[i]))
			diag_add(l->diag, ERR_INPUT, row_mark(t->row[i],
			    "to_us"), "to: not after from");
}

static int
span_cmp(const void *x, const void *y)
{
	const struct row *a = *(struct row *const *)x;
	const struct row *b = *(struct row *const *)y;
	int64_t p = from_of(a), q = from_of(b);

	return p != q ? (p > q) - (p < q) :
	    (a->order > b->order) - (a->order < b->order);
}

/* No two rows of the same text in these columns at one moment. */
static void
check_overlaps(struct load *l, const char *table, const char *const *col)
{
	const struct load_table *t = load_table(l, table);
	struct row **row = arena_array(l->arena, t->n + 1, sizeof(*row));
	struct map *last = map_new(l->arena);

	if (t->n > 0)
		memcpy(row, t->row, t->n * sizeof(*row));
	qsort(row, t->n, sizeof(*row), span_cmp);
	for (size_t i = 0; i < t->n; i++) {
		struct str key = str_new(l->arena);
		struct row *old;
		void **slot;

		for (size_t j = 0; col[j] != NULL; j++) {
			str_addz(&key, row_text(row[i], col[j]));
			str_addc(&key, '\n');
		}
		slot = map_put(last, key.p, key.len);
		old = *slot;
		if (old != NULL && from_of(row[i]) < to_of(old))
			diag_add(l->diag, ERR_INPUT, row_mark(row[i],
			    "from_us"), "%s: overlaps with %s:%" PRIu32
			    " in time", row[i]->schema->kind, old->at.file,
			    old->at.line);
		if (old == NULL || to_of(row[i]) > to_of(old))
			*slot = row[i];
	}
}

static void
check_intervals(struct load *l)
{
	static const struct { const char *table, *col[3]; } one[] = {
		{ "ref_deployment", { "agent_id", "stage", NULL } },
		{ "ref_person_role", { "person_id", "role", NULL } },
		{ "ref_agent_identity", { "value", NULL, NULL } },
	};

	for (size_t i = 0; i < ref_nschema; i++)
		if (ref_schema_colno(&ref_schema[i], "from_us") != -1 &&
		    ref_schema_colno(&ref_schema[i], "to_us") != -1 &&
		    strncmp(ref_schema[i].name, "ref_policy", 10) != 0)
			check_spans(l, &l->table[i]);
	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		check_overlaps(l, one[i].table, one[i].col);
}

/* Cycles.  Nodes that lead nowhere are taken away until none is left that
 * does; what remains leads into a cycle. */

struct edge {
	size_t from, to;
	struct mark at;
};

struct graph {
	struct map *node;      /* name to number + 1 */
	const char **name;
	size_t n, cap;
	struct edge *edge;
	size_t nedge, edgecap;
};

static size_t
node_of(struct load *l, struct graph *g, const char *name)
{
	void **slot = map_putz(g->node, name);

	if (*slot == NULL) {
		*VEC_PUSH(l->arena, g->name, g->n, g->cap) = name;
		*slot = (void *)(uintptr_t)g->n;
	}
	return (size_t)(uintptr_t)*slot - 1;
}

static void
add_edge(struct load *l, struct graph *g, const char *from, const char *to,
    struct mark at)
{
	struct edge e = { node_of(l, g, from), node_of(l, g, to), at };

	*VEC_PUSH(l->arena, g->edge, g->nedge, g->edgecap) = e;
}

static int
edge_cmp(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;

	return (a->to > b->to) - (a->to < b->to);
}

/* Walks from a node that stayed until one comes again, and tells the way. */
static void
report_cycle(struct load *l, const struct graph *g, const char *field,
    const size_t *out)
{
	struct str way = str_new(l->arena);
	const struct edge **next = arena_array(l->arena, g->n + 1,
	    sizeof(*next));
	unsigned char *seen = arena_alloc(l->arena, g->n + 1);
	size_t at = 0, start;

	for (size_t i = 0; i < g->nedge; i++)
		if (out[g->edge[i].to] > 0 && out[g->edge[i].from] > 0)
			next[g->edge[i].from] = &g->edge[i];
	while (at < g->n && out[at] == 0)
		at++;
	if (at == g->n)
		return;
	for (; !seen[at]; at = next[at]->to)
		seen[at] = 1;
	start = at;
	do {
		str_addf(&way, "%s -> ", g->name[at]);
		at = next[at]->to;
	} while (at != start && way.len < 200);
	str_addz(&way, at == start ? g->name[start] : "...");
	diag_add(l->diag, ERR_INPUT, next[start]->at, "%s: goes round: %s",
	    field, way.p);
}

static void
check_graph(struct load *l, struct graph *g, const char *field)
{
	size_t *out = arena_array(l->arena, g->n + 1, sizeof(*out));
	size_t *first = arena_array(l->arena, g->n + 2, sizeof(*first));
	size_t *queue = arena_array(l->arena, g->n + 1, sizeof(*queue));
	size_t head = 0, tail = 0;

	if (g->nedge > 0)
		qsort(g->edge, g->nedge, sizeof(*g->edge), edge_cmp);
	for (size_t i = 0; i < g->nedge; i++) {
		out[g->edge[i].from]++;
		first[g->edge[i].to + 1]++;
	}
	for (size_t i = 0; i < g->n; i++) {
		first[i + 1] += first[i];
		if (out[i] == 0)
			queue[tail++] = i;
	}
	for (; head < tail; head++)
		for (size_t i = first[queue[head]];
		    i < first[queue[head] + 1]; i++)
			if (--out[g->edge[i].from] == 0)
				queue[tail++] = g->edge[i].from;
	if (tail < g->n)
		report_cycle(l, g, field, out);
}

static void
check_cycles(struct load *l)
{
	static const struct {
		const char *table, *from, *to, *scope, *field;
	} graphs[] = {
		{ "ref_role", "role", "reports_to", NULL, "reports_to" },
		{ "ref_agent_version", "agent_version", "previous", "agent_id",
		    "previous" },
		{ "ref_agent_child", "agent_id", "value", NULL, "children" },
	};

	for (size_t i = 0; i < sizeof(graphs) / sizeof(graphs[0]); i++) {
		const struct load_table *t = load_table(l, graphs[i].table);
		struct graph g = { .node = map_new(l->arena) };

		for (size_t j = 0; j < t->n; j++) {
			const struct row *r = t->row[j];
			const char *from = row_text(r, graphs[i].from);
			const char *to = row_text(r, graphs[i].to);
			const char *in = graphs[i].scope == NULL ? NULL :
			    row_text(r, graphs[i].scope);

			if (to == NULL)
				continue;
			if (in != NULL) {
				from = arena_printf(l->arena, "%s@%s", in,
				    from);
				to = arena_printf(l->arena, "%s@%s", in, to);
			}
			add_edge(l, &g, from, to, row_mark(r, graphs[i].to));
		}
		check_graph(l, &g, graphs[i].field);
	}
}

void
load_check(struct load *l)
{
	for (size_t i = 0; i < ref_nschema; i++)
		check_keys(l, &l->table[i], &ref_schema[i]);
	check_intervals(l);
	if (l->dropped > 0 || l->files->unread > 0)
		return; /* what is missing would be reported again and again */
	index_ids(l);
	for (size_t i = 0; i < l->nlink; i++)
		check_link(l, &l->link[i]);
	check_cycles(l);
}

/* What follows from other rows */

static void
add_name(struct load *l, struct map *names, const char *name,
    const char *agent, struct mark at)
{
	void **slot = map_putz(names, name);
	struct row *r = *slot;

	if (r != NULL) {
		if (strcmp(row_text(r, "agent_id"), agent) != 0)
			diag_add(l->diag, ERR_INPUT, at, "name %s belongs to "
			    "agent %s already (%s:%" PRIu32 ")",
			    yaml_quote(l->arena, name),
			    row_text(r, "agent_id"), r->at.file, r->at.line);
		return;
	}
	*slot = r = load_row(l, "ref_agent_name", at);
	row_set_text(r, "name", name, at);
	row_set_text(r, "agent_id", agent, at);
}

static void
derive_names(struct load *l)
{
	const struct load_table *t = load_table(l, "ref_agent");
	struct map *names = map_new(l->arena);

	for (size_t i = 0; i < t->n; i++)
		add_name(l, names, row_text(t->row[i], "agent_id"),
		    row_text(t->row[i], "agent_id"), t->row[i]->at);
	t = load_table(l, "ref_list");
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(row_text(t->row[i], "kind"), "agent") == 0 &&
		    strcmp(row_text(t->row[i], "field"), "log_names") == 0)
			add_name(l, names, row_text(t->row[i], "value"),
			    row_text(t->row[i], "id"),
			    row_mark(t->row[i], "value"));
	t = load_table(l, "ref_agent_identity");
	for (size_t i = 0; i < t->n; i++)
		add_name(l, names, row_text(t->row[i], "value"),
		    row_text(t->row[i], "agent_id"),
		    row_mark(t->row[i], "value"));
}

static void
copy_text(struct row *to, const struct row *from, const char *col)
{
	if (row_text(from, col) != NULL)
		row_set_text(to, col, row_text(from, col),
		    row_mark(from, col));
}

/* temperature of params, in thousandths. */
static void
set_temperature(struct load *l, struct row *r, const char *params)
{
	const char *p = strstr(params, "\"temperature\":\""), *end;
	struct yaml text = { .kind = YAML_TEXT, .key = "params: temperature",
		.at = row_mark(r, "params") };
	struct value v;

	if (p == NULL)
		return;
	p += strlen("\"temperature\":\"");
	if ((end = strchr(p, '"')) == NULL)
		return;
	text.len = (size_t)(end - p);
	text.text = arena_strndup(l->arena, p, text.len);
	if (yaml_value(l->arena, &text, FIELD_MICRO, NULL, &v, l->diag) == -1)
		return;
	if (v.i % 1000 != 0)
		diag_add(l->diag, ERR_INPUT, text.at, "%s: want at most 3 "
		    "digits after the point, have %s", text.key, text.text);
	else
		row_set_int(r, "temperature_milli", v.i / 1000, text.at);
}

static void
derive_models(struct load *l)
{
	const struct load_table *t = load_table(l, "ref_version_model");
	struct hash *h = hash_new(l->arena);

	for (size_t i = 0; i < t->n; i++) {
		struct row *r = t->row[i];
		const struct row *m = map_getz(l->ids, id_key(l->arena,
		    FIELD_MODEL, NULL, row_text(r, "model")));
		const char *params = row_text(r, "params");
		uint8_t sha[HASH_LEN];

		if (m != NULL) {
			copy_text(r, m, "model_provider");
			copy_text(r, m, "model_id");
			copy_text(r, m, "model_version");
		}
		if (params == NULL)
			continue;
		hash_bytes(h, sha, params, strlen(params));
		row_set_sha256(l, r, "params_hash", sha, row_mark(r, "params"));
		set_temperature(l, r, params);
	}
	hash_free(h);
}

/* A review that names who was there says for whom they stood. */
static void
derive_reviews(struct load *l)
{
	const struct load_table *t = load_table(l, "ref_review_attendee");
	struct map *reviews = map_new(l->arena);
	const struct load_table *all = load_table(l, "ref_review");

	for (size_t i = 0; i < all->n; i++)
		*map_putz(reviews, row_text(all->row[i], "review")) =
		    all->row[i];
	for (size_t i = 0; i < t->n; i++) {
		struct row *r = map_getz(reviews, row_text(t->row[i],
		    "review"));
		const char *side = row_text(t->row[i], "side");
		int eng = str_eq(side, "engineering");
		int bus = str_eq(side, "business");

		if (r == NULL)
			continue;
		row_set_int(r, "has_engineering", eng |
		    (row_int(r, "has_engineering", 0) != 0), t->row[i]->at);
		row_set_int(r, "has_business", bus |
		    (row_int(r, "has_business", 0) != 0), t->row[i]->at);
	}
}

void
load_derive(struct load *l)
{
	derive_names(l);
	derive_models(l);
	derive_reviews(l);
}

struct ref *
load_finish(struct load *l)
{
	struct ref *ref = arena_alloc(l->arena, sizeof(*ref));
	struct str dump = str_new(l->arena);
	struct hash *h = hash_new(l->arena);

	ref->n = ref_nschema;
	ref->draft = l->draft;
	ref->ndraft = l->ndraft;
	ref->table = arena_array(l->arena, ref->n, sizeof(*ref->table));
	for (size_t i = 0; i < ref->n; i++) {
		const struct ref_schema *s = &ref_schema[i];
		struct load_table *from = &l->table[i];
		struct ref_table *t = &ref->table[i];

		load_sort(from);
		*t = (struct ref_table){ .name = s->name, .col = s->col,
			.ncol = s->ncol, .nrow = from->n };
		t->cell = arena_array(l->arena, t->nrow * t->ncol + 1,
		    sizeof(*t->cell));
		t->cellat = arena_array(l->arena, t->nrow * t->ncol + 1,
		    sizeof(*t->cellat));
		t->at = arena_array(l->arena, t->nrow + 1, sizeof(*t->at));
		for (size_t j = 0; j < t->nrow; j++) {
			memcpy(t->cell + j * t->ncol, from->row[j]->cell,
			    t->ncol * sizeof(*t->cell));
			memcpy(t->cellat + j * t->ncol, from->row[j]->cellat,
			    t->ncol * sizeof(*t->cellat));
			t->at[j] = from->row[j]->at;
		}
	}
	ref_dump(ref, AUDIENCE_INTERNAL, &dump);
	hash_bytes(h, ref->sha256, dump.p, dump.len);
	hash_free(h);
	return ref;
}
