#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>

#include "pack/bundle.h"
#include "pack/sshsig.h"
#include "packfix.h"
#include "rawzip.h"
#include "vecout.h"

/*
 * Good packs of every kind are verified; each attack of docs/format/pack.md
 * section 12 on L1, L2, L4, L5 and L6 gives its exact set of codes, and the
 * status that follows from them.  Attacks on the container: test_zip.c.
 * WRITE_VECTORS=tests/vectors writes them as fixtures there.
 */

static struct fix *f;
static struct mem base;       /* 2026-Q3: rows 16 to 59, signed */
static struct mem before;     /* 2026-Q2: rows 0 to 15, signed */
static char *before_dir, *first_dir; /* first_dir: of the one stream */
static struct vecbase bases[2];

/* One case: what an attack may change. */
struct attack {
	struct mem m;
	struct trust trust;
	struct verify_options o;
	int manifest, sign;       /* after the edit: make again */
	const char *raw_trust;    /* instead of trust */
	char *zip, *folder;       /* instead of m */
	const char *trust_arg;    /* of a fixture: what --trust names there */
	const char *extra;        /* of a fixture: more of its recipe */
};

#define CONTROL "data/controls/AU-01.t1.json"
#define PAGE "data/site/index.html"
#define CHECKPOINT "data/log/refunds/checkpoint"
#define CONSISTENCY "data/log/refunds/consistency"
#define ORIGIN "acme.example/main/refunds"
#define APPROVER "sig/approver.sigstore.json"

static const struct fixopt q2 = { .period = "2026-Q2", .size = 16,
	.as_of_us = FIX_AS_OF, .to_us = FIX_TO };
static const struct fixopt q3 = { .period = "2026-Q3", .previous = 16,
	.size = 60, .as_of_us = FIX_AS_OF, .to_us = FIX_TO };

/* A pack of these options, signed by both. */
static struct mem
make_pack(struct fix *fx, const struct fixopt *o, char **dir)
{
	*dir = fix_path(fx, "made");
	fix_pack(fx, o, *dir);
	fix_sign(fx, *dir, "preparer");
	fix_sign(fx, *dir, "approver");
	return mem_read(fx, *dir);
}

static int
group_setup(void **state)
{
	char *dir;

	(void)state;
	f = fix_new(1);
	before = make_pack(f, &q2, &before_dir);
	base = make_pack(f, &q3, &dir);
	first_dir = before_dir;
	bases[0] = (struct vecbase){ "q3", &base };
	bases[1] = (struct vecbase){ "none",
		arena_alloc(f->a, sizeof(struct mem)) };
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	fix_free(f);
	return 0;
}

/* What the attacks have in common. */

static void
edit(struct attack *t, const char *path, const char *from, const char *to)
{
	mem_edit(f, &t->m, path, from, to);
}

/* The first and last sampled row that has a record here. */
static uint64_t
some_row(struct attack *t, size_t nth)
{
	for (size_t i = 0; i < t->m.n; i++)
		if (strncmp(t->m.file[i].path, "data/records/refunds/", 21) ==
		    0 && nth-- == 0)
			return strtoull(t->m.file[i].path + 21, NULL, 10);
	abort();
}

static char *
record_of(uint64_t seq)
{
	return arena_printf(f->a, "data/records/refunds/%" PRIu64 ".json",
	    seq);
}

static char *
proof_of_row(uint64_t seq)
{
	return arena_printf(f->a, "data/proofs/refunds/%" PRIu64
	    ".tlog-proof", seq);
}

/* Another checkpoint, also at the end of every proof. */
static void
set_checkpoint(struct attack *t, const char *note)
{
	char *old = mem_find(&t->m, CHECKPOINT)->p;

	for (size_t i = 0; i < t->m.n; i++)
		if (strstr(t->m.file[i].p, old) != NULL)
			edit(t, t->m.file[i].path, old, note);
	t->manifest = t->sign = 1;
}

static void
drop_signer(struct attack *t, const char *name)
{
	mem_drop(&t->m, arena_printf(f->a, "sig/%s.sigstore.json", name));
	mem_drop(&t->m, arena_printf(f->a, "sig/%s.sshsig", name));
}

/* Signs the pack as it is now, the statement edited first. */
static void
sign_with(struct attack *t, const char *role, const char *person,
    struct sign_key *k, void (*change)(struct statement *))
{
	char *dir = mem_folder(f, &t->m), *p;
	struct bundle b;
	struct statement st;
	struct str out = str_new(f->a);
	struct fixfile *file;
	struct fault fault;
	size_t n = t->m.n;

	fix_sign_as(f, dir, role, person, k);
	t->m = mem_read(f, dir);
	assert_int_equal(t->m.n, n + 2);
	if (change == NULL)
		return;
	p = arena_printf(f->a, "sig/%s.sigstore.json", role);
	file = mem_find(&t->m, p);
	assert_int_equal(0, bundle_parse(f->a, file->p, file->len, &b,
	    &fault));
	assert_int_equal(0, bundle_parse_statement(f->a, b.payload,
	    b.payloadlen, &st, &fault));
	change(&st);
	MUST(bundle_sign(&out, &st, k, &fix_err));
	file->p = out.p;
	file->len = out.len;
}

static void
approve_with(struct attack *t, const char *person, struct sign_key *k,
    void (*change)(struct statement *))
{
	drop_signer(t, "approver");
	sign_with(t, "approver", person, k, change);
}

static void
trust_key(struct attack *t, struct sign_key *k, enum trust_role role,
    const char *person)
{
	struct sign_pub pub;
	struct trust_key *tk;

	sign_public(k, &pub);
	tk = trust_add(f->a, &t->trust, &pub);
	tk->role = role;
	tk->person = person;
}

static void
demo_approval(struct attack *t, void (*change)(struct statement *))
{
	struct sign_key *k;

	MUST(demo_key("approver", &k, &fix_err));
	approve_with(t, fix_person("approver"), k, change);
	sign_close(k);
}

static char *
note_file(const struct fixlog *l, uint64_t size)
{
	char *note = fix_note(f, l, size, 1);

	return raw_file(f, note, strlen(note));
}

/* The attacks, by number. */

