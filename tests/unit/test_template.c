#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "doc/fill.h"
#include "read/template.h"
#include "render/html.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct template_name names[] = {
	{ "details", TEMPLATE_SECTION, "Details" },
	{ "details.card", TEMPLATE_PATH, NULL },
	{ "details.fast", TEMPLATE_FLAG, NULL },
	{ "details.provider", TEMPLATE_INLINE, NULL },
	{ "details.text", TEMPLATE_TEXT, NULL },
	{ "used_by", TEMPLATE_SECTION, "Used by" },
	{ "used_by.agents", TEMPLATE_LIST, NULL },
	{ "used_by.agents.calls", TEMPLATE_INLINE, NULL },
	{ "used_by.agents.name", TEMPLATE_INLINE, NULL }
};
static const struct template_schema schema = { "card", names, COUNT(names) };

static int
compile(struct arena *a, const char *text, struct template **t,
    struct diag *diag)
{
	diag_init(diag, a);
	return template_compile(a, "t.md", text, strlen(text), &schema, t,
	    diag);
}

static void
faults_are_named_with_their_place(void **state)
{
	/* a template, and the first line of the diagnostics */
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{{details}}\n\n{{used_by}}\n", NULL },
		{ "{{details}}\n", "t.md:1:1: section 'used_by' is missing" },
		{ "{{detalis}}\n\n{{details}}\n\n{{used_by}}\n",
		    "t.md:1:1: unknown name 'detalis' (did you mean "
		    "\"details\"?)" },
		{ "a\n\nb {{details.providr}}\n\n{{used_by}}\n\n{{details}}",
		    "t.md:3:3: unknown name 'details.providr' (did you mean "
		    "\"details.provider\"?)" },
		{ "{{#details}}\n\n{{provder}}\n\n{{/details}}\n\n"
		    "{{used_by}}\n", "t.md:3:1: unknown name 'provder' (did "
		    "you mean \"provider\"?)" },
		{ "{{#used_by}}\n\n{{details}}\n", "t.md:1:1: {{#used_by}} is "
		    "not closed" },
		{ "{{/used_by}}\n\n{{details}}\n\n{{used_by}}", "t.md:1:1: "
		    "{{/used_by}} closes no block" },
		{ "{{#used_by}}\n\n{{#details}}\n\n{{/used_by}}\n\n"
		    "{{/details}}\n", "t.md:5:1: {{/used_by}} crosses "
		    "{{#details}} of line 3" },
		{ "{{#used_by}}\n\n- {{/used_by}}\n", "t.md:3:3: "
		    "{{/used_by}} closes no block that was opened here" },
		{ "x {{#used_by}} y\n", "t.md:1:3: {{#used_by}} stands alone "
		    "in its paragraph" },
		{ "x {{details}}\n", "t.md:1:3: 'details' is a block: it "
		    "stands alone" },
		{ "{{used_by.agents.name}}\n\n{{details}}", "t.md:1:1: "
		    "'used_by.agents.name' is a field of a list" },
		{ "{{#details.provider}}\n\n{{/details.provider}}\n",
		    "t.md:1:1: 'details.provider' opens no block" },
		{ "{{^details}}\n\nx\n\n{{/details}}\n\n{{used_by}}",
		    "t.md:1:1: {{^details}}: a section is never empty" },
		{ "{{details}}\n\n{{details}}\n\n{{used_by}}", "t.md:3:1: "
		    "'details' is shown twice" },
		{ "{{used_by.agents}}\n\n{{used_by}}\n\n{{details}}",
		    "t.md:3:1: 'used_by' is shown twice: used_by.agents" },
		{ "{{#used_by.agents}}\n\n{{details}}\n\n{{/used_by.agents}}",
		    "t.md:3:1: 'details' is a block: it would be shown once a "
		    "row" },
		{ "{{{details.provider}}}\n", "t.md:1:1: '{details.provider'" },
		{ "x {{&details.provider}}\n", "t.md:1:3: '&details.provider'"
		    " is no name" },
		{ "{{! note }}\n", "t.md:1:1: '! note ' is no name" },
		{ "{{> part}}\n", "t.md:1:1: '> part' is no name" },
		{ "{{=<% %>=}}\n", "t.md:1:1: '=<% %>=' is no name" },
		{ "{{Details}}\n", "t.md:1:1: 'Details' is no name" },
		{ "{{a_}}\n", "t.md:1:1: 'a_' is no name" },
		{ "{{details.}}\n", "t.md:1:1: 'details.' is no name" },
		{ "{{}}\n", "t.md:1:1: '' is no name" },
		{ "a {{details\nb}}\n", "t.md:1:3: a tag that is not closed "
		    "on its line" },
		{ "a <b>c</b>\n", "t.md:1:3: raw HTML" },
		{ "<div>\n\n{{details}}\n", "t.md:1:1: raw HTML" },
		{ "![a](b)\n", "t.md:1:1: an image" },
		{ "a\n\n***\n", "t.md:3:1: a rule" },
		{ "[a](https://x.example)\n", "t.md:1:1: a link's target is "
		    "one path" },
		{ "[a](x{{details.card}})\n", "t.md:1:1: a link's target" },
		{ "[a]({{details.card}}{{details.card}})\n", "t.md:1:1: a "
		    "link's target" },
		{ "[a]({{details.provider}})\n", "t.md:1:1: "
		    "'details.provider' is not a path" },
		{ "[a]({{details.card}} \"{{details.provider}}\")\n",
		    "t.md:1:1: a link has no title" },
		{ "```\n{{details.provider}}\n```\n", "t.md:1:1: a tag in a "
		    "code block" },
		{ "``` {{details.provider}}\nx\n```\n", "t.md:1:1: a tag in a "
		    "code block" },
		{ "---\nomit:\n  used_by: not yet\n---\n\n{{details}}\n",
		    NULL },
		{ "---\nomit:\n  used_by:\n---\n\n{{details}}\n",
		    "t.md:3:3: 'used_by' is omitted without a reason" },
		{ "---\nomit:\n  usedby: x\n---\n\n{{details}}\n",
		    "t.md:3:3: unknown name 'usedby' (did you mean "
		    "\"used_by\"?)" },
		{ "---\nauthor: x\n---\n", "t.md:2:1: front matter holds "
		    "omit:" },
		{ "---\nomit:\n  used_by: x\n---\n{{details}}\n\n"
		    "{{used_by}}\n", "t.md:1:1: section 'used_by' is shown "
		    "and omitted" },
		{ "---\nomit:\n  used_by: x\n---\n\n{{details}} {{nope}}\n",
		    "t.md:6:1: 'details' is a block" },
		{ "[a]({{details.card}}) `{{details.provider}}` **{{details."
		    "provider}}**\n\n{{details.text}}\n\n{{#details.fast}}\n\n"
		    "fast\n\n{{/details.fast}}\n\n{{^used_by.agents}}\n\n"
		    "none\n\n{{/used_by.agents}}\n\n{{#used_by}}\n\n"
		    "{{#agents}}\n\n- {{name}}: {{calls}}\n\n{{/agents}}\n\n"
		    "{{/used_by}}\n", NULL },
		{ "> > > > > > > > > > > > > > > > x", "t.md:1:1: nested" },
		{ "a\xff", "t.md:1:1: is not UTF-8" }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *a = arena_new();
		struct template *t;
		struct diag diag;
		int rc = compile(a, cases[i].text, &t, &diag);
		const char *got = diag.n > 0 ? diag.line[0] : "no fault";

		if (cases[i].want == NULL ? rc != 0 : rc != -1 ||
		    strncmp(got, cases[i].want, strlen(cases[i].want)) != 0)
			fail_msg("case %zu: want %s, have %s", i,
			    cases[i].want ? cases[i].want : "no fault", got);
		arena_free(a);
	}
}

