#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pack/bundle.h"
#include "rawzip.h"

/*
 * Nothing in a pack can be changed unseen: at seeded places of all files of a
 * folder, and of its ZIP, bits are flipped, bytes dropped, doubled and
 * exchanged; files are removed, exchanged and cut short; lines of the manifest
 * and entries of the ZIP change their order.  Never status 0 with other
 * content, always a reason, and only one that the table below allows for that
 * file; 5 only where a version or key became unknown.  Packs that nobody
 * touched raise no alarm.
 * TAMPER=N tries N changes (4,000) and N / 100 untouched packs, at the places
 * of TAMPER_SEED; `make check-tamper` tries 100,000.
 */

static struct fix *f;
static struct mem base;
static struct verify_options o;
static char *dir;
static uint64_t seed = 20261120;
static size_t tried, wrong;

static int
group_setup(void **state)
{
	static const struct fixopt q3 = { .period = "2026-Q3", .previous = 16,
		.size = 18, .as_of_us = FIX_AS_OF, .to_us = FIX_TO };
	struct trust t;
	const char *n = getenv("TAMPER_SEED");
	char *note;

	(void)state;
	seed += n != NULL ? strtoull(n, NULL, 10) : 0;
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

/*
 * What may be said of a change to which file: at least one code of `one`, and
 * no code but those of `one` and `also`.
 */
static const struct {
	const char *prefix;
	const char *one, *also;
} table[] = {
	/* of a log's files: what was kept has then no proof */
	{ "data/log/refunds/checkpoint.prev", "HASH_MISMATCH",
	  "LOG_NO_PROOF" },
	{ "data/", "HASH_MISMATCH", "" },
	{ "README.txt", "TAG_MISMATCH", "" },
	{ "bag", "TAG_MISMATCH", "" },
	/* a hash, or a path: then the file is missing, and unlisted */
	{ "manifest-sha256.txt", "MANIFEST_BYTES MANIFEST_HASH_FORM "
	  "MANIFEST_PATH MANIFEST_SCOPE MANIFEST_DUPLICATE LIMIT_LINE "
	  "HASH_MISMATCH FILE_MISSING",
	  "FILE_UNLISTED SIG_SUBJECT LOG_PREVIOUS LOG_NO_PROOF RECORD_PROOF "
	  "POPULATION_COUNT SAMPLE_MISSING" },
	{ "sig/approver.sigstore.json", "JSON_STRICT JSON_FORM SIG_DOMAIN "
	  "SIG_ENCODING SIG_INVALID SIG_KEYID SIG_UNKNOWN_KEY "
	  "VERSION_UNSUPPORTED", "" },
	{ "sig/preparer.sigstore.json", "APPROVAL_BINDING", "JSON_STRICT "
	  "JSON_FORM SIG_DOMAIN SIG_ENCODING SIG_INVALID SIG_KEYID "
	  "SIG_UNKNOWN_KEY VERSION_UNSUPPORTED" },
	{ "sig/", "SIG_DOMAIN SIG_ENCODING SIG_INVALID SIG_PAIR", "" },
	/* not of one file */
	{ "REMOVED", "FILE_MISSING SIG_PAIR", "FILE_UNLISTED "
	  "APPROVAL_BINDING LOG_NO_PROOF" },
	{ "EXCHANGED", "HASH_MISMATCH TAG_MISMATCH APPROVAL_BINDING KEY_ROLE "
	  "SIG_PAIR MANIFEST_BYTES MANIFEST_HASH_FORM LIMIT_LINE "
	  "JSON_STRICT", "JSON_FORM SIG_ENCODING LOG_NO_PROOF" },
	{ "LINES", "MANIFEST_BYTES", "" },
	{ "ENTRIES", "ZIP_LAYOUT", "" },
	{ "ZIP", "ZIP_COLLISION ZIP_CRC ZIP_DUPLICATE ZIP_FEATURE "
	  "ZIP_HEADER_MISMATCH ZIP_LAYOUT ZIP_NAME ZIP_PATH ZIP_SIZE "
	  "ZIP_TRUNCATED ZIP_TYPE ZIP_ZIP64 LIMIT_RATIO LIMIT_SIZE "
	  "NOT_A_PACK", "APPROVAL_BINDING LOG_NO_PROOF" },
	{ "", "", "" },
};

static int
listed(const char *list, const char *name)
{
	const char *p = list;
	size_t n = strlen(name);

	while ((p = strstr(p, name)) != NULL) {
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return 1;
		p += n;
	}
	return 0;
}

/* Whether the codes are those of a change to that file. */
static int
right_codes(const char *path, const struct verify_report *r)
{
	size_t t = 0;
	int one = 0;

	while (strncmp(path, table[t].prefix, strlen(table[t].prefix)) != 0)
		t++;
	for (size_t i = 0; i < r->nfault; i++) {
		const char *name = fault_name(r->fault[i].code);

		if (listed(table[t].one, name))
			one = 1;
		else if (!listed(table[t].also, name))
			return 0;
	}
	return one;
}

/* 5 is right only where the change made a version or a key unknown. */
static int
unknown(const struct verify_report *r)
{
	for (size_t i = 0; i < r->nfault; i++)
		if (r->fault[i].code == FAULT_VERSION_UNSUPPORTED ||
		    r->fault[i].code == FAULT_SIG_UNKNOWN_KEY)
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

/* Deflated data can say the same in other bits: a string that it repeats may
 * stand at two places, and a last byte has bits to spare. */
static int
same_zip(const char *path)
{
	struct arena *a = f->a;
	struct fault fault;
	struct packin *in;
	int same;
	char *p;
	size_t len;

	if (packin_open(a, path, &in, &fault) == -1)
		return 0;
	same = packin_count(in) == base.n;
	for (size_t i = 0; same && i < base.n; i++) {
		const struct packin_file *x = packin_find(in,
		    base.file[i].path);

		same = x != NULL && packin_load(in, a, x, UINT64_MAX, &p,
		    &len, &fault) == 0 && len == base.file[i].len &&
		    memcmp(p, base.file[i].p, len) == 0;
	}
	(void)packin_close(in);
	return same;
}

static long
wanted(void)
{
	const char *n = getenv("TAMPER");

	return n != NULL ? strtol(n, NULL, 10) : 4000;
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

/* file: with these bytes now, where it alone was changed; else NULL. */
static void
check_found(const char *what, const char *path, const struct fixfile *file,
    const char *p, size_t len)
{
	struct arena *a = arena_new();
	struct verify_report r;

	tried++;
	verify_pack(a, &o, &r);
	if (verify_status(&r) == ERR_OK ? !(strcmp(path, "ZIP") == 0 ?
	    same_zip(o.pack) : file != NULL && same_bundle(a, file, p, len)) :
	    !right_codes(path, &r) ||
	    (verify_status(&r) == ERR_UNDECIDED && !unknown(&r))) {
		(void)printf("%s, %s: status %d, %s\n", path, what,
		    (int)verify_status(&r), fix_codes(a, &r));
		wrong++;
	}
	arena_free(a);
}

/* One change of the bytes of a file: what, and the new ones in p. */
static const char *
change(char *p, size_t *len)
{
	size_t at = (size_t)draw(*len), to;
	char c = p[at];

	switch (draw(8)) {
	case 0:
		memmove(p + at, p + at + 1, *len - at - 1);
		--*len;
		return "a byte dropped";
	case 1:
		memmove(p + at + 1, p + at, *len - at);
		++*len;
		return "a byte doubled";
	case 2:
		to = (size_t)draw(*len);
		p[at] = p[to];
		p[to] = c;
		return "two bytes exchanged";
	default:
		p[at] ^= (char)(1 << draw(8));
		return "a bit flipped";
	}
}

static void
put_bytes(int fd, const char *p, size_t len)
{
	assert_int_equal(len, pwrite(fd, p, len, 0));
	assert_int_equal(0, ftruncate(fd, (off_t)len));
}

static void
change_file(const struct fixfile *x)
{
	struct arena *a = arena_new();
	char *p = arena_alloc(a, x->len + 2);
	size_t len = x->len;
	const char *what;
	int fd;

	memcpy(p, x->p, len);
	what = change(p, &len);
	if (len != x->len || memcmp(p, x->p, len) != 0) {
		fd = open(path_of(x), O_WRONLY);
		put_bytes(fd, p, len);
		check_found(what, x->path, x, p, len);
		put_bytes(fd, x->p, x->len);
		(void)close(fd);
	}
	arena_free(a);
}

static void
every_change_of_bytes_is_found(void **state)
{
	size_t total = 0;

	(void)state;
	for (size_t i = 0; i < base.n; i++)
		total += base.file[i].len;
	for (long i = 0; i < wanted() * 7 / 10; i++) {
		size_t at = (size_t)draw(total), k = 0;

		while (at >= base.file[k].len)
			at -= base.file[k++].len;
		change_file(&base.file[k]);
	}
}

/* The same of a ZIP: what its reader lets through has the same bytes. */
static void
every_change_of_a_zip_is_found(void **state)
{
	char *path = mem_zip(f, &base), *p, *q;
	const char *folder = o.pack, *what;
	size_t n, len;
	int fd;

	(void)state;
	MUST(out_slurp(f->a, path, 1 << 24, &p, &n, &fix_err));
	q = arena_alloc(f->a, n + 2);
	fd = open(path, O_WRONLY);
	o.pack = path;
	the_pack_is_good(NULL);
	for (long i = 0; i < wanted() * 35 / 100; i++) {
		memcpy(q, p, n);
		len = n;
		what = change(q, &len);
		if (len == n && memcmp(p, q, n) == 0)
			continue;
		put_bytes(fd, q, len);
		check_found(what, "ZIP", NULL, NULL, 0);
	}
	(void)close(fd);
	o.pack = folder;
}

static void
every_missing_file_is_found(void **state)
{
	char *away = fix_path(f, "away");

	(void)state;
	for (size_t i = 0; i < base.n; i++) {
		assert_int_equal(0, rename(path_of(&base.file[i]), away));
		check_found("removed", "REMOVED", NULL, NULL, 0);
		assert_int_equal(0, rename(away, path_of(&base.file[i])));
	}
}

static void
every_file_cut_short_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < base.n; i++) {
		const struct fixfile *x = &base.file[i];
		char *longer = arena_printf(f->a, "%s\n", x->p);
		int fd = open(path_of(x), O_WRONLY);

		put_bytes(fd, x->p, x->len - 1);
		check_found("cut", x->path, x, x->p, x->len - 1);
		put_bytes(fd, longer, x->len + 1);
		check_found("longer", x->path, x, longer, x->len + 1);
		put_bytes(fd, x->p, x->len);
		(void)close(fd);
	}
}

static void
exchange(const struct fixfile *x, const struct fixfile *y)
{
	char *away = fix_path(f, "away");

	assert_int_equal(0, rename(path_of(x), away));
	assert_int_equal(0, rename(path_of(y), path_of(x)));
	assert_int_equal(0, rename(away, path_of(y)));
}

static void
every_exchange_of_files_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < base.n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct fixfile *x = &base.file[i];
			const struct fixfile *y = &base.file[k];

			if (x->len == y->len &&
			    memcmp(x->p, y->p, x->len) == 0)
				continue;
			exchange(x, y);
			check_found("exchanged", "EXCHANGED", NULL, NULL, 0);
			exchange(y, x);
		}
}

