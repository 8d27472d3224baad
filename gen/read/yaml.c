#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/str.h"
#include "base/utf8.h"
#include "read/yaml.h"

#define LIST_MAX 16     /* entries of a map that are compared one by one */
#define QUOTE_MAX 60    /* bytes of a value that a message shows */
#define CHOICE_MAX 64
#define MAP_MAX 64      /* entries of a map of text */

struct reader {
	struct arena *arena;
	const char *name;
	struct mark end; /* libyaml ends the last line by itself: no further */
	struct diag *diag;
	yaml_parser_t parser;
	size_t nodes;
	int depth;
};

static struct mark
mark_of(const struct reader *r, const yaml_mark_t *m)
{
	struct mark at = { r->name, (uint32_t)m->line + 1,
		(uint32_t)m->column + 1 };

	return at.line > r->end.line ? r->end : at;
}

const char *
yaml_quote(struct arena *a, const char *text)
{
	struct str s = str_new(a);
	size_t len = strlen(text), cut = len;

	if (cut > QUOTE_MAX)
		for (cut = QUOTE_MAX; (text[cut] & 0xC0) == 0x80; cut--)
			;
	str_addc(&s, '"');
	utf8_visible(&s, text, cut, 0);
	str_addz(&s, cut < len ? "...\"" : "\"");
	return s.p;
}

/* The bytes, before libyaml sees them */

static struct mark
place_of(const char *name, const char *p, size_t offset)
{
	struct mark at = { name, 1, 1 };

	for (size_t i = 0; i < offset; i++) {
		if (p[i] == '\n' || (p[i] == '\r' &&
		    (i + 1 == offset || p[i + 1] != '\n'))) {
			at.line++;
			at.col = 1;
		} else if (((unsigned char)p[i] & 0xC0) != 0x80)
			at.col++;
	}
	return at;
}

static int
refused_char(uint32_t c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return 0;
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
	    c == 0x2029 || c == 0xFEFF;
}

/* 0 where libyaml may read on. */
static int
check_bytes(const char *name, const char *p, size_t len, struct diag *d)
{
	struct mark at = { name, 0, 0 };
	const char *what;
	size_t took, i, from;
	uint32_t c;

	if (len > LIMIT_YAML_FILE) {
		diag_add(d, ERR_INPUT, at, "%zu bytes, more than %u", len,
		    LIMIT_YAML_FILE);
		return -1;
	}
	if (len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		diag_add(d, ERR_INPUT, place_of(name, p, 0),
		    "begins with a byte order mark: remove it");
		return -1;
	}
	for (i = 0; i < len; i += took) {
		c = utf8_next(p + i, len - i, &took);
		if (c == UTF8_BAD) {
			diag_add(d, ERR_INPUT, place_of(name, p, i),
			    "byte 0x%02X is not UTF-8", (unsigned char)p[i]);
			return -1;
		}
		if (refused_char(c)) {
			diag_add(d, ERR_INPUT, place_of(name, p, i),
			    "control character U+%04" PRIX32, c);
			return -1;
		}
	}
	for (from = 0; (what = secret_find(p + from, len - from, &i)) != NULL;
	    from += i + 1)
		diag_add(d, ERR_INPUT, place_of(name, p, from + i),
		    "looks like %s: a secret does not belong here", what);
	return from > 0 ? -1 : 0;
}

/* Events to a tree */

static struct yaml *node(struct reader *, yaml_event_t *);

/* 1 and an event to delete, or 0 after an error of the grammar. */
static int
event(struct reader *r, yaml_event_t *ev)
{
	struct mark at;

	if (yaml_parser_parse(&r->parser, ev))
		return 1;
	at = mark_of(r, &r->parser.problem_mark);
	diag_add(r->diag, ERR_INPUT, at, "%s%s%s",
	    r->parser.problem != NULL ? r->parser.problem : "not YAML",
	    r->parser.context != NULL ? ", " : "",
	    r->parser.context != NULL ? r->parser.context : "");
	return 0;
}

static void
refuse(struct reader *r, const yaml_event_t *ev, const char *what,
    const char *remedy)
{
	diag_add(r->diag, ERR_INPUT, mark_of(r, &ev->start_mark),
	    "%s not allowed: %s", what, remedy);
}

