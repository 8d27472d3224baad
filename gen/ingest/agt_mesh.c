#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "ingest/format.h"

/*
 * AgentMesh's audit log, in three spellings (docs/format/logs.md, A1 and A2):
 * signed JSON lines (content_hash, HMAC), the export object (entry_hash, a
 * Merkle root over all entries), and lines on standard output.
 */
#define CAP 10000 /* entries that an export holds at most */
#define LEVELS 64

struct mesh {
	char prev[HASH_HEXLEN]; /* hash of the record before; "" at first */
	uint64_t n;
	int from_genesis;
	/* The export's own tree: hex texts, joined without a prefix. */
	char edge[LEVELS][HASH_HEXLEN];
};

static const char *const signed_keys[] = { "content_hash", "previous_hash",
	"signature", "agent_did", "entry_id", NULL };
static const char *const stdout_keys[] = { "entry_hash", "previous_hash",
	"agent_did", NULL };

static int
detect_signed(const struct ingest_probe *p)
{
	return p->frame != SOURCE_OBJECT && ingest_has(p, signed_keys, NULL);
}

static int
detect_stdout(const struct ingest_probe *p)
{
	static const char *const none[] = { "content_hash", NULL };

	return p->frame != SOURCE_OBJECT && ingest_has(p, stdout_keys, none);
}

static int
detect_export(const struct ingest_probe *p)
{
	int root = 0, entries = 0;

	for (size_t i = 0; i < p->nkey; i++) {
		root |= strcmp(p->key[i], "merkle_root") == 0;
		entries |= strcmp(p->key[i], "entries") == 0;
	}
	return root && entries;
}

static int
begin(struct ingest *in, struct err *e)
{
	(void)e;
	in->state = arena_alloc(in->arena, sizeof(struct mesh));
	return 0;
}

/* Hashes over the source's bytes */

static void
add_member(struct str *s, const struct json *r, const char *key,
    const char *absent)
{
	const struct json *v = json_get(r, key);

	str_addf(s, "%s\"%s\": ", s->len == 1 ? "" : ", ", key);
	if (v == NULL)
		str_addz(s, absent);
	else
		json_python(s, v);
}

static int
hash_is(struct ingest *in, const struct str *s, const char *hex)
{
	uint8_t sum[HASH_LEN];
	char want[HASH_HEXLEN];

	hash_bytes(in->hash, sum, s->p, s->len);
	hash_hex(want, sum);
	return hex != NULL && strcmp(want, hex) == 0;
}

static int
content_hash_holds(struct ingest *in, const struct json *r)
{
	static const char *const keys[] = { "action", "agent_did", "data",
		"entry_id", "event_type", "matched_rule", "outcome",
		"policy_decision", "previous_hash", "resource", "session_id",
		"target_did", "timestamp", "trace_id" };
	struct str s = str_new(in->rec);

	str_addc(&s, '{');
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		add_member(&s, r, keys[i], "null");
	str_addc(&s, '}');
	return hash_is(in, &s, json_text(r, "content_hash"));
}

/* The timestamp in isoformat: T for the blank, +00:00 for Z. */
static void
add_isoformat(struct str *s, const struct json *v)
{
	struct str t = str_new(s->arena);

	if (v == NULL || v->type != JSON_STRING) {
		str_addz(s, "null");
		return;
	}
	str_add(&t, v->p, v->len);
	if (t.len > 10 && t.p[10] == ' ')
		t.p[10] = 'T';
	if (t.len > 0 && t.p[t.len - 1] == 'Z') {
		t.len--;
		str_addz(&t, "+00:00");
	}
	json_python_text(s, t.p, t.len);
}

static int
entry_hash_holds(struct ingest *in, const struct json *r)
{
	static const char *const keys[] = { "action", "agent_did", "data",
		"entry_id", "event_type", "outcome", "previous_hash",
		"resource" };
	struct str s = str_new(in->rec);

	str_addc(&s, '{');
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		add_member(&s, r, keys[i], strcmp(keys[i], "data") == 0 ? "{}" :
		    "null");
	str_addz(&s, ", \"timestamp\": ");
	add_isoformat(&s, json_get(r, "timestamp"));
	str_addc(&s, '}');
	return hash_is(in, &s, json_text(r, "entry_hash"));
}

