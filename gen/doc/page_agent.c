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
			part_cell_data(p, row, ref_text(ref, row_no,
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

static void
value_cell(struct page *p, struct docnode *at, const struct ref_col *col,
    const struct value *v)
{
	size_t len = strlen(col->name);
	struct str s = str_new(p->a);

	switch (v->type) {
	case VALUE_NULL:
		(void)docnode_data(p->a, at, NULL);
		return;
	case VALUE_TEXT:
		(void)docnode_data(p->a, at, v->p);
		return;
	case VALUE_INT:
		break;
	}
	/* A span of time is small, a moment is not: 1975 lies between. */
	if (len > 3 && strcmp(col->name + len - 3, "_us") == 0) {
		if (v->i > INT64_C(157680000) * DATE_SECOND)
			date_add_time(&s, v->i);
		else
			date_add_duration(&s, v->i);
		(void)docnode_text(p->a, at, "%s", s.p);
	} else if (v->i >= 0)
		part_count(p, at, (uint64_t)v->i);
	else
		(void)docnode_text(p->a, at, "%lld", (long long)v->i);
}

/* What the registry declares, field by field, each with its line. */
static void
declared(struct page *p, const struct ref_table *t, size_t row)
{
	struct docnode *at = part_section(p, "declared", "Declared");
	struct docnode *table = part_table(p, at, "declared-table",
	    "What the registry says", PART_HEAD("Field", "Value", "Where"));

	for (size_t c = 0; c < t->ncol; c++) {
		const struct ref_col *col = &t->col[c];
		struct docnode *r, *cell;

		if (part_is(col->name, "file") || part_is(col->name, "line"))
			continue;
		if (col->audience > p->b->audience)
			continue;
		r = docnode_row(p->a, table);
		cell = part_cell(p, r);
		cell->level = 1;
		(void)docnode_text(p->a, cell, "%s", col->name);
		value_cell(p, part_cell(p, r), col,
		    &t->cell[row * t->ncol + c]);
		part_mark(p, part_cell(p, r), ref_mark(t, row, col->name));
	}
}

/* Rows of a measured table that are about this agent. */
static void
measured(struct page *p, struct docnode *at, const struct log_schema *schema,
    const char *id)
{
	const struct ref_table *t = ref_table(p->b->log, schema->name);
	struct docnode *table = NULL;
	const char **head = arena_array(p->a, schema->ncol, sizeof(*head));
	size_t n = 0;

	for (size_t c = 0; c < schema->ncol; c++)
		if (!part_is(schema->col[c].name, "agent_id"))
			head[n++] = schema->col[c].name;
	for (size_t r = 0; t != NULL && r < t->nrow; r++) {
		struct docnode *row;

		if (!part_is(ref_text(t, r, "agent_id"), id))
			continue;
		if (table == NULL)
			table = part_table(p, at, schema->name, schema->says,
			    head, n);
		row = docnode_row(p->a, table);
		for (size_t c = 0; c < t->ncol; c++)
			if (!part_is(t->col[c].name, "agent_id"))
				value_cell(p, part_cell(p, row), &t->col[c],
				    &t->cell[r * t->ncol + c]);
	}
}

static void
agent_status(struct page *p, const char *id)
{
	const struct findings *f = p->b->findings;
	struct docnode *at = part_section(p, "status", "Controls");
	struct docnode *t = NULL;

	for (size_t i = 0; i < f->nverdict; i++) {
		const struct verdict *v = &f->verdict[i];
		const struct gap *gap = finding_gap_of(f, v);
		struct docnode *row, *cell;

		if (!part_is(v->scope, id) || v->all == ST_NOT_APPLICABLE)
			continue;
		if (t == NULL)
			t = part_table(p, at, "verdicts", "Status of each "
			    "control for this agent", PART_HEAD("Control",
			    "Title", "Status", "Gap"));
		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, "control", v->control->id);
		part_cell_data(p, row, v->control->title);
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
	part_crumb(p, "Agents", "folder", "agents");
	if (row == SIZE_MAX)
		(void)docnode_verdict(p->a, p->at, TONE_BAD,
		    "not in the registry", "The log shows this agent; the "
		    "registry does not declare it.");
	else if (ref_text(ref, row, "purpose") != NULL)
		(void)docnode_data(p->a, docnode_para(p->a, p->at),
		    ref_text(ref, row, "purpose"));
	agent_status(p, id);
	agent_documents(p, id);
	at = part_section(p, "measured", "Measured in the period");
	(void)part_para(p, at, "From the events of this agent alone. What is "
	    "not here was not recorded.");
	for (size_t i = 0; i < log_nschema; i++)
		for (size_t c = 0; c < log_schema[i].ncol; c++)
			if (part_is(log_schema[i].col[c].name, "agent_id"))
				measured(p, at, &log_schema[i], id);
	if (row != SIZE_MAX)
		declared(p, ref, row);
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
