#define _DEFAULT_SOURCE /* explicit_bzero */
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/out.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/keyfile.h"
#include "crypt/hash.h"
#include "crypt/note.h"
#include "crypt/sign.h"
#include "pack/sshsig.h"
#include "verify/trust.h"

struct own {
	const char *role, *alg, *plain, *pass_fd, *pass_file, *trust, *from, *print;
	const char *person, *origin, *organisation, *as, *reason;
	const char *valid_from, *valid_until;
};

static const struct option_row rows[] = {
	{ "--role", "R", "log, preparer or approver", offsetof(struct own,
	    role) },
	{ "--alg", "A", "new: ed25519 (default) or p256", offsetof(struct own,
	    alg) },
	{ "--plain-key", NULL, "new: no passphrase", offsetof(struct own,
	    plain) },
	{ "--passphrase-fd", "N", "new: descriptor that gives the passphrase",
	    offsetof(struct own, pass_fd) },
	{ "--passphrase-file", "FILE", "new: read it from a secret file",
	    offsetof(struct own, pass_file) },
	{ "--trust", "FILE", "the trust file (default: trust.json)",
	    offsetof(struct own, trust) },
	{ "--from", "FILE", "trust add: a .sshsig or a public key in PEM",
	    offsetof(struct own, from) },
	{ "--fingerprint", "F", "trust add: SHA256:..., as its owner told you",
	    offsetof(struct own, print) },
	{ "--person", "P", "trust add: whose key it is", offsetof(struct own,
	    person) },
	{ "--origin", "O", "of a log key: acme.example/main/*",
	    offsetof(struct own, origin) },
	{ "--organisation", "ORG", "trust add: of a new trust file",
	    offsetof(struct own, organisation) },
	{ "--valid-from", "TIME", "trust add: from when", offsetof(struct own,
	    valid_from) },
	{ "--valid-until", "TIME", "trust add: until when",
	    offsetof(struct own, valid_until) },
	{ "--reason", "TEXT", "trust revoke: why", offsetof(struct own,
	    reason) },
	{ "--as", "FORM", "trust export: allowed_signers krl vkey pem "
	    "fingerprints", offsetof(struct own, as) },
	{ NULL, NULL, NULL, 0 }
};

static const char *
alg_name(const struct sign_pub *p)
{
	return p->alg == SIGN_ED25519 ? "ed25519" : "p256";
}

/* "ssh-ed25519 AAAA..." */
static char *
ssh_line(struct arena *a, const struct sign_pub *p)
{
	uint8_t blob[128];
	char b64[256];

	(void)hash_base64(b64, blob, sign_ssh_blob(p, blob));
	return arena_printf(a, "%s %s", p->alg == SIGN_ED25519 ?
	    "ssh-ed25519" : "ecdsa-sha2-nistp256", b64);
}

static void
show(struct arena *a, const struct sign_pub *p)
{
	char hex[HASH_HEXLEN];

	hash_hex(hex, p->id);
	(void)printf("algorithm    %s\nid           %s\nfingerprint  %s\n"
	    "ssh          %s\n", alg_name(p), hex, sign_fingerprint(a, p),
	    ssh_line(a, p));
}

/* A public key from PEM, or from the SSHSIG that its owner made. */
static int
read_public(struct arena *a, const char *path, struct sign_pub *pub,
    struct err *e)
{
	struct sshsig g;
	struct fault f;
	char *p;
	size_t len;

	if (out_slurp(a, path, 64 * KIB, &p, &len, e) == -1)
		return -1;
	if (strncmp(p, "-----BEGIN SSH SIGNATURE", 24) == 0) {
		if (sshsig_parse(a, p, len, &g, &f) == -1)
			return fault_err(&f, path, e);
		*pub = g.pub;
		return 0;
	}
	if (strstr(p, "PRIVATE KEY-----") != NULL)
		return err_set(e, ERR_INPUT, "%s: a private key; only `ingest` "
		    "and `sign` open those: name its public PEM", path);
	if (sign_pub_pem(p, len, pub, e) == -1)
		return err_wrap(e, "%s", path);
	return 0;
}

static int
has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd != -1)
		(void)close(fd);
	return fd != -1;
}

