#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "doc/part.h"
#include "model/figure.h"
#include "model/log.h"
#include "model/ref.h"

static void
intact_badge(struct page *p, struct docnode *at, const struct stream *s)
{
	if (s->intact)
		(void)docnode_badge(p->a, at, TONE_GOOD, "intact");
	else
		(void)docnode_badge(p->a, at, TONE_BROKEN,
		    arena_printf(p->a, "broken at seq %" PRIu64, s->bad_seq));
}

static void
signed_badge(struct page *p, struct docnode *at, const struct stream *s)
{
	if (s->log_signed)
		(void)docnode_badge(p->a, at, TONE_GOOD, "log signed");
	else
		(void)docnode_badge(p->a, at, TONE_EMPTY, "log not signed");
}

static void
undeclared_table(struct page *p, struct docnode *at)
{
	const struct ref_table *u = ref_table(p->b->log, "log_undeclared");
	struct docnode *t;

	if (u == NULL || u->nrow == 0) {
		(void)part_para(p, at, "Everything that the log shows is "
		    "declared in the registry.");
		return;
	}
	t = part_table(p, at, "undeclared", "Seen, and not declared",
	    PART_HEAD("Kind", "Name in the log", "Agent", "Rows", "First",
	    "Last"));
	for (size_t i = 0; i < u->nrow; i++) {
		struct docnode *row = docnode_row(p->a, t);

		part_cell_data(p, row, ref_text(u, i, "kind"));
		if (part_is(ref_text(u, i, "kind"), "agent"))
			part_scope(p, part_cell(p, row), ref_text(u, i, "id"));
		else
			part_cell_data(p, row, ref_text(u, i, "id"));
		part_scope(p, part_cell(p, row), ref_text(u, i, "agent_id"));
		part_cell_count(p, row, (uint64_t)ref_int(u, i, "events", 0));
		part_cell_time(p, row, ref_int(u, i, "first_us", 0));
		part_cell_time(p, row, ref_int(u, i, "last_us", 0));
	}
}

static void
outage_table(struct page *p, struct docnode *at)
{
	const struct ref_table *g = ref_table(p->b->log, "log_gap_declared");
	struct docnode *t;

	if (g == NULL || g->nrow == 0) {
		(void)part_para(p, at, "No outage of the log was declared. "
		    "That does not show that there was none.");
		return;
	}
	t = part_table(p, at, "outages", "Outages of the log that were "
	    "declared", PART_HEAD("Record", "When", "Agent", "How long",
	    "Why"));
	for (size_t i = 0; i < g->nrow; i++) {
		struct docnode *row = docnode_row(p->a, t);
		struct str s = str_new(p->a);
		struct cite cite;

		if (part_measured_cite(p->b, g, i, &cite))
			part_cite(p, part_cell(p, row), &cite);
		else
			part_cell_data(p, row, NULL);
		part_cell_time(p, row, ref_int(g, i, "at_us", 0));
		part_scope(p, part_cell(p, row), ref_text(g, i, "agent_id"));
		date_add_duration(&s, ref_int(g, i, "duration_us", 0));
		(void)docnode_text(p->a, part_cell(p, row), "%s", s.p);
		part_cell_data(p, row, ref_text(g, i, "reason"));
	}
}

/* Is the population whole: everything that an auditor asks first. */
void
page_logs(struct page *p, const char *id)
{
	struct docnode *t, *at;

	(void)id;
	part_title(p, "The log");
	(void)part_para(p, p->at, "Whether the log is whole comes first: a "
	    "test over rows that are missing proves nothing.");
	t = part_table(p, p->at, "streams", "Streams",
	    PART_HEAD("Stream", "State", "Signed", "Events in range",
	    "In the period", "Before", "After", "Waiting", "Weakest grade"));
	for (size_t i = 0; i < p->b->nstream; i++) {
		const struct stream *s = &p->b->stream[i];
		struct docnode *row = docnode_row(p->a, t), *cell;

		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_link(p->a, cell, "log", s->dir, s->name);
		intact_badge(p, part_cell(p, row), s);
		signed_badge(p, part_cell(p, row), s);
		part_cell_count(p, row, s->size - s->previous_size);
		part_cell_count(p, row, s->in_period);
		part_cell_count(p, row, s->before);
		part_cell_count(p, row, s->after);
		part_cell_count(p, row, s->waiting);
		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    grade_name(s->weakest));
	}
	at = part_section(p, "undeclared-agents", "Seen, and not declared");
	undeclared_table(p, at);
	at = part_section(p, "outages-declared", "Declared outages");
	outage_table(p, at);
}

