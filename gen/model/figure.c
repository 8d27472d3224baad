#include <math.h>
#include <string.h>

#include "base/str.h"
#include "model/figure.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define Z 1.959963984540054

void
figure_count(struct str *s, uint64_t u)
{
	if (u >= 1000) {
		figure_count(s, u / 1000);
		str_addf(s, ",%03u", (unsigned)(u % 1000));
	} else
		str_addu(s, u);
}

/* n of N in hundredths of a percent, rounded half up; n <= of. */
static uint64_t
hundredths(uint64_t n, uint64_t of)
{
	while (of > UINT64_MAX / 40000) {
		n /= 2;
		of /= 2;
	}
	return (n * 20000 + of) / (2 * of);
}

static void
add_hundredths(struct str *s, uint64_t h)
{
	str_addf(s, "%u.%02u", (unsigned)(h / 100), (unsigned)(h % 100));
}

void
figure_percent(struct str *s, uint64_t n, uint64_t of)
{
	uint64_t h;

	if (of == 0)
		return;
	h = hundredths(n, of);
	if (n > 0 && h == 0)
		str_addz(s, "< 0.01");
	else if (n < of && h >= 10000)
		str_addz(s, "> 99.99");
	else
		add_hundredths(s, h);
	str_addz(s, " %");
}

static void
add_of(struct str *s, uint64_t n, uint64_t of)
{
	figure_count(s, n);
	str_addz(s, " of ");
	figure_count(s, of);
}

void
figure_ratio(struct str *s, uint64_t n, uint64_t of)
{
	add_of(s, n, of);
	if (of == 0)
		return;
	str_addz(s, " (");
	figure_percent(s, n, of);
	str_addc(s, ')');
}

/* A share in [0, 1] to hundredths of a percent. */
static unsigned
cut(double p)
{
	if (p < 0)
		p = 0;
	if (p > 1)
		p = 1;
	return (unsigned)(p * 10000 + 0.5);
}

void
figure_wilson(uint64_t n, uint64_t of, unsigned *low, unsigned *high)
{
	double N = (double)of, p = (double)n / N, zz = Z * Z;
	double centre = p + zz / (2 * N);
	double half = Z * sqrt(p * (1 - p) / N + zz / (4 * N * N));
	double scale = 1 + zz / N;

	*low = n == 0 ? 0 : cut((centre - half) / scale);
	*high = n == of ? 10000 : cut((centre + half) / scale);
}

void
figure_estimate(struct str *s, uint64_t n, uint64_t of)
{
	unsigned low, high;

	add_of(s, n, of);
	if (of == 0)
		return;
	figure_wilson(n, of, &low, &high);
	str_addz(s, " (");
	figure_percent(s, n, of);
	str_addz(s, " [");
	add_hundredths(s, low);
	str_addz(s, ", ");
	add_hundredths(s, high);
	str_addz(s, "])");
}

/* u / 10^places, at least `keep` decimals. */
static void
add_decimal(struct str *s, uint64_t whole, uint64_t part, int places, int keep)
{
	char digits[20] = "";

	figure_count(s, whole);
	for (int i = places; i-- > 0; part /= 10)
		digits[i] = (char)('0' + part % 10);
	while (places > keep && digits[places - 1] == '0')
		places--;
	if (places > 0) {
		str_addc(s, '.');
		str_add(s, digits, (size_t)places);
	}
}

static uint64_t
magnitude(struct str *s, int64_t i)
{
	if (i >= 0)
		return (uint64_t)i;
	str_addc(s, '-');
	return 0 - (uint64_t)i;
}

void
figure_micro(struct str *s, int64_t i)
{
	uint64_t u = magnitude(s, i);

	add_decimal(s, u / 1000000, u % 1000000, 6, 0);
}

static int
decimals(const char *currency)
{
	static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF "
	    "UGX VND VUV XAF XOF XPF ";
	static const char three[] = "BHD IQD JOD KWD LYD OMR TND ";
	const char *at;

	if (currency == NULL || strlen(currency) != 3)
		return 2;
	if ((at = strstr(none, currency)) != NULL && at[3] == ' ')
		return 0;
	if ((at = strstr(three, currency)) != NULL && at[3] == ' ')
		return 3;
	return 2;
}

void
figure_money(struct str *s, int64_t minor, const char *currency)
{
	uint64_t u = magnitude(s, minor), unit = 1;
	int places = decimals(currency);

	for (int i = 0; i < places; i++)
		unit *= 10;
	add_decimal(s, u / unit, u % unit, places, places);
	str_addc(s, ' ');
	str_addz(s, currency != NULL ? currency : "(no currency)");
}
