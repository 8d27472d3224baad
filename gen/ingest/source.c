#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"
#include "ingest/source.h"

#define PEEK (64 * KIB)
#define CHUNK (256 * KIB)
#define MEMBERS 64 /* of the outer object, but the list */

struct source {
	struct arena *arena;
	const char *name, *path;
	FILE *spool; /* keeps fd, or NULL */
	int fd;
	uint8_t sha256[HASH_LEN];
	uint64_t bytes;

	enum source_frame frame;
	const char *list;
	char *buf;
	size_t pos, len, cap; /* unread: buf[pos..len) */
	int eof, state;
	uint64_t line;
	uint32_t col;
	struct json *head, **head_last;
	size_t nhead;
};

/* What comes next in an array or object. */
enum { STATE_OPEN, STATE_MEMBER, STATE_FIRST, STATE_NEXT, STATE_TAIL,
	STATE_END };

static int
unpack(struct source *s, struct err *e)
{
	FILE *out = tmpfile();
	uint64_t total = 0, packed = s->bytes;
	static char buf[65536];
	gzFile gz;
	int n, fd, rc = 0;

	if (out == NULL)
		return err_errno(e, "%s: unpacking", s->name);
	fd = dup(s->fd);
	gz = fd == -1 || lseek(fd, 0, SEEK_SET) == -1 ? NULL :
	    gzdopen(fd, "rb");
	if (gz == NULL) {
		(void)fclose(out);
		return err_errno(e, "%s: unpacking", s->name);
	}
	while (rc == 0 && (n = gzread(gz, buf, sizeof(buf))) > 0) {
		total += (uint64_t)n;
		if (total > LIMIT_PACK_FILE * 8 ||
		    (total > MIB && total / LIMIT_PACK_RATIO > packed))
			rc = err_set(e, ERR_INPUT, "%s: gzip: more than %d times "
			    "its size", s->name, LIMIT_PACK_RATIO);
		else if (fwrite(buf, 1, (size_t)n, out) != (size_t)n)
			rc = err_errno(e, "%s: unpacking", s->name);
	}
	if (rc == 0 && n < 0)
		rc = err_set(e, ERR_INPUT, "%s: not a whole gzip file", s->name);
	(void)gzclose(gz);
	if (rc == 0 && fflush(out) != 0)
		rc = err_errno(e, "%s: unpacking", s->name);
	if (s->spool != NULL)
		(void)fclose(s->spool);
	else
		(void)close(s->fd);
	s->spool = out;
	s->fd = fileno(out);
	return rc;
}

static int
spool_stdin(struct source *s, struct err *e)
{
	static char buf[65536];
	ssize_t n;

	s->name = "standard input";
	s->spool = tmpfile();
	if (s->spool == NULL)
		return err_errno(e, "spooling standard input");
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || fwrite(buf, 1, (size_t)n, s->spool) != (size_t)n)
			return err_errno(e, "spooling standard input");
	}
	if (fflush(s->spool) != 0)
		return err_errno(e, "spooling standard input");
	s->fd = fileno(s->spool);
	return 0;
}

static int
hash_file(struct source *s, struct err *e)
{
	struct hash *h = hash_new(s->arena);
	ssize_t n;
	int rc = 0;

	hash_start(h);
	while ((n = pread(s->fd, s->buf, CHUNK, (off_t)s->bytes)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			rc = err_errno(e, "%s", s->name);
			break;
		}
		hash_add(h, s->buf, (size_t)n);
		s->bytes += (uint64_t)n;
	}
	hash_end(h, s->sha256);
	hash_free(h);
	return rc;
}

int
source_open(struct arena *a, const char *path, struct source **out,
    struct err *e)
{
	struct source *s = arena_alloc(a, sizeof(*s));
	struct stat st;
	uint8_t magic[2];

	*out = s;
	s->arena = a;
	s->name = s->path = path;
	s->fd = -1;
	s->cap = CHUNK;
	s->buf = malloc(s->cap);
	if (s->buf == NULL)
		err_die("out of memory");
	if (strcmp(path, "-") == 0) {
		if (spool_stdin(s, e) == -1)
			return -1;
	} else {
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (s->fd == -1 || fstat(s->fd, &st) == -1)
			return err_errno(e, "%s", path);
		if (!S_ISREG(st.st_mode))
			return err_set(e, ERR_INPUT, "%s: not a regular file; a "
			    "pipe goes through '-'", path);
	}
	if (hash_file(s, e) == -1)
		return -1;
	if (pread(s->fd, magic, 2, 0) == 2 && magic[0] == 0x1f &&
	    magic[1] == 0x8b)
		return unpack(s, e);
	return 0;
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	if (s->spool != NULL)
		(void)fclose(s->spool);
	else if (s->fd != -1)
		(void)close(s->fd);
	free(s->buf);
	s->buf = NULL;
	s->fd = -1;
	s->spool = NULL;
}

