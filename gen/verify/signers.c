#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "pack/bundle.h"
#include "pack/demo.h"
#include "pack/manifest.h"
#include "pack/sshsig.h"
#include "verify/run.h"

/* L2: known persons, right roles, enough of them, duties separated, approval
 * after preparation. */

#define L2 LEVEL_SIGNERS

/* One signer as far as it was checked. */
struct checked {
	struct signer s;
	struct bundle bundle;
	struct statement st;
	uint8_t sum[HASH_LEN]; /* of the bundle's file */
	const struct trust_key *key;
	int64_t time_us; /* of a trusted timestamp; 0: none */
	int have_sum, good;
};

struct list {
	struct checked *c;
	size_t n, cap;
};

static int
cmp_signer(const void *a, const void *b)
{
	const struct checked *x = a, *y = b;

	if (x->s.role != y->s.role)
		return x->s.role < y->s.role ? -1 : 1;
	if (strlen(x->s.name) != strlen(y->s.name))
		return strlen(x->s.name) < strlen(y->s.name) ? -1 : 1;
	return strcmp(x->s.name, y->s.name);
}

static void
list_signers(struct run *v, struct list *l)
{
	for (size_t i = 0; i < packin_count(v->in); i++) {
		const char *path = packin_at(v->in, i)->path;
		struct checked *c = NULL;
		struct signer s = { 0 };
		int is_bundle;

		if (run_signer_name(v->arena, path, &s, &is_bundle) == -1)
			continue;
		for (size_t k = 0; k < l->n; k++)
			if (strcmp(l->c[k].s.name, s.name) == 0)
				c = &l->c[k];
		if (c == NULL) {
			c = VEC_PUSH(v->arena, l->c, l->n, l->cap);
			c->s = s;
		}
		if (is_bundle)
			c->s.bundle = path;
		else
			c->s.sshsig = path;
	}
	if (l->n > 1)
		qsort(l->c, l->n, sizeof(*l->c), cmp_signer);
}

static int
load_sig(struct run *v, const char *path, char **p, size_t *len)
{
	struct fault f;

	if (packin_load(v->in, v->arena, packin_find(v->in, path),
	    LIMIT_PACK_JSON, p, len, &f) == 0)
		return 0;
	run_fault(v, L2, path, &f);
	return -1;
}

/* A signature that fails under the key it names may hold under another. */
static int
check_signature(struct run *v, struct checked *c)
{
	const struct bundle *b = &c->bundle;
	uint8_t rs[64];

	if (c->key->pub.alg == SIGN_ED25519 ? b->siglen != 64 :
	    sign_der_raw(b->sig, b->siglen, rs) == -1) {
		run_faultf(v, L2, FAULT_SIG_ENCODING, c->s.bundle,
		    "%zu bytes; want %s", b->siglen,
		    c->key->pub.alg == SIGN_ED25519 ? "64" : "ECDSA in DER");
		return -1;
	}
	if (bundle_check(v->arena, b, &c->key->pub) == 0)
		return 0;
	for (size_t i = 0; i < v->trust.nkey; i++)
		if (bundle_check(v->arena, b, &v->trust.key[i].pub) == 0) {
			run_faultf(v, L2, FAULT_SIG_KEYID, c->s.bundle,
			    "names the key of %s, signed by that of %s",
			    c->key->person, v->trust.key[i].person);
			return -1;
		}
	run_faultf(v, L2, FAULT_SIG_INVALID, c->s.bundle,
	    "the signature of %s does not hold", c->key->person);
	return -1;
}

static int
find_key(struct run *v, struct checked *c)
{
	uint8_t id[HASH_LEN];

	if (strlen(c->bundle.keyid) == 64 &&
	    hash_unhex(id, c->bundle.keyid) == 0)
		c->key = trust_find(&v->trust, id);
	if (c->key == NULL) {
		run_faultf(v, L2, FAULT_SIG_UNKNOWN_KEY, c->s.bundle,
		    "key %.64s is not in the trust file", c->bundle.keyid);
		return -1;
	}
	if (strcmp(c->bundle.hint, c->bundle.keyid) != 0) {
		run_faultf(v, L2, FAULT_SIG_KEYID, c->s.bundle,
		    "hint and keyid differ");
		return -1;
	}
	return 0;
}

