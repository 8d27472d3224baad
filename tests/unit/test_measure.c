/* The measures, on a log small enough to count by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>

#include "base/date.h"
#include "base/str.h"
#include "eval/measure.h"
#include "read/store.h"
#include "store_help.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define DAY DATE_DAY

/* One event a line: "type agent day key=value key=#number ...".  The period
 * is days 10 to 50 of 1970; the last line lies past the checkpoint. */
static const char *const log_lines[] = {
	"drill bot 5 action=kill_switch outcome=engaged",
	"drill bot 6 action=kill_switch outcome=passed",
	"run_started bot 11 run_id=r1 session_id=s1 initiator_kind=user "
	    "user_role=customer agent_version=1 environment=prod",
	"disclosure bot 11 session_id=s1 notice_shown=#1 initiator_kind=user",
	"model_call bot 11 model_provider=p model_id=m model_version=1 "
	    "duration_us=#30 tokens_in=#5 tokens_out=#7 outcome=success "
	    "prompt_id=q prompt_version=1 prompt_hash=h agent_version=1 "
	    "environment=prod",
	"model_call bot 12 model_provider=p model_id=m model_version=1 "
	    "duration_us=#10 outcome=failure tokens_in=#1 agent_version=1 "
	    "environment=prod",
	"model_call bot 12 model_provider=p model_id=m model_version=1 "
	    "duration_us=#20 outcome=success agent_version=1 environment=prod",
	"model_call bot 12 model_provider=p model_id=m model_version=1 "
	    "outcome=timeout agent_version=1 environment=prod",
	"tool_call bot 12 tool=crm tool_hash=t outcome=success "
	    "target_system=crm data_class=contact",
	"tool_call bot 13 tool=crm tool_hash=t outcome=failure "
	    "target_system=crm",
	"tool_call bot 13 tool=crm tool_hash=t outcome=blocked "
	    "target_system=crm",
	"access bot 13 tool=crm verdict=deny",
	"decision bot 13 action=refund tier=approve verdict=allow "
	    "policy_id=pol policy_version=7 shadow=#0",
	"decision bot 13 action=refund tier=auto verdict=deny policy_id=pol "
	    "policy_version=7",
	"approval_requested bot 14 action=refund approval_id=a1",
	"approval_decided bot 14 action=refund approval_id=a1 "
	    "approval_decision=approved approver_id=ann approver_role=fin "
	    "approval_requested_us=#100 approval_decided_us=#3000100 "
	    "approval_due_us=#9000000",
	"approval_decided bot 14 action=refund approval_id=a2 "
	    "approval_decision=rejected approver_id=ann approver_role=fin "
	    "approval_requested_us=#0 approval_decided_us=#9000000 "
	    "approval_due_us=#8000000",
	"action did:bot 15 action=refund tier=approve outcome=success "
	    "action_id=x1 amount_minor=#900 currency=EUR environment=prod "
	    "shadow=#0 approval_decision=approved target_system=crm",
	"action bot 15 action=refund tier=auto outcome=blocked action_id=x2",
	"action bot 16 action=refund tier=auto outcome=failure action_id=x3 "
	    "amount_minor=#100 currency=EUR environment=prod",
	"guardrail bot 16 tool=screen subject=input outcome=success",
	"guardrail bot 16 tool=screen subject=input outcome=not_run",
	"run_ended bot 17 run_id=r1 session_id=s1 outcome=success "
	    "output_hash=o agent_version=1 environment=prod",
	"run_started bot 18 session_id=s2 initiator_kind=user",
	"review bot 20 ref_kind=reviews ref_id=x1 outcome=reversed",
	"rollback bot 20 ref_kind=rollback_of ref_id=x1 outcome=success",
	"complaint bot 21 ref_kind=complains_of ref_id=x3",
	"review bot 23 ref_kind=reviews ref_id=x3 outcome=upheld",
	"halt bot 25 outcome=engaged",
	"action bot 26 action=late tier=auto outcome=success environment=prod",
	"halt bot 27 outcome=confirmed",
	"halt bot 28 outcome=lifted",
	"incident bot 28 subject=INC-1 severity=P1 outcome=opened",
	"incident bot 29 subject=INC-1 outcome=reported",
	"incident bot 32 subject=INC-1 outcome=closed",
	"evaluation bot 33 agent_version=1 subject=golden action=acc "
	    "score_ppm=#940000",
	"retrieval bot 34 resource=help output_hash=d1",
	"retrieval bot 34 resource=help output_hash=d1",
	"gap_declared bot 35 duration_us=#60 reason=outage",
	"input zed 36",
	"input zed 60",
	"input zed 36",
};

