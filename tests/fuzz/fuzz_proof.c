/*
 * Any bytes as a proof, of inclusion or of consistency (the first byte says
 * which): what is accepted prints to the same bytes again; and no proof of
 * these bytes holds for a root that a naive recomputation does not give.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/merkle.h"
#include "pack/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* RFC 6962 upwards, by recursion: where does the path lead? */
static int
climb(struct hash *h, uint64_t index, uint64_t size, const uint8_t *leaf,
    uint8_t (*path)[HASH_LEN], size_t n, uint8_t out[HASH_LEN])
{
	uint64_t k = 1;
	uint8_t below[HASH_LEN];

	if (size == 1) {
		memcpy(out, leaf, HASH_LEN);
		return n == 0 ? 0 : -1;
	}
	if (n == 0)
		return -1;
	while (k < size - k)
		k *= 2;
	if (index < k) {
		if (climb(h, index, k, leaf, path, n - 1, below) == -1)
			return -1;
		hash_node(h, out, below, path[n - 1]);
	} else {
		if (climb(h, index - k, size - k, leaf, path, n - 1, below) ==
		    -1)
			return -1;
		hash_node(h, out, path[n - 1], below);
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	struct hash *h = hash_new(a);
	uint8_t leaf[HASH_LEN] = { 7 }, root[HASH_LEN];
	struct proof proof;
	struct fault f = { 0 };
	const char *text;
	int inclusion, rc;

	if (len == 0)
		goto out;
	inclusion = *p == 'i';
	text = arena_strndup(a, (const char *)p + 1, len - 1);
	rc = inclusion ? proof_parse(a, text, len - 1, &proof, &f) :
	    proof_parse_consistency(a, text, len - 1, &proof, &f);
	if (rc == -1 && f.code != FAULT_NOTE_FORM &&
	    f.code != FAULT_PROOF_LENGTH)
		abort();
	if (rc == 0) {
		struct str s = str_new(a);
		char *rest = arena_strndup(a, proof.checkpoint,
		    proof.checkpointlen);

		if (memchr(rest, '\0', proof.checkpointlen) == NULL) {
			if (inclusion)
				proof_write(&s, proof.number, proof.path,
				    proof.n, rest);
			else
				proof_write_consistency(&s, proof.number,
				    proof.path, proof.n, rest);
			if (s.len != len - 1 || memcmp(s.p, text, s.len) != 0)
				abort();
		}
		for (uint64_t size = 1; inclusion && size < 40; size++) {
			uint64_t index = proof.number % 40;
			int naive = index < size ? climb(h, index, size, leaf,
			    proof.path, proof.n, root) : -1;

			if (naive == -1)
				memset(root, 0, sizeof(root));
			if ((merkle_check_inclusion(h, index, size, leaf,
			    proof.path, proof.n, root) == 0) != (naive == 0))
				abort();
		}
	}
out:
	hash_free(h);
	arena_free(a);
	return 0;
}
