/* rule_trace.c - reads NFT_MSG_TRACE (net/netfilter/nf_tables_trace.c). */
#include "harness/lab/rule_trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listener/decode.h"
#include "listener/netlink.h"

enum {
	DROPS = 1 << 14,        /* remembered, a power of two */
	PACKETS = 1 << 12,      /* under way: their headers come once a chain */
	HEADERS_MAX = 64,
};

/* As far as one segment of a run differs from another. */
struct traced_packet {
	uint32_t id;            /* of the trace; 0: free */
	struct tuple tuple;
	uint32_t seq;
	uint16_t flags;
};

struct traced_drop {
	struct traced_packet packet;
	const struct ruleset_rule *rule;
};

struct rule_trace {
	struct mnl_socket *netlink;
	struct ruleset_rules rules;
	struct traced_packet packets[PACKETS];
	struct traced_drop drops[DROPS];
	size_t dropped;         /* of all; the last DROPS are kept */
};

/* Before prerouting of any kind there is only a device's ingress. */
#define TRACED \
	"  iifname \"%s\" tcp flags & (fin | syn | rst | ack) == syn meta nftrace set 1 return\n" \
	"  iifname \"%s\" ip id 0 return\n  iifname \"%s\" ip6 flowlabel 0 return\n" \
	"  meta l4proto tcp meta nftrace set 1\n }\n"

const char *rule_trace_table(const struct path *path, bool ingress, char text[static RULE_TRACE_TABLE_SIZE])
{
	const char *out = path->outside, *devices[] = { out, path->inside };
	size_t used = 0;

	if (!ingress) {
		snprintf(text, RULE_TRACE_TABLE_SIZE, "table inet twprobe-trace {\n chain trace {\n"
			 "  type filter hook prerouting priority -310; policy accept;\n" TRACED "}\n", out, out, out);
		return text;
	}
	for (size_t i = 0; i < 2 && used < RULE_TRACE_TABLE_SIZE; i++)
		used += (size_t)snprintf(text + used, RULE_TRACE_TABLE_SIZE - used,
					 "table netdev twprobe-trace {\n chain trace-%zu {\n"
					 "  type filter hook ingress device \"%s\" priority -1000000; policy accept;\n"
					 TRACED "}\n", i, devices[i], out, out, out);
	return text;
}

struct rule_trace *rule_trace_open(struct ruleset_rules *rules, struct error *error)
{
	struct rule_trace *trace = calloc(1, sizeof(*trace));
	const int group = NFNLGRP_NFTRACE;

	if (!trace) {
		fail(error, "out of memory");
		return NULL;
	}
	trace->netlink = netlink_listen(NETLINK_NETFILTER, &group, 1);
	if (!trace->netlink) {
		fail(error, "cannot listen to the trace of the path's rules: %s", strerror(errno));
		rule_trace_close(trace);
		return NULL;
	}
	trace->rules = *rules;
	*rules = (struct ruleset_rules){ 0 };
	return trace;
}

static uint32_t number_of(const struct nlattr *attribute)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 4 ? ntohl(mnl_attr_get_u32(attribute)) : 0;
}

/* The headers as they were when the packet came into this chain. */
static void take_headers(struct traced_packet *packet, const struct nlattr *network, const struct nlattr *transport)
{
	uint8_t bytes[2 * HEADERS_MAX];
	size_t first = mnl_attr_get_payload_len(network), second = mnl_attr_get_payload_len(transport);
	struct segment segment = { .flags = 0 };

	if (first > HEADERS_MAX || second > HEADERS_MAX)
		return;
	memcpy(bytes, mnl_attr_get_payload(network), first);
	memcpy(bytes + first, mnl_attr_get_payload(transport), second);
	decode_captured(bytes, first + second, 65535, &segment); /* options are cut off: all before them is there */
	packet->tuple = segment.tuple;
	packet->seq = segment.seq;
	packet->flags = segment.flags;
}

static const char *text_of(const struct nlattr *attribute)
{
	return attribute && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0 ? mnl_attr_get_str(attribute) : "";
}

