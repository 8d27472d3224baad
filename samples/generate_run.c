#include <string.h>

#include "generate.h"

/*
 * One run, event by event, in the order of samples/README.md.  What happens
 * stands in the plan; how long it takes is drawn, or, for a fixed plan, the
 * median, so that the times of anchors are the same for every seed.
 */

#define MS (SECOND / 1000)

struct run {
	const struct plan *p;
	struct rng *r;
	const char *id;
	int64_t t;              /* now */
	int64_t recorded;       /* of the last event */
	int late;               /* after its end: reviews, complaints */
	int acting;             /* the action_id is known */
	int mirrors;            /* in shadow: a copy of a person's session */
	const char *action_id, *session, *trace, *user, *subject;
	const char *kind, *initiator, *parent;
	const char *object;     /* the order, shift or product it is about */
	const char *input, *reply;
	int nread;
};

/* What is proposed, decided, approved and done. */
struct deed {
	const struct action_fact *a;
	struct ruling rule;
	int64_t minor, duration;
	const char *args, *rationale, *before, *after, *output;
	const char *approval_id, *decision, *who, *view, *approved;
	int64_t requested, due, decided;
};

static void body(struct run *);

int64_t
money(enum tenant t, int64_t eur_cents)
{
	return t == DK ? eur_cents * 746 / 100 : eur_cents;
}

static int64_t
lasts(struct run *r, const struct quantiles *q)
{
	return r->p->fixed ? q->at[3] : rng_draw(r->r, q);
}

/* About so long; exactly, if fixed. */
static void
pass(struct run *r, int64_t us)
{
	r->t += r->p->fixed ? us
	    : us / 2 + (int64_t)rng_below(r->r, (uint64_t)us);
}

static const char *
identity(enum agent a)
{
	return text("spiffe://fictional-retail.example/%s", agents[a].id);
}

static void
begin(struct run *r, struct draft *d, const char *type, const char *step)
{
	const struct plan *p = r->p;
	const struct stage_fact *s = stage_at(p->agent, p->env, r->t);

	if (s == NULL)
		die(4, "%s/%s: %s is not in %s then", r->id, step,
		    agents[p->agent].id, env_name[p->env]);
	memset(d, 0, sizeof(*d));
	set_text(d, EVENT_AGENT_ID, agents[p->agent].id);
	set_text(d, EVENT_AGENT_VERSION, s->version);
	set_int(d, EVENT_DELEGATION_DEPTH, r->parent != NULL);
	set_text(d, EVENT_ENVIRONMENT, env_name[p->env]);
	set_text(d, EVENT_EVENT_ID, text("%s/%s", r->id, step));
	set_text(d, EVENT_EVENT_TYPE, type);
	set_text(d, EVENT_IDENTITY, identity(p->agent));
	set_text(d, EVENT_IDENTITY_PROOF, "mtls");
	set_text(d, EVENT_INITIATOR_ID, r->initiator);
	set_text(d, EVENT_INITIATOR_KIND, r->kind);
	set_text(d, EVENT_PARENT_ACTION_ID, r->parent);
	set_text(d, EVENT_RUN_ID, r->id);
	set_text(d, EVENT_SESSION_ID, r->session);
	set_int(d, EVENT_SHADOW, p->env == SHADOW);
	set_text(d, EVENT_TENANT_ID, tenant_name[p->tenant]);
	set_text(d, EVENT_TRACE_ID, r->trace);
	if (p->by_person || r->mirrors) {
		set_text(d, EVENT_USER_ID, r->user);
		set_text(d, EVENT_USER_ROLE, p->user_role);
	}
	if (r->acting)
		set_text(d, EVENT_ACTION_ID, r->action_id);
}

static void
end(struct run *r, struct draft *d)
{
	int64_t at = r->t + lasts(r, &q_delay) * MS;

	if (at <= r->recorded)
		at = r->recorded + 1;
	if (!r->late)
		r->recorded = at;
	set_int(d, EVENT_OCCURRED_US, r->t);
	set_int(d, EVENT_RECORDED_US, at);
	write_event(d);
}

/* --- what the agent receives ------------------------------------------ */

static const char *
tool_hash(enum tool t, int64_t us)
{
	const char *h = pin_at(t, us);

	if (h == NULL)
		die(4, "%s has no pin then", tools[t].id);
	return h;
}

static void
set_tool(struct run *r, struct draft *d, enum tool t)
{
	set_text(d, EVENT_TOOL, tools[t].id);
	set_text(d, EVENT_DATA_CLASS, tools[t].class);
	set_text(d, EVENT_SUBJECT, r->subject);
	set_text(d, EVENT_TARGET_SYSTEM, tools[t].system);
}

