#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cited.h"
#include "cmd/cmd.h"
#include "cmd/demokey.h"
#include "cmd/facts.h"
#include "cmd/gate.h"
#include "cmd/selfcheck.h"
#include "cmd/verifypage.h"
#include "crypt/hash.h"
#include "crypt/note.h"
#include "doc/doc.h"
#include "doc/page.h"
#include "model/build.h"
#include "pack/compare.h"
#include "pack/packout.h"
#include "pack/sample.h"
#include "read/template.h"
#include "render/control.h"
#include "render/path.h"
#include "render/render.h"
#include "render/report.h"
#include "render/search.h"

struct own {
	const char *nonce, *engine, *deep, *fail_on, *templates;
};

/*
 * Where the time of pages goes, for -v: progress, never part of the output.
 * Each thread has its own clocks; wall is their mean.
 */
enum step { STEP_RENDER, STEP_WRITE, STEP_CHECK, NSTEP };

struct spent {
	int on;
	int64_t wall, cpu; /* where the running step began */
	int64_t wall_ns[NSTEP], cpu_ns[NSTEP];
	uint64_t bytes;
};

/* What the writing stages share. */
struct making {
	struct arena *a;
	const struct options *o;
	struct build *b;
	struct report report;
	struct packout po;
	struct path *path;
	struct render_ctx ctx;
	struct selfcheck *check;
	struct template_set templates;
	struct doc_ref *doc;
	size_t ndoc;
	struct page_set *pages;
	uint64_t npage;
	struct search *search;
	struct str packjson;
	struct spent site; /* for -v */
};

static int64_t
clock_ns(clockid_t which)
{
	struct timespec t;

	(void)clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The step that ended now; NSTEP: nothing did, one begins. */
static void
spend(struct spent *s, enum step step)
{
	int64_t wall, cpu;

	if (!s->on)
		return;
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	if (step != NSTEP) {
		s->wall_ns[step] += wall - s->wall;
		s->cpu_ns[step] += cpu - s->cpu;
	}
	s->wall = wall;
	s->cpu = cpu;
}

static void
add_spent(struct spent *sum, const struct spent *s)
{
	for (int i = 0; i < NSTEP; i++) {
		sum->wall_ns[i] += s->wall_ns[i];
		sum->cpu_ns[i] += s->cpu_ns[i];
	}
	sum->bytes += s->bytes;
}

static int
put(struct making *m, const char *path, const struct str *s, struct err *e)
{
	selfcheck_file(m->check, path);
	return packout_file(&m->po, path, s->p, s->len, e);
}

/* data/inputs: what was declared, as one canonical object. */
static int
write_inputs(struct making *m, struct err *e)
{
	struct str s = str_new(m->a);

	ref_dump(m->b->ref, m->b->audience, &s);
	str_addc(&s, '\n');
	return put(m, "data/inputs/registry.json", &s, e);
}

static int
write_test(struct making *m, const struct test *t, struct err *e)
{
	struct str s = str_new(m->a);

	control_json(&s, m->b, t);
	if (put(m, arena_printf(m->a, "data/controls/%s.json", t->id), &s,
	    e) == -1)
		return -1;
	if (t->sql == NULL)
		return 0;
	str_reset(&s);
	control_test_sql(&s, t);
	return put(m, arena_printf(m->a, "data/controls/sql/%s.sql", t->id),
	    &s, e);
}

/* data/controls: each test, and what runs it again. */
static int
write_controls(struct making *m, struct err *e)
{
	const struct catalogue *cat = m->b->catalogue;
	struct str s = str_new(m->a);

	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t k = 0; k < cat->control[i].ntest; k++)
			if (write_test(m, &cat->control[i].test[k], e) == -1)
				return -1;
	control_ref_sql(&s, m->b->ref);
	if (put(m, "data/controls/ref.sql", &s, e) == -1)
		return -1;
	str_reset(&s);
	control_params_sqlite(&s, m->b);
	if (put(m, "data/controls/params.sqlite", &s, e) == -1)
		return -1;
	str_reset(&s);
	control_params_psql(&s, m->b);
	if (put(m, "data/controls/params.psql", &s, e) == -1)
		return -1;
	str_reset(&s);
	report_json(&s, &m->report);
	return put(m, "data/controls/check.json", &s, e);
}

