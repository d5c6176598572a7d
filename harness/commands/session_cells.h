/* session_cells.h - a session that asks the cells of a matrix, up to the last line of its report. */
#ifndef TWPROBE_HARNESS_COMMANDS_SESSION_CELLS_H
#define TWPROBE_HARNESS_COMMANDS_SESSION_CELLS_H

#include <stdbool.h>

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"
#include "harness/report/report.h"
#include "harness/run/exit_code.h"
#include "harness/run/run.h"
#include "harness/run/tally.h"
#include "harness/wire/wire.h"

/* What a command adds to a session; all may be NULL. */
struct session_extras {
	run_sink *sink;                /* takes each record, before the report does */
	bool silent;                   /* no report; the sink is all */
	const struct run_watch *watch;
	/* Opens what needs privileges, after the lab and the wire, before they are dropped. */
	int (*open)(void *context, struct wire *wire, struct error *error);
	/* After the last cell, before the summary: writes what else is part of the report. */
	int (*add)(void *context, struct report *report, struct error *error);
	/* After the last record, while the facts are still there. */
	int (*done)(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error);
	/* Before the first cell: what is known of the run, and of the kernel that answers. */
	void (*begin)(void *context, const struct run_facts *facts, const struct kernel *kernel);
	/* Another matrix to ask in the same session, once one is done; the command keeps it. NULL: that was all, or, where
	 * `error` is not empty, it could not be made. The tally is that of all of them. */
	struct matrix *(*next)(void *context, struct error *error);
	/* With `next`: how many cells at most the report announces; 0: those of the first matrix. */
	size_t cells;
	unsigned tries_most;           /* as in struct run_options */
	uint64_t settle_ns;            /* quiet time before the stimulus, where the command wants more than the rules */
	void *context;
};

/* Runs the matrix as the options say and reports it on standard output; errors go to standard error as one line. `ladder`: the
 * report of one cell for a person. `extras`: NULL for none. Returns the exit code. */
int session_cells(const struct options *options, struct matrix *matrix, const char *name, bool ladder,
		  const struct session_extras *extras);

#endif
