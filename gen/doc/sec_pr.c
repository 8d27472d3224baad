#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The record of a prompt: documents.md, PR1 to PR3. */

static const char *
folder(const struct sec *s)
{
	return sec_printf(s, "registry/prompts/%s/", s->ref->prompt);
}

static const struct sec_col version_cols[] = {
	{ "version", "Version", "prompt_version" },
	{ "hash", "SHA-256 of the text", "prompt_hash" },
	{ "from", "In force from", "from_us" },
	{ "to", "Until", "to_us?still" },
	{ "deployed_by", "Put in force by", "deployed_by" },
	{ "reason", "Why", "reason" }, { "author", "Author", "author" },
	{ "approved_by", "Approved by", "approved_by" },
	{ "approved", "Approved at", "approved_us" }
};

static void
versions(struct sec *s)
{
	const char *is[] = { "prompt_id", s->ref->prompt, NULL };
	const struct ref_table *t = sec_ref_table(s, "ref_prompt");
	struct docnode *table = sec_fields(s, "fields", "The prompt");
	size_t row = SIZE_MAX;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		row = i; /* the newest that is declared */
	sec_field(s, table, "Purpose", sec_ref(s, "purpose", t, row,
	    "purpose", folder(s)));
	sec_field(s, table, "Owner", sec_ref(s, "owner", t, row, "owner",
	    folder(s)));
	sec_field(s, table, "Language", sec_ref(s, "language", t, row,
	    "language", folder(s)));
	sec_grid(s, "versions", "Versions", "ref_prompt", is, version_cols,
	    COUNT(version_cols), sec_printf(s, "declare it in %s",
	    folder(s)));
}

/* The version that was in force before this row's. */
static size_t
before(const struct ref_table *t, size_t row)
{
	int64_t from = ref_int(t, row, "from_us", INT64_MIN), best = INT64_MIN;
	const char *id = ref_text(t, row, "prompt_id");
	size_t found = SIZE_MAX;

	for (size_t i = ref_next(t, 0, "prompt_id", id); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "prompt_id", id)) {
		int64_t at = ref_int(t, i, "from_us", INT64_MAX);

		if (at < from && at >= best) {
			best = at;
			found = i;
		}
	}
	return found;
}

static struct fact *
change(struct sec *s, const char *field, const struct ref_table *t,
    size_t row, const char *col)
{
	size_t old = before(t, row);
	int64_t is = ref_int(t, row, col, -1), was = ref_int(t, old, col, -1);
	struct str str = str_new(s->a);

	if (old == SIZE_MAX)
		return sec_text(s, field, PROV_DERIVED, "first version that "
		    "is declared", "difference");
	if (is < 0 || was < 0)
		return sec_missing(s, field, PROV_DERIVED, sec_printf(s,
		    "fill %.*s of both versions", (int)(strlen(col) - 4),
		    col));
	if (is > was)
		str_addc(&str, '+');
	figure_micro(&str, is - was);
	return sec_text(s, field, PROV_DERIVED, str.p, "difference");
}

static void
results(struct sec *s)
{
	static const char *const head[] = {
		"Version", "Suite", "Score", "Cases", "Change",
		"Tasks done", "of", "Change of tasks done"
	};
	static const char *const col[] = {
		"prompt_version", "eval_suite", "eval_score_ppm", "eval_n",
		NULL, "task_success_ppm", "task_success_n", NULL
	};
	static const char *const field[] = {
		"version", "suite", "score", "n", "change", "success", "of",
		"success_change"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_prompt");
	struct rows r = sec_rows(s, "results", "Results by version", head,
	    COUNT(head));

	for (size_t i = ref_next(t, 0, "prompt_id", s->ref->prompt); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "prompt_id", s->ref->prompt)) {
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, col[c] != NULL ? sec_ref(s, sec_item(s,
			    "results", r.n, field[c]), t, i, col[c], NULL) :
			    change(s, sec_item(s, "results", r.n, field[c]), t,
			    i, c == 4 ? "eval_score_ppm" :
			    "task_success_ppm"));
	}
	sec_rows_end(&r, PROV_DECLARED, sec_printf(s, "declare it in %s",
	    folder(s)));
}

