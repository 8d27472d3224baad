/*
 * Seeded truth, both ways: the sample company's log has nothing to find, and
 * each fault of samples/faults.yaml and mappings/faults.yaml is found on
 * exactly its rows.  The logs are those of 10,000 events without the runs
 * that are drawn (r.., and most of s..): anchors and calendar, which every log
 * holds.
 *
 *	SAMPLE=build/release/sample build/release/tests/unit/test_truth
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/doc.h"
#include "eval/eval.h"
#include "ingest/append.h"
#include "ingest/ingest.h"
#include "read/catalogue.h"
#include "read/faults.h"
#include "read/project.h"
#include "read/registry.h"
#include "read/store.h"
#include "read/yaml.h"

#define COMPANY "samples/company"

/* Read and compiled once. */
static struct catalogue *catalogue;

/* What each test says of the clean log: a fault must not change it. */
static struct state {
	const char *test, *scope;
	enum outcome outcome;
	uint64_t b;
} *state_of;
static size_t nstate;

/* What was found: lines "TEST row", sorted; and what became untestable. */
struct found {
	char **line;
	size_t n, cap;
};

struct world {
	struct arena *a;
	char dir[32], log[64], db[64];
	struct eval *eval;
	struct store *store;
	const struct eval_statement *statement;
	struct diag d;
};

static void
check_diag(const struct diag *d)
{
	for (size_t i = 0; i < d->n; i++)
		print_error("%s\n", d->line[i]);
	assert_int_equal(d->total, 0);
}

static void
check_err(int rc, const struct err *e)
{
	if (rc == -1)
		print_error("%s\n", e->msg);
	assert_int_not_equal(rc, -1);
}

/* Whether the line is of a run that was drawn, r0000001 or s01-40.  Of shadow
 * runs the first three of a version stay, and of the others what they decided
 * and how it was judged: a version needs both (ML-05, ML-06). */
static int
drawn(const char *line)
{
	const char *id = strstr(line, "\"event_id\":\"");
	size_t n;

	assert_non_null(id);
	id += strlen("\"event_id\":\"");
	if ((*id != 'r' && *id != 's') || id[1] < '0' || id[1] > '9')
		return 0;
	n = strcspn(id, "/\"");
	return *id == 'r' || (!(id[4] == '0' && id[5] <= '3') &&
	    strncmp(id + n, "/decision", strlen("/decision")) != 0 &&
	    strncmp(id + n, "/review", strlen("/review")) != 0);
}

/* Tests that read contents, which no other needs: they take time to store. */
static int
needs_contents(const char *judged)
{
	return judged == NULL || strcmp(judged, "AU-06.t1") == 0 ||
	    strcmp(judged, "DA-03.t2") == 0 || strcmp(judged, "HO-05.t4") == 0 ||
	    strcmp(judged, "IN-03.t3") == 0;
}

static void
make_log(struct world *w, const char *file, const char *only,
    const char *judged)
{
	const char *sample = getenv("SAMPLE");
	struct str cmd = str_new(w->a);
	static char line[1 << 16];
	FILE *from, *to = fopen(w->log, "w");

	str_addf(&cmd, "%s --events 10000 --seed 1%s -C %s", sample != NULL ?
	    sample : "build/release/sample", needs_contents(judged) ? "" :
	    " --only-log", COMPANY);
	if (file != NULL)
		str_addf(&cmd, " --faults %s", file);
	if (only != NULL)
		str_addf(&cmd, " --fault %s", only);
	from = popen(cmd.p, "r");
	assert_true(from != NULL && to != NULL);
	while (fgets(line, sizeof(line), from) != NULL)
		if (strncmp(line, "{\"payload\"", 10) == 0 || !drawn(line))
			assert_true(fputs(line, to) >= 0);
	assert_int_equal(pclose(from), 0);
	assert_int_equal(fclose(to), 0);
}

static void
ingest_log(struct world *w)
{
	struct ingest_options o = { .now_us = date_civil(2026, 10, 12) };
	struct ingest_report r;
	struct append *to;
	struct err e = { 0 };

	(void)unlink(w->db);
	check_err(append_create(w->db, "fictional-retail/main/main", 0, &e),
	    &e);
	check_err(append_open(w->a, w->db, &to, &e), &e);
	check_err(ingest_file(w->a, to, &o, w->log, &r, &w->d, &e), &e);
	check_diag(&w->d);
	assert_true(r.appended > 4000);
	assert_int_equal(append_close(to), 0);
}

static int
on_event(void *ctx, const struct event *ev, struct err *e)
{
	struct world *w = ctx;

	(void)e;
	eval_feed(w->eval, 0, ev);
	return 0;
}

