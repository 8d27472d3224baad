#define _GNU_SOURCE /* memmem */
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cmd/pagescan.h"
#include "cmd/selfcheck.h"
#include "crypt/hash.h"

struct wanted {
	const char *page, *to; /* to: path, or path#anchor */
	int line;
};

/* A file that links may point at; its ids, each ended by NUL, after one. */
struct seen {
	const char *path, *ids;
	size_t len;
	struct seen *next;
};

/* The ids of the page in hand: a stamp frees all slots at once. */
struct ids {
	struct {
		uint32_t stamp, at, len;
	} *slot; /* at: in text */
	size_t n, size; /* size: a power of two */
	uint32_t stamp;
	struct str text;
};

/* A link that was found good in this folder, and its place in want. */
struct link {
	uint32_t folder, want;
	uint16_t len;
	char href[110];
};

/* A link to the page that it stands on. */
struct local {
	const char *id; /* in the scratch */
	int line;
};

enum meaning { NOT_ALLOWED, PLAIN, A, CAPTION, GOES, H1, HEAD, HTML, ID, LINK,
	MAIN, META, SCRIPT, SVG, TABLE, TITLE };

#define LINKS 1024
#define WORDS 256

struct selfcheck {
	struct arena *arena;
	struct map *there; /* path: struct seen */
	struct seen *first;
	struct wanted *want;
	size_t n, cap;
	struct map *asked; /* target: its place in want, from 1 */
	struct link *link; /* LINKS of them, by hash */
	struct str folder; /* of the page in hand */
	uint32_t nfolder;
	struct ids ids;
	struct local *local;
	size_t nlocal, localcap;
	struct pagescan *scan;
	xmlParserCtxt *parser;
	struct arena *scratch; /* of the page in hand */
	struct slot {
		const char *name;
		size_t len;
		enum meaning is;
	} element[WORDS], attribute[WORDS]; /* by hash */
};

/* The page that is read, event by event: no tree is made of it. */
struct page {
	struct selfcheck *sc;
	xmlParserCtxt *parser; /* NULL: the scan reads it */
	struct arena *scratch;
	const char *path, *counted; /* newlines before counted: line - 1 */
	struct err *err;
	int failed, line;
	int depth, html, h1, titles, mains, metas;
	int head;     /* depth of the head while it is open, else 0 */
	int in_title, in_script;
	int want_caption, want_title; /* the next child must be that */
};

struct word {
	const char *name;
	enum meaning is;
};

static const char *const namespaces[] = {
	"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"
};

static const struct word elements[] = {
	{ "a", A }, { "abbr", PLAIN }, { "bdi", PLAIN },
	{ "blockquote", PLAIN }, { "body", PLAIN }, { "br", PLAIN },
	{ "caption", CAPTION }, { "code", PLAIN }, { "desc", PLAIN },
	{ "div", PLAIN }, { "em", PLAIN }, { "figcaption", PLAIN },
	{ "figure", PLAIN }, { "footer", PLAIN }, { "g", PLAIN }, { "h1", H1 },
	{ "h2", PLAIN }, { "h3", PLAIN }, { "h4", PLAIN }, { "h5", PLAIN },
	{ "h6", PLAIN }, { "head", HEAD }, { "header", PLAIN },
	{ "hr", PLAIN }, { "html", HTML }, { "li", PLAIN }, { "line", PLAIN },
	{ "link", LINK }, { "main", MAIN }, { "meta", META }, { "nav", PLAIN },
	{ "ol", PLAIN }, { "p", PLAIN }, { "path", PLAIN }, { "pre", PLAIN },
	{ "rect", PLAIN }, { "script", SCRIPT }, { "section", PLAIN },
	{ "span", PLAIN }, { "strong", PLAIN }, { "svg", SVG },
	{ "table", TABLE }, { "tbody", PLAIN }, { "td", PLAIN },
	{ "text", PLAIN }, { "th", PLAIN }, { "thead", PLAIN },
	{ "title", TITLE }, { "tr", PLAIN }, { "ul", PLAIN }
};

