#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/build.h"
#include "model/log.h"

/*
 * A struct build made by hand, for tests of documents and pages: one agent in
 * production on one model, one that nobody declared, four events, one control
 * with a failed, a passed and an undecided test, one gap.  Every text of the
 * registry and the log can be replaced, to see what a hostile one does.
 */
struct fixture {
	struct arena *a;
	struct build b;
	struct ref ref, log;
	size_t refcap, logcap, rowcap[128], logrowcap[64];
	const char *all; /* replaces every text, or NULL */
	size_t place;    /* with all: only the text of this number; 0: each */
	size_t nplace;   /* texts so far */
};

static inline struct ref_table *
fixture_table(struct fixture *f, const char *name)
{
	int is_log = strncmp(name, "log_", 4) == 0;
	struct ref *r = is_log ? &f->log : &f->ref;
	struct ref_table *t;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->table[i].name, name) == 0)
			return &r->table[i];
	t = is_log ? VEC_PUSH(f->a, f->log.table, f->log.n, f->logcap) :
	    VEC_PUSH(f->a, f->ref.table, f->ref.n, f->refcap);
	t->name = name;
	if (is_log) {
		const struct log_schema *s = log_schema_find(name);

		t->col = s->col;
		t->ncol = s->ncol;
	} else {
		const struct ref_schema *s = ref_schema_find(name);

		t->col = s->col;
		t->ncol = s->ncol;
	}
	return t;
}

/* The text of a place: the value's own, or the hostile one. */
static inline const char *
fixture_text(struct fixture *f, const char *own)
{
	f->nplace++;
	return f->all != NULL && (f->place == 0 || f->place == f->nplace) ?
	    f->all : own;
}

/*
 * Adds a row: "agent_id=a;name=Refund assistant;ring=2".  A column that is
 * not named is NULL; a time may be written 2026-07-01T00:00:00Z.  Keys are
 * never replaced: they join the tables.
 */
static inline void
fixture_row(struct fixture *f, const char *table, const char *text)
{
	struct ref_table *t = fixture_table(f, table);
	int is_log = strncmp(table, "log_", 4) == 0;
	struct value *cell = arena_array(f->a, (t->nrow + 1) * t->ncol,
	    sizeof(*cell));
	struct mark *at = arena_array(f->a, t->nrow + 1, sizeof(*at));

	if (t->nrow > 0) {
		memcpy(cell, t->cell, t->nrow * t->ncol * sizeof(*cell));
		memcpy(at, t->at, t->nrow * sizeof(*at));
	}
	at[t->nrow] = is_log ? (struct mark){ .file = NULL } :
	    (struct mark){ arena_printf(f->a, "registry/%s.yaml", table + 4),
	    (uint32_t)t->nrow + 2, 1 };
	while (*text != '\0') {
		size_t n = strcspn(text, "="), m = strcspn(text + n, ";");
		char *col = arena_strndup(f->a, text, n);
		const char *v = arena_strndup(f->a, text + n + 1, m - 1);
		int c = ref_colno(t, col);
		struct value *to;

		if (c == -1)
			abort();
		to = &cell[t->nrow * t->ncol + (size_t)c];
		to->type = t->col[c].type;
		if (to->type == VALUE_INT) {
			if (date_parse(v, &to->i) == -1)
				to->i = strtoll(v, NULL, 10);
		} else {
			if (!t->col[c].key && strcmp(col, "to_us") != 0 &&
			    strcmp(col, "kind") != 0 &&
			    strcmp(col, "file") != 0 &&
			    strcmp(col, "text_file") != 0)
				v = fixture_text(f, v);
			to->p = v;
			to->len = strlen(v);
		}
		text += n + m + (text[n + m] == ';');
	}
	t->cell = cell;
	t->at = at;
	t->nrow++;
}

static inline void
fixture_list(struct fixture *f, const char *kind, const char *id,
    const char *field, const char *value)
{
	fixture_row(f, "ref_list", arena_printf(f->a,
	    "kind=%s;id=%s;field=%s;ord=1;value=%s", kind, id, field, value));
}

