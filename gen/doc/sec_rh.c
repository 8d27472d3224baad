#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The history of one run: documents.md, RH1 to RH7. */

static const struct ref_table *
events(const struct sec *s)
{
	return sec_log_table(s, "log_run_event");
}

/* The next row of the run from `from`, of a type (NULL: any) that fills a
 * column (NULL: any). */
static size_t
next(const struct sec *s, size_t from, const char *type, const char *col)
{
	const struct ref_table *t = events(s);
	const char *is[] = { "run_id", s->ref->id, type != NULL ?
	    "event_type" : NULL, type, NULL };
	size_t i = sec_find(t, from, is);

	while (i != SIZE_MAX && col != NULL &&
	    ref_value(t, i, col)->type == VALUE_NULL)
		i = sec_find(t, i + 1, is);
	return i;
}

static size_t
first(const struct sec *s, const char *type, const char *col)
{
	return next(s, 0, type, col);
}

static struct fact *
logged(struct sec *s, const char *field, const char *type, const char *col)
{
	return sec_log(s, field, events(s), first(s, type, col), col);
}

/* Where a person used the agent; else why nothing is owed. */
static struct fact *
of_person(struct sec *s, const char *field, const char *type,
    const char *col)
{
	const char *who = ref_text(events(s), first(s, "run_started",
	    "initiator_kind"), "initiator_kind");

	if (who != NULL && strcmp(who, "user") != 0)
		return sec_not_owed(s, field, "no person used the agent: the "
		    "run was started by %s", who);
	return logged(s, field, type, col);
}

static void
trigger(struct sec *s)
{
	size_t from = first(s, "run_started", "at_us");
	size_t to = first(s, "run_ended", "at_us");
	struct docnode *table;
	struct fact *f;

	sec_intro(s, sec_printf(s, "%llu runs have rows that this pack cites; "
	    "the first %d of them have a document: those that exhibit.yaml "
	    "names, those of incidents, of exceptions, of samples. The claims "
	    "above are about the agent in the whole period.",
	    (unsigned long long)s->b->runs, LIMIT_RUNS));
	table = sec_fields(s, "fields", "What started it");
	sec_field(s, table, "Agent", logged(s, "agent", NULL, "agent_id"));
	sec_field(s, table, "Started by", logged(s, "by", "run_started",
	    "initiator_kind"));
	sec_field(s, table, "Through", logged(s, "trigger", "run_started",
	    "trigger"));
	sec_field(s, table, "Role of the person", of_person(s, "role",
	    "run_started", "user_role"));
	f = of_person(s, "notice", NULL, "notice_shown");
	if (f->state == FACT_KNOWN)
		f->text = f->raw.i == 1 ? "yes" : "no";
	sec_field(s, table, "Told that it is an AI", f);
	sec_field(s, table, "Began", logged(s, "began", "run_started",
	    "at_us"));
	sec_field(s, table, "Ended", logged(s, "ended", "run_ended",
	    "at_us"));
	if (from != SIZE_MAX && to != SIZE_MAX)
		sec_field(s, table, "Took", sec_took(s, "took", PROV_DERIVED,
		    ref_int(events(s), to, "at_us", 0) -
		    ref_int(events(s), from, "at_us", 0), "ended_less_began"));
	sec_field(s, table, "Ended as", logged(s, "outcome", "run_ended",
	    "outcome"));
}

static const struct sec_col input_cols[] = {
	{ "at", "When", "at_us" },
	{ "hash", "Salted hash of what came in", "input_hash?not logged" },
	{ "class", "Data class", "data_class?none named" }
};

static const struct sec_col source_cols[] = {
	{ "at", "When", "at_us" },
	{ "resource", "Source", "resource?not named" },
	{ "hash", "Salted hash of the document", "output_hash?not logged" },
	{ "class", "Data class", "data_class?none named" },
	{ "outcome", "Outcome", "outcome?not logged" }
};

static void
input(struct sec *s)
{
	const char *in[] = { "run_id", s->ref->id, "event_type", "input",
	    NULL };
	const char *read[] = { "run_id", s->ref->id, "event_type",
	    "retrieval", NULL };

	sec_grid(s, "inputs", "What it was given", "log_run_event", in,
	    input_cols, COUNT(input_cols), "log what comes in as input events "
	    "with input_hash");
	sec_quiet_grid(s, "retrieved", "Documents that it read",
	    "log_run_event", read, source_cols, COUNT(source_cols),
	    "the run retrieved nothing");
}

/* The row, linked to its record where the pack holds one. */
static struct fact *
place(struct sec *s, const char *id, size_t row)
{
	struct cite c = { .stream = (uint32_t)ref_int(events(s), row,
	    "stream", 0), .seq = (uint64_t)ref_int(events(s), row, "seq",
	    0) };
	struct fact *f = sec_log(s, id, events(s), row, "seq");

	if (f->state == FACT_KNOWN && c.stream < s->b->nstream &&
	    build_cited(s->b, &c) != NULL)
		f->to = (struct target){ .kind = "record", .id = sec_printf(s,
		    "%s/%llu", s->b->stream[c.stream].dir,
		    (unsigned long long)c.seq) };
	return f;
}