static void
check_properties(struct reader *r, const yaml_event_t *ev,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		refuse(r, ev, "an anchor is", "write the value out");
	if (tag != NULL)
		refuse(r, ev, "a tag is", "the type comes from the field");
}

static struct yaml *
scalar(struct reader *r, const yaml_event_t *ev)
{
	struct yaml *y = arena_alloc(r->arena, sizeof(*y));
	size_t len = ev->data.scalar.length, took;
	const char *p = (const char *)ev->data.scalar.value;
	int plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	check_properties(r, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
	y->at = mark_of(r, &ev->start_mark);
	if (len > LIMIT_YAML_SCALAR) {
		diag_add(r->diag, ERR_INPUT, y->at, "text of %zu bytes, more "
		    "than %u", len, LIMIT_YAML_SCALAR);
		len = 0;
	}
	for (size_t i = 0; i < len; i += took) {
		uint32_t c = utf8_next(p + i, len - i, &took);

		if (c == UTF8_BAD || refused_char(c)) {
			diag_add(r->diag, ERR_INPUT, y->at, "an escape stands "
			    "for control character U+%04" PRIX32, c);
			len = 0;
		}
	}
	y->text = arena_strndup(r->arena, p, len);
	y->len = len;
	y->absent = plain && (len == 0 || strcmp(y->text, "null") == 0 ||
	    strcmp(y->text, "~") == 0);
	return y;
}

static struct yaml *
list(struct reader *r, const yaml_event_t *start)
{
	struct yaml *y = arena_alloc(r->arena, sizeof(*y)), **last = &y->first;
	yaml_event_t ev;

	check_properties(r, start, start->data.sequence_start.anchor,
	    start->data.sequence_start.tag);
	y->kind = YAML_LIST;
	y->at = mark_of(r, &start->start_mark);
	for (;;) {
		if (!event(r, &ev))
			return NULL;
		if (ev.type == YAML_SEQUENCE_END_EVENT)
			break;
		if ((*last = node(r, &ev)) == NULL)
			return NULL;
		last = &(*last)->next;
		y->n++;
	}
	yaml_event_delete(&ev);
	return y;
}

/* The earlier entry of that name.  Small maps are walked; of a large one the
 * names are kept. */
static const struct yaml *
earlier(struct reader *r, const struct yaml *y, struct map **names,
    struct yaml *entry)
{
	const struct yaml *old;

	if (y->n < LIST_MAX) {
		for (old = y->first; old != NULL; old = old->next)
			if (strcmp(old->key, entry->key) == 0)
				return old;
		return NULL;
	}
	if (*names == NULL) {
		*names = map_new(r->arena);
		for (struct yaml *e = y->first; e != NULL; e = e->next)
			*map_putz(*names, e->key) = e;
	}
	if ((old = map_getz(*names, entry->key)) == NULL)
		*map_putz(*names, entry->key) = entry;
	return old;
}

/* One key; NULL after an error that ends the file.  A key that is no text
 * leaves key NULL. */
static struct yaml *
key_of(struct reader *r, yaml_event_t *ev)
{
	int plain = ev->type == YAML_SCALAR_EVENT &&
	    ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	struct mark at = mark_of(r, &ev->start_mark);
	struct yaml *k = node(r, ev);

	if (k == NULL)
		return NULL;
	if (k->kind != YAML_TEXT || k->len == 0) {
		diag_add(r->diag, ERR_INPUT, at, "a key must be text");
		k->kind = YAML_LIST;
	} else if (plain && strcmp(k->text, "<<") == 0) {
		diag_add(r->diag, ERR_INPUT, at,
		    "a merge key is not allowed: write the fields out");
		k->kind = YAML_LIST;
	}
	return k;
}

static struct yaml *
mapping(struct reader *r, const yaml_event_t *start)
{
	struct yaml *y = arena_alloc(r->arena, sizeof(*y)), **last = &y->first;
	struct map *names = NULL;
	yaml_event_t ev;

	check_properties(r, start, start->data.mapping_start.anchor,
	    start->data.mapping_start.tag);
	y->kind = YAML_MAP;
	y->at = mark_of(r, &start->start_mark);
	for (;;) {
		const struct yaml *old;
		struct yaml *key, *value;

		if (!event(r, &ev))
			return NULL;
		if (ev.type == YAML_MAPPING_END_EVENT)
			break;
		if ((key = key_of(r, &ev)) == NULL || !event(r, &ev) ||
		    (value = node(r, &ev)) == NULL)
			return NULL;
		if (key->kind != YAML_TEXT)
			continue;
		value->key = key->text;
		value->keyat = key->at;
		if ((old = earlier(r, y, &names, value)) != NULL) {
			diag_add(r->diag, ERR_INPUT, key->at, "field %s stands "
			    "here twice, first in line %" PRIu32,
			    yaml_quote(r->arena, key->text), old->keyat.line);
			continue;
		}
		*last = value;
		last = &value->next;
		y->n++;
	}
	yaml_event_delete(&ev);
	return y;
}

/* Takes the event over.  NULL after an error that ends the file. */
static struct yaml *
node(struct reader *r, yaml_event_t *ev)
{
	struct mark at = mark_of(r, &ev->start_mark);
	struct yaml *y = NULL;

	if (++r->nodes > LIMIT_YAML_NODES)
		diag_add(r->diag, ERR_INPUT, at, "more than %d values",
		    LIMIT_YAML_NODES);
	else if (ev->type == YAML_SCALAR_EVENT)
		y = scalar(r, ev);
	else if (ev->type == YAML_ALIAS_EVENT) {
		refuse(r, ev, "an alias is", "write the value out");
		y = arena_alloc(r->arena, sizeof(*y));
		y->text = "";
		y->absent = 1;
		y->at = at;
	} else if (++r->depth > LIMIT_YAML_DEPTH)
		diag_add(r->diag, ERR_INPUT, at, "nested deeper than %d",
		    LIMIT_YAML_DEPTH);
	else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		y = list(r, ev);
		r->depth--;
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		y = mapping(r, ev);
		r->depth--;
	}
	yaml_event_delete(ev);
	return y;
}

