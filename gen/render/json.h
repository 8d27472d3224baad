#ifndef RENDER_JSON_H
#define RENDER_JSON_H

struct doc;
struct str;

/*
 * A document as JSON: exhibit-document/1 (docs/format/document.md), RFC 8785
 * and one line end.  Texts are whole, never cut; hidden characters are
 * tokens in texts, and themselves in `raw`.
 */
void json_doc(struct str *, const struct doc *);

#endif
