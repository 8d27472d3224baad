#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "doc/part.h"
#include "model/change.h"
#include "model/ref.h"

#define CHANGES_SHOWN 500 /* rows of a table */

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

/* Which gaps stand in a table: all, those with a waiver, of an owner, or
 * such as touch a framework. */
struct only {
	int waived, owned;
	const char *owner, *framework;
};

static int
wanted(const struct gap *g, const struct only *o)
{
	const struct control *c = g->verdict->control;

	if ((o->waived && g->waiver == NULL) ||
	    (o->owned && !part_is(g->owner, o->owner)))
		return 0;
	if (o->framework == NULL)
		return 1;
	for (size_t i = 0; i < c->nmap; i++)
		if (c->map[i].to != NULL &&
		    part_is(c->map[i].to->framework, o->framework))
			return 1;
	return 0;
}

/* One table of gaps, worst first; returns how many. */
static size_t
gap_table(struct page *p, struct docnode *at, const char *id,
    const char *caption, const struct only *only)
{
	const struct findings *f = p->b->findings;
	struct docnode *t = NULL;
	size_t n = 0;

	for (size_t i = 0; i < f->ngap; i++) {
		const struct gap *g = &f->gap[i];
		struct docnode *row;

		if (!wanted(g, only))
			continue;
		if (n++ == 0)
			t = part_table(p, at, id, caption, PART_HEAD("Gap",
			    "Control", "Scope", "Severity", "State",
			    "Owner", "Fix at"));
		row = part_gap_row(p, t, g);
		gap_state(p, part_cell(p, row), g);
		part_cell_data(p, row, g->owner);
		gap_place(p, part_cell(p, row), g);
	}
	return n;
}

void
page_gaps(struct page *p, const char *id)
{
	struct only all = { 0 };
	size_t waivers = 0;
	struct docnode *para;

	(void)id;
	part_title(p, "Gaps");
	(void)part_para(p, p->at, "A gap is a control that is not satisfied "
	    "in a scope. A gap is a finding, not a nonconformity: auditors "
	    "grade.");
	for (size_t i = 0; i < p->b->findings->ngap; i++)
		waivers += p->b->findings->gap[i].waiver != NULL;
	para = part_para(p, p->at, "The same ");
	(void)part_words(p, para, "page", "gaps/by-owner", NULL, "by owner");
	(void)docnode_text(p->a, para, ", ");
	(void)part_words(p, para, "page", "gaps/by-framework", NULL,
	    "by framework");
	(void)docnode_text(p->a, para, "; %zu of them have ", waivers);
	(void)part_words(p, para, "page", "waivers", NULL, "waivers");
	(void)docnode_text(p->a, para, "; ");
	(void)part_words(p, para, "page", "changes", NULL, "what changed");
	if (gap_table(p, p->at, "gaps", "Gaps, worst first", &all) == 0)
		(void)part_para(p, p->at, "No gap in %zu evaluated controls "
		    "and scopes.", p->b->findings->nverdict);
}

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void
page_gaps_by_owner(struct page *p, const char *id)
{
	const struct findings *f = p->b->findings;
	const char **owner = arena_array(p->a, f->ngap + 1, sizeof(*owner));
	struct only nobody = { .owned = 1 };
	size_t n = 0;

	(void)id;
	part_title(p, "Gaps by owner");
	part_crumb(p, "Gaps", "folder", "gaps");
	if (f->ngap == 0)
		(void)part_para(p, p->at, "No gap in %zu evaluated controls "
		    "and scopes.", f->nverdict);
	for (size_t i = 0; i < f->ngap; i++)
		if (f->gap[i].owner != NULL)
			owner[n++] = f->gap[i].owner;
	qsort(owner, n, sizeof(*owner), by_name);
	for (size_t i = 0; i < n; i++) {
		struct only only = { .owned = 1, .owner = owner[i] };
		struct docnode *at, *head;

		if (i > 0 && part_is(owner[i], owner[i - 1]))
			continue;
		at = part_section(p, arena_printf(p->a, "o-%zu", i), "");
		head = at->child;
		head->child->text = owner[i];
		head->child->untrusted = 1;
		(void)gap_table(p, at, arena_printf(p->a, "gaps-%zu", i),
		    "Gaps, worst first", &only);
	}
	if (n < f->ngap)
		(void)gap_table(p, part_section(p, "nobody", "Nobody"),
		    "gaps-nobody", "Gaps without an owner, worst first",
		    &nobody);
}

