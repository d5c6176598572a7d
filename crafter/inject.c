/* inject.c - puts segments on the wire: raw or packet sockets in libnet's handles, our own encode makes the bytes, and sendmmsg
 * hands many of them over in one system call. */
#include "crafter/inject.h"

#include <errno.h>
#include <libnet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/encode.h"
#include "crafter/late_close.h"

enum {
	QUEUE_MAX = 64,
	SEND_BUFFER = 4 << 20,
	RETRIES_MAX = 20,       /* of a full buffer, from one inject_flush to the next: nobody looks at the clock then ... */
	RETRY_MILLISECONDS = 5, /* ... this long each */
};

/* What waits for the next system call, of one family. Buffers are fixed and messages point to them. */
struct queue {
	libnet_t *net; /* NULL: this family is not open */
	struct late_close kept; /* of a packet socket */
	size_t header; /* bytes before the IP header: of Ethernet's, on a packet socket */
	unsigned count;
	struct mmsghdr messages[QUEUE_MAX];
	struct iovec vectors[QUEUE_MAX];
	struct sockaddr_storage addresses[QUEUE_MAX];
	struct tuple tuples[QUEUE_MAX];
	uint8_t packets[QUEUE_MAX][ETH_HLEN + PACKET_SIZE_MAX];
};

struct refusal {
	struct tuple tuple;
	int number;
};

struct inject {
	struct queue v4, v6;
	uint64_t accepted;
	int retries; /* since the last inject_flush */
	/* What the kernel refused and inject_flush has yet to report. Grows on refusals alone. */
	struct refusal *refusals;
	size_t refusal_count, refusal_room;
};