static const struct {
	const char *table, *rows; /* values by |, rows by ; */
} want[] = {
	{ "log_agent", "bot|NULL|NULL|27|1|0|0|2|0|0|2|1|2|1|1|0|0|0|NULL|NULL|"
	    "NULL|11|35;"
	    "bot|NULL|prod|3|0|0|0|0|0|0|0|0|0|0|3|3|1|0|NULL|NULL|NULL|15|26;"
	    "bot|1|NULL|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|NULL|NULL|NULL|33|33;"
	    "bot|1|prod|6|1|1|0|1|4|2|0|0|0|0|0|0|0|0|6|7|NULL|11|17;"
	    "zed|NULL|NULL|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|NULL|NULL|NULL|36|36" },
	{ "log_agent_tier", "bot|NULL|late|auto|0|1|0|0|NULL|NULL|26|26;"
	    "bot|NULL|refund|approve|1|1|0|1|900|EUR|13|15;"
	    "bot|NULL|refund|auto|1|1|2|0|100|EUR|13|16" },
	{ "log_model", "p|m|1|bot|1|4|2|0|6|7|20|30|11|12" },
	{ "log_tool", "bot|NULL|crm|NULL|0|0|1|13|13;"
	    "bot|NULL|crm|t|2|1|0|12|13" },
	{ "log_prompt", "bot|1|NULL|NULL|NULL|3|12|12;bot|1|q|1|h|1|11|11" },
	{ "log_policy", "bot|NULL|NULL|NULL|4|0|15|26;bot|pol|7|NULL|2|1|13|13" },
	{ "log_approval", "bot|refund|1|1|0|1|0|0|1|1|3000000|9000000" },
	{ "log_approver", "bot|ann|fin|2|1|1" },
	{ "log_guardrail", "bot|screen|input|1|0|0|1" },
	{ "log_review", "bot|2|1|1|1|0" },
	{ "log_complaint", "bot|1|1|0|172800000000" },
	{ "log_notice", "bot|2|1|1" },
	{ "log_data", "bot|contact|1|12|12" },
	{ "log_source", "bot|help|2|1" },
	{ "log_system", "bot|crm|3|12|15" },
	{ "log_user", "bot|NULL|2|1;bot|customer|1|1" },
	{ "log_incident", "INC-1|bot|P1|28|32|29|32|0|32" },
	{ "log_drill", "bot|kill_switch|6|passed|86400000000|0|1" },
	{ "log_halt", "bot|25|27|28|1|0|28" },
	{ "log_stop", "bot|halt|25|27|172800000000|NULL|28|NULL|NULL|16|1|0|0|"
	    "28" },
	{ "log_agent_week", "bot|17|1|0" },
	{ "log_streak", "bot|crm|2|1|1|13" },
	{ "log_undone", "bot|NULL|1|0|432000000000|5|20" },
	{ "log_month", "bot|1970-01|2|3|1|1|1|1|4|13|32|2|1|0|4|32|1;"
	    "bot|1970-02|0|0|0|0|0|0|0|0|5|0|0|0|0|5|0;"
	    "zed|1970-02|0|0|0|0|0|0|0|0|1|0|0|0|0|1|0" },
	{ "log_action", "bot|late|1970-01|0|0|0|0|1|1|0|0|0|0|0|0|0|0|0|0|0|0|"
	    "0|0;bot|late|all|0|0|0|0|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0;"
	    "bot|refund|1970-01|1|2|1|1|2|1|1|1|0|0|1|1|0|0|0|0|0|0|0|0;"
	    "bot|refund|all|1|2|1|1|2|1|1|1|0|0|1|1|0|0|0|0|0|0|0|0" },
	{ "log_use", "bot|NULL|crm|1970-01|2|0|1|12|13" },
	{ "log_point", "NULL|action|NULL|NULL|NULL|1970-01|3|0|3|0|0|0|0|0|15|"
	    "26;NULL|action|crm|NULL|NULL|1970-01|1|0|1|0|0|0|0|0|15|15;"
	    "pol|decision|NULL|7|NULL|1970-01|2|1|2|0|0|0|0|0|13|13" },
	{ "log_caller", "bot|user|NULL|0|1|18|18;bot|user|customer|0|1|11|11" },
	{ "log_identity", "bot|NULL|NULL|8|12|26" },
	{ "log_failure", "bot|repeated_rejection|1|NULL|14|14;"
	    "bot|tool_error|1|1|13|13" },
	{ "log_drilled", "bot|kill_switch|6|passed" },
	{ "log_person", "ann|fin|1|1|0|0|14" },
	{ "log_week", "test|10|20|1|2;test|17|6|1|0;test|24|6|0|1;test|31|6|0|0" },
	{ "log_evaluation", "bot|1|golden|acc|33|940000|NULL|0|35" },
	{ "log_undeclared", "action|late|bot|1|26|26;action|refund|bot|5|13|16;"
	    "agent|zed|zed|1|36|36;model|p/m@1|bot|4|11|12;"
	    "prompt|q@1|bot|1|11|11;tool|crm|bot|3|12|13;"
	    "version|1|bot|7|11|33" },
	{ "log_gap_declared", "0|38|bot|35|60|outage" },
};

