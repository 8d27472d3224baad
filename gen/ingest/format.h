#ifndef INGEST_FORMAT_H
#define INGEST_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "ingest/ingest.h"
#include "ingest/json.h"
#include "ingest/source.h"

struct append;
struct arena;
struct map;

/*
 * What the formats share with ingest.c.  A format reads one record at a time:
 *
 *     ev = ingest_new(in)              a row to fill, up to INGEST_EVENTS
 *     ingest_set(in, column, text)     ...
 *     in->grade = GRADE_CHAINED        what its own bytes proved
 *     return 0                         ingest.c checks and appends
 *
 * or returns ingest_bad(...), which is 1: the record is refused and listed.
 * -1 is an error of the system.
 */
#define INGEST_EVENTS 4
#define INGEST_PAYLOADS 8
#define INGEST_EXT 16

struct ingest_payload {
	const char *id, *salt, *content; /* content NULL: it is erased */
	size_t len;
	int64_t erased_us;
};

struct ingest {
	struct arena *arena; /* of the file */
	struct arena *rec;   /* of the record: reset after it */
	struct append *to;
	const struct ingest_options *opt;
	const struct ingest_format *format;
	struct source *source;
	struct ingest_report *report;
	struct diag *diag;
	struct hash *hash;
	void *state; /* of the format */

	struct source_record at; /* the record in hand */
	char ref_tail[64];       /* after '#' in source_ref; "": the line */
	const char *id;          /* event_id of its first event; NULL: its hash */
	enum grade grade;
	struct value col[INGEST_EVENTS][EVENT_NCOL];
	size_t nevent;
	struct ingest_payload payload[INGEST_PAYLOADS];
	size_t npayload;
	struct {
		const char *key;
		struct str json;
	} ext[INGEST_EXT];       /* sorted when the record is complete */
	size_t next;
	int zone_assumed;

	char ref[17];            /* first 16 hex digits of the file's SHA-256 */
	const char *key;         /* the payload key, once asked for */
	size_t keylen;
	struct map *same;        /* hashes of records without an id */
	uint64_t batch;
	char last_link[HASH_HEXLEN]; /* of a source with a chain: its end */
};

/* The first records of a file, and the members of its outer object. */
struct ingest_probe {
	enum source_frame frame;
	const struct json *rec[3];
	size_t nrec;
	const char *const *key;
	size_t nkey;
	const char *path; /* of a SQLite file */
};

struct ingest_format {
	const char *name;
	enum source_frame frame[2]; /* those it comes in; may be the same */
	const char *list;           /* SOURCE_OBJECT: the member with records */
	int changeable;             /* a known record may come back changed */
	int own_time;               /* recorded_us is the record's own */
	int (*detect)(const struct ingest_probe *);
	int (*begin)(struct ingest *, struct err *);
	int (*record)(struct ingest *, const struct json *, struct err *);
	int (*rows)(struct ingest *, struct err *); /* instead, for SQLite */
	int (*end)(struct ingest *, struct err *);
};

extern const struct ingest_format format_native, format_mesh_signed,
    format_mesh_export, format_mesh_stdout, format_flight, format_ts,
    format_cli, format_os, format_trail;

/* Refuses the record in hand, with the place of a value in it (or NULL). */
int ingest_bad(struct ingest *, const struct json *, const char *, ...)
    __attribute__((format(printf, 3, 4)));
int ingest_bad_at(struct ingest *, size_t offset, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* For `rows`: a new record in hand; then checked and appended, its batch
 * turned: 0, -1, or 1: it is the end (--strict). */
void ingest_start(struct ingest *);
int ingest_done(struct ingest *, int rc, struct err *);

/* A new event of the record, with its type; NULL past INGEST_EVENTS. */
struct value *ingest_new(struct ingest *, const char *event_type);
void ingest_text(struct value *col, enum event_col, const char *);
void ingest_textn(struct value *col, enum event_col, const char *, size_t);
void ingest_int(struct value *col, enum event_col, int64_t);
/* A member's text, where it is text that is not empty. */
void ingest_copy(struct value *col, enum event_col, const struct json *,
    const char *key);
/* A member of ext; a NULL text is none. */
void ingest_ext(struct ingest *, const char *key, const char *text);
void ingest_ext_json(struct ingest *, const char *key, const struct json *);

/* A content becomes a payload, the column its salted hash. */
int ingest_content(struct ingest *, struct value *col, enum event_col,
    const char *, size_t, struct err *);

/* RFC 3339, also with a blank for T; without a zone only with --timezone.
 * 0, or 1 where the record was refused. */
int ingest_when(struct ingest *, const struct json *, int64_t *us);

/* allow, deny, require_approval, ... or NULL (foreign-logs.md, verdicts). */
const char *ingest_verdict(const char *);
/* A decimal in its source's spelling times 10^places: 0, -1 not whole. */
int ingest_decimal(const char *, size_t, int places, int64_t *);
/* Digits after the point of an ISO 4217 currency. */
int ingest_exponent(const char *currency);

/* Where the first record hangs: at the genesis, at the end of an earlier
 * import (known), or nowhere.  Lists what that means. */
int ingest_head(struct ingest *, int genesis, const char *link, struct err *);

void ingest_found(struct ingest *, enum diagnosis);
/* The same, as a fault of the record in hand: its line is kept. */
void ingest_broken(struct ingest *, enum diagnosis);

/* Counts members that are neither known nor null: they have no place. */
void ingest_lost(struct ingest *, const struct json *, const char *const *known);

/* Whether every key is a member of every probed record, none of not. */
int ingest_has(const struct ingest_probe *, const char *const *all,
    const char *const *none);

#endif
