#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "eval/plan.h"
#include "eval/relate.h"

#define NONE UINT32_MAX
#define TIES 16

/* Rows of a table that ON ties to the tables before it: those whose value of
 * one column is that of another expression. */
struct join {
	uint32_t inner, outer; /* inner NONE: every row is tried */
	struct map *index;     /* value of inner to struct bucket of rows */
	uint32_t *known;       /* conditions that are FALSE or not by here */
	size_t nknown, cap;
};

/* An EXISTS.  Over reference tables its rows are found by the values of its
 * ties; over events those by the key tie are asked for. */
struct look {
	const struct expr_from *from;
	const struct ref_table *table[EXPR_NSLOT - EXPR_D];
	struct join join[EXPR_NSLOT - EXPR_D];
	size_t by;          /* over events: the tie that finds them */
	uint32_t outer[TIES], inner[TIES]; /* nodes of each tie's two sides */
	size_t ntie;
	uint32_t on[EXPR_NSLOT - EXPR_D];
	uint32_t rest;      /* NONE: no other condition */
	int empty;          /* nothing declared: FALSE becomes NULL */
	uint32_t *row;      /* tuples, ntable rows each, that ON joins */
	size_t ntuple, cap;
	struct map *index;  /* key of the ties to struct bucket */
};

struct bucket {
	uint32_t *tuple; /* of a join: rows */
	size_t n, cap;
};

struct node {
	enum expr_op op;
	unsigned char own;  /* reads rows of an EXISTS: not remembered */
	uint32_t parents;
	int slot, col;
	struct value value; /* of a constant; i of a parameter */
	const struct ref_schema *table;
	uint32_t *kid;
	size_t nkid;
	struct look *look;
};

struct plan {
	struct arena *arena;
	const struct ref *ref;
	struct node *node;
	size_t nnode, cap;
	struct map *same;       /* a node's bytes to its number plus one */
	struct plan_thing *thing;
	size_t nthing, thingcap;

	const struct ref_table *agents, *policies;
	struct map *agent, *policy; /* row plus one */
	int agent_col;

	const struct value *row[EXPR_NSLOT];
	int policy_known;       /* row[EXPR_P] is that of this event */
	struct str key, lookkey; /* a look-up's ties may look up the policy */
	int64_t param[EXPR_NPARAM];
	uint32_t now;           /* the row that is asked about */
	struct memo { uint32_t when; int answer; } *memo;
	size_t nmemo;

	struct relate *relate;
	uint32_t stream;
	int blind;
	const struct event *event;
	size_t nevent;
};

static const struct value null_value = { .type = VALUE_NULL };

static const struct value *value_of(struct plan *, uint32_t, struct value *);

/* Keys of indexes: each part with its type and length, so that no two lists
 * of values give one key. */

static void
key_value(struct str *k, const struct value *v)
{
	char type = (char)v->type;

	str_add(k, &type, 1);
	if (v->type == VALUE_INT) {
		str_add(k, &v->i, sizeof(v->i));
	} else if (v->type == VALUE_TEXT) {
		str_add(k, &v->len, sizeof(v->len));
		str_add(k, v->p, v->len);
	}
}

/* Building. */

static struct map *
index_rows(struct arena *a, const struct ref_table *t, const char *col,
    const char *col2)
{
	struct map *m = map_new(a);
	struct str k = str_new(a);

	for (size_t r = 0; t != NULL && r < t->nrow; r++) {
		str_reset(&k);
		key_value(&k, ref_value(t, r, col));
		if (col2 != NULL)
			key_value(&k, ref_value(t, r, col2));
		*map_put(m, k.p, k.len) = (void *)(uintptr_t)(r + 1);
	}
	return m;
}

struct plan *
plan_new(struct arena *a, const struct ref *ref)
{
	struct plan *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	p->ref = ref;
	p->same = map_new(a);
	p->key = str_new(a);
	p->lookkey = str_new(a);
	p->relate = relate_new(a);
	p->agents = ref_table(ref, "ref_agent_name");
	p->policies = ref_table(ref, "ref_policy_name");
	p->agent = index_rows(a, p->agents, "name", NULL);
	p->policy = index_rows(a, p->policies, "policy_id", "log_version");
	p->agent_col = ref_colno(p->agents, "agent_id");
	return p;
}

static size_t
thing_add(struct plan *p, const struct ref_schema *t, int col)
{
	size_t i;
	struct plan_thing *th;

	if (t == NULL)
		return (size_t)col;
	for (i = 0; i < p->nthing; i++)
		if (p->thing[i].table == t && p->thing[i].col == col)
			return EVENT_NCOL + i;
	/* Past the last bit all share it: a reason, if a coarse one. */
	if (EVENT_NCOL + p->nthing >= PLAN_THINGS)
		return PLAN_THINGS - 1;
	th = VEC_PUSH(p->arena, p->thing, p->nthing, p->thingcap);
	th->table = t;
	th->col = col;
	return EVENT_NCOL + i;
}

