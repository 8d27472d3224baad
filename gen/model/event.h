#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "model/rows.h"

struct str;

/* One constant a column, EVENT_ACTION to EVENT_VERDICT, in name order. */
enum event_col {
#define EVENT(constant, column, type, required, says) EVENT_##constant,
#include "model/event.def"
#undef EVENT
	EVENT_NCOL
};

struct event_column {
	const char *name;
	enum value_type type;
	int required;     /* NOT NULL in the store */
	const char *says; /* one line for explain and docs/format */
};

extern const struct event_column event_column[EVENT_NCOL];

/* The column of that name, or -1. */
int event_col(const char *name);

/* The columns that hold the salted hash of a content.  must: the content is
 * in table payload unless it was erased; else it may be kept elsewhere. */
#define EVENT_NCONTENT 8
struct event_content {
	enum event_col col;
	int must;
};
extern const struct event_content event_content[EVENT_NCONTENT];

/* The closed list of event types; event_type_known() looks a word up. */
extern const char *const event_type[];
extern const size_t event_ntype;
int event_type_known(const char *);

/*
 * One row of the audit store.  What the pointers point to lives until the
 * next row is read.  record is what is hashed: the RFC 8785 object of the
 * columns that are not NULL (model/record.h).
 */
struct event {
	uint64_t seq;          /* 0, 1, 2, ... with no gaps */
	const char *prev_hash; /* 64 hex digits; also inside the record */
	const char *record;
	size_t recordlen;
	struct value col[EVENT_NCOL];
};

/* How far the source's own bytes vouch for an event. */
enum grade { GRADE_BROKEN, GRADE_NONE, GRADE_MAC, GRADE_CHAINED, GRADE_SIGNED };
const char *grade_name(enum grade);
int grade_parse(const char *); /* -1: not a grade */

/* What the chain stage found of one stream; later stages only read it. */
struct stream {
	const char *name;   /* "main" */
	const char *dir;    /* its folder in the pack (pack.md section 1) */
	const char *origin; /* organisation/store/stream */
	const char *note;   /* newest checkpoint before as-of, or its body alone */
	const char *prev_note; /* the one in the previous pack, or NULL */
	uint64_t previous_size; /* the range is [previous_size, size) */
	uint64_t read_from, size;
	uint64_t in_period, before, after, earlier_in_period, waiting;
	int64_t first_us, last_us; /* occurred_us of the rows of the range */
	uint8_t root[32];
	int intact;       /* 0: bad_seq and bad say where and what */
	uint64_t bad_seq;
	const char *bad;
	int log_signed;   /* note carries a signature line */
	int64_t note_us;  /* recorded_us of the last row under the note */
	int witnessed;    /* a cosignature or time stamp stands on the note */
	enum grade weakest;
	uint64_t grade[5]; /* rows of each grade */
};

#endif
