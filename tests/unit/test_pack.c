#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/map.h"
#include "pack/bundle.h"
#include "pack/sshsig.h"
#include "packfix.h"
#include "shared.h"

/* The parts of a pack: what is written is read back, and other spellings of
 * the same values are refused. */

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

static void
folders_of_streams(void **state)
{
	static const struct { const char *stream, *slug; } cases[] = {
		{ "main", NULL }, { "a-1", NULL },
		{ "Kasse S\xC3\xBC" "d", "kasse-s-d-" }, { "con", "con-" },
		{ "-x", "x-" }, { "***", "stream-" }, { "", "stream-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *dir = name_dir(a, cases[i].stream);
		char hex[HASH_HEXLEN];
		uint8_t sum[HASH_LEN];
		struct fault f;

		sign_sha256(sum, cases[i].stream, strlen(cases[i].stream));
		hash_hex(hex, sum);
		assert_string_equal(dir, cases[i].slug == NULL ?
		    cases[i].stream : arena_printf(a, "%s%.16s",
		    cases[i].slug, hex));
		assert_int_equal(0, name_check(dir, strlen(dir), &f));
	}
}

static void
manifest_is_read_as_it_was_written(void **state)
{
	static const char *const path[] = { "data/z", "data/a/b.html",
		"data/a-b", "data/a/a" };
	struct packset set = { 0 }, back;
	struct str s = str_new(a), again = str_new(a);
	struct fault f;

	(void)state;
	for (uint8_t i = 0; i < 4; i++) {
		uint8_t sum[HASH_LEN] = { i, 0xAB };

		manifest_add(a, &set, path[i], 10, sum);
	}
	manifest_sort(&set);
	manifest_write(&s, &set);
	assert_int_equal(0, manifest_parse(a, s.p, s.len, &back, &f));
	manifest_write(&again, &back);
	assert_string_equal(s.p, again.p);
	/* By bytes: - is before /. */
	assert_string_equal(back.file[0].path, "data/a-b");
	assert_string_equal(back.file[1].path, "data/a/a");
	assert_non_null(manifest_find(&back, "data/z"));
	assert_null(manifest_find(&back, "data/y"));
}

static struct packinfo
some_info(void)
{
	static struct packstream stream[2] = {
		{ .stream = "main", .dir = "main", .origin = "o/s/main",
		  .weakest = "none", .size = 7, .previous_size = 2,
		  .in_period = 5, .root = { 1 }, .log_signed = 1 },
		{ .stream = "second", .dir = "second", .origin = "o/s/second",
		  .weakest = "signed", .size = 1, .in_period = 1 },
	};
	static struct packinput input[1] = { { "registry",
	    "registry/\xC3\xA5.yaml", { 9 }, 77 } };
	static struct packword word[2] = { { "gap", 1 }, { "satisfied", 4 } };

	return (struct packinfo){ .organisation = "acme.example",
		.period = "2026-Q3", .generator = "exhibit",
		.version = "0.1.0", .from_us = FIX_FROM, .to_us = FIX_TO,
		.as_of_us = FIX_AS_OF, .stream = stream, .nstream = 2,
		.input = input, .ninput = 1, .rule = "exhibit-sample/1",
		.drawn_by = "auditor", .nonce = "a1b2c3d4e5f60718", .k = 25,
		.cited = 9, .included = 9, .reason = "", .controls = 5,
		.gaps = 1, .verdict = word, .nverdict = 2,
		.previous_period = "2026-Q2", .previous_manifest = { 5 } };
}

static void
pack_json_is_read_as_it_was_written(void **state)
{
	struct packinfo info = some_info(), back;
	struct str s = str_new(a), again = str_new(a);
	struct fault f;

	(void)state;
	packjson_write(&s, &info);
	if (packjson_parse(a, s.p, s.len, &back, &f) == -1)
		fail_msg("%s", f.detail);
	packjson_write(&again, &back);
	assert_string_equal(s.p, again.p);
	/* RFC 8785: the keys rise at every level; one LF ends it. */
	assert_int_equal(s.p[s.len - 1], '\n');
	assert_null(memchr(s.p, ' ', s.len));
}

static void
pack_json_faults_are_named(void **state)
{
	static const struct {
		const char *from, *to, *code, *want;
	} cases[] = {
		{ "\"size\":7", "\"size\":\"7\"", "JSON_FORM", "size" },
		{ "\"size\":7", "\"size\":-7", "JSON_FORM", "negative" },
		{ "\"size\":7", "\"size\":7.5", "JSON_STRICT", "" },
		{ "\"size\":7", "\"size\":null", "JSON_STRICT", "" },
		{ "\"size\":7", "\"size\":true", "JSON_STRICT", "" },
		{ "\"size\":7", "\"siz\":7", "JSON_FORM", "size" },
		{ "\"dir\":\"main\"", "\"dir\":\"other\"", "JSON_FORM",
		  "folder" },
		{ "\"log_signed\":1", "\"log_signed\":2", "JSON_FORM",
		  "log_signed" },
		{ "\"stream\":\"main\"", "\"stream\":\"zzz\"", "JSON_FORM",
		  "" },
		{ "acme.example", "acme\\n", "TEXT_CONTROL", "organisation" },
		{ "2026-Q3", "2026\\u202e", "TEXT_CONTROL", "name" },
		{ "exhibit-pack/1", "exhibit-pack/9", "VERSION_UNSUPPORTED",
		  "exhibit-pack/9" },
		{ "{\"as", "\xEF\xBB\xBF{\"as", "JSON_STRICT", "" },
		{ "acme.example", "acme\xFF", "JSON_STRICT", "" },
		{ "acme.example", "acme\\u0000", "JSON_STRICT", "" },
		{ "\"after\":0", "\"after\":9007199254740992", "JSON_STRICT",
		  "2^53" },
	};
	struct packinfo info = some_info(), back;
	struct str s = str_new(a);

	(void)state;
	packjson_write(&s, &info);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *at = strstr(s.p, cases[i].from);
		char *bad = arena_printf(a, "%.*s%s%s", (int)(at - s.p), s.p,
		    cases[i].to, at + strlen(cases[i].from));
		struct fault f = { 0 };

		assert_int_equal(-1, packjson_parse(a, bad, strlen(bad),
		    &back, &f));
		if (strcmp(fault_name(f.code), cases[i].code) != 0 ||
		    strstr(f.detail, cases[i].want) == NULL)
			fail_msg("%s: %s %s", cases[i].to, fault_name(f.code),
			    f.detail);
	}
	/* Fields that we do not know are looked over. */
	{
		char *more = arena_printf(a, "{\"a\":[1,\"x\"],%s", s.p + 1);
		struct fault f;

		assert_int_equal(0, packjson_parse(a, more, strlen(more),
		    &back, &f));
	}
}

