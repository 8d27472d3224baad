#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/out.h"
#include "cmd/draft.h"
#include "read/yaml.h"

#define CONTEXT 3 /* lines of a diff around what changes */

static const char *
full(const struct draft *d)
{
	return arena_printf(d->arena, "%s/%s", d->dir, d->path);
}

int
draft_open(struct draft *d, struct arena *a, const char *dir, const char *path,
    struct err *e)
{
	struct stat st;
	char *p;

	*d = (struct draft){ .arena = a, .dir = dir, .path = path,
		.text = str_new(a) };
	if (lstat(full(d), &st) == -1)
		return 0; /* whatever it is, writing will find it out */
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: not a regular file", path);
	if (out_slurp(a, full(d), LIMIT_YAML_FILE, &p, &d->oldlen, e) == -1)
		return -1;
	d->old = p;
	str_add(&d->text, p, d->oldlen);
	return 0;
}

const struct yaml *
draft_tree(struct arena *a, const char *path, const char *p, size_t len)
{
	struct diag diag;
	struct yaml *y;

	diag_init(&diag, a);
	y = yaml_read(a, path, p, len, &diag);
	return diag.total == 0 ? y : NULL;
}

static const struct yaml *
tree(const struct draft *d)
{
	return draft_tree(d->arena, d->path, d->text.p, d->text.len);
}

/* Lines can be added at the top only where the top is lines. */
static int
check_block(const struct draft *d, const struct yaml *y, struct err *e)
{
	if (y == NULL)
		return err_set(e, ERR_INPUT, "%s: does not parse: exhibit "
		    "check says why", d->path);
	if (y->first != NULL && y->first->keyat.col != 1)
		return err_set(e, ERR_INPUT, "%s:%" PRIu32 ": is written as "
		    "one { }: add the field by hand", d->path,
		    y->first->keyat.line);
	return 0;
}

static void
end_line(struct draft *d)
{
	if (d->text.len > 0 && d->text.p[d->text.len - 1] != '\n')
		str_addc(&d->text, '\n');
}

int
draft_field(struct draft *d, const char *line, struct err *e)
{
	if (d->text.len > 0 && check_block(d, tree(d), e) == -1)
		return -1;
	end_line(d);
	str_addz(&d->text, line);
	str_addc(&d->text, '\n');
	return 0;
}

/* Where line n, from 1, begins; the end of the text for one behind it. */
static size_t
line_start(const struct str *s, uint32_t n)
{
	size_t at = 0;

	for (; n > 1 && at < s->len; n--) {
		const char *end = memchr(s->p + at, '\n', s->len - at);

		at = end == NULL ? s->len : (size_t)(end - s->p) + 1;
	}
	return at;
}

static void
insert(struct draft *d, size_t at, const struct str *what)
{
	struct str s = str_new(d->arena);

	str_add(&s, d->text.p, at);
	if (at > 0 && d->text.p[at - 1] != '\n')
		str_addc(&s, '\n');
	str_add(&s, what->p, what->len);
	str_add(&s, d->text.p + at, d->text.len - at);
	d->text = s;
}

static void
add_entry(struct str *s, size_t indent, const char *const *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < indent; k++)
			str_addc(s, ' ');
		str_addf(s, "%s%s\n", i == 0 ? "- " : "  ", line[i]);
	}
}

/* Before the next key of the top, and before the comment that leads it. */
static size_t
list_end(const struct draft *d, const struct yaml *list)
{
	size_t at = list->next == NULL ? d->text.len : line_start(&d->text,
	    list->next->keyat.line);

	while (list->next != NULL && at > 1) {
		size_t from = at - 1;

		while (from > 0 && d->text.p[from - 1] != '\n')
			from--;
		if (d->text.p[from] != '#' && d->text.p[from] != '\n')
			break;
		at = from;
	}
	return at;
}

/* How far the dashes of a block list stand in; -1: it is no block list. */
static int
dash_indent(const struct draft *d, const struct yaml *list)
{
	uint32_t line = list->first->at.line;
	size_t at = line_start(&d->text, line), n = 0;

	while (d->text.p[at + n] == ' ')
		n++;
	return line > list->keyat.line && d->text.p[at + n] == '-' &&
	    d->text.p[at + n + 1] == ' ' ? (int)n : -1;
}

/* `waivers: []` becomes `waivers:` with an entry below. */
static int
open_empty(struct draft *d, const struct yaml *list, const struct str *entry,
    struct err *e)
{
	size_t at = line_start(&d->text, list->keyat.line), n = 0, end;
	struct str s = str_new(d->arena);
	const char *brackets = strstr(d->text.p + at, "[]");

	end = line_start(&d->text, list->keyat.line + 1);
	if (brackets == NULL || (size_t)(brackets - d->text.p) >= end)
		return err_set(e, ERR_INPUT, "%s:%" PRIu32 ": %s: add the "
		    "entry by hand", d->path, list->keyat.line, list->key);
	n = (size_t)(brackets - d->text.p);
	while (n > at && d->text.p[n - 1] == ' ')
		n--;
	str_add(&s, d->text.p, n);
	str_addz(&s, brackets + 2);
	d->text = s;
	insert(d, line_start(&d->text, list->keyat.line + 1), entry);
	return 0;
}