/* Style sheet and scripts, as they are. */
static int
write_assets(struct making *m, struct err *e)
{
	for (size_t i = 0; i < asset_count; i++) {
		const struct asset *as = &asset_table[i];
		const char *path;

		if (strncmp(as->name, "site/", 5) != 0)
			continue;
		path = arena_printf(m->a, "data/%s", as->name);
		if (str_eq(path, VERIFYPAGE))
			continue; /* it is filled, among the pages */
		selfcheck_file(m->check, path);
		if (packout_file(&m->po, path, as->data, as->len, e) == -1)
			return -1;
	}
	return 0;
}

/* Every target that a link may name, before the first link is written. */
static void
note_targets(struct making *m)
{
	for (size_t i = 0; i < m->pages->npage; i++)
		path_note(m->path, m->pages->page[i].kind,
		    m->pages->page[i].id);
	for (size_t i = 0; i < m->ndoc; i++) {
		const char *id = arena_printf(m->a, "%s/%s",
		    m->doc[i].kind->id, m->doc[i].name);

		path_note(m->path, "document", id);
		path_note(m->path, "file", arena_printf(m->a, "docs/%s.md",
		    id));
	}
	for (size_t i = 0; i < m->b->ncited; i++) {
		const struct cite *c = &m->b->cited[i].at;
		const char *id = arena_printf(m->a, "%s/%" PRIu64,
		    m->b->stream[c->stream].dir, c->seq);

		path_note(m->path, "recordfile", id);
		path_note(m->path, "proof", id);
		selfcheck_file(m->check, arena_printf(m->a,
		    "data/records/%s.json", id));
		selfcheck_file(m->check, arena_printf(m->a,
		    "data/proofs/%s.tlog-proof", id));
	}
	path_settle(m->path);
}

/* Who renders, checks and writes: a thread, or the one that there is. */
struct worker {
	struct making *m;
	struct selfcheck *check;
	struct arena *scratch; /* of the page in hand */
	struct arena *own;     /* of the thread */
	char *room;            /* for the bytes of a page, used again */
	size_t roomlen;
	uint64_t npage;
	struct search *search;
	struct spent spent;
};

#define ROOM (64 * 1024)       /* to begin with */
#define ROOM_MAX (1024 * 1024) /* kept from one page to the next */

static struct str
page_room(struct worker *w, size_t want)
{
	if (want > w->roomlen && want <= ROOM_MAX) {
		w->room = arena_alloc(w->own, want);
		w->roomlen = want;
	}
	w->room[0] = '\0';
	return (struct str){ w->room, 0, w->roomlen, w->scratch };
}

static int
write_part(struct worker *w, const struct writer *to, const struct doc *d,
    size_t part, struct err *e)
{
	struct str path = str_new(w->scratch), out = page_room(w, ROOM);
	struct render_ctx ctx = w->m->ctx;
	int rc;

	ctx.part = part;
	if (render_file(to, d, &ctx, &path, &out) == -1)
		return err_set(e, ERR_SYSTEM, "no path for the page %s %s",
		    d->self.kind, d->self.id);
	if (str_eq(path.p, VERIFYPAGE)) {
		str_reset(&out);
		verifypage_add(w->scratch, &out, &w->m->packjson);
	}
	spend(&w->spent, STEP_RENDER);
	if (str_eq(to->ext, "html")) {
		if (selfcheck_page(w->check, path.p, out.p, out.len, e) == -1)
			return -1;
		if (part <= 1)
			search_add(w->search, d, path.p);
		w->npage++;
	} else
		selfcheck_file(w->check, path.p);
	spend(&w->spent, STEP_CHECK);
	rc = packout_file(&w->m->po, path.p, out.p, out.len, e);
	spend(&w->spent, STEP_WRITE);
	w->spent.bytes += out.len;
	(void)page_room(w, out.cap);
	return rc;
}

/* A page, and the further pages of its long tables. */
static int
write_page(struct worker *w, const struct writer *to, const struct doc *d,
    struct err *e)
{
	size_t n = str_eq(to->ext, "html") ? render_parts(d) : 1;
	int rc = 0;

