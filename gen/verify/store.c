#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "chain/pass.h"
#include "crypt/note.h"
#include "pack/demo.h"
#include "verify/store.h"

#define SHOWN 100

void
verify_store_init(struct verify_store *v, struct arena *a,
    const struct trust *t, int64_t as_of_us)
{
	*v = (struct verify_store){ .arena = a, .trust = t,
		.as_of_us = as_of_us };
	v->lines = arena_alloc(a, sizeof(*v->lines));
	*v->lines = str_new(a);
}

void
verify_store_fault(struct verify_store *v, const char *stream,
    enum fault_code code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	*VEC_PUSH(v->arena, v->fault, v->nfault, v->capfault) =
	    (struct verify_store_fault){ stream, code,
		arena_strdup(v->arena, text) };
}

static int
cmp_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

uint64_t *
verify_store_cuts(struct arena *a, const struct verify_stream *s, size_t *n)
{
	uint64_t *cut = arena_array(a, s->nnote + s->nkept + 1, sizeof(*cut));
	size_t all = 0;

	for (size_t i = 0; i < s->nnote; i++)
		cut[all++] = s->note[i].size;
	for (size_t i = 0; i < s->nkept; i++)
		if (str_eq(s->kept[i].origin, s->origin))
			cut[all++] = s->kept[i].size;
	if (all > 1)
		qsort(cut, all, sizeof(*cut), cmp_size);
	*n = 0;
	for (size_t i = 0; i < all; i++)
		if (cut[i] != 0 && (*n == 0 || cut[*n - 1] != cut[i]))
			cut[(*n)++] = cut[i];
	return cut;
}

static int
root_at(const struct pass *p, uint64_t size, uint8_t root[HASH_LEN])
{
	return pass_root(p, NULL, 0, size, root);
}

static void
check_chain(struct verify_store *v, const struct verify_stream *s)
{
	const struct pass *p = s->pass;

	if (p->bad) {
		verify_store_fault(v, s->stream, FAULT_STORE_CHAIN, "%s",
		    p->bad_text);
		if (p->bad_seq > 0)
			str_addf(v->lines, "  rows        %" PRIu64
			    " rows; good up to %" PRIu64 ", bad at %" PRIu64
			    "\n", s->size, p->bad_seq - 1, p->bad_seq);
		else
			str_addf(v->lines, "  rows        %" PRIu64
			    " rows; the first is bad\n", s->size);
		return;
	}
	if (p->next != s->size)
		verify_store_fault(v, s->stream, FAULT_STORE_CHAIN,
		    "%" PRIu64 " rows were read, the store says %" PRIu64,
		    p->next, s->size);
	str_addf(v->lines, "  rows        %" PRIu64 " rows", p->next);
	if (p->next > 0)
		str_addf(v->lines, ", seq 0..%" PRIu64 ", all linked",
		    p->next - 1);
	str_addc(v->lines, '\n');
}

/* A whole segment has a row, with the root and times of its rows; the last
 * and partial one has none. */
static void
check_segments(struct verify_store *v, const struct verify_stream *s)
{
	const struct pass *p = s->pass;
	size_t whole = 0;

	for (size_t i = 0; i < p->nsegment; i++) {
		const struct pass_segment *have = &p->segment[i];
		const struct verify_segment *row = &s->segment[whole];

		if (have->n != LIMIT_SEGMENT)
			continue;
		if (whole >= s->nsegment || row->first != have->first)
			verify_store_fault(v, s->stream, FAULT_STORE_SEGMENT,
			    "the segment from %" PRIu64 " has no row",
			    have->first);
		else if (memcmp(row->root, have->root, HASH_LEN) != 0)
			verify_store_fault(v, s->stream, FAULT_STORE_SEGMENT,
			    "the segment from %" PRIu64 " has another root",
			    have->first);
		else if (row->from_us != have->from_us ||
		    row->to_us != have->to_us)
			verify_store_fault(v, s->stream, FAULT_STORE_SEGMENT,
			    "the segment from %" PRIu64 " has other times",
			    have->first);
		whole++;
	}
	if (whole < s->nsegment)
		verify_store_fault(v, s->stream, FAULT_STORE_SEGMENT,
		    "a row for a segment from %" PRIu64 " that is not there",
		    s->segment[whole].first);
	str_addf(v->lines, "  segments    %zu whole\n", whole);
}

