#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/build.h"
#include "render/report.h"

/*
 * SARIF 2.1.0.  A result is what makes a gap, so nothing that passed is one;
 * what has no evidence is of kind review.  Rules are the tests and items that
 * ran, each with its requirements in the taxonomies.  Keys in byte order.
 */
#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

struct rule {
	const struct control *control;
	const struct test *test; /* or NULL */
	const struct item *item;
};

struct sarif {
	const struct report *r;
	struct jsonw w;
	struct rule *rule;
	size_t nrule;
	size_t *taxon;  /* of each requirement: its place in its taxonomy */
	uint8_t *cited; /* 1: a rule names it */
};

/* Plain text of a message: brackets would be a link, braces a placeholder. */
static void
put_message(struct sarif *o, const char *key, const char *text)
{
	struct str v = str_new(o->r->arena), s = str_new(o->r->arena);

	utf8_visible(&v, text, strlen(text), 0);
	for (size_t i = 0; i < v.len; i++) {
		if (strchr("[]\\", v.p[i]) != NULL)
			str_addc(&s, '\\');
		else if (v.p[i] == '{' || v.p[i] == '}')
			str_addc(&s, v.p[i]);
		str_addc(&s, v.p[i]);
	}
	jsonw_key(&o->w, key);
	jsonw_object(&o->w);
	jsonw_ktext(&o->w, "text", s.p);
	jsonw_end(&o->w, '}');
}

/* A descriptor's text is shown as it is. */
static void
put_text(struct sarif *o, const char *key, const char *text)
{
	if (text == NULL)
		return;
	jsonw_key(&o->w, key);
	jsonw_object(&o->w);
	jsonw_ktext(&o->w, "text", text);
	jsonw_end(&o->w, '}');
}

static const char *
level(const struct control *c)
{
	return c->severity >= SEV_HIGH ? "error" :
	    c->severity == SEV_MEDIUM ? "warning" : "note";
}

/* A path as a URI reference: what is not unreserved is percent-encoded. */
static const char *
uri(struct sarif *o, const struct mark *at)
{
	const char *p = report_path(o->r, at);
	struct str s = str_new(o->r->arena);

	for (; *p != '\0'; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		    (*p >= '0' && *p <= '9') || strchr("-._~/@+", *p) != NULL)
			str_addc(&s, *p);
		else
			str_addf(&s, "%%%02X", (unsigned)(unsigned char)*p);
	return s.p;
}

static void
put_count(struct sarif *o, const char *key, uint64_t n)
{
	jsonw_key(&o->w, key);
	jsonw_uint(&o->w, n);
}

/* Rules, and the requirements that they rest on. */

static const char *
rule_id(const struct rule *k)
{
	return k->test != NULL ? k->test->id : k->item->id;
}

static void
find_rules(struct sarif *o)
{
	const struct report *r = o->r;

	o->rule = arena_array(r->arena, r->nresult + 1, sizeof(*o->rule));
	for (size_t i = 0; i < r->nresult; i++) {
		const struct result *one = r->result[i];
		size_t k = 0;

		/* Results of a test stand together, in the catalogue's order
		 * but for the scopes. */
		while (k < o->nrule && (o->rule[k].test != one->test ||
		    o->rule[k].item != one->item))
			k++;
		if (k == o->nrule)
			o->rule[o->nrule++] = (struct rule){ one->control,
				one->test, one->item };
	}
}

static size_t
rule_index(const struct sarif *o, const struct result *one)
{
	size_t k = 0;

	while (o->rule[k].test != one->test || o->rule[k].item != one->item)
		k++;
	return k;
}

static void
find_taxa(struct sarif *o)
{
	const struct catalogue *cat = o->r->build->catalogue;

	o->taxon = arena_array(o->r->arena, cat->nreq + 1, sizeof(*o->taxon));
	o->cited = arena_alloc(o->r->arena, cat->nreq + 1);
	for (size_t k = 0; k < o->nrule; k++) {
		const struct control *c = o->rule[k].control;

		for (size_t m = 0; m < c->nmap; m++)
			if (c->map[m].to != NULL && mapping_names(&c->map[m],
			    c, rule_id(&o->rule[k])))
				o->cited[c->map[m].to - cat->req] = 1;
	}
	for (size_t f = 0; f < cat->nframework; f++)
		for (size_t q = 0, n = 0; q < cat->nreq; q++)
			if (o->cited[q] && strcmp(cat->req[q].framework,
			    cat->framework[f].id) == 0)
				o->taxon[q] = n++;
}

