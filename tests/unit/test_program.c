/* test_program.c - whole command lines, for what needs neither lab nor network: what is printed where, and the exit code. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The program itself, under another name. */
int program_main(int argc, char **argv);
#define main program_main
#include "harness/commands/main.c"
#undef main

#include "harness/report/text.h"
#include "tests/unit/sample_results.h"

#include "tests/unit/suite.h"

enum { OUTPUT_SIZE = 1 << 17, WORDS_MAX = 16 };

struct ran {
	int code;
	char out[OUTPUT_SIZE], err[OUTPUT_SIZE];
};

static struct ran ran;

static int redirect(int descriptor, FILE *file)
{
	int before = dup(descriptor);

	ck_assert_int_ge(dup2(fileno(file), descriptor), 0);
	return before;
}

static void read_back(FILE *file, int descriptor, int before, char text[static OUTPUT_SIZE])
{
	dup2(before, descriptor);
	close(before);
	rewind(file);
	text[fread(text, 1, OUTPUT_SIZE - 1, file)] = '\0';
	fclose(file);
}

/* Runs "twprobe LINE", words between blanks. */
static void run_line(const char *line)
{
	char words[1024], *argv[WORDS_MAX + 1] = { (char *)"twprobe" };
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 1, before_out, before_err;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	fflush(stdout);
	before_out = redirect(STDOUT_FILENO, out);
	before_err = redirect(STDERR_FILENO, err);
	ran.code = program_main(argc, argv);
	fflush(stdout);
	fflush(stderr);
	read_back(out, STDOUT_FILENO, before_out, ran.out);
	read_back(err, STDERR_FILENO, before_err, ran.err);
}

static void has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "'%s' in:\n%s", part, text);
}

/* What succeeds says so on standard output alone; what is refused on standard error alone, in one line, with 2. */
static const struct {
	const char *line;
	int code;
	const char *part; /* of what is printed */
} lines[] = {
	{ "--version", 0, "twprobe " TWPROBE_VERSION "\n" },
	{ "matrix -V", 0, "twprobe " TWPROBE_VERSION "\n" },
	{ "--help", 0, "twprobe matrix" },
	{ "explain --help", 0, "twprobe explain" },
	{ "compare -h", 0, "--baseline" },
	{ "serve --help", 0, "--hold" },
	{ "map --help", 0, "--refine" },
	{ "scenario --help", 0, "--slow" },
	{ "why --help", 0, "twprobe why" },
	{ "list --help", 0, "twprobe list" },
	{ "matrx", 2, "unknown command 'matrx'" },
	{ "matrx", 2, "did you mean matrix?" },
	{ "time-wait", 2, "'time-wait' is a state" },
	{ "fin-wait-1", 2, "--state=fin-wait-1" },
	{ "rst-ack", 2, "'rst-ack' is a segment" },
	{ "tw-syn-refused", 2, "twprobe explain tw-syn-refused" },
	{ "explain tw-syn-refused", 0, "What helps: " },
	{ "list findings", 0, "\ntw-syn-refused\n" },
	{ "--no-such-option", 2, "--no-such-option" },
	{ "--state=nowhere", 2, "nowhere" },
	{ "matrix --state=listen", 2, "--state" },
	{ "explain", 2, "expected" },
	{ "explain time-wait/syn", 2, "time-wait/syn" },
	{ "explain time-wait/syn/seq-below/ts-above --kernel=x", 2, "--kernel" },
	{ "compare", 2, "compare" },
	{ "compare one.ndjson", 2, "at least two" },
	{ "compare --merge", 2, "--merge" },
	{ "compare --merge --fields a b", 2, "--merge" },
	{ "compare --format=x a b", 2, "--format=x" },
	{ "compare /nonexistent/a /nonexistent/b", 2, "/nonexistent/a" },
	{ "list nothing", 2, "nothing" },
};

START_TEST(a_command_line)
{
	run_line(lines[_i].line);
	ck_assert_msg(ran.code == lines[_i].code, "%s: exit %d: %s", lines[_i].line, ran.code, ran.err);
	has(ran.code ? ran.err : ran.out, lines[_i].part);
	ck_assert_str_eq(ran.code ? ran.out : ran.err, "");
	if (!ran.code)
		return;
	ck_assert_int_eq(strncmp(ran.err, "twprobe: ", 9), 0);
	ck_assert_ptr_eq(strchr(ran.err, '\n'), ran.err + strlen(ran.err) - 1);
}
END_TEST

