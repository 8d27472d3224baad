#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "crypt/stamp.h"

const char *
stamp_says(enum stamp s)
{
	static const char *const says[] = {
		[STAMP_OK] = "holds",
		[STAMP_TOKEN] = "is no token, or its signer may not stamp",
		[STAMP_ALGORITHM] = "imprint by a hash that is too weak",
		[STAMP_IMPRINT] = "is of other bytes",
		[STAMP_UNTRUSTED] = "is by an authority that is not trusted",
		[STAMP_ENDED] = "the authority's certificate did not hold then",
		[STAMP_NONCE] = "answers another query",
	};

	return says[s];
}

int
stamp_query(struct arena *a, const void *p, size_t n, uint8_t **der,
    size_t *len, struct err *e)
{
	TS_REQ *req = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *alg = X509_ALGOR_new();
	ASN1_INTEGER *nonce = ASN1_INTEGER_new();
	uint8_t sum[HASH_LEN], raw[8], *out = NULL;
	BIGNUM *bn = NULL;
	int rc = -1, size;

	if (req == NULL || imprint == NULL || alg == NULL || nonce == NULL)
		err_die("out of memory");
	sign_sha256(sum, p, n);
	if (RAND_bytes(raw, sizeof(raw)) != 1)
		goto out;
	bn = BN_bin2bn(raw, sizeof(raw), NULL);
	if (X509_ALGOR_set0(alg, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) !=
	    1 || TS_MSG_IMPRINT_set_algo(imprint, alg) != 1 ||
	    TS_MSG_IMPRINT_set_msg(imprint, sum, sizeof(sum)) != 1 ||
	    TS_REQ_set_version(req, 1) != 1 ||
	    TS_REQ_set_msg_imprint(req, imprint) != 1 ||
	    BN_to_ASN1_INTEGER(bn, nonce) == NULL ||
	    TS_REQ_set_nonce(req, nonce) != 1 ||
	    TS_REQ_set_cert_req(req, 1) != 1)
		goto out;
	size = i2d_TS_REQ(req, &out);
	if (size <= 0)
		goto out;
	*der = arena_memdup(a, out, (size_t)size);
	*len = (size_t)size;
	rc = 0;
out:
	OPENSSL_free(out);
	BN_free(bn);
	ASN1_INTEGER_free(nonce);
	X509_ALGOR_free(alg);
	TS_MSG_IMPRINT_free(imprint);
	TS_REQ_free(req);
	return rc == 0 ? 0 : err_set(e, ERR_SYSTEM,
	    "libcrypto made no timestamp query");
}

/* The response, if it was granted and nothing stands after it. */
static TS_RESP *
read_response(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	TS_RESP *r = len > (1u << 20) ? NULL : d2i_TS_RESP(NULL, &p,
	    (long)len);
	long status;

	if (r == NULL)
		return NULL;
	status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(
	    TS_RESP_get_status_info(r)));
	if (p == end && (status == TS_STATUS_GRANTED ||
	    status == TS_STATUS_GRANTED_WITH_MODS) &&
	    TS_RESP_get_token(r) != NULL && TS_RESP_get_tst_info(r) != NULL)
		return r;
	TS_RESP_free(r);
	return NULL;
}

