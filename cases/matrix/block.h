/* block.h - a block of a matrix: the product of its axes. Internal to the matrix. */
#ifndef TWPROBE_CASES_MATRIX_BLOCK_H
#define TWPROBE_CASES_MATRIX_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/matrix/cell.h"

/* From the slowest to the fastest: cells of the same conditions are neighbours. Segment kind and acknowledgment are one
 * axis of pairs, because kinds without the ACK flag have no acknowledgment to vary. */
enum axis_kind {
	AXIS_SYSCTLS,
	AXIS_FAMILY,
	AXIS_CONNECTION_TIMESTAMPS,
	AXIS_STATE,
	AXIS_SEGMENT,
	AXIS_SEQ,
	AXIS_TS,
	AXIS_COUNT,
};

/* One value of any axis; the fields that its axis does not use are zero. */
struct axis_value {
	int number;                          /* state, segment kind, family; connection timestamps: 0 or 1 */
	struct offset offset;                /* seq, ts, and the ack of a segment kind */
	const struct conditions *conditions; /* owned by the axis */
};

struct axis {
	size_t count, room;
	struct axis_value *values; /* in the order of the file */
	size_t *sorted;            /* positions in `values`, to look values up; NULL until axis_sort */
};

struct block {
	struct axis axes[AXIS_COUNT];
	size_t count; /* cells */
	size_t start; /* number of its first cell in the matrix */
	int line;     /* in the file */
};

/* The value that the cell has on this axis; `conditions` points into the cell. */
struct axis_value axis_value_of(enum axis_kind kind, const struct cell *cell);
/* Appends a copy. -1: out of memory. */
int axis_add(struct axis *axis, const struct axis_value *value);
/* Makes the axis ready to be looked up; it does not change any more. 0; 1: two of its values are equal, which are the
 * positions of the first repetition; -1: out of memory. */
int axis_sort(struct axis *axis, size_t *first, size_t *second);
void axis_free(struct axis *axis);

/* Multiplies the axes. False where it would be more than `most` cells. */
bool block_multiply(struct block *block, size_t most);
void block_cell(const struct block *block, size_t number, struct cell *cell);
/* The number of the cell within the block; false when it is not in it. */
bool block_find(const struct block *block, const struct cell *cell, size_t *number);
/* A cell that both blocks have. */
bool block_shared(const struct block *a, const struct block *b, struct cell *cell);
void block_free(struct block *block);

#endif
