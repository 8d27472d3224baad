#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>

#include "crypt/hash.h"
#include "project_help.h"
#include "read/policy.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define AS_OF INT64_C(1791763200000000) /* 2026-10-12, python3 */

#define PEOPLE "registry/people.yaml", \
	"schema: exhibit-people/1\n" \
	"roles: [{role: legal}, {role: finance}, {role: product}]\n" \
	"people:\n" \
	"- {person_id: author.one, roles: [{role: product}]}\n" \
	"- {person_id: legal.one, roles: [{role: legal}]}\n" \
	"- {person_id: legal.two, roles: [{role: legal, to: 2026-07-01}]}\n" \
	"- {person_id: finance.one, roles: [{role: finance}]}\n"
#define ACTIONS "registry/actions.yaml", \
	"schema: exhibit-actions/1\nactions:\n" \
	"- {action: refund.create, impact: moderate, reversible: full}\n" \
	"- {action: letter.send, impact: moderate, reversible: none}\n" \
	"- {action: account.delete, impact: critical, reversible: none}\n"
#define POLICY "policies/p/policy.yaml"
#define P "schema: exhibit-policy/1\nowner: finance.one\n" \
	"review_interval: P5Y\n"
#define V "schema: exhibit-policy-version/1\nauthor: author.one\n"
#define V1 "policies/p/1.yaml"
#define V2 "policies/p/2.yaml"

/* An approval of the version's own bytes, and a report that passed. */
struct approval {
	const char *path, *by, *role, *at, *decision;
};

static const char *
hash_of(struct fixture *f, const char *text)
{
	struct hash *h = hash_new(f->arena);
	char hex[HASH_HEXLEN];
	uint8_t sha[HASH_LEN];

	hash_bytes(h, sha, text, strlen(text));
	hash_free(h);
	hash_hex(hex, sha);
	return arena_strdup(f->arena, hex);
}

static void
approve(struct fixture *f, const struct file *file, size_t nfile,
    const struct approval *a, size_t n)
{
	struct str s = str_new(f->arena);

	str_addz(&s, "schema: exhibit-evidence/1\nentries:\n");
	for (size_t i = 0; i < n && a[i].path != NULL; i++)
		for (size_t k = 0; k < nfile && file[k].path != NULL; k++)
			if (strcmp(file[k].path, a[i].path) == 0)
				str_addf(&s, "- {path: %s, sha256: %s, by: %s, "
				    "role: %s, at: %s, decision: %s}\n",
				    a[i].path, hash_of(f, file[k].text),
				    a[i].by, a[i].role, a[i].at,
				    a[i].decision ? a[i].decision :
				    "approved");
	if (s.len > strlen("schema: exhibit-evidence/1\nentries:\n"))
		fixture_write(f, "evidence/index.yaml", s.p);
}

/* "1 no-approval: ...\n" for each finding but those of the list. */
static const char *
findings(struct fixture *f, const char *but)
{
	const struct ref_table *t = ref_table(f->ref, "ref_policy_finding");
	struct str s = str_new(f->arena);

	for (size_t i = 0; i < t->nrow; i++)
		if (strstr(but, ref_text(t, i, "finding")) == NULL)
			str_addf(&s, "%s %s: %s\n",
			    ref_text(t, i, "policy_version"),
			    ref_text(t, i, "finding"),
			    ref_text(t, i, "detail"));
	return s.p;
}

