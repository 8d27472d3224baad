#include <stdarg.h>

#include "base/arena.h"
#include "model/docnode.h"

const char *
prov_name(enum prov p)
{
	static const char *const name[] = {
		"declared", "measured", "derived", "narrative"
	};

	return name[p];
}

const char *
prov_mark(enum prov p)
{
	static const char *const mark[] = { "D", "M", "P", "N" };

	return mark[p];
}

enum tone
tone_outcome(enum outcome o)
{
	static const enum tone tone[] = {
		[OUT_NOT_APPLICABLE] = TONE_NEUTRAL,
		[OUT_FAIL] = TONE_BAD,
		[OUT_NO_EVIDENCE] = TONE_EMPTY,
		[OUT_PASS] = TONE_GOOD
	};

	return tone[o];
}

enum tone
tone_status(enum status st)
{
	static const enum tone tone[] = {
		[ST_NOT_APPLICABLE] = TONE_NEUTRAL,
		[ST_GAP] = TONE_BAD,
		[ST_PARTIAL] = TONE_PART,
		[ST_SATISFIED] = TONE_GOOD,
		[ST_NOT_ESTABLISHED] = TONE_EMPTY,
		[ST_NOT_ASSESSED] = TONE_NEUTRAL
	};

	return tone[st];
}

struct docnode *
docnode_new(struct arena *a, struct docnode *parent, enum node_kind kind)
{
	struct docnode *n = arena_alloc(a, sizeof(*n));

	n->kind = kind;
	if (parent != NULL)
		docnode_add(parent, n);
	return n;
}

void
docnode_add(struct docnode *parent, struct docnode *n)
{
	if (parent->last != NULL)
		parent->last->next = n;
	else
		parent->child = n;
	parent->last = n;
}

struct docnode *
docnode_again(struct arena *a, struct docnode *parent,
    const struct docnode *n)
{
	struct docnode *copy = docnode_new(a, parent, n->kind);

	*copy = *n;
	copy->next = NULL;
	return copy;
}

static struct docnode *
with_text(struct arena *a, struct docnode *parent, enum node_kind kind,
    const char *text, int untrusted)
{
	struct docnode *n = docnode_new(a, parent, kind);

	n->text = text;
	n->untrusted = untrusted;
	return n;
}

struct docnode *
docnode_section(struct arena *a, struct docnode *parent, const char *id,
    const char *title)
{
	struct docnode *n = with_text(a, parent, NODE_SECTION, id, 0);

	with_text(a, docnode_new(a, n, NODE_HEADING), NODE_TEXT, title, 0);
	return n;
}

struct docnode *
docnode_para(struct arena *a, struct docnode *parent)
{
	return docnode_new(a, parent, NODE_PARA);
}

struct docnode *
docnode_text(struct arena *a, struct docnode *parent, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return with_text(a, parent, NODE_TEXT, p, 0);
}

static struct docnode *
not_recorded(struct arena *a, struct docnode *parent)
{
	return docnode_badge(a, parent, TONE_EMPTY, "NOT RECORDED");
}

struct docnode *
docnode_data(struct arena *a, struct docnode *parent, const char *theirs)
{
	if (theirs == NULL)
		return not_recorded(a, parent);
	return with_text(a, parent, NODE_TEXT, theirs, 1);
}

struct docnode *
docnode_code(struct arena *a, struct docnode *parent, const char *theirs)
{
	if (theirs == NULL)
		return not_recorded(a, parent);
	return with_text(a, parent, NODE_CODE, theirs, 1);
}

struct docnode *
docnode_fact(struct arena *a, struct docnode *parent, const struct fact *f)
{
	struct docnode *n = docnode_new(a, parent, NODE_FACT);

	n->fact = f;
	return n;
}

struct docnode *
docnode_source(struct arena *a, struct docnode *parent, const struct fact *f)
{
	struct docnode *n = docnode_fact(a, parent, f);

	n->level = FACT_SOURCE;
	return n;
}

struct docnode *
docnode_link(struct arena *a, struct docnode *parent, const char *kind,
    const char *id, const char *text)
{
	struct docnode *n = with_text(a, parent, NODE_LINK, text, 1);

	n->to.kind = kind;
	n->to.id = id;
	return n;
}

struct docnode *
docnode_table(struct arena *a, struct docnode *parent, const char *id,
    const char *caption, const char *const *head, size_t n)
{
	struct docnode *t = with_text(a, parent, NODE_TABLE, caption, 0);
	struct docnode *row = docnode_row(a, t);

	t->text2 = id;
	for (size_t i = 0; i < n; i++)
		with_text(a, docnode_cell(a, row), NODE_TEXT, head[i], 0);
	return t;
}

struct docnode *
docnode_row(struct arena *a, struct docnode *table)
{
	return docnode_new(a, table, NODE_ROW);
}

struct docnode *
docnode_cell(struct arena *a, struct docnode *row)
{
	return docnode_new(a, row, NODE_CELL);
}

struct docnode *
docnode_badge(struct arena *a, struct docnode *parent, enum tone tone,
    const char *word)
{
	struct docnode *n = with_text(a, parent, NODE_BADGE, word, 0);

	n->tone = tone;
	return n;
}

struct docnode *
docnode_verdict(struct arena *a, struct docnode *parent, enum tone tone,
    const char *word, const char *sentence)
{
	struct docnode *n = with_text(a, parent, NODE_VERDICT, sentence, 1);

	n->tone = tone;
	n->text2 = word;
	return n;
}
