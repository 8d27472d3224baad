#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/demokey.h"
#include "crypt/note.h"
#include "crypt/sign.h"
#include "model/build.h"
#include "pack/demo.h"

const char *const demokey_role[] = { "log", "preparer", "approver", NULL };

static int
write_key(struct arena *a, const char *dir, const char *role, struct err *e)
{
	struct sign_pub pub;
	struct sign_key *key;
	size_t len;
	char *pem;
	int rc;

	if (demo_key(role, &key, e) == -1)
		return -1;
	rc = sign_pem(key, a, NULL, &pem, &len, e);
	sign_public(key, &pub);
	(void)sign_close(key);
	if (rc == -1 || out_replace(arena_printf(a, "%s/%s.pem", dir, role),
	    pem, len, 0600, e) == -1)
		return -1;
	pem = sign_pub_write(a, &pub);
	return out_replace(arena_printf(a, "%s/%s.pub", dir, role), pem,
	    strlen(pem), 0644, e);
}

int
demokey_write(struct arena *a, const char *dir, struct err *e)
{
	if (out_mkdirs(dir, e) == -1)
		return -1;
	for (size_t i = 0; demokey_role[i] != NULL; i++)
		if (write_key(a, dir, demokey_role[i], e) == -1)
			return -1;
	return 0;
}

int
demokey_signed(struct arena *a, const struct build *b)
{
	struct err ignored = { 0 };
	struct sign_pub pub;
	struct sign_key *key;

	if (demo_key("log", &key, &ignored) == -1)
		return 0;
	sign_public(key, &pub);
	(void)sign_close(key);
	for (size_t i = 0; i < b->nstream; i++) {
		const struct stream *s = &b->stream[i];
		struct checkpoint cp;

		if (s->log_signed && note_checkpoint(a, s->note,
		    strlen(s->note), &cp, &ignored) == 0 &&
		    note_check(&cp.note, s->origin, &pub) == 1)
			return 1;
	}
	return 0;
}
