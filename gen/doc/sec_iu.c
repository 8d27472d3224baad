#include <stdint.h>

#include "base/str.h"
#include "doc/owed.h"
#include "doc/sec.h"
#include "model/figure.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What others are told of a high-risk system, point by point: instructions
 * for use (IU), the register entry (RE), technical documentation (AX). */

/* The newest score of each suite and metric: "accuracy 0.94 (golden)". */
static struct fact *
scores(struct sec *s, const char *id)
{
	const struct ref_table *t = sec_log_table(s, "log_evaluation");
	const char *is[] = { "agent_id", s->ref->agent, s->ref->version !=
	    NULL ? "agent_version" : NULL, s->ref->version, NULL };
	struct str str = str_new(s->a);

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is)) {
		const char *same[] = { "agent_id", s->ref->agent, "suite",
		    ref_text(t, i, "suite"), "metric", ref_text(t, i,
		    "metric"), s->ref->version != NULL ? "agent_version" :
		    NULL, s->ref->version, NULL };
		size_t k = sec_find(t, 0, same);

		while (k != SIZE_MAX && (ref_int(t, k, "at_us", 0) <
		    ref_int(t, i, "at_us", 0) || (ref_int(t, k, "at_us", 0) ==
		    ref_int(t, i, "at_us", 0) && k <= i)))
			k = sec_find(t, k + 1, same);
		if (k != SIZE_MAX || ref_value(t, i, "score_ppm")->type !=
		    VALUE_INT)
			continue;
		str_addf(&str, "%s%s ", str.len > 0 ? ", " : "",
		    ref_text(t, i, "metric") != NULL ? ref_text(t, i,
		    "metric") : "a metric");
		figure_micro(&str, ref_int(t, i, "score_ppm", 0));
		str_addf(&str, " (%s)", ref_text(t, i, "suite") != NULL ?
		    ref_text(t, i, "suite") : "no suite");
	}
	return str.len > 0 ? sec_text(s, id, PROV_MEASURED, str.p,
	    "log_evaluation.score_ppm") : sec_missing(s, id, PROV_MEASURED,
	    "no evaluation event is in the log");
}

static struct fact *
well(struct sec *s, const char *id)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_agent_week");
	uint64_t ended = sec_sum(t, is, "ended");

	return sec_estimate(s, id, ended - sec_sum(t, is, "lost"), ended,
	    "log_agent_week.lost");
}

static struct fact *
overruled(struct sec *s, const char *id)
{
	const char *is[] = { "agent_id", s->ref->agent, NULL };
	const struct ref_table *t = sec_log_table(s, "log_approval");
	uint64_t no = sec_sum(t, is, "rejected") + sec_sum(t, is, "modified");

	return sec_estimate(s, id, no, no + sec_sum(t, is, "approved"),
	    "log_approval.rejected");
}

static struct fact *
storage(struct sec *s, const char *id)
{
	return sec_ref(s, id, sec_ref_table(s, "ref_registry"), 0,
	    "audit_storage", "registry/registry.yaml");
}

static const struct sec_point instructions[] = {
	{ "AIA-13.3.a", "Provider: its name", .company = "legal_name" },
	{ "AIA-13.3.a", "Provider: its contact", .company = "contact" },
	{ "AIA-13.3.a", "Authorised representative",
	    .company = "eu_representative" },
	{ "AIA-13.3.b", "(i) Purpose", .agent = "purpose" },
	{ "AIA-13.3.b", "(i) Intended uses", .list = "intended" },
	{ "AIA-13.3.b", "(ii) Accuracy and robustness, newest evaluations",
	    .make = scores },
	{ "AIA-13.3.b", "(ii) Runs that ended well in the period",
	    .make = well },
	{ "AIA-13.3.b", "(iii) Uses it is not for", .list = "out_of_scope" },
	{ "AIA-13.3.b", "(iii) Misuse that can be foreseen",
	    .list = "misuse" },
	{ "AIA-13.3.b", "(iv) What explains an output to a person",
	    .list = "evidence" },
	{ "AIA-13.3.b", "(v) Performance by group of persons",
	    .write = "log an evaluation by group, and say which groups" },
	{ "AIA-13.3.b", "(vi) Data that it may see", .agent = "data_scope" },
	{ "AIA-13.3.b", "(vii) How an output is to be read",
	    .write = "say in the instructions how an output is to be read" },
	{ "AIA-13.3.c", NULL, .write = "say which changes are foreseen, or "
	    "that none are" },
	{ "AIA-13.3.d", "How far it goes on its own",
	    .agent = "permission_tier" },
	{ "AIA-13.3.d", "Who decides what it cannot", .list = "escalates_to" },
	{ "AIA-13.3.d", "Refused or changed by a person in the period",
	    .make = overruled },
	{ "AIA-13.3.e", "Used until", .agent = "use_to_us" },
	{ "AIA-13.3.e", "Reviewed every", .agent = "review_interval" },
	{ "AIA-13.3.e", "Who maintains it", .agent = "maintenance_owner" },
	{ "AIA-13.3.f", "Where its log is kept", .make = storage },
	{ "AIA-13.3.f", "How long its log is kept", .agent =
	    "audit_retention" }
};

