#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "doc/part.h"
#include "doc/sec.h"
#include "model/figure.h"
#include "model/ref.h"

int
part_is(const char *a, const char *b)
{
	return str_eq(a, b);
}

void
part_title(struct page *p, const char *title)
{
	p->doc->title = title;
}

void
part_crumb(struct page *p, const char *word, const char *kind, const char *id)
{
	for (size_t i = 0; i < 4; i++)
		if (p->doc->crumb[i] == NULL) {
			p->doc->crumb[i] = word;
			p->doc->crumb_to[i].kind = kind;
			p->doc->crumb_to[i].id = id;
			return;
		}
}

void
part_facet(struct page *p, const char *name, const char *value)
{
	const char *all = p->doc->facets, *found;
	char *facet, *at;
	size_t n;

	if (value == NULL || *value == '\0')
		return;
	facet = arena_printf(p->a, "%s:%s", name, value);
	n = strlen(facet);
	for (at = facet; *at != '\0'; at++)
		if (*at == ' ')
			*at = '-';
	for (found = all; found != NULL && (found = strstr(found, facet)) !=
	    NULL; found++)
		if ((found == all || found[-1] == ' ') &&
		    (found[n] == ' ' || found[n] == '\0'))
			return;
	p->doc->facets = all == NULL ? facet :
	    arena_printf(p->a, "%s %s", all, facet);
}

void
part_facet_map(struct page *p, const struct control *c)
{
	for (size_t i = 0; i < c->nmap; i++)
		if (c->map[i].to != NULL)
			part_facet(p, "framework", c->map[i].to->framework);
}

struct docnode *
part_section(struct page *p, const char *id, const char *title)
{
	return docnode_section(p->a, p->at, id, title);
}

struct docnode *
part_para(struct page *p, struct docnode *at, const char *fmt, ...)
{
	struct docnode *para = docnode_para(p->a, at);
	va_list ap;

	va_start(ap, fmt);
	docnode_new(p->a, para, NODE_TEXT)->text = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	return para;
}

struct docnode *
part_words(struct page *p, struct docnode *at, const char *kind,
    const char *id, const char *anchor, const char *fmt, ...)
{
	struct docnode *link = docnode_new(p->a, at, NODE_LINK);
	va_list ap;

	link->to.kind = kind;
	link->to.id = id;
	link->to.anchor = anchor;
	va_start(ap, fmt);
	docnode_new(p->a, link, NODE_TEXT)->text = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	return link;
}

void
part_link(struct page *p, struct docnode *at, const char *kind, const char *id)
{
	if (id == NULL)
		(void)docnode_data(p->a, at, NULL);
	else
		docnode_link(p->a, at, kind, id, id)->level = 1;
}

struct docnode *
part_table(struct page *p, struct docnode *at, const char *id,
    const char *caption, const char *const *head, size_t n)
{
	return docnode_table(p->a, at, id, caption, head, n);
}

struct docnode *
part_fields(struct page *p, struct docnode *at, const char *id,
    const char *caption)
{
	struct docnode *t = docnode_table(p->a, at, id, caption,
	    PART_HEAD("Field", "Value"));

	t->level = 1;
	return t;
}

struct docnode *
part_field(struct page *p, struct docnode *table, const char *label)
{
	struct docnode *row = docnode_row(p->a, table);
	struct docnode *head = docnode_cell(p->a, row);

	head->level = 1;
	(void)docnode_text(p->a, head, "%s", label);
	return docnode_cell(p->a, row);
}

void
part_field_data(struct page *p, struct docnode *table, const char *label,
    const char *theirs)
{
	(void)docnode_data(p->a, part_field(p, table, label), theirs);
}

struct docnode *
part_cell(struct page *p, struct docnode *row)
{
	return docnode_cell(p->a, row);
}

void
part_cell_data(struct page *p, struct docnode *row, const char *theirs)
{
	(void)docnode_data(p->a, docnode_cell(p->a, row), theirs);
}

void
part_cell_say(struct page *p, struct docnode *row, const char *theirs)
{
	struct docnode *cell = part_cell(p, row);

	cell->level = 2;
	(void)docnode_data(p->a, cell, theirs);
}

void
part_cell_count(struct page *p, struct docnode *row, uint64_t n)
{
	part_count(p, docnode_cell(p->a, row), n);
}

void
part_cell_time(struct page *p, struct docnode *row, int64_t us)
{
	part_time(p, docnode_cell(p->a, row), us);
}

void
part_count(struct page *p, struct docnode *at, uint64_t n)
{
	struct str s = str_new(p->a);

	figure_count(&s, n);
	(void)docnode_text(p->a, at, "%s", s.p);
}

