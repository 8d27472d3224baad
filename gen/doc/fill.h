#ifndef DOC_FILL_H
#define DOC_FILL_H

#include "doc/sec.h"

/*
 * Fills a compiled template: a walk over its tree that copies elements and
 * puts values in as nodes.  No value is ever parsed.
 */
void fill_template(struct arena *, struct docnode *parent,
    const struct template *, const struct facts *);

#endif
