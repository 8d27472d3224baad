#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stddef.h>
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
#include "cmd/cmd.h"
#include "cmd/keyfile.h"
#include "crypt/note.h"
#include "crypt/signer.h"
#include "read/yaml.h"

#define PEM_MAX (16 * KIB)
#define PASS_MAX 1024

/* Files. */

/* The file as it was opened, not as it was named. */
static int
check_file(int fd, const char *path, mode_t others, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(e, ERR_INPUT, "%s: a key is a regular file without "
		    "other links", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, ERR_INPUT, "%s: belongs to another user", path);
	if ((st.st_mode & others) != 0)
		return err_set(e, ERR_INPUT, "%s: others can %s it (mode %03o): "
		    "chmod %s", path, others == 077 ? "read" : "write",
		    (unsigned)st.st_mode & 0777, others == 077 ? "600" :
		    "go-w");
	return 0;
}

static int
open_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 && errno == ELOOP)
		return err_set(e, ERR_INPUT, "%s: is a link: name the key "
		    "itself", path);
	return fd == -1 ? err_errno(e, "%s", path) : fd;
}

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
read_file(const char *path, char *buf, size_t size, size_t *len,
    struct err *e)
{
	int fd = open_file(path, e), rc = -1;

	if (fd == -1)
		return -1;
	if (check_file(fd, path, 077, e) == 0)
		rc = read_secret(fd, buf, size, path, len, e);
	(void)close(fd);
	return rc;
}

int
keyfile_secret(struct arena *a, const char *path, const char **p, size_t *len,
    struct err *e)
{
	char *buf = arena_alloc(a, 4 * KIB + 1);

	*p = buf;
	if (read_file(path, buf, 4 * KIB + 1, len, e) == -1)
		return -1;
	return *len > 0 ? 0 : err_set(e, ERR_INPUT, "%s: an empty key", path);
}

/* Passphrases. */

const char *
keyfile_pass(struct arena *a, const char *fd, const char *file)
{
	return fd != NULL ? arena_printf(a, "fd:%s", fd) :
	    file != NULL ? arena_printf(a, "file:%s", file) : NULL;
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
		    "terminal: give --passphrase-fd N or --passphrase-file "
		    "FILE", path);
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
from_descriptor(char *pass, const char *text, struct err *e)
{
	char *end;
	long fd = strtol(text, &end, 10);
	size_t len;

	if (*text == '\0' || *end != '\0' || fd < 0 || fd > 1023)
		return err_set(e, ERR_INPUT,
		    "--passphrase-fd %s: not a descriptor", text);
	return read_secret((int)fd, pass, PASS_MAX, "--passphrase-fd", &len,
	    e);
}

static int
passphrase(char *pass, const char *source, const char *path, struct err *e)
{
	size_t len;
	int rc;

	if (source == NULL)
		rc = ask(pass, path, e);
	else if (strncmp(source, "fd:", 3) == 0)
		rc = from_descriptor(pass, source + 3, e);
	else
		rc = read_file(source + strlen("file:"), pass, PASS_MAX, &len,
		    e);
	if (rc == 0)
		pass[strcspn(pass, "\n")] = '\0';
	return rc;
}

int
keyfile_new_pass(struct arena *a, const char *path, const char *source,
    char **pass, struct err *e)
{
	char *again = arena_alloc(a, PASS_MAX);
	int rc = -1;

	*pass = arena_alloc(a, PASS_MAX);
	if (passphrase(*pass, source, path, e) == -1)
		goto out;
	if (**pass == '\0')
		(void)err_set(e, ERR_INPUT, "an empty passphrase; --plain-key "
		    "makes a key without one");
	else if (source != NULL)
		rc = 0;
	else if (passphrase(again, NULL, path, e) == 0)
		rc = strcmp(*pass, again) == 0 ? 0 : err_set(e, ERR_INPUT,
		    "the two passphrases differ");
out:
	OPENSSL_cleanse(again, PASS_MAX);
	return rc;
}

