/* capture_live.h - the frames that pass an interface of this machine, as they come: headers only, not promiscuous, filtered by
 * the kernel; and what of it was missed. */
#ifndef TWPROBE_LISTENER_CAPTURE_LIVE_H
#define TWPROBE_LISTENER_CAPTURE_LIVE_H

#include "listener/capture_file.h"

/* What is captured of a frame: Ethernet with two VLAN tags and PPPoE (30 bytes), the longest headers of IPv4 and TCP (60 each),
 * or IPv6 with 62 bytes of extension headers. No TCP option is cut, and little of what people send is ever copied. */
enum { CAPTURE_LIVE_BYTES = 192 };

/* No filter of the kernel's is longer. */
enum { CAPTURE_LIVE_FILTER_MAX = 4096 };

struct capture_live;

/* `interface`, which must live as long: "any" for all of them. `ring_bytes`: what may wait to be read; 0: a default. Needs
 * CAP_NET_RAW, here and never again. NULL with an error, one line; for a wrong name it lists those that exist. */
struct capture_live *capture_live_open(const char *interface, size_t ring_bytes, struct error *error);
/* As tcpdump takes it (pcap-filter(7)); NULL: all TCP. Whatever it lets through, the kernel hands over nothing but TCP and
 * ICMP errors. -1 with an error that quotes the expression and says what is wrong with it. */
int capture_live_filter(struct capture_live *live, const char *expression, struct error *error);

/* What happened until now. Times as those of the frames. */
struct capture_live_news {
	uint64_t upto_ns;   /* all frames until then were handed over, or dropped */
	uint64_t dropped;   /* frames for which the kernel had no room, since the start */
	uint64_t went_down; /* how often the interface did, since the start */
	uint64_t set;       /* how often the wall clock was set */
	bool gone;          /* the interface does not exist any more: nothing will come */
	bool more;          /* frames wait */
};

/* Hands over what is there, oldest first, up to some thousand frames. Does not wait. -1 with an error: the capture cannot go
 * on, or the sink has said so.
 *
 * The times of frames go on as the clock that never goes back; from 1970 on they count because the wall clock said so at the
 * start. Who sets the wall clock does not change them. */
typedef int capture_live_sink(void *context, const struct capture_frame *frame, struct error *error);
int capture_live_receive(struct capture_live *live, capture_live_sink *sink, void *context, struct capture_live_news *news,
			 struct error *error);
/* The present on the same clock. */
uint64_t capture_live_now(const struct capture_live *live);
void capture_live_close(struct capture_live *live); /* NULL is fine */

#endif
