/* fuzz_cases.c - libFuzzer: any bytes as a case file. It gives an error of one line that begins with the file's name, or cells
 * whose names read back as the same cells. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "cases/matrix/matrix.h"

enum { WALK = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_cell(const struct matrix *matrix, size_t number)
{
	char name[CELL_NAME_SIZE], again[CELL_NAME_SIZE];
	struct cell cell, read;

	matrix_cell(matrix, number, &cell);
	cell_name(&cell, name, sizeof(name));
	check(strlen(name) < sizeof(name) - 1);
	check(cell_parse(name, &read, NULL) == 0);
	check(axes_same(&cell, &read, 0));
	check(strcmp(cell_name(&read, again, sizeof(again)), name) == 0);
}

/* The first, the last, and some between. */
static void walk(const struct matrix *matrix)
{
	size_t count = matrix_count(matrix), step = count / WALK + 1;

	check(count > 0);
	for (size_t i = 0; i < count; i += step)
		check_cell(matrix, i);
	check_cell(matrix, count - 1);
}

static void check_error(const struct error *error)
{
	check(strncmp(error->text, "input:", 6) == 0);
	for (const char *c = error->text; *c; c++)
		check((unsigned char)*c >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { "" };
	struct matrix *matrix = matrix_parse("input", (const char *)data, size, &error), *twin;
	size_t count;

	if (!matrix) {
		check_error(&error);
		return 0;
	}
	walk(matrix);
	count = matrix_count(matrix);
	if (count > 100000) {
		matrix_free(matrix);
		return 0;
	}
	/* What is appended to itself stays as it was. */
	twin = matrix_parse("input", (const char *)data, size, &error);
	check(twin && matrix_append(matrix, twin, &error) == 0 && matrix_count(matrix) == count);
	walk(matrix);
	matrix_set_family(matrix, 6);
	check(matrix_count(matrix) <= count && matrix_only(matrix, "*/ipv6", &error) == 0);
	walk(matrix);
	matrix_free(matrix);
	return 0;
}
