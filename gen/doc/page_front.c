#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "doc/part.h"
#include "model/figure.h"
#include "model/ref.h"

static const char not_proved[][160] = {
	"That an event is true: only that it was recorded.",
	"That every act was recorded.",
	"That nothing was rewritten before a checkpoint left the company.",
	"That the time of an event is right.",
	"That a signer read what was signed.",
	"That these controls suffice in law.",
};

static void
limits(struct page *p)
{
	struct docnode *at = part_section(p, "limits",
	    "What this pack does not prove");
	struct docnode *list = docnode_new(p->a, at, NODE_LIST);

	for (size_t i = 0; i < sizeof(not_proved) / sizeof(not_proved[0]); i++)
		(void)docnode_text(p->a, docnode_new(p->a, list, NODE_ITEM),
		    "%s", not_proved[i]);
	for (size_t i = 0; i < p->b->nstream; i++) {
		const struct stream *s = &p->b->stream[i];

		if (s->read_from > 0)
			(void)docnode_text(p->a, docnode_new(p->a, list,
			    NODE_ITEM), "That rows of %s below seq %" PRIu64
			    " are unharmed in the store: only that their "
			    "roots are those signed before.", s->name,
			    s->read_from);
		if (!s->log_signed)
			(void)docnode_text(p->a, docnode_new(p->a, list,
			    NODE_ITEM), "That the log %s is what it was "
			    "yesterday: it is not signed.", s->name);
	}
}

static void
scope_line(struct page *p)
{
	struct docnode *para = docnode_para(p->a, p->at);
	struct str from = str_new(p->a), to = str_new(p->a);

	date_add_time(&from, p->b->from_us);
	date_add_time(&to, p->b->to_us);
	(void)docnode_data(p->a, para, p->b->organisation_name != NULL ?
	    p->b->organisation_name : p->b->organisation);
	(void)docnode_text(p->a, para, ", from %s up to %s. What agents did, "
	    "what was declared and what was allowed, confronted.", from.p,
	    to.p);
	if (p->b->interim)
		(void)docnode_verdict(p->a, p->at, TONE_PART, "interim",
		    "The period had not ended when this was built.");
	if (p->b->broken)
		(void)docnode_verdict(p->a, p->at, TONE_BROKEN,
		    "log not intact", "A chain is broken: only exceptions "
		    "still count, nothing here is satisfied.");
	if (p->b->demo_key)
		(void)docnode_verdict(p->a, p->at, TONE_PART, "demo key",
		    "The keys of this pack are published: anyone can sign "
		    "with them.");
}

/* Verdicts of the controls mapped to a framework, over all scopes. */
static void
by_framework(struct page *p)
{
	static const enum status order[] = { ST_GAP, ST_PARTIAL,
		ST_NOT_ESTABLISHED, ST_SATISFIED, ST_NOT_APPLICABLE };
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "frameworks",
	    "Verdicts by framework");
	struct docnode *t = part_table(p, at, "verdicts",
	    "Requirements by the worst status of their controls",
	    PART_HEAD("Framework", "gap", "partial", "not-established",
	    "satisfied", "not-applicable", "no control"));

	for (size_t i = 0; i < p->b->catalogue->nframework; i++) {
		const struct framework *fw = &p->b->catalogue->framework[i];
		struct docnode *row = docnode_row(p->a, t), *cell;
		uint64_t n[ST_NOT_ASSESSED + 1] = { 0 }, none = 0;

		for (size_t j = 0; j < f->ncovered; j++) {
			const struct covered *c = &f->covered[j];

			if (!part_is(c->req->framework, fw->id))
				continue;
			if (c->why_not != NULL)
				n[ST_NOT_APPLICABLE]++;
			else if (c->ncontrol == 0)
				none++;
			else
				n[c->worst]++;
		}
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_link(p->a, cell, "framework", fw->id, fw->title);
		for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
			part_cell_count(p, row, n[order[k]]);
		part_cell_count(p, row, none);
	}
	(void)part_words(p, docnode_para(p->a, at), "folder", "frameworks",
	    NULL, "How each requirement was tested");
}

