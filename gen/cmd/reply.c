#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/cited.h"
#include "cmd/contents.h"
#include "cmd/facts.h"
#include "cmd/reply.h"
#include "crypt/note.h"
#include "eval/query.h"
#include "pack/name.h"
#include "pack/proof.h"
#include "pack/replyjson.h"
#include "pack/sample.h"

struct reply {
	struct arena *arena;
	const struct options *options;
	const struct reply_want *want;
	struct facts f;
	struct query query;
	struct replyinfo info;
	struct checkpoint kept;     /* --previous; origin NULL: none */
	struct previous previous;
	struct hash *hash;
	struct sample sample;
	struct cite *cite;
	size_t n, cap;
	size_t most;                /* rows that a reply can hold */
	uint64_t blind, waiting;
	struct packlog *log;
	struct map *gone;           /* "stream@subject", "stream#event_id" */
	struct packout out;
	uint64_t contents, erased, missing, elsewhere;
};

/* What was typed. */

static int
read_sample(struct reply *r, struct err *e)
{
	const struct reply_want *w = r->want;
	char *end;

	if ((w->sample == NULL) != (w->nonce == NULL))
		return err_set(e, ERR_INPUT, "--sample and --nonce go "
		    "together: the auditor names K and picks HEX");
	if (w->sample == NULL)
		return 0;
	r->info.k = strtoull(w->sample, &end, 10);
	if (*end != '\0' || strchr("0123456789", *w->sample) == NULL ||
	    r->info.k == 0 || r->info.k > SAMPLE_MAX)
		return err_set(e, ERR_INPUT, "--sample %s: want a whole "
		    "number from 1 to %d", w->sample, SAMPLE_MAX);
	if (!sample_nonce_ok(w->nonce))
		return err_set(e, ERR_INPUT, "--nonce %s: want 16 to 64 "
		    "lower-case hex digits", w->nonce);
	r->info.nonce = w->nonce;
	sample_init(&r->sample, r->arena, (size_t)r->info.k);
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
read_column(struct reply *r, const char *name, struct err *e)
{
	const char *all[EVENT_NCONTENT];
	struct str s = str_new(r->arena);

	for (size_t i = 0; i < EVENT_NCONTENT; i++) {
		all[i] = event_column[event_content[i].col].name;
		if (strcmp(all[i], name) == 0) {
			for (size_t k = 0; k < r->info.ndisclose; k++)
				if (strcmp(r->info.disclose[k], name) == 0)
					return 0;
			r->info.disclose[r->info.ndisclose++] = all[i];
			return 0;
		}
		str_addf(&s, " %s", all[i]);
	}
	return err_set(e, ERR_INPUT, "--disclose: '%s' names no content; "
	    "there are%s", name, s.p);
}

static int
read_disclose(struct reply *r, struct err *e)
{
	const char *p = r->want->disclose;

	r->info.disclose = arena_array(r->arena, EVENT_NCONTENT,
	    sizeof(*r->info.disclose));
	while (p != NULL) {
		size_t n = strcspn(p, ",");

		if (read_column(r, arena_strndup(r->arena, p, n), e) == -1)
			return -1;
		p = p[n] == '\0' ? NULL : p + n + 1;
	}
	if (r->info.ndisclose > 1)
		qsort(r->info.disclose, r->info.ndisclose,
		    sizeof(*r->info.disclose), by_text);
	return 0;
}

/* The checkpoint that the auditor kept: the log must extend it. */
static int
read_kept(struct reply *r, struct err *e)
{
	const char *path = r->want->previous, *name;
	struct previous_stream *s;
	size_t len;
	char *p;

	if (path == NULL)
		return 0;
	if (out_slurp(r->arena, path, LIMIT_NOTE, &p, &len, e) == -1)
		return -1;
	if (note_checkpoint(r->arena, p, len, &r->kept, e) == -1)
		return err_wrap(e, "--previous %s: want a checkpoint", path);
	name = strrchr(r->kept.origin, '/');
	s = arena_alloc(r->arena, sizeof(*s));
	*s = (struct previous_stream){ name != NULL ? name + 1 : "", p,
		r->kept.size };
	r->previous.stream = s;
	r->previous.nstream = 1;
	return 0;
}

static int
read_want(struct reply *r, const char *expr, struct err *e)
{
	struct fault f;

	r->info.expr = expr;
	r->info.from_us = r->options->from_us;
	r->info.to_us = r->options->to_us;
	r->info.as_of_us = r->options->as_of_us;
	if (name_text("the expression", expr, &f) == -1)
		return err_set(e, ERR_INPUT, "%s", f.detail);
	if (read_sample(r, e) == -1 || read_disclose(r, e) == -1)
		return -1;
	r->most = (LIMIT_PACK_ENTRIES - 1 - 2 * 1000) /
	    (2 + 2 * r->info.ndisclose);
	return read_kept(r, e);
}

/* The log: signed, unbroken, and an extension of what was kept. */

static int
check_streams(struct reply *r, struct err *e)
{
	const struct build *b = &r->f.build;
	int kept = r->kept.origin == NULL;

	r->info.stream = arena_array(r->arena, b->nstream + 1,
	    sizeof(*r->info.stream));
	for (size_t i = 0; i < b->nstream; i++) {
		const struct stream *s = &b->stream[i];

		if (!s->intact)
			return err_set(e, ERR_INTEGRITY, "%s: the chain is "
			    "broken at %" PRIu64 ": %s; nothing can be "
			    "proved", s->name, s->bad_seq, s->bad);
		if (s->size == 0 && s->waiting == 0)
			continue;
		if (s->note == NULL || !s->log_signed)
			return err_set(e, ERR_UNDECIDED, "%s: no signed "
			    "checkpoint before --as-of, so no proof: exhibit "
			    "sign STORE --role log --key FILE", s->name);
		kept |= str_eq(s->origin, r->kept.origin);
		r->waiting += s->waiting;
		r->info.stream[r->info.nstream++] = (struct replystream){
			s->name, s->dir, s->origin };
	}
	if (r->info.nstream == 0)
		return err_set(e, ERR_UNDECIDED, "the log has no event: "
		    "nothing was asked");
	if (!kept)
		return err_set(e, ERR_INPUT, "--previous: %s is no log of "
		    "this project", r->kept.origin);
	return 0;
}

/* The rows. */

static void
take_row(struct reply *r, uint32_t stream, uint64_t seq)
{
	struct sample_row row = { .stream = stream, .seq = seq };

	r->info.matches++;
	if (r->info.nonce == NULL) {
		if (r->n < r->most)
			*VEC_PUSH(r->arena, r->cite, r->n, r->cap) =
			    (struct cite){ .stream = stream, .seq = seq };
		return;
	}
	sample_rank(r->hash, r->f.build.stream[stream].origin, r->info.nonce,
	    &row);
	sample_add(&r->sample, &row);
}

static int
match_row(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct reply *r = ctx;
	const struct build *b = &r->f.build;

	(void)ncol;
	(void)e;
	for (uint32_t i = 0; i < b->nstream; i++)
		if (str_eq(b->stream[i].name, v[0].p) &&
		    (uint64_t)v[1].i < b->stream[i].size) {
			if (v[2].type == VALUE_NULL)
				r->blind++;
			else
				take_row(r, i, (uint64_t)v[1].i);
		}
	return 0;
}

/* Of no expression every row of the log, whatever the period. */
static int
find_rows(struct reply *r, struct err *e)
{
	const struct options *o = r->options;
	struct facts *f = &r->f;

	for (uint32_t i = 0; *r->info.expr == '\0' && i < f->build.nstream;
	    i++)
		for (uint64_t k = 0; k < f->build.stream[i].size; k++)
			take_row(r, i, k);
	for (size_t i = 0; *r->info.expr != '\0' && i < f->nstore; i++)
		if (store_query(f->store[i], r->query.sql, o->from_us,
		    o->to_us, o->as_of_us, match_row, r, e) == -1)
			return -1;
	for (size_t i = 0; i < r->sample.n; i++)
		*VEC_PUSH(r->arena, r->cite, r->n, r->cap) = (struct cite){
			.stream = (uint32_t)r->sample.row[i].stream,
			.seq = r->sample.row[i].seq };
	if (r->n == 0)
		return err_set(e, ERR_UNDECIDED, "no event matches: there is "
		    "nothing to hand over");
	if (r->n > r->most || (r->info.nonce == NULL &&
	    r->info.matches > r->n))
		return err_set(e, ERR_INPUT, "%" PRIu64 " events match, a "
		    "reply holds at most %zu: let the auditor draw, --sample "
		    "K --nonce HEX", r->info.matches, r->most);
	return 0;
}

static int
prove_rows(struct reply *r, struct err *e)
{
	struct build *b = &r->f.build;
	struct cited_stream *cs = arena_array(r->arena, b->nstream + 1,
	    sizeof(*cs));

	for (size_t i = 0; i < b->nstream; i++) {
		cs[i].store = r->f.store[r->f.store_of[i]];
		cs[i].name = b->stream[i].name;
	}
	return cited_rows(r->arena, b, cs, r->cite, r->n, &r->log, e);
}

/* Contents: salt and text as they were hashed. */
struct content {
	struct arena *arena;
	const char *text, *salt;
	size_t len;
};

static void
keep_content(void *ctx, const struct store_payload *p)
{
	struct content *c = ctx;

	if (p->content == NULL)
		return;
	c->text = arena_strndup(c->arena, p->content, p->len);
	c->salt = p->salt != NULL ? arena_strdup(c->arena, p->salt) : NULL;
	c->len = p->len;
}

static int
write_content(struct reply *r, const char *base, const char *id,
    const struct content *c, struct err *e)
{
	uint8_t salt[HASH_LEN] = { 0 }, sum[HASH_LEN];
	char hex[HASH_HEXLEN];
	int good = contents_salt(salt, c->salt) == 0;

	hash_start(r->hash);
	hash_add(r->hash, salt, CONTENTS_SALT);
	hash_add(r->hash, c->text, c->len);
	hash_end(r->hash, sum);
	hash_hex(hex, sum);
	if (!good || strcmp(hex, id) != 0)
		return err_set(e, ERR_INTEGRITY, "%s: the content in the "
		    "store is not as its hash: exhibit verify STORE", base);
	r->contents++;
	if (packout_file(&r->out, arena_printf(r->arena, "%s.salt", base),
	    salt, CONTENTS_SALT, e) == -1)
		return -1;
	return packout_file(&r->out, arena_printf(r->arena, "%s.content",
	    base), c->text, c->len, e);
}

/* What an erasure on record names: a person (subject) or an event (ref_id),
 * as AU-06.t1 has it. */
static int
erasure_row(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct reply *r = ctx;

	(void)ncol;
	(void)e;
	for (int i = 1; i < 3; i++)
		if (v[i].type == VALUE_TEXT)
			*map_putz(r->gone, arena_printf(r->arena, "%s%c%s",
			    v[0].p, i == 1 ? '@' : '#', v[i].p)) = r;
	return 0;
}

static int
find_erasures(struct reply *r, struct err *e)
{
	const struct options *o = r->options;

	r->gone = map_new(r->arena);
	for (size_t i = 0; i < r->f.nstore; i++)
		if (store_query(r->f.store[i], "SELECT d.stream AS stream, "
		    "d.subject AS subject, d.ref_id AS ref_id FROM event d "
		    "WHERE d.event_type = 'erasure'", o->from_us, o->to_us,
		    o->as_of_us, erasure_row, r, e) == -1)
			return -1;
	return 0;
}

static int
was_erased(const struct reply *r, const struct cited *c)
{
	static const struct { enum event_col col; char mark; } by[] = {
		{ EVENT_USER_ID, '@' }, { EVENT_SUBJECT, '@' },
		{ EVENT_EVENT_ID, '#' },
	};

	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		const char *p = value_text(&c->event.col[by[i].col]);

		if (p != NULL && map_getz(r->gone, arena_printf(r->arena,
		    "%s%c%s", r->f.build.stream[c->at.stream].name,
		    by[i].mark, p)) != NULL)
			return 1;
	}
	return 0;
}

