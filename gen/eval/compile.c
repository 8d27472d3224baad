#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "eval/eval.h"
#include "eval/expr.h"

struct compile {
	struct arena *arena;
	struct catalogue *catalogue;
	const char *organisation;
	struct diag *diag;
	struct hash *hash;
};

/* Whom a row is about: its agent, policy or stream, else the organisation. */
static void
add_scope(struct compile *c, struct str *s, const struct test *t)
{
	const struct ref_schema *r = ref_schema_find(t->over);
	const char *col = t->scope == SCOPE_AGENT ? "agent_id" :
	    t->scope == SCOPE_POLICY ? "policy_id" : NULL;

	if (r == NULL && t->scope == SCOPE_AGENT) {
		str_addz(s, "coalesce(a.agent_id, e.agent_id)");
	} else if (r == NULL && t->scope == SCOPE_STREAM) {
		str_addz(s, "e.stream");
	} else if (col != NULL && (r == NULL || ref_schema_colno(r, col) >= 0)) {
		str_addf(s, "coalesce(e.%s, ", col);
		str_add_sqlz(s, c->organisation);
		str_addc(s, ')');
	} else {
		str_add_sqlz(s, c->organisation);
	}
}

/* The statement of a test in our own grammar. */
static void
print_test(struct compile *c, struct test *t)
{
	struct str s = str_new(c->arena), w = str_new(c->arena);
	struct str x = str_new(c->arena);
	int ref = strcmp(t->over, "event") != 0;

	if (t->where != NULL)
		expr_sql(&w, t->where);
	expr_sql(&x, t->exception);
	str_addz(&s, "SELECT ");
	add_scope(c, &s, t);
	str_addf(&s, " AS scope, %s,\n  CASE WHEN ", ref ?
	    "e.file AS file, e.line AS line" :
	    "e.stream AS stream, e.seq AS seq");
	if (w.len > 0)
		str_addf(&s, "(%s) AND (%s) THEN 1 WHEN (%s) AND NOT (%s) "
		    "THEN 0 END AS broken\n", w.p, x.p, w.p, x.p);
	else
		str_addf(&s, "(%s) THEN 1 WHEN NOT (%s) THEN 0 END AS broken\n",
		    x.p, x.p);
	str_addf(&s, "FROM %s", ref ? t->over : EXPR_EVENT);
	if (ref)
		str_addz(&s, " e");
	if (!ref || w.len > 0)
		str_addf(&s, " WHERE %s%s", ref ? "" : EXPR_PERIOD,
		    !ref && w.len > 0 ? " AND " : "");
	if (w.len > 0)
		str_addf(&s, "(%s) IS NOT FALSE", w.p);
	t->sql = s.p;
}

static struct expr *
parse(struct compile *c, const struct test *t, const char *text,
    struct mark at, const char *part)
{
	struct expr_names names = {
		.predicate = c->catalogue->predicate,
		.npredicate = c->catalogue->npredicate,
		.over = t->over,
	};

	return expr_parse(c->arena, &names, text, at,
	    arena_printf(c->arena, "%s %s", t->id, part), c->diag);
}

/* What a macro of an sql: text stands for; 0: there is none of that name. */
static int
add_macro(struct compile *c, struct str *s, const struct test *t,
    const char *name)
{
	const struct predicate *d = c->catalogue->predicate;
	struct expr *x;
	/* Beside {event} it is the scope of an event, whatever it returns. */
	struct test event = { .id = t->id, .over = "event", .scope = t->scope };

	if (strcmp(name, "scope") == 0) {
		add_scope(c, s, &event);
		return 1;
	}
	if (strcmp(name, "event") == 0 || strcmp(name, "in_period") == 0) {
		str_addz(s, *name == 'e' ? EXPR_EVENT : EXPR_PERIOD);
		return 1;
	}
	for (size_t i = 0; i < c->catalogue->npredicate; i++) {
		if (strcmp(d[i].name, name) != 0)
			continue;
		x = parse(c, &event, d[i].text, d[i].at, "sql");
		str_addc(s, '(');
		if (x != NULL)
			expr_sql(s, x);
		str_addc(s, ')');
		return 1;
	}
	return 0;
}

