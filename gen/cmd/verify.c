#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/verifystore.h"
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
print(const struct str *s, enum err_kind status, struct err *e)
{
	if (fwrite(s->p, 1, s->len, stdout) != s->len)
		(void)err_errno(e, "standard output");
	return (int)err_worse(status, e->kind);
}

static int
verify_a_pack(struct arena *a, const struct options *op, const struct own *o,
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
	return print(&s, verify_status(&r), e);
}

static int
verify_a_store(struct arena *a, const struct options *op, const struct own *o,
    const char *path, struct err *e)
{
	struct verifystore_want want = { o->trust, o->previous };
	struct str s = str_new(a);
	enum err_kind status = verifystore_run(a, op, &want, path, &s, e);

	return s.len == 0 ? (int)status : print(&s, status, e);
}

/* A SQLite file says so in its first bytes. */
static int
is_store(const char *path)
{
	char head[16] = "";
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return 0;
	if (fread(head, 1, sizeof(head), f) != sizeof(head))
		head[0] = '\0';
	(void)fclose(f);
	return memcmp(head, "SQLite format 3", 16) == 0;
}

static int
run_verify(struct arena *a, const struct options *op, const void *own,
    int argc, char **argv, struct err *e)
{
	if (argc != 1) {
		(void)err_set(e, ERR_INPUT, "verify wants one PACK, REPLY or STORE");
		return (int)e->kind;
	}
	if (is_store(argv[0]) || strncmp(argv[0], "postgres", 8) == 0)
		return verify_a_store(a, op, own, argv[0], e);
	return verify_a_pack(a, op, own, argv[0], e);
}

const struct command cmd_verify = {
	"verify", "PACK|REPLY|STORE [--trust FILE] [--previous PACK|CHECKPOINT]",
	"checks a pack, a reply or a store; needs no project", rows,
	sizeof(struct own), run_verify
};
