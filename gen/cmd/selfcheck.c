#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cmd/selfcheck.h"

struct wanted {
	const char *page, *to; /* to: path, or path#anchor */
	int line;
};

struct selfcheck {
	struct arena *arena;
	struct map *there; /* "path", "path#id" */
	struct wanted *want;
	size_t n, cap;
	struct map *asked; /* targets that are in want already */
};

struct page {
	struct selfcheck *sc;
	const char *path;
	struct err *err;
	int h1, title, main;
};

struct selfcheck *
selfcheck_new(struct arena *a)
{
	struct selfcheck *sc = arena_alloc(a, sizeof(*sc));

	sc->arena = a;
	sc->there = map_new(a);
	sc->asked = map_new(a);
	return sc;
}

void
selfcheck_file(struct selfcheck *sc, const char *path)
{
	*map_putz(sc->there, path) = sc;
}

static int
fault(struct page *p, const xmlNode *node, const char *rule, const char *what)
{
	return err_set(p->err, ERR_SYSTEM, "%s:%ld: %s '%.200s': the page was "
	    "not published; please report it", p->path,
	    node != NULL ? xmlGetLineNo(node) : 0, rule, what);
}

static const char *const elements[] = {
	"a", "abbr", "bdi", "blockquote", "body", "br", "caption", "code",
	"desc", "div", "em", "figcaption", "figure", "footer", "g", "h1", "h2",
	"h3", "h4", "h5", "h6", "head", "header", "hr", "html", "li", "line",
	"link", "main", "meta", "nav", "ol", "p", "path", "pre", "rect",
	"script", "section", "span", "strong", "svg", "table", "tbody", "td",
	"text", "th", "thead", "title", "tr", "ul"
};

static const char *const attributes[] = {
	"aria-current", "aria-hidden", "aria-label", "aria-labelledby",
	"charset", "class", "content", "d", "data-audience", "data-fact",
	"data-mark", "data-outcome", "defer", "fill-rule", "height", "href",
	"http-equiv", "id", "lang", "name", "rel", "role", "scope", "src",
	"tabindex", "text-anchor", "title", "transform", "viewBox", "width",
	"x", "x1", "x2", "y", "y1", "y2"
};

static int
listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return 1;
	return 0;
}

/* The path that a link of a page means, without . and ..; NULL: it leaves
 * the pack. */
static char *
resolve(struct arena *a, const char *page, const char *href)
{
	const char *slash = strrchr(page, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - page) + 1;
	struct str s = str_new(a);

	if (*href == '#')
		return arena_printf(a, "%s%s", page, href);
	str_add(&s, page, len);
	while (*href != '\0' && *href != '#') {
		size_t n = strcspn(href, "/#");

		if (n == 2 && memcmp(href, "..", 2) == 0) {
			if (s.len == 0)
				return NULL;
			s.len--;
			while (s.len > 0 && s.p[s.len - 1] != '/')
				s.len--;
			s.p[s.len] = '\0';
		} else if (n > 0 && !(n == 1 && *href == '.')) {
			str_add(&s, href, n);
			if (href[n] == '/')
				str_addc(&s, '/');
		}
		href += n;
		if (*href == '/')
			href++;
	}
	str_addz(&s, href);
	return s.p;
}

static int
check_link(struct page *p, const xmlNode *node, const char *href)
{
	struct selfcheck *sc = p->sc;
	struct wanted *w;
	char *to, *key;

	if (strncmp(href, "https://", 8) == 0 ||
	    strncmp(href, "mailto:", 7) == 0) {
		xmlChar *rel = xmlGetProp((xmlNode *)(uintptr_t)node,
		    (const xmlChar *)"rel");
		int ours = rel != NULL && strcmp((const char *)rel,
		    "noopener noreferrer nofollow") == 0;

		xmlFree(rel);
		return ours ? 0 : fault(p, node, "an external link", href);
	}
	if (strchr(href, ':') != NULL || href[0] == '/' ||
	    strchr(href, '\\') != NULL)
		return fault(p, node, "a link that is not relative", href);
	to = resolve(sc->arena, p->path, href);
	if (to == NULL)
		return fault(p, node, "a link out of the pack", href);
	key = to;
	if (map_getz(sc->asked, key) != NULL)
		return 0;
	*map_putz(sc->asked, key) = sc;
	w = VEC_PUSH(sc->arena, sc->want, sc->n, sc->cap);
	w->page = arena_strdup(sc->arena, p->path);
	w->to = to;
	w->line = (int)xmlGetLineNo(node);
	return 0;
}

