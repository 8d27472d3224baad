#include <string.h>

#include "base/str.h"
#include "model/rows.h"

int
cite_cmp(const struct cite *a, const struct cite *b)
{
	int row = a->at.file != NULL, other = b->at.file != NULL, c;

	if (row != other)
		return row - other;
	if (row) {
		if ((c = strcmp(a->at.file, b->at.file)) != 0)
			return c;
		if (a->at.line != b->at.line)
			return a->at.line < b->at.line ? -1 : 1;
		return (a->at.col > b->at.col) - (a->at.col < b->at.col);
	}
	if (a->stream != b->stream)
		return a->stream < b->stream ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

int
value_eq(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return 0;
	switch (a->type) {
	case VALUE_NULL:
		return 1;
	case VALUE_INT:
		return a->i == b->i;
	case VALUE_TEXT:
		return str_cmp(a->p, a->len, b->p, b->len) == 0;
	}
	return 0;
}

const char *
value_text(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->p : NULL;
}