/* One fault a row.  A history without reports is untested throughout. */
static void
each_fault_of_a_history_is_a_finding(void **state)
{
	const struct {
		const char *name;
		struct file file[4];
		struct approval approval[4];
		const char *want;
	} cases[] = {
		{ "approved in time by another in his role",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } }, "" },
		{ "nobody approved",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", "reviewed" } },
		    "1 no-approval: no entry approves these bytes\n" },
		{ "not yet in force, it still has time",
		    { { POLICY, P }, { V1, V "from: 2026-12-01\n" } },
		    { { NULL, NULL, NULL, NULL, NULL } }, "" },
		{ "approved after it took effect",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-04-02", NULL } },
		    "1 late-approval: approved at 2026-04-02T00:00:00Z\n" },
		{ "approved tomorrow",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-10-13", NULL } },
		    "1 future-approval: legal.one at 2026-10-13T00:00:00Z\n"
		    "1 too-few: 0 of 1 persons\n" },
		{ "approved by the author",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n" } },
		    { { V1, "author.one", "product", "2026-03-30", NULL } },
		    "1 self-approval: author.one wrote it\n"
		    "1 too-few: 0 of 1 persons\n" },
		{ "the same person twice is one",
		    { { POLICY, P "approvals_needed: 2\n" },
		    { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V1, "legal.one", "legal", "2026-03-31", NULL } },
		    "1 too-few: 1 of 2 persons\n" },
		{ "two persons are two, the second decides when",
		    { { POLICY, P "approvals_needed: 2\n" },
		    { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V1, "finance.one", "finance", "2026-04-02", NULL } },
		    "1 late-approval: approved at 2026-04-02T00:00:00Z\n" },
		{ "a role that ended",
		    { { POLICY, P }, { V1, V "from: 2026-08-01\n" } },
		    { { V1, "legal.two", "legal", "2026-07-01", NULL } },
		    "1 no-role: legal.two did not hold role legal at "
		    "2026-07-01T00:00:00Z\n" },
		{ "an emergency, ratified",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n"
		    "emergency_by: legal.one\nemergency: 2026-04-01\n"
		    "ratify_within: P1D\n" } },
		    { { V1, "legal.one", "legal", "2026-04-02", NULL } }, "" },
		{ "an emergency, ratified late",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n"
		    "emergency_by: legal.one\nemergency: 2026-04-01\n"
		    "ratify_within: P1D\n" } },
		    { { V1, "legal.one", "legal", "2026-04-03", NULL } },
		    "1 not-ratified: approved late\n" },
		{ "an emergency, never ratified",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\n"
		    "emergency_by: legal.one\n" } },
		    { { NULL, NULL, NULL, NULL, NULL } },
		    "1 not-ratified: never approved\n" },
		{ "two versions at one moment",
		    { { POLICY, P },
		    { V1, V "from: 2026-04-01\nto: 2026-06-02\n" },
		    { V2, V "from: 2026-06-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V2, "legal.one", "legal", "2026-03-30", NULL } },
		    "2 overlap: version 1 is in force too\n" },
		{ "a span without a version",
		    { { POLICY, P },
		    { V1, V "from: 2026-04-01\nto: 2026-05-31\n" },
		    { V2, V "from: 2026-06-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V2, "legal.one", "legal", "2026-03-30", NULL } },
		    "2 hole: no version is in force\n" },
		{ "a source that is not there",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nsource: [{path:"
		    " source/1/a.rego, sha256: e3b0c44298fc1c149afbf4c8996fb92"
		    "427ae41e4649b934ca495991b7852b855}]\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 source-missing: source/1/a.rego is not there\n" },
		{ "a source that was changed",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nsource: [{path:"
		    " source/1/a.rego, sha256: e3b0c44298fc1c149afbf4c8996fb92"
		    "427ae41e4649b934ca495991b7852b855}]\n" },
		    { "policies/p/source/1/a.rego", "{}" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 hash-mismatch: source/1/a.rego has 44136fa355b3678a1146"
		    "ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a, approved "
		    "was e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4959"
		    "91b7852b855\n" },
		{ "a source without a hash",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nsource: "
		    "[{path: source/1/a.rego}]\n" },
		    { "policies/p/source/1/a.rego", "{}" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 missing-hash: source/1/a.rego has no sha256\n" },
		{ "a limit that rose in silence, and a rule that is gone",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nrules:\n"
		    "- {rule_id: R1, action: refund.create, tier: auto, "
		    "max_minor: 5000, currency: EUR}\n"
		    "- {rule_id: R2, action: refund.create, tier: approve}\n" },
		    { V2, V "from: 2026-06-01\nrules:\n"
		    "- {rule_id: R1, action: refund.create, tier: auto, "
		    "max_minor: 6000, currency: EUR}\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V2, "legal.one", "legal", "2026-05-30", NULL } },
		    "2 silent-relaxation: R1: max_minor, since version 1\n"
		    "2 silent-relaxation: R2: the rule is gone, since version "
		    "1\n" },
		{ "a limit that rose and was stood for",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nrules:\n"
		    "- {rule_id: R1, action: refund.create, tier: auto, "
		    "max_minor: 5000, currency: EUR}\n" },
		    { V2, V "from: 2026-06-01\nrules:\n"
		    "- {rule_id: R1, action: refund.create, tier: auto, "
		    "max_minor: 6000, currency: EUR}\n"
		    "relaxes: [{rule_id: R1, why: sale}]\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V2, "legal.one", "legal", "2026-05-30", NULL } }, "" },
		{ "a rule laxer than its cell",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nrules:\n"
		    "- {rule_id: R1, action: letter.send, tier: notify}\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 contradiction: R1: notify for letter.send is laxer than "
		    "its cell of the matrix, approve\n" },
		{ "a prefix that a stricter rule covers",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nrules:\n"
		    "- {rule_id: R1, action: 'account.*', tier: auto}\n"
		    "- {rule_id: R2, action: account.delete, tier: block}\n"
		    } }, { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "" },
		{ "a rule laxer than the boundary of an agent under it",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nrules:\n"
		    "- {rule_id: R1, action: refund.create, tier: auto, "
		    "max_minor: 5000, currency: EUR}\n" },
		    { "registry/agents/bot/agent.yaml",
		    "schema: exhibit-agent/1\nmatrix_policy_id: p\nlimits: "
		    "[{effect: approve, action: refund.create, min_minor: "
		    "4001, currency: EUR}]\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 contradiction: R1: auto for refund.create is laxer than "
		    "the boundary of bot, approve "
		    "(registry/agents/bot/agent.yaml:3)\n" },
		{ "scenarios that the rules answer, and one that they do not",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nrules:\n"
		    "- {rule_id: R1, action: refund.create, tier: auto, "
		    "max_minor: 5000, currency: EUR}\n"
		    "- {rule_id: R2, action: refund.create, tier: approve, "
		    "min_minor: 5001, currency: EUR}\n"
		    "- {rule_id: R3, action: refund.create, tier: approve, "
		    "confidence_below: '0.7'}\n"
		    "- {rule_id: R4, action: refund.create, tier: block, "
		    "rate_n: 20, rate_per: P1D}\n"
		    "scenarios:\n"
		    "- {scenario: at, action: refund.create, amount_minor: "
		    "5000, currency: EUR, expect_tier: auto}\n"
		    "- {scenario: over, action: refund.create, amount_minor: "
		    "5001, currency: EUR, expect_tier: approve}\n"
		    "- {scenario: unsure, action: refund.create, confidence: "
		    "'0.69', amount_minor: 1, currency: EUR, expect_tier: "
		    "approve}\n"
		    "- {scenario: other, action: letter.send, expect_tier: "
		    "block}\n"
		    "- {scenario: wrong, action: refund.create, amount_minor: "
		    "5001, currency: EUR, expect_tier: auto}\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 scenario: wrong: expects auto, the rules say "
		    "approve\n" },
		{ "a matrix that is laxer and says not why",
		    { { POLICY, P }, { V1, V "from: 2026-04-01\nmatrix:\n"
		    "- {impact: low, reversible: full, tier: auto}\n"
		    "- {impact: low, reversible: partial, tier: auto}\n"
		    "- {impact: low, reversible: none, tier: auto}\n"
		    "- {impact: moderate, reversible: full, tier: auto}\n"
		    "- {impact: moderate, reversible: partial, tier: auto, "
		    "why: tried}\n"
		    "- {impact: moderate, reversible: none, tier: approve}\n"
		    "- {impact: high, reversible: full, tier: notify}\n"
		    "- {impact: high, reversible: partial, tier: approve}\n"
		    "- {impact: high, reversible: none, tier: block}\n"
		    "- {impact: critical, reversible: full, tier: approve}\n"
		    "- {impact: critical, reversible: partial, tier: approve, "
		    "count: 1}\n"
		    "- {impact: critical, reversible: none, tier: block}\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL } },
		    "1 silent-relaxation: matrix: critical, partial is laxer "
		    "than the default and says not why\n"
		    "1 silent-relaxation: matrix: low, none is laxer than the "
		    "default and says not why\n" },
		{ "a review that was overdue",
		    { { POLICY, "schema: exhibit-policy/1\nowner: finance.one\n"
		    "review_interval: P3M\n" },
		    { V1, V "from: 2026-04-01\n" } },
		    { { V1, "legal.one", "legal", "2026-03-30", NULL },
		    { V1, "finance.one", "finance", "2026-06-30", "reviewed" }
		    }, "1 not-reviewed: the owner's review was overdue\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *have;

		fixture_make(f, cases[i].file, LEN(cases[i].file));
		fixture_write(f, PEOPLE);
		fixture_write(f, ACTIONS);
		approve(f, cases[i].file, LEN(cases[i].file),
		    cases[i].approval, LEN(cases[i].approval));
		have = fixture_read(f, AS_OF);
		if (*have == '\0')
			have = findings(f, "untested opaque");
		if (strcmp(have, cases[i].want) != 0)
			print_message("%s\n", cases[i].name);
		assert_string_equal(have, cases[i].want);
	}
}

/* What is no history but no sense is refused. */
static void
what_cannot_be_read_is_refused(void **state)
{
	const struct {
		struct file file[4];
		const char *want;
	} cases[] = {
		{ { { V1, V } }, V1 ": policy_id: unknown policy \"p\"" },
		{ { { POLICY, P }, { V1, V "rules: [{rule_id: R1, action: "
		    "refund.made, tier: auto}]\n" } },
		    V1 ":3:31: action: unknown action \"refund.made\"" },
		{ { { POLICY, P }, { V1, V "rules: [{rule_id: R1, action: "
		    "refund.*}]\n" } }, V1 ":3:9: tier: missing" },
		{ { { POLICY, P }, { V1, V "matrix: [{impact: low, reversible:"
		    " full, tier: auto}]\n" } },
		    V1 ":1:1: matrix: has 1 of 12 cells: low, partial is "
		    "missing" },
		{ { { POLICY, P "names: [{policy_version: '1', log_version: "
		    "x}, {policy_version: '2', log_version: x}]\n" },
		    { V1, V }, { V2, V } },
		    POLICY ":4:83: log_version: \"x\" is version 1 already" },
		{ { { POLICY, P "names: [{policy_version: '1', log_version: "
		    "'2'}]\n" }, { V1, V }, { V2, V } },
		    POLICY ":4:44: log_version: \"2\" is the name of a "
		    "version" },
		{ { { POLICY, P }, { "policies/p/notes.txt", "x" } },
		    "policies/p/notes.txt: no place among the policies: want "
		    "policy.yaml, one .yaml a version, source/" },
		{ { { POLICY, P }, { V1, V },
		    { "policies/p/source/1/a.rego", "x" } },
		    "policies/p/source/1/a.rego: no version names it under "
		    "source" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		fixture_make(f, cases[i].file, LEN(cases[i].file));
		fixture_write(f, PEOPLE);
		fixture_write(f, ACTIONS);
		assert_string_equal(fixture_read(f, AS_OF), cases[i].want);
	}
}

/* Hashes: python3 hashlib, sha256sum. */
static void
a_version_is_known_by_its_hash_and_ends_where_the_next_begins(void **state)
{
	const struct file files[] = {
		{ POLICY, P "retired: 2026-09-01\n" },
		{ V1, V "from: 2026-04-01\nsource: [{path: source/1/a, sha256:"
		    " ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785"
		    "afee48bb}]\n" },
		{ "policies/p/source/1/a", "a" },
		{ V2, V "from: 2026-06-01\nsource: [{path: source/2/b, sha256:"
		    " 3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeae"
		    "d59c009d}, {path: source/2/a, sha256: ca978112ca1bbdcafac"
		    "231b39a23dc4da786eff8147c4e72b9807785afee48bb}]\n" },
		{ "policies/p/source/2/a", "a" },
		{ "policies/p/source/2/b", "b" },
		{ "policies/p/3.yaml", V "from: 2026-07-01\nrules: [{rule_id: "
		    "R1, tier: auto, action: refund.create}]\n" },
	};
	struct fixture *f = *state;
	const struct ref_table *t;

	fixture_make(f, files, LEN(files));
	fixture_write(f, PEOPLE);
	fixture_write(f, ACTIONS);
	assert_string_equal(fixture_read(f, AS_OF), "");
	t = ref_table(f->ref, "ref_policy_version");
	assert_string_equal(ref_text(t, 0, "policy_hash"), "ca978112ca1bbdcafa"
	    "c231b39a23dc4da786eff8147c4e72b9807785afee48bb");
	/* sha256sum source/2/a source/2/b | sha256sum */
	assert_string_equal(ref_text(t, 1, "policy_hash"), "c51e57d9ced298358d60f1688a741ef5"
	    "2323d8c2bf1897195e59d2f37f4fbc80");
	/* {"default_tier":"block","rules":[{"action":"refund.create",
	 * "rule_id":"R1","tier":"auto"}]} */
	assert_string_equal(ref_text(t, 2, "policy_hash"), "9ff3d6f99c4a7d3384e86d6ad6e2a0a1"
	    "c82d0e4c452eff5ed3304989333e78dd");
	assert_int_equal(ref_int(t, 0, "to_us", 0), ref_int(t, 1, "from_us",
	    1));
	assert_int_equal(ref_int(t, 1, "to_us", 0), ref_int(t, 2, "from_us",
	    1));
	assert_int_equal(ref_int(t, 2, "to_us", 0),
	    INT64_C(1788220800000000)); /* 2026-09-01, python3 */

	/* the default matrix is that of every version without its own */
	t = ref_table(f->ref, "ref_matrix");
	assert_int_equal(t->nrow, 36);
	t = ref_table(f->ref, "ref_policy_name");
	assert_int_equal(t->nrow, 3);
	assert_string_equal(ref_text(t, 2, "log_version"), "3");
}

/* The same project later, against the dump of the earlier one. */
static void
an_approved_version_is_neither_rewritten_nor_removed(void **state)
{
#define RULES(max) V "from: 2026-04-01\nrules:\n- {rule_id: R1, action: " \
	"refund.create, tier: auto, max_minor: " max ", currency: EUR}\n"
	static const char next[] = V "from: 2026-06-01\nrules: []\n";
	const struct {
		const char *name, *now;
		int approved;
		const char *want;
	} cases[] = {
		{ "the same", RULES("5000"), 1, "" },
		{ "another limit", RULES("6000"), 1, "1 rewritten: "
		    "ref_policy_version differs from the previous pack\n" },
		{ "a comment", RULES("5000") "# why\n", 1, "" },
		{ "a draft is still written", RULES("6000"), 0, "" },
		{ "gone", NULL, 1,
		    "1 removed: it is in the previous pack, approved\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		const struct file was[] = { { POLICY, P },
			{ V1, RULES("5000") } };
		/* A later version that follows ends it, and changes nothing. */
		const struct file is[] = { { POLICY, P }, { V2, next },
			{ V1, cases[i].now } };
		const struct approval ok[] = { { V1, "legal.one", "legal",
		    "2026-03-30", NULL } };
		struct str s = str_new(f->arena);
		struct err e = { 0 };
		const char *have;

		fixture_make(f, was, LEN(was));
		fixture_write(f, PEOPLE);
		fixture_write(f, ACTIONS);
		approve(f, was, LEN(was), ok, (size_t)cases[i].approved);
		assert_string_equal(fixture_read(f, AS_OF), "");
		ref_dump(f->ref, AUDIENCE_INTERNAL, &s);
		fixture_make(f, is, LEN(is) - (cases[i].now == NULL));
		fixture_write(f, PEOPLE);
		fixture_write(f, ACTIONS);
		assert_string_equal(fixture_read(f, AS_OF), "");
		assert_int_equal(policy_since(f->arena, f->ref, s.p, s.len,
		    &e), 0);
		have = findings(f, "no-approval untested silent-relaxation");
		if (strcmp(have, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, have);
		assert_int_equal(policy_since(f->arena, f->ref, "{", 1, &e),
		    -1);
	}
}

/* What decisions and actions of the log named, and when. */
static void
what_the_log_names_is_held_against_the_history(void **state)
{
	const struct {
		const char *name, *version;
		int64_t first, last; /* days of 2026, python3 */
		const char *want;
	} cases[] = {
		{ "in force", "1", 100, 120, "" },
		{ "by the name that logs use", "one", 100, 120, "" },
		{ "nobody declared it", "3", 100, 120, "3 unknown-version: the "
		    "log names it, first at 2026-04-11T00:00:00Z\n" },
		{ "before it began", "1", 80, 120, "1 early-version: the log "
		    "names it at 2026-03-22T00:00:00Z\n" },
		{ "while systems changed over", "1", 100, 152, "" },
		{ "after they had changed over", "1", 100, 153, "1 drift: the "
		    "log still names it at 2026-06-03T00:00:00Z\n" },
		{ "after the policy had ended", "2", 160, 260,
		    "2 retired-version: the log still names it at "
		    "2026-09-18T00:00:00Z\n" },
	};
	const struct file files[] = { { POLICY, P "retired: 2026-09-01\n"
	    "names: [{policy_version: \"1\", log_version: one}]\n"
	    "systems: [{system: gate, propagation: P2D}]\n" },
	    { V1, V "from: 2026-04-01\n" }, { V2, V "from: 2026-06-01\n" } };
	static const struct ref_col col[] = { { .name = "policy_id" },
	    { .name = "policy_version" }, { .name = "first_us" },
	    { .name = "last_us" } };
	const int64_t day = INT64_C(86400000000);
	const int64_t year = INT64_C(1767225600000000); /* 2026, python3 */
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		/* Two agents: one names it once, the other all the time. */
		struct value cell[8] = { { VALUE_TEXT, 0, "p", 1 },
		    { VALUE_TEXT, 0, cases[i].version,
		    strlen(cases[i].version) },
		    { VALUE_INT, year + cases[i].last * day, NULL, 0 },
		    { VALUE_INT, year + cases[i].last * day, NULL, 0 } };
		const struct ref_table log = { .name = "log_policy",
		    .col = col, .ncol = 4, .nrow = 2, .cell = cell };
		const char *have;

		memcpy(cell + 4, cell, 4 * sizeof(*cell));
		cell[6].i = year + cases[i].first * day;
		fixture_make(f, files, LEN(files));
		fixture_write(f, PEOPLE);
		assert_string_equal(fixture_read(f, AS_OF), "");
		policy_seen(f->arena, f->ref, &log);
		have = findings(f, "no-approval untested");
		if (strcmp(have, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, have);
	}
}

#define JUNIT(tests, inner) "<testsuites><testsuite tests=\"" tests "\" " \
	"timestamp=\"2026-03-20T10:00:00\">" inner "</testsuite></testsuites>"
#define CASE "<testcase name=\"a\"/>"

static void
reports_are_counted_and_judged(void **state)
{
	const struct {
		const char *xml;
		int other; /* for another hash */
		const char *want;
	} cases[] = {
		{ JUNIT("1", CASE), 0, "" },
		{ JUNIT("2", CASE "<testcase><skipped/></testcase>"), 0, "" },
		{ JUNIT("1", CASE), 1,
		    "1 untested: no report, or none of its tests ran\n" },
		{ JUNIT("0", ""), 0,
		    "1 untested: no report, or none of its tests ran\n" },
		{ JUNIT("1", "<testcase><skipped/></testcase>"), 0,
		    "1 untested: no report, or none of its tests ran\n" },
		{ JUNIT("1", "<testcase status=\"notrun\"/>"), 0,
		    "1 untested: no report, or none of its tests ran\n" },
		{ JUNIT("3", CASE), 0,
		    "1 untested: no report, or none of its tests ran\n" },
		{ JUNIT("2", CASE "<testcase><failure/></testcase>"), 0,
		    "1 failed: 1 tests failed\n" },
		{ JUNIT("2", CASE "<testcase><error/></testcase>"), 0,
		    "1 failed: 1 tests failed\n" },
		{ "<testsuite timestamp=\"2026-02-01T00:00:00\">" CASE
		    "</testsuite>", 0, "1 stale-test: tested at "
		    "2026-02-01T00:00:00Z, written later\n" },
		{ "<!DOCTYPE a [<!ENTITY b \"c\">]><testsuite>" CASE
		    "</testsuite>", 0,
		    "evidence/r.xml:1: a document type is not allowed" },
		{ "<testsuite>\n<testcase></testsuite>", 0,
		    "evidence/r.xml:2: Opening and ending tag mismatch: "
		    "testcase line 2 and testsuite" },
		{ "", 0, "evidence/r.xml: the file is empty" },
	};
	const struct file files[] = { { POLICY, P },
		{ V1, V "from: 2026-04-01\nauthored: 2026-03-01\n" } };
	const char *hash = "8d4522998de232b4ea2e4f28a0885ee6"
	    "d8466b3f5d8c64c851d71130c9b479b9"; /* {"default_tier":"block"} */
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *have;

		fixture_make(f, files, LEN(files));
		fixture_write(f, PEOPLE);
		fixture_write(f, "evidence/r.xml", cases[i].xml);
		fixture_write(f, "evidence/index.yaml", arena_printf(f->arena,
		    "schema: exhibit-evidence/1\nentries:\n- {item: PO-03.e1, "
		    "kind: junit, path: evidence/r.xml, sha256: %s, for: %s}\n",
		    hash_of(f, cases[i].xml), cases[i].other ?
		    hash_of(f, "x") : hash));
		have = fixture_read(f, AS_OF);
		if (*have == '\0')
			have = findings(f, "no-approval");
		assert_string_equal(have, cases[i].want);
	}
}

/* Bytes that a report could do harm with are refused where they stand. */
static void
hostile_reports_are_refused(void **state)
{
	const struct {
		const char *name, *xml, *want;
	} cases[] = {
		{ "plain", "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		    "<testsuite tests=\"1\"><testcase/></testsuite>", "" },
		{ "file entity", "<!DOCTYPE a [<!ENTITY x SYSTEM "
		    "\"file:///etc/passwd\">]><testsuite>&x;</testsuite>",
		    ":1: a document type is not allowed" },
		{ "entities of entities", "\n\n<!DOCTYPE a [<!ENTITY x "
		    "\"ha\"><!ENTITY y \"&x;&x;&x;\">]>\n<testsuite>&y;"
		    "</testsuite>", ":3: a document type is not allowed" },
		{ "outside subset", "<!DOCTYPE a SYSTEM "
		    "\"http://dtd.example/a.dtd\"><testsuite/>",
		    ":1: a document type is not allowed" },
		{ "unknown entity", "<testsuite>\n&nbsp;</testsuite>",
		    ":2: Entity 'nbsp' not defined" },
		{ "inclusion", "<testsuite xmlns:xi=\"http://www.w3.org/2001/"
		    "XInclude\">\n<xi:include href=\"other.xml\"/>"
		    "</testsuite>",
		    ":2: an inclusion (XInclude) is not allowed" },
		{ "another encoding", "<?xml version=\"1.0\" encoding="
		    "\"ISO-8859-1\"?><testsuite/>",
		    ":1: its declared encoding is not UTF-8" },
		{ "not what it declares", "<?xml version=\"1.0\" encoding="
		    "\"UTF-8\"?><testsuite name=\"\xe9t\xe9\"/>",
		    ": is not UTF-8" },
		{ "UTF-16 named", "<?xml version=\"1.0\" encoding="
		    "\"UTF-16\"?><testsuite/>", ":1: " },
		{ "two roots", "<testsuite/>\n<testsuite/>", ":2: " },
		{ "cut", "<testsuite>\n<testcase name=\"a", ":2: " },
		{ "twice", "<testsuite tests=\"1\" tests=\"2\"/>",
		    ":1: Attribute tests redefined" },
		{ "not XML", "ok 1 - all well\n", ":1: " },
	};
	const struct file files[] = { { POLICY, P }, { V1, V } };
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *have, *want = *cases[i].want ? arena_printf(
		    f->arena, "evidence/r.xml%s", cases[i].want) : "";

		fixture_make(f, files, LEN(files));
		fixture_write(f, PEOPLE);
		fixture_write(f, "evidence/r.xml", cases[i].xml);
		fixture_write(f, "evidence/index.yaml",
		    "schema: exhibit-evidence/1\nentries:\n- {item: X-1.e1, "
		    "kind: junit, path: evidence/r.xml}\n");
		have = fixture_read(f, AS_OF);
		if (strncmp(have, want, strlen(want)) != 0 ||
		    (*want == '\0' && *have != '\0'))
			fail_msg("%s: %s", cases[i].name, have);
	}
}

/* An attribute of 11 MB is past what the parser holds, and a file past 16 MB
 * is not read. */
static void
great_reports_are_refused(void **state)
{
	const struct { size_t bytes; const char *want; } cases[] = {
		{ 1 << 20, "" },
		{ 11 << 20, "evidence/r.xml:1: " },
		{ (16 << 20) + 64, "evidence/r.xml: " },
	};
	const struct file files[] = { { POLICY, P }, { V1, V } };
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		char *big = arena_alloc(f->arena, cases[i].bytes + 64), *p;
		const char *have;

		p = big + sprintf(big, "<testsuite tests=\"0\" name=\"");
		memset(p, 'a', cases[i].bytes - 32);
		strcpy(p + cases[i].bytes - 32, "\"/>");
		fixture_make(f, files, LEN(files));
		fixture_write(f, PEOPLE);
		fixture_write(f, "evidence/r.xml", big);
		fixture_write(f, "evidence/index.yaml",
		    "schema: exhibit-evidence/1\nentries:\n- {item: X-1.e1, "
		    "kind: junit, path: evidence/r.xml}\n");
		have = fixture_read(f, AS_OF);
		if (strncmp(have, cases[i].want, strlen(cases[i].want)) != 0 ||
		    (*cases[i].want == '\0' && *have != '\0'))
			fail_msg("%zu bytes: %s", cases[i].bytes, have);
	}
}

/* Depth 32 with the root; 33 is refused, and so is a bomb of entities. */
static void
reports_have_limits(void **state)
{
	const struct file files[] = { { POLICY, P }, { V1, V } };
	struct fixture *f = *state;

	for (int depth = 32; depth <= 33; depth++) {
		struct str s = str_new(f->arena);

		for (int i = 0; i < depth; i++)
			str_addz(&s, "<a>");
		for (int i = 0; i < depth; i++)
			str_addz(&s, "</a>");
		fixture_make(f, files, LEN(files));
		fixture_write(f, PEOPLE);
		fixture_write(f, "evidence/r.xml", s.p);
		fixture_write(f, "evidence/index.yaml",
		    "schema: exhibit-evidence/1\nentries:\n- {item: X-1.e1, "
		    "kind: junit, path: evidence/r.xml}\n");
		assert_string_equal(fixture_read(f, AS_OF), depth == 32 ? "" :
		    "evidence/r.xml:1: nested deeper than 32");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, \
    fixture_teardown)
		T(each_fault_of_a_history_is_a_finding),
		T(what_cannot_be_read_is_refused),
		T(a_version_is_known_by_its_hash_and_ends_where_the_next_begins),
		T(an_approved_version_is_neither_rewritten_nor_removed),
		T(what_the_log_names_is_held_against_the_history),
		T(reports_are_counted_and_judged),
		T(reports_have_limits),
		T(hostile_reports_are_refused),
		T(great_reports_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
