#ifndef BASE_HTML_H
#define BASE_HTML_H

#include <stddef.h>

struct str;

/* Literals of ours go in as they are. */
#define html_lit(s, lit) str_add((s), "" lit, sizeof(lit) - 1)

/* Text of others: & < > " ' escaped, hidden characters as tokens. */
void html_text(struct str *, const char *, size_t, int multiline);
void html_textz(struct str *, const char *);

#endif