static void
all_faults_of_a_file_are_found_in_one_run(void **state)
{
	struct arena *a = arena_new();
	struct template *t;
	struct diag diag;

	(void)state;
	assert_int_equal(compile(a, "---\nomit:\n  x: y\n---\n{{detals}}\n\n"
	    "<b>\n\n{{used_by.agents.name}}\n", &t, &diag), -1);
	assert_int_equal(diag.total, 6);
	assert_string_equal(diag.line[1], "t.md:5:1: unknown name 'detals' "
	    "(did you mean \"details\"?)");
	arena_free(a);
}

static struct fact *
put(struct arena *a, struct facts *f, const char *id, const char *type,
    const char *text)
{
	struct fact *fact = arena_alloc(a, sizeof(*fact));

	fact->id = id;
	fact->type = type;
	fact->text = text;
	fact->formula = "x";
	*map_putz(f->by_id, id) = fact;
	return fact;
}

static struct facts *
facts(struct arena *a, size_t rows, int fast)
{
	struct facts *f = arena_alloc(a, sizeof(*f));
	struct docnode *section = docnode_section(a, NULL, "details",
	    "Details");
	struct list *l = arena_alloc(a, sizeof(*l));

	f->by_id = map_new(a);
	f->list = map_new(a);
	f->text = map_new(a);
	f->section = map_new(a);
	put(a, f, "details.provider", "text", "{{used_by.agents}} *x*");
	put(a, f, "details.fast", "int", fast ? "yes" : "no")->raw.i = fast;
	for (size_t i = 1; i <= rows; i++) {
		put(a, f, arena_printf(a, "used_by.agents.%zu.name", i),
		    "text", arena_printf(a, "agent%zu", i));
		put(a, f, arena_printf(a, "used_by.agents.%zu.calls", i),
		    "int", arena_printf(a, "%zu", i * 10));
	}
	l->n = rows;
	*map_putz(f->list, "used_by.agents") = l;
	docnode_text(a, docnode_para(a, section), "Body");
	*map_putz(f->section, "details") = section;
	return f;
}

