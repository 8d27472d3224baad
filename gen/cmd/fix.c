#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "cmd/draft.h"
#include "cmd/facts.h"
#include "cmd/gate.h"
#include "crypt/hash.h"
#include "model/ref.h"
#include "read/yaml.h"

/*
 * Drafts what a gap lacks, at the place that its test names: a field left open,
 * an entry or a file that says draft: true, a document to be written, or a
 * waiver.  No draft changes a finding before a person has finished it
 * (docs/format/registry.md, Drafts), and nothing that is written is changed.
 */
struct own {
	const char *yes, *waiver;
};

struct fix {
	struct arena *arena;
	const struct options *options;
	const struct own *own;
	struct facts facts;
	const struct report_gap *gap;
	struct draft *draft;
	size_t ndraft, draftcap;
	const char **next;    /* what a person does then */
	size_t nnext, nextcap;
	const char **nothing; /* why a cause has no draft */
	size_t nnothing, nothingcap;
};

#define DRAFT_LINE "draft: true  # unreviewed: fill in each " REF_OPEN \
    ", then delete this line"

static int
nothing(struct fix *x, const char *why)
{
	for (size_t i = 0; i < x->nnothing; i++)
		if (strcmp(x->nothing[i], why) == 0)
			return 0;
	*VEC_PUSH(x->arena, x->nothing, x->nnothing, x->nothingcap) = why;
	return 0;
}

static void
then(struct fix *x, const char *what)
{
	*VEC_PUSH(x->arena, x->next, x->nnext, x->nextcap) = what;
}

/* The draft of a file, opened once. */
static struct draft *
draft_of(struct fix *x, const char *path, struct err *e)
{
	struct draft *d;

	for (size_t i = 0; i < x->ndraft; i++)
		if (strcmp(x->draft[i].path, path) == 0)
			return &x->draft[i];
	d = VEC_PUSH(x->arena, x->draft, x->ndraft, x->draftcap);
	return draft_open(d, x->arena, x->options->project, path, e) == -1 ?
	    NULL : d;
}

/* Fields */

static const char *
hint(const struct ref_col *c)
{
	static const char *const of[] = {
		[FIELD_SPAN] = "a span, P1Y", [FIELD_SHA256] = "64 hex digits",
		[FIELD_CURRENCY] = "EUR", [FIELD_BOOL] = "true or false",
		[FIELD_FILE] = "a path", [FIELD_INT] = "a whole number",
		[FIELD_TIME] = "2026-10-12", [FIELD_DURATION] = "PT30S",
		[FIELD_PPM] = "0 to 1", [FIELD_MICRO] = "a decimal",
		[FIELD_PERSON] = "a person", [FIELD_ROLE] = "a role",
		[FIELD_HOLDER] = "a person or a role",
		[FIELD_POLICY] = "a policy", [FIELD_ACTION] = "an action",
		[FIELD_TOOL] = "a tool", [FIELD_MODEL] = "a model",
		[FIELD_DATA_CLASS] = "",
	};

	if (c->field == FIELD_CHOICE)
		return c->of;
	return (size_t)c->field < sizeof(of) / sizeof(of[0]) ? of[c->field] :
	    NULL;
}

static const char *
field_line(struct fix *x, const struct ref_col *c)
{
	const char *h = hint(c);

	return arena_printf(x->arena, "%.*s: " REF_OPEN "  # %s%s%s%s",
	    (int)ref_fieldlen(c), c->name, c->says, h && *h ? " (" : "",
	    h && *h ? h : "", h && *h ? ")" : "");
}

static int
is_written(const struct ref_col *c)
{
	return (c->flags & (REF_PATH | REF_FILLED)) == 0 &&
	    strcmp(c->name, "file") != 0 && strcmp(c->name, "line") != 0;
}

/* Whether the test, or its fix, names the column. */
static int
is_asked(const struct test *t, const char *col)
{
	const char *dot = strchr(t->fix_at, '.');

	return dot != NULL ? strcmp(dot + 1, col) == 0 :
	    str_word(t->sql, col);
}