static void
log_numbers(struct page *p)
{
	struct docnode *at = part_section(p, "log", "The log");
	struct docnode *t = part_fields(p, at, "log-numbers", "In numbers");
	const struct ref_table *agents = ref_table(p->b->log, "log_agent");
	const struct ref_table *u = ref_table(p->b->log, "log_undeclared");
	const struct ref_table *g = ref_table(p->b->log, "log_gap_declared");
	uint64_t rows = 0, undeclared = 0, seen = 0, waiting = 0;
	const char *last = NULL;

	for (size_t i = 0; i < p->b->nstream; i++) {
		rows += p->b->stream[i].in_period;
		waiting += p->b->stream[i].waiting;
	}
	for (size_t i = 0; agents != NULL && i < agents->nrow; i++) {
		const char *id = ref_text(agents, i, "agent_id");

		if (!str_eq(id, last))
			seen++;
		last = id;
	}
	for (size_t i = 0; u != NULL && i < u->nrow; i++)
		if (str_eq(ref_text(u, i, "kind"), "agent"))
			undeclared++;
	part_count(p, part_field(p, t, "Events in the period"), rows);
	part_count(p, part_field(p, t, "Agents seen"), seen);
	part_count(p, part_field(p, t, "Agents seen that nobody declared"),
	    undeclared);
	part_count(p, part_field(p, t, "Declared outages"),
	    g != NULL ? g->nrow : 0);
	part_count(p, part_field(p, t, "Rows that wait for the next pack"),
	    waiting);
	for (size_t i = 0; i < p->b->nstream; i++)
		if (p->b->stream[i].intact)
			(void)docnode_badge(p->a, part_field(p, t, "Chain"),
			    TONE_GOOD, "intact");
		else
			(void)docnode_badge(p->a, part_field(p, t, "Chain"),
			    TONE_BROKEN, "broken");
	(void)part_words(p, docnode_para(p->a, at), "folder", "log", NULL,
	    "Is the log whole?");
}

static void
worst_gaps(struct page *p)
{
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "gaps", "Worst gaps");
	struct docnode *t;
	size_t open = 0, n = 0;

	for (size_t i = 0; i < f->ngap; i++)
		open += !(f->gap[i].waiver != NULL &&
		    f->gap[i].waived_until_us > p->b->as_of_us);
	if (open == 0)
		(void)part_para(p, at, "No open gap in %zu controls and "
		    "scopes that were evaluated.", f->nverdict);
	else {
		t = part_table(p, at, "worst", "Open gaps, worst first",
		    PART_HEAD("Gap", "Control", "Scope", "Severity",
		    "Owner"));
		for (size_t i = 0; i < f->ngap && n < 5; i++) {
			const struct gap *g = &f->gap[i];
			struct docnode *row, *cell;

			if (g->waiver != NULL &&
			    g->waived_until_us > p->b->as_of_us)
				continue;
			n++;
			row = docnode_row(p->a, t);
			cell = part_cell(p, row);
			cell->level = 1;
			part_link(p, cell, "gap", g->id);
			cell = part_cell(p, row);
			part_link(p, cell, "control",
			    g->verdict->control->id);
			(void)docnode_text(p->a, cell, " ");
			(void)docnode_data(p->a, cell,
			    g->verdict->control->title);
			part_cell_data(p, row, g->verdict->scope);
			(void)docnode_text(p->a, part_cell(p, row), "%s",
			    severity_name(g->verdict->control->severity));
			part_cell_data(p, row, g->owner);
		}
	}
	(void)part_words(p, part_para(p, at, "%zu open, %zu waived: ", open,
	    f->ngap - open), "folder", "gaps", NULL, "all gaps");
	(void)part_words(p, docnode_para(p->a, at), "page", "contradictions",
	    NULL, "Claims that the log contradicts");
}

static void
unlocks(struct page *p)
{
	const struct findings *f = p->b->findings;
	struct docnode *at, *t;

	if (f->nunlock == 0)
		return;
	at = part_section(p, "unlocks", "What would make most tests "
	    "testable");
	t = part_table(p, at, "unlock-table", "Most first", PART_HEAD("Do",
	    "Where", "Tests"));
	for (size_t i = 0; i < f->nunlock && i < 5; i++) {
		struct docnode *row = docnode_row(p->a, t), *cell;

		part_cell_data(p, row, f->unlock[i].what);
		part_cell_data(p, row, f->unlock[i].where);
		cell = part_cell(p, row);
		for (size_t j = 0; j < f->unlock[i].ntest; j++) {
			if (j > 0)
				(void)docnode_text(p->a, cell, ", ");
			part_link(p, cell, "test", f->unlock[i].test[j]->id);
		}
	}
}

void
page_index(struct page *p, const char *id)
{
	struct docnode *at;

	(void)id;
	part_title(p, arena_printf(p->a, "Evidence for %s", p->b->period));
	scope_line(p);
	worst_gaps(p);
	by_framework(p);
	log_numbers(p);
	unlocks(p);
	at = part_section(p, "check", "Check this pack");
	(void)part_words(p, part_para(p, at, "With tools that you already "
	    "own: "), "page", "verify", NULL, "how to check it");
	(void)part_words(p, part_para(p, at, "How it was made, from which "
	    "inputs: "), "page", "about", NULL, "about this pack");
	limits(p);
}