	for (size_t i = 1; rc == 0 && i <= n; i++)
		rc = write_part(w, to, d, i, e);
	return rc;
}

static int
write_docs(struct making *m, struct err *e)
{
	struct worker w = { .m = m, .check = m->check, .own = m->a,
		.search = m->search };
	struct diag d;
	int rc = 0;

	diag_init(&d, m->a);
	w.scratch = arena_new();
	for (size_t i = 0; rc == 0 && i < m->ndoc; i++) {
		struct doc *doc = doc_make(w.scratch, m->b, &m->doc[i],
		    &m->templates, &d);

		for (size_t k = 0; rc == 0 && k < render_nwriter; k++)
			rc = write_page(&w, &render_writer[k], doc, e);
		arena_reset(w.scratch);
	}
	arena_free(w.scratch);
	m->npage += w.npage;
	return rc == 0 ? cmd_diag(&d, e) : rc;
}

/*
 * The pages of the site, taken in order by -j threads.  A page depends on
 * the build alone, so the bytes are the same with any number of them.  All
 * before the first page that fails are written, so its error is the same
 * too.
 */
struct site {
	struct making *m;
	pthread_mutex_t lock; /* of next and failed, and of err with it */
	size_t next, failed;  /* failed: SIZE_MAX, or the first page */
	struct err err;
};

struct hand {
	pthread_t thread;
	struct site *site;
	struct worker w;
	struct arena *own; /* what its check remembers */
};

#define BATCH 16 /* pages taken at once */

static size_t
take(struct site *s)
{
	size_t from;

	(void)pthread_mutex_lock(&s->lock);
	from = s->next > s->failed ? SIZE_MAX : s->next;
	s->next += BATCH;
	(void)pthread_mutex_unlock(&s->lock);
	return from;
}