static enum event_col
column(const char *p, size_t len)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, p);
	if (event_col(name) < 0)
		fail_msg("no column %s", name);
	return (enum event_col)event_col(name);
}

static void
parse_line(struct help *h, const char *line, struct value *col, int i)
{
	char *text = arena_strdup(h->arena, line), *save, *word;

	memset(col, 0, EVENT_NCOL * sizeof(*col));
	help_text(col, EVENT_EVENT_TYPE, strtok_r(text, " ", &save));
	help_text(col, EVENT_AGENT_ID, strtok_r(NULL, " ", &save));
	word = strtok_r(NULL, " ", &save);
	help_int(col, EVENT_OCCURRED_US, strtol(word, NULL, 10) * DAY);
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		char *eq = strchr(word, '=');
		enum event_col c = column(word, (size_t)(eq - word));

		if (eq[1] == '#')
			help_int(col, c, strtol(eq + 2, NULL, 10));
		else
			help_text(col, c, eq + 1);
	}
	help_text(col, EVENT_EVENT_ID, arena_printf(h->arena, "e%d", i));
	help_text(col, EVENT_SOURCE_FORMAT, "native");
	help_text(col, EVENT_SOURCE_GRADE, "none");
	help_int(col, EVENT_RECORDED_US, 100 * DAY + i);
}

static void
append_log(struct help *h)
{
	struct value col[EVENT_NCOL];
	struct append *ap;
	struct err e = { 0 };

	assert_int_equal(append_open(h->arena, h->path, &ap, &e), 0);
	assert_int_equal(append_begin(ap, &e), 0);
	for (size_t i = 0; i < LEN(log_lines); i++) {
		parse_line(h, log_lines[i], col, (int)i);
		if (append_event(ap, col, &e) == -1)
			fail_msg("%s: %s", log_lines[i], e.msg);
	}
	assert_int_equal(append_commit(ap, &e), 0);
	assert_int_equal(append_close(ap), 0);
}

