#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crypt/hash.h"
#include "pack/replyjson.h"
#include "pack/tag.h"
#include "verify/verify.h"

/* The report as text, and as exhibit-verify/1. */

#define SHOWN 100 /* faults; the rest is counted */

static void
add_visible(struct str *s, const char *text)
{
	utf8_visible(s, text, strlen(text), 0);
}

static const char *
silent(const struct verify_report *r, enum verify_level l)
{
	if (r->says[l] != NULL)
		return r->says[l];
	if (l == LEVEL_TIME)
		return r->require[l] ? "no timestamp" :
		    "no timestamp (the trust file does not require one)";
	if (l == LEVEL_REBUILD)
		return "no rebuilt pack was given";
	return "";
}

static void
put_fault(struct str *s, const struct verify_fault *f)
{
	str_addf(s, "   %s ", fault_name(f->code));
	if (f->path != NULL) {
		add_visible(s, f->path);
		str_addz(s, ": ");
	}
	add_visible(s, f->detail);
	str_addc(s, '\n');
}

/* A level's line, and below it what is not as it should be. */
static void
put_level(struct str *s, const struct verify_report *r, enum verify_level l,
    size_t *shown)
{
	const char *says = silent(r, l);
	size_t from = s->len;

	str_addf(s, "%s %-11s", verify_level_name(l),
	    verify_result_name(r->result[l]));
	if (*says != '\0')
		str_addc(s, ' ');
	add_visible(s, says);
	while (s->len > from && s->p[s->len - 1] == ' ')
		s->p[--s->len] = '\0';
	str_addc(s, '\n');
	for (size_t i = 0; i < r->nfault; i++)
		if (r->fault[i].level == l && ++*shown <= SHOWN)
			put_fault(s, &r->fault[i]);
}

void
verify_text(struct str *s, const struct verify_report *r)
{
	char hex[HASH_HEXLEN];
	size_t shown = 0;

	str_addf(s, "%-10s", verify_verdict(r));
	if (r->info != NULL) {
		str_addc(s, ' ');
		add_visible(s, r->info->organisation);
		str_addc(s, ' ');
		add_visible(s, r->info->period);
	}
	if (r->have_manifest) {
		hash_hex(hex, r->manifest);
		str_addf(s, "   manifest sha256 %s", hex);
	}
	if (r->demo_key)
		str_addz(s, "   demo key: anyone can sign with it");
	str_addc(s, '\n');
	for (int l = 0; l < LEVEL_N; l++)
		if (l != LEVEL_REBUILD || (r->reply == NULL &&
		    r->result[l] != VERIFY_NOT_RUN))
			put_level(s, r, (enum verify_level)l, &shown);
	if (shown > SHOWN)
		str_addf(s, "   ... and %zu more\n", shown - SHOWN);
	str_addf(s, "not proved: that events are true, or that every act was "
	    "recorded%s\n", r->reply != NULL ? "" :
	    " (README.txt, \"Limits\")");
}

static void
put_hash(struct jsonw *w, const char *key, const uint8_t sum[HASH_LEN])
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, sum);
	jsonw_ktext(w, key, hex);
}