static int
key_new(struct arena *a, const struct own *o, const char *path, struct err *e)
{
	enum sign_alg alg = str_eq(o->alg, "p256") ? SIGN_P256 : SIGN_ED25519;
	struct sign_key *k = NULL;
	struct sign_pub pub;
	char *pass = NULL, *pem, *pubpath;
	size_t len;
	int rc = -1;

	if (o->role == NULL || trust_role_parse(o->role) == -1)
		return err_set(e, ERR_INPUT,
		    "key new wants --role log, preparer or approver");
	if (o->alg != NULL && !str_eq(o->alg, "p256") &&
	    !str_eq(o->alg, "ed25519"))
		return err_set(e, ERR_INPUT, "--alg %s: want ed25519 or p256",
		    o->alg);
	if (alg == SIGN_P256 && str_eq(o->role, "log"))
		return err_set(e, ERR_INPUT, "a log key must be ed25519");
	if (path == NULL)
		path = arena_printf(a, "%s.key", o->role);
	pubpath = arena_printf(a, "%s.pub", path);
	if (access(path, F_OK) == 0 || access(pubpath, F_OK) == 0)
		return err_set(e, ERR_INPUT,
		    "%s: is there already; keys are not overwritten", path);
	if (o->plain == NULL && o->pass_fd == NULL && o->pass_file == NULL &&
	    !has_terminal())
		return err_set(e, ERR_INPUT, "no terminal to ask for a "
		    "passphrase on: give --passphrase-fd N, --passphrase-file FILE, or "
		    "--plain-key");
	if (o->plain == NULL && keyfile_new_pass(a, path,
	    keyfile_pass(a, o->pass_fd, o->pass_file), &pass, e) == -1)
		return -1;
	if (sign_new(alg, &k, e) == -1 ||
	    sign_pem(k, a, pass, &pem, &len, e) == -1)
		goto out;
	sign_public(k, &pub);
	if (out_replace(path, pem, len, 0600, e) == -1 ||
	    out_replace(pubpath, sign_pub_write(a, &pub),
	    strlen(sign_pub_write(a, &pub)), 0644, e) == -1)
		goto out;
	(void)printf("wrote        %s (keep it), %s (give it)\nrole         "
	    "%s\n", path, pubpath, o->role);
	show(a, &pub);
	rc = 0;
out:
	if (pass != NULL)
		explicit_bzero(pass, strlen(pass));
	(void)sign_close(k);
	return rc;
}

static const char *
trust_path(const struct own *o)
{
	return o->trust != NULL ? o->trust : "trust.json";
}

static int
load(struct arena *a, const struct own *o, struct trust *t, struct err *e)
{
	const char *path = trust_path(o);
	struct fault f;
	char *p;
	size_t len;

	if (out_slurp(a, path, LIMIT_TRUST, &p, &len, e) == -1)
		return -1;
	if (trust_parse(a, p, len, t, &f) == -1)
		return fault_err(&f, path, e);
	return 0;
}

static int
save(struct arena *a, const struct own *o, const struct trust *t,
    struct err *e)
{
	struct str s = str_new(a);
	struct trust again;
	struct fault f;

	trust_write(&s, t);
	if (trust_parse(a, s.p, s.len, &again, &f) == -1)
		return fault_err(&f, trust_path(o), e);
	return out_replace(trust_path(o), s.p, s.len, 0644, e);
}

static int
take_time(const char *name, const char *text, int64_t *us, struct err *e)
{
	if (text != NULL && date_parse(text, us) == -1)
		return err_set(e, ERR_INPUT, "%s %s: not a time; want "
		    "2026-10-12T00:00:00Z", name, text);
	return 0;
}

/* Who the key belongs to, by its role. */
static int
fill_key(const struct own *o, struct trust_key *k, struct err *e)
{
	int role = o->role != NULL ? trust_role_parse(o->role) : -1;

	if (role == -1)
		return err_set(e, ERR_INPUT,
		    "trust add wants --role log, preparer or approver");
	k->role = (enum trust_role)role;
	k->person = k->role == ROLE_LOG ? o->origin : o->person;
	if (k->person == NULL)
		return err_set(e, ERR_INPUT, "a key of role %s wants %s",
		    o->role, k->role == ROLE_LOG ?
		    "--origin ORGANISATION/STORE/*" : "--person P");
	if (k->role != ROLE_LOG && !trust_person_ok(k->person))
		return err_set(e, ERR_INPUT, "--person %s: want lower-case "
		    "letters, digits and . @ _ + -", k->person);
	if (take_time("--valid-from", o->valid_from, &k->valid_from_us, e) ==
	    -1)
		return -1;
	return take_time("--valid-until", o->valid_until, &k->valid_until_us,
	    e);
}

