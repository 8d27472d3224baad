/*
 * A predicate that parses prints to a text that parses to the same text, and
 * its SQL holds no parameter, quote or bracket that was not in its tree.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "eval/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct expr *
parse(struct arena *a, const char *over, const char *text)
{
	static const struct predicate ran = {
		.name = "ran", .text = "e.event_type = 'action'"
	};
	struct expr_names names = { .predicate = &ran, .npredicate = 1,
		.over = over };
	struct mark at = { "fuzz", 1, 1 };
	struct diag d;

	diag_init(&d, a);
	return expr_parse(a, &names, text, at, "fuzz", &d);
}

/* Brackets close in order, outside of texts. */
static int
balanced(const char *s)
{
	long depth = 0;
	int text = 0;

	for (; *s != '\0'; s++) {
		if (*s == '\'')
			text = !text;
		else if (!text)
			depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
		if (depth < 0)
			return 0;
	}
	return depth == 0 && !text;
}

static void
check(struct arena *a, const char *over, const char *text)
{
	struct str one = str_new(a), two = str_new(a), sql = str_new(a);
	struct expr *x = parse(a, over, text);

	if (x == NULL)
		return;
	expr_print(&one, x);
	expr_sql(&sql, x);
	x = parse(a, over, one.p);
	if (x == NULL)
		abort();
	expr_print(&two, x);
	if (strcmp(one.p, two.p) != 0 || !balanced(sql.p))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	const char *text = arena_strndup(a, (const char *)p, n);

	check(a, "event", text);
	check(a, "ref_agent", text);
	arena_free(a);
	return 0;
}
