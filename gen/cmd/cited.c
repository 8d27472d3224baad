#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/cited.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "model/build.h"
#include "pack/proof.h"
#include "read/store.h"

struct collect {
	struct arena *a;
	const struct build *b;
	struct map *seen; /* "stream seq" */
	struct cite *cite;
	size_t n, cap;
};

static void
add(struct collect *c, const struct cite *cite)
{
	const struct stream *s = &c->b->stream[cite->stream];
	void **place;

	if (cite->at.file != NULL || cite->seq >= s->size)
		return;
	place = map_putz(c->seen, arena_printf(c->a, "%u %" PRIu64,
	    cite->stream, cite->seq));
	if (*place != NULL)
		return;
	*place = c;
	*VEC_PUSH(c->a, c->cite, c->n, c->cap) = *cite;
}

/* Rows that measured tables point at: incidents, drills, evaluations. */
static void
add_measured(struct collect *c)
{
	for (size_t i = 0; c->b->log != NULL && i < c->b->log->n; i++) {
		const struct ref_table *t = &c->b->log->table[i];
		int stream = ref_colno(t, "stream"), seq = ref_colno(t, "seq");

		if (stream == -1 || seq == -1 ||
		    t->col[stream].type != VALUE_INT)
			continue;
		for (size_t r = 0; r < t->nrow; r++) {
			int64_t at = ref_int(t, r, "stream", -1);
			int64_t n = ref_int(t, r, "seq", -1);
			struct cite cite = { .stream = (uint32_t)at,
				.seq = (uint64_t)n };

			if (at >= 0 && n >= 0 &&
			    (uint64_t)at < c->b->nstream)
				add(c, &cite);
		}
	}
}

static int
by_place(const void *a, const void *b)
{
	return cite_cmp(a, b);
}

/* Samples first, then exceptions, then what documents cite: each group in
 * its own order, so that the limit cuts off the least needed. */
static void
collect(struct collect *c)
{
	const struct findings *f = c->b->findings;
	size_t from = 0;

	for (int group = 0; group < 3; group++) {
		for (size_t i = 0; group < 2 && i < f->nresult; i++) {
			const struct result *r = &f->result[i];
			const struct cite *list = group == 0 ? r->sample :
			    r->exception;
			size_t n = group == 0 ? r->nsample : r->nexception;

			for (size_t k = 0; k < n; k++)
				add(c, &list[k]);
		}
		if (group == 2)
			add_measured(c);
		if (c->n > from)
			qsort(c->cite + from, c->n - from, sizeof(*c->cite),
			    by_place);
		from = c->n;
	}
}

struct kinfolk {
	struct arena *a;
	const struct build *b;
	struct cited *cited;
	uint64_t size;
	size_t cap;
};

static int
kin_row(void *ctx, const struct value *v, size_t n, struct err *e)
{
	struct kinfolk *k = ctx;
	struct kin *kin;

	(void)n;
	(void)e;
	if ((uint64_t)v[0].i >= k->size ||
	    (uint64_t)v[0].i == k->cited->at.seq)
		return 0;
	kin = VEC_PUSH(k->a, k->cited->kin, k->cited->nkin, k->cap);
	kin->seq = (uint64_t)v[0].i;
	kin->event_type = arena_strdup(k->a, v[1].p);
	kin->outcome = v[2].type == VALUE_NULL ? NULL :
	    arena_strdup(k->a, v[2].p);
	kin->occurred_us = v[3].i;
	return 0;
}

static int
find_kin(struct arena *a, const struct build *b, const struct cited_stream *cs,
    struct cited *c, struct err *e)
{
	const char *action = value_text(&c->event.col[EVENT_ACTION_ID]);
	struct kinfolk k = { a, b, c, b->stream[c->at.stream].size, 0 };
	struct str sql = str_new(a);

	if (action == NULL)
		return 0;
	str_addz(&sql, "SELECT e.seq, e.event_type, e.outcome, e.occurred_us "
	    "FROM event e WHERE e.action_id = ");
	str_add_sqlz(&sql, action);
	str_addz(&sql, " AND e.stream = ");
	str_add_sqlz(&sql, cs->name);
	str_addz(&sql, " ORDER BY e.seq");
	return store_query(cs->store, sql.p, b->from_us, b->to_us,
	    b->as_of_us, kin_row, &k, e);
}

