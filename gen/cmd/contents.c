#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "cmd/contents.h"
#include "crypt/hash.h"
#include "model/event.h"
#include "read/store.h"

#define WAYS 4            /* contents that share a place in the memory */
#define PLACES (1u << 14)
#define AHEAD 256         /* contents that are read on at most */
#define BATCH 64          /* hashed together */
#define LARGE (16 * 1024) /* bytes from which one is hashed alone */

enum state { UNKNOWN, MISSING, ERASED, GOOD, WRONG };

/* The last contents of which something is known, by the start of the hash. */
struct place {
	uint8_t id[WAYS][HASH_LEN];
	uint8_t state[WAYS], next; /* next: which is forgotten first */
};

struct contents {
	struct store *store;
	struct hash *hash;
	struct place *place;
	struct verify_payloads count;
	struct err err;
	int failed;

	size_t ahead;   /* how far the next look-up reads on */
	int64_t last;   /* where the one before ended */

	/* of the running look-up */
	size_t seen;
	enum state first;
	struct str bytes;
	size_t n, at[BATCH], len[BATCH], nth[BATCH];
	uint8_t id[BATCH][HASH_LEN];
};

struct contents *
contents_new(struct arena *a, struct store *st)
{
	struct contents *c = arena_alloc(a, sizeof(*c));

	c->store = st;
	c->hash = hash_new(a);
	c->place = arena_array(a, PLACES, sizeof(*c->place));
	c->bytes = str_new(a);
	c->ahead = 1;
	return c;
}

void
contents_free(struct contents *c)
{
	if (c != NULL)
		hash_free(c->hash);
}

static struct place *
place_of(const struct contents *c, const uint8_t id[HASH_LEN])
{
	return &c->place[(id[0] | (size_t)id[1] << 8) % PLACES];
}

static enum state
recall(const struct contents *c, const uint8_t id[HASH_LEN])
{
	const struct place *p = place_of(c, id);

	for (size_t i = 0; i < WAYS; i++)
		if (p->state[i] != UNKNOWN &&
		    memcmp(p->id[i], id, HASH_LEN) == 0)
			return (enum state)p->state[i];
	return UNKNOWN;
}

/* nth: of the look-up's answer, the first of which is what was asked for. */
static void
learn(struct contents *c, size_t nth, const uint8_t *id, enum state s)
{
	struct place *p;

	if (nth == 0)
		c->first = s;
	if (id == NULL || recall(c, id) != UNKNOWN)
		return;
	p = place_of(c, id);
	memcpy(p->id[p->next], id, HASH_LEN);
	p->state[p->next] = (uint8_t)s;
	p->next = (uint8_t)((p->next + 1) % WAYS);
}

static void
hash_waiting(struct contents *c)
{
	uint8_t sum[BATCH][HASH_LEN];
	const void *p[BATCH];

	for (size_t i = 0; i < c->n; i++)
		p[i] = c->bytes.p + c->at[i];
	hash_each(c->hash, sum, p, c->len, c->n);
	for (size_t i = 0; i < c->n; i++)
		learn(c, c->nth[i], c->id[i],
		    memcmp(sum[i], c->id[i], HASH_LEN) == 0 ? GOOD : WRONG);
	c->n = 0;
	str_reset(&c->bytes);
}

/* 32 hex digits: 16 bytes, which hash_unhex reads as half of 32. */
int
contents_salt(uint8_t raw[HASH_LEN], const char *salt)
{
	char padded[HASH_HEXLEN];

	if (salt == NULL || strlen(salt) != 2 * CONTENTS_SALT)
		return -1;
	memset(padded, '0', sizeof(padded) - 1);
	memcpy(padded, salt, 2 * CONTENTS_SALT);
	padded[sizeof(padded) - 1] = '\0';
	return hash_unhex(raw, padded);
}

