#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/part.h"
#include "model/ref.h"

const char *
part_event(const struct cited *c, enum event_col col)
{
	return c == NULL ? NULL : value_text(&c->event.col[col]);
}

void
part_cell_what(struct page *p, struct docnode *row, const struct cited *c)
{
	const char *what = part_event(c, EVENT_ACTION);

	part_cell_data(p, row, what != NULL ? what :
	    part_event(c, EVENT_TOOL));
}

static int
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && strcmp(name + len - n, end) == 0;
}

static void
add_integer(struct page *p, struct docnode *at, int64_t i)
{
	if (i >= 0)
		part_count(p, at, (uint64_t)i);
	else
		(void)docnode_text(p->a, at, "%" PRId64, i);
}

void
part_value(struct page *p, struct docnode *at, const struct ref_col *col,
    const struct value *v)
{
	struct str s = str_new(p->a);

	if (v->type == VALUE_NULL)
		(void)docnode_data(p->a, at, NULL);
	else if (v->type == VALUE_TEXT && (ends_with(col->name, "_hash") ||
	    ends_with(col->name, "sha256")))
		(void)docnode_code(p->a, at, v->p);
	else if (v->type == VALUE_TEXT)
		(void)docnode_data(p->a, at, v->p);
	else if (!ends_with(col->name, "_us"))
		add_integer(p, at, v->i);
	else {
		/* A span is small, a moment is not: 1975 lies between. */
		if (v->i > INT64_C(157680000) * DATE_SECOND)
			date_add_time(&s, v->i);
		else
			date_add_duration(&s, v->i);
		docnode_text(p->a, at, "%s", s.p)->level = 1;
	}
}

void
part_event_value(struct page *p, struct docnode *at, enum event_col col,
    const struct value *v)
{
	const char *name = event_column[col].name;
	struct str s = str_new(p->a);

	if (v->type == VALUE_NULL)
		(void)docnode_data(p->a, at, NULL);
	else if (col == EVENT_AGENT_ID)
		part_link(p, at, "agent", v->p);
	else if (v->type == VALUE_TEXT && ends_with(name, "_hash"))
		(void)docnode_code(p->a, at, v->p);
	else if (v->type == VALUE_TEXT)
		(void)docnode_data(p->a, at, v->p);
	else if (col == EVENT_DURATION_US) {
		date_add_duration(&s, v->i);
		docnode_text(p->a, at, "%s", s.p)->level = 1;
	} else if (ends_with(name, "_us"))
		part_time(p, at, v->i);
	else
		(void)docnode_text(p->a, at, "%" PRId64, v->i);
}

void
part_rows_add(struct page *p, struct part_rows *rows, const struct result *r,
    const struct cite *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct part_row *row = VEC_PUSH(p->a, rows->row, rows->n,
		    rows->cap);

		row->result = r;
		row->cite = &c[i];
	}
}

/* Columns of a table of rows: the row itself, whose it is, what of it. */
struct shown {
	const struct test *test;
	const struct ref_table *ref; /* rows of a reference table, or NULL */
	int events, scope;
	const char **name;
	size_t n, cap;
};

static void
show(struct page *p, struct shown *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (part_is(s->name[i], name))
			return;
	*VEC_PUSH(p->a, s->name, s->n, s->cap) = name;
}

static struct shown
shown_of(struct page *p, const struct test *t, const struct part_rows *rows)
{
	struct shown s = { .test = t };

	for (size_t i = 0; i < rows->n; i++) {
		s.events |= rows->row[i].cite->at.file == NULL;
		s.scope |= !part_is(rows->row[i].result->scope,
		    rows->row[0].result->scope);
	}
	if (s.events) {
		show(p, &s, "occurred_us");
		show(p, &s, "event_type");
		show(p, &s, "agent_id");
		if (t == NULL || t->nshow == 0) {
			show(p, &s, "action");
			show(p, &s, "tool");
			show(p, &s, "outcome");
		}
	} else if (t != NULL && t->over != NULL)
		s.ref = ref_table(p->b->ref, t->over);
	for (size_t i = 0; t != NULL && i < t->nshow; i++)
		if (s.events ? event_col(t->show[i]) != -1 :
		    s.ref != NULL && ref_colno(s.ref, t->show[i]) != -1)
			show(p, &s, t->show[i]);
	return s;
}

