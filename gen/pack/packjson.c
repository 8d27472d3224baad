#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/str.h"
#include "pack/jsonread.h"
#include "pack/name.h"
#include "pack/packjson.h"

#define INT_MAX_JSON INT64_C(9007199254740991) /* 2^53 - 1 */
#define DEPTH 32

/* Values of the subset only. */
static int
check_value(const json_t *v, int loose, int depth, struct fault *f)
{
	const char *key;
	json_t *child;
	size_t i;

	if (depth > DEPTH)
		return fault_set(f, FAULT_JSON_STRICT, "deeper than %d", DEPTH);
	if (json_is_object(v)) {
		/* jansson takes no const tree to walk over. */
		void *iter, *tree;

		memcpy(&tree, &v, sizeof(tree));
		for (iter = json_object_iter(tree); iter != NULL;
		    iter = json_object_iter_next(tree, iter)) {
			key = json_object_iter_key(iter);
			child = json_object_iter_value(iter);
			if (check_value(child, loose, depth + 1, f) == -1)
				return depth > 1 ? -1 : fault_wrap(f, key);
		}
		return 0;
	}
	if (json_is_array(v)) {
		json_array_foreach(v, i, child)
			if (check_value(child, loose, depth + 1, f) == -1)
				return -1;
		return 0;
	}
	if (json_is_integer(v) && !loose &&
	    (json_integer_value(v) > INT_MAX_JSON ||
	    json_integer_value(v) < -INT_MAX_JSON))
		return fault_set(f, FAULT_JSON_STRICT,
		    "a number outside +-(2^53 - 1)");
	if (json_is_integer(v) || json_is_string(v) || loose)
		return 0;
	return fault_set(f, FAULT_JSON_STRICT,
	    "want integers, strings, arrays and objects alone");
}

json_t *
packjson_load(const char *p, size_t len, int loose, struct fault *f)
{
	json_error_t je;
	json_t *o;

	if (len > LIMIT_PACK_JSON) {
		(void)fault_set(f, FAULT_LIMIT_SIZE, "%zu bytes, at most %u",
		    len, LIMIT_PACK_JSON);
		return NULL;
	}
	o = json_loadb(p, len, JSON_REJECT_DUPLICATES, &je);
	if (o == NULL) {
		(void)fault_set(f, FAULT_JSON_STRICT, "line %d column %d: %s",
		    je.line, je.column, je.text);
		return NULL;
	}
	if (check_value(o, loose, 1, f) == -1) {
		json_decref(o);
		return NULL;
	}
	return o;
}

const char *
packjson_text(const json_t *o, const char *key, struct fault *f)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL)
		(void)fault_set(f, FAULT_JSON_FORM, "%s: want text", key);
	return s;
}

int
packjson_int(const json_t *o, const char *key, int64_t *out, struct fault *f)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return fault_set(f, FAULT_JSON_FORM, "%s: want a number", key);
	*out = json_integer_value(v);
	return 0;
}

int
packjson_uint(const json_t *o, const char *key, uint64_t *out, struct fault *f)
{
	int64_t i;

	if (packjson_int(o, key, &i, f) == -1)
		return -1;
	if (i < 0)
		return fault_set(f, FAULT_JSON_FORM,
		    "%s: want no negative number", key);
	*out = (uint64_t)i;
	return 0;
}

int
packjson_hash(const json_t *o, const char *key, uint8_t out[HASH_LEN],
    struct fault *f)
{
	const char *s = packjson_text(o, key, f);

	if (s == NULL)
		return -1;
	if (strlen(s) != 64 || hash_unhex(out, s) == -1)
		return fault_set(f, FAULT_JSON_FORM,
		    "%s: want 64 lower-case hex digits", key);
	return 0;
}

static void
put_hash(struct jsonw *w, const char *key, const uint8_t sum[HASH_LEN])
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, sum);
	jsonw_ktext(w, key, hex);
}

static void
put_uint(struct jsonw *w, const char *key, uint64_t n)
{
	jsonw_key(w, key);
	jsonw_uint(w, n);
}

static void
put_stream(struct jsonw *w, const struct packstream *s)
{
	jsonw_object(w);
	put_uint(w, "after", s->after);
	put_uint(w, "before", s->before);
	jsonw_ktext(w, "dir", s->dir);
	put_uint(w, "earlier_in_period", s->earlier_in_period);
	put_uint(w, "in_period", s->in_period);
	jsonw_kint(w, "log_signed", s->log_signed);
	jsonw_ktext(w, "origin", s->origin);
	put_uint(w, "previous_size", s->previous_size);
	put_uint(w, "read_from", s->read_from);
	put_hash(w, "root", s->root);
	put_uint(w, "size", s->size);
	jsonw_ktext(w, "stream", s->stream);
	put_uint(w, "waiting", s->waiting);
	jsonw_ktext(w, "weakest_grade", s->weakest);
	jsonw_end(w, '}');
}