/*
 * Whether the bytes of a file are what somebody approved, or what ran: one
 * more line would undo that.
 */
static int
is_bound(struct fix *x, const char *path)
{
	const struct build *b = &x->facts.build;
	const char *policies = x->facts.project.policies;
	size_t len = strlen(policies);
	char hex[HASH_HEXLEN];

	if (strncmp(path, policies, len) == 0 && path[len] == '/')
		return 1;
	for (size_t i = 0; i < b->ninput; i++) {
		if (strcmp(b->input[i].path, path) != 0)
			continue;
		hash_hex(hex, b->input[i].sha256);
		return ref_next(ref_table(b->ref, "ref_document"), 0, "sha256",
		    hex) != SIZE_MAX;
	}
	return 0;
}

static int
bound(struct fix *x, const char *path)
{
	return nothing(x, arena_printf(x->arena, "%s: its bytes are what was "
	    "approved, or what ran: make a new version", path));
}

/* Fields that the test reads and the row does not have. */
static int
draft_fields(struct fix *x, const struct test *t, const struct ref_schema *s,
    size_t row, const char *path, struct err *e)
{
	const struct ref_table *table = ref_table(x->facts.ref, s->name);
	const struct yaml *y;
	struct draft *d;
	size_t n = 0;

	if (is_bound(x, path))
		return bound(x, path);
	d = draft_of(x, path, e);
	if (d == NULL)
		return -1;
	for (size_t i = 0; i < s->ncol; i++) {
		const struct ref_col *c = &s->col[i];
		const char *line = field_line(x, c);

		if (!is_written(c) || !is_asked(t, c->name) ||
		    ref_value(table, row, c->name)->type != VALUE_NULL)
			continue;
		n++;
		y = draft_tree(x->arena, path, d->text.p, d->text.len);
		for (y = y != NULL ? y->first : NULL; y != NULL &&
		    (strlen(y->key) != ref_fieldlen(c) || strncmp(y->key,
		    c->name, ref_fieldlen(c)) != 0);)
			y = y->next;
		if (y != NULL) /* open, or null: it stands there */
			then(x, arena_printf(x->arena, "%s:%" PRIu32 ": fill in "
			    "%s", path, y->keyat.line, y->key));
		else if (draft_field(d, line, e) == -1)
			return -1;
	}
	return n > 0 ? 0 : nothing(x, arena_printf(x->arena, "%s: %s reads "
	    "no field there that is open, and fix changes no value: %s", path,
	    t->id, t->fix_how ? t->fix_how : t->title));
}

/* Entries of lists */

static const char **
entry_lines(struct fix *x, const struct ref_schema *s, size_t *n)
{
	const char *scope = x->gap->gap->verdict->scope;
	int agent = ref_agent_row(x->facts.ref, scope) != SIZE_MAX;
	const char **line = arena_array(x->arena, s->ncol + 2, sizeof(*line));

	/* Not the first: that line has the dash, and this one will go. */
	for (size_t i = 0; i < s->ncol; i++) {
		if (!is_written(&s->col[i]))
			continue;
		if (*n == 1)
			line[(*n)++] = DRAFT_LINE;
		line[(*n)++] = agent && strcmp(s->col[i].name,
			    "agent_id") == 0 ? arena_printf(x->arena,
			    "agent_id: %s", scope) :
			    field_line(x, &s->col[i]);
	}
	if (*n == 1)
		line[(*n)++] = DRAFT_LINE;
	return line;
}

static int
has_draft(struct fix *x, const struct draft *d, const char *list)
{
	const struct yaml *y = d->text.len == 0 ? NULL : draft_tree(x->arena,
	    d->path, d->text.p, d->text.len);

	y = y != NULL ? yaml_find(y, list) : NULL;
	for (y = y != NULL ? y->first : NULL; y != NULL; y = y->next)
		if (y->kind == YAML_MAP && yaml_find(y, "draft") != NULL) {
			nothing(x, arena_printf(x->arena, "%s:%" PRIu32
			    ": a draft of it is there already", d->path,
			    y->at.line));
			return 1;
		}
	return 0;
}