/* The two-level tree against merkle.c over all leaves. */

struct leaves {
	uint8_t leaf[1200][HASH_LEN];
	size_t calls;
};

static int
give_leaves(void *ctx, uint64_t first, size_t n, uint8_t (*out)[HASH_LEN],
    struct err *e)
{
	struct leaves *l = ctx;

	(void)e;
	l->calls++;
	memcpy(out, l->leaf[first], n * HASH_LEN);
	return 0;
}

static void
proofs_from_blocks_hold(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 15, 16, 17, 255, 256, 257,
		1000, 1024, 1199 };
	struct leaves *l = arena_alloc(a, sizeof(*l));
	struct hash *h = hash_new(a);

	(void)state;
	for (unsigned i = 0; i < 1200; i++)
		hash_leaf(h, l->leaf[i], &i, sizeof(i));
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (unsigned level = 3; level <= 16; level += 13) {
			struct proof_tree t = { .hash = h, .size = sizes[k],
				.block_level = level, .leaves = give_leaves,
				.ctx = l };
			uint8_t root[HASH_LEN], old[HASH_LEN];
			struct merkle m, o;
			struct err e = { 0 };

			proof_tree_init(&t, a);
			if (level == 3) {
				t.nblock = (size_t)(sizes[k] >> 3);
				t.block = arena_array(a, t.nblock + 1,
				    HASH_LEN);
				for (size_t b = 0; b < t.nblock; b++) {
					merkle_init(&m, h);
					for (size_t i = 0; i < 8; i++)
						merkle_add(&m,
						    l->leaf[8 * b + i]);
					merkle_root(&m, t.block[b]);
				}
			}
			merkle_init(&m, h);
			for (uint64_t i = 0; i < sizes[k]; i++)
				merkle_add(&m, l->leaf[i]);
			merkle_root(&m, root);
			merkle_init(&o, h);
			l->calls = 0;
			for (uint64_t i = 0; i < sizes[k]; i++) {
				uint8_t (*path)[HASH_LEN];
				size_t n;

				assert_int_equal(0, proof_of(&t, a, i, &path,
				    &n, &e));
				assert_int_equal(0, merkle_check_inclusion(h,
				    i, sizes[k], l->leaf[i], path, n, root));
				merkle_add(&o, l->leaf[i]);
				merkle_root(&o, old);
				if (i % 7 != 0)
					continue;
				assert_int_equal(0, proof_consistency(&t, a,
				    i + 1, &path, &n, &e));
				assert_int_equal(0, merkle_check_consistency(
				    h, i + 1, sizes[k], path, n, old, root));
			}
		}
	hash_free(h);
}

