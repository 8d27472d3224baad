#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/part.h"

/* The columns of the coverage matrix: each requirement falls into one. */
enum cover {
	COVER_DATA_OK, COVER_DATA_PART, COVER_DATA_GAP, COVER_DATA_NONE,
	COVER_DOC_OK, COVER_DOC_PART, COVER_DOC_GAP, COVER_DOC_NONE,
	COVER_NOT_EVALUATED, COVER_UNMAPPED, COVER_NOT_APPLICABLE, COVER_LATER,
	COVER_N
};

static const struct {
	const char *title;
	enum tone tone;
} cover[COVER_N] = {
	[COVER_DATA_OK] = { "by data: satisfied", TONE_GOOD },
	[COVER_DATA_PART] = { "by data: partial", TONE_PART },
	[COVER_DATA_GAP] = { "by data: gap", TONE_BAD },
	[COVER_DATA_NONE] = { "by data: not established", TONE_EMPTY },
	[COVER_DOC_OK] = { "by document: satisfied", TONE_GOOD },
	[COVER_DOC_PART] = { "by document: partial", TONE_PART },
	[COVER_DOC_GAP] = { "by document: gap", TONE_BAD },
	[COVER_DOC_NONE] = { "by document: not established", TONE_EMPTY },
	[COVER_NOT_EVALUATED] = { "mapped, not evaluated", TONE_EMPTY },
	[COVER_UNMAPPED] = { "unmapped", TONE_NEUTRAL },
	[COVER_NOT_APPLICABLE] = { "not applicable", TONE_NEUTRAL },
	[COVER_LATER] = { "from a later date", TONE_NEUTRAL }
};

static enum cover
by_status(enum cover ok, enum status st)
{
	switch (st) {
	case ST_SATISFIED:
		return ok;
	case ST_PARTIAL:
		return ok + 1;
	case ST_GAP:
		return ok + 2;
	case ST_NOT_APPLICABLE:
		return COVER_NOT_APPLICABLE;
	case ST_NOT_ESTABLISHED:
	case ST_NOT_ASSESSED:
		break;
	}
	return ok + 3;
}

/* A requirement of later date is counted there alone, so that each row of
 * the matrix adds up. */
static enum cover
cover_of(const struct covered *c)
{
	if (c->why_not != NULL)
		return COVER_NOT_APPLICABLE;
	if (c->word != COV_UNMAPPED && c->later)
		return COVER_LATER;
	switch (c->word) {
	case COV_DATA:
		return by_status(COVER_DATA_OK, c->worst);
	case COV_DOCUMENT:
		return by_status(COVER_DOC_OK, c->worst);
	case COV_NOT_EVALUATED:
		return COVER_NOT_EVALUATED;
	case COV_UNMAPPED:
		break;
	}
	return COVER_UNMAPPED;
}

/* How many requirements of each framework fall where: a column each.
 * Headings that only hold others are none. */
static uint64_t *
count_cover(struct page *p)
{
	const struct catalogue *cat = p->b->catalogue;
	const struct findings *f = p->b->findings;
	uint64_t *n = arena_array(p->a, COVER_N * (cat->nframework + 1),
	    sizeof(*n));

	for (size_t i = 0; i < cat->nframework; i++)
		for (size_t j = 0; j < f->ncovered; j++)
			if (f->covered[j].req->assessable &&
			    part_is(f->covered[j].req->framework,
			    cat->framework[i].id))
				n[i * COVER_N + cover_of(&f->covered[j])]++;
	return n;
}

/* The coverage matrix: a requirement falls into one row, so that each column
 * adds up to the first one. */