/* The manifest, then each checkpoint: exactly these, with their digests. */
static int
check_subjects(struct run *v, const struct checked *c)
{
	const struct statement *s = &c->st;
	size_t k = 1;

	if (strcmp(s->subject[0].name, MANIFEST_NAME) != 0 ||
	    memcmp(s->subject[0].sha256, v->r->manifest, HASH_LEN) != 0) {
		run_faultf(v, L2, FAULT_SIG_SUBJECT, c->s.bundle,
		    "what was signed is another manifest");
		return -1;
	}
	for (size_t i = 0; i < v->set.nfile; i++) {
		const struct packfile *pf = &v->set.file[i];

		if (!manifest_is_checkpoint(pf->path))
			continue;
		if (k >= s->nsubject ||
		    strcmp(s->subject[k].name, pf->path) != 0 ||
		    memcmp(s->subject[k].sha256, pf->sha256, HASH_LEN) != 0) {
			run_faultf(v, L2, FAULT_SIG_SUBJECT, c->s.bundle,
			    "%s is not what was signed", pf->path);
			return -1;
		}
		k++;
	}
	if (k == s->nsubject)
		return 0;
	run_faultf(v, L2, FAULT_SIG_SUBJECT, c->s.bundle,
	    "more was signed than the pack holds");
	return -1;
}

static int
check_statement(struct run *v, const struct checked *c)
{
	const struct statement *s = &c->st;
	const struct packinfo *p = &v->info;
	const char *want = bundle_says(s->role);

	if (check_subjects(v, c) == -1)
		return -1;
	if (strcmp(s->organisation, p->organisation) != 0 ||
	    strcmp(s->period, p->period) != 0 || s->from_us != p->from_us ||
	    s->to_us != p->to_us || s->as_of_us != p->as_of_us) {
		run_faultf(v, L2, FAULT_STATEMENT_PACK, c->s.bundle,
		    "is about %s %s, the pack is %s %s", s->organisation,
		    s->period, p->organisation, p->period);
		return -1;
	}
	if (want == NULL || strcmp(want, s->says) != 0 ||
	    strcmp(s->role, trust_role_name(c->s.role)) != 0) {
		run_faultf(v, L2, FAULT_KEY_ROLE, c->s.bundle,
		    "says '%s' as '%s'", s->says, s->role);
		return -1;
	}
	return 0;
}

/* Judged at the trusted time of the signature, else at --as-of. */
static int
check_key(struct run *v, const struct checked *c)
{
	const struct trust_key *k = c->key;
	int64_t at = c->time_us != 0 ? c->time_us : v->o->as_of_us;

	if (k->role != c->s.role) {
		run_faultf(v, L2, FAULT_KEY_ROLE, c->s.bundle,
		    "the key of %s is for role %s", k->person,
		    trust_role_name(k->role));
		return -1;
	}
	if (strcmp(k->person, c->st.person) != 0) {
		run_faultf(v, L2, FAULT_STATEMENT_PERSON, c->s.bundle,
		    "%s is named, the key is of %s", c->st.person, k->person);
		return -1;
	}
	if (k->revoked_us != 0 && (c->time_us == 0 ||
	    c->time_us >= k->revoked_us)) {
		run_faultf(v, L2, FAULT_KEY_REVOKED, c->s.bundle,
		    "the key of %s was revoked%s%s, and no trusted time says "
		    "that it signed before", k->person,
		    k->revoked_reason != NULL ? ": " : "",
		    k->revoked_reason != NULL ? k->revoked_reason : "");
		return -1;
	}
	if (k->valid_from_us > at ||
	    (k->valid_until_us != 0 && at >= k->valid_until_us)) {
		run_faultf(v, L2, c->time_us != 0 ? FAULT_KEY_VALIDITY :
		    FAULT_KEY_ENDED, c->s.bundle,
		    "the key of %s is not valid at %s", k->person,
		    c->time_us != 0 ? "the time of its stamp" : "--as-of");
		return -1;
	}
	return 0;
}