static void a0(struct attack *t) { (void)t; }
static void a19(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, MANIFEST_NAME);
	char *lf = strchr(x->p, '\n');
	char *line = arena_strndup(f->a, x->p, (size_t)(lf - x->p) + 1);

	edit(t, MANIFEST_NAME, line, arena_printf(f->a, "%s%s", line, line));
}
static void a20(struct attack *t)
{
	edit(t, MANIFEST_NAME, "  data/site/", "  data/../");
}
static void a20b(struct attack *t)
{
	edit(t, MANIFEST_NAME, "  data/site/", "  /etc/");
}
static void a21(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, MANIFEST_NAME);

	for (char *p = x->p; *p != ' '; p++)
		*p = *p >= 'a' ? (char)(*p - 32) : *p;
}
static void a21b(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, MANIFEST_NAME);

	x->p++;
	x->len--;
}
static void a22(struct attack *t)
{
	mem_put(f, &t->m, "manifest-md5.txt", "x\n", 2);
}
static void a22b(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, MANIFEST_NAME);

	x->p += 32;
	x->len -= 32;
}
static void a23(struct attack *t)
{
	edit(t, MANIFEST_NAME, "\n", "\r\n");
}
static void a23b(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, MANIFEST_NAME);

	mem_put(f, &t->m, MANIFEST_NAME, arena_printf(f->a,
	    "\xEF\xBB\xBF%s", x->p), x->len + 3);
}
static void a23c(struct attack *t)
{
	mem_find(&t->m, MANIFEST_NAME)->len--;
}
static void a23d(struct attack *t)
{
	edit(t, MANIFEST_NAME, "  data/", " *data/");
}
static void a23e(struct attack *t)
{
	edit(t, MANIFEST_NAME, "data/site", "data\\site");
}
static void a23f(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, MANIFEST_NAME);
	char *lf = strchr(x->p, '\n');

	mem_put(f, &t->m, MANIFEST_NAME, arena_printf(f->a, "%s%.*s", lf + 1,
	    (int)(lf - x->p) + 1, x->p), x->len);
}
static void a24(struct attack *t)
{
	char *s = arena_alloc(f->a, 301);

	memset(s, 'a', 300);
	edit(t, MANIFEST_NAME, "index.html", s);
}
static void a25(struct attack *t)
{
	edit(t, MANIFEST_NAME, "data/site/index.html", "sig/approver.sshsig");
}
static void a25b(struct attack *t)
{
	edit(t, MANIFEST_NAME, "data/site/index.html", MANIFEST_NAME);
}
static void a26(struct attack *t)
{
	char *dir = mem_folder(f, &t->m);
	char *page = arena_printf(f->a, "%s/" PAGE, dir);
	char *real = raw_file(f, mem_find(&t->m, PAGE)->p,
	    mem_find(&t->m, PAGE)->len);

	assert_int_equal(0, unlink(page));
	assert_int_equal(0, symlink(real, page));
	t->folder = dir;
	t->extra = ",\"links\":[\"" PAGE "\"]";
}
static void a26b(struct attack *t)
{
	char *dir = mem_folder(f, &t->m);

	assert_int_equal(0, mkfifo(arena_printf(f->a, "%s/data/pipe", dir),
	    0644));
	t->folder = dir;
	t->extra = ",\"fifos\":[\"data/pipe\"]";
}
static void pack_json(struct attack *t, const char *from, const char *to)
{
	edit(t, PACK_JSON, from, to);
	t->manifest = 1;
}
static void a27(struct attack *t)
{
	pack_json(t, "\"interim\":0", "\"interim\":0,\"interim\":0");
}
static void a27b(struct attack *t) { pack_json(t, "\"interim\":0", "\"interim\":NaN"); }
static void a27c(struct attack *t)
{
	pack_json(t, "\"interim\":0", "\"interim\":0,\"x\":"
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
}
static void a27d(struct attack *t) { pack_json(t, "}\n", "}\n{}"); }
static void a27e(struct attack *t)
{
	pack_json(t, "\"interim\":0", "\"interim\":9007199254740992");
}
static void a27f(struct attack *t) { pack_json(t, "\"interim\":0", "\"interim\":0.0"); }
static void a28(struct attack *t)
{
	pack_json(t, "acme.example", "acme\\u001b[2J");
}
static void a28b(struct attack *t)
{
	pack_json(t, "acme.example", "acme\xE2\x80\xAE" "example");
}
static void a29(struct attack *t)
{
	/* The id: python3 hashlib, of the SPKI of 32 zero bytes. */
	t->raw_trust = "{\"format\":\"exhibit-trust/1\",\"keys\":{"
	    "\"722abd12e99a5367f375aeb9672a8e07712e03c2add16fa8d6914d1cfa2efe"
	    "0c\":{\"alg\":\"ed25519\",\"person\":\"jane\",\"role\":"
	    "\"preparer\",\"spki\":\"MCowBQYDK2VwAyEAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}},\"organisation\":\"acme.example\"}";
}
static void a30(struct attack *t)
{
	char *note = mem_find(&t->m, CHECKPOINT)->p;

	set_checkpoint(t, arena_printf(f->a, "%.*sextension\n%s",
	    (int)(strstr(note, "\n\n") + 1 - note), note,
	    strstr(note, "\n\n") + 1));
}
static void a30b(struct attack *t)
{
	edit(t, CHECKPOINT, "\n60\n", "\n060\n");
	t->manifest = t->sign = 1;
}
static void a30c(struct attack *t)
{
	edit(t, proof_of_row(some_row(t, 0)), "index ", "extra AAAA\nindex ");
	t->manifest = t->sign = 1;
}
static void a36(struct attack *t) { edit(t, PAGE, "x", "y"); }
static void a37(struct attack *t) { mem_drop(&t->m, PAGE); }
static void a38(struct attack *t)
{
	mem_put(f, &t->m, "data/site/more.html", "x", 1);
}
static void a38b(struct attack *t) { mem_put(f, &t->m, "more.txt", "x", 1); }
static void a38c(struct attack *t)
{
	mem_put(f, &t->m, "sig/someone.sshsig", "x", 1);
}
static void a38d(struct attack *t)
{
	t->folder = mem_folder(f, &t->m);
	assert_int_equal(0, mkdir(arena_printf(f->a, "%s/data/empty",
	    t->folder), 0755));
	t->extra = ",\"folders\":[\"data/empty\"]";
}
static void a39(struct attack *t) { edit(t, "README.txt", "acme", "evil"); }
static void a39b(struct attack *t) { edit(t, "bagit.txt", "1.0", "1.1"); }
static void a39c(struct attack *t) { edit(t, "bag-info.txt", "Q3", "Q4"); }
static void a39d(struct attack *t) { mem_drop(&t->m, "bagit.txt"); }
static void a37b(struct attack *t) { mem_drop(&t->m, MANIFEST_NAME); }
static void a40(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, APPROVER);
	char *sig = strstr(x->p, "\"sig\":\"") + 20;

	*sig = *sig == 'A' ? 'B' : 'A';
}
static void a40b(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, "sig/approver.sshsig");
	char *sig = strstr(x->p, "-----END") - 20;

	*sig = *sig == 'A' ? 'B' : 'A';
}
static void a41(struct attack *t)
{
	char hex[2][HASH_HEXLEN];

	hash_hex(hex[0], fix_trust_key(&t->trust, ROLE_APPROVER)->pub.id);
	hash_hex(hex[1], fix_trust_key(&t->trust, ROLE_PREPARER)->pub.id);
	edit(t, APPROVER, hex[0], hex[1]);
	edit(t, APPROVER, hex[0], hex[1]);
}
static void a42(struct attack *t)
{
	struct sign_key *k;

	MUST(demo_key("preparer", &k, &fix_err));
	drop_signer(t, "approver");
	sign_with(t, "preparer", fix_person("preparer"), k, NULL);
	sign_close(k);
	MUST(demo_key("approver", &k, &fix_err));
	sign_with(t, "approver", fix_person("approver"), k, NULL);
	sign_close(k);
	t->trust.need[ROLE_PREPARER] = 2;
	t->o.previous = note_file(&f->log[0], 16);
}
static void a43(struct attack *t)
{
	struct sign_key *k = fix_key("another");
	struct fixfile *m = mem_find(&t->m, MANIFEST_NAME);
	struct str s = str_new(f->a);

	MUST(sshsig_sign(&s, k, "exhibit-approver@v1", m->p, m->len,
	    &fix_err));
	mem_put(f, &t->m, "sig/approver.sshsig", s.p, s.len);
	sign_close(k);
}
static void a43b(struct attack *t) { mem_drop(&t->m, "sig/approver.sshsig"); }
static void a43c(struct attack *t) { mem_drop(&t->m, APPROVER); }
static void a44(struct attack *t)
{
	mem_drop(&t->m, PAGE);
	t->manifest = 1;
}
static void a45(struct attack *t)
{
	edit(t, PAGE, "x", "y");
	t->manifest = 1;
}
static void a46(struct attack *t)
{
	static const char *const name[] = { APPROVER, "sig/approver.sshsig",
		"sig/preparer.sigstore.json", "sig/preparer.sshsig" };

	for (int i = 0; i < 4; i++)
		mem_put(f, &t->m, name[i], mem_find(&before, name[i])->p,
		    mem_find(&before, name[i])->len);
}
static void a47(struct attack *t)
{
	struct fixfile *m = mem_find(&t->m, MANIFEST_NAME);
	struct str s = str_new(f->a);
	struct sign_key *k;

	MUST(demo_key("approver", &k, &fix_err));
	MUST(sshsig_sign(&s, k, "file", m->p, m->len, &fix_err));
	mem_put(f, &t->m, "sig/approver.sshsig", s.p, s.len);
	sign_close(k);
}
static void a47b(struct attack *t)
{
	edit(t, APPROVER, "vnd.in-toto", "x.in-toto");
}
static void a48(struct attack *t)
{
	edit(t, APPROVER, "\"sig\":\"", "\"sig\":\"AAAA");
}
static void a48b(struct attack *t) { edit(t, APPROVER, "==\"", "\""); }
static void a48c(struct attack *t)
{
	edit(t, "sig/approver.sshsig", "SIGNATURE-----\n",
	    "SIGNATURE-----\n\n");
}
static void other_period(struct statement *s) { s->period = "2026-Q4"; }
static void other_org(struct statement *s) { s->organisation = "evil.example"; }
static void other_preparers(struct statement *s) { s->preparer[0][5] ^= 1; }
static void other_role(struct statement *s)
{
	s->role = "preparer";
	s->says = "prepared";
}
static void a49(struct attack *t) { demo_approval(t, other_period); }
static void a49b(struct attack *t) { demo_approval(t, other_org); }
static void a49c(struct attack *t)
{
	t->trust.organisation = "other.example";
}
static void a50(struct attack *t) { demo_approval(t, other_preparers); }
static void a51(struct attack *t)
{
	struct sign_key *k;

	MUST(demo_key("approver", &k, &fix_err));
	approve_with(t, fix_person("preparer"), k, NULL);
	sign_close(k);
	fix_trust_key(&t->trust, ROLE_APPROVER)->person =
	    fix_person("preparer");
	t->o.previous = note_file(&f->log[0], 16);
}
static void a52(struct attack *t)
{
	struct sign_key *k;

	MUST(demo_key("preparer", &k, &fix_err));
	approve_with(t, fix_person("preparer"), k, NULL);
	sign_close(k);
}
static void a53(struct attack *t)
{
	struct trust_key *k = fix_trust_key(&t->trust, ROLE_APPROVER);

	k->revoked_us = FIX_AS_OF;
	k->revoked_reason = "lost";
}
static void a53b(struct attack *t)
{
	fix_trust_key(&t->trust, ROLE_LOG)->revoked_us = FIX_AS_OF;
}
static void a55(struct attack *t)
{
	struct sign_key *k;

	MUST(demo_key("log", &k, &fix_err));
	approve_with(t, fix_person("approver"), k, NULL);
	sign_close(k);
}
static void a55b(struct attack *t) { demo_approval(t, other_role); }
static void a55c(struct attack *t)
{
	struct sign_key *k;

	MUST(demo_key("approver", &k, &fix_err));
	approve_with(t, "someone.else@acme.example", k, NULL);
	sign_close(k);
}
static void a56(struct attack *t)
{
	edit(t, record_of(some_row(t, 0)), "refund-bot", "evil-bot");
	t->manifest = t->sign = 1;
}
static void a57(struct attack *t)
{
	uint64_t seq = some_row(t, 0) & ~UINT64_C(1);
	char two[64];

	memcpy(two, f->log[0].leaf[seq], 32);
	memcpy(two + 32, f->log[0].leaf[seq + 1], 32);
	mem_put(f, &t->m, record_of(some_row(t, 0)), two, 64);
	t->manifest = t->sign = 1;
}
static void a58(struct attack *t)
{
	uint64_t seq = some_row(t, 0);

	edit(t, proof_of_row(seq), arena_printf(f->a, "index %" PRIu64 "\n",
	    seq), arena_printf(f->a, "index %" PRIu64 "\n", seq + 1));
	t->manifest = t->sign = 1;
}
static void a58b(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, record_of(some_row(t, 0)));
	struct fixfile *y = mem_find(&t->m, record_of(some_row(t, 4)));
	struct fixfile was = *x;

	x->p = y->p;
	x->len = y->len;
	y->p = was.p;
	y->len = was.len;
	t->manifest = t->sign = 1;
}
static void a59(struct attack *t)
{
	uint64_t seq = some_row(t, 0);
	struct fixfile *x = mem_find(&t->m, proof_of_row(seq));

	edit(t, proof_of_row(seq), strstr(x->p, "\n\n") + 2,
	    fix_note(f, &f->log[0], 61, 1));
	t->manifest = t->sign = 1;
}
static void a61(struct attack *t)
{
	char *path = proof_of_row(some_row(t, 0));
	char *hash = strchr(strchr(mem_find(&t->m, path)->p, '\n') + 1, '\n') +
	    1;

	edit(t, path, arena_strndup(f->a, hash, 44), "AAAA");
	t->manifest = t->sign = 1;
}
static void a61b(struct attack *t)
{
	char *path = proof_of_row(some_row(t, 0));
	char *hash = strchr(strchr(mem_find(&t->m, path)->p, '\n') + 1, '\n') +
	    1;

	edit(t, path, arena_strndup(f->a, hash, 44), "AAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAA"); /* 33 bytes */
	t->manifest = t->sign = 1;
}
static void a62(struct attack *t)
{
	char *note = arena_strdup(f->a, mem_find(&t->m, CHECKPOINT)->p);
	char *p = note + strlen(note) - 20;

	*p = *p == 'A' ? 'B' : 'A';
	set_checkpoint(t, note);
}
/* Another key's signature under the log key's name and four bytes of id. */
static void a62b(struct attack *t)
{
	char *note = mem_find(&t->m, CHECKPOINT)->p, b64[128];
	char *end = strstr(note, "\n\n") + 1;
	struct sign_key *k = fix_key("another");
	uint8_t sig[96];
	size_t len;
	long n = hash_unbase64(sig, strrchr(note, ' ') + 1, 92);

	assert_int_equal(n, 68);
	MUST(sign_make(k, note, (size_t)(end - note), sig + 4, &len,
	    &fix_err));
	sign_close(k);
	(void)hash_base64(b64, sig, 68);
	set_checkpoint(t, arena_printf(f->a, "%.*s%s\n",
	    (int)(strrchr(note, ' ') + 1 - note), note, b64));
}
static void a63(struct attack *t)
{
	struct fixlog other = f->log[0];

	other.origin = "acme.example/main/other";
	set_checkpoint(t, fix_note(f, &other, 60, 1));
}
static void a63b(struct attack *t)
{
	set_checkpoint(t, fix_note(f, &f->log[0], 61, 1));
}
static void a64(struct attack *t)
{
	t->o.previous = note_file(&f->log[0], 100);
}
static void a65(struct attack *t)
{
	char *hash = strchr(mem_find(&t->m, CONSISTENCY)->p, '\n') + 1;

	*hash = *hash == 'A' ? 'B' : 'A';
	t->manifest = t->sign = 1;
}
static void a66(struct attack *t)
{
	struct fixlog *other = arena_memdup(f->a, &f->log[0],
	    sizeof(*other));

	other->leaf[3][0] ^= 1;
	t->o.previous = note_file(other, 16);
}
static void a66b(struct attack *t)
{
	struct fixlog *other = arena_memdup(f->a, &f->log[0],
	    sizeof(*other));

	other->leaf[3][0] ^= 1;
	t->o.previous = note_file(other, 60);
}
static void a67(struct attack *t)
{
	char *x = mem_find(&t->m, CONSISTENCY)->p;

	edit(t, CONSISTENCY, arena_strndup(f->a, x,
	    (size_t)(strstr(x, "\n\n") - x)), "old 0");
	t->manifest = t->sign = 1;
}
static void a68(struct attack *t)
{
	pack_json(t, "\"previous_size\":16", "\"previous_size\":15");
	pack_json(t, "\"before\":28", "\"before\":29");
	t->sign = 1;
}
static void a68b(struct attack *t)
{
	mem_drop(&t->m, "data/log/refunds/checkpoint.prev");
	t->manifest = t->sign = 1;
}
static void a69(struct attack *t)
{
	struct fixlog other = f->log[0];

	other.origin = "acme.example/main/gone";
	t->o.previous = note_file(&other, 16);
}
static void a70(struct attack *t)
{
	pack_json(t, "\"before\":28", "\"before\":29");
	t->sign = 1;
}
static void a70b(struct attack *t)
{
	pack_json(t, "\"included\":25", "\"included\":24");
	t->sign = 1;
}
static void a70c(struct attack *t)
{
	pack_json(t, "\"satisfied\":1", "\"satisfied\":2");
	t->sign = 1;
}
static void a71(struct attack *t)
{
	uint64_t seq = some_row(t, 3);

	mem_drop(&t->m, record_of(seq));
	mem_drop(&t->m, proof_of_row(seq));
	pack_json(t, "\"cited\":25,\"included\":25",
	    "\"cited\":24,\"included\":24");
	t->sign = 1;
}
static void a71b(struct attack *t)
{
	mem_drop(&t->m, CONTROL);
	t->manifest = t->sign = 1;
}
static void a71c(struct attack *t)
{
	mem_drop(&t->m, proof_of_row(some_row(t, 3)));
	t->manifest = t->sign = 1;
}
static void a71d(struct attack *t)
{
	struct fixfile *x = mem_find(&t->m, proof_of_row(some_row(t, 3)));

	mem_put(f, &t->m, proof_of_row(7), x->p, x->len);
	t->manifest = t->sign = 1;
}
static void a71e(struct attack *t)
{
	mem_put(f, &t->m, "data/records/other/7.json", "{}", 2);
	t->manifest = t->sign = 1;
}
/* The first row of the sample, as it is written. */
static char *
first_row(struct attack *t)
{
	char *p = strchr(mem_find(&t->m, CONTROL)->p, '[') + 1;

	return arena_strndup(f->a, p, (size_t)(strchr(p, '}') + 2 - p));
}
static void a72(struct attack *t)
{
	edit(t, CONTROL, first_row(t), "");
	t->manifest = t->sign = 1;
}
static void a72b(struct attack *t)
{
	char *row = first_row(t);

	edit(t, CONTROL, row, "");
	edit(t, CONTROL, "}]", arena_printf(f->a, "},%.*s]",
	    (int)strlen(row) - 1, row));
	t->manifest = t->sign = 1;
}
static void a74(struct attack *t)
{
	pack_json(t, "\"drawn_by\":\"preparer\"", "\"drawn_by\":\"auditor\"");
	t->sign = 1;
}
static void a74b(struct attack *t)
{
	uint8_t root[HASH_LEN];
	char hex[HASH_HEXLEN];

	a74(t);
	fix_root(f, &f->log[0], 60, root);
	hash_hex(hex, root);
	pack_json(t, "\"nonce\":\"root\"", arena_printf(f->a,
	    "\"nonce\":\"%s\"", hex));
}
static void a81(struct attack *t) { t->o.rebuilt = before_dir; }
static void a82(struct attack *t)
{
	struct trust_key *k = fix_trust_key(&t->trust, ROLE_APPROVER);

	memmove(k, k + 1, (size_t)(t->trust.key + t->trust.nkey - k - 1) *
	    sizeof(*k));
	t->trust.nkey--;
	t->o.previous = note_file(&f->log[0], 16);
}
static void a83(struct attack *t) { drop_signer(t, "approver"); }
static void a83b(struct attack *t)
{
	t->trust.need[ROLE_PREPARER] = 2;
	t->o.previous = note_file(&f->log[0], 16);
}
static void a84(struct attack *t)
{
	fix_trust_key(&t->trust, ROLE_APPROVER)->valid_until_us = FIX_AS_OF;
}
static void a84b(struct attack *t)
{
	fix_trust_key(&t->trust, ROLE_LOG)->valid_until_us = FIX_AS_OF;
}
static void a84c(struct attack *t)
{
	fix_trust_key(&t->trust, ROLE_PREPARER)->valid_from_us =
	    FIX_AS_OF + 1;
}
static void a85(struct attack *t)
{
	pack_json(t, "exhibit-pack/1", "exhibit-pack/2");
}
static void a85b(struct attack *t)
{
	edit(t, APPROVER, "bundle.v0.3", "bundle.v0.4");
}
static void a85c(struct attack *t)
{
	edit(t, APPROVER, "\"publicKey\"", "\"certificate\"");
}
/* The payload edited, and signed again by the approver. */
static void
payload(struct attack *t, const char *from, const char *to)
{
	struct fixfile *file = mem_find(&t->m, APPROVER);
	struct str p = str_new(f->a), pae = str_new(f->a);
	char b64[2][8192], sig64[2][128];
	struct sign_key *k;
	struct bundle b;
	struct fault fault;
	uint8_t sig[72];
	const char *at;
	size_t len;

	assert_int_equal(0, bundle_parse(f->a, file->p, file->len, &b,
	    &fault));
	at = strstr(arena_strndup(f->a, b.payload, b.payloadlen), from);
	assert_non_null(at);
	len = (size_t)(strstr(b.payload, from) - b.payload);
	str_add(&p, b.payload, len);
	str_addz(&p, to);
	str_add(&p, b.payload + len + strlen(from), b.payloadlen - len -
	    strlen(from));
	bundle_pae(&pae, b.type, p.p, p.len);
	assert_true(p.len < 6000);
	(void)hash_base64(b64[0], (const uint8_t *)b.payload, b.payloadlen);
	(void)hash_base64(b64[1], (const uint8_t *)p.p, p.len);
	(void)hash_base64(sig64[0], b.sig, b.siglen);
	MUST(demo_key("approver", &k, &fix_err));
	MUST(sign_make(k, pae.p, pae.len, sig, &len, &fix_err));
	sign_close(k);
	(void)hash_base64(sig64[1], sig, len);
	edit(t, APPROVER, b64[0], b64[1]);
	edit(t, APPROVER, sig64[0], sig64[1]);
}
static void a85d(struct attack *t)
{
	payload(t, "urn:exhibit:evidence-pack:1", "urn:exhibit:evidence-pack:2");
}
static void a85e(struct attack *t)
{
	payload(t, "in-toto.io/Statement/v1", "in-toto.io/Statement/v2");
}
static void a85f(struct attack *t)
{
	payload(t, "exhibit-pack/1", "exhibit-pack/2");
}
static void other_pack(struct attack *t, struct fixopt o)
{
	char *dir;

	t->m = make_pack(f, &o, &dir);
}
static void a89(struct attack *t)
{
	struct fixopt o = q3;

	o.unsigned_log = 1;
	other_pack(t, o);
}
static void a92(struct attack *t)
{
	struct fixopt o = q3;

	o.read_from = 4;
	other_pack(t, o);
	t->trust.deep = 1;
}
static void a93(struct attack *t)
{
	struct fixopt o = q2;

	o.size = 0;
	other_pack(t, o);
	t->o.previous = "";
}
static void a95(struct attack *t)
{
	t->trust.time_required = 1;
	t->o.previous = note_file(&f->log[0], 16);
}
static void a86(struct attack *t)
{
	struct str s = str_new(f->a);

	trust_write(&s, &t->trust);
	mem_put(f, &t->m, "data/trust.json", s.p, s.len);
	mem_manifest(f, &t->m);
	mem_resign(f, &t->m);
	t->folder = mem_folder(f, &t->m);
	t->o.trust = arena_printf(f->a, "%s/data/trust.json", t->folder);
	t->trust_arg = "pack/data/trust.json";
	t->o.previous = note_file(&f->log[0], 16);
}
static void a87(struct attack *t) { t->o.trust = ""; }
static void a88(struct attack *t)
{
	fix_trust_key(&t->trust, ROLE_LOG)->person = "acme.example/other/*";
}
static void a90(struct attack *t) { t->o.previous = ""; }
static void a91(struct attack *t)
{
	t->o.previous = note_file(&f->log[0], 20);
}

