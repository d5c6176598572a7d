/* matrix.h - case files (YAML) as sequences of cells.
 *
 * A matrix is a list of blocks; a block is the product of its axes. Cells are computed from their number, so that a
 * matrix of a million cells takes no memory. docs/case-files.md describes the format. */
#ifndef TWPROBE_CASES_MATRIX_MATRIX_H
#define TWPROBE_CASES_MATRIX_MATRIX_H

#include <stddef.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"

struct matrix;

/* Reads a case file. Every error names file, line and column and says what was expected: unknown key, bad value,
 * duplicate cell (which two places), empty axis. NULL on error. */
struct matrix *matrix_load(const char *path, struct error *error);
/* The same from memory; `name` is used as the file's name in errors. */
struct matrix *matrix_parse(const char *name, const char *text, size_t size, struct error *error);

/* A matrix of one cell. NULL: out of memory. */
struct matrix *matrix_single(const struct cell *cell);

/* Appends a cell to *matrix, which does not have it yet; NULL becomes a matrix of this one. -1 with an error (too many cells,
 * out of memory): *matrix is freed, and NULL. */
int matrix_collect(struct matrix **matrix, const struct cell *cell, struct error *error);

/* The product of two axes, everything else as in `cell`: seqs[i] with tss[j] has the number i * ts_count + j. Each list is
 * without repetitions and has one offset at least. The errors: too many cells, out of memory. */
struct matrix *matrix_plane(const struct cell *cell, const struct offset *seqs, size_t seq_count,
			    const struct offset *tss, size_t ts_count, struct error *error);

/* Appends the blocks of `other` and frees it, also on error. Duplicates between the two are dropped, not an error.
 * After an error (too many cells) the matrix is good for matrix_free only. */
int matrix_append(struct matrix *matrix, struct matrix *other, struct error *error);

const char *matrix_name(const struct matrix *matrix);        /* "time-wait"; of the first, where others were appended */
const char *matrix_description(const struct matrix *matrix); /* one line, may be "" */
size_t matrix_count(const struct matrix *matrix);
void matrix_cell(const struct matrix *matrix, size_t number, struct cell *cell);

/* Keeps only cells whose name matches the shell pattern (fnmatch without FNM_PATHNAME); -1 with an error
 * when none is left. */
int matrix_only(struct matrix *matrix, const char *pattern, struct error *error);
/* Keeps only the cells with these numbers, which are in rising order. -1: out of memory. */
int matrix_pick(struct matrix *matrix, const size_t *numbers, size_t count, struct error *error);
/* Makes every cell one of this family, overriding the file's. */
void matrix_set_family(struct matrix *matrix, uint8_t family);
/* Makes every cell one over this path, or with NULL over none. */
void matrix_set_path(struct matrix *matrix, const char *name);
/* The path of its cells: "" for none; -1 with an error that names two where they have several. */
int matrix_path(const struct matrix *matrix, char name[static PATH_NAME_SIZE], struct error *error);

void matrix_free(struct matrix *matrix); /* NULL is fine */

#endif
