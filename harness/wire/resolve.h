/* resolve.h - the name service without privileges. */
#ifndef TWPROBE_HARNESS_WIRE_RESOLVE_H
#define TWPROBE_HARNESS_WIRE_RESOLVE_H

#include "crafter/fail.h"
#include "crafter/tuple.h"

/* As target_resolve, but a root process asks through a child that has dropped its privileges: an answer of the name
 * service is bytes from the network. */
int resolve_unprivileged(const char *text, uint8_t family, struct endpoint *endpoint, struct error *error);

#endif
