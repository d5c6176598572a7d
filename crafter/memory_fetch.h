/* memory_fetch.h - memory that will be used soon: it comes nearer while something else is done. */
#ifndef TWPROBE_CRAFTER_MEMORY_FETCH_H
#define TWPROBE_CRAFTER_MEMORY_FETCH_H

#include <stddef.h>

/* The size of a cache line on most machines. Elsewhere nothing but speed is lost. */
enum { MEMORY_LINE = 64 };

/* It will be written. `memory` may be NULL, or not there at all. */
static inline void memory_fetch(const void *memory, size_t size)
{
	for (size_t at = 0; memory && at < size; at += MEMORY_LINE)
		__builtin_prefetch((const char *)memory + at, 1);
}

#endif
