/* test_map.c - pixels and offsets, ranges and scales, shades, and which cells a refined map asks about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/option_values.h"
#include "harness/map/map.h"

#include "tests/unit/suite.h"

#define HALF (INT64_C(1) << 31)

static struct map_range linear(int64_t low, int64_t high, size_t pixels)
{
	return (struct map_range){ .scale = SCALE_LINEAR, .low = low, .high = high, .pixels = pixels };
}

static struct map_range symlog(int64_t low, int64_t high, size_t pixels)
{
	return (struct map_range){ .scale = SCALE_SYMLOG, .low = low, .high = high, .pixels = pixels };
}

/* --- pixels and offsets --- */

static const struct {
	int64_t low, high;
	size_t pixels, pixel;
	int64_t offset;
} middles[] = {
	{ -HALF, HALF - 1, 2, 0, -(HALF / 2) },
	{ -HALF, HALF - 1, 2, 1, HALF / 2 },
	{ -HALF, HALF - 1, 1, 0, 0 },
	{ -HALF, HALF - 1, 512, 0, -HALF + (1 << 22) },
	{ -HALF, HALF - 1, 512, 255, -(1 << 22) },
	{ -HALF, HALF - 1, 512, 256, 1 << 22 },
	{ -HALF, HALF - 1, 512, 511, HALF - (1 << 22) },
	{ -HALF, HALF - 1, 4096, 0, -HALF + (1 << 19) },
	{ -HALF, HALF - 1, 4096, 4095, HALF - (1 << 19) },
	{ -HALF, HALF - 1, 3, 1, 0 },
	{ -8, 8, 17, 0, -8 },
	{ -8, 8, 17, 8, 0 },
	{ -8, 8, 17, 16, 8 },
	{ 0, 1, 4, 0, 0 },
	{ 0, 1, 4, 1, 0 },
	{ 0, 1, 4, 2, 1 },
	{ 0, 1, 4, 3, 1 },
	{ HALF - 2, HALF - 1, 2, 1, HALF - 1 },
	{ -HALF, -HALF + 1, 2, 0, -HALF },
};

START_TEST(the_middle_of_a_pixel)
{
	struct map_range range = linear(middles[_i].low, middles[_i].high, middles[_i].pixels);

	ck_assert_int_eq(map_range_offset(&range, middles[_i].pixel), middles[_i].offset);
}
END_TEST

static const struct map_range ranges[] = {
	{ SCALE_LINEAR, -HALF, HALF - 1, 512 },  { SCALE_LINEAR, -HALF, HALF - 1, 4096 }, { SCALE_LINEAR, -5, 5, 512 },
	{ SCALE_LINEAR, 100, 100000, 333 },      { SCALE_SYMLOG, -HALF, HALF - 1, 512 },  { SCALE_SYMLOG, -HALF, HALF - 1, 1 },
	{ SCALE_SYMLOG, -HALF, HALF - 1, 4096 }, { SCALE_SYMLOG, 0, 1, 3 },               { SCALE_SYMLOG, 5, 7, 100 },
	{ SCALE_SYMLOG, -HALF, -1, 64 },         { SCALE_SYMLOG, -1000, 1000, 2001 },     { SCALE_LINEAR, -HALF, -HALF + 1, 7 },
};

/* Each pixel shows one offset of the range, never a lower one than its left neighbour; the axis knows each once; and the
 * offset's position is in a pixel that shows it. */
START_TEST(pixels_rise)
{
	const struct map_range *range = &ranges[_i];
	struct map_axis axis;
	int64_t before = range->low;

	ck_assert_int_eq(map_axis_open(&axis, range, NULL), 0);
	for (size_t pixel = 0; pixel < range->pixels; pixel++) {
		int64_t offset = map_range_offset(range, pixel);

		ck_assert_int_ge(offset, before);
		ck_assert_int_le(offset, range->high);
		ck_assert_int_eq(axis.offsets[axis.places[pixel]], offset);
		before = offset;
	}
	for (size_t i = 1; i < axis.count; i++)
		ck_assert_int_gt(axis.offsets[i], axis.offsets[i - 1]);
	for (size_t i = 0; i < axis.count; i++) {
		double position = map_range_position(range, axis.offsets[i]);

		ck_assert(position >= 0 && position <= (double)range->pixels);
		ck_assert_int_eq(map_range_offset(range, (size_t)position), axis.offsets[i]);
	}
	map_axis_close(&axis);
}
END_TEST

