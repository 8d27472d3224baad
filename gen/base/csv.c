#include <string.h>

#include "base/csv.h"
#include "base/str.h"

/* What a spreadsheet takes for the start of a formula, a cell or a quoted
 * text: ASCII, and the full-width forms of = + - @. */
static int
is_formula(const char *p, size_t len)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };

	if (len > 0 && memchr("=+-@'|\t\r\n", *p, 9) != NULL)
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (len >= 3 && memcmp(p, wide[i], 3) == 0)
			return 1;
	return 0;
}

void
csv_text(struct str *s, const char *p, size_t len)
{
	str_addc(s, '"');
	if (is_formula(p, len))
		str_addc(s, '\'');
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '"')
			str_addc(s, '"');
		str_addc(s, p[i]);
	}
	str_addc(s, '"');
}

void
csv_int(struct str *s, int64_t i)
{
	str_addi(s, i);
}

void
csv_next(struct str *s)
{
	str_addc(s, ',');
}

void
csv_end(struct str *s)
{
	str_addz(s, "\r\n");
}
