#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/out.h"
#include "chain/checkpoint.h"
#include "cmd/logsign.h"
#include "crypt/sign.h"
#include "ingest/append.h"

#define PEM_MAX (16 * KIB)
#define PASS_MAX 1024

static int
read_secret(int fd, char *buf, size_t size, const char *name, size_t *len,
    struct err *e)
{
	ssize_t n;

	*len = 0;
	while ((n = read(fd, buf + *len, size - 1 - *len)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "%s", name);
		*len += (size_t)n;
		if (*len == size - 1)
			return err_set(e, ERR_INPUT, "%s: too long", name);
	}
	buf[*len] = '\0';
	return 0;
}

static int
ask(char *pass, const char *path, struct err *e)
{
	struct termios old, quiet;
	FILE *tty = fopen("/dev/tty", "r+");
	int rc = 0;

	if (tty == NULL || tcgetattr(fileno(tty), &old) == -1) {
		if (tty != NULL)
			(void)fclose(tty);
		return err_set(e, ERR_INPUT, "%s: is encrypted and there is no "
		    "terminal: give --passphrase-fd N", path);
	}
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
	(void)fprintf(tty, "passphrase of %s: ", path);
	(void)fflush(tty);
	if (fgets(pass, PASS_MAX, tty) == NULL)
		rc = err_set(e, ERR_INPUT, "%s: no passphrase", path);
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &old);
	(void)fputc('\n', tty);
	(void)fclose(tty);
	return rc;
}

static int
passphrase(char *pass, const char *fd_text, const char *path, struct err *e)
{
	char *end;
	size_t len;
	long fd;

	if (fd_text == NULL) {
		if (ask(pass, path, e) == -1)
			return -1;
	} else {
		fd = strtol(fd_text, &end, 10);
		if (*fd_text == '\0' || *end != '\0' || fd < 0 || fd > 1023)
			return err_set(e, ERR_INPUT,
			    "--passphrase-fd %s: not a descriptor", fd_text);
		if (read_secret((int)fd, pass, PASS_MAX, "--passphrase-fd", &len,
		    e) == -1)
			return -1;
	}
	pass[strcspn(pass, "\n")] = '\0';
	return 0;
}

int
logsign_passphrase(struct arena *a, const char *path, const char *fd_text,
    char **pass, struct err *e)
{
	char *again = arena_alloc(a, PASS_MAX);
	int rc = -1;

	*pass = arena_alloc(a, PASS_MAX);
	if (passphrase(*pass, fd_text, path, e) == -1)
		goto out;
	if (**pass == '\0')
		(void)err_set(e, ERR_INPUT, "an empty passphrase; --plain-key "
		    "makes a key without one");
	else if (fd_text != NULL)
		rc = 0;
	else if (passphrase(again, NULL, path, e) == 0)
		rc = strcmp(*pass, again) == 0 ? 0 : err_set(e, ERR_INPUT,
		    "the two passphrases differ");
out:
	OPENSSL_cleanse(again, PASS_MAX);
	return rc;
}

/* The file as it was opened, not as it was named. */
static int
check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(e, ERR_INPUT, "%s: a key is a regular file without "
		    "other links", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, ERR_INPUT, "%s: belongs to another user", path);
	if ((st.st_mode & 077) != 0)
		return err_set(e, ERR_INPUT, "%s: others can read it (mode %03o): "
		    "chmod 600", path, (unsigned)st.st_mode & 0777);
	return 0;
}

int
logsign_key(struct arena *a, const char *path, const char *fd_text,
    struct sign_key **key, struct err *e)
{
	char *pem = arena_alloc(a, PEM_MAX), *pass = arena_alloc(a, PASS_MAX);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int rc = -1, encrypted;
	size_t len;

