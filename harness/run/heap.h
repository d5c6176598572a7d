/* heap.h - deadlines of the probes in flight, the earliest first. Fixed size; a slot has at most one deadline. */
#ifndef TWPROBE_HARNESS_RUN_HEAP_H
#define TWPROBE_HARNESS_RUN_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap;

struct heap *heap_open(size_t slots); /* NULL when out of memory */
/* Sets or moves the slot's deadline. */
void heap_set(struct heap *heap, uint32_t slot, uint64_t deadline_ns);
void heap_remove(struct heap *heap, uint32_t slot);
/* False when no deadline is set. */
bool heap_first(const struct heap *heap, uint32_t *slot, uint64_t *deadline_ns);
void heap_close(struct heap *heap);

#endif