/* exhibit-signer/1: a command instead of a key. */

struct command_file {
	const char **command, *alg, *public, *prehash;
	size_t ncommand;
	int64_t timeout_s;
	struct yaml *env;
};

#define AT(m) offsetof(struct command_file, m)
static const struct yaml_field command_field[] = {
	{ "schema", YAML_IS_IGNORED, FIELD_TEXT, 0, NULL, 0, 0, NULL },
	{ "command", YAML_IS_TEXTS, FIELD_TEXT, YAML_REQUIRED, NULL,
	    AT(command), AT(ncommand), NULL },
	{ "alg", YAML_IS_VALUE, FIELD_CHOICE, YAML_REQUIRED, "ed25519 p256",
	    AT(alg), 0, NULL },
	{ "public", YAML_IS_VALUE, FIELD_TEXT, YAML_REQUIRED, NULL,
	    AT(public), 0, NULL },
	{ "prehash", YAML_IS_VALUE, FIELD_CHOICE, 0, "sha256", AT(prehash),
	    0, NULL },
	{ "timeout_s", YAML_IS_VALUE, FIELD_INT, 0, "1 3600", AT(timeout_s),
	    0, NULL },
	{ "env", YAML_IS_NODE, FIELD_TEXT, 0, NULL, AT(env), 0, NULL },
};
static const struct yaml_object command_object = {
	command_field, sizeof(command_field) / sizeof(command_field[0]),
	sizeof(struct command_file), YAML_NOWHERE
};

static char **
environment(struct arena *a, const struct yaml *env, struct diag *d)
{
	char **list = arena_array(a, env == NULL ? 1 : env->n + 1,
	    sizeof(*list));
	size_t n = 0;

	for (const struct yaml *y = env == NULL ? NULL : env->first; y != NULL;
	    y = y->next) {
		if (y->kind != YAML_TEXT || y->key == NULL)
			diag_add(d, ERR_INPUT, y->at, "env: want NAME: text");
		else
			list[n++] = arena_printf(a, "%s=%s", y->key, y->text);
	}
	return list;
}

/* A path that a file names is relative to that file. */
static const char *
beside(struct arena *a, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	return *path == '/' || slash == NULL ? path : arena_printf(a,
	    "%.*s/%s", (int)(slash - file), file, path);
}

static int
public_of(struct arena *a, const char *path, const struct command_file *c,
    struct sign_pub *pub, struct err *e)
{
	const char *file = beside(a, path, c->public);
	char *pem;
	size_t len;

	if (out_slurp(a, file, PEM_MAX, &pem, &len, e) == -1)
		return -1;
	if (sign_pub_pem(pem, len, pub, e) == -1)
		return err_wrap(e, "%s", file);
	if ((pub->alg == SIGN_P256) != (strcmp(c->alg, "p256") == 0))
		return err_set(e, ERR_INPUT, "%s: alg is %s, and %s holds "
		    "another kind of key", path, c->alg, file);
	if (c->prehash != NULL && pub->alg == SIGN_ED25519)
		return err_set(e, ERR_INPUT, "%s: prehash: Ed25519 signs the "
		    "bytes, not their hash", path);
	return 0;
}

static int
open_command(struct arena *a, const char *path, const char *p, size_t len,
    struct sign_key **key, struct err *e)
{
	struct command_file c = { .timeout_s = 60 };
	struct signer_command run = { .prehash = 0 };
	struct diag d;
	struct yaml *y;
	char **argv;

