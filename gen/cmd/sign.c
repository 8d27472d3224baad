#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/keyfile.h"
#include "cmd/logsign.h"
#include "crypt/hash.h"
#include "crypt/signer.h"
#include "crypt/stamp.h"
#include "ingest/append.h"
#include "pack/demo.h"
#include "pack/manifest.h"
#include "pack/packin.h"
#include "pack/seal.h"
#include "verify/verify.h"

struct own {
	const char *role, *key, *person, *trust, *yes, *pass_fd, *demo;
	const char *pass_file, *query, *response;
};

static const struct option_row rows[] = {
	{ "--role", "R", "preparer or approver of a pack; log of a store",
	    offsetof(struct own, role) },
	{ "--key", "K", "the private key, PKCS#8 in PEM, or the "
	    "exhibit-signer/1 file of a command", offsetof(struct own, key) },
	{ "--person", "P", "who signs (default: whose key it is in --trust)",
	    offsetof(struct own, person) },
	{ "--trust", "FILE", "an approver checks the preparers by it",
	    offsetof(struct own, trust) },
	{ "--yes", NULL, "do not ask", offsetof(struct own, yes) },
	{ "--passphrase-fd", "N", "read the passphrase from descriptor N",
	    offsetof(struct own, pass_fd) },
	{ "--passphrase-file", "FILE", "read it from a secret file",
	    offsetof(struct own, pass_file) },
	{ "--demo-key", NULL, "sign with the published key of the demo",
	    offsetof(struct own, demo) },
	{ "--tsa-query", "FILE", "write an RFC 3161 query for the role's last "
	    "signature", offsetof(struct own, query) },
	{ "--tsa-response", "FILE", "take in the answer to --tsa-query",
	    offsetof(struct own, response) },
	{ NULL, NULL, NULL, 0 }
};

/* Opened in a child, which was forked before anything was read. */
static int
open_key(struct arena *a, const struct own *o, struct signer *child,
    struct sign_key **key, struct err *e)
{
	if (o->demo != NULL)
		return demo_key(o->role, key, e);
	if (child == NULL)
		return err_set(e, ERR_INPUT, "sign wants --key K");
	return signer_open(child, o->key, keyfile_pass(a, o->pass_fd,
	    o->pass_file), key, e);
}

static int
sign_store(struct arena *a, const struct own *o, struct signer *child,
    const char *path, struct err *e)
{
	struct append *ap = NULL;
	struct sign_key *key = NULL;
	const char *note;
	struct stat st;
	int rc = -1;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: a log key signs a store, "
		    "never a pack", path);
	if (open_key(a, o, child, &key, e) == -1)
		return -1;
	if (append_open(a, path, &ap, e) == 0 &&
	    logsign(a, ap, key, o->demo != NULL ? NULL : o->key, &note, e) ==
	    0) {
		if (note == NULL)
			rc = err_set(e, ERR_UNDECIDED, "%s: holds no event to "
			    "sign", path);
		else
			rc = fputs(note, stdout) < 0 ?
			    err_errno(e, "standard output") : 0;
	}
	if (append_close(ap) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "%s: cannot be closed", path);
	(void)sign_close(key);
	return rc;
}

/* Whether the pack may be signed in that role: L1 and the sums must agree;
 * an approver's preparers must be trusted. */
static int
check_pack(struct arena *a, const struct own *o, const struct options *op,
    const char *path, struct verify_report *r, struct err *e)
{
	struct verify_options vo = { .pack = path, .trust = o->trust,
		.as_of_us = op->as_of_us };
	int approver = str_eq(o->role, "approver"), preparers = 0;

	if (approver && o->trust == NULL)
		return err_set(e, ERR_INPUT,
		    "an approver wants --trust FILE, to check the preparers");
	verify_pack(a, &vo, r);
	for (size_t i = 0; i < r->nfault; i++) {
		const struct verify_fault *f = &r->fault[i];
		enum err_kind kind = fault_kind(f->code);

		if (kind == ERR_UNDECIDED && (f->level != LEVEL_SIGNERS ||
		    !approver || f->code == FAULT_ROLE_MISSING))
			continue;
		return err_set(e, kind, "not signed: %s%s%s (%s)",
		    f->path != NULL ? f->path : "",
		    f->path != NULL ? ": " : "", f->detail,
		    fault_name(f->code));
	}
	if (r->info == NULL || r->reply != NULL)
		return err_set(e, ERR_INPUT, "%s: not a pack", path);
	for (size_t i = 0; i < r->nsigner; i++)
		preparers += str_eq(r->signer[i].role, "preparer");
	if (approver && preparers == 0)
		return err_set(e, ERR_UNDECIDED,
		    "nothing to approve: no trusted preparer has signed");
	return 0;
}

