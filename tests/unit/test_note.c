#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/note.h"
#include "crypt/sign.h"
#include "shared.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* name+hex of the key id+base64 of 0x01 || key: the vkey of signed-note. */
static int
parse_vkey(const char *s, const char **name, struct sign_pub *pub)
{
	const char *plus = strchr(s, '+');
	uint8_t raw[64], id[4];
	struct err e = { 0 };
	char hex[9];

	if (plus == NULL || strlen(plus) < 11 || plus[9] != '+')
		return -1;
	*name = arena_strndup(a, s, (size_t)(plus - s));
	if (strlen(plus + 10) > 60 ||
	    hash_unbase64(raw, plus + 10, strlen(plus + 10)) != 33 ||
	    raw[0] != 1 || sign_pub_ed25519(raw + 1, pub, &e) == -1)
		return -1;
	note_key_id(id, *name, pub);
	(void)snprintf(hex, sizeof(hex), "%02x%02x%02x%02x", id[0], id[1],
	    id[2], id[3]);
	return strncmp(hex, plus + 1, 8) == 0 ? 0 : -1;
}

/* 0: some known key signed, and no known key's line is bad. */
static int
judge(const json_t *c)
{
	const char *text = text_of(c, "note");
	struct err e = { 0 };
	struct note n;
	json_t *v;
	size_t i;
	int good = 0;

	if (note_parse(a, text, strlen(text), &n, &e) == -1)
		return -1;
	json_array_foreach(json_object_get(c, "vkeys"), i, v) {
		struct sign_pub pub;
		const char *name;
		int r;

		assert_int_equal(0, parse_vkey(json_string_value(v), &name,
		    &pub));
		r = note_check(&n, name, &pub);
		if (r == -1)
			return -1;
		good += r;
	}
	return good > 0 ? 0 : -1;
}

static void
published_notes(void **state)
{
	json_t *o = shared_json("vectors/note/signed-note-vectors.json"), *c;
	struct sign_pub pub;
	const char *name;
	size_t i, n = 0;

	(void)state;
	SHARED_NEED(o, "vectors/note");
	json_array_foreach(json_object_get(o, "cases"), i, c) {
		int valid = json_is_true(json_object_get(c, "valid"));

		if ((judge(c) == 0) != valid)
			fail_msg("case %zu: want %s", i,
			    valid ? "valid" : "invalid");
		n++;
	}
	assert_int_equal(n, 12);
	json_array_foreach(json_object_get(o, "vkeys_invalid"), i, c)
		assert_int_equal(-1, parse_vkey(json_string_value(c), &name,
		    &pub));
	json_decref(o);
}

static void
published_signature(void **state)
{
	json_t *o = shared_json("vectors/note/signed-note-vectors.json"), *s;
	struct str body = str_new(a);
	struct sign_key *key = NULL;
	struct err e = { 0 };
	const char *sk;
	uint8_t raw[64];

	(void)state;
	SHARED_NEED(o, "vectors/note");
	s = json_object_get(o, "signing");
	sk = strrchr(text_of(s, "skey"), '+');
	sk = strstr(text_of(s, "skey"), "+A") + 1;
	assert_int_equal(33, hash_unbase64(raw, sk, strlen(sk)));
	assert_int_equal(0, sign_from_seed(raw + 1, &key, &e));
	str_addz(&body, text_of(s, "text"));
	assert_int_equal(0, note_sign(&body, "PeterNeumann", key, &e));
	assert_string_equal(body.p, text_of(s, "signed"));
	sign_close(key);
	json_decref(o);
}

#define ROOT "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="

static void
checkpoint_forms(void **state)
{
	static const struct {
		const char *name, *text, *want; /* NULL: it is good */
	} cases[] = {
		{ "unsigned", "a.example/main/x\n8\n" ROOT "\n\n", NULL },
		{ "size 0", "a.example/main/x\n0\n" ROOT "\n\n", NULL },
		{ "no blank line", "a.example/x\n8\n" ROOT "\n", "blank" },
		{ "leading zero", "a/x\n08\n" ROOT "\n\n", "leading zeros" },
		{ "plus sign", "a/x\n+8\n" ROOT "\n\n", "whole number" },
		{ "empty size", "a/x\n\n" ROOT "\n\n", "whole number" },
		{ "size past 2^63", "a/x\n9223372036854775808\n" ROOT "\n\n",
		  "whole number" },
		{ "extension", "a/x\n8\n" ROOT "\nmore\n\n", "three lines" },
		{ "two lines", "a/x\n8\n\n", "three lines" },
		{ "origin with space", "a x\n8\n" ROOT "\n\n", "origin" },
		{ "origin with plus", "a+x\n8\n" ROOT "\n\n", "origin" },
		{ "no origin", "\n8\n" ROOT "\n\n", "origin" },
		{ "short root", "a/x\n8\nAAAA\n\n", "32 bytes" },
		{ "root not canonical", "a/x\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0"
		  "lgz+Nw7/RgQyh=\n\n", "32 bytes" },
		{ "CR", "a/x\r\n8\n" ROOT "\n\n", "control" },
		{ "not UTF-8", "a/\xff\n8\n" ROOT "\n\n", "UTF-8" },
		{ "junk line", "a/x\n8\n" ROOT "\n\njunk\n", "malformed" },
		{ "two spaces", "a/x\n8\n" ROOT "\n\n\xE2\x80\x94  a AAAAAAAA\n",
		  "malformed" },
		{ "short signature", "a/x\n8\n" ROOT
		  "\n\n\xE2\x80\x94 a AAAAAA==\n", "malformed" },
		{ "no last LF", "a/x\n8\n" ROOT
		  "\n\n\xE2\x80\x94 a AAAAAAAA", "line feed" },
		{ "empty", "", "blank" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct checkpoint c;
		struct err e = { 0 };
		int rc = note_checkpoint(a, cases[i].text,
		    strlen(cases[i].text), &c, &e);

		if (cases[i].want == NULL && rc == -1)
			fail_msg("%s: %s", cases[i].name, e.msg);
		if (cases[i].want != NULL && (rc == 0 ||
		    strstr(e.msg, cases[i].want) == NULL))
			fail_msg("%s: '%s'", cases[i].name, e.msg);
	}
}

/* Each byte of a signed checkpoint matters. */
static void
every_changed_byte_is_found(void **state)
{
	static const uint8_t seed[32] = "a published test key";
	struct str s = str_new(a);
	struct sign_key *key = NULL;
	struct sign_pub pub;
	struct checkpoint c;
	struct err e = { 0 };
	uint8_t root[HASH_LEN] = { 1, 2, 3 };

	(void)state;
	assert_int_equal(0, sign_from_seed(seed, &key, &e));
	sign_public(key, &pub);
	note_checkpoint_body(&s, "acme.example/main/refunds", 42, root);
	assert_int_equal(0, note_sign(&s, "acme.example/main/refunds", key,
	    &e));
	assert_int_equal(0, note_checkpoint(a, s.p, s.len, &c, &e));
	assert_int_equal(1, note_check(&c.note, c.origin, &pub));
	assert_int_equal(c.size, 42);
	for (size_t i = 0; i < s.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			s.p[i] ^= (char)(1 << bit);
			if (note_checkpoint(a, s.p, s.len, &c, &e) == 0)
				assert_int_not_equal(1, note_check(&c.note,
				    "acme.example/main/refunds", &pub));
			s.p[i] ^= (char)(1 << bit);
		}
	sign_close(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(published_notes, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(published_signature, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(checkpoint_forms, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(every_changed_byte_is_found,
		    setup, teardown),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
