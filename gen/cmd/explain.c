#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/jsonw.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "cmd/facts.h"
#include "crypt/hash.h"
#include "doc/doc.h"
#include "eval/eval.h"
#include "eval/expr.h"
#include "model/log.h"
#include "read/catalogue.h"

struct explain {
	struct arena *arena;
	const struct options *options;
	const struct catalogue *cat;
	struct str out;
	const char *kind; /* what was explained */
};

/* Text in lines of 76, each after an indent. */
static void
add_wrapped(struct str *s, const char *indent, const char *text)
{
	size_t width = 76 - strlen(indent), n, at;

	if (text == NULL)
		return;
	while (*text != '\0') {
		n = strcspn(text, "\n");
		if (n > width) {
			for (at = width; at > 0 && text[at] != ' '; at--)
				;
			n = at > 0 ? at : width;
		}
		str_addf(s, "%s%.*s\n", indent, (int)n, text);
		text += n;
		while (*text == ' ' || *text == '\n')
			text++;
	}
}

static void
add_field(struct str *s, const char *name, const char *text)
{
	if (text == NULL)
		return;
	str_addf(s, "\n%s\n", name);
	add_wrapped(s, "    ", text);
}

static void
add_words(struct str *s, const char *name, const char *const *list, size_t n)
{
	if (n == 0)
		return;
	str_addf(s, "    %s:", name);
	for (size_t i = 0; i < n; i++)
		str_addf(s, " %s", list[i]);
	str_addc(s, '\n');
}

/* Controls. */

static void
add_applies(struct str *s, const struct applies *a)
{
	str_addz(s, "\napplies to agents with\n");
	if (a->nlifecycle + a->neu_role + a->neu_tier + a->nannex_iii +
	    a->nagents + a->nenvironment == 0)
		str_addz(s, "    anything: it is about every agent\n");
	add_words(s, "lifecycle", a->lifecycle, a->nlifecycle);
	add_words(s, "eu_role", a->eu_role, a->neu_role);
	add_words(s, "eu_tier", a->eu_tier, a->neu_tier);
	add_words(s, "annex_iii", a->annex_iii, a->nannex_iii);
	add_words(s, "agents", a->agents, a->nagents);
	add_words(s, "environment", a->environment, a->nenvironment);
}

static void
explain_control(struct explain *x, const struct control *c)
{
	struct str *s = &x->out;

	x->kind = "control";
	str_addf(s, "%s  %s\nseverity %s, version %" PRIu32 ", owner %s, at %s:%"
	    PRIu32 "\n", c->id, c->title, severity_name(c->severity),
	    c->version, c->owner_role ? c->owner_role : "nobody", c->at.file,
	    c->at.line);
	add_field(s, "objective", c->objective);
	add_field(s, "limits", c->limits);
	add_applies(s, &c->applies);
	str_addz(s, "\ntests\n");
	for (size_t i = 0; i < c->ntest; i++)
		add_wrapped(s, "    ", arena_printf(x->arena, "%s  %s%s",
		    c->test[i].id, c->test[i].title,
		    c->test[i].advice ? " (advice)" : ""));
	if (c->nitem > 0)
		str_addz(s, "\nevidence that people write\n");
	for (size_t i = 0; i < c->nitem; i++)
		add_wrapped(s, "    ", arena_printf(x->arena, "%s  %s%s%s",
		    c->item[i].id, c->item[i].title, c->item[i].max_age ?
		    ", not older than " : "", c->item[i].max_age ?
		    c->item[i].max_age : ""));
	str_addz(s, "\nrequirements\n");
	for (size_t i = 0; i < c->nmap; i++)
		add_wrapped(s, "    ", arena_printf(x->arena, "%s (%s): %s",
		    c->map[i].to_id, c->map[i].rel, c->map[i].why));
}

/* Tests. */

static const char *
scope_name(const struct test *t)
{
	static const char *const name[] = {
		"agent", "organisation", "policy", "stream"
	};

	return name[t->scope];
}

static void
add_rule(struct explain *x, const char *name, const struct expr *e)
{
	struct str s = str_new(x->arena);

	if (e == NULL)
		return;
	expr_print(&s, e);
	add_field(&x->out, name, s.p);
}