static const struct word attributes[] = {
	{ "aria-current", PLAIN }, { "aria-hidden", PLAIN },
	{ "aria-label", PLAIN }, { "aria-labelledby", PLAIN },
	{ "charset", PLAIN }, { "class", PLAIN }, { "content", PLAIN },
	{ "d", PLAIN }, { "data-audience", PLAIN }, { "data-fact", PLAIN },
	{ "data-mark", PLAIN }, { "data-outcome", PLAIN }, { "defer", PLAIN },
	{ "fill-rule", PLAIN }, { "height", PLAIN }, { "href", GOES },
	{ "http-equiv", PLAIN }, { "id", ID }, { "lang", PLAIN },
	{ "name", PLAIN }, { "rel", PLAIN }, { "role", PLAIN },
	{ "scope", PLAIN }, { "src", GOES }, { "tabindex", PLAIN },
	{ "text-anchor", PLAIN }, { "title", PLAIN }, { "transform", PLAIN },
	{ "viewBox", PLAIN }, { "width", PLAIN }, { "x", PLAIN },
	{ "x1", PLAIN }, { "x2", PLAIN }, { "xml:lang", PLAIN },
	{ "y", PLAIN }, { "y1", PLAIN }, { "y2", PLAIN }
};

static size_t
word_hash(const char *p, size_t len)
{
	return (len * 37 + (uint8_t)p[0] * 5u + (uint8_t)p[len / 2] * 11u +
	    (uint8_t)p[len - 1] * 3u) % WORDS;
}

static void
list_words(struct slot *slot, const struct word *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i].name);
		size_t at = word_hash(list[i].name, len);

		while (slot[at].name != NULL)
			at = (at + 1) % WORDS;
		slot[at] = (struct slot){ list[i].name, len, list[i].is };
	}
}

static enum meaning
meaning(const struct slot *slot, const char *name, size_t len)
{
	for (size_t at = word_hash(name, len); slot[at].name != NULL;
	    at = (at + 1) % WORDS)
		if (slot[at].len == len &&
		    memcmp(slot[at].name, name, len) == 0)
			return slot[at].is;
	return NOT_ALLOWED;
}

#define IDS 256 /* slots, to begin with */

struct selfcheck *
selfcheck_new(struct arena *a)
{
	struct selfcheck *sc = arena_alloc(a, sizeof(*sc));

	sc->arena = a;
	sc->there = map_new(a);
	sc->asked = map_new(a);
	sc->link = arena_array(a, LINKS, sizeof(*sc->link));
	sc->folder = str_new(a);
	sc->nfolder = 1;
	sc->ids.size = IDS;
	sc->ids.slot = arena_array(a, IDS, sizeof(*sc->ids.slot));
	sc->ids.text = str_new(a);
	list_words(sc->element, elements, sizeof(elements) /
	    sizeof(elements[0]));
	list_words(sc->attribute, attributes, sizeof(attributes) /
	    sizeof(attributes[0]));
	sc->scan = pagescan_new(a);
	sc->scratch = arena_new();
	sc->parser = xmlNewParserCtxt();
	if (sc->parser == NULL)
		err_die("out of memory");
	return sc;
}

void
selfcheck_free(struct selfcheck *sc)
{
	if (sc == NULL)
		return;
	xmlFreeParserCtxt(sc->parser);
	arena_free(sc->scratch);
	sc->parser = NULL;
	sc->scratch = NULL;
}

static struct seen *
see(struct selfcheck *sc, const char *path)
{
	void **place = map_putz(sc->there, path);
	struct seen *s = *place;

	if (s == NULL) {
		s = arena_alloc(sc->arena, sizeof(*s));
		s->path = arena_strdup(sc->arena, path);
		s->next = sc->first;
		sc->first = s;
		*place = s;
	}
	return s;
}

void
selfcheck_file(struct selfcheck *sc, const char *path)
{
	(void)see(sc, path);
}

static void
ids_clear(struct ids *s)
{
	s->stamp++;
	s->n = 0;
	str_reset(&s->text);
	str_addc(&s->text, '\0');
}