void
page_about(struct page *p, const char *id)
{
	struct docnode *t, *at;

	(void)id;
	part_title(p, "About this pack");
	t = part_fields(p, p->at, "made", "How it was made");
	part_field_data(p, t, "Organisation", p->b->organisation);
	part_field_data(p, t, "Period", p->b->period);
	part_time(p, part_field(p, t, "As of"), p->b->as_of_us);
	part_field_data(p, t, "Generator", p->b->generator);
	part_hash(p, part_field(p, t, "Registry and policies, SHA-256 of the "
	    "dump"), p->b->ref->sha256);
	part_field_data(p, t, "Sample drawn by", p->b->drawn_by);
	part_field_data(p, t, "Nonce", p->b->nonce);
	part_field_data(p, t, "Previous pack", p->b->previous_period != NULL ?
	    p->b->previous_period : "none: this is the first");
	at = part_section(p, "method", "Method");
	(void)part_para(p, at, "A control has tests. A test has a population, "
	    "the rows that it is about, and an exception, what breaks the "
	    "control. Rows of which the log cannot say are blind and never "
	    "count as good. Without a population there is no evidence, and "
	    "no evidence is never a pass.");
	(void)part_para(p, at, "Every row of the range was read and hashed. "
	    "Population counts are complete; nothing is extrapolated. "
	    "Samples are for people to look at.");
	t = part_table(p, part_section(p, "licences", "Framework texts"),
	    "frameworks", "Sources and licences", PART_HEAD("Framework",
	    "Source", "Licence"));
	for (size_t i = 0; i < p->b->catalogue->nframework; i++) {
		const struct framework *fw = &p->b->catalogue->framework[i];
		struct docnode *row = docnode_row(p->a, t);

		part_cell_data(p, row, fw->title);
		part_cell_data(p, row, fw->source);
		part_cell_data(p, row, fw->licence);
	}
	limits(p);
}

void
page_files(struct page *p, const char *id)
{
	static const char *const folder[][2] = {
		{ "data/site/", "this site" },
		{ "data/docs/", "documents: Markdown, HTML, JSON" },
		{ "data/controls/", "each test: text, counts, rows; SQL to run "
		    "it again" },
		{ "data/records/", "the exact bytes of each cited event" },
		{ "data/proofs/", "a proof for each record" },
		{ "data/log/", "checkpoints, consistency with the last pack" },
		{ "data/inputs/", "registry and policies as canonical JSON" },
		{ "manifest-sha256.txt", "the one commitment" },
		{ "sig/", "signatures over the manifest" }
	};
	struct docnode *t;

	(void)id;
	part_title(p, "Files");
	t = part_table(p, p->at, "folders", "What lies where",
	    PART_HEAD("Path", "What it is"));
	for (size_t i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		struct docnode *row = docnode_row(p->a, t);

		(void)docnode_code(p->a, part_cell(p, row), folder[i][0]);
		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    folder[i][1]);
	}
	t = part_table(p, p->at, "inputs", "Files that were read",
	    PART_HEAD("File", "Read as", "Bytes"));
	for (size_t i = 0; i < p->b->ninput; i++) {
		struct docnode *row = docnode_row(p->a, t), *cell;

		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "source", p->b->input[i].path);
		part_cell_data(p, row, p->b->input[i].kind);
		part_cell_count(p, row, p->b->input[i].bytes);
	}
}