	if (fd == -1 && errno == ELOOP)
		return err_set(e, ERR_INPUT, "%s: is a link: name the key "
		    "itself", path);
	if (fd == -1)
		return err_errno(e, "%s", path);
	if (check_file(fd, path, e) == 0 &&
	    read_secret(fd, pem, PEM_MAX, path, &len, e) == 0) {
		encrypted = strstr(pem, "BEGIN ENCRYPTED") != NULL;
		if (!encrypted || passphrase(pass, fd_text, path, e) == 0)
			rc = sign_open(pem, len, encrypted ? pass : NULL, key, e);
		if (rc == -1)
			(void)err_wrap(e, "%s", path);
	}
	(void)close(fd);
	OPENSSL_cleanse(pem, PEM_MAX);
	OPENSSL_cleanse(pass, PASS_MAX);
	return rc;
}

int
logsign_secret(struct arena *a, const char *path, const char **p, size_t *len,
    struct err *e)
{
	char *buf = arena_alloc(a, 4 * KIB + 1);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int rc = -1;

	if (fd == -1 && errno == ELOOP)
		return err_set(e, ERR_INPUT, "%s: is a link: name the key "
		    "itself", path);
	if (fd == -1)
		return err_errno(e, "%s", path);
	if (check_file(fd, path, e) == 0 &&
	    read_secret(fd, buf, 4 * KIB + 1, path, len, e) == 0)
		rc = *len > 0 ? 0 : err_set(e, ERR_INPUT, "%s: an empty key",
		    path);
	(void)close(fd);
	*p = buf;
	return rc;
}

/* The file beside the key: KEY.<origin, slashes as dashes>.note */
static char *
side_file(struct arena *a, const char *keyfile, const char *origin)
{
	char *name = arena_printf(a, "%s.%s.note", keyfile, origin);

	for (char *p = name + strlen(keyfile); *p != '\0'; p++)
		if (*p == '/')
			*p = '-';
	return name;
}

static int
check_note(struct arena *a, struct append *ap, const char *note, size_t len,
    struct err *e)
{
	uint8_t root[HASH_LEN];
	struct checkpoint last;

	if (checkpoint_last(a, note, len, append_origin(ap), append_size(ap),
	    &last, e) == -1 || append_root(ap, last.size, root, e) == -1)
		return -1;
	return checkpoint_follows(&last, root, e);
}

/* *last and *note: the newest in the table; 0 and NULL without one. */
static int
check_notes(struct arena *a, struct append *ap, const char *keyfile,
    uint64_t *last, const char **note, struct err *e)
{
	char *side = keyfile == NULL ? NULL :
	    side_file(a, keyfile, append_origin(ap)), *text;
	size_t len;
	int rc;

	*last = 0;
	*note = NULL;
	if (side != NULL && access(side, F_OK) == 0) {
		if (out_slurp(a, side, LIMIT_NOTE, &text, &len, e) == -1)
			return -1;
		if (check_note(a, ap, text, len, e) == -1)
			return err_wrap(e, "%s", side);
	}
	rc = append_last_note(ap, a, last, note, e);
	if (rc != 1)
		return rc;
	if (check_note(a, ap, *note, strlen(*note), e) == -1)
		return err_wrap(e, "table checkpoint");
	return 0;
}

int
logsign_check(struct arena *a, struct append *ap, const char *keyfile,
    struct err *e)
{
	const char *note;
	uint64_t last;

	return check_notes(a, ap, keyfile, &last, &note, e);
}

int
logsign(struct arena *a, struct append *ap, const struct sign_key *key,
    const char *keyfile, const char **note, struct err *e)
{
	uint64_t size = append_size(ap), last;
	uint8_t root[HASH_LEN];
	char *text;

	if (check_notes(a, ap, keyfile, &last, note, e) == -1)
		return -1;
	if (size == 0 || last == size)
		return 0;
	if (append_root(ap, size, root, e) == -1 || checkpoint_sign(a,
	    append_origin(ap), size, root, key, &text, e) == -1)
		return -1;
	if (keyfile != NULL && out_replace(side_file(a, keyfile,
	    append_origin(ap)), text, strlen(text), 0600, e) == -1)
		return -1;
	*note = text;
	return append_begin(ap, e) == -1 ||
	    append_note(ap, size, text, e) == -1 ? -1 : append_commit(ap, e);
}
