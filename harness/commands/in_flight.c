/* in_flight.c - the limit of descriptors, as a limit of connections. */
#include "harness/commands/in_flight.h"

#include <stdio.h>

#include "crafter/descriptors.h"

/* Of a run besides the source ports: capture, raw sockets, counters, witness, report. */
enum { OTHERS = 24 };

/* In the lab each connection takes a descriptor of the subject's, towards a target each source port one of ours; and there
 * ports that were given back keep theirs for a while, so that half are left to them. */
static size_t room_for(const struct lab *lab)
{
	size_t room;

	if (lab)
		return lab_room(lab);
	descriptors_raise();
	room = descriptors_free();
	return room > OTHERS ? (room - OTHERS) / 2 : 0;
}

int in_flight_fit(const struct lab *lab, const struct options *options, size_t *in_flight, struct error *error)
{
	size_t room = room_for(lab);

	if (room == 0)
		return fail(error, "%zu descriptors are too few for a connection; raise the limit (ulimit -n)",
			    descriptors_limit());
	if (*in_flight <= room)
		return 0;
	if (options->in_flight && !options->quiet)
		fprintf(stderr, "twprobe: note: %zu in flight, not %zu: each takes a descriptor (ulimit -n)\n", room,
			*in_flight);
	*in_flight = room;
	return 0;
}
