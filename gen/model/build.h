#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "model/change.h"
#include "model/control.h"
#include "model/event.h"
#include "model/finding.h"
#include "model/ref.h"
#include "model/rows.h"

/* Another event of the same action_id, in order. */
struct kin {
	uint64_t seq;
	const char *event_type, *outcome;
	int64_t occurred_us;
	int cited; /* it has a record of its own in the pack */
};

/* A cited event: its bytes, columns and proof; sorted by stream and seq. */
struct cited {
	struct cite at;
	struct event event;
	uint8_t leaf[32];
	uint8_t (*path)[32]; /* RFC 6962 inclusion proof, npath hashes */
	size_t npath;
	struct kin *kin;
	size_t nkin;
	const char *payload; /* "present", "erased DATE", "missing", "none" */
};

/* An input file that was read, relative to the project; sorted by path. */
struct input {
	const char *kind, *path;
	uint8_t sha256[32];
	uint64_t bytes;
	const char *text; /* for excerpts; NULL: not kept */
};

/*
 * What doc, render and pack are given: whole, and read-only.  `log` holds the
 * measures: aggregates over the events of the period (eval/measure.h), as
 * tables named log_*.
 */
struct build {
	const char *organisation; /* id */
	const char *organisation_name;
	const char *period;  /* 2026-Q3 */
	const char *nonce;   /* "root", or the auditor's hex digits */
	const char *drawn_by; /* preparer auditor */
	const char *generator; /* version */
	int64_t from_us, to_us, as_of_us;
	int interim;         /* as_of_us < to_us */
	enum audience audience;
	struct stream *stream;
	size_t nstream;
	const struct ref *ref, *log;
	const struct catalogue *catalogue;
	const struct findings *findings;
	const struct findings *previous; /* or NULL */
	const char *previous_period, *previous_manifest; /* or NULL */
	const struct change *change; /* since the previous pack */
	size_t nchange;
	const struct cited *cited;
	size_t ncited;
	uint64_t citations;  /* rows cited; more than ncited past max_records */
	uint64_t runs;       /* that are cited; a document have LIMIT_RUNS */
	const struct input *input;
	size_t ninput;
	int broken;          /* a chain is broken: every page says so */
	int demo_key;        /* the log key is a published test key */
};

const struct cited *build_cited(const struct build *, const struct cite *);

#endif
