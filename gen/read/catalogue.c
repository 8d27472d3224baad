#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/date.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/event.h"
#include "model/ref.h"
#include "read/catalogue.h"
#include "read/project.h"
#include "read/yaml.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CLAIMS 4

/* Rows of the tables below: S is the struct that they fill. */
#define TEXT(name, flags, m) \
	{ name, YAML_IS_VALUE, FIELD_TEXT, flags, NULL, offsetof(S, m), 0, NULL }
#define WORD(name, type, flags, of, m) \
	{ name, YAML_IS_VALUE, type, flags, of, offsetof(S, m), 0, NULL }
#define TEXTS(name, type, of, m, n) \
	{ name, YAML_IS_TEXTS, type, 0, of, offsetof(S, m), offsetof(S, n), \
	    NULL }
#define NODE(name, m) \
	{ name, YAML_IS_NODE, FIELD_TEXT, 0, NULL, offsetof(S, m), 0, NULL }
#define OBJECT(name, m, o) \
	{ name, YAML_IS_OBJECT, FIELD_TEXT, 0, NULL, offsetof(S, m), 0, o }
#define OBJECTS(name, flags, m, n, o) \
	{ name, YAML_IS_OBJECTS, FIELD_TEXT, flags, NULL, offsetof(S, m), \
	    offsetof(S, n), o }
#define IGNORED(name) \
	{ name, YAML_IS_IGNORED, FIELD_TEXT, 0, NULL, 0, 0, NULL }

/* A framework file */

struct raw_framework {
	struct framework framework;
	struct requirement *req;
	size_t nreq;
	struct mark at;
};

