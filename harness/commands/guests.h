/* guests.h - workers that have a kernel of their own each: a user-mode Linux that runs the same command line, and is told which
 * units of it to do. What is reported is reported here. */
#ifndef TWPROBE_HARNESS_COMMANDS_GUESTS_H
#define TWPROBE_HARNESS_COMMANDS_GUESTS_H

#include <stdbool.h>

#include "harness/commands/options.h"
#include "harness/commands/workers.h"
#include "harness/engine/engine.h"

/* Each guest reads the case files anew, one that takes another's place later than all. */
#define GUESTS_OTHER_FILES "the case files were changed while the run read them; ask again"

struct guests {
	struct engine_request request; /* of the command line as a whole */
};

/* Whether the command can be done by several: else one does it alone, as it stands. */
bool guests_can(const struct options *options, const struct image *image);
/* `count` of them. The plan lives as long as the process. */
struct workers_plan guests_plan(const struct options *options, size_t count, const char *rest);
/* In a guest: this worker's line. */
struct worker *guests_worker(void);

#endif
