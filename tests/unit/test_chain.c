#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/str.h"
#include "chain/chain.h"
#include "chain/pass.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "model/record.h"
#include "store_help.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A good chain of n events, each record holding its prev_hash. */
struct fixture {
	struct arena *arena;
	size_t n;
	struct event *ev;
	char (*prev)[HASH_HEXLEN];
	char **record;
	uint8_t (*leaf)[HASH_LEN];
};

static struct fixture *
chain_of(size_t n)
{
	struct arena *a = arena_new();
	struct fixture *f = arena_alloc(a, sizeof(*f));
	struct hash *h = hash_new(a);
	uint8_t head[HASH_LEN];

	f->arena = a;
	f->n = n;
	f->ev = arena_array(a, n, sizeof(*f->ev));
	f->prev = arena_array(a, n, sizeof(*f->prev));
	f->record = arena_array(a, n, sizeof(*f->record));
	f->leaf = arena_array(a, n, sizeof(*f->leaf));
	record_genesis(h, HELP_ORIGIN, head);
	for (size_t i = 0; i < n; i++) {
		struct event *ev = &f->ev[i];

		hash_hex(f->prev[i], head);
		f->record[i] = arena_printf(a, "{\"n\":%zu,\"prev_hash\":\"%s\"}",
		    i, f->prev[i]);
		ev->seq = i;
		ev->prev_hash = f->prev[i];
		ev->record = f->record[i];
		ev->recordlen = strlen(ev->record);
		help_int(ev->col, EVENT_OCCURRED_US, (int64_t)(i * 7 % 1000));
		help_int(ev->col, EVENT_RECORDED_US, (int64_t)i);
		help_text(ev->col, EVENT_SOURCE_GRADE, i % 5 == 0 ? "mac" :
		    "chained");
		hash_leaf(h, f->leaf[i], ev->record, ev->recordlen);
		memcpy(head, f->leaf[i], HASH_LEN);
	}
	hash_free(h);
	return f;
}