static const EVP_MD *
imprint_hash(TS_MSG_IMPRINT *m)
{
	const ASN1_OBJECT *o;

	X509_ALGOR_get0(&o, NULL, NULL, TS_MSG_IMPRINT_get_algo(m));
	switch (OBJ_obj2nid(o)) {
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

static int
same_bytes(const ASN1_OCTET_STRING *s, const uint8_t *p, size_t len)
{
	return ASN1_STRING_length(s) == (int)len &&
	    memcmp(ASN1_STRING_get0_data(s), p, len) == 0;
}

enum stamp
stamp_answers(const uint8_t *query, size_t querylen, const uint8_t *response,
    size_t len)
{
	TS_REQ *req = d2i_TS_REQ(NULL, &query, (long)querylen);
	TS_RESP *r = read_response(response, len);
	const ASN1_OCTET_STRING *want, *have;
	const ASN1_INTEGER *nonce, *answered;
	enum stamp s = STAMP_TOKEN;
	TS_TST_INFO *tst;

	if (req == NULL || r == NULL)
		goto out;
	tst = TS_RESP_get_tst_info(r);
	nonce = TS_REQ_get_nonce(req);
	answered = TS_TST_INFO_get_nonce(tst);
	want = TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(req));
	have = TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(tst));
	if (ASN1_OCTET_STRING_cmp(want, have) != 0)
		s = STAMP_IMPRINT;
	else if (nonce == NULL || answered == NULL ||
	    ASN1_INTEGER_cmp(nonce, answered) != 0)
		s = STAMP_NONCE;
	else
		s = STAMP_OK;
out:
	TS_REQ_free(req);
	TS_RESP_free(r);
	return s;
}

static int
gen_time(TS_TST_INFO *tst, int64_t *us)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(tst), &tm) != 1)
		return -1;
	*us = date_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) +
	    tm.tm_hour * DATE_HOUR + tm.tm_min * DATE_MINUTE +
	    tm.tm_sec * DATE_SECOND;
	return 0;
}

/* Remembers why the chain was refused. */
static int
note_error(int ok, X509_STORE_CTX *ctx)
{
	int *error = X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(ctx),
	    0);

	if (!ok && *error == X509_V_OK)
		*error = X509_STORE_CTX_get_error(ctx);
	return ok;
}

static X509_STORE *
make_store(const char *const *root, size_t nroot, int64_t at_us, int *error)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL || X509_STORE_set_ex_data(store, 0, error) != 1)
		err_die("out of memory");
	for (size_t i = 0; i < nroot; i++) {
		BIO *b = BIO_new_mem_buf(root[i], -1);
		X509 *x;

		while ((x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
			(void)X509_STORE_add_cert(store, x);
			X509_free(x);
		}
		BIO_free(b);
	}
	X509_STORE_set_verify_cb(store, note_error);
	(void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store),
	    (time_t)(at_us / DATE_SECOND));
	return store;
}

static enum stamp
chain_fault(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return STAMP_ENDED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return STAMP_UNTRUSTED;
	default:
		/* Another use, a bad signature, no signing certificate. */
		return STAMP_TOKEN;
	}
}

enum stamp
stamp_check(const uint8_t *p, size_t len, const void *data, size_t datalen,
    const char *const *root, size_t nroot, int64_t *time_us)
{
	TS_RESP *r = read_response(p, len);
	TS_VERIFY_CTX *ctx = NULL;
	enum stamp s = STAMP_TOKEN;
	uint8_t sum[EVP_MAX_MD_SIZE];
	int error = X509_V_OK;
	TS_MSG_IMPRINT *m;
	const EVP_MD *md;
	unsigned n;

	*time_us = 0;
	if (r == NULL)
		return s;
	if (gen_time(TS_RESP_get_tst_info(r), time_us) == -1)
		goto out;
	m = TS_TST_INFO_get_msg_imprint(TS_RESP_get_tst_info(r));
	md = imprint_hash(m);
	if (md == NULL) {
		s = STAMP_ALGORITHM;
		goto out;
	}
	if (EVP_Digest(data, datalen, sum, &n, md, NULL) != 1)
		err_die("digest failed");
	if (!same_bytes(TS_MSG_IMPRINT_get_msg(m), sum, n)) {
		s = STAMP_IMPRINT;
		goto out;
	}
	ctx = TS_VERIFY_CTX_new();
	if (ctx == NULL)
		err_die("out of memory");
	(void)TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE);
	/* The context frees the store. */
	(void)TS_VERIFY_CTX_set_store(ctx, make_store(root, nroot, *time_us,
	    &error));
	if (TS_RESP_verify_token(ctx, TS_RESP_get_token(r)) == 1)
		s = STAMP_OK;
	else
		s = chain_fault(error);
out:
	TS_VERIFY_CTX_free(ctx);
	TS_RESP_free(r);
	return s;
}