int
draft_entry(struct draft *d, const char *list, const char *const *line,
    size_t n, int open, struct err *e)
{
	const struct yaml *y = d->text.len == 0 ? NULL : tree(d), *l = NULL;
	struct str entry = str_new(d->arena);
	int indent = 0;

	if (d->text.len > 0 && check_block(d, y, e) == -1)
		return -1;
	l = y != NULL ? yaml_find(y, list) : NULL;
	if (l != NULL && l->kind == YAML_LIST && l->n > 0)
		indent = dash_indent(d, l);
	if (l != NULL && (l->kind != YAML_LIST || indent == -1 ||
	    (l->n == 0 && !open)))
		return err_set(e, ERR_INPUT, "%s:%" PRIu32 ": %s: %s", d->path,
		    l->keyat.line, list, l->kind == YAML_LIST && l->n == 0 ?
		    "[] says that there is none: change it by hand" :
		    "add the entry by hand");
	if (l == NULL)
		str_addf(&entry, "%s:\n", list);
	add_entry(&entry, (size_t)indent, line, n);
	if (l != NULL && l->n == 0)
		return open_empty(d, l, &entry, e);
	insert(d, l == NULL ? d->text.len : list_end(d, l), &entry);
	return 0;
}

/* What was there is there, in its order, with the same values. */
static int
holds(const struct yaml *now, const struct yaml *was)
{
	const struct yaml *n = now->first;

	if (now->kind != was->kind || now->absent != was->absent ||
	    !str_eq(now->text, was->text))
		return 0;
	for (const struct yaml *w = was->first; w != NULL; w = w->next) {
		if (n == NULL || !str_eq(n->key, w->key) || !holds(n, w))
			return 0;
		n = n->next;
	}
	return 1;
}

int
draft_check(const struct draft *d, struct err *e)
{
	const struct yaml *now, *was;
	size_t len = strlen(d->path);

	if (len < 5 || strcmp(d->path + len - 5, ".yaml") != 0)
		return 0;
	now = tree(d);
	was = d->old == NULL ? NULL : draft_tree(d->arena, d->path, d->old,
	    d->oldlen);
	if (now == NULL && was != NULL)
		return err_set(e, ERR_INPUT, "%s: the draft holds a name that "
		    "cannot be written there", d->path);
	if (now == NULL || (d->old != NULL && (was == NULL ||
	    !holds(now, was))))
		return err_set(e, ERR_INPUT, "%s: cannot be added to without "
		    "changing what stands there: do it by hand", d->path);
	return 0;
}

/* Diff */

struct lines {
	const char **p;
	size_t *len;
	size_t n;
};

static struct lines
split(struct arena *a, const char *p, size_t len)
{
	struct lines l = { 0 };
	size_t max = 1;

	for (size_t i = 0; i < len; i++)
		max += p[i] == '\n';
	l.p = arena_array(a, max, sizeof(*l.p));
	l.len = arena_array(a, max, sizeof(*l.len));
	while (len > 0) {
		const char *end = memchr(p, '\n', len);
		size_t n = end == NULL ? len : (size_t)(end - p);

		l.p[l.n] = p;
		l.len[l.n++] = n;
		n += end != NULL;
		p += n;
		len -= n;
	}
	return l;
}

static int
same(const struct lines *a, size_t i, const struct lines *b, size_t k)
{
	return str_cmp(a->p[i], a->len[i], b->p[k], b->len[k]) == 0;
}

static void
put(struct str *s, char mark, const struct lines *l, size_t from, size_t to)
{
	for (; from < to; from++) {
		str_addc(s, mark);
		str_add(s, l->p[from], l->len[from]);
		str_addc(s, '\n');
	}
}

/* One hunk: all from the first line that differs to the last. */
void
draft_diff(const struct draft *d, struct str *s)
{
	struct lines a = split(d->arena, d->old != NULL ? d->old : "",
	    d->oldlen), b = split(d->arena, d->text.p, d->text.len);
	size_t head = 0, tail = 0, from, more;

	while (head < a.n && head < b.n && same(&a, head, &b, head))
		head++;
	while (tail < a.n - head && tail < b.n - head &&
	    same(&a, a.n - 1 - tail, &b, b.n - 1 - tail))
		tail++;
	from = head > CONTEXT ? head - CONTEXT : 0;
	more = tail < CONTEXT ? tail : CONTEXT;
	str_addf(s, "--- %s%s\n+++ b/%s\n", d->old == NULL ? "" : "a/",
	    d->old == NULL ? "/dev/null" : d->path, d->path);
	str_addf(s, "@@ -%zu,%zu +%zu,%zu @@\n", a.n == 0 ? 0 : from + 1,
	    a.n - tail + more - from, from + 1, b.n - tail + more - from);
	put(s, ' ', &b, from, head);
	put(s, '-', &a, head, a.n - tail);
	put(s, '+', &b, head, b.n - tail);
	put(s, ' ', &b, b.n - tail, b.n - tail + more);
}

/* Writing */

static int
unchanged(const struct draft *d, struct err *e)
{
	struct draft now;

	if (draft_open(&now, d->arena, d->dir, d->path, e) == -1)
		return -1;
	if ((now.old == NULL) != (d->old == NULL) || str_cmp(now.text.p,
	    now.text.len, d->old != NULL ? d->old : "", d->oldlen) != 0)
		return err_set(e, ERR_SYSTEM, "%s: somebody else changed it: "
		    "nothing is written there", d->path);
	return 0;
}

int
draft_write(const struct draft *d, struct err *e)
{
	const char *path = full(d), *slash = strrchr(path, '/');
	struct stat st;
	unsigned mode = 0644;

	if (unchanged(d, e) == -1)
		return -1;
	if (lstat(path, &st) == 0)
		mode = (unsigned)st.st_mode & 0777;
	else if (out_mkdirs(arena_strndup(d->arena, path,
	    (size_t)(slash - path)), e) == -1)
		return -1;
	return out_replace(path, d->text.p, d->text.len, mode, e);
}

void
draft_undo(const struct draft *d)
{
	struct err ignored = { 0 };

	if (d->old == NULL)
		(void)unlink(full(d));
	else
		(void)out_replace(full(d), d->old, d->oldlen, 0644, &ignored);
}
