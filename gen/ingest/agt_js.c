#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "ingest/format.h"

/*
 * The toolkit's TypeScript logs: JSON arrays with a SHA-256 chain over
 * JSON.stringify (docs/format/logs.md, A6 and A7).
 */
static const char genesis[] = "00000000000000000000000000000000000000000000000"
    "00000000000000000";

struct js {
	char prev[HASH_HEXLEN];
	int any;
};

/* The plug-in writes six keys, previousHash before hash. */
static int
is_cli(const struct json *r)
{
	int n = 0, prev = 0, order = 0;

	for (const struct json *m = r->child; m != NULL; m = m->next, n++) {
		prev |= strcmp(m->key, "previousHash") == 0;
		if (strcmp(m->key, "hash") == 0)
			order = prev;
	}
	return n == 6 && order;
}

static int
detect(const struct ingest_probe *p, int cli)
{
	static const char *const all[] = { "agentId", "decision", "hash",
		"previousHash", "action", "timestamp", NULL };

	if (!ingest_has(p, all, NULL))
		return 0;
	for (size_t i = 0; i < p->nrec; i++)
		if (!is_cli(p->rec[i]))
			return !cli;
	return cli;
}

static int
detect_ts(const struct ingest_probe *p)
{
	return detect(p, 0);
}

static int
detect_cli(const struct ingest_probe *p)
{
	return detect(p, 1);
}

static int
begin(struct ingest *in, struct err *e)
{
	(void)e;
	in->state = arena_alloc(in->arena, sizeof(struct js));
	return 0;
}

/* As JSON.stringify writes it: no spaces, keys in their order. */
static void
stringify(struct str *s, const struct json *v)
{
	int array = v->type == JSON_ARRAY;

	if (v->type == JSON_STRING)
		json_js_text(s, v->p, v->len);
	else if (!array && v->type != JSON_OBJECT)
		str_add(s, v->raw, v->rawlen);
	else {
		str_addc(s, array ? '[' : '{');
		for (const struct json *m = v->child; m != NULL; m = m->next) {
			if (m != v->child)
				str_addc(s, ',');
			if (!array) {
				json_js_text(s, m->key, m->keylen);
				str_addc(s, ':');
			}
			stringify(s, m);
		}
		str_addc(s, array ? ']' : '}');
	}
}

static int
hash_holds(struct ingest *in, const struct json *r, int cli)
{
	static const char *const keys[] = { "timestamp", "agentId", "action",
		"decision", "previousHash", "skillAuditMetadata" };
	struct str s = str_new(in->rec);
	uint8_t sum[HASH_LEN];
	char want[HASH_HEXLEN];

	str_addc(&s, '{');
	for (size_t i = 0; i < (cli ? 5 : 6); i++) {
		const struct json *v = json_get(r, keys[i]);

		if (v == NULL)
			continue;
		str_addf(&s, "%s\"%s\":", s.len > 1 ? "," : "", keys[i]);
		stringify(&s, v);
	}
	str_addc(&s, '}');
	hash_bytes(in->hash, sum, s.p, s.len);
	hash_hex(want, sum);
	return str_eq(json_text(r, "hash"), want);
}

static int
check_chain(struct ingest *in, const struct json *r, int cli, struct err *e)
{
	const char *prev = json_text(r, "previousHash");
	const char *own = json_text(r, "hash");
	struct js *s = in->state;

	if (!hash_holds(in, r, cli))
		ingest_broken(in, DIAG_TAMPERED);
	if (prev == NULL)
		prev = "";
	if (!s->any) {
		if (ingest_head(in, strcmp(prev, genesis) == 0, prev, e) == -1)
			return -1;
	} else if (strcmp(prev, s->prev) != 0)
		ingest_broken(in, DIAG_TAMPERED);
	s->any = 1;
	if (own != NULL && strlen(own) == HASH_HEXLEN - 1) {
		memcpy(s->prev, own, HASH_HEXLEN);
		memcpy(in->last_link, own, HASH_HEXLEN);
	}
	return 0;
}

