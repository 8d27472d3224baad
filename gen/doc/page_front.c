#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "doc/part.h"
#include "doc/subject.h"
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

	struct str as_of = str_new(p->a);

	date_add_time(&from, p->b->from_us);
	date_add_time(&to, p->b->to_us);
	date_add_time(&as_of, p->b->as_of_us);
	(void)docnode_data(p->a, para, p->b->organisation_name != NULL ?
	    p->b->organisation_name : p->b->organisation);
	(void)docnode_text(p->a, para, ", from %s up to %s, as of %s. What "
	    "agents did, what was declared and what was allowed, "
	    "confronted.", from.p, to.p, as_of.p);
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
	    "satisfied", "not-applicable", "from a later date",
	    "no control"));

	for (size_t i = 0; i < p->b->catalogue->nframework; i++) {
		const struct framework *fw = &p->b->catalogue->framework[i];
		struct docnode *row = docnode_row(p->a, t), *cell;
		uint64_t n[ST_NOT_ASSESSED + 1] = { 0 }, none = 0, later = 0;

		for (size_t j = 0; j < f->ncovered; j++) {
			const struct covered *c = &f->covered[j];

			if (!c->req->assessable ||
			    !part_is(c->req->framework, fw->id))
				continue;
			if (c->why_not != NULL)
				n[ST_NOT_APPLICABLE]++;
			else if (c->ncontrol == 0)
				none++;
			else if (c->later)
				later++;
			else
				n[c->worst == ST_NOT_ASSESSED ?
				    ST_NOT_ESTABLISHED : c->worst]++;
		}
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_link(p->a, cell, "framework", fw->id, fw->title);
		for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
			part_cell_count(p, row, n[order[k]]);
		part_cell_count(p, row, later);
		part_cell_count(p, row, none);
	}
	(void)part_words(p, docnode_para(p->a, at), "folder", "frameworks",
	    NULL, "How each requirement was tested");
}

/* What the log amounts to. */
struct numbers {
	uint64_t rows, seen, undeclared, outages, waiting;
	int is_signed, intact;
};

static struct numbers
count_log(const struct page *p)
{
	const struct ref_table *agents = ref_table(p->b->log, "log_agent");
	const struct ref_table *u = ref_table(p->b->log, "log_undeclared");
	const struct ref_table *g = ref_table(p->b->log, "log_gap_declared");
	struct numbers n = { .is_signed = 1, .intact = 1 };
	const char *last = NULL;

	for (size_t i = 0; i < p->b->nstream; i++) {
		n.rows += p->b->stream[i].in_period;
		n.waiting += p->b->stream[i].waiting;
		n.is_signed &= p->b->stream[i].log_signed;
		n.intact &= p->b->stream[i].intact;
	}
	/* Rows of one agent, a version each, stand together. */
	for (size_t i = 0; agents != NULL && i < agents->nrow; i++) {
		const char *id = ref_text(agents, i, "agent_id");

		n.seen += !part_is(id, last);
		last = id;
	}
	for (size_t i = 0; u != NULL && i < u->nrow; i++)
		n.undeclared += (uint64_t)part_is(ref_text(u, i, "kind"),
		    "agent");
	n.outages = g != NULL ? g->nrow : 0;
	return n;
}

static void
log_numbers(struct page *p, const struct numbers *n)
{
	struct docnode *at = part_section(p, "log", "The log");
	struct docnode *t = part_table(p, at, "log-numbers",
	    "What was recorded in the period", PART_HEAD("Events",
	    "Agents seen", "of these undeclared", "Declared outages",
	    "Rows that wait for the next pack", "Chain", "Checkpoint"));
	struct docnode *row = docnode_row(p->a, t);

	part_cell_count(p, row, n->rows);
	part_cell_count(p, row, n->seen);
	part_cell_count(p, row, n->undeclared);
	part_cell_count(p, row, n->outages);
	part_cell_count(p, row, n->waiting);
	(void)docnode_badge(p->a, part_cell(p, row), n->intact ? TONE_GOOD :
	    TONE_BROKEN, n->intact ? "intact" : "broken");
	(void)docnode_badge(p->a, part_cell(p, row), n->is_signed ?
	    TONE_GOOD : TONE_EMPTY, n->is_signed ? "signed" : "not signed");
	(void)part_words(p, docnode_para(p->a, at), "folder", "log", NULL,
	    "Is the log whole?");
}

