#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "eval/relate.h"

#define KEPT 64      /* keys, a power of two */
#define KEPT_ROWS 24 /* of a key with more nothing is kept, */
#define KEPT_TEXT 65536 /* nor where their texts are longer */

struct kept {
	uint32_t stream;
	int by, there, many;
	size_t n;
	struct str key, text;
	struct value *cell; /* KEPT_ROWS rows of nwant values */
};

struct relate {
	struct arena *arena;
	eval_related_fn *fn;
	void *ctx;
	int want[EVENT_NCOL];
	size_t nwant;
	struct kept kept[KEPT];
	struct value row[EVENT_NCOL];
	struct err err;
};

struct relate *
relate_new(struct arena *a)
{
	struct relate *r = arena_alloc(a, sizeof(*r));

	r->arena = a;
	return r;
}

void
relate_want(struct relate *r, int col)
{
	size_t i = 0;

	while (i < r->nwant && r->want[i] != col)
		i++;
	/* A look stays in one stream: its name need not be read. */
	if (i == r->nwant && col != EVENT_STREAM)
		r->want[r->nwant++] = col;
}

void
relate_from(struct relate *r, eval_related_fn *fn, void *ctx)
{
	r->fn = fn;
	r->ctx = ctx;
}

int
relate_open(const struct relate *r)
{
	return r->fn != NULL;
}

const char *
relate_failed(struct relate *r)
{
	if (r->err.kind == ERR_OK)
		return NULL;
	r->err.kind = ERR_OK;
	return r->err.msg;
}

/* Texts are kept as offsets while their buffer may still move. */
static int
keep_row(void *ctx, const struct value *v, size_t n, struct err *e)
{
	struct kept *k = ctx;
	struct value *to = k->cell + k->n * n;

	(void)e;
	if (k->n == KEPT_ROWS || k->text.len > KEPT_TEXT) {
		k->many = 1;
		return 1;
	}
	memcpy(to, v, n * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		if (v[i].type == VALUE_TEXT) {
			to[i].i = (int64_t)k->text.len;
			str_add(&k->text, v[i].p, v[i].len);
		}
	k->n++;
	return 0;
}

static int
fill(struct relate *r, struct kept *k, uint32_t stream, int by,
    const struct value *key)
{
	if (k->cell == NULL) {
		k->key = str_new(r->arena);
		k->text = str_new(r->arena);
		k->cell = arena_array(r->arena, KEPT_ROWS * r->nwant + 1,
		    sizeof(*k->cell));
	}
	k->there = k->many = 0;
	k->stream = stream;
	k->by = by;
	k->n = 0;
	str_reset(&k->key);
	str_add(&k->key, key->p, key->len);
	str_reset(&k->text);
	if (r->fn(r->ctx, stream, by, key, r->want, r->nwant, keep_row, k,
	    &r->err) == -1)
		return -1;
	for (size_t i = 0; i < k->n * r->nwant; i++)
		if (k->cell[i].type == VALUE_TEXT)
			k->cell[i].p = k->text.p + k->cell[i].i;
	k->there = 1;
	return 0;
}

static struct kept *
kept_at(struct relate *r, int by, const struct value *key)
{
	uint32_t h = 2166136261u ^ (uint32_t)by;

	for (size_t i = 0; i < key->len; i++)
		h = (h ^ (unsigned char)key->p[i]) * 16777619u;
	return &r->kept[(h ^ h >> 16) & (KEPT - 1)];
}

struct each {
	struct relate *r;
	relate_each_fn *fn;
	void *ctx;
	int stopped;
};

static int
give(void *ctx, const struct value *v, size_t n, struct err *e)
{
	struct each *x = ctx;

	(void)e;
	for (size_t i = 0; i < n; i++)
		x->r->row[x->r->want[i]] = v[i];
	x->stopped = x->fn(x->ctx, x->r->row) != 0;
	return x->stopped;
}

int
relate_each(struct relate *r, uint32_t stream, const struct value *name,
    int by, const struct value *key, relate_each_fn *fn, void *ctx)
{
	struct each x = { r, fn, ctx, 0 };
	struct kept *k;

	if (key->type != VALUE_TEXT)
		return 0;
	k = kept_at(r, by, key);
	if ((!k->there || k->stream != stream || k->by != by ||
	    k->key.len != key->len ||
	    memcmp(k->key.p, key->p, key->len) != 0) &&
	    fill(r, k, stream, by, key) == -1)
		return -1;
	r->row[EVENT_STREAM] = *name;
	if (k->many)
		return r->fn(r->ctx, stream, by, key, r->want, r->nwant, give,
		    &x, &r->err) == -1 ? -1 : 0;
	for (size_t i = 0; i < k->n && !x.stopped; i++)
		(void)give(&x, k->cell + i * r->nwant, r->nwant, NULL);
	return 0;
}
