#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/vec.h"
#include "model/event.h"
#include "read/project.h"
#include "read/yaml.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* exhibit.yaml as it is written */
struct config {
	struct yaml *organisation, *store, *sources;
	const char *registry, *policies, *evidence;
	const char **framework;
	size_t nframework;
	struct { const char *log_key; } signing;
	struct { const char **field; size_t n; const char *key; } pseudonymise;
	struct {
		const char *dir, *audience, *templates, *language, **run;
		int64_t max_records;
		size_t nrun;
	} output;
	struct mark at;
};

#define AT(m) offsetof(struct config, m)
#define VALUE(name, type, of, m) \
	{ name, YAML_IS_VALUE, type, 0, of, AT(m), 0, NULL }
#define NODE(name, flags, m) \
	{ name, YAML_IS_NODE, FIELD_TEXT, flags, NULL, AT(m), 0, NULL }
#define OBJECT(name, o) \
	{ name, YAML_IS_OBJECT, FIELD_TEXT, 0, NULL, 0, 0, o }

/* The offsets of the inner objects count from the config itself. */
static const struct yaml_field signing_field[] = {
	VALUE("log_key", FIELD_TEXT, NULL, signing.log_key),
};
static const struct yaml_object signing_object = {
	signing_field, COUNT(signing_field), 0, YAML_NOWHERE
};
static const struct yaml_field pseudonymise_field[] = {
	{ "fields", YAML_IS_TEXTS, FIELD_TEXT, YAML_REQUIRED, NULL,
	    AT(pseudonymise.field), AT(pseudonymise.n), NULL },
	{ "key_file", YAML_IS_VALUE, FIELD_TEXT, YAML_REQUIRED, NULL,
	    AT(pseudonymise.key), 0, NULL },
};
static const struct yaml_object pseudonymise_object = {
	pseudonymise_field, COUNT(pseudonymise_field), 0, YAML_NOWHERE
};
static const struct yaml_field output_field[] = {
	VALUE("dir", FIELD_TEXT, NULL, output.dir),
	VALUE("audience", FIELD_CHOICE, "public auditor internal",
	    output.audience),
	VALUE("templates", FIELD_FILE, NULL, output.templates),
	VALUE("max_records", FIELD_INT, "1", output.max_records),
	VALUE("language", FIELD_TEXT, NULL, output.language),
	{ "runs", YAML_IS_TEXTS, FIELD_TEXT, 0, NULL, AT(output.run),
	    AT(output.nrun), NULL },
};
static const struct yaml_object output_object = {
	output_field, COUNT(output_field), 0, YAML_NOWHERE
};
static const struct yaml_field config_field[] = {
	{ "schema", YAML_IS_IGNORED, FIELD_TEXT, 0, NULL, 0, 0, NULL },
	NODE("organisation", YAML_REQUIRED, organisation),
	NODE("store", 0, store),
	VALUE("registry", FIELD_FILE, NULL, registry),
	VALUE("policies", FIELD_FILE, NULL, policies),
	VALUE("evidence", FIELD_FILE, NULL, evidence),
	{ "frameworks", YAML_IS_TEXTS, FIELD_ID, 0, NULL, AT(framework),
	    AT(nframework), NULL },
	OBJECT("signing", &signing_object),
	OBJECT("pseudonymise", &pseudonymise_object),
	NODE("sources", 0, sources),
	OBJECT("output", &output_object),
};
static const struct yaml_object config_object = {
	config_field, COUNT(config_field), sizeof(struct config), AT(at)
};

static const struct yaml_field store_field[] = {
	{ "name", YAML_IS_VALUE, FIELD_CODE, YAML_REQUIRED, NULL,
	    offsetof(struct project_store, name), 0, NULL },
	{ "url", YAML_IS_VALUE, FIELD_TEXT, YAML_REQUIRED, NULL,
	    offsetof(struct project_store, url), 0, NULL },
};
static const struct yaml_object store_object = {
	store_field, COUNT(store_field), sizeof(struct project_store),
	offsetof(struct project_store, at)
};

/* Text (a url), one {name, url}, or a list of them. */
static void
read_stores(struct arena *a, const struct yaml *y, struct project *p,
    struct diag *d)
{
	size_t n = y != NULL && y->kind == YAML_LIST ? y->n : 1, i = 0;

	p->store = arena_array(a, n + 1, sizeof(*p->store));
	p->nstore = n;
	if (y == NULL || y->kind == YAML_TEXT) {
		p->store[0].name = "main";
		p->store[0].url = y == NULL ? "audit.db" : y->text;
		p->store[0].at = y == NULL ? p->at : y->at;
		return;
	}
	if (y->kind == YAML_MAP)
		yaml_into(a, y, &store_object, &p->store[0], d);
	else
		for (struct yaml *e = y->first; e != NULL; e = e->next)
			yaml_into(a, e, &store_object, &p->store[i++], d);
	if (n == 0)
		diag_add(d, ERR_INPUT, y->at, "store: names none");
	for (i = 0; i < n; i++) {
		const char *name = p->store[i].name;

		if (name == NULL)
			continue;
		if (strchr(name, '+') != NULL)
			diag_add(d, ERR_INPUT, p->store[i].at, "name: %s holds "
			    "a +, which the origin of a log cannot", name);
		for (size_t j = 0; j < i; j++)
			if (p->store[j].name != NULL &&
			    strcmp(p->store[j].name, name) == 0)
				diag_add(d, ERR_INPUT, p->store[i].at,
				    "name: a second store %s", name);
	}
}