static inline void
fixture_registry(struct fixture *f)
{
	fixture_row(f, "ref_organisation",
	    "id=acme;legal_name=Acme Retail;country=DK");
	fixture_row(f, "ref_agent", "agent_id=refund-bot;name=Refund "
	    "assistant;lifecycle=prod;business_process=Customer refunds;"
	    "purpose=Refunds small amounts;serves_persons=1;"
	    "permission_tier=execute;ring=2;accountable=finance-lead.one;"
	    "eu_role=deployer;eu_tier=limited;matrix_policy_id=refund-policy;"
	    "use_from_us=2026-04-01T00:00:00Z;max_per_month=100;"
	    "kill_max_us=30000000;rollback_to=previous;"
	    "complaints_route=mail to the shop");
	fixture_row(f, "ref_agent_version", "agent_id=refund-bot;"
	    "agent_version=1.2.0;previous=1.1.0;policy_id=refund-policy;"
	    "reason=Faster answers;approved_by=finance-lead.one;"
	    "approved_us=2026-07-10T00:00:00Z");
	fixture_row(f, "ref_agent_identity", "agent_id=refund-bot;kind=mtls;"
	    "value=CN=refund-bot;from_us=2026-01-01T00:00:00Z");
	fixture_row(f, "ref_agent_limit", "agent_id=refund-bot;effect=may;"
	    "action=refund.create;max_minor=5000;currency=EUR");
	fixture_row(f, "ref_agent_limit", "agent_id=refund-bot;"
	    "effect=approve;action=refund.create;min_minor=5001;currency=EUR;"
	    "role=finance;count=1;sla_us=3600000000;on_timeout=deny");
	fixture_row(f, "ref_agent_notice", "agent_id=refund-bot;"
	    "notice_id=ai-chat;kind=interaction;lang=en;shown=first;"
	    "text_file=ai-chat.en.txt;text_sha256=aa");
	fixture_row(f, "ref_agent_trigger", "agent_id=refund-bot;"
	    "kind=rollback;metric=complaint_share;op=>;value_micro=20000;"
	    "window_us=21600000000;min_n=50;does=rollback;line=78");
	fixture_row(f, "ref_agent_trigger", "agent_id=refund-bot;kind=slo;"
	    "metric=success_share;op=>=;value_micro=850000;"
	    "window_us=7776000000000;min_n=100;does=freeze;line=77");
	fixture_row(f, "ref_agent_drill", "agent_id=refund-bot;"
	    "kind=kill_switch;scenario=It acts outside;"
	    "interval_us=8640000000000");
	fixture_row(f, "ref_agent_notice", "agent_id=refund-bot;"
	    "notice_id=decision;kind=affected_person;lang=en;shown=each;"
	    "text_file=ai-chat.en.txt;text_sha256=ab");
	fixture_row(f, "ref_agent_notice", "agent_id=refund-bot;"
	    "notice_id=work;kind=worker;lang=en;shown=first;text_sha256=ac");
	fixture_row(f, "ref_document", "kind=instructions;"
	    "subject=refund-bot;version=1.2.0;path=evidence/use.md;"
	    "sha256=ad;person_id=legal.one;role=legal;decision=approved;"
	    "at_us=2026-07-10T12:00:00Z");
	fixture_row(f, "ref_model", "model=alpha;model_provider=alpha-models;"
	    "model_id=alpha-large;model_version=2026-02-15;kind=api;"
	    "owner=engineer.one;licence=commercial;"
	    "energy_wh_per_1k_micro=400000");
	fixture_row(f, "ref_version_model", "agent_id=refund-bot;"
	    "agent_version=1.2.0;model=alpha;use=answers;"
	    "model_provider=alpha-models;model_id=alpha-large;"
	    "model_version=2026-02-15");
	fixture_row(f, "ref_version_tool", "agent_id=refund-bot;"
	    "agent_version=1.2.0;tool=payments;scope=write");
	fixture_row(f, "ref_tool", "tool=payments;kind=http;owner=sre.one;"
	    "description=Pays back;scope=write");
	fixture_row(f, "ref_version_eval", "agent_id=refund-bot;"
	    "agent_version=1.2.0;suite=golden;metric=accuracy;op=>=;"
	    "value_micro=900000;max_age_us=2592000000000");
	fixture_row(f, "ref_suite", "suite=golden;kind=golden;dataset=cases");
	fixture_row(f, "ref_dataset", "dataset=cases;dataset_version=3;n=200;"
	    "source=old refunds;personal=0");
	fixture_row(f, "ref_eval_result", "suite=golden;agent_id=refund-bot;"
	    "agent_version=1.2.0;metric=accuracy;slice=all;"
	    "value_micro=940000;n=200;run_us=2026-07-02T00:00:00Z");
	fixture_row(f, "ref_risk", "risk_id=wrong-refund;title=Wrong refund;"
	    "consequence=Money is lost;impact=customers;severity=3;"
	    "likelihood=2;treatment=reduce");
	fixture_row(f, "ref_risk_agent",
	    "risk_id=wrong-refund;agent_id=refund-bot");
	fixture_row(f, "ref_assessment", "agent_id=refund-bot;"
	    "date_us=2026-07-08;kind=impact;agent_version=1.1.0;"
	    "assessor=product.one;reviewer=dpo.one;outcome=accept;"
	    "decided_by=cro.one;decided_us=2026-07-09T00:00:00Z");
	fixture_row(f, "ref_assessment_group", "agent_id=refund-bot;"
	    "date_us=2026-07-08;kind=impact;name=Customers;how=get money;"
	    "size=1000;vulnerable=0");
	fixture_row(f, "ref_deployment", "agent_id=refund-bot;"
	    "agent_version=1.2.0;stage=prod;from_us=2026-07-14T00:00:00Z;"
	    "deployed_by=sre.one;approved_by=finance-lead.one");
	fixture_row(f, "ref_policy_version", "policy_id=refund-policy;"
	    "policy_version=7;from_us=2026-07-01T00:00:00Z;policy_hash=bb");
	fixture_row(f, "ref_soa_head", "version=2;approver=cro.one");
	fixture_row(f, "ref_soa", "requirement=A.6.2.8;included=1;"
	    "implementation=An audit store;owner=security.one");
	fixture_row(f, "ref_soa", "requirement=A.6.2.9;included=0;"
	    "excluded_because=Nothing of it is done");
	fixture_row(f, "ref_waiver", "waiver_id=W-1;control=HO-01;"
	    "scope=refund-bot;reason=A new gate comes;"
	    "approved_by=finance-lead.one;to_us=2026-12-01T00:00:00Z");
	fixture_row(f, "ref_plan", "version=2;owner=security.one");
	fixture_row(f, "ref_severity",
	    "severity=P1;condition=money;contain_us=900000000");
	fixture_row(f, "ref_duty", "duty=lead;holder=security.one;"
	    "deputy=sre.one;contact=phone;hours=always");
	fixture_row(f, "ref_clock", "clock=serious;base=aware;"
	    "within_us=1296000000000;recipient=authority;basis=AIA-73.2");
	fixture_row(f, "ref_person", "person_id=security.one;name=S One");
	fixture_row(f, "ref_incident", "incident_id=INC-1;severity=P1;"
	    "description=repeats;opened_us=2026-08-21T09:00:00Z;"
	    "aware_us=2026-08-21T09:10:00Z;serious=1;status=fixed;cause=bug");
	fixture_row(f, "ref_incident_report", "incident_id=INC-1;"
	    "recipient=authority;reported_us=2026-08-25T09:10:00Z;ref=R1");
	fixture_list(f, "incident", "INC-1", "agents", "refund-bot");
	fixture_list(f, "agent", "refund-bot", "intended", "small refunds");
	fixture_list(f, "model", "alpha", "limitations", "arithmetic");
	fixture_list(f, "plan", "", "sources", "alerts");
	fixture_list(f, "agent", "refund-bot", "art_50", "50.2");
	fixture_list(f, "agent", "refund-bot", "regions", "DK");
	fixture_list(f, "soa", "A.6.2.8", "justification", "law");
}

