#ifndef READ_PROJECT_H
#define READ_PROJECT_H

#include <stddef.h>
#include <stdint.h>

#include "model/ref.h"
#include "read/files.h"

struct arena;
struct diag;
struct yaml;

/* A store of the project: where its log is. */
struct project_store {
	const char *name, *url; /* url: a path below the project, or postgresql: */
	struct mark at;
};

/* sources: {opa: {verdict: /allow}}, a pointer into a foreign log. */
struct project_source {
	const char *format, *field, *pointer;
	struct mark at;
};

/*
 * exhibit.yaml, schema exhibit/1 (docs/man/exhibit.yaml.5).  Paths are as
 * written, relative to the project; what is absent has the default that is
 * named here.
 */
struct project {
	const char *dir;
	struct files files;         /* what was read below it */
	const char *organisation;   /* its id; required */
	const char *legal_name;     /* or NULL */
	const struct yaml *organisation_node;
	struct project_store *store; /* one at least: main, audit.db */
	size_t nstore;
	const char *registry, *policies, *evidence; /* folders of these names */
	const char **framework;     /* ids; none: all */
	size_t nframework;
	const char *log_key;        /* signing.log_key, or NULL */
	const char **pseudonymise;  /* columns of event */
	size_t npseudonymise;
	const char *pseudonym_key;  /* pseudonymise.key_file, or NULL */
	struct project_source *source;
	size_t nsource;
	const char *out_dir;        /* out */
	enum audience audience;     /* auditor */
	const char *templates;      /* or NULL */
	int64_t max_records;        /* LIMIT_RECORDS */
	const char *language;       /* en */
	const char **run;           /* output.runs */
	size_t nrun;
	struct mark at;
};

/* Opens the folder and reads its exhibit.yaml.  -1: there is none, or it
 * cannot be used; the diag says why.  Close what came back even then. */
int project_read(struct arena *, const char *dir, struct project *,
    struct diag *);
void project_close(struct project *);

#endif
