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
#include "harness/lab/rtnet.h"
#include "listener/netlink.h"

enum {
	NEXTHOP = 1,
	IPV6_ASKS = 2000, /* a millisecond apart */
};

static const struct rtnet_prefix subject_v4 = { AF_INET, LAB_SUBJECT_V4, 32 }, sources_v4 = { AF_INET, LAB_NETWORK_V4, 24 };
static const struct rtnet_prefix subject_v6 = { AF_INET6, LAB_SUBJECT_V6, 128 }, sources_v6 = { AF_INET6, LAB_NETWORK_V6, 64 };

/* A nexthop object that is lo. The kernel turns a plain IPv6 route through lo into one that rejects
 * (fib6_is_reject) and answers with ICMP errors, which the subject would hear; through a nexthop object it does not,
 * and drops what comes back from lo in silence, forwarding being off. Kernels before 5.3 have no such objects. */
static int add_nexthop(struct mnl_socket *netlink)
{
	struct rtnet_request request;
	struct nhmsg *nexthop = rtnet_begin(&request, RTM_NEWNEXTHOP, sizeof(*nexthop));

	nexthop->nh_family = AF_INET6;
	nexthop->nh_protocol = RTPROT_STATIC;
	mnl_attr_put_u32(request.header, NHA_ID, NEXTHOP);
	mnl_attr_put_u32(request.header, NHA_OIF, RTNET_LO);
	return rtnet_ask(netlink, &request);
}

static int add_route_by_nexthop(struct mnl_socket *netlink)
{
	struct rtnet_request request;
	struct rtmsg *route = rtnet_begin(&request, RTM_NEWROUTE, sizeof(*route));

	route->rtm_family = AF_INET6;
	route->rtm_dst_len = sources_v6.bits;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = RT_SCOPE_UNIVERSE;
	route->rtm_type = RTN_UNICAST;
	rtnet_put_address(&request, RTA_DST, AF_INET6, sources_v6.text);
	mnl_attr_put_u32(request.header, RTA_NH_ID, NEXTHOP);
	return rtnet_ask(netlink, &request);
}

static int set_up_ipv4(struct mnl_socket *netlink, bool routed, struct error *error)
{
	if (rtnet_bring_up(netlink, RTNET_LO))
		return fail(error, "cannot bring the lab's loopback interface up: %s", strerror(errno));
	if (rtnet_add_address(netlink, &subject_v4, RTNET_LO))
		return fail(error, "cannot give the lab its address %s: %s", subject_v4.text, strerror(errno));
	if (!routed && rtnet_add_route(netlink, &sources_v4, NULL, RTNET_LO))
		return fail(error, "cannot route %s/%d in the lab: %s", sources_v4.text, sources_v4.bits,
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
	struct timespec pause = { .tv_nsec = (long)NSEC_PER_MSEC / 20 }; /* most often it is done by then */
	uint8_t type = RTN_UNSPEC;

	for (int asks = 0; asks < IPV6_ASKS && type != RTN_LOCAL; asks++) {
		struct rtnet_request request;
		struct rtmsg *route = rtnet_begin(&request, RTM_GETROUTE, sizeof(*route));

		request.header->nlmsg_flags = NLM_F_REQUEST;
		route->rtm_family = AF_INET6;
		route->rtm_dst_len = subject_v6.bits;
		rtnet_put_address(&request, RTA_DST, AF_INET6, subject_v6.text);
		if (asks)
			nanosleep(&pause, NULL);
		if (asks && pause.tv_nsec < (long)NSEC_PER_MSEC)
			pause.tv_nsec *= 2;
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

int lab_network_set_up(bool routed, bool *has_ipv6, struct error *error)
{
	struct mnl_socket *netlink = netlink_open(NETLINK_ROUTE);
	int result;

	if (!netlink) {
		result = fail(error, "cannot ask the kernel about its network (netlink): %s", strerror(errno));
	} else {
		result = set_up_ipv4(netlink, routed, error);
		*has_ipv6 = !result && has_sockets() && !rtnet_add_address(netlink, &subject_v6, RTNET_LO) &&
			    (routed || (!add_nexthop(netlink) && !add_route_by_nexthop(netlink))) &&
			    wait_for_ipv6(netlink);
	}
	if (netlink)
		mnl_socket_close(netlink);
	return result;
}
