#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "ingest/append.h"
#include "ingest/format.h"

/*
 * Native JSON lines: the columns of an event by their names, or a payload.
 * What the source did not prove is grade none, whatever the line says.
 */

static int
detect(const struct ingest_probe *p)
{
	for (size_t i = 0; i < p->nrec; i++) {
		const struct json *r = p->rec[i];

		if (json_get(r, "payload") != NULL && r->child->next == NULL)
			continue;
		if (json_get(r, "event_id") == NULL ||
		    json_get(r, "event_type") == NULL ||
		    json_get(r, "recorded_us") == NULL)
			return 0;
	}
	return p->nrec > 0;
}

static int
whole_number(const struct json *v, int64_t *out)
{
	char buf[24];
	char *end;

	if (v->type != JSON_NUMBER || v->rawlen >= sizeof(buf))
		return -1;
	memcpy(buf, v->raw, v->rawlen);
	buf[v->rawlen] = '\0';
	errno = 0;
	*out = strtoll(buf, &end, 10);
	return errno == 0 && *end == '\0' ? 0 : -1;
}

static int
set_column(struct ingest *in, struct value *col, const struct json *m)
{
	int c = event_col(m->key);
	const char *names[EVENT_NCOL];
	const char *near;

	if (c == -1) {
		for (int i = 0; i < EVENT_NCOL; i++)
			names[i] = event_column[i].name;
		near = str_nearest(m->key, names, EVENT_NCOL);
		return ingest_bad(in, m, "unknown column '%.64s'%s%s%s", m->key,
		    near != NULL ? " (did you mean '" : "",
		    near != NULL ? near : "", near != NULL ? "'?)" : "");
	}
	if (c == EVENT_SEQ || c == EVENT_PREV_HASH)
		return ingest_bad(in, m, "%s: the store gives it, not the log",
		    m->key);
	if (m->type == JSON_NULL)
		return 0;
	if (event_column[c].type == VALUE_INT) {
		col[c].type = VALUE_INT;
		if (whole_number(m, &col[c].i) == -1)
			return ingest_bad(in, m, "%s: is %.*s, want a whole number",
			    m->key, (int)(m->rawlen > 40 ? 40 : m->rawlen), m->raw);
		return 0;
	}
	if (m->type != JSON_STRING)
		return ingest_bad(in, m, "%s: is %.*s, want text", m->key,
		    (int)(m->rawlen > 40 ? 40 : m->rawlen), m->raw);
	ingest_textn(col, (enum event_col)c, m->p, m->len);
	return 0;
}

/* id is SHA-256(salt || content): a payload that does not fit its own name
 * cannot be disclosed later. */
static int
payload_fits(struct ingest *in, const char *id, const char *salt,
    const struct json *content)
{
	uint8_t want[HASH_LEN], got[HASH_LEN], raw[16];
	char wide[HASH_HEXLEN];

	if (strlen(id) != 64 || strlen(salt) != 32 || hash_unhex(want, id) == -1)
		return 0;
	memcpy(wide, salt, 32);
	memcpy(wide + 32, salt, 33);
	if (hash_unhex(got, wide) == -1)
		return 0;
	memcpy(raw, got, sizeof(raw));
	hash_start(in->hash);
	hash_add(in->hash, raw, sizeof(raw));
	hash_add(in->hash, content->p, content->len);
	hash_end(in->hash, got);
	return memcmp(want, got, HASH_LEN) == 0;
}

static size_t
members(const struct json *p)
{
	size_t n = 0;

	for (const struct json *m = p->type == JSON_OBJECT ? p->child : NULL;
	    m != NULL; m = m->next)
		n++;
	return n;
}

/* A content is to be erased, by its hash. */
static int
take_erased(struct ingest *in, const struct json *p)
{
	const char *id = json_text(p, "id");
	uint8_t sum[HASH_LEN];
	int64_t us;

	if (id == NULL || strlen(id) != 64 || hash_unhex(sum, id) == -1 ||
	    members(p) != 2 ||
	    whole_number(json_get(p, "erased_us"), &us) == -1 || us <= 0)
		return ingest_bad(in, p, "payload: want {\"id\": 64 hex, "
		    "\"erased_us\": microseconds}");
	in->payload[in->npayload++] = (struct ingest_payload){ .id = id,
		.erased_us = us };
	return 0;
}

static int
take_payload(struct ingest *in, const struct json *p)
{
	const struct json *content = json_get(p, "content");
	const char *id = json_text(p, "id"), *salt = json_text(p, "salt");

	if (json_get(p, "erased_us") != NULL)
		return take_erased(in, p);
	if (id == NULL || salt == NULL || content == NULL ||
	    content->type != JSON_STRING || members(p) != 3)
		return ingest_bad(in, p,
		    "payload: want {\"id\": , \"salt\": , \"content\": }");
	if (!payload_fits(in, id, salt, content)) {
		ingest_broken(in, DIAG_TAMPERED);
		return ingest_bad(in, p, "payload %.64s: is not the SHA-256 of "
		    "its salt and content", id);
	}
	in->payload[in->npayload++] = (struct ingest_payload){ id, salt,
		content->p, content->len, 0 };
	return 0;
}

static int
record(struct ingest *in, const struct json *r, struct err *e)
{
	const struct json *payload = json_get(r, "payload");
	struct value *col;

	(void)e;
	if (payload != NULL && r->child->next == NULL)
		return take_payload(in, payload);
	col = ingest_new(in, "");
	for (const struct json *m = r->child; m != NULL; m = m->next)
		if (set_column(in, col, m) != 0)
			return 1;
	if (col[EVENT_STREAM].type != VALUE_NULL &&
	    strcmp(col[EVENT_STREAM].p, append_stream(in->to)) != 0)
		return ingest_bad(in, json_get(r, "stream"),
		    "stream: is '%.64s', the store holds '%s'",
		    col[EVENT_STREAM].p, append_stream(in->to));
	if (col[EVENT_EVENT_ID].type == VALUE_NULL)
		return ingest_bad(in, NULL, "event_id: is not there");
	in->id = col[EVENT_EVENT_ID].p;
	in->grade = GRADE_NONE;
	return 0;
}

const struct ingest_format format_native = {
	.name = "native", .frame = { SOURCE_LINES, SOURCE_ARRAY }, .own_time = 1,
	.detect = detect, .record = record
};
