/* matrix.c - blocks in a row, and the index of those cells that are wanted where not all are. */
#include "cases/matrix/matrix.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/matrix_internal.h"

struct matrix {
	char *name, *description;
	struct block *blocks;
	size_t block_count, block_room;
	size_t total;  /* cells of all blocks */
	size_t *index; /* the cells that are left, in rising order; NULL: all are */
	size_t index_count;
};

struct matrix *matrix_new(const char *name, const char *description)
{
	struct matrix *matrix = calloc(1, sizeof(*matrix));

	if (!matrix)
		return NULL;
	matrix->name = strdup(name);
	matrix->description = strdup(description);
	if (matrix->name && matrix->description)
		return matrix;
	matrix_free(matrix);
	return NULL;
}

int matrix_add(struct matrix *matrix, struct block *block, struct error *error)
{
	int result = -1;

	if (!block_multiply(block, MATRIX_CELLS_MAX - matrix->total)) {
		fail(error, "too many cells: expected at most %d", MATRIX_CELLS_MAX);
		goto out;
	}
	if (matrix->block_count == MATRIX_BLOCKS_MAX) {
		fail(error, "too many blocks: expected at most %d", MATRIX_BLOCKS_MAX);
		goto out;
	}
	if (matrix->block_count == matrix->block_room) {
		size_t room = matrix->block_room ? 2 * matrix->block_room : 4;
		struct block *blocks = reallocarray(matrix->blocks, room, sizeof(*blocks));

		if (!blocks) {
			fail(error, "out of memory");
			goto out;
		}
		matrix->blocks = blocks;
		matrix->block_room = room;
	}
	block->start = matrix->total;
	matrix->total += block->count;
	matrix->blocks[matrix->block_count++] = *block;
	memset(block, 0, sizeof(*block));
	result = 0;
out:
	block_free(block);
	return result;
}

const struct block *matrix_shared(const struct matrix *matrix, const struct block *block, struct cell *cell)
{
	for (size_t i = 0; i < matrix->block_count; i++)
		if (block_shared(&matrix->blocks[i], block, cell))
			return &matrix->blocks[i];
	return NULL;
}

/* The last cell of all blocks is wanted, too. */
static int index_last(struct matrix *matrix, struct error *error)
{
	size_t *index;

	if (!matrix->index)
		return 0;
	index = reallocarray(matrix->index, matrix->index_count + 1, sizeof(*index));
	if (!index)
		return fail(error, "out of memory");
	index[matrix->index_count++] = matrix->total - 1;
	matrix->index = index;
	return 0;
}

static int add_cell(struct matrix *matrix, const struct cell *cell, struct error *error)
{
	struct block block = { .count = 1 };

	if (block_fill(&block, cell) == 0)
		return matrix_add(matrix, &block, error) < 0 ? -1 : index_last(matrix, error);
	block_free(&block);
	return fail(error, "out of memory");
}

struct matrix *matrix_single(const struct cell *cell)
{
	char name[CELL_NAME_SIZE];
	struct matrix *matrix = matrix_new(cell_name(cell, name, sizeof(name)), "");

	if (matrix && add_cell(matrix, cell, NULL) == 0)
		return matrix;
	matrix_free(matrix);
	return NULL;
}

int matrix_collect(struct matrix **matrix, const struct cell *cell, struct error *error)
{
	if (*matrix && add_cell(*matrix, cell, error) < 0) {
		matrix_free(*matrix);
		*matrix = NULL;
		return -1;
	}
	if (!*matrix)
		*matrix = matrix_single(cell);
	return *matrix ? 0 : fail(error, "out of memory");
}

/* Writes down the number of every cell, so that some can be taken out. */
static int make_index(struct matrix *matrix, struct error *error)
{
	if (matrix->index)
		return 0;
	matrix->index = reallocarray(NULL, matrix->total, sizeof(*matrix->index));
	if (!matrix->index)
		return fail(error, "out of memory");
	for (size_t i = 0; i < matrix->total; i++)
		matrix->index[i] = i;
	matrix->index_count = matrix->total;
	return 0;
}

static int compare_sizes(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return (a > b) - (a < b);
}

