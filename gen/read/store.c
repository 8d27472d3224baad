#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "read/backend.h"
#include "read/store.h"

struct store {
	const struct store_backend *b;
	void *db;
};

/* A new kind of store is a row here; the last takes any path. */
static const struct store_backend *const store_backend[] = { &store_sqlite };

int
store_open(struct arena *a, const char *url, struct store **out, struct err *e)
{
	struct store *s = arena_alloc(a, sizeof(*s));
	const char *scheme = strstr(url, "://");

	for (size_t i = 0; i < sizeof(store_backend) / sizeof(store_backend[0]);
	    i++) {
		const struct store_backend *b = store_backend[i];

		if (*b->prefix != '\0' ?
		    strncmp(url, b->prefix, strlen(b->prefix)) != 0 :
		    scheme != NULL)
			continue;
		s->b = b;
		*out = s;
		return b->open(a, url, &s->db, e);
	}
	return err_set(e, ERR_UNDECIDED, "store %.*s://...: this build reads "
	    "SQLite files only; give the path of one", (int)(scheme - url), url);
}

int
store_again(struct arena *a, const struct store *s, struct store **out,
    struct err *e)
{
	struct store *again = arena_alloc(a, sizeof(*again));

	again->b = s->b;
	*out = again;
	return s->b->again(a, s->db, &again->db, e);
}

int
store_close(struct store *s)
{
	return s == NULL || s->db == NULL ? 0 : s->b->close(s->db);
}

int
store_streams(struct store *s, struct arena *a, struct store_stream **out,
    size_t *n, struct err *e)
{
	return s->b->streams(s->db, a, out, n, e);
}

int
store_notes(struct store *s, struct arena *a, const char *stream,
    struct store_note **out, size_t *n, struct err *e)
{
	return s->b->notes(s->db, a, stream, out, n, e);
}

int
store_segments(struct store *s, struct arena *a, const char *stream,
    struct store_segment **out, size_t *n, struct err *e)
{
	return s->b->segments(s->db, a, stream, out, n, e);
}

int
store_scan(struct store *s, const char *stream, uint64_t first, uint64_t end,
    store_row_fn *fn, void *ctx, struct err *e)
{
	return s->b->scan(s->db, stream, first, end, 0, fn, ctx, e);
}

int
store_scan_plain(struct store *s, const char *stream, uint64_t first,
    uint64_t end, store_row_fn *fn, void *ctx, struct err *e)
{
	return s->b->scan(s->db, stream, first, end, 1, fn, ctx, e);
}

int
store_row(struct store *s, struct arena *a, const char *stream, uint64_t seq,
    struct event *ev, struct err *e)
{
	return s->b->row(s->db, a, stream, seq, ev, e);
}

int
store_load_ref(struct store *s, const struct ref *ref, struct err *e)
{
	return s->b->load_ref(s->db, ref, e);
}

int
store_query(struct store *s, const char *sql, int64_t from_us, int64_t to_us,
    int64_t as_of_us, store_query_fn *fn, void *ctx, struct err *e)
{
	return s->b->query(s->db, sql, from_us, to_us, as_of_us, fn, ctx, e);
}

int
store_related(struct store *s, const char *stream, int by,
    const struct value *key, const int *want, size_t n, store_query_fn *fn,
    void *ctx, struct err *e)
{
	return s->b->related(s->db, stream, by, key, want, n, fn, ctx, e);
}

void
store_contents(struct store *s, int may)
{
	s->b->contents(s->db, may);
}

int
store_narrow(struct store *s, const uint8_t *type, const uint8_t *column,
    struct err *e)
{
	return s->b->narrow(s->db, type, column, e);
}

int
store_whole(struct store *s, struct err *e)
{
	return s->b->whole(s->db, e);
}

int
store_columns(struct store *s, struct arena *a, const char *sql,
    const char ***name, size_t *n, struct err *e)
{
	return s->b->columns(s->db, a, sql, name, n, e);
}

int
store_payloads(struct store *s, const char *id, size_t n, store_payload_fn *fn,
    void *ctx, struct err *e)
{
	return s->b->payloads(s->db, id, n, fn, ctx, e);
}
