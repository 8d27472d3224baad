#ifndef CMD_DEMOKEY_H
#define CMD_DEMOKEY_H

struct arena;
struct build;
struct err;

/* The keys of the demo (pack/demo.h) as files, and whether a log is signed
 * with them. */
extern const char *const demokey_role[]; /* log preparer approver; NULL */

/* Writes <dir>/<role>.pem (mode 0600, not encrypted) and <role>.pub. */
int demokey_write(struct arena *, const char *dir, struct err *);
/* 1: a checkpoint of the build is signed with the demo's log key. */
int demokey_signed(struct arena *, const struct build *);

#endif