static int
draft_row(struct fix *x, const struct ref_schema *s, const char *path,
    const char *schema, const char *list, int open, struct err *e)
{
	struct draft *d;
	const char **line;
	size_t n = 0;

	if (is_bound(x, path))
		return bound(x, path);
	d = draft_of(x, path, e);
	if (d == NULL || has_draft(x, d, list))
		return d == NULL ? -1 : 0;
	if (d->text.len == 0)
		str_addf(&d->text, "schema: %s\n", schema);
	line = entry_lines(x, s, &n);
	return draft_entry(d, list, line, n, open, e);
}

/* Where the rows of a table are written. */

static const struct top {
	const char *table, *file, *list, *schema;
} tops[] = {
	{ "ref_action", "actions.yaml", "actions", "exhibit-actions/1" },
	{ "ref_role", "people.yaml", "roles", "exhibit-people/1" },
	{ "ref_person", "people.yaml", "people", "exhibit-people/1" },
	{ "ref_deployment", "deployments.yaml", "deployments",
	    "exhibit-deployments/1" },
	{ "ref_gate", "deployments.yaml", "gates", "exhibit-deployments/1" },
	{ "ref_data_class", "registry.yaml", "data_classes",
	    "exhibit-registry/1" },
	{ "ref_retention", "registry.yaml", "retention",
	    "exhibit-registry/1" },
};

static const struct ref_schema *
parent_of(const struct ref_schema *s, const char **field)
{
	for (size_t i = 0; i < ref_nschema; i++)
		for (size_t k = 0; k < ref_schema[i].nchild; k++)
			if (strcmp(ref_schema[i].child[k].table, s->name) == 0) {
				*field = ref_schema[i].child[k].field;
				return &ref_schema[i];
			}
	return NULL;
}

/* The row of a table that a file is, or SIZE_MAX. */
static size_t
row_of_file(const struct ref *ref, const char *table, const char *file)
{
	return ref_next(ref_table(ref, table), 0, "file", file);
}

static int
is_id(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n > 0 && n < 65 && s[n] == '\0' && strchr("._-", *s) == NULL;
}

/* An agent that the log shows and nobody declared. */
static int
draft_agent(struct fix *x, const char *scope, const char *path, struct err *e)
{
	const struct ref_schema *s = ref_schema_find("ref_agent");
	struct draft *d;

	if (!is_id(scope))
		return nothing(x, "the name in the log is no id: add it to "
		    "log_names of the agent that it belongs to, or to a new "
		    "agent of another id");
	d = draft_of(x, path, e);
	if (d == NULL || d->old != NULL)
		return d == NULL ? -1 : nothing(x, arena_printf(x->arena,
		    "%s: a draft of it is there already", path));
	str_addz(&d->text, "schema: exhibit-agent/1\n" DRAFT_LINE "\n");
	for (size_t i = 0; i < s->ncol; i++)
		if (is_written(&s->col[i]))
			str_addf(&d->text, "%s\n", field_line(x, &s->col[i]));
	return 0;
}

static int
draft_in_agent(struct fix *x, const struct test *t, const struct ref_schema *s,
    const char *list, const char *scope, struct err *e)
{
	const char *path = arena_printf(x->arena, "%s/agents/%s/agent.yaml",
	    x->facts.project.registry, scope);
	size_t row = ref_agent_row(x->facts.ref, scope);

	if (t->scope != SCOPE_AGENT)
		return nothing(x, arena_printf(x->arena, "%s: which agent it "
		    "is takes a person: %s", t->id, t->fix_how ? t->fix_how :
		    t->title));
	if (row == SIZE_MAX)
		return draft_agent(x, scope, path, e);
	path = ref_mark(ref_table(x->facts.ref, "ref_agent"), row, "").file;
	if (list == NULL)
		return draft_fields(x, t, s, row, path, e);
	if (ref_next(ref_table(x->facts.ref, s->name), 0, "agent_id",
	    scope) != SIZE_MAX)
		return nothing(x, arena_printf(x->arena, "%s: %s has entries, "
		    "and fix changes none: %s", path, list, t->fix_how ?
		    t->fix_how : t->title));
	return draft_row(x, s, path, "exhibit-agent/1", list, 0, e);
}