static void
withhold(struct reply *r, const struct cited *c, const char *column,
    const char *why)
{
	*VEC_PUSH(r->arena, r->info.held, r->info.nheld, r->info.capheld) =
	    (struct replyheld){ r->f.build.stream[c->at.stream].dir, column,
		why, c->at.seq };
}

static int
disclose(struct reply *r, const struct cited *c, const struct event_content *k,
    struct err *e)
{
	const char *column = event_column[k->col].name;
	const char *id = value_text(&c->event.col[k->col]);
	const struct stream *s = &r->f.build.stream[c->at.stream];
	struct content content = { .arena = arena_new() };
	int found = id == NULL ? 0 : store_payloads(r->f.store[
	    r->f.store_of[c->at.stream]], id, 1, keep_content, &content, e);
	int rc = 0;

	if (found == -1)
		rc = -1;
	else if (content.text != NULL)
		rc = write_content(r, arena_printf(r->arena, "disclosed/%s/%"
		    PRIu64 ".%s", s->dir, c->at.seq, column), id, &content, e);
	else if (id != NULL && (was_erased(r, c) ||
	    (found == 1 && !k->must))) {
		r->erased++;
		withhold(r, c, column, "erased");
	} else if (id != NULL && k->must) {
		r->missing++;
		withhold(r, c, column, "missing");
		cmd_say(r->options, "%s %" PRIu64 " %s: missing: no content, "
		    "and no erasure on record", s->name, c->at.seq, column);
	} else if (id != NULL) {
		r->elsewhere++;
		withhold(r, c, column, "not-kept");
	}
	arena_free(content.arena);
	return rc;
}

