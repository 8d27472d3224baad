#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "ingest/append.h"
#include "ingest/format.h"
#include "model/record.h"

/* A new log format is a row here and a file beside. */
static const struct ingest_format *const formats[] = { &format_native,
	&format_mesh_signed, &format_mesh_export, &format_mesh_stdout,
	&format_flight, &format_ts, &format_cli, &format_os, &format_trail };
#define NFORMAT (sizeof(formats) / sizeof(formats[0]))

const struct diagnosis_word diagnosis_word[DIAG_N] = {
	[DIAG_TAMPERED] = { "tampered",
	    "a hash or MAC does not match its bytes, or a link breaks", 1 },
	[DIAG_TRUNCATED_HEAD] = { "truncated-head",
	    "the first link leads to nothing known; the rest holds", 0 },
	[DIAG_ROTATED_ISLAND] = { "rotated-island",
	    "the file begins anew; its order to earlier ones is unproven", 0 },
	[DIAG_CAPPED_EXPORT] = { "capped-export",
	    "not all entries are here, so the stated root cannot be checked", 0 },
	[DIAG_ROOT_MISMATCH] = { "root-mismatch",
	    "the entries hold, but do not give the stated root", 1 },
	[DIAG_MISSING_ROWS] = { "missing-rows",
	    "row ids have gaps: rows were removed", 1 },
	[DIAG_UNFINISHED] = { "unfinished",
	    "proposals without an end", 0 },
	[DIAG_NO_CHECKSUM] = { "no-checksum",
	    "rows without a content hash", 0 },
	[DIAG_UNPROTECTED] = { "unprotected",
	    "columns in use that no hash of the source covers", 0 },
	[DIAG_SYMMETRIC_ONLY] = { "symmetric-only",
	    "an HMAC proves nothing against who holds the key", 0 },
	[DIAG_KEYLESS] = { "keyless-chain",
	    "whoever can write the file can rewrite it whole", 0 },
	[DIAG_MAC_UNCHECKED] = { "mac-unchecked",
	    "MACs are there and no --source-key was given", 0 },
	[DIAG_NO_TAIL] = { "no-tail",
	    "nothing shows that the end was not cut off", 0 },
	[DIAG_OTHER_FORMAT] = { "other-format",
	    "known from an import in another format: the first one stays", 0 },
	[DIAG_REWRITTEN] = { "rewritten",
	    "records that were imported before have other content now", 1 },
	[DIAG_CHANGED] = { "changed",
	    "records that were imported before changed; the first one stays", 0 }
};

const char *const *
ingest_formats(void)
{
	static const char *names[NFORMAT + 1];

	for (size_t i = 0; i < NFORMAT; i++)
		names[i] = formats[i]->name;
	return names;
}

/* Records and their places */

__attribute__((format(printf, 3, 0))) static int
refuse(struct ingest *in, size_t at, const char *fmt, va_list ap)
{
	uint64_t line;
	uint32_t col;
	char text[512];
	struct mark mark = { .file = source_name(in->source) };

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	source_place(&in->at, at, &line, &col);
	mark.line = (uint32_t)line;
	mark.col = col;
	diag_add(in->diag, ERR_INPUT, mark, "%s", text);
	return 1;
}

int
ingest_bad(struct ingest *in, const struct json *v, const char *fmt, ...)
{
	va_list ap;
	size_t at = v == NULL || v->raw < in->at.p ||
	    v->raw > in->at.p + in->at.len ? 0 : (size_t)(v->raw - in->at.p);

	va_start(ap, fmt);
	(void)refuse(in, at, fmt, ap);
	va_end(ap);
	return 1;
}

int
ingest_bad_at(struct ingest *in, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)refuse(in, at, fmt, ap);
	va_end(ap);
	return 1;
}

void
ingest_found(struct ingest *in, enum diagnosis d)
{
	in->report->diagnosis[d]++;
}

void
ingest_broken(struct ingest *in, enum diagnosis d)
{
	in->report->diagnosis[d]++;
	in->grade = GRADE_BROKEN;
	in->report->grade = GRADE_BROKEN;
	if (in->report->bad_line == 0)
		in->report->bad_line = in->at.line;
}

/* Filling columns */

struct value *
ingest_new(struct ingest *in, const char *type)
{
	struct value *col;

	if (in->nevent == INGEST_EVENTS)
		return NULL;
	col = in->col[in->nevent++];
	memset(col, 0, sizeof(in->col[0]));
	if (*type != '\0')
		ingest_text(col, EVENT_EVENT_TYPE, type);
	return col;
}