static void
start_run(struct run *r)
{
	const struct plan *p = r->p;
	struct draft d;
	const char *trigger = r->parent != NULL ? "message"
	    : p->by_person ? "chat" : r->kind;

	if (p->by_person) {
		begin(r, &d, "disclosure", "notice");
		set_int(&d, EVENT_NOTICE_SHOWN, 1);
		set_text(&d, EVENT_OUTCOME, "success");
		set_text(&d, EVENT_SUBJECT,
		    p->agent == SHIFT ? "roster-worker" : "ai-chat");
		end(r, &d);
		pass(r, 200 * MS);
	}
	begin(r, &d, "run_started", "start");
	set_text(&d, EVENT_TRIGGER, trigger);
	end(r, &d);
	pass(r, 20 * MS);
}

static void
receive(struct run *r)
{
	const struct plan *p = r->p;
	struct draft d;

	if (p->erased)
		r->input = payload_erased("{\"about\":\"%s\",\"channel\":\"%s\"}",
		    r->object, p->by_person ? "chat" : r->kind);
	else
		r->input = payload("{\"about\":\"%s\",\"channel\":\"%s\","
		    "\"text\":\"Request %s about %s.\"}", r->object,
		    p->by_person ? "chat" : r->kind, r->id, r->object);
	begin(r, &d, "input", "input");
	set_text(&d, EVENT_INPUT_HASH, r->input);
	set_text(&d, EVENT_DATA_CLASS, agents[p->agent].class);
	end(r, &d);
	pass(r, 10 * MS);
	r->acting = 1;
}

static void
ask_access(struct run *r, enum tool t, const char *scope, const char *verdict,
    const char *step)
{
	struct draft d;

	begin(r, &d, "access", step);
	set_text(&d, EVENT_PERMISSION, text("%s:%s", tools[t].id, scope));
	set_text(&d, EVENT_RESOURCE, text("%s/%s", tools[t].system, r->object));
	set_text(&d, EVENT_TARGET_SYSTEM, tools[t].system);
	set_text(&d, EVENT_TOOL, tools[t].id);
	set_text(&d, EVENT_SUBJECT, r->subject);
	set_text(&d, EVENT_VERDICT, verdict);
	set_text(&d, EVENT_REASON, verdict[0] == 'd' ? "not granted" : NULL);
	end(r, &d);
	pass(r, 4 * MS);
}

/* Draws, or has it from the plan: the chance of a failed call. */
static int
call_fails(struct run *r, enum tool t, int attempt)
{
	const struct plan *p = r->p;

	if (p->special == TOOL_DOWN)
		return 1;
	if (p->special == TOOL_RETRY && r->nread == 0)
		return attempt == 0;
	if (p->fixed)
		return 0;
	return rng_ppm(r->r, bad_weather(t, r->t) ? 250000 : 6000);
}

static int
read_tool(struct run *r, enum tool t)
{
	struct draft d;
	const char *args = payload("{\"id\":\"%s\",\"tool\":\"%s\",\"view\":%d}",
	    r->object, tools[t].id, r->nread);
	int failed = 1;

	ask_access(r, t, "read", "allow", text("access-%d", r->nread + 1));
	for (int i = 0; i < 2 && failed; i++) {
		int64_t took = lasts(r, &q_tool) * MS;

		failed = call_fails(r, t, i);
		r->t += took;
		begin(r, &d, "tool_call", text(i == 0 ? "read-%d" : "read-%d-again",
		    r->nread + 1));
		set_tool(r, &d, t);
		set_text(&d, EVENT_TOOL_HASH, tool_hash(t, r->t));
		set_text(&d, EVENT_ARGS_HASH, args);
		set_int(&d, EVENT_DURATION_US, took);
		set_text(&d, EVENT_OUTCOME, failed ? "failure" : "success");
		set_text(&d, EVENT_ERROR_TYPE, failed ? "unavailable" : NULL);
		set_text(&d, EVENT_RESOURCE, text("%s/%s", tools[t].system,
		    r->object));
		if (!failed)
			set_text(&d, EVENT_OUTPUT_HASH, payload("{\"id\":\"%s\","
			    "\"record\":\"%s/%d\",\"status\":\"open\"}",
			    r->object, r->id, r->nread + 1));
		end(r, &d);
		pass(r, 10 * MS);
	}
	r->nread++;
	return failed ? -1 : 0;
}

static void
retrieve(struct run *r)
{
	enum agent a = r->p->agent;
	int n = 1 + (int)rng_below(r->r, NDOCUMENT);
	struct draft d;

	begin(r, &d, "retrieval", "retrieval");
	set_text(&d, EVENT_DATA_CLASS, "internal");
	set_text(&d, EVENT_OUTCOME, "success");
	set_text(&d, EVENT_OUTPUT_HASH, payload_document(a, n));
	set_text(&d, EVENT_RESOURCE, agents[a].resource);
	set_text(&d, EVENT_SUBJECT, text("%s/%d", agents[a].resource, n));
	set_text(&d, EVENT_TOOL, tools[agents[a].retrieves].id);
	set_int(&d, EVENT_DURATION_US, 40 * MS);
	end(r, &d);
	pass(r, 40 * MS);
}

