#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "eval/expr.h"
#include "model/event.h"

#define EXPR_DEPTH 50     /* nesting; SQLite allows 100 in its own tree */
#define EXPR_NODES 4096   /* nodes of one text, predicates expanded */
#define EXPR_EXPAND 8     /* a predicate within a predicate */
#define EXPR_WHOLE_MAX INT64_C(9007199254740991)

enum token {
	T_END, T_WORD, T_NUMBER, T_TEXT, T_PARAM, T_NAMED, T_LPAREN, T_RPAREN,
	T_COMMA, T_DOT, T_PLUS, T_MINUS, T_STAR, T_EQ, T_NE, T_LT, T_LE, T_GT,
	T_GE
};

/* What all texts of one expression share. */
struct shared {
	struct arena *arena;
	const struct expr_names *names;
	struct diag *diag;
	int failed;
	unsigned nodes, expand;
	struct alias {
		const char *name;
		const struct ref_schema *ref; /* NULL: event */
	} alias[EXPR_NSLOT];
	int inside; /* slots of the EXISTS that is being read; 0: none */
	int own;    /* ON: nothing but its own tables */
};

struct parse {
	struct shared *sh;
	struct mark at;
	const char *what;
	const char *s;
	size_t start, pos;  /* of the token; after it */
	enum token tok;
	const char *p;      /* word, decoded text */
	size_t len;
	int64_t i;
	unsigned depth;
};

static const char *const param_name[EXPR_NPARAM] = {
	"from_us", "to_us", "as_of_us"
};

static struct expr *parse_or(struct parse *);

/* Lexer. */

static void
fail_at(struct parse *p, size_t where, const char *msg)
{
	if (!p->sh->failed)
		diag_add(p->sh->diag, ERR_INPUT, p->at, "%s: character %zu: %s",
		    p->what, where + 1, msg);
	p->sh->failed = 1;
	p->tok = T_END;
}

static void
fail(struct parse *p, const char *msg)
{
	fail_at(p, p->start, msg);
}

static int
is_word(char c, int first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (!first && c >= '0' && c <= '9');
}

static void
lex_word(struct parse *p, enum token t)
{
	size_t from = p->pos;

	while (is_word(p->s[p->pos], p->pos == from))
		p->pos++;
	p->tok = t;
	p->len = p->pos - from;
	p->p = arena_strndup(p->sh->arena, p->s + from, p->len);
	if (p->len == 0)
		fail(p, "a name is missing");
}

static void
lex_number(struct parse *p)
{
	int64_t n = 0;
	size_t from = p->pos;

	for (; p->s[p->pos] >= '0' && p->s[p->pos] <= '9'; p->pos++) {
		n = n * 10 + (p->s[p->pos] - '0');
		if (n > EXPR_WHOLE_MAX) {
			fail(p, "the number is above 2^53 - 1");
			return;
		}
	}
	p->tok = T_NUMBER;
	p->i = n;
	if ((p->s[from] == '0' && p->pos - from > 1) || p->s[p->pos] == '.' ||
	    is_word(p->s[p->pos], 1))
		fail(p, "a whole number has digits alone, no leading 0");
}

static void
lex_text(struct parse *p)
{
	struct str s = str_new(p->sh->arena);

	for (p->pos++; p->s[p->pos] != '\0'; p->pos++) {
		if (p->s[p->pos] == '\'' && p->s[++p->pos] != '\'') {
			p->tok = T_TEXT;
			p->p = s.p;
			p->len = s.len;
			return;
		}
		str_addc(&s, p->s[p->pos]);
	}
	fail(p, "the text has no closing '");
}

static void
lex_named(struct parse *p)
{
	p->pos++;
	lex_word(p, T_NAMED);
	if (p->tok == T_NAMED && p->s[p->pos++] != '}')
		fail(p, "a named predicate ends with }");
}

static void
lex_sign(struct parse *p)
{
	static const struct { char s[3]; enum token t; } sign[] = {
		{ "<>", T_NE }, { "<=", T_LE }, { ">=", T_GE }, { "(", T_LPAREN },
		{ ")", T_RPAREN }, { ",", T_COMMA }, { ".", T_DOT },
		{ "+", T_PLUS }, { "-", T_MINUS }, { "*", T_STAR }, { "=", T_EQ },
		{ "<", T_LT }, { ">", T_GT },
	};

	if (strncmp(p->s + p->pos, "--", 2) == 0) {
		fail(p, "comments are not part of a predicate");
		return;
	}
	for (size_t i = 0; i < sizeof(sign) / sizeof(sign[0]); i++) {
		size_t n = strlen(sign[i].s);

		if (strncmp(p->s + p->pos, sign[i].s, n) == 0) {
			p->tok = sign[i].t;
			p->pos += n;
			return;
		}
	}
	fail(p, "this character is not part of a predicate");
}

static void
next(struct parse *p)
{
	if (p->sh->failed) {
		p->tok = T_END;
		return;
	}
	while (p->s[p->pos] == ' ' || p->s[p->pos] == '\n' ||
	    p->s[p->pos] == '\t')
		p->pos++;
	p->start = p->pos;
	if (p->s[p->pos] == '\0')
		p->tok = T_END;
	else if (is_word(p->s[p->pos], 1))
		lex_word(p, T_WORD);
	else if (p->s[p->pos] >= '0' && p->s[p->pos] <= '9')
		lex_number(p);
	else if (p->s[p->pos] == '\'')
		lex_text(p);
	else if (p->s[p->pos] == '{')
		lex_named(p);
	else if (p->s[p->pos] == ':') {
		p->pos++;
		lex_word(p, T_PARAM);
	} else
		lex_sign(p);
}

