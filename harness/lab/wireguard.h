/* wireguard.h - a WireGuard tunnel between two network namespaces, over a link that they have: interfaces, keys, routes. */
#ifndef TWPROBE_HARNESS_LAB_WIREGUARD_H
#define TWPROBE_HARNESS_LAB_WIREGUARD_H

#include <libmnl/libmnl.h>
#include <stddef.h>

#include "crafter/fail.h"
#include "harness/lab/rtnet.h"

/* What wg-quick(8) names the first one, and what is left of 1500 bytes in IPv6's case, as it reckons. */
#define WIREGUARD_INTERFACE "wg0"
enum { WIREGUARD_MTU = 1420 };

struct wireguard_end {
	int namespace;               /* a descriptor of it */
	struct mnl_socket *netlink;  /* of rtnetlink, in it */
	const char *address;         /* of the link below, IPv4 */
	const struct rtnet_prefix *beyond; /* what is routed through the tunnel, and may come out of it */
	size_t beyond_count;
	unsigned index;              /* set here: of the interface */
	uint16_t family;             /* set here: of WireGuard's generic netlink */
};

/* Both ends up, their keys exchanged (a handshake), so that no segment waits for that. Leaves this process in one of the
 * namespaces. The error has no "cannot make the path"; that this kernel has no WireGuard is said. */
int wireguard_join(struct wireguard_end ends[static 2], struct error *error);

#endif