/* The MAC over the 64 hex characters of content_hash. */
static void
check_mac(struct ingest *in, const struct json *r)
{
	const char *hash = json_text(r, "content_hash");
	const char *mac = json_text(r, "signature");
	uint8_t sum[HASH_LEN];
	char want[HASH_HEXLEN];

	if (in->opt->source_key == NULL) {
		ingest_found(in, DIAG_MAC_UNCHECKED);
		return;
	}
	if (hash != NULL)
		hash_hmac(sum, in->opt->source_key, in->opt->source_keylen, hash,
		    strlen(hash));
	else
		memset(sum, 0, sizeof(sum));
	hash_hex(want, sum);
	if (hash == NULL || mac == NULL || strcmp(want, mac) != 0) {
		ingest_broken(in, DIAG_TAMPERED);
		return;
	}
	ingest_ext(in, "mac", "verified");
	in->report->macs++;
}

/* The link to the record before; the first one looks for its place. */
static int
check_link(struct ingest *in, const struct json *r, const char *own,
    struct err *e)
{
	const char *prev = json_text(r, "previous_hash");
	struct mesh *m = in->state;

	if (prev == NULL)
		prev = "";
	if (m->n == 0) {
		m->from_genesis = *prev == '\0';
		if (ingest_head(in, m->from_genesis, prev, e) == -1)
			return -1;
	} else if (strcmp(prev, m->prev) != 0)
		ingest_broken(in, DIAG_TAMPERED);
	m->n++;
	if (own != NULL && strlen(own) == HASH_HEXLEN - 1) {
		memcpy(m->prev, own, HASH_HEXLEN);
		memcpy(in->last_link, own, HASH_HEXLEN);
	}
	return 0;
}

/* Columns */

static const struct {
	const char *word, *type, *outcome;
} types[] = {
	{ "advisory_check", "decision", NULL },
	{ "agent_action", "action", NULL },
	{ "agent_registered", "access", NULL },
	{ "agent_verified", "access", NULL },
	{ "approval_decision", "approval_decided", NULL },
	{ "mcp_tool_call", "tool_call", NULL },
	{ "policy_decision", "decision", NULL },
	{ "policy_evaluation", "decision", NULL },
	{ "policy_violation", "action", "blocked" },
	{ "tool_blocked", "action", "blocked" },
	{ "tool_invocation", "tool_call", NULL },
	{ "trust_change", "access", NULL },
	{ "trust_handshake", "access", NULL },
	{ "trust_score_updated", "access", NULL },
};

static struct value *
new_event(struct ingest *in, const struct json *r)
{
	const char *word = json_text(r, "event_type");
	struct value *col;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(word, types[i].word)) {
			col = ingest_new(in, types[i].type);
			ingest_text(col, EVENT_OUTCOME, types[i].outcome);
			return col;
		}
	col = ingest_new(in, "change");
	ingest_ext(in, "event_type", word);
	return col;
}

