#include <string.h>

#include "model/log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define COLUMN(c, t, k, s) { .name = #c, .type = VALUE_##t, \
	.audience = AUDIENCE_AUDITOR, .key = (k), \
	.flags = (k) ? REF_KEY : 0, .says = (s) },
#define LOG(t, s) static const struct ref_col t##_col[] = {
#define LOG_KEY(c, t, s) COLUMN(c, t, 1, s)
#define LOG_COL(c, t, s) COLUMN(c, t, 0, s)
#define LOG_END(t) };
#include "model/log.def"

const struct log_schema log_schema[] = {
#define LOG(t, s) { #t, t##_col, COUNT(t##_col), s },
#include "model/log.def"
};
const size_t log_nschema = COUNT(log_schema);

const struct log_schema *
log_schema_find(const char *table)
{
	for (size_t i = 0; i < log_nschema; i++)
		if (strcmp(log_schema[i].name, table) == 0)
			return &log_schema[i];
	return NULL;
}
