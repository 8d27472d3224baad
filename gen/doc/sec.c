#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/narrative.h"
#include "doc/sec.h"
#include "model/figure.h"

char *
sec_printf(const struct sec *s, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	return p;
}

const char *
sec_item(struct sec *s, const char *list, size_t i, const char *field)
{
	return sec_printf(s, "%s.%zu.%s", list, i, field);
}

const struct ref_table *
sec_ref_table(const struct sec *s, const char *name)
{
	return ref_table(s->b->ref, name);
}

const struct ref_table *
sec_log_table(const struct sec *s, const char *name)
{
	return ref_table(s->b->log, name);
}

/* What is above the build's audience is withheld: its value is let go. */
static void
withhold(const struct sec *s, struct fact *f)
{
	if (f->audience <= s->b->audience)
		return;
	f->state = FACT_WITHHELD;
	f->text = "";
	f->raw = (struct value){ .type = VALUE_NULL };
	f->why = f->audience == AUDIENCE_INTERNAL ? "(internal)" : "(auditor)";
	f->result = NULL;
}

struct fact *
sec_fact(struct sec *s, const char *field, const char *type, enum prov prov)
{
	struct fact *f = arena_alloc(s->a, sizeof(*f));
	struct facts *all = s->facts;

	f->id = sec_printf(s, "%s.%s", s->section->id, field);
	f->type = type;
	f->text = "";
	f->prov = prov;
	f->audience = s->section->audience;
	f->state = FACT_NOT_RECORDED;
	*VEC_PUSH(s->a, all->fact, all->n, all->cap) = f;
	*map_putz(all->by_id, f->id) = f;
	return f;
}

static void
known(struct sec *s, struct fact *f, const char *text)
{
	f->state = FACT_KNOWN;
	f->text = text;
	withhold(s, f);
}

static enum audience
wider(enum audience x, enum audience y)
{
	return x > y ? x : y;
}

/* How a field's type is printed. */
static const char *
type_of(enum field f)
{
	switch (f) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
	case FIELD_SPAN:
	case FIELD_CURRENCY:
	case FIELD_MAP:
		return "text";
	case FIELD_SHA256:
		return "hash";
	case FIELD_FILE:
		return "path";
	case FIELD_BOOL:
	case FIELD_INT:
		return "int";
	case FIELD_PPM:
	case FIELD_MICRO:
		return "decimal";
	case FIELD_TIME:
		return "time";
	case FIELD_DURATION:
		return "duration";
	case FIELD_ID:
	case FIELD_CODE:
	case FIELD_WIDE:
	case FIELD_PERSON:
	case FIELD_ROLE:
	case FIELD_HOLDER:
	case FIELD_AGENT:
	case FIELD_VERSION:
	case FIELD_VERSION_OR_PREVIOUS:
	case FIELD_MODEL:
	case FIELD_PROMPT:
	case FIELD_PROMPT_VERSION:
	case FIELD_TOOL:
	case FIELD_ACTION:
	case FIELD_ACTION_PREFIX:
	case FIELD_DATASET:
	case FIELD_SUITE:
	case FIELD_RISK:
	case FIELD_POLICY:
	case FIELD_POLICY_VERSION:
	case FIELD_DATA_CLASS:
		return "id";
	}
	return "text";
}

static int
ends(const char *p, const char *with)
{
	size_t n = strlen(p), m = strlen(with);

	return n >= m && strcmp(p + n - m, with) == 0;
}

static void
add_int(struct str *s, int64_t i)
{
	if (i < 0)
		str_addi(s, i);
	else
		figure_count(s, (uint64_t)i);
}

/* A value of a registry column as people read it. */
static const char *
ref_words(struct sec *s, struct fact *f, const struct ref_table *t,
    size_t row, const struct ref_col *c, const struct value *v)
{
	struct str str = str_new(s->a);

	if (v->type == VALUE_TEXT)
		return v->p;
	if (ends(c->name, "_minor") && ref_colno(t, "currency") != -1) {
		f->type = "money";
		figure_money(&str, v->i, ref_text(t, row, "currency"));
		return str.p;
	}
	if (c->field == FIELD_BOOL)
		return v->i ? "yes" : "no";
	if (c->field == FIELD_TIME)
		date_add_time(&str, v->i);
	else if (c->field == FIELD_DURATION)
		date_add_duration(&str, v->i);
	else if (c->field == FIELD_PPM || c->field == FIELD_MICRO)
		figure_micro(&str, v->i);
	else
		add_int(&str, v->i);
	return str.p;
}

