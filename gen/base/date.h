#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stddef.h>
#include <stdint.h>

struct str;

/* Times are microseconds since 1970 in UTC, years 1 to 9999. */
#define DATE_SECOND INT64_C(1000000)
#define DATE_MINUTE (60 * DATE_SECOND)
#define DATE_HOUR (60 * DATE_MINUTE)
#define DATE_DAY (24 * DATE_HOUR)

/* A calendar span, PnY PnM PnW PnD: one of months and days is 0. */
struct date_span {
	int months, days;
};

/* 2026-07-01T00:00:00Z, at most six fraction digits; or 2026-07-01.  0, -1. */
int date_parse(const char *, int64_t *us);
/* PT30S, P1DT2H: no months, no years. */
int date_parse_duration(const char *, int64_t *us);
int date_parse_span(const char *, struct date_span *);
/* 2026-Q3, 2026-09, 2026, FROM..TO: half-open. */
int date_parse_period(const char *, int64_t *from_us, int64_t *to_us);

int64_t date_from_days(int64_t days);  /* days since 1970-01-01 */
int64_t date_civil(int y, int m, int d); /* 00:00:00Z of that day, in us */
void date_split(int64_t us, int *y, int *m, int *d);
/* Adds a span, clamped to the last day of the month. */
int64_t date_add(int64_t us, struct date_span, int sign);

void date_add_time(struct str *, int64_t us); /* fraction only if not 0 */
void date_add_day(struct str *, int64_t us);  /* 2026-07-01 */
void date_add_duration(struct str *, int64_t us); /* 2 d 3 h; 40 s */
/* The name of a period's folder: 2026-Q3, 2026-09, 2026, FROM--TO. */
void date_add_period(struct str *, int64_t from_us, int64_t to_us);
/* The last whole quarter before a moment. */
void date_last_quarter(int64_t us, int64_t *from_us, int64_t *to_us);

#endif
