#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "generate.h"

/*
 * A faults file (samples/faults.yaml, mappings/faults.yaml): a list of {id
 * or test, edits, finds}.  Only edits {in: event} are ours: {row: {event_id},
 * set: {..}}, {row: {event_id}, remove: true}, {add: {..}}.  Edits of
 * reference tables are the program's own.
 */

struct edit {
	char *event_id;         /* NULL: an added event */
	struct draft with;      /* set: the columns that are not NULL, or ... */
	unsigned char null[EVENT_NCOL]; /* ... these, to NULL */
	int remove, used;
	unsigned long line;
};

static struct edit *edits;
static size_t nedit, capedit;
static const char *path;

static const char *const column[EVENT_NCOL] = {
#define EVENT(constant, name, type, required, says) #name,
#include "model/event.def"
#undef EVENT
};
static const enum value_type column_type[EVENT_NCOL] = {
#define EVENT(constant, name, type, required, says) VALUE_##type,
#include "model/event.def"
#undef EVENT
};

static void wrong(const yaml_node_t *, const char *)
    __attribute__((noreturn));
static void
wrong(const yaml_node_t *n, const char *what)
{
	die(2, "%s:%lu:%lu: %s", path, (unsigned long)n->start_mark.line + 1,
	    (unsigned long)n->start_mark.column + 1, what);
}

static const char *
scalar(const yaml_node_t *n)
{
	if (n->type != YAML_SCALAR_NODE)
		wrong(n, "want a plain value");
	return (const char *)n->data.scalar.value;
}

/* The value of a key, or NULL. */
static yaml_node_t *
member(yaml_document_t *y, yaml_node_t *map, const char *key)
{
	if (map->type != YAML_MAPPING_NODE)
		wrong(map, "want a mapping");
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
	    p < map->data.mapping.pairs.top; p++)
		if (strcmp(scalar(yaml_document_get_node(y, p->key)), key) == 0)
			return yaml_document_get_node(y, p->value);
	return NULL;
}

static char *
copy(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		die(4, "out of memory");
	return p;
}

static void
set_column(struct edit *e, const yaml_node_t *key, const yaml_node_t *value)
{
	const char *name = scalar(key), *s = scalar(value);
	size_t c = 0;
	char *rest;

	while (c < EVENT_NCOL && strcmp(column[c], name) != 0)
		c++;
	if (c == EVENT_NCOL)
		wrong(key, "not a column of event");
	if (value->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (strcmp(s, "null") == 0 || strcmp(s, "~") == 0 || *s == '\0')) {
		e->null[c] = 1;
	} else if (column_type[c] == VALUE_TEXT) {
		set_text(&e->with, (enum event_col)c, copy(s));
	} else {
		errno = 0;
		set_int(&e->with, (enum event_col)c, strtoll(s, &rest, 10));
		if (*rest != '\0' || rest == s || errno != 0)
			wrong(value, "want a whole number");
	}
}

static void
read_edit(yaml_document_t *y, yaml_node_t *n)
{
	yaml_node_t *in = member(y, n, "in"), *row = member(y, n, "row"),
	    *set = member(y, n, "set"), *added = member(y, n, "add"),
	    *gone = member(y, n, "remove"), *id;
	struct edit *e;

	if (in == NULL || strcmp(scalar(in), "event") != 0)
		return;
	if (nedit == capedit) {
		capedit = capedit == 0 ? 64 : capedit * 2;
		edits = realloc(edits, capedit * sizeof(*edits));
		if (edits == NULL)
			die(4, "out of memory");
	}
	e = &edits[nedit++];
	memset(e, 0, sizeof(*e));
	e->line = (unsigned long)n->start_mark.line + 1;
	if ((set != NULL) + (added != NULL) + (gone != NULL) != 1)
		wrong(n, "want one of set, add, remove");
	if ((added == NULL) != (row != NULL))
		wrong(n, "want row with set and remove, and not with add");
	if (row != NULL) {
		id = member(y, row, "event_id");
		if (id == NULL)
			wrong(row, "want event_id");
		e->event_id = copy(scalar(id));
	}
	e->remove = gone != NULL;
	if (gone != NULL)
		return;
	if (added != NULL)
		set = added;
	if (set->type != YAML_MAPPING_NODE)
		wrong(set, "want a mapping");
	for (yaml_node_pair_t *p = set->data.mapping.pairs.start;
	    p < set->data.mapping.pairs.top; p++)
		set_column(e, yaml_document_get_node(y, p->key),
		    yaml_document_get_node(y, p->value));
	if (added != NULL && e->with.col[EVENT_RECORDED_US].type != VALUE_INT)
		wrong(n, "an added event needs recorded_us");
}

