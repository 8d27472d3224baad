#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/stamp.h"
#include "pack/manifest.h"
#include "verify/run.h"

/* L3: trusted timestamps (RFC 3161) on the signatures, not before the end of
 * the period; and on the log's checkpoints, where they have one. */

#define L3 LEVEL_TIME

static const enum fault_code code[] = {
	[STAMP_TOKEN] = FAULT_TIME_TOKEN,
	[STAMP_ALGORITHM] = FAULT_TIME_ALGORITHM,
	[STAMP_IMPRINT] = FAULT_TIME_IMPRINT,
	[STAMP_UNTRUSTED] = FAULT_TIME_UNTRUSTED,
	[STAMP_ENDED] = FAULT_TIME_ORDER,
	[STAMP_NONCE] = FAULT_TIME_IMPRINT,
};

int64_t
run_token(struct run *v, const void *token, size_t len, const void *data,
    size_t datalen, const char *path)
{
	int64_t us;
	enum stamp s = stamp_check(token, len, data, datalen, v->trust.tsa,
	    v->trust.ntsa, &us);

	if (s != STAMP_OK) {
		run_faultf(v, L3, code[s], path, "timestamp: %s",
		    stamp_says(s));
		return 0;
	}
	return us;
}

void
run_signer_time(struct run *v, const char *path, int64_t us)
{
	if (us == 0)
		return;
	v->ntime++;
	if (us > v->last_time_us)
		v->last_time_us = us;
	if (us < v->info.to_us && !v->info.interim)
		run_faultf(v, L3, FAULT_TIME_ORDER, path,
		    "stamped before the period was over");
}

void
level_time(struct run *v)
{
	struct str s = str_new(v->arena);

	v->note_us = arena_array(v->arena, v->info.nstream + 1,
	    sizeof(*v->note_us));
	for (size_t i = 0; v->have_trust && i < v->info.nstream; i++) {
		const char *dir = v->info.stream[i].dir;
		char *path = arena_printf(v->arena, "data/log/%s/checkpoint",
		    dir), *note, *token;
		size_t notelen, len;

		if (run_load(v, v->arena, L3, path, LIMIT_NOTE, &note,
		    &notelen) == 0 && run_load(v, v->arena, L3,
		    arena_printf(v->arena, "%s.tsr", path), LIMIT_TRUST,
		    &token, &len) == 0)
			v->note_us[i] = run_token(v, token, len, note,
			    notelen, path);
	}
	if (v->ntime == 0)
		return;
	v->r->result[L3] = VERIFY_OK;
	str_addf(&s, "%zu signature%s stamped, the last ", v->ntime,
	    v->ntime == 1 ? "" : "s");
	date_add_time(&s, v->last_time_us);
	v->r->says[L3] = s.p;
}