/* tool.X and tool.X.output name a tool; text after a colon is content. */
static int
set_action(struct ingest *in, struct value *col, const struct json *action,
    struct err *e)
{
	static const char output[] = ".output";
	const char *p = action->p, *colon = memchr(p, ':', action->len);
	size_t n = colon != NULL ? (size_t)(colon - p) : action->len;
	size_t skip = sizeof("tool.") - 1, tail = sizeof(output) - 1;

	ingest_textn(col, EVENT_ACTION, arena_strndup(in->rec, p, n), n);
	if (n > skip && memcmp(p, "tool.", skip) == 0) {
		size_t len = n - skip;

		if (len > tail && memcmp(p + n - tail, output, tail) == 0)
			len -= tail;
		ingest_textn(col, EVENT_TOOL, arena_strndup(in->rec, p + skip,
		    len), len);
	} else if (n == sizeof("prompt.submit") - 1 &&
	    memcmp(p, "prompt.submit", n) == 0)
		ingest_text(col, EVENT_TOOL, "submit");
	if (colon == NULL || (size_t)(colon - p) + 1 == action->len)
		return 0;
	return ingest_content(in, col, EVENT_INPUT_HASH, colon + 1,
	    action->len - n - 1, e);
}

static int
set_columns(struct ingest *in, const struct json *r, int cli, struct err *e)
{
	const char *agent = json_text(r, "agentId"), *colon;
	const char *word = json_text(r, "decision"), *verdict;
	const struct json *action = json_get(r, "action");
	struct value *col = ingest_new(in, "decision");
	int64_t us;

	if (agent == NULL || *agent == '\0')
		return ingest_bad(in, json_get(r, "agentId"),
		    "agentId: is not there");
	if (ingest_when(in, json_get(r, "timestamp"), &us) != 0)
		return 1;
	ingest_int(col, EVENT_OCCURRED_US, us);
	colon = cli ? strrchr(agent, ':') : NULL;
	if (colon != NULL && colon > agent) {
		ingest_textn(col, EVENT_AGENT_ID, arena_strndup(in->rec, agent,
		    (size_t)(colon - agent)), (size_t)(colon - agent));
		ingest_text(col, EVENT_SESSION_ID, colon[1] != '\0' ? colon + 1 :
		    NULL);
	} else
		ingest_text(col, EVENT_AGENT_ID, agent);
	if (strncmp(agent, "did:", 4) == 0 || strncmp(agent, "spiffe:", 7) == 0)
		ingest_text(col, EVENT_IDENTITY, agent);
	verdict = ingest_verdict(word);
	ingest_text(col, EVENT_VERDICT, verdict);
	if (verdict == NULL)
		ingest_ext(in, "decision", word);
	return action == NULL || action->type != JSON_STRING ? 0 :
	    set_action(in, col, action, e);
}

static int
record(struct ingest *in, const struct json *r, int cli, struct err *e)
{
	static const char *const known[] = { "action", "agentId", "decision",
		"hash", "previousHash", "timestamp", NULL };

	in->grade = GRADE_CHAINED;
	if (check_chain(in, r, cli, e) == -1)
		return -1;
	ingest_lost(in, r, known);
	return set_columns(in, r, cli, e);
}

static int
record_ts(struct ingest *in, const struct json *r, struct err *e)
{
	return record(in, r, 0, e);
}

static int
record_cli(struct ingest *in, const struct json *r, struct err *e)
{
	return record(in, r, 1, e);
}

static int
end(struct ingest *in, struct err *e)
{
	(void)e;
	ingest_found(in, DIAG_KEYLESS);
	ingest_found(in, DIAG_NO_TAIL);
	return 0;
}

const struct ingest_format format_ts = {
	.name = "agt-ts", .frame = { SOURCE_ARRAY, SOURCE_LINES },
	.detect = detect_ts, .begin = begin, .record = record_ts, .end = end
};

const struct ingest_format format_cli = {
	.name = "agt-cli", .frame = { SOURCE_ARRAY, SOURCE_LINES },
	.detect = detect_cli, .begin = begin, .record = record_cli, .end = end
};
