/* test_stream.c - why something was not written, also when that was long ago. */
#include "crafter/stream.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/suite.h"

START_TEST(it_got_through)
{
	struct error error = { "" };
	FILE *file = tmpfile();

	fputs("word", file);
	ck_assert_int_eq(stream_finish(file, "it", &error), 0);
	ck_assert_int_eq(ftell(file), 4);
	fclose(file);
}
END_TEST

static void print_much(FILE *out)
{
	for (int i = 0; i < 10000; i++)
		fputs("words ", out);
	errno = ENOENT;
}

START_TEST(a_full_disk)
{
	FILE *full = fopen("/dev/full", "w");
	struct error error = { "" };

	print_much(full);
	fflush(full);
	errno = ENOENT;
	ck_assert_int_eq(stream_finish(full, "the report", &error), -1);
	ck_assert_str_eq(error.text, "cannot write the report: No space left on device");
	fclose(full);
}
END_TEST

START_TEST(a_reader_that_went_away)
{
	struct error error = { "" };
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	dup2(ends[1], STDOUT_FILENO);
	print_much(stdout);
	ck_assert_int_eq(stream_finish(stdout, NULL, &error), -1);
	ck_assert_str_eq(error.text, "cannot write to standard output: Broken pipe");
	print_much(stdout);
	ck_assert_int_eq(stream_finish(stdout, "the map", &error), -1);
	ck_assert_str_eq(error.text, "cannot write the map to standard output: Broken pipe");
	dup2(STDERR_FILENO, STDOUT_FILENO);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stream");

	tcase_add_test(tcase, it_got_through);
	tcase_add_test(tcase, a_full_disk);
	tcase_add_test(tcase, a_reader_that_went_away);
	return run_suite("stream", tcase, NULL);
}
