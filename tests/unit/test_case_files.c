/* test_case_files.c - the shipped case files, how files are found by name, and files that cannot be read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/case_file.h"
#include "cases/matrix/matrix.h"

#include "tests/unit/named_cell.h"
#include "tests/unit/text_file.h"

/* Cells of a shipped file: all different, all read back from their names. */
static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void check_distinct(const struct matrix *matrix)
{
	size_t count = matrix_count(matrix);
	char (*names)[CELL_NAME_SIZE] = calloc(count, sizeof(*names));
	struct cell cell, read;

	for (size_t i = 0; i < count; i++) {
		matrix_cell(matrix, i, &cell);
		cell_name(&cell, names[i], sizeof(names[i]));
		read = named_cell(names[i]);
		ck_assert(same_cell(&cell, &read));
	}
	qsort(names, count, sizeof(names[0]), compare_texts);
	for (size_t i = 1; i < count; i++)
		ck_assert_str_ne(names[i - 1], names[i]);
	free(names);
}

static const struct {
	const char *name;
	size_t count;
} shipped[] = {
	{ "time-wait", 8 * 7 * 2 * 4 }, /* seq x ts x connection timestamps x settings of the server */
	{ "time-wait-rst", 3 * 4 * 2 },
	{ "all", 10 * 11 * 8 * 4 },
	{ "flags", STATE_COUNT * 18 * 4 * 3 + STATE_COUNT * 5 * 3 * 2 * 2 },
	{ "payload", STATE_COUNT * 14 * 2 * 6 * 2 },
	{ "acks", STATE_COUNT * 5 * 9 * 3 * 2 },
	{ "timestamps", STATE_COUNT * 7 * 5 * 3 * 6 + STATE_COUNT * 5 * 7 * 3 * 2 + 2 * 3 * 2 },
	{ "options", STATE_COUNT * 8 * 14 * 3 * 3 + STATE_COUNT * 10 * 3 * 2 + STATE_COUNT * 2 + 2 * 3 * 2 * 2 * 2 * 5 },
	{ "icmp", STATE_COUNT * (2 * 7 + 1) * 4 + STATE_COUNT * (2 * 2 + 2) * 4 },
	{ "windows", STATE_COUNT * 5 * 4 * 2 * 3 + STATE_COUNT * 11 * 5 * 3 },
	{ "closed", 2 * 11 * 4 * 2 },
	{ "syn-sent", 2 * 2 * (5 * 5 + 6) * 3 * 2 }, /* five kinds have an acknowledgment, with five numbers */
	{ "conditions", 5 * 2 * 5 * 4 + 5 * 2 * 3 * 2 + STATE_COUNT * 2 * 5 * 2 + STATE_COUNT * 2 * 3 * 2 +
	  3 * 7 * 2 * 2 + 3 * 4 * 2 + 2 * 2 * 4 * 3 * 3 + 5 * 3 * 2 * 2 + 2 * 5 * 3 + 2 * 5 * 2 + 5 * 5 * 2 + 2 * 3 * 5 +
	  7 * 3 + 13 * 3 * 2 + 3 * 6 * 3 + 2 * 4 * 2 + 14 * 2 * 2 * 4 * 2 + 2 * 2 * 2 * 3 + 2 * 2 * 2 * 2 + 8 * 2 * 2 * 2 * 2 },
	{ "receive-window", 3 * 3 * 8 * 5 * 2 + 3 * 3 * 4 + 3 * 7 * 7 * 2 + 3 * 4 * 5 + 11 * 3 * 6 + 11 * 4 * 2 },
	{ "half", 4 * (5 * 2 + 6) * 8 * 2 + 4 * 11 * 3 * 2 },
	{ "no-listener", 8 * 2 * 11 * 3 * 4 },
	{ "ecn", 12 * 2 * 2 * 4 * (4 * 3 + 2 * 2) + 2 * 2 * 4 * 4 * 2 + 3 * 3 * 3 },
	{ "rfc", 96 },
	{ "freebsd-suite", 2 * (2 * 8 * 2 + 4 * 2 + 4 * 3 * 2 + 2 * 4 * (1 + 4) + 6 * 2 * 4 + 3 * 5 + 5 * 4 + 14 + 12) },
	{ "packetdrill", 57 },
	{ "openings", 11 * 2 * 2 * 2 * 11 * 3 * 2 + 2 * 2 * (5 * 3 + 6) * 6 * 4 + 4 * 2 * 4 * 2 },
};

static struct matrix *load_shipped(const char *name)
{
	char path[300];
	struct error error = { "" };
	struct matrix *matrix;

	setenv("TWPROBE_CASES", "cases", 1);
	ck_assert_msg(case_file_find(CASE_FILE_MATRIX, name, path, sizeof(path), &error) == 0, "%s", error.text);
	matrix = matrix_load(path, &error);
	ck_assert_msg(matrix != NULL, "%s", error.text);
	return matrix;
}

/* Together they do; `all` alone stays as scripts know it. */
START_TEST(every_state_and_kind_is_asked_about)
{
	bool asked[STATE_COUNT][KIND_COUNT] = { { false } };

	for (size_t file = 0; file < ROWS(shipped); file++) {
		struct matrix *matrix = load_shipped(shipped[file].name);
		struct cell cell;

		for (size_t i = 0; i < matrix_count(matrix); i++) {
			matrix_cell(matrix, i, &cell);
			if (cell.stimulus.kind < KIND_COUNT)
				asked[cell.state][cell.stimulus.kind] = true;
		}
		matrix_free(matrix);
	}
	for (enum state state = 0; state < STATE_COUNT; state++)
		for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++)
			ck_assert_msg(asked[state][kind], "no shipped case file has %s/%s", state_name(state),
				      stimulus_kind_name(kind));
}
END_TEST

