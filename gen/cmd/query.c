#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/date.h"
#include "base/jsonw.h"
#include "base/out.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "cmd/facts.h"
#include "cmd/reply.h"
#include "eval/query.h"

#define CELL 48 /* characters of a cell in the text table */

/* The answer on its way out.  A writer gets each row as it is read. */
struct answer {
	struct arena *arena;
	struct query query;
	const struct writer *writer;
	struct str out;
	uint64_t matches, blind, limit, shown;
	int blind_too;          /* rows of which it cannot be said, as well */
	int terminal;           /* somebody looks at standard output */
	char **cell;            /* text: rows of ncell cells, until the end */
	size_t ncell, capcell;
	size_t *order;          /* json: columns by name */
};

struct writer {
	const char *name;
	uint64_t limit; /* rows, if --limit does not say; 0: all */
	void (*head)(struct answer *);
	void (*row)(struct answer *, const struct value *);
};

struct own {
	const char *columns, *format, *limit, *blind;
	const char *proof;
	struct reply_want reply;
};

/* A column's name: stream and seq come first, whatever was asked for. */
static const char *
column_name(const struct answer *x, size_t i)
{
	return i == 0 ? "stream" : i == 1 ? "seq" :
	    event_column[x->query.col[i - 2]].name;
}

static const struct value *
column_value(const struct value *v, size_t i)
{
	return i < 2 ? &v[i] : &v[QUERY_FIXED + i - 2];
}

static size_t
ncolumn(const struct answer *x)
{
	return 2 + x->query.ncol;
}

/* Text: a table of what a terminal can show. */

static int
is_moment(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && strcmp(name + n - 3, "_us") == 0 &&
	    strcmp(name, "duration_us") != 0;
}

