#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/sign.h"

#define SCRYPT_N 16384 /* a larger N passes OpenSSL's limit of 32 MiB */
#define SCRYPT_R 8
#define SCRYPT_P 8
#define P256_POINT 65

struct sign_key {
	EVP_PKEY *pkey; /* NULL: the key is elsewhere */
	struct sign_pub pub;
	struct sign_away away;
};

/* What stands before the key in a SubjectPublicKeyInfo: RFC 8410 section 4,
 * RFC 5480 section 2.  Each key has one encoding, so ids cannot differ. */
static const uint8_t spki_ed25519[] = {
	0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
};
static const uint8_t spki_p256[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
	0x42, 0x00
};

static const struct alg {
	const char *ssh_type, *ssh_curve; /* RFC 8709; RFC 5656 */
	const uint8_t *prefix;
	size_t prefixlen, rawlen;
} algs[] = {
	[SIGN_ED25519] = { "ssh-ed25519", NULL, spki_ed25519,
	    sizeof(spki_ed25519), 32 },
	[SIGN_P256] = { "ecdsa-sha2-nistp256", "nistp256", spki_p256,
	    sizeof(spki_p256), P256_POINT },
};

/*
 * y of the points of order 1, 2, 4 and 8 of edwards25519, little-endian: a
 * signature under such a key holds for many messages.
 */
static const uint8_t low_order[5][32] = {
	{ 1 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0 },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
};

/* y < 2^255 - 19, the sign bit aside. */
static int
canonical_y(const uint8_t y[32])
{
	if (y[31] != 0x7f || y[0] < 0xed)
		return 1;
	for (int i = 1; i < 31; i++)
		if (y[i] != 0xff)
			return 1;
	return 0;
}

static int
check_ed25519(const uint8_t raw[32], struct err *e)
{
	uint8_t y[32];

	memcpy(y, raw, 32);
	y[31] &= 0x7f;
	if (!canonical_y(y))
		return err_set(e, ERR_INPUT,
		    "Ed25519 key is not canonical: y is not below 2^255 - 19");
	for (size_t i = 0; i < sizeof(low_order) / sizeof(low_order[0]); i++)
		if (memcmp(y, low_order[i], 32) == 0)
			return err_set(e, ERR_INPUT,
			    "Ed25519 key is a point of low order");
	return 0;
}

/* OpenSSL's form of a public key; NULL if it is not a point of the curve. */
static EVP_PKEY *
load_public(const struct sign_pub *pub)
{
	const uint8_t *p = pub->spki;

	return d2i_PUBKEY(NULL, &p, (long)pub->spkilen);
}

static int
set_public(enum sign_alg alg, const uint8_t *raw, struct sign_pub *pub,
    struct err *e)
{
	const struct alg *t = &algs[alg];
	EVP_PKEY *pkey;

	memset(pub, 0, sizeof(*pub));
	pub->alg = alg;
	pub->rawlen = t->rawlen;
	memcpy(pub->raw, raw, t->rawlen);
	pub->spkilen = t->prefixlen + t->rawlen;
	memcpy(pub->spki, t->prefix, t->prefixlen);
	memcpy(pub->spki + t->prefixlen, raw, t->rawlen);
	sign_sha256(pub->id, pub->spki, pub->spkilen);
	if (alg == SIGN_ED25519)
		return check_ed25519(raw, e);
	pkey = load_public(pub);
	EVP_PKEY_free(pkey);
	if (pkey == NULL)
		return err_set(e, ERR_INPUT, "not a point of P-256");
	return 0;
}

int
sign_pub_spki(const uint8_t *p, size_t len, struct sign_pub *pub,
    struct err *e)
{
	for (enum sign_alg a = SIGN_ED25519; a <= SIGN_P256; a++) {
		const struct alg *t = &algs[a];

		if (len == t->prefixlen + t->rawlen &&
		    memcmp(p, t->prefix, t->prefixlen) == 0)
			return set_public(a, p + t->prefixlen, pub, e);
	}
	return err_set(e, ERR_INPUT, "public key is neither Ed25519 nor an "
	    "uncompressed P-256 point in DER");
}

