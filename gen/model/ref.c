#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "model/ref.h"

#define AUDIENCE_P AUDIENCE_PUBLIC
#define AUDIENCE_A AUDIENCE_AUDITOR
#define AUDIENCE_I AUDIENCE_INTERNAL
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define VALUE_OF(f) ((f) >= FIELD_BOOL && (f) <= FIELD_MICRO ? VALUE_INT : \
	VALUE_TEXT)

/* The columns of each table. */
#define TABLE(t, fl, s) static const struct ref_col t##_col[] = {
#define COLUMN(c, f, fl, o, n, a, s) { .name = #c, \
	.type = VALUE_OF(FIELD_##f), .audience = AUDIENCE_##a, \
	.key = ((fl) & REF_KEY) != 0, .field = FIELD_##f, .flags = (fl), \
	.of = (o), .none = (n), .says = (s) },
#define END(t) \
	{ .name = "file", .type = VALUE_TEXT, .audience = AUDIENCE_AUDITOR, \
	    .flags = REF_FILLED, .says = "the file that the row stands in" }, \
	{ .name = "line", .type = VALUE_INT, .audience = AUDIENCE_AUDITOR, \
	    .field = FIELD_INT, .flags = REF_FILLED, .says = "its line" } };
#include "model/ref.def"

/* Plain lists and lists of objects; the last row of each is empty. */
#define TABLE(t, fl, s) static const struct ref_list t##_list[] = {
#define LIST(f, ty, o, tab, a, s) { .field = #f, .type = FIELD_##ty, \
	.of = (o), .table = LIST_##tab, .audience = AUDIENCE_##a, .says = (s) },
#define END(t) { .field = NULL } };
#define LIST_NULL NULL
#define LIST_agent_child "ref_agent_child"
#define LIST_agent_destination "ref_agent_destination"
#define LIST_agent_evidence "ref_agent_evidence"
#define LIST_risk_agent "ref_risk_agent"
#define LIST_tool_class "ref_tool_class"
#define LIST_policy_evidence "ref_policy_evidence"
#include "model/ref.def"

#define TABLE(t, fl, s) static const struct ref_child t##_child[] = {
#define CHILD(f, tab) { .field = #f, .table = "ref_" #tab },
#define END(t) { .field = NULL } };
#include "model/ref.def"

const struct ref_schema ref_schema[] = {
#define TABLE(t, fl, s) { .name = "ref_" #t, .kind = #t, .flags = (fl), \
	.col = t##_col, .ncol = COUNT(t##_col), \
	.list = t##_list, .nlist = COUNT(t##_list) - 1, \
	.child = t##_child, .nchild = COUNT(t##_child) - 1, .says = (s) },
#include "model/ref.def"
};

const size_t ref_nschema = COUNT(ref_schema);

const struct ref_schema *
ref_schema_find(const char *table)
{
	for (size_t i = 0; i < ref_nschema; i++)
		if (strcmp(ref_schema[i].name, table) == 0)
			return &ref_schema[i];
	return NULL;
}

int
ref_schema_colno(const struct ref_schema *s, const char *col)
{
	for (size_t i = 0; i < s->ncol; i++)
		if (strcmp(s->col[i].name, col) == 0)
			return (int)i;
	return -1;
}

size_t
ref_fieldlen(const struct ref_col *c)
{
	size_t len = strlen(c->name);

	if (c->field == FIELD_TIME || c->field == FIELD_DURATION)
		return len - strlen("_us");
	if (c->field == FIELD_PPM)
		return len - strlen("_ppm");
	if (c->field == FIELD_MICRO)
		return len - strlen("_micro");
	return len;
}

const struct ref_table *
ref_table(const struct ref *r, const char *name)
{
	for (size_t i = 0; r != NULL && i < r->n; i++)
		if (strcmp(r->table[i].name, name) == 0)
			return &r->table[i];
	return NULL;
}

int
ref_colno(const struct ref_table *t, const char *col)
{
	for (size_t i = 0; t != NULL && i < t->ncol; i++)
		if (strcmp(t->col[i].name, col) == 0)
			return (int)i;
	return -1;
}

