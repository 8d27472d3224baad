#ifndef CMD_FACTS_H
#define CMD_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "cmd/cmd.h"
#include "model/build.h"
#include "read/project.h"
#include "read/store.h"

struct arena;
struct err;

/*
 * The front half of check and build: project, registry, catalogue, log and
 * tests become one struct build (all but the cited records).  Each stage is a
 * call of another folder; this is where they join.
 *
 *     read     project, catalogue, registry; the store's streams and notes
 *     chain    every row, by threads; root against checkpoint
 *     eval     on the same pass; then statements, measures, findings
 */
struct facts_want {
	const char *nonce;   /* the auditor's, or NULL: the root draws */
	int engine_sql;      /* each test as its own statement */
	int tests;           /* enum eval_tests: which of them run */
	int deep;            /* read sealed segments too */
	int measures;        /* fill build.log */
};

struct facts {
	struct build build;
	struct project project;
	struct catalogue *catalogue;
	struct ref *ref;
	struct store **store;   /* open until facts_close */
	size_t nstore;
	size_t *store_of;       /* of each stream: its store */
	uint64_t events;        /* in the period, below the checkpoints */
	uint64_t decided;       /* results that passed or failed */
	const char *previous_dir; /* the pack before, if it holds a check */
};

/*
 * 0: facts.build is whole; build.broken says whether a chain is broken.  -1:
 * errors of input files were printed (ERR_INPUT), or a store cannot be read.
 * Call facts_close in either case.
 */
int facts_gather(struct arena *, const struct options *,
    const struct facts_want *, struct facts *, struct err *);
/* Once rows are cited: the events of the runs that get a document, those of
 * output.runs, of incidents, of exceptions and of samples, in that order. */
int facts_runs(struct arena *, const struct options *, struct facts *,
    struct err *);
/* -1 if a store changed that was taken as unchanging. */
int facts_close(struct facts *);

/* Catalogue and registry alone, compiled: for explain.  The same closing. */
int facts_read(struct arena *, const struct options *, struct facts *,
    struct err *);
/* After facts_read: the project's stores, opened. */
int facts_stores(struct arena *, const struct options *, struct facts *,
    struct err *);

/* After facts_read: the stores, opened, and build.stream as of --as-of; every
 * row below each checkpoint read, its chain and root checked.  Nothing is
 * evaluated.  previous: sizes and notes of streams that the log must extend,
 * or NULL. */
struct previous;
int facts_log(struct arena *, const struct options *, const struct previous *,
    struct facts *, struct err *);

/* What an earlier pack says (previous.c): the newest one in the output folder
 * of the same organisation that ends at or before from_us.  Absent: NULL. */
struct previous {
	const char *period, *dir;
	char manifest[65];
	const struct findings *findings; /* gaps alone; NULL: not recorded */
	int64_t as_of_us;
	struct map *inputs;              /* SHA-256 in hex of what it read */
	const struct eval_tier *tier;    /* NULL: its registry is not there */
	size_t ntier;
	struct previous_stream {
		const char *name, *note;
		uint64_t size;
	} *stream;
	size_t nstream;
};
int previous_find(struct arena *, const char *out_dir,
    const char *organisation, int64_t from_us, const struct catalogue *,
    struct previous **, struct err *);
/* Gaps of an exhibit-check/1 file, or of a pack, folder or ZIP.  ERR_INPUT
 * where it cannot be read, or is of another organisation (NULL: any). */
int previous_gaps(struct arena *, const char *path, const char *organisation,
    const struct catalogue *, struct findings **, struct err *);

#endif