/* A trace has the packet's family, not that of the table: of two tables with that name, one of each, none is certain. */
static const struct ruleset_rule *find_rule(const struct rule_trace *trace, uint32_t family, const char *table,
					    const char *chain, uint64_t handle)
{
	const char *own = family == NFPROTO_IPV4 ? "ip" : family == NFPROTO_IPV6 ? "ip6" : "netdev";
	const struct ruleset_rule *one = ruleset_rules_find(&trace->rules, own, table, chain, handle);
	const struct ruleset_rule *both = ruleset_rules_find(&trace->rules, "inet", table, chain, handle);

	return one && both ? NULL : one ? one : both;
}

static uint64_t handle_of(const struct nlattr *attribute)
{
	uint64_t value;

	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof(value))
		return 0;
	memcpy(&value, mnl_attr_get_payload(attribute), sizeof(value));
	return be64toh(value);
}

/* The verdict's code; NF_ACCEPT where there is none. */
static uint32_t verdict_of(const struct nlattr *const attributes[NETLINK_TYPES])
{
	const struct nlattr *nested[NETLINK_TYPES] = { NULL };

	if (number_of(attributes[NFTA_TRACE_TYPE]) == NFT_TRACETYPE_POLICY)
		return attributes[NFTA_TRACE_POLICY] ? number_of(attributes[NFTA_TRACE_POLICY]) : (uint32_t)NF_ACCEPT;
	if (!attributes[NFTA_TRACE_VERDICT])
		return NF_ACCEPT;
	mnl_attr_parse_nested(attributes[NFTA_TRACE_VERDICT], netlink_keep, nested);
	return nested[NFTA_VERDICT_CODE] ? number_of(nested[NFTA_VERDICT_CODE]) & NF_VERDICT_MASK : (uint32_t)NF_ACCEPT;
}

static int take_message(const struct nlmsghdr *header, void *context)
{
	const struct nlattr *attributes[NETLINK_TYPES] = { NULL };
	struct rule_trace *trace = context;
	struct traced_packet *packet;
	struct traced_drop *drop;
	uint64_t handle;
	uint32_t id;

	if ((header->nlmsg_type & 0xff) != NFT_MSG_TRACE ||
	    mnl_attr_parse(header, sizeof(struct nfgenmsg), netlink_keep, attributes) < 0)
		return MNL_CB_OK;
	id = number_of(attributes[NFTA_TRACE_ID]);
	packet = &trace->packets[id & (PACKETS - 1)];
	if (packet->id != id)
		*packet = (struct traced_packet){ .id = id };
	if (attributes[NFTA_TRACE_NETWORK_HEADER] && attributes[NFTA_TRACE_TRANSPORT_HEADER])
		take_headers(packet, attributes[NFTA_TRACE_NETWORK_HEADER], attributes[NFTA_TRACE_TRANSPORT_HEADER]);
	if (verdict_of(attributes) != NF_DROP || !packet->tuple.source.address.family)
		return MNL_CB_OK;
	handle = number_of(attributes[NFTA_TRACE_TYPE]) == NFT_TRACETYPE_POLICY ? 0 :
		 handle_of(attributes[NFTA_TRACE_RULE_HANDLE]);
	drop = &trace->drops[trace->dropped++ % DROPS];
	drop->packet = *packet;
	drop->rule = find_rule(trace, number_of(attributes[NFTA_TRACE_NFPROTO]), text_of(attributes[NFTA_TRACE_TABLE]),
			       text_of(attributes[NFTA_TRACE_CHAIN]), handle);
	return MNL_CB_OK;
}

void rule_trace_receive(struct rule_trace *trace)
{
	while (netlink_hear(trace->netlink, take_message, trace))
		; /* some were lost: others follow */
}

const struct ruleset_rule *rule_trace_find(const struct rule_trace *trace, const struct endpoint *crafted, bool from_subject,
					   const struct segment *segment)
{
	for (size_t i = trace->dropped; i > 0 && i + DROPS > trace->dropped; i--) {
		const struct traced_drop *drop = &trace->drops[(i - 1) % DROPS];
		const struct tuple *tuple = &drop->packet.tuple;
		bool fits = segment ? drop->packet.seq == segment->seq && drop->packet.flags == segment->flags :
				      drop->packet.flags == FLAG_SYN;

		if (fits && endpoint_equal(from_subject ? &tuple->target : &tuple->source, crafted))
			return drop->rule;
	}
	return NULL;
}

void rule_trace_close(struct rule_trace *trace)
{
	if (!trace)
		return;
	if (trace->netlink)
		mnl_socket_close(trace->netlink);
	ruleset_rules_free(&trace->rules);
	free(trace);
}
