#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "chain/checkpoint.h"
#include "crypt/sign.h"
#include "ingest/ingest.h"
#include "ingest/json.h"
#include "read/store.h"
#include "store_help.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NOW INT64_C(1793000000000000) /* 2026-10-26 */

static int
setup(void **state)
{
	struct help *h = malloc(sizeof(*h));

	help_open(h, 0);
	*state = h;
	return 0;
}

static int
teardown(void **state)
{
	help_close(*state);
	free(*state);
	return 0;
}

static int
key(void *ctx, const char **p, size_t *len, struct err *e)
{
	(void)ctx;
	(void)e;
	*p = "a payload key";
	*len = strlen(*p);
	return 0;
}

/* Reads a file into the store; the status that exhibit would give. */
static enum err_kind
ingest(struct help *h, const char *path, const char *mac_key,
    const char *timezone, struct ingest_report *r)
{
	struct ingest_options opt = { .timezone = timezone, .now_us = NOW,
		.payload_key = key, .source_key = mac_key,
		.source_keylen = mac_key == NULL ? 0 : strlen(mac_key) };
	enum err_kind worst = ERR_OK;
	struct append *ap = NULL;
	struct diag diag;
	struct err e = { 0 };

	diag_init(&diag, h->arena);
	if (append_open(h->arena, h->path, &ap, &e) == -1 ||
	    ingest_file(h->arena, ap, &opt, path, r, &diag, &e) == -1)
		worst = e.kind;
	else if (r->errors > 0)
		worst = ERR_INPUT;
	for (size_t d = 0; d < DIAG_N; d++)
		if (diagnosis_word[d].broken && r->diagnosis[d] > 0)
			worst = ERR_INTEGRITY;
	assert_int_equal(append_close(ap), 0);
	return worst;
}

/* The store again, empty. */
static void
fresh(struct help *h)
{
	struct err e = { 0 };

	if (system(arena_printf(h->arena, "rm -f %s*", h->path)) != 0 ||
	    append_create(h->path, HELP_ORIGIN, 1, &e) == -1)
		fail_msg("%s", e.msg);
}

static const char *
shared(struct help *h, const char *name)
{
	const char *dir = getenv("SHARED");
	char *path = arena_printf(h->arena, "%s/real/%s",
	    dir == NULL ? "../shared" : dir, name);

	if (access(path, R_OK) == 0)
		return path;
	printf("SKIP real log %s: not there\n", name);
	return NULL;
}

static int
covers(const char *format, const char *field, const char *protection)
{
	size_t n;
	const struct source_field *f = ingest_fields(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].format, format) == 0 &&
		    strcmp(f[i].field, field) == 0)
			return strcmp(f[i].protection, protection) == 0;
	return 0;
}

static void
the_real_logs_come_in_with_their_grade(void **state)
{
	struct help *h = *state;
	const struct {
		const char *file, *format, *key, *zone;
		uint64_t records, events, macs;
		enum grade grade;
	} cases[] = {
		{ "agt_mesh_signed.jsonl", "agt-mesh-signed", "exhibit-sample-key",
		    NULL, 423, 423, 423, GRADE_CHAINED },
		{ "agt_mesh_signed.jsonl", "agt-mesh-signed", NULL, NULL, 423, 423,
		    0, GRADE_CHAINED },
		{ "agt_mesh_export.json", "agt-mesh-export", NULL, NULL, 423, 423,
		    0, GRADE_CHAINED },
		{ "agt_flight.db", "agt-flight", NULL, NULL, 100, 200, 0,
		    GRADE_CHAINED },
		{ "agt_opencode.json", "agt-cli", NULL, NULL, 2, 2, 0,
		    GRADE_CHAINED },
		{ "agt_aml_audit_trail.json", "agt-trail", NULL, "UTC", 87, 87, 0,
		    GRADE_NONE },
		{ "agt_soc2_audit_trail.json", "agt-trail", NULL, "+02:00", 9, 9, 0,
		    GRADE_NONE },
		{ "agt_trading_audit_trail.json", "agt-trail", NULL, "UTC", 41, 41,
		    0, GRADE_NONE },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *path = shared(h, cases[i].file);
		struct ingest_report r;

		if (path == NULL)
			continue;
		fresh(h);
		if (cases[i].zone != NULL) {
			assert_int_equal(ingest(h, path, NULL, NULL, &r), ERR_INPUT);
			assert_int_equal(r.errors, cases[i].records);
			assert_int_equal(r.appended, 0);
		}
		assert_int_equal(ingest(h, path, cases[i].key, cases[i].zone, &r),
		    ERR_OK);
		assert_string_equal(r.format, cases[i].format);
		assert_int_equal(r.records, cases[i].records);
		assert_int_equal(r.appended, cases[i].events);
		assert_int_equal(r.macs, cases[i].macs);
		assert_int_equal(r.grade, cases[i].grade);
		assert_int_equal(r.end_seq, cases[i].events + 1);
		/* Again: nothing is appended, not even an import event. */
		assert_int_equal(ingest(h, path, cases[i].key, cases[i].zone, &r),
		    ERR_OK);
		assert_int_equal(r.appended, 0);
		assert_int_equal(r.known, cases[i].events);
		assert_int_equal(r.end_seq, cases[i].events + 1);
	}
}