static int
setup(void **state)
{
	*state = chain_of(3);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

static uint64_t
feed(struct fixture *f, struct err *e)
{
	struct chain *c = chain_new(f->arena, HELP_ORIGIN);
	uint8_t head[HASH_LEN];
	uint64_t n;

	for (size_t i = 0; i < f->n; i++)
		if (chain_feed(c, &f->ev[i], e) == -1)
			break;
	n = chain_head(c, head);
	chain_free(c);
	return n;
}

static struct pass *
walk(struct fixture *f, const struct pass_want *w, uint64_t first,
    uint64_t end, struct err *e)
{
	struct pass *p = pass_new(f->arena, w, first);

	for (uint64_t i = first; i < end; i++)
		if (pass_feed(p, &f->ev[i], e) == -1)
			return p;
	(void)pass_end(p, e);
	return p;
}

static void
faults_are_named(void **state)
{
	struct fixture *f = *state;
	const struct pass_want want = { .origin = HELP_ORIGIN, .to_us = 1000 };
	const struct {
		const char *name;
		char *byte;       /* flip one bit of it */
		uint64_t good;    /* events accepted before the fault shows */
		const char *want; /* part of the message */
		const char *pass; /* part of that of the batched form */
	} cases[] = {
		{ "gap", (char *)&f->ev[1].seq, 1, "event 1: seq is 9",
		    "event 1: not there: the next is 9" },
		{ "link", &f->prev[1][0], 1, "event 1: prev_hash is",
		    "event 1: prev_hash is not" },
		{ "record", &f->record[1][2], 2, "event 2: prev_hash is",
		    "event 2: prev_hash is not" },
		{ "genesis", &f->prev[0][5], 0, "event 0: prev_hash is",
		    "event 0: prev_hash is not" },
		{ "last record", &f->record[2][2], 3, "", "" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct err e = { 0 };
		struct pass *p;

		*cases[i].byte ^= 8;
		assert_int_equal(feed(f, &e), cases[i].good);
		assert_int_equal(e.kind, *cases[i].want ? ERR_INTEGRITY : 0);
		assert_non_null(strstr(e.msg, cases[i].want));
		e = (struct err){ 0 };
		p = walk(f, &want, 0, 3, &e);
		assert_int_equal(e.kind, *cases[i].want ? ERR_INTEGRITY : 0);
		if (strstr(e.msg, cases[i].pass) == NULL)
			fail_msg("%s: %s", cases[i].name, e.msg);
		assert_int_equal(p->bad, *cases[i].want != '\0');
		if (p->bad)
			assert_int_equal(p->bad_seq, cases[i].good);
		pass_free(p);
		*cases[i].byte ^= 8;
	}
}

static void
another_origin_is_another_chain(void **state)
{
	struct fixture *f = *state;
	const struct pass_want want = { .origin = "acme.example/main/other" };
	struct err e = { 0 };
	struct pass *p = walk(f, &want, 0, 3, &e);

	assert_int_equal(e.kind, ERR_INTEGRITY);
	assert_int_equal(p->bad_seq, 0);
	pass_free(p);
}

/* A pass that goes on sees every row after the first break. */
static void
a_broken_chain_is_still_read_to_its_end(void **state)
{
	struct fixture *f = *state;
	const struct pass_want want = { .origin = HELP_ORIGIN, .to_us = 1000,
		.go_on = 1 };
	struct err e = { 0 };
	struct pass *p;

	f->record[0][2] ^= 8;
	f->prev[2][3] ^= 1;
	p = walk(f, &want, 0, 3, &e);
	assert_int_equal(e.kind, ERR_OK);
	assert_true(p->bad);
	assert_int_equal(p->bad_seq, 1);
	assert_int_equal(p->in_period, 3);
	pass_free(p);
	f->record[0][2] ^= 8;
	f->prev[2][3] ^= 1;
}

/* RFC 6962 section 2.1 as it is written, without an edge. */
static void
slow_root(struct hash *h, uint8_t (*leaf)[HASH_LEN], size_t n,
    uint8_t out[HASH_LEN])
{
	uint8_t left[HASH_LEN], right[HASH_LEN];
	size_t k = 1;

	if (n == 0) {
		hash_bytes(h, out, "", 0);
		return;
	}
	if (n == 1) {
		memcpy(out, leaf[0], HASH_LEN);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	slow_root(h, leaf, k, left);
	slow_root(h, leaf + k, n - k, right);
	hash_node(h, out, left, right);
}

#define MANY (2 * LIMIT_SEGMENT + 12345)

/* The number of threads never changes a byte. */
static void
split_passes_join_to_the_same(void **state)
{
	struct fixture *f = chain_of(MANY);
	const uint64_t cut[] = { 1, 63, 64, 65, 1000, LIMIT_SEGMENT - 1,
		LIMIT_SEGMENT, LIMIT_SEGMENT + 77, 2 * LIMIT_SEGMENT,
		2 * LIMIT_SEGMENT + 640, MANY };
	const struct pass_want want = { .origin = HELP_ORIGIN, .from_us = 100,
		.to_us = 900, .range_from = 500, .cut = cut, .ncut = LEN(cut) };
	const uint64_t splits[][4] = { { 0, MANY }, { 0, LIMIT_SEGMENT, MANY },
		{ 0, LIMIT_SEGMENT, 2 * LIMIT_SEGMENT, MANY },
		{ 0, 2 * LIMIT_SEGMENT, MANY } };
	struct hash *h = hash_new(f->arena);
	uint8_t root[HASH_LEN], slow[HASH_LEN];
	struct pass *first = NULL;

	(void)state;
	for (size_t s = 0; s < LEN(splits); s++) {
		struct pass *p = NULL;
		struct err e = { 0 };

		for (size_t k = 0; splits[s][k] != MANY; k++) {
			struct pass *q = walk(f, &want, splits[s][k],
			    splits[s][k + 1], &e);

			if (p != NULL) {
				assert_int_equal(pass_join(p, q, &e), 0);
				pass_free(q);
			} else
				p = q;
		}
		assert_int_equal(e.kind, ERR_OK);
		assert_false(p->bad);
		for (size_t c = 0; c < LEN(cut); c++) {
			assert_int_equal(pass_root(p, NULL, 0, cut[c], root), 0);
			slow_root(h, f->leaf, cut[c], slow);
			assert_memory_equal(root, slow, HASH_LEN);
		}
		assert_int_equal(pass_root(p, NULL, 0, 12, root), -1);
		assert_int_equal(p->nsegment, 3);
		assert_int_equal(p->segment[1].first, LIMIT_SEGMENT);
		assert_int_equal(p->segment[2].n, 12345);
		assert_int_equal(p->segment[0].from_us, 0);
		assert_int_equal(p->segment[0].to_us, 999);
		slow_root(h, f->leaf + LIMIT_SEGMENT, LIMIT_SEGMENT, slow);
		assert_memory_equal(p->segment[1].root, slow, HASH_LEN);
		assert_int_equal(p->nblock, MANY / PASS_BLOCK);
		for (size_t k = 0; k < p->nblock; k += 7) {
			slow_root(h, f->leaf + k * PASS_BLOCK, PASS_BLOCK, slow);
			assert_memory_equal(p->block[k], slow, HASH_LEN);
		}
		assert_int_equal(p->before + p->in_period + p->after, MANY - 500);
		assert_int_equal(p->grade[GRADE_MAC] + p->grade[GRADE_CHAINED],
		    MANY - 500);
		if (first == NULL) {
			first = p;
			continue;
		}
		assert_int_equal(p->in_period, first->in_period);
		assert_int_equal(p->before, first->before);
		assert_int_equal(p->earlier_in_period, first->earlier_in_period);
		assert_memory_equal(p->grade, first->grade, sizeof(p->grade));
		assert_int_equal(p->first_us, first->first_us);
		assert_int_equal(p->last_us, first->last_us);
		assert_memory_equal(p->head, first->head, HASH_LEN);
		pass_free(p);
	}
	pass_free(first);
	hash_free(h);
	arena_free(f->arena);
}

/* A fault at the seam of two passes is found by the join. */
static void
seams_are_checked(void **state)
{
	struct fixture *f = chain_of(LIMIT_SEGMENT + 10);
	const struct pass_want want = { .origin = HELP_ORIGIN };
	struct pass *p, *q;
	struct err e = { 0 };

	(void)state;
	f->record[LIMIT_SEGMENT - 1][2] ^= 8;
	p = walk(f, &want, 0, LIMIT_SEGMENT, &e);
	q = walk(f, &want, LIMIT_SEGMENT, LIMIT_SEGMENT + 10, &e);
	assert_int_equal(e.kind, ERR_OK);
	assert_int_equal(pass_join(p, q, &e), -1);
	assert_int_equal(e.kind, ERR_INTEGRITY);
	assert_int_equal(p->bad_seq, LIMIT_SEGMENT);
	pass_free(p);
	pass_free(q);
	f->record[LIMIT_SEGMENT - 1][2] ^= 8;

	/* Rows missing at the end of the first. */
	e = (struct err){ 0 };
	p = walk(f, &want, 0, LIMIT_SEGMENT - 1, &e);
	q = walk(f, &want, LIMIT_SEGMENT, LIMIT_SEGMENT + 10, &e);
	assert_int_equal(pass_join(p, q, &e), -1);
	assert_int_equal(p->bad_seq, LIMIT_SEGMENT - 1);
	pass_free(p);
	pass_free(q);
	arena_free(f->arena);
}

/* Rows [from, to) are not there: two passes say the same as one. */
static void
a_gap_is_told_the_same_by_any_split(void **state)
{
	const uint64_t seam = LIMIT_SEGMENT, end = LIMIT_SEGMENT + 200;
	struct fixture *f = chain_of(end);
	const struct pass_want want = { .origin = HELP_ORIGIN, .go_on = 1 };
	const struct {
		uint64_t from, to;
	} cases[] = { { 0, 5 }, { 7, 9 }, { seam - 70, seam - 3 },
		{ seam - 5, seam }, { seam - 5, seam + 5 }, { 0, seam },
		{ seam, seam + 1 }, { seam + 1, seam + 100 }, { 0, seam + 3 } };

	(void)state;
	for (size_t k = 0; k < LEN(cases); k++) {
		struct pass *one = pass_new(f->arena, &want, 0);
		struct pass *p = pass_new(f->arena, &want, 0);
		struct pass *q = pass_new(f->arena, &want, seam);
		struct err e = { 0 };

		for (uint64_t i = 0; i < end; i++) {
			if (i >= cases[k].from && i < cases[k].to)
				continue;
			(void)pass_feed(one, &f->ev[i], &e);
			(void)pass_feed(i < seam ? p : q, &f->ev[i], &e);
		}
		(void)pass_end(one, &e);
		(void)pass_end(p, &e);
		(void)pass_end(q, &e);
		assert_int_equal(pass_join(p, q, &e), 0);
		assert_int_equal(e.kind, ERR_OK);
		assert_true(one->bad);
		assert_int_equal(one->bad_seq, cases[k].from);
		assert_int_equal(p->bad_seq, one->bad_seq);
		assert_string_equal(p->bad_text, one->bad_text);
		assert_int_equal(p->next, one->next);
		pass_free(one);
		pass_free(p);
		pass_free(q);
	}
	arena_free(f->arena);
}

/* A build that begins late stands on the roots of the segments below. */
static void
older_segments_stand_by_their_roots(void **state)
{
	struct fixture *f = chain_of(MANY);
	const struct pass_want want = { .origin = HELP_ORIGIN };
	struct hash *h = hash_new(f->arena);
	uint8_t below[2][HASH_LEN], root[HASH_LEN], slow[HASH_LEN];
	struct err e = { 0 };
	struct pass *p = walk(f, &want, 2 * LIMIT_SEGMENT, MANY, &e);

	(void)state;
	assert_int_equal(e.kind, ERR_OK);
	slow_root(h, f->leaf, LIMIT_SEGMENT, below[0]);
	slow_root(h, f->leaf + LIMIT_SEGMENT, LIMIT_SEGMENT, below[1]);
	slow_root(h, f->leaf, MANY, slow);
	assert_int_equal(pass_root(p, below, 2, MANY, root), 0);
	assert_memory_equal(root, slow, HASH_LEN);
	below[1][0] ^= 1;
	assert_int_equal(pass_root(p, below, 2, MANY, root), 0);
	assert_memory_not_equal(root, slow, HASH_LEN);
	assert_int_equal(pass_root(p, below, 1, MANY, root), -1);
	pass_free(p);
	hash_free(h);
	arena_free(f->arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(faults_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(another_origin_is_another_chain,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_broken_chain_is_still_read_to_its_end, setup, teardown),
		cmocka_unit_test(split_passes_join_to_the_same),
		cmocka_unit_test(a_gap_is_told_the_same_by_any_split),
		cmocka_unit_test(seams_are_checked),
		cmocka_unit_test(older_segments_stand_by_their_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
