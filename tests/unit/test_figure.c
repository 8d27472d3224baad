#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
proportions_are_rounded_half_up_and_never_lie(void **state)
{
	static const struct {
		uint64_t n, of;
		const char *want;
	} cases[] = {
		{ 1204, 1207, "1,204 of 1,207 (99.75 %)" },
		{ 0, 0, "0 of 0" },
		{ 0, 3, "0 of 3 (0.00 %)" },
		{ 3, 3, "3 of 3 (100.00 %)" },
		{ 1, 8, "1 of 8 (12.50 %)" },
		{ 1, 3, "1 of 3 (33.33 %)" },
		{ 2, 3, "2 of 3 (66.67 %)" },
		{ 1, 20000, "1 of 20,000 (0.01 %)" },
		{ 1, 20001, "1 of 20,001 (< 0.01 %)" },
		{ 99999, 100000, "99,999 of 100,000 (> 99.99 %)" },
		{ UINT64_MAX, UINT64_MAX, "18,446,744,073,709,551,615 of "
		    "18,446,744,073,709,551,615 (100.00 %)" }
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str s = str_new(a);

		figure_ratio(&s, cases[i].n, cases[i].of);
		assert_string_equal(s.p, cases[i].want);
	}
	arena_free(a);
}

static void
intervals_are_those_of_wilson(void **state)
{
	/* python3: (p + z*z/2n -+ z*sqrt(p(1-p)/n + z*z/4nn)) / (1 + z*z/n) */
	static const struct {
		uint64_t n, of;
		unsigned low, high;
	} cases[] = {
		{ 188, 200, 8981, 9653 }, { 0, 150, 0, 250 },
		{ 0, 100, 0, 370 }, { 1, 1, 2065, 10000 }, { 0, 1, 0, 7935 },
		{ 7, 7, 6457, 10000 }, { 1, 3, 615, 7923 },
		{ 499999, 1000000, 4990, 5010 }, { 12, 17, 4687, 8672 }
	};
	struct arena *a = arena_new();
	struct str s = str_new(a);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned low, high;

		figure_wilson(cases[i].n, cases[i].of, &low, &high);
		assert_int_equal(low, cases[i].low);
		assert_int_equal(high, cases[i].high);
	}
	figure_estimate(&s, 188, 200);
	assert_string_equal(s.p, "188 of 200 (94.00 % [89.81, 96.53])");
	arena_free(a);
}

static void
money_has_the_decimals_of_its_currency(void **state)
{
	static const struct {
		int64_t minor;
		const char *currency, *want;
	} cases[] = {
		{ 5000, "EUR", "50.00 EUR" }, { 123450, "DKK", "1,234.50 DKK" },
		{ -5, "EUR", "-0.05 EUR" }, { 5000, "JPY", "5,000 JPY" },
		{ 1234, "KWD", "1.234 KWD" }, { 7, "XXX", "0.07 XXX" },
		{ 100, NULL, "1.00 (no currency)" },
		{ 100, "JP", "1.00 JP" },
		{ INT64_MIN, "JPY", "-9,223,372,036,854,775,808 JPY" }
	};
	struct arena *a = arena_new();
	struct str s = str_new(a);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_reset(&s);
		figure_money(&s, cases[i].minor, cases[i].currency);
		assert_string_equal(s.p, cases[i].want);
	}
	str_reset(&s);
	figure_micro(&s, 940000);
	str_addc(&s, ' ');
	figure_micro(&s, -1500000);
	str_addc(&s, ' ');
	figure_micro(&s, 12000000);
	assert_string_equal(s.p, "0.94 -1.5 12");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proportions_are_rounded_half_up_and_never_lie),
		cmocka_unit_test(intervals_are_those_of_wilson),
		cmocka_unit_test(money_has_the_decimals_of_its_currency)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