/* Both files are the same log of the source: it goes in once. */
static void
two_formats_of_one_log_make_no_doubles(void **state)
{
	struct help *h = *state;
	const char *one = shared(h, "agt_mesh_signed.jsonl");
	const char *two = shared(h, "agt_mesh_export.json");
	struct ingest_report r;

	if (one == NULL || two == NULL)
		return;
	assert_int_equal(ingest(h, one, NULL, NULL, &r), ERR_OK);
	assert_int_equal(ingest(h, two, NULL, NULL, &r), ERR_OK);
	assert_int_equal(r.appended, 0);
	assert_int_equal(r.known, 423);
	assert_int_equal(r.diagnosis[DIAG_OTHER_FORMAT], 423);
}

/* The n-th place of a text in another; NULL: there are fewer. */
static char *
nth(char *p, const char *want, size_t n)
{
	while ((p = strstr(p, want)) != NULL && n-- > 0)
		p++;
	return p;
}

/* A byte of a value is changed; the value keeps its JSON type. */
static void
a_changed_byte_shows_or_is_named_before(void **state)
{
	struct help *h = *state;
	static const struct {
		const char *file, *format, *find, *put;
		const char *field; /* NULL: protected */
	} cases[] = {
#define S "agt_mesh_signed.jsonl", "agt-mesh-signed"
#define E "agt_mesh_export.json", "agt-mesh-export"
		{ S, "\"action\": \"invoke", "\"action\": \"unvoke", NULL },
		{ S, "did:mesh:kyc", "did:mesh:kyd", NULL },
		{ S, "\"content_hash\": \"", "\"content_hash\": \"x", NULL },
		{ S, "\"amount\": 1", "\"amount\": 2", NULL },
		{ S, "\"currency\": \"EUR", "\"currency\": \"USD", NULL },
		{ S, "\"note\": \"ok", "\"note\": \"ko", NULL },
		{ S, "\"tool_name\": \"re", "\"tool_name\": \"er", NULL },
		{ S, "audit_", "audit-", NULL },
		{ S, "tool_invocation", "tool_invocatiom", NULL },
		{ S, "\"matched_rule\": null", "\"matched_rule\": \"r\"", NULL },
		{ S, "\"outcome\": \"success", "\"outcome\": \"failure", NULL },
		{ S, "\"policy_decision\": \"allow", "\"policy_decision\": \"deny\x20",
		    NULL },
		{ S, "\"policy_decision\": null", "\"policy_decision\": \"allow\"",
		    NULL },
		{ S, "\"resource\": \"re", "\"resource\": \"er", NULL },
		{ S, "\"session_id\": null", "\"session_id\": \"s\"", NULL },
		{ S, "\"target_did\": null", "\"target_did\": \"t\"", NULL },
		{ S, "\"timestamp\": \"2026-11", "\"timestamp\": \"2026-10", NULL },
		{ S, "\"trace_id\": \"", "\"trace_id\": \"0", NULL },
		{ S, "\"signature\": \"", "\"signature\": \"0", NULL },
		{ S, "\"environment\": null", "\"environment\": \"prod\"",
		    "environment" },
		{ S, "\"sandbox_id\": null", "\"sandbox_id\": \"x\"",
		    "sandbox_id" },
		{ S, "\"compute_driver\": null", "\"compute_driver\": \"x\"",
		    "compute_driver" },
		{ E, "\"action\": \"invoke", "\"action\": \"unvoke", NULL },
		{ E, "did:mesh:kyc", "did:mesh:kyd", NULL },
		{ E, "\"entry_hash\": \"", "\"entry_hash\": \"x", NULL },
		{ E, "\"amount\": 1", "\"amount\": 2", NULL },
		{ E, "audit_", "audit-", NULL },
		{ E, "tool_invocation", "tool_invocatiom", NULL },
		{ E, "\"outcome\": \"success", "\"outcome\": \"failure", NULL },
		{ E, "\"previous_hash\": \"", "\"previous_hash\": \"0", NULL },
		{ E, "\"resource\": \"re", "\"resource\": \"er", NULL },
		{ E, "\"timestamp\": \"2026-11", "\"timestamp\": \"2026-10", NULL },
		{ E, "\"merkle_root\": \"4", "\"merkle_root\": \"5", NULL },
		{ E, "\"entry_count\": 423", "\"entry_count\": 422", NULL },
		{ E, "\"policy_decision\": \"allow", "\"policy_decision\": \"warn\x20",
		    "policy_decision" },
		{ E, "\"policy_version\": \"2026.07.2",
		    "\"policy_version\": \"2026.07.1", "policy_version" },
		{ E, "\"approver_did\": null", "\"approver_did\": \"did:x\"",
		    "approver_did" },
		{ E, "\"arguments_hash\": \"", "\"arguments_hash\": \"0",
		    "arguments_hash" },
		{ E, "\"trace_id\": \"", "\"trace_id\": \"0", "trace_id" },
		{ E, "\"issued_at\": null", "\"issued_at\": \"2026-01-01T00:00:00Z\"",
		    "issued_at" },
		{ E, "\"environment\": null", "\"environment\": \"prod\"",
		    "environment" },
#define C "agt_opencode.json", "agt-cli"
		{ C, "27:55.379", "27:55.378", NULL },
		{ C, "\"agentId\": \"open", "\"agentId\": \"opem", NULL },
		{ C, "rm -rf", "rm -rg", NULL }, { C, "\"deny", "\"warn", NULL },
		{ C, "def6", "def7", NULL },
#undef S
#undef E
#undef C
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *path = shared(h, cases[i].file), *format;
		char *copy = arena_printf(h->arena, "%s/copy", h->dir), *p, *at;
		struct str s = str_new(h->arena);
		struct ingest_report r;
		enum err_kind kind;
		struct err e = { 0 };
		size_t len;

		if (path == NULL)
			continue;
		assert_int_equal(out_slurp(h->arena, path, MIB, &p, &len, &e), 0);
		at = nth(p, cases[i].find, i % 3);
		if (at == NULL)
			at = nth(p, cases[i].find, 0);
		assert_non_null(at);
		str_add(&s, p, (size_t)(at - p));
		str_addz(&s, cases[i].put);
		str_addz(&s, at + strlen(cases[i].find));
		(void)unlink(copy);
		assert_int_equal(out_replace(copy, s.p, s.len, 0600, &e), 0);
		fresh(h);
		kind = ingest(h, copy, "exhibit-sample-key", NULL, &r);
		format = r.format;
		assert_string_equal(format, cases[i].format);
		if (kind != (cases[i].field == NULL ? ERR_INTEGRITY : ERR_OK) ||
		    r.grade != (cases[i].field == NULL ? GRADE_BROKEN :
		    GRADE_CHAINED))
			fail_msg("%s %s: status %d, grade %s", cases[i].file,
			    cases[i].put, kind, grade_name(r.grade));
		if (cases[i].field != NULL &&
		    !covers(format, cases[i].field, "no"))
			fail_msg("%s: not named", cases[i].field);
	}
}