static int
related(void *ctx, uint32_t stream, int by, const struct value *key,
    const int *want, size_t n, eval_each_fn *each, void *eachctx,
    struct err *e)
{
	struct world *w = ctx;

	(void)stream;
	return store_related(w->store, "main", by, key, want, n, each, eachctx,
	    e);
}

static int
on_row(void *ctx, const struct value *v, size_t n, struct err *e)
{
	struct world *w = ctx;

	return eval_row(w->eval, w->statement, v, n, e);
}

/* only: of the statements no other is run. */
static void
run_statements(struct world *w, const struct eval_input *in, const char *only)
{
	const struct eval_statement *s;
	size_t n = eval_statements(w->eval, &s);
	struct err e = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (only != NULL && strcmp(only, s[i].test->id) != 0)
			continue;
		w->statement = &s[i];
		store_contents(w->store, s[i].own);
		check_err(store_query(w->store, s[i].sql, s[i].from_us,
		    s[i].to_us, in->as_of_us, on_row, w, &e), &e);
	}
}

static void
add_found(struct world *w, struct found *f, const struct result *r,
    const struct cite *c)
{
	struct event ev;
	struct err e = { 0 };
	const char *row = c->at.file;

	if (row == NULL) {
		check_err(store_row(w->store, w->a, "main", c->seq, &ev, &e),
		    &e);
		row = ev.col[EVENT_EVENT_ID].p;
	}
	*VEC_PUSH(w->a, f->line, f->n, f->cap) = arena_printf(w->a, "%s %s",
	    r->test->id, row);
}

static void
sort_found(struct found *f)
{
	if (f->n > 0)
		qsort(f->line, f->n, sizeof(*f->line), str_qcmp);
}

static const struct state *
clean_state(const struct result *r)
{
	for (size_t i = 0; i < nstate; i++)
		if (strcmp(state_of[i].test, r->test->id) == 0 &&
		    strcmp(state_of[i].scope, r->scope) == 0)
			return &state_of[i];
	return NULL;
}

/* A change that no row tells: what is untestable now, or left the test. */
static int
changed(const struct result *r)
{
	const struct state *s = clean_state(r);

	if (r->outcome == OUT_FAIL || (r->reason != NULL &&
	    strcmp(r->reason, "prerequisite-failed") == 0))
		return 0;
	if (r->outcome == OUT_NO_EVIDENCE || r->b > 0)
		return 1;
	return s != NULL && s->outcome != r->outcome;
}

/* TR-04.t2 fails wherever a claim of another test does: it is judged alone. */
static int
is_judged(const struct test *t, const char *only)
{
	return t != NULL && !t->advice && (only != NULL ?
	    strcmp(only, t->id) == 0 : strcmp(t->id, "TR-04.t2") != 0);
}

static void
collect(struct world *w, const struct findings *all, const char *only,
    struct found *f)
{
	for (size_t i = 0; i < all->nresult; i++) {
		const struct result *r = &all->result[i];

		if (!is_judged(r->test, only))
			continue;
		for (size_t k = 0; k < r->nexception; k++)
			add_found(w, f, r, &r->exception[k]);
		if (only == NULL && changed(r))
			*VEC_PUSH(w->a, f->line, f->n, f->cap) =
			    arena_printf(w->a, "%s %s: %s %s, %d blind",
			    r->test->id, r->scope, outcome_name(r->outcome),
			    r->reason != NULL ? r->reason : "", (int)r->b);
	}
	sort_found(f);
}

static void
keep_states(const struct findings *all)
{
	state_of = calloc(all->nresult + 1, sizeof(*state_of));
	assert_non_null(state_of);
	for (size_t i = 0; i < all->nresult; i++) {
		const struct result *r = &all->result[i];

		if (r->test == NULL)
			continue;
		state_of[nstate++] = (struct state){ r->test->id,
			strdup(r->scope), r->outcome, r->b };
	}
}

static void
add_papers(struct world *w, struct eval_input *in)
{
	struct eval_paper *p = arena_array(w->a, doc_nkinds, sizeof(*p));

	for (size_t i = 0; i < doc_nkinds; i++) {
		p[i].kind = doc_kinds[i].id;
		p[i].claims = doc_claims(w->a, &doc_kinds[i], &p[i].nclaims);
	}
	in->paper = p;
	in->npaper = doc_nkinds;
}

