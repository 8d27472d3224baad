#define _GNU_SOURCE /* syscall */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include "base/utf8.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "read/files.h"
#include "read/yaml.h"

static int
open_below(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

int
files_open(struct arena *a, const char *dir, struct files *f, struct err *e)
{
	*f = (struct files){ .arena = a, .seen = map_new(a) };
	f->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd != -1)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(e, ERR_INPUT, "%s: %s", dir, strerror(errno));
	return err_errno(e, "%s", dir);
}

void
files_close(struct files *f)
{
	if (f != NULL && f->fd >= 0) {
		(void)close(f->fd);
		f->fd = -1;
	}
}

static void
complain(struct files *f, const char *path, struct mark who, struct diag *d)
{
	struct mark at = { path, 0, 0 };
	int input = errno == ELOOP || errno == EXDEV || errno == ENOENT ||
	    errno == ENOTDIR || errno == ENAMETOOLONG;
	const char *why = errno == ELOOP ? "is a link: links are not followed" :
	    errno == EXDEV ? "leaves the project" : strerror(errno);

	f->unread++;
	if (who.file != NULL)
		diag_add(d, input ? ERR_INPUT : ERR_SYSTEM, who, "%s: %s",
		    yaml_quote(d->arena, path), why);
	else
		diag_add(d, input ? ERR_INPUT : ERR_SYSTEM, at, "%s", why);
}

/* All bytes of a regular file of at most max; NULL after a diagnosis. */
static char *
slurp(struct files *f, int fd, const char *path, size_t max, size_t *len,
    struct mark who, struct diag *d)
{
	struct mark at = { path, 0, 0 };
	struct stat st;
	char *p;

	if (fstat(fd, &st) == -1) {
		complain(f, path, who, d);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > max) {
		f->unread++;
		if (!S_ISREG(st.st_mode))
			diag_add(d, ERR_INPUT, at, "is no regular file");
		else
			diag_add(d, ERR_INPUT, at, "%lld bytes, more than %zu",
			    (long long)st.st_size, max);
		return NULL;
	}
	p = arena_alloc(f->arena, (size_t)st.st_size + 1);
	for (*len = 0; *len < (size_t)st.st_size; ) {
		ssize_t n = read(fd, p + *len, (size_t)st.st_size - *len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			complain(f, path, who, d);
			return NULL;
		}
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	p[*len] = '\0';
	return p;
}

struct input *
files_read(struct files *f, const char *kind, const char *path, size_t max,
    struct mark who, struct diag *d)
{
	struct input *in = map_getz(f->seen, path);
	struct hash *h;
	size_t len;
	char *text;
	int fd;

