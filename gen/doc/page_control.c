#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/part.h"

static int
worse(enum status a, enum status b)
{
	static const int rank[] = {
		[ST_NOT_APPLICABLE] = 0, [ST_NOT_ASSESSED] = 0,
		[ST_SATISFIED] = 1, [ST_NOT_ESTABLISHED] = 2,
		[ST_PARTIAL] = 3, [ST_GAP] = 4
	};

	return rank[a] > rank[b];
}

void
page_controls(struct page *p, const char *id)
{
	const struct catalogue *cat = p->b->catalogue;
	const struct findings *f = p->b->findings;
	struct docnode *t;

	(void)id;
	part_title(p, part_is(p->doc->self.id, "tests") ? "Tests" :
	    "Controls");
	(void)part_para(p, p->at, "What the company does, and whether the "
	    "log, the registry and the policies bear it out. The status is "
	    "the worst of all scopes.");
	t = part_table(p, p->at, "controls", "Controls, by id",
	    PART_HEAD("Control", "Title", "Severity", "Scopes",
	    "Worst status", "Tests"));
	for (size_t i = 0; i < cat->ncontrol; i++) {
		const struct control *c = &cat->control[i];
		struct docnode *row = docnode_row(p->a, t), *cell;
		enum status worst = ST_NOT_APPLICABLE;
		uint64_t scopes = 0;

		for (size_t j = 0; j < f->nverdict; j++)
			if (f->verdict[j].control == c) {
				scopes++;
				if (worse(f->verdict[j].all, worst))
					worst = f->verdict[j].all;
			}
		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "control", c->id);
		part_cell_say(p, row, c->title);
		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    severity_name(c->severity));
		part_cell_count(p, row, scopes);
		part_status(p, part_cell(p, row), worst);
		cell = part_cell(p, row);
		for (size_t j = 0; j < c->ntest; j++) {
			if (j > 0)
				(void)docnode_text(p->a, cell, ", ");
			part_link(p, cell, "test", c->test[j].id);
		}
		if (c->ntest == 0)
			(void)docnode_text(p->a, cell,
			    "none, by document only");
	}
}

static void
control_strip(struct page *p, const struct control *c)
{
	struct strip s = { 0 };

	s.step[STEP_STATEMENT].text = part_n(p, c->nmap, "requirement",
	    "requirements");
	s.step[STEP_STATEMENT].to = (struct target){ "control", c->id,
	    "requirements" };
	s.step[STEP_CONTROL].text = c->id;
	s.step[STEP_CONTROL].theirs = 1;
	if (c->ntest > 0) {
		s.step[STEP_TEST].text = part_n(p, c->ntest, "test", "tests");
		s.step[STEP_TEST].to = (struct target){ "control", c->id,
		    "tests" };
		s.step[STEP_POPULATION].text = "see each test";
		s.step[STEP_SAMPLE].text = "see each test";
	} else {
		s.step[STEP_TEST].text = "none: by documents alone";
		s.step[STEP_POPULATION].text = "none";
		s.step[STEP_SAMPLE].text = "none";
	}
	s.step[STEP_RECORD].text = "on the test's page";
	s.step[STEP_PROOF].text = "on the record's page";
	part_strip(p, &s, STEP_CONTROL);
}

static void
control_verdicts(struct page *p, const struct control *c)
{
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "status", "Status in each scope");
	struct docnode *t = part_table(p, at, "verdicts",
	    "Design and operation are two answers", PART_HEAD("Scope",
	    "Status", "Design", "Operation", "Gap"));

	for (size_t i = 0; i < f->nverdict; i++) {
		const struct verdict *v = &f->verdict[i];
		const struct gap *gap;
		struct docnode *row, *cell;

		if (v->control != c)
			continue;
		gap = finding_gap_of(f, v);
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		part_scope(p, cell, v->scope);
		part_status(p, part_cell(p, row), v->all);
		part_status(p, part_cell(p, row), v->design);
		part_status(p, part_cell(p, row), v->operating);
		cell = part_cell(p, row);
		if (gap == NULL) {
			(void)docnode_text(p->a, cell, "none");
			continue;
		}
		part_link(p, cell, "gap", gap->id);
		if (gap->waiver != NULL) {
			(void)docnode_text(p->a, cell, " ");
			(void)docnode_badge(p->a, cell, TONE_ACCEPTED,
			    "waived");
		}
	}
}

static void
control_requirements(struct page *p, const struct control *c)
{
	struct docnode *at = part_section(p, "requirements",
	    "Requirements it serves");
	struct docnode *t = part_table(p, at, "requirements-table",
	    "Each mapping with its relation and reason",
	    PART_HEAD("Requirement", "Our title", "Relation", "Why"));

	for (size_t i = 0; i < c->nmap; i++) {
		const struct requirement *r = c->map[i].to;
		struct docnode *row, *cell;

		if (r == NULL)
			continue;
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_link(p->a, cell, "requirement",
		    part_req_id(p, r), arena_printf(p->a, "%s %s",
		    r->framework, r->id));
		part_cell_say(p, row, r->title);
		part_cell_data(p, row, c->map[i].rel);
		part_cell_say(p, row, c->map[i].why);
	}
}