static const struct {
	const char *name;
	void (*edit)(struct attack *);
	enum err_kind status;
	const char *codes;
} attacks[] = {
	{ "0 nothing", a0, 0, "" },
	{ "19 a line twice", a19, 2, "MANIFEST_DUPLICATE" },
	{ "20 dots", a20, 2, "MANIFEST_PATH" },
	{ "20 absolute", a20b, 2, "MANIFEST_PATH" },
	{ "21 upper case", a21, 2, "MANIFEST_HASH_FORM" },
	{ "21 short", a21b, 2, "MANIFEST_HASH_FORM" },
	{ "22 another manifest", a22, 2, "MANIFEST_ALGORITHM" },
	{ "22 MD5", a22b, 2, "MANIFEST_HASH_FORM" },
	{ "23 CRLF", a23, 2, "MANIFEST_BYTES" },
	{ "23 BOM", a23b, 2, "MANIFEST_BYTES" },
	{ "23 no last LF", a23c, 2, "MANIFEST_BYTES" },
	{ "23 binary mark", a23d, 2, "MANIFEST_BYTES" },
	{ "23 backslash", a23e, 2, "MANIFEST_BYTES" },
	{ "23 not sorted", a23f, 2, "MANIFEST_BYTES" },
	{ "24 long line", a24, 2, "LIMIT_LINE" },
	{ "25 lists a signature", a25, 2, "MANIFEST_SCOPE" },
	{ "25 lists itself", a25b, 2, "MANIFEST_SCOPE" },
	{ "26 symlink", a26, 2, "DIR_TYPE" },
	{ "26 pipe", a26b, 2, "DIR_TYPE" },
	{ "27 duplicate key", a27, 2, "JSON_STRICT" },
	{ "27 NaN", a27b, 2, "JSON_STRICT" },
	{ "27 depth", a27c, 2, "JSON_STRICT" },
	{ "27 tail", a27d, 2, "JSON_STRICT" },
	{ "27 over 2 to the 53", a27e, 2, "JSON_STRICT" },
	{ "27 real", a27f, 2, "JSON_STRICT" },
	{ "28 ANSI", a28, 2, "TEXT_CONTROL" },
	{ "28 bidi", a28b, 2, "TEXT_CONTROL" },
	{ "29 low-order key", a29, 2, "TRUST_KEY" },
	{ "30 extension line", a30, 2, "NOTE_FORM" },
	{ "30 leading zero", a30b, 2, "NOTE_FORM" },
	{ "30 extra line", a30c, 2, "NOTE_FORM" },
	{ "36 page", a36, 3, "HASH_MISMATCH" },
	{ "37 missing", a37, 3, "FILE_MISSING" },
	{ "37 no manifest", a37b, 3, "FILE_MISSING" },
	{ "38 extra page", a38, 3, "FILE_UNLISTED" },
	{ "38 extra in root", a38b, 3, "FILE_UNLISTED" },
	{ "38 extra in sig", a38c, 3, "FILE_UNLISTED" },
	{ "38 empty folder", a38d, 3, "FILE_UNLISTED" },
	{ "39 README", a39, 3, "TAG_MISMATCH" },
	{ "39 bagit", a39b, 3, "TAG_MISMATCH" },
	{ "39 bag-info", a39c, 3, "TAG_MISMATCH" },
	{ "39 no bagit", a39d, 3, "FILE_MISSING" },
	{ "40 bundle", a40, 3, "SIG_INVALID" },
	{ "40 sshsig", a40b, 3, "SIG_INVALID" },
	{ "41 other key", a41, 3, "SIG_KEYID" },
	{ "42 one key twice", a42, 3, "SIG_DUPLICATE" },
	{ "43 two keys", a43, 3, "SIG_PAIR" },
	{ "43 no sshsig", a43b, 3, "SIG_PAIR" },
	{ "43 no bundle", a43c, 3, "SIG_PAIR" },
	{ "44 page and line removed", a44, 3, "SIG_SUBJECT" },
	{ "45 other manifest", a45, 3, "SIG_SUBJECT" },
	{ "46 last quarter's", a46, 3, "SIG_SUBJECT" },
	{ "47 namespace", a47, 3, "SIG_DOMAIN" },
	{ "47 payloadType", a47b, 3, "SIG_DOMAIN" },
	{ "48 longer", a48, 3, "SIG_ENCODING" },
	{ "48 padding", a48b, 3, "SIG_ENCODING" },
	{ "48 blank line", a48c, 3, "SIG_ENCODING" },
	{ "49 period", a49, 3, "STATEMENT_PACK" },
	{ "49 organisation", a49b, 3, "STATEMENT_PACK" },
	{ "49 trust of another", a49c, 3, "STATEMENT_PACK" },
	{ "50 other preparation", a50, 3, "APPROVAL_BINDING" },
	{ "51 one person", a51, 3, "DUTIES_SAME_PERSON" },
	{ "52 one key", a52, 3, "DUTIES_SAME_KEY" },
	{ "53 revoked", a53, 3, "KEY_REVOKED" },
	{ "53 log key revoked", a53b, 3, "KEY_REVOKED" },
	{ "55 log key", a55, 3, "KEY_ROLE" },
	{ "55 other role", a55b, 3, "KEY_ROLE" },
	{ "55 other person", a55c, 3, "STATEMENT_PERSON" },
	{ "56 record", a56, 3, "PROOF_INCLUSION" },
	{ "57 node as leaf", a57, 3, "RECORD_FORM PROOF_INCLUSION" },
	{ "58 index", a58, 3, "PROOF_INDEX" },
	{ "58 file name", a58b, 3, "PROOF_INDEX" },
	{ "59 other size", a59, 3, "PROOF_CHECKPOINT" },
	{ "61 short hash", a61, 3, "PROOF_LENGTH" },
	{ "61 long hash", a61b, 3, "PROOF_LENGTH" },
	{ "62 bad signature", a62, 3, "CHECKPOINT_SIG" },
	{ "62 key id of another", a62b, 3, "CHECKPOINT_SIG" },
	{ "63 origin", a63, 3, "CHECKPOINT_ORIGIN" },
	{ "63 size", a63b, 3, "PROOF_INCLUSION CHECKPOINT_FIGURES LOG_FORK" },
	{ "64 rollback", a64, 3, "LOG_ROLLBACK" },
	{ "65 not consistent", a65, 3, "LOG_FORK" },
	{ "66 other root", a66, 3, "LOG_FORK" },
	{ "66 other root now", a66b, 3, "LOG_FORK" },
	{ "67 old 0", a67, 3, "LOG_PREVIOUS" },
	{ "68 elsewhere", a68, 3, "LOG_PREVIOUS" },
	{ "68 no checkpoint.prev", a68b, 3, "LOG_PREVIOUS LOG_NO_PROOF" },
	{ "69 stream gone", a69, 3, "STREAM_MISSING" },
	{ "70 counts", a70, 3, "POPULATION_COUNT" },
	{ "70 records", a70b, 3, "POPULATION_COUNT" },
	{ "70 verdicts", a70c, 3, "SUMMARY_COUNT" },
	{ "71 no record", a71, 3, "SAMPLE_MISSING" },
	{ "71 no sample", a71b, 3, "SAMPLE_MISSING" },
	{ "71 no proof", a71c, 3, "RECORD_PROOF" },
	{ "71 proof alone", a71d, 3, "RECORD_PROOF" },
	{ "71 no such stream", a71e, 3, "FILE_UNLISTED" },
	{ "72 left out", a72, 3, "SAMPLE_DRAW" },
	{ "72 order", a72b, 3, "SAMPLE_DRAW" },
	{ "74 nonce", a74, 3, "SAMPLE_NONCE" },
	{ "74 root in hex", a74b, 3, "SAMPLE_NONCE" },
	{ "81 rebuilt differs", a81, 3, "REBUILD_DIFFERS" },
	{ "82 unknown key", a82, 5, "SIG_UNKNOWN_KEY" },
	{ "83 no approver", a83, 5, "ROLE_MISSING" },
	{ "83 two needed", a83b, 5, "ROLE_MISSING" },
	{ "84 ended", a84, 5, "KEY_ENDED" },
	{ "84 log key ended", a84b, 5, "KEY_ENDED" },
	{ "84 not yet", a84c, 5, "KEY_ENDED" },
	{ "85 format", a85, 5, "VERSION_UNSUPPORTED" },
	{ "85 media type", a85b, 5, "VERSION_UNSUPPORTED" },
	{ "85 certificate", a85c, 5, "VERSION_UNSUPPORTED" },
	{ "85 predicate type", a85d, 5, "VERSION_UNSUPPORTED" },
	{ "85 statement type", a85e, 5, "VERSION_UNSUPPORTED" },
	{ "85 statement of another format", a85f, 5, "VERSION_UNSUPPORTED" },
	{ "86 trust inside", a86, 5, "TRUST_INSIDE" },
	{ "87 no trust", a87, 5, "TRUST_NONE" },
	{ "88 no log key", a88, 5, "CHECKPOINT_KEY" },
	{ "89 log not signed", a89, 5, "CHECKPOINT_UNSIGNED" },
	{ "90 no previous", a90, 5, "LOG_NO_PREVIOUS" },
	{ "91 other size given", a91, 5, "LOG_NO_PROOF" },
	{ "92 rows sealed", a92, 5, "READ_SEALED" },
	{ "93 no rows", a93, 5, "NOTHING_TO_VERIFY" },
	{ "95 no timestamp", a95, 5, "TIME_MISSING" },
};

