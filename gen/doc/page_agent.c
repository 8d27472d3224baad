#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "doc/part.h"
#include "model/log.h"
#include "model/ref.h"

void
page_agents(struct page *p, const char *id)
{
	const struct ref_table *ref = ref_table(p->b->ref, "ref_agent");
	const struct ref_table *log = ref_table(p->b->log, "log_agent");
	struct docnode *t;

	(void)id;
	part_title(p, "Agents");
	(void)part_para(p, p->at, "Those that the registry declares, and "
	    "those that the log alone knows.");
	t = part_table(p, p->at, "agents", "Agents, by id", PART_HEAD("Agent",
	    "Purpose", "Stage", "EU tier", "Events in the period", "Gaps"));
	for (size_t i = 0; i < p->set->npage; i++) {
		const struct target *to = &p->set->page[i];
		size_t row_no, gaps = 0;
		uint64_t events = 0;
		struct docnode *row, *cell;

		if (!part_is(to->kind, "agent"))
			continue;
		row_no = ref_agent_row(p->b->ref, to->id);
		for (size_t k = 0; log != NULL && k < log->nrow; k++)
			if (part_is(ref_text(log, k, "agent_id"), to->id))
				events += (uint64_t)ref_int(log, k, "events",
				    0);
		for (size_t k = 0; k < p->b->findings->ngap; k++)
			if (part_is(p->b->findings->gap[k].verdict->scope,
			    to->id))
				gaps++;
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "agent", to->id);
		if (row_no == SIZE_MAX) {
			(void)docnode_badge(p->a, part_cell(p, row), TONE_BAD,
			    "not in the registry");
			(void)docnode_text(p->a, part_cell(p, row), "none");
			(void)docnode_text(p->a, part_cell(p, row), "none");
		} else {
			part_cell_say(p, row, ref_text(ref, row_no,
			    "purpose"));
			part_cell_data(p, row, ref_text(ref, row_no,
			    "lifecycle"));
			part_cell_data(p, row, ref_text(ref, row_no,
			    "eu_tier"));
		}
		part_cell_count(p, row, events);
		part_cell_count(p, row, gaps);
	}
}

/* Worst first, then by control. */
static void
agent_status(struct page *p, const char *id)
{
	static const enum status order[] = { ST_GAP, ST_PARTIAL,
		ST_NOT_ESTABLISHED, ST_SATISFIED, ST_NOT_ASSESSED };
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "status", "Controls");
	struct docnode *t = NULL;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) *
	    f->nverdict; i++) {
		const struct verdict *v = &f->verdict[i % f->nverdict];
		const struct gap *gap;
		struct docnode *row, *cell;

		if (!part_is(v->scope, id) ||
		    v->all != order[i / f->nverdict])
			continue;
		gap = finding_gap_of(f, v);
		if (t == NULL)
			t = part_table(p, at, "verdicts", "Status of each "
			    "control for this agent, worst first",
			    PART_HEAD("Control", "Title", "Status", "Gap"));
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "control", v->control->id);
		part_cell_say(p, row, v->control->title);
		part_status(p, part_cell(p, row), v->all);
		cell = part_cell(p, row);
		if (gap != NULL)
			part_link(p, cell, "gap", gap->id);
		else
			(void)docnode_text(p->a, cell, "none");
	}
	if (t == NULL)
		(void)part_para(p, at, "No control was evaluated for this "
		    "agent.");
}

/* How many controls hold for the agent, and how many do not. */
static void
agent_verdict(struct page *p, const char *id)
{
	const struct findings *f = p->b->findings;
	const struct gap *worst = NULL;
	size_t all = 0, gaps = 0, waived = 0;

	for (size_t i = 0; i < f->nverdict; i++)
		all += (size_t)(part_is(f->verdict[i].scope, id) &&
		    f->verdict[i].all != ST_NOT_APPLICABLE);
	for (size_t i = 0; i < f->ngap; i++) {
		const struct gap *g = &f->gap[i];

		if (!part_is(g->verdict->scope, id))
			continue;
		gaps++;
		if (g->waiver != NULL && g->waived_until_us > p->b->as_of_us)
			waived++;
		else if (worst == NULL)
			worst = g;
	}
	if (all == 0)
		(void)docnode_verdict(p->a, p->at, TONE_EMPTY,
		    "not evaluated", "No control was evaluated for this "
		    "agent.");
	else if (worst != NULL)
		(void)docnode_verdict(p->a, p->at, TONE_BAD, part_n(p, gaps -
		    waived, "open gap", "open gaps"), arena_printf(p->a,
		    "in %s that apply to it, %zu waived; the worst is %s.",
		    part_n(p, all, "control", "controls"), waived,
		    severity_name(worst->verdict->control->severity)));
	else
		(void)docnode_verdict(p->a, p->at, TONE_GOOD, "no open gap",
		    arena_printf(p->a, "in %s that apply to it, %zu waived.",
		    part_n(p, all, "control", "controls"), waived));
}

