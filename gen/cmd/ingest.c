#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/keyfile.h"
#include "cmd/logsign.h"
#include "crypt/signer.h"
#include "ingest/append.h"
#include "ingest/ingest.h"
#include "read/project.h"

struct own {
	const char *format, *source_key, *payload_key, *timezone, *strict;
	const char *store, *origin, *log_key, *passphrase_fd, *passphrase_file;
};

/* Where events go, and who signs: from exhibit.yaml and the options. */
struct target {
	const char *store, *origin, *log_key, *pseudonym_key;
	uint8_t pseudonym[EVENT_NCOL];
};

#define KEY_MAX 4096

/* The key of the source's MACs is the source's secret, not ours. */
static int
read_key(struct arena *a, const char *path, const char **p, size_t *len,
    struct err *e)
{
	char *bytes;

	if (out_slurp(a, path, KEY_MAX, &bytes, len, e) == -1)
		return -1;
	if (*len == 0)
		return err_set(e, ERR_INPUT, "%s: an empty key", path);
	*p = bytes;
	return 0;
}

struct want_key {
	struct arena *arena;
	const struct options *options;
	const char *path;
	int given;
};

static int
make_key(const char *path, struct err *e)
{
	char raw[32];
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	int rc = 0;

	if (fd == -1)
		return err_errno(e, "%s", path);
	if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw) ||
	    write(fd, raw, sizeof(raw)) != (ssize_t)sizeof(raw) ||
	    fsync(fd) == -1) {
		rc = err_errno(e, "%s", path);
		(void)unlink(path);
	}
	(void)close(fd);
	return rc;
}

/*
 * The payload key lies beside the store, outside it, and is made when the
 * first import needs one.
 */
static int
payload_key(void *ctx, const char **key, size_t *len, struct err *e)
{
	const struct want_key *w = ctx;

	if (!w->given && access(w->path, F_OK) == -1) {
		if (make_key(w->path, e) == -1)
			return -1;
		cmd_say(w->options, "made %s: it salts contents; keep it, and "
		    "keep it secret", w->path);
	}
	return keyfile_secret(w->arena, w->path, key, len, e);
}

/* The store of that name in exhibit.yaml, or its only one. */
static const struct project_store *
pick_store(const struct project *p, const char *name)
{
	for (size_t i = 0; i < p->nstore; i++)
		if (name == NULL ? p->nstore == 1 :
		    strcmp(p->store[i].name, name) == 0)
			return &p->store[i];
	return NULL;
}

static char *
below(struct arena *a, const struct options *o, const char *path)
{
	return *path == '/' || strcmp(o->project, ".") == 0 ?
	    arena_strdup(a, path) :
	    arena_printf(a, "%s/%s", o->project, path);
}

static int
take_pseudonyms(struct arena *a, const struct options *o,
    const struct project *p, struct target *t, struct err *e)
{
	for (size_t i = 0; i < p->npseudonymise; i++) {
		int c = event_col(p->pseudonymise[i]);

		if (c == -1 || event_column[c].type != VALUE_TEXT)
			return err_set(e, ERR_INPUT, "exhibit.yaml: pseudonymise: "
			    "'%s' is not a text column of an event",
			    p->pseudonymise[i]);
		t->pseudonym[c] = 1;
	}
	if (p->pseudonym_key != NULL)
		t->pseudonym_key = below(a, o, p->pseudonym_key);
	return 0;
}

static int
from_project(struct arena *a, const struct options *o, const struct own *own,
    struct target *t, struct err *e)
{
	const struct project_store *s;
	struct project p;
	struct diag diag;
	int rc = 0;

