#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>
#include <string.h>

struct arena;

/*
 * A growing byte string in an arena.  s.p is always NUL-terminated, s.len
 * does not count that NUL; bytes may be anything.  It dies with its arena.
 */
struct str {
	char *p;
	size_t len, cap;
	struct arena *arena;
};

struct str str_new(struct arena *);
void str_reset(struct str *); /* empties, keeps the memory */
void str_addf(struct str *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void str_addu(struct str *, unsigned long long); /* decimal */
void str_addi(struct str *, long long);
/* A text constant of SQL: in quotes, each quote in it doubled. */
void str_add_sql(struct str *, const char *, size_t);
void str_add_sqlz(struct str *, const char *);
char *str_room(struct str *, size_t); /* makes room, returns p + len */

/* In the header: a page is some thousand of these, most of a few bytes. */
static inline void
str_add(struct str *s, const void *p, size_t n)
{
	char *to = n < s->cap - s->len ? s->p + s->len : str_room(s, n);

	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	s->len += n;
}

static inline void
str_addz(struct str *s, const char *z)
{
	str_add(s, z, strlen(z));
}

static inline void
str_addc(struct str *s, char c)
{
	str_add(s, &c, 1);
}

int str_eq(const char *, const char *); /* NULL equals only NULL */
/* Bytes in order, a shorter prefix first: the order of everything we print. */
int str_cmp(const char *, size_t, const char *, size_t);
int str_qcmp(const void *, const void *); /* for qsort of char * */

/* Whether a text (NULL: none) names a word of [a-z0-9_], whole. */
int str_word(const char *text, const char *word);
/* The word of the list nearest to s, or NULL if none is near (2 edits). */
const char *str_nearest(const char *s, const char *const *list, size_t n);

#endif
