/* run_baseline.h - a run of cells held against the results of another kernel, or of another day: --baseline of matrix. */
#ifndef TWPROBE_HARNESS_COMMANDS_RUN_BASELINE_H
#define TWPROBE_HARNESS_COMMANDS_RUN_BASELINE_H

#include "harness/commands/options.h"
#include "harness/commands/session_cells.h"
#include "harness/results/shipped.h"

struct run_baseline {
	const struct options *options;
	struct pool pool;
	struct shipped shipped;
	struct results *files[2]; /* the baseline, the run */
	int code;                 /* exit code of the comparison */
};

/* Reads the baseline that the options name, before privileges are dropped and cells are asked. */
int run_baseline_open(struct run_baseline *baseline, const struct options *options, struct error *error);
/* What the session does for it: it collects what is seen and, after the run's own report, says what differs: on standard
 * output, or on standard error where standard output is for programs. */
struct session_extras run_baseline_extras(struct run_baseline *baseline);
/* The exit code of the command: the worse of the two. */
int run_baseline_exit(const struct run_baseline *baseline, int run);
void run_baseline_close(struct run_baseline *baseline);

#endif
