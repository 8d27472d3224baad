#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/doc.h"
#include "doc/fill.h"
#include "doc/frame.h"
#include "doc/sec.h"

static struct facts *
facts_new(struct arena *a)
{
	struct facts *f = arena_alloc(a, sizeof(*f));

	f->by_id = map_new(a);
	f->list = map_new(a);
	f->text = map_new(a);
	f->section = map_new(a);
	return f;
}

const struct section *
sec_of(struct arena *a, const struct doc_ref *r)
{
	static const char *const fria[] = { /* the letters of Art. 27(1) */
		"applicability", "process", "frequency", "people", "harms",
		"oversight", "measures", "consultation", "record", "uses",
		"data", "setting", "score", "decision", "validity", NULL
	};
	const struct section *from = r->kind->section;
	struct section *to;
	size_t n = 0;

	if (r->not_owed != NULL)
		return sec_owed;
	if (!str_eq(r->skin, "fria") && r->month == NULL)
		return from;
	while (from[n].id != NULL)
		n++;
	if (r->month != NULL) { /* a month has all but the last, GR7 */
		to = arena_array(a, n, sizeof(*to));
		memcpy(to, from, (n - 1) * sizeof(*to));
		return to;
	}
	to = arena_array(a, n + 1, sizeof(*to));
	for (size_t i = 0; fria[i] != NULL; i++)
		for (size_t k = 0; k < n; k++)
			if (strcmp(from[k].id, fria[i]) == 0)
				to[i] = from[k];
	return to;
}

static const struct template *
find_template(const struct template_set *set, const struct doc_ref *r)
{
	for (size_t i = 0; set != NULL && r->not_owed == NULL && i < set->n;
	    i++)
		if (str_eq(set->template[i]->kind, r->kind->id) &&
		    str_eq(set->template[i]->lang, r->lang))
			return set->template[i];
	return NULL;
}

static const char *
omitted(const struct template *t, const char *section)
{
	for (size_t i = 0; t != NULL && i < t->nomit; i++)
		if (strcmp(t->omit[i].section, section) == 0)
			return t->omit[i].reason;
	return NULL;
}

/* A section is never an empty heading: where it made no fact, it says so. */
static void
make_section(struct sec *s, const struct section *sec)
{
	size_t before = s->facts->n;

	s->section = sec;
	s->at = docnode_section(s->a, NULL, sec->id, sec->code == NULL ?
	    sec->title : sec_printf(s, "%s %s", sec->code, sec->title));
	sec->make(s);
	if (s->facts->n == before)
		docnode_fact(s->a, docnode_para(s->a, s->at), sec_missing(s,
		    "nothing", PROV_DECLARED, sec->who));
	*map_putz(s->facts->section, sec->id) = s->at;
}

static void
body(struct frame *f, const struct template *t)
{
	struct sec s = f->sec;
	const struct section *sec;

	for (sec = f->sections; sec->id != NULL; sec++)
		if (omitted(t, sec->id) == NULL)
			make_section(&s, sec);
}

static void
show_body(struct frame *f, const struct template *t, const struct facts *facts)
{
	const struct section *sec;
	struct docnode *n;

	if (t != NULL)
		fill_template(f->sec.a, f->root, t, facts);
	for (sec = f->sections; sec->id != NULL; sec++) {
		const char *why = omitted(t, sec->id);

		if (why != NULL) {
			n = docnode_section(f->sec.a, f->root, sec->id,
			    sec->title);
			docnode_text(f->sec.a, docnode_para(f->sec.a, n),
			    "Omitted by the template: %s", why);
		} else if (t == NULL && (n = map_getz(facts->section,
		    sec->id)) != NULL)
			(void)docnode_again(f->sec.a, f->root, n);
	}
}

/* Agents whose rows of a table name a policy, a prompt. */
static void
naming(struct frame *f, size_t *cap, const char *table, const char *col,
    const char *id)
{
	const struct ref_table *t = sec_ref_table(&f->sec, table);

	for (size_t i = id == NULL ? SIZE_MAX : ref_next(t, 0, col, id); i !=
	    SIZE_MAX; i = ref_next(t, i + 1, col, id))
		*VEC_PUSH(f->sec.a, f->agent, f->nagent, *cap) =
		    ref_text(t, i, "agent_id");
}

