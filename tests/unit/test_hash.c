#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "crypt/hash.h"
#include "store_help.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const char *const names[] = { "avx512", "avx2", "generic" };

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)hash_lanes_use("generic");
	arena_free(*state);
	return 0;
}

/* Lanes that the machine lacks fall through to what it has. */
static const char *
use(const char *name)
{
	const char *got = hash_lanes_use(name);

	if (strcmp(got, name) != 0)
		printf("SKIP hash lanes %s: the machine has %s\n", name, got);
	return got;
}

/* python3: hashlib.sha256(b'\0').hexdigest(), (b'\0abc'), (b'\0' + b'a' * 119),
 * (b'\0' + b'a' * 1000). */
static void
leaves_are_those_of_hashlib(void **state)
{
	static char a[1001];
	const struct {
		size_t len;
		const char *p, *want;
	} cases[] = {
		{ 0, "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617"
		    "afa01d" },
		{ 3, "abc", "609f6e36d2405585188d5cfd761f407c7cc46a7d3f314c88270469dde3"
		    "15fcd1" },
		{ 119, a, "a968941081515cca6c34b1ac5f4e146fd2b82ed607506b48933e683fec"
		    "355549" },
		{ 1000, a, "7489c42b058d685ce40b6514d41ca13c8ff13a6347d5d2b44ad97fd485"
		    "290f39" },
	};
	struct hash *h = hash_new(*state);
	const void *p[LEN(cases)];
	size_t len[LEN(cases)];
	uint8_t out[LEN(cases)][HASH_LEN];
	char hex[HASH_HEXLEN];

	memset(a, 'a', 1000);
	for (size_t i = 0; i < LEN(cases); i++) {
		p[i] = cases[i].p;
		len[i] = cases[i].len;
	}
	for (size_t k = 0; k < LEN(names); k++) {
		(void)use(names[k]);
		hash_leaves(h, out, p, len, LEN(cases));
		for (size_t i = 0; i < LEN(cases); i++) {
			hash_hex(hex, out[i]);
			assert_string_equal(hex, cases[i].want);
		}
	}
	hash_free(h);
}

/* Ragged batches: lanes that are done take the next message. */
static void
any_batch_is_as_one_at_a_time(void **state)
{
	struct help r = { .random = 7 };
	struct hash *h = hash_new(*state);
	uint8_t *bytes = arena_alloc(*state, 8192);
	enum { MOST = 130 };
	uint8_t (*out)[HASH_LEN] = arena_array(*state, MOST, sizeof(*out));
	const void *p[MOST];
	size_t len[MOST];
	uint8_t want[HASH_LEN];

	for (size_t i = 0; i < 8192; i++)
		bytes[i] = (uint8_t)help_random(&r);
	for (size_t k = 0; k < LEN(names); k++) {
		(void)use(names[k]);
		for (size_t n = 0; n <= MOST; n += n < 20 ? 1 : 11) {
			for (size_t i = 0; i < n; i++) {
				len[i] = help_random(&r) % (i % 3 == 0 ? 70 : 2500);
				p[i] = bytes + help_random(&r) % 5000;
			}
			hash_leaves(h, out, p, len, n);
			for (size_t i = 0; i < n; i++) {
				hash_leaf(h, want, p[i], len[i]);
				assert_memory_equal(out[i], want, HASH_LEN);
				len[i] += len[i] == 0;
			}
			hash_each(h, out, p, len, n);
			for (size_t i = 0; i < n; i++) {
				hash_bytes(h, want, p[i], len[i]);
				assert_memory_equal(out[i], want, HASH_LEN);
			}
		}
	}
	hash_free(h);
}

static void
nodes_may_lie_over_their_children(void **state)
{
	struct help r = { .random = 9 };
	struct hash *h = hash_new(*state);
	enum { MOST = 150 };
	uint8_t (*in)[HASH_LEN] = arena_array(*state, 2 * MOST, sizeof(*in));
	uint8_t (*work)[HASH_LEN] = arena_array(*state, 2 * MOST, sizeof(*in));
	uint8_t want[HASH_LEN];

	for (size_t i = 0; i < 2 * MOST * HASH_LEN; i++)
		in[i / HASH_LEN][i % HASH_LEN] = (uint8_t)help_random(&r);
	for (size_t k = 0; k < LEN(names); k++) {
		(void)use(names[k]);
		for (size_t n = 0; n <= MOST; n++) {
			memcpy(work, in, 2 * MOST * HASH_LEN);
			hash_nodes(h, work, work[0], n);
			for (size_t i = 0; i < n; i++) {
				hash_node(h, want, in[2 * i], in[2 * i + 1]);
				assert_memory_equal(work[i], want, HASH_LEN);
			}
		}
	}
	hash_free(h);
}

static void
unknown_lanes_are_the_plain_ones(void **state)
{
	(void)state;
	assert_string_equal(hash_lanes_use("generic"), "generic");
	assert_string_equal(hash_lanes_use("nonsense"), "generic");
	assert_non_null(hash_lanes_use(NULL));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(leaves_are_those_of_hashlib), T(any_batch_is_as_one_at_a_time),
		T(nodes_may_lie_over_their_children),
		T(unknown_lanes_are_the_plain_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
