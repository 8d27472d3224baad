#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "pack/name.h"
#include "pack/packjson.h"
#include "verify/trust.h"

#define FORMAT "exhibit-trust/1"

static const char *const role_name[ROLE_N] = { "log", "preparer", "approver" };

const char *
trust_role_name(enum trust_role r)
{
	return role_name[r];
}

int
trust_role_parse(const char *s)
{
	for (int i = 0; i < ROLE_N; i++)
		if (str_eq(s, role_name[i]))
			return i;
	return -1;
}

void
trust_init(struct trust *t, const char *organisation)
{
	*t = (struct trust){ .organisation = organisation };
	t->need[ROLE_PREPARER] = t->need[ROLE_APPROVER] = 1;
	t->require[0] = t->require[1] = t->require[3] = t->require[4] = 1;
}

struct trust_key *
trust_find(const struct trust *t, const uint8_t id[HASH_LEN])
{
	for (size_t i = 0; i < t->nkey; i++)
		if (memcmp(t->key[i].pub.id, id, HASH_LEN) == 0)
			return &t->key[i];
	return NULL;
}

struct trust_key *
trust_add(struct arena *a, struct trust *t, const struct sign_pub *pub)
{
	size_t i = t->nkey;

	(void)VEC_PUSH(a, t->key, t->nkey, t->cap);
	while (i > 0 && memcmp(t->key[i - 1].pub.id, pub->id, HASH_LEN) > 0) {
		t->key[i] = t->key[i - 1];
		i--;
	}
	t->key[i] = (struct trust_key){ .pub = *pub };
	return &t->key[i];
}

int
trust_origin(const struct trust_key *k, const char *origin)
{
	size_t n = strlen(k->person);

	if (k->role != ROLE_LOG)
		return 0;
	if (n > 0 && k->person[n - 1] == '*')
		return strncmp(k->person, origin, n - 1) == 0;
	return strcmp(k->person, origin) == 0;
}

int
trust_person_ok(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789"
	    ".@_+-";
	size_t n = strlen(s);

	return n > 0 && n <= 200 && strspn(s, allowed) == n;
}

/* Every field of an object is one of the list: a word that we do not know may
 * be a rule that we would not keep. */
static int
known_fields(json_t *o, const char *const *list, struct fault *f)
{
	const char *key;
	json_t *v;

	json_object_foreach(o, key, v) {
		size_t i = 0;

		(void)v;
		while (list[i] != NULL && strcmp(list[i], key) != 0)
			i++;
		if (list[i] == NULL)
			return fault_set(f, FAULT_TRUST_FORM,
			    "unknown field '%.60s'", key);
	}
	return 0;
}

/* An optional number; not there: as it was. */
static int
take_int(const json_t *o, const char *key, int64_t *out, struct fault *f)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return fault_set(f, FAULT_TRUST_FORM,
		    "%s: want a number from 0 on", key);
	*out = json_integer_value(v);
	return 0;
}

static int
take_text(struct arena *a, const json_t *o, const char *key, const char **out,
    struct fault *f)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL)
		return fault_set(f, FAULT_TRUST_FORM, "%s: want text", key);
	if (name_text(key, s, f) == -1)
		return -1;
	*out = arena_strdup(a, s);
	return 0;
}

static int
parse_spki(struct arena *a, const char *id, const json_t *o,
    struct sign_pub *pub, struct fault *f)
{
	const char *spki = json_string_value(json_object_get(o, "spki"));
	const char *alg = json_string_value(json_object_get(o, "alg"));
	struct err e = { 0 };
	char hex[HASH_HEXLEN];
	uint8_t *der;
	long n;

	if (spki == NULL || alg == NULL)
		return fault_set(f, FAULT_TRUST_FORM,
		    "spki, alg: want text");
	der = arena_alloc(a, strlen(spki) + 4);
	n = hash_unbase64(der, spki, strlen(spki));
	if (n < 0)
		return fault_set(f, FAULT_TRUST_KEY,
		    "spki: not padded and canonical base64");
	if (sign_pub_spki(der, (size_t)n, pub, &e) == -1)
		return fault_set(f, FAULT_TRUST_KEY, "spki: %.200s", e.msg);
	hash_hex(hex, pub->id);
	if (strcmp(hex, id) != 0)
		return fault_set(f, FAULT_TRUST_KEY,
		    "the id is not the SHA-256 of the spki, %s", hex);
	if (strcmp(alg, pub->alg == SIGN_ED25519 ? "ed25519" : "p256") != 0)
		return fault_set(f, FAULT_TRUST_KEY,
		    "alg is '%.20s', the spki is of another", alg);
	return 0;
}