void
page_frameworks(struct page *p, const char *id)
{
	const struct catalogue *cat = p->b->catalogue;
	const char **head = arena_array(p->a, cat->nframework + 1,
	    sizeof(*head));
	uint64_t *n = count_cover(p);
	struct docnode *t, *row, *cell;

	(void)id;
	part_title(p, "Frameworks");
	(void)part_para(p, p->at, "How far each requirement was tested in this "
	    "period, and the worst status of the controls mapped to it. Each "
	    "column adds up to its number of requirements that can be "
	    "assessed; headings above them are not counted. There is no "
	    "percentage: requirements do not weigh the same.");
	head[0] = "Requirements";
	for (size_t i = 0; i < cat->nframework; i++)
		head[i + 1] = "";
	t = part_table(p, p->at, "coverage", "Coverage by framework", head,
	    cat->nframework + 1);
	cell = t->child->child;
	for (size_t i = 0; i < cat->nframework; i++) {
		cell = cell->next;
		cell->child = cell->last = NULL;
		part_link(p, cell, "framework", cat->framework[i].id);
	}
	row = docnode_row(p->a, t);
	cell = part_cell(p, row);
	cell->level = 1;
	(void)docnode_text(p->a, cell, "all");
	for (size_t i = 0; i < cat->nframework; i++) {
		uint64_t all = 0;

		for (int k = 0; k < COVER_N; k++)
			all += n[i * COVER_N + (size_t)k];
		part_cell_count(p, row, all);
	}
	for (int k = 0; k < COVER_N; k++) {
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_badge(p->a, cell, cover[k].tone,
		    cover[k].title);
		for (size_t i = 0; i < cat->nframework; i++)
			part_cell_count(p, row, n[i * COVER_N + (size_t)k]);
	}
	(void)part_para(p, p->at, "Dates of application are data with a "
	    "source; check against EUR-Lex before you rely on them.");
}

static const struct framework *
find_framework(const struct page *p, const char *id)
{
	for (size_t i = 0; i < p->b->catalogue->nframework; i++)
		if (part_is(p->b->catalogue->framework[i].id, id))
			return &p->b->catalogue->framework[i];
	return NULL;
}

static void
cover_badge(struct page *p, struct docnode *at, const struct covered *c)
{
	enum cover k = cover_of(c);

	(void)docnode_badge(p->a, at, cover[k].tone, cover[k].title);
}

static void
control_links(struct page *p, struct docnode *at, const struct covered *c)
{
	if (c == NULL || c->ncontrol == 0) {
		(void)docnode_text(p->a, at, "none");
		return;
	}
	for (size_t i = 0; i < c->ncontrol; i++) {
		if (i > 0)
			(void)docnode_text(p->a, at, ", ");
		part_link(p, at, "control", c->control[i]->id);
	}
}

void
page_framework(struct page *p, const char *id)
{
	const struct framework *fw = find_framework(p, id);
	const struct catalogue *cat = p->b->catalogue;
	struct docnode *t;

	if (fw == NULL)
		return;
	part_title(p, fw->title);
	part_crumb(p, "Frameworks", "folder", "frameworks");
	(void)part_para(p, p->at, "Ids and titles; the titles and summaries "
	    "are ours.");
	t = part_fields(p, p->at, "about", "About this framework");
	part_field_data(p, t, "Source", fw->source);
	part_field_data(p, t, "Licence", fw->licence);
	t = part_table(p, p->at, "requirements", "Requirements, in order",
	    PART_HEAD("Requirement", "Our title", "Coverage and status",
	    "Controls", "Applies"));
	for (size_t i = 0; i < cat->nreq; i++) {
		const struct requirement *r = &cat->req[i];
		const struct covered *c = finding_covered(p->b->findings, r);
		struct docnode *row, *cell;

		if (!part_is(r->framework, id))
			continue;
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_link(p->a, cell, "requirement",
		    part_req_id(p, r), r->id);
		part_cell_say(p, row, r->title);
		cell = part_cell(p, row);
		if (c != NULL)
			cover_badge(p, cell, c);
		else
			(void)docnode_text(p->a, cell, "heading");
		control_links(p, part_cell(p, row), c);
		cell = part_cell(p, row);
		if (c != NULL && c->why_not != NULL)
			(void)docnode_data(p->a, cell, c->why_not);
		else if (r->applies_from_us > p->b->as_of_us) {
			struct str s = str_new(p->a);

			date_add_day(&s, r->applies_from_us);
			(void)docnode_text(p->a, cell, "from %s", s.p);
		} else
			(void)docnode_text(p->a, cell, "now");
	}
}

