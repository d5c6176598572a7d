/* run_reach.h - which cells can be asked of a subject, by what can be done to it. Pure. */
#ifndef TWPROBE_HARNESS_RUN_RUN_REACH_H
#define TWPROBE_HARNESS_RUN_RUN_REACH_H

#include <stdbool.h>

#include "cases/matrix/cell.h"
#include "harness/run/run.h"

struct run_reach {
	bool call;     /* it can be told to connect */
	bool listener; /* to stop listening, to fill its queues */
	bool manner;   /* to set options of its sockets; nothing on the way lowers a TTL */
};

/* What the lab's can, and what can be known of a target's before it is asked. */
struct run_reach run_reach_of(const struct run_options *options);
/* Why this cell cannot be asked; NULL: nothing here is against it. Says nothing of addresses and of the kernel's own limits. */
const char *run_reach_bar(const struct run_reach *reach, const struct run_options *options, const struct cell *cell);

#endif
