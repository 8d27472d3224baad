#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/facts.h"
#include "crypt/hash.h"
#include "eval/eval.h"
#include "pack/packin.h"
#include "pack/packjson.h"

#define GAPS "data/controls/check.json"

/* Gaps of check.json. */

static struct verdict *
gap_verdict(struct arena *a, const json_t *j, const struct catalogue *cat,
    struct fault *f)
{
	const char *control = packjson_text(j, "control", f);
	const char *scope = packjson_text(j, "scope", f);
	struct verdict *v = arena_alloc(a, sizeof(*v));

	if (control == NULL || scope == NULL)
		return NULL;
	v->control = catalogue_control(cat, control);
	v->scope = arena_strdup(a, scope);
	return v;
}

static int
read_gap(struct arena *a, const json_t *j, const struct catalogue *cat,
    struct findings *out, size_t *cap, struct fault *f)
{
	const char *id = packjson_text(j, "id", f);
	const char *kind = packjson_text(j, "kind", f);
	struct verdict *v = gap_verdict(a, j, cat, f);
	int64_t seen;
	struct gap *g;

	if (id == NULL || kind == NULL || v == NULL ||
	    packjson_int(j, "first_seen_us", &seen, f) == -1)
		return -1;
	/* A control that no longer ships closes its gaps. */
	if (v->control == NULL || strlen(id) != sizeof(g->id) - 1)
		return 0;
	g = VEC_PUSH(a, out->gap, out->ngap, *cap);
	memcpy(g->id, id, sizeof(g->id));
	g->kind = arena_strdup(a, kind);
	g->verdict = v;
	g->first_seen_us = seen;
	return 0;
}

static int
parse_gaps(struct arena *a, const char *p, size_t len, const char *whose,
    const struct catalogue *cat, struct findings **out, struct fault *f)
{
	json_t *j = packjson_load(p, len, 0, f), *list;
	struct findings *found = arena_alloc(a, sizeof(*found));
	const char *format, *organisation;
	size_t cap = 0;
	int rc = -1;

	if (j == NULL)
		return -1;
	format = packjson_text(j, "format", f);
	list = json_object_get(j, "gaps");
	if (format == NULL)
		goto out;
	if (strcmp(format, "exhibit-check/1") != 0 || !json_is_array(list)) {
		rc = fault_set(f, FAULT_VERSION_UNSUPPORTED,
		    "want format exhibit-check/1 with gaps");
		goto out;
	}
	organisation = packjson_text(j, "organisation", f);
	if (organisation == NULL)
		goto out;
	if (whose != NULL && strcmp(organisation, whose) != 0) {
		rc = fault_set(f, FAULT_JSON_FORM, "of organisation %s, want "
		    "%s", organisation, whose);
		goto out;
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		if (read_gap(a, json_array_get(list, i), cat, found, &cap,
		    f) == -1)
			goto out;
	*out = found;
	rc = 0;
out:
	json_decref(j);
	return rc;
}

static int
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
is_zip(const char *path)
{
	char head[4] = "";
	FILE *f = fopen(path, "rb");
	int zip = f != NULL && fread(head, 1, 4, f) == 4 &&
	    memcmp(head, "PK\3\4", 4) == 0;

	if (f != NULL)
		(void)fclose(f);
	return zip;
}

static int
load_zip(struct arena *a, const char *path, char **p, size_t *len,
    struct fault *f)
{
	const struct packin_file *file;
	struct packin *in;
	int rc;

	if (packin_open(a, path, &in, f) == -1)
		return -1;
	file = packin_find(in, GAPS);
	if (file == NULL)
		rc = fault_set(f, FAULT_JSON_FORM, "it holds no " GAPS);
	else
		rc = packin_load(in, a, file, LIMIT_JSON_FILE, p, len, f);
	(void)packin_close(in);
	return rc;
}

int
previous_gaps(struct arena *a, const char *path, const char *organisation,
    const struct catalogue *cat, struct findings **out, struct err *e)
{
	struct fault f = { 0 };
	char *p = NULL;
	size_t len = 0;

	if (is_zip(path)) {
		if (load_zip(a, path, &p, &len, &f) == -1)
			return fault_err(&f, path, e);
	} else if (out_slurp(a, is_folder(path) ? arena_printf(a, "%s/" GAPS,
	    path) : path, LIMIT_JSON_FILE, &p, &len, e) == -1)
		return -1;
	if (parse_gaps(a, p, len, organisation, cat, out, &f) == -1)
		return fault_err(&f, path, e);
	return 0;
}

/* Packs in the output folder. */

static int
read_info(struct arena *a, const char *dir, struct packinfo *info,
    struct err *e)
{
	const char *path = arena_printf(a, "%s/" PACK_JSON, dir);
	struct fault f = { 0 };
	char *p;
	size_t len;

	if (out_slurp(a, path, LIMIT_PACK_JSON, &p, &len, e) == -1)
		return -1;
	if (packjson_parse(a, p, len, info, &f) == -1)
		return fault_err(&f, path, e);
	return 0;
}

/* A folder that is no pack, or a broken one, is passed over. */
static int
is_pack(struct arena *a, const char *out, const char *name)
{
	size_t len = strlen(name);
	struct stat st;

	return name[0] != '.' && (len < 7 ||
	    strcmp(name + len - 7, ".broken") != 0) &&
	    stat(arena_printf(a, "%s/%s/" PACK_JSON, out, name), &st) == 0;
}

static int
read_streams(struct arena *a, struct previous *p, const struct packinfo *info,
    struct err *e)
{
	p->stream = arena_array(a, info->nstream + 1, sizeof(*p->stream));
	for (size_t i = 0; i < info->nstream; i++) {
		struct previous_stream *s = &p->stream[p->nstream++];
		char *note;
		size_t len;

		s->name = info->stream[i].stream;
		s->size = info->stream[i].size;
		if (out_slurp(a, arena_printf(a, "%s/data/log/%s/checkpoint",
		    p->dir, info->stream[i].dir), LIMIT_NOTE, &note, &len,
		    e) == -1)
			return -1;
		s->note = note;
	}
	return 0;
}

/* How far each agent might go: of its registry, where it is in the pack. */
static int
read_tiers(struct arena *a, struct previous *p, struct err *e)
{
	const char *path = arena_printf(a, "%s/data/inputs/registry.json",
	    p->dir);
	struct fault f = { 0 };
	struct eval_tier *list;
	struct stat st;
	char *bytes;
	json_t *j, *rows;
	size_t len;

	if (stat(path, &st) == -1)
		return 0;
	if (out_slurp(a, path, LIMIT_PACK_FILE, &bytes, &len, e) == -1)
		return -1;
	j = packjson_load(bytes, len, 0, &f);
	if (j == NULL)
		return fault_err(&f, path, e);
	rows = json_object_get(j, "ref_agent");
	list = arena_array(a, json_array_size(rows) + 1, sizeof(*list));
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		const char *id = json_string_value(json_object_get(row,
		    "agent_id"));
		const char *tier = json_string_value(json_object_get(row,
		    "permission_tier"));

		if (id == NULL || tier == NULL)
			continue;
		list[p->ntier].agent_id = arena_strdup(a, id);
		list[p->ntier++].tier = arena_strdup(a, tier);
	}
	json_decref(j);
	p->tier = list;
	return 0;
}