/* A table whose row is a whole file, that which the gap names. */
static int
draft_in_file(struct fix *x, const struct test *t, const struct ref_schema *s,
    struct err *e)
{
	const char *field = NULL, *file = x->gap->gap->fix.file;
	const struct ref_schema *of = parent_of(s, &field);
	size_t row;

	if (of == NULL && (row = row_of_file(x->facts.ref, s->name, file)) !=
	    SIZE_MAX)
		return draft_fields(x, t, s, row, file, e);
	if (of != NULL && row_of_file(x->facts.ref, of->name, file) !=
	    SIZE_MAX && row_of_file(x->facts.ref, s->name, file) == SIZE_MAX)
		return draft_row(x, s, file, "", field, 0, e);
	return nothing(x, arena_printf(x->arena, "%s: which row of %s it is "
	    "takes a person: %s", t->id, s->name, t->fix_how ? t->fix_how :
	    t->title));
}

static int
draft_test(struct fix *x, const struct result *r, struct err *e)
{
	const struct test *t = r->test;
	const char *dot = t->fix_at ? strchr(t->fix_at, '.') : NULL, *field;
	const struct ref_schema *s = t->fix_at == NULL ||
	    strncmp(t->fix_at, "ref_", 4) != 0 ? NULL :
	    ref_schema_find(dot == NULL ? t->fix_at : arena_strndup(x->arena,
	    t->fix_at, (size_t)(dot - t->fix_at)));
	const struct ref_schema *of;

	if (s == NULL)
		return nothing(x, arena_printf(x->arena, "%s: nothing declared "
		    "is missing: %s", t->id, t->fix_how ? t->fix_how :
		    t->title));
	if (strcmp(s->name, "ref_agent") == 0)
		return draft_in_agent(x, t, s, NULL, r->scope, e);
	of = parent_of(s, &field);
	if (of != NULL && strcmp(of->name, "ref_agent") == 0)
		return draft_in_agent(x, t, s, field, r->scope, e);
	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (strcmp(tops[i].table, s->name) == 0)
			return draft_row(x, s, arena_printf(x->arena, "%s/%s",
			    x->facts.project.registry, tops[i].file),
			    tops[i].schema, tops[i].list, 1, e);
	return draft_in_file(x, t, s, e);
}

/* Documents */

static const char *
slug(struct fix *x, const char *title)
{
	struct str s = str_new(x->arena);

	for (; *title != '\0' && s.len < 60; title++) {
		char c = *title >= 'A' && *title <= 'Z' ?
		    (char)(*title | 32) : *title;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			str_addc(&s, c);
		else if (s.len > 0 && s.p[s.len - 1] != '-')
			str_addc(&s, '-');
	}
	while (s.len > 0 && s.p[s.len - 1] == '-')
		s.p[--s.len] = '\0';
	return s.len > 0 ? s.p : "document";
}

static void
write_document(struct str *s, const struct result *r)
{
	static const char *const part[] = { "What we do",
		"Who does it, and when", "How it is checked" };
	const struct control *c = r->control;

	str_addf(s, "# %s\n\nDRAFT, unreviewed. " REF_OPEN ": write it, then "
	    "delete this line. It is no evidence before\nanother person than "
	    "its author has reviewed it and evidence/index.yaml says so.\n\n",
	    r->item->title);
	str_addf(s, "- Evidence: %s (%s) of control %s, %s\n", r->item->id,
	    r->item->kind, c->id, c->title);
	str_addf(s, "- What the control wants: %s\n", c->objective);
	str_addz(s, "- About: " REF_OPEN "\n- Author: " REF_OPEN
	    "\n- In effect from: " REF_OPEN "\n\n## Requirements\n\n");
	for (size_t i = 0; i < c->nmap; i++)
		if (mapping_names(&c->map[i], c, r->item->id))
			str_addf(s, "- %s: %s\n", c->map[i].to_id,
			    c->map[i].why);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		str_addf(s, "\n## %s\n\n" REF_OPEN "\n", part[i]);
}

