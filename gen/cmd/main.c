#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"
#include "cmd/cmd.h"
#include "crypt/hash.h"

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err e = { 0 }, lost = { 0 };
	int status;

	/* A full disk and a closed pipe become errors with a message. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)hash_lanes_use(getenv("EXHIBIT_CPU"));
	status = cmd_run(a, argc, argv, &e);
	if (e.msg[0] != '\0' && status != ERR_OK) {
		(void)fputs("exhibit: ", stderr);
		out_text(stderr, e.msg);
		(void)fputc('\n', stderr);
	}
	/* A command that flushed has said so already: once is enough. */
	if (out_flush(&lost) == -1) {
		if (status != ERR_SYSTEM)
			(void)fprintf(stderr, "exhibit: %s\n", lost.msg);
		status = (int)err_worse((enum err_kind)status, ERR_SYSTEM);
	}
	if (ferror(stderr))
		status = (int)err_worse((enum err_kind)status, ERR_SYSTEM);
	arena_free(a);
	return status;
}