/* Its name is id: (samples/faults.yaml) or test: (mappings/faults.yaml); a
 * number counts from 1. */
static int
chosen(yaml_document_t *y, yaml_node_t *fault, size_t number, const char *only)
{
	yaml_node_t *id = member(y, fault, "id");
	yaml_node_t *test = member(y, fault, "test");
	char n[24];

	snprintf(n, sizeof(n), "%zu", number);
	return only == NULL || strcmp(only, n) == 0 ||
	    (id != NULL && strcmp(scalar(id), only) == 0) ||
	    (test != NULL && test->type == YAML_SCALAR_NODE &&
	    strcmp(scalar(test), only) == 0);
}

static void
read_faults(yaml_document_t *y, yaml_node_t *root, const char *only)
{
	yaml_node_t *list = member(y, root, "faults"), *fault, *ed;
	size_t number = 0, taken = 0;

	if (list == NULL || list->type != YAML_SEQUENCE_NODE)
		wrong(root, "want faults: a list");
	for (yaml_node_item_t *i = list->data.sequence.items.start;
	    i < list->data.sequence.items.top; i++) {
		fault = yaml_document_get_node(y, *i);
		if (!chosen(y, fault, ++number, only))
			continue;
		taken++;
		ed = member(y, fault, "edits");
		if (ed == NULL)
			continue;
		if (ed->type != YAML_SEQUENCE_NODE)
			wrong(ed, "want a list");
		for (yaml_node_item_t *k = ed->data.sequence.items.start;
		    k < ed->data.sequence.items.top; k++)
			read_edit(y, yaml_document_get_node(y, *k));
	}
	if (only != NULL && taken == 0)
		die(2, "%s: no fault %s", path, only);
}

void
faults_load(const char *file, const char *only)
{
	yaml_parser_t parser;
	yaml_document_t y;
	yaml_node_t *root;
	FILE *f = fopen(file, "r");

	path = file;
	if (f == NULL)
		die(2, "%s: %s", file, strerror(errno));
	if (!yaml_parser_initialize(&parser))
		die(4, "out of memory");
	yaml_parser_set_input_file(&parser, f);
	if (!yaml_parser_load(&parser, &y))
		die(2, "%s:%lu: %s", file,
		    (unsigned long)parser.problem_mark.line + 1,
		    parser.problem == NULL ? "not YAML" : parser.problem);
	root = yaml_document_get_root_node(&y);
	if (root == NULL)
		die(2, "%s: empty", file);
	read_faults(&y, root, only);
	yaml_document_delete(&y);
	yaml_parser_delete(&parser);
	fclose(f);
}

int
faults_apply(struct draft *d)
{
	const char *id = d->col[EVENT_EVENT_ID].p;

	for (size_t i = 0; i < nedit; i++) {
		struct edit *e = &edits[i];

		if (e->event_id == NULL || strcmp(e->event_id, id) != 0)
			continue;
		e->used = 1;
		if (e->remove)
			return 0;
		for (size_t c = 0; c < EVENT_NCOL; c++) {
			if (e->null[c])
				d->col[c].type = VALUE_NULL;
			else if (e->with.col[c].type != VALUE_NULL)
				d->col[c] = e->with.col[c];
		}
	}
	return 1;
}

void
faults_add(void (*f)(struct draft *))
{
	for (size_t i = 0; i < nedit; i++)
		if (edits[i].event_id == NULL) {
			f(&edits[i].with);
			edits[i].used = 1;
		}
}

void
faults_check(void)
{
	for (size_t i = 0; i < nedit; i++)
		if (!edits[i].used)
			die(2, "%s:%lu: no event %s", path, edits[i].line,
			    edits[i].event_id);
}
