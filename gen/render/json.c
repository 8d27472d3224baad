#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/docnode.h"
#include "render/json.h"
#include "render/text.h"

/* Lists of one kind, found by the id of their table. */
static const char *const lists[][2] = {
	{ "approvals", "approvals" }, { "changes", "changes" },
	{ "claims", "claims" }, { "gaps", "gaps" }, { "sources", "sources" }
};

static void
visible(struct str *s, const char *p, int multiline)
{
	utf8_visible(s, p, strlen(p), multiline);
}

/* The text of a node and all below it, as a reader would copy it. */
static void
plain(struct str *s, const struct docnode *n)
{
	if (n->kind == NODE_FACT) {
		const struct fact *f = n->fact;

		if (n->level != FACT_SOURCE) {
			visible(s, text_fact(f), 0);
			if (f->state != FACT_KNOWN && f->why != NULL) {
				str_addc(s, ' ');
				visible(s, f->why, 0);
			}
		}
		if (n->level == FACT_FULL)
			str_addc(s, ' ');
		if (n->level != FACT_VALUE) {
			struct str from = str_new(s->arena);

			text_source(&from, f);
			str_addf(s, "[%s ", prov_mark(f->prov));
			visible(s, from.p, 0);
			str_addc(s, ']');
		}
		return;
	}
	if (n->kind == NODE_VERDICT) {
		str_addz(s, n->text2);
		if (n->text != NULL)
			str_addz(s, ": ");
	}
	if (n->kind == NODE_ANCHOR)
		return;
	if (n->text != NULL && n->child == NULL)
		visible(s, n->text, n->kind == NODE_PRE);
	for (const struct docnode *c = n->child; c != NULL; c = c->next) {
		if (c != n->child && !text_inline(c))
			str_addc(s, ' ');
		plain(s, c);
	}
}

static void
text_of(struct jsonw *w, const struct docnode *n)
{
	struct str s = str_new(w->s->arena);

	plain(&s, n);
	jsonw_text(w, s.p, s.len);
}

static void
fact_ids(struct jsonw *w, const struct docnode *n)
{
	if (n->kind == NODE_FACT && n->level != FACT_SOURCE)
		jsonw_textz(w, n->fact->id);
	for (const struct docnode *c = n->child; c != NULL; c = c->next)
		fact_ids(w, c);
}

static int
has_fact(const struct docnode *n)
{
	if (n->kind == NODE_FACT && n->level != FACT_SOURCE)
		return 1;
	for (const struct docnode *c = n->child; c != NULL; c = c->next)
		if (has_fact(c))
			return 1;
	return 0;
}

/* Facts, where there are any, and text: of a paragraph or a cell. */
static void
facts_and_text(struct jsonw *w, const struct docnode *n)
{
	if (has_fact(n)) {
		jsonw_key(w, "facts");
		jsonw_array(w);
		fact_ids(w, n);
		jsonw_end(w, ']');
	}
	jsonw_key(w, "text");
	text_of(w, n);
}

static void
table(struct jsonw *w, const struct docnode *t)
{
	const struct docnode *r = t->child, *c;
	struct str caption = str_new(w->s->arena);

	visible(&caption, t->text, 0);
	jsonw_ktext(w, "caption", caption.p);
	jsonw_key(w, "columns");
	jsonw_array(w);
	for (c = r != NULL ? r->child : NULL; c != NULL; c = c->next)
		text_of(w, c);
	jsonw_end(w, ']');
	jsonw_ktext(w, "id", t->text2);
	jsonw_key(w, "rows");
	jsonw_array(w);
	for (r = r != NULL ? r->next : NULL; r != NULL; r = r->next) {
		jsonw_array(w);
		for (c = r->child; c != NULL; c = c->next) {
			jsonw_object(w);
			facts_and_text(w, c);
			jsonw_end(w, '}');
		}
		jsonw_end(w, ']');
	}
	jsonw_end(w, ']');
	jsonw_ktext(w, "type", "table");
}

static void blocks(struct jsonw *, const struct docnode *);