/* 1 if the token is that keyword, in any case. */
static int
at_word(const struct parse *p, const char *word)
{
	size_t i;

	if (p->tok != T_WORD || p->len != strlen(word))
		return 0;
	for (i = 0; i < p->len; i++)
		if ((p->p[i] & ~0x20) != (word[i] & ~0x20))
			return 0;
	return 1;
}

static int
take_word(struct parse *p, const char *word)
{
	if (!at_word(p, word))
		return 0;
	next(p);
	return 1;
}

static int
take(struct parse *p, enum token t)
{
	if (p->tok != t)
		return 0;
	next(p);
	return 1;
}

static void
need(struct parse *p, enum token t, const char *msg)
{
	if (!take(p, t))
		fail(p, msg);
}

static void
need_word(struct parse *p, const char *word)
{
	if (!take_word(p, word))
		fail(p, arena_printf(p->sh->arena, "%s is missing here", word));
}

/* Nodes and their types. */

static struct expr *
node(struct parse *p, enum expr_op op, enum expr_type type)
{
	struct expr *x = arena_alloc(p->sh->arena, sizeof(*x));

	x->op = op;
	x->type = type;
	if (++p->sh->nodes > EXPR_NODES)
		fail(p, "the predicate has more than 4,096 parts");
	return x;
}

static void
add_kid(struct parse *p, struct expr *x, struct expr *kid)
{
	struct expr **k;

	/* Room doubles at each power of two. */
	if ((x->nkid & (x->nkid - 1)) == 0) {
		k = arena_array(p->sh->arena, x->nkid ? 2 * x->nkid : 1,
		    sizeof(*k));
		if (x->nkid > 0)
			memcpy(k, x->kid, x->nkid * sizeof(*k));
		x->kid = k;
	}
	x->kid[x->nkid++] = kid;
}

static struct expr *
pair(struct parse *p, enum expr_op op, enum expr_type type, struct expr *a,
    struct expr *b)
{
	struct expr *x = node(p, op, type);

	add_kid(p, x, a);
	if (b != NULL)
		add_kid(p, x, b);
	return x;
}

static const char *
type_name(enum expr_type t)
{
	static const char *const name[] = {
		"nothing", "a condition", "a whole number", "text"
	};

	return name[t];
}

static void
want(struct parse *p, size_t where, const struct expr *x, enum expr_type t)
{
	if (x->type != t && x->type != EXPR_ANY)
		fail_at(p, where, arena_printf(p->sh->arena,
		    "have %s, want %s", type_name(x->type), type_name(t)));
}

/* Both sides of a comparison, or branches of a CASE, are of one type. */
static enum expr_type
same(struct parse *p, size_t where, enum expr_type a, enum expr_type b)
{
	if (a != EXPR_ANY && b != EXPR_ANY && a != b)
		fail_at(p, where, arena_printf(p->sh->arena,
		    "%s cannot be compared with %s", type_name(a),
		    type_name(b)));
	return a == EXPR_ANY ? b : a;
}

static int
is_constant(const struct expr *x)
{
	return x->op == EXPR_INT || x->op == EXPR_TEXT;
}

/* Names. */

static const char *
nearest(struct parse *p, const char *word, const char *const *list, size_t n)
{
	const char *near = str_nearest(word, list, n);

	return near == NULL ? "" : arena_printf(p->sh->arena,
	    " (did you mean \"%s\"?)", near);
}

static int
find_column(struct parse *p, const struct alias *a, const char *col,
    enum expr_type *type, const char **hint)
{
	size_t n = a->ref ? a->ref->ncol : EVENT_NCOL;
	const char **name = arena_array(p->sh->arena, n, sizeof(*name));
	enum value_type t;

	for (size_t i = 0; i < n; i++) {
		name[i] = a->ref ? a->ref->col[i].name : event_column[i].name;
		if (strcmp(name[i], col) != 0)
			continue;
		t = a->ref ? a->ref->col[i].type : event_column[i].type;
		*type = t == VALUE_INT ? EXPR_WHOLE : EXPR_STRING;
		return (int)i;
	}
	*hint = nearest(p, col, name, n);
	return -1;
}

static int
find_alias(struct parse *p, const char *name)
{
	int from = p->sh->own ? EXPR_D : 0;

	for (int i = from; i < EXPR_NSLOT; i++)
		if (str_eq(p->sh->alias[i].name, name))
			return i;
	return -1;
}

static struct expr *
column_of(struct parse *p, int slot, const char *name, size_t where)
{
	const struct alias *a = &p->sh->alias[slot];
	struct expr *x = node(p, EXPR_COL, EXPR_ANY);
	const char *hint = "";

	x->slot = slot;
	x->table = a->ref;
	x->p = arena_printf(p->sh->arena, "%s.%s", a->name, name);
	x->col = find_column(p, a, name, &x->type, &hint);
	if (x->col < 0)
		fail_at(p, where, arena_printf(p->sh->arena,
		    "unknown column \"%s.%s\" of %s%s", a->name, name,
		    a->ref ? a->ref->name : "event", hint));
	return x;
}

static struct expr *
parse_column(struct parse *p, const char *alias, size_t where)
{
	int slot = find_alias(p, alias);
	const char *name = p->p;
	size_t at = p->start;

	if (p->tok != T_WORD) {
		fail(p, "a column is missing after the dot");
		return node(p, EXPR_NULL, EXPR_ANY);
	}
	if (slot < 0) {
		fail_at(p, where, arena_printf(p->sh->arena,
		    "unknown row \"%s\"%s", alias,
		    p->sh->own ? ": ON reads its own tables" : ""));
		return node(p, EXPR_NULL, EXPR_ANY);
	}
	next(p);
	return column_of(p, slot, name, at);
}

