/* rtnet.c - puts rtnetlink requests together. */
#include "harness/lab/rtnet.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "listener/netlink.h"

void *rtnet_begin(struct rtnet_request *request, uint16_t type, size_t extra)
{
	memset(request->buffer, 0, sizeof(request->buffer));
	request->header = mnl_nlmsg_put_header(request->buffer);
	request->header->nlmsg_type = type;
	request->header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	return mnl_nlmsg_put_extra_header(request->header, extra);
}

int rtnet_ask(struct mnl_socket *netlink, struct rtnet_request *request)
{
	return netlink_run(netlink, request->header, NULL, NULL) < 0 ? -1 : 0;
}

void rtnet_put_address(struct rtnet_request *request, uint16_t type, int family, const char *text)
{
	uint8_t bytes[16];

	inet_pton(family, text, bytes);
	mnl_attr_put(request->header, type, family == AF_INET6 ? 16 : 4, bytes);
}

int rtnet_bring_up(struct mnl_socket *netlink, unsigned index)
{
	struct rtnet_request request;
	struct ifinfomsg *link = rtnet_begin(&request, RTM_NEWLINK, sizeof(*link));

	request.header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link->ifi_index = (int)index;
	link->ifi_change = link->ifi_flags = IFF_UP;
	return rtnet_ask(netlink, &request);
}

int rtnet_add_address(struct mnl_socket *netlink, const struct rtnet_prefix *prefix, unsigned index)
{
	struct rtnet_request request;
	struct ifaddrmsg *address = rtnet_begin(&request, RTM_NEWADDR, sizeof(*address));

	address->ifa_family = (uint8_t)prefix->family;
	address->ifa_prefixlen = prefix->bits;
	address->ifa_index = index;
	address->ifa_flags = prefix->family == AF_INET6 ? IFA_F_NODAD : 0;
	rtnet_put_address(&request, IFA_LOCAL, prefix->family, prefix->text);
	rtnet_put_address(&request, IFA_ADDRESS, prefix->family, prefix->text);
	return rtnet_ask(netlink, &request);
}

int rtnet_add_route(struct mnl_socket *netlink, const struct rtnet_prefix *prefix, const char *gateway, unsigned index)
{
	struct rtnet_request request;
	struct rtmsg *route = rtnet_begin(&request, RTM_NEWROUTE, sizeof(*route));

	route->rtm_family = (uint8_t)prefix->family;
	route->rtm_dst_len = prefix->bits;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_scope = prefix->family == AF_INET && !gateway ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	route->rtm_type = RTN_UNICAST;
	rtnet_put_address(&request, RTA_DST, prefix->family, prefix->text);
	if (gateway)
		rtnet_put_address(&request, RTA_GATEWAY, prefix->family, gateway);
	mnl_attr_put_u32(request.header, RTA_OIF, index);
	return rtnet_ask(netlink, &request);
}

int rtnet_add_neighbour(struct mnl_socket *netlink, int family, const char *address, const uint8_t mac[static 6],
			unsigned index)
{
	struct rtnet_request request;
	struct ndmsg *neighbour = rtnet_begin(&request, RTM_NEWNEIGH, sizeof(*neighbour));

	neighbour->ndm_family = (uint8_t)family;
	neighbour->ndm_ifindex = (int)index;
	neighbour->ndm_state = NUD_PERMANENT;
	rtnet_put_address(&request, NDA_DST, family, address);
	mnl_attr_put(request.header, NDA_LLADDR, 6, mac);
	return rtnet_ask(netlink, &request);
}

static void put_end(struct nlmsghdr *header, const struct rtnet_end *end, uint32_t mtu)
{
	mnl_attr_put_strz(header, IFLA_IFNAME, end->name);
	mnl_attr_put(header, IFLA_ADDRESS, sizeof(end->mac), end->mac);
	mnl_attr_put_u32(header, IFLA_MTU, mtu);
	mnl_attr_put_u32(header, IFLA_NET_NS_FD, (uint32_t)end->namespace);
}

/* Both ends are made where they belong: moving one there afterwards waits for every CPU (dev_change_net_namespace). */
int rtnet_add_pair(struct mnl_socket *netlink, const struct rtnet_end ends[static 2], uint32_t mtu)
{
	struct rtnet_request request;
	struct nlattr *info, *data, *peer;

	rtnet_begin(&request, RTM_NEWLINK, sizeof(struct ifinfomsg));
	put_end(request.header, &ends[0], mtu);
	info = mnl_attr_nest_start(request.header, IFLA_LINKINFO);
	mnl_attr_put_strz(request.header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(request.header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(request.header, VETH_INFO_PEER);
	memset(mnl_nlmsg_put_extra_header(request.header, sizeof(struct ifinfomsg)), 0, sizeof(struct ifinfomsg));
	put_end(request.header, &ends[1], mtu);
	mnl_attr_nest_end(request.header, peer);
	mnl_attr_nest_end(request.header, data);
	mnl_attr_nest_end(request.header, info);
	return rtnet_ask(netlink, &request);
}

int rtnet_add_interface(struct mnl_socket *netlink, const char *kind, const char *name, uint32_t mtu)
{
	struct rtnet_request request;
	struct nlattr *info;

	rtnet_begin(&request, RTM_NEWLINK, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request.header, IFLA_IFNAME, name);
	mnl_attr_put_u32(request.header, IFLA_MTU, mtu);
	info = mnl_attr_nest_start(request.header, IFLA_LINKINFO);
	mnl_attr_put_strz(request.header, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(request.header, info);
	return rtnet_ask(netlink, &request);
}

static uint32_t share_of(double share)
{
	return (uint32_t)(share * UINT32_MAX);
}

/* The options are a structure with attributes behind it. The seed is of Linux 6.6 (TCA_NETEM_PRNG_SEED); others pass it
 * over. */
int rtnet_add_netem(struct mnl_socket *netlink, const struct rtnet_netem *netem, unsigned index)
{
	enum { PRNG_SEED = 14 };
	const struct tc_netem_qopt options = {
		.limit = netem->limit, .loss = share_of(netem->loss), .duplicate = share_of(netem->duplicate),
		.gap = netem->reorder > 0,
	};
	const struct tc_netem_reorder reorder = { .probability = share_of(netem->reorder) };
	struct rtnet_request request;
	struct tcmsg *qdisc = rtnet_begin(&request, RTM_NEWQDISC, sizeof(*qdisc));
	struct nlattr *nest;

	qdisc->tcm_ifindex = (int)index;
	qdisc->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(request.header, TCA_KIND, "netem");
	nest = mnl_attr_nest_start(request.header, TCA_OPTIONS);
	memcpy(mnl_nlmsg_put_extra_header(request.header, sizeof(options)), &options, sizeof(options));
	mnl_attr_put_u64(request.header, TCA_NETEM_LATENCY64, netem->delay_ns);
	mnl_attr_put_u64(request.header, TCA_NETEM_JITTER64, netem->jitter_ns);
	if (netem->reorder > 0)
		mnl_attr_put(request.header, TCA_NETEM_REORDER, sizeof(reorder), &reorder);
	if (netem->seed)
		mnl_attr_put_u64(request.header, PRNG_SEED, netem->seed);
	mnl_attr_nest_end(request.header, nest);
	return rtnet_ask(netlink, &request);
}
