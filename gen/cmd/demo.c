#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "cmd/demokey.h"
#include "crypt/sign.h"
#include "pack/demo.h"
#include "read/yaml.h"

struct own {
	const char *faults;
};

#define COMPANY "samples/company/"
#define FAULTS "samples/faults.yaml"
#define PERIOD "2026-Q3"
#define AS_OF "2026-10-12T00:00:00Z"

struct demo {
	struct arena *a;
	const struct options *o;
	const char *dir;
	struct err *e;
	const struct yaml *faults; /* a list; NULL: the clean company */
	size_t edits;              /* of files that were not met yet */
};

/* The folder of the program itself, where a build keeps its share/. */
static const char *
program_dir(struct arena *a)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return ".";
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	return arena_strdup(a, path);
}

/* The fingerprint that an owner would tell by letter or call. */
static const char *
fingerprint(struct arena *a, const char *role, struct err *e)
{
	struct sign_pub pub;
	struct sign_key *key;

	if (demo_key(role, &key, e) == -1)
		return NULL;
	sign_public(key, &pub);
	(void)sign_close(key);
	return sign_fingerprint(a, &pub);
}

/* The log of the sample company, made by samples/generate.c. */
static const char *
find_log(struct demo *d, const char *name)
{
	const char *const place[] = {
		arena_printf(d->a, "%s/share/sample/%s", program_dir(d->a),
		    name),
		arena_printf(d->a, "%s/../share/exhibit/sample/%s",
		    program_dir(d->a), name),
		arena_printf(d->a, EXHIBIT_DATADIR "/sample/%s", name)
	};

	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++)
		if (access(place[i], R_OK | X_OK) == 0)
			return place[i];
	(void)err_set(d->e, ERR_SYSTEM, "the sample's log is neither in %s, "
	    "%s nor %s; make builds it", place[0], place[1], place[2]);
	return NULL;
}

static int
read_faults(struct demo *d)
{
	const struct asset *as = asset_find(FAULTS);
	const struct yaml *y;
	struct diag diag;

	diag_init(&diag, d->a);
	y = yaml_read(d->a, FAULTS, as->data, as->len, &diag);
	if (y == NULL || !yaml_schema(y, "exhibit-faults/1", &diag))
		return cmd_diag(&diag, d->e);
	d->faults = yaml_find(y, "faults");
	for (y = d->faults->first; y != NULL; y = y->next)
		if (yaml_find(y, "files") != NULL)
			d->edits += yaml_find(y, "files")->n;
	return 0;
}

static const char *
text_of(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_find(map, key);

	return y != NULL && y->kind == YAML_TEXT ? y->text : "";
}

static struct str
replaced(struct arena *a, const struct str *s, const char *at,
    const char *rest, const char *to)
{
	struct str r = str_new(a);

	str_add(&r, s->p, (size_t)(at - s->p));
	str_addz(&r, to);
	str_addz(&r, rest);
	return r;
}

/* The faults of a file, each a text that is there once and its new one. */
static int
break_file(struct demo *d, const char *file, struct str *s)
{
	const struct yaml *list = d->faults ? d->faults->first : NULL, *edit;
	const char *from, *at, *rest;

	for (; list != NULL; list = list->next) {
		edit = yaml_find(list, "files");
		for (edit = edit ? edit->first : NULL; edit != NULL;
		    edit = edit->next) {
			if (strcmp(text_of(edit, "file"), file) != 0)
				continue;
			from = text_of(edit, "from");
			at = strstr(s->p, from);
			rest = at ? at + strlen(from) : NULL;
			if (*from == '\0' || at == NULL || strstr(rest, from))
				return err_set(d->e, ERR_INPUT, "%s:%" PRIu32
				    ": the text is not once in %s", FAULTS,
				    edit->at.line, file);
			*s = replaced(d->a, s, at, rest, text_of(edit, "to"));
			d->edits--;
		}
	}
	return 0;
}