static void
values_are_content_and_never_markup(void **state)
{
	static const struct {
		const char *text;
		size_t rows;
		int fast;
		const char *want; /* in the HTML, without the sources */
	} cases[] = {
		{ "Made by {{details.provider}}.", 0, 0, "<p>Made by <span "
		    "class=\"fact\" data-fact=\"details.provider\" "
		    "data-mark=\"D\"><bdi class=\"u\">{{used_by.agents}} *x*"
		    "</bdi></span>" },
		{ "{{#used_by.agents}}\n\n{{used_by.agents.name}}\n\n"
		    "{{/used_by.agents}}", 2, 0, "agent1" },
		{ "{{#used_by.agents}}\n\n{{name}} {{calls}}\n\n"
		    "{{/used_by.agents}}", 2, 0,
		    "data-fact=\"used_by.agents.2.calls\" data-mark=\"D\">20" },
		{ "{{^used_by.agents}}\n\nnobody\n\n{{/used_by.agents}}", 0,
		    0, "<p>nobody</p>" },
		{ "{{#details.fast}}\n\nquick\n\n{{/details.fast}}", 0, 1,
		    "<p>quick</p>" },
		{ "{{details}}", 0, 0, "<section id=\"details\">\n"
		    "<h2>Details</h2>\n<p>Body</p>" },
		{ "{{details.card}}", 0, 0, "NOT RECORDED" }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *a = arena_new();
		struct docnode *root = docnode_new(a, NULL, NODE_SECTION);
		struct html_ctx ctx = { .from = "data/x.html", .level = 2 };
		struct str html = str_new(a);
		struct template *t;
		struct diag diag;
		char *text = arena_printf(a, "---\nomit:\n%s%s---\n%s\n",
		    strstr(cases[i].text, "details") ? "" : "  details: x\n",
		    strstr(cases[i].text, "used_by") ? "" : "  used_by: x\n",
		    cases[i].text);

		if (compile(a, text, &t, &diag) == -1)
			fail_msg("%s", diag.line[0]);
		fill_template(a, root, t, facts(a, cases[i].rows,
		    cases[i].fast));
		html_nodes(&html, root->child, &ctx);
		if (strstr(html.p, cases[i].want) == NULL)
			fail_msg("case %zu: %s is not in %s", i,
			    cases[i].want, html.p);
		arena_free(a);
	}
}

static void
a_false_flag_and_a_full_list_show_nothing(void **state)
{
	struct arena *a = arena_new();
	struct docnode *root = docnode_new(a, NULL, NODE_SECTION);
	struct template *t;
	struct diag diag;

	(void)state;
	assert_int_equal(compile(a, "{{#details.fast}}\n\nx\n\n"
	    "{{/details.fast}}\n\n{{^used_by.agents}}\n\ny\n\n"
	    "{{/used_by.agents}}\n", &t, &diag), 0);
	fill_template(a, root, t, facts(a, 3, 0));
	assert_null(root->child);
	arena_free(a);
}

static void
limits_hold_at_the_limit_and_one_past_it(void **state)
{
	struct arena *a = arena_new();
	char *big = arena_alloc(a, LIMIT_TEMPLATE + 2);
	static const char head[] = "{{details}}\n\n{{used_by}}\n\n";
	struct template *t;
	struct diag diag;

	(void)state;
	memset(big, 'a', LIMIT_TEMPLATE);
	memcpy(big, head, strlen(head));
	assert_int_equal(compile(a, big, &t, &diag), 0);
	big[LIMIT_TEMPLATE] = 'a';
	assert_int_equal(compile(a, big, &t, &diag), -1);
	assert_non_null(strstr(diag.line[0], "262145 bytes, want at most"));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_are_named_with_their_place),
		cmocka_unit_test(all_faults_of_a_file_are_found_in_one_run),
		cmocka_unit_test(values_are_content_and_never_markup),
		cmocka_unit_test(a_false_flag_and_a_full_list_show_nothing),
		cmocka_unit_test(limits_hold_at_the_limit_and_one_past_it)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
