#include <stdlib.h>
#include <string.h>

#include "model/event.h"

#define TEXT VALUE_TEXT
#define INT VALUE_INT

const struct event_column event_column[EVENT_NCOL] = {
#define EVENT(constant, column, type, required, says) \
	[EVENT_##constant] = { #column, type, required, says },
#include "model/event.def"
#undef EVENT
};

#undef TEXT
#undef INT

static int
column_cmp(const void *key, const void *row)
{
	return strcmp(key, ((const struct event_column *)row)->name);
}

int
event_col(const char *name)
{
	const struct event_column *c = bsearch(name, event_column, EVENT_NCOL,
	    sizeof(event_column[0]), column_cmp);

	return c == NULL ? -1 : (int)(c - event_column);
}

const struct event_content event_content[EVENT_NCONTENT] = {
	{ EVENT_INPUT_HASH, 1 }, { EVENT_OUTPUT_HASH, 1 },
	{ EVENT_RATIONALE_HASH, 1 }, { EVENT_BEFORE_HASH, 0 },
	{ EVENT_AFTER_HASH, 0 }, { EVENT_APPROVAL_VIEW_HASH, 0 },
	{ EVENT_ARGS_HASH, 0 }, { EVENT_APPROVED_ARGS_HASH, 0 },
};

/* In byte order. */
const char *const event_type[] = { "access", "action", "approval_decided",
	"approval_escalated", "approval_expired", "approval_requested", "change",
	"complaint", "decision", "deployment", "disclosure", "drill", "erasure",
	"evaluation", "gap_declared", "guardrail", "halt", "import", "incident",
	"input", "message", "model_call", "retrieval", "review", "rollback",
	"run_ended", "run_started", "tool_call" };
const size_t event_ntype = sizeof(event_type) / sizeof(event_type[0]);

static int
word_cmp(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

int
event_type_known(const char *word)
{
	return bsearch(word, event_type, event_ntype, sizeof(event_type[0]),
	    word_cmp) != NULL;
}

static const char *const grades[] = { "broken", "none", "mac", "chained",
	"signed" };

const char *
grade_name(enum grade g)
{
	return grades[g];
}

int
grade_parse(const char *word)
{
	for (int i = 0; i < (int)(sizeof(grades) / sizeof(grades[0])); i++)
		if (strcmp(word, grades[i]) == 0)
			return i;
	return -1;
}