static int
check_sshsig(struct run *v, const struct checked *c)
{
	struct sshsig g;
	struct fault f;
	char *p, *ns;
	size_t len;

	if (load_sig(v, c->s.sshsig, &p, &len) == -1)
		return -1;
	if (sshsig_parse(v->arena, p, len, &g, &f) == -1) {
		run_fault(v, L2, c->s.sshsig, &f);
		return -1;
	}
	ns = arena_printf(v->arena, "exhibit-%s@v1",
	    trust_role_name(c->s.role));
	if (memcmp(g.pub.id, c->key->pub.id, HASH_LEN) != 0)
		run_faultf(v, L2, FAULT_SIG_PAIR, c->s.sshsig,
		    "is by another key than %s", c->s.bundle);
	else if (strcmp(g.ns, ns) != 0)
		run_faultf(v, L2, FAULT_SIG_DOMAIN, c->s.sshsig,
		    "namespace is '%s', want %s", g.ns, ns);
	else if (sshsig_check(v->arena, &g, v->manifest, v->manifestlen) ==
	    -1)
		run_faultf(v, L2, FAULT_SIG_INVALID, c->s.sshsig,
		    "does not hold for the manifest");
	else
		return 0;
	return -1;
}

/* The first fault of a signer is reported; the rest would follow from it. */
static int
check_signer(struct run *v, struct checked *c)
{
	struct fault f;
	char *p;
	size_t len;

	if (c->s.bundle == NULL || c->s.sshsig == NULL) {
		run_faultf(v, L2, FAULT_SIG_PAIR, c->s.bundle != NULL ?
		    c->s.bundle : c->s.sshsig, "the other file of %s is not "
		    "there", c->s.name);
		return -1;
	}
	if (load_sig(v, c->s.bundle, &p, &len) == -1)
		return -1;
	hash_bytes(v->hash, c->sum, p, len);
	c->have_sum = 1;
	if (bundle_parse(v->arena, p, len, &c->bundle, &f) == -1) {
		run_fault(v, L2, c->s.bundle, &f);
		return -1;
	}
	if (strcmp(c->bundle.type, BUNDLE_PAYLOAD) != 0) {
		run_faultf(v, L2, FAULT_SIG_DOMAIN, c->s.bundle,
		    "payloadType is '%.80s'", c->bundle.type);
		return -1;
	}
	if (find_key(v, c) == -1 || check_signature(v, c) == -1)
		return -1;
	if (bundle_parse_statement(v->arena, c->bundle.payload,
	    c->bundle.payloadlen, &c->st, &f) == -1) {
		run_fault(v, L2, c->s.bundle, &f);
		return -1;
	}
	return check_statement(v, c) == -1 ? -1 : 0;
}

/* Over the signature's own bytes. */
static void
check_token(struct run *v, struct checked *c)
{
	if (c->bundle.token != NULL)
		c->time_us = run_token(v, c->bundle.token,
		    c->bundle.tokenlen, c->bundle.sig, c->bundle.siglen,
		    c->s.bundle);
	else if (v->r->require[LEVEL_TIME])
		run_faultf(v, LEVEL_TIME, FAULT_TIME_MISSING, c->s.bundle,
		    "has no timestamp");
	run_signer_time(v, c->s.bundle, c->time_us);
}

/* A preparer's key under an approval says more than its wrong role. */
static int
same_key_both_roles(struct run *v, const struct list *l,
    const struct checked *c)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->c[i].key == c->key && l->c[i].s.role != c->s.role &&
		    c->s.role == ROLE_APPROVER) {
			run_faultf(v, L2, FAULT_DUTIES_SAME_KEY, c->s.bundle,
			    "the key of %s signed in both roles",
			    c->key->person);
			return 1;
		}
	return 0;
}

static int
duplicate_key(struct run *v, const struct list *l, const struct checked *c)
{
	for (const struct checked *d = l->c; d < c; d++)
		if (d->key == c->key && d->s.role == c->s.role) {
			run_faultf(v, L2, FAULT_SIG_DUPLICATE, c->s.bundle,
			    "is by the key of %s, as %s", d->s.name,
			    d->s.bundle);
			return 1;
		}
	return 0;
}

static int
cmp_sum(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

/* An approval names the bundles of all preparers: it came after them. */
static void
check_approval(struct run *v, const struct list *l, struct checked *c)
{
	uint8_t (*sum)[HASH_LEN] = arena_array(v->arena, l->n + 1, HASH_LEN);
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->c[i].s.role == ROLE_PREPARER && l->c[i].have_sum)
			memcpy(sum[n++], l->c[i].sum, HASH_LEN);
	if (n > 1)
		qsort(sum, n, HASH_LEN, cmp_sum);
	if (c->st.npreparer == n &&
	    (n == 0 || memcmp(c->st.preparer, sum, n * HASH_LEN) == 0))
		return;
	c->good = 0;
	run_faultf(v, L2, FAULT_APPROVAL_BINDING, c->s.bundle,
	    "approves other preparations than those in sig/");
}

