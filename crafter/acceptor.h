/* acceptor.h - what the crafted end sends as a server, so that a kernel's client comes to hold TIME_WAIT. Pure.
 *
 * A SYN gets a SYN-ACK, what takes sequence space an ACK, the FIN a FIN of the server's own. */
#ifndef TWPROBE_CRAFTER_ACCEPTOR_H
#define TWPROBE_CRAFTER_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

/* The answer to the client's segment, once `server` has got it (end_got()); what is sent of it is told with end_sent(). `iss`
 * begins a new connection, `tsval` is the server's clock at this moment. False when nothing is to be sent. */
bool acceptor_answer(const struct end *server, const struct segment *segment, uint32_t iss, uint32_t tsval,
		     struct segment *answer);

#endif