const char *
source_name(const struct source *s)
{
	return s->name;
}

const char *
source_path(const struct source *s)
{
	return s->path;
}

const uint8_t *
source_sha256(const struct source *s)
{
	return s->sha256;
}

uint64_t
source_bytes(const struct source *s)
{
	return s->bytes;
}

/* Reads on; 1 more is there, 0 the end, -1 an error, -2 the limit. */
static int
fill(struct source *s, struct err *e)
{
	ssize_t n;

	if (s->eof)
		return 0;
	if (s->pos > 0) {
		memmove(s->buf, s->buf + s->pos, s->len - s->pos);
		s->len -= s->pos;
		s->pos = 0;
	}
	if (s->len == s->cap) {
		if (s->cap > LIMIT_LOG_RECORD)
			return -2;
		s->cap *= 2;
		s->buf = realloc(s->buf, s->cap);
		if (s->buf == NULL)
			err_die("out of memory");
	}
	do
		n = read(s->fd, s->buf + s->len, s->cap - s->len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_errno(e, "%s", s->name);
	s->eof = n == 0;
	s->len += (size_t)n;
	return n > 0;
}

static void
advance(struct source *s, size_t n)
{
	const char *p = s->buf + s->pos, *end = p + n, *nl;

	while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		s->line++;
		s->col = 1;
		p = nl + 1;
	}
	s->col += (uint32_t)(end - p);
	s->pos += n;
}

static void
here(const struct source *s, struct source_record *r)
{
	*r = (struct source_record){ s->buf + s->pos, 0, s->line, s->col };
}

static int
blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return 0;
	return 1;
}

/* Drops the rest of a line that is too long. */
static int
skip_line(struct source *s, struct err *e)
{
	for (;;) {
		char *nl = memchr(s->buf + s->pos, '\n', s->len - s->pos);
		int rc;

		if (nl != NULL) {
			advance(s, (size_t)(nl - (s->buf + s->pos)) + 1);
			return 0;
		}
		advance(s, s->len - s->pos);
		rc = fill(s, e);
		if (rc <= 0)
			return rc;
	}
}

static int
next_line(struct source *s, struct source_record *r, const char **what,
    struct err *e)
{
	size_t from = 0, n;
	int rc = 1;

	for (;;) {
		char *p = s->buf + s->pos;
		char *nl = memchr(p + from, '\n', s->len - s->pos - from);

		if (nl == NULL) {
			from = s->len - s->pos;
			rc = fill(s, e);
			if (rc == -1)
				return -1;
			if (rc == 1)
				continue;
		}
		p = s->buf + s->pos;
		n = nl != NULL ? (size_t)(nl - p) : s->len - s->pos;
		here(s, r);
		if (n > LIMIT_LOG_RECORD) {
			*what = "a line of more than 16 MiB";
			return skip_line(s, e) == -1 ? -1 : -2;
		}
		r->len = n;
		from = 0;
		if (n == 0 && nl == NULL)
			return 0;
		advance(s, n + (nl != NULL));
		/* The bytes stay where they are until the next fill. */
		if (!blank(p, n))
			return 1;
	}
}

/* The next byte that is not blank, -1 the end, -2 an error. */
static int
peek(struct source *s, struct err *e)
{
	for (;;) {
		size_t n = s->pos;

		while (n < s->len && (s->buf[n] == ' ' || s->buf[n] == '\t' ||
		    s->buf[n] == '\r' || s->buf[n] == '\n'))
			n++;
		advance(s, n - s->pos);
		if (s->pos < s->len)
			return (unsigned char)s->buf[s->pos];
		switch (fill(s, e)) {
		case 0:
			return -1;
		case -1:
			return -2;
		default:
			break;
		}
	}
}

struct scan {
	size_t at;
	int depth, quoted, escaped, done;
};

