#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "pack/name.h"
#include "pack/zip.h"

#define LEVEL 6
#define CHUNK (64 * 1024u)

#define SIG_LOCAL 0x04034b50u
#define SIG_CENTRAL 0x02014b50u
#define SIG_END 0x06054b50u
#define SIG_END64 0x06064b50u
#define SIG_LOCATOR 0x07064b50u

#define MADE_BY_UNIX (3u << 8)
#define FLAG_UTF8 0x0800u
#define DATE_1980 0x0021u
#define MODE_0644 (0100644u << 16)
#define FULL16 0xFFFFu
#define FULL32 0xFFFFFFFFu

#define LEN_LOCAL 30
#define LEN_CENTRAL 46
#define LEN_EXTRA64 12
#define LEN_END 22
#define LEN_END64 56
#define LEN_LOCATOR 20

/*
 * Headers.  The reader takes the values out, writes the header again by these
 * functions and compares: so nothing is accepted that would not be written.
 */
static void
put(struct str *s, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		str_addc(s, (char)(v >> (8 * i) & 0xFF));
}

static uint64_t
get(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = bytes; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

/* An entry, and where its local header stands. */
struct head {
	struct zip_entry e;
	uint64_t at;
};

static void
put_common(struct str *s, const struct head *h, size_t extra)
{
	put(s, h->at >= FULL32 ? 45 : 20, 2);
	put(s, FLAG_UTF8, 2);
	put(s, (uint64_t)h->e.method, 2);
	put(s, 0, 2);
	put(s, DATE_1980, 2);
	put(s, h->e.crc, 4);
	put(s, h->e.stored, 4);
	put(s, h->e.size, 4);
	put(s, strlen(h->e.name), 2);
	put(s, extra, 2);
}

static void
put_local(struct str *s, const struct head *h)
{
	put(s, SIG_LOCAL, 4);
	put_common(s, h, 0);
	str_addz(s, h->e.name);
}

static void
put_central(struct str *s, const struct head *h)
{
	int far = h->at >= FULL32;

	put(s, SIG_CENTRAL, 4);
	put(s, MADE_BY_UNIX | (far ? 45 : 20), 2);
	put_common(s, h, far ? LEN_EXTRA64 : 0);
	put(s, 0, 2); /* comment */
	put(s, 0, 2); /* disk */
	put(s, 0, 2); /* internal attributes */
	put(s, MODE_0644, 4);
	put(s, far ? FULL32 : h->at, 4);
	str_addz(s, h->e.name);
	if (far) {
		put(s, 1, 2);
		put(s, 8, 2);
		put(s, h->at, 8);
	}
}

static void
put_end(struct str *s, uint64_t n, uint64_t at, uint64_t size)
{
	if (n >= FULL16 || at >= FULL32 || size >= FULL32) {
		put(s, SIG_END64, 4);
		put(s, LEN_END64 - 12, 8);
		put(s, MADE_BY_UNIX | 45, 2);
		put(s, 45, 2);
		put(s, 0, 8); /* disks */
		put(s, n, 8);
		put(s, n, 8);
		put(s, size, 8);
		put(s, at, 8);
		put(s, SIG_LOCATOR, 4);
		put(s, 0, 4);
		put(s, at + size, 8);
		put(s, 1, 4);
	}
	put(s, SIG_END, 4);
	put(s, 0, 4); /* disks */
	put(s, n >= FULL16 ? FULL16 : n, 2);
	put(s, n >= FULL16 ? FULL16 : n, 2);
	put(s, size >= FULL32 ? FULL32 : size, 4);
	put(s, at >= FULL32 ? FULL32 : at, 4);
	put(s, 0, 2); /* comment */
}

/* The writer. */

struct zipw {
	struct arena *arena;
	int fd;
	const char *path;
	uint64_t at; /* end of what is written */
	struct head *head;
	size_t n, cap;
	z_stream z;
	/* of the entry in work */
	int method;
	uint64_t size, stored;
	uint32_t crc;
	struct err *err;
	uint8_t buf[CHUNK];
};

static int
write_at(struct zipw *w, const void *p, size_t len, uint64_t at, struct err *e)
{
	const char *from = p;

	while (len > 0) {
		ssize_t n = pwrite(w->fd, from, len, (off_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "%s", w->path);
		from += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int
zip_create(struct arena *a, int dir, const char *path, struct zipw **out,
    struct err *e)
{
	struct zipw *w = arena_alloc(a, sizeof(*w));

	w->arena = a;
	w->path = arena_strdup(a, path);
	w->fd = openat(dir, path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (w->fd == -1)
		return err_errno(e, "%s", path);
	if (fchmod(w->fd, 0644) == -1) {
		(void)err_errno(e, "%s", path);
		(void)close(w->fd);
		return -1;
	}
	if (deflateInit2(&w->z, LEVEL, Z_DEFLATED, -15, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		err_die("out of memory");
	*out = w;
	return 0;
}

/* Takes what deflate has ready. */
static int
drain(struct zipw *w, int flush)
{
	int r;

	do {
		size_t n;

		w->z.next_out = w->buf;
		w->z.avail_out = CHUNK;
		r = deflate(&w->z, flush);
		n = CHUNK - w->z.avail_out;
		if (write_at(w, w->buf, n, w->at + w->stored, w->err) == -1)
			return -1;
		w->stored += n;
	} while (w->z.avail_out == 0);
	return flush == Z_FINISH && r != Z_STREAM_END ?
	    err_set(w->err, ERR_SYSTEM, "%s: deflate failed", w->path) : 0;
}

static int
take_bytes(void *ctx, const void *p, size_t len)
{
	struct zipw *w = ctx;

	w->size += len;
	w->crc = (uint32_t)crc32_z(w->crc, p, len);
	if (w->size > LIMIT_PACK_FILE)
		return err_set(w->err, ERR_INPUT, "%s: a file of over 2 GiB",
		    w->path);
	if (w->method == 0) {
		if (write_at(w, p, len, w->at + w->stored, w->err) == -1)
			return -1;
		w->stored += len;
		return 0;
	}
	while (len > 0) {
		uInt n = len > (1u << 30) ? 1u << 30 : (uInt)len;
		const void *from = p;

		/* zlib only reads; its type says otherwise. */
		memcpy(&w->z.next_in, &from, sizeof(from));
		w->z.avail_in = n;
		if (drain(w, Z_NO_FLUSH) == -1)
			return -1;
		p = (const char *)p + n;
		len -= n;
	}
	return 0;
}

static int
one_pass(struct zipw *w, int method, zip_source *source, void *ctx)
{
	w->method = method;
	w->size = w->stored = 0;
	w->crc = (uint32_t)crc32_z(0, NULL, 0);
	(void)deflateReset(&w->z);
	if (source(ctx, take_bytes, w, w->err) != 0)
		return -1;
	return method == 8 ? drain(w, Z_FINISH) : 0;
}

int
zip_add(struct zipw *w, const char *name, zip_source *source, void *ctx,
    struct err *e)
{
	struct str s = str_new(w->arena);
	struct head h = { .at = w->at };
	struct fault f;

	if (name_check(name, strlen(name), &f) == -1)
		return fault_err(&f, name, e);
	if (w->n > 0 && strcmp(w->head[w->n - 1].e.name, name) >= 0)
		return err_set(e, ERR_SYSTEM, "%s: not in order", name);
	if (w->n == LIMIT_PACK_ENTRIES)
		return err_set(e, ERR_INPUT, "a pack holds at most %d files",
		    LIMIT_PACK_ENTRIES);
	w->err = e;
	w->at += LEN_LOCAL + strlen(name);
	if (one_pass(w, 8, source, ctx) == -1)
		return -1;
	if ((w->stored >= w->size ||
	    w->size / LIMIT_PACK_RATIO >= w->stored) &&
	    one_pass(w, 0, source, ctx) == -1)
		return -1;
	h.e = (struct zip_entry){ .name = arena_strdup(w->arena, name),
		.size = w->size, .stored = w->stored, .crc = w->crc,
		.method = w->method };
	put_local(&s, &h);
	if (write_at(w, s.p, s.len, h.at, e) == -1)
		return -1;
	w->at += w->stored;
	*VEC_PUSH(w->arena, w->head, w->n, w->cap) = h;
	return 0;
}

struct bytes {
	const void *p;
	size_t len;
};

static int
give_bytes(void *ctx, zip_sink *sink, void *to, struct err *e)
{
	struct bytes *b = ctx;

	(void)e;
	return sink(to, b->p, b->len);
}

int
zip_bytes(struct zipw *w, const char *name, const void *p, size_t len,
    struct err *e)
{
	struct bytes b = { p, len };

	return zip_add(w, name, give_bytes, &b, e);
}

int
zip_finish(struct zipw *w, int ok, struct err *e)
{
	struct str s = str_new(w->arena);
	int rc = -1;

	(void)deflateEnd(&w->z);
	if (!ok)
		goto out;
	for (size_t i = 0; i < w->n; i++)
		put_central(&s, &w->head[i]);
	put_end(&s, w->n, w->at, s.len);
	if (write_at(w, s.p, s.len, w->at, e) == -1)
		goto out;
	/* A pass that deflated may have left bytes past the stored ones. */
	if (ftruncate(w->fd, (off_t)(w->at + s.len)) == -1 ||
	    fsync(w->fd) == -1) {
		(void)err_errno(e, "%s", w->path);
		goto out;
	}
	rc = 0;
out:
	if (close(w->fd) == -1 && rc == 0)
		rc = err_errno(e, "%s", w->path);
	return rc;
}

/* The reader. */

static int
read_at(int fd, void *p, size_t len, uint64_t at, struct fault *f)
{
	char *to = p;

	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fault_set(f, FAULT_INPUT_FAILED, "%s",
			    strerror(errno));
		if (n == 0)
			return fault_set(f, FAULT_INPUT_CHANGED,
			    "became shorter");
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* No end record in the last 22 bytes: says which of the three it is. */
static int
no_end(struct arena *a, int fd, uint64_t size, struct fault *f)
{
	size_t len = size > FULL16 + LEN_END ? FULL16 + LEN_END : (size_t)size;
	uint8_t *p = arena_alloc(a, len + 4), first[4] = { 0 };

	if (read_at(fd, p, len, size - len, f) == -1 ||
	    read_at(fd, first, size < 4 ? (size_t)size : 4, 0, f) == -1)
		return -1;
	for (size_t i = 0; i + LEN_END <= len; i++)
		if (get(p + i, 4) == SIG_END)
			return fault_set(f, FAULT_ZIP_LAYOUT,
			    "bytes after the end record");
	if (size > 0 && memcmp(first, "PK\3\4", size < 4 ? size : 4) == 0)
		return fault_set(f, FAULT_ZIP_TRUNCATED,
		    "the end record is not there");
	return fault_set(f, FAULT_NOT_A_PACK, "neither a folder nor a ZIP");
}

struct end {
	uint64_t n, at, size; /* entries; the central directory */
	uint64_t len;         /* of the end record or records */
};

static int
read_end(struct arena *a, int fd, uint64_t size, struct end *end,
    struct fault *f)
{
	uint8_t tail[LEN_END64 + LEN_LOCATOR + LEN_END];
	const size_t all = sizeof(tail);
	size_t have = size < all ? (size_t)size : all;
	const uint8_t *p = tail + all - LEN_END, *p64 = tail;
	struct str s = str_new(a);
	int far;

	memset(tail, 0, all);
	if (read_at(fd, tail + all - have, have, size - have, f) == -1)
		return -1;
	if (have < LEN_END || get(p, 4) != SIG_END)
		return no_end(a, fd, size, f);
	if (get(p + 20, 2) != 0)
		return fault_set(f, FAULT_ZIP_LAYOUT, "an archive comment");
	end->n = get(p + 10, 2);
	end->size = get(p + 12, 4);
	end->at = get(p + 16, 4);
	far = get(p - LEN_LOCATOR, 4) == SIG_LOCATOR;
	if (!far && (end->n == FULL16 || end->size == FULL32 ||
	    end->at == FULL32))
		return fault_set(f, FAULT_ZIP_ZIP64, "ZIP64 end is missing");
	if (far) {
		end->n = get(p64 + 32, 8);
		end->size = get(p64 + 40, 8);
		end->at = get(p64 + 48, 8);
	}
	end->len = far ? all : LEN_END;
	if (end->at > size || end->size > size ||
	    end->at + end->size + end->len != size)
		return fault_set(f, far && get(p64, 4) != SIG_END64 ?
		    FAULT_ZIP_ZIP64 : FAULT_ZIP_LAYOUT,
		    "the central directory does not end where its end begins");
	put_end(&s, end->n, end->at, end->size);
	if (s.len != end->len || memcmp(s.p, tail + all - s.len, s.len) != 0)
		return fault_set(f, far || s.len != end->len ?
		    FAULT_ZIP_ZIP64 : FAULT_ZIP_FEATURE,
		    "the end record is not the one that is written for %"
		    PRIu64 " entries", end->n);
	return 0;
}

/* One central header of at most len bytes; *took: how long it is. */
static int
read_central(struct arena *a, const uint8_t *p, size_t len, struct head *h,
    size_t *took, struct fault *f)
{
	size_t name, extra, comment;
	struct str s = str_new(a);

	if (len < LEN_CENTRAL || get(p, 4) != SIG_CENTRAL)
		return fault_set(f, FAULT_ZIP_LAYOUT, "want a central header");
	name = (size_t)get(p + 28, 2);
	extra = (size_t)get(p + 30, 2);
	comment = (size_t)get(p + 32, 2);
	*took = LEN_CENTRAL + name + extra + comment;
	if (*took > len)
		return fault_set(f, FAULT_ZIP_LAYOUT,
		    "a central header runs past the directory");
	if (memchr(p + LEN_CENTRAL, '\0', name) != NULL)
		return fault_set(f, FAULT_ZIP_NAME, "a NUL in a name");
	h->e.name = arena_strndup(a, (const char *)p + LEN_CENTRAL, name);
	h->e.method = (int)get(p + 10, 2);
	h->e.crc = (uint32_t)get(p + 16, 4);
	h->e.stored = get(p + 20, 4);
	h->e.size = get(p + 24, 4);
	h->at = get(p + 42, 4);
	if (comment != 0)
		return fault_set(f, FAULT_ZIP_LAYOUT, "a comment");
	if (get(p + 38, 4) != MODE_0644)
		return fault_set(f, FAULT_ZIP_TYPE,
		    "mode is 0%o, want 0100644", (unsigned)get(p + 40, 2));
	if (name_check(h->e.name, name, f) == -1)
		return -1;
	if (get(p + 8, 2) != FLAG_UTF8)
		return fault_set(f, FAULT_ZIP_FEATURE,
		    "flags are 0x%04x, want 0x0800", (unsigned)get(p + 8, 2));
	if (h->e.method != 0 && h->e.method != 8)
		return fault_set(f, FAULT_ZIP_FEATURE,
		    "method is %d, want 0 or 8", h->e.method);
	if (extra == LEN_EXTRA64 && get(p + LEN_CENTRAL + name, 2) == 1)
		h->at = get(p + LEN_CENTRAL + name + 4, 8);
	put_central(&s, h);
	if (s.len != *took || memcmp(s.p, p, s.len) != 0)
		return fault_set(f, extra != 0 && get(p + LEN_CENTRAL + name,
		    2) == 1 ? FAULT_ZIP_ZIP64 : FAULT_ZIP_FEATURE,
		    "the central header is not the one that is written");
	return 0;
}

static int
check_sizes(const struct zip_entry *e, uint64_t *total, struct fault *f)
{
	*total += e->size;
	if (e->size > LIMIT_PACK_FILE)
		return fault_set(f, FAULT_LIMIT_SIZE, "a file of over 2 GiB");
	if (*total > LIMIT_PACK_TOTAL)
		return fault_set(f, FAULT_LIMIT_SIZE, "over 16 GiB in all");
	if (e->size / LIMIT_PACK_RATIO + (e->size % LIMIT_PACK_RATIO != 0) >
	    e->stored)
		return fault_set(f, FAULT_LIMIT_RATIO, "%" PRIu64
		    " bytes from %" PRIu64, e->size, e->stored);
	if (e->method == 0 && e->size != e->stored)
		return fault_set(f, FAULT_ZIP_SIZE, "stored as %" PRIu64
		    " bytes, declared as %" PRIu64, e->stored, e->size);
	return 0;
}

/* The local header at `at` is the central one again; then the data. */
static int
check_local(struct arena *a, int fd, struct head *h, uint64_t *at,
    uint64_t limit, struct fault *f)
{
	struct str s = str_new(a);
	uint8_t have[LEN_LOCAL + LIMIT_PACK_NAME];

	if (h->at != *at)
		return fault_set(f, FAULT_ZIP_LAYOUT, "begins at %" PRIu64
		    ", the one before ends at %" PRIu64, h->at, *at);
	put_local(&s, h);
	if (*at + s.len + h->e.stored > limit)
		return fault_set(f, FAULT_ZIP_LAYOUT,
		    "runs into the central directory");
	if (read_at(fd, have, s.len, *at, f) == -1)
		return -1;
	if (memcmp(have, s.p, s.len) != 0)
		return fault_set(f, FAULT_ZIP_HEADER_MISMATCH,
		    "local and central header differ");
	h->e.offset = *at + s.len;
	*at = h->e.offset + h->e.stored;
	return 0;
}

static int
check_entry(struct arena *a, struct map *names, const struct head *h,
    const struct head *before, struct fault *f)
{
	if (name_add(a, names, h->e.name, f) == -1)
		return -1;
	if (before != NULL && strcmp(before->e.name, h->e.name) > 0)
		return fault_set(f, FAULT_ZIP_LAYOUT,
		    "entries are not sorted by name");
	return 0;
}

static int
read_entries(struct arena *a, int fd, const struct end *end,
    struct zip_entry *out, struct fault *f)
{
	uint8_t *p = arena_alloc(a, (size_t)end->size + 1);
	struct map *names = map_new(a);
	struct head h, before;
	uint64_t at = 0, total = 0;
	size_t left = (size_t)end->size, took = 0;

	if (read_at(fd, p, left, end->at, f) == -1)
		return -1;
	for (uint64_t i = 0; i < end->n; i++) {
		memset(&h, 0, sizeof(h));
		if (read_central(a, p, left, &h, &took, f) == -1 ||
		    check_entry(a, names, &h, i > 0 ? &before : NULL, f) ==
		    -1 || check_sizes(&h.e, &total, f) == -1 ||
		    check_local(a, fd, &h, &at, end->at, f) == -1)
			return h.e.name == NULL ? -1 :
			    fault_wrap(f, h.e.name);
		out[i] = h.e;
		before = h;
		p += took;
		left -= took;
	}
	if (left != 0)
		return fault_set(f, FAULT_ZIP_LAYOUT,
		    "%zu bytes after the last central header", left);
	if (at != end->at)
		return fault_set(f, FAULT_ZIP_LAYOUT,
		    "bytes before the central directory that no entry owns");
	return 0;
}

int
zip_read(struct arena *a, int fd, uint64_t size, struct zip_entry **out,
    size_t *n, struct fault *f)
{
	struct end end;

	if (read_end(a, fd, size, &end, f) == -1)
		return -1;
	if (end.n > LIMIT_PACK_ENTRIES)
		return fault_set(f, FAULT_LIMIT_ENTRIES, "%" PRIu64
		    " entries, at most %d", end.n, LIMIT_PACK_ENTRIES);
	if (end.n == 0)
		return fault_set(f, FAULT_NOT_A_PACK, "an empty ZIP");
	if (end.size > end.n * (LEN_CENTRAL + LIMIT_PACK_NAME + LEN_EXTRA64))
		return fault_set(f, FAULT_ZIP_LAYOUT,
		    "the central directory is too large for %" PRIu64
		    " entries", end.n);
	*n = (size_t)end.n;
	*out = arena_array(a, *n, sizeof(**out));
	return read_entries(a, fd, &end, *out, f);
}

struct inflating {
	const struct zip_entry *e;
	zip_sink *sink;
	void *to;
	uint64_t size;
	uint32_t crc;
};

static int
pass_on(struct inflating *w, const void *p, size_t len, struct fault *f)
{
	w->size += len;
	if (w->size > w->e->size)
		return fault_set(f, FAULT_ZIP_SIZE,
		    "inflates past its declared %" PRIu64 " bytes",
		    w->e->size);
	w->crc = (uint32_t)crc32_z(w->crc, p, len);
	return w->sink(w->to, p, len);
}

static int
copy_stored(int fd, struct inflating *w, struct fault *f)
{
	uint8_t in[CHUNK];

	while (w->size < w->e->stored) {
		uint64_t left = w->e->stored - w->size;
		size_t n = left < CHUNK ? (size_t)left : CHUNK;

		if (read_at(fd, in, n, w->e->offset + w->size, f) == -1 ||
		    pass_on(w, in, n, f) != 0)
			return -1;
	}
	return 0;
}

/* The stream must end with the last stored byte, not before nor after. */
static int
inflate_all(int fd, z_stream *z, struct inflating *w, struct fault *f)
{
	uint8_t in[CHUNK], out[CHUNK];
	uint64_t taken = 0;
	int r = Z_OK;

	while (r != Z_STREAM_END) {
		uint64_t left = w->e->stored - taken;
		size_t n = left < CHUNK ? (size_t)left : CHUNK;

		if (z->avail_in == 0) {
			if (n == 0)
				return fault_set(f, FAULT_ZIP_SIZE,
				    "the deflated data has no end");
			if (read_at(fd, in, n, w->e->offset + taken, f) == -1)
				return -1;
			taken += n;
			z->next_in = in;
			z->avail_in = (uInt)n;
		}
		z->next_out = out;
		z->avail_out = CHUNK;
		r = inflate(z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return fault_set(f, FAULT_ZIP_CRC,
			    "the deflated data is damaged");
		if (pass_on(w, out, CHUNK - z->avail_out, f) != 0)
			return -1;
	}
	if (z->avail_in != 0 || taken != w->e->stored)
		return fault_set(f, FAULT_ZIP_SIZE,
		    "bytes after the end of the deflated data");
	return 0;
}

int
zip_data(int fd, const struct zip_entry *e, zip_sink *sink, void *to,
    struct fault *f)
{
	struct inflating w = { e, sink, to, 0,
		(uint32_t)crc32_z(0, NULL, 0) };
	z_stream z = { 0 };
	int rc;

	if (e->method == 0)
		rc = copy_stored(fd, &w, f);
	else {
		if (inflateInit2(&z, -15) != Z_OK)
			err_die("out of memory");
		rc = inflate_all(fd, &z, &w, f);
		(void)inflateEnd(&z);
	}
	if (rc == -1)
		return -1;
	if (w.size != e->size)
		return fault_set(f, FAULT_ZIP_SIZE, "is %" PRIu64
		    " bytes, declared as %" PRIu64, w.size, e->size);
	if (w.crc != e->crc)
		return fault_set(f, FAULT_ZIP_CRC,
		    "CRC is %08x, declared as %08x", w.crc, e->crc);
	return 0;
}
