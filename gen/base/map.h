#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct arena;

/*
 * From byte strings to pointers.  Keys are copied into the arena.  There is
 * no order: whoever prints what came out of a map sorts first.
 */
struct map;

struct map *map_new(struct arena *);
size_t map_count(const struct map *);
/* The value's place, to read or set; made (NULL) if it was not there. */
void **map_put(struct map *, const void *key, size_t len);
/* The value, or NULL. */
void *map_get(const struct map *, const void *key, size_t len);
void *map_getz(const struct map *, const char *key);
void **map_putz(struct map *, const char *key);

#endif