static const struct sec_col paper_cols[] = {
	{ "version", "Version", "version" }, { "path", "File", "path" },
	{ "sha256", "SHA-256 that was judged", "sha256" },
	{ "decision", "Decision", "decision" },
	{ "role", "By role", "role" }, { "at", "At", "at_us" }
};

/* Entries with a path are about files of people; this page has a basis. */
static void
points(struct sec *s)
{
	const char *is[] = { "kind", "instructions", "subject", s->ref->agent,
	    NULL };

	sec_intro(s, "The instructions that people wrote are the files below; "
	    "an entry of the evidence about a file approves those bytes, not "
	    "this page, whose approval names its basis hash.");
	sec_points(s, "points", "The points of Article 13(3), with what is "
	    "declared and measured", instructions, COUNT(instructions));
	sec_grid(s, "written", "Instructions that people wrote, by version",
	    "ref_document", is, paper_cols, COUNT(paper_cols), sec_printf(s,
	    "enter document instructions/%s@VERSION in evidence/index.yaml",
	    s->ref->agent));
}

const struct section sec_iu[] = {
	{ "points", "IU1", "Points", AUDIENCE_PUBLIC, "C11 C30",
	    "points[answer] written[version /path sha256 decision role at]",
	    points, "the agent's owner" },
	{ .id = NULL }
};

/* Annex VIII: section A of a provider, B of one whose system is not
 * high-risk after all, C of a deployer that is a public authority. */

static struct fact *
regions(struct sec *s, const char *id)
{
	return sec_list(s, id, sec_ref_table(s, "ref_agent"), sec_agent(s),
	    s->ref->agent, "regions", sec_agent_file(s));
}

/* The last decision of an assessment of a kind: outcome and time. */
static struct fact *
assessed(struct sec *s, const char *id)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");
	const char *is[] = { "agent_id", s->ref->agent, "kind", "fria",
	    NULL };
	size_t last = SIZE_MAX;

	for (size_t i = sec_find(t, 0, is); i != SIZE_MAX;
	    i = sec_find(t, i + 1, is))
		if (ref_int(t, i, "date_us", 0) <= s->b->as_of_us)
			last = i;
	return sec_ref(s, id, t, last, "outcome", sec_printf(s,
	    "registry/assessments/%s/DATE-fria.yaml", s->ref->agent));
}

static struct fact *
dpia(struct sec *s, const char *id)
{
	const struct ref_table *t = sec_ref_table(s, "ref_assessment");

	return sec_ref(s, id, t, ref_next(t, 0, "agent_id", s->ref->agent),
	    "dpia_file", sec_printf(s, "registry/assessments/%s/DATE-"
	    "impact.yaml", s->ref->agent));
}

#define SUBMITTER "say who submits the entry for the company"
#define PUBLIC_URL "say where the entry or the system is described"

static const struct sec_point section_a[] = {
	{ "ANX-VIII.A.1", NULL, .company = "contact" },
	{ "ANX-VIII.A.2", NULL, .write = SUBMITTER },
	{ "ANX-VIII.A.3", NULL, .company = "eu_representative" },
	{ "ANX-VIII.A.4", NULL, .agent = "name" },
	{ "ANX-VIII.A.5", NULL, .agent = "purpose" },
	{ "ANX-VIII.A.6", NULL, .agent = "data_scope" },
	{ "ANX-VIII.A.7", NULL, .agent = "lifecycle" },
	{ "ANX-VIII.A.8", NULL, .write = "number and end of the certificate" },
	{ "ANX-VIII.A.9", NULL, .write = "a copy of the certificate" },
	{ "ANX-VIII.A.10", NULL, .make = regions },
	{ "ANX-VIII.A.11", NULL, .write = "the declaration of conformity" },
	{ "ANX-VIII.A.12", NULL, .write = "the instructions for use" },
	{ "ANX-VIII.A.13", NULL, .write = PUBLIC_URL }
};