static int
draft_item(struct fix *x, const struct result *r, struct err *e)
{
	const struct item *i = r->item;
	const char *path;
	struct draft *d;

	if (i->built_in != NULL || i->kind == NULL ||
	    strcmp(i->kind, "junit") == 0)
		return nothing(x, arena_printf(x->arena, "%s: %s is computed "
		    "or comes from a run of tests: nobody can write it",
		    i->id, i->title));
	path = arena_printf(x->arena, "%s/%s.md", x->facts.project.evidence,
	    slug(x, i->title));
	d = draft_of(x, path, e);
	if (d == NULL)
		return -1;
	then(x, arena_printf(x->arena, "write %s, have another person review "
	    "it, and let that person enter it in %s/index.yaml:\n"
	    "    - {item: %s, kind: %s, path: %s, sha256: " REF_OPEN
	    ", author: " REF_OPEN ", by: " REF_OPEN ", role: " REF_OPEN
	    ",\n       at: " REF_OPEN ", decision: approved, effective: "
	    "{from: " REF_OPEN "}}", path, x->facts.project.evidence, i->id,
	    i->kind, path));
	if (d->old != NULL)
		return nothing(x, arena_printf(x->arena, "%s is there already",
		    path));
	write_document(&d->text, r);
	return 0;
}

/* Waivers */

static int
names_gap(const struct yaml *y, const struct verdict *v)
{
	const struct yaml *c = yaml_find(y, "control"),
	    *s = yaml_find(y, "scope");

	return yaml_find(y, "draft") != NULL && c != NULL && s != NULL &&
	    str_eq(c->text, v->control->id) && str_eq(s->text, v->scope);
}

static const char *
waiver_id(struct fix *x, const struct yaml *list)
{
	for (unsigned i = 1;; i++) {
		const char *id = arena_printf(x->arena, "W-%u", i);
		const struct yaml *y = list != NULL ? list->first : NULL, *w;

		for (; y != NULL; y = y->next)
			if (y->kind == YAML_MAP && (w = yaml_find(y,
			    "waiver_id")) != NULL && str_eq(w->text, id))
				break;
		if (y == NULL)
			return id;
	}
}

static int
draft_waiver(struct fix *x, struct err *e)
{
	const struct verdict *v = x->gap->gap->verdict;
	struct draft *d = draft_of(x, "waivers.yaml", e);
	struct str scope = str_new(x->arena);
	const struct yaml *list = NULL;
	const char *line[] = { NULL, DRAFT_LINE, NULL, NULL,
		"reason: " REF_OPEN "  # why the gap can be lived with until then",
		"owner: " REF_OPEN "  # who answers for it",
		"approved_by: " REF_OPEN "  # who accepted it; not the owner",
		"approved: " REF_OPEN "  # when, in a role held then",
		"from: " REF_OPEN, "to: " REF_OPEN "  # at most 366 days later" };

	if (d == NULL)
		return -1;
	if (strcmp(v->control->id, "AU-01") == 0)
		return nothing(x, "AU-01 cannot be waived");
	if (x->gap->gap->waiver != NULL)
		return nothing(x, arena_printf(x->arena, "waiver %s accepts it "
		    "already", x->gap->gap->waiver));
	if (d->text.len == 0)
		str_addz(&d->text, "schema: exhibit-waivers/1\n");
	list = draft_tree(x->arena, d->path, d->text.p, d->text.len);
	list = list != NULL ? yaml_find(list, "waivers") : NULL;
	for (const struct yaml *y = list != NULL ? list->first : NULL;
	    y != NULL; y = y->next)
		if (y->kind == YAML_MAP && names_gap(y, v))
			return nothing(x, arena_printf(x->arena, "waivers.yaml:"
			    "%" PRIu32 ": a draft of it is there already",
			    y->at.line));
	jsonw_quote(&scope, v->scope, strlen(v->scope));
	line[0] = arena_printf(x->arena, "waiver_id: %s", waiver_id(x, list));
	line[2] = arena_printf(x->arena, "control: %s", v->control->id);
	line[3] = arena_printf(x->arena, "scope: %s", is_id(v->scope) ?
	    v->scope : scope.p);
	return draft_entry(d, "waivers", line, sizeof(line) / sizeof(line[0]),
	    1, e);
}