void
ingest_textn(struct value *col, enum event_col c, const char *p, size_t len)
{
	col[c] = (struct value){ VALUE_TEXT, 0, p, len };
}

void
ingest_text(struct value *col, enum event_col c, const char *text)
{
	if (text != NULL)
		ingest_textn(col, c, text, strlen(text));
}

void
ingest_int(struct value *col, enum event_col c, int64_t i)
{
	col[c] = (struct value){ VALUE_INT, i, NULL, 0 };
}

void
ingest_copy(struct value *col, enum event_col c, const struct json *v,
    const char *key)
{
	const struct json *m = json_some(v, key);

	if (m != NULL && m->type == JSON_STRING)
		ingest_textn(col, c, m->p, m->len);
}

static struct str *
ext_member(struct ingest *in, const char *key)
{
	size_t i = in->next < INGEST_EXT ? in->next++ : INGEST_EXT - 1;

	in->ext[i].key = key;
	in->ext[i].json = str_new(in->rec);
	return &in->ext[i].json;
}

void
ingest_ext(struct ingest *in, const char *key, const char *text)
{
	if (text != NULL)
		jsonw_quote(ext_member(in, key), text, strlen(text));
}

void
ingest_ext_json(struct ingest *in, const char *key, const struct json *v)
{
	if (v != NULL)
		json_canonical(ext_member(in, key), v);
}

/* The object of the members, keys in byte order. */
static const char *
ext_object(struct ingest *in)
{
	struct str s = str_new(in->rec);

	for (size_t i = 1; i < in->next; i++)
		for (size_t k = i; k > 0 &&
		    strcmp(in->ext[k - 1].key, in->ext[k].key) > 0; k--) {
			const char *key = in->ext[k].key;
			struct str json = in->ext[k].json;

			in->ext[k] = in->ext[k - 1];
			in->ext[k - 1].key = key;
			in->ext[k - 1].json = json;
		}
	for (size_t i = 0; i < in->next; i++) {
		str_addc(&s, i == 0 ? '{' : ',');
		jsonw_quote(&s, in->ext[i].key, strlen(in->ext[i].key));
		str_addc(&s, ':');
		str_add(&s, in->ext[i].json.p, in->ext[i].json.len);
	}
	str_addc(&s, '}');
	return s.p;
}

int
ingest_content(struct ingest *in, struct value *col, enum event_col c,
    const char *p, size_t len, struct err *e)
{
	struct ingest_payload *pay = &in->payload[in->npayload];
	uint8_t mac[HASH_LEN], id[HASH_LEN];
	char hex[HASH_HEXLEN];

	if (in->key == NULL && in->opt->payload_key(in->opt->ctx, &in->key,
	    &in->keylen, e) == -1)
		return -1;
	if (in->npayload == INGEST_PAYLOADS)
		return err_set(e, ERR_SYSTEM, "too many payloads in one record");
	hash_hmac(mac, in->key, in->keylen, p, len);
	hash_start(in->hash);
	hash_add(in->hash, mac, 16);
	hash_add(in->hash, p, len);
	hash_end(in->hash, id);
	hash_hex(hex, id);
	pay->id = arena_strdup(in->rec, hex);
	hash_hex(hex, mac);
	pay->salt = arena_strndup(in->rec, hex, 32);
	pay->content = p;
	pay->len = len;
	in->npayload++;
	ingest_text(col, c, pay->id);
	return 0;
}

/* Times, words, numbers */

static int
two_digits(const char *p, int64_t *out)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	*out = (p[0] - '0') * 10 + (p[1] - '0');
	return 0;
}

/* "Z", "UTC", "+02:00", "-0530": 0 and the offset, else -1. */
static int
zone(const char *p, int64_t *us)
{
	int64_t h, m;
	const char *min;

	*us = 0;
	if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0 || strcmp(p, "UTC") == 0)
		return 0;
	if ((*p != '+' && *p != '-') || two_digits(p + 1, &h) == -1)
		return -1;
	min = p[3] == ':' ? p + 4 : p + 3;
	if (two_digits(min, &m) == -1 || min[2] != '\0' || h > 23 || m > 59)
		return -1;
	*us = (h * 60 + m) * DATE_MINUTE * (*p == '-' ? -1 : 1);
	return 0;
}

