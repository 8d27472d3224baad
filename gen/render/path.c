#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "model/docnode.h"
#include "render/path.h"

#define KEEP_MAX 48 /* bytes of an id that is kept as its name */
#define SLUG_LONG 32
#define SLUG_SHORT 8

enum shape {
	SHAPE_OURS,   /* <folder><id><ext>, checked */
	SHAPE_INDEX,  /* <folder><name>/index.html */
	SHAPE_ONE,    /* <folder><name><ext> */
	SHAPE_TWO,    /* <folder><name>/<name><ext>, split at the first / */
	SHAPE_RECORD, /* <folder><dir>/<seq/4096>/<seq><ext> */
	SHAPE_SEQ,    /* <folder><dir>/<seq><ext> */
	SHAPE_SOURCE, /* <folder><names of the path><ext> */
	SHAPE_DOC     /* <folder><kind>/<name>.<html or md> */
};

static const struct kind {
	const char *kind, *folder, *ext;
	enum shape shape;
	int authored;
} kinds[] = {
	{ "action", "site/actions/", ".html", SHAPE_ONE, 0 },
	{ "agent", "site/agents/", ".html", SHAPE_ONE, 0 },
	{ "control", "site/controls/", ".html", SHAPE_ONE, 1 },
	{ "crosswalk", "site/crosswalks/", ".html", SHAPE_ONE, 1 },
	{ "dataset", "site/datasets/", ".html", SHAPE_ONE, 0 },
	{ "deployment", "site/deployments/", ".html", SHAPE_ONE, 0 },
	{ "document", "docs/", ".", SHAPE_DOC, 1 },
	{ "evaluation", "site/evaluations/", ".html", SHAPE_ONE, 0 },
	{ "evidence", "site/evidence/", ".html", SHAPE_ONE, 1 },
	{ "file", "", "", SHAPE_OURS, 1 },
	{ "folder", "site/", "", SHAPE_INDEX, 1 },
	{ "framework", "site/frameworks/", "", SHAPE_INDEX, 1 },
	{ "gap", "site/gaps/", ".html", SHAPE_ONE, 1 },
	{ "incident", "site/incidents/", ".html", SHAPE_ONE, 0 },
	{ "letter", "site/az/", ".html", SHAPE_ONE, 1 },
	{ "log", "site/log/", ".html", SHAPE_ONE, 1 },
	{ "model", "site/models/", ".html", SHAPE_ONE, 0 },
	{ "page", "site/", ".html", SHAPE_OURS, 1 },
	{ "person", "site/people/", ".html", SHAPE_ONE, 0 },
	{ "policy", "site/policies/", ".html", SHAPE_TWO, 0 },
	{ "print", "site/print/", ".html", SHAPE_ONE, 1 },
	{ "prompt", "site/prompts/", ".html", SHAPE_ONE, 0 },
	{ "proof", "proofs/", ".tlog-proof", SHAPE_SEQ, 1 },
	{ "record", "site/records/", ".html", SHAPE_RECORD, 1 },
	{ "recordfile", "records/", ".json", SHAPE_SEQ, 1 },
	{ "requirement", "site/frameworks/", ".html", SHAPE_TWO, 1 },
	{ "risk", "site/risks/", ".html", SHAPE_ONE, 0 },
	{ "source", "site/sources/", ".html", SHAPE_SOURCE, 1 },
	{ "test", "site/tests/", ".html", SHAPE_ONE, 1 },
	{ "tool", "site/tools/", ".html", SHAPE_ONE, 0 }
};

static const struct kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind[0] == name[0] &&
		    strcmp(kinds[i].kind, name) == 0)
			return &kinds[i];
	return NULL;
}

static int
is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int
ends_with(const char *p, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(p + len - n, end, n) == 0;
}

/* con, prn, com1 ..., alone or before a dot. */
static int
is_device(const char *p, size_t len)
{
	static const char *const name[] = { "con", "prn", "aux", "nul" };
	size_t n = 0;

	while (n < len && p[n] != '.')
		n++;
	if (n == 4 && (memcmp(p, "com", 3) == 0 || memcmp(p, "lpt", 3) == 0))
		return p[3] >= '0' && p[3] <= '9';
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (n == 3 && memcmp(p, name[i], 3) == 0)
			return 1;
	return 0;
}

