#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fmt.h"

#define BLOCK_SIZE (64u * 1024u)
#define ALIGN 16u
#define KEPT 16 /* blocks that a reset keeps */

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(ALIGN) unsigned char data[];
};

struct arena {
	struct block *block; /* the one that is filled; older ones follow */
	struct block *spare; /* zeroed */
};

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		err_die("out of memory");
	return a;
}

static void
free_blocks(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->block);
	free_blocks(a->spare);
	free(a);
}

/* Some blocks are kept for what comes next, zeroed as far as they were used.
 */
void
arena_reset(struct arena *a)
{
	struct block *b = a->block;
#ifndef ARENA_DEBUG
	size_t kept = 0;

	for (const struct block *s = a->spare; s != NULL; s = s->next)
		kept++;
	while (b != NULL) {
		struct block *next = b->next;

		if (b->size == BLOCK_SIZE && kept < KEPT) {
			memset(b->data, 0, b->used);
			b->used = 0;
			b->next = a->spare;
			a->spare = b;
			kept++;
		} else
			free(b);
		b = next;
	}
#else
	free_blocks(b);
#endif
	a->block = NULL;
}

static struct block *
new_block(struct arena *a, size_t size)
{
	struct block *b;

	if (size == BLOCK_SIZE && a->spare != NULL) {
		b = a->spare;
		a->spare = b->next;
		b->next = a->block;
		a->block = b;
		return b;
	}
	if (size > SIZE_MAX - sizeof(*b))
		err_die("out of memory");
	b = calloc(1, sizeof(*b) + size);
	if (b == NULL)
		err_die("out of memory");
	b->size = size;
	b->next = a->block;
	a->block = b;
	return b;
}

#ifdef ARENA_DEBUG
/* A block each, exactly as large as asked: ASan sees the next byte. */
void *
arena_alloc(struct arena *a, size_t n)
{
	return new_block(a, n)->data;
}
#else
void *
arena_alloc(struct arena *a, size_t n)
{
	struct block *b = a->block;
	void *p;

	if (n > SIZE_MAX - ALIGN)
		err_die("out of memory");
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (b != NULL && b->size - b->used < n && n >= BLOCK_SIZE / 4) {
		/* A large one goes behind, so that b is filled on. */
		struct block *big = new_block(a, n);

		a->block = b;
		big->next = b->next;
		b->next = big;
		b = big;
	} else if (b == NULL || b->size - b->used < n)
		b = new_block(a, n > BLOCK_SIZE ? n : BLOCK_SIZE);
	p = b->data + b->used;
	b->used += n;
	return p;
}
#endif

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		err_die("out of memory");
	return arena_alloc(a, n * size);
}

void *
arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_alloc(a, n);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

char *
arena_strndup(struct arena *a, const char *p, size_t n)
{
	char *s = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(s, p, n);
	return s;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char buf[256], *s;
	va_list again;
	size_t len;
	int n;

	if (fmt[0] == '%' && fmt[1] == 's' && fmt[2] == '\0') {
		va_copy(again, ap);
		s = va_arg(again, char *);
		va_end(again);
		if (s != NULL)
			return arena_strdup(a, s);
	}
	va_copy(again, ap);
	len = fmt_plain(buf, sizeof(buf), fmt, again);
	va_end(again);
	if (len != FMT_NOT)
		return arena_strndup(a, buf, len);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		err_die("vsnprintf failed");
	s = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}
