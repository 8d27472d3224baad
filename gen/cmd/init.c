#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/asset.h"
#include "base/err.h"
#include "base/out.h"
#include "cmd/cmd.h"

#define INIT_PREFIX "samples/init/"

static int
run(struct arena *a, const struct options *o, const void *own, int argc,
    char **argv, struct err *e)
{
	const char *dir = argc > 0 ? argv[0] : o->project;
	size_t skip = strlen(INIT_PREFIX), n = 0;
	int fd;

	(void)a;
	(void)own;
	if (argc > 1) {
		(void)err_set(e, ERR_INPUT, "init takes one folder");
		return ERR_INPUT;
	}
	if (out_mkdirs(dir, e) == -1)
		return (int)e->kind;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1) {
		(void)err_errno(e, "%s", dir);
		return ERR_SYSTEM;
	}
	if (faccessat(fd, "exhibit.yaml", F_OK, 0) == 0) {
		(void)close(fd);
		(void)err_set(e, ERR_INPUT, "%s/exhibit.yaml is there already; "
		    "a project is never overwritten", dir);
		return ERR_INPUT;
	}
	for (size_t i = 0; i < asset_count; i++) {
		const struct asset *as = &asset_table[i];

		if (strncmp(as->name, INIT_PREFIX, skip) != 0)
			continue;
		if (out_file(fd, as->name + skip, as->data, as->len, e) == -1) {
			(void)err_wrap(e, "%s", dir);
			(void)close(fd);
			return (int)e->kind;
		}
		n++;
	}
	(void)close(fd);
	(void)printf("%zu files in ", n);
	out_text(stdout, dir);
	(void)printf("\nnext: edit exhibit.yaml and registry/, then\n"
	    "  exhibit ingest LOG...    reads what your agents did\n"
	    "  exhibit check            names each gap, and where to fix it\n"
	    "  exhibit build            writes the documents, the site, the "
	    "pack\n");
	return ERR_OK;
}

const struct command cmd_init = { "init", "[DIR]",
	"a new project with commented files", NULL, 0, run };
