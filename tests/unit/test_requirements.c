/* test_requirements.c - the table of requirements is complete, and its cells are those of cases/rfc.yaml. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/books/requirements.h"
#include "cases/case_file.h"
#include "cases/matrix/matrix.h"
#include "harness/report/report_requirements.h"

#include "tests/unit/named_cell.h"

/* How many numbers appendix B has of each word: none is left out there but 0. */
static const struct {
	const char *word;
	int count;
} words[] = { { "MUST", 69 }, { "SHLD", 31 }, { "MAY", 18 }, { "REC", 1 } };

START_TEST(every_number_has_its_row)
{
	size_t row = 0;

	for (int i = 0; i < ROWS(words); i++) {
		for (int number = 1; number <= words[i].count; number++) {
			const struct requirement *requirement = requirements_at(row++);
			char expected[16];

			snprintf(expected, sizeof(expected), "%s-%d", words[i].word, number);
			ck_assert_ptr_nonnull(requirement);
			ck_assert_str_eq(requirement->number, expected);
		}
	}
	ck_assert_ptr_null(requirements_at(row));
}
END_TEST

START_TEST(is_asked_or_says_why_not)
{
	const struct requirement *requirement;

	for (size_t i = 0; (requirement = requirements_at(i)); i++) {
		bool asked = requirement->cells[0] || requirement->scenarios[0];

		ck_assert_msg(asked != (requirement->not_asked != NULL), "%s", requirement->number);
		ck_assert_msg(strncmp(requirement->section, "3.", 2) == 0, "%s", requirement->number);
		ck_assert_msg(requirement->text[0] && requirement->text[strlen(requirement->text) - 1] != '.', "%s",
			      requirement->number);
	}
}
END_TEST

static struct matrix *load_rfc(void)
{
	char path[300];
	struct error error = { "" };
	struct matrix *matrix;

	setenv("TWPROBE_CASES", "cases", 1);
	ck_assert_msg(case_file_find(CASE_FILE_MATRIX, "rfc", path, sizeof(path), &error) == 0, "%s", error.text);
	matrix = matrix_load(path, &error);
	ck_assert_msg(matrix != NULL, "%s", error.text);
	return matrix;
}

static bool has_cell(const struct matrix *matrix, const char *name)
{
	char text[CELL_NAME_SIZE];
	struct cell cell;

	for (size_t i = 0; i < matrix_count(matrix); i++) {
		matrix_cell(matrix, i, &cell);
		if (strcmp(cell_name(&cell, text, sizeof(text)), name) == 0)
			return true;
	}
	return false;
}

static bool is_asked_for(const char *name)
{
	const struct requirement *requirement;

	for (size_t i = 0; (requirement = requirements_at(i)); i++)
		for (const char *const *cell = requirement->cells; *cell; cell++)
			if (strcmp(*cell, name) == 0)
				return true;
	return false;
}

START_TEST(its_cells_are_those_of_the_matrix)
{
	struct matrix *matrix = load_rfc();
	const struct requirement *requirement;

	for (size_t i = 0; (requirement = requirements_at(i)); i++) {
		for (const char *const *name = requirement->cells; *name; name++) {
			struct cell cell = named_cell(*name);

			check_cell_name(&cell, *name);
			ck_assert_msg(has_cell(matrix, *name), "%s: cases/rfc.yaml does not ask %s", requirement->number,
				      *name);
		}
	}
	for (size_t i = 0; i < matrix_count(matrix); i++) {
		char text[CELL_NAME_SIZE];
		struct cell cell;

		matrix_cell(matrix, i, &cell);
		ck_assert_msg(is_asked_for(cell_name(&cell, text, sizeof(text))), "%s: no requirement asks for it", text);
	}
	matrix_free(matrix);
}
END_TEST

START_TEST(its_scenarios_are_there)
{
	const struct requirement *requirement;
	char path[300];
	struct error error;

	setenv("TWPROBE_CASES", "cases", 1);
	for (size_t i = 0; (requirement = requirements_at(i)); i++)
		for (const char *const *name = requirement->scenarios; *name; name++)
			ck_assert_msg(case_file_find(CASE_FILE_SCENARIO, *name, path, sizeof(path), &error) == 0, "%s: %s",
				      requirement->number, error.text);
}
END_TEST

/* What each format has of a requirement with cells, of one with a scenario, and of one without. */
static const struct {
	enum format format;
	const char *parts[4];
} printed[] = {
	{ FORMAT_TABLE, { "MUST-39    The receiver avoids silly windows (3.8.6.2.2)\n             no cell: shows only over",
			  "MAY-13     A segment ahead of the sequence may get an acknowledgment (3.10.7.4)\n"
			  "             established/data/seq+1/ts-equal\n             established/fin-ack/seq+1/ts-equal\n",
			  "\n             scenario isn-clock\n", "\n119 requirements of RFC 9293: " } },
	{ FORMAT_JSON, { "{\"record\":\"requirements\",\"format_version\":1,",
			 "\"number\":\"MAY-13\",\"section\":\"3.10.7.4\",",
			 "\"cells\":[],\"scenarios\":[\"isn-clock\"],\"not_asked\":null}\n",
			 "\"cells\":[],\"scenarios\":[],\"not_asked\":\"shows only over" } },
	{ FORMAT_MARKDOWN, { "| MUST-39 | 3.8.6.2.2 | The receiver avoids silly windows | - shows only over ",
			     "an acknowledgment | `established/data/seq+1/ts-equal`<br>`established/fin-ack/seq+1/ts-equal` "
			     "|\n",
			     "| scenario `isn-clock` |\n", "| number | section | requirement | asked by |\n" } },
};

START_TEST(is_printed)
{
	struct error error = { "" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	setenv("COLUMNS", "100", 1);
	ck_assert_int_eq(report_requirements(out, printed[_i].format, &error), 0);
	fclose(out);
	for (int i = 0; i < ROWS(printed[_i].parts); i++)
		ck_assert_msg(strstr(text, printed[_i].parts[i]), "%s\nis not in\n%s", printed[_i].parts[i], text);
	free(text);
}
END_TEST

int main(void)
{
	TCase *table = tcase_create("table"), *report = tcase_create("report");

	tcase_add_test(table, every_number_has_its_row);
	tcase_add_test(table, is_asked_or_says_why_not);
	tcase_add_test(table, its_cells_are_those_of_the_matrix);
	tcase_add_test(table, its_scenarios_are_there);
	tcase_add_loop_test(report, is_printed, 0, ROWS(printed));
	return run_suite("requirements", table, report, NULL);
}
