#ifndef RENDER_FRAME_H
#define RENDER_FRAME_H

struct doc;
struct render_ctx;
struct str;

/* A whole page: head, navigation, the tree as main, footer (site.md section
 * 12).  from: its pack path. */
void frame_page(struct str *, const struct doc *, const char *from,
    const struct render_ctx *);

#endif
