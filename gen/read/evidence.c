#include <inttypes.h>
#include <libxml/xmlreader.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "crypt/hash.h"
#include "read/load.h"
#include "read/registry.h"
#include "read/yaml.h"

#define XML_DEPTH 32
#define XINCLUDE "http://www.w3.org/2001/XInclude"

/* JUnit */

struct counts {
	int64_t tests, failures, errors, skipped;
};

struct junit {
	struct counts in[XML_DEPTH + 1];   /* cases inside, by depth */
	struct counts says[XML_DEPTH + 1]; /* what a suite claims; -1: nothing */
	int failure, error, skip;          /* of the case that is open */
	int disagrees;
	int64_t run_us;
	char msg[256];
	int line;
};

static void
set_msg(struct junit *j, const char *text)
{
	if (j->msg[0] == '\0')
		(void)snprintf(j->msg, sizeof(j->msg), "%.*s",
		    (int)strcspn(text, "\n"), text);
}

static void
xml_error(void *arg, xmlErrorPtr e)
{
	struct junit *j = arg;

	if (j->msg[0] == '\0')
		j->line = e->line;
	set_msg(j, e->message != NULL ? e->message : "not XML");
}

static int64_t
attribute(xmlTextReaderPtr x, const char *name)
{
	xmlChar *v = xmlTextReaderGetAttribute(x, (const xmlChar *)name);
	int64_t n = 0;

	if (v == NULL)
		return -1;
	for (const xmlChar *p = v; *p != '\0' && n >= 0; p++)
		n = *p >= '0' && *p <= '9' && n < INT32_MAX ?
		    n * 10 + (*p - '0') : -2;
	xmlFree(v);
	return n;
}

