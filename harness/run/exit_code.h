/* exit_code.h - the exit codes, as scripts know them. */
#ifndef TWPROBE_HARNESS_RUN_EXIT_CODE_H
#define TWPROBE_HARNESS_RUN_EXIT_CODE_H

enum {
	EXIT_AGREES = 0,
	EXIT_DIFFERS = 1,
	EXIT_USAGE = 2,
	EXIT_INCONCLUSIVE = 3,
	EXIT_CANNOT_RUN = 4,
	EXIT_INTERRUPTED = 130,
};

#endif
