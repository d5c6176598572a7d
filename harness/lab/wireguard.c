/* wireguard.c - WireGuard by generic netlink (drivers/net/wireguard/netlink.c). */
#include "harness/lab/wireguard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/time_types.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "crafter/units.h"
#include "harness/lab/genl.h"
#include "listener/netlink.h"

enum {
	PORT = 51820,
	KEEPALIVE_SECONDS = 25, /* the keys stay fresh where nothing is sent for long */
	HANDSHAKE_ASKS = 2000,  /* half a millisecond apart */
};

/* Of what WG_CMD_GET_DEVICE tells. */
struct device {
	uint8_t public_key[WG_KEY_LEN];
	bool met; /* its peer, in a handshake */
};

static int take_peer_part(const struct nlattr *attribute, void *context)
{
	struct device *device = context;
	struct __kernel_timespec when;

	if (mnl_attr_get_type(attribute) != WGPEER_A_LAST_HANDSHAKE_TIME ||
	    mnl_attr_get_payload_len(attribute) < sizeof(when))
		return MNL_CB_OK;
	memcpy(&when, mnl_attr_get_payload(attribute), sizeof(when));
	device->met |= when.tv_sec || when.tv_nsec;
	return MNL_CB_OK;
}

static int take_peer(const struct nlattr *attribute, void *context)
{
	return mnl_attr_parse_nested(attribute, take_peer_part, context);
}

static int take_part(const struct nlattr *attribute, void *context)
{
	struct device *device = context;

	if (mnl_attr_get_type(attribute) == WGDEVICE_A_PUBLIC_KEY && mnl_attr_get_payload_len(attribute) == WG_KEY_LEN)
		memcpy(device->public_key, mnl_attr_get_payload(attribute), WG_KEY_LEN);
	if (mnl_attr_get_type(attribute) == WGDEVICE_A_PEERS)
		return mnl_attr_parse_nested(attribute, take_peer, device);
	return MNL_CB_OK;
}

static int read_device(const struct nlmsghdr *header, void *context)
{
	return mnl_attr_parse(header, sizeof(struct genlmsghdr), take_part, context);
}

/* The number of the family is the kernel's, whatever the namespace; it is there once an interface is. 0 with errno. */
static uint16_t find_family(void)
{
	struct mnl_socket *netlink = netlink_open(NETLINK_GENERIC);
	uint16_t family = netlink ? genl_family(netlink, WG_GENL_NAME) : 0;
	int number = netlink ? ENOENT : errno;

	if (netlink)
		mnl_socket_close(netlink);
	errno = number;
	return family;
}

/* One request on a socket of its own: the end of a dump stays behind in it. -1 with errno. */
static int ask(const struct wireguard_end *end, uint8_t command, void (*put)(struct nlmsghdr *header, const void *what),
	       const void *what, struct device *device)
{
	struct mnl_socket *netlink = netlink_open(NETLINK_GENERIC);
	struct genl_request request;
	int result = -1, number = errno;

	if (netlink) {
		genl_begin(&request, end->family, command, WG_GENL_VERSION, device ? NLM_F_DUMP : NLM_F_ACK);
		mnl_attr_put_u32(request.header, WGDEVICE_A_IFINDEX, end->index);
		if (put)
			put(request.header, what);
		result = netlink_run(netlink, request.header, device ? read_device : NULL, device) < 0 ? -1 : 0;
		number = errno;
	}
	if (netlink)
		mnl_socket_close(netlink);
	errno = number;
	return result;
}

static void put_key(struct nlmsghdr *header, const void *key)
{
	mnl_attr_put(header, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN, key);
	mnl_attr_put_u16(header, WGDEVICE_A_LISTEN_PORT, PORT);
}

struct tunnel_peer {
	const uint8_t *public_key;
	const struct wireguard_end *self, *other;
	bool begins; /* the handshake: were it both, each would take the other's first message, and its own were void */
};

static void put_allowed(struct nlmsghdr *header, const struct rtnet_prefix *prefix)
{
	struct nlattr *nest = mnl_attr_nest_start(header, 0);
	uint8_t bytes[16];

	inet_pton(prefix->family, prefix->text, bytes);
	mnl_attr_put_u16(header, WGALLOWEDIP_A_FAMILY, (uint16_t)prefix->family);
	mnl_attr_put(header, WGALLOWEDIP_A_IPADDR, prefix->family == AF_INET6 ? 16 : 4, bytes);
	mnl_attr_put_u8(header, WGALLOWEDIP_A_CIDR_MASK, prefix->bits);
	mnl_attr_nest_end(header, nest);
}