/* --help fits the terminal, whatever its width: nothing but a word without a blank is longer. */
START_TEST(help_fits)
{
	static const int widths[] = { 50, 80, 140 };
	char columns[16];

	snprintf(columns, sizeof(columns), "%d", widths[_i]);
	setenv("COLUMNS", columns, 1);
	run_line("matrix --help");
	for (char *line = strtok(ran.out, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(text_width(line) <= (size_t)widths[_i] || !strchr(line + strspn(line, " "), ' '), "%s", line);
}
END_TEST

/* --- list --- */

START_TEST(lists)
{
	run_line("list");
	ck_assert_int_eq(ran.code, 0);
	for (enum state state = 0; state < STATE_COUNT; state++)
		has(ran.out, state_name(state));
	for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++)
		has(ran.out, stimulus_kind_name(kind));
	has(ran.out, "(448 cells)");
	has(ran.out, "tw-lifetime");
	has(ran.out, "(more with --slow)");
}
END_TEST

/* One list alone is its names, one a line: for scripts. */
START_TEST(one_list)
{
	size_t count = 0;

	run_line("list states");
	ck_assert_int_eq(ran.code, 0);
	for (char *line = strtok(ran.out, "\n"); line; line = strtok(NULL, "\n"), count++)
		ck_assert_int_ne(state_parse(line), STATE_UNKNOWN);
	ck_assert_uint_eq(count, STATE_COUNT);
}
END_TEST

/* A file that cannot be read is named, and the others are listed all the same. */
START_TEST(a_list_with_a_bad_file)
{
	struct sample_folder folder;

	sample_folder_open(&folder);
	sample_file(&folder, "bad.yaml", "matrix: [\n");
	sample_file(&folder, "good.yaml", "name: good\ndescription: Mine.\nblocks:\n  - state: time-wait\n"
		    "    segment: [syn, ack]\n");
	setenv("TWPROBE_CASES", folder.folder, 1);
	run_line("list");
	ck_assert_int_eq(ran.code, 2);
	has(ran.err, "bad.yaml");
	has(ran.out, "Mine. (2 cells)");
	sample_folder_close(&folder);
}
END_TEST

/* --- explain --- */

/* tcp_timewait_state_process: a SYN that is newer by sequence number or by timestamp reopens TIME_WAIT, and before 6.10 its ISN
 * was a fresh one. The folk rule wants both to be newer. */
static const struct {
	const char *line, *parts[4];
} explained[] = {
	{ "explain --kernel=6.18 time-wait/syn/seq-below/ts-above",
	  { "linux    syn-ack, ISN continued", "tcp_timewait_state_process", "folk     ack", "Linux 6.18" } },
	{ "explain --kernel=5.15 time-wait/syn/seq-below/ts-above", { "linux    syn-ack, ISN fresh" } },
	{ "explain --kernel=any time-wait/syn/seq-below/ts-above",
	  { "ISN continued", "ISN fresh", "every Linux from 5.10 on" } },
	{ "explain --kernel=6.18 time-wait/syn/seq-below/ts-below", { "linux    ack", "folk     ack" } },
	{ "explain --kernel=3.10 established/syn/seq-above/ts-above", { "was read and run from 5.10 on" } },
	{ "explain --kernel=6.18 time-wait/rst/seq-equal/ts-equal/tcp_rfc1337=1", { "linux    silence" } },
	{ "explain --kernel=6.18 time-wait/syn/seq-above/ts-above/tcp_max_tw_buckets=0", { "the listener gets the segment" } },
};

START_TEST(explanations)
{
	run_line(explained[_i].line);
	ck_assert_msg(ran.code == 0, "%s", ran.err);
	for (int i = 0; i < 4 && explained[_i].parts[i]; i++)
		has(ran.out, explained[_i].parts[i]);
	has(ran.out, "rfc    ");
}
END_TEST

/* --- compare --- */

#define A SAMPLE_CELL(0, "time-wait/syn/seq-below/ts-above", "\"syn-ack\"", "\"continued\"", "\"syn-recv\"")
#define B SAMPLE_CELL(0, "time-wait/syn/seq-below/ts-above", "\"ack\"", "null", "\"time-wait\"")

START_TEST(two_files)
{
	static const char *const formats[] = { "table", "json", "tap", "markdown" };
	struct sample_folder folder;
	const char *one, *same, *other;
	char line[400];

	sample_folder_open(&folder);
	one = sample_file(&folder, "one", SAMPLE_RUN("6.18.1", 1) A SAMPLE_SUMMARY(1));
	same = sample_file(&folder, "same", SAMPLE_RUN("6.18.2", 1) A SAMPLE_SUMMARY(1));
	other = sample_file(&folder, "other", SAMPLE_RUN("5.10.1", 1) B SAMPLE_SUMMARY(1));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		snprintf(line, sizeof(line), "compare --format=%s %s %s", formats[i], one, same);
		run_line(line);
		ck_assert_msg(ran.code == 0, "%s: %s", formats[i], ran.err);
		snprintf(line, sizeof(line), "compare --format=%s --baseline=%s %s", formats[i], one, other);
		run_line(line);
		ck_assert_msg(ran.code == 1, "%s: %s", formats[i], ran.err);
		has(ran.out, "time-wait/syn");
		lacks(ran.err, "twprobe");
	}
	sample_folder_close(&folder);
}
END_TEST