START_TEST(shipped_case_files)
{
	struct matrix *matrix = load_shipped(shipped[_i].name);

	ck_assert_str_eq(matrix_name(matrix), shipped[_i].name);
	ck_assert_uint_gt(strlen(matrix_description(matrix)), 0);
	ck_assert_uint_eq(matrix_count(matrix), shipped[_i].count);
	check_distinct(matrix);
	matrix_free(matrix);
}
END_TEST

START_TEST(every_shipped_file_is_tested)
{
	char names[64][CASE_FILE_NAME_SIZE];

	setenv("TWPROBE_CASES", "cases", 1);
	ck_assert_uint_eq(case_file_list(CASE_FILE_MATRIX, names, ROWS(names)), ROWS(shipped));
}
END_TEST

static size_t is_off(const struct cell *cell, bool at_probe)
{
	const char *value = conditions_value(&cell->conditions, "tcp_timestamps", at_probe);

	return value && strcmp(value, "0") == 0;
}

/* The client offers timestamps or not x the server wants them while connecting or not x when the SYN arrives: every
 * combination with every sequence number and timestamp. */
START_TEST(every_timestamp_condition_of_time_wait)
{
	struct matrix *matrix = load_shipped("time-wait");
	size_t counts[8] = { 0 };
	struct cell cell;

	for (size_t i = 0; i < matrix_count(matrix); i++) {
		matrix_cell(matrix, i, &cell);
		counts[4 * cell.connection_timestamps + 2 * is_off(&cell, false) + is_off(&cell, true)]++;
	}
	for (size_t i = 0; i < ROWS(counts); i++)
		ck_assert_uint_eq(counts[i], 8 * 7);
	matrix_free(matrix);
}
END_TEST

/* A little more than a case file may have. */
static void write_large_file(const char *folder, const char *name)
{
	static char text[7200 * 37 + 1];

	memset(text, '#', sizeof(text) - 1);
	text_file_write(folder, name, text);
}

static void remove_folder(const char *folder, const char *const *names, size_t count)
{
	char path[300];

	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

START_TEST(files_are_found_by_name)
{
	static const char *const files[] = { "b.yaml", "a.yaml", "notes.txt", ".hidden.yaml", "large.yaml" };
	char folder[] = "/tmp/test_case_files.XXXXXX", path[300], wanted[300], names[8][CASE_FILE_NAME_SIZE];
	struct error error = { "" };

	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("TWPROBE_CASES", folder, 1);
	for (size_t i = 0; i < 4; i++)
		text_file_write(folder, files[i], "name: x\nblocks: [{}]\n");
	ck_assert_uint_eq(case_file_list(CASE_FILE_MATRIX, names, ROWS(names)), 2);
	ck_assert_str_eq(names[0], "a");
	ck_assert_str_eq(names[1], "b");
	ck_assert_int_eq(case_file_find(CASE_FILE_MATRIX, "a", path, sizeof(path), &error), 0);
	snprintf(wanted, sizeof(wanted), "%s/a.yaml", folder);
	ck_assert_str_eq(path, wanted);
	ck_assert_int_eq(case_file_find(CASE_FILE_MATRIX, "c", path, sizeof(path), &error), -1);
	ck_assert_str_eq(error.text, "no matrix 'c': there are a, b; your own file is given by its path, such as "
			 "./c.yaml");
	ck_assert_int_eq(case_file_find(CASE_FILE_MATRIX, "c.yaml", path, sizeof(path), &error), 0);
	ck_assert_str_eq(path, "c.yaml");
	ck_assert_int_eq(case_file_find(CASE_FILE_MATRIX, "x/c", path, sizeof(path), &error), 0);
	ck_assert_str_eq(path, "x/c");
	write_large_file(folder, files[4]);
	snprintf(path, sizeof(path), "%s/large.yaml", folder);
	ck_assert_ptr_null(matrix_load(path, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "too large: expected a case file of at most 262144 bytes"));
	remove_folder(folder, files, ROWS(files));
	ck_assert_int_eq(case_file_find(CASE_FILE_MATRIX, "a", path, sizeof(path), &error), -1);
	ck_assert_str_eq(error.text, "no matrix 'a', and no case files were found: set TWPROBE_CASES to their folder");
}
END_TEST

static const struct {
	const char *path;
	int reason;
} unreadable[] = {
	{ "/nowhere/x.yaml", ENOENT },
	{ "/tmp", EISDIR },
	{ "", ENOENT },
};

START_TEST(files_that_cannot_be_read)
{
	struct error error = { "" };

	ck_assert_ptr_null(matrix_load(unreadable[_i].path, &error));
	ck_assert_msg(strncmp(error.text, unreadable[_i].path, strlen(unreadable[_i].path)) == 0, "%s", error.text);
	ck_assert_msg(strstr(error.text, strerror(unreadable[_i].reason)) != NULL, "%s", error.text);
}
END_TEST

/* A device without end is not read forever. */
START_TEST(a_file_without_end)
{
	struct error error = { "" };

	ck_assert_ptr_null(matrix_load("/dev/zero", &error));
	ck_assert_str_eq(error.text, "/dev/zero: too large: expected a case file of at most 262144 bytes");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("case files");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, every_state_and_kind_is_asked_about);
	tcase_add_loop_test(tcase, shipped_case_files, 0, ROWS(shipped));
	tcase_add_test(tcase, every_shipped_file_is_tested);
	tcase_add_test(tcase, every_timestamp_condition_of_time_wait);
	tcase_add_test(tcase, files_are_found_by_name);
	tcase_add_loop_test(tcase, files_that_cannot_be_read, 0, ROWS(unreadable));
	tcase_add_test(tcase, a_file_without_end);
	return run_suite("case files", tcase, NULL);
}
