#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/page.h"
#include "doc/part.h"
#include "doc/subject.h"
#include "model/ref.h"

static void
add(struct page_set *set, const char *kind, const char *id)
{
	struct target *t = VEC_PUSH(set->arena, set->page, set->npage,
	    set->cap);

	t->kind = kind;
	t->id = id;
}

/* Subjects: each function adds the pages of its kind. */
static void
list_frameworks(struct page_set *set)
{
	for (size_t i = 0; i < set->b->catalogue->nframework; i++)
		add(set, "framework", set->b->catalogue->framework[i].id);
}

static void
list_requirements(struct page_set *set)
{
	for (size_t i = 0; i < set->b->catalogue->nreq; i++) {
		const struct requirement *r = &set->b->catalogue->req[i];

		add(set, "requirement", arena_printf(set->arena, "%s/%s",
		    r->framework, r->id));
	}
}

static void
list_controls(struct page_set *set)
{
	for (size_t i = 0; i < set->b->catalogue->ncontrol; i++)
		add(set, "control", set->b->catalogue->control[i].id);
}

static void
list_tests(struct page_set *set)
{
	for (size_t i = 0; i < set->b->catalogue->ncontrol; i++) {
		const struct control *c = &set->b->catalogue->control[i];

		for (size_t j = 0; j < c->ntest; j++)
			add(set, "test", c->test[j].id);
	}
}

/* Items of evidence, HO-01.e1. */
static void
list_evidence(struct page_set *set)
{
	for (size_t i = 0; i < set->b->catalogue->ncontrol; i++) {
		const struct control *c = &set->b->catalogue->control[i];

		for (size_t j = 0; j < c->nitem; j++)
			add(set, "evidence", c->item[j].id);
	}
}

static void
list_policies(struct page_set *set)
{
	const struct ref_table *t = ref_table(set->b->ref,
	    "ref_policy_version");

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		add(set, "policy", arena_printf(set->arena, "%s/%s",
		    ref_text(t, i, "policy_id"),
		    ref_text(t, i, "policy_version")));
}

static void
list_gaps(struct page_set *set)
{
	for (size_t i = 0; i < set->b->findings->ngap; i++)
		add(set, "gap", set->b->findings->gap[i].id);
}

/* Declared agents, then those that the log alone knows. */
static void
list_agents(struct page_set *set)
{
	const struct ref_table *t = ref_table(set->b->ref, "ref_agent");
	const struct ref_table *u = ref_table(set->b->log, "log_undeclared");

	for (size_t i = 0; t != NULL && i < t->nrow; i++)
		add(set, "agent", ref_text(t, i, "agent_id"));
	for (size_t i = 0; u != NULL && i < u->nrow; i++)
		if (str_eq(ref_text(u, i, "kind"), "agent") &&
		    ref_agent_row(set->b->ref, ref_text(u, i, "id")) ==
		    SIZE_MAX)
			add(set, "agent", ref_text(u, i, "id"));
}

static void
list_logs(struct page_set *set)
{
	for (size_t i = 0; i < set->b->nstream; i++)
		add(set, "log", set->b->stream[i].dir);
}

static void
list_records(struct page_set *set)
{
	for (size_t i = 0; i < set->b->ncited; i++) {
		const struct cite *c = &set->b->cited[i].at;

		add(set, "record", arena_printf(set->arena, "%s/%llu",
		    set->b->stream[c->stream].dir,
		    (unsigned long long)c->seq));
	}
}

static void
list_sources(struct page_set *set)
{
	for (size_t i = 0; i < set->b->ninput; i++)
		if (map_getz(set->source, set->b->input[i].path) != NULL)
			add(set, "source", set->b->input[i].path);
}

/* Folders and pages of the kinds that page_subject.c has. */
static void
add_subject(void *set, const char *kind, const char *id)
{
	add(set, kind, id);
}

static void
list_subjects(struct page_set *set)
{
	for (size_t i = 0; i < subject_nkind(); i++)
		subject_list(set->b, i, add_subject, set);
}

static void
list_folders(struct page_set *set)
{
	for (size_t i = 0; i < subject_nkind(); i++)
		add(set, "folder", subject_folder(i));
}