/* What the target is to the rule: ours says what the control is to it. */
static const char *
relation(const char *rel)
{
	if (strcmp(rel, "subset-of") == 0)
		return "superset";
	if (strcmp(rel, "superset-of") == 0)
		return "subset";
	return strcmp(rel, "intersects-with") == 0 ? "relevant" : "equal";
}

static size_t
framework_index(const struct catalogue *cat, const char *id)
{
	size_t f = 0;

	while (f < cat->nframework && strcmp(cat->framework[f].id, id) != 0)
		f++;
	return f;
}

static void
put_relationship(struct sarif *o, const struct mapping *m)
{
	const struct catalogue *cat = o->r->build->catalogue;
	struct jsonw *w = &o->w;

	jsonw_object(w);
	put_message(o, "description", m->why);
	jsonw_key(w, "kinds");
	jsonw_array(w);
	jsonw_textz(w, relation(m->rel));
	jsonw_end(w, ']');
	jsonw_key(w, "target");
	jsonw_object(w);
	jsonw_ktext(w, "id", m->to->id);
	put_count(o, "index", o->taxon[m->to - cat->req]);
	jsonw_key(w, "toolComponent");
	jsonw_object(w);
	put_count(o, "index", framework_index(cat, m->to->framework));
	jsonw_ktext(w, "name", m->to->framework);
	jsonw_end(w, '}');
	jsonw_end(w, '}');
	jsonw_end(w, '}');
}

static void
put_rule(struct sarif *o, const struct rule *k)
{
	const struct control *c = k->control;
	struct jsonw *w = &o->w;

	jsonw_object(w);
	jsonw_key(w, "defaultConfiguration");
	jsonw_object(w);
	jsonw_ktext(w, "level", level(c));
	jsonw_end(w, '}');
	put_text(o, "fullDescription", arena_printf(o->r->arena, "%s (%s): %s",
	    c->id, c->title, c->objective));
	put_text(o, "help", k->test != NULL && k->test->fix_how != NULL ?
	    k->test->fix_how : arena_printf(o->r->arena,
	    "exhibit explain %s tells how it is fixed.", rule_id(k)));
	jsonw_ktext(w, "id", rule_id(k));
	jsonw_key(w, "properties");
	jsonw_object(w);
	jsonw_ktext(w, "severity", severity_name(c->severity));
	jsonw_key(w, "tags");
	jsonw_array(w);
	jsonw_textz(w, c->family);
	jsonw_textz(w, c->id);
	jsonw_end(w, ']');
	jsonw_end(w, '}');
	jsonw_key(w, "relationships");
	jsonw_array(w);
	for (size_t m = 0; m < c->nmap; m++)
		if (c->map[m].to != NULL && mapping_names(&c->map[m], c,
		    rule_id(k)))
			put_relationship(o, &c->map[m]);
	jsonw_end(w, ']');
	put_text(o, "shortDescription", k->test != NULL ? k->test->title :
	    k->item->title);
	jsonw_end(w, '}');
}

static void
put_taxonomy(struct sarif *o, const struct framework *f)
{
	const struct catalogue *cat = o->r->build->catalogue;
	struct jsonw *w = &o->w;

	jsonw_object(w);
	put_text(o, "fullDescription", f->title);
	jsonw_ktext(w, "name", f->id);
	jsonw_key(w, "taxa");
	jsonw_array(w);
	for (size_t q = 0; q < cat->nreq; q++) {
		if (!o->cited[q] || strcmp(cat->req[q].framework, f->id) != 0)
			continue;
		jsonw_object(w);
		jsonw_ktext(w, "id", cat->req[q].id);
		put_text(o, "shortDescription", cat->req[q].title);
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
	jsonw_end(w, '}');
}

/* Results */

static void
put_location(struct sarif *o, const struct gap *g)
{
	struct jsonw *w = &o->w;

	jsonw_key(w, "locations");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "physicalLocation");
	jsonw_object(w);
	jsonw_key(w, "artifactLocation");
	jsonw_object(w);
	jsonw_ktext(w, "uri", uri(o, &g->fix));
	jsonw_ktext(w, "uriBaseId", "%SRCROOT%");
	jsonw_end(w, '}');
	/* Line 0: the file is still to be made. */
	if (g->fix.line > 0) {
		jsonw_key(w, "region");
		jsonw_object(w);
		jsonw_kint(w, "startColumn", g->fix.col > 0 ? g->fix.col : 1);
		jsonw_kint(w, "startLine", g->fix.line);
		jsonw_end(w, '}');
	}
	jsonw_end(w, '}');
	jsonw_end(w, '}');
	jsonw_end(w, ']');
}