static void
read_sources(struct arena *a, const struct yaml *y, struct project *p,
    struct diag *d)
{
	size_t cap = 0;

	if (y != NULL && y->kind != YAML_MAP) {
		diag_add(d, ERR_INPUT, y->at, "sources: want fields");
		return;
	}
	for (struct yaml *f = y ? y->first : NULL; f != NULL; f = f->next) {
		if (f->kind != YAML_MAP) {
			diag_add(d, ERR_INPUT, f->at, "%s: want fields",
			    f->key);
			continue;
		}
		for (struct yaml *e = f->first; e != NULL; e = e->next) {
			struct project_source *s;

			if (e->kind != YAML_TEXT || e->text[0] != '/') {
				diag_add(d, ERR_INPUT, e->at, "%s: want a "
				    "pointer like /input/agent", e->key);
				continue;
			}
			s = VEC_PUSH(a, p->source, p->nsource, cap);
			s->format = f->key;
			s->field = e->key;
			s->pointer = e->text;
			s->at = e->at;
		}
	}
}

static void
read_organisation(const struct yaml *y, struct project *p, struct diag *d)
{
	const struct yaml *e;

	if (y->kind != YAML_MAP) {
		diag_add(d, ERR_INPUT, y->at, "organisation: want fields");
		return;
	}
	p->organisation_node = y;
	if ((e = yaml_find(y, "id")) != NULL && e->kind == YAML_TEXT)
		p->organisation = e->text;
	else
		diag_add(d, ERR_INPUT, y->at, "organisation: id: missing");
	if ((e = yaml_find(y, "legal_name")) != NULL && e->kind == YAML_TEXT)
		p->legal_name = e->text;
}

static void
check_fields(const struct config *c, struct diag *d)
{
	for (size_t i = 0; i < c->pseudonymise.n; i++)
		if (event_col(c->pseudonymise.field[i]) == -1)
			diag_add(d, ERR_INPUT, c->at, "pseudonymise: fields: "
			    "an event has no column %s",
			    yaml_quote(d->arena, c->pseudonymise.field[i]));
}

static const char *
or(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

int
project_read(struct arena *a, const char *dir, struct project *p,
    struct diag *d)
{
	uint64_t before = d->total;
	struct config c = { .output.max_records = LIMIT_RECORDS };
	struct mark at = { arena_strdup(a, dir), 0, 0 };
	struct err e = { .kind = ERR_OK };
	struct yaml *y;

	*p = (struct project){ .dir = at.file, .files.fd = -1 };
	if (files_open(a, dir, &p->files, &e) == -1) {
		diag_add(d, e.kind, (struct mark){ .file = NULL }, "%s",
		    e.msg);
		return -1;
	}
	y = files_yaml(&p->files, "project", "exhibit.yaml", "exhibit/1", d);
	if (y == NULL) {
		if (d->total == before)
			diag_add(d, ERR_INPUT, at, "no exhibit.yaml here: "
			    "exhibit init makes one");
		return -1;
	}
	yaml_into(a, y, &config_object, &c, d);
	p->at = y->at;
	if (c.organisation != NULL)
		read_organisation(c.organisation, p, d);
	read_stores(a, c.store, p, d);
	read_sources(a, c.sources, p, d);
	check_fields(&c, d);
	p->registry = or(c.registry, "registry");
	p->policies = or(c.policies, "policies");
	p->evidence = or(c.evidence, "evidence");
	p->framework = c.framework;
	p->nframework = c.nframework;
	p->log_key = c.signing.log_key;
	p->pseudonymise = c.pseudonymise.field;
	p->npseudonymise = c.pseudonymise.n;
	p->pseudonym_key = c.pseudonymise.key;
	p->out_dir = or(c.output.dir, "out");
	p->audience = c.output.audience == NULL ? AUDIENCE_AUDITOR :
	    *c.output.audience == 'p' ? AUDIENCE_PUBLIC :
	    *c.output.audience == 'i' ? AUDIENCE_INTERNAL : AUDIENCE_AUDITOR;
	p->templates = c.output.templates;
	p->max_records = c.output.max_records;
	p->language = or(c.output.language, "en");
	p->run = c.output.run;
	p->nrun = c.output.nrun;
	return d->total == before ? 0 : -1;
}

void
project_close(struct project *p)
{
	files_close(&p->files);
}
