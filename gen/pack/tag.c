#include <inttypes.h>

#include "base/date.h"
#include "base/str.h"
#include "pack/packjson.h"
#include "pack/tag.h"

void
tag_bagit(struct str *s)
{
	str_addz(s, "BagIt-Version: 1.0\n"
	    "Tag-File-Character-Encoding: UTF-8\n");
}

void
tag_baginfo(struct str *s, const struct packinfo *p, uint64_t bytes,
    size_t files)
{
	str_addf(s, "Source-Organization: %s\n", p->organisation);
	str_addf(s, "External-Identifier: %s %s\n", p->organisation,
	    p->period);
	str_addz(s, "Bagging-Date: ");
	date_add_day(s, p->as_of_us);
	str_addf(s, "\nPayload-Oxum: %" PRIu64 ".%zu\n", bytes, files);
}

void
tag_limits(struct str *s, const struct packinfo *p)
{
	int sealed = 0, unsigned_log = 0;

	for (size_t i = 0; i < p->nstream; i++) {
		sealed |= p->stream[i].read_from > 0;
		unsigned_log |= !p->stream[i].log_signed;
	}
	str_addz(s,
	    "- That an event is true: only that it was recorded.\n"
	    "- That every act was recorded.\n"
	    "- That nothing was rewritten before the first checkpoint that "
	    "left the company:\n"
	    "  the owner of the only log key can fork between audits unless "
	    "checkpoints go out.\n"
	    "- That occurred_us is right.\n"
	    "- That a signer read it.\n"
	    "- That controls suffice in law.\n");
	if (sealed)
		str_addz(s, "- That rows below read_from are unharmed in the "
		    "store: only that their roots are\n"
		    "  those signed before.\n");
	if (unsigned_log)
		str_addz(s, "- The log is not signed: that it is what it was "
		    "yesterday.\n");
}

static const char readme_files[] =
"1. Nothing changed, nothing is missing, nothing is extra\n"
"\n"
"sha256sum --strict -c manifest-sha256.txt\n"
"LC_ALL=C find data -type f | LC_ALL=C sort | diff - <(cut -c67- manifest-sha256.txt)\n"
"find . ! -type f ! -type d\n"
"\n"
"The first says OK for each file (macOS: shasum -a 256 -c; Windows: certutil\n"
"-hashfile FILE SHA256). The second (in bash) and the third must print nothing:\n"
"sha256sum cannot see extra files.\n"
"\n";

static const char readme_signatures[] =
"2. Who signed\n"
"\n"
"Get the keys of the signers from the people themselves, by letter or call, never\n"
"from this folder. PERSON is the name in your own file allowed_signers.\n"
"\n"
"ssh-keygen -Y verify -f allowed_signers -I PERSON -n exhibit-preparer@v1 -s sig/preparer.sshsig < manifest-sha256.txt\n"
"ssh-keygen -Y verify -f allowed_signers -I PERSON -n exhibit-approver@v1 -s sig/approver.sshsig < manifest-sha256.txt\n"
"\n"
"(Windows: cmd /c \"ssh-keygen ... < manifest-sha256.txt\"; PowerShell changes bytes.)\n"
"What each person declared is in sig/*.sigstore.json, an in-toto statement in a DSSE\n"
"envelope. With the public key of the preparer in preparer.pem:\n"
"\n"
"for f in payload sig; do python3 -c 'import base64,json,sys; e=json.load(open(\"sig/preparer.sigstore.json\"))\n"
"e=e[\"dsseEnvelope\"]; e[\"sig\"]=e[\"signatures\"][0][\"sig\"]; sys.stdout.buffer.write(base64.b64decode(e[sys.argv[1]]))\n"
"' $f >../$f; done\n"
"(printf \"DSSEv1 28 application/vnd.in-toto+json %d \" $(wc -c <../payload); cat ../payload) >../pae\n"
"openssl pkeyutl -verify -pubin -inkey preparer.pem -rawin -in ../pae -sigfile ../sig\n"
"\n"
"(A P-256 key: openssl dgst -sha256 -verify preparer.pem -signature ../sig ../pae.\n"
"The LibreSSL of macOS loads no Ed25519 key.) ../payload says who signed, in which\n"
"role, and the digests of the manifest and of each checkpoint of the log. Where the\n"
"bundle holds a timestamp: openssl ts -verify -data ../sig -in TOKEN -CAfile tsa.pem.\n"
"\n";

static const char readme_log[] =
"3. The records are in the log\n"
"\n"
"data/log/*/checkpoint is the signed size and root of the log (C2SP signed note).\n"
"The leaf of a record is SHA-256 of a zero byte and the file; the proof beside it\n"
"leads from there to the root (RFC 6962):\n"
"\n";

static const char readme_python[] =
"python3 - $R <<'EOF'\n"
"import base64, hashlib, sys\n"
"H = lambda b: hashlib.sha256(b).digest()\n"
"head, note = open(f'data/proofs/{sys.argv[1]}.tlog-proof').read().split('\\n\\n', 1)\n"
"r = H(b'\\0' + open(f'data/records/{sys.argv[1]}.json', 'rb').read())\n"
"i, path = int(head.split()[2]), head.split()[3:]\n"
"n, root = int(note.split('\\n')[1]) - 1, note.split('\\n')[2]\n"
"for p in map(base64.b64decode, path):\n"
"    if i & 1 or i == n:\n"
"        r = H(b'\\1' + p + r)\n"
"        while not i & 1 and i: i, n = i >> 1, n >> 1\n"
"    else: r = H(b'\\1' + r + p)\n"
"    i, n = i >> 1, n >> 1\n"
"print('included' if n == 0 and base64.b64encode(r).decode() == root else 'NOT INCLUDED')\n"
"EOF\n"
"\n";

static const char readme_more[] =
"5. What is not here\n"
"\n"
"Other records, a sample by a nonce that you pick after you have the checkpoint, and\n"
"contents come as a reply. Ask for\n"
"exhibit query '' --reply R --sample 25 --nonce HEX --disclose input_hash --as-of TIME\n"
"and check it with exhibit verify R --trust trust.json --previous this-pack, or as\n"
"under 3 without data/. A content is what the record says if\n"
"cat 388.input_hash.salt 388.input_hash.content | sha256sum\n"
"gives input_hash of record 388.\n"
"\n";

void
tag_readme(struct str *s, const struct packinfo *p, const char *record)
{
	str_addf(s, "Evidence pack of %s for %s\n\n", p->organisation,
	    p->period);
	str_addz(s,
	    "Begin with data/site/index.html in a browser. data/pack.json "
	    "says what this pack\n"
	    "covers. All checks with one command: exhibit verify . --trust "
	    "trust.json, where\n"
	    "trust.json is yours. The same without Exhibit, in this folder, "
	    "with tools that you\nalready own:\n\n");
	str_addz(s, readme_files);
	str_addz(s, readme_signatures);
	str_addz(s, readme_log);
	if (record == NULL)
		str_addz(s, "This pack holds no record.\n\n");
	else {
		str_addf(s, "R=%s\n", record);
		str_addz(s, "(printf '\\0'; cat data/records/$R.json) | "
		    "sha256sum\n");
		str_addz(s, readme_python);
	}
	str_addz(s, "4. In the browser\n\ndata/site/verify.html checks this "
	    "folder with a key that you paste. These bytes\nthen agree with "
	    "each other; a page cannot vouch for itself.\n\n");
	str_addz(s, readme_more);
	str_addz(s, "What this pack does not prove (Limits)\n\n");
	tag_limits(s, p);
}
