#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "doc/fill.h"

/* The row that a list is at: names below it get its number. */
struct scope {
	const struct scope *up;
	const char *list; /* used_by.agents */
	size_t i;
};

struct filler {
	struct arena *a;
	const struct facts *facts;
};

static void nodes(const struct filler *, struct docnode *,
    const struct template_node *, const struct scope *);

/* used_by.agents.calls in the third row: used_by.agents.3.calls. */
static const char *
fact_id(const struct filler *f, const char *name, const struct scope *sc)
{
	for (; sc != NULL; sc = sc->up) {
		size_t n = strlen(sc->list);

		if (strncmp(name, sc->list, n) == 0 && name[n] == '.')
			return arena_printf(f->a, "%s.%zu%s", sc->list, sc->i,
			    name + n);
	}
	return name;
}

static const struct fact *
find_fact(const struct filler *f, const char *name, const struct scope *sc)
{
	return map_getz(f->facts->by_id, fact_id(f, name, sc));
}

/* A field that its section did not make is not recorded, as ever. */
static void
no_fact(const struct filler *f, struct docnode *to, const char *id)
{
	struct fact *fact = arena_alloc(f->a, sizeof(*fact));

	fact->id = id;
	fact->type = "text";
	fact->text = "";
	fact->state = FACT_NOT_RECORDED;
	fact->formula = "template";
	docnode_fact(f->a, to, fact);
}

static void
value(const struct filler *f, struct docnode *to,
    const struct template_node *n, const struct scope *sc)
{
	const struct docnode *found;
	const struct fact *fact;
	const struct list *list;

	switch (n->name->type) {
	case TEMPLATE_SECTION:
		if ((found = map_getz(f->facts->section, n->text)) != NULL)
			(void)docnode_again(f->a, to, found);
		return;
	case TEMPLATE_LIST:
		list = map_getz(f->facts->list, n->text);
		if (list != NULL && list->table != NULL)
			(void)docnode_again(f->a, to, list->table);
		else
			no_fact(f, docnode_para(f->a, to), n->text);
		return;
	case TEMPLATE_TEXT:
		if ((found = map_getz(f->facts->text, n->text)) != NULL)
			for (found = found->child; found; found = found->next)
				(void)docnode_again(f->a, to, found);
		else
			no_fact(f, docnode_para(f->a, to), n->text);
		return;
	case TEMPLATE_INLINE:
	case TEMPLATE_PATH:
	case TEMPLATE_FLAG:
		fact = find_fact(f, n->text, sc);
		if (fact != NULL)
			docnode_fact(f->a, to, fact);
		else
			no_fact(f, to, fact_id(f, n->text, sc));
		return;
	}
}

static size_t
times(const struct filler *f, const struct template_node *n,
    const struct scope *sc)
{
	const struct list *l;
	const struct fact *fact;

	if (n->name->type == TEMPLATE_SECTION)
		return 1;
	if (n->name->type == TEMPLATE_LIST) {
		l = map_getz(f->facts->list, n->text);
		return l != NULL ? l->n : 0;
	}
	fact = find_fact(f, n->text, sc);
	return fact != NULL && fact->state == FACT_KNOWN && fact->raw.i != 0;
}

static void
each(const struct filler *f, struct docnode *to,
    const struct template_node *n, const struct scope *up)
{
	size_t all = times(f, n, up);

	for (size_t i = 1; i <= all; i++) {
		struct scope sc = { up, n->text, i };

		nodes(f, to, n->child, n->name->type == TEMPLATE_LIST ? &sc :
		    up);
	}
}

static void
link_node(const struct filler *f, struct docnode *to,
    const struct template_node *n, const struct scope *sc)
{
	const struct fact *fact = find_fact(f, n->text, sc);
	struct docnode *l = docnode_new(f->a, to, NODE_LINK);

	if (fact != NULL && fact->state == FACT_KNOWN)
		l->to = (struct target){ .kind = "source", .id = fact->text };
	nodes(f, l, n->child, sc);
}

static void
one(const struct filler *f, struct docnode *to, const struct template_node *n,
    const struct scope *sc)
{
	struct docnode *d;

	switch (n->op) {
	case TEMPLATE_WORDS:
		docnode_text(f->a, to, "%s", n->text);
		return;
	case TEMPLATE_VALUE:
		value(f, to, n, sc);
		return;
	case TEMPLATE_EACH:
		each(f, to, n, sc);
		return;
	case TEMPLATE_UNLESS:
		if (times(f, n, sc) == 0)
			nodes(f, to, n->child, sc);
		return;
	case TEMPLATE_ELEMENT:
		if (n->node == NODE_LINK) {
			link_node(f, to, n, sc);
			return;
		}
		d = docnode_new(f->a, to, n->node);
		d->level = n->level;
		d->text = n->text;
		nodes(f, d, n->child, sc);
		return;
	}
}

static void
nodes(const struct filler *f, struct docnode *to,
    const struct template_node *n, const struct scope *sc)
{
	for (; n != NULL; n = n->next)
		one(f, to, n, sc);
}

void
fill_template(struct arena *a, struct docnode *parent,
    const struct template *t, const struct facts *facts)
{
	struct filler f = { a, facts };

	nodes(&f, parent, t->body, NULL);
}
