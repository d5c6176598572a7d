/* conntrack.c - reads IPCTNL_MSG_CT_NEW and _DELETE (net/netfilter/nf_conntrack_netlink.c). */
#include "harness/lab/conntrack.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "harness/lab/sysctl.h"
#include "listener/netlink.h"

enum {
	PORTS = 1 << 16,
	SENT_KEPT = 6, /* marked segments of one connection: no exchange has more */
	UNKNOWN = 255, /* a state that nothing is known of */
};

struct conntrack_mark {
	uint32_t seq;
	uint16_t mark;
	uint16_t flags;
	uint8_t before, after;
	bool over; /* another segment was sent since: `after` is what it is */
};

/* By the crafted end's port. */
struct conntrack_known {
	struct endpoint crafted;
	uint8_t state, count;
	bool tracked; /* an event of it came */
	struct conntrack_mark list[SENT_KEPT];
};

struct conntrack {
	struct mnl_socket *netlink;
	struct conntrack_known known[PORTS];
};

static const char *const names[] = {
	[TCP_CONNTRACK_NONE] = "none", [TCP_CONNTRACK_SYN_SENT] = "SYN_SENT", [TCP_CONNTRACK_SYN_RECV] = "SYN_RECV",
	[TCP_CONNTRACK_ESTABLISHED] = "ESTABLISHED", [TCP_CONNTRACK_FIN_WAIT] = "FIN_WAIT",
	[TCP_CONNTRACK_CLOSE_WAIT] = "CLOSE_WAIT", [TCP_CONNTRACK_LAST_ACK] = "LAST_ACK",
	[TCP_CONNTRACK_TIME_WAIT] = "TIME_WAIT", [TCP_CONNTRACK_CLOSE] = "CLOSE", [TCP_CONNTRACK_SYN_SENT2] = "SYN_SENT2",
};

struct conntrack *conntrack_open(struct error *error)
{
	static const int groups[] = { NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY };
	struct conntrack *conntrack = calloc(1, sizeof(*conntrack));

	*error->text = '\0';
	if (!conntrack) {
		fail(error, "out of memory");
		return NULL;
	}
	conntrack->netlink = netlink_listen(NETLINK_NETFILTER, groups, sizeof(groups) / sizeof(groups[0]));
	if (!conntrack->netlink) {
		conntrack_close(conntrack);
		return NULL;
	}
	if (sysctl_exists("net.netfilter.nf_conntrack_events"))
		sysctl_write("net.netfilter.nf_conntrack_events", "1", NULL, NULL);
	return conntrack;
}

void conntrack_close(struct conntrack *conntrack)
{
	if (!conntrack)
		return;
	if (conntrack->netlink)
		mnl_socket_close(conntrack->netlink);
	free(conntrack);
}

static const struct nlattr *within(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attributes[NETLINK_TYPES] = { NULL };

	return nest && mnl_attr_parse_nested(nest, netlink_keep, attributes) > 0 ? attributes[type] : NULL;
}

static void read_address(const struct nlattr *v4, const struct nlattr *v6, struct address *address)
{
	const struct nlattr *one = v4 ? v4 : v6;
	size_t size = v4 ? 4 : 16;

	memset(address, 0, sizeof(*address));
	if (!one || mnl_attr_get_payload_len(one) < size)
		return;
	address->family = v4 ? 4 : 6;
	memcpy(address->bytes, mnl_attr_get_payload(one), size);
}