/* The letters that something stands under; last, as it counts the others. */
static void
list_letters(struct page_set *set)
{
	char seen[256] = { 0 }, id[2] = { 0 };

	for (size_t i = 0; i < set->npage; i++)
		if (page_named(&set->page[i]))
			seen[(unsigned char)page_letter(&set->page[i])] = 1;
	for (size_t i = 0; i < set->ndoc; i++)
		seen[(unsigned char)page_doc_letter(&set->doc[i])] = 1;
	for (int c = '0'; c <= 'z'; c++) {
		if (!seen[c])
			continue;
		id[0] = (char)c;
		add(set, "letter", arena_strdup(set->arena, id));
	}
}

/* A kind of page: subjects, or one page with a name of ours. */
static const struct page_kind {
	const char *kind, *id;
	void (*list)(struct page_set *);
	page_fn *make;
} page_kind[] = {
	{ "page", "index", NULL, page_index },
	{ "page", "about", NULL, page_about },
	{ "page", "changes", NULL, page_changes },
	{ "page", "contradictions", NULL, page_contradictions },
	{ "page", "files", NULL, page_files },
	{ "page", "help", NULL, page_help },
	{ "page", "search", NULL, page_search },
	{ "page", "verify", NULL, page_verify },
	{ "page", "waivers", NULL, page_waivers },
	{ "page", "gaps/by-owner", NULL, page_gaps_by_owner },
	{ "page", "gaps/by-framework", NULL, page_gaps_by_framework },
	{ "folder", "frameworks", NULL, page_frameworks },
	{ "framework", NULL, list_frameworks, page_framework },
	{ "requirement", NULL, list_requirements, page_requirement },
	{ "folder", "controls", NULL, page_controls },
	{ "control", NULL, list_controls, page_control },
	{ "folder", "tests", NULL, page_controls },
	{ "test", NULL, list_tests, page_test },
	{ "folder", "evidence", NULL, page_evidences },
	{ "evidence", NULL, list_evidence, page_evidence },
	{ "folder", "policies", NULL, page_policies },
	{ "policy", NULL, list_policies, page_policy },
	{ "folder", "gaps", NULL, page_gaps },
	{ "gap", NULL, list_gaps, page_gap },
	{ "folder", "agents", NULL, page_agents },
	{ "agent", NULL, list_agents, page_agent },
	{ "folder", "documents", NULL, page_documents },
	{ "folder", "log", NULL, page_logs },
	{ "log", NULL, list_logs, page_log },
	{ "record", NULL, list_records, page_record },
	{ "source", NULL, list_sources, page_source },
	{ "folder", NULL, list_folders, page_subjects },
	{ "subject", NULL, list_subjects, page_subject },
	{ "letter", NULL, list_letters, page_az },
};

#define NKIND (sizeof(page_kind) / sizeof(page_kind[0]))

static const char *
cite_key(struct arena *a, const struct cite *c)
{
	return arena_printf(a, "%u %llu", c->stream,
	    (unsigned long long)c->seq);
}

static void
note_cite(struct page_set *set, const struct result *r, const struct cite *c)
{
	struct rests *rests;
	void **place;

	if (c->at.file != NULL)
		return;
	place = map_putz(set->rests, cite_key(set->arena, c));
	if (*place == NULL)
		*place = arena_alloc(set->arena, sizeof(*rests));
	rests = *place;
	/* A row can be exception and sample of one result. */
	if (rests->n > 0 && rests->result[rests->n - 1] == r)
		return;
	*VEC_PUSH(set->arena, rests->result, rests->n, rests->cap) = r;
}

static void
note_line(struct page_set *set, struct mark at)
{
	struct lines *l;
	void **place;
	size_t i;

	if (at.file == NULL)
		return;
	place = map_putz(set->source, at.file);
	if (*place == NULL)
		*place = arena_alloc(set->arena, sizeof(*l));
	l = *place;
	for (i = l->n; i > 0 && l->line[i - 1] >= at.line; i--)
		if (l->line[i - 1] == at.line)
			return;
	(void)VEC_PUSH(set->arena, l->line, l->n, l->cap);
	memmove(&l->line[i + 1], &l->line[i],
	    (l->n - 1 - i) * sizeof(*l->line));
	l->line[i] = at.line;
}

