#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>
#include <stdint.h>

struct str;

/*
 * Cells of RFC 4180: text always quoted, integers bare.  A text that a
 * spreadsheet would run as a formula gets one ' in front, and so does one
 * that begins with ': taking one off gives every value back.
 */
void csv_text(struct str *, const char *, size_t);
void csv_int(struct str *, int64_t);
void csv_next(struct str *); /* the comma between two cells */
void csv_end(struct str *);  /* CR LF */

#endif