int
sign_pub_ed25519(const uint8_t raw[32], struct sign_pub *pub, struct err *e)
{
	return set_public(SIGN_ED25519, raw, pub, e);
}

int
sign_pub_pem(const char *pem, size_t len, struct sign_pub *pub, struct err *e)
{
	BIO *b = BIO_new_mem_buf(pem, (int)(len > 65536 ? 65536 : len));
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL;
	long derlen;
	int rc;

	if (b == NULL)
		err_die("out of memory");
	if (PEM_read_bio(b, &name, &header, &der, &derlen) != 1)
		rc = err_set(e, ERR_INPUT, "not a PEM file");
	else if (strcmp(name, PEM_STRING_PUBLIC) != 0)
		rc = err_set(e, ERR_INPUT,
		    "PEM holds '%.60s', want 'PUBLIC KEY'", name);
	else
		rc = sign_pub_spki(der, (size_t)derlen, pub, e);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(b);
	return rc;
}

/* Takes pkey over, also when it fails. */
static int
make_key(EVP_PKEY *pkey, struct sign_key **out, struct err *e)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(pkey, &der), rc = -1;
	struct sign_key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		err_die("out of memory");
	if (len <= 0)
		(void)err_set(e, ERR_INPUT, "key cannot be read");
	else
		rc = sign_pub_spki(der, (size_t)len, &k->pub, e);
	OPENSSL_free(der);
	k->pkey = pkey;
	if (rc == -1)
		(void)sign_close(k);
	else
		*out = k;
	return rc;
}

int
sign_new(enum sign_alg alg, struct sign_key **out, struct err *e)
{
	EVP_PKEY *pkey = alg == SIGN_ED25519 ?
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") :
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

	if (pkey == NULL)
		return err_set(e, ERR_SYSTEM, "libcrypto made no key");
	return make_key(pkey, out, e);
}

int
sign_from_seed(const uint8_t seed[32], struct sign_key **out, struct err *e)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	    seed, 32);

	if (pkey == NULL)
		return err_set(e, ERR_SYSTEM, "libcrypto made no key");
	return make_key(pkey, out, e);
}

static int
give_pass(char *buf, int size, int writing, void *ctx)
{
	const char *pass = ctx;
	size_t len;

	(void)writing;
	if (pass == NULL || (len = strlen(pass)) > (size_t)size)
		return -1;
	memcpy(buf, pass, len);
	return (int)len;
}

int
sign_open(const char *pem, size_t len, const char *pass, struct sign_key **out,
    struct err *e)
{
	static const char plain[] = "-----BEGIN PRIVATE KEY-----";
	static const char sealed[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
	int is_sealed = len >= sizeof(sealed) - 1 &&
	    memcmp(pem, sealed, sizeof(sealed) - 1) == 0;
	EVP_PKEY *pkey;
	void *ctx = NULL;
	char *copy = NULL;
	BIO *b;

	if (!is_sealed && (len < sizeof(plain) - 1 ||
	    memcmp(pem, plain, sizeof(plain) - 1) != 0))
		return err_set(e, ERR_INPUT,
		    "not a PKCS#8 private key in PEM");
	if (len > 65536)
		return err_set(e, ERR_INPUT, "longer than 64 KiB");
	if (is_sealed && pass == NULL)
		return err_set(e, ERR_INPUT, "key is encrypted: give its "
		    "passphrase on a terminal or by --passphrase-fd");
	b = BIO_new_mem_buf(pem, (int)len);
	copy = pass != NULL ? OPENSSL_strdup(pass) : NULL;
	if (b == NULL || (pass != NULL && copy == NULL))
		err_die("out of memory");
	ctx = copy;
	pkey = PEM_read_bio_PrivateKey(b, NULL, give_pass, ctx);
	BIO_free(b);
	OPENSSL_clear_free(copy, copy != NULL ? strlen(copy) : 0);
	if (pkey == NULL)
		return err_set(e, ERR_INPUT, is_sealed ?
		    "wrong passphrase, or a damaged key" : "damaged key");
	return make_key(pkey, out, e);
}

int
sign_close(struct sign_key *k)
{
	int rc = 0;

	if (k == NULL)
		return 0;
	if (k->pkey == NULL)
		rc = k->away.close(k->away.ctx);
	EVP_PKEY_free(k->pkey);
	free(k);
	return rc;
}

struct sign_key *
sign_elsewhere(const struct sign_pub *pub, const struct sign_away *away)
{
	struct sign_key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		err_die("out of memory");
	k->pub = *pub;
	k->away = *away;
	return k;
}

/* PBES2 of scrypt and AES-256-CBC (RFC 7914 section 7). */
static int
write_sealed(BIO *b, PKCS8_PRIV_KEY_INFO *p8, const char *pass)
{
	uint8_t salt[16];
	X509_ALGOR *pbe;
	X509_SIG *sig;
	int rc = -1;

	if (RAND_bytes(salt, sizeof(salt)) != 1)
		return -1;
	pbe = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt),
	    NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	if (pbe == NULL)
		return -1;
	sig = PKCS8_set0_pbe(pass, (int)strlen(pass), p8, pbe);
	if (sig == NULL) {
		X509_ALGOR_free(pbe);
		return -1;
	}
	if (PEM_write_bio_PKCS8(b, sig) == 1)
		rc = 0;
	X509_SIG_free(sig);
	return rc;
}

