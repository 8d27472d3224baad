#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "model/control.h"

static const char *const severity_word[] = {
	[SEV_LOW] = "low", [SEV_MEDIUM] = "medium",
	[SEV_HIGH] = "high", [SEV_CRITICAL] = "critical",
};

const char *
severity_name(enum severity s)
{
	return severity_word[s];
}

int
severity_parse(const char *word)
{
	for (int i = SEV_LOW; i <= SEV_CRITICAL; i++)
		if (strcmp(severity_word[i], word) == 0)
			return i;
	return -1;
}

const struct control *
catalogue_control(const struct catalogue *c, const char *id)
{
	for (size_t i = 0; i < c->ncontrol; i++)
		if (str_eq(c->control[i].id, id))
			return &c->control[i];
	return NULL;
}

const struct test *
catalogue_test(const struct catalogue *c, const char *id,
    const struct control **of)
{
	for (size_t i = 0; i < c->ncontrol; i++) {
		const struct control *k = &c->control[i];

		for (size_t j = 0; j < k->ntest; j++) {
			if (!str_eq(k->test[j].id, id))
				continue;
			if (of != NULL)
				*of = k;
			return &k->test[j];
		}
	}
	return NULL;
}

const struct item *
catalogue_item(const struct catalogue *c, const char *id,
    const struct control **of)
{
	for (size_t i = 0; i < c->ncontrol; i++) {
		const struct control *k = &c->control[i];

		for (size_t j = 0; j < k->nitem; j++) {
			if (!str_eq(k->item[j].id, id))
				continue;
			if (of != NULL)
				*of = k;
			return &k->item[j];
		}
	}
	return NULL;
}

const struct requirement *
catalogue_requirement(const struct catalogue *c, const char *framework,
    const char *id)
{
	for (size_t i = 0; i < c->nreq; i++)
		if (str_eq(c->req[i].id, id) && (framework == NULL ||
		    str_eq(c->req[i].framework, framework)))
			return &c->req[i];
	return NULL;
}

/* t1 of HO-01 is HO-01.t1; a mapping may also write it whole. */
int
mapping_names(const struct mapping *m, const struct control *c, const char *id)
{
	size_t len = strlen(c->id);

	if (m->nby == 0)
		return 1;
	for (size_t i = 0; i < m->nby; i++)
		if (strcmp(m->by[i], id) == 0 || (strncmp(id, c->id, len) == 0 &&
		    id[len] == '.' && strcmp(m->by[i], id + len + 1) == 0))
			return 1;
	return 0;
}
