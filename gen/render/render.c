#include <string.h>

#include "base/str.h"
#include "model/build.h"
#include "model/docnode.h"
#include "render/frame.h"
#include "render/html.h"
#include "render/json.h"
#include "render/md.h"
#include "render/path.h"
#include "render/render.h"

static void
write_json(struct str *s, const struct doc *d, const char *from,
    const struct render_ctx *c)
{
	(void)from;
	(void)c;
	json_doc(s, d);
}

static void
write_md(struct str *s, const struct doc *d, const char *from,
    const struct render_ctx *c)
{
	struct html_ctx ctx = { .from = from, .path = c->path, .level = 2 };

	str_addz(s, "# ");
	md_text(s, d->title, strlen(d->title));
	str_addc(s, '\n');
	md_nodes(s, d->body, &ctx);
}

const struct writer render_writer[] = {
	{ "md", write_md },
	{ "html", frame_page },
	{ "json", write_json }
};
const size_t render_nwriter = sizeof(render_writer) / sizeof(render_writer[0]);

const struct writer *
render_find(const char *ext)
{
	for (size_t i = 0; i < render_nwriter; i++)
		if (strcmp(render_writer[i].ext, ext) == 0)
			return &render_writer[i];
	return NULL;
}

size_t
render_parts(const struct doc *d)
{
	return html_pages(d->body);
}

int
render_file(const struct writer *w, const struct doc *d,
    const struct render_ctx *c, struct str *path, struct str *out)
{
	size_t from = path->len;

	if (path_target(c->path, path, &d->self, w->ext) == -1)
		return -1;
	if (c->part > 1) {
		path->len -= strlen(".html");
		str_addf(path, "-p%zu.html", c->part);
	}
	w->write(out, d, path->p + from, c);
	return 0;
}
