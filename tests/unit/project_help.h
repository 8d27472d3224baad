#ifndef PROJECT_HELP_H
#define PROJECT_HELP_H

/* A project on disk, made of a few short files, for tests of the reader. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "read/project.h"
#include "read/registry.h"

struct file {
	const char *path, *text;
};

struct fixture {
	struct arena *arena;
	char dir[64];
	struct project project;
	struct diag diag;
	struct ref *ref;
};

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->arena = arena_new();
	f->project.files.fd = -1;
	*state = f;
	return 0;
}

static inline void
fixture_remove(struct fixture *f)
{
	struct err e = { .kind = ERR_OK };

	project_close(&f->project);
	if (f->dir[0] != '\0')
		(void)out_rmtree(-100 /* AT_FDCWD */, f->dir, &e);
	f->dir[0] = '\0';
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	fixture_remove(f);
	arena_free(f->arena);
	free(f);
	return 0;
}

static inline void
fixture_write(const struct fixture *f, const char *path, const char *text)
{
	char *full = arena_printf(f->arena, "%s/%s", f->dir, path);
	struct err e = { .kind = ERR_OK };
	FILE *out;

	*strrchr(full, '/') = '\0';
	(void)out_mkdirs(full, &e);
	full[strlen(full)] = '/';
	out = fopen(full, "w");
	if (out == NULL || fputs(text, out) == EOF || fclose(out) == EOF)
		abort();
}

/* A folder with exhibit.yaml and what the list names; an earlier one goes. */
static inline void
fixture_make(struct fixture *f, const struct file *file, size_t n)
{
	fixture_remove(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/exhibit-test-XXXXXX");
	if (mkdtemp(f->dir) == NULL)
		abort();
	fixture_write(f, "exhibit.yaml",
	    "schema: exhibit/1\norganisation: {id: acme}\n");
	for (size_t i = 0; i < n && file[i].path != NULL; i++)
		fixture_write(f, file[i].path, file[i].text);
	f->ref = NULL;
}

/* Reads it; the lines of the diag joined by LF, "" when all is well. */
static inline const char *
fixture_read(struct fixture *f, int64_t as_of_us)
{
	struct str s = str_new(f->arena);

	diag_init(&f->diag, f->arena);
	if (project_read(f->arena, f->dir, &f->project, &f->diag) == 0)
		(void)registry_read(f->arena, &f->project, as_of_us, &f->diag,
		    &f->ref);
	for (size_t i = 0; i < f->diag.n; i++)
		str_addf(&s, "%s%s", i > 0 ? "\n" : "", f->diag.line[i]);
	return s.p;
}

#endif