/* The slot of an id, or the free one where it would stand. */
static size_t
ids_find(const struct ids *s, const char *id, size_t len)
{
	size_t h = len;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)id[i]) * UINT64_C(0x100000001b3);
	for (h ^= h >> 29;; h++) {
		size_t i = h & (s->size - 1);

		if (s->slot[i].stamp != s->stamp || (s->slot[i].len == len &&
		    memcmp(s->text.p + s->slot[i].at, id, len) == 0))
			return i;
	}
}

static int
ids_has(const struct ids *s, const char *id, size_t len)
{
	return s->slot[ids_find(s, id, len)].stamp == s->stamp;
}

static void
ids_grow(struct arena *a, struct ids *s)
{
	s->size *= 2;
	s->slot = arena_array(a, s->size, sizeof(*s->slot));
	for (size_t at = 1; at < s->text.len; ) {
		size_t len = strlen(s->text.p + at);
		size_t i = ids_find(s, s->text.p + at, len);

		s->slot[i].stamp = s->stamp;
		s->slot[i].at = (uint32_t)at;
		s->slot[i].len = (uint32_t)len;
		at += len + 1;
	}
}

/* 1: it was there already. */
static int
ids_add(struct arena *a, struct ids *s, const char *id, size_t len)
{
	size_t i = ids_find(s, id, len);

	if (s->slot[i].stamp == s->stamp)
		return 1;
	s->slot[i].stamp = s->stamp;
	s->slot[i].at = (uint32_t)s->text.len;
	s->slot[i].len = (uint32_t)len;
	str_add(&s->text, id, len);
	str_addc(&s->text, '\0');
	if (++s->n * 2 > s->size)
		ids_grow(a, s);
	return 0;
}

/* The scan counts newlines only where a line is asked for. */
static int
line_of(struct page *p)
{
	const char *at, *nl;

	if (p->parser != NULL)
		return p->parser->input != NULL ? p->parser->input->line : 0;
	at = pagescan_at(p->sc->scan);
	while ((nl = memchr(p->counted, '\n', (size_t)(at - p->counted))) !=
	    NULL) {
		p->line++;
		p->counted = nl + 1;
	}
	p->counted = at;
	return p->line;
}

/* The first fault of a page is told by libxml2's reading of it; the rest is
 * not read. */
static int
fault(struct page *p, const char *rule, const char *what, size_t len)
{
	if (!p->failed && p->parser != NULL)
		(void)err_set(p->err, ERR_SYSTEM, "%s:%d: %s '%.*s': the "
		    "page was not published; please report it", p->path,
		    line_of(p), rule, len < 200 ? (int)len : 200, what);
	p->failed = 1;
	if (p->parser != NULL && p->parser->input != NULL)
		xmlStopParser(p->parser);
	return -1;
}

static int
faultz(struct page *p, const char *rule, const char *what)
{
	return fault(p, rule, what, strlen(what));
}

static int
namespace_is_ours(const xmlChar *uri)
{
	for (size_t i = 0; uri != NULL && i < 2; i++)
		if (strcmp((const char *)uri, namespaces[i]) == 0)
			return 1;
	return 0;
}

static const struct page_attr *
find_attr(const struct page_attr *at, size_t n, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (!at[i].foreign && at[i].namelen == len &&
		    memcmp(at[i].name, name, len) == 0)
			return &at[i];
	return NULL;
}

static int
attr_is(const struct page_attr *at, size_t n, const char *name,
    const char *value)
{
	const struct page_attr *a = find_attr(at, n, name);

	return a != NULL && a->len == strlen(value) &&
	    memcmp(a->value, value, a->len) == 0;
}

/* The path that a link of a page means, without . and ..; NULL: it leaves
 * the pack. */