/* A person's name is not for the public; roles are. */
static int
names_person(enum field f)
{
	return f == FIELD_PERSON || f == FIELD_HOLDER;
}

static void
no_row(struct sec *s, struct fact *f, const char *file)
{
	if (file == NULL)
		return;
	f->at.file = file;
	f->why = sec_printf(s, "declare it in %s", file);
}

static void
no_value(struct sec *s, struct fact *f, const struct ref_col *c)
{
	if (c->flags & REF_FILLED)
		f->why = sec_printf(s, "needs an approving entry in "
		    "evidence/index.yaml for %s", f->at.file != NULL ?
		    f->at.file : "its file");
	else
		f->why = sec_printf(s, "fill %.*s%s%s", (int)ref_fieldlen(c),
		    c->name, f->at.file != NULL ? " in " : "",
		    f->at.file != NULL ? f->at.file : "");
}

/* The page of what a column names. */
static void
link_page(struct fact *f, const char *col)
{
	static const char *const page[][2] = {
		{ "action", "action" }, { "agent_id", "agent" },
		{ "approver_id", "person" }, { "dataset", "dataset" },
		{ "incident_id", "incident" }, { "model", "model" },
		{ "person_id", "person" }, { "prompt_id", "prompt" },
		{ "risk_id", "risk" }, { "tool", "tool" }
	};

	for (size_t i = 0; i < sizeof(page) / sizeof(page[0]); i++)
		if (f->state == FACT_KNOWN && f->raw.type == VALUE_TEXT &&
		    strcmp(col, page[i][0]) == 0)
			f->to = (struct target){ .kind = page[i][1],
			    .id = f->raw.p };
}

struct fact *
sec_ref(struct sec *s, const char *field, const struct ref_table *t,
    size_t row, const char *col, const char *file)
{
	int no = ref_colno(t, col);
	const struct ref_col *c = no == -1 ? NULL : &t->col[no];
	struct fact *f = sec_fact(s, field, c != NULL ? type_of(c->field) :
	    "text", PROV_DECLARED);
	const struct value *v = ref_value(t, row, col);

	if (c != NULL) {
		f->audience = wider(f->audience, c->audience);
		if (names_person(c->field))
			f->audience = wider(f->audience, AUDIENCE_AUDITOR);
	}
	f->at = ref_mark(t, row, col);
	if (t == NULL || row >= t->nrow)
		no_row(s, f, file);
	else if (v->type == VALUE_NULL && c != NULL)
		no_value(s, f, c);
	if (v->type == VALUE_NULL || c == NULL) {
		withhold(s, f);
		return f;
	}
	f->raw = *v;
	known(s, f, ref_words(s, f, t, row, c, v));
	link_page(f, col);
	return f;
}

static const struct ref_list *
list_schema(const char *table, const char *list)
{
	const struct ref_schema *sch = ref_schema_find(table);

	for (size_t i = 0; sch != NULL && i < sch->nlist; i++)
		if (strcmp(sch->list[i].field, list) == 0)
			return &sch->list[i];
	return NULL;
}

struct fact *
sec_list(struct sec *s, const char *field, const struct ref_table *t,
    size_t row, const char *key, const char *list, const char *file)
{
	const struct ref_table *l = sec_ref_table(s, "ref_list");
	const struct ref_table *none = sec_ref_table(s, "ref_none");
	struct fact *f = sec_fact(s, field, "list", PROV_DECLARED);
	const char *kind = t != NULL ? t->name + strlen("ref_") : "";
	const char *is[] = { "kind", kind, "field", list, "id", key, NULL };
	const struct ref_list *sch = t != NULL ? list_schema(t->name, list) :
	    NULL;
	struct str str = str_new(s->a);
	size_t n = 0;

	if (sch != NULL)
		f->audience = wider(f->audience, sch->audience);
	if (t == NULL || row >= t->nrow) {
		no_row(s, f, file);
		withhold(s, f);
		return f;
	}
	f->at = ref_mark(t, row, "");
	for (size_t i = sec_find(l, 0, is); i != SIZE_MAX;
	    i = sec_find(l, i + 1, is)) {
		if (n++ == 0)
			f->at = ref_mark(l, i, "value");
		else
			str_addz(&str, ", ");
		str_addz(&str, ref_text(l, i, "value"));
	}
	if (n == 0 && sec_find(none, 0, is) != SIZE_MAX)
		str_addz(&str, "none");
	if (str.len == 0) {
		f->why = sec_printf(s, "fill %s in %s", list,
		    f->at.file != NULL ? f->at.file : "its file");
		withhold(s, f);
		return f;
	}
	f->raw = (struct value){ VALUE_TEXT, 0, str.p, str.len };
	known(s, f, str.p);
	return f;
}