#define S struct requirement
static const struct yaml_field req_field[] = {
	TEXT("id", YAML_REQUIRED, id), TEXT("title", YAML_REQUIRED, title),
	TEXT("summary", YAML_REQUIRED, summary), TEXT("parent", 0, parent),
	TEXT("level", 0, level), TEXT("role", 0, role), TEXT("tier", 0, tier),
	WORD("applies_from", FIELD_TIME, 0, NULL, applies_from_us),
	WORD("applies_from_annex_i", FIELD_TIME, 0, NULL,
	    applies_from_annex_i_us),
	TEXT("cite", 0, cite), TEXT("note", 0, note),
	WORD("assessable", FIELD_BOOL, YAML_REQUIRED, NULL, assessable),
};
static const struct yaml_object req_object = {
	req_field, COUNT(req_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct raw_framework
static const struct yaml_field framework_field[] = {
	IGNORED("schema"),
	WORD("id", FIELD_ID, YAML_REQUIRED, NULL, framework.id),
	TEXT("title", YAML_REQUIRED, framework.title),
	TEXT("source", 0, framework.source),
	TEXT("licence", 0, framework.licence),
	TEXT("note", 0, framework.note),
	OBJECTS("requirements", YAML_REQUIRED, req, nreq, &req_object),
};
static const struct yaml_object framework_object = {
	framework_field, COUNT(framework_field), sizeof(S), offsetof(S, at)
};
#undef S

/* A crosswalk, the predicates */

struct raw_crosswalk {
	const char *from, *to, *source;
	struct raw_pair { const char *from, *to, *note; struct mark at; } *pair;
	size_t npair;
	struct mark at;
};

#define S struct raw_pair
static const struct yaml_field pair_field[] = {
	TEXT("from", YAML_REQUIRED, from), TEXT("to", YAML_REQUIRED, to),
	TEXT("note", 0, note),
};
static const struct yaml_object pair_object = {
	pair_field, COUNT(pair_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct raw_crosswalk
static const struct yaml_field crosswalk_field[] = {
	IGNORED("schema"), TEXT("from", YAML_REQUIRED, from),
	TEXT("to", YAML_REQUIRED, to), TEXT("source", 0, source),
	OBJECTS("pairs", YAML_REQUIRED, pair, npair, &pair_object),
};
static const struct yaml_object crosswalk_object = {
	crosswalk_field, COUNT(crosswalk_field), sizeof(S), offsetof(S, at)
};
#undef S

struct raw_predicates {
	struct raw_predicate { const char *name; struct yaml *text;
		struct mark at; } *predicate;
	size_t n;
	struct mark at;
};

#define S struct raw_predicate
static const struct yaml_field predicate_field[] = {
	WORD("name", FIELD_ID, YAML_REQUIRED, NULL, name),
	{ "text", YAML_IS_NODE, FIELD_TEXT, YAML_REQUIRED, NULL,
	    offsetof(S, text), 0, NULL },
};
static const struct yaml_object predicate_object = {
	predicate_field, COUNT(predicate_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct raw_predicates
static const struct yaml_field predicates_field[] = {
	IGNORED("schema"),
	OBJECTS("predicates", YAML_REQUIRED, predicate, n, &predicate_object),
};
static const struct yaml_object predicates_object = {
	predicates_field, COUNT(predicates_field), sizeof(S), offsetof(S, at)
};
#undef S

/* A file of controls */

struct raw_test {
	const char *id, *title, *of, *scope, *over, *built_in;
	struct yaml *where, *exception, *sql, *window, *when_empty;
	int64_t min_population, max_exceptions, max_blind;
	const char **requires, **show, **reads;
	size_t nrequires, nshow, nreads;
	int key, advice;
	struct { const char *at, *how; } fix;
	struct { struct yaml *claim; const char *pass, *fail, *empty; } says;
	struct mark at;
};
struct raw_item {
	const char *id, *title, *of, *kind, *built_in, *max_age;
	int key, top;
	struct mark at;
};
struct raw_map {
	const char *to, *rel, *why, **by;
	size_t nby;
	struct mark at;
};
struct raw_control {
	const char *id, *title, *objective, *owner_role, *limits, *severity;
	int64_t version, retired;
	const char **replaced_by;
	size_t nreplaced_by;
	struct applies applies;
	struct yaml *test, *item, *map;
	struct mark at;
};
struct raw_controls {
	const char *family;
	struct yaml *control;
	struct mark at;
};

#define S struct raw_test
static const struct yaml_field fix_field[] = {
	TEXT("at", 0, fix.at), TEXT("how", YAML_REQUIRED, fix.how),
};
static const struct yaml_object fix_object = {
	fix_field, COUNT(fix_field), 0, YAML_NOWHERE
};
static const struct yaml_field says_field[] = {
	NODE("claim", says.claim),
	TEXT("pass", YAML_REQUIRED, says.pass),
	TEXT("fail", YAML_REQUIRED, says.fail),
	TEXT("empty", YAML_REQUIRED, says.empty),
};
static const struct yaml_object says_object = {
	says_field, COUNT(says_field), 0, YAML_NOWHERE
};
static const struct yaml_field test_field[] = {
	WORD("id", FIELD_CODE, YAML_REQUIRED, NULL, id),
	TEXT("title", YAML_REQUIRED, title),
	WORD("of", FIELD_CHOICE, YAML_REQUIRED, "design operating", of),
	WORD("scope", FIELD_CHOICE, 0, "agent organisation policy stream",
	    scope),
	WORD("over", FIELD_ID, 0, NULL, over), NODE("where", where),
	NODE("exception", exception), NODE("sql", sql),
	TEXTS("reads", FIELD_ID, NULL, reads, nreads),
	WORD("built_in", FIELD_ID, 0, NULL, built_in), NODE("window", window),
	WORD("min_population", FIELD_INT, 0, "0", min_population),
	WORD("max_exceptions", FIELD_INT, 0, "0", max_exceptions),
	WORD("max_blind", FIELD_PPM, 0, NULL, max_blind),
	NODE("when_empty", when_empty),
	TEXTS("requires", FIELD_CODE, NULL, requires, nrequires),
	WORD("key", FIELD_BOOL, 0, NULL, key),
	WORD("advice", FIELD_BOOL, 0, NULL, advice),
	TEXTS("show", FIELD_ID, NULL, show, nshow),
	/* The offsets of fix and says count from the test itself. */
	{ "fix", YAML_IS_OBJECT, FIELD_TEXT, 0, NULL, 0, 0, &fix_object },
	{ "says", YAML_IS_OBJECT, FIELD_TEXT, 0, NULL, 0, 0, &says_object },
};
static const struct yaml_object test_object = {
	test_field, COUNT(test_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct raw_item
static const struct yaml_field item_field[] = {
	WORD("id", FIELD_CODE, YAML_REQUIRED, NULL, id),
	TEXT("title", YAML_REQUIRED, title),
	WORD("of", FIELD_CHOICE, YAML_REQUIRED, "design operating", of),
	WORD("kind", FIELD_CHOICE, 0, "document attestation junit record",
	    kind),
	WORD("built_in", FIELD_ID, 0, NULL, built_in),
	WORD("max_age", FIELD_SPAN, 0, NULL, max_age),
	WORD("key", FIELD_BOOL, 0, NULL, key),
	WORD("top", FIELD_BOOL, 0, NULL, top),
};
static const struct yaml_object item_object = {
	item_field, COUNT(item_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct raw_map
static const struct yaml_field map_field[] = {
	TEXT("to", YAML_REQUIRED, to),
	WORD("rel", FIELD_CHOICE, YAML_REQUIRED, "equal-to equivalent-to "
	    "subset-of superset-of intersects-with", rel),
	TEXT("why", YAML_REQUIRED, why),
	TEXTS("by", FIELD_CODE, NULL, by, nby),
};
static const struct yaml_object map_object = {
	map_field, COUNT(map_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct applies
static const struct yaml_field applies_field[] = {
	TEXTS("lifecycle", FIELD_CHOICE, "proposed dev shadow staging prod "
	    "suspended retired", lifecycle, nlifecycle),
	TEXTS("eu_role", FIELD_CHOICE, "provider deployer importer "
	    "distributor product_manufacturer", eu_role, neu_role),
	TEXTS("eu_tier", FIELD_CHOICE, "prohibited high limited minimal "
	    "unknown", eu_tier, neu_tier),
	TEXTS("annex_iii", FIELD_TEXT, NULL, annex_iii, nannex_iii),
	TEXTS("agents", FIELD_ID, NULL, agents, nagents),
	TEXTS("environment", FIELD_CHOICE, "dev shadow staging prod",
	    environment, nenvironment),
};
static const struct yaml_object applies_object = {
	applies_field, COUNT(applies_field), 0, YAML_NOWHERE
};
#undef S
#define S struct raw_control
static const struct yaml_field control_field[] = {
	WORD("id", FIELD_CODE, YAML_REQUIRED, NULL, id),
	WORD("version", FIELD_INT, YAML_REQUIRED, "1", version),
	WORD("severity", FIELD_CHOICE, YAML_REQUIRED,
	    "critical high medium low", severity),
	TEXT("owner_role", 0, owner_role),
	OBJECT("applies", applies, &applies_object),
	TEXT("title", YAML_REQUIRED, title),
	TEXT("objective", YAML_REQUIRED, objective),
	TEXT("limits", 0, limits), NODE("maps", map), NODE("tests", test),
	NODE("evidence", item),
	WORD("retired", FIELD_TIME, 0, NULL, retired),
	TEXTS("replaced_by", FIELD_CODE, NULL, replaced_by, nreplaced_by),
};
static const struct yaml_object control_object = {
	control_field, COUNT(control_field), sizeof(S), offsetof(S, at)
};
#undef S
#define S struct raw_controls
static const struct yaml_field controls_field[] = {
	IGNORED("schema"),
	WORD("family", FIELD_CODE, YAML_REQUIRED, NULL, family),
	{ "controls", YAML_IS_NODE, FIELD_TEXT, YAML_REQUIRED, NULL,
	    offsetof(S, control), 0, NULL },
};
static const struct yaml_object controls_object = {
	controls_field, COUNT(controls_field), sizeof(S), offsetof(S, at)
};
#undef S

/* Building */

struct builder {
	struct arena *arena;
	struct diag *diag;
	struct catalogue *c;
	struct map *seen;     /* every id in small letters, to its struct mark */
	struct map *byreq;    /* framework/id to its place + 1 in all */
	struct requirement *all;
	size_t nall, allcap, fcap, ccap, pcap, paircap;
	const char **retired; /* ids of controls that went */
	size_t nretired, retcap;
	struct link *link;
	size_t nlink, linkcap;
	uint64_t bad;         /* files that could not be read */
};

/* Names that must be known when all files are read. */
enum link_kind { LINK_REQUIRES, LINK_PROVEN_BY, LINK_REPLACED_BY };
struct link {
	enum link_kind kind;
	const char *id;
	struct mark at;
};

static const char *
small(struct arena *a, const char *prefix, const char *id)
{
	char *s = arena_printf(a, "%s %s", prefix, id);

	for (char *p = s; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return s;
}

/* 1 if the id is new; two that differ in case alone are the same. */
static int
new_id(struct builder *b, const char *sort, const char *id, struct mark at)
{
	void **slot = map_putz(b->seen, small(b->arena, sort, id));
	const struct mark *old = *slot;

	if (old != NULL) {
		diag_add(b->diag, ERR_INPUT, at, "id: %s stands in %s:%u "
		    "already", yaml_quote(b->arena, id), old->file, old->line);
		return 0;
	}
	*slot = arena_memdup(b->arena, &at, sizeof(at));
	return 1;
}

static void
add_framework(struct builder *b, const struct yaml *y)
{
	struct raw_framework raw = { .nreq = 0 };

	yaml_into(b->arena, y, &framework_object, &raw, b->diag);
	if (raw.framework.id == NULL ||
	    !new_id(b, "framework", raw.framework.id, raw.at))
		return;
	*VEC_PUSH(b->arena, b->c->framework, b->c->nframework, b->fcap) =
	    raw.framework;
	for (size_t i = 0; i < raw.nreq; i++) {
		struct requirement *r = &raw.req[i];

		r->framework = raw.framework.id;
		if (r->id == NULL || !new_id(b, r->framework, r->id, r->at))
			continue;
		*VEC_PUSH(b->arena, b->all, b->nall, b->allcap) = *r;
		*map_putz(b->byreq, arena_printf(b->arena, "%s/%s",
		    r->framework, r->id)) = (void *)(uintptr_t)b->nall;
	}
}

static const struct requirement *
requirement_of(const struct builder *b, const char *to)
{
	size_t i = (size_t)(uintptr_t)map_getz(b->byreq, to);

	return i > 0 ? &b->all[i - 1] : NULL;
}

static void
check_parents(struct builder *b)
{
	for (size_t i = 0; i < b->nall; i++) {
		const struct requirement *r = &b->all[i];

		if (r->parent != NULL && requirement_of(b, arena_printf(
		    b->arena, "%s/%s", r->framework, r->parent)) == NULL)
			diag_add(b->diag, ERR_INPUT, r->at, "parent: unknown "
			    "requirement %s", yaml_quote(b->arena, r->parent));
	}
}

static void
unknown_requirement(struct builder *b, const char *field, const char *to,
    struct mark at)
{
	const char **id = arena_array(b->arena, b->nall + 1, sizeof(*id));
	const char *near;

	for (size_t i = 0; i < b->nall; i++)
		id[i] = arena_printf(b->arena, "%s/%s", b->all[i].framework,
		    b->all[i].id);
	near = str_nearest(to, id, b->nall);
	diag_add(b->diag, ERR_INPUT, at, "%s: unknown requirement %s%s%s%s",
	    field, yaml_quote(b->arena, to), near ? " (did you mean \"" : "",
	    near ? near : "", near ? "\"?)" : "");
}

static void
add_crosswalk(struct builder *b, const struct yaml *y)
{
	struct raw_crosswalk raw = { .npair = 0 };

	yaml_into(b->arena, y, &crosswalk_object, &raw, b->diag);
	for (size_t i = 0; raw.from && raw.to && i < raw.npair; i++) {
		const struct raw_pair *p = &raw.pair[i];
		struct crosspair *new;
		const char *from, *to;

		if (p->from == NULL || p->to == NULL)
			continue;
		from = arena_printf(b->arena, "%s/%s", raw.from, p->from);
		to = arena_printf(b->arena, "%s/%s", raw.to, p->to);
		if (requirement_of(b, from) == NULL)
			unknown_requirement(b, "from", from, p->at);
		if (requirement_of(b, to) == NULL)
			unknown_requirement(b, "to", to, p->at);
		new = VEC_PUSH(b->arena, b->c->pair, b->c->npair, b->paircap);
		*new = (struct crosspair){ from, to, p->note };
	}
}

/* The text of a node and its place. */
static const char *
text_of(struct builder *b, const struct yaml *y, struct mark *at)
{
	struct value v;

	if (y == NULL)
		return NULL;
	*at = y->at;
	(void)yaml_value(b->arena, y, FIELD_TEXT, NULL, &v, b->diag);
	return value_text(&v);
}

static void
add_predicates(struct builder *b, const struct yaml *y)
{
	struct raw_predicates raw = { .n = 0 };

	yaml_into(b->arena, y, &predicates_object, &raw, b->diag);
	for (size_t i = 0; i < raw.n; i++) {
		const struct raw_predicate *r = &raw.predicate[i];
		struct predicate p = { .name = r->name, .at = r->at };

		p.text = text_of(b, r->text, &p.at);
		if (p.name != NULL && p.text != NULL &&
		    new_id(b, "predicate", p.name, r->at))
			*VEC_PUSH(b->arena, b->c->predicate,
			    b->c->npredicate, b->pcap) = p;
	}
}

static void
add_link(struct builder *b, enum link_kind kind, const char *id,
    struct mark at)
{
	struct link *l = VEC_PUSH(b->arena, b->link, b->nlink, b->linkcap);

	*l = (struct link){ kind, id, at };
}

/* period; {back: P90D}; {each: P1M} */
static void
read_window(struct builder *b, const struct yaml *y, struct test *t)
{
	const struct yaml *e = y->kind == YAML_MAP ? y->first : NULL;
	struct value v;

	if (y->kind == YAML_TEXT && strcmp(y->text, "period") == 0)
		return;
	if (y->kind == YAML_MAP && y->n == 1 &&
	    strcmp(e->key, "back") == 0) {
		if (yaml_value(b->arena, e, FIELD_DURATION, NULL, &v,
		    b->diag) == 0 && v.type == VALUE_INT)
			t->window_back_us = v.i;
		return;
	}
	if (y->kind == YAML_MAP && y->n == 1 && strcmp(e->key, "each") == 0 &&
	    e->kind == YAML_TEXT && strcmp(e->text, "P1M") == 0) {
		t->monthly = 1;
		return;
	}
	diag_add(b->diag, ERR_INPUT, y->at, "window: want period, "
	    "{back: P90D} or {each: P1M}");
}

/* no-evidence; {outcome: not-applicable, because, proven_by} */
static void
read_when_empty(struct builder *b, const struct yaml *y, struct test *t)
{
	struct raw { const char *outcome, *because, *proven_by; } raw = {
		NULL, NULL, NULL };
#define S struct raw
	const struct yaml_field field[] = {
		WORD("outcome", FIELD_CHOICE, YAML_REQUIRED, "not-applicable",
		    outcome),
		TEXT("because", YAML_REQUIRED, because),
		WORD("proven_by", FIELD_CODE, YAML_REQUIRED, NULL, proven_by),
	};
#undef S
	const struct yaml_object object = { field, COUNT(field), 0,
		YAML_NOWHERE };

	if (y->kind == YAML_TEXT && strcmp(y->text, "no-evidence") == 0)
		return;
	yaml_into(b->arena, y, &object, &raw, b->diag);
	t->when_empty_because = raw.because;
	t->when_empty_proven_by = raw.proven_by;
	if (raw.proven_by != NULL)
		add_link(b, LINK_PROVEN_BY, raw.proven_by, y->at);
}

static void
read_claims(struct builder *b, const struct yaml *y, struct test *t)
{
	const struct yaml *e = y->kind == YAML_LIST ? y->first : y;
	size_t n = 0;

	if (y->kind == YAML_LIST && y->n > CLAIMS)
		diag_add(b->diag, ERR_INPUT, y->at, "claim: more than %d",
		    CLAIMS);
	for (; e != NULL && n < CLAIMS; e = y->kind == YAML_LIST ? e->next :
	    NULL) {
		struct value v;

		if (yaml_value(b->arena, e, FIELD_CODE, NULL, &v,
		    b->diag) == 0 && v.type == VALUE_TEXT)
			t->claim[n++] = v.p;
	}
}

static void
check_over(struct builder *b, const char *table, const char *field,
    struct mark at)
{
	const char **name;
	const char *near;

	if (strcmp(table, "event") == 0 || ref_schema_find(table) != NULL)
		return;
	name = arena_array(b->arena, ref_nschema, sizeof(*name));
	for (size_t i = 0; i < ref_nschema; i++)
		name[i] = ref_schema[i].name;
	near = str_nearest(table, name, ref_nschema);
	diag_add(b->diag, ERR_INPUT, at, "%s: unknown table %s%s%s%s", field,
	    yaml_quote(b->arena, table), near ? " (did you mean \"" : "",
	    near ? near : "", near ? "\"?)" : "");
}

/* A table, or a column of it: ref_agent, ref_agent.ring. */
static void
check_fix_at(struct builder *b, const char *at, struct mark mark)
{
	const char *dot = strchr(at, '.');
	const char *table = dot == NULL ? at : arena_strndup(b->arena, at,
	    (size_t)(dot - at));
	const struct ref_schema *s = ref_schema_find(table);

	check_over(b, table, "fix: at", mark);
	if (dot != NULL && s != NULL && ref_schema_colno(s, dot + 1) == -1)
		diag_add(b->diag, ERR_INPUT, mark, "fix: at: unknown column %s "
		    "of %s", yaml_quote(b->arena, dot + 1), table);
}

/* One of: where and exception; sql; built in. */
static void
check_form(struct builder *b, const struct raw_test *raw)
{
	int pair = raw->where != NULL || raw->exception != NULL;
	int forms = pair + (raw->sql != NULL) + (raw->built_in != NULL);

	if (forms != 1)
		diag_add(b->diag, ERR_INPUT, raw->at, "%s: want where and "
		    "exception, or sql, or built_in%s", raw->id,
		    forms > 1 ? ": one of them" : "");
	else if (pair && raw->where == NULL)
		diag_add(b->diag, ERR_INPUT, raw->at, "where: missing");
	else if (pair && raw->exception == NULL)
		diag_add(b->diag, ERR_INPUT, raw->at, "exception: missing");
}

/* The claims and sentences of a test; placeholders are {n} {x} {scope}. */
static void
check_says(struct builder *b, const struct raw_test *raw, const char *text)
{
	for (const char *p = text; p != NULL && (p = strchr(p, '{')) != NULL;
	    p++)
		if (strncmp(p, "{n}", 3) != 0 && strncmp(p, "{x}", 3) != 0 &&
		    strncmp(p, "{scope}", 7) != 0) {
			diag_add(b->diag, ERR_INPUT, raw->at, "says: %s: want "
			    "{n}, {x} or {scope}", yaml_quote(b->arena, p));
			return;
		}
}

static int
scope_of(const char *word)
{
	static const char *const words[] = { [SCOPE_AGENT] = "agent",
		[SCOPE_ORGANISATION] = "organisation",
		[SCOPE_POLICY] = "policy", [SCOPE_STREAM] = "stream" };

	for (int i = 0; word != NULL && i < 4; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return SCOPE_AGENT;
}

static int
belongs(const char *id, const char *control)
{
	size_t n = strlen(control);

	return strncmp(id, control, n) == 0 && id[n] == '.' && id[n + 1] != 0;
}

/* Of what a text reads only types that there are can be told. */
static void
check_reads(struct builder *b, const struct raw_test *t)
{
	if (t->nreads > 0 && t->sql == NULL)
		diag_add(b->diag, ERR_INPUT, t->at, "%s reads: it says what "
		    "sql reads, and there is none", t->id);
	for (size_t i = 0; i < t->nreads; i++) {
		size_t k = 0;

		while (k < event_ntype && !str_eq(event_type[k], t->reads[i]))
			k++;
		if (k == event_ntype)
			diag_add(b->diag, ERR_INPUT, t->at, "%s reads: unknown "
			    "event type \"%s\"", t->id, t->reads[i]);
	}
}

static int
read_test(struct builder *b, const struct yaml *y, const char *control,
    struct test *t)
{
	static const char *const always[] = { "AU-01.t1" };
	struct raw_test raw = { .min_population = 1, .key = 1 };

	yaml_into(b->arena, y, &test_object, &raw, b->diag);
	if (raw.id == NULL)
		return 0;
	if (!belongs(raw.id, control))
		diag_add(b->diag, ERR_INPUT, raw.at, "id: %s does not begin "
		    "with %s.", raw.id, control);
	if (!new_id(b, "test", raw.id, raw.at))
		return 0;
	check_form(b, &raw);
	check_reads(b, &raw);
	*t = (struct test){ .id = raw.id, .title = raw.title,
		.says_pass = raw.says.pass, .says_fail = raw.says.fail,
		.says_empty = raw.says.empty, .scope = (enum test_scope)
		scope_of(raw.scope), .over = raw.over ? raw.over : "event",
		.built_in = raw.built_in, .requires = raw.requires,
		.nrequires = raw.nrequires, .show = raw.show,
		.nshow = raw.nshow, .reads = raw.reads,
		.nreads = raw.nreads, .design = str_eq(raw.of, "design"),
		.advice = raw.advice, .key = raw.key,
		.max_exceptions = (uint64_t)raw.max_exceptions,
		.min_population = (uint64_t)raw.min_population,
		.max_blind_ppm = (uint64_t)raw.max_blind,
		.fix_at = raw.fix.at, .fix_how = raw.fix.how, .at = raw.at };
	t->where_text = text_of(b, raw.where, &t->where_at);
	t->exception_text = text_of(b, raw.exception, &t->exception_at);
	t->sql_text = text_of(b, raw.sql, &t->sql_at);
	if (raw.requires == NULL) {
		t->requires = arena_memdup(b->arena, always, sizeof(always));
		t->nrequires = 1;
	}
	for (size_t i = 0; i < raw.nrequires; i++)
		add_link(b, LINK_REQUIRES, raw.requires[i], raw.at);
	if (raw.window != NULL)
		read_window(b, raw.window, t);
	if (raw.when_empty != NULL)
		read_when_empty(b, raw.when_empty, t);
	if (raw.says.claim != NULL)
		read_claims(b, raw.says.claim, t);
	check_over(b, t->over, "over", raw.at);
	if (t->fix_at != NULL && strncmp(t->fix_at, "ref_", 4) == 0)
		check_fix_at(b, t->fix_at, raw.at);
	check_says(b, &raw, raw.says.pass);
	check_says(b, &raw, raw.says.fail);
	check_says(b, &raw, raw.says.empty);
	return 1;
}

static int
read_item(struct builder *b, const struct yaml *y, const char *control,
    struct item *i)
{
	struct raw_item raw = { .key = 1 };

	yaml_into(b->arena, y, &item_object, &raw, b->diag);
	if (raw.id == NULL)
		return 0;
	if (!belongs(raw.id, control))
		diag_add(b->diag, ERR_INPUT, raw.at, "id: %s does not begin "
		    "with %s.", raw.id, control);
	if ((raw.kind == NULL) == (raw.built_in == NULL))
		diag_add(b->diag, ERR_INPUT, raw.at, "%s: want kind or "
		    "built_in, one of them", raw.id);
	*i = (struct item){ .id = raw.id, .kind = raw.kind,
		.title = raw.title, .built_in = raw.built_in,
		.max_age = raw.max_age, .design = str_eq(raw.of, "design"),
		.key = raw.key, .top = raw.top, .at = raw.at };
	return new_id(b, "test", raw.id, raw.at);
}

/* What a mapping rests on: t1 is CONTROL.t1. */
static int
knows(const struct control *c, const char *by)
{
	size_t n = strlen(c->id) + 1;

	for (size_t i = 0; i < c->ntest; i++)
		if (strcmp(c->test[i].id + n, by) == 0)
			return 1;
	for (size_t i = 0; i < c->nitem; i++)
		if (strcmp(c->item[i].id + n, by) == 0)
			return 1;
	return 0;
}

static int
read_map(struct builder *b, const struct yaml *y, const struct control *c,
    struct mapping *m)
{
	struct raw_map raw = { .nby = 0 };

	yaml_into(b->arena, y, &map_object, &raw, b->diag);
	if (raw.to == NULL)
		return 0;
	if (raw.nby == 0)
		diag_add(b->diag, ERR_INPUT, raw.at, "by: names no test and no "
		    "evidence");
	for (size_t i = 0; i < raw.nby; i++)
		if (!knows(c, raw.by[i]))
			diag_add(b->diag, ERR_INPUT, raw.at, "by: %s has no %s",
			    c->id, yaml_quote(b->arena, raw.by[i]));
	*m = (struct mapping){ .to_id = raw.to, .rel = raw.rel,
		.why = raw.why, .by = raw.by, .nby = raw.nby };
	m->to = requirement_of(b, raw.to);
	if (m->to == NULL)
		unknown_requirement(b, "to", raw.to, raw.at);
	return 1;
}

/* 1 and how many entries a list has at most; 0 where there is none. */
static size_t
entries(struct builder *b, const struct yaml *y)
{
	if (y == NULL)
		return 0;
	if (y->kind == YAML_LIST)
		return y->n;
	diag_add(b->diag, ERR_INPUT, y->at, "%s: want a list", y->key);
	return 0;
}

static void
fill_control(struct builder *b, const struct raw_control *raw,
    struct control *c)
{
	const struct yaml *e;
	size_t n;

	if ((n = entries(b, raw->test)) > 0) {
		c->test = arena_array(b->arena, n, sizeof(*c->test));
		for (e = raw->test->first; e != NULL; e = e->next)
			c->ntest += (size_t)read_test(b, e, c->id,
			    &c->test[c->ntest]);
	}
	if ((n = entries(b, raw->item)) > 0) {
		c->item = arena_array(b->arena, n, sizeof(*c->item));
		for (e = raw->item->first; e != NULL; e = e->next)
			c->nitem += (size_t)read_item(b, e, c->id,
			    &c->item[c->nitem]);
	}
	if ((n = entries(b, raw->map)) > 0) {
		c->map = arena_array(b->arena, n, sizeof(*c->map));
		for (e = raw->map->first; e != NULL; e = e->next)
			c->nmap += (size_t)read_map(b, e, c, &c->map[c->nmap]);
	}
	if (c->ntest + c->nitem == 0)
		diag_add(b->diag, ERR_INPUT, c->at, "%s: has neither a test "
		    "nor evidence", c->id);
}

static void
check_prefix(struct builder *b, const char *id, const char *family, int own,
    struct mark at)
{
	size_t n = strlen(family);

	if (own && strncmp(id, "X-", 2) != 0)
		diag_add(b->diag, ERR_INPUT, at, "id: %s: a control of your "
		    "own begins with X-", id);
	else if (strncmp(id, family, n) != 0 || id[n] != '-')
		diag_add(b->diag, ERR_INPUT, at, "id: %s does not begin with "
		    "its family %s-", id, family);
}

static void
add_control(struct builder *b, const struct yaml *y, const char *family,
    int own)
{
	struct raw_control raw = { .version = 0 };
	struct control *c;

	yaml_into(b->arena, y, &control_object, &raw, b->diag);
	if (raw.id == NULL || !new_id(b, "control", raw.id, raw.at))
		return;
	check_prefix(b, raw.id, family, own, raw.at);
	for (size_t i = 0; i < raw.nreplaced_by; i++)
		add_link(b, LINK_REPLACED_BY, raw.replaced_by[i], raw.at);
	if (raw.retired != 0) { /* its id stays taken */
		*VEC_PUSH(b->arena, b->retired, b->nretired, b->retcap) =
		    raw.id;
		return;
	}
	c = VEC_PUSH(b->arena, b->c->control, b->c->ncontrol, b->ccap);
	*c = (struct control){ .id = raw.id, .family = family,
		.title = raw.title, .objective = raw.objective,
		.owner_role = raw.owner_role, .limits = raw.limits,
		.version = (uint32_t)raw.version, .applies = raw.applies,
		.at = raw.at };
	if (raw.severity != NULL)
		c->severity = (enum severity)severity_parse(raw.severity);
	fill_control(b, &raw, c);
}

static void
add_controls(struct builder *b, const struct yaml *y, int own)
{
	struct raw_controls raw = { .family = NULL };

	yaml_into(b->arena, y, &controls_object, &raw, b->diag);
	if (raw.family == NULL || entries(b, raw.control) == 0)
		return;
	for (const struct yaml *e = raw.control->first; e != NULL; e = e->next)
		add_control(b, e, raw.family, own);
}

static void
check_links(struct builder *b)
{
	static const char *const word[] = { "requires", "proven_by",
		"replaced_by" };

	for (size_t i = 0; i < b->nlink; i++) {
		const struct link *l = &b->link[i];
		const char *sort = l->kind == LINK_REPLACED_BY ? "control" :
		    "test", *exact;

		exact = l->kind == LINK_REPLACED_BY ?
		    (catalogue_control(b->c, l->id) ? l->id : NULL) :
		    (catalogue_test(b->c, l->id, NULL) ? l->id : NULL);
		for (size_t k = 0; k < b->nretired; k++)
			if (strcmp(b->retired[k], l->id) == 0)
				exact = l->id;
		if (exact == NULL)
			diag_add(b->diag, ERR_INPUT, l->at, "%s: unknown %s %s",
			    word[l->kind], sort, yaml_quote(b->arena, l->id));
	}
}

/* Files */

static void
add_file(struct builder *b, const char *name, const struct yaml *y, int own)
{
	if (strstr(name, "frameworks/") != NULL)
		add_framework(b, y);
	else if (strstr(name, "crosswalks/") != NULL)
		add_crosswalk(b, y);
	else if (strstr(name, "predicates.yaml") != NULL)
		add_predicates(b, y);
	else
		add_controls(b, y, own);
}

/* The built-in files of one folder, in order of their names. */
static void
shipped(struct builder *b, const char *folder, const char *schema)
{
	size_t n = strlen(folder);

	for (size_t i = 0; i < asset_count; i++) {
		const struct asset *a = &asset_table[i];
		struct yaml *y;

		if (strncmp(a->name, folder, n) != 0)
			continue;
		y = yaml_read(b->arena, a->name, a->data, a->len, b->diag);
		if (y == NULL || !yaml_schema(y, schema, b->diag))
			b->bad++;
		else
			add_file(b, a->name, y, 0);
	}
}

static void
own_controls(struct builder *b, struct project *p)
{
	struct files_entry *e;
	size_t n = files_list(&p->files, "controls", &e, b->diag);

	for (size_t i = 0; i < n; i++) {
		struct mark at = { e[i].path, 0, 0 };
		size_t len = strlen(e[i].name);
		struct yaml *y;

		if (strcmp(e[i].name, "soa.yaml") == 0)
			continue;
		if (e[i].folder || len < 6 ||
		    strcmp(e[i].name + len - 5, ".yaml") != 0) {
			diag_add(b->diag, ERR_INPUT, at, "no place among the "
			    "controls: want .yaml files");
			continue;
		}
		y = files_yaml(&p->files, "controls", e[i].path,
		    "exhibit-controls/1", b->diag);
		if (y == NULL)
			b->bad++;
		else
			add_controls(b, y, 1);
	}
}

static int
wanted(const struct project *p, const char *framework)
{
	for (size_t i = 0; i < p->nframework; i++)
		if (strcmp(p->framework[i], framework) == 0)
			return 1;
	return p->framework == NULL;
}

static int
wanted_id(const struct project *p, const char *id)
{
	size_t n = strcspn(id, "/");

	for (size_t i = 0; i < p->nframework; i++)
		if (strlen(p->framework[i]) == n &&
		    strncmp(p->framework[i], id, n) == 0)
			return 1;
	return p->framework == NULL;
}

static void
check_frameworks(struct builder *b, const struct project *p)
{
	const char **id = arena_array(b->arena, b->c->nframework + 1,
	    sizeof(*id));

	for (size_t i = 0; i < b->c->nframework; i++)
		id[i] = b->c->framework[i].id;
	for (size_t i = 0; i < p->nframework; i++) {
		const char *near;
		size_t k = 0;

		while (k < b->c->nframework &&
		    strcmp(id[k], p->framework[i]) != 0)
			k++;
		if (k < b->c->nframework)
			continue;
		near = str_nearest(p->framework[i], id, b->c->nframework);
		diag_add(b->diag, ERR_INPUT, p->at, "frameworks: unknown %s%s"
		    "%s%s", yaml_quote(b->arena, p->framework[i]),
		    near ? " (did you mean \"" : "", near ? near : "",
		    near ? "\"?)" : "");
	}
}

/* Leaves what the project asked for; requirements move, so mappings are tied
 * to them here. */
static void
keep_wanted(struct builder *b, const struct project *p)
{
	struct catalogue *c = b->c;
	size_t n = 0;

	c->req = arena_array(b->arena, b->nall + 1, sizeof(*c->req));
	for (size_t i = 0; i < b->nall; i++)
		if (p == NULL || wanted(p, b->all[i].framework)) {
			*map_putz(b->byreq, arena_printf(b->arena, "%s/%s",
			    b->all[i].framework, b->all[i].id)) =
			    &c->req[c->nreq];
			c->req[c->nreq++] = b->all[i];
		}
	for (size_t i = 0; i < c->ncontrol; i++) {
		struct control *k = &c->control[i];
		size_t m = 0;

		for (size_t j = 0; j < k->nmap; j++) {
			if (k->map[j].to == NULL || (p != NULL &&
			    !wanted_id(p, k->map[j].to_id)))
				continue;
			k->map[m] = k->map[j];
			k->map[m++].to = map_getz(b->byreq, k->map[j].to_id);
		}
		k->nmap = m;
	}
	for (size_t i = 0; i < c->npair; i++)
		if (p == NULL || (wanted_id(p, c->pair[i].from_id) &&
		    wanted_id(p, c->pair[i].to_id)))
			c->pair[n++] = c->pair[i];
	c->npair = n;
	n = 0;
	for (size_t i = 0; i < c->nframework; i++)
		if (p == NULL || wanted(p, c->framework[i].id))
			c->framework[n++] = c->framework[i];
	c->nframework = n;
}

struct catalogue *
catalogue_read(struct arena *a, struct project *p, struct diag *d)
{
	struct builder b = { .arena = a, .diag = d };

	b.c = arena_alloc(a, sizeof(*b.c));
	b.seen = map_new(a);
	b.byreq = map_new(a);
	shipped(&b, "mappings/frameworks/", "exhibit-framework/1");
	check_parents(&b);
	shipped(&b, "mappings/crosswalks/", "exhibit-crosswalk/1");
	shipped(&b, "mappings/predicates.yaml", "exhibit-predicates/1");
	shipped(&b, "mappings/controls/", "exhibit-controls/1");
	if (p != NULL) {
		own_controls(&b, p);
		check_frameworks(&b, p);
	}
	if (b.bad == 0)
		check_links(&b);
	keep_wanted(&b, p);
	return b.c;
}