static struct yaml *
document(struct reader *r)
{
	struct mark top = { r->name, 1, 1 };
	struct yaml *root;
	yaml_event_t ev;

	if (!event(r, &ev)) /* the start of the stream */
		return NULL;
	yaml_event_delete(&ev);
	if (!event(r, &ev))
		return NULL;
	if (ev.type == YAML_STREAM_END_EVENT) {
		yaml_event_delete(&ev);
		diag_add(r->diag, ERR_INPUT, top, "the file is empty");
		return NULL;
	}
	if (ev.data.document_start.version_directive != NULL ||
	    ev.data.document_start.tag_directives.start !=
	    ev.data.document_start.tag_directives.end)
		refuse(r, &ev, "a directive is", "begin with the first field");
	yaml_event_delete(&ev);
	if (!event(r, &ev) || (root = node(r, &ev)) == NULL)
		return NULL;
	if (!event(r, &ev)) /* the end of the document */
		return NULL;
	yaml_event_delete(&ev);
	if (!event(r, &ev))
		return NULL;
	if (ev.type != YAML_STREAM_END_EVENT)
		refuse(r, &ev, "a second document is", "one file holds one");
	yaml_event_delete(&ev);
	if (root->kind != YAML_MAP) {
		diag_add(r->diag, ERR_INPUT, root->at, "the file must be a "
		    "list of fields, schema first");
		return NULL;
	}
	return root;
}

struct yaml *
yaml_read(struct arena *a, const char *name, const void *p, size_t len,
    struct diag *d)
{
	struct reader r = { .arena = a, .name = name, .diag = d };
	struct yaml *root = NULL;

	if (check_bytes(name, p, len, d) == -1)
		return NULL;
	r.end = place_of(name, p, len);
	if (!yaml_parser_initialize(&r.parser))
		err_die("out of memory");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, p, len);
	root = document(&r);
	yaml_parser_delete(&r.parser);
	return root;
}

struct yaml *
yaml_find(const struct yaml *y, const char *key)
{
	for (struct yaml *e = y->first; e != NULL; e = e->next)
		if (e->key != NULL && strcmp(e->key, key) == 0)
			return e->absent ? NULL : e;
	return NULL;
}

