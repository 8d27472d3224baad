#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/event.h"

struct append;
struct arena;

/*
 * Reads one log file into an audit store (docs/format/logs.md).  The format
 * is a row of the table in ingest.c, found by content.  Every record becomes
 * events or an error with its place; what is known already is not appended
 * again; the source's own chain, MACs and root are checked over its bytes.
 */
struct ingest_options {
	const char *format;        /* NULL: detect */
	const char *source_key;    /* of the source's MACs; NULL: none */
	size_t source_keylen;
	/* Gives the key that salts contents, asked for at the first content. */
	int (*payload_key)(void *ctx, const char **key, size_t *len,
	    struct err *);
	void *ctx;
	const char *timezone;      /* "UTC", "+02:00"; NULL: none given */
	/* Columns that must be pseudonyms: what is not 64 hex digits already is
	 * replaced by its HMAC-SHA256 under the key; without one it is refused. */
	uint8_t pseudonym[EVENT_NCOL];
	const char *pseudonym_key;
	size_t pseudonym_keylen;
	int strict;                /* the first error ends it, nothing appended */
	int64_t now_us;            /* recorded_us of all but native lines */
};

enum diagnosis { DIAG_TAMPERED, DIAG_TRUNCATED_HEAD, DIAG_ROTATED_ISLAND,
	DIAG_CAPPED_EXPORT, DIAG_ROOT_MISMATCH,
	DIAG_MISSING_ROWS, DIAG_UNFINISHED, DIAG_NO_CHECKSUM, DIAG_UNPROTECTED,
	DIAG_SYMMETRIC_ONLY, DIAG_KEYLESS, DIAG_MAC_UNCHECKED, DIAG_NO_TAIL,
	DIAG_OTHER_FORMAT, DIAG_REWRITTEN, DIAG_CHANGED, DIAG_N };

struct diagnosis_word {
	const char *name, *says;
	int broken; /* grade broken, status 3 */
};
extern const struct diagnosis_word diagnosis_word[DIAG_N];

struct ingest_report {
	const char *path, *format;
	char sha256[65];
	uint64_t bytes;
	uint64_t records, events;  /* read; made of them */
	uint64_t appended, known, changed, rewritten, payloads;
	uint64_t erased;           /* contents */
	uint64_t errors;           /* records refused: see diag */
	uint64_t lost;             /* values without a place */
	int64_t from_us, to_us;    /* occurred_us of the events */
	enum grade grade;          /* the weakest of the records */
	uint64_t macs;             /* that held */
	uint64_t diagnosis[DIAG_N]; /* how often; 0: not */
	uint64_t bad_line;         /* of the first broken record, or 0 */
	uint8_t used[EVENT_NCOL];  /* columns that the file filled */
	uint64_t first_seq, end_seq; /* what was appended, the import event too */
};

/*
 * What in a source covers the columns that its format fills: "chain", "mac",
 * "checksum", "no", "constant": rows of ref_source_field.  Columns that are
 * not named are covered by the chain where there is one.  column NULL: a
 * field of the source that fills none.
 */
struct source_field {
	const char *format, *field, *column, *protection;
};
const struct source_field *ingest_fields(size_t *n);
/* Whether row i is the one of its column: the first, and not of NULL. */
int ingest_field_of_column(size_t i);

/* Names of all formats, ended by NULL. */
const char *const *ingest_formats(void);

/*
 * 0, with the report filled: refused records are in diag (and kind
 * ERR_INPUT there), broken ones make report->grade GRADE_BROKEN.  -1: the
 * file cannot be read or the store not written; whole batches before stay.
 */
int ingest_file(struct arena *, struct append *, const struct ingest_options *,
    const char *path, struct ingest_report *, struct diag *, struct err *);

#endif