/* The agents that the document is about. */
static void
subjects(struct frame *f)
{
	const struct doc_ref *r = f->sec.ref;
	const struct ref_table *t = sec_ref_table(&f->sec,
	    "ref_version_model");
	const struct ref_table *seen = sec_log_table(&f->sec, "log_model");
	const char *is[] = { "model_provider", r->model_provider, "model_id",
	    r->model_id, "model_version", r->model_version, NULL };
	size_t cap = 0;

	if (r->agent != NULL)
		*VEC_PUSH(f->sec.a, f->agent, f->nagent, cap) = r->agent;
	for (size_t i = 0; i < r->nabout; i++)
		*VEC_PUSH(f->sec.a, f->agent, f->nagent, cap) = r->about[i];
	naming(f, &cap, "ref_agent", "matrix_policy_id", r->policy);
	naming(f, &cap, "ref_agent_version", "policy_id", r->policy);
	naming(f, &cap, "ref_version_prompt", "prompt_id", r->prompt);
	f->all_agents = r->agent == NULL && r->nabout == 0 &&
	    r->model_id == NULL && r->model == NULL && r->policy == NULL &&
	    r->prompt == NULL;
	if (r->model_id == NULL && r->model == NULL)
		return;
	for (size_t i = ref_next(t, 0, "model", r->model); i != SIZE_MAX;
	    i = ref_next(t, i + 1, "model", r->model))
		*VEC_PUSH(f->sec.a, f->agent, f->nagent, cap) =
		    ref_text(t, i, "agent_id");
	for (size_t i = sec_find(seen, 0, is); i != SIZE_MAX;
	    i = sec_find(seen, i + 1, is))
		*VEC_PUSH(f->sec.a, f->agent, f->nagent, cap) =
		    ref_text(seen, i, "agent_id");
}

struct doc *
doc_make(struct arena *a, const struct build *b, const struct doc_ref *r,
    const struct template_set *set, struct diag *diag)
{
	const struct template *t = find_template(set, r);
	struct facts *facts = facts_new(a);
	struct frame f = { .sec = { .a = a, .b = b, .ref = r, .facts = facts,
	    .diag = diag }, .body = facts };
	struct doc *d = arena_alloc(a, sizeof(*d));

	f.sections = sec_of(a, r);
	f.root = docnode_new(a, NULL, NODE_SECTION);
	subjects(&f);
	body(&f, t);
	f.sec.facts = facts_new(a);
	frame_collect(&f);
	frame_title(&f);
	frame_status(&f);
	frame_claims(&f);
	show_body(&f, t, facts);
	frame_gaps(&f);
	frame_sources(&f);
	frame_approval(&f);
	frame_changes(&f);
	d->self = (struct target){ .kind = "document",
	    .id = arena_printf(a, "%s/%s", r->kind->id, r->name) };
	d->title = arena_printf(a, "%s: %s", r->kind->title, r->subject);
	d->lang = r->lang;
	d->audience = b->audience;
	d->crumb[0] = "Documents";
	d->crumb_to[0] = (struct target){ .kind = "folder",
	    .id = "documents" };
	d->body = f.root->child;
	return d;
}

/* One word of a section's fields: details.provider, used_by.agents.calls. */
static void
add_name(struct arena *a, struct template_schema *s, size_t *cap,
    const char *section, const char *list, const char *p, size_t len)
{
	struct template_name *n = VEC_PUSH(a, s->name, s->n, *cap);

	n->type = TEMPLATE_INLINE;
	if (*p == '~' || *p == '?' || *p == '/') {
		n->type = *p == '~' ? TEMPLATE_TEXT : *p == '?' ?
		    TEMPLATE_FLAG : TEMPLATE_PATH;
		p++;
		len--;
	}
	n->name = arena_printf(a, "%s%s%s.%.*s", section, list ? "." : "",
	    list ? list : "", (int)len, p);
}

static void
add_fields(struct arena *a, struct template_schema *s, size_t *cap,
    const char *section, const char *p)
{
	const char *list = NULL;

	while (p != NULL && *p != '\0') {
		size_t n = strcspn(p, " []");

		if (n > 0)
			add_name(a, s, cap, section, list, p, n);
		p += n;
		if (*p == '[') {
			list = strrchr(s->name[s->n - 1].name, '.') + 1;
			s->name[s->n - 1].type = TEMPLATE_LIST;
		} else if (*p == ']')
			list = NULL;
		p += *p != '\0';
	}
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(((const struct template_name *)x)->name,
	    ((const struct template_name *)y)->name);
}

struct template_schema *
doc_schema(struct arena *a, const struct doc_kind *k)
{
	struct template_schema *s = arena_alloc(a, sizeof(*s));
	size_t cap = 0;

	s->kind = k->id;
	for (const struct section *sec = k->section; sec->id; sec++) {
		struct template_name *n = VEC_PUSH(a, s->name, s->n, cap);

		n->name = sec->id;
		n->type = TEMPLATE_SECTION;
		n->says = sec->title;
		add_fields(a, s, &cap, sec->id, sec->fields);
	}
	qsort(s->name, s->n, sizeof(*s->name), by_name);
	return s;
}