static struct fact *
registered(struct sec *s, const char *field, const struct ref_table *log,
    size_t i)
{
	const struct ref_table *t = sec_ref_table(s, "ref_prompt");
	const char *hash = ref_text(log, i, "prompt_hash");
	const char *is[] = { "prompt_id", s->ref->prompt, "prompt_hash",
	    hash != NULL ? hash : "", NULL };

	return sec_text(s, field, PROV_DERIVED, hash == NULL ?
	    "the log gives no hash" : sec_find(t, 0, is) != SIZE_MAX ?
	    "yes" : "no: these bytes are in no version", "registered");
}

/* Where a rollback of the agents that use it would lead. */
static void
targets(struct sec *s)
{
	static const char *const head[] = {
		"Agent", "Version in production", "Rolls back to",
		"with the prompt's version"
	};
	const struct ref_table *t = sec_ref_table(s, "ref_version_prompt");
	const struct ref_table *v = sec_ref_table(s, "ref_agent_version");
	struct rows r = sec_rows(s, "targets", "Where a rollback leads", head,
	    COUNT(head));

	for (size_t i = ref_next(t, 0, "prompt_id", s->ref->prompt); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "prompt_id", s->ref->prompt)) {
		const char *agent = ref_text(t, i, "agent_id");
		const char *is[] = { "agent_id", agent, "agent_version",
		    ref_text(t, i, "agent_version"), NULL };
		size_t row = sec_find(v, 0, is);
		const char *old[] = { "agent_id", agent, "agent_version",
		    ref_text(v, row, "previous"), "prompt_id", s->ref->prompt,
		    NULL };

		if (!sec_in_prod(s, agent, is[3]))
			continue;
		sec_row(&r);
		sec_cell(&r, sec_ref(s, sec_item(s, "targets", r.n, "agent"),
		    t, i, "agent_id", NULL));
		sec_cell(&r, sec_ref(s, sec_item(s, "targets", r.n,
		    "version"), t, i, "agent_version", NULL));
		sec_cell(&r, old[3] != NULL ? sec_ref(s, sec_item(s,
		    "targets", r.n, "to"), v, row, "previous", NULL) :
		    sec_not_owed(s, sec_item(s, "targets", r.n, "to"),
		    "it names no previous version"));
		sec_cell(&r, old[3] == NULL ? sec_not_owed(s, sec_item(s,
		    "targets", r.n, "prompt"), "it names no previous version") :
		    sec_ref(s, sec_item(s, "targets", r.n, "prompt"), t,
		    sec_find(t, 0, old), "prompt_version",
		    "the versions of the agent"));
	}
	sec_rows_end(&r, PROV_DECLARED, "no version in production uses it; "
	    "name it under prompts of a version if one does");
}

static void
in_use(struct sec *s)
{
	static const char *const head[] = {
		"Agent", "Agent version", "Prompt version", "Hash in the log",
		"Calls", "First", "Last", "Registered?"
	};
	static const char *const col[] = {
		"agent_id", "agent_version", "prompt_version", "prompt_hash",
		"calls", "first_us", "last_us"
	};
	static const char *const field[] = {
		"agent", "agent_version", "version", "hash", "calls", "first",
		"last"
	};
	const struct ref_table *t = sec_log_table(s, "log_prompt");
	struct rows r = sec_rows(s, "calls", "Calls of models with it", head,
	    COUNT(head));

	for (size_t i = ref_next(t, 0, "prompt_id", s->ref->prompt); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, "prompt_id", s->ref->prompt)) {
		sec_row(&r);
		for (size_t c = 0; c < COUNT(col); c++)
			sec_cell(&r, sec_log(s, sec_item(s, "calls", r.n,
			    field[c]), t, i, col[c]));
		sec_cell(&r, registered(s, sec_item(s, "calls", r.n,
		    "registered"), t, i));
	}
	sec_rows_end(&r, PROV_MEASURED, "no call names this prompt in this "
	    "period");
	targets(s);
}

const struct section sec_pr[] = {
	{ "versions", "PR1", "Versions", AUDIENCE_INTERNAL, "C12 C13",
	    "purpose owner language versions[version hash from to "
	    "deployed_by reason author approved_by approved]", versions,
	    "the prompt's owner" },
	{ "results", "PR2", "Results", AUDIENCE_INTERNAL, "C10 C30",
	    "results[version suite score n change success of "
	    "success_change]", results, "who runs the evaluations" },
	{ "in_use", "PR3", "In use", AUDIENCE_INTERNAL, "C12",
	    "calls[agent agent_version version hash calls first last "
	    "registered] targets[agent version to prompt]", in_use,
	    "the log" },
	{ .id = NULL }
};
