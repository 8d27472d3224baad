#include <string.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/err.h"
#include "base/str.h"
#include "cmd/verifypage.h"
#include "crypt/hash.h"

static const struct asset *
asset(const char *name)
{
	const struct asset *as = asset_find(name);

	if (as == NULL)
		err_die("a file of the program is missing");
	return as;
}

/* Both as XML and as HTML the script is text. */
static struct str
script(struct arena *a)
{
	static const char *const part[] = { "site/js/verify.js",
		"site/js/verifypage.js" };
	struct str s = str_new(a);

	str_addz(&s, "\n//<![CDATA[\n");
	for (size_t i = 0; i < 2; i++) {
		const struct asset *as = asset(part[i]);

		str_add(&s, as->data, as->len);
	}
	str_addz(&s, "//]]>\n");
	return s;
}

static struct str
style(struct arena *a)
{
	const struct asset *as = asset("site/css/site.css");
	struct str s = str_new(a);

	str_addc(&s, '\n');
	str_add(&s, as->data, as->len);
	return s;
}

static void
add_source(struct arena *a, struct str *out, const struct str *of)
{
	struct hash *h = hash_new(a);
	uint8_t sum[HASH_LEN];
	char b64[48];

	hash_bytes(h, sum, of->p, of->len);
	hash_free(h);
	(void)hash_base64(b64, sum, HASH_LEN);
	str_addf(out, "'sha256-%s'; ", b64);
}

static struct str
policy(struct arena *a, const struct str *css, const struct str *js)
{
	struct str s = str_new(a);

	str_addz(&s, "default-src 'none'; script-src ");
	add_source(a, &s, js);
	str_addz(&s, "style-src ");
	add_source(a, &s, css);
	str_addz(&s, "img-src 'self'; connect-src 'none'; base-uri 'none'; "
	    "form-action 'none'; require-trusted-types-for 'script'; "
	    "trusted-types 'none'");
	return s;
}

/* JSON with nothing that ends an element, or a line of a script. */
static struct str
island(struct arena *a, const struct str *json)
{
	struct str s = str_new(a);

	for (size_t i = 0; i < json->len; i++) {
		const char *p = json->p + i;

		if (*p == '<' || *p == '>' || *p == '&')
			str_addf(&s, "\\u%04x", (unsigned)*p);
		else if (json->len - i >= 3 && (memcmp(p, "\xE2\x80\xA8", 3) ==
		    0 || memcmp(p, "\xE2\x80\xA9", 3) == 0)) {
			str_addz(&s, p[2] == '\xA8' ? "\\u2028" : "\\u2029");
			i += 2;
		} else if (*p != '\n')
			str_addc(&s, *p);
	}
	return s;
}

void
verifypage_add(struct arena *a, struct str *out, const struct str *packjson)
{
	struct str css = style(a), js = script(a);
	const struct {
		const char *name;
		struct str text;
	} hole[] = {
		{ "@policy@", policy(a, &css, &js) }, { "@style@", css },
		{ "@island@", island(a, packjson) }, { "@script@", js }
	};
	const char *at = asset("site/verify.html")->data;

	for (size_t i = 0; i < sizeof(hole) / sizeof(hole[0]); i++) {
		const char *next = strstr(at, hole[i].name);

		if (next == NULL)
			err_die("site/verify.html lacks a place to fill");
		str_add(out, at, (size_t)(next - at));
		str_add(out, hole[i].text.p, hole[i].text.len);
		at = next + strlen(hole[i].name);
	}
	str_addz(out, at);
}