static void
give_up(struct site *s, size_t page, const struct err *e)
{
	(void)pthread_mutex_lock(&s->lock);
	if (page < s->failed) {
		s->failed = page;
		s->err = *e;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static void *
write_pages(void *v)
{
	struct hand *h = v;
	const struct page_set *set = h->site->m->pages;
	const struct writer *html = render_find("html");

	spend(&h->w.spent, NSTEP);
	for (size_t i = take(h->site); i < set->npage; i = take(h->site))
		for (size_t k = i; k < i + BATCH && k < set->npage; k++) {
			struct err e = { 0 };
			struct doc *d = page_make(h->w.scratch, set,
			    &set->page[k]);
			int rc = write_page(&h->w, html, d, &e);

			arena_reset(h->w.scratch);
			if (rc == 0)
				continue;
			give_up(h->site, k, &e);
			return NULL;
		}
	return NULL;
}

static void
hand_open(struct hand *h, struct site *s)
{
	h->site = s;
	h->own = arena_new();
	h->w.m = s->m;
	h->w.own = h->own;
	h->w.spent.on = s->m->o->verbose;
	h->w.check = selfcheck_new(h->own);
	h->w.search = search_new(h->own);
	h->w.scratch = arena_new();
}

static void
hand_close(struct hand *h)
{
	h->site->m->npage += h->w.npage;
	add_spent(&h->site->m->site, &h->w.spent);
	selfcheck_merge(h->site->m->check, h->w.check);
	search_join(h->site->m->search, h->w.search);
	selfcheck_free(h->w.check);
	arena_free(h->w.scratch);
	arena_free(h->own);
}

static int
write_site(struct making *m, struct err *e)
{
	size_t n = m->o->jobs > 0 ? (size_t)m->o->jobs : 1, started = 1;
	struct hand *hand = arena_array(m->a, n, sizeof(*hand));
	struct site s = { .m = m, .failed = SIZE_MAX };

	if (pthread_mutex_init(&s.lock, NULL) != 0)
		return err_set(e, ERR_SYSTEM, "no lock");
	for (size_t i = 0; i < n; i++)
		hand_open(&hand[i], &s);
	/* This thread is the first hand; with fewer than asked it goes on. */
	while (started < n && pthread_create(&hand[started].thread, NULL,
	    write_pages, &hand[started]) == 0)
		started++;
	(void)write_pages(&hand[0]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(hand[i].thread, NULL);
	for (size_t i = 0; i < n; i++)
		hand_close(&hand[i]);
	(void)pthread_mutex_destroy(&s.lock);
	if (s.failed == SIZE_MAX)
		return 0;
	*e = s.err;
	return -1;
}

/* Seconds that a stage took, for -v: progress, never part of the output. */
struct watch {
	const struct options *o;
	int64_t wall, cpu;
};

static void
say_lap(const char *what, int64_t wall_ns, int64_t cpu_ns)
{
	(void)fprintf(stderr, "%-28s %6.3f s  %6.3f s of CPU\n", what,
	    (double)wall_ns / 1e9, (double)cpu_ns / 1e9);
}

static void
lap(struct watch *w, const char *what)
{
	int64_t wall = clock_ns(CLOCK_MONOTONIC);
	int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	if (w->o->verbose && what != NULL)
		say_lap(what, wall - w->wall, cpu - w->cpu);
	w->wall = wall;
	w->cpu = cpu;
}

static void
say_site(const struct making *m, uint64_t npage)
{
	static const char *const name[] = { "    made and rendered",
		"    hashed and written", "    parsed again (self-check)" };
	int jobs = m->o->jobs > 0 ? m->o->jobs : 1;

	if (!m->o->verbose)
		return;
	(void)fprintf(stderr, "site: %" PRIu64 " pages, %" PRIu64 " bytes, "
	    "%d threads\n", npage, m->site.bytes, jobs);
	for (int i = 0; i < NSTEP; i++)
		say_lap(name[i], m->site.wall_ns[i] / jobs,
		    m->site.cpu_ns[i]);
}

/* What tells this build from another: its inputs, not its bytes. */
static const char *
build_id(struct making *m)
{
	const struct build *b = m->b;
	struct hash *h = hash_new(m->a);
	struct str s = str_new(m->a);
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];

	str_addf(&s, "%s %s %s %" PRId64 " %s\n", b->generator,
	    b->organisation, b->period, b->as_of_us, b->nonce);
	str_add(&s, b->ref->sha256, sizeof(b->ref->sha256));
	for (size_t i = 0; i < b->nstream; i++)
		str_add(&s, b->stream[i].root, sizeof(b->stream[i].root));
	hash_bytes(h, sum, s.p, s.len);
	hash_free(h);
	hash_hex(hex, sum);
	return arena_strndup(m->a, hex, 12);
}

/* The lists that the search scans, once all pages are known. */
static int
write_search(struct making *m, struct err *e)
{
	struct str s = str_new(m->a);

	search_sort(m->search);
	for (size_t i = 1; i <= search_files(m->search); i++) {
		str_reset(&s);
		search_file(&s, m->search, i);
		if (put(m, arena_printf(m->a, "data/site/search/pages-%zu.js",
		    i), &s, e) == -1)
			return -1;
	}
	str_reset(&s);
	search_build(&s, m->search, build_id(m));
	return put(m, "data/site/js/build.js", &s, e);
}

/* The stages that write, in the order of the data flow. */
static int
make_pack(struct making *m, const struct packlog *log, struct watch *w,
    struct err *e)
{
	uint64_t before;

	doc_list(m->a, m->b, &m->doc, &m->ndoc);
	m->pages = page_open(m->a, m->b, m->doc, m->ndoc);
	m->path = path_new(m->a);
	m->check = selfcheck_new(m->a);
	m->search = search_new(m->a);
	m->ctx = (struct render_ctx){ .build = m->b, .path = m->path };
	m->packjson = str_new(m->a);
	note_targets(m);
	if (packout_json(m->a, m->b, &m->packjson, e) == -1 ||
	    write_inputs(m, e) == -1 || write_controls(m, e) == -1 ||
	    write_assets(m, e) == -1)
		return -1;
	lap(w, "inputs, controls");
	if (write_docs(m, e) == -1)
		return -1;
	lap(w, "documents");
	before = m->npage;
	if (write_site(m, e) == -1 || write_search(m, e) == -1)
		return -1;
	lap(w, "site");
	say_site(m, m->npage - before);
	if (selfcheck_done(m->check, e) == -1)
		return -1;
	lap(w, "links");
	if (packout_finish(&m->po, m->b, log, e) == -1)
		return -1;
	lap(w, "records, proofs, manifest");
	return 0;
}

static int
publish(struct making *m, struct facts *f, const struct packlog *log,
    struct watch *w, char **where, struct err *e)
{
	const char *out = arena_printf(m->a, "%s/%s", f->project.dir,
	    f->project.out_dir);
	const char *name = m->b->broken ? arena_printf(m->a, "%s.broken",
	    m->b->period) : m->b->period;
	struct out_swap sw;
	int dir, rc;

	*where = arena_printf(m->a, "%s/%s", out, name);
	if (out_swap_begin(&sw, out, name, e) == -1)
		return -1;
	packout_init(&m->po, m->a, sw.fd);
	rc = make_pack(m, log, w, e);
	selfcheck_free(m->check);
	if (rc == -1) {
		out_swap_abort(&sw);
		packout_free(&m->po);
		return -1;
	}
	/* The ZIP is read from the staging folder, which the swap renames. */
	dir = dup(sw.dirfd);
	if (dir == -1)
		rc = err_errno(e, "%s", out);
	else
		rc = packout_zip(&m->po, dir, arena_printf(m->a, "%s.zip",
		    name), e);
	if (rc == 0)
		rc = out_swap_done(&sw, e);
	else
		out_swap_abort(&sw);
	if (dir != -1)
		(void)close(dir);
	packout_free(&m->po);
	lap(w, "ZIP, publication");
	return rc;
}

static void
say_result(const struct making *m, const char *where)
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, m->po.manifest);
	if (m->o->json) {
		(void)printf("{\"format\":\"exhibit-build/1\",\"gaps\":%zu,"
		    "\"manifest_sha256\":\"%s\",\"pages\":%" PRIu64
		    ",\"period\":\"%s\",\"records\":%zu}\n",
		    m->b->findings->ngap, hex, m->npage, m->b->period,
		    m->b->ncited);
		return;
	}
	out_text(stdout, where);
	(void)printf("\n  manifest sha256 %s\n  %" PRIu64 " pages, %zu "
	    "documents, %zu records\n  %zu gaps, %zu of them open at or above "
	    "--fail-on\n  open ", hex, m->npage, m->ndoc, m->b->ncited,
	    m->report.ngap, m->report.fails);
	out_text(stdout, where);
	(void)printf("/data/site/index.html\n");
}

