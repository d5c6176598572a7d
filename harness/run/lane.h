/* lane.h - records of every Nth cell of a run, in order, that wait for their turn. Pure. */
#ifndef TWPROBE_HARNESS_RUN_LANE_H
#define TWPROBE_HARNESS_RUN_LANE_H

#include "crafter/fail.h"
#include "harness/run/record.h"

struct lane {
	size_t first, count, stride; /* its cells */
	size_t got, given;           /* records that came; that were taken again */
	unsigned char *waiting;      /* owned: packed (record_pack.h), each after its size */
	size_t size, room, at;       /* of it; what was taken ends at `at` */
};

/* Divides `count` cells from `first` on among `lane_count` lanes (zeroed), in turn: cell first + i is that of lane i modulo
 * lane_count. */
void lane_divide(struct lane *lanes, size_t lane_count, size_t first, size_t count);
/* The next record of the lane has come. -1 out of memory. */
int lane_keep(struct lane *lane, const unsigned char *packed, size_t size, struct error *error);
/* Takes the oldest that waits. False: none does, or, with an error, it is no record (`error` is empty before). */
bool lane_take(struct lane *lane, struct record *record, struct error *error);
/* Bytes that wait. */
size_t lane_waiting(const struct lane *lane);
void lane_clear(struct lane *lane);

#endif
