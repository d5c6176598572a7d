/* clock.c - the clock that never goes back, and how stamps of the wall clock are put on it. */
#include "crafter/clock.h"

#include <stdbool.h>
#include <time.h>

#include "crafter/units.h"

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

uint64_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

void clock_sample(struct clock_offset *offset)
{
	uint64_t wall_ns = clock_wall();
	bool first = !offset->sampled_ns;

	offset->sampled_ns = clock_now();
	offset->ahead_before_ns = offset->ahead_ns;
	offset->ahead_ns = (int64_t)(wall_ns - offset->sampled_ns);
	if (first)
		offset->ahead_before_ns = offset->ahead_ns;
}

/* No time is before the clock began, or in the future. */
static bool fits(int64_t place_ns, uint64_t least_ns, uint64_t now_ns)
{
	return place_ns >= (int64_t)least_ns && place_ns <= (int64_t)now_ns;
}

uint64_t clock_place(const struct clock_offset *offset, uint64_t stamp_ns, uint64_t least_ns, uint64_t now_ns)
{
	int64_t place_ns = (int64_t)stamp_ns - offset->ahead_ns;
	int64_t before_ns = (int64_t)stamp_ns - offset->ahead_before_ns;

	if (fits(place_ns, least_ns, now_ns))
		return (uint64_t)place_ns;
	if (fits(before_ns, least_ns, now_ns))
		return (uint64_t)before_ns;
	return place_ns < (int64_t)least_ns ? least_ns : now_ns;
}

uint64_t clock_convert(const struct clock_offset *offset, uint64_t stamp_ns, uint64_t least_ns)
{
	int64_t place_ns = (int64_t)stamp_ns - offset->ahead_ns;

	/* The usual case needs no clock. */
	if (fits(place_ns, least_ns, offset->sampled_ns))
		return (uint64_t)place_ns;
	return clock_place(offset, stamp_ns, least_ns, clock_now());
}
