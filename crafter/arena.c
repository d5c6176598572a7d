/* arena.c - large arrays straight from the kernel, small ones from the heap. */
#include "crafter/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The size of a huge page on most machines, and the alignment that it needs. Elsewhere nothing but speed is lost. */
#define HUGE ((size_t)2 << 20)
/* So much of an arena is never in huge pages. */
#define SMALL (16 * HUGE)

static size_t whole_pages(size_t bytes)
{
	return (bytes + HUGE - 1) / HUGE * HUGE;
}

/* The heap checks small ones for memory errors, if the program is built so. */
static bool is_small(size_t bytes)
{
	return bytes < 2 * HUGE;
}

void *arena_open(size_t count, size_t size_of_each)
{
	size_t bytes, before;
	uint8_t *start;

	if (size_of_each && count > (SIZE_MAX / 2 - 2 * HUGE) / size_of_each)
		return NULL;
	bytes = count * size_of_each;
	if (is_small(bytes))
		return calloc(count ? count : 1, size_of_each);
	bytes = whole_pages(bytes);
	start = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED)
		return NULL;
	before = whole_pages((uintptr_t)start) - (uintptr_t)start;
	if (before)
		munmap(start, before);
	if (before < HUGE)
		munmap(start + before + bytes, HUGE - before);
	/* Without them a page is zeroed and mapped for each 4 KiB. Fails where there are none: no harm. A hypervisor takes free
	 * ones back (free page reporting), and the first touch then costs more than all the small ones together: so there are
	 * none for the beginning, which is all that most ever use. */
	if (bytes > SMALL)
		madvise(start + before + SMALL, bytes - SMALL, MADV_HUGEPAGE);
	return start + before;
}

void arena_close(void *arena, size_t count, size_t size_of_each)
{
	if (!arena)
		return;
	if (is_small(count * size_of_each))
		free(arena);
	else
		munmap(arena, whole_pages(count * size_of_each));
}