void
part_time(struct page *p, struct docnode *at, int64_t us)
{
	struct str s = str_new(p->a);

	if (us == 0) {
		(void)docnode_text(p->a, at, "none");
		return;
	}
	date_add_time(&s, us);
	docnode_text(p->a, at, "%s", s.p)->level = 1;
}

void
part_day(struct page *p, struct docnode *at, int64_t us)
{
	struct str s = str_new(p->a);

	date_add_day(&s, us);
	docnode_text(p->a, at, "%s", s.p)->level = 1;
}

void
part_hash(struct page *p, struct docnode *at, const uint8_t hash[32])
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, hash);
	(void)docnode_code(p->a, at, arena_strdup(p->a, hex));
}

void
part_outcome(struct page *p, struct docnode *at, const struct result *r)
{
	(void)docnode_badge(p->a, at, tone_outcome(r->outcome),
	    outcome_name(r->outcome));
}

void
part_status(struct page *p, struct docnode *at, enum status st)
{
	(void)docnode_badge(p->a, at, tone_status(st), status_name(st));
}

void
part_result(struct page *p, struct docnode *at, const struct result *r)
{
	struct str s = str_new(p->a);

	finding_words(&s, r);
	(void)docnode_verdict(p->a, at, tone_outcome(r->outcome),
	    outcome_name(r->outcome), s.p);
}

const char *
part_record_id(struct page *p, const struct cite *c)
{
	return arena_printf(p->a, "%s/%" PRIu64, p->b->stream[c->stream].dir,
	    c->seq);
}

void
part_mark(struct page *p, struct docnode *at, struct mark m)
{
	const char *text;
	struct docnode *link;

	if (m.file == NULL) {
		(void)docnode_text(p->a, at, "no file");
		return;
	}
	text = m.line == 0 ? m.file : m.col == 0 ?
	    arena_printf(p->a, "%s:%" PRIu32, m.file, m.line) :
	    arena_printf(p->a, "%s:%" PRIu32 ":%" PRIu32, m.file, m.line,
	    m.col);
	link = docnode_link(p->a, at, "source", m.file, text);
	if (m.line > 0)
		link->to.anchor = arena_printf(p->a, "L%" PRIu32, m.line);
}

void
part_cite(struct page *p, struct docnode *at, const struct cite *c)
{
	const char *id;

	if (c->at.file != NULL) {
		part_mark(p, at, c->at);
		return;
	}
	id = part_record_id(p, c);
	if (build_cited(p->b, c) != NULL)
		part_link(p, at, "record", id);
	else
		(void)docnode_data(p->a, at, id);
}

/* Fails first, then what nobody can say, then passes; then id and scope. */
static int
by_outcome(const void *a, const void *b)
{
	static const int rank[] = { [OUT_FAIL] = 0, [OUT_NO_EVIDENCE] = 1,
		[OUT_PASS] = 2, [OUT_NOT_APPLICABLE] = 3 };
	const struct result *const *x = a, *const *y = b;
	int c = rank[(*x)->outcome] - rank[(*y)->outcome];

	/* Results stand in one array, by control, test and scope. */
	return c != 0 ? c : (*x > *y) - (*x < *y);
}

