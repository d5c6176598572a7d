/* leftovers.h - sockets that the subject's kernel still counts when a run in the lab is over, and did not before. */
#ifndef TWPROBE_HARNESS_COMMANDS_LEFTOVERS_H
#define TWPROBE_HARNESS_COMMANDS_LEFTOVERS_H

#include <stdbool.h>

#include "crafter/fail.h"
#include "harness/lab/sockstat.h"
#include "harness/wire/transport.h"

/* What is known of the kernel before a run. */
struct leftovers {
	struct sockstat *sockstat; /* NULL: nothing is counted */
	struct sockstat_counts before;
	bool alone;                /* no one else uses this kernel: it is a guest of ours */
	bool spares_time_wait;     /* a cell set tcp_rfc1337: what ends the others leaves those in TIME_WAIT */
};

/* Counts now; opens the files in `folder` ("/proc/net"), which needs no privilege. */
int leftovers_begin(struct leftovers *leftovers, const char *folder, bool alone, struct error *error);
/* Counts again, for up to a second while there is more than before: a process may not have closed its sockets yet. "" where
 * nothing is left, else "2 sockets". The listener's queues are emptied first. */
int leftovers_find(struct leftovers *leftovers, const struct transport *transport, char text[static SOCKSTAT_TEXT_SIZE],
		   struct error *error);
void leftovers_end(struct leftovers *leftovers);

#endif
