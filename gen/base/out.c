#define _GNU_SOURCE /* renameat2, syncfs */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "base/utf8.h"

#define NEW_FILE (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define A_FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int
out_slurp(struct arena *a, const char *path, size_t max, char **p, size_t *len,
    struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = -1;
	struct stat st;
	ssize_t n;
	char *buf;

	if (fd == -1) {
		(void)err_errno(e, "%s", path);
		if (errno == ENOENT)
			e->kind = ERR_INPUT;
		return -1;
	}
	if (fstat(fd, &st) == -1) {
		(void)err_errno(e, "%s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(e, ERR_INPUT, "%s: not a regular file", path);
		goto out;
	}
	if ((uint64_t)st.st_size > max) {
		(void)err_set(e, ERR_INPUT, "%s: %jd bytes, at most %zu",
		    path, (intmax_t)st.st_size, max);
		goto out;
	}
	buf = arena_alloc(a, (size_t)st.st_size + 1);
	*len = 0;
	while (*len < (size_t)st.st_size) {
		n = read(fd, buf + *len, (size_t)st.st_size - *len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			(void)err_errno(e, "%s", path);
			goto out;
		}
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	buf[*len] = '\0';
	*p = buf;
	rc = 0;
out:
	(void)close(fd);
	return rc;
}

static int
write_all(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Makes the folders above the last part of path, below dir. */
static int
make_parents(int dir, const char *path)
{
	char part[1024];

	for (const char *s = path; (s = strchr(s, '/')) != NULL; s++) {
		size_t n = (size_t)(s - path);

		if (n == 0)
			continue;
		if (n >= sizeof(part)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdirat(dir, part, 0755) == -1 && errno != EEXIST)
			return -1;
	}
	return 0;
}

int
out_file(int dir, const char *path, const void *p, size_t len, struct err *e)
{
	int fd = openat(dir, path, NEW_FILE, 0644);

	if (fd == -1 && errno == ENOENT) {
		if (make_parents(dir, path) == -1)
			return err_errno(e, "%s", path);
		fd = openat(dir, path, NEW_FILE, 0644);
	}
	if (fd == -1)
		return err_errno(e, "%s", path);
	if (write_all(fd, p, len) == -1 || fchmod(fd, 0644) == -1) {
		(void)err_errno(e, "%s", path);
		(void)close(fd);
		return -1;
	}
	if (close(fd) == -1)
		return err_errno(e, "%s", path);
	return 0;
}

int
out_replace(const char *path, const void *p, size_t len, unsigned mode,
    struct err *e)
{
	char tmp[1024];
	int fd, n;

	n = snprintf(tmp, sizeof(tmp), "%s.tmp-%ld", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return err_set(e, ERR_SYSTEM, "%s: name too long", path);
	fd = open(tmp, NEW_FILE, mode);
	if (fd == -1)
		return err_errno(e, "%s", path);
	if (write_all(fd, p, len) == -1 || fchmod(fd, mode) == -1 ||
	    fsync(fd) == -1) {
		(void)err_errno(e, "%s", path);
		(void)close(fd);
		(void)unlink(tmp);
		return -1;
	}
	if (close(fd) == -1 || rename(tmp, path) == -1) {
		(void)err_errno(e, "%s", path);
		(void)unlink(tmp);
		return -1;
	}
	return 0;
}

int
out_mkdirs(const char *path, struct err *e)
{
	if (make_parents(AT_FDCWD, path) == -1)
		return err_errno(e, "%s", path);
	if (mkdir(path, 0755) == -1 && errno != EEXIST)
		return err_errno(e, "%s", path);
	return 0;
}

static int
remove_below(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *ent;
	int rc = 0;

	if (d == NULL) {
		(void)close(fd);
		return -1;
	}
	while ((ent = readdir(d)) != NULL) {
		int child;

		if (str_eq(ent->d_name, ".") || str_eq(ent->d_name, ".."))
			continue;
		if (unlinkat(dirfd(d), ent->d_name, 0) == 0)
			continue;
		child = openat(dirfd(d), ent->d_name, A_FOLDER);
		if (child == -1 || remove_below(child) == -1 ||
		    unlinkat(dirfd(d), ent->d_name, AT_REMOVEDIR) == -1)
			rc = -1;
	}
	(void)closedir(d);
	return rc;
}

int
out_rmtree(int dir, const char *path, struct err *e)
{
	int fd = openat(dir, path, A_FOLDER);

	if (fd == -1) {
		if (errno == ENOENT)
			return 0;
		return err_errno(e, "%s", path);
	}
	if (remove_below(fd) == -1 || unlinkat(dir, path, AT_REMOVEDIR) == -1)
		return err_errno(e, "removing %s", path);
	return 0;
}

/* A run that died leaves its staging behind; the lock says that it is dead. */
static int
remove_stale(struct out_swap *sw, struct err *e)
{
	char prefix[160];
	int fd = openat(sw->dirfd, ".", A_FOLDER), rc = 0;
	struct dirent *ent;
	DIR *d;

	(void)snprintf(prefix, sizeof(prefix), ".%s.tmp-", sw->name);
	if (fd == -1 || (d = fdopendir(fd)) == NULL)
		return err_errno(e, "reading the output folder");
	while (rc == 0 && (ent = readdir(d)) != NULL)
		if (strncmp(ent->d_name, prefix, strlen(prefix)) == 0)
			rc = out_rmtree(sw->dirfd, ent->d_name, e);
	(void)closedir(d);
	return rc;
}

static int
take_lock(struct out_swap *sw, const char *dir, struct err *e)
{
	char pid[32] = "";
	ssize_t n;

	sw->lockfd = openat(sw->dirfd, ".lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (sw->lockfd == -1)
		return err_errno(e, "%s/.lock", dir);
	if (flock(sw->lockfd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return err_errno(e, "%s/.lock", dir);
		n = pread(sw->lockfd, pid, sizeof(pid) - 1, 0);
		if (n > 0 && pid[n - 1] == '\n')
			pid[n - 1] = '\0';
		return err_set(e, ERR_SYSTEM,
		    "%s/.lock: held by another run, process %s", dir,
		    n > 0 ? pid : "unknown");
	}
	(void)snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(sw->lockfd, 0) == -1 ||
	    pwrite(sw->lockfd, pid, strlen(pid), 0) == -1)
		return err_errno(e, "%s/.lock", dir);
	return 0;
}

/* Opens the parent and makes the staging folder in it. */
static int
stage(struct out_swap *sw, const char *dir, const char *name, struct err *e)
{
	if (strlen(name) >= sizeof(sw->name))
		return err_set(e, ERR_SYSTEM, "%s: name too long", name);
	memcpy(sw->name, name, strlen(name) + 1);
	(void)snprintf(sw->staging, sizeof(sw->staging), ".%s.tmp-%ld", name,
	    (long)getpid());
	sw->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sw->dirfd == -1)
		return err_errno(e, "%s", dir);
	if (!sw->fresh &&
	    (take_lock(sw, dir, e) == -1 || remove_stale(sw, e) == -1))
		return -1;
	if (mkdirat(sw->dirfd, sw->staging, 0755) == -1 ||
	    (sw->fd = openat(sw->dirfd, sw->staging, A_FOLDER)) == -1)
		return err_errno(e, "%s/%s", dir, sw->staging);
	return 0;
}

int
out_swap_begin(struct out_swap *sw, const char *dir, const char *name,
    struct err *e)
{
	*sw = (struct out_swap){ .dirfd = -1, .lockfd = -1, .fd = -1 };
	if (out_mkdirs(dir, e) == 0 && stage(sw, dir, name, e) == 0)
		return 0;
	out_swap_abort(sw);
	return -1;
}

int
out_fresh_begin(struct out_swap *sw, const char *path, struct err *e)
{
	size_t n = strlen(path), from;
	char dir[4096], name[sizeof(sw->name)];
	struct stat st;

	*sw = (struct out_swap){ .dirfd = -1, .lockfd = -1, .fd = -1,
		.fresh = 1 };
	while (n > 1 && path[n - 1] == '/')
		n--;
	for (from = n; from > 0 && path[from - 1] != '/';)
		from--;
	if (from == n || n - from >= sizeof(name) || from >= sizeof(dir))
		return err_set(e, ERR_INPUT, "%s: no name for a folder", path);
	(void)snprintf(name, sizeof(name), "%.*s", (int)(n - from),
	    path + from);
	(void)snprintf(dir, sizeof(dir), "%.*s", from > 0 ? (int)from : 1,
	    from > 0 ? path : ".");
	if (lstat(path, &st) == 0)
		return err_set(e, ERR_INPUT, "%s: is there already; name a "
		    "new folder", path);
	if (access(dir, F_OK) == -1)
		return err_set(e, ERR_INPUT, "%s: the folder %s is not there",
		    path, dir);
	if (stage(sw, dir, name, e) == 0)
		return 0;
	out_swap_abort(sw);
	return -1;
}

static void
close_all(struct out_swap *sw)
{
	int *fd[] = { &sw->fd, &sw->lockfd, &sw->dirfd };

	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++) {
		if (*fd[i] != -1)
			(void)close(*fd[i]);
		*fd[i] = -1;
	}
}

/* First time NOREPLACE, then EXCHANGE, so that the name is never missing;
 * where the file system has neither, two renames. */
static int
exchange(struct out_swap *sw, int *had_old, struct err *e)
{
	char old[sizeof(sw->name) + 32];

	*had_old = 0;
	if (renameat2(sw->dirfd, sw->staging, sw->dirfd, sw->name,
	    RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST && sw->fresh)
		return err_set(e, ERR_INPUT, "%s: is there already", sw->name);
	if (errno == EEXIST) {
		*had_old = 1;
		if (renameat2(sw->dirfd, sw->staging, sw->dirfd, sw->name,
		    RENAME_EXCHANGE) == 0)
			return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return err_errno(e, "publishing %s", sw->name);
	(void)snprintf(old, sizeof(old), ".%s.tmp-old", sw->name);
	*had_old = renameat(sw->dirfd, sw->name, sw->dirfd, old) == 0;
	if (renameat(sw->dirfd, sw->staging, sw->dirfd, sw->name) == -1) {
		(void)err_errno(e, "publishing %s", sw->name);
		(void)renameat(sw->dirfd, old, sw->dirfd, sw->name);
		return -1;
	}
	if (*had_old)
		(void)renameat(sw->dirfd, old, sw->dirfd, sw->staging);
	return 0;
}

int
out_swap_done(struct out_swap *sw, struct err *e)
{
	int had_old;

	if (syncfs(sw->fd) == -1) {
		(void)err_errno(e, "syncing %s", sw->staging);
		goto fail;
	}
	if (exchange(sw, &had_old, e) == -1)
		goto fail;
	if (fsync(sw->dirfd) == -1) {
		(void)err_errno(e, "syncing the output folder");
		close_all(sw);
		return -1;
	}
	if (had_old && out_rmtree(sw->dirfd, sw->staging, e) == -1) {
		close_all(sw);
		return -1;
	}
	close_all(sw);
	return 0;
fail:
	out_swap_abort(sw);
	return -1;
}

void
out_swap_abort(struct out_swap *sw)
{
	struct err ignored = { 0 };

	if (sw->dirfd != -1 && sw->fd != -1)
		(void)out_rmtree(sw->dirfd, sw->staging, &ignored);
	close_all(sw);
}

void
out_text(FILE *f, const char *text)
{
	struct arena *a = arena_new();
	struct str s = str_new(a);

	utf8_visible(&s, text, strlen(text), 0);
	(void)fwrite(s.p, 1, s.len, f);
	arena_free(a);
}

int
out_flush(struct err *e)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		return err_errno(e, "standard output");
	return 0;
}