/* Whoever opened the connection, one of the two is the crafted end. */
static bool read_tuple(const struct nlattr *tuple, struct endpoint ends[static 2])
{
	const struct nlattr *ip = within(tuple, CTA_TUPLE_IP), *proto = within(tuple, CTA_TUPLE_PROTO);
	const struct nlattr *number = within(proto, CTA_PROTO_NUM), *source = within(proto, CTA_PROTO_SRC_PORT);
	const struct nlattr *target = within(proto, CTA_PROTO_DST_PORT);

	if (!number || mnl_attr_get_u8(number) != IPPROTO_TCP || !source || !target)
		return false;
	read_address(within(ip, CTA_IP_V4_SRC), within(ip, CTA_IP_V6_SRC), &ends[0].address);
	read_address(within(ip, CTA_IP_V4_DST), within(ip, CTA_IP_V6_DST), &ends[1].address);
	ends[0].port = ntohs(mnl_attr_get_u16(source));
	ends[1].port = ntohs(mnl_attr_get_u16(target));
	return true;
}

static struct conntrack_known *find(struct conntrack *conntrack, const struct endpoint *crafted)
{
	struct conntrack_known *known = &conntrack->known[crafted->port];

	return endpoint_equal(&known->crafted, crafted) ? known : NULL;
}

static int read_event(const struct nlmsghdr *header, void *context)
{
	const struct nlattr *attributes[NETLINK_TYPES] = { NULL };
	struct endpoint ends[2];
	const struct nlattr *state;
	struct conntrack_known *known;

	if (mnl_attr_parse(header, sizeof(struct nfgenmsg), netlink_keep, attributes) <= 0 ||
	    !read_tuple(attributes[CTA_TUPLE_ORIG], ends))
		return MNL_CB_OK;
	known = find(context, &ends[0]);
	known = known ? known : find(context, &ends[1]);
	if (!known)
		return MNL_CB_OK;
	known->tracked = true;
	state = within(within(attributes[CTA_PROTOINFO], CTA_PROTOINFO_TCP), CTA_PROTOINFO_TCP_STATE);
	if ((header->nlmsg_type & 0xff) == IPCTNL_MSG_CT_DELETE)
		known->state = TCP_CONNTRACK_NONE;
	else if (state)
		known->state = mnl_attr_get_u8(state);
	return MNL_CB_OK;
}

static void forget_all(struct conntrack *conntrack)
{
	for (size_t i = 0; i < PORTS; i++)
		conntrack->known[i].state = UNKNOWN;
}

/* Reads what there is to read. */
static void receive(struct conntrack *conntrack)
{
	while (netlink_hear(conntrack->netlink, read_event, conntrack))
		forget_all(conntrack);
}

void conntrack_begin(struct conntrack *conntrack, const struct endpoint *crafted)
{
	receive(conntrack); /* what is on its way belongs to the one before */
	conntrack->known[crafted->port] = (struct conntrack_known){ .crafted = *crafted, .state = TCP_CONNTRACK_NONE };
}

void conntrack_sent(struct conntrack *conntrack, const struct segment *segment)
{
	struct conntrack_known *known = find(conntrack, &segment->tuple.source);
	struct conntrack_mark *last = known && known->count ? &known->list[known->count - 1] : NULL;

	if (!known || (!segment->ip_id && (!last || last->over)))
		return;
	receive(conntrack);
	if (last && !last->over) {
		last->after = known->state;
		last->over = true;
	}
	if (segment->ip_id && known->count < SENT_KEPT)
		known->list[known->count++] = (struct conntrack_mark){
			.seq = segment->seq, .mark = segment->ip_id, .flags = segment->flags, .before = known->state,
		};
}

static const char *name_of(uint8_t state)
{
	return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

void conntrack_tell(struct conntrack *conntrack, const struct segment *sent, bool again, const char **before,
		    const char **after)
{
	const struct conntrack_known *known = find(conntrack, &sent->tuple.source);

	*before = *after = NULL;
	if (!known)
		return;
	receive(conntrack);
	for (uint8_t i = again; known->tracked && i < known->count; i++) {
		const struct conntrack_mark *one = &known->list[i];

		if (one->seq != sent->seq || one->flags != sent->flags || one->mark != sent->ip_id)
			continue;
		*before = name_of(one->before);
		*after = name_of(one->over ? one->after : known->state);
		return;
	}
}
