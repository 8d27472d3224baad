#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"
#include "chain/pass.h"
#include "model/record.h"

#define SEGMENT_LEVEL 16 /* 2^16 = LIMIT_SEGMENT */

struct pass_cut {
	uint64_t size;
	struct merkle part; /* of the segment it falls into */
};

/* Records wait in one buffer until PASS_BATCH are there. */
struct pass_state {
	struct arena *arena;
	struct pass_want want;
	struct hash *hash;
	struct str bytes;
	size_t n, at[PASS_BATCH], len[PASS_BATCH];
	int64_t occurred_us[PASS_BATCH];
	uint64_t seq[PASS_BATCH];
	uint8_t prev[PASS_BATCH][HASH_LEN];
	uint8_t leaf[PASS_BATCH][HASH_LEN];
	struct merkle part, block; /* of the running segment, and block */
	size_t cut;         /* the next of want.cut */
};

static void
begin_segment(struct pass *p, uint64_t first)
{
	struct pass_segment *s = VEC_PUSH(p->state->arena, p->segment,
	    p->nsegment, p->capsegment);

	s->first = first;
	merkle_init(&p->state->part, p->state->hash);
	merkle_init(&p->state->block, p->state->hash);
}

struct pass *
pass_new(struct arena *a, const struct pass_want *want, uint64_t first)
{
	struct pass *p = arena_alloc(a, sizeof(*p));
	struct pass_state *s = arena_alloc(a, sizeof(*s));

	p->state = s;
	p->first = p->next = first;
	s->arena = a;
	s->want = *want;
	s->hash = hash_new(a);
	s->bytes = str_new(a);
	while (s->cut < want->ncut && want->cut[s->cut] <= first)
		s->cut++;
	record_genesis(s->hash, want->origin, p->head);
	memcpy(p->prev, p->head, HASH_LEN);
	return p;
}

void
pass_free(struct pass *p)
{
	if (p != NULL)
		hash_free(p->state->hash);
}

static int
broken(struct pass *p, uint64_t seq, struct err *e, const char *what)
{
	if (!p->bad) {
		p->bad = 1;
		p->bad_seq = seq;
		(void)snprintf(p->bad_text, sizeof(p->bad_text),
		    "event %" PRIu64 ": %s", seq, what);
	}
	return p->state->want.go_on ? 0 :
	    err_set(e, ERR_INTEGRITY, "%s", p->bad_text);
}

static int
gap(struct pass *p, uint64_t seq, struct err *e)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "not there: the next is %" PRIu64,
	    seq);
	return broken(p, p->next, e, what);
}

static void
end_segment(struct pass *p)
{
	struct pass_segment *s = &p->segment[p->nsegment - 1];

	s->n = p->state->part.size;
	merkle_root(&p->state->part, s->root);
}

static void
keep_cuts(struct pass *p, uint64_t size)
{
	struct pass_state *s = p->state;

	while (s->cut < s->want.ncut && s->want.cut[s->cut] <= size) {
		struct pass_cut *c = VEC_PUSH(s->arena, p->cut, p->ncut,
		    p->capcut);

		c->size = s->want.cut[s->cut++];
		c->part = s->part;
	}
}

/* A whole batch is a perfect subtree: its nodes are hashed in lanes too. */
static void
add_subtree(struct pass_state *s)
{
	uint8_t node[PASS_BATCH][HASH_LEN];
	unsigned level = 0;
	size_t n = PASS_BATCH;

	memcpy(node, s->leaf, sizeof(node));
	for (; n > 1; n /= 2, level++)
		hash_nodes(s->hash, node, node[0], n / 2);
	merkle_add_tree(&s->part, level, node[0]);
	merkle_add_tree(&s->block, level, node[0]);
}

static void
end_block(struct pass *p)
{
	struct pass_state *s = p->state;

	if (s->block.size < PASS_BLOCK)
		return;
	memcpy(*VEC_PUSH(s->arena, p->block, p->nblock, p->capblock),
	    s->block.edge[PASS_BLOCK_LEVEL], HASH_LEN);
	merkle_init(&s->block, s->hash);
}

