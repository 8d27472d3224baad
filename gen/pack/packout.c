#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "model/build.h"
#include "pack/manifest.h"
#include "pack/name.h"
#include "pack/packjson.h"
#include "pack/packout.h"
#include "pack/proof.h"
#include "pack/tag.h"
#include "pack/zip.h"

void
packout_init(struct packout *po, struct arena *a, int dir)
{
	pthread_mutex_t *lock = arena_alloc(a, sizeof(*lock));

	*po = (struct packout){ .dir = dir, .arena = a, .lock = lock };
	if (pthread_mutex_init(lock, NULL) != 0)
		err_die("no lock");
}

void
packout_free(struct packout *po)
{
	if (po->lock != NULL)
		(void)pthread_mutex_destroy(po->lock);
	po->lock = NULL;
}

int
packout_file(struct packout *po, const char *path, const void *p, size_t len,
    struct err *e)
{
	struct packset *set = strncmp(path, "data/", 5) == 0 ? &po->set :
	    &po->tag;
	uint8_t sum[HASH_LEN];
	struct fault f;

	if (name_check(path, strlen(path), &f) == -1)
		return fault_err(&f, path, e);
	if (len > LIMIT_PACK_FILE)
		return err_set(e, ERR_INPUT, "%s: over 2 GiB", path);
	if (out_file(po->dir, path, p, len, e) == -1)
		return -1;
	sign_sha256(sum, p, len);
	(void)pthread_mutex_lock(po->lock);
	manifest_add(po->arena, set, path, len, sum);
	(void)pthread_mutex_unlock(po->lock);
	return 0;
}

