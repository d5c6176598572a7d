/* test_merge.c - shards that become the result file of the whole run, and what is none. */
#include "tests/unit/read_files.h"

#include "harness/results/merge.h"

#include "tests/unit/has.h"

#include "tests/unit/suite.h"

static int merge_all(char **text)
{
	size_t size;
	FILE *out = open_memstream(text, &size);
	int result = merge(files, count, out, &error);

	fclose(out);
	return result;
}

START_TEST(shards_become_one_run)
{
	char *text = NULL;

	add("b", SAMPLE_SHARD("2/2", 1, 3, "6.1") SAMPLE_ACK(2, C) SAMPLE_SUMMARY(1), false);
	add("a", SAMPLE_SHARD("1/2", 2, 3, "6.1") SAMPLE_ACK(0, A) SAMPLE_ACK(1, B) SAMPLE_SUMMARY(2), false);
	ck_assert_msg(!merge_all(&text), "%s", error.text);
	assert_has(text, "\"cells\":3,\"matrix_cells\":3,\"repeat\":1,\"shard\":null,\"seed\":1,"
			 "\"started\":\"2026-01-01T00:00:01Z\",\"sysctls\":{}}\n" SAMPLE_ACK(0, A) SAMPLE_ACK(1, B)
			 SAMPLE_ACK(2, C) "{\"record\":\"summary\",\"cells\":3,\"agrees\":3,");
	assert_has(text, "\"otherwise\":{\"folk\":2},\"seconds\":1.0,\"cells_per_second\":3.0,\"interrupted\":false,"
			 "\"exit\":0}\n");
	add("m", text, false); /* a valid result file */
	ck_assert_uint_eq(files[2]->count, 3);
	free(text);
}
END_TEST

/* A pipe cannot be read twice, and merging does. */
START_TEST(a_shard_comes_from_a_pipe)
{
	static const char shard[] = SAMPLE_SHARD("2/2", 1, 2, "6.1") SAMPLE_ACK(1, B) SAMPLE_SUMMARY(1);
	int ends[2], old = dup(STDIN_FILENO);
	char *text = NULL;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], shard, strlen(shard)), (ssize_t)strlen(shard));
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	files[count] = results_read_twice("-", &pool, NULL, &error);
	dup2(old, STDIN_FILENO);
	close(old);
	ck_assert_msg(files[count++], "%s", error.text);
	add("a", SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), false);
	ck_assert_msg(!merge_all(&text), "%s", error.text);
	assert_has(text, "}\n" SAMPLE_ACK(0, A) SAMPLE_ACK(1, B) "{\"record\":\"summary\",\"cells\":2,");
	free(text);
}
END_TEST

/* More than half of what a number holds. */
#define SUMMARY_HUGE "{\"record\":\"summary\",\"cells\":1,\"segments_sent\":9223372036854775807,\"seconds\":0.5}\n"

static const struct {
	const char *one, *other, *message;
} unmergeable[] = {
	{ SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("2/2", 1, 2, "6.2") SAMPLE_ACK(1, B) SAMPLE_SUMMARY(1), "\"kernel\" is \"6.1\" in" },
	{ SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("2/2", 1, 3, "6.1") SAMPLE_ACK(1, B) SAMPLE_SUMMARY(1), "\"matrix_cells\" is 2 in" },
	{ SAMPLE_SHARD("1/3", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("3/3", 1, 2, "6.1") SAMPLE_ACK(1, B) SAMPLE_SUMMARY(1), "shard 2 of 3 is missing" },
	{ SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), "shard 1 of 2 is given twice" },
	{ SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("2/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), "cell number 0 is in" },
	{ SAMPLE_SHARD("1/2", 1, 3, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("2/2", 1, 3, "6.1") SAMPLE_ACK(2, C) SAMPLE_SUMMARY(1),
	  "cell number 1 is in none of the files; the whole run has 3" },
	{ SAMPLE_SHARD("1/2", 1, 3, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("2/2", 1, 3, "6.1") SAMPLE_ACK(1, B) SAMPLE_SUMMARY(1),
	  "cell number 2 is in none of the files; the whole run has 3" },
	{ SAMPLE_SHARD("1/2", 1, 1, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_RUN("6.1", 1) SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1), "is not a shard: its run record has no" },
	{ SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SAMPLE_SUMMARY(1),
	  SAMPLE_SHARD("1/3", 1, 2, "6.1") SAMPLE_ACK(1, B) SAMPLE_SUMMARY(1), "is one of 2" },
	{ SAMPLE_SHARD("1/2", 1, 2, "6.1") SAMPLE_ACK(0, A) SUMMARY_HUGE,
	  SAMPLE_SHARD("2/2", 1, 2, "6.1") SAMPLE_ACK(1, B) SUMMARY_HUGE, "numbers \"segments_sent\" of the summaries" },
};

START_TEST(what_is_no_whole_run_is_not_merged)
{
	char *text = NULL;

	add("a", unmergeable[_i].one, false);
	add("b", unmergeable[_i].other, false);
	ck_assert_int_eq(merge_all(&text), -1);
	ck_assert_msg(strstr(error.text, unmergeable[_i].message), "'%s' does not say '%s'", error.text,
		      unmergeable[_i].message);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("merge");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, shards_become_one_run);
	tcase_add_test(tests, a_shard_comes_from_a_pipe);
	tcase_add_loop_test(tests, what_is_no_whole_run_is_not_merged, 0, ROWS(unmergeable));
	return run_suite("merge", tests, NULL);
}