static size_t
width(const char *p)
{
	size_t n = 0;

	for (; *p != '\0'; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	return n;
}

static char *
cell(const struct answer *x, const char *name, const struct value *v)
{
	struct str s = str_new(x->arena);
	size_t end = 0, n = 0;

	if (v->type == VALUE_NULL)
		str_addz(&s, "-");
	else if (v->type == VALUE_TEXT)
		utf8_visible(&s, v->p, v->len, 0);
	else if (is_moment(name))
		date_add_time(&s, v->i);
	else
		str_addi(&s, v->i);
	while (end < s.len && n <= CELL)
		n += ((unsigned char)s.p[++end] & 0xc0) != 0x80;
	if (n > CELL) {
		s.len = end - 1;
		while (((unsigned char)s.p[s.len] & 0xc0) == 0x80)
			s.len--;
		str_addz(&s, "..");
	}
	return s.p;
}

static void
text_head(struct answer *x)
{
	for (size_t i = 0; i < ncolumn(x); i++)
		*VEC_PUSH(x->arena, x->cell, x->ncell, x->capcell) =
		    arena_strdup(x->arena, column_name(x, i));
}

static void
text_row(struct answer *x, const struct value *v)
{
	for (size_t i = 0; i < ncolumn(x); i++)
		*VEC_PUSH(x->arena, x->cell, x->ncell, x->capcell) =
		    cell(x, column_name(x, i), column_value(v, i));
}

static void
text_end(struct answer *x)
{
	size_t n = ncolumn(x), *w = arena_array(x->arena, n, sizeof(*w));

	if (x->shown == 0)
		return;
	for (size_t i = 0; i < x->ncell; i++)
		if (width(x->cell[i]) > w[i % n])
			w[i % n] = width(x->cell[i]);
	for (size_t i = 0; i < x->ncell; i++) {
		size_t pad = i % n == n - 1 ? 0 :
		    w[i % n] - width(x->cell[i]) + 2;

		(void)printf("%s%*s%s", x->cell[i], (int)pad, "",
		    i % n == n - 1 ? "\n" : "");
	}
}

/* CSV: values as the store has them, but for what a terminal would obey. */

static void
csv_cell(struct answer *x, const struct value *v)
{
	struct str s = str_new(x->arena);

	if (v->type == VALUE_INT) {
		csv_int(&x->out, v->i);
	} else if (v->type == VALUE_TEXT && x->terminal) {
		utf8_visible(&s, v->p, v->len, 0);
		csv_text(&x->out, s.p, s.len);
	} else if (v->type == VALUE_TEXT) {
		csv_text(&x->out, v->p, v->len);
	}
}

static void
csv_head(struct answer *x)
{
	for (size_t i = 0; i < ncolumn(x); i++) {
		if (i > 0)
			csv_next(&x->out);
		csv_text(&x->out, column_name(x, i),
		    strlen(column_name(x, i)));
	}
	csv_end(&x->out);
}

static void
csv_row(struct answer *x, const struct value *v)
{
	for (size_t i = 0; i < ncolumn(x); i++) {
		if (i > 0)
			csv_next(&x->out);
		csv_cell(x, column_value(v, i));
	}
	csv_end(&x->out);
	(void)fwrite(x->out.p, 1, x->out.len, stdout);
	str_reset(&x->out);
}

/* JSON: an object a row, of the columns that are not empty. */

/* Keys of RFC 8785 rise: the columns in the order of their names. */
static void
json_head(struct answer *x)
{
	size_t n = ncolumn(x);

	x->order = arena_array(x->arena, n, sizeof(*x->order));
	for (size_t i = 0; i < n; i++) {
		size_t k = i;

		for (; k > 0 && strcmp(column_name(x, x->order[k - 1]),
		    column_name(x, i)) > 0; k--)
			x->order[k] = x->order[k - 1];
		x->order[k] = i;
	}
}

static void
json_row(struct answer *x, const struct value *v)
{
	const char *last = NULL;
	struct jsonw w;

	if (x->shown > 1)
		str_addc(&x->out, ',');
	jsonw_init(&w, &x->out);
	jsonw_object(&w);
	for (size_t i = 0; i < ncolumn(x); i++) {
		const struct value *c = column_value(v, x->order[i]);
		const char *name = column_name(x, x->order[i]);

		if (c->type == VALUE_NULL || str_eq(name, last))
			continue;
		last = name;
		jsonw_key(&w, name);
		if (c->type == VALUE_TEXT)
			jsonw_text(&w, c->p, c->len);
		else
			jsonw_int(&w, c->i);
	}
	jsonw_end(&w, '}');
}

static void
json_end(struct answer *x, const struct options *o, const char *expr)
{
	struct str s = str_new(x->arena);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_kint(&w, "blind", (int64_t)x->blind);
	jsonw_ktext(&w, "expr", expr);
	jsonw_ktext(&w, "format", "exhibit-query/1");
	jsonw_kint(&w, "from_us", o->from_us);
	jsonw_kint(&w, "matches", (int64_t)x->matches);
	jsonw_key(&w, "rows");
	jsonw_array(&w);
	jsonw_raw(&w, x->out.p == NULL ? "" : x->out.p, x->out.len);
	jsonw_end(&w, ']');
	jsonw_ktext(&w, "sql", x->query.sql);
	jsonw_kint(&w, "to_us", o->to_us);
	jsonw_end(&w, '}');
	(void)printf("%s\n", s.p);
}

static const struct writer writers[] = {
	{ "text", 50, text_head, text_row },
	{ "csv", 0, csv_head, csv_row },
	{ "json", 10000, json_head, json_row },
};

/* The rows. */

static int
take_row(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	struct answer *x = ctx;
	int blind = v[2].type == VALUE_NULL;

	(void)ncol;
	(void)e;
	*(blind ? &x->blind : &x->matches) += 1;
	if ((blind && !x->blind_too) || (x->limit > 0 && x->shown >= x->limit))
		return 0;
	x->shown++;
	x->writer->row(x, v);
	return 0;
}

static int
any_row(void *ctx, const struct value *v, size_t ncol, struct err *e)
{
	(void)ncol;
	(void)e;
	*(uint64_t *)ctx += (uint64_t)v[0].i;
	return 0;
}

/* Says what was found, and what could not be said.  The status. */
static int
conclude(struct answer *x, const struct options *o, struct facts *f,
    struct err *e)
{
	uint64_t all = x->matches + x->blind, n = all;

	for (size_t i = 0; all == 0 && i < f->nstore; i++)
		if (store_query(f->store[i], "SELECT count(*) FROM event e "
		    "WHERE e.occurred_us >= :from_us AND e.occurred_us < "
		    ":to_us", o->from_us, o->to_us, o->as_of_us, any_row, &n,
		    e) == -1)
			return -1;
	if (n == 0)
		return err_set(e, ERR_UNDECIDED, "no event in the period: "
		    "nothing was asked");
	cmd_say(o, "%" PRIu64 " %s", x->matches, x->matches == 1 ?
	    "event matches" : "events match");
	if (x->blind > 0)
		cmd_say(o, "%" PRIu64 " more cannot be decided: a column that "
		    "the expression reads is empty%s", x->blind,
		    x->blind_too ? "" : " (--blind lists them too)");
	n = x->blind_too ? all : x->matches;
	if (x->shown < n)
		cmd_say(o, "%" PRIu64 " of them shown: --limit 0 shows all",
		    x->shown);
	return 0;
}

static int
read_own(struct answer *x, const struct options *o, const struct own *own,
    struct err *e)
{
	const char *format = own->format ? own->format : o->json ? "json" :
	    "text";
	size_t n = sizeof(writers) / sizeof(writers[0]);
	char *end;

	for (size_t i = 0; i < n; i++)
		if (strcmp(writers[i].name, format) == 0)
			x->writer = &writers[i];
	if (x->writer == NULL)
		return err_set(e, ERR_INPUT, "--format %s: want text, csv or "
		    "json", format);
	x->limit = x->writer->limit;
	if (own->limit != NULL) {
		x->limit = strtoull(own->limit, &end, 10);
		if (*end != '\0' || strchr("0123456789", *own->limit) == NULL)
			return err_set(e, ERR_INPUT, "--limit %s: want a "
			    "whole number; 0 is all", own->limit);
	}
	x->blind_too = own->blind != NULL;
	x->terminal = isatty(STDOUT_FILENO);
	return 0;
}

static int
ask(struct answer *x, const struct options *o, const struct own *own,
    const char *expr, struct facts *f, struct err *e)
{
	struct diag d;

	diag_init(&d, x->arena);
	if (facts_read(x->arena, o, f, e) == -1)
		return -1;
	if (query_compile(x->arena, f->catalogue, expr, own->columns,
	    &x->query, &d) == -1)
		return cmd_diag(&d, e);
	x->writer->head(x);
	if (facts_stores(x->arena, o, f, e) == -1)
		return -1;
	for (size_t i = 0; i < f->nstore; i++)
		if (store_load_ref(f->store[i], f->ref, e) == -1 ||
		    store_query(f->store[i], x->query.sql, o->from_us, o->to_us,
		    o->as_of_us, take_row, x, e) == -1)
			return -1;
	if (x->writer->row == text_row)
		text_end(x);
	else if (x->writer->row == json_row)
		json_end(x, o, expr);
	return conclude(x, o, f, e);
}

/* What to show has no place in a reply, which holds whole records. */
static int
hand_over(struct arena *a, const struct options *o, const struct own *own,
    const char *expr, struct err *e)
{
	struct reply_want want = own->reply;

	if (own->columns || own->format || own->limit || own->blind)
		return err_set(e, ERR_INPUT, "--columns, --format, --limit "
		    "and --blind are for rows that are shown; a reply holds "
		    "whole records"), (int)e->kind;
	if (own->proof != NULL && (want.dir != NULL || want.disclose != NULL))
		return err_set(e, ERR_INPUT, "--proof DIR is --reply DIR "
		    "without contents: give one of them"), (int)e->kind;
	if (own->proof != NULL)
		want.dir = own->proof;
	return reply_run(a, o, &want, expr, e);
}

static int
run(struct arena *a, const struct options *o, const void *p, int argc,
    char **argv, struct err *e)
{
	struct answer x = { .arena = a, .out = str_new(a) };
	const struct own *own = p;
	struct facts f = { 0 };
	int rc;

	if (argc != 1)
		return err_set(e, ERR_INPUT, "query wants one expression, "
		    "as \"action = 'refund.create' AND amount_minor > 50000\""),
		    (int)e->kind;
	if (own->proof != NULL || own->reply.dir != NULL)
		return hand_over(a, o, own, argv[0], e);
	if (own->reply.sample || own->reply.nonce || own->reply.disclose ||
	    own->reply.previous)
		return err_set(e, ERR_INPUT, "--sample, --nonce, --disclose "
		    "and --previous are for --reply DIR"), (int)e->kind;
	if (read_own(&x, o, p, e) == -1)
		return (int)e->kind;
	rc = ask(&x, o, p, argv[0], &f, e);
	if (facts_close(&f) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "a store changed while it was "
		    "read");
	if (rc == 0)
		rc = out_flush(e);
	return rc == -1 ? (int)e->kind : 0;
}

static const struct option_row options[] = {
	{ "--columns", "LIST", "columns to show, a,b,c; stream and seq come "
	    "first", offsetof(struct own, columns) },
	{ "--format", "F", "text, csv or json (default text)",
	    offsetof(struct own, format) },
	{ "--limit", "N", "rows to show, 0 for all (default text 50, json "
	    "10000, csv all)", offsetof(struct own, limit) },
	{ "--blind", NULL, "rows too for which an empty column leaves it open",
	    offsetof(struct own, blind) },
	{ "--reply", "DIR", "make a folder of their records with proofs, for "
	    "an auditor; '' is the whole log", offsetof(struct own,
	    reply.dir) },
	{ "--sample", "K", "reply: the K rows of smallest rank, with --nonce",
	    offsetof(struct own, reply.sample) },
	{ "--nonce", "HEX", "reply: the auditor's nonce",
	    offsetof(struct own, reply.nonce) },
	{ "--disclose", "LIST", "reply: contents too, by their columns, "
	    "input_hash,...", offsetof(struct own, reply.disclose) },
	{ "--previous", "FILE", "reply: prove that the log extends this "
	    "checkpoint", offsetof(struct own, reply.previous) },
	{ "--proof", "DIR", "as --reply, and no content",
	    offsetof(struct own, proof) },
	{ NULL, NULL, NULL, 0 }
};

const struct command cmd_query = {
	.name = "query",
	.args = "EXPR",
	.help = "events of the period that match an expression: a table, CSV, "
	    "JSON, a reply",
	.option = options,
	.own_size = sizeof(struct own),
	.run = run,
};