static void
guard(struct run *r, const char *side, const char *outcome, const char *step)
{
	struct draft d;

	pass(r, 16 * MS);
	begin(r, &d, "guardrail", step);
	set_text(&d, EVENT_TOOL, side[0] == 'i' ? "input-screen"
	    : "reply-filter");
	set_text(&d, EVENT_SUBJECT, side);
	set_text(&d, EVENT_OUTCOME, outcome);
	if (side[0] == 'o')
		set_text(&d, EVENT_OUTPUT_HASH, r->reply);
	else
		set_text(&d, EVENT_INPUT_HASH, r->input);
	end(r, &d);
	pass(r, 8 * MS);
}

/* order-desk asks fraud-screen, and does not wait for its run to end. */
static void
delegate(struct run *r)
{
	struct plan c = *r->p;
	struct run child = *r;
	struct draft d;

	begin(r, &d, "message", "message");
	set_text(&d, EVENT_SUBJECT, agents[FRAUD].id);
	set_text(&d, EVENT_ARGS_HASH, payload("{\"order\":\"%s\",\"question\":"
	    "\"risk\",\"run\":\"%s\"}", r->object, r->id));
	end(r, &d);

	c.agent = FRAUD;
	c.action = c.child_cents > 0 ? HOLD_PLACE : NO_ACTION;
	c.eur_cents = c.child_cents;
	c.child = c.by_person = c.complaint = 0;
	c.reads = c.models = 1;
	c.special = PLAIN;
	c.start = r->t + 5 * MS;
	child.p = &c;
	child.id = text("%sc", r->id);
	child.parent = r->action_id;
	child.kind = "agent";
	child.initiator = agents[ORDER].id;
	child.recorded = r->recorded;
	child.nread = child.acting = 0;
	child.action_id = text("act-%s", child.id);
	child.t = c.start;
	body(&child);

	pass(r, 1500 * MS);
	guard(r, "input", "success", "screen-reply");
}

/* --- what it thinks ---------------------------------------------------- */

static int
think(struct run *r)
{
	const struct plan *p = r->p;
	const char *in = r->input, *outp = NULL;

	for (int i = 0, tries = 0; i < p->models; tries++) {
		int64_t took = lasts(r, &q_tool) * 6 * MS;
		int failed = p->special == MODEL_DOWN ? 1 : p->fixed ? 0
		    : rng_ppm(r->r, 3000);
		const struct stage_fact *s;
		const struct version_fact *v;
		struct draft d;

		r->t += took;
		s = stage_at(p->agent, p->env, r->t);
		if (s == NULL)
			die(4, "%s: no version", r->id);
		v = version_of(p->agent, s->version);
		begin(r, &d, "model_call", text(tries > i ? "model-%d-again"
		    : "model-%d", i + 1));
		set_int(&d, EVENT_DURATION_US, took);
		set_text(&d, EVENT_INPUT_HASH, in);
		set_text(&d, EVENT_MODEL_ID, v->model);
		set_text(&d, EVENT_MODEL_PROVIDER, v->provider);
		set_text(&d, EVENT_MODEL_VERSION, v->model_version);
		set_text(&d, EVENT_OUTCOME, failed ? "failure" : "success");
		set_text(&d, EVENT_ERROR_TYPE, failed ? "provider_error" : NULL);
		set_text(&d, EVENT_PARAMS_HASH, v->params_hash);
		set_text(&d, EVENT_PROMPT_HASH, v->prompt_hash);
		set_text(&d, EVENT_PROMPT_ID, v->prompt);
		set_text(&d, EVENT_PROMPT_VERSION, v->prompt_version);
		set_int(&d, EVENT_TEMPERATURE_MILLI, v->temperature_milli);
		set_int(&d, EVENT_TOKENS_IN, 400 + took / MS % 900);
		set_int(&d, EVENT_TOKENS_OUT, failed ? 0 : 40 + took / MS % 210);
		if (!failed) {
			outp = payload("{\"step\":%d,\"text\":\"Step %d of %s.\"}",
			    i + 1, i + 1, r->id);
			set_text(&d, EVENT_OUTPUT_HASH, outp);
		}
		end(r, &d);
		pass(r, 10 * MS);
		if (failed && tries > i)
			return -1;
		if (!failed) {
			i++;
			tries = i - 1;
			in = outp;
		}
	}
	return 0;
}

static const char *
arguments(struct run *r, const struct deed *x, int modified)
{
	enum tenant t = r->p->tenant;

	if (x->a->amount)
		return payload("{\"action\":\"%s\",\"amount_minor\":%lld,"
		    "\"currency\":\"%s\",\"id\":\"%s\",\"run\":\"%s\"}",
		    x->a->id, (long long)x->minor, t == DK ? "DKK" : "EUR",
		    r->object, r->id);
	return payload("{\"action\":\"%s\",\"id\":\"%s\",\"run\":\"%s\","
	    "\"variant\":%d}", x->a->id, r->object, r->id, 1 + modified);
}

