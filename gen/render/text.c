#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crypt/hash.h"
#include "model/docnode.h"
#include "model/figure.h"
#include "render/text.h"

size_t
text_shown(const char *p, size_t len, int cell)
{
	size_t i = 0, n = 0, took;

	if (len <= LIMIT_CELL || (!cell && len <= LIMIT_TEXT))
		return len;
	while (i < len) {
		(void)utf8_next(p + i, len - i, &took);
		if (cell ? n == LIMIT_CELL : i + took > LIMIT_TEXT)
			break;
		i += took;
		n++;
	}
	return i;
}

void
text_cut(struct str *s, const char *rest, size_t len)
{
	struct hash *h = hash_new(s->arena);
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];

	hash_bytes(h, sum, rest, len);
	hash_free(h);
	hash_hex(hex, sum);
	figure_count(s, len);
	str_addf(s, " more byte%s, SHA-256 %s", len == 1 ? "" : "s", hex);
}

const char *
text_fact(const struct fact *f)
{
	switch (f->state) {
	case FACT_KNOWN:
		return f->text;
	case FACT_NOT_RECORDED:
		return "NOT RECORDED";
	case FACT_NOT_OWED:
		return "NOT OWED";
	case FACT_WITHHELD:
		return "WITHHELD";
	}
	return "NOT RECORDED";
}

int
text_fact_ours(const struct fact *f)
{
	static const char *const type[] = {
		"int", "decimal", "ratio", "time", "date", "duration"
	};

	for (size_t i = 0; i < sizeof(type) / sizeof(type[0]); i++)
		if (strcmp(f->type, type[i]) == 0)
			return 1;
	return f->state != FACT_KNOWN;
}

void
text_source(struct str *s, const struct fact *f)
{
	if (f->result != NULL && f->result->test != NULL)
		str_addz(s, f->result->test->id);
	else if (f->result != NULL && f->result->item != NULL)
		str_addz(s, f->result->item->id);
	else if (f->at.file != NULL) {
		str_addz(s, f->at.file);
		if (f->at.line > 0)
			str_addf(s, ":%u", (unsigned)f->at.line);
	} else if (f->formula != NULL)
		str_addz(s, f->formula);
}

size_t
text_rows(const struct docnode *table)
{
	size_t n = 0;

	for (const struct docnode *r = table->child; r != NULL; r = r->next)
		n += r->kind == NODE_ROW;
	return n > 0 ? n - 1 : 0;
}

int
text_inline(const struct docnode *n)
{
	switch (n->kind) {
	case NODE_TEXT:
	case NODE_STRONG:
	case NODE_EM:
	case NODE_CODE:
	case NODE_FACT:
	case NODE_LINK:
	case NODE_URL:
	case NODE_BADGE:
	case NODE_ANCHOR:
		return 1;
	case NODE_SECTION:
	case NODE_HEADING:
	case NODE_PARA:
	case NODE_LIST:
	case NODE_ITEM:
	case NODE_TABLE:
	case NODE_ROW:
	case NODE_CELL:
	case NODE_PRE:
	case NODE_QUOTE:
	case NODE_CHART:
	case NODE_VERDICT:
	case NODE_TRACE:
		return 0;
	}
	return 0;
}

void
text_key(struct str *s, const char *p)
{
	size_t from = s->len;

	for (; *p != '\0'; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			str_addc(s, c);
		else if (s->len > from && s->p[s->len - 1] != '_')
			str_addc(s, '_');
	}
	while (s->len > from && s->p[s->len - 1] == '_')
		s->p[--s->len] = '\0';
}
