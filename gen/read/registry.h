#ifndef READ_REGISTRY_H
#define READ_REGISTRY_H

#include <stdint.h>

#include "model/ref.h"

struct arena;
struct diag;
struct faults;
struct load;
struct project;

/*
 * Reads what a project declares into the reference tables (docs/format/
 * registry.md, policy.md): registry, policies, evidence/index.yaml,
 * waivers.yaml, controls/soa.yaml.  as_of_us is when it is read for: it
 * decides which approvals lie in the future, and nothing else.
 *
 * All errors of all files go to the diag.  -1 where there was any: *ref is
 * then what could be read, good for messages only.  Every table of ref.def is
 * there, empty ones too, each row with its place; ref->sha256 is the hash of
 * its dump.  What was read stands in project->files (files_inputs).
 *
 * Filled later, by who has the log or the last pack: ref_score,
 * ref_source_field, and the rows of ref_policy_finding named in policy.h.
 */
int registry_read(struct arena *, struct project *, int64_t as_of_us,
    struct diag *, struct ref **);

/* The same with faults (read/faults.h) in the tables. */
int registry_read_with(struct arena *, struct project *, int64_t as_of_us,
    const struct faults *, struct diag *, struct ref **);

/* The stages of it (evidence.c, policy.c). */
void evidence_read(struct load *);
/* Approvals, to the rows of the files that they are bound to. */
void evidence_bind(struct load *);
void policy_read(struct load *);
/* Versions in order, hashes, approvals, findings: after evidence_bind. */
void policy_derive(struct load *);

#endif