static void put_peer(struct nlmsghdr *header, const void *what)
{
	const struct tunnel_peer *peer = what;
	struct sockaddr_in endpoint = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct nlattr *peers = mnl_attr_nest_start(header, WGDEVICE_A_PEERS), *one = mnl_attr_nest_start(header, 0), *allowed;

	inet_pton(AF_INET, peer->other->address, &endpoint.sin_addr);
	mnl_attr_put(header, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, peer->public_key);
	mnl_attr_put(header, WGPEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
	if (peer->begins)
		mnl_attr_put_u16(header, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, KEEPALIVE_SECONDS);
	allowed = mnl_attr_nest_start(header, WGPEER_A_ALLOWEDIPS);
	for (size_t i = 0; i < peer->self->beyond_count; i++)
		put_allowed(header, &peer->self->beyond[i]);
	mnl_attr_nest_end(header, allowed);
	mnl_attr_nest_end(header, one);
	mnl_attr_nest_end(header, peers);
}

static int enter(const struct wireguard_end *end, struct error *error)
{
	if (setns(end->namespace, CLONE_NEWNET) == 0)
		return 0;
	return fail(error, "a network namespace cannot be entered: %s", strerror(errno));
}

/* The interface belongs to the namespace in which it was made, and its UDP socket, too. */
static int make_end(struct wireguard_end *end, struct device *device, struct error *error)
{
	uint8_t key[WG_KEY_LEN];

	if (enter(end, error))
		return -1;
	if (rtnet_add_interface(end->netlink, "wireguard", WIREGUARD_INTERFACE, WIREGUARD_MTU))
		return fail(error, errno == EOPNOTSUPP ? "this kernel has no WireGuard" : "an interface is refused: %s",
			    strerror(errno));
	end->index = if_nametoindex(WIREGUARD_INTERFACE);
	if (!end->family)
		end->family = find_family();
	if (!end->index || !end->family || getrandom(key, sizeof(key), 0) != sizeof(key) ||
	    ask(end, WG_CMD_SET_DEVICE, put_key, key, NULL) ||
	    ask(end, WG_CMD_GET_DEVICE, NULL, NULL, device) || rtnet_bring_up(end->netlink, end->index))
		return fail(error, "the interface " WIREGUARD_INTERFACE " cannot be set up: %s", strerror(errno));
	return 0;
}

static int join_end(const struct wireguard_end *end, const struct tunnel_peer *peer, struct error *error)
{
	if (enter(end, error))
		return -1;
	if (ask(end, WG_CMD_SET_DEVICE, put_peer, peer, NULL))
		return fail(error, "a peer is refused: %s", strerror(errno));
	for (size_t i = 0; i < end->beyond_count; i++)
		if (rtnet_add_route(end->netlink, &end->beyond[i], NULL, end->index))
			return fail(error, "the route to %s: %s", end->beyond[i].text, strerror(errno));
	return 0;
}

/* The first keepalive, which an end sends as soon as it has its peer (set_peer()), begins one. */
static int await_handshake(const struct wireguard_end *end, struct error *error)
{
	const struct timespec pause = { .tv_nsec = (long)NSEC_PER_MSEC / 2 };
	struct device device = { .met = false };

	for (int asks = 0; asks < HANDSHAKE_ASKS && !device.met; asks++) {
		if (asks)
			nanosleep(&pause, NULL);
		if (ask(end, WG_CMD_GET_DEVICE, NULL, NULL, &device))
			return fail(error, "asking for the handshake: %s", strerror(errno));
	}
	return device.met ? 0 : fail(error, "the two ends have made no handshake");
}

/* A guest is there in a moment, and an end takes every handshake for a flood until the machine has run for a fiftieth of a
 * second (wg_noise_handshake_consume_initiation(), whose clock is a tick late). */
static void await_uptime(void)
{
	const uint64_t enough_ns = NSEC_PER_SEC / 50 + 2 * NSEC_PER_SEC / 100;
	struct timespec now, rest = { .tv_sec = 0 };

	if (clock_gettime(CLOCK_BOOTTIME, &now) || now.tv_sec || (uint64_t)now.tv_nsec >= enough_ns)
		return;
	rest.tv_nsec = (long)enough_ns - now.tv_nsec;
	nanosleep(&rest, NULL);
}

int wireguard_join(struct wireguard_end ends[static 2], struct error *error)
{
	struct device devices[2] = { { .met = false } };

	for (size_t i = 0; i < 2; i++) {
		ends[i].family = i ? ends[0].family : 0;
		if (make_end(&ends[i], &devices[i], error))
			return -1;
	}
	await_uptime();
	for (size_t i = 0; i < 2; i++) {
		const struct tunnel_peer peer = { devices[!i].public_key, &ends[i], &ends[!i], i == 1 };

		if (join_end(&ends[i], &peer, error))
			return -1;
	}
	for (size_t i = 0; i < 2; i++)
		if (enter(&ends[i], error) || await_handshake(&ends[i], error))
			return -1;
	return 0;
}