/* What a measured column holds, from its name. */
static const char *
log_type(const char *col)
{
	static const char *const duration[] = {
		"p50_us", "p95_us", "took_us", "duration_us", "wait_us"
	};

	for (size_t i = 0; i < sizeof(duration) / sizeof(duration[0]); i++)
		if (strcmp(col, duration[i]) == 0)
			return "duration";
	if (strcmp(col, "seq") == 0)
		return "id"; /* a name, not a quantity */
	if (ends(col, "_us"))
		return "time";
	if (ends(col, "_ppm"))
		return "decimal";
	if (ends(col, "_minor"))
		return "money";
	return "int";
}

static const char *
log_words(struct sec *s, const char *type, const struct ref_table *t,
    size_t row, int64_t i)
{
	struct str str = str_new(s->a);

	if (strcmp(type, "duration") == 0)
		date_add_duration(&str, i);
	else if (strcmp(type, "time") == 0)
		date_add_time(&str, i);
	else if (strcmp(type, "decimal") == 0)
		figure_micro(&str, i);
	else if (strcmp(type, "money") == 0)
		figure_money(&str, i, ref_text(t, row, "currency"));
	else if (strcmp(type, "id") == 0)
		str_addi(&str, i);
	else
		add_int(&str, i);
	return str.p;
}

struct fact *
sec_log(struct sec *s, const char *field, const struct ref_table *t,
    size_t row, const char *col)
{
	struct fact *f = sec_fact(s, field, "id", PROV_MEASURED);
	const struct value *v = ref_value(t, row, col);

	f->formula = t != NULL ? sec_printf(s, "%s.%s", t->name, col) : "log";
	if (t == NULL || row >= t->nrow)
		f->why = "no such event in this period";
	else if (v->type == VALUE_NULL)
		f->why = sec_printf(s, "the log does not fill it");
	if (strcmp(col, "approver_id") == 0)
		f->audience = wider(f->audience, AUDIENCE_AUDITOR);
	if (v->type == VALUE_INT)
		f->type = log_type(col);
	if (v->type == VALUE_NULL) {
		withhold(s, f);
		return f;
	}
	f->raw = *v;
	known(s, f, v->type == VALUE_TEXT ? v->p :
	    log_words(s, f->type, t, row, v->i));
	link_page(f, col);
	return f;
}

static struct fact *
computed(struct sec *s, const char *field, const char *type, enum prov prov,
    const char *formula, const char *text)
{
	struct fact *f = sec_fact(s, field, type, prov);

	f->formula = formula;
	known(s, f, text);
	return f;
}

struct fact *
sec_count(struct sec *s, const char *field, uint64_t n, const char *formula)
{
	struct str str = str_new(s->a);
	struct fact *f;

	figure_count(&str, n);
	f = computed(s, field, "int", PROV_MEASURED, formula, str.p);
	if (f->state == FACT_KNOWN && n <= INT64_MAX)
		f->raw = (struct value){ .type = VALUE_INT, .i = (int64_t)n };
	return f;
}

struct fact *
sec_counted(struct sec *s, const char *field, const char *table,
    const char *const *is, const char *col)
{
	const struct ref_table *t = sec_log_table(s, table);
	const char *agent[] = { "agent_id", s->ref->agent, NULL };
	char *formula = sec_printf(s, "%s.%s", table, col);
	struct fact *f;

	if (sec_find(t, 0, is) != SIZE_MAX || (t != NULL &&
	    sec_find(sec_log_table(s, "log_agent"), 0, agent) != SIZE_MAX))
		return sec_count(s, field, sec_sum(t, is, col), formula);
	f = sec_missing(s, field, PROV_MEASURED,
	    "no such event in this period");
	f->type = "int";
	f->formula = formula;
	return f;
}

