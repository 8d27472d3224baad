#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS_MAX 200

/* The transparency notice: documents.md, NI1 and NI2. */

/* 1: people talk with it; 0: they do not; -1: nobody said. */
static int
serves(const struct sec *s)
{
	return (int)ref_int(sec_ref_table(s, "ref_agent"), sec_agent(s),
	    "serves_persons", -1);
}

static size_t
count_words(const char *p)
{
	size_t n = 0;

	while (*p != '\0') {
		p += strspn(p, " \t\r\n");
		n += *p != '\0';
		p += strcspn(p, " \t\r\n");
	}
	return n;
}

static const struct input *
notice_text(struct sec *s, const struct ref_table *t, size_t row)
{
	const char *file = ref_text(t, row, "text_file");
	struct mark at = ref_mark(t, row, "text_file");
	const char *slash = at.file != NULL ? strrchr(at.file, '/') : NULL;
	char *path;

	if (file == NULL)
		return NULL;
	path = slash == NULL ? sec_printf(s, "%s", file) : sec_printf(s,
	    "%.*s/%s", (int)(slash - at.file), at.file, file);
	for (size_t i = 0; i < s->b->ninput; i++)
		if (str_eq(s->b->input[i].path, path) ||
		    str_eq(s->b->input[i].path, file))
			return &s->b->input[i];
	return NULL;
}

static void
show_text(struct sec *s, const struct ref_table *t, size_t row, size_t max)
{
	const struct input *in = notice_text(s, t, row);
	struct docnode *pre;
	size_t n;

	if (in == NULL || in->text == NULL)
		return;
	n = count_words(in->text);
	if (n > max)
		diag_add(s->diag, ERR_INPUT, (struct mark){ in->path, 1, 1 },
		    "the notice has %zu words, want at most %zu", n, max);
	pre = docnode_para(s->a, s->at);
	docnode_text(s->a, pre, "What is shown, in language ");
	docnode_code(s->a, pre, ref_text(t, row, "lang"));
	docnode_text(s->a, pre, ":");
	pre = docnode_new(s->a, s->at, NODE_PRE);
	pre->text = in->text;
	pre->untrusted = 1;
}

static const struct sec_col who_cols[] = {
	{ "name", "Name", "name" }, { "purpose", "What it is for", "purpose" },
	{ "complaints", "How to reach a person", "complaints_route" },
	{ "answered", "Answered within", "complaints_sla_us" }
};

static const struct sec_col notice_cols[] = {
	{ "notice", "Notice", "notice_id" }, { "lang", "Language", "lang" },
	{ "shown", "Shown", "shown" }, { "file", "Text", "text_file" },
	{ "sha256", "SHA-256", "text_sha256" }
};

void
sec_notices(struct sec *s, const char *kind, size_t max)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent_notice");
	const char *is[] = { "agent_id", s->ref->agent, "kind", kind, NULL };

	sec_grid(s, "notices", "The notice, by language", "ref_agent_notice",
	    is, notice_cols, COUNT(notice_cols), sec_printf(s, "fill notices "
	    "of kind %s in %s", kind, sec_agent_file(s)));
	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		show_text(s, t, i, max);
}

static void
notice(struct sec *s)
{
	struct docnode *table;

	if (serves(s) == 0) {
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_not_owed(s,
		    "owed", "serves_persons is false in %s: nobody interacts "
		    "with it", sec_agent_file(s)));
		return;
	}
	sec_intro(s, "You are dealing with an artificial intelligence, not "
	    "with a person.");
	table = sec_fields(s, "fields", "Who it is, and how to reach a "
	    "person");
	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    who_cols, COUNT(who_cols), sec_agent_file(s));
	sec_field(s, table, "Operator", sec_ref(s, "operator",
	    sec_ref_table(s, "ref_organisation"), 0, "legal_name",
	    "exhibit.yaml"));
	sec_agent_list(s, table, "can", "What it can do", "intended");
	sec_agent_list(s, table, "cannot", "What it is not for",
	    "out_of_scope");
	sec_notices(s, "interaction", WORDS_MAX);
}

static void
in_fact(struct sec *s)
{
	const struct ref_table *t = sec_log_table(s, "log_notice");
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	uint64_t sessions = sec_sum(t, is, "sessions");
	struct docnode *table;

	if (serves(s) == 0) {
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_not_owed(s,
		    "owed", "no notice is owed: serves_persons is false"));
		return;
	}
	table = sec_fields(s, "fields", "Sessions with persons in the "
	    "period");
	sec_field(s, table, "Told before the first answer", sec_ratio(s,
	    "told_first", sec_sum(t, is, "told_first"), sessions,
	    "log_notice.told_first"));
	sec_field(s, table, "Told at any time", sec_ratio(s, "told",
	    sec_sum(t, is, "told"), sessions, "log_notice.told"));
}

const struct section sec_ni[] = {
	{ "notice", "NI1", "Notice", AUDIENCE_PUBLIC, NULL,
	    "owed name purpose complaints answered operator can cannot "
	    "notices[notice lang shown /file sha256]", notice,
	    "the agent's owner" },
	{ "in_fact", "NI2", "In fact", AUDIENCE_AUDITOR, "C33",
	    "owed told_first told", in_fact, "the log" },
	{ .id = NULL }
};