static void
put_suppressions(struct sarif *o, const struct report_gap *g)
{
	struct jsonw *w = &o->w;
	struct str s = str_new(o->r->arena);

	jsonw_key(w, "suppressions");
	jsonw_array(w);
	if (g->standing == STANDING_WAIVED) {
		report_note(&s, o->r, g->gap, g->standing);
		jsonw_object(w);
		jsonw_ktext(w, "justification", s.p);
		jsonw_ktext(w, "kind", "external");
		jsonw_ktext(w, "status", "accepted");
		jsonw_end(w, '}');
	}
	jsonw_end(w, ']');
}

static void
put_properties(struct sarif *o, const struct report_gap *g,
    const struct result *c)
{
	struct jsonw *w = &o->w;

	jsonw_key(w, "properties");
	jsonw_object(w);
	jsonw_ktext(w, "control", g->gap->verdict->control->id);
	jsonw_ktext(w, "owner", g->gap->owner);
	if (c != NULL)
		jsonw_ktext(w, "reason", c->reason);
	jsonw_ktext(w, "scope", g->gap->verdict->scope);
	jsonw_ktext(w, "severity",
	    severity_name(g->gap->verdict->control->severity));
	jsonw_ktext(w, "standing", standing_name(g->standing));
	jsonw_end(w, '}');
}

/* c NULL: a gap about a waiver, under the id of its control. */
static void
put_result(struct sarif *o, const struct report_gap *g, const struct result *c)
{
	const struct control *k = g->gap->verdict->control;
	struct jsonw *w = &o->w;
	struct str s = str_new(o->r->arena);
	int failed = c == NULL || c->outcome == OUT_FAIL;

	str_addf(&s, "%s: ", g->gap->verdict->scope);
	report_words(&s, g->gap, c);
	str_addf(&s, " (%s). Fix: ", g->gap->id);
	report_fix(&s, g->gap);
	jsonw_object(w);
	if (o->r->since)
		jsonw_ktext(w, "baselineState", g->known ? "unchanged" :
		    "new");
	jsonw_ktext(w, "kind", failed ? "fail" : "review");
	jsonw_ktext(w, "level", failed ? level(k) : "none");
	put_location(o, g->gap);
	put_message(o, "message", s.p);
	jsonw_key(w, "partialFingerprints");
	jsonw_object(w);
	jsonw_ktext(w, "exhibitGap/v1", g->gap->id);
	jsonw_end(w, '}');
	put_properties(o, g, c);
	jsonw_ktext(w, "ruleId", c != NULL ? report_id(c) : k->id);
	if (c != NULL)
		put_count(o, "ruleIndex", rule_index(o, c));
	put_suppressions(o, g);
	jsonw_end(w, '}');
}

/* Worst first. */
static void
put_results(struct sarif *o)
{
	const struct report *r = o->r;
	size_t n = 0;

	jsonw_key(&o->w, "results");
	jsonw_array(&o->w);
	for (size_t i = 0; i < r->ngap; i++) {
		const struct report_gap *g = &r->gap[i];
		size_t all = g->ncause > 0 ? g->ncause : 1;

		for (size_t k = 0; k < all; k++)
			if (n++ < LIMIT_SARIF_RESULTS)
				put_result(o, g, g->ncause > 0 ? g->cause[k] :
				    NULL);
	}
	jsonw_end(&o->w, ']');
}

/* The run */

static size_t
left_out(const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ngap; i++)
		n += r->gap[i].ncause > 0 ? r->gap[i].ncause : 1;
	return n > LIMIT_SARIF_RESULTS ? n - LIMIT_SARIF_RESULTS : 0;
}

