#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/str.h"
#include "pack/bundle.h"
#include "pack/name.h"
#include "pack/packjson.h"

const char *
bundle_says(const char *role)
{
	if (strcmp(role, "preparer") == 0)
		return "prepared";
	return strcmp(role, "approver") == 0 ? "reviewed and approved" : NULL;
}

static void
put_subjects(struct jsonw *w, const struct statement *s)
{
	char hex[HASH_HEXLEN];

	jsonw_key(w, "subject");
	jsonw_array(w);
	for (size_t i = 0; i < s->nsubject; i++) {
		hash_hex(hex, s->subject[i].sha256);
		jsonw_object(w);
		jsonw_key(w, "digest");
		jsonw_object(w);
		jsonw_ktext(w, "sha256", hex);
		jsonw_end(w, '}');
		jsonw_ktext(w, "name", s->subject[i].name);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

static void
put_predicate(struct jsonw *w, const struct statement *s)
{
	char hex[HASH_HEXLEN];

	jsonw_key(w, "predicate");
	jsonw_object(w);
	jsonw_kint(w, "as_of_us", s->as_of_us);
	jsonw_ktext(w, "format", PACK_FORMAT);
	jsonw_ktext(w, "organisation", s->organisation);
	jsonw_key(w, "period");
	jsonw_object(w);
	jsonw_kint(w, "from_us", s->from_us);
	jsonw_ktext(w, "name", s->period);
	jsonw_kint(w, "to_us", s->to_us);
	jsonw_end(w, '}');
	jsonw_ktext(w, "person", s->person);
	if (s->is_approver) {
		jsonw_key(w, "preparer_bundles");
		jsonw_array(w);
		for (size_t i = 0; i < s->npreparer; i++) {
			hash_hex(hex, s->preparer[i]);
			jsonw_textz(w, hex);
		}
		jsonw_end(w, ']');
	}
	jsonw_ktext(w, "role", s->role);
	jsonw_kint(w, "signed_us", s->signed_us);
	jsonw_ktext(w, "statement", s->says);
	jsonw_end(w, '}');
}

void
bundle_statement(struct str *out, const struct statement *s)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_ktext(&w, "_type", BUNDLE_STATEMENT);
	put_predicate(&w, s);
	jsonw_ktext(&w, "predicateType", BUNDLE_PREDICATE);
	put_subjects(&w, s);
	jsonw_end(&w, '}');
}

void
bundle_pae(struct str *s, const char *type, const void *p, size_t len)
{
	str_addf(s, "DSSEv1 %zu %s %zu ", strlen(type), type, len);
	str_add(s, p, len);
}

static char *
base64(struct arena *a, const void *p, size_t len)
{
	char *out = arena_alloc(a, 4 * (len / 3 + 1) + 1);

	(void)hash_base64(out, p, len);
	return out;
}

static void
put_bundle(struct str *out, const struct bundle *b)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "dsseEnvelope");
	jsonw_object(&w);
	jsonw_ktext(&w, "payload", base64(out->arena, b->payload,
	    b->payloadlen));
	jsonw_ktext(&w, "payloadType", b->type);
	jsonw_key(&w, "signatures");
	jsonw_array(&w);
	jsonw_object(&w);
	jsonw_ktext(&w, "keyid", b->keyid);
	jsonw_ktext(&w, "sig", base64(out->arena, b->sig, b->siglen));
	jsonw_end(&w, '}');
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	jsonw_ktext(&w, "mediaType", BUNDLE_MEDIA);
	jsonw_key(&w, "verificationMaterial");
	jsonw_object(&w);
	jsonw_key(&w, "publicKey");
	jsonw_object(&w);
	jsonw_ktext(&w, "hint", b->hint);
	jsonw_end(&w, '}');
	if (b->token != NULL) {
		jsonw_key(&w, "timestampVerificationData");
		jsonw_object(&w);
		jsonw_key(&w, "rfc3161Timestamps");
		jsonw_array(&w);
		jsonw_object(&w);
		jsonw_ktext(&w, "signedTimestamp", base64(out->arena,
		    b->token, b->tokenlen));
		jsonw_end(&w, '}');
		jsonw_end(&w, ']');
		jsonw_end(&w, '}');
	}
	jsonw_key(&w, "tlogEntries");
	jsonw_array(&w);
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	jsonw_end(&w, '}');
	str_addc(out, '\n');
}