static struct docnode *
shown_table(struct page *p, struct docnode *at, const char *id,
    const char *caption, const struct shown *s)
{
	const char **head = arena_array(p->a, s->n + 3, sizeof(*head));
	size_t n = 0;

	head[n++] = s->events ? "Record" : "Place";
	if (s->test == NULL)
		head[n++] = "Test";
	if (s->test == NULL || s->scope)
		head[n++] = "Scope";
	for (size_t i = 0; i < s->n; i++)
		head[n++] = part_is(s->name[i], "occurred_us") ? "Occurred" :
		    part_is(s->name[i], "event_type") ? "Event" :
		    part_is(s->name[i], "agent_id") ? "Agent" : s->name[i];
	return part_table(p, at, id, caption, head, n);
}

/* The row of the table that stands there, or SIZE_MAX. */
static size_t
row_at(const struct ref_table *t, struct mark at)
{
	for (size_t i = 0; t != NULL && t->at != NULL && i < t->nrow; i++)
		if (t->at[i].line == at.line && part_is(t->at[i].file,
		    at.file))
			return i;
	return SIZE_MAX;
}

static void
shown_cell(struct page *p, struct docnode *cell, const struct shown *s,
    size_t i, const struct cited *c, size_t row)
{
	if (s->ref != NULL && row != SIZE_MAX) {
		int col = ref_colno(s->ref, s->name[i]);

		part_value(p, cell, &s->ref->col[col], &s->ref->cell[row *
		    s->ref->ncol + (size_t)col]);
	} else if (c != NULL) {
		enum event_col col = (enum event_col)event_col(s->name[i]);

		part_event_value(p, cell, col, &c->event.col[col]);
	} else
		(void)docnode_text(p->a, cell, "not in this pack");
}

void
part_rows(struct page *p, struct docnode *at, const char *id,
    const char *caption, const struct test *t, const struct part_rows *rows)
{
	struct shown s = shown_of(p, t, rows);
	struct docnode *table = shown_table(p, at, id, caption, &s);
	size_t without = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct part_row *r = &rows->row[i];
		const struct cited *c = r->cite->at.file != NULL ? NULL :
		    build_cited(p->b, r->cite);
		size_t where = r->cite->at.file == NULL ? SIZE_MAX :
		    row_at(s.ref, r->cite->at);
		struct docnode *row = docnode_row(p->a, table);
		struct docnode *cell = part_cell(p, row);

		without += c == NULL && r->cite->at.file == NULL;
		cell->level = 1;
		part_cite(p, cell, r->cite);
		if (t == NULL)
			part_basis(p, part_cell(p, row), r->result);
		if (t == NULL || s.scope)
			part_scope(p, part_cell(p, row), r->result->scope);
		for (size_t k = 0; k < s.n; k++)
			shown_cell(p, part_cell(p, row), &s, k, c, where);
	}
	if (without > 0)
		(void)part_para(p, at, "%zu of these rows %s no record in "
		    "this pack: it holds at most output.max_records.",
		    without, without == 1 ? "has" : "have");
}

const char *
part_tally(struct page *p, const struct result *const *r, size_t n)
{
	static const struct {
		enum outcome outcome;
		const char *one, *many;
	} word[] = {
		{ OUT_FAIL, "fails", "fail" },
		{ OUT_NO_EVIDENCE, "is without evidence",
		    "are without evidence" },
		{ OUT_PASS, "passes", "pass" },
		{ OUT_NOT_APPLICABLE, "does not apply", "do not apply" }
	};
	struct str s = str_new(p->a);

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		size_t k = 0;

		for (size_t j = 0; j < n; j++)
			k += r[j]->outcome == word[i].outcome;
		if (k > 0)
			str_addf(&s, "%s%zu %s", s.len > 0 ? ", " : "", k,
			    k == 1 ? word[i].one : word[i].many);
	}
	return s.len > 0 ? s.p : "nothing was evaluated";
}

static int
may_see(const struct page *p, const struct ref_col *col)
{
	return col->audience <= p->b->audience && !part_is(col->name,
	    "file") && !part_is(col->name, "line");
}

void
part_ref_row(struct page *p, struct docnode *at, const char *id,
    const char *caption, const struct ref_table *t, size_t row)
{
	struct docnode *table = part_table(p, at, id, caption,
	    PART_HEAD("Field", "Value", "Where"));
	struct str none = str_new(p->a);

	table->level = 1;
	for (size_t c = 0; c < t->ncol; c++) {
		struct docnode *r, *cell;

		if (!may_see(p, &t->col[c]))
			continue;
		if (t->cell[row * t->ncol + c].type == VALUE_NULL) {
			str_addf(&none, "%s%s", none.len > 0 ? ", " : " ",
			    t->col[c].name);
			continue;
		}
		r = docnode_row(p->a, table);
		cell = part_cell(p, r);
		cell->level = 1;
		(void)docnode_text(p->a, cell, "%s", t->col[c].name);
		part_value(p, part_cell(p, r), &t->col[c],
		    &t->cell[row * t->ncol + c]);
		part_mark(p, part_cell(p, r), ref_mark(t, row,
		    t->col[c].name));
	}
	if (none.len > 0) {
		struct docnode *para = docnode_para(p->a, at);

		(void)docnode_badge(p->a, para, TONE_EMPTY, "NOT RECORDED");
		(void)docnode_text(p->a, para, "%s", none.p);
	}
}