/* What the signer is about to vouch for. */
static void
show(struct arena *a, const struct verify_report *r, const struct seal *s)
{
	const struct packinfo *p = r->info;
	struct str t = str_new(a);
	char hex[HASH_HEXLEN];

	hash_hex(hex, r->manifest);
	str_addf(&t, "%s %s\n  manifest sha256 %s\n  %" PRIu64 " controls in "
	    "their scopes:", p->organisation, p->period, hex, p->controls);
	for (size_t i = 0; i < p->nverdict; i++)
		str_addf(&t, " %" PRIu64 " %s", p->verdict[i].n,
		    p->verdict[i].word);
	str_addf(&t, "\n  %" PRIu64 " gaps, %" PRIu64 " of them waived\n",
	    p->gaps, p->waived);
	for (size_t i = 0; i < p->nstream; i++) {
		const struct packstream *st = &p->stream[i];

		str_addf(&t, "  %s: %" PRIu64 " events, %" PRIu64 " wait%s",
		    st->stream, st->size - st->previous_size, st->waiting,
		    st->log_signed ? "" : ", log not signed");
		if (st->read_from > 0)
			str_addf(&t, ", rows below %" PRIu64 " not read",
			    st->read_from);
		str_addc(&t, '\n');
	}
	if (p->interim)
		str_addz(&t, "  interim: the period is not over\n");
	str_addf(&t, "sign as %s, %s", s->role, s->person);
	for (const char *q = t.p, *lf; q != NULL; q = lf) {
		lf = strchr(q, '\n');
		out_text(stderr, lf == NULL ? q : arena_strndup(a, q,
		    (size_t)(lf - q)));
		if (lf != NULL) {
			(void)fputc('\n', stderr);
			lf++;
		}
	}
}

static int
confirm(const struct own *o, struct err *e)
{
	char answer[16] = "";
	FILE *tty;

	if (o->yes != NULL) {
		(void)fputc('\n', stderr);
		return 0;
	}
	tty = isatty(STDERR_FILENO) ? fopen("/dev/tty", "r") : NULL;
	if (tty == NULL) {
		(void)fputc('\n', stderr);
		return err_set(e, ERR_INPUT,
		    "not signed: no terminal to ask on; --yes signs at once");
	}
	(void)fputs("? [y/N] ", stderr);
	if (fgets(answer, sizeof(answer), tty) == NULL)
		answer[0] = '\0';
	(void)fclose(tty);
	if (answer[0] != 'y' && answer[0] != 'Y')
		return err_set(e, ERR_INPUT, "not signed");
	return 0;
}

/* The person is the one of the trust file, where there is one. */
static int
find_person(struct arena *a, const struct own *o, const struct sign_key *key,
    struct seal *s, struct err *e)
{
	const struct trust_key *k;
	struct sign_pub pub;
	struct trust t;
	struct fault f;
	char *p;
	size_t len;

	s->person = o->person;
	if (o->trust != NULL) {
		if (out_slurp(a, o->trust, 1 << 20, &p, &len, e) == -1)
			return -1;
		if (trust_parse(a, p, len, &t, &f) == -1)
			return fault_err(&f, o->trust, e);
		sign_public(key, &pub);
		k = trust_find(&t, pub.id);
		if (k == NULL)
			return err_set(e, ERR_UNDECIDED, "%s: does not hold "
			    "the key that signs", o->trust);
		if (!str_eq(trust_role_name(k->role), o->role) ||
		    (s->person != NULL && !str_eq(k->person, s->person)))
			return err_set(e, ERR_INTEGRITY, "%s: the key is that "
			    "of %s, %s", o->trust, k->person,
			    trust_role_name(k->role));
		s->person = k->person;
	}
	if (s->person == NULL)
		return err_set(e, ERR_INPUT, "sign wants --person P, or --trust"
		    " FILE that names the key's person");
	if (!trust_person_ok(s->person))
		return err_set(e, ERR_INPUT, "--person %s: want lower-case "
		    "letters, digits and . @ _ + -", s->person);
	return 0;
}