static void
proof_files_are_read_as_they_were_written(void **state)
{
	static const char note[] = "o/s/m\n9\nAAAA\n\n";
	uint8_t path[3][HASH_LEN] = { { 1 }, { 2 }, { 3 } };
	struct str s = str_new(a), c = str_new(a);
	struct proof p;
	struct fault f;

	(void)state;
	proof_write(&s, 5, path, 3, note);
	assert_int_equal(0, proof_parse(a, s.p, s.len, &p, &f));
	assert_int_equal(p.number, 5);
	assert_int_equal(p.n, 3);
	assert_memory_equal(p.path, path, sizeof(path));
	assert_int_equal(p.checkpointlen, sizeof(note) - 1);
	assert_memory_equal(p.checkpoint, note, sizeof(note) - 1);
	proof_write_consistency(&c, 0, NULL, 0, note);
	assert_int_equal(0, proof_parse_consistency(a, c.p, c.len, &p, &f));
	assert_int_equal(p.n, 0);
	for (size_t i = 0; i + sizeof(note) < s.len; i++)
		assert_int_equal(-1, proof_parse(a, s.p, i, &p, &f));
}

static void
sshsig_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (enum sign_alg alg = SIGN_ED25519; alg <= SIGN_P256; alg++)
		for (int i = 0; i < 20; i++) {
			struct str s = str_new(a);
			struct sign_key *k;
			struct sign_pub pub;
			struct sshsig g;
			struct fault f;

			MUST(sign_new(alg, &k, &fix_err));
			sign_public(k, &pub);
			MUST(sshsig_sign(&s, k, "exhibit-preparer@v1", "text",
			    4, &fix_err));
			if (sshsig_parse(a, s.p, s.len, &g, &f) == -1)
				fail_msg("%s", f.detail);
			assert_memory_equal(g.pub.id, pub.id, HASH_LEN);
			assert_string_equal(g.ns, "exhibit-preparer@v1");
			assert_int_equal(0, sshsig_check(a, &g, "text", 4));
			assert_int_equal(-1, sshsig_check(a, &g, "tex", 3));
			(void)memcpy(g.ns, "exhibit-approver@v1", 20);
			assert_int_equal(-1, sshsig_check(a, &g, "text", 4));
			sign_close(k);
		}
}

/* The bundles of the sigstore project: none of those that must fail is
 * accepted; those under a managed key are decided as published. */
