#define _XOPEN_SOURCE 700 /* realpath */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "pack/manifest.h"
#include "pack/replyjson.h"
#include "verify/run.h"

void
run_fault(struct run *v, enum verify_level level, const char *path,
    const struct fault *f)
{
	struct verify_report *r = v->r;

	*VEC_PUSH(v->arena, r->fault, r->nfault, r->capfault) =
	    (struct verify_fault){ level, f->code,
		path != NULL ? arena_strdup(v->arena, path) : NULL,
		arena_strdup(v->arena, f->detail) };
}

void
run_faultf(struct run *v, enum verify_level level, enum fault_code code,
    const char *path, const char *fmt, ...)
{
	struct fault f = { .code = code };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(f.detail, sizeof(f.detail), fmt, ap);
	va_end(ap);
	run_fault(v, level, path, &f);
}

size_t
run_count(const struct run *v, enum verify_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < v->r->nfault; i++)
		n += v->r->fault[i].level == level;
	return n;
}

int
run_load_at(struct run *v, struct arena *a, enum verify_level level, size_t i,
    uint64_t max, char **p, size_t *len)
{
	const struct packfile *pf = &v->set.file[i];
	uint8_t sum[HASH_LEN];
	struct fault f;

	if (!v->good[i])
		return 1;
	if (packin_load(v->in, a, packin_find(v->in, pf->path), max, p, len,
	    &f) == -1) {
		run_fault(v, level, pf->path, &f);
		return -1;
	}
	/* So the bytes that are parsed are the bytes that were hashed. */
	hash_bytes(v->hash, sum, *p, *len);
	if (memcmp(sum, pf->sha256, HASH_LEN) != 0) {
		run_faultf(v, level, FAULT_INPUT_CHANGED, pf->path,
		    "changed during the check");
		return -1;
	}
	return 0;
}

int
run_load(struct run *v, struct arena *a, enum verify_level level,
    const char *path, uint64_t max, char **p, size_t *len)
{
	const struct packfile *pf = manifest_find(&v->set, path);

	if (pf == NULL)
		return 1;
	return run_load_at(v, a, level, (size_t)(pf - v->set.file), max, p,
	    len);
}

/* The trust file must come from elsewhere than the pack. */
static int
lies_inside(const char *pack, const char *trust)
{
	char a[PATH_MAX], b[PATH_MAX];
	size_t n;

	if (realpath(pack, a) == NULL || realpath(trust, b) == NULL)
		return 0;
	n = strlen(a);
	return strncmp(a, b, n) == 0 && (b[n] == '/' || b[n] == '\0');
}

static void
load_trust(struct run *v)
{
	const char *path = v->o->trust;
	struct err e = { 0 };
	struct fault f;
	char *p;
	size_t len;

	if (path == NULL) {
		run_faultf(v, LEVEL_SIGNERS, FAULT_TRUST_NONE, NULL,
		    "no trust file was given: --trust FILE");
		return;
	}
	if (lies_inside(v->o->pack, path)) {
		run_faultf(v, LEVEL_SIGNERS, FAULT_TRUST_INSIDE, path,
		    "a pack cannot vouch for itself: get the keys from the "
		    "people");
		return;
	}
	if (out_slurp(v->arena, path, LIMIT_TRUST, &p, &len, &e) == -1) {
		run_faultf(v, LEVEL_SIGNERS, e.kind == ERR_SYSTEM ?
		    FAULT_INPUT_FAILED : FAULT_TRUST_FORM, NULL, "%s", e.msg);
		return;
	}
	if (trust_parse(v->arena, p, len, &v->trust, &f) == -1) {
		run_fault(v, LEVEL_SIGNERS, path, &f);
		return;
	}
	v->have_trust = 1;
	v->r->trust = v->trust.organisation;
	memcpy(v->r->require, v->trust.require, sizeof(v->r->require));
	if (v->trust.time_required)
		v->r->require[LEVEL_TIME] = 1;
	if (v->have_info &&
	    strcmp(v->trust.organisation, v->info.organisation) != 0)
		run_faultf(v, LEVEL_SIGNERS, FAULT_STATEMENT_PACK, v->json,
		    "is of %s; the trust file is for %s",
		    v->info.organisation, v->trust.organisation);
}