static void
weeks(struct page *p, const struct stream *s)
{
	const struct ref_table *w = ref_table(p->b->log, "log_week");
	struct docnode *at = part_section(p, "weeks", "By week");
	struct docnode *t = NULL;

	for (size_t i = 0; w != NULL && i < w->nrow; i++) {
		struct docnode *row;
		struct str day = str_new(p->a);

		if (!part_is(ref_text(w, i, "stream"), s->name))
			continue;
		if (t == NULL)
			t = part_table(p, at, "weeks-table",
			    "Rows of the period by week", PART_HEAD(
			    "Week from", "Events", "Runs", "Actions that "
			    "ran"));
		row = docnode_row(p->a, t);
		date_add_day(&day, ref_int(w, i, "week_us", 0));
		(void)docnode_text(p->a, part_cell(p, row), "%s", day.p);
		part_cell_count(p, row, (uint64_t)ref_int(w, i, "events", 0));
		part_cell_count(p, row, (uint64_t)ref_int(w, i, "runs", 0));
		part_cell_count(p, row, (uint64_t)ref_int(w, i, "actions_ran",
		    0));
	}
	if (t == NULL)
		(void)part_para(p, at, "No row in this period.");
}

static const struct stream *
find_stream(const struct page *p, const char *dir, size_t len)
{
	for (size_t i = 0; i < p->b->nstream; i++)
		if (strlen(p->b->stream[i].dir) == len &&
		    memcmp(p->b->stream[i].dir, dir, len) == 0)
			return &p->b->stream[i];
	return NULL;
}

void
page_log(struct page *p, const char *id)
{
	const struct stream *s = find_stream(p, id, strlen(id));
	struct docnode *t, *at, *pre;

	if (s == NULL)
		return;
	part_title(p, arena_printf(p->a, "Log %s", s->name));
	part_crumb(p, "The log", "folder", "log");
	t = part_fields(p, p->at, "range", "What this pack covers");
	intact_badge(p, part_field(p, t, "Chain"), s);
	if (!s->intact)
		part_field_data(p, t, "What is wrong", s->bad);
	part_field_data(p, t, "Origin", s->origin);
	(void)docnode_text(p->a, part_field(p, t, "Range of seq"),
	    "from %" PRIu64 " up to, not including, %" PRIu64,
	    s->previous_size, s->size);
	(void)docnode_text(p->a, part_field(p, t, "Reading began at"),
	    "seq %" PRIu64 "%s", s->read_from, s->read_from == 0 ?
	    ": every row was read and hashed" :
	    ": rows below stand by roots that were signed before");
	part_hash(p, part_field(p, t, "Root of the tree"), s->root);
	signed_badge(p, part_field(p, t, "Checkpoint"), s);
	part_count(p, part_field(p, t, "Rows in the period"), s->in_period);
	part_count(p, part_field(p, t, "Rows before it"), s->before);
	part_count(p, part_field(p, t, "Rows after it"), s->after);
	part_count(p, part_field(p, t, "Rows of the period in earlier packs"),
	    s->earlier_in_period);
	part_count(p, part_field(p, t, "Rows that wait for the next pack"),
	    s->waiting);
	t = part_table(p, p->at, "grades", "Rows by source grade",
	    PART_HEAD("Grade", "Rows"));
	for (int g = GRADE_SIGNED; g >= GRADE_BROKEN; g--) {
		struct docnode *row = docnode_row(p->a, t);

		(void)docnode_text(p->a, part_cell(p, row), "%s",
		    grade_name((enum grade)g));
		part_cell_count(p, row, s->grade[g]);
	}
	weeks(p, s);
	at = part_section(p, "checkpoint", "The checkpoint");
	(void)part_para(p, at, "Each record of this pack is proved to be "
	    "under this root. Compare the origin, size and root with a "
	    "checkpoint that you received outside of this pack.");
	if (!s->log_signed) {
		(void)part_para(p, at, "The log is not signed: nobody outside "
		    "can tell whether it is what it was yesterday.");
		return;
	}
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = s->note;
	pre->untrusted = 1;
}