static void
check_persons(struct run *v, const struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < i; k++)
			if (l->c[i].good && l->c[k].good &&
			    l->c[i].s.role != l->c[k].s.role &&
			    strcmp(l->c[i].key->person,
			    l->c[k].key->person) == 0)
				run_faultf(v, L2, FAULT_DUTIES_SAME_PERSON,
				    l->c[i].s.bundle,
				    "%s both prepared and approved",
				    l->c[i].key->person);
}

static uint64_t
count_persons(struct run *v, const struct list *l, enum trust_role role)
{
	struct map *seen = map_new(v->arena);

	for (size_t i = 0; i < l->n; i++)
		if (l->c[i].good && l->c[i].s.role == role)
			*map_putz(seen, l->c[i].key->person) = seen;
	return map_count(seen);
}

/* Where a signature was refused, a missing person follows from it. */
static void
check_need(struct run *v, const struct list *l)
{
	for (int r = ROLE_PREPARER; r < ROLE_N; r++) {
		enum trust_role role = (enum trust_role)r;
		uint64_t have = count_persons(v, l, role);
		int refused = 0;

		for (size_t i = 0; i < l->n; i++)
			refused |= l->c[i].s.role == role && !l->c[i].good;
		if (have < v->trust.need[r] && !refused)
			run_faultf(v, L2, FAULT_ROLE_MISSING, NULL,
			    "%" PRIu64 " %s%s signed, %" PRIu64 " needed",
			    have, trust_role_name(role),
			    have == 1 ? "" : "s", v->trust.need[r]);
	}
}

/* "prepared by jane, approved by r.ortiz" */
static void
say(struct run *v, const struct list *l)
{
	struct str s = str_new(v->arena);

	for (size_t i = 0; i < l->n; i++) {
		const struct checked *c = &l->c[i];
		struct verify_signer *out;

		if (!c->good)
			continue;
		str_addf(&s, "%s%s by %s", s.len > 0 ? ", " : "",
		    c->s.role == ROLE_PREPARER ? "prepared" : "approved",
		    c->key->person);
		out = VEC_PUSH(v->arena, v->r->signer, v->r->nsigner,
		    v->r->capsigner);
		*out = (struct verify_signer){ c->s.name, c->st.role,
			c->key->person, c->st.signed_us, c->time_us, { 0 } };
		memcpy(out->keyid, c->key->pub.id, HASH_LEN);
		if (demo_is(c->key->pub.id)) {
			v->r->demo_key = 1;
			str_addz(&s, " (demo key)");
		}
	}
	if (s.len == 0)
		str_addz(&s, "no signature holds");
	v->r->says[L2] = s.p;
}

static void
check_pairs(struct run *v, const struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->c[i].s.bundle == NULL || l->c[i].s.sshsig == NULL)
			run_faultf(v, L2, FAULT_SIG_PAIR,
			    l->c[i].s.bundle != NULL ? l->c[i].s.bundle :
			    l->c[i].s.sshsig, "the other file of %s is not "
			    "there", l->c[i].s.name);
}

void
level_signers(struct run *v)
{
	struct list l = { 0 };

	list_signers(v, &l);
	if (l.n > LIMIT_PACK_SIGNERS) {
		run_faultf(v, L2, FAULT_LIMIT_SIZE, "sig", "%zu signers, at "
		    "most %d", l.n, LIMIT_PACK_SIGNERS);
		return;
	}
	if (!v->have_trust) {
		check_pairs(v, &l);
		v->r->says[L2] = arena_printf(v->arena, "%zu signer%s, not "
		    "checked", l.n, l.n == 1 ? "" : "s");
		return;
	}
	v->r->result[L2] = VERIFY_OK;
	for (size_t i = 0; i < l.n; i++)
		l.c[i].good = check_signer(v, &l.c[i]) == 0;
	for (size_t i = 0; i < l.n; i++) {
		struct checked *c = &l.c[i];

		if (c->good)
			check_token(v, c);
		if (c->good)
			c->good = !same_key_both_roles(v, &l, c) &&
			    !duplicate_key(v, &l, c) &&
			    check_key(v, c) == 0 && check_sshsig(v, c) == 0;
		if (c->good && c->s.role == ROLE_APPROVER)
			check_approval(v, &l, c);
	}
	check_persons(v, &l);
	check_need(v, &l);
	say(v, &l);
}
