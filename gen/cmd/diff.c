#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "pack/compare.h"

static const char *const way_word[] = { "worse", "better", "changed" };

struct diff {
	struct arena *arena;
	struct said *before, *after;
	struct change *change;
	size_t n;
};

static size_t
count(const struct diff *d, enum change_way way)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->change[i].way == way;
	return n;
}

/* Text: what got worse first, then what got better, then the rest. */

static void
print_change(struct diff *d, const struct change *c)
{
	const char *line;

	if (c->before == NULL)
		line = arena_printf(d->arena, "%s %s: new (%s)", c->kind,
		    c->id, c->after);
	else if (c->after == NULL)
		line = arena_printf(d->arena, "%s %s: gone (was %s)", c->kind,
		    c->id, c->before);
	else
		line = arena_printf(d->arena, "%s %s: %s -> %s", c->kind,
		    c->id, c->before, c->after);
	(void)printf("  ");
	out_text(stdout, line);
	(void)putchar('\n');
}

static void
print_text(struct diff *d)
{
	for (enum change_way w = CHANGE_WORSE; w <= CHANGE_OTHER; w++) {
		if (count(d, w) == 0)
			continue;
		(void)printf("%s\n", way_word[w]);
		for (size_t i = 0; i < d->n; i++)
			if (d->change[i].way == w)
				print_change(d, &d->change[i]);
	}
	(void)printf("%zu worse, %zu better, %zu changed\n",
	    count(d, CHANGE_WORSE), count(d, CHANGE_BETTER),
	    count(d, CHANGE_OTHER));
}

static void
print_json(struct diff *d)
{
	struct str s = str_new(d->arena);
	struct jsonw w;

	jsonw_init(&w, &s);
	jsonw_object(&w);
	jsonw_ktext(&w, "after", said_period(d->after));
	jsonw_ktext(&w, "before", said_period(d->before));
	jsonw_key(&w, "changes");
	jsonw_array(&w);
	for (size_t i = 0; i < d->n; i++) {
		const struct change *c = &d->change[i];

		jsonw_object(&w);
		jsonw_ktext(&w, "after", c->after);
		jsonw_ktext(&w, "before", c->before);
		jsonw_ktext(&w, "id", c->id);
		jsonw_ktext(&w, "kind", c->kind);
		jsonw_ktext(&w, "way", way_word[c->way]);
		jsonw_end(&w, '}');
	}
	jsonw_end(&w, ']');
	jsonw_kint(&w, "declarations_compared", said_declares(d->before) &&
	    said_declares(d->after));
	jsonw_ktext(&w, "format", "exhibit-diff/1");
	jsonw_ktext(&w, "organisation", said_organisation(d->after));
	jsonw_end(&w, '}');
	(void)printf("%s\n", s.p);
}

static struct said *
read_side(struct arena *a, const char *path, struct err *e)
{
	struct fault f = { 0 };
	struct said *s = said_read(a, path, &f);

	if (s == NULL)
		(void)fault_err(&f, path, e);
	return s;
}

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	struct diff d = { .arena = a };

	(void)own;
	if (argc != 2)
		return err_set(e, ERR_INPUT, "diff wants two packs, the "
		    "earlier one first: folders, ZIPs, or files of check "
		    "--json"), (int)e->kind;
	d.before = read_side(a, argv[0], e);
	d.after = d.before == NULL ? NULL : read_side(a, argv[1], e);
	if (d.after == NULL)
		return (int)e->kind;
	if (strcmp(said_organisation(d.before), said_organisation(d.after)))
		return err_set(e, ERR_INPUT, "%s is of %s, %s of %s", argv[0],
		    said_organisation(d.before), argv[1],
		    said_organisation(d.after)), (int)e->kind;
	d.n = said_compare(a, d.before, d.after, &d.change);
	if (o->json)
		print_json(&d);
	else
		print_text(&d);
	if (!said_declares(d.before) || !said_declares(d.after))
		cmd_say(o, "what is declared was not compared: a file of check "
		    "--json holds no registry");
	if (out_flush(e) == -1)
		return (int)e->kind;
	return d.n > 0 ? ERR_GAP : ERR_OK;
}

const struct command cmd_diff = {
	.name = "diff",
	.args = "OLD NEW",
	.help = "what changed between two packs: verdicts, gaps, results, "
	    "requirements, logs, and what is declared",
	.run = run,
};