/* What the kinds of oversight are about: a policy, its rules and matrix, a
 * prompt, a shadow stage, a review. */
static inline void
fixture_oversight(struct fixture *f)
{
	fixture_row(f, "ref_policy", "policy_id=refund-policy;title=Refunds;"
	    "owner=finance-lead.one;approvals_needed=1;default_tier=block");
	fixture_row(f, "ref_policy_system", "policy_id=refund-policy;"
	    "system=refund-gate;point=tool_gate;propagation_us=300000000");
	fixture_row(f, "ref_policy_rule", "policy_id=refund-policy;"
	    "policy_version=7;rule_id=R1;ord=1;kind=monetary_limit;"
	    "action=refund.create;tier=auto;max_minor=5000;currency=EUR");
	fixture_row(f, "ref_policy_rule", "policy_id=refund-policy;"
	    "policy_version=7;rule_id=R2;ord=2;kind=monetary_limit;"
	    "action=refund.create;tier=approve;min_minor=5001;currency=EUR;"
	    "role=finance;count=1;sla_us=3600000000;on_timeout=deny");
	fixture_row(f, "ref_matrix", "policy_id=refund-policy;"
	    "policy_version=7;impact=moderate;reversible=full;tier=auto;"
	    "count=1");
	fixture_row(f, "ref_policy_approval", "policy_id=refund-policy;"
	    "policy_version=7;person_id=finance-lead.one;role=finance-lead;"
	    "at_us=2026-06-30T00:00:00Z;decision=approved");
	fixture_row(f, "ref_action", "action=refund.create;"
	    "description=Pays back;tool=payments;impact=moderate;"
	    "reversible=full;writes=1;admin=0");
	fixture_row(f, "ref_role", "role=finance;kind=business");
	fixture_row(f, "ref_person_role",
	    "person_id=finance-lead.one;role=finance");
	fixture_row(f, "ref_agent_failure", "agent_id=refund-bot;"
	    "state=low_confidence;below_ppm=700000;does=review");
	fixture_row(f, "ref_agent_access",
	    "agent_id=refund-bot;level=invoke;role=any");
	fixture_row(f, "ref_agent_system",
	    "agent_id=refund-bot;system=payments;mode=write");
	fixture_row(f, "ref_version_prompt", "agent_id=refund-bot;"
	    "agent_version=1.2.0;prompt_id=decide;prompt_version=4");
	fixture_row(f, "ref_prompt", "prompt_id=decide;prompt_version=4;"
	    "purpose=Decides;owner=product.one;prompt_hash=ee;"
	    "from_us=2026-07-14T00:00:00Z;reason=Shorter;author=engineer.two;"
	    "eval_suite=golden;eval_score_ppm=940000;eval_n=200");
	fixture_row(f, "ref_deployment", "agent_id=refund-bot;"
	    "agent_version=1.2.0;stage=shadow;from_us=2026-06-29T00:00:00Z;"
	    "to_us=2026-07-14T00:00:00Z;deployed_by=sre.one;"
	    "shadow_min_us=864000000000;shadow_min_decisions=25");
	fixture_row(f, "ref_gate", "agent_id=refund-bot;agent_version=1.2.0;"
	    "stage=prod;gate=risk_assessment;passed_us=2026-07-10T00:00:00Z;"
	    "passed_by=governance.one");
	fixture_row(f, "ref_review", "review=2026-08;period=2026-08;"
	    "kind=monthly;signed_by=cro.one;signed_us=2026-09-03T00:00:00Z;"
	    "has_engineering=1;has_business=1");
	fixture_row(f, "ref_review_finding", "review=2026-08;topic=matrix;"
	    "agent_id=refund-bot;finding=Repeats;decision=Lower the limit");
	fixture_row(f, "ref_review_action", "review=2026-08;number=1;"
	    "what=Lower it;owner=sre.one;due_us=2026-09-15T00:00:00Z");
	fixture_row(f, "log_action", "agent_id=refund-bot;"
	    "action=refund.create;month=all;requested=100;decided=100;"
	    "agreed=86;quick=4;ran=396;ran_auto=299;auto_complained=2;"
	    "complained=2;blocked=5;blocked_sessions=4;with_source=100;"
	    "with_policy=100;with_confidence=99;with_reason=100;shown=100");
	fixture_row(f, "log_use", "agent_id=refund-bot;agent_version=1.2.0;"
	    "tool=payments;month=2026-08;calls=300;wrote=296;denied=1;"
	    "last_us=2026-08-30T00:00:00Z");
	fixture_row(f, "log_point", "policy_id=refund-policy;"
	    "event_type=decision;target_system=refund-gate;policy_version=7;"
	    "policy_hash=bb;month=2026-08;n=400;denied=2;drifted=3;"
	    "drift_days=1;last_us=2026-08-30T00:00:00Z");
	fixture_row(f, "log_replay", "policy_id=refund-policy;"
	    "policy_version=6;action=refund.create;tier=auto;today=approve;"
	    "decisions=11");
	fixture_row(f, "log_shadow", "agent_id=refund-bot;"
	    "agent_version=1.2.0;action=refund.create;data_class=payment;"
	    "tier=auto;judged=auto;decisions=28;reviewed=28");
	fixture_row(f, "log_shadow", "agent_id=refund-bot;"
	    "agent_version=1.2.0;action=refund.create;data_class=payment;"
	    "tier=auto;judged=approve;decisions=2;reviewed=2;reversed=2");
	fixture_row(f, "log_shadow_run", "agent_id=refund-bot;"
	    "agent_version=1.2.0;events=300;runs=30;decisions=30;days=13;"
	    "tokens=4000;p50_us=700000;p95_us=1900000;took_us=1209600000000");
	fixture_row(f, "log_shadow_action", "agent_id=refund-bot;"
	    "agent_version=1.2.0;action=refund.create;currency=EUR;"
	    "actions=30;blocked=2;effects=0;amount_sum_minor=90000;"
	    "amount_max_minor=4900");
	fixture_row(f, "log_caller", "agent_id=refund-bot;"
	    "initiator_kind=user;user_role=customer;callers=300;runs=390");
	fixture_row(f, "log_identity", "agent_id=refund-bot;"
	    "identity=CN=refund-bot;identity_proof=mtls;events=1200");
	fixture_row(f, "log_person", "person_id=finance-lead.one;"
	    "role=finance;approved=92;refused=8;reviews=3;changes=1");
	fixture_row(f, "log_failure", "agent_id=refund-bot;"
	    "state=low_confidence;times=12;obeyed=12");
	fixture_row(f, "log_prompt", "agent_id=refund-bot;"
	    "agent_version=1.2.0;prompt_id=decide;prompt_version=4;"
	    "prompt_hash=ee;calls=900");
	fixture_row(f, "log_deployed", "agent_id=refund-bot;"
	    "agent_version=1.2.0;stage=prod;from_us=2026-07-14T00:00:00Z;"
	    "events=1200;first_us=2026-07-14T08:00:00Z");
}

