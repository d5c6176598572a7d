/* heap.c - a binary heap with each slot's place in it, so that a deadline can be moved. */
#include "harness/run/heap.h"

#include <stdlib.h>

struct node {
	uint64_t deadline_ns;
	uint32_t slot;
};

struct heap {
	size_t count;
	struct node *nodes;
	uint32_t *place; /* of a slot in nodes; NOWHERE when it has no deadline */
};

#define NOWHERE UINT32_MAX

struct heap *heap_open(size_t slots)
{
	struct heap *heap = calloc(1, sizeof(*heap));

	if (!heap)
		return NULL;
	heap->nodes = calloc(slots, sizeof(*heap->nodes));
	heap->place = malloc(slots * sizeof(*heap->place));
	if (!heap->nodes || !heap->place) {
		heap_close(heap);
		return NULL;
	}
	for (size_t i = 0; i < slots; i++)
		heap->place[i] = NOWHERE;
	return heap;
}

static void put(struct heap *heap, size_t place, struct node node)
{
	heap->nodes[place] = node;
	heap->place[node.slot] = (uint32_t)place;
}

static void sift_up(struct heap *heap, size_t place, struct node node)
{
	while (place > 0) {
		size_t parent = (place - 1) / 2;

		if (heap->nodes[parent].deadline_ns <= node.deadline_ns)
			break;
		put(heap, place, heap->nodes[parent]);
		place = parent;
	}
	put(heap, place, node);
}

static void sift_down(struct heap *heap, size_t place, struct node node)
{
	for (;;) {
		size_t child = 2 * place + 1;

		if (child >= heap->count)
			break;
		if (child + 1 < heap->count && heap->nodes[child + 1].deadline_ns < heap->nodes[child].deadline_ns)
			child++;
		if (heap->nodes[child].deadline_ns >= node.deadline_ns)
			break;
		put(heap, place, heap->nodes[child]);
		place = child;
	}
	put(heap, place, node);
}

static void settle_node(struct heap *heap, size_t place, struct node node)
{
	if (place > 0 && heap->nodes[(place - 1) / 2].deadline_ns > node.deadline_ns)
		sift_up(heap, place, node);
	else
		sift_down(heap, place, node);
}

void heap_set(struct heap *heap, uint32_t slot, uint64_t deadline_ns)
{
	struct node node = { .deadline_ns = deadline_ns, .slot = slot };

	if (heap->place[slot] == NOWHERE)
		sift_up(heap, heap->count++, node);
	else
		settle_node(heap, heap->place[slot], node);
}

void heap_remove(struct heap *heap, uint32_t slot)
{
	uint32_t place = heap->place[slot];
	struct node last;

	if (place == NOWHERE)
		return;
	heap->place[slot] = NOWHERE;
	last = heap->nodes[--heap->count];
	if (place < heap->count)
		settle_node(heap, place, last);
}

bool heap_first(const struct heap *heap, uint32_t *slot, uint64_t *deadline_ns)
{
	if (heap->count == 0)
		return false;
	*slot = heap->nodes[0].slot;
	*deadline_ns = heap->nodes[0].deadline_ns;
	return true;
}

void heap_close(struct heap *heap)
{
	if (!heap)
		return;
	free(heap->nodes);
	free(heap->place);
	free(heap);
}
