#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "eval/expr.h"
#include "eval/query.h"
#include "model/control.h"
#include "model/event.h"

struct columns {
	int list[EVENT_NCOL];
	size_t n;
	unsigned char taken[EVENT_NCOL];
};

static void
take(struct columns *c, int col)
{
	if (c->taken[col])
		return;
	c->taken[col] = 1;
	c->list[c->n++] = col;
}

/* The columns of the event that a tree reads, in the order of the text. */
static void
take_read(struct columns *c, const struct expr *x)
{
	if (x->op == EXPR_COL && x->slot == EXPR_E && x->table == NULL)
		take(c, x->col);
	for (size_t i = 0; i < x->nkid; i++)
		take_read(c, x->kid[i]);
}

static void
take_usual(struct columns *c, const struct expr *x)
{
	static const int usual[] = { EVENT_OCCURRED_US, EVENT_EVENT_TYPE,
		EVENT_AGENT_ID, EVENT_ACTION, EVENT_OUTCOME };

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		take(c, usual[i]);
	take_read(c, x);
}

static int
unknown(struct arena *a, const char *name, struct diag *d)
{
	const char *list[EVENT_NCOL], *near;

	for (size_t i = 0; i < EVENT_NCOL; i++)
		list[i] = event_column[i].name;
	near = str_nearest(name, list, EVENT_NCOL);
	diag_add(d, ERR_INPUT, (struct mark){ .file = NULL },
	    "--columns: no column \"%s\"%s", name, near == NULL ? "" :
	    arena_printf(a, " (did you mean \"%s\"?)", near));
	return -1;
}

static int
take_named(struct arena *a, struct columns *c, const char *list,
    struct diag *d)
{
	for (;;) {
		size_t n = strcspn(list, ",");
		const char *name = arena_strndup(a, list, n);
		int col = event_col(name);

		if (col < 0)
			return unknown(a, name, d);
		take(c, col);
		if (list[n] == '\0')
			return 0;
		list += n + 1;
	}
}

static const char *
print(struct arena *a, const struct expr *x, const struct columns *c)
{
	struct str s = str_new(a), w = str_new(a);

	expr_sql(&w, x);
	str_addf(&s, "SELECT e.stream, e.seq, CASE WHEN %s THEN 1 END", w.p);
	for (size_t i = 0; i < c->n; i++)
		str_addf(&s, ", e.%s", event_column[c->list[i]].name);
	str_addf(&s, " FROM " EXPR_EVENT " WHERE " EXPR_PERIOD
	    " AND e.recorded_us < :as_of_us AND (%s) IS NOT FALSE"
	    " ORDER BY e.stream, e.seq", w.p);
	return s.p;
}

int
query_compile(struct arena *a, const struct catalogue *cat, const char *text,
    const char *columns, struct query *q, struct diag *d)
{
	const struct expr_names names = { .predicate = cat->predicate,
		.npredicate = cat->npredicate, .over = "event", .bare = 1 };
	struct expr *x = expr_parse(a, &names, text,
	    (struct mark){ .file = NULL }, "expression", d);
	struct columns *c = arena_alloc(a, sizeof(*c));

	if (x == NULL)
		return -1;
	if (columns == NULL)
		take_usual(c, x);
	else if (take_named(a, c, columns, d) == -1)
		return -1;
	q->sql = print(a, x, c);
	q->col = c->list;
	q->ncol = c->n;
	return 0;
}