void
page_gaps_by_framework(struct page *p, const char *id)
{
	const struct catalogue *cat = p->b->catalogue;

	(void)id;
	part_title(p, "Gaps by framework");
	part_crumb(p, "Gaps", "folder", "gaps");
	(void)part_para(p, p->at, "A gap stands under each framework that its "
	    "control is mapped to.");
	for (size_t i = 0; i < cat->nframework; i++) {
		struct only only = { .framework = cat->framework[i].id };
		struct docnode *at = part_section(p, arena_printf(p->a,
		    "f-%zu", i), cat->framework[i].title);

		if (gap_table(p, at, arena_printf(p->a, "gaps-%zu", i),
		    "Gaps, worst first", &only) == 0)
			(void)part_para(p, at, "No gap of a control that is "
			    "mapped to it.");
	}
}

/* Its id, linked to its line, and the reason that it gives. */
static void
waiver_cells(struct page *p, struct docnode *row, const char *id)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_waiver");
	size_t at = t == NULL ? SIZE_MAX : ref_next(t, 0, "waiver_id", id);
	struct docnode *cell = part_cell(p, row), *link;
	struct mark m;

	if (at == SIZE_MAX) {
		(void)docnode_data(p->a, cell, id);
		part_cell_say(p, row, NULL);
		return;
	}
	m = ref_mark(t, at, "waiver_id");
	link = docnode_link(p->a, cell, "source", m.file, id);
	link->level = 1;
	link->to.anchor = arena_printf(p->a, "L%" PRIu32, m.line);
	part_cell_say(p, row, ref_text(t, at, "reason"));
}

static int
ends_sooner(const void *a, const void *b)
{
	const struct gap *const *x = a, *const *y = b;

	if ((*x)->waived_until_us != (*y)->waived_until_us)
		return (*x)->waived_until_us < (*y)->waived_until_us ? -1 : 1;
	return strcmp((*x)->id, (*y)->id);
}

void
page_waivers(struct page *p, const char *id)
{
	const struct findings *f = p->b->findings;
	const struct gap **list = arena_array(p->a, f->ngap + 1,
	    sizeof(*list));
	struct docnode *t;
	size_t n = 0;

	(void)id;
	part_title(p, "Waivers");
	part_crumb(p, "Gaps", "folder", "gaps");
	(void)part_para(p, p->at, "A waiver accepts a gap until a date. It "
	    "changes the exit status of a check, never a result: both are "
	    "shown.");
	for (size_t i = 0; i < f->ngap; i++)
		if (f->gap[i].waiver != NULL)
			list[n++] = &f->gap[i];
	if (n == 0) {
		(void)part_para(p, p->at, "No gap of this period has a "
		    "waiver.");
		return;
	}
	qsort(list, n, sizeof(*list), ends_sooner);
	t = part_table(p, p->at, "waivers", "Gaps with a waiver, the soonest "
	    "end first", PART_HEAD("Gap", "Control", "Scope", "Until",
	    "Days left", "Owner", "Waiver", "Why"));
	for (size_t i = 0; i < n; i++) {
		struct docnode *row = docnode_row(p->a, t), *cell;
		int64_t left = (list[i]->waived_until_us - p->b->as_of_us) /
		    DATE_DAY;

		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "gap", list[i]->id);
		cell = part_cell(p, row);
		cell->level = 2;
		part_link(p, cell, "control", list[i]->verdict->control->id);
		(void)docnode_text(p->a, cell, " ");
		(void)docnode_data(p->a, cell,
		    list[i]->verdict->control->title);
		part_scope(p, part_cell(p, row), list[i]->verdict->scope);
		part_day(p, part_cell(p, row), list[i]->waived_until_us);
		if (left >= 0)
			part_cell_count(p, row, (uint64_t)left);
		else
			(void)docnode_badge(p->a, part_cell(p, row), TONE_BAD,
			    "ended");
		part_cell_data(p, row, list[i]->owner);
		waiver_cells(p, row, list[i]->waiver);
	}
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
		struct part_rows rows = { 0 };
		struct docnode *para;

		if (r->outcome == OUT_PASS || r->outcome == OUT_NOT_APPLICABLE)
			continue;
		para = docnode_para(p->a, at);
		part_basis(p, para, r);
		(void)docnode_text(p->a, para, " ");
		(void)docnode_data(p->a, para, r->test != NULL ?
		    r->test->title : r->item->title);
		part_result(p, at, r);
		part_rows_add(p, &rows, r, r->exception,
		    r->nexception < 20 ? r->nexception : 20);
		if (rows.n > 0)
			part_rows(p, at, arena_printf(p->a, "x-%zu", i),
			    arena_printf(p->a, r->x > rows.n ?
			    "%s: the first 20 of its exceptions" :
			    "%s: its exceptions", r->test != NULL ?
			    r->test->id : r->item->id), r->test, &rows);
	}
}

