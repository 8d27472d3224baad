#include <string.h>

#include "base/err.h"
#include "crypt/sign.h"
#include "pack/demo.h"

static const struct {
	const char *role, *sentence;
} demo[] = {
	{ "log", "exhibit demo key for the log: anyone can sign with it" },
	{ "preparer",
	  "exhibit demo key for the preparer: anyone can sign with it" },
	{ "approver",
	  "exhibit demo key for the approver: anyone can sign with it" },
};

#define NDEMO (sizeof(demo) / sizeof(demo[0]))

const char *
demo_sentence(const char *role)
{
	for (size_t i = 0; i < NDEMO; i++)
		if (strcmp(demo[i].role, role) == 0)
			return demo[i].sentence;
	return NULL;
}

int
demo_key(const char *role, struct sign_key **key, struct err *e)
{
	const char *s = demo_sentence(role);
	uint8_t seed[HASH_LEN];

	if (s == NULL)
		return err_set(e, ERR_INPUT, "no demo key for role '%s'",
		    role);
	sign_sha256(seed, s, strlen(s));
	return sign_from_seed(seed, key, e);
}

int
demo_is(const uint8_t id[HASH_LEN])
{
	for (size_t i = 0; i < NDEMO; i++) {
		struct sign_key *k;
		struct sign_pub pub;
		struct err e = { 0 };

		if (demo_key(demo[i].role, &k, &e) == -1)
			continue;
		sign_public(k, &pub);
		(void)sign_close(k);
		if (memcmp(pub.id, id, HASH_LEN) == 0)
			return 1;
	}
	return 0;
}
