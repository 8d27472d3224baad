#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "base/arena.h"
#include "base/err.h"
#include "crypt/hash.h"
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

static int
has_flag(const json_t *c, const char *flag)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(c, "flags"), i, v)
		if (strcmp(json_string_value(v), flag) == 0)
			return 1;
	return 0;
}

/* RFC 8032 section 7.1: the key of the seed, its signature, and it holds. */
static void
rfc8032_vectors(void **state)
{
	json_t *o = shared_json("vectors/ed25519/rfc8032-7.1.json"), *c;
	size_t i;

	(void)state;
	SHARED_NEED(o, "vectors/ed25519");
	json_array_foreach(json_object_get(o, "cases"), i, c) {
		uint8_t seed[32], want[64], pk[32], msg[64], sig[72];
		struct sign_key *k = NULL;
		struct sign_pub pub;
		struct err e = { 0 };
		size_t siglen, len = unhex(msg, text_of(c, "msg"));

		(void)unhex(seed, text_of(c, "sk"));
		(void)unhex(pk, text_of(c, "pk"));
		(void)unhex(want, text_of(c, "sig"));
		assert_int_equal(0, sign_from_seed(seed, &k, &e));
		sign_public(k, &pub);
		assert_memory_equal(pub.raw, pk, 32);
		assert_int_equal(0, sign_make(k, msg, len, sig, &siglen, &e));
		assert_int_equal(siglen, 64);
		assert_memory_equal(sig, want, 64);
		assert_int_equal(0, sign_check(&pub, msg, len, sig, siglen));
		sign_close(k);
	}
	assert_int_equal(i, 3);
	json_decref(o);
}

/* group: the JSON groups; the key of each is in publicKeyDer. */
static void
wycheproof(const char *file, size_t want, int raw)
{
	json_t *o = shared_json(file), *g, *c;
	size_t i, j, n = 0;

	SHARED_NEED(o, file);
	json_array_foreach(json_object_get(o, "testGroups"), i, g) {
		uint8_t der[1024];
		struct sign_pub pub;
		struct err e = { 0 };
		size_t derlen = unhex(der, text_of(g, "publicKeyDer"));
		int known = sign_pub_spki(der, derlen, &pub, &e);

		json_array_foreach(json_object_get(g, "tests"), j, c) {
			static uint8_t msg[65536], sig[65536];
			uint8_t out[72];
			const uint8_t *s = sig;
			size_t len = unhex(msg, text_of(c, "msg"));
			size_t siglen = unhex(sig, text_of(c, "sig"));
			int valid = strcmp(text_of(c, "result"), "valid") == 0;
			int held = known;

			if (raw && siglen != 64)
				held = -1;
			else if (raw) {
				siglen = sign_raw_der(sig, out);
				s = out;
			}
			if (held == 0)
				held = sign_check(&pub, msg, len, s, siglen);
			if ((held == 0) != valid)
				fail_msg("%s: case %d: want %s", file,
				    (int)json_integer_value(json_object_get(c,
				    "tcId")), text_of(c, "result"));
			n++;
		}
	}
	assert_int_equal(n, want);
	json_decref(o);
}

static void
wycheproof_ed25519(void **state)
{
	(void)state;
	wycheproof("vectors/ed25519/wycheproof_ed25519_test.json", 151, 0);
}

static void
wycheproof_p256(void **state)
{
	(void)state;
	wycheproof("vectors/ecdsa/wycheproof_ecdsa_secp256r1_sha256_test.json",
	    484, 0);
}

static void
wycheproof_p256_raw(void **state)
{
	(void)state;
	wycheproof("vectors/ecdsa/"
	    "wycheproof_ecdsa_secp256r1_sha256_p1363_test.json", 262, 1);
}

/*
 * C2SP/CCTV: points of low order and of odd encoding.  Keys of low order or
 * not canonical are refused when read; of the rest the RFC 8032 check without
 * cofactor holds where no residue of low order is left and R is canonical.
 */
static void
cctv_edge_points(void **state)
{
	json_t *o = shared_json("vectors/ed25519/cctv_ed25519vectors.json"), *c;
	size_t i;

	(void)state;
	SHARED_NEED(o, "vectors/ed25519");
	json_array_foreach(o, i, c) {
		uint8_t key[32], sig[64];
		struct sign_pub pub;
		struct err e = { 0 };
		int bad_key = has_flag(c, "low_order_A") ||
		    has_flag(c, "non_canonical_A");
		int bad = bad_key || has_flag(c, "low_order_residue") ||
		    has_flag(c, "non_canonical_R");
		const char *msg = text_of(c, "msg");
		int rc;

		(void)unhex(key, text_of(c, "key"));
		(void)unhex(sig, text_of(c, "sig"));
		rc = sign_pub_ed25519(key, &pub, &e);
		if ((rc == -1) != bad_key)
			fail_msg("vector %zu: key is %s", i,
			    bad_key ? "to be refused" : "good");
		if (rc == 0)
			rc = sign_check(&pub, msg, strlen(msg), sig, 64);
		if ((rc == -1) != bad)
			fail_msg("vector %zu: signature is %s", i,
			    bad ? "to be refused" : "good");
	}
	assert_int_equal(i, 914);
	json_decref(o);
}