/* What is wrong, in one sentence. */
static void
gap_verdict(struct page *p, const struct gap *g)
{
	const struct verdict *v = g->verdict;
	const struct result **list = arena_array(p->a, v->nresult + 1,
	    sizeof(*list));
	struct str s = str_new(p->a);

	for (size_t i = 0; i < v->nresult; i++)
		list[i] = v->result[i];
	str_addf(&s, "%s is not satisfied for %s: of %zu %s %s.",
	    v->control->id, v->scope, v->nresult, v->nresult == 1 ?
	    "result" : "results", part_tally(p, list, v->nresult));
	if (waived(p, g)) {
		str_addz(&s, " Accepted until ");
		date_add_day(&s, g->waived_until_us);
		str_addf(&s, ", in %" PRId64 " days.", (g->waived_until_us -
		    p->b->as_of_us) / DATE_DAY);
	}
	(void)docnode_verdict(p->a, p->at, gap_tone(p, g),
	    status_name(v->all), s.p);
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
	part_facet(p, "status", waived(p, g) ? "waived" : "gap");
	part_facet(p, "severity", severity_name(c->severity));
	part_facet(p, "owner", g->owner);
	part_facet(p, "agent", g->verdict->scope);
	part_facet_map(p, c);
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
	gap_verdict(p, g);
	t = part_fields(p, p->at, "about", "About this gap");
	(void)docnode_code(p->a, part_field(p, t, "Id, the same from run to "
	    "run"), g->id);
	gap_state(p, part_field(p, t, "State"), g);
	(void)docnode_text(p->a, part_field(p, t, "Severity"), "%s",
	    severity_name(c->severity));
	part_field_data(p, t, "What the control wants", c->objective);
	part_scope(p, part_field(p, t, "Scope"), g->verdict->scope);
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
	    "exhibit check --only %s", g->id, g->id);
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
	    "test and scope", PART_HEAD("What the document says",
	    "What the log says", "Test", "Scope", "First rows",
	    "Documents"));
	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];
		struct docnode *row, *cell;
		struct str s = str_new(p->a);

		if (r->test == NULL || r->test->claim[0] == NULL ||
		    r->test->advice || r->outcome != OUT_FAIL)
			continue;
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 2;
		finding_says(&s, r->test->says_pass != NULL ?
		    r->test->says_pass : r->test->title, r);
		(void)docnode_data(p->a, cell, s.p);
		part_sentence(p, row, r);
		part_link(p, part_cell(p, row), "test", r->test->id);
		part_scope(p, part_cell(p, row), r->scope);
		cell = part_cell(p, row);
		for (size_t j = 0; j < r->nexception && j < 3; j++) {
			if (j > 0)
				(void)docnode_text(p->a, cell, ", ");
			part_cite(p, cell, &r->exception[j]);
		}
		part_claim_docs(p, part_cell(p, row), r);
	}
}

