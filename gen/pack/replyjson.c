#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/vec.h"
#include "pack/jsonread.h"
#include "pack/name.h"
#include "pack/packjson.h"
#include "pack/replyjson.h"
#include "pack/sample.h"

static void
put_held(struct jsonw *w, const struct replyinfo *p)
{
	jsonw_key(w, "withheld");
	jsonw_array(w);
	for (size_t i = 0; i < p->nheld; i++) {
		jsonw_object(w);
		jsonw_ktext(w, "column", p->held[i].column);
		jsonw_ktext(w, "dir", p->held[i].dir);
		jsonw_kint(w, "seq", (int64_t)p->held[i].seq);
		jsonw_ktext(w, "why", p->held[i].why);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

static void
put_sample(struct jsonw *w, const struct replyinfo *p)
{
	if (p->nonce == NULL)
		return;
	jsonw_key(w, "sample");
	jsonw_object(w);
	jsonw_kint(w, "k", (int64_t)p->k);
	jsonw_ktext(w, "nonce", p->nonce);
	jsonw_ktext(w, "rule", SAMPLE_RULE);
	jsonw_end(w, '}');
}

static void
put_streams(struct jsonw *w, const struct replyinfo *p)
{
	jsonw_key(w, "streams");
	jsonw_array(w);
	for (size_t i = 0; i < p->nstream; i++) {
		jsonw_object(w);
		jsonw_ktext(w, "dir", p->stream[i].dir);
		jsonw_ktext(w, "origin", p->stream[i].origin);
		jsonw_ktext(w, "stream", p->stream[i].stream);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

void
replyjson_write(struct str *out, const struct replyinfo *p)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_kint(&w, "as_of_us", p->as_of_us);
	jsonw_key(&w, "disclose");
	jsonw_array(&w);
	for (size_t i = 0; i < p->ndisclose; i++)
		jsonw_textz(&w, p->disclose[i]);
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "expr", p->expr);
	jsonw_ktext(&w, "format", REPLY_FORMAT);
	jsonw_kint(&w, "from_us", p->from_us);
	jsonw_kint(&w, "matches", (int64_t)p->matches);
	jsonw_ktext(&w, "organisation", p->organisation);
	put_sample(&w, p);
	put_streams(&w, p);
	jsonw_kint(&w, "to_us", p->to_us);
	put_held(&w, p);
	jsonw_end(&w, '}');
	str_addc(out, '\n');
}

static void
parse_sample(struct jsonread *r, const json_t *o, struct replyinfo *p)
{
	const json_t *v = json_object_get(o, "sample");
	const char *rule;

	if (v == NULL)
		return;
	p->k = jsonread_uint(r, v, "k");
	p->nonce = jsonread_text(r, v, "nonce");
	rule = jsonread_text(r, v, "rule");
	if (!r->bad && strcmp(rule, SAMPLE_RULE) != 0) {
		r->bad = 1;
		(void)fault_set(r->fault, FAULT_VERSION_UNSUPPORTED,
		    "sample.rule '%.60s', want " SAMPLE_RULE, rule);
	}
	if (p->k == 0 || p->k > SAMPLE_MAX)
		(void)jsonread_refuse(r, "sample.k: want 1 to 10000");
	if (!r->bad && !sample_nonce_ok(p->nonce))
		(void)jsonread_refuse(r, "sample.nonce: want 16 to 64 "
		    "lower-case hex digits");
}

/* Rising by name, each folder that of its stream. */
static void
parse_streams(struct jsonread *r, const json_t *o, struct replyinfo *p)
{
	const json_t *v = jsonread_list(r, o, "streams", &p->nstream);

	p->stream = arena_array(r->arena, p->nstream + 1, sizeof(*p->stream));
	for (size_t i = 0; i < p->nstream && !r->bad; i++) {
		const json_t *one = json_array_get(v, i);
		struct replystream *s = &p->stream[i];

		s->stream = jsonread_text(r, one, "stream");
		s->dir = jsonread_text(r, one, "dir");
		s->origin = jsonread_text(r, one, "origin");
		if (!r->bad &&
		    strcmp(name_dir(r->arena, s->stream), s->dir) != 0)
			(void)jsonread_refuse(r, "streams: dir is not the "
			    "stream's folder");
		if (i > 0 && strcmp(s[-1].stream, s->stream) >= 0)
			(void)jsonread_refuse(r, "streams: not sorted by "
			    "stream");
	}
	if (p->nstream == 0)
		(void)jsonread_refuse(r, "streams: want at least one");
}

static void
parse_contents(struct jsonread *r, const json_t *o, struct replyinfo *p)
{
	const json_t *v = jsonread_list(r, o, "disclose", &p->ndisclose);

	p->disclose = arena_array(r->arena, p->ndisclose + 1,
	    sizeof(*p->disclose));
	for (size_t i = 0; i < p->ndisclose; i++) {
		const char *s = json_string_value(json_array_get(v, i));

		if (s == NULL)
			(void)jsonread_refuse(r, "disclose: want text");
		p->disclose[i] = arena_strdup(r->arena, s != NULL ? s : "");
	}
	v = jsonread_list(r, o, "withheld", &p->nheld);
	p->held = arena_array(r->arena, p->nheld + 1, sizeof(*p->held));
	for (size_t i = 0; i < p->nheld && !r->bad; i++) {
		const json_t *one = json_array_get(v, i);

		p->held[i].column = jsonread_text(r, one, "column");
		p->held[i].dir = jsonread_text(r, one, "dir");
		p->held[i].seq = jsonread_uint(r, one, "seq");
		p->held[i].why = jsonread_text(r, one, "why");
	}
}

int
replyjson_parse(struct arena *a, const char *bytes, size_t len,
    struct replyinfo *p, struct fault *f)
{
	struct jsonread r = { a, f, 0 };
	json_t *o = packjson_load(bytes, len, 0, f);
	const char *format;

	memset(p, 0, sizeof(*p));
	if (o == NULL)
		return -1;
	format = jsonread_text(&r, o, "format");
	if (!r.bad && strcmp(format, REPLY_FORMAT) != 0) {
		(void)fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "format '%.60s', want " REPLY_FORMAT, format);
		r.bad = 1;
	}
	p->organisation = jsonread_text(&r, o, "organisation");
	p->expr = jsonread_text(&r, o, "expr");
	p->from_us = jsonread_int(&r, o, "from_us");
	p->to_us = jsonread_int(&r, o, "to_us");
	p->as_of_us = jsonread_int(&r, o, "as_of_us");
	p->matches = jsonread_uint(&r, o, "matches");
	parse_sample(&r, o, p);
	parse_streams(&r, o, p);
	parse_contents(&r, o, p);
	json_decref(o);
	return r.bad ? -1 : 0;
}
