/* calls.h - the second channel of `twprobe serve`: who asks for it by a datagram (harness/lab/call_text.h) is connected to.
 *
 * Only the host that the datagram comes from is connected to, and only one that may connect here; the limits of what is
 * held hold for these connections too. Who forges that address makes us send a SYN there, no more than a forged SYN to any
 * TCP server does with its SYN-ACK. */
#ifndef TWPROBE_HARNESS_LAB_CALLS_H
#define TWPROBE_HARNESS_LAB_CALLS_H

#include "crafter/endpoint.h"
#include "crafter/fail.h"
#include "harness/lab/subject.h"

struct calls; /* owns a UDP socket; borrows the subject */

/* Asked at the same address and port, by UDP, as `endpoint`, where the subject listens with shares_port. */
struct calls *calls_open(struct subject *subject, const struct endpoint *endpoint, struct error *error);
int calls_descriptor(const struct calls *calls);
/* Serves what has come; does not wait. */
void calls_serve(struct calls *calls);
void calls_close(struct calls *calls); /* NULL is fine */

#endif