static int
parse_role(struct arena *a, const json_t *o, struct trust_key *k,
    struct fault *f)
{
	const char *role;
	int r;

	if (take_text(a, o, "role", &role, f) == -1)
		return -1;
	r = trust_role_parse(role);
	if (r == -1)
		return fault_set(f, FAULT_TRUST_FORM, "role '%.40s': want log, "
		    "preparer or approver", role);
	k->role = (enum trust_role)r;
	if (k->role == ROLE_LOG) {
		if (k->pub.alg != SIGN_ED25519)
			return fault_set(f, FAULT_TRUST_KEY,
			    "a log key must be Ed25519");
		return take_text(a, o, "origin", &k->person, f);
	}
	if (take_text(a, o, "person", &k->person, f) == -1)
		return -1;
	if (!trust_person_ok(k->person))
		return fault_set(f, FAULT_TRUST_FORM, "person: want lower-case "
		    "ASCII letters, digits and . @ _ + -");
	return 0;
}

static int
parse_key(struct arena *a, struct trust *t, const char *id, json_t *o,
    struct fault *f)
{
	static const char *const person_fields[] = { "alg", "person",
		"revoked_reason", "revoked_us", "role", "spki",
		"valid_from_us", "valid_until_us", NULL };
	static const char *const log_fields[] = { "alg", "origin",
		"revoked_reason", "revoked_us", "role", "spki",
		"valid_from_us", "valid_until_us", NULL };
	struct trust_key k = { 0 }, *in;

	if (!json_is_object(o))
		return fault_set(f, FAULT_TRUST_FORM, "want an object");
	if (parse_spki(a, id, o, &k.pub, f) == -1 ||
	    parse_role(a, o, &k, f) == -1 ||
	    known_fields(o, k.role == ROLE_LOG ? log_fields : person_fields,
	    f) == -1 ||
	    take_int(o, "valid_from_us", &k.valid_from_us, f) == -1 ||
	    take_int(o, "valid_until_us", &k.valid_until_us, f) == -1 ||
	    take_int(o, "revoked_us", &k.revoked_us, f) == -1)
		return -1;
	if (json_object_get(o, "revoked_reason") != NULL &&
	    take_text(a, o, "revoked_reason", &k.revoked_reason, f) == -1)
		return -1;
	in = trust_add(a, t, &k.pub);
	*in = k;
	return 0;
}

static int
parse_need(struct trust *t, json_t *o, struct fault *f)
{
	static const char *const fields[] = { "approver", "preparer", NULL };

	if (o == NULL)
		return 0;
	if (!json_is_object(o))
		return fault_set(f, FAULT_TRUST_FORM, "need: want an object");
	if (known_fields(o, fields, f) == -1)
		return -1;
	for (int r = ROLE_PREPARER; r < ROLE_N; r++) {
		int64_t n = (int64_t)t->need[r];

		if (take_int(o, role_name[r], &n, f) == -1)
			return -1;
		t->need[r] = (uint64_t)n;
	}
	return 0;
}

static int
parse_require(struct trust *t, const json_t *o, struct fault *f)
{
	json_t *v;
	size_t i;

	if (o == NULL)
		return 0;
	if (!json_is_array(o))
		return fault_set(f, FAULT_TRUST_FORM, "require: want a list");
	memset(t->require, 0, sizeof(t->require));
	json_array_foreach(o, i, v) {
		const char *s = json_string_value(v);

		if (s == NULL || s[0] != 'L' || s[1] < '1' || s[1] > '6' ||
		    s[2] != '\0')
			return fault_set(f, FAULT_TRUST_FORM,
			    "require: want L1 to L6");
		t->require[s[1] - '1'] = 1;
	}
	if (!t->require[0])
		return fault_set(f, FAULT_TRUST_FORM,
		    "require: L1 cannot be left out");
	return 0;
}

static int
parse_rules(struct arena *a, struct trust *t, const json_t *o,
    struct fault *f)
{
	const json_t *time = json_object_get(o, "time");
	const json_t *tsa = json_object_get(o, "tsa");
	int64_t deep = 0;
	json_t *v;
	size_t i;

	if (time != NULL) {
		const char *s = json_string_value(time);

		if (!str_eq(s, "optional") && !str_eq(s, "required"))
			return fault_set(f, FAULT_TRUST_FORM,
			    "time: want optional or required");
		t->time_required = str_eq(s, "required");
	}
	if (take_int(o, "deep", &deep, f) == -1)
		return -1;
	t->deep = deep != 0;
	t->tsa = arena_array(a, json_array_size(tsa) + 1, sizeof(*t->tsa));
	json_array_foreach(tsa, i, v) {
		if (!json_is_string(v))
			return fault_set(f, FAULT_TRUST_FORM,
			    "tsa: want certificates in PEM");
		t->tsa[t->ntsa++] = arena_strdup(a, json_string_value(v));
	}
	return 0;
}

