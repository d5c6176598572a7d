/* test_boot.c - how long a kernel that has just booted is left alone. */
#include <stdlib.h>

#include "harness/commands/boot.h"

#include "tests/unit/suite.h"

#define SECOND_NS UINT64_C(1000000000)

START_TEST(until_its_clock_counts_seconds)
{
	ck_assert_uint_eq(boot_wait_ns(0), 2 * SECOND_NS);
	ck_assert_uint_eq(boot_wait_ns(SECOND_NS / 5), 2 * SECOND_NS - SECOND_NS / 5);
	ck_assert_uint_eq(boot_wait_ns(2 * SECOND_NS - 1), 1);
	ck_assert_uint_eq(boot_wait_ns(2 * SECOND_NS), 0);
	ck_assert_uint_eq(boot_wait_ns(UINT64_MAX), 0);
}
END_TEST

int main(void)
{
	TCase *boot = tcase_create("boot");

	tcase_add_test(boot, until_its_clock_counts_seconds);
	return run_suite("boot", boot, NULL);
}
