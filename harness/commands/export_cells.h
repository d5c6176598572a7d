/* export_cells.h - the cells that `twprobe export` is asked for, by name, as a matrix, or as those of result files, and what
 * these files have of each. */
#ifndef TWPROBE_HARNESS_COMMANDS_EXPORT_CELLS_H
#define TWPROBE_HARNESS_COMMANDS_EXPORT_CELLS_H

#include <stdbool.h>

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"
#include "harness/results/results.h"

struct export_file {
	struct results *results;
	uint32_t *where; /* by the number of a cell's name: its result's number, from 1; 0: the file does not have it */
	size_t names;
};

struct export_cells {
	struct matrix *matrix;
	bool grouped;    /* they are as many as a matrix: files stand in folders */
	struct pool pool; /* its first `named` cells are those of the command line */
	size_t named;
	struct export_file *files;
	size_t file_count;
};

/* -1 with an error. To be closed in either case. */
int export_cells_open(struct export_cells *cells, const struct options *options, struct error *error);
/* "old.ndjson has of Linux 5.10.218: silence", and whether that is another answer than `answer`; false: no file has the
 * cell. */
bool export_cells_seen(const struct export_cells *cells, const char *name, const char *answer, char *text, size_t size,
		       bool *other);
void export_cells_close(struct export_cells *cells);

#endif