	diag_init(&diag, a);
	if (project_read(a, o->project, &p, &diag) == -1 || diag.total > 0) {
		project_close(&p);
		(void)cmd_diag(&diag, e);
		return err_wrap(e, "exhibit.yaml (or give --store and --origin)");
	}
	s = pick_store(&p, own->store);
	if (s == NULL)
		rc = err_set(e, ERR_INPUT, own->store == NULL ?
		    "exhibit.yaml: several stores: say which with --store NAME" :
		    "exhibit.yaml: no store of that name");
	else {
		t->store = below(a, o, s->url);
		if (t->origin == NULL)
			t->origin = arena_printf(a, "%s/%s/%s", p.organisation,
			    s->name, s->name);
	}
	if (t->log_key == NULL && p.log_key != NULL)
		t->log_key = below(a, o, p.log_key);
	if (rc == 0)
		rc = take_pseudonyms(a, o, &p, t, e);
	project_close(&p);
	return rc;
}

/* --store is a path; without --origin and a file, a name in exhibit.yaml. */
static int
find_target(struct arena *a, const struct options *o, const struct own *own,
    struct target *t, struct err *e)
{
	memset(t, 0, sizeof(*t));
	t->store = own->store;
	t->origin = own->origin;
	t->log_key = own->log_key;
	if (own->store != NULL &&
	    (own->origin != NULL || access(own->store, F_OK) == 0))
		return 0;
	return from_project(a, o, own, t, e);
}

static int
open_store(struct arena *a, const struct options *o, const struct target *t,
    struct append **ap, struct err *e)
{
	if (access(t->store, F_OK) == -1) {
		if (append_create(t->store, t->origin, o->as_of_us, e) == -1)
			return -1;
		cmd_say(o, "made %s for %s", t->store, t->origin);
	}
	if (append_open(a, t->store, ap, e) == -1)
		return -1;
	if (t->origin != NULL && strcmp(t->origin, append_origin(*ap)) != 0)
		return err_set(e, ERR_INPUT, "%s: holds %s, not %s", t->store,
		    append_origin(*ap), t->origin);
	return 0;
}

#define FIELDS_MAX 64

/* Fields of the format that nothing in the source covers. */
static size_t
unprotected(const struct ingest_report *r, const char *name[FIELDS_MAX])
{
	const struct source_field *f;
	size_t n, k = 0;

	f = ingest_fields(&n);
	for (size_t i = 0; i < n; i++)
		if (str_eq(f[i].format, r->format) &&
		    strcmp(f[i].protection, "no") == 0 && k < FIELDS_MAX &&
		    (k == 0 || strcmp(name[k - 1], f[i].field) != 0))
			name[k++] = f[i].field;
	return k;
}

static void
print_report(const struct ingest_report *r)
{
	const char *name[FIELDS_MAX];
	size_t n = unprotected(r, name);

	out_text(stdout, r->path);
	(void)printf(": %s, grade %s\n", r->format, grade_name(r->grade));
	(void)printf("  records %" PRIu64 ": events appended %" PRIu64
	    ", known already %" PRIu64 ", records refused %" PRIu64 "\n",
	    r->records, r->appended, r->known, r->errors);
	if (r->macs > 0)
		(void)printf("  %" PRIu64 " MACs of the source hold\n", r->macs);
	for (size_t d = 0; d < DIAG_N; d++)
		if (r->diagnosis[d] > 0)
			(void)printf("  %s: %s (%" PRIu64 ")\n",
			    diagnosis_word[d].name, diagnosis_word[d].says,
			    r->diagnosis[d]);
	if (r->bad_line > 0) {
		(void)printf("  the first broken record: ");
		out_text(stdout, r->path);
		(void)printf(":%" PRIu64 "\n", r->bad_line);
	}
	for (size_t i = 0; i < n; i++)
		(void)printf("%s%s%s", i == 0 ? "  not protected by the source: " :
		    ", ", name[i], i + 1 == n ? "\n" : "");
	if (r->lost > 0)
		(void)printf("  values without a place in an event: %" PRIu64 "\n",
		    r->lost);
}

