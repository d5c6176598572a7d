/* acceptor.h - the crafted end as the server: answers a client of some kernel, so that this kernel holds TIME_WAIT.
 *
 * A pure function of what it hears: SYN gets SYN-ACK, data an ACK, FIN a FIN of its own. One connection at a time. */
#ifndef TWPROBE_CRAFTER_ACCEPTOR_H
#define TWPROBE_CRAFTER_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/segment.h"

struct acceptor {
	uint32_t isn;               /* of the next connection */
	uint32_t snd_nxt, rcv_nxt;  /* of the one there is */
	bool timestamps, fin_sent;
};

/* One segment of the client's in (its tuple: client to server); what is to be sent is written to `reply`. `tsval` is the
 * server's clock at this moment. False when nothing is to be sent. */
bool acceptor_hear(struct acceptor *acceptor, const struct segment *segment, uint32_t tsval, struct segment *reply);

#endif