static void
run_attack(struct attack *t, struct verify_report *r)
{
	if (t->manifest)
		mem_manifest(f, &t->m);
	if (t->sign)
		mem_resign(f, &t->m);
	if (t->o.trust == NULL)
		t->o.trust = t->raw_trust != NULL ? raw_file(f, t->raw_trust,
		    strlen(t->raw_trust)) : fix_trust_file(f, &t->trust);
	if (*t->o.trust == '\0')
		t->o.trust = NULL;
	if (t->o.previous == NULL)
		t->o.previous = before_dir;
	if (*t->o.previous == '\0')
		t->o.previous = NULL;
	t->o.as_of_us = FIX_AS_OF;
	t->o.pack = t->folder != NULL ? t->folder : t->zip != NULL ? t->zip :
	    mem_folder(f, &t->m);
	verify_pack(f->a, &t->o, r);
}

/* Where asked for, the case as a fixture. */
static void
export(const char *kind, const char *name, struct attack *t,
    const struct verify_report *r)
{
	const char *root = getenv("WRITE_VECTORS");
	struct vec v = { .kind = kind, .name = name, .m = &t->m,
		.trust = t->o.trust, .trust_arg = t->trust_arg,
		.extra = t->extra, .status = verify_status(r),
		.verdict = verify_verdict(r), .codes = fix_codes(f->a, r) };
	struct stat st;

	if (root == NULL)
		return;
	v.previous_q2 = t->o.previous == first_dir;
	if (t->o.rebuilt != NULL)
		v.rebuilt = t->o.rebuilt == first_dir ? "q2" : "q3";
	if (t->o.previous != NULL && !v.previous_q2 &&
	    stat(t->o.previous, &st) == 0) {
		v.previous = t->o.previous;
		v.previous_pack = S_ISDIR(st.st_mode) ? &before : NULL;
	}
	vec_write(f, root, &v, bases, 2);
}