/* The eight questions of an audit trail, and the columns that answer them. */
static const struct heading {
	const char *id, *title;
	enum event_col col[20]; /* ended by EVENT_NCOL */
} heading[] = {
	{ "started", "Who started it", { EVENT_INITIATOR_ID,
	    EVENT_INITIATOR_KIND, EVENT_TRIGGER, EVENT_USER_ID,
	    EVENT_USER_ROLE, EVENT_TENANT_ID, EVENT_SESSION_ID, EVENT_RUN_ID,
	    EVENT_PARENT_ACTION_ID, EVENT_DELEGATION_DEPTH, EVENT_NOTICE_SHOWN,
	    EVENT_NCOL } },
	{ "received", "What the agent received", { EVENT_INPUT_HASH,
	    EVENT_RESOURCE, EVENT_DATA_CLASS, EVENT_SUBJECT, EVENT_NCOL } },
	{ "decided", "What it decided", { EVENT_ACTION, EVENT_ACTION_ID,
	    EVENT_ARGS_HASH, EVENT_AMOUNT_MINOR, EVENT_CURRENCY,
	    EVENT_CONFIDENCE_PPM, EVENT_REVERSIBLE, EVENT_MODEL_PROVIDER,
	    EVENT_MODEL_ID, EVENT_MODEL_VERSION, EVENT_PARAMS_HASH,
	    EVENT_TEMPERATURE_MILLI, EVENT_PROMPT_ID, EVENT_PROMPT_VERSION,
	    EVENT_PROMPT_HASH, EVENT_TOKENS_IN, EVENT_TOKENS_OUT,
	    EVENT_NCOL } },
	{ "did", "What it did", { EVENT_TOOL, EVENT_TOOL_HASH,
	    EVENT_TARGET_SYSTEM, EVENT_PERMISSION, EVENT_DURATION_US,
	    EVENT_SHADOW, EVENT_ENVIRONMENT, EVENT_IDENTITY,
	    EVENT_IDENTITY_PROOF, EVENT_AGENT_VERSION, EVENT_NCOL } },
	{ "produced", "What it produced", { EVENT_OUTCOME, EVENT_OUTPUT_HASH,
	    EVENT_BEFORE_HASH, EVENT_AFTER_HASH, EVENT_ERROR_TYPE,
	    EVENT_SCORE_PPM, EVENT_SEVERITY, EVENT_NCOL } },
	{ "policy", "Under which policy", { EVENT_POLICY_ID,
	    EVENT_POLICY_VERSION, EVENT_POLICY_HASH, EVENT_POLICY_RULE,
	    EVENT_VERDICT, EVENT_TIER, EVENT_NCOL } },
	{ "approval", "With whose approval", { EVENT_APPROVAL_ID,
	    EVENT_APPROVER_ID, EVENT_APPROVER_ROLE, EVENT_APPROVAL_DECISION,
	    EVENT_APPROVAL_REQUESTED_US, EVENT_APPROVAL_DUE_US,
	    EVENT_APPROVAL_DECIDED_US, EVENT_APPROVAL_VIEW_HASH,
	    EVENT_APPROVED_ARGS_HASH, EVENT_NCOL } },
	{ "reasoning", "Which reasoning artefacts exist", {
	    EVENT_RATIONALE_HASH, EVENT_REASON, EVENT_REF_KIND, EVENT_REF_ID,
	    EVENT_TRACE_ID, EVENT_EXT, EVENT_NCOL } },
};