static struct fact *
share(struct sec *s, const char *field, uint64_t n, uint64_t of,
    const char *formula, void (*print)(struct str *, uint64_t, uint64_t))
{
	struct str str = str_new(s->a);
	struct fact *f;

	if (of == 0) {
		f = sec_missing(s, field, PROV_MEASURED,
		    "no such event in this period");
		f->formula = formula;
		f->type = "ratio";
		return f;
	}
	print(&str, n, of);
	return computed(s, field, "ratio", PROV_MEASURED, formula, str.p);
}

struct fact *
sec_ratio(struct sec *s, const char *field, uint64_t n, uint64_t of,
    const char *formula)
{
	return share(s, field, n, of, formula, figure_ratio);
}

struct fact *
sec_estimate(struct sec *s, const char *field, uint64_t n, uint64_t of,
    const char *formula)
{
	return share(s, field, n, of, formula, figure_estimate);
}

struct fact *
sec_time(struct sec *s, const char *field, enum prov prov, int64_t us,
    const char *formula)
{
	struct str str = str_new(s->a);
	struct fact *f;

	date_add_time(&str, us);
	f = computed(s, field, "time", prov, formula, str.p);
	if (f->state == FACT_KNOWN)
		f->raw = (struct value){ .type = VALUE_INT, .i = us };
	return f;
}

struct fact *
sec_took(struct sec *s, const char *field, enum prov prov, int64_t us,
    const char *formula)
{
	struct str str = str_new(s->a);
	struct fact *f;

	date_add_duration(&str, us);
	f = computed(s, field, "duration", prov, formula, str.p);
	if (f->state == FACT_KNOWN)
		f->raw = (struct value){ .type = VALUE_INT, .i = us };
	return f;
}

struct fact *
sec_text(struct sec *s, const char *field, enum prov prov, const char *text,
    const char *formula)
{
	struct fact *f = computed(s, field, "text", prov, formula, text);

	if (f->state == FACT_KNOWN)
		f->raw = (struct value){ VALUE_TEXT, 0, text, strlen(text) };
	return f;
}

struct fact *
sec_missing(struct sec *s, const char *field, enum prov prov,
    const char *what)
{
	struct fact *f = sec_fact(s, field, "text", prov);

	f->why = what;
	f->formula = prov == PROV_DECLARED || prov == PROV_NARRATIVE ?
	    "registry" : "log";
	withhold(s, f);
	return f;
}

struct fact *
sec_not_owed(struct sec *s, const char *field, const char *fmt, ...)
{
	struct fact *f = sec_fact(s, field, "text", PROV_DERIVED);
	va_list ap;

	va_start(ap, fmt);
	f->why = arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	f->state = FACT_NOT_OWED;
	f->formula = "applicability";
	return f;
}

void
sec_intro(struct sec *s, const char *ours)
{
	docnode_text(s->a, docnode_para(s->a, s->at), "%s", ours);
}

struct docnode *
sec_fields(struct sec *s, const char *id, const char *caption)
{
	static const char *const head[] = { "Field", "Value", "Source" };
	struct docnode *t = docnode_table(s->a, s->at,
	    sec_printf(s, "%s-%s", s->section->id, id), caption, head, 3);

	t->level = 1;
	return t;
}

static void
cell_value(struct sec *s, struct docnode *row, const struct fact *f)
{
	docnode_fact(s->a, docnode_cell(s->a, row), f)->level = FACT_VALUE;
}

void
sec_field(struct sec *s, struct docnode *table, const char *label,
    const struct fact *f)
{
	struct docnode *row = docnode_row(s->a, table);
	struct docnode *name = docnode_cell(s->a, row);

	name->level = 1;
	docnode_text(s->a, name, "%s", label);
	cell_value(s, row, f);
	docnode_source(s->a, docnode_cell(s->a, row), f);
}