/* -1: not a time; 1: no zone; 0. */
static int
parse_time(const char *text, const char *assumed, int64_t *us)
{
	char buf[40];
	size_t n = strlen(text), i = 19, digits = 0;
	int64_t offset;

	if (n < 19 || n >= sizeof(buf) || (text[10] != 'T' && text[10] != ' '))
		return -1;
	memcpy(buf, text, 19);
	buf[10] = 'T';
	if (text[i] == '.' || text[i] == ',') {
		buf[i++] = '.';
		for (; text[i] >= '0' && text[i] <= '9'; i++)
			if (digits < 6)
				buf[20 + digits++] = text[i];
		if (digits == 0)
			return -1;
	}
	memcpy(buf + (digits > 0 ? 20 + digits : 19), "Z", 2);
	if (date_parse(buf, us) == -1)
		return -1;
	if (text[i] == '\0') {
		if (assumed == NULL)
			return 1;
		if (zone(assumed, &offset) == -1)
			return -1;
	} else if (zone(text + i, &offset) == -1)
		return -1;
	*us -= offset;
	return 0;
}

int
ingest_when(struct ingest *in, const struct json *v, int64_t *us)
{
	if (v == NULL || v->type != JSON_STRING)
		return ingest_bad(in, v, "timestamp: is not there");
	switch (parse_time(v->p, NULL, us)) {
	case 0:
		return 0;
	case 1:
		if (in->opt->timezone != NULL &&
		    parse_time(v->p, in->opt->timezone, us) == 0) {
			if (!in->zone_assumed)
				ingest_ext(in, "timezone_assumed",
				    in->opt->timezone);
			in->zone_assumed = 1;
			return 0;
		}
		return ingest_bad(in, v, "local-time: '%s' has no zone; say which "
		    "with --timezone UTC or +hh:mm", v->p);
	default:
		return ingest_bad(in, v, "'%.40s' is not a time", v->p);
	}
}

const char *
ingest_verdict(const char *word)
{
	static const struct {
		const char *from, *to;
	} words[] = {
		{ "allow", "allow" }, { "allowed", "allow" },
		{ "approved", "allow" }, { "deny", "deny" }, { "denied", "deny" },
		{ "blocked", "deny" }, { "rejected", "deny" },
		{ "require_approval", "require_approval" },
		{ "escalate", "require_approval" },
		{ "review", "require_approval" },
		{ "pending_approval", "require_approval" }, { "warn", "warn" },
		{ "transform", "transform" }, { "error", "error" }
	};

	for (size_t i = 0; word != NULL && i < sizeof(words) / sizeof(words[0]);
	    i++)
		if (strcasecmp(word, words[i].from) == 0)
			return words[i].to;
	return NULL;
}

int
ingest_decimal(const char *p, size_t len, int places, int64_t *out)
{
	const char *end = p + len;
	int minus = len > 0 && *p == '-', point = 0;
	int64_t i = 0;

	if (len == 0 || len > 40)
		return -1;
	for (p += minus; p < end; p++) {
		if (*p == '.' && !point) {
			point = 1;
			continue;
		}
		if (*p < '0' || *p > '9')
			return -1;
		if (point && places == 0) {
			if (*p != '0')
				return -1;
			continue;
		}
		if (i > INT64_C(9007199254740991) / 10)
			return -1;
		i = i * 10 + (*p - '0');
		places -= point;
	}
	for (; places > 0; places--) {
		if (i > INT64_C(9007199254740991) / 10)
			return -1;
		i *= 10;
	}
	*out = minus ? -i : i;
	return 0;
}

int
ingest_exponent(const char *currency)
{
	static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX "
	    "UYI VND VUV XAF XOF XPF ", three[] = "BHD IQD JOD KWD LYD OMR TND ";
	char word[5];

	if (strlen(currency) != 3)
		return 2;
	(void)snprintf(word, sizeof(word), "%s ", currency);
	return strstr(none, word) != NULL ? 0 : strstr(three, word) != NULL ? 3 :
	    2;
}

/* Appending */

/* ext without what depends on the key that was given. */
static const char *
bare_ext(struct arena *a, const struct value *v)
{
	static const char mac[] = "\"mac\":\"verified\"";
	char *s, *at;
	size_t n = sizeof(mac) - 1;

	if (v->type == VALUE_NULL)
		return "";
	s = arena_strndup(a, v->p, v->len);
	at = strstr(s, mac);
	if (at != NULL) {
		if (at[n] == ',')
			n++;
		else if (at[-1] == ',') {
			at--;
			n++;
		}
		memmove(at, at + n, strlen(at + n) + 1);
	}
	return strcmp(s, "{}") == 0 ? "" : s;
}