/* The first of several columns that the row fills. */
static struct fact *
one_of(struct sec *s, const char *id, size_t row, const char *const *col,
    const char *none)
{
	for (; *col != NULL; col++)
		if (ref_value(events(s), row, *col)->type != VALUE_NULL)
			return sec_log(s, id, events(s), row, *col);
	return sec_text(s, id, PROV_MEASURED, none, "log_run_event");
}

/* "approve, allow by R3 of refund-policy 7" */
static struct fact *
answer(struct sec *s, const char *id, size_t row)
{
	const struct ref_table *t = events(s);
	const char *tier = ref_text(t, row, "tier");
	const char *verdict = ref_text(t, row, "verdict");
	const char *rule = ref_text(t, row, "policy_rule");
	struct str str = str_new(s->a);

	if (tier != NULL)
		str_addz(&str, tier);
	if (verdict != NULL)
		str_addf(&str, "%s%s", str.len > 0 ? ", " : "", verdict);
	if (rule != NULL)
		str_addf(&str, "%sby %s of %s %s", str.len > 0 ? " " : "",
		    rule, ref_text(t, row, "policy_id") != NULL ?
		    ref_text(t, row, "policy_id") : "an unnamed policy",
		    ref_text(t, row, "policy_version") != NULL ?
		    ref_text(t, row, "policy_version") : "");
	return sec_text(s, id, PROV_MEASURED, str.len > 0 ? str.p :
	    "no decision", "log_run_event.verdict");
}

static void
steps(struct sec *s)
{
	static const char *const head[] = {
		"Row", "When", "Event", "About", "Decision", "Confidence",
		"Outcome", "Error"
	};
	static const char *const about[] = { /* of a decision its action */
		"action", "tool", "resource", "model_id", "ref_kind", NULL
	};
	static const char *const sure[] = { "confidence_ppm", NULL };
	static const char *const end[] = { "outcome", "approval_decision",
	    NULL };
	static const char *const error[] = { "error_type", NULL };
	struct rows r = sec_rows(s, "steps", "Every event of the run, in its "
	    "order; a row with a link has its record and proof in this pack",
	    head, COUNT(head));

	for (size_t i = first(s, NULL, NULL); i != SIZE_MAX;
	    i = next(s, i + 1, NULL, NULL)) {
		sec_row(&r);
		sec_cell(&r, place(s, sec_item(s, "steps", r.n, "seq"), i));
		sec_cell(&r, sec_log(s, sec_item(s, "steps", r.n, "at"),
		    events(s), i, "at_us"));
		sec_cell(&r, sec_log(s, sec_item(s, "steps", r.n, "event"),
		    events(s), i, "event_type"));
		sec_cell(&r, one_of(s, sec_item(s, "steps", r.n, "about"), i,
		    about + str_eq(ref_text(events(s), i, "event_type"),
		    "tool_call"), "nothing named"));
		sec_cell(&r, answer(s, sec_item(s, "steps", r.n, "decision"),
		    i));
		sec_cell(&r, one_of(s, sec_item(s, "steps", r.n,
		    "confidence"), i, sure, "none given"));
		sec_cell(&r, one_of(s, sec_item(s, "steps", r.n, "outcome"),
		    i, end, "none logged"));
		sec_cell(&r, one_of(s, sec_item(s, "steps", r.n, "error"), i,
		    error, "none"));
	}
	sec_rows_end(&r, PROV_MEASURED, "no event of the run in this period");
}

static const struct sec_col write_cols[] = {
	{ "action", "Action", "action?none named" },
	{ "outcome", "Outcome", "outcome?not logged" },
	{ "amount", "Amount", "amount_minor?no amount" },
	{ "before", "State before, salted hash", "before_hash?not logged" },
	{ "after", "State after, salted hash", "after_hash?not logged" }
};

static void
output(struct sec *s)
{
	const char *is[] = { "run_id", s->ref->id, "event_type", "action",
	    NULL };
	struct docnode *table = sec_fields(s, "fields", "What came out");

	sec_field(s, table, "Salted hash of the final output", logged(s,
	    "hash", "run_ended", "output_hash"));
	sec_quiet_grid(s, "actions", "What it did", "log_run_event", is,
	    write_cols, COUNT(write_cols), "the run carried out no action");
}

static const struct sec_col asked_cols[] = {
	{ "action", "Action", "action?none named" },
	{ "at", "Decided at", "at_us" },
	{ "decision", "Decision", "approval_decision?not logged" },
	{ "person", "By", "approver_id?not logged" },
	{ "role", "In which role", "approver_role?not logged" },
	{ "wait", "After", "wait_us?not logged" },
	{ "view", "What was shown, salted hash", "approval_view_hash?not "
	    "logged" }
};