static int
read_pack(struct arena *a, struct previous *p, const struct packinfo *info,
    const struct catalogue *cat, struct err *e)
{
	const char *manifest = arena_printf(a, "%s/manifest-sha256.txt",
	    p->dir);
	struct findings *f = NULL;
	struct hash *h;
	uint8_t sum[HASH_LEN];
	char *bytes;
	size_t len;
	struct stat st;

	if (out_slurp(a, manifest, LIMIT_PACK_MANIFEST, &bytes, &len, e) == -1)
		return -1;
	h = hash_new(a);
	hash_bytes(h, sum, bytes, len);
	hash_hex(p->manifest, sum);
	hash_free(h);
	p->period = info->period;
	p->as_of_us = info->as_of_us;
	p->inputs = map_new(a);
	for (size_t i = 0; i < info->ninput; i++) {
		char hex[HASH_HEXLEN];

		hash_hex(hex, info->input[i].sha256);
		*map_putz(p->inputs, arena_strdup(a, hex)) = p;
	}
	if (stat(arena_printf(a, "%s/" GAPS, p->dir), &st) == 0 &&
	    previous_gaps(a, p->dir, NULL, cat, &f, e) == -1)
		return -1;
	p->findings = f;
	if (read_tiers(a, p, e) == -1)
		return -1;
	return read_streams(a, p, info, e);
}

int
previous_find(struct arena *a, const char *out, const char *organisation,
    int64_t from_us, const struct catalogue *cat, struct previous **found,
    struct err *e)
{
	struct packinfo best = { .to_us = INT64_MIN };
	const char *dir = NULL;
	struct dirent *d;
	DIR *list = opendir(out);
	int rc = 0;

	*found = NULL;
	if (list == NULL)
		return errno == ENOENT ? 0 : err_errno(e, "%s", out);
	while (rc == 0 && (d = readdir(list)) != NULL) {
		struct packinfo info = { 0 };
		const char *path;

		if (!is_pack(a, out, d->d_name))
			continue;
		path = arena_printf(a, "%s/%s", out, d->d_name);
		rc = read_info(a, path, &info, e);
		if (rc == -1 || strcmp(info.organisation, organisation) != 0 ||
		    info.to_us > from_us)
			continue;
		if (info.to_us > best.to_us || (info.to_us == best.to_us &&
		    strcmp(path, dir) < 0)) {
			best = info;
			dir = path;
		}
	}
	(void)closedir(list);
	if (rc == -1 || dir == NULL)
		return rc;
	*found = arena_alloc(a, sizeof(**found));
	(*found)->dir = dir;
	return read_pack(a, *found, &best, cat, e);
}