static void
columns(struct page *p, const struct cited *c)
{
	for (size_t h = 0; h < sizeof(heading) / sizeof(heading[0]); h++) {
		struct docnode *at = part_section(p, heading[h].id,
		    heading[h].title);
		struct docnode *t = NULL;
		size_t empty = 0;
		struct str none = str_new(p->a);

		for (size_t i = 0; heading[h].col[i] != EVENT_NCOL; i++) {
			enum event_col col = heading[h].col[i];
			const struct value *v = &c->event.col[col];

			if (v->type == VALUE_NULL) {
				str_addf(&none, "%s%s", empty++ > 0 ? ", " :
				    "", event_column[col].name);
				continue;
			}
			if (t == NULL)
				t = part_fields(p, at, arena_printf(p->a,
				    "%s-t", heading[h].id), heading[h].title);
			part_event_value(p, part_field(p, t,
			    event_column[col].name), col, v);
		}
		if (empty > 0) {
			struct docnode *para = docnode_para(p->a, at);

			(void)docnode_badge(p->a, para, TONE_EMPTY,
			    "NOT RECORDED");
			(void)docnode_text(p->a, para, " %s", none.p);
		}
	}
}

static void
kin(struct page *p, const struct cited *c, const struct stream *s)
{
	struct docnode *at = part_section(p, "action", "The whole action, in "
	    "order");
	struct docnode *t;

	if (c->nkin == 0) {
		(void)part_para(p, at, "No other event carries this "
		    "action_id.");
		return;
	}
	t = part_table(p, at, "action-table", "Events of the same action_id",
	    PART_HEAD("Seq", "Event", "Occurred", "Outcome"));
	for (size_t i = 0; i < c->nkin; i++) {
		struct docnode *row = docnode_row(p->a, t);
		struct docnode *cell = part_cell(p, row);
		const char *text = arena_printf(p->a, "%" PRIu64,
		    c->kin[i].seq);

		if (c->kin[i].cited)
			(void)docnode_link(p->a, cell, "record",
			    arena_printf(p->a, "%s/%s", s->dir, text), text);
		else
			(void)docnode_text(p->a, cell, "%s", text);
		part_cell_data(p, row, c->kin[i].event_type);
		part_cell_time(p, row, c->kin[i].occurred_us);
		part_cell_data(p, row, c->kin[i].outcome);
	}
}

static void
proof(struct page *p, const struct cited *c, const struct stream *s,
    const char *id)
{
	struct docnode *at = part_section(p, "proof", "Proof");
	struct docnode *t = part_fields(p, at, "proof-fields",
	    "That these bytes are in the log"), *list, *pre;

	(void)docnode_text(p->a, part_field(p, t, "Leaf index"), "%" PRIu64,
	    c->at.seq);
	(void)docnode_text(p->a, part_field(p, t, "Tree size"), "%" PRIu64,
	    s->size);
	part_hash(p, part_field(p, t, "Leaf hash"), c->leaf);
	part_hash(p, part_field(p, t, "Root"), s->root);
	signed_badge(p, part_field(p, t, "Checkpoint"), s);
	(void)docnode_link(p->a, part_field(p, t, "Proof file"), "proof", id,
	    arena_printf(p->a, "data/proofs/%s.tlog-proof", id));
	(void)docnode_link(p->a, part_field(p, t, "Record file"),
	    "recordfile", id, arena_printf(p->a, "data/records/%s.json", id));
	(void)docnode_link(p->a, part_field(p, t, "The log's page"), "log",
	    s->dir, s->name);
	(void)part_para(p, at, "The siblings, from the leaf up (RFC 6962):");
	list = docnode_new(p->a, at, NODE_LIST);
	list->level = 1;
	for (size_t i = 0; i < c->npath; i++)
		part_hash(p, docnode_new(p->a, list, NODE_ITEM), c->path[i]);
	if (c->npath == 0)
		(void)docnode_text(p->a, docnode_new(p->a, list, NODE_ITEM),
		    "none: it is the only leaf");
	(void)part_para(p, at, "Recompute the leaf in the root of the pack:");
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = arena_printf(p->a,
	    "(printf '\\0'; cat data/records/%s.json) | sha256sum", id);
}

