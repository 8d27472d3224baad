#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "pack/bundle.h"
#include "pack/manifest.h"
#include "pack/packin.h"
#include "pack/packjson.h"
#include "pack/seal.h"
#include "pack/sshsig.h"
#include "pack/zip.h"

static int
load(struct packin *in, struct arena *a, const char *path, char **p,
    size_t *len, struct err *e)
{
	const struct packin_file *file = packin_find(in, path);
	struct fault f;

	if (file == NULL)
		return err_set(e, ERR_INTEGRITY, "%s: not in the pack", path);
	if (packin_load(in, a, file, LIMIT_PACK_MANIFEST, p, len, &f) == -1)
		return fault_err(&f, path, e);
	return 0;
}

static void
set_name(struct arena *a, struct seal *s, int n)
{
	s->name = n == 1 ? arena_strdup(a, s->role) :
	    arena_printf(a, "%s-%d", s->role, n);
	s->bundle_path = arena_printf(a, "sig/%s.sigstore.json", s->name);
	s->sshsig_path = arena_printf(a, "sig/%s.sshsig", s->name);
}

int
seal_name(struct arena *a, struct packin *in, struct seal *s, struct err *e)
{
	int preparer = strcmp(s->role, "preparer") == 0;

	if (preparer && packin_find(in, "sig/approver.sigstore.json") != NULL)
		return err_set(e, ERR_INPUT, "the pack is approved already: a "
		    "further preparation would not be under the approval");
	for (int n = 1; n <= LIMIT_PACK_SIGNERS; n++) {
		set_name(a, s, n);
		if (packin_find(in, s->bundle_path) == NULL &&
		    packin_find(in, s->sshsig_path) == NULL)
			return 0;
	}
	return err_set(e, ERR_INPUT, "the pack has %d signers already",
	    LIMIT_PACK_SIGNERS);
}

/* The manifest, then each checkpoint. */
static int
take_subjects(struct arena *a, const char *manifest, size_t len,
    struct statement *st, struct err *e)
{
	struct packset set;
	struct fault f;

	if (manifest_parse(a, manifest, len, &set, &f) == -1)
		return fault_err(&f, MANIFEST_NAME, e);
	st->subject = arena_array(a, set.nfile + 1, sizeof(*st->subject));
	st->subject[0].name = MANIFEST_NAME;
	sign_sha256(st->subject[0].sha256, manifest, len);
	st->nsubject = 1;
	for (size_t i = 0; i < set.nfile; i++) {
		if (!manifest_is_checkpoint(set.file[i].path))
			continue;
		st->subject[st->nsubject].name = set.file[i].path;
		memcpy(st->subject[st->nsubject++].sha256, set.file[i].sha256,
		    HASH_LEN);
	}
	return 0;
}