static void
put_levels(struct jsonw *w, const struct verify_report *r)
{
	jsonw_key(w, "levels");
	jsonw_array(w);
	for (int l = 0; l < LEVEL_N; l++) {
		jsonw_object(w);
		jsonw_key(w, "checks");
		jsonw_array(w);
		for (size_t i = 0; i < r->nfault; i++) {
			const struct verify_fault *f = &r->fault[i];

			if (f->level != (enum verify_level)l)
				continue;
			jsonw_object(w);
			jsonw_ktext(w, "check", fault_says(f->code));
			jsonw_ktext(w, "code", fault_name(f->code));
			jsonw_ktext(w, "detail", f->detail);
			jsonw_ktext(w, "path", f->path);
			jsonw_ktext(w, "result",
			    fault_kind(f->code) == ERR_UNDECIDED ?
			    "not-run" : "bad");
			jsonw_end(w, '}');
		}
		jsonw_end(w, ']');
		jsonw_ktext(w, "level",
		    verify_level_name((enum verify_level)l));
		jsonw_ktext(w, "result", verify_result_name(r->result[l]));
		jsonw_ktext(w, "says", silent(r, (enum verify_level)l));
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

/* One sentence an entry, from the text of README.txt. */
static void
put_limits(struct jsonw *w, const struct verify_report *r)
{
	struct str s = str_new(r->arena), one = str_new(r->arena);

	jsonw_key(w, "not_proved");
	jsonw_array(w);
	if (r->info != NULL)
		tag_limits(&s, r->info);
	for (char *p = s.p, *lf; *p != '\0'; p = lf + 1) {
		lf = strchr(p, '\n');
		str_reset(&one);
		str_add(&one, p + 2, (size_t)(lf - p) - 2);
		while (strncmp(lf + 1, "  ", 2) == 0) {
			p = lf + 2;
			lf = strchr(p, '\n');
			str_add(&one, p, (size_t)(lf - p));
		}
		jsonw_text(w, one.p, one.len);
	}
	jsonw_end(w, ']');
}

static void
put_pack(struct jsonw *w, const struct verify_report *r)
{
	jsonw_key(w, r->reply != NULL ? "reply" : "pack");
	jsonw_object(w);
	if (r->reply != NULL)
		jsonw_ktext(w, "expr", r->reply->expr);
	jsonw_kint(w, "files", (int64_t)r->nfile);
	if (r->have_manifest)
		put_hash(w, "manifest_sha256", r->manifest);
	if (r->info != NULL) {
		jsonw_ktext(w, "organisation", r->info->organisation);
		jsonw_ktext(w, "period", r->reply != NULL ? NULL :
		    r->info->period);
		jsonw_kint(w, "records", (int64_t)r->records);
	}
	jsonw_end(w, '}');
}

static void
put_signers(struct jsonw *w, const struct verify_report *r)
{
	jsonw_key(w, "signers");
	jsonw_array(w);
	for (size_t i = 0; i < r->nsigner; i++) {
		const struct verify_signer *s = &r->signer[i];

		jsonw_object(w);
		put_hash(w, "keyid", s->keyid);
		jsonw_ktext(w, "name", s->name);
		jsonw_ktext(w, "person", s->person);
		jsonw_ktext(w, "role", s->role);
		jsonw_kint(w, "signed_us", s->signed_us);
		if (s->time_us != 0)
			jsonw_kint(w, "time_us", s->time_us);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

static void
put_streams(struct jsonw *w, const struct verify_report *r)
{
	jsonw_key(w, "streams");
	jsonw_array(w);
	for (size_t i = 0; r->info != NULL && i < r->info->nstream; i++) {
		const struct packstream *s = &r->info->stream[i];

		jsonw_object(w);
		jsonw_kint(w, "log_signed", s->log_signed);
		jsonw_ktext(w, "origin", s->origin);
		if (r->reply == NULL) {
			jsonw_kint(w, "previous_size",
			    (int64_t)s->previous_size);
			jsonw_kint(w, "read_from", (int64_t)s->read_from);
		}
		put_hash(w, "root", s->root);
		jsonw_kint(w, "size", (int64_t)s->size);
		jsonw_ktext(w, "stream", s->stream);
		if (r->reply == NULL)
			jsonw_kint(w, "waiting", (int64_t)s->waiting);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

void
verify_json(struct str *s, const struct verify_report *r)
{
	struct jsonw w;

	jsonw_init(&w, s);
	jsonw_object(&w);
	jsonw_kint(&w, "demo_key", r->demo_key);
	jsonw_ktext(&w, "format", "exhibit-verify/1");
	put_levels(&w, r);
	put_limits(&w, r);
	put_pack(&w, r);
	put_signers(&w, r);
	jsonw_kint(&w, "status", (int64_t)verify_status(r));
	put_streams(&w, r);
	jsonw_ktext(&w, "trust", r->trust);
	jsonw_ktext(&w, "verdict", verify_verdict(r));
	jsonw_end(&w, '}');
	str_addc(s, '\n');
}