static void
sigstore_bundles(void **state)
{
	static const char rel[] =
	    "vectors/sigstore-conformance/test/assets/bundle-verify";
	char root[1024], *artifact;
	struct dirent *ent;
	size_t n = 0, managed = 0, alen;
	DIR *d = opendir(shared_path(root, rel));

	(void)state;
	SHARED_NEED(d, rel);
	MUST(out_slurp(a, arena_printf(a, "%s/a.txt", root), 1 << 20,
	    &artifact, &alen, &fix_err));
	while ((ent = readdir(d)) != NULL) {
		const char *dir = arena_printf(a, "%s/%s", root, ent->d_name);
		int must_fail = strstr(ent->d_name, "_fail") != NULL;
		int held = 0;
		struct bundle b;
		struct fault f;
		struct sign_pub pub;
		char *p, *pem;
		size_t len, pemlen;
		json_t *o;

		if (out_slurp(a, arena_printf(a, "%s/bundle.sigstore.json",
		    dir), 1 << 20, &p, &len, &fix_err) == -1)
			continue;
		n++;
		if (out_slurp(a, arena_printf(a, "%s/key.pub", dir), 65536,
		    &pem, &pemlen, &fix_err) == -1 ||
		    sign_pub_pem(pem, pemlen, &pub, &fix_err) == -1)
			memset(&pub, 0, sizeof(pub));
		/* As an envelope: ours. */
		if (bundle_parse(a, p, len, &b, &f) == 0 && pub.spkilen > 0)
			held = bundle_check(a, &b, &pub) == 0;
		/* As a signature of a file, under a managed key. */
		o = packjson_load(p, len, 1, &f);
		if (strncmp(ent->d_name, "managed-key-", 12) == 0) {
			const char *sig = json_string_value(json_object_get(
			    json_object_get(o, "messageSignature"),
			    "signature"));
			uint8_t raw[512];
			long siglen = sig == NULL ? -1 : hash_unbase64(raw,
			    sig, strlen(sig));

			held = siglen > 0 && pub.spkilen > 0 && sign_check(&pub, artifact, alen,
			    raw, (size_t)siglen) == 0;
			if (held == must_fail)
				fail_msg("%s: %d", ent->d_name, held);
			managed++;
		}
		json_decref(o);
		if (held && must_fail)
			fail_msg("%s: accepted", ent->d_name);
	}
	(void)closedir(d);
	assert_true(n >= 65);
	assert_int_equal(managed, 4);
}

static void
trust_is_read_as_it_was_written(void **state)
{
	struct fix *f = fix_new(0);
	struct str s = str_new(a), again = str_new(a);
	struct trust t, back;
	struct fault fault;

	(void)state;
	fix_trust(f, &t);
	t.key[0].valid_from_us = 1;
	t.key[1].revoked_us = 2;
	t.key[1].revoked_reason = "lost \"it\"";
	t.deep = 1;
	trust_write(&s, &t);
	if (trust_parse(a, s.p, s.len, &back, &fault) == -1)
		fail_msg("%s", fault.detail);
	trust_write(&again, &back);
	assert_string_equal(s.p, again.p);
	fix_free(f);
}

static void
trust_faults_are_named(void **state)
{
	static const struct {
		const char *from, *to, *code;
	} cases[] = {
		{ "\"deep\":0", "\"deeper\":0", "TRUST_FORM" },
		{ "\"person\"", "\"name\"", "TRUST_FORM" },
		{ "jane.doe@", "Jane.Doe@", "TRUST_FORM" },
		{ "\"role\":\"preparer\"", "\"role\":\"owner\"",
		  "TRUST_FORM" },
		{ "\"alg\":\"ed25519\"", "\"alg\":\"p256\"", "TRUST_KEY" },
		{ "\"spki\":\"MC", "\"spki\":\"MD", "TRUST_KEY" },
		{ "\"L1\",", "", "TRUST_FORM" },
		{ "\"L4\"", "\"L7\"", "TRUST_FORM" },
		{ "optional", "sometimes", "TRUST_FORM" },
		{ "exhibit-trust/1", "exhibit-trust/2",
		  "VERSION_UNSUPPORTED" },
		{ "{\"deep\"", "{\"deep\":0,\"deep\"", "JSON_STRICT" },
		{ "\"approver\":1", "\"approver\":-1", "TRUST_FORM" },
	};
	struct fix *f = fix_new(0);
	struct str s = str_new(a);
	struct trust t;

	(void)state;
	fix_trust(f, &t);
	trust_write(&s, &t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *at = strstr(s.p, cases[i].from);
		char *bad = arena_printf(a, "%.*s%s%s", (int)(at - s.p), s.p,
		    cases[i].to, at + strlen(cases[i].from));
		struct fault fault = { 0 };

		assert_int_equal(-1, trust_parse(a, bad, strlen(bad), &t,
		    &fault));
		if (strcmp(fault_name(fault.code), cases[i].code) != 0)
			fail_msg("%s: %s %s", cases[i].to,
			    fault_name(fault.code), fault.detail);
	}
	fix_free(f);
}