/* Every row of the reference tables has a place that pages point to. */
static void
note_sources(struct page_set *set)
{
	const struct findings *f = set->b->findings;

	for (size_t i = 0; i < set->b->ref->n; i++) {
		const struct ref_table *t = &set->b->ref->table[i];

		for (size_t r = 0; t->at != NULL && r < t->nrow; r++) {
			struct mark said = { ref_text(t, r, "file"),
				(uint32_t)ref_int(t, r, "line", 0), 0 };

			note_line(set, said);
			note_line(set, t->at[r]);
			for (size_t c = 0; t->cellat != NULL && c < t->ncol;
			    c++)
				note_line(set, t->cellat[r * t->ncol + c]);
		}
	}
	for (size_t i = 0; i < f->ngap; i++)
		note_line(set, f->gap[i].fix);
	for (size_t i = 0; i < set->b->ninput; i++) {
		struct lines *l = map_getz(set->source,
		    set->b->input[i].path);

		if (l != NULL)
			l->input = &set->b->input[i];
	}
}

static void
note_results(struct page_set *set)
{
	const struct findings *f = set->b->findings;

	for (size_t i = 0; i < f->nresult; i++) {
		const struct result *r = &f->result[i];

		for (size_t j = 0; j < r->nexception; j++)
			note_cite(set, r, &r->exception[j]);
		for (size_t j = 0; j < r->nsample; j++)
			note_cite(set, r, &r->sample[j]);
	}
}

int
part_measured_cite(const struct build *b, const struct ref_table *t,
    size_t row, struct cite *c)
{
	int stream = ref_colno(t, "stream");
	int64_t at = ref_int(t, row, "stream", -1);
	int64_t seq = ref_int(t, row, "seq", -1);

	if (stream == -1 || t->col[stream].type != VALUE_INT || seq < 0 ||
	    at < 0 || (uint64_t)at >= b->nstream)
		return 0;
	*c = (struct cite){ .stream = (uint32_t)at, .seq = (uint64_t)seq };
	return 1;
}

static void
note_measured(struct page_set *set)
{
	for (size_t i = 0; set->b->log != NULL && i < set->b->log->n; i++) {
		const struct ref_table *t = &set->b->log->table[i];
		struct cite c;

		for (size_t r = 0; r < t->nrow; r++) {
			struct measured *m;
			void **place;

			if (!part_measured_cite(set->b, t, r, &c))
				continue;
			place = map_putz(set->measured, cite_key(set->arena,
			    &c));
			if (*place == NULL)
				*place = arena_alloc(set->arena, sizeof(*m));
			m = *place;
			(void)VEC_PUSH(set->arena, m->at, m->n, m->cap);
			m->at[m->n - 1].table = t;
			m->at[m->n - 1].row = r;
		}
	}
}

struct page_set *
page_open(struct arena *a, const struct build *b, const struct doc_ref *doc,
    size_t ndoc)
{
	struct page_set *set = arena_alloc(a, sizeof(*set));

	set->arena = a;
	set->b = b;
	set->doc = doc;
	set->ndoc = ndoc;
	set->rests = map_new(a);
	set->measured = map_new(a);
	set->source = map_new(a);
	note_results(set);
	note_measured(set);
	note_sources(set);
	for (size_t i = 0; i < NKIND; i++)
		if (page_kind[i].list == NULL)
			add(set, page_kind[i].kind, page_kind[i].id);
		else
			page_kind[i].list(set);
	return set;
}

static int
is_of(const struct page_kind *k, const struct target *to)
{
	if (strcmp(k->kind, "subject") == 0)
		return subject_known(to->kind);
	return strcmp(k->kind, to->kind) == 0 &&
	    (k->id == NULL || strcmp(k->id, to->id) == 0);
}

struct doc *
page_make(struct arena *a, const struct page_set *set, const struct target *to)
{
	struct page p = { .a = a, .set = set, .b = set->b };

	p.doc = arena_alloc(a, sizeof(*p.doc));
	p.doc->self = *to;
	p.doc->lang = "en";
	p.doc->page = 1;
	p.doc->title = to->id;
	/* The root is never printed: its children are the body. */
	p.at = docnode_new(a, NULL, NODE_SECTION);
	for (size_t i = 0; i < NKIND; i++)
		if (is_of(&page_kind[i], to)) {
			page_kind[i].make(&p, to->id);
			break;
		}
	p.doc->body = p.at->child;
	return p.doc;
}

const struct rests *
part_rests(const struct page *p, const struct cite *c)
{
	return map_getz(p->set->rests, cite_key(p->a, c));
}

const struct measured *
part_measured(const struct page *p, const struct cite *c)
{
	return map_getz(p->set->measured, cite_key(p->a, c));
}

const struct lines *
part_lines(const struct page *p, const char *path)
{
	return map_getz(p->set->source, path);
}