/* Whether a known event says the same: what the store adds aside. */
static int
same_event(const struct ingest *in, const struct value *old,
    const struct value *new)
{
	for (int c = 0; c < EVENT_NCOL; c++) {
		if (c == EVENT_SEQ || c == EVENT_PREV_HASH ||
		    c == EVENT_SOURCE_REF || c == EVENT_SOURCE_GRADE ||
		    c == EVENT_STREAM || c == EVENT_SOURCE_FORMAT ||
		    c == EVENT_EXT ||
		    (c == EVENT_RECORDED_US && !in->format->own_time))
			continue;
		if (!value_eq(&old[c], &new[c]))
			return 0;
	}
	return strcmp(bare_ext(in->rec, &old[EVENT_EXT]),
	    bare_ext(in->rec, &new[EVENT_EXT])) == 0;
}

/* event_id of a record that has none: its hash, ~2 for the second alike. */
static const char *
hash_id(struct ingest *in)
{
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];
	void **n;

	hash_bytes(in->hash, sum, in->at.p, in->at.len);
	hash_hex(hex, sum);
	n = map_put(in->same, sum, HASH_LEN);
	*n = (char *)*n + 1;
	if ((uintptr_t)*n == 1)
		return arena_printf(in->rec, "sha256:%s", hex);
	return arena_printf(in->rec, "sha256:%s~%zu", hex, (size_t)(uintptr_t)*n);
}

static void
complete(struct ingest *in, size_t i, const char *id)
{
	struct value *col = in->col[i];

	ingest_text(col, EVENT_EVENT_ID, i == 0 ? id :
	    arena_printf(in->rec, "%s/%zu", id, i + 1));
	ingest_text(col, EVENT_SOURCE_FORMAT, in->format->name);
	ingest_text(col, EVENT_SOURCE_GRADE, grade_name(in->grade));
	ingest_text(col, EVENT_SOURCE_REF, in->ref_tail[0] != '\0' ?
	    arena_printf(in->rec, "%s#%s", in->ref, in->ref_tail) :
	    arena_printf(in->rec, "%s#%" PRIu64, in->ref, in->at.line));
	if (!in->format->own_time)
		ingest_int(col, EVENT_RECORDED_US, in->opt->now_us);
	if (in->next > 0 && i == 0)
		ingest_text(col, EVENT_EXT, ext_object(in));
}

static int
is_pseudonym(const struct value *v)
{
	uint8_t sum[HASH_LEN];

	return v->len == HASH_HEXLEN - 1 && hash_unhex(sum, v->p) == 0;
}

/* A person cannot be found by guessing, and equal ones stay equal. */
static int
pseudonymise(struct ingest *in, struct value *col)
{
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];

	for (int c = 0; c < EVENT_NCOL; c++) {
		if (!in->opt->pseudonym[c] || col[c].type != VALUE_TEXT ||
		    is_pseudonym(&col[c]))
			continue;
		if (in->opt->pseudonym_key == NULL)
			return ingest_bad(in, NULL, "%s: is not a pseudonym, and "
			    "pseudonymise: has no key_file in exhibit.yaml",
			    event_column[c].name);
		hash_hmac(sum, in->opt->pseudonym_key, in->opt->pseudonym_keylen,
		    col[c].p, col[c].len);
		hash_hex(hex, sum);
		ingest_text(col, (enum event_col)c, arena_strdup(in->rec, hex));
	}
	return 0;
}

static int
check_columns(struct ingest *in, const struct value *col)
{
	struct err e = { 0 };

	for (int c = 0; c < EVENT_NCOL; c++) {
		if (c == EVENT_SEQ || c == EVENT_PREV_HASH || c == EVENT_STREAM)
			continue;
		if (record_check((enum event_col)c, &col[c], &e) == -1)
			return ingest_bad(in, NULL, "%s", e.msg);
	}
	if (!event_type_known(col[EVENT_EVENT_TYPE].p))
		return ingest_bad(in, NULL, "event_type: unknown type '%.64s'",
		    col[EVENT_EVENT_TYPE].p);
	return 0;
}