/* docs/format/pack.md lists every code with its status. */
static void
codes_are_documented(void **state)
{
	const char *src = getenv("SRC");
	char *text;
	size_t len;

	(void)state;
	MUST(out_slurp(a, arena_printf(a, "%s/docs/format/pack.md",
	    src != NULL ? src : "."), 1 << 20, &text, &len, &fix_err));
	for (int c = 1; c < FAULT_NCODE; c++) {
		enum fault_code code = (enum fault_code)c;
		char *row = arena_printf(a, "| %d | %s | %s |\n",
		    (int)fault_kind(code), fault_name(code),
		    fault_says(code));

		if (strstr(text, row) == NULL)
			fail_msg("docs/format/pack.md lacks %s", row);
	}
}

/* Each code has a name, a sentence and one of the statuses 2 to 5. */
static void
codes_have_one_status(void **state)
{
	(void)state;
	for (int c = 1; c < FAULT_NCODE; c++) {
		enum err_kind kind = fault_kind((enum fault_code)c);

		assert_true(kind == ERR_INPUT || kind == ERR_INTEGRITY ||
		    kind == ERR_SYSTEM || kind == ERR_UNDECIDED);
		assert_true(*fault_name((enum fault_code)c) != '\0');
		assert_true(*fault_says((enum fault_code)c) != '\0');
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Written by our writer in the order of the file. */
static void
write_again(struct jsonw *w, const json_t *v)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_object(v)) {
		jsonw_object(w);
		json_object_foreach((json_t *)(uintptr_t)v, key, child) {
			jsonw_key(w, key);
			write_again(w, child);
		}
		jsonw_end(w, '}');
	} else if (json_is_array(v)) {
		jsonw_array(w);
		json_array_foreach(v, i, child)
			write_again(w, child);
		jsonw_end(w, ']');
	} else if (json_is_string(v))
		jsonw_text(w, json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		jsonw_int(w, json_integer_value(v));
	else if (json_is_null(v))
		jsonw_null(w);
	else
		jsonw_bool(w, json_is_true(v));
}

/* RFC 8785's published pairs: our writer gives the canonical bytes; what our
 * formats do not have, a number that is no integer, our reader refuses. */
static void
published_canonical_json(void **state)
{
	static const char *const names[] = { "arrays", "french", "structures",
		"unicode", "values", "weird" };
	size_t same = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *rel = arena_printf(a,
		    "vectors/jcs/testdata/output/%s.json", names[i]);
		json_t *o = shared_json(rel), *ours;
		struct str s = str_new(a);
		struct fault f;
		struct jsonw w;
		char path[1024], *p;
		size_t len;

		SHARED_NEED(o, rel);
		MUST(out_slurp(a, shared_path(path, rel), 1 << 20, &p, &len,
		    &fix_err));
		if (strcmp(names[i], "values") == 0) {
			ours = packjson_load(p, len, 0, &f);
			assert_null(ours);
			refused++;
		} else if (strcmp(names[i], "weird") == 0) {
			/* Keys beyond ASCII sort as UTF-16; we have none. */
			const char *key;
			json_t *v;

			json_object_foreach(o, key, v) {
				str_reset(&s);
				jsonw_quote(&s, key, strlen(key));
				str_addc(&s, ':');
				jsonw_quote(&s, json_string_value(v),
				    json_string_length(v));
				assert_non_null(strstr(p, s.p));
			}
			same++;
		} else {
			jsonw_init(&w, &s);
			write_again(&w, o);
			assert_int_equal(s.len, len);
			assert_memory_equal(s.p, p, len);
			same++;
		}
		json_decref(o);
	}
	assert_int_equal(same, 5);
	assert_int_equal(refused, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(folders_of_streams),
		T(manifest_is_read_as_it_was_written),
		T(pack_json_is_read_as_it_was_written),
		T(pack_json_faults_are_named),
		T(proofs_from_blocks_hold),
		T(proof_files_are_read_as_they_were_written),
		T(sshsig_is_read_as_it_was_written),
		T(sigstore_bundles),
		T(trust_is_read_as_it_was_written),
		T(trust_faults_are_named),
		T(codes_have_one_status),
		T(codes_are_documented),
		T(published_canonical_json),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
