#include <inttypes.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"

/* Days since 1970-01-01 of a civil date (proleptic Gregorian). */
static int64_t
days_of(int y, int m, int d)
{
	int64_t yy = m <= 2 ? y - 1 : y;
	int64_t era = (yy >= 0 ? yy : yy - 399) / 400;
	int64_t yoe = yy - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int
days_in(int y, int m)
{
	static const int n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	if (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0))
		return 29;
	return n[m - 1];
}

int64_t
date_from_days(int64_t days)
{
	return days * DATE_DAY;
}

int64_t
date_civil(int y, int m, int d)
{
	return days_of(y, m, d) * DATE_DAY;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b < 0 ? q - 1 : q;
}

void
date_split(int64_t us, int *y, int *m, int *d)
{
	int64_t z = floor_div(us, DATE_DAY) + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

int64_t
date_add(int64_t us, struct date_span span, int sign)
{
	int64_t day = floor_div(us, DATE_DAY), rest = us - day * DATE_DAY;
	int64_t months;
	int y, m, d;

	date_split(us, &y, &m, &d);
	months = (int64_t)y * 12 + m - 1 + (int64_t)sign * span.months;
	y = (int)floor_div(months, 12);
	m = (int)(months - (int64_t)y * 12) + 1;
	if (d > days_in(y, m))
		d = days_in(y, m);
	return (days_of(y, m, d) + (int64_t)sign * span.days) * DATE_DAY + rest;
}

/* Exactly n digits; -1 if there are not so many. */
static int
digits(const char **p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static int
parse_day(const char **p, int64_t *us)
{
	int y, m, d;

	if ((y = digits(p, 4)) < 1 || *(*p)++ != '-' ||
	    (m = digits(p, 2)) < 1 || m > 12 || *(*p)++ != '-' ||
	    (d = digits(p, 2)) < 1 || d > days_in(y, m))
		return -1;
	*us = date_civil(y, m, d);
	return 0;
}

int
date_parse(const char *s, int64_t *us)
{
	int64_t unit = DATE_SECOND / 10;
	int h, m, sec;

	if (strlen(s) < 10 || parse_day(&s, us) == -1)
		return -1;
	if (*s == '\0')
		return 0;
	if (*s++ != 'T' || (h = digits(&s, 2)) < 0 || h > 23 || *s++ != ':' ||
	    (m = digits(&s, 2)) < 0 || m > 59 || *s++ != ':' ||
	    (sec = digits(&s, 2)) < 0 || sec > 59)
		return -1;
	*us += h * DATE_HOUR + m * DATE_MINUTE + sec * DATE_SECOND;
	if (*s == '.') {
		if (*++s < '0' || *s > '9')
			return -1;
		for (; *s >= '0' && *s <= '9'; s++, unit /= 10) {
			if (unit == 0)
				return -1;
			*us += (*s - '0') * unit;
		}
	}
	return s[0] == 'Z' && s[1] == '\0' ? 0 : -1;
}

/* A number of at most nine digits and the letter after it. */
static int
part(const char **p, int64_t *n, char *letter)
{
	int len = 0;

	for (*n = 0; **p >= '0' && **p <= '9'; (*p)++, len++)
		*n = *n * 10 + (**p - '0');
	if (len == 0 || len > 9 || **p == '\0')
		return -1;
	*letter = *(*p)++;
	return 0;
}

int
date_parse_duration(const char *s, int64_t *us)
{
	static const struct {
		char letter;
		int time;
		int64_t us;
	} unit[] = {
		{ 'D', 0, DATE_DAY }, { 'H', 1, DATE_HOUR },
		{ 'M', 1, DATE_MINUTE }, { 'S', 1, DATE_SECOND }
	};
	size_t next = 0, n = sizeof(unit) / sizeof(unit[0]);
	int time = 0, parts = 0;

	*us = 0;
	if (*s++ != 'P')
		return -1;
	while (*s != '\0') {
		int64_t v;
		char letter;

		if (*s == 'T' && !time) {
			time = 1;
			if (*++s == '\0')
				return -1;
			continue;
		}
		if (part(&s, &v, &letter) == -1)
			return -1;
		while (next < n &&
		    (unit[next].letter != letter || unit[next].time != time))
			next++;
		if (next == n || v > INT64_MAX / unit[next].us / 4)
			return -1;
		*us += v * unit[next++].us;
		parts++;
	}
	return parts > 0 ? 0 : -1;
}

int
date_parse_span(const char *s, struct date_span *span)
{
	int64_t n;
	char letter;

	if (*s++ != 'P' || part(&s, &n, &letter) == -1 || *s != '\0' ||
	    n > 100000)
		return -1;
	*span = (struct date_span){ 0, 0 };
	switch (letter) {
	case 'Y':
		span->months = (int)n * 12;
		return 0;
	case 'M':
		span->months = (int)n;
		return 0;
	case 'W':
		span->days = (int)n * 7;
		return 0;
	case 'D':
		span->days = (int)n;
		return 0;
	default:
		return -1;
	}
}

int
date_parse_period(const char *s, int64_t *from, int64_t *to)
{
	const char *dots = strstr(s, ".."), *p = s;
	int y, n;

	if (dots != NULL) {
		char first[40];
		size_t len = (size_t)(dots - s);

		if (len >= sizeof(first))
			return -1;
		memcpy(first, s, len);
		first[len] = '\0';
		if (date_parse(first, from) == -1 ||
		    date_parse(dots + 2, to) == -1)
			return -1;
		return *from < *to ? 0 : -1;
	}
	if ((y = digits(&p, 4)) < 1)
		return -1;
	if (*p == '\0') {
		*from = date_civil(y, 1, 1);
		*to = date_civil(y + 1, 1, 1);
		return 0;
	}
	if (*p++ != '-')
		return -1;
	if (*p == 'Q') {
		if (p[1] < '1' || p[1] > '4' || p[2] != '\0')
			return -1;
		n = (p[1] - '1') * 3 + 1;
		*from = date_civil(y, n, 1);
		*to = date_add(*from, (struct date_span){ 3, 0 }, 1);
		return 0;
	}
	if ((n = digits(&p, 2)) < 1 || n > 12 || *p != '\0')
		return -1;
	*from = date_civil(y, n, 1);
	*to = date_add(*from, (struct date_span){ 1, 0 }, 1);
	return 0;
}

void
date_add_day(struct str *s, int64_t us)
{
	int y, m, d;

	date_split(us, &y, &m, &d);
	str_addf(s, "%04d-%02d-%02d", y, m, d);
}

void
date_add_time(struct str *s, int64_t us)
{
	int64_t rest = us - floor_div(us, DATE_DAY) * DATE_DAY;
	int64_t sec = rest / DATE_SECOND, frac = rest % DATE_SECOND;

	date_add_day(s, us);
	str_addf(s, "T%02d:%02d:%02d", (int)(sec / 3600),
	    (int)(sec / 60 % 60), (int)(sec % 60));
	if (frac != 0) {
		char buf[8] = ".";

		for (int i = 6; i > 0; i--, frac /= 10)
			buf[i] = (char)('0' + frac % 10);
		for (int i = 6; buf[i] == '0'; i--)
			buf[i] = '\0';
		str_addz(s, buf);
	}
	str_addc(s, 'Z');
}

void
date_add_duration(struct str *s, int64_t us)
{
	static const struct {
		int64_t us;
		const char *unit;
	} row[] = {
		{ DATE_DAY, "d" }, { DATE_HOUR, "h" }, { DATE_MINUTE, "min" },
		{ DATE_SECOND, "s" }, { 1000, "ms" }, { 1, "us" }
	};
	int shown = 0;

	if (us < 0) {
		str_addc(s, '-');
		us = -us;
	}
	/* Two units at most: what is smaller does not matter to a reader. */
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]) && shown < 2; i++) {
		if (us < row[i].us && !(shown == 0 && us == 0 && i == 3))
			continue;
		str_addf(s, "%s%" PRId64 " %s", shown > 0 ? " " : "",
		    us / row[i].us, row[i].unit);
		us %= row[i].us;
		shown++;
		if (us == 0)
			break;
	}
}

void
date_add_period(struct str *s, int64_t from, int64_t to)
{
	int y, m, d;

	date_split(from, &y, &m, &d);
	if (d == 1 && from == date_civil(y, m, 1)) {
		if (m == 1 && to == date_civil(y + 1, 1, 1)) {
			str_addf(s, "%04d", y);
			return;
		}
		if (to == date_add(from, (struct date_span){ 1, 0 }, 1)) {
			str_addf(s, "%04d-%02d", y, m);
			return;
		}
		if (m % 3 == 1 &&
		    to == date_add(from, (struct date_span){ 3, 0 }, 1)) {
			str_addf(s, "%04d-Q%d", y, m / 3 + 1);
			return;
		}
	}
	date_add_day(s, from);
	str_addz(s, "--");
	date_add_day(s, to);
}

void
date_last_quarter(int64_t us, int64_t *from, int64_t *to)
{
	int y, m, d;

	date_split(us, &y, &m, &d);
	*to = date_civil(y, (m - 1) / 3 * 3 + 1, 1);
	*from = date_add(*to, (struct date_span){ 3, 0 }, -1);
}