static void
set_deed(struct run *r, struct draft *d, const struct deed *x)
{
	const struct policy_version *v = policy_at(x->rule.policy, r->t);

	set_text(d, EVENT_ACTION, x->a->id);
	set_text(d, EVENT_ARGS_HASH, x->args);
	if (x->a->amount) {
		set_int(d, EVENT_AMOUNT_MINOR, x->minor);
		set_text(d, EVENT_CURRENCY, r->p->tenant == DK ? "DKK" : "EUR");
	}
	set_int(d, EVENT_CONFIDENCE_PPM, r->p->confidence * 1000);
	set_text(d, EVENT_POLICY_HASH, v->hash);
	set_text(d, EVENT_POLICY_ID, policies[x->rule.policy].id);
	set_text(d, EVENT_POLICY_RULE, x->rule.rule);
	set_text(d, EVENT_POLICY_VERSION, v->version);
	set_text(d, EVENT_TIER, x->rule.tier);
	set_text(d, EVENT_REASON, x->rule.reason);
	set_text(d, EVENT_RATIONALE_HASH, x->rationale);
	set_text(d, EVENT_REVERSIBLE, x->a->reversible);
	set_tool(r, d, x->a->tool);
}

static struct deed
decide(struct run *r, const struct ruling *block)
{
	const struct plan *p = r->p;
	struct deed x = { 0 };
	struct draft d;

	x.a = &actions[p->action];
	x.minor = money(p->tenant, p->eur_cents);
	x.rule = block != NULL ? *block : rule_for(p->action, p->tenant, r->t,
	    x.minor, p->confidence);
	x.args = arguments(r, &x, 0);
	x.rationale = payload("{\"because\":\"%s\",\"confidence\":\"0.%03d\","
	    "\"proposes\":\"%s\",\"run\":\"%s\"}", x.rule.reason,
	    p->confidence, x.a->id, r->id);
	begin(r, &d, "decision", "decision");
	set_deed(r, &d, &x);
	set_text(&d, EVENT_INPUT_HASH, r->input);
	set_text(&d, EVENT_TARGET_SYSTEM, x.rule.gate);
	set_text(&d, EVENT_VERDICT, x.rule.tier[0] == 'b' ? "deny"
	    : x.rule.tier[1] == 'p' ? "require_approval" : "allow");
	end(r, &d);
	pass(r, 20 * MS);
	return x;
}

/* --- a person is asked ------------------------------------------------- */

static void
set_request(struct run *r, struct draft *d, const struct deed *x)
{
	set_deed(r, d, x);
	set_text(d, EVENT_DATA_CLASS, NULL);
	set_text(d, EVENT_RATIONALE_HASH, NULL);
	set_text(d, EVENT_TARGET_SYSTEM, x->rule.gate);
	set_text(d, EVENT_APPROVAL_ID, x->approval_id);
	set_int(d, EVENT_APPROVAL_DUE_US, x->due);
	set_int(d, EVENT_APPROVAL_REQUESTED_US, x->requested);
	set_text(d, EVENT_APPROVER_ROLE, x->rule.role);
}

static const char *
approver(struct run *r, const struct deed *x, uint64_t k)
{
	const struct plan *p = r->p;

	/* A manager answers for the own shop, but not the own request. */
	if (strcmp(x->rule.role, "store-manager") == 0)
		k = (uint64_t)p->tenant + (p->by_person ? 1 : 0);
	return person_at(x->rule.role, r->t, k);
}

static void
answer(struct run *r, struct deed *x, const char *who, const char *decision,
    const char *step)
{
	struct draft d;

	x->who = who;
	x->decision = decision;
	x->decided = r->t;
	begin(r, &d, "approval_decided", step);
	set_request(r, &d, x);
	set_int(&d, EVENT_APPROVAL_DECIDED_US, x->decided);
	set_text(&d, EVENT_APPROVAL_DECISION, decision);
	set_text(&d, EVENT_APPROVAL_VIEW_HASH, x->view);
	set_text(&d, EVENT_APPROVED_ARGS_HASH, x->approved);
	set_text(&d, EVENT_APPROVER_ID, who);
	end(r, &d);
}

/* When the person asked would answer, on duty or when duty begins. */
static int64_t
answered_at(struct run *r, const struct deed *x, const char *who)
{
	int64_t from = r->t, wait;

	if (r->p->fixed)
		return r->p->answer == EXPIRED ? x->due + SECOND
		    : r->t + 240 * SECOND;
	if (!on_duty(x->rule.role, from))
		from = next_duty(x->rule.role, from);
	wait = rng_draw(r->r, &q_approval) * SECOND;
	if (strcmp(who, "finance.one") == 0 && rng_ppm(r->r, 40000))
		wait = 3 * SECOND;
	return from + wait + (int64_t)rng_below(r->r, SECOND);
}