static void
put_notification(struct sarif *o, const char *at, const char *text)
{
	jsonw_object(&o->w);
	jsonw_ktext(&o->w, "level", at);
	put_message(o, "message", text);
	jsonw_end(&o->w, '}');
}

/* Undecided is not a failure of the run; what could not be read or does not
 * hold is. */
static void
put_invocation(struct sarif *o)
{
	const struct report *r = o->r;
	struct jsonw *w = &o->w;
	size_t more = left_out(r);

	jsonw_key(w, "invocations");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_key(w, "executionSuccessful");
	jsonw_bool(w, r->status != ERR_INTEGRITY && r->status != ERR_SYSTEM &&
	    r->status != ERR_INPUT);
	jsonw_kint(w, "exitCode", r->status);
	jsonw_key(w, "toolExecutionNotifications");
	jsonw_array(w);
	for (size_t i = 0; i < r->ntrouble; i++)
		put_notification(o, "error", r->trouble[i].text);
	if (more > 0)
		put_notification(o, "warning", arena_printf(r->arena,
		    "%zu more results: see --format json", more));
	jsonw_end(w, ']');
	jsonw_end(w, '}');
	jsonw_end(w, ']');
}

static void
put_tool(struct sarif *o)
{
	struct jsonw *w = &o->w;

	jsonw_key(w, "tool");
	jsonw_object(w);
	jsonw_key(w, "driver");
	jsonw_object(w);
	jsonw_ktext(w, "name", "exhibit");
	jsonw_key(w, "rules");
	jsonw_array(w);
	for (size_t k = 0; k < o->nrule; k++)
		put_rule(o, &o->rule[k]);
	jsonw_end(w, ']');
	jsonw_ktext(w, "version", o->r->generator);
	jsonw_end(w, '}');
	jsonw_end(w, '}');
}

static void
put_bases(struct sarif *o)
{
	jsonw_key(&o->w, "originalUriBaseIds");
	jsonw_object(&o->w);
	jsonw_key(&o->w, "%SRCROOT%");
	jsonw_object(&o->w);
	put_message(o, "description", "The folder that exhibit was started in.");
	jsonw_end(&o->w, '}');
	jsonw_end(&o->w, '}');
}

static void
put_run_properties(struct sarif *o)
{
	const struct report *r = o->r;
	struct jsonw *w = &o->w;

	jsonw_key(w, "properties");
	jsonw_object(w);
	if (r->build != NULL) {
		put_count(o, "events", report_events(r->build));
		put_count(o, "gaps", r->ngap);
		put_count(o, "noEvidence", r->count[OUT_NO_EVIDENCE]);
		jsonw_ktext(w, "organisation", r->build->organisation);
		put_count(o, "pass", r->count[OUT_PASS]);
		jsonw_ktext(w, "period", r->build->period);
	}
	put_count(o, "resultsNotShown", left_out(r));
	jsonw_end(w, '}');
}

static void
put_taxonomies(struct sarif *o)
{
	const struct catalogue *cat;

	jsonw_key(&o->w, "taxonomies");
	jsonw_array(&o->w);
	if (o->r->build != NULL) {
		cat = o->r->build->catalogue;
		for (size_t i = 0; i < cat->nframework; i++)
			put_taxonomy(o, &cat->framework[i]);
	}
	jsonw_end(&o->w, ']');
}

void
report_sarif(struct str *s, const struct report *r)
{
	struct sarif o = { .r = r };
	struct jsonw *w = &o.w;

	jsonw_init(w, s);
	if (r->build != NULL) {
		find_rules(&o);
		find_taxa(&o);
	}
	jsonw_object(w);
	jsonw_ktext(w, "$schema", SCHEMA);
	jsonw_key(w, "runs");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_ktext(w, "columnKind", "unicodeCodePoints");
	put_invocation(&o);
	put_bases(&o);
	put_run_properties(&o);
	put_results(&o);
	put_taxonomies(&o);
	put_tool(&o);
	jsonw_end(w, '}');
	jsonw_end(w, ']');
	jsonw_ktext(w, "version", "2.1.0");
	jsonw_end(w, '}');
	str_addc(s, '\n');
}
