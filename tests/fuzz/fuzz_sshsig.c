/* Any bytes as an SSH signature: accepted only if the same signature of the
 * same key, written again, is the same file; it holds for nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "pack/sshsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)p, len);
	struct sshsig g;
	struct fault f = { 0 };
	uint8_t blob[128];
	struct sign_pub again;
	struct err e = { 0 };

	if (sshsig_parse(a, text, len, &g, &f) == 0) {
		size_t n = sign_ssh_blob(&g.pub, blob);

		if (sign_ssh_pub(blob, n, &again, &e) == -1 ||
		    memcmp(again.id, g.pub.id, HASH_LEN) != 0 ||
		    strlen(g.ns) >= sizeof(g.ns) || g.siglen > 72)
			abort();
		/* These bytes were never signed by anyone. */
		if (sshsig_check(a, &g, "fuzz_sshsig", 11) == 0)
			abort();
	} else if (f.code != FAULT_SIG_ENCODING)
		abort();
	arena_free(a);
	return 0;
}
