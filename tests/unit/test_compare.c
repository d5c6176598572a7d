/* test_compare.c - what differs between result files, how it is grouped and shown. */
#include "tests/unit/read_files.h"

#include "harness/results/compare_print.h"

#include "tests/unit/has.h"

#include "tests/unit/suite.h"

static struct comparison *compare_as(bool fields, bool wider)
{
	struct comparison *comparison;

	ck_assert_msg(!compare_allowed(files, count, false, wider, &error), "%s", error.text);
	comparison = compare(files, count, &pool, fields, wider, &error);
	ck_assert_msg(comparison, "%s", error.text);
	return comparison;
}

static struct comparison *compare_all(bool fields)
{
	return compare_as(fields, false);
}

static char *print(enum format format, const struct comparison *comparison)
{
	return print_view(format, (struct compare_view){ .comparison = comparison });
}

static const char *value(const struct comparison *comparison, size_t group, size_t file)
{
	return intern_text(pool.words, comparison->groups[group].values[file]);
}

START_TEST(equal_files_are_equal)
{
	struct comparison *comparison;

	add("a", SAMPLE_RUN("5.10", 2) SAMPLE_ACK(0, A) SAMPLE_SYN_ACK(1, B) SAMPLE_SUMMARY(2), false);
	/* in another order, too */
	add("b", SAMPLE_RUN("6.1", 2) SAMPLE_SYN_ACK(0, B) SAMPLE_ACK(1, A) SAMPLE_SUMMARY(2), false);
	comparison = compare_all(true);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SAME], 2);
	ck_assert_uint_eq(comparison->group_count, 0);
	ck_assert_int_eq(compare_exit(comparison), 0);
	compare_free(comparison);
}
END_TEST

/* The path is what the files differ in, and so the cells are the same. */
START_TEST(paths_are_compared)
{
	struct comparison *comparison;
	char *text;

	add("a", SAMPLE_RUN("6.1", 3) SAMPLE_ACK(0, A) SAMPLE_ACK(1, B) SAMPLE_ACK(2, E) SAMPLE_SUMMARY(3), false);
	add("b", SAMPLE_RUN("6.1\",\"path\":\"nat", 3) SAMPLE_ACK(0, A "/path=nat") SAMPLE_SYN_ACK(1, B "/path=nat")
		 SAMPLE_ACK(2, "listen/syn/seq+1/ts+1/path=nat/ipv6") SAMPLE_SUMMARY(3), false);
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SAME], 2);
	ck_assert_uint_eq(comparison->counts[LIKENESS_DIFFERENT], 1);
	ck_assert_uint_eq(comparison->counts[LIKENESS_PARTLY], 0);
	text = print(FORMAT_TABLE, comparison);
	assert_has(text, "direct");
	assert_has(text, "nat");
	free(text);
	compare_free(comparison);
}
END_TEST

static void add_three_kernels(void)
{
	add("a", SAMPLE_RUN("5.10", 5) SAMPLE_ACK(0, A) SAMPLE_ACK(1, B) SAMPLE_ACK(2, C) SAMPLE_ACK(3, D)
		 SAMPLE_ACK(4, E) SAMPLE_SUMMARY(5), false);
	add("b", SAMPLE_RUN("6.1", 5) SAMPLE_ACK(0, A) SAMPLE_SYN_ACK(1, B) SAMPLE_ACK(2, C) SAMPLE_SYN_ACK(3, D)
		 SAMPLE_SYN_ACK(4, E) SAMPLE_SUMMARY(5), false);
	add("c", SAMPLE_RUN("6.18", 5) SAMPLE_ACK(0, A) SAMPLE_SYN_ACK(1, B) SAMPLE_ACK(2, C) SAMPLE_SYN_ACK(3, D)
		 SAMPLE_SYN_ACK(4, E) SAMPLE_SUMMARY(5), false);
}