/* The envelope of the DSSE specification: ECDSA as r || s. */
static void
dsse_envelope(void **state)
{
	json_t *o = shared_json("vectors/dsse/dsse-protocol-vector.json"), *sig;
	uint8_t spki[91] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
		0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };
	static const char *const half[2] = { "X", "Y" };
	uint8_t rs[72], der[72], back[64];
	struct sign_pub pub;
	struct err e = { 0 };
	const char *pae, *b64;
	size_t len;

	(void)state;
	SHARED_NEED(o, "vectors/dsse");
	for (int i = 0; i < 2; i++) {
		BIGNUM *n = NULL;

		BN_dec2bn(&n, text_of(json_object_get(o, "key"), half[i]));
		BN_bn2binpad(n, spki + 27 + 32 * i, 32);
		BN_free(n);
	}
	assert_int_equal(0, sign_pub_spki(spki, sizeof(spki), &pub, &e));
	sig = json_array_get(json_object_get(json_object_get(o, "envelope"),
	    "signatures"), 0);
	b64 = text_of(sig, "sig");
	assert_int_equal(64, hash_unbase64(rs, b64, strlen(b64)));
	len = sign_raw_der(rs, der);
	assert_int_equal(0, sign_der_raw(der, len, back));
	assert_memory_equal(rs, back, 64);
	pae = text_of(o, "pae");
	assert_int_equal(0, sign_check(&pub, pae, strlen(pae), der, len));
	assert_int_equal(-1, sign_check(&pub, pae, strlen(pae) - 1, der, len));
	json_decref(o);
}

static void
keys_come_back_from_pem(void **state)
{
	(void)state;
	for (enum sign_alg alg = SIGN_ED25519; alg <= SIGN_P256; alg++)
		for (int sealed = 0; sealed < 2; sealed++) {
			const char *pass = sealed ? "correct horse" : NULL;
			struct sign_key *k = NULL, *again = NULL;
			struct sign_pub pub, pub2;
			struct err e = { 0 };
			uint8_t sig[72], blob[128];
			char *pem, *text;
			size_t len, siglen;

			assert_int_equal(0, sign_new(alg, &k, &e));
			assert_int_equal(0, sign_pem(k, a, pass, &pem, &len,
			    &e));
			assert_int_equal(sealed ? -1 : 0, sign_open(pem, len,
			    NULL, &again, &e));
			if (sealed) {
				assert_int_equal(-1, sign_open(pem, len,
				    "wrong", &again, &e));
				assert_int_equal(e.kind, ERR_INPUT);
				assert_int_equal(0, sign_open(pem, len, pass,
				    &again, &e));
			}
			sign_public(k, &pub);
			sign_public(again, &pub2);
			assert_memory_equal(pub.id, pub2.id, HASH_LEN);
			assert_int_equal(0, sign_make(again, "x", 1, sig,
			    &siglen, &e));
			assert_int_equal(0, sign_check(&pub, "x", 1, sig,
			    siglen));
			assert_int_equal(-1, sign_check(&pub, "y", 1, sig,
			    siglen));
			text = sign_pub_write(a, &pub);
			assert_int_equal(0, sign_pub_pem(text, strlen(text),
			    &pub2, &e));
			assert_memory_equal(&pub, &pub2, sizeof(pub));
			len = sign_ssh_blob(&pub, blob);
			assert_int_equal(0, sign_ssh_pub(blob, len, &pub2,
			    &e));
			assert_memory_equal(&pub, &pub2, sizeof(pub));
			blob[5] ^= 1;
			assert_int_equal(-1, sign_ssh_pub(blob, len, &pub2,
			    &e));
			sign_close(k);
			sign_close(again);
		}
}

static void
odd_keys_are_refused(void **state)
{
	static const char *const pem[] = {
		"", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	};
	struct sign_key *k = NULL;
	struct sign_pub pub;
	uint8_t spki[91] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(pem) / sizeof(pem[0]); i++) {
		struct err e = { 0 };

		assert_int_equal(-1, sign_pub_pem(pem[i], strlen(pem[i]),
		    &pub, &e));
		assert_int_equal(-1, sign_open(pem[i], strlen(pem[i]), NULL,
		    &k, &e));
		assert_int_equal(e.kind, ERR_INPUT);
		assert_int_equal(-1, sign_pub_spki(spki, 44 * i, &pub, &e));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rfc8032_vectors, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(wycheproof_ed25519, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(wycheproof_p256, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(wycheproof_p256_raw, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(cctv_edge_points, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(dsse_envelope, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(keys_come_back_from_pem, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(odd_keys_are_refused, setup,
		    teardown),
	};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
