#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * How a call failed.  The kinds are the exit statuses of the program
 * (docs/man/exhibit.1, EXIT STATUS): main returns the kind unchanged.
 */
enum err_kind {
	ERR_OK = 0,
	ERR_GAP = 1,       /* gaps at or above --fail-on; differences */
	ERR_INPUT = 2,     /* usage, or an input that does not parse */
	ERR_INTEGRITY = 3, /* a hash, link, proof or signature does not match */
	ERR_SYSTEM = 4,    /* I/O, memory, database, lock */
	ERR_UNDECIDED = 5  /* nothing was evaluated, or no trusted key */
};

struct err {
	enum err_kind kind;
	char msg[1024]; /* lower case, no full stop; cut at the end if longer */
};

/* Where something stands in an input file.  file NULL: no place. */
struct mark {
	const char *file;
	uint32_t line, col; /* from 1; 0: not known */
};

/* Sets kind and message, returns -1: return err_set(e, ERR_INPUT, "..."). */
int err_set(struct err *, enum err_kind, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, the message beginning "file:line:col: ". */
int err_at(struct err *, enum err_kind, struct mark, const char *, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "text: " in front of the message, keeps the kind, returns -1. */
int err_wrap(struct err *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets ERR_SYSTEM, "text: strerror(errno)", returns -1. */
int err_errno(struct err *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* The worse of two, in the order 3, 4, 2, 5, 1, 0. */
enum err_kind err_worse(enum err_kind, enum err_kind);

/* Prints "exhibit: text" to standard error and exits with 4.  For memory. */
void err_die(const char *) __attribute__((noreturn));

/*
 * All errors of a run, in the order found.  The first DIAG_MAX are kept, the
 * rest counted.  Readers go on after an error so that one run shows them all.
 */
struct diag {
	struct arena *arena;
	char **line; /* "file:line:col: text" */
	size_t n, cap;
	uint64_t total;
	enum err_kind kind; /* the worst; ERR_OK: none */
};

void diag_init(struct diag *, struct arena *);
void diag_add(struct diag *, enum err_kind, struct mark, const char *, ...)
    __attribute__((format(printf, 4, 5)));

#endif