struct held {
	size_t there;
	int64_t erased_us;
};

static void
add_payload(void *ctx, const struct store_payload *p)
{
	struct held *n = ctx;

	if (p->content != NULL)
		n->there++;
	else
		n->erased_us = p->erased_us;
}

/* Contents lie outside the chain: there, erased on a date, or missing. */
static int
payload_state(struct arena *a, struct store *st, struct cited *c,
    struct err *e)
{
	static const enum event_col col[] = { EVENT_INPUT_HASH,
		EVENT_OUTPUT_HASH, EVENT_RATIONALE_HASH };
	struct held n = { 0, 0 };
	size_t missing = 0;

	for (size_t i = 0; i < sizeof(col) / sizeof(col[0]); i++) {
		const char *id = value_text(&c->event.col[col[i]]);
		int found = id == NULL ? 1 :
		    store_payloads(st, id, 1, add_payload, &n, e);

		if (found == -1)
			return -1;
		missing += found == 0;
	}
	if (missing > 0)
		c->payload = "missing: no payload and no erasure";
	else if (n.erased_us != 0) {
		struct str s = str_new(a);

		str_addz(&s, "erased on ");
		date_add_day(&s, n.erased_us);
		c->payload = s.p;
	} else
		c->payload = n.there > 0 ? "present in the store" :
		    "none: this event has no contents";
	return 0;
}

/* Leaves of a range, read again for a proof. */
struct leaves {
	struct arena *scratch;
	const struct cited_stream *cs;
	struct hash *hash;
	uint8_t (*out)[HASH_LEN];
	uint64_t first;
};

static int
leaf_row(void *ctx, const struct event *ev, struct err *e)
{
	struct leaves *l = ctx;

	(void)e;
	hash_leaf(l->hash, l->out[ev->seq - l->first], ev->record,
	    ev->recordlen);
	return 0;
}

static int
read_leaves(void *ctx, uint64_t first, size_t n, uint8_t (*out)[HASH_LEN],
    struct err *e)
{
	struct leaves *l = ctx;

	l->first = first;
	l->out = out;
	return store_scan(l->cs->store, l->cs->name, first, first + n,
	    leaf_row, l, e);
}

static int
segment_roots(struct arena *a, struct leaves *l, uint64_t size,
    struct proof_tree *t, struct err *e)
{
	uint8_t (*leaf)[HASH_LEN];

	t->nsegment = (size_t)(size / LIMIT_SEGMENT);
	if (l->cs->segment != NULL) {
		t->segment = l->cs->segment;
		t->nsegment = l->cs->nsegment;
		return 0;
	}
	if (t->nsegment == 0)
		return 0;
	t->segment = arena_array(a, t->nsegment, sizeof(*t->segment));
	leaf = arena_array(l->scratch, LIMIT_SEGMENT, sizeof(*leaf));
	for (size_t i = 0; i < t->nsegment; i++) {
		struct merkle m;

		if (read_leaves(l, (uint64_t)i * LIMIT_SEGMENT, LIMIT_SEGMENT,
		    leaf, e) == -1)
			return -1;
		merkle_init(&m, l->hash);
		for (size_t k = 0; k < LIMIT_SEGMENT; k++)
			merkle_add(&m, leaf[k]);
		merkle_root(&m, t->segment[i]);
	}
	return 0;
}