/* Measures that name this event, and where they are shown. */
static void
measured_by(struct page *p, struct docnode *at, const struct cited *c)
{
	const struct measured *m = part_measured(p, &c->at);
	struct docnode *t, *row, *cell;

	if (m == NULL)
		return;
	t = part_table(p, at, "measured-table", "Measures of documents and "
	    "pages", PART_HEAD("Measure", "What it is", "Shown with"));
	for (size_t i = 0; i < m->n; i++) {
		const struct ref_table *log = m->at[i].table;
		const struct log_schema *schema = log_schema_find(log->name);
		const char *agent = ref_text(log, m->at[i].row, "agent_id");

		row = docnode_row(p->a, t);
		cell = part_cell(p, row);
		cell->level = 1;
		(void)docnode_text(p->a, cell, "%s", log->name);
		part_cell_say(p, row, schema != NULL ? schema->says : NULL);
		cell = part_cell(p, row);
		if (part_is(log->name, "log_gap_declared"))
			(void)part_words(p, cell, "folder", "log",
			    "outages-declared", "the log");
		else
			part_scope(p, cell, agent);
	}
}

/* The way back: all that rests on this record. */
static void
record_used_by(struct page *p, const struct cited *c)
{
	const struct rests *rests = part_rests(p, &c->at);
	struct docnode *root = docnode_new(p->a, NULL, NODE_SECTION);
	struct docnode *at, *t;

	at = docnode_section(p->a, root, "used-by", "What rests on this "
	    "record");
	p->doc->used_by = at;
	measured_by(p, at, c);
	if (rests == NULL) {
		(void)part_para(p, at, "No test drew it, and none counts it "
		    "as an exception.");
		return;
	}
	t = part_table(p, at, "used-by-table", "Tests, controls, requirements "
	    "and claims", PART_HEAD("Test", "As", "Scope", "Outcome",
	    "Control", "Requirements", "Claim"));
	for (size_t i = 0; i < rests->n; i++) {
		const struct result *r = rests->result[i];
		struct docnode *row = docnode_row(p->a, t), *cell;
		int broken = 0;

		for (size_t k = 0; k < r->nexception; k++)
			broken |= cite_cmp(&r->exception[k], &c->at) == 0;
		cell = part_cell(p, row);
		cell->level = 1;
		part_basis(p, cell, r);
		(void)docnode_text(p->a, part_cell(p, row), broken ?
		    "exception" : "sample");
		part_cell_data(p, row, r->scope);
		part_outcome(p, part_cell(p, row), r);
		part_link(p, part_cell(p, row), "control", r->control->id);
		cell = part_cell(p, row);
		for (size_t m = 0; m < r->control->nmap; m++) {
			const struct requirement *to = r->control->map[m].to;

			if (to == NULL)
				continue;
			if (m > 0)
				(void)docnode_text(p->a, cell, ", ");
			(void)docnode_link(p->a, cell, "requirement",
			    part_req_id(p, to), to->id);
		}
		cell = part_cell(p, row);
		if (r->test != NULL && r->test->claim[0] != NULL)
			(void)part_words(p, cell, "test", r->test->id,
			    "claims", "%s", r->test->claim[0]);
		else
			(void)docnode_text(p->a, cell, "none");
	}
}

static void
record_strip(struct page *p, const struct cited *c, const char *id)
{
	const struct rests *rests = part_rests(p, &c->at);
	const struct result *r = rests != NULL ? rests->result[0] : NULL;
	struct strip s = { 0 };

	if (r != NULL && r->test != NULL) {
		s.step[STEP_STATEMENT].text = part_n(p, r->control->nmap,
		    "requirement", "requirements");
		s.step[STEP_STATEMENT].to = (struct target){ "record", id,
		    "used-by" };
		s.step[STEP_CONTROL].text = r->control->id;
		s.step[STEP_CONTROL].theirs = 1;
		s.step[STEP_CONTROL].to = (struct target){ "control",
		    r->control->id, NULL };
		s.step[STEP_TEST].text = rests->n == 1 ? r->test->id :
		    part_n(p, rests->n, "result", "results");
		s.step[STEP_TEST].to = (struct target){ "record", id,
		    "used-by" };
		s.step[STEP_POPULATION].text = part_n(p, r->n, "row", "rows");
		s.step[STEP_POPULATION].to = (struct target){ "test",
		    r->test->id, "population" };
		s.step[STEP_SAMPLE].text = part_n(p, r->nsample, "row",
		    "rows");
		s.step[STEP_SAMPLE].to = (struct target){ "test", r->test->id,
		    "sample" };
	} else {
		s.step[STEP_STATEMENT].text = "a measure of documents";
		s.step[STEP_STATEMENT].to = (struct target){ "record", id,
		    "used-by" };
		s.step[STEP_TEST].text = "none drew it";
	}
	s.step[STEP_RECORD].text = id;
	s.step[STEP_RECORD].theirs = 1;
	s.step[STEP_PROOF].text = "its proof";
	s.step[STEP_PROOF].to = (struct target){ "record", id, "proof" };
	part_strip(p, &s, STEP_RECORD);
}