/* The block that the cell with this number (of all, not of the index) is in. */
static size_t block_of(const struct matrix *matrix, size_t number)
{
	size_t low = 0, high = matrix->block_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (matrix->blocks[middle].start <= number)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Whether one of the first `block_count` blocks has the cell, and the first `kept` entries of the index as well. */
static bool kept_already(const struct matrix *matrix, size_t block_count, size_t kept, const struct cell *cell)
{
	size_t number;

	for (size_t i = 0; i < block_count; i++) {
		if (!block_find(&matrix->blocks[i], cell, &number))
			continue;
		number += matrix->blocks[i].start;
		if (bsearch(&number, matrix->index, kept, sizeof(number), compare_sizes))
			return true;
	}
	return false;
}

static bool any_shared(const struct matrix *matrix, size_t first_block)
{
	struct cell cell;

	for (size_t i = first_block; i < matrix->block_count; i++)
		for (size_t j = 0; j < i; j++)
			if (block_shared(&matrix->blocks[j], &matrix->blocks[i], &cell))
				return true;
	return false;
}

/* Takes out those cells of the blocks from `first_block` on that came before. */
static int drop_duplicates(struct matrix *matrix, size_t first_block, struct error *error)
{
	size_t kept = 0;
	struct cell cell;

	if (!any_shared(matrix, first_block))
		return 0;
	if (make_index(matrix, error) < 0)
		return -1;
	for (size_t i = 0; i < matrix->index_count; i++) {
		size_t number = matrix->index[i], place = block_of(matrix, number);

		block_cell(&matrix->blocks[place], number - matrix->blocks[place].start, &cell);
		if (place < first_block || !kept_already(matrix, place, kept, &cell))
			matrix->index[kept++] = number;
	}
	matrix->index_count = kept;
	return 0;
}

/* The index of `matrix` followed by that of `other`. */
static int join_indexes(struct matrix *matrix, struct matrix *other, struct error *error)
{
	size_t *index;

	if (!matrix->index && !other->index)
		return 0;
	if (make_index(matrix, error) < 0 || make_index(other, error) < 0)
		return -1;
	index = reallocarray(matrix->index, matrix->index_count + other->index_count, sizeof(*index));
	if (!index)
		return fail(error, "out of memory");
	for (size_t i = 0; i < other->index_count; i++)
		index[matrix->index_count + i] = matrix->total + other->index[i];
	matrix->index = index;
	matrix->index_count += other->index_count;
	return 0;
}

int matrix_append(struct matrix *matrix, struct matrix *other, struct error *error)
{
	size_t first_block = matrix->block_count;
	int result = join_indexes(matrix, other, error);

	for (size_t i = 0; i < other->block_count && result == 0; i++)
		result = matrix_add(matrix, &other->blocks[i], error);
	if (result == 0)
		result = drop_duplicates(matrix, first_block, error);
	matrix_free(other);
	return result;
}

const char *matrix_name(const struct matrix *matrix)
{
	return matrix->name;
}

const char *matrix_description(const struct matrix *matrix)
{
	return matrix->description;
}

size_t matrix_count(const struct matrix *matrix)
{
	return matrix->index ? matrix->index_count : matrix->total;
}

void matrix_cell(const struct matrix *matrix, size_t number, struct cell *cell)
{
	const struct block *block;

	if (matrix->index)
		number = matrix->index[number];
	block = &matrix->blocks[block_of(matrix, number)];
	block_cell(block, number - block->start, cell);
}

int matrix_only(struct matrix *matrix, const char *pattern, struct error *error)
{
	char name[CELL_NAME_SIZE];
	struct cell cell;
	size_t kept = 0;

	if (make_index(matrix, error) < 0)
		return -1;
	for (size_t i = 0; i < matrix->index_count; i++) {
		matrix_cell(matrix, i, &cell);
		if (fnmatch(pattern, cell_name(&cell, name, sizeof(name)), 0) == 0)
			matrix->index[kept++] = matrix->index[i];
	}
	if (kept == 0) {
		matrix_cell(matrix, 0, &cell);
		return fail(error, "no cell's name matches '%.80s'; a name looks like %s", pattern,
			    cell_name(&cell, name, sizeof(name)));
	}
	matrix->index_count = kept;
	return 0;
}

int matrix_pick(struct matrix *matrix, const size_t *numbers, size_t count, struct error *error)
{
	size_t *index = reallocarray(NULL, count ? count : 1, sizeof(*index));

	if (!index)
		return fail(error, "out of memory");
	for (size_t i = 0; i < count; i++)
		index[i] = matrix->index ? matrix->index[numbers[i]] : numbers[i];
	free(matrix->index);
	matrix->index = index;
	matrix->index_count = count;
	return 0;
}

/* The number within the block without this axis. */
static size_t without_axis(const struct block *block, enum axis_id axis, size_t number)
{
	size_t values = block->columns[axis].count, faster = 1;

	for (size_t i = (size_t)axis + 1; i < AXIS_COUNT; i++)
		faster *= block->columns[i].follows ? 1 : block->columns[i].count;
	return number / (values * faster) * faster + number % faster;
}

static void renumber(struct matrix *matrix, enum axis_id axis)
{
	size_t kept = 0, start = 0, place = 0;

	if (!matrix->index)
		return;
	for (size_t i = 0; i < matrix->index_count; i++) {
		const struct block *block = &matrix->blocks[place];

		for (; matrix->index[i] >= block->start + block->count; block = &matrix->blocks[++place])
			start += block->count / block->columns[axis].count;
		matrix->index[i] = start + without_axis(block, axis, matrix->index[i] - block->start);
	}
	qsort(matrix->index, matrix->index_count, sizeof(*matrix->index), compare_sizes);
	for (size_t i = 0; i < matrix->index_count; i++)
		if (kept == 0 || matrix->index[kept - 1] != matrix->index[i])
			matrix->index[kept++] = matrix->index[i];
	matrix->index_count = kept;
}

/* Every cell has the value of `cell` on this axis. */
static void set_axis(struct matrix *matrix, enum axis_id axis, const struct cell *cell)
{
	renumber(matrix, axis);
	matrix->total = 0;
	for (size_t i = 0; i < matrix->block_count; i++) {
		struct block *block = &matrix->blocks[i];
		struct column *column = &block->columns[axis];

		block->count /= column->count;
		block->start = matrix->total;
		matrix->total += block->count;
		column->count = 0;
		column->sorted[0] = 0;
		block_add_cell(column, column->axis, cell); /* there is room */
	}
	/* Out of memory leaves some cells twice, which does no harm. */
	drop_duplicates(matrix, 1, NULL);
}

void matrix_set_family(struct matrix *matrix, uint8_t family)
{
	struct cell cell = { .family = family };

	set_axis(matrix, AXIS_FAMILY, &cell);
}

void matrix_set_path(struct matrix *matrix, const char *name)
{
	struct cell cell = { .path = "" };

	snprintf(cell.path, sizeof(cell.path), "%s", name ? name : "");
	set_axis(matrix, AXIS_PATH, &cell);
}

/* Whether any cell, wanted or not, is over a path. */
static bool has_path(const struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->block_count; i++) {
		const struct column *column = &matrix->blocks[i].columns[AXIS_PATH];

		for (size_t j = 0; j < column->count; j++)
			if (column->values[j * column->axis->size])
				return true;
	}
	return false;
}

int matrix_path(const struct matrix *matrix, char name[static PATH_NAME_SIZE], struct error *error)
{
	struct cell cell;

	name[0] = '\0';
	if (!has_path(matrix) || !matrix_count(matrix))
		return 0;
	matrix_cell(matrix, 0, &cell);
	strcpy(name, cell.path);
	for (size_t i = 1; i < matrix_count(matrix); i++) {
		matrix_cell(matrix, i, &cell);
		if (strcmp(cell.path, name) != 0)
			return fail(error, "cells over several paths, %s and %s: ask for those of one (--only='*path=%s*'), or "
				    "leave the paths to --path, which may be repeated", *name ? name : PATH_DIRECT,
				    *cell.path ? cell.path : PATH_DIRECT, *name ? name : cell.path);
	}
	return 0;
}

void matrix_free(struct matrix *matrix)
{
	if (!matrix)
		return;
	for (size_t i = 0; i < matrix->block_count; i++)
		block_free(&matrix->blocks[i]);
	free(matrix->blocks);
	free(matrix->index);
	free(matrix->name);
	free(matrix->description);
	free(matrix);
}
