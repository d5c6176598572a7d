/* netlink.c - send, and receive until the sequence number fits or the patience is over; or receive what is there. */
#include "listener/netlink.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_SECONDS = 2, ASKS = 3, ANSWER_SIZE = 4096, EVENTS_ROOM = 16 << 20, EVENTS_SIZE = 16384 };

static struct mnl_socket *give_up(struct mnl_socket *netlink)
{
	int number = errno;

	mnl_socket_close(netlink);
	errno = number;
	return NULL;
}

struct mnl_socket *netlink_open(int bus)
{
	struct mnl_socket *netlink = mnl_socket_open2(bus, SOCK_CLOEXEC);
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };

	if (!netlink)
		return NULL;
	if (setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) == 0)
		return netlink;
	return give_up(netlink);
}

static ssize_t receive(struct mnl_socket *netlink, uint32_t sequence, void *answer, size_t size)
{
	const struct nlmsghdr *header = answer;
	ssize_t got;

	for (;;) {
		got = mnl_socket_recvfrom(netlink, answer, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || (got >= (ssize_t)sizeof(*header) && header->nlmsg_seq == sequence))
			return got;
	}
}

/* The kernel drops an answer for which the socket has no room, and reports ENOBUFS at the next receive. */
static bool was_lost(int number)
{
	return number == ENOBUFS || number == EAGAIN || number == EWOULDBLOCK;
}

ssize_t netlink_ask(struct mnl_socket *netlink, const struct nlmsghdr *question, void *answer, size_t size)
{
	int asks = (question->nlmsg_flags & NLM_F_CREATE) ? 1 : ASKS;
	ssize_t got = -1;

	while (asks-- > 0) {
		do
			got = mnl_socket_sendto(netlink, question, question->nlmsg_len);
		while (got < 0 && errno == EINTR);
		if (got >= 0)
			got = receive(netlink, question->nlmsg_seq, answer, size);
		if (got >= 0 || !was_lost(errno))
			return got;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		errno = ETIMEDOUT;
	return got;
}

int netlink_run(struct mnl_socket *netlink, const struct nlmsghdr *question, mnl_cb_t read, void *context)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_SIZE];
	ssize_t size = netlink_ask(netlink, question, answer, sizeof(answer));

	return size < 0 ? -1 : mnl_cb_run(answer, (size_t)size, 0, mnl_socket_get_portid(netlink), read, context);
}

struct mnl_socket *netlink_listen(int bus, const int *groups, size_t count)
{
	struct mnl_socket *netlink = netlink_open(bus);
	int size = EVENTS_ROOM, descriptor;

	if (!netlink)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (mnl_socket_setsockopt(netlink, NETLINK_ADD_MEMBERSHIP, (void *)&groups[i], sizeof(groups[i])) < 0)
			return give_up(netlink);
	descriptor = mnl_socket_get_fd(netlink);
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return netlink;
}

bool netlink_hear(struct mnl_socket *netlink, mnl_cb_t read, void *context)
{
	_Alignas(struct nlmsghdr) char buffer[EVENTS_SIZE];
	ssize_t size;

	for (;;) {
		size = recv(mnl_socket_get_fd(netlink), buffer, sizeof(buffer), MSG_DONTWAIT);
		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			return size < 0 && errno == ENOBUFS;
		mnl_cb_run(buffer, (size_t)size, 0, 0, read, context);
	}
}

int netlink_keep(const struct nlattr *attribute, void *list)
{
	const struct nlattr **attributes = list;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type < NETLINK_TYPES)
		attributes[type] = attribute;
	return MNL_CB_OK;
}