static void
add_leaves(struct pass *p)
{
	struct pass_state *s = p->state;
	uint64_t first = s->seq[0], end = first + s->n;
	int cut = s->cut < s->want.ncut && s->want.cut[s->cut] < end;

	if (s->n == PASS_BATCH && s->part.size % PASS_BATCH == 0 && !cut)
		add_subtree(s);
	else
		for (size_t i = 0; i < s->n; i++) {
			merkle_add(&s->part, s->leaf[i]);
			merkle_add(&s->block, s->leaf[i]);
			end_block(p);
			keep_cuts(p, s->seq[i] + 1);
		}
	end_block(p);
	keep_cuts(p, end);
	end_segment(p);
}

static void
add_times(struct pass *p)
{
	struct pass_segment *seg = &p->segment[p->nsegment - 1];
	struct pass_state *s = p->state;

	for (size_t i = 0; i < s->n; i++) {
		int64_t us = s->occurred_us[i];

		if ((seg->n == 0 && i == 0) || us < seg->from_us)
			seg->from_us = us;
		if ((seg->n == 0 && i == 0) || us > seg->to_us)
			seg->to_us = us;
	}
}

static int
check_links(struct pass *p, struct err *e)
{
	struct pass_state *s = p->state;

	for (size_t i = 0; i < s->n; i++) {
		const uint8_t *want = i == 0 ? p->head : s->leaf[i - 1];

		if (i == 0 && s->seq[0] == p->first && p->first > 0)
			memcpy(p->prev, s->prev[0], HASH_LEN);
		else if (memcmp(s->prev[i], want, HASH_LEN) != 0 &&
		    broken(p, s->seq[i], e, "prev_hash is not the hash of the "
		    "event before: one of the two was changed") == -1)
			return -1;
	}
	return 0;
}

/* Hashes what waits: leaves, links, the segment's tree. */
static int
flush(struct pass *p, struct err *e)
{
	struct pass_state *s = p->state;
	const void *record[PASS_BATCH];

	if (s->n == 0)
		return 0;
	for (size_t i = 0; i < s->n; i++)
		record[i] = s->bytes.p + s->at[i];
	hash_leaves(s->hash, s->leaf, record, s->len, s->n);
	if (check_links(p, e) == -1)
		return -1;
	if (p->nsegment == 0 || s->seq[0] % LIMIT_SEGMENT == 0)
		begin_segment(p, s->seq[0]);
	add_times(p);
	add_leaves(p);
	memcpy(p->head, s->leaf[s->n - 1], HASH_LEN);
	s->n = 0;
	str_reset(&s->bytes);
	return 0;
}

static void
count(struct pass *p, const struct event *ev)
{
	const struct pass_want *w = &p->state->want;
	int64_t us = ev->col[EVENT_OCCURRED_US].i;
	uint64_t inside = us >= w->from_us && us < w->to_us;
	int grade;

	p->recorded_us = ev->col[EVENT_RECORDED_US].i;
	if (ev->seq < w->range_from) {
		p->earlier_in_period += inside;
		return;
	}
	if (p->in_period + p->before + p->after == 0)
		p->first_us = p->last_us = us;
	if (us < p->first_us)
		p->first_us = us;
	if (us > p->last_us)
		p->last_us = us;
	p->in_period += inside;
	p->before += us < w->from_us;
	p->after += us >= w->to_us;
	grade = grade_parse(ev->col[EVENT_SOURCE_GRADE].p);
	p->grade[grade == -1 ? GRADE_BROKEN : grade]++;
}

int
pass_feed(void *pass, const struct event *ev, struct err *e)
{
	struct pass *p = pass;
	struct pass_state *s = p->state;
	size_t i;

	if (p->next == p->first)
		p->begin = ev->seq;
	if (ev->seq != p->next) {
		if (flush(p, e) == -1 || gap(p, ev->seq, e) == -1)
			return -1;
		p->next = ev->seq;
	}
	/* A batch never crosses into another segment. */
	if (s->n == PASS_BATCH ||
	    (s->n > 0 && ev->seq % LIMIT_SEGMENT == 0))
		if (flush(p, e) == -1)
			return -1;
	i = s->n++;
	s->seq[i] = ev->seq;
	s->occurred_us[i] = ev->col[EVENT_OCCURRED_US].i;
	s->at[i] = s->bytes.len;
	s->len[i] = ev->recordlen;
	str_add(&s->bytes, ev->record, ev->recordlen);
	p->next = ev->seq + 1;
	count(p, ev);
	if (hash_unhex(s->prev[i], ev->prev_hash) == -1 &&
	    broken(p, ev->seq, e, "prev_hash is not 64 hex digits") == -1)
		return -1;
	if (s->want.row != NULL)
		s->want.row(s->want.ctx, ev);
	return 0;
}