static void
agent_documents(struct page *p, const char *id)
{
	struct docnode *at = part_section(p, "documents", "Documents");
	struct docnode *list = docnode_new(p->a, at, NODE_LIST), *item;
	const struct doc_ref *d;
	size_t from = 0;

	while ((d = part_doc(p, &from, id)) != NULL) {
		item = docnode_new(p->a, list, NODE_ITEM);
		(void)docnode_link(p->a, item, "document", arena_printf(p->a,
		    "%s/%s", d->kind->id, d->name), arena_printf(p->a,
		    "%s: %s", d->kind->title, d->subject));
	}
	if (list->child == NULL)
		(void)docnode_text(p->a, docnode_new(p->a, list, NODE_ITEM),
		    "No document of this pack is about this agent.");
}

void
page_agent(struct page *p, const char *id)
{
	const struct ref_table *ref = ref_table(p->b->ref, "ref_agent");
	size_t row = ref_agent_row(p->b->ref, id);
	struct docnode *at;

	part_title(p, id);
	part_facet(p, "agent", id);
	part_facet(p, "owner", row == SIZE_MAX ? NULL :
	    ref_text(ref, row, "accountable"));
	part_crumb(p, "Agents", "folder", "agents");
	if (row == SIZE_MAX)
		(void)docnode_verdict(p->a, p->at, TONE_BAD,
		    "not in the registry", "The log shows this agent; the "
		    "registry does not declare it.");
	agent_verdict(p, id);
	if (row != SIZE_MAX && ref_text(ref, row, "purpose") != NULL)
		(void)docnode_data(p->a, docnode_para(p->a, p->at),
		    ref_text(ref, row, "purpose"));
	agent_status(p, id);
	agent_documents(p, id);
	at = part_section(p, "measured", "Measured in the period");
	(void)part_para(p, at, "From the events of this agent alone. What is "
	    "not here was not recorded.");
	(void)part_log_rows(p, at, "agent_id", id, NULL, NULL);
	if (row != SIZE_MAX)
		part_ref_row(p, part_section(p, "declared", "Declared"),
		    "declared-table", "What the registry says", ref, row);
}

/* Kinds that are not for this audience are not written, but named. */
static void
withheld(struct page *p)
{
	struct str s = str_new(p->a);

	for (size_t i = 0; i < doc_nkinds; i++)
		if (doc_kinds[i].audience > p->b->audience)
			str_addf(&s, "%s%s", s.len > 0 ? ", " : "",
			    doc_kinds[i].title);
	if (s.len > 0)
		(void)part_para(p, p->at, "WITHHELD, not for this audience "
		    "(output.audience of exhibit.yaml): %s.", s.p);
}

void
page_documents(struct page *p, const char *id)
{
	struct docnode *t;

	(void)id;
	part_title(p, "Documents");
	if (p->set->ndoc == 0) {
		(void)part_para(p, p->at, "No document was written: no agent "
		    "or model is declared or seen.");
		return;
	}
	(void)part_para(p, p->at, "Each opens with what it claims and what "
	    "the log says of it.");
	withheld(p);
	t = part_table(p, p->at, "documents", "Documents, by kind",
	    PART_HEAD("Kind", "Subject", "As Markdown"));
	for (size_t i = 0; i < p->set->ndoc; i++) {
		const struct doc_ref *d = &p->set->doc[i];
		const char *doc = arena_printf(p->a, "%s/%s", d->kind->id,
		    d->name);
		struct docnode *row = docnode_row(p->a, t), *cell;

		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    d->kind->title);
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_link(p->a, cell, "document", doc, d->subject);
		(void)docnode_link(p->a, part_cell(p, row), "file",
		    arena_printf(p->a, "docs/%s.md", doc), "md");
	}
}
