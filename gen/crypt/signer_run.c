#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "crypt/signer.h"

#define REPLY_MAX 1024

/* One run of the command: what it still wants, and what it has said. */
struct run {
	const char *name;
	pid_t pid;
	int in, out;         /* its standard input and output; -1: closed */
	const uint8_t *p;
	size_t len, sent;
	uint8_t reply[REPLY_MAX + 1];
	size_t nreply;
	long long until_ms;
};

static long long
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
shut(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static void
exec_command(const struct signer_command *c, int in, int out)
{
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1)
		_exit(126);
	/* Nothing of ours is open in it. */
	for (int fd = 3; fd < 1024; fd++)
		(void)close(fd);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execve(c->argv[0], c->argv, c->env);
	_exit(127);
}

static int
start(const struct signer_command *c, struct run *r, struct err *e)
{
	int in[2], out[2];

	if (pipe(in) == -1)
		return err_errno(e, "%s", r->name);
	if (pipe(out) == -1) {
		shut(&in[0]);
		shut(&in[1]);
		return err_errno(e, "%s", r->name);
	}
	r->pid = fork();
	if (r->pid == 0)
		exec_command(c, in[0], out[1]);
	shut(&in[0]);
	shut(&out[1]);
	r->in = in[1];
	r->out = out[0];
	if (r->pid == -1)
		return err_errno(e, "%s", r->name);
	(void)fcntl(r->in, F_SETFL, O_NONBLOCK);
	return 0;
}

static void
feed(struct run *r)
{
	ssize_t n = write(r->in, r->p + r->sent, r->len - r->sent);

	if (n > 0)
		r->sent += (size_t)n;
	/* A command that reads no more may still know what to sign. */
	if (r->sent == r->len || (n == -1 && errno != EAGAIN &&
	    errno != EINTR))
		shut(&r->in);
}

static int
hear(struct run *r, struct err *e)
{
	ssize_t n = read(r->out, r->reply + r->nreply,
	    sizeof(r->reply) - r->nreply);

	if (n == -1 && errno != EINTR)
		return err_errno(e, "%s", r->name);
	if (n == 0)
		shut(&r->out);
	r->nreply += n > 0 ? (size_t)n : 0;
	if (r->nreply > REPLY_MAX)
		return err_set(e, ERR_SYSTEM, "%s: answers more than %d bytes",
		    r->name, REPLY_MAX);
	return 0;
}

static int
talk(struct run *r, struct err *e)
{
	while (r->out != -1) {
		struct pollfd p[2] = { { r->out, POLLIN, 0 },
			{ r->in, POLLOUT, 0 } };
		long long left = r->until_ms - now_ms();
		int n = left <= 0 ? 0 :
		    poll(p, r->in == -1 ? 1 : 2, (int)left);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "%s", r->name);
		if (n == 0)
			return err_set(e, ERR_SYSTEM, "%s: no signature in "
			    "time", r->name);
		if (r->in != -1 && p[1].revents != 0)
			feed(r);
		if (p[0].revents != 0 && hear(r, e) == -1)
			return -1;
	}
	return 0;
}

static int
finish(struct run *r, int rc, struct err *e)
{
	int status = 0;

	shut(&r->in);
	shut(&r->out);
	if (r->pid <= 0)
		return -1;
	if (rc == -1)
		(void)kill(r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (rc == -1)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(e, ERR_SYSTEM, "%s: cannot be run", r->name);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(e, ERR_SYSTEM, "%s: ended with status %d",
		    r->name, WIFEXITED(status) ? WEXITSTATUS(status) :
		    128 + WTERMSIG(status));
	return 0;
}

static int
take_reply(const struct signer_command *c, const struct run *r, uint8_t *sig,
    size_t *siglen, struct err *e)
{
	*siglen = r->nreply;
	if (c->pub.alg == SIGN_P256 && r->nreply == 64)
		*siglen = sign_raw_der(r->reply, sig);
	else if (r->nreply == 0 || r->nreply > 72)
		return err_set(e, ERR_SYSTEM, "%s: %zu bytes are no signature",
		    r->name, r->nreply);
	else
		memcpy(sig, r->reply, r->nreply);
	return 0;
}

static int
make(void *ctx, const void *p, size_t len, uint8_t *sig, size_t *siglen,
    struct err *e)
{
	const struct signer_command *c = ctx;
	uint8_t sum[HASH_LEN];
	struct run r = { .name = c->argv[0], .in = -1, .out = -1, .p = p,
		.len = len, .until_ms = now_ms() + c->timeout_s * 1000LL };

	if (c->prehash) {
		sign_sha256(sum, p, len);
		r.p = sum;
		r.len = sizeof(sum);
	}
	if (finish(&r, start(c, &r, e) == -1 || talk(&r, e) == -1 ? -1 : 0,
	    e) == -1)
		return -1;
	return take_reply(c, &r, sig, siglen, e);
}

static int
let_go(void *ctx)
{
	free(ctx);
	return 0;
}

struct sign_key *
signer_run(const struct signer_command *c)
{
	struct signer_command *own = malloc(sizeof(*own));

	if (own == NULL)
		err_die("out of memory");
	*own = *c;
	return sign_elsewhere(&c->pub,
	    &(struct sign_away){ make, let_go, own });
}
