/*
 * Any bytes as a bundle, and as the statement inside one: a statement that
 * is accepted is written again and read as the same; a signature over bytes
 * that nobody signed never holds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/sign.h"
#include "pack/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_statement(struct arena *a, const char *p, size_t len)
{
	struct statement st, back;
	struct str s = str_new(a), again = str_new(a);
	struct fault f = { 0 };

	if (bundle_parse_statement(a, p, len, &st, &f) == -1) {
		if (f.code == FAULT_NONE)
			abort();
		return;
	}
	bundle_statement(&s, &st);
	if (bundle_parse_statement(a, s.p, s.len, &back, &f) == -1)
		abort();
	bundle_statement(&again, &back);
	if (s.len != again.len || memcmp(s.p, again.p, s.len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	/* A key whose private part nobody has kept. */
	static const uint8_t raw[32] = { 0x58, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		0x66, 0x66, 0x66, 0x66, 0x66, 0x66 };
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)p, len);
	struct bundle b;
	struct sign_pub pub;
	struct err e = { 0 };
	struct fault f = { 0 };

	if (sign_pub_ed25519(raw, &pub, &e) == -1)
		abort();
	try_statement(a, text, len);
	if (bundle_parse(a, text, len, &b, &f) == 0) {
		if (bundle_check(a, &b, &pub) == 0)
			abort();
		try_statement(a, b.payload, b.payloadlen);
	} else if (f.code == FAULT_NONE)
		abort();
	arena_free(a);
	return 0;
}
