#ifndef MODEL_TEMPLATE_H
#define MODEL_TEMPLATE_H

#include <stddef.h>

#include "model/docnode.h"

/*
 * Templates cross from read/, which compiles them before data is read, to
 * doc/, which fills them: a tree that no value can change (docs/templates.md).
 */

/* What a template of a kind may name. */
enum template_type {
	TEMPLATE_INLINE,  /* a fact: stands inside a line */
	TEMPLATE_PATH,    /* a fact that is a path: a link's target too */
	TEMPLATE_FLAG,    /* a fact that is yes or no: opens a block */
	TEMPLATE_LIST,    /* rows: opens a block; alone: its table */
	TEMPLATE_TEXT,    /* a narrative: alone in a paragraph */
	TEMPLATE_SECTION  /* a section: alone, or opens its scope */
};

struct template_name {
	const char *name; /* details.provider, used_by.agents.calls */
	enum template_type type;
	const char *says; /* of a section: its title */
};

struct template_schema {
	const char *kind;
	struct template_name *name; /* in order of name */
	size_t n;
};

enum template_op {
	TEMPLATE_ELEMENT, /* node, level; children */
	TEMPLATE_WORDS,   /* text: the template's own words */
	TEMPLATE_VALUE,   /* text: the whole name of a field */
	TEMPLATE_EACH,    /* {{#x}}: text the whole name; children */
	TEMPLATE_UNLESS   /* {{^x}} */
};

struct template_node {
	enum template_op op;
	enum node_kind node;
	int level;
	const char *text;
	const struct template_name *name;
	struct template_node *child, *last, *next;
};

struct template_omit {
	const char *section, *reason;
};

struct template {
	const char *file, *kind, *lang;
	struct template_node *body; /* the first block */
	struct template_omit *omit;
	size_t nomit;
};

struct template_set {
	const struct template **template;
	size_t n;
};

#endif
