#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "crypt/signer.h"

/*
 * The wire: a length and that many bytes, both ways.  First the name of the
 * key and of the descriptor, each with its NUL; the answer is 'k' and the
 * SubjectPublicKeyInfo.  Then messages; each answer is 's' and the signature.
 * Any answer may be 'e', the kind of the error, and its text.
 */
#define NAME_MAX_LEN 8192
#define ANSWER_MAX (sizeof(((struct err *)0)->msg) + 2)

struct signer {
	int fd;
	pid_t pid;
};

static int
move(int fd, void *p, size_t len, int out)
{
	for (size_t n = 0; n < len;) {
		ssize_t k = out ?
		    send(fd, (char *)p + n, len - n, MSG_NOSIGNAL) :
		    read(fd, (char *)p + n, len - n);

		if (k == -1 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		n += (size_t)k;
	}
	return 0;
}

static int
put(int fd, void *p, size_t len)
{
	uint32_t n = (uint32_t)len;

	return move(fd, &n, sizeof(n), 1) == -1 ? -1 : move(fd, p, len, 1);
}

/* The bytes of a message with a NUL after them; -1: the other side is gone,
 * or says more than max. */
static int
get(int fd, char *p, size_t max, size_t *len)
{
	uint32_t n;

	if (move(fd, &n, sizeof(n), 0) == -1 || n > max ||
	    move(fd, p, n, 0) == -1)
		return -1;
	p[n] = '\0';
	*len = n;
	return 0;
}

/* The child. */

static int
answer_error(int fd, const struct err *e)
{
	char buf[ANSWER_MAX];
	size_t n = strlen(e->msg);

	buf[0] = 'e';
	buf[1] = (char)e->kind;
	memcpy(buf + 2, e->msg, n);
	return put(fd, buf, n + 2);
}

static int
begins(const char *p, size_t len, const char *with)
{
	return len >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

static int
sign_one(const struct signer_owner *o, const char *name,
    const struct sign_key *key, const char *p, size_t len, int fd)
{
	struct err e = { 0 };
	uint8_t buf[1 + 72];
	size_t n;

	if (!begins(p, len, "DSSEv1 ") && !begins(p, len, "SSHSIG") &&
	    o->checkpoint(o->ctx, name, p, len, &e) == -1)
		return answer_error(fd, &e);
	if (sign_make(key, p, len, buf + 1, &n, &e) == -1)
		return answer_error(fd, &e);
	buf[0] = 's';
	return put(fd, buf, n + 1);
}

/* Serves until the parent is gone. */
static void
serve(const struct signer_owner *o, int fd)
{
	static char text[SIGNER_MAX + 1], name[NAME_MAX_LEN + 1];
	struct err e = { 0 };
	struct sign_key *key = NULL;
	struct sign_pub pub;
	uint8_t buf[1 + sizeof(pub.spki)];
	const char *pass;
	size_t len;

	if (get(fd, name, NAME_MAX_LEN, &len) == -1)
		return;
	pass = strlen(name) + 1 < len ? name + strlen(name) + 1 : NULL;
	if (o->open(o->ctx, name, pass, &key, &e) == -1) {
		(void)answer_error(fd, &e);
		return;
	}
	sign_public(key, &pub);
	buf[0] = 'k';
	memcpy(buf + 1, pub.spki, pub.spkilen);
	if (put(fd, buf, pub.spkilen + 1) == 0)
		while (get(fd, text, SIGNER_MAX, &len) == 0 &&
		    sign_one(o, name, key, text, len, fd) == 0)
			;
	(void)sign_close(key);
}

int
signer_fork(const struct signer_owner *o, struct signer **out, struct err *e)
{
	static const struct rlimit no_core = { 0, 0 };
	int fd[2];
	struct signer *s;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == -1)
		return err_errno(e, "a socket pair for the signer");
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		err_die("out of memory");
	s->pid = fork();
	if (s->pid == 0) {
		(void)close(fd[0]);
		/* The parent's end is its life; a Ctrl-C is the parent's. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)prctl(PR_SET_DUMPABLE, 0);
		(void)setrlimit(RLIMIT_CORE, &no_core);
		serve(o, fd[1]);
		_exit(0);
	}
	(void)close(fd[1]);
	s->fd = fd[0];
	*out = s;
	if (s->pid == -1) {
		(void)err_errno(e, "the signer's process");
		(void)signer_close(s);
		return -1;
	}
	return 0;
}

/* The parent. */

int
signer_close(struct signer *s)
{
	int status = 0, rc = 0;

	if (s == NULL)
		return 0;
	(void)close(s->fd);
	if (s->pid > 0)
		while ((rc = waitpid(s->pid, &status, 0)) == -1 &&
		    errno == EINTR)
			;
	free(s);
	return rc == -1 || status != 0 ? -1 : 0;
}

/* The answer without its letter; -1 and what it says went wrong. */
static int
ask(struct signer *s, void *p, size_t len, char want, char *buf, size_t *n,
    struct err *e)
{
	if (put(s->fd, p, len) == -1 ||
	    get(s->fd, buf, ANSWER_MAX - 1, n) == -1 || *n == 0)
		return err_set(e, ERR_SYSTEM, "the signer's process is gone");
	if (buf[0] == 'e' && *n >= 2)
		return err_set(e, (enum err_kind)buf[1], "%s", buf + 2);
	if (buf[0] != want)
		return err_set(e, ERR_SYSTEM, "the signer's process answered "
		    "something else");
	*n -= 1;
	memmove(buf, buf + 1, *n);
	return 0;
}

static int
make(void *ctx, const void *p, size_t len, uint8_t *sig, size_t *siglen,
    struct err *e)
{
	char buf[ANSWER_MAX];

	if (len > SIGNER_MAX)
		return err_set(e, ERR_INPUT, "%zu bytes are too many to sign: "
		    "at most %d", len, SIGNER_MAX);
	if (ask(ctx, (void *)(uintptr_t)p, len, 's', buf, siglen, e) == -1)
		return -1;
	if (*siglen > 72)
		return err_set(e, ERR_SYSTEM, "a signature of %zu bytes",
		    *siglen);
	memcpy(sig, buf, *siglen);
	return 0;
}

static int
let_go(void *ctx)
{
	(void)ctx; /* the child ends by signer_close */
	return 0;
}

int
signer_open(struct signer *s, const char *name, const char *pass,
    struct sign_key **key, struct err *e)
{
	const struct sign_away away = { make, let_go, s };
	char buf[NAME_MAX_LEN], answer[ANSWER_MAX];
	struct sign_pub pub;
	size_t n = strlen(name) + 1, len;

	if (n + (pass ? strlen(pass) + 1 : 0) > sizeof(buf))
		return err_set(e, ERR_INPUT, "a key's path is too long");
	memcpy(buf, name, n);
	if (pass != NULL) {
		memcpy(buf + n, pass, strlen(pass) + 1);
		n += strlen(pass) + 1;
	}
	if (ask(s, buf, n, 'k', answer, &len, e) == -1 ||
	    sign_pub_spki((uint8_t *)answer, len, &pub, e) == -1)
		return -1;
	*key = sign_elsewhere(&pub, &away);
	return 0;
}