/* docs/format/logs.md names what the table names. */
static void
the_manual_names_every_field(void **state)
{
	struct help *h = *state;
	const struct source_field *f;
	struct err e = { 0 };
	size_t n, len;
	char *doc;

	assert_int_equal(out_slurp(h->arena, "docs/format/logs.md", MIB, &doc,
	    &len, &e), 0);
	for (const char *const *name = ingest_formats(); *name != NULL; name++)
		if (strstr(doc, arena_printf(h->arena, "`%s`", *name)) == NULL)
			fail_msg("%s", *name);
	f = ingest_fields(&n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].protection, "chain") != 0 &&
		    strstr(doc, f[i].field) == NULL)
			fail_msg("%s of %s", f[i].field, f[i].format);
	for (size_t d = 0; d < DIAG_N; d++)
		if (strstr(doc, arena_printf(h->arena, "`%s`",
		    diagnosis_word[d].name)) == NULL)
			fail_msg("%s", diagnosis_word[d].name);
}

/* FlightRecorder's rows, changed by sqlite3. */
static void
a_changed_row_shows_or_is_named_before(void **state)
{
	struct help *h = *state;
	const char *path = shared(h, "agt_flight.db");
	static const struct {
		const char *set, *field;
	} cases[] = {
		{ "trace_id = 'x'", NULL }, { "timestamp = '2026-01-01T00:00:00Z'",
		    NULL }, { "agent_id = 'x'", NULL }, { "tool_name = 'x'", NULL },
		{ "tool_args = '{}'", NULL }, { "policy_verdict = 'blocked'", NULL },
		{ "violation_reason = 'x'", NULL }, { "result = 'x'", NULL },
		{ "execution_time_ms = 1.5", NULL }, { "entry_hash = 'x'", NULL },
		{ "previous_hash = 'x'", NULL }, { "content_hash = 'x'", NULL },
		{ "input_prompt = 'x'", "input_prompt" },
		{ "metadata = '{}'", "metadata" },
	};

	if (path == NULL)
		return;
	for (size_t i = 0; i < LEN(cases); i++) {
		char *copy = arena_printf(h->arena, "%s/copy%zu.db", h->dir, i);
		struct ingest_report r;

		if (system(arena_printf(h->arena, "cp %s %s && chmod 600 %s && "
		    "sqlite3 %s \"UPDATE audit_log SET %s WHERE id = 60\"", path,
		    copy, copy, copy, cases[i].set)) != 0)
			fail();
		fresh(h);
		if (ingest(h, copy, NULL, NULL, &r) !=
		    (cases[i].field == NULL ? ERR_INTEGRITY : ERR_OK))
			fail_msg("%s: grade %s", cases[i].set, grade_name(r.grade));
		if (cases[i].field != NULL)
			assert_true(covers("agt-flight", cases[i].field, "no"));
		else
			assert_int_equal(r.bad_line == 60 || r.bad_line == 61, 1);
	}
}