/* Two lines of the manifest, two entries of the ZIP. */
static void
every_other_order_is_found(void **state)
{
	const struct fixfile *x = mem_find(&base, MANIFEST_NAME);
	const char *folder = o.pack;
	const char *line[64];
	size_t n = 0;
	int fd = open(path_of(x), O_WRONLY);

	(void)state;
	for (const char *p = x->p; *p != '\0'; p = strchr(p, '\n') + 1)
		line[n++] = p;
	line[n] = x->p + x->len;
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			struct str s = str_new(f->a);

			str_add(&s, x->p, (size_t)(line[k] - x->p));
			str_add(&s, line[i], (size_t)(line[i + 1] - line[i]));
			str_add(&s, line[k + 1],
			    (size_t)(line[i] - line[k + 1]));
			str_add(&s, line[k], (size_t)(line[k + 1] - line[k]));
			str_addz(&s, line[i + 1]);
			put_bytes(fd, s.p, s.len);
			check_found("lines", "LINES", NULL, NULL, 0);
		}
	put_bytes(fd, x->p, x->len);
	(void)close(fd);
	for (size_t i = 1; i < base.n; i++)
		for (size_t k = 0; k < i; k++) {
			struct raw r = raw_of(f, &base);
			struct rawentry e = r.e[i];
			struct str s;

			r.e[i] = r.e[k];
			r.e[k] = e;
			s = raw_bytes(f, &r);
			o.pack = raw_file(f, s.p, s.len);
			check_found("entries", "ENTRIES", NULL, NULL, 0);
			(void)unlink(o.pack);
		}
	o.pack = folder;
}