int
yaml_schema(const struct yaml *y, const char *want, struct diag *d)
{
	const struct yaml *s = yaml_find(y, "schema");

	if (s == NULL) {
		diag_add(d, ERR_INPUT, y->at, "schema: missing, want %s", want);
		return 0;
	}
	if (s->kind == YAML_TEXT && strcmp(s->text, want) == 0)
		return 1;
	diag_add(d, ERR_INPUT, s->at, "schema: have %s, want %s",
	    s->kind == YAML_TEXT ? yaml_quote(d->arena, s->text) : "no text",
	    want);
	return 0;
}

void
yaml_unknown(const struct yaml *y, const char *const *known, size_t n,
    struct diag *d)
{
	const char *near = str_nearest(y->key, known, n);

	diag_add(d, ERR_INPUT, y->keyat, "unknown field %s%s%s%s",
	    yaml_quote(d->arena, y->key), near ? " (did you mean \"" : "",
	    near ? near : "", near ? "\"?)" : "");
}

/* Text to values */

static const char *
id_chars(enum field type)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	static const char wide[] = "abcdefghijklmnopqrstuvwxyz0123456789._-/:";
	static const char code[] = "abcdefghijklmnopqrstuvwxyz0123456789._-+"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (type == FIELD_WIDE || type == FIELD_ACTION ||
	    type == FIELD_ACTION_PREFIX)
		return wide;
	if (type == FIELD_CODE || type == FIELD_VERSION ||
	    type == FIELD_VERSION_OR_PREVIOUS || type == FIELD_RISK ||
	    type == FIELD_PROMPT_VERSION || type == FIELD_POLICY_VERSION)
		return code;
	return lower;
}

static const char *
id_says(enum field type)
{
	const char *chars = id_chars(type);

	if (strchr(chars, 'A') != NULL)
		return "letters, digits and . _ - +, beginning with a letter "
		    "or digit, at most 64";
	if (strchr(chars, '/') != NULL)
		return "small letters, digits and . _ - / :, beginning with a "
		    "letter or digit, at most 64";
	return "small letters, digits and . _ -, beginning with a letter or "
	    "digit, at most 64";
}

