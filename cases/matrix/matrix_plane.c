/* matrix_plane.c - a matrix made by a program, not read from a file: every seq with every ts. Declared in matrix.h. */
#include <string.h>

#include "cases/matrix/matrix_internal.h"

/* Replaces the column's values. */
static int fill_column(struct column *column, const struct offset *offsets, size_t count)
{
	const struct axis *axis = column->axis;
	size_t first, second;
	struct cell cell;

	block_free_column(column);
	cell_default(&cell);
	for (size_t i = 0; i < count; i++) {
		memcpy(axes_field(axis, &cell), &offsets[i], sizeof(offsets[i]));
		if (block_add_cell(column, axis, &cell) < 0)
			return -1;
	}
	return block_sort(column, &first, &second);
}

struct matrix *matrix_plane(const struct cell *cell, const struct offset *seqs, size_t seq_count,
			    const struct offset *tss, size_t ts_count, struct error *error)
{
	struct matrix *matrix = matrix_new("plane", "");
	struct block block = { .count = 0 };

	if (!matrix || block_fill(&block, cell) || fill_column(&block.columns[AXIS_SEQ], seqs, seq_count) ||
	    fill_column(&block.columns[AXIS_TS], tss, ts_count)) {
		fail(error, "out of memory");
		block_free(&block);
	} else if (matrix_add(matrix, &block, error) == 0) {
		return matrix;
	}
	matrix_free(matrix);
	return NULL;
}
