/* route.h - how this host reaches a target: interface, source address (libmnl, RTM_GETROUTE). */
#ifndef TWPROBE_HARNESS_WIRE_ROUTE_H
#define TWPROBE_HARNESS_WIRE_ROUTE_H

#include <net/if.h>
#include <stdbool.h>

#include "crafter/fail.h"
#include "crafter/tuple.h"
#include "harness/wire/target.h"

struct route {
	char interface[IF_NAMESIZE];
	unsigned index;
	bool loopback;          /* the segments pass through `lo`: the target is this host */
	bool broadcast;         /* the target is a broadcast address of some network */
	struct address source;  /* what the kernel would choose */
};

/* `source` and `interface` (each may be NULL) are the user's wishes; an interface that does not exist or is down, a
 * target without a route, are errors that say so. */
int route_find(const struct address *target, const struct address *source, const char *interface, struct route *route,
	       struct error *error);
/* Whether the address belongs to an interface of this host. */
int route_is_local(const struct address *address, bool *local, struct error *error);

#endif