static int
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static int
is_id(const char *s, enum field type)
{
	size_t len = strlen(s);

	if (type == FIELD_ACTION_PREFIX && len > 0 && s[len - 1] == '*')
		return len <= 64 &&
		    (len == 1 || (is_alnum(s[0]) && s[0] >= '0' &&
		    strspn(s, id_chars(type)) == len - 1));
	return len > 0 && len <= 64 && is_alnum(s[0]) &&
	    strspn(s, id_chars(type)) == len;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

#define INT_MOST ((INT64_C(1) << 53) - 1)

/* -?(0|[1-9][0-9]*) within +-(2^53-1). */
static int
parse_int(const char *s, int64_t *out)
{
	int minus = *s == '-';
	int64_t n = 0;

	s += minus;
	if (!digit(*s) || (*s == '0' && s[1] != '\0') || (minus && *s == '0'))
		return -1;
	for (; digit(*s); s++) {
		n = n * 10 + (*s - '0');
		if (n > INT_MOST)
			return -1;
	}
	*out = minus ? -n : n;
	return *s == '\0' ? 0 : -1;
}

/* -?digits(.digits{1,6})?, in millionths, within +-(2^53-1). */
static int
parse_micro(const char *s, int64_t *out)
{
	int minus = *s == '-';
	int64_t n = 0, unit = 1000000;

	s += minus;
	if (!digit(*s))
		return -1;
	for (; digit(*s); s++) {
		n = n * 10 + (*s - '0');
		if (n > INT_MOST / 1000000)
			return -1;
	}
	n *= 1000000;
	if (*s == '.') {
		if (!digit(*++s))
			return -1;
		for (; digit(*s) && unit > 1; s++) {
			unit /= 10;
			n += (*s - '0') * unit;
		}
	}
	if (*s != '\0' || n > INT_MOST)
		return -1;
	*out = minus ? -n : n;
	return 0;
}

static int
wrong(const struct yaml *y, struct diag *d, const char *want)
{
	diag_add(d, ERR_INPUT, y->at, "%s%swant %s, have %s",
	    y->key != NULL ? y->key : "", y->key != NULL ? ": " : "", want,
	    yaml_quote(d->arena, y->text));
	return -1;
}

static int
choice(const struct yaml *y, const char *of, struct diag *d)
{
	char *copy = arena_strdup(d->arena, of), *save = copy;
	const char *word[CHOICE_MAX], *near;
	size_t n = 0;

	while (*save != '\0' && n < CHOICE_MAX) {
		char *end = save + strcspn(save, " ");

		word[n++] = save;
		save = end + (*end != '\0');
		*end = '\0';
		if (strcmp(word[n - 1], y->text) == 0)
			return 0;
	}
	near = str_nearest(y->text, word, n);
	diag_add(d, ERR_INPUT, y->at, "%s%sunknown word %s%s%s%s, want one of "
	    "%s", y->key != NULL ? y->key : "", y->key != NULL ? ": " : "",
	    yaml_quote(d->arena, y->text), near ? " (did you mean \"" : "",
	    near ? near : "", near ? "\"?)" : "", of);
	return -1;
}

static int
number(const struct yaml *y, const char *of, int64_t *i, struct diag *d)
{
	int64_t least = -INT_MOST, most = INT_MOST;
	char range[80];

	if (parse_int(y->text, i) == -1)
		return wrong(y, d, "a whole number");
	if (of == NULL)
		return 0;
	if (sscanf(of, "%" SCNd64 " %" SCNd64, &least, &most) < 1 ||
	    (*i >= least && *i <= most))
		return 0;
	if (most == INT_MOST)
		(void)snprintf(range, sizeof(range),
		    "%" PRId64 " or more", least);
	else
		(void)snprintf(range, sizeof(range),
		    "%" PRId64 " to %" PRId64, least, most);
	return wrong(y, d, range);
}

static int
sha256(const char *s)
{
	return strspn(s, "0123456789abcdef") == 64 && s[64] == '\0';
}

static int
currency(const char *s)
{
	return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && s[3] == '\0';
}

/* A path that stays where it is: no root, no empty part. */
static int
is_path(const char *s)
{
	return *s != '/' && *s != '\0' && strstr(s, "//") == NULL &&
	    strlen(s) < 1024;
}

const struct yaml *
yaml_after(const struct yaml *y, const struct yaml *last)
{
	const struct yaml *next = NULL;

	for (const struct yaml *e = y->first; e != NULL; e = e->next)
		if (!e->absent &&
		    (last == NULL || strcmp(e->key, last->key) > 0) &&
		    (next == NULL || strcmp(e->key, next->key) < 0))
			next = e;
	return next;
}

/* A map of text as an RFC 8785 object.  Keys are ASCII, so bytes are the
 * order that it wants. */
static int
map_of_text(struct arena *a, const struct yaml *y, struct value *v,
    struct diag *d)
{
	struct str s = str_new(a);
	const struct yaml *e, *last = NULL;
	struct jsonw w;
	int rc = 0;

	if (y->kind != YAML_MAP || y->n > MAP_MAX) {
		diag_add(d, ERR_INPUT, y->at, "%s: want fields with text, at "
		    "most %d", y->key, MAP_MAX);
		return -1;
	}
	for (e = y->first; e != NULL; e = e->next) {
		if (e->kind != YAML_TEXT || e->absent) {
			diag_add(d, ERR_INPUT, e->at, "%s: want text", e->key);
			rc = -1;
		}
		for (const char *p = e->key; *p != '\0'; p++)
			if ((unsigned char)*p < 0x21 || *p == 0x7F ||
			    (unsigned char)*p > 0x7E) {
				diag_add(d, ERR_INPUT, e->keyat, "%s: want a "
				    "key of ASCII without blanks", y->key);
				rc = -1;
				break;
			}
	}
	if (rc == -1)
		return -1;
	jsonw_init(&w, &s);
	jsonw_object(&w);
	while ((last = yaml_after(y, last)) != NULL) {
		jsonw_key(&w, last->key);
		jsonw_text(&w, last->text, last->len);
	}
	jsonw_end(&w, '}');
	*v = (struct value){ VALUE_TEXT, 0, s.p, s.len };
	return 0;
}

static int
set_int(struct value *v, int64_t i)
{
	*v = (struct value){ .type = VALUE_INT, .i = i };
	return 0;
}

static int
text_value(const struct yaml *y, enum field type, const char *of,
    struct value *v, struct diag *d)
{
	struct date_span span;
	int64_t i;

	*v = (struct value){ VALUE_TEXT, 0, y->text, y->len };
	switch (type) {
	case FIELD_TEXT:
		return y->len > 0 ? 0 : wrong(y, d, "text (or leave it out)");
	case FIELD_CHOICE:
		return choice(y, of, d);
	case FIELD_SPAN:
		return date_parse_span(y->text, &span) == 0 ? 0 :
		    wrong(y, d, "a period like P7Y, P3M, P2W or P30D");
	case FIELD_SHA256:
		return sha256(y->text) ? 0 : wrong(y, d,
		    "64 hex digits, small letters");
	case FIELD_CURRENCY:
		return currency(y->text) ? 0 : wrong(y, d,
		    "a currency of ISO 4217, EUR");
	case FIELD_FILE:
		return is_path(y->text) ? 0 : wrong(y, d,
		    "a path from this file's folder");
	case FIELD_BOOL:
		if (strcmp(y->text, "true") != 0 &&
		    strcmp(y->text, "false") != 0)
			return wrong(y, d, "true or false");
		return set_int(v, *y->text == 't');
	case FIELD_INT:
		return number(y, of, &i, d) == 0 ? set_int(v, i) : -1;
	case FIELD_TIME:
		return date_parse(y->text, &i) == 0 ? set_int(v, i) :
		    wrong(y, d, "a time like 2026-07-01T00:00:00Z, or a date");
	case FIELD_DURATION:
		return date_parse_duration(y->text, &i) == 0 ? set_int(v, i) :
		    wrong(y, d, "a duration like PT30S or P1DT2H");
	case FIELD_PPM:
		return parse_micro(y->text, &i) == 0 && i >= 0 && i <= 1000000 ?
		    set_int(v, i) : wrong(y, d, "a decimal from 0 to 1 with at "
		    "most 6 digits after the point");
	case FIELD_MICRO:
		return parse_micro(y->text, &i) == 0 ? set_int(v, i) :
		    wrong(y, d, "a decimal with at most 6 digits after the "
		    "point");
	case FIELD_ID:
	case FIELD_CODE:
	case FIELD_WIDE:
	case FIELD_MAP:
	case FIELD_PERSON:
	case FIELD_ROLE:
	case FIELD_HOLDER:
	case FIELD_AGENT:
	case FIELD_VERSION:
	case FIELD_VERSION_OR_PREVIOUS:
	case FIELD_MODEL:
	case FIELD_PROMPT:
	case FIELD_PROMPT_VERSION:
	case FIELD_TOOL:
	case FIELD_ACTION:
	case FIELD_ACTION_PREFIX:
	case FIELD_DATASET:
	case FIELD_SUITE:
	case FIELD_RISK:
	case FIELD_POLICY:
	case FIELD_POLICY_VERSION:
	case FIELD_DATA_CLASS:
		break;
	}
	return is_id(y->text, type) ? 0 : wrong(y, d, id_says(type));
}

int
yaml_value(struct arena *a, const struct yaml *y, enum field type,
    const char *of, struct value *v, struct diag *d)
{
	*v = (struct value){ .type = VALUE_NULL };
	if (y->absent)
		return 0;
	if (type == FIELD_MAP)
		return map_of_text(a, y, v, d);
	if (y->kind != YAML_TEXT) {
		diag_add(d, ERR_INPUT, y->at, "%s%swant one value, have a %s",
		    y->key != NULL ? y->key : "", y->key != NULL ? ": " : "",
		    y->kind == YAML_LIST ? "list" : "map");
		return -1;
	}
	if (text_value(y, type, of, v, d) == 0)
		return 0;
	*v = (struct value){ .type = VALUE_NULL };
	return -1;
}

/* Maps into structs */

static int
put_value(struct arena *a, const struct yaml *y, const struct yaml_field *f,
    char *base, struct diag *d)
{
	struct value v;

	if (yaml_value(a, y, f->type, f->of, &v, d) == -1)
		return -1;
	if (f->type == FIELD_BOOL)
		*(int *)(void *)(base + f->offset) = (int)v.i;
	else if (v.type == VALUE_INT)
		*(int64_t *)(void *)(base + f->offset) = v.i;
	else
		*(const char **)(void *)(base + f->offset) = v.p;
	return 0;
}

static int
want_list(const struct yaml *y, struct diag *d)
{
	if (y->kind == YAML_LIST)
		return 1;
	diag_add(d, ERR_INPUT, y->at, "%s: want a list", y->key);
	return 0;
}

static void
put_texts(struct arena *a, const struct yaml *y, const struct yaml_field *f,
    char *base, struct diag *d)
{
	const char **list_of;
	size_t n = 0;
	struct value v;

	if (!want_list(y, d))
		return;
	list_of = arena_array(a, y->n + 1, sizeof(*list_of));
	for (const struct yaml *e = y->first; e != NULL; e = e->next) {
		if (e->absent)
			diag_add(d, ERR_INPUT, e->at, "%s: want text", y->key);
		else if (yaml_value(a, e, f->type, f->of, &v, d) == 0)
			list_of[n++] = v.p;
	}
	*(const char ***)(void *)(base + f->offset) = list_of;
	*(size_t *)(void *)(base + f->count) = n;
}

static void
put_objects(struct arena *a, const struct yaml *y, const struct yaml_field *f,
    char *base, struct diag *d)
{
	size_t n = 0;
	char *rows;

	if (!want_list(y, d))
		return;
	rows = arena_array(a, y->n + 1, f->object->size);
	for (const struct yaml *e = y->first; e != NULL; e = e->next)
		yaml_into(a, e, f->object, rows + n++ * f->object->size, d);
	*(void **)(void *)(base + f->offset) = rows;
	*(size_t *)(void *)(base + f->count) = n;
}

static const struct yaml_field *
field_of(const struct yaml_object *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->field[i].name, name) == 0)
			return &o->field[i];
	return NULL;
}

