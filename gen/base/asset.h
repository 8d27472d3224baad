#ifndef BASE_ASSET_H
#define BASE_ASSET_H

#include <stddef.h>

/*
 * Files built into the program: mappings/, templates/, site/.  Sorted by
 * name; data is followed by a NUL.  Made by the Makefile with .incbin.
 */
struct asset {
	const char *name; /* "mappings/controls/ho.yaml" */
	const char *data;
	size_t len;
};

extern const struct asset asset_table[];
extern const size_t asset_count;

const struct asset *asset_find(const char *name);

#endif