/* Which gap */

static int
find_gap(struct fix *x, const struct report *r, const char *id,
    const char *scope, struct err *e)
{
	struct str s = str_new(x->arena);
	size_t n = 0;

	for (size_t i = 0; i < r->ngap; i++) {
		if (scope != NULL && strcmp(r->gap[i].gap->verdict->scope,
		    scope) != 0)
			continue;
		x->gap = &r->gap[i];
		str_addf(&s, "%s%s %s", n++ ? ", " : "",
		    x->gap->gap->verdict->control->id,
		    x->gap->gap->verdict->scope);
	}
	if (n == 1)
		return 0;
	if (n == 0)
		return err_set(e, ERR_INPUT, "%s%s%s: no gap in %s", id,
		    scope ? " " : "", scope ? scope : "",
		    r->build->period);
	return err_set(e, ERR_INPUT, "%s has %zu gaps, give one and its scope: "
	    "%s", id, n, s.p);
}

static int
draft_gap(struct fix *x, struct err *e)
{
	if (x->own->waiver != NULL)
		return draft_waiver(x, e);
	for (size_t i = 0; i < x->gap->ncause; i++) {
		const struct result *r = x->gap->cause[i];

		if ((r->test != NULL ? draft_test(x, r, e) :
		    draft_item(x, r, e)) == -1)
			return -1;
	}
	if (x->gap->ncause == 0)
		nothing(x, x->gap->gap->how);
	return 0;
}

/* Files that nothing was added to are none. */
static int
keep_changed(struct fix *x, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < x->ndraft; i++) {
		struct draft *d = &x->draft[i];

		if (str_cmp(d->text.p, d->text.len, d->old != NULL ? d->old :
		    "", d->oldlen) == 0)
			continue;
		if (draft_check(d, e) == -1)
			return -1;
		x->draft[n++] = *d;
	}
	x->ndraft = n;
	return 0;
}

/* Showing, asking, writing */

static void
print_lines(FILE *f, struct arena *a, const char *p)
{
	for (const char *end; *p != '\0'; p = *end == '\n' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		out_text(f, arena_strndup(a, p, (size_t)(end - p)));
		(void)fputc('\n', f);
	}
}