/* Unanswered at due: a new due, and finance-lead answers in the morning. */
static void
escalate(struct run *r, struct deed *x)
{
	struct draft d;
	int64_t in_day;

	pass(r, 20 * SECOND);
	x->due = r->t + DAY;
	begin(r, &d, "approval_escalated", "escalated");
	set_request(r, &d, x);
	set_text(&d, EVENT_REASON, "no answer in time");
	end(r, &d);
	in_day = r->t % DAY;
	if (in_day < 6 * HOUR)
		r->t += 6 * HOUR - in_day;
	else if (in_day >= 14 * HOUR)
		r->t += 30 * HOUR - in_day;
	else
		r->t += 30 * MINUTE;
	pass(r, 40 * MINUTE);
}

/* 1: it may be done. */
static int
ask_approval(struct run *r, struct deed *x)
{
	static const char *const word[] = { "approved", "modified", "rejected",
	    "approved" };
	const struct plan *p = r->p;
	const char *decision = word[p->answer], *who, *first;
	uint64_t k = p->fixed ? 0 : rng_below(r->r, 12);
	int escalated = 0;
	int64_t at;
	struct draft d;

	pass(r, 40 * MS);
	x->approval_id = text("apr-%s", r->id);
	x->requested = r->t;
	x->due = r->t + x->rule.sla;
	x->approved = x->args;
	x->view = payload("{\"alternatives\":[\"refuse\",\"ask for more\"],"
	    "\"confidence\":\"0.%03d\",\"escalation_reason\":\"%s\","
	    "\"next_action\":\"%s\",\"policy_refs\":[\"%s/%s\"],"
	    "\"source_records\":[\"%s\",\"%s\"]}", p->confidence,
	    x->rule.reason, x->a->id, policies[x->rule.policy].id,
	    x->rule.rule, r->object, r->id);
	begin(r, &d, "approval_requested", "ask");
	set_request(r, &d, x);
	end(r, &d);

	who = approver(r, x, k);
	at = answered_at(r, x, who);
	if (at > x->due) {
		r->t = x->due + SECOND;
		begin(r, &d, "approval_expired", "expired");
		set_request(r, &d, x);
		end(r, &d);
		if (!x->rule.escalate)
			return 0;
		escalate(r, x);
		escalated = 1;
		who = "finance-lead.one";
	} else
		r->t = at;
	/* finance.two may be gone, finance.three have come, since. */
	if (!escalated)
		who = approver(r, x, k);
	if (p->answer == MODIFIED && x->rule.persons == 1) {
		x->minor = x->minor * 8 / 10;
		x->approved = arguments(r, x, 1);
	} else if (p->answer == MODIFIED)
		decision = "approved";
	if (x->rule.persons == 2 && p->answer != REJECTED) {
		answer(r, x, who, decision, "answer-1");
		first = who;
		pass(r, x->due - r->t < 20 * MINUTE ? (x->due - r->t) / 2
		    : 5 * MINUTE);
		do
			who = approver(r, x, ++k);
		while (strcmp(who, first) == 0);
		answer(r, x, who, decision, "answer-2");
	} else
		answer(r, x, who, decision, "answer");
	x->args = x->approved;
	pass(r, 100 * MS);
	return p->answer != REJECTED;
}

/* --- what it does ------------------------------------------------------ */

static void
set_approval(struct draft *d, const struct deed *x)
{
	if (x->approval_id == NULL)
		return;
	set_text(d, EVENT_APPROVAL_ID, x->approval_id);
	set_int(d, EVENT_APPROVAL_REQUESTED_US, x->requested);
	set_int(d, EVENT_APPROVAL_DUE_US, x->due);
	if (x->decision == NULL)
		return;
	set_int(d, EVENT_APPROVAL_DECIDED_US, x->decided);
	set_text(d, EVENT_APPROVAL_DECISION, x->decision);
	set_text(d, EVENT_APPROVAL_VIEW_HASH, x->view);
	set_text(d, EVENT_APPROVED_ARGS_HASH, x->approved);
	set_text(d, EVENT_APPROVER_ID, x->who);
	set_text(d, EVENT_APPROVER_ROLE, x->rule.role);
}

static void
set_states(struct draft *d, const struct deed *x)
{
	set_text(d, EVENT_BEFORE_HASH, x->before);
	set_text(d, EVENT_AFTER_HASH, x->after);
	set_text(d, EVENT_OUTPUT_HASH, x->output);
	set_int(d, EVENT_DURATION_US, x->duration);
}

