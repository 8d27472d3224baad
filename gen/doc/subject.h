#ifndef DOC_SUBJECT_H
#define DOC_SUBJECT_H

#include <stddef.h>

struct build;

/*
 * Kinds of subjects with a page each and a folder that lists them: models,
 * tools, people ... (site.md section 2).  A kind is a row of subject_kind[]
 * in page_subject.c.
 */
typedef void subject_fn(void *ctx, const char *kind, const char *id);

size_t subject_nkind(void);
const char *subject_name(size_t);   /* "model" */
const char *subject_folder(size_t); /* "models" */
const char *subject_title_of(size_t); /* "Models" */
int subject_known(const char *kind);
/* Declared ones, then those that the log alone names; none where the audience
 * may not know what they are called. */
void subject_list(const struct build *, size_t, subject_fn *, void *ctx);

#endif