static void
json_report(struct jsonw *w, const struct ingest_report *r)
{
	const char *name[FIELDS_MAX];
	size_t n = unprotected(r, name);

	jsonw_object(w);
	jsonw_kint(w, "appended", (int64_t)r->appended);
	jsonw_kint(w, "changed", (int64_t)r->changed);
	jsonw_key(w, "diagnoses");
	jsonw_array(w);
	for (size_t d = 0; d < DIAG_N; d++) {
		if (r->diagnosis[d] == 0)
			continue;
		jsonw_object(w);
		jsonw_kint(w, "count", (int64_t)r->diagnosis[d]);
		jsonw_ktext(w, "name", diagnosis_word[d].name);
		jsonw_ktext(w, "says", diagnosis_word[d].says);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
	jsonw_kint(w, "erased", (int64_t)r->erased);
	jsonw_kint(w, "events", (int64_t)r->events);
	jsonw_ktext(w, "file", r->path);
	jsonw_kint(w, "first_broken", (int64_t)r->bad_line);
	jsonw_ktext(w, "format", r->format);
	jsonw_ktext(w, "grade", grade_name(r->grade));
	jsonw_kint(w, "known", (int64_t)r->known);
	jsonw_kint(w, "lost", (int64_t)r->lost);
	jsonw_kint(w, "macs", (int64_t)r->macs);
	jsonw_kint(w, "payloads", (int64_t)r->payloads);
	jsonw_kint(w, "records", (int64_t)r->records);
	jsonw_kint(w, "refused", (int64_t)r->errors);
	jsonw_kint(w, "rewritten", (int64_t)r->rewritten);
	jsonw_ktext(w, "sha256", r->sha256);
	jsonw_key(w, "unprotected");
	jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		jsonw_textz(w, name[i]);
	jsonw_end(w, ']');
	jsonw_end(w, '}');
}

static void
print_json(struct arena *a, const struct append *ap, const char *note,
    const struct ingest_report *r, size_t n)
{
	struct str s = str_new(a);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_ktext(&w, "checkpoint", note);
	jsonw_key(&w, "files");
	jsonw_array(&w);
	for (size_t i = 0; i < n; i++)
		json_report(&w, &r[i]);
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "format", "exhibit-ingest/1");
	jsonw_ktext(&w, "origin", append_origin(ap));
	jsonw_kint(&w, "size", (int64_t)append_size(ap));
	jsonw_end(&w, '}');
	(void)printf("%s\n", s.p);
}

static enum err_kind
judge(const struct ingest_report *r)
{
	for (size_t d = 0; d < DIAG_N; d++)
		if (diagnosis_word[d].broken && r->diagnosis[d] > 0)
			return ERR_INTEGRITY;
	return r->errors > 0 ? ERR_INPUT : ERR_OK;
}

static enum err_kind
run_all(const struct options *o, struct append *ap,
    const struct ingest_options *opt, struct ingest_report *r, int argc,
    char **argv, int *done, struct err *e)
{
	enum err_kind worst = ERR_OK;

	for (*done = 0; *done < argc; ++*done) {
		struct arena *file = arena_new();
		struct diag diag;
		struct err shown = { 0 };
		int rc;

		diag_init(&diag, file);
		rc = ingest_file(file, ap, opt, argv[*done], &r[*done], &diag, e);
		if (cmd_diag(&diag, &shown) == -1)
			(void)fprintf(stderr, "exhibit: %s\n", shown.msg);
		arena_free(file);
		if (rc == -1)
			return err_worse(worst, e->kind);
		worst = err_worse(worst, judge(&r[*done]));
		if (!o->json)
			print_report(&r[*done]);
	}
	return worst;
}

static int
read_keys(struct arena *a, const struct own *own, const struct target *t,
    struct ingest_options *opt, struct err *e)
{
	memcpy(opt->pseudonym, t->pseudonym, sizeof(opt->pseudonym));
	if (own->source_key != NULL && read_key(a, own->source_key,
	    &opt->source_key, &opt->source_keylen, e) == -1)
		return -1;
	return t->pseudonym_key == NULL ? 0 : keyfile_secret(a,
	    t->pseudonym_key, &opt->pseudonym_key, &opt->pseudonym_keylen, e);
}

/* Before anything is appended: the key opens, and the log still is what was
 * signed. */
