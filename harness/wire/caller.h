/* caller.h - asks a target that is `twprobe serve --calls` to connect to us (harness/lab/call_text.h). */
#ifndef TWPROBE_HARNESS_WIRE_CALLER_H
#define TWPROBE_HARNESS_WIRE_CALLER_H

#include <stdint.h>

#include "crafter/behaviour.h"
#include "crafter/endpoint.h"
#include "crafter/fail.h"

struct caller; /* owns a UDP socket */

/* From `source`, where the connections shall go to. */
struct caller *caller_open(const struct address *source, const struct endpoint *target, struct error *error);
/* A connection to this port of ours, treated so. A datagram that is lost is not noticed: ask again. -1: the target has refused
 * one that was asked for before, or takes no calls at all. */
int caller_ask(struct caller *caller, uint16_t port, enum behaviour behaviour, struct error *error);
void caller_close(struct caller *caller); /* NULL is fine */

#endif
