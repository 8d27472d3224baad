#ifndef CMD_VERIFYPAGE_H
#define CMD_VERIFYPAGE_H

struct arena;
struct str;

/*
 * data/site/verify.html: site/verify.html with style, scripts and pack.json
 * inside, and a policy that names style and script by their hashes.  All but
 * pack.json is the same in every pack (docs/format/site.md section 6).
 */
#define VERIFYPAGE "data/site/verify.html"

/* Appends the page; the text of pack.json stands in it as data. */
void verifypage_add(struct arena *, struct str *, const struct str *packjson);

#endif