START_TEST(one_cause_is_one_group)
{
	struct comparison *comparison;
	const struct group *group;

	add_three_kernels();
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->counts[LIKENESS_DIFFERENT], 3);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SAME], 2);
	ck_assert_uint_eq(comparison->group_count, 2); /* time-wait/syn and listen/syn */
	ck_assert_int_eq(compare_exit(comparison), 1);
	group = &comparison->groups[0];
	ck_assert_uint_eq(group->count, 2);
	ck_assert_str_eq(intern_text(pool.cells, group->members[0]), B);
	ck_assert_str_eq(value(comparison, 0, 0), "ack -> time-wait");
	ck_assert_str_eq(value(comparison, 0, 2), "syn-ack continued -> syn-recv");
	ck_assert_uint_eq(group->axes[COMPARE_AXIS_SEQ].count, 2);
	ck_assert_uint_eq(group->axes[COMPARE_AXIS_SEQ].of, 2);
	ck_assert_uint_eq(group->axes[COMPARE_AXIS_TS].count, 1);
	ck_assert_uint_eq(group->axes[COMPARE_AXIS_TS].of, 2);
	compare_free(comparison);
}
END_TEST

START_TEST(the_table_has_a_column_a_file)
{
	struct comparison *comparison;
	char *text;

	add_three_kernels();
	comparison = compare_all(false);
	setenv("COLUMNS", "93", 1);
	text = print(FORMAT_TABLE, comparison);
	ck_assert_str_eq(text,
		"Different\n"
		"               5.10              6.1                            6.18\n"
		"time-wait/syn: 2 cells (any seq; ts+1), for instance time-wait/syn/seq-1/ts+1\n"
		"  answer       ack -> time-wait  syn-ack continued -> syn-recv  syn-ack continued -> syn-recv\n"
		"listen/syn/seq+1/ts+1/ipv6\n"
		"  answer       ack -> time-wait  syn-ack continued -> syn-recv  syn-ack continued -> syn-recv\n"
		"\n"
		"5 cells in 3 files: 2 the same, 3 different.\n");
	free(text);
	setenv("COLUMNS", "92", 1);
	text = print(FORMAT_TABLE, comparison);
	ck_assert_str_eq(text,
		"Different\n"
		"time-wait/syn: 2 cells (any seq; ts+1), for instance time-wait/syn/seq-1/ts+1\n"
		"  answer: ack -> time-wait in 5.10\n"
		"  answer: syn-ack continued -> syn-recv in 6.1, 6.18\n"
		"listen/syn/seq+1/ts+1/ipv6\n"
		"  answer: ack -> time-wait in 5.10\n"
		"  answer: syn-ack continued -> syn-recv in 6.1, 6.18\n"
		"\n"
		"5 cells in 3 files: 2 the same, 3 different.\n");
	free(text);
	unsetenv("COLUMNS");
	text = print(FORMAT_MARKDOWN, comparison);
	assert_has(text, "| cells | for instance | where | what | 5.10 | 6.1 | 6.18 |\n|---|---|---|---|---|---|---|\n"
			 "| 2 | `time-wait/syn/seq-1/ts+1` | any seq; ts+1 | answer | ack -> time-wait | ");
	assert_has(text, "\n| 1 | `" E "` |  | answer | ack -> time-wait | ");
	free(text);
	compare_free(comparison);
}
END_TEST

START_TEST(a_page_has_the_groups_and_every_cell)
{
	struct comparison *comparison;
	size_t rows = 0;
	char *text;

	add_three_kernels();
	comparison = compare_all(false);
	text = print(FORMAT_HTML, comparison);
	assert_has(text, "<h1>What differs: 5.10, 6.1 and 6.18</h1>");
	assert_has(text, "<p class=\"i0\">5 cells in 3 files: 2 the same, 3 different.</p>");
	assert_has(text, "<tr><th scope=\"col\">cells<th scope=\"col\">where<th scope=\"col\">5.10"
			 "<th scope=\"col\">6.1<th scope=\"col\">6.18\n"
			 "<tr><td>2<td>time-wait/syn: any seq; ts+1; for instance <a href=\"#" B
			 "\">" B "</a><td>ack -&#62; time-wait"
			 "<td>syn-ack continued -&#62; syn-recv"
			 "<td>syn-ack continued -&#62; syn-recv\n");
	assert_has(text, "\"views\":[\"5.10\",\"6.1\",\"6.18\"]");
	assert_has(text, "\n\"seen\tack -> time-wait: 5.10\n\"\tsyn-ack continued -> syn-recv: 6.1, 6.18\n");
	/* What the books say is in it, of every version. */
	assert_has(text, "\n\"linux\tsyn-ack continued, then syn-recv (kernels from 6.10 on). ");
	assert_has(text, "\n\"\tsyn-ack fresh, then syn-recv (kernels 5.10 to 6.9). ");
	for (const char *at = strstr(text, "id=\"cells\">"); at && at[1] != '<'; at = strchr(at + 1, '\n'))
		rows += at[1] >= '0' && at[1] <= '9';
	ck_assert_uint_eq(rows, 5);
	free(text);
	compare_free(comparison);
}
END_TEST

