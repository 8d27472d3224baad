#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypt/hash.h"
#include "pack/manifest.h"
#include "pack/tag.h"
#include "verify/run.h"

/* L1: files, manifest, tag files and pack.json agree; nothing is missing and
 * nothing is extra. */

/* "sig/preparer-2.sshsig": the name, the role and which of the two it is. */
int
run_signer_name(struct arena *a, const char *path, struct signer *s,
    int *is_bundle)
{
	static const char *const suffix[] = { ".sshsig", ".sigstore.json" };
	const char *p = path + 4, *end = path + strlen(path);
	size_t n = 0;

	if (strncmp(path, "sig/", 4) != 0)
		return -1;
	for (*is_bundle = 0; *is_bundle < 2; (*is_bundle)++) {
		n = strlen(suffix[*is_bundle]);
		if ((size_t)(end - p) > n &&
		    strcmp(end - n, suffix[*is_bundle]) == 0)
			break;
	}
	if (*is_bundle == 2)
		return -1;
	s->name = arena_strndup(a, p, (size_t)(end - p) - n);
	p = s->name;
	if (strncmp(p, "preparer", 8) != 0 && strncmp(p, "approver", 8) != 0)
		return -1;
	s->role = *p == 'p' ? ROLE_PREPARER : ROLE_APPROVER;
	p += 8;
	if (*p == '\0')
		return 0;
	/* -2 to -16: no leading zero, no sign. */
	n = strspn(p + 1, "0123456789");
	if (*p != '-' || n == 0 || n > 2 || p[1 + n] != '\0' || p[1] == '0' ||
	    strcmp(p, "-1") == 0)
		return -1;
	return 0;
}

static int
add_to_hash(void *ctx, const void *p, size_t len)
{
	hash_add(ctx, p, len);
	return 0;
}

static void
check_file(struct run *v, size_t i)
{
	struct packfile *pf = &v->set.file[i];
	const struct packin_file *file = packin_find(v->in, pf->path);
	uint8_t sum[HASH_LEN];
	struct fault f;

	if (file == NULL) {
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_MISSING, pf->path,
		    "listed in the manifest, and not there");
		return;
	}
	pf->size = file->size;
	hash_start(v->hash);
	if (packin_read(v->in, file, add_to_hash, v->hash, &f) == -1) {
		run_fault(v, LEVEL_INTEGRITY, pf->path, &f);
		return;
	}
	hash_end(v->hash, sum);
	if (memcmp(sum, pf->sha256, HASH_LEN) != 0)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_HASH_MISMATCH, pf->path,
		    "is not the file that the manifest lists");
	else
		v->good[i] = 1;
}

static const char *const tag_files[] = { "README.txt", "bag-info.txt",
	"bagit.txt", MANIFEST_NAME };

/* A file outside the manifest: a tag file, a signature, or too much. */
static void
check_unlisted(struct run *v, const char *path)
{
	struct signer s;
	int is_bundle;

	if (manifest_find(&v->set, path) != NULL)
		return;
	for (size_t i = 0; i < sizeof(tag_files) / sizeof(tag_files[0]); i++)
		if (strcmp(path, tag_files[i]) == 0)
			return;
	if (run_signer_name(v->arena, path, &s, &is_bundle) == 0)
		return;
	if ((strncmp(path, "manifest-", 9) == 0 ||
	    strncmp(path, "tagmanifest-", 12) == 0) &&
	    strchr(path, '/') == NULL)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_MANIFEST_ALGORITHM, path,
		    "the one manifest is " MANIFEST_NAME);
	else
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_UNLISTED, path,
		    "is in the pack, and no manifest lists it");
}

static int
read_manifest(struct run *v)
{
	const struct packin_file *file = packin_find(v->in, MANIFEST_NAME);
	struct fault f;
	char *p;

	if (file == NULL && packin_find(v->in, PACK_JSON) == NULL) {
		run_faultf(v, LEVEL_INTEGRITY, FAULT_NOT_A_PACK, NULL,
		    "holds no " MANIFEST_NAME);
		return -1;
	}
	if (file == NULL) {
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_MISSING,
		    MANIFEST_NAME, "is not there");
		return -1;
	}
	if (packin_load(v->in, v->arena, file, LIMIT_PACK_MANIFEST, &p,
	    &v->manifestlen, &f) == -1 ||
	    manifest_parse(v->arena, p, v->manifestlen, &v->set, &f) == -1) {
		run_fault(v, LEVEL_INTEGRITY, MANIFEST_NAME, &f);
		return -1;
	}
	v->manifest = p;
	v->good = arena_alloc(v->arena, v->set.nfile + 1);
	hash_bytes(v->hash, v->r->manifest, p, v->manifestlen);
	v->r->have_manifest = 1;
	v->r->nfile = v->set.nfile;
	return 0;
}

