/* report_replay.h - what a capture and a kernel answered to the same cells, side by side. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_REPLAY_H
#define TWPROBE_HARNESS_REPORT_REPORT_REPLAY_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/diagnose/replay.h"
#include "harness/report/format.h"

struct report_replay_facts {
	FILE *out;
	enum format format; /* FORMAT_JSON: a `replay` record for each cell; else for a person */
	bool color;
	bool every_one;     /* all cells of a row by name, not the first few */
	enum book decides;
};

/* Nothing where no cell could be asked, and in formats that are one document (facts->replay of report_diagnosis.h). -1 with an
 * error: out of memory. */
int report_replay(const struct report_replay_facts *facts, const struct replay *replay, struct error *error);

#endif
