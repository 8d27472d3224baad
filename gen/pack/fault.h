#ifndef PACK_FAULT_H
#define PACK_FAULT_H

#include "base/err.h"

/*
 * What is wrong with a pack, as a code that never changes (fault.def), and a
 * sentence for people.  Functions that read parts of a pack return -1 with a
 * struct fault set; the verifier lists them, `sign` turns one into an err.
 */
enum fault_code {
	FAULT_NONE,
#define FAULT(code, kind, says) FAULT_##code,
#include "pack/fault.def"
#undef FAULT
	FAULT_NCODE
};

struct fault {
	enum fault_code code;
	char detail[400]; /* may hold text of others: print it with out_text */
};

/* Sets the fault, returns -1. */
int fault_set(struct fault *, enum fault_code, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "where: " in front of the detail, returns -1. */
int fault_wrap(struct fault *, const char *where);

const char *fault_name(enum fault_code); /* "ZIP_PATH" */
const char *fault_says(enum fault_code);
enum err_kind fault_kind(enum fault_code);
/* -1 and the err: "path: detail (CODE)". */
int fault_err(const struct fault *, const char *path, struct err *);

#endif
