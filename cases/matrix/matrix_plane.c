/* matrix_plane.c - a matrix made by a program, not read from a file: every seq with every ts. Declared in matrix.h. */
#include "cases/matrix/matrix_internal.h"

static int fill_axis(struct axis *axis, const struct offset *offsets, size_t count)
{
	size_t first, second;

	for (size_t i = 0; i < count; i++) {
		struct axis_value value = { .offset = offsets[i] };

		if (axis_add(axis, &value) < 0)
			return -1;
	}
	return axis_sort(axis, &first, &second);
}

static int fill_block(struct block *block, const struct cell *cell)
{
	size_t first, second;

	for (int i = 0; i < AXIS_COUNT; i++) {
		struct axis_value value = axis_value_of((enum axis_kind)i, cell);

		if (i == AXIS_SEQ || i == AXIS_TS)
			continue;
		if (axis_add(&block->axes[i], &value) < 0 || axis_sort(&block->axes[i], &first, &second))
			return -1;
	}
	return 0;
}

struct matrix *matrix_plane(const struct cell *cell, const struct offset *seqs, size_t seq_count,
			    const struct offset *tss, size_t ts_count, struct error *error)
{
	struct matrix *matrix = matrix_new("plane", "");
	struct block block = { .count = 0 };

	if (!matrix || fill_block(&block, cell) || fill_axis(&block.axes[AXIS_SEQ], seqs, seq_count) ||
	    fill_axis(&block.axes[AXIS_TS], tss, ts_count)) {
		fail(error, "out of memory");
		block_free(&block);
	} else if (matrix_add(matrix, &block, error) == 0) {
		return matrix;
	}
	matrix_free(matrix);
	return NULL;
}
