/* test_report_ci.c - what a CI reads: TAP, KTAP and JUnit XML. */
#include "harness/report/report_junit.h"

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

START_TEST(tap_says_ok_only_where_something_was_proven)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	sample_verdict(&records[1], VERDICT_SKIPPED, "no lab # here\nat all");
	text = sample_report(FORMAT_TAP, false, true, &facts, records, 4);
	assert_has(text, "TAP version 13\n1..4\n");
	assert_has(text, "\nok 1 - time-wait/syn/seq-1/ts-1\n"
			 "ok 2 - time-wait/syn/seq-1/ts+1 # SKIP no lab   here at all\n"
			 "not ok 3 - time-wait/syn/seq+1/ts-1\n"
			 "# inconclusive: the capture dropped 3 segments\n"
			 "not ok 4 - time-wait/syn/seq+1/ts+1\n"
			 "# differs: linux expects ACK, the kernel answers SYN-ACK\n");
	free(text);
}
END_TEST

START_TEST(ktap_differs_in_its_first_line)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *ktap, *tap;

	sample_four(records);
	ktap = sample_report(FORMAT_KTAP, false, true, &facts, records, 4);
	tap = sample_report(FORMAT_TAP, false, true, &facts, records, 4);
	assert_has(ktap, "KTAP version 1\n1..4\n");
	ck_assert_str_eq(strchr(ktap, '\n'), strchr(tap, '\n'));
	free(ktap);
	free(tap);
}
END_TEST

START_TEST(junit_counts_what_failed_in_the_head)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	sample_verdict(&records[1], VERDICT_SKIPPED, "a <lab> & \"more\"\x1b[m");
	text = sample_report(FORMAT_JUNIT, false, true, &facts, records, 4);
	assert_has(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"");
	assert_has(text, "<testsuite name=\"time-wait/syn\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\" "
			 "time=\"0.000\">\n"
			 "<properties>");
	assert_has(text, "<testcase classname=\"time-wait.syn\" name=\"time-wait/syn/seq-1/ts-1\"");
	assert_has(text, "<skipped type=\"skipped\" message=\"a &#60;lab&#62; &#38; &#34;more&#34;?[m\">"
		   "a &#60;lab&#62; &#38; &#34;more&#34;?[m</skipped>");
	assert_has(text, "<error type=\"inconclusive\" message=\"the capture dropped 3 segments\">"
		   "the capture dropped 3 segments</error>");
	assert_has(text, "<failure type=\"differs\" message=\"linux expects ACK, the kernel answers SYN-ACK\">"
		   "linux expects ACK, the kernel answers SYN-ACK</failure>");
	assert_has(text, "</testsuite>\n</testsuites>\n");
	free(text);
}
END_TEST

START_TEST(junit_keeps_no_more_than_a_suite)
{
	enum { MANY = JUNIT_SUITE_MAX + 1 };
	struct run_facts facts = sample_facts();
	struct record *records = calloc(MANY, sizeof(*records)), four_of_them[4];
	char *text;

	ck_assert_ptr_nonnull(records);
	sample_four(four_of_them);
	for (size_t i = 0; i < MANY; i++)
		records[i] = four_of_them[0];
	text = sample_report(FORMAT_JUNIT, false, true, &facts, records, MANY);
	assert_has(text, " tests=\"1000\" ");
	assert_has(text, " tests=\"1\" ");
	free(text);
	free(records);
}
END_TEST

START_TEST(tap_can_skip_all)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	report_skip_all(FORMAT_TABLE, out, "no privilege");
	report_skip_all(FORMAT_TAP, out, "no privilege");
	report_skip_all(FORMAT_KTAP, out, "no privilege");
	report_skip_all(FORMAT_JUNIT, out, "no privilege");
	fclose(out);
	ck_assert_str_eq(text, "TAP version 13\n1..0 # SKIP no privilege\nKTAP version 1\n1..0 # SKIP no privilege\n"
			 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"twprobe\">\n"
			 "<testsuite name=\"cannot run\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n"
			 "<testcase classname=\"twprobe\" name=\"run\"><error message=\"no privilege\">"
			 "no privilege</error></testcase>\n"
			 "</testsuite>\n</testsuites>\n");
	free(text);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, tap_says_ok_only_where_something_was_proven);
	tcase_add_test(tcase, ktap_differs_in_its_first_line);
	tcase_add_test(tcase, junit_counts_what_failed_in_the_head);
	tcase_add_test(tcase, junit_keeps_no_more_than_a_suite);
	tcase_add_test(tcase, tap_can_skip_all);
	return run_suite("report_ci", tcase, NULL);
}
