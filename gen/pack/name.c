#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "crypt/hash.h"
#include "pack/name.h"

static int
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* CON, NUL.txt, com1: a device on Windows, with any extension. */
static int
is_device(const char *p, size_t len)
{
	static const char *const three[] = { "con", "prn", "aux", "nul" };
	const char *dot = memchr(p, '.', len);
	size_t n = dot != NULL ? (size_t)(dot - p) : len;

	for (size_t i = 0; n == 3 && i < 4; i++)
		if (strncasecmp(p, three[i], 3) == 0)
			return 1;
	return n == 4 && (strncasecmp(p, "com", 3) == 0 ||
	    strncasecmp(p, "lpt", 3) == 0) && p[3] >= '0' && p[3] <= '9';
}

static int
check_part(const char *p, size_t len, struct fault *f)
{
	if (len == 0 || (len == 1 && p[0] == '.') ||
	    (len == 2 && p[0] == '.' && p[1] == '.'))
		return fault_set(f, FAULT_ZIP_PATH,
		    "a part of the name is empty, . or ..");
	for (size_t i = 0; i < len; i++)
		if (!is_name_char(p[i]))
			return fault_set(f, FAULT_ZIP_NAME, "byte 0x%02x; only "
			    "letters, digits, . _ - are allowed",
			    (unsigned char)p[i]);
	if (p[len - 1] == '.')
		return fault_set(f, FAULT_ZIP_NAME, "ends in a dot");
	if (is_device(p, len))
		return fault_set(f, FAULT_ZIP_NAME, "a device on Windows");
	return 0;
}

int
name_check(const char *p, size_t len, struct fault *f)
{
	size_t from = 0;
	int levels = 0;

	if (len == 0 || len > LIMIT_PACK_NAME)
		return fault_set(f, FAULT_ZIP_NAME,
		    "a name of %zu bytes; 1 to %d are allowed", len,
		    LIMIT_PACK_NAME);
	for (size_t i = 0; i <= len; i++) {
		if (i < len && p[i] != '/')
			continue;
		if (check_part(p + from, i - from, f) == -1)
			return -1;
		from = i + 1;
		levels++;
	}
	if (levels > LIMIT_PACK_LEVELS)
		return fault_set(f, FAULT_ZIP_NAME, "%d levels; at most %d",
		    levels, LIMIT_PACK_LEVELS);
	return 0;
}

/* A file may not be a folder too, nor differ from another in case alone. */
static int
add_one(struct arena *a, struct map *m, const char *name, size_t len,
    int folder, struct fault *f)
{
	char folded[LIMIT_PACK_NAME + 2];
	void **at;

	for (size_t i = 0; i < len; i++)
		folded[i] = name[i] >= 'A' && name[i] <= 'Z' ?
		    (char)(name[i] + ('a' - 'A')) : name[i];
	folded[len] = '/';
	if (map_get(m, folded, folder ? len : len + 1) != NULL)
		return fault_set(f, FAULT_ZIP_COLLISION,
		    "a file and a folder of one name");
	at = map_put(m, folded, folder ? len + 1 : len);
	if (*at == NULL) {
		*at = arena_strndup(a, name, len);
		return 0;
	}
	if (strncmp(*at, name, len) != 0)
		return fault_set(f, FAULT_ZIP_COLLISION,
		    "differs from %s in case alone", (const char *)*at);
	if (folder)
		return 0;
	return fault_set(f, FAULT_ZIP_DUPLICATE, "is there twice");
}

int
name_add(struct arena *a, struct map *m, const char *name, struct fault *f)
{
	for (const char *s = name; (s = strchr(s, '/')) != NULL; s++)
		if (add_one(a, m, name, (size_t)(s - name), 1, f) == -1)
			return -1;
	return add_one(a, m, name, strlen(name), 0, f);
}

/* Identity texts hold no character that a reader does not see. */
int
name_text(const char *what, const char *s, struct fault *f)
{
	size_t len = strlen(s), took;

	for (size_t i = 0; i < len; i += took) {
		uint32_t c = utf8_next(s + i, len - i, &took);

		if (c == UTF8_BAD || utf8_hidden(c))
			return fault_set(f, FAULT_TEXT_CONTROL,
			    "%s: hidden character at byte %zu", what, i);
	}
	return 0;
}

static int
is_plain_dir(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");
	struct fault ignored;

	return n > 0 && n <= 64 && s[n] == '\0' && s[0] != '-' &&
	    name_check(s, n, &ignored) == 0;
}

char *
name_dir(struct arena *a, const char *stream)
{
	struct str s = str_new(a);
	struct hash *h;
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEXLEN];

	if (is_plain_dir(stream))
		return arena_strdup(a, stream);
	for (const char *p = stream; *p != '\0' && s.len < 40; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + ('a' - 'A')) : *p;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			str_addc(&s, c);
		else if (s.len > 0 && s.p[s.len - 1] != '-')
			str_addc(&s, '-');
	}
	if (s.len == 0)
		str_addz(&s, "stream");
	h = hash_new(a);
	hash_bytes(h, sum, stream, strlen(stream));
	hash_free(h);
	hash_hex(hex, sum);
	str_addf(&s, "%s%.16s", s.p[s.len - 1] == '-' ? "" : "-", hex);
	return s.p;
}
