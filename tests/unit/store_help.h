/* A store in a folder of its own, for the tests of store, chain, ingest. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "ingest/append.h"
#include "model/event.h"

#define HELP_ORIGIN "acme.example/main/test"

struct help {
	struct arena *arena;
	char dir[64], path[96];
	uint64_t random;
};

static inline uint64_t
help_random(struct help *h)
{
	/* SplitMix64. */
	uint64_t z = h->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void
help_text(struct value *col, enum event_col c, const char *p)
{
	col[c] = (struct value){ VALUE_TEXT, 0, p, strlen(p) };
}

static inline void
help_int(struct value *col, enum event_col c, int64_t i)
{
	col[c] = (struct value){ VALUE_INT, i, NULL, 0 };
}

/* Event i: the required columns, and a third of the others at random. */
static inline void
help_row(struct help *h, struct value *col, uint64_t i)
{
	static const char *const texts[] = { "x", "\"q\" \\ \n", "caf\xc3\xa9",
		"", "a much longer text that does not fit into eight bytes" };

	memset(col, 0, EVENT_NCOL * sizeof(col[0]));
	for (int c = 0; c < EVENT_NCOL; c++) {
		uint64_t r = help_random(h);

		if (r % 3 != 0)
			continue;
		if (event_column[c].type == VALUE_INT)
			help_int(col, (enum event_col)c, (int64_t)(r >> 20) -
			    (int64_t)(UINT64_C(1) << 43));
		else
			help_text(col, (enum event_col)c, texts[r / 3 % 5]);
	}
	help_text(col, EVENT_AGENT_ID, "agent");
	help_text(col, EVENT_EVENT_ID, arena_printf(h->arena, "e%llu",
	    (unsigned long long)i));
	help_text(col, EVENT_EVENT_TYPE, "action");
	help_text(col, EVENT_SOURCE_FORMAT, "native");
	help_text(col, EVENT_SOURCE_GRADE, "none");
	help_int(col, EVENT_OCCURRED_US, (int64_t)(i * 10));
	help_int(col, EVENT_RECORDED_US, (int64_t)(i * 10 + 3));
}

static inline void
help_append(struct help *h, uint64_t from, uint64_t n)
{
	struct append *ap;
	struct err e = { 0 };
	struct value col[EVENT_NCOL];
	int bad = append_open(h->arena, h->path, &ap, &e) == -1 ||
	    append_begin(ap, &e) == -1;

	for (uint64_t i = from; i < from + n && !bad; i++) {
		help_row(h, col, i);
		bad = append_event(ap, col, &e) == -1;
	}
	if (bad || append_commit(ap, &e) == -1 || append_close(ap) == -1) {
		fprintf(stderr, "help: %s\n", e.msg);
		exit(99);
	}
}

static inline void
help_open(struct help *h, uint64_t n)
{
	struct err e = { 0 };

	memset(h, 0, sizeof(*h));
	h->arena = arena_new();
	strcpy(h->dir, "/tmp/exhibit-test-XXXXXX");
	if (mkdtemp(h->dir) == NULL)
		exit(99);
	snprintf(h->path, sizeof(h->path), "%s/audit.db", h->dir);
	if (append_create(h->path, HELP_ORIGIN, 1, &e) == -1) {
		fprintf(stderr, "help: %s\n", e.msg);
		exit(99);
	}
	if (n > 0)
		help_append(h, 0, n);
}

static inline void
help_close(struct help *h)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", h->dir);
	if (system(cmd) != 0)
		exit(99);
	arena_free(h->arena);
}

/* Runs SQL with the triggers out of the way, as a forger would. */
static inline void
help_forge(struct help *h, const char *sql)
{
	char *cmd = arena_printf(h->arena, "sqlite3 %s \"DROP TRIGGER "
	    "event_update; DROP TRIGGER event_delete; DROP TRIGGER "
	    "event_append; %s\"", h->path, sql);

	if (system(cmd) != 0)
		exit(99);
}

#endif
