#ifndef CMD_REPLY_H
#define CMD_REPLY_H

struct arena;
struct err;
struct options;

/*
 * exhibit query EXPR --reply DIR: rows of the log for an auditor, as a folder
 * of records with proofs to the log's own signed checkpoint, and contents
 * that were asked for (docs/format/pack.md section 13).  Every row below the
 * checkpoint is read and its chain checked first.
 */
struct reply_want {
	const char *dir;
	const char *sample, *nonce;  /* as typed; NULL: every match */
	const char *disclose;        /* "input_hash,output_hash", or NULL */
	const char *previous;        /* a checkpoint that the auditor kept */
};

/* The exit status; where it is not 0, err says why.  1: a content that was
 * asked for is missing without an erasure; the reply is there. */
int reply_run(struct arena *, const struct options *,
    const struct reply_want *, const char *expr, struct err *);

#endif