/* Walks on to the end of a value by brackets and quotes alone. */
static void
scan_value(struct scan *x, const char *p, size_t len)
{
	for (; x->at < len && !x->done; x->at++) {
		char c = p[x->at];

		if (x->quoted) {
			if (x->escaped)
				x->escaped = 0;
			else if (c == '\\')
				x->escaped = 1;
			else if (c == '"') {
				x->quoted = 0;
				x->done = x->depth == 0;
			}
		} else if (c == '"')
			x->quoted = 1;
		else if (c == '{' || c == '[')
			x->depth++;
		else if (c == '}' || c == ']') {
			if (x->depth == 0) {
				x->done = 1;
				return; /* of what is around it */
			}
			x->done = --x->depth == 0;
		} else if (x->depth == 0 && (c == ',' || c == ' ' || c == '\n' ||
		    c == '\r' || c == '\t' || c == ':')) {
			x->done = 1;
			return;
		}
	}
}

/* One whole value at the reading point: 1, or as source_next. */
static int
take_value(struct source *s, struct source_record *r, const char **what,
    struct err *e)
{
	struct scan x = { 0 };
	int rc = 1;

	for (;;) {
		scan_value(&x, s->buf + s->pos, s->len - s->pos);
		if (x.done || x.at > LIMIT_LOG_RECORD)
			break;
		rc = fill(s, e);
		if (rc == -1)
			return -1;
		if (rc != 1)
			break;
	}
	here(s, r);
	r->len = x.at;
	if (!x.done || x.at == 0 || x.at > LIMIT_LOG_RECORD) {
		*what = x.at > LIMIT_LOG_RECORD ? "a record of more than 16 MiB" :
		    x.at == 0 ? "a value is missing" : "the file ends in the "
		    "middle of a record: it was cut";
		s->state = STATE_END;
		return -2;
	}
	advance(s, x.at);
	return 1;
}

static int
wrong(struct source *s, struct source_record *r, const char **what,
    const char *text)
{
	here(s, r);
	*what = text;
	s->state = STATE_END;
	return -2;
}

static int
cut(struct source *s, struct source_record *r, const char **what, int c,
    const char *text)
{
	return c == -2 ? -1 : wrong(s, r, what,
	    c == -1 ? "the file ends too early: it was cut" : text);
}

/* A member of the outer object: kept, or the list begins. */
static int
member(struct source *s, struct source_record *r, const char **what,
    struct err *e)
{
	struct json_fault fault;
	struct json *key, *v;
	int c = peek(s, e), rc;
	char *text;

	if (c != '"')
		return cut(s, r, what, c, "want a key in quotes");
	if ((rc = take_value(s, r, what, e)) != 1)
		return rc;
	text = arena_strndup(s->arena, r->p, r->len);
	if (json_parse(s->arena, text, r->len, &key, &fault) == -1)
		return wrong(s, r, what, fault.what);
	c = peek(s, e);
	if (c != ':')
		return cut(s, r, what, c, "want ':'");
	advance(s, 1);
	c = peek(s, e);
	if (c < 0)
		return cut(s, r, what, c, "");
	if (c == '[' && s->list != NULL && strcmp(key->p, s->list) == 0) {
		advance(s, 1);
		s->state = STATE_FIRST;
		return 1;
	}
	if ((rc = take_value(s, r, what, e)) != 1)
		return rc;
	if (++s->nhead > MEMBERS || r->len > PEEK)
		return wrong(s, r, what, "too much beside the list of records");
	text = arena_strndup(s->arena, r->p, r->len);
	if (json_parse(s->arena, text, r->len, &v, &fault) == -1)
		return wrong(s, r, what, fault.what);
	v->key = key->p;
	v->keylen = key->len;
	*s->head_last = v;
	s->head_last = &v->next;
	s->state = STATE_TAIL;
	return 1;
}

static int
next_element(struct source *s, struct source_record *r, const char **what,
    struct err *e)
{
	int c, rc;

	for (;;) {
		c = s->state == STATE_END ? -1 : peek(s, e);
		switch (s->state) {
		case STATE_OPEN:
			if (c != (s->frame == SOURCE_ARRAY ? '[' : '{'))
				return cut(s, r, what, c, "want '[' or '{'");
			advance(s, 1);
			s->state = s->frame == SOURCE_ARRAY ? STATE_FIRST :
			    STATE_MEMBER;
			break;
		case STATE_MEMBER:
			if ((rc = member(s, r, what, e)) != 1)
				return rc;
			break;
		case STATE_FIRST:
		case STATE_NEXT:
			if (c == ']') {
				advance(s, 1);
				s->state = STATE_TAIL;
				break;
			}
			if (s->state == STATE_NEXT) {
				if (c != ',')
					return cut(s, r, what, c,
					    "want ',' or ']'");
				advance(s, 1);
				c = peek(s, e);
				if (c < 0)
					return cut(s, r, what, c, "");
			}
			s->state = STATE_NEXT;
			return take_value(s, r, what, e);
		case STATE_TAIL:
			if (s->frame == SOURCE_OBJECT && c == ',') {
				advance(s, 1);
				s->state = STATE_MEMBER;
				break;
			}
			if (s->frame == SOURCE_OBJECT) {
				if (c != '}')
					return cut(s, r, what, c,
					    "want ',' or '}'");
				advance(s, 1);
				c = peek(s, e);
			}
			if (c == -2)
				return -1;
			if (c != -1)
				return wrong(s, r, what, "text after the end");
			s->state = STATE_END;
			break;
		default:
			return 0;
		}
	}
}