static void
add_numbers(struct explain *x, const struct test *t)
{
	struct str *s = &x->out;
	char hex[HASH_HEXLEN];

	str_addf(s, "\nfails above %" PRIu64 " exceptions; wants %" PRIu64
	    " rows that can be judged, at most %" PRIu64
	    " in a million that cannot\n", t->max_exceptions,
	    t->min_population, t->max_blind_ppm);
	if (t->monthly)
		str_addz(s, "each calendar month; the worst counts\n");
	if (t->window_back_us > 0) {
		str_addz(s, "over the last ");
		date_add_duration(s, t->window_back_us);
		str_addz(s, " of the period\n");
	}
	add_words(s, "requires", t->requires, t->nrequires);
	add_field(s, "empty is not-applicable", t->when_empty_because);
	if (t->sql == NULL)
		return;
	hash_hex(hex, t->sha256);
	str_addf(s, "\nSQL, sha256 %s\n%s\n", hex, t->sql);
}

static void
explain_test(struct explain *x, const struct test *t, const struct control *c)
{
	struct str *s = &x->out;

	x->kind = "test";
	str_addf(s, "%s  %s\nof %s (%s), %s effectiveness, by %s, over %s%s\n",
	    t->id, t->title, c->id, c->title,
	    t->design ? "design" : "operating", scope_name(t), t->over,
	    t->advice ? "; advice, no verdict" : t->key ? "" : "; not key");
	add_rule(x, "population: rows where", t->where);
	add_rule(x, "exception: a row breaks the control if", t->exception);
	if (t->built_in != NULL)
		add_field(s, "built in", arena_printf(x->arena,
		    "computed by the %s stage", t->built_in));
	add_field(s, "when it passes", t->says_pass);
	add_field(s, "when it fails", t->says_fail);
	add_field(s, "when there is no evidence", t->says_empty);
	add_field(s, "how to fix", t->fix_how);
	add_field(s, "where", t->fix_at);
	add_numbers(x, t);
}

static void
explain_item(struct explain *x, const struct item *i, const struct control *c)
{
	struct str *s = &x->out;

	x->kind = "evidence";
	str_addf(s, "%s  %s\n%s of %s (%s), %s%s\n", i->id, i->title,
	    i->kind ? i->kind : "built in", c->id, c->title,
	    i->design ? "design" : "operating", i->key ? "" : "; not key");
	if (i->max_age != NULL)
		str_addf(s, "not older than %s at the end of the period\n",
		    i->max_age);
	if (i->top)
		str_addz(s, "reviewed in the role that reports to nobody\n");
	add_field(s, "how to give it", i->built_in ? "it is computed" :
	    arena_printf(x->arena, "write the %s, have a person review it who "
	    "is not its author, and enter its path and sha256 in "
	    "evidence/index.yaml with item: %s", i->kind, i->id));
}

static void
explain_requirement(struct explain *x, const struct requirement *q)
{
	struct str *s = &x->out;

	x->kind = "requirement";
	str_addf(s, "%s/%s  %s\n", q->framework, q->id, q->title);
	add_field(s, "in our words", q->summary);
	add_field(s, "cite", q->cite);
	add_field(s, "role", q->role);
	add_field(s, "tier", q->tier);
	add_field(s, "note", q->note);
	if (q->applies_from_us != 0) {
		str_addz(s, "\napplies from ");
		date_add_day(s, q->applies_from_us);
		str_addc(s, '\n');
	}
	str_addz(s, "\ncontrols mapped to it\n");
	for (size_t c = 0; c < x->cat->ncontrol; c++)
		for (size_t m = 0; m < x->cat->control[c].nmap; m++) {
			const struct control *k = &x->cat->control[c];

			if (k->map[m].to == q)
				add_wrapped(s, "    ", arena_printf(x->arena,
				    "%s  %s: %s", k->id, k->title,
				    k->map[m].why));
		}
}

/* Columns. */

/* Tests whose statement names the column, and the table where one is given. */
static void
add_readers(struct explain *x, const char *table, const char *col)
{
	size_t n = 0;

	str_addz(&x->out, "\ntests that read it\n   ");
	for (size_t c = 0; c < x->cat->ncontrol; c++)
		for (size_t t = 0; t < x->cat->control[c].ntest; t++) {
			const struct test *k = &x->cat->control[c].test[t];

			if (str_word(k->sql, col) &&
			    (table == NULL || str_word(k->sql, table)))
				str_addf(&x->out, "%s %s", n++ % 8 == 7 ?
				    "\n   " : "", k->id);
		}
	str_addz(&x->out, n == 0 ? " none\n" : "\n");
}

