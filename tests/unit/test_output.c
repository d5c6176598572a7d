/* test_output.c - the files that a command line names, standard output, the line of progress, how many go at a time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crafter/plain.h"
#include "harness/commands/in_flight.h"
#include "harness/commands/output.h"
#include "harness/report/progress.h"
#include "harness/run/exit_code.h"
#include "tests/unit/child_exit.h"
#include "tests/unit/text_file.h"

#include "tests/unit/suite.h"

static char folder[64], path[96];

static void set_up(void)
{
	strcpy(folder, "/tmp/twprobe-output-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
}

static void tear_down(void)
{
	unlink(path);
	rmdir(folder);
}

static struct output *opened(const char *name)
{
	struct error error = { "" };
	struct output *output = output_open("-o ", name, &error);

	ck_assert_msg(output != NULL, "%s", error.text);
	return output;
}

static bool is_there(void)
{
	return access(path, F_OK) == 0;
}

/* --- files --- */

/* A file of ours stays only if there is something in it. */
START_TEST(a_file_that_was_made)
{
	bool kept = _i == 1;
	struct output *output = opened(path);

	ck_assert(is_there());
	ck_assert_int_gt(output_descriptor(output), 2);
	if (kept)
		output_keep(output);
	output_close(output);
	ck_assert_int_eq(is_there(), kept);
}
END_TEST

/* Whatever ends us: who holds the other end of the socket sees it, and removes the file. */
START_TEST(whatever_ends_us)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		opened(path);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	for (int i = 0; i < 500 && is_there(); i++)
		usleep(10000);
	ck_assert(!is_there());
}
END_TEST

/* What was there before is not ours to remove, nor is what has taken its place. */
START_TEST(files_of_others)
{
	struct output *output;
	FILE *file = fopen(path, "w");

	ck_assert_int_eq(fputs("old", file), 1);
	fclose(file);
	output = opened(path);
	output_close(output);
	ck_assert(is_there());
	unlink(path);
	output = opened(path);
	unlink(path);
	fclose(fopen(path, "w"));
	output_close(output);
	ck_assert(is_there());
}
END_TEST