struct plan_thing
plan_thing(const struct plan *p, size_t bit)
{
	struct plan_thing t = { NULL, (int)bit };

	return bit < EVENT_NCOL ? t : p->thing[bit - EVENT_NCOL];
}

size_t
plan_nthing(const struct plan *p)
{
	return EVENT_NCOL + p->nthing;
}

/* A table as read may hold its columns in another order, or not be there. */
static int
col_in(const struct ref_table *t, const struct ref_schema *s, int col)
{
	if (t == NULL)
		return -1;
	return t->col == s->col ? col : ref_colno(t, s->col[col].name);
}

static uint32_t add(struct plan *, const char *over, const struct expr *);

static uint32_t
node_put(struct plan *p, struct node *n, const char *over, const char *text)
{
	struct str *k = &p->key;
	void **at;

	str_reset(k);
	str_add(k, over, strlen(over) + 1);
	str_add(k, &n->op, sizeof(n->op));
	str_add(k, &n->slot, sizeof(n->slot));
	str_add(k, &n->col, sizeof(n->col));
	str_add(k, &n->table, sizeof(n->table));
	key_value(k, &n->value);
	str_add(k, n->kid, n->nkid * sizeof(*n->kid));
	if (text != NULL)
		str_addz(k, text);
	at = map_put(p->same, k->p, k->len);
	if (*at == NULL) {
		*VEC_PUSH(p->arena, p->node, p->nnode, p->cap) = *n;
		*at = (void *)(uintptr_t)p->nnode;
	}
	return (uint32_t)((uintptr_t)*at - 1);
}

/* Joins a table to the tuples so far: those rows for which ON is true. */
static void
look_join(struct plan *p, struct look *l, size_t t, uint32_t on)
{
	const struct ref_table *r = l->table[t];
	size_t old = l->ntuple, w = l->from->ntable, n = 0, cap = 0;
	uint32_t *from = l->row, *to = NULL;

	for (size_t i = 0; i < (t == 0 ? 1 : old); i++) {
		for (size_t k = 0; k < t; k++)
			p->row[EXPR_D + k] = l->table[k]->cell +
			    from[i * w + k] * l->table[k]->ncol;
		for (size_t row = 0; r != NULL && row < r->nrow; row++) {
			p->row[EXPR_D + t] = r->cell + row * r->ncol;
			if (on != NONE && plan_test(p, on) != 1)
				continue;
			for (size_t k = 0; k < w; k++)
				*VEC_PUSH(p->arena, to, n, cap) = k == t ?
				    (uint32_t)row : t == 0 ? 0 : from[i * w + k];
		}
	}
	l->row = to;
	l->ntuple = n / w;
}

static void
look_row(struct plan *p, const struct look *l, uint32_t tuple)
{
	size_t w = l->from->ntable;

	for (size_t k = 0; k < w; k++)
		p->row[EXPR_D + k] = l->table[k]->cell +
		    l->row[tuple * w + k] * l->table[k]->ncol;
}

/* The key of one side of the ties in p->lookkey; 0 if one is NULL. */
static int
look_key(struct plan *p, const uint32_t *side, size_t n)
{
	struct value tmp;
	const struct value *v;

	str_reset(&p->lookkey);
	for (size_t i = 0; i < n; i++) {
		v = value_of(p, side[i], &tmp);
		if (v->type == VALUE_NULL)
			return 0;
		key_value(&p->lookkey, v);
	}
	return 1;
}

static void
bucket_add(struct plan *p, struct map *m, uint32_t tuple)
{
	void **at = map_put(m, p->lookkey.p, p->lookkey.len);
	struct bucket *b;

	if (*at == NULL)
		*at = arena_alloc(p->arena, sizeof(*b));
	b = *at;
	*VEC_PUSH(p->arena, b->tuple, b->n, b->cap) = tuple;
}

static void
look_index(struct plan *p, struct look *l)
{
	l->index = map_new(p->arena);
	for (uint32_t i = 0; i < l->ntuple; i++) {
		look_row(p, l, i);
		if (look_key(p, l->inner, l->ntie))
			bucket_add(p, l->index, i);
	}
}

/* The conjuncts of a condition. */
static struct expr *const *
conjuncts(const struct expr *x, struct expr *const *one, size_t *n)
{
	*n = x->op == EXPR_AND ? x->nkid : 1;
	return x->op == EXPR_AND ? x->kid : one;
}

/* The last of its own tables that a condition reads; -1: none. */
static int
last_table(const struct expr *x)
{
	unsigned own = expr_reads(x) >> EXPR_D & ((1u << (EXPR_NSLOT - EXPR_D)) - 1);

	return own == 0 ? -1 : 31 - __builtin_clz(own);
}

static int
is_column_of(const struct expr *x, int table)
{
	return x->op == EXPR_COL && x->slot == EXPR_D + table;
}

