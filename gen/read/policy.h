#ifndef READ_POLICY_H
#define READ_POLICY_H

#include "model/ref.h"

/*
 * The policy history (docs/format/policy.md).  registry_read fills the tables
 * ref_policy_*, ref_matrix; a bad history is never refused, each fault is a
 * row of ref_policy_finding.
 *
 * Found here, without the log: overlap, hole (a span between two versions
 * that `to` leaves open; whether events ran in it is for the log),
 * no-approval, late-approval, future-approval, self-approval, too-few,
 * no-role, missing-hash, hash-mismatch, source-missing, silent-relaxation,
 * untested, failed, stale-test, other-hash, scenario, not-ratified,
 * not-reviewed, contradiction (with matrix and boundary), opaque.
 *
 * From the log by policy_seen: unknown-version, early-version, drift,
 * retired-version.  silent-system is PO-02.t3's to find.
 */

struct arena;
struct err;

/* Adds rewritten and removed: versions that an earlier pack's dump
 * (data/inputs/registry.json) holds as approved, and that now differ or are
 * gone.  ERR_INPUT where the dump is no JSON. */
int policy_since(struct arena *, struct ref *, const char *dump, size_t len,
    struct err *);

/* Adds what the rows of log_policy show: a version that no file has, one that
 * was named before it began, or after it ended and the slowest system had time
 * to change over (drift: to another version). */
void policy_seen(struct arena *, struct ref *, const struct ref_table *log);

/* The tier that the rules of a version give a scenario; the index into
 * auto notify approve block. */
enum policy_tier { TIER_AUTO, TIER_NOTIFY, TIER_APPROVE, TIER_BLOCK };
int policy_tier_parse(const char *); /* -1: no such word */
const char *policy_tier_name(int);

/* The cell of the default matrix: its tier, and how many persons. */
int policy_cell(const char *impact, const char *reversible, int *persons);

#endif
