/* explain.h - what `twprobe explain` is asked, and what it tells as records. */
#ifndef TWPROBE_HARNESS_COMMANDS_EXPLAIN_H
#define TWPROBE_HARNESS_COMMANDS_EXPLAIN_H

#include <stdio.h>

#include "cases/matrix/cell.h"
#include "crafter/fail.h"
#include "harness/diagnose/cause.h"

struct explain_question {
	struct cell cell;
	struct kernel kernel; /* whose rules; of no version: every kernel's */
	bool kernel_given;    /* by --kernel: then no other versions are told */
};

/* Why no subject meets the stimulus as the cell's sysctls have it; NULL: it does. */
const char *explain_bar(const struct explain_question *question);
/* Those of any kernel; false: all answer alike, or one was asked for. */
bool explain_versions(const struct explain_question *question, struct alternatives *alternatives);

/* One record. The caller checks `out` for errors; -1: out of memory. */
int explain_cell_json(const struct explain_question *question, FILE *out, struct error *error);
int explain_finding_json(const struct cause *cause, FILE *out, struct error *error);

#endif
