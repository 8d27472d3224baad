/*
 * Property: what record_parse accepts, record_add writes again, byte for
 * byte; and a slow encoder of its own writes the same record.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "model/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* RFC 8785 as it is written, a byte at a time. */
static void
slow(struct str *s, const struct value *col)
{
	const char *sep = "{";

	for (int c = 0; c < EVENT_NCOL; c++) {
		if (col[c].type == VALUE_NULL)
			continue;
		str_addf(s, "%s\"%s\":", sep, event_column[c].name);
		sep = ",";
		if (col[c].type == VALUE_INT) {
			str_addf(s, "%lld", (long long)col[c].i);
			continue;
		}
		str_addc(s, '"');
		for (size_t i = 0; i < col[c].len; i++) {
			static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
			char ch = col[c].p[i];
			const char *at = ch == '\0' ? NULL : strchr(from, ch);

			if (at != NULL)
				str_addf(s, "\\%c", to[at - from]);
			else if ((unsigned char)ch < 0x20)
				str_addf(s, "\\u%04x", ch);
			else
				str_addc(s, ch);
		}
		str_addc(s, '"');
	}
	str_addz(s, *sep == '{' ? "{}" : "}");
}

static void
must_be(const struct str *s, const uint8_t *p, size_t len)
{
	if (s->len != len || memcmp(s->p, p, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct value col[EVENT_NCOL];
	struct err e = { 0 };

	if (record_parse(a, (const char *)p, len, col, &e) == 0) {
		struct str fast = str_new(a), plain = str_new(a);

		record_add(&fast, col);
		must_be(&fast, p, len);
		slow(&plain, col);
		must_be(&plain, p, len);
	} else if (e.kind == ERR_OK || e.msg[0] == '\0')
		abort();
	arena_free(a);
	return 0;
}
