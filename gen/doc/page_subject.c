#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "doc/part.h"
#include "doc/subject.h"
#include "model/ref.h"

/*
 * Subjects that need no page of their own making: what is declared beside
 * what the log saw, field by field.  `key` names a subject; other tables of
 * the registry that have that column are about it too.  In the log it goes by
 * `seen`, whose value is that of the declared column `as`; undeclared ones
 * stand in log_undeclared under the kind.
 */
static const struct subject_kind {
	const char *kind, *folder, *title, *what;
	const char *table, *key;
	const char *as, *seen;   /* NULL: the log does not name it */
	const char *as2, *seen2; /* a second part of its name, or NULL */
	enum event_col event;    /* that names it; EVENT_NCOL: none */
	const char *show[3];     /* columns of the list */
} subject_kind[] = {
	{ "action", "actions", "Actions", "What agents may do, and what they "
	    "did.", "ref_action", "action", "action", "action", NULL, NULL,
	    EVENT_ACTION, { "description", "impact", "reversible" } },
	{ "dataset", "datasets", "Data sets", "Data sets and sources of "
	    "documents.", "ref_dataset", "dataset", "dataset", "resource",
	    NULL, NULL, EVENT_RESOURCE, { "version", "licence", "owner" } },
	{ "evaluation", "evaluations", "Evaluations", "Suites, their limits "
	    "and what was measured.", "ref_suite", "suite", "suite", "suite",
	    NULL, NULL, EVENT_NCOL, { "kind", "dataset", NULL } },
	{ "incident", "incidents", "Incidents", "An empty list does not show "
	    "that none happened.", "ref_incident", "incident_id",
	    "incident_id", "incident_id", NULL, NULL, EVENT_SUBJECT,
	    { "severity", "status", "category" } },
	{ "model", "models", "Models", "What answered, pinned and declared.",
	    "ref_model", "model", "model_id", "model_id", "model_version",
	    "model_version", EVENT_MODEL_ID, { "model_provider", "model_id",
	    "owner" } },
	{ "person", "people", "People", "Who holds which role, and what they "
	    "decided.", "ref_person", "person_id", "person_id",
	    "approver_id", NULL, NULL, EVENT_APPROVER_ID, { "name", NULL,
	    NULL } },
	{ "prompt", "prompts", "Prompts", "Versions of prompts, and what was "
	    "used.", "ref_prompt", "prompt_id", "prompt_id", "prompt_id",
	    NULL, NULL, EVENT_PROMPT_ID, { "prompt_version", "purpose",
	    NULL } },
	{ "risk", "risks", "Risks", "Risks, their treatment and who accepted "
	    "them.", "ref_risk", "risk_id", NULL, NULL, NULL, NULL,
	    EVENT_NCOL, { "title", "treatment", "accepted_by" } },
	{ "tool", "tools", "Tools", "What agents call, granted and used.",
	    "ref_tool", "tool", "tool", "tool", NULL, NULL, EVENT_TOOL,
	    { "description", "scope", "owner" } },
};

#define NKIND (sizeof(subject_kind) / sizeof(subject_kind[0]))
#define RECORDS 50 /* linked from one page */

static const struct subject_kind *
find_kind(const char *kind)
{
	for (size_t i = 0; i < NKIND; i++)
		if (part_is(subject_kind[i].kind, kind) ||
		    part_is(subject_kind[i].folder, kind))
			return &subject_kind[i];
	return NULL;
}

/* Whether this audience may know what the subject is called. */
static int
may_name(const struct build *b, const struct subject_kind *k)
{
	const struct ref_table *t = ref_table(b->ref, k->table);
	int c = t == NULL ? -1 : ref_colno(t, k->key);

	return c >= 0 && t->col[c].audience <= b->audience;
}

static int
is_first(const struct ref_table *t, size_t row, const char *key)
{
	for (size_t i = 0; i < row; i++)
		if (part_is(ref_text(t, i, key), ref_text(t, row, key)))
			return 0;
	return 1;
}

