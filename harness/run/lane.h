/* lane.h - what is known of every Nth unit of a run (a cell, a scenario), in order, that waits for its turn. Pure. */
#ifndef TWPROBE_HARNESS_RUN_LANE_H
#define TWPROBE_HARNESS_RUN_LANE_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"

/* What came of one unit. The bytes stay where they are until the next one is kept. */
struct lane_item {
	size_t number; /* of the unit in the run */
	size_t size;
	const unsigned char *bytes;
};

struct lane {
	size_t first, count, stride; /* its units */
	size_t got, given;           /* items that came; that were taken again */
	unsigned char *waiting;      /* owned: each after its number and size */
	size_t size, room, at;       /* of it; what was taken ends at `at` */
};

/* Divides `count` units from `first` on among `lane_count` lanes (zeroed), in turn: unit first + i is that of lane i modulo
 * lane_count. */
void lane_divide(struct lane *lanes, size_t lane_count, size_t first, size_t count);
/* The next item of the lane has come. -1 out of memory. */
int lane_keep(struct lane *lane, const struct lane_item *item, struct error *error);
/* The oldest that waits. False: none does. */
bool lane_peek(const struct lane *lane, struct lane_item *item);
/* The same, and it waits no more. */
bool lane_take(struct lane *lane, struct lane_item *item);
/* Bytes that wait. */
size_t lane_waiting(const struct lane *lane);
void lane_clear(struct lane *lane);

#endif
