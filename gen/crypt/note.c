#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "crypt/note.h"
#include "crypt/sign.h"

#define DASH "\xE2\x80\x94 " /* U+2014 and a space begin a signature line */
#define DASH_LEN 4
#define KEY_ED25519 0x01

/* unicode.IsSpace of the reference implementation, above ASCII. */
static int
is_space(uint32_t c)
{
	return c == 0x85 || c == 0xA0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202F || c == 0x205F || c == 0x3000;
}

/* A key name: not empty, no white space, no plus. */
static int
name_ok(const char *p, size_t len)
{
	size_t took;

	if (len == 0)
		return 0;
	for (size_t i = 0; i < len; i += took) {
		uint32_t c = utf8_next(p + i, len - i, &took);

		if (c == UTF8_BAD || c <= ' ' || c == '+' || c == 0x7F ||
		    is_space(c))
			return 0;
	}
	return 1;
}

/* Signed text: valid UTF-8, of the controls only LF. */
static int
text_ok(const char *p, size_t len)
{
	if (!utf8_valid(p, len))
		return 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] < ' ' && p[i] != '\n')
			return 0;
	return 1;
}

/* One signature line without its LF. */
static int
parse_sig(struct arena *a, const char *p, size_t len, struct note_sig *s)
{
	const char *space;
	uint8_t *raw;
	long n;

	if (len < DASH_LEN || memcmp(p, DASH, DASH_LEN) != 0)
		return -1;
	p += DASH_LEN;
	len -= DASH_LEN;
	space = memchr(p, ' ', len);
	if (space == NULL || !name_ok(p, (size_t)(space - p)))
		return -1;
	s->name = arena_strndup(a, p, (size_t)(space - p));
	len -= (size_t)(space - p) + 1;
	raw = arena_alloc(a, 3 * len / 4 + 3);
	n = hash_unbase64(raw, space + 1, len);
	if (n < 5)
		return -1;
	memcpy(s->id, raw, sizeof(s->id));
	s->sig = raw + sizeof(s->id);
	s->siglen = (size_t)n - sizeof(s->id);
	return 0;
}

static int
parse_sigs(struct arena *a, const char *p, size_t len, struct note *n,
    struct err *e)
{
	size_t cap = 0;

	while (len > 0) {
		const char *lf = memchr(p, '\n', len);
		size_t line;

		if (lf == NULL)
			return err_set(e, ERR_INPUT,
			    "note: the last line has no line feed");
		line = (size_t)(lf - p);
		if (n->nsig == LIMIT_NOTE_SIGS)
			return err_set(e, ERR_INPUT,
			    "note: more than %d signatures", LIMIT_NOTE_SIGS);
		if (parse_sig(a, p, line, VEC_PUSH(a, n->sig, n->nsig, cap)) ==
		    -1)
			return err_set(e, ERR_INPUT,
			    "note: signature line %zu is malformed", n->nsig);
		p += line + 1;
		len -= line + 1;
	}
	return 0;
}

/* Splits at the last blank line; what follows may be empty. */
static int
split_note(struct arena *a, const char *p, size_t len, struct note *n,
    struct err *e)
{
	size_t end = len;

	memset(n, 0, sizeof(*n));
	if (len > LIMIT_NOTE)
		return err_set(e, ERR_INPUT, "note: %zu bytes, at most %u",
		    len, LIMIT_NOTE);
	if (!text_ok(p, len))
		return err_set(e, ERR_INPUT,
		    "note: a control character or bytes that are not UTF-8");
	while (end >= 2 && memcmp(p + end - 2, "\n\n", 2) != 0)
		end--;
	if (end < 2)
		return err_set(e, ERR_INPUT, "note: no blank line");
	n->text = p;
	n->textlen = end - 1;
	return parse_sigs(a, p + end, len - end, n, e);
}

int
note_parse(struct arena *a, const char *p, size_t len, struct note *n,
    struct err *e)
{
	if (split_note(a, p, len, n, e) == -1)
		return -1;
	if (n->nsig == 0)
		return err_set(e, ERR_INPUT, "note: no signature");
	return 0;
}

/* The next line of the body, without its LF, as a string. */
static const char *
take_line(struct arena *a, const char **p, const char *end, size_t *len)
{
	const char *line = *p, *lf;

	if (line == end)
		return NULL;
	lf = memchr(line, '\n', (size_t)(end - line));
	if (lf == NULL)
		return NULL;
	*p = lf + 1;
	*len = (size_t)(lf - line);
	return arena_strndup(a, line, *len);
}

