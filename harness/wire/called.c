/* called.c - a table by the crafted end's port. */
#include "harness/wire/called.h"

#include <stdlib.h>

struct called_end {
	struct endpoint crafted;
	bool began; /* its first SYN was heard */
	uint32_t iss;
};

struct called {
	uint16_t first_port;
	size_t ports;
	struct called_end calls[];
};

struct called *called_open(uint16_t first_port, size_t ports)
{
	struct called *called = calloc(1, sizeof(*called) + ports * sizeof(called->calls[0]));

	if (called) {
		called->first_port = first_port;
		called->ports = ports;
	}
	return called;
}

static struct called_end *find(struct called *called, const struct endpoint *crafted)
{
	size_t number = called && crafted->port >= called->first_port ? (size_t)(crafted->port - called->first_port) : SIZE_MAX;

	return called && number < called->ports ? &called->calls[number] : NULL;
}

void called_begin(struct called *called, const struct endpoint *crafted)
{
	struct called_end *call = find(called, crafted);

	if (call)
		*call = (struct called_end){ .crafted = *crafted };
}

bool called_counted(struct called *called, const struct segment *segment)
{
	struct called_end *call = segment->flags & FLAG_SYN ? find(called, &segment->tuple.target) : NULL;

	if (!call || !endpoint_equal(&call->crafted, &segment->tuple.target))
		return true;
	if (call->began)
		return segment->seq != call->iss;
	call->began = true;
	call->iss = segment->seq;
	return true;
}

void called_close(struct called *called)
{
	free(called);
}