/* A named predicate is read anew where it is named: its columns are those of
 * the text that names it. */
static struct expr *
parse_named(struct parse *p)
{
	const struct expr_names *names = p->sh->names;
	const struct predicate *d = NULL;
	struct parse q = { .sh = p->sh };
	const char **list = arena_array(p->sh->arena, names->npredicate + 1,
	    sizeof(*list));
	struct expr *x;

	for (size_t i = 0; i < names->npredicate; i++) {
		list[i] = names->predicate[i].name;
		if (strcmp(list[i], p->p) == 0)
			d = &names->predicate[i];
	}
	if (d == NULL || p->sh->expand >= EXPR_EXPAND) {
		fail(p, d ? "predicates name each other too deep" :
		    arena_printf(p->sh->arena, "unknown predicate {%s}%s", p->p,
		    nearest(p, p->p, list, names->npredicate)));
		return node(p, EXPR_NULL, EXPR_ANY);
	}
	q.at = d->at;
	q.what = arena_printf(p->sh->arena, "{%s} of %s", d->name, p->what);
	q.s = d->text;
	q.depth = p->depth;
	p->sh->expand++;
	next(&q);
	x = parse_or(&q);
	if (q.tok != T_END)
		fail(&q, "the predicate should end here");
	p->sh->expand--;
	next(p);
	/* x lives in the arena, not in q. */
	/* cppcheck-suppress returnDanglingLifetime */
	return x;
}

/* Primaries. */

static struct expr *
parse_param(struct parse *p)
{
	struct expr *x = node(p, EXPR_PARAM, EXPR_WHOLE);

	for (x->i = 0; x->i < EXPR_NPARAM; x->i++)
		if (strcmp(param_name[x->i], p->p) == 0)
			break;
	if (x->i == EXPR_NPARAM)
		fail(p, "want :from_us, :to_us or :as_of_us");
	else if (p->sh->own)
		fail(p, "ON ties tables; conditions stand in WHERE");
	next(p);
	return x;
}

static struct expr *
parse_sum(struct parse *);

static struct expr *
parse_case(struct parse *p)
{
	struct expr *x = node(p, EXPR_CASE, EXPR_ANY), *k;
	size_t where;

	if (!at_word(p, "WHEN"))
		fail(p, "WHEN is missing here");
	while (take_word(p, "WHEN")) {
		where = p->start;
		k = parse_or(p);
		want(p, where, k, EXPR_BOOL);
		add_kid(p, x, k);
		need_word(p, "THEN");
		where = p->start;
		k = parse_or(p);
		x->type = same(p, where, x->type, k->type);
		add_kid(p, x, k);
	}
	if (take_word(p, "ELSE")) {
		where = p->start;
		k = parse_or(p);
		x->type = same(p, where, x->type, k->type);
		add_kid(p, x, k);
	}
	need_word(p, "END");
	return x;
}

/* Arguments up to ")"; all of one type unless each is checked after. */
static void
parse_args(struct parse *p, struct expr *x, size_t min, size_t max)
{
	size_t where = p->start;

	do
		add_kid(p, x, parse_sum(p));
	while (take(p, T_COMMA));
	if (x->nkid < min || x->nkid > max)
		fail_at(p, where, "wrong number of arguments");
	need(p, T_RPAREN, ") is missing here");
}

static struct expr *
parse_substr(struct parse *p, struct expr *x, size_t where)
{
	if (p->sh->failed)
		return x;
	want(p, where, x->kid[0], EXPR_STRING);
	for (size_t i = 1; i < 3; i++)
		if (x->kid[i]->op != EXPR_INT || x->kid[i]->i < 1)
			fail_at(p, where,
			    "substr wants text, a start from 1 and a length");
	x->type = EXPR_STRING;
	return x;
}

static struct expr *
parse_function(struct parse *p, const char *name, size_t where)
{
	static const struct {
		const char *name;
		enum expr_op op;
		size_t min, max;
		enum expr_type arg, gives; /* ANY: that of the arguments */
	} fn[] = {
		{ "coalesce", EXPR_COALESCE, 2, 16, EXPR_ANY, EXPR_ANY },
		{ "nullif", EXPR_NULLIF, 2, 2, EXPR_ANY, EXPR_ANY },
		{ "abs", EXPR_ABS, 1, 1, EXPR_WHOLE, EXPR_WHOLE },
		{ "length", EXPR_LENGTH, 1, 1, EXPR_STRING, EXPR_WHOLE },
		{ "substr", EXPR_SUBSTR, 3, 3, EXPR_ANY, EXPR_STRING },
	};
	struct expr *x = node(p, EXPR_NULL, EXPR_ANY);
	enum expr_type t = EXPR_ANY;

	for (size_t i = 0; i < sizeof(fn) / sizeof(fn[0]); i++) {
		if (strcmp(fn[i].name, name) != 0)
			continue;
		x->op = fn[i].op;
		parse_args(p, x, fn[i].min, fn[i].max);
		if (x->op == EXPR_SUBSTR)
			return parse_substr(p, x, where);
		for (size_t k = 0; k < x->nkid; k++)
			t = same(p, where, t, x->kid[k]->type);
		if (fn[i].arg != EXPR_ANY)
			same(p, where, t, fn[i].arg);
		x->type = fn[i].gives == EXPR_ANY ? t : fn[i].gives;
		return x;
	}
	fail_at(p, where, arena_printf(p->sh->arena,
	    "unknown function \"%s\": want coalesce nullif abs length substr",
	    name));
	return x;
}

