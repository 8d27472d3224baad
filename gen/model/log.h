#ifndef MODEL_LOG_H
#define MODEL_LOG_H

#include "model/ref.h"

/* The tables of build.log (model/log.def), in the order of that file; rows
 * are filled by eval.  A column's says is its definition. */
struct log_schema {
	const char *name;
	const struct ref_col *col;
	size_t ncol;
	const char *says;
};

extern const struct log_schema log_schema[];
extern const size_t log_nschema;
const struct log_schema *log_schema_find(const char *table); /* or NULL */

#endif