static void
count_event(struct ingest *in, const struct value *col)
{
	struct ingest_report *r = in->report;
	int64_t us = col[EVENT_OCCURRED_US].i;

	if (r->events == 0 || us < r->from_us)
		r->from_us = us;
	if (r->events == 0 || us > r->to_us)
		r->to_us = us;
	r->events++;
	for (size_t c = 0; c < EVENT_NCOL; c++)
		r->used[c] |= col[c].type != VALUE_NULL;
}

/*
 * The same record through another format of its source: what both say must
 * be the same, but each may say more.
 */
static int
same_record(const struct value *old, const struct value *new)
{
	if (value_eq(&old[EVENT_SOURCE_FORMAT], &new[EVENT_SOURCE_FORMAT]))
		return 0;
	for (int c = 0; c < EVENT_NCOL; c++) {
		if (c == EVENT_SEQ || c == EVENT_PREV_HASH || c == EVENT_EXT ||
		    c == EVENT_SOURCE_REF || c == EVENT_SOURCE_GRADE ||
		    c == EVENT_STREAM || c == EVENT_SOURCE_FORMAT ||
		    c == EVENT_RECORDED_US || old[c].type == VALUE_NULL ||
		    new[c].type == VALUE_NULL)
			continue;
		if (!value_eq(&old[c], &new[c]))
			return 0;
	}
	return 1;
}

/* 0 appended or known, 1 refused, -1. */
static int
append_one(struct ingest *in, struct value *col, struct err *e)
{
	struct value old[EVENT_NCOL];
	struct ingest_report *r = in->report;
	struct err why = { 0 };
	int rc = append_find(in->to, in->rec, col[EVENT_EVENT_ID].p, old, e);

	if (rc == -1)
		return -1;
	if (rc == 1 && (same_event(in, old, col) || same_record(old, col))) {
		if (!value_eq(&old[EVENT_SOURCE_FORMAT],
		    &col[EVENT_SOURCE_FORMAT]))
			ingest_found(in, DIAG_OTHER_FORMAT);
		count_event(in, col);
		r->known++;
		return 0;
	}
	if (rc == 1) {
		count_event(in, col);
		if (in->format->changeable) {
			r->changed++;
			ingest_found(in, DIAG_CHANGED);
			return 0;
		}
		r->rewritten++;
		ingest_broken(in, DIAG_REWRITTEN);
		return ingest_bad(in, NULL, "event %s was imported before with "
		    "other content: the first one stays", col[EVENT_EVENT_ID].p);
	}
	if (append_event(in->to, col, &why) == -1) {
		if (why.kind == ERR_INPUT)
			return ingest_bad(in, NULL, "%s", why.msg);
		*e = why;
		return -1;
	}
	count_event(in, col);
	r->appended++;
	return 0;
}

void
ingest_start(struct ingest *in)
{
	in->nevent = in->npayload = 0;
	in->next = 0;
	in->zone_assumed = 0;
	in->id = NULL;
	in->grade = GRADE_NONE;
	in->ref_tail[0] = '\0';
	arena_reset(in->rec);
}