/* Results of the mapped controls that this requirement rests on: those of
 * the tests and items that the mapping names, all if it names none. */
struct basis {
	const struct result **result;
	size_t n, cap;
	uint64_t rows, samples;
	const struct result *first_sample; /* the first that has a sample */
	size_t ntest;
};

static int
named(const struct mapping *m, const struct result *r)
{
	const char *id = r->test != NULL ? r->test->id : r->item->id;
	size_t len = strlen(id);

	if (m->nby == 0)
		return 1;
	/* `by` holds t1 or HO-01.t1. */
	for (size_t i = 0; i < m->nby; i++) {
		size_t n = strlen(m->by[i]);

		if (n <= len && strcmp(id + len - n, m->by[i]) == 0 &&
		    (n == len || id[len - n - 1] == '.'))
			return 1;
	}
	return 0;
}

static struct basis
basis_of(struct page *p, const struct requirement *req)
{
	const struct findings *f = p->b->findings;
	const struct test *last = NULL;
	struct basis b = { 0 };

	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];
		const struct mapping *m = NULL;

		for (size_t j = 0; j < r->control->nmap && m == NULL; j++)
			if (r->control->map[j].to == req &&
			    named(&r->control->map[j], r))
				m = &r->control->map[j];
		if (m == NULL)
			continue;
		*VEC_PUSH(p->a, b.result, b.n, b.cap) = r;
		b.rows += r->n;
		b.samples += r->nsample;
		if (b.first_sample == NULL && r->nsample > 0 &&
		    r->sample[0].at.file == NULL)
			b.first_sample = r;
		if (r->test != NULL && r->test != last) {
			b.ntest++;
			last = r->test;
		}
	}
	return b;
}

static void
requirement_strip(struct page *p, const char *id, const struct requirement *r,
    const struct covered *c, const struct basis *b)
{
	struct strip s = { 0 };

	s.step[STEP_STATEMENT].text = r->id;
	s.step[STEP_STATEMENT].theirs = 1;
	if (c != NULL && c->ncontrol > 0) {
		s.step[STEP_CONTROL].text = part_n(p, c->ncontrol, "control",
		    "controls");
		s.step[STEP_CONTROL].to = (struct target){ "requirement", id,
		    "controls" };
	} else
		s.step[STEP_CONTROL].text = "none is mapped";
	if (b->ntest > 0) {
		s.step[STEP_TEST].text = part_n(p, b->ntest, "test", "tests");
		s.step[STEP_TEST].to = (struct target){ "requirement", id,
		    "tests" };
	} else
		s.step[STEP_TEST].text = "none, by document only";
	s.step[STEP_POPULATION].text = b->rows > 0 ?
	    part_n(p, b->rows, "row", "rows") : "none, no row was found";
	if (b->rows > 0)
		s.step[STEP_POPULATION].to = (struct target){ "requirement",
		    id, "tests" };
	if (b->first_sample == NULL) {
		s.step[STEP_SAMPLE].text = b->rows > 0 ?
		    "none, its rows are not of the log" :
		    "none, the population is empty";
		s.step[STEP_RECORD].text = "none";
		s.step[STEP_PROOF].text = "none";
	} else {
		const struct cite *one = &b->first_sample->sample[0];

		s.step[STEP_SAMPLE].text = part_n(p, b->samples, "row",
		    "rows");
		s.step[STEP_SAMPLE].to = (struct target){ "requirement", id,
		    "sample" };
		s.step[STEP_RECORD].text = part_record_id(p, one);
		s.step[STEP_RECORD].theirs = 1;
		s.step[STEP_PROOF].text = "its proof";
		if (build_cited(p->b, one) != NULL) {
			s.step[STEP_RECORD].to = (struct target){ "record",
			    s.step[STEP_RECORD].text, NULL };
			s.step[STEP_PROOF].to = (struct target){ "record",
			    s.step[STEP_RECORD].text, "proof" };
		}
	}
	part_strip(p, &s, STEP_STATEMENT);
}