static int
same_manifest(struct arena *a, struct packin *x, struct packin *y)
{
	const struct packin_file *f = packin_find(x, MANIFEST_NAME);
	const struct packin_file *g = packin_find(y, MANIFEST_NAME);
	struct fault ignored;
	char *p, *q;
	size_t n, m;

	return f != NULL && g != NULL &&
	    packin_load(x, a, f, UINT32_MAX, &p, &n, &ignored) == 0 &&
	    packin_load(y, a, g, UINT32_MAX, &q, &m, &ignored) == 0 &&
	    n == m && memcmp(p, q, n) == 0;
}

/* The two files into the folder; then the ZIP beside it, if it is of this
 * pack, is made again with them. */
static int
write_folder(struct arena *a, struct packin *in, const char *path,
    const struct seal *s, struct err *e)
{
	char *zip, *clean = arena_strdup(a, path);
	size_t n = strlen(clean);
	struct packin *old;
	struct fault f;
	int fd, rc = -1;

	while (n > 1 && clean[n - 1] == '/')
		clean[--n] = '\0';
	zip = arena_printf(a, "%s.zip", clean);
	fd = open(clean, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return err_errno(e, "%s", clean);
	/* A stamped bundle stands for the one before. */
	if (packin_find(in, s->bundle_path) != NULL)
		rc = out_replace(arena_printf(a, "%s/%s", clean,
		    s->bundle_path), s->bundle->p, s->bundle->len, 0644, e);
	else if (out_file(fd, s->bundle_path, s->bundle->p, s->bundle->len,
	    e) == 0)
		rc = out_file(fd, s->sshsig_path, s->sshsig->p,
		    s->sshsig->len, e);
	if (rc == 0 && fsync(fd) == -1)
		rc = err_errno(e, "%s", clean);
	(void)close(fd);
	if (rc == -1 || packin_open(a, zip, &old, &f) == -1)
		return rc;
	if (same_manifest(a, in, old))
		rc = seal_zip(a, in, s, AT_FDCWD, zip, e);
	(void)packin_close(old);
	return rc;
}

static int
sign_pack(struct arena *a, const struct own *o, struct signer *child,
    const struct options *op, const char *path, struct err *e)
{
	struct seal s = { .role = o->role, .signed_us = op->as_of_us };
	struct verify_report r;
	struct sign_key *key = NULL;
	struct packin *in = NULL;
	struct sign_pub pub;
	struct fault f;
	int rc = -1;

	if (check_pack(a, o, op, path, &r, e) == -1 ||
	    open_key(a, o, child, &key, e) == -1)
		return -1;
	if (find_person(a, o, key, &s, e) == -1)
		goto out;
	show(a, &r, &s);
	if (confirm(o, e) == -1)
		goto out;
	if (packin_open(a, path, &in, &f) == -1) {
		(void)fault_err(&f, path, e);
		goto out;
	}
	if (seal_make(a, in, key, &s, e) == -1)
		goto out;
	rc = packin_is_zip(in) ? seal_zip(a, in, &s, AT_FDCWD, path, e) :
	    write_folder(a, in, path, &s, e);
	sign_public(key, &pub);
	if (rc == 0)
		(void)printf("signed       %s as %s, %s\nkey          %s\n",
		    path, s.name, s.person, sign_fingerprint(a, &pub));
out:
	(void)packin_close(in);
	(void)sign_close(key);
	return rc;
}

/* Writes a query for these bytes, or checks that the response answers it. */
static int
stamp(struct arena *a, const struct own *o, const void *p, size_t len,
    uint8_t **token, size_t *tokenlen, struct err *e)
{
	char *query, *response;
	size_t querylen;
	uint8_t *der;
	int64_t us;
	enum stamp s;

	if (o->query == NULL)
		return err_set(e, ERR_INPUT,
		    "--tsa-response wants --tsa-query, the file it answers");
	if (o->response == NULL) {
		if (stamp_query(a, p, len, &der, &querylen, e) == -1 ||
		    out_replace(o->query, der, querylen, 0644, e) == -1)
			return -1;
		(void)printf("wrote        %s\nnext         curl -sS -H "
		    "'Content-Type: application/timestamp-query' --data-binary "
		    "@%s URL -o RESPONSE\n", o->query, o->query);
		return 0;
	}
	if (out_slurp(a, o->query, 65536, &query, &querylen, e) == -1 ||
	    out_slurp(a, o->response, 1 << 20, &response, tokenlen, e) == -1)
		return -1;
	*token = (uint8_t *)response;
	s = stamp_answers((uint8_t *)query, querylen, *token, *tokenlen);
	/* Who may stamp is for the reader to say; here only: of these bytes. */
	if (s == STAMP_OK)
		s = stamp_check(*token, *tokenlen, p, len, NULL, 0, &us);
	if (s == STAMP_OK || s == STAMP_UNTRUSTED)
		return 1;
	return err_set(e, s == STAMP_ALGORITHM ? ERR_INPUT : ERR_INTEGRITY,
	    "%s: timestamp: %s", o->response, stamp_says(s));
}

static int
stamp_pack(struct arena *a, const struct own *o, const char *path,
    struct err *e)
{
	struct seal s = { .role = o->role };
	struct packin *in;
	struct fault f;
	const uint8_t *sig;
	size_t len, tokenlen = 0;
	uint8_t *token = NULL;
	int rc;

	if (packin_open(a, path, &in, &f) == -1)
		return fault_err(&f, path, e);
	rc = seal_signature(a, in, &s, &sig, &len, e);
	if (rc == 0)
		rc = stamp(a, o, sig, len, &token, &tokenlen, e);
	if (rc == 1) {
		rc = seal_stamp(a, in, &s, token, tokenlen, e);
		if (rc == 0)
			rc = packin_is_zip(in) ? seal_zip(a, in, &s, AT_FDCWD,
			    path, e) : write_folder(a, in, path, &s, e);
		if (rc == 0)
			(void)printf("stamped      %s, %s\n", path, s.name);
	}
	(void)packin_close(in);
	return rc;
}

/* Of the newest checkpoint of a store: all bytes of the note. */
static int
stamp_store(struct arena *a, const struct own *o, const char *path,
    struct err *e)
{
	struct append *ap = NULL;
	uint64_t size = 0;
	const char *note = NULL;
	uint8_t *token;
	char *b64;
	size_t len;
	int rc;

	if (append_open(a, path, &ap, e) == -1)
		return -1;
	rc = append_last_note(ap, a, &size, &note, e);
	if (rc == 0)
		rc = err_set(e, ERR_UNDECIDED, "%s: holds no checkpoint", path);
	else if (rc == 1)
		rc = stamp(a, o, note, strlen(note), &token, &len, e);
	if (rc == 1) {
		b64 = arena_alloc(a, 4 * (len / 3 + 1) + 1);
		(void)hash_base64(b64, token, len);
		rc = append_begin(ap, e) == -1 ||
		    append_token(ap, size, b64, e) == -1 ||
		    append_commit(ap, e) == -1 ? -1 : 0;
		if (rc == 0)
			(void)printf("stamped      checkpoint %" PRIu64 "\n",
			    size);
	}
	if (append_close(ap) == -1 && rc == 0)
		rc = err_set(e, ERR_SYSTEM, "%s: cannot be closed", path);
	return rc;
}

static int
run_sign(struct arena *a, const struct options *op, const void *own, int argc,
    char **argv, struct err *e)
{
	const struct own *o = own;
	struct signer *child = NULL;
	int rc;

	if (o->key != NULL && o->demo == NULL && keyfile_fork(&child, e) == -1)
		return (int)e->kind;
	if (argc != 1)
		rc = err_set(e, ERR_INPUT, "sign wants one PACK or STORE");
	else if (str_eq(o->role, "log") &&
	    (o->query != NULL || o->response != NULL))
		rc = stamp_store(a, o, argv[0], e);
	else if (str_eq(o->role, "log"))
		rc = sign_store(a, o, child, argv[0], e);
	else if (!str_eq(o->role, "preparer") && !str_eq(o->role, "approver"))
		rc = err_set(e, ERR_INPUT,
		    "sign wants --role preparer, approver or log");
	else if (o->query != NULL || o->response != NULL)
		rc = stamp_pack(a, o, argv[0], e);
	else
		rc = sign_pack(a, o, child, op, argv[0], e);
	(void)signer_close(child);
	return rc == -1 ? (int)e->kind : ERR_OK;
}

const struct command cmd_sign = {
	"sign", "PACK|STORE --role R --key K [--person P]",
	"signs a pack, or a checkpoint of a store", rows, sizeof(struct own),
	run_sign
};
