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
#include "cmd/selfcheck.h"

struct wanted {
	const char *page, *to; /* to: path, or path#anchor */
	int line;
};

#define KNOWN 256

struct word;
struct known { /* a name that was looked up */
	const xmlChar *name;
	const struct word *word;
};

struct selfcheck {
	struct arena *arena;
	struct map *there; /* "path", "path#id" */
	const char **name; /* the keys of it */
	size_t nname, namecap;
	struct wanted *want;
	size_t n, cap;
	struct map *asked; /* target: its place in want, from 1 */
	xmlParserCtxt *parser;
	struct arena *scratch; /* of the page in hand */
	struct known known_elements[KNOWN], known_attributes[KNOWN];
};

/* The page that is read, event by event: no tree is made of it. */
struct page {
	struct selfcheck *sc;
	xmlParserCtxt *parser;
	struct arena *scratch;
	const char *path;
	struct err *err;
	int failed;
	int depth, html, h1, titles, mains, metas;
	int head;     /* depth of the head while it is open, else 0 */
	int in_title, in_script;
	int want_caption, want_title; /* the next child must be that */
};

/* Attributes of an element, five pointers each, as libxml2 hands them over. */
struct attributes {
	const xmlChar **at;
	int n;
};

struct selfcheck *
selfcheck_new(struct arena *a)
{
	struct selfcheck *sc = arena_alloc(a, sizeof(*sc));

	sc->arena = a;
	sc->there = map_new(a);
	sc->asked = map_new(a);
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

/* 1: it was there already. */
static int
note(struct selfcheck *sc, const char *key)
{
	void **place = map_putz(sc->there, key);

	if (*place != NULL)
		return 1;
	*place = sc;
	*VEC_PUSH(sc->arena, sc->name, sc->nname, sc->namecap) =
	    arena_strdup(sc->arena, key);
	return 0;
}

void
selfcheck_file(struct selfcheck *sc, const char *path)
{
	(void)note(sc, path);
}

static int
line_of(const struct page *p)
{
	return p->parser->input != NULL ? p->parser->input->line : 0;
}

/* The first fault of a page is told; the rest of it is not read. */
static int
fault(struct page *p, const char *rule, const char *what)
{
	if (!p->failed)
		(void)err_set(p->err, ERR_SYSTEM, "%s:%d: %s '%.200s': the "
		    "page was not published; please report it", p->path,
		    line_of(p), rule, what);
	p->failed = 1;
	if (p->parser->input != NULL)
		xmlStopParser(p->parser);
	return -1;
}

enum meaning { NOT_ALLOWED, PLAIN, A, CAPTION, GOES, H1, HEAD, HTML, ID, LINK,
	MAIN, META, SCRIPT, SVG, TABLE, TITLE };

struct word {
	const char *name;
	enum meaning is;
};

static const char *const namespaces[] = {
	"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"
};

/* The lists are sorted, for bsearch. */
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
	{ "x1", PLAIN }, { "x2", PLAIN }, { "y", PLAIN }, { "y1", PLAIN },
	{ "y2", PLAIN }
};

static int
by_word(const void *key, const void *entry)
{
	return strcmp(key, ((const struct word *)entry)->name);
}

/*
 * What a name means.  libxml2 gives the same name at the same address as long
 * as the parser lives, so what was found last at an address is tried first.
 */
static enum meaning
meaning(struct known *known, const struct word *list, size_t n,
    const xmlChar *name)
{
	uintptr_t at = (uintptr_t)name;
	struct known *k = &known[(at ^ at >> 7) % KNOWN];

	if (k->name != name || strcmp(k->word->name, (const char *)name) != 0) {
		k->word = bsearch(name, list, n, sizeof(*list), by_word);
		k->name = k->word != NULL ? name : NULL;
	}
	return k->word != NULL ? k->word->is : NOT_ALLOWED;
}

#define MEANING(p, list, name) meaning((p)->sc->known_##list, list, \
	sizeof(list) / sizeof((list)[0]), name)

static int
namespace_is_ours(const xmlChar *uri)
{
	for (size_t i = 0; uri != NULL && i < 2; i++)
		if (strcmp((const char *)uri, namespaces[i]) == 0)
			return 1;
	return 0;
}

