/* test_late_close.c - what the kernel keeps open for us, and for how long. */
#include <poll.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crafter/late_close.h"

#include "tests/unit/suite.h"

/* Whether all who could write have gone, within `ms`. */
static bool has_ended(int reader, int ms)
{
	struct pollfd wait = { .fd = reader, .events = POLLIN };

	return poll(&wait, 1, ms) == 1 && wait.revents & POLLHUP;
}

START_TEST(the_kernel_closes_it_by_itself)
{
	struct late_close kept;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	kept = late_close_begin(ends[1]);
	ck_assert_int_ge(kept.holder, 0);
	ck_assert_int_gt(kept.waker, kept.holder);
	close(ends[1]);
	ck_assert(!has_ended(ends[0], 20));
	late_close_end(&kept);
	ck_assert(has_ended(ends[0], 3000));
	close(ends[0]);
}
END_TEST

/* As where a process ends that had no time to close anything. */
START_TEST(the_order_is_no_matter)
{
	struct late_close kept;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	kept = late_close_begin(ends[1]);
	late_close_end(&kept);
	ck_assert(!has_ended(ends[0], 20));
	close(ends[1]);
	ck_assert(has_ended(ends[0], 3000));
	close(ends[0]);
}
END_TEST

START_TEST(without_descriptors_it_is_closed_as_any)
{
	struct rlimit before, none;
	struct late_close kept;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	kept = late_close_begin(0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0); /* what runs the test needs some */
	ck_assert_int_eq(kept.holder, -1);
	late_close_end(&kept);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("late_close");

	tcase_add_test(tcase, the_kernel_closes_it_by_itself);
	tcase_add_test(tcase, the_order_is_no_matter);
	tcase_add_test(tcase, without_descriptors_it_is_closed_as_any);
	return run_suite("late_close", tcase, NULL);
}
