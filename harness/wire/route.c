/* route.c - what the kernel's routing table has for a target, and which addresses are ours. */
#include "harness/wire/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener/netlink.h"

/* One answer of RTM_GETROUTE. */
struct lookup {
	uint8_t type; /* RTN_... */
	unsigned index;
	struct address source;
	uint8_t family;
};

static int read_attribute(const struct nlattr *attribute, void *context)
{
	struct lookup *lookup = context;
	size_t size = mnl_attr_get_payload_len(attribute);

	if (mnl_attr_get_type(attribute) == RTA_OIF && size == sizeof(uint32_t))
		lookup->index = mnl_attr_get_u32(attribute);
	if (mnl_attr_get_type(attribute) == RTA_PREFSRC && size == address_size(lookup->family)) {
		lookup->source.family = lookup->family;
		memcpy(lookup->source.bytes, mnl_attr_get_payload(attribute), size);
	}
	return MNL_CB_OK;
}

static int read_answer(const struct nlmsghdr *header, void *context)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(header);
	struct lookup *lookup = context;

	if (header->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(header) < sizeof(*route))
		return MNL_CB_OK;
	lookup->type = route->rtm_type;
	mnl_attr_parse(header, sizeof(*route), read_attribute, lookup);
	return MNL_CB_STOP;
}

static struct nlmsghdr *question(char *buffer, const struct address *target, const struct address *source,
				 unsigned index)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;
	size_t size = address_size(target->family);

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	route->rtm_family = target->family == 6 ? AF_INET6 : AF_INET;
	route->rtm_dst_len = (unsigned char)(size * 8);
	mnl_attr_put(header, RTA_DST, size, target->bytes);
	if (source) {
		route->rtm_src_len = route->rtm_dst_len;
		mnl_attr_put(header, RTA_SRC, size, source->bytes);
	}
	if (index)
		mnl_attr_put_u32(header, RTA_OIF, index);
	return header;
}

/* -1 with errno when there is no route (`source` may be NULL, `index` 0). */
static int look_up(const struct address *target, const struct address *source, unsigned index,
		   struct lookup *lookup)
{
	char buffer[512] = { 0 };
	struct mnl_socket *netlink = netlink_open(NETLINK_ROUTE);
	int result, number;

	*lookup = (struct lookup){ .family = target->family };
	if (!netlink)
		return -1;
	result = netlink_run(netlink, question(buffer, target, source, index), read_answer, lookup);
	number = errno;
	mnl_socket_close(netlink);
	if (result >= 0 && lookup->index && lookup->type != RTN_UNSPEC)
		return 0;
	errno = result < 0 ? number : ENETUNREACH;
	return -1;
}

int route_is_local(const struct address *address, bool *local, struct error *error)
{
	struct lookup lookup;
	char text[ADDRESS_TEXT_SIZE];

	*local = false;
	if (look_up(address, NULL, 0, &lookup) == 0) {
		*local = lookup.type == RTN_LOCAL;
		return 0;
	}
	switch (errno) {
	case ENETUNREACH: /* no route, so not local */
	case EHOSTUNREACH:
	case ENETDOWN:
	case EACCES:  /* a route that prohibits */
	case EINVAL:  /* a blackhole, or an address that belongs to no host */
	case EAFNOSUPPORT:
	case EOPNOTSUPP:
		return 0;
	default:
		return fail(error, "cannot ask the kernel whether %s is one of our addresses: %s",
			    address_format(address, text, sizeof(text)), strerror(errno));
	}
}

static int check_interface(const char *name, unsigned *index, struct error *error)
{
	struct ifreq request = { 0 };
	int descriptor, result;

	*index = strlen(name) < IF_NAMESIZE ? if_nametoindex(name) : 0;
	if (!*index)
		return fail(error, "there is no interface %.40s here", name);
	memcpy(request.ifr_name, name, strlen(name) + 1);
	descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return fail(error, "cannot ask for the interface %s: %s", name, strerror(errno));
	result = ioctl(descriptor, SIOCGIFFLAGS, &request);
	close(descriptor);
	if (result)
		return fail(error, "cannot ask for the interface %s: %s", name, strerror(errno));
	if (!(request.ifr_flags & IFF_UP))
		return fail(error, "the interface %s is down", name);
	return 0;
}

static int no_route(const struct address *target, const char *interface, int number, struct error *error)
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(target, text, sizeof(text));
	if (number == EAFNOSUPPORT || number == EOPNOTSUPP)
		return fail(error, "this host has no IPv%d, so no route to %s", target->family, text);
	return fail(error, "there is no route to %s%s%s (%s)", text, interface ? " through " : "",
		    interface ? interface : "", strerror(number));
}

/* Only an address of ours may be part of the question (the kernel refuses others): one that is not, which our caller
 * answers for, leaves the choice of the route as it is. */
static int usable_source(const struct address *source, uint8_t family, const struct address **usable,
			 struct error *error)
{
	bool local;

	*usable = NULL;
	if (!source)
		return 0;
	if (source->family != family)
		return fail(error, "the source is an IPv%d address, the target an IPv%d one", source->family, family);
	if (route_is_local(source, &local, error))
		return -1;
	*usable = local ? source : NULL;
	return 0;
}

int route_find(const struct address *target, const struct address *source, const char *interface, struct route *route,
	       struct error *error)
{
	const struct address *usable;
	struct lookup lookup;
	unsigned index = target->scope;

	memset(route, 0, sizeof(*route));
	if (interface && check_interface(interface, &index, error))
		return -1;
	if (usable_source(source, target->family, &usable, error))
		return -1;
	if (look_up(target, usable, index, &lookup))
		return no_route(target, interface, errno, error);
	route->broadcast = lookup.type == RTN_BROADCAST;
	route->loopback = lookup.type == RTN_LOCAL;
	/* What is for this host passes through lo, whichever interface has the address. */
	route->index = route->loopback ? if_nametoindex("lo") : lookup.index;
	if (!if_indextoname(route->index, route->interface))
		return fail(error, "cannot name the interface %u: %s", route->index, strerror(errno));
	route->source = source ? *source : lookup.source;
	if (!route->source.family && route->loopback)
		route->source = *target;
	if (!route->source.family)
		return no_route(target, interface, EADDRNOTAVAIL, error);
	if (target->scope && !route->source.scope)
		route->source.scope = target->scope;
	return 0;
}