static const struct sec_point section_b[] = {
	{ "ANX-VIII.B.1", NULL, .company = "contact" },
	{ "ANX-VIII.B.2", NULL, .write = SUBMITTER },
	{ "ANX-VIII.B.3", NULL, .company = "eu_representative" },
	{ "ANX-VIII.B.4", NULL, .agent = "name" },
	{ "ANX-VIII.B.5", NULL, .agent = "purpose" },
	{ "ANX-VIII.B.6", NULL, .agent = "eu_reasons" },
	{ "ANX-VIII.B.7", NULL, .agent = "eu_reasons" },
	{ "ANX-VIII.B.8", NULL, .agent = "lifecycle" },
	{ "ANX-VIII.B.9", NULL, .make = regions }
};

static const struct sec_point section_c[] = {
	{ "ANX-VIII.C.1", NULL, .company = "contact" },
	{ "ANX-VIII.C.2", NULL, .write = SUBMITTER },
	{ "ANX-VIII.C.3", NULL, .write = "the address of the provider's "
	    "entry in the EU database" },
	{ "ANX-VIII.C.4", NULL, .make = assessed },
	{ "ANX-VIII.C.5", NULL, .make = dpia }
};

/* The Algorithmic Transparency Recording Standard, in our own words. */
static const struct sec_point atrs[] = {
	{ NULL, "Tier 1: name", .agent = "name" },
	{ NULL, "Tier 1: what it does", .agent = "purpose" },
	{ NULL, "Tier 1: contact", .company = "contact" },
	{ NULL, "Tier 2: who answers for it", .agent = "accountable" },
	{ NULL, "Tier 2: the process", .agent = "business_process" },
	{ NULL, "Tier 2: how far it goes on its own",
	    .agent = "permission_tier" },
	{ NULL, "Tier 2: data that it may see", .agent = "data_scope" },
	{ NULL, "Tier 2: complaints", .agent = "complaints_route" }
};

static struct fact *
which(struct sec *s, int provider, int high)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent");

	if (provider)
		return sec_text(s, "section", PROV_DERIVED, high ?
		    "section A: provider of a high-risk system" :
		    "section B: provider of a system of Annex III that is "
		    "not high-risk", "applicability");
	if (ref_text(t, sec_agent(s), "art_27_basis") == NULL)
		return sec_missing(s, "section", PROV_DERIVED, sec_printf(s,
		    "undecided: section C is owed by public authorities alone; "
		    "say in art_27_basis of %s whether the deployer is one",
		    sec_agent_file(s)));
	return sec_text(s, "section", PROV_DERIVED, sec_printf(s, "section C, "
	    "of deployers that are public authorities; the declared basis: "
	    "%s", ref_text(t, sec_agent(s), "art_27_basis")),
	    "applicability");
}

static void
record(struct sec *s)
{
	const struct ref_table *t = sec_ref_table(s, "ref_agent");
	int provider = str_eq(owed_role(s->b, s->ref->agent), "provider");
	int high = str_eq(ref_text(t, sec_agent(s), "eu_tier"), "high");
	const char *is[] = { "agent_id", s->ref->agent, NULL };

	sec_field(s, sec_fields(s, "fields", "Which section of Annex VIII"),
	    "Section", which(s, provider, high));
	if (!provider)
		sec_points(s, "points", "Annex VIII, section C", section_c,
		    COUNT(section_c));
	else if (high)
		sec_points(s, "points", "Annex VIII, section A", section_a,
		    COUNT(section_a));
	else
		sec_points(s, "points", "Annex VIII, section B", section_b,
		    COUNT(section_b));
	sec_points(s, "atrs", "The same for the United Kingdom's record of "
	    "algorithmic tools", atrs, COUNT(atrs));
	sec_field(s, sec_fields(s, "volume", "Volume in the period"),
	    "Actions that ran", sec_counted(s, "ran", "log_agent", is,
	    "actions_ran"));
}

const struct section sec_re[] = {
	{ "record", "RE1", "Record", AUDIENCE_PUBLIC, "C38",
	    "section points[answer] atrs[answer] ran", record, "legal" },
	{ .id = NULL }
};