static void
explain_event(struct explain *x, int col)
{
	x->kind = "column";
	str_addf(&x->out, "event.%s  %s\n%s%s\n", event_column[col].name,
	    event_column[col].says, event_column[col].type == VALUE_INT ?
	    "a whole number" : "text", event_column[col].required ?
	    ", always there" : "; absent is NULL: it proves nothing");
	add_readers(x, NULL, event_column[col].name);
}

static void
explain_column(struct explain *x, const struct ref_schema *r,
    const struct ref_col *c)
{
	size_t len = ref_fieldlen(c);

	x->kind = "field";
	str_addf(&x->out, "%s.%s  %s\n%s%s; written as %.*s in %s\n", r->name,
	    c->name, c->says, c->type == VALUE_INT ? "a whole number" : "text",
	    c->flags & REF_FILLED ? ", filled by the reader" : "", (int)len,
	    c->name, r->says);
	if (c->of != NULL)
		str_addf(&x->out, "%s: %s\n", c->field == FIELD_CHOICE ?
		    "one of" : "of", c->of);
	if (c->none != NULL)
		str_addf(&x->out, "where none is written: %s\n", c->none);
	add_readers(x, r->name, c->name);
}

static void
explain_table(struct explain *x, const struct ref_schema *r)
{
	x->kind = "table";
	str_addf(&x->out, "%s  %s\n\ncolumns\n", r->name, r->says);
	for (size_t i = 0; i < r->ncol; i++)
		str_addf(&x->out, "    %-24s %s%s\n", r->col[i].name,
		    r->col[i].says, r->col[i].key ? " (key)" : "");
	for (size_t i = 0; i < r->nlist; i++)
		str_addf(&x->out, "    %-24s %s (list, in ref_list)\n",
		    r->list[i].field, r->list[i].says);
}

static int
explain_log(struct explain *x, const char *id)
{
	const char *dot = strchr(id, '.');
	const struct log_schema *l = log_schema_find(dot == NULL ? id :
	    arena_strndup(x->arena, id, (size_t)(dot - id)));

	if (l == NULL)
		return 0;
	x->kind = "measure";
	str_addf(&x->out, "%s  %s\n\ncolumns\n", l->name, l->says);
	for (size_t i = 0; i < l->ncol; i++)
		if (dot == NULL || strcmp(dot + 1, l->col[i].name) == 0)
			str_addf(&x->out, "    %-24s %s%s\n", l->col[i].name,
			    l->col[i].says, l->col[i].key ? " (key)" : "");
	return 1;
}

/* A kind of document: its sections and what templates may name. */
static void
explain_kind(struct explain *x, const struct doc_kind *k)
{
	static const char *const word[] = {
		[TEMPLATE_INLINE] = "a fact", [TEMPLATE_PATH] = "a path",
		[TEMPLATE_FLAG] = "yes or no", [TEMPLATE_LIST] = "a list",
		[TEMPLATE_TEXT] = "a narrative", [TEMPLATE_SECTION] = ""
	};
	const struct template_schema *s = doc_schema(x->arena, k);

	x->kind = "document";
	str_addf(&x->out, "%s  %s\n\nsections, and what a template may name "
	    "(docs/templates.md)\n", k->id, k->title);
	for (size_t i = 0; i < s->n; i++) {
		const struct template_name *n = &s->name[i];

		if (n->type == TEMPLATE_SECTION)
			str_addf(&x->out, "    %-36s %s\n", n->name, n->says);
		else
			str_addf(&x->out, "      %-34s %s\n", n->name,
			    word[n->type]);
	}
}

static int
explain_formula(struct explain *x, const char *id)
{
	const char *says = doc_formula(id);

	if (says == NULL)
		return 0;
	x->kind = "formula";
	str_addf(&x->out, "%s  %s\n", id, says);
	return 1;
}

