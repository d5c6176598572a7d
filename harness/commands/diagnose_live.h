/* diagnose_live.h - twprobe diagnose -i: opened with privileges, and run without. */
#ifndef TWPROBE_HARNESS_COMMANDS_DIAGNOSE_LIVE_H
#define TWPROBE_HARNESS_COMMANDS_DIAGNOSE_LIVE_H

#include "harness/commands/diagnosis_output.h"
#include "harness/commands/options.h"
#include "harness/diagnose/diagnosis_live.h"

struct diagnose_live {
	struct diagnosis_live_options options;
	struct diagnosis_live *source;
};

/* Opens the interface, gives up all privileges, sets the filter, then gives up most system calls. EXIT_AGREES, or the exit code
 * with an error. In either case diagnose_live_close. */
int diagnose_live_open(struct diagnose_live *live, const struct options *options, struct error *error);
/* Until a signal, or the end of its time. -1 with an error: it ended for another reason; what came before is in the report. */
int diagnose_live_run(struct diagnose_live *live, const struct diagnosis_options *what,
		      const struct diagnosis_listener *listener, struct diagnosis_counts *counts,
		      struct report_diagnosis *report, struct diagnosis_output *output, struct error *error);
void diagnose_live_close(struct diagnose_live *live);

#endif