static int
copy_company(struct demo *d)
{
	size_t skip = strlen(COMPANY);
	int fd, rc = 0;

	if (out_mkdirs(d->dir, d->e) == -1)
		return -1;
	fd = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_errno(d->e, "%s", d->dir);
	if (faccessat(fd, "exhibit.yaml", F_OK, 0) == 0)
		rc = err_set(d->e, ERR_INPUT, "%s/exhibit.yaml is there "
		    "already; name an empty folder", d->dir);
	for (size_t i = 0; rc == 0 && i < asset_count; i++) {
		const struct asset *as = &asset_table[i];
		struct str s = str_new(d->a);

		if (strncmp(as->name, COMPANY, skip) != 0)
			continue;
		str_add(&s, as->data, as->len);
		if (str_eq(as->name + skip, "exhibit.yaml"))
			str_addz(&s, "signing: {log_key: keys/log.pem}\n");
		rc = break_file(d, as->name + skip, &s);
		if (rc == 0)
			rc = out_file(fd, as->name + skip, s.p, s.len, d->e);
	}
	(void)close(fd);
	if (rc == 0 && d->edits > 0)
		return err_set(d->e, ERR_INPUT, "%s: %zu edits of files that "
		    "are not there", FAULTS, d->edits);
	return rc;
}

/* Standard output goes nowhere until it is put back. */
static int
hush(void)
{
	int saved, null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	if (null != -1) {
		(void)dup2(null, STDOUT_FILENO);
		(void)close(null);
	}
	return saved;
}

static void
unhush(int saved)
{
	(void)fflush(stdout);
	if (saved != -1) {
		(void)dup2(saved, STDOUT_FILENO);
		(void)close(saved);
	}
}

