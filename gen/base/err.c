#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"

/* Prints "file:line:col: " for as much of the place as is known. */
static size_t
put_mark(char *buf, size_t size, struct mark at)
{
	int n = 0;

	if (at.file == NULL)
		return 0;
	if (at.line == 0)
		n = snprintf(buf, size, "%s: ", at.file);
	else if (at.col == 0)
		n = snprintf(buf, size, "%s:%" PRIu32 ": ", at.file, at.line);
	else
		n = snprintf(buf, size, "%s:%" PRIu32 ":%" PRIu32 ": ",
		    at.file, at.line, at.col);
	if (n < 0)
		return 0;
	return (size_t)n < size ? (size_t)n : size - 1;
}

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_at(struct err *e, enum err_kind kind, struct mark at, const char *fmt, ...)
{
	size_t n = put_mark(e->msg, sizeof(e->msg), at);
	va_list ap;

	e->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg + n, sizeof(e->msg) - n, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	size_t len;
	va_list ap;
	int n;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	/* Cut at the end on purpose, so not by snprintf, which warns. */
	if (n >= 0 && (len = (size_t)n) + 3 < sizeof(e->msg)) {
		memcpy(e->msg + len, ": ", 2);
		memcpy(e->msg + len + 2, old, sizeof(e->msg) - len - 3);
		e->msg[sizeof(e->msg) - 1] = '\0';
	}
	return -1;
}

int
err_errno(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	size_t len;
	va_list ap;
	int n;

	e->kind = ERR_SYSTEM;
	va_start(ap, fmt);
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	if (n >= 0 && (len = (size_t)n) < sizeof(e->msg))
		(void)snprintf(e->msg + len, sizeof(e->msg) - len, ": %s",
		    strerror(saved));
	return -1;
}

enum err_kind
err_worse(enum err_kind a, enum err_kind b)
{
	static const int rank[] = {
		[ERR_OK] = 0, [ERR_GAP] = 1, [ERR_UNDECIDED] = 2,
		[ERR_INPUT] = 3, [ERR_SYSTEM] = 4, [ERR_INTEGRITY] = 5
	};

	return rank[a] >= rank[b] ? a : b;
}

void
err_die(const char *text)
{
	(void)fprintf(stderr, "exhibit: %s\n", text);
	exit(ERR_SYSTEM);
}

void
diag_init(struct diag *d, struct arena *a)
{
	*d = (struct diag){ .arena = a };
}

void
diag_add(struct diag *d, enum err_kind kind, struct mark at, const char *fmt,
    ...)
{
	char buf[1024];
	size_t n;
	va_list ap;

	d->total++;
	d->kind = err_worse(d->kind, kind);
	if (d->n >= LIMIT_DIAG)
		return;
	n = put_mark(buf, sizeof(buf), at);
	va_start(ap, fmt);
	(void)vsnprintf(buf + n, sizeof(buf) - n, fmt, ap);
	va_end(ap);
	*VEC_PUSH(d->arena, d->line, d->n, d->cap) =
	    arena_strdup(d->arena, buf);
}
