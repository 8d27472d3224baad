#include "base/arena.h"
#include "pack/jsonread.h"
#include "pack/name.h"
#include "pack/packjson.h"

const char *
jsonread_text(struct jsonread *r, const json_t *o, const char *key)
{
	const char *s = r->bad ? NULL : packjson_text(o, key, r->fault);

	if (s == NULL || name_text(key, s, r->fault) == -1) {
		r->bad = 1;
		return "";
	}
	return arena_strdup(r->arena, s);
}

int64_t
jsonread_int(struct jsonread *r, const json_t *o, const char *key)
{
	int64_t n = 0;

	if (!r->bad && packjson_int(o, key, &n, r->fault) == -1)
		r->bad = 1;
	return n;
}

uint64_t
jsonread_uint(struct jsonread *r, const json_t *o, const char *key)
{
	uint64_t n = 0;

	if (!r->bad && packjson_uint(o, key, &n, r->fault) == -1)
		r->bad = 1;
	return n;
}

const json_t *
jsonread_list(struct jsonread *r, const json_t *o, const char *key, size_t *n)
{
	const json_t *v = json_object_get(o, key);

	*n = json_array_size(v);
	if (!json_is_array(v) && !r->bad) {
		r->bad = 1;
		(void)fault_set(r->fault, FAULT_JSON_FORM, "%s: want a list",
		    key);
	}
	return v;
}

int
jsonread_refuse(struct jsonread *r, const char *what)
{
	if (!r->bad)
		(void)fault_set(r->fault, FAULT_JSON_FORM, "%s", what);
	r->bad = 1;
	return -1;
}
