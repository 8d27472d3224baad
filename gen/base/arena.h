#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Memory by lifetime.  A build, a page, a batch of rows has an arena of its
 * own; everything in it is freed at once.  Memory comes zeroed and aligned
 * for any type.  Running out of memory ends the program (err_die), so nobody
 * checks for NULL.  With ARENA_DEBUG each allocation is a malloc of its own,
 * so that ASan sees every byte past the end.  Not safe between threads: a
 * thread has its own arenas.
 */
struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *);  /* NULL does nothing */
void arena_reset(struct arena *); /* frees all that it gave, keeps itself */

void *arena_alloc(struct arena *, size_t);
void *arena_array(struct arena *, size_t n, size_t size); /* n * size, checked */
void *arena_memdup(struct arena *, const void *, size_t);
char *arena_strdup(struct arena *, const char *);
char *arena_strndup(struct arena *, const char *, size_t); /* adds a NUL */
char *arena_printf(struct arena *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

#endif