static void
put_summary(struct jsonw *w, const struct packinfo *p)
{
	jsonw_key(w, "summary");
	jsonw_object(w);
	put_uint(w, "controls", p->controls);
	put_uint(w, "gaps", p->gaps);
	jsonw_key(w, "verdicts");
	jsonw_object(w);
	for (size_t i = 0; i < p->nverdict; i++)
		put_uint(w, p->verdict[i].word, p->verdict[i].n);
	jsonw_end(w, '}');
	put_uint(w, "waived", p->waived);
	jsonw_end(w, '}');
}

void
packjson_write(struct str *out, const struct packinfo *p)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_kint(&w, "as_of_us", p->as_of_us);
	jsonw_ktext(&w, "format", PACK_FORMAT);
	jsonw_key(&w, "generator");
	jsonw_object(&w);
	jsonw_ktext(&w, "name", p->generator);
	jsonw_ktext(&w, "version", p->version);
	jsonw_end(&w, '}');
	jsonw_key(&w, "inputs");
	jsonw_array(&w);
	for (size_t i = 0; i < p->ninput; i++) {
		jsonw_object(&w);
		put_uint(&w, "bytes", p->input[i].bytes);
		jsonw_ktext(&w, "kind", p->input[i].kind);
		jsonw_ktext(&w, "path", p->input[i].path);
		put_hash(&w, "sha256", p->input[i].sha256);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	jsonw_kint(&w, "interim", p->interim);
	jsonw_ktext(&w, "organisation", p->organisation);
	jsonw_key(&w, "period");
	jsonw_object(&w);
	jsonw_kint(&w, "from_us", p->from_us);
	jsonw_ktext(&w, "name", p->period);
	jsonw_kint(&w, "to_us", p->to_us);
	jsonw_end(&w, '}');
	if (p->previous_period != NULL) {
		jsonw_key(&w, "previous");
		jsonw_object(&w);
		put_hash(&w, "manifest_sha256", p->previous_manifest);
		jsonw_ktext(&w, "period", p->previous_period);
		jsonw_end(&w, '}');
	}
	jsonw_key(&w, "records");
	jsonw_object(&w);
	put_uint(&w, "cited", p->cited);
	put_uint(&w, "included", p->included);
	jsonw_ktext(&w, "reason", p->reason);
	jsonw_end(&w, '}');
	jsonw_key(&w, "sample");
	jsonw_object(&w);
	jsonw_ktext(&w, "drawn_by", p->drawn_by);
	put_uint(&w, "k", p->k);
	jsonw_ktext(&w, "nonce", p->nonce);
	jsonw_ktext(&w, "rule", p->rule);
	jsonw_end(&w, '}');
	jsonw_key(&w, "streams");
	jsonw_array(&w);
	for (size_t i = 0; i < p->nstream; i++)
		put_stream(&w, &p->stream[i]);
	jsonw_end(&w, ']');
	put_summary(&w, p);
	jsonw_end(&w, '}');
	str_addc(out, '\n');
}

static void
sum(struct jsonread *r, const json_t *o, const char *key, uint8_t out[HASH_LEN])
{
	if (!r->bad && packjson_hash(o, key, out, r->fault) == -1)
		r->bad = 1;
}

static void
parse_stream(struct jsonread *r, const json_t *o, struct packstream *s)
{
	uint64_t is_signed;

	s->stream = jsonread_text(r, o, "stream");
	s->dir = jsonread_text(r, o, "dir");
	s->origin = jsonread_text(r, o, "origin");
	s->weakest = jsonread_text(r, o, "weakest_grade");
	s->size = jsonread_uint(r, o, "size");
	s->previous_size = jsonread_uint(r, o, "previous_size");
	s->read_from = jsonread_uint(r, o, "read_from");
	s->in_period = jsonread_uint(r, o, "in_period");
	s->before = jsonread_uint(r, o, "before");
	s->after = jsonread_uint(r, o, "after");
	s->earlier_in_period = jsonread_uint(r, o, "earlier_in_period");
	s->waiting = jsonread_uint(r, o, "waiting");
	sum(r, o, "root", s->root);
	is_signed = jsonread_uint(r, o, "log_signed");
	s->log_signed = is_signed == 1;
	if (is_signed > 1)
		(void)jsonread_refuse(r, "streams: log_signed is neither 0 nor 1");
	if (!r->bad && strcmp(name_dir(r->arena, s->stream), s->dir) != 0)
		(void)jsonread_refuse(r, "streams: dir is not the stream's folder");
}

