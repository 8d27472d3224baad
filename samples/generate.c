#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "crypt/hash.h"
#include "generate.h"

#define MIN_EVENTS 10000
#define MAX_EVENTS 10000000

const char *seed_text = "1";

/* --- draws -------------------------------------------------------------- */

const struct quantiles q_refund = { { 150, 890, 1490, 2790, 4690, 8990, 34900,
	129900 } };
const struct quantiles q_approval = { { 3, 25, 80, 240, 900, 2100, 3400,
	5400 } };
const struct quantiles q_confidence = { { 410, 690, 790, 880, 940, 970, 992,
	999 } };
const struct quantiles q_tool = { { 18, 40, 70, 120, 240, 600, 2900, 9800 } };
const struct quantiles q_delay = { { 4, 20, 40, 90, 180, 600, 4000, 90000 } };

uint64_t
rng_next(struct rng *r)
{
	uint64_t z = r->s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The remainder's bias is under n / 2^64. */
uint64_t
rng_below(struct rng *r, uint64_t n)
{
	return rng_next(r) % n;
}

int
rng_ppm(struct rng *r, unsigned ppm)
{
	return rng_below(r, 1000000) < ppm;
}

struct rng
rng_for(const char *id)
{
	static struct hash *h;
	struct rng r = { 0 };
	uint8_t sum[HASH_LEN];
	char s[256];
	int n;

	if (h == NULL)
		h = hash_new(arena_new());
	n = snprintf(s, sizeof(s), "exhibit-company/1\n%s\n%s\n", seed_text,
	    id);
	hash_bytes(h, sum, s, (size_t)n);
	for (int i = 0; i < 8; i++)
		r.s = r.s << 8 | sum[i];
	return r;
}

int64_t
rng_draw(struct rng *r, const struct quantiles *q)
{
	static const int64_t at[8] = { 0, 100000, 250000, 500000, 750000,
		900000, 990000, 1000000 };
	int64_t x = (int64_t)rng_below(r, 1000000);
	int i = 1;

	while (x >= at[i])
		i++;
	return q->at[i - 1] + (q->at[i] - q->at[i - 1]) * (x - at[i - 1]) /
	    (at[i] - at[i - 1]);
}

/* --- the units, and their order ----------------------------------------- */

enum kind { CALENDAR, ANCHOR, SHADOWED, FILLER, CHECK };
struct unit {
	int64_t start;
	uint32_t number;
	enum kind kind;
};
static struct unit *unit;
static size_t nunit, capunit;

static void
add_unit(enum kind kind, uint64_t number, int64_t start)
{
	if (nunit == capunit) {
		capunit = capunit == 0 ? 1024 : capunit * 2;
		unit = realloc(unit, capunit * sizeof(*unit));
		if (unit == NULL)
			die(4, "out of memory");
	}
	unit[nunit].start = start;
	unit[nunit].number = (uint32_t)number;
	unit[nunit++].kind = kind;
}

/* Writes the unit, or counts it, and returns when it begins. */
static int64_t
make(enum kind kind, uint64_t number)
{
	struct plan p = { 0 };
	struct rng r;
	char id[16];

	switch (kind) {
	case CALENDAR:
		calendar_write();
		return 0;
	case CHECK:
		calendar_check(number);
		return 0;
	case ANCHOR:
		plan_anchor(&p, number, id);
		r = rng_for(id);
		break;
	case SHADOWED:
		plan_shadow(&p, &r, number, id);
		break;
	case FILLER:
		snprintf(id, sizeof(id), "r%07" PRIu32, (uint32_t)number);
		r = rng_for(id);
		plan_filler(&p, &r, number);
		break;
	}
	run_write(&p, id, &r);
	return p.start;
}

static int
by_start(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* The first pass: which runs fit into n events, and when they begin. */
static void
count_units(uint64_t n)
{
	uint64_t before;
	int64_t start;

	counting = 1;
	add_unit(CALENDAR, 0, make(CALENDAR, 0));
	for (size_t i = 0; i < plan_anchors(); i++)
		add_unit(ANCHOR, i, make(ANCHOR, i));
	for (size_t i = 0; i < plan_shadows(); i++)
		add_unit(SHADOWED, i, make(SHADOWED, i));
	if (counted > n)
		die(2, "%" PRIu64 " events are always there: ask for more",
		    counted);
	for (uint64_t i = 1;; i++) {
		before = counted;
		start = make(FILLER, i);
		if (counted > n)
			break;
		add_unit(FILLER, i, start);
	}
	for (uint64_t i = 0; before + i < n; i++)
		add_unit(CHECK, i, 0);
	counting = 0;
	qsort(unit, nunit, sizeof(*unit), by_start);
}

/* --- arguments ----------------------------------------------------------- */

static void
usage(void)
{
	die(2, "usage: sample --events N --seed S [--faults FILE [--fault ID]] "
	    "[--split week --out DIR] [-C DIR] [--only-log]");
}

static uint64_t
number(const char *s)
{
	char *rest;
	unsigned long long n;

	errno = 0;
	n = strtoull(s, &rest, 10);
	if (*s < '0' || *s > '9' || *rest != '\0' || errno != 0)
		die(2, "%s: want a whole number", s);
	return n;
}

int
main(int argc, char **argv)
{
	struct write_options o = { 0 };
	const char *company = "samples/company", *faults = NULL, *only = NULL;
	uint64_t n = 0;
	int split = 0;

	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (strcmp(a, "--only-log") == 0) {
			o.log_only = 1;
			continue;
		}
		if (i + 1 == argc)
			usage();
		if (strcmp(a, "--events") == 0)
			n = number(argv[++i]);
		else if (strcmp(a, "--seed") == 0)
			seed_text = argv[++i];
		else if (strcmp(a, "--faults") == 0)
			faults = argv[++i];
		else if (strcmp(a, "--fault") == 0)
			only = argv[++i];
		else if (strcmp(a, "-C") == 0)
			company = argv[++i];
		else if (strcmp(a, "--out") == 0)
			o.dir = argv[++i];
		else if (strcmp(a, "--split") == 0 &&
		    strcmp(argv[++i], "week") == 0)
			split = 1;
		else
			usage();
	}
	if (n < MIN_EVENTS || n > MAX_EVENTS)
		die(2, "--events is %" PRIu64 ", want %d to %d", n, MIN_EVENTS,
		    MAX_EVENTS);
	number(seed_text);
	if (split != (o.dir != NULL) || (only != NULL && faults == NULL))
		usage();
	if (split && mkdir(o.dir, 0777) != 0 && errno != EEXIST)
		die(4, "%s: %s", o.dir, strerror(errno));
	if (!split) {
		o.to = stdout;
		setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	}
	facts_load(company);
	if (faults != NULL)
		faults_load(faults, only);
	arrive_init();
	count_units(n);
	write_init(&o);
	for (size_t i = 0; i < nunit; i++) {
		write_until(unit[i].start);
		make(unit[i].kind, unit[i].number);
	}
	write_done();
	faults_check();
	return 0;
}
