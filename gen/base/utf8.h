#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

struct str;

#define UTF8_BAD 0xFFFFFFFFu

/* Length if all bytes are valid UTF-8 (no surrogates, no overlong), else the
 * offset of the first bad byte. */
size_t utf8_check(const char *, size_t);
int utf8_valid(const char *, size_t);

/* The code point at p (len > 0) and how many bytes it took; UTF8_BAD takes 1. */
uint32_t utf8_next(const char *p, size_t len, size_t *took);
void utf8_put(struct str *, uint32_t);

/*
 * Characters that must never reach a reader raw: controls, bidi, zero-width,
 * private use, noncharacters (site.md section 13 rule 3).  LF and TAB too:
 * a caller that allows them looks first.
 */
int utf8_hidden(uint32_t);

/*
 * Adds text with every hidden character as a visible token, [U+202E]; a
 * literal "[U+" prints as "[U+005B]U+", so a token cannot be faked; a bad
 * byte is U+FFFD; of more than 100 combining marks in a row the rest is
 * dropped and shown as "[+n marks]".  multiline lets LF and TAB pass.
 * The result holds no control character and is valid UTF-8.
 */
void utf8_visible(struct str *, const char *, size_t, int multiline);

#endif