/* ref_agent_name: did:bot is bot; the others are empty. */
static struct ref *
make_ref(struct arena *a)
{
	static struct value cell[4 * 4];
	struct ref *ref = arena_alloc(a, sizeof(*ref));

	ref->n = ref_nschema;
	ref->table = arena_array(a, ref_nschema, sizeof(*ref->table));
	for (size_t i = 0; i < ref_nschema; i++) {
		struct ref_table *t = &ref->table[i];

		t->name = ref_schema[i].name;
		t->col = ref_schema[i].col;
		t->ncol = ref_schema[i].ncol;
		if (strcmp(t->name, "ref_agent_name") != 0)
			continue;
		t->cell = cell;
		t->nrow = 2;
		cell[0] = (struct value){ VALUE_TEXT, 0, "bot", 3 };
		cell[1] = cell[0];
		cell[t->ncol] = (struct value){ VALUE_TEXT, 0, "did:bot", 7 };
		cell[t->ncol + 1] = cell[0];
	}
	return ref;
}

struct rows { struct arena *arena; struct ref_table t; };

static int
keep(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct rows *r = ctx;
	struct value *bigger = arena_array(r->arena, (r->t.nrow + 1) * ncol,
	    sizeof(*bigger));

	(void)e;
	assert_int_equal(ncol, r->t.ncol);
	if (r->t.nrow > 0)
		memcpy(bigger, r->t.cell, r->t.nrow * ncol * sizeof(*bigger));
	r->t.cell = bigger;
	for (size_t i = 0; i < ncol; i++) {
		bigger[r->t.nrow * ncol + i] = v[i];
		if (v[i].type == VALUE_TEXT)
			bigger[r->t.nrow * ncol + i].p = arena_strndup(
			    r->arena, v[i].p, v[i].len);
	}
	r->t.nrow++;
	return 0;
}

/* Moments of whole days are printed as days. */
static const char *
printed(struct arena *a, const struct ref_table *t)
{
	struct str s = str_new(a);

	for (size_t i = 0; i < t->nrow; i++)
		for (size_t c = 0; c < t->ncol; c++) {
			const struct value *v = &t->cell[i * t->ncol + c];
			const char *name = t->col[c].name;
			int moment = strstr(name, "took") == NULL &&
			    strstr(name, "p50") == NULL && v->i % DAY == 0 &&
			    strstr(name, "_us") != NULL;

			str_addz(&s, c > 0 ? "|" : i > 0 ? ";" : "");
			if (v->type == VALUE_NULL)
				str_addz(&s, "NULL");
			else if (v->type == VALUE_TEXT)
				str_addz(&s, v->p);
			else
				str_addi(&s, moment ? v->i / DAY : v->i);
		}
	return s.p;
}

static void
every_measure_counts(void **state)
{
	struct help h;
	struct store *st;
	struct err e = { 0 };
	struct measure_stream stream = { "test", LEN(log_lines) - 1 };
	static const char *const run[] = { "r1", "it's" };
	size_t checked = 0;

	(void)state;
	help_open(&h, 0);
	append_log(&h);
	assert_int_equal(store_open(h.arena, h.path, &st, &e), 0);
	assert_int_equal(store_load_ref(st, make_ref(h.arena), &e), 0);
	for (size_t i = 0; i < log_nschema; i++) {
		struct rows r = { h.arena, { .name = log_schema[i].name,
			.col = log_schema[i].col, .ncol = log_schema[i].ncol } };
		const char *sql = measure_sql(h.arena, &log_schema[i], &stream,
		    1, 10 * DAY, 50 * DAY, run, LEN(run));

		if (store_query(st, sql, 10 * DAY, 50 * DAY, 200 * DAY, keep,
		    &r, &e) == -1)
			fail_msg("%s: %s\n%s", r.t.name, e.msg, sql);
		measure_sort(h.arena, &r.t);
		for (size_t k = 0; k < LEN(want); k++) {
			if (strcmp(want[k].table, r.t.name) != 0)
				continue;
			checked++;
			if (strcmp(printed(h.arena, &r.t), want[k].rows) != 0)
				print_error("%s\nhave %s\nwant %s\n", r.t.name,
				    printed(h.arena, &r.t), want[k].rows);
			assert_string_equal(printed(h.arena, &r.t),
			    want[k].rows);
		}
	}
	assert_int_equal(checked, LEN(want));
	assert_int_equal(store_close(st), 0);
	help_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_measure_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
