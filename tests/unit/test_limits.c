#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rawzip.h"

/*
 * The limits of docs/format/pack.md sections 2, 5, 7 and 8: what is at the
 * limit is read, or refused for another reason that the row names; one more
 * is refused by the limit.  The number of files: test_zip.c for a ZIP.
 */

static struct fix *f;
static struct mem small; /* rows 0 and 1, signed */
static char *trust;

static int
setup(void **state)
{
	static const struct fixopt two = { .period = "2026-Q3", .size = 2,
		.as_of_us = FIX_AS_OF, .to_us = FIX_TO };
	struct trust t;
	char *dir;

	(void)state;
	f = fix_new(1);
	dir = fix_path(f, "small");
	fix_pack(f, &two, dir);
	fix_sign(f, dir, "preparer");
	fix_sign(f, dir, "approver");
	small = mem_read(f, dir);
	fix_trust(f, &t);
	trust = fix_trust_file(f, &t);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_free(f);
	return 0;
}

/* The codes of a pack, "" where it is verified. */
static const char *
codes_of(const char *pack, const char *trust_file)
{
	struct verify_options o = { .pack = pack, .trust = trust_file,
		.as_of_us = FIX_AS_OF };
	struct verify_report r;

	verify_pack(f->a, &o, &r);
	return fix_codes(f->a, &r);
}

static const char *
code_name(const struct fault *fault)
{
	return fault_name(fault->code);
}

static char *
filled(uint64_t n, char c)
{
	char *p = arena_alloc(f->a, n + 1);

	memset(p, c, n);
	p[n] = '\0';
	return p;
}

/* Each makes something of n, and says what was found. */

static const char *
name_of_bytes(uint64_t n)
{
	struct fault fault = { 0 };

	(void)name_check(filled(n, 'a'), n, &fault);
	return code_name(&fault);
}

static const char *
name_of_levels(uint64_t n)
{
	struct str s = str_new(f->a);
	struct fault fault = { 0 };

	for (uint64_t i = 0; i < n; i++)
		str_addz(&s, i == 0 ? "a" : "/a");
	(void)name_check(s.p, s.len, &fault);
	return code_name(&fault);
}

/* The LF counts.  A name is shorter than a line may be, so that is what is
 * wrong at 300. */
static const char *
manifest_line(uint64_t n)
{
	char *line = arena_printf(f->a, "%s  data/%s\n", filled(64, '0'),
	    filled(n - 72, 'a'));
	struct packset set = { 0 };
	struct fault fault = { 0 };

	(void)manifest_parse(f->a, line, strlen(line), &set, &fault);
	return code_name(&fault);
}

/* A folder with one more file, of n zero bytes that are not written. */
static char *
with_sparse(const char *path, uint64_t n)
{
	struct mem m = mem_copy(f->a, &small);
	char *dir;
	int fd;

	if (mem_find(&m, path) != NULL)
		mem_drop(&m, path);
	dir = mem_folder(f, &m);
	fd = open(arena_printf(f->a, "%s/%s", dir, path),
	    O_WRONLY | O_CREAT, 0644);
	assert_true(fd != -1);
	assert_int_equal(0, ftruncate(fd, (off_t)n));
	(void)close(fd);
	return dir;
}

static const char *
manifest_bytes(uint64_t n)
{
	return codes_of(with_sparse(MANIFEST_NAME, n), trust);
}

static const char *
open_only(const char *dir)
{
	struct fault fault = { 0 };
	struct packin *in;

	if (packin_open(f->a, dir, &in, &fault) == 0)
		(void)packin_close(in);
	return code_name(&fault);
}

static const char *
file_bytes(uint64_t n)
{
	return open_only(with_sparse("data/big", n));
}

/* Files of 2 GiB, and the rest that makes n in all. */
static const char *
total_bytes(uint64_t n)
{
	char *dir = fix_path(f, "total");
	uint64_t left = n;

	MUST(mkdir(dir, 0755));
	for (int i = 0; left > 0; i++) {
		uint64_t size = left < LIMIT_PACK_FILE ? left :
		    LIMIT_PACK_FILE;
		int fd = open(arena_printf(f->a, "%s/f%02d", dir, i),
		    O_WRONLY | O_CREAT, 0644);

		assert_int_equal(0, ftruncate(fd, (off_t)size));
		(void)close(fd);
		left -= size;
	}
	return open_only(dir);
}

