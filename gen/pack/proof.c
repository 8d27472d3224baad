#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/merkle.h"
#include "pack/proof.h"

#define HEADER "c2sp.org/tlog-proof@v1\n"
#define NONE UINT64_MAX

void
proof_tree_init(struct proof_tree *t, struct arena *a)
{
	for (int i = 0; i < 2; i++) {
		t->kept[i].node = arena_array(a,
		    (size_t)2 << t->block_level, HASH_LEN);
		t->kept[i].number = NONE;
	}
}

/* Where the nodes of a level begin in the cache: leaves first, then half as
 * many, and so on up. */
static size_t
level_at(const struct proof_tree *t, unsigned level)
{
	size_t n = (size_t)1 << (t->block_level + 1);

	return n - (n >> level);
}

/* The leaves of a block, and every whole node over them; the last block may
 * be shorter.  So all proofs of a block cost its hashes once.  NULL: the
 * leaves could not be read. */
static struct proof_block *
load(struct proof_tree *t, uint64_t number)
{
	uint64_t last = (t->size - 1) >> t->block_level;
	uint64_t first = number << t->block_level, n = t->size - first;
	struct proof_block *b = &t->kept[number == last];

	if (b->number == number)
		return b;
	if (n > UINT64_C(1) << t->block_level)
		n = UINT64_C(1) << t->block_level;
	b->number = NONE;
	if (t->leaves(t->ctx, first, (size_t)n, b->node, t->err) == -1)
		return NULL;
	for (unsigned level = 1; level <= t->block_level; level++) {
		uint8_t (*below)[HASH_LEN] = b->node + level_at(t, level - 1);
		uint8_t (*here)[HASH_LEN] = b->node + level_at(t, level);

		n /= 2;
		for (size_t i = 0; i < n; i++)
			hash_node(t->hash, here[i], below[2 * i],
			    below[2 * i + 1]);
	}
	b->number = number;
	return b;
}

static int
node_at(void *ctx, unsigned level, uint64_t index, uint8_t out[HASH_LEN])
{
	struct proof_tree *t = ctx;
	uint8_t right[HASH_LEN];

	if (level == PROOF_SEGMENT_LEVEL && index < t->nsegment) {
		memcpy(out, t->segment[index], HASH_LEN);
		return 0;
	}
	if (level == t->block_level && index >= t->first_block &&
	    index - t->first_block < t->nblock) {
		memcpy(out, t->block[index - t->first_block], HASH_LEN);
		return 0;
	}
	if (level <= t->block_level) {
		unsigned up = t->block_level - level;
		const struct proof_block *b = load(t, index >> up);

		if (b == NULL)
			return -1;
		memcpy(out, b->node[level_at(t, level) +
		    (index & ((UINT64_C(1) << up) - 1))], HASH_LEN);
		return 0;
	}
	if (node_at(t, level - 1, 2 * index, out) == -1 ||
	    node_at(t, level - 1, 2 * index + 1, right) == -1)
		return -1;
	hash_node(t->hash, out, out, right);
	return 0;
}

static int
copy_path(struct arena *a, uint8_t (*from)[HASH_LEN], int n,
    uint8_t (**path)[HASH_LEN], size_t *out, struct err *e)
{
	if (n == -1)
		return e->kind != ERR_OK ? -1 : err_set(e, ERR_INTEGRITY,
		    "no proof of a row outside the log");
	*path = arena_memdup(a, from, (size_t)n * HASH_LEN + (n == 0));
	*out = (size_t)n;
	return 0;
}

int
proof_of(struct proof_tree *t, struct arena *a, uint64_t seq,
    uint8_t (**path)[HASH_LEN], size_t *n, struct err *e)
{
	uint8_t room[64][HASH_LEN];

	t->err = e;
	return copy_path(a, room, merkle_inclusion(t->hash, node_at, t, seq,
	    t->size, room), path, n, e);
}

int
proof_consistency(struct proof_tree *t, struct arena *a, uint64_t old,
    uint8_t (**path)[HASH_LEN], size_t *n, struct err *e)
{
	uint8_t room[64][HASH_LEN];
	int k = 0;

	t->err = e;
	if (old != 0)
		k = merkle_consistency(t->hash, node_at, t, old, t->size,
		    room);
	return copy_path(a, room, k, path, n, e);
}