/* The worst status of its scopes, with the tally of its results. */
static void
control_verdict(struct page *p, const struct control *c,
    const struct result *const *result, size_t n)
{
	const struct findings *f = p->b->findings;
	enum status worst = ST_NOT_APPLICABLE;
	size_t scopes = 0, so = 0;

	for (size_t i = 0; i < f->nverdict; i++)
		if (f->verdict[i].control == c) {
			scopes++;
			if (worse(f->verdict[i].all, worst))
				worst = f->verdict[i].all;
		}
	for (size_t i = 0; i < f->nverdict; i++)
		so += f->verdict[i].control == c &&
		    f->verdict[i].all == worst;
	if (scopes == 0)
		(void)docnode_verdict(p->a, p->at, TONE_EMPTY,
		    "not evaluated", "No agent and nothing else of this "
		    "period is in its scope.");
	else
		(void)docnode_verdict(p->a, p->at, tone_status(worst),
		    status_name(worst), arena_printf(p->a, "In %zu of %s. Of "
		    "%zu results %s.", so, part_n(p, scopes, "scope",
		    "scopes"), n, part_tally(p, result, n)));
}

void
page_control(struct page *p, const char *id)
{
	const struct control *c = catalogue_control(p->b->catalogue, id);
	const struct findings *f = p->b->findings;
	const struct result **list = NULL;
	size_t n = 0, cap = 0;
	struct docnode *t, *at;

	if (c == NULL)
		return;
	part_title(p, arena_printf(p->a, "%s %s", c->id, c->title));
	part_facet(p, "severity", severity_name(c->severity));
	part_facet(p, "owner", c->owner_role);
	for (size_t i = 0; i < f->nverdict; i++)
		if (f->verdict[i].control == c)
			part_facet(p, "status", status_name(f->verdict[i].all));
	part_facet_map(p, c);
	part_crumb(p, "Controls", "folder", "controls");
	control_strip(p, c);
	for (size_t i = 0; i < f->nresult; i++)
		if (f->result[i].control == c)
			*VEC_PUSH(p->a, list, n, cap) = &f->result[i];
	control_verdict(p, c, list, n);
	(void)docnode_data(p->a, docnode_para(p->a, p->at), c->objective);
	t = part_fields(p, p->at, "about", "About this control");
	(void)docnode_text(p->a, part_field(p, t, "Severity"), "%s",
	    severity_name(c->severity));
	part_field_data(p, t, "Owner role", c->owner_role);
	part_count(p, part_field(p, t, "Version"), c->version);
	part_field_data(p, t, "What it does not prove", c->limits);
	part_mark(p, part_field(p, t, "Defined in"), c->at);
	control_verdicts(p, c);
	at = part_section(p, "tests", "Tests and evidence");
	if (n > 0)
		part_results(p, at, "results", "What was found in each scope, "
		    "worst first", list, n);
	else
		(void)part_para(p, at, "Nothing of this control was evaluated "
		    "in this period.");
	control_requirements(p, c);
}

/* Which documents show a claim of the test. */
static void
test_claims(struct page *p, const struct test *t)
{
	struct docnode *at, *list;

	if (t->claim[0] == NULL)
		return;
	at = part_section(p, "claims", "Documents that rest on it");
	list = docnode_new(p->a, at, NODE_LIST);
	for (size_t i = 0; i < p->set->ndoc; i++) {
		const struct doc_ref *d = &p->set->doc[i];

		if (part_doc_claims(d, t))
			part_doc_link(p, docnode_new(p->a, list, NODE_ITEM),
			    d);
	}
	if (list->child == NULL)
		(void)docnode_text(p->a, docnode_new(p->a, list, NODE_ITEM),
		    "No document of this pack makes the claim %s.",
		    t->claim[0]);
}

static void
test_how(struct page *p, const struct test *t)
{
	struct docnode *at = part_section(p, "again", "Run it again");
	struct docnode *pre;

	if (t->sql == NULL) {
		(void)part_para(p, at, "This test is built in: it is decided "
		    "over the bytes of the log, not by a query.");
		return;
	}
	(void)part_para(p, at, "The text below is what decided. Its SHA-256 "
	    "stands in the pack, so a change of the text shows.");
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = t->sql;
	part_hash(p, part_para(p, at, "SHA-256 of the text: "), t->sha256);
	(void)part_para(p, at, "In data/controls of the pack, with the store "
	    "beside it:");
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = arena_printf(p->a, "sqlite3 audit.db \".read ref.sql\" "
	    "\".read params.sqlite\" \".read sql/%s.sql\"\n"
	    "psql -f ref.sql -f params.psql -f sql/%s.sql", t->id, t->id);
}