static const char *
files_in_a_folder(uint64_t n)
{
	char *dir = fix_path(f, "many");
	const char *code;

	MUST(mkdir(dir, 0755));
	for (uint64_t i = 0; i < n; i++)
		(void)close(open(arena_printf(f->a, "%s/%" PRIu64, dir, i),
		    O_WRONLY | O_CREAT, 0644));
	code = open_only(dir);
	MUST(out_rmtree(AT_FDCWD, dir, &fix_err));
	return code;
}

/* With one file of n bytes of x in place of another, signed again. */
static const char *
with_file(const char *path, uint64_t n)
{
	struct mem m = mem_copy(f->a, &small);

	mem_put(f, &m, path, filled(n, 'x'), n);
	mem_manifest(f, &m);
	return codes_of(mem_folder(f, &m), NULL);
}

static const char *
json_bytes(uint64_t n)
{
	return with_file(PACK_JSON, n);
}

static const char *
record_bytes(uint64_t n)
{
	return with_file("data/records/refunds/0.json", n);
}

/* pack.json edited; what L1 says of it. */
static const char *
with_json(const char *from, const char *to)
{
	struct mem m = mem_copy(f->a, &small);
	struct packinfo info;
	struct fault fault = { 0 };
	struct fixfile *x;

	mem_edit(f, &m, PACK_JSON, from, to);
	x = mem_find(&m, PACK_JSON);
	(void)packjson_parse(f->a, x->p, x->len, &info, &fault);
	return code_name(&fault);
}

/* Written before "interim", so that the keys stay sorted. */
static const char *
json_depth(uint64_t n)
{
	/* The object of the file is one level itself. */
	return with_json("\"interim\":", arena_printf(f->a,
	    "\"ab\":%s%s,\"interim\":", filled(n - 1, '['),
	    filled(n - 1, ']')));
}

static const char *
whole_number(uint64_t n)
{
	return with_json("\"interim\":0", arena_printf(f->a,
	    "\"ab\":%" PRIu64 ",\"ac\":-%" PRIu64 ",\"interim\":0", n, n));
}

/* Deflated to 10 bytes, that is said to be of n. */
static const char *
inflated_bytes(uint64_t n)
{
	struct raw r = { 0 };
	struct str s;

	*VEC_PUSH(f->a, r.e, r.n, r.cap) = (struct rawentry){ .name = "a",
		.p = "0123456789", .len = 10, .flags = -1, .method = 8,
		.size = n, .offset = -1 };
	s = raw_bytes(f, &r);
	return open_only(raw_file(f, s.p, s.len));
}

static const char *
signers(uint64_t n)
{
	struct mem m = mem_copy(f->a, &small);

	/* Two are there; the others are lone files. */
	for (uint64_t i = 2; i < n; i++)
		mem_put(f, &m, arena_printf(f->a, "sig/%s-%" PRIu64 ".sshsig",
		    i < 10 ? "preparer" : "approver", i), "x", 1);
	return strstr(codes_of(mem_folder(f, &m), trust), "LIMIT_SIZE") !=
	    NULL ? "LIMIT_SIZE" : "";
}

static const char *
note_of(const char *note, size_t len)
{
	struct checkpoint c;
	struct err e = { 0 };

	return note_checkpoint(f->a, note, len, &c, &e) == 0 ? "" :
	    "NOTE_FORM";
}

static const char *
note_signatures(uint64_t n)
{
	struct str s = str_new(f->a);

	str_addz(&s, fix_note(f, &f->log[0], 2, 1));
	for (uint64_t i = 1; i < n; i++)
		str_addf(&s, "\xE2\x80\x94 witness%" PRIu64 ".example %s=\n",
		    i, filled(91, 'A'));
	return note_of(s.p, s.len);
}

/* The length by the name of a witness. */
static const char *
note_bytes(uint64_t n)
{
	struct str s = str_new(f->a);
	size_t len;

	str_addz(&s, fix_note(f, &f->log[0], 2, 1));
	len = s.len + 3 + 1 + 1 + 92 + 1;
	str_addf(&s, "\xE2\x80\x94 %s %s=\n", filled(n - len, 'w'),
	    filled(91, 'A'));
	assert_int_equal(s.len, n);
	return note_of(s.p, s.len);
}

static const char *
proof_hashes(uint64_t n)
{
	struct str s = str_new(f->a);
	struct proof proof;
	struct fault fault = { 0 };

	str_addz(&s, "c2sp.org/tlog-proof@v1\nindex 1\n");
	for (uint64_t i = 0; i < n; i++)
		str_addf(&s, "%s=\n", filled(43, 'A'));
	str_addf(&s, "\n%s", fix_note(f, &f->log[0], 2, 1));
	(void)proof_parse(f->a, s.p, s.len, &proof, &fault);
	return code_name(&fault);
}