static void
block(struct jsonw *w, const struct docnode *n)
{
	jsonw_object(w);
	switch (n->kind) {
	case NODE_SECTION:
		jsonw_key(w, "blocks");
		jsonw_array(w);
		blocks(w, n->child != NULL ? n->child->next : NULL);
		jsonw_end(w, ']');
		jsonw_ktext(w, "id", n->text);
		jsonw_key(w, "title");
		if (n->child != NULL)
			text_of(w, n->child);
		else
			jsonw_textz(w, "");
		jsonw_ktext(w, "type", "section");
		break;
	case NODE_TABLE:
		table(w, n);
		break;
	case NODE_LIST:
		jsonw_key(w, "items");
		jsonw_array(w);
		for (const struct docnode *i = n->child; i; i = i->next) {
			jsonw_object(w);
			facts_and_text(w, i);
			jsonw_end(w, '}');
		}
		jsonw_end(w, ']');
		jsonw_ktext(w, "type", "list");
		break;
	case NODE_VERDICT:
		jsonw_key(w, "text");
		text_of(w, n);
		jsonw_ktext(w, "type", "verdict");
		jsonw_ktext(w, "word", n->text2);
		break;
	case NODE_HEADING:
	case NODE_PRE:
	case NODE_QUOTE:
		jsonw_key(w, "text");
		text_of(w, n);
		jsonw_ktext(w, "type", n->kind == NODE_PRE ? "pre" :
		    n->kind == NODE_QUOTE ? "quote" : "heading");
		break;
	case NODE_PARA:
	case NODE_TEXT:
	case NODE_STRONG:
	case NODE_EM:
	case NODE_CODE:
	case NODE_FACT:
	case NODE_LINK:
	case NODE_URL:
	case NODE_ITEM:
	case NODE_ROW:
	case NODE_CELL:
	case NODE_CHART:
	case NODE_BADGE:
	case NODE_TRACE:
	case NODE_ANCHOR:
		facts_and_text(w, n);
		jsonw_ktext(w, "type", "paragraph");
		break;
	}
	jsonw_end(w, '}');
}

/* A chart is its table; anchors say nothing. */
static void
blocks(struct jsonw *w, const struct docnode *n)
{
	for (; n != NULL; n = n->next)
		if (n->kind == NODE_CHART)
			blocks(w, n->child);
		else if (n->kind != NODE_ANCHOR)
			block(w, n);
}

static void
fact_source(struct jsonw *w, const struct fact *f)
{
	jsonw_object(w);
	if (f->result != NULL) {
		jsonw_ktext(w, "scope", f->result->scope);
		jsonw_ktext(w, "test", f->result->test != NULL ?
		    f->result->test->id : f->result->item->id);
	} else if (f->at.file != NULL) {
		jsonw_ktext(w, "file", f->at.file);
		if (f->at.line > 0)
			jsonw_kint(w, "line", f->at.line);
	} else if (f->formula != NULL)
		jsonw_ktext(w, "formula", f->formula);
	jsonw_end(w, '}');
}

static const char *
audience_word(enum audience a)
{
	return a == AUDIENCE_PUBLIC ? "public" : a == AUDIENCE_AUDITOR ?
	    "auditor" : "internal";
}

static void
one_fact(struct jsonw *w, const struct fact *f)
{
	static const char *const state[] = {
		"known", "not-recorded", "not-owed", "withheld"
	};
	struct str text = str_new(w->s->arena);

	visible(&text, text_fact(f), 0);
	jsonw_object(w);
	jsonw_ktext(w, "audience", audience_word(f->audience));
	jsonw_ktext(w, "id", f->id);
	jsonw_ktext(w, "mark", prov_mark(f->prov));
	if (f->state == FACT_KNOWN && f->raw.type == VALUE_INT)
		jsonw_kint(w, "raw", f->raw.i);
	else if (f->state == FACT_KNOWN && f->raw.type == VALUE_TEXT &&
	    utf8_valid(f->raw.p, f->raw.len)) {
		jsonw_key(w, "raw");
		jsonw_text(w, f->raw.p, f->raw.len);
	}
	jsonw_key(w, "source");
	fact_source(w, f);
	jsonw_ktext(w, "state", state[f->state]);
	jsonw_ktext(w, "text", text.p);
	jsonw_ktext(w, "type", f->type);
	if (f->why != NULL) {
		str_reset(&text);
		visible(&text, f->why, 0);
		jsonw_ktext(w, "why", text.p);
	}
	jsonw_end(w, '}');
}

