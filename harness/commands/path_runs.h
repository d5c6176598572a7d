/* path_runs.h - a matrix over several paths: each in a process and a lab of its own, then one table of the cells that a path
 * changes, and what the router did there.
 *
 * The processes are made before privileges are given up, and begin when they are told to; what they saw comes back as plain
 * numbers and text. */
#ifndef TWPROBE_HARNESS_COMMANDS_PATH_RUNS_H
#define TWPROBE_HARNESS_COMMANDS_PATH_RUNS_H

#include "cases/matrix/matrix.h"
#include "harness/commands/options.h"

/* Asks the matrix directly and over each path of the options. The exit code: 1 where a path changes an answer, unless no book
 * is asked (--expect=none). */
int path_runs(const struct options *options, struct matrix *matrix, const char *name);

#endif
