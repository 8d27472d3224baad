#ifndef DOC_DOC_H
#define DOC_DOC_H

#include <stddef.h>

#include "model/build.h"
#include "model/docnode.h"
#include "model/template.h"

struct arena;
struct diag;

/*
 * The documents (docs/templates.md): a kind is a row of doc_kinds, a list of
 * sections; a section is one function of build and subject that returns
 * nodes.  Pure.  cmd calls
 *
 *	doc_schema()   what templates may name, before data is read
 *	doc_list()     every document of this build
 *	doc_make()     one of them as a tree, for render_file()
 */
struct doc_refs;
struct section;

struct doc_kind {
	const char *id, *code, *title; /* model-card, MC, Model card */
	enum audience audience;        /* the class of the whole document */
	int two_persons;               /* signed by two of different roles */
	const struct section *section; /* ended by a NULL id */
	void (*list)(struct arena *, const struct build *,
	    const struct doc_kind *, struct doc_refs *);
};

extern const struct doc_kind doc_kinds[];
extern const size_t doc_nkinds;
const struct doc_kind *doc_kind_find(const char *id);

/* Which document: what its kind needs is set, the rest is NULL. */
struct doc_ref {
	const struct doc_kind *kind;
	const char *subject;  /* for people: refund-bot 1.2.0 */
	const char *name;     /* file stem (documents.md part 1, Names) */
	const char *lang;     /* en */
	const char *agent, *version; /* agent_id, agent_version */
	const char *model;    /* id in the registry, or NULL */
	const char *model_provider, *model_id, *model_version;
	const char *skin;     /* impact fria aia */
	const char *policy, *prompt; /* policy_id, prompt_id */
	const char *month;    /* 2026-07 of a review of a month, or NULL */
	const char *id;       /* run_id, incident_id, halt drill */
	const char **about;   /* agents, where it is about several */
	size_t nabout;
	const char *not_owed; /* the rule, where the document is not owed */
	size_t row;           /* of the table that the kind goes by */
};

struct doc_refs {
	struct doc_ref *ref;
	size_t n, cap;
};

/* All documents that the build's audience may see, by kind and name. */
void doc_list(struct arena *, const struct build *, struct doc_ref **,
    size_t *n);

/* The document; of templates may be NULL.  What a narrative does wrong goes
 * to the diag with its file and line. */
struct doc *doc_make(struct arena *, const struct build *,
    const struct doc_ref *, const struct template_set *, struct diag *);

/* Claims of each section of a kind, "C05 C06" or NULL. */
const char *const *doc_claims(struct arena *, const struct doc_kind *,
    size_t *n);

/* What the name of a formula means (a source of mark P or M), or NULL. */
const char *doc_formula(const char *);

/* The names that templates of the kind may use; explain prints them too. */
struct template_schema *doc_schema(struct arena *, const struct doc_kind *);

#endif