/* Too many for columns: each answer once, and a row of files as the first and the last of them. */
START_TEST(a_page_names_files_in_a_row_by_their_ends)
{
	static const char *const names[] = { "1", "2", "3", "4", "5", "6" };
	struct comparison *comparison;
	char *text;

	for (size_t i = 0; i < 6; i++)
		add(names[i], i >= 1 && i <= 3 ? SAMPLE_RUN("", 1) SAMPLE_SYN_ACK(0, A) SAMPLE_SUMMARY(1) :
		    SAMPLE_RUN("", 1) SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), false);
	comparison = compare_all(false);
	text = print(FORMAT_HTML, comparison);
	assert_has(text, "<p><b>ack -&#62; time-wait</b> 1, 5, 6</p>"
			 "<p><b>syn-ack continued -&#62; syn-recv</b> 2 to 4</p>");
	free(text);
	compare_free(comparison);
}
END_TEST

START_TEST(machines_get_every_cell)
{
	struct comparison *comparison;
	char *text;

	add_three_kernels();
	comparison = compare_all(false);
	text = print(FORMAT_TAP, comparison);
	assert_has(text, "TAP version 13\n1..5\nok 1 - " A "\nnot ok 2 - " B "\n"
			 "# answer: 5.10: ack -> time-wait; 6.1: syn-ack continued -> syn-recv; ");
	free(text);
	text = print(FORMAT_JSON, comparison);
	assert_has(text, "\"in\":\"time-wait/syn\",\"what\":\"answer\",\"values\":{\"5.10\":\"ack -> time-wait\","
			 "\"6.1\":\"syn-ack continued -> syn-recv\",\"6.18\":\"syn-ack continued -> syn-recv\"},"
			 "\"count\":2,\"example\":\"" B "\",\"where\":\"any seq; ts+1\",\"cells\":[\"" B "\",\"" D "\"]}\n");
	assert_has(text, "\"same\":2,\"different\":3,\"only_in_some\":0,\"not_compared\":0,\"skipped\":0,"
			 "\"unwitnessed\":0,\"exit\":1}\n");
	free(text);
	compare_free(comparison);
}
END_TEST

START_TEST(what_was_not_seen_differs_from_nothing)
{
	struct comparison *comparison;
	char *text;

	add("a", SAMPLE_RUN("5.10", 4) SAMPLE_ACK(0, A) SAMPLE_UNSURE(1, B) SAMPLE_SKIPPED(2, C) SAMPLE_SKIPPED(3, D)
		 SAMPLE_SUMMARY(4), false);
	add("b", SAMPLE_RUN("6.1", 4) SAMPLE_CELL(0, A, "\"ack\"", "null", "null") SAMPLE_ACK(1, B) SAMPLE_ACK(2, C)
		 SAMPLE_SKIPPED(3, D) SAMPLE_SUMMARY(4), false);
	comparison = compare_all(true);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SAME], 1);
	ck_assert_uint_eq(comparison->counts[LIKENESS_UNCERTAIN], 2);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SKIPPED], 1);
	ck_assert_uint_eq(comparison->unwitnessed, 1);
	ck_assert_int_eq(compare_exit(comparison), 3);
	text = print(FORMAT_TAP, comparison);
	assert_has(text, "ok 1 - " A "\nnot ok 2 - " B "\n# answer: 5.10: inconclusive; 6.1: ack\n"
			 "ok 3 - " C " # SKIP skipped in some file\n# answer: 5.10: skipped; 6.1: ack\n"
			 "ok 4 - " D " # SKIP skipped in some file\n");
	free(text);
	compare_free(comparison);
}
END_TEST