static int
check_attribute(struct page *p, const xmlNode *node, const xmlAttr *at)
{
	const char *name = (const char *)at->name;
	xmlChar *value = xmlNodeListGetString(node->doc, at->children, 1);
	const char *v = value == NULL ? "" : (const char *)value;
	int rc = 0;

	if (!listed(attributes, sizeof(attributes) / sizeof(attributes[0]),
	    name))
		rc = fault(p, node, "an attribute that is not allowed", name);
	else if (strcmp(name, "id") == 0) {
		char *key = arena_printf(p->sc->arena, "%s#%s", p->path, v);
		void **place = map_putz(p->sc->there, key);

		if (*place != NULL)
			rc = fault(p, node, "an id twice", v);
		*place = p->sc;
	} else if (strcmp(name, "href") == 0 || strcmp(name, "src") == 0)
		rc = check_link(p, node, v);
	xmlFree(value);
	return rc;
}

static int
check_element(struct page *p, const xmlNode *node)
{
	const char *name = (const char *)node->name;

	if (!listed(elements, sizeof(elements) / sizeof(elements[0]), name))
		return fault(p, node, "an element that is not allowed", name);
	p->h1 += strcmp(name, "h1") == 0;
	p->main += strcmp(name, "main") == 0;
	/* a chart has a title of its own */
	if (strcmp(name, "title") == 0 && node->children != NULL &&
	    strcmp((const char *)node->parent->name, "svg") != 0)
		p->title++;
	if (strcmp(name, "table") == 0 && (node->children == NULL ||
	    strcmp((const char *)node->children->name, "caption") != 0))
		return fault(p, node, "a table without a caption", name);
	if (strcmp(name, "script") == 0 && node->children != NULL)
		return fault(p, node, "a script inside a page", name);
	for (const xmlAttr *at = node->properties; at != NULL; at = at->next)
		if (check_attribute(p, node, at) == -1)
			return -1;
	return 0;
}

/* The tree without recursion: depth is not ours to trust. */
static int
check_tree(struct page *p, const xmlNode *root)
{
	const xmlNode *n = root;

	while (n != NULL) {
		if (n->type == XML_ELEMENT_NODE) {
			if (check_element(p, n) == -1)
				return -1;
		} else if (n->type != XML_TEXT_NODE)
			return fault(p, n, "a comment, CDATA or instruction",
			    "");
		if (n->children != NULL && n->type == XML_ELEMENT_NODE) {
			n = n->children;
			continue;
		}
		while (n != root && n->next == NULL)
			n = n->parent;
		if (n == root)
			break;
		n = n->next;
	}
	return 0;
}

static int
check_characters(struct page *p, const char *bytes, size_t len)
{
	size_t took;

	for (size_t i = 0; i < len; i += took) {
		uint32_t c = utf8_next(bytes + i, len - i, &took);
		char hex[16];

		if (c == '\n' || c == '\t' || (c != UTF8_BAD &&
		    !utf8_hidden(c)))
			continue;
		(void)snprintf(hex, sizeof(hex), "U+%04X", c);
		return fault(p, NULL, "a raw hidden character", hex);
	}
	return 0;
}

static const char head_want[] = "<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\""
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types exhibit\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\"/><meta name=\"referrer\" content=\"no-referrer\"/>\n"
    "<title>";

int
selfcheck_page(struct selfcheck *sc, const char *path, const char *bytes,
    size_t len, struct err *e)
{
	struct page p = { .sc = sc, .path = path, .err = e };
	const char *head;
	xmlNode *root;
	xmlDoc *doc;
	int rc = -1;

	selfcheck_file(sc, path);
	if (check_characters(&p, bytes, len) == -1)
		return -1;
	head = strstr(bytes, "<head>");
	if (head == NULL || strncmp(head, head_want, strlen(head_want)) != 0)
		return fault(&p, NULL, "a head that is not ours", "head");
	if (len > INT32_MAX)
		return fault(&p, NULL, "a page over 2 GiB", path);
	doc = xmlReadMemory(bytes, (int)len, path, "UTF-8", XML_PARSE_NONET |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc == NULL) {
		const xmlError *x = xmlGetLastError();

		return err_set(e, ERR_SYSTEM, "%s:%d: not well-formed: %.200s",
		    path, x != NULL ? x->line : 0,
		    x != NULL && x->message != NULL ? x->message : "");
	}
	root = xmlDocGetRootElement(doc);
	if (root == NULL || check_tree(&p, root) == -1)
		goto out;
	if (p.h1 != 1 || p.title != 1 || p.main != 1)
		(void)fault(&p, root, "not one h1, title and main", path);
	else if (xmlHasProp(root, (const xmlChar *)"lang") == NULL)
		(void)fault(&p, root, "no lang", path);
	else
		rc = 0;
out:
	xmlFreeDoc(doc);
	return rc;
}

int
selfcheck_done(struct selfcheck *sc, struct err *e)
{
	for (size_t i = 0; i < sc->n; i++)
		if (map_getz(sc->there, sc->want[i].to) == NULL)
			return err_set(e, ERR_SYSTEM, "%s:%d: a link to '%s', "
			    "which is not there", sc->want[i].page,
			    sc->want[i].line, sc->want[i].to);
	return 0;
}
