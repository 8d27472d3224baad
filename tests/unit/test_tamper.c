#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pack/bundle.h"
#include "packfix.h"

/*
 * Nothing in a pack can be changed unseen: bytes flipped at seeded places of
 * all files, files removed, swapped and cut short.  Never status 0 with other
 * content, always a reason; 5 only where a version or key became unknown.
 * TAMPER=N tries N flips instead of 2,000.
 */

static struct fix *f;
static struct mem base;
static struct verify_options o;
static char *dir;
static uint64_t seed = 20261120;

static int
group_setup(void **state)
{
	static const struct fixopt q3 = { .period = "2026-Q3", .previous = 16,
		.size = 40, .as_of_us = FIX_AS_OF, .to_us = FIX_TO };
	struct trust t;
	char *note;

	(void)state;
	f = fix_new(1);
	dir = fix_path(f, "pack");
	fix_pack(f, &q3, dir);
	fix_sign(f, dir, "preparer");
	fix_sign(f, dir, "approver");
	base = mem_read(f, dir);
	fix_trust(f, &t);
	o.trust = fix_trust_file(f, &t);
	note = fix_note(f, &f->log[0], 16, 1);
	o.previous = fix_path(f, "kept");
	MUST(out_file(AT_FDCWD, o.previous, note, strlen(note), &fix_err));
	o.as_of_us = FIX_AS_OF;
	o.pack = dir;
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	fix_free(f);
	return 0;
}

/* splitmix64, so that every machine tries the same places. */
static uint64_t
draw(uint64_t n)
{
	uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (z ^ z >> 31) % n;
}

static char *
path_of(const struct fixfile *x)
{
	return arena_printf(f->a, "%s/%s", dir, x->path);
}

static const enum fault_code unknown[] = { FAULT_VERSION_UNSUPPORTED,
	FAULT_SIG_UNKNOWN_KEY };

/* The status is right and there is a reason. */
static int
found(const struct verify_report *r)
{
	enum err_kind status = verify_status(r);

	if (r->nfault == 0)
		return 0;
	if (status == ERR_INPUT || status == ERR_INTEGRITY)
		return 1;
	for (size_t i = 0; i < r->nfault && status == ERR_UNDECIDED; i++)
		for (size_t k = 0; k < 2; k++)
			if (r->fault[i].code == unknown[k])
				return 1;
	return 0;
}

/* A bundle's spelling may differ where what it says is the same: it stands
 * outside the manifest, and other tools may have written it. */
static int
same_bundle(struct arena *a, const struct fixfile *x, const char *p,
    size_t len)
{
	struct bundle was, is;
	struct fault fault;

	return strstr(x->path, ".sigstore.json") != NULL &&
	    bundle_parse(a, x->p, x->len, &was, &fault) == 0 &&
	    bundle_parse(a, p, len, &is, &fault) == 0 &&
	    was.payloadlen == is.payloadlen && was.siglen == is.siglen &&
	    memcmp(was.payload, is.payload, is.payloadlen) == 0 &&
	    memcmp(was.sig, is.sig, is.siglen) == 0 &&
	    strcmp(was.keyid, is.keyid) == 0;
}

static void
the_pack_is_good(void **state)
{
	struct verify_report r;

	(void)state;
	verify_pack(f->a, &o, &r);
	assert_int_equal(verify_status(&r), ERR_OK);
	assert_int_equal(r.nfault, 0);
}

static void
flip(const struct fixfile *x, size_t at, int bit)
{
	struct arena *a = arena_new();
	int fd = open(path_of(x), O_WRONLY);
	char *p = arena_strndup(a, x->p, x->len);
	struct verify_report r;

	p[at] ^= (char)(1 << bit);
	assert_int_equal(1, pwrite(fd, p + at, 1, (off_t)at));
	verify_pack(a, &o, &r);
	if (!found(&r) && !(verify_status(&r) == ERR_OK &&
	    same_bundle(a, x, p, x->len)))
		fail_msg("bit %d of byte %zu of %s: status %d, %s", bit, at,
		    x->path, (int)verify_status(&r), fix_codes(a, &r));
	assert_int_equal(1, pwrite(fd, x->p + at, 1, (off_t)at));
	(void)close(fd);
	arena_free(a);
}

static void
every_flipped_bit_is_found(void **state)
{
	const char *n = getenv("TAMPER");
	long places = n != NULL ? strtol(n, NULL, 10) : 2000;
	size_t total = 0;

	(void)state;
	for (size_t i = 0; i < base.n; i++)
		total += base.file[i].len;
	for (long i = 0; i < places; i++) {
		size_t at = (size_t)draw(total), k = 0;

		while (at >= base.file[k].len)
			at -= base.file[k++].len;
		flip(&base.file[k], at, (int)draw(8));
	}
}

/* file: where it alone changed, its bytes now. */
static void
check_found(const char *what, const char *path, const struct fixfile *file,
    size_t len)
{
	struct arena *a = arena_new();
	struct verify_report r;

	verify_pack(a, &o, &r);
	if (file != NULL && verify_status(&r) == ERR_OK &&
	    same_bundle(a, file, arena_printf(a, "%s\n", file->p), len)) {
		arena_free(a);
		return;
	}
	if (!found(&r) && verify_status(&r) != ERR_UNDECIDED)
		fail_msg("%s %s: status %d, %s", what, path,
		    (int)verify_status(&r), fix_codes(a, &r));
	assert_true(r.nfault > 0);
	assert_int_not_equal(verify_status(&r), ERR_OK);
	arena_free(a);
}

static void
every_missing_file_is_found(void **state)
{
	char *away = fix_path(f, "away");

	(void)state;
	for (size_t i = 0; i < base.n; i++) {
		assert_int_equal(0, rename(path_of(&base.file[i]), away));
		check_found("without", base.file[i].path, NULL, 0);
		assert_int_equal(0, rename(away, path_of(&base.file[i])));
	}
}

static void
every_file_cut_short_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < base.n; i++) {
		const struct fixfile *x = &base.file[i];
		int fd = open(path_of(x), O_WRONLY);

		assert_int_equal(0, ftruncate(fd, (off_t)x->len - 1));
		check_found("cut", x->path, x, x->len - 1);
		assert_int_equal(1, pwrite(fd, x->p + x->len - 1, 1,
		    (off_t)x->len - 1));
		assert_int_equal(1, pwrite(fd, "\n", 1, (off_t)x->len));
		check_found("longer", x->path, x, x->len + 1);
		assert_int_equal(0, ftruncate(fd, (off_t)x->len));
		(void)close(fd);
	}
}

static void
swap(const struct fixfile *x, const struct fixfile *y)
{
	char *away = fix_path(f, "away");

	assert_int_equal(0, rename(path_of(x), away));
	assert_int_equal(0, rename(path_of(y), path_of(x)));
	assert_int_equal(0, rename(away, path_of(y)));
}

static void
every_swap_is_found(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		const struct fixfile *x = &base.file[draw(base.n)];
		const struct fixfile *y = &base.file[draw(base.n)];

		if (x == y || (x->len == y->len &&
		    memcmp(x->p, y->p, x->len) == 0))
			continue;
		swap(x, y);
		check_found("swapped", x->path, NULL, 0);
		swap(y, x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pack_is_good),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(every_missing_file_is_found),
		cmocka_unit_test(every_file_cut_short_is_found),
		cmocka_unit_test(every_swap_is_found),
		cmocka_unit_test(the_pack_is_good),
	};

	return cmocka_run_group_tests_name("tamper", tests, group_setup,
	    group_teardown);
}
