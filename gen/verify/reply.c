#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "model/event.h"
#include "model/record.h"
#include "pack/manifest.h"
#include "pack/replyjson.h"
#include "pack/sample.h"
#include "verify/run.h"

/*
 * A reply (docs/format/pack.md section 13): what a pack does not hold, handed
 * over later.  Nobody signs it and no manifest lists it: each of its files
 * must have its place, every record must be in the log, and what is disclosed
 * must be what a record says.  L1 takes the place of a manifest by hashing
 * every file once; the checks of a pack then read them.
 */

#define L1 LEVEL_INTEGRITY
#define L4 LEVEL_LOG
#define SALT 16

static int
under(const char *path, const char *folder)
{
	return strncmp(path, folder, strlen(folder)) == 0;
}

/* Every file, as if a manifest listed it. */
static void
list_files(struct run *v)
{
	struct arena *a = arena_new();
	uint8_t sum[HASH_LEN];
	struct fault f;
	char *p;
	size_t len;

	for (size_t i = 0; i < packin_count(v->in); i++) {
		const struct packin_file *file = packin_at(v->in, i);

		if (packin_load(v->in, a, file, LIMIT_LOG_RECORD, &p, &len,
		    &f) == -1)
			run_fault(v, L1, file->path, &f);
		else {
			hash_bytes(v->hash, sum, p, len);
			manifest_add(v->arena, &v->set, file->path, len, sum);
		}
		arena_reset(a);
	}
	manifest_sort(&v->set);
	v->good = arena_alloc(v->arena, v->set.nfile + 1);
	memset(v->good, 1, v->set.nfile + 1);
	v->r->nfile = v->set.nfile;
	if (packin_empty(v->in) != NULL)
		run_faultf(v, L1, FAULT_FILE_UNLISTED, packin_empty(v->in),
		    "an empty folder");
	arena_free(a);
}

/* records/, proofs/ and disclosed/ are looked at file by file later. */
static void
check_places(struct run *v)
{
	for (size_t i = 0; i < v->set.nfile; i++) {
		const char *path = v->set.file[i].path;
		int ok = str_eq(path, REPLY_JSON) || under(path, "records/") ||
		    under(path, "proofs/") || under(path, "disclosed/");

		for (size_t k = 0; !ok && k < v->info.nstream; k++) {
			const struct packstream *s = &v->info.stream[k];

			ok = str_eq(path, run_log_path(v, s, "checkpoint")) ||
			    str_eq(path, run_log_path(v, s, "consistency"));
		}
		if (!ok)
			run_faultf(v, L1, FAULT_FILE_UNLISTED, path,
			    "the format has no such file");
	}
}

void
level_reply(struct run *v)
{
	struct replyinfo *ri = arena_alloc(v->arena, sizeof(*ri));
	struct fault f;
	char *p;
	size_t len;

	v->r->result[L1] = VERIFY_OK;
	list_files(v);
	if (run_load(v, v->arena, L1, REPLY_JSON, LIMIT_PACK_JSON, &p, &len) !=
	    0)
		return;
	if (replyjson_parse(v->arena, p, len, ri, &f) == -1) {
		run_fault(v, L1, REPLY_JSON, &f);
		return;
	}
	v->reply = v->r->reply = ri;
	v->have_info = 1;
	v->r->info = &v->info;
	v->info.organisation = ri->organisation;
	v->info.period = "reply";
	v->info.nonce = ri->nonce;
	v->info.k = ri->k;
	v->info.nstream = ri->nstream;
	v->info.stream = arena_array(v->arena, ri->nstream + 1,
	    sizeof(*v->info.stream));
	for (size_t i = 0; i < ri->nstream; i++) {
		v->info.stream[i].stream = ri->stream[i].stream;
		v->info.stream[i].dir = ri->stream[i].dir;
		v->info.stream[i].origin = ri->stream[i].origin;
	}
	check_places(v);
	v->r->says[L1] = arena_printf(v->arena, "%zu file%s", v->set.nfile,
	    v->set.nfile == 1 ? "" : "s");
	/* No person signs a reply: it stands on the log alone. */
	for (int l = 0; l < LEVEL_N; l++)
		if (l != L1 && l != L4 && l != LEVEL_APPEND_ONLY)
			v->r->result[l] = VERIFY_NOT_NEEDED;
	v->r->says[LEVEL_SIGNERS] = "no person signs a reply";
	v->r->says[LEVEL_TIME] = "no person signs a reply";
}

