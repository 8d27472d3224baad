#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/build.h"
#include "render/report.h"

/*
 * A Code Quality report of GitLab: a list of issues, [] where there is none.
 * What was not evaluated is not "none": it is an issue of its own.
 */
static const char *
severity(const struct report_gap *g)
{
	static const char *const word[] = {
		[SEV_LOW] = "minor", [SEV_MEDIUM] = "major",
		[SEV_HIGH] = "critical", [SEV_CRITICAL] = "blocker",
	};

	return g->standing >= STANDING_KNOWN ? "info" :
	    word[g->gap->verdict->control->severity];
}

static void
put_issue(struct jsonw *w, const char *check, const char *description,
    const char *fingerprint, const char *path, uint32_t line,
    const char *severity_word)
{
	struct str v = str_new(w->s->arena);

	utf8_visible(&v, description, strlen(description), 0);
	jsonw_object(w);
	jsonw_ktext(w, "check_name", check);
	jsonw_ktext(w, "description", v.p);
	jsonw_ktext(w, "fingerprint", fingerprint);
	jsonw_key(w, "location");
	jsonw_object(w);
	jsonw_key(w, "lines");
	jsonw_object(w);
	jsonw_kint(w, "begin", line > 0 ? line : 1);
	jsonw_end(w, '}');
	jsonw_ktext(w, "path", path);
	jsonw_end(w, '}');
	jsonw_ktext(w, "severity", severity_word);
	jsonw_end(w, '}');
}

static void
put_cause(struct jsonw *w, const struct report *r, const struct report_gap *g,
    const struct result *c)
{
	const struct gap *gap = g->gap;
	const char *id = c != NULL ? report_id(c) : gap->verdict->control->id;
	struct str s = str_new(r->arena), note = str_new(r->arena);

	report_note(&note, r, gap, g->standing);
	str_addf(&s, "%s %s: ", id, gap->verdict->scope);
	report_words(&s, gap, c);
	str_addf(&s, " (%s%s%s). Fix: ", gap->id, note.len > 0 ? ", " : "",
	    note.p);
	report_fix(&s, gap);
	put_issue(w, id, s.p, arena_printf(r->arena, "%s-%s", gap->id, id),
	    report_path(r, &gap->fix), gap->fix.line, severity(g));
}

void
report_gitlab(struct str *s, const struct report *r)
{
	const struct mark project = { "exhibit.yaml", 1, 1 };
	struct jsonw w;

	jsonw_init(&w, s);
	jsonw_array(&w);
	for (size_t i = 0; i < r->ntrouble; i++)
		put_issue(&w, "exhibit", r->trouble[i].text,
		    arena_printf(r->arena, "exhibit-status-%d-%zu",
		    (int)r->trouble[i].kind, i), report_path(r, &project), 1,
		    "blocker");
	for (size_t i = 0; i < r->ngap; i++) {
		const struct report_gap *g = &r->gap[i];

		for (size_t k = 0; k < g->ncause; k++)
			put_cause(&w, r, g, g->cause[k]);
		if (g->ncause == 0)
			put_cause(&w, r, g, NULL);
	}
	jsonw_end(&w, ']');
	str_addc(s, '\n');
}