static int
ask(const struct fix *x)
{
	char answer[16];

	if (x->own->yes != NULL)
		return 1;
	if (x->options->json || !isatty(STDIN_FILENO) ||
	    !isatty(STDOUT_FILENO))
		return 0;
	(void)fflush(stdout);
	(void)fputs("write this? [y/N] ", stderr);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

/* All of them, and a project that still reads; or none. */
static int
write_drafts(struct fix *x, struct err *e)
{
	struct facts again = { 0 };
	size_t n = 0;
	int rc = 0;

	while (rc == 0 && n < x->ndraft)
		if ((rc = draft_write(&x->draft[n], e)) == 0)
			n++;
	if (rc == 0) {
		rc = facts_read(x->arena, x->options, &again, e);
		(void)facts_close(&again);
	}
	if (rc == 0)
		return 0;
	while (n > 0)
		draft_undo(&x->draft[--n]);
	return err_wrap(e, "nothing is written");
}

static void
print_json(const struct fix *x, int written)
{
	struct str s = str_new(x->arena), diff = str_new(x->arena);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_key(&w, "files");
	jsonw_array(&w);
	for (size_t i = 0; i < x->ndraft; i++) {
		str_reset(&diff);
		draft_diff(&x->draft[i], &diff);
		jsonw_object(&w);
		jsonw_ktext(&w, "diff", diff.p);
		jsonw_ktext(&w, "path", x->draft[i].path);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "format", "exhibit-fix/1");
	jsonw_ktext(&w, "gap", x->gap->gap->id);
	jsonw_key(&w, "next");
	jsonw_array(&w);
	for (size_t i = 0; i < x->nnext; i++)
		jsonw_textz(&w, x->next[i]);
	jsonw_end(&w, ']');
	jsonw_key(&w, "nothing");
	jsonw_array(&w);
	for (size_t i = 0; i < x->nnothing; i++)
		jsonw_textz(&w, x->nothing[i]);
	jsonw_end(&w, ']');
	jsonw_kint(&w, "written", written);
	jsonw_end(&w, '}');
	(void)printf("%s\n", s.p);
}

static void
say_lines(struct fix *x, const char *before, const char **line, size_t n)
{
	for (size_t i = 0; i < n && !x->options->quiet; i++)
		print_lines(stderr, x->arena, arena_printf(x->arena, "%s%s",
		    before, line[i]));
}

static int
finish(struct fix *x, struct err *e)
{
	int written = 0;

	for (size_t i = 0; i < x->ndraft && !x->options->json; i++) {
		struct str diff = str_new(x->arena);

		draft_diff(&x->draft[i], &diff);
		print_lines(stdout, x->arena, diff.p);
	}
	if (x->ndraft > 0 && ask(x)) {
		if (write_drafts(x, e) == -1)
			return -1;
		written = 1;
	}
	if (x->options->json)
		print_json(x, written);
	say_lines(x, "no draft: ", x->nothing, x->nnothing);
	say_lines(x, "then: ", x->next, x->nnext);
	if (x->ndraft == 0)
		return err_set(e, ERR_INPUT, "%s: nothing to draft",
		    x->gap->gap->id);
	cmd_say(x->options, written ? "written as drafts: they count for "
	    "nothing until a person has finished them; exhibit check says "
	    "what is open" : "nothing is written: run it again with --yes");
	return out_flush(e);
}

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	struct fix x = { .arena = a, .options = o, .own = own };
	struct facts_want want = { 0 };
	struct gate gate = { .option = "fix" };
	struct report r;
	int rc = -1;

	if (argc < 1 || argc > 2)
		return err_set(e, ERR_INPUT, "fix wants a gap, or a control, "
		    "test or evidence item and its scope"), (int)e->kind;
	gate.only = argv[0];
	if (gate_init(&gate, NULL, e) == 0 &&
	    facts_gather(a, o, &want, &x.facts, e) == 0 &&
	    gate_report(a, &x.facts, &gate, &r, e) == 0 &&
	    find_gap(&x, &r, argv[0], argc == 2 ? argv[1] : NULL, e) == 0 &&
	    draft_gap(&x, e) == 0 && keep_changed(&x, e) == 0)
		rc = finish(&x, e);
	(void)facts_close(&x.facts);
	return rc == -1 ? (int)e->kind : 0;
}

static const struct option_row option[] = {
	{ "--yes", NULL, "write without asking", offsetof(struct own, yes) },
	{ "--waiver", NULL, "draft a waiver of the gap instead",
	    offsetof(struct own, waiver) },
	{ NULL, NULL, NULL, 0 }
};

const struct command cmd_fix = {
	.name = "fix",
	.args = "GAP | ID [SCOPE] [--waiver] [--yes]",
	.help = "drafts the registry entry, document or waiver that a gap "
	    "lacks; shows the diff first",
	.option = option,
	.own_size = sizeof(struct own),
	.run = run,
};