/* The tests and items that a mapping rests on; `by` holds t1 or HO-01.t1. */
static void
mapping_basis(struct page *p, struct docnode *at, const struct control *c,
    const struct mapping *m)
{
	for (size_t i = 0; i < m->nby; i++) {
		const char *id = strchr(m->by[i], '.') != NULL ? m->by[i] :
		    arena_printf(p->a, "%s.%s", c->id, m->by[i]);

		if (i > 0)
			(void)docnode_text(p->a, at, ", ");
		part_link(p, at, catalogue_test(p->b->catalogue, id, NULL) !=
		    NULL ? "test" : "evidence", id);
	}
	if (m->nby == 0)
		(void)docnode_text(p->a, at, "all of it");
}

static void
mapped_controls(struct page *p, const struct requirement *r,
    const struct covered *c)
{
	struct docnode *at = part_section(p, "controls", "Controls");
	struct docnode *t;

	if (c == NULL || c->ncontrol == 0) {
		(void)part_para(p, at, "No control is mapped to this "
		    "requirement. That is stated, and never counted as "
		    "good.");
		return;
	}
	t = part_table(p, at, "controls-table", "Controls mapped to it",
	    PART_HEAD("Control", "Title", "Relation", "Why", "By"));
	for (size_t i = 0; i < c->ncontrol; i++)
		for (size_t j = 0; j < c->control[i]->nmap; j++) {
			const struct mapping *m = &c->control[i]->map[j];
			struct docnode *row, *cell;

			if (m->to != r)
				continue;
			row = docnode_row(p->a, t);
			cell = part_cell(p, row);
			cell->level = 1;
			part_link(p, cell, "control", c->control[i]->id);
			part_cell_say(p, row, c->control[i]->title);
			part_cell_data(p, row, m->rel);
			part_cell_say(p, row, m->why);
			mapping_basis(p, part_cell(p, row), c->control[i], m);
		}
}

/* The first five sample rows of each test stand here, one click from their
 * bytes. */
static void
first_samples(struct page *p, const struct basis *b)
{
	struct docnode *at = part_section(p, "sample", "Sample rows");
	const struct test *last = NULL;
	struct part_rows rows = { 0 };
	size_t left = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct result *r = b->result[i];
		size_t n;

		if (r->test == NULL)
			continue;
		if (r->test != last)
			left = 5;
		last = r->test;
		n = r->nsample < left ? r->nsample : left;
		part_rows_add(p, &rows, r, r->sample, n);
		left -= n;
	}
	if (rows.n == 0)
		(void)part_para(p, at, "No row can be drawn: the population "
		    "of each test here is empty.");
	else
		part_rows(p, at, "samples", "The first five rows of each "
		    "test's sample", NULL, &rows);
}

static void
requirement_gaps(struct page *p, const struct covered *c)
{
	struct docnode *at = part_section(p, "gaps", "Gaps that touch it");
	const struct findings *f = p->b->findings;
	struct docnode *list = NULL, *item;

	for (size_t i = 0; c != NULL && i < f->ngap; i++)
		for (size_t j = 0; j < c->ncontrol; j++) {
			if (f->gap[i].verdict->control != c->control[j])
				continue;
			if (list == NULL)
				list = docnode_new(p->a, at, NODE_LIST);
			item = docnode_new(p->a, list, NODE_ITEM);
			part_link(p, item, "gap", f->gap[i].id);
			(void)docnode_text(p->a, item, " ");
			(void)docnode_data(p->a, item,
			    f->gap[i].verdict->control->title);
			(void)docnode_text(p->a, item, ": ");
			(void)docnode_data(p->a, item,
			    f->gap[i].verdict->scope);
		}
	if (list == NULL)
		(void)part_para(p, at, "No gap in the controls mapped to "
		    "it.");
}