/* The policy that the event names, else the one that its agent's version is
 * enforced by; NULL: neither. */
static const char *
policy_of(const struct page *p, const struct cited *c)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_agent_version");
	const char *named = part_event(c, EVENT_POLICY_ID);
	const char *agent = ref_agent_of(p->b->ref,
	    part_event(c, EVENT_AGENT_ID));
	const char *version = part_event(c, EVENT_AGENT_VERSION);

	if (named != NULL || t == NULL || agent == NULL)
		return named;
	for (size_t i = ref_next(t, 0, "agent_id", agent); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "agent_id", agent))
		if (part_is(ref_text(t, i, "agent_version"), version))
			return ref_text(t, i, "policy_id");
	return NULL;
}

static void
policy_then(struct page *p, struct docnode *at, const struct cited *c)
{
	const struct ref_table *t = ref_table(p->b->ref, "ref_policy_version");
	const char *policy = policy_of(p, c);
	int64_t us = c->event.col[EVENT_OCCURRED_US].i;
	size_t row = part_in_force(p, policy, us);
	int64_t n;

	if (policy == NULL) {
		(void)docnode_text(p->a, at, "none: the event names no policy, "
		    "and no version of its agent declares one");
		return;
	}
	if (row == SIZE_MAX) {
		(void)docnode_badge(p->a, at, TONE_BAD, "none in force");
		(void)docnode_text(p->a, at, " of ");
		(void)docnode_data(p->a, at, policy);
		return;
	}
	part_link(p, at, "policy", arena_printf(p->a, "%s/%s", policy,
	    ref_text(t, row, "policy_version")));
	n = ref_int(t, row, "approvals", 0);
	(void)docnode_text(p->a, at, ", approved by %s", part_n(p,
	    (uint64_t)n, "person", "persons"));
}

static const char *
leaf_hex(struct page *p, const struct cited *c)
{
	char *hex = arena_alloc(p->a, HASH_HEXLEN);

	hash_hex(hex, c->leaf);
	return hex;
}

void
page_record(struct page *p, const char *id)
{
	const char *slash = strrchr(id, '/');
	const struct stream *s = find_stream(p, id, (size_t)(slash - id));
	struct cite cite = { 0 };
	const struct cited *c;
	struct docnode *t, *at, *pre;
	struct str len = str_new(p->a);

	if (s == NULL)
		return;
	cite.stream = (uint32_t)(s - p->b->stream);
	cite.seq = strtoull(slash + 1, NULL, 10);
	c = build_cited(p->b, &cite);
	if (c == NULL)
		return;
	part_title(p, arena_printf(p->a, "Record %s", id));
	p->doc->ids = arena_printf(p->a, "%s %s", value_text(
	    &c->event.col[EVENT_EVENT_ID]), leaf_hex(p, c));
	part_facet(p, "agent", part_event(c, EVENT_AGENT_ID));
	part_facet(p, "tool", part_event(c, EVENT_TOOL));
	part_facet(p, "model", part_event(c, EVENT_MODEL_ID));
	part_facet(p, "policy", part_event(c, EVENT_POLICY_ID));
	part_crumb(p, "The log", "folder", "log");
	part_crumb(p, s->name, "log", s->dir);
	record_strip(p, c, id);
	t = part_fields(p, p->at, "what", "What happened");
	part_field_data(p, t, "Event",
	    value_text(&c->event.col[EVENT_EVENT_TYPE]));
	part_scope(p, part_field(p, t, "Agent"),
	    part_event(c, EVENT_AGENT_ID));
	part_time(p, part_field(p, t, "Occurred"),
	    c->event.col[EVENT_OCCURRED_US].i);
	part_time(p, part_field(p, t, "Recorded"),
	    c->event.col[EVENT_RECORDED_US].i);
	policy_then(p, part_field(p, t, "Policy in force then"), c);
	part_field_data(p, t, "Id at its source",
	    value_text(&c->event.col[EVENT_EVENT_ID]));
	part_field_data(p, t, "Source",
	    value_text(&c->event.col[EVENT_SOURCE_FORMAT]));
	part_field_data(p, t, "Source grade",
	    value_text(&c->event.col[EVENT_SOURCE_GRADE]));
	part_field_data(p, t, "Contents", c->payload);
	columns(p, c);
	kin(p, c, s);
	at = part_section(p, "bytes", "The exact bytes");
	figure_count(&len, c->event.recordlen);
	(void)part_para(p, at, "%s bytes: what was hashed, and what the "
	    "record file holds. Contents are never here: only their salted "
	    "hashes.", len.p);
	pre = docnode_new(p->a, at, NODE_PRE);
	pre->text = c->event.record;
	pre->untrusted = 1;
	proof(p, c, s, id);
	record_used_by(p, c);
}