static void
unknown_of(const struct yaml *e, const struct yaml_object *o, struct diag *d)
{
	const char **known = arena_array(d->arena, o->n, sizeof(*known));

	for (size_t i = 0; i < o->n; i++)
		known[i] = o->field[i].name;
	yaml_unknown(e, known, o->n, d);
}

void
yaml_into(struct arena *a, const struct yaml *y, const struct yaml_object *o,
    void *into, struct diag *d)
{
	char *base = into;

	if (o->at != YAML_NOWHERE)
		*(struct mark *)(void *)(base + o->at) = y->at;
	if (y->kind != YAML_MAP) {
		diag_add(d, ERR_INPUT, y->at, "%s%swant fields",
		    y->key != NULL ? y->key : "", y->key != NULL ? ": " : "");
		return;
	}
	for (struct yaml *e = y->first; e != NULL; e = e->next) {
		const struct yaml_field *f = field_of(o, e->key);

		if (f == NULL) {
			unknown_of(e, o, d);
			continue;
		}
		if (e->absent)
			continue;
		switch (f->shape) {
		case YAML_IS_VALUE:
			(void)put_value(a, e, f, base, d);
			break;
		case YAML_IS_TEXTS:
			put_texts(a, e, f, base, d);
			break;
		case YAML_IS_OBJECT:
			yaml_into(a, e, f->object, base + f->offset, d);
			break;
		case YAML_IS_OBJECTS:
			put_objects(a, e, f, base, d);
			break;
		case YAML_IS_NODE:
			*(struct yaml **)(void *)(base + f->offset) = e;
			break;
		case YAML_IS_IGNORED:
			break;
		}
	}
	for (size_t i = 0; i < o->n; i++)
		if ((o->field[i].flags & YAML_REQUIRED) != 0 &&
		    yaml_find(y, o->field[i].name) == NULL)
			diag_add(d, ERR_INPUT, y->at, "%s: missing",
			    o->field[i].name);
}