static const struct result *
first_with_sample(const struct findings *f, const struct test *t)
{
	for (size_t i = 0; i < f->nresult; i++)
		if (f->result[i].test == t && f->result[i].nsample > 0 &&
		    f->result[i].sample[0].at.file == NULL)
			return &f->result[i];
	return NULL;
}

static void
test_strip(struct page *p, const struct control *c, const struct test *t)
{
	const struct result *r = first_with_sample(p->b->findings, t);
	const struct findings *f = p->b->findings;
	uint64_t rows = 0, samples = 0;
	struct strip s = { 0 };

	for (size_t i = 0; i < f->nresult; i++)
		if (f->result[i].test == t) {
			rows += f->result[i].n;
			samples += f->result[i].nsample;
		}
	s.step[STEP_STATEMENT].text = part_n(p, c->nmap, "requirement",
	    "requirements");
	s.step[STEP_STATEMENT].to = (struct target){ "control", c->id,
	    "requirements" };
	s.step[STEP_CONTROL].text = c->id;
	s.step[STEP_CONTROL].theirs = 1;
	s.step[STEP_CONTROL].to = (struct target){ "control", c->id, NULL };
	s.step[STEP_TEST].text = t->id;
	s.step[STEP_TEST].theirs = 1;
	s.step[STEP_POPULATION].text = rows > 0 ?
	    part_n(p, rows, "row", "rows") : "none, no row was found";
	s.step[STEP_POPULATION].to = (struct target){ "test", t->id,
	    "population" };
	s.step[STEP_SAMPLE].text = samples > 0 ?
	    part_n(p, samples, "row", "rows") : rows > 0 ?
	    "none, its rows are not of the log" :
	    "none, the population is empty";
	if (samples > 0)
		s.step[STEP_SAMPLE].to = (struct target){ "test", t->id,
		    "sample" };
	s.step[STEP_RECORD].text = s.step[STEP_PROOF].text = "none";
	if (r != NULL && build_cited(p->b, &r->sample[0]) != NULL) {
		const char *id = part_record_id(p, &r->sample[0]);

		s.step[STEP_RECORD].text = id;
		s.step[STEP_RECORD].theirs = 1;
		s.step[STEP_RECORD].to = (struct target){ "record", id, NULL };
		s.step[STEP_PROOF].text = "its proof";
		s.step[STEP_PROOF].to = (struct target){ "record", id,
		    "proof" };
	}
	part_strip(p, &s, STEP_TEST);
}

static void
test_found(struct page *p, const struct result *const *result, size_t n)
{
	struct docnode *at = part_section(p, "found", "What was found");
	struct docnode *table = part_table(p, at, "found-table",
	    "In each scope, worst first", PART_HEAD("Scope", "Outcome",
	    "What was found", "Population", "Exceptions", "Blind"));

	for (size_t i = 0; i < n; i++) {
		const struct result *r = result[i];
		struct docnode *row = docnode_row(p->a, table);
		struct docnode *cell = part_cell(p, row);

		cell->level = 1;
		part_scope(p, cell, r->scope);
		part_outcome(p, part_cell(p, row), r);
		part_sentence(p, row, r);
		part_cell_count(p, row, r->n);
		part_cell_count(p, row, r->x);
		part_cell_count(p, row, r->b);
	}
	(void)part_para(p, at, "A blind row is one of which the log cannot "
	    "say whether it belongs, or whether it breaks the control. It "
	    "never counts as good.");
}

static void
test_population(struct page *p, const struct result *const *result, size_t n)
{
	struct docnode *at = part_section(p, "population", "Population");
	struct docnode *table = part_table(p, at, "population-table",
	    "Rows that the test is about, all of them counted",
	    PART_HEAD("Scope", "Rows", "First", "Last", "Weakest grade"));

	for (size_t i = 0; i < n; i++) {
		const struct result *r = result[i];
		struct docnode *row = docnode_row(p->a, table);
		struct docnode *cell = part_cell(p, row);

		cell->level = 1;
		part_scope(p, cell, r->scope);
		part_cell_count(p, row, r->n);
		part_cell_time(p, row, r->first_us);
		part_cell_time(p, row, r->last_us);
		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    r->n > 0 ? grade_name(r->weakest) : "none");
	}
}