/* Evaluates the log with the reference tables, both with the fault in them. */
static struct found
evaluate(struct world *w, const struct faults *faults, const char *only)
{
	struct eval_input in = { 0 };
	struct stream s = { .name = "main", .dir = "main", .intact = 1,
		.weakest = GRADE_NONE };
	struct store_stream *ss;
	const struct findings *all;
	struct found f = { 0 };
	struct project p;
	struct ref *ref;
	struct err e = { 0 };
	size_t n;

	assert_int_equal(project_read(w->a, COMPANY, &p, &w->d), 0);
	in.organisation = p.organisation;
	in.as_of_us = date_civil(2026, 10, 12);
	assert_int_equal(date_parse_period("2026-Q3", &in.from_us, &in.to_us),
	    0);
	(void)registry_read_with(w->a, &p, in.as_of_us, faults, &w->d, &ref);
	in.ref = ref;
	in.catalogue = catalogue;
	check_diag(&w->d);

	check_err(store_open(w->a, w->db, &w->store, &e), &e);
	check_err(store_streams(w->store, w->a, &ss, &n, &e), &e);
	s.origin = ss[0].origin;
	s.size = ss[0].size;
	in.stream = &s;
	in.nstream = 1;
	in.nonce = "truth";
	in.project = "exhibit.yaml";
	add_papers(w, &in);
	w->eval = eval_new(w->a, &in);
	eval_relate(w->eval, related, w);
	check_err(store_load_ref(w->store, ref, &e), &e);
	check_err(store_scan(w->store, "main", 0, s.size, on_event, w, &e), &e);
	run_statements(w, &in, only);
	/* The chain's own tests are judged elsewhere (test_chain.c). */
	eval_quiet(w->eval, "AU-01.t2", "main", "not judged here");
	eval_quiet(w->eval, "AU-07.t1", "main", "not judged here");
	eval_quiet(w->eval, "SE-02.t3", "fictional-retail", "not judged here");
	all = eval_finish(w->eval);
	if (state_of == NULL)
		keep_states(all);
	collect(w, all, only, &f);
	eval_free(w->eval);
	assert_int_equal(store_close(w->store), 0);
	project_close(&p);
	return f;
}

/* What a fault says must be found, of tests that ship. */
static void
add_rows(struct arena *a, struct found *f, const char *test,
    const struct yaml *rows)
{
	for (const struct yaml *r = rows->first; r != NULL; r = r->next)
		*VEC_PUSH(a, f->line, f->n, f->cap) = arena_printf(a, "%s %s",
		    test, r->text);
}

static int
ships(const char *test)
{
	for (size_t i = 0; i < catalogue->ncontrol; i++) {
		const struct control *c = &catalogue->control[i];

		for (size_t k = 0; k < c->ntest; k++)
			if (strcmp(c->test[k].id, test) == 0)
				return 1;
	}
	return 0;
}

static void
add_finds(struct arena *a, struct found *f, const struct yaml *fault)
{
	const struct yaml *finds = yaml_find(fault, "finds");
	const struct yaml *test = yaml_find(fault, "test");

	assert_non_null(finds);
	if (test != NULL) {
		assert_true(ships(test->text));
		assert_true(finds->n > 0);
		add_rows(a, f, test->text, finds);
		return;
	}
	for (const struct yaml *x = finds->first; x != NULL; x = x->next)
		if (ships(yaml_find(x, "test")->text))
			add_rows(a, f, yaml_find(x, "test")->text,
			    yaml_find(x, "rows"));
}

/* Says each line that only one side has; the number of them. */
static size_t
differences(const char *name, const struct found *want,
    const struct found *got)
{
	size_t i = 0, k = 0, bad = 0;

	while (i < want->n || k < got->n) {
		int c = i == want->n ? 1 : k == got->n ? -1
		    : strcmp(want->line[i], got->line[k]);

		if (c != 0) {
			print_error("%s: %s %s\n", name, c < 0 ? "not found:"
			    : "also found:", c < 0 ? want->line[i]
			    : got->line[k]);
			bad++;
		}
		i += c <= 0;
		k += c >= 0;
	}
	return bad;
}

static void
make(struct world *w)
{
	*w = (struct world){ .a = arena_new() };
	diag_init(&w->d, w->a);
	/* In memory where that is possible: each store is synced to disk. */
	snprintf(w->dir, sizeof(w->dir), "/dev/shm/truth-XXXXXX");
	if (mkdtemp(w->dir) == NULL) {
		snprintf(w->dir, sizeof(w->dir), "/tmp/truth-XXXXXX");
		assert_non_null(mkdtemp(w->dir));
	}
	snprintf(w->log, sizeof(w->log), "%s/log.jsonl", w->dir);
	snprintf(w->db, sizeof(w->db), "%s/audit.db", w->dir);
}

static void
unmake(struct world *w)
{
	struct err e = { 0 };

	check_err(out_rmtree(AT_FDCWD, w->dir, &e), &e);
	arena_free(w->a);
}

