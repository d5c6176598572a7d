/* netlink.c - send, and receive until the sequence number fits or the patience is over. */
#include "listener/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_SECONDS = 2, ASKS = 3, ANSWER_SIZE = 4096 };

struct mnl_socket *netlink_open(int bus)
{
	struct mnl_socket *netlink = mnl_socket_open2(bus, SOCK_CLOEXEC);
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int number;

	if (!netlink)
		return NULL;
	if (setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) == 0)
		return netlink;
	number = errno;
	mnl_socket_close(netlink);
	errno = number;
	return NULL;
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