const struct value *
ref_value(const struct ref_table *t, size_t row, const char *col)
{
	static const struct value none = { .type = VALUE_NULL };
	int c = ref_colno(t, col);

	if (c == -1 || row >= t->nrow)
		return &none;
	return &t->cell[row * t->ncol + (size_t)c];
}

const char *
ref_text(const struct ref_table *t, size_t row, const char *col)
{
	return value_text(ref_value(t, row, col));
}

int64_t
ref_int(const struct ref_table *t, size_t row, const char *col, int64_t none)
{
	const struct value *v = ref_value(t, row, col);

	return v->type == VALUE_INT ? v->i : none;
}

size_t
ref_next(const struct ref_table *t, size_t from, const char *col,
    const char *want)
{
	int c = ref_colno(t, col);

	if (c == -1 || want == NULL)
		return SIZE_MAX;
	for (size_t i = from; i < t->nrow; i++)
		if (str_eq(value_text(&t->cell[i * t->ncol + (size_t)c]), want))
			return i;
	return SIZE_MAX;
}

struct mark
ref_mark(const struct ref_table *t, size_t row, const char *col)
{
	struct mark none = { .file = NULL };
	int c = ref_colno(t, col);

	if (t == NULL || row >= t->nrow)
		return none;
	if (c != -1 && t->cellat != NULL &&
	    t->cellat[row * t->ncol + (size_t)c].file != NULL)
		return t->cellat[row * t->ncol + (size_t)c];
	return t->at != NULL ? t->at[row] : none;
}

size_t
ref_agent_row(const struct ref *r, const char *agent_id)
{
	return ref_next(ref_table(r, "ref_agent"), 0, "agent_id", agent_id);
}

const char *
ref_agent_of(const struct ref *r, const char *name)
{
	const struct ref_table *t = ref_table(r, "ref_agent_name");

	return ref_text(t, ref_next(t, 0, "name", name), "agent_id");
}

#define COL_MOST 128

static int
table_cmp(const void *a, const void *b)
{
	return strcmp((*(const struct ref_table *const *)a)->name,
	    (*(const struct ref_table *const *)b)->name);
}

static int
dumped(const struct ref_table *t, size_t c, enum audience widest)
{
	return t->col[c].audience <= widest &&
	    strcmp(t->col[c].name, "file") != 0 &&
	    strcmp(t->col[c].name, "line") != 0;
}

/* The columns to dump, in byte order of their names; how many. */
static size_t
columns_in_order(const struct ref_table *t, enum audience widest, size_t *col)
{
	size_t n = 0;

	for (size_t c = 0; c < t->ncol && n < COL_MOST; c++) {
		size_t i = n;

		if (!dumped(t, c, widest))
			continue;
		for (; i > 0 && strcmp(t->col[col[i - 1]].name,
		    t->col[c].name) > 0; i--)
			col[i] = col[i - 1];
		col[i] = c;
		n++;
	}
	return n;
}

static void
dump_table(struct jsonw *w, const struct ref_table *t, enum audience widest)
{
	size_t col[COL_MOST], n = columns_in_order(t, widest, col);

	jsonw_key(w, t->name);
	jsonw_array(w);
	for (size_t i = 0; i < t->nrow; i++) {
		jsonw_object(w);
		for (size_t j = 0; j < n; j++) {
			const struct value *v = &t->cell[i * t->ncol + col[j]];

			if (v->type == VALUE_NULL)
				continue;
			jsonw_key(w, t->col[col[j]].name);
			if (v->type == VALUE_INT)
				jsonw_int(w, v->i);
			else
				jsonw_text(w, v->p, v->len);
		}
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

void
ref_dump(const struct ref *r, enum audience widest, struct str *s)
{
	const struct ref_table **t;
	struct jsonw w;
	size_t n = 0;

	t = arena_array(s->arena, r->n + 1, sizeof(*t));
	for (size_t i = 0; i < r->n; i++)
		if (r->table[i].nrow > 0 &&
		    strcmp(r->table[i].name, "ref_policy_finding") != 0)
			t[n++] = &r->table[i];
	qsort(t, n, sizeof(*t), table_cmp);
	jsonw_init(&w, s);
	jsonw_object(&w);
	for (size_t i = 0; i < n; i++)
		dump_table(&w, t[i], widest);
	jsonw_end(&w, '}');
}