/* event.tier, tier, ref_agent, ref_agent.ring: 1 if it is one. */
static int
explain_name(struct explain *x, const char *id)
{
	const char *dot = strchr(id, '.');
	const struct ref_schema *r;
	int col;

	if (strncmp(id, "event.", 6) == 0 || dot == NULL) {
		col = event_col(dot ? dot + 1 : id);
		if (col >= 0)
			explain_event(x, col);
		if (col >= 0)
			return 1;
	}
	r = ref_schema_find(dot == NULL ? id : arena_strndup(x->arena, id,
	    (size_t)(dot - id)));
	if (r == NULL)
		return explain_log(x, id);
	if (dot == NULL) {
		explain_table(x, r);
		return 1;
	}
	/* A field goes by its column, or as a file writes it. */
	for (size_t i = 0; i < r->ncol; i++) {
		const struct ref_col *c = &r->col[i];
		size_t len = ref_fieldlen(c);

		if (strcmp(c->name, dot + 1) != 0 && (strlen(dot + 1) != len ||
		    strncmp(c->name, dot + 1, len) != 0))
			continue;
		explain_column(x, r, c);
		return 1;
	}
	return 0;
}

/* Gaps: what was found, and its rows. */

static void
add_exceptions(struct explain *x, const struct build *b,
    const struct result *r)
{
	for (size_t i = 0; i < r->nexception && i < 25; i++) {
		const struct cite *c = &r->exception[i];

		if (c->at.file != NULL)
			str_addf(&x->out, "        %s:%" PRIu32 ":%" PRIu32
			    "\n", c->at.file, c->at.line, c->at.col);
		else
			str_addf(&x->out, "        stream %s seq %" PRIu64 "\n",
			    b->stream[c->stream].name, c->seq);
	}
	if (r->x > 25)
		str_addf(&x->out, "        and %" PRIu64 " more\n", r->x - 25);
}

static void
explain_gap(struct explain *x, const struct build *b, const struct gap *g)
{
	const struct control *c = g->verdict->control;
	struct str *s = &x->out;

	x->kind = "gap";
	str_addf(s, "%s  %s %s: %s\n%s, severity %s, owner %s, first seen ",
	    g->id, c->id, g->verdict->scope, c->title, g->kind,
	    severity_name(c->severity), g->owner ? g->owner : "nobody");
	date_add_day(s, g->first_seen_us);
	str_addz(s, "\n");
	if (g->waiver != NULL) {
		str_addf(s, "accepted by waiver %s until ", g->waiver);
		date_add_day(s, g->waived_until_us);
		str_addc(s, '\n');
	}
	str_addz(s, "\nwhat was found\n");
	for (size_t i = 0; i < g->verdict->nresult; i++) {
		const struct result *r = g->verdict->result[i];
		struct str line = str_new(x->arena);

		str_addf(&line, "%s ", r->test ? r->test->id : r->item->id);
		finding_sentence(&line, r);
		add_wrapped(s, "    ", line.p);
		add_exceptions(x, b, r);
	}
	add_field(s, "how to fix", g->how);
	str_addf(s, "\nwhere\n    %s:%" PRIu32 ":%" PRIu32 "\n", g->fix.file,
	    g->fix.line, g->fix.col);
}

static int
explain_gap_id(struct explain *x, const struct facts *f, const char *id,
    struct err *e)
{
	const struct gap *g = finding_gap(f->build.findings, id);

	if (g == NULL)
		return err_set(e, ERR_INPUT, "%s: no such gap in %s: it may be "
		    "closed, or of another period", id, f->build.period);
	explain_gap(x, &f->build, g);
	return 0;
}

/* Everything that has an id, for the nearest one. */
static const char *
nearest(struct explain *x, const char *id)
{
	const char **list = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < x->cat->ncontrol; i++) {
		const struct control *c = &x->cat->control[i];

		*VEC_PUSH(x->arena, list, n, cap) = c->id;
		for (size_t k = 0; k < c->ntest; k++)
			*VEC_PUSH(x->arena, list, n, cap) = c->test[k].id;
		for (size_t k = 0; k < c->nitem; k++)
			*VEC_PUSH(x->arena, list, n, cap) = c->item[k].id;
	}
	for (size_t i = 0; i < x->cat->nreq; i++)
		*VEC_PUSH(x->arena, list, n, cap) = x->cat->req[i].id;
	for (size_t i = 0; i < EVENT_NCOL; i++)
		*VEC_PUSH(x->arena, list, n, cap) = event_column[i].name;
	for (size_t i = 0; i < ref_nschema; i++)
		*VEC_PUSH(x->arena, list, n, cap) = ref_schema[i].name;
	for (size_t i = 0; i < doc_nkinds; i++)
		*VEC_PUSH(x->arena, list, n, cap) = doc_kinds[i].id;
	return str_nearest(id, list, n);
}

