/* packet_socket.h - a few frames of an interface, from a packet socket without a ring.
 *
 * A ring costs two of the kernel's grace periods (synchronize_net() in packet_set_ring() and packet_release()), 4 to 12 ms
 * each, which is more than a cell takes. Here the first does not happen; the second is the kernel's own business
 * (late_close.h). Many frames are cheaper through a ring. */
#ifndef TWPROBE_LISTENER_PACKET_SOCKET_H
#define TWPROBE_LISTENER_PACKET_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

struct packet_socket;
struct sock_fprog;

struct packet_socket_options {
	const char *interface;
	const struct sock_fprog *filter; /* for the link type; what it lets pass of a frame is copied */
	size_t bytes;                    /* of frames that may wait to be read, as the kernel counts them */
	bool received;                   /* only frames that the interface received, not those that leave */
};

/* The DLT_ of its frames: DLT_EN10MB, or DLT_RAW where they are IP packets without a header of the link (a tunnel); -1:
 * another, or not known. */
int packet_socket_link_type(const char *interface);
/* Of any packet socket: what leaves the interface is not heard. Kernels before 4.20 do not know how. */
void packet_socket_ignore_outgoing(int descriptor);

/* Needs CAP_NET_RAW. NULL with an error. */
struct packet_socket *packet_socket_open(const struct packet_socket_options *options, struct error *error);
/* Becomes readable. */
int packet_socket_descriptor(const struct packet_socket *socket);
/* Hands over what is there. `stamp_ns`: CLOCK_REALTIME; `caplen` bytes of a frame of `length`. Returns the number of frames, or
 * -1 with errno. */
typedef void packet_socket_sink(void *context, uint64_t stamp_ns, const uint8_t *frame, size_t caplen, size_t length);
int packet_socket_read(struct packet_socket *socket, packet_socket_sink *sink, void *context);
/* For want of room, since the start. -1 with errno. */
int packet_socket_dropped(struct packet_socket *socket, uint64_t *dropped);
void packet_socket_close(struct packet_socket *socket); /* NULL is fine */

#endif