/* Which page the first word of an id of that kind has. */
static const struct {
	const char *kind, *page;
} change_page[] = {
	{ "verdict", "control" }, { "gap", "gap" }, { "result", "test" },
	{ "agent", "agent" }, { "test", "test" },
};

static void
change_id(struct page *p, struct docnode *cell, const struct change *c)
{
	size_t n = strcspn(c->id, " ");
	const char *first = arena_strndup(p->a, c->id, n);

	if (part_is(c->kind, "requirement") && c->id[n] != '\0') {
		(void)docnode_link(p->a, cell, "requirement",
		    arena_printf(p->a, "%s/%s", first, c->id + n + 1), c->id);
		return;
	}
	for (size_t i = 0; i < sizeof(change_page) / sizeof(change_page[0]);
	    i++) {
		if (strcmp(change_page[i].kind, c->kind) != 0)
			continue;
		part_link(p, cell, change_page[i].page, first);
		(void)docnode_data(p->a, cell, c->id + n);
		return;
	}
	(void)docnode_data(p->a, cell, c->id);
}

static void
change_value(struct page *p, struct docnode *row, const char *value,
    const char *absent)
{
	struct docnode *cell = part_cell(p, row);

	if (value == NULL)
		(void)docnode_text(p->a, cell, "%s", absent);
	else
		(void)docnode_data(p->a, cell, value);
}

/* The changes that go one way; how many there are. */
static size_t
changes_table(struct page *p, struct docnode *at, const char *id,
    enum change_way way)
{
	struct docnode *t = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->b->nchange; i++) {
		const struct change *c = &p->b->change[i];
		struct docnode *row, *cell;

		if (c->way != way || n++ >= CHANGES_SHOWN)
			continue;
		if (t == NULL)
			t = part_table(p, at, id, "By kind, then by id",
			    PART_HEAD("Kind", "What", "Before", "Now"));
		row = docnode_row(p->a, t);
		(void)docnode_text(p->a, part_cell(p, row), "%s", c->kind);
		cell = part_cell(p, row);
		cell->level = 2;
		change_id(p, cell, c);
		change_value(p, row, c->before, "not there");
		change_value(p, row, c->after, "gone");
	}
	if (n > CHANGES_SHOWN)
		(void)part_para(p, at, "%zu more: exhibit diff lists them.",
		    n - CHANGES_SHOWN);
	return n;
}

/* What got worse and better since the previous pack. */
void
page_changes(struct page *p, const char *id)
{
	struct docnode *at, *t;

	(void)id;
	part_title(p, "Changes");
	if (p->b->previous == NULL) {
		(void)part_para(p, p->at, "No previous pack was found beside "
		    "this one: there is nothing to compare with. A pack is "
		    "compared with the newest of the same organisation that "
		    "ends before it begins.");
		return;
	}
	t = part_fields(p, p->at, "previous", "Compared with");
	part_field_data(p, t, "Previous pack", p->b->previous_period);
	(void)docnode_code(p->a, part_field(p, t, "SHA-256 of its manifest"),
	    p->b->previous_manifest);
	at = part_section(p, "worse", "Worse");
	if (changes_table(p, at, "worse-table", CHANGE_WORSE) == 0)
		(void)part_para(p, at, "No verdict, result or requirement is "
		    "worse, and no gap is new.");
	at = part_section(p, "better", "Better");
	if (changes_table(p, at, "better-table", CHANGE_BETTER) == 0)
		(void)part_para(p, at, "No verdict, result or requirement is "
		    "better, and no gap is closed.");
	at = part_section(p, "other", "Otherwise");
	if (changes_table(p, at, "other-table", CHANGE_OTHER) == 0)
		(void)part_para(p, at, "Nothing else changed: the same agents, "
		    "policies, models, prompts, tools, persons and tests.");
}