static int
is_declared(const struct build *b, const struct subject_kind *k,
    const char *id)
{
	const struct ref_table *t = ref_table(b->ref, k->table);

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		if (part_is(ref_text(t, i, k->key), id))
			return 1;
	return 0;
}

size_t
subject_nkind(void)
{
	return NKIND;
}

const char *
subject_name(size_t i)
{
	return subject_kind[i].kind;
}

const char *
subject_folder(size_t i)
{
	return subject_kind[i].folder;
}

const char *
subject_title_of(size_t i)
{
	return subject_kind[i].title;
}

int
subject_known(const char *kind)
{
	for (size_t i = 0; i < NKIND; i++)
		if (part_is(subject_kind[i].kind, kind))
			return 1;
	return 0;
}

void
subject_list(const struct build *b, size_t i, subject_fn *fn, void *ctx)
{
	const struct subject_kind *k = &subject_kind[i];
	const struct ref_table *t = ref_table(b->ref, k->table);
	const struct ref_table *u = ref_table(b->log, "log_undeclared");

	if (!may_name(b, k))
		return;
	for (size_t r = 0; t != NULL && r < t->nrow; r++)
		if (is_first(t, r, k->key))
			fn(ctx, k->kind, ref_text(t, r, k->key));
	for (size_t r = 0; u != NULL && r < u->nrow; r++)
		if (part_is(ref_text(u, r, "kind"), k->kind) &&
		    ref_text(u, r, "id") != NULL && is_first(u, r, "id") &&
		    !is_declared(b, k, ref_text(u, r, "id")))
			fn(ctx, k->kind, ref_text(u, r, "id"));
}

/* What a subject goes by in the log. */
static const char *
name_in_log(const struct page *p, const struct subject_kind *k,
    const char *id, const char *as)
{
	const struct ref_table *t = ref_table(p->b->ref, k->table);

	for (size_t i = 0; as != NULL && t != NULL && i < t->nrow; i++)
		if (part_is(ref_text(t, i, k->key), id))
			return ref_text(t, i, as);
	return as == NULL ? NULL : id;
}

/* The list of a folder. */
void
page_subjects(struct page *p, const char *id)
{
	const struct subject_kind *k = find_kind(id);
	const struct ref_table *t = ref_table(p->b->ref, k->table);
	const char *head[5] = { k->title };
	struct docnode *table = NULL;
	size_t nhead = 1;

	part_title(p, k->title);
	(void)part_para(p, p->at, "%s", k->what);
	if (!may_name(p->b, k)) {
		(void)part_para(p, p->at, "WITHHELD: what these are called is "
		    "not for this audience.");
		return;
	}
	while (nhead < 4 && k->show[nhead - 1] != NULL) {
		head[nhead] = k->show[nhead - 1];
		nhead++;
	}
	head[nhead++] = "Registry";
	for (size_t i = 0; i < p->set->npage; i++) {
		const struct target *to = &p->set->page[i];
		size_t r = 0;
		struct docnode *row, *cell;

		if (!part_is(to->kind, k->kind))
			continue;
		if (table == NULL)
			table = part_table(p, p->at, k->folder, "By id",
			    head, nhead);
		while (t != NULL && r < t->nrow &&
		    !part_is(ref_text(t, r, k->key), to->id))
			r++;
		row = docnode_row(p->a, table);
		cell = part_cell(p, row);
		cell->level = 1;
		part_link(p, cell, k->kind, to->id);
		for (size_t c = 0; c + 2 < nhead; c++) {
			cell = part_cell(p, row);
			cell->level = 2;
			if (t != NULL && r < t->nrow)
				(void)docnode_data(p->a, cell, ref_text(t, r,
				    k->show[c]));
			else
				(void)docnode_text(p->a, cell, "none");
		}
		cell = part_cell(p, row);
		if (t != NULL && r < t->nrow)
			part_mark(p, cell, ref_mark(t, r, k->key));
		else
			(void)docnode_badge(p->a, cell, TONE_BAD,
			    "not in the registry");
	}
	if (table == NULL)
		(void)part_para(p, p->at, "None is declared, and the log names "
		    "none.");
}

