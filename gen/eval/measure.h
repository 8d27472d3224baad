#ifndef EVAL_MEASURE_H
#define EVAL_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "model/log.h"

struct arena;

/*
 * The measures of build.log (model/log.def): one SELECT a table, over event
 * and ref_*, run by cmd through store_query with :from_us, :to_us, :as_of_us
 * bound; run: those whose events log_run_event holds.  The text keeps to what the store's authorizer allows.
 */
struct measure_stream { /* rows from its size on wait for the next pack */
	const char *name;
	uint64_t size;
};
const char *measure_sql(struct arena *, const struct log_schema *,
    const struct measure_stream *, size_t nstream, int64_t from_us,
    int64_t to_us, const char *const *run, size_t nrun);

/* Puts the rows in the byte order of their keys, NULL first. */
void measure_sort(struct arena *, struct ref_table *);

#endif
