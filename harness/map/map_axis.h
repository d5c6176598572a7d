/* map_axis.h - one axis of a map: which offset belongs to which pixel, and where its ticks are. Pure.
 *
 * Pixel 0 is the lowest. Each pixel shows one integer offset, the one in its middle. Where pixels are finer than offsets,
 * neighbours share one; so an axis also has its distinct offsets, in rising order. */
#ifndef TWPROBE_HARNESS_MAP_MAP_AXIS_H
#define TWPROBE_HARNESS_MAP_MAP_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

enum { MAP_PIXELS_MAX = 4096, MAP_TICKS_MAX = 64, MAP_TICK_SIZE = 24 };

/* Symlog: sign(v) * log2(1 + |v|), so that 0 is in it, and both sides of it. */
enum map_scale { SCALE_LINEAR, SCALE_SYMLOG };

struct map_range {
	enum map_scale scale;
	int64_t low, high; /* -2^31 <= low < high <= 2^31-1, both in the picture */
	size_t pixels;     /* 1 .. MAP_PIXELS_MAX */
};

struct map_axis {
	struct map_range range;
	size_t count;     /* of distinct offsets */
	int64_t *offsets; /* these, in rising order */
	uint16_t *places; /* pixel -> index into `offsets` */
};

struct map_tick {
	double position;          /* in pixels from the low end */
	unsigned rank;            /* where two labels do not fit, that of the lower rank stays */
	char text[MAP_TICK_SIZE]; /* "0", "+2^30", "-10^3"; "" has a mark and no label */
};

int64_t map_range_offset(const struct map_range *range, size_t pixel);
/* Where the middle of an offset's band is, in pixels from the low end; offsets outside of the range are fine. */
double map_range_position(const struct map_range *range, int64_t offset);
/* Whether the range is the whole circle in one scale, so that its two ends are neighbours. */
bool map_range_wraps(const struct map_range *range);
/* In rising order; at most MAP_TICKS_MAX. Returns how many. */
size_t map_range_ticks(const struct map_range *range, struct map_tick ticks[static MAP_TICKS_MAX]);

/* -1: out of memory; then, as after 0, map_axis_close. */
int map_axis_open(struct map_axis *axis, const struct map_range *range, struct error *error);
void map_axis_close(struct map_axis *axis);

#endif