int
sign_pem(const struct sign_key *k, struct arena *a, const char *pass,
    char **pem, size_t *len, struct err *e)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(k->pkey);
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;
	int rc = -1;

	if (p8 == NULL || b == NULL)
		err_die("out of memory");
	if (pass != NULL)
		rc = write_sealed(b, p8, pass);
	else if (PEM_write_bio_PKCS8_PRIV_KEY_INFO(b, p8) == 1)
		rc = 0;
	if (rc == -1)
		(void)err_set(e, ERR_SYSTEM, "libcrypto wrote no key");
	else {
		n = BIO_get_mem_data(b, &p);
		*pem = arena_strndup(a, p, (size_t)n);
		*len = (size_t)n;
		OPENSSL_cleanse(p, (size_t)n);
	}
	PKCS8_PRIV_KEY_INFO_free(p8);
	BIO_free(b);
	return rc;
}

void
sign_public(const struct sign_key *k, struct sign_pub *pub)
{
	*pub = k->pub;
}

/* What comes from elsewhere may be anything, so it is checked. */
static int
make_away(const struct sign_key *k, const void *p, size_t len, uint8_t *sig,
    size_t *siglen, struct err *e)
{
	if (k->away.make(k->away.ctx, p, len, sig, siglen, e) == -1)
		return -1;
	if (sign_check(&k->pub, p, len, sig, *siglen) == -1)
		return err_set(e, ERR_INTEGRITY, "the signer's signature does "
		    "not hold under its public key: nothing was written");
	return 0;
}

int
sign_make(const struct sign_key *k, const void *p, size_t len, uint8_t *sig,
    size_t *siglen, struct err *e)
{
	const EVP_MD *md = k->pub.alg == SIGN_P256 ? EVP_sha256() : NULL;
	EVP_MD_CTX *c;
	int ok;

	if (k->pkey == NULL)
		return make_away(k, p, len, sig, siglen, e);
	c = EVP_MD_CTX_new();
	if (c == NULL)
		err_die("out of memory");
	*siglen = 72;
	ok = EVP_DigestSignInit(c, NULL, md, NULL, k->pkey) == 1 &&
	    EVP_DigestSign(c, sig, siglen, p, len) == 1;
	EVP_MD_CTX_free(c);
	if (!ok)
		return err_set(e, ERR_SYSTEM, "libcrypto made no signature");
	return 0;
}

char *
sign_pub_write(struct arena *a, const struct sign_pub *pub)
{
	char b64[4 * sizeof(pub->spki) / 3 + 8];
	struct str s = str_new(a);
	size_t n = hash_base64(b64, pub->spki, pub->spkilen);

	str_addz(&s, "-----BEGIN PUBLIC KEY-----\n");
	for (size_t i = 0; i < n; i += 64) {
		str_add(&s, b64 + i, n - i < 64 ? n - i : 64);
		str_addc(&s, '\n');
	}
	str_addz(&s, "-----END PUBLIC KEY-----\n");
	return s.p;
}

