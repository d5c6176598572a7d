/* tuple.h - the four-tuple that names a connection; IPv4 and IPv6. */
#ifndef TWPROBE_CRAFTER_TUPLE_H
#define TWPROBE_CRAFTER_TUPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/endpoint.h"

struct tuple {
	struct endpoint source, target;
};

static inline bool tuple_equal(const struct tuple *a, const struct tuple *b)
{
	return endpoint_equal(&a->source, &b->source) && endpoint_equal(&a->target, &b->target);
}

struct tuple tuple_reversed(const struct tuple *tuple);
/* Leaves the scopes out: those that equal any must not differ here. */
uint32_t tuple_hash(const struct tuple *tuple);
/* What IP drops on a loopback interface of Linux before TCP could count it: ip_route_input_slow(), martian_source;
 * ip6_rcv_core(), ipv6_addr_is_multicast(saddr). To a multicast address of IPv6 such an interface has no route. */
bool tuple_is_martian(const struct tuple *tuple);

#endif
