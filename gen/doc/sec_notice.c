#include <stdint.h>

#include "base/str.h"
#include "doc/sec.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define AFFECTED_WORDS 300

/* Notices to persons who are decided about (NA) and to workers (NW), and the
 * marks on content (CM): documents.md part 3. */

static const struct sec_col part_cols[] = {
	{ "process", "What is decided", "business_process" },
	{ "purpose", "The part of the AI", "purpose" },
	{ "tier", "How far it goes on its own", "permission_tier" }
};

static const struct sec_col route_cols[] = {
	{ "complaints", "Where to complain", "complaints_route" },
	{ "answered", "Answered within", "complaints_sla_us" }
};

static void
affected(struct sec *s)
{
	struct docnode *table = sec_fields(s, "fields", "The decision, and "
	    "your rights");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    part_cols, COUNT(part_cols), sec_agent_file(s));
	sec_agent_list(s, table, "elements", "What a person sees who decides",
	    "evidence");
	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    route_cols, COUNT(route_cols), sec_agent_file(s));
	sec_field(s, table, "Operator", sec_ref(s, "operator",
	    sec_ref_table(s, "ref_organisation"), 0, "legal_name",
	    "exhibit.yaml"));
	sec_notices(s, "affected_person", AFFECTED_WORDS);
}

static void
decided(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_agent_tier");
	const struct ref_table *said = sec_log_table(s, "log_complaint");
	uint64_t complaints = sec_sum(said, is, "complaints");
	struct docnode *table = sec_fields(s, "fields", "In the period");

	sec_field(s, table, "Actions that a person had decided", sec_ratio(s,
	    "by_person", sec_sum(t, is, "approved"), sec_sum(t, is, "ran"),
	    "log_agent_tier.approved"));
	sec_field(s, table, "Complaints", sec_counted(s, "complaints",
	    "log_complaint", is, "complaints"));
	sec_field(s, table, "of these upheld", complaints == 0 ?
	    sec_quiet(s, "upheld", "no complaint") : sec_ratio(s, "upheld",
	    sec_sum(said, is, "upheld"), complaints,
	    "log_complaint.upheld"));
}

const struct section sec_na[] = {
	{ "notice", "NA1", "Notice", AUDIENCE_PUBLIC, "C05",
	    "process purpose tier elements complaints answered operator "
	    "notices[notice lang shown /file sha256]", affected,
	    "the agent's owner" },
	{ "in_fact", "NA2", "In fact", AUDIENCE_AUDITOR, "C42",
	    "by_person complaints upheld", decided, "the log" },
	{ .id = NULL }
};

/* When the workers were told: the first entry of the evidence about it. */
static struct fact *
told(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_document");
	const char *is[] = { "kind", "notice-worker", "subject",
	    s->ref->agent, "decision", "approved", NULL };
	size_t first = sec_find(t, 0, is);

	for (size_t i = first; i != SIZE_MAX; i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "at_us", INT64_MAX) < ref_int(t, first,
		    "at_us", INT64_MAX))
			first = i;
	if (first != SIZE_MAX)
		return sec_ref(s, "told", t, first, "at_us", NULL);
	return sec_missing(s, "told", PROV_DECLARED, sec_printf(s, "enter the "
	    "notice in evidence/index.yaml: document notice-worker/%s, by "
	    "whom, at what time the workers were told", s->ref->agent));
}

static const struct sec_col work_cols[] = {
	{ "name", "Name", "name" }, { "purpose", "What it does", "purpose" },
	{ "from", "Used from", "use_from_us" },
	{ "data", "Whose data it may see", "data_scope" }
};

static const struct sec_col class_cols[] = {
	{ "class", "Data", "data_class" }, { "events", "Rows", "events" }
};

static void
worker(struct sec *s)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	struct docnode *table = sec_fields(s, "fields", "The system at your "
	    "workplace");

	sec_refs(s, table, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    work_cols, COUNT(work_cols), sec_agent_file(s));
	sec_field(s, table, "Workers were told at", told(s));
	sec_grid(s, "classes", "Which data it used in the period", "log_data",
	    is, class_cols, COUNT(class_cols), "no event names a data class");
	sec_notices(s, "worker", SIZE_MAX);
}

const struct section sec_nw[] = {
	{ "notice", "NW1", "Notice", AUDIENCE_PUBLIC, NULL,
	    "name purpose from data told classes[class events] "
	    "notices[notice lang shown /file sha256]", worker,
	    "the agent's owner" },
	{ .id = NULL }
};

static const struct sec_col method_cols[] = {
	{ "path", "Method and detector", "path" },
	{ "sha256", "SHA-256", "sha256" }, { "by", "Judged by", "person_id" },
	{ "at", "At", "at_us" }, { "until", "Holds until", "expires_us?no end" }
};

static const struct sec_col mark_cols[] = {
	{ "action", "Action", "action" },
	{ "published", "Published", "published" },
	{ "marked", "Marked", "marked" }, { "first", "First", "first_us" },
	{ "last", "Last", "last_us" }
};

static void
marking(struct sec *s)
{
	const char *paper[] = { "item", "TR-02.e1", "decision", "approved",
	    NULL };
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_mark");
	struct docnode *table;

	sec_agent_list(s, sec_fields(s, "fields", "What is owed"), "art_50",
	    "Paragraphs of Article 50", "art_50");
	sec_grid(s, "method", "How content is marked, and how the mark is "
	    "found", "ref_document", paper, method_cols, COUNT(method_cols),
	    "enter the method as TR-02.e1 in evidence/index.yaml");
	table = sec_fields(s, "share", "Marked in the period");
	sec_field(s, table, "Pieces of content with a disclosure",
	    sec_ratio(s, "marked", sec_sum(t, is, "marked"), sec_sum(t, is,
	    "published"), "log_mark.marked"));
	sec_quiet_grid(s, "actions", "By action", "log_mark", is, mark_cols,
	    COUNT(mark_cols), "nothing was published");
}

const struct section sec_cm[] = {
	{ "marking", "CM1", "Marking", AUDIENCE_PUBLIC, NULL,
	    "art_50 method[/path sha256 by at until] marked actions[action "
	    "published marked first last]", marking, "the agent's owner" },
	{ .id = NULL }
};
