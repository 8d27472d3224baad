#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "chain/chain.h"
#include "crypt/hash.h"
#include "model/event.h"
#include "model/record.h"

struct chain {
	uint64_t size;          /* good events so far: the next seq */
	uint8_t head[HASH_LEN]; /* leaf of the last one, or the genesis */
	struct hash *hash;
};

struct chain *
chain_new(struct arena *a, const char *origin)
{
	struct chain *c = arena_alloc(a, sizeof(*c));

	c->hash = hash_new(a);
	record_genesis(c->hash, origin, c->head);
	return c;
}

void
chain_free(struct chain *c)
{
	if (c != NULL)
		hash_free(c->hash);
}

int
chain_feed(struct chain *c, const struct event *ev, struct err *e)
{
	char want[HASH_HEXLEN];

	if (ev->seq != c->size)
		return err_set(e, ERR_INTEGRITY,
		    "event %" PRIu64 ": seq is %" PRIu64 ": events are missing",
		    c->size, ev->seq);

	/* A changed event shows in the next one, which carries its leaf. */
	hash_hex(want, c->head);
	if (strcmp(ev->prev_hash, want) != 0)
		return err_set(e, ERR_INTEGRITY,
		    "event %" PRIu64 ": prev_hash is %s, want %s", ev->seq,
		    ev->prev_hash, want);

	/* Only a good event moves the head, so chain_head() can be trusted. */
	hash_leaf(c->hash, c->head, ev->record, ev->recordlen);
	c->size++;
	return 0;
}

uint64_t
chain_head(const struct chain *c, uint8_t head[HASH_LEN])
{
	memcpy(head, c->head, HASH_LEN);
	return c->size;
}