/* Neither the same nor another: the tries of one file contradict each other. */
START_TEST(a_mixed_cell_is_not_compared)
{
	struct comparison *comparison;

	add("a", SAMPLE_RUN("5.10", 2) SAMPLE_MIXED(0, A) SAMPLE_MIXED(1, B) SAMPLE_SUMMARY(2), false);
	add("b", SAMPLE_RUN("6.1", 2) SAMPLE_ACK(0, A) SAMPLE_CELL(1, B, "\"rst\"", "null", "null") SAMPLE_SUMMARY(2), false);
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->counts[LIKENESS_UNCERTAIN], 2);
	ck_assert_int_eq(compare_exit(comparison), 3);
	compare_free(comparison);
}
END_TEST

START_TEST(a_difference_counts_although_another_file_is_unsure)
{
	struct comparison *comparison;

	add("a", SAMPLE_RUN("5.10", 1) SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), false);
	add("b", SAMPLE_RUN("6.1", 1) SAMPLE_UNSURE(0, A) SAMPLE_SUMMARY(1), false);
	add("c", SAMPLE_RUN("6.18", 1) SAMPLE_SYN_ACK(0, A) SAMPLE_SUMMARY(1), false);
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->counts[LIKENESS_DIFFERENT], 1);
	ck_assert_str_eq(value(comparison, 0, 1), "inconclusive");
	compare_free(comparison);
}
END_TEST

START_TEST(cells_in_some_files_only_are_reported)
{
	struct comparison *comparison;
	char *text;

	add("a", SAMPLE_RUN("5.10", 2) SAMPLE_ACK(0, A) SAMPLE_ACK(1, B) SAMPLE_SUMMARY(2), false);
	add("b", SAMPLE_RUN("6.1", 1) SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), false);
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->counts[LIKENESS_PARTLY], 1);
	ck_assert_int_eq(compare_exit(comparison), 1);
	text = print(FORMAT_TABLE, comparison);
	assert_has(text, "Only in some of the files\n               5.10  6.1\n" B "\n  answer       ack   absent\n");
	free(text);
	compare_free(comparison);
}
END_TEST

/* A baseline of every cell there is, of another matrix then: only what was asked counts. */
START_TEST(a_wider_baseline_is_cut_to_what_was_asked)
{
	static const char run[] = "{\"record\":\"run\",\"format_version\":1,\"tool_version\":\"0.1.0\",\"kernel\":\"6.1\","
				  "\"matrix\":\"mine\",\"cells\":2,\"matrix_cells\":2,\"repeat\":1}\n";
	struct comparison *comparison;
	char own[2048], *text;

	snprintf(own, sizeof(own), "%s%s", run, SAMPLE_ACK(0, B) SAMPLE_ACK(1, E) SAMPLE_SUMMARY(2));
	add("a", SAMPLE_RUN("5.10", 3) SAMPLE_SYN_ACK(0, A) SAMPLE_ACK(1, B) SAMPLE_SYN_ACK(2, C) SAMPLE_SUMMARY(3), false);
	add("b", own, false);
	ck_assert_int_eq(compare_allowed(files, count, false, false, &error), -1);
	comparison = compare_as(false, true);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SAME], 1);
	ck_assert_uint_eq(comparison->counts[LIKENESS_UNASKED], 2);
	ck_assert_uint_eq(comparison->counts[LIKENESS_PARTLY], 1);
	ck_assert_uint_eq(compare_cells(comparison), 2);
	ck_assert_int_eq(compare_exit(comparison), 3);
	text = print(FORMAT_TAP, comparison);
	ck_assert_str_eq(text, "TAP version 13\n1..2\nok 1 - " B "\nnot ok 2 - " E "\n");
	free(text);
	text = print(FORMAT_TABLE, comparison);
	ck_assert_str_eq(text, "2 cells in 2 files: 1 the same, 0 different, 1 not in every file.\n");
	free(text);
	compare_free(comparison);
}
END_TEST

