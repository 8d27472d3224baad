#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "crypt/hash.h"
#include "generate.h"

/* One event with the payloads that it is the first to name, as lines. */
struct line {
	int64_t recorded_us;
	uint64_t order;         /* ties: as they were made */
	char *data;
	size_t len;
	int document;           /* -1, or one whose payload goes before */
};

int counting;
uint64_t counted;

static const char *const column[EVENT_NCOL] = {
#define EVENT(constant, name, type, required, says) #name,
#include "model/event.def"
#undef EVENT
};
static size_t column_len[EVENT_NCOL];

#define POOL (4u << 20)
static char *pool;
static size_t pool_used;

static struct { char *p; size_t len, cap; } work; /* lines being made */

static struct line *heap;
static size_t nheap, capheap;
static uint64_t norder, nwritten;

static struct write_options opt;
static FILE *out;
static int64_t out_week = -1;
static struct hash *hash;
static uint8_t key_in[64], key_out[64];
static unsigned char document_seen[NAGENT * NDOCUMENT];
static int next_document = -1;

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("sample: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

static char *
room(size_t n)
{
	if (n > POOL - pool_used)
		die(4, "text pool of %u bytes is full", POOL);
	return pool + pool_used;
}

static const char *vtext(const char *, va_list)
    __attribute__((format(printf, 1, 0)));
static const char *
vtext(const char *fmt, va_list ap)
{
	char *p = room(2048);
	int n = vsnprintf(p, 2048, fmt, ap);

	if (n < 0 || n >= 2048)
		die(4, "a text is longer than 2047 bytes");
	pool_used += (size_t)n + 1;
	return p;
}

const char *
text(const char *fmt, ...)
{
	const char *p;
	va_list ap;

	if (counting)
		return "";
	va_start(ap, fmt);
	p = vtext(fmt, ap);
	va_end(ap);
	return p;
}

void
set_text(struct draft *d, enum event_col c, const char *s)
{
	if (s == NULL) {
		d->col[c].type = VALUE_NULL;
		return;
	}
	d->col[c].type = VALUE_TEXT;
	d->col[c].p = s;
	d->col[c].len = strlen(s);
}

void
set_int(struct draft *d, enum event_col c, int64_t i)
{
	d->col[c].type = VALUE_INT;
	d->col[c].i = i;
}

/* --- bytes ------------------------------------------------------------ */

static char *
reserve(size_t n)
{
	if (n > work.cap - work.len) {
		work.cap = (work.len + n) * 2;
		work.p = realloc(work.p, work.cap);
		if (work.p == NULL)
			die(4, "out of memory");
	}
	return work.p + work.len;
}

static void
add(const char *p, size_t n)
{
	memcpy(reserve(n), p, n);
	work.len += n;
}

static void
add_quoted(const char *p, size_t n)
{
	char *o = reserve(n * 6 + 2), *start = o;

	*o++ = '"';
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '"' || c == '\\') {
			*o++ = '\\';
			*o++ = (char)c;
		} else if (c < 0x20) {
			o += snprintf(o, 7, "\\u%04x", c);
		} else
			*o++ = (char)c;
	}
	*o++ = '"';
	work.len += (size_t)(o - start);
}

static void
add_int(int64_t i)
{
	char b[24], *p = b + sizeof(b);
	uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (i < 0)
		*--p = '-';
	add(p, (size_t)(b + sizeof(b) - p));
}

static void
add_event(const struct draft *d)
{
	char c = '{';

	for (size_t i = 0; i < EVENT_NCOL; i++) {
		const struct value *v = &d->col[i];

		if (v->type == VALUE_NULL)
			continue;
		add(&c, 1);
		add("\"", 1);
		add(column[i], column_len[i]);
		add("\":", 2);
		if (v->type == VALUE_INT)
			add_int(v->i);
		else
			add_quoted(v->p, v->len);
		c = ',';
	}
	add("}\n", 2);
}

/* --- payloads --------------------------------------------------------- */

static void
salted(char id[HASH_HEXLEN], char salt[33], const char *p, size_t n)
{
	uint8_t mac[HASH_LEN], sum[HASH_LEN];
	char hex[HASH_HEXLEN];

	hash_start(hash);
	hash_add(hash, key_in, sizeof(key_in));
	hash_add(hash, p, n);
	hash_end(hash, mac);
	hash_start(hash);
	hash_add(hash, key_out, sizeof(key_out));
	hash_add(hash, mac, sizeof(mac));
	hash_end(hash, mac);
	hash_start(hash);
	hash_add(hash, mac, 16);
	hash_add(hash, p, n);
	hash_end(hash, sum);
	hash_hex(id, sum);
	hash_hex(hex, mac);
	memcpy(salt, hex, 32);
	salt[32] = '\0';
}

static void
add_payload(const char *id, const char *salt, const char *p, size_t n)
{
	add("{\"payload\":{\"content\":", 22);
	add_quoted(p, n);
	add(",\"id\":\"", 7);
	add(id, 64);
	add("\",\"salt\":\"", 10);
	add(salt, 32);
	add("\"}}\n", 4);
}

static const char *payload_made(const char *, va_list, int)
    __attribute__((format(printf, 1, 0)));
static const char *
payload_made(const char *fmt, va_list ap, int line)
{
	char *id, salt[33];
	const char *p;

	if (counting)
		return "";
	p = vtext(fmt, ap);
	id = room(HASH_HEXLEN);
	pool_used += HASH_HEXLEN;
	salted(id, salt, p, strlen(p));
	if (line && !opt.log_only)
		add_payload(id, salt, p, strlen(p));
	return id;
}