int
pass_end(struct pass *p, struct err *e)
{
	return flush(p, e);
}

static void
add_counts(struct pass *a, const struct pass *b)
{
	uint64_t na = a->in_period + a->before + a->after;
	uint64_t nb = b->in_period + b->before + b->after;

	if (nb > 0 && (na == 0 || b->first_us < a->first_us))
		a->first_us = b->first_us;
	if (nb > 0 && (na == 0 || b->last_us > a->last_us))
		a->last_us = b->last_us;
	a->in_period += b->in_period;
	a->before += b->before;
	a->after += b->after;
	a->earlier_in_period += b->earlier_in_period;
	for (size_t i = 0; i < 5; i++)
		a->grade[i] += b->grade[i];
}

int
pass_join(struct pass *a, struct pass *b, struct err *e)
{
	struct pass_state *s = a->state;
	int rc = 0;

	if (b->next == b->first)
		return 0; /* no row: what follows tells where they end */
	if (a->next != b->begin)
		rc = gap(a, b->begin, e);
	else if (memcmp(a->head, b->prev, HASH_LEN) != 0)
		rc = broken(a, b->first, e, "prev_hash is not the hash of the "
		    "event before: one of the two was changed");
	add_counts(a, b);
	for (size_t i = 0; i < b->nsegment; i++)
		*VEC_PUSH(s->arena, a->segment, a->nsegment, a->capsegment) =
		    b->segment[i];
	for (size_t i = 0; i < b->nblock; i++)
		memcpy(*VEC_PUSH(s->arena, a->block, a->nblock, a->capblock),
		    b->block[i], HASH_LEN);
	for (size_t i = 0; i < b->ncut; i++)
		*VEC_PUSH(s->arena, a->cut, a->ncut, a->capcut) = b->cut[i];
	if (b->bad && !a->bad) {
		a->bad = 1;
		a->bad_seq = b->bad_seq;
		memcpy(a->bad_text, b->bad_text, sizeof(a->bad_text));
	}
	memcpy(a->head, b->head, HASH_LEN);
	a->recorded_us = b->recorded_us;
	a->next = b->next;
	s->part = b->state->part;
	s->part.hash = s->hash;
	return rc;
}

/* Adds the perfect subtrees of a part, the greatest first. */
static void
add_part(struct merkle *m, const struct merkle *part)
{
	for (unsigned level = SEGMENT_LEVEL + 1; level-- > 0;)
		if ((part->size >> level & 1) != 0)
			merkle_add_tree(m, level, part->edge[level]);
}

int
pass_root(const struct pass *p, uint8_t (*below)[HASH_LEN], size_t n,
    uint64_t size, uint8_t root[HASH_LEN])
{
	const struct merkle *part = size == p->next ? &p->state->part : NULL;
	struct merkle m;

	if (p->first != n * (uint64_t)LIMIT_SEGMENT || size < p->first)
		return -1;
	for (size_t i = 0; i < p->ncut && part == NULL; i++)
		if (p->cut[i].size == size)
			part = &p->cut[i].part;
	merkle_init(&m, p->state->hash);
	for (size_t i = 0; i < n; i++)
		merkle_add_tree(&m, SEGMENT_LEVEL, below[i]);
	for (size_t i = 0; i < p->nsegment && m.size + LIMIT_SEGMENT <= size; i++)
		merkle_add_tree(&m, SEGMENT_LEVEL, p->segment[i].root);
	if (m.size < size && part != NULL)
		add_part(&m, part);
	if (m.size != size)
		return -1;
	merkle_root(&m, root);
	return 0;
}
