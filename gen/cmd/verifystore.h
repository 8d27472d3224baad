#ifndef CMD_VERIFYSTORE_H
#define CMD_VERIFYSTORE_H

#include "base/err.h"

struct arena;
struct options;
struct str;

/*
 * exhibit verify STORE: joins the rows of a store to verify/store.h.  Every
 * row and every content that a row names, by -j threads; what is found does
 * not depend on how many.
 */
struct verifystore_want {
	const char *trust, *previous; /* files; or NULL */
};

/* The report goes to the string; the status, or that of an err. */
enum err_kind verifystore_run(struct arena *, const struct options *,
    const struct verifystore_want *, const char *path, struct str *,
    struct err *);

#endif
