/* command_cell.c - twprobe [OPTIONS] [HOST:PORT]: one cell. */
#include <stdio.h>

#include "harness/commands/commands.h"
#include "harness/commands/matrices.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"

/* The options may be valid and still not be what was meant. */
static void warn(const struct options *options)
{
	const struct cell *cell = &options->cell;

	if (options->quiet)
		return;
	if (!cell->connection_timestamps && cell->stimulus.ts.form != OFFSET_ABSENT &&
	    cell->stimulus.ts.form != OFFSET_ZERO && cell->state != STATE_LISTEN)
		message_note("the connection has no timestamps, so the server remembers none; the TSval of the stimulus is "
			     "relative to the one our clock would have sent");
}

int command_cell(struct options *options)
{
	struct error error;
	struct matrix *matrix;
	int code;

	if (options->named_count) {
		matrix = matrices_named(options, &error);
	} else {
		matrix = matrix_single(&options->cell);
		if (!matrix)
			fail(&error, "out of memory");
	}
	if (!matrix)
		return message_failed(&error, EXIT_CANNOT_RUN);
	warn(options);
	/* Many of the same are a matter of counting, not of reading. */
	code = session_cells(options, matrix, "cell", options->repeat == 1 && !options->quiet, NULL);
	matrix_free(matrix);
	return code;
}
