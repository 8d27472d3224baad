#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "pack/manifest.h"
#include "pack/name.h"

#define PATH_AT 66 /* 64 digits and two spaces */

void
manifest_add(struct arena *a, struct packset *set, const char *path,
    uint64_t size, const uint8_t sha256[32])
{
	struct packfile *f = VEC_PUSH(a, set->file, set->nfile, set->cap);

	f->path = arena_strdup(a, path);
	f->size = size;
	memcpy(f->sha256, sha256, HASH_LEN);
}

static int
cmp_path(const void *a, const void *b)
{
	const struct packfile *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void
manifest_sort(struct packset *set)
{
	if (set->nfile > 0)
		qsort(set->file, set->nfile, sizeof(*set->file), cmp_path);
}

const struct packfile *
manifest_find(const struct packset *set, const char *path)
{
	struct packfile key = { .path = path };

	if (set->nfile == 0)
		return NULL;
	return bsearch(&key, set->file, set->nfile, sizeof(key), cmp_path);
}

int
manifest_is_checkpoint(const char *path)
{
	size_t n = strlen(path);

	return strncmp(path, "data/log/", 9) == 0 && n > 20 &&
	    strcmp(path + n - 11, "/checkpoint") == 0;
}

void
manifest_write(struct str *s, const struct packset *set)
{
	for (size_t i = 0; i < set->nfile; i++) {
		char hex[HASH_HEXLEN];

		hash_hex(hex, set->file[i].sha256);
		str_addf(s, "%s  %s\n", hex, set->file[i].path);
	}
}

/* Bytes that no line may hold: CR and other controls, BOM, backslash. */
static int
check_bytes(const char *p, size_t len, struct fault *f)
{
	if (len > LIMIT_PACK_MANIFEST)
		return fault_set(f, FAULT_LIMIT_SIZE, "%zu bytes, at most %u",
		    len, LIMIT_PACK_MANIFEST);
	if (len == 0)
		return fault_set(f, FAULT_MANIFEST_BYTES, "is empty");
	if (p[len - 1] != '\n')
		return fault_set(f, FAULT_MANIFEST_BYTES,
		    "does not end in a line feed");
	for (size_t i = 0; i < len; i++)
		if (p[i] != '\n' && ((unsigned char)p[i] < ' ' ||
		    (unsigned char)p[i] >= 0x7F || p[i] == '\\'))
			return fault_set(f, FAULT_MANIFEST_BYTES,
			    "byte %zu is 0x%02x", i, (unsigned char)p[i]);
	return 0;
}

static int
is_hex(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
		    (p[i] >= 'a' && p[i] <= 'f')))
			return 0;
	return 1;
}

/* A line without its LF: the digest, two spaces, the path. */
static int
parse_line(struct arena *a, const char *p, size_t len, struct packset *set,
    struct fault *f)
{
	size_t hexlen = 0;
	struct packfile *pf;
	struct fault name;
	char hex[HASH_HEXLEN];

	if (len + 1 > LIMIT_PACK_LINE)
		return fault_set(f, FAULT_LIMIT_LINE,
		    "%zu bytes, at most %d", len + 1, LIMIT_PACK_LINE);
	while (hexlen < len && p[hexlen] != ' ')
		hexlen++;
	if (hexlen == 0 || hexlen == len)
		return fault_set(f, FAULT_MANIFEST_BYTES,
		    "want a digest, two spaces, a path");
	if (hexlen != 64 || !is_hex(p, 64))
		return fault_set(f, FAULT_MANIFEST_HASH_FORM,
		    "want 64 lower-case hex digits");
	if (len <= PATH_AT || p[65] != ' ' || p[PATH_AT] == ' ' ||
	    p[65] == '*')
		return fault_set(f, FAULT_MANIFEST_BYTES,
		    "want two spaces before the path");
	p += PATH_AT;
	len -= PATH_AT;
	if (name_check(p, len, &name) == -1)
		return fault_set(f, FAULT_MANIFEST_PATH, "%s", name.detail);
	if (len < 6 || memcmp(p, "data/", 5) != 0)
		return fault_set(f, FAULT_MANIFEST_SCOPE,
		    "lists a file that is not under data/");
	pf = VEC_PUSH(a, set->file, set->nfile, set->cap);
	pf->path = arena_strndup(a, p, len);
	memcpy(hex, p - PATH_AT, 64);
	hex[64] = '\0';
	(void)hash_unhex(pf->sha256, hex);
	return 0;
}

/* Rising order finds a duplicate only beside its twin, so a map does. */
static int
check_order(struct arena *a, const struct packset *set, struct map *names,
    struct fault *f)
{
	const struct packfile *pf = &set->file[set->nfile - 1];
	struct fault name;

	if (name_add(a, names, pf->path, &name) == -1)
		return fault_set(f, name.code == FAULT_ZIP_DUPLICATE ?
		    FAULT_MANIFEST_DUPLICATE : FAULT_MANIFEST_PATH, "%s",
		    name.detail);
	if (set->nfile > 1 && strcmp(pf[-1].path, pf->path) > 0)
		return fault_set(f, FAULT_MANIFEST_BYTES,
		    "is not sorted by path");
	return 0;
}

int
manifest_parse(struct arena *a, const char *p, size_t len, struct packset *set,
    struct fault *f)
{
	struct map *names = map_new(a);
	const char *end = p + len;
	size_t line = 0;

	memset(set, 0, sizeof(*set));
	if (check_bytes(p, len, f) == -1)
		return -1;
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		line++;
		if (set->nfile == LIMIT_PACK_ENTRIES)
			return fault_set(f, FAULT_LIMIT_ENTRIES,
			    "more than %d files", LIMIT_PACK_ENTRIES);
		if (parse_line(a, p, (size_t)(lf - p), set, f) == -1 ||
		    check_order(a, set, names, f) == -1)
			return fault_wrap(f, arena_printf(a, "line %zu",
			    line));
		p = lf + 1;
	}
	return 0;
}
