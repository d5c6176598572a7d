/* clock.h - the clock that never goes back, and how stamps of the wall clock are put on it. */
#ifndef TWPROBE_CRAFTER_CLOCK_H
#define TWPROBE_CRAFTER_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in ns: the clock of every deadline, wait and duration. */
uint64_t clock_now(void);
/* CLOCK_REALTIME in ns: what people and files call the time. */
uint64_t clock_wall(void);

/* How far the wall clock is ahead, as sampled last and the time before that. */
struct clock_offset {
	uint64_t sampled_ns;      /* when, on CLOCK_MONOTONIC; 0: never */
	int64_t ahead_ns, ahead_before_ns;
};

void clock_sample(struct clock_offset *offset);

/* A stamp of the wall clock on CLOCK_MONOTONIC. The stamp was made after `least_ns` and before now, whatever was done to the
 * wall clock meanwhile: of the two offsets the one that puts it there is right. */
uint64_t clock_convert(const struct clock_offset *offset, uint64_t stamp_ns, uint64_t least_ns);
/* The same with a `now` of the caller's. Pure. */
uint64_t clock_place(const struct clock_offset *offset, uint64_t stamp_ns, uint64_t least_ns, uint64_t now_ns);

#endif