/* A level that ran is bad by a fault of kind 2, 3 or 4, and was not decided
 * by one of kind 5. */
static void
judge(struct run *v)
{
	struct verify_report *r = v->r;

	for (size_t i = 0; i < r->nfault; i++) {
		enum verify_result *res = &r->result[r->fault[i].level];

		if (fault_kind(r->fault[i].code) != ERR_UNDECIDED)
			*res = VERIFY_BAD;
		else if (*res != VERIFY_BAD)
			*res = VERIFY_NOT_RUN;
	}
	for (int l = 0; l < LEVEL_N; l++)
		if (r->require[l] && r->result[l] == VERIFY_NOT_RUN &&
		    run_count(v, (enum verify_level)l) == 0 &&
		    v->have_trust)
			run_faultf(v, (enum verify_level)l,
			    FAULT_LEVEL_NOT_RUN, NULL,
			    "required by the trust file");
}

static void
run_reply(struct run *v)
{
	v->under = "";
	v->json = REPLY_JSON;
	level_reply(v);
	if (!v->have_info)
		return;
	load_trust(v);
	level_reply_log(v);
	level_append_only(v);
}

static void
run_levels(struct run *v)
{
	level_integrity(v);
	if (!v->have_info)
		return;
	load_trust(v);
	level_signers(v);
	level_time(v);
	level_log(v);
	level_append_only(v);
	level_rebuild(v);
}

void
verify_pack(struct arena *a, const struct verify_options *o,
    struct verify_report *r)
{
	struct run *v = arena_alloc(a, sizeof(*v));
	struct fault f;

	memset(r, 0, sizeof(*r));
	r->arena = a;
	for (int l = 0; l < LEVEL_N; l++)
		r->result[l] = VERIFY_NOT_RUN;
	trust_init(&v->trust, "");
	memcpy(r->require, v->trust.require, sizeof(r->require));
	v->arena = a;
	v->o = o;
	v->r = r;
	v->hash = hash_new(a);
	v->under = "data/";
	v->json = PACK_JSON;
	if (packin_open(a, o->pack, &v->in, &f) == -1)
		run_fault(v, LEVEL_INTEGRITY, o->pack, &f);
	else {
		if (packin_find(v->in, REPLY_JSON) != NULL &&
		    packin_find(v->in, MANIFEST_NAME) == NULL)
			run_reply(v);
		else
			run_levels(v);
		(void)packin_close(v->in);
	}
	hash_free(v->hash);
	judge(v);
}

enum err_kind
verify_status(const struct verify_report *r)
{
	enum err_kind worst = ERR_OK;

	for (size_t i = 0; i < r->nfault; i++) {
		enum err_kind kind = fault_kind(r->fault[i].code);

		/* What a level leaves undecided counts where it is wanted. */
		if (kind != ERR_UNDECIDED || r->require[r->fault[i].level])
			worst = err_worse(worst, kind);
	}
	return worst;
}

const char *
verify_verdict(const struct verify_report *r)
{
	static const char *const word[] = {
		[ERR_OK] = "verified", [ERR_GAP] = "rejected",
		[ERR_INPUT] = "unreadable", [ERR_INTEGRITY] = "rejected",
		[ERR_SYSTEM] = "failed", [ERR_UNDECIDED] = "undecided",
	};

	return word[verify_status(r)];
}

const char *
verify_result_name(enum verify_result res)
{
	static const char *const word[] = { "ok", "bad", "not-run",
		"not-needed" };

	return word[res];
}

const char *
verify_level_name(enum verify_level l)
{
	static const char *const word[] = { "L1", "L2", "L3", "L4", "L5",
		"L6" };

	return word[l];
}