static void
same_matter(struct page *p, const struct requirement *r)
{
	const struct catalogue *cat = p->b->catalogue;
	struct docnode *at = NULL, *list = NULL;

	for (size_t i = 0; i < cat->npair; i++) {
		const char *other = part_is(cat->pair[i].from_id, r->id) ?
		    cat->pair[i].to_id :
		    part_is(cat->pair[i].to_id, r->id) ?
		    cat->pair[i].from_id : NULL;
		const struct requirement *to = other == NULL ? NULL :
		    catalogue_requirement(cat, NULL, other);
		struct docnode *item;

		if (to == NULL || part_is(to->framework, r->framework))
			continue;
		if (list == NULL) {
			at = part_section(p, "crosswalk",
			    "The same matter elsewhere");
			(void)part_para(p, at, "A third party's crosswalk; "
			    "shown, never used for a verdict.");
			list = docnode_new(p->a, at, NODE_LIST);
		}
		item = docnode_new(p->a, list, NODE_ITEM);
		(void)docnode_link(p->a, item, "requirement",
		    part_req_id(p, to), to->id);
		(void)docnode_text(p->a, item, " ");
		(void)docnode_data(p->a, item, to->title);
	}
}

/* What was found comes first, in one sentence. */
static void
requirement_verdict(struct page *p, const struct covered *c,
    const struct basis *b)
{
	enum cover k = c != NULL ? cover_of(c) : COVER_UNMAPPED;
	const char *tally = part_tally(p, b->result, b->n);
	const char *says;

	if (c == NULL)
		says = "A heading: what is below it is assessed.";
	else if (c->why_not != NULL && b->n > 0)
		says = arena_printf(p->a, "%s. The controls mapped to it were "
		    "tested all the same: of %zu results %s.", c->why_not,
		    b->n, tally);
	else if (c->why_not != NULL)
		says = c->why_not;
	else if (b->n > 0)
		says = arena_printf(p->a, "Of %zu results %s.", b->n, tally);
	else
		says = c->ncontrol > 0 ? "Nothing of its controls was "
		    "evaluated in this period." : "No control is mapped to "
		    "it.";
	(void)docnode_verdict(p->a, p->at, cover[k].tone, c == NULL ?
	    "heading" : cover[k].title, says);
}

void
page_requirement(struct page *p, const char *id)
{
	const char *slash = strchr(id, '/');
	const struct requirement *r = catalogue_requirement(p->b->catalogue,
	    arena_strndup(p->a, id, (size_t)(slash - id)), slash + 1);
	const struct covered *c;
	struct basis b;
	struct docnode *t, *at;

	if (r == NULL)
		return;
	c = finding_covered(p->b->findings, r);
	b = basis_of(p, r);
	part_title(p, arena_printf(p->a, "%s %s", r->id, r->title));
	part_facet(p, "framework", r->framework);
	part_facet(p, "status", c == NULL ? NULL : status_name(c->worst));
	part_crumb(p, "Frameworks", "folder", "frameworks");
	part_crumb(p, r->framework, "framework", r->framework);
	requirement_strip(p, id, r, c, &b);
	requirement_verdict(p, c, &b);
	(void)docnode_data(p->a, docnode_para(p->a, p->at), r->summary);
	t = part_fields(p, p->at, "about", "About this requirement");
	part_field_data(p, t, "Citation", r->cite != NULL ? r->cite : r->id);
	if (r->role != NULL)
		part_field_data(p, t, "Addressed to", r->role);
	if (r->tier != NULL)
		part_field_data(p, t, "For systems of tier", r->tier);
	if (r->applies_from_us != 0)
		part_day(p, part_field(p, t, "Applies from"),
		    r->applies_from_us);
	if (r->note != NULL)
		part_field_data(p, t, "Note", r->note);
	if (c != NULL && c->why_not != NULL)
		part_field_data(p, t, "Not applicable", c->why_not);
	if (c != NULL && c->ncontrol > 0)
		part_status(p, part_field(p, t, "Worst status of its "
		    "controls"), c->worst);
	if (r->parent != NULL)
		(void)docnode_link(p->a, part_field(p, t, "Part of"),
		    "requirement", arena_printf(p->a, "%s/%s", r->framework,
		    r->parent), r->parent);
	mapped_controls(p, r, c);
	if (b.n > 0) {
		at = part_section(p, "tests", "Tests and evidence");
		part_results(p, at, "tests-table",
		    "What the tests found in each scope, worst first",
		    b.result, b.n);
	}
	first_samples(p, &b);
	requirement_gaps(p, c);
	same_matter(p, r);
}