/* An sql: text with its macros put in; nothing else of it is read. */
static void
expand_sql(struct compile *c, struct test *t)
{
	struct str s = str_new(c->arena);
	const char *p = t->sql_text, *open, *close, *name;

	while ((open = strchr(p, '{')) != NULL &&
	    (close = strchr(open, '}')) != NULL) {
		str_add(&s, p, (size_t)(open - p));
		name = arena_strndup(c->arena, open + 1,
		    (size_t)(close - open - 1));
		if (!add_macro(c, &s, t, name))
			diag_add(c->diag, ERR_INPUT, t->sql_at, "%s sql: "
			    "character %zu: unknown macro {%s}: want {scope}, "
			    "{event}, {in_period} or a named predicate", t->id,
			    (size_t)(open - t->sql_text) + 1, name);
		p = close + 1;
	}
	str_addz(&s, p);
	while (s.len > 0 && (s.p[s.len - 1] == '\n' || s.p[s.len - 1] == ' '))
		s.p[--s.len] = '\0';
	t->sql = s.p;
}

static void
compile_test(struct compile *c, struct test *t)
{
	if (strcmp(t->over, "event") != 0 && ref_schema_find(t->over) == NULL) {
		diag_add(c->diag, ERR_INPUT, t->at,
		    "%s over: unknown reference table \"%s\"", t->id, t->over);
		return;
	}
	if (t->sql_text != NULL) {
		expand_sql(c, t);
	} else if (t->exception_text != NULL) {
		if (t->where_text != NULL)
			t->where = parse(c, t, t->where_text, t->where_at,
			    "where");
		t->exception = parse(c, t, t->exception_text, t->exception_at,
		    "exception");
		if (t->exception != NULL &&
		    (t->where != NULL || t->where_text == NULL))
			print_test(c, t);
	} else if (t->built_in == NULL) {
		diag_add(c->diag, ERR_INPUT, t->at,
		    "%s: want exception, sql or built_in", t->id);
	}
	if (t->sql != NULL)
		hash_bytes(c->hash, t->sha256, t->sql, strlen(t->sql));
}

/* requires: every id is a test, and no test comes before itself. */

enum { NEW, OPEN, DONE };

static void
check_requires(struct compile *c, struct map *state, const struct test *t)
{
	uintptr_t s = (uintptr_t)map_getz(state, t->id);
	const struct test *u;

	if (s == DONE)
		return;
	if (s == OPEN) {
		diag_add(c->diag, ERR_INPUT, t->at,
		    "%s requires: a test that requires itself in the end",
		    t->id);
		return;
	}
	*map_putz(state, t->id) = (void *)(uintptr_t)OPEN;
	for (size_t i = 0; i <= t->nrequires; i++) {
		const char *id = i < t->nrequires ? t->requires[i] :
		    t->when_empty_proven_by;

		if (id == NULL)
			continue;
		u = catalogue_test(c->catalogue, id, NULL);
		if (u == NULL)
			diag_add(c->diag, ERR_INPUT, t->at,
			    "%s %s: unknown test \"%s\"", t->id,
			    i < t->nrequires ? "requires" : "proven_by", id);
		else
			check_requires(c, state, u);
	}
	*map_putz(state, t->id) = (void *)(uintptr_t)DONE;
}

void
eval_compile(struct arena *a, struct catalogue *cat, const char *organisation,
    struct diag *d)
{
	struct compile c = { a, cat, organisation, d, hash_new(a) };
	struct map *state = map_new(a);

	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++)
			compile_test(&c, &cat->control[i].test[k]);
	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++)
			check_requires(&c, state, &cat->control[i].test[k]);
	hash_free(c.hash);
}