/* The timestamp of the note that the pack ends at, in base64 in the store. */
static int
find_token(struct arena *a, const struct stream *s,
    const struct cited_stream *cs, struct packlog *log, struct err *e)
{
	struct store_note *note;
	uint8_t *raw;
	size_t n;
	long len;

	if (store_notes(cs->store, a, cs->name, &note, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *token = note[i].timestamp_token;

		if (token == NULL || strcmp(note[i].note, s->note) != 0)
			continue;
		raw = arena_alloc(a, strlen(token) + 4);
		len = hash_unbase64(raw, token, strlen(token));
		if (len <= 0)
			return err_set(e, ERR_INTEGRITY, "%s: the timestamp "
			    "of checkpoint %" PRIu64 " is not base64",
			    cs->name, note[i].size);
		log->token = raw;
		log->tokenlen = (size_t)len;
	}
	return 0;
}

static int
prove(struct arena *a, struct build *b, struct cited *cited, uint32_t stream,
    const struct cited_stream *cs, struct packlog *log, struct err *e)
{
	const struct stream *s = &b->stream[stream];
	struct leaves l = { .scratch = arena_new(), .cs = cs };
	struct proof_tree t;
	int rc = -1;

	l.hash = hash_new(a);
	t = (struct proof_tree){ .hash = l.hash, .size = s->size,
		.block_level = PROOF_SEGMENT_LEVEL, .leaves = read_leaves,
		.ctx = &l };
	proof_tree_init(&t, l.scratch);
	if (segment_roots(a, &l, s->size, &t, e) == -1)
		goto out;
	for (size_t i = 0; i < b->ncited; i++)
		if (cited[i].at.stream == stream &&
		    proof_of(&t, a, cited[i].at.seq, &cited[i].path,
		    &cited[i].npath, e) == -1)
			goto out;
	if (s->previous_size > 0 && proof_consistency(&t, a,
	    s->previous_size, &log->consistency, &log->nconsistency, e) == -1)
		goto out;
	rc = find_token(a, s, cs, log, e);
out:
	hash_free(l.hash);
	arena_free(l.scratch);
	return rc;
}

static int
load(struct arena *a, struct cited *c, const struct cited_stream *cs,
    struct hash *h, struct err *e)
{
	int found = store_row(cs->store, a, cs->name, c->at.seq, &c->event, e);

	if (found == 0)
		return err_set(e, ERR_INTEGRITY, "%s: event %" PRIu64
		    " is not there", cs->name, c->at.seq);
	if (found == -1)
		return -1;
	hash_leaf(h, c->leaf, c->event.record, c->event.recordlen);
	return 0;
}

static void
mark_kin(const struct build *b, struct cited *c)
{
	for (size_t i = 0; i < c->nkin; i++) {
		struct cite at = { .stream = c->at.stream,
			.seq = c->kin[i].seq };

		c->kin[i].cited = build_cited(b, &at) != NULL;
	}
}

/* A broken chain gives no proof: the rows are there, the tree is not. */
static int
take_rows(struct arena *a, struct build *b, const struct cited_stream *cs,
    struct cite *cite, size_t n, struct cited *cited, struct packlog **log,
    struct err *e)
{
	struct hash *h = hash_new(a);
	int rc = 0;

	*log = arena_array(a, b->nstream + 1, sizeof(**log));
	if (n > 1)
		qsort(cite, n, sizeof(*cite), by_place);
	for (size_t i = 0; i < n && rc == 0; i++) {
		cited[i].at = cite[i];
		rc = load(a, &cited[i], &cs[cite[i].stream], h, e);
	}
	b->cited = cited;
	b->ncited = n;
	for (uint32_t i = 0; i < b->nstream && rc == 0; i++)
		if (b->stream[i].intact)
			rc = prove(a, b, cited, i, &cs[i], &(*log)[i], e);
	hash_free(h);
	return rc;
}

int
cited_rows(struct arena *a, struct build *b, const struct cited_stream *cs,
    struct cite *cite, size_t n, struct packlog **log, struct err *e)
{
	return take_rows(a, b, cs, cite, n,
	    arena_array(a, n + 1, sizeof(struct cited)), log, e);
}

int
cited_fill(struct arena *a, struct build *b, const struct cited_stream *cs,
    uint64_t max_records, struct packlog **log, struct err *e)
{
	struct collect c = { .a = a, .b = b, .seen = map_new(a) };
	struct cited *cited;

	collect(&c);
	b->citations = c.n;
	if (c.n > max_records)
		c.n = (size_t)max_records;
	cited = arena_array(a, c.n + 1, sizeof(*cited));
	if (take_rows(a, b, cs, c.cite, c.n, cited, log, e) == -1)
		return -1;
	for (size_t i = 0; i < c.n; i++) {
		const struct cited_stream *from = &cs[cited[i].at.stream];

		if (find_kin(a, b, from, &cited[i], e) == -1 ||
		    payload_state(a, from->store, &cited[i], e) == -1)
			return -1;
		mark_kin(b, &cited[i]);
	}
	return 0;
}