struct rows
sec_rows(struct sec *s, const char *list, const char *caption,
    const char *const *head, size_t nhead)
{
	struct rows r = { .s = s, .list = list };
	const char **all = arena_array(s->a, nhead + 1, sizeof(*all));
	struct docnode *hidden = docnode_new(s->a, NULL, NODE_SECTION);

	memcpy(all, head, nhead * sizeof(*all));
	all[nhead] = "Source";
	r.table = docnode_table(s->a, hidden,
	    sec_printf(s, "%s-%s", s->section->id, list), caption, all,
	    nhead + 1);
	return r;
}

/* A row of measures comes from its table, not from one column. */
static const struct fact *
row_source(struct rows *r)
{
	struct fact *f;

	if (r->first->formula == NULL ||
	    strncmp(r->first->formula, "log_", 4) != 0)
		return r->first;
	f = arena_memdup(r->s->a, r->first, sizeof(*f));
	f->formula = sec_printf(r->s, "%.*s",
	    (int)strcspn(f->formula, "."), f->formula);
	return f;
}

static void
end_row(struct rows *r)
{
	if (r->row != NULL)
		docnode_source(r->s->a, docnode_cell(r->s->a, r->row),
		    row_source(r));
	r->row = NULL;
	r->first = NULL;
}

void
sec_row(struct rows *r)
{
	end_row(r);
	r->row = docnode_row(r->s->a, r->table);
	r->n++;
}

void
sec_cell(struct rows *r, const struct fact *f)
{
	if (r->first == NULL)
		r->first = f;
	cell_value(r->s, r->row, f);
}

void
sec_cell_long(struct rows *r, const struct fact *f)
{
	struct docnode *cell = docnode_cell(r->s->a, r->row);

	if (r->first == NULL)
		r->first = f;
	cell->level = 2;
	docnode_fact(r->s->a, cell, f)->level = FACT_VALUE;
}

void
sec_cell_full(struct rows *r, const struct fact *f)
{
	struct docnode *cell = docnode_cell(r->s->a, r->row);

	if (r->first == NULL)
		r->first = f;
	cell->level = 2;
	docnode_fact(r->s->a, cell, f)->level = FACT_FULL;
}

void
sec_cell_name(struct rows *r, const char *ours)
{
	struct docnode *cell = docnode_cell(r->s->a, r->row);

	cell->level = 1;
	docnode_text(r->s->a, cell, "%s", ours);
}

/* The table, or the one fact that stands for it. */
static void
rows_done(struct rows *r, const struct fact *none)
{
	struct sec *s = r->s;
	struct list *l = arena_alloc(s->a, sizeof(*l));
	struct docnode *p;

	l->n = r->n;
	if (r->n == 0) {
		p = docnode_para(s->a, s->at);
		docnode_text(s->a, p, "%s: ", r->table->text);
		docnode_fact(s->a, p, none);
	} else {
		docnode_add(s->at, r->table);
		l->table = r->table;
	}
	*map_putz(s->facts->list, sec_printf(s, "%s.%s", s->section->id,
	    r->list)) = l;
}

void
sec_rows_end(struct rows *r, enum prov prov, const char *none)
{
	end_row(r);
	rows_done(r, r->n > 0 ? NULL : sec_missing(r->s, r->list, prov,
	    none));
}

void
sec_rows_quiet(struct rows *r, const char *what)
{
	end_row(r);
	rows_done(r, r->n > 0 ? NULL : sec_quiet(r->s, r->list, what));
}

/* Whether AU-04.t1 passed for the agent; without one, for all. */
static int
is_whole(const struct sec *s)
{
	const struct findings *f = s->b->findings;
	size_t good = 0;

	for (size_t i = 0; f != NULL && i < f->nresult; i++) {
		const struct result *r = &f->result[i];

		if (r->test == NULL || strcmp(r->test->id, "AU-04.t1") != 0 ||
		    (s->ref->agent != NULL &&
		    !str_eq(r->scope, s->ref->agent)))
			continue;
		if (r->outcome == OUT_FAIL || r->outcome == OUT_NO_EVIDENCE)
			return 0;
		good += r->outcome == OUT_PASS;
	}
	return good > 0;
}

struct fact *
sec_quiet(struct sec *s, const char *field, const char *what)
{
	if (is_whole(s))
		return sec_not_owed(s, field, "%s in this period; AU-04.t1 "
		    "shows that nothing is missing from the log", what);
	return sec_missing(s, field, PROV_MEASURED, sec_printf(s, "%s in this "
	    "period; an empty list does not show that none happened", what));
}