/* 1 a key valid now signed, 0 none did, -1 a trusted key's line is bad. */
static int
signed_by(struct verify_store *v, const struct checkpoint *c)
{
	int held = 0;

	for (size_t i = 0; i < v->trust->nkey; i++) {
		const struct trust_key *k = &v->trust->key[i];
		int r = trust_origin(k, c->origin) ?
		    note_check(&c->note, c->origin, &k->pub) : 0;

		if (r == -1)
			return -1;
		if (r == 1 && k->revoked_us == 0 &&
		    k->valid_from_us <= v->as_of_us &&
		    (k->valid_until_us == 0 ||
		    v->as_of_us < k->valid_until_us)) {
			held = 1;
			v->demo_key |= demo_is(k->pub.id);
		}
	}
	return held;
}

/* An old note may be by a key that has ended; the newest may not. */
static void
check_signature(struct verify_store *v, const struct verify_stream *s,
    const struct checkpoint *c, int newest)
{
	int r = v->trust != NULL ? signed_by(v, c) : 0;

	if (r == -1)
		verify_store_fault(v, s->stream, FAULT_CHECKPOINT_SIG,
		    "checkpoint %" PRIu64 ": the signature of a trusted key "
		    "does not hold", c->size);
	else if (r == 0 && newest && v->trust != NULL)
		verify_store_fault(v, s->stream, FAULT_CHECKPOINT_KEY,
		    "checkpoint %" PRIu64 ": no trusted key that is valid now "
		    "signed it", c->size);
}

static int
check_note(struct verify_store *v, const struct verify_stream *s,
    const struct verify_note *n, int newest)
{
	uint8_t root[HASH_LEN];
	struct checkpoint c;
	struct err e = { 0 };

	if (note_checkpoint(v->arena, n->note, strlen(n->note), &c, &e) ==
	    -1) {
		verify_store_fault(v, s->stream, FAULT_NOTE_FORM,
		    "checkpoint %" PRIu64 ": %s", n->size, e.msg);
		return -1;
	}
	if (!str_eq(c.origin, s->origin)) {
		verify_store_fault(v, s->stream, FAULT_CHECKPOINT_ORIGIN,
		    "checkpoint %" PRIu64 " is of %s", n->size, c.origin);
		return -1;
	}
	if (c.size > s->size) {
		verify_store_fault(v, s->stream, FAULT_LOG_ROLLBACK,
		    "the store has %" PRIu64 " rows, a checkpoint %" PRIu64,
		    s->size, c.size);
		return -1;
	}
	if (c.size != n->size || root_at(s->pass, c.size, root) == -1 ||
	    memcmp(root, c.root, HASH_LEN) != 0) {
		/* Of a broken chain it follows, and was said. */
		if (!s->pass->bad)
			verify_store_fault(v, s->stream,
			    FAULT_STORE_CHECKPOINT, "checkpoint %" PRIu64
			    " is not of these rows", n->size);
		return -1;
	}
	check_signature(v, s, &c, newest);
	return c.note.nsig > 0 ? 0 : -1;
}

static void
check_notes(struct verify_store *v, const struct verify_stream *s)
{
	uint64_t last = 0;
	size_t good = 0;

	for (size_t i = 0; i < s->nnote; i++)
		if (check_note(v, s, &s->note[i], i + 1 == s->nnote) == 0) {
			good++;
			last = s->note[i].size;
		}
	if (s->nnote == 0 && s->size > 0)
		verify_store_fault(v, s->stream, FAULT_CHECKPOINT_UNSIGNED,
		    "the log is not signed: no checkpoint");
	str_addf(v->lines, "  checkpoints %zu of %zu agree; %" PRIu64
	    " rows after the last\n", good, s->nnote,
	    s->size > last ? s->size - last : 0);
	v->after += s->size > last ? s->size - last : 0;
}

/* What the reader kept must be a prefix of the log. */
static void
check_kept(struct verify_store *v, const struct verify_stream *s)
{
	for (size_t i = 0; i < s->nkept; i++) {
		const struct verify_kept *k = &s->kept[i];
		uint8_t root[HASH_LEN];

		if (!str_eq(k->origin, s->origin))
			continue;
		if (k->size > s->size)
			verify_store_fault(v, s->stream, FAULT_LOG_ROLLBACK,
			    "you kept a checkpoint of %" PRIu64
			    " rows, the store has %" PRIu64, k->size, s->size);
		else if (!s->pass->bad && k->size > 0 &&
		    (root_at(s->pass, k->size, root) == -1 ||
		    memcmp(root, k->root, HASH_LEN) != 0))
			verify_store_fault(v, s->stream, FAULT_LOG_FORK,
			    "the first %" PRIu64 " rows are not those of the "
			    "checkpoint that you kept", k->size);
		else
			str_addf(v->lines, "  kept        extends your "
			    "checkpoint of %" PRIu64 "\n", k->size);
	}
}

