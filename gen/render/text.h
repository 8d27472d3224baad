#ifndef RENDER_TEXT_H
#define RENDER_TEXT_H

#include <stddef.h>

struct docnode;
struct fact;
struct str;

/* What the three writers share. */

/* How much of an untrusted text is shown, cut between code points: 120 of
 * them in a cell of a table, 4 KiB elsewhere: in text, in a field's value, in
 * a cell that holds a sentence. */
size_t text_shown(const char *, size_t len, int cell);
/* "3,912 more bytes, SHA-256 <hex of the rest>". */
void text_cut(struct str *, const char *rest, size_t len);

/* What stands for a fact: its text, or NOT RECORDED, NOT OWED, WITHHELD. */
const char *text_fact(const struct fact *);
/* 1: made of our own digits and words, needs no isolation. */
int text_fact_ours(const struct fact *);
/* The source of a fact in words: a test, file:line, or a formula. */
void text_source(struct str *, const struct fact *);

/* The next node of a table's rows after the head; how many there are. */
size_t text_rows(const struct docnode *table);
/* 1: the node is printed inside a line. */
int text_inline(const struct docnode *);

/* A typed word for keys: letters and digits, the rest _. */
void text_key(struct str *, const char *);

#endif