static void
make_states(struct run *r, struct deed *x)
{
	int shadow = r->p->env == SHADOW;

	if (x->a->state || shadow)
		x->before = payload("{\"id\":\"%s\",\"run\":\"%s\","
		    "\"state\":\"open\",\"version\":1}", r->object, r->id);
	if (shadow)
		x->after = x->before;
	else if (x->a->state)
		x->after = payload("{\"by\":\"%s\",\"id\":\"%s\",\"run\":\"%s\","
		    "\"state\":\"changed\",\"version\":2}", x->a->id, r->object,
		    r->id);
	x->output = payload("{\"done\":\"%s\",\"id\":\"%s\",\"run\":\"%s\"}",
	    x->a->id, r->object, r->id);
}

/* The write, tried again once.  -1: it failed twice, nothing has changed. */
static int
call_write(struct run *r, struct deed *x)
{
	int failed = 1;

	for (int i = 0; i < 2 && failed; i++) {
		struct draft d;

		failed = r->p->fixed ? 0 : rng_ppm(r->r,
		    bad_weather(x->a->tool, r->t) ? 250000 : 6000);
		x->duration = lasts(r, &q_tool) * MS;
		r->t += x->duration;
		begin(r, &d, "tool_call", i == 0 ? "write" : "write-again");
		set_deed(r, &d, x);
		set_text(&d, EVENT_REASON, NULL);
		set_text(&d, EVENT_TOOL_HASH, tool_hash(x->a->tool, r->t));
		set_text(&d, EVENT_INPUT_HASH, r->input);
		set_text(&d, EVENT_RESOURCE, text("%s/%s",
		    tools[x->a->tool].system, r->object));
		set_text(&d, EVENT_OUTCOME, failed ? "failure" : "success");
		set_text(&d, EVENT_ERROR_TYPE, failed ? "unavailable" : NULL);
		set_text(&d, EVENT_VERDICT, "allow");
		if (failed)
			set_int(&d, EVENT_DURATION_US, x->duration);
		else
			set_states(&d, x);
		set_approval(&d, x);
		end(r, &d);
		pass(r, 6 * MS);
	}
	if (failed) {
		x->after = x->before;
		x->output = payload("{\"error\":\"unavailable\",\"id\":\"%s\","
		    "\"run\":\"%s\"}", r->object, r->id);
	}
	return failed ? -1 : 0;
}

static void
act(struct run *r, struct deed *x, const char *outcome)
{
	int blocked = strcmp(outcome, "blocked") == 0;
	struct draft d;

	begin(r, &d, "action", "action");
	set_deed(r, &d, x);
	set_text(&d, EVENT_INPUT_HASH, r->input);
	set_text(&d, EVENT_OUTCOME, outcome);
	set_text(&d, EVENT_VERDICT, blocked ? "deny" : "allow");
	if (!blocked || r->p->env == SHADOW)
		set_states(&d, x);
	set_approval(&d, x);
	end(r, &d);
	pass(r, 6 * MS);
	if (!blocked && r->p->env == PROD && strncmp(x->a->id, "content.", 8) == 0) {
		begin(r, &d, "disclosure", "mark");
		set_int(&d, EVENT_NOTICE_SHOWN, 1);
		set_text(&d, EVENT_OUTCOME, "success");
		set_text(&d, EVENT_SUBJECT, "ai-text");
		end(r, &d);
		pass(r, 6 * MS);
	}
}

/* --- the end, and what comes after it ---------------------------------- */

static void
end_run(struct run *r, const char *outcome, const char *error)
{
	struct draft d;

	if (error == NULL) {
		if (r->reply == NULL)
			r->reply = payload("{\"about\":\"%s\",\"reply\":\"%s\","
			    "\"run\":\"%s\"}", r->object, outcome, r->id);
		guard(r, "output", "success", "filter");
	}
	begin(r, &d, "run_ended", "end");
	r->acting = 0;
	set_text(&d, EVENT_ACTION_ID, NULL);
	set_text(&d, EVENT_OUTCOME, outcome);
	set_text(&d, EVENT_ERROR_TYPE, error);
	if (error == NULL)
		set_text(&d, EVENT_OUTPUT_HASH, r->reply);
	set_int(&d, EVENT_DURATION_US, r->t - r->p->start);
	end(r, &d);
	r->acting = 1;
}

/* An event of a person about the action, after the run. */
static void
afterwards(struct run *r, struct draft *d, int64_t at, const char *type,
    const char *step, const char *who)
{
	r->late = 1;
	r->t = at;
	begin(r, d, type, step);
	set_text(d, EVENT_IDENTITY, NULL);
	set_text(d, EVENT_IDENTITY_PROOF, NULL);
	set_text(d, EVENT_USER_ID, NULL);
	set_text(d, EVENT_USER_ROLE, NULL);
	set_text(d, EVENT_INITIATOR_KIND, "operator");
	set_text(d, EVENT_INITIATOR_ID, who);
}

