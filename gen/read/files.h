#ifndef READ_FILES_H
#define READ_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "model/build.h"

struct arena;
struct diag;
struct err;
struct map;
struct yaml;

/*
 * The files of a project, below one folder.  Nothing outside it is ever
 * opened: no link is followed, no device or pipe is read (openat2 with
 * RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS).  Each file is read once, hashed,
 * kept, and stands in the list of inputs; paths are relative to the folder.
 */
struct files {
	struct arena *arena;
	int fd;                 /* the folder */
	struct input **input;   /* in the order read */
	size_t n, cap;
	struct map *seen;       /* path to struct input */
	size_t nyaml;           /* against LIMIT_YAML_FILES */
	uint64_t yaml_bytes;    /* against LIMIT_YAML_TOTAL */
	size_t unread;          /* files that could not be read or parsed */
};

int files_open(struct arena *, const char *dir, struct files *, struct err *);
void files_close(struct files *);

/*
 * The file, its text kept and followed by a NUL; read again it is the same
 * struct.  NULL after an error in the diag, or where it is not there and
 * `who` (the place that names it) has no file.
 */
struct input *files_read(struct files *, const char *kind, const char *path,
    size_t max, struct mark who, struct diag *);

/* The same, as YAML with that schema (NULL: any). */
struct yaml *files_yaml(struct files *, const char *kind, const char *path,
    const char *schema, struct diag *);

/* 1 if the path is there, as a file or folder. */
int files_exist(const struct files *, const char *path);

/* What lies in a folder, by name.  Names that begin with a dot are left out,
 * and so is README.md, which is for the people who fill the folder.
 * A folder that is not there is empty.  Links are errors. */
struct files_entry {
	const char *name, *path;
	int folder;
};
size_t files_list(struct files *, const char *folder, struct files_entry **,
    struct diag *);

/* The path seen from the folder of `from`, without . and ..; NULL where it
 * leaves the project. */
const char *files_join(struct arena *, const char *from, const char *path);

/* The inputs by path, for struct build. */
struct input *files_inputs(const struct files *, size_t *n);

#endif
