#ifndef TESTS_UNIT_VECOUT_H
#define TESTS_UNIT_VECOUT_H

/*
 * WRITE_VECTORS=DIR: packs of test_verify.c as fixtures of tests/vectors: what
 * differs from the nearest pack of DIR/base, the trust file where it is not the
 * common one, and expect.json.  tests/vectors/README.md says how they are read.
 */
#include "packfix.h"

struct vecbase {
	const char *name;
	const struct mem *m;
};

struct vec {
	const char *kind, *name;     /* "fail", "36 page" */
	const struct mem *m;
	const char *trust;           /* a file; NULL: none */
	const char *trust_arg;       /* NULL: "trust.json" */
	const char *previous;        /* a note's file; NULL: none */
	const struct mem *previous_pack; /* or this pack; NULL: a note */
	int previous_q2;             /* the pack before, instead */
	const char *rebuilt;         /* a base; NULL: none */
	const char *extra;           /* of make.json: ",\"links\":{}" */
	enum err_kind status;
	const char *verdict, *codes;
};

static inline const char *
vec_slug(struct fix *f, const char *name)
{
	struct str s = str_new(f->a);

	if (name[0] >= '0' && name[0] <= '9' &&
	    !(name[1] >= '0' && name[1] <= '9'))
		str_addc(&s, '0');
	for (const char *p = name; *p != '\0'; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			str_addc(&s, c);
		else if (s.len > 0 && s.p[s.len - 1] != '-')
			str_addc(&s, '-');
	}
	return s.p;
}

static inline void
vec_file(struct fix *f, const char *path, const void *p, size_t len)
{
	char *at = arena_strdup(f->a, path);

	for (char *c = strchr(at + 1, '/'); c != NULL; c = strchr(c + 1, '/')) {
		*c = '\0';
		(void)mkdir(at, 0755);
		*c = '/';
	}
	(void)unlink(path);
	MUST(out_file(AT_FDCWD, path, p, len, &fix_err));
}

/* A whole pack, below dir. */
static inline void
vec_pack(struct fix *f, const char *dir, const struct mem *m)
{
	for (size_t i = 0; i < m->n; i++)
		vec_file(f, arena_printf(f->a, "%s/%s", dir, m->file[i].path),
		    m->file[i].p, m->file[i].len);
}

static inline const struct fixfile *
vec_same(const struct mem *m, const struct fixfile *x)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->file[i].path, x->path) == 0)
			return m->file[i].len == x->len && memcmp(m->file[i].p,
			    x->p, x->len) == 0 ? &m->file[i] : NULL;
	return NULL;
}

/* The bytes that m has and base has not. */
static inline size_t
vec_cost(const struct mem *base, const struct mem *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (vec_same(base, &m->file[i]) == NULL)
			n += m->file[i].len;
	return n;
}

static inline void
vec_make(struct fix *f, const char *dir, const struct vec *v,
    const struct vecbase *base)
{
	struct str s = str_new(f->a);
	const char *comma = "";

	str_addf(&s, "{\"base\":\"%s\",\"drop\":[", base->name);
	for (size_t i = 0; i < base->m->n; i++) {
		const struct fixfile *x = &base->m->file[i];

		if (mem_find(arena_memdup(f->a, v->m, sizeof(*v->m)),
		    x->path) != NULL)
			continue;
		str_addf(&s, "%s\"%s\"", comma, x->path);
		comma = ",";
	}
	str_addz(&s, "]");
	if (v->previous_q2)
		str_addz(&s, ",\"previous\":\"q2\"");
	if (v->rebuilt != NULL)
		str_addf(&s, ",\"rebuilt\":\"%s\"", v->rebuilt);
	str_addf(&s, "%s}\n", v->extra != NULL ? v->extra : "");
	vec_file(f, arena_printf(f->a, "%s/make.json", dir), s.p, s.len);
}

static inline void
vec_expect(struct fix *f, const char *dir, const struct vec *v)
{
	struct str s = str_new(f->a);
	const char *comma = "";

	str_addz(&s, "{\"argv\":[\"--json\",\"--as-of\","
	    "\"2026-10-12T00:00:00Z\"");
	if (v->trust_arg != NULL || v->trust != NULL)
		str_addf(&s, ",\"--trust\",\"%s\"", v->trust_arg != NULL ?
		    v->trust_arg : "trust.json");
	if (v->previous_q2 || v->previous != NULL)
		str_addz(&s, ",\"--previous\",\"previous\"");
	if (v->rebuilt != NULL)
		str_addz(&s, ",\"--rebuilt\",\"rebuilt\"");
	str_addz(&s, ",\"pack\"],\n \"codes\":[");
	for (const char *p = v->codes; *p != '\0';) {
		size_t n = strcspn(p, " ");

		str_addf(&s, "%s\"%.*s\"", comma, (int)n, p);
		comma = ",";
		p += n + (p[n] == ' ');
	}
	str_addf(&s, "],\"status\":%d,\"verdict\":\"%s\"}\n", (int)v->status,
	    v->verdict);
	vec_file(f, arena_printf(f->a, "%s/expect.json", dir), s.p, s.len);
}

static inline void
vec_write(struct fix *f, const char *root, const struct vec *v,
    const struct vecbase *base, size_t nbase)
{
	char *dir = arena_printf(f->a, "%s/%s/%s", root, v->kind,
	    vec_slug(f, v->name)), *p, *q;
	size_t best = 0, plen, qlen;

	for (size_t i = 1; i < nbase; i++)
		if (vec_cost(base[i].m, v->m) < vec_cost(base[best].m, v->m))
			best = i;
	(void)out_rmtree(AT_FDCWD, dir, &fix_err);
	for (size_t i = 0; i < v->m->n; i++)
		if (vec_same(base[best].m, &v->m->file[i]) == NULL)
			vec_file(f, arena_printf(f->a, "%s/pack/%s", dir,
			    v->m->file[i].path), v->m->file[i].p,
			    v->m->file[i].len);
	vec_make(f, dir, v, &base[best]);
	vec_expect(f, dir, v);
	if (v->trust != NULL && v->trust_arg == NULL) {
		MUST(out_slurp(f->a, v->trust, LIMIT_TRUST, &p, &plen,
		    &fix_err));
		MUST(out_slurp(f->a, arena_printf(f->a, "%s/base/trust.json",
		    root), LIMIT_TRUST, &q, &qlen, &fix_err));
		if (plen != qlen || memcmp(p, q, plen) != 0)
			vec_file(f, arena_printf(f->a, "%s/trust.json", dir),
			    p, plen);
	}
	if (v->previous_pack != NULL)
		vec_pack(f, arena_printf(f->a, "%s/previous", dir),
		    v->previous_pack);
	else if (v->previous != NULL) {
		MUST(out_slurp(f->a, v->previous, LIMIT_NOTE, &p, &plen,
		    &fix_err));
		vec_file(f, arena_printf(f->a, "%s/previous", dir), p, plen);
	}
}

#endif
