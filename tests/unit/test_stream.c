/* test_stream.c - why something was not written, also when that was long ago. */
#include "crafter/stream.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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
	int ends[2], before = dup(STDOUT_FILENO);

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
	dup2(before, STDOUT_FILENO);
	close(before);
	clearerr(stdout);
}
END_TEST

static int take(void *context, char *line, size_t length, struct error *error)
{
	size_t *lines = context;

	ck_assert_uint_eq(strlen(line), length);
	snprintf(error->text, sizeof(error->text), "this one");
	*lines += line[0] != '!';
	return line[0] == '!' ? -1 : 0;
}

START_TEST(line_by_line)
{
	char path[] = "/tmp/twprobe-stream-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct error error = { "" };
	char wanted[64];
	size_t lines = 0;

	fputs("one\n\nlast", file);
	fflush(file);
	ck_assert_int_eq(stream_lines(path, take, &lines, &error), 0);
	ck_assert_uint_eq(lines, 3);
	fputs("\n!\nmore\n", file);
	fclose(file);
	ck_assert_int_eq(stream_lines(path, take, &lines, &error), -1);
	ck_assert_uint_eq(lines, 6);
	snprintf(wanted, sizeof(wanted), "%s:4: this one", path);
	ck_assert_str_eq(error.text, wanted);
	unlink(path);
	ck_assert_int_eq(stream_lines("/nowhere/x", take, &lines, &error), -1);
	ck_assert_str_eq(error.text, "/nowhere/x: No such file or directory");
	ck_assert_int_eq(stream_lines("/tmp", take, &lines, &error), -1);
	ck_assert_str_eq(error.text, "/tmp: cannot be read: Is a directory");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stream");

	tcase_add_test(tcase, line_by_line);
	tcase_add_test(tcase, it_got_through);
	tcase_add_test(tcase, a_full_disk);
	tcase_add_test(tcase, a_reader_that_went_away);
	return run_suite("stream", tcase, NULL);
}
