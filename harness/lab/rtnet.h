/* rtnet.h - the rtnetlink requests that make a lab's network: links up, addresses, routes, neighbours, a pair of interfaces. */
#ifndef TWPROBE_HARNESS_LAB_RTNET_H
#define TWPROBE_HARNESS_LAB_RTNET_H

#include <libmnl/libmnl.h>
#include <stdint.h>

enum { RTNET_LO = 1 }; /* the loopback interface's index in every namespace (LOOPBACK_IFINDEX) */

struct rtnet_request {
	char buffer[512];
	struct nlmsghdr *header;
};

/* A network of one family as text: "192.0.2.0", 24. */
struct rtnet_prefix {
	int family;       /* AF_INET, AF_INET6 */
	const char *text;
	uint8_t bits;
};

/* One end of a pair of Ethernet interfaces (veth): where it is, its name and hardware address. */
struct rtnet_end {
	int namespace; /* a descriptor of it */
	const char *name;
	uint8_t mac[6];
};

/* A request of this type with room for its own header of `extra` bytes, which is returned; flags as for something new. */
void *rtnet_begin(struct rtnet_request *request, uint16_t type, size_t extra);
void rtnet_put_address(struct rtnet_request *request, uint16_t type, int family, const char *text);
/* These send it and wait for the acknowledgment; -1 with errno where the kernel refuses. */
int rtnet_ask(struct mnl_socket *netlink, struct rtnet_request *request);
int rtnet_bring_up(struct mnl_socket *netlink, unsigned index);
/* IPv6 without duplicate address detection, so that it can be bound at once. */
int rtnet_add_address(struct mnl_socket *netlink, const struct rtnet_prefix *prefix, unsigned index);
/* Straight out of the interface, or through a gateway. */
int rtnet_add_route(struct mnl_socket *netlink, const struct rtnet_prefix *prefix, const char *gateway, unsigned index);
/* Known for good: nobody asks for it (ARP, neighbour discovery). */
int rtnet_add_neighbour(struct mnl_socket *netlink, int family, const char *address, const uint8_t mac[static 6],
			unsigned index);
/* What leaves the interface is lost, delayed, overtaken, doubled (netem). ENOENT: this kernel cannot do that. */
struct rtnet_netem {
	double loss, duplicate, reorder; /* shares */
	uint64_t delay_ns, jitter_ns;
	uint32_t limit, seed;            /* segments; 0: the kernel's choice */
};
int rtnet_add_netem(struct mnl_socket *netlink, const struct rtnet_netem *netem, unsigned index);
/* An interface that is no end of a pair: "wireguard". EOPNOTSUPP: this kernel has none. */
int rtnet_add_interface(struct mnl_socket *netlink, const char *kind, const char *name, uint32_t mtu);
int rtnet_add_pair(struct mnl_socket *netlink, const struct rtnet_end ends[static 2], uint32_t mtu);

#endif