/* A table joined to events: by the first column of its that ON says equals
 * something of the tables before. */
static void
join_index(struct plan *p, const char *over, struct look *l, int t)
{
	const struct ref_table *r = l->table[t];
	struct join *j = &l->join[t];
	struct expr *on = l->from->table[t].on;
	struct expr *const *list;
	size_t n;

	j->inner = NONE;
	list = conjuncts(on, &on, &n);
	for (size_t i = 0; i < n && j->inner == NONE; i++)
		for (size_t k = 0; k < 2 && list[i]->op == EXPR_EQ; k++)
			if (is_column_of(list[i]->kid[k], t) &&
			    last_table(list[i]->kid[1 - k]) < t) {
				j->inner = add(p, over, list[i]->kid[k]);
				j->outer = add(p, over, list[i]->kid[1 - k]);
			}
	if (j->inner == NONE)
		return;
	j->index = map_new(p->arena);
	for (size_t row = 0; r != NULL && row < r->nrow; row++) {
		p->row[EXPR_D + t] = r->cell + row * r->ncol;
		if (look_key(p, &j->inner, 1))
			bucket_add(p, j->index, (uint32_t)row);
	}
	p->row[EXPR_D + t] = NULL;
}

/* A condition that is FALSE by one table needs no row of the next. */
static void
join_known(struct plan *p, const char *over, struct look *l)
{
	struct expr *rest = l->from->rest;
	struct expr *const *list;
	size_t n;
	int t;

	if (rest == NULL)
		return;
	list = conjuncts(rest, &rest, &n);
	for (size_t i = 0; i < n; i++) {
		t = last_table(list[i]);
		if (t >= 0 && (size_t)t + 1 < l->from->ntable)
			*VEC_PUSH(p->arena, l->join[t].known,
			    l->join[t].nknown, l->join[t].cap) =
			    add(p, over, list[i]);
	}
}

/* Over events: the tie by which the store finds them. */
static void
look_events(struct plan *p, const char *over, struct look *l)
{
	const struct expr_from *f = l->from;

	for (l->by = 0; l->by < l->ntie; l->by++)
		if (is_column_of(f->tie[l->by]->kid[0], 0) &&
		    f->tie[l->by]->kid[0]->col != EVENT_STREAM)
			break;
	for (size_t t = 1; t < f->ntable; t++)
		join_index(p, over, l, (int)t);
	join_known(p, over, l);
}

static struct look *
look_new(struct plan *p, const char *over, const struct expr_from *f)
{
	struct look *l = arena_alloc(p->arena, sizeof(*l));

	l->from = f;
	for (size_t i = 0; i < f->ntie && l->ntie < TIES; i++, l->ntie++) {
		l->inner[i] = add(p, over, f->tie[i]->kid[0]);
		l->outer[i] = add(p, over, f->tie[i]->kid[1]);
	}
	l->rest = f->rest ? add(p, over, f->rest) : NONE;
	for (size_t t = 0; t < f->ntable; t++) {
		l->on[t] = f->table[t].on ? add(p, over, f->table[t].on) : NONE;
		if (f->table[t].ref == NULL)
			continue;
		l->table[t] = ref_table(p->ref, f->table[t].name);
		thing_add(p, f->table[t].ref, -1);
		if (f->declared &&
		    (l->table[t] == NULL || l->table[t]->nrow == 0))
			l->empty = 1;
	}
	if (f->table[0].ref == NULL) {
		look_events(p, over, l);
		return l;
	}
	for (size_t t = 0; t < f->ntable; t++)
		look_join(p, l, t, l->on[t]);
	look_index(p, l);
	memset(&p->row[EXPR_D], 0, (EXPR_NSLOT - EXPR_D) * sizeof(p->row[0]));
	return l;
}

static void
add_column(struct plan *p, struct node *n, const struct expr *x)
{
	const struct ref_table *t;

	n->slot = x->slot;
	n->table = x->table;
	n->col = x->col;
	n->own = x->slot >= EXPR_D;
	if (x->table == NULL && x->slot == EXPR_D)
		relate_want(p->relate, x->col);
	if (x->table == NULL)
		return;
	thing_add(p, x->table, x->col);
	t = ref_table(p->ref, x->table->name);
	n->col = col_in(t, x->table, x->col);
}

