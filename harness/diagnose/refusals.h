/* refusals.h - which ports refused connections, and how often: nobody listened there. Its memory is fixed. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_REFUSALS_H
#define TWPROBE_HARNESS_DIAGNOSE_REFUSALS_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/endpoint.h"
#include "harness/diagnose/tracked.h"

/* Of so many ports; and the most that are told. */
enum { REFUSALS_PORTS = 256, REFUSALS_TOLD = 8 };

struct refusals_port {
	struct endpoint port;
	uint64_t count;       /* SYNs that a reset answered */
	uint64_t first_frame; /* of the first such connection */
	uint64_t answers;     /* SYNs that the same port answered with a SYN-ACK, as far as that is remembered */
};

struct refusals {
	struct refusals_port ports[REFUSALS_PORTS];
	uint16_t places[2 * REFUSALS_PORTS]; /* numbers of ports, from 1, by their hash */
	size_t used;
	uint64_t left_out; /* refusals of ports for which there was no room */
};

/* A connection is told. */
void refusals_note(struct refusals *refusals, const struct tracked *connection);
/* Those that refused most, the most first; of as many the earlier one. Returns how many. */
size_t refusals_most(const struct refusals *refusals, struct refusals_port most[static REFUSALS_TOLD]);

#endif