static int
cmp_sum(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

/* The SHA-256 of every preparer's bundle, sorted. */
static int
take_preparers(struct arena *a, struct packin *in, struct statement *st,
    struct err *e)
{
	st->preparer = arena_array(a, LIMIT_PACK_SIGNERS, HASH_LEN);
	for (size_t i = 0; i < packin_count(in); i++) {
		const char *path = packin_at(in, i)->path;
		size_t n = strlen(path), len;
		char *p;

		if (strncmp(path, "sig/preparer", 12) != 0 || n < 14 ||
		    strcmp(path + n - 14, ".sigstore.json") != 0)
			continue;
		if (st->npreparer == LIMIT_PACK_SIGNERS)
			return err_set(e, ERR_INPUT, "too many preparers");
		if (load(in, a, path, &p, &len, e) == -1)
			return -1;
		sign_sha256(st->preparer[st->npreparer++], p, len);
	}
	if (st->npreparer == 0)
		return err_set(e, ERR_INPUT, "nothing to approve: no preparer "
		    "has signed");
	qsort(st->preparer, st->npreparer, HASH_LEN, cmp_sum);
	return 0;
}

static int
take_statement(struct arena *a, struct packin *in, const struct seal *s,
    const char *manifest, size_t len, struct statement *st, struct err *e)
{
	struct packinfo info;
	struct fault f;
	char *p;
	size_t n;

	if (load(in, a, PACK_JSON, &p, &n, e) == -1)
		return -1;
	if (packjson_parse(a, p, n, &info, &f) == -1)
		return fault_err(&f, PACK_JSON, e);
	*st = (struct statement){ .organisation = info.organisation,
		.period = info.period, .role = s->role, .person = s->person,
		.says = bundle_says(s->role), .from_us = info.from_us,
		.to_us = info.to_us, .as_of_us = info.as_of_us,
		.signed_us = s->signed_us,
		.is_approver = strcmp(s->role, "approver") == 0 };
	if (st->says == NULL)
		return err_set(e, ERR_INPUT,
		    "role '%s' signs no pack; want preparer or approver",
		    s->role);
	if (take_subjects(a, manifest, len, st, e) == -1)
		return -1;
	return st->is_approver ? take_preparers(a, in, st, e) : 0;
}

int
seal_make(struct arena *a, struct packin *in, const struct sign_key *key,
    struct seal *s, struct err *e)
{
	struct statement st;
	char *manifest;
	size_t len;

	if (seal_name(a, in, s, e) == -1 ||
	    load(in, a, MANIFEST_NAME, &manifest, &len, e) == -1 ||
	    take_statement(a, in, s, manifest, len, &st, e) == -1)
		return -1;
	s->bundle = arena_alloc(a, sizeof(*s->bundle));
	s->sshsig = arena_alloc(a, sizeof(*s->sshsig));
	*s->bundle = str_new(a);
	*s->sshsig = str_new(a);
	if (bundle_sign(s->bundle, &st, key, e) == -1)
		return -1;
	return sshsig_sign(s->sshsig, key, arena_printf(a, "exhibit-%s@v1",
	    s->role), manifest, len, e);
}

static int
load_bundle(struct arena *a, struct packin *in, const struct seal *s,
    struct bundle *b, struct err *e)
{
	struct fault f;
	char *p;
	size_t len;

	if (load(in, a, s->bundle_path, &p, &len, e) == -1)
		return -1;
	if (bundle_parse(a, p, len, b, &f) == -1)
		return fault_err(&f, s->bundle_path, e);
	return 0;
}

int
seal_signature(struct arena *a, struct packin *in, struct seal *s,
    const uint8_t **sig, size_t *len, struct err *e)
{
	struct bundle b;
	int n = LIMIT_PACK_SIGNERS;

	for (; n > 0; n--) {
		set_name(a, s, n);
		if (packin_find(in, s->bundle_path) != NULL)
			break;
	}
	if (n == 0)
		return err_set(e, ERR_INPUT, "no %s has signed", s->role);
	if (strcmp(s->role, "preparer") == 0 &&
	    packin_find(in, "sig/approver.sigstore.json") != NULL)
		return err_set(e, ERR_INPUT, "the pack is approved already: no "
		    "preparer's bundle is touched after that");
	if (load_bundle(a, in, s, &b, e) == -1)
		return -1;
	*sig = b.sig;
	*len = b.siglen;
	return 0;
}

int
seal_stamp(struct arena *a, struct packin *in, struct seal *s,
    const void *token, size_t tokenlen, struct err *e)
{
	struct bundle b;
	char *p;
	size_t len;

	if (load_bundle(a, in, s, &b, e) == -1 ||
	    load(in, a, s->sshsig_path, &p, &len, e) == -1)
		return -1;
	s->bundle = arena_alloc(a, sizeof(*s->bundle));
	s->sshsig = arena_alloc(a, sizeof(*s->sshsig));
	*s->bundle = str_new(a);
	*s->sshsig = str_new(a);
	str_add(s->sshsig, p, len);
	bundle_stamped(s->bundle, &b, token, tokenlen);
	return 0;
}

struct copy {
	struct packin *in;
	const struct packin_file *file;
};

static int
give(void *ctx, zip_sink *sink, void *to, struct err *e)
{
	struct copy *c = ctx;
	struct fault f = { 0 };

	if (packin_read(c->in, c->file, sink, to, &f) == 0)
		return 0;
	/* Without a fault it was the sink that failed: e is set. */
	return f.code != FAULT_NONE ? fault_err(&f, c->file->path, e) : -1;
}

/* Files of the pack that come before this name, or all; one of this name is
 * left out, another stands for it. */
static int
copy_until(struct zipw *w, struct packin *in, size_t *i, const char *name,
    struct err *e)
{
	for (; *i < packin_count(in); (*i)++) {
		struct copy c = { in, packin_at(in, *i) };

		if (name != NULL && strcmp(c.file->path, name) >= 0) {
			*i += strcmp(c.file->path, name) == 0;
			return 0;
		}
		if (zip_add(w, c.file->path, give, &c, e) == -1)
			return -1;
	}
	return 0;
}

int
seal_zip(struct arena *a, struct packin *in, const struct seal *s, int dir,
    const char *name, struct err *e)
{
	char *tmp = arena_printf(a, "%s.tmp-%ld", name, (long)getpid());
	struct zipw *w;
	size_t i = 0;
	int rc;

	if (zip_create(a, dir, tmp, &w, e) == -1)
		return -1;
	rc = copy_until(w, in, &i, s->bundle_path, e);
	if (rc == 0)
		rc = zip_bytes(w, s->bundle_path, s->bundle->p,
		    s->bundle->len, e);
	if (rc == 0)
		rc = copy_until(w, in, &i, s->sshsig_path, e);
	if (rc == 0)
		rc = zip_bytes(w, s->sshsig_path, s->sshsig->p,
		    s->sshsig->len, e);
	if (rc == 0)
		rc = copy_until(w, in, &i, NULL, e);
	if (zip_finish(w, rc == 0, e) == -1)
		rc = -1;
	if (rc == 0 && renameat(dir, tmp, dir, name) == -1)
		rc = err_errno(e, "%s", name);
	if (rc == -1)
		(void)unlinkat(dir, tmp, 0);
	return rc;
}
