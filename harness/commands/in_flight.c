/* in_flight.c - the limit of descriptors, as a limit of connections. */
#include "harness/commands/in_flight.h"

#include "crafter/descriptors.h"
#include "harness/commands/message.h"

/* OTHERS: descriptors of a run other than the source ports: capture, raw sockets, counters, witness, report. */
enum { LAB_IN_FLIGHT = 1024, TARGET_IN_FLIGHT = 32, OTHERS = 24 };

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

/* What adapts its pace is to be held back by that. */
size_t in_flight_usual(const struct options *options, bool lab)
{
	return lab || options->adapts ? LAB_IN_FLIGHT : TARGET_IN_FLIGHT;
}

int in_flight_choose(const struct lab *lab, const struct options *options, size_t useful, size_t *in_flight,
		     struct error *error)
{
	size_t room = room_for(lab);

	if (room == 0)
		return fail(error, "%zu descriptors are too few for a connection; raise the limit (ulimit -n)",
			    descriptors_limit());
	*in_flight = options->in_flight ? options->in_flight : in_flight_usual(options, lab != NULL);
	if (*in_flight > useful)
		*in_flight = useful;
	if (*in_flight <= room)
		return 0;
	if (options->in_flight && !options->quiet)
		message_note("%zu in flight, not %zu: each takes a descriptor (ulimit -n)", room, *in_flight);
	*in_flight = room;
	return 0;
}