static int
trust_add_key(struct arena *a, const struct own *o, struct err *e)
{
	struct trust_key k = { 0 };
	struct sign_pub pub;
	struct trust t;
	const char *print;

	if (o->from == NULL || o->print == NULL)
		return err_set(e, ERR_INPUT, "trust add wants --from FILE and "
		    "--fingerprint SHA256:..., which its owner tells you by "
		    "letter or call");
	if (read_public(a, o->from, &pub, e) == -1 ||
	    fill_key(o, &k, e) == -1)
		return -1;
	print = sign_fingerprint(a, &pub);
	if (strcmp(print, o->print) != 0)
		return err_set(e, ERR_INTEGRITY, "%s: its fingerprint is %s, "
		    "you were told %s: not added", o->from, print, o->print);
	if (access(trust_path(o), F_OK) == 0) {
		if (load(a, o, &t, e) == -1)
			return -1;
	} else if (o->organisation == NULL)
		return err_set(e, ERR_INPUT, "%s: is not there; a new one "
		    "wants --organisation ORG", trust_path(o));
	else
		trust_init(&t, o->organisation);
	if (trust_find(&t, pub.id) != NULL)
		return err_set(e, ERR_INPUT, "%s: holds this key already",
		    trust_path(o));
	k.pub = pub;
	*trust_add(a, &t, &pub) = k;
	if (save(a, o, &t, e) == -1)
		return -1;
	(void)printf("added        %s %s %s\n", o->role, k.person, print);
	return 0;
}

static int
trust_revoke(struct arena *a, const struct own *o, const struct options *op,
    const char *which, struct err *e)
{
	struct trust t;
	char hex[HASH_HEXLEN];

	if (which == NULL)
		return err_set(e, ERR_INPUT,
		    "trust revoke wants an id or fingerprint");
	if (load(a, o, &t, e) == -1)
		return -1;
	for (size_t i = 0; i < t.nkey; i++) {
		struct trust_key *k = &t.key[i];

		hash_hex(hex, k->pub.id);
		if (strcmp(which, hex) != 0 &&
		    strcmp(which, sign_fingerprint(a, &k->pub)) != 0)
			continue;
		k->revoked_us = op->as_of_us;
		k->revoked_reason = o->reason;
		if (save(a, o, &t, e) == -1)
			return -1;
		(void)printf("revoked      %s of %s\n", which, k->person);
		return 0;
	}
	return err_set(e, ERR_INPUT, "%s: has no key %s", trust_path(o),
	    which);
}

static void
put_time(const char *word, int64_t us)
{
	struct arena *a;
	struct str s;

	if (us == 0)
		return;
	a = arena_new();
	s = str_new(a);
	date_add_time(&s, us);
	(void)printf("  %s %s", word, s.p);
	arena_free(a);
}

static int
trust_show(struct arena *a, const struct own *o, struct err *e)
{
	struct trust t;

	if (load(a, o, &t, e) == -1)
		return -1;
	(void)printf("trust file of %s: %zu key%s; needs %" PRIu64
	    " preparer, %" PRIu64 " approver\n", t.organisation, t.nkey,
	    t.nkey == 1 ? "" : "s", t.need[ROLE_PREPARER], t.need[ROLE_APPROVER]);
	for (size_t i = 0; i < t.nkey; i++) {
		const struct trust_key *k = &t.key[i];

		(void)printf("%-9s %s  %s", trust_role_name(k->role),
		    k->person, sign_fingerprint(a, &k->pub));
		put_time("from", k->valid_from_us);
		put_time("until", k->valid_until_us);
		put_time("revoked", k->revoked_us);
		(void)putchar('\n');
	}
	return 0;
}

/* 20260712000000Z, as ssh-keygen reads it. */
static char *
ssh_time(struct arena *a, int64_t us)
{
	struct str s = str_new(a), out = str_new(a);

	date_add_time(&s, us - us % DATE_SECOND);
	for (const char *p = s.p; *p != '\0'; p++)
		if ((*p >= '0' && *p <= '9') || *p == 'Z')
			str_addc(&out, *p);
	return out.p;
}

