#ifndef RENDER_PATH_H
#define RENDER_PATH_H

#include <stddef.h>

struct arena;
struct map;
struct str;
struct target;

/*
 * From targets to paths in the pack (site.md section 3, documents.md part 1).
 * Paths are relative to the pack's root and begin with data/.  A name depends
 * on its id alone, so links survive the next build.
 *
 * kind         id                       file below data/
 * page         gaps/by-owner            site/gaps/by-owner.html (ours)
 * folder       agents                   site/agents/index.html
 * framework    eu-ai-act                site/frameworks/eu-ai-act/index.html
 * requirement  eu-ai-act/AIA-14.4.e     site/frameworks/eu-ai-act/aia-14.4.e.html
 * control test gap evidence agent model prompt tool dataset action person
 * deployment evaluation risk incident   site/agents/refund-bot.html
 * policy       refund-policy/7          site/policies/refund-policy/7.html
 * log          main                     site/log/main.html
 * record       main/613                 site/records/main/0/613.html
 * recordfile   main/613                 records/main/613.json
 * proof        main/613                 proofs/main/613.tlog-proof
 * source       registry/people.yaml     site/sources/registry/people.yaml.html
 * document     model-card/alpha         docs/model-card/alpha.html (or .md)
 * print crosswalk                       site/print/eu-ai-act.html
 * file         controls/HO-01.t1.json   itself
 */
#define PATH_NAME_MAX 80
#define PATH_LEN_MAX 160

/*
 * What pages there are.  Once path_note() has been called, links to targets
 * that were not noted are printed as text; and two ids of one folder that
 * would share a name both get the long one.  Note all before the first link;
 * after that it is only read, by any number of threads.  A NULL path knows
 * every target and no clash.
 */
struct path {
	struct arena *arena;
	struct map *page;  /* "kind\nid": struct place */
	struct place *last; /* the list of all that were noted */
	struct map *name;  /* "folder\nname": the id that took it first */
	struct map *clash; /* "folder\nname": taken twice */
};

struct path *path_new(struct arena *);
void path_note(struct path *, const char *kind, const char *id);
/* After the last note: what they lead to is worked out once, for all links.
 * Without it every link works out its own. */
void path_settle(struct path *);
/* 1: a link may point there. */
int path_known(const struct path *, const struct target *);

/* Adds the pack path of a target, ext ("html" or "md") for documents.  -1,
 * and nothing added: no such kind, no such shape of id, or over the limit. */
int path_target(const struct path *, struct str *, const struct target *,
    const char *ext);
/* The same as a link from the page at pack path `from`, with the anchor. */
int path_link(const struct path *, struct str *, const char *from,
    const struct target *, const char *ext);

/* Adds the name of one id.  Authored: of frameworks, controls, tests; an
 * upper-case letter in any other id makes the hashed form. */
void path_name(struct str *, const char *id, int authored);
/* Adds an id for an id="" attribute: "t" and HO-01.t1 give t-ho-01.t1. */
void path_anchor(struct str *, const char *prefix, const char *id);
/* Adds the way from one file of the pack to another. */
void path_relative(struct str *, const char *from, const char *to);

#endif
