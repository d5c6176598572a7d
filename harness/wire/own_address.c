/* own_address.c - the addresses of this machine's interfaces, and which of them to tell others. */
#include <ifaddrs.h>
#include <net/if.h>

#include "crafter/endpoint.h"
#include "harness/wire/own_address.h"

static bool is_loopback(const struct address *address)
{
	static const struct address v6 = { .family = 6, .bytes = { [15] = 1 } };

	return address->family == 4 ? address->bytes[0] == 127 : address_equal(address, &v6);
}

/* How well others can use it; more is better. */
static int worth(const struct ifaddrs *interface, const struct address *address)
{
	if (!(interface->ifa_flags & IFF_UP))
		return 0;
	if (is_loopback(address))
		return address->family == 4 ? 2 : 1;
	if (address->scope)
		return 3;
	return address->family == 4 ? 5 : 4;
}

bool own_address(struct address *address)
{
	struct ifaddrs *all;
	int best = 0;

	if (getifaddrs(&all))
		return false;
	for (const struct ifaddrs *interface = all; interface; interface = interface->ifa_next) {
		struct endpoint candidate;

		if (!interface->ifa_addr || endpoint_from_sockaddr(interface->ifa_addr, &candidate) ||
		    worth(interface, &candidate.address) <= best)
			continue;
		best = worth(interface, &candidate.address);
		*address = candidate.address;
	}
	freeifaddrs(all);
	return best > 0;
}