static int
take(struct ingest *in, struct err *e)
{
	const char *id = in->id != NULL ? in->id : in->nevent > 0 ?
	    hash_id(in) : NULL;
	int rc;

	if (in->grade < in->report->grade)
		in->report->grade = in->grade;
	for (size_t i = 0; i < in->nevent; i++) {
		complete(in, i, id);
		if (pseudonymise(in, in->col[i]) != 0 || check_columns(in, in->col[i]) != 0)
			return 1;
	}
	for (size_t i = 0; i < in->npayload; i++) {
		const struct ingest_payload *p = &in->payload[i];
		int gone = p->content == NULL;

		if ((gone ? append_erase(in->to, p->id, p->erased_us, e) :
		    append_payload(in->to, p->id, p->salt, p->content, p->len,
		    e)) == -1)
			return -1;
		*(gone ? &in->report->erased : &in->report->payloads) += 1;
	}
	for (size_t i = 0; i < in->nevent; i++) {
		rc = append_one(in, in->col[i], e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* A transaction holds so many records; with --strict, all of them. */
static int
turn_batch(struct ingest *in, struct err *e)
{
	if (++in->batch < LIMIT_BATCH || in->opt->strict)
		return 0;
	in->batch = 0;
	return append_commit(in->to, e) == -1 ? -1 : append_begin(in->to, e);
}

int
ingest_done(struct ingest *in, int rc, struct err *e)
{
	in->report->records++;
	if (rc == 0)
		rc = take(in, e);
	if (rc == -1)
		return -1;
	in->report->errors += (uint64_t)rc;
	if (rc == 1 && in->opt->strict)
		return 1;
	return turn_batch(in, e);
}

static int
one_record(struct ingest *in, struct err *e)
{
	struct json_fault fault = { 0, "" };
	struct json *v;
	int rc;

	if (json_parse(in->rec, in->at.p, in->at.len, &v, &fault) == -1)
		return ingest_bad_at(in, fault.at, "not-json: %s", fault.what);
	if (v->type != JSON_OBJECT)
		return ingest_bad_at(in, 0, "want an object");
	rc = in->format->record(in, v, e);
	return rc;
}

static int
read_records(struct ingest *in, struct err *e)
{
	const char *what;
	int rc;

	for (;;) {
		ingest_start(in);
		rc = source_next(in->source, &in->at, &what, e);
		if (rc == 0 || rc == -1)
			return rc;
		rc = rc == -2 ? ingest_bad_at(in, 0, "%s", what) :
		    one_record(in, e);
		rc = ingest_done(in, rc, e);
		if (rc != 0)
			return rc == -1 ? -1 : 0;
	}
}

/* The event that ends an import */

static void
add_words(struct jsonw *w, const struct ingest *in)
{
	jsonw_key(w, "diagnoses");
	jsonw_object(w);
	/* In byte order of the names. */
	for (const char *last = "";;) {
		const struct diagnosis_word *best = NULL;

		for (size_t d = 0; d < DIAG_N; d++)
			if (in->report->diagnosis[d] > 0 &&
			    strcmp(diagnosis_word[d].name, last) > 0 &&
			    (best == NULL || strcmp(diagnosis_word[d].name,
			    best->name) < 0))
				best = &diagnosis_word[d];
		if (best == NULL)
			break;
		jsonw_key(w, best->name);
		jsonw_uint(w, in->report->diagnosis[best - diagnosis_word]);
		last = best->name;
	}
	jsonw_end(w, '}');
}

static void
add_unprotected(struct jsonw *w, const struct ingest *in)
{
	const struct source_field *f;
	size_t n;

	f = ingest_fields(&n);
	jsonw_key(w, "unprotected");
	jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].format, in->format->name) == 0 &&
		    strcmp(f[i].protection, "no") == 0)
			jsonw_textz(w, f[i].field);
	jsonw_end(w, ']');
}

static const char *
import_ext(struct ingest *in)
{
	const struct ingest_report *r = in->report;
	struct str s = str_new(in->rec);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_kint(&w, "appended", (int64_t)r->appended);
	jsonw_kint(&w, "bytes", (int64_t)r->bytes);
	jsonw_kint(&w, "changed", (int64_t)r->changed);
	add_words(&w, in);
	jsonw_kint(&w, "errors", (int64_t)r->errors);
	jsonw_kint(&w, "events", (int64_t)r->events);
	jsonw_kint(&w, "from_us", r->from_us);
	jsonw_ktext(&w, "grade", grade_name(r->grade));
	jsonw_kint(&w, "known", (int64_t)r->known);
	jsonw_ktext(&w, "last", in->last_link[0] != '\0' ? in->last_link : NULL);
	jsonw_kint(&w, "lost", (int64_t)r->lost);
	jsonw_kint(&w, "macs", (int64_t)r->macs);
	jsonw_kint(&w, "records", (int64_t)r->records);
	jsonw_kint(&w, "rewritten", (int64_t)r->rewritten);
	jsonw_ktext(&w, "sha256", r->sha256);
	jsonw_kint(&w, "to_us", r->to_us);
	add_unprotected(&w, in);
	jsonw_end(&w, '}');
	return s.p;
}

static int
append_import(struct ingest *in, struct err *e)
{
	const struct ingest_report *r = in->report;
	struct value old[EVENT_NCOL], *col;
	int64_t us = in->format->own_time ? append_last_us(in->to) :
	    in->opt->now_us;
	const char *id = NULL;

	ingest_start(in);
	for (int i = 1;; i++) {
		int rc;

		id = i == 1 ? arena_printf(in->rec, "import:%s", in->ref) :
		    arena_printf(in->rec, "import:%s/%d", in->ref, i);
		rc = append_find(in->to, in->rec, id, old, e);
		if (rc == -1)
			return -1;
		if (rc == 0)
			break;
	}
	col = ingest_new(in, "import");
	ingest_text(col, EVENT_AGENT_ID, "exhibit");
	ingest_text(col, EVENT_EVENT_ID, id);
	ingest_text(col, EVENT_EXT, import_ext(in));
	ingest_int(col, EVENT_OCCURRED_US, us);
	ingest_int(col, EVENT_RECORDED_US, us);
	ingest_text(col, EVENT_OUTCOME, r->errors > 0 ? "partial" : "success");
	ingest_text(col, EVENT_SOURCE_FORMAT, in->format->name);
	ingest_text(col, EVENT_SOURCE_GRADE, grade_name(r->grade));
	ingest_text(col, EVENT_SOURCE_REF, in->ref);
	return append_event(in->to, col, e);
}