static int
is_asked(const struct reply *r, enum event_col col)
{
	for (size_t i = 0; i < r->info.ndisclose; i++)
		if (strcmp(r->info.disclose[i], event_column[col].name) == 0)
			return 1;
	return 0;
}

static int
write_contents(struct reply *r, struct err *e)
{
	const struct build *b = &r->f.build;

	if (r->info.ndisclose > 0 && find_erasures(r, e) == -1)
		return -1;
	for (size_t i = 0; i < b->ncited; i++)
		for (size_t k = 0; k < EVENT_NCONTENT; k++)
			if (is_asked(r, event_content[k].col) &&
			    disclose(r, &b->cited[i], &event_content[k], e) ==
			    -1)
				return -1;
	return 0;
}

/* The folder. */

static int
write_log(struct reply *r, size_t i, struct err *e)
{
	const struct stream *s = &r->f.build.stream[i];
	struct str p = str_new(r->arena);

	if (s->note == NULL)
		return 0;
	if (packout_file(&r->out, arena_printf(r->arena, "log/%s/checkpoint",
	    s->dir), s->note, strlen(s->note), e) == -1)
		return -1;
	if (r->kept.origin == NULL || !str_eq(s->origin, r->kept.origin))
		return 0;
	proof_write_consistency(&p, s->previous_size, r->log[i].consistency,
	    r->log[i].nconsistency, s->note);
	return packout_file(&r->out, arena_printf(r->arena,
	    "log/%s/consistency", s->dir), p.p, p.len, e);
}