	diag_init(&d, a);
	y = yaml_read(a, path, p, len, &d);
	if (y != NULL && yaml_schema(y, "exhibit-signer/1", &d))
		yaml_into(a, y, &command_object, &c, &d);
	if (d.total == 0)
		run.env = environment(a, c.env, &d);
	if (cmd_diag(&d, e) == -1)
		return -1;
	if (c.ncommand == 0 || c.command[0][0] != '/')
		return err_set(e, ERR_INPUT, "%s: command: want a list that "
		    "begins with a program's whole path", path);
	if (public_of(a, path, &c, &run.pub, e) == -1)
		return -1;
	argv = arena_array(a, c.ncommand + 1, sizeof(*argv));
	for (size_t i = 0; i < c.ncommand; i++)
		argv[i] = arena_strdup(a, c.command[i]);
	run.argv = argv;
	run.prehash = c.prehash != NULL;
	run.timeout_s = (int)c.timeout_s;
	*key = signer_run(&run);
	return 0;
}

/* What the child does. */

static int
open_pem(const char *path, const char *source, char *pem, size_t len,
    char *pass, struct sign_key **key, struct err *e)
{
	int encrypted = strstr(pem, "BEGIN ENCRYPTED") != NULL, rc = -1;

	if (!encrypted || passphrase(pass, source, path, e) == 0)
		rc = sign_open(pem, len, encrypted ? pass : NULL, key, e);
	return rc == -1 ? err_wrap(e, "%s", path) : 0;
}

static int
open_key(void *ctx, const char *path, const char *source,
    struct sign_key **key, struct err *e)
{
	struct arena *a = ctx;
	char *pem = arena_alloc(a, PEM_MAX), *pass = arena_alloc(a, PASS_MAX);
	int fd = open_file(path, e), rc = -1, secret;
	size_t len;

	if (fd == -1)
		return -1;
	if (check_file(fd, path, 022, e) == 0 &&
	    read_secret(fd, pem, PEM_MAX, path, &len, e) == 0) {
		secret = strstr(pem, "exhibit-signer/") == NULL;
		if (!secret)
			rc = open_command(a, path, pem, len, key, e);
		else if (check_file(fd, path, 077, e) == 0)
			rc = open_pem(path, source, pem, len, pass, key, e);
	}
	(void)close(fd);
	OPENSSL_cleanse(pem, PEM_MAX);
	OPENSSL_cleanse(pass, PASS_MAX);
	return rc;
}

char *
keyfile_note(struct arena *a, const char *path, const char *origin)
{
	char *name = arena_printf(a, "%s.%s.note", path, origin);

	for (char *p = name + strlen(path); *p != '\0'; p++)
		if (*p == '/')
			*p = '-';
	return name;
}

/* The log never shrinks, and one size has one root: what the child can see of
 * "consistent with the last" without the log.  Its owner compares the rest. */
static int
check_checkpoint(void *ctx, const char *path, const char *text, size_t len,
    struct err *e)
{
	struct arena *a = ctx;
	struct checkpoint now, last;
	const char *side;
	char *note;
	size_t n;

	/* The body of a note, before its blank line and signature. */
	text = arena_printf(a, "%.*s\n", (int)len, text);
	if (note_checkpoint(a, text, len + 1, &now, e) == -1)
		return err_wrap(e, "%s signs checkpoints, and this is none",
		    path);
	side = keyfile_note(a, path, now.origin);
	if (access(side, F_OK) == -1)
		return 0;
	if (out_slurp(a, side, LIMIT_NOTE, &note, &n, e) == -1 ||
	    note_checkpoint(a, note, n, &last, e) == -1)
		return -1;
	if (strcmp(now.origin, last.origin) != 0 || now.size < last.size ||
	    (now.size == last.size &&
	    memcmp(now.root, last.root, HASH_LEN) != 0))
		return err_set(e, ERR_INTEGRITY, "%s: the checkpoint does not "
		    "follow the one that was signed before", side);
	return 0;
}

int
keyfile_fork(struct signer **out, struct err *e)
{
	struct arena *a = arena_new();
	struct signer_owner owner = { open_key, check_checkpoint, a };
	int rc = signer_fork(&owner, out, e);

	arena_free(a); /* the child has its own copy */
	return rc;
}
