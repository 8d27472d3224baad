#include <inttypes.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "doc/part.h"

static int
waived(const struct page *p, const struct gap *g)
{
	return g->waiver != NULL && g->waived_until_us > p->b->as_of_us;
}

static enum tone
gap_tone(const struct page *p, const struct gap *g)
{
	if (waived(p, g))
		return TONE_ACCEPTED;
	return tone_status(g->verdict->all);
}

static void
gap_state(struct page *p, struct docnode *at, const struct gap *g)
{
	struct str s = str_new(p->a);

	if (waived(p, g)) {
		date_add_day(&s, g->waived_until_us);
		(void)docnode_badge(p->a, at, TONE_ACCEPTED,
		    arena_printf(p->a, "waived until %s", s.p));
	} else
		(void)docnode_badge(p->a, at, gap_tone(p, g), g->kind);
}

static void
gap_place(struct page *p, struct docnode *at, const struct gap *g)
{
	part_mark(p, at, g->fix);
	if (g->missing)
		(void)docnode_text(p->a, at, " (missing)");
}

/* One table of gaps: all, or those of a kind; returns how many. */
static size_t
gap_table(struct page *p, const char *id, const char *caption, int only_waived)
{
	const struct findings *f = p->b->findings;
	struct docnode *t = NULL;
	size_t n = 0;

	for (size_t i = 0; i < f->ngap; i++) {
		const struct gap *g = &f->gap[i];
		struct docnode *row, *cell;

		if (only_waived && g->waiver == NULL)
			continue;
		if (t == NULL)
			t = part_table(p, p->at, id, caption, PART_HEAD("Gap",
			    "Control", "Scope", "Severity", "State",
			    "Owner", "Fix at"));
		n++;
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "gap", g->id);
		cell = part_cell(p, row);
		part_link(p, cell, "control", g->verdict->control->id);
		(void)docnode_text(p->a, cell, " ");
		(void)docnode_data(p->a, cell, g->verdict->control->title);
		part_cell_data(p, row, g->verdict->scope);
		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    severity_name(g->verdict->control->severity));
		gap_state(p, part_cell(p, row), g);
		part_cell_data(p, row, g->owner);
		gap_place(p, part_cell(p, row), g);
	}
	return n;
}

void
page_gaps(struct page *p, const char *id)
{
	size_t waivers = 0;

	(void)id;
	part_title(p, "Gaps");
	(void)part_para(p, p->at, "A gap is a control that is not satisfied "
	    "in a scope. Worst first. A gap is a finding, not a "
	    "nonconformity: auditors grade.");
	if (gap_table(p, "gaps", "Gaps, worst first", 0) == 0)
		(void)part_para(p, p->at, "No gap in %zu evaluated controls "
		    "and scopes.", p->b->findings->nverdict);
	for (size_t i = 0; i < p->b->findings->ngap; i++)
		waivers += p->b->findings->gap[i].waiver != NULL;
	(void)part_words(p, part_para(p, p->at, "%zu of them are waived: ",
	    waivers), "page", "waivers", NULL, "waivers");
}

void
page_waivers(struct page *p, const char *id)
{
	(void)id;
	part_title(p, "Waivers");
	part_crumb(p, "Gaps", "folder", "gaps");
	(void)part_para(p, p->at, "A waiver accepts a gap until a date. It "
	    "changes the exit status of a check, never a result: both are "
	    "shown.");
	if (gap_table(p, "waivers", "Gaps with a waiver", 1) == 0)
		(void)part_para(p, p->at, "No gap of this period has a "
		    "waiver.");
}

static void
gap_requirements(struct page *p, const struct control *c)
{
	struct docnode *at = part_section(p, "requirements",
	    "Requirements that it touches");
	struct docnode *list = docnode_new(p->a, at, NODE_LIST);

	for (size_t i = 0; i < c->nmap; i++) {
		struct docnode *item;

		if (c->map[i].to == NULL)
			continue;
		item = docnode_new(p->a, list, NODE_ITEM);
		(void)docnode_link(p->a, item, "requirement",
		    part_req_id(p, c->map[i].to), c->map[i].to->id);
		(void)docnode_text(p->a, item, " ");
		(void)docnode_data(p->a, item, c->map[i].to->title);
	}
}

static void
gap_results(struct page *p, const struct verdict *v)
{
	struct docnode *at = part_section(p, "tests", "What was found");

	for (size_t i = 0; i < v->nresult; i++) {
		const struct result *r = v->result[i];
		struct docnode *para;

		if (r->outcome == OUT_PASS || r->outcome == OUT_NOT_APPLICABLE)
			continue;
		para = docnode_para(p->a, at);
		if (r->test != NULL)
			part_link(p, para, "test", r->test->id);
		else
			(void)docnode_data(p->a, para, r->item->id);
		(void)docnode_text(p->a, para, " ");
		(void)docnode_data(p->a, para, r->test != NULL ?
		    r->test->title : r->item->title);
		part_result(p, at, r);
		part_cites(p, at, arena_printf(p->a, "x-%zu", i),
		    "First exceptions", r->exception,
		    r->nexception < 20 ? r->nexception : 20);
	}
}

