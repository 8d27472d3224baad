#ifndef MODEL_PACK_H
#define MODEL_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "model/rows.h"

/* A file of the pack under data/, as it is in the manifest; sorted by path. */
struct packfile {
	const char *path;
	uint64_t size;
	uint8_t sha256[32];
};

struct packset {
	struct packfile *file;
	size_t nfile, cap;
};

#endif
