#ifndef VERIFY_STORE_H
#define VERIFY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "pack/fault.h"
#include "verify/trust.h"

struct arena;
struct pass;
struct str;

/*
 * A whole audit store (docs/format/pack.md section 9, STORE).  Whoever has
 * the store walks all rows of a stream with chain/pass.h, from 0, the sizes
 * of verify_store_cuts as cuts, and hands the walk over with what the tables
 * segment and checkpoint hold: nothing here opens a store.
 */
struct verify_note { /* a row of the table checkpoint */
	uint64_t size;
	const char *note;
};

struct verify_segment {
	uint64_t first;
	uint8_t root[HASH_LEN];
	int64_t from_us, to_us;
};

struct verify_kept { /* a checkpoint that the reader kept */
	const char *origin;
	uint64_t size;
	uint8_t root[HASH_LEN];
};

struct verify_payloads {
	uint64_t there, erased, missing, wrong, erasures;
	char first_wrong[HASH_HEXLEN]; /* the id of the first wrong one */
};

struct verify_stream {
	const char *stream, *origin;
	uint64_t size; /* rows that the store says it has */
	const struct pass *pass;
	const struct verify_note *note; /* by size */
	size_t nnote;
	const struct verify_segment *segment; /* by first */
	size_t nsegment;
	const struct verify_kept *kept;
	size_t nkept;
	struct verify_payloads payloads;
};

struct verify_store_fault {
	const char *stream;
	enum fault_code code;
	const char *detail;
};

struct verify_store {
	struct arena *arena;
	const struct trust *trust; /* NULL: none was given */
	int64_t as_of_us;
	struct verify_store_fault *fault;
	size_t nfault, capfault;
	struct str *lines; /* a few lines a stream */
	int demo_key;
	uint64_t rows, after; /* after: rows after the last checkpoints */
};

void verify_store_init(struct verify_store *, struct arena *,
    const struct trust *, int64_t as_of_us);
/* The sizes whose roots are wanted: of notes and kept checkpoints, rising. */
uint64_t *verify_store_cuts(struct arena *, const struct verify_stream *,
    size_t *n);
void verify_store_stream(struct verify_store *, const struct verify_stream *);
/* After the last stream: that there was something to verify. */
void verify_store_end(struct verify_store *);

void verify_store_fault(struct verify_store *, const char *stream,
    enum fault_code, const char *, ...) __attribute__((format(printf, 4, 5)));
enum err_kind verify_store_status(const struct verify_store *);
void verify_store_text(struct str *, const struct verify_store *);
void verify_store_json(struct str *, const struct verify_store *);

#endif
