#ifndef READ_BACKEND_H
#define READ_BACKEND_H

#include "read/store.h"

/*
 * What a store backend provides; store.c picks one by the URL.  Each call has
 * the promise of its namesake in read/store.h.
 */
struct store_backend {
	const char *prefix; /* of the URL; "" takes whatever is left: a path */
	int (*open)(struct arena *, const char *url, void **, struct err *);
	int (*again)(struct arena *, void *, void **, struct err *);
	int (*close)(void *);
	int (*streams)(void *, struct arena *, struct store_stream **, size_t *,
	    struct err *);
	int (*notes)(void *, struct arena *, const char *, struct store_note **,
	    size_t *, struct err *);
	int (*segments)(void *, struct arena *, const char *,
	    struct store_segment **, size_t *, struct err *);
	int (*scan)(void *, const char *, uint64_t, uint64_t, int plain,
	    store_row_fn *, void *, struct err *);
	int (*row)(void *, struct arena *, const char *, uint64_t, struct event *,
	    struct err *);
	int (*load_ref)(void *, const struct ref *, struct err *);
	int (*query)(void *, const char *, int64_t, int64_t, int64_t,
	    store_query_fn *, void *, struct err *);
	int (*related)(void *, const char *, int, const struct value *,
	    const int *, size_t, store_query_fn *, void *, struct err *);
	void (*contents)(void *, int);
	int (*narrow)(void *, const uint8_t *, const uint8_t *, struct err *);
	int (*whole)(void *, struct err *);
	int (*columns)(void *, struct arena *, const char *, const char ***,
	    size_t *, struct err *);
	int (*payloads)(void *, const char *, size_t, store_payload_fn *, void *,
	    struct err *);
};

extern const struct store_backend store_sqlite;

#endif
