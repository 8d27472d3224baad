#ifndef RENDER_SEARCH_H
#define RENDER_SEARCH_H

#include <stddef.h>

struct arena;
struct doc;
struct str;

/*
 * What the site's search reads (site.md section 6): lists of entries that a
 * script scans, since a page from file:// may load scripts and nothing else.
 * An entry is [path, title, headings, ids, fields], all text; path counts
 * from data/site.  One struct search a thread; joined, the entries stand in
 * the order of their paths, whichever thread made them.
 */
#define SEARCH_PAGES 2000 /* entries of a file */

struct search;

struct search *search_new(struct arena *);
/* An entry for a page or document at that pack path. */
void search_add(struct search *, const struct doc *, const char *path);
/* All of the second into the first; their arenas live on. */
void search_join(struct search *, const struct search *);
void search_sort(struct search *);

/* How many files the entries take, and one of them, from 1:
 * data/site/search/pages-<n>.js */
size_t search_files(const struct search *);
void search_file(struct str *, const struct search *, size_t n);
/* data/site/js/build.js: which build this is, and how many files. */
void search_build(struct str *, const struct search *, const char *build);

#endif
