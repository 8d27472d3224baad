#ifndef MODEL_FIGURE_H
#define MODEL_FIGURE_H

#include <stdint.h>

struct str;

/*
 * How figures are printed, everywhere (documents.md part 1, Figures).  All
 * but the interval is whole-number arithmetic.
 */

void figure_count(struct str *, uint64_t); /* 1,204 */

/* 94.00 %: two decimals, rounded half up.  100.00 and 0.00 only when exact,
 * else "> 99.99 %" and "< 0.01 %".  Of 0: nothing is printed. */
void figure_percent(struct str *, uint64_t n, uint64_t of);

/* "1,204 of 1,207 (99.75 %)"; "0 of 0" alone, without a percentage. */
void figure_ratio(struct str *, uint64_t n, uint64_t of);

/* The 95 % Wilson score interval, z = 1.959963984540054, cut to [0, 1], in
 * hundredths of a percent, rounded half up.  of > 0. */
void figure_wilson(uint64_t n, uint64_t of, unsigned *low, unsigned *high);

/* An estimate: "188 of 200 (94.00 % [89.81, 96.53])". */
void figure_estimate(struct str *, uint64_t n, uint64_t of);

/* Millionths as a decimal without trailing zeros: 0.94, -1.5, 12. */
void figure_micro(struct str *, int64_t);

/* "1,234.50 EUR": minor units by ISO 4217; two decimals if not known. */
void figure_money(struct str *, int64_t minor, const char *currency);

#endif