static void
roll_back(struct run *r, const struct deed *x, int64_t at, const char *who)
{
	struct draft d;

	afterwards(r, &d, at, "rollback", "rollback", who);
	set_text(&d, EVENT_ACTION, x->a->undo);
	set_text(&d, EVENT_REF_KIND, "rollback_of");
	set_text(&d, EVENT_REF_ID, r->action_id);
	set_text(&d, EVENT_BEFORE_HASH, x->after);
	set_text(&d, EVENT_AFTER_HASH, x->before);
	set_text(&d, EVENT_OUTCOME, "success");
	set_text(&d, EVENT_TOOL, tools[x->a->tool].id);
	end(r, &d);
}

static void
review(struct run *r, const struct deed *x, int64_t from)
{
	const struct plan *p = r->p;
	int64_t wait = p->fixed ? 8 * HOUR : 2 * HOUR +
	    (int64_t)rng_below(r->r, 18 * HOUR);
	uint64_t k = p->fixed ? 0 : rng_below(r->r, 12);
	const char *who;
	struct draft d;

	who = person_at(agents[p->agent].reviewer, from + wait, k);
	afterwards(r, &d, from + wait, "review", "review", who);
	if (x != NULL)
		set_text(&d, EVENT_ACTION, x->a->id);
	set_text(&d, EVENT_REF_KIND, "reviews");
	set_text(&d, EVENT_REF_ID, r->action_id);
	set_text(&d, EVENT_OUTCOME, p->reversed ? "reversed" : "upheld");
	end(r, &d);
	if (p->reversed && x != NULL && x->a->undo != NULL) {
		pass(r, 30 * MINUTE);
		roll_back(r, x, r->t, who);
	}
}

static void
complain(struct run *r, int64_t from)
{
	const struct plan *p = r->p;
	int64_t at = p->complaint_at, back;
	struct draft d;

	if (at == 0)
		at = from + DAY + (p->fixed ? 0
		    : (int64_t)rng_below(r->r, 4 * DAY));
	back = 2 * DAY + (p->fixed ? 0 : (int64_t)rng_below(r->r, 7 * DAY));
	if (at + back > AT(10, 11, 12, 0))
		return;
	afterwards(r, &d, at, "complaint", "complaint", r->user);
	set_text(&d, EVENT_INITIATOR_KIND, "user");
	set_text(&d, EVENT_USER_ID, r->user);
	set_text(&d, EVENT_USER_ROLE, "customer");
	set_text(&d, EVENT_REF_KIND, "complains_of");
	set_text(&d, EVENT_REF_ID, r->action_id);
	end(r, &d);
	afterwards(r, &d, at + back, "review", "reply",
	    person_at("support", at + back, (uint64_t)(at / SECOND)));
	set_text(&d, EVENT_REF_KIND, "resolves");
	set_text(&d, EVENT_REF_ID, text("%s/complaint", r->id));
	set_text(&d, EVENT_OUTCOME, "upheld");
	end(r, &d);
}

static void
afterlife(struct run *r, const struct deed *x, int64_t done)
{
	const struct plan *p = r->p;

	if (p->env == SHADOW || x->rule.tier[0] == 'n' ||
	    (x->rule.tier[1] == 'u' && p->reviewed))
		review(r, x, done);
	if (p->rolled_back)
		roll_back(r, x, p->rollback_at, "sre.one");
	if (p->complaint)
		complain(r, done);
}

/* --- the run ------------------------------------------------------------ */

static struct ruling
base_rule(const char *rule, const char *gate, const char *reason)
{
	struct ruling b = { P_BASE, rule, "block", NULL, reason, gate, 0, 1, 0 };

	return b;
}

/* Decided against, and blocked; people review that too, in shadow. */
static void
refuse(struct run *r, const struct ruling *rule, const char *error)
{
	struct deed x = decide(r, rule);
	int64_t done;

	if (r->p->env == SHADOW)
		make_states(r, &x);
	act(r, &x, "blocked");
	done = r->t;
	end_run(r, error != NULL ? "refused" : "success", error);
	if (r->p->env == SHADOW)
		review(r, &x, done);
}

/* Whether the input is taken; else the run has ended. */
static int
taken(struct run *r)
{
	struct ruling b;

	switch (r->p->special) {
	case INPUT_BLOCKED:
		guard(r, "input", "blocked", "screen");
		b = base_rule("B5", "input-gate", "instructions in the input");
		refuse(r, &b, "input_blocked");
		return 0;
	case BLOCK_B1:
		guard(r, "input", "success", "screen");
		b = base_rule("B1", "input-gate", "person under erasure");
		refuse(r, &b, "person_under_erasure");
		return 0;
	case BLOCK_B3:
		guard(r, "input", "success", "screen");
		b = base_rule("B3", "api-gateway", "too many requests");
		refuse(r, &b, "rate_limited");
		return 0;
	case BLOCK_B4:
		guard(r, "input", "success", "screen");
		b = base_rule("B4", "tool-gate", "data class health");
		refuse(r, &b, "data_class_barred");
		return 0;
	case ACCESS_DENIED:
		ask_access(r, r->p->agent == REFUND ? SUPPLIERS : PAYMENTS, "write",
		    "deny", "access-denied");
		guard(r, "input", "success", "screen");
		end_run(r, "refused", "access_denied");
		return 0;
	case PLAIN: case BLOCK_B2: case BLOCK_OWN: case HUMAN:
	case TOOL_RETRY: case TOOL_DOWN: case MODEL_DOWN: case REFUSED:
		break;
	}
	return 1;
}