static uint32_t
add(struct plan *p, const char *over, const struct expr *x)
{
	struct node n = { .op = x->op };
	struct str text = str_new(p->arena);
	uint32_t id;

	n.kid = arena_array(p->arena, x->nkid + 1, sizeof(*n.kid));
	for (; n.nkid < x->nkid; n.nkid++) {
		n.kid[n.nkid] = add(p, over, x->kid[n.nkid]);
		n.own |= p->node[n.kid[n.nkid]].own;
	}
	if (x->op == EXPR_COL)
		add_column(p, &n, x);
	if (x->op == EXPR_INT || x->op == EXPR_PARAM) {
		n.value.type = VALUE_INT;
		n.value.i = x->i;
	} else if (x->op == EXPR_TEXT) {
		n.value.type = VALUE_TEXT;
		n.value.p = x->p;
		n.value.len = x->len;
	}
	if (x->op == EXPR_EXISTS) {
		expr_print(&text, x);
		n.look = look_new(p, over, x->from);
	}
	id = node_put(p, &n, over, x->op == EXPR_EXISTS ? text.p : NULL);
	p->node[id].parents++;
	return id;
}

uint32_t
plan_add(struct plan *p, const char *over, const struct expr *x)
{
	return add(p, over, x);
}

/* The row. */

static void
forget(struct plan *p)
{
	if (p->nmemo < p->nnode) {
		p->memo = arena_array(p->arena, p->nnode, sizeof(*p->memo));
		p->nmemo = p->nnode;
		p->now = 0;
	}
	if (++p->now == 0) {
		memset(p->memo, 0, p->nmemo * sizeof(*p->memo));
		p->now = 1;
	}
}

void
plan_params(struct plan *p, int64_t from_us, int64_t to_us, int64_t as_of_us)
{
	p->param[EXPR_FROM_US] = from_us;
	p->param[EXPR_TO_US] = to_us;
	p->param[EXPR_AS_OF_US] = as_of_us;
	forget(p);
}

static const struct value *
find_row(struct plan *p, const struct map *m, const struct ref_table *t,
    const struct value *v, const struct value *v2)
{
	uintptr_t row;

	if (t == NULL || v->type == VALUE_NULL ||
	    (v2 != NULL && v2->type == VALUE_NULL))
		return NULL;
	str_reset(&p->key);
	key_value(&p->key, v);
	if (v2 != NULL)
		key_value(&p->key, v2);
	row = (uintptr_t)map_get(m, p->key.p, p->key.len);
	return row == 0 ? NULL : t->cell + (row - 1) * t->ncol;
}

void
plan_event(struct plan *p, uint32_t stream, const struct value *col)
{
	const struct value *name = &col[EVENT_AGENT_ID];

	p->stream = stream;
	p->row[EXPR_E] = col;
	p->row[EXPR_A] = find_row(p, p->agent, p->agents, name, NULL);
	p->row[EXPR_P] = NULL;
	p->policy_known = 0;
	forget(p);
}

void
plan_ref(struct plan *p, const struct ref_table *t, size_t row)
{
	p->row[EXPR_E] = t->cell + row * t->ncol;
	p->row[EXPR_A] = p->row[EXPR_P] = NULL;
	p->policy_known = 1;
	forget(p);
}

void
plan_relate(struct plan *p, eval_related_fn *fn, void *ctx)
{
	relate_from(p->relate, fn, ctx);
}

void
plan_blind(struct plan *p, int on)
{
	p->blind = on;
	forget(p);
}

const char *
plan_failed(struct plan *p)
{
	return relate_failed(p->relate);
}

void
plan_events(struct plan *p, const struct event *ev, size_t n)
{
	p->event = ev;
	p->nevent = n;
}

const struct value *
plan_agent(const struct plan *p)
{
	if (p->row[EXPR_A] == NULL ||
	    p->row[EXPR_A][p->agent_col].type == VALUE_NULL)
		return NULL;
	return &p->row[EXPR_A][p->agent_col];
}

/* Values. */

static void
know_policy(struct plan *p)
{
	const struct value *e = p->row[EXPR_E];

	p->row[EXPR_P] = find_row(p, p->policy, p->policies,
	    &e[EVENT_POLICY_ID], &e[EVENT_POLICY_VERSION]);
	p->policy_known = 1;
}

static const struct value *
column(struct plan *p, const struct node *n)
{
	if (n->slot == EXPR_P && !p->policy_known)
		know_policy(p);
	if (p->row[n->slot] == NULL || n->col < 0)
		return &null_value;
	return &p->row[n->slot][n->col];
}

static const struct value *
whole(struct value *out, int64_t i)
{
	out->type = VALUE_INT;
	out->i = i;
	out->p = NULL;
	out->len = 0;
	return out;
}

static const struct value *
arithmetic(struct plan *p, const struct node *n, struct value *out)
{
	struct value ta, tb;
	const struct value *a = value_of(p, n->kid[0], &ta);
	const struct value *b = value_of(p, n->kid[1], &tb);
	long long r;
	int over;

	if (a->type == VALUE_NULL || b->type == VALUE_NULL)
		return &null_value;
	if (n->op == EXPR_ADD)
		over = __builtin_saddll_overflow(a->i, b->i, &r);
	else if (n->op == EXPR_SUB)
		over = __builtin_ssubll_overflow(a->i, b->i, &r);
	else
		over = __builtin_smulll_overflow(a->i, b->i, &r);
	return over ? &null_value : whole(out, r);
}

