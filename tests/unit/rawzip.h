#ifndef TESTS_UNIT_RAWZIP_H
#define TESTS_UNIT_RAWZIP_H

/* A ZIP writer that lies on request; with no lie it writes the subset of
 * pack.md section 7, stored. */
#include <zlib.h>

#include "packfix.h"

struct rawentry {
	const char *name, *local_name; /* local_name NULL: the same */
	size_t namelen;                /* 0: strlen(name) */
	const char *p;
	size_t len;
	uint32_t mode;          /* 0: 0100644 */
	int flags, method;      /* flags -1: 0x0800; method: 0 */
	uint64_t size;          /* declared; 0: len */
	int crc_off;            /* added to the CRC of both headers */
	int local_crc_off;      /* of the local one alone */
	int local_size_off;
	const char *extra;      /* of the central header */
	size_t extralen;
	int64_t offset;         /* in the central header; -1: the true one */
};

struct raw {
	struct rawentry *e;
	size_t n, cap;
	const char *before, *after, *comment;
	int zip64_end; /* a needless one */
	int count_off;
};

static inline void
raw_put(struct str *s, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		str_addc(s, (char)(v >> (8 * i) & 255));
}

static inline struct raw
raw_of(struct fix *f, const struct mem *m)
{
	struct fixfile *sorted = arena_memdup(f->a, m->file,
	    m->n * sizeof(*sorted));
	struct raw r = { 0 };

	qsort(sorted, m->n, sizeof(*sorted), mem_cmp);
	for (size_t i = 0; i < m->n; i++)
		*VEC_PUSH(f->a, r.e, r.n, r.cap) = (struct rawentry){
			.name = sorted[i].path, .p = sorted[i].p,
			.len = sorted[i].len, .flags = -1, .offset = -1 };
	return r;
}

static inline struct rawentry *
raw_find(struct raw *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->e[i].name, name) == 0)
			return &r->e[i];
	abort();
}

/* A further entry, in its place by name. */
static inline struct rawentry *
raw_extra(struct fix *f, struct raw *r, const char *name)
{
	size_t i = 0;

	(void)VEC_PUSH(f->a, r->e, r->n, r->cap);
	while (i < r->n - 1 && strcmp(r->e[i].name, name) < 0)
		i++;
	memmove(r->e + i + 1, r->e + i, (r->n - 1 - i) * sizeof(*r->e));
	r->e[i] = (struct rawentry){ .name = name, .p = "evil", .len = 4,
		.flags = -1, .offset = -1 };
	return &r->e[i];
}

static inline void
raw_common(struct str *s, const struct rawentry *e, uint32_t crc,
    uint64_t size, size_t namelen, size_t extra)
{
	raw_put(s, 20, 2);
	raw_put(s, e->flags == -1 ? 0x0800u : (unsigned)e->flags, 2);
	raw_put(s, (unsigned)e->method, 2);
	raw_put(s, 0, 2);
	raw_put(s, 0x21, 2);
	raw_put(s, crc, 4);
	raw_put(s, e->len, 4);
	raw_put(s, size, 4);
	raw_put(s, namelen, 2);
	raw_put(s, extra, 2);
}

static inline struct str
raw_bytes(struct fix *f, const struct raw *r)
{
	struct str s = str_new(f->a), c = str_new(f->a);
	uint64_t n = r->n + (uint64_t)(int64_t)r->count_off, at;

	if (r->before != NULL)
		str_addz(&s, r->before);
	for (size_t i = 0; i < r->n; i++) {
		const struct rawentry *e = &r->e[i];
		size_t len = e->namelen > 0 ? e->namelen : strlen(e->name);
		uint64_t size = e->size > 0 ? e->size : e->len;
		const char *local = e->local_name != NULL ? e->local_name :
		    e->name;
		uint32_t crc;

		if (e->method == 0 || e->size == 0)
			crc = (uint32_t)crc32_z(0, (const void *)e->p, e->len);
		else
			crc = 0;
		crc += (uint32_t)e->crc_off;
		at = s.len;
		raw_put(&s, 0x04034b50, 4);
		raw_common(&s, e, crc + (uint32_t)e->local_crc_off,
		    size + (uint64_t)(int64_t)e->local_size_off,
		    len, 0);
		str_add(&s, local, len);
		str_add(&s, e->p, e->len);
		raw_put(&c, 0x02014b50, 4);
		raw_put(&c, 3 << 8 | 20, 2);
		raw_common(&c, e, crc, size, len, e->extralen);
		raw_put(&c, 0, 6);
		raw_put(&c, (uint64_t)(e->mode != 0 ? e->mode : 0100644) << 16,
		    4);
		raw_put(&c, e->offset >= 0 ? (uint64_t)e->offset : at, 4);
		str_add(&c, e->name, len);
		str_add(&c, e->extra, e->extralen);
	}
	at = s.len;
	str_add(&s, c.p, c.len);
	if (r->zip64_end || n >= 0xFFFF) {
		raw_put(&s, 0x06064b50, 4);
		raw_put(&s, 44, 8);
		raw_put(&s, 3 << 8 | 45, 2);
		raw_put(&s, 45, 2);
		raw_put(&s, 0, 8);
		raw_put(&s, n, 8);
		raw_put(&s, n, 8);
		raw_put(&s, c.len, 8);
		raw_put(&s, at, 8);
		raw_put(&s, 0x07064b50, 4);
		raw_put(&s, 0, 4);
		raw_put(&s, at + c.len, 8);
		raw_put(&s, 1, 4);
	}
	raw_put(&s, 0x06054b50, 4);
	raw_put(&s, 0, 4);
	raw_put(&s, n >= 0xFFFF ? 0xFFFF : n, 2);
	raw_put(&s, n >= 0xFFFF ? 0xFFFF : n, 2);
	raw_put(&s, c.len, 4);
	raw_put(&s, at, 4);
	raw_put(&s, r->comment != NULL ? strlen(r->comment) : 0, 2);
	if (r->comment != NULL)
		str_addz(&s, r->comment);
	if (r->after != NULL)
		str_addz(&s, r->after);
	return s;
}

static inline char *
raw_file(struct fix *f, const char *p, size_t len)
{
	char *path = fix_path(f, "raw");

	MUST(out_file(AT_FDCWD, path, p, len, &fix_err));
	return path;
}

#endif
