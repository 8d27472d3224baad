#ifndef DOC_OWED_H
#define DOC_OWED_H

struct arena;
struct build;

/*
 * Whether a document about an agent is owed: NULL, or the rule that says that
 * it is not.  What nobody declared is never "no": the document is written,
 * and says what is missing.
 */
const char *owed_affected(struct arena *, const struct build *,
    const char *agent);
const char *owed_worker(struct arena *, const struct build *,
    const char *agent);
const char *owed_marking(struct arena *, const struct build *,
    const char *agent);
const char *owed_register(struct arena *, const struct build *,
    const char *agent);
const char *owed_annex_iv(struct arena *, const struct build *,
    const char *agent);
/* The company's role under the AI Act for the agent, or NULL. */
const char *owed_role(const struct build *, const char *agent);

#endif