static const char *
decided(const char *word)
{
	static const struct {
		const char *from, *to;
	} words[] = { { "allow", "approved" }, { "allowed", "approved" },
		{ "approved", "approved" }, { "deny", "rejected" },
		{ "denied", "rejected" }, { "rejected", "rejected" },
		{ "modified", "modified" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(word, words[i].from) == 0)
			return words[i].to;
	return NULL;
}

/* Of a policy evaluation or an approval `outcome` repeats the verdict; that
 * such a call was a success is no approval. */
static void
set_outcome(struct ingest *in, struct value *col, const struct json *r)
{
	const char *word = json_text(r, "outcome");
	const char *type = col[EVENT_EVENT_TYPE].p, *to = NULL;

	if (word == NULL || *word == '\0' || col[EVENT_OUTCOME].type != VALUE_NULL)
		return;
	if (strcmp(type, "approval_decided") == 0) {
		to = decided(word);
		ingest_text(col, EVENT_APPROVAL_DECISION, to);
	} else if (strcmp(type, "decision") == 0) {
		to = ingest_verdict(word);
		if (col[EVENT_VERDICT].type == VALUE_NULL)
			ingest_text(col, EVENT_VERDICT, to);
	} else {
		to = strcasecmp(word, "success") == 0 ? "success" :
		    strcasecmp(word, "failure") == 0 ||
		    strcasecmp(word, "error") == 0 ? "failure" :
		    strcasecmp(word, "denied") == 0 ? "blocked" : NULL;
		ingest_text(col, EVENT_OUTCOME, to);
	}
	if (to == NULL)
		ingest_ext(in, "outcome", word);
}

static void
set_verdict(struct ingest *in, struct value *col, const struct json *r)
{
	const char *word = json_text(r, "policy_decision");
	const char *to = ingest_verdict(word);

	ingest_text(col, EVENT_VERDICT, to);
	if (to == NULL && word != NULL && *word != '\0')
		ingest_ext(in, "policy_decision", word);
}

static void
set_environment(struct ingest *in, struct value *col, const struct json *r)
{
	static const char *const words[] = { "dev", "shadow", "staging", "prod" };
	const char *word = json_text(r, "environment");

	for (size_t i = 0; word != NULL && i < 4; i++)
		if (strcmp(word, words[i]) == 0) {
			ingest_text(col, EVENT_ENVIRONMENT, word);
			return;
		}
	ingest_ext(in, "environment", word);
}

static int
set_amount(struct ingest *in, struct value *col, const struct json *data)
{
	const struct json *amount = json_some(data, "amount");
	const char *currency = json_text(data, "currency");
	int64_t minor;

	if (amount == NULL || currency == NULL)
		return 0;
	if ((amount->type != JSON_NUMBER && amount->type != JSON_STRING) ||
	    ingest_decimal(amount->type == JSON_NUMBER ? amount->raw : amount->p,
	    amount->type == JSON_NUMBER ? amount->rawlen : amount->len,
	    ingest_exponent(currency), &minor) == -1)
		return ingest_bad(in, amount, "amount: %.*s %s is not a whole "
		    "number of its smallest unit", (int)(amount->rawlen > 40 ? 40 :
		    amount->rawlen), amount->raw, currency);
	ingest_int(col, EVENT_AMOUNT_MINOR, minor);
	ingest_text(col, EVENT_CURRENCY, currency);
	return 0;
}

/* Members of data that have no column: one payload, as JSON. */
static int
set_rest(struct ingest *in, struct value *col, const struct json *data,
    struct err *e)
{
	static const char *const mapped[] = { "amount", "approval_request_id",
		"approver", "currency", "reason", "rule", "tool_name" };
	struct json rest = { .type = JSON_OBJECT }, **last = &rest.child;
	struct str s = str_new(in->rec);

	for (const struct json *m = data->child; m != NULL; m = m->next) {
		size_t k = 0;

		while (k < sizeof(mapped) / sizeof(mapped[0]) &&
		    strcmp(m->key, mapped[k]) != 0)
			k++;
		if (k < sizeof(mapped) / sizeof(mapped[0]) &&
		    (k != 0 || col[EVENT_AMOUNT_MINOR].type != VALUE_NULL))
			continue;
		*last = arena_memdup(in->rec, m, sizeof(*m));
		last = &(*last)->next;
		*last = NULL;
	}
	if (rest.child == NULL)
		return 0;
	json_python(&s, &rest);
	return ingest_content(in, col, EVENT_INPUT_HASH, s.p, s.len, e);
}

static int
set_data(struct ingest *in, struct value *col, const struct json *data,
    struct err *e)
{
	if (data == NULL || data->type != JSON_OBJECT)
		return 0;
	ingest_copy(col, EVENT_TOOL, data, "tool_name");
	ingest_copy(col, EVENT_APPROVER_ID, data, "approver");
	ingest_copy(col, EVENT_REASON, data, "reason");
	if (col[EVENT_POLICY_RULE].type == VALUE_NULL)
		ingest_copy(col, EVENT_POLICY_RULE, data, "rule");
	ingest_copy(col, EVENT_APPROVAL_ID, data, "approval_request_id");
	if (set_amount(in, col, data) != 0)
		return 1;
	return set_rest(in, col, data, e);
}

static int
set_common(struct ingest *in, struct value *col, const struct json *r,
    struct err *e)
{
	const char *did = json_text(r, "agent_did");
	int64_t us;

	if (did == NULL || *did == '\0')
		return ingest_bad(in, json_get(r, "agent_did"),
		    "agent_did: is not there");
	if (ingest_when(in, json_get(r, "timestamp"), &us) != 0)
		return 1;
	ingest_int(col, EVENT_OCCURRED_US, us);
	ingest_text(col, EVENT_AGENT_ID, did);
	ingest_text(col, EVENT_IDENTITY, did);
	ingest_copy(col, EVENT_ACTION, r, "action");
	ingest_copy(col, EVENT_RESOURCE, r, "resource");
	ingest_copy(col, EVENT_POLICY_RULE, r, "matched_rule");
	ingest_copy(col, EVENT_TRACE_ID, r, "trace_id");
	ingest_copy(col, EVENT_SESSION_ID, r, "session_id");
	ingest_copy(col, EVENT_TARGET_SYSTEM, r, "target_did");
	set_environment(in, col, r);
	set_verdict(in, col, r);
	set_outcome(in, col, r);
	if (strcmp(col[EVENT_EVENT_TYPE].p, "approval_decided") == 0)
		ingest_int(col, EVENT_APPROVAL_DECIDED_US, us);
	return set_data(in, col, json_get(r, "data"), e);
}

static int
record_signed(struct ingest *in, const struct json *r, struct err *e)
{
	static const char *const known[] = { "action", "agent_did",
		"content_hash", "data", "entry_id", "environment", "event_type",
		"matched_rule", "outcome", "policy_decision", "previous_hash",
		"resource", "session_id", "signature", "target_did", "timestamp",
		"trace_id", NULL };
	const char *hash = json_text(r, "content_hash");

	in->id = json_text(r, "entry_id");
	in->grade = GRADE_CHAINED;
	if (!content_hash_holds(in, r))
		ingest_broken(in, DIAG_TAMPERED);
	check_mac(in, r);
	if (check_link(in, r, hash, e) == -1)
		return -1;
	ingest_lost(in, r, known);
	return set_common(in, new_event(in, r), r, e);
}

/* What the export and the lines say besides. */
static int
set_export(struct ingest *in, struct value *col, const struct json *r)
{
	int approval = strcmp(col[EVENT_EVENT_TYPE].p, "approval_decided") == 0;
	int64_t from, to;

	ingest_copy(col, approval ? EVENT_APPROVED_ARGS_HASH : EVENT_ARGS_HASH, r,
	    "arguments_hash");
	ingest_copy(col, EVENT_APPROVER_ID, r, "approver_did");
	ingest_copy(col, EVENT_POLICY_VERSION, r, "policy_version");
	if (json_some(r, "issued_at") == NULL ||
	    json_some(r, "completed_at") == NULL)
		return 0;
	if (ingest_when(in, json_get(r, "issued_at"), &from) != 0 ||
	    ingest_when(in, json_get(r, "completed_at"), &to) != 0)
		return 1;
	ingest_int(col, EVENT_DURATION_US, to - from);
	return 0;
}

static void
join(struct ingest *in, char out[HASH_HEXLEN], const char *left,
    const char *right)
{
	uint8_t sum[HASH_LEN];

	hash_start(in->hash);
	hash_add(in->hash, left, HASH_HEXLEN - 1);
	hash_add(in->hash, right, HASH_HEXLEN - 1);
	hash_end(in->hash, sum);
	hash_hex(out, sum);
}

static void
add_leaf(struct ingest *in, const char *hash)
{
	struct mesh *m = in->state;
	char node[HASH_HEXLEN];
	unsigned level = 0;

	if (hash == NULL || strlen(hash) != HASH_HEXLEN - 1)
		hash = in->last_link;
	(void)memcpy(node, hash, HASH_HEXLEN);
	for (; (m->n >> level & 1) == 0 && level < LEVELS - 1; level++)
		join(in, node, m->edge[level], node);
	(void)memcpy(m->edge[level], node, HASH_HEXLEN);
}

/* Padded to a power of two; a wholly empty subtree is 64 zeros. */
static void
root_of(struct ingest *in, char out[HASH_HEXLEN])
{
	static const char zeros[] = "0000000000000000000000000000000000000000"
	    "000000000000000000000000";
	const struct mesh *m = in->state;
	unsigned top = 0, level = 0;
	int any = 0;

	while (top < LEVELS - 1 && UINT64_C(1) << top < m->n)
		top++;
	if (m->n == UINT64_C(1) << top) {
		(void)memcpy(out, m->edge[top], HASH_HEXLEN);
		return;
	}
	for (; level < top; level++) {
		if ((m->n >> level & 1) != 0)
			join(in, out, m->edge[level], any ? out : zeros);
		else if (any)
			join(in, out, out, zeros);
		any |= (m->n >> level & 1) != 0;
	}
}

static int
record_entry(struct ingest *in, const struct json *r, struct err *e)
{
	static const char *const known[] = { "action", "agent_did",
		"approver_did", "arguments_hash", "completed_at", "data",
		"entry_hash", "entry_id", "environment", "event_type", "issued_at",
		"matched_rule", "outcome", "policy_decision", "policy_version",
		"previous_hash", "resource", "session_id", "target_did",
		"timestamp", "trace_id", NULL };
	const char *hash = json_text(r, "entry_hash");
	struct value *col;

	in->id = json_text(r, "entry_id");
	in->grade = GRADE_CHAINED;
	if (!entry_hash_holds(in, r))
		ingest_broken(in, DIAG_TAMPERED);
	if (check_link(in, r, hash, e) == -1)
		return -1;
	add_leaf(in, hash);
	ingest_lost(in, r, known);
	col = new_event(in, r);
	if (set_common(in, col, r, e) != 0)
		return 1;
	return set_export(in, col, r);
}

static int
end_lines(struct ingest *in, struct err *e)
{
	(void)e;
	ingest_found(in, DIAG_NO_TAIL);
	ingest_found(in, in->opt->source_key != NULL &&
	    in->format == &format_mesh_signed ? DIAG_SYMMETRIC_ONLY :
	    DIAG_KEYLESS);
	return 0;
}

/* The stated count and root, where all entries are here. */
static int
end_export(struct ingest *in, struct err *e)
{
	const struct json *head = source_head(in->source);
	const struct json *count = json_get(head, "entry_count");
	const char *want = json_text(head, "merkle_root");
	const struct mesh *m = in->state;
	char root[HASH_HEXLEN];
	int64_t stated;

	(void)e;
	ingest_found(in, DIAG_KEYLESS);
	if (count == NULL || count->type != JSON_NUMBER ||
	    ingest_decimal(count->raw, count->rawlen, 0, &stated) == -1)
		stated = (int64_t)m->n;
	if (m->n == 0)
		return 0;
	if (!m->from_genesis || m->n >= CAP || (int64_t)m->n < stated) {
		ingest_found(in, DIAG_CAPPED_EXPORT);
		return 0;
	}
	root_of(in, root);
	if (!str_eq(want, root) || stated != (int64_t)m->n)
		ingest_broken(in, DIAG_ROOT_MISMATCH);
	return 0;
}

const struct ingest_format format_mesh_signed = {
	.name = "agt-mesh-signed", .frame = { SOURCE_LINES, SOURCE_ARRAY },
	.detect = detect_signed, .begin = begin, .record = record_signed,
	.end = end_lines
};

const struct ingest_format format_mesh_export = {
	.name = "agt-mesh-export", .frame = { SOURCE_OBJECT, SOURCE_OBJECT },
	.list = "entries", .detect = detect_export, .begin = begin,
	.record = record_entry, .end = end_export
};

const struct ingest_format format_mesh_stdout = {
	.name = "agt-mesh-stdout", .frame = { SOURCE_LINES, SOURCE_ARRAY },
	.detect = detect_stdout, .begin = begin, .record = record_entry,
	.end = end_lines
};