/* A log that is still written, with its rows in the WAL. */
static void
a_flight_log_with_a_wal_is_read_whole(void **state)
{
	struct help *h = *state;
	const char *path = shared(h, "agt_flight.db");
	struct ingest_report r;
	char *live;

	if (path == NULL)
		return;
	live = arena_printf(h->arena, "%s/live.db", h->dir);
	/* Copied away while a writer has it open: the WAL stays beside it. */
	if (system(arena_printf(h->arena, "cp %s %s/w.db && chmod 600 %s/w.db && "
	    "sqlite3 %s/w.db 'PRAGMA journal_mode=wal' 'PRAGMA "
	    "wal_autocheckpoint=0' \"UPDATE audit_log SET input_prompt = 'x'\" "
	    "'.shell cp %s/w.db %s; cp %s/w.db-wal %s-wal' >/dev/null", path,
	    h->dir, h->dir, h->dir, h->dir, live, h->dir, live)) != 0)
		fail();
	assert_int_equal(ingest(h, live, NULL, NULL, &r), ERR_OK);
	assert_int_equal(r.records, 100);
	assert_int_equal(r.appended, 200);
}

/* Expected: python3 json.dumps, JSON.stringify. */
static void
json_is_spelt_as_its_source_does(void **state)
{
	struct help *h = *state;
	static const char text[] = "{\"b\": [1.0, 1e16, -0, true, null, \"\\u00e9"
	    "\\ud83d\\ude02\\u007f\\/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u2028\"], "
	    "\"\\ufb33\": {}, \"a\": {\"z\": [], \"y\": \"\\ud800\"}, "
	    "\"\\ud83d\\ude02\": 1}";
	static const char python[] = "{\"a\": {\"y\": \"\\ud800\", \"z\": []}, "
	    "\"b\": [1.0, 1e16, -0, true, null, \"\\u00e9\\ud83d\\ude02\\u007f/"
	    "\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u2028\"], \"\\ufb33\": {}, "
	    "\"\\ud83d\\ude02\": 1}";
	static const char js[] = "\"\xc3\xa9\xf0\x9f\x98\x82\x7f/\\\"\\\\\\b\\f\\n"
	    "\\r\\t\\u0001\xe2\x80\xa8\"";
	struct str s = str_new(h->arena);
	struct json_fault fault = { 0, "" };
	struct json *v;
	const struct json *b;

	assert_int_equal(json_parse(h->arena, text, sizeof(text) - 1, &v, &fault),
	    0);
	json_python(&s, v);
	assert_string_equal(s.p, python);
	str_reset(&s);
	b = json_get(v, "b")->child;
	while (b->next != NULL)
		b = b->next;
	json_js_text(&s, b->p, b->len);
	assert_string_equal(s.p, js);
	str_reset(&s);
	json_js_text(&s, json_get(json_get(v, "a"), "y")->p, 3);
	assert_string_equal(s.p, "\"\\ud800\"");
}