/* The rows drawn again: all of the log, so nothing can be swapped. */
static void
check_draw(struct run *v, size_t n)
{
	struct sample want;

	if (run_draw(v, SIZE_MAX, &want) == -1) {
		run_faultf(v, L4, FAULT_LIMIT_SIZE, REPLY_JSON,
		    "too many rows to rank");
		return;
	}
	for (size_t i = 0; i < want.n; i++) {
		char *path = arena_printf(v->arena, "records/%s/%" PRIu64
		    ".json", v->info.stream[want.row[i].stream].dir,
		    want.row[i].seq);

		if (manifest_find(&v->set, path) == NULL)
			run_faultf(v, L4, FAULT_SAMPLE_DRAW, path,
			    "row %zu by rank is not here", i);
	}
	if (n > want.n)
		run_faultf(v, L4, FAULT_SAMPLE_DRAW, REPLY_JSON,
		    "%zu records are here, the sample has %zu rows", n,
		    want.n);
}

static void
check_counts(struct run *v, size_t n)
{
	const struct replyinfo *ri = v->reply;
	uint64_t rows = 0, want = ri->matches;
	char hex[HASH_HEXLEN];

	for (size_t i = 0; i < v->info.nstream; i++)
		rows += v->info.stream[i].size;
	if (ri->nonce != NULL && want > ri->k)
		want = ri->k;
	if (ri->matches > rows || (*ri->expr == '\0' && ri->matches != rows))
		run_faultf(v, L4, FAULT_POPULATION_COUNT, REPLY_JSON,
		    "%" PRIu64 " rows match, the log has %" PRIu64,
		    ri->matches, rows);
	if (*ri->expr == '\0' && ri->nonce != NULL)
		check_draw(v, n);
	else if (n != want)
		run_faultf(v, L4, FAULT_POPULATION_COUNT, REPLY_JSON,
		    "%zu records are here, want %" PRIu64, n, want);
	for (size_t i = 0; ri->nonce != NULL && i < v->info.nstream; i++) {
		hash_hex(hex, v->info.stream[i].root);
		if (str_eq(hex, ri->nonce))
			run_faultf(v, L4, FAULT_SAMPLE_NONCE, REPLY_JSON,
			    "the root of %s as the auditor's nonce",
			    v->info.stream[i].stream);
	}
	if (n == 0)
		run_faultf(v, L4, FAULT_NOTHING_TO_VERIFY, REPLY_JSON,
		    "no record is here");
}

/* Contents.  What was used, so that the rest has no place. */
struct contents {
	struct run *v;
	struct arena *arena; /* of one record */
	char *used;          /* of each file */
	size_t here, held;
};

static int
take(struct contents *c, const char *path, char **p, size_t *len)
{
	const struct packfile *pf = manifest_find(&c->v->set, path);

	if (pf == NULL)
		return -1;
	c->used[pf - c->v->set.file] = 1;
	return run_load(c->v, c->arena, L4, path, LIMIT_LOG_RECORD, p, len);
}

/* Whether reply.json says why it is not here. */
static int
is_held(struct contents *c, const char *base, const char *column)
{
	const struct replyinfo *ri = c->v->reply;

	for (size_t i = 0; i < ri->nheld; i++)
		if (str_eq(ri->held[i].column, column) &&
		    str_eq(arena_printf(c->arena, "disclosed/%s/%" PRIu64
		    ".%s", ri->held[i].dir, ri->held[i].seq, column), base))
			return 1;
	return 0;
}

static int
is_wanted(const struct replyinfo *ri, const char *column)
{
	for (size_t i = 0; i < ri->ndisclose; i++)
		if (str_eq(ri->disclose[i], column))
			return 1;
	return 0;
}

/* One column of a record; base: "disclosed/<dir>/<seq>.<column>". */
static void
check_content(struct contents *c, const char *base, const char *column,
    const char *want)
{
	char *salt, *content, hex[HASH_HEXLEN];
	size_t nsalt, ncontent;
	int has_salt = take(c, arena_printf(c->arena, "%s.salt", base), &salt,
	    &nsalt);
	int has = take(c, arena_printf(c->arena, "%s.content", base), &content,
	    &ncontent);
	int held = is_held(c, base, column);
	uint8_t sum[HASH_LEN];

	c->held += (size_t)held;
	if (has == -1 && has_salt == -1) {
		if (!held && is_wanted(c->v->reply, column))
			run_faultf(c->v, L4, FAULT_FILE_MISSING, base,
			    "is not here, and nothing says why");
		return;
	}
	if (held) {
		run_faultf(c->v, L4, FAULT_DISCLOSURE_ORPHAN, base,
		    "is here, and said to be withheld");
		return;
	}
	if (has == -1 || has_salt == -1) {
		run_faultf(c->v, L4, FAULT_FILE_MISSING, base,
		    "has no %s", has == -1 ? ".content" : ".salt");
		return;
	}
	if (has != 0 || has_salt != 0)
		return;
	hash_start(c->v->hash);
	hash_add(c->v->hash, salt, nsalt);
	hash_add(c->v->hash, content, ncontent);
	hash_end(c->v->hash, sum);
	hash_hex(hex, sum);
	if (nsalt != SALT || strcmp(hex, want) != 0)
		run_faultf(c->v, L4, FAULT_DISCLOSURE_HASH, base,
		    "hashes to %s, the record says %.64s", hex, want);
	else
		c->here++;
}

