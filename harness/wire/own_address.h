/* own_address.h - an address by which others may reach this machine. */
#ifndef TWPROBE_HARNESS_WIRE_OWN_ADDRESS_H
#define TWPROBE_HARNESS_WIRE_OWN_ADDRESS_H

#include <stdbool.h>

#include "crafter/address.h"

/* The first address of an interface that is up: IPv4 rather than IPv6, and one that works beyond its link rather than a
 * link-local address, and that rather than loopback. False: there is none at all. Opens a netlink socket. */
bool own_address(struct address *address);

#endif