	if (in != NULL)
		return in;
	if ((fd = open_below(f->fd, path, 0)) == -1) {
		if (errno != ENOENT || who.file != NULL)
			complain(f, path, who, d);
		return NULL;
	}
	text = slurp(f, fd, path, max, &len, who, d);
	(void)close(fd);
	if (text == NULL)
		return NULL;
	in = arena_alloc(f->arena, sizeof(*in));
	in->kind = kind;
	in->path = arena_strdup(f->arena, path);
	in->bytes = len;
	in->text = text;
	h = hash_new(f->arena);
	hash_bytes(h, in->sha256, text, len);
	hash_free(h);
	*VEC_PUSH(f->arena, f->input, f->n, f->cap) = in;
	*map_putz(f->seen, path) = in;
	return in;
}

struct yaml *
files_yaml(struct files *f, const char *kind, const char *path,
    const char *schema, struct diag *d)
{
	struct mark here = { path, 0, 0 };
	struct input *in = files_read(f, kind, path, LIMIT_YAML_FILE,
	    (struct mark){ .file = NULL }, d);
	struct yaml *y;

	if (in == NULL)
		return NULL;
	f->yaml_bytes += in->bytes;
	if (++f->nyaml > LIMIT_YAML_FILES || f->yaml_bytes > LIMIT_YAML_TOTAL) {
		if (f->unread++ == 0 || f->nyaml == LIMIT_YAML_FILES + 1)
			diag_add(d, ERR_INPUT, here, "more than %d files or "
			    "%u bytes of YAML", LIMIT_YAML_FILES,
			    LIMIT_YAML_TOTAL);
		return NULL;
	}
	y = yaml_read(f->arena, in->path, in->text, (size_t)in->bytes, d);
	if (y == NULL || (schema != NULL && !yaml_schema(y, schema, d))) {
		f->unread++;
		return NULL;
	}
	return y;
}

int
files_exist(const struct files *f, const char *path)
{
	int fd = open_below(f->fd, path, 0);

	if (fd == -1)
		return 0;
	(void)close(fd);
	return 1;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct files_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static const char *
join(struct arena *a, const char *folder, const char *name)
{
	return strcmp(folder, ".") == 0 ? arena_strdup(a, name) :
	    arena_printf(a, "%s/%s", folder, name);
}

/* 1 if the entry may be looked at; else the diag says why not. */
static int
classify(struct files *f, const char *folder, int dirfd, struct files_entry *e,
    struct diag *d)
{
	struct mark at = { e->path, 0, 0 };
	struct stat st;

	if (!utf8_valid(e->name, strlen(e->name))) {
		f->unread++;
		at.file = folder;
		diag_add(d, ERR_INPUT, at, "holds a name that is not UTF-8: %s",
		    yaml_quote(d->arena, e->name));
	} else if (fstatat(dirfd, e->name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		complain(f, e->path, (struct mark){ .file = NULL }, d);
	else if (S_ISLNK(st.st_mode)) {
		f->unread++;
		diag_add(d, ERR_INPUT, at, "is a link: links are not followed");
	} else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		f->unread++;
		diag_add(d, ERR_INPUT, at, "is no regular file");
	} else {
		e->folder = S_ISDIR(st.st_mode);
		return 1;
	}
	return 0;
}

size_t
files_list(struct files *f, const char *folder, struct files_entry **list,
    struct diag *d)
{
	int fd = open_below(f->fd, folder, O_DIRECTORY);
	struct files_entry *e = NULL;
	size_t n = 0, cap = 0, good = 0;
	struct dirent *de;
	DIR *dir;

	*list = NULL;
	if (fd == -1 || (dir = fdopendir(fd)) == NULL) {
		if (errno != ENOENT)
			complain(f, folder, (struct mark){ .file = NULL }, d);
		if (fd != -1)
			(void)close(fd);
		return 0;
	}
	while ((de = readdir(dir)) != NULL)
		if (de->d_name[0] != '.' && strcmp(de->d_name, "README.md") != 0)
			*VEC_PUSH(f->arena, e, n, cap) = (struct files_entry){
			    .name = arena_strdup(f->arena, de->d_name) };
	if (n > 0)
		qsort(e, n, sizeof(*e), entry_cmp);
	for (size_t i = 0; i < n; i++) {
		e[i].path = join(f->arena, folder, e[i].name);
		if (classify(f, folder, dirfd(dir), &e[i], d))
			e[good++] = e[i];
	}
	(void)closedir(dir);
	*list = e;
	return good;
}

const char *
files_join(struct arena *a, const char *from, const char *path)
{
	const char *slash = strrchr(from, '/'), *p = path;
	struct str s = str_new(a);

	if (slash != NULL)
		str_add(&s, from, (size_t)(slash - from));
	while (*p != '\0') {
		size_t n = strcspn(p, "/");

		if (n == 2 && memcmp(p, "..", 2) == 0) {
			if (s.len == 0)
				return NULL;
			while (s.len > 0 && s.p[s.len - 1] != '/')
				s.len--;
			s.len -= s.len > 0;
			s.p[s.len] = '\0';
		} else if (n > 0 && !(n == 1 && *p == '.')) {
			if (s.len > 0)
				str_addc(&s, '/');
			str_add(&s, p, n);
		}
		p += n + (p[n] == '/');
	}
	return s.p;
}

static int
input_cmp(const void *a, const void *b)
{
	const struct input *x = a, *y = b;

	return strcmp(x->path, y->path);
}

struct input *
files_inputs(const struct files *f, size_t *n)
{
	struct input *list = arena_array(f->arena, f->n + 1, sizeof(*list));

	for (size_t i = 0; i < f->n; i++)
		list[i] = *f->input[i];
	qsort(list, f->n, sizeof(*list), input_cmp);
	*n = f->n;
	return list;
}
