#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "pack/sshsig.h"

#define MAGIC "SSHSIG"
#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END "-----END SSH SIGNATURE-----\n"
#define COLUMNS 70

static void
put_u32(struct str *s, size_t n)
{
	str_addc(s, (char)(n >> 24 & 0xFF));
	str_addc(s, (char)(n >> 16 & 0xFF));
	str_addc(s, (char)(n >> 8 & 0xFF));
	str_addc(s, (char)(n & 0xFF));
}

static void
put_string(struct str *s, const void *p, size_t len)
{
	put_u32(s, len);
	str_add(s, p, len);
}

static void
put_stringz(struct str *s, const char *p)
{
	put_string(s, p, strlen(p));
}

/* An mpint of 32 bytes, big-endian: no leading zeros, but one before a byte
 * whose first bit is set. */
static void
put_mpint(struct str *s, const uint8_t *p)
{
	size_t n = 32;

	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	put_u32(s, n + (n > 0 && *p >= 0x80));
	if (n > 0 && *p >= 0x80)
		str_addc(s, '\0');
	str_add(s, p, n);
}

void
sshsig_data(struct str *s, const char *ns, int sha512, const void *msg,
    size_t len)
{
	uint8_t sum[64];

	str_addz(s, MAGIC);
	put_stringz(s, ns);
	put_stringz(s, "");
	put_stringz(s, sha512 ? "sha512" : "sha256");
	if (sha512)
		sign_sha512(sum, msg, len);
	else
		sign_sha256(sum, msg, len);
	put_string(s, sum, sha512 ? 64 : 32);
}

/* The signature in OpenSSH's form: type, then 64 bytes or two mpints. */
static int
put_signature(struct str *s, enum sign_alg alg, const uint8_t *sig, size_t len)
{
	struct str in = str_new(s->arena), out = str_new(s->arena);
	uint8_t rs[64];

	if (alg == SIGN_ED25519) {
		put_stringz(&out, "ssh-ed25519");
		put_string(&out, sig, len);
	} else {
		if (sign_der_raw(sig, len, rs) == -1)
			return -1;
		put_mpint(&in, rs);
		put_mpint(&in, rs + 32);
		put_stringz(&out, "ecdsa-sha2-nistp256");
		put_string(&out, in.p, in.len);
	}
	put_string(s, out.p, out.len);
	return 0;
}

static int
write_file(struct str *s, const struct sshsig *g)
{
	struct str raw = str_new(s->arena);
	uint8_t blob[128];
	size_t n = sign_ssh_blob(&g->pub, blob);
	char *b64;

	str_addz(&raw, MAGIC);
	put_u32(&raw, 1);
	put_string(&raw, blob, n);
	put_stringz(&raw, g->ns);
	put_stringz(&raw, "");
	put_stringz(&raw, g->sha512 ? "sha512" : "sha256");
	if (put_signature(&raw, g->pub.alg, g->sig, g->siglen) == -1)
		return -1;
	b64 = arena_alloc(s->arena, 4 * (raw.len / 3 + 1) + 1);
	n = hash_base64(b64, raw.p, raw.len);
	str_addz(s, BEGIN);
	for (size_t i = 0; i < n; i += COLUMNS) {
		str_add(s, b64 + i, n - i < COLUMNS ? n - i : COLUMNS);
		str_addc(s, '\n');
	}
	str_addz(s, END);
	return 0;
}

int
sshsig_sign(struct str *s, const struct sign_key *key, const char *ns,
    const void *msg, size_t len, struct err *e)
{
	struct str data = str_new(s->arena);
	struct sshsig g = { .sha512 = 1 };

	if (strlen(ns) >= sizeof(g.ns))
		return err_set(e, ERR_INPUT, "namespace too long");
	memcpy(g.ns, ns, strlen(ns) + 1);
	sign_public(key, &g.pub);
	sshsig_data(&data, ns, 1, msg, len);
	if (sign_make(key, data.p, data.len, g.sig, &g.siglen, e) == -1)
		return -1;
	if (write_file(s, &g) == -1)
		return err_set(e, ERR_SYSTEM, "signature in an odd form");
	return 0;
}

struct cursor {
	const uint8_t *p, *end;
};

static int
take_string(struct cursor *c, const uint8_t **p, size_t *len)
{
	size_t n;

	if (c->end - c->p < 4)
		return -1;
	n = (size_t)c->p[0] << 24 | (size_t)c->p[1] << 16 |
	    (size_t)c->p[2] << 8 | (size_t)c->p[3];
	if ((size_t)(c->end - c->p) - 4 < n)
		return -1;
	*p = c->p + 4;
	*len = n;
	c->p += 4 + n;
	return 0;
}

