/* ports.h - what a capture has shown of hosts and their ports so far, for those that do not answer. Its memory is fixed. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_PORTS_H
#define TWPROBE_HARNESS_DIAGNOSE_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/endpoint.h"
#include "crafter/tuple.h"

struct ports;

/* Of one port. */
struct port_facts {
	uint32_t answers, refusals;      /* SYNs that it answered with a SYN-ACK; with a reset */
	uint32_t silences;               /* that nobody answered */
	uint64_t answer_ns, refusal_ns;  /* when last; 0: never */
	uint64_t again_ns;               /* when it last sent a SYN-ACK again though that was acknowledged; 0: never */
	bool takes_older;                /* one of those that it answered had an older timestamp than another before it */
	uint64_t delay_ns;               /* its quickest answer, from where the capture was taken; 0: none */
};

/* NULL when out of memory. */
struct ports *ports_open(void);
void ports_close(struct ports *ports); /* NULL is fine */

/* A segment with these flags of this host was captured. */
void ports_note_host(struct ports *ports, const struct address *host, uint16_t flags);
enum ports_host {
	PORTS_HOST_UNKNOWN, /* of too many hosts for this memory */
	PORTS_HOST_SILENT,  /* no segment of it was captured */
	PORTS_HOST_ASKS,    /* only SYNs and resets were, of it or of all: maybe a filter left out its answers */
	PORTS_HOST_SPEAKS,
};
enum ports_host ports_host(const struct ports *ports, const struct address *host);

/* To be changed by the caller. Another port may have been forgotten for it. */
struct port_facts *ports_of(struct ports *ports, const struct endpoint *port);

/* A SYN from one host to another carries this timestamp. How old the last one is that was newer than it: 0: there is none. Only
 * those of the last 60 s count, as in tcp_peer_is_proven() before 4.12 (TCP_PAWS_MSL). */
uint64_t ports_stamp(struct ports *ports, const struct tuple *tuple, uint32_t tsval, uint64_t time_ns);

#endif
