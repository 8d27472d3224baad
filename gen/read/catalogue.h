#ifndef READ_CATALOGUE_H
#define READ_CATALOGUE_H

#include "model/control.h"

struct arena;
struct diag;
struct project;

/*
 * Reads mappings/ as built into the program, and a project's own
 * controls/ (docs/format/controls.md).  The project may be NULL; one
 * with `frameworks` leaves out the requirements of all others.
 *
 * Everything but the predicates is checked here: unknown keys, requirements,
 * tables, tests and evidence; ids that come twice, also in another case.  The
 * text of predicates is kept with its place for eval_compile.  Never NULL;
 * whether it is good is in the diag.  Frameworks, requirements, controls and
 * tests are in the order of their files (by name), shipped ones first.
 */
struct catalogue *catalogue_read(struct arena *, struct project *,
    struct diag *);

#endif