START_TEST(symlog_is_symmetric_and_has_all_small_offsets)
{
	struct map_range range = symlog(-HALF + 1, HALF - 1, 1024);
	struct map_axis axis;
	size_t found = 0;

	for (size_t pixel = 0; pixel < range.pixels; pixel++)
		ck_assert_int_eq(map_range_offset(&range, pixel), -map_range_offset(&range, 1023 - pixel));
	ck_assert_int_eq(map_axis_open(&axis, &range, NULL), 0);
	for (size_t i = 0; i < axis.count; i++)
		found += axis.offsets[i] >= -8 && axis.offsets[i] <= 8;
	ck_assert_uint_eq(found, 17);
	ck_assert_int_gt(axis.offsets[axis.count - 1], HALF / 2);
	map_axis_close(&axis);
}
END_TEST

START_TEST(only_the_whole_circle_wraps)
{
	struct map_range whole = linear(-HALF, HALF - 1, 9), less = linear(-HALF + 1, HALF - 1, 9);
	struct map_range bent = symlog(-HALF, HALF - 1, 9);

	ck_assert(map_range_wraps(&whole));
	ck_assert(!map_range_wraps(&less));
	ck_assert(!map_range_wraps(&bent));
}
END_TEST

static const struct {
	struct map_range range;
	const char *labels; /* in rising order */
} tick_table[] = {
	{ { SCALE_LINEAR, -HALF, HALF - 1, 512 }, "±2^31 -2^30 0 +2^30 ±2^31" },
	{ { SCALE_LINEAR, -HALF, 0, 512 }, "-2^31 -3*2^29 -2^30 -2^29 0" },
	{ { SCALE_LINEAR, -8, 8, 17 }, "-5 0 +5" },
	{ { SCALE_LINEAR, 0, 1000, 17 }, "0 +200 +400 +600 +800 +1000" },
	{ { SCALE_SYMLOG, -1000, 10, 17 }, "-10^3 -10^2 -10 -1 0 +1 +10" },
};

START_TEST(ticks)
{
	struct map_tick list[MAP_TICKS_MAX];
	size_t count = map_range_ticks(&tick_table[_i].range, list);
	char text[256] = "";
	double before = -1;

	for (size_t i = 0; i < count; i++) {
		ck_assert(list[i].position > before && list[i].position <= (double)tick_table[_i].range.pixels);
		before = list[i].position;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "", list[i].text);
	}
	ck_assert_str_eq(text, tick_table[_i].labels);
}
END_TEST

/* --- what a user may write --- */

static const struct {
	const char *text;
	int64_t low, high;
} good_ranges[] = {
	{ "-8..8", -8, 8 },
	{ "-2^31..2^31-1", -HALF, HALF - 1 },
	{ "0..+2^16", 0, 1 << 16 },
	{ "-2^31+1..-1", -HALF + 1, -1 },
};

START_TEST(a_range)
{
	struct error error = { "" };
	int64_t low, high;

	ck_assert_msg(option_value_range("seq", "seq-range", good_ranges[_i].text, &low, &high, &error) == 0, "%s",
		      error.text);
	ck_assert_int_eq(low, good_ranges[_i].low);
	ck_assert_int_eq(high, good_ranges[_i].high);
}
END_TEST

static const char *const bad_ranges[] = {
	"", "..", "5", "5..", "..5", "8..-8", "8..8", "a..b", "1...5", "1..2..3", "-2^31..2^31", "-2^32..0",
	"below..above", "wnd..5", "0x10..0x20", " 1..2", "1..2 ",
};