static int
write_all(struct reply *r, struct err *e)
{
	const struct build *b = &r->f.build;
	struct str s = str_new(r->arena);

	if (packout_records(&r->out, b, "", e) == -1)
		return -1;
	for (size_t i = 0; i < b->nstream; i++)
		if (write_log(r, i, e) == -1)
			return -1;
	if (write_contents(r, e) == -1)
		return -1;
	replyjson_write(&s, &r->info);
	if (r->options->json)
		(void)fwrite(s.p, 1, s.len, stdout);
	return packout_file(&r->out, REPLY_JSON, s.p, s.len, e);
}

static int
publish(struct reply *r, struct err *e)
{
	struct out_swap sw;
	int rc;

	if (out_fresh_begin(&sw, r->want->dir, e) == -1)
		return -1;
	packout_init(&r->out, r->arena, sw.fd);
	rc = write_all(r, e);
	packout_free(&r->out);
	if (rc == 0)
		return out_swap_done(&sw, e);
	out_swap_abort(&sw);
	return -1;
}

static int
conclude(struct reply *r, struct err *e)
{
	const struct options *o = r->options;

	cmd_say(o, "%s: %zu record%s of %" PRIu64 " that match%s", r->want->dir,
	    r->n, r->n == 1 ? "" : "s", r->info.matches,
	    r->info.matches == 1 ? "es" : "");
	if (r->blind > 0)
		cmd_say(o, "%" PRIu64 " more cannot be decided: a column that "
		    "the expression reads is empty", r->blind);
	if (r->waiting > 0)
		cmd_say(o, "%" PRIu64 " events are newer than the checkpoints "
		    "and are not part of this", r->waiting);
	if (r->info.ndisclose > 0)
		cmd_say(o, "%" PRIu64 " contents disclosed, %" PRIu64
		    " erased, %" PRIu64 " missing, %" PRIu64 " not kept here",
		    r->contents, r->erased, r->missing, r->elsewhere);
	if (r->missing > 0)
		return err_set(e, ERR_GAP, "contents are missing without an "
		    "erasure on record: %" PRIu64 " (AU-06.t1)", r->missing);
	return 0;
}

static int
make(struct reply *r, struct err *e)
{
	struct diag d;

	diag_init(&d, r->arena);
	if (facts_read(r->arena, r->options, &r->f, e) == -1)
		return -1;
	r->info.organisation = r->f.project.organisation;
	if (*r->info.expr != '\0' && query_compile(r->arena, r->f.catalogue,
	    r->info.expr, NULL, &r->query, &d) == -1)
		return cmd_diag(&d, e);
	if (facts_log(r->arena, r->options, r->kept.origin != NULL ?
	    &r->previous : NULL, &r->f, e) == -1 || check_streams(r, e) == -1)
		return -1;
	if (find_rows(r, e) == -1 || prove_rows(r, e) == -1)
		return -1;
	return publish(r, e);
}

int
reply_run(struct arena *a, const struct options *o,
    const struct reply_want *want, const char *expr, struct err *e)
{
	struct reply r = { .arena = a, .options = o, .want = want };
	int rc;

	r.hash = hash_new(a);
	rc = read_want(&r, expr, e);
	if (rc == 0)
		rc = make(&r, e);
	if (facts_close(&r.f) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "a store changed while it was "
		    "read");
	if (rc == 0)
		rc = out_flush(e);
	if (rc == 0)
		rc = conclude(&r, e);
	hash_free(r.hash);
	return rc == -1 ? (int)e->kind : 0;
}
