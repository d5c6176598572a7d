/* test_seq.c - the circle of 2^32: its seam at 0, its antipode at 2^31. */
#include "crafter/seq.h"

#include "tests/unit/suite.h"

static const uint32_t starts[] = { 0, 1, 1000, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff };

enum { STARTS = ROWS(starts) };

START_TEST(nothing_is_before_or_after_itself)
{
	uint32_t a = starts[_i];

	ck_assert(!seq_before(a, a));
	ck_assert(!seq_after(a, a));
	ck_assert_int_eq(seq_diff(a, a), 0);
}
END_TEST

START_TEST(less_than_half_the_circle_ahead_is_after)
{
	static const uint32_t steps[] = { 1, 2, 1000, 0x40000000, 0x7ffffffe, 0x7fffffff };
	uint32_t a = starts[_i];

	for (size_t i = 0; i < ROWS(steps); i++) {
		uint32_t b = a + steps[i];

		ck_assert(seq_after(b, a));
		ck_assert(!seq_before(b, a));
		ck_assert(seq_before(a, b));
		ck_assert(!seq_after(a, b));
		ck_assert_int_eq(seq_diff(b, a), (int64_t)steps[i]);
		ck_assert_int_eq(seq_diff(a, b), -(int64_t)steps[i]);
	}
}
END_TEST

START_TEST(half_the_circle_is_before_both_ways)
{
	uint32_t a = starts[_i], b = a + 0x80000000;

	ck_assert(seq_before(a, b));
	ck_assert(seq_before(b, a));
	/* seq_after(a, b) is seq_before(b, a), as after() in the kernel. */
	ck_assert(seq_after(a, b));
	ck_assert(seq_after(b, a));
	ck_assert_int_eq(seq_diff(a, b), INT32_MIN);
}
END_TEST

START_TEST(more_than_half_ahead_is_before)
{
	uint32_t a = starts[_i];

	ck_assert(seq_before(a + 0x80000001, a));
	ck_assert(!seq_after(a + 0x80000001, a));
}
END_TEST

START_TEST(the_seams_by_hand)
{
	ck_assert(seq_before(0xffffffff, 0));
	ck_assert(seq_after(0, 0xffffffff));
	ck_assert(seq_before(0x7fffffff, 0x80000000));
	ck_assert(seq_before(0xfffffc18, 1000));
	ck_assert(!seq_before(0, 0x80000001));
	ck_assert(seq_before(0, 0x7fffffff));
	ck_assert_int_eq(seq_diff(5, 0xfffffffb), 10);
}
END_TEST

START_TEST(adding_goes_round)
{
	ck_assert_uint_eq(seq_add(0xffffffff, 1), 0);
	ck_assert_uint_eq(seq_add(0, -1), 0xffffffff);
	ck_assert_uint_eq(seq_add(500, -1000), 0xfffffe0c);
	ck_assert_uint_eq(seq_add(0x80000000, INT64_C(0x7fffffff)), 0xffffffff);
	ck_assert_uint_eq(seq_add(0x80000000, INT64_C(0x80000000)), 0);
	ck_assert_uint_eq(seq_add(7, INT64_C(0x100000000)), 7);
	ck_assert_uint_eq(seq_add(7, -INT64_C(0x80000000)), 0x80000007);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, nothing_is_before_or_after_itself, 0, STARTS);
	tcase_add_loop_test(tcase, less_than_half_the_circle_ahead_is_after, 0, STARTS);
	tcase_add_loop_test(tcase, half_the_circle_is_before_both_ways, 0, STARTS);
	tcase_add_loop_test(tcase, more_than_half_ahead_is_before, 0, STARTS);
	tcase_add_test(tcase, the_seams_by_hand);
	tcase_add_test(tcase, adding_goes_round);
	return run_suite("seq", tcase, NULL);
}