static const char *content(void)
{
	static char text[32];
	FILE *file = fopen(path, "r");

	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static size_t files_in_folder(void)
{
	struct dirent **list;
	int count = scandir(folder, &list, NULL, NULL);

	for (int i = 0; i < count; i++)
		free(list[i]);
	free(list);
	return (size_t)count - 2;
}

/* What is of use only as a whole: until it is kept, and if it never is, the old one is there as it was; also through a link. */
START_TEST(the_old_or_the_new)
{
	char link[128], *name = _i & 1 ? link : path;
	bool kept = _i & 2;
	struct error error = { "" };
	struct output *output;
	struct stat now;

	snprintf(link, sizeof(link), "%s/link", folder);
	ck_assert_int_eq(symlink("file", link), 0);
	text_file_write(folder, "file", "old");
	ck_assert_int_eq(chmod(path, 0640), 0);
	output = output_open_whole("-o ", name, &error);
	ck_assert_msg(output != NULL, "%s", error.text);
	ck_assert_int_eq(write(output_descriptor(output), "new", 3), 3);
	ck_assert_str_eq(content(), "old");
	if (kept)
		ck_assert_int_eq(output_keep(output), 0);
	output_close(output);
	ck_assert_str_eq(content(), kept ? "new" : "old");
	ck_assert_uint_eq(files_in_folder(), 2);
	ck_assert_int_eq(stat(path, &now), 0);
	ck_assert_uint_eq(now.st_mode & 07777, 0640);
	ck_assert(lstat(link, &now) == 0 && S_ISLNK(now.st_mode));
	unlink(link);
}
END_TEST

START_TEST(what_cannot_take_its_place)
{
	struct error error = { "" };
	struct output *output;

	text_file_write(folder, "file", "old");
	output = output_open_whole("-o ", path, &error);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(output_keep(output), -1);
	ck_assert_uint_eq(files_in_folder(), 1);
	output_close(output);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(files_that_cannot_be)
{
	struct error error = { "" };
	char missing[128];

	snprintf(missing, sizeof(missing), "%s/none/file", folder);
	ck_assert_ptr_null(output_open("-o ", missing, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "none/file: cannot be written: No such file or directory"));
	output_keep(NULL);
	output_close(NULL);
	ck_assert_int_eq(output_descriptor(NULL), 0);
}
END_TEST

/* "-": what is written goes to standard output, and what was printed there goes to standard error. */
START_TEST(standard_output)
{
	FILE *out = tmpfile(), *err = tmpfile();
	struct output *output;
	char text[32] = "";

	fflush(stdout);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	output = opened("-");
	ck_assert_int_eq(write(output_descriptor(output), "data", 4), 4);
	printf("words\n");
	fflush(stdout);
	output_keep(output);
	output_close(output);
	ck_assert_int_eq(pread(fileno(out), text, sizeof(text), 0), 4);
	ck_assert_int_eq(memcmp(text, "data", 4), 0);
	ck_assert_int_eq(pread(fileno(err), text, sizeof(text), 0), 6);
	ck_assert_int_eq(memcmp(text, "words\n", 6), 0);
}
END_TEST

/* With 4 something was said already; else what could not be written turns success into 4. */
static const struct {
	int code;
	bool full;
	int finished;
} finishes[] = {
	{ EXIT_AGREES, false, EXIT_AGREES }, { EXIT_DIFFERS, false, EXIT_DIFFERS },
	{ EXIT_AGREES, true, EXIT_CANNOT_RUN }, { EXIT_DIFFERS, true, EXIT_CANNOT_RUN },
	{ EXIT_CANNOT_RUN, true, EXIT_CANNOT_RUN },
};

START_TEST(the_last_word)
{
	FILE *err = tmpfile();
	char text[200] = "";

	fflush(stdout);
	dup2(open(finishes[_i].full ? "/dev/full" : "/dev/null", O_WRONLY), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	printf("words\n");
	ck_assert_int_eq(output_finish(finishes[_i].code), finishes[_i].finished);
	ck_assert_int_ge(pread(fileno(err), text, sizeof(text) - 1, 0), 0);
	ck_assert_int_eq(strstr(text, "No space left on device") != NULL,
			 finishes[_i].full && finishes[_i].code != EXIT_CANNOT_RUN);
}
END_TEST

/* A descriptor that is closed would become the next file's: then a message would go into it. */
START_TEST(closed_descriptors)
{
	int next;

	close(STDIN_FILENO);
	close(STDERR_FILENO);
	output_prepare();
	next = open("/dev/null", O_RDONLY);
	ck_assert_int_gt(next, 2);
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_GETFL) & O_ACCMODE, O_RDWR);
	/* What reads the closed standard input gets an error and no data. */
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE, O_WRONLY);
	close(next);
}
END_TEST

/* A terminal that reads no UTF-8 gets none. */
static const struct {
	const char *locale;
	bool utf8;
} locales[] = {
	{ "C", false }, { "C.UTF-8", true }, { "xx_XX.UTF-8", true }, { "xx_XX.utf8", true }, { "xx_XX.ISO-8859-1", false },
};

START_TEST(what_the_terminal_reads)
{
	char text[8];

	unsetenv("LC_CTYPE");
	unsetenv("LANG");
	setenv("LC_ALL", locales[_i].locale, 1);
	output_prepare();
	plain_show("ä", text, sizeof(text));
	ck_assert_int_eq(strcmp(text, "ä") == 0, locales[_i].utf8);
}
END_TEST

/* --- progress --- */

/* Lines that a terminal was sent, as it would show them. */
static void read_terminal(int terminal, char *line, size_t size)
{
	size_t column = 0, used = 0;
	char bytes[1024];
	ssize_t got;

	usleep(20000);
	got = read(terminal, bytes, sizeof(bytes));
	memset(line, 0, size);
	for (ssize_t i = 0; i < got && column + 1 < size; i++) {
		if (bytes[i] == '\r') {
			column = 0;
			continue;
		}
		line[column++] = bytes[i];
		used = column > used ? column : used;
	}
	while (used && line[used - 1] == ' ')
		line[--used] = '\0';
}

static int open_terminal(void)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), own;

	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		return -1;
	own = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	dup2(own, STDERR_FILENO);
	dup2(own, STDOUT_FILENO);
	return terminal;
}