static int
is_row(const struct ref_table *t, size_t row, const char *col,
    const char *want, const char *col2, const char *want2)
{
	return part_is(ref_text(t, row, col), want) && (col2 == NULL ||
	    part_is(ref_text(t, row, col2), want2));
}

/* What a row may leave out is not missing. */
static void
value_or_not(struct page *p, struct docnode *at, const struct ref_col *col,
    const struct value *v)
{
	if (v->type == VALUE_NULL)
		(void)docnode_text(p->a, at, "not set");
	else
		part_value(p, at, col, v);
}

/* The name of the file and the line, without the way there. */
static void
line_link(struct page *p, struct docnode *at, struct mark m)
{
	const char *slash = m.file != NULL ? strrchr(m.file, '/') : NULL;
	struct docnode *link;

	if (m.file == NULL || m.line == 0) {
		part_mark(p, at, m);
		return;
	}
	link = docnode_link(p->a, at, "source", m.file, arena_printf(p->a,
	    "%s:%" PRIu32, slash != NULL ? slash + 1 : m.file, m.line));
	link->level = 1;
	link->to.anchor = arena_printf(p->a, "L%" PRIu32, m.line);
}

size_t
part_ref_rows(struct page *p, struct docnode *at, const char *id,
    const char *caption, const char *name, const char *col, const char *want,
    const char *col2, const char *want2)
{
	const struct ref_table *t = ref_table(p->b->ref, name);
	const char **head;
	size_t *shown, ncol = 0, n = 0;
	struct docnode *table = NULL;

	if (t == NULL)
		return 0;
	head = arena_array(p->a, t->ncol + 1, sizeof(*head));
	shown = arena_array(p->a, t->ncol + 1, sizeof(*shown));
	/* Columns in which some row has a value, but not the owner's. */
	for (size_t c = 0; c < t->ncol; c++) {
		int some = 0;

		for (size_t r = 0; r < t->nrow && !some; r++)
			some = t->cell[r * t->ncol + c].type != VALUE_NULL &&
			    is_row(t, r, col, want, col2, want2);
		if (!some || !may_see(p, &t->col[c]) ||
		    part_is(t->col[c].name, col) ||
		    part_is(t->col[c].name, col2))
			continue;
		head[ncol] = t->col[c].name;
		shown[ncol++] = c;
	}
	head[ncol] = "Where";
	for (size_t r = 0; r < t->nrow; r++) {
		struct docnode *row;

		if (!is_row(t, r, col, want, col2, want2))
			continue;
		if (n++ == 0)
			table = part_table(p, at, id, caption, head, ncol + 1);
		row = docnode_row(p->a, table);
		for (size_t c = 0; c < ncol; c++)
			value_or_not(p, part_cell(p, row), &t->col[shown[c]],
			    &t->cell[r * t->ncol + shown[c]]);
		line_link(p, part_cell(p, row), ref_mark(t, r,
		    t->col[shown[0]].name));
	}
	return n;
}

/* Without `to` a version holds until the next begins, or the policy ends. */
size_t
part_in_force(const struct page *p, const char *policy, int64_t us)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_policy_version");
	const struct ref_table *pol = ref_table(p->b->ref, "ref_policy");
	size_t best = SIZE_MAX, row;

	if (t == NULL || policy == NULL || pol == NULL)
		return SIZE_MAX;
	row = ref_next(pol, 0, "policy_id", policy);
	if (row == SIZE_MAX || us >= ref_int(pol, row, "retired_us",
	    INT64_MAX))
		return SIZE_MAX;
	for (size_t i = ref_next(t, 0, "policy_id", policy); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "policy_id", policy)) {
		int64_t from = ref_int(t, i, "from_us", INT64_MAX);

		if (from <= us && (best == SIZE_MAX ||
		    from >= ref_int(t, best, "from_us", 0)))
			best = i;
	}
	if (best != SIZE_MAX && us >= ref_int(t, best, "to_us", INT64_MAX))
		return SIZE_MAX;
	return best;
}