static int
check_options(const struct own *own, int argc, struct err *e)
{
	if (argc > 0)
		return err_set(e, ERR_INPUT, "build takes no argument");
	if (own->engine != NULL && !str_eq(own->engine, "sql") &&
	    !str_eq(own->engine, "compiled"))
		return err_set(e, ERR_INPUT,
		    "--engine %s: want compiled or sql", own->engine);
	if (own->nonce != NULL && !sample_nonce_ok(own->nonce))
		return err_set(e, ERR_INPUT, "--nonce %s: want 16 to 64 "
		    "lower-case hex digits", own->nonce);
	return 0;
}

/* All templates are compiled before anything is written. */
static int
read_templates(struct making *m, const char *dir, struct err *e)
{
	const struct template_schema **schema = arena_array(m->a, doc_nkinds,
	    sizeof(*schema));
	struct diag d;

	diag_init(&d, m->a);
	for (size_t i = 0; i < doc_nkinds; i++)
		schema[i] = doc_schema(m->a, &doc_kinds[i]);
	(void)template_read(m->a, dir, schema, doc_nkinds, &m->templates, &d);
	return cmd_diag(&d, e);
}

/* A log that is not signed has the body of a checkpoint and a blank line:
 * proofs end with it, and every page says that nobody signed it. */
static void
unsigned_notes(struct arena *a, struct build *b)
{
	for (size_t i = 0; i < b->nstream; i++) {
		struct stream *s = &b->stream[i];
		struct str note = str_new(a);

		if (s->note != NULL)
			continue;
		note_checkpoint_body(&note, s->origin, s->size, s->root);
		str_addc(&note, '\n');
		s->note = note.p;
	}
}

