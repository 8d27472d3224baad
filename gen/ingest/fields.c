#include <string.h>

#include "ingest/ingest.h"

/* foreign-logs.md, "Not covered" and "Protection" of each format. */
static const struct source_field fields[] = {
	{ "agt-cli", "action", "action", "chain" },
	{ "agt-cli", "agentId", "agent_id", "chain" },
	{ "agt-cli", "decision", "verdict", "chain" },
	{ "agt-cli", "timestamp", "occurred_us", "chain" },
	{ "agt-flight", "agent_id", "agent_id", "chain" },
	{ "agt-flight", "execution_time_ms", "duration_us", "checksum" },
	{ "agt-flight", "input_prompt", "input_hash", "no" },
	{ "agt-flight", "metadata", "input_hash", "no" },
	{ "agt-flight", "policy_verdict", "outcome", "checksum" },
	{ "agt-flight", "policy_verdict", "verdict", "checksum" },
	{ "agt-flight", "result", "output_hash", "checksum" },
	{ "agt-flight", "timestamp", "occurred_us", "chain" },
	{ "agt-flight", "tool_args", "args_hash", "chain" },
	{ "agt-flight", "tool_name", "tool", "chain" },
	{ "agt-flight", "trace_id", "trace_id", "chain" },
	{ "agt-flight", "violation_reason", "reason", "checksum" },
#define UNCOVERED(f) \
	{ f, "approver_did", "approver_id", "no" }, \
	{ f, "arguments_hash", "approved_args_hash", "no" }, \
	{ f, "arguments_hash", "args_hash", "no" }, \
	{ f, "completed_at", "duration_us", "no" }, \
	{ f, "compute_driver", NULL, "no" }, \
	{ f, "environment", "environment", "no" }, \
	{ f, "issued_at", "duration_us", "no" }, \
	{ f, "matched_rule", "policy_rule", "no" }, \
	{ f, "policy_decision", "verdict", "no" }, \
	{ f, "policy_version", "policy_version", "no" }, \
	{ f, "sandbox_id", NULL, "no" }, \
	{ f, "session_id", "session_id", "no" }, \
	{ f, "target_did", "target_system", "no" }, \
	{ f, "trace_id", "trace_id", "no" }
	UNCOVERED("agt-mesh-export"),
	{ "agt-mesh-signed", "compute_driver", NULL, "no" },
	{ "agt-mesh-signed", "environment", "environment", "no" },
	{ "agt-mesh-signed", "sandbox_id", NULL, "no" },
	UNCOVERED("agt-mesh-stdout"),
	{ "agt-os", "every field", NULL, "no" },
	{ "agt-trail", "every field", NULL, "no" },
	{ "agt-ts", "action", "action", "chain" },
	{ "agt-ts", "agentId", "agent_id", "chain" },
	{ "agt-ts", "decision", "verdict", "chain" },
	{ "agt-ts", "timestamp", "occurred_us", "chain" }
};

const struct source_field *
ingest_fields(size_t *n)
{
	*n = sizeof(fields) / sizeof(fields[0]);
	return fields;
}

int
ingest_field_of_column(size_t i)
{
	if (fields[i].column == NULL)
		return 0;
	for (size_t k = 0; k < i; k++)
		if (fields[k].column != NULL &&
		    strcmp(fields[k].format, fields[i].format) == 0 &&
		    strcmp(fields[k].column, fields[i].column) == 0)
			return 0;
	return 1;
}
