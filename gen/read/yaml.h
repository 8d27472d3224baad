#ifndef READ_YAML_H
#define READ_YAML_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/ref.h"
#include "model/rows.h"

struct arena;

/*
 * YAML as everything of a project is written in (docs/format/registry.md,
 * Reading rules): one document of maps, lists and text, where each value
 * keeps its place.  What a text means is said by a table, never by YAML:
 * `no`, `1.20` and `2026-03-01` are text until a table wants something else.
 *
 * Refused, with line and column: anchors, aliases, tags, merge keys,
 * duplicate keys, several documents, directives, bytes that are not UTF-8, a
 * byte order mark, control characters, secrets (never shown), and whatever
 * exceeds LIMIT_YAML_*.  Errors go to the diag, all of a file in one run;
 * after one in the text's own grammar the rest of the file is not read.
 */
enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	int absent;            /* a plain null, ~ or nothing */
	const char *text;      /* of YAML_TEXT: NUL-terminated */
	size_t len;
	const char *key;       /* where this is the entry of a map */
	struct mark at, keyat;
	struct yaml *first, *next; /* entries, in the order written */
	size_t n;
};

/* The root, always a map; NULL where nothing could be read.  name is what
 * messages call the file, and lives as long as the tree. */
struct yaml *yaml_read(struct arena *, const char *name, const void *, size_t,
    struct diag *);

/* The entry of a map, or NULL; one that is absent counts as not there. */
struct yaml *yaml_find(const struct yaml *, const char *key);

/* The entry whose key comes next in byte order (last NULL: the first), or
 * NULL after the last.  For small maps: it looks at every entry. */
const struct yaml *yaml_after(const struct yaml *, const struct yaml *last);

/* 1 if the map says `schema: want`; else 0, and the diag says what it has. */
int yaml_schema(const struct yaml *, const char *want, struct diag *);


/*
 * Reads a value as `type` asks (model/ref.h); `of` holds the choices, or the
 * least and greatest number.  Something absent is VALUE_NULL.  -1 after an
 * error, which names the field.
 */
int yaml_value(struct arena *, const struct yaml *, enum field type,
    const char *of, struct value *, struct diag *);

/* "NAME: unknown field ..." with the nearest of the words, if one is near. */
void yaml_unknown(const struct yaml *, const char *const *known, size_t n,
    struct diag *);

/* Text as a message shows it: in quotes, cut, hidden characters as tokens. */
const char *yaml_quote(struct arena *, const char *);

/*
 * A closed map into a struct.  Rows of a table:
 *
 *	{ "title", YAML_IS_VALUE, FIELD_TEXT, YAML_REQUIRED, NULL,
 *	    offsetof(struct x, title), 0, NULL }
 *
 * A value goes to const char * (text), int (FIELD_BOOL) or int64_t; a list of
 * text to const char ** and size_t (`count`); an object into a struct that
 * lies inside; a list of objects to a pointer and size_t.  A field that is
 * absent leaves its place as it was.
 */
enum yaml_shape {
	YAML_IS_VALUE,
	YAML_IS_TEXTS,
	YAML_IS_OBJECT,
	YAML_IS_OBJECTS,
	YAML_IS_NODE,   /* struct yaml *, for what a table cannot say */
	YAML_IS_IGNORED
};
#define YAML_REQUIRED 1

struct yaml_object;

struct yaml_field {
	const char *name;
	enum yaml_shape shape;
	enum field type;
	int flags;
	const char *of;
	size_t offset, count;
	const struct yaml_object *object;
};

struct yaml_object {
	const struct yaml_field *field;
	size_t n, size;
	size_t at; /* offset of a struct mark, or YAML_NOWHERE */
};
#define YAML_NOWHERE SIZE_MAX

void yaml_into(struct arena *, const struct yaml *, const struct yaml_object *,
    void *, struct diag *);

#endif