int
sign_check(const struct sign_pub *pub, const void *p, size_t len,
    const uint8_t *sig, size_t siglen)
{
	const EVP_MD *md = pub->alg == SIGN_P256 ? EVP_sha256() : NULL;
	EVP_PKEY *pkey;
	EVP_MD_CTX *c;
	int ok;

	if (pub->alg == SIGN_ED25519 && siglen != 64)
		return -1;
	pkey = load_public(pub);
	if (pkey == NULL)
		return -1;
	c = EVP_MD_CTX_new();
	if (c == NULL)
		err_die("out of memory");
	ok = EVP_DigestVerifyInit(c, NULL, md, NULL, pkey) == 1 &&
	    EVP_DigestVerify(c, sig, siglen, p, len) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(pkey);
	return ok ? 0 : -1;
}

static size_t
put_string(uint8_t *out, const void *p, size_t len)
{
	out[0] = 0;
	out[1] = 0;
	out[2] = 0;
	out[3] = (uint8_t)len;
	memcpy(out + 4, p, len);
	return len + 4;
}

size_t
sign_ssh_blob(const struct sign_pub *pub, uint8_t out[128])
{
	const struct alg *t = &algs[pub->alg];
	size_t n = put_string(out, t->ssh_type, strlen(t->ssh_type));

	if (t->ssh_curve != NULL)
		n += put_string(out + n, t->ssh_curve, strlen(t->ssh_curve));
	return n + put_string(out + n, pub->raw, pub->rawlen);
}

int
sign_ssh_pub(const uint8_t *p, size_t len, struct sign_pub *pub, struct err *e)
{
	for (enum sign_alg a = SIGN_ED25519; a <= SIGN_P256; a++) {
		struct sign_pub try = { .alg = a, .rawlen = algs[a].rawlen };
		uint8_t blob[128];
		size_t n = sign_ssh_blob(&try, blob);

		/* All but the key itself is fixed. */
		if (len == n && memcmp(p, blob, n - try.rawlen) == 0)
			return set_public(a, p + n - try.rawlen, pub, e);
	}
	return err_set(e, ERR_INPUT,
	    "SSH key is neither ssh-ed25519 nor ecdsa-sha2-nistp256");
}

char *
sign_fingerprint(struct arena *a, const struct sign_pub *pub)
{
	uint8_t blob[128], sum[HASH_LEN];
	char b64[48];
	size_t n = sign_ssh_blob(pub, blob);

	sign_sha256(sum, blob, n);
	n = hash_base64(b64, sum, sizeof(sum));
	while (n > 0 && b64[n - 1] == '=')
		b64[--n] = '\0';
	return arena_printf(a, "SHA256:%s", b64);
}

int
sign_der_raw(const uint8_t *der, size_t len, uint8_t rs[64])
{
	const uint8_t *p = der;
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)len);
	int rc = -1;

	if (s != NULL && p == der + len &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(s), rs, 32) == 32 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(s), rs + 32, 32) == 32)
		rc = 0;
	ECDSA_SIG_free(s);
	return rc;
}

size_t
sign_raw_der(const uint8_t rs[64], uint8_t der[72])
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	uint8_t *p = der;
	int n;

	if (s == NULL || ECDSA_SIG_set0(s, BN_bin2bn(rs, 32, NULL),
	    BN_bin2bn(rs + 32, 32, NULL)) != 1)
		err_die("out of memory");
	n = i2d_ECDSA_SIG(s, &p);
	ECDSA_SIG_free(s);
	return n > 0 ? (size_t)n : 0;
}

void
sign_sha256(uint8_t out[HASH_LEN], const void *p, size_t len)
{
	if (EVP_Digest(p, len, out, NULL, EVP_sha256(), NULL) != 1)
		err_die("SHA-256 failed");
}

void
sign_sha512(uint8_t out[64], const void *p, size_t len)
{
	if (EVP_Digest(p, len, out, NULL, EVP_sha512(), NULL) != 1)
		err_die("SHA-512 failed");
}
