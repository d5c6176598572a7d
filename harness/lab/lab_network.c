/* lab_network.c - the four or five rtnetlink requests that make a lab's network. */
#include "harness/lab/lab_network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crafter/tuple.h"
#include "crafter/units.h"
#include "harness/lab/lab.h"
#include "listener/netlink.h"

enum {
	LO = 1, /* the loopback interface's index in every namespace (LOOPBACK_IFINDEX) */
	NEXTHOP = 1,
	IPV6_ASKS = 2000, /* a millisecond apart */
};

struct family {
	uint8_t number; /* AF_... */
	const char *subject, *network;
	uint8_t subject_bits, network_bits, bytes;
};

static const struct family ipv4 = { AF_INET, LAB_SUBJECT_V4, "192.0.2.0", 32, 24, 4 };
static const struct family ipv6 = { AF_INET6, LAB_SUBJECT_V6, "2001:db8::", 128, 64, 16 };

struct network_request {
	char buffer[512];
	struct nlmsghdr *header;
};

static void *begin(struct network_request *request, uint16_t type, size_t extra)
{
	memset(request->buffer, 0, sizeof(request->buffer));
	request->header = mnl_nlmsg_put_header(request->buffer);
	request->header->nlmsg_type = type;
	request->header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	return mnl_nlmsg_put_extra_header(request->header, extra);
}

/* Sends it and waits for the acknowledgment; -1 with errno when the kernel refuses. */
static int ask(struct mnl_socket *netlink, struct network_request *request)
{
	return netlink_run(netlink, request->header, NULL, NULL) < 0 ? -1 : 0;
}

static int bring_up(struct mnl_socket *netlink)
{
	struct network_request request;
	struct ifinfomsg *link = begin(&request, RTM_NEWLINK, sizeof(*link));

	request.header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link->ifi_index = LO;
	link->ifi_change = link->ifi_flags = IFF_UP;
	return ask(netlink, &request);
}

static void put_address(struct network_request *request, uint16_t type, const struct family *family, const char *text)
{
	uint8_t bytes[16];

	inet_pton(family->number, text, bytes);
	mnl_attr_put(request->header, type, family->bytes, bytes);
}

static int add_address(struct mnl_socket *netlink, const struct family *family)
{
	struct network_request request;
	struct ifaddrmsg *address = begin(&request, RTM_NEWADDR, sizeof(*address));

	address->ifa_family = family->number;
	address->ifa_prefixlen = family->subject_bits;
	address->ifa_index = LO;
	/* Without duplicate address detection, so that it can be bound at once. */
	address->ifa_flags = family->number == AF_INET6 ? IFA_F_NODAD : 0;
	put_address(&request, IFA_LOCAL, family, family->subject);
	put_address(&request, IFA_ADDRESS, family, family->subject);
	return ask(netlink, &request);
}

/* A nexthop object that is lo. The kernel turns a plain IPv6 route through lo into one that rejects
 * (fib6_is_reject) and answers with ICMP errors, which the subject would hear; through a nexthop object it does not,
 * and drops what comes back from lo in silence, forwarding being off. Kernels before 5.3 have no such objects. */
static int add_nexthop(struct mnl_socket *netlink)
{
	struct network_request request;
	struct nhmsg *nexthop = begin(&request, RTM_NEWNEXTHOP, sizeof(*nexthop));

	nexthop->nh_family = AF_INET6;
	nexthop->nh_protocol = RTPROT_STATIC;
	mnl_attr_put_u32(request.header, NHA_ID, NEXTHOP);
	mnl_attr_put_u32(request.header, NHA_OIF, LO);
	return ask(netlink, &request);
}

static int add_route(struct mnl_socket *netlink, const struct family *family, bool by_nexthop)
{
	struct network_request request;
	struct rtmsg *route = begin(&request, RTM_NEWROUTE, sizeof(*route));

	route->rtm_family = family->number;
	route->rtm_dst_len = family->network_bits;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = family->number == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	route->rtm_type = RTN_UNICAST;
	put_address(&request, RTA_DST, family, family->network);
	mnl_attr_put_u32(request.header, by_nexthop ? RTA_NH_ID : RTA_OIF, by_nexthop ? NEXTHOP : LO);
	return ask(netlink, &request);
}

static int set_up_ipv4(struct mnl_socket *netlink, struct error *error)
{
	if (bring_up(netlink))
		return fail(error, "cannot bring the lab's loopback interface up: %s", strerror(errno));
	if (add_address(netlink, &ipv4))
		return fail(error, "cannot give the lab its address %s: %s", ipv4.subject, strerror(errno));
	if (add_route(netlink, &ipv4, false))
		return fail(error, "cannot route %s/%d in the lab: %s", ipv4.network, ipv4.network_bits,
			    strerror(errno));
	return 0;
}

static int read_type(const struct nlmsghdr *header, void *context)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(header);

	if (header->nlmsg_type == RTM_NEWROUTE && mnl_nlmsg_get_payload_len(header) >= sizeof(*route))
		*(uint8_t *)context = route->rtm_type;
	return MNL_CB_OK;
}

/* The kernel makes the route to a new IPv6 address of its own in a worker (addrconf_dad_work), so that for a moment segments to
 * the subject would go the way of those to its peers. */
static bool wait_for_ipv6(struct mnl_socket *netlink)
{
	const struct timespec pause = { .tv_nsec = (long)NSEC_PER_MSEC };
	uint8_t type = RTN_UNSPEC;

	for (int asks = 0; asks < IPV6_ASKS && type != RTN_LOCAL; asks++) {
		struct network_request request;
		struct rtmsg *route = begin(&request, RTM_GETROUTE, sizeof(*route));

		request.header->nlmsg_flags = NLM_F_REQUEST;
		route->rtm_family = AF_INET6;
		route->rtm_dst_len = ipv6.subject_bits;
		put_address(&request, RTA_DST, &ipv6, ipv6.subject);
		if (asks)
			nanosleep(&pause, NULL);
		netlink_run(netlink, request.header, read_type, &type);
	}
	return type == RTN_LOCAL;
}

/* EAFNOSUPPORT: IPv6 is not compiled in, not loaded, or off by ipv6.disable=1. */
static bool has_sockets(void)
{
	int descriptor = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (descriptor >= 0)
		close(descriptor);
	return descriptor >= 0;
}

int lab_network_set_up(bool *has_ipv6, struct error *error)
{
	struct mnl_socket *netlink = netlink_open(NETLINK_ROUTE);
	int result;

	if (!netlink) {
		result = fail(error, "cannot ask the kernel about its network (netlink): %s", strerror(errno));
	} else {
		result = set_up_ipv4(netlink, error);
		*has_ipv6 = !result && has_sockets() && !add_address(netlink, &ipv6) && !add_nexthop(netlink) &&
			    !add_route(netlink, &ipv6, true) && wait_for_ipv6(netlink);
	}
	if (netlink)
		mnl_socket_close(netlink);
	return result;
}
