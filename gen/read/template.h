#ifndef READ_TEMPLATE_H
#define READ_TEMPLATE_H

#include <stddef.h>

#include "model/template.h"

struct arena;
struct diag;

/*
 * Compiles templates (docs/templates.md).  cmark parses the Markdown first;
 * then tags in its text become nodes.  So a value is never parsed, and no
 * value can change the structure.  All faults of a file are found in one run,
 * each as file:line:column with the nearest name.
 */

/* 0 and the template, or -1 and lines in the diag. */
int template_compile(struct arena *, const char *file, const char *text,
    size_t len, const struct template_schema *, struct template **,
    struct diag *);

/* The templates of these kinds: built in, single files of them replaced by
 * those in dir (NULL: none).  A file there that names no kind is a fault. */
int template_read(struct arena *, const char *dir,
    const struct template_schema *const *, size_t n, struct template_set *,
    struct diag *);

#endif