static void
facts(struct jsonw *w, const struct docnode *n)
{
	for (; n != NULL; n = n->next) {
		if (n->kind == NODE_FACT && n->level != FACT_SOURCE)
			one_fact(w, n->fact);
		facts(w, n->child);
	}
}

static const struct docnode *
find_table(const struct docnode *n, const char *id)
{
	const struct docnode *t;

	for (; n != NULL; n = n->next) {
		if (n->kind == NODE_TABLE && str_eq(n->text2, id))
			return n;
		if ((t = find_table(n->child, id)) != NULL)
			return t;
	}
	return NULL;
}

struct cellkey {
	char *key;
	const struct docnode *cell;
};

static int
cellkey_cmp(const struct cellkey *a, const struct cellkey *b)
{
	return strcmp(a->key, b->key);
}

/* A row as an object whose keys are the words of the head, in byte order. */
static void
row_object(struct jsonw *w, const struct docnode *head,
    const struct docnode *row)
{
	struct cellkey k[16], tmp;
	const struct docnode *h = head->child;
	size_t n = 0;

	for (const struct docnode *c = row->child; c != NULL && h != NULL &&
	    n < 16; c = c->next, h = h->next) {
		struct str s = str_new(w->s->arena);
		struct str key = str_new(w->s->arena);

		plain(&s, h);
		text_key(&key, s.p);
		k[n].key = key.p;
		k[n++].cell = c;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 &&
		    cellkey_cmp(&k[j - 1], &k[j]) > 0; j--) {
			tmp = k[j];
			k[j] = k[j - 1];
			k[j - 1] = tmp;
		}
	jsonw_object(w);
	for (size_t i = 0; i < n; i++) {
		jsonw_key(w, k[i].key);
		text_of(w, k[i].cell);
	}
	jsonw_end(w, '}');
}

static void
list_of(struct jsonw *w, const struct docnode *body, size_t i)
{
	const struct docnode *t = find_table(body, lists[i][1]), *head;

	jsonw_key(w, lists[i][0]);
	jsonw_array(w);
	if (t != NULL && (head = t->child) != NULL)
		for (const struct docnode *r = head->next; r; r = r->next)
			row_object(w, head, r);
	jsonw_end(w, ']');
}

void
json_doc(struct str *s, const struct doc *d)
{
	const char *slash = d->self.id != NULL ? strchr(d->self.id, '/') : NULL;
	struct str title = str_new(s->arena);
	struct jsonw w;

	jsonw_init(&w, s);
	visible(&title, d->title, 0);
	jsonw_object(&w);
	list_of(&w, d->body, 0);
	jsonw_ktext(&w, "audience", audience_word(d->audience));
	list_of(&w, d->body, 1);
	list_of(&w, d->body, 2);
	jsonw_key(&w, "facts");
	jsonw_array(&w);
	facts(&w, d->body);
	jsonw_end(&w, ']');
	list_of(&w, d->body, 3);
	if (slash != NULL)
		jsonw_ktext(&w, "kind", arena_strndup(s->arena, d->self.id,
		    (size_t)(slash - d->self.id)));
	jsonw_ktext(&w, "language", d->lang);
	if (slash != NULL)
		jsonw_ktext(&w, "name", slash + 1);
	jsonw_ktext(&w, "schema", "exhibit-document/1");
	jsonw_key(&w, "sections");
	jsonw_array(&w);
	blocks(&w, d->body);
	jsonw_end(&w, ']');
	list_of(&w, d->body, 4);
	jsonw_ktext(&w, "title", title.p);
	jsonw_end(&w, '}');
	str_addc(s, '\n');
}