static void
export_signer(struct arena *a, const struct trust_key *k)
{
	if (k->role == ROLE_LOG || k->revoked_us != 0)
		return;
	(void)printf("%s namespaces=\"exhibit-%s@v1\"", k->person,
	    trust_role_name(k->role));
	if (k->valid_from_us != 0)
		(void)printf(",valid-after=\"%s\"", ssh_time(a,
		    k->valid_from_us));
	if (k->valid_until_us != 0)
		(void)printf(",valid-before=\"%s\"", ssh_time(a,
		    k->valid_until_us));
	(void)printf(" %s\n", ssh_line(a, &k->pub));
}

/* A vkey names one origin: that of --origin where the key has a pattern. */
static void
export_vkey(const struct own *o, const struct trust_key *k)
{
	const char *name = strchr(k->person, '*') != NULL ? o->origin :
	    k->person;
	uint8_t id[4], raw[33] = { 1 };
	char b64[48];

	if (k->role != ROLE_LOG || name == NULL || !trust_origin(k, name))
		return;
	note_key_id(id, name, &k->pub);
	memcpy(raw + 1, k->pub.raw, 32);
	(void)hash_base64(b64, raw, sizeof(raw));
	(void)printf("%s+%02x%02x%02x%02x+%s\n", name, id[0], id[1], id[2],
	    id[3], b64);
}

static int
trust_export(struct arena *a, const struct own *o, struct err *e)
{
	static const char *const forms[] = { "allowed_signers", "krl", "vkey",
		"pem", "fingerprints" };
	struct trust t;
	int form = -1;

	for (int i = 0; i < 5; i++)
		if (str_eq(o->as, forms[i]))
			form = i;
	if (form == -1)
		return err_set(e, ERR_INPUT, "trust export wants --as "
		    "allowed_signers, krl, vkey, pem or fingerprints");
	if (load(a, o, &t, e) == -1)
		return -1;
	for (size_t i = 0; i < t.nkey; i++) {
		const struct trust_key *k = &t.key[i];

		if (form == 0)
			export_signer(a, k);
		else if (form == 1 && k->revoked_us != 0)
			(void)printf("%s\n", ssh_line(a, &k->pub));
		else if (form == 2)
			export_vkey(o, k);
		else if (form == 3)
			(void)printf("# %s %s\n%s", trust_role_name(k->role),
			    k->person, sign_pub_write(a, &k->pub));
		else if (form == 4)
			(void)printf("%s %s %s\n", sign_fingerprint(a,
			    &k->pub), trust_role_name(k->role), k->person);
	}
	return 0;
}

static int
run_trust(struct arena *a, const struct options *op, const struct own *o,
    int argc, char **argv, struct err *e)
{
	const char *verb = argc > 0 ? argv[0] : "";

	if (str_eq(verb, "add"))
		return trust_add_key(a, o, e);
	if (str_eq(verb, "revoke"))
		return trust_revoke(a, o, op, argc > 1 ? argv[1] : NULL, e);
	if (str_eq(verb, "show"))
		return trust_show(a, o, e);
	if (str_eq(verb, "export"))
		return trust_export(a, o, e);
	return err_set(e, ERR_INPUT,
	    "key trust wants add, revoke, show or export");
}

static int
run_key(struct arena *a, const struct options *op, const void *own, int argc,
    char **argv, struct err *e)
{
	const struct own *o = own;
	const char *verb = argc > 0 ? argv[0] : "";
	struct sign_pub pub;
	int rc;

	if (str_eq(verb, "new"))
		rc = key_new(a, o, argc > 1 ? argv[1] : NULL, e);
	else if (str_eq(verb, "trust"))
		rc = run_trust(a, op, o, argc - 1, argv + 1, e);
	else if (str_eq(verb, "show") && argc > 1) {
		rc = read_public(a, argv[1], &pub, e);
		if (rc == 0)
			show(a, &pub);
	} else
		rc = err_set(e, ERR_INPUT,
		    "key wants new, show FILE, or trust; see exhibit key --help");
	return rc == -1 ? (int)e->kind : ERR_OK;
}

const struct command cmd_key = {
	"key", "new|show|trust ...", "signing keys and trust files", rows,
	sizeof(struct own), run_key
};