START_TEST(no_range)
{
	struct error error = { "" };
	int64_t low, high;

	ck_assert_int_eq(option_value_range("seq", "seq-range", bad_ranges[_i], &low, &high, &error), -1);
	ck_assert_msg(strstr(error.text, "--seq-range") != NULL, "%s", error.text);
}
END_TEST

START_TEST(sizes)
{
	static const char *const bad[] = {
		"", "x", "512", "512x", "x512", "0x5", "5x0", "4097x1", "1x4097", "5x5x5", "-5x5", "5x-5", "5 x5",
		"99999999999999999999x5", "5X5",
	};
	size_t width, height;

	ck_assert_int_eq(option_value_size("4096x1", &width, &height, NULL), 0);
	ck_assert_uint_eq(width, 4096);
	ck_assert_uint_eq(height, 1);
	for (size_t i = 0; i < ROWS(bad); i++)
		ck_assert_msg(option_value_size(bad[i], &width, &height, NULL) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(overlays)
{
	static const char *const bad[] = {
		"", ",", "linux,", ",rfc", "linux;rfc", "Linux", "linuxlinuxlinuxlinux", "none", "all",
	};
	unsigned overlay;

	ck_assert_int_eq(option_value_overlay("folk,linux", &overlay, NULL), 0);
	ck_assert_uint_eq(overlay, 1U << BOOK_FOLK | 1U << BOOK_LINUX);
	ck_assert_int_eq(option_value_overlay("rfc", &overlay, NULL), 0);
	ck_assert_uint_eq(overlay, 1U << BOOK_RFC);
	ck_assert_int_eq(option_value_overlay("rfc,freebsd", &overlay, NULL), 0);
	ck_assert_uint_eq(overlay, 1U << BOOK_RFC | 1U << BOOK_FREEBSD);
	for (size_t i = 0; i < ROWS(bad); i++)
		ck_assert_msg(option_value_overlay(bad[i], &overlay, NULL) == -1, "%s", bad[i]);
}
END_TEST

/* --- shades --- */

START_TEST(shades_of_records)
{
	struct record record = { .observed = true, .answer = ANSWER_SYN_ACK, .isn = ISN_CONTINUED };

	ck_assert_int_eq(map_shade_of(&record), SHADE_CONTINUED);
	record.isn = ISN_FRESH;
	ck_assert_int_eq(map_shade_of(&record), SHADE_FRESH);
	record.answer = ANSWER_SILENCE;
	ck_assert_int_eq(map_shade_of(&record), SHADE_SILENCE);
	record.verdict = VERDICT_DIFFERS;
	ck_assert_int_eq(map_shade_of(&record), SHADE_SILENCE);
	/* The follow-up says what became of the socket, if it said anything for sure. */
	record.has_follow_up = record.follow_up_conclusive = true;
	record.follow_up_answer = ANSWER_ACK;
	ck_assert_int_eq(map_shade_of(&record), SHADE_STAYS);
	record.follow_up_answer = ANSWER_SYN_ACK;
	ck_assert_int_eq(map_shade_of(&record), SHADE_GONE);
	record.follow_up_isn = ISN_CONTINUED; /* which only the old socket can give */
	ck_assert_int_eq(map_shade_of(&record), SHADE_STAYS);
	record.follow_up_isn = ISN_FRESH;
	record.follow_up_conclusive = false;
	ck_assert_int_eq(map_shade_of(&record), SHADE_SILENCE);
	/* Never more than was seen. */
	record.verdict = VERDICT_INCONCLUSIVE;
	ck_assert_int_eq(map_shade_of(&record), SHADE_INCONCLUSIVE);
	record.verdict = VERDICT_SKIPPED;
	ck_assert_int_eq(map_shade_of(&record), SHADE_INCONCLUSIVE);
	record.verdict = VERDICT_AGREES;
	record.observed = false;
	ck_assert_int_eq(map_shade_of(&record), SHADE_INCONCLUSIVE);
}
END_TEST

static const struct {
	enum answer answer;
	enum isn isn;
	enum shade shade;
	bool otherwise;
} sayings[] = {
	{ ANSWER_OPEN, ISN_NONE, SHADE_ACK, false },
	{ ANSWER_ACK, ISN_NONE, SHADE_ACK, false },
	{ ANSWER_ACK, ISN_NONE, SHADE_RST, true },
	{ ANSWER_ACK, ISN_NONE, SHADE_INCONCLUSIVE, false },
	{ ANSWER_ACK, ISN_NONE, SHADE_UNKNOWN, false },
	{ ANSWER_SYN_ACK, ISN_NONE, SHADE_FRESH, false },
	{ ANSWER_SYN_ACK, ISN_NONE, SHADE_CONTINUED, false },
	{ ANSWER_SYN_ACK, ISN_CONTINUED, SHADE_CONTINUED, false },
	{ ANSWER_SYN_ACK, ISN_CONTINUED, SHADE_FRESH, true },
	{ ANSWER_SYN_ACK, ISN_FRESH, SHADE_CONTINUED, true },
	{ ANSWER_SYN_ACK, ISN_FRESH, SHADE_FRESH, false },
	{ ANSWER_SILENCE, ISN_NONE, SHADE_OTHER, true },
	{ ANSWER_OTHER, ISN_NONE, SHADE_OTHER, false },
};

START_TEST(a_book_says_otherwise)
{
	struct expectation expectation = {
		.answer = sayings[_i].answer, .isn = sayings[_i].isn, .after = STATE_UNKNOWN,
	};

	ck_assert_int_eq(map_says_otherwise(map_expectation_code(&expectation), sayings[_i].shade), sayings[_i].otherwise);
}
END_TEST

static const struct {
	enum state after;
	enum shade shade;
	bool otherwise;
} fates[] = {
	{ STATE_UNKNOWN, SHADE_STAYS, false },   { STATE_UNKNOWN, SHADE_GONE, false },
	{ STATE_CLOSED, SHADE_GONE, false },     { STATE_CLOSED, SHADE_STAYS, true },
	{ STATE_TIME_WAIT, SHADE_STAYS, false }, { STATE_TIME_WAIT, SHADE_GONE, true },
	{ STATE_TIME_WAIT, SHADE_SILENCE, false }, { STATE_CLOSED, SHADE_SILENCE, false },
};

START_TEST(a_book_says_otherwise_of_the_socket)
{
	struct expectation expectation = { .answer = ANSWER_SILENCE, .after = fates[_i].after };

	ck_assert_int_eq(map_says_otherwise(map_expectation_code(&expectation), fates[_i].shade), fates[_i].otherwise);
}
END_TEST

/* --- refine --- */

/* Kernels whose whole decision is one function. */
typedef enum shade truth_of(int64_t seq, int64_t ts);

static enum shade quarters(int64_t seq, int64_t ts)
{
	return ts > 0 ? SHADE_CONTINUED : seq > 0 ? SHADE_ACK : SHADE_SILENCE;
}

static enum shade slope(int64_t seq, int64_t ts)
{
	return seq + ts > 7 ? SHADE_RST : SHADE_ACK;
}

static enum shade circle(int64_t seq, int64_t ts)
{
	return seq * seq + ts * ts < 400 ? SHADE_OTHER : SHADE_ACK;
}

/* One line of offsets, much thinner than the coarse grid; in `needle` the rule book knows of it. */
static enum shade needle(int64_t seq, int64_t ts)
{
	return seq == 3 && ts > -20 ? SHADE_RST : SHADE_ACK;
}

/* A thin line that reaches from a boundary into what looks uniform: found by following it. */
static enum shade spike(int64_t seq, int64_t ts)
{
	return ts < -20 || (seq == 5 && ts < 20) ? SHADE_RST : SHADE_ACK;
}

/* One row, where the plane is too narrow for squares. */
static enum shade pin(int64_t seq, int64_t ts)
{
	(void)seq;
	return ts == 5 ? SHADE_RST : SHADE_ACK;
}

static enum shade plain(int64_t seq, int64_t ts)
{
	(void)seq;
	(void)ts;
	return SHADE_SILENCE;
}

/* Squares a little larger than the coarse grid's. */
static enum shade board(int64_t seq, int64_t ts)
{
	return ((seq + 1000) / 20 + (ts + 1000) / 20) % 2 ? SHADE_RST : SHADE_ACK;
}

static const struct {
	truth_of *truth;
	bool book_knows;
	size_t columns, rows;
	size_t most; /* cells that may be asked */
} planes[] = {
	{ quarters, false, 64, 64, 1500 }, { slope, false, 64, 64, 1500 }, { circle, false, 64, 64, 1700 },
	{ needle, true, 64, 64, 1500 },    { plain, false, 64, 64, 25 },   { board, false, 64, 64, 3000 },
	{ spike, false, 64, 64, 1500 },
	{ quarters, false, 61, 37, 1500 }, { slope, false, 1, 64, 40 },    { slope, false, 64, 1, 40 },
	/* A line is halved as a square is quartered: five of the coarse grid, then the halves of one sixteen. */
	{ slope, false, 1, 64, 12 },       { slope, false, 64, 1, 12 },    { pin, true, 1, 64, 20 },
	{ plain, false, 1, 1, 1 },         { slope, false, 2, 2, 4 },      { slope, false, 17, 18, 306 },
};

static void know(struct map *map, truth_of *truth)
{
	struct cell cell;

	for (size_t number = 0; number < map->cells; number++) {
		map_cell(map, number, &cell);
		map->expected[BOOK_LINUX][number] = (uint8_t)truth(cell.stimulus.seq.value, cell.stimulus.ts.value);
	}
}

START_TEST(a_refined_map_is_the_whole_map)
{
	size_t columns = planes[_i].columns, rows = planes[_i].rows, asked = 0, count;
	struct map_range seq = linear(-(int64_t)(columns / 2), (int64_t)columns - 1 - (int64_t)(columns / 2), columns);
	struct map_range ts = linear(-(int64_t)(rows / 2), (int64_t)rows - 1 - (int64_t)(rows / 2), rows);
	size_t *numbers = calloc(columns * rows, sizeof(*numbers));
	struct refine *refine;
	struct map_counts counts;
	struct map map;
	struct cell cell;

	ck_assert_int_eq(map_open(&map, &seq, &ts, NULL), 0);
	if (planes[_i].book_knows)
		know(&map, planes[_i].truth);
	refine = map_refine_open(&map, NULL);
	ck_assert_ptr_nonnull(refine);
	while ((count = map_refine_next(refine, numbers)) > 0) {
		for (size_t i = 0; i < count; i++) {
			ck_assert(i == 0 || numbers[i] > numbers[i - 1]);
			ck_assert_msg(!map.asked[numbers[i]], "cell %zu is asked twice", numbers[i]);
			map_cell(&map, numbers[i], &cell);
			map_put(&map, numbers[i], planes[_i].truth(cell.stimulus.seq.value, cell.stimulus.ts.value));
		}
		asked += count;
	}
	map_count(&map, &counts);
	ck_assert_uint_eq(counts.asked, asked);
	ck_assert_uint_le(asked, planes[_i].most);
	ck_assert_uint_eq(counts.shades[SHADE_UNKNOWN], 0);
	for (size_t number = 0; number < map.cells; number++) {
		map_cell(&map, number, &cell);
		ck_assert_msg(map.shades[number] == planes[_i].truth(cell.stimulus.seq.value, cell.stimulus.ts.value),
			      "seq %lld, ts %lld is wrong", (long long)cell.stimulus.seq.value,
			      (long long)cell.stimulus.ts.value);
	}
	map_refine_close(refine);
	map_close(&map);
	free(numbers);
}
END_TEST

/* A cell that stays inconclusive is shown as such, and ends no loop. */
START_TEST(what_was_not_found_out_stays_so)
{
	struct map_range range = linear(-20, 19, 40);
	size_t numbers[1600], count, asked = 0;
	struct refine *refine;
	struct map_counts counts;
	struct map map;

	ck_assert_int_eq(map_open(&map, &range, &range, NULL), 0);
	refine = map_refine_open(&map, NULL);
	while ((count = map_refine_next(refine, numbers)) > 0) {
		for (size_t i = 0; i < count; i++)
			map_put(&map, numbers[i], numbers[i] == 0 ? SHADE_INCONCLUSIVE : SHADE_ACK);
		asked += count;
		ck_assert_uint_le(asked, 1600);
	}
	map_count(&map, &counts);
	ck_assert_uint_eq(counts.shades[SHADE_INCONCLUSIVE], 1);
	ck_assert_uint_eq(counts.shades[SHADE_ACK], 1599);
	map_refine_close(refine);
	map_close(&map);
}
END_TEST

/* A reopened TIME_WAIT: continued since 6.10, fresh before. */
static const struct {
	unsigned major, minor; /* 0.0: not known */
	enum shade shade;
	bool otherwise;
} versions[] = {
	{ 6, 18, SHADE_CONTINUED, false }, { 6, 18, SHADE_FRESH, true }, { 6, 1, SHADE_FRESH, false },
	{ 6, 1, SHADE_CONTINUED, true },   { 0, 0, SHADE_FRESH, false }, { 0, 0, SHADE_CONTINUED, false },
	{ 0, 0, SHADE_ACK, true },
};

START_TEST(whose_rules_a_map_is_judged_by)
{
	struct kernel kernel = { .major = versions[_i].major, .minor = versions[_i].minor, .timestamps = true };
	struct map_range range = linear(1000, 1001, 1);
	struct map_counts counts;
	struct error error;
	struct cell cell;
	struct map map;

	cell_default(&cell);
	ck_assert_int_eq(map_open(&map, &range, &range, &error), 0);
	map_expect(&map, &cell, &kernel);
	map_put(&map, 0, versions[_i].shade);
	ck_assert_int_eq(map_otherwise(&map, BOOK_LINUX, 0), versions[_i].otherwise);
	map_count(&map, &counts);
	ck_assert_uint_eq(counts.otherwise[BOOK_LINUX], versions[_i].otherwise);
	map_close(&map);
}
END_TEST

int main(void)
{
	TCase *axes = tcase_create("axes"), *values = tcase_create("values"), *answers = tcase_create("answers");
	TCase *refining = tcase_create("refine");

	tcase_add_loop_test(axes, the_middle_of_a_pixel, 0, ROWS(middles));
	tcase_add_loop_test(axes, pixels_rise, 0, ROWS(ranges));
	tcase_add_test(axes, symlog_is_symmetric_and_has_all_small_offsets);
	tcase_add_test(axes, only_the_whole_circle_wraps);
	tcase_add_loop_test(axes, ticks, 0, ROWS(tick_table));
	tcase_add_loop_test(values, a_range, 0, ROWS(good_ranges));
	tcase_add_loop_test(values, no_range, 0, ROWS(bad_ranges));
	tcase_add_test(values, sizes);
	tcase_add_test(values, overlays);
	tcase_add_test(answers, shades_of_records);
	tcase_add_loop_test(answers, a_book_says_otherwise, 0, ROWS(sayings));
	tcase_add_loop_test(answers, a_book_says_otherwise_of_the_socket, 0, ROWS(fates));
	tcase_add_loop_test(answers, whose_rules_a_map_is_judged_by, 0, ROWS(versions));
	tcase_add_loop_test(refining, a_refined_map_is_the_whole_map, 0, ROWS(planes));
	tcase_add_test(refining, what_was_not_found_out_stays_so);
	return run_suite("map", axes, values, answers, refining, NULL);
}