/* EXISTS. */

static const char *
unknown_table(struct arena *a, const char *name)
{
	const char **list = arena_array(a, ref_nschema, sizeof(*list)), *near;

	for (size_t i = 0; i < ref_nschema; i++)
		list[i] = ref_schema[i].name;
	near = str_nearest(name, list, ref_nschema);
	return arena_printf(a, "unknown reference table \"%s\"%s%s%s", name,
	    near ? " (did you mean \"" : "", near ? near : "",
	    near ? "\"?)" : "");
}

static void
parse_table(struct parse *p, struct expr_from *f)
{
	size_t n = f->ntable;
	int slot = EXPR_D + (int)n;
	const char *name = p->p;

	if (p->tok != T_WORD || n >= EXPR_NSLOT - EXPR_D) {
		fail(p, p->tok == T_WORD ? "too many tables" :
		    "a table is missing here");
		return;
	}
	f->table[n].name = name;
	f->table[n].ref = ref_schema_find(name);
	if (f->table[n].ref == NULL && (n > 0 || strcmp(name, "event") != 0)) {
		fail(p, unknown_table(p->sh->arena, name));
		return;
	}
	next(p);
	take_word(p, "AS");
	f->table[n].alias = name;
	if (p->tok == T_WORD && !at_word(p, "WHERE") && !at_word(p, "JOIN") &&
	    !at_word(p, "ON")) {
		f->table[n].alias = p->p;
		next(p);
	}
	for (int i = 0; i < slot; i++)
		if (str_eq(p->sh->alias[i].name, f->table[n].alias))
			fail(p, "two rows of one name");
	p->sh->alias[slot].name = f->table[n].alias;
	p->sh->alias[slot].ref = f->table[n].ref;
	f->ntable++;
}

static void
parse_join(struct parse *p, struct expr_from *f)
{
	size_t where;
	struct expr *on;

	parse_table(p, f);
	need_word(p, "ON");
	where = p->start;
	p->sh->own = 1;
	on = parse_or(p);
	p->sh->own = 0;
	want(p, where, on, EXPR_BOOL);
	if (!p->sh->failed)
		f->table[f->ntable - 1].on = on;
}

#define OWN_SLOTS (((1u << EXPR_NSLOT) - 1) & ~((1u << EXPR_D) - 1))
#define OUT_SLOTS ((1u << EXPR_D) - 1)

/* Related events are found by these, which have an index. */
static int
is_event_key(const struct expr *d)
{
	static const enum event_col key[] = {
		EVENT_ACTION_ID, EVENT_RUN_ID, EVENT_SESSION_ID,
		EVENT_APPROVAL_ID, EVENT_REF_ID, EVENT_EVENT_ID
	};

	for (size_t k = 0; k < sizeof(key) / sizeof(key[0]); k++)
		if (d->col == (int)key[k])
			return 1;
	return 0;
}

/* One of its own columns = something of the row that asks.  Of events only
 * the stream and the keys tie: another column that is empty in a related
 * event leaves the answer open, it does not hide the event. */
static int
as_tie(const struct expr_from *f, struct expr *c)
{
	struct expr *t;

	if (c->op != EXPR_EQ)
		return 0;
	if (c->kid[1]->op == EXPR_COL && c->kid[1]->slot >= EXPR_D &&
	    (expr_reads(c->kid[0]) & OWN_SLOTS) == 0) {
		t = c->kid[0];
		c->kid[0] = c->kid[1];
		c->kid[1] = t;
	}
	if (f->table[0].ref == NULL && (c->kid[0]->op != EXPR_COL ||
	    c->kid[0]->slot != EXPR_D || !(c->kid[0]->col == EVENT_STREAM ||
	    is_event_key(c->kid[0]))))
		return 0;
	return c->kid[0]->op == EXPR_COL && c->kid[0]->slot >= EXPR_D &&
	    (expr_reads(c->kid[1]) & OWN_SLOTS) == 0 &&
	    (expr_reads(c->kid[1]) & OUT_SLOTS) != 0;
}

static void
split_where(struct parse *p, struct expr_from *f, struct expr *w)
{
	struct expr *one[1] = { w }, **list = one, *rest;
	size_t n = 1, cap = 0;

	rest = node(p, EXPR_AND, EXPR_BOOL);
	if (w->op == EXPR_AND) {
		list = w->kid;
		n = w->nkid;
	}
	for (size_t i = 0; i < n; i++) {
		if (as_tie(f, list[i]))
			*VEC_PUSH(p->sh->arena, f->tie, f->ntie, cap) = list[i];
		else
			add_kid(p, rest, list[i]);
	}
	if (rest->nkid > 0)
		f->rest = rest->nkid == 1 ? rest->kid[0] : rest;
}

/* Other events are found by an index: the stream, and one of these. */
static void
check_event_ties(struct parse *p, const struct expr_from *f, size_t where)
{
	int stream = 0, tied = 0;

	for (size_t i = 0; i < f->ntie; i++) {
		const struct expr *d = f->tie[i]->kid[0], *e = f->tie[i]->kid[1];

		if (d->slot != EXPR_D)
			continue;
		stream |= d->col == EVENT_STREAM && e->op == EXPR_COL &&
		    e->slot == EXPR_E && e->table == NULL &&
		    e->col == EVENT_STREAM;
		tied |= is_event_key(d);
	}
	if (!stream || !tied)
		fail_at(p, where, "EXISTS over events wants d.stream = "
		    "e.stream and = with d's action_id, run_id, session_id, "
		    "approval_id, ref_id or event_id");
}