/* Blanks behind the trust file's last brace. */
static const char *
trust_bytes(uint64_t n)
{
	struct str s = str_new(f->a);
	size_t len;
	char *p;

	MUST(out_slurp(f->a, trust, LIMIT_TRUST, &p, &len, &fix_err));
	str_add(&s, p, len);
	str_add(&s, filled(n - len, ' '), n - len);
	return codes_of(mem_folder(f, &small), raw_file(f, s.p, s.len));
}

static const char *
with_sample(const char *from, const char *to)
{
	struct mem m = mem_copy(f->a, &small);

	mem_edit(f, &m, PACK_JSON, from, to);
	mem_manifest(f, &m);
	return strstr(codes_of(mem_folder(f, &m), NULL), "JSON_FORM") !=
	    NULL ? "JSON_FORM" : "";
}

static const char *
nonce_digits(uint64_t n)
{
	return with_sample("\"preparer\",\"k\":25,\"nonce\":\"root\"",
	    arena_printf(f->a, "\"auditor\",\"k\":25,\"nonce\":\"%s\"",
	    filled(n, 'a')));
}

static const char *
sample_rows(uint64_t n)
{
	return with_sample("\"k\":25", arena_printf(f->a, "\"k\":%" PRIu64,
	    n));
}

static const struct {
	const char *name;
	const char *(*have)(uint64_t);
	uint64_t limit;
	int below;          /* one less is refused, not one more */
	const char *at, *past;
} rows[] = {
	{ "bytes of a name", name_of_bytes, 200, 0, "", "ZIP_NAME" },
	{ "levels of a name", name_of_levels, 12, 0, "", "ZIP_NAME" },
	{ "line of the manifest", manifest_line, 300, 0, "MANIFEST_PATH",
	  "LIMIT_LINE" },
	{ "manifest", manifest_bytes, 32 << 20, 0, "MANIFEST_BYTES",
	  "LIMIT_SIZE" },
	{ "JSON", json_bytes, 8 << 20, 0, "JSON_STRICT", "LIMIT_SIZE" },
	{ "depth of JSON", json_depth, 32, 0, "", "JSON_STRICT" },
	{ "integer", whole_number, (UINT64_C(1) << 53) - 1, 0, "",
	  "JSON_STRICT" },
	{ "record", record_bytes, 1 << 20, 0,
	  "RECORD_FORM PROOF_INCLUSION TRUST_NONE", "LIMIT_SIZE TRUST_NONE" },
	{ "file", file_bytes, UINT64_C(2) << 30, 0, "", "LIMIT_SIZE" },
	{ "all files", total_bytes, UINT64_C(16) << 30, 0, "",
	  "LIMIT_SIZE" },
	{ "files of a folder", files_in_a_folder, 100000, 0, "",
	  "LIMIT_ENTRIES" },
	{ "inflated size of 10 bytes", inflated_bytes, 2000, 0, "",
	  "LIMIT_RATIO" },
	{ "signers", signers, 16, 0, "", "LIMIT_SIZE" },
	{ "signatures of a note", note_signatures, 16, 0, "", "NOTE_FORM" },
	{ "note", note_bytes, 64 << 10, 0, "", "NOTE_FORM" },
	{ "hashes of a proof", proof_hashes, 63, 0, "", "NOTE_FORM" },
	{ "trust file", trust_bytes, 1 << 20, 0, "", "TRUST_FORM" },
	{ "most digits of a nonce", nonce_digits, 64, 0, "", "JSON_FORM" },
	{ "fewest digits of a nonce", nonce_digits, 16, 1, "", "JSON_FORM" },
	{ "most rows of a sample", sample_rows, 10000, 0, "", "JSON_FORM" },
	{ "fewest rows of a sample", sample_rows, 1, 1, "", "JSON_FORM" },
};

static void
at_the_limit_and_one_past_it(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t n = rows[i].limit;
		const char *at = rows[i].have(n);
		const char *past = rows[i].have(rows[i].below ? n - 1 : n + 1);

		if (strcmp(at, rows[i].at) == 0 &&
		    strcmp(past, rows[i].past) == 0)
			continue;
		(void)printf("%s: '%s' at %" PRIu64 ", want '%s'; '%s' past "
		    "it, want '%s'\n", rows[i].name, at, n, rows[i].at, past,
		    rows[i].past);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(at_the_limit_and_one_past_it,
		    setup, teardown),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