const char *
payload(const char *fmt, ...)
{
	const char *id;
	va_list ap;

	va_start(ap, fmt);
	id = payload_made(fmt, ap, 1);
	va_end(ap);
	return id;
}

const char *
payload_erased(const char *fmt, ...)
{
	const char *id;
	va_list ap;

	va_start(ap, fmt);
	id = payload_made(fmt, ap, 0);
	va_end(ap);
	return id;
}

static const char *
document(enum agent a, int n)
{
	return text("{\"document\":\"%s/%d\",\"text\":\"Section %d of %s.\"}",
	    agents[a].resource, n, n, agents[a].resource);
}

const char *
payload_document(enum agent a, int n)
{
	if (counting)
		return "";
	next_document = (int)a * NDOCUMENT + n - 1;
	return payload_erased("%s", document(a, n));
}

/* --- the merge -------------------------------------------------------- */

static int
earlier(const struct line *a, const struct line *b)
{
	return a->recorded_us != b->recorded_us
	    ? a->recorded_us < b->recorded_us : a->order < b->order;
}

static void
push(const struct line *l)
{
	size_t i = nheap++;

	if (nheap > capheap) {
		capheap = capheap == 0 ? 1024 : capheap * 2;
		heap = realloc(heap, capheap * sizeof(*heap));
		if (heap == NULL)
			die(4, "out of memory");
	}
	for (; i > 0 && earlier(l, &heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = *l;
}

static struct line
pop(void)
{
	struct line top = heap[0], last = heap[--nheap];
	size_t i = 0, k;

	for (; (k = 2 * i + 1) < nheap; i = k) {
		if (k + 1 < nheap && earlier(&heap[k + 1], &heap[k]))
			k++;
		if (!earlier(&heap[k], &last))
			break;
		heap[i] = heap[k];
	}
	if (nheap > 0)
		heap[i] = last;
	return top;
}

static void
keep(struct draft *d)
{
	struct line l = { d->col[EVENT_RECORDED_US].i, norder++, NULL, 0,
	    next_document };

	add_event(d);
	next_document = -1;
	l.len = work.len;
	l.data = malloc(l.len);
	if (l.data == NULL)
		die(4, "out of memory");
	memcpy(l.data, work.p, l.len);
	work.len = 0;
	push(&l);
}

void
write_event(struct draft *d)
{
	if (counting)
		counted++;
	else if (faults_apply(d))
		keep(d);
}

void
write_forget(void)
{
	pool_used = 0;
}

void
write_init(const struct write_options *o)
{
	char s[256];
	uint8_t k[HASH_LEN];
	struct arena *a = arena_new();

	opt = *o;
	out = opt.to;
	hash = hash_new(a);
	pool = malloc(POOL);
	if (pool == NULL)
		die(4, "out of memory");
	for (size_t i = 0; i < EVENT_NCOL; i++)
		column_len[i] = strlen(column[i]);
	snprintf(s, sizeof(s), "exhibit-company/1\n%s\npayload\n", seed_text);
	hash_bytes(hash, k, s, strlen(s));
	memset(key_in, 0x36, sizeof(key_in));
	memset(key_out, 0x5c, sizeof(key_out));
	for (size_t i = 0; i < HASH_LEN; i++) {
		key_in[i] ^= k[i];
		key_out[i] ^= k[i];
	}
	faults_add(keep);
}

static void
close_out(void)
{
	if (out != NULL && (fflush(out) != 0 || ferror(out)))
		die(4, "cannot write: %s", strerror(errno));
	if (out != NULL && out != opt.to && fclose(out) != 0)
		die(4, "cannot close: %s", strerror(errno));
	out = NULL;
}

/* A file a week, named by its Monday. */
static void
open_week(int64_t recorded_us)
{
	int64_t day = recorded_us / DAY, monday = day - (day + 3) % 7;
	int64_t left = monday - 20454;
	int month = 1;
	char path[1024];

	if (monday == out_week)
		return;
	close_out();
	out_week = monday;
	while (left >= YDAY(month + 1, 1) - 1)
		month++;
	snprintf(path, sizeof(path), "%s/2026-%02d-%02d.jsonl", opt.dir, month,
	    (int)(left - (YDAY(month, 1) - 1) + 1));
	out = fopen(path, "wx");
	if (out == NULL)
		die(4, "%s: %s", path, strerror(errno));
	setvbuf(out, NULL, _IOFBF, 1 << 20);
}

/* A document's payload stands before the first event that names it. */
static void
put_document(int i)
{
	char id[HASH_HEXLEN], salt[33];
	const char *p;
	size_t was = pool_used;

	if (document_seen[i] || opt.log_only)
		return;
	document_seen[i] = 1;
	p = document((enum agent)(i / NDOCUMENT), i % NDOCUMENT + 1);
	salted(id, salt, p, strlen(p));
	add_payload(id, salt, p, strlen(p));
	fwrite(work.p, 1, work.len, out);
	work.len = 0;
	pool_used = was;
}

void
write_until(int64_t recorded_us)
{
	while (nheap > 0 && heap[0].recorded_us < recorded_us) {
		struct line l = pop();

		if (opt.to == NULL)
			open_week(l.recorded_us);
		if (l.document >= 0)
			put_document(l.document);
		if (fwrite(l.data, 1, l.len, out) != l.len)
			die(4, "cannot write: %s", strerror(errno));
		free(l.data);
		nwritten++;
	}
}

uint64_t
write_done(void)
{
	write_until(FOREVER);
	close_out();
	return nwritten;
}
