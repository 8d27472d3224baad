#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "chain/checkpoint.h"
#include "crypt/sign.h"

int
checkpoint_last(struct arena *a, const char *note, size_t len,
    const char *origin, uint64_t size, struct checkpoint *c, struct err *e)
{
	if (note_checkpoint(a, note, len, c, e) == -1)
		return err_wrap(e, "the last checkpoint");
	if (strcmp(c->origin, origin) != 0)
		return err_set(e, ERR_INTEGRITY, "the last checkpoint is of %s, "
		    "this log is %s", c->origin, origin);
	if (c->size > size)
		return err_set(e, ERR_INTEGRITY, "%" PRIu64 " events were signed, "
		    "the log has %" PRIu64 ": it was cut", c->size, size);
	return 0;
}

int
checkpoint_follows(const struct checkpoint *c, const uint8_t root[HASH_LEN],
    struct err *e)
{
	char have[HASH_HEXLEN], want[HASH_HEXLEN];

	if (memcmp(c->root, root, HASH_LEN) == 0)
		return 0;
	hash_hex(have, root);
	hash_hex(want, c->root);
	return err_set(e, ERR_INTEGRITY, "the first %" PRIu64 " events have the "
	    "root %s, signed was %s: the log was rewritten", c->size, have, want);
}

int
checkpoint_sign(struct arena *a, const char *origin, uint64_t size,
    const uint8_t root[HASH_LEN], const struct sign_key *key, char **note,
    struct err *e)
{
	struct str s = str_new(a);

	note_checkpoint_body(&s, origin, size, root);
	if (note_sign(&s, origin, key, e) == -1)
		return -1;
	*note = s.p;
	return 0;
}
