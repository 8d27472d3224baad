#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/part.h"
#include "model/ref.h"

/* The worst outcome of an item, over its scopes; -1: not judged. */
static const struct result **
results_of(struct page *p, const struct item *item, size_t *n)
{
	const struct findings *f = p->b->findings;
	const struct result **list = NULL;
	size_t cap = 0;

	*n = 0;
	for (size_t i = 0; i < f->nresult; i++)
		if (f->result[i].item == item)
			*VEC_PUSH(p->a, list, *n, cap) = &f->result[i];
	return part_worst_first(p, list, *n);
}

/* What the program decides by itself has no kind. */
static const char *
item_kind(const struct item *item)
{
	return item->kind == NULL && item->built_in != NULL ? "built in" :
	    item->kind;
}

void
page_evidences(struct page *p, const char *id)
{
	const struct catalogue *cat = p->b->catalogue;
	struct docnode *t;

	(void)id;
	part_title(p, "Evidence");
	(void)part_para(p, p->at, "What people write, collect and approve: "
	    "each entry is bound to the bytes that were judged. What nobody "
	    "reviewed is no evidence.");
	t = part_table(p, p->at, "items", "Items, by control",
	    PART_HEAD("Item", "Title", "Kind", "Worst outcome", "Control"));
	for (size_t i = 0; i < cat->ncontrol; i++)
		for (size_t j = 0; j < cat->control[i].nitem; j++) {
			const struct item *item = &cat->control[i].item[j];
			struct docnode *row = docnode_row(p->a, t), *cell;
			const struct result **list;
			size_t n;

			cell = part_cell(p, row);
			cell->level = 1;
			part_link(p, cell, "evidence", item->id);
			part_cell_say(p, row, item->title);
			part_cell_data(p, row, item_kind(item));
			list = results_of(p, item, &n);
			cell = part_cell(p, row);
			if (n > 0)
				part_outcome(p, cell, list[0]);
			else
				(void)docnode_text(p->a, cell,
				    "not evaluated");
			part_link(p, part_cell(p, row), "control",
			    cat->control[i].id);
		}
}

/* 1: the entry belongs to the item. */
static int
is_entry(const struct ref_table *t, size_t row, const struct item *item)
{
	return part_is(ref_text(t, row, "item"), item->id);
}

static void
bytes_state(struct page *p, struct docnode *at, const struct ref_table *t,
    size_t row)
{
	const char *want = ref_text(t, row, "sha256");
	const char *have = ref_text(t, row, "found_sha256");

	if (want == NULL)
		(void)docnode_text(p->a, at, "no file: a statement");
	else if (have == NULL)
		(void)docnode_badge(p->a, at, TONE_EMPTY, "not there");
	else if (part_is(want, have))
		(void)docnode_badge(p->a, at, TONE_GOOD, "as reviewed");
	else
		(void)docnode_badge(p->a, at, TONE_BAD,
		    "changed since the review");
}

/* Why the entry counts for nothing, where it does. */
static void
idle_state(struct page *p, struct docnode *at, const struct ref_table *t,
    size_t row)
{
	const struct findings *f = p->b->findings;
	struct mark m = ref_mark(t, row, "item");

	for (size_t i = 0; i < f->nidle; i++) {
		const struct idle *d = &f->idle[i];

		if (!part_is(d->at.file, m.file) || d->at.line != m.line)
			continue;
		(void)docnode_text(p->a, at, ". It does not count: ");
		(void)docnode_badge(p->a, at, TONE_BAD, d->reason);
		(void)docnode_text(p->a, at, ", ");
		(void)docnode_data(p->a, at, d->detail);
		return;
	}
}