/* Ends like a further page of a table, -p2, or like our own hashed names. */
static int
ends_like_ours(const char *p, size_t len)
{
	size_t n = len;

	while (n > 0 && p[n - 1] >= '0' && p[n - 1] <= '9')
		n--;
	if (n < len && ends_with(p, n, "-p"))
		return 1;
	if (len < 17 || p[len - 17] != '-')
		return 0;
	for (n = len - 16; n < len; n++)
		if (!is_lower(p[n]) || p[n] > 'f')
			return 0;
	return 1;
}

/* The first form of site.md section 3: the id itself is the name. */
static int
is_kept(const char *p, size_t len)
{
	if (len == 0 || len > KEEP_MAX || !is_lower(p[0]) ||
	    p[len - 1] == '.' || p[len - 1] == '-')
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!is_lower(p[i]) && p[i] != '.' && p[i] != '_' &&
		    p[i] != '-')
			return 0;
		if (i > 0 && p[i] == '.' && p[i - 1] == '.')
			return 0;
	}
	return !is_device(p, len) && !ends_like_ours(p, len) &&
	    !(len == 5 && memcmp(p, "index", 5) == 0) &&
	    !ends_with(p, len, ".html") && !ends_with(p, len, ".csv");
}

static void
add_slug(struct str *s, const char *id, size_t len, size_t max)
{
	size_t from = s->len;

	for (size_t i = 0; i < len && s->len - from < max; i++) {
		char c = fold(id[i]);

		if (is_lower(c))
			str_addc(s, c);
		else if (s->len > from && s->p[s->len - 1] != '-')
			str_addc(s, '-');
	}
	while (s->len > from && s->p[s->len - 1] == '-')
		s->p[--s->len] = '\0';
}

static void
add_hashed(struct str *s, const char *id, size_t len, size_t slug,
    size_t digits)
{
	struct hash *h = hash_new(s->arena);
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];
	size_t from = s->len;

	hash_bytes(h, sum, id, len);
	hash_free(h);
	hash_hex(hex, sum);
	add_slug(s, id, len, slug);
	if (s->len > from)
		str_addc(s, '-');
	str_add(s, hex, digits);
}

static void
add_name(struct str *s, const char *id, size_t len, int authored)
{
	char *low = arena_strndup(s->arena, id, len);
	int upper = 0, spaces = 0;

	for (size_t i = 0; i < len; i++) {
		upper |= low[i] >= 'A' && low[i] <= 'Z';
		low[i] = fold(low[i]);
		if (low[i] == ' ') {
			spaces |= i > 0 && id[i - 1] == ' ';
			low[i] = '-';
		}
	}
	if (is_kept(low, len) && !spaces && (authored || !upper))
		str_add(s, low, len);
	else
		add_hashed(s, id, len, SLUG_LONG, 16);
}

void
path_name(struct str *s, const char *id, int authored)
{
	add_name(s, id, strlen(id), authored);
}

void
path_anchor(struct str *s, const char *prefix, const char *id)
{
	str_addz(s, prefix);
	str_addc(s, '-');
	path_name(s, id, 1);
}

/* "folder\nname", or "kind\nid": what the maps are keyed by. */
static char *
key2(struct arena *a, const char *x, const char *y)
{
	return arena_printf(a, "%s\n%s", x, y);
}

/* One part below folder, in the long form where two ids share the name. */
static void
add_unique(const struct path *path, struct str *s, const char *folder,
    const char *id, size_t len, int authored)
{
	struct str name = str_new(s->arena);

	add_name(&name, id, len, authored);
	if (path != NULL && map_getz(path->clash,
	    key2(s->arena, folder, name.p)) != NULL)
		add_hashed(s, id, len, SLUG_SHORT, 64);
	else
		str_add(s, name.p, name.len);
}

/* Letters, digits, . _ - and / between parts; no part is empty or begins
 * with a dot. */