static struct expr *
parse_exists(struct parse *p)
{
	struct expr *x = node(p, EXPR_EXISTS, EXPR_BOOL), *w;
	struct expr_from *f = arena_alloc(p->sh->arena, sizeof(*f));
	size_t where = p->start;

	x->from = f;
	need(p, T_LPAREN, "( is missing here");
	need_word(p, "SELECT");
	if (p->tok != T_NUMBER || p->i != 1)
		fail(p, "want SELECT 1");
	next(p);
	need_word(p, "FROM");
	if (p->sh->inside)
		fail_at(p, where, "EXISTS cannot stand inside EXISTS");
	p->sh->inside = 1;
	parse_table(p, f);
	while (take_word(p, "JOIN"))
		parse_join(p, f);
	need_word(p, "WHERE");
	w = parse_or(p);
	want(p, where, w, EXPR_BOOL);
	need(p, T_RPAREN, ") is missing here");
	p->sh->inside = 0;
	for (int i = EXPR_D; i < EXPR_NSLOT; i++)
		p->sh->alias[i].name = NULL;
	if (p->sh->failed)
		return x;
	split_where(p, f, w);
	f->declared = strcmp(p->sh->names->over, "event") == 0;
	if (f->table[0].ref == NULL)
		check_event_ties(p, f, where);
	return x;
}

/* TRUE, CASE, EXISTS, a function or a column. */
static struct expr *
parse_word(struct parse *p)
{
	const char *word = p->p;
	size_t where = p->start;

	if (take_word(p, "TRUE"))
		return node(p, EXPR_TRUE, EXPR_BOOL);
	if (take_word(p, "FALSE"))
		return node(p, EXPR_FALSE, EXPR_BOOL);
	if (take_word(p, "NULL"))
		return node(p, EXPR_NULL, EXPR_ANY);
	if (take_word(p, "CASE"))
		return parse_case(p);
	if (take_word(p, "EXISTS"))
		return parse_exists(p);
	next(p);
	if (take(p, T_DOT))
		return parse_column(p, word, where);
	if (take(p, T_LPAREN))
		return parse_function(p, word, where);
	if (p->sh->names->bare)
		return column_of(p, EXPR_E, word, where);
	fail_at(p, where, arena_printf(p->sh->arena,
	    "\"%s\" is neither a keyword nor a column: write e.%s", word,
	    word));
	return node(p, EXPR_NULL, EXPR_ANY);
}

static struct expr *
parse_constant(struct parse *p, enum expr_op op, enum expr_type type, int sign)
{
	struct expr *x = node(p, op, type);

	x->i = op == EXPR_INT ? sign * p->i : 0;
	if (op == EXPR_TEXT) {
		x->p = p->p;
		x->len = p->len;
	}
	next(p);
	return x;
}

static struct expr *
parse_simple(struct parse *p)
{
	struct expr *x;

	if (p->tok == T_WORD)
		return parse_word(p);
	if (p->tok == T_NUMBER)
		return parse_constant(p, EXPR_INT, EXPR_WHOLE, 1);
	if (p->tok == T_TEXT)
		return parse_constant(p, EXPR_TEXT, EXPR_STRING, 1);
	if (p->tok == T_PARAM)
		return parse_param(p);
	if (p->tok == T_NAMED)
		return parse_named(p);
	if (take(p, T_MINUS)) {
		if (p->tok == T_NUMBER)
			return parse_constant(p, EXPR_INT, EXPR_WHOLE, -1);
		fail(p, "a number is missing after the minus");
	}
	if (take(p, T_LPAREN)) {
		x = parse_or(p);
		need(p, T_RPAREN, ") is missing here");
		return x;
	}
	fail(p, p->tok == T_END ? "the predicate ends too early" :
	    "a column, a constant or ( is missing here");
	return node(p, EXPR_NULL, EXPR_ANY);
}

static struct expr *
parse_primary(struct parse *p)
{
	struct expr *x;

	if (++p->depth > EXPR_DEPTH)
		fail(p, "nested deeper than 50");
	x = parse_simple(p);
	p->depth--;
	return x;
}

/* Arithmetic. */

static struct expr *
arithmetic(struct parse *p, enum expr_op op, struct expr *a,
    struct expr *(*right)(struct parse *))
{
	size_t where = p->start;
	struct expr *b;

	next(p);
	b = right(p);
	want(p, where, a, EXPR_WHOLE);
	want(p, where, b, EXPR_WHOLE);
	return pair(p, op, EXPR_WHOLE, a, b);
}

static struct expr *
parse_product(struct parse *p)
{
	struct expr *x = parse_primary(p);

	while (p->tok == T_STAR)
		x = arithmetic(p, EXPR_MUL, x, parse_primary);
	return x;
}

static struct expr *
parse_sum(struct parse *p)
{
	struct expr *x = parse_product(p);

	while (p->tok == T_PLUS || p->tok == T_MINUS)
		x = arithmetic(p, p->tok == T_PLUS ? EXPR_ADD : EXPR_SUB, x,
		    parse_product);
	return x;
}

/* Comparisons. */

static struct expr *
compare(struct parse *p, enum expr_op op, struct expr *a, size_t where)
{
	struct expr *b = parse_sum(p);
	enum expr_type t = same(p, where, a->type, b->type);

	if (t == EXPR_BOOL)
		fail_at(p, where, "conditions are not compared: use AND, OR, "
		    "NOT, IS TRUE");
	if (a->op == EXPR_NULL || b->op == EXPR_NULL)
		fail_at(p, where, "NULL equals nothing: use IS NULL");
	if (t == EXPR_STRING && op >= EXPR_LT && op <= EXPR_GE)
		fail_at(p, where, "text has no order: use = or <>");
	return pair(p, op, EXPR_BOOL, a, b);
}