/* The byte where the nth code point begins, at most len. */
static size_t
code_point(const struct value *v, int64_t n)
{
	size_t i = 0;

	while (n > 0 && i < v->len) {
		i++;
		while (i < v->len && ((unsigned char)v->p[i] & 0xC0) == 0x80)
			i++;
		n--;
	}
	return i;
}

static const struct value *
function(struct plan *p, const struct node *n, struct value *out)
{
	struct value tmp;
	const struct value *v = value_of(p, n->kid[0], &tmp);
	int64_t points = 0;
	size_t from, to;

	if (v->type == VALUE_NULL)
		return &null_value;
	if (n->op == EXPR_ABS)
		return whole(out, v->i < 0 ? -v->i : v->i);
	if (n->op == EXPR_LENGTH) {
		for (size_t i = 0; i < v->len; i++)
			points += ((unsigned char)v->p[i] & 0xC0) != 0x80;
		return whole(out, points);
	}
	from = code_point(v, p->node[n->kid[1]].value.i - 1);
	to = code_point(v, p->node[n->kid[1]].value.i - 1 +
	    p->node[n->kid[2]].value.i);
	out->type = VALUE_TEXT;
	out->p = v->p + from;
	out->len = to - from;
	return out;
}

static const struct value *
truth(struct value *out, int t)
{
	return t == -1 ? &null_value : whole(out, t);
}

/* The branch that a CASE takes, or NONE. */
static uint32_t
branch(struct plan *p, const struct node *n)
{
	for (size_t i = 0; i + 1 < n->nkid; i += 2)
		if (plan_test(p, n->kid[i]) == 1)
			return n->kid[i + 1];
	return n->nkid % 2 == 1 ? n->kid[n->nkid - 1] : NONE;
}

static const struct value *
choice(struct plan *p, const struct node *n, struct value *out)
{
	struct value tmp;
	const struct value *v;
	uint32_t b;

	if (n->op == EXPR_CASE) {
		b = branch(p, n);
		return b == NONE ? &null_value : value_of(p, b, out);
	}
	for (size_t i = 0; i < n->nkid && n->op == EXPR_COALESCE; i++) {
		v = value_of(p, n->kid[i], out);
		if (v->type != VALUE_NULL)
			return v;
	}
	if (n->op == EXPR_COALESCE)
		return &null_value;
	v = value_of(p, n->kid[0], out); /* nullif */
	if (v->type != VALUE_NULL &&
	    value_eq(v, value_of(p, n->kid[1], &tmp)))
		return &null_value;
	return v;
}

static const struct value *
value_of(struct plan *p, uint32_t id, struct value *out)
{
	const struct node *n = &p->node[id];

	if (n->op == EXPR_COL)
		return column(p, n);
	if (n->op == EXPR_INT || n->op == EXPR_TEXT)
		return &n->value;
	if (n->op == EXPR_PARAM)
		return whole(out, p->param[n->value.i]);
	if (n->op >= EXPR_ADD && n->op <= EXPR_MUL)
		return arithmetic(p, n, out);
	if (n->op == EXPR_ABS || n->op == EXPR_LENGTH || n->op == EXPR_SUBSTR)
		return function(p, n, out);
	if (n->op == EXPR_COALESCE || n->op == EXPR_NULLIF ||
	    n->op == EXPR_CASE)
		return choice(p, n, out);
	return n->op == EXPR_NULL ? &null_value : truth(out, plan_test(p, id));
}

/* Conditions. */

static int
equal(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_INT)
		return a->i == b->i;
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static int
test_list(struct plan *p, const struct node *n)
{
	int stop = n->op == EXPR_OR, all = !stop, t;

	for (size_t i = 0; i < n->nkid; i++) {
		t = plan_test(p, n->kid[i]);
		if (t == stop)
			return stop;
		if (t == -1)
			all = -1;
	}
	return all;
}

static int
test_compare(struct plan *p, const struct node *n)
{
	struct value ta, tb;
	const struct value *a = value_of(p, n->kid[0], &ta), *b;

	if (a->type == VALUE_NULL)
		return -1;
	b = value_of(p, n->kid[1], &tb);
	if (b->type == VALUE_NULL)
		return -1;
	if (n->op == EXPR_EQ)
		return equal(a, b);
	if (n->op == EXPR_NE)
		return !equal(a, b);
	if (n->op == EXPR_LT)
		return a->i < b->i;
	if (n->op == EXPR_LE)
		return a->i <= b->i;
	return n->op == EXPR_GT ? a->i > b->i : a->i >= b->i;
}

static int
test_distinct(struct plan *p, const struct node *n)
{
	struct value ta, tb;
	int same = value_eq(value_of(p, n->kid[0], &ta),
	    value_of(p, n->kid[1], &tb));

	return n->op == EXPR_DISTINCT ? !same : same;
}