static int
is_ours(const char *p)
{
	size_t part = 0;

	for (; *p != '\0'; p++) {
		if (*p == '/') {
			if (part == 0)
				return 0;
			part = 0;
		} else if (is_lower(fold(*p)) || *p == '_' || *p == '-' ||
		    (*p == '.' && part > 0))
			part++;
		else
			return 0;
	}
	return part > 0;
}

/* Decimal without leading zeros, below 2^63. */
static int
parse_seq(const char *p, uint64_t *seq)
{
	*seq = 0;
	for (size_t i = 0; p[i] != '\0'; i++) {
		if (p[i] < '0' || p[i] > '9' || i > 17)
			return -1;
		*seq = *seq * 10 + (uint64_t)(p[i] - '0');
	}
	return p[0] == '\0' || (p[0] == '0' && p[1] != '\0') ? -1 : 0;
}

/* <dir>/<seq>: the folder of a stream is a file name already (pack.md). */
static int
add_seq(struct str *s, const char *id, int site)
{
	const char *slash = strchr(id, '/');
	uint64_t seq;

	if (slash == NULL || !is_ours(id) || parse_seq(slash + 1, &seq) == -1)
		return -1;
	str_add(s, id, (size_t)(slash - id) + 1);
	if (site)
		str_addf(s, "%llu/", (unsigned long long)(seq / 4096));
	str_addz(s, slash + 1);
	return 0;
}

#define SOURCE_MAX (PATH_LEN_MAX - sizeof("data/site/sources/.html"))

/* The path of an input, name by name; hashed whole if that is too long. */
static void
add_source(struct str *s, const char *whole)
{
	const char *id = whole;
	size_t from = s->len;

	for (;;) {
		size_t n = strcspn(id, "/");

		add_name(s, id, n, 1);
		if (id[n] == '\0')
			break;
		str_addc(s, '/');
		id += n + 1;
	}
	if (s->len - from > SOURCE_MAX) {
		s->len = from;
		add_hashed(s, whole, strlen(whole), SLUG_LONG, 16);
	}
}

static int
add_two(const struct path *path, struct str *s, const struct kind *k,
    const char *id)
{
	const char *slash = strchr(id, '/'), *folder;

	if (slash == NULL || slash == id || slash[1] == '\0')
		return -1;
	folder = arena_printf(s->arena, "%s%.*s", k->folder,
	    (int)(slash - id), id);
	add_unique(path, s, k->folder, id, (size_t)(slash - id), k->authored);
	str_addc(s, '/');
	add_unique(path, s, folder, slash + 1, strlen(slash + 1),
	    k->authored);
	return 0;
}

static int
add_shape(const struct path *path, struct str *s, const struct kind *k,
    const char *id)
{
	switch (k->shape) {
	case SHAPE_INDEX:
		add_name(s, id, strlen(id), 1);
		str_addz(s, "/index.html");
		return 0;
	case SHAPE_ONE:
		add_unique(path, s, k->folder, id, strlen(id), k->authored);
		return 0;
	case SHAPE_TWO:
		return add_two(path, s, k, id);
	case SHAPE_RECORD:
		return add_seq(s, id, 1);
	case SHAPE_SEQ:
		return add_seq(s, id, 0);
	case SHAPE_SOURCE:
		add_source(s, id);
		return 0;
	case SHAPE_OURS:
	case SHAPE_DOC:
		if (!is_ours(id))
			return -1;
		str_addz(s, id);
		return 0;
	}
	return -1;
}

int
path_target(const struct path *path, struct str *s, const struct target *to,
    const char *ext)
{
	const struct kind *k = kind_find(to->kind);
	size_t from = s->len;

	if (k == NULL || to->id == NULL)
		return -1;
	str_addz(s, "data/");
	str_addz(s, k->folder);
	if (add_shape(path, s, k, to->id) == 0) {
		str_addz(s, k->ext);
		if (k->shape == SHAPE_DOC)
			str_addz(s, ext);
		if (s->len - from <= PATH_LEN_MAX)
			return 0;
	}
	s->len = from;
	s->p[from] = '\0';
	return -1;
}