const struct result **
part_worst_first(struct page *p, const struct result *const *result, size_t n)
{
	const struct result **list = arena_array(p->a, n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = result[i];
	qsort(list, n, sizeof(*list), by_outcome);
	return list;
}

void
part_basis(struct page *p, struct docnode *at, const struct result *r)
{
	if (r->test != NULL)
		part_link(p, at, "test", r->test->id);
	else
		part_link(p, at, "evidence", r->item->id);
}

void
part_sentence(struct page *p, struct docnode *row, const struct result *r)
{
	struct str s = str_new(p->a);

	finding_words(&s, r);
	part_cell_say(p, row, s.p);
}

void
part_results(struct page *p, struct docnode *at, const char *id,
    const char *caption, const struct result *const *result, size_t n)
{
	const struct result **list = part_worst_first(p, result, n);
	struct docnode *t = part_table(p, at, id, caption, PART_HEAD("Test",
	    "Scope", "Outcome", "What was found", "Population", "Exceptions",
	    "Blind"));

	for (size_t i = 0; i < n; i++) {
		const struct result *r = list[i];
		struct docnode *row = docnode_row(p->a, t);
		struct docnode *cell = part_cell(p, row);

		cell->level = 1;
		part_basis(p, cell, r);
		part_scope(p, part_cell(p, row), r->scope);
		part_outcome(p, part_cell(p, row), r);
		part_sentence(p, row, r);
		part_cell_count(p, row, r->n);
		part_cell_count(p, row, r->x);
		part_cell_count(p, row, r->b);
	}
}

void
part_scope(struct page *p, struct docnode *at, const char *scope)
{
	/* A policy, a stream or the organisation is no agent: then it is
	 * printed as text. */
	part_link(p, at, "agent", scope);
}

const char *
part_n(struct page *p, uint64_t n, const char *one, const char *many)
{
	struct str s = str_new(p->a);

	figure_count(&s, n);
	str_addf(&s, " %s", n == 1 ? one : many);
	return s.p;
}

void
part_strip(struct page *p, const struct strip *strip, int current)
{
	static const char *const events[STEP_N] = { "Statement", "Control",
		"Test", "Population", "Sample", "Record", "Proof" };
	static const char *const papers[] = { "Statement", "Control",
		"Evidence", "File", "Manifest" };
	const char *const *word = strip->papers ? papers : events;
	int n = strip->papers ? PAPER_N : STEP_N;
	struct docnode *trace = docnode_new(p->a, NULL, NODE_TRACE);

	for (int i = 0; i < n; i++) {
		struct docnode *item = docnode_new(p->a, trace, NODE_ITEM);
		const char *text = strip->step[i].text;
		const struct target *to = &strip->step[i].to;

		item->level = i == current;
		(void)docnode_text(p->a, item, "%s: ", word[i]);
		if (text == NULL)
			(void)docnode_text(p->a, item, "none");
		else if (to->kind == NULL && strip->step[i].theirs)
			(void)docnode_data(p->a, item, text);
		else if (to->kind == NULL)
			(void)docnode_text(p->a, item, "%s", text);
		else if (strip->step[i].theirs)
			docnode_link(p->a, item, to->kind, to->id,
			    text)->to.anchor = to->anchor;
		else
			(void)part_words(p, item, to->kind, to->id,
			    to->anchor, "%s", text);
	}
	p->doc->strip = trace;
}

const struct doc_ref *
part_doc(const struct page *p, size_t *from, const char *agent)
{
	for (; *from < p->set->ndoc; (*from)++)
		if (agent == NULL || str_eq(p->set->doc[*from].agent, agent))
			return &p->set->doc[(*from)++];
	return NULL;
}

int
part_doc_claims(const struct doc_ref *d, const struct test *t)
{
	for (const struct section *s = d->kind->section; s->id != NULL; s++)
		for (size_t i = 0; i < sizeof(t->claim) /
		    sizeof(t->claim[0]); i++)
			if (s->claims != NULL && t->claim[i] != NULL &&
			    (str_eq(s->claims, "all") ||
			    strstr(s->claims, t->claim[i]) != NULL))
				return 1;
	return 0;
}

void
part_doc_link(struct page *p, struct docnode *at, const struct doc_ref *d)
{
	(void)docnode_link(p->a, at, "document", arena_printf(p->a, "%s/%s",
	    d->kind->id, d->name), arena_printf(p->a, "%s: %s",
	    d->kind->title, d->subject));
}

void
part_claim_docs(struct page *p, struct docnode *at, const struct result *r)
{
	int agent = ref_agent_row(p->b->ref, r->scope) != SIZE_MAX;
	size_t n = 0, more = 0;

	for (size_t i = 0; i < p->set->ndoc; i++) {
		const struct doc_ref *d = &p->set->doc[i];

		if (!part_doc_claims(d, r->test) || (agent &&
		    !str_eq(d->agent, r->scope)))
			continue;
		if (n == 3) {
			more++;
			continue;
		}
		if (n++ > 0)
			(void)docnode_text(p->a, at, ", ");
		part_doc_link(p, at, d);
	}
	if (n == 0)
		(void)docnode_text(p->a, at, "none in this pack");
	if (more > 0) {
		(void)docnode_text(p->a, at, " and ");
		(void)part_words(p, at, "test", r->test->id, "claims",
		    "%zu more", more);
	}
}

struct docnode *
part_gap_row(struct page *p, struct docnode *table, const struct gap *g)
{
	const struct control *c = g->verdict->control;
	struct docnode *row = docnode_row(p->a, table), *cell;

	cell = part_cell(p, row);
	cell->level = 1;
	part_link(p, cell, "gap", g->id);
	cell = part_cell(p, row);
	cell->level = 2;
	part_link(p, cell, "control", c->id);
	(void)docnode_text(p->a, cell, " ");
	(void)docnode_data(p->a, cell, c->title);
	part_scope(p, part_cell(p, row), g->verdict->scope);
	(void)docnode_text(p->a, part_cell(p, row), "%s",
	    severity_name(c->severity));
	return row;
}

const char *
part_req_id(struct page *p, const struct requirement *r)
{
	return arena_printf(p->a, "%s/%s", r->framework, r->id);
}
