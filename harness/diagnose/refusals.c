/* refusals.c - a small table of ports. */
#include "harness/diagnose/refusals.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/tuple.h"

/* Who connected is the one that was refused. */
static const struct endpoint *refuser_of(const struct tracked *connection)
{
	const struct conversation *conversation = &connection->conversation;
	bool from_target = conversation->target.own_syn.seen && !conversation->source.own_syn.seen;

	return from_target ? &conversation->tuple.source : &conversation->tuple.target;
}

/* NULL: there is no room. */
static struct refusals_port *port_of(struct refusals *refusals, const struct endpoint *port)
{
	uint16_t *number;

	for (uint32_t place = tuple_hash(&(struct tuple){ .source = *port });; place++) {
		number = &refusals->places[place % (2 * REFUSALS_PORTS)];
		if (!*number)
			break;
		if (endpoint_equal(&refusals->ports[*number - 1].port, port))
			return &refusals->ports[*number - 1];
	}
	if (refusals->used == REFUSALS_PORTS)
		return NULL;
	*number = (uint16_t)++refusals->used;
	refusals->ports[*number - 1].port = *port;
	return &refusals->ports[*number - 1];
}

void refusals_note(struct refusals *refusals, const struct tracked *connection)
{
	struct refusals_port *port;

	if (!connection->refusals)
		return;
	port = port_of(refusals, refuser_of(connection));
	if (!port) {
		refusals->left_out += connection->refusals;
		return;
	}
	if (!port->count || connection->first_frame < port->first_frame)
		port->first_frame = connection->first_frame;
	port->count += connection->refusals;
}

static int by_count(const void *a, const void *b)
{
	const struct refusals_port *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return one->first_frame < other->first_frame ? -1 : one->first_frame > other->first_frame;
}

size_t refusals_most(const struct refusals *refusals, struct refusals_port most[static REFUSALS_TOLD])
{
	struct refusals_port sorted[REFUSALS_PORTS];
	size_t count = refusals->used < REFUSALS_TOLD ? refusals->used : REFUSALS_TOLD;

	memcpy(sorted, refusals->ports, sizeof(sorted));
	qsort(sorted, refusals->used, sizeof(sorted[0]), by_count);
	memcpy(most, sorted, count * sizeof(*most));
	return count;
}