void
path_relative(struct str *s, const char *from, const char *to)
{
	size_t same = 0;

	for (size_t i = 0; from[i] != '\0' && from[i] == to[i]; i++)
		if (from[i] == '/')
			same = i + 1;
	for (size_t i = same; from[i] != '\0'; i++)
		if (from[i] == '/')
			str_addz(s, "../");
	str_addz(s, to + same);
}

/* A target that was noted. */
struct place {
	const char *kind, *id;
	const char *to; /* its path, once settled; NULL: not, or by ext */
	struct place *next;
};

static const struct place *
find_place(const struct path *p, const struct target *to)
{
	size_t n = strlen(to->kind), len;
	char key[512];

	if (to->id == NULL)
		return NULL;
	len = strlen(to->id);
	if (n + 1 + len > sizeof(key)) {
		const struct place *at = p->last;

		while (at != NULL && (strcmp(at->id, to->id) != 0 ||
		    strcmp(at->kind, to->kind) != 0))
			at = at->next;
		return at;
	}
	memcpy(key, to->kind, n);
	key[n] = '\n';
	memcpy(key + n + 1, to->id, len);
	return map_get(p->page, key, n + 1 + len);
}

/* A NULL path, or one without notes, knows every target. */
static int
knows_all(const struct path *p)
{
	return p == NULL || map_count(p->page) == 0;
}

int
path_link(const struct path *path, struct str *s, const char *from,
    const struct target *to, const char *ext)
{
	const struct place *at = knows_all(path) ? NULL :
	    find_place(path, to);
	const char *abs = at != NULL ? at->to : NULL;

	if (at == NULL && !knows_all(path))
		return -1;
	if (abs == NULL) {
		struct str made = str_new(s->arena);

		if (path_target(path, &made, to, ext) == -1)
			return -1;
		abs = made.p;
	}
	if (to->anchor == NULL || strcmp(abs, from) != 0)
		path_relative(s, from, abs);
	if (to->anchor != NULL) {
		str_addc(s, '#');
		str_addz(s, to->anchor);
	}
	return 0;
}

struct path *
path_new(struct arena *a)
{
	struct path *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	p->page = map_new(a);
	p->name = map_new(a);
	p->clash = map_new(a);
	return p;
}

int
path_known(const struct path *p, const struct target *to)
{
	return knows_all(p) || find_place(p, to) != NULL;
}

/* A second id with the name of the first makes it a clash. */
static void
take(struct path *p, const char *folder, const char *id, size_t len,
    int authored)
{
	struct str name = str_new(p->arena);
	char *key;
	void **first;

	add_name(&name, id, len, authored);
	key = key2(p->arena, folder, name.p);
	first = map_putz(p->name, key);
	if (*first == NULL)
		*first = arena_strndup(p->arena, id, len);
	else if (str_cmp(*first, strlen(*first), id, len) != 0)
		*map_putz(p->clash, key) = p;
}

void
path_note(struct path *p, const char *kind, const char *id)
{
	const struct kind *k = kind_find(kind);
	const char *slash = strchr(id, '/');
	struct place *at = arena_alloc(p->arena, sizeof(*at));

	*at = (struct place){ .kind = arena_strdup(p->arena, kind),
		.id = arena_strdup(p->arena, id), .next = p->last };
	p->last = at;
	*map_putz(p->page, key2(p->arena, kind, id)) = at;
	if (k == NULL)
		return;
	if (k->shape == SHAPE_ONE)
		take(p, k->folder, id, strlen(id), k->authored);
	else if (k->shape == SHAPE_TWO && slash != NULL) {
		char *folder = arena_printf(p->arena, "%s%.*s", k->folder,
		    (int)(slash - id), id);

		take(p, k->folder, id, (size_t)(slash - id), k->authored);
		take(p, folder, slash + 1, strlen(slash + 1), k->authored);
	}
}

void
path_settle(struct path *p)
{
	struct str s = str_new(p->arena);

	for (struct place *at = p->last; at != NULL; at = at->next) {
		const struct kind *k = kind_find(at->kind);
		struct target to = { .kind = at->kind, .id = at->id };

		str_reset(&s);
		if (k != NULL && k->shape != SHAPE_DOC &&
		    path_target(p, &s, &to, "html") == 0)
			at->to = arena_strndup(p->arena, s.p, s.len);
	}
}