static int
parse_all(struct arena *a, struct trust *t, json_t *o, struct fault *f)
{
	static const char *const fields[] = { "deep", "format", "keys",
		"need", "organisation", "require", "time", "tsa", NULL };
	json_t *keys = json_object_get(o, "keys"), *v;
	const char *organisation, *id;

	if (known_fields(o, fields, f) == -1 ||
	    take_text(a, o, "organisation", &organisation, f) == -1)
		return -1;
	trust_init(t, organisation);
	if (!json_is_object(keys))
		return fault_set(f, FAULT_TRUST_FORM, "keys: want an object");
	json_object_foreach(keys, id, v)
		if (parse_key(a, t, id, v, f) == -1)
			return fault_wrap(f, arena_printf(a, "key %.16s",
			    id));
	if (parse_need(t, json_object_get(o, "need"), f) == -1 ||
	    parse_require(t, json_object_get(o, "require"), f) == -1)
		return -1;
	return parse_rules(a, t, o, f);
}

int
trust_parse(struct arena *a, const char *p, size_t len, struct trust *t,
    struct fault *f)
{
	const char *format;
	json_t *o;
	int rc = -1;

	if (len > LIMIT_TRUST)
		return fault_set(f, FAULT_LIMIT_SIZE, "over 1 MiB");
	o = packjson_load(p, len, 0, f);
	if (o == NULL)
		return -1;
	format = json_string_value(json_object_get(o, "format"));
	if (format == NULL)
		(void)fault_set(f, FAULT_TRUST_FORM, "format: want " FORMAT);
	else if (strcmp(format, FORMAT) != 0)
		(void)fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "format '%.60s', want " FORMAT, format);
	else
		rc = parse_all(a, t, o, f);
	json_decref(o);
	return rc;
}

static void
put_time(struct jsonw *w, const char *key, int64_t us)
{
	if (us != 0)
		jsonw_kint(w, key, us);
}

static void
put_key(struct jsonw *w, const struct trust_key *k)
{
	char b64[4 * sizeof(k->pub.spki) / 3 + 8];

	(void)hash_base64(b64, k->pub.spki, k->pub.spkilen);
	jsonw_object(w);
	jsonw_ktext(w, "alg", k->pub.alg == SIGN_ED25519 ? "ed25519" : "p256");
	if (k->role == ROLE_LOG)
		jsonw_ktext(w, "origin", k->person);
	else
		jsonw_ktext(w, "person", k->person);
	jsonw_ktext(w, "revoked_reason", k->revoked_reason);
	put_time(w, "revoked_us", k->revoked_us);
	jsonw_ktext(w, "role", role_name[k->role]);
	jsonw_ktext(w, "spki", b64);
	put_time(w, "valid_from_us", k->valid_from_us);
	put_time(w, "valid_until_us", k->valid_until_us);
	jsonw_end(w, '}');
}

void
trust_write(struct str *s, const struct trust *t)
{
	/* Two, since jsonw compares a key with the one before. */
	char hex[2][HASH_HEXLEN];
	char level[3] = "L1";
	struct jsonw w;

	jsonw_init(&w, s);
	jsonw_object(&w);
	jsonw_kint(&w, "deep", t->deep);
	jsonw_ktext(&w, "format", FORMAT);
	jsonw_key(&w, "keys");
	jsonw_object(&w);
	for (size_t i = 0; i < t->nkey; i++) {
		hash_hex(hex[i % 2], t->key[i].pub.id);
		jsonw_key(&w, hex[i % 2]);
		put_key(&w, &t->key[i]);
	}
	jsonw_end(&w, '}');
	jsonw_key(&w, "need");
	jsonw_object(&w);
	jsonw_kint(&w, "approver", (int64_t)t->need[ROLE_APPROVER]);
	jsonw_kint(&w, "preparer", (int64_t)t->need[ROLE_PREPARER]);
	jsonw_end(&w, '}');
	jsonw_ktext(&w, "organisation", t->organisation);
	jsonw_key(&w, "require");
	jsonw_array(&w);
	for (int i = 0; i < TRUST_LEVELS; i++)
		if (t->require[i]) {
			level[1] = (char)('1' + i);
			jsonw_textz(&w, level);
		}
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "time", t->time_required ? "required" : "optional");
	jsonw_key(&w, "tsa");
	jsonw_array(&w);
	for (size_t i = 0; i < t->ntsa; i++)
		jsonw_textz(&w, t->tsa[i]);
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	str_addc(s, '\n');
}
