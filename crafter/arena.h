/* arena.h - a large array of zeros, of which only what is touched takes memory; in huge pages where the kernel has them. */
#ifndef TWPROBE_CRAFTER_ARENA_H
#define TWPROBE_CRAFTER_ARENA_H

#include <stddef.h>

/* All of it is 0. NULL when out of memory. */
void *arena_open(size_t count, size_t size_of_each);
/* With the same numbers. NULL is fine. */
void arena_close(void *arena, size_t count, size_t size_of_each);

#endif