int
source_rewind(struct source *s, enum source_frame frame, const char *list,
    struct err *e)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (lseek(s->fd, 0, SEEK_SET) == -1)
		return err_errno(e, "%s", s->name);
	s->frame = frame;
	s->list = list;
	s->pos = s->len = 0;
	s->eof = 0;
	s->state = STATE_OPEN;
	s->line = 1;
	s->col = 1;
	s->head = arena_alloc(s->arena, sizeof(*s->head));
	s->head->type = JSON_OBJECT;
	s->head_last = &s->head->child;
	s->nhead = 0;
	if (fill(s, e) == -1)
		return -1;
	if (s->len >= 3 && memcmp(s->buf, bom, 3) == 0)
		s->pos = 3;
	return 0;
}

int
source_next(struct source *s, struct source_record *r, const char **what,
    struct err *e)
{
	return s->frame == SOURCE_LINES ? next_line(s, r, what, e) :
	    next_element(s, r, what, e);
}

const struct json *
source_head(const struct source *s)
{
	return s->head;
}

void
source_place(const struct source_record *r, size_t at, uint64_t *line,
    uint32_t *col)
{
	*line = r->line;
	*col = r->col;
	for (size_t i = 0; i < at && i < r->len; i++) {
		if (r->p[i] == '\n') {
			++*line;
			*col = 1;
		} else
			++*col;
	}
}

/* The keys at depth 1 of what stands in the window. */
static void
outer_keys(struct arena *a, const char *p, size_t len, const char ***keys,
    size_t *n, int *ends)
{
	struct json_fault fault;
	struct json *key;
	size_t cap = 0, i = 1;

	*keys = NULL;
	*n = 0;
	*ends = 0;
	while (i < len && *n < MEMBERS) {
		struct scan x = { 0 };

		while (i < len && strchr(" \t\r\n,", p[i]) != NULL && p[i] != 0)
			i++;
		if (i == len || p[i] != '"') {
			*ends = i < len && p[i] == '}';
			return;
		}
		scan_value(&x, p + i, len - i);
		if (!x.done || json_parse(a, p + i, x.at, &key, &fault) == -1)
			return;
		*VEC_PUSH(a, *keys, *n, cap) = key->p;
		i += x.at;
		while (i < len && strchr(" \t\r\n:", p[i]) != NULL && p[i] != 0)
			i++;
		x = (struct scan){ 0 };
		scan_value(&x, p + i, len - i);
		i += x.at;
		if (!x.done)
			return;
	}
}

enum source_frame
source_guess(struct source *s, struct arena *a, const char ***keys,
    size_t *nkeys)
{
	char *p = arena_alloc(a, PEEK + 1);
	ssize_t got = pread(s->fd, p, PEEK, 0);
	size_t len = got > 0 ? (size_t)got : 0, i = 0;
	struct scan x = { 0 };
	int ends;

	*keys = NULL;
	*nkeys = 0;
	if (len >= 16 && memcmp(p, "SQLite format 3", 16) == 0)
		return SOURCE_SQLITE;
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < len && strchr(" \t\r\n", p[i]) != NULL && p[i] != '\0')
		i++;
	if (i < len && p[i] == '[')
		return SOURCE_ARRAY;
	if (i == len || p[i] != '{')
		return SOURCE_LINES;
	outer_keys(a, p + i, len - i, keys, nkeys, &ends);
	/* A second object after the first, on a line of its own: lines. */
	scan_value(&x, p + i, len - i);
	if (!x.done)
		return memchr(p + i, '\n', len - i) != NULL ? SOURCE_OBJECT :
		    SOURCE_LINES;
	if (memchr(p + i, '\n', x.at) != NULL)
		return SOURCE_OBJECT;
	return SOURCE_LINES;
}
