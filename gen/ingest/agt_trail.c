#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/str.h"
#include "ingest/format.h"

/*
 * Agent OS: governance lines (agt-os) and the published example trails
 * (agt-trail).  Neither has a hash, a policy version, an approver: grade
 * none, and most controls stay without evidence.
 */

static int
detect_os(const struct ingest_probe *p)
{
	static const char *const all[] = { "timestamp", "event_type", "agent_id",
		"action", "decision", "latency_ms", NULL };
	static const char *const none[] = { "hash", "entry_hash", "event_id",
		NULL };

	return ingest_has(p, all, none);
}

static int
detect_trail(const struct ingest_probe *p)
{
	static const char *const all[] = { "timestamp", "event_type", "agent_id",
		NULL };
	static const char *const none[] = { "hash", "entry_hash", "event_id",
		"latency_ms", "recorded_us", "previous_hash", NULL };

	if (!ingest_has(p, all, none))
		return 0;
	for (size_t i = 0; i < p->nrec; i++)
		if (json_get(p->rec[i], "tool") == NULL &&
		    json_get(p->rec[i], "checkpoint") == NULL)
			return 0;
	return 1;
}

static int
set_common(struct ingest *in, struct value *col, const struct json *r)
{
	const char *agent = json_text(r, "agent_id");
	const char *word = json_text(r, "decision"), *verdict;
	int64_t us;

	if (agent == NULL || *agent == '\0')
		return ingest_bad(in, json_get(r, "agent_id"),
		    "agent_id: is not there");
	if (ingest_when(in, json_get(r, "timestamp"), &us) != 0)
		return 1;
	ingest_int(col, EVENT_OCCURRED_US, us);
	ingest_text(col, EVENT_AGENT_ID, agent);
	if (strncmp(agent, "did:", 4) == 0 || strncmp(agent, "spiffe:", 7) == 0)
		ingest_text(col, EVENT_IDENTITY, agent);
	verdict = ingest_verdict(word);
	ingest_text(col, EVENT_VERDICT, verdict);
	if (verdict == NULL)
		ingest_ext(in, "decision", word);
	ingest_copy(col, EVENT_REASON, r, "reason");
	ingest_ext_json(in, "event_type", json_get(r, "event_type"));
	return 0;
}

static int
record_os(struct ingest *in, const struct json *r, struct err *e)
{
	static const char *const known[] = { "action", "agent_id", "decision",
		"event_type", "latency_ms", "metadata", "reason", "timestamp",
		NULL };
	const struct json *ms = json_some(r, "latency_ms");
	const struct json *meta = json_some(r, "metadata");
	struct value *col = ingest_new(in, "decision");
	int64_t us;

	if (set_common(in, col, r) != 0)
		return 1;
	ingest_copy(col, EVENT_ACTION, r, "action");
	ingest_lost(in, r, known);
	if (ms != NULL && ms->type == JSON_NUMBER) {
		if (ingest_decimal(ms->raw, ms->rawlen, 3, &us) == 0)
			ingest_int(col, EVENT_DURATION_US, us);
		else
			ingest_ext_json(in, "latency_ms", ms);
	}
	if (meta == NULL || (meta->type == JSON_OBJECT && meta->child == NULL))
		return 0;
	return ingest_content(in, col, EVENT_INPUT_HASH, meta->raw, meta->rawlen,
	    e);
}

static int
record_trail(struct ingest *in, const struct json *r, struct err *e)
{
	static const char *const known[] = { "agent_id", "agent_name", "amount",
		"call_count", "checkpoint", "decision", "event_type", "reason",
		"recipient", "role", "timestamp", "tool", NULL };
	const struct json *to = json_some(r, "recipient");
	const char *word = json_text(r, "event_type");
	struct value *col;

	/* A checkpoint of the toolkit is a mark in its run, no decision. */
	col = ingest_new(in, word != NULL && strcasecmp(word, "checkpoint") == 0 ?
	    "change" : "decision");
	if (set_common(in, col, r) != 0)
		return 1;
	ingest_copy(col, EVENT_TOOL, r, "tool");
	ingest_ext_json(in, "agent_name", json_some(r, "agent_name"));
	ingest_ext_json(in, "amount", json_some(r, "amount"));
	ingest_ext_json(in, "call_count", json_some(r, "call_count"));
	ingest_ext_json(in, "checkpoint", json_some(r, "checkpoint"));
	ingest_ext_json(in, "role", json_some(r, "role"));
	ingest_lost(in, r, known);
	return to == NULL || to->type != JSON_STRING ? 0 :
	    ingest_content(in, col, EVENT_INPUT_HASH, to->p, to->len, e);
}

static int
end(struct ingest *in, struct err *e)
{
	(void)e;
	ingest_found(in, DIAG_NO_TAIL);
	return 0;
}

const struct ingest_format format_os = {
	.name = "agt-os", .frame = { SOURCE_LINES, SOURCE_ARRAY },
	.detect = detect_os, .record = record_os, .end = end
};

const struct ingest_format format_trail = {
	.name = "agt-trail", .frame = { SOURCE_ARRAY, SOURCE_LINES },
	.detect = detect_trail, .record = record_trail, .end = end
};