static struct expr *
parse_is(struct parse *p, struct expr *a)
{
	size_t where = p->start;
	int not = take_word(p, "NOT");

	if (take_word(p, "NULL"))
		return pair(p, not ? EXPR_NOT_NULL : EXPR_IS_NULL, EXPR_BOOL, a,
		    NULL);
	if (take_word(p, "DISTINCT")) {
		need_word(p, "FROM");
		return compare(p, not ? EXPR_NOT_DISTINCT : EXPR_DISTINCT, a,
		    where);
	}
	if (at_word(p, "TRUE") || at_word(p, "FALSE")) {
		enum expr_op op = at_word(p, "TRUE") ?
		    (not ? EXPR_NOT_TRUE : EXPR_IS_TRUE) :
		    (not ? EXPR_NOT_FALSE : EXPR_IS_FALSE);

		next(p);
		want(p, where, a, EXPR_BOOL);
		return pair(p, op, EXPR_BOOL, a, NULL);
	}
	fail(p, "want NULL, TRUE, FALSE or DISTINCT FROM after IS");
	return a;
}

static struct expr *
parse_in(struct parse *p, struct expr *a, int not)
{
	struct expr *x = node(p, not ? EXPR_NOT_IN : EXPR_IN, EXPR_BOOL), *k;
	size_t where = p->start;

	add_kid(p, x, a);
	need(p, T_LPAREN, "( is missing here");
	do {
		where = p->start;
		k = parse_primary(p);
		if (!is_constant(k))
			fail_at(p, where, "IN lists constants alone");
		same(p, where, a->type, k->type);
		add_kid(p, x, k);
	} while (take(p, T_COMMA));
	need(p, T_RPAREN, ") is missing here");
	return x;
}

static struct expr *
parse_between(struct parse *p, struct expr *a, int not)
{
	struct expr *x = node(p, not ? EXPR_NOT_BETWEEN : EXPR_BETWEEN,
	    EXPR_BOOL);
	size_t where = p->start;

	add_kid(p, x, a);
	add_kid(p, x, parse_sum(p));
	need_word(p, "AND");
	add_kid(p, x, parse_sum(p));
	for (size_t i = 0; i < x->nkid; i++)
		want(p, where, x->kid[i], EXPR_WHOLE);
	return x;
}

static struct expr *
parse_comparison(struct parse *p)
{
	struct expr *x = parse_sum(p);
	size_t where;
	int not;

	for (;;) {
		enum token t = p->tok;

		where = p->start;
		if (t >= T_EQ && t <= T_GE) {
			next(p);
			x = compare(p, EXPR_EQ + (t - T_EQ), x, where);
		} else if (take_word(p, "IS")) {
			x = parse_is(p, x);
		} else if (at_word(p, "IN") || at_word(p, "BETWEEN") ||
		    at_word(p, "NOT")) {
			not = take_word(p, "NOT");
			if (take_word(p, "IN"))
				x = parse_in(p, x, not);
			else if (take_word(p, "BETWEEN"))
				x = parse_between(p, x, not);
			else
				fail(p, "want IN or BETWEEN after NOT");
		} else {
			return x;
		}
		if (p->sh->failed)
			return x;
	}
}

static struct expr *
parse_not(struct parse *p)
{
	struct expr *x;
	size_t where;

	if (++p->depth > EXPR_DEPTH)
		fail(p, "nested deeper than 50");
	if (take_word(p, "NOT")) {
		where = p->start;
		x = parse_not(p);
		want(p, where, x, EXPR_BOOL);
		x = pair(p, EXPR_NOT, EXPR_BOOL, x, NULL);
	} else {
		x = parse_comparison(p);
	}
	p->depth--;
	return x;
}

/* a AND (b AND c) is one AND of three: order does not change what it says. */
static void
join(struct parse *p, struct expr *x, struct expr *kid)
{
	if (kid->op != x->op) {
		add_kid(p, x, kid);
		return;
	}
	for (size_t i = 0; i < kid->nkid; i++)
		add_kid(p, x, kid->kid[i]);
}

static struct expr *
parse_list(struct parse *p, const char *word, enum expr_op op,
    struct expr *(*kid)(struct parse *))
{
	size_t where = p->start;
	struct expr *x = kid(p), *all, *k;

	if (!at_word(p, word))
		return x;
	want(p, where, x, EXPR_BOOL);
	all = node(p, op, EXPR_BOOL);
	join(p, all, x);
	while (take_word(p, word)) {
		where = p->start;
		k = kid(p);
		want(p, where, k, EXPR_BOOL);
		join(p, all, k);
	}
	return all;
}

static struct expr *
parse_and(struct parse *p)
{
	return parse_list(p, "AND", EXPR_AND, parse_not);
}

static struct expr *
parse_or(struct parse *p)
{
	return parse_list(p, "OR", EXPR_OR, parse_and);
}

/* Printer. */

/* How tightly an operator holds: a kid that holds less stands in ( ). */
enum level {
	L_OR = 1, L_AND, L_NOT, L_COMPARE, L_SUM, L_PRODUCT, L_PRIMARY
};

static enum level
level(const struct expr *x)
{
	if (x->op == EXPR_OR)
		return L_OR;
	if (x->op == EXPR_AND)
		return L_AND;
	if (x->op == EXPR_NOT)
		return L_NOT;
	if (x->op >= EXPR_EQ && x->op <= EXPR_NOT_BETWEEN)
		return L_COMPARE;
	if (x->op == EXPR_ADD || x->op == EXPR_SUB)
		return L_SUM;
	return x->op == EXPR_MUL ? L_PRODUCT : L_PRIMARY;
}