void
page_help(struct page *p, const char *id)
{
	static const struct {
		enum tone tone;
		const char *word, *says;
	} row[] = {
		{ TONE_GOOD, "pass", "The population is there and no row "
		    "breaks the control." },
		{ TONE_BAD, "fail", "Rows break the control; they are "
		    "listed." },
		{ TONE_EMPTY, "no-evidence", "Nothing was found to judge by. "
		    "Never green." },
		{ TONE_NEUTRAL, "not-applicable", "The control does not "
		    "concern this scope; the reason is printed." },
		{ TONE_GOOD, "satisfied", "All tests and evidence of a "
		    "control pass." },
		{ TONE_PART, "partial", "Some pass, others are without "
		    "evidence or not key." },
		{ TONE_BAD, "gap", "A key test or item fails." },
		{ TONE_EMPTY, "not-established", "None passes, none fails." },
		{ TONE_ACCEPTED, "waived", "The gap is accepted until a "
		    "date." },
		{ TONE_BROKEN, "broken", "The log is not intact." },
	};
	struct docnode *t, *at;

	(void)id;
	part_title(p, "Help");
	at = part_section(p, "strip", "The trace strip");
	(void)part_para(p, at, "At the head of a page stands the way from a "
	    "statement to the bytes that bear it out: statement, control, "
	    "test, population, sample, record, proof. Follow it forwards; "
	    "the foot of a record leads back.");
	at = part_section(p, "words", "Words and marks");
	t = part_table(p, at, "marks", "Verdicts", PART_HEAD("Mark",
	    "What it says"));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct docnode *r = docnode_row(p->a, t);

		(void)docnode_badge(p->a, part_cell(p, r), row[i].tone,
		    row[i].word);
		(void)docnode_text(p->a, part_cell(p, r), "%s", row[i].says);
	}
	t = part_table(p, at, "provenance", "Where a value comes from",
	    PART_HEAD("Mark", "Word", "Source"));
	for (int i = PROV_DECLARED; i <= PROV_NARRATIVE; i++) {
		static const char *const source[] = { "the registry",
			"the audit store", "the policy history, or computed",
			"written by a person" };
		struct docnode *r = docnode_row(p->a, t);

		(void)docnode_text(p->a, part_cell(p, r), "%s",
		    prov_mark((enum prov)i));
		(void)docnode_text(p->a, part_cell(p, r), "%s",
		    prov_name((enum prov)i));
		(void)docnode_text(p->a, part_cell(p, r), "%s", source[i]);
	}
}

void
page_verify(struct page *p, const char *id)
{
	struct docnode *at, *pre;

	(void)id;
	part_title(p, "Check this pack");
	(void)docnode_verdict(p->a, p->at, TONE_NEUTRAL, "this page",
	    "It cannot vouch for itself: use your own tools, and a "
	    "fingerprint that you were given outside of this pack.");
	at = part_section(p, "tools", "With tools that you already own");
	(void)part_para(p, at, "In the root of the pack; README.txt there "
	    "has the same for macOS and Windows:");
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = "sha256sum --strict -c manifest-sha256.txt\n"
	    "find . ! -type f ! -type d    # must print nothing\n"
	    "ssh-keygen -Y verify -f allowed_signers -I PERSON "
	    "-n exhibit-preparer@v1 \\\n"
	    "    -s sig/preparer.sshsig < manifest-sha256.txt";
	at = part_section(p, "exhibit", "With Exhibit");
	(void)part_para(p, at, "trust.json is yours, and never part of a "
	    "pack:");
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = "exhibit verify PACK --trust trust.json";
	(void)part_words(p, part_para(p, at, "What lies where: "), "page",
	    "files", NULL, "files of this pack");
	limits(p);
}

/* Every subject by name: the search without a script. */
static int
by_kind_and_name(const void *a, const void *b)
{
	const struct target *x = a, *y = b;
	int c = strcmp(x->kind, y->kind);

	return c != 0 ? c : strcmp(x->id, y->id);
}

/* Subjects of one group stand in one table: a kind, and of requirements a
 * framework. */
static int
same_group(const struct target *x, const struct target *y)
{
	size_t n = strcspn(x->id, "/");

	if (strcmp(x->kind, y->kind) != 0)
		return 0;
	return !part_is(x->kind, "requirement") ||
	    (n == strcspn(y->id, "/") && memcmp(x->id, y->id, n) == 0);
}

void
page_search(struct page *p, const char *id)
{
	struct target *list = arena_array(p->a, p->set->npage + 1,
	    sizeof(*list));
	struct docnode *t = NULL;
	size_t n = 0;

	(void)id;
	part_title(p, "Everything by name");
	(void)part_para(p, p->at, "All subjects of this pack, by kind and id. "
	    "Records are reached from the tests that cite them, documents "
	    "from their agent.");
	for (size_t i = 0; i < p->set->npage; i++)
		if (!part_is(p->set->page[i].kind, "record") &&
		    !part_is(p->set->page[i].kind, "page") &&
		    !part_is(p->set->page[i].kind, "folder"))
			list[n++] = p->set->page[i];
	qsort(list, n, sizeof(*list), by_kind_and_name);
	for (size_t i = 0; i < n; i++) {
		struct docnode *cell;

		if (i == 0 || !same_group(&list[i - 1], &list[i]))
			t = part_table(p, p->at, arena_printf(p->a, "g-%zu",
			    i), part_is(list[i].kind, "requirement") ?
			    arena_printf(p->a, "requirement: %.*s",
			    (int)strcspn(list[i].id, "/"), list[i].id) :
			    list[i].kind, PART_HEAD("Id"));
		cell = part_cell(p, docnode_row(p->a, t));
		cell->level = 1;
		part_link(p, cell, list[i].kind, list[i].id);
	}
}