/* Links between imports */

struct head {
	const char *format, *link;
	int any, known;
};

/* The import events of the store say where each source ended. */
static int
look_back(void *ctx, const char *format, const char *ext)
{
	struct head *h = ctx;
	char want[96];

	if (strcmp(format, h->format) != 0)
		return 0;
	h->any = 1;
	(void)snprintf(want, sizeof(want), "\"last\":\"%.64s\"", h->link);
	if (ext != NULL && strlen(h->link) == 64 && strstr(ext, want) != NULL)
		h->known = 1;
	return 0;
}

int
ingest_head(struct ingest *in, int genesis, const char *link, struct err *e)
{
	struct head h = { in->format->name, link, 0, 0 };
	struct value old[EVENT_NCOL];
	int rc;

	if (append_imports(in->to, look_back, &h, e) == -1)
		return -1;
	rc = in->id == NULL ? 0 : append_find(in->to, in->rec, in->id, old, e);
	if (rc == -1)
		return -1;
	if (genesis && h.any && rc == 0)
		ingest_found(in, DIAG_ROTATED_ISLAND);
	if (!genesis && !h.known)
		ingest_found(in, DIAG_TRUNCATED_HEAD);
	return 0;
}

void
ingest_lost(struct ingest *in, const struct json *v, const char *const *known)
{
	for (const struct json *m = v->child; m != NULL; m = m->next) {
		size_t k = 0;

		while (known[k] != NULL && strcmp(known[k], m->key) != 0)
			k++;
		if (known[k] == NULL && m->type != JSON_NULL)
			in->report->lost++;
	}
}

/* Which format it is */

int
ingest_has(const struct ingest_probe *p, const char *const *all,
    const char *const *none)
{
	for (size_t i = 0; i < p->nrec; i++) {
		for (size_t k = 0; all[k] != NULL; k++)
			if (json_get(p->rec[i], all[k]) == NULL)
				return 0;
		for (size_t k = 0; none != NULL && none[k] != NULL; k++)
			if (json_get(p->rec[i], none[k]) != NULL)
				return 0;
	}
	return p->nrec > 0;
}

static int
probe(struct ingest *in, struct ingest_probe *p, struct err *e)
{
	struct json_fault fault = { 0, "" };
	struct source_record r;
	const char *what, **key;
	struct json *v;
	int rc;

	memset(p, 0, sizeof(*p));
	p->path = source_path(in->source);
	p->frame = source_guess(in->source, in->arena, &key, &p->nkey);
	p->key = key;
	if (p->frame != SOURCE_LINES && p->frame != SOURCE_ARRAY)
		return 0;
	if (source_rewind(in->source, p->frame, NULL, e) == -1)
		return -1;
	for (int i = 0; i < 64 && p->nrec < 3; i++) {
		rc = source_next(in->source, &r, &what, e);
		if (rc == -1)
			return -1;
		if (rc == 0)
			break;
		if (rc == 1 && json_parse(in->arena, arena_strndup(in->arena, r.p,
		    r.len), r.len, &v, &fault) == 0 && v->type == JSON_OBJECT)
			p->rec[p->nrec++] = v;
	}
	return 0;
}

static int
name_all(struct ingest *in, const char *why, struct err *e)
{
	struct str s = str_new(in->arena);

	for (size_t i = 0; i < NFORMAT; i++)
		str_addf(&s, "%s%s", i > 0 ? ", " : "", formats[i]->name);
	return err_set(e, ERR_INPUT, "%s: %s; --format is one of: %s",
	    source_name(in->source), why, s.p);
}

