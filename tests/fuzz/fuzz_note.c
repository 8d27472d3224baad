/*
 * Any bytes as a checkpoint: what is accepted prints to the same bytes again,
 * and a signature holds only if the key's own check of text and key id says
 * so.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/note.h"
#include "crypt/sign.h"
#include "pack/demo.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
print_again(struct arena *a, const struct checkpoint *c, const char *p,
    size_t len)
{
	struct str s = str_new(a);

	note_checkpoint_body(&s, c->origin, c->size, c->root);
	str_addc(&s, '\n');
	for (size_t i = 0; i < c->note.nsig; i++) {
		const struct note_sig *g = &c->note.sig[i];
		uint8_t *raw = arena_alloc(a, g->siglen + 4);
		char *b64 = arena_alloc(a, 4 * (g->siglen / 3 + 4));

		memcpy(raw, g->id, 4);
		memcpy(raw + 4, g->sig, g->siglen);
		(void)hash_base64(b64, raw, g->siglen + 4);
		str_addf(&s, "\xE2\x80\x94 %s %s\n", g->name, b64);
	}
	if (s.len != len || memcmp(s.p, p, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct arena *a = arena_new();
	char *text = arena_strndup(a, (const char *)p, len);
	struct err e = { 0 };
	struct checkpoint c;
	struct sign_key *k;
	struct sign_pub pub;
	uint8_t id[4];
	int held, naive = 0;

	if (note_checkpoint(a, text, len, &c, &e) == 0) {
		print_again(a, &c, text, len);
		if (demo_key("log", &k, &e) == -1)
			abort();
		sign_public(k, &pub);
		(void)sign_close(k);
		note_key_id(id, c.origin, &pub);
		held = note_check(&c.note, c.origin, &pub);
		for (size_t i = 0; i < c.note.nsig && naive != -1; i++)
			if (strcmp(c.note.sig[i].name, c.origin) == 0 &&
			    memcmp(c.note.sig[i].id, id, 4) == 0)
				naive = sign_check(&pub, c.note.text,
				    c.note.textlen, c.note.sig[i].sig,
				    c.note.sig[i].siglen) == 0 ? 1 : -1;
		if (held != naive)
			abort();
	} else if (e.kind != ERR_INPUT || e.msg[0] == '\0')
		abort();
	arena_free(a);
	return 0;
}
