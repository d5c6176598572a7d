/* link.c - the interface's state by rtnetlink(7): a question each time, and the group RTNLGRP_LINK for what was between. */
#include "listener/link.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* net/if.h cannot be included as well: it and linux/if.h exclude each other. */
unsigned if_nametoindex(const char *name);

enum { MESSAGE_MAX = 32768, RECEIVE_BUFFER = 1 << 20, LOST_MAX = 100 };

struct link {
	struct mnl_socket *socket;
	int index;
	bool known, up, gone;
	uint32_t carrier_falls; /* the kernel's own count */
	uint64_t falls;
	char buffer[MESSAGE_MAX];
};

/* What a message reports about the carrier. */
struct carrier {
	bool there;
	uint32_t falls;
};

static int read_attribute(const struct nlattr *attribute, void *context)
{
	struct carrier *carrier = context;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type == IFLA_CARRIER_DOWN_COUNT && mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
		carrier->falls = mnl_attr_get_u32(attribute);
	if (type == IFLA_CARRIER && mnl_attr_validate(attribute, MNL_TYPE_U8) == 0)
		carrier->there = mnl_attr_get_u8(attribute);
	return MNL_CB_OK;
}

/* Two changes in quick succession may come as one message (linkwatch_event); the carrier's count shows the fall that
 * the flags no longer show. */
static void update(struct link *link, bool up, uint32_t carrier_falls)
{
	uint32_t more = link->known ? carrier_falls - link->carrier_falls : 0;

	if (!link->known)
		link->falls += up ? 0 : 1;
	else if (link->up)
		link->falls += up || more ? more : 1;
	link->known = true;
	link->up = up;
	link->carrier_falls = carrier_falls;
}

static int read_message(const struct nlmsghdr *header, void *context)
{
	struct link *link = context;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct carrier carrier = { .there = true, .falls = link->carrier_falls };
	bool up = header->nlmsg_type == RTM_NEWLINK;

	if ((header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK) ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*info) || info->ifi_index != link->index)
		return MNL_CB_OK;
	/* A bridge port tells of itself as AF_BRIDGE, too; its RTM_DELLINK then means that it left the bridge. */
	if (info->ifi_family != AF_UNSPEC)
		return MNL_CB_OK;
	mnl_attr_parse(header, sizeof(*info), read_attribute, &carrier);
	link->gone |= !up;
	update(link, up && info->ifi_flags & IFF_UP && info->ifi_flags & IFF_RUNNING && carrier.there, carrier.falls);
	return MNL_CB_OK;
}

/* Asks for the present state; the answer is in the socket's buffer, behind the other messages, when this returns. */
static int ask(struct link *link)
{
	_Alignas(struct nlmsghdr) char request[128] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(request);
	struct ifinfomsg *info;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST;
	info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	info->ifi_index = link->index;
	mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return mnl_socket_sendto(link->socket, header, header->nlmsg_len) < 0 ? -1 : 0;
}

/* Reads until there is nothing more. */
static int drain(struct link *link)
{
	for (int lost = 0; lost < LOST_MAX;) {
		ssize_t size = mnl_socket_recvfrom(link->socket, link->buffer, sizeof(link->buffer));

		if (size > 0) {
			/* A refusal of the question (ENODEV): the interface is gone. */
			if (mnl_cb_run(link->buffer, (size_t)size, 0, 0, read_message, link) < 0 && errno == ENODEV) {
				update(link, false, link->carrier_falls);
				link->gone = true;
			}
			continue;
		}
		if (size == 0 || errno == EAGAIN)
			return 0;
		if (errno == ENOBUFS) {
			/* Messages were lost, and a fall may be among them. */
			link->falls++;
			lost++;
			if (ask(link))
				return -1;
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return -1; /* errno is ENOBUFS: more is sent than can be received */
}

static int start(struct link *link)
{
	int size = RECEIVE_BUFFER, fd;

	link->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!link->socket)
		return -1;
	fd = mnl_socket_get_fd(link->socket);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(link->socket, 1u << (RTNLGRP_LINK - 1), MNL_SOCKET_AUTOPID) || ask(link))
		return -1;
	return drain(link);
}

struct link *link_open(const char *interface, struct error *error)
{
	unsigned index = if_nametoindex(interface);
	struct link *link;

	if (index == 0) {
		fail(error, "no interface '%.60s' here; `ip link` lists the existing ones", interface);
		return NULL;
	}
	link = calloc(1, sizeof(*link));
	if (!link) {
		fail(error, "interface %.60s: out of memory", interface);
		return NULL;
	}
	link->index = (int)index;
	if (start(link)) {
		fail(error, "interface %.60s: asking for its state: %s", interface, strerror(errno));
		link_close(link);
		return NULL;
	}
	if (!link->known) {
		fail(error, "interface %.60s: the kernel does not report its state", interface);
		link_close(link);
		return NULL;
	}
	return link;
}

/* The kernel tells of a lost carrier up to a second late (linkwatch_schedule_work), so it is asked each time. What the
 * messages add is the fall that came and went by the flag IFF_UP. */
int link_falls(struct link *link, uint64_t *falls, struct error *error)
{
	if (ask(link) || drain(link))
		return fail(error, "reading the interface's state: %s", strerror(errno));
	*falls = link->falls;
	return 0;
}

int link_falls_so_far(struct link *link, uint64_t *falls, struct error *error)
{
	if (drain(link))
		return fail(error, "reading the interface's state: %s", strerror(errno));
	*falls = link->falls;
	return 0;
}

bool link_gone(const struct link *link)
{
	return link->gone;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	if (link->socket)
		mnl_socket_close(link->socket);
	free(link);
}