static size_t
entries(struct page *p, const struct item *item)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_document");
	struct docnode *at = part_section(p, "entries", "Entries");
	size_t n = 0;

	for (size_t i = 0; t != NULL && i < t->nrow; i++) {
		struct docnode *sub, *para;

		if (!is_entry(t, i, item))
			continue;
		n++;
		sub = docnode_section(p->a, at, arena_printf(p->a, "entry-%zu",
		    n), arena_printf(p->a, "Entry %zu", n));
		para = part_para(p, sub, "The bytes now: ");
		bytes_state(p, para, t, i);
		idle_state(p, para, t, i);
		part_ref_row(p, sub, arena_printf(p->a, "d-%zu", n),
		    arena_printf(p->a, "Entry %zu", n), t, i);
	}
	if (n == 0 && item->built_in != NULL)
		(void)part_para(p, at, "None is asked for: the program "
		    "decides it over the files of the project.");
	else if (n == 0)
		(void)part_para(p, at, "No entry of evidence/index.yaml names "
		    "this item: there is no evidence. Add one with the file, "
		    "its SHA-256, author, reviewer and date.");
	return n;
}

static void
evidence_strip(struct page *p, const struct control *c,
    const struct item *item, size_t n)
{
	struct strip s = { .papers = 1 };

	s.step[STEP_STATEMENT].text = part_n(p, c->nmap, "requirement",
	    "requirements");
	s.step[STEP_STATEMENT].to = (struct target){ "control", c->id,
	    "requirements" };
	s.step[STEP_CONTROL].text = c->id;
	s.step[STEP_CONTROL].theirs = 1;
	s.step[STEP_CONTROL].to = (struct target){ "control", c->id, NULL };
	s.step[PAPER_EVIDENCE].text = item->id;
	s.step[PAPER_EVIDENCE].theirs = 1;
	if (n > 0) {
		s.step[PAPER_FILE].text = part_n(p, n, "entry", "entries");
		s.step[PAPER_FILE].to = (struct target){ "evidence", item->id,
		    "entries" };
		s.step[PAPER_MANIFEST].text = "its hash, in the registry dump";
		s.step[PAPER_MANIFEST].to = (struct target){ "page", "files",
		    NULL };
	} else {
		s.step[PAPER_FILE].text = "none, no entry names it";
		s.step[PAPER_MANIFEST].text = "none";
	}
	part_strip(p, &s, PAPER_EVIDENCE);
}

void
page_evidence(struct page *p, const char *id)
{
	const struct control *c = NULL;
	const struct item *item = catalogue_item(p->b->catalogue, id, &c);
	const struct result **list;
	struct docnode *t, *at;
	size_t n, found;

	if (item == NULL)
		return;
	list = results_of(p, item, &n);
	part_title(p, arena_printf(p->a, "%s %s", item->id, item->title));
	for (size_t i = 0; i < n; i++)
		part_facet(p, "status", outcome_name(list[i]->outcome));
	part_crumb(p, "Controls", "folder", "controls");
	part_crumb(p, c->id, "control", c->id);
	if (n > 0 && list[0]->outcome == OUT_PASS)
		(void)docnode_verdict(p->a, p->at, TONE_GOOD, "pass",
		    item->built_in != NULL ? "The program found it whole." :
		    "It is there, somebody with the role reviewed these "
		    "bytes, and it holds over the period.");
	else if (n > 0)
		part_result(p, p->at, list[0]);
	else
		(void)docnode_verdict(p->a, p->at, TONE_EMPTY, "no-evidence",
		    "It was not evaluated in this period.");
	t = part_fields(p, p->at, "about", "About this item");
	part_link(p, part_field(p, t, "Control"), "control", c->id);
	part_field_data(p, t, "Kind", item_kind(item));
	(void)docnode_text(p->a, part_field(p, t, "Answers"), "%s",
	    item->design ? "design: is it set up" :
	    "operation: did it work in the period");
	(void)docnode_text(p->a, part_field(p, t, "Weight"), "%s", item->key ?
	    "key: without it the control is not satisfied" : "supporting");
	part_field_data(p, t, "Holds for at most", item->max_age != NULL ?
	    item->max_age : "as long as it says");
	if (n > 0) {
		at = part_section(p, "results", "What was found");
		part_results(p, at, "results-table",
		    "In each scope, worst first", list, n);
	}
	found = entries(p, item);
	evidence_strip(p, c, item, found);
}