/* A suite's time stamp; without a zone it is taken as UTC. */
static void
stamp(struct junit *j, xmlTextReaderPtr x)
{
	xmlChar *v = xmlTextReaderGetAttribute(x,
	    (const xmlChar *)"timestamp");
	char text[64];
	int64_t us;

	if (v == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s", (const char *)v);
	if (strlen(text) > 0 && strlen(text) < sizeof(text) - 2 &&
	    text[strlen(text) - 1] != 'Z')
		memcpy(text + strlen(text), "Z", 2);
	if (date_parse(text, &us) == 0 && us > j->run_us)
		j->run_us = us;
	xmlFree(v);
}

/* Some runners say so in an attribute, without <skipped/>. */
static int
not_run(xmlTextReaderPtr x)
{
	xmlChar *v = xmlTextReaderGetAttribute(x, (const xmlChar *)"status");
	int rc = v != NULL && (strcmp((const char *)v, "notrun") == 0 ||
	    strcmp((const char *)v, "skipped") == 0 ||
	    strcmp((const char *)v, "disabled") == 0);

	xmlFree(v);
	return rc;
}

static void
open_element(struct junit *j, xmlTextReaderPtr x, const char *name, int depth)
{
	struct counts none = { -1, -1, -1, -1 };

	j->says[depth] = none;
	memset(&j->in[depth], 0, sizeof(j->in[depth]));
	if (strcmp(name, "testsuite") == 0 || strcmp(name, "testsuites") == 0) {
		j->says[depth].tests = attribute(x, "tests");
		j->says[depth].failures = attribute(x, "failures");
		j->says[depth].errors = attribute(x, "errors");
		j->says[depth].skipped = attribute(x, "skipped");
		stamp(j, x);
	} else if (strcmp(name, "testcase") == 0) {
		j->failure = j->error = 0;
		j->skip = not_run(x);
	} else if (strcmp(name, "failure") == 0)
		j->failure = 1;
	else if (strcmp(name, "error") == 0)
		j->error = 1;
	else if (strcmp(name, "skipped") == 0)
		j->skip = 1;
}

static int
differs(int64_t says, int64_t n)
{
	return says != -1 && says != n;
}

static void
close_element(struct junit *j, const char *name, int depth)
{
	struct counts *c = &j->in[depth], *s = &j->says[depth];

	if (strcmp(name, "testcase") == 0) {
		c->tests++;
		c->failures += j->failure;
		c->errors += j->error && !j->failure;
		c->skipped += j->skip && !j->failure && !j->error;
	}
	if (differs(s->tests, c->tests) || differs(s->failures, c->failures) ||
	    differs(s->errors, c->errors) || differs(s->skipped, c->skipped))
		j->disagrees = 1;
	if (depth == 0)
		return;
	j->in[depth - 1].tests += c->tests;
	j->in[depth - 1].failures += c->failures;
	j->in[depth - 1].errors += c->errors;
	j->in[depth - 1].skipped += c->skipped;
}

/* UTF-8 whatever it declares would be read as what it is not. */
static int
is_utf8(const char *declared)
{
	return declared == NULL || strcasecmp(declared, "UTF-8") == 0 ||
	    strcasecmp(declared, "US-ASCII") == 0;
}

/* What no report needs, and what would bring other bytes in. */
static const char *
refused(xmlTextReaderPtr x, int type, int depth)
{
	const char *space = (const char *)xmlTextReaderConstNamespaceUri(x);

	if (type == XML_READER_TYPE_DOCUMENT_TYPE ||
	    type == XML_READER_TYPE_ENTITY_REFERENCE)
		return "a document type or entity is not allowed";
	if (!is_utf8((const char *)xmlTextReaderConstEncoding(x)))
		return "its declared encoding is not UTF-8";
	if (type != XML_READER_TYPE_ELEMENT)
		return NULL;
	if (space != NULL && strcmp(space, XINCLUDE) == 0)
		return "an inclusion (XInclude) is not allowed";
	return depth >= XML_DEPTH ? "nested deeper than 32" : NULL;
}

/* 0, or -1 with msg and line.  No network, no document type, no entity. */
static int
parse_junit(struct junit *j, const char *p, size_t len)
{
	xmlTextReaderPtr x;
	int rc = -1, more = -1;

	x = xmlReaderForMemory(p, (int)len, NULL, NULL, XML_PARSE_NONET);
	if (x == NULL) {
		set_msg(j, "not XML");
		return -1;
	}
	xmlTextReaderSetStructuredErrorHandler(x, xml_error, j);
	while (j->msg[0] == '\0' && (more = xmlTextReaderRead(x)) == 1) {
		const char *name = (const char *)xmlTextReaderConstLocalName(x);
		int type = xmlTextReaderNodeType(x);
		int depth = xmlTextReaderDepth(x);
		const char *why = refused(x, type, depth);

		j->line = xmlTextReaderGetParserLineNumber(x);
		if (why != NULL)
			set_msg(j, why);
		else if (type == XML_READER_TYPE_ELEMENT) {
			open_element(j, x, name, depth);
			if (xmlTextReaderIsEmptyElement(x))
				close_element(j, name, depth);
		} else if (type == XML_READER_TYPE_END_ELEMENT)
			close_element(j, name, depth);
	}
	if (j->msg[0] == '\0' && more == 0)
		rc = 0;
	else if (j->msg[0] == '\0')
		set_msg(j, "not XML");
	xmlFreeTextReader(x);
	return rc;
}

static void
read_junit(struct load *l, struct row *r, const struct input *in)
{
	struct junit j = { .run_us = INT64_MIN };
	struct mark at = { in->path, 0, 0 }, here = row_mark(r, "path");
	const char *dtd = strstr(in->text, "<!DOCTYPE");

	/* libxml2 would read all of it before it told us. */
	if (dtd != NULL || strlen(in->text) != in->bytes ||
	    !utf8_valid(in->text, (size_t)in->bytes)) {
		for (const char *p = in->text; dtd != NULL && p <= dtd; p++)
			at.line += p == in->text || p[-1] == '\n';
		diag_add(l->diag, ERR_INPUT, at, dtd != NULL ?
		    "a document type is not allowed" : "is not UTF-8");
		return;
	}
	if (in->bytes == 0) {
		diag_add(l->diag, ERR_INPUT, at, "the file is empty");
		return;
	}
	if (parse_junit(&j, in->text, (size_t)in->bytes) == -1) {
		at.line = j.line > 0 ? (uint32_t)j.line : 0;
		diag_add(l->diag, ERR_INPUT, at, "%s", j.msg);
		return;
	}
	row_set_int(r, "tests", j.in[0].tests, here);
	row_set_int(r, "failed", j.in[0].failures + j.in[0].errors, here);
	row_set_int(r, "skipped", j.in[0].skipped, here);
	row_set_int(r, "disagrees", j.disagrees, here);
	if (j.run_us != INT64_MIN)
		row_set_int(r, "run_us", j.run_us, here);
}

/* The index */

static const struct { const char *field, *col; } fields[] = {
	{ "item", "item" }, { "kind", "kind" }, { "path", "path" },
	{ "sha256", "sha256" }, { "basis_hash", "basis_hash" },
	{ "document", NULL }, { "author", "author" }, { "by", "person_id" },
	{ "role", "role" }, { "at", "at_us" }, { "decision", "decision" },
	{ "effective", NULL }, { "collected", "collected_us" },
	{ "expires", "expires_us" }, { "for", "for_what" },
	{ "statement", "statement" },
};
#define NFIELD (sizeof(fields) / sizeof(fields[0]))

static void
unknown_field(struct load *l, const struct yaml *e)
{
	const char *known[NFIELD];

	for (size_t i = 0; i < NFIELD; i++)
		known[i] = fields[i].field;
	yaml_unknown(e, known, NFIELD, l->diag);
}

/* {from, to} */
static void
read_effective(struct load *l, struct row *r, const struct yaml *y)
{
	static const char *const known[] = { "from", "to" };

	if (y->kind != YAML_MAP) {
		diag_add(l->diag, ERR_INPUT, y->at, "effective: want from "
		    "and to");
		return;
	}
	for (struct yaml *e = y->first; e != NULL; e = e->next) {
		if (strcmp(e->key, "from") == 0)
			load_column(l, r, "from_us", e);
		else if (strcmp(e->key, "to") == 0)
			load_column(l, r, "to_us", e);
		else
			yaml_unknown(e, known, 2, l->diag);
	}
}

/* kind/subject, or kind/subject@version */
static void
read_document(struct load *l, struct row *r, const struct yaml *e)
{
	const char *slash, *at;

	if (e->kind != YAML_TEXT || (slash = strchr(e->text, '/')) == NULL ||
	    slash == e->text || slash[1] == '\0') {
		diag_add(l->diag, ERR_INPUT, e->at, "document: want "
		    "kind/subject, or kind/subject@version");
		return;
	}
	at = strrchr(slash, '@');
	if (at == NULL || at == slash + 1 || at[1] == '\0')
		at = slash + strlen(slash);
	row_set_text(r, "kind", arena_strndup(l->arena, e->text,
	    (size_t)(slash - e->text)), e->at);
	row_set_text(r, "subject", arena_strndup(l->arena, slash + 1,
	    (size_t)(at - slash - 1)), e->at);
	if (*at == '@')
		row_set_text(r, "version", at + 1, e->at);
}

static void
read_field(struct load *l, struct row *r, const struct yaml *e)
{
	size_t i = 0;

	while (i < NFIELD && strcmp(fields[i].field, e->key) != 0)
		i++;
	if (i == NFIELD)
		unknown_field(l, e);
	else if (e->absent)
		return;
	else if (fields[i].col != NULL)
		load_column(l, r, fields[i].col, e);
	else if (strcmp(e->key, "document") == 0)
		read_document(l, r, e);
	else
		read_effective(l, r, e);
}

/* What the bytes are now, and what a test report says. */
static void
read_bytes(struct load *l, struct row *r)
{
	const char *path = row_text(r, "path");
	const char *kind = row_text(r, "kind");
	struct mark at = row_mark(r, "path"), none = { .file = NULL };
	struct input *in;

	if (path == NULL)
		return;
	if ((path = files_join(l->arena, "", path)) == NULL) {
		diag_add(l->diag, ERR_INPUT, at, "path: leaves the project");
		return;
	}
	row_set_text(r, "path", path, at);
	if (kind == NULL) {
		row_set_text(r, "kind", "file", at);
		row_set_text(r, "subject", path, at);
	}
	in = files_read(l->files, "evidence", path, LIMIT_JSON_FILE, none,
	    l->diag);
	if (in == NULL)
		return;
	row_set_sha256(l, r, "found_sha256", in->sha256, at);
	if (kind != NULL && strcmp(kind, "junit") == 0)
		read_junit(l, r, in);
}

static void
read_entry(struct load *l, const struct yaml *y)
{
	static const char words[] = "document attestation junit record";
	struct row *r;

	if (y->kind != YAML_MAP) {
		diag_add(l->diag, ERR_INPUT, y->at, "want fields");
		return;
	}
	r = load_row(l, "ref_document", y->at);
	for (const struct yaml *e = y->first; e != NULL; e = e->next)
		read_field(l, r, e);
	if (yaml_find(y, "path") == NULL && yaml_find(y, "document") == NULL)
		diag_add(l->diag, ERR_INPUT, y->at, "names neither a path nor "
		    "a document");
	if (yaml_find(y, "kind") != NULL) {
		struct value v;

		(void)yaml_value(l->arena, yaml_find(y, "kind"), FIELD_CHOICE,
		    words, &v, l->diag);
		if (yaml_find(y, "item") == NULL)
			diag_add(l->diag, ERR_INPUT, yaml_find(y, "kind")->at,
			    "kind: belongs to an item, and none is named");
	}
	read_bytes(l, r);
}

void
evidence_read(struct load *l)
{
	static const char *const known[] = { "schema", "entries" };
	const char *path = arena_printf(l->arena, "%s/index.yaml",
	    l->project->evidence);
	struct yaml *y = files_yaml(l->files, "evidence", path,
	    "exhibit-evidence/1", l->diag);

	for (struct yaml *e = y ? y->first : NULL; e != NULL; e = e->next) {
		if (strcmp(e->key, "schema") == 0 || e->absent)
			continue;
		if (strcmp(e->key, "entries") != 0)
			yaml_unknown(e, known, 2, l->diag);
		else if (e->kind != YAML_LIST)
			diag_add(l->diag, ERR_INPUT, e->at, "entries: want a "
			    "list");
		else
			for (struct yaml *i = e->first; i != NULL; i = i->next)
				read_entry(l, i);
	}
}

/* Approvals to rows */

struct judged {
	struct row **row; /* of ref_document, the same bytes, by time */
	size_t n, cap;
};

static int
time_cmp(const void *x, const void *y)
{
	const struct row *a = *(struct row *const *)x;
	const struct row *b = *(struct row *const *)y;
	int64_t p = row_int(a, "at_us", INT64_MAX);
	int64_t q = row_int(b, "at_us", INT64_MAX);

	return p != q ? (p > q) - (p < q) :
	    (a->order > b->order) - (a->order < b->order);
}

/* Entries by the SHA-256 that they judged. */
static struct map *
by_bytes(struct load *l)
{
	const struct load_table *t = load_table(l, "ref_document");
	struct row **row = arena_array(l->arena, t->n + 1, sizeof(*row));
	struct map *m = map_new(l->arena);

	if (t->n > 0)
		memcpy(row, t->row, t->n * sizeof(*row));
	qsort(row, t->n, sizeof(*row), time_cmp);
	for (size_t i = 0; i < t->n; i++) {
		const char *sha = row_text(row[i], "sha256");
		struct judged *j;
		void **slot;

		if (sha == NULL)
			continue;
		slot = map_putz(m, sha);
		if (*slot == NULL)
			*slot = arena_alloc(l->arena, sizeof(*j));
		j = *slot;
		*VEC_PUSH(l->arena, j->row, j->n, j->cap) = row[i];
	}
	return m;
}

static const struct judged *
judged_file(struct load *l, const struct map *m, const char *path)
{
	const struct input *in = map_getz(l->files->seen, path);
	char hex[HASH_HEXLEN];

	if (in == NULL)
		return NULL;
	hash_hex(hex, in->sha256);
	return map_getz(m, hex);
}

/* The earliest approval that lies not in the future. */
static const struct row *
approval(const struct load *l, const struct judged *j)
{
	for (size_t i = 0; j != NULL && i < j->n; i++)
		if (str_eq(row_text(j->row[i], "decision"), "approved") &&
		    row_text(j->row[i], "person_id") != NULL &&
		    row_int(j->row[i], "at_us", INT64_MAX) <= l->as_of_us)
			return j->row[i];
	return NULL;
}

static void
bind_versions(struct load *l, const struct map *m)
{
	const struct load_table *t = load_table(l, "ref_policy_version");

	for (size_t i = 0; i < t->n; i++) {
		struct row *v = t->row[i];
		const struct judged *j = judged_file(l, m, v->at.file);

		for (size_t k = 0; j != NULL && k < j->n; k++) {
			struct row *e = j->row[k];
			struct row *a;

			if (row_text(e, "person_id") == NULL)
				continue;
			a = load_row(l, "ref_policy_approval", e->at);
			row_set_text(a, "policy_id", row_text(v, "policy_id"),
			    v->at);
			row_set_text(a, "policy_version",
			    row_text(v, "policy_version"), v->at);
			row_set_text(a, "person_id", row_text(e, "person_id"),
			    row_mark(e, "person_id"));
			row_set_text(a, "role", row_text(e, "role"),
			    row_mark(e, "role"));
			row_set_text(a, "decision", row_text(e, "decision"),
			    row_mark(e, "decision"));
			*row_cell(a, "at_us") = *row_cell(e, "at_us");
		}
	}
}

void
evidence_bind(struct load *l)
{
	static const struct { const char *table, *by, *at, *ending; } bound[] = {
		{ "ref_agent_version", "approved_by", "approved_us", NULL },
		{ "ref_prompt", "approved_by", "approved_us", ".txt" },
		{ "ref_risk", "accepted_by", "accepted_us", NULL },
		{ "ref_assessment", "decided_by", "decided_us", NULL },
		{ "ref_plan", "approved_by", "approved_us", NULL },
		{ "ref_review", "signed_by", "signed_us", NULL },
		{ "ref_soa_head", "approved_by", "approved_us", NULL },
	};
	struct map *m = by_bytes(l);

	for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++) {
		const struct load_table *t = load_table(l, bound[i].table);

		for (size_t j = 0; j < t->n; j++) {
			struct row *r = t->row[j];
			const char *path = r->at.file;
			const struct row *e;

			if (bound[i].ending != NULL)
				path = arena_printf(l->arena, "%.*s%s",
				    (int)(strlen(path) - strlen(".yaml")),
				    path, bound[i].ending);
			if ((e = approval(l, judged_file(l, m, path))) == NULL)
				continue;
			row_set_text(r, bound[i].by, row_text(e, "person_id"),
			    row_mark(e, "person_id"));
			row_set_int(r, bound[i].at, row_int(e, "at_us", 0),
			    row_mark(e, "at_us"));
		}
	}
	bind_versions(l, m);
}
