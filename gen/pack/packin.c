#define _GNU_SOURCE /* syscall */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "pack/name.h"
#include "pack/packin.h"

#define CHUNK (64 * 1024u)
#define A_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

struct packin {
	struct arena *arena;
	int fd; /* of the folder, or of the ZIP */
	int zip;
	struct packin_file *file;
	size_t n, cap;
	const char *empty;
	struct map *names;
	uint64_t total;
};

/* Below the folder, through no link at any level. */
static int
open_below(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static int
cmp_file(const void *a, const void *b)
{
	const struct packin_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int list_folder(struct packin *, const char *, struct fault *);

static int
add_file(struct packin *in, const char *path, const struct stat *st,
    struct fault *f)
{
	struct packin_file *file;

	if (in->n == LIMIT_PACK_ENTRIES)
		return fault_set(f, FAULT_LIMIT_ENTRIES,
		    "more than %d files", LIMIT_PACK_ENTRIES);
	in->total += (uint64_t)st->st_size;
	if ((uint64_t)st->st_size > LIMIT_PACK_FILE ||
	    in->total > LIMIT_PACK_TOTAL)
		return fault_set(f, FAULT_LIMIT_SIZE,
		    "%s: over 2 GiB, or over 16 GiB in all", path);
	if (name_add(in->arena, in->names, path, f) == -1)
		return fault_wrap(f, path);
	file = VEC_PUSH(in->arena, in->file, in->n, in->cap);
	file->path = path;
	file->size = (uint64_t)st->st_size;
	return 0;
}

static int
add_one(struct packin *in, int dir, const char *prefix, const char *name,
    struct fault *f)
{
	char *path = arena_printf(in->arena, "%s%s", prefix, name);
	struct stat st;

	if (name_check(path, strlen(path), f) == -1)
		return fault_wrap(f, path);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return fault_set(f, FAULT_INPUT_CHANGED, "%s: %s", path,
		    strerror(errno));
	if (S_ISDIR(st.st_mode))
		return list_folder(in, path, f);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_DIR_TYPE,
		    "%s: neither a plain file nor a folder", path);
	return add_file(in, path, &st, f);
}

/* path: "" or a folder below. */
static int
list_folder(struct packin *in, const char *path, struct fault *f)
{
	char *prefix = arena_printf(in->arena, "%s%s", path,
	    *path != '\0' ? "/" : "");
	int fd = open_below(in->fd, *path != '\0' ? path : ".", A_FOLDER);
	struct dirent *ent;
	size_t n = 0;
	int rc = 0;
	DIR *d;

	if (fd == -1 || (d = fdopendir(fd)) == NULL)
		return fault_set(f, FAULT_INPUT_FAILED, "%s: %s", path,
		    strerror(errno));
	while (rc == 0 && (ent = readdir(d)) != NULL) {
		if (str_eq(ent->d_name, ".") || str_eq(ent->d_name, ".."))
			continue;
		rc = add_one(in, dirfd(d), prefix, ent->d_name, f);
		n++;
	}
	(void)closedir(d);
	if (rc == 0 && n == 0 && in->empty == NULL)
		in->empty = path;
	return rc;
}

static int
open_zip(struct packin *in, uint64_t size, struct fault *f)
{
	struct zip_entry *e;
	size_t n;

	in->zip = 1;
	if (zip_read(in->arena, in->fd, size, &e, &n, f) == -1)
		return -1;
	in->file = arena_array(in->arena, n, sizeof(*in->file));
	in->n = n;
	for (size_t i = 0; i < n; i++)
		in->file[i] = (struct packin_file){ e[i].name, e[i].size,
			&e[i] };
	return 0;
}

int
packin_open(struct arena *a, const char *path, struct packin **out,
    struct fault *f)
{
	struct packin *in = arena_alloc(a, sizeof(*in));
	struct stat st;
	int rc;

	in->arena = a;
	in->names = map_new(a);
	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (in->fd == -1)
		return fault_set(f, errno == ENOENT || errno == ENOTDIR ?
		    FAULT_NOT_A_PACK : FAULT_INPUT_FAILED, "%s",
		    strerror(errno));
	if (fstat(in->fd, &st) == -1)
		rc = fault_set(f, FAULT_INPUT_FAILED, "%s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		rc = list_folder(in, "", f);
	else if (S_ISREG(st.st_mode))
		rc = open_zip(in, (uint64_t)st.st_size, f);
	else
		rc = fault_set(f, FAULT_NOT_A_PACK,
		    "neither a folder nor a plain file");
	if (rc == -1) {
		(void)packin_close(in);
		return -1;
	}
	if (in->n > 0)
		qsort(in->file, in->n, sizeof(*in->file), cmp_file);
	*out = in;
	return 0;
}

int
packin_close(struct packin *in)
{
	if (in == NULL)
		return 0;
	return close(in->fd);
}

int
packin_is_zip(const struct packin *in)
{
	return in->zip;
}

size_t
packin_count(const struct packin *in)
{
	return in->n;
}

const struct packin_file *
packin_at(const struct packin *in, size_t i)
{
	return &in->file[i];
}

const struct packin_file *
packin_find(const struct packin *in, const char *path)
{
	struct packin_file key = { .path = path };

	if (in->n == 0)
		return NULL;
	return bsearch(&key, in->file, in->n, sizeof(key), cmp_file);
}

const char *
packin_empty(const struct packin *in)
{
	return in->empty;
}

static int
read_plain(struct packin *in, const struct packin_file *file, zip_sink *sink,
    void *to, struct fault *f)
{
	int fd = open_below(in->fd, file->path, O_RDONLY), rc = 0;
	uint8_t buf[CHUNK];
	uint64_t size = 0;
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return fault_set(f, FAULT_INPUT_CHANGED, "%s",
		    strerror(errno));
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		rc = fault_set(f, FAULT_INPUT_CHANGED, "is no plain file now");
	while (rc == 0 && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			rc = fault_set(f, FAULT_INPUT_FAILED, "%s",
			    strerror(errno));
		else if ((size += (uint64_t)n) > file->size)
			break;
		else
			rc = sink(to, buf, (size_t)n) != 0 ? -1 : 0;
	}
	if (rc == 0 && size != file->size)
		rc = fault_set(f, FAULT_INPUT_CHANGED,
		    "was %" PRIu64 " bytes and is not now", file->size);
	(void)close(fd);
	return rc;
}

int
packin_read(struct packin *in, const struct packin_file *file, zip_sink *sink,
    void *to, struct fault *f)
{
	if (in->zip)
		return zip_data(in->fd, file->entry, sink, to, f);
	return read_plain(in, file, sink, to, f);
}

struct whole {
	char *p;
	size_t len;
};

static int
append(void *ctx, const void *p, size_t len)
{
	struct whole *w = ctx;

	memcpy(w->p + w->len, p, len);
	w->len += len;
	return 0;
}

int
packin_load(struct packin *in, struct arena *a, const struct packin_file *file,
    uint64_t max, char **p, size_t *len, struct fault *f)
{
	struct whole w;

	if (file->size > max)
		return fault_set(f, FAULT_LIMIT_SIZE, "%" PRIu64
		    " bytes, at most %" PRIu64, file->size, max);
	w.p = arena_alloc(a, (size_t)file->size + 1);
	w.len = 0;
	if (packin_read(in, file, append, &w, f) == -1)
		return -1;
	*p = w.p;
	*len = w.len;
	return 0;
}