static void print(struct str *, const struct expr *, enum level, int sql);

static void
print_list(struct str *s, const struct expr *x, size_t from, enum level l,
    const char *sep, int sql)
{
	for (size_t i = from; i < x->nkid; i++) {
		if (i > from)
			str_addz(s, sep);
		print(s, x->kid[i], l, sql);
	}
}

static void
print_case(struct str *s, const struct expr *x, int sql)
{
	str_addz(s, "CASE");
	for (size_t i = 0; i + 1 < x->nkid; i += 2) {
		str_addz(s, " WHEN ");
		print(s, x->kid[i], L_OR, sql);
		str_addz(s, " THEN ");
		print(s, x->kid[i + 1], L_OR, sql);
	}
	if (x->nkid % 2 == 1) {
		str_addz(s, " ELSE ");
		print(s, x->kid[x->nkid - 1], L_OR, sql);
	}
	str_addz(s, " END");
}

/* SELECT 1 FROM its tables WHERE the ties; the caller adds the rest. */
static void
print_from(struct str *s, const struct expr_from *f, int sql)
{
	str_addz(s, "SELECT 1 FROM");
	for (size_t i = 0; i < f->ntable; i++) {
		str_addf(s, "%s %s", i > 0 ? " JOIN" : "", f->table[i].name);
		if (strcmp(f->table[i].alias, f->table[i].name) != 0)
			str_addf(s, " %s", f->table[i].alias);
		if (f->table[i].on != NULL) {
			str_addz(s, " ON ");
			print(s, f->table[i].on, L_OR, sql);
		}
	}
	str_addz(s, " WHERE ");
	for (size_t i = 0; i < f->ntie; i++) {
		if (i > 0)
			str_addz(s, " AND ");
		print(s, f->tie[i], L_NOT, sql);
	}
}

static void
print_exists(struct str *s, const struct expr_from *f)
{
	str_addz(s, "EXISTS (");
	print_from(s, f, 0);
	if (f->rest != NULL) {
		if (f->ntie > 0)
			str_addz(s, " AND ");
		print(s, f->rest, f->ntie > 0 ? L_AND : L_OR, 0);
	}
	str_addc(s, ')');
}

static void
print_sub(struct str *s, const struct expr_from *f, const char *is)
{
	str_addz(s, "EXISTS (");
	print_from(s, f, 1);
	if (f->rest != NULL) {
		if (f->ntie > 0)
			str_addz(s, " AND ");
		/* Never bare before IS NULL, whatever it is. */
		if (*is != '\0')
			str_addc(s, '(');
		print(s, f->rest, f->ntie > 0 && *is == '\0' ? L_AND : L_OR, 1);
		str_addz(s, is);
	}
	str_addc(s, ')');
}

/* Whether a tie's outer side can be NULL at all. */
static int
may_be_null(const struct expr *x)
{
	return !(x->op == EXPR_COL && x->slot == EXPR_E && x->table == NULL &&
	    event_column[x->col].required);
}

/* TRUE if a related row says so; NULL if one cannot be said, if the row that
 * asks has no tie, or if nothing is declared; else FALSE. */
static void
print_exists_sql(struct str *s, const struct expr_from *f)
{
	const char *or = " WHEN ";

	str_addz(s, "CASE WHEN ");
	print_sub(s, f, "");
	str_addz(s, " THEN TRUE");
	for (size_t i = 0; i < f->ntie; i++) {
		if (!may_be_null(f->tie[i]->kid[1]))
			continue;
		str_addz(s, or);
		print(s, f->tie[i]->kid[1], L_SUM, 1);
		str_addz(s, " IS NULL");
		or = " OR ";
	}
	if (f->rest != NULL) {
		str_addz(s, or);
		print_sub(s, f, ") IS NULL");
		or = " OR ";
	}
	for (size_t i = 0; i < f->ntable && f->declared; i++) {
		if (f->table[i].ref == NULL)
			continue;
		str_addf(s, "%sNOT EXISTS (SELECT 1 FROM %s)", or,
		    f->table[i].name);
		or = " OR ";
	}
	if (or[1] == 'O')
		str_addz(s, " THEN NULL");
	str_addz(s, " ELSE FALSE END");
}

static void
print_compare(struct str *s, const struct expr *x, int sql)
{
	static const char *const op[] = {
		[EXPR_EQ] = " = ", [EXPR_NE] = " <> ", [EXPR_LT] = " < ",
		[EXPR_LE] = " <= ", [EXPR_GT] = " > ", [EXPR_GE] = " >= ",
		[EXPR_DISTINCT] = " IS DISTINCT FROM ",
		[EXPR_NOT_DISTINCT] = " IS NOT DISTINCT FROM ",
		[EXPR_IS_NULL] = " IS NULL", [EXPR_NOT_NULL] = " IS NOT NULL",
		[EXPR_IS_TRUE] = " IS TRUE", [EXPR_NOT_TRUE] = " IS NOT TRUE",
		[EXPR_IS_FALSE] = " IS FALSE",
		[EXPR_NOT_FALSE] = " IS NOT FALSE",
		[EXPR_IN] = " IN (", [EXPR_NOT_IN] = " NOT IN (",
		[EXPR_BETWEEN] = " BETWEEN ",
		[EXPR_NOT_BETWEEN] = " NOT BETWEEN ",
	};

	print(s, x->kid[0], L_SUM, sql);
	str_addz(s, op[x->op]);
	if (x->op == EXPR_IN || x->op == EXPR_NOT_IN) {
		print_list(s, x, 1, L_SUM, ", ", sql);
		str_addc(s, ')');
	} else {
		print_list(s, x, 1, L_SUM, " AND ", sql);
	}
}