static void
ask_human(struct run *r)
{
	struct draft d;

	begin(r, &d, "approval_escalated", "human");
	set_text(&d, EVENT_APPROVAL_ID, text("apr-%s", r->id));
	set_text(&d, EVENT_APPROVER_ROLE, "support");
	set_int(&d, EVENT_APPROVAL_DUE_US, r->t + DAY);
	set_text(&d, EVENT_REASON, "human_requested");
	end(r, &d);
	pass(r, 20 * MS);
}

static void
propose(struct run *r)
{
	const struct plan *p = r->p;
	struct deed x;
	struct ruling b;
	int64_t done;
	const char *outcome = "success";

	if (p->special == BLOCK_B2) {
		r->reply = payload("{\"about\":\"%s\",\"reply\":\"withheld\","
		    "\"run\":\"%s\"}", r->object, r->id);
		guard(r, "output", "blocked", "filter");
		b = base_rule("B2", "reply-filter", "brand words");
		refuse(r, &b, "output_blocked");
		return;
	}
	if (p->special == BLOCK_OWN) {
		b = rule_for(p->action, p->tenant, r->t, 0, 999);
		b.rule = p->block_rule;
		b.tier = "block";
		b.reason = "barred by the policy";
		refuse(r, &b, NULL);
		return;
	}
	x = decide(r, NULL);
	if (p->env == PROD && x.rule.tier[1] == 'p' && !ask_approval(r, &x)) {
		act(r, &x, "blocked");
		end_run(r, "success", NULL);
		return;
	}
	make_states(r, &x);
	if (p->env == PROD && call_write(r, &x) != 0)
		outcome = "failure";
	act(r, &x, outcome);
	done = r->t;
	end_run(r, outcome, outcome[0] == 'f' ? "unavailable" : NULL);
	if (outcome[0] == 's')
		afterlife(r, &x, done);
}

static void
body(struct run *r)
{
	const struct plan *p = r->p;
	int reads = p->env == SHADOW ? agents[p->agent].shadow_reads
	    : agents[p->agent].nread;
	int failed = 0;

	start_run(r);
	if (p->special == REFUSED) {
		end_run(r, "refused", p->block_rule);
		return;
	}
	receive(r);
	if (!taken(r))
		return;
	for (int i = 0; i < p->reads && reads > 0 && !failed; i++)
		failed = read_tool(r, agents[p->agent].read[i % reads]);
	if (p->retrieves && !failed)
		retrieve(r);
	guard(r, "input", "success", "screen");
	if (failed) {
		end_run(r, "failure", "tool_unavailable");
		return;
	}
	if (p->child)
		delegate(r);
	if (think(r) != 0) {
		end_run(r, "failure", "model_unavailable");
		return;
	}
	if (p->action != NO_ACTION) {
		propose(r);
		return;
	}
	if (p->special == HUMAN)
		ask_human(r);
	end_run(r, "success", NULL);
	if (p->special == HUMAN)
		review(r, NULL, r->t);
}

void
run_write(const struct plan *p, const char *id, struct rng *rng)
{
	static const char *const letters[] = { "DK", "DE", "NL" };
	struct run r = { 0 };
	uint64_t a = rng_next(rng), b = rng_next(rng);
	unsigned number = 1000000 + (unsigned)rng_below(rng, 9000000);

	r.p = p;
	r.r = rng;
	r.id = id;
	r.t = p->start;
	r.trace = text("%016llx%016llx", (unsigned long long)a,
	    (unsigned long long)b);
	r.session = text("ses-%016llx", (unsigned long long)(a ^ (b >> 7)));
	r.action_id = text("act-%s", id);
	r.object = text("%s-%07u", letters[p->tenant], number);
	r.user = payload_erased("user %d %llu", (int)p->tenant,
	    (unsigned long long)p->user);
	r.mirrors = p->env == SHADOW && p->user_role != NULL;
	r.subject = (p->by_person && p->agent != SHIFT) || r.mirrors ? r.user
	    : payload_erased("subject %s", r.object);
	if (p->by_person) {
		r.kind = "user";
		r.initiator = r.user;
	} else if (p->env == SHADOW || p->agent == FRAUD || p->agent == COPY ||
	    p->agent == ORDER || p->agent == REFUND) {
		r.kind = "webhook";
		r.initiator = text("%s.%s", tenant_name[p->tenant],
		    p->env == SHADOW ? "mirror" : "events");
	} else {
		r.kind = "schedule";
		r.initiator = text("schedule.%s", agents[p->agent].id);
	}
	body(&r);
	write_forget();
}