int
proof_leaf(struct proof_tree *t, uint64_t seq, uint8_t out[HASH_LEN],
    struct err *e)
{
	t->err = e;
	if (seq >= t->size)
		return err_set(e, ERR_INTEGRITY, "event %" PRIu64
		    " is not in the log", seq);
	return node_at(t, 0, seq, out);
}

static void
write_path(struct str *s, uint8_t (*path)[HASH_LEN], size_t n,
    const char *checkpoint)
{
	for (size_t i = 0; i < n; i++) {
		char b64[48];

		(void)hash_base64(b64, path[i], HASH_LEN);
		str_addf(s, "%s\n", b64);
	}
	str_addf(s, "\n%s", checkpoint);
}

void
proof_write(struct str *s, uint64_t index, uint8_t (*path)[HASH_LEN], size_t n,
    const char *checkpoint)
{
	str_addf(s, HEADER "index %" PRIu64 "\n", index);
	write_path(s, path, n, checkpoint);
}

void
proof_write_consistency(struct str *s, uint64_t old, uint8_t (*path)[HASH_LEN],
    size_t n, const char *checkpoint)
{
	str_addf(s, "old %" PRIu64 "\n", old);
	write_path(s, path, n, checkpoint);
}

/* "word N" LF, N without leading zeros. */
static int
take_number(const char **p, const char *end, const char *word, uint64_t *out)
{
	size_t len = strlen(word);
	const char *s = *p;
	uint64_t n = 0;

	if ((size_t)(end - s) < len || memcmp(s, word, len) != 0)
		return -1;
	s += len;
	*p = s;
	while (s < end && *s >= '0' && *s <= '9' && s - *p < 19)
		n = n * 10 + (uint64_t)(*s++ - '0');
	if (s == *p || s == end || *s != '\n' || (**p == '0' && s - *p > 1))
		return -1;
	*p = s + 1;
	*out = n;
	return 0;
}

/* Hashes, one a line, up to the blank line. */
static int
take_path(struct arena *a, const char **p, const char *end, struct proof *out,
    struct fault *f)
{
	out->path = arena_array(a, LIMIT_PROOF_HASHES, HASH_LEN);
	while (*p < end && **p != '\n') {
		const char *lf = memchr(*p, '\n', (size_t)(end - *p));
		uint8_t raw[256];
		long n;

		if (lf == NULL || lf - *p > 300)
			return fault_set(f, FAULT_NOTE_FORM,
			    "proof: a line that is no hash");
		if (out->n == LIMIT_PROOF_HASHES)
			return fault_set(f, FAULT_NOTE_FORM,
			    "proof: more than %d hashes", LIMIT_PROOF_HASHES);
		n = hash_unbase64(raw, *p, (size_t)(lf - *p));
		if (n == -1)
			return fault_set(f, FAULT_NOTE_FORM,
			    "proof: hash %zu is not canonical base64",
			    out->n);
		if (n != HASH_LEN)
			return fault_set(f, FAULT_PROOF_LENGTH,
			    "proof: hash %zu is %ld bytes, want 32", out->n,
			    n);
		memcpy(out->path[out->n++], raw, HASH_LEN);
		*p = lf + 1;
	}
	if (*p == end)
		return fault_set(f, FAULT_NOTE_FORM,
		    "proof: no blank line after the hashes");
	(*p)++;
	out->checkpoint = *p;
	out->checkpointlen = (size_t)(end - *p);
	return 0;
}

int
proof_parse(struct arena *a, const char *p, size_t len, struct proof *out,
    struct fault *f)
{
	const size_t head = sizeof(HEADER) - 1;
	const char *end = p + len;

	memset(out, 0, sizeof(*out));
	if (len < head || memcmp(p, HEADER, head) != 0)
		return fault_set(f, FAULT_NOTE_FORM,
		    "proof: does not begin with c2sp.org/tlog-proof@v1");
	p += head;
	if (take_number(&p, end, "index ", &out->number) == -1)
		return fault_set(f, FAULT_NOTE_FORM,
		    "proof: want 'index N'; no extra line");
	return take_path(a, &p, end, out, f);
}

int
proof_parse_consistency(struct arena *a, const char *p, size_t len,
    struct proof *out, struct fault *f)
{
	const char *end = p + len;

	memset(out, 0, sizeof(*out));
	if (take_number(&p, end, "old ", &out->number) == -1)
		return fault_set(f, FAULT_NOTE_FORM,
		    "consistency: want 'old N'");
	return take_path(a, &p, end, out, f);
}