/* Packs that nobody touched, each of another log's size, range and nonce. */
static void
untouched_packs_raise_no_alarm(void **state)
{
	struct verify_options was = o;

	(void)state;
	for (long i = 0; i < wanted() / 100; i++) {
		uint64_t from = draw(FIX_ROWS - 1);
		struct fixopt q = { .period = arena_printf(f->a, "P-%ld", i),
			.previous = draw(3) == 0 ? 0 : from,
			.size = from + 1 + draw(FIX_ROWS - from),
			.as_of_us = FIX_AS_OF, .to_us = FIX_TO,
			.read_from = draw(4) == 0 ? from / 2 : 0,
			.nonce = draw(2) == 0 ? arena_printf(f->a,
			    "%016" PRIx64, draw(UINT64_MAX)) : NULL };
		struct fix *keep = f, *two = fix_new(1 + (int)draw(2));
		struct verify_report r;
		char *note, *path;

		if (q.read_from > q.previous)
			q.read_from = 0;
		f = two;
		path = fix_path(f, "clean");
		fix_pack(f, &q, path);
		fix_sign(f, path, "preparer");
		fix_sign(f, path, "approver");
		o.pack = path;
		o.previous = NULL;
		if (q.previous > 0) {
			note = fix_note(f, &f->log[0], q.previous, 1);
			o.previous = fix_path(f, "kept");
			MUST(out_file(AT_FDCWD, o.previous, note,
			    strlen(note), &fix_err));
		}
		verify_pack(f->a, &o, &r);
		if (verify_status(&r) != ERR_OK || r.nfault > 0)
			fail_msg("untouched pack %ld: status %d, %s", i,
			    (int)verify_status(&r), fix_codes(f->a, &r));
		f = keep;
		fix_free(two);
	}
	o = was;
}

/* Also says how many: far fewer than were asked for would be a lie. */
static void
nothing_went_unseen(void **state)
{
	(void)state;
	(void)printf("%zu changes, %ld untouched packs\n", tried,
	    wanted() / 100);
	assert_true((long)tried >= wanted());
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pack_is_good),
		cmocka_unit_test(every_change_of_bytes_is_found),
		cmocka_unit_test(every_change_of_a_zip_is_found),
		cmocka_unit_test(every_missing_file_is_found),
		cmocka_unit_test(every_file_cut_short_is_found),
		cmocka_unit_test(every_exchange_of_files_is_found),
		cmocka_unit_test(every_other_order_is_found),
		cmocka_unit_test(the_pack_is_good),
		cmocka_unit_test(untouched_packs_raise_no_alarm),
		cmocka_unit_test(nothing_went_unseen),
	};

	return cmocka_run_group_tests_name("tamper", tests, group_setup,
	    group_teardown);
}