/* Which rows the pack cites, with bytes and proofs. */
static int
cite(struct arena *a, struct facts *f, struct packlog **log, struct err *e)
{
	struct cited_stream *cs = arena_array(a, f->build.nstream + 1,
	    sizeof(*cs));

	for (size_t i = 0; i < f->build.nstream; i++) {
		cs[i].store = f->store[f->store_of[i]];
		cs[i].name = f->build.stream[i].name;
	}
	return cited_fill(a, &f->build, cs, (uint64_t)f->project.max_records,
	    log, e);
}

/* Both sides as a pack holds them, so that diff and the site say the same. */
static int
compare_previous(struct making *m, const char *dir, struct err *e)
{
	struct str check = str_new(m->a), registry = str_new(m->a);
	struct said *before, *after;
	struct change *change;
	struct fault f;

	if (dir == NULL)
		return 0;
	report_json(&check, &m->report);
	ref_dump(m->b->ref, m->b->audience, &registry);
	after = said_new(m->a, check.p, check.len, registry.p, registry.len,
	    &f);
	if (after == NULL)
		return fault_err(&f, "this build", e);
	before = said_read(m->a, dir, &f);
	if (before == NULL)
		return fault_err(&f, dir, e);
	m->b->nchange = said_compare(m->a, before, after, &change);
	m->b->change = change;
	return 0;
}

static int
run(struct arena *a, const struct options *o, const void *v, int argc,
    char **argv, struct err *e)
{
	const struct own *own = v;
	struct facts_want want = { .nonce = own->nonce,
		.engine_sql = str_eq(own->engine, "sql"),
		.deep = own->deep != NULL, .measures = 1 };
	struct making m = { .a = a, .o = o };
	struct watch w = { .o = o };
	struct gate gate = { 0 };
	struct packlog *log;
	enum err_kind kind;
	struct facts f;
	char *where;

	(void)argv;
	if (gate_init(&gate, own->fail_on, e) == -1 ||
	    check_options(own, argc, e) == -1)
		return ERR_INPUT;
	lap(&w, NULL);
	if (read_templates(&m, own->templates, e) == -1)
		return (int)e->kind;
	if (facts_gather(a, o, &want, &f, e) == -1)
		goto fail;
	lap(&w, "read, chain, eval");
	m.b = &f.build;
	m.b->demo_key = demokey_signed(a, m.b);
	unsigned_notes(a, m.b);
	if (gate_report(a, &f, &gate, &m.report, e) == -1 ||
	    compare_previous(&m, f.previous_dir, e) == -1 ||
	    cite(a, &f, &log, e) == -1 || facts_runs(a, o, &f, e) == -1)
		goto fail;
	lap(&w, "cited records");
	if (publish(&m, &f, log, &w, &where, e) == -1)
		goto fail;
	say_result(&m, where);
	kind = m.report.status;
	if (m.report.ntrouble > 0)
		(void)err_set(e, kind, "%s", m.report.trouble[0].text);
	if (facts_close(&f) == -1)
		kind = err_worse(kind, ERR_SYSTEM);
	return (int)kind;
fail:
	kind = e->kind;
	(void)facts_close(&f);
	return (int)kind;
}

static const struct option_row option_rows[] = {
	{ "--fail-on", "SEVERITY", "critical high medium low never "
	    "(default: high)", offsetof(struct own, fail_on) },
	{ "--nonce", "HEX", "the auditor's nonce, which draws the samples",
	    offsetof(struct own, nonce) },
	{ "--engine", "NAME", "compiled (default), or sql: each test as its "
	    "own statement", offsetof(struct own, engine) },
	{ "--deep", NULL, "read the rows of sealed segments too",
	    offsetof(struct own, deep) },
	{ "--templates", "DIR", "templates of your own, for single kinds",
	    offsetof(struct own, templates) },
	{ NULL, NULL, NULL, 0 }
};

const struct command cmd_build = { "build", "[options]",
	"everything, into out/<period>/: documents, site, pack", option_rows,
	sizeof(struct own), run };