static int
put(struct packout *po, const struct str *s, struct err *e,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int
put(struct packout *po, const struct str *s, struct err *e,
    const char *fmt, ...)
{
	char path[LIMIT_PACK_NAME + 56];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return packout_file(po, path, s->p, s->len, e);
}

int
packout_records(struct packout *po, const struct build *b, const char *under,
    struct err *e)
{
	struct str s = str_new(po->arena);

	for (size_t i = 0; i < b->ncited; i++) {
		const struct cited *c = &b->cited[i];
		const struct stream *st = &b->stream[c->at.stream];

		str_reset(&s);
		str_add(&s, c->event.record, c->event.recordlen);
		if (put(po, &s, e, "%srecords/%s/%" PRIu64 ".json", under,
		    st->dir, c->at.seq) == -1)
			return -1;
		if (!st->intact)
			continue;
		str_reset(&s);
		proof_write(&s, c->at.seq, c->path, c->npath, st->note);
		if (put(po, &s, e, "%sproofs/%s/%" PRIu64 ".tlog-proof",
		    under, st->dir, c->at.seq) == -1)
			return -1;
	}
	return 0;
}

static int
write_log(struct packout *po, const struct stream *st,
    const struct packlog *log, struct err *e)
{
	struct str s = str_new(po->arena);

	str_addz(&s, st->note);
	if (put(po, &s, e, "data/log/%s/checkpoint", st->dir) == -1)
		return -1;
	if (log->token != NULL) {
		str_reset(&s);
		str_add(&s, log->token, log->tokenlen);
		if (put(po, &s, e, "data/log/%s/checkpoint.tsr", st->dir) ==
		    -1)
			return -1;
	}
	if (st->prev_note != NULL) {
		str_reset(&s);
		str_addz(&s, st->prev_note);
		if (put(po, &s, e, "data/log/%s/checkpoint.prev", st->dir) ==
		    -1)
			return -1;
	}
	str_reset(&s);
	proof_write_consistency(&s, st->previous_size, log->consistency,
	    log->nconsistency, st->note);
	return put(po, &s, e, "data/log/%s/consistency", st->dir);
}

static int
cmp_stream(const void *a, const void *b)
{
	const struct packstream *x = a, *y = b;

	return strcmp(x->stream, y->stream);
}

static void
take_streams(struct arena *a, const struct build *b, struct packinfo *p)
{
	p->nstream = b->nstream;
	p->stream = arena_array(a, b->nstream + 1, sizeof(*p->stream));
	for (size_t i = 0; i < b->nstream; i++) {
		const struct stream *st = &b->stream[i];
		struct packstream *s = &p->stream[i];

		*s = (struct packstream){ st->name, st->dir, st->origin,
			grade_name(st->weakest), st->size, st->previous_size,
			st->read_from, st->in_period, st->before, st->after,
			st->earlier_in_period, st->waiting, { 0 },
			st->log_signed };
		memcpy(s->root, st->root, HASH_LEN);
	}
	if (p->nstream > 1)
		qsort(p->stream, p->nstream, sizeof(*p->stream), cmp_stream);
}

static int
cmp_input(const void *a, const void *b)
{
	const struct packinput *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void
take_inputs(struct arena *a, const struct build *b, struct packinfo *p)
{
	p->ninput = b->ninput;
	p->input = arena_array(a, b->ninput + 1, sizeof(*p->input));
	for (size_t i = 0; i < b->ninput; i++) {
		p->input[i].kind = b->input[i].kind;
		p->input[i].path = b->input[i].path;
		p->input[i].bytes = b->input[i].bytes;
		memcpy(p->input[i].sha256, b->input[i].sha256, HASH_LEN);
	}
	if (p->ninput > 1)
		qsort(p->input, p->ninput, sizeof(*p->input), cmp_input);
}

static int
cmp_word(const void *a, const void *b)
{
	const struct packword *x = a, *y = b;

	return strcmp(x->word, y->word);
}

static void
take_summary(struct arena *a, const struct findings *f, struct packinfo *p)
{
	const size_t nword = ST_NOT_ASSESSED + 1;

	p->verdict = arena_array(a, nword, sizeof(*p->verdict));
	for (size_t w = 0; w < nword; w++) {
		struct packword one = { status_name((enum status)w), 0 };

		for (size_t i = 0; i < f->nverdict; i++)
			one.n += f->verdict[i].all == (enum status)w;
		if (one.n > 0)
			p->verdict[p->nverdict++] = one;
	}
	if (p->nverdict > 1)
		qsort(p->verdict, p->nverdict, sizeof(*p->verdict), cmp_word);
	p->controls = f->nverdict;
	p->gaps = f->ngap;
	for (size_t i = 0; i < f->ngap; i++)
		p->waived += f->gap[i].waiver != NULL;
}

/* What pack.json says, from what the build found. */
static int
take_info(struct arena *a, const struct build *b, struct packinfo *p,
    struct err *e)
{
	*p = (struct packinfo){
		.organisation = b->organisation, .period = b->period,
		.generator = "exhibit", .version = b->generator,
		.from_us = b->from_us, .to_us = b->to_us,
		.as_of_us = b->as_of_us, .interim = b->as_of_us < b->to_us,
		.rule = "exhibit-sample/1", .drawn_by = b->drawn_by,
		.nonce = b->nonce, .k = LIMIT_SAMPLE, .cited = b->citations,
		.included = b->ncited,
		.reason = b->citations > b->ncited ?
		    "output.max_records" : "",
		.previous_period = b->previous_period,
	};
	take_streams(a, b, p);
	take_inputs(a, b, p);
	take_summary(a, b->findings, p);
	if (b->previous_period != NULL && (b->previous_manifest == NULL ||
	    strlen(b->previous_manifest) != 64 ||
	    hash_unhex(p->previous_manifest, b->previous_manifest) == -1))
		return err_set(e, ERR_SYSTEM,
		    "previous manifest is not SHA-256 in hex");
	return 0;
}

static int
write_readme(struct packout *po, const struct build *b,
    const struct packinfo *p, struct err *e)
{
	struct str s = str_new(po->arena);
	char *record = NULL;

	if (b->ncited > 0)
		record = arena_printf(po->arena, "%s/%" PRIu64,
		    b->stream[b->cited[0].at.stream].dir, b->cited[0].at.seq);
	tag_readme(&s, p, record);
	if (put(po, &s, e, "data/README.txt") == -1)
		return -1;
	return put(po, &s, e, "README.txt");
}

/* Last: the tag files and the manifest, over all that lies under data/. */
static int
write_tags(struct packout *po, const struct packinfo *p, struct err *e)
{
	struct str s = str_new(po->arena);
	uint64_t bytes = 0;

	for (size_t i = 0; i < po->set.nfile; i++)
		bytes += po->set.file[i].size;
	if (po->set.nfile + po->tag.nfile + 3 > LIMIT_PACK_ENTRIES ||
	    bytes > LIMIT_PACK_TOTAL)
		return err_set(e, ERR_INPUT, "the pack has %zu files and %"
		    PRIu64 " bytes, at most %d and 16 GiB are allowed",
		    po->set.nfile, bytes, LIMIT_PACK_ENTRIES);
	tag_bagit(&s);
	if (put(po, &s, e, "bagit.txt") == -1)
		return -1;
	str_reset(&s);
	tag_baginfo(&s, p, bytes, po->set.nfile);
	if (put(po, &s, e, "bag-info.txt") == -1)
		return -1;
	str_reset(&s);
	manifest_sort(&po->set);
	manifest_write(&s, &po->set);
	sign_sha256(po->manifest, s.p, s.len);
	return put(po, &s, e, MANIFEST_NAME);
}

int
packout_json(struct arena *a, const struct build *b, struct str *out,
    struct err *e)
{
	struct packinfo info;

	if (take_info(a, b, &info, e) == -1)
		return -1;
	packjson_write(out, &info);
	return 0;
}

int
packout_finish(struct packout *po, const struct build *b,
    const struct packlog *log, struct err *e)
{
	struct str s = str_new(po->arena);
	struct packinfo info;

	if (take_info(po->arena, b, &info, e) == -1 ||
	    packout_records(po, b, "data/", e) == -1)
		return -1;
	for (size_t i = 0; i < b->nstream; i++)
		if (write_log(po, &b->stream[i], &log[i], e) == -1)
			return -1;
	packjson_write(&s, &info);
	if (put(po, &s, e, PACK_JSON) == -1 ||
	    write_readme(po, b, &info, e) == -1)
		return -1;
	return write_tags(po, &info, e);
}

/* A file of the staging folder, read back in pieces. */
struct back {
	int dir;
	const char *path;
};

static int
give_file(void *ctx, zip_sink *sink, void *to, struct err *e)
{
	struct back *b = ctx;
	int fd = openat(b->dir, b->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t buf[64 * 1024];
	ssize_t n = 0;
	int rc = 0;

	if (fd == -1)
		return err_errno(e, "%s", b->path);
	while (rc == 0 && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		rc = n == -1 ? err_errno(e, "%s", b->path) :
		    sink(to, buf, (size_t)n);
	}
	(void)close(fd);
	return rc;
}

static int
cmp_path(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int
zip_all(struct packout *po, struct zipw *w, struct err *e)
{
	size_t n = po->set.nfile + po->tag.nfile, k = 0;
	const char **path = arena_array(po->arena, n + 1, sizeof(*path));

	for (size_t i = 0; i < po->set.nfile; i++)
		path[k++] = po->set.file[i].path;
	for (size_t i = 0; i < po->tag.nfile; i++)
		path[k++] = po->tag.file[i].path;
	if (n > 1)
		qsort(path, n, sizeof(*path), cmp_path);
	for (size_t i = 0; i < n; i++) {
		struct back b = { po->dir, path[i] };

		if (zip_add(w, path[i], give_file, &b, e) == -1)
			return -1;
	}
	return 0;
}

int
packout_zip(struct packout *po, int dir, const char *name, struct err *e)
{
	char *tmp = arena_printf(po->arena, ".%s.tmp-%ld", name,
	    (long)getpid());
	struct zipw *w;
	int rc;

	if (zip_create(po->arena, dir, tmp, &w, e) == -1)
		return -1;
	rc = zip_all(po, w, e);
	if (zip_finish(w, rc == 0, e) == -1)
		rc = -1;
	if (rc == 0 && renameat(dir, tmp, dir, name) == -1)
		rc = err_errno(e, "%s", name);
	if (rc == -1)
		(void)unlinkat(dir, tmp, 0);
	return rc;
}