static int
test_is(struct plan *p, const struct node *n)
{
	struct value tmp;
	int t;

	if (n->op == EXPR_IS_NULL || n->op == EXPR_NOT_NULL) {
		t = value_of(p, n->kid[0], &tmp)->type == VALUE_NULL;
		return n->op == EXPR_IS_NULL ? t : !t;
	}
	t = plan_test(p, n->kid[0]);
	if (n->op == EXPR_IS_TRUE || n->op == EXPR_NOT_TRUE)
		return n->op == EXPR_IS_TRUE ? t == 1 : t != 1;
	return n->op == EXPR_IS_FALSE ? t == 0 : t != 0;
}

static int
test_in(struct plan *p, const struct node *n)
{
	struct value tmp;
	const struct value *v = value_of(p, n->kid[0], &tmp);

	if (v->type == VALUE_NULL)
		return -1;
	for (size_t i = 1; i < n->nkid; i++)
		if (equal(v, &p->node[n->kid[i]].value))
			return n->op == EXPR_IN;
	return n->op == EXPR_NOT_IN;
}

/* a BETWEEN b AND c is a >= b AND a <= c, three-valued. */
static int
test_between(struct plan *p, const struct node *n)
{
	struct value ta, tb, tc;
	const struct value *a = value_of(p, n->kid[0], &ta);
	const struct value *b = value_of(p, n->kid[1], &tb);
	const struct value *c = value_of(p, n->kid[2], &tc);
	int low, high, in;

	low = a->type == VALUE_NULL || b->type == VALUE_NULL ? -1 :
	    a->i >= b->i;
	high = a->type == VALUE_NULL || c->type == VALUE_NULL ? -1 :
	    a->i <= c->i;
	in = low == 0 || high == 0 ? 0 : low == -1 || high == -1 ? -1 : 1;
	return in == -1 || n->op == EXPR_BETWEEN ? in : !in;
}

/* Related rows: the answer so far, and whether one could not be said. */
static int
related(struct plan *p, const struct look *l, int *null)
{
	int t = l->rest == NONE ? 1 : plan_test(p, l->rest);

	*null |= t == -1;
	return t == 1;
}

static int
tied(struct plan *p, const struct look *l)
{
	struct value ta, tb;
	const struct value *a, *b;

	for (size_t k = 0; k < l->ntie; k++) {
		a = value_of(p, l->inner[k], &ta);
		b = value_of(p, l->outer[k], &tb);
		if (a->type == VALUE_NULL || b->type == VALUE_NULL ||
		    !equal(a, b))
			return 0;
	}
	return 1;
}

/* The tables that JOIN adds after the events, from the t-th on. */
static int
looks_at_joined(struct plan *p, const struct look *l, size_t t, int *null)
{
	const struct join *j = &l->join[t], *before = &l->join[t - 1];
	const struct bucket *b = NULL;
	const struct ref_table *r;
	size_t n;

	for (size_t i = 0; i < before->nknown; i++)
		if (plan_test(p, before->known[i]) == 0)
			return 0;
	if (t >= l->from->ntable)
		return tied(p, l) && related(p, l, null);
	r = l->table[t];
	n = r == NULL ? 0 : r->nrow;
	if (j->inner != NONE) {
		if (!look_key(p, &j->outer, 1))
			return 0;
		b = map_get(j->index, p->lookkey.p, p->lookkey.len);
		n = b == NULL ? 0 : b->n;
	}
	for (size_t i = 0; i < n; i++) {
		p->row[EXPR_D + t] = r->cell + (b ? b->tuple[i] : i) * r->ncol;
		if (plan_test(p, l->on[t]) == 1 &&
		    looks_at_joined(p, l, t + 1, null))
			return 1;
	}
	return 0;
}

struct looking {
	struct plan *p;
	const struct look *l;
	int *null, found;
};

static int
looks_at_event(void *ctx, const struct value *col)
{
	struct looking *x = ctx;

	x->p->row[EXPR_D] = col;
	x->found = looks_at_joined(x->p, x->l, 1, x->null);
	return x->found;
}

static int
looks_at_events(struct plan *p, const struct look *l, int *null)
{
	struct looking x = { p, l, null, 0 };
	struct value tmp;
	const struct value *key;

	for (size_t i = 0; p->event != NULL && i < p->nevent && !x.found; i++)
		(void)looks_at_event(&x, p->event[i].col);
	if (p->event != NULL)
		return x.found;
	key = value_of(p, l->outer[l->by], &tmp);
	if (key->type != VALUE_NULL && relate_each(p->relate, p->stream,
	    &p->row[EXPR_E][EVENT_STREAM],
	    p->node[l->inner[l->by]].col, key, looks_at_event, &x) == -1)
		*null = 1;
	return x.found;
}