static void widen(int socket_fd)
{
	int size = SEND_BUFFER;

	if (setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(socket_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int explain(uint8_t family, bool is_packet_socket, int number, struct error *error)
{
	unsigned version = family;

	if (number == EAFNOSUPPORT && is_packet_socket)
		return fail(error, "packet socket: " INJECT_NO_PACKET_SOCKETS);
	switch (number) {
	case EPERM:
	case EACCES:
		return fail(error, "raw IPv%u socket: no privilege: this needs CAP_NET_RAW; run it as root (sudo)", version);
	case EAFNOSUPPORT:
		return fail(error, "raw IPv%u socket: this kernel has no IPv%u", version, version);
	default:
		return fail(error, "raw IPv%u socket: %s", version, strerror(number));
	}
}

/* Straight to the interface: no route is looked up, no queue and no filter passed. */
static int open_packet_socket(unsigned interface)
{
	const struct sockaddr_ll place = { .sll_family = AF_PACKET, .sll_ifindex = (int)interface };
	const int on = 1;
	int made = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: it hears nothing */

	if (made >= 0 && bind(made, (const struct sockaddr *)&place, sizeof(place))) {
		int number = errno;

		close(made);
		errno = number;
		return -1;
	}
	if (made >= 0) /* where it is not known (before 3.14), all is as well, only slower */
		setsockopt(made, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	return made;
}

/* A handle of libnet's with a socket in it. libnet 1.1 would try 6,500 sizes of send buffer up to 1 MiB, a system call each
 * (libnet_open_raw4; 1.3 does not), and widen() replaces what it finds: so the socket is opened here. IPPROTO_RAW means that we
 * write the IP header (raw(7)). */
static libnet_t *open_handle(uint8_t family, unsigned interface, struct error *error)
{
	char why[LIBNET_ERRBUF_SIZE] = "";
	libnet_t *net = libnet_init(LIBNET_NONE, NULL, why);
	int number;

	if (!net) {
		fail(error, "raw IPv%u socket: %.200s", (unsigned)family, why);
		return NULL;
	}
	net->fd = interface ? open_packet_socket(interface) :
			      socket(family == 4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	number = errno;
	if (net->fd >= 0) {
		net->injection_type = interface ? LIBNET_LINK_ADV : family == 4 ? LIBNET_RAW4_ADV : LIBNET_RAW6_ADV;
		return net;
	}
	libnet_destroy(net);
	explain(family, interface != 0, number, error);
	return NULL;
}

/* The addresses of loopback's frames are zeros. */
static void prepare(struct queue *queue, uint8_t family, bool on_loopback)
{
	queue->header = on_loopback ? ETH_HLEN : 0;
	for (unsigned index = 0; index < QUEUE_MAX; index++) {
		struct msghdr *message = &queue->messages[index].msg_hdr;
		struct ethhdr frame = { .h_proto = htons(family == 4 ? ETH_P_IP : ETH_P_IPV6) };

		memcpy(queue->packets[index], &frame, queue->header);
		queue->vectors[index].iov_base = queue->packets[index];
		message->msg_iov = &queue->vectors[index];
		message->msg_iovlen = 1;
		message->msg_name = on_loopback ? NULL : &queue->addresses[index];
	}
}

static int open_queue(struct queue *queue, uint8_t family, unsigned interface, struct error *error)
{
	int on = 1, fd;

	queue->kept = (struct late_close){ -1, -1 };
	queue->net = open_handle(family, interface, error);
	if (!queue->net)
		return -1;
	fd = libnet_getfd(queue->net);
	widen(fd);
	if (interface)
		queue->kept = late_close_begin(fd);
	/* Without it the kernel hides ENOBUFS, a full queue of the interface (raw_send_hdrinc, rawv6_send_hdrinc). */
	if (family == 4 && !interface)
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	else if (!interface)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	prepare(queue, family, interface != 0);
	return 0;
}

static struct inject *open_all(unsigned families, unsigned interface, struct error *error)
{
	struct inject *inject = calloc(1, sizeof(*inject));

	if (!inject) {
		fail(error, "raw sockets: out of memory");
		return NULL;
	}
	if ((families & 1u << 4 && open_queue(&inject->v4, 4, interface, error)) ||
	    (families & 1u << 6 && open_queue(&inject->v6, 6, interface, error))) {
		inject_close(inject);
		return NULL;
	}
	return inject;
}

struct inject *inject_open(unsigned families, struct error *error)
{
	return open_all(families, 0, error);
}

struct inject *inject_open_loopback(unsigned families, struct error *error)
{
	unsigned interface = if_nametoindex("lo");

	if (interface)
		return open_all(families, interface, error);
	fail(error, "raw socket: there is no loopback interface");
	return NULL;
}

static int remember_refusal(struct inject *inject, const struct tuple *tuple, int number, struct error *error)
{
	size_t room = inject->refusal_room ? inject->refusal_room * 2 : QUEUE_MAX;
	struct refusal *grown;

	if (inject->refusal_count == inject->refusal_room) {
		grown = realloc(inject->refusals, room * sizeof(*grown));
		if (!grown)
			return fail(error, "raw socket: out of memory");
		inject->refusals = grown;
		inject->refusal_room = room;
	}
	inject->refusals[inject->refusal_count++] = (struct refusal){ .tuple = *tuple, .number = number };
	return 0;
}

/* True when the error may be temporary; waits a little then. */
static bool wait_for_room(int fd, int number, int *retries)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	if (number == EINTR)
		return true;
	if ((number != EAGAIN && number != ENOBUFS) || ++*retries > RETRIES_MAX)
		return false;
	/* ENOBUFS comes from the interface, not from the socket, which may well be writable. */
	poll(number == EAGAIN ? &ready : NULL, number == EAGAIN ? 1 : 0, RETRY_MILLISECONDS);
	return true;
}

/* Hands the whole queue over. Returns how many segments the kernel took, or -1. */
static int drain(struct inject *inject, struct queue *queue, struct error *error)
{
	unsigned done = 0;
	int taken = 0, fd, sent;

	if (queue->count == 0)
		return 0;
	fd = libnet_getfd(queue->net);
	while (done < queue->count) {
		sent = sendmmsg(fd, queue->messages + done, queue->count - done, MSG_DONTWAIT);
		if (sent > 0) {
			done += (unsigned)sent;
			taken += sent;
			continue;
		}
		/* The first of those left is the one that failed (__sys_sendmmsg). */
		if (wait_for_room(fd, errno, &inject->retries))
			continue;
		if (errno == EBADF || errno == ENOTSOCK || errno == EFAULT)
			return fail(error, "raw socket: sendmmsg: %s", strerror(errno));
		if (remember_refusal(inject, &queue->tuples[done], errno, error))
			return -1;
		done++;
	}
	queue->count = 0;
	inject->accepted += (uint64_t)taken;
	return taken;
}

int inject_send(struct inject *inject, const struct segment *segment, struct error *error)
{
	const struct endpoint *target = &segment->tuple.target;
	struct queue *queue = target->address.family == 4 ? &inject->v4 : &inject->v6;
	struct endpoint address = { .address = target->address }; /* port 0: raw sockets have none */
	unsigned slot;
	size_t size;

	if (!queue->net)
		return fail(error, "raw socket: none is open for IPv%u", (unsigned)target->address.family);
	if (queue->count == QUEUE_MAX && drain(inject, queue, error) < 0)
		return -1;
	slot = queue->count;
	size = encode(segment, queue->packets[slot] + queue->header, PACKET_SIZE_MAX);
	if (size == 0)
		return fail(error, "a segment that cannot be encoded: %u options, %u bytes of payload",
			    (unsigned)segment->option_count, (unsigned)segment->payload_size);
	queue->vectors[slot].iov_len = queue->header + size;
	if (!queue->header)
		queue->messages[slot].msg_hdr.msg_namelen =
			(socklen_t)endpoint_to_sockaddr(&address, &queue->addresses[slot]);
	queue->tuples[slot] = segment->tuple;
	queue->count++;
	return 0;
}

int inject_flush(struct inject *inject, inject_refused *on_refused, void *context, struct error *error)
{
	int v4 = drain(inject, &inject->v4, error), v6 = drain(inject, &inject->v6, error);
	size_t index;

	/* The callback may send again, and so add to the list: no pointer into it outlives a turn. */
	for (index = 0; index < inject->refusal_count; index++) {
		struct refusal refusal = inject->refusals[index];

		if (on_refused)
			on_refused(context, &refusal.tuple, refusal.number);
	}
	inject->refusal_count = 0;
	inject->retries = 0;
	return v4 < 0 || v6 < 0 ? -1 : v4 + v6;
}

uint64_t inject_count(const struct inject *inject)
{
	return inject->accepted;
}

const char *inject_library_version(void)
{
	return libnet_version();
}

static void close_queue(const struct queue *queue)
{
	if (!queue->net)
		return;
	libnet_destroy(queue->net);
	late_close_end(&queue->kept);
}

void inject_close(struct inject *inject)
{
	if (!inject)
		return;
	close_queue(&inject->v4);
	close_queue(&inject->v6);
	free(inject->refusals);
	free(inject);
}
