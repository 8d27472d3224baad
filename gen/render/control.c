#include <inttypes.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "model/build.h"
#include "render/control.h"

static void
cite_json(struct jsonw *w, const struct build *b, const struct cite *c)
{
	jsonw_object(w);
	if (c->at.file != NULL) {
		jsonw_ktext(w, "file", c->at.file);
		jsonw_kint(w, "line", c->at.line);
	} else {
		jsonw_ktext(w, "dir", b->stream[c->stream].dir);
		jsonw_kint(w, "seq", (int64_t)c->seq);
	}
	jsonw_end(w, '}');
}

static void
cites_json(struct jsonw *w, const struct build *b, const char *key,
    const struct cite *c, size_t n)
{
	jsonw_key(w, key);
	jsonw_array(w);
	for (size_t i = 0; i < n; i++)
		cite_json(w, b, &c[i]);
	jsonw_end(w, ']');
}

static void
result_json(struct jsonw *w, const struct build *b, const struct result *r)
{
	jsonw_object(w);
	jsonw_kint(w, "b", (int64_t)r->b);
	jsonw_ktext(w, "detail", r->detail);
	cites_json(w, b, "exceptions", r->exception, r->nexception);
	if (r->first_us != 0)
		jsonw_kint(w, "first_us", r->first_us);
	if (r->last_us != 0)
		jsonw_kint(w, "last_us", r->last_us);
	jsonw_kint(w, "n", (int64_t)r->n);
	jsonw_ktext(w, "outcome", outcome_name(r->outcome));
	jsonw_ktext(w, "reason", r->reason);
	cites_json(w, b, "sample", r->sample, r->nsample);
	jsonw_ktext(w, "scope", r->scope);
	if (r->n > 0)
		jsonw_ktext(w, "weakest_grade", grade_name(r->weakest));
	jsonw_kint(w, "x", (int64_t)r->x);
	jsonw_end(w, '}');
}

void
control_json(struct str *s, const struct build *b, const struct test *t)
{
	char hex[HASH_HEXLEN];
	struct jsonw w;

	jsonw_init(&w, s);
	jsonw_object(&w);
	jsonw_ktext(&w, "format", "exhibit-test/1");
	jsonw_ktext(&w, "over", t->over);
	jsonw_key(&w, "parameters");
	jsonw_object(&w);
	jsonw_kint(&w, "as_of_us", b->as_of_us);
	jsonw_kint(&w, "from_us", b->from_us);
	jsonw_kint(&w, "to_us", b->to_us);
	jsonw_end(&w, '}');
	jsonw_key(&w, "results");
	jsonw_array(&w);
	for (size_t i = 0; i < b->findings->nresult; i++)
		if (b->findings->result[i].test == t)
			result_json(&w, b, &b->findings->result[i]);
	jsonw_end(&w, ']');
	if (t->sql != NULL) {
		hash_hex(hex, t->sha256);
		jsonw_ktext(&w, "sha256", hex);
		jsonw_ktext(&w, "sql", t->sql);
	}
	jsonw_ktext(&w, "test", t->id);
	jsonw_ktext(&w, "title", t->title);
	jsonw_end(&w, '}');
	str_addc(s, '\n');
}

static void
sql_value(struct str *s, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		str_addz(s, "NULL");
		break;
	case VALUE_INT:
		str_addi(s, v->i);
		break;
	case VALUE_TEXT:
		str_add_sql(s, v->p, v->len);
		break;
	}
}

void
control_ref_sql(struct str *s, const struct ref *ref)
{
	for (size_t i = 0; i < ref->n; i++) {
		const struct ref_table *t = &ref->table[i];

		str_addf(s, "CREATE TEMP TABLE %s (", t->name);
		for (size_t c = 0; c < t->ncol; c++)
			str_addf(s, "%s%s %s", c > 0 ? ", " : "",
			    t->col[c].name, t->col[c].type == VALUE_INT ?
			    "BIGINT" : "TEXT");
		str_addz(s, ");\n");
		for (size_t r = 0; r < t->nrow; r++) {
			str_addf(s, "INSERT INTO %s VALUES (", t->name);
			for (size_t c = 0; c < t->ncol; c++) {
				if (c > 0)
					str_addz(s, ", ");
				sql_value(s, &t->cell[r * t->ncol + c]);
			}
			str_addz(s, ");\n");
		}
	}
}

void
control_params_sqlite(struct str *s, const struct build *b)
{
	str_addf(s, ".parameter init\n.parameter set :from_us %" PRId64 "\n"
	    ".parameter set :to_us %" PRId64 "\n"
	    ".parameter set :as_of_us %" PRId64 "\n", b->from_us, b->to_us,
	    b->as_of_us);
}

void
control_params_psql(struct str *s, const struct build *b)
{
	str_addf(s, "\\set from_us %" PRId64 "\n\\set to_us %" PRId64 "\n"
	    "\\set as_of_us %" PRId64 "\n", b->from_us, b->to_us, b->as_of_us);
}

void
control_test_sql(struct str *s, const struct test *t)
{
	str_addf(s, "-- %s: scope, population n, exceptions x, blind rows b\n"
	    "SELECT scope, count(*) AS n,\n"
	    "  count(CASE WHEN broken = 1 THEN 1 END) AS x,\n"
	    "  count(CASE WHEN broken IS NULL THEN 1 END) AS b\n"
	    "FROM (\n%s\n) AS test GROUP BY scope ORDER BY scope;\n", t->id,
	    t->sql);
}