static void
print_call(struct str *s, const struct expr *x, int sql)
{
	static const char *const name[] = {
		[EXPR_COALESCE] = "coalesce", [EXPR_NULLIF] = "nullif",
		[EXPR_ABS] = "abs", [EXPR_LENGTH] = "length",
		[EXPR_SUBSTR] = "substr",
	};

	str_addf(s, "%s(", name[x->op]);
	print_list(s, x, 0, L_SUM, ", ", sql);
	str_addc(s, ')');
}

static void
print_arithmetic(struct str *s, const struct expr *x, int sql)
{
	enum level l = level(x);

	print(s, x->kid[0], l, sql);
	str_addz(s, x->op == EXPR_ADD ? " + " : x->op == EXPR_SUB ? " - " :
	    " * ");
	print(s, x->kid[1], l + 1, sql);
}

static void
print_bare(struct str *s, const struct expr *x, int sql)
{
	if (x->op == EXPR_INT)
		str_addi(s, x->i);
	else if (x->op == EXPR_TEXT)
		str_add_sql(s, x->p, x->len);
	else if (x->op == EXPR_TRUE || x->op == EXPR_FALSE)
		str_addz(s, x->op == EXPR_TRUE ? "TRUE" : "FALSE");
	else if (x->op == EXPR_NULL)
		str_addz(s, "NULL");
	else if (x->op == EXPR_PARAM)
		str_addf(s, ":%s", param_name[x->i]);
	else if (x->op == EXPR_COL)
		str_addz(s, x->p);
	else if (x->op == EXPR_AND)
		print_list(s, x, 0, L_NOT, " AND ", sql);
	else if (x->op == EXPR_OR)
		print_list(s, x, 0, L_AND, " OR ", sql);
	else if (x->op == EXPR_NOT) {
		str_addz(s, "NOT ");
		print(s, x->kid[0], L_PRIMARY, sql);
	} else if (x->op == EXPR_CASE)
		print_case(s, x, sql);
	else if (x->op == EXPR_EXISTS && sql)
		print_exists_sql(s, x->from);
	else if (x->op == EXPR_EXISTS)
		print_exists(s, x->from);
	else if (x->op >= EXPR_ADD && x->op <= EXPR_MUL)
		print_arithmetic(s, x, sql);
	else if (x->op >= EXPR_COALESCE && x->op <= EXPR_SUBSTR)
		print_call(s, x, sql);
	else
		print_compare(s, x, sql);
}

static void
print(struct str *s, const struct expr *x, enum level at_least, int sql)
{
	int paren = level(x) < at_least;

	if (paren)
		str_addc(s, '(');
	print_bare(s, x, sql);
	if (paren)
		str_addc(s, ')');
}

/* What a tree needs. */

static unsigned
from_reads(const struct expr_from *f)
{
	unsigned m = f->rest ? expr_reads(f->rest) : 0;

	for (size_t i = 0; i < f->ntie; i++)
		m |= expr_reads(f->tie[i]);
	return m;
}

unsigned
expr_reads(const struct expr *x)
{
	unsigned m = 0;

	if (x->op == EXPR_COL)
		m |= 1u << x->slot;
	if (x->op == EXPR_PARAM)
		m |= 1u << EXPR_NSLOT;
	if (x->from != NULL)
		m |= from_reads(x->from) & ~OWN_SLOTS;
	for (size_t i = 0; i < x->nkid; i++)
		m |= expr_reads(x->kid[i]);
	return m;
}

int
expr_looks(const struct expr *x)
{
	if (x->from != NULL && x->from->table[0].ref == NULL)
		return 1;
	for (size_t i = 0; i < x->nkid; i++)
		if (expr_looks(x->kid[i]))
			return 1;
	return 0;
}

void
expr_print(struct str *s, const struct expr *x)
{
	print(s, x, L_OR, 0);
}

void
expr_sql(struct str *s, const struct expr *x)
{
	print(s, x, L_OR, 1);
}

/* The row, and over events its agent and its policy. */
static int
name_rows(struct shared *sh, struct mark at, const char *what)
{
	const struct expr_names *n = sh->names;

	sh->alias[EXPR_E].name = "e";
	if (strcmp(n->over, "event") != 0) {
		sh->alias[EXPR_E].ref = ref_schema_find(n->over);
		if (sh->alias[EXPR_E].ref == NULL)
			diag_add(sh->diag, ERR_INPUT, at, "%s: %s", what,
			    unknown_table(sh->arena, n->over));
		return sh->alias[EXPR_E].ref == NULL ? -1 : 0;
	}
	sh->alias[EXPR_A].ref = ref_schema_find("ref_agent_name");
	sh->alias[EXPR_A].name = "a";
	sh->alias[EXPR_P].ref = ref_schema_find("ref_policy_name");
	sh->alias[EXPR_P].name = "p";
	return 0;
}

struct expr *
expr_parse(struct arena *a, const struct expr_names *names, const char *text,
    struct mark at, const char *what, struct diag *d)
{
	struct shared sh = { .arena = a, .names = names, .diag = d };
	struct parse p = { .sh = &sh, .at = at, .what = what, .s = text };
	struct expr *x;

	if (name_rows(&sh, at, what) != 0)
		return NULL;
	next(&p);
	x = parse_or(&p);
	if (!sh.failed && p.tok != T_END)
		fail(&p, "the predicate should end here");
	if (!sh.failed && x->type != EXPR_BOOL)
		fail_at(&p, 0, "this is no condition: compare it with something");
	return sh.failed ? NULL : x;
}