static int
gap_open(const struct page *p, const struct gap *g)
{
	return g->waiver == NULL || g->waived_until_us <= p->b->as_of_us;
}

static size_t
count_open(const struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->b->findings->ngap; i++)
		n += (size_t)gap_open(p, &p->b->findings->gap[i]);
	return n;
}

static int
is_claim(const struct result *r)
{
	return r->test != NULL && r->test->claim[0] != NULL &&
	    !r->test->advice;
}

/* Claims and scopes that were compared, and those that the log contradicts. */
static size_t
count_claims(const struct page *p, size_t *contradicted)
{
	const struct findings *f = p->b->findings;
	size_t n = 0;

	*contradicted = 0;
	for (size_t i = 0; i < f->nresult; i++) {
		if (!is_claim(&f->result[i]))
			continue;
		n++;
		*contradicted += f->result[i].outcome == OUT_FAIL;
	}
	return n;
}

/* Gaps stand worst first, so the first open one is the worst. */
static const struct gap *
worst_open(const struct page *p)
{
	for (size_t i = 0; i < p->b->findings->ngap; i++)
		if (gap_open(p, &p->b->findings->gap[i]))
			return &p->b->findings->gap[i];
	return NULL;
}

/* All of it in one sentence; nothing evaluated is never good. */
static void
front_verdict(struct page *p, const struct numbers *n)
{
	const struct findings *f = p->b->findings;
	const struct gap *worst = worst_open(p);
	size_t open = count_open(p), contradicted;
	size_t claims = count_claims(p, &contradicted);
	struct str s = str_new(p->a);

	if (worst != NULL)
		str_addf(&s, "the worst is %s. ",
		    severity_name(worst->verdict->control->severity));
	if (f->ngap > open)
		str_addf(&s, "%s. ", part_n(p, f->ngap - open,
		    "gap is accepted until a date",
		    "gaps are accepted until a date"));
	str_addf(&s, "The log contradicts %zu of %zu claims that were "
	    "compared. The chain is %s over %s; the log is %s.", contradicted,
	    claims, n->intact ? "intact" : "NOT intact", part_n(p, n->rows,
	    "event of the period", "events of the period"),
	    n->is_signed ? "signed" : "not signed");
	if (f->decided == 0)
		(void)docnode_verdict(p->a, p->at, TONE_EMPTY,
		    "nothing was evaluated", "No test passed or failed: this "
		    "pack shows nothing.");
	else
		(void)docnode_verdict(p->a, p->at, p->b->broken ?
		    TONE_BROKEN : worst != NULL ? TONE_BAD : TONE_GOOD,
		    worst == NULL ? "no open gap" : part_n(p, open,
		    "open gap", "open gaps"), s.p);
}

static void
worst_gaps(struct page *p)
{
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "gaps", "Worst gaps");
	size_t open = count_open(p), n = 0;
	struct docnode *t = NULL;

	if (open == 0)
		(void)part_para(p, at, "No open gap in %zu controls and "
		    "scopes that were evaluated.", f->nverdict);
	for (size_t i = 0; i < f->ngap && n < 5; i++) {
		const struct gap *g = &f->gap[i];
		struct docnode *row;

		if (!gap_open(p, g))
			continue;
		if (n++ == 0)
			t = part_table(p, at, "worst", "Open gaps, worst first",
			    PART_HEAD("Gap", "Control", "Scope", "Severity",
			    "Owner"));
		row = part_gap_row(p, t, g);
		part_cell_data(p, row, g->owner);
	}
	(void)part_words(p, part_para(p, at, "%zu open, %zu waived: ", open,
	    f->ngap - open), "folder", "gaps", NULL, "all gaps");
}

/* The first five, by severity. */
static void
contradicted(struct page *p)
{
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "claims",
	    "Claims that the log contradicts");
	size_t bad, all = count_claims(p, &bad), n = 0;
	struct docnode *list;

	if (bad == 0) {
		(void)part_para(p, at, "No contradiction in %zu claims and "
		    "scopes that were compared.", all);
		return;
	}
	list = docnode_new(p->a, at, NODE_LIST);
	for (int sev = SEV_CRITICAL; sev >= SEV_LOW; sev--)
		for (size_t i = 0; i < f->nresult && n < 5; i++) {
			const struct result *r = &f->result[i];
			struct docnode *item;
			struct str s = str_new(p->a);

			if (!is_claim(r) || r->outcome != OUT_FAIL ||
			    (int)r->control->severity != sev)
				continue;
			n++;
			item = docnode_new(p->a, list, NODE_ITEM);
			finding_words(&s, r);
			(void)docnode_data(p->a, item, s.p);
			(void)docnode_text(p->a, item, " ");
			part_link(p, item, "test", r->test->id);
		}
	(void)part_words(p, part_para(p, at, "%zu of %zu: ", bad, all),
	    "page", "contradictions", NULL, "all of them, with their rows");
}