/* Who was asked; else the rule that asked nobody. */
static void
approval(struct sec *s)
{
	const char *is[] = { "run_id", s->ref->id, "event_type",
	    "approval_decided", NULL };
	const char *of[] = { "run_id", s->ref->id, "event_type",
	    "approval_requested", NULL };
	struct docnode *table = sec_fields(s, "fields", "What the policy "
	    "asked for");
	size_t decision = first(s, "decision", NULL);

	if (decision == SIZE_MAX)
		sec_field(s, table, "Decision of the policy", sec_quiet(s,
		    "rule", "the run asked for no decision"));
	else
		sec_field(s, table, "Decision of the policy", answer(s,
		    "rule", decision));
	if (sec_find(events(s), 0, is) != SIZE_MAX)
		sec_grid(s, "approvals", "Who decided", "log_run_event", is,
		    asked_cols, COUNT(asked_cols), "");
	else if (sec_find(events(s), 0, of) != SIZE_MAX)
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "approvals", PROV_MEASURED, "An approval was asked for, "
		    "and nobody decided in the period.",
		    "log_run_event.event_type"));
	else
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_text(s,
		    "approvals", PROV_MEASURED, "No approval was asked for.",
		    "log_run_event.event_type"));
}

static void
afterwards(struct sec *s)
{
	static const char *const type[] = {
		"review", "rollback", "complaint", "incident", "erasure",
		"approval_expired", "approval_escalated"
	};
	static const char *const head[] = {
		"Row", "When", "What", "Refers to it as", "Outcome"
	};
	struct rows r = sec_rows(s, "events", "What came after", head,
	    COUNT(head));
	static const char *const kind[] = { "ref_kind", NULL };
	static const char *const end[] = { "outcome", NULL };

	for (size_t i = first(s, NULL, NULL); i != SIZE_MAX;
	    i = next(s, i + 1, NULL, NULL)) {
		const char *is = ref_text(events(s), i, "event_type");
		size_t k = 0;

		while (k < COUNT(type) && !str_eq(is, type[k]))
			k++;
		if (k == COUNT(type))
			continue;
		sec_row(&r);
		sec_cell(&r, place(s, sec_item(s, "events", r.n, "seq"), i));
		sec_cell(&r, sec_log(s, sec_item(s, "events", r.n, "at"),
		    events(s), i, "at_us"));
		sec_cell(&r, sec_log(s, sec_item(s, "events", r.n, "event"),
		    events(s), i, "event_type"));
		sec_cell(&r, one_of(s, sec_item(s, "events", r.n, "as"), i,
		    kind, "none given"));
		sec_cell(&r, one_of(s, sec_item(s, "events", r.n, "outcome"),
		    i, end, "none logged"));
	}
	sec_rows_quiet(&r, "no review, rollback, complaint or incident of the "
	    "run was logged");
}

static void
force(struct sec *s)
{
	static const struct {
		const char *field, *label, *col;
	} is[] = {
		{ "version", "Version of the agent", "agent_version" },
		{ "model", "Model", "model_id" },
		{ "model_version", "Version of the model", "model_version" },
		{ "params", "Hash of its parameters", "params_hash" },
		{ "prompt", "Prompt", "prompt_id" },
		{ "prompt_version", "Version of the prompt",
		    "prompt_version" },
		{ "policy", "Policy", "policy_id" },
		{ "policy_version", "Version of the policy, as logged",
		    "policy_version" }
	};
	struct docnode *table = sec_fields(s, "fields", "In force when it "
	    "ran, as its rows say");

	for (size_t i = 0; i < COUNT(is); i++)
		sec_field(s, table, is[i].label, first(s, NULL, is[i].col) ==
		    SIZE_MAX ? sec_quiet(s, is[i].field, strncmp(is[i].col,
		    "policy", 6) == 0 ? "the run asked for no decision" :
		    "the run called no model") : logged(s, is[i].field, NULL,
		    is[i].col));
}

const struct section sec_rh[] = {
	{ "trigger", "RH1", "Trigger", AUDIENCE_AUDITOR, "C33",
	    "agent by trigger role notice began ended took outcome", trigger,
	    "the log" },
	{ "input", "RH2", "Input", AUDIENCE_AUDITOR, "C34",
	    "inputs[at hash class] retrieved[at resource hash class outcome]",
	    input, "the log" },
	{ "steps", "RH3", "Steps", AUDIENCE_AUDITOR, "C02 C27",
	    "steps[seq at event about decision confidence outcome error]",
	    steps, "the log" },
	{ "output", "RH4", "Output", AUDIENCE_AUDITOR, "C45",
	    "hash actions[action outcome amount before after]", output,
	    "the log" },
	{ "asked", "RH5", "Approval", AUDIENCE_AUDITOR,
	    "C05 C06 C07 C08 C28", "rule approvals[action at decision person "
	    "role wait view]", approval, "the log" },
	{ "afterwards", "RH6", "Afterwards", AUDIENCE_AUDITOR, "C42",
	    "events[seq at event as outcome]", afterwards, "the log" },
	{ "force", "RH7", "In force", AUDIENCE_AUDITOR, "C12 C14",
	    "version model model_version params prompt prompt_version policy "
	    "policy_version", force, "the log" },
	{ .id = NULL }
};