/* The value of an attribute without a prefix, in the scratch; NULL: none. */
static const char *
value_of(struct page *p, const struct attributes *as, const char *name)
{
	for (int i = 0; i < as->n; i++) {
		const xmlChar **at = as->at + 5 * i;

		if (at[1] == NULL && strcmp((const char *)at[0], name) == 0)
			return arena_strndup(p->scratch, (const char *)at[3],
			    (size_t)(at[4] - at[3]));
	}
	return NULL;
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

/* Of one target the first page by name and line is kept, whoever asks first:
 * what is said of it does not depend on the threads. */
static void
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
		int c;

		w = &sc->want[(uintptr_t)*place - 1];
		c = strcmp(page, w->page);
		if (c > 0 || (c == 0 && line >= w->line))
			return;
	}
	w->page = page;
	w->line = line;
}

/* Outside of the pack leads an `a` alone, whose page does not tell on. */
static int
check_link(struct page *p, enum meaning element, const struct attributes *as,
    const char *href)
{
	const char *to, *rel;

	if (strncmp(href, "https://", 8) == 0 ||
	    strncmp(href, "mailto:", 7) == 0) {
		rel = value_of(p, as, "rel");
		return element == A && rel != NULL &&
		    strcmp(rel, "noopener noreferrer nofollow") == 0 ? 0 :
		    fault(p, "an external link", href);
	}
	if (strchr(href, ':') != NULL || href[0] == '/' ||
	    strchr(href, '\\') != NULL)
		return fault(p, "a link that is not relative", href);
	to = resolve(p->scratch, p->path, href);
	if (to == NULL)
		return fault(p, "a link out of the pack", href);
	ask(p->sc, p->path, to, line_of(p));
	return 0;
}

static int
check_attribute(struct page *p, enum meaning element,
    const struct attributes *as, const xmlChar **at)
{
	const char *name = (const char *)at[0], *v;
	enum meaning is;

	if (at[1] != NULL)
		return strcmp((const char *)at[1], "xml") == 0 &&
		    strcmp(name, "lang") == 0 ? 0 :
		    fault(p, "an attribute that is not allowed", name);
	is = MEANING(p, attributes, at[0]);
	if (is == NOT_ALLOWED)
		return fault(p, "an attribute that is not allowed", name);
	if (is != ID && is != GOES)
		return 0;
	v = arena_strndup(p->scratch, (const char *)at[3],
	    (size_t)(at[4] - at[3]));
	if (is == GOES)
		return check_link(p, element, as, v);
	return note(p->sc, arena_printf(p->scratch, "%s#%s", p->path, v)) ?
	    fault(p, "an id twice", v) : 0;
}

/* What must be the first thing in a table, and in a drawing that is seen. */
static int
check_first(struct page *p, enum meaning is, const char *name)
{
	if (p->want_caption && is != CAPTION)
		return fault(p, "a table without a caption", name);
	if (p->want_title && is != TITLE)
		return fault(p, "a drawing without a title", name);
	p->want_caption = p->want_title = 0;
	return 0;
}

/* What loads or directs stands in the head alone, where the bytes of the
 * first of them are compared. */
static int
check_head(struct page *p, enum meaning is, const char *name,
    const struct attributes *as)
{
	const char *rel;

	if (is != META && is != LINK && is != SCRIPT)
		return 0;
	if (p->head == 0)
		return fault(p, "an element that belongs in the head", name);
	p->metas += is == META;
	rel = value_of(p, as, "rel");
	if (is == LINK && (rel == NULL || strcmp(rel, "stylesheet") != 0))
		return fault(p, "a link that is no style sheet", name);
	return p->metas > 4 ? fault(p, "a meta element too many", name) : 0;
}

static void
count(struct page *p, enum meaning is, const struct attributes *as)
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
	p->want_title = is == SVG && value_of(p, as, "aria-hidden") == NULL;
	if (p->depth == 1)
		p->html = is == HTML && value_of(p, as, "lang") != NULL;
}

