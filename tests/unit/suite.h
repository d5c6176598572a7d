/* suite.h - what every unit test ends with: its test cases run as one suite. Include it last: Check has a macro fail(), and
 * crafter/fail.h a function of that name. */
#ifndef TWPROBE_TESTS_UNIT_SUITE_H
#define TWPROBE_TESTS_UNIT_SUITE_H

#include <stdlib.h>

#include <check.h>

/* The rows of a table, for tcase_add_loop_test(). */
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* As ck_assert_msg(), for what is asked thousands of times: that would leave a mark in a file each time that it holds. */
#define holds_msg(condition, ...) \
	do { \
		if (!(condition)) \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* run_suite(name, tcase, ..., NULL): prints Check's closing line; what main() returns. */
#define run_suite(name, ...) run_cases(name, (TCase *const[]){ __VA_ARGS__ })

static inline int run_cases(const char *name, TCase *const *tcases)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	while (*tcases)
		suite_add_tcase(suite, *tcases++);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
