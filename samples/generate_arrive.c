#include <string.h>

#include "generate.h"

/*
 * When runs begin: a weight for each hour from 04-01 to 10-05, added up, and
 * a draw into the sum.  Persons come by hour of the day, office work by day;
 * schedules run at 03:00 and 13:00.
 */

#define FIRST AT(4, 1, 6, 0)
#define DAY0 AT(4, 1, 0, 0)
#define NHOUR (187 * 24)
enum pattern { PERSONS, OFFICE, SCHEDULE, NPATTERN };

static uint64_t sum[NPATTERN][NHOUR + 1];

static const unsigned by_day[7] = { 118, 104, 100, 99, 108, 92, 79 };
/* Local hours, two ahead of UTC: peaks at 10 and 19, night 4 %. */
static const unsigned by_hour[24] = { 4, 4, 4, 4, 4, 6, 14, 32, 62, 88, 100,
	92, 80, 74, 70, 68, 70, 78, 92, 100, 84, 56, 28, 10 };

int
weekday(int64_t us)
{
	return (int)((us / DAY + 3) % 7);
}

static uint64_t
weight(enum pattern p, int64_t us)
{
	unsigned local = (unsigned)((us / HOUR + 2) % 24);
	uint64_t week = (uint64_t)((us - DAY0) / (7 * DAY));
	uint64_t w = by_day[weekday(us)] * (1000 + 3 * week);
	int utc = (int)(us / HOUR % 24);

	if (us >= AT(8, 28, 0, 0) && us < AT(8, 31, 0, 0))
		w *= 3;
	if (p == PERSONS)
		return w * by_hour[local];
	if (p == OFFICE)
		return weekday(us) < 5 && utc >= 7 && utc < 15 ? w : 0;
	return utc == 3 || utc == 13 ? w : 0;
}

void
arrive_init(void)
{
	for (int p = 0; p < NPATTERN; p++)
		for (int h = 0; h < NHOUR; h++)
			sum[p][h + 1] = sum[p][h] + weight((enum pattern)p,
			    DAY0 + h * HOUR);
}

/* A moment in [from, to), as the pattern has it. */
static int64_t
within(struct rng *r, enum pattern p, int64_t from, int64_t to)
{
	size_t lo = (size_t)((from - DAY0) / HOUR);
	size_t hi = (size_t)((to - DAY0) / HOUR);
	uint64_t x = sum[p][lo] + rng_below(r, sum[p][hi] - sum[p][lo]);

	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (sum[p][mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	/* Schedules start all their runs in the first twenty minutes. */
	return DAY0 + (int64_t)lo * HOUR + (int64_t)rng_below(r,
	    (uint64_t)(p == SCHEDULE ? 20 * MINUTE : HOUR));
}

/* 44 % before the quarter, 54 % in it, 2 % after. */
static int64_t
any_time(struct rng *r, enum pattern p)
{
	uint64_t x = rng_below(r, 1000);

	if (x < 463)
		return within(r, p, FIRST, AT(7, 1, 0, 0));
	if (x < 979)
		return within(r, p, AT(7, 1, 0, 0), AT(10, 1, 0, 0));
	return within(r, p, AT(10, 1, 0, 0), AT(10, 5, 0, 0));
}

/*
 * Bursts: of twelve runs in a row a third of the twelves has 3 to 12 within
 * 90 s, so that 15 % of all runs stand in one.
 */
static int
burst(uint64_t number, int64_t *start, struct rng *r)
{
	char id[32];
	struct rng b;
	uint64_t size;

	snprintf(id, sizeof(id), "b%07llu", (unsigned long long)(number / 12));
	b = rng_for(id);
	if (!rng_ppm(&b, 343000))
		return 0;
	size = 3 + rng_below(&b, 10);
	if (number % 12 >= size)
		return 0;
	*start = any_time(&b, PERSONS) + (int64_t)rng_below(r, 90 * SECOND);
	return 1;
}

int64_t
arrive(struct rng *r, enum agent a, uint64_t number, int by_person)
{
	int64_t start;

	switch (a) {
	case REFUND:
	case ORDER:
		if (burst(number, &start, r))
			return start;
		return any_time(r, PERSONS);
	case FRAUD:
		return any_time(r, PERSONS);
	case STOCK:
		return within(r, SCHEDULE, AT(7, 6, 6, 0), AT(10, 5, 0, 0));
	case PRICE:
		return within(r, SCHEDULE, AT(7, 1, 1, 0), AT(10, 5, 0, 0));
	case COPY:
		return within(r, OFFICE, FIRST, AT(7, 30, 17, 0));
	case SHIFT:
		if (by_person)
			return any_time(r, OFFICE);
		return any_time(r, SCHEDULE);
	case NAGENT:
		break;
	}
	return FIRST;
}

int64_t
arrive_settle(enum agent a, int64_t t, int waits)
{
	/* The provider's outage of 07-10 and the chaos test of 09-09. */
	if (t >= AT(7, 10, 1, 45) && t < AT(7, 10, 2, 45))
		t += HOUR;
	if (t >= AT(9, 9, 13, 45) && t < AT(9, 9, 14, 25))
		t += HOUR;
	/* The halt of refund-bot on 08-21. */
	if (a == REFUND && waits && t >= AT(8, 20, 14, 0) &&
	    t < AT(8, 21, 13, 10))
		t -= DAY;
	if (a == REFUND && t >= AT(8, 21, 9, 5) && t < AT(8, 21, 13, 10))
		t += 5 * HOUR;
	/* An approval does not wait while the policy changes. */
	for (size_t i = 0; waits && i < npolicy_versions; i++)
		if (policy_versions[i].policy == agents[a].policy &&
		    policy_versions[i].from > AT(4, 2, 0, 0) &&
		    t >= policy_versions[i].from - 26 * HOUR &&
		    t < policy_versions[i].from)
			t -= 26 * HOUR;
	return t;
}

int
bad_weather(enum tool tool, int64_t us)
{
	static struct rng base;
	struct rng r;

	if (base.s == 0)
		base = rng_for("weather");
	r.s = base.s ^ ((uint64_t)tool << 32) ^ (uint64_t)(us / (15 * MINUTE));
	return rng_ppm(&r, 4000);
}