/* Gaps that the previous pack did not have, or no longer are. */
static void
front_changes(struct page *p)
{
	struct docnode *at = part_section(p, "changes", "Changes"), *para;
	size_t opened = 0, closed = 0;

	if (p->b->previous == NULL) {
		(void)part_words(p, part_para(p, at, "No previous pack: there "
		    "is nothing to compare with. "), "page", "changes", NULL,
		    "what is compared");
		return;
	}
	for (size_t i = 0; i < p->b->findings->ngap; i++)
		opened += finding_gap(p->b->previous,
		    p->b->findings->gap[i].id) == NULL;
	for (size_t i = 0; i < p->b->previous->ngap; i++)
		closed += finding_gap(p->b->findings,
		    p->b->previous->gap[i].id) == NULL;
	para = docnode_para(p->a, at);
	(void)docnode_text(p->a, para, "Since ");
	(void)docnode_data(p->a, para, p->b->previous_period);
	(void)docnode_text(p->a, para, ": %s, %zu closed: ", part_n(p, opened,
	    "new gap", "new gaps"), closed);
	(void)part_words(p, para, "page", "changes", NULL, "what changed");
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

		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_data(p->a, cell, f->unlock[i].what);
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
	struct numbers n = count_log(p);
	struct docnode *at;

	(void)id;
	part_title(p, arena_printf(p->a, "Evidence for %s", p->b->period));
	front_verdict(p, &n);
	scope_line(p);
	worst_gaps(p);
	by_framework(p);
	contradicted(p);
	log_numbers(p, &n);
	unlocks(p);
	front_changes(p);
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

		part_cell_say(p, row, fw->title);
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

/* What the search finds of it; the page itself is site/verify.html, the
 * same in every pack. */
void
page_verify(struct page *p, const char *id)
{
	(void)id;
	part_title(p, "Check this pack");
	(void)docnode_verdict(p->a, p->at, TONE_NEUTRAL, "this page",
	    "It cannot vouch for itself: use your own tools, and a "
	    "fingerprint that you were given outside of this pack.");
	(void)part_section(p, "check", "In this page");
	(void)part_section(p, "tools", "With tools that you already own");
	(void)part_section(p, "exhibit", "With Exhibit");
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

/* What a group of subjects is called. */
static const char *
group_title(struct page *p, const struct target *to)
{
	static const char *const word[][2] = {
		{ "agent", "Agents" }, { "control", "Controls" },
		{ "evidence", "Evidence" }, { "framework", "Frameworks" },
		{ "gap", "Gaps" }, { "log", "Logs" },
		{ "policy", "Policy versions" }, { "source", "Input files" },
		{ "test", "Tests" }
	};

	if (part_is(to->kind, "requirement"))
		return arena_printf(p->a, "Requirements of %.*s",
		    (int)strcspn(to->id, "/"), to->id);
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (part_is(word[i][0], to->kind))
			return word[i][1];
	for (size_t i = 0; i < subject_nkind(); i++)
		if (part_is(subject_name(i), to->kind))
			return subject_title_of(i);
	return to->kind;
}

/* What stands beside the id, or NULL. */
static const char *
subject_title(struct page *p, const struct target *to)
{
	const struct catalogue *cat = p->b->catalogue;

	if (part_is(to->kind, "requirement")) {
		size_t n = strcspn(to->id, "/");
		const struct requirement *r = catalogue_requirement(cat,
		    arena_strndup(p->a, to->id, n), to->id + n + 1);

		return r != NULL ? r->title : NULL;
	}
	if (part_is(to->kind, "control"))
		return catalogue_control(cat, to->id)->title;
	if (part_is(to->kind, "test"))
		return catalogue_test(cat, to->id, NULL)->title;
	if (part_is(to->kind, "evidence"))
		return catalogue_item(cat, to->id, NULL)->title;
	if (part_is(to->kind, "gap")) {
		const struct gap *g = finding_gap(p->b->findings, to->id);

		return arena_printf(p->a, "%s, %s", g->verdict->control->id,
		    g->verdict->scope);
	}
	return NULL;
}

/* The letter that a subject stands under: of its id, without the framework
 * of a requirement; all that is no letter stands under 0. */
char
page_letter(const struct target *to)
{
	const char *slash = part_is(to->kind, "requirement") ?
	    strchr(to->id, '/') : NULL;
	char c = slash != NULL ? slash[1] : *to->id;

	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c >= 'a' && c <= 'z' ? c : '0';
}

char
page_doc_letter(const struct doc_ref *d)
{
	return page_letter(&(struct target){ "document", d->name, NULL });
}

int
page_named(const struct target *to)
{
	return !part_is(to->kind, "record") && !part_is(to->kind, "page") &&
	    !part_is(to->kind, "folder") && !part_is(to->kind, "letter");
}

void
page_search(struct page *p, const char *id)
{
	struct docnode *at, *list;

	(void)id;
	part_title(p, "Search");
	at = part_section(p, "ask", "Find a page");
	(void)part_para(p, part_section(p, "how", "How to ask"), "All words "
	    "must be there, in any order; -word leaves pages out. Fields: "
	    "kind, framework, status, severity, agent, model, tool, policy, "
	    "owner, as in status:gap framework:eu; status:gap,partial is "
	    "either. Of records the title, the event's id and the leaf hash "
	    "are searched.");
	(void)part_para(p, at, "Type a gap's id, a control, an article, an "
	    "agent, an event's id. It needs JavaScript, which reads lists "
	    "beside this page and nothing else; without it the letters below "
	    "lead to every page.");
	list = docnode_new(p->a, part_section(p, "kinds", "Everything by "
	    "kind"), NODE_LIST);
	list->level = 2;
	for (size_t i = 0; i < p->set->npage; i++) {
		const struct target *to = &p->set->page[i];

		if (part_is(to->kind, "folder"))
			(void)part_words(p, docnode_new(p->a, list, NODE_ITEM),
			    "folder", to->id, NULL, "%c%s", *to->id - 'a' +
			    'A', to->id + 1);
	}
	list = docnode_new(p->a, part_section(p, "letters", "Everything by "
	    "name"), NODE_LIST);
	list->level = 2;
	for (size_t i = 0; i < p->set->npage; i++) {
		const struct target *to = &p->set->page[i];

		if (part_is(to->kind, "letter"))
			(void)part_words(p, docnode_new(p->a, list, NODE_ITEM),
			    "letter", to->id, NULL, "%s", part_is(to->id, "0")
			    ? "0-9" : to->id);
	}
}

/* Subjects under one letter, by kind. */
void
page_az(struct page *p, const char *id)
{
	struct target *list = arena_array(p->a, p->set->npage + 1,
	    sizeof(*list));
	struct docnode *group = NULL;
	size_t n = 0;

	part_title(p, arena_printf(p->a, "Everything under %s",
	    part_is(id, "0") ? "0-9" : id));
	part_crumb(p, "Search", "page", "search");
	(void)part_para(p, p->at, "Subjects of this pack, by kind and id. "
	    "Records are reached from the tests that cite them.");
	for (size_t i = 0; i < p->set->npage; i++)
		if (page_named(&p->set->page[i]) &&
		    page_letter(&p->set->page[i]) == *id)
			list[n++] = p->set->page[i];
	qsort(list, n, sizeof(*list), by_kind_and_name);
	for (size_t i = 0; i < n; i++) {
		struct docnode *item;
		const char *title = subject_title(p, &list[i]);

		if (i == 0 || !same_group(&list[i - 1], &list[i])) {
			group = docnode_new(p->a, part_section(p,
			    arena_printf(p->a, "g-%zu", i), group_title(p,
			    &list[i])), NODE_LIST);
			group->level = 2;
		}
		item = docnode_new(p->a, group, NODE_ITEM);
		part_link(p, item, list[i].kind, list[i].id);
		if (title != NULL) {
			(void)docnode_text(p->a, item, " ");
			(void)docnode_data(p->a, item, title);
		}
	}
	group = NULL;
	for (size_t i = 0; i < p->set->ndoc; i++) {
		if (page_doc_letter(&p->set->doc[i]) != *id)
			continue;
		if (group == NULL) {
			group = docnode_new(p->a, part_section(p, "documents",
			    "Documents"), NODE_LIST);
			group->level = 2;
		}
		part_doc_link(p, docnode_new(p->a, group, NODE_ITEM),
		    &p->set->doc[i]);
	}
}
