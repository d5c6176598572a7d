/* calls.c - datagrams that ask for a connection. */
#include "harness/lab/calls.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/call_text.h"

enum { BATCH = 64 };

struct calls {
	struct subject *subject;
	uint16_t port;
	int socket;
};

/* A datagram, from whom it came, and to which of our addresses. */
struct datagram {
	char text[CALL_TEXT_SIZE];
	size_t size;
	struct sockaddr_storage sender;
	socklen_t sender_size;
	struct endpoint from; /* the same; family 0: none that we know */
	struct address to;
};

static int set_up(const struct calls *calls, const struct endpoint *endpoint, struct error *error)
{
	int yes = 1, only = !address_is_unspecified(&endpoint->address);
	struct sockaddr_storage storage;
	size_t length = endpoint_to_sockaddr(endpoint, &storage);
	char text[ENDPOINT_TEXT_SIZE];

	if (endpoint->address.family == 6) {
		setsockopt(calls->socket, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
		setsockopt(calls->socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof(yes));
	} else {
		setsockopt(calls->socket, IPPROTO_IP, IP_PKTINFO, &yes, sizeof(yes));
	}
	if (bind(calls->socket, (struct sockaddr *)&storage, (socklen_t)length) == 0)
		return 0;
	return fail(error, "cannot take calls on %s by UDP: %s", endpoint_format(endpoint, text, sizeof(text)),
		    strerror(errno));
}

struct calls *calls_open(struct subject *subject, const struct endpoint *endpoint, struct error *error)
{
	struct calls *calls = calloc(1, sizeof(*calls));
	int family = endpoint->address.family == 6 ? AF_INET6 : AF_INET;

	if (!calls) {
		fail(error, "out of memory");
		return NULL;
	}
	calls->subject = subject;
	calls->port = endpoint->port;
	calls->socket = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (calls->socket < 0)
		fail(error, "cannot make a UDP socket: %s", strerror(errno));
	if (calls->socket >= 0 && set_up(calls, endpoint, error) == 0)
		return calls;
	calls_close(calls);
	return NULL;
}

int calls_descriptor(const struct calls *calls)
{
	return calls->socket;
}

/* IP_PKTINFO, IPV6_PKTINFO: which of our addresses it was sent to. */
static void read_target(struct msghdr *header, struct address *to)
{
	*to = (struct address){ 0 };
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
			to->family = 4;
			memcpy(to->bytes, &((struct in_pktinfo *)CMSG_DATA(part))->ipi_addr, 4);
		} else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
			to->family = 6;
			memcpy(to->bytes, &((struct in6_pktinfo *)CMSG_DATA(part))->ipi6_addr, 16);
			address_unmap(to);
		}
	}
}

/* False: there is none. */
static bool receive(const struct calls *calls, struct datagram *datagram)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr aligned;
	} control;
	struct iovec vector = { datagram->text, sizeof(datagram->text) };
	struct msghdr header = {
		.msg_name = &datagram->sender, .msg_namelen = sizeof(datagram->sender), .msg_iov = &vector, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	ssize_t size;

	do
		size = recvmsg(calls->socket, &header, MSG_TRUNC);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return false;
	datagram->size = (size_t)size;
	datagram->sender_size = header.msg_namelen;
	if (endpoint_from_sockaddr((struct sockaddr *)&datagram->sender, &datagram->from))
		datagram->from.address.family = 0;
	address_unmap(&datagram->from.address);
	read_target(&header, &datagram->to);
	if (datagram->from.address.scope)
		datagram->to.scope = datagram->from.address.scope;
	return true;
}

/* Hardly longer than what asked for it, so that nobody gains by forging an address. */
static void refuse(const struct calls *calls, const struct datagram *datagram, const char *reason)
{
	char text[CALL_TEXT_SIZE];

	call_text_refuse(reason, text);
	sendto(calls->socket, text, strlen(text), MSG_DONTWAIT, (const struct sockaddr *)&datagram->sender,
	       datagram->sender_size);
}

/* Who asks twice, because something was lost, has his connection already, and connect() fails. */
static void serve(const struct calls *calls, const struct datagram *datagram)
{
	struct endpoint source = { datagram->to, calls->port }, target = datagram->from;
	struct error error;
	struct call call;

	if (datagram->size > sizeof(datagram->text) || call_text_parse(datagram->text, datagram->size, &call) ||
	    source.address.family != target.address.family)
		return;
	if (!subject_allows(calls->subject, &target.address)) {
		refuse(calls, datagram, "not in --allow");
		return;
	}
	target.port = call.port;
	subject_call(calls->subject, &source, &target, call.behaviour, &error);
}

void calls_serve(struct calls *calls)
{
	struct datagram datagram;

	for (int i = 0; i < BATCH && receive(calls, &datagram); i++)
		serve(calls, &datagram);
}

void calls_close(struct calls *calls)
{
	if (!calls)
		return;
	if (calls->socket >= 0)
		close(calls->socket);
	free(calls);
}