/* What a file leaves out of its records, the fields of the answers, differs from nothing. */
START_TEST(fields_that_were_not_recorded_differ_from_nothing)
{
	static const char cell[] = "{\"record\":\"cell\",\"cell\":\"" A "\",\"number\":0,\"answer\":\"ack\",\"isn\":null,"
				   "\"verdict\":\"agrees\",\"state_after\":\"time-wait\",\"follow_up\":null%s}\n";
	struct comparison *comparison;
	char full[1024], reduced[1024], text[4096];

	snprintf(full, sizeof(full), cell, ",\"received\":[{\"flags\":\"A\",\"seq\":1,\"ack\":1,\"window\":512}]");
	snprintf(reduced, sizeof(reduced), cell, "");
	snprintf(text, sizeof(text), "%s%s%s", SAMPLE_RUN("5.10", 1), reduced, SAMPLE_SUMMARY(1));
	add("a", text, false);
	snprintf(text, sizeof(text), "%s%s%s", SAMPLE_RUN("6.1", 1), full, SAMPLE_SUMMARY(1));
	add("b", text, false);
	comparison = compare_all(true);
	ck_assert_uint_eq(comparison->counts[LIKENESS_SAME], 1);
	compare_free(comparison);
}
END_TEST

START_TEST(repeats_show_all_that_was_seen)
{
	struct comparison *comparison;

	add("a", SAMPLE_RUN("5.10", 3) SAMPLE_SYN_ACK(0, A) SAMPLE_CELL(1, A, "\"ack\"", "null", "\"syn-recv\"")
		 SAMPLE_UNSURE(2, A) SAMPLE_SUMMARY(3), false);
	add("b", SAMPLE_RUN("6.1", 1) SAMPLE_SYN_ACK(0, A) SAMPLE_SUMMARY(1), false);
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->cells, 1);
	ck_assert_str_eq(value(comparison, 0, 0), "ack or syn-ack continued");
	compare_free(comparison);
}
END_TEST

/* Of what one repeat does not know the others are believed. */
START_TEST(a_repeat_that_knows_less)
{
	struct comparison *comparison;

	add("a", SAMPLE_RUN("5.10", 2) SAMPLE_SYN_ACK(0, A)
		 SAMPLE_CELL(1, A, "\"syn-ack\"", "\"continued\"", "null") SAMPLE_SUMMARY(2), false);
	add("b", SAMPLE_RUN("6.1", 1) SAMPLE_SYN_ACK(0, A) SAMPLE_SUMMARY(1), false);
	comparison = compare_all(false);
	ck_assert_uint_eq(comparison->cells, 1);
	ck_assert_int_eq(compare_exit(comparison), 0);
	compare_free(comparison);
}
END_TEST

#define WINDOW(NUMBER, NAME, VALUE)                                                                                 \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"number\":" #NUMBER ",\"answer\":\"ack\",\"isn\":null,"         \
	"\"verdict\":\"agrees\",\"state_after\":null,\"received\":[{\"flags\":\"A\",\"seq\":7,\"ack\":8,"            \
	"\"window\":" #VALUE "}]}\n"

START_TEST(fields_are_compared_when_asked_for)
{
	struct comparison *comparison;

	add("a", SAMPLE_RUN("5.10", 2) WINDOW(0, A, 100) WINDOW(1, B, 100) SAMPLE_SUMMARY(2), false);
	add("b", SAMPLE_RUN("6.1", 2) WINDOW(0, A, 200) WINDOW(1, B, 200) SAMPLE_SUMMARY(2), false);
	comparison = compare_all(false);
	ck_assert_int_eq(compare_exit(comparison), 0);
	compare_free(comparison);
	comparison = compare_all(true);
	ck_assert_uint_eq(comparison->counts[LIKENESS_DIFFERENT], 2);
	ck_assert_uint_eq(comparison->group_count, 1);
	ck_assert_int_eq(comparison->groups[0].aspect, ASPECT_WINDOW);
	ck_assert_str_eq(value(comparison, 0, 1), "200");
	compare_free(comparison);
}
END_TEST

