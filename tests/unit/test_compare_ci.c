/* test_compare_ci.c - a comparison for a CI: its formats, and what is known to differ. */
#include "tests/unit/read_files.h"

#include "harness/report/expected_failures.h"
#include "harness/results/compare_print.h"

#include "tests/unit/has.h"

#include "tests/unit/suite.h"

static char *print(enum format format, const struct comparison *comparison)
{
	return print_view(format, (struct compare_view){ .comparison = comparison });
}

/* A CI is told the same as a person. */
START_TEST(a_ci_has_its_formats)
{
	static const char *const known[] = { "time-wait/*/ts-1 as ever\n", "listen/* it was so\n" };
	struct comparison *comparison;
	struct compare_view view = { .pool = &pool, .files = files };
	const char *labels[SAMPLE_FILES], *first;
	char *text;

	add("a", SAMPLE_RUN("5.10", 3) SAMPLE_ACK(0, A) SAMPLE_ACK(1, E) SAMPLE_ACK(2, B) SAMPLE_SUMMARY(3), false);
	add("b", SAMPLE_RUN("6.1", 3) SAMPLE_SYN_ACK(0, A) SAMPLE_ACK(1, E) SAMPLE_UNSURE(2, B) SAMPLE_SUMMARY(3), false);
	comparison = compare(files, count, &pool, false, false, &error);
	ck_assert_msg(comparison, "%s", error.text);
	text = print(FORMAT_KTAP, comparison);
	assert_has(text, "KTAP version 1\n1..3\nnot ok 1 - " A "\n"
		   "# answer: 5.10: ack -> time-wait; 6.1: syn-ack continued -> syn-recv\n"
		   "ok 2 - " E "\nnot ok 3 - " B "\n");
	free(text);
	text = print(FORMAT_JUNIT, comparison);
	assert_has(text, " tests=\"3\" failures=\"1\" errors=\"1\" skipped=\"0\">");
	assert_has(text, "<testcase classname=\"time-wait.syn\" name=\"" A "\">"
		   "<failure type=\"differs\" message=\"answer: 5.10: ack -&#62;");
	free(text);
	text = print(FORMAT_GITHUB, comparison);
	assert_has(text, "::error title=" A "::differs: answer: 5.10: ack -> time-wait; 6.1: syn-ack continued -> syn-recv\n");
	assert_has(text, "::warning title=" B "::inconclusive: answer: 5.10: ack; 6.1: inconclusive\n");
	assert_has(text, "\n3 cells in 2 files: 1 the same, 1 different, 1 not compared");
	free(text);
	compare_labels(files, count, labels);
	view.comparison = comparison;
	view.labels = labels;
	ck_assert_int_eq(compare_exit_known(&view), 1);
	for (int i = 0; i < ROWS(known); i++) {
		char path[160];
		struct expected_failures *failures;

		snprintf(path, sizeof(path), "/tmp/twprobe-known-%d", (int)getpid());
		FILE *file = fopen(path, "w");
		fputs(known[i], file);
		fclose(file);
		failures = expected_failures_load(path, &error);
		unlink(path);
		ck_assert_msg(failures, "%s", error.text);
		view.failures = failures;
		ck_assert_int_eq(compare_exit_known(&view), i == 0 ? 3 : 1); /* what is left is not certain */
		ck_assert_uint_eq(compare_known_same(&view, &first), i == 0 ? 0 : 1);
		expected_failures_close(failures);
	}
	compare_free(comparison);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("compare_ci");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_ci_has_its_formats);
	return run_suite("compare_ci", tests, NULL);
}