static void
parse_streams(struct jsonread *r, const json_t *o, struct packinfo *p)
{
	const json_t *v = jsonread_list(r, o, "streams", &p->nstream);

	p->stream = arena_array(r->arena, p->nstream, sizeof(*p->stream));
	for (size_t i = 0; i < p->nstream && !r->bad; i++) {
		parse_stream(r, json_array_get(v, i), &p->stream[i]);
		if (!r->bad && i > 0 &&
		    strcmp(p->stream[i - 1].stream, p->stream[i].stream) >= 0)
			(void)jsonread_refuse(r, "streams: not sorted by stream");
	}
	if (p->nstream == 0)
		(void)jsonread_refuse(r, "streams: want at least one");
}

static void
parse_inputs(struct jsonread *r, const json_t *o, struct packinfo *p)
{
	const json_t *v = jsonread_list(r, o, "inputs", &p->ninput);

	p->input = arena_array(r->arena, p->ninput, sizeof(*p->input));
	for (size_t i = 0; i < p->ninput && !r->bad; i++) {
		const json_t *in = json_array_get(v, i);

		p->input[i].kind = jsonread_text(r, in, "kind");
		p->input[i].path = jsonread_text(r, in, "path");
		p->input[i].bytes = jsonread_uint(r, in, "bytes");
		sum(r, in, "sha256", p->input[i].sha256);
	}
}

static void
parse_summary(struct jsonread *r, const json_t *o, struct packinfo *p)
{
	json_t *words = json_object_get(o, "verdicts"), *v;
	const char *key;
	size_t i = 0;

	p->controls = jsonread_uint(r, o, "controls");
	p->gaps = jsonread_uint(r, o, "gaps");
	p->waived = jsonread_uint(r, o, "waived");
	if (!json_is_object(words)) {
		(void)jsonread_refuse(r, "summary: verdicts: want an object");
		return;
	}
	p->nverdict = json_object_size(words);
	p->verdict = arena_array(r->arena, p->nverdict, sizeof(*p->verdict));
	json_object_foreach(words, key, v) {
		(void)v;
		if (i > 0 && strcmp(p->verdict[i - 1].word, key) > 0)
			(void)jsonread_refuse(r, "summary: verdicts: not sorted");
		p->verdict[i].word = arena_strdup(r->arena, key);
		p->verdict[i++].n = jsonread_uint(r, words, key);
	}
}

static void
parse_all(struct jsonread *r, const json_t *o, struct packinfo *p)
{
	const json_t *v;

	p->organisation = jsonread_text(r, o, "organisation");
	v = json_object_get(o, "period");
	p->period = jsonread_text(r, v, "name");
	p->from_us = jsonread_int(r, v, "from_us");
	p->to_us = jsonread_int(r, v, "to_us");
	v = json_object_get(o, "generator");
	p->generator = jsonread_text(r, v, "name");
	p->version = jsonread_text(r, v, "version");
	p->as_of_us = jsonread_int(r, o, "as_of_us");
	p->interim = (int)jsonread_int(r, o, "interim");
	parse_streams(r, o, p);
	parse_inputs(r, o, p);
	v = json_object_get(o, "sample");
	p->rule = jsonread_text(r, v, "rule");
	p->drawn_by = jsonread_text(r, v, "drawn_by");
	p->nonce = jsonread_text(r, v, "nonce");
	p->k = jsonread_uint(r, v, "k");
	v = json_object_get(o, "records");
	p->cited = jsonread_uint(r, v, "cited");
	p->included = jsonread_uint(r, v, "included");
	p->reason = jsonread_text(r, v, "reason");
	parse_summary(r, json_object_get(o, "summary"), p);
	v = json_object_get(o, "previous");
	if (v != NULL) {
		p->previous_period = jsonread_text(r, v, "period");
		sum(r, v, "manifest_sha256", p->previous_manifest);
	}
}

int
packjson_parse(struct arena *a, const char *bytes, size_t len,
    struct packinfo *p, struct fault *f)
{
	struct jsonread r = { a, f, 0 };
	const char *format;
	json_t *o = packjson_load(bytes, len, 0, f);

	memset(p, 0, sizeof(*p));
	if (o == NULL)
		return -1;
	format = packjson_text(o, "format", f);
	if (format == NULL)
		r.bad = 1;
	else if (strcmp(format, PACK_FORMAT) != 0) {
		(void)fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "format '%.60s', want %s", format, PACK_FORMAT);
		r.bad = 1;
	} else
		parse_all(&r, o, p);
	json_decref(o);
	return r.bad ? -1 : 0;
}