static void
each_attack_gives_its_codes(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct attack t = { .m = mem_copy(f->a, &base) };
		struct verify_report r;
		struct str text = str_new(f->a);

		fix_trust(f, &t.trust);
		attacks[i].edit(&t);
		run_attack(&t, &r);
		verify_text(&text, &r);
		verify_json(&text, &r);
		/* No text of a pack reaches a terminal raw. */
		assert_null(strchr(text.p, '\x1b'));
		assert_null(strstr(text.p, "\xE2\x80\xAE"));
		if (strcmp(fix_codes(f->a, &r), attacks[i].codes) == 0 &&
		    verify_status(&r) == attacks[i].status) {
			if (i > 0)
				export("fail", attacks[i].name, &t, &r);
			continue;
		}
		(void)printf("%s: %d %s, want %d %s\n%s\n", attacks[i].name,
		    (int)verify_status(&r), fix_codes(f->a, &r),
		    (int)attacks[i].status, attacks[i].codes, text.p);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Good packs. */

static void
must_verify(const char *what, struct attack *t)
{
	struct verify_report r;

	run_attack(t, &r);
	if (verify_status(&r) != ERR_OK || r.nfault != 0) {
		struct str s = str_new(f->a);

		verify_text(&s, &r);
		fail_msg("%s: %s", what, s.p);
	}
	if (t->zip == NULL && strcmp(what, "clean") != 0)
		export("ok", what, t, &r);
}

static struct attack
good(const struct mem *m)
{
	struct attack t = { .m = mem_copy(f->a, m) };

	fix_trust(f, &t.trust);
	return t;
}

static void
a_folder_and_both_zips(void **state)
{
	struct attack t = good(&base);
	struct raw r = raw_of(f, &base);
	struct str s = raw_bytes(f, &r);
	size_t n = 0;

	(void)state;
	must_verify("folder", &t);
	/* Of the 25 records some hold a tag in a text. */
	for (size_t i = 0; i < t.m.n; i++)
		n += strstr(t.m.file[i].p, "<script>") != NULL;
	assert_true(n > 0);
	must_verify("97 script in event texts", &t);
	t = good(&base);
	t.zip = mem_zip(f, &base);
	must_verify("deflated", &t);
	t = good(&base);
	t.zip = raw_file(f, s.p, s.len);
	must_verify("stored", &t);
}

static void
a_first_pack_and_mailed_checkpoints(void **state)
{
	static const struct {
		uint64_t size;
		const char *name;
	} mailed[] = {
		{ 0, "a checkpoint of no rows mailed" },
		{ 16, "the checkpoint before mailed" },
		{ 60, "the checkpoint itself mailed" },
	};
	struct attack t = good(&before);

	(void)state;
	t.o.previous = "";
	must_verify("first", &t);
	for (size_t i = 0; i < 3; i++) {
		t = good(&base);
		t.o.previous = note_file(&f->log[0], mailed[i].size);
		must_verify(mailed[i].name, &t);
	}
	t = good(&base);
	t.o.rebuilt = mem_folder(f, &base);
	must_verify("rebuilt", &t);
}

/* Options of a build that all must verify: previous pack given where there is
 * one. */
static void
packs_of_other_options(void **state)
{
	static const struct {
		const char *name;
		struct fixopt o;
	} cases[] = {
		{ "auditor's nonce", { .period = "2026-Q3", .previous = 16,
		  .size = 60, .as_of_us = FIX_AS_OF, .to_us = FIX_TO,
		  .nonce = "a1b2c3d4e5f60718" } },
		{ "quiet quarter", { .period = "2026-Q3", .previous = 16,
		  .size = 16, .as_of_us = FIX_AS_OF, .to_us = FIX_TO } },
		{ "one row", { .period = "2026-Q3", .previous = 16,
		  .size = 17, .as_of_us = FIX_AS_OF, .to_us = FIX_TO } },
		{ "interim", { .period = "2026-Q3", .previous = 16,
		  .size = 40, .as_of_us = FIX_TO - 1, .to_us = FIX_TO } },
		{ "sealed", { .period = "2026-Q3", .previous = 16,
		  .size = 128, .as_of_us = FIX_AS_OF, .to_us = FIX_TO,
		  .read_from = 8 } },
		{ "rows waiting", { .period = "2026-Q3", .previous = 16,
		  .size = 20, .as_of_us = FIX_AS_OF, .to_us = FIX_TO,
		  .waiting = 12 } },
		/* Of the text of a page: data, never a tag. */
		{ "98 script end in the island", {
		  .period = "</script><script>alert(1)</script>",
		  .previous = 16, .size = 18, .as_of_us = FIX_AS_OF,
		  .to_us = FIX_TO } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir;
		struct mem m = make_pack(f, &cases[i].o, &dir);
		struct attack t = good(&m);

		must_verify(cases[i].name, &t);
	}
}

/* Sizes of every kind: no false alarm. */
static void
clean_packs_raise_no_alarm(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 24; i++) {
		struct fixopt o = { .period = "2026-Q3",
			.previous = i * 7 % 31, .size = i * 7 % 31 + i * i % 97,
			.as_of_us = FIX_AS_OF, .to_us = FIX_TO };
		struct attack t;
		struct mem m;
		char *dir;

		if (o.size == 0)
			o.size = 1;
		m = make_pack(f, &o, &dir);
		t = good(&m);
		t.o.previous = o.previous > 0 ?
		    note_file(&f->log[0], o.previous) : "";
		must_verify("clean", &t);
	}
}

static void
two_streams(void **state)
{
	struct fix *keep = f;
	struct attack t;
	struct mem m;
	char *dir;

	(void)state;
	f = fix_new(2);
	before = make_pack(f, &q2, &before_dir);
	m = make_pack(f, &q3, &dir);
	t = good(&m);
	must_verify("two streams", &t);
	/* A stream of before must be there again. */
	t = good(&m);
	t.o.previous = note_file(&f->log[1], 16);
	must_verify("two streams one mailed", &t);
	fix_free(f);
	f = keep;
	before = make_pack(f, &q2, &before_dir);
	first_dir = before_dir;
}

static void
edges_of_trust(void **state)
{
	struct sign_key *k = fix_key("the log key of last year");
	struct attack t = good(&base);
	struct verify_report r;
	struct str old = str_new(f->a);
	uint8_t root[HASH_LEN];
	char *note;

	(void)state;
	/* A rotated key: the old one, ended, signed only what came before. */
	trust_key(&t, k, ROLE_LOG, "acme.example/main/*");
	t.trust.key[t.trust.nkey - 1].valid_until_us = FIX_FROM;
	fix_root(f, &f->log[0], 16, root);
	note_checkpoint_body(&old, ORIGIN, 16, root);
	MUST(note_sign(&old, ORIGIN, k, &fix_err));
	mem_put(f, &t.m, "data/log/refunds/checkpoint.prev", old.p, old.len);
	t.o.previous = raw_file(f, old.p, old.len);
	t.manifest = t.sign = 1;
	must_verify("rotated log key", &t);

	/* A witness's line is looked over. */
	t = good(&base);
	note = arena_printf(f->a, "%s\xE2\x80\x94 witness.example "
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	    mem_find(&t.m, CHECKPOINT)->p);
	set_checkpoint(&t, note);
	must_verify("witness", &t);

	/* A field that is not known is looked over. */
	t = good(&base);
	payload(&t, "\"role\":", "\"reason\":\"x\",\"role\":");
	must_verify("unknown predicate field", &t);

	/* What the trust file leaves out counts no more. */
	t = good(&base);
	memset(t.trust.require, 0, sizeof(t.trust.require));
	t.trust.require[0] = 1;
	t.o.previous = "";
	run_attack(&t, &r);
	assert_int_equal(verify_status(&r), ERR_OK);
	assert_string_equal(fix_codes(f->a, &r), "LOG_NO_PREVIOUS");

	/* Timestamps that are required and not there: it cannot be green. */
	t = good(&base);
	t.trust.require[LEVEL_TIME] = 1;
	t.o.previous = note_file(&f->log[0], 16);
	run_attack(&t, &r);
	assert_int_equal(verify_status(&r), ERR_UNDECIDED);
	assert_string_equal(fix_codes(f->a, &r), "TIME_MISSING");
	t = good(&base);
	t.trust.time_required = 1;
	t.o.previous = note_file(&f->log[0], 16);
	run_attack(&t, &r);
	assert_int_equal(verify_status(&r), ERR_UNDECIDED);
	sign_close(k);
}

/* n - s in place of s: also a signature of ECDSA, of the same person once. */
static void
high_s_is_counted_once(void **state)
{
	/* The order of P-256: FIPS 186-4, D.1.2.3. */
	static const char order[] = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAAD"
	    "A7179E84F3B9CAC2FC632551";
	struct attack t = good(&base);
	struct bundle b;
	struct fixfile *file;
	struct fault fault;
	struct sign_key *k;
	BIGNUM *n = NULL, *s;
	uint8_t rs[64], der[72];
	char b64[2][128];

	(void)state;
	MUST(sign_new(SIGN_P256, &k, &fix_err));
	trust_key(&t, k, ROLE_APPROVER, "kim@acme.example");
	approve_with(&t, "kim@acme.example", k, NULL);
	must_verify("P-256", &t);
	file = mem_find(&t.m, APPROVER);
	assert_int_equal(0, bundle_parse(f->a, file->p, file->len, &b,
	    &fault));
	assert_int_equal(0, sign_der_raw(b.sig, b.siglen, rs));
	(void)hash_base64(b64[0], b.sig, b.siglen);
	BN_hex2bn(&n, order);
	s = BN_bin2bn(rs + 32, 32, NULL);
	BN_sub(s, n, s);
	BN_bn2binpad(s, rs + 32, 32);
	(void)hash_base64(b64[1], der, sign_raw_der(rs, der));
	edit(&t, APPROVER, b64[0], b64[1]);
	t.o.trust = NULL;
	must_verify("99 high s", &t);
	BN_free(n);
	BN_free(s);
	sign_close(k);
}

/* WRITE_PACK=DIR: leaves the pack, the one before, a small one and the trust
 * file there, for tests with other tools (tests/interop) and as vectors. */
static int
write_pack(const char *dir)
{
	static const struct fixopt two = { .period = "2026-Q2", .size = 2,
		.as_of_us = FIX_AS_OF, .to_us = FIX_TO };
	struct trust t;
	struct str s;
	char *made;
	int fd;

	f = fix_new(2);
	(void)make_pack(f, &q2, &before_dir);
	(void)make_pack(f, &q3, &made);
	fix_trust(f, &t);
	s = str_new(f->a);
	trust_write(&s, &t);
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	MUST(out_file(fd, "trust.json", s.p, s.len, &fix_err));
	if (renameat(AT_FDCWD, before_dir, fd, "q2") == -1 ||
	    renameat(AT_FDCWD, made, fd, "q3") == -1)
		abort();
	fix_free(f);
	f = fix_new(1);
	(void)make_pack(f, &two, &made);
	if (renameat(AT_FDCWD, made, fd, "small") == -1)
		abort();
	(void)close(fd);
	fix_free(f);
	return 0;
}

/* 96: a file is changed while the verifier hashes the last one, which is long
 * enough to be seen at it. */
static void
write_changing(const char *root)
{
	static const char big[] = "data/site/zz.bin";
	struct attack t = good(&base);
	struct vec v = { .kind = "fail", .name = "96 changed during the check",
		.m = &t.m, .previous_q2 = 1, .trust = "", .status = ERR_SYSTEM,
		.trust_arg = "trust.json", .verdict = "failed",
		.codes = "INPUT_CHANGED", .extra = ",\"sparse\":{"
		"\"data/site/zz.bin\":268435456},\"during\":{\"while\":"
		"\"data/site/zz.bin\",\"edit\":\"" CHECKPOINT "\"}" };
	struct fixfile *x = VEC_PUSH(f->a, t.m.file, t.m.n, t.m.cap);

	*x = (struct fixfile){ big, arena_alloc(f->a, 268435456), 268435456 };
	mem_manifest(f, &t.m);
	mem_resign(f, &t.m);
	mem_drop(&t.m, big);
	vec_write(f, root, &v, bases, 2);
}

/* What the fixtures differ from. */
static void
write_bases(const char *root)
{
	struct trust t;
	struct str s;
	void *none = NULL;

	(void)group_setup(&none);
	(void)out_rmtree(AT_FDCWD, arena_printf(f->a, "%s/base", root),
	    &fix_err);
	vec_pack(f, arena_printf(f->a, "%s/base/q2", root), &before);
	vec_pack(f, arena_printf(f->a, "%s/base/q3", root), &base);
	fix_trust(f, &t);
	s = str_new(f->a);
	trust_write(&s, &t);
	vec_file(f, arena_printf(f->a, "%s/base/trust.json", root), s.p,
	    s.len);
	write_changing(root);
	(void)group_teardown(&none);
}

int
main(void)
{
	const char *dir = getenv("WRITE_PACK");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_attack_gives_its_codes),
		cmocka_unit_test(a_folder_and_both_zips),
		cmocka_unit_test(a_first_pack_and_mailed_checkpoints),
		cmocka_unit_test(packs_of_other_options),
		cmocka_unit_test(clean_packs_raise_no_alarm),
		cmocka_unit_test(two_streams),
		cmocka_unit_test(edges_of_trust),
		cmocka_unit_test(high_s_is_counted_once),
	};

	if (dir != NULL)
		return write_pack(dir);
	if (getenv("WRITE_VECTORS") != NULL)
		write_bases(getenv("WRITE_VECTORS"));
	return cmocka_run_group_tests_name("verify", tests, group_setup,
	    group_teardown);
}