/* What cannot be parsed was said of the record, and discloses nothing. */
static void
check_row(struct contents *c, size_t i)
{
	const char *path = c->v->set.file[i].path;
	struct value col[EVENT_NCOL];
	struct err ignored = { 0 };
	char *p;
	size_t len;

	if (!under(path, "records/") || strlen(path) < 14 ||
	    run_load_at(c->v, c->arena, L4, i, LIMIT_RECORD, &p, &len) != 0 ||
	    record_parse(c->arena, p, len, col, &ignored) == -1)
		return;
	for (size_t k = 0; k < EVENT_NCONTENT; k++) {
		const char *column = event_column[event_content[k].col].name;
		const char *want = value_text(&col[event_content[k].col]);

		if (want != NULL)
			check_content(c, arena_printf(c->arena,
			    "disclosed/%.*s.%s", (int)strlen(path) - 13,
			    path + 8, column), column, want);
	}
}

static size_t
check_contents(struct run *v)
{
	struct contents c = { .v = v, .arena = arena_new() };
	size_t here;

	c.used = arena_alloc(v->arena, v->set.nfile + 1);
	memset(c.used, 0, v->set.nfile + 1);
	for (size_t i = 0; i < v->set.nfile; i++) {
		check_row(&c, i);
		arena_reset(c.arena);
	}
	for (size_t i = 0; i < v->set.nfile; i++)
		if (under(v->set.file[i].path, "disclosed/") && !c.used[i])
			run_faultf(v, L4, FAULT_DISCLOSURE_ORPHAN,
			    v->set.file[i].path,
			    "no record here has that column");
	if (c.held != v->reply->nheld)
		run_faultf(v, L4, FAULT_DISCLOSURE_ORPHAN, REPLY_JSON,
		    "withheld names what no record here has");
	here = c.here;
	arena_free(c.arena);
	return here;
}

static void
say(struct run *v, size_t contents)
{
	const struct replyinfo *ri = v->reply;
	struct str s = str_new(v->arena);

	if (!v->have_trust)
		str_addz(&s, "arithmetic alone: ");
	for (size_t i = 0; i < v->info.nstream && i < 8; i++)
		str_addf(&s, "%s: %" PRIu64 " events; ",
		    v->info.stream[i].stream, v->info.stream[i].size);
	if (v->info.nstream > 8)
		str_addf(&s, "and %zu more streams; ", v->info.nstream - 8);
	str_addf(&s, "%" PRIu64 " record%s proved", v->r->records,
	    v->r->records == 1 ? "" : "s");
	if (ri->nonce != NULL)
		str_addf(&s, "; the sample of %s by nonce %s",
		    *ri->expr == '\0' ? "the whole log" : "what matched",
		    ri->nonce);
	if (*ri->expr != '\0')
		str_addf(&s, "; that %" PRIu64 " rows match is the sender's "
		    "word", ri->matches);
	str_addf(&s, "; %zu content%s, %zu withheld", contents,
	    contents == 1 ? "" : "s", ri->nheld);
	v->r->says[L4] = s.p;
}

void
level_reply_log(struct run *v)
{
	size_t n, len;
	char *p;

	v->r->result[L4] = v->have_trust ? VERIFY_OK : VERIFY_NOT_RUN;
	v->checkpoint = arena_array(v->arena, v->info.nstream + 1,
	    sizeof(*v->checkpoint));
	v->prev = arena_array(v->arena, v->info.nstream + 1,
	    sizeof(*v->prev));
	for (size_t i = 0; i < v->info.nstream; i++) {
		struct packstream *s = &v->info.stream[i];

		if (run_checkpoint(v, i, &p, &len) == -1)
			continue;
		s->size = v->checkpoint[i].size;
		memcpy(s->root, v->checkpoint[i].root, HASH_LEN);
		s->log_signed = v->checkpoint[i].note.nsig > 0;
	}
	n = level_log_records(v);
	check_counts(v, n);
	say(v, check_contents(v));
}
