/* matrix_internal.h - how a matrix is put together. Internal: for what reads case files. */
#ifndef TWPROBE_CASES_MATRIX_MATRIX_INTERNAL_H
#define TWPROBE_CASES_MATRIX_MATRIX_INTERNAL_H

#include "cases/matrix/block.h"
#include "cases/matrix/matrix.h"

enum { MATRIX_CELLS_MAX = 1 << 24, MATRIX_BLOCKS_MAX = 10000 };

/* Copies both texts. NULL: out of memory. */
struct matrix *matrix_new(const char *name, const char *description);
/* Takes the block over, also where it fails: its axes are sorted and free of duplicates. Too many cells or blocks are
 * errors; cells that the matrix has already are not looked for. */
int matrix_add(struct matrix *matrix, struct block *block, struct error *error);
/* The block of the matrix that shares a cell with this one, or NULL. */
const struct block *matrix_shared(const struct matrix *matrix, const struct block *block, struct cell *cell);

#endif
