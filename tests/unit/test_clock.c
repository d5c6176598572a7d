/* test_clock.c - stamps of the wall clock on the clock that never goes back, whatever is done to the wall clock. */
#include "crafter/clock.h"

#include "tests/unit/suite.h"

#define SECOND INT64_C(1000000000)
#define WALL (1700000000 * SECOND)

/* The frame was stamped at 99.5 s of the monotonic clock; it is read at 100 s. The one before it came at 99 s. */
struct row {
	int64_t step_ns;  /* of the wall clock between the two last samples */
	int stamped_first; /* the stamp is from before the step */
};

static const struct row rows[] = {
	{ 0, 0 }, { -600 * SECOND, 1 }, { -600 * SECOND, 0 }, { 600 * SECOND, 1 }, { 600 * SECOND, 0 },
	{ -2 * SECOND, 1 }, { -2 * SECOND, 0 }, { 2 * SECOND, 1 }, { 2 * SECOND, 0 }, { 3600 * SECOND, 1 },
};

START_TEST(a_step_of_the_wall_clock_moves_no_frame)
{
	const struct row *row = &rows[_i];
	struct clock_offset offset = {
		.sampled_ns = 100 * SECOND, .ahead_ns = WALL + row->step_ns, .ahead_before_ns = WALL,
	};
	int64_t ahead_ns = row->stamped_first ? offset.ahead_before_ns : offset.ahead_ns;
	uint64_t stamp_ns = (uint64_t)(99 * SECOND + SECOND / 2 + ahead_ns);

	ck_assert_uint_eq(clock_place(&offset, stamp_ns, 99 * SECOND, 100 * SECOND), 99 * SECOND + SECOND / 2);
}
END_TEST

/* Two steps between two samples: no offset is right. It is still neither in the future nor before the frame before. */
START_TEST(a_stamp_that_fits_nowhere_stays_between_its_neighbours)
{
	struct clock_offset offset = { .sampled_ns = 100 * SECOND, .ahead_ns = WALL, .ahead_before_ns = WALL };

	ck_assert_uint_eq(clock_place(&offset, WALL + 700 * SECOND, 99 * SECOND, 100 * SECOND), 100 * SECOND);
	ck_assert_uint_eq(clock_place(&offset, WALL - 700 * SECOND, 99 * SECOND, 100 * SECOND), 99 * SECOND);
}
END_TEST

START_TEST(the_first_sample_knows_one_offset)
{
	struct clock_offset offset = { 0 };

	clock_sample(&offset);
	ck_assert_int_eq(offset.ahead_ns, offset.ahead_before_ns);
	ck_assert_uint_le(offset.sampled_ns, clock_now());
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("clock");

	tcase_add_loop_test(tests, a_step_of_the_wall_clock_moves_no_frame, 0, ROWS(rows));
	tcase_add_test(tests, a_stamp_that_fits_nowhere_stays_between_its_neighbours);
	tcase_add_test(tests, the_first_sample_knows_one_offset);
	return run_suite("clock", tests, NULL);
}