static int
explain_id(struct explain *x, const char *id, struct err *e)
{
	const struct control *of = NULL, *c = catalogue_control(x->cat, id);
	const struct test *t = catalogue_test(x->cat, id, &of);
	const struct item *i = catalogue_item(x->cat, id, &of);
	const char *slash = strchr(id, '/'), *near;
	const struct requirement *q = catalogue_requirement(x->cat, slash ?
	    arena_strndup(x->arena, id, (size_t)(slash - id)) : NULL,
	    slash ? slash + 1 : id);

	if (c != NULL)
		explain_control(x, c);
	else if (t != NULL)
		explain_test(x, t, of);
	else if (i != NULL)
		explain_item(x, i, of);
	else if (q != NULL)
		explain_requirement(x, q);
	else if (doc_kind_find(id) != NULL)
		explain_kind(x, doc_kind_find(id));
	else if (!explain_name(x, id) && !explain_formula(x, id)) {
		near = nearest(x, id);
		return err_set(e, ERR_INPUT, "%s: no control, test, evidence "
		    "item, requirement, gap, column, table or document of "
		    "that id%s%s%s",
		    id, near ? " (did you mean \"" : "", near ? near : "",
		    near ? "\"?)" : "");
	}
	return 0;
}

/* The catalogue of the project here, else that of the program. */
static int
read_catalogue(struct explain *x, struct facts *f, struct err *e)
{
	struct diag d;

	if (access(arena_printf(x->arena, "%s/exhibit.yaml",
	    x->options->project), F_OK) == 0) {
		if (facts_read(x->arena, x->options, f, e) == -1)
			return -1;
		x->cat = f->catalogue;
		return 0;
	}
	diag_init(&d, x->arena);
	f->catalogue = catalogue_read(x->arena, NULL, &d);
	eval_compile(x->arena, f->catalogue, "organisation", &d);
	x->cat = f->catalogue;
	return cmd_diag(&d, e);
}

static void
print_out(struct explain *x, const char *id)
{
	struct str s = str_new(x->arena);
	struct jsonw w;
	const char *p = x->out.p, *end;

	if (x->options->json) {
		jsonw_init(&w, &s);
		jsonw_object(&w);
		jsonw_ktext(&w, "format", "exhibit-explain/1");
		jsonw_ktext(&w, "id", id);
		jsonw_ktext(&w, "kind", x->kind);
		jsonw_ktext(&w, "text", x->out.p);
		jsonw_end(&w, '}');
		(void)printf("%s\n", s.p);
		return;
	}
	for (; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		out_text(stdout, arena_strndup(x->arena, p,
		    (size_t)(end - p)));
		(void)putchar('\n');
	}
}

static int
is_gap(const char *id)
{
	return strncmp(id, "G-", 2) == 0;
}

/* Where a gap is asked for the log is read, once for all ids. */
static int
read_what(struct explain *x, struct facts *f, int n, char **id, struct err *e)
{
	const struct facts_want want = { 0 };
	int rc;

	for (int i = 0; i < n; i++)
		if (is_gap(id[i])) {
			rc = facts_gather(x->arena, x->options, &want, f, e);
			x->cat = f->catalogue;
			return rc;
		}
	return read_catalogue(x, f, e);
}

static int
explain_all(struct explain *x, const struct facts *f, int n, char **id,
    struct err *e)
{
	for (int i = 0; i < n; i++) {
		x->out = str_new(x->arena);
		if ((is_gap(id[i]) ? explain_gap_id(x, f, id[i], e) :
		    explain_id(x, id[i], e)) == -1)
			return -1;
		if (i > 0 && !x->options->json)
			(void)putchar('\n');
		print_out(x, id[i]);
	}
	return out_flush(e);
}

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	struct explain x = { .arena = a, .options = o };
	struct facts f = { 0 };
	int rc;

	(void)own;
	if (argc < 1)
		return err_set(e, ERR_INPUT, "explain wants an id: a control, "
		    "test, evidence item, requirement, gap, column or table"),
		    (int)e->kind;
	rc = read_what(&x, &f, argc, argv, e);
	if (rc == 0)
		rc = explain_all(&x, &f, argc, argv, e);
	(void)facts_close(&f);
	return rc == -1 ? (int)e->kind : 0;
}

const struct command cmd_explain = {
	.name = "explain",
	.args = "ID...",
	.help = "a control, test, evidence item, requirement, gap, column or "
	    "table: what it means, its query, how to fix it",
	.own_size = 0,
	.run = run,
};
