/* map_axis.c - pixels, offsets and ticks. */
#include "harness/map/map_axis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "crafter/offset.h"
#include "crafter/seq.h"

enum { TICKS_WANTED = 5 };

static double to_log(double offset)
{
	return copysign(log2(1 + fabs(offset)), offset);
}

static double from_log(double position)
{
	return copysign(exp2(fabs(position)) - 1, position);
}

/* The ends of the axis in symlog: half an offset beyond the outermost. */
static double log_low(const struct map_range *range)
{
	return to_log((double)range->low - 0.5);
}

static double log_width(const struct map_range *range)
{
	return to_log((double)range->high + 0.5) - log_low(range);
}

static int64_t symlog_offset(const struct map_range *range, size_t pixel)
{
	double middle = log_low(range) + ((double)pixel + 0.5) * log_width(range) / (double)range->pixels;
	int64_t offset = (int64_t)llround(from_log(middle));

	return offset < range->low ? range->low : offset > range->high ? range->high : offset;
}

int64_t map_range_offset(const struct map_range *range, size_t pixel)
{
	uint64_t width = (uint64_t)(range->high - range->low) + 1;

	if (range->scale == SCALE_SYMLOG)
		return symlog_offset(range, pixel);
	/* (pixel + 1/2) / pixels of the width, in whole numbers: at most 2^13 * 2^32. */
	return range->low + (int64_t)((2 * pixel + 1) * width / (2 * range->pixels));
}

double map_range_position(const struct map_range *range, int64_t offset)
{
	double pixels = (double)range->pixels;

	if (range->scale == SCALE_SYMLOG)
		return (to_log((double)offset) - log_low(range)) / log_width(range) * pixels;
	return ((double)(offset - range->low) + 0.5) / ((double)(range->high - range->low) + 1) * pixels;
}

bool map_range_wraps(const struct map_range *range)
{
	return range->scale == SCALE_LINEAR && range->high - range->low == 2 * SEQ_HALF - 1;
}

/* "+3*2^29" for numbers that are a small multiple of a large power of two, else in decimal. */
static void write_binary(int64_t offset, char text[static MAP_TICK_SIZE])
{
	uint64_t size = (uint64_t)(offset < 0 ? -offset : offset);
	int power = size ? __builtin_ctzll(size) : 0;

	if (power < OFFSET_POWER_LEAST)
		snprintf(text, MAP_TICK_SIZE, "%+" PRId64, offset);
	else if (size >> power == 1)
		snprintf(text, MAP_TICK_SIZE, "%c2^%d", offset < 0 ? '-' : '+', power);
	else
		snprintf(text, MAP_TICK_SIZE, "%c%" PRIu64 "*2^%d", offset < 0 ? '-' : '+', size >> power, power);
}

static void add_tick(const struct map_range *range, struct map_tick *ticks, size_t *count, int64_t offset, unsigned rank,
		     const char *text)
{
	struct map_tick *tick = &ticks[*count];

	if (offset < range->low || offset > range->high || *count == MAP_TICKS_MAX)
		return;
	tick->position = map_range_position(range, offset);
	tick->rank = rank;
	snprintf(tick->text, sizeof(tick->text), "%s", offset == 0 ? "0" : text);
	(*count)++;
}

/* Powers of two where the range is large, for that is how the circle is counted; else 1, 2, 5, 10, 20... */
static int64_t linear_step(const struct map_range *range)
{
	int64_t width = range->high - range->low, step = 1;

	if (width >= INT64_C(1) << 20) {
		while (width / step >= TICKS_WANTED)
			step *= 2;
		return step;
	}
	for (int i = 0; width / step > TICKS_WANTED; i++)
		step = i % 3 == 1 ? step / 2 * 5 : step * 2;
	return step;
}

static size_t linear_ticks(const struct map_range *range, struct map_tick *ticks)
{
	int64_t step = linear_step(range), first = range->low / step * step;
	bool wraps = map_range_wraps(range);
	char text[MAP_TICK_SIZE];
	size_t count = 0;

	for (int64_t offset = first; offset <= range->high; offset += step) {
		write_binary(offset, text);
		if (!wraps || offset != range->low)
			add_tick(range, ticks, &count, offset, 1, text);
	}
	if (!wraps)
		return count;
	/* One point of the circle, at both ends. */
	ticks[count++] = (struct map_tick){ .position = 0, .text = "±2^31" };
	ticks[count++] = (struct map_tick){ .position = (double)range->pixels, .text = "±2^31" };
	return count;
}

static size_t symlog_ticks(const struct map_range *range, struct map_tick *ticks)
{
	char text[MAP_TICK_SIZE];
	size_t count = 0;
	int64_t value = 1;

	add_tick(range, ticks, &count, 0, 0, "0");
	for (int power = 0; power <= 9; power++, value *= 10) {
		for (int sign = -1; sign <= 1; sign += 2) {
			if (power < 2)
				snprintf(text, sizeof(text), "%+" PRId64, sign * value);
			else
				snprintf(text, sizeof(text), "%c10^%d", sign < 0 ? '-' : '+', power);
			add_tick(range, ticks, &count, sign * value, power % 3 ? 2 : 1, text);
		}
	}
	return count;
}

static int compare_ticks(const void *left, const void *right)
{
	const struct map_tick *a = left, *b = right;

	return (a->position > b->position) - (a->position < b->position);
}

size_t map_range_ticks(const struct map_range *range, struct map_tick ticks[static MAP_TICKS_MAX])
{
	size_t count = range->scale == SCALE_SYMLOG ? symlog_ticks(range, ticks) : linear_ticks(range, ticks);

	qsort(ticks, count, sizeof(*ticks), compare_ticks);
	return count;
}

int map_axis_open(struct map_axis *axis, const struct map_range *range, struct error *error)
{
	*axis = (struct map_axis){ .range = *range };
	axis->offsets = calloc(range->pixels, sizeof(*axis->offsets));
	axis->places = calloc(range->pixels, sizeof(*axis->places));
	if (!axis->offsets || !axis->places)
		return fail(error, "out of memory");
	for (size_t pixel = 0; pixel < range->pixels; pixel++) {
		int64_t offset = map_range_offset(range, pixel);

		if (axis->count == 0 || axis->offsets[axis->count - 1] != offset)
			axis->offsets[axis->count++] = offset;
		axis->places[pixel] = (uint16_t)(axis->count - 1);
	}
	return 0;
}

void map_axis_close(struct map_axis *axis)
{
	free(axis->offsets);
	free(axis->places);
	axis->offsets = NULL;
	axis->places = NULL;
}