static int
pick_format(struct ingest *in, struct ingest_probe *p, struct err *e)
{
	struct str fits = str_new(in->arena);
	size_t n = 0;

	if (in->opt->format != NULL) {
		for (size_t i = 0; i < NFORMAT; i++)
			if (strcmp(formats[i]->name, in->opt->format) == 0)
				in->format = formats[i];
		if (in->format == NULL)
			return name_all(in, arena_printf(in->arena,
			    "unknown format '%.64s'", in->opt->format), e);
		if (!in->format->detect(p))
			return err_set(e, ERR_INPUT, "%s: does not have what format "
			    "%s needs", source_name(in->source),
			    in->format->name);
		return 0;
	}
	for (size_t i = 0; i < NFORMAT; i++) {
		if (!formats[i]->detect(p))
			continue;
		in->format = formats[i];
		str_addf(&fits, "%s%s", n++ > 0 ? ", " : "", formats[i]->name);
	}
	if (n == 0)
		return name_all(in, source_bytes(in->source) == 0 ?
		    "an empty file" : "no known log format fits its first records",
		    e);
	if (n > 1)
		return err_set(e, ERR_INPUT, "%s: several formats fit: %s; say "
		    "which with --format", source_name(in->source), fits.p);
	return 0;
}

static int
start(struct ingest *in, struct err *e)
{
	struct ingest_report *r = in->report;
	const struct ingest_format *f;
	struct ingest_probe p;

	hash_hex(r->sha256, source_sha256(in->source));
	memcpy(in->ref, r->sha256, 16);
	r->bytes = source_bytes(in->source);
	if (probe(in, &p, e) == -1 || pick_format(in, &p, e) == -1)
		return -1;
	f = in->format;
	r->format = f->name;
	r->grade = GRADE_SIGNED;
	if (f->rows == NULL && source_rewind(in->source,
	    f->list != NULL ? SOURCE_OBJECT : p.frame == f->frame[1] ?
	    f->frame[1] : f->frame[0], f->list, e) == -1)
		return -1;
	if (!f->own_time && append_last_us(in->to) > in->opt->now_us)
		return err_set(e, ERR_INPUT, "the store's last event was recorded "
		    "at %" PRId64 " us, after now (%" PRId64 "): is the clock "
		    "right, or --as-of too early?", append_last_us(in->to),
		    in->opt->now_us);
	return f->begin == NULL ? 0 : f->begin(in, e);
}

/* Columns in use that nothing in the source covers. */
static void
list_unprotected(struct ingest *in)
{
	const struct source_field *f;
	size_t n;

	f = ingest_fields(&n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(f[i].format, in->format->name) == 0 &&
		    strcmp(f[i].protection, "no") == 0 && f[i].column != NULL &&
		    in->report->used[event_col(f[i].column)])
			ingest_found(in, DIAG_UNPROTECTED);
}

/* Everything between the first transaction and the last. */
static int
run(struct ingest *in, struct err *e)
{
	struct ingest_report *r = in->report;
	int rc;

	if (append_begin(in->to, e) == -1)
		return -1;
	r->first_seq = append_size(in->to);
	rc = in->format->rows != NULL ? in->format->rows(in, e) :
	    read_records(in, e);
	if (rc == 0 && in->format->end != NULL)
		rc = in->format->end(in, e);
	if (rc == -1)
		return -1;
	list_unprotected(in);
	if (r->records == r->errors && r->appended == 0)
		r->grade = r->grade == GRADE_BROKEN ? GRADE_BROKEN : GRADE_NONE;
	if (in->opt->strict && r->errors > 0) {
		r->appended = r->payloads = r->erased = 0;
		return append_rollback(in->to, e);
	}
	if (r->appended > 0 && append_import(in, e) == -1)
		return -1;
	r->end_seq = append_size(in->to);
	return append_commit(in->to, e);
}

int
ingest_file(struct arena *a, struct append *to,
    const struct ingest_options *opt, const char *path,
    struct ingest_report *report, struct diag *diag, struct err *e)
{
	struct ingest *in = arena_alloc(a, sizeof(*in));
	int rc = -1;

	memset(report, 0, sizeof(*report));
	report->path = path;
	in->arena = a;
	in->rec = arena_new();
	in->to = to;
	in->opt = opt;
	in->report = report;
	in->diag = diag;
	in->hash = hash_new(a);
	in->same = map_new(a);
	if (source_open(a, path, &in->source, e) == 0 && start(in, e) == 0)
		rc = run(in, e);
	source_close(in->source);
	hash_free(in->hash);
	arena_free(in->rec);
	return rc;
}
