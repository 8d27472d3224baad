#ifndef PACK_JSONREAD_H
#define PACK_JSONREAD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "pack/fault.h"

struct arena;

/*
 * Fields of pack.json and reply.json, one a line: a struct jsonread carries
 * the first fault, after which every answer is empty.  Texts are copied,
 * since the tree is given back; they hold no hidden character.
 */
struct jsonread {
	struct arena *arena;
	struct fault *fault;
	int bad;
};

const char *jsonread_text(struct jsonread *, const json_t *, const char *key);
int64_t jsonread_int(struct jsonread *, const json_t *, const char *key);
uint64_t jsonread_uint(struct jsonread *, const json_t *, const char *key);
const json_t *jsonread_list(struct jsonread *, const json_t *, const char *key,
    size_t *n);
/* JSON_FORM with that sentence; -1. */
int jsonread_refuse(struct jsonread *, const char *what);

#endif