size_t
sec_find(const struct ref_table *t, size_t from, const char *const *is)
{
	for (size_t i = from; t != NULL && i < t->nrow; i++) {
		size_t k = 0;

		while (is[k] != NULL && is[k + 1] != NULL &&
		    str_eq(ref_text(t, i, is[k]), is[k + 1]))
			k += 2;
		if (is[k] == NULL)
			return i;
	}
	return SIZE_MAX;
}

uint64_t
sec_sum(const struct ref_table *t, const char *const *is, const char *col)
{
	uint64_t sum = 0;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		sum += (uint64_t)ref_int(t, i, col, 0);
	return sum;
}

/* One column of a row; "col?words" gives words where there is no value. */
static struct fact *
cell_fact(struct sec *s, const char *id, const struct ref_table *t,
    size_t row, const char *col, int measured)
{
	const char *words = strchr(col, '?');
	char *name = words == NULL ? NULL : sec_printf(s, "%.*s",
	    (int)(words - col), col);
	struct fact *f;

	if (words == NULL || ref_value(t, row, name)->type != VALUE_NULL)
		return measured ? sec_log(s, id, t, row, name != NULL ? name :
		    col) : sec_ref(s, id, t, row, name != NULL ? name : col,
		    NULL);
	f = sec_text(s, id, measured ? PROV_MEASURED : PROV_DECLARED,
	    words + 1, measured ? sec_printf(s, "%s.%s", t->name, name) :
	    NULL);
	if (!measured)
		f->at = ref_mark(t, row, "");
	return f;
}

static struct rows
grid(struct sec *s, const char *list, const char *caption, const char *table,
    const char *const *is, const struct sec_col *col, size_t ncol)
{
	const char **head = arena_array(s->a, ncol, sizeof(*head));
	int measured = strncmp(table, "log_", 4) == 0;
	const struct ref_table *t = ref_table(measured ? s->b->log :
	    s->b->ref, table);
	struct rows r;

	for (size_t i = 0; i < ncol; i++)
		head[i] = col[i].label;
	r = sec_rows(s, list, caption, head, ncol);
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		sec_row(&r);
		for (size_t c = 0; c < ncol; c++)
			sec_cell(&r, cell_fact(s, sec_item(s, list, r.n,
			    col[c].field), t, i, col[c].col, measured));
	}
	return r;
}

size_t
sec_grid(struct sec *s, const char *list, const char *caption,
    const char *table, const char *const *is, const struct sec_col *col,
    size_t ncol, const char *none)
{
	struct rows r = grid(s, list, caption, table, is, col, ncol);

	sec_rows_end(&r, strncmp(table, "log_", 4) == 0 ? PROV_MEASURED :
	    PROV_DECLARED, none);
	return r.n;
}

size_t
sec_quiet_grid(struct sec *s, const char *list, const char *caption,
    const char *table, const char *const *is, const struct sec_col *col,
    size_t ncol, const char *quiet)
{
	struct rows r = grid(s, list, caption, table, is, col, ncol);

	sec_rows_quiet(&r, quiet);
	return r.n;
}

void
sec_refs(struct sec *s, struct docnode *table, const struct ref_table *t,
    size_t row, const struct sec_col *col, size_t ncol, const char *file)
{
	for (size_t i = 0; i < ncol; i++) {
		/* the hash of a file that is not named says nothing */
		if (ends(col[i].col, "_sha256") && ref_text(t, row,
		    col[i].col) == NULL)
			continue;
		sec_field(s, table, col[i].label, strchr(col[i].col, '?') !=
		    NULL && t != NULL && row < t->nrow ? cell_fact(s,
		    col[i].field, t, row, col[i].col, 0) : sec_ref(s,
		    col[i].field, t, row, sec_printf(s, "%.*s",
		    (int)strcspn(col[i].col, "?"), col[i].col), file));
	}
}

void
sec_listed(struct sec *s, struct docnode *table, const char *field,
    const char *label, const struct ref_table *t, size_t row,
    const char *key, const char *list, const char *file)
{
	sec_field(s, table, label, sec_list(s, field, t, row, key, list,
	    file));
}