static void
clean_finds_nothing(void **state)
{
	const struct found nothing = { 0 };
	struct found got;
	struct world w;

	(void)state;
	make(&w);
	make_log(&w, NULL, NULL, NULL);
	ingest_log(&w);
	got = evaluate(&w, NULL, NULL);
	assert_int_equal(differences("clean", &nothing, &got), 0);
	unmake(&w);
}

/*
 * The faults of a file: all (only NULL), or one by its id or test.  judged:
 * the one test that is looked at, NULL: all.
 */
static size_t
try_faults(const char *file, const char *only, const char *judged,
    const struct yaml *list)
{
	struct found want = { 0 }, got;
	const struct faults *faults;
	struct world w;
	struct err e = { 0 };
	size_t len, bad;
	char *text;

	make(&w);
	check_err(out_slurp(w.a, file, 1 << 20, &text, &len, &e), &e);
	faults = faults_read(w.a, file, text, len, only, &w.d);
	check_diag(&w.d);
	for (const struct yaml *f = list->first; f != NULL; f = f->next)
		if (only == NULL || strcmp(yaml_find(f, judged != NULL ?
		    "test" : "id")->text, only) == 0)
			add_finds(w.a, &want, f);
	sort_found(&want);
	make_log(&w, file, only, judged);
	ingest_log(&w);
	got = evaluate(&w, faults, judged);
	bad = differences(only != NULL ? only : file, &want, &got);
	unmake(&w);
	return bad;
}

static const struct yaml *
read_list(struct arena *a, const char *file)
{
	struct diag d;
	struct err e = { 0 };
	const struct yaml *root;
	size_t len;
	char *text;

	diag_init(&d, a);
	check_err(out_slurp(a, file, 1 << 20, &text, &len, &e), &e);
	root = yaml_read(a, file, text, len, &d);
	check_diag(&d);
	return yaml_find(root, "faults");
}

/*
 * Each fault of a file alone, in two processes; the number of differences.
 * key: id, or test, which alone is judged then.
 */
static size_t
try_each(const char *file, const char *key, const struct yaml *list)
{
	const int judge_one = strcmp(key, "test") == 0;
	size_t bad = 0, n = 0;
	int status;

	for (size_t part = 0; part < 2; part++) {
		const pid_t pid = fork();

		assert_int_not_equal(pid, -1);
		if (pid > 0)
			continue;
		(void)setenv("CMOCKA_TEST_ABORT", "1", 1);
		for (const struct yaml *f = list->first; f != NULL;
		    f = f->next) {
			const char *name = yaml_find(f, key)->text;

			if (n++ % 2 == part)
				bad += try_faults(file, name, judge_one ? name
				    : NULL, list);
		}
		_exit(bad > 100 ? 100 : (int)bad);
	}
	for (size_t part = 0; part < 2; part++) {
		assert_int_not_equal(wait(&status), -1);
		bad += status != 0;
	}
	return bad;
}

/* Each alone, then all at once: no other test changes. */
static void
each_seeded_fault_is_found_and_nothing_else(void **state)
{
	static const char file[] = "samples/faults.yaml";
	struct arena *a = arena_new();
	const struct yaml *list = read_list(a, file);
	size_t bad;

	(void)state;
	assert_non_null(state_of);
	bad = try_each(file, "id", list);
	bad += try_faults(file, NULL, NULL, list);
	assert_int_equal(bad, 0);
	arena_free(a);
}

/* The edits that a test is judged by stand in one fault. */
static void
each_shipped_test_finds_its_faults(void **state)
{
	static const char file[] = "mappings/faults.yaml";
	struct arena *a = arena_new();
	const struct yaml *list = read_list(a, file);

	(void)state;
	assert_true(list->n > 0);
	for (const struct yaml *f = list->first; f != NULL; f = f->next)
		for (const struct yaml *g = f->next; g != NULL; g = g->next)
			assert_string_not_equal(yaml_find(f, "test")->text,
			    yaml_find(g, "test")->text);
	assert_int_equal(try_each(file, "test", list), 0);
	arena_free(a);
}

static int
read_catalogue(void **state)
{
	struct arena *a = arena_new();
	struct diag d;

	*state = a;
	diag_init(&d, a);
	catalogue = catalogue_read(a, NULL, &d);
	eval_compile(a, catalogue, "fictional-retail", &d);
	check_diag(&d);
	return 0;
}

static int
free_catalogue(void **state)
{
	arena_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_finds_nothing),
		cmocka_unit_test(each_seeded_fault_is_found_and_nothing_else),
		cmocka_unit_test(each_shipped_test_finds_its_faults),
	};

	return cmocka_run_group_tests_name("truth", tests, read_catalogue,
	    free_catalogue);
}