static void
on_start(void *v, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nat, int ndefault,
    const xmlChar **at)
{
	struct page *p = v;
	struct attributes as = { at, nat };
	const char *name = (const char *)local;
	enum meaning is;

	(void)nns;
	(void)ns;
	(void)ndefault;
	if (p->failed)
		return;
	p->depth++;
	is = MEANING(p, elements, local);
	if (prefix != NULL || !namespace_is_ours(uri) || is == NOT_ALLOWED)
		(void)fault(p, "an element that is not allowed", name);
	else if (p->in_script > 0)
		(void)fault(p, "a script inside a page", name);
	else if (check_first(p, is, name) == 0 &&
	    check_head(p, is, name, &as) == 0) {
		count(p, is, &as);
		for (int i = 0; i < nat && !p->failed; i++)
			(void)check_attribute(p, is, &as, at + 5 * i);
	}
}

static void
on_end(void *v, const xmlChar *local, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct page *p = v;

	(void)local;
	(void)prefix;
	(void)uri;
	/* It was empty. */
	if (p->want_caption || p->want_title)
		(void)check_first(p, PLAIN, "nothing");
	if (p->failed)
		return;
	if (p->depth == p->in_script)
		p->in_script = 0;
	if (p->depth == p->in_title)
		p->in_title = 0;
	if (p->depth == p->head)
		p->head = 0;
	p->depth--;
}

static void
on_text(void *v, const xmlChar *text, int len)
{
	struct page *p = v;

	if (p->failed || len == 0)
		return;
	if (p->in_script > 0)
		(void)fault(p, "a script inside a page", "text");
	else if (p->in_title > 0) {
		p->titles++;
		p->in_title = -1; /* its text may come in pieces */
	}
	(void)text;
}

static void
on_comment(void *v, const xmlChar *text)
{
	(void)fault(v, "a comment", (const char *)text);
}

static void
on_cdata(void *v, const xmlChar *text, int len)
{
	(void)text;
	(void)len;
	(void)fault(v, "a CDATA section", "");
}

static void
on_instruction(void *v, const xmlChar *target, const xmlChar *data)
{
	(void)data;
	(void)fault(v, "an instruction", (const char *)target);
}

static void
on_doctype(void *v, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	if (strcmp((const char *)name, "html") != 0 || external != NULL ||
	    system != NULL)
		(void)fault(v, "a document type that is not ours",
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
		return fault(p, "a raw hidden character", hex);
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
check_page(struct page *p, const char *bytes, size_t len)
{
	const char *head;

	if (check_characters(p, bytes, len) == -1)
		return -1;
	head = strstr(bytes, "<head>");
	if (head == NULL || strncmp(head, head_want, strlen(head_want)) != 0)
		return fault(p, "a head that is not ours", "head");
	if (len > INT32_MAX)
		return fault(p, "a page over 2 GiB", p->path);
	if (parse(p, bytes, len) == -1)
		return -1;
	if (p->h1 != 1 || p->titles != 1 || p->mains != 1)
		return fault(p, "not one h1, title and main", p->path);
	return p->html ? 0 : fault(p, "no html with a lang", p->path);
}

int
selfcheck_page(struct selfcheck *sc, const char *path, const char *bytes,
    size_t len, struct err *e)
{
	struct page p = { .sc = sc, .parser = sc->parser, .err = e };
	int rc;

	p.path = arena_strdup(sc->arena, path);
	p.scratch = sc->scratch;
	selfcheck_file(sc, path);
	rc = check_page(&p, bytes, len);
	arena_reset(p.scratch);
	return rc;
}

void
selfcheck_merge(struct selfcheck *sc, const struct selfcheck *other)
{
	for (size_t i = 0; i < other->nname; i++)
		(void)note(sc, other->name[i]);
	for (size_t i = 0; i < other->n; i++)
		ask(sc, arena_strdup(sc->arena, other->want[i].page),
		    other->want[i].to, other->want[i].line);
}

int
selfcheck_done(struct selfcheck *sc, struct err *e)
{
	const struct wanted *first = NULL;

	for (size_t i = 0; i < sc->n; i++) {
		const struct wanted *w = &sc->want[i];
		int c = first == NULL ? -1 : strcmp(w->page, first->page);

		if (map_getz(sc->there, w->to) == NULL && (c < 0 || (c == 0 &&
		    w->line < first->line)))
			first = w;
	}
	if (first == NULL)
		return 0;
	return err_set(e, ERR_SYSTEM, "%s:%d: a link to '%s', which is not "
	    "there: the page was not published; please report it",
	    first->page, first->line, first->to);
}