int
bundle_sign(struct str *out, const struct statement *s,
    const struct sign_key *key, struct err *e)
{
	struct str payload = str_new(out->arena), pae = str_new(out->arena);
	struct sign_pub pub;
	uint8_t sig[72];
	char id[HASH_HEXLEN];
	size_t len;

	bundle_statement(&payload, s);
	bundle_pae(&pae, BUNDLE_PAYLOAD, payload.p, payload.len);
	if (sign_make(key, pae.p, pae.len, sig, &len, e) == -1)
		return -1;
	sign_public(key, &pub);
	hash_hex(id, pub.id);
	put_bundle(out, &(struct bundle){ .keyid = id, .hint = id,
		.type = BUNDLE_PAYLOAD, .payload = payload.p,
		.payloadlen = payload.len, .sig = sig, .siglen = len });
	return 0;
}

void
bundle_stamped(struct str *out, const struct bundle *from, const void *token,
    size_t len)
{
	struct bundle b = *from;

	b.token = token;
	b.tokenlen = len;
	put_bundle(out, &b);
}

/* Base64, in an envelope the URL-safe alphabet too; padded and canonical. */
static const uint8_t *
unbase64(struct arena *a, const char *s, size_t *len, struct fault *f)
{
	size_t n = strlen(s);
	char *copy = arena_strndup(a, s, n);
	uint8_t *out = arena_alloc(a, 3 * n / 4 + 4);
	long got;

	if (strpbrk(s, "+/") == NULL)
		for (char *c = copy; *c != '\0'; c++)
			*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	got = hash_unbase64(out, copy, n);
	if (got == -1) {
		(void)fault_set(f, FAULT_SIG_ENCODING,
		    "not padded and canonical base64");
		return NULL;
	}
	*len = (size_t)got;
	return out;
}

static int
parse_envelope(struct arena *a, const json_t *env, struct bundle *b,
    struct fault *f)
{
	const json_t *sigs = json_object_get(env, "signatures");
	const char *payload = packjson_text(env, "payload", f);
	const char *type, *sig, *id;
	const json_t *one;

	if (payload == NULL ||
	    (type = packjson_text(env, "payloadType", f)) == NULL)
		return -1;
	if (!json_is_array(sigs) || json_array_size(sigs) != 1)
		return fault_set(f, FAULT_JSON_FORM,
		    "signatures: want one, have %zu", json_array_size(sigs));
	one = json_array_get(sigs, 0);
	if ((sig = packjson_text(one, "sig", f)) == NULL)
		return -1;
	id = json_string_value(json_object_get(one, "keyid"));
	b->keyid = arena_strdup(a, id != NULL ? id : "");
	b->type = arena_strdup(a, type);
	b->payload = (const char *)unbase64(a, payload, &b->payloadlen, f);
	b->sig = unbase64(a, sig, &b->siglen, f);
	return b->payload == NULL || b->sig == NULL ? -1 : 0;
}

static int
parse_material(struct arena *a, const json_t *m, struct bundle *b,
    struct fault *f)
{
	const json_t *key = json_object_get(m, "publicKey");
	const json_t *times = json_object_get(json_object_get(m,
	    "timestampVerificationData"), "rfc3161Timestamps");
	const char *s;

	if (key == NULL)
		return fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "a certificate instead of a public key");
	s = json_string_value(json_object_get(key, "hint"));
	b->hint = arena_strdup(a, s != NULL ? s : "");
	if (json_array_size(times) == 0)
		return 0;
	s = packjson_text(json_array_get(times, 0), "signedTimestamp", f);
	if (s == NULL)
		return -1;
	b->token = unbase64(a, s, &b->tokenlen, f);
	return b->token == NULL ? -1 : 0;
}

int
bundle_parse(struct arena *a, const char *p, size_t len, struct bundle *b,
    struct fault *f)
{
	json_t *o = packjson_load(p, len, 1, f), *env;
	const char *media;
	int rc = -1;

	memset(b, 0, sizeof(*b));
	if (o == NULL)
		return -1;
	media = packjson_text(o, "mediaType", f);
	env = json_object_get(o, "dsseEnvelope");
	if (media == NULL)
		goto out;
	if (strcmp(media, BUNDLE_MEDIA) != 0)
		(void)fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "mediaType '%.80s'", media);
	else if (env == NULL)
		(void)fault_set(f, FAULT_JSON_FORM, "no dsseEnvelope");
	else if (parse_envelope(a, env, b, f) == 0)
		rc = parse_material(a, json_object_get(o,
		    "verificationMaterial"), b, f);