static inline void
fixture_log(struct fixture *f)
{
	fixture_row(f, "log_agent", "agent_id=refund-bot;agent_version=1.2.0;"
	    "environment=prod;events=1207;runs=400;runs_ended=400;"
	    "runs_failed=3;sessions=390;tool_calls=800;tool_failed=5;"
	    "decisions=400;denied=2;actions=398;actions_ran=396;"
	    "actions_failed=1;tokens_in=90000;tokens_out=30000;"
	    "first_us=2026-07-14T08:00:00Z;last_us=2026-09-30T20:00:00Z");
	fixture_row(f, "log_agent", "agent_id=helper-x;events=12;runs=0;"
	    "environment=prod;first_us=2026-08-01T00:00:00Z");
	fixture_row(f, "log_agent_tier", "agent_id=refund-bot;"
	    "agent_version=1.2.0;action=refund.create;tier=auto;"
	    "decisions=300;ran=299;blocked=1;approved=0;"
	    "amount_max_minor=4990;currency=EUR");
	fixture_row(f, "log_model", "model_provider=alpha-models;"
	    "model_id=alpha-large;model_version=2026-02-15;"
	    "agent_id=refund-bot;agent_version=1.2.0;calls=1200;failed=4;"
	    "blocked=0;tokens_in=90000;tokens_out=30000;p50_us=720000;"
	    "p95_us=2400000");
	fixture_row(f, "log_model", "model_provider=alpha-models;"
	    "model_id=alpha-large;model_version=latest;agent_id=refund-bot;"
	    "agent_version=1.2.0;calls=4");
	fixture_row(f, "log_tool", "agent_id=refund-bot;agent_version=1.2.0;"
	    "tool=payments;tool_hash=cc;calls=300;failed=2");
	fixture_row(f, "log_approval", "agent_id=refund-bot;"
	    "action=refund.create;requested=100;approved=86;modified=6;"
	    "rejected=8;expired=0;quick=4;p50_us=240000000");
	fixture_row(f, "log_notice", "agent_id=refund-bot;sessions=390;"
	    "told=390;told_first=387");
	fixture_row(f, "log_month", "agent_id=refund-bot;month=2026-08;"
	    "runs=150;actions_ran=140;rejected=3");
	fixture_row(f, "log_incident", "incident_id=INC-1;"
	    "agent_id=refund-bot;severity=P1;opened_us=2026-08-21T09:00:00Z;"
	    "contained_us=2026-08-21T09:12:40Z");
	fixture_row(f, "log_drill", "agent_id=refund-bot;kind=kill_switch;"
	    "at_us=2026-09-16T10:00:00Z;outcome=passed;took_us=12000000");
	fixture_row(f, "log_incident_event", "incident_id=INC-1;"
	    "at_us=2026-08-21T09:12:40Z;seq=614;agent_id=refund-bot;"
	    "event_type=rollback;outcome=success;run_id=r1;"
	    "action=refund.create;amount_minor=1500;currency=EUR");
	fixture_row(f, "log_run_event", "run_id=r1;seq=612;"
	    "at_us=2026-08-21T08:00:00Z;agent_id=refund-bot;"
	    "agent_version=1.2.0;event_type=run_started;trigger=chat;"
	    "initiator_kind=user;user_role=customer;notice_shown=1");
	fixture_row(f, "log_run_event", "run_id=r1;seq=613;"
	    "at_us=2026-08-21T08:00:01Z;agent_id=refund-bot;"
	    "event_type=decision;action=refund.create;tier=auto;"
	    "verdict=allow;policy_id=refund-policy;policy_version=7;"
	    "policy_rule=R1;confidence_ppm=880000");
	fixture_row(f, "log_run_event", "run_id=r1;seq=614;"
	    "at_us=2026-08-21T08:00:02Z;agent_id=refund-bot;"
	    "event_type=approval_decided;action=refund.create;"
	    "approval_decision=approved;approver_id=finance-lead.one;"
	    "approver_role=finance;wait_us=240000000");
	fixture_row(f, "log_run_event", "run_id=r1;seq=615;"
	    "at_us=2026-08-21T09:12:40Z;agent_id=refund-bot;"
	    "event_type=rollback;outcome=success;ref_kind=rollback_of");
	fixture_row(f, "log_stop", "agent_id=refund-bot;kind=halt;"
	    "engaged_us=2026-08-21T09:12:40Z;confirmed_us="
	    "2026-08-21T09:12:52Z;took_us=12000000;by=sre.one;"
	    "reason=repeats;during=0;after=0");
	fixture_row(f, "log_write", "agent_id=refund-bot;agent_version=1.2.0;"
	    "action=refund.create;reversible=full;currency=EUR;ran=106;"
	    "both=106;undone=1;amount_minor=640013");
	fixture_row(f, "log_trigger", "agent_id=refund-bot;kind=slo;"
	    "metric=success_share;line=77;rows_n=400;judged=300;met=0;"
	    "fired=0");
	fixture_row(f, "log_agent_week", "agent_id=refund-bot;"
	    "week_us=2026-07-08T00:00:00Z;ended=400;lost=3");
	fixture_row(f, "log_streak", "agent_id=refund-bot;tool=payments;"
	    "calls=300;failed=2;longest=1;at_us=2026-08-21T08:26:00Z");
	fixture_row(f, "log_mark", "agent_id=refund-bot;"
	    "action=content.publish;published=9;marked=9");
	fixture_row(f, "log_evaluation", "agent_id=refund-bot;"
	    "agent_version=1.2.0;suite=golden;metric=accuracy;"
	    "at_us=2026-09-05T00:00:00Z;score_ppm=940000");
	fixture_row(f, "log_undone", "agent_id=refund-bot;"
	    "agent_version=1.2.0;rollbacks=15;failed=0;p50_us=1800000000");
	fixture_row(f, "log_undeclared", "kind=model;id=latest;"
	    "agent_id=refund-bot;events=4");
	fixture_row(f, "log_agent_type", "agent_id=refund-bot;"
	    "event_type=complaint;events=6");
}