/* Nothing for what is over soon; then one line, whose end is cut where the terminal's is; gone at the end. */
START_TEST(the_line_of_progress)
{
	int terminal = open_terminal();
	struct tally tally = { .begun_ns = 1000000000, .ended_ns = 5000000000, .decided = 400 };
	struct progress *progress;
	char line[256];

	if (terminal < 0)
		return; /* a machine without terminals */
	fcntl(terminal, F_SETFL, O_NONBLOCK);
	setenv("COLUMNS", "60", 1);
	tally.verdicts[VERDICT_INCONCLUSIVE] = 3;
	progress = progress_open();
	ck_assert_ptr_nonnull(progress);
	progress_show(progress, &tally, 1000);
	read_terminal(terminal, line, sizeof(line));
	ck_assert_str_eq(line, "");
	usleep(2100000);
	progress_show(progress, &tally, 1000);
	read_terminal(terminal, line, sizeof(line));
	/* 400 in 4 s: 100 a second, 600 left. */
	ck_assert_str_eq(line, "400 of 1000 cells, 100 cells/s, 6 s left, 3 inconclusive");
	progress_line(progress, "short");
	read_terminal(terminal, line, sizeof(line));
	ck_assert_str_eq(line, "short");
	progress_line(progress, "%080d", 1);
	read_terminal(terminal, line, sizeof(line));
	ck_assert_uint_eq(strlen(line), 59);
	progress_hide(progress);
	read_terminal(terminal, line, sizeof(line));
	ck_assert_str_eq(line, "");
	progress_restore(progress);
	read_terminal(terminal, line, sizeof(line));
	ck_assert_uint_eq(strlen(line), 59);
	progress_close(progress);
	read_terminal(terminal, line, sizeof(line));
	ck_assert_str_eq(line, "");
}
END_TEST

/* Not into a file; and who has none shows none. */
START_TEST(no_terminal)
{
	struct progress *none;

	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	none = progress_open();
	ck_assert_ptr_null(none);
	progress_line(none, "nothing");
	progress_hide(none);
	progress_restore(none);
	progress_close(none);
}
END_TEST

/* --- how many at a time --- */

/* Towards a target each takes a descriptor, and ports that were given back keep theirs for a while: half of them. */
START_TEST(as_many_as_there_are_descriptors)
{
	struct rlimit limit = { 200, 200 };
	struct options options = { .in_flight = 1000 };
	struct error error = { "" };
	FILE *err = tmpfile();
	char text[200] = "";
	size_t in_flight;

	dup2(fileno(err), STDERR_FILENO);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(in_flight_choose(NULL, &options, 5, &in_flight, &error), 0);
	ck_assert_uint_eq(in_flight, 5);
	ck_assert_int_eq(in_flight_choose(NULL, &options, 5000, &in_flight, &error), 0);
	ck_assert_uint_le(in_flight, 100);
	ck_assert_uint_ge(in_flight, 60);
	ck_assert_int_gt(pread(fileno(err), text, sizeof(text) - 1, 0), 0);
	ck_assert_ptr_nonnull(strstr(text, "in flight, not 1000"));
	limit.rlim_cur = limit.rlim_max = 20;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(in_flight_choose(NULL, &options, 5000, &in_flight, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "20 descriptors are too few for a connection"));
}
END_TEST

int main(void)
{
	TCase *files = tcase_create("files"), *standard = tcase_create("standard"), *progress = tcase_create("progress");

	/* They close what everybody has, and leave themselves few descriptors. */
	setenv("CK_FORK", "yes", 1);
	tcase_add_checked_fixture(files, set_up, tear_down);
	tcase_add_loop_test(files, a_file_that_was_made, 0, 2);
	tcase_add_test(files, whatever_ends_us);
	tcase_add_test(files, files_of_others);
	tcase_add_loop_test(files, the_old_or_the_new, 0, 4);
	tcase_add_test(files, what_cannot_take_its_place);
	tcase_add_test(files, files_that_cannot_be);
	tcase_add_test(standard, standard_output);
	tcase_add_loop_test(standard, the_last_word, 0, ROWS(finishes));
	tcase_add_test(standard, closed_descriptors);
	tcase_add_loop_test(standard, what_the_terminal_reads, 0, ROWS(locales));
	tcase_add_test(progress, the_line_of_progress);
	tcase_add_test(progress, no_terminal);
	tcase_add_test(progress, as_many_as_there_are_descriptors);
	tcase_set_timeout(progress, 20);
	return run_suite("output", files, standard, progress, NULL);
}