void
page_gap(struct page *p, const char *id)
{
	const struct gap *g = finding_gap(p->b->findings, id);
	const struct control *c;
	struct docnode *t, *cell, *pre;
	struct strip s = { 0 };

	if (g == NULL)
		return;
	c = g->verdict->control;
	part_title(p, arena_printf(p->a, "%s %s: %s", c->id, c->title,
	    g->verdict->scope));
	part_crumb(p, "Gaps", "folder", "gaps");
	s.step[STEP_STATEMENT].text = part_n(p, c->nmap, "requirement",
	    "requirements");
	s.step[STEP_STATEMENT].to = (struct target){ "gap", g->id,
	    "requirements" };
	s.step[STEP_CONTROL].text = c->id;
	s.step[STEP_CONTROL].theirs = 1;
	s.step[STEP_CONTROL].to = (struct target){ "control", c->id, NULL };
	s.step[STEP_TEST].text = part_n(p, c->ntest, "test", "tests");
	s.step[STEP_TEST].to = (struct target){ "gap", g->id, "tests" };
	s.step[STEP_POPULATION].text = "on the test's page";
	s.step[STEP_SAMPLE].text = "on the test's page";
	s.step[STEP_RECORD].text = "in the rows below";
	s.step[STEP_PROOF].text = "on the record's page";
	part_strip(p, &s, STEP_CONTROL);
	(void)docnode_verdict(p->a, p->at, gap_tone(p, g),
	    status_name(g->verdict->all), c->objective);
	t = part_fields(p, p->at, "about", "About this gap");
	(void)docnode_code(p->a, part_field(p, t, "Id, the same from run to "
	    "run"), g->id);
	gap_state(p, part_field(p, t, "State"), g);
	(void)docnode_text(p->a, part_field(p, t, "Severity"), "%s",
	    severity_name(c->severity));
	part_field_data(p, t, "Scope", g->verdict->scope);
	part_field_data(p, t, "Owner", g->owner);
	if (g->waiver != NULL)
		part_field_data(p, t, "Waiver", g->waiver);
	part_time(p, part_field(p, t, "First seen"), g->first_seen_us);
	if (g->first_seen_us != 0) {
		cell = part_field(p, t, "Age");
		(void)docnode_text(p->a, cell, "%" PRId64 " days",
		    (p->b->as_of_us - g->first_seen_us) / DATE_DAY);
	}
	cell = part_field(p, t, "The place to fix it");
	gap_place(p, cell, g);
	part_field_data(p, t, "How", g->how);
	gap_results(p, g->verdict);
	gap_requirements(p, c);
	cell = part_section(p, "fixed", "How to see that it is fixed");
	pre = docnode_new(p->a, cell, NODE_PRE);
	pre->text = arena_printf(p->a, "exhibit explain %s\n"
	    "exhibit check --only %s", c->id, c->id);
}

/* Claims of documents that the log contradicts. */
void
page_contradictions(struct page *p, const char *id)
{
	const struct findings *f = p->b->findings;
	size_t compared = 0, n = 0;
	struct docnode *t;

	(void)id;
	part_title(p, "Contradictions");
	(void)part_para(p, p->at, "A claim is a sentence of a document that "
	    "the log can confirm or contradict. Here are those that it "
	    "contradicts, with the rows.");
	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];

		if (r->test == NULL || r->test->claim[0] == NULL ||
		    r->test->advice)
			continue;
		compared++;
		n += r->outcome == OUT_FAIL;
	}
	if (n == 0) {
		(void)part_para(p, p->at, "No contradiction in %zu claims and "
		    "scopes that were compared.", compared);
		return;
	}
	t = part_table(p, p->at, "contradictions", "Contradicted claims, by "
	    "test", PART_HEAD("Claim", "Test", "Scope", "What the log says",
	    "First rows"));
	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];
		struct docnode *row, *cell;
		struct str s = str_new(p->a);

		if (r->test == NULL || r->test->claim[0] == NULL ||
		    r->test->advice || r->outcome != OUT_FAIL)
			continue;
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_text(p->a, cell, "%s", r->test->claim[0]);
		part_link(p, part_cell(p, row), "test", r->test->id);
		part_cell_data(p, row, r->scope);
		finding_words(&s, r);
		part_cell_data(p, row, s.p);
		cell = part_cell(p, row);
		for (size_t j = 0; j < r->nexception && j < 3; j++) {
			if (j > 0)
				(void)docnode_text(p->a, cell, ", ");
			part_cite(p, cell, &r->exception[j]);
		}
	}
}
