#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rawzip.h"

/* The strict ZIP: what is written is read again; attacks 1 to 18 and 32 to 35
 * of docs/format/pack.md section 12, each refused with its code. */

static struct fix *f;
static struct mem base;

static int
setup(void **state)
{
	static const char text[] = "The quick brown fox jumps over the lazy "
	    "dog. The quick brown fox jumps over the lazy dog.\n";

	(void)state;
	f = fix_new(0);
	base = (struct mem){ 0 };
	mem_put(f, &base, "a.txt", text, sizeof(text) - 1);
	mem_put(f, &base, "data/b.json", "{}", 2);
	mem_put(f, &base, "data/c/d.txt", "", 0);
	mem_put(f, &base, "data/e.txt", text, sizeof(text) - 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_free(f);
	return 0;
}

/* Opens it and reads all data; the first fault. */
static enum fault_code
try_zip(const char *path)
{
	struct fault fault = { 0 };
	struct packin *in;
	char *p;
	size_t len;

	if (packin_open(f->a, path, &in, &fault) == -1)
		return fault.code;
	for (size_t i = 0; i < packin_count(in); i++)
		if (packin_load(in, f->a, packin_at(in, i), UINT64_MAX, &p,
		    &len, &fault) == -1)
			break;
	(void)packin_close(in);
	return fault.code;
}

static enum fault_code
try_raw(const struct raw *r)
{
	struct str s = raw_bytes(f, r);

	return try_zip(raw_file(f, s.p, s.len));
}

static void
what_is_written_is_read(void **state)
{
	struct packin *in;
	struct fault fault;
	char *p;
	size_t len;

	(void)state;
	if (packin_open(f->a, mem_zip(f, &base), &in, &fault) == -1)
		fail_msg("%s", fault.detail);
	assert_int_equal(packin_count(in), base.n);
	for (size_t i = 0; i < base.n; i++) {
		assert_string_equal(packin_at(in, i)->path,
		    base.file[i].path);
		assert_int_equal(0, packin_load(in, f->a, packin_at(in, i),
		    1000, &p, &len, &fault));
		assert_int_equal(len, base.file[i].len);
		assert_memory_equal(p, base.file[i].p, len);
	}
	(void)packin_close(in);
}

/* A file that deflates to under 1/200 must be stored. */
static void
the_writer_keeps_the_ratio(void **state)
{
	struct mem m = { 0 };
	char *zeros = arena_alloc(f->a, 3000000);

	(void)state;
	mem_put(f, &m, "zeros", zeros, 3000000);
	assert_int_equal(try_zip(mem_zip(f, &m)), FAULT_NONE);
}

static void
an_extra_entry_is_refused(void **state)
{
	static const struct {
		const char *name;
		uint32_t mode;
		enum fault_code want;
	} cases[] = {
		{ "../evil", 0, FAULT_ZIP_PATH },
		{ "data/../../evil", 0, FAULT_ZIP_PATH },
		{ "./evil", 0, FAULT_ZIP_PATH },
		{ "data//evil", 0, FAULT_ZIP_PATH },
		{ "/etc/evil", 0, FAULT_ZIP_PATH },
		{ "data\\evil", 0, FAULT_ZIP_NAME },
		{ "C:evil", 0, FAULT_ZIP_NAME },
		{ "\\\\host\\evil", 0, FAULT_ZIP_NAME },
		{ "data/caf\xC3\xA9", 0, FAULT_ZIP_NAME },
		{ "data/cafe\xCC\x81", 0, FAULT_ZIP_NAME },
		{ "data/\xE2\x80\xAEgpj.exe", 0, FAULT_ZIP_NAME },
		{ "data/a\xE2\x80\x8B", 0, FAULT_ZIP_NAME },
		{ "data/a b", 0, FAULT_ZIP_NAME },
		{ "data/con.txt", 0, FAULT_ZIP_NAME },
		{ "data/LPT1", 0, FAULT_ZIP_NAME },
		{ "data/x.", 0, FAULT_ZIP_NAME },
		{ "1/2/3/4/5/6/7/8/9/10/11/12/13", 0, FAULT_ZIP_NAME },
		{ "data/link", 0120777, FAULT_ZIP_TYPE },
		{ "data/device", 0020644, FAULT_ZIP_TYPE },
		{ "data/setuid", 0104644, FAULT_ZIP_TYPE },
		{ "data/exec", 0100755, FAULT_ZIP_TYPE },
		{ "data/folder/", 0040755, FAULT_ZIP_TYPE },
		{ "data/folder/", 0, FAULT_ZIP_PATH },
		{ "a.txt", 0, FAULT_ZIP_DUPLICATE },
		{ "A.TXT", 0, FAULT_ZIP_COLLISION },
		{ "DATA/z", 0, FAULT_ZIP_COLLISION },
		{ "data/c", 0, FAULT_ZIP_COLLISION },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct raw r = raw_of(f, &base);
		enum fault_code have;

		raw_extra(f, &r, cases[i].name)->mode = cases[i].mode;
		have = try_raw(&r);
		if (have != cases[i].want)
			fail_msg("%s: %s, want %s", cases[i].name,
			    fault_name(have), fault_name(cases[i].want));
	}
}

#define EDIT(body)                                                           \
	do {                                                                 \
		struct raw r = raw_of(f, &base);                             \
		struct rawentry *e = raw_find(&r, "data/e.txt");             \
		(void)e;                                                     \
		body;                                                        \
		have = try_raw(&r);                                          \
		if (have != want)                                            \
			fail_msg("%s: %s, want %s", #body, fault_name(have), \
			    fault_name(want));                               \
	} while (0)

static void
an_edited_header_is_refused(void **state)
{
	enum fault_code have, want = FAULT_NONE;
	char bomb[8192], *zeros = arena_alloc(f->a, 4000000);
	z_stream z = { 0 };

	(void)state;
	EDIT(r.count_off = 0);
	want = FAULT_ZIP_LAYOUT;
	EDIT(e->offset = 0);
	EDIT(r.before = "bytes");
	EDIT(r.after = "bytes");
	EDIT(r.after = "bytes that are more than the twenty-two of an end");
	EDIT(r.comment = "hello");
	EDIT(r.count_off = -1);
	EDIT((r.e[0] = *e, e->name = "a.txt")); /* not sorted */
	EDIT(r.count_off = 1);
	want = FAULT_ZIP_ZIP64;
	EDIT(r.zip64_end = 1);
	EDIT((e->extra = "\1\0\10\0\0\0\0\0\0\0\0\0", e->extralen = 12));
	want = FAULT_ZIP_FEATURE;
	EDIT((e->extra = "UT\5\0\1\0\0\0\0", e->extralen = 9));
	EDIT(e->flags = 0x0801);
	EDIT(e->flags = 0x0808);
	EDIT(e->flags = 0);
	EDIT(e->method = 12);
	want = FAULT_ZIP_HEADER_MISMATCH;
	EDIT(e->local_name = "data/x.txt");
	EDIT(e->local_crc_off = 1);
	EDIT(e->local_size_off = 1);
	want = FAULT_ZIP_CRC;
	EDIT(e->crc_off = 1);
	want = FAULT_ZIP_SIZE;
	EDIT(e->size = 77);
	want = FAULT_ZIP_NAME;
	EDIT((e->name = "data/e\0txt", e->namelen = 10));

	/* Deflated: a bomb, and a length that is a lie. */
	assert_int_equal(Z_OK, deflateInit2(&z, 9, Z_DEFLATED, -15, 8,
	    Z_DEFAULT_STRATEGY));
	z.next_in = (void *)zeros;
	z.avail_in = 4000000;
	z.next_out = (void *)bomb;
	z.avail_out = sizeof(bomb);
	assert_int_equal(Z_STREAM_END, deflate(&z, Z_FINISH));
	want = FAULT_LIMIT_RATIO;
	EDIT((e->method = 8, e->p = bomb, e->len = z.total_out,
	    e->size = 4000000));
	want = FAULT_ZIP_SIZE;
	EDIT((e->method = 8, e->p = bomb, e->len = z.total_out,
	    e->size = 500000));
	EDIT((e->method = 8, e->p = bomb, e->len = z.total_out - 9,
	    e->size = 700000));
	(void)deflateEnd(&z);
}

static void
too_many_entries_are_refused(void **state)
{
	struct raw r = { 0 };
	enum fault_code have;

	(void)state;
	for (int i = 0; i < 100001; i++)
		*VEC_PUSH(f->a, r.e, r.n, r.cap) = (struct rawentry){
			.name = arena_printf(f->a, "f%06d", i), .p = "",
			.flags = -1, .offset = -1 };
	have = try_raw(&r);
	assert_string_equal(fault_name(have), "LIMIT_ENTRIES");
	r.n--;
	have = try_raw(&r);
	assert_string_equal(fault_name(have), "");
}

static void
a_truncated_zip_is_refused(void **state)
{
	struct raw r = raw_of(f, &base);
	struct str s = raw_bytes(f, &r);

	(void)state;
	for (size_t i = 1; i < 16; i++)
		assert_string_equal("ZIP_TRUNCATED", fault_name(try_zip(
		    raw_file(f, s.p, s.len * i / 16))));
	for (size_t i = 1; i < 22; i++)
		assert_string_equal("ZIP_TRUNCATED", fault_name(try_zip(
		    raw_file(f, s.p, s.len - i))));
}

static void
other_files_are_no_pack(void **state)
{
	char tar[1024] = "data/b.json";

	(void)state;
	memcpy(tar + 257, "ustar", 6);
	assert_string_equal("NOT_A_PACK", fault_name(try_zip(raw_file(f, tar,
	    sizeof(tar)))));
	assert_string_equal("NOT_A_PACK", fault_name(try_zip(raw_file(f, "",
	    0))));
	assert_string_equal("NOT_A_PACK", fault_name(try_zip("/dev/null")));
	assert_string_equal("NOT_A_PACK", fault_name(try_zip(
	    "/there/is/none")));
}

/* Whatever byte is flipped, the ZIP is refused or holds the same bytes. */
static void
every_flipped_byte_is_found(void **state)
{
	struct mem two = { 0 };
	char *path, *p;
	size_t len;
	int fd;

	(void)state;
	two.file = base.file + 1;
	two.n = 2;
	path = mem_zip(f, &two);
	MUST(out_slurp(f->a, path, 1 << 20, &p, &len, &fix_err));
	fd = open(path, O_WRONLY);
	for (size_t i = 0; i < 8 * len; i++) {
		char c = (char)(p[i / 8] ^ 1 << i % 8);

		assert_int_equal(1, pwrite(fd, &c, 1, (off_t)(i / 8)));
		if (try_zip(path) == FAULT_NONE)
			fail_msg("bit %zu of byte %zu", i % 8, i / 8);
		assert_int_equal(1, pwrite(fd, p + i / 8, 1, (off_t)(i / 8)));
	}
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_written_is_read,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(the_writer_keeps_the_ratio,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(an_extra_entry_is_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(an_edited_header_is_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_entries_are_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(a_truncated_zip_is_refused,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(other_files_are_no_pack,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(every_flipped_byte_is_found,
		    setup, teardown),
	};

	return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