out:
	json_decref(o);
	return rc;
}

int
bundle_check(struct arena *a, const struct bundle *b,
    const struct sign_pub *pub)
{
	struct str pae = str_new(a);

	bundle_pae(&pae, b->type, b->payload, b->payloadlen);
	return sign_check(pub, pae.p, pae.len, b->sig, b->siglen);
}

static int
parse_subjects(struct arena *a, const json_t *list, struct statement *s,
    struct fault *f)
{
	s->nsubject = json_array_size(list);
	if (s->nsubject == 0)
		return fault_set(f, FAULT_JSON_FORM, "subject: want a list");
	s->subject = arena_array(a, s->nsubject, sizeof(*s->subject));
	for (size_t i = 0; i < s->nsubject; i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = packjson_text(one, "name", f);

		if (name == NULL || packjson_hash(json_object_get(one,
		    "digest"), "sha256", s->subject[i].sha256, f) == -1)
			return -1;
		s->subject[i].name = arena_strdup(a, name);
	}
	return 0;
}

static int
parse_preparers(struct arena *a, const json_t *list, struct statement *s,
    struct fault *f)
{
	if (!json_is_array(list) || json_array_size(list) >
	    LIMIT_PACK_SIGNERS)
		return fault_set(f, FAULT_JSON_FORM,
		    "preparer_bundles: want a list");
	s->npreparer = json_array_size(list);
	s->preparer = arena_array(a, s->npreparer + 1, HASH_LEN);
	for (size_t i = 0; i < s->npreparer; i++) {
		const char *hex = json_string_value(json_array_get(list, i));

		if (hex == NULL || strlen(hex) != 64 ||
		    hash_unhex(s->preparer[i], hex) == -1)
			return fault_set(f, FAULT_JSON_FORM,
			    "preparer_bundles: want SHA-256 in hex");
	}
	return 0;
}

static int
take_text(struct arena *a, const json_t *o, const char *key, const char **out,
    struct fault *f)
{
	const char *s = packjson_text(o, key, f);

	if (s == NULL || name_text(key, s, f) == -1)
		return -1;
	*out = arena_strdup(a, s);
	return 0;
}

static int
parse_predicate(struct arena *a, const json_t *p, struct statement *s,
    struct fault *f)
{
	const json_t *period = json_object_get(p, "period");
	const char *format = packjson_text(p, "format", f);

	if (format == NULL)
		return -1;
	if (strcmp(format, PACK_FORMAT) != 0)
		return fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "format '%.60s'", format);
	if (take_text(a, p, "organisation", &s->organisation, f) == -1 ||
	    take_text(a, p, "role", &s->role, f) == -1 ||
	    take_text(a, p, "person", &s->person, f) == -1 ||
	    take_text(a, p, "statement", &s->says, f) == -1 ||
	    take_text(a, period, "name", &s->period, f) == -1 ||
	    packjson_int(period, "from_us", &s->from_us, f) == -1 ||
	    packjson_int(period, "to_us", &s->to_us, f) == -1 ||
	    packjson_int(p, "as_of_us", &s->as_of_us, f) == -1 ||
	    packjson_int(p, "signed_us", &s->signed_us, f) == -1)
		return -1;
	s->is_approver = strcmp(s->role, "approver") == 0;
	if (!s->is_approver)
		return 0;
	return parse_preparers(a, json_object_get(p, "preparer_bundles"), s,
	    f);
}

int
bundle_parse_statement(struct arena *a, const char *p, size_t len,
    struct statement *s, struct fault *f)
{
	json_t *o = packjson_load(p, len, 0, f);
	const char *type, *predicate;
	int rc = -1;

	memset(s, 0, sizeof(*s));
	if (o == NULL)
		return -1;
	type = packjson_text(o, "_type", f);
	predicate = type != NULL ? packjson_text(o, "predicateType", f) : NULL;
	if (predicate == NULL)
		goto out;
	if (strcmp(type, BUNDLE_STATEMENT) != 0 ||
	    strcmp(predicate, BUNDLE_PREDICATE) != 0)
		(void)fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "statement '%.80s' of '%.80s'", type, predicate);
	else if (parse_predicate(a, json_object_get(o, "predicate"), s, f) ==
	    0)
		rc = parse_subjects(a, json_object_get(o, "subject"), s, f);
out:
	json_decref(o);
	return rc;
}