static void
what_is_not_json_has_its_place(void **state)
{
	struct help *h = *state;
	static const struct {
		const char *p;
		size_t at;
		const char *what;
	} cases[] = {
		{ "", 0, "a value is missing" }, { "{", 1, "want a key" },
		{ "[1,]", 3, "not JSON" }, { "[NaN]", 1, "not JSON" },
		{ "[Infinity]", 1, "not JSON" }, { "[-Infinity]", 2, "not JSON" },
		{ "[01]", 3, "leading zero" }, { "[1.]", 3, "digit after" },
		{ "[1e]", 3, "exponent" }, { "[+1]", 1, "not JSON" },
		{ "{\"a\":1,\"a\":2}", 7, "duplicate key" },
		{ "{\"a\":1,\"\\u0061\":2}", 7, "duplicate key" },
		{ "[\"\x01\"]", 2, "control character" },
		{ "[\"\xff\"]", 2, "not UTF-8" },
		{ "[\"a\\n\xc0\x80\"]", 5, "not UTF-8" },
		{ "[\"\\x\"]", 3, "unknown escape" },
		{ "[\"\\u12\"]", 3, "four hex digits" }, { "[\"abc", 5, "end" },
		{ "1 2", 2, "after the value" }, { "{'a':1}", 1, "want a key" },
		{ "{\"a\" 1}", 5, "want ':'" }, { "[1 2]", 3, "want ',' or ']'" },
		{ "nul", 0, "not JSON" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct json_fault fault = { 0, "" };
		size_t len = strlen(cases[i].p);
		struct json *v;

		assert_int_equal(json_parse(h->arena, arena_memdup(h->arena,
		    cases[i].p, len), len, &v, &fault), -1);
		if (fault.at != cases[i].at ||
		    strstr(fault.what, cases[i].what) == NULL)
			fail_msg("%s: %zu %s", cases[i].p, fault.at, fault.what);
	}
}

static void
nesting_and_keys_have_limits(void **state)
{
	struct help *h = *state;

	for (size_t depth = LIMIT_LOG_DEPTH - 1; depth <= LIMIT_LOG_DEPTH + 1;
	    depth++) {
		struct str s = str_new(h->arena);
		struct json_fault fault = { 0, "" };
		struct json *v;

		for (size_t i = 0; i < depth; i++)
			str_addc(&s, '[');
		for (size_t i = 0; i < depth; i++)
			str_addc(&s, ']');
		assert_int_equal(json_parse(h->arena, s.p, s.len, &v, &fault),
		    depth <= LIMIT_LOG_DEPTH ? 0 : -1);
	}
	/* Many keys: each seen once, a repeated one found. */
	for (int twice = 0; twice < 2; twice++) {
		struct str s = str_new(h->arena);
		struct json_fault fault = { 0, "" };
		struct json *v;

		for (int i = 0; i < 1000; i++)
			str_addf(&s, "%c\"k%d\":1", i == 0 ? '{' : ',',
			    twice && i == 999 ? 500 : i);
		str_addc(&s, '}');
		assert_int_equal(json_parse(h->arena, s.p, s.len, &v, &fault),
		    twice ? -1 : 0);
	}
}

/* A run that was killed leaves whole batches, and a second one the rest. */
static void
an_import_goes_on_where_it_was_cut(void **state)
{
	struct help *h = *state;
	char *log = arena_printf(h->arena, "%s/log", h->dir);
	struct str s = str_new(h->arena);
	struct ingest_report r;
	struct err e = { 0 };
	size_t half = 0;

	for (int i = 0; i < 400; i++) {
		str_addf(&s, "{\"event_id\":\"e%d\",\"event_type\":\"action\","
		    "\"agent_id\":\"a\",\"occurred_us\":%d,\"recorded_us\":%d}\n",
		    i, i, i);
		if (i == 199)
			half = s.len;
	}
	assert_int_equal(out_replace(log, s.p, half, 0600, &e), 0);
	assert_int_equal(ingest(h, log, NULL, NULL, &r), ERR_OK);
	assert_int_equal(r.appended, 200);
	assert_int_equal(out_replace(log, s.p, s.len, 0600, &e), 0);
	assert_int_equal(ingest(h, log, NULL, NULL, &r), ERR_OK);
	assert_int_equal(r.appended, 200);
	assert_int_equal(r.known, 200);
	assert_int_equal(r.end_seq, 402);
}

static void
a_segment_row_ends_each_segment(void **state)
{
	struct help *h = *state;
	struct store_segment *seg;
	struct store *s;
	struct append *ap;
	struct err e = { 0 };
	uint8_t root[HASH_LEN];
	struct hash *hash = hash_new(h->arena);
	size_t n;

	help_append(h, 0, LIMIT_SEGMENT - 1);
	help_append(h, LIMIT_SEGMENT - 1, 3);
	assert_int_equal(store_open(h->arena, h->path, &s, &e), 0);
	assert_int_equal(store_segments(s, h->arena, "test", &seg, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(seg[0].first_seq, 0);
	assert_int_equal(seg[0].from_us, 0);
	assert_int_equal(seg[0].to_us, 10 * (LIMIT_SEGMENT - 1));
	assert_int_equal(append_open(h->arena, h->path, &ap, &e), 0);
	/* With the segment's root, and from the rows where there is none. */
	assert_int_equal(append_root(ap, LIMIT_SEGMENT, root, &e), 0);
	assert_memory_equal(root, seg[0].root, HASH_LEN);
	assert_int_equal(append_root(ap, LIMIT_SEGMENT + 3, root, &e), -1);
	assert_int_equal(e.kind, ERR_INTEGRITY);
	assert_int_equal(append_close(ap), 0);
	assert_int_equal(store_close(s), 0);
	hash_free(hash);
}

/* pack.md section 4: a key never signs what contradicts its last note. */
static void
a_rewritten_log_is_not_signed(void **state)
{
	struct help *h = *state;
	const uint8_t seed[32] = { 7 };
	struct sign_key *k;
	struct checkpoint last;
	struct append *ap;
	struct err e = { 0 };
	uint8_t root[HASH_LEN];
	char *note;

	help_append(h, 0, 10);
	assert_int_equal(sign_from_seed(seed, &k, &e), 0);
	assert_int_equal(append_open(h->arena, h->path, &ap, &e), 0);
	assert_int_equal(append_root(ap, 10, root, &e), 0);
	assert_int_equal(checkpoint_sign(h->arena, HELP_ORIGIN, 10, root, k, &note,
	    &e), 0);
	assert_int_equal(append_close(ap), 0);
	help_append(h, 10, 5);

	assert_int_equal(append_open(h->arena, h->path, &ap, &e), 0);
	assert_int_equal(checkpoint_last(h->arena, note, strlen(note), HELP_ORIGIN,
	    15, &last, &e), 0);
	assert_int_equal(append_root(ap, last.size, root, &e), 0);
	assert_int_equal(checkpoint_follows(&last, root, &e), 0);
	assert_int_equal(checkpoint_last(h->arena, note, strlen(note), HELP_ORIGIN,
	    9, &last, &e), -1);
	assert_int_equal(e.kind, ERR_INTEGRITY);
	assert_non_null(strstr(e.msg, "it was cut"));
	assert_int_equal(checkpoint_last(h->arena, note, strlen(note), "a/b/c", 15,
	    &last, &e), -1);
	assert_int_equal(e.kind, ERR_INTEGRITY);
	assert_int_equal(append_close(ap), 0);

	/* The last event that was signed, and its successor's link. */
	help_forge(h, "UPDATE event SET agent_id = 'forged' WHERE seq = 9;");
	assert_int_equal(append_open(h->arena, h->path, &ap, &e), -1);
	assert_int_equal(e.kind, ERR_INTEGRITY);
	assert_non_null(strstr(e.msg, "broken at event 10"));
	assert_int_equal(append_close(ap), 0);
	(void)sign_close(k);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_real_logs_come_in_with_their_grade),
		T(two_formats_of_one_log_make_no_doubles),
		T(a_changed_byte_shows_or_is_named_before),
		T(the_manual_names_every_field),
		T(a_changed_row_shows_or_is_named_before),
		T(a_flight_log_with_a_wal_is_read_whole),
		T(json_is_spelt_as_its_source_does),
		T(what_is_not_json_has_its_place),
		T(nesting_and_keys_have_limits),
		T(an_import_goes_on_where_it_was_cut),
		T(a_segment_row_ends_each_segment),
		T(a_rewritten_log_is_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
