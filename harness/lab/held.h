/* held.h - the connections a subject keeps open, found by descriptor and ordered by age. */
#ifndef TWPROBE_HARNESS_LAB_HELD_H
#define TWPROBE_HARNESS_LAB_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/behaviour.h"
#include "crafter/tuple.h"

struct held {
	enum behaviour behaviour;
	bool calling;       /* it connects, and has no connection yet */
	struct address client;
	uint64_t since_ns;  /* CLOCK_MONOTONIC */
	int older, younger; /* descriptors; -1: none */
};

/* Does not own the descriptors: who adds them closes them. All zero but oldest and youngest, which are -1, at first. */
struct held_list {
	struct held *table; /* by descriptor */
	size_t size;
	size_t count;
	int oldest, youngest;
};

void held_init(struct held_list *list);
/* -1 when out of memory. */
int held_add(struct held_list *list, int descriptor, enum behaviour behaviour, const struct address *client, uint64_t now_ns);
void held_remove(struct held_list *list, int descriptor);
void held_free(struct held_list *list);

#endif