/* Decimal, no sign, no leading zero, at most 2^63 - 1. */
static int
parse_size(const char *s, size_t len, uint64_t *out)
{
	*out = 0;
	if (len == 0 || len > 19 || (s[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		*out = *out * 10 + (uint64_t)(s[i] - '0');
	}
	return *out > INT64_MAX ? -1 : 0;
}

int
note_checkpoint(struct arena *a, const char *p, size_t len,
    struct checkpoint *c, struct err *e)
{
	const char *origin, *size, *root, *end;
	size_t olen, slen, rlen;
	uint8_t raw[HASH_LEN + 8];

	memset(c, 0, sizeof(*c));
	if (split_note(a, p, len, &c->note, e) == -1)
		return -1;
	end = p + c->note.textlen;
	origin = take_line(a, &p, end, &olen);
	size = take_line(a, &p, end, &slen);
	root = take_line(a, &p, end, &rlen);
	if (root == NULL || p != end)
		return err_set(e, ERR_INPUT, "checkpoint: want three lines: "
		    "origin, size, root; no extension lines");
	if (!name_ok(origin, olen))
		return err_set(e, ERR_INPUT,
		    "checkpoint: the origin is empty, or has a space or plus");
	c->origin = origin;
	if (parse_size(size, slen, &c->size) == -1)
		return err_set(e, ERR_INPUT, "checkpoint: size '%.40s' is not "
		    "a whole number without leading zeros", size);
	if (rlen != 44 || hash_unbase64(raw, root, rlen) != HASH_LEN)
		return err_set(e, ERR_INPUT,
		    "checkpoint: root '%.60s' is not base64 of 32 bytes", root);
	memcpy(c->root, raw, HASH_LEN);
	return 0;
}

void
note_checkpoint_body(struct str *s, const char *origin, uint64_t size,
    const uint8_t root[HASH_LEN])
{
	char b64[48];

	(void)hash_base64(b64, root, HASH_LEN);
	str_addf(s, "%s\n%" PRIu64 "\n%s\n", origin, size, b64);
}

void
note_key_id(uint8_t out[4], const char *name, const struct sign_pub *pub)
{
	static const uint8_t tail[2] = { '\n', KEY_ED25519 };
	struct arena *a = arena_new();
	struct hash *h = hash_new(a);
	uint8_t sum[HASH_LEN];

	hash_start(h);
	hash_add(h, name, strlen(name));
	hash_add(h, tail, sizeof(tail));
	hash_add(h, pub->raw, pub->rawlen);
	hash_end(h, sum);
	hash_free(h);
	arena_free(a);
	memcpy(out, sum, 4);
}

int
note_sign(struct str *s, const char *name, const struct sign_key *key,
    struct err *e)
{
	struct sign_pub pub;
	uint8_t raw[4 + 72];
	char b64[4 * (sizeof(raw) + 2) / 3 + 4];
	size_t len;

	sign_public(key, &pub);
	if (pub.alg != SIGN_ED25519)
		return err_set(e, ERR_INPUT, "a log key must be Ed25519");
	if (!name_ok(name, strlen(name)))
		return err_set(e, ERR_INPUT,
		    "key name '%.200s': empty, or has a space or plus", name);
	if (!text_ok(s->p, s->len) || s->len == 0 || s->p[s->len - 1] != '\n')
		return err_set(e, ERR_INPUT,
		    "a note's text is UTF-8 lines that end in a line feed");
	note_key_id(raw, name, &pub);
	if (sign_make(key, s->p, s->len, raw + 4, &len, e) == -1)
		return -1;
	(void)hash_base64(b64, raw, 4 + len);
	str_addf(s, "\n" DASH "%s %s\n", name, b64);
	return 0;
}

int
note_check(const struct note *n, const char *name, const struct sign_pub *pub)
{
	uint8_t id[4];
	int found = 0;

	if (pub->alg != SIGN_ED25519)
		return 0;
	note_key_id(id, name, pub);
	for (size_t i = 0; i < n->nsig; i++) {
		const struct note_sig *s = &n->sig[i];

		if (!str_eq(s->name, name) || memcmp(s->id, id, 4) != 0)
			continue;
		if (sign_check(pub, n->text, n->textlen, s->sig, s->siglen) ==
		    -1)
			return -1;
		found = 1;
	}
	return found;
}