static void
test_exceptions(struct page *p, const struct test *t,
    const struct result *const *result, size_t n)
{
	struct docnode *at = part_section(p, "exceptions", "Exceptions");
	struct part_rows rows = { 0 };
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++) {
		part_rows_add(p, &rows, result[i], result[i]->exception,
		    result[i]->nexception);
		all += result[i]->x;
	}
	if (all == 0)
		(void)part_para(p, at, "No exception in the rows that could be "
		    "judged.");
	else if (rows.n == 0)
		(void)part_para(p, at, "%s, none of which has a place of its "
		    "own: what is missing has no row.", part_n(p, all,
		    "exception", "exceptions"));
	else
		part_rows(p, at, "exceptions-table", all > rows.n ?
		    arena_printf(p->a, "Rows that break the control, the "
		    "first %zu of %" PRIu64, rows.n, all) :
		    "Rows that break the control", t, &rows);
}

static void
test_sample(struct page *p, const struct test *t,
    const struct result *const *result, size_t n)
{
	struct docnode *at = part_section(p, "sample", "Sample");
	struct part_rows rows = { 0 };

	for (size_t i = 0; i < n; i++)
		part_rows_add(p, &rows, result[i], result[i]->sample,
		    result[i]->nsample);
	if (rows.n == 0) {
		(void)part_para(p, at, "No row can be drawn: the population "
		    "is empty, or it is not of events.");
		return;
	}
	part_rows(p, at, "sample-table", "The rows of smallest rank in each "
	    "scope", t, &rows);
	if (part_is(p->b->drawn_by, "auditor"))
		(void)part_para(p, at, "Drawn with the auditor's nonce %s: the "
		    "rows with the smallest SHA-256 of \"exhibit-sample/1\", "
		    "origin, nonce and seq, each ended by a line feed.",
		    p->b->nonce);
	else
		(void)part_para(p, at, "Drawn with the root of the checkpoint "
		    "as nonce: the preparer could foresee these rows. An "
		    "auditor gives a nonce of their own (exhibit build "
		    "--nonce).");
}

/* The worst of all scopes: the sentence of that one, and how the rest is. */
static void
test_verdict(struct page *p, const struct result *const *result, size_t n)
{
	struct str s = str_new(p->a);

	if (n == 0) {
		(void)docnode_verdict(p->a, p->at, TONE_EMPTY, "no-evidence",
		    "It was not evaluated in this period.");
		return;
	}
	if (n > 1)
		str_addf(&s, "Of %zu scopes %s. ", n, part_tally(p, result,
		    n));
	if (n == 1 || result[0]->outcome != OUT_PASS)
		finding_words(&s, result[0]);
	(void)docnode_verdict(p->a, p->at, tone_outcome(result[0]->outcome),
	    outcome_name(result[0]->outcome), s.p);
}

void
page_test(struct page *p, const char *id)
{
	const struct control *c;
	const struct test *t = catalogue_test(p->b->catalogue, id, &c);
	const struct findings *f = p->b->findings;
	const struct result **list = NULL, **result;
	size_t n = 0, cap = 0;
	struct docnode *table, *cell;

	if (t == NULL)
		return;
	part_title(p, arena_printf(p->a, "%s %s", t->id, t->title));
	part_facet(p, "severity", severity_name(c->severity));
	part_facet_map(p, c);
	part_crumb(p, "Controls", "folder", "controls");
	part_crumb(p, c->id, "control", c->id);
	test_strip(p, c, t);
	for (size_t i = 0; i < f->nresult; i++)
		if (f->result[i].test == t) {
			*VEC_PUSH(p->a, list, n, cap) = &f->result[i];
			part_facet(p, "status",
			    outcome_name(f->result[i].outcome));
		}
	result = part_worst_first(p, list, n);
	test_verdict(p, result, n);
	test_found(p, result, n);
	test_exceptions(p, t, result, n);
	table = part_fields(p, part_section(p, "about", "About this test"),
	    "about-table", "About this test");
	part_link(p, part_field(p, table, "Control"), "control", c->id);
	(void)docnode_text(p->a, part_field(p, table, "Answers"), "%s",
	    t->design ? "design: is it set up" :
	    "operation: did it work in the period");
	part_field_data(p, table, "Over", t->over);
	if (t->where_text != NULL)
		(void)docnode_code(p->a, part_field(p, table, "A row belongs "
		    "if"), t->where_text);
	if (t->exception_text != NULL)
		(void)docnode_code(p->a, part_field(p, table, "It breaks the "
		    "control if"), t->exception_text);
	cell = part_field(p, table, "Rests on");
	for (size_t i = 0; i < t->nrequires; i++) {
		if (i > 0)
			(void)docnode_text(p->a, cell, ", ");
		part_link(p, cell, "test", t->requires[i]);
	}
	if (t->nrequires == 0)
		(void)docnode_text(p->a, cell, "no other test");
	if (t->fix_how != NULL)
		part_field_data(p, table, "How to fix it", t->fix_how);
	part_field_data(p, table, "What it does not prove", c->limits);
	test_population(p, result, n);
	test_sample(p, t, result, n);
	test_how(p, t);
	test_claims(p, t);
}
