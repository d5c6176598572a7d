/* block.h - a block of a matrix: the product of its columns, one for each axis. Internal to the matrix. */
#ifndef TWPROBE_CASES_MATRIX_BLOCK_H
#define TWPROBE_CASES_MATRIX_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/matrix/axes.h"
#include "cases/matrix/cell.h"

/* The values that one axis has in a block. Axes that only some segments have share the segment's positions: a position is
 * then a segment kind with a value of each of them, because kinds without the ACK flag have no acknowledgment to vary. */
struct column {
	const struct axis *axis; /* NULL: nothing was added yet */
	size_t count, room;
	unsigned char *values;   /* fields of a cell, axis->size bytes each, in the order of the file */
	size_t *sorted;          /* positions, to look values up; NULL until block_sort, and in columns that follow */
	unsigned followers;      /* this many columns after this one share its positions */
	bool follows;            /* this is one of them */
};

struct block {
	struct column columns[AXIS_COUNT]; /* by enum axis_id: from the slowest to the fastest */
	size_t count; /* cells */
	size_t start; /* number of its first cell in the matrix */
	int line;     /* in the file */
};

/* Appends a value, or the one that the cell has on this axis: the normal one where it does not apply. -1: out of memory. */
int block_add_field(struct column *column, const struct axis *axis, const void *field);
int block_add_cell(struct column *column, const struct axis *axis, const struct cell *cell);
/* Puts the value at this position into the cell. */
void block_put(const struct column *column, size_t position, struct cell *cell);
/* Makes the column, with those that share its positions, ready to be looked up; it does not change any more. 0; 1: two of its
 * values are equal, which are the positions of the first repetition; -1: out of memory. */
int block_sort(struct column *column, size_t *first, size_t *second);
/* Combines every segment kind with every value of the axes that only some kinds have; until then each of these columns stands
 * alone. -1: out of memory. */
int block_join(struct block *block);
/* A block of this one cell. -1: out of memory; the block is to be freed. */
int block_fill(struct block *block, const struct cell *cell);
void block_free_column(struct column *column);

/* Multiplies the columns. False where it would be more than `most` cells. */
bool block_multiply(struct block *block, size_t most);
void block_cell(const struct block *block, size_t number, struct cell *cell);
/* The number of the cell within the block; false when it is not in it. */
bool block_find(const struct block *block, const struct cell *cell, size_t *number);
/* A cell that both blocks have. */
bool block_shared(const struct block *a, const struct block *b, struct cell *cell);
void block_free(struct block *block);

#endif