static int
is_text(const uint8_t *p, size_t len, const char *want)
{
	return len == strlen(want) && memcmp(p, want, len) == 0;
}

static int
take_mpint(struct cursor *c, uint8_t out[32])
{
	const uint8_t *p;
	size_t len;

	if (take_string(c, &p, &len) == -1)
		return -1;
	if (len == 33 && *p == 0) {
		p++;
		len--;
	}
	if (len > 32)
		return -1;
	memset(out, 0, 32);
	memcpy(out + 32 - len, p, len);
	return 0;
}

/* type and signature; both must be of the key's algorithm. */
static int
take_signature(struct cursor *c, struct sshsig *g)
{
	const uint8_t *p, *type;
	struct cursor in, ints;
	size_t len, typelen;
	uint8_t rs[64];

	if (take_string(c, &p, &len) == -1)
		return -1;
	in = (struct cursor){ p, p + len };
	if (take_string(&in, &type, &typelen) == -1 ||
	    take_string(&in, &p, &len) == -1)
		return -1;
	if (g->pub.alg == SIGN_ED25519) {
		if (!is_text(type, typelen, "ssh-ed25519") || len != 64)
			return -1;
		memcpy(g->sig, p, 64);
		g->siglen = 64;
		return 0;
	}
	ints = (struct cursor){ p, p + len };
	if (!is_text(type, typelen, "ecdsa-sha2-nistp256") ||
	    take_mpint(&ints, rs) == -1 || take_mpint(&ints, rs + 32) == -1)
		return -1;
	g->siglen = sign_raw_der(rs, g->sig);
	return 0;
}

static int
take_blob(struct cursor *c, struct sshsig *g)
{
	const uint8_t *key, *ns, *reserved, *alg;
	size_t keylen, nslen, reservedlen, alglen;
	struct err ignored = { 0 };

	if (c->end - c->p < 10 || memcmp(c->p, MAGIC "\0\0\0\1", 10) != 0)
		return -1;
	c->p += 10;
	if (take_string(c, &key, &keylen) == -1 ||
	    take_string(c, &ns, &nslen) == -1 ||
	    take_string(c, &reserved, &reservedlen) == -1 ||
	    take_string(c, &alg, &alglen) == -1 ||
	    sign_ssh_pub(key, keylen, &g->pub, &ignored) == -1 ||
	    nslen >= sizeof(g->ns) || memchr(ns, '\0', nslen) != NULL)
		return -1;
	memcpy(g->ns, ns, nslen);
	g->ns[nslen] = '\0';
	g->sha512 = is_text(alg, alglen, "sha512");
	return take_signature(c, g);
}

int
sshsig_parse(struct arena *a, const char *p, size_t len, struct sshsig *g,
    struct fault *f)
{
	const size_t head = sizeof(BEGIN) - 1, tail = sizeof(END) - 1;
	struct str b64 = str_new(a), again = str_new(a);
	struct cursor c;
	uint8_t *raw;
	long n;

	memset(g, 0, sizeof(*g));
	if (len > 4096 || len < head + tail ||
	    memcmp(p, BEGIN, head) != 0 ||
	    memcmp(p + len - tail, END, tail) != 0)
		return fault_set(f, FAULT_SIG_ENCODING,
		    "not an armoured SSH signature");
	for (size_t i = head; i < len - tail; i++)
		if (p[i] != '\n')
			str_addc(&b64, p[i]);
	raw = arena_alloc(a, b64.len + 4);
	n = hash_unbase64(raw, b64.p, b64.len);
	if (n == -1)
		return fault_set(f, FAULT_SIG_ENCODING,
		    "SSH signature: not canonical base64");
	c = (struct cursor){ raw, raw + n };
	/* Rewriting finds every other spelling of the same values. */
	if (take_blob(&c, g) == -1 || write_file(&again, g) == -1 ||
	    again.len != len || memcmp(again.p, p, len) != 0)
		return fault_set(f, FAULT_SIG_ENCODING,
		    "SSH signature: malformed, or not Ed25519 or P-256");
	return 0;
}

int
sshsig_check(struct arena *a, const struct sshsig *g, const void *msg,
    size_t len)
{
	struct str data = str_new(a);

	sshsig_data(&data, g->ns, g->sha512, msg, len);
	return sign_check(&g->pub, data.p, data.len, g->sig, g->siglen);
}
