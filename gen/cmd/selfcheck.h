#ifndef CMD_SELFCHECK_H
#define CMD_SELFCHECK_H

#include <stddef.h>

struct arena;
struct err;

/*
 * Checks every page before it is published, by code apart from the writer
 * (docs/format/site.md): it is well-formed; elements and attributes are on
 * the allow-list; ids are unique; each link stays inside the pack and file
 * and anchor exist; the head is ours to the byte; lang, title, one h1,
 * captions; no raw control, bidi or zero-width character.  pagescan.h reads
 * it; what that does not take, or finds a fault in, is read by libxml2 (no
 * network, no DTD, no entities), whose words are told.  A failure is our
 * fault: ERR_SYSTEM, with page, line and rule, and nothing is published.
 *
 * One is used by one thread; what several saw is put together at the end.
 */
struct selfcheck;

struct selfcheck *selfcheck_new(struct arena *);
void selfcheck_free(struct selfcheck *); /* the parser; NULL: nothing */
/* A file that links may point at. */
void selfcheck_file(struct selfcheck *, const char *path);
/* A page; its links are remembered for selfcheck_done. */
int selfcheck_page(struct selfcheck *, const char *path, const char *,
    size_t len, struct err *);
/* What the other saw is seen by this one too. */
void selfcheck_merge(struct selfcheck *, const struct selfcheck *other);
/* Every link that was seen has its file, and its anchor. */
int selfcheck_done(struct selfcheck *, struct err *);

#endif