/* Runs a command as a user would; what it prints is shown where `show`. */
static int
exhibit(struct demo *d, int show, const char *const *args)
{
	char *argv[32] = { (char *)(uintptr_t)"exhibit" };
	int argc = 1, status, saved = -1;

	if (d->o->verbose) {
		(void)fputs("$ exhibit", stderr);
		for (size_t i = 0; args[i] != NULL; i++)
			(void)fprintf(stderr, " %s", args[i]);
		(void)fputc('\n', stderr);
	}
	for (size_t i = 0; args[i] != NULL && argc < 31; i++)
		argv[argc++] = (char *)(uintptr_t)args[i];
	*d->e = (struct err){ 0 };
	if (!show)
		saved = hush();
	status = cmd_run(d->a, argc, argv, d->e);
	if (!show)
		unhush(saved);
	if (status == ERR_OK)
		return 0;
	if (d->e->msg[0] == '\0')
		(void)err_set(d->e, (enum err_kind)status, "status %d",
		    status);
	d->e->kind = (enum err_kind)status;
	return err_wrap(d->e, "exhibit %s", args[0]);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One ingest, and one signed checkpoint, a week. */
static int
ingest_weeks(struct demo *d, const char *log)
{
	const char **name = NULL;
	size_t n = 0, cap = 0;
	struct dirent *ent;
	DIR *dir = opendir(log);

	if (dir == NULL)
		return err_errno(d->e, "%s", log);
	while ((ent = readdir(dir)) != NULL)
		if (strstr(ent->d_name, ".jsonl") != NULL)
			*VEC_PUSH(d->a, name, n, cap) = arena_printf(d->a,
			    "%s/%s", log, ent->d_name);
	(void)closedir(dir);
	if (n == 0)
		return err_set(d->e, ERR_SYSTEM, "%s: no *.jsonl", log);
	qsort(name, n, sizeof(*name), by_text);
	for (size_t i = 0; i < n; i++) {
		const char *const args[] = { "ingest", "-q", "-C", d->dir,
			name[i], NULL };

		if (d->o->progress)
			(void)fprintf(stderr, "\ringest: week %zu of %zu",
			    i + 1, n);
		if (exhibit(d, 0, args) == -1)
			return -1;
	}
	if (d->o->progress)
		(void)fputc('\n', stderr);
	return 0;
}

static int
sign_pack(struct demo *d, const char *pack, const char *role,
    const char *person, const char *trust)
{
	const char *const args[] = { "sign", "-q", pack, "--role", role,
		"--key", arena_printf(d->a, "%s/keys/%s.pem", d->dir, role),
		"--person", person, "--trust", trust, "--as-of", AS_OF,
		"--yes", NULL };

	return exhibit(d, 0, args);
}

static int
make_trust(struct demo *d, const char *trust)
{
	static const char *const whose[][3] = {
		{ "log", "--origin", "fictional-retail/main/*" },
		{ "preparer", "--person", "governance.two" },
		{ "approver", "--person", "cro.one" }
	};

	for (size_t i = 0; i < sizeof(whose) / sizeof(whose[0]); i++) {
		const char *print = fingerprint(d->a, whose[i][0],
		    d->e);
		const char *const args[] = { "key", "trust", "add", "-q",
			"--trust", trust, "--organisation", "fictional-retail",
			"--role", whose[i][0], whose[i][1], whose[i][2],
			"--from", arena_printf(d->a, "%s/keys/%s.pub", d->dir,
			whose[i][0]), "--fingerprint", print, NULL };

		if (print == NULL)
			return -1;

		if (exhibit(d, 0, args) == -1)
			return -1;
	}
	return 0;
}

static int
run_demo(struct demo *d, const struct own *own)
{
	const char *trust = arena_printf(d->a, "%s/trust.json", d->dir);
	const char *pack = arena_printf(d->a, "%s/out/" PERIOD, d->dir);
	const char *zip = arena_printf(d->a, "%s.zip", pack);
	const char *log = find_log(d, own->faults != NULL ? "faults" : "log");
	const char *const build[] = { "build", d->o->verbose ? "-v" : "-q",
		"-C", d->dir, "--period", PERIOD, "--as-of", AS_OF, "--fail-on",
		"never", NULL };
	const char *const verify[] = { "verify", pack, "--trust", trust,
		"--as-of", AS_OF, NULL };

	if (log == NULL || (own->faults != NULL && read_faults(d) == -1) ||
	    copy_company(d) == -1 ||
	    demokey_write(d->a, arena_printf(d->a, "%s/keys", d->dir),
	    d->e) == -1 || ingest_weeks(d, log) == -1 ||
	    exhibit(d, 1, build) == -1 || make_trust(d, trust) == -1 ||
	    sign_pack(d, pack, "preparer", "governance.two", trust) == -1 ||
	    sign_pack(d, pack, "approver", "cro.one", trust) == -1 ||
	    exhibit(d, 1, verify) == -1)
		return -1;
	(void)printf("\nlook here:\n  %s/data/site/index.html   the site, in "
	    "any browser\n  %s/data/docs/              the documents\n  %s"
	    "              the pack as one file\n  exhibit check -C %s "
	    "--period " PERIOD " --as-of " AS_OF "\n", pack, pack, zip,
	    d->dir);
	return 0;
}

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	struct demo d = { .a = a, .o = o, .e = e,
		.dir = argc > 0 ? argv[0] : "exhibit-demo" };

	if (argc > 1) {
		(void)err_set(e, ERR_INPUT, "demo takes one folder");
		return ERR_INPUT;
	}
	return run_demo(&d, own) == -1 ? (int)e->kind : ERR_OK;
}

static const struct option_row option_rows[] = {
	{ "--faults", NULL, "with the seeded faults in its log and files",
	    offsetof(struct own, faults) },
	{ NULL, NULL, NULL, 0 }
};

const struct command cmd_demo = { "demo", "[DIR] [--faults]",
	"the sample company: copies, ingests, builds, signs, verifies",
	option_rows, sizeof(struct own), run };