static char *
resolve(struct arena *a, const char *page, const char *href)
{
	const char *slash = strrchr(page, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - page) + 1;
	struct str s = str_new(a);

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
is_before(const struct wanted *w, const char *page, int line)
{
	int c = strcmp(page, w->page);

	return c < 0 || (c == 0 && line < w->line);
}

/* Of one target the first page by name and line is kept, whoever asks first:
 * what is said of it does not depend on the threads. */
static size_t
ask(struct selfcheck *sc, const char *page, const char *to, int line)
{
	void **place = map_putz(sc->asked, to);
	struct wanted *w;

	if (*place == NULL) {
		(void)VEC_PUSH(sc->arena, sc->want, sc->n, sc->cap);
		*place = (void *)(uintptr_t)sc->n;
		w = &sc->want[sc->n - 1];
		w->to = arena_strdup(sc->arena, to);
	} else {
		w = &sc->want[(uintptr_t)*place - 1];
		if (!is_before(w, page, line))
			return (uintptr_t)*place - 1;
	}
	w->page = page;
	w->line = line;
	return (uintptr_t)*place - 1;
}

static struct link *
link_slot(struct selfcheck *sc, const char *href, size_t len)
{
	uint64_t h = len, x;

	while (len > 8) {
		memcpy(&x, href, 8);
		h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
		href += 8;
		len -= 8;
	}
	for (; len > 0; len--)
		h = (h ^ (uint8_t)*href++) * UINT64_C(0x100000001b3);
	return &sc->link[(h ^ h >> 32) % LINKS];
}

/* Most links of a page stand on the one before it too. */
static int
is_known(struct page *p, const struct link *l, const char *href, size_t len)
{
	struct wanted *w;

	if (l->folder != p->sc->nfolder || l->len != len ||
	    memcmp(l->href, href, len) != 0)
		return 0;
	w = &p->sc->want[l->want];
	if (w->page != p->path && strcmp(p->path, w->page) < 0) {
		w->page = p->path;
		w->line = line_of(p);
	}
	return 1;
}

/* Outside of the pack leads an `a` alone, whose page does not tell on. */
static int
check_link(struct page *p, enum meaning element, const struct page_attr *at,
    size_t n, const char *href)
{
	struct link *l = link_slot(p->sc, href, strlen(href));
	const char *to;

	if (strncmp(href, "https://", 8) == 0 ||
	    strncmp(href, "mailto:", 7) == 0)
		return element == A && attr_is(at, n, "rel",
		    "noopener noreferrer nofollow") ? 0 :
		    faultz(p, "an external link", href);
	if (strchr(href, ':') != NULL || href[0] == '/' ||
	    strchr(href, '\\') != NULL)
		return faultz(p, "a link that is not relative", href);
	if (href[0] == '#') {
		struct local *own = VEC_PUSH(p->sc->arena, p->sc->local,
		    p->sc->nlocal, p->sc->localcap);

		own->id = href + 1;
		own->line = line_of(p);
		return 0;
	}
	to = resolve(p->scratch, p->path, href);
	if (to == NULL)
		return faultz(p, "a link out of the pack", href);
	if (strlen(href) > sizeof(l->href)) {
		(void)ask(p->sc, p->path, to, line_of(p));
		return 0;
	}
	l->want = (uint32_t)ask(p->sc, p->path, to, line_of(p));
	l->folder = p->sc->nfolder;
	l->len = (uint16_t)strlen(href);
	memcpy(l->href, href, l->len);
	return 0;
}

static int
check_attribute(struct page *p, enum meaning element,
    const struct page_attr *at, size_t n, const struct page_attr *a)
{
	enum meaning is = a->foreign ? NOT_ALLOWED :
	    meaning(p->sc->attribute, a->name, a->namelen);

	if (is == NOT_ALLOWED)
		return fault(p, "an attribute that is not allowed", a->name,
		    a->namelen);
	if (is == GOES)
		return is_known(p, link_slot(p->sc, a->value, a->len),
		    a->value, a->len) ? 0 : check_link(p, element, at, n,
		    arena_strndup(p->scratch, a->value, a->len));
	if (is == ID && ids_add(p->sc->arena, &p->sc->ids, a->value, a->len))
		return fault(p, "an id twice", a->value, a->len);
	return 0;
}

/* What must be the first thing in a table, and in a drawing that is seen. */
static int
check_first(struct page *p, enum meaning is, const char *name, size_t len)
{
	if (p->want_caption && is != CAPTION)
		return fault(p, "a table without a caption", name, len);
	if (p->want_title && is != TITLE)
		return fault(p, "a drawing without a title", name, len);
	p->want_caption = p->want_title = 0;
	return 0;
}

/* What loads or directs stands in the head alone, where the bytes of the
 * first of them are compared. */
static int
check_head(struct page *p, enum meaning is, const char *name, size_t len,
    const struct page_attr *at, size_t n)
{
	if (is != META && is != LINK && is != SCRIPT)
		return 0;
	if (p->head == 0)
		return fault(p, "an element that belongs in the head", name,
		    len);
	p->metas += is == META;
	if (is == LINK && !attr_is(at, n, "rel", "stylesheet"))
		return fault(p, "a link that is no style sheet", name, len);
	return p->metas > 4 ? fault(p, "a meta element too many", name, len) :
	    0;
}

static void
count(struct page *p, enum meaning is, const struct page_attr *at, size_t n)
{
	p->h1 += is == H1;
	p->mains += is == MAIN;
	if (is == HEAD)
		p->head = p->depth;
	if (is == TITLE && p->head > 0)
		p->in_title = p->depth;
	if (is == SCRIPT)
		p->in_script = p->depth;
	p->want_caption = is == TABLE;
	p->want_title = is == SVG && find_attr(at, n, "aria-hidden") == NULL;
	if (p->depth == 1)
		p->html = is == HTML && find_attr(at, n, "lang") != NULL;
}

static int
start(void *v, const char *name, size_t len, const struct page_attr *at,
    size_t n)
{
	struct page *p = v;
	enum meaning is = meaning(p->sc->element, name, len);

	p->depth++;
	if (is == NOT_ALLOWED)
		return fault(p, "an element that is not allowed", name, len);
	if (p->in_script > 0)
		return fault(p, "a script inside a page", name, len);
	if (check_first(p, is, name, len) == -1 ||
	    check_head(p, is, name, len, at, n) == -1)
		return -1;
	count(p, is, at, n);
	for (size_t i = 0; i < n; i++)
		if (check_attribute(p, is, at, n, &at[i]) == -1)
			return -1;
	return 0;
}

static int
end(void *v)
{
	struct page *p = v;

	/* It was empty. */
	if ((p->want_caption || p->want_title) &&
	    check_first(p, PLAIN, "nothing", 7) == -1)
		return -1;
	if (p->depth == p->in_script)
		p->in_script = 0;
	if (p->depth == p->in_title)
		p->in_title = 0;
	if (p->depth == p->head)
		p->head = 0;
	p->depth--;
	return 0;
}

static int
text(void *v, size_t len)
{
	struct page *p = v;

	(void)len;
	if (p->in_script > 0)
		return faultz(p, "a script inside a page", "text");
	if (p->in_title > 0) {
		p->titles++;
		p->in_title = -1; /* its text may come in pieces */
	}
	return 0;
}

static const struct page_events events = { start, end, text };

static void
take_attr(struct page_attr *a, const xmlChar **at)
{
	a->name = (const char *)at[0];
	a->foreign = at[1] != NULL;
	if (a->foreign && strcmp((const char *)at[1], "xml") == 0 &&
	    strcmp(a->name, "lang") == 0) {
		a->name = "xml:lang";
		a->foreign = 0;
	}
	a->namelen = strlen(a->name);
	a->value = (const char *)at[3];
	a->len = (size_t)(at[4] - at[3]);
}

/* libxml2 hands over five pointers an attribute. */
static void
on_start(void *v, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nat, int ndefault,
    const xmlChar **at)
{
	struct page *p = v;
	struct page_attr *attr;

	(void)nns;
	(void)ns;
	(void)ndefault;
	if (p->failed)
		return;
	if (prefix != NULL || !namespace_is_ours(uri)) {
		(void)faultz(p, "an element that is not allowed",
		    (const char *)local);
		return;
	}
	attr = arena_array(p->scratch, (size_t)nat, sizeof(*attr));
	for (int i = 0; i < nat; i++)
		take_attr(&attr[i], at + 5 * i);
	(void)start(p, (const char *)local, strlen((const char *)local), attr,
	    (size_t)nat);
}

static void
on_end(void *v, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct page *p = v;

	(void)local;
	(void)prefix;
	(void)uri;
	if (!p->failed)
		(void)end(p);
}

static void
on_text(void *v, const xmlChar *chars, int len)
{
	struct page *p = v;

	(void)chars;
	if (!p->failed && len > 0)
		(void)text(p, (size_t)len);
}

static void
on_comment(void *v, const xmlChar *text)
{
	(void)faultz(v, "a comment", (const char *)text);
}

static void
on_cdata(void *v, const xmlChar *text, int len)
{
	(void)text;
	(void)len;
	(void)faultz(v, "a CDATA section", "");
}

static void
on_instruction(void *v, const xmlChar *target, const xmlChar *data)
{
	(void)data;
	(void)faultz(v, "an instruction", (const char *)target);
}

static void
on_doctype(void *v, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	if (strcmp((const char *)name, "html") != 0 || external != NULL ||
	    system != NULL)
		(void)faultz(v, "a document type that is not ours",
		    (const char *)name);
}

/* Eight bytes that are printable ASCII, each. */
static int
eight_plain(const char *p)
{
	const uint64_t one = UINT64_C(0x0101010101010101);
	uint64_t x;

	memcpy(&x, p, 8);
	return ((x | (x - one * 0x20) | (x + one)) & one << 7) == 0;
}

static int
check_characters(struct page *p, const char *bytes, size_t len)
{
	size_t took;

	for (size_t i = 0; i < len; i += took) {
		unsigned char b = (unsigned char)bytes[i];
		uint32_t c;
		char hex[16];

		took = 8;
		if (len - i >= 8 && eight_plain(bytes + i))
			continue;
		took = 1;
		if (b >= 0x20 && b < 0x7f)
			continue;
		c = utf8_next(bytes + i, len - i, &took);
		if (c == '\n' || c == '\t' || (c != UTF8_BAD &&
		    !utf8_hidden(c)))
			continue;
		(void)snprintf(hex, sizeof(hex), "U+%04X", (unsigned)c);
		return faultz(p, "a raw hidden character", hex);
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

/* The parser is used again: its dictionary of names stays. */
static int
parse(struct page *p, const char *bytes, size_t len)
{
	xmlParserCtxt *x = p->parser;
	const xmlError *why;

	memset(x->sax, 0, sizeof(*x->sax));
	x->sax->initialized = XML_SAX2_MAGIC;
	x->sax->startElementNs = on_start;
	x->sax->endElementNs = on_end;
	x->sax->characters = on_text;
	x->sax->ignorableWhitespace = on_text;
	x->sax->comment = on_comment;
	x->sax->cdataBlock = on_cdata;
	x->sax->processingInstruction = on_instruction;
	x->sax->internalSubset = on_doctype;
	x->userData = p;
	xmlFreeDoc(xmlCtxtReadMemory(x, bytes, (int)len, p->path, "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
	if (p->failed)
		return -1;
	if (x->wellFormed)
		return 0;
	why = xmlCtxtGetLastError(x);
	return err_set(p->err, ERR_SYSTEM, "%s:%d: not well-formed: %.200s",
	    p->path, why != NULL ? why->line : 0,
	    why != NULL && why->message != NULL ? why->message : "");
}

static int
is_our_head(const char *bytes)
{
	const char *head = strstr(bytes, "<head>");

	return head != NULL && strncmp(head, head_want,
	    strlen(head_want)) == 0;
}

static int
has_all(const struct page *p)
{
	return p->h1 == 1 && p->titles == 1 && p->mains == 1;
}

/* With libxml2, which finds the words for a fault. */
static int
read_slowly(struct page *p, const char *bytes, size_t len)
{
	if (check_characters(p, bytes, len) == -1)
		return -1;
	if (!is_our_head(bytes))
		return faultz(p, "a head that is not ours", "head");
	if (len > INT32_MAX)
		return faultz(p, "a page over 2 GiB", p->path);
	if (parse(p, bytes, len) == -1)
		return -1;
	if (!has_all(p))
		return faultz(p, "not one h1, title and main", p->path);
	return p->html ? 0 : faultz(p, "no html with a lang", p->path);
}

static struct page
open_page(struct selfcheck *sc, const char *path, const char *bytes,
    xmlParserCtxt *parser, struct err *e)
{
	ids_clear(&sc->ids);
	sc->nlocal = 0;
	return (struct page){ .sc = sc, .parser = parser, .err = e,
		.path = path, .scratch = sc->scratch, .line = 1,
		.counted = bytes };
}

static void
enter_folder(struct selfcheck *sc, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;

	if (len == sc->folder.len && memcmp(path, sc->folder.p, len) == 0)
		return;
	str_reset(&sc->folder);
	str_add(&sc->folder, path, len);
	sc->nfolder++;
}

/* What the page links to on itself; a link that is not good is asked for
 * like any other, so that it is told like any other. */
static void
ask_local(struct selfcheck *sc, const struct page *p)
{
	for (size_t i = 0; i < sc->nlocal; i++) {
		const struct local *l = &sc->local[i];

		if (!ids_has(&sc->ids, l->id, strlen(l->id)))
			(void)ask(sc, p->path, arena_printf(sc->scratch,
			    "%s#%s", p->path, l->id), l->line);
	}
}

static int
check_page(struct selfcheck *sc, const char *path, const char *bytes,
    size_t len, struct err *e)
{
	struct seen *seen = see(sc, path);
	struct page p = open_page(sc, seen->path, bytes, NULL, e);
	int rc = 0;

	enter_folder(sc, path);
	if (!is_our_head(bytes) || !pagescan_run(sc->scan, sc->scratch, bytes,
	    len, &events, &p) || !has_all(&p) || !p.html) {
		p = open_page(sc, seen->path, bytes, sc->parser, e);
		rc = read_slowly(&p, bytes, len);
	}
	if (rc == 0) {
		ask_local(sc, &p);
		seen->len = sc->ids.text.len;
		seen->ids = arena_memdup(sc->arena, sc->ids.text.p,
		    seen->len);
	}
	arena_reset(sc->scratch);
	return rc;
}

/* The page with a script of its own: its policy names style and script by
 * the hashes of their very bytes, and grants nothing else. */
#define OWN_PAGE "data/site/verify.html"
#define STYLE "<style>"
#define ISLAND "<script type=\"application/json\" id=\"pack\">"
#define SCRIPT "<script>"
#define SCRIPT_BEGIN "\n//<![CDATA[\n"
#define SCRIPT_END "//]]>\n"

static const char own_head[] = "<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\""
    "default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; "
    "img-src 'self'; connect-src 'none'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\"/><meta name=\"referrer\" content=\"no-referrer\"/>\n"
    "<title>";

/* An element of one kind, all of it, and the text in it. */
struct inside {
	const char *begin, *end, *text;
	size_t len;
};

static int
find_inside(const char *page, const char *open, const char *close,
    struct inside *in)
{
	in->begin = strstr(page, open);
	if (in->begin == NULL)
		return -1;
	in->text = in->begin + strlen(open);
	in->end = strstr(in->text, close);
	if (in->end == NULL || strstr(in->end, open) != NULL)
		return -1;
	in->len = (size_t)(in->end - in->text);
	in->end += strlen(close);
	return 0;
}

static const char *
source_hash(struct arena *a, const struct inside *in)
{
	struct hash *h = hash_new(a);
	char *b64 = arena_alloc(a, 48);
	uint8_t sum[HASH_LEN];

	hash_bytes(h, sum, in->text, in->len);
	hash_free(h);
	(void)hash_base64(b64, sum, HASH_LEN);
	return b64;
}

/* Text that ends no CDATA section but at its end. */
static int
is_wrapped(const struct inside *in)
{
	const size_t head = strlen(SCRIPT_BEGIN), tail = strlen(SCRIPT_END);
	const char *end;

	if (in->len < head + tail || memcmp(in->text, SCRIPT_BEGIN, head) != 0)
		return 0;
	end = in->text + in->len - tail;
	return memcmp(end, SCRIPT_END, tail) == 0 &&
	    strstr(in->text, "]]>") == end + 2;
}

static int
own_fault(const char *rule, struct err *e)
{
	return err_set(e, ERR_SYSTEM, OWN_PAGE ":1: %s: the page was not "
	    "published; please report it", rule);
}

/* What remains without style, data and script, under the head of all pages,
 * is a page like any other. */
static int
check_own(struct selfcheck *sc, const char *bytes, size_t len, struct err *e)
{
	struct inside css, data, js;
	struct str head = str_new(sc->scratch), rest = str_new(sc->scratch);
	struct page p = open_page(sc, OWN_PAGE, bytes, sc->parser, e);
	const char *at = strstr(bytes, "<head>");

	if (find_inside(bytes, STYLE, "</style>", &css) == -1 ||
	    find_inside(bytes, ISLAND, "</script>", &data) == -1 ||
	    find_inside(bytes, SCRIPT, "</script>", &js) == -1 ||
	    at == NULL || at > css.begin || css.end > data.begin ||
	    data.end > js.begin)
		return own_fault("not one style, one island, one script", e);
	str_addf(&head, own_head, source_hash(sc->scratch, &js),
	    source_hash(sc->scratch, &css));
	if (strncmp(at, head.p, head.len) != 0)
		return own_fault("a policy that is not of these bytes", e);
	if (memchr(css.text, '<', css.len) != NULL ||
	    memchr(css.text, '&', css.len) != NULL || !is_wrapped(&js))
		return own_fault("a style or script that is not text", e);
	for (size_t i = 0; i < data.len; i++)
		if (strchr("<>&", data.text[i]) != NULL)
			return own_fault("an island that is not data", e);
	if (check_characters(&p, bytes, len) == -1)
		return -1;
	str_add(&rest, bytes, (size_t)(at - bytes));
	str_addz(&rest, head_want);
	at += head.len;
	str_add(&rest, at, (size_t)(css.begin - at));
	str_add(&rest, css.end, (size_t)(data.begin - css.end));
	str_add(&rest, data.end, (size_t)(js.begin - data.end));
	str_addz(&rest, js.end);
	return check_page(sc, OWN_PAGE, rest.p, rest.len, e);
}

int
selfcheck_page(struct selfcheck *sc, const char *path, const char *bytes,
    size_t len, struct err *e)
{
	if (strcmp(path, OWN_PAGE) == 0)
		return check_own(sc, bytes, len, e);
	return check_page(sc, path, bytes, len, e);
}

void
selfcheck_merge(struct selfcheck *sc, const struct selfcheck *other)
{
	for (const struct seen *s = other->first; s != NULL; s = s->next) {
		struct seen *to = see(sc, s->path);

		if (s->ids == NULL)
			continue;
		to->ids = arena_memdup(sc->arena, s->ids, s->len);
		to->len = s->len;
	}
	for (size_t i = 0; i < other->n; i++)
		(void)ask(sc, arena_strdup(sc->arena, other->want[i].page),
		    other->want[i].to, other->want[i].line);
}

/* A path, or path#id of a page that has this id. */
static int
is_there(const struct selfcheck *sc, const char *to)
{
	const char *hash = strchr(to, '#');
	const struct seen *s = map_getz(sc->there, to);

	if (s != NULL || hash == NULL)
		return s != NULL;
	/* With the NUL on both sides of an id. */
	s = map_get(sc->there, to, (size_t)(hash - to));
	return s != NULL && s->ids != NULL && memmem(s->ids, s->len,
	    arena_printf(sc->scratch, "%c%s", '\0', hash + 1),
	    strlen(hash + 1) + 2) != NULL;
}

int
selfcheck_done(struct selfcheck *sc, struct err *e)
{
	const struct wanted *first = NULL;

	for (size_t i = 0; i < sc->n; i++) {
		const struct wanted *w = &sc->want[i];
		int c = first == NULL ? -1 : strcmp(w->page, first->page);

		if (!is_there(sc, w->to) && (c < 0 || (c == 0 &&
		    w->line < first->line)))
			first = w;
	}
	if (first == NULL)
		return 0;
	return err_set(e, ERR_SYSTEM, "%s:%d: a link to '%s', which is not "
	    "there: the page was not published; please report it",
	    first->page, first->line, first->to);
}