/* A tag file is what the writer makes of the rest. */
static void
check_tag(struct run *v, const char *path, const char *want, size_t wantlen)
{
	const struct packin_file *file = packin_find(v->in, path);
	struct fault f;
	char *p;
	size_t len;

	if (file == NULL)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_MISSING, path,
		    "is not there");
	else if (packin_load(v->in, v->arena, file, LIMIT_PACK_JSON, &p, &len,
	    &f) == -1)
		run_fault(v, LEVEL_INTEGRITY, path, &f);
	else if (len != wantlen || memcmp(p, want, len) != 0)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_TAG_MISMATCH, path,
		    "is not what the pack makes it");
}

static void
check_tags(struct run *v)
{
	struct str s = str_new(v->arena);
	uint64_t bytes = 0;
	char *p;
	size_t len;

	tag_bagit(&s);
	check_tag(v, "bagit.txt", s.p, s.len);
	for (size_t i = 0; i < v->set.nfile; i++) {
		/* A wrong file was reported; its size says nothing. */
		if (!v->good[i])
			return;
		bytes += v->set.file[i].size;
	}
	str_reset(&s);
	tag_baginfo(&s, &v->info, bytes, v->set.nfile);
	check_tag(v, "bag-info.txt", s.p, s.len);
	if (run_load(v, v->arena, LEVEL_INTEGRITY, "data/README.txt",
	    LIMIT_PACK_JSON, &p, &len) == 0)
		check_tag(v, "README.txt", p, len);
	else
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_MISSING,
		    "data/README.txt", "is not there");
}

static void
check_sums(struct run *v)
{
	const struct packinfo *p = &v->info;
	uint64_t sum = 0;

	for (size_t i = 0; i < p->nverdict; i++)
		sum += p->verdict[i].n;
	if (sum != p->controls)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_SUMMARY_COUNT, PACK_JSON,
		    "verdicts add up to %" PRIu64 ", controls is %" PRIu64,
		    sum, p->controls);
	if (p->waived > p->gaps)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_SUMMARY_COUNT, PACK_JSON,
		    "more gaps are waived than there are");
	if (p->from_us >= p->to_us || p->interim != (p->as_of_us < p->to_us))
		run_faultf(v, LEVEL_INTEGRITY, FAULT_SUMMARY_COUNT, PACK_JSON,
		    "period, as_of_us and interim do not fit");
}

static void
read_info(struct run *v)
{
	struct fault f;
	char *p;
	size_t len;

	if (manifest_find(&v->set, PACK_JSON) == NULL) {
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_MISSING, PACK_JSON,
		    "is not in the manifest");
		return;
	}
	if (run_load(v, v->arena, LEVEL_INTEGRITY, PACK_JSON, LIMIT_PACK_JSON,
	    &p, &len) != 0)
		return;
	if (packjson_parse(v->arena, p, len, &v->info, &f) == -1) {
		run_fault(v, LEVEL_INTEGRITY, PACK_JSON, &f);
		return;
	}
	v->have_info = 1;
	v->r->info = &v->info;
}

void
level_integrity(struct run *v)
{
	v->r->result[LEVEL_INTEGRITY] = VERIFY_OK;
	if (read_manifest(v) == -1)
		return;
	for (size_t i = 0; i < v->set.nfile; i++)
		check_file(v, i);
	for (size_t i = 0; i < packin_count(v->in); i++)
		check_unlisted(v, packin_at(v->in, i)->path);
	if (packin_empty(v->in) != NULL)
		run_faultf(v, LEVEL_INTEGRITY, FAULT_FILE_UNLISTED,
		    packin_empty(v->in), "an empty folder");
	read_info(v);
	if (v->have_info) {
		check_tags(v);
		check_sums(v);
	}
	v->r->says[LEVEL_INTEGRITY] = arena_printf(v->arena, "%zu file%s",
	    v->set.nfile, v->set.nfile == 1 ? "" : "s");
}