/* Every table of the registry that is about it; its own row field by field. */
static void
declared(struct page *p, const struct subject_kind *k, const char *id)
{
	struct docnode *at = part_section(p, "declared", "Declared");
	const struct ref_table *own = ref_table(p->b->ref, k->table);
	size_t n = 0;

	for (size_t i = 0; own != NULL && i < own->nrow; i++)
		if (part_is(ref_text(own, i, k->key), id))
			part_ref_row(p, at, arena_printf(p->a, "row-%zu",
			    ++n), "What the registry says", own, i);
	for (size_t i = 0; i < p->b->ref->n; i++) {
		const struct ref_table *t = &p->b->ref->table[i];
		const struct ref_schema *s = ref_schema_find(t->name);

		if (t != own && ref_colno(t, k->key) >= 0 && s != NULL)
			n += part_ref_rows(p, at, t->name, s->says, t->name,
			    k->key, id, NULL, NULL);
	}
	if (n == 0)
		(void)part_para(p, at, "Nothing: the log names it, the registry "
		    "does not.");
}

/* Cited records that name it. */
static void
records(struct page *p, const struct subject_kind *k, const char *id)
{
	const char *name = name_in_log(p, k, id, k->as);
	struct docnode *at, *list = NULL;
	size_t n = 0;

	for (size_t i = 0; name != NULL && k->event != EVENT_NCOL &&
	    i < p->b->ncited; i++) {
		const struct cited *c = &p->b->cited[i];

		if (!part_is(part_event(c, k->event), name) || n++ >= RECORDS)
			continue;
		if (list == NULL) {
			at = part_section(p, "records", "Records in this pack");
			list = docnode_new(p->a, at, NODE_LIST);
			list->level = 2;
		}
		part_cite(p, docnode_new(p->a, list, NODE_ITEM), &c->at);
	}
	if (n > RECORDS)
		(void)part_para(p, p->at, "%zu more of the records in this "
		    "pack name it.", n - RECORDS);
}

/* Gaps that are fixed where it is declared. */
static void
gaps(struct page *p, const struct subject_kind *k, const char *id)
{
	const struct ref_table *t = ref_table(p->b->ref, k->table);
	struct docnode *list = NULL;

	for (size_t r = 0; t != NULL && r < t->nrow; r++)
		for (size_t i = 0; part_is(ref_text(t, r, k->key), id) &&
		    i < p->b->findings->ngap; i++) {
			const struct gap *g = &p->b->findings->gap[i];

			if (!part_is(g->fix.file, ref_mark(t, r, k->key).file))
				continue;
			if (list == NULL)
				list = docnode_new(p->a, part_section(p,
				    "gaps", "Gaps that are fixed here"),
				    NODE_LIST);
			part_link(p, docnode_new(p->a, list, NODE_ITEM),
			    "gap", g->id);
		}
}

void
page_subject(struct page *p, const char *id)
{
	const struct subject_kind *k = find_kind(p->doc->self.kind);
	struct docnode *at;

	part_title(p, id);
	part_crumb(p, k->title, "folder", k->folder);
	part_facet(p, k->kind, part_is(k->kind, "model") ||
	    part_is(k->kind, "tool") ? id : NULL);
	if (!is_declared(p->b, k, id))
		(void)docnode_verdict(p->a, p->at, TONE_BAD,
		    "not in the registry", "The log names it; the registry "
		    "does not declare it.");
	gaps(p, k, id);
	declared(p, k, id);
	at = part_section(p, "measured", "Measured in the period");
	if (k->seen == NULL)
		(void)part_para(p, at, "The log has no column that names it.");
	else if (part_log_rows(p, at, k->seen, name_in_log(p, k, id, k->as),
	    k->seen2, name_in_log(p, k, id, k->as2)) == 0)
		(void)part_para(p, at, "No event of the period names it.");
	records(p, k, id);
}