/* One control: HO-01 failed, its t2 cannot be tested; AU-01 passes. */
static inline void
fixture_findings(struct fixture *f)
{
	struct catalogue *c = arena_alloc(f->a, sizeof(*c));
	struct findings *all = arena_alloc(f->a, sizeof(*all));
	struct test *t = arena_array(f->a, 3, sizeof(*t));
	struct result *r = arena_array(f->a, 3, sizeof(*r));
	struct result **held = arena_array(f->a, 3, sizeof(*held));
	struct cite *x = arena_array(f->a, 1, sizeof(*x));

	c->ncontrol = 1;
	c->control = arena_array(f->a, 1, sizeof(*c->control));
	c->control->id = "HO-01";
	c->control->family = "HO";
	c->control->title = "High-risk actions were approved first";
	c->control->severity = SEV_CRITICAL;
	c->control->test = t;
	c->control->ntest = 3;
	t[0].id = "HO-01.t1";
	t[0].title = "Each approval-tier action carries an approval";
	t[0].claim[0] = "C05";
	t[0].over = "event";
	t[0].says_pass = "All {n} actions of {scope} were approved first.";
	t[0].says_fail = "{x} of {n} actions of {scope} were not.";
	t[0].says_empty = "Approvals of {scope} cannot be tested.";
	t[1] = t[0];
	t[1].id = "HO-01.t2";
	t[1].claim[0] = "C01";
	t[2] = t[0];
	t[2].id = "HO-01.t3";
	t[2].claim[0] = "C33";
	x[0].seq = 613;
	r[0] = (struct result){ .control = c->control, .test = &t[0],
	    .scope = "refund-bot", .outcome = OUT_FAIL, .n = 100, .x = 3,
	    .exception = x, .nexception = 1 };
	r[1] = (struct result){ .control = c->control, .test = &t[1],
	    .scope = "refund-bot", .outcome = OUT_NO_EVIDENCE,
	    .reason = "no-population" };
	r[2] = (struct result){ .control = c->control, .test = &t[2],
	    .scope = "refund-bot", .outcome = OUT_PASS, .n = 390 };
	for (size_t i = 0; i < 3; i++)
		held[i] = &r[i];
	all->result = r;
	all->nresult = 3;
	all->decided = 2;
	all->verdict = arena_array(f->a, 1, sizeof(*all->verdict));
	all->verdict[0] = (struct verdict){ .control = c->control,
	    .scope = "refund-bot", .all = ST_GAP, .design = ST_NOT_ASSESSED,
	    .operating = ST_GAP, .result = held, .nresult = 3 };
	all->nverdict = 1;
	all->gap = arena_array(f->a, 2, sizeof(*all->gap));
	all->gap[0].verdict = &all->verdict[0];
	(void)snprintf(all->gap[0].id, sizeof(all->gap[0].id), "%s",
	    "G-0123456789ab");
	all->gap[0].kind = "failed";
	all->gap[0].owner = fixture_text(f, "finance-lead.one");
	all->gap[0].how = fixture_text(f, "Route it through the gate");
	all->gap[0].fix = (struct mark){ "registry/agent.yaml", 2, 1 };
	all->gap[1] = all->gap[0];
	(void)snprintf(all->gap[1].id, sizeof(all->gap[1].id), "%s",
	    "G-0123456789ac");
	all->gap[1].waiver = "W-1";
	all->gap[1].waived_until_us = date_civil(2026, 12, 1);
	all->ngap = 2;
	all->unlock = arena_array(f->a, 1, sizeof(*all->unlock));
	all->unlock[0].what = fixture_text(f, "fill approval_id");
	all->unlock[0].where = fixture_text(f, "approval_id");
	all->unlock[0].test = arena_array(f->a, 1, sizeof(*all->unlock->test));
	all->unlock[0].test[0] = &t[1];
	all->unlock[0].ntest = 1;
	all->nunlock = 1;
	f->b.catalogue = c;
	f->b.findings = all;
}