void
sec_naming(struct rows *r, const char *kind, const char *field,
    const char *value, const char *table, const char *by, sec_row_fn *fn)
{
	const struct ref_table *l = sec_ref_table(r->s, "ref_list");
	const struct ref_table *t = sec_ref_table(r->s, table);
	const char *is[] = { "kind", kind, "field", field, "value", value,
	    NULL };

	for (size_t i = sec_find(l, 0, is); i != SIZE_MAX;
	    i = sec_find(l, i + 1, is)) {
		size_t row = ref_next(t, 0, by, ref_text(l, i, "id"));

		if (row == SIZE_MAX)
			continue;
		sec_row(r);
		fn(r, t, row);
	}
}

static const struct input *
input_find(const struct build *b, const char *path)
{
	for (size_t i = 0; path != NULL && i < b->ninput; i++)
		if (str_eq(b->input[i].path, path))
			return &b->input[i];
	return NULL;
}

/* Who judged these bytes: "approved by x at t", or NULL. */
static const char *
judged(struct sec *s, const char *sha256)
{
	const struct ref_table *t = sec_ref_table(s, "ref_document");
	const char *is[] = { "sha256", sha256, "decision", NULL, NULL };
	static const char *const good[] = { "approved", "reviewed" };

	for (size_t k = 0; sha256 != NULL && k < 2; k++) {
		struct str str = str_new(s->a);
		size_t i;

		is[3] = good[k];
		if ((i = sec_find(t, 0, is)) == SIZE_MAX)
			continue;
		str_addf(&str, "%s by %s at ", good[k],
		    s->b->audience == AUDIENCE_PUBLIC ||
		    ref_text(t, i, "person_id") == NULL ? "a person" :
		    ref_text(t, i, "person_id"));
		date_add_time(&str, ref_int(t, i, "at_us", 0));
		return str.p;
	}
	return NULL;
}

/* Who wrote it, who judged it, and the text itself. */
static void
narrative(struct sec *s, struct docnode *box, struct docnode *p,
    const struct fact *f, const struct input *in)
{
	struct narrative n = { .file = in->path, .text = in->text,
	    .len = (size_t)in->bytes };
	const char *by = judged(s, f->text);

	n.id = sec_printf(s, "%s-%s", s->section->id, f->id +
	    strlen(s->section->id) + 1);
	narrative_nodes(s->a, box, &n, s->b, s->diag);
	if (by == NULL) {
		docnode_badge(s->a, p, TONE_PART, "UNREVIEWED");
		docnode_text(s->a, p, " ");
	}
	docnode_text(s->a, p, "Text by ");
	if (s->b->audience == AUDIENCE_PUBLIC)
		docnode_text(s->a, p, "a person");
	else
		docnode_data(s->a, p, n.author);
	docnode_text(s->a, p, ", ");
	if (by != NULL) {
		docnode_data(s->a, p, by);
		docnode_text(s->a, p, ", ");
	}
	docnode_text(s->a, p, "SHA-256 ");
	docnode_fact(s->a, p, f);
	docnode_text(s->a, p, ":");
}

void
sec_narrative(struct sec *s, const char *field, const char *kind,
    const char *id, const char *name, const char *folder)
{
	const struct ref_table *t = sec_ref_table(s, "ref_narrative");
	const char *is[] = { "kind", kind, "id", id, "section", name, NULL };
	size_t row = sec_find(t, 0, is);
	struct docnode *box = docnode_new(s->a, NULL, NODE_SECTION);
	struct docnode *p = docnode_para(s->a, box);
	struct fact *f = sec_fact(s, field, "hash", PROV_NARRATIVE);
	const struct input *in;

	f->at = ref_mark(t, row, "");
	in = input_find(s->b, f->at.file);
	if (in == NULL || in->text == NULL) {
		f->at.file = sec_printf(s, "%s%s.md", folder, name);
		f->why = sec_printf(s, "write %s", f->at.file);
		withhold(s, f);
	} else
		known(s, f, ref_text(t, row, "text_sha256"));
	if (f->state == FACT_KNOWN)
		narrative(s, box, p, f, in);
	else
		docnode_fact(s->a, p, f);
	*map_putz(s->facts->text, f->id) = box;
	for (const struct docnode *c = box->child; c != NULL; c = c->next)
		(void)docnode_again(s->a, s->at, c);
}
