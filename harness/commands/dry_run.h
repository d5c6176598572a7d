/* dry_run.h - --dry-run: what would be asked, in the order of the report; nothing is opened, nothing sent. */
#ifndef TWPROBE_HARNESS_COMMANDS_DRY_RUN_H
#define TWPROBE_HARNESS_COMMANDS_DRY_RUN_H

#include "cases/matrix/matrix.h"
#include "cases/scenario/scenario.h"
#include "harness/commands/options.h"

/* A line for each cell: its name, and the segment that it sends. The exit code. */
int dry_run_cells(const struct options *options, const struct matrix *matrix);
/* The parts and steps. */
int dry_run_scenario(const struct scenario *scenario);

#endif