static inline void
fixture_inputs(struct fixture *f)
{
	struct input *in = arena_array(f->a, 2, sizeof(*in));
	const char *text = fixture_text(f, "You are chatting with a program.");

	in[0].kind = "text";
	in[0].path = "registry/ai-chat.en.txt";
	in[0].text = text;
	in[0].bytes = strlen(text);
	in[1].kind = "narrative";
	in[1].path = "registry/narrative.yaml";
	in[1].text = "---\nauthor: engineer.two\n---\n\nIt *refunds* small "
	    "amounts. <b>Raw</b> stays text.\n\n## When\n\n| Day | Hours |\n"
	    "|---|---|\n| Monday | `6` to 22 |\n\nSee https://x.example.\n";
	in[1].bytes = strlen(in[1].text);
	f->b.input = in;
	f->b.ninput = 2;
	fixture_row(f, "ref_narrative", "kind=agent;id=refund-bot;"
	    "section=purpose;text_sha256=dd");
}

/* all, place: see struct fixture. */
static inline struct build *
fixture_build(struct fixture *f, struct arena *a, const char *all,
    size_t place)
{
	struct stream *st = arena_array(a, 1, sizeof(*st));

	memset(f, 0, sizeof(*f));
	f->a = a;
	f->all = all;
	f->place = place;
	st->name = "main";
	st->dir = "main";
	st->origin = "acme/main/main";
	st->size = 1219;
	st->in_period = 1219;
	st->intact = 1;
	st->grade[GRADE_CHAINED] = 1219;
	f->b.stream = st;
	f->b.nstream = 1;
	f->b.organisation = "acme";
	f->b.organisation_name = fixture_text(f, "Acme Retail");
	f->b.period = "2026-Q3";
	f->b.nonce = "root";
	f->b.drawn_by = "preparer";
	f->b.generator = "0";
	f->b.from_us = date_civil(2026, 7, 1);
	f->b.to_us = date_civil(2026, 10, 1);
	f->b.as_of_us = date_civil(2026, 10, 12);
	f->b.audience = AUDIENCE_INTERNAL;
	fixture_registry(f);
	fixture_oversight(f);
	fixture_log(f);
	fixture_findings(f);
	fixture_inputs(f);
	f->b.ref = &f->ref;
	f->b.log = &f->log;
	return &f->b;
}

#endif
