/* ports.c - tables with one place for each hash: a newer entry takes the place of an older one. */
#include "harness/diagnose/ports.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/segment.h"
#include "crafter/seq.h"
#include "crafter/units.h"

/* HOST_BITS: of a Bloom filter, which knows who is in none of its tables. All are powers of two. */
enum { PORTS = 2048, STAMPS = 2048, SPEAKERS = 4096, HOST_BITS = 1 << 19 };

#define PAWS_NS (60 * NSEC_PER_SEC)

struct served_port {
	struct endpoint endpoint; /* family 0: nothing is here */
	struct port_facts facts;
};

/* The newest timestamp of a host's SYNs to another. */
struct stamp {
	struct address from, to;
	uint32_t tsval;
	uint64_t time_ns;
};

struct speaker {
	struct address host;
	bool acknowledges;
};

struct ports {
	struct served_port ports[PORTS];
	struct stamp stamps[STAMPS];
	struct speaker speakers[SPEAKERS];
	uint32_t hosts[HOST_BITS / 32];
	bool plain; /* a segment of anybody that is neither a SYN nor a reset was captured */
	/* Where the last ones are: mostly the next ones are the same, and need no hash. */
	struct speaker *recent[2];
	struct served_port *recent_port;
};

struct ports *ports_open(void)
{
	return calloc(1, sizeof(struct ports));
}

void ports_close(struct ports *ports)
{
	free(ports);
}

static uint32_t hash_of(const struct address *a, const struct address *b, uint16_t port)
{
	struct tuple tuple = { .source = { .address = *a, .port = port } };

	if (b)
		tuple.target.address = *b;
	return tuple_hash(&tuple);
}

/* The place of the host, which another one may have. A host is never in another place than its own. */
static struct speaker *speaker_of(struct ports *ports, const struct address *host)
{
	struct speaker **recent = ports->recent, *speaker;

	for (int i = 0; i < 2; i++)
		if (recent[i] && address_equal(&recent[i]->host, host))
			return recent[i];
	speaker = &ports->speakers[hash_of(host, NULL, 0) % SPEAKERS];
	recent[1] = recent[0];
	recent[0] = speaker;
	return speaker;
}

void ports_note_host(struct ports *ports, const struct address *host, uint16_t flags)
{
	struct speaker *speaker = speaker_of(ports, host);
	bool known = address_equal(&speaker->host, host);

	if (!known)
		*speaker = (struct speaker){ .host = *host };
	speaker->acknowledges |= (flags & (FLAG_RST | FLAG_ACK)) == FLAG_ACK;
	ports->plain |= !(flags & (FLAG_SYN | FLAG_RST));
	if (known) /* its bits are set */
		return;
	for (uint16_t i = 0; i < 2; i++) {
		uint32_t bit = hash_of(host, NULL, i) % HOST_BITS;

		ports->hosts[bit / 32] |= UINT32_C(1) << bit % 32;
	}
}

enum ports_host ports_host(const struct ports *ports, const struct address *host)
{
	const struct speaker *speaker = &ports->speakers[hash_of(host, NULL, 0) % SPEAKERS];

	if (address_equal(&speaker->host, host))
		return speaker->acknowledges && ports->plain ? PORTS_HOST_SPEAKS : PORTS_HOST_ASKS;
	for (uint16_t i = 0; i < 2; i++) {
		uint32_t bit = hash_of(host, NULL, i) % HOST_BITS;

		if (!(ports->hosts[bit / 32] & UINT32_C(1) << bit % 32))
			return PORTS_HOST_SILENT;
	}
	return PORTS_HOST_UNKNOWN;
}

static bool is_of(const struct served_port *port, const struct endpoint *endpoint)
{
	return port->endpoint.port == endpoint->port && address_equal(&port->endpoint.address, &endpoint->address);
}

struct port_facts *ports_of(struct ports *ports, const struct endpoint *port)
{
	struct served_port *place = ports->recent_port;

	if (place && is_of(place, port))
		return &place->facts;
	place = ports->recent_port = &ports->ports[hash_of(&port->address, NULL, port->port) % PORTS];
	if (!is_of(place, port))
		*place = (struct served_port){ .endpoint = *port };
	return &place->facts;
}

uint64_t ports_stamp(struct ports *ports, const struct tuple *tuple, uint32_t tsval, uint64_t time_ns)
{
	const struct address *from = &tuple->source.address, *to = &tuple->target.address;
	struct stamp *stamp = &ports->stamps[hash_of(from, to, 0) % STAMPS];
	bool known = address_equal(&stamp->from, from) && address_equal(&stamp->to, to) && time_ns - stamp->time_ns < PAWS_NS;

	if (known && seq_before(tsval, stamp->tsval))
		return time_ns > stamp->time_ns ? time_ns - stamp->time_ns : 1;
	*stamp = (struct stamp){ *from, *to, tsval, time_ns };
	return 0;
}