START_TEST(columns_are_named_apart)
{
	const char *labels[SAMPLE_FILES];

	add("x", SAMPLE_RUN("5.10", 0) SAMPLE_SUMMARY(0), false);
	add("y", SAMPLE_RUN("6.1", 0) SAMPLE_SUMMARY(0), false);
	compare_labels(files, count, labels);
	ck_assert_str_eq(labels[1], "6.1");
	add("z", SAMPLE_RUN("6.1", 0) SAMPLE_SUMMARY(0), false);
	compare_labels(files, count, labels);
	ck_assert_str_eq(labels[0], "x");
	ck_assert_str_eq(labels[2], "z");
}
END_TEST

static const char other_tool[] =
	"{\"record\":\"run\",\"format_version\":1,\"tool_version\":\"0.2.0\",\"kernel\":\"6.1\",\"matrix\":\"m\","
	"\"cells\":0,\"matrix_cells\":0,\"repeat\":1,\"shard\":null}\n" SAMPLE_SUMMARY(0);
static const char other_matrix[] =
	"{\"record\":\"run\",\"format_version\":1,\"tool_version\":\"0.1.0\",\"kernel\":\"6.1\",\"matrix\":\"n\","
	"\"cells\":0,\"matrix_cells\":0,\"repeat\":1,\"shard\":null}\n" SAMPLE_SUMMARY(0);

START_TEST(what_cannot_be_compared_is_refused)
{
	add("a", SAMPLE_RUN("5.10", 0) SAMPLE_SUMMARY(0), false);
	add("b", other_tool, false);
	ck_assert_int_eq(compare_allowed(files, 2, true, false, &error), -1);
	ck_assert_msg(strstr(error.text, "was made by twprobe 0.1.0, but") && strstr(error.text, "by twprobe 0.2.0"),
		      "%s", error.text);
	results_free(files[--count]);
	add("c", other_matrix, false);
	ck_assert_int_eq(compare_allowed(files, 2, true, false, &error), -1);
	ck_assert_msg(strstr(error.text, "is of matrix m, but"), "%s", error.text);
	results_free(files[--count]);
	add("d", SAMPLE_SHARD("1/2", 0, 4, "5.10") SAMPLE_SUMMARY(0), false);
	ck_assert_int_eq(compare_allowed(files, 2, false, false, &error), -1);
	ck_assert_msg(strstr(error.text, "is shard 1 of 2: join"), "%s", error.text);
	ck_assert_int_eq(compare_allowed(files, 2, true, false, &error), 0);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("compare");

	unsetenv("COLUMNS");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, equal_files_are_equal);
	tcase_add_test(tests, paths_are_compared);
	tcase_add_test(tests, one_cause_is_one_group);
	tcase_add_test(tests, the_table_has_a_column_a_file);
	tcase_add_test(tests, a_page_has_the_groups_and_every_cell);
	tcase_add_test(tests, a_page_names_files_in_a_row_by_their_ends);
	tcase_add_test(tests, machines_get_every_cell);
	tcase_add_test(tests, what_was_not_seen_differs_from_nothing);
	tcase_add_test(tests, a_mixed_cell_is_not_compared);
	tcase_add_test(tests, a_difference_counts_although_another_file_is_unsure);
	tcase_add_test(tests, cells_in_some_files_only_are_reported);
	tcase_add_test(tests, a_wider_baseline_is_cut_to_what_was_asked);
	tcase_add_test(tests, fields_that_were_not_recorded_differ_from_nothing);
	tcase_add_test(tests, repeats_show_all_that_was_seen);
	tcase_add_test(tests, a_repeat_that_knows_less);
	tcase_add_test(tests, fields_are_compared_when_asked_for);
	tcase_add_test(tests, columns_are_named_apart);
	tcase_add_test(tests, what_cannot_be_compared_is_refused);
	return run_suite("compare", tests, NULL);
}