static void
hash_alone(struct contents *c, size_t nth, const uint8_t *id,
    const uint8_t *salt, const struct store_payload *p)
{
	uint8_t sum[HASH_LEN];

	hash_start(c->hash);
	hash_add(c->hash, salt, CONTENTS_SALT);
	hash_add(c->hash, p->content, p->len);
	hash_end(c->hash, sum);
	learn(c, nth, id, memcmp(sum, id, HASH_LEN) == 0 ? GOOD : WRONG);
}

static void
hash_later(struct contents *c, size_t nth, const uint8_t *id,
    const uint8_t *salt, const struct store_payload *p)
{
	size_t i = c->n++;

	c->nth[i] = nth;
	memcpy(c->id[i], id, HASH_LEN);
	c->at[i] = c->bytes.len;
	c->len[i] = CONTENTS_SALT + p->len;
	str_add(&c->bytes, (const char *)salt, CONTENTS_SALT);
	str_add(&c->bytes, p->content, p->len);
	if (c->n == BATCH)
		hash_waiting(c);
}

static void
each_payload(void *ctx, const struct store_payload *p)
{
	struct contents *c = ctx;
	uint8_t raw[HASH_LEN], salt[HASH_LEN], *id = raw;
	size_t nth = c->seen++;

	if (nth == 0) {
		int64_t gone = p->place - c->last;

		c->ahead = gone > 0 && gone <= AHEAD ? c->ahead * 2 :
		    c->ahead / 2;
		c->ahead = c->ahead < 1 ? 1 : c->ahead > AHEAD ? AHEAD :
		    c->ahead;
	}
	c->last = p->place;
	if (hash_unhex(raw, p->id) == -1)
		id = NULL;
	if (p->content == NULL)
		learn(c, nth, id, ERASED);
	else if (id == NULL || contents_salt(salt, p->salt) == -1)
		learn(c, nth, id, WRONG);
	else if (p->len > LARGE)
		hash_alone(c, nth, id, salt, p);
	else
		hash_later(c, nth, id, salt, p);
}

static enum state
look_up(struct contents *c, const char *text, const uint8_t *id)
{
	int found;

	c->seen = 0;
	found = store_payloads(c->store, text, c->ahead, each_payload, c,
	    &c->err);
	hash_waiting(c);
	if (found == 0)
		learn(c, 0, id, MISSING);
	c->failed = found == -1;
	return c->first;
}

/* must: a column whose content is to be there unless it was erased. */
static void
count(struct contents *c, const char *text, int must)
{
	struct verify_payloads *n = &c->count;
	uint8_t raw[HASH_LEN], *id = hash_unhex(raw, text) == 0 ? raw : NULL;
	enum state s = id != NULL ? recall(c, id) : UNKNOWN;

	if (s == UNKNOWN)
		s = look_up(c, text, id);
	n->there += s == GOOD || s == WRONG;
	n->erased += s == ERASED;
	n->missing += s == MISSING && must;
	if (s == WRONG && n->wrong++ == 0)
		(void)snprintf(n->first_wrong, sizeof(n->first_wrong), "%.64s",
		    text);
}

void
contents_row(void *ctx, const struct event *ev)
{
	struct contents *c = ctx;

	if (str_eq(value_text(&ev->col[EVENT_EVENT_TYPE]), "erasure"))
		c->count.erasures++;
	for (size_t i = 0; i < EVENT_NCONTENT; i++) {
		const char *text = value_text(&ev->col[event_content[i].col]);

		if (text != NULL && !c->failed)
			count(c, text, event_content[i].must);
	}
}

int
contents_count(const struct contents *c, struct verify_payloads *sum,
    struct err *e)
{
	const struct verify_payloads *n = &c->count;

	if (c->failed) {
		*e = c->err;
		return -1;
	}
	if (sum->wrong == 0)
		memcpy(sum->first_wrong, n->first_wrong,
		    sizeof(sum->first_wrong));
	sum->there += n->there;
	sum->erased += n->erased;
	sum->missing += n->missing;
	sum->wrong += n->wrong;
	sum->erasures += n->erasures;
	return 0;
}
