#include "base/arena.h"
#include "base/str.h"
#include "doc/part.h"
#include "model/log.h"
#include "model/ref.h"

/* Few rows with many columns read better turned: a measure a line, with what
 * it counts. */
static void
measured_turned(struct page *p, struct docnode *at,
    const struct log_schema *schema, const struct ref_table *t,
    const size_t *row, size_t n, const char *own)
{
	const char **head = arena_array(p->a, n + 2, sizeof(*head));
	struct docnode *table, *cell;
	size_t names = 0; /* leading columns of text name a row */

	while (names < t->ncol && t->col[names].type == VALUE_TEXT)
		names++;
	head[0] = "Measure";
	head[1] = "What it counts";
	for (size_t r = 0; r < n; r++) {
		struct str s = str_new(p->a);

		for (size_t c = 0; c < names; c++) {
			const char *v = value_text(&t->cell[row[r] * t->ncol +
			    c]);

			if (!part_is(t->col[c].name, own))
				str_addf(&s, "%s%s", s.len > 0 ? " " : "",
				    v != NULL ? v : "not recorded");
		}
		head[r + 2] = s.len > 0 ? s.p : "Value";
	}
	table = part_table(p, at, schema->name, schema->says, head, n + 2);
	/* The last ones are names from the log. */
	cell = table->child->child->next;
	while ((cell = cell->next) != NULL)
		cell->child->untrusted = 1;
	for (size_t c = names; c < t->ncol; c++) {
		struct docnode *line = docnode_row(p->a, table);

		cell = part_cell(p, line);
		cell->level = 1;
		(void)docnode_text(p->a, cell, "%s", t->col[c].name);
		cell = part_cell(p, line);
		cell->level = 2;
		(void)docnode_text(p->a, cell, "%s", t->col[c].says);
		for (size_t r = 0; r < n; r++)
			part_value(p, part_cell(p, line), &t->col[c],
			    &t->cell[row[r] * t->ncol + c]);
	}
}

/* The event that a row names stands as a link; what the page is about goes
 * without saying. */
static int
measured_col(const struct ref_col *col, int event, const char *own)
{
	return !part_is(col->name, own) && !(event &&
	    (part_is(col->name, "stream") || part_is(col->name, "seq")));
}

static void
measured_rows(struct page *p, struct docnode *at,
    const struct log_schema *schema, const struct ref_table *t,
    const size_t *row, size_t n, const char *own)
{
	const char **head = arena_array(p->a, t->ncol + 1, sizeof(*head));
	struct docnode *table;
	struct cite cite;
	int event = part_measured_cite(p->b, t, row[0], &cite);
	size_t nhead = 0;

	if (event)
		head[nhead++] = "Record";
	for (size_t c = 0; c < t->ncol; c++)
		if (measured_col(&t->col[c], event, own))
			head[nhead++] = t->col[c].name;
	table = part_table(p, at, schema->name, schema->says, head, nhead);
	for (size_t r = 0; r < n; r++) {
		struct docnode *line = docnode_row(p->a, table);

		if (event && part_measured_cite(p->b, t, row[r], &cite))
			part_cite(p, part_cell(p, line), &cite);
		for (size_t c = 0; c < t->ncol; c++)
			if (measured_col(&t->col[c], event, own))
				part_value(p, part_cell(p, line), &t->col[c],
				    &t->cell[row[r] * t->ncol + c]);
	}
}

static int
has_col(const struct ref_table *t, const char *col)
{
	return col == NULL || ref_colno(t, col) >= 0;
}

static int
is_about(const struct ref_table *t, size_t r, const char *col,
    const char *want)
{
	return col == NULL || part_is(ref_text(t, r, col), want);
}

size_t
part_log_rows(struct page *p, struct docnode *at, const char *col,
    const char *want, const char *col2, const char *want2)
{
	size_t tables = 0;

	for (size_t i = 0; i < log_nschema; i++) {
		const struct ref_table *t = ref_table(p->b->log,
		    log_schema[i].name);
		size_t *row, n = 0;

		if (t == NULL || !has_col(t, col) || !has_col(t, col2))
			continue;
		row = arena_array(p->a, t->nrow + 1, sizeof(*row));
		for (size_t r = 0; r < t->nrow; r++)
			if (is_about(t, r, col, want) &&
			    is_about(t, r, col2, want2))
				row[n++] = r;
		if (n > 0 && n <= 6 && t->ncol > 12)
			measured_turned(p, at, &log_schema[i], t, row, n, col);
		else if (n > 0)
			measured_rows(p, at, &log_schema[i], t, row, n, col);
		tables += n > 0;
	}
	return tables;
}