static int
open_log_key(struct arena *a, struct append *ap, const struct target *t,
    const struct own *own, struct signer *child, struct sign_key **key,
    struct err *e)
{
	if (logsign_check(a, ap, t->log_key, e) == -1)
		return -1;
	return t->log_key == NULL ? 0 : signer_open(child, t->log_key,
	    keyfile_pass(a, own->passphrase_fd, own->passphrase_file), key,
	    e);
}

static int
run(struct arena *a, const struct options *o, const void *opts, int argc,
    char **argv, struct err *e)
{
	const struct own *own = opts;
	struct ingest_options opt = { .format = own->format,
		.timezone = own->timezone, .strict = own->strict != NULL,
		.now_us = o->as_of_us };
	struct want_key want = { a, o, own->payload_key,
		own->payload_key != NULL };
	struct ingest_report *r = arena_array(a, (size_t)argc + 1, sizeof(*r));
	enum err_kind worst = ERR_OK;
	struct append *ap = NULL;
	struct sign_key *key = NULL;
	struct signer *child;
	struct target t;
	const char *note = NULL;
	int rc = -1, done;

	if (argc == 0) {
		(void)err_set(e, ERR_INPUT, "ingest: no log named; '-' is standard "
		    "input");
		return ERR_INPUT;
	}
	/* It alone opens the log key, and never sees a log. */
	if (keyfile_fork(&child, e) == -1)
		return (int)e->kind;
	opt.payload_key = payload_key;
	opt.ctx = &want;
	if (find_target(a, o, own, &t, e) == 0 &&
	    open_store(a, o, &t, &ap, e) == 0 &&
	    read_keys(a, own, &t, &opt, e) == 0 &&
	    open_log_key(a, ap, &t, own, child, &key, e) == 0) {
		if (!want.given)
			want.path = arena_printf(a, "%s.payload-key", t.store);
		worst = run_all(o, ap, &opt, r, argc, argv, &done, e);
		/* A broken import is signed too: the log says that it was. */
		rc = done < argc ? -1 : key == NULL ? 0 :
		    logsign(a, ap, key, t.log_key, &note, e);
		if (o->json)
			print_json(a, ap, note, r, (size_t)done);
		else {
			out_text(stdout, t.store);
			(void)printf(": %" PRIu64 " events, %s%s\n",
			    append_size(ap), append_origin(ap),
			    note != NULL ? ", checkpoint:" : "");
			if (note != NULL)
				(void)printf("%s", note);
		}
	}
	(void)sign_close(key);
	(void)signer_close(child);
	if (append_close(ap) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "%s: closing failed", t.store);
	return (int)(rc == -1 ? err_worse(worst, e->kind) : worst);
}

static const struct option_row options[] = {
	{ "--format", "F", "the log's format; default: found by content",
	    offsetof(struct own, format) },
	{ "--source-key", "FILE", "the key of the source's MACs, raw bytes",
	    offsetof(struct own, source_key) },
	{ "--payload-key", "FILE", "salts contents (default: STORE.payload-key)",
	    offsetof(struct own, payload_key) },
	{ "--timezone", "Z", "UTC or +hh:mm, for times without a zone",
	    offsetof(struct own, timezone) },
	{ "--strict", NULL, "append nothing of a file with an error",
	    offsetof(struct own, strict) },
	{ "--log-key", "FILE", "signs a checkpoint (default: signing.log_key)",
	    offsetof(struct own, log_key) },
	{ "--passphrase-fd", "N", "descriptor that gives the key's passphrase",
	    offsetof(struct own, passphrase_fd) },
	{ "--passphrase-file", "FILE", "secret file that holds it",
	    offsetof(struct own, passphrase_file) },
	{ "--store", "PATH", "the audit store, or its name in exhibit.yaml",
	    offsetof(struct own, store) },
	{ "--origin", "O", "organisation/store/stream of a new store",
	    offsetof(struct own, origin) },
	{ 0 }
};

const struct command cmd_ingest = { "ingest", "[options] FILE...",
	"appends the events of logs to the audit store", options,
	sizeof(struct own), run };
