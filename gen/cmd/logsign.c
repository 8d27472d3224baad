#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/out.h"
#include "chain/checkpoint.h"
#include "cmd/keyfile.h"
#include "cmd/logsign.h"
#include "crypt/sign.h"
#include "ingest/append.h"

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
	    keyfile_note(a, keyfile, append_origin(ap)), *text;
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
	if (keyfile != NULL && out_replace(keyfile_note(a, keyfile,
	    append_origin(ap)), text, strlen(text), 0600, e) == -1)
		return -1;
	*note = text;
	return append_begin(ap, e) == -1 ||
	    append_note(ap, size, text, e) == -1 ? -1 : append_commit(ap, e);
}