static int
looks_at_rows(struct plan *p, const struct look *l, int *null)
{
	const struct bucket *b;

	if (!look_key(p, l->outer, l->ntie)) {
		*null = 1;
		return 0;
	}
	b = map_get(l->index, p->lookkey.p, p->lookkey.len);
	for (size_t i = 0; b != NULL && i < b->n; i++) {
		look_row(p, l, b->tuple[i]);
		if (related(p, l, null))
			return 1;
	}
	return 0;
}

static int
test_exists(struct plan *p, const struct node *n)
{
	const struct look *l = n->look;
	struct value tmp;
	int null = l->empty, found;

	if (l->from->table[0].ref != NULL) {
		found = looks_at_rows(p, l, &null);
	} else if (p->event == NULL && (p->blind || !relate_open(p->relate))) {
		return -1;
	} else {
		for (size_t i = 0; i < l->ntie; i++)
			null |= value_of(p, l->outer[i], &tmp)->type ==
			    VALUE_NULL;
		found = looks_at_events(p, l, &null);
	}
	return found ? 1 : null ? -1 : 0;
}

static int
test_not(struct plan *p, const struct node *n)
{
	int t = plan_test(p, n->kid[0]);

	return t == -1 ? -1 : !t;
}

static int
test_case(struct plan *p, const struct node *n)
{
	uint32_t b = branch(p, n);

	return b == NONE ? -1 : plan_test(p, b);
}

static int
test_choice(struct plan *p, const struct node *n)
{
	struct value tmp;
	const struct value *v = choice(p, n, &tmp);

	return v->type == VALUE_NULL ? -1 : v->i != 0;
}

static int
test_constant(struct plan *p, const struct node *n)
{
	(void)p;
	return n->op == EXPR_NULL ? -1 : n->op == EXPR_TRUE;
}

static int (*const test_op[])(struct plan *, const struct node *) = {
	[EXPR_TRUE] = test_constant, [EXPR_FALSE] = test_constant,
	[EXPR_NULL] = test_constant,
	[EXPR_AND] = test_list, [EXPR_OR] = test_list, [EXPR_NOT] = test_not,
	[EXPR_EQ] = test_compare, [EXPR_NE] = test_compare,
	[EXPR_LT] = test_compare, [EXPR_LE] = test_compare,
	[EXPR_GT] = test_compare, [EXPR_GE] = test_compare,
	[EXPR_DISTINCT] = test_distinct, [EXPR_NOT_DISTINCT] = test_distinct,
	[EXPR_IS_NULL] = test_is, [EXPR_NOT_NULL] = test_is,
	[EXPR_IS_TRUE] = test_is, [EXPR_NOT_TRUE] = test_is,
	[EXPR_IS_FALSE] = test_is, [EXPR_NOT_FALSE] = test_is,
	[EXPR_IN] = test_in, [EXPR_NOT_IN] = test_in,
	[EXPR_BETWEEN] = test_between, [EXPR_NOT_BETWEEN] = test_between,
	[EXPR_COALESCE] = test_choice, [EXPR_NULLIF] = test_choice,
	[EXPR_CASE] = test_case, [EXPR_EXISTS] = test_exists,
};

int
plan_test(struct plan *p, uint32_t id)
{
	const struct node *n = &p->node[id];
	int t;

	if (n->own || n->parents < 2 || id >= p->nmemo)
		return test_op[n->op](p, n);
	if (p->memo[id].when == p->now)
		return p->memo[id].answer;
	t = test_op[n->op](p, n);
	p->memo[id].when = p->now;
	p->memo[id].answer = t;
	return t;
}

/* What an event type alone decides. */

#define MAY_FALSE 1u
#define MAY_TRUE 2u
#define MAY_NULL 4u
#define MAY_ANY 7u

static unsigned
may_list(const struct plan *p, const struct node *n, const char *type)
{
	unsigned stop = n->op == EXPR_OR ? MAY_TRUE : MAY_FALSE;
	unsigned go = stop ^ (MAY_TRUE | MAY_FALSE), all = go;

	for (size_t i = 0; i < n->nkid; i++) {
		unsigned m = plan_may(p, n->kid[i], type);

		/* One that stops may stop; going on needs both to go on. */
		all = ((all | m) & (stop | MAY_NULL)) | (all & m & go);
		if (m == stop)
			return stop;
	}
	return all;
}

/* The constant is `type`: TRUE or FALSE; bits for a comparison with it. */
static unsigned
may_compare(const struct plan *p, const struct node *n, const char *type)
{
	const struct node *c = &p->node[n->kid[0]];
	unsigned yes = MAY_TRUE, no = MAY_FALSE;
	size_t len = strlen(type);

	if (c->op != EXPR_COL || c->slot != EXPR_E || c->table != NULL ||
	    c->col != EVENT_EVENT_TYPE)
		return MAY_ANY;
	if (n->op == EXPR_NE || n->op == EXPR_NOT_IN || n->op == EXPR_DISTINCT) {
		yes = MAY_FALSE;
		no = MAY_TRUE;
	}
	for (size_t i = 1; i < n->nkid; i++) {
		const struct node *k = &p->node[n->kid[i]];

		if (k->op != EXPR_TEXT)
			return MAY_ANY;
		if (k->value.len == len && memcmp(k->value.p, type, len) == 0)
			return yes;
	}
	return no;
}

