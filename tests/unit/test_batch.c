/* test_batch.c - which task of an array the environment says this is. */
#include <stdlib.h>
#include <string.h>

#include "harness/commands/batch.h"
#include "tests/unit/suite.h"

static const char *const variables[] = { "JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN",
					 "SLURM_ARRAY_TASK_COUNT", "PARALLEL_SEQ" };
enum { VARIABLES = sizeof(variables) / sizeof(variables[0]) };

static const struct {
	const char *values[VARIABLES];
	unsigned given, part, parts; /* a part of 0: refused, */
	const char *because;         /* for this reason */
} cases[] = {
	/* Kubernetes counts from 0 and does not say how many. */
	{ { "0" }, 8, 1, 8, NULL },
	{ { "7" }, 8, 8, 8, NULL },
	{ { "8" }, 8, 0, 0, "JOB_COMPLETION_INDEX is 8, but the tasks are 0 to 7" },
	{ { "3" }, 0, 0, 0, "Kubernetes does not tell how many tasks there are: expected auto/N" },
	{ { "-1" }, 8, 0, 0, "JOB_COMPLETION_INDEX is '-1': expected a number" },
	{ { "" }, 8, 0, 0, "JOB_COMPLETION_INDEX is '': expected a number" },
	{ { "4294967297" }, 8, 0, 0, "expected a number up to 100000" },
	/* Slurm counts from where the array begins. */
	{ { NULL, "0", "0", "4" }, 0, 1, 4, NULL },
	{ { NULL, "12", "10", "4" }, 0, 3, 4, NULL },
	{ { NULL, "12", "10", "4" }, 8, 3, 8, NULL },
	{ { NULL, "9", "10", "4" }, 0, 0, 0, "SLURM_ARRAY_TASK_ID is 9, but the tasks are 10 to 13" },
	{ { NULL, "14", "10", "4" }, 0, 0, 0, "SLURM_ARRAY_TASK_ID is 14" },
	{ { NULL, "1", "1", NULL }, 0, 0, 0, "SLURM_ARRAY_TASK_COUNT is not set" },
	{ { NULL, "1", NULL, "4" }, 0, 0, 0, "SLURM_ARRAY_TASK_MIN is not set" },
	/* GNU parallel counts from 1. */
	{ { NULL, NULL, NULL, NULL, "1" }, 3, 1, 3, NULL },
	{ { NULL, NULL, NULL, NULL, "3" }, 3, 3, 3, NULL },
	{ { NULL, NULL, NULL, NULL, "0" }, 3, 0, 0, "PARALLEL_SEQ is 0, but the tasks are 1 to 3" },
	{ { NULL }, 3, 0, 0, "neither JOB_COMPLETION_INDEX nor SLURM_ARRAY_TASK_ID nor PARALLEL_SEQ is set" },
};

START_TEST(the_environment_tells)
{
	unsigned part = 0, parts = cases[_i].given;
	struct error error = { "" };

	for (size_t i = 0; i < VARIABLES; i++)
		if (cases[_i].values[i])
			setenv(variables[i], cases[_i].values[i], 1);
		else
			unsetenv(variables[i]);
	if (cases[_i].part) {
		ck_assert_msg(batch_part(&part, &parts, &error) == 0, "%s", error.text);
		ck_assert_uint_eq(part, cases[_i].part);
		ck_assert_uint_eq(parts, cases[_i].parts);
	} else {
		ck_assert_int_eq(batch_part(&part, &parts, &error), -1);
		ck_assert_msg(strstr(error.text, cases[_i].because) != NULL, "%s", error.text);
	}
}
END_TEST

int main(void)
{
	TCase *batch = tcase_create("environment");

	tcase_add_loop_test(batch, the_environment_tells, 0, ROWS(cases));
	return run_suite("batch", batch, NULL);
}
