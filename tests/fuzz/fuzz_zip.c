/*
 * Any bytes as a ZIP: what is accepted is what is written again, byte for
 * byte where every entry is stored; no name leaves the folder, none is there
 * twice, no entry inflates past its declared size.
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "pack/name.h"
#include "pack/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct sum {
	uint64_t len, limit;
};

static int
count(void *ctx, const void *p, size_t len)
{
	struct sum *s = ctx;

	(void)p;
	s->len += len;
	if (s->len > s->limit)
		abort();
	return 0;
}

/* All entries stored: the bytes are those of our own writer. */
static void
same_again(struct arena *a, const struct zip_entry *e, size_t n,
    const uint8_t *p, size_t len)
{
	char path[64];
	struct err err = { 0 };
	struct zipw *w;
	uint8_t *back;
	FILE *f;

	for (size_t i = 0; i < n; i++)
		/* Of these our writer deflates the longer ones. */
		if (e[i].method != 0 || e[i].size > 4)
			return;
	(void)snprintf(path, sizeof(path), "/tmp/fuzz-zip-%ld",
	    (long)getpid());
	if (zip_create(a, -100, path, &w, &err) == -1)
		abort();
	for (size_t i = 0; i < n; i++)
		if (zip_bytes(w, e[i].name, p + e[i].offset,
		    (size_t)e[i].size, &err) == -1)
			abort();
	if (zip_finish(w, 1, &err) == -1)
		abort();
	f = fopen(path, "rb");
	back = arena_alloc(a, len + 1);
	if (f == NULL || fread(back, 1, len + 1, f) != len ||
	    memcmp(back, p, len) != 0)
		abort();
	(void)fclose(f);
	(void)unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	int fd = memfd_create("zip", MFD_CLOEXEC);
	struct zip_entry *e;
	struct fault f = { 0 };
	size_t n = 0;
	int good;

	if (fd == -1 || write(fd, p, len) != (ssize_t)len)
		abort();
	good = zip_read(a, fd, len, &e, &n, &f) == 0;
	if (!good && f.code == FAULT_NONE)
		abort();
	for (size_t i = 0; good && i < n; i++) {
		struct sum s = { 0, e[i].size };

		if (name_check(e[i].name, strlen(e[i].name), &f) == -1 ||
		    (i > 0 && strcmp(e[i - 1].name, e[i].name) >= 0) ||
		    e[i].offset + e[i].stored > len)
			abort();
		if (e[i].size > 16 * MIB)
			good = 0;
		else if (zip_data(fd, &e[i], count, &s, &f) == -1)
			good = 0;
		else if (s.len != e[i].size)
			abort();
	}
	if (good)
		same_again(a, e, n, p, len);
	(void)close(fd);
	arena_free(a);
	return 0;
}
