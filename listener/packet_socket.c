/* packet_socket.c - see packet(7); a batch of frames with one system call. */
#include "listener/packet_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "listener/capture_handle.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23 /* Linux 4.20 */
#endif

enum { BATCH = 32, FRAME_MAX = 512, CONTROL_SIZE = 128 };

struct packet_socket {
	int descriptor;
	bool received;
	uint64_t dropped;
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct sockaddr_ll from[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL_SIZE];
	uint8_t frames[BATCH][FRAME_MAX];
};

void packet_socket_ignore_outgoing(int descriptor)
{
	const int on = 1;

	setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
}

int packet_socket_link_type(const char *interface)
{
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), known = -1;
	struct ifreq request = { .ifr_ifindex = 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.*s", IFNAMSIZ - 1, interface);
	if (descriptor >= 0)
		known = ioctl(descriptor, SIOCGIFHWADDR, &request);
	if (descriptor >= 0)
		close(descriptor);
	if (known < 0)
		return -1;
	switch (request.ifr_hwaddr.sa_family) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return DLT_EN10MB;
	case ARPHRD_NONE:
		return DLT_RAW;
	default:
		return -1;
	}
}

/* The filter before the interface: not one frame that it would not let pass. Protocol 0 until then: nothing is heard. */
static int set_up(struct packet_socket *socket, const struct packet_socket_options *options)
{
	const struct sockaddr_ll place = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(options->interface),
	};
	const int on = 1, room = (int)options->bytes;

	if (!place.sll_ifindex)
		return -1;
	if (setsockopt(socket->descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) &&
	    setsockopt(socket->descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)))
		return -1;
	if (options->received) /* where it is not known, read() drops them */
		packet_socket_ignore_outgoing(socket->descriptor);
	if (setsockopt(socket->descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(socket->descriptor, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(socket->descriptor, SOL_SOCKET, SO_ATTACH_FILTER, options->filter, sizeof(*options->filter)))
		return -1;
	return bind(socket->descriptor, (const struct sockaddr *)&place, sizeof(place));
}

struct packet_socket *packet_socket_open(const struct packet_socket_options *options, struct error *error)
{
	struct packet_socket *made = calloc(1, sizeof(*made));

	if (!made) {
		fail(error, "capture on %.60s: out of memory", options->interface);
		return NULL;
	}
	made->received = options->received;
	made->descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made->descriptor >= 0 && set_up(made, options) == 0)
		return made;
	capture_handle_refused(options->interface, errno, error);
	packet_socket_close(made);
	return NULL;
}

int packet_socket_descriptor(const struct packet_socket *socket)
{
	return socket->descriptor;
}

/* The stamp and the frame's own length. Frames that came before the kernel began to stamp have that of their being read
 * (__sock_recv_timestamp()). */
static uint64_t read_control(struct msghdr *message, size_t *length)
{
	struct timespec stamp;
	struct tpacket_auxdata data;
	uint64_t stamp_ns = 0;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
			stamp_ns = (uint64_t)stamp.tv_sec * NSEC_PER_SEC + (uint64_t)stamp.tv_nsec;
		} else if (part->cmsg_level == SOL_PACKET && part->cmsg_type == PACKET_AUXDATA) {
			memcpy(&data, CMSG_DATA(part), sizeof(data));
			*length = data.tp_len;
		}
	return stamp_ns ? stamp_ns : clock_wall();
}

static void prepare(struct packet_socket *socket)
{
	for (size_t i = 0; i < BATCH; i++) {
		socket->vectors[i] = (struct iovec){ socket->frames[i], FRAME_MAX };
		socket->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &socket->from[i], .msg_namelen = sizeof(socket->from[i]), .msg_iov = &socket->vectors[i],
			.msg_iovlen = 1, .msg_control = socket->control[i], .msg_controllen = CONTROL_SIZE,
		};
	}
}

int packet_socket_read(struct packet_socket *socket, packet_socket_sink *sink, void *context)
{
	int total = 0, count;

	do {
		prepare(socket);
		count = recvmmsg(socket->descriptor, socket->messages, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < count; i++) {
			size_t caplen = socket->messages[i].msg_len, length = caplen;
			uint64_t stamp_ns = read_control(&socket->messages[i].msg_hdr, &length);

			if (socket->received && socket->from[i].sll_pkttype == PACKET_OUTGOING)
				continue;
			sink(context, stamp_ns, socket->frames[i], caplen, length);
			total++;
		}
	} while (count == BATCH || (count < 0 && errno == EINTR));
	return count < 0 && errno != EAGAIN && errno != EWOULDBLOCK ? -1 : total;
}

int packet_socket_dropped(struct packet_socket *socket, uint64_t *dropped)
{
	struct tpacket_stats since = { 0 };
	socklen_t size = sizeof(since);

	if (getsockopt(socket->descriptor, SOL_PACKET, PACKET_STATISTICS, &since, &size))
		return -1;
	socket->dropped += since.tp_drops; /* the kernel counts from the last question */
	*dropped = socket->dropped;
	return 0;
}

void packet_socket_close(struct packet_socket *socket)
{
	if (!socket)
		return;
	if (socket->descriptor >= 0)
		close(socket->descriptor);
	free(socket);
}