/* Ten lines round each cited line, numbered. */
#define AROUND 10
#define EXCERPT 400 /* lines in one table */

static void
excerpt(struct page *p, const struct input *in, uint32_t first, uint32_t last)
{
	const char *at = in->text;
	struct docnode *t = NULL;

	for (uint32_t line = 1; at != NULL && *at != '\0' && line <= last;
	    line++) {
		size_t len = strcspn(at, "\n");

		if (line >= first) {
			struct docnode *row, *cell;

			/* A table shows LIMIT_TABLE_ROWS rows at most. */
			if ((line - first) % EXCERPT == 0)
				t = part_table(p, p->at, arena_printf(p->a,
				    "e-%u", line), arena_printf(p->a,
				    "Lines %u to %u", line, line + EXCERPT <=
				    last ? line + EXCERPT - 1 : last),
				    PART_HEAD("Line", "Text"));
			row = docnode_row(p->a, t);
			cell = part_cell(p, row);
			cell->level = 1;
			docnode_new(p->a, cell, NODE_ANCHOR)->text =
			    arena_printf(p->a, "L%u", line);
			(void)docnode_text(p->a, cell, "%u", line);
			(void)docnode_code(p->a, part_cell(p, row),
			    arena_strndup(p->a, at, len));
		}
		at += len;
		if (*at == '\n')
			at++;
	}
}

static uint32_t
count_lines(const char *text)
{
	uint32_t n = 0;

	for (; text != NULL && *text != '\0'; n++) {
		text += strcspn(text, "\n");
		if (*text == '\n')
			text++;
	}
	return n;
}

void
page_source(struct page *p, const char *id)
{
	const struct lines *l = part_lines(p, id);
	struct docnode *t;
	uint32_t all, first = 0, last = 0;

	if (l == NULL || l->input == NULL)
		return;
	part_title(p, id);
	part_crumb(p, "Files", "page", "files");
	t = part_fields(p, p->at, "file", "About this file");
	part_field_data(p, t, "Read as", l->input->kind);
	part_hash(p, part_field(p, t, "SHA-256"), l->input->sha256);
	part_count(p, part_field(p, t, "Bytes"), l->input->bytes);
	if (l->input->text == NULL) {
		(void)part_para(p, p->at, "The text of this file is not kept "
		    "in the pack.");
		return;
	}
	all = count_lines(l->input->text);
	for (size_t i = 0; i < l->n; i++) {
		uint32_t from = l->line[i] > AROUND ? l->line[i] - AROUND : 1;
		uint32_t to = l->line[i] + AROUND < all ?
		    l->line[i] + AROUND : all;

		if (last != 0 && from <= last + 1) {
			last = to > last ? to : last;
			continue;
		}
		if (last != 0)
			excerpt(p, l->input, first, last);
		first = from;
		last = to;
	}
	if (last != 0)
		excerpt(p, l->input, first, last);
}
