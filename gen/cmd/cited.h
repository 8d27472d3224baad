#ifndef CMD_CITED_H
#define CMD_CITED_H

#include <stddef.h>
#include <stdint.h>

#include "pack/packout.h"

struct arena;
struct build;
struct err;
struct store;

/*
 * The cited records of a build: which rows get a record and a proof in the
 * pack, and everything that a page or proof needs of them.  All sampled rows,
 * then exceptions, then rows that documents cite, each by stream and seq, up
 * to max_records; build.citations counts all.
 */
struct cited_stream { /* beside build.stream */
	struct store *store;
	const char *name;             /* as the store calls it */
	uint8_t (*segment)[32];       /* roots of whole segments, from 0 ... */
	size_t nsegment;              /* ... or NULL: they are computed */
};

/* Fills build.cited, ncited and citations, and what packout_finish needs of
 * each stream (consistency with the previous pack, token). */
int cited_fill(struct arena *, struct build *, const struct cited_stream *,
    uint64_t max_records, struct packlog **, struct err *);
/* For n rows that somebody else chose: build.cited of their bytes and proofs
 * alone, sorted. */
int cited_rows(struct arena *, struct build *, const struct cited_stream *,
    struct cite *, size_t n, struct packlog **, struct err *);

#endif
