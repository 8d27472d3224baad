#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "pack/fault.h"
#include "pack/packjson.h"
#include "verify/trust.h"

struct arena;
struct str;

/*
 * What an auditor runs (docs/format/pack.md section 9).  One run lists every
 * fault that it finds; only a container that is refused ends it at once.
 * Nothing is written, no socket opened, no state kept.
 */
enum verify_level {
	LEVEL_INTEGRITY,   /* L1: files, manifest, tag files, pack.json agree */
	LEVEL_SIGNERS,     /* L2: known persons, right roles, enough of them */
	LEVEL_TIME,        /* L3: trusted timestamps on the signatures */
	LEVEL_LOG,         /* L4: checkpoint, records, counts, samples */
	LEVEL_APPEND_ONLY, /* L5: extends what this reader has kept */
	LEVEL_REBUILD,     /* L6: a pack rebuilt by the reader is the same */
	LEVEL_N
};

enum verify_result { VERIFY_OK, VERIFY_BAD, VERIFY_NOT_RUN, VERIFY_NOT_NEEDED };

struct verify_options {
	const char *pack;     /* folder or ZIP of a pack, or of a reply */
	const char *trust;    /* trust file, or NULL */
	const char *previous; /* a pack or checkpoint kept before, or NULL */
	const char *rebuilt;  /* a pack built by the reader, or NULL */
	int64_t as_of_us;     /* keys without a timestamp are judged at it */
};

struct verify_fault {
	enum verify_level level;
	enum fault_code code;
	const char *path, *detail;
};

struct verify_signer {
	const char *name, *role, *person; /* name: "preparer-2" */
	int64_t signed_us; /* as claimed */
	int64_t time_us;   /* as stamped; 0: not */
	uint8_t keyid[HASH_LEN];
};

struct verify_report {
	struct arena *arena;
	enum verify_result result[LEVEL_N];
	const char *says[LEVEL_N]; /* a sentence, one line a level */
	int require[LEVEL_N];
	struct verify_fault *fault;
	size_t nfault, capfault;
	struct verify_signer *signer; /* whose signatures hold */
	size_t nsigner, capsigner;
	const struct packinfo *info;  /* NULL: pack.json was not read */
	const struct replyinfo *reply; /* NULL: a pack; else info holds who and
	                                * which streams alone */
	uint8_t manifest[HASH_LEN];
	int have_manifest, demo_key;
	uint64_t records;             /* proved to be in the log */
	const char *trust;            /* organisation of the trust file */
	size_t nfile;
};

void verify_pack(struct arena *, const struct verify_options *,
    struct verify_report *);

/* The exit status, and its word: verified rejected unreadable failed
 * undecided. */
enum err_kind verify_status(const struct verify_report *);
const char *verify_verdict(const struct verify_report *);
const char *verify_result_name(enum verify_result);
const char *verify_level_name(enum verify_level); /* "L1" */

/* Text of at most 25 lines, then what is not ok; or exhibit-verify/1. */
void verify_text(struct str *, const struct verify_report *);
void verify_json(struct str *, const struct verify_report *);

#endif
