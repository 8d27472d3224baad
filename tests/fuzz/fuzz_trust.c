/* Any bytes as a trust file: what is accepted, written and read again, is the
 * same; no key in it is weak. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "verify/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)p, len);
	struct str s = str_new(a), again = str_new(a);
	struct trust t, back;
	struct fault f = { 0 };

	if (trust_parse(a, text, len, &t, &f) == 0) {
		for (size_t i = 0; i < t.nkey; i++) {
			struct sign_pub pub;
			struct err e = { 0 };

			if (sign_pub_spki(t.key[i].pub.spki,
			    t.key[i].pub.spkilen, &pub, &e) == -1 ||
			    trust_find(&t, pub.id) != &t.key[i])
				abort();
		}
		trust_write(&s, &t);
		if (trust_parse(a, s.p, s.len, &back, &f) == -1)
			abort();
		trust_write(&again, &back);
		if (s.len != again.len || memcmp(s.p, again.p, s.len) != 0)
			abort();
	} else if (f.code == FAULT_NONE)
		abort();
	arena_free(a);
	return 0;
}