START_TEST(shards_are_merged)
{
	struct sample_folder folder;
	const char *one, *two;
	char line[400];

	sample_folder_open(&folder);
	one = sample_file(&folder, "one", SAMPLE_SHARD("1/2", 1, 2, "6.18.1") A SAMPLE_SUMMARY(1));
	two = sample_file(&folder, "two", SAMPLE_SHARD("2/2", 1, 2, "6.18.1")
			  SAMPLE_CELL(1, "time-wait/syn/seq-below/ts-below", "\"ack\"", "null", "\"time-wait\"")
			  SAMPLE_SUMMARY(1));
	snprintf(line, sizeof(line), "compare --merge %s %s", two, one);
	run_line(line);
	ck_assert_msg(ran.code == 0, "%s", ran.err);
	has(ran.err, "merged 2 shards: 2 cells\n");
	ck_assert(strstr(ran.out, "ts-above") < strstr(ran.out, "ts-below")); /* in the order of the matrix */
	snprintf(line, sizeof(line), "compare --merge %s", one);
	run_line(line);
	ck_assert_int_eq(ran.code, 2);
	ck_assert_str_eq(ran.out, "");
	sample_folder_close(&folder);
}
END_TEST

/* --- standard output --- */

/* What could not be printed is no success. */
START_TEST(a_full_disk)
{
	int full = open("/dev/full", O_WRONLY), before;
	FILE *err = tmpfile();
	int before_err = redirect(STDERR_FILENO, err);

	fflush(stdout);
	before = dup(STDOUT_FILENO);
	dup2(full, STDOUT_FILENO);
	ran.code = program_main(2, (char *[]){ (char *)"twprobe", (char *)"list", NULL });
	dup2(before, STDOUT_FILENO);
	read_back(err, STDERR_FILENO, before_err, ran.err);
	has(ran.err, "twprobe: cannot write to standard output: No space left on device\n");
	clearerr(stdout);
	ck_assert_int_eq(ran.code, EXIT_CANNOT_RUN);
}
END_TEST

int main(void)
{
	TCase *line = tcase_create("line"), *compare = tcase_create("compare"), *out = tcase_create("output");

	setenv("TWPROBE_CASES", "cases", 1);
	setenv("COLUMNS", "100", 1);
	tcase_add_loop_test(line, a_command_line, 0, ROWS(lines));
	tcase_add_loop_test(line, help_fits, 0, 3);
	tcase_add_test(line, lists);
	tcase_add_test(line, one_list);
	tcase_add_loop_test(line, explanations, 0, ROWS(explained));
	tcase_add_test(compare, two_files);
	tcase_add_test(compare, shards_are_merged);
	tcase_add_test(out, a_list_with_a_bad_file);
	tcase_add_test(out, a_full_disk);
	return run_suite("program", line, compare, out, NULL);
}