unsigned
plan_may(const struct plan *p, uint32_t id, const char *type)
{
	const struct node *n = &p->node[id];
	unsigned m;

	if (n->op == EXPR_TRUE)
		return MAY_TRUE;
	if (n->op == EXPR_FALSE)
		return MAY_FALSE;
	if (n->op == EXPR_AND || n->op == EXPR_OR)
		return may_list(p, n, type);
	if (n->op == EXPR_NOT) {
		m = plan_may(p, n->kid[0], type);
		return (m & MAY_NULL) | (m & MAY_TRUE ? MAY_FALSE : 0) |
		    (m & MAY_FALSE ? MAY_TRUE : 0);
	}
	if (n->op == EXPR_EQ || n->op == EXPR_NE || n->op == EXPR_IN ||
	    n->op == EXPR_NOT_IN || n->op == EXPR_DISTINCT ||
	    n->op == EXPR_NOT_DISTINCT)
		return may_compare(p, n, type);
	return MAY_ANY;
}

/* Why something is NULL. */

static void
mark_thing(struct plan_why *w, size_t bit)
{
	w->bit[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static void
blame_column(struct plan *p, const struct node *n, struct plan_why *w)
{
	const struct value *e = p->row[EXPR_E];
	const struct ref_table *t;
	int col = n->col;

	if (n->slot == EXPR_P && e[EVENT_POLICY_ID].type == VALUE_NULL)
		mark_thing(w, EVENT_POLICY_ID);
	else if (n->slot == EXPR_P && e[EVENT_POLICY_VERSION].type == VALUE_NULL)
		mark_thing(w, EVENT_POLICY_VERSION);
	else if (n->table == NULL)
		mark_thing(w, (size_t)col);
	else {
		t = ref_table(p->ref, n->table->name);
		if (t != NULL && col >= 0 && t->col != n->table->col)
			col = ref_schema_colno(n->table, t->col[col].name);
		mark_thing(w, thing_add(p, n->table, col));
	}
}

/* Without the events themselves: the columns of theirs that it reads. */
static void
blame_related(struct plan *p, uint32_t id, struct plan_why *w)
{
	const struct node *n = &p->node[id];

	if (n->op == EXPR_COL && n->slot == EXPR_D)
		mark_thing(w, (size_t)n->col);
	for (size_t i = 0; i < n->nkid; i++)
		blame_related(p, n->kid[i], w);
}

static void
blame_exists(struct plan *p, const struct look *l, struct plan_why *w)
{
	struct value tmp;
	const struct bucket *b;
	int known = 1;

	for (size_t i = 0; i < l->ntie; i++) {
		if (value_of(p, l->outer[i], &tmp)->type != VALUE_NULL)
			continue;
		plan_blame(p, l->outer[i], w);
		known = 0;
	}
	for (size_t t = 0; t < l->from->ntable; t++)
		if (l->from->table[t].ref != NULL && l->from->declared &&
		    (l->table[t] == NULL || l->table[t]->nrow == 0))
			mark_thing(w, thing_add(p, l->from->table[t].ref, -1));
	if (!known || l->rest == NONE)
		return;
	if (l->from->table[0].ref == NULL) {
		blame_related(p, l->rest, w);
		return;
	}
	look_key(p, l->outer, l->ntie);
	b = map_get(l->index, p->lookkey.p, p->lookkey.len);
	for (size_t i = 0; b != NULL && i < b->n; i++) {
		look_row(p, l, b->tuple[i]);
		if (plan_test(p, l->rest) == -1)
			plan_blame(p, l->rest, w);
	}
}

void
plan_blame(struct plan *p, uint32_t id, struct plan_why *w)
{
	const struct node *n = &p->node[id];
	struct value tmp;
	uint32_t b;

	if (n->op == EXPR_COL) {
		blame_column(p, n, w);
	} else if (n->op == EXPR_EXISTS) {
		blame_exists(p, n->look, w);
	} else if (n->op == EXPR_CASE) {
		for (size_t i = 0; i + 1 < n->nkid; i += 2)
			if (plan_test(p, n->kid[i]) == -1)
				plan_blame(p, n->kid[i], w);
		b = branch(p, n);
		if (b != NONE && value_of(p, b, &tmp)->type == VALUE_NULL)
			plan_blame(p, b, w);
	} else {
		for (size_t i = 0; i < n->nkid; i++)
			if (value_of(p, n->kid[i], &tmp)->type == VALUE_NULL)
				plan_blame(p, n->kid[i], w);
	}
}
