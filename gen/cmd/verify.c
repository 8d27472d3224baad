#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "verify/verify.h"

struct own {
	const char *trust, *previous, *rebuilt;
};

static const struct option_row rows[] = {
	{ "--trust", "FILE", "the reader's own keys, roles and rules",
	    offsetof(struct own, trust) },
	{ "--previous", "FILE", "a pack or checkpoint that the reader kept",
	    offsetof(struct own, previous) },
	{ "--rebuilt", "PACK", "a pack that the reader built from the same "
	    "inputs", offsetof(struct own, rebuilt) },
	{ NULL, NULL, NULL, 0 }
};

static int
verify_one(struct arena *a, const struct options *op, const struct own *o,
    const char *path, struct err *e)
{
	struct verify_options vo = { .pack = path, .trust = o->trust,
		.previous = o->previous, .rebuilt = o->rebuilt,
		.as_of_us = op->as_of_us };
	struct verify_report r;
	struct str s = str_new(a);

	verify_pack(a, &vo, &r);
	if (op->json)
		verify_json(&s, &r);
	else
		verify_text(&s, &r);
	if (fwrite(s.p, 1, s.len, stdout) != s.len)
		(void)err_errno(e, "standard output");
	return (int)err_worse(verify_status(&r), e->kind);
}

static int
run_verify(struct arena *a, const struct options *op, const void *own,
    int argc, char **argv, struct err *e)
{
	if (argc != 1) {
		(void)err_set(e, ERR_INPUT, "verify wants one PACK or STORE");
		return (int)e->kind;
	}
	return verify_one(a, op, own, argv[0], e);
}

const struct command cmd_verify = {
	"verify", "PACK|STORE [--trust FILE] [--previous PACK|CHECKPOINT]",
	"checks a pack or a store; needs no project", rows,
	sizeof(struct own), run_verify
};
