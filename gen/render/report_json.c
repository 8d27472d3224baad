#include <string.h>

#include "base/jsonw.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "model/build.h"
#include "render/report.h"

/* exhibit-check/1 (docs/format/check.md): keys in byte order, no null, no
 * boolean; what is not known is not written.  Coverage, streams and unlocks
 * are of the whole run; --only narrows gaps, results and verdicts. */

static void
put_uint(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

static void
put_coverage(struct jsonw *w, const struct build *b)
{
	const struct catalogue *cat = b->catalogue;

	jsonw_key(w, "coverage");
	jsonw_array(w);
	for (size_t i = 0; i < cat->nframework; i++) {
		uint64_t n[COV_UNMAPPED + 1] = { 0 }, all = 0;

		for (size_t k = 0; k < b->findings->ncovered; k++) {
			const struct covered *c = &b->findings->covered[k];

			if (!c->req->assessable || strcmp(c->req->framework,
			    cat->framework[i].id) != 0)
				continue;
			n[c->word]++;
			all++;
		}
		jsonw_object(w);
		put_uint(w, "by_document_only", n[COV_DOCUMENT]);
		jsonw_ktext(w, "framework", cat->framework[i].id);
		put_uint(w, "mapped_but_not_evaluated", n[COV_NOT_EVALUATED]);
		put_uint(w, "requirements", all);
		put_uint(w, "tested_by_data", n[COV_DATA]);
		put_uint(w, "unmapped", n[COV_UNMAPPED]);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

static void
put_place(struct jsonw *w, const struct mark *m)
{
	jsonw_key(w, "fix");
	jsonw_object(w);
	jsonw_kint(w, "col", m->col);
	jsonw_ktext(w, "file", m->file);
	jsonw_kint(w, "line", m->line);
	jsonw_end(w, '}');
}

static void
put_gap(struct jsonw *w, const struct build *b, const struct report_gap *rg)
{
	const struct gap *g = rg->gap;
	const struct control *c = g->verdict->control;

	jsonw_object(w);
	jsonw_ktext(w, "control", c->id);
	jsonw_kint(w, "first_seen_us", g->first_seen_us);
	put_place(w, &g->fix);
	jsonw_ktext(w, "how", g->how);
	jsonw_ktext(w, "id", g->id);
	jsonw_ktext(w, "kind", g->kind);
	jsonw_kint(w, "last_seen_us", b->as_of_us);
	jsonw_kint(w, "later", g->later);
	if (g->notice)
		jsonw_kint(w, "notice", 1);
	jsonw_ktext(w, "owner", g->owner);
	jsonw_key(w, "requirements");
	jsonw_array(w);
	for (size_t i = 0; i < c->nmap; i++)
		jsonw_textz(w, c->map[i].to_id);
	jsonw_end(w, ']');
	jsonw_ktext(w, "scope", g->verdict->scope);
	jsonw_ktext(w, "severity", severity_name(c->severity));
	jsonw_ktext(w, "standing", standing_name(rg->standing));
	jsonw_key(w, "tests");
	jsonw_array(w);
	for (size_t i = 0; i < g->verdict->nresult; i++) {
		const struct result *r = g->verdict->result[i];

		if (r->outcome == OUT_FAIL || r->outcome == OUT_NO_EVIDENCE)
			jsonw_textz(w, r->test ? r->test->id : r->item->id);
	}
	jsonw_end(w, ']');
	if (g->waiver != NULL)
		jsonw_kint(w, "waived_until_us", g->waived_until_us);
	jsonw_ktext(w, "waiver", g->waiver);
	jsonw_end(w, '}');
}

static void
put_requirement(struct jsonw *w, const struct covered *c)
{
	jsonw_object(w);
	jsonw_ktext(w, "coverage", coverage_name(c->word));
	jsonw_ktext(w, "framework", c->req->framework);
	jsonw_ktext(w, "id", c->req->id);
	jsonw_kint(w, "later", c->later);
	jsonw_ktext(w, "status", status_name(c->why_not != NULL ?
	    ST_NOT_APPLICABLE : c->worst));
	jsonw_ktext(w, "why_not", c->why_not);
	jsonw_end(w, '}');
}

/* The tests and the hashes of their texts: what a later run compares with. */
static void
put_tests(struct jsonw *w, const struct catalogue *cat)
{
	char hex[HASH_HEXLEN];

	jsonw_key(w, "tests");
	jsonw_array(w);
	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++) {
			const struct test *t = &cat->control[i].test[k];

			hash_hex(hex, t->sha256);
			jsonw_object(w);
			jsonw_ktext(w, "id", t->id);
			jsonw_ktext(w, "sha256", t->sql == NULL ? NULL : hex);
			jsonw_end(w, '}');
		}
	jsonw_end(w, ']');
}

static void
put_result(struct jsonw *w, const struct result *r)
{
	jsonw_object(w);
	if (r->test != NULL && r->test->advice)
		jsonw_kint(w, "advice", 1);
	put_uint(w, "b", r->b);
	jsonw_ktext(w, "control", r->control->id);
	jsonw_ktext(w, "detail", r->detail);
	if (r->n > 0 && r->first_us != 0)
		jsonw_kint(w, "first_us", r->first_us);
	jsonw_ktext(w, "item", r->item ? r->item->id : NULL);
	if (r->n > 0 && r->last_us != 0)
		jsonw_kint(w, "last_us", r->last_us);
	put_uint(w, "n", r->n);
	jsonw_ktext(w, "outcome", outcome_name(r->outcome));
	jsonw_ktext(w, "reason", r->reason);
	jsonw_ktext(w, "scope", r->scope);
	jsonw_ktext(w, "test", r->test ? r->test->id : NULL);
	if (r->nsample > 0)
		jsonw_ktext(w, "weakest", grade_name(r->weakest));
	put_uint(w, "x", r->x);
	jsonw_end(w, '}');
}

static void
put_stream(struct jsonw *w, const struct stream *s)
{
	char root[HASH_HEXLEN];

	hash_hex(root, s->root);
	jsonw_object(w);
	jsonw_ktext(w, "bad", s->intact ? NULL : s->bad);
	if (!s->intact)
		put_uint(w, "bad_seq", s->bad_seq);
	put_uint(w, "in_period", s->in_period + s->earlier_in_period);
	jsonw_kint(w, "log_signed", s->log_signed);
	jsonw_ktext(w, "origin", s->origin);
	put_uint(w, "read_from", s->read_from);
	jsonw_ktext(w, "root", root);
	put_uint(w, "size", s->size);
	jsonw_ktext(w, "stream", s->name);
	put_uint(w, "waiting", s->waiting);
	jsonw_end(w, '}');
}

static void
put_verdict(struct jsonw *w, const struct verdict *v)
{
	jsonw_object(w);
	jsonw_ktext(w, "control", v->control->id);
	jsonw_ktext(w, "design", status_name(v->design));
	jsonw_ktext(w, "operating", status_name(v->operating));
	jsonw_ktext(w, "scope", v->scope);
	jsonw_ktext(w, "status", status_name(v->all));
	jsonw_end(w, '}');
}

static void
put_unlock(struct jsonw *w, const struct unlock *u)
{
	jsonw_object(w);
	jsonw_key(w, "tests");
	jsonw_array(w);
	for (size_t i = 0; i < u->ntest; i++)
		jsonw_textz(w, u->test[i]->id);
	jsonw_end(w, ']');
	jsonw_ktext(w, "what", u->what);
	jsonw_ktext(w, "where", u->where);
	jsonw_end(w, '}');
}

static void
put_idle(struct jsonw *w, const struct idle *d)
{
	jsonw_object(w);
	jsonw_ktext(w, "detail", d->detail);
	jsonw_ktext(w, "file", d->at.file);
	jsonw_ktext(w, "item", d->item);
	jsonw_kint(w, "line", d->at.line);
	jsonw_ktext(w, "reason", d->reason);
	jsonw_end(w, '}');
}

/* Those of the whole run, or of the gaps and results that are left in. */
static void
put_verdicts(struct jsonw *w, const struct report *r)
{
	const struct findings *f = r->build->findings;

	jsonw_key(w, "verdicts");
	jsonw_array(w);
	for (size_t i = 0; i < f->nverdict; i++) {
		const struct verdict *v = &f->verdict[i];
		int in = !r->only;

		for (size_t k = 0; k < r->nresult && !in; k++)
			in = r->result[k]->control == v->control &&
			    strcmp(r->result[k]->scope, v->scope) == 0;
		if (in)
			put_verdict(w, v);
	}
	jsonw_end(w, ']');
}

static void
put_lists(struct jsonw *w, const struct report *r)
{
	const struct build *b = r->build;
	const struct findings *f = b->findings;

	jsonw_key(w, "requirements");
	jsonw_array(w);
	for (size_t i = 0; i < f->ncovered; i++)
		if (f->covered[i].req->assessable)
			put_requirement(w, &f->covered[i]);
	jsonw_end(w, ']');
	jsonw_key(w, "results");
	jsonw_array(w);
	for (size_t i = 0; i < r->nresult; i++)
		put_result(w, r->result[i]);
	jsonw_end(w, ']');
	jsonw_kint(w, "status", r->status);
	jsonw_key(w, "streams");
	jsonw_array(w);
	for (size_t i = 0; i < b->nstream; i++)
		put_stream(w, &b->stream[i]);
	jsonw_end(w, ']');
	put_tests(w, b->catalogue);
	jsonw_kint(w, "to_us", b->to_us);
	jsonw_key(w, "unlock");
	jsonw_array(w);
	for (size_t i = 0; i < f->nunlock; i++)
		put_unlock(w, &f->unlock[i]);
	jsonw_end(w, ']');
}

void
report_json(struct str *s, const struct report *r)
{
	const struct build *b = r->build;
	struct jsonw w;

	jsonw_init(&w, s);
	jsonw_object(&w);
	jsonw_kint(&w, "as_of_us", b->as_of_us);
	put_coverage(&w, b);
	put_uint(&w, "decided", b->findings->decided);
	jsonw_key(&w, "evidence_idle");
	jsonw_array(&w);
	for (size_t i = 0; i < b->findings->nidle; i++)
		put_idle(&w, &b->findings->idle[i]);
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "fail_on", r->fail_on);
	jsonw_ktext(&w, "format", "exhibit-check/1");
	jsonw_kint(&w, "from_us", b->from_us);
	jsonw_key(&w, "gaps");
	jsonw_array(&w);
	for (size_t i = 0; i < r->ngap; i++)
		put_gap(&w, b, &r->gap[i]);
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "organisation", b->organisation);
	jsonw_ktext(&w, "period", b->period);
	put_lists(&w, r);
	put_verdicts(&w, r);
	jsonw_end(&w, '}');
	str_addc(s, '\n');
}