void
verify_store_stream(struct verify_store *v, const struct verify_stream *s)
{
	const struct verify_payloads *p = &s->payloads;

	str_addf(v->lines, "%s\n", s->origin);
	v->rows += s->size;
	check_chain(v, s);
	if (!s->pass->bad)
		check_segments(v, s);
	check_notes(v, s);
	check_kept(v, s);
	if (p->wrong > 0)
		verify_store_fault(v, s->stream, FAULT_STORE_PAYLOAD,
		    "%" PRIu64 " contents are not as their hash; the first is "
		    "%s", p->wrong, p->first_wrong);
	str_addf(v->lines, "  payloads    %" PRIu64 " there, %" PRIu64
	    " erased (%" PRIu64 " erasure events), %" PRIu64 " missing\n",
	    p->there, p->erased, p->erasures, p->missing);
}

void
verify_store_end(struct verify_store *v)
{
	if (v->rows == 0)
		verify_store_fault(v, "", FAULT_NOTHING_TO_VERIFY,
		    "the store holds no event");
	if (v->trust == NULL)
		verify_store_fault(v, "", FAULT_TRUST_NONE,
		    "no trust file was given: --trust FILE");
}

enum err_kind
verify_store_status(const struct verify_store *v)
{
	enum err_kind worst = ERR_OK;

	for (size_t i = 0; i < v->nfault; i++)
		worst = err_worse(worst, fault_kind(v->fault[i].code));
	return worst;
}

static const char *
verdict(const struct verify_store *v)
{
	switch (verify_store_status(v)) {
	case ERR_OK:
		return "verified";
	case ERR_INPUT:
		return "unreadable";
	case ERR_UNDECIDED:
		return "undecided";
	case ERR_SYSTEM:
		return "failed";
	case ERR_GAP:
	case ERR_INTEGRITY:
	default:
		return "rejected";
	}
}

void
verify_store_text(struct str *s, const struct verify_store *v)
{
	str_addf(s, "%-10s %" PRIu64 " rows%s\n", verdict(v), v->rows,
	    v->demo_key ? "   demo key: anyone can sign with it" : "");
	utf8_visible(s, v->lines->p, v->lines->len, 1);
	for (size_t i = 0; i < v->nfault && i < SHOWN; i++) {
		const struct verify_store_fault *f = &v->fault[i];

		str_addf(s, "   %s ", fault_name(f->code));
		if (*f->stream != '\0') {
			utf8_visible(s, f->stream, strlen(f->stream), 0);
			str_addz(s, ": ");
		}
		utf8_visible(s, f->detail, strlen(f->detail), 0);
		str_addc(s, '\n');
	}
	if (v->nfault > SHOWN)
		str_addf(s, "   ... and %zu more\n", v->nfault - SHOWN);
	str_addz(s, "not proved: that events are true, or that every act was "
	    "recorded\n");
}

void
verify_store_json(struct str *s, const struct verify_store *v)
{
	struct jsonw w;

	jsonw_init(&w, s);
	jsonw_object(&w);
	jsonw_key(&w, "checks");
	jsonw_array(&w);
	for (size_t i = 0; i < v->nfault; i++) {
		const struct verify_store_fault *f = &v->fault[i];

		jsonw_object(&w);
		jsonw_ktext(&w, "check", fault_says(f->code));
		jsonw_ktext(&w, "code", fault_name(f->code));
		jsonw_ktext(&w, "detail", f->detail);
		jsonw_ktext(&w, "stream", f->stream);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	jsonw_kint(&w, "demo_key", v->demo_key);
	jsonw_ktext(&w, "format", "exhibit-verify/1");
	jsonw_kint(&w, "rows", (int64_t)v->rows);
	jsonw_kint(&w, "rows_after_checkpoint", (int64_t)v->after);
	jsonw_kint(&w, "status", (int64_t)verify_store_status(v));
	jsonw_ktext(&w, "trust", v->trust != NULL ? v->trust->organisation :
	    NULL);
	jsonw_ktext(&w, "verdict", verdict(v));
	jsonw_end(&w, '}');
	str_addc(s, '\n');
}
