#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>

#include "base/limits.h"
#include "crypt/hash.h"
#include "project_help.h"
#include "read/faults.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define AS_OF INT64_C(1791763200000000) /* 2026-10-12, python3 */

#define PEOPLE "registry/people.yaml", \
	"schema: exhibit-people/1\nroles:\n- {role: lead}\n- {role: ops}\n" \
	"people:\n- {person_id: lead.one, roles: [{role: lead}]}\n"
#define AGENT "registry/agents/bot/agent.yaml"
#define A "schema: exhibit-agent/1\n"
#define VERSION1 "registry/agents/bot/versions/1.yaml", \
	"schema: exhibit-agent-version/1\n"
#define D "registry/deployments.yaml"
#define DS "schema: exhibit-deployments/1\ndeployments:\n"

/* One rule a row: what is in the files, and all that is said of them. */
static void
what_is_wrong_is_named_with_its_place(void **state)
{
	const struct {
		const char *name;
		struct file file[5];
		const char *want;
	} cases[] = {
		{ "nothing declared", { { NULL, NULL } }, "" },
		{ "unknown field, the nearest named",
		    { { AGENT, A "lifecylce: prod\n" } },
		    AGENT ":2:1: unknown field \"lifecylce\" (did you mean "
		    "\"lifecycle\"?)" },
		{ "the column's own name is no field",
		    { { AGENT, A "kill_max_us: 3\n" } },
		    AGENT ":2:1: unknown field \"kill_max_us\"" },
		{ "keys of the path are not written again",
		    { { AGENT, A "agent_id: bot\n" } },
		    AGENT ":2:1: unknown field \"agent_id\"" },
		{ "filled columns are not written",
		    { { VERSION1 "approved_by: lead.one\n" }, { AGENT, A } },
		    "registry/agents/bot/versions/1.yaml:2:1: unknown field "
		    "\"approved_by\"" },
		{ "all errors of a file, and of all files",
		    { { AGENT, A "ring: 4\nkill_max: 30\nlifecycle: [prod]\n" },
		    { "registry/tools/crm.yaml",
		    "schema: exhibit-tool/1\nscop: read\n" } },
		    AGENT ":2:7: ring: want 0 to 3, have \"4\"\n"
		    AGENT ":3:11: kill_max: want a duration like PT30S or "
		    "P1DT2H, have \"30\"\n"
		    AGENT ":4:12: lifecycle: want one value, have a list\n"
		    "registry/tools/crm.yaml:2:1: unknown field \"scop\" (did "
		    "you mean \"scope\"?)" },
		{ "a finished draft says nothing",
		    { { AGENT, A "draft: false\n" } },
		    AGENT ":2:8: draft: want true; where it is none, leave it "
		    "out" },
		{ "a key that is open is missing",
		    { { D, DS "- {agent_id: TODO, agent_version: TODO, "
		    "stage: prod}\n" } },
		    D ":3:3: agent_id: missing\n"
		    D ":3:3: agent_version: missing" },
		{ "wrong schema",
		    { { AGENT, "schema: exhibit-agent/2\n" } },
		    AGENT ":1:9: schema: have \"exhibit-agent/2\", want "
		    "exhibit-agent/1" },
		{ "no schema", { { AGENT, "name: x\n" } },
		    AGENT ":1:1: schema: missing, want exhibit-agent/1" },
		{ "a key is missing",
		    { { AGENT, A "limits: [{count: 1}]\n" } },
		    AGENT ":2:10: effect: missing" },
		{ "a key that is null is missing",
		    { { AGENT, A "limits: [{effect: null}]\n" } },
		    AGENT ":2:10: effect: missing" },
		{ "a list is no object",
		    { { AGENT, A "limits: {effect: may}\nregions: EU\n" } },
		    AGENT ":2:9: limits: want a list\n"
		    AGENT ":3:10: regions: want a list" },
		{ "an unknown list of a file of lists",
		    { { D, "schema: exhibit-deployments/1\ngate: []\n" } },
		    D ":2:1: unknown field \"gate\" (did you mean "
		    "\"gates\"?)" },
		{ "a name of a file that is no id",
		    { { "registry/tools/CRM.yaml",
		    "schema: exhibit-tool/1\n" } },
		    "registry/tools/CRM.yaml: tool: want small letters, digits "
		    "and . _ -, beginning with a letter or digit, at most 64, "
		    "have \"CRM\"" },
		{ "an unknown person, the nearest named",
		    { { PEOPLE }, { AGENT, A "accountable: lead.on\n" } },
		    AGENT ":2:14: accountable: unknown person or role "
		    "\"lead.on\" (did you mean \"lead.one\"?)" },
		{ "a role will do",
		    { { PEOPLE }, { AGENT, A "accountable: ops\n" } }, "" },
		{ "unknown names in lists",
		    { { PEOPLE }, { AGENT,
		    A "children: [bat]\nkill_holders: [ops, opps]\n" } },
		    AGENT ":2:12: children: unknown agent \"bat\" (did you "
		    "mean \"bot\"?)\n"
		    AGENT ":3:21: kill_holders: unknown person or role "
		    "\"opps\" (did you mean \"ops\"?)" },
		{ "a version belongs to its agent",
		    { { AGENT, A "rollback_to: '2'\n" }, { VERSION1 } },
		    AGENT ":2:14: rollback_to: unknown version \"2\" of bot" },
		{ "previous is always a version",
		    { { AGENT, A "rollback_to: previous\n" } }, "" },
		{ "a version without its policy",
		    { { AGENT, A }, { VERSION1
		    "policy_min_version: '1'\n" } },
		    "registry/agents/bot/versions/1.yaml:2:21: "
		    "policy_min_version: needs a policy_id beside it" },
		{ "versions of an agent that is not there",
		    { { VERSION1 } },
		    "registry/agents/bot/versions/1.yaml: agent_id: unknown "
		    "agent \"bot\"" },
		{ "a row that comes twice",
		    { { "registry/people.yaml", "schema: exhibit-people/1\n"
		    "roles:\n- {role: a}\n- {role: b}\n- {role: a}\n" } },
		    "registry/people.yaml:5:3: role: \"a\" stands in "
		    "registry/people.yaml:3 already" },
		{ "a value that comes twice in a list",
		    { { AGENT, A "regions: [EU, UK, EU]\n" } },
		    AGENT ":2:19: regions: \"EU\" stands here twice" },
		{ "half-open intervals may touch",
		    { { AGENT, A }, { VERSION1 }, { D, DS
		    "- {agent_id: bot, agent_version: 1, stage: prod, "
		    "from: 2026-01-01, to: 2026-02-01}\n"
		    "- {agent_id: bot, agent_version: 1, stage: prod, "
		    "from: 2026-02-01}\n" } }, "" },
		{ "intervals that overlap, both places",
		    { { AGENT, A }, { VERSION1 }, { D, DS
		    "- {agent_id: bot, agent_version: 1, stage: prod, "
		    "from: 2026-01-01}\n"
		    "- {agent_id: bot, agent_version: 1, stage: prod, "
		    "from: 2026-02-01}\n" } },
		    D ":4:56: deployment: overlaps with " D ":3 in time" },
		{ "an end before the begin",
		    { { AGENT, A }, { VERSION1 }, { D, DS
		    "- {agent_id: bot, agent_version: 1, stage: prod, "
		    "from: 2026-02-01, to: 2026-02-01}\n" } },
		    D ":3:72: to: not after from" },
		{ "roles that report in a circle",
		    { { "registry/people.yaml", "schema: exhibit-people/1\n"
		    "roles: [{role: a, reports_to: b}, {role: b, "
		    "reports_to: c}, {role: c, reports_to: b}]\n" } },
		    "registry/people.yaml:2:57: reports_to: goes round: "
		    "b -> c -> b" },
		{ "a child of itself",
		    { { AGENT, A "children: [bot]\n" } },
		    AGENT ":2:12: children: goes round: bot -> bot" },
		{ "two agents of one name",
		    { { AGENT, A "log_names: [x]\n" },
		    { "registry/agents/cat/agent.yaml",
		    A "identities: [{value: x}]\n" } },
		    "registry/agents/cat/agent.yaml:2:22: name \"x\" belongs "
		    "to agent bot already (" AGENT ":2)" },
		{ "a file without a place",
		    { { "registry/agents/bot/notes.txt", "x" }, { AGENT, A } },
		    "registry/agents/bot/notes.txt: no place in the registry, "
		    "and no file names it" },
		{ "a file that a file names has one",
		    { { "registry/agents/bot/n.txt", "Hi" }, { AGENT, A
		    "notices: [{notice_id: n, lang: en, text_file: n.txt}]\n"
		    } }, "" },
		{ "a named file that is not there",
		    { { AGENT, A
		    "notices: [{notice_id: n, lang: en, text_file: n.txt}]\n"
		    } },
		    AGENT ":2:47: \"registry/agents/bot/n.txt\": No such file "
		    "or directory" },
		{ "a named file outside",
		    { { AGENT, A "notices: [{notice_id: n, lang: en, "
		    "text_file: ../../../../etc/passwd}]\n" } },
		    AGENT ":2:47: text_file: \"../../../../etc/passwd\" "
		    "leaves the project" },
		{ "an assessment without a date",
		    { { AGENT, A }, { "registry/assessments/bot/fria.yaml",
		    "schema: exhibit-assessment/1\n" } },
		    "registry/assessments/bot/fria.yaml: want a name like "
		    "2026-06-01-impact.yaml: date and kind" },
		{ "a prompt whose hash is another's",
		    { { "registry/prompts/p/1.yaml",
		    "schema: exhibit-prompt/1\nprompt_hash: e3b0c44298fc1c149a"
		    "fbf4c8996fb92427ae41e4649b934ca495991b7852b855\n" },
		    { "registry/prompts/p/1.txt", "a\r\nb\rc" } },
		    /* printf 'a\nb\nc' | sha256sum */
		    "registry/prompts/p/1.yaml:2:14: prompt_hash: "
		    "registry/prompts/p/1.txt has ea7fb08b7a2dc4619ffb7c7bb3"
		    "8d95a2047935fa165d71b12efd3852a2e6d0cc" },
		{ "a temperature finer than a thousandth",
		    { { AGENT, A }, { VERSION1
		    "models: [{model: m, params: {temperature: '0.2001'}}]\n" },
		    { "registry/models/m.yaml", "schema: exhibit-model/1\n" } },
		    "registry/agents/bot/versions/1.yaml:2:29: params: "
		    "temperature: want at most 3 digits after the point, have "
		    "0.2001" },
		{ "a waiver without an end",
		    { { "waivers.yaml", "schema: exhibit-waivers/1\nwaivers:\n"
		    "- {waiver_id: W-1, control: AU-07, scope: main}\n" } },
		    "waivers.yaml:3:3: to: missing" },
		{ "a waiver of what all rests on",
		    { { "waivers.yaml", "schema: exhibit-waivers/1\nwaivers:\n"
		    "- {waiver_id: W-1, control: AU-01, scope: main, "
		    "to: 2026-12-31}\n" } },
		    "waivers.yaml:3:29: control: AU-01 cannot be waived" },
		{ "a vendor's file that was touched",
		    { { "registry/vendor/index.yaml",
		    "schema: exhibit-vendor/1\nfiles:\n- {path: m.json, "
		    "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca"
		    "495991b7852b855}\n" },
		    { "registry/vendor/m.json", "{}" } },
		    /* printf '{}' | sha256sum */
		    "registry/vendor/index.yaml:3:26: sha256: "
		    "registry/vendor/m.json has 44136fa355b3678a1146ad16f7e8"
		    "649e94fb4fc21fe77e8310c060f61caaff8a" },
		{ "a vendor's file that nobody listed",
		    { { "registry/vendor/m.json", "{}" } },
		    "registry/vendor/m.json: no place in the registry, and no "
		    "file names it" },
		{ "a secret in a narrative",
		    { { AGENT, A }, { "registry/agents/bot/purpose.md",
		    "a\n\nAK" "IAABCDEFGHIJKLMNOP\n" } },
		    "registry/agents/bot/purpose.md:3: looks like an access "
		    "key: a secret does not belong here" },
		{ "one broken file does not make its names unknown",
		    { { PEOPLE "x: [\n" }, { AGENT, A "accountable: kim\n" } },
		    "registry/people.yaml:8:1: did not find expected node "
		    "content, while parsing a flow node" },
		{ "an evidence entry about nothing",
		    { { "evidence/index.yaml", "schema: exhibit-evidence/1\n"
		    "entries:\n- {decision: approved}\n- {paht: x}\n" } },
		    "evidence/index.yaml:3:3: names neither a path nor a "
		    "document\n"
		    "evidence/index.yaml:4:4: unknown field \"paht\" (did you "
		    "mean \"path\"?)\n"
		    "evidence/index.yaml:4:3: names neither a path nor a "
		    "document" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		const char *have;

		fixture_make(*state, cases[i].file, LEN(cases[i].file));
		have = fixture_read(*state, AS_OF);
		if (strcmp(have, cases[i].want) != 0)
			print_message("%s\n", cases[i].name);
		assert_string_equal(have, cases[i].want);
	}
}

static void
links_and_devices_are_not_read(void **state)
{
	const struct file files[] = { { AGENT, A } };
	struct fixture *f = *state;
	char *path;

	fixture_make(f, files, 1);
	path = arena_printf(f->arena, "%s/registry/tools", f->dir);
	assert_int_equal(symlink("agents", path), 0);
	path = arena_printf(f->arena, "%s/registry/agents/bot/purpose.md",
	    f->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	path = arena_printf(f->arena, "%s/registry/agents/bot/versions",
	    f->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	path = arena_printf(f->arena, "%s/1.yaml", path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_string_equal(fixture_read(f, AS_OF),
	    "registry/tools: is a link: links are not followed\n"
	    "registry/agents/bot/purpose.md: is no regular file\n"
	    "registry/agents/bot/versions/1.yaml: is a link: links are not "
	    "followed");
}

/* As if so many files or bytes had been read before the one that is there
 * (exhibit.yaml itself has been). */
static void
files_and_bytes_have_a_limit(void **state)
{
	static const char said[] = "registry/agents/bot/agent.yaml: more than "
	    "20000 files or 67108864 bytes of YAML";
	const struct file files[] = { { AGENT, A } };
	struct fixture *f = *state;

	fixture_make(f, files, 1);
	for (int i = 0; i < 4; i++) {
		diag_init(&f->diag, f->arena);
		assert_int_equal(project_read(f->arena, f->dir, &f->project,
		    &f->diag), 0);
		if (i < 2)
			f->project.files.nyaml = LIMIT_YAML_FILES - 1 +
			    (size_t)i;
		else
			f->project.files.yaml_bytes = LIMIT_YAML_TOTAL -
			    strlen(A) + (size_t)i - 2;
		assert_int_equal(registry_read(f->arena, &f->project, AS_OF,
		    &f->diag, &f->ref), i % 2 ? -1 : 0);
		assert_int_equal(f->diag.n, i % 2);
		if (i % 2)
			assert_string_equal(f->diag.line[0], said);
		project_close(&f->project);
	}
}

static void
a_project_is_refused_where_it_is_wrong(void **state)
{
	const struct {
		const char *text, *want;
	} cases[] = {
		{ "schema: exhibit/1\n", "exhibit.yaml:1:1: organisation: "
		    "missing" },
		{ "schema: exhibit/1\norganisation: {}\n",
		    "exhibit.yaml:2:15: organisation: id: missing" },
		{ "schema: exhibit/1\norganisation: {id: a}\nstor: x\n",
		    "exhibit.yaml:3:1: unknown field \"stor\" (did you mean "
		    "\"store\"?)" },
		{ "schema: exhibit/1\norganisation: {id: a}\nstore: []\n",
		    "exhibit.yaml:3:8: store: names none" },
		{ "schema: exhibit/1\norganisation: {id: a}\n"
		    "store: [{name: m, url: a}, {name: m, url: b}]\n",
		    "exhibit.yaml:3:28: name: a second store m" },
		{ "schema: exhibit/1\norganisation: {id: a}\n"
		    "pseudonymise: {fields: [user], key_file: k}\n",
		    "exhibit.yaml:1:1: pseudonymise: fields: an event has no "
		    "column \"user\"" },
		{ "schema: exhibit/1\norganisation: {id: a}\n"
		    "output: {audience: all, max_records: 0}\n",
		    "exhibit.yaml:3:20: audience: unknown word \"all\", want "
		    "one of public auditor internal\n"
		    "exhibit.yaml:3:38: max_records: want 1 or more, have "
		    "\"0\"" },
		{ "schema: exhibit/1\norganisation: {id: a, nmae: x}\n",
		    "exhibit.yaml:2:23: unknown field \"nmae\"" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LEN(cases); i++) {
		fixture_make(f, NULL, 0);
		fixture_write(f, "exhibit.yaml", cases[i].text);
		assert_string_equal(fixture_read(f, AS_OF), cases[i].want);
	}
}

static void
a_project_has_the_defaults_of_the_manual(void **state)
{
	struct fixture *f = *state;

	fixture_make(f, NULL, 0);
	assert_string_equal(fixture_read(f, AS_OF), "");
	assert_string_equal(f->project.organisation, "acme");
	assert_int_equal(f->project.nstore, 1);
	assert_string_equal(f->project.store[0].name, "main");
	assert_string_equal(f->project.store[0].url, "audit.db");
	assert_int_equal(f->project.max_records, LIMIT_RECORDS);
	assert_int_equal(f->project.audience, AUDIENCE_AUDITOR);
	assert_string_equal(f->project.out_dir, "out");

	fixture_make(f, NULL, 0);
	fixture_write(f, "exhibit.yaml", "schema: exhibit/1\n"
	    "organisation: {id: a}\nstore: [{name: eu, url: e.db}, "
	    "{name: us, url: 'postgresql://h/d'}]\n"
	    "sources: {opa: {verdict: /allow}}\nsigning: {log_key: k}\n"
	    "output: {audience: internal, runs: [r1]}\n");
	assert_string_equal(fixture_read(f, AS_OF), "");
	assert_int_equal(f->project.nstore, 2);
	assert_string_equal(f->project.store[1].url, "postgresql://h/d");
	assert_string_equal(f->project.source[0].pointer, "/allow");
	assert_string_equal(f->project.log_key, "k");
	assert_int_equal(f->project.audience, AUDIENCE_INTERNAL);
	assert_string_equal(f->project.run[0], "r1");
}

static const struct file company[] = {
	{ PEOPLE },
	{ AGENT, A "ring: 2\nlog_names: [bot-prod]\nregions: []\ndrills: []\n"
	    "children: [cat]\nkill_max: PT30S\n"
	    "identities: [{value: 'spiffe://x/bot'}]\n"
	    "limits: [{effect: never, data_class: health}, {effect: may, "
	    "max_minor: 5000, currency: EUR}]\n" },
	{ "registry/agents/cat/agent.yaml", A },
	{ "registry/registry.yaml", "schema: exhibit-registry/1\n"
	    "data_classes: [{data_class: health}]\n" },
	{ VERSION1 "models: [{model: m, params: {top_p: 1, temperature: "
	    "0.2}}]\n" },
	{ "registry/models/m.yaml", "schema: exhibit-model/1\n"
	    "model_provider: p\nmodel_id: q\nmodel_version: '7'\n" },
	{ "registry/models/m.limits.md", "It is small.\n" },
	{ "registry/agents/bot/purpose.md", "Refunds.\n" },
	{ "registry/risks/R-1.yaml",
	    "schema: exhibit-risk/1\nagents: [bot, cat]\n" },
	{ "registry/reviews/2026-09.yaml", "schema: exhibit-review/1\n"
	    "attendees: [{person_id: lead.one, side: business}]\n" },
};

static void
rows_hold_what_the_files_say(void **state)
{
	struct fixture *f = *state;
	const struct ref_table *t;
	struct mark at;
	size_t i;

	fixture_make(f, company, LEN(company));
	assert_string_equal(fixture_read(f, AS_OF), "");
	t = ref_table(f->ref, "ref_agent");
	assert_int_equal(t->nrow, 2);
	i = ref_agent_row(f->ref, "bot");
	assert_int_equal(ref_int(t, i, "ring", -1), 2);
	assert_int_equal(ref_int(t, i, "kill_max_us", -1), 30000000);
	assert_int_equal(ref_value(t, i, "purpose")->type, VALUE_NULL);
	at = ref_mark(t, i, "kill_max_us");
	assert_string_equal(at.file, AGENT);
	assert_int_equal(at.line, 7);
	assert_int_equal(at.col, 11);
	assert_int_equal(ref_mark(t, i, "purpose").line, 1);
	assert_int_equal(ref_int(t, i, "line", 0), 1);

	/* defaults of the table; keys of the parent; file order in a key */
	t = ref_table(f->ref, "ref_agent_limit");
	assert_int_equal(t->nrow, 2);
	assert_string_equal(ref_text(t, 0, "effect"), "may");
	assert_string_equal(ref_text(t, 0, "agent_id"), "bot");
	assert_string_equal(ref_text(t, 0, "on_timeout"), "deny");
	assert_int_equal(ref_int(t, 0, "count", 0), 1);

	/* lists: rows, named tables, none */
	t = ref_table(f->ref, "ref_none");
	assert_int_equal(t->nrow, 2);
	assert_string_equal(ref_text(t, 0, "field"), "drills");
	assert_string_equal(ref_text(t, 1, "field"), "regions");
	assert_string_equal(ref_text(t, 1, "id"), "bot");
	t = ref_table(f->ref, "ref_agent_child");
	assert_int_equal(t->nrow, 1);
	assert_string_equal(ref_text(t, 0, "value"), "cat");
	t = ref_table(f->ref, "ref_risk_agent");
	assert_int_equal(t->nrow, 2);
	assert_string_equal(ref_text(t, 1, "risk_id"), "R-1");
	assert_string_equal(ref_text(t, 1, "agent_id"), "cat");

	/* names in logs */
	assert_string_equal(ref_agent_of(f->ref, "bot-prod"), "bot");
	assert_string_equal(ref_agent_of(f->ref, "spiffe://x/bot"), "bot");
	assert_string_equal(ref_agent_of(f->ref, "cat"), "cat");
	assert_null(ref_agent_of(f->ref, "dog"));

	/* what follows: the model's names; hash from python3 hashlib */
	t = ref_table(f->ref, "ref_version_model");
	assert_string_equal(ref_text(t, 0, "model_version"), "7");
	assert_string_equal(ref_text(t, 0, "params"),
	    "{\"temperature\":\"0.2\",\"top_p\":\"1\"}");
	assert_string_equal(ref_text(t, 0, "params_hash"), "d5143abe03cec876eb"
	    "d2ef5b878183100a3591bf9e508684abffad11d61c068f");
	assert_int_equal(ref_int(t, 0, "temperature_milli", -1), 200);
	t = ref_table(f->ref, "ref_review");
	assert_int_equal(ref_int(t, 0, "has_business", -1), 1);
	assert_int_equal(ref_int(t, 0, "has_engineering", -1), 0);

	/* Markdown beside a file */
	t = ref_table(f->ref, "ref_narrative");
	assert_int_equal(t->nrow, 2);
	assert_string_equal(ref_text(t, 0, "kind"), "agent");
	assert_string_equal(ref_text(t, 0, "section"), "purpose");
	assert_string_equal(ref_text(t, 1, "id"), "m");
	assert_string_equal(ref_text(t, 1, "section"), "limits");
}

/* Comments and the order of fields change no hash; a value does. */
static void
the_hash_is_of_what_is_said(void **state)
{
	struct fixture *f = *state;
	struct str s = str_new(f->arena);
	uint8_t first[32], own[32];
	struct hash *h = hash_new(f->arena);

	fixture_make(f, company, LEN(company));
	assert_string_equal(fixture_read(f, AS_OF), "");
	memcpy(first, f->ref->sha256, 32);
	ref_dump(f->ref, AUDIENCE_INTERNAL, &s);
	hash_bytes(h, own, s.p, s.len);
	assert_memory_equal(first, own, 32);
	hash_free(h);

	fixture_make(f, company, LEN(company));
	fixture_write(f, "registry/models/m.yaml", "# nothing\n"
	    "schema: exhibit-model/1\n\nmodel_version: \"7\"\nmodel_id: q\n"
	    "model_provider: p\nregion:\n");
	assert_string_equal(fixture_read(f, AS_OF), "");
	assert_memory_equal(first, f->ref->sha256, 32);

	fixture_write(f, "registry/models/m.yaml",
	    "schema: exhibit-model/1\nmodel_version: '8'\nmodel_id: q\n"
	    "model_provider: p\n");
	project_close(&f->project);
	assert_string_equal(fixture_read(f, AS_OF), "");
	assert_memory_not_equal(first, f->ref->sha256, 32);
}

/* An organisation's name is public, an address internal. */
static void
the_dump_leaves_out_what_is_not_for_the_audience(void **state)
{
	const struct file files[] = { { "registry/people.yaml",
	    "schema: exhibit-people/1\npeople: [{person_id: a.one, "
	    "email: a@acme.example}]\n" } };
	struct fixture *f = *state;
	struct str s = str_new(f->arena);

	fixture_make(f, files, 1);
	assert_string_equal(fixture_read(f, AS_OF), "");
	ref_dump(f->ref, AUDIENCE_INTERNAL, &s);
	assert_string_equal(s.p, "{\"ref_organisation\":[{\"id\":\"acme\"}],"
	    "\"ref_person\":[{\"email\":\"a@acme.example\","
	    "\"person_id\":\"a.one\"}]}");
	str_reset(&s);
	ref_dump(f->ref, AUDIENCE_AUDITOR, &s);
	assert_string_equal(s.p, "{\"ref_organisation\":[{\"id\":\"acme\"}],"
	    "\"ref_person\":[{\"person_id\":\"a.one\"}]}");
}

/* Hash of the file below: python3 hashlib. */
#define REVIEWED "registry/reviews/2026-09.yaml"

static void
approvals_are_bound_to_bytes(void **state)
{
	const struct file files[] = {
		{ PEOPLE },
		{ REVIEWED, "schema: exhibit-review/1\n" },
	};
	struct fixture *f = *state;
	const struct ref_table *t;
	const struct input *in;
	char hex[HASH_HEXLEN];
	size_t n;

	/* the hash of the bytes, as the input list has it */
	fixture_make(f, files, 2);
	assert_string_equal(fixture_read(f, AS_OF), "");
	in = files_inputs(&f->project.files, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(in[i].path, REVIEWED) == 0)
			hash_hex(hex, in[i].sha256);
	t = ref_table(f->ref, "ref_review");
	assert_null(ref_text(t, 0, "signed_by"));

	/* the earliest approval counts; a review, a rejection and one of
	 * tomorrow do not */
	fixture_make(f, files, 2);
	fixture_write(f, "evidence/index.yaml", arena_printf(f->arena,
	    "schema: exhibit-evidence/1\nentries:\n"
	    "- {path: " REVIEWED ", sha256: %s, by: lead.one, role: lead, "
	    "at: 2026-10-02, decision: approved}\n"
	    "- {path: " REVIEWED ", sha256: %s, by: lead.one, role: lead, "
	    "at: 2026-10-01, decision: approved}\n"
	    "- {path: " REVIEWED ", sha256: %s, by: lead.one, role: lead, "
	    "at: 2026-09-30, decision: reviewed}\n"
	    "- {path: " REVIEWED ", sha256: %s, by: lead.one, role: lead, "
	    "at: 2027-10-01, decision: approved}\n", hex, hex, hex, hex));
	assert_string_equal(fixture_read(f, AS_OF), "");
	t = ref_table(f->ref, "ref_review");
	assert_string_equal(ref_text(t, 0, "signed_by"), "lead.one");
	assert_int_equal(ref_int(t, 0, "signed_us", 0),
	    INT64_C(1790812800000000)); /* 2026-10-01, python3 */
	assert_int_equal(ref_mark(t, 0, "signed_by").line, 4);

	/* changed bytes are unreviewed again */
	fixture_write(f, REVIEWED, "schema: exhibit-review/1\n\n");
	project_close(&f->project);
	assert_string_equal(fixture_read(f, AS_OF), "");
	t = ref_table(f->ref, "ref_review");
	assert_null(ref_text(t, 0, "signed_by"));
	t = ref_table(f->ref, "ref_document");
	assert_string_equal(ref_text(t, 0, "sha256"), hex);
	assert_string_not_equal(ref_text(t, 0, "found_sha256"), hex);
}

/* Edits come before what follows from the rows, so names and approvals see
 * them; a row that is not exactly one is an error. */
static void
seeded_faults_change_the_rows_they_name(void **state)
{
	static const char text[] = "schema: exhibit-faults/1\nfaults:\n"
	    "- id: a\n  edits:\n"
	    "  - {in: event, row: {event_id: e}, remove: true}\n"
	    "  - {in: ref_agent, row: {agent_id: bot}, set: {ring: 3, "
	    "kill_max_us: null}}\n"
	    "  - {in: ref_agent_identity, row: {agent_id: bot}, remove: true}"
	    "\n"
	    "  - {in: ref_agent_identity, add: {agent_id: cat, value: "
	    "'spiffe://x/bot'}}\n"
	    "- test: b\n  edits: [{in: ref_agent, row: {ring: 9}, "
	    "remove: true}]\n";
	struct fixture *f = *state;
	struct faults *one, *all;
	const struct ref_table *t;
	struct diag d;

	diag_init(&d, f->arena);
	one = faults_read(f->arena, "faults", text, strlen(text), "a", &d);
	all = faults_read(f->arena, "faults", text, strlen(text), NULL, &d);
	assert_int_equal(d.total, 0);

	fixture_make(f, company, LEN(company));
	assert_int_equal(project_read(f->arena, f->dir, &f->project, &d), 0);
	assert_int_equal(registry_read_with(f->arena, &f->project, AS_OF, one,
	    &d, &f->ref), 0);
	t = ref_table(f->ref, "ref_agent");
	assert_int_equal(ref_int(t, ref_agent_row(f->ref, "bot"), "ring", 0),
	    3);
	assert_int_equal(ref_value(t, ref_agent_row(f->ref, "bot"),
	    "kill_max_us")->type, VALUE_NULL);
	assert_string_equal(ref_agent_of(f->ref, "spiffe://x/bot"), "cat");

	project_close(&f->project);
	assert_int_equal(project_read(f->arena, f->dir, &f->project, &d), 0);
	assert_int_equal(registry_read_with(f->arena, &f->project, AS_OF, all,
	    &d, &f->ref), -1);
	assert_string_equal(d.line[0], "faults:10:11: row: matches 0 rows of "
	    "ref_agent, want one");
}

/* Every list and child of ref.def names a table that is there, and the tables
 * of lists take the row's keys and the value. */
static void
the_schema_holds_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ref_nschema; i++) {
		const struct ref_schema *s = &ref_schema[i];

		assert_int_equal(ref_schema_colno(s, "file"), s->ncol - 2);
		assert_int_equal(ref_schema_colno(s, "line"), s->ncol - 1);
		assert_ptr_equal(ref_schema_find(s->name), s);
		for (size_t j = 0; j < s->nchild; j++)
			assert_non_null(ref_schema_find(s->child[j].table));
		for (size_t j = 0; j < s->nlist; j++)
			if (s->list[j].table != NULL)
				assert_non_null(ref_schema_find(
				    s->list[j].table));
		for (size_t j = 0; j < s->ncol; j++) {
			const struct ref_col *c = &s->col[j];

			for (size_t k = 0; k < j; k++)
				assert_string_not_equal(s->col[k].name,
				    c->name);
			assert_non_null(c->says);
			if (c->field == FIELD_TIME ||
			    c->field == FIELD_DURATION)
				assert_string_equal(c->name +
				    ref_fieldlen(c), "_us");
			if (c->field == FIELD_CHOICE)
				assert_non_null(c->of);
		}
	}
}

/* What nobody has vouched for is no row; what is open is not recorded. */
static void
drafts_are_left_out(void **state)
{
	struct fixture *f = *state;
	const struct file file[] = {
		{ AGENT, A "lifecycle: prod\nring: TODO\nkill_max: TODO # s\n"
		    "destinations: [TODO]\nchildren: []\n" },
		{ "registry/agents/new/agent.yaml", A "draft: true\nring: 9\n" },
		{ "waivers.yaml", "schema: exhibit-waivers/1\nwaivers:\n"
		    "- draft: true\n  waiver_id: W-1\n  owner: TODO\n" },
		{ NULL, NULL }
	};
	const struct ref_table *t;

	fixture_make(f, file, LEN(file));
	assert_string_equal(fixture_read(f, AS_OF), "");
	t = ref_table(f->ref, "ref_agent");
	assert_int_equal(t->nrow, 1);
	assert_int_equal(ref_value(t, 0, "ring")->type, VALUE_NULL);
	assert_int_equal(ref_value(t, 0, "kill_max_us")->type, VALUE_NULL);
	assert_string_equal(ref_text(t, 0, "lifecycle"), "prod");
	t = ref_table(f->ref, "ref_none");
	assert_int_equal(t->nrow, 1);
	assert_string_equal(ref_text(t, 0, "field"), "children");
	assert_int_equal(ref_table(f->ref, "ref_agent_destination")->nrow, 0);
	assert_int_equal(ref_table(f->ref, "ref_waiver")->nrow, 0);
	assert_int_equal(f->ref->ndraft, 2);
	assert_string_equal(f->ref->draft[0].file,
	    "registry/agents/new/agent.yaml");
	assert_int_equal(f->ref->draft[1].line, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, \
    fixture_teardown)
		T(what_is_wrong_is_named_with_its_place),
		T(links_and_devices_are_not_read),
		T(files_and_bytes_have_a_limit),
		T(a_project_is_refused_where_it_is_wrong),
		T(a_project_has_the_defaults_of_the_manual),
		T(rows_hold_what_the_files_say),
		T(the_hash_is_of_what_is_said),
		T(the_dump_leaves_out_what_is_not_for_the_audience),
		T(approvals_are_bound_to_bytes),
		T(seeded_faults_change_the_rows_they_name),
		T(drafts_are_left_out),
		T(the_schema_holds_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
