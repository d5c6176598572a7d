/* test_loss.c - what a silence is worth: more tries, fewer losses and more knowledge make it worth more. */
#include <math.h>

#include "harness/run/loss.h"

#include "tests/unit/suite.h"

START_TEST(no_try_shows_nothing)
{
	const struct loss loss = { .exchanges = 1000 };

	ck_assert_double_eq(loss_explains(&loss, 0), 1);
}
END_TEST

START_TEST(each_try_leaves_less_doubt)
{
	const struct loss losses[] = { { 0, 0 }, { 10, 1 }, { 100, 5 }, { 10000, 500 } };

	for (int i = 0; i < ROWS(losses); i++)
		for (unsigned tries = 1; tries < 4; tries++)
			ck_assert_double_le(loss_explains(&losses[i], tries + 1), loss_explains(&losses[i], tries) * 3 / 4);
}
END_TEST

START_TEST(a_loss_makes_it_worth_less_and_a_whole_exchange_more)
{
	const struct loss few = { 50, 2 }, more = { 50, 3 }, longer = { 60, 2 };

	ck_assert_double_gt(loss_explains(&more, 4), loss_explains(&few, 4));
	ck_assert_double_lt(loss_explains(&longer, 4), loss_explains(&few, 4));
}
END_TEST

/* With much seen only the rate counts. */
START_TEST(a_well_known_rate)
{
	const struct loss loss = { UINT64_C(100000000), UINT64_C(5000000) };

	ck_assert_double_lt(fabs(loss_explains(&loss, 3) - 0.05 * 0.05 * 0.05), 1e-6);
}
END_TEST

START_TEST(where_half_is_lost_silence_shows_little)
{
	const struct loss loss = { 1000, 500 };

	ck_assert_double_gt(loss_explains(&loss, 8), 0.5 / 256);
}
END_TEST

/* The bargain with the user: one silent cell of a server that seems to lose nothing is asked a handful of times. */
START_TEST(one_cell_takes_a_handful_of_tries)
{
	unsigned tries = 2;
	struct loss loss = { .exchanges = 2 * tries };

	while (loss_explains(&loss, tries) >= 1e-4)
		loss.exchanges = 2 * ++tries;
	ck_assert_uint_ge(tries, 3);
	ck_assert_uint_le(tries, 6);
}
END_TEST

int main(void)
{
	TCase *loss = tcase_create("loss");

	tcase_add_test(loss, no_try_shows_nothing);
	tcase_add_test(loss, each_try_leaves_less_doubt);
	tcase_add_test(loss, a_loss_makes_it_worth_less_and_a_whole_exchange_more);
	tcase_add_test(loss, a_well_known_rate);
	tcase_add_test(loss, where_half_is_lost_silence_shows_little);
	tcase_add_test(loss, one_cell_takes_a_handful_of_tries);
	return run_suite("loss", loss, NULL);
}
